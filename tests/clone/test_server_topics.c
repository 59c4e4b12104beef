/*
 * Forum topics that come and go while jobs run, and answers about them that are spoilt or lost: each
 * topic of the source has one of its own in the target, and what was sent stays findable (reliability
 * I2, I6, S41).
 */
#include "tests/clone/hand.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct job job, *j = &job;

static int32_t map_of(int32_t topic)
{
	(void)job_rows(j, ROW_DONE);
	return ledger_topic_of(j->client.ledger, topic);
}

/* One is deleted at the source, and later another one is opened under its title: they are two. */
/* Rows: I6 */
Test(server_topics, a_title_that_a_deleted_topic_had)
{
	int32_t old, fresh;

	job_open(j, &(struct job_options){.synth = "messages=4,topics=2,seed=3",
					  .mode = PLAN_FORWARD,
					  .topics = 2});
	old = hand_topic(j->telegram, 0, "news");
	hand_say_in(j->telegram, 0, old, "said in the old one");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	hand_lose_topic(j->telegram, 0, old);
	fresh = hand_topic(j->telegram, 0, "news");
	hand_say_in(j->telegram, 0, fresh, "said in the new one");
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	cr_assert_neq(map_of(old), 0);
	cr_assert_neq(map_of(fresh), 0);
	cr_assert_neq(map_of(fresh), map_of(old), "both are %d", map_of(old));
}

/*
 * A send was executed and the process died before it heard so; a topic is opened meanwhile. Its copy in the
 * target stands above what was sent, which is found all the same.
 */
/* Rows: N18 I2 */
Test(server_topics, a_topic_is_made_while_a_send_is_in_doubt)
{
	job_open(j, &(struct job_options){.synth = "messages=6,photos=0,albums=0,topics=2,seed=3",
					  .mode = PLAN_COPY,
					  .topics = 2,
					  .knobs = {"random-id-forget=1"}});
	job_ctl(j, "fault drop:method=messages.sendMessage,count=1,skip=3");
	for (int i = 0; i < 100000 && job_fired(j, "drop") == 0; i++)
		job_run(j, JOB_SECOND / 500);
	cr_assert_eq(job_fired(j, "drop"), 1);
	hand_topic(j->telegram, 0, "news");
	job_kill(j);
	job_run(j, JOB_DAY);
	cr_assert_eq(job_adopted(j), 1);
	job_is_complete(j);
}

/* One answer that is spoilt says nothing about the topics: it is asked for again. */
/* Rows: S41 I7 */
Test(server_topics, answers_that_cannot_be_read_at_first)
{
	static const char *const methods[] = {"messages.getForumTopics", "messages.createForumTopic"};

	for (size_t m = 0; m < countof(methods); m++) {
		for (int skip = 0; skip < 2; skip++) {
			job_open(j, &(struct job_options){.synth = "messages=6,topics=3,seed=3",
							  .mode = PLAN_FORWARD,
							  .topics = 3});
			job_ctl(j, "fault garble:method=%s,count=2,skip=%d", methods[m], skip);
			job_run(j, JOB_DAY);
			cr_assert_eq(job_fired(j, "garble"), 2, "%s %d", methods[m], skip);
			job_is_complete(j);
		}
	}
}

/* The list that never can be ends the run, which says so; what was made is found, whatever the answer. */
/* Rows: S41 I7 */
Test(server_topics, answers_that_can_never_be_read)
{
	static const char *const methods[] = {"messages.getForumTopics", "messages.createForumTopic"};

	for (size_t m = 0; m < countof(methods); m++) {
		job_open(j, &(struct job_options){.synth = "messages=6,topics=3,seed=3",
						  .mode = PLAN_FORWARD,
						  .topics = 3});
		job_ctl(j, "fault garble:method=%s", methods[m]);
		job_run(j, JOB_DAY);
		if (m == 1) {
			job_is_complete(j);
			continue;
		}
		cr_assert_eq(j->client.status, CLONE_SOURCE, "%d", j->client.status);
		cr_assert_not_null(strstr(clone_why(j->client.clone), "topics cannot be read"));
	}
}

/* The same of the target's, which are looked at when it is not known whether one was made. */
/* Rows: S41 I7 */
Test(server_topics, the_targets_topics_can_never_be_read)
{
	job_open(j, &(struct job_options){.synth = "messages=6,topics=3,seed=3",
					  .mode = PLAN_FORWARD,
					  .topics = 3});
	job_ctl(j, "fault garble:method=messages.createForumTopic");
	job_ctl(j, "fault garble:method=messages.getForumTopics,skip=2");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_TARGET, "%d %s", j->client.status,
		     clone_why(j->client.clone));
	cr_assert_not_null(strstr(clone_why(j->client.clone), "target's topics cannot be read"));
}

/* Two topics, and a message in each by turns. */
static void open_two(enum plan_mode mode, int32_t topic[2])
{
	char text[32];

	job_open(j, &(struct job_options){.synth = "messages=2,topics=2,seed=3", .mode = mode, .rate_count = 20,
					  .topics = 2});
	topic[0] = hand_topic(j->telegram, 0, "one");
	topic[1] = hand_topic(j->telegram, 0, "two");
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "in %s, %d", i % 2 == 0 ? "one" : "two", i);
		hand_say_in(j->telegram, 0, topic[i % 2], text);
	}
}

/* What stands in that topic of the source has a copy, or that reason why not; how many. */
static uint32_t copied(int32_t topic, const char *reason)
{
	struct ledger_row row;
	uint32_t done = 0;

	(void)job_rows(j, ROW_DONE);
	for (int32_t after = topic; ledger_scan(j->client.ledger, after, &row, 1) == 1; after = row.source_id) {
		if (row.source_topic != topic || strncmp(row.reason, "service", 7) == 0)
			continue;
		done += row.state == ROW_DONE;
		if (row.state != ROW_DONE)
			cr_assert(row.state == ROW_SKIPPED && strstr(row.reason, reason) != NULL, "%d: %d %s",
				  row.source_id, row.state, row.reason);
	}
	return done;
}

/* Somebody deletes a topic of the target: what would go there does not, and all else goes on. */
Test(server_topics, a_topic_of_the_target_is_deleted_meanwhile)
{
	static const enum plan_mode modes[] = {PLAN_FORWARD, PLAN_COPY};

	for (size_t i = 0; i < countof(modes); i++) {
		int32_t topic[2];
		uint32_t done;

		open_two(modes[i], topic);
		while (job_rows(j, ROW_DONE) < 6)
			job_run(j, JOB_SECOND);
		hand_lose_topic(j->telegram, 1, map_of(topic[0]));
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
		cr_assert_eq(copied(topic[1], ""), 10);
		done = copied(topic[0], "topic");
		cr_assert(done > 0 && done < 10, "%u", done);
		cr_assert_leq(job_stat(j, "requests/messages.sendMessage/errors") +
				      job_stat(j, "requests/messages.forwardMessages/errors"), 2);
	}
}

/* The same while a send into it is in doubt, which cannot be looked for there. */
/* Rows: N18 */
Test(server_topics, a_topic_of_the_target_is_deleted_while_a_send_is_in_doubt)
{
	int32_t topic[2];

	open_two(PLAN_COPY, topic);
	job_ctl(j, "fault drop:method=messages.sendMessage,count=1,skip=4");
	while (job_fired(j, "drop") == 0)
		job_run(j, JOB_SECOND / 500);
	hand_lose_topic(j->telegram, 1, map_of(topic[0]));
	hand_lose_topic(j->telegram, 1, map_of(topic[1]));
	job_kill(j);
	telegram_say(j->telegram, 0, "in General");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	cr_assert_lt(copied(topic[0], "topic") + copied(topic[1], "topic"), 20);
	cr_assert_not_null(strstr(hand_texts(j->telegram, 1), "in General"));
}

/* One that was closed at the source is gone in the target when all is copied: there is nothing to close. */
Test(server_topics, a_topic_to_be_closed_is_gone)
{
	int32_t topic[2];

	open_two(PLAN_FORWARD, topic);
	hand_close_topic(j->telegram, 0, topic[0]);
	hand_close_topic(j->telegram, 0, topic[1]);
	while (job_rows(j, ROW_DONE) < 21)
		job_run(j, JOB_SECOND);
	hand_lose_topic(j->telegram, 1, map_of(topic[0]));
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	cr_assert_eq(job_stat(j, "requests/messages.editForumTopic/count"), 2);
}

/* Nor may it be closed by an account that lost its rights: all is copied, and the other one is tried, too. */
/* Rows: S38 I6 */
Test(server_topics, a_topic_that_may_not_be_closed)
{
	static const char *const texts[] = {"CHAT_ADMIN_REQUIRED", "CHAT_WRITE_FORBIDDEN", "SOME_ODD_THING"};

	for (size_t i = 0; i < countof(texts); i++) {
		int32_t topic[2];

		open_two(PLAN_FORWARD, topic);
		hand_close_topic(j->telegram, 0, topic[0]);
		hand_close_topic(j->telegram, 0, topic[1]);
		job_ctl(j, "fault error:method=messages.editForumTopic,code=400,text=%s", texts[i]);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE, "%s: %s", texts[i], clone_why(j->client.clone));
		cr_assert_eq(job_stat(j, "requests/messages.editForumTopic/count"), 2);
	}
}

/* Somebody closes one to an account that may not manage topics: which one is said, General too. */
/* Rows: S38 I6 */
Test(server_topics, a_topic_of_the_target_is_closed)
{
	static const uint32_t skips[] = {4, 5, 10, 11, 20, 21, 22};
	uint32_t seen = 0; /* a bit each: one, two, General */

	for (size_t i = 0; i < countof(skips); i++) {
		struct ledger_row row;
		int32_t topic[2];
		uint32_t at;

		open_two(PLAN_COPY, topic);
		telegram_say(j->telegram, 0, "in General");
		job_ctl(j, "fault error:method=messages.sendMessage,code=400,text=TOPIC_CLOSED,skip=%u", skips[i]);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_TARGET);
		(void)job_rows(j, ROW_DONE);
		cr_assert_eq(ledger_scan_open(j->client.ledger, 0, &row, 1), 1);
		at = row.source_topic == topic[0] ? 0 : row.source_topic == topic[1] ? 1 : 2;
		seen |= 1u << at;
		cr_assert_not_null(strstr(clone_why(j->client.clone), at == 0   ? "topic \"one\""
								      : at == 1 ? "topic \"two\""
										: "topic General"),
				   "%u: %s", at, clone_why(j->client.clone));
		job_ctl(j, "unfault all");
		job_kill(j);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	}
	cr_assert_eq(seen, 7);
}

/*
 * Exactly once, told step by step (reliability.md 2): a life ends while the fate of its send is open,
 * and something happens before the next one looks. The server forgets random_ids here, so that
 * what the program does by itself is all there is.
 */
#include "engine/clone/clone_priv.h"
#include "tests/sim/story.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MS = 1000000;

static void begin(struct story *t, enum plan_mode mode, const char *synth)
{
	struct sim_net net;

	*t = (struct story){.s = {.disk = DISK_POWER, .knobs = {"random-id-forget=1"}, .knob_count = 1}};
	sim_net_init(&net);
	/* An answer takes longer than a commit: what a step wrote is durable when the next comes. */
	net.delay_min_ns = net.delay_max_ns = 20 * MS;
	story_begin(t, mode, synth, &net);
}

typedef bool moment_fn(const struct clone *);

static bool sends_text(const struct clone *c)
{
	return c->posting != NULL && c->posting->state == GROUP_SENDING &&
	       c->posting->items[0].msg.media.kind == MEDIA_NONE;
}

static bool sends_file(const struct clone *c)
{
	return c->posting != NULL && c->posting->state == GROUP_SENDING &&
	       c->posting->items[0].stored.set;
}

/* Runs until then; the source id of what is being sent. */
static int32_t go_until(struct story *t, moment_fn *is)
{
	while (!is(t->client.clone))
		cr_assert(story_go(t), "it ended before");
	return t->client.clone->posting->items[0].row.source_id;
}

static void live_again(struct story *t)
{
	cr_assert(client_start(&t->client));
}

static void go_to_the_end(struct story *t)
{
	while (story_go(t))
		;
	cr_assert_eq(t->client.status, CLONE_DONE, "%s %s", t->client.why,
		     clone_why(t->client.clone));
}

static char *target(struct story *t)
{
	uint32_t count;

	return telegram_dump(t->telegram, 1, &count);
}

static uint32_t lines(const char *text)
{
	uint32_t n = 0;

	for (; *text != 0; text++)
		n += *text == '\n';
	return n;
}

Test(once, dies_again_while_a_sent_file_is_uploaded_anew)
{
	struct story t;
	int32_t id;

	begin(&t, PLAN_STREAM, "messages=8,photos=1,docs=2x300KB,albums=0,seed=5");
	id = go_until(&t, sends_file);
	story_go_for(&t, 1); /* its bytes go out */
	story_die(&t);
	live_again(&t);
	while (!client_is(&t.client, AT_MEDIA))
		cr_assert(story_go(&t));
	story_go_for(&t, 10 * MS); /* what it wrote about the upload is durable */
	story_die(&t);
	live_again(&t);
	story_finish(&t);
	cr_assert_eq(t.client.adopted, 1, "message %d is found", id);
}

/* It was looked for in vain, and is executed after that: while it may have been, a row says so. */
Test(once, dies_again_before_a_late_send_is_executed)
{
	struct story t;
	int32_t id;

	begin(&t, PLAN_STREAM, "messages=8,photos=1,docs=2x300KB,albums=0,seed=5");
	telegram_fault(t.telegram, "delay:method=messages.sendMedia,ms=60000,before=1,count=1");
	id = go_until(&t, sends_file);
	story_go_for(&t, 1);
	story_die(&t);
	live_again(&t);
	while (!client_is(&t.client, AT_MEDIA))
		cr_assert(story_go(&t));
	cr_assert_eq(t.client.adopted, 0, "it was looked for, and is not there");
	cr_assert_eq(t.client.clone->posting, NULL);
	story_go_for(&t, 10 * MS); /* what it wrote about the upload is durable */
	story_die(&t);
	story_wait(&t, 60 * UINT64_C(1000000000)); /* now it is executed */
	live_again(&t);
	story_finish(&t);
	cr_assert_eq(t.client.adopted, 1, "message %d is found", id);
}

Test(once, deleted_at_the_source_after_it_was_sent)
{
	struct story t;
	char *text;
	int32_t id;

	begin(&t, PLAN_COPY, "messages=6,photos=0,docs=0x1KB,albums=0,seed=5");
	id = go_until(&t, sends_text);
	story_go_for(&t, 1);
	story_die(&t);
	telegram_delete(t.telegram, 0, id);
	live_again(&t);
	go_to_the_end(&t);
	cr_assert_eq(t.client.adopted, 1);
	cr_assert_str_empty(t.client.why, "nothing is skipped");
	text = target(&t);
	cr_assert_eq(lines(text), 6);
	free(text);
}

Test(once, deleted_at_the_source_and_never_sent)
{
	struct story t;
	char *text;
	int32_t id;

	begin(&t, PLAN_COPY, "messages=6,photos=0,docs=0x1KB,albums=0,seed=5");
	telegram_fault(t.telegram, "silence:method=messages.send*,before=1,count=1");
	id = go_until(&t, sends_text);
	story_go_for(&t, 1);
	story_die(&t);
	telegram_delete(t.telegram, 0, id);
	live_again(&t);
	go_to_the_end(&t);
	cr_assert_eq(t.client.adopted, 0);
	cr_assert(strstr(t.client.why, "deleted at the source") != NULL, "%s", t.client.why);
	text = target(&t);
	cr_assert_eq(lines(text), 5);
	free(text);
}

/* Between the attempts: the first version is there and stays the only one. */
Test(once, edited_at_the_source_after_it_was_sent)
{
	struct story t;
	char *text;
	int32_t id;

	begin(&t, PLAN_COPY, "messages=6,photos=0,docs=0x1KB,albums=0,seed=5");
	id = go_until(&t, sends_text);
	story_go_for(&t, 1);
	story_die(&t);
	telegram_edit(t.telegram, 0, id, "another text");
	live_again(&t);
	go_to_the_end(&t);
	cr_assert_eq(t.client.adopted, 1);
	text = target(&t);
	cr_assert_eq(lines(text), 6);
	cr_assert(strstr(text, "another text") == NULL);
	free(text);
}

Test(once, edited_at_the_source_and_never_sent)
{
	struct story t;
	int32_t id;

	begin(&t, PLAN_COPY, "messages=6,photos=0,docs=0x1KB,albums=0,seed=5");
	telegram_fault(t.telegram, "silence:method=messages.send*,before=1,count=1");
	id = go_until(&t, sends_text);
	story_go_for(&t, 1);
	story_die(&t);
	telegram_edit(t.telegram, 0, id, "another text");
	live_again(&t);
	story_finish(&t);
	cr_assert_eq(t.client.adopted, 0);
}

/* What stood in the target before the job is not its own, however much it looks like it. */
Test(once, the_same_words_stood_there_before)
{
	struct story t;
	char *text;

	begin(&t, PLAN_COPY, "messages=0,photos=0,docs=0x1KB,albums=0,seed=5");
	telegram_say(t.telegram, 0, "the same words");
	telegram_say(t.telegram, 1, "the same words");
	telegram_fault(t.telegram, "silence:method=messages.send*,before=1,count=1");
	(void)go_until(&t, sends_text);
	story_go_for(&t, 1);
	story_die(&t);
	live_again(&t);
	go_to_the_end(&t);
	cr_assert_eq(t.client.adopted, 0);
	text = target(&t);
	cr_assert_eq(lines(text), 2, "%s", text);
	free(text);
}

static bool may_send_reply(const struct clone *c)
{
	return c->posting != NULL && c->posting->state == GROUP_INTENT && c->posting->reply_source != 0 &&
	       ledger_durable(c->o.ledger) >= c->intent_ticket;
}

/* What it answers was sent by an earlier life, and the ledger that knows where cannot be read. */
/* Rows: P7 */
Test(once, a_reply_is_not_sent_without_what_it_answers)
{
	const struct disk_faults unreadable = {.read_rate = 65535};
	struct story t;
	int32_t id;

	begin(&t, PLAN_COPY, "messages=24,photos=0,docs=0x1KB,albums=0,seed=5");
	id = go_until(&t, may_send_reply);
	story_die(&t);
	live_again(&t);
	cr_assert_eq(go_until(&t, may_send_reply), id);
	disk_fail(t.client.disk, &unreadable);
	while (story_go(&t))
		;
	cr_assert_eq(t.client.status, CLONE_LEDGER);
	disk_fail(t.client.disk, &(struct disk_faults){0});
	story_die(&t);
	live_again(&t);
	story_finish(&t);
}

/* Of what the server made of the job's messages each has an entry, durable now. How many it made. */
static uint32_t made_of_what_was_meant(struct story *t)
{
	struct ledger_row rows[32];
	uint32_t made = 0, count = ledger_scan(t->client.ledger, 0, rows, countof(rows));

	cr_assert_lt(count, countof(rows));
	for (uint32_t i = 0; i < count; i++) {
		int64_t random_id = ledger_random_id(&t->client.clone->o.job, rows[i].source_id, 0);

		if (telegram_made(t->telegram, random_id) == 0)
			continue;
		made++;
		cr_assert(rows[i].state >= ROW_SENDING && rows[i].state <= ROW_DONE, "message %d: state %d",
			  rows[i].source_id, rows[i].state);
	}
	return made;
}

/* How many sends the server had received when a sync failed. False: the job ended, and none failed. */
static bool go_until_a_sync_fails(struct story *t, uint64_t *received)
{
	bool goes = true;

	while (goes && disk_counts(t->client.disk).sync_errors == 0) {
		goes = story_go(t);
		*received = telegram_fired(t->telegram, 0);
	}
	return disk_counts(t->client.disk).sync_errors > 0;
}

/*
 * Each sync of a job in turn: it is not tried again, and what it should have made last is not relied on. Of texts:
 * none is on its way while something is written.
 */
/* Rows: P7 */
Test(once, nothing_is_sent_after_a_sync_that_failed)
{
	uint64_t at, until, received;

	for (at = 1;; at++) {
		struct story t;

		begin(&t, PLAN_COPY, "messages=12,photos=0,docs=0x1KB,albums=0,seed=5");
		telegram_fault(t.telegram, "delay:method=messages.send*,ms=1"); /* counts them */
		disk_fail(t.client.disk, &(struct disk_faults){.sync_at = at});
		if (!go_until_a_sync_fails(&t, &received))
			break;
		until = simworld_now(t.world) + 60000 * MS;
		while (story_go(&t))
			cr_assert_lt(simworld_now(t.world), until, "at sync %llu it does not end", (unsigned long long)at);
		/* The last one fails when the work is done. */
		cr_assert(t.client.status == CLONE_LEDGER || t.client.status == CLONE_DONE);
		cr_assert_eq(ledger_fault(t.client.ledger, NULL, 0), LEDGER_IO, "this ends the program with 74");
		cr_assert_eq(disk_counts(t.client.disk).writes_after_sync_error, 0);
		story_die(&t); /* what is on its way arrives, and what was not made last is gone */
		cr_assert_eq(telegram_fired(t.telegram, 0), received, "at sync %llu", (unsigned long long)at);
		live_again(&t);
		cr_assert_eq(made_of_what_was_meant(&t), received);
		story_finish(&t);
	}
	cr_assert_gt(at, 8, "only %llu syncs", (unsigned long long)at);
}

/* The answer to the creation is lost, and the server does not remember: one topic all the same. */
Test(once, a_topic_whose_creation_is_not_answered)
{
	struct story t = {.s = {.knobs = {"random-id-forget=1"}, .knob_count = 1, .topics = 2}};

	snprintf(t.s.faults[t.s.fault_count++], sizeof(t.s.faults[0]),
		 "silence:method=messages.createForumTopic,count=1");
	story_begin(&t, PLAN_COPY, "messages=6,photos=0,docs=0x1KB,albums=0,topics=2,seed=5", NULL);
	story_finish(&t);
	cr_assert_eq(telegram_fired(t.telegram, 0), 1);
}

/* The order to forget the upload waits for its commit while the file starts over. */
Test(once, a_lost_upload_is_not_taken_up)
{
	struct story t = {.s = {.knobs = {"part-lose=1"}, .knob_count = 1, .commit_ns = UINT64_C(1000000000)}};

	/* The answer comes when the whole upload is in the ledger's file, long before the next commit. */
	snprintf(t.s.faults[t.s.fault_count++], sizeof(t.s.faults[0]),
		 "delay:method=messages.uploadMedia,ms=1200,count=1");
	story_begin(&t, PLAN_STREAM, "messages=3,photos=0,docs=1x11MB,albums=0,seed=5", NULL);
	story_finish(&t);
	cr_assert_eq(telegram_fired(t.telegram, 0), 1);
	cr_assert_str_empty(t.client.why, "nothing is skipped");
}

/* Bits of the clear packets flip: a list of keys that nobody has is asked for again. */
Test(once, damaged_key_exchanges)
{
	struct sim_net net;

	sim_net_init(&net);
	net.rate[SIM_FLIP] = 500000;
	net.reach = 128;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct story t = {.s.seed = seed};

		story_open(&t, PLAN_COPY, "messages=1,photos=0,docs=0x1KB,albums=0,seed=5", &net);
		/* The code may be used up by an answer that is damaged: not what is asked here. */
		if (!client_login(&t.client))
			cr_assert_str_eq(t.client.why, "400 PHONE_CODE_EXPIRED");
	}
}

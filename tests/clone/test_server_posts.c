/*
 * What a server may say to a send, a page, a message or a session, and what becomes of the job:
 * nothing lost, nothing twice, and where the run must end, that it ends at once and says why
 * (reliability S1-S8, S27-S30, S32, S33, S37, S38, S41, S47).
 */
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct job job, *j = &job;

#define MIXED "messages=60,photos=8,albums=3,seed=3"

static uint64_t count_of(const char *method)
{
	char path[96];

	snprintf(path, sizeof(path), "requests/%s/count", method);
	return job_stat(j, path);
}

static void open_mode(enum plan_mode mode)
{
	job_open(j, &(struct job_options){.synth = MIXED, .mode = mode, .part_size = 65536});
}

static void completes(enum plan_mode mode, const char *fault, const char *kind, uint64_t times)
{
	open_mode(mode);
	job_ctl(j, "fault %s", fault);
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_geq(job_fired(j, kind), times, "%s: %d", fault, (int)job_fired(j, kind));
}

/* ---- sessions ---- */

/* A change of salt refuses what is in flight, once. */
/* Rows: S1 */
Test(server_posts, salts_change_each_ten_messages)
{
	uint64_t fired, refused;

	completes(PLAN_COPY, "salt:every=10", "salt", 2);
	job_open(j, &(struct job_options){.synth = "messages=100,seed=3",
					  .mode = PLAN_COPY,
					  .links = 1,
					  .inflight = 1});
	job_ctl(j, "fault salt:every=10");
	job_run(j, JOB_DAY);
	job_is_complete(j);
	fired = job_fired(j, "salt");
	refused = job_stat(j, "violations/bad_salt_48");
	cr_assert_gt(fired, 8);
	cr_assert_leq(refused, 2 * fired, "%d refusals after %d changes", (int)refused,
		      (int)fired); /* the call, and what the session had to say itself */
}

/* Rows: S4 S5 */
Test(server_posts, messages_are_refused)
{
	completes(PLAN_STREAM, "badmsg:code=16,rate=0.05", "badmsg", 1);
	completes(PLAN_FORWARD, "badmsg:code=17,rate=0.05", "badmsg", 1);
	completes(PLAN_COPY, "badmsg:code=20,rate=0.05", "badmsg", 1);
	completes(PLAN_STREAM, "badmsg:code=32,rate=0.05", "badmsg", 1);
	completes(PLAN_FORWARD, "badmsg:code=33,rate=0.05", "badmsg", 1);
}

/* A code that nobody knows changes nothing: the call's own deadline asks about it. */
/* Rows: S7 */
Test(server_posts, refused_with_an_unknown_code)
{
	completes(PLAN_COPY, "badmsg:code=77,every=9,count=3", "badmsg", 1);
}

/* Once or twice is mended; three times in ten minutes is a fault of ours: exit 70. */
/* Rows: S6 */
Test(server_posts, malformed_they_say)
{
	static const int codes[] = {18, 19, 34, 35, 64};

	for (size_t i = 0; i < countof(codes); i++) {
		open_mode(PLAN_COPY);
		job_ctl(j, "fault badmsg:code=%d,skip=3,every=5,count=2", codes[i]);
		job_run(j, JOB_DAY);
		job_is_complete(j);

		open_mode(PLAN_COPY);
		job_ctl(j, "fault badmsg:code=%d,skip=3", codes[i]);
		cr_assert_eq(job_run(j, JOB_DAY), CLONE_FAULT, "%d", codes[i]);
		cr_assert_not_null(strstr(clone_why(j->client.clone), "fault of this program"),
				   "%s", clone_why(j->client.clone));
		/* The third ends it; a ping may have been with it in its container. */
		cr_assert_geq(job_fired(j, "badmsg"), 3);
		cr_assert_leq(job_fired(j, "badmsg"), 4);
	}
	/* Over a longer time it is not. */
	job_open(j, &(struct job_options){.synth = MIXED, .mode = PLAN_COPY, .rate_count = 1});
	job_ctl(j, "fault badmsg:code=64,every=15,count=4");
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_geq(job_fired(j, "badmsg"), 2);
}

/* Rows: S8 */
Test(server_posts, sessions_are_forgotten)
{
	completes(PLAN_STREAM, "forget:every=10", "forget", 2);
	completes(PLAN_FORWARD, "forget:method=messages.forwardMessages,every=2", "forget", 1);
}

/* ---- random ids ---- */

/* Not executed, and told that it is under way already, again and again. */
/* Rows: S27 */
Test(server_posts, random_ids_in_use)
{
	completes(PLAN_COPY, "error:method=messages.*M*,code=500,text=RANDOM_ID_DUPLICATE,rate=0.6",
		  "error", 3);
}

/* Executed, the answer lost, and then only ever told that the id is in use: it is looked up. */
/* Rows: S27 */
Test(server_posts, random_ids_used_up)
{
	static const enum plan_mode modes[] = {PLAN_FORWARD, PLAN_COPY, PLAN_STREAM};

	for (size_t i = 0; i < countof(modes); i++) {
		open_mode(modes[i]);
		job_ctl(j, "knob random-id duplicate");
		job_ctl(j, "fault drop:method=messages.send*,rate=0.3");
		job_ctl(j, "fault drop:method=messages.forwardMessages,rate=0.5,count=5");
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_gt(job_fired(j, "drop"), 0);
	}
}

/* The waits between: 1, 2, 4 s and so on. */
/* Rows: S27 */
Test(server_posts, random_ids_in_use_are_asked_about_ever_more_rarely)
{
	uint64_t start;

	job_open(j, &(struct job_options){.synth = "messages=3,seed=3", .mode = PLAN_COPY});
	job_ctl(j, "fault error:method=messages.sendMessage,code=500,text=RANDOM_ID_DUPLICATE,count=9");
	start = job_now(j);
	job_run(j, JOB_DAY);
	job_is_complete(j);
	/* 1 + 2 + ... + 32 + 64 + 64 + 64 */
	cr_assert_geq(job_now(j) - start, (63 + 3 * 60) * JOB_SECOND);
	cr_assert_leq(job_now(j) - start, (63 + 3 * 64 + 10) * JOB_SECOND);
}

/* The ledger is lost, and the server remembers: the messages are adopted, not sent twice. */
/* Rows: S28 */
Test(server_posts, what_was_sent_long_ago_is_adopted)
{
	uint32_t rows;

	open_mode(PLAN_COPY);
	job_run(j, JOB_DAY);
	job_is_complete(j);
	rows = job_rows(j, ROW_DONE);
	job_sleep(j, 3 * JOB_DAY);
	job_forget(j);
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_eq(job_rows(j, ROW_DONE), rows);
	cr_assert_eq(job_adopted(j), rows);
}

/* The same, and the source says something else by now: that target is left alone. */
/* Rows: S28 */
Test(server_posts, an_old_message_with_another_content_is_a_conflict)
{
	uint32_t lines;

	job_open(j, &(struct job_options){.synth = "messages=8,seed=3", .mode = PLAN_COPY});
	job_run(j, JOB_DAY);
	job_is_complete(j);
	job_sleep(j, 3 * JOB_DAY);
	telegram_edit(j->telegram, 0, job_source_id(j, 3), "another text altogether");
	job_forget(j);
	cr_assert_eq(job_run(j, JOB_DAY), CLONE_CONFLICT, "%d", j->client.status);
	cr_assert_not_null(strstr(clone_why(j->client.clone), "random_id"));
	free(telegram_dump(j->telegram, 1, &lines));
	cr_assert_eq(lines, 8, "nothing was added");
	cr_assert_lt(job_rows(j, ROW_DONE), 8, "and nothing taken for done");
	job_kill(j);
	cr_assert_eq(job_run(j, JOB_DAY), CLONE_CONFLICT, "nor by the next run: %d", j->client.status);
	cr_assert_lt(job_rows(j, ROW_DONE), 8);
}

/* ---- the end of a run ---- */

struct ending {
	const char *method, *error;
	enum clone_status status;
	const char *said;
};

/* It ends at the first word, and asks for nothing more. */
static void ends_so(const struct ending *e)
{
	uint64_t asked;
	char reason[64];

	open_mode(PLAN_COPY);
	job_ctl(j, "fault error:method=%s,%s,skip=2", e->method, e->error);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, e->status, "%s: %d", e->error, j->client.status);
	cr_assert_not_null(strstr(clone_why(j->client.clone), e->said), "%s: \"%s\"", e->error,
			   clone_why(j->client.clone));
	asked = job_requests(j);
	for (int i = 0; i < 50; i++) { /* the loop may turn on: nothing is said any more */
		uint64_t until;

		cr_assert_eq(clone_step(j->client.clone, &until), e->status);
		cr_assert_eq(net_turn(j->client.net, job_now(j) + JOB_SECOND), 0);
		if (simworld_turn(j->world) == 0 && !simworld_step(j->world))
			break;
	}
	cr_assert_eq(job_fired(j, "error"), 1, "%s", e->error);
	if (e->status == CLONE_LOGIN)
		cr_assert_eq(job_requests(j), asked, "%s", e->error);
	cr_assert_eq(job_skipped(j, reason), 0, "%s: %s", e->error, reason);
	cr_assert(j->client.account.dcs[0].has_key, "the file keeps its key");
}

/* Rows: S29 S30 */
Test(server_posts, the_login_is_gone)
{
	static const struct ending endings[] = {
	    {"messages.send*", "code=401,text=AUTH_KEY_UNREGISTERED", CLONE_LOGIN, "not logged in"},
	    {"messages.send*", "code=401,text=SESSION_REVOKED", CLONE_LOGIN, "another device"},
	    {"messages.send*", "code=401,text=SESSION_EXPIRED", CLONE_LOGIN, "another device"},
	    {"messages.send*", "code=401,text=USER_DEACTIVATED", CLONE_LOGIN, "deleted or banned"},
	    {"messages.send*", "code=401,text=USER_DEACTIVATED_BAN", CLONE_LOGIN, "deleted or banned"},
	    {"messages.send*", "code=406,text=AUTH_KEY_DUPLICATED", CLONE_LOGIN, "two hosts"},
	    {"messages.send*", "code=401,text=AUTH_KEY_PERM_EMPTY", CLONE_LOGIN, "AUTH_KEY"},
	    {"messages.send*", "code=401,text=AUTH_KEY_INVALID", CLONE_LOGIN, "AUTH_KEY"},
	    {"messages.send*", "code=401,text=SOMETHING_NEW", CLONE_LOGIN, "SOMETHING_NEW"},
	};

	for (size_t i = 0; i < countof(endings); i++)
		ends_so(&endings[i]);
}

/* Rows: S38 S47 */
Test(server_posts, the_target_or_the_account_takes_no_more)
{
	static const struct ending endings[] = {
	    {"messages.send*", "code=400,text=PEER_FLOOD", CLONE_ACCOUNT, "spam"},
	    {"messages.send*", "code=420,text=FROZEN_METHOD_INVALID", CLONE_ACCOUNT, "frozen"},
	    {"messages.send*", "code=403,text=CHAT_WRITE_FORBIDDEN", CLONE_TARGET, "may not write"},
	    {"messages.send*", "code=406,text=CHANNEL_PRIVATE", CLONE_TARGET, "not in that chat"},
	    {"messages.send*", "code=403,text=CHAT_SEND_PLAIN_FORBIDDEN", CLONE_TARGET, "texts"},
	    {"messages.send*", "code=403,text=CHAT_SEND_PHOTOS_FORBIDDEN", CLONE_TARGET, "allow it"},
	    {"messages.send*", "code=403,text=RECAPTCHA_CHECK_send__6Ldc", CLONE_ACCOUNT, "captcha"},
	    {"messages.send*", "code=403,text=INTEGRITY_CHECK_CLASSIC_1_2", CLONE_ACCOUNT,
	     "official app"},
	};

	for (size_t i = 0; i < countof(endings); i++)
		ends_so(&endings[i]);
}

/* ---- the layer ---- */

/* Rows: S37 */
Test(server_posts, the_connection_is_introduced_again)
{
	completes(PLAN_STREAM,
		  "error:method=messages.*,code=400,text=CONNECTION_NOT_INITED,every=6,count=4",
		  "error", 1);
}

static void counts_strange(const char *synth, uint64_t of)
{
	char reason[64];
	uint32_t lines[2], skipped = 0;

	job_open(j, &(struct job_options){.synth = synth, .mode = PLAN_FORWARD});
	job_ctl(j, "fault strange:method=messages.getHistory,of=%d", (int)of);
	job_ctl(j, "fault strange:method=channels.getMessages,of=%d", (int)of);
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	skipped = job_skipped(j, reason);
	cr_assert_gt(skipped, 0);
	cr_assert_not_null(strstr(reason, "unsupported"), "%s", reason);
	free(telegram_dump(j->telegram, 0, &lines[0]));
	free(telegram_dump(j->telegram, 1, &lines[1]));
	cr_assert_eq(lines[0], lines[1] + skipped, "%u messages, %u copied, %u listed", lines[0],
		     lines[1], skipped);
	for (uint32_t i = 0; i < lines[0]; i++) {
		int32_t id = job_source_id(j, i);
		struct ledger_row row;

		cr_assert(ledger_find(j->client.ledger, id, &row), "%d", id);
		cr_assert_eq(row.state, (uint64_t)id % of == 0 ? ROW_SKIPPED : ROW_DONE, "%d", id);
	}
}

/* One message in a hundred is an object that this program has no words for. */
/* Rows: S41 */
Test(server_posts, messages_of_a_later_layer_are_listed, .timeout = 200)
{
	counts_strange("messages=420,seed=3", 100);
	counts_strange("messages=60,seed=4", 7);
	counts_strange("messages=40,seed=5", 2);
}

/* Rows: S12 */
Test(server_posts, every_answer_is_packed)
{
	completes(PLAN_FORWARD, "gzip", "gzip", 0);
	cr_assert_eq(job_stat(j, "violations/gzip"), 0);
}

/* ---- transport ---- */

/* What anybody on the way can forge costs connections, and nothing else. */
/* Rows: S32 */
Test(server_posts, forged_transport_errors_change_no_state, .timeout = 200)
{
	struct auth_key home, file;

	job_open(j, &(struct job_options){.synth = MIXED, .mode = PLAN_STREAM, .rate_count = 20});
	job_run(j, 5 * JOB_SECOND);
	cr_assert(j->client.account.dcs[1].authorized);
	job_ctl(j, "fault transport:code=-404,rate=0.25,count=120");
	job_ctl(j, "fault transport:code=-429,rate=0.1,count=40");
	job_ctl(j, "fault transport:code=-1000,rate=0.1,count=40");
	job_ctl(j, "fault quickack:rate=0.3");
	job_ctl(j, "fault reset:rate=0.1,count=60");
	home = j->client.account.dcs[0].key;
	file = j->client.account.dcs[1].key;
	job_run(j, 30 * JOB_DAY);
	job_is_complete(j);
	cr_assert_gt(job_fired(j, "transport"), 30, "%d", (int)job_fired(j, "transport"));
	cr_assert_arr_eq(&home, &j->client.account.dcs[0].key, sizeof(home));
	cr_assert_arr_eq(&file, &j->client.account.dcs[1].key, sizeof(file));
	cr_assert(j->client.account.dcs[0].authorized);
	cr_assert_eq(count_of("auth.exportAuthorization"), 1);
}

/* Nothing else ever comes: the run ends for now, and everything is where it was. */
/* Rows: S32 */
Test(server_posts, forged_for_ever)
{
	struct auth_key home;

	job_open(j, &(struct job_options){.synth = MIXED, .mode = PLAN_COPY, .rate_count = 20});
	job_run(j, 2 * JOB_SECOND);
	home = j->client.account.dcs[0].key;
	job_ctl(j, "fault transport:code=-404");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_LATER, "%d: %s", j->client.status,
		     clone_why(j->client.clone));
	cr_assert_not_null(strstr(clone_why(j->client.clone), "does not know"), "%s",
			   clone_why(j->client.clone));
	cr_assert_arr_eq(&home, &j->client.account.dcs[0].key, sizeof(home));
	cr_assert(j->client.account.dcs[0].authorized);
	job_ctl(j, "unfault all");
	job_kill(j);
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

static uint64_t connections_within(uint64_t ns)
{
	uint64_t before = job_stat(j, "connections_total");

	job_run(j, ns);
	return job_stat(j, "connections_total") - before;
}

/* Rows: S33 */
Test(server_posts, too_many_connections_they_say)
{
	job_open(j, &(struct job_options){.synth = MIXED, .mode = PLAN_COPY, .rate_count = 60});
	job_run(j, 20 * JOB_SECOND);
	job_ctl(j, "fault transport:code=-429,count=1");
	while (job_fired(j, "transport") == 0)
		job_run(j, JOB_SECOND / 100);
	cr_assert_eq(connections_within(4900 * JOB_SECOND / 1000), 0);
	cr_assert_geq(connections_within(5 * JOB_SECOND), 1);
	job_run(j, JOB_DAY);
	job_is_complete(j);
}

/* Rows: S33 */
Test(server_posts, not_this_data_centre_or_any_other_word)
{
	completes(PLAN_COPY, "transport:code=-444,skip=5,every=7,count=2", "transport", 1);
	completes(PLAN_STREAM, "transport:code=-1234,skip=5,every=7,count=4", "transport", 1);
	open_mode(PLAN_COPY);
	job_ctl(j, "fault transport:code=-444");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_ACCOUNT);
	cr_assert_not_null(strstr(clone_why(j->client.clone), "another environment"), "%s",
			   clone_why(j->client.clone));
}

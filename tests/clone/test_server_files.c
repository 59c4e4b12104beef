/*
 * Files when the server does not do what was asked: sent from one data centre to another,
 * references that expire, parts that are lost, refused, too short or too long, kinds that are not
 * taken, a CDN (reliability S18-S26, S42-S44). Counted at the server: nothing is fetched or stored
 * more often than it must be.
 */
#include "tests/clone/hand.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct job job, *j = &job;

static void open_docs(const char *synth)
{
	job_open(j, &(struct job_options){.synth = synth, .mode = PLAN_STREAM, .part_size = 4096});
}

/* Out of a chat that is closed to forwarding: what its bytes do not bring there is not cloned. */
static void open_closed_docs(const char *synth)
{
	job_open(j, &(struct job_options){.synth = synth,
					  .mode = PLAN_STREAM,
					  .closed = true,
					  .allow_protected = true,
					  .part_size = 4096});
}

static uint64_t count_of(const char *method)
{
	char path[96];

	snprintf(path, sizeof(path), "requests/%s/count", method);
	return job_stat(j, path);
}

static void run_to_the_end(void)
{
	job_run(j, 2 * JOB_DAY);
}

/* It ended, and every message but those is there. */
static void ends_without(uint32_t count, const char *why)
{
	char reason[64];

	run_to_the_end();
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	cr_assert_eq(job_skipped(j, reason), count, "\"%s\"", reason);
	if (count > 0)
		cr_assert_not_null(strstr(reason, why), "\"%s\"", reason);
}

/* ---- data centres ---- */

/* Every file's parts are first refused with the number of the DC that they are at already. */
/* Rows: S18 */
Test(server_files, a_file_that_is_elsewhere)
{
	open_docs("messages=30,photos=4,docs=20x60KB,seed=3");
	job_ctl(j, "fault error:method=upload.getFile,dc=4,code=303,text=FILE_MIGRATE_2,count=7,"
		   "every=40");
	run_to_the_end();
	job_is_complete(j);
	cr_assert_gt(job_fired(j, "error"), 3);
	/* Once at DC 4; DC 2 is home. */
	cr_assert_eq(count_of("auth.exportAuthorization"), 1);
	cr_assert_eq(count_of("auth.importAuthorization"), 1);
}

static void ends_lost(const char *rule, const char *said)
{
	uint64_t before;
	char reason[64];

	open_docs("messages=4,docs=1x100KB,seed=3");
	job_ctl(j, "fault error:method=upload.getFile,code=303,%s", rule);
	run_to_the_end();
	cr_assert_eq(j->client.status, CLONE_ACCOUNT, "%s: %d", rule, j->client.status);
	cr_assert_not_null(strstr(clone_why(j->client.clone), said), "%s: %s", rule,
			   clone_why(j->client.clone));
	before = count_of("upload.getFile");
	cr_assert_leq(before, 4 * 8, "%s: %d", rule, (int)before); /* eight in flight, four hops */
	cr_assert_eq(job_skipped(j, reason), 0, "nothing is given up for it");
}

/* Rows: S20 */
Test(server_files, sent_from_one_data_centre_to_the_other_without_end)
{
	open_docs("messages=4,docs=1x100KB,seed=3");
	job_ctl(j, "fault error:method=upload.getFile,dc=4,code=303,text=FILE_MIGRATE_2");
	job_ctl(j, "fault error:method=upload.getFile,dc=2,code=303,text=FILE_MIGRATE_4");
	run_to_the_end();
	cr_assert_eq(j->client.status, CLONE_ACCOUNT);
	cr_assert_not_null(strstr(clone_why(j->client.clone), "FILE_MIGRATE_"));
	ends_lost("text=FILE_MIGRATE_4", "FILE_MIGRATE_4");
	ends_lost("text=FILE_MIGRATE_0", "FILE_MIGRATE_0");
	ends_lost("text=FILE_MIGRATE_999", "FILE_MIGRATE_999");
	ends_lost("text=FILE_MIGRATE_-1", "FILE_MIGRATE_-1");
	ends_lost("text=FILE_MIGRATE_99999999999", "FILE_MIGRATE_99999999999");
}

/* The account moves while files and posts are on their way. */
/* Rows: S19 */
Test(server_files, the_home_moves)
{
	static const char *const names[] = {"USER_MIGRATE_4", "NETWORK_MIGRATE_4"};

	for (size_t i = 0; i < countof(names); i++) {
		uint64_t done;

		job_open(j, &(struct job_options){.synth = "messages=30,photos=8,docs=6x400KB,seed=3",
						  .mode = PLAN_STREAM,
						  .part_size = 65536,
						  .rate_count = 60});
		job_run(j, 6 * JOB_SECOND);
		done = job_rows(j, ROW_DONE);
		cr_assert_gt(done, 0);
		job_ctl(j, "knob home-dc 4");
		job_ctl(j, "fault error:method=messages.*,dc=2,code=303,text=%s", names[i]);
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_eq(j->client.account.home_dc, 4);
		cr_assert(j->client.account.dcs[1].authorized);
		cr_assert(j->client.account.dcs[0].has_key, "the old key is kept");
	}
}

/* It dies at any moment of that move, and the next life finds the account again. */
/* Rows: S19 */
Test(server_files, the_home_moves_and_the_process_dies)
{
	for (uint64_t at = 0; at < 5; at++) {
		job_open(j, &(struct job_options){.synth = "messages=16,photos=4,docs=2x300KB,seed=3",
						  .mode = PLAN_STREAM,
						  .part_size = 65536,
						  .rate_count = 60});
		job_run(j, 3 * JOB_SECOND);
		job_ctl(j, "knob home-dc 4");
		job_run(j, at * JOB_SECOND / 2);
		job_kill(j);
		job_run(j, JOB_DAY);
		job_is_complete(j);
		cr_assert_eq(j->client.account.home_dc, 4);
	}
}

/* So does it while many parts go up: what was asked at the old home says of each of them that it moved. */
/* Rows: S19 */
Test(server_files, the_home_moves_while_many_parts_go_up)
{
	job_open(j, &(struct job_options){.synth = "messages=3,docs=1x30MB,seed=3",
					  .mode = PLAN_STREAM,
					  .links = 3,
					  .chunks = 48});
	job_ctl(j, "fault delay:method=upload.saveBigFilePart,ms=500");
	while (job_stat(j, "requests/upload.saveBigFilePart/count") < 12)
		job_run(j, JOB_SECOND / 1000);
	job_ctl(j, "fault error:method=upload.saveBigFilePart,dc=2,code=303,text=USER_MIGRATE_4");
	job_ctl(j, "knob home-dc 4");
	job_run(j, JOB_DAY);
	job_is_complete(j);
	cr_assert_eq(j->client.account.home_dc, 4);
}

static void ends_homeless(const char *rule)
{
	open_docs("messages=4,docs=1x100KB,seed=3");
	job_ctl(j, "fault error:method=messages.*,code=303,%s", rule);
	run_to_the_end();
	cr_assert_eq(j->client.status, CLONE_ACCOUNT, "%s", rule);
	cr_assert_not_null(strstr(clone_why(j->client.clone), "no data centre has the account"),
			   "%s: %s", rule, clone_why(j->client.clone));
	cr_assert_leq(count_of("messages.getHistory"), 5);
}

/* Rows: S20 */
Test(server_files, a_home_that_is_nowhere)
{
	ends_homeless("text=USER_MIGRATE_0");
	ends_homeless("text=USER_MIGRATE_-1");
	ends_homeless("text=USER_MIGRATE_999");
	ends_homeless("text=NETWORK_MIGRATE_99999999999");
	ends_homeless("text=USER_MIGRATE_5");
}

/* ---- references ---- */

/*
 * A hundred files of a hundred chunks, and each hundred and first request finds its reference
 * expired: so it happens at each chunk of them.
 */
/* Rows: S21 */
Test(server_files, references_expire_at_each_chunk, .timeout = 200)
{
	uint64_t parts = 0;

	job_open(j, &(struct job_options){.synth = "messages=110,docs=100x400KB,seed=3",
					  .mode = PLAN_STREAM,
					  .part_size = 4096,
					  .links = 1,
					  .inflight = 1});
	job_ctl(j, "fault error:method=upload.getFile,code=400,text=FILE_REFERENCE_EXPIRED,every=101");
	run_to_the_end();
	job_is_complete(j);
	parts = count_of("upload.saveFilePart");
	cr_assert_gt(job_fired(j, "error"), 90);
	/* One look at the message each time, and no part came twice. */
	cr_assert_eq(count_of("channels.getMessages"), job_fired(j, "error"));
	cr_assert_eq(count_of("upload.getFile"), parts + job_fired(j, "error"));
}

/* Many are in flight when it expires: one look for all of them. And long files outlive many. */
/* Rows: S21 */
Test(server_files, one_look_for_all_that_are_in_flight)
{
	uint64_t looks;

	job_open(j, &(struct job_options){.synth = "messages=2,docs=1x2000KB,seed=3",
					  .mode = PLAN_STREAM,
					  .part_size = 4096,
					  .links = 4,
					  .inflight = 4});
	for (uint64_t i = 1; i <= 10; i++) {
		while (job_run(j, JOB_SECOND / 500) == CLONE_RUNNING &&
		       count_of("upload.saveFilePart") < 45 * i)
			;
		job_ctl(j, "expire");
	}
	run_to_the_end();
	job_is_complete(j);
	looks = count_of("channels.getMessages");
	cr_assert(looks >= 8 && looks <= 10, "%d", (int)looks);
}

/* Vain: the reference that came is no better. */
/* Rows: S21 S22 */
Test(server_files, a_reference_that_cannot_be_renewed)
{
	open_closed_docs("messages=4,docs=1x100KB,seed=3");
	job_ctl(j, "fault error:method=upload.getFile,code=400,text=FILE_REFERENCE_INVALID");
	ends_without(1, "file reference cannot be renewed");
	cr_assert_leq(count_of("channels.getMessages"), 6);
}

/* The source changes while a file is on its way; the next look at the message shows it. */
static int32_t begin_and_stop_at(uint64_t parts)
{
	struct ledger_row rows[16];
	uint32_t n;

	job_open(j, &(struct job_options){.synth = "messages=5,docs=2x400KB,seed=3",
					  .mode = PLAN_STREAM,
					  .part_size = 4096,
					  .ahead = 1});
	while (job_run(j, JOB_SECOND / 500) == CLONE_RUNNING && count_of("upload.getFile") < parts)
		;
	job_ctl(j, "expire");
	n = ledger_scan(j->client.ledger, 0, rows, countof(rows));
	for (uint32_t i = 0; i < n; i++)
		if (rows[i].state == ROW_UPLOADING)
			return rows[i].source_id;
	cr_assert(false, "nothing is under way");
	return 0;
}

/* Rows: S22 */
Test(server_files, a_message_that_is_deleted_meanwhile)
{
	int32_t id = begin_and_stop_at(50);

	telegram_delete(j->telegram, 0, id);
	ends_without(1, "deleted at the source");
}

static bool any_row_says(const char *text)
{
	struct ledger_row rows[16];
	uint32_t n = ledger_scan(j->client.ledger, 0, rows, countof(rows));
	bool said = false;

	for (uint32_t i = 0; i < n; i++)
		said |= strstr(rows[i].reason, text) != NULL;
	return said;
}

/* Rows: S22 */
Test(server_files, a_caption_that_is_changed_meanwhile)
{
	int32_t id = begin_and_stop_at(50);

	telegram_edit(j->telegram, 0, id, "another caption");
	run_to_the_end();
	job_is_complete(j);
	cr_assert_not(any_row_says("changed by the server"), "what is meant is the new text");
}

/* Rows: S22 */
Test(server_files, a_file_that_is_changed_meanwhile)
{
	struct ledger_row rows[16];
	int32_t id = begin_and_stop_at(50), other = 0;
	uint32_t n = ledger_scan(j->client.ledger, 0, rows, countof(rows));

	for (uint32_t i = 0; i < n; i++)
		if (rows[i].size > 0 && rows[i].source_id != id)
			other = rows[i].source_id;
	cr_assert_neq(other, 0);
	telegram_edit_media(j->telegram, 0, id, other);
	run_to_the_end();
	job_is_complete(j);
	cr_assert_not(any_row_says("changed by the server"), "what is meant is the new file");
}

/* Until so many more parts have come. */
static void run_for_parts(uint64_t parts)
{
	uint64_t until = count_of("upload.saveBigFilePart") + parts;

	while (count_of("upload.saveBigFilePart") < until &&
	       job_run(j, JOB_SECOND / 500) == CLONE_RUNNING)
		;
}

/* Each file of the target is one of the source's. */
static void no_strange_file(void)
{
	static const char name[] = "\"sha256\":\"";
	uint32_t count;
	char *source = telegram_dump(j->telegram, 0, &count);
	char *target = telegram_dump(j->telegram, 1, &count);
	char sum[96];

	for (char *at = target; (at = strstr(at, name)) != NULL; at++) {
		snprintf(sum, sizeof(sum), "%.*s", (int)sizeof(name) + 63, at);
		cr_assert_not_null(strstr(source, sum), "%s", sum);
	}
	free(source);
	free(target);
}

/*
 * Changed again and again, given up for it, and tried once more: none of the bytes of what it was
 * before are taken for what it is.
 */
/* Rows: S22 P1 */
Test(server_files, a_large_file_that_is_changed_twice_and_then_retried)
{
	struct ledger_row rows[8];
	int32_t ids[3];
	int32_t after = 0;
	uint32_t n = 0;

	job_open(j, &(struct job_options){.synth = "messages=3,docs=3x11MB,seed=3",
					  .mode = PLAN_STREAM,
					  .closed = true,
					  .allow_protected = true,
					  .part_size = 65536,
					  .ahead = 1});
	run_for_parts(1);
	while (n < 3 && ledger_scan(j->client.ledger, after, rows, 1) == 1) {
		after = rows[0].source_id;
		if (rows[0].size > 0)
			ids[n++] = after;
	}
	cr_assert_eq(n, 3);
	for (uint32_t i = 1; i < 3; i++) {
		run_for_parts(20);
		telegram_edit_media(j->telegram, 0, ids[0], ids[i]);
		job_ctl(j, "expire");
		run_for_parts(20);
	}
	run_to_the_end();
	(void)job_rows(j, ROW_DONE);
	cr_assert(ledger_find(j->client.ledger, ids[0], &rows[0]));
	cr_assert_eq(rows[0].state, ROW_SKIPPED, "%d", rows[0].state);
	(void)job_rows(j, ROW_DONE);
	cr_assert_geq(ledger_retry(j->client.ledger, "the file"), 1);
	job_kill(j);
	run_to_the_end();
	cr_assert_eq(j->client.status, CLONE_DONE);
	(void)job_rows(j, ROW_DONE);
	cr_assert(ledger_find(j->client.ledger, ids[0], &rows[0]));
	cr_assert_eq(rows[0].state, ROW_DONE, "%s", rows[0].reason);
	no_strange_file();
}

static void changed_for_one_too_large(bool premium)
{
	struct ledger_row row;
	int32_t small = 0, large = 0, after = 0;

	job_open(j, &(struct job_options){.synth = "messages=2,docs=1x3000MB,video=1x400KB,seed=3",
					  .mode = PLAN_STREAM,
					  .closed = true,
					  .allow_protected = true,
					  .premium = premium,
					  .part_size = 4096,
					  .ahead = 1});
	while (job_run(j, JOB_SECOND / 500) == CLONE_RUNNING && count_of("upload.getFile") < 50)
		;
	(void)job_rows(j, ROW_DONE);
	while (ledger_scan(j->client.ledger, after, &row, 1) == 1) {
		after = row.source_id;
		small = row.state == ROW_UPLOADING ? row.source_id : small;
		large = row.size > INT64_C(2500000000) ? row.source_id : large;
	}
	cr_assert(small != 0 && large != 0, "%d %d", small, large);
	if (premium)
		hand_size(j->telegram, 0, large, INT64_C(5000000000));
	telegram_edit_media(j->telegram, 0, small, large);
	job_ctl(j, "expire");
	ends_without(2, "larger than this account may upload");
}

/* Larger than any file may be that is sent. */
/* Rows: S22 */
Test(server_files, a_file_that_is_changed_for_one_too_large)
{
	changed_for_one_too_large(false);
	changed_for_one_too_large(true);
}

/* ---- parts ---- */

/* Each of the fifty parts of a file is lost once: it alone is sent again; the first costs all. */
/* Rows: S23 */
Test(server_files, each_part_is_lost_once, .timeout = 200)
{
	job_open(j, &(struct job_options){.synth = "messages=52,docs=50x200KB,seed=3",
					  .mode = PLAN_STREAM,
					  .part_size = 4096,
					  .ahead = 1});
	for (int part = 0; part < 50; part++)
		job_ctl(j,
			"fault error:method=messages.uploadMedia,code=400,"
			"text=FILE_PART_%d_MISSING,skip=%d,count=1",
			part, part); /* no rule meets a call that another one answered */
	run_to_the_end();
	job_is_complete(j);
	cr_assert_eq(job_fired(j, "error"), 50);
	cr_assert_leq(count_of("upload.getFile"), 50 * 50 + 50 + 49 + 60);
	cr_assert_eq(count_of("messages.uploadMedia"), 100);
}

/* The other files of its album may be under way, or there: they are neither sent nor stored again. */
/* Rows: S23 */
Test(server_files, a_lost_part_of_an_album_costs_one_file)
{
	uint64_t parts = 0;

	for (int lost = 0; lost < 2; lost++) {
		job_open(j, &(struct job_options){
				.synth = "messages=8,photos=8,albums=2,topics=0,seed=3",
				.mode = PLAN_STREAM,
				.ahead = 1});
		if (lost > 0)
			job_ctl(j, "fault error:method=messages.uploadMedia,code=400,"
				   "text=FILE_PART_0_MISSING,count=1");
		run_to_the_end();
		job_is_complete(j);
		if (lost == 0)
			parts = count_of("upload.saveFilePart");
	}
	cr_assert_eq(job_fired(j, "error"), 1);
	cr_assert_eq(count_of("upload.saveFilePart"), parts + 1, "photos of one part");
	cr_assert_eq(count_of("messages.uploadMedia"), 8 + 1);
}

/* Lost for good: three repairs, then the row says so. */
/* Rows: S23 */
Test(server_files, parts_that_stay_lost)
{
	open_closed_docs("messages=4,docs=1x100KB,seed=3");
	job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=FILE_PART_3_MISSING");
	ends_without(1, "FILE_PART_3_MISSING");
	cr_assert_leq(count_of("messages.uploadMedia"), 5);
}

/* Rows: S24 */
Test(server_files, parts_that_do_not_fit_are_sent_anew_once)
{
	static const char *const texts[] = {"FILE_PARTS_INVALID", "FILE_PART_SIZE_CHANGED",
					    "FILE_PART_LENGTH_INVALID", "MD5_CHECKSUM_INVALID"};

	for (size_t i = 0; i < countof(texts); i++) {
		uint64_t parts;

		open_docs("messages=4,docs=1x100KB,seed=3");
		job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=%s,count=1", texts[i]);
		run_to_the_end();
		job_is_complete(j);
		parts = count_of("upload.saveFilePart");
		cr_assert(parts >= 50 && parts <= 52, "%d", (int)parts); /* 25, twice */

		open_closed_docs("messages=4,docs=1x100KB,seed=3");
		job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=%s", texts[i]);
		ends_without(1, texts[i]);
		cr_assert_eq(count_of("messages.uploadMedia"), 2);
	}
}

/* Said about a part, not about the whole. */
/* Rows: S24 */
Test(server_files, a_part_that_is_refused)
{
	open_docs("messages=4,docs=1x100KB,seed=3");
	job_ctl(j, "fault error:method=upload.saveFilePart,code=400,text=FILE_PART_SIZE_INVALID,skip=9,"
		   "count=1");
	run_to_the_end();
	job_is_complete(j);

	open_closed_docs("messages=4,docs=1x100KB,seed=3");
	job_ctl(j, "fault error:method=upload.saveFilePart,code=400,text=FILE_PART_SIZE_INVALID");
	ends_without(1, "FILE_PART_SIZE_INVALID");
	cr_assert_leq(count_of("upload.saveFilePart"), 2 * 8);
}

/* ---- kinds ---- */

/* Rows: S26 */
Test(server_files, media_that_is_refused_goes_as_a_document_once)
{
	static const char *const texts[] = {"PHOTO_INVALID_DIMENSIONS", "PHOTO_EXT_INVALID",
					    "VIDEO_CONTENT_TYPE_INVALID", "MEDIA_INVALID",
					    "IMAGE_PROCESS_FAILED", "MEDIA_FILE_INVALID"};

	for (size_t i = 0; i < countof(texts); i++) {
		char reason[64];

		open_docs("messages=6,photos=2,seed=3");
		job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=%s,count=1", texts[i]);
		run_to_the_end();
		cr_assert_eq(j->client.status, CLONE_DONE);
		cr_assert_eq(job_skipped(j, reason), 0, "%s: %s", texts[i], reason);
		cr_assert_eq(count_of("messages.uploadMedia"), 3, "%s", texts[i]);

		open_closed_docs("messages=6,photos=1,seed=3");
		job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=%s", texts[i]);
		ends_without(1, texts[i]);
		cr_assert_eq(count_of("messages.uploadMedia"), 2, "%s", texts[i]);
	}
}

/* ---- bytes ---- */

/* Rows: S42 */
Test(server_files, a_cdn_is_not_followed)
{
	open_closed_docs("messages=4,docs=2x100KB,seed=3");
	job_ctl(j, "knob cdn-redirect 1");
	ends_without(1, "CDN");
	cr_assert_eq(count_of("upload.getCdnFile"), 0);
	cr_assert_eq(job_stat(j, "violations/wrong_dc_444"), 0);
}

/* Rows: S43 */
Test(server_files, parts_that_come_short_are_asked_for_again)
{
	/* Now and then, all over a long file: no reason to give it up. */
	open_docs("messages=4,docs=1x2000KB,seed=3");
	for (int i = 0; i < 20; i++) {
		job_ctl(j, "knob short-read 1");
		job_run(j, JOB_SECOND / 20);
	}
	run_to_the_end();
	job_is_complete(j);

	/* Always: the file is not what its message says. */
	open_closed_docs("messages=4,docs=1x100KB,photos=1,seed=3");
	job_ctl(j, "knob short-read 1000000");
	run_to_the_end();
	cr_assert_eq(j->client.status, CLONE_DONE);
	{
		char reason[64];
		uint32_t skipped = job_skipped(j, reason);

		cr_assert_geq(skipped, 1);
		cr_assert_str_eq(reason, "source_truncated");
	}
	cr_assert_leq(count_of("messages.uploadMedia"), 1, "nothing is sent short");
}

/* Rows: S43 S44 */
Test(server_files, parts_that_come_long_are_an_error)
{
	open_closed_docs("messages=4,docs=1x100KB,seed=3");
	job_ctl(j, "knob long-read 1000");
	ends_without(1, "longer than announced");
	cr_assert_eq(count_of("messages.uploadMedia"), 0);
}

static void begin_with_three_parts(void)
{
	job_open(j, &(struct job_options){.synth = "messages=4,docs=1x12KB,seed=3",
					  .mode = PLAN_STREAM,
					  .closed = true,
					  .allow_protected = true,
					  .part_size = 4096,
					  .inflight = 1,
					  .links = 1});
	hand_size(j->telegram, 0, hand_file(j->telegram, 0, 0), 12288);
}

/*
 * Two parts are announced and the file has three: those that are asked for all come whole. It is not
 * sent short. One whose end is where a part ends is asked for once more, for nothing.
 */
/* Rows: S44 */
Test(server_files, a_file_that_goes_on_behind_its_announced_end)
{
	static const uint32_t less[] = {4096, 4000, 0};

	for (size_t i = 0; i < countof(less); i++) {
		begin_with_three_parts();
		job_ctl(j, "knob announce-less %u", less[i]);
		ends_without(less[i] > 0, "longer than announced");
		cr_assert_eq(count_of("messages.uploadMedia"), less[i] == 0);
		if (less[i] == 0)
			cr_assert_eq(count_of("upload.getFile"), 3 + 1);
	}
}

/* Some servers say so: there is nothing at that offset. Anywhere else it is an error. */
/* Rows: S44 */
Test(server_files, an_end_that_is_no_offset)
{
	begin_with_three_parts();
	job_ctl(j, "fault error:method=upload.getFile,code=400,text=OFFSET_INVALID,skip=3,count=1");
	ends_without(0, "");
	cr_assert_eq(job_fired(j, "error"), 1);
	cr_assert_eq(count_of("upload.getFile"), 3 + 1);

	begin_with_three_parts();
	job_ctl(j, "fault error:method=upload.getFile,code=400,text=OFFSET_INVALID,skip=2,count=1");
	ends_without(1, "OFFSET_INVALID");
}

/* One answer that cannot be right says nothing about the file: it is asked again, not for ever. */
/* Rows: S43 */
Test(server_files, answers_that_are_no_parts_are_asked_for_again)
{
	uint64_t asked;

	open_docs("messages=4,docs=1x100KB,seed=3");
	job_ctl(j, "knob long-read 3");
	run_to_the_end();
	job_is_complete(j);
	asked = count_of("upload.getFile");
	cr_assert_eq(asked, 25 + 3, "%d", (int)asked);
}

/* ---- and another way ---- */

/*
 * Whatever keeps the bytes of a file from going, out of a chat that is open it goes by reference, with its album and
 * its thumbnail: as it would have without the wish for bytes.
 */
/* Rows: S21 S23 S24 S26 S42 S43 */
Test(server_files, what_does_not_go_by_its_bytes_is_copied)
{
	static const char *const faults[] = {
	    "fault error:method=upload.getFile,code=400,text=FILE_REFERENCE_INVALID",
	    "fault error:method=upload.getFile,code=400,text=LIMIT_INVALID",
	    "fault error:method=upload.getFile,code=400,text=SOME_NEW_WORD",
	    "fault error:method=upload.saveFilePart,code=400,text=FILE_PART_SIZE_INVALID",
	    "fault error:method=messages.uploadMedia,code=400,text=FILE_PART_3_MISSING",
	    "fault error:method=messages.uploadMedia,code=400,text=FILE_PARTS_INVALID",
	    "fault error:method=messages.uploadMedia,code=400,text=PHOTO_INVALID_DIMENSIONS,skip=3",
	    "knob cdn-redirect 1",
	    "knob short-read 1000000",
	    "knob long-read 1000000",
	};

	for (size_t i = 0; i < countof(faults); i++) {
		open_docs("messages=24,photos=10,docs=8x60KB,video=3x50KB,albums=2,seed=3");
		job_ctl(j, "%s", faults[i]);
		run_to_the_end();
		job_is_complete(j);
	}
}

/* Stored, and refused when it is sent, however often it is stored anew. */
/* Rows: S24 S26 */
Test(server_files, what_was_stored_and_is_not_taken_is_copied)
{
	static const char *const texts[] = {"FILE_PARTS_INVALID", "MEDIA_INVALID", "PHOTO_INVALID_DIMENSIONS",
					    "FILE_REFERENCE_EXPIRED"};

	for (size_t i = 0; i < countof(texts); i++) {
		open_docs("messages=4,photos=1,seed=3");
		job_ctl(j, "fault error:method=messages.sendMedia,code=400,text=%s,count=%d", texts[i],
			i == 2 ? 1 : 3);
		run_to_the_end();
		job_is_complete(j);
	}
}

/* One file of an album is refused while others are on their way, and the process dies behind that. */
/* Rows: S24 P1 */
Test(server_files, one_of_an_album_does_not_go_by_its_bytes)
{
	for (int skip = 0; skip < 8; skip++) {
		for (int part = 0; part < 2; part++) {
			job_open(j, &(struct job_options){.synth = "messages=8,photos=8,albums=2,topics=0,seed=3",
							  .mode = PLAN_STREAM,
							  .part_size = 4096,
							  .ahead = 4});
			job_ctl(j, "fault error:method=%s,code=400,text=FILE_PART_LENGTH_INVALID,skip=%d",
				part > 0 ? "upload.saveFilePart" : "messages.uploadMedia", skip);
			job_until(j, "error", 1);
			if (skip % 2 > 0)
				job_kill(j);
			run_to_the_end();
			job_is_complete(j);
		}
	}
}

/* Half of it went up in parts of one size, and the next life wants them to be of another one; or the first one again. */
/* Rows: P1 I4 */
Test(server_files, a_file_goes_on_with_parts_of_another_size)
{
	static const uint32_t sizes[][3] = {{512, 128, 512}, {128, 512, 128}, {512, 64, 64}, {256, 512, 256}};

	for (size_t i = 0; i < countof(sizes) * 2; i++) {
		job_open(j, &(struct job_options){.synth = "messages=2,docs=1x11MB,albums=0,seed=3", .mode = PLAN_STREAM,
						  .part_size = sizes[i / 2][0] * 1024});
		job_ctl(j, "fault delay:method=upload.saveBigFilePart,ms=1200"); /* longer than until it is remembered */
		for (uint32_t life = 1; life < 3; life++) {
			uint64_t parts = job_stat(j, "requests/upload.saveBigFilePart/count");

			while (j->client.status == CLONE_RUNNING &&
			       job_stat(j, "requests/upload.saveBigFilePart/count") < parts + 10)
				job_run(j, i % 2 == 1 ? JOB_SECOND / 100 : JOB_SECOND / 1000);
			cr_assert_eq(j->client.status, CLONE_RUNNING, "%zu", i);
			j->o.part_size = sizes[i / 2][life] * 1024;
			job_kill(j);
		}
		job_run(j, JOB_DAY);
		job_is_complete(j);
	}
}

/* The bytes come with the message, and are more than a part: they go as one all the same. */
/* Rows: I4 I7 */
Test(server_files, a_thumbnail_that_comes_with_the_message)
{
	for (uint32_t part_size = 4096; part_size <= 524288; part_size *= 128) {
		job_open(j, &(struct job_options){.synth = "messages=6,video=4x60KB,albums=0,seed=3", .mode = PLAN_STREAM,
						  .part_size = part_size});
		job_ctl(j, "knob inline-up-to 12000");
		run_to_the_end();
		job_is_complete(j);
	}
}

/* Of so small a picture there is no other size than the one that comes with the message. */
/* Rows: I1 I4 */
Test(server_files, a_photo_that_comes_with_the_message)
{
	static const enum plan_mode modes[] = {PLAN_AUTO, PLAN_COPY, PLAN_STREAM};

	for (size_t i = 0; i < countof(modes); i++) {
		job_open(j, &(struct job_options){.synth = "messages=6,photos=4x4KB,albums=0,seed=3", .mode = modes[i]});
		job_ctl(j, "knob inline-up-to 12000");
		run_to_the_end();
		job_is_complete(j);
	}
}

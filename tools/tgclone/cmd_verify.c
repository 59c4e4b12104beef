/*
 * verify: every message of the source against its copy, by the ledger's map: text, formatting, media and
 * attributes, reply targets, albums, topics, order; with --bytes the files themselves are read back from
 * both sides and compared by SHA-256. Then what is there twice (verify_extra.c) and the topics
 * (verify_topics.c). Nothing is changed.
 */
#include "engine/clone/compare.h"
#include "engine/clone/window.h"
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/talk.h"
#include "tools/tgclone/bytes_of.h"
#include "tools/tgclone/job.h"
#include "tools/tgclone/pages.h"
#include "tools/tgclone/verify_extra.h"
#include "tools/tgclone/verify_topics.h"

#include <stdio.h>

struct verify {
	struct client cl;
	struct job job;
	struct ledger *ledger;
	uint64_t seen, equal, noted, skipped, missing, different, open, twice, topics;
	uint64_t files, told; /* told: what the server says it has, 0: it says nothing */
	int64_t bytes;
	int32_t left_out;
	struct ledger_late marks;
	int32_t last_target[LEDGER_LATE_MAX + 1]; /* of each lateness */
	uint32_t last_lateness;
	uint64_t late;
	int64_t source_album, target_album;
	/* What has no copy and is not told yet: neighbours with the same reason are one line. */
	struct {
		int32_t first, last;
		uint64_t count;
		const char *why;
	} run;
};

static void tell_run(struct verify *v)
{
	if (v->run.count == 1)
		app_say(v->cl.app, "message %d: %s", v->run.first, v->run.why);
	else if (v->run.count > 1)
		app_say(v->cl.app, "%llu messages from %d to %d: %s", (unsigned long long)v->run.count,
			v->run.first, v->run.last, v->run.why);
	v->run.count = 0;
}

static void fault(struct verify *v, int32_t source, int32_t target, const char *what)
{
	if (app_options(v->cl.app)->json) {
		app_json(v->cl.app, json_pack("{s:s, s:i, s:i, s:o}", "event", "fault", "source_id",
					      source, "target_id", target, "text", app_text(what)));
		return;
	}
	tell_run(v);
	app_say(v->cl.app, "message %d -> %d: %s", source, target, what);
}

/* Told, and no fault: the clone said so when it happened, and nothing can be done about it. what: "" if it is not seen. */
static void tell_noted(struct verify *v, const struct ledger_row *row, const char *what)
{
	char text[240];

	snprintf(text, sizeof(text), "%s%sas was noted: %s", what, what[0] != '\0' ? ", " : "", row->reason);
	v->noted++;
	if (app_options(v->cl.app)->json)
		app_json(v->cl.app,
			 json_pack("{s:s, s:i, s:i, s:o}", "event", "noted", "source_id", row->source_id,
				   "target_id", row->target_id, "text", app_text(text)));
	else
		app_say(v->cl.app, "message %d -> %d: %s", row->source_id, row->target_id, text);
}

/* why: one of a few literals. */
static void no_copy(struct verify *v, int32_t source, const char *why)
{
	if (app_options(v->cl.app)->json) {
		fault(v, source, 0, why);
		return;
	}
	if (v->run.count > 0 && v->run.why != why)
		tell_run(v);
	if (v->run.count == 0)
		v->run.first = source;
	v->run.last = source;
	v->run.why = why;
	v->run.count++;
}

/* What is not the same: the first thing that counts, and one that was noted, "" if there is none. */
struct finding {
	char what[160], loss[160];
	bool left_over; /* of its album */
};

/* A row's note tells what was lost on the way, perhaps more than one thing; that is no fault any more. */
static bool noted(const struct ledger_row *row, const char *loss)
{
	return strstr(row->reason, loss) != NULL;
}

/* What was just found is noted. */
static bool lost(const struct ledger_row *row, const char *loss, struct finding *f)
{
	if (!noted(row, loss))
		return false;
	if (f->loss[0] == '\0')
		memcpy(f->loss, f->what, sizeof(f->loss));
	return true;
}

/* Items of an album may carry the album's reply, or not. */
static bool check_reply(struct verify *v, const struct message *a, const struct message *b,
			const struct ledger_row *row, struct finding *f)
{
	int32_t parent = a->reply_to != 0 ? ledger_target_of(v->ledger, a->reply_to) : 0;

	snprintf(f->what, sizeof(f->what), "it answers no message, and its source answers %d", a->reply_to);
	if (b->reply_to == 0 && a->reply_to != 0 && lost(row, "reply not kept", f))
		return true;
	if (b->reply_to == parent || (parent == 0 && a->grouped_id != 0))
		return true;
	if (parent == 0)
		snprintf(f->what, sizeof(f->what), "it answers message %d, and should answer none",
			 b->reply_to);
	else
		snprintf(f->what, sizeof(f->what), "reply target %d, should be %d", b->reply_to, parent);
	return false;
}

/* By the map of topics; in what is no forum there are none. */
static int32_t topic_of_copy(struct verify *v, const struct message *a, const struct ledger_row *row)
{
	const struct job *j = &v->job;
	int32_t topic = 0;

	if (!j->target.forum)
		return 0;
	if (j->target_topic != 0)
		topic = j->target_topic;
	else if (j->source.forum && j->source_topic == 0 && a->topic > 1)
		topic = ledger_topic_of(v->ledger, a->topic);
	if (topic == 0)
		topic = row->target_topic;
	return topic > 1 ? topic : 1;
}

static const char NAMES_AUTHOR[] = "it says where it was forwarded from";

static bool names_author(const struct verify *v, const struct message *b)
{
	return !v->job.plan.keep_author && v->job.target.peer.kind != PEER_SELF &&
	       tl_has(b->obj, TLF_fwd_from);
}

/* A dice is forwarded with its author's name or thrown again; of others the row tells. */
static bool author_noted(const struct message *a, const struct ledger_row *row)
{
	return strstr(row->reason, "author named") != NULL ||
	       (a->media.kind == MEDIA_DICE && row->mode == PLAN_FORWARD);
}

/* A dice is forwarded, or thrown again. */
static bool check_dice(const struct message *a, const struct message *b, const struct ledger_row *row,
		       struct finding *f)
{
	int32_t was = tl_int(a->media.obj, TLF_value), is = tl_int(b->media.obj, TLF_value);

	snprintf(f->what, sizeof(f->what), "the dice shows %d, not %d", is, was);
	return a->media.kind != MEDIA_DICE || is == was || lost(row, "dice thrown again", f) ||
	       row->mode != PLAN_FORWARD;
}

/* What only the row tells: by which way it went, and what was lost. */
static bool check_way(struct verify *v, const struct message *a, const struct message *b,
		      const struct ledger_row *row, struct finding *f)
{
	if (!check_dice(a, b, row, f))
		return false;
	snprintf(f->what, sizeof(f->what), "its thumbnail is not there");
	if (a->media.has_thumb && !b->media.has_thumb && a->media.kind == b->media.kind &&
	    !lost(row, "without its thumbnail", f))
		return false;
	snprintf(f->what, sizeof(f->what), "%s", NAMES_AUTHOR);
	if (names_author(v, b) && !author_noted(a, row))
		return false;
	if (names_author(v, b) && f->loss[0] == '\0')
		memcpy(f->loss, NAMES_AUTHOR, sizeof(NAMES_AUTHOR));
	return true;
}

/*
 * Its neighbours in the album are with it, and nobody else. Parts that went at another time need not be: that is told
 * of them. But of an album that went whole a range may have planned the first half before.
 */
static bool check_album(struct verify *v, const struct message *a, const struct message *b,
			const struct ledger_row *row, uint32_t lateness, struct finding *f)
{
	bool same_source = a->grouped_id != 0 && a->grouped_id == v->source_album;
	bool same_target = b->grouped_id != 0 && b->grouped_id == v->target_album;

	snprintf(f->what, sizeof(f->what), "the album is not the same");
	if (same_source == same_target || (same_source && lateness != v->last_lateness))
		return true;
	return same_source && lost(row, "album not kept", f);
}

static bool check_place(struct verify *v, const struct message *a, const struct message *b,
			const struct ledger_row *row, struct finding *f)
{
	uint32_t lateness = ledger_lateness(&v->marks, row);
	int32_t topic = topic_of_copy(v, a, row);

	snprintf(f->what, sizeof(f->what), "order: its copy stands before the one of the message before it");
	if (row->target_id <= v->last_target[lateness])
		return false;
	if (!check_reply(v, a, b, row, f) || !check_way(v, a, b, row, f) ||
	    !check_album(v, a, b, row, lateness, f))
		return false;
	snprintf(f->what, sizeof(f->what), "topic %d, should be %d", b->topic, topic);
	return b->topic == topic;
}

/* Photos may have been recompressed by a real server: their bytes are compared only where sizes agree. */
static int check_bytes(struct verify *v, const struct message *a, const struct message *b, bool *same)
{
	const struct bytes_source from = {&v->job.source, a->id}, to = {&v->job.target, b->id};
	uint8_t x[32], y[32];
	int code;

	*same = true;
	if (!app_options(v->cl.app)->bytes || !a->media.has_file || !b->media.has_file ||
	    a->media.file.size != b->media.file.size)
		return 0;
	code = bytes_of(&v->cl, &from, &a->media.file, x);
	if (code == 0)
		code = bytes_of(&v->cl, &to, &b->media.file, y);
	if (code != 0)
		return code;
	*same = memcmp(x, y, sizeof(x)) == 0;
	v->files++;
	v->bytes += a->media.file.size;
	return 0;
}

/* The others of its album are gone, or were skipped: its copy is no album, as it should be. */
static bool is_left_over(struct verify *v, const struct message *a)
{
	struct ledger_row row;

	for (int32_t i = 1 - ALBUM_MAX; i < ALBUM_MAX; i++)
		if (i != 0 && a->id + (int64_t)i > 0 && a->id <= INT32_MAX - ALBUM_MAX &&
		    ledger_find(v->ledger, a->id + i, &row) && row.grouped_id == a->grouped_id &&
		    row.target_id > 0)
			return false;
	return true;
}

static bool same_but_noted(struct verify *v, const struct message *a, const struct message *b,
			   const struct ledger_row *row, struct finding *f)
{
	struct message x = *a;

	f->loss[0] = '\0';
	f->left_over = false;
	snprintf(f->what, sizeof(f->what), "its copy cannot be read");
	if (b->obj == NULL && !b->empty)
		return false;
	if (a->grouped_id != 0 && b->grouped_id == 0 && is_left_over(v, a)) {
		f->left_over = true;
		x.grouped_id = 0;
	}
	return compare_noted(&x, b, row->reason, f->what, f->loss, sizeof(f->what)) &&
	       check_place(v, &x, b, row, f);
}

/* Votes, ticks, who was mentioned: what only the note knows to be gone. What rebuild found lost nothing by that. */
static bool tells_loss(const struct ledger_row *row, const struct finding *f)
{
	const char *note = row->reason;

	return note[0] != '\0' && strcmp(note, "found in the target") != 0 &&
	       !(f->left_over && strcmp(note, "album not kept") == 0);
}

static int check_pair(struct verify *v, const struct message *a, const struct message *b,
		      const struct ledger_row *row)
{
	struct finding f;
	bool good = same_but_noted(v, a, b, row, &f), same = true;
	int code = 0;

	if (good)
		code = check_bytes(v, a, b, &same);
	if (good && !same)
		snprintf(f.what, sizeof(f.what), "the file's bytes differ");
	if (good && same && f.loss[0] == '\0' && !tells_loss(row, &f)) {
		v->equal++;
	} else if (good && same) {
		tell_noted(v, row, f.loss);
	} else {
		v->different++;
		fault(v, a->id, row->target_id, f.what);
	}
	v->last_lateness = ledger_lateness(&v->marks, row);
	v->last_target[v->last_lateness] = row->target_id;
	v->late += v->last_lateness > 0;
	if (!b->empty && b->obj != NULL) { /* one that is gone says nothing about its neighbours */
		v->source_album = a->grouped_id;
		v->target_album = b->grouped_id;
	}
	return code;
}

/* Rows of one page: what should have a copy is collected, the rest is counted by what it is. */
static uint32_t collect(struct verify *v, const struct pages *p, struct ledger_row *rows,
			int32_t *targets, uint32_t *index)
{
	static const char fresh[] = "not planned yet: run clone again";
	static const char left_out[] = "left out by --from: clone without it brings them, behind the rest";
	static const char open[] = "not cloned yet: run clone again";
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		struct ledger_row *row = &rows[n];

		v->seen++;
		if (!ledger_find(v->ledger, p->msgs[i].id, row)) {
			v->missing++;
			no_copy(v, p->msgs[i].id, p->msgs[i].id <= v->left_out ? left_out : fresh);
		} else if (row->state == ROW_SKIPPED) {
			v->skipped++;
			tell_run(v);
		} else if (row->state != ROW_DONE && row->state != ROW_SENT) {
			v->open++;
			no_copy(v, p->msgs[i].id, open);
		} else {
			tell_run(v);
			targets[n] = row->target_id;
			index[n++] = i;
		}
	}
	return n;
}

static int check_page(struct verify *v, const struct pages *p)
{
	static const uint32_t max = PAGES_MAX;
	struct ledger_row rows[PAGES_MAX];
	struct message copies[PAGES_MAX];
	int32_t targets[PAGES_MAX];
	uint32_t index[PAGES_MAX];
	uint32_t n = collect(v, p, rows, targets, index);
	int code = 0;

	check(n <= max);
	if (n > 0 && p->unread) {
		v->different++;
		fault(v, p->msgs[0].id, rows[0].target_id, "it cannot be read any more, and is not compared");
		return 0;
	}
	if (n > 0)
		code = pages_by_id(&v->cl, &v->job.target, targets, n, copies);
	for (uint32_t i = 0; i < n && code == 0; i++)
		code = check_pair(v, &p->msgs[index[i]], &copies[i], &rows[i]);
	return code;
}

static void told_twice(void *ctx, int32_t source, int32_t copy, int32_t extra)
{
	struct verify *v = ctx;
	char what[112];

	if (copy == extra)
		snprintf(what, sizeof(what), "its copy is another message's as well: one of the two was not sent");
	else
		snprintf(what, sizeof(what),
			 "the same as %d, and no copy that the ledger knows: sent twice, or said by hand", copy);
	fault(v, source, extra, what);
	v->twice++;
}

static void told_topic(void *ctx, int32_t source, int32_t target, const char *what)
{
	struct verify *v = ctx;

	fault(v, source, target, what);
	v->topics++;
}

static int verify_all(struct verify *v)
{
	const struct options *o = app_options(v->cl.app);
	bool whole = o->from_id == 0 && o->to_id == 0 && o->limit == 0;
	struct pages p;
	int code;

	v->left_out = clone_left_out(v->ledger);
	ledger_late(v->ledger, &v->marks);
	pages_start(&p, &v->cl, &v->job.source, v->job.source_topic, (int32_t)o->from_id,
		    (int32_t)o->to_id);
	pages_limit(&p, (uint64_t)o->limit);
	while ((code = pages_next(&p)) == 0 && p.count > 0) {
		code = check_page(v, &p);
		if (code != 0)
			return code;
	}
	tell_run(v);
	if (!whole || code != 0)
		return code;
	v->told = p.told;
	code = extra_look(&v->cl, &v->job, v->ledger, told_twice, v);
	return code == 0 ? topics_look(&v->cl, &v->job, v->ledger, told_topic, v) : code;
}

/* A page that was held back looks like the end; the server's own count is about right at best. */
static void note_unseen(struct verify *v)
{
	if (v->told > v->seen)
		app_warn(v->cl.app, "the server counts %llu messages in the source, but showed %llu: run "
				    "verify again later",
			 (unsigned long long)v->told, (unsigned long long)v->seen);
}

static int summary(struct verify *v)
{
	bool good = v->different == 0 && v->missing == 0 && v->open == 0 && v->twice == 0 &&
		    v->topics == 0;

	if (app_options(v->cl.app)->json) {
		app_json(v->cl.app,
			 json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "event",
				   "verified", "messages", (json_int_t)v->seen, "equal",
				   (json_int_t)v->equal, "noted", (json_int_t)v->noted,
				   "skipped", (json_int_t)v->skipped, "different",
				   (json_int_t)v->different, "missing", (json_int_t)v->missing, "open",
				   (json_int_t)v->open, "twice", (json_int_t)v->twice, "topics",
				   (json_int_t)v->topics, "late", (json_int_t)v->late, "files", (json_int_t)v->files, "bytes", (json_int_t)v->bytes));
	} else {
		char losses[64] = "";

		if (v->noted > 0)
			snprintf(losses, sizeof(losses), "%llu with a loss that was noted, ",
				 (unsigned long long)v->noted);
		app_say(v->cl.app, "%llu message%s: %llu equal, %s%llu skipped, %llu different, %llu not cloned",
			(unsigned long long)v->seen, plural(v->seen), (unsigned long long)v->equal, losses,
			(unsigned long long)v->skipped, (unsigned long long)v->different,
			(unsigned long long)(v->missing + v->open));
		if (v->twice > 0)
			app_say(v->cl.app, "%llu more in the target than there should be",
				(unsigned long long)v->twice);
		if (v->late > 0)
			app_say(v->cl.app, "%llu behind their place: retried, or left out by --from at first",
				(unsigned long long)v->late);
		if (v->files > 0)
			app_say(v->cl.app, "%llu file%s read back on both sides, %.1f MB, byte-identical%s",
				(unsigned long long)v->files, plural(v->files), (double)v->bytes / 1e6,
				v->different > 0 ? " but for those named above" : "");
	}
	return good ? 0 : EXIT_UNAVAILABLE;
}

/* What could not be read of it was taken for not cloned, or for no mark: its fault is what counts. */
static int close_ledger(struct verify *v, int code)
{
	char why[LEDGER_WHY_MAX];
	enum ledger_fault fault;

	if (v->ledger == NULL)
		return code;
	fault = ledger_close_why(&v->ledger, why, sizeof(why));
	if (fault == LEDGER_SOUND || (code != 0 && code != EXIT_UNAVAILABLE))
		return code;
	return job_ledger_fail(v->cl.app, v->job.path, fault, why);
}

int cmd_verify(struct app *app, int argc, char **argv)
{
	struct verify v = {.ledger = NULL};
	int code = client_open(&v.cl, app, true, true);

	(void)argc, (void)argv;
	if (code == 0)
		code = job_resolve(&v.cl, &v.job);
	if (code == 0)
		job_follow(&v.job);
	if (code == 0)
		code = job_open_ledger(&v.cl, &v.job, false, &v.ledger);
	if (code == 0)
		code = verify_all(&v);
	tell_run(&v);
	if (code == 0) {
		note_unseen(&v);
		code = summary(&v);
	}
	code = close_ledger(&v, code);
	client_close(&v.cl);
	return code;
}

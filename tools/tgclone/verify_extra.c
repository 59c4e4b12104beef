/*
 * A send is under way alone, so a second execution of it stands right behind the first, in the same topic and
 * with no more between than others wrote meanwhile: a forward has a hundred messages at most, and so many
 * copies are remembered; anything else is one message, or the ten of an album. Which of the two the ledger
 * names depends on which answer came, and copies between them may have been deleted since. What other jobs
 * of the profile sent into the same chat is known by their ledgers.
 */
#include "tools/tgclone/verify_extra.h"

#include "proto/crypto/digest.h"
#include "tools/tgclone/pages.h"
#include "tools/tgclone/talk.h"

#include <stdlib.h>

enum { RECENT = 128, BEHIND = 200, ROWS = 256, SIGN = 16, TOGETHER = 10 };

struct recent {
	uint8_t sign[SIGN];
	int32_t target, source;
	bool batched;
};

/* One that no row names, and that is none of what stands before it. */
struct stray {
	uint8_t sign[SIGN];
	int32_t target;
	uint32_t seen;   /* so many copies of the job stand before it */
	uint64_t others; /* and so many of other jobs */
};

struct walk {
	struct extra *extra;
	size_t next; /* copies below are passed */
	struct recent recent[RECENT];
	uint32_t seen;   /* all that were put there */
	struct stray strays[RECENT];
	uint32_t strayed; /* all that were put there */
	uint32_t behind; /* messages behind the last copy */
	uint64_t others; /* copies of other jobs that were passed */
	bool own; /* all that is said there is the account's, or the job's as far as can be seen */
	void (*found)(void *ctx, int32_t source, int32_t copy, int32_t extra);
	void *ctx;
};

/* Copies by their ids in the target. */
struct extra {
	struct extra_copy {
		int32_t target, source; /* source 0: another job's */
		bool batched;	        /* forwarded, perhaps with many others in one request */
	} *copies;
	size_t count, room;
};

/* False: no memory. */
static bool note(struct extra *e, const struct extra_copy *copy)
{
	if (e->count == e->room) {
		size_t room = e->room > 0 ? 2 * e->room : 1024;
		void *more = realloc(e->copies, room * sizeof(e->copies[0]));

		if (more == NULL)
			return false;
		e->copies = more;
		e->room = room;
	}
	e->copies[e->count++] = *copy;
	return true;
}

/* ---- what this job and others sent there ---- */

struct others {
	struct extra *extra;
	const struct job *job;
	struct app *app;
	bool full;
};

/* ours: of this job. All that its ledger knows, though some may be gone from the source. */
static void note_rows(struct others *o, struct ledger *ledger, bool ours)
{
	struct ledger_row rows[ROWS];
	int32_t after = 0;
	uint32_t n;

	while (!o->full && (n = ledger_scan(ledger, after, rows, ROWS)) > 0) {
		for (uint32_t i = 0; i < n && !o->full; i++)
			o->full = rows[i].target_id > 0 &&
				  !note(o->extra, &(struct extra_copy){rows[i].target_id, ours ? rows[i].source_id : 0,
								       rows[i].mode == PLAN_FORWARD});
		after = rows[n - 1].source_id;
	}
}

static void look_into(void *ctx, const char *path)
{
	struct others *o = ctx;
	struct ledger *ledger = NULL;
	struct ledger_job job;
	char why[LEDGER_WHY_MAX];
	enum ledger_fault fault;

	if (strcmp(path, o->job->path) == 0)
		return;
	fault = ledger_open(&ledger, path, NULL, false, why, sizeof(why));
	if (fault == LEDGER_SOUND) {
		ledger_job(ledger, &job);
		if (job.target == o->job->ledger_job.target)
			note_rows(o, ledger, false);
		fault = ledger_close_why(&ledger, why, sizeof(why));
	}
	if (fault != LEDGER_SOUND)
		app_warn(o->app, "what %s says that it sent is not known here, and may be told as sent twice: %s",
			 path, why);
}

/* ---- the target ---- */

static int by_target(const void *a, const void *b)
{
	const struct extra_copy *x = a, *y = b;

	return (x->target > y->target) - (x->target < y->target);
}

/* A photo's fingerprint says little: the size of its largest form tells more; of a place, where it is. */
static void sign_of(const struct message *m, uint8_t out[SIGN])
{
	uint8_t print[32], rest[20], all[32];
	struct cspan parts[2] = {{print, sizeof(print)}, {rest, sizeof(rest)}};

	message_fingerprint(m, print);
	store_le64(rest, (uint64_t)m->media.file.size);
	store_le64(rest + 8, (uint64_t)message_place(m));
	store_le32(rest + 16, (uint32_t)m->topic);
	digest_sha256(all, parts, countof(parts));
	memcpy(out, all, SIGN);
}

/* The ledger may name the second of the two: nothing of another job stands between them. */
static void search_strays(struct walk *w, const struct recent *r)
{
	uint32_t n = w->strayed < RECENT ? w->strayed : RECENT;
	uint32_t most = r->batched ? RECENT : TOGETHER;

	for (uint32_t back = 1; back <= n; back++) {
		struct stray *s = &w->strays[(w->strayed - back) % RECENT];

		uint32_t between = w->seen - 1 - s->seen;

		if (s->target == 0 || between > most || w->others != s->others ||
		    memcmp(s->sign, r->sign, SIGN) != 0)
			continue;
		w->found(w->ctx, r->source, r->target, s->target);
		s->target = 0;
		return;
	}
}

static void remember(struct walk *w, const struct message *m, const struct extra_copy *copy)
{
	struct recent *r = &w->recent[w->seen++ % RECENT];

	sign_of(m, r->sign);
	r->target = m->id;
	r->source = copy->source;
	r->batched = copy->batched;
	search_strays(w, r);
}

static void search(struct walk *w, const struct message *m)
{
	uint32_t n = w->seen < RECENT ? w->seen : RECENT;
	uint8_t sign[SIGN];
	struct stray *s;

	sign_of(m, sign);
	for (uint32_t back = 1; back <= n; back++) {
		const struct recent *r = &w->recent[(w->seen - back) % RECENT];

		if (memcmp(r->sign, sign, SIGN) != 0 || (!r->batched && back > TOGETHER))
			continue;
		w->found(w->ctx, r->source, r->target, m->id);
		return;
	}
	s = &w->strays[w->strayed++ % RECENT];
	memcpy(s->sign, sign, SIGN);
	s->target = m->id;
	s->seen = w->seen;
	s->others = w->others;
}

static void look_at(struct walk *w, const struct message *m)
{
	const struct extra *e = w->extra;

	while (w->next < e->count && e->copies[w->next].target < m->id)
		w->others += e->copies[w->next++].source == 0;
	w->behind += w->next == e->count;
	if (m->empty || m->service)
		return;
	if (w->next == e->count || e->copies[w->next].target != m->id) {
		if (m->out || w->own)
			search(w, m);
	} else if (e->copies[w->next].source != 0) {
		remember(w, m, &e->copies[w->next]);
	}
}

static int walk_target(struct walk *w, struct client *cl, const struct job *j)
{
	struct pages *p = calloc(1, sizeof(*p));
	int32_t first = w->extra->copies[0].target;
	int code = 0;

	if (p == NULL)
		return app_fail(cl->app, EXIT_LATER, "no memory for a page");
	pages_start(p, cl, &j->target, 0, first > TOGETHER ? first - TOGETHER : 0, 0);
	while (w->behind < BEHIND && (code = pages_next(p)) == 0 && p->count > 0)
		for (uint32_t i = 0; i < p->count && !p->unread; i++)
			look_at(w, &p->msgs[i]);
	free(p);
	return code;
}

/* Two messages have one copy: one of them was not sent. */
static void tell_shared(const struct extra *e, void (*found)(void *ctx, int32_t source, int32_t copy, int32_t extra),
			void *ctx)
{
	for (size_t i = 1; i < e->count; i++)
		if (e->copies[i].target == e->copies[i - 1].target && e->copies[i].source != 0 &&
		    e->copies[i - 1].source != 0)
			found(ctx, e->copies[i].source, e->copies[i].target, e->copies[i].target);
}

int extra_look(struct client *cl, const struct job *j, struct ledger *ledger,
	       void (*found)(void *ctx, int32_t source, int32_t copy, int32_t extra), void *ctx)
{
	struct extra extra = {.copies = NULL};
	struct walk w = {.extra = &extra,
			 .own = j->target.peer.kind == PEER_SELF,
			 .found = found,
			 .ctx = ctx};
	struct others o = {&extra, j, cl->app, false};
	int code = 0;

	note_rows(&o, ledger, true);
	if (extra.count > 0)
		code = store_ledgers(&cl->store, look_into, &o);
	if (code != 0)
		code = app_fail(cl->app, code, "%s", cl->store.why);
	else if (o.full)
		code = app_fail(cl->app, EXIT_LATER, "no memory for the ids of all copies");
	if (code == 0 && extra.count > 0) {
		qsort(extra.copies, extra.count, sizeof(extra.copies[0]), by_target);
		tell_shared(&extra, found, ctx);
		code = walk_target(&w, cl, j);
	}
	free(extra.copies);
	return code;
}

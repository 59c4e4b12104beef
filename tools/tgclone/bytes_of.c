/*
 * A small window of parts over one file: asked for in order, hashed in order. A reference that has got
 * too old meanwhile is fetched anew with its message, when nothing is on its way.
 */
#include "tools/tgclone/bytes_of.h"

#include "proto/api/error.h"
#include "proto/api/part.h"
#include "proto/crypto/digest.h"
#include "tools/tgclone/pages.h"
#include "tools/tgclone/talk.h"

#include <stdio.h>

enum {
	WINDOW = 8,
	PART = CHUNK_PART_MAX,
	TRIES_MAX = 40,	  /* refusals in a row */
	REFRESHES_MAX = 2, /* of a reference, without a part between */
	TOLD_S = 10,	  /* a wait that is worth a line */
};

static const uint64_t SECOND = 1000000000;

struct window {
	struct client *cl;
	const struct bytes_source *from;
	struct media_file file;
	uint8_t location[512];
	size_t location_len;
	uint32_t total, hashed, tries, refreshes;
	bool stale; /* the reference */
	struct chunk *chunks[WINDOW]; /* by part modulo WINDOW */
	bool here[WINDOW], out[WINDOW];
	uint64_t hold_ns;
	struct sha256_stream hash;
	int failed;
};

/* False: it is too long. */
static bool locate(struct window *w)
{
	struct tl_error error;

	w->location_len = tl_encode(media_location(&w->cl->arena, &w->file), w->cl->layer,
				    (struct span){w->location, sizeof(w->location)}, &error);
	return w->location_len > 0;
}

static int fail(struct window *w, const char *why)
{
	if (w->failed == 0)
		w->failed = app_fail(w->cl->app, EXIT_UNAVAILABLE, "reading the file of message %d back: %s",
				     w->from->message, why);
	return w->failed;
}

static bool ask_one(struct window *w, uint32_t part)
{
	uint8_t query[640];
	struct net_request r = {.dc = (uint16_t)w->file.dc,
				.lane = NET_DOWN,
				.bulk_answer = true,
				.owner = CLIENT_BYTES,
				.tag = part};
	uint32_t ticket;

	r.query.at = query;
	r.query.len = part_ask((struct span){query, sizeof(query)},
			       cspan_of(w->location, w->location_len), (int64_t)part * PART, PART);
	if (net_call(w->cl->net, &r, &ticket) != 0)
		return false;
	w->out[part % WINDOW] = true;
	return true;
}

static void ask_more(struct window *w)
{
	if (ring_now(w->cl->ring) < w->hold_ns)
		return;
	for (uint32_t part = w->hashed; part < w->total && part < w->hashed + WINDOW; part++)
		if (!w->out[part % WINDOW] && !w->here[part % WINDOW] && !ask_one(w, part))
			return;
}

static uint32_t part_len(const struct window *w, uint32_t part)
{
	int64_t left = w->file.size - (int64_t)part * PART;

	return left < PART ? (uint32_t)left : PART;
}

static void wait_out(struct window *w, const struct verdict *v, const char *text)
{
	uint64_t wait_ns = (uint64_t)v->wait_s * SECOND;

	w->hold_ns = ring_now(w->cl->ring) + wait_ns;
	if (w->cl->max_wait_ns != 0 && wait_ns > w->cl->max_wait_ns)
		w->failed = client_fail(w->cl, CLIENT_REFUSED, "reading a file back");
	else if (v->wait_s >= TOLD_S)
		app_warn(w->cl->app, "reading a file back: %s", text);
}

static void refused(struct window *w, const struct net_event *ev)
{
	struct verdict v = error_verdict(ev->code, ev->text);

	w->cl->code = ev->code;
	snprintf(w->cl->text, sizeof(w->cl->text), "%s", ev->text);
	if (w->failed != 0)
		return;
	if (v.remedy == REMEDY_WAIT) {
		wait_out(w, &v, ev->text);
		return;
	}
	if (v.remedy == REMEDY_REFERENCE)
		w->stale = true;
	else if (v.remedy == REMEDY_DC && v.number > 0)
		w->file.dc = v.number;
	else if (v.remedy == REMEDY_BACKOFF || v.remedy == REMEDY_RECONCILE)
		w->hold_ns = ring_now(w->cl->ring) + SECOND;
	else
		w->tries = TRIES_MAX;
	if (w->tries++ >= TRIES_MAX)
		w->failed = client_fail(w->cl, CLIENT_REFUSED, "reading a file back");
}

/* Small answers lie in the link's memory and are hashed at once when it is their turn, else again. */
static void got(struct window *w, struct net_event *ev)
{
	uint32_t at = ev->tag % WINDOW;
	struct chunk *chunk = ev->chunk;
	struct buf view;

	w->out[at] = false;
	if (ev->kind != NET_RESULT) {
		refused(w, ev);
		return;
	}
	if (chunk == NULL) {
		chunk = ev->result.len > CHUNK_PART_MAX ? NULL : slab_take(w->cl->slab, CHUNK_HELD);
		if (chunk == NULL) {
			if (w->tries++ >= TRIES_MAX)
				fail(w, "the answer is no part of a file");
			return;
		}
		view = chunk->buf;
		memcpy(buf_put(&view, (uint32_t)ev->result.len), ev->result.at, ev->result.len);
		chunk->buf = view;
	}
	if (part_pull_file(&chunk->buf) != PART_OK || chunk->buf.len != part_len(w, ev->tag)) {
		slab_give(w->cl->slab, &chunk);
		if (w->tries++ >= TRIES_MAX)
			fail(w, "the answer is not the part that was asked for");
		return;
	}
	w->tries = w->refreshes = 0;
	w->chunks[at] = chunk;
	w->here[at] = true;
}

static void hash_ready(struct window *w)
{
	while (w->hashed < w->total && w->here[w->hashed % WINDOW]) {
		uint32_t at = w->hashed % WINDOW;

		sha256_put(&w->hash, buf_at(&w->chunks[at]->buf), w->chunks[at]->buf.len);
		slab_give(w->cl->slab, &w->chunks[at]);
		w->here[at] = false;
		w->hashed++;
	}
}

static bool under_way(const struct window *w)
{
	bool busy = false;

	for (uint32_t i = 0; i < WINDOW; i++)
		busy |= w->out[i];
	return busy;
}

/* The same file of the same message, by a new reference. */
static void refresh(struct window *w)
{
	int32_t id = w->from->message;
	struct message m;
	int code = pages_by_id(w->cl, w->from->chat, &id, 1, &m);

	w->stale = false;
	if (code != 0)
		w->failed = code;
	else if (w->refreshes++ >= REFRESHES_MAX || !m.media.has_file || m.media.file.id != w->file.id)
		fail(w, "its reference has got too old, and there is no other");
	else
		w->file.reference = m.media.file.reference;
	if (w->failed == 0 && !locate(w))
		fail(w, "its location is too long");
}

/* What ends it from outside: the account, a signal, no connection for too long. */
static void look_outside(struct window *w)
{
	enum client_status status = w->cl->gone		       ? CLIENT_GONE
				    : w->cl->signal_got != 0   ? CLIENT_STOPPED
				    : client_offline(w->cl) ? CLIENT_OFFLINE
							       : CLIENT_OK;

	if (status != CLIENT_OK && w->failed == 0)
		w->failed = client_fail(w->cl, status, "reading a file back");
}

static int run(struct window *w)
{
	while (w->hashed < w->total && w->failed == 0) {
		struct net_event ev;
		int status;

		if (w->stale && !under_way(w))
			refresh(w);
		if (w->failed == 0 && !w->stale)
			ask_more(w);
		while (net_next(w->cl->net, &ev)) {
			if (ev.owner == CLIENT_BYTES && ev.kind <= NET_LOST)
				got(w, &ev);
			else
				client_heard(w->cl, &ev);
		}
		hash_ready(w);
		look_outside(w);
		if (w->hashed == w->total || w->failed != 0)
			break;
		status = client_turn(w->cl, ring_now(w->cl->ring) + 1000000000);
		if (status != 0)
			w->failed = status;
	}
	return w->failed;
}

static void give_back(struct window *w)
{
	for (uint32_t i = 0; i < WINDOW; i++) {
		if (w->here[i])
			slab_give(w->cl->slab, &w->chunks[i]);
		w->here[i] = false;
	}
}

/* What is still on its way is waited for, so that no chunk is lost; not by one who was told to end. */
static void drain(struct window *w)
{
	while (w->failed != 0 && under_way(w) && !w->cl->gone && w->cl->signal_got == 0) {
		struct net_event ev;

		while (net_next(w->cl->net, &ev))
			if (ev.owner == CLIENT_BYTES && ev.kind <= NET_LOST)
				got(w, &ev);
		give_back(w);
		if (client_offline(w->cl) ||
		    net_turn(w->cl->net, ring_now(w->cl->ring) + SECOND / 10) != 0)
			break;
	}
	give_back(w);
}

int bytes_of(struct client *cl, const struct bytes_source *from, const struct media_file *file,
	     uint8_t digest[32])
{
	struct window w = {.cl = cl, .from = from, .file = *file};

	w.total = (uint32_t)((file->size + PART - 1) / PART);
	sha256_init(&w.hash);
	if (!locate(&w))
		return fail(&w, "its location is too long");
	run(&w);
	drain(&w);
	sha256_end(&w.hash, digest);
	return w.failed;
}

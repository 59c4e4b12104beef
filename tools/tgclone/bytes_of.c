/* A small window of parts over one file: asked for in order, hashed in order. */
#include "tools/tgclone/bytes_of.h"

#include "proto/api/error.h"
#include "proto/api/part.h"
#include "proto/crypto/digest.h"
#include "tools/tgclone/talk.h"

enum { WINDOW = 8, PART = CHUNK_PART_MAX, TRIES_MAX = 40 };

struct window {
	struct client *cl;
	struct media_file file;
	uint8_t location[512];
	size_t location_len;
	uint32_t total, asked, hashed, tries;
	struct chunk *chunks[WINDOW]; /* by part modulo WINDOW */
	bool here[WINDOW], out[WINDOW];
	uint64_t hold_ns;
	struct sha256_stream hash;
	int failed;
};

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

static void refused(struct window *w, const struct net_event *ev)
{
	struct verdict v = error_verdict(ev->code, ev->text);

	if (++w->tries > TRIES_MAX)
		w->failed = EXIT_UNAVAILABLE;
	else if (v.remedy == REMEDY_DC && v.number > 0)
		w->file.dc = v.number;
	else if (v.remedy == REMEDY_WAIT)
		w->hold_ns = ring_now(w->cl->ring) + (uint64_t)v.wait_s * 1000000000;
	else if (v.remedy != REMEDY_BACKOFF && v.remedy != REMEDY_RECONCILE)
		w->failed = EXIT_UNAVAILABLE;
	if (w->failed != 0)
		app_error(w->cl->app, "reading a file back: %s", ev->text);
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
		chunk = slab_take(w->cl->slab, CHUNK_HELD);
		if (chunk == NULL || ev->result.len > CHUNK_PART_MAX)
			return;
		view = chunk->buf;
		memcpy(buf_put(&view, (uint32_t)ev->result.len), ev->result.at, ev->result.len);
		chunk->buf = view;
	}
	if (part_pull_file(&chunk->buf) != PART_OK || chunk->buf.len != part_len(w, ev->tag)) {
		slab_give(w->cl->slab, &chunk);
		if (++w->tries > TRIES_MAX)
			w->failed = EXIT_UNAVAILABLE;
		return;
	}
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

static int run(struct window *w)
{
	while (w->hashed < w->total && w->failed == 0) {
		struct net_event ev;
		int status;

		ask_more(w);
		while (net_next(w->cl->net, &ev)) {
			if (ev.owner == CLIENT_BYTES && ev.kind <= NET_LOST)
				got(w, &ev);
			else
				client_heard(w->cl, &ev);
		}
		hash_ready(w);
		if (w->hashed == w->total)
			break;
		status = client_turn(w->cl, ring_now(w->cl->ring) + 1000000000);
		if (status != 0)
			w->failed = status;
	}
	return w->failed;
}

/* What is still on its way is waited for, so that no chunk is lost. */
static void drain(struct window *w)
{
	bool busy = true;

	while (busy && w->failed != 0) {
		struct net_event ev;

		busy = false;
		for (uint32_t i = 0; i < WINDOW; i++) {
			if (w->here[i])
				slab_give(w->cl->slab, &w->chunks[i]);
			w->here[i] = false;
			busy |= w->out[i];
		}
		while (net_next(w->cl->net, &ev))
			if (ev.owner == CLIENT_BYTES && ev.kind <= NET_LOST)
				got(w, &ev);
		if (busy && net_turn(w->cl->net, ring_now(w->cl->ring) + 100000000) != 0)
			return;
	}
}

int bytes_of(struct client *cl, const struct media_file *file, uint8_t digest[32])
{
	struct window w = {.cl = cl, .file = *file};
	struct tl_error error;

	w.total = (uint32_t)((file->size + PART - 1) / PART);
	w.location_len = tl_encode(media_location(&cl->arena, file), cl->layer,
				   (struct span){w.location, sizeof(w.location)}, &error);
	sha256_init(&w.hash);
	run(&w);
	drain(&w);
	sha256_end(&w.hash, digest);
	return w.failed;
}

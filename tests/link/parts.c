/* The parts of a file in the tests of links (parts.h). */
#include "tests/link/parts.h"

#include "proto/api/ask.h"
#include "proto/api/part.h"
#include "proto/crypto/digest.h"

enum { OWNER_DOWN, OWNER_UP };

static uint32_t size_of(const struct parts *p, uint32_t i)
{
	int64_t left = p->size - (int64_t)i * PART;

	return left < PART ? (uint32_t)left : PART;
}

static struct part_save save_of(const struct parts *p, uint32_t i)
{
	return (struct part_save){p->upload_id, (int32_t)i, (int32_t)p->total, true};
}

static bool ask_part(struct parts *p, uint32_t i)
{
	struct part_save save = save_of(p, i);
	uint8_t query[512];
	size_t len = part_ask((struct span){query, sizeof(query)},
			      cspan_of(p->location, p->location_len), (int64_t)i * PART, PART);
	struct net_relay to = {.answer_id = part_file_id(),
			       .body_at = PART_FILE_AT,
			       .word_before = part_file_word(size_of(p, i)),
			       .body_len = size_of(p, i),
			       .owner = OWNER_UP,
			       .tag = i};
	struct net_request r = {.dc = p->dc,
				.lane = NET_DOWN,
				.query = cspan_of(query, len),
				.bulk_answer = true,
				.relay = p->upload_id != 0 ? &to : NULL,
				.owner = OWNER_DOWN,
				.tag = i};
	uint32_t ticket;
	int res;

	cr_assert_gt(len, 0);
	to.prefix_len = part_save_head(to.prefix, &save, to.body_len);
	res = net_call(p->s->net, &r, &ticket);
	cr_assert(res == 0 || res == -11, "%d", res);
	return res == 0;
}

static void take_part_event(struct parts *p);

static void keep_part(struct parts *p, uint32_t i, const struct buf *b)
{
	p->sizes[i] = b->len;
	digest_sha256(p->digests[i], (struct cspan[]){buf_view(b)}, 1);
	cr_assert_not(p->got[i], "part %u twice", i);
	p->got[i] = true;
	p->done++;
}

/* The plain way of a part that was to be relayed. */
static void send_part(struct parts *p, uint32_t i, struct chunk *c)
{
	struct part_save save = save_of(p, i);
	struct net_request r = {.lane = NET_UP, .chunk = &c, .owner = OWNER_UP, .tag = i};
	uint32_t ticket;

	part_push_save(&c->buf, &save);
	while (net_call(p->s->net, &r, &ticket) != 0)
		take_part_event(p);
}

static void take_part(struct parts *p, struct net_event *ev)
{
	uint32_t i = ev->tag;
	uint8_t own[64 * 1024];
	struct buf small;
	struct buf *b = &small;

	if (ev->chunk != NULL) {
		b = &ev->chunk->buf;
	} else {
		cr_assert_leq(ev->result.len, sizeof(own));
		buf_init(&small, own, sizeof(own), 0);
		memcpy(buf_put(&small, (uint32_t)ev->result.len), ev->result.at, ev->result.len);
	}
	cr_assert_eq(part_pull_file(b), PART_OK);
	cr_assert_eq(b->len, size_of(p, i));
	if (ev->chunk != NULL)
		cr_assert_eq(b->head, CHUNK_FILE_AT, "the file stands at %u", b->head);
	if (p->upload_id != 0) {
		struct chunk *c = ev->chunk;

		if (c == NULL) {
			c = slab_take(p->s->slab, CHUNK_HELD);
			cr_assert_not_null(c);
			memcpy(buf_put(&c->buf, b->len), buf_at(b), b->len);
		}
		send_part(p, i, c);
		return;
	}
	keep_part(p, i, b);
	if (ev->chunk != NULL)
		slab_give(p->s->slab, &ev->chunk);
}

static void saved_part(struct parts *p, struct net_event *ev)
{
	cr_assert_eq(ev->result.len, 4);
	cr_assert_eq(load_le32(ev->result.at), (uint32_t)TL_BOOL_TRUE);
	slab_give(p->s->slab, &ev->chunk);
	cr_assert_not(p->got[ev->tag], "part %u twice", ev->tag);
	p->got[ev->tag] = true;
	p->done++;
}

static void take_part_event(struct parts *p)
{
	struct net_event *ev = sim_event(p->s);

	cr_assert_not_null(ev, "dead: %s", p->s->dead_text);
	if (ev->kind == NET_RESULT) {
		if (ev->owner == OWNER_UP)
			saved_part(p, ev);
		else if (ev->relayed != 0)
			p->relayed++;
		else
			take_part(p, ev);
		return;
	}
	/* Errors of the server are the caller's: asked again here, at once. */
	cr_assert_eq(ev->kind, NET_ERROR);
	cr_assert_neq(ev->code, -1, "%s", ev->text);
	p->errors++;
	if (ev->chunk != NULL)
		slab_give(p->s->slab, &ev->chunk);
	for (uint32_t tag = ev->tag; !ask_part(p, tag);)
		take_part_event(p);
}

static void start(struct parts *p, struct sim *s, const struct media_file *f, int64_t upload_id)
{
	struct cspan bytes = sim_encode(s, media_location(&s->arena, f));

	*p = (struct parts){.s = s, .size = f->size, .dc = (uint16_t)f->dc, .upload_id = upload_id};
	cr_assert_leq(bytes.len, sizeof(p->location));
	memcpy(p->location, bytes.at, bytes.len);
	p->location_len = (uint32_t)bytes.len;
	p->total = (uint32_t)((f->size + PART - 1) / PART);
	cr_assert_leq(p->total, (uint32_t)PARTS_MAX);
}

static void run(struct parts *p, const char *disturb)
{
	while (p->done < p->total) {
		while (p->asked < p->total && ask_part(p, p->asked))
			p->asked++;
		take_part_event(p);
		if (disturb != NULL && p->done == p->total / 2) {
			sim_ctl(p->s, disturb);
			disturb = NULL;
		}
	}
}

void parts_fetch(struct parts *p, struct sim *s, const struct media_file *f, const char *disturb)
{
	start(p, s, f, 0);
	run(p, disturb);
}

void parts_pass(struct parts *p, struct sim *s, const struct media_file *f, int64_t upload_id,
		const char *disturb)
{
	start(p, s, f, upload_id);
	run(p, disturb);
}

void parts_same(const struct parts *a, const struct parts *b)
{
	cr_assert_eq(a->total, b->total);
	for (uint32_t i = 0; i < a->total; i++) {
		cr_assert_eq(a->sizes[i], b->sizes[i]);
		cr_assert_arr_eq(a->digests[i], b->digests[i], 32, "part %u", i);
	}
}

struct media_file parts_stored(struct sim *s, int64_t upload_id, uint32_t total)
{
	struct tl_obj *file = tl_new(&s->arena, TLC_inputFileBig);
	struct tl_obj *media = tl_new(&s->arena, TLC_inputMediaUploadedDocument);
	struct tl_obj *q = tl_new(&s->arena, TLC_messages_uploadMedia);
	struct media m;

	tl_set_long(file, TLF_id, upload_id);
	tl_set_int(file, TLF_parts, (int32_t)total);
	tl_set_str(file, TLF_name, "a.bin");
	tl_set_obj(media, TLF_file, file);
	tl_set_str(media, TLF_mime_type, "application/octet-stream");
	tl_set_vec(&s->arena, media, TLF_attributes, 0);
	tl_set_obj(q, TLF_peer, peer_input(&s->arena, s->source));
	tl_set_obj(q, TLF_media, media);
	media_read(sim_get(s, TLC_messages_uploadMedia, q), &m);
	cr_assert(m.has_file);
	return m.file;
}

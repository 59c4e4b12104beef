/* Parts on their way up to the simulated Telegram, and what must survive. */
#include "tests/link/parts.h"

#include "proto/api/part.h"

enum { PARTS = 12 };

#define SMALL_WORLD .synth = "messages=3,docs=1x1MB,seed=5"
/* One link a direction, so that five connects in ten seconds are enough for both times. */
#define ONE_LINK SMALL_WORLD, .links = 1

struct upload {
	struct sim *s;
	int64_t file_id;
	uint32_t total, sent, done, refused;
};

static uint8_t file_byte(uint32_t part, uint32_t i)
{
	return (uint8_t)(part * 131 + i * 7 + (i >> 9));
}

static void put_part(struct upload *u, struct chunk *c, uint32_t part)
{
	struct part_save save = {u->file_id, (int32_t)part, (int32_t)u->total, true};
	struct net_request r = {.lane = NET_UP, .chunk = &c, .tag = part};
	uint32_t ticket;

	if (c->buf.len == 0) {
		uint8_t *at = buf_put(&c->buf, PART);

		for (uint32_t i = 0; i < PART; i++)
			at[i] = file_byte(part, i);
		part_push_save(&c->buf, &save);
	}
	cr_assert_eq(net_call(u->s->net, &r, &ticket), 0);
	cr_assert_null(c);
}

static void check_query(const struct chunk *c, uint32_t part)
{
	const uint8_t *file = buf_at(&c->buf) + PART_SAVE_HEAD;

	cr_assert_eq(c->buf.len, PART_SAVE_HEAD + PART);
	for (uint32_t i = 0; i < PART; i++)
		cr_assert_eq(file[i], file_byte(part, i), "part %u differs at %u", part, i);
}

static void upload(struct sim *s, uint32_t total, const char *disturb)
{
	struct upload u = {.s = s, .file_id = 77001, .total = total};

	while (u.done < total) {
		struct net_event *ev;
		struct chunk *c;

		while (u.sent < total && net_room(s->net, 0, NET_UP) > 0 &&
		       (c = slab_take(s->slab, CHUNK_HELD)) != NULL)
			put_part(&u, c, u.sent++);
		ev = sim_event(s);
		cr_assert_not_null(ev);
		cr_assert_not_null(ev->chunk);
		if (ev->kind == NET_ERROR) {
			/* The bytes are as they were handed over. */
			check_query(ev->chunk, ev->tag);
			u.refused++;
			put_part(&u, ev->chunk, ev->tag);
			continue;
		}
		cr_assert_eq(ev->kind, NET_RESULT);
		cr_assert_eq(ev->result.len, 4);
		cr_assert_eq(load_le32(ev->result.at), (uint32_t)TL_BOOL_TRUE);
		slab_give(s->slab, &ev->chunk);
		u.done++;
		if (disturb != NULL && u.done == total / 2) {
			sim_ctl(s, disturb);
			disturb = NULL;
		}
	}
}

/* Sent as a document: the simulator put the parts together rightly. */
static void check_uploaded(struct sim *s, uint32_t total)
{
	cr_assert_eq(parts_stored(s, 77001, total).size, (int64_t)total * PART);
}

static void upload_survives(const struct sim_options *o, const char *disturb)
{
	struct sim s;

	sim_open(&s, o);
	sim_login(&s);
	if (disturb != NULL && strncmp(disturb, "fault", 5) == 0) {
		sim_ctl(&s, disturb);
		disturb = NULL;
	}
	upload(&s, PARTS, disturb);
	sim_ctl(&s, "unfault all");
	check_uploaded(&s, PARTS);
	sim_close(&s);
}

Test(upload, parts)
{
	upload_survives(&(struct sim_options){SMALL_WORLD}, NULL);
}

Test(upload, by_poll)
{
	upload_survives(&(struct sim_options){SMALL_WORLD, .poll = true}, NULL);
}

Test(upload, although_connections_are_cut)
{
	upload_survives(&(struct sim_options){ONE_LINK}, "cut");
	upload_survives(&(struct sim_options){ONE_LINK}, "reset");
}

Test(upload, although_connections_are_cut_obfuscated)
{
	upload_survives(&(struct sim_options){ONE_LINK, .obfuscated = true}, "cut");
	upload_survives(&(struct sim_options){ONE_LINK, .transport = TRANSPORT_PADDED}, "reset");
	upload_survives(&(struct sim_options){ONE_LINK, .transport = TRANSPORT_FULL}, "cut");
}

Test(upload, cut_inside_a_part)
{
	upload_survives(&(struct sim_options){ONE_LINK}, "fault drop:at=900000,dir=in,count=2");
}

Test(upload, although_salts_change)
{
	upload_survives(&(struct sim_options){SMALL_WORLD}, "fault salt:every=4");
}

Test(upload, although_sessions_are_forgotten)
{
	upload_survives(&(struct sim_options){SMALL_WORLD}, "fault forget:every=9,count=5");
}

Test(upload, refused_gives_the_bytes_back)
{
	upload_survives(
	    &(struct sim_options){SMALL_WORLD},
	    "fault error:method=upload.saveBigFilePart,code=420,text=FLOOD_WAIT_1,every=5");
}

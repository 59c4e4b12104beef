/*
 * Packets made to cost more than they are long. The session's own files are built into this program once
 * more, with a call in each of their basic blocks; the calls are counted. A number that no load of the
 * machine changes, which a time is not.
 */
#include "tests/session/fixture.h"

#include "proto/session/session_priv.h"

#include <criterion/criterion.h>

static struct fixture fx, *f = &fx;
static uint64_t blocks;

/* Called by what was built with -fsanitize-coverage=trace-pc. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	blocks++;
}

/* Packets that cost the most for their length, in two sizes. */
enum costly {
	COSTLY_TINY,	  /* a container of empty messages */
	COSTLY_DESCEND,	  /* a container whose ids fall: each goes to the front of the window */
	COSTLY_ACKS,	  /* one message that acknowledges many ids */
	COSTLY_ALL_INFO,  /* one that tells of many ids */
	COSTLY_STRAYS,	  /* a container of answers nobody waits for */
	COSTLY_STATE_REQ, /* a container of questions about ids */
	COSTLY_KINDS
};

static const char *const costly_names[COSTLY_KINDS] = {
    "tiny messages", "falling ids", "acks", "all_info", "stray answers", "state questions",
};

struct packet {
	uint8_t bytes[1 << 16];
	size_t len;
	struct envelope_head head;
};

static void put_entry(struct packet *p, uint64_t id, struct cspan body)
{
	uint8_t *at = p->bytes + p->len;

	store_le64(at, id);
	store_le32(at + 8, 1);
	store_le32(at + 12, (uint32_t)body.len);
	if (body.len > 0)
		memcpy(at + 16, body.at, body.len);
	p->len += 16 + body.len;
}

static void put_container(struct packet *p, enum costly kind, uint32_t n)
{
	uint8_t body[40];
	uint64_t first = fx_id(f);
	size_t len = 0;

	store_le32(p->bytes, ID_CONTAINER);
	store_le32(p->bytes + 4, n);
	p->len = 8;
	if (kind == COSTLY_STRAYS) {
		store_le32(body, (uint32_t)ID_RPC_RESULT);
		store_le64(body + 4, 12345);
		store_le32(body + 12, 1);
		len = 16;
	} else if (kind == COSTLY_STATE_REQ) {
		store_le32(body, (uint32_t)ID_STATE_REQ);
		store_le32(body + 4, TL_VECTOR);
		store_le32(body + 8, 1);
		store_le64(body + 12, 12345);
		len = 20;
	}
	for (uint32_t i = 0; i < n; i++)
		put_entry(p, first + 4 * (kind == COSTLY_DESCEND ? n - i : i), cspan_of(body, len));
	f->server_id += 4 * (n + 2);
}

static void put_ids(struct packet *p, enum costly kind, uint32_t n)
{
	uint8_t *at = p->bytes;

	store_le32(at, kind == COSTLY_ACKS ? (uint32_t)ID_MSGS_ACK : (uint32_t)ID_ALL_INFO);
	store_le32(at + 4, TL_VECTOR);
	store_le32(at + 8, n);
	for (uint32_t i = 0; i < n; i++)
		store_le64(at + 12 + 8 * i, f->calls[i % 64].msg_id + (uint64_t)(i >= 64) * 4 * i);
	p->len = 12 + 8 * n;
	if (kind == COSTLY_ACKS)
		return;
	at += p->len;
	store_le32(at, n << 8 | 254);
	memset(at + 4, 4, n);
	p->len += 4 + n;
}

static void make_costly(struct packet *p, enum costly kind, uint32_t n)
{
	if (kind == COSTLY_ACKS || kind == COSTLY_ALL_INFO)
		put_ids(p, kind, n);
	else
		put_container(p, kind, n);
	p->head = (struct envelope_head){.session_id = f->s.id, .msg_id = fx_id(f), .seq_no = 1};
}

static uint64_t cost_of(enum costly kind, uint32_t n, size_t *len)
{
	static struct packet p;
	struct session_event e;
	uint64_t begin;

	fx_end(f);
	fx_start(f);
	for (uint32_t i = 0; i < 64; i++)
		fx_call(f, i);
	/* A full window is the dearest one. */
	for (uint32_t i = 0; i < SESSION_SEEN; i++)
		session_see(&f->s, fx_id(f));
	make_costly(&p, kind, n);
	*len = p.len;
	begin = blocks;
	session_consume(&f->s, &p.head, cspan_of(p.bytes, p.len), f->now,
			(struct span){f->inflate, sizeof(f->inflate)});
	while (session_next(&f->s, &e))
		;
	return blocks - begin;
}

/* Four times the packet is at most four times the work, and what a byte costs has a bound. */
/* Rows: H24 */
Test(hostile_work, is_bounded_by_the_length)
{
	for (int kind = 0; kind < COSTLY_KINDS; kind++) {
		size_t small_len, large_len;
		uint64_t small = cost_of((enum costly)kind, 256, &small_len);
		uint64_t large = cost_of((enum costly)kind, 1024, &large_len);

		cr_assert_gt(small, 200, "%s: nothing was counted", costly_names[kind]);
		cr_expect_leq(large, small * 4 + small / 4, "%s: %llu for 256, %llu for 1024",
			      costly_names[kind], (unsigned long long)small,
			      (unsigned long long)large);
		cr_expect_leq(large / large_len, 64, "%s: %llu a byte", costly_names[kind],
			      (unsigned long long)(large / large_len));
	}
	fx_end(f);
}

/*
 * Fuzz target: the framer, both sides, all transports. The first byte says who reads and what, the
 * second how the stream is cut; the rest is the stream. What is read must not depend on the cuts,
 * and a packet must never be larger than its limit.
 */
#include "proto/base/check.h"
#include "proto/wire/frame.h"

#include <stdlib.h>

enum { LIMIT = 4096, STEPS = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
	struct framer f;
	struct buf packet;
	uint8_t mem[LIMIT];
	uint64_t trace;
	uint32_t packets;
};

static void note(struct reading *r, uint64_t v)
{
	r->trace = (r->trace ^ v) * UINT64_C(0x100000001b3);
}

static void note_status(struct reading *r, enum frame_status status)
{
	note(r, status);
	if (status == FRAME_PACKET) {
		check(r->packet.len == r->f.payload_len);
		r->packets++;
		for (uint32_t i = 0; i < r->packet.len; i++)
			note(r, buf_at(&r->packet)[i]);
	}
	if (status == FRAME_QUICK_ACK)
		note(r, r->f.token);
	if (status == FRAME_ERROR) {
		check(r->f.code < 0);
		note(r, (uint32_t)r->f.code);
	}
}

static void took(struct reading *r, enum frame_status status)
{
	if (status == FRAME_HEAD) {
		check(r->f.payload_len > 0 && r->f.payload_len <= LIMIT);
		buf_init(&r->packet, r->mem, LIMIT, 0);
		status = frame_place(&r->f, &r->packet);
	}
	if (status != FRAME_MORE)
		note_status(r, status);
}

static void start(struct reading *r, uint8_t kind)
{
	static const uint8_t random[64] = {1, 2, 3, 4, 5, 6, 7, 8};

	memset(r, 0, sizeof(*r));
	if (kind & 8)
		frame_init_server(&r->f);
	else
		check(frame_init_client(&r->f, (enum transport)(kind & 3),
					(kind & 4) != 0 && (kind & 3) != TRANSPORT_FULL, random, 2,
					NULL));
	frame_limit(&r->f, LIMIT);
}

static void read_all(struct reading *r, const uint8_t *data, size_t size, uint8_t cut)
{
	for (size_t at = 0; at < size;) {
		struct span want = frame_want(&r->f);
		size_t n = cut == 0 ? want.len : 1 + (at * cut) % 37;

		if (want.len == 0) {
			check(r->f.fault != FRAME_SOUND);
			check(frame_took(&r->f, 1) == FRAME_BAD);
			return;
		}
		n = n < want.len ? n : want.len;
		n = n < size - at ? n : size - at;
		memcpy(want.at, data + at, n);
		at += n;
		took(r, frame_took(&r->f, (uint32_t)n));
	}
}

/* Rows: H1 H2 N26 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading *r = malloc(2 * sizeof(*r));

	check(r != NULL);
	if (size >= 2) {
		start(&r[0], data[0]);
		start(&r[1], data[0]);
		read_all(&r[0], data + 2, size - 2, 0);
		read_all(&r[1], data + 2, size - 2, data[1] | 1);
		check(r[0].trace == r[1].trace);
		check(r[0].packets == r[1].packets);
		check(r[0].f.fault == r[1].f.fault);
	}
	free(r);
	return 0;
}

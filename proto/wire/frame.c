/*
 * The reading half of the transports, and the start of a connection. A framer stands at one
 * place of the stream and knows how many bytes it needs next; it never asks for more, so nothing
 * of the next packet is ever taken along.
 *
 *            .------------------- code, token, nop <-.
 *            v                                       | (client, payload < 16)
 *   HELLO -> HEAD -> PLACE -> BODY -> (full: TAIL) --+--> HEAD ...
 *  (server)    `-> BAD <- any fault, for good
 *
 * Writing is frame_out.c, obfuscated2 obfs.c. What a payload means is left to the envelope.
 */
#include "proto/wire/frame.h"
#include "proto/wire/frame_priv.h"

#include <zlib.h>

enum phase { PHASE_HELLO, PHASE_HEAD, PHASE_CODE, PHASE_PLACE, PHASE_BODY, PHASE_TAIL, PHASE_BAD };

enum { CODE_QUICK_ACK = -1 };

static enum frame_status fail(struct framer *f, enum frame_fault why)
{
	if (f->fault == FRAME_SOUND)
		f->fault = why; /* the first reason is the true one */
	f->phase = PHASE_BAD;
	return FRAME_BAD;
}

static void gather(struct framer *f, enum phase phase, uint32_t need)
{
	check(need <= sizeof(f->head));
	f->phase = phase;
	f->head_len = 0;
	f->head_need = need;
}

/* Every frame of a transport is at least this long, so no byte of the next one can be in it. */
static void next_head(struct framer *f)
{
	gather(f, PHASE_HEAD, f->transport == TRANSPORT_FULL ? 8 : 4);
}

static void init(struct framer *f, enum transport transport)
{
	memset(f, 0, sizeof(*f));
	f->transport = transport;
	f->payload_max = FRAME_PAYLOAD_MAX;
}

static void make_hello(struct framer *f)
{
	if (f->transport == TRANSPORT_FULL)
		return;
	store_le32(f->hello, obfs_tag(f->transport));
	f->hello_len = f->transport == TRANSPORT_ABRIDGED ? 1 : 4;
}

bool frame_init_client(struct framer *f, enum transport transport, bool obfuscated,
		       const uint8_t random[64], int16_t dc, const uint8_t *secret)
{
	uint8_t start[64];

	check(transport < TRANSPORT_UNKNOWN);
	init(f, transport);
	next_head(f);
	if (!obfuscated) {
		make_hello(f);
		return true;
	}
	check(transport != TRANSPORT_FULL);
	if (!obfs_init_allowed(random))
		return false;
	memcpy(start, random, sizeof(start));
	store_le32(start + 56, obfs_tag(transport));
	if (dc != 0)
		store_le16(start + 60, (uint16_t)dc);
	f->obfuscated = true;
	obfs_start_client(f, start, secret, f->hello);
	f->hello_len = sizeof(f->hello);
	return true;
}

void frame_init_server(struct framer *f)
{
	init(f, TRANSPORT_UNKNOWN);
	f->server = true;
	gather(f, PHASE_HELLO, 1);
}

void frame_limit(struct framer *f, uint32_t payload_max)
{
	check(payload_max <= FRAME_PAYLOAD_MAX);
	f->payload_max = payload_max;
}

struct cspan frame_hello(const struct framer *f)
{
	return (struct cspan){f->hello, f->hello_len};
}

struct span frame_want(struct framer *f)
{
	struct buf *b = f->place;

	check(f->phase != PHASE_PLACE);
	if (f->phase == PHASE_BAD)
		return (struct span){NULL, 0};
	if (f->phase == PHASE_BODY)
		return (struct span){buf_at(b) + b->len, f->payload_len - b->len};
	return (struct span){f->head + f->head_len, f->head_need - f->head_len};
}

/* A payload too short for a message (transport.md 7). It lies whole in head. */
static enum frame_status took_code(struct framer *f)
{
	const uint8_t *payload = f->head + f->head_payload;
	int32_t code;

	if (f->transport == TRANSPORT_FULL) {
		uint32_t covered = f->head_payload + f->payload_len;

		if (load_le32(f->head + covered) != (uint32_t)crc32(0, f->head, covered))
			return fail(f, FRAME_CRC);
		f->seq_in++;
	}
	next_head(f);
	code = (int32_t)load_le32(payload);
	if (code == 0)
		return FRAME_NOP;
	if (code == CODE_QUICK_ACK && f->payload_len >= 8) {
		f->token = load_le32(payload + 4);
		return FRAME_QUICK_ACK;
	}
	if (code > 0)
		return fail(f, FRAME_LENGTH);
	f->code = code;
	return FRAME_ERROR;
}

/* The length is known: judge it before anything is made ready for so many bytes. */
static enum frame_status took_length(struct framer *f, uint32_t payload_len, uint32_t head_payload)
{
	bool aligned = f->transport == TRANSPORT_INTERMEDIATE;

	if (payload_len == 0 || payload_len > f->payload_max || (aligned && payload_len % 4 != 0))
		return fail(f, FRAME_LENGTH);
	f->payload_len = payload_len;
	f->head_payload = head_payload;
	if (f->server || payload_len >= FRAME_CODE_MAX) {
		f->phase = PHASE_PLACE;
		return FRAME_HEAD;
	}
	if (payload_len < 4)
		return fail(f, FRAME_LENGTH);
	f->phase = PHASE_CODE;
	f->head_need = head_payload + payload_len + (f->transport == TRANSPORT_FULL ? 4 : 0);
	return f->head_len == f->head_need ? took_code(f) : FRAME_MORE;
}

static enum frame_status took_token(struct framer *f, uint32_t token)
{
	f->token = token;
	next_head(f);
	return FRAME_QUICK_ACK;
}

static enum frame_status took_abridged(struct framer *f)
{
	uint32_t head = load_le32(f->head);
	uint32_t words = head & 0x7f;

	if (!f->server && (head & 0x80) != 0)
		return took_token(f, __builtin_bswap32(head));
	f->quick_ack_asked = (head & 0x80) != 0;
	if (words < 0x7f)
		return took_length(f, words * 4, 1);
	words = head >> 8;
	if (words < 0x7f)
		return fail(f, FRAME_LENGTH); /* the long form of a short length */
	return took_length(f, words * 4, 4);
}

static enum frame_status took_intermediate(struct framer *f)
{
	uint32_t head = load_le32(f->head);

	if (!f->server && (head & FRAME_BIT_QUICK_ACK) != 0)
		return took_token(f, head);
	f->quick_ack_asked = (head & FRAME_BIT_QUICK_ACK) != 0;
	return took_length(f, head & ~FRAME_BIT_QUICK_ACK, 4);
}

static enum frame_status took_full(struct framer *f)
{
	uint32_t len = load_le32(f->head);

	if (len <= 12)
		return fail(f, FRAME_LENGTH);
	if (load_le32(f->head + 4) != f->seq_in)
		return fail(f, FRAME_SEQNO);
	f->crc_in = (uint32_t)crc32(0, f->head, 8);
	return took_length(f, len - 12, 8);
}

static enum frame_status took_head(struct framer *f)
{
	switch (f->transport) {
	case TRANSPORT_ABRIDGED:
		return took_abridged(f);
	case TRANSPORT_FULL:
		return took_full(f);
	default:
		return took_intermediate(f);
	}
}

static enum frame_status took_hello_more(struct framer *f, uint32_t need)
{
	f->head_need = need;
	return FRAME_MORE;
}

static enum frame_status took_transport(struct framer *f, enum transport transport)
{
	f->transport = transport;
	next_head(f);
	return FRAME_MORE;
}

/* First bytes at a server: 1, then 4, then 8, then 64, as far as they leave a question open. */
static enum frame_status took_hello(struct framer *f)
{
	uint32_t first = load_le32(f->head);

	if (f->head_len == 1)
		return f->head[0] == 0xef ? took_transport(f, TRANSPORT_ABRIDGED)
					  : took_hello_more(f, 4);
	if (f->head_len == 4) {
		if (first == obfs_tag(TRANSPORT_INTERMEDIATE))
			return took_transport(f, TRANSPORT_INTERMEDIATE);
		if (first == obfs_tag(TRANSPORT_PADDED))
			return took_transport(f, TRANSPORT_PADDED);
		return obfs_prefix_taken(first) ? fail(f, FRAME_PREFIX) : took_hello_more(f, 8);
	}
	if (f->head_len == 8) {
		if (load_le32(f->head + 4) != 0)
			return took_hello_more(f, 64);
		f->transport = TRANSPORT_FULL; /* these were the head of its first packet */
		return took_full(f);
	}
	if (!obfs_start_server(f, f->head))
		return fail(f, FRAME_PREFIX);
	next_head(f);
	return FRAME_MORE;
}

static enum frame_status took_all(struct framer *f)
{
	if (f->transport == TRANSPORT_FULL)
		f->seq_in++;
	f->place = NULL;
	next_head(f);
	return FRAME_PACKET;
}

static enum frame_status took_tail(struct framer *f)
{
	return load_le32(f->head) == f->crc_in ? took_all(f) : fail(f, FRAME_CRC);
}

static enum frame_status took_payload(struct framer *f, const uint8_t *at, uint32_t n)
{
	if (f->transport == TRANSPORT_FULL)
		f->crc_in = (uint32_t)crc32(f->crc_in, at, n);
	if (f->place->len < f->payload_len)
		return FRAME_MORE;
	if (f->transport != TRANSPORT_FULL)
		return took_all(f);
	gather(f, PHASE_TAIL, 4);
	return FRAME_MORE;
}

enum frame_status frame_took(struct framer *f, uint32_t n)
{
	struct span offered = frame_want(f);

	if (f->phase == PHASE_BAD)
		return FRAME_BAD;
	check(n > 0 && n <= offered.len);
	if (f->obfuscated)
		ctr_apply(&f->in, offered.at, n);
	if (f->phase == PHASE_BODY) {
		buf_put(f->place, n);
		return took_payload(f, offered.at, n);
	}
	f->head_len += n;
	if (f->head_len < f->head_need)
		return FRAME_MORE;
	switch (f->phase) {
	case PHASE_HELLO:
		return took_hello(f);
	case PHASE_HEAD:
		return took_head(f);
	case PHASE_CODE:
		return took_code(f);
	default:
		check(f->phase == PHASE_TAIL);
		return took_tail(f);
	}
}

enum frame_status frame_place(struct framer *f, struct buf *packet)
{
	uint32_t early = f->head_len - f->head_payload;

	check(f->phase == PHASE_PLACE);
	check(packet->len == 0 && buf_tailroom(packet) >= f->payload_len);
	check(early <= f->payload_len);
	f->place = packet;
	f->phase = PHASE_BODY;
	if (early == 0)
		return FRAME_MORE;
	memcpy(buf_put(packet, early), f->head + f->head_payload, early);
	return took_payload(f, buf_at(packet), early);
}

enum frame_status frame_feed(struct framer *f, struct cspan *data)
{
	enum frame_status status = f->phase == PHASE_BAD ? FRAME_BAD : FRAME_MORE;

	while (data->len > 0 && status == FRAME_MORE) {
		struct span space = frame_want(f);
		size_t n = data->len < space.len ? data->len : space.len;

		memcpy(space.at, data->at, n);
		data->at += n;
		data->len -= n;
		status = frame_took(f, (uint32_t)n);
	}
	return status;
}

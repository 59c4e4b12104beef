/*
 * The writing half of the transports: a packet becomes a frame in place, and back when its
 * connection died. Owns nothing; the framer's counters and cipher stream go forward with each
 * frame, so frames must leave in the order they were wrapped. Reading is frame.c.
 */
#include "proto/wire/frame.h"
#include "proto/wire/frame_priv.h"

#include <zlib.h>

static void wrap_abridged(struct buf *packet, bool quick_ack)
{
	uint32_t words = packet->len / 4;
	uint8_t top = quick_ack ? 0x80 : 0;

	if (words < 0x7f) {
		*buf_push(packet, 1) = (uint8_t)(top | words);
		return;
	}
	check(words < 1 << 24);
	store_le32(buf_push(packet, 4), words << 8 | 0x7f | top);
}

static void wrap_intermediate(struct buf *packet, bool quick_ack)
{
	uint32_t len = packet->len;

	store_le32(buf_push(packet, 4), len | (quick_ack ? FRAME_BIT_QUICK_ACK : 0));
}

/* The first random byte says how many of the other fifteen follow the payload. */
static void wrap_padded(struct buf *packet, bool quick_ack, const uint8_t random[16])
{
	uint32_t n = random[0] & 15;

	memcpy(buf_put(packet, n), random + 1, n);
	wrap_intermediate(packet, quick_ack);
}

static void wrap_full(struct framer *f, struct buf *packet)
{
	uint32_t len = packet->len + 12;
	uint8_t *head = buf_push(packet, 8);
	uint32_t crc;

	store_le32(head, len);
	store_le32(head + 4, f->seq_out++);
	crc = (uint32_t)crc32(0, head, packet->len);
	store_le32(buf_put(packet, 4), crc);
}

void frame_wrap(struct framer *f, struct buf *packet, bool quick_ack, const uint8_t random[16])
{
	check(packet->len > 0);
	check(f->transport == TRANSPORT_FULL ? !quick_ack : packet->len % 4 == 0);
	switch (f->transport) {
	case TRANSPORT_ABRIDGED:
		wrap_abridged(packet, quick_ack);
		break;
	case TRANSPORT_INTERMEDIATE:
		wrap_intermediate(packet, quick_ack);
		break;
	case TRANSPORT_PADDED:
		wrap_padded(packet, quick_ack, random);
		break;
	default:
		check(f->transport == TRANSPORT_FULL);
		wrap_full(f, packet);
	}
	if (f->obfuscated)
		ctr_apply(&f->out, buf_at(packet), packet->len);
}

void frame_wrap_error(struct framer *f, struct buf *packet, int32_t code)
{
	static const uint8_t no_padding[16];

	check(f->server && packet->len == 0 && code < 0);
	store_le32(buf_put(packet, 4), (uint32_t)code);
	frame_wrap(f, packet, false, no_padding);
}

void frame_wrap_quick_ack(struct framer *f, struct buf *packet, uint32_t token)
{
	check(f->server && packet->len == 0 && f->transport < TRANSPORT_FULL);
	token |= FRAME_BIT_QUICK_ACK;
	store_le32(buf_put(packet, 4),
		   f->transport == TRANSPORT_ABRIDGED ? __builtin_bswap32(token) : token);
	if (f->obfuscated)
		ctr_apply(&f->out, buf_at(packet), packet->len);
}

struct frame_mark frame_mark(const struct framer *f)
{
	struct frame_mark mark = {.used = f->out.used};

	memcpy(mark.counter, f->out.counter, sizeof(mark.counter));
	memcpy(mark.pad, f->out.pad, sizeof(mark.pad));
	return mark;
}

static uint32_t frame_head_len(const struct framer *f, const struct buf *packet)
{
	if (f->transport == TRANSPORT_FULL)
		return 8;
	if (f->transport != TRANSPORT_ABRIDGED)
		return 4;
	return (*buf_at(packet) & 0x7f) < 0x7f ? 1 : 4;
}

void frame_unwrap(const struct framer *f, const struct frame_mark *mark, struct buf *packet)
{
	struct ctr_stream stream;

	if (f->obfuscated) {
		stream = f->out;
		memcpy(stream.counter, mark->counter, sizeof(stream.counter));
		memcpy(stream.pad, mark->pad, sizeof(stream.pad));
		stream.used = mark->used;
		ctr_apply(&stream, buf_at(packet), packet->len);
	}
	buf_pull(packet, frame_head_len(f, packet));
	if (f->transport == TRANSPORT_FULL)
		buf_trim(packet, packet->len - 4);
}

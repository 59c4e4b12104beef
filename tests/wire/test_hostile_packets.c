/*
 * Packets of somebody who has the connection but not the key, and of a peer who has the key but means
 * no good: lengths around every limit, packets damaged in any way, paddings of every length.
 */
#include "proto/crypto/ige.h"
#include "proto/wire/envelope.h"
#include "proto/wire/frame.h"
#include "tests/wire/wire_kit.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Of the files that are built into this program once more, with a call in each of their basic blocks. */
static uint64_t blocks;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	blocks++;
}

/* ---- lengths ---- */

static uint8_t head[8];

/* The head of a packet that says it is len bytes long; its length, 0: this transport cannot say it. */
static size_t write_head(enum transport t, uint64_t len)
{
	switch (t) {
	case TRANSPORT_ABRIDGED:
		if (len % 4 != 0 || len / 4 > 0xffffff)
			return 0;
		store_le32(head, (uint32_t)(len / 4) << 8 | 0x7f);
		return 4;
	case TRANSPORT_FULL:
		store_le32(head, (uint32_t)len + 12);
		store_le32(head + 4, 0);
		return 8;
	default:
		store_le32(head, (uint32_t)len);
		return 4;
	}
}

static bool possible(enum transport t, uint64_t len, uint32_t limit)
{
	if (len > limit || len <= FRAME_CODE_MAX)
		return false;
	return t == TRANSPORT_PADDED || t == TRANSPORT_FULL || len % 4 == 0;
}

/* Whether a place was asked for; before that nothing is allocated. */
static bool asks_for_a_place(enum transport t, uint32_t limit, size_t head_len)
{
	struct cspan data = cspan_of(head, head_len);
	enum frame_status status = FRAME_MORE;
	struct framer f;

	check(frame_init_client(&f, t, false, NULL, 0, NULL));
	frame_limit(&f, limit);
	while (status == FRAME_MORE && data.len > 0)
		status = frame_feed(&f, &data);
	/* The highest bit makes it a token of a quick ack, in two of the transports. */
	if (status == FRAME_QUICK_ACK) {
		cr_expect(head[3] & 0x80);
		return false;
	}
	if (status != FRAME_HEAD) {
		cr_expect_eq(status, FRAME_BAD);
		cr_expect_eq(f.fault, FRAME_LENGTH);
		cr_expect_eq(frame_want(&f).len, 0);
		return false;
	}
	cr_expect_leq(f.payload_len, limit);
	return true;
}

static uint32_t try_around(enum transport t, uint32_t limit, uint64_t centre)
{
	uint32_t tried = 0;

	for (int64_t d = -8; d <= 8; d++) {
		uint64_t len = centre + (uint64_t)d;
		size_t n;

		if ((int64_t)len < (int64_t)FRAME_CODE_MAX + 1 || len > UINT32_MAX - 12)
			continue;
		n = write_head(t, len);
		if (n == 0 || (t == TRANSPORT_ABRIDGED && len / 4 < 0x7f))
			continue;
		tried++;
		cr_expect_eq(asks_for_a_place(t, limit, n), possible(t, len, limit),
			     "transport %d, limit %u, length %llu", t, limit,
			     (unsigned long long)len);
	}
	return tried;
}

/* Rows: H2 */
Test(hostile_packets, lengths_around_every_limit)
{
	static const uint32_t limits[] = {FRAME_PAYLOAD_MAX, FRAME_PAYLOAD_MAX_PLAIN};
	static const uint64_t centres[] = {FRAME_CODE_MAX + 8, 0x7f * 4, FRAME_PAYLOAD_MAX_PLAIN,
					   FRAME_PAYLOAD_MAX, 1u << 24, 0x7fffffff, 0x80000000,
					   0xfffffff0};
	uint32_t tried = 0;

	for (int t = TRANSPORT_INTERMEDIATE; t <= TRANSPORT_FULL; t++)
		for (size_t l = 0; l < countof(limits); l++)
			for (size_t c = 0; c < countof(centres); c++)
				tried += try_around((enum transport)t, limits[l], centres[c]);
	cr_expect_gt(tried, 500);
	cr_expect_eq(FRAME_PAYLOAD_MAX, (4 << 20) + 1024);
	cr_expect_eq(FRAME_PAYLOAD_MAX_PLAIN, 64 << 10);
}

/* ---- envelopes ---- */

static struct auth_key key;

static void make_key(void)
{
	for (uint32_t i = 0; i < sizeof(key.key); i++)
		key.key[i] = (uint8_t)(i * 7 + 1);
	authkey_finish(&key);
}

/*
 * A server's packet; stated is what it says of its own length. forged: its msg_key is not that of the
 * plaintext, which comes out of it all the same, as it was encrypted under it.
 */
static void craft_as(struct room *room, uint32_t body_len, uint32_t stated, uint32_t padding,
		     bool forged)
{
	uint8_t large[32], aes_key[32], aes_iv[32];
	uint32_t plain_len = 32 + body_len + padding;
	struct buf *b = room_empty(room);
	uint8_t *plain = buf_put(b, plain_len), *clear;

	memset(plain, 0x5a, plain_len);
	store_le64(plain + 16, 0x6955b90122222221);
	store_le32(plain + 28, stated);
	msgkey_large(large, &key, MSG_FROM_SERVER, buf_view(b));
	large[8 + stated % 16] ^= forged;
	msgkey_derive(aes_key, aes_iv, &key, large + 8, MSG_FROM_SERVER);
	ige_encrypt(aes_key, aes_iv, plain, plain_len);
	clear = buf_push(b, 24);
	store_le64(clear, key.id);
	memcpy(clear + 8, large + 8, 16);
}

static void craft(struct room *room, uint32_t body_len, uint32_t stated, uint32_t padding)
{
	craft_as(room, body_len, stated, padding, false);
}

static enum envelope_fault open_one(struct room *room)
{
	struct envelope_job job = {.packet = &room->buf, .key = &key, .dir = MSG_FROM_SERVER};

	envelope_open_batch(&job, 1);
	return job.fault;
}

/* Rows: H7 */
Test(hostile_packets, paddings_of_every_length)
{
	static struct room room;

	make_key();
	for (uint32_t padding = 0; padding <= 1100; padding++) {
		/* The plaintext is whole blocks; what the packet says of itself leaves the padding. */
		uint32_t total = (32 + padding + 15) / 16 * 16 + 16;
		uint32_t stated = total - 32 - padding;
		enum envelope_fault want = stated % 4 != 0		     ? ENVELOPE_LENGTH
					   : padding < 12 || padding > 1024 ? ENVELOPE_PADDING
									    : ENVELOPE_SOUND;

		craft(&room, total - 32, stated, 0);
		cr_expect_eq(open_one(&room), want, "padding %u", padding);
	}
}

/* Rows: H7 */
Test(hostile_packets, inner_lengths_of_every_kind)
{
	static struct room room;

	make_key();
	for (uint64_t stated = 0; stated < 4096; stated++) {
		uint32_t room_len = 32 + 16, len = (uint32_t)(stated * 0x00100401u);

		craft(&room, room_len, len, 0);
		cr_expect_eq(open_one(&room) == ENVELOPE_SOUND,
			     len % 4 == 0 && len <= room_len - 12, "%x", len);
	}
}

/* One way of damage; the key id stays, or the packet would not even be ours. */
static void damage(struct room *room, uint64_t *seed)
{
	struct buf *b = &room->buf;
	uint64_t how = kit_next(seed), at = kit_next(seed), what = kit_next(seed);

	switch (how % 5) {
	case 0: /* msg_key */
		buf_at(b)[8 + at % 16] ^= (uint8_t)(1 + what % 255);
		break;
	case 1: /* anything behind it */
		buf_at(b)[24 + at % (b->len - 24)] ^= (uint8_t)(1 + what % 255);
		break;
	case 2: /* cut, also not to whole blocks */
		buf_trim(b, (uint32_t)(8 + at % (b->len - 8)));
		break;
	case 3: /* another block */
		memset(buf_put(b, 16), (int)what, 16);
		break;
	default: /* all of it */
		kit_fill(seed, buf_at(b) + 8, b->len - 8);
		break;
	}
}

/*
 * Whatever is done to a packet, it is not opened; and nothing decrypted was looked at: one that was
 * long enough fails by its hash, never by a length or a padding inside. COUNT: so many packets.
 */
/* Rows: H5 H6 N25 */
Test(hostile_packets, nothing_damaged_is_opened)
{
	static struct room room;
	const char *count = getenv("COUNT");
	int packets = count != NULL ? atoi(count) : 20000;
	uint64_t seed = 20260101;

	make_key();
	for (int i = 0; i < packets; i++) {
		uint32_t body_len = 16 + (uint32_t)(kit_next(&seed) % 16) * 16;
		uint32_t stated = i % 2 == 0 ? body_len : (uint32_t)kit_next(&seed);
		enum envelope_fault fault;

		craft(&room, body_len, stated, 16);
		damage(&room, &seed);
		fault = open_one(&room);
		cr_assert(fault == ENVELOPE_MSG_KEY ||
			      (fault == ENVELOPE_SHORT && room.buf.len < ENVELOPE_MIN),
			  "%d: %d", i, fault);
	}
}

/* The same where the plaintext is whatever the sender wants: sound or wild, the hash decides first. */
/* Rows: H5 H6 */
Test(hostile_packets, the_hash_stands_before_the_lengths)
{
	static struct room room;
	uint64_t seed = 6;

	make_key();
	for (int i = 0; i < 20000; i++) {
		uint32_t stated = i % 2 == 0 ? 32 : (uint32_t)kit_next(&seed);

		craft_as(&room, 32, stated, 16, true);
		cr_assert_eq(open_one(&room), ENVELOPE_MSG_KEY, "%x", stated);
	}
}

/*
 * A refusal's way is one and the same, wherever the first wrong byte stands and whatever the plaintext says of its
 * own length: the basic blocks of envelope.c and bytes.c, which are counted. No machine's load changes that number.
 */
/* Rows: H6 X6 */
Test(hostile_packets, every_refusal_goes_the_same_way)
{
	static struct room room;
	uint64_t first = 0;

	make_key();
	for (uint32_t at = 0; at < 16; at++)
		for (uint32_t stated = at; stated < 1u << 28; stated += 1u << 24) {
			craft_as(&room, 32, stated, 16, true);
			/* The decryption goes wrong with it, and the hash in all of its bytes. */
			buf_at(&room.buf)[8 + at] ^= 1;
			blocks = 0;
			cr_assert_eq(open_one(&room), ENVELOPE_MSG_KEY);
			first = first == 0 ? blocks : first;
			cr_assert_eq(blocks, first, "byte %u, length %x", at, stated);
		}
	cr_assert_gt(first, 16);
}

/* Rows: H6 X6 */
Test(hostile_packets, a_comparison_looks_at_every_byte)
{
	uint8_t a[16] = {0}, b[16] = {0};
	uint64_t same;

	blocks = 0;
	cr_assert(bytes_equal_ct(a, b, 16));
	same = blocks;
	cr_assert_geq(same, 16);
	for (size_t at = 0; at < 16; at++) {
		b[at] = 1;
		blocks = 0;
		cr_assert_not(bytes_equal_ct(a, b, 16));
		cr_assert_eq(blocks, same, "byte %zu: %llu", at, (unsigned long long)blocks);
		b[at] = 0;
	}
}

/* Rows: H11 */
Test(hostile_packets, plain_messages_are_no_envelopes)
{
	static struct room room;
	uint64_t seed = 5, msg_id = 0;

	make_key();
	for (int i = 0; i < 100000; i++) {
		uint32_t len = ENVELOPE_MIN + (uint32_t)(kit_next(&seed) % 64) * 4;

		room_empty(&room);
		memset(buf_put(&room.buf, len), i & 0xff, len);
		plain_seal(&room.buf, ++msg_id);
		cr_assert_eq(open_one(&room), ENVELOPE_KEY_ID);
	}
}

/* obfuscated2: keys, headers and streams of the vectors, and the beginnings that are forbidden. */
#include "proto/wire/frame.h"

#include "tests/vectors/hex.h"
#include "tests/vectors/transport.h"
#include "tests/wire/wire_kit.h"

#include <criterion/criterion.h>

static enum transport transport_of_tag(const char *tag)
{
	if (tag[0] == 'd')
		return TRANSPORT_PADDED;
	return tag[1] == 'e' ? TRANSPORT_INTERMEDIATE : TRANSPORT_ABRIDGED;
}

static void start(struct framer *f, const struct vec_obfuscated *v)
{
	uint8_t random[64], secret[16];
	bool has_secret = v->secret != NULL;

	cr_assert_eq(vec_bytes(random, sizeof(random), v->random), 64);
	vec_bytes(secret, sizeof(secret), v->secret);
	cr_assert(frame_init_client(f, transport_of_tag(v->tag), true, random,
				    (int16_t)(v->has_dc ? v->dc : 0), has_secret ? secret : NULL),
		  "%s", v->name);
}

Test(obfs, headers_of_the_vectors)
{
	for (size_t i = 0; i < countof(vec_obfuscated); i++) {
		const struct vec_obfuscated *v = &vec_obfuscated[i];
		struct framer f;
		struct cspan hello;

		start(&f, v);
		hello = frame_hello(&f);
		cr_expect(vec_equal(hello.at, hello.len, v->header), "%s", v->name);
	}
}

Test(obfs, streams_of_the_vectors)
{
	for (size_t i = 0; i < countof(vec_obfuscated); i++) {
		const struct vec_obfuscated *v = &vec_obfuscated[i];
		struct framer f;
		uint8_t data[64];

		start(&f, v);
		for (int k = 0; k < 2 && v->sent_plain[k] != NULL; k++) {
			size_t n = vec_bytes(data, sizeof(data), v->sent_plain[k]);

			ctr_apply(&f.out, data, n);
			cr_expect(vec_equal(data, n, v->sent_wire[k]), "%s %d", v->name, k);
		}
		for (int k = 0; k < 2 && v->received_wire[k] != NULL; k++) {
			size_t n = vec_bytes(data, sizeof(data), v->received_wire[k]);

			ctr_apply(&f.in, data, n);
			cr_expect(vec_equal(data, n, v->received_plain[k]), "%s %d", v->name, k);
		}
	}
}

static bool same_stream(struct ctr_stream *of_framer, const char *key_hex, const char *iv_hex,
			size_t skip)
{
	uint8_t key[32], iv[16], ours[200] = {0}, theirs[200] = {0};
	struct ctr_stream s;

	cr_assert_eq(vec_bytes(key, 32, key_hex), 32);
	cr_assert_eq(vec_bytes(iv, 16, iv_hex), 16);
	ctr_init(&s, key, iv);
	ctr_apply(&s, theirs, skip);
	memset(theirs, 0, sizeof(theirs));
	ctr_apply(&s, theirs, sizeof(theirs));
	ctr_apply(of_framer, ours, sizeof(ours));
	return memcmp(ours, theirs, sizeof(ours)) == 0;
}

/* Both directions of every row, also of those that send nothing one way. */
Test(obfs, keys_of_the_vectors)
{
	size_t count = 0;

	for (size_t i = 0; i < countof(vec_obfuscated); i++) {
		const struct vec_obfuscated *v = &vec_obfuscated[i];
		struct framer f;

		start(&f, v);
		if (v->enc_key != NULL)
			cr_expect(same_stream(&f.out, v->enc_key, v->enc_iv, 64), "%s", v->name);
		if (v->dec_key != NULL)
			cr_expect(same_stream(&f.in, v->dec_key, v->dec_iv, 0), "%s", v->name);
		count += (v->enc_key != NULL) + (v->dec_key != NULL);
	}
	cr_expect_geq(count, 10, "%zu", count);
}

/* The same through the framer: frames in, wire out, and back. */
Test(obfs, frames_of_the_vectors)
{
	static struct room room;

	for (size_t i = 0; i < countof(vec_obfuscated); i++) {
		const struct vec_obfuscated *v = &vec_obfuscated[i];
		struct framer f;
		uint8_t data[64];

		start(&f, v);
		for (int k = 0; k < 2 && v->sent_plain[k] != NULL; k++) {
			size_t n = vec_bytes(data, sizeof(data), v->sent_plain[k]);

			if (n < 8)
				continue; /* no frame, only stream bytes */
			room_with(&room, cspan_of(data + 4, n - 4));
			frame_wrap(&f, &room.buf, false, NULL);
			cr_expect(vec_equal(buf_at(&room.buf), room.buf.len, v->sent_wire[k]), "%s",
				  v->name);
		}
		for (int k = 0; k < 2 && v->received_wire[k] != NULL; k++) {
			struct cspan wire = vec_span(data, sizeof(data), v->received_wire[k]);

			if (wire.len < 8)
				continue;
			cr_expect_eq(frame_feed(&f, &wire), FRAME_ERROR, "%s", v->name);
			cr_expect_eq(f.code, -404);
		}
	}
}

Test(obfs, server_reads_headers_without_a_secret)
{
	for (size_t i = 0; i < countof(vec_obfuscated); i++) {
		const struct vec_obfuscated *v = &vec_obfuscated[i];
		struct framer f;
		uint8_t header[64];
		struct cspan data = vec_span(header, sizeof(header), v->header);

		if (v->secret != NULL)
			continue;
		frame_init_server(&f);
		cr_expect_eq(frame_feed(&f, &data), FRAME_MORE, "%s", v->name);
		cr_expect(f.obfuscated);
		cr_expect_eq(f.transport, transport_of_tag(v->tag));
		if (v->has_dc)
			cr_expect_eq(f.dc, v->dc);
	}
}

Test(obfs, server_refuses_an_unknown_tag)
{
	struct framer f;
	uint8_t header[64];
	struct cspan data = vec_span(header, sizeof(header), vec_obfuscated[0].header);

	header[57] ^= 1;
	frame_init_server(&f);
	cr_expect_eq(frame_feed(&f, &data), FRAME_BAD);
	cr_expect_eq(f.fault, FRAME_PREFIX);
}

Test(obfs, forbidden_beginnings_are_drawn_again)
{
	uint8_t random[64];
	struct framer f;

	for (size_t i = 0; i < countof(vec_obfuscated_refused); i++) {
		memset(random, 0x55, sizeof(random));
		vec_bytes(random, sizeof(random), vec_obfuscated_refused[i]);
		cr_expect_not(frame_init_client(&f, TRANSPORT_INTERMEDIATE, true, random, 2, NULL),
			      "%s", vec_obfuscated_refused[i]);
	}
	memset(random, 0x55, sizeof(random));
	memset(random + 4, 0, 4);
	cr_expect_not(frame_init_client(&f, TRANSPORT_INTERMEDIATE, true, random, 2, NULL));
	memset(random, 0x55, sizeof(random));
	vec_bytes(random, 4, "16030102");
	cr_expect_not(frame_init_client(&f, TRANSPORT_INTERMEDIATE, true, random, 2, NULL));
	memset(random, 0x55, sizeof(random));
	cr_expect(frame_init_client(&f, TRANSPORT_INTERMEDIATE, true, random, 2, NULL));
}

/*
 * Frames: the vectors, both directions of every transport cut at every byte, and what must be
 * refused. A trace is what a reader says of a stream, one line an item; cuts must not change it.
 */
#include "proto/wire/frame.h"

#include "tests/vectors/hex.h"
#include "tests/vectors/transport.h"
#include "tests/wire/wire_kit.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const enum transport transport_of[] = {
    [VEC_ABRIDGED] = TRANSPORT_ABRIDGED,
    [VEC_INTERMEDIATE] = TRANSPORT_INTERMEDIATE,
    [VEC_PADDED] = TRANSPORT_PADDED,
    [VEC_FULL] = TRANSPORT_FULL,
};

static uint8_t scratch[80 * 1024], other[80 * 1024];

struct trace {
	char text[4096];
	size_t len;
};

static void note(struct trace *t, enum frame_status status, const struct framer *f,
		 const struct buf *packet)
{
	uint32_t sum = 0;

	if (status == FRAME_MORE || status == FRAME_HEAD)
		return;
	for (uint32_t i = 0; status == FRAME_PACKET && i < packet->len; i++)
		sum = sum * 31 + buf_at(packet)[i];
	t->len += (size_t)snprintf(t->text + t->len, sizeof(t->text) - t->len,
				   "%d len=%u sum=%08x token=%08x code=%d fault=%d qa=%d\n", status,
				   status == FRAME_PACKET ? packet->len : 0, sum,
				   status == FRAME_QUICK_ACK ? f->token : 0,
				   status == FRAME_ERROR ? f->code : 0, f->fault,
				   status == FRAME_PACKET && f->quick_ack_asked);
	cr_assert_lt(t->len, sizeof(t->text));
}

/* Reads data to its end or to the first fault; FRAME_BAD or the last status. */
static enum frame_status read_all(struct framer *f, struct cspan data, struct room *room,
				  struct trace *t)
{
	enum frame_status status = FRAME_MORE;

	while (data.len > 0 && status != FRAME_BAD) {
		status = frame_feed(f, &data);
		if (status == FRAME_HEAD)
			status = frame_place(f, room_empty(room));
		note(t, status, f, &room->buf);
	}
	return status;
}

static struct room room_in, room_out;

static void start_client(struct framer *f, enum transport transport)
{
	cr_assert(frame_init_client(f, transport, false, NULL, 0, NULL));
}

/* A server that has read the announcement of a plain connection. */
static void start_server(struct framer *f, enum transport transport)
{
	struct framer client;
	struct cspan hello;

	start_client(&client, transport);
	hello = frame_hello(&client);
	frame_init_server(f);
	cr_assert_eq(frame_feed(f, &hello), FRAME_MORE);
}

static struct cspan vec_padding_random(const char *padding, uint8_t random[16])
{
	size_t n = vec_bytes(random + 1, 15, padding);

	random[0] = (uint8_t)(0xf0 | n);
	return cspan_of(random, 16);
}

Test(frame, vectors_written)
{
	for (size_t i = 0; i < countof(vec_frame); i++) {
		const struct vec_frame *v = &vec_frame[i];
		struct framer f;
		uint8_t random[16] = {0};

		if (v->from_server)
			start_server(&f, transport_of[v->transport]);
		else
			start_client(&f, transport_of[v->transport]);
		f.seq_out = v->seq;
		vec_padding_random(v->padding, random);
		room_with(&room_out, vec_span(scratch, sizeof(scratch), v->payload));
		frame_wrap(&f, &room_out.buf, v->quick_ack, random);
		cr_expect(vec_equal(buf_at(&room_out.buf), room_out.buf.len, v->frame), "%s",
			  v->name);
		if (v->connection_header != NULL) {
			struct cspan hello = frame_hello(&f);

			cr_expect(vec_equal(hello.at, hello.len, v->connection_header), "%s",
				  v->name);
		}
	}
}

/* payload and padding, as a server or client finds them in the frame. */
static void expect_payload(const struct vec_frame *v, const struct buf *packet)
{
	size_t n = vec_bytes(scratch, sizeof(scratch), v->payload);

	n += vec_bytes(scratch + n, sizeof(scratch) - n, v->padding);
	cr_expect_eq(packet->len, n, "%s", v->name);
	cr_expect_arr_eq(buf_at(packet), scratch, n, "%s", v->name);
}

Test(frame, vectors_read)
{
	for (size_t i = 0; i < countof(vec_frame); i++) {
		const struct vec_frame *v = &vec_frame[i];
		struct cspan data = vec_span(other, sizeof(other), v->frame);
		struct trace t = {.len = 0};
		struct framer f;

		if (v->from_server || v->seq != 0)
			continue; /* see transport_errors and full_second_packet */
		start_server(&f, transport_of[v->transport]);
		cr_expect_eq(read_all(&f, data, &room_in, &t), FRAME_PACKET, "%s", v->name);
		cr_expect_eq(f.quick_ack_asked, v->quick_ack, "%s", v->name);
		expect_payload(v, &room_in.buf);
	}
}

Test(frame, full_second_packet)
{
	const struct vec_frame *abc = &vec_frame[countof(vec_frame) - 2];
	struct framer f;
	struct trace t = {.len = 0};
	size_t n;

	cr_assert_str_eq(abc->name, "full_abc_seq_1");
	n = vec_bytes(other, sizeof(other), vec_frame[countof(vec_frame) - 1].frame);
	n += vec_bytes(other + n, sizeof(other) - n, abc->frame);
	frame_init_server(&f);
	cr_expect_eq(read_all(&f, cspan_of(other, n), &room_in, &t), FRAME_PACKET);
	cr_expect_eq(f.transport, TRANSPORT_FULL);
	expect_payload(abc, &room_in.buf);
}

Test(frame, vector_of_64_kib)
{
	const struct vec_frame_big *v = &vec_frame_big[0];
	struct trace t = {.len = 0};
	struct framer client, server;
	uint8_t digest[32];

	vec_filler(scratch, v->payload_len, v->label);
	start_client(&client, TRANSPORT_ABRIDGED);
	start_server(&server, TRANSPORT_ABRIDGED);
	room_with(&room_out, cspan_of(scratch, v->payload_len));
	frame_wrap(&client, &room_out.buf, false, NULL);
	cr_expect_eq(room_out.buf.len, v->frame_len);
	cr_expect(vec_equal(buf_at(&room_out.buf), 4, v->frame_first_4));
	cr_expect_eq(read_all(&server, buf_view(&room_out.buf), &room_in, &t), FRAME_PACKET);
	digest_sha256(digest, &(struct cspan){buf_at(&room_in.buf), room_in.buf.len}, 1);
	cr_expect(vec_equal(digest, 32, v->payload_sha256));
}

static void expect_error(enum transport transport, int32_t code, const char *frame)
{
	struct framer client, server;
	struct trace t = {.len = 0};

	start_server(&server, transport);
	frame_wrap_error(&server, room_empty(&room_out), code);
	if (frame != NULL)
		cr_expect(vec_equal(buf_at(&room_out.buf), room_out.buf.len, frame));
	start_client(&client, transport);
	cr_expect_eq(read_all(&client, buf_view(&room_out.buf), &room_in, &t), FRAME_ERROR);
	cr_expect_eq(client.code, code);
}

Test(frame, transport_errors)
{
	for (size_t i = 0; i < countof(vec_transport_error); i++) {
		const struct vec_transport_error *v = &vec_transport_error[i];

		expect_error(TRANSPORT_INTERMEDIATE, v->code, v->intermediate);
		expect_error(TRANSPORT_ABRIDGED, v->code, v->abridged);
		expect_error(TRANSPORT_PADDED, v->code, v->intermediate);
	}
}

Test(frame, error_with_padding_behind)
{
	struct framer client;
	struct trace t = {.len = 0};

	start_client(&client, TRANSPORT_PADDED);
	cr_expect_eq(read_all(&client,
			      vec_span(other, sizeof(other), "0a0000006cfeffff29afd26df40f"),
			      &room_in, &t),
		     FRAME_ERROR);
	cr_expect_eq(client.code, -404);
}

Test(frame, error_in_full_transport)
{
	struct framer client, server;
	struct trace t = {.len = 0};

	frame_init_server(&server);
	server.transport = TRANSPORT_FULL;
	frame_wrap_error(&server, room_empty(&room_out), -429);
	start_client(&client, TRANSPORT_FULL);
	cr_expect_eq(read_all(&client, buf_view(&room_out.buf), &room_in, &t), FRAME_ERROR);
	cr_expect_eq(client.code, -429);
	cr_expect_eq(client.seq_in, 1);
	start_client(&client, TRANSPORT_FULL);
	buf_at(&room_out.buf)[9] ^= 1;
	cr_expect_eq(read_all(&client, buf_view(&room_out.buf), &room_in, &t), FRAME_BAD);
	cr_expect_eq(client.fault, FRAME_CRC);
}

Test(frame, quick_ack_tokens)
{
	const struct vec_quick_ack *v = &vec_quick_ack[0];
	const struct {
		enum transport transport;
		const char *wire;
	} cases[] = {
	    {TRANSPORT_INTERMEDIATE, v->intermediate},
	    {TRANSPORT_ABRIDGED, v->abridged},
	    {TRANSPORT_PADDED, v->intermediate},
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct framer client, server;
		struct trace t = {.len = 0};

		start_server(&server, cases[i].transport);
		frame_wrap_quick_ack(&server, room_empty(&room_out), (uint32_t)v->token);
		cr_expect(vec_equal(buf_at(&room_out.buf), room_out.buf.len, cases[i].wire));
		start_client(&client, cases[i].transport);
		cr_expect_eq(read_all(&client, buf_view(&room_out.buf), &room_in, &t),
			     FRAME_QUICK_ACK);
		cr_expect_eq(client.token, v->token);
	}
}

/* The other form of a padded transport: a small frame (transport.md 4). */
/* Rows: N13 */
Test(frame, quick_ack_in_a_frame)
{
	struct framer client;
	struct trace t = {.len = 0};

	start_client(&client, TRANSPORT_PADDED);
	cr_expect_eq(read_all(&client,
			      vec_span(other, sizeof(other), "0b000000fffffffffa0d9897112233"),
			      &room_in, &t),
		     FRAME_QUICK_ACK);
	cr_expect_eq(client.token, 0x97980dfa);
}

/* -1 is the start of a token, or, without one, an error like others. */
Test(frame, minus_one_alone_is_an_error)
{
	struct framer client;
	struct trace t = {.len = 0};

	start_client(&client, TRANSPORT_INTERMEDIATE);
	cr_expect_eq(
	    read_all(&client, vec_span(other, sizeof(other), "04000000ffffffff"), &room_in, &t),
	    FRAME_ERROR);
	cr_expect_eq(client.code, -1);
}

Test(frame, nop_is_ignored)
{
	struct framer client;
	struct trace t = {.len = 0};

	start_client(&client, TRANSPORT_INTERMEDIATE);
	cr_expect_eq(
	    read_all(&client, vec_span(other, sizeof(other), "0400000000000000"), &room_in, &t),
	    FRAME_NOP);
	cr_expect_eq(client.fault, FRAME_SOUND);
}

/* Streams with everything in them, cut at every byte. */

static void put_packet(struct framer *f, uint8_t *stream, size_t *len, uint32_t payload_len,
		       bool quick_ack, uint64_t *seed)
{
	uint8_t random[16];

	kit_fill(seed, scratch, payload_len);
	scratch[0] = 0x7f; /* no code */
	kit_fill(seed, random, sizeof(random));
	room_with(&room_out, cspan_of(scratch, payload_len));
	frame_wrap(f, &room_out.buf, quick_ack, random);
	memcpy(stream + *len, buf_at(&room_out.buf), room_out.buf.len);
	*len += room_out.buf.len;
}

static void put_other(struct framer *f, uint8_t *stream, size_t *len, bool error)
{
	room_empty(&room_out);
	if (error)
		frame_wrap_error(f, &room_out.buf, -404);
	else
		frame_wrap_quick_ack(f, &room_out.buf, 0x12345678);
	memcpy(stream + *len, buf_at(&room_out.buf), room_out.buf.len);
	*len += room_out.buf.len;
}

struct pair {
	struct framer client, server; /* as they stand after the announcement */
};

static void start_pair(struct pair *p, enum transport transport, bool obfuscated)
{
	uint64_t seed = 7;
	uint8_t random[64];
	struct cspan hello;

	kit_fill(&seed, random, sizeof(random));
	cr_assert(frame_init_client(&p->client, transport, obfuscated, random, 2, NULL));
	hello = frame_hello(&p->client);
	frame_init_server(&p->server);
	cr_assert_eq(frame_feed(&p->server, &hello), FRAME_MORE);
	if (transport == TRANSPORT_FULL)
		return;
	cr_assert_eq(p->server.transport, transport);
	cr_assert_eq(p->server.obfuscated, obfuscated);
	cr_assert_eq(p->server.dc, obfuscated ? 2 : 0);
}

static void cut_everywhere(const struct framer *start, const uint8_t *stream, size_t len)
{
	struct framer f = *start;
	struct trace whole = {.len = 0};

	read_all(&f, cspan_of(stream, len), &room_in, &whole);
	cr_assert_gt(whole.len, 0);
	for (size_t cut = 1; cut < len; cut++) {
		struct trace t = {.len = 0};

		f = *start;
		read_all(&f, cspan_of(stream, cut), &room_in, &t);
		read_all(&f, cspan_of(stream + cut, len - cut), &room_in, &t);
		cr_expect_str_eq(t.text, whole.text, "cut at %zu", cut);
	}
	f = *start;
	whole.len = 0;
	for (size_t i = 0; i < len; i++)
		read_all(&f, cspan_of(stream + i, 1), &room_in, &whole);
	cr_expect_eq(f.fault, FRAME_SOUND);
}

static void both_ways(enum transport transport, bool obfuscated)
{
	static const uint32_t lens[] = {40, 16, 504, 508, 512, 72, 1024};
	bool full = transport == TRANSPORT_FULL;
	struct pair p;
	uint64_t seed = 1;
	size_t len = 0;
	struct framer reader;

	start_pair(&p, transport, obfuscated);
	reader = p.server;
	for (size_t i = 0; i < countof(lens); i++)
		put_packet(&p.client, other, &len, lens[i], !full && i % 2 == 1, &seed);
	cut_everywhere(&reader, other, len);
	reader = p.client;
	p.server.transport = transport;
	len = 0;
	for (size_t i = 0; i < countof(lens); i++) {
		put_packet(&p.server, other, &len, lens[i], false, &seed);
		if (i % 3 == 0)
			put_other(&p.server, other, &len, true);
		if (!full && i % 3 == 1)
			put_other(&p.server, other, &len, false);
	}
	cut_everywhere(&reader, other, len);
}

/* Rows: N13 */
Test(frame, intermediate_cut_at_every_byte)
{
	both_ways(TRANSPORT_INTERMEDIATE, false);
}
/* Rows: N13 */
Test(frame, abridged_cut_at_every_byte)
{
	both_ways(TRANSPORT_ABRIDGED, false);
}
/* Rows: N13 */
Test(frame, padded_cut_at_every_byte)
{
	both_ways(TRANSPORT_PADDED, false);
}
/* Rows: N13 */
Test(frame, full_cut_at_every_byte)
{
	both_ways(TRANSPORT_FULL, false);
}
/* Rows: N13 */
Test(frame, obfuscated_intermediate_cut_at_every_byte)
{
	both_ways(TRANSPORT_INTERMEDIATE, true);
}
/* Rows: N13 */
Test(frame, obfuscated_abridged_cut_at_every_byte)
{
	both_ways(TRANSPORT_ABRIDGED, true);
}
/* Rows: N13 */
Test(frame, obfuscated_padded_cut_at_every_byte)
{
	both_ways(TRANSPORT_PADDED, true);
}

/* Every announcement and the first packet, at a server, byte by byte. */
Test(frame, announcement_split_everywhere)
{
	for (int kind = 0; kind < 7; kind++) {
		enum transport transport = (enum transport)(kind % 4);
		bool obfuscated = kind >= 4;
		struct framer client, server;
		uint64_t seed = 3;
		uint8_t random[64];
		size_t len;

		if (obfuscated)
			transport = (enum transport)(kind - 4);
		kit_fill(&seed, random, sizeof(random));
		cr_assert(frame_init_client(&client, transport, obfuscated, random, -10002, NULL));
		len = frame_hello(&client).len;
		if (len > 0)
			memcpy(other, frame_hello(&client).at, len);
		put_packet(&client, other, &len, 40, false, &seed);
		frame_init_server(&server);
		cut_everywhere(&server, other, len);
		for (size_t i = 0; i < len; i++) {
			struct trace t = {.len = 0};

			read_all(&server, cspan_of(other + i, 1), &room_in, &t);
		}
		cr_expect_eq(server.transport, transport);
		cr_expect_eq(server.dc, obfuscated ? -10002 : 0);
	}
}

/* What must be refused. */

static void refused(struct framer *f, const char *hex, enum frame_fault why)
{
	struct trace t = {.len = 0};
	struct span want;

	cr_expect_eq(read_all(f, vec_span(other, sizeof(other), hex), &room_in, &t), FRAME_BAD,
		     "%s", hex);
	cr_expect_eq(f->fault, why, "%s", hex);
	want = frame_want(f);
	cr_expect_eq(want.len, 0);
	cr_expect_eq(frame_took(f, 1), FRAME_BAD);
}

/* Rows: H2 */
Test(frame, impossible_lengths)
{
	static const struct {
		enum transport transport;
		const char *hex;
	} cases[] = {
	    {TRANSPORT_INTERMEDIATE, "00000000"},
	    {TRANSPORT_INTERMEDIATE, "15000000"},
	    {TRANSPORT_INTERMEDIATE, "16000000"},
	    {TRANSPORT_INTERMEDIATE, "ffffff7f"},
	    {TRANSPORT_INTERMEDIATE, "04044000"},
	    {TRANSPORT_INTERMEDIATE, "0200000001020000"},
	    {TRANSPORT_INTERMEDIATE, "0400000001000000"},
	    {TRANSPORT_PADDED, "00000000"},
	    {TRANSPORT_PADDED, "01044000"},
	    {TRANSPORT_PADDED, "03000000"},
	    {TRANSPORT_ABRIDGED, "00000000"},
	    {TRANSPORT_ABRIDGED, "7f7e0000"},
	    {TRANSPORT_ABRIDGED, "7f000000"},
	    {TRANSPORT_ABRIDGED, "7fffffff"},
	    {TRANSPORT_ABRIDGED, "7f011010"},
	    {TRANSPORT_FULL, "0c00000000000000"},
	    {TRANSPORT_FULL, "0000000000000000"},
	    {TRANSPORT_FULL, "ffffffff00000000"},
	    {TRANSPORT_FULL, "0d04400000000000"},
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct framer f;

		start_client(&f, cases[i].transport);
		refused(&f, cases[i].hex, FRAME_LENGTH);
	}
}

/* Rows: H2 */
Test(frame, largest_length_is_taken)
{
	struct framer f;
	struct cspan data = vec_span(other, sizeof(other), "00044000");

	start_client(&f, TRANSPORT_INTERMEDIATE);
	cr_expect_eq(frame_feed(&f, &data), FRAME_HEAD);
	cr_expect_eq(f.payload_len, FRAME_PAYLOAD_MAX);
	start_client(&f, TRANSPORT_INTERMEDIATE);
	frame_limit(&f, FRAME_PAYLOAD_MAX_PLAIN);
	data = vec_span(other, sizeof(other), "00000100");
	cr_expect_eq(frame_feed(&f, &data), FRAME_HEAD);
	start_client(&f, TRANSPORT_INTERMEDIATE);
	frame_limit(&f, FRAME_PAYLOAD_MAX_PLAIN);
	refused(&f, "04000100", FRAME_LENGTH);
}

/* A client that asked for nothing must not take the lengths of a server's other words. */
Test(frame, server_refuses_bad_lengths_too)
{
	struct framer f;

	start_server(&f, TRANSPORT_INTERMEDIATE);
	refused(&f, "00000080", FRAME_LENGTH);
	start_server(&f, TRANSPORT_ABRIDGED);
	refused(&f, "80000000", FRAME_LENGTH);
	start_server(&f, TRANSPORT_ABRIDGED);
	refused(&f, "ff7e0000", FRAME_LENGTH);
}

Test(frame, full_transport_faults)
{
	struct framer f;
	const char *good = vec_frame[countof(vec_frame) - 1].frame;
	size_t len = vec_bytes(scratch, sizeof(scratch), good);

	start_client(&f, TRANSPORT_FULL);
	refused(&f, "3400000001000000", FRAME_SEQNO);
	for (size_t i = 8; i < len; i++) {
		struct trace t = {.len = 0};

		start_client(&f, TRANSPORT_FULL);
		vec_bytes(scratch, sizeof(scratch), good);
		scratch[i] ^= 0x10;
		cr_expect_eq(read_all(&f, cspan_of(scratch, len), &room_in, &t), FRAME_BAD);
		cr_expect_eq(f.fault, FRAME_CRC);
	}
}

Test(frame, connections_that_are_none)
{
	static const char *const first[] = {
	    "474554202f204854", "504f5354202f2048", "48454144202f2048",
	    "4f5054494f4e5320", "1603010200010001",
	};

	for (size_t i = 0; i < countof(first); i++) {
		struct framer f;

		frame_init_server(&f);
		refused(&f, first[i], FRAME_PREFIX);
	}
}

/* Rows: N26 */
Test(frame, client_hears_http)
{
	struct framer f;

	start_client(&f, TRANSPORT_INTERMEDIATE);
	refused(&f, "485454502f312e31", FRAME_LENGTH);
}

/* Undoing: what frame_wrap was given comes back, whatever was wrapped before and after. */

static void unwrap_all(enum transport transport, bool obfuscated)
{
	static struct room rooms[5];
	struct frame_mark marks[5];
	uint8_t random[16];
	struct pair p;
	uint64_t seed = 11;
	uint32_t pad = 0;

	start_pair(&p, transport, obfuscated);
	for (uint32_t i = 0; i < countof(rooms); i++) {
		kit_fill(&seed, scratch, 2048);
		kit_fill(&seed, random, sizeof(random));
		room_with(&rooms[i], cspan_of(scratch, 40 + 300 * i));
		marks[i] = frame_mark(&p.client);
		frame_wrap(&p.client, &rooms[i].buf, i == 2 && transport != TRANSPORT_FULL, random);
	}
	seed = 11;
	for (uint32_t i = 0; i < countof(rooms); i++) {
		struct buf *b = &rooms[i].buf;

		kit_fill(&seed, scratch, 2048);
		kit_fill(&seed, random, sizeof(random));
		pad = transport == TRANSPORT_PADDED ? random[0] & 15 : 0;
		frame_unwrap(&p.client, &marks[i], b);
		cr_expect_eq(b->len, 40 + 300 * i + pad);
		cr_expect_arr_eq(buf_at(b), scratch, 40 + 300 * i);
	}
}

Test(frame, unwrap_gives_the_packet_back)
{
	for (int t = TRANSPORT_INTERMEDIATE; t <= TRANSPORT_FULL; t++)
		unwrap_all((enum transport)t, false);
	for (int t = TRANSPORT_INTERMEDIATE; t < TRANSPORT_FULL; t++)
		unwrap_all((enum transport)t, true);
}

/* A packet lands alone: nothing of the next one is ever asked for. */
/* Rows: H1 */
Test(frame, want_never_passes_the_packet)
{
	struct pair p;
	uint64_t seed = 5;
	size_t len = 0, at = 0, end_of_first;

	start_pair(&p, TRANSPORT_ABRIDGED, false);
	put_packet(&p.client, other, &len, 516, false, &seed);
	end_of_first = len;
	put_packet(&p.client, other, &len, 40, false, &seed);
	while (at < end_of_first) {
		struct span want = frame_want(&p.server);

		cr_assert_leq(at + want.len, end_of_first);
		memcpy(want.at, other + at, want.len);
		at += want.len;
		if (frame_took(&p.server, (uint32_t)want.len) == FRAME_HEAD)
			frame_place(&p.server, room_empty(&room_in));
	}
	cr_expect_eq(room_in.buf.len, 516);
}

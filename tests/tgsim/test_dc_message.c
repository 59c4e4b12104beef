/*
 * Packets and messages at the server: transports, keys, salts, ids, numbers, containers, gzip. Each
 * rule is broken on purpose and must be refused by its own code; what real servers let pass must
 * pass.
 */
#include "tests/tgsim/dc_fixture.h"

#include "proto/wire/inflate.h"

#include <criterion/criterion.h>

static struct sim sim;
static struct client *c;
static struct body b;

static void setup(void)
{
	fx_open(&sim, NULL);
	c = fx_client(&sim, 2, TRANSPORT_INTERMEDIATE, false);
}

static void teardown(void)
{
	fx_close(&sim);
}

TestSuite(dc_message, .init = setup, .fini = teardown);

static struct cspan ping(void)
{
	tl_write_u64(body_start(&b, ID_PING), 0x77);
	return body_end(&b);
}

static struct cspan query(void)
{
	return body_query(&b, 228, Q_NEAREST);
}

/* The session exists and one query was answered. */
static void settle(void)
{
	uint64_t id = fx_send(c, query(), true);

	fx_tick(&sim, FX_SECOND);
	cr_assert_gt(fx_result(c, id).len, 0);
	fx_clear(c);
}

static uint64_t at_seconds(int64_t s)
{
	return (uint64_t)(sim.now / FX_SECOND + s) << 32;
}

/* ---- transports ---- */

static void one_round(enum transport transport, bool obfuscated)
{
	struct client *k = fx_client(&sim, 4, transport, obfuscated);
	uint64_t id = fx_send(k, query(), true);
	const struct got *created;

	fx_tick(&sim, 0);
	cr_assert_eq(fx_result(k, id).len, 4 + 4 + 8, "nearestDc comes back");
	created = fx_find(k, (uint32_t)ID_NEW_SESSION);
	cr_assert_not_null(created);
	cr_assert_eq(load_le64(created->body + 4), id, "first_msg_id");
	cr_assert_eq(load_le64(created->body + 20), k->salt);
	cr_assert_eq(created->seq, 1, "new_session_created wants an ack");
}

Test(dc_message, every_transport_plain_and_obfuscated)
{
	one_round(TRANSPORT_INTERMEDIATE, false);
	one_round(TRANSPORT_ABRIDGED, false);
	one_round(TRANSPORT_PADDED, false);
	one_round(TRANSPORT_FULL, false);
	one_round(TRANSPORT_INTERMEDIATE, true);
	one_round(TRANSPORT_ABRIDGED, true);
	one_round(TRANSPORT_PADDED, true);
}

Test(dc_message, http_and_tls_are_closed)
{
	static const char *const starts[] = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
					     "POST /apiw1 HTTP/1.1\r\n\r\n\r\n",
					     "\x16\x03\x01\x02\x01\x01\x01\x01\x01\x01"};

	for (size_t i = 0; i < countof(starts); i++) {
		struct dc_conn *conn = dc_conn_open(sim.server, 2, false, sim.now);

		dc_conn_feed(conn, cspan_str(starts[i]), sim.now);
		cr_assert_eq(dc_conn_fate(conn), DC_CONN_CLOSE);
		dc_conn_closed(&conn);
	}
	cr_assert_eq(sim.stats.violations[RULE_TRANSPORT], countof(starts));
}

Test(dc_message, bytes_one_by_one)
{
	uint8_t packets[2][64] = {{0xee, 0xee, 0xee, 0xee, 20}, {20}};
	struct dc_conn *conn = dc_conn_open(sim.server, 2, false, sim.now);

	for (size_t i = 0; i < 5 + 3 + 20; i++)
		dc_conn_feed(conn, cspan_of(packets[0] + i, 1), sim.now);
	dc_tick(sim.server, sim.now);
	cr_assert_eq(dc_conn_output(conn, sim.now).len, 8,
		     "one frame with an error: no such message");
	dc_conn_closed(&conn);
}

Test(dc_message, dc_number_inside_obfuscation)
{
	struct client *k = fx_connect(&sim, 2, TRANSPORT_INTERMEDIATE, true);
	uint8_t random[64];

	memset(random, 0x31, 64);
	fx_disconnect(k);
	k->conn = dc_conn_open(sim.server, 2, false, sim.now);
	cr_assert(frame_init_client(&k->framer, TRANSPORT_INTERMEDIATE, true, random, 4, NULL));
	dc_conn_feed(k->conn, frame_hello(&k->framer), sim.now);
	fx_send_plain(k, query());
	fx_tick(&sim, 0);
	cr_assert_eq(k->code_count, 1);
	cr_assert_eq(k->codes[0], -444);
	cr_assert_null(k->conn);
}

Test(dc_message, random_bytes_in_place_of_the_dc_number_pass)
{
	struct client *k = fx_connect(&sim, 2, TRANSPORT_INTERMEDIATE, true);
	uint8_t random[64];

	memset(random, 0x31, 64);
	fx_disconnect(k);
	k->conn = dc_conn_open(sim.server, 2, false, sim.now);
	cr_assert(frame_init_client(&k->framer, TRANSPORT_INTERMEDIATE, true, random, 0, NULL));
	dc_conn_feed(k->conn, frame_hello(&k->framer), sim.now);
	fx_send_plain(k, query());
	fx_tick(&sim, 0);
	cr_assert_eq(k->codes[0], -404, "only the message itself is refused");
}

/* ---- quick acks ---- */

Test(dc_message, quick_ack_when_asked)
{
	struct envelope_head head = {c->salt, c->session_id, fx_id(c), 1};
	struct client *full;

	fx_send_sealed(c, &head, query(), true);
	fx_tick(&sim, 0);
	cr_assert_eq(c->token_count, 1);
	cr_assert((c->tokens[0] & 0x80000000u) != 0);
	cr_assert_gt(fx_result(c, head.msg_id).len, 0);
	full = fx_client(&sim, 2, TRANSPORT_ABRIDGED, false);
	head = (struct envelope_head){full->salt, full->session_id, fx_id(full), 1};
	fx_send_sealed(full, &head, query(), true);
	fx_tick(&sim, 0);
	cr_assert_eq(full->token_count, 1);
}

/* ---- keys and envelopes ---- */

Test(dc_message, unknown_key_is_404_and_the_end)
{
	c->key.key[0] ^= 1;
	authkey_finish(&c->key);
	fx_send(c, query(), true);
	fx_tick(&sim, 0);
	cr_assert_eq(c->code_count, 1);
	cr_assert_eq(c->codes[0], -404);
	cr_assert_null(c->conn);
	cr_assert_eq(sim.stats.violations[RULE_UNKNOWN_KEY], 1);
}

Test(dc_message, keys_belong_to_one_dc)
{
	struct client *k = fx_connect(&sim, 4, TRANSPORT_INTERMEDIATE, false);

	k->key = c->key;
	k->salt = c->salt;
	fx_send(k, query(), true);
	fx_tick(&sim, 0);
	cr_assert_eq(k->codes[0], -404);
}

Test(dc_message, short_or_foreign_packets_are_404)
{
	static const uint8_t junk[200] = {1, 2, 3};

	fx_send_payload(c, cspan_of(junk, 64), false);
	fx_tick(&sim, 0);
	cr_assert_eq(c->codes[0], -404);
}

Test(dc_message, a_flipped_bit_closes_without_a_word)
{
	uint8_t mem[512] = {0};
	struct buf buf;
	struct envelope_job job = {.packet = &buf, .key = &c->key, .dir = MSG_FROM_CLIENT};
	struct cspan body = query();

	job.head = (struct envelope_head){c->salt, c->session_id, fx_id(c), 1};
	buf_init(&buf, mem, sizeof(mem), ENVELOPE_HEADROOM);
	memcpy(buf_put(&buf, (uint32_t)body.len), body.at, body.len);
	envelope_seal_batch(&job, 1);
	buf_at(&buf)[40] ^= 4;
	fx_send_payload(c, buf_view(&buf), false);
	fx_tick(&sim, 0);
	cr_assert_null(c->conn);
	cr_assert_eq(c->fate, DC_CONN_CLOSE);
	cr_assert_eq(c->packets + c->code_count, 0);
	cr_assert_eq(sim.stats.violations[RULE_ENVELOPE], 1);
	cr_assert_eq(sim.stub.calls, 0);
}

/* ---- salts ---- */

Test(dc_message, wrong_salt_is_48_and_brings_the_right_one)
{
	uint64_t right = c->salt, id;
	const struct got *bad;

	c->salt ^= 5;
	id = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, id), 48);
	bad = fx_find(c, (uint32_t)ID_BAD_SALT);
	cr_assert_eq(load_le64(bad->body + 20), right);
	cr_assert_eq(sim.stub.calls, 0);
	cr_assert_null(fx_find(c, (uint32_t)ID_NEW_SESSION), "a refused message makes no session");
}

Test(dc_message, salts_turn_over)
{
	int64_t half_hour = 1800 * FX_SECOND;
	uint64_t id;

	settle();
	fx_tick(&sim, half_hour + FX_SECOND);
	id = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	cr_assert_gt(fx_result(c, id).len, 0, "the old one is good for another half hour");
	fx_tick(&sim, half_hour);
	id = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, id), 48);
}

Test(dc_message, salt_change_at_once)
{
	uint64_t id;

	settle();
	dc_change_salts(sim.server, sim.now);
	id = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, id), 48);
}

/* No server goes on refusing the salt that it names. */
Test(dc_message, salts_when_a_skew_is_over)
{
	uint32_t rule = faults_add(&sim.faults, "skew:s=604800", sim.now, NULL, 0);
	uint64_t id;

	cr_assert_neq(rule, 0);
	id = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, id), 16);
	cr_assert(faults_drop(&sim.faults, rule));
	id = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, id), 48);
	for (size_t i = 0; i < c->got_count; i++)
		if (load_le32(c->got[i].body) == (uint32_t)ID_BAD_SALT)
			c->salt = load_le64(c->got[i].body + 20);
	id = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	cr_assert_gt(fx_result(c, id).len, 0, "the salt that it named is none");
}

/* ---- message ids ---- */

Test(dc_message, ids_out_of_time)
{
	static const struct {
		int64_t seconds;
		int code;
	} cases[] = {{-302, 16}, {-299, 0}, {29, 0}, {32, 17}};

	for (size_t i = 0; i < countof(cases); i++) {
		struct client *k = fx_client(&sim, 2, TRANSPORT_INTERMEDIATE, false);

		fx_send_as(k, at_seconds(cases[i].seconds) + 4, 1, query());
		fx_tick(&sim, 0);
		cr_assert_eq(fx_bad(k, at_seconds(cases[i].seconds) + 4), cases[i].code, "case %zu",
			     i);
	}
}

Test(dc_message, clock_skew_moves_the_window)
{
	uint64_t id;

	cr_assert_neq(faults_add(&sim.faults, "skew:s=-400", sim.now, NULL, 0), 0);
	id = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, id), 17);
	cr_assert_lt(fx_find(c, (uint32_t)ID_BAD_MSG)->msg_id >> 32, id >> 32,
		     "its own ids show the server's time");
}

Test(dc_message, id_with_wrong_low_bits)
{
	uint64_t id = fx_id(c) + 1;

	fx_send_as(c, id, 1, query());
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, id), 18);
}

/* Real servers want a fraction of the second there; what they say to none is not known. */
Test(dc_message, id_with_an_empty_low_half)
{
	uint64_t id = (fx_id(c) >> 32) << 32;

	fx_send_as(c, id, 1, query());
	fx_tick(&sim, 0);
	cr_assert_eq(fx_count(c, (uint32_t)ID_RPC_RESULT), 1);
	cr_assert_eq(sim.stats.violations[RULE_MSG_ID_EMPTY], 1);
	fx_send_as(c, id + 4, 3, query());
	fx_tick(&sim, 0);
	cr_assert_eq(sim.stats.violations[RULE_MSG_ID_EMPTY], 1);
}

Test(dc_message, same_id_is_answered_again_not_executed)
{
	uint64_t id;

	settle();
	id = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	fx_send_as(c, id, 3, query());
	fx_tick(&sim, 0);
	cr_assert_eq(fx_count(c, (uint32_t)ID_RPC_RESULT), 2);
	cr_assert_eq(c->got[0].msg_id, c->got[c->got_count - 1].msg_id, "the very same message");
	cr_assert_eq(sim.stub.calls, 2);
	cr_assert_eq(sim.stats.violations[RULE_DUPLICATE], 1);
}

Test(dc_message, same_id_after_the_ack_is_only_acknowledged)
{
	uint64_t id;
	struct tl_writer *w;

	settle();
	id = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	w = body_start(&b, ID_ACK);
	tl_write_u32(w, TL_VECTOR);
	tl_write_u32(w, 1);
	tl_write_u64(w, fx_find(c, (uint32_t)ID_RPC_RESULT)->msg_id);
	fx_send(c, body_end(&b), false);
	fx_tick(&sim, 0);
	fx_clear(c);
	fx_send_as(c, id, 3, query());
	fx_tick(&sim, 0);
	cr_assert_eq(fx_count(c, (uint32_t)ID_RPC_RESULT), 0);
	cr_assert_eq(load_le64(fx_find(c, ID_ACK)->body + 12), id);
	cr_assert_eq(sim.stub.calls, 2);
}

Test(dc_message, ids_may_come_in_any_order)
{
	uint64_t first = fx_id(c), second = fx_id(c);

	fx_send_as(c, second, 3, query());
	fx_send_as(c, first, 1, query());
	fx_tick(&sim, 0);
	cr_assert_gt(fx_result(c, first).len, 0);
	cr_assert_gt(fx_result(c, second).len, 0);
}

Test(dc_message, forgotten_ids_are_20)
{
	uint64_t old = fx_id(c);

	for (int i = 0; i < DC_SEEN_MAX + 10; i++)
		fx_send(c, ping(), false);
	dc_tick(sim.server, sim.now);
	c->raw = true;
	fx_tick(&sim, 0);
	c->raw = false;
	fx_send_as(c, old, 1, query());
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, old), 20);
}

/* ---- sequence numbers ---- */

Test(dc_message, numbers_below_and_above_their_neighbours)
{
	uint64_t low, middle, high;

	low = fx_id(c);
	middle = fx_id(c);
	high = fx_id(c);
	fx_send_as(c, low, 5, query());
	fx_send_as(c, high, 9, query());
	fx_tick(&sim, 0);
	fx_send_as(c, middle, 3, query());
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, middle), 32);
	fx_clear(c);
	fx_send_as(c, middle, 11, query());
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, middle), 33);
	fx_clear(c);
	fx_send_as(c, middle, 5, query());
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, middle), 32, "equal and odd");
	fx_send_as(c, middle, 7, query());
	fx_tick(&sim, 0);
	cr_assert_gt(fx_result(c, middle).len, 0);
}

Test(dc_message, parity_where_it_is_sure)
{
	uint64_t id = fx_send(c, query(), false);

	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, id), 35, "a query is content-related");
	tl_write_u32(body_start(&b, ID_CONTAINER), 0);
	id = fx_send(c, body_end(&b), true);
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, id), 34, "a container never is");
}

Test(dc_message, odd_acks_and_any_pings_pass)
{
	uint64_t ack;
	struct tl_writer *w = body_start(&b, ID_ACK);

	tl_write_u32(w, TL_VECTOR);
	tl_write_u32(w, 1);
	tl_write_u64(w, 5);
	ack = fx_send(c, body_end(&b), true);
	fx_send(c, ping(), true);
	fx_send(c, ping(), false);
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, ack), 0);
	cr_assert_eq(fx_count(c, ID_PONG), 2);
}

/* ---- containers ---- */

static void put_message(struct tl_writer *w, uint64_t id, uint32_t seq, uint32_t method)
{
	tl_write_u64(w, id);
	tl_write_u32(w, seq);
	tl_write_u32(w, 4);
	tl_write_u32(w, method);
}

/* A container of two queries; change: what is wrong with it. */
static int container_code(int change)
{
	uint64_t first = fx_id(c), second = fx_id(c), outer = fx_id(c);
	struct tl_writer *w = body_start(&b, ID_CONTAINER);
	struct cspan body;

	tl_write_u32(w, change == 1 ? 3 : 2);
	put_message(w, first, 3, Q_NEAREST);
	put_message(w, change == 2 ? outer : second, 5, change == 3 ? ID_CONTAINER : Q_NEAREST);
	body = body_end(&b);
	if (change == 4)
		store_le32(b.mem + 8 + 12, 2);
	if (change == 5)
		body.len += 4;
	fx_send_as(c, outer, 6, body);
	fx_tick(&sim, 0);
	if (change == 0)
		cr_assert(fx_result(c, first).len > 0 && fx_result(c, second).len > 0);
	return fx_bad(c, outer);
}

Test(dc_message, containers_sound_and_broken)
{
	settle();
	for (int change = 5; change > 0; change--)
		cr_assert_eq(container_code(change), 64, "change %d", change);
	cr_assert_eq(sim.stub.calls, 1, "a broken container is refused as a whole");
	cr_assert_eq(container_code(0), 0);
	cr_assert_eq(sim.stub.calls, 3);
}

Test(dc_message, container_with_an_id_seen_before_is_19)
{
	uint64_t id = fx_send(c, query(), true);

	fx_tick(&sim, 0);
	tl_write_u32(body_start(&b, ID_CONTAINER), 0);
	fx_send_as(c, id, 2, body_end(&b));
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, id), 19);
}

Test(dc_message, old_messages_may_be_resent_inside_containers)
{
	uint64_t old = at_seconds(-400) + 8;
	struct tl_writer *w = body_start(&b, ID_CONTAINER);
	struct cspan inner;

	settle();
	inner = query();
	(void)inner;
	w = body_start(&b, ID_CONTAINER);
	tl_write_u32(w, 1);
	put_message(w, old, 0, ID_HTTP_WAIT);
	fx_send_as(c, fx_id(c), 2, body_end(&b));
	fx_tick(&sim, 0);
	cr_assert_eq(fx_bad(c, old), 0);
}

Test(dc_message, answers_travel_together)
{
	uint64_t ids[3];

	settle();
	for (int i = 0; i < 3; i++)
		ids[i] = fx_send(c, query(), true);
	fx_tick(&sim, 0);
	for (int i = 0; i < 3; i++)
		cr_assert_gt(fx_result(c, ids[i]).len, 0);
	cr_assert(c->got[0].in_container && c->got[2].in_container);
	for (uint32_t i = 1; i < c->got_count; i++)
		cr_assert_gt(c->got[i].seq, c->got[i - 1].seq);
}

/* ---- gzip ---- */

static uint64_t send_packed(const uint8_t *packed, size_t len)
{
	tl_write_bytes(body_start(&b, ID_GZIP), cspan_of(packed, len));
	return fx_send(c, body_end(&b), true);
}

Test(dc_message, packed_queries)
{
	uint8_t plain[512], packed[512];
	struct cspan q = query();
	uint64_t id;
	size_t len;

	memcpy(plain, q.at, q.len);
	len = deflate_object(cspan_of(plain, q.len), (struct span){packed, sizeof(packed)});
	id = send_packed(packed, len);
	fx_tick(&sim, 0);
	cr_assert_gt(fx_result(c, id).len, 0);
	id = send_packed(packed, len - 6);
	fx_tick(&sim, 0);
	cr_assert_str_eq(fx_error(c, id, NULL), "INPUT_FETCH_ERROR");
	/* gzip around the query, inside the wrappers, as TDLib does it */
	store_le32(plain, Q_NEAREST);
	len = deflate_object(cspan_of(plain, 4), (struct span){packed, sizeof(packed)});
	body_query(&b, 228, ID_GZIP);
	tl_write_bytes(&b.w, cspan_of(packed, len));
	id = fx_send(c, body_end(&b), true);
	fx_tick(&sim, 0);
	cr_assert_gt(fx_result(c, id).len, 0);
	cr_assert_eq(sim.stats.violations[RULE_GZIP], 1);
}

Test(dc_message, big_answers_are_packed_files_are_not)
{
	static uint8_t out[1 << 16];
	struct tl_reader r;
	struct cspan packed;
	struct tl_writer *w;
	uint64_t id;
	size_t len;

	settle();
	sim.stub.big_count = 300;
	w = body_start(&b, 0x4423e6c5); /* messages.getHistory */
	tl_write_u32(w, 0x7da07ec9);
	for (int i = 0; i < 8; i++)
		tl_write_u32(w, 0);
	id = fx_send(c, body_end(&b), true);
	fx_tick(&sim, 0);
	tl_reader_init(&r, fx_result(c, id));
	cr_assert_eq(tl_read_u32(&r), ID_GZIP);
	packed = tl_read_bytes(&r);
	cr_assert(tl_ok(&r));
	cr_assert_eq(inflate_object(packed, (struct span){out, sizeof(out)}, &len), INFLATE_OK);
	cr_assert_eq(load_le32(out), tl_id(TLC_messages_messages, 228));
	cr_assert_gt(len, 300 * 12);
}

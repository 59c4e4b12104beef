/*
 * Queries at the server: wrappers, layers, who may ask, main sessions, temporary keys, updates, and
 * the faults that concern calls.
 */
#include "tests/tgsim/dc_fixture.h"

#include "tests/vectors/handshake.h"
#include "tests/vectors/hex.h"

#include <criterion/criterion.h>

static struct sim sim;
static struct client *c;
static struct body b;

static void set_api_id(struct dc_options *o)
{
	o->api_id = 90210;
}

static void setup(void)
{
	fx_open(&sim, set_api_id);
	c = fx_client(&sim, 2, TRANSPORT_INTERMEDIATE, false);
}

static void teardown(void)
{
	fx_close(&sim);
}

TestSuite(dc_rpc, .init = setup, .fini = teardown);

static uint64_t ask(struct client *k, int32_t layer, uint32_t method)
{
	uint64_t id = fx_send(k, body_query(&b, layer, method), true);

	fx_tick(&sim, 0);
	return id;
}

static const char *error_of(struct cspan body)
{
	uint64_t id = fx_send(c, body, true);

	fx_tick(&sim, 0);
	return fx_error(c, id, NULL);
}

static void fault(const char *spec)
{
	char why[128];

	cr_assert_neq(faults_add(&sim.faults, spec, sim.now, why, sizeof(why)), 0, "%s", why);
}

/* ---- initConnection, layers ---- */

Test(dc_rpc, nothing_before_init_connection)
{
	int32_t code = 0;
	uint64_t id = ask(c, 0, Q_NEAREST);

	cr_assert_str_eq(fx_error(c, id, &code), "CONNECTION_NOT_INITED");
	cr_assert_eq(code, 400);
	ask(c, 228, Q_NEAREST);
	id = ask(c, 0, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "", "on every query is fine as well");
}

/* What is said on the query itself counts at once. */
Test(dc_rpc, an_introduction_that_is_known_late)
{
	uint64_t id;

	fault("lateinit:ms=3000");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
	id = ask(c, 0, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "CONNECTION_NOT_INITED");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
	fx_tick(&sim, INT64_C(3000000000));
	id = ask(c, 0, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
}

Test(dc_rpc, init_connection_fields)
{
	static const char *const wants[] = {
	    "CONNECTION_DEVICE_MODEL_EMPTY", "CONNECTION_SYSTEM_EMPTY",
	    "CONNECTION_APP_VERSION_EMPTY", "CONNECTION_SYSTEM_LANG_CODE_EMPTY"};

	for (int empty = 0; empty < 4; empty++) {
		struct tl_writer *w = body_start(&b, 0xc1cd5ea9);

		tl_write_u32(w, 0);
		tl_write_u32(w, 90210);
		for (int i = 0; i < 6; i++)
			tl_write_bytes(w, cspan_str(i == empty ? "" : "x"));
		tl_write_u32(w, Q_NEAREST);
		cr_assert_str_eq(error_of(body_end(&b)), wants[empty]);
	}
	body_query(&b, 228, Q_NEAREST);
	store_le32(b.mem + 16, 1);
	cr_assert_str_eq(error_of(body_end(&b)), "CONNECTION_API_ID_INVALID");
	body_query(&b, 228, Q_NEAREST);
	store_le32(b.mem + 4, 0);
	cr_assert_str_eq(error_of(body_end(&b)), "CONNECTION_LAYER_INVALID");
	cr_assert_eq(sim.stub.calls, 0);
	cr_assert_not_null(c->conn);
}

Test(dc_rpc, init_connection_with_proxy_and_params)
{
	struct tl_writer *w = body_start(&b, 0xc1cd5ea9);
	uint64_t id;

	tl_write_u32(w, 3);
	tl_write_u32(w, 90210);
	for (int i = 0; i < 6; i++)
		tl_write_bytes(w, cspan_str("x"));
	tl_write_u32(w, 0x75588b3f); /* inputClientProxy */
	tl_write_bytes(w, cspan_str("host"));
	tl_write_u32(w, 443);
	tl_write_u32(w, 0x99c1d49d); /* jsonObject {"tz_offset": -10800} */
	tl_write_u32(w, TL_VECTOR);
	tl_write_u32(w, 1);
	tl_write_u32(w, 0xc0de1bd9);
	tl_write_bytes(w, cspan_str("tz_offset"));
	tl_write_u32(w, 0x2be0dfa4);
	tl_write_double(w, -10800);
	tl_write_u32(w, Q_NEAREST);
	id = fx_send(c, body_end(&b), true);
	fx_tick(&sim, 0);
	cr_assert_gt(fx_result(c, id).len, 0);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
}

Test(dc_rpc, layers_are_remembered_and_clamped)
{
	ask(c, 201, Q_NEAREST);
	cr_assert_eq(sim.stub.last.layer, 201);
	ask(c, 0, Q_NEAREST);
	cr_assert_eq(sim.stub.last.layer, 201);
	ask(c, 100, Q_NEAREST);
	cr_assert_eq(sim.stub.last.layer, 144);
	ask(c, 9999, Q_NEAREST);
	cr_assert_eq(sim.stub.last.layer, 228);
}

static void max_201(struct dc_options *o)
{
	o->max_layer = 201;
}

Test(dc_rpc, max_layer)
{
	fx_close(&sim);
	fx_open(&sim, max_201);
	c = fx_client(&sim, 2, TRANSPORT_INTERMEDIATE, false);
	ask(c, 228, Q_NEAREST);
	cr_assert_eq(sim.stub.last.layer, 201);
}

static struct cspan history(int32_t layer)
{
	body_query(&b, layer, 0x4423e6c5);
	tl_write_u32(&b.w, 0x7da07ec9);
	for (int i = 0; i < 8; i++)
		tl_write_u32(&b.w, 0);
	return body_end(&b);
}

Test(dc_rpc, old_layers_get_reduced_content)
{
	static uint8_t mem[1 << 16];
	struct arena arena;
	const struct tl_obj *o;
	uint64_t id;

	for (int layer = 144; layer <= 228; layer += 84) {
		id = fx_send(c, history(layer), true);
		fx_tick(&sim, 0);
		arena_init(&arena, mem, sizeof(mem));
		o = tl_decode(&arena, fx_result(c, id), NULL);
		cr_assert_eq(tl_cons(o), TLC_messages_messages);
		o = tl_vec_obj(tl_vec(o, TLF_messages), 0);
		cr_assert_eq(tl_sub_cons(o, TLF_action),
			     layer == 144 ? TLC_messageActionEmpty : TLC_messageActionTopicCreate);
		cr_assert_eq(tl_wire_id(o), tl_id(TLC_messageService, layer));
	}
	cr_assert_eq(sim.stats.encode_failures, 0);
}

/* ---- queries that cannot be read ---- */

Test(dc_rpc, unknown_and_unreadable)
{
	int32_t code = 0;
	uint64_t id = ask(c, 228, 0x12345678);

	cr_assert_str_eq(fx_error(c, id, &code), "INPUT_METHOD_INVALID");
	cr_assert_eq(code, 400);
	id = ask(c, 228, TL_BOOL_TRUE);
	cr_assert_str_eq(fx_error(c, id, NULL), "INPUT_METHOD_INVALID", "known, but no method");
	id = ask(c, 228, 0x4423e6c5);
	cr_assert_str_eq(fx_error(c, id, NULL), "INPUT_FETCH_ERROR", "cut");
	body_query(&b, 228, 0x4423e6c5);
	tl_write_u32(&b.w, 0x11223344);
	cr_assert_str_eq(error_of(body_end(&b)), "INPUT_CONSTRUCTOR_INVALID");
	body_query(&b, 228, Q_NEAREST);
	tl_write_u32(&b.w, 1);
	cr_assert_str_eq(error_of(body_end(&b)), "INPUT_FETCH_ERROR", "trailing bytes");
	body_start(&b, 0xda9b0d0d);
	cr_assert_str_eq(error_of(body_end(&b)), "INPUT_FETCH_ERROR");
	cr_assert_eq(sim.stub.calls, 0);
	cr_assert_not_null(c->conn);
	id = ask(c, 228, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
}

Test(dc_rpc, world_errors_come_through)
{
	int32_t code = 0;
	uint64_t id = ask(c, 228, Q_CONFIG);

	cr_assert_str_eq(fx_error(c, id, &code), "TEST");
	cr_assert_eq(code, 400);
	cr_assert_eq(stats_method(&sim.stats, "help.getConfig")->errors, 1);
}

/* ---- wrappers ---- */

Test(dc_rpc, takeout_ranges_and_no_updates_reach_the_world)
{
	struct tl_writer *w = body_start(&b, 0xbf9459b7);

	ask(c, 228, Q_NEAREST);
	w = body_start(&b, 0xbf9459b7);
	tl_write_u32(w, 0xaca9fd2e);
	tl_write_u64(w, 0x123456789);
	tl_write_u32(w, 0x365275f2);
	tl_write_u32(w, 0x0ae30253);
	tl_write_u32(w, 10);
	tl_write_u32(w, 20);
	tl_write_u32(w, Q_NEAREST);
	cr_assert_str_eq(error_of(body_end(&b)), "");
	cr_assert(sim.stub.last.without_updates);
	cr_assert_eq(sim.stub.last.takeout_id, 0x123456789);
	cr_assert_eq(sim.stub.last.range_min, 10);
	cr_assert_eq(sim.stub.last.range_max, 20);
}

static struct cspan after(uint64_t msg_id, uint32_t method)
{
	tl_write_u64(body_start(&b, 0xcb9f372d), msg_id);
	tl_write_u32(&b.w, method);
	return body_end(&b);
}

Test(dc_rpc, invoke_after_msg)
{
	uint64_t ok = ask(c, 228, Q_NEAREST), bad = ask(c, 0, Q_CONFIG), id, later;
	uint32_t calls = sim.stub.calls;

	cr_assert_str_eq(error_of(after(ok, Q_NEAREST)), "");
	cr_assert_str_eq(error_of(after(bad, Q_NEAREST)), "MSG_WAIT_FAILED");
	cr_assert_eq(sim.stub.calls, calls + 1);
	later = fx_id(c);
	c->content++;
	id = fx_send(c, after(later, Q_NEAREST), true);
	fx_tick(&sim, 0);
	cr_assert_eq(fx_result(c, id).len, 0);
	fx_send_as(c, later, c->content * 2 - 3, body_query(&b, 0, Q_NEAREST));
	fx_tick(&sim, 0);
	cr_assert_gt(fx_result(c, id).len, 0);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
	id = fx_send(c, after(fx_id(c) + 4000, Q_NEAREST), true);
	fx_tick(&sim, 0);
	cr_assert_eq(dc_due(sim.server), sim.now + DC_AFTER_NS);
	fx_tick(&sim, DC_AFTER_NS);
	cr_assert_str_eq(fx_error(c, id, NULL), "MSG_WAIT_TIMEOUT");
}

/* ---- main sessions ---- */

static void login(struct client *k)
{
	ask(k, 228, Q_LOGIN);
	cr_assert_eq(fx_key(k)->account, fx_account());
	fx_clear(k);
}

Test(dc_rpc, second_main_session_kills_the_key)
{
	struct client *two = fx_again(c, true);
	int32_t code = 0;
	uint64_t id;

	login(c);
	ask(c, 0, Q_STATE);
	id = ask(two, 0, Q_STATE);
	cr_assert_str_eq(fx_error(two, id, NULL), "", "the first may be about to go");
	id = ask(c, 0, Q_STATE);
	cr_assert_str_eq(fx_error(c, id, &code), "AUTH_KEY_DUPLICATED", "but it speaks");
	cr_assert_eq(code, 406);
	id = ask(two, 0, Q_NEAREST);
	cr_assert_str_eq(fx_error(two, id, NULL), "AUTH_KEY_DUPLICATED", "for both of them");
	cr_assert_eq(sim.stats.violations[RULE_MAIN_TWICE], 1);
	fx_disconnect(c);
	fx_disconnect(two);
	two = fx_again(c, true);
	two->session_id += 5;
	id = ask(two, 228, Q_STATE);
	cr_assert_str_eq(fx_error(two, id, NULL), "AUTH_KEY_DUPLICATED", "and for good");
}

Test(dc_rpc, second_main_session_while_the_first_stays_connected)
{
	struct client *two = fx_again(c, true);
	uint64_t id;

	login(c);
	ask(c, 0, Q_STATE);
	ask(two, 0, Q_STATE);
	fx_tick(&sim, DC_DUEL_NS);
	id = ask(two, 0, Q_STATE);
	cr_assert_str_eq(fx_error(two, id, NULL), "AUTH_KEY_DUPLICATED");
}

Test(dc_rpc, an_end_that_is_seen_late_is_no_second_session)
{
	struct client *two = fx_again(c, true);
	uint64_t id;

	login(c);
	ask(c, 0, Q_STATE);
	ask(two, 0, Q_STATE);
	fx_disconnect(c);
	fx_tick(&sim, DC_DUEL_NS);
	id = ask(two, 0, Q_STATE);
	cr_assert_str_eq(fx_error(two, id, NULL), "");
}

Test(dc_rpc, several_ends_that_are_seen_late_are_no_second_session)
{
	struct client *two = fx_again(c, true), *three = fx_again(c, true);
	uint64_t id;

	three->session_id += 9;
	login(c);
	ask(c, 0, Q_STATE);
	ask(two, 0, Q_STATE);
	id = ask(three, 0, Q_STATE);
	cr_assert_str_eq(fx_error(three, id, NULL), "", "killed twice, and no end seen yet");
	fx_disconnect(c);
	fx_disconnect(two);
	fx_tick(&sim, DC_DUEL_NS);
	id = ask(three, 0, Q_STATE);
	cr_assert_str_eq(fx_error(three, id, NULL), "");
}

Test(dc_rpc, each_of_several_rivals_may_be_the_second_session)
{
	struct client *two = fx_again(c, true), *three = fx_again(c, true);
	uint64_t id;

	three->session_id += 9;
	login(c);
	ask(c, 0, Q_STATE);
	ask(two, 0, Q_STATE);
	ask(three, 0, Q_STATE);
	fx_disconnect(two);
	fx_tick(&sim, DC_DUEL_NS);
	id = ask(three, 0, Q_STATE);
	cr_assert_str_eq(fx_error(three, id, NULL), "AUTH_KEY_DUPLICATED", "the first one stayed");
}

Test(dc_rpc, a_stalled_connection_is_no_rival)
{
	struct client *two = fx_again(c, true);
	uint64_t id;

	login(c);
	ask(c, 0, Q_STATE);
	dc_conn_cut(c->conn, CUT_STALL);
	ask(two, 0, Q_STATE);
	fx_tick(&sim, DC_DUEL_NS);
	id = ask(two, 0, Q_STATE);
	cr_assert_str_eq(fx_error(two, id, NULL), "");
}

Test(dc_rpc, queries_that_were_on_their_way_are_no_rival)
{
	struct client *two = fx_again(c, true);
	uint64_t id, stale;

	login(c);
	ask(c, 0, Q_STATE);
	stale = fx_id(c);
	fx_tick(&sim, 1000000);
	ask(two, 0, Q_STATE);
	fx_send_as(c, stale, c->content * 2 + 1, body_query(&b, 0, Q_STATE));
	fx_tick(&sim, 0);
	cr_assert_str_eq(fx_error(c, stale, NULL), "");
	fx_disconnect(c);
	id = ask(two, 0, Q_STATE);
	cr_assert_str_eq(fx_error(two, id, NULL), "");
}

Test(dc_rpc, sessions_beside_the_main_one)
{
	struct client *two = fx_again(c, true);
	uint64_t id;

	login(c);
	ask(c, 0, Q_STATE);
	ask(two, 0, Q_CONFIG); /* getConfig alone */
	body_start(&b, 0xbf9459b7);
	tl_write_u32(&b.w, Q_STATE);
	id = fx_send(two, body_end(&b), true);
	fx_tick(&sim, 0);
	cr_assert_str_eq(fx_error(two, id, NULL), "", "without updates");
	cr_assert(!fx_key(c)->duplicated);
}

Test(dc_rpc, reconnects_are_no_second_main_session)
{
	struct client *two;
	uint64_t id;

	login(c);
	ask(c, 0, Q_STATE);
	two = fx_again(c, false); /* same session, the old connection not yet closed */
	id = ask(two, 0, Q_STATE);
	cr_assert_str_eq(fx_error(two, id, NULL), "");
	fx_disconnect(c);
	fx_disconnect(two);
	two = fx_again(two, true);
	id = ask(two, 0, Q_STATE);
	cr_assert_str_eq(fx_error(two, id, NULL), "", "a new session after the old one's end");
}

Test(dc_rpc, half_open_connection_gives_way_until_it_speaks)
{
	struct client *two = fx_again(c, true);
	uint64_t id;

	login(c);
	ask(c, 0, Q_STATE);
	fx_tick(&sim, DC_ALIVE_NS + 1);
	for (int i = 0; i < 3; i++) {
		id = ask(two, 0, Q_STATE);
		cr_assert_str_eq(fx_error(two, id, NULL), "", "the first has been silent");
		fx_tick(&sim, FX_SECOND);
	}
	ask(two, 0, Q_STATE);
	ask(c, 0, Q_STATE);
	id = ask(two, 0, Q_STATE);
	cr_assert_str_eq(fx_error(two, id, NULL), "AUTH_KEY_DUPLICATED", "so both were alive");
}

Test(dc_rpc, other_dcs_have_no_main_session)
{
	struct client *far = fx_client(&sim, 4, TRANSPORT_INTERMEDIATE, false), *two;
	uint64_t id;

	login(far);
	ask(far, 0, Q_STATE);
	two = fx_again(far, true);
	id = ask(two, 0, Q_STATE);
	cr_assert_str_eq(fx_error(two, id, NULL), "");
}

/* ---- updates ---- */

Test(dc_rpc, pushes_go_to_main_sessions)
{
	struct client *file = fx_again(c, true), *other;

	login(c);
	ask(c, 0, Q_STATE);
	ask(file, 0, Q_CONFIG);
	other = fx_client(&sim, 2, TRANSPORT_ABRIDGED, false);
	login(other); /* a second device of the account */
	fx_clear(c);
	fx_clear(other);
	sim.stub.push_to = fx_account();
	sim.stub.push_except = other->session_id;
	fx_tick(&sim, 0);
	cr_assert_eq(fx_count(c, (uint32_t)ID_UPDATES_TOO_LONG), 1);
	cr_assert_eq(fx_count(other, (uint32_t)ID_UPDATES_TOO_LONG), 0);
	cr_assert_eq(fx_count(file, (uint32_t)ID_UPDATES_TOO_LONG), 0);
	cr_assert_eq(c->got[0].msg_id % 4, 3);
	cr_assert_eq(c->got[0].seq % 2, 1);
	fx_disconnect(c);
	sim.stub.push_to = fx_account();
	sim.stub.push_except = other->session_id;
	fx_tick(&sim, 0);
	cr_assert_eq(sim.stats.updates_lost, 1);
}

/* ---- temporary keys ---- */

static void give_key(struct client *k, const char *hex, bool temporary)
{
	struct dc_hs hs = {.salt = 0x9999, .temporary = temporary, .expires_in = 86400};

	vec_bytes(hs.key.key, 256, hex);
	authkey_finish(&hs.key);
	dc_key_make(sim.server, 2, &hs);
	k->key = hs.key;
	k->salt = hs.salt;
}

/* The published binding, with the temporary key's session; change: byte of the call to spoil. */
static const char *bind(struct client *k, uint64_t msg_id, int change)
{
	uint8_t call[512], session[8];
	size_t len = vec_bytes(call, sizeof(call), vec_bind[0].call);

	vec_bytes(session, 8, vec_bind[0].temp_session_id);
	k->session_id = load_le64(session);
	if (change >= 0)
		call[change] ^= 1;
	fx_send_as(k, msg_id, 2 * k->content++ + 1, cspan_of(call, len));
	fx_tick(&sim, 0);
	return fx_error(k, msg_id, NULL);
}

Test(dc_rpc, binding_a_temporary_key)
{
	struct client *perm = fx_connect(&sim, 2, TRANSPORT_INTERMEDIATE, false);
	struct client *temp = fx_connect(&sim, 2, TRANSPORT_INTERMEDIATE, false);
	uint64_t id;
	int32_t code = 0;

	give_key(perm, vec_bind[0].perm_key, false);
	give_key(temp, vec_bind[0].temp_key, true);
	login(perm);
	id = ask(temp, 228, Q_STATE);
	cr_assert_str_eq(fx_error(temp, id, &code), "AUTH_KEY_PERM_EMPTY");
	cr_assert_eq(code, 401);
	id = ask(temp, 228, Q_NEAREST);
	cr_assert_str_eq(fx_error(temp, id, NULL), "");
	temp->content = 1;
	cr_assert_str_eq(bind(temp, vec_bind[0].msg_id + 4, -1), "ENCRYPTED_MESSAGE_INVALID",
			 "another message's binding");
	cr_assert_str_eq(bind(temp, vec_bind[0].msg_id + 8, 30), "ENCRYPTED_MESSAGE_INVALID");
	cr_assert_str_eq(bind(temp, vec_bind[0].msg_id + 12, 4), "ENCRYPTED_MESSAGE_INVALID");
	temp->content = 0;
	cr_assert_str_eq(bind(temp, vec_bind[0].msg_id, -1), "");
	cr_assert_eq(load_le32(fx_result(temp, vec_bind[0].msg_id).at), (uint32_t)TL_BOOL_TRUE);
	fx_disconnect(perm);
	temp->content = 10;
	temp->last_id = vec_bind[0].msg_id + 100;
	id = ask(temp, 0, Q_STATE);
	cr_assert_str_eq(fx_error(temp, id, NULL), "");
	cr_assert_eq(sim.stub.last.account, fx_account());
	cr_assert_eq(sim.stub.last.auth_key_id, perm->key.id);
	fx_tick(&sim, 86401 * FX_SECOND);
	ask(temp, 228, Q_STATE);
	cr_assert_eq(temp->codes[0], -404, "expired");
}

Test(dc_rpc, permanent_keys_cannot_be_bound)
{
	struct client *perm = fx_connect(&sim, 2, TRANSPORT_INTERMEDIATE, false);

	give_key(perm, vec_bind[0].perm_key, false);
	cr_assert_str_eq(bind(perm, vec_bind[0].msg_id, -1), "TEMP_AUTH_KEY_EMPTY");
}

/* ---- faults ---- */

Test(dc_rpc, errors_by_method_rate_and_count)
{
	int32_t code = 0;
	uint64_t id;

	fault("error:method=help.getN*,code=420,text=FLOOD_WAIT_7,skip=1,count=2");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
	for (int i = 0; i < 2; i++) {
		id = ask(c, 0, Q_NEAREST);
		cr_assert_str_eq(fx_error(c, id, &code), "FLOOD_WAIT_7");
		cr_assert_eq(code, 420);
	}
	id = ask(c, 0, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
	cr_assert_eq(sim.stub.calls, 2);
	cr_assert_eq(stats_method(&sim.stats, "help.getNearestDc")->floods, 2);
}

Test(dc_rpc, who_asks_again_during_a_wait_is_told_the_rest)
{
	uint64_t id;

	fault("error:method=help.getN*,code=420,text=FLOOD_WAIT_7,count=1");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "FLOOD_WAIT_7");
	fx_tick(&sim, 3 * FX_SECOND);
	id = ask(c, 0, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "FLOOD_WAIT_4");
	id = ask(c, 0, Q_CONFIG);
	cr_assert_str_eq(fx_error(c, id, NULL), "TEST", "another method waits for nothing");
	fx_tick(&sim, 5 * FX_SECOND);
	id = ask(c, 0, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
	cr_assert_eq(stats_method(&sim.stats, "help.getNearestDc")->early, 1);
}

Test(dc_rpc, a_wait_may_be_forgiven)
{
	uint64_t id;

	fault("error:method=help.getN*,code=420,text=FLOOD_WAIT_600,count=1");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "FLOOD_WAIT_600");
	fx_tick(&sim, 3 * FX_SECOND);
	stats_forgive(&sim.stats);
	id = ask(c, 0, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, NULL), "");
	cr_assert_eq(stats_method(&sim.stats, "help.getNearestDc")->early, 0);
}

Test(dc_rpc, an_error_instead_of_the_call_or_of_its_answer)
{
	uint64_t id;
	int32_t code;

	fault("error:method=help.getNearestDc,code=500,text=RPC_CALL_FAIL,count=1");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, &code), "RPC_CALL_FAIL");
	cr_assert_eq(code, 500);
	cr_assert_eq(sim.stub.calls, 0);
	fault("error:method=help.getNearestDc,code=-503,text=Timeout,after=1,count=1");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_str_eq(fx_error(c, id, &code), "Timeout");
	cr_assert_eq(code, -503);
	cr_assert_eq(sim.stub.calls, 1);
}

Test(dc_rpc, silence_is_only_an_ack)
{
	uint64_t id;

	fault("silence:method=help.getNearestDc,count=1");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_eq(fx_result(c, id).len, 0);
	cr_assert_eq(load_le64(fx_find(c, ID_ACK)->body + 12), id);
	cr_assert_eq(sim.stub.calls, 1);
	fault("silence:method=help.getNearestDc,count=1,before=1");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_eq(fx_result(c, id).len, 0);
	cr_assert_eq(sim.stub.calls, 1);
}

Test(dc_rpc, silence_without_an_ack)
{
	static const char *const faults[] = {"silence:method=help.getNearestDc,ack=0,count=1",
					     "silence:method=help.getNearestDc,ack=0,before=1,count=1"};
	uint64_t id;

	for (int i = 0; i < 2; i++) {
		fault(faults[i]);
		id = ask(c, 228, Q_NEAREST);
		cr_assert_eq(fx_result(c, id).len, 0);
		cr_assert_null(fx_find(c, ID_ACK));
		cr_assert_eq(sim.stub.calls, 1);
	}
	fault("silence:method=help.getNearestDc,ack=1,count=1");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_eq(load_le64(fx_find(c, ID_ACK)->body + 12), id);
}

Test(dc_rpc, delayed_answers)
{
	uint64_t id;

	fault("delay:method=help.getNearestDc,ms=700");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_eq(fx_result(c, id).len, 0);
	cr_assert_eq(dc_due(sim.server), sim.now + 700000000);
	fx_tick(&sim, 700000000);
	cr_assert_gt(fx_result(c, id).len, 0);
}

Test(dc_rpc, late_calls_need_no_connection)
{
	uint64_t id;

	fault("delay:method=help.getNearestDc,ms=700,before=1");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_eq(load_le64(fx_find(c, ID_ACK)->body + 12), id);
	cr_assert_eq(sim.stub.calls, 0);
	fx_disconnect(c);
	cr_assert_eq(dc_due(sim.server), sim.now + 700000000);
	fx_tick(&sim, 699999999);
	cr_assert_eq(sim.stub.calls, 0);
	fx_tick(&sim, 1);
	cr_assert_eq(sim.stub.calls, 1);
	fx_tick(&sim, 700000000);
	cr_assert_eq(sim.stub.calls, 1, "once");
}

Test(dc_rpc, duplicated_answers)
{
	fault("duplicate");
	ask(c, 228, Q_NEAREST);
	cr_assert_eq(fx_count(c, (uint32_t)ID_RPC_RESULT), 2);
	cr_assert_eq(sim.stub.calls, 1);
}

Test(dc_rpc, cut_instead_of_the_answer)
{
	struct client *again;
	uint64_t id;

	fault("reset:method=help.getNearestDc,count=1");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_null(c->conn);
	cr_assert_eq(c->fate, DC_CONN_RESET);
	cr_assert_eq(sim.stub.calls, 1, "executed");
	again = fx_again(c, false);
	tl_write_u64(body_start(&b, ID_PING), 1);
	fx_send(again, body_end(&b), false);
	fx_tick(&sim, 0);
	cr_assert_gt(fx_result(again, id).len, 0, "the session still has it");
	fault("drop:method=help.getNearestDc,before=1,count=1");
	ask(again, 228, Q_NEAREST);
	cr_assert_null(again->conn);
	cr_assert_eq(sim.stub.calls, 1);
}

Test(dc_rpc, cut_at_a_byte)
{
	struct dc_conn *conn;

	fault("drop:at=100,dir=in,count=1");
	conn = dc_conn_open(sim.server, 2, false, sim.now);
	cr_assert_eq(dc_conn_want(conn, sim.now).len, 100);
	memset(conn->scratch, 0xee, 4);
	store_le32(conn->scratch + 4, 200);
	dc_conn_took(conn, 60, sim.now);
	cr_assert_eq(dc_conn_want(conn, sim.now).len, 40);
	dc_conn_closed(&conn);
	fault("stall:at=10,count=1");
	c = fx_client(&sim, 2, TRANSPORT_INTERMEDIATE, false);
	ask(c, 228, Q_NEAREST);
	cr_assert_not_null(c->conn);
	cr_assert_eq(c->packets, 0);
	cr_assert_eq(dc_conn_want(c->conn, sim.now).len, 0);
}

Test(dc_rpc, slow_and_late)
{
	uint64_t id;
	int steps = 0;

	fault("latency:ms=50");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_eq(fx_result(c, id).len, 0);
	fx_tick(&sim, 50000000);
	cr_assert_gt(fx_result(c, id).len, 0);
	faults_drop(&sim.faults, 0);
	id = fx_send(c, history(228), true);
	fault("slow:bps=1000");
	while (fx_result(c, id).len == 0 && ++steps < 100)
		fx_tick(&sim, 20000000);
	cr_assert(steps > 5 && steps < 100, "%d steps", steps);
}

Test(dc_rpc, a_dc_that_is_down)
{
	fault("down:dc=2,ms=3000");
	fx_tick(&sim, 0);
	cr_assert_null(c->conn);
	cr_assert_eq(c->fate, DC_CONN_RESET);
	cr_assert_null(dc_conn_open(sim.server, 2, false, sim.now));
	cr_assert_not_null(fx_connect(&sim, 4, TRANSPORT_ABRIDGED, false));
	sim.now += 3 * FX_SECOND;
	cr_assert_not_null(fx_connect(&sim, 2, TRANSPORT_ABRIDGED, false));
}

Test(dc_rpc, salts_sessions_and_updates_by_rule)
{
	uint64_t id;

	ask(c, 228, Q_NEAREST);
	fault("salt:every=2,count=1");
	ask(c, 0, Q_NEAREST);
	id = ask(c, 0, Q_NEAREST);
	cr_assert_eq(fx_bad(c, id), 0);
	id = ask(c, 0, Q_NEAREST);
	cr_assert_eq(fx_bad(c, id), 48);
	c->salt = load_le64(fx_find(c, (uint32_t)ID_BAD_SALT)->body + 20);
	fault("forget:count=1");
	fault("update:count=1");
	fx_clear(c);
	id = ask(c, 0, Q_NEAREST);
	cr_assert_gt(fx_result(c, id).len, 0);
	cr_assert_eq(fx_count(c, (uint32_t)ID_UPDATES_TOO_LONG), 1);
	ask(c, 0, Q_NEAREST);
	cr_assert_eq(fx_count(c, (uint32_t)ID_NEW_SESSION), 1);
}

Test(dc_rpc, refused_by_rule)
{
	uint64_t id;

	fault("badmsg:code=20,count=1");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_eq(fx_bad(c, id), 20);
	fault("transport:code=-429,count=1");
	ask(c, 228, Q_NEAREST);
	cr_assert_eq(c->codes[0], -429);
	fault("quickack:count=1");
	ask(c, 228, Q_NEAREST);
	cr_assert_eq(c->token_count, 1);
	cr_assert_eq(sim.stub.calls, 1);
}

Test(dc_rpc, flipped_bits_are_sent)
{
	struct envelope_job job = {.packet = &c->in->buf, .key = &c->key, .dir = MSG_FROM_SERVER};

	fault("flip");
	c->raw = true;
	ask(c, 228, Q_NEAREST);
	cr_assert_eq(c->packets, 2, "the announcement, and the answer");
	envelope_open_batch(&job, 1);
	cr_assert_neq(job.fault, ENVELOPE_SOUND);
}

Test(dc_rpc, gzip_by_rule)
{
	uint64_t id;

	fault("gzip");
	id = ask(c, 228, Q_NEAREST);
	cr_assert_eq(load_le32(fx_result(c, id).at), ID_GZIP);
}

Test(dc_rpc, each_message_is_logged_once)
{
	uint32_t lines = 0;

	sink_clear(&sim.log.lines);
	ask(c, 228, Q_NEAREST);
	for (const char *at = sim.log.lines.at; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	cr_assert_eq(lines, 3, "query, new_session_created, answer: %s", sim.log.lines.at);
	cr_assert_not_null(strstr(sim.log.lines.at, "\"name\":\"help.getNearestDc\""));
	ask(c, 228, Q_CONFIG);
	cr_assert_not_null(strstr(sim.log.lines.at, "\"error\":\"TEST\""));
}

/*
 * Temporary keys at the server: what an unbound one may ask, which bindings are refused and with which
 * words, and how a key ends. The bindings are made as a client makes them.
 */
#include "tests/tgsim/dc_fixture.h"

#include "proto/session/binding.h"

#include <criterion/criterion.h>

enum { DC = 2, PERM_AT = 4, NONCE_AT = 12, EXPIRES_AT = 20, SEALED_AT = 25 };

static struct sim sim;
static struct client *perm, *temp;
static struct body body;

static void give_key(struct client *k, uint8_t seed, bool temporary)
{
	struct dc_hs hs = {.salt = seed, .temporary = temporary, .expires_in = 86400};

	memset(hs.key.key, seed, sizeof(hs.key.key));
	authkey_finish(&hs.key);
	dc_key_make(sim.server, DC, &hs);
	k->key = hs.key;
	k->salt = hs.salt;
	k->session_id = seed * 1000003u;
}

static uint64_t ask(struct client *k, uint32_t method)
{
	uint64_t id = fx_send(k, body_query(&body, 228, method), true);

	fx_tick(&sim, 0);
	return id;
}

static void setup(void)
{
	fx_open(&sim, NULL);
	perm = fx_connect(&sim, DC, TRANSPORT_INTERMEDIATE, false);
	temp = fx_connect(&sim, DC, TRANSPORT_INTERMEDIATE, false);
	give_key(perm, 11, false);
	give_key(temp, 22, true);
	ask(perm, (uint32_t)Q_LOGIN);
	fx_disconnect(perm);
}

static void teardown(void)
{
	fx_close(&sim);
}

TestSuite(dc_keys, .init = setup, .fini = teardown);

static int32_t server_s(void)
{
	return (int32_t)(sim.now / FX_SECOND);
}

/* As it has to be, for the next message of temp. */
static struct binding right(uint64_t msg_id)
{
	return (struct binding){.perm = &perm->key,
				.temp_id = temp->key.id,
				.session_id = temp->session_id,
				.msg_id = msg_id,
				.expires_at = server_s() + 86000};
}

/* spoil: a byte of the call that is turned, -1: none. The error's text. */
static const char *bind(const struct binding *b, uint64_t msg_id, int spoil)
{
	static const uint8_t random[BINDING_RANDOM] = {1, 2, 3};
	uint8_t query[BINDING_QUERY];

	binding_write(query, b, random);
	if (spoil >= 0)
		query[spoil] ^= 1;
	fx_send_as(temp, msg_id, 2 * temp->content++ + 1, cspan_of(query, sizeof(query)));
	fx_tick(&sim, 0);
	return fx_error(temp, msg_id, NULL);
}

static const char *bind_rightly(void)
{
	uint64_t id = fx_id(temp);
	struct binding b = right(id);

	return bind(&b, id, -1);
}

static const char *error_of(uint32_t method)
{
	return fx_error(temp, ask(temp, method), NULL);
}

Test(dc_keys, what_an_unbound_one_may_ask)
{
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "AUTH_KEY_PERM_EMPTY");
	cr_assert_str_eq(error_of((uint32_t)Q_LOGIN), "AUTH_KEY_PERM_EMPTY");
	cr_assert_str_eq(error_of(Q_NEAREST), "");
	cr_assert_str_eq(error_of((uint32_t)Q_CONFIG), "TEST", "the world answered");
	cr_assert_eq(sim.stats.violations[RULE_UNBOUND], 2);
	cr_assert_str_eq(bind_rightly(), "");
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "");
	cr_assert_eq(sim.stub.last.account, fx_account());
	cr_assert_eq(sim.stub.last.auth_key_id, perm->key.id);
}

/* Each thing that the permanent key signed, and each that stands beside it. */
Test(dc_keys, each_field_of_a_binding_counts)
{
	static const int beside[] = {PERM_AT, NONCE_AT, EXPIRES_AT};
	const char *text = "ENCRYPTED_MESSAGE_INVALID";
	struct auth_key other = perm->key;
	uint32_t refused = 0;

	other.key[77] ^= 1;
	for (int field = 0; field < 5; field++, refused++) {
		uint64_t id = fx_id(temp);
		struct binding b = right(id);

		b.msg_id += field == 0 ? 4 : 0;
		b.session_id ^= field == 1;
		b.temp_id ^= field == 2;
		b.perm = field == 3 ? &other : field == 4 ? &temp->key : b.perm;
		cr_assert_str_eq(bind(&b, id, -1), text, "field %d", field);
	}
	for (size_t i = 0; i < countof(beside); i++, refused++) {
		uint64_t id = fx_id(temp);
		struct binding b = right(id);

		cr_assert_str_eq(bind(&b, id, beside[i]), text, "byte %d", beside[i]);
	}
	/* The eight bytes at the end are padding, which nobody signs but the cipher spreads. */
	for (int at = SEALED_AT; at < SEALED_AT + 104 - 16; at += 8, refused++) {
		uint64_t id = fx_id(temp);
		struct binding b = right(id);

		cr_assert_str_eq(bind(&b, id, at), text, "byte %d", at);
	}
	cr_assert_eq(sim.stats.violations[RULE_BINDING], refused);
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "AUTH_KEY_PERM_EMPTY", "none of them bound it");
	cr_assert_str_eq(bind_rightly(), "");
}

static const char *bind_until(int32_t expires_at)
{
	uint64_t id = fx_id(temp);
	struct binding b = right(id);

	b.expires_at = expires_at;
	return bind(&b, id, -1);
}

Test(dc_keys, ends_that_cannot_be)
{
	cr_assert_str_eq(bind_until(server_s()), "EXPIRES_AT_INVALID");
	cr_assert_str_eq(bind_until(server_s() - 1), "EXPIRES_AT_INVALID");
	cr_assert_str_eq(bind_until(server_s() + 90000), "EXPIRES_AT_INVALID");
	cr_assert_str_eq(bind_until(server_s() + 86402), "", "counted from now on, not from the key's");
}

Test(dc_keys, one_permanent_key_each)
{
	struct client *second = fx_connect(&sim, DC, TRANSPORT_INTERMEDIATE, false);
	struct binding b;
	uint64_t id;

	give_key(second, 33, false);
	cr_assert_str_eq(bind_rightly(), "");
	cr_assert_str_eq(bind_rightly(), "", "the same again");
	id = fx_id(temp);
	b = right(id);
	b.perm = &second->key;
	cr_assert_str_eq(bind(&b, id, -1), "TEMP_AUTH_KEY_ALREADY_BOUND");
}

Test(dc_keys, the_binding_ends_before_its_key)
{
	cr_assert_str_eq(bind_until(server_s() + 1000), "");
	fx_tick(&sim, 999 * FX_SECOND);
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "");
	fx_tick(&sim, FX_SECOND);
	ask(temp, (uint32_t)Q_STATE);
	cr_assert_eq(temp->codes[0], -404);
}

static void fault(const char *spec)
{
	char why[128];

	cr_assert_neq(faults_add(&sim.faults, spec, sim.now, why, sizeof(why)), 0, "%s", why);
}

Test(dc_keys, unbound_by_rule)
{
	cr_assert_str_eq(bind_rightly(), "");
	fault("unbind:count=1");
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "");
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "AUTH_KEY_PERM_EMPTY");
	cr_assert_str_eq(bind_rightly(), "");
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "");
}

Test(dc_keys, forgotten_by_rule)
{
	cr_assert_str_eq(bind_rightly(), "");
	fault("tempgone:count=1");
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "");
	ask(temp, (uint32_t)Q_STATE);
	cr_assert_eq(temp->codes[0], -404);
}

/* With the permanent key those go that are bound to it. */
Test(dc_keys, permanent_one_forgotten_by_rule)
{
	cr_assert_str_eq(bind_rightly(), "");
	fault("keygone:count=1");
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "");
	ask(temp, (uint32_t)Q_STATE);
	cr_assert_eq(temp->codes[0], -404);
}

Test(dc_keys, copied_by_rule)
{
	cr_assert_str_eq(bind_rightly(), "");
	fault("copied:count=1");
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "");
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "AUTH_KEY_DUPLICATED");
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "AUTH_KEY_DUPLICATED");
}

Test(dc_keys, early_by_rule)
{
	cr_assert_str_eq(bind_rightly(), "");
	fault("templife:s=600");
	fx_tick(&sim, 599 * FX_SECOND);
	cr_assert_str_eq(error_of((uint32_t)Q_STATE), "");
	fx_tick(&sim, FX_SECOND);
	ask(temp, (uint32_t)Q_STATE);
	cr_assert_eq(temp->codes[0], -404);
}

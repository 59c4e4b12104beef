/* Who may ask what where: codes, passwords, exports, unknown methods, rate limits, knobs. */
#include "tests/tgsim/methods_fixture.h"

#include "proto/crypto/dh.h"
#include "proto/crypto/srp.h"
#include "tools/tgsim/methods_limits.h"

static struct world *two_accounts(void)
{
	static const struct world_account accounts[] = {
	    {"5511900000001", "11111", NULL, 100, false},
	    {"5511900000002", "22222", "s3nha boa", 200, true},
	};
	static const int dcs[] = {1, 2, 4};
	struct world_options opt = fixture_options();

	opt.accounts = accounts;
	opt.account_count = 2;
	opt.dcs = dcs;
	opt.dc_count = 3;
	opt.api_id = 12345;
	opt.api_hash = "abcdef";
	return fixture_open(&opt);
}

static struct caller stranger(void)
{
	return caller_of(two_accounts(), NULL);
}

static struct tl_obj *send_code(struct caller *c, const char *phone, int32_t api_id)
{
	struct tl_obj *q = ask(c, TLC_auth_sendCode);

	tl_set_str(q, TLF_phone_number, phone);
	tl_set_int(q, TLF_api_id, api_id);
	tl_set_str(q, TLF_api_hash, "abcdef");
	tl_set_obj(q, TLF_settings, tl_new(&c->arena, TLC_codeSettings));
	return q;
}

static struct tl_obj *sign_in(struct caller *c, const char *phone, struct cspan hash,
			      const char *code)
{
	struct tl_obj *q = ask(c, TLC_auth_signIn);

	tl_set_str(q, TLF_phone_number, phone);
	tl_set_bytes(q, TLF_phone_code_hash, hash);
	tl_set_str(q, TLF_phone_code, code);
	return q;
}

static struct cspan hash_for(struct caller *c, const char *phone)
{
	const struct tl_obj *sent = ok(c, send_code(c, phone, 12345));

	cr_assert_eq(tl_cons(sent), TLC_auth_sentCode);
	return tl_bytes(sent, TLF_phone_code_hash);
}

Test(methods_login, by_code)
{
	struct caller c = stranger();
	struct cspan hash = hash_for(&c, "+5511900000001");
	const struct tl_obj *a;

	no(&c, sign_in(&c, "+5511900000001", hash, "00000"), 400, "PHONE_CODE_INVALID");
	no(&c, sign_in(&c, "+5511900000001", cspan_str("other"), "11111"), 400,
	   "PHONE_CODE_EXPIRED");
	no(&c, sign_in(&c, "+5511900000001", cspan_str(""), "11111"), 400, "PHONE_CODE_HASH_EMPTY");
	a = ok(&c, sign_in(&c, "+55 11 90000-0001", hash, "11111"));
	cr_assert_eq(tl_cons(a), TLC_auth_authorization);
	cr_assert_eq(tl_long(tl_sub(a, TLF_user), TLF_id), 100);
	cr_assert(tl_flag(tl_sub(a, TLF_user), TLF_self));
	cr_assert(c.changed);
	cr_assert_eq(c.account->user->id, 100);
	/* A code is good once. */
	no(&c, sign_in(&c, "5511900000001", hash, "11111"), 400, "PHONE_CODE_EXPIRED");
	caller_close(&c);
}

Test(methods_login, codes_die)
{
	struct caller c = stranger();
	struct cspan hash = hash_for(&c, "5511900000001");

	c.now += (int64_t)301 * 1000000000;
	no(&c, sign_in(&c, "5511900000001", hash, "11111"), 400, "PHONE_CODE_EXPIRED");
	hash = hash_for(&c, "5511900000001");
	for (int i = 0; i < 5; i++)
		no(&c, sign_in(&c, "5511900000001", hash, "9"), 400, "PHONE_CODE_INVALID");
	no(&c, sign_in(&c, "5511900000001", hash, "11111"), 400, "PHONE_CODE_EXPIRED");
	caller_close(&c);
}

Test(methods_login, what_is_refused_before_a_code)
{
	struct caller c = stranger();

	no(&c, send_code(&c, "5511900000001", 1), 400, "API_ID_INVALID");
	no(&c, send_code(&c, "12", 12345), 406, "PHONE_NUMBER_INVALID");
	no(&c, send_code(&c, "phone", 12345), 406, "PHONE_NUMBER_INVALID");
	c.dc = 4;
	no(&c, send_code(&c, "5511900000001", 12345), 303, "PHONE_MIGRATE_2");
	caller_close(&c);
}

Test(methods_login, nobody_signs_up_here)
{
	struct caller c = stranger();
	struct cspan hash = hash_for(&c, "999000000");
	struct tl_obj *q = ask(&c, TLC_auth_signUp);
	const struct tl_obj *a = ok(&c, sign_in(&c, "999000000", hash, "12345"));

	cr_assert_eq(tl_cons(a), TLC_auth_authorizationSignUpRequired);
	cr_assert_null(c.account);
	tl_set_str(q, TLF_phone_number, "999000000");
	tl_set_bytes(q, TLF_phone_code_hash, hash);
	tl_set_str(q, TLF_first_name, "N");
	tl_set_str(q, TLF_last_name, "");
	no(&c, q, 406, "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN");
	caller_close(&c);
}

/* ---- password ---- */

static struct tl_obj *check_password(struct caller *c, const struct tl_obj *password,
				     const char *typed)
{
	const struct tl_obj *kdf = tl_sub(password, TLF_current_algo);
	struct srp_algo algo = {tl_bytes(kdf, TLF_salt1), tl_bytes(kdf, TLF_salt2),
				(uint32_t)tl_int(kdf, TLF_g), tl_bytes(kdf, TLF_p)};
	struct tl_obj *in = tl_new(&c->arena, TLC_inputCheckPasswordSRP);
	struct tl_obj *q = ask(c, TLC_auth_checkPassword);
	uint8_t *a = arena_take(&c->arena, 256), *m1 = arena_take(&c->arena, 32), secret[256];

	memset(secret, 0x5a, sizeof(secret));
	cr_assert(
	    srp_client(a, m1, &algo, cspan_str(typed), tl_bytes(password, TLF_srp_B), secret));
	tl_set_long(in, TLF_srp_id, tl_long(password, TLF_srp_id));
	tl_set_bytes(in, TLF_A, cspan_of(a, 256));
	tl_set_bytes(in, TLF_M1, cspan_of(m1, 32));
	tl_set_obj(q, TLF_password, in);
	return q;
}

Test(methods_login, with_a_password)
{
	struct caller c = stranger();
	struct cspan hash = hash_for(&c, "5511900000002");
	const struct tl_obj *password;
	struct tl_obj *good;

	no(&c, ask(&c, TLC_account_getPassword), 401, "AUTH_KEY_UNREGISTERED");
	no(&c, sign_in(&c, "5511900000002", hash, "22222"), 401, "SESSION_PASSWORD_NEEDED");
	cr_assert_null(c.account);
	password = ok(&c, ask(&c, TLC_account_getPassword));
	cr_assert(tl_flag(password, TLF_has_password));
	no(&c, check_password(&c, password, "wrong"), 400, "PASSWORD_HASH_INVALID");
	/* srp_id is good for one attempt. */
	no(&c, check_password(&c, password, "s3nha boa"), 400, "SRP_ID_INVALID");
	password = ok(&c, ask(&c, TLC_account_getPassword));
	good = check_password(&c, password, "s3nha boa");
	cr_assert_eq(tl_cons(ok(&c, good)), TLC_auth_authorization);
	cr_assert_eq(c.account->user->id, 200);
	caller_close(&c);
}

Test(methods_login, another_key_has_nothing_pending)
{
	struct caller c = stranger();
	struct cspan hash = hash_for(&c, "5511900000002");

	no(&c, sign_in(&c, "5511900000002", hash, "22222"), 401, "SESSION_PASSWORD_NEEDED");
	c.key++;
	no(&c, ask(&c, TLC_account_getPassword), 401, "AUTH_KEY_UNREGISTERED");
	caller_close(&c);
}

Test(methods_login, out_again)
{
	struct caller c = stranger();

	c.account = world_account_at(c.w, 0);
	ok(&c, ask(&c, TLC_auth_logOut));
	cr_assert(c.destroyed);
	cr_assert(c.changed);
	cr_assert_null(c.account);
	caller_close(&c);
}

/* ---- other DCs ---- */

static struct tl_obj *import(struct caller *c, const struct tl_obj *exported, int64_t id)
{
	struct tl_obj *q = ask(c, TLC_auth_importAuthorization);

	tl_set_long(q, TLF_id, id);
	tl_set_bytes(q, TLF_bytes, tl_bytes(exported, TLF_bytes));
	return q;
}

Test(methods_login, exported_to_another_dc)
{
	struct caller c = stranger();
	struct tl_obj *q = ask(&c, TLC_auth_exportAuthorization);
	const struct tl_obj *e;

	c.account = world_account_at(c.w, 0);
	tl_set_int(q, TLF_dc_id, 2);
	no(&c, q, 400, "DC_ID_INVALID");
	tl_set_int(q, TLF_dc_id, 3);
	no(&c, q, 400, "DC_ID_INVALID");
	tl_set_int(q, TLF_dc_id, 4);
	e = ok(&c, q);
	c.account = NULL;
	c.dc = 1;
	no(&c, import(&c, e, 100), 400, "AUTH_BYTES_INVALID");
	c.dc = 4;
	no(&c, import(&c, e, 200), 400, "USER_ID_INVALID");
	cr_assert_eq(tl_long(tl_sub(ok(&c, import(&c, e, 100)), TLF_user), TLF_id), 100);
	no(&c, import(&c, e, 100), 400, "AUTH_BYTES_INVALID");
	caller_close(&c);
}

Test(methods_login, only_file_methods_on_foreign_dcs)
{
	struct caller c = stranger();

	no(&c, ask(&c, TLC_updates_getState), 401, "AUTH_KEY_UNREGISTERED");
	c.account = world_account_at(c.w, 0);
	c.dc = 4;
	no(&c, ask(&c, TLC_updates_getState), 303, "USER_MIGRATE_2");
	ok(&c, ask(&c, TLC_help_getConfig));
	cr_assert_not(save_part(&c, 1, 0, 0, cspan_str("0123")));
	cr_assert_str_eq(c.out.text, "USER_MIGRATE_2");
	caller_close(&c);
}

/* ---- configuration ---- */

Test(methods_login, config_lists_the_addresses)
{
	struct caller c = stranger();
	const struct tl_obj *o;
	struct tl_vec v;

	methods_add_dc(c.w, &(struct methods_dc){2, "127.0.0.1", 443, false});
	methods_add_dc(c.w, &(struct methods_dc){4, "::1", 444, true});
	for (int i = 0; i < 3; i++) {
		c.layer = (const int[]){144, 201, 228}[i];
		o = ok(&c, ask(&c, TLC_help_getConfig));
		v = tl_vec(o, TLF_dc_options);
		cr_assert_eq(v.count, 2);
		cr_assert(tl_flag(tl_vec_obj(v, 1), TLF_media_only));
		cr_assert(tl_flag(tl_vec_obj(v, 1), TLF_ipv6));
		cr_assert_eq(tl_int(tl_vec_obj(v, 0), TLF_port), 443);
		cr_assert_not(tl_has(o, TLF_tmp_sessions));
		cr_assert_eq(tl_int(o, TLF_forwarded_count_max), 100);
		ok(&c, ask(&c, TLC_help_getAppConfig));
	}
	caller_close(&c);
}

/* ---- rate limits, knobs ---- */

Test(methods_login, floods_name_the_seconds)
{
	struct caller c = stranger();

	c.account = world_account_at(c.w, 0);
	cr_assert(methods_knob(c.w, "limit.resolve", "2/60"));
	for (int i = 0; i < 3; i++) {
		struct tl_obj *q = ask(&c, TLC_contacts_resolveUsername);

		tl_set_str(q, TLF_username, "nobody_here");
		no(&c, q, i < 2 ? 400 : 420, i < 2 ? "USERNAME_NOT_OCCUPIED" : "FLOOD_WAIT_30");
	}
	cr_assert_eq(methods_flood_waits(c.w), 1);
	c.now += (int64_t)30 * 1000000000;
	for (int i = 0; i < 2; i++) {
		struct tl_obj *q = ask(&c, TLC_contacts_resolveUsername);

		tl_set_str(q, TLF_username, "nobody_here");
		no(&c, q, i < 1 ? 400 : 420, i < 1 ? "USERNAME_NOT_OCCUPIED" : "FLOOD_WAIT_30");
	}
	caller_close(&c);
}

Test(methods_login, buckets_fill_up_again)
{
	struct world *w = two_accounts();
	struct limits l = {.world = w};
	struct limit_rule rule;

	cr_assert(limits_parse("20/60", &rule));
	limits_set(&l, LIMIT_POST, rule);
	for (int i = 0; i < 20; i++)
		cr_assert_eq(limits_take(&l, LIMIT_POST, 1, 1, 1, NOW), 0);
	cr_assert_eq(limits_take(&l, LIMIT_POST, 1, 1, 1, NOW), 3);
	cr_assert_eq(limits_take(&l, LIMIT_POST, 1, 1, 5, NOW), 15);
	cr_assert_eq(limits_take(&l, LIMIT_POST, 1, 2, 1, NOW), 0, "another target");
	cr_assert_eq(limits_take(&l, LIMIT_POST, 2, 1, 1, NOW), 0, "another account");
	cr_assert_eq(limits_take(&l, LIMIT_READ, 1, 1, 1, NOW), 0, "another kind");
	cr_assert_eq(limits_take(&l, LIMIT_POST, 1, 1, 1, NOW + INT64_C(3000000000)), 0);
	cr_assert_eq(limits_take(&l, LIMIT_POST, 1, 1, 1, NOW + INT64_C(3500000000)), 3);
	cr_assert_eq(limits_take(&l, LIMIT_POST, 1, 1, 100, NOW + INT64_C(100000000000)), 0);
	world_close(w);
}

Test(methods_login, knobs_refuse_nonsense)
{
	static const char *const bad[][2] = {
	    {"nothing", "1"},     {"limit.none", "1/1"}, {"limit.post", "0/1"},
	    {"limit.post", "5"},  {"limit.post", "5/0"}, {"random-id", "maybe"},
	    {"media-first", "2"}, {"webpage", "1"},      {"upload-ttl", "-1"},
	    {"short-read", "1x"}, {"part-false", ""},
	};
	struct world *w = two_accounts();

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_not(methods_knob(w, bad[i][0], bad[i][1]), "%s %s", bad[i][0], bad[i][1]);
	cr_assert(methods_knob(w, "limit.post", "off"));
	cr_assert(methods_knob(w, "webpage", "pending"));
	world_close(w);
}

Test(methods_login, methods_nobody_has)
{
	struct caller c = stranger();
	struct tl_obj *q = ask(&c, TLC_help_getSupport);
	char text[64];

	snprintf(text, sizeof(text), "INPUT_METHOD_INVALID_%u",
		 (unsigned)tl_id(TLC_help_getSupport, TL_LAYER));
	no(&c, q, 400, text);
	caller_close(&c);
}

Test(methods_login, takeout)
{
	struct caller c = stranger();
	struct tl_obj *q = ask(&c, TLC_account_finishTakeoutSession);
	struct tl_obj *history = ask(&c, TLC_messages_getHistory);
	struct tl_vec v;
	int64_t open;

	c.account = world_account_at(c.w, 0);
	no(&c, q, 400, "TAKEOUT_INVALID");
	cr_assert(methods_knob(c.w, "takeout-delay", "60"));
	no(&c, ask(&c, TLC_account_initTakeoutSession), 420, "TAKEOUT_INIT_DELAY_60");
	cr_assert(methods_knob(c.w, "takeout-delay", "0"));
	c.takeout = tl_long(ok(&c, ask(&c, TLC_account_initTakeoutSession)), TLF_id);
	cr_assert_neq(c.takeout, 0);
	v = tl_vec(ok(&c, ask(&c, TLC_messages_getSplitRanges)), TLF_items);
	cr_assert_eq(v.count, 1);
	for (int i = 1; i <= 5; i++)
		ok(&c, text_to(&c, in_self(&c), "note", i));
	tl_set_obj(history, TLF_peer, in_self(&c));
	tl_set_int(history, TLF_limit, 100);
	cr_assert_eq(tl_vec(ok(&c, history), TLF_messages).count, 5);
	c.range_min = c.account->box.last_id - 2;
	c.range_max = c.account->box.last_id - 1;
	cr_assert_eq(tl_vec(ok(&c, history), TLF_messages).count, 2);
	open = c.takeout;
	c.takeout++;
	no(&c, history, 400, "TAKEOUT_INVALID");
	c.takeout = 0;
	no(&c, q, 403, "TAKEOUT_REQUIRED");
	c.takeout = open;
	ok(&c, q);
	caller_close(&c);
}

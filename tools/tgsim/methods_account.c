/*
 * account.*: the two-step password (server half of SRP, api.md 3), takeout sessions, and what
 * clients ask about themselves. A srp_id is good for one attempt.
 */
#include "proto/crypto/dh.h"
#include "proto/crypto/srp.h"
#include "tools/tgsim/methods_auth.h"

enum { SRP_G = 3 };

/* ---- password ---- */

static struct srp_algo algo_of(const struct account_state *s)
{
	return (struct srp_algo){
	    .salt1 = cspan_of(s->salt1, sizeof(s->salt1)),
	    .salt2 = cspan_of(s->salt2, sizeof(s->salt2)),
	    .g = SRP_G,
	    .p = cspan_of(dh_known_prime, 256),
	};
}

static void draw(struct world *w, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i += 8)
		store_le64(out + i, (uint64_t)world_random(w));
}

/* The verifier costs 100,000 rounds of PBKDF2, so it is made when somebody asks for the first time.
 */
static struct account_state *password_state(struct rpc *r, struct account *a)
{
	struct account_state *s = account_state(r->world, a);
	struct srp_algo algo;
	uint8_t x[32];

	if (s->verifier_known)
		return s;
	draw(r->world, s->salt1, sizeof(s->salt1));
	draw(r->world, s->salt2, sizeof(s->salt2));
	algo = algo_of(s);
	srp_password_hash(x, &algo, cspan_str(a->password));
	srp_verifier(s->verifier, &algo, x);
	bytes_wipe(x, sizeof(x));
	s->verifier_known = true;
	return s;
}

static const struct tl_obj *kdf_obj(const struct rpc *r, struct cspan salt1, struct cspan salt2)
{
	struct tl_obj *o =
	    tl_new(r->arena, TLC_passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow);

	tl_set_bytes(o, TLF_salt1, salt1);
	tl_set_bytes(o, TLF_salt2, salt2);
	tl_set_int(o, TLF_g, SRP_G);
	tl_set_bytes(o, TLF_p, cspan_of(dh_known_prime, 256));
	return o;
}

static void put_srp(struct rpc *r, struct account *a, struct tl_obj *o)
{
	struct account_state *s = password_state(r, a);
	struct srp_algo algo = algo_of(s);
	uint8_t *b = arena_take(r->arena, 256);

	if (b == NULL)
		return;
	draw(r->world, s->srp_b, sizeof(s->srp_b));
	srp_server_public(b, &algo, s->verifier, s->srp_b);
	s->srp_id = world_random(r->world);
	tl_set_flag(o, TLF_has_password, true);
	tl_set_obj(o, TLF_current_algo, kdf_obj(r, algo.salt1, algo.salt2));
	tl_set_bytes(o, TLF_srp_B, cspan_of(b, 256));
	tl_set_long(o, TLF_srp_id, s->srp_id);
}

static void get_password(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct account *a = r->account != NULL ? r->account : auth_pending(r);
	struct tl_obj *o = tl_new(r->arena, TLC_account_password);
	struct tl_obj *secure = tl_new(r->arena, TLC_securePasswordKdfAlgoSHA512);
	uint8_t *random = arena_take(r->arena, 256);
	uint8_t *salt = arena_take(r->arena, 8);

	if (a == NULL) {
		rpc_error(out, 401, "AUTH_KEY_UNREGISTERED");
		return;
	}
	if (random == NULL || salt == NULL) {
		rpc_error(out, 500, "RPC_CALL_FAIL");
		return;
	}
	draw(r->world, random, 256);
	draw(r->world, salt, 8);
	if (a->password != NULL)
		put_srp(r, a, o);
	tl_set_obj(o, TLF_new_algo, kdf_obj(r, cspan_of(salt, 8), cspan_of(random, 16)));
	tl_set_bytes(secure, TLF_salt, cspan_of(salt, 8));
	tl_set_obj(o, TLF_new_secure_algo, secure);
	tl_set_bytes(o, TLF_secure_random, cspan_of(random, 256));
	rpc_result(out, o);
}

static void check_password(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	const struct tl_obj *p = tl_sub(q, TLF_password);
	struct account *a = auth_pending(r);
	struct account_state *s;
	struct srp_algo algo;

	if (a == NULL) {
		rpc_error(out, 401, "AUTH_KEY_UNREGISTERED");
		return;
	}
	s = account_state(r->world, a);
	if (tl_cons(p) != TLC_inputCheckPasswordSRP) {
		rpc_error(out, 400, "PASSWORD_HASH_INVALID");
		return;
	}
	if (s->srp_id == 0 || tl_long(p, TLF_srp_id) != s->srp_id) {
		rpc_error(out, 400, "SRP_ID_INVALID");
		return;
	}
	s->srp_id = 0;
	algo = algo_of(s);
	if (tl_bytes(p, TLF_A).len != 256)
		rpc_error(out, 400, "SRP_A_INVALID");
	else if (!srp_server_check(&algo, s->verifier, s->srp_b, tl_bytes(p, TLF_A),
				   tl_bytes(p, TLF_M1)))
		rpc_error(out, 400, "PASSWORD_HASH_INVALID");
	else
		auth_finish(r, a, out);
}

/* ---- takeout ---- */

static void init_takeout(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct methods *m = methods_of(r->world);
	struct account_state *s = account_state(r->world, r->account);
	struct tl_obj *o = tl_new(r->arena, TLC_account_takeout);

	if (m->takeout_delay_s > 0) {
		rpc_error(out, 420, "TAKEOUT_INIT_DELAY_%d", m->takeout_delay_s);
		return;
	}
	s->takeout = world_random(r->world);
	tl_set_long(o, TLF_id, s->takeout);
	rpc_result(out, o);
}

static void finish_takeout(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct account_state *s = account_state(r->world, r->account);

	if (s->takeout == 0 || r->takeout_id == 0) {
		rpc_error(out, s->takeout == 0 ? 400 : 403,
			  s->takeout == 0 ? "TAKEOUT_INVALID" : "TAKEOUT_REQUIRED");
		return;
	}
	s->takeout = 0;
	rpc_bool(r, out, true);
}

static void get_split_ranges(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *v = tl_new_vector(r->arena, 1);
	struct tl_obj *range = tl_new(r->arena, TLC_messageRange);

	tl_set_int(range, TLF_min_id, 1);
	tl_set_int(range, TLF_max_id, r->account->box.last_id + 1);
	tl_put_obj(v, TLF_items, 0, range);
	rpc_result(out, v);
}

/* ---- small things ---- */

static void accept(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_bool(r, out, true);
}

static void get_notify_settings(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	rpc_result(out, tl_new(r->arena, TLC_peerNotifySettings));
}

static void get_ttl(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_accountDaysTTL);

	tl_set_int(o, TLF_days, 365);
	rpc_result(out, o);
}

static void get_authorizations(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_account_authorizations);
	struct tl_obj *one = tl_new(r->arena, TLC_authorization);

	tl_set_flag(one, TLF_current, true);
	tl_set_str(one, TLF_device_model, "");
	tl_set_int(one, TLF_api_id, world_options(r->world)->api_id);
	tl_set_int(one, TLF_date_created, rpc_date(r));
	tl_set_int(one, TLF_date_active, rpc_date(r));
	tl_set_int(o, TLF_authorization_ttl_days, 180);
	tl_set_vec(r->arena, o, TLF_authorizations, 1);
	tl_put_obj(o, TLF_authorizations, 0, one);
	rpc_result(out, o);
}

const struct method methods_account_table[] = {
    {TLC_account_getPassword, get_password, METHOD_OPEN, LIMIT_NONE},
    {TLC_auth_checkPassword, check_password, METHOD_OPEN, LIMIT_LOGIN},
    {TLC_account_initTakeoutSession, init_takeout, 0, LIMIT_NONE},
    {TLC_account_finishTakeoutSession, finish_takeout, 0, LIMIT_NONE},
    {TLC_messages_getSplitRanges, get_split_ranges, 0, LIMIT_NONE},
    {TLC_account_updateStatus, accept, METHOD_ANY_DC, LIMIT_NONE},
    {TLC_account_registerDevice, accept, 0, LIMIT_NONE},
    {TLC_account_unregisterDevice, accept, 0, LIMIT_NONE},
    {TLC_account_updateDeviceLocked, accept, 0, LIMIT_NONE},
    {TLC_account_getNotifySettings, get_notify_settings, 0, LIMIT_NONE},
    {TLC_account_getAccountTTL, get_ttl, 0, LIMIT_NONE},
    {TLC_account_getAuthorizations, get_authorizations, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};

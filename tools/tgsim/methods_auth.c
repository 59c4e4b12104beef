/*
 * auth.*: codes, signing in and out, and the export of an authorization to another DC. The password
 * check is in methods_account.c; between SESSION_PASSWORD_NEEDED and it, a key is pending here.
 *
 *   sendCode -> struct code -> signIn -+-> authorization (the key is the account's)
 *                                      +-> SESSION_PASSWORD_NEEDED, struct pending -> checkPassword
 *                                      +-> authorizationSignUpRequired (a phone nobody has)
 */
#include "tools/tgsim/methods_auth.h"

#include <stdio.h>

enum { CODE_LIFE_S = 300, CODE_TRIES = 5, TICKET_LIFE_S = 120, PHONE_MAX = 15, PHONE_MIN = 5 };

struct code {
	struct code *next;
	char phone[PHONE_MAX + 1];
	char hash[19];
	uint64_t key;
	int64_t until_ns;
	int tries;
	bool dead;
};

struct ticket {
	struct ticket *next;
	struct account *account;
	int dc;
	int64_t until_ns;
	uint8_t bytes[64];
	bool used;
};

/* ---- the authorization of a key ---- */

struct account *auth_pending(struct rpc *r)
{
	for (struct pending *p = methods_of(r->world)->pending; p != NULL; p = p->next)
		if (p->key == r->auth_key_id && p->account != NULL)
			return p->account;
	return NULL;
}

static void set_pending(struct rpc *r, struct account *a)
{
	struct methods *m = methods_of(r->world);
	struct pending *p = m->pending;

	while (p != NULL && p->key != r->auth_key_id)
		p = p->next;
	if (p == NULL) {
		p = world_take(r->world, sizeof(*p));
		*p = (struct pending){m->pending, r->auth_key_id, NULL};
		m->pending = p;
	}
	p->account = a;
}

void auth_finish(struct rpc *r, struct account *a, struct rpc_reply *out)
{
	struct tl_obj *o = tl_new(r->arena, TLC_auth_authorization);

	set_pending(r, NULL);
	r->account = a;
	r->authorization_changed = true;
	tl_set_obj(o, TLF_user, user_obj(r->world, r->arena, a, a->user));
	rpc_result(out, o);
}

/* ---- codes ---- */

/* Digits only, in buf; false when that is no phone number. */
static bool phone_take(struct cspan in, char buf[PHONE_MAX + 1], struct rpc_reply *out)
{
	size_t n = 0;
	bool sound = true;

	for (size_t i = 0; i < in.len && sound; i++) {
		char c = (char)in.at[i];

		if (c >= '0' && c <= '9' && n < PHONE_MAX)
			buf[n++] = c;
		else
			sound =
			    c == ' ' || c == '-' || c == '(' || c == ')' || (c == '+' && i == 0);
	}
	buf[n] = 0;
	if (!sound || n < PHONE_MIN)
		rpc_error(out, 406, "PHONE_NUMBER_INVALID");
	return sound && n >= PHONE_MIN;
}

static bool api_known(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	const struct world_options *o = world_options(r->world);

	if (tl_int(q, TLF_api_id) == o->api_id &&
	    (o->api_hash == NULL || cspan_equal(tl_bytes(q, TLF_api_hash), cspan_str(o->api_hash))))
		return true;
	rpc_error(out, 400, "API_ID_INVALID");
	return false;
}

static void answer_code(struct rpc *r, const struct code *c, struct rpc_reply *out)
{
	struct account *a = account_by_phone(r->world, c->phone);
	struct tl_obj *type = tl_new(r->arena, TLC_auth_sentCodeTypeApp);
	struct tl_obj *o = tl_new(r->arena, TLC_auth_sentCode);

	tl_set_int(type, TLF_length, a != NULL ? (int32_t)strlen(a->code) : 5);
	tl_set_obj(o, TLF_type, type);
	tl_set_bytes(o, TLF_phone_code_hash, cspan_str(c->hash));
	tl_set_obj(o, TLF_next_type, tl_new(r->arena, TLC_auth_codeTypeSms));
	tl_set_int(o, TLF_timeout, 60);
	rpc_result(out, o);
}

static void send_code(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct methods *m = methods_of(r->world);
	int home = methods_home(r->world);
	char phone[PHONE_MAX + 1];
	struct code *c;

	if (!api_known(r, q, out) || !phone_take(tl_bytes(q, TLF_phone_number), phone, out))
		return;
	if (r->dc != home) {
		rpc_error(out, 303, "PHONE_MIGRATE_%d", home);
		return;
	}
	c = world_take(r->world, sizeof(*c));
	*c = (struct code){.next = m->codes, .key = r->auth_key_id};
	memcpy(c->phone, phone, sizeof(phone));
	snprintf(c->hash, sizeof(c->hash), "%016llx", (unsigned long long)world_random(r->world));
	c->until_ns = r->now + CODE_LIFE_S * INT64_C(1000000000);
	m->codes = c;
	answer_code(r, c, out);
}

/* The code that phone and hash of the query name, still good. */
static struct code *code_find(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct cspan hash = tl_bytes(q, TLF_phone_code_hash);
	char phone[PHONE_MAX + 1];

	if (!phone_take(tl_bytes(q, TLF_phone_number), phone, out))
		return NULL;
	if (hash.len == 0) {
		rpc_error(out, 400, "PHONE_CODE_HASH_EMPTY");
		return NULL;
	}
	for (struct code *c = methods_of(r->world)->codes; c != NULL; c = c->next)
		if (strcmp(c->phone, phone) == 0 && cspan_equal(hash, cspan_str(c->hash)) &&
		    !c->dead && r->now < c->until_ns)
			return c;
	rpc_error(out, 400, "PHONE_CODE_EXPIRED");
	return NULL;
}

static void resend_code(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct code *c = code_find(r, q, out);

	if (c == NULL)
		return;
	c->until_ns = r->now + CODE_LIFE_S * INT64_C(1000000000);
	answer_code(r, c, out);
}

static void cancel_code(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct code *c = code_find(r, q, out);

	if (c == NULL)
		return;
	c->dead = true;
	rpc_bool(r, out, true);
}

static void sign_in(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct cspan typed = tl_bytes(q, TLF_phone_code);
	struct code *c = code_find(r, q, out);
	struct account *a;

	if (c == NULL)
		return;
	if (typed.len == 0) {
		rpc_error(out, 400, "PHONE_CODE_EMPTY");
		return;
	}
	a = account_by_phone(r->world, c->phone);
	if (a == NULL) {
		/* Nobody has this phone, so nobody chose its code: any will do. */
		rpc_result(out, tl_new(r->arena, TLC_auth_authorizationSignUpRequired));
		return;
	}
	if (!cspan_equal(typed, cspan_str(a->code))) {
		c->dead = ++c->tries >= CODE_TRIES;
		rpc_error(out, 400, "PHONE_CODE_INVALID");
		return;
	}
	c->dead = true;
	if (a->password != NULL) {
		set_pending(r, a);
		rpc_error(out, 401, "SESSION_PASSWORD_NEEDED");
		return;
	}
	auth_finish(r, a, out);
}

static void sign_up(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct code *c = code_find(r, q, out);

	if (c == NULL)
		return;
	if (account_by_phone(r->world, c->phone) != NULL)
		rpc_error(out, 400, "PHONE_NUMBER_OCCUPIED");
	else
		rpc_error(out, 406, "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN");
}

static void log_out(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	set_pending(r, NULL);
	r->account = NULL;
	r->authorization_changed = true;
	r->destroy_key = true;
	rpc_result(out, tl_new(r->arena, TLC_auth_loggedOut));
}

static void import_bot(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	if (api_known(r, q, out))
		rpc_error(out, 400, "ACCESS_TOKEN_INVALID");
}

/* ---- to other DCs ---- */

static bool dc_known(const struct rpc *r, int dc)
{
	const struct world_options *o = world_options(r->world);

	for (uint32_t i = 0; i < o->dc_count; i++)
		if (o->dcs[i] == dc)
			return true;
	return false;
}

static void export_authorization(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct methods *m = methods_of(r->world);
	struct tl_obj *o = tl_new(r->arena, TLC_auth_exportedAuthorization);
	int dc = tl_int(q, TLF_dc_id);
	struct ticket *t;

	if (dc == r->dc || !dc_known(r, dc)) {
		rpc_error(out, 400, "DC_ID_INVALID");
		return;
	}
	t = world_take(r->world, sizeof(*t));
	*t = (struct ticket){.next = m->tickets, .account = r->account, .dc = dc};
	t->until_ns = r->now + TICKET_LIFE_S * INT64_C(1000000000);
	for (size_t i = 0; i < sizeof(t->bytes); i += 8)
		store_le64(t->bytes + i, (uint64_t)world_random(r->world));
	m->tickets = t;
	tl_set_long(o, TLF_id, r->account->user->id);
	tl_set_bytes(o, TLF_bytes, cspan_of(t->bytes, sizeof(t->bytes)));
	rpc_result(out, o);
}

static void import_authorization(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct cspan bytes = tl_bytes(q, TLF_bytes);
	struct ticket *t = methods_of(r->world)->tickets;

	while (t != NULL && !cspan_equal(bytes, cspan_of(t->bytes, sizeof(t->bytes))))
		t = t->next;
	if (t == NULL || t->used || t->dc != r->dc || r->now >= t->until_ns) {
		rpc_error(out, 400, "AUTH_BYTES_INVALID");
		return;
	}
	if (t->account->user->id != tl_long(q, TLF_id)) {
		rpc_error(out, 400, "USER_ID_INVALID");
		return;
	}
	t->used = true;
	auth_finish(r, t->account, out);
}

const struct method methods_auth_table[] = {
    {TLC_auth_sendCode, send_code, METHOD_OPEN | METHOD_ANY_DC, LIMIT_LOGIN},
    {TLC_auth_resendCode, resend_code, METHOD_OPEN, LIMIT_LOGIN},
    {TLC_auth_cancelCode, cancel_code, METHOD_OPEN, LIMIT_NONE},
    {TLC_auth_signIn, sign_in, METHOD_OPEN, LIMIT_LOGIN},
    {TLC_auth_signUp, sign_up, METHOD_OPEN, LIMIT_LOGIN},
    {TLC_auth_logOut, log_out, METHOD_ANY_DC, LIMIT_NONE},
    {TLC_auth_importBotAuthorization, import_bot, METHOD_OPEN, LIMIT_LOGIN},
    {TLC_auth_exportAuthorization, export_authorization, METHOD_ANY_DC, LIMIT_NONE},
    {TLC_auth_importAuthorization, import_authorization, METHOD_OPEN | METHOD_ANY_DC, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};

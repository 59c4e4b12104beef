/*
 * login and logout (api.md 3): code, two-step password by SRP, migration to the phone's home DC. Codes and
 * passwords are wiped after use; nothing of them is printed or logged.
 */
#include "proto/api/ask.h"
#include "proto/api/error.h"
#include "proto/api/password.h"
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/talk.h"
#include "tools/tgclone/client.h"
#include "tools/tgclone/prompt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

enum { CODE_TRIES = 3, EMPTY_TRIES = 10, SECRET_MAX = 256 };

static const uint64_t LEAVE_NS = 10000000000; /* for a data centre to answer, when we log out */

struct login {
	struct client cl;
	const char *phone;
	char hash[128]; /* phone_code_hash */
	int32_t api_id;
	const char *api_hash;
};

/* The signal that ended the typing. A key leaves none. */
static int ended_by(struct login *l)
{
	return client_stopped(&l->cl) ? l->cl.signal_got : SIGINT;
}

static int typed_error(struct login *l, int error, const char *what)
{
	if (error == 0)
		return 0;
	if (error == -EINTR)
		return EXIT_SIGNAL + ended_by(l);
	return app_fail(l->cl.app, EXIT_LOGIN, "%s: %s", what,
			error == -ENODATA ? "the input ended before it" : strerror(-error));
}

static const struct asked {
	const char *question, *what;
	bool secret;
} phone_asked = {"Phone: ", "the phone", false}, code_asked = {"Code: ", "the code", false},
  password_asked = {"Password: ", "the password", true};

/* Not empty: a key too many costs none of the attempts. fd: where it is read; -1: where the user is. */
static int type(struct login *l, const struct asked *a, int64_t fd, char *out, size_t size)
{
	for (uint32_t tries = 0; tries < EMPTY_TRIES; tries++) {
		int rc = fd >= 0 ? prompt_fd((int)fd, out, size)
				 : prompt_line(a->question, a->secret, out, size);
		int code = typed_error(l, rc, a->what);

		if (code != 0 || out[0] != '\0')
			return code;
	}
	return app_fail(l->cl.app, EXIT_LOGIN, "%s: only empty lines came", a->what);
}

/* Where the api_hash comes from: the user, else the list of servers. */
static int find_api(struct login *l)
{
	const struct options *o = app_options(l->cl.app);
	int code = options_read_api_hash(&l->cl.app->options);

	if (code != 0)
		return app_fail(l->cl.app, code, "%s", o->why);
	l->api_id = l->cl.session.api_id;
	l->api_hash = o->api_hash[0] != '\0' ? o->api_hash : l->cl.dc.api_hash;
	if (l->api_hash[0] == '\0')
		return app_fail(l->cl.app, EXIT_USAGE,
				"no api_hash: TG_API_HASH, --api-hash-file or --api-hash-fd gives it");
	return 0;
}

static const struct tl_obj *send_code_query(struct login *l)
{
	struct arena *a = &l->cl.arena;
	struct tl_obj *o = tl_new(a, TLC_auth_sendCode);

	tl_set_str(o, TLF_phone_number, l->phone);
	tl_set_int(o, TLF_api_id, l->api_id);
	tl_set_str(o, TLF_api_hash, l->api_hash);
	tl_set_obj(o, TLF_settings, tl_new(a, TLC_codeSettings));
	return o;
}

static int migrate(struct login *l, int32_t dc)
{
	if (dc <= 0 || dc >= 1000) {
		app_error(l->cl.app, "the server sent us to DC %d, which cannot be", dc);
		return EXIT_UNAVAILABLE;
	}
	net_set_home(l->cl.net, (uint16_t)dc);
	client_store(&l->cl);
	return 0;
}

/* Where the user has to look for it. */
static const char *way_of_code(enum tlc type)
{
	switch (type) {
	case TLC_auth_sentCodeTypeApp:
		return "to your other Telegram apps";
	case TLC_auth_sentCodeTypeSms:
	case TLC_auth_sentCodeTypeFirebaseSms:
		return "by SMS";
	case TLC_auth_sentCodeTypeCall:
		return "by a phone call";
	case TLC_auth_sentCodeTypeMissedCall:
		return "as the last digits of the number that calls you";
	case TLC_auth_sentCodeTypeEmailCode:
		return "by e-mail";
	case TLC_auth_sentCodeTypeFragmentSms:
		return "by fragment.com";
	default:
		return tl_name(type);
	}
}

/* At most 3 hops (reliability S20). */
static int send_code(struct login *l)
{
	for (uint32_t hop = 0; hop <= 3; hop++) {
		const struct tl_obj *answer;
		enum client_status status;
		struct verdict v;
		int code;

		client_fresh(&l->cl);
		status = client_ask(&l->cl, TLC_auth_sendCode, send_code_query(l), &answer);
		if (status == CLIENT_OK) {
			struct cspan hash = tl_bytes(answer, TLF_phone_code_hash);

			if (tl_cons(answer) != TLC_auth_sentCode || hash.len >= sizeof(l->hash)) {
				app_error(l->cl.app, "the server wants something else than a code (%s)",
					  tl_name(tl_cons(answer)));
				return EXIT_UNAVAILABLE;
			}
			memcpy(l->hash, hash.at, hash.len);
			app_note(l->cl.app, "a code was sent %s",
				 way_of_code(tl_sub_cons(answer, TLF_type)));
			return 0;
		}
		v = error_verdict(l->cl.code, l->cl.text);
		if (status != CLIENT_REFUSED || v.remedy != REMEDY_DC)
			return client_fail(&l->cl, status, "sending the code");
		code = migrate(l, v.number);
		if (code != 0)
			return code;
	}
	app_error(l->cl.app, "the server sent us from DC to DC without end");
	return EXIT_UNAVAILABLE;
}

static int logged_in(struct login *l, const struct tl_obj *authorization)
{
	struct net_account *account = client_account(&l->cl);
	struct chat_info user;

	if (tl_cons(authorization) != TLC_auth_authorization) {
		app_error(l->cl.app, "there is no account with this number; tgclone does not make accounts");
		return EXIT_UNAVAILABLE;
	}
	if (!chat_info_read(tl_sub(authorization, TLF_user), &user) || user.peer.id == 0) {
		app_error(l->cl.app, "the server does not say who logged in");
		return EXIT_UNAVAILABLE;
	}
	account->user_id = user.peer.id;
	account->premium = user.premium;
	net_set_authorized(l->cl.net, account->home_dc, true);
	if (client_store(&l->cl) != 0)
		return EXIT_IO;
	app_say(l->cl.app, "logged in as %s (id %lld)%s", user.title, (long long)user.peer.id,
		user.premium ? ", Premium" : "");
	return 0;
}

/* One attempt with one password. */
static enum client_status check_password(struct login *l, const char *password,
					 const struct tl_obj **answer, int *code)
{
	struct arena *a = &l->cl.arena;
	const struct tl_obj *info, *query;
	struct password_random random;
	enum client_status status;
	const char *why;

	client_fresh(&l->cl);
	*code = 0;
	status = client_ask(&l->cl, TLC_account_getPassword, tl_new(a, TLC_account_getPassword), &info);
	if (status != CLIENT_OK)
		return status;
	ring_random(l->cl.ring, &random, sizeof(random));
	query = password_ask(a, info, cspan_str(password), &random, &why);
	bytes_wipe(&random, sizeof(random));
	if (query == NULL) {
		app_error(l->cl.app, "%s", why);
		*code = EXIT_UNAVAILABLE;
		return CLIENT_REFUSED;
	}
	return client_ask(&l->cl, TLC_auth_checkPassword, query, answer);
}

static int ask_password(struct login *l)
{
	char password[SECRET_MAX];
	const struct tl_obj *answer;
	enum client_status status = CLIENT_REFUSED;

	for (uint32_t tries = 0; tries < CODE_TRIES; tries++) {
		int code = type(l, &password_asked, app_options(l->cl.app)->password_fd, password,
				sizeof(password));

		if (code != 0)
			return code;
		status = check_password(l, password, &answer, &code);
		bytes_wipe(password, sizeof(password));
		if (code != 0)
			return code;
		if (status == CLIENT_OK)
			return logged_in(l, answer);
		if (status != CLIENT_REFUSED || strcmp(l->cl.text, "PASSWORD_HASH_INVALID") != 0)
			break;
		app_error(l->cl.app, "wrong password");
	}
	return client_fail(&l->cl, status, "the password");
}

static int sign_in(struct login *l)
{
	char typed[SECRET_MAX];
	enum client_status status = CLIENT_REFUSED;

	for (uint32_t tries = 0; tries < CODE_TRIES; tries++) {
		const struct tl_obj *answer;
		struct tl_obj *o;
		int code = type(l, &code_asked, -1, typed, sizeof(typed));

		if (code != 0)
			return code;
		client_fresh(&l->cl);
		o = tl_new(&l->cl.arena, TLC_auth_signIn);
		tl_set_str(o, TLF_phone_number, l->phone);
		tl_set_str(o, TLF_phone_code_hash, l->hash);
		tl_set_str(o, TLF_phone_code, typed);
		status = client_ask(&l->cl, TLC_auth_signIn, o, &answer);
		bytes_wipe(typed, sizeof(typed));
		if (status == CLIENT_OK)
			return logged_in(l, answer);
		if (status == CLIENT_REFUSED && strcmp(l->cl.text, "SESSION_PASSWORD_NEEDED") == 0)
			return ask_password(l);
		if (status == CLIENT_REFUSED && strcmp(l->cl.text, "PHONE_NUMBER_UNOCCUPIED") == 0)
			return logged_in(l, NULL);
		if (status != CLIENT_REFUSED || strcmp(l->cl.text, "PHONE_CODE_INVALID") != 0)
			break;
		app_error(l->cl.app, "wrong code");
	}
	return client_fail(&l->cl, status, "logging in");
}

static int log_in(struct login *l)
{
	int code = find_api(l);

	/* A session that cannot be kept is not begun: codes and logins are counted. */
	if (code == 0)
		code = client_store(&l->cl);
	if (code == 0)
		code = send_code(l);
	if (code == 0)
		code = sign_in(l);
	return code;
}

static bool same_phone(const char *a, struct cspan b)
{
	size_t at = 0;

	for (; *a != '\0'; a++) {
		if (*a < '0' || *a > '9')
			continue;
		if (at == b.len || b.at[at++] != (uint8_t)*a)
			return false;
	}
	return at == b.len;
}

/* Of another account, or ended from another device, it is not what was asked for. */
static int check_login(struct login *l)
{
	struct app *app = l->cl.app;
	long long id = client_account(&l->cl)->user_id;
	const struct tl_obj *answer;
	enum client_status status = client_ask(&l->cl, TLC_users_getUsers, ask_self(&l->cl.arena), &answer);
	struct cspan phone;

	if ((status == CLIENT_REFUSED || status == CLIENT_GONE) &&
	    error_verdict(l->cl.code, l->cl.text).remedy == REMEDY_LOGIN)
		return app_fail(app, EXIT_LOGIN, "the login that is here (id %lld) is over: %s: tgclone logout clears "
				"it away, then log in again", id, l->cl.text);
	if (status != CLIENT_OK)
		return client_fail(&l->cl, status, "the login that is here");
	phone = tl_bytes(tl_vec_obj(tl_vec(answer, TLF_items), 0), TLF_phone);
	if (l->phone != NULL && phone.len > 0 && !same_phone(l->phone, phone))
		return app_fail(app, EXIT_USAGE, "another account is logged in here (id %lld): "
				"tgclone logout ends that, or --profile NAME keeps both", id);
	app_say(app, "already logged in (id %lld); tgclone logout ends that", id);
	return 0;
}

int cmd_login(struct app *app, int argc, char **argv)
{
	struct login l = {.phone = app_options(app)->phone};
	char phone[PROMPT_MAX];
	int code = client_open(&l.cl, app, false, false);

	(void)argc, (void)argv;
	if (code == 0 && client_account(&l.cl)->user_id != 0) {
		code = check_login(&l);
		client_close(&l.cl);
		return code;
	}
	if (code == 0 && l.phone == NULL) {
		code = type(&l, &phone_asked, -1, phone, sizeof(phone));
		l.phone = phone;
	}
	if (code == 0)
		code = log_in(&l);
	client_close(&l.cl);
	return code;
}

static enum client_status log_out_at(struct client *cl, uint16_t dc)
{
	const struct tl_obj *answer;
	enum client_status status;

	client_fresh(cl);
	cl->give_up_ns = ring_now(cl->ring) + LEAVE_NS;
	status = client_try(cl, dc, TLC_auth_logOut, tl_new(&cl->arena, TLC_auth_logOut), &answer);
	cl->give_up_ns = 0;
	return status;
}

/*
 * Each data centre's key is logged in by itself, and could log in others. One that is out of reach keeps nobody
 * here. A signal ends it: an exit code after a line.
 */
static int log_out_elsewhere(struct client *cl)
{
	const struct net_account *a = client_account(cl);
	enum client_status status = CLIENT_OK;

	for (uint32_t i = 0; i < a->dc_count && status != CLIENT_GONE; i++) {
		const struct net_dc *dc = &a->dcs[i];

		if (dc->id == a->home_dc || !dc->has_key || !dc->authorized)
			continue;
		status = log_out_at(cl, dc->id);
		if (status == CLIENT_STOPPED)
			return client_fail(cl, status, "logout");
		if (status == CLIENT_OK)
			net_set_authorized(cl->net, dc->id, false);
		else if (status != CLIENT_GONE)
			app_warn(cl->app, "DC %u was not told of the logout: %s", dc->id,
				 status == CLIENT_OFFLINE ? "no answer" : cl->text);
	}
	return 0;
}

/* The server forgets the keys, then we do; when the server cannot be asked, the file stays. */
int cmd_logout(struct app *app, int argc, char **argv)
{
	const struct tl_obj *answer;
	enum client_status status;
	struct client cl;
	int code = client_open(&cl, app, false, true);

	(void)argc, (void)argv;
	if (code == 0)
		code = log_out_elsewhere(&cl);
	if (code == 0) {
		client_fresh(&cl);
		status = client_ask(&cl, TLC_auth_logOut, tl_new(&cl.arena, TLC_auth_logOut), &answer);
		if (status != CLIENT_OK && error_verdict(cl.code, cl.text).remedy != REMEDY_LOGIN)
			code = client_fail(&cl, status, "logout");
	}
	if (code == 0)
		code = client_forget(&cl);
	if (code == 0)
		app_say(app, "logged out; the keys are destroyed");
	client_close(&cl);
	return code;
}

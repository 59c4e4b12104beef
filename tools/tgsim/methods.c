/*
 * world_call: who may ask what, where. It finds the method in the tables of the other files,
 * refuses what needs a login or another DC, takes the token of the rate limit, and calls. The
 * answers are the methods' own business.
 */
#include "tools/tgsim/methods_priv.h"

static const struct method *find(enum tlc name)
{
	static const struct method *const tables[] = {
	    methods_file_table,    methods_history_table, methods_send_table, methods_dialog_table,
	    methods_search_table,  methods_forward_table, methods_edit_table, methods_forum_table,
	    methods_updates_table, methods_user_table,    methods_chat_table, methods_member_table,
	    methods_poll_table,    methods_more_table,    methods_auth_table, methods_account_table,
	    methods_help_table,    methods_convert_table,
	};

	for (size_t t = 0; t < countof(tables); t++)
		for (const struct method *m = tables[t]; m->name != TLC_none; m++)
			if (m->name == name)
				return m;
	return NULL;
}

/* A query wrapped in invokeWithTakeout: with the session that is open. */
static bool takeout_good(const struct rpc *r)
{
	return r->takeout_id == 0 ||
	       (r->account != NULL &&
		account_state(r->world, r->account)->takeout == r->takeout_id);
}

void world_call(struct rpc *r, const struct tl_obj *query, struct rpc_reply *out)
{
	const struct method *m = find(tl_cons(query));
	int home = methods_home(r->world);

	memset(out, 0, sizeof(*out));
	methods_of(r->world)->now = r->now;
	convert_due(r);
	if (m == NULL)
		rpc_error(out, 400, "INPUT_METHOD_INVALID_%u", (unsigned)tl_wire_id(query));
	else if (!(m->flags & METHOD_OPEN) && r->account == NULL)
		rpc_error(out, 401, "AUTH_KEY_UNREGISTERED");
	else if (!(m->flags & METHOD_ANY_DC) && r->dc != home)
		rpc_error(out, 303, "%s_MIGRATE_%d", r->account != NULL ? "USER" : "NETWORK", home);
	else if (!takeout_good(r))
		rpc_error(out, 400, "TAKEOUT_INVALID");
	else if (rpc_limit(r, m->limit, 0, 1, out))
		m->call(r, query, out);
}

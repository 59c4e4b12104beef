/* Questions one after the other, and accounts that end between them. */
#include "tests/link/sim.h"

#include "proto/api/ask.h"
#include "tools/tgclone/app.h"
#include "tools/tgclone/client.h"

#include <stdlib.h>

/* It ended while nobody waited for an answer: the next question is not waited with for ever. */
/* Rows: S29 I7 */
Test(client, an_account_that_ended_is_no_endless_wait, .timeout = 60)
{
	static struct app app;
	struct client cl = {.app = &app, .layer = 228, .scratch = malloc(256 * 1024)};
	const struct tl_obj *answer;
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 1});
	sim_login(&s);
	sim_ctl(&s, "fault error:method=users.getUsers,code=401,text=SESSION_REVOKED");
	cr_assert_eq(sim_ask(&s, 0, NET_MAIN, ask_self(&s.arena)), NET_ERROR);
	while (!s.dead)
		cr_assert_null(sim_event(&s));
	cl.ring = s.ring;
	cl.net = s.net;
	cl.arena = s.arena;
	cr_assert_eq(client_ask(&cl, TLC_users_getUsers, ask_self(&cl.arena), &answer),
		     CLIENT_GONE);
	free(cl.scratch);
	sim_close(&s);
}

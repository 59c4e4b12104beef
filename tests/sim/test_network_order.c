/*
 * Questions that were asked in an order and have to be asked again keep that order, whatever the
 * session's end was: what people read stands in it.
 */
#include "tests/sim/virtual.h"

#include "engine/link/net_priv.h"

enum { ASKED = 12 };

/* All are open at the server; then something happens, and they are asked again. */
static struct virtual *open_asked(struct sim *s, bool pfs, uint32_t tickets[ASKED])
{
	struct virtual *v = virtual_open(s, &(struct sim_options){.links = 1, .pfs = pfs}, 61);

	virtual_wait(s, SECOND);
	virtual_tell(v, "fault delay:method=help.getNearestDc,ms=30000");
	for (uint32_t i = 0; i < ASKED; i++)
		tickets[i] = virtual_ask_later(s, 0, NET_MAIN);
	virtual_wait(s, SECOND);
	return v;
}

/* The server answers in the order in which they came to it. */
static void answered_in_order(struct sim *s, const uint32_t tickets[ASKED])
{
	struct net_stats stats;

	for (uint32_t i = 0; i < ASKED; i++) {
		struct net_event *ev = sim_event(s);

		cr_assert_not_null(ev, "%s", s->dead_text);
		cr_assert_eq(ev->kind, NET_RESULT, "%d %s", ev->code, ev->text);
		cr_assert_eq(ev->ticket, tickets[i], "answer %u is another one's", i);
	}
	net_stats(s->net, &stats);
	cr_assert_geq(stats.resends, ASKED, "they were not asked again");
}

Test(network_order, of_a_session_that_the_server_lost)
{
	uint32_t tickets[ASKED];
	struct sim s;
	struct virtual *v = open_asked(&s, false, tickets);

	virtual_tell(v, "forget");
	virtual_ask(&s, 0);
	answered_in_order(&s, tickets);
	virtual_close(&v, &s);
}

Test(network_order, of_a_session_made_anew)
{
	uint32_t tickets[ASKED];
	struct sim s;
	struct virtual *v = open_asked(&s, false, tickets);

	virtual_tell(v, "fault badmsg:code=32,count=1");
	virtual_ask(&s, 0);
	answered_in_order(&s, tickets);
	virtual_close(&v, &s);
}

Test(network_order, of_a_session_that_went_with_its_key)
{
	uint32_t tickets[ASKED];
	struct sim s;
	struct virtual *v = open_asked(&s, true, tickets);

	s.keys_lost = true;
	virtual_tell(v, "fault tempgone:method=users.getUsers,count=1");
	virtual_ask(&s, 0);
	virtual_reset(v, 0);
	answered_in_order(&s, tickets);
	virtual_close(&v, &s);
}

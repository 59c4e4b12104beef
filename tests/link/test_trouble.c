/* Trouble that is mended inside the net, or told to the caller in so many words. */
#include "tests/link/sim.h"

#include "proto/api/ask.h"

#include <string.h>

static void ask_self_ok(struct sim *s)
{
	sim_get(s, TLC_users_getUsers, ask_self(&s->arena));
}

static void still_answers(const char *fault, uint32_t times)
{
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 1});
	sim_login(&s);
	sim_ctl(&s, fault);
	for (uint32_t i = 0; i < times; i++)
		ask_self_ok(&s);
	sim_close(&s);
}

/* Rows: S1 */
Test(trouble, salt_changes_all_the_time)
{
	still_answers("fault salt", 20);
}

/* Rows: S2 S3 S5 */
Test(trouble, messages_are_refused)
{
	still_answers("fault badmsg:code=16,every=3", 9);
	still_answers("fault badmsg:code=17,every=3,count=3", 9);
	still_answers("fault badmsg:code=33,every=3,count=3", 9);
	still_answers("fault badmsg:code=64,every=3,count=2", 9);
}

/* Rows: S2 S3 */
Test(trouble, clock_is_off)
{
	struct sim s;

	for (int ahead = 0; ahead < 2; ahead++) {
		sim_open(&s, &(struct sim_options){.links = 1});
		s.account.time_offset_s = ahead ? 90000 : -90000;
		sim_login(&s);
		/* The key exchange told the time; a stored offset may be wrong as well. */
		s.account.time_offset_s = ahead ? 90000 : -90000;
		sim_reopen_net(&s);
		ask_self_ok(&s);
		sim_close(&s);
	}
}

/* Rows: H26 S32 */
Test(trouble, forged_words_about_the_key)
{
	struct net_stats stats;
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 1});
	sim_login(&s);
	sim_ctl(&s, "fault transport:code=-404,count=2");
	ask_self_ok(&s);
	net_stats(s.net, &stats);
	cr_assert_eq(stats.handshakes, 1, "the key was thrown away");
	cr_assert(s.account.dcs[1].authorized);
	sim_close(&s);
}

Test(trouble, server_drops_answers)
{
	still_answers("fault drop:method=users.getUsers,count=2", 3);
}

/* Rows: S37 */
Test(trouble, connection_not_initialised)
{
	still_answers(
	    "fault error:method=users.getUsers,code=400,text=CONNECTION_NOT_INITED,count=1", 3);
}

Test(trouble, first_question_refused)
{
	struct sim s;

	/* A server that does not know help.getConfig is still a server. */
	sim_open(&s,
		 &(struct sim_options){
		     .args = {"--fault", "error:method=help.getConfig,code=500,text=INTERNAL"}});
	sim_login(&s);
	ask_self_ok(&s);
	sim_close(&s);
}

Test(trouble, errors_go_up)
{
	struct sim s;

	sim_open(&s, &(struct sim_options){0});
	sim_login(&s);
	sim_ctl(&s, "fault error:method=users.getUsers,code=420,text=FLOOD_WAIT_7,count=1");
	cr_assert_eq(sim_ask(&s, 0, NET_MAIN, ask_self(&s.arena)), NET_ERROR);
	cr_assert_eq(s.ev.code, 420);
	cr_assert_str_eq(s.ev.text, "FLOOD_WAIT_7");
	ask_self_ok(&s);
	sim_close(&s);
}

/* Rows: S29 S30 */
Test(trouble, login_is_gone)
{
	struct net_request r = {.lane = NET_MAIN};
	uint32_t ticket;
	struct sim s;

	sim_open(&s, &(struct sim_options){0});
	sim_login(&s);
	sim_ctl(&s, "fault error:method=users.getUsers,code=401,text=SESSION_REVOKED");
	cr_assert_eq(sim_ask(&s, 0, NET_MAIN, ask_self(&s.arena)), NET_ERROR);
	while (!s.dead)
		cr_assert_null(sim_event(&s));
	cr_assert_str_eq(s.dead_text, "SESSION_REVOKED");
	r.query = sim_encode(&s, ask_self(&s.arena));
	cr_assert_neq(net_call(s.net, &r, &ticket), 0, "nothing more is asked");
	cr_assert(s.account.dcs[1].has_key, "the file keeps its key");
	sim_close(&s);
}

/* Before there is a login, 401 is an answer like any other. */
Test(trouble, not_logged_in_yet)
{
	struct sim s;

	sim_open(&s, &(struct sim_options){0});
	cr_assert_eq(sim_ask(&s, 0, NET_MAIN, ask_self(&s.arena)), NET_ERROR);
	cr_assert_eq(s.ev.code, 401);
	cr_assert_not(s.dead);
	sim_close(&s);
}

/* Sent, and the connection lost before the answer: nobody knows, so it is not sent again. */
Test(trouble, asked_once_only)
{
	struct net_request r = {.lane = NET_MAIN, .once = true, .owner = 42};
	struct net_event *ev;
	uint32_t ticket;
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 1});
	sim_login(&s);
	ask_self_ok(&s);
	sim_ctl(&s, "fault silence:method=users.getUsers,count=1");
	r.query = sim_encode(&s, ask_self(&s.arena));
	cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	do
		cr_assert_eq(net_turn(s.net, ring_now(s.ring) + 1000000), 0);
	while (sim_stat(&s, "faults/fired/silence") < 1);
	sim_ctl(&s, "forget");
	sim_ctl(&s, "cut");
	ev = sim_event(&s);
	cr_assert_eq(ev->kind, NET_LOST);
	cr_assert_eq(ev->owner, 42);
	cr_assert_eq(ev->ticket, ticket);
	ask_self_ok(&s);
	sim_close(&s);
}

Test(trouble, cancelled_questions_are_silent)
{
	struct net_request r = {.lane = NET_MAIN};
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 1});
	sim_login(&s);
	for (int turns = 0; turns < 4; turns++) {
		uint32_t ticket;

		r.query = sim_encode(&s, ask_self(&s.arena));
		cr_assert_eq(net_call(s.net, &r, &ticket), 0);
		for (int i = 0; i < turns; i++)
			cr_assert_eq(net_turn(s.net, 0), 0);
		net_cancel(s.net, ticket);
		net_cancel(s.net, ticket);
		ask_self_ok(&s); /* sim_ask wants its own answer next */
	}
	sim_close(&s);
}

Test(trouble, updates_come_and_file_sessions_get_none)
{
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 1});
	sim_login(&s);
	sim_ctl(&s, "push");
	ask_self_ok(&s);
	cr_assert_eq(s.updates, 1);
	sim_close(&s);
}

Test(trouble, older_layer)
{
	struct sim s;

	sim_open(&s, &(struct sim_options){.layer = 201});
	sim_login(&s);
	ask_self_ok(&s);
	sim_close(&s);
}

/* Rows: S37 */
Test(trouble, layer_that_the_server_does_not_know)
{
	struct sim s;

	sim_open(&s,
		 &(struct sim_options){.args = {"--fault", "error:method=help.getConfig,code=400,"
							   "text=CONNECTION_LAYER_INVALID"}});
	cr_assert_eq(sim_ask(&s, 0, NET_MAIN, tl_new(&s.arena, TLC_help_getConfig)), NET_ERROR);
	cr_assert(s.dead);
	cr_assert_not_null(strstr(s.dead_text, "LAYER"), "%s", s.dead_text);
	sim_close(&s);
}

/* Rows: N6 */
Test(trouble, half_open_connection)
{
	struct sim s;

	/* N6: the peer is there for TCP and says nothing. */
	sim_open(&s, &(struct sim_options){.links = 1});
	sim_login(&s);
	sim_ctl(&s, "fault stall:method=users.getUsers,count=1");
	ask_self_ok(&s);
	sim_close(&s);
}

/* Rows: N1 */
Test(trouble, first_address_is_dead)
{
	struct net_dc *home;
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 1});
	home = &s.account.dcs[1];
	home->addrs[1] = home->addrs[0];
	home->addr_count = 2;
	home->addrs[0].port = 1;
	sim_login(&s);
	ask_self_ok(&s);
	sim_close(&s);
}

Test(trouble, no_such_data_centre)
{
	struct sim s;

	sim_open(&s, &(struct sim_options){0});
	cr_assert_gt(net_room(s.net, 77, NET_MAIN), 0);
	cr_assert_eq(sim_ask(&s, 77, NET_MAIN, ask_self(&s.arena)), NET_ERROR);
	cr_assert_eq(s.ev.code, -1);
	sim_close(&s);
}

Test(trouble, lanes_are_bounded)
{
	struct net_request r = {.lane = NET_DOWN};
	uint32_t ticket, count = 0;
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 2, .inflight = 3});
	r.query = sim_encode(&s, ask_self(&s.arena));
	cr_assert_eq(net_room(s.net, 0, NET_DOWN), 6);
	while (net_call(s.net, &r, &ticket) == 0)
		count++;
	cr_assert_eq(count, 6);
	cr_assert_eq(net_room(s.net, 0, NET_DOWN), 0);
	net_cancel(s.net, ticket);
	cr_assert_eq(net_room(s.net, 0, NET_DOWN), 1);
	sim_close(&s);
}

/* Rows: I5 */
Test(trouble, closing_with_everything_in_flight)
{
	struct net_request r = {.lane = NET_MAIN};
	uint32_t ticket;
	struct sim s;

	for (int turns = 0; turns < 12; turns++) {
		sim_open(&s, &(struct sim_options){.links = 1, .poll = turns % 2 == 1});
		r.query = sim_encode(&s, ask_self(&s.arena));
		cr_assert_eq(net_call(s.net, &r, &ticket), 0);
		for (int i = 0; i < turns; i++)
			cr_assert_eq(net_turn(s.net, ring_now(s.ring) + 2000000), 0);
		sim_close(&s);
	}
}

/* The list grows by what help.getConfig says: here all but the home DC is learnt. */
Test(trouble, addresses_are_learnt)
{
	struct sim s;

	sim_open(&s, &(struct sim_options){0});
	net_close(&s.net);
	s.account.dcs[0] = s.account.dcs[1];
	s.account.dc_count = 1;
	memset(&s.account.dcs[1], 0, 2 * sizeof(s.account.dcs[1]));
	cr_assert_eq(net_open(&s.net, &s.options), 0);
	sim_login(&s);
	cr_assert_eq(s.account.dc_count, 3);
	cr_assert_gt(net_room(s.net, 4, NET_DOWN), 0);
	cr_assert_eq(sim_ask(&s, 4, NET_MAIN, tl_new(&s.arena, TLC_help_getConfig)), NET_RESULT);
	sim_close(&s);
}

/* ---- a server that is none ---- */

struct portal {
	struct ring *ring;
	struct op accept, send, wait;
	int listen, fd;
	struct cspan page;
	uint8_t byte[1024];
	uint32_t served;
	bool closing;
};

/* It does not hang up: the client has to. */
static void portal_heard(struct op *op)
{
	struct portal *p = container_of(op, struct portal, wait);

	if (op->res > 0) {
		ring_recv(p->ring, &p->wait, p->fd, p->byte, sizeof(p->byte), false);
		return;
	}
	ring_close_fd(p->ring, p->fd);
	p->served++;
	if (!p->closing)
		ring_accept(p->ring, &p->accept, p->listen);
}

static void portal_sent(struct op *op)
{
	struct portal *p = container_of(op, struct portal, send);

	p->wait.done = portal_heard;
	ring_recv(p->ring, &p->wait, p->fd, p->byte, sizeof(p->byte), false);
}

static void portal_accepted(struct op *op)
{
	struct portal *p = container_of(op, struct portal, accept);

	p->fd = op->res;
	if (op->res < 0)
		return;
	p->send.done = portal_sent;
	ring_send(p->ring, &p->send, p->fd, p->page.at, (uint32_t)p->page.len);
}

/* The home is there from now on. */
static void portal_open(struct portal *p, struct sim *s, struct cspan page)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_storage bound;

	*p = (struct portal){.ring = s->ring, .page = page};
	p->listen = ring_listen(s->ring, (struct sockaddr *)&any, sizeof(any), &bound);
	cr_assert_geq(p->listen, 0);
	p->accept.done = portal_accepted;
	ring_accept(s->ring, &p->accept, p->listen);
	s->account.dcs[1].addrs[0].port = ntohs(((struct sockaddr_in *)&bound)->sin_port);
}

static void portal_close(struct portal *p)
{
	struct op *const ops[] = {&p->accept, &p->send, &p->wait};

	p->closing = true;
	for (size_t i = 0; i < countof(ops); i++) {
		if (ops[i]->place != 0)
			ring_cancel(p->ring, ops[i]);
		while (ops[i]->place != 0)
			cr_assert_geq(ring_run(p->ring, UINT64_MAX), 0);
	}
	ring_close_fd(p->ring, p->listen);
}

/* Until that is said; what was said before it. */
static void told(struct sim *s, const char *what, char before[160])
{
	uint64_t end = ring_now(s->ring) + 60 * UINT64_C(1000000000);

	before[0] = '\0';
	while (strstr(s->state_text, what) == NULL) {
		strcpy(before, s->state_text);
		while (net_next(s->net, &s->ev))
			if (s->ev.kind == NET_STATE && strstr(s->state_text, what) == NULL)
				strcpy(s->state_text, s->ev.text);
		cr_assert_eq(net_turn(s->net, end), 0);
		cr_assert_lt(ring_now(s->ring), end, "%s is never said: %s", what, s->state_text);
	}
}

/* N26: what is no packet is refused, and after three times a person is told what it may be. */
static void meets_portal(const struct sim_options *o, struct cspan page, bool has_key)
{
	struct net_request r = {.lane = NET_MAIN};
	char before[160];
	struct portal p;
	uint32_t ticket;
	struct sim s;

	sim_open(&s, o);
	if (has_key) {
		sim_login(&s);
		ask_self_ok(&s);
	}
	portal_open(&p, &s, page);
	if (has_key)
		sim_reopen_net(&s);
	r.query = sim_encode(&s, tl_new(&s.arena, TLC_help_getConfig));
	cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	told(&s, "portal", before);
	cr_assert_geq(p.served, 2, "it is named too soon");
	cr_assert(has_key == s.account.dcs[1].has_key);
	net_cancel(s.net, ticket);
	portal_close(&p);
	sim_close(&s);
}

static const char page[] =
    "HTTP/1.1 302 Found\r\nLocation: http://login.example/hotspot?back=http%3A%2F%2F127.0.0.1%2F\r\n"
    "Content-Type: text/html\r\nCache-Control: no-store\r\nContent-Length: 214\r\n\r\n"
    "<html><head><title>Welcome</title></head><body><p>Please <a href=\"http://login.example/\">log in"
    "</a> before you go on; it costs nothing, and lasts for as long as you stay with us. Have a nice "
    "day in our house.</p></body></html>";

/* Rows: N26 */
Test(trouble, captive_portal)
{
	static const uint8_t alert[] = {21, 3, 3, 0, 2, 2, 40, 0, 21, 3, 3, 0, 2, 2, 40, 0};
	struct cspan http = cspan_of(page, sizeof(page) - 1);

	meets_portal(&(struct sim_options){0}, http, false);
	meets_portal(&(struct sim_options){0}, http, true);
	meets_portal(&(struct sim_options){0}, cspan_of(alert, sizeof(alert)), false);
	meets_portal(&(struct sim_options){.transport = TRANSPORT_ABRIDGED}, http, false);
	meets_portal(&(struct sim_options){.transport = TRANSPORT_ABRIDGED}, http, true);
	meets_portal(&(struct sim_options){.transport = TRANSPORT_PADDED}, http, false);
	meets_portal(&(struct sim_options){.transport = TRANSPORT_FULL}, http, false);
}

/* Before there is a key nothing larger than the exchange's messages is waited for. */
static void hears_length(uint32_t len, bool comes, const char *what)
{
	static uint8_t bytes[4 + 64 * 1024];
	struct net_request r = {.lane = NET_MAIN};
	char before[160];
	struct portal p;
	uint32_t ticket;
	struct sim s;

	memset(bytes, 0x5a, sizeof(bytes));
	store_le32(bytes, len);
	sim_open(&s, &(struct sim_options){0});
	portal_open(&p, &s, cspan_of(bytes, comes ? sizeof(bytes) : 4));
	r.query = sim_encode(&s, tl_new(&s.arena, TLC_help_getConfig));
	cr_assert_eq(net_call(s.net, &r, &ticket), 0);
	told(&s, what, before);
	cr_assert_str_empty(before, "%s", before);
	net_cancel(s.net, ticket);
	portal_close(&p);
	sim_close(&s);
}

/* Rows: H2 */
Test(trouble, lengths_before_there_is_a_key)
{
	hears_length(64 * 1024 + 4, false, "broken frame");
	hears_length(64 * 1024 - 4, true, "not what the key exchange has");
	hears_length(64 * 1024, true, "not what the key exchange has");
}

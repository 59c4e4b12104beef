/*
 * Key exchanges that come to nothing (reliability.md H12), in virtual time: whichever answer of the
 * server is damaged, the exchange is given up, and the next one has nothing of it: no nonce, no
 * new_nonce, no g_b, as the server understood them. Each begins later than the one before, and what
 * the question waits for is said.
 */
#include "tests/sim/virtual.h"

#include "engine/link/net_priv.h"

#include <stdio.h>
#include <string.h>

enum { ROUND_TRIPS = 6, SLOWEST_MS = 5, WATCHED = 12 };

/* What an exchange may take in a network without limits: computing takes no virtual time. */
static const uint64_t EXCHANGE = (uint64_t)ROUND_TRIPS * 2 * SLOWEST_MS * MS;

/* ---- what they were made of ---- */

static uint32_t secrets_of(const struct virtual *v, enum virtual_secret_kind kind)
{
	const struct virtual_secret *all;
	uint32_t count = virtual_secrets(v, &all), of_kind = 0;

	for (uint32_t i = 0; i < count; i++)
		of_kind += all[i].kind == kind;
	return of_kind;
}

/* Not even as a part of something else. */
static void nothing_came_twice(const struct virtual *v)
{
	const struct virtual_secret *all;
	uint32_t count = virtual_secrets(v, &all);

	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < count; k++)
			for (uint32_t at = 0; k != i && at < all[k].len; at += 16)
				cr_assert_null(memmem(all[i].bytes, all[i].len, all[k].bytes + at, 16),
					       "%u of kind %d has a part of %u of kind %d", i,
					       (int)all[i].kind, k, (int)all[k].kind);
}

/* A byte of each answer: what it is, and how many answers there are until then. */
static const struct wrong {
	const char *what;
	uint32_t byte, answers;
} wrongs[] = {
    {"what resPQ is", 1, 1},
    {"its nonce", 5, 1},
    {"how long pq is", 36, 1},
    {"the fingerprint of the only known key", 64, 1},
    {"what server_DH_params_ok is", 1, 2},
    {"its nonce", 5, 2},
    {"its server_nonce", 21, 2},
    {"its encrypted answer", 100, 2},
    {"what dh_gen_ok is", 1, 3},
    {"its nonce", 5, 3},
    {"its server_nonce", 21, 3},
    {"its new_nonce_hash", 37, 3},
};

enum { DAMAGED = 4 };

static uint64_t nominal(uint32_t fails)
{
	uint64_t wait = BACKOFF_FIRST << (fails - 1 > 7 ? 7 : fails - 1);

	return wait > BACKOFF_LAST ? BACKOFF_LAST : wait;
}

/*
 * The pause behind each failed one, the first of which was that connect: a back-off that doubles, with
 * its jitter, and never a sixth connect in ten seconds.
 */
static void pauses_grow(const struct virtual_connect *c, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		uint64_t pause = c[i].at_ns - c[i - 1].at_ns, most = nominal(i) * 5 / 4;

		if (i >= CONNECTS_MAX && c[i - 1].at_ns + most < c[i - CONNECTS_MAX].at_ns + CONNECTS_WINDOW)
			most = c[i - CONNECTS_MAX].at_ns + CONNECTS_WINDOW - c[i - 1].at_ns;
		cr_assert_geq(pause, nominal(i) * 3 / 4, "%u: %.3f s", i, (double)pause / 1e9);
		cr_assert_leq(pause, most + EXCHANGE, "%u: %.3f s", i, (double)pause / 1e9);
		/* Jitter is less than what it grows by. */
		if (i > 1 && i < CONNECTS_MAX)
			cr_assert_gt(pause, c[i - 1].at_ns - c[i - 2].at_ns);
	}
}

static void damaged_at(const struct wrong *w, uint64_t seed)
{
	struct sim s;
	struct virtual *v = virtual_open_apart(&s, &(struct sim_options){.links = 1}, seed);
	const struct virtual_connect *c;
	char fault[80];

	virtual_keep_secrets(v);
	snprintf(fault, sizeof(fault), "fault dhwrong:of=%u,every=%u,count=%d", w->byte, w->answers, DAMAGED);
	virtual_tell(v, fault);
	virtual_await(&s, virtual_ask_later(&s, 0, NET_MAIN), 0);
	cr_assert_eq(sim_stat(&s, "faults/fired/dhwrong"), DAMAGED, "%s", w->what);
	cr_assert_eq(secrets_of(v, VIRTUAL_NONCE), DAMAGED + 1, "%s", w->what);
	cr_assert_eq(secrets_of(v, VIRTUAL_NEW_NONCE), w->answers > 1 ? DAMAGED + 1 : 1, "%s", w->what);
	cr_assert_eq(secrets_of(v, VIRTUAL_G_B), w->answers > 2 ? DAMAGED + 1 : 1, "%s", w->what);
	nothing_came_twice(v);
	cr_assert_eq(virtual_connects(v, &c), DAMAGED + 1, "%s", w->what);
	pauses_grow(c, DAMAGED + 1);
	virtual_close(&v, &s);
}

/* Rows: H12 */
Test(network_exchange, nothing_of_a_failed_one_comes_again)
{
	for (uint32_t i = 0; i < countof(wrongs); i++)
		damaged_at(&wrongs[i], 60 + i);
}

/* One that is to try again has the same nonces, as it must, and another g_b each time. */
/* Rows: H12 */
Test(network_exchange, told_to_try_again_and_then_that_it_failed)
{
	const uint32_t again = HANDSHAKE_B_MAX - 1;
	struct sim s;
	struct virtual *v = virtual_open_apart(&s, &(struct sim_options){.links = 1}, 80);

	virtual_keep_secrets(v);
	/* The last of the first exchange's exponents is refused too, and the second one is told it failed. */
	virtual_tell(v, "fault dhretry:count=4");
	virtual_tell(v, "fault dhfail:skip=4,count=1");
	virtual_await(&s, virtual_ask_later(&s, 0, NET_MAIN), 0);
	cr_assert_eq(secrets_of(v, VIRTUAL_NONCE), 3);
	cr_assert_eq(secrets_of(v, VIRTUAL_NEW_NONCE), 3);
	cr_assert_eq(secrets_of(v, VIRTUAL_G_B), 3 + again);
	nothing_came_twice(v);
	virtual_close(&v, &s);
}

/* Temporary keys: each one that is made behind the permanent key, or in its own time, is as fresh. */
/* Rows: H12 */
Test(network_exchange, temporary_keys_have_nothing_in_common)
{
	struct sim s;
	struct virtual *v = virtual_open_apart(&s, &(struct sim_options){.links = 1, .pfs = true}, 81);

	virtual_keep_secrets(v);
	sim_login(&s);
	s.keys_lost = true;
	for (uint32_t step = 1; step <= 3; step++) {
		char fault[80];

		virtual_tell(v, "fault tempgone:method=users.getUsers,count=1");
		snprintf(fault, sizeof(fault), "fault dhwrong:of=5,every=%u,count=1", step);
		virtual_tell(v, fault);
		virtual_ask(&s, 0);
		virtual_ask(&s, 0);
		cr_assert_eq(sim_stat(&s, "faults/fired/dhwrong"), step);
	}
	/* The permanent one, the first temporary one, three that failed, and those in their place. */
	cr_assert_eq(secrets_of(v, VIRTUAL_NONCE), 2 + 3 + 3);
	cr_assert_eq(secrets_of(v, VIRTUAL_NEW_NONCE), 2 + 2 + 3);
	cr_assert_eq(secrets_of(v, VIRTUAL_G_B), 2 + 1 + 3);
	nothing_came_twice(v);
	virtual_close(&v, &s);
}

/* ---- what comes of it ---- */

struct heard {
	uint32_t states, again; /* again: those that say that it fails for more than a while */
	uint64_t again_ns;      /* the first of them */
	char last[160];
};

static void hear(struct sim *s, struct heard *h, uint64_t ns)
{
	uint64_t until = ring_now(s->ring) + ns;

	while (ring_now(s->ring) < until) {
		while (net_next(s->net, &s->ev)) {
			cr_assert_neq(s->ev.kind, NET_DEAD, "%s", s->ev.text);
			cr_assert_gt(s->ev.kind, NET_LOST, "an answer: %d %s", s->ev.code, s->ev.text);
			if (s->ev.kind != NET_STATE)
				continue;
			h->states++;
			snprintf(h->last, sizeof(h->last), "%s", s->ev.text);
			if (strstr(s->ev.text, "again and again") != NULL && h->again++ == 0)
				h->again_ns = ring_now(s->ring);
		}
		cr_assert_eq(net_turn(s->net, until), 0);
	}
}

/* The question waits: no end of the account, and it is answered soon once the damage is over. */
static void fails_for_long(struct sim *s, struct virtual *v, uint16_t dc, enum net_lane lane)
{
	const struct virtual_connect *c;
	uint32_t before = virtual_connects(v, &c), count, ticket;
	struct heard h = {0};
	char fault[80];

	snprintf(fault, sizeof(fault), "fault dhwrong:dc=%u,of=37,every=3", dc);
	virtual_tell(v, fault);
	ticket = virtual_ask_later(s, dc == s->account.home_dc ? 0 : dc, lane);
	hear(s, &h, 100 * SECOND);
	count = virtual_connects(v, &c) - before;
	c += before;
	cr_assert_geq(count, WATCHED - 1, "%u", count);
	pauses_grow(c, count);
	/* Behind the fifth, and not before. */
	cr_assert_gt(h.again, 0, "last: %s", h.last);
	cr_assert_geq(h.again_ns, c[HANDSHAKES_MAX - 1].at_ns);
	cr_assert_leq(h.again_ns, c[HANDSHAKES_MAX - 1].at_ns + EXCHANGE);
	fprintf(stderr, "%u attempts, %u words, the last: %s\n", count, h.states, h.last);
	virtual_tell(v, "unfault all");
	cr_assert_leq(virtual_await(s, ticket, ring_now(s->ring)), BACKOFF_LAST * 5 / 4 + SECOND);
}

/* Rows: H12 */
Test(network_exchange, the_home_is_tried_ever_more_rarely_and_says_why)
{
	struct sim s;
	struct virtual *v = virtual_open_apart(&s, &(struct sim_options){.links = 1}, 82);

	fails_for_long(&s, v, s.account.home_dc, NET_MAIN);
	virtual_close(&v, &s);
}

/* Rows: H12 N19 */
Test(network_exchange, another_data_centre_waits_and_the_account_goes_on)
{
	struct sim s;
	struct virtual *v = virtual_open(&s, &(struct sim_options){.links = 1}, 83);

	fails_for_long(&s, v, 4, NET_DOWN);
	virtual_close(&v, &s);
}

/* An environment that is not ours, or a list of keys that is too old: five lists, and the account ends. */
/* Rows: H12 */
Test(network_exchange, five_lists_without_a_key_of_ours_end_it)
{
	struct sim s;
	struct virtual *v = virtual_open_apart(&s, &(struct sim_options){.links = 1}, 84);
	const struct virtual_connect *c;

	virtual_keep_secrets(v);
	s.net->o.rsa_count = 0;
	(void)virtual_ask_later(&s, 0, NET_MAIN);
	while (sim_event(&s) != NULL)
		cr_assert_neq(s.ev.kind, NET_RESULT);
	cr_assert(s.dead);
	cr_assert_not_null(strstr(s.dead_text, "none of the RSA keys"), "%s", s.dead_text);
	cr_assert_eq(virtual_connects(v, &c), HANDSHAKES_MAX);
	cr_assert_eq(secrets_of(v, VIRTUAL_NONCE), HANDSHAKES_MAX);
	nothing_came_twice(v);
	pauses_grow(c, HANDSHAKES_MAX);
	virtual_close(&v, &s);
}

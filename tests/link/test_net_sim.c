/*
 * The net against the simulated Telegram: keys, login, downloads from another data centre, and what
 * must survive on the way.
 */
#include "tests/link/parts.h"

#include "proto/api/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- asking ---- */

static void config_is_answered(const struct sim_options *o)
{
	struct sim s;

	sim_open(&s, o);
	cr_assert_eq(tl_cons(sim_get(&s, TLC_help_getConfig, tl_new(&s.arena, TLC_help_getConfig))),
		     TLC_config);
	cr_assert(s.account.dcs[1].has_key);
	cr_assert_gt(s.changes, 0, "the key is to be kept");
	sim_close(&s);
}

Test(net, key_and_first_answer)
{
	config_is_answered(&(struct sim_options){0});
}

Test(net, key_and_first_answer_by_poll)
{
	config_is_answered(&(struct sim_options){.poll = true});
}

Test(net, every_transport)
{
	for (int t = TRANSPORT_INTERMEDIATE; t < TRANSPORT_UNKNOWN; t++)
		for (int obfuscated = 0; obfuscated < 2; obfuscated++) {
			if (t == TRANSPORT_FULL && obfuscated)
				continue;
			config_is_answered(&(struct sim_options){.transport = (enum transport)t,
								 .obfuscated = obfuscated == 1});
		}
}

/* Rows: H12 */
Test(net, key_exchange_told_to_try_again)
{
	config_is_answered(&(struct sim_options){.args = {"--fault", "dhretry:count=2"}});
}

Test(net, key_exchange_fails_once)
{
	config_is_answered(&(struct sim_options){.args = {"--fault", "dhfail:count=1"}});
}

/* Fresh numbers and a longer pause each time, until it succeeds; see H12. */
/* Rows: H12 */
Test(net, key_exchange_fails_some_times)
{
	config_is_answered(&(struct sim_options){.args = {"--fault", "dhfail:count=4"}});
}

Test(net, key_is_kept_and_used_again)
{
	struct net_stats stats;
	struct sim s;

	sim_open(&s, &(struct sim_options){0});
	sim_login(&s);
	sim_reopen_net(&s);
	sim_get(&s, TLC_users_getUsers, ask_self(&s.arena));
	net_stats(s.net, &stats);
	cr_assert_eq(stats.handshakes, 0);
	sim_close(&s);
}

/* Rows: H12 */
Test(net, unknown_rsa_key_ends_it)
{
	struct sim s;

	sim_open(&s, &(struct sim_options){0});
	net_close(&s.net);
	s.options.rsa[0].fingerprint ^= 1;
	cr_assert_eq(net_open(&s.net, &s.options), 0);
	cr_assert_eq(sim_ask(&s, 0, NET_MAIN, tl_new(&s.arena, TLC_help_getConfig)), NET_ERROR);
	cr_assert(s.dead);
	cr_assert_not_null(strstr(s.dead_text, "RSA"), "%s", s.dead_text);
	sim_close(&s);
}

/* ---- parts ---- */

static void download(struct parts *p, struct sim *s, const char *disturb)
{
	struct media_file f = sim_document(s);

	cr_assert_eq(f.dc, DOC_DC);
	parts_fetch(p, s, &f, disturb);
}

/* What a new link asks for itself is no reason for one more: else one part opened them all. */
Test(net, one_question_is_one_link)
{
	struct net_stats stats;
	struct sim s;

	sim_open(&s, &(struct sim_options){.links = 4});
	sim_login(&s);
	cr_assert_eq(sim_ask(&s, 0, NET_DOWN, tl_new(&s.arena, TLC_help_getNearestDc)), NET_RESULT);
	net_stats(s.net, &stats);
	cr_assert_eq(stats.links_total, 2, "main and one more, not %u", stats.links_total);
	cr_assert_eq(sim_ask(&s, 0, NET_UP, tl_new(&s.arena, TLC_help_getNearestDc)), NET_RESULT);
	net_stats(s.net, &stats);
	cr_assert_eq(stats.links_total, 3, "and one for uploads, not %u", stats.links_total);
	sim_close(&s);
}

/* Rows: S18 */
Test(net, download_from_another_data_centre)
{
	struct parts p;
	struct sim s;

	sim_open(&s, &(struct sim_options){.synth = "messages=3,docs=1x9MB,seed=5"});
	sim_login(&s);
	download(&p, &s, NULL);
	cr_assert_eq(s.account.dcs[2].id, DOC_DC);
	cr_assert(s.account.dcs[2].authorized);
	cr_assert_eq(p.errors, 0);
	sim_close(&s);
}

static void downloads_alike(const struct sim_options *o, const char *disturb)
{
	struct parts plain, hard;
	struct sim s;

	sim_open(&s, o);
	sim_login(&s);
	download(&plain, &s, NULL);
	if (disturb != NULL && strncmp(disturb, "fault", 5) == 0) {
		sim_ctl(&s, disturb);
		download(&hard, &s, NULL);
		sim_ctl(&s, "unfault all");
	} else {
		download(&hard, &s, disturb);
	}
	parts_same(&plain, &hard);
	sim_close(&s);
}

#define SMALL_WORLD .synth = "messages=3,docs=1x9MB,seed=5"

/* One link a direction, so that five connects in ten seconds are enough for both times. */
#define ONE_LINK SMALL_WORLD, .links = 1

/* Rows: N3 N4 */
Test(net, download_although_connections_are_cut)
{
	downloads_alike(&(struct sim_options){ONE_LINK}, "cut");
	downloads_alike(&(struct sim_options){ONE_LINK, .poll = true}, "reset");
}

/*
 * Each connection dies at its sixth packet, and the server sends again first what was not yet
 * acknowledged: parts asked under new ids each time would never come.
 */
Test(net, download_although_connections_die_young)
{
	downloads_alike(&(struct sim_options){ONE_LINK, .inflight = 12}, "fault drop:every=6,dc=4");
}

/* One answer of one link does not come for a minute: the part is asked for on the other one. */
Test(net, late_part_is_asked_for_elsewhere)
{
	struct net_stats stats;
	struct parts p;
	struct sim s;

	sim_open(&s, &(struct sim_options){SMALL_WORLD, .links = 2});
	sim_login(&s);
	download(&p, &s, NULL);
	sim_ctl(&s, "fault delay:method=upload.getFile,ms=3600000,skip=5,count=1");
	download(&p, &s, NULL);
	net_stats(s.net, &stats);
	cr_assert_eq(stats.moved, 1);
	sim_close(&s);
}

/* Rows: S8 */
Test(net, download_although_sessions_are_forgotten)
{
	downloads_alike(&(struct sim_options){SMALL_WORLD}, "forget");
}

/* Rows: S1 */
Test(net, download_although_salts_change)
{
	downloads_alike(&(struct sim_options){SMALL_WORLD}, "fault salt:every=3");
}

/* Rows: N25 */
Test(net, download_although_packets_are_damaged)
{
	downloads_alike(&(struct sim_options){SMALL_WORLD}, "fault flip:every=9,count=2");
}

/* Rows: S4 S5 */
Test(net, download_although_packets_are_refused)
{
	downloads_alike(&(struct sim_options){SMALL_WORLD}, "fault badmsg:code=20,every=7,count=4");
	downloads_alike(&(struct sim_options){SMALL_WORLD}, "fault badmsg:code=32,every=7,count=4");
}

/* Rows: S12 */
Test(net, download_of_packed_answers)
{
	downloads_alike(&(struct sim_options){SMALL_WORLD}, "fault gzip");
}

/* Several parts in one container are more than a chunk holds: they are asked for one by one then. */
/* Rows: S9 */
Test(net, download_of_bundled_answers)
{
	downloads_alike(&(struct sim_options){ONE_LINK}, "fault bundle");
	downloads_alike(&(struct sim_options){SMALL_WORLD}, "fault bundle");
}

/* Rows: N15 */
Test(net, download_with_duplicates_and_quick_acks)
{
	downloads_alike(&(struct sim_options){SMALL_WORLD}, "fault duplicate:every=2");
	downloads_alike(&(struct sim_options){SMALL_WORLD}, "fault quickack:every=2");
}

/* Fewer chunks than parts are asked for: receiving waits for the slab, and goes on. */
Test(net, download_with_few_chunks)
{
	downloads_alike(&(struct sim_options){SMALL_WORLD, .chunks = 2}, NULL);
}

Test(net, download_over_padded_obfuscated)
{
	downloads_alike(
	    &(struct sim_options){ONE_LINK, .transport = TRANSPORT_PADDED, .obfuscated = true},
	    "cut");
}

Test(net, another_data_centre_forgot_the_login)
{
	struct parts p;
	struct sim s;

	sim_open(&s, &(struct sim_options){ONE_LINK});
	sim_login(&s);
	download(&p, &s, NULL);
	sim_ctl(&s, "fault error:method=upload.getFile,code=401,text=AUTH_KEY_UNREGISTERED,"
		    "every=5,count=2");
	download(&p, &s, NULL);
	cr_assert_eq(p.errors, 0, "mended without the caller");
	cr_assert_eq(sim_stat(&s, "requests/auth.importAuthorization/count"), 3);
	sim_close(&s);
}

Test(net, login_elsewhere_has_to_wait)
{
	downloads_alike(
	    &(struct sim_options){ONE_LINK,
				  .args = {"--fault", "error:method=auth.exportAuthorization,"
						      "code=420,text=FLOOD_WAIT_1,count=1"}},
	    NULL);
}

Test(net, login_elsewhere_refused_once)
{
	downloads_alike(
	    &(struct sim_options){ONE_LINK,
				  .args = {"--fault", "error:method=auth.importAuthorization,"
						      "code=400,text=AUTH_BYTES_INVALID,count=1"}},
	    NULL);
}

/* ---- how many connections ---- */

/* Downloads are told to wait: half of them go on; uploads are as they were. Nothing is lost. */
Test(net, a_flood_halves_the_connections)
{
	struct net_stats stats;
	struct media_file f;
	struct parts all;
	struct sim s;

	sim_open(&s, &(struct sim_options){.synth = "messages=3,docs=1x9MB,seed=5", .links = 4});
	sim_login(&s);
	f = sim_document(&s);
	s.options.links_down_first = s.options.links_up_first = 4;
	s.options.links_down = 8;
	s.options.links_up = 8;
	sim_reopen_net(&s);
	sim_ctl(&s, "fault error:method=upload.getFile,code=420,text=FLOOD_PREMIUM_WAIT_1,count=3");
	parts_fetch(&all, &s, &f, NULL);
	cr_assert_eq(all.errors, 3);
	net_stats(s.net, &stats);
	cr_assert_eq(stats.links_down, 2, "one flood, told three times: %u", stats.links_down);
	cr_assert_eq(stats.links_up, 4);
	sim_close(&s);
}

/* The same with a number that the user gave. */
Test(net, a_fixed_number_stays)
{
	struct net_stats stats;
	struct media_file f;
	struct parts all;
	struct sim s;

	sim_open(&s, &(struct sim_options){.synth = "messages=3,docs=1x9MB,seed=5", .links = 4});
	sim_login(&s);
	f = sim_document(&s);
	sim_ctl(&s, "fault error:method=upload.getFile,code=420,text=FLOOD_PREMIUM_WAIT_1,count=3");
	parts_fetch(&all, &s, &f, NULL);
	net_stats(s.net, &stats);
	cr_assert_eq(stats.links_down, 4);
	sim_close(&s);
}

/* More connections than there are questions for are not opened, and cost nothing. */
Test(net, sixty_four_are_allowed)
{
	struct net_stats stats;
	struct media_file f;
	struct parts all;
	struct sim s;

	sim_open(&s, &(struct sim_options){.synth = "messages=3,docs=1x9MB,seed=5",
					   .links = 64,
					   .inflight = 1,
					   .chunks = 70});
	sim_login(&s);
	f = sim_document(&s);
	parts_fetch(&all, &s, &f, NULL);
	net_stats(s.net, &stats);
	cr_assert_eq(stats.links_down, 64);
	cr_assert_leq(stats.links_ready, 1 + 18, "main, and one a part");
	net_close(&s.net);
	s.options.links_up = 65;
	cr_assert_eq(net_open(&s.net, &s.options), -EINVAL);
	s.options.links_up = 64;
	cr_assert_eq(net_open(&s.net, &s.options), 0);
	sim_close(&s);
}

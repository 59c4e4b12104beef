/*
 * Parts that pass from one data centre into an upload at another without being touched: what is
 * stored there is what was here, whichever way each part took and whatever happened on the way.
 */
#include "tests/link/parts.h"

enum { UPLOAD_ID = 9001 };

#define SMALL_WORLD .synth = "messages=3,docs=1x9MB,seed=5"
#define ONE_LINK    SMALL_WORLD, .links = 1

/* How many parts took the fast way. */
static uint32_t passes(const struct sim_options *o, const char *disturb)
{
	bool disturbed = disturb != NULL && strncmp(disturb, "fault", 5) == 0;
	struct parts before, way, after;
	struct media_file f, copy;
	struct net_stats stats;
	struct sim s;

	sim_open(&s, o);
	sim_login(&s);
	f = sim_document(&s);
	parts_fetch(&before, &s, &f, NULL);
	/* An upload link that stands already: else the first parts cannot wait for one. */
	cr_assert_eq(sim_ask(&s, 0, NET_UP, tl_new(&s.arena, TLC_help_getNearestDc)), NET_RESULT);
	if (disturbed) {
		sim_ctl(&s, disturb);
		disturb = NULL;
	}
	parts_pass(&way, &s, &f, UPLOAD_ID, disturb);
	sim_ctl(&s, "unfault all");
	net_stats(s.net, &stats);
	cr_assert_eq(stats.relayed, way.relayed);
	if (o->zerocopy == NET_ZEROCOPY_ON && ring_features(s.ring) & RING_SEND_ZC)
		cr_assert_geq(stats.zerocopy, way.total);
	else
		cr_assert_eq(stats.zerocopy, 0);
	copy = parts_stored(&s, UPLOAD_ID, way.total);
	cr_assert_eq(copy.size, way.size);
	parts_fetch(&after, &s, &copy, NULL);
	parts_same(&before, &after);
	cr_assert_eq(slab_free(s.slab), slab_total(s.slab), "a chunk was left behind");
	sim_close(&s);
	return way.relayed;
}

Test(passing, parts_are_relayed)
{
	cr_assert_gt(passes(&(struct sim_options){SMALL_WORLD}, NULL), 9, "of 18");
}

Test(passing, by_poll)
{
	cr_assert_gt(passes(&(struct sim_options){SMALL_WORLD, .poll = true}, NULL), 9);
}

/* The chunks are the kernel's for longer; over loopback it says that it copied after all. */
static void passes_without_copying(const char *disturb)
{
	struct sim_options o = {ONE_LINK, .zerocopy = NET_ZEROCOPY_ON};

	passes(&o, disturb);
}

Test(passing, without_copying)
{
	passes_without_copying(NULL);
	passes_without_copying("cut");
	passes_without_copying("reset");
	passes_without_copying("fault drop:at=900000,dir=in,count=2");
	passes_without_copying("fault salt:every=3");
}

Test(passing, over_one_link_each)
{
	cr_assert_gt(passes(&(struct sim_options){ONE_LINK}, NULL), 9);
}

/* The next part can only go when the one before it is answered. (That no timer wakes it instead is
 * seen in virtual time: test_network_rooms.c.) */
Test(passing, one_at_a_time)
{
	struct sim_options o = {ONE_LINK, .inflight = 1};

	cr_assert_gt(passes(&o, NULL), 9);
}

Test(passing, transports)
{
	passes(&(struct sim_options){ONE_LINK, .transport = TRANSPORT_PADDED, .obfuscated = true},
	       NULL);
	passes(&(struct sim_options){ONE_LINK, .transport = TRANSPORT_FULL}, NULL);
	passes(&(struct sim_options){ONE_LINK, .transport = TRANSPORT_ABRIDGED}, NULL);
}

Test(passing, few_chunks)
{
	passes(&(struct sim_options){SMALL_WORLD, .chunks = 2}, NULL);
}

Test(passing, although_connections_are_cut)
{
	passes(&(struct sim_options){ONE_LINK}, "cut");
	passes(&(struct sim_options){ONE_LINK}, "reset");
}

Test(passing, although_sessions_are_forgotten)
{
	passes(&(struct sim_options){SMALL_WORLD}, "forget");
	passes(&(struct sim_options){SMALL_WORLD}, "fault forget:every=9,count=5");
}

Test(passing, although_salts_change)
{
	passes(&(struct sim_options){SMALL_WORLD}, "fault salt:every=3");
}

/* What looked like the answer is not one: nothing of it goes on. */
Test(passing, although_packets_are_damaged)
{
	passes(&(struct sim_options){SMALL_WORLD}, "fault flip:every=9,count=2");
}

Test(passing, although_answers_come_twice)
{
	passes(&(struct sim_options){SMALL_WORLD}, "fault duplicate:every=2");
}

Test(passing, although_other_answers_are_packed)
{
	passes(&(struct sim_options){SMALL_WORLD}, "fault gzip");
}

Test(passing, although_downloads_are_refused)
{
	passes(&(struct sim_options){SMALL_WORLD},
	       "fault error:method=upload.getFile,code=420,text=FLOOD_WAIT_1,every=4");
}

Test(passing, although_uploads_are_refused)
{
	passes(&(struct sim_options){SMALL_WORLD},
	       "fault error:method=upload.saveBigFilePart,code=500,text=TIMEOUT,every=4");
}

Test(passing, although_messages_are_refused)
{
	passes(&(struct sim_options){SMALL_WORLD}, "fault badmsg:code=20,every=7,count=4");
	passes(&(struct sim_options){SMALL_WORLD}, "fault badmsg:code=32,every=7,count=4");
}

/* Uploads were told to wait: nothing is relayed, and nothing is lost. */
Test(passing, held)
{
	struct parts way;
	struct media_file f;
	struct sim s;

	sim_open(&s, &(struct sim_options){SMALL_WORLD});
	sim_login(&s);
	f = sim_document(&s);
	net_relay_hold(s.net, UINT64_MAX);
	parts_pass(&way, &s, &f, UPLOAD_ID, NULL);
	cr_assert_eq(way.relayed, 0);
	sim_close(&s);
}

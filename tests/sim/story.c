/* See story.h. */
#include "tests/sim/story.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static const uint64_t SECOND = 1000000000, DAY = 86400 * UINT64_C(1000000000);

static void fill(struct scenario *s)
{
	if (s->seed == 0)
		s->seed = 1;
	if (s->links == 0)
		s->links = s->inflight = 2;
	if (s->chunks == 0)
		s->chunks = 8;
	if (s->commit_ns == 0)
		s->commit_ns = 5000000;
	s->rsa = telegram_key();
}

void story_open(struct story *t, enum plan_mode mode, const char *synth, const struct sim_net *net)
{
	struct sim_options o = {0};

	fill(&t->s);
	t->s.mode = (int)mode;
	snprintf(t->s.synth, sizeof(t->s.synth), "%s", synth);
	o.seed = t->s.seed;
	o.wall_ns = t->wall_ns;
	sim_net_init(&o.net);
	if (net != NULL)
		o.net = *net;
	t->world = simworld_open(&o);
	t->telegram = telegram_open(t->world, &t->s);
	client_init(&t->client, t->world, &t->s, t->telegram, disk_open(t->s.seed));
	t->client.adjust = t->adjust;
	t->client.adjust_arg = t->adjust_arg;
	cr_assert(client_start(&t->client));
}

void story_begin(struct story *t, enum plan_mode mode, const char *synth, const struct sim_net *net)
{
	story_open(t, mode, synth, net);
	cr_assert(client_login(&t->client), "%s", t->client.why);
}

bool story_go(struct story *t)
{
	if (simhost_ready(t->client.ring) && !client_turn(&t->client))
		return false;
	cr_assert(!t->client.dead, "%s", t->client.why);
	if (simworld_turn(t->world) == 0 && !simhost_ready(t->client.ring))
		cr_assert(simworld_step(t->world), "stuck");
	return true;
}

void story_go_for(struct story *t, uint64_t ns)
{
	uint64_t until = simworld_now(t->world) + ns;

	while (simworld_now(t->world) < until)
		cr_assert(story_go(t), "it ended before");
}

void story_wait(struct story *t, uint64_t ns)
{
	uint64_t until = simworld_now(t->world) + ns;

	while (simworld_now(t->world) < until)
		if (simworld_turn(t->world) == 0 && !simworld_step(t->world))
			break;
}

void story_die(struct story *t)
{
	client_kill(&t->client);
	story_wait(t, 2 * SECOND);
}

uint64_t story_finish(struct story *t)
{
	uint64_t begun = simworld_now(t->world);
	uint32_t a_count, b_count;
	char *a, *b;

	while (story_go(t))
		cr_assert_lt(simworld_now(t->world), begun + DAY, "it does not end");
	cr_assert_eq(t->client.status, CLONE_DONE, "%s %s", t->client.why,
		     clone_why(t->client.clone));
	a = telegram_dump(t->telegram, 0, &a_count);
	b = telegram_dump(t->telegram, 1, &b_count);
	cr_assert_gt(a_count, 0);
	cr_assert_str_eq(a, b, "seed %llu: %u lines became %u", (unsigned long long)t->s.seed,
			 a_count, b_count);
	free(a);
	free(b);
	return simworld_now(t->world) - begun;
}

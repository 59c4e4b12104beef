/*
 * Exactly once, told step by step (reliability.md 2): a life ends while the fate of its send is open,
 * and something happens before the next one looks. The server forgets random_ids here, so that
 * what the program does by itself is all there is.
 */
#include "engine/clone/clone_priv.h"
#include "tests/sim/whole_client.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MS = 1000000, SECOND = 1000000000;

struct story {
	struct scenario s;
	struct simworld *world;
	struct telegram *telegram;
	struct client client;
};

static void begin(struct story *t, enum plan_mode mode, const char *synth)
{
	struct sim_options o = {.seed = 1};

	*t = (struct story){.s = {.seed = 1,
				  .mode = mode,
				  .disk = DISK_POWER,
				  .knobs = {"random-id-forget=1"},
				  .knob_count = 1,
				  .links = 2,
				  .inflight = 2,
				  .chunks = 8,
				  .commit_ns = 5 * MS}};
	snprintf(t->s.synth, sizeof(t->s.synth), "%s", synth);
	t->s.rsa = telegram_key();
	sim_net_init(&o.net);
	/* An answer takes longer than a commit: what a step wrote is durable when the next comes. */
	o.net.delay_min_ns = o.net.delay_max_ns = 20 * MS;
	t->world = simworld_open(&o);
	t->telegram = telegram_open(t->world, &t->s);
	client_init(&t->client, t->world, &t->s, t->telegram, disk_open(1));
	cr_assert(client_start(&t->client));
	cr_assert(client_login(&t->client));
}

/* Everybody's next thing. False: the clone ended. */
static bool go(struct story *t)
{
	if (simhost_ready(t->client.ring) && !client_turn(&t->client))
		return false;
	cr_assert(!t->client.dead, "%s", t->client.why);
	if (simworld_turn(t->world) == 0 && !simhost_ready(t->client.ring))
		cr_assert(simworld_step(t->world), "stuck");
	return true;
}

typedef bool moment_fn(const struct clone *);

static bool sends_text(const struct clone *c)
{
	return c->posting != NULL && c->posting->state == GROUP_SENDING &&
	       c->posting->items[0].msg.media.kind == MEDIA_NONE;
}

static bool sends_file(const struct clone *c)
{
	return c->posting != NULL && c->posting->state == GROUP_SENDING &&
	       c->posting->items[0].stored.set;
}

/* Runs until then; the source id of what is being sent. */
static int32_t go_until(struct story *t, moment_fn *is)
{
	while (!is(t->client.clone))
		cr_assert(go(t), "it ended before");
	return t->client.clone->posting->items[0].row.source_id;
}

static void go_for(struct story *t, uint64_t ns)
{
	uint64_t until = simworld_now(t->world) + ns;

	while (simworld_now(t->world) < until)
		cr_assert(go(t), "it ended before");
}

/* The process is gone; what it sent arrives. */
static void die(struct story *t)
{
	uint64_t until = simworld_now(t->world) + 2 * SECOND;

	client_kill(&t->client);
	while (simworld_now(t->world) < until)
		if (simworld_turn(t->world) == 0 && !simworld_step(t->world))
			break;
}

static void live_again(struct story *t)
{
	cr_assert(client_start(&t->client));
}

static void go_to_the_end(struct story *t)
{
	while (go(t))
		;
	cr_assert_eq(t->client.status, CLONE_DONE, "%s %s", t->client.why,
		     clone_why(t->client.clone));
}

static char *target(struct story *t)
{
	uint32_t count;

	return telegram_dump(t->telegram, 1, &count);
}

static void assert_same(struct story *t)
{
	uint32_t count;
	char *a = telegram_dump(t->telegram, 0, &count), *b = target(t);

	cr_assert_str_eq(a, b);
	free(a);
	free(b);
}

static uint32_t lines(const char *text)
{
	uint32_t n = 0;

	for (; *text != 0; text++)
		n += *text == '\n';
	return n;
}

Test(once, dies_again_while_a_sent_file_is_uploaded_anew)
{
	struct story t;
	int32_t id;

	begin(&t, PLAN_STREAM, "messages=8,photos=1,docs=2x300KB,albums=0,seed=5");
	id = go_until(&t, sends_file);
	go_for(&t, 1); /* its bytes go out */
	die(&t);
	live_again(&t);
	while (!client_is(&t.client, AT_MEDIA))
		cr_assert(go(&t));
	go_for(&t, 10 * MS); /* what it wrote about the upload is durable */
	die(&t);
	live_again(&t);
	go_to_the_end(&t);
	cr_assert_eq(t.client.adopted, 1, "message %d is found", id);
	assert_same(&t);
}

Test(once, deleted_at_the_source_after_it_was_sent)
{
	struct story t;
	char *text;
	int32_t id;

	begin(&t, PLAN_COPY, "messages=6,photos=0,docs=0x1KB,albums=0,seed=5");
	id = go_until(&t, sends_text);
	go_for(&t, 1);
	die(&t);
	telegram_delete(t.telegram, 0, id);
	live_again(&t);
	go_to_the_end(&t);
	cr_assert_eq(t.client.adopted, 1);
	cr_assert_str_empty(t.client.why, "nothing is skipped");
	text = target(&t);
	cr_assert_eq(lines(text), 6);
	free(text);
}

Test(once, deleted_at_the_source_and_never_sent)
{
	struct story t;
	char *text;
	int32_t id;

	begin(&t, PLAN_COPY, "messages=6,photos=0,docs=0x1KB,albums=0,seed=5");
	telegram_fault(t.telegram, "silence:method=messages.send*,before=1,count=1");
	id = go_until(&t, sends_text);
	go_for(&t, 1);
	die(&t);
	telegram_delete(t.telegram, 0, id);
	live_again(&t);
	go_to_the_end(&t);
	cr_assert_eq(t.client.adopted, 0);
	cr_assert(strstr(t.client.why, "deleted at the source") != NULL, "%s", t.client.why);
	text = target(&t);
	cr_assert_eq(lines(text), 5);
	free(text);
}

/* Between the attempts: the first version is there and stays the only one. */
Test(once, edited_at_the_source_after_it_was_sent)
{
	struct story t;
	char *text;
	int32_t id;

	begin(&t, PLAN_COPY, "messages=6,photos=0,docs=0x1KB,albums=0,seed=5");
	id = go_until(&t, sends_text);
	go_for(&t, 1);
	die(&t);
	telegram_edit(t.telegram, 0, id, "another text");
	live_again(&t);
	go_to_the_end(&t);
	cr_assert_eq(t.client.adopted, 1);
	text = target(&t);
	cr_assert_eq(lines(text), 6);
	cr_assert(strstr(text, "another text") == NULL);
	free(text);
}

Test(once, edited_at_the_source_and_never_sent)
{
	struct story t;
	int32_t id;

	begin(&t, PLAN_COPY, "messages=6,photos=0,docs=0x1KB,albums=0,seed=5");
	telegram_fault(t.telegram, "silence:method=messages.send*,before=1,count=1");
	id = go_until(&t, sends_text);
	go_for(&t, 1);
	die(&t);
	telegram_edit(t.telegram, 0, id, "another text");
	live_again(&t);
	go_to_the_end(&t);
	cr_assert_eq(t.client.adopted, 0);
	assert_same(&t);
}

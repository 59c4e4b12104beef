/*
 * The whole program in virtual time (reliability.md 3).
 *
 *     whole [SEEDS] [FIRST] [--twice] [--trace] [--first]
 *
 * Each seed is a process of its own. Its first line says everything it drew, its last one how it
 * ended and the hash of its trace. Faults come until calm_ns of the world; then the clone must get
 * done. Exit status: 0; 127 a check of the program failed; 128 it got stuck; 129 the target is not
 * the source, or something was lost on the way. --twice runs each seed again and compares the
 * hashes; --first ends with the first seed that fails.
 */
#include "tests/clone/deed.h"
#include "tests/sim/whole_extra.h"
#include "tests/sim/whole_judge.h"
#include "tests/sim/whole_user.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ASSERTION = 127, STUCK = 128, INVARIANT = 129 };
enum {
	ALL_FIRE = 200,      /* in so many seeds each fault must have happened */
	LOOK_S = 10,
	UNSEEN_S = 200, /* a question that is never answered takes not longer */
	DRAIN_S = 720, /* an answer that nobody waits for may keep arriving for ten minutes */
	TURNS_AT_ONCE = 20000, /* more of them while the clock stands still: it spins */
};

static const uint64_t MS = 1000000, SECOND = 1000000000;

/* ---- what a seed draws ---- */

enum { FORGETS_SESSIONS = 6, OLD_PAGES = 25, DRAWN_FAULTS = 8 };

static const char *const fault_kinds[] = {
    "drop:rate=0.02",
    "reset:rate=0.02",
    "salt:rate=0.05",
    "duplicate:rate=0.1",
    "quickack:rate=0.05",
    "update:rate=0.1",
    [FORGETS_SESSIONS] = "forget:rate=0.02",
    "forget:method=messages.send*,rate=0.1",
    "badmsg:code=16,rate=0.02",
    "badmsg:code=32,rate=0.02",
    "error:method=messages.send*,code=500,text=RPC_CALL_FAIL,rate=0.1",
    "error:method=messages.send*,code=420,text=FLOOD_WAIT_3,rate=0.05",
    "error:method=messages.forwardMessages,code=500,text=TIMEOUT,rate=0.3",
    "error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_2,rate=0.3",
    "error:method=upload.getFile,code=400,text=FILE_REFERENCE_EXPIRED,rate=0.05",
    "error:method=upload.getFile,code=420,text=FLOOD_WAIT_2,rate=0.1",
    "error:method=upload.save*,code=500,text=TIMEOUT,rate=0.1",
    "error:method=messages.uploadMedia,code=500,text=TIMEOUT,rate=0.1",
    "silence:method=messages.send*,rate=0.05",
    "silence:method=messages.send*,before=1,rate=0.05",
    "silence:method=messages.forwardMessages,rate=0.4",
    "silence:method=upload.getFile,rate=0.1",
    "silence:method=messages.createForumTopic,rate=0.5",
    "error:method=messages.createForumTopic,code=500,text=TIMEOUT,rate=0.5",
    "delay:method=messages.*,ms=20000,rate=0.05",
    [OLD_PAGES] = "delay:method=messages.getHistory,ms=30000,rate=0.3",
    "delay:method=messages.send*,ms=3000,before=1,rate=0.1",
    "delay:method=messages.send*,ms=60000,before=1,rate=0.05",
    "delay:method=messages.forwardMessages,ms=20000,before=1,rate=0.3",
    "error:method=messages.send*,code=500,text=RANDOM_ID_DUPLICATE,rate=0.1,count=2", /* "at it still" */
};

enum { OWN_KINDS = countof(fault_kinds), FAULT_KINDS = OWN_KINDS + REFUSALS };

/* What the child tells its parent. */
struct outcome {
	uint64_t hash, events, now_ns;
	uint64_t fired[SIM_FAULTS], server_fired[FAULT_KINDS], died[MOMENTS];
	uint64_t kills, repeats, adopted;
	uint64_t axes[AXES], deeds[DEEDS], targets[TARGETS], habits[HABITS], extras[EXTRAS];
	uint32_t lines;
};

/*
 * Each is set in one seed of four. FORGETS is set in one of two; it makes the look-up the only guard, and that
 * cannot see what is executed after it: it does not go with calls that are executed late. Those are when a
 * random_id comes again, so what the server says then is set in one of two as well.
 */
static const char *const knobs[] = {
    FORGETS, "random-id=duplicate", "random-id-busy=2", "media-first=1",
    "part-false=2",       "short-read=2",        "part-lose=1",      "history-slice=1",
};

static bool executes_late(const struct scenario *s)
{
	for (uint32_t i = 0; i < s->fault_count; i++)
		if (strstr(s->faults[i], "before=1") != NULL &&
		    strncmp(s->faults[i], "delay", 5) == 0)
			return true;
	return false;
}

/* What a life sent arrives before the next one looks for it. */
static void nothing_overtakes(struct sim_net *n)
{
	n->rate[SIM_STALL] = n->rate[SIM_SLOW] = 0;
	if (n->delay_max_ns > 2 * n->delay_min_ns)
		n->delay_max_ns = 2 * n->delay_min_ns;
}

/* Mostly one of the first, sometimes far in. */
static uint32_t draw_nth(struct rng *r)
{
	return 1 + (uint32_t)rng_below(r, UINT64_C(1) << rng_below(r, 7));
}

/* Half of them at any time, the others close behind a step of the work: within 1 ns to 2 s. */
static void draw_death(struct death *d, struct rng *r)
{
	if (rng_below(r, 2) == 0) {
		*d = (struct death){AT_TIME, 1, 10 * MS + rng_below(r, 2 * SECOND)};
		return;
	}
	d->at = (enum moment)(1 + rng_below(r, MOMENTS - 1));
	d->nth = d->at >= AT_PARTS ? 1 + (uint32_t)rng_below(r, 3) : draw_nth(r);
	d->ns = rng_below(r, UINT64_C(1) << rng_below(r, 32));
}

/* Behind a death with a send under way comes often one while the next life is getting it in order. */
static void draw_deaths(struct scenario *s, struct rng *r)
{
	static const enum moment next[] = {AT_LOOKUP, AT_PARTS, AT_MEDIA, AT_INTENT, AT_SENDING};

	uint64_t n = rng_below(r, 3) == 0 ? 0 : rng_below(r, WHOLE_KILLS);

	for (uint64_t i = 0; i < n; i++) {
		struct death *d = &s->deaths[i];

		draw_death(d, r);
		if (i > 0 && d[-1].at == AT_SENDING && rng_below(r, 2) == 0) {
			d->at = next[rng_below(r, countof(next))];
			d->nth = d->at == AT_LOOKUP || d->at == AT_INTENT ? draw_nth(r) : 1;
			d->ns = rng_below(r, UINT64_C(1) << rng_below(r, 28));
		}
		s->death_count++;
	}
}

static void add_fault(struct scenario *s, uint32_t kind)
{
	s->fault_kinds[s->fault_count] = kind;
	snprintf(s->faults[s->fault_count++], sizeof(s->faults[0]), "%s", fault_kinds[kind]);
}

static void draw(struct scenario *s, uint64_t seed, struct rsa_private *rsa)
{
	static const enum plan_mode modes[] = {PLAN_FORWARD, PLAN_FORWARD, PLAN_COPY, PLAN_STREAM,
					       PLAN_STREAM};
	uint64_t pick[6];
	struct rng r;
	bool big, late;

	rng_init(&r, seed);
	*s = (struct scenario){.seed = seed, .rsa = rsa};
	/* One in eight has a file whose parts outlive a death (more than 10 MB). */
	big = rng_below(&r, 8) == 0;
	s->topics = rng_below(&r, 4) == 0 ? 1 + rng_below(&r, 4) : 0;
	for (size_t i = 0; i < countof(pick); i++)
		pick[i] = rng_next(&r); /* one after the other: arguments have no order */
	snprintf(s->synth, sizeof(s->synth),
		 "messages=%" PRIu64 ",photos=%" PRIu64 ",docs=%" PRIu64 "x%" PRIu64
		 "KB,albums=%" PRIu64 ",topics=%" PRIu64 ",seed=%" PRIu64,
		 20 + pick[0] % 30, 4 + pick[1] % 5, big ? 1 : pick[2] % 4,
		 (big ? 10500 : 50) + pick[3] % 3000, pick[4] % 3, s->topics, 1 + pick[5] % 1000);
	s->mode = modes[rng_below(&r, countof(modes))];
	sim_net_draw(&s->net, &r);
	for (uint64_t n = rng_below(&r, DRAWN_FAULTS); s->fault_count < n;)
		add_fault(s, (uint32_t)rng_below(&r, countof(fault_kinds)));
	/* What is executed late is sent again where its first sending is forgotten, or was not seen yet. */
	if (executes_late(s) && s->fault_count < DRAWN_FAULTS && rng_below(&r, 2) == 0)
		add_fault(s, rng_below(&r, 2) == 0 ? FORGETS_SESSIONS : OLD_PAGES);
	late = executes_late(s);
	for (size_t i = 0; i < countof(knobs); i++) {
		bool forgets = strcmp(knobs[i], FORGETS) == 0;
		bool often = forgets || (late && strncmp(knobs[i], "random-id", 9) == 0);

		if (rng_below(&r, often ? 2 : 4) == 0 && !(forgets && late))
			s->knobs[s->knob_count++] = knobs[i];
	}
	draw_deaths(s, &r);
	if (s->knob_count > 0 && strcmp(s->knobs[0], FORGETS) == 0)
		nothing_overtakes(&s->net);
	if (rng_below(&r, 2) == 0)
		s->alike = 2 + (uint32_t)rng_below(&r, 5);
	if (rng_below(&r, 6) == 0) {
		s->jump_ns = 10 * MS + rng_below(&r, 4 * SECOND);
		s->jump_by_ns = (int64_t)rng_log(&r, 3600 * SECOND);
		if (rng_below(&r, 2) == 0)
			s->jump_by_ns = -s->jump_by_ns;
	}
	for (uint64_t n = rng_below(&r, 3) == 0 ? rng_below(&r, WHOLE_WORDS) : 0, i = 0; i < n; i++)
		s->words_ns[i] = 10 * MS + rng_below(&r, 4 * SECOND);
	/* A server that never hears of a death takes the next life for a copied session file. */
	user_draw(s, OWN_KINDS);
	if (s->death_count > 0 || s->wish_count > 0 || s->deed_count > 0 || s->refuses)
		s->net.rate[SIM_VANISH] = s->net.rate[SIM_ONE_WAY] = 0;
	s->disk = rng_below(&r, 2) ? DISK_POWER : DISK_KILL;
	s->commit_ns = 1 * MS + rng_below(&r, 50 * MS);
	s->links = 1 + (uint32_t)rng_below(&r, 3);
	s->inflight = 1 + (uint32_t)rng_below(&r, 4);
	s->chunks = 2 + (uint32_t)rng_below(&r, 12);
	s->calm_ns = 10 * SECOND + rng_below(&r, 300 * SECOND);
}

static void print_scenario(const struct scenario *s)
{
	printf("SEED %" PRIu64
	       " BACKEND sim SCENARIO %s mode=%s links=%u inflight=%u chunks=%u calm=%" PRIu64
	       "s death=%s kills=",
	       s->seed, s->synth, plan_mode_name((enum plan_mode)s->mode), s->links, s->inflight,
	       s->chunks, s->calm_ns / SECOND, s->disk == DISK_POWER ? "power" : "kill");
	for (uint32_t i = 0; i < s->death_count; i++)
		printf("%s#%u+%" PRIu64 "us,", moment_name(s->deaths[i].at), s->deaths[i].nth,
		       s->deaths[i].ns / 1000);
	if (s->jump_ns > 0)
		printf(" jump=%" PRIu64 "ms%+" PRId64 "ms", s->jump_ns / MS,
		       s->jump_by_ns / (int64_t)MS);
	if (s->alike > 0)
		printf(" alike=%u", s->alike);
	for (uint32_t i = 0; i < WHOLE_WORDS && s->words_ns[i] != 0; i++)
		printf(" words=%" PRIu64 "ms", s->words_ns[i] / MS);
	user_print(s);
	printf(" net: ");
	fflush(stdout);
	sim_net_print(&s->net, stdout);
	for (uint32_t i = 0; i < s->fault_count; i++)
		printf(" %s", s->faults[i]);
	for (uint32_t i = 0; i < s->knob_count; i++)
		printf(" %s", s->knobs[i]);
	printf("\n");
	fflush(stdout);
}

/* ---- one run ---- */

struct run {
	const struct scenario *s;
	struct simworld *world;
	struct telegram *telegram;
	struct client client;
	struct disk *disk;
	uint64_t begun_ns, calm_ns;
	bool calm;
	uint64_t turn_ns; /* when its last turns were, and how many */
	uint32_t turns;
	uint64_t look_ns, moved, moved_ns; /* the next look; what was moved, and when that changed or was said */
	int32_t words[WHOLE_WORDS]; /* their ids in the target */
	uint32_t word_count;
	uint32_t deeds_done;
	struct judge judge;
	bool died;        /* the last life did */
	struct wish last; /* of the life behind all that were drawn */
	struct outcome *out;
};

static void fail(const struct run *r, int code, const char *what)
{
	printf("FAILED seed %" PRIu64 " at %.3f s: %s (%s)\nagain: whole 1 %" PRIu64 "\n",
	       r->s->seed, (double)simworld_now(r->world) / 1e9, what, r->client.why, r->s->seed);
	fflush(stdout);
	_exit(code);
}

/* Once what was drawn is over, nothing but the work itself is left. */
static void calm_down(struct run *r)
{
	if (r->calm || simworld_now(r->world) < r->calm_ns)
		return;
	r->calm = true;
	simworld_calm(r->world);
	telegram_calm(r->telegram);
}

static void start_client(struct run *r, const struct wish *wish)
{
	r->client.wish = wish;
	r->client.status = CLONE_RUNNING;
	r->moved_ns = simworld_now(r->world);
	if (!client_start(&r->client))
		fail(r, INVARIANT, "the ledger cannot be opened again");
}

/* Watches for the moment that a life ends at; the time of it is in until then. */
static void approach(struct run *r, struct death *d, bool *there, uint64_t *until)
{
	bool is = client_is(&r->client, d->at);

	if (is && !*there && --d->nth == 0)
		*until = simworld_now(r->world) + d->ns;
	*there = is;
}

/* Where nothing moves for so long, whoever looks is told what it waits for, and until when. */
static void look(struct run *r)
{
	struct clone_wait waits[CLONE_WAITS];
	uint64_t now = simworld_now(r->world), moved;

	if (now < r->look_ns)
		return;
	r->look_ns = now + LOOK_S * SECOND;
	moved = client_moved(&r->client);
	if (moved != r->moved || client_waits(&r->client))
		r->moved_ns = now;
	r->moved = moved;
	if (now > r->moved_ns + UNSEEN_S * SECOND &&
	    clone_waits(r->client.ledger, ring_wall(r->client.ring), waits) == 0)
		fail(r, STUCK, "it waits, and does not say for what");
}

static bool turn(struct run *r)
{
	uint64_t now = simworld_now(r->world);

	r->turns = now == r->turn_ns ? r->turns + 1 : 0;
	r->turn_ns = now;
	if (r->turns > TURNS_AT_ONCE)
		fail(r, STUCK, "it spins");
	if (!client_turn(&r->client))
		return false;
	look(r);
	return true;
}

/* Until the clone ends, or until its death when there is one: true then. */
static bool live(struct run *r, const struct death *death, uint64_t until)
{
	struct death d = death != NULL ? *death : (struct death){.nth = 0};
	bool there = false;

	while (simworld_now(r->world) < until) {
		calm_down(r);
		if (simhost_ready(r->client.ring) && !turn(r))
			return false;
		if (d.nth > 0)
			approach(r, &d, &there, &until);
		if (r->client.dead)
			fail(r, STUCK, "the account died");
		if (simworld_turn(r->world) == 0 && !simhost_ready(r->client.ring) &&
		    !simworld_step(r->world))
			fail(r, STUCK, "nothing will ever happen again");
	}
	return death != NULL && d.nth == 0;
}

/* A part that came another way may still lie on a connection that nobody knows to be dead. */
static void drain(struct run *r)
{
	uint64_t until = simworld_now(r->world) + DRAIN_S * SECOND;

	while (!client_drained(&r->client) && simworld_now(r->world) < until) {
		if (simhost_ready(r->client.ring))
			client_rest(&r->client);
		if (simworld_turn(r->world) == 0 && !simhost_ready(r->client.ring) &&
		    !simworld_step(r->world))
			return;
	}
}

static void say_words(void *arg)
{
	struct run *r = arg;

	r->words[r->word_count++] = telegram_say(r->telegram, 1, "somebody else's words");
}

static void jump(void *arg)
{
	struct run *r = arg;

	if (r->client.ring != NULL)
		simhost_wall_jump(r->client.ring, r->s->jump_by_ns);
}

static void do_deed(void *arg)
{
	struct run *r = arg;
	const struct deed *d = &r->s->deeds[r->deeds_done++];

	r->out->deeds[d->kind] += judge_deed(&r->judge, d);
}

static void prepare_chats(struct run *r)
{
	const struct scenario *s = r->s;

	for (uint32_t i = 0; i < s->alike; i++)
		telegram_say(r->telegram, 0, "the same words again");
	if (s->jump_ns > 0)
		simworld_at(r->world, simworld_now(r->world) + s->jump_ns, jump, r);
	for (uint32_t i = 0; i < WHOLE_WORDS && s->words_ns[i] != 0; i++)
		simworld_at(r->world, simworld_now(r->world) + s->words_ns[i], say_words, r);
	for (uint32_t i = 0; i < s->alike_media; i++)
		telegram_show_again(r->telegram, (uint32_t)s->seed);
	for (uint32_t k = 0; k < EXTRAS; k++)
		if ((s->extras >> k & 1) != 0)
			judge_rare(&r->judge, extra_say(r->telegram, k, k));
	for (uint32_t i = 0; i < s->old_copies; i++)
		telegram_say_again(r->telegram, 7 * i);
	if (s->slow > 0)
		deed_slow(r->telegram, 1, s->slow);
	judge_begin(&r->judge, s, r->telegram);
	r->begun_ns = simworld_now(r->world);
	for (uint32_t i = 0; i < s->deed_count; i++)
		simworld_at(r->world, r->begun_ns + s->deeds[i].at_ns, do_deed, r);
}

static void compare_lines(struct run *r, const char *a, const char *b)
{
	size_t at = 0;

	if (strcmp(a, b) == 0)
		return;
	while (a[at] == b[at])
		at++;
	while (at > 0 && a[at - 1] != '\n')
		at--;
	printf("source: %.300s\ntarget: %.300s\n", a + at, b + at);
	fail(r, INVARIANT, "the target is not the source");
}

static void compare(struct run *r)
{
	uint32_t a_count;
	const char *wrong;
	char *a, *b;

	for (uint32_t i = 0; i < r->word_count; i++)
		telegram_delete(r->telegram, 1, r->words[i]);
	a = telegram_dump(r->telegram, 0, &a_count);
	b = telegram_dump(r->telegram, 1, &r->out->lines);
	if (user_is_quiet(r->s))
		compare_lines(r, a, b);
	wrong = judge_end(&r->judge, &r->client, a, b);
	if (wrong != NULL)
		fail(r, INVARIANT, wrong);
	free(a);
	free(b);
}

/* ---- its lives ---- */

enum { LIVES_MAX = 60 };

static void pass(struct run *r, uint64_t until)
{
	while (simworld_now(r->world) < until) {
		calm_down(r);
		if (simworld_turn(r->world) == 0 && !simworld_step(r->world))
			return;
	}
}

static void count_wish(struct run *r, const struct wish *w)
{
	uint64_t *axes = r->out->axes;

	axes[AXIS_RANGE] += w->from_id > 0 || w->to_id > 0;
	axes[AXIS_LIMIT] += w->limit > 0;
	axes[AXIS_MODE] += w->mode != r->s->mode;
}

/* It ended by itself. True: nothing is left to be done by another one. */
static bool is_over(struct run *r, uint32_t life, uint64_t began_ns)
{
	const struct scenario *s = r->s;

	if (r->client.status == CLONE_RUNNING)
		fail(r, STUCK, "it did not end");
	if (r->client.status != CLONE_DONE && r->client.status != CLONE_STOPPED) {
		snprintf(r->client.why, sizeof(r->client.why), "status %d: %.150s", (int)r->client.status,
			 clone_why(r->client.clone));
		if (!s->refuses || began_ns > r->calm_ns)
			fail(r, INVARIANT, "the clone gave up");
		r->client.why[0] = '\0';
		r->out->axes[AXIS_GAVE_UP]++;
	}
	if (life < s->wish_count || r->client.status != CLONE_DONE)
		return false;
	if (s->refuses) /* and what was skipped was tried again behind the last refusal */
		return began_ns > r->calm_ns && r->client.wish == &r->last;
	return s->deed_count == 0 || began_ns > r->begun_ns + s->deeds[s->deed_count - 1].at_ns;
}
/* The next one begins when the time has come for what it is to do. */
static const struct wish *next_wish(struct run *r, uint32_t life)
{
	const struct scenario *s = r->s;
	uint64_t until = 0;

	if (life < s->wish_count) {
		count_wish(r, &s->wishes[life]);
		return &s->wishes[life];
	}
	if (life < s->death_count && r->died)
		return NULL;
	if (s->deed_count > 0)
		until = r->begun_ns + s->deeds[s->deed_count - 1].at_ns + 1;
	if (s->refuses && until < r->calm_ns)
		until = r->calm_ns + SECOND;
	if (life >= s->death_count)
		pass(r, until);
	r->last = (struct wish){.mode = s->mode, .retry = s->refuses};
	return s->refuses ? &r->last : NULL;
}

/* Told to stop it ends soon, and what it sent last is known. */
static void stop(struct run *r, uint64_t end_ns)
{
	clone_stop(r->client.clone);
	r->out->axes[AXIS_STOP]++;
	live(r, NULL, end_ns);
}

static void live_on(struct run *r, uint64_t end_ns)
{
	const struct scenario *s = r->s;

	for (uint32_t life = 0; life < LIVES_MAX; life++) {
		const struct death *d = life < s->death_count ? &s->deaths[life] : NULL;
		bool stops = d != NULL && life < s->wish_count && s->wishes[life].stop;
		uint64_t began_ns = simworld_now(r->world);

		r->died = live(r, d, end_ns);
		if (r->died && stops)
			stop(r, end_ns);
		if (!r->died || stops) {
			if (is_over(r, life, began_ns))
				return;
			client_end(&r->client);
		} else {
			client_kill(&r->client);
			r->out->kills++;
			r->out->died[d->at]++;
		}
		start_client(r, next_wish(r, life + 1));
	}
	fail(r, STUCK, "one life after the other");
}

static void count(struct run *r, struct outcome *out)
{
	const struct scenario *s = r->s;

	out->hash = simworld_hash(r->world);
	out->events = simworld_events(r->world);
	out->now_ns = simworld_now(r->world);
	for (int i = 0; i < SIM_FAULTS; i++)
		out->fired[i] = simworld_fired(r->world, (enum sim_fault)i);
	for (uint32_t i = 0; i < s->fault_count; i++) /* some are there all the time */
		out->server_fired[s->fault_kinds[i]] +=
		    telegram_fired(r->telegram, i) + (strchr(s->faults[i], '=') == NULL || strstr(s->faults[i], "rate=") == NULL);
	out->repeats = telegram_repeats(r->telegram);
	out->adopted = r->client.adopted;
	out->targets[s->target]++;
	out->axes[AXIS_RETRY] += r->client.retried;
	out->axes[AXIS_AUTHOR] += s->keep_author;
	out->axes[AXIS_SHUT] += s->deed_count > 0 && !s->allow_protected && s->refuses;
	out->axes[AXIS_OLD] += s->old_copies;
	out->axes[AXIS_SHOWN] += s->alike_media;
	out->axes[AXIS_PARTS] += s->part_size != 0;
	out->axes[AXIS_UNPACED] += s->unpaced;
	out->axes[AXIS_PFS] += s->pfs;
	out->axes[AXIS_CHANNEL] += s->source_channel;
	out->axes[AXIS_SLOW] += s->slow > 0;
	out->axes[AXIS_TOPIC] += s->source_topic != 0;
	for (uint32_t k = 0; k < EXTRAS; k++)
		out->extras[k] += s->extras >> k & 1;
	out->axes[AXIS_LATE] += r->judge.late;
	out->axes[AXIS_NOTED] += r->judge.noted;
	out->axes[AXIS_CAME_OUT] += r->judge.came_out;
	for (uint32_t i = 0; i < s->knob_count; i++)
		for (uint32_t k = 0; k < HABITS; k++)
			out->habits[k] += strcmp(s->knobs[i], habits[k]) == 0;
}

/* Rows: I1 I2 I3 I4 I5 I7 P1 P2 P3 P6 P12 N18 S27 S34 S35 */
static void run(const struct scenario *s, struct outcome *out, FILE *trace)
{
	struct sim_options o = {.seed = s->seed, .net = s->net, .trace = trace};
	struct run r = {.s = s, .out = out};
	const char *left;

	sim_net_init(&o.net); /* the login is not what is tested */
	r.world = simworld_open(&o);
	r.disk = disk_open(s->seed);
	r.telegram = telegram_open(r.world, s);
	client_init(&r.client, r.world, s, r.telegram, r.disk);
	start_client(&r, next_wish(&r, 0));
	if (!client_login(&r.client))
		fail(&r, STUCK, "no login");
	prepare_chats(&r);
	*simworld_net(r.world) = s->net;
	r.calm_ns = simworld_now(r.world) + s->calm_ns;
	live_on(&r, r.calm_ns + 6 * 3600 * SECOND);
	drain(&r);
	left = client_left(&r.client);
	if (left != NULL)
		fail(&r, INVARIANT, left);
	compare(&r);
	count(&r, out);
	client_close(&r.client);
	printf("OK %u lines, %" PRIu64 " deaths, %.1f s, %" PRIu64 " events TRACE %016" PRIx64 "\n",
	       out->lines, out->kills, (double)out->now_ns / 1e9, out->events, out->hash);
	fflush(stdout);
}

/* ---- many runs ---- */

/* The status of the child, and what it found out. */
static int run_apart(const struct scenario *s, struct outcome *out, FILE *trace)
{
	int ends[2], status;
	pid_t pid;

	*out = (struct outcome){0};
	check(pipe(ends) == 0);
	fflush(stdout);
	pid = fork();
	check(pid >= 0);
	if (pid == 0) {
		run(s, out, trace);
		_exit(write(ends[1], out, sizeof(*out)) == sizeof(*out) ? 0 : 1);
	}
	close(ends[1]);
	if (read(ends[0], out, sizeof(*out)) != sizeof(*out))
		*out = (struct outcome){0};
	close(ends[0]);
	check(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("FAILED seed %" PRIu64 ": signal %d\nagain: whole 1 %" PRIu64 "\n", s->seed,
	       WTERMSIG(status), s->seed);
	return ASSERTION;
}

static uint32_t say_fired(const char *name, uint64_t count)
{
	printf(" %s %" PRIu64, name, count);
	return count == 0;
}

/* How many of what can happen never did. */
static uint32_t print_totals(const struct outcome *total, uint64_t seeds)
{
	uint32_t never = 0;

	printf("%" PRIu64 " seeds, %" PRIu64 " deaths, %.0f s of virtual time, %" PRIu64
	       " events; fired:",
	       seeds, total->kills, (double)total->now_ns / 1e9, total->events);
	for (int i = 0; i < SIM_FAULTS; i++)
		never += say_fired(sim_fault_name((enum sim_fault)i), total->fired[i]);
	printf("\ndied at:");
	for (int i = 0; i < MOMENTS; i++)
		never += say_fired(moment_name((enum moment)i), total->died[i]);
	printf("\nserver:");
	for (int i = 0; i < FAULT_KINDS; i++)
		never += say_fired(i < OWN_KINDS ? fault_kinds[i] : refusal_kinds[i - OWN_KINDS].rule,
				   total->server_fired[i]);
	never += say_fired("random_ids again", total->repeats);
	never += say_fired("adopted", total->adopted);
	printf("\npeople:");
	for (int i = 0; i < AXES; i++)
		never += say_fired(axis_name((enum axis)i), total->axes[i]);
	for (int i = 0; i < DEEDS; i++)
		never += say_fired(deed_name((enum deed_kind)i), total->deeds[i]);
	for (int i = 0; i < TARGETS; i++)
		never += say_fired(target_name((enum target_kind)i), total->targets[i]);
	for (int i = 0; i < HABITS; i++)
		never += say_fired(habits[i], total->habits[i]);
	for (uint32_t i = 0; i < EXTRAS; i++)
		never += say_fired(extra_name(i), total->extras[i]);
	printf("\n");
	return never;
}

static void add(struct outcome *total, const struct outcome *one)
{
	total->events += one->events;
	total->now_ns += one->now_ns;
	total->kills += one->kills;
	total->repeats += one->repeats;
	total->adopted += one->adopted;
	for (int i = 0; i < SIM_FAULTS; i++)
		total->fired[i] += one->fired[i];
	for (int i = 0; i < MOMENTS; i++)
		total->died[i] += one->died[i];
	for (int i = 0; i < FAULT_KINDS; i++)
		total->server_fired[i] += one->server_fired[i];
	for (int i = 0; i < AXES; i++)
		total->axes[i] += one->axes[i];
	for (int i = 0; i < DEEDS; i++)
		total->deeds[i] += one->deeds[i];
	for (int i = 0; i < TARGETS; i++)
		total->targets[i] += one->targets[i];
	for (int i = 0; i < HABITS; i++)
		total->habits[i] += one->habits[i];
	for (int i = 0; i < EXTRAS; i++)
		total->extras[i] += one->extras[i];
}

int main(int argc, char **argv)
{
	uint64_t numbers[2] = {1, 1}, n = 0;
	bool twice = false, traced = false, first_only = false;
	struct outcome total = {0};
	struct rsa_private *rsa;
	int worst = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--twice") == 0)
			twice = true;
		else if (strcmp(argv[i], "--trace") == 0)
			traced = true;
		else if (strcmp(argv[i], "--first") == 0)
			first_only = true;
		else if (n < 2)
			numbers[n++] = strtoull(argv[i], NULL, 10);
	}
	rsa = telegram_key();
	for (uint64_t i = 0; i < numbers[0]; i++) {
		struct outcome first, second;
		struct scenario s;
		int code;

		draw(&s, numbers[1] + i, rsa);
		print_scenario(&s);
		code = run_apart(&s, &first, traced ? stderr : NULL);
		if (code == 0 && twice && run_apart(&s, &second, NULL) == 0 &&
		    first.hash != second.hash) {
			printf("FAILED seed %" PRIu64 ": two runs differ\n", s.seed);
			code = ASSERTION;
		}
		add(&total, &first);
		worst = code > worst ? code : worst;
		if (code != 0 && first_only)
			return code;
	}
	if (print_totals(&total, numbers[0]) > 0 && numbers[0] >= ALL_FIRE && worst == 0) {
		printf("FAILED: something that can happen never did\n");
		worst = INVARIANT;
	}
	rsa_private_free(rsa);
	return worst;
}

/* Parts lent to engines on other threads: fetched and stored by them, and every end told. */
#include "engine/crew/crew.h"

#include "tests/link/parts.h"

#include "proto/api/ask.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { UPLOAD_ID = 9002, ENGINES = 2, TURN = 20000000 };

#define SMALL_WORLD .synth = "messages=3,docs=1x9MB,seed=5"

struct lending {
	struct sim s;
	struct crew *crew;
	struct media_file file;
	struct parts before;
	uint32_t lent, saved, down, up;
	uint32_t again[64], again_count;
	char text[160];
};

static void open_lending(struct lending *l, const struct sim_options *o)
{
	struct crew_options c = {.engines = ENGINES, .buffer = 8 * CHUNK_STRIDE};

	memset(l, 0, sizeof(*l));
	sim_open(&l->s, o);
	sim_login(&l->s);
	l->file = sim_document(&l->s);
	c.ring = l->s.ring;
	c.poll = o->poll;
	c.net = l->s.options;
	c.account = &l->s.account;
	cr_assert_eq(crew_open(&l->crew, &c), 0);
	cr_assert_eq(crew_engines(l->crew), ENGINES);
	cr_assert_eq(crew_room(l->crew, DOC_DC), 0, "its key is not there yet");
	parts_fetch(&l->before, &l->s, &l->file, NULL);
	cr_assert_gt(crew_room(l->crew, DOC_DC), 0);
}

static void close_lending(struct lending *l)
{
	crew_close(&l->crew);
	cr_assert_null(l->crew);
	sim_close(&l->s);
}

static bool lend(struct lending *l, uint32_t part)
{
	int64_t left = l->file.size - (int64_t)part * PART;
	struct loan loan = {.owner = 77,
			    .tag = part,
			    .dc = DOC_DC,
			    .offset = (int64_t)part * PART,
			    .limit = PART,
			    .len = left < PART ? (uint32_t)left : PART,
			    .save = {UPLOAD_ID, (int32_t)part, (int32_t)l->before.total, true},
			    .location_len = l->before.location_len};

	memcpy(loan.location, l->before.location, loan.location_len);
	return crew_lend(l->crew, &loan);
}

/* What cannot be lent the lead asks for itself, and so finds out what is wrong. */
static void ask_self_there(struct lending *l)
{
	if (crew_room(l->crew, DOC_DC) == 0 && crew_out(l->crew) == 0)
		cr_assert_eq(sim_ask(&l->s, DOC_DC, NET_DOWN, tl_new(&l->s.arena, TLC_help_getNearestDc)),
			     NET_RESULT, "%s", l->s.ev.text);
}

static void take(struct lending *l, const struct loan_result *r)
{
	cr_assert_eq(r->owner, 77);
	switch (r->end) {
	case LOAN_SAVED:
		l->saved++;
		return;
	case LOAN_DOWN:
		l->down++;
		break;
	case LOAN_UP:
		l->up++;
		break;
	default:
		cr_assert_fail("end %d of part %u: %s", r->end, r->tag, r->text);
	}
	snprintf(l->text, sizeof(l->text), "%s", r->text);
	l->again[l->again_count++] = r->tag;
}

static void lend_all(struct lending *l, const char *disturb)
{
	struct loan_result r;

	while (l->saved < l->before.total) {
		while (l->lent < l->before.total && lend(l, l->lent))
			l->lent++;
		while (l->again_count > 0 && lend(l, l->again[l->again_count - 1]))
			l->again_count--;
		while (crew_next(l->crew, &r))
			take(l, &r);
		ask_self_there(l);
		if (l->saved < l->before.total)
			cr_assert_geq(net_turn(l->s.net, l->again_count > 0 ? ring_now(l->s.ring) + TURN
									    : UINT64_MAX), 0);
		while (net_next(l->s.net, &l->s.ev))
			;
		if (disturb != NULL && l->saved >= l->before.total / 2) {
			sim_ctl(&l->s, disturb);
			disturb = NULL;
		}
	}
	cr_assert_eq(crew_out(l->crew), 0);
}

/* What the engines stored is the file. */
static void check_stored(struct lending *l)
{
	struct media_file f = parts_stored(&l->s, UPLOAD_ID, l->before.total);
	struct parts after;

	parts_fetch(&after, &l->s, &f, NULL);
	parts_same(&l->before, &after);
}

static void lends(const struct sim_options *o, const char *fault, const char *disturb,
		  struct lending *l)
{
	open_lending(l, o);
	if (fault != NULL)
		sim_ctl(&l->s, fault);
	lend_all(l, disturb);
	sim_ctl(&l->s, "unfault all");
	check_stored(l);
	close_lending(l);
}

Test(crew, parts_are_fetched_and_stored_elsewhere)
{
	struct lending l;

	lends(&(struct sim_options){SMALL_WORLD}, NULL, NULL, &l);
	cr_assert_eq(l.down + l.up, 0);
}

Test(crew, by_poll)
{
	struct lending l;

	lends(&(struct sim_options){SMALL_WORLD, .poll = true}, NULL, NULL, &l);
}

Test(crew, although_connections_are_cut)
{
	struct lending l;

	lends(&(struct sim_options){SMALL_WORLD, .links = 1}, NULL, "cut", &l);
}

Test(crew, although_answers_come_twice)
{
	struct lending l;

	lends(&(struct sim_options){SMALL_WORLD}, "fault duplicate:every=2", NULL, &l);
}

Test(crew, errors_are_told)
{
	struct lending l;

	lends(&(struct sim_options){SMALL_WORLD},
	      "fault error:method=upload.getFile,code=400,text=LOCATION_INVALID,count=3", NULL, &l);
	cr_assert_eq(l.down, 3);
	cr_assert_str_eq(l.text, "LOCATION_INVALID");
	lends(&(struct sim_options){SMALL_WORLD},
	      "fault error:method=upload.saveBigFilePart,code=400,text=FILE_PART_INVALID,count=2",
	      NULL, &l);
	cr_assert_eq(l.up, 2);
	cr_assert_str_eq(l.text, "FILE_PART_INVALID");
}

/* The lead's main session is the only one. */
static void check_alive(struct lending *l)
{
	cr_assert_eq(sim_ask(&l->s, 0, NET_MAIN, ask_self(&l->s.arena)), NET_RESULT, "%s", l->s.ev.text);
	cr_assert_leq(sim_stat(&l->s, "violations/second_main_session"), 0);
	cr_assert_not(l->s.dead);
}

/*
 * The login elsewhere is the lead's affair. An engine that exported it by itself would open a second
 * main session at home, and two of them end the account (api.md 2).
 */
/* Rows: S18 S29 */
Test(crew, a_login_that_is_gone_elsewhere_is_mended_by_the_lead)
{
	struct lending l;

	open_lending(&l, &(struct sim_options){SMALL_WORLD});
	sim_ctl(&l.s, "fault error:method=upload.getFile,code=401,text=AUTH_KEY_UNREGISTERED,count=2");
	lend_all(&l, NULL);
	check_alive(&l);
	cr_assert_gt(l.down, 0);
	cr_assert_geq(sim_stat(&l.s, "requests/auth.importAuthorization/count"), 2);
	check_stored(&l);
	close_lending(&l);
}

/* A key that is known no more: the lead makes another one, and all go on with that. */
/* Rows: S18 S32 */
Test(crew, a_key_that_is_gone_elsewhere_is_replaced_by_the_lead)
{
	struct lending l;
	struct net_dc *dc;
	uint64_t old;

	open_lending(&l, &(struct sim_options){SMALL_WORLD});
	l.s.keys_lost = true;
	lend_all(&l, NULL);
	dc = sim_dc(&l.s, DOC_DC);
	old = dc->key.id;
	l.lent = l.saved = 0;
	sim_ctl(&l.s, "fault keygone:method=upload.getFile,dc=4,count=1");
	lend_all(&l, NULL);
	check_alive(&l);
	cr_assert_neq(dc->key.id, old);
	cr_assert_gt(l.down, 0);
	check_stored(&l);
	close_lending(&l);
}

/* Only the answer itself is about a part; what ends with the engine's account is given back. */
Test(crew, an_account_that_ends_gives_back_what_is_lent)
{
	uint32_t gone = 0, told = 0;
	struct loan_result r;
	struct lending l;

	open_lending(&l, &(struct sim_options){SMALL_WORLD});
	sim_ctl(&l.s, "fault latency:ms=300");
	sim_ctl(&l.s, "fault error:method=upload.saveBigFilePart,code=401,text=SESSION_REVOKED");
	while (lend(&l, l.lent))
		l.lent++;
	while (gone + told < l.lent) {
		while (crew_next(l.crew, &r)) {
			gone += r.end == LOAN_GONE;
			told += r.end != LOAN_GONE;
		}
		if (gone + told < l.lent)
			cr_assert_geq(net_turn(l.s.net, UINT64_MAX), 0);
		while (net_next(l.s.net, &l.s.ev))
			;
	}
	cr_assert_leq(told, ENGINES, "%u of %u", told, l.lent);
	close_lending(&l);
}

Test(crew, ends_with_loans_out)
{
	struct lending l;

	open_lending(&l, &(struct sim_options){SMALL_WORLD});
	sim_ctl(&l.s, "fault latency:ms=60000");
	while (lend(&l, l.lent))
		l.lent++;
	cr_assert_eq(l.lent, ENGINES * 8, "as many as there are chunks");
	cr_assert_eq(crew_out(l.crew), l.lent);
	cr_assert_eq(crew_room(l.crew, DOC_DC), 0);
	close_lending(&l);
}

/* ---- signs of life ---- */

enum { THREADS_MAX = 64 };

static int threads(pid_t out[THREADS_MAX])
{
	DIR *dir = opendir("/proc/self/task");
	int count = 0;

	for (struct dirent *e; (e = readdir(dir)) != NULL && count < THREADS_MAX;)
		if (e->d_name[0] != '.')
			out[count++] = (pid_t)atoi(e->d_name);
	closedir(dir);
	return count;
}

static int stuck[2], loose[2];

/* The thread that it hits does nothing more until the test says so. */
static void stick(int number)
{
	char byte = 0;

	(void)number;
	(void)!write(stuck[1], &byte, 1);
	(void)!read(loose[0], &byte, 1);
}

static bool is_new(pid_t id, const pid_t *before, int count)
{
	for (int i = 0; i < count; i++)
		if (before[i] == id)
			return false;
	return true;
}

/* Beats are taken by another thread: it is turned until they are. */
static void await_alive(struct lending *l)
{
	while (!crew_alive(l->crew))
		cr_assert_geq(net_turn(l->s.net, ring_now(l->s.ring) + 1000000), 0);
}

/* One of its engines sticks from here on. */
static void open_stuck(struct lending *l)
{
	struct sigaction action = {.sa_handler = stick, .sa_flags = SA_RESTART};
	pid_t before[THREADS_MAX], after[THREADS_MAX];
	int old = threads(before), now;
	bool hit = false;
	char byte;

	cr_assert(pipe(stuck) == 0 && pipe(loose) == 0);
	cr_assert_eq(sigaction(SIGUSR2, &action, NULL), 0);
	open_lending(l, &(struct sim_options){SMALL_WORLD, .poll = true});
	for (int i = 0; i < 3; i++)
		await_alive(l);
	now = threads(after);
	for (int i = 0; i < now && !hit; i++)
		if (is_new(after[i], before, old))
			hit = syscall(SYS_tgkill, getpid(), after[i], SIGUSR2) == 0;
	cr_assert(hit);
	cr_assert_eq(read(stuck[0], &byte, 1), 1, "it is in the handler");
}

Test(crew, one_that_is_stuck_is_no_longer_alive)
{
	struct lending l;
	char byte = 0;

	open_stuck(&l);
	(void)crew_alive(l.crew); /* what was asked before may have been heard */
	for (int i = 0; i < 20; i++) {
		cr_assert_geq(net_turn(l.s.net, ring_now(l.s.ring) + 5000000), 0);
		cr_assert_not(crew_alive(l.crew));
	}
	cr_assert_eq(write(loose[1], &byte, 1), 1);
	await_alive(&l);
	close_lending(&l);
}

/* Such a one keeps its memory, which the test must not lose sight of. */
static struct crew *volatile left_behind;

/* Rows: P4 K8 */
Test(crew, one_that_is_stuck_is_left_behind, .timeout = 60)
{
	struct lending l;
	char byte = 0;
	int count;

	open_stuck(&l);
	left_behind = l.crew;
	count = threads((pid_t[THREADS_MAX]){0});
	close_lending(&l);
	cr_assert_eq(threads((pid_t[THREADS_MAX]){0}), count - (ENGINES - 1), "the others have ended");
	cr_assert_eq(write(loose[1], &byte, 1), 1);
}

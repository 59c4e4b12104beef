/*
 * The net as a whole: its memory, its opening and closing, and the turn, whose beats are always the
 * same: step (what is due, waiting questions to links) -> seal -> send -> reap (the ring) -> open.
 * Events are then asked for with net_next (facade.c); what they mean is answer.c's.
 *
 * All memory is one mapping, cut up at the start; pages that nobody uses cost nothing.
 */
#include "engine/link/net_priv.h"

#include "proto/crypto/cpu.h"
#include "proto/wire/inflate.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

/* ---- memory ---- */

/* In the first pass nothing is mapped yet: only the sizes are added up. */
static void *carve(struct net *n, size_t size)
{
	size_t at = n->mem_used;

	n->mem_used += (size + 63) & ~(size_t)63;
	check(n->mem == NULL || n->mem_used <= n->mem_size);
	return n->mem == NULL ? NULL : n->mem + at;
}

/* Only what is used of it is ever touched. */
static void carve_links(struct net *n, struct lane *lane, enum net_lane kind)
{
	uint32_t count = kind == NET_MAIN ? 1 : kind == NET_DOWN ? n->o.links_down : n->o.links_up;

	lane->links = carve(n, count * sizeof(struct link));
	lane->link_mem = carve(n, count * link_memory(n, kind));
}

static void carve_all(struct net *n)
{
	n->mem_used = 0;
	n->questions = carve(n, n->question_count * sizeof(struct question));
	n->smalls = carve(n, (size_t)n->question_count * QUESTION_SMALL);
	for (uint32_t i = 0; i < LARGE_QUERIES; i++)
		n->large[i] = carve(n, QUERY_ROOMS + NET_QUERY_MAX);
	for (uint32_t i = 0; i < NET_DC_MAX; i++) {
		struct centre *c = &n->centres[i];

		for (int lane = NET_MAIN; lane <= NET_UP; lane++)
			carve_links(n, &c->lanes[lane], (enum net_lane)lane);
		c->importer.small = carve(n, QUERY_ROOMS + SMALL_QUERY);
	}
	if (n->o.slab != NULL)
		n->zero_sends = carve(n, slab_total(n->o.slab) * sizeof(struct zero_send));
	n->inflate_in = carve(n, INFLATE_OUT_MAX);
	n->inflate_out = carve(n, INFLATE_OUT_MAX);
	n->config_mem = carve(n, CONFIG_MEM);
}

static int take_memory(struct net *n)
{
	carve_all(n);
	n->mem_size = n->mem_used;
	n->mem = mmap(NULL, n->mem_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (n->mem == MAP_FAILED)
		return -ENOMEM;
	(void)madvise(n->mem, n->mem_size, MADV_DONTDUMP);
	carve_all(n);
	return 0;
}

/* ---- opening ---- */

static bool options_usable(const struct net_options *o)
{
	return o->ring != NULL && o->account != NULL && o->rsa_count <= NET_RSA_MAX &&
	       o->links_down >= 1 && o->links_down <= LINKS_MAX && o->links_up >= 1 &&
	       o->links_up <= LINKS_MAX && o->links_down_first <= o->links_down &&
	       o->links_up_first <= o->links_up && o->inflight >= 1 && o->inflight <= INFLIGHT_MAX &&
	       o->connects <= CONNECTS_MAX && o->transport < TRANSPORT_UNKNOWN &&
	       o->account->dc_count <= NET_DC_MAX &&
	       !(o->obfuscated && o->transport == TRANSPORT_FULL);
}

static uint32_t questions_for(const struct net_options *o)
{
	uint32_t count = QUESTIONS_MIN + (o->links_down + o->links_up) * o->inflight * 4;

	return count > QUESTIONS_MAX ? QUESTIONS_MAX : count;
}

int net_open(struct net **out, const struct net_options *options)
{
	struct net *n;

	if (!options_usable(options))
		return -EINVAL;
	/* Keys lie in it: pages of its own, which no dump takes (X4). */
	n = mmap(NULL, sizeof(*n), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (n == MAP_FAILED)
		return -ENOMEM;
	(void)madvise(n, sizeof(*n), MADV_DONTDUMP);
	n->o = *options;
	n->ring = options->ring;
	n->question_count = questions_for(options);
	n->relay_width = cpu_active() & CPU_AVX512 ? RELAY_WIDTH_MAX : RELAY_PAIR;
	if (take_memory(n) < 0) {
		munmap(n, sizeof(*n));
		return -ENOMEM;
	}
	n->now = ring_now(n->ring);
	growth_init(&n->growth, n->now);
	growth_bounds(&n->growth, GROWTH_DOWN, options->links_down_first, options->links_down);
	growth_bounds(&n->growth, GROWTH_UP, options->links_up_first, options->links_up);
	list_init(&n->failed);
	list_init(&n->ready);
	list_init(&n->whole);
	list_init(&n->free_questions);
	n->centre_count = n->o.account->dc_count;
	for (uint32_t i = 0; i < n->centre_count; i++)
		centre_init(&n->centres[i], n, &n->o.account->dcs[i]);
	*out = n;
	return 0;
}

/* ---- closing ---- */

static bool join_all(struct net *n)
{
	bool open = false;

	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]);
		     lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++) {
				link_close(l, "the program ends", 0);
				link_drop_got(l);
				if (l->state == LINK_CLOSING)
					link_join(l);
				open = open || l->state != LINK_IDLE;
			}
	return !open;
}

/* The links' keys lie in their memory. */
static void wipe_keys(struct net *n)
{
	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]);
		     lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++)
				if (l->temp != NULL)
					bytes_wipe(l->temp, sizeof(*l->temp));
}

static void give_chunks(struct net *n)
{
	for (uint32_t i = 0; i < n->question_made; i++)
		if (n->questions[i].chunk != NULL)
			slab_give(n->o.slab, &n->questions[i].chunk);
}

void net_close(struct net **owner)
{
	struct net *n = *owner;
	uint64_t until = ring_now(n->ring) + CLOSE_WAIT;

	*owner = NULL;
	n->dead = true; /* nothing new starts */
	while (!join_all(n) || n->zero_count > 0) {
		check(ring_run(n->ring, until) >= 0);
		n->now = ring_now(n->ring);
		/* Shut down and cancelled: a kernel that holds on for longer than this is broken.
		 */
		check(ring_now(n->ring) < until + 10 * CLOSE_WAIT);
	}
	give_chunks(n);
	wipe_keys(n);
	munmap(n->mem, n->mem_size);
	bytes_wipe(n, sizeof(*n));
	munmap(n, sizeof(*n));
}

/* ---- the turn ---- */

static void watch_all(struct net *n)
{
	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]);
		     lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++)
				link_watch(l);
}

/* Of a net that is dead nothing but the links' ends is due. */
static uint64_t join_closing(struct net *n)
{
	uint64_t due = UINT64_MAX;

	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]);
		     lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++) {
				if (l->state == LINK_CLOSING)
					link_join(l);
				if (l->state == LINK_CLOSING && link_join_at(l) < due)
					due = link_join_at(l);
			}
	return due;
}

/* Each in its order: what one makes wait, the next one assigns in this same turn. */
static void step(struct net *n)
{
	if (n->dead)
		return;
	centre_grow(n);
	watch_all(n);
	for (uint32_t i = 0; i < n->centre_count; i++)
		authorize_step(&n->centres[i]);
	for (uint32_t i = 0; i < n->centre_count; i++) {
		centre_start(&n->centres[i]);
		centre_assign(&n->centres[i]);
	}
}

static void send_all(struct net *n)
{
	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]);
		     lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++)
				if (link_is_open(l))
					link_send(l);
}

static bool has_events(const struct net *n)
{
	return !list_empty(&n->ready) || !list_empty(&n->failed) || n->changed ||
	       n->notice_count > 0 || (n->dead && !n->dead_told);
}

static uint64_t next_due(const struct net *n)
{
	uint64_t due = UINT64_MAX;

	for (uint32_t i = 0; i < n->centre_count; i++) {
		uint64_t at = centre_due(&n->centres[i]);

		due = at < due ? at : due;
	}
	return due;
}

int net_turn(struct net *n, uint64_t until_ns)
{
	uint64_t due, packets;
	int res;

	n->now = ring_now(n->ring);
	machine_watch(n);
	step(n);
	parcels_seal(n);
	send_all(n);
	due = n->dead ? join_closing(n) : next_due(n);
	packets = packets_due(n);
	due = packets < due ? packets : due;
	if (has_events(n))
		until_ns = 0;
	due = due < until_ns ? due : until_ns;
	n->now = ring_now(n->ring);
	machine_waits(n, due);
	res = ring_run(n->ring, due);
	zerocopy_load(n, due > n->now ? ring_now(n->ring) - n->now : 0);
	n->now = ring_now(n->ring);
	packets_open(n);
	return res < 0 ? res : 0;
}

/* ---- for the other files ---- */

void net_random(struct net *n, void *out, uint32_t len)
{
	if (len > sizeof(n->random)) {
		ring_random(n->ring, out, len);
		return;
	}
	if (len > n->random_left) {
		ring_random(n->ring, n->random, sizeof(n->random));
		n->random_left = sizeof(n->random);
	}
	n->random_left -= len;
	memcpy(out, n->random + n->random_left, len);
	bytes_wipe(n->random + n->random_left, len);
}

void net_clean(char *out, size_t size, const char *in)
{
	size_t i = 0;

	for (; i + 1 < size && in[i] != '\0'; i++)
		out[i] = in[i] >= 0x20 && in[i] < 0x7f ? in[i] : '?';
	out[i] = '\0';
}

void net_log(struct net *n, int level, const char *format, ...)
{
	char line[256];
	va_list args;

	if (n->o.log == NULL)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	n->o.log(n->o.log_ctx, level, line);
}

void net_notice(struct net *n, uint16_t dc, const char *format, ...)
{
	struct notice *notice = &n->notices[(n->notice_at + n->notice_count) % NOTICES_MAX];
	va_list args;

	/* Nobody asked for a long time: the oldest are the least of use. */
	if (n->notice_count == NOTICES_MAX)
		n->notice_at = (n->notice_at + 1) % NOTICES_MAX;
	else
		n->notice_count++;
	notice->dc = dc;
	va_start(args, format);
	vsnprintf(notice->text, sizeof(notice->text), format, args);
	va_end(args);
}

struct centre *net_home(struct net *n)
{
	return centre_find(n, n->o.account->home_dc);
}

void net_salt_changed(struct net *n, struct link *l)
{
	struct net_account *a = n->o.account;
	struct centre *c = l->centre;
	int64_t server = session_server_time(l->key, n->now);

	if (l->key->offset_known)
		a->time_offset_s = server - (int64_t)(ring_wall(n->ring) / SECOND);
	if (l->key != &c->key) { /* a salt that dies with its key */
		session_set_time(&c->key, server, n->now);
		return;
	}
	c->dc->salt = c->key.salt;
	/* A salt that was not kept costs one round trip: not worth a write each time. */
	if (n->salt_told_ns != 0 && n->now - n->salt_told_ns < SALT_TELL)
		return;
	n->salt_told_ns = n->now;
	n->changed = true;
}

/* Those on links that still close are failed when their links have. */
static void fail_all(struct net *n)
{
	for (uint32_t i = 0; i < n->question_made; i++) {
		struct question *q = &n->questions[i];

		if (q->state == QUESTION_WAITING ||
		    (q->state == QUESTION_ON_LINK && q->link->state == LINK_IDLE)) {
			question_recall(q, true);
			question_fail(q, n->dead_code, n->dead_text);
		}
	}
}

void net_die(struct net *n, int32_t code, const char *text)
{
	if (n->dead)
		return;
	n->dead = true;
	n->dead_code = code;
	net_clean(n->dead_text, sizeof(n->dead_text), text);
	net_log(n, 0, "the account cannot go on: %s", n->dead_text);
	for (uint32_t i = 0; i < n->centre_count; i++)
		for (struct lane *lane = n->centres[i].lanes; lane < lane_end(&n->centres[i]);
		     lane++)
			for (struct link *l = lane->links; l < link_end(lane); l++)
				link_close(l, "the account cannot go on", 0);
	fail_all(n);
}

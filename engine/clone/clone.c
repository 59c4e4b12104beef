/*
 * The clone's turn: events are handed to the room that asked, then each room does what it can. Owns the
 * struct and its memory, all of it taken in clone_open; leaves every decision to the other modules.
 */
#include "engine/clone/clone_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { REFUSED_MAX = 10 };

static const uint64_t SECOND = 1000000000;
/* Of the ten seconds that a stop may take (P4): the rest is for the connections and the ledger. */
static const uint64_t STOP_WAIT_NS = UINT64_C(6000000000);

static void *map(size_t size, int how)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | how, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Reserved, not touched: pages are taken by the kernel when they are first written. */
static void *reserve(size_t size)
{
	return map(size, MAP_NORESERVE);
}

/* All of it is there from the start: what is seldom needed at once would pass for growth for hours. */
static void *take(size_t size)
{
	return map(size, MAP_POPULATE);
}

/* What --memory leaves, in whole words of the shelf's bits. */
static size_t shelf_bytes(const struct clone_options *o)
{
	size_t size = o->look_bytes < SHELF_MOST ? o->look_bytes : SHELF_MOST;

	return size < SHELF_LEAST ? SHELF_LEAST : size - size % (64 * SHELF_UNIT);
}

static bool take_memory(struct clone *c)
{
	c->held_max = c->o.slab != NULL ? slab_total(c->o.slab) : 1;
	c->arena_mem = reserve(PAGE_ARENA);
	c->scratch = reserve(QUERY_SCRATCH);
	c->shelf_size = shelf_bytes(&c->o);
	c->shelf_mem = reserve(c->shelf_size);
	c->draft_mem = reserve(GROUP_ARENA);
	c->topics = reserve(TOPICS_MAX * sizeof(*c->topics));
	c->groups = calloc(GROUP_SLOTS, sizeof(*c->groups));
	c->transfer_slots = take(TRANSFER_SLOTS * sizeof(*c->transfer_slots));
	c->held = calloc(c->held_max, sizeof(*c->held));
	return c->arena_mem != NULL && c->scratch != NULL && c->shelf_mem != NULL &&
	       c->draft_mem != NULL && c->topics != NULL && c->groups != NULL &&
	       c->transfer_slots != NULL && c->held != NULL;
}

static void release_memory(struct clone *c)
{
	if (c->arena_mem != NULL)
		munmap(c->arena_mem, PAGE_ARENA);
	if (c->scratch != NULL)
		munmap(c->scratch, QUERY_SCRATCH);
	if (c->shelf_mem != NULL)
		munmap(c->shelf_mem, c->shelf_size);
	if (c->draft_mem != NULL)
		munmap(c->draft_mem, GROUP_ARENA);
	if (c->topics != NULL)
		munmap(c->topics, TOPICS_MAX * sizeof(*c->topics));
	free(c->groups);
	if (c->transfer_slots != NULL)
		munmap(c->transfer_slots, TRANSFER_SLOTS * sizeof(*c->transfer_slots));
	free(c->held);
}

int clone_open(struct clone **out, const struct clone_options *o)
{
	struct clone *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	c->o = *o;
	c->part_wish = o->part_size;
	if (!take_memory(c)) {
		release_memory(c);
		free(c);
		return -ENOMEM;
	}
	arena_init(&c->page, c->arena_mem, PAGE_ARENA);
	shelf_init(&c->shelf, c->shelf_mem, c->shelf_size);
	list_init(&c->queue);
	list_init(&c->free_groups);
	list_init(&c->transfers);
	c->started_ns = clone_now(c);
	post_start_pace(c);
	history_start(c);
	holds_start(c);
	*out = c;
	return 0;
}

void clone_close(struct clone **owner)
{
	struct clone *c = *owner;

	*owner = NULL;
	if (c == NULL)
		return;
	for (uint32_t i = 0; i < c->held_count; i++)
		slab_give(c->o.slab, &c->held[i].chunk);
	release_memory(c);
	free(c);
}

uint64_t clone_now(const struct clone *c)
{
	return ring_now(c->o.ring);
}

void clone_end(struct clone *c, enum clone_status status, const char *why)
{
	if (c->status != CLONE_RUNNING)
		return; /* the first reason is the true one */
	c->status = status;
	snprintf(c->why, sizeof(c->why), "%s", why);
}

const char *clone_why(const struct clone *c)
{
	return c->why;
}

void clone_stop(struct clone *c)
{
	if (!c->stopping)
		c->stop_ns = clone_now(c) + STOP_WAIT_NS;
	c->stopping = true;
}

void clone_wake(struct clone *c, uint64_t at_ns)
{
	if (at_ns < c->wake_ns)
		c->wake_ns = at_ns;
}

/* 1, 2, 4 .. 64 s (api.md 1). */
uint64_t clone_backoff_ns(uint32_t attempts)
{
	return SECOND << (attempts < 6 ? attempts : 6);
}

bool clone_ask(struct clone *c, const struct tl_obj *query, enum ask_kind kind, uint32_t slot,
	       uint32_t tag, bool once)
{
	struct tl_error error;
	struct net_request r = {.lane = NET_MAIN, .once = once, .tag = tag};
	uint32_t ticket;
	int status;

	r.query.at = c->scratch;
	r.query.len = tl_encode(query, c->o.layer, (struct span){c->scratch, QUERY_SCRATCH}, &error);
	c->unspeakable = r.query.len == 0;
	if (c->unspeakable && kind != ASK_POST && kind != ASK_UPLOAD_MEDIA)
		clone_end(c, CLONE_FAULT, "a question has no form in this layer, or is too long");
	if (c->unspeakable)
		return false;
	r.owner = ask_owner(kind, slot);
	status = net_call(c->o.net, &r, &ticket);
	return status == 0;
}

/* One of the two chats goes no further: the one that was asked about, whichever it mostly is. */
static void chat_ended(struct clone *c, bool about_target, const char *line)
{
	char why[192];

	snprintf(why, sizeof(why), "the %s: %s", about_target ? "target" : "source", line);
	clone_end(c, about_target ? CLONE_TARGET : CLONE_SOURCE, why);
}

void clone_wait_text(char *out, size_t size, const char *what, uint64_t seconds)
{
	char hours[32] = "";

	if (seconds >= 600) /* for people */
		snprintf(hours, sizeof(hours), " (%llu h %02llu min)", (unsigned long long)(seconds / 3600),
			 (unsigned long long)(seconds / 60 % 60));
	snprintf(out, size, "%s %llu s%s", what, (unsigned long long)seconds, hours);
}

void clone_wait_most(struct clone *c, uint64_t wait_ns, const char *text)
{
	char why[192];

	if (c->o.max_wait_ns == 0 || wait_ns <= c->o.max_wait_ns)
		return;
	snprintf(why, sizeof(why), "%s, which is longer than --max-wait", text);
	clone_end(c, CLONE_LATER, why);
}

/* What was asked for; what has no name here is a file's part, or a look at the target. */
static const char *asked_name(const struct clone *c, const struct pending *p)
{
	return p == &c->history	      ? "history"
	       : p == &c->topic_ask   ? "topics"
	       : p == &c->refresh_ask ? "file references"
	       : p == &c->media_ask   ? "uploaded media"
	       : p == &c->scheduled_ask ? "scheduled messages"
					: "";
}

/* Waits that hit everybody, and ends of the run. */
bool clone_common_error(struct clone *c, struct pending *p, int32_t code, const char *text,
			bool about_target)
{
	struct verdict v = error_verdict(code, text);
	const char *asked = asked_name(c, p);
	char line[160], note[160];

	snprintf(line, sizeof(line), "%s%s%s", text, v.advice[0] != '\0' ? ": " : "", v.advice);
	switch (v.remedy) {
	case REMEDY_WAIT:
	case REMEDY_SLOWMODE:
		pending_later(p, clone_now(c) + (uint64_t)v.wait_s * SECOND);
		snprintf(line, sizeof(line), "%.60s: %s%s", text, asked,
			 asked[0] == '\0'			   ? "waiting"
			 : p == &c->history || p == &c->media_ask ? " waits"
								   : " wait");
		clone_wait_text(note, sizeof(note), line, (uint64_t)v.wait_s);
		clone_wait_most(c, (uint64_t)v.wait_s * SECOND, note);
		clone_note(c, NOTE_WAIT, NULL, note);
		return true;
	case REMEDY_BACKOFF:
	case REMEDY_RECONCILE:
		pending_later(p, clone_now(c) + clone_backoff_ns(p->attempts++));
		snprintf(note, sizeof(note), "%s%s%.100s", asked, asked[0] != '\0' ? ": " : "", line);
		clone_note(c, NOTE_RETRY, NULL, note);
		return true;
	case REMEDY_DC: /* the net follows an account that moved; it found no way any more */
		snprintf(line, sizeof(line), "%.80s: no data centre has the account", text);
		clone_end(c, CLONE_ACCOUNT, line);
		return true;
	case REMEDY_LOGIN:
		clone_end(c, CLONE_LOGIN, line);
		return true;
	case REMEDY_ACCOUNT:
		clone_end(c, CLONE_ACCOUNT, line);
		return true;
	case REMEDY_TARGET: /* its advice is about the target */
		chat_ended(c, about_target, about_target ? line : text);
		return true;
	case REMEDY_SOURCE:
		chat_ended(c, about_target, line);
		return true;
	default:
		return false;
	}
}

void clone_refused(struct clone *c, struct refusal *r, const char *text)
{
	bool same = strncmp(r->text, text, sizeof(r->text) - 1) == 0;
	bool word = text[0] >= 'A' && text[0] <= 'Z' && strchr(text, '_') != NULL;
	char line[160];

	if (!word || error_is_known(text))
		return;
	snprintf(r->text, sizeof(r->text), "%.63s", text);
	r->count = same ? r->count + 1 : 1;
	if (r->count < REFUSED_MAX)
		return;
	snprintf(line, sizeof(line), "%.80s, message after message (when it is mended: retry)", text);
	clone_end(c, CLONE_TARGET, line);
}

void clone_note(struct clone *c, enum clone_note_kind kind, const struct item *item, const char *text)
{
	struct clone_note *n;

	if (c->note_count == NOTES_MAX) {
		c->note_first = (c->note_first + 1) % NOTES_MAX;
		c->note_count--;
		c->notes_lost++;
	}
	c->note_fresh += c->note_fresh < NOTES_MAX;
	n = &c->notes[(c->note_first + c->note_count++) % NOTES_MAX];
	*n = (struct clone_note){.kind = kind};
	if (item != NULL) {
		n->source_id = item->row.source_id;
		n->target_id = item->row.target_id;
		n->mode = item->row.mode;
		n->media = item->row.kind;
		n->size = item->row.size;
	}
	snprintf(n->text, sizeof(n->text), "%s", text);
}

/* A death would take back what is not durable: "done" is no lie only behind it. */
static void seal_notes(struct clone *c)
{
	for (; c->note_fresh > 0; c->note_fresh--)
		c->note_ticket[(c->note_first + c->note_count - c->note_fresh) % NOTES_MAX] =
		    ledger_ticket(c->o.ledger);
}

bool clone_next_note(struct clone *c, struct clone_note *out)
{
	if (c->note_count == c->note_fresh ||
	    c->note_ticket[c->note_first] > ledger_durable(c->o.ledger))
		return false;
	*out = c->notes[c->note_first];
	c->note_first = (c->note_first + 1) % NOTES_MAX;
	c->note_count--;
	return true;
}

uint64_t clone_notes_lost(const struct clone *c)
{
	return c->notes_lost;
}

static void dispatch(struct clone *c, struct net_event *ev)
{
	enum ask_kind kind = (enum ask_kind)(ev->owner >> 32);
	uint32_t slot = (uint32_t)ev->owner;

	if (kind != ASK_PART_DOWN && kind != ASK_PART_UP)
		group_stir(c);
	switch (kind) {
	case ASK_HISTORY:
		history_got(c, ev);
		break;
	case ASK_TOPICS:
	case ASK_MADE_TOPICS:
	case ASK_CREATE_TOPIC:
	case ASK_CLOSE_TOPIC:
		topics_got(c, kind, ev);
		break;
	case ASK_REFRESH:
		group_refresh_got(c, &c->groups[slot], ev);
		break;
	case ASK_UPLOAD_MEDIA:
		group_media_got(c, &c->groups[slot], ev->tag, ev);
		break;
	case ASK_POST:
		post_got(c, ev);
		break;
	case ASK_LOOKUP:
		post_lookup_got(c, ev);
		break;
	case ASK_SCHEDULED:
		post_scheduled_got(c, ev);
		break;
	case ASK_UNSEEN:
		post_unseen_got(c, ev);
		break;
	case ASK_END:
		post_end_got(c, ev);
		break;
	case ASK_PART_DOWN:
		transfer_down_got(c, &c->transfer_slots[slot], ev->tag, ev);
		break;
	case ASK_PART_UP:
		transfer_up_got(c, &c->transfer_slots[slot], ev->tag, ev);
		break;
	case ASK_PART_LENT:
		break;
	}
}

static void account_ended(struct clone *c, const struct net_event *ev)
{
	struct verdict v = error_verdict(ev->code, ev->text);
	char line[160];

	snprintf(line, sizeof(line), "%.80s%s%s", ev->text, v.advice[0] != '\0' ? ": " : "",
		 v.advice);
	clone_end(c,
		  ev->code == NET_OWN_FAULT     ? CLONE_FAULT
		  : ev->code == NET_UNKNOWN_KEY ? CLONE_LATER /* anybody on the way can say so */
		  : v.remedy == REMEDY_LOGIN    ? CLONE_LOGIN
						: CLONE_ACCOUNT,
		  line);
}

void clone_event(struct clone *c, const struct net_event *event)
{
	struct net_event ev = *event;

	switch (ev.kind) {
	case NET_RESULT:
	case NET_ERROR:
	case NET_LOST:
		arena_rewind(&c->page, 0);
		dispatch(c, &ev);
		break;
	case NET_DEAD:
		account_ended(c, &ev);
		break;
	case NET_UPDATE:
	case NET_ACCOUNT_CHANGED:
	case NET_STATE:
		break;
	}
}

static bool is_over(struct clone *c)
{
	if (c->stopping)
		return c->posting == NULL || c->posting->state == GROUP_INTENT ||
		       c->posting->state == GROUP_LOOKUP || clone_now(c) >= c->stop_ns;
	return history_is_over(c) && list_empty(&c->queue) && c->topics_closing;
}

enum clone_status clone_step(struct clone *c, uint64_t *until_ns)
{
	char why[160];

	c->wake_ns = clone_now(c) + SECOND;
	if (ledger_fault(c->o.ledger, why, sizeof(why)) != LEDGER_SOUND)
		clone_end(c, CLONE_LEDGER, why);
	if (c->status == CLONE_RUNNING) {
		if (!c->stopping) {
			topics_step(c);
			history_step(c);
			group_step(c);
			transfer_step(c);
		}
		post_step(c);
		if (c->ended && list_empty(&c->queue) && !c->stopping)
			topics_close_step(c);
	}
	seal_notes(c);
	if (c->status == CLONE_RUNNING && is_over(c))
		clone_end(c, c->stopping ? CLONE_STOPPED : CLONE_DONE, "");
	*until_ns = c->wake_ns;
	return c->status;
}

void clone_progress(struct clone *c, struct clone_progress *p)
{
	struct ledger_counts counts;

	ledger_counts(c->o.ledger, &counts);
	*p = (struct clone_progress){.posts = c->posts,
				     .requests = c->requests,
				     .down_bytes = c->down_bytes,
				     .up_bytes = c->up_bytes,
				     .transfers = c->transfer_count,
				     .planned_all = c->ended,
				     .unseen = c->unseen,
				     .bytes_total = counts.bytes_total,
				     .bytes_done = counts.bytes_done,
				     .done = counts.rows[ROW_DONE],
				     .skipped = counts.rows[ROW_SKIPPED],
				     .per_ns = c->pace.per_ns,
				     .wait = c->wait_reason,
				     .wait_until = c->wait_until};
	for (uint32_t i = 0; i <= ROW_SKIPPED; i++)
		p->planned += counts.rows[i];
	list_each(node, &c->queue) {
		struct group *g = container_of(node, struct group, node);

		p->groups_ahead += g->state == GROUP_PREPARING;
		p->groups_ready += g->state >= GROUP_READY;
	}
}

bool clone_file(const struct clone *c, uint32_t index, struct clone_file *f)
{
	list_each(node, &c->transfers) {
		struct transfer *t = container_of(node, struct transfer, node);
		struct cspan name;

		if (index-- > 0)
			continue;
		name = media_upload_name(&t->group->items[t->item].msg.media);
		*f = (struct clone_file){.source_id = t->group->items[t->item].row.source_id,
					 .size = t->file.size,
					 .down = t->down_bytes,
					 .up = t->up_bytes};
		snprintf(f->name, sizeof(f->name), "%.*s%s", (int)(name.len < 56 ? name.len : 56),
			 (const char *)name.at, t->thumb ? " (t)" : "");
		return true;
	}
	return false;
}

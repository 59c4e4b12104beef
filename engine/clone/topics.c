/*
 * Forum topics: each topic of the source gets one in the target, with its title, colour and icon; the map
 * is kept in the ledger. Creating is idempotent by a random_id that depends on the topic only; one whose
 * fate is unknown (a restart, a lost answer) is looked for in the target first, above what was there when the
 * job began and above the last one that is known: they are made one after the other. A message in a topic
 * that is not known, since it was opened meanwhile, has the source's listed once more. Topics closed at the
 * source are closed in the target after everything was copied (api.md 6).
 */
#include "engine/clone/clone_priv.h"

#include <stdio.h>

enum {
	GENERAL = 1,
	ITEM_TOPIC = 0x746f7069,
	MISREAD_MAX = 5, /* answers in a row that cannot be read */
};

/* State of the ledger: a topic that is not in the map, and may be the job's, stands above it; an int32. */
static const char BEGAN[] = "topics.began";

static bool maps_topics(const struct clone *c)
{
	return c->o.source.forum && c->o.target.forum && c->o.source_topic == 0 &&
	       c->o.target_topic == 0;
}

static struct topic_pair *find(struct clone *c, int32_t source)
{
	for (uint32_t i = 0; i < c->topic_count; i++)
		if (c->topics[i].source == source)
			return &c->topics[i];
	return NULL;
}

int32_t topics_target(struct clone *c, int32_t source_topic)
{
	struct topic_pair *pair;

	if (c->o.target_topic != 0)
		return c->o.target_topic;
	if (!maps_topics(c) || source_topic <= GENERAL)
		return 0;
	pair = find(c, source_topic);
	return pair != NULL ? pair->target : ledger_topic_of(c->o.ledger, source_topic);
}

bool topics_know(struct clone *c, int32_t source_topic)
{
	if (!maps_topics(c) || source_topic <= GENERAL || topics_target(c, source_topic) != 0 ||
	    source_topic <= c->topics_lost)
		return true;
	c->topics_lost = source_topic; /* if it, or an older one, is not there then, it is nowhere */
	c->topics_ready = c->topics_listed = false;
	c->topics_seen = 0;
	c->topic_at = 0;
	c->topic_offset = (struct topic_offset){0};
	return false;
}

bool topics_is_lost(struct clone *c, int32_t source_topic)
{
	return maps_topics(c) && source_topic > GENERAL && topics_target(c, source_topic) == 0;
}

static struct topic_pair *find_target(struct clone *c, int32_t target)
{
	for (uint32_t i = 0; maps_topics(c) && i < c->topic_count; i++)
		if (target > GENERAL && c->topics[i].target == target)
			return &c->topics[i];
	return NULL;
}

bool topics_lose(struct clone *c, int32_t target)
{
	struct topic_pair *pair = find_target(c, target);

	if (pair != NULL)
		pair->gone = c->topics_gone = true;
	return pair != NULL;
}

bool topics_is_gone(struct clone *c, int32_t target)
{
	const struct topic_pair *pair = c->topics_gone ? find_target(c, target) : NULL;

	return pair != NULL && pair->gone;
}

void topics_name(struct clone *c, int32_t target, char *out, size_t size)
{
	const struct topic_pair *pair = target > GENERAL ? find_target(c, target) : NULL;

	if (target <= GENERAL)
		snprintf(out, size, "General");
	else if (pair != NULL)
		snprintf(out, size, "\"%.*s\"", pair->title_len < 64 ? pair->title_len : 64, (const char *)pair->title);
	else
		snprintf(out, size, "%d", target);
}

static void list_topics(struct clone *c)
{
	arena_rewind(&c->page, 0);
	c->topic_ask.out = clone_ask(
		c, ask_topics(&c->page, c->o.source.peer, &c->topic_offset, PAGE_SIZE, c->o.layer),
		ASK_TOPICS, 0, 0, false);
	CRASH_POINT("clone.topics.asked");
}

static const struct tl_obj *topic_tree(struct clone *c, const struct topic_pair *pair)
{
	struct tl_obj *o = tl_new(&c->page, TLC_forumTopic);

	tl_set_bytes(o, TLF_title, cspan_of(pair->title, pair->title_len));
	tl_set_int(o, TLF_icon_color, pair->icon_color);
	if (pair->icon_emoji_id != 0)
		tl_set_long(o, TLF_icon_emoji_id, pair->icon_emoji_id);
	return o;
}

static void create_topic(struct clone *c)
{
	struct topic_pair *pair = &c->topics[c->topic_at];
	int64_t random_id = ledger_random_id(&c->o.job, pair->source, ITEM_TOPIC);

	if (pair->source == GENERAL)
		pair->target = GENERAL;
	if (pair->target != 0) {
		c->topic_at++;
		return;
	}
	CRASH_POINT("clone.topic.ask");
	arena_rewind(&c->page, 0);
	c->topic_ask.out = clone_ask(c,
				     ask_create_topic(&c->page, c->o.target.peer,
						      topic_tree(c, pair), random_id, c->o.layer),
				     ASK_CREATE_TOPIC, 0, 0, true);
	CRASH_POINT("clone.topic.asked");
}

/* ---- pages of topics ---- */

static const struct tl_obj *find_message(const struct tl_obj *answer, int32_t id)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);

	for (uint32_t i = 0; i < list.count; i++)
		if (tl_int(tl_vec_obj(list, i), TLF_id) == id)
			return tl_vec_obj(list, i);
	return NULL;
}

/* The next page begins behind this topic: by its top message, or its own day (api.md 6). */
static void turn_page(struct clone *c, const struct tl_obj *answer, const struct tl_obj *t)
{
	const struct tl_obj *top = tl_flag(answer, TLF_order_by_create_date)
					   ? NULL
					   : find_message(answer, tl_int(t, TLF_top_message));

	c->topic_offset.topic = tl_int(t, TLF_id);
	if (tl_cons(t) != TLC_forumTopic)
		return;
	c->topic_offset.id = tl_int(t, TLF_top_message);
	c->topic_offset.date = top != NULL ? tl_int(top, TLF_date) : tl_int(t, TLF_date);
}

/* ---- what an earlier attempt made ---- */

static void keep_began(struct clone *c, int32_t began)
{
	c->topics_began = began;
	c->topics_began_ticket = ledger_state_put_int(c->o.ledger, BEGAN, began);
}

static bool began_known(struct clone *c)
{
	uint8_t began[4];

	if (c->topics_began_known)
		return true;
	if (ledger_state(c->o.ledger, BEGAN, (struct span){began, sizeof(began)}) > 0) {
		c->topics_began = (int32_t)load_le32(began);
		c->topics_doubt = true;
	} else if (post_knows_end(c, NULL)) {
		keep_began(c, c->watermark);
	} else {
		return false;
	}
	return c->topics_began_known = true;
}

/*
 * True when topics may be made: what was there before the job is known, durably, and nothing that an
 * earlier attempt may have made is unknown.
 */
static bool may_create(struct clone *c)
{
	if (!began_known(c))
		return false;
	if (ledger_durable(c->o.ledger) < c->topics_began_ticket)
		return false; /* its eventfd wakes us */
	if (!c->topics_doubt)
		return true;
	arena_rewind(&c->page, 0);
	c->topic_ask.out = clone_ask(
		c, ask_topics(&c->page, c->o.target.peer, &c->topic_offset, PAGE_SIZE, c->o.layer),
		ASK_MADE_TOPICS, 0, 0, false);
	return false;
}

static bool is_mapped(const struct clone *c, int32_t target)
{
	for (uint32_t i = 0; i < c->topic_count; i++)
		if (c->topics[i].target == target)
			return true;
	return false;
}

static bool same_title(const struct topic_pair *pair, const struct tl_obj *topic)
{
	return cspan_equal(cspan_of(pair->title, pair->title_len), tl_bytes(topic, TLF_title));
}

/* Topics of the same title were made in the order of the source's: the lower id is the earlier one's. */
static void claim(struct clone *c, const struct tl_obj *made)
{
	int32_t id = tl_int(made, TLF_id);

	for (uint32_t i = c->topic_at; i < c->topic_count && id != 0; i++) {
		struct topic_pair *pair = &c->topics[i];
		int32_t other = pair->made;

		if (pair->target != 0 || !same_title(pair, made))
			continue;
		if (other == id)
			return;
		if (other == 0 || id < other) {
			pair->made = id;
			id = other;
		}
	}
}

static void keep_topic(struct clone *c, struct topic_pair *pair, int32_t target)
{
	pair->target = target;
	CRASH_POINT("clone.topic.before");
	ledger_topic_put(c->o.ledger, pair->source, target);
	CRASH_POINT("clone.topic.after");
	if (target > c->topics_began)
		keep_began(c, target);
}

/* A spoilt answer says nothing: it is asked for again, but not for ever. True: that was too often. */
static bool misread(struct clone *c, uint32_t *times)
{
	if (*times >= MISREAD_MAX)
		return true;
	pending_later(&c->topic_ask, clone_now(c) + clone_backoff_ns((*times)++));
	return false;
}

static void made_listed(struct clone *c, const struct net_event *ev)
{
	struct tl_error error;
	const struct tl_obj *answer =
		tl_decode_result(&c->page, TLC_messages_getForumTopics, ev->result, &error);
	struct tl_vec list = tl_vec(answer, TLF_topics);

	if (answer == NULL) {
		if (misread(c, &c->topics_misread))
			clone_end(c, CLONE_TARGET, "the target's topics cannot be read");
		return;
	}
	c->topics_misread = 0;
	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *t = tl_vec_obj(list, i);

		turn_page(c, answer, t);
		if (tl_cons(t) == TLC_forumTopic && tl_flag(t, TLF_my) &&
		    tl_int(t, TLF_id) > c->topics_began && !is_mapped(c, tl_int(t, TLF_id)))
			claim(c, t);
	}
	c->topics_seen += list.count;
	if (list.count > 0 && c->topics_seen < (uint32_t)tl_int(answer, TLF_count))
		return; /* the next page */
	for (uint32_t i = c->topic_at; i < c->topic_count; i++)
		if (c->topics[i].target == 0 && c->topics[i].made != 0)
			keep_topic(c, &c->topics[i], c->topics[i].made);
	c->topics_doubt = false;
	c->topics_seen = 0;
}

/* The fate of a creation is unknown: look before it is asked for again. */
static void doubt(struct clone *c)
{
	c->topics_doubt = true;
	c->topics_seen = 0;
	c->topic_offset = (struct topic_offset){0};
	for (uint32_t i = 0; i < c->topic_count; i++)
		c->topics[i].made = 0;
}

/* ---- steps ---- */

void topics_step(struct clone *c)
{
	if (c->topics_ready || c->topic_ask.out)
		return;
	if (!maps_topics(c)) {
		c->topics_ready = true;
		return;
	}
	if (clone_now(c) < c->topic_ask.not_before_ns) {
		clone_wake(c, c->topic_ask.not_before_ns);
		return;
	}
	if (!c->topics_listed) {
		list_topics(c);
		return;
	}
	if (!may_create(c))
		return;
	while (c->topic_at < c->topic_count && !c->topic_ask.out) {
		uint32_t before = c->topic_at;

		create_topic(c);
		if (c->topic_at == before)
			return; /* asked, or no room now */
	}
	c->topics_ready = c->topic_at == c->topic_count;
}

static void add_topic(struct clone *c, const struct tl_obj *t)
{
	struct topic_pair *pair = &c->topics[c->topic_count++];
	struct cspan title = tl_bytes(t, TLF_title);

	*pair = (struct topic_pair){.source = tl_int(t, TLF_id),
				    .target = ledger_topic_of(c->o.ledger, tl_int(t, TLF_id)),
				    .icon_color = tl_int(t, TLF_icon_color),
				    .icon_emoji_id = tl_long(t, TLF_icon_emoji_id),
				    .closed = tl_flag(t, TLF_closed)};
	pair->title_len = (uint16_t)(title.len < sizeof(pair->title) ? title.len : sizeof(pair->title));
	if (pair->title_len > 0)
		memcpy(pair->title, title.at, pair->title_len);
}

/*
 * Newest activity comes first; created oldest first. True: there is another page. The count is not
 * taken at its word: the list is at its end when a page brings nothing new.
 */
static bool take_topics(struct clone *c, const struct tl_obj *answer)
{
	struct tl_vec list = tl_vec(answer, TLF_topics);
	uint32_t fresh = 0;

	for (uint32_t i = 0; i < list.count && c->topic_count < TOPICS_MAX; i++) {
		const struct tl_obj *t = tl_vec_obj(list, i);
		struct topic_pair *pair = find(c, tl_int(t, TLF_id));

		turn_page(c, answer, t);
		if (tl_cons(t) != TLC_forumTopic)
			continue;
		if (pair != NULL) {
			pair->closed = tl_flag(t, TLF_closed);
			continue;
		}
		add_topic(c, t);
		fresh++;
	}
	c->topics_seen += list.count;
	return list.count > 0 && (fresh > 0 || c->topics_seen < (uint32_t)tl_int(answer, TLF_count));
}

/* By id, which is the order of their creation. */
static void sort_topics(struct clone *c)
{
	for (uint32_t gap = c->topic_count / 2; gap > 0; gap /= 2) {
		for (uint32_t i = gap; i < c->topic_count; i++) {
			for (uint32_t k = i; k >= gap && c->topics[k - gap].source > c->topics[k].source;
			     k -= gap) {
				struct topic_pair pair = c->topics[k];

				c->topics[k] = c->topics[k - gap];
				c->topics[k - gap] = pair;
			}
		}
	}
}

static void listed(struct clone *c, const struct net_event *ev)
{
	struct tl_error error;
	const struct tl_obj *answer =
		tl_decode_result(&c->page, TLC_messages_getForumTopics, ev->result, &error);

	if (answer == NULL) {
		if (misread(c, &c->topics_misread))
			clone_end(c, CLONE_SOURCE, "the source's topics cannot be read");
		return;
	}
	c->topics_misread = 0;
	if (take_topics(c, answer))
		return; /* the next page */
	if (c->topic_count == TOPICS_MAX) {
		clone_end(c, CLONE_SOURCE, "the source has more topics than can be mapped");
		return;
	}
	CRASH_POINT("clone.topics.listed");
	sort_topics(c);
	c->topic_offset = (struct topic_offset){0};
	c->topics_seen = 0;
	c->topics_listed = true;
}

static void created(struct clone *c, const struct net_event *ev)
{
	struct topic_pair *pair = &c->topics[c->topic_at];
	int64_t random_id = ledger_random_id(&c->o.job, pair->source, ITEM_TOPIC);
	struct tl_error error;
	const struct tl_obj *updates =
		tl_decode_result(&c->page, TLC_messages_createForumTopic, ev->result, &error);
	int32_t id = ask_read_sent(updates, random_id).id;

	if (id == 0) {
		if (misread(c, &c->topics_nameless))
			clone_end(c, CLONE_TARGET, "the answer to creating a topic names none");
		doubt(c);
		return;
	}
	c->topics_nameless = 0;
	keep_topic(c, pair, id);
	c->topic_at++;
}

/* An icon that this account may not use is no reason to lose a topic. */
static bool drop_icon(struct clone *c, const char *text)
{
	struct topic_pair *pair = &c->topics[c->topic_at];

	if (strcmp(text, "PREMIUM_ACCOUNT_REQUIRED") != 0 && strcmp(text, "DOCUMENT_INVALID") != 0)
		return false;
	if (pair->icon_emoji_id == 0)
		return false;
	pair->icon_emoji_id = 0;
	clone_note(c, NOTE_INFO, NULL, "a topic's icon needs Premium: created without it");
	return true;
}

/* It is gone, or so already; or this account may not: all is copied, and that is no reason to end the run. */
static bool stays_open(struct clone *c, const struct net_event *ev)
{
	char note[96];

	if (strncmp(ev->text, "TOPIC_", 6) == 0)
		return true;
	if (error_verdict(ev->code, ev->text).remedy != REMEDY_TARGET)
		return false;
	snprintf(note, sizeof(note), "a topic stays open in the target: %.50s", ev->text);
	clone_note(c, NOTE_INFO, NULL, note);
	return true;
}

void topics_got(struct clone *c, enum ask_kind kind, const struct net_event *ev)
{
	c->topic_ask.out = false;
	if (ev->kind != NET_RESULT) {
		if (kind == ASK_CREATE_TOPIC && drop_icon(c, ev->text))
			return;
		if (kind == ASK_CREATE_TOPIC)
			doubt(c);
		if (ev->kind == NET_LOST)
			return;
		if (kind == ASK_CLOSE_TOPIC && stays_open(c, ev)) {
			c->topic_at++;
			return;
		}
		if (clone_common_error(c, &c->topic_ask, ev->code, ev->text, kind != ASK_TOPICS)) {
			holds_keep(c, HOLD_TOPICS, c->topic_ask.not_before_ns);
			return;
		}
		if (kind == ASK_CLOSE_TOPIC)
			c->topic_at++; /* for whatever reason: nothing is lost */
		else
			clone_end(c, kind == ASK_TOPICS ? CLONE_SOURCE : CLONE_TARGET, ev->text);
		return;
	}
	c->topic_ask.attempts = 0;
	if (kind == ASK_TOPICS)
		listed(c, ev);
	else if (kind == ASK_MADE_TOPICS)
		made_listed(c, ev);
	else if (kind == ASK_CREATE_TOPIC)
		created(c, ev);
	else
		c->topic_at++;
}

/* After the last message. Sets topics_closing when nothing is left to close. */
void topics_close_step(struct clone *c)
{
	if (c->topics_closing || c->topic_ask.out || clone_now(c) < c->topic_ask.not_before_ns)
		return;
	if (c->topic_at >= c->topic_count && !c->topics_closing && c->topics_listed && !c->closing_begun) {
		c->topic_at = 0;
		c->closing_begun = true;
	}
	while (c->o.close_topics && c->topic_at < c->topic_count) {
		struct topic_pair *pair = &c->topics[c->topic_at];

		if (!pair->closed || pair->gone || pair->target <= GENERAL) {
			c->topic_at++;
			continue;
		}
		arena_rewind(&c->page, 0);
		c->topic_ask.out = clone_ask(
			c, ask_close_topic(&c->page, c->o.target.peer, pair->target, c->o.layer),
			ASK_CLOSE_TOPIC, 0, 0, false);
		return;
	}
	CRASH_POINT("clone.closing.done");
	c->topics_closing = true;
}

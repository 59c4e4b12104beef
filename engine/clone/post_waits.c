/*
 * What was seen to wait among the target's scheduled messages, and whose it is. What waits may be edited there, and
 * comes out as another file (api.md 11): who saw it before knows it by its id all the same. So each one of the
 * account's own is remembered from the first answer on that shows it, also for the next life, before anybody knows
 * whose it is: by the time one in doubt has its turn it may be posted.
 *
 *   seen: id, file, size, album, words  ->  taken: the row, by its file, its words, its size, or what is in its album
 *
 * Owns what was seen, and the state that it is kept in.
 */
#include "engine/clone/clone_priv.h"
#include "engine/clone/compare.h"

enum { WAITING_SIZE = 40, WAITING_EACH = LEDGER_STATE_MAX / WAITING_SIZE };

/* By id; each is begun when the one before it is full. */
static const char *const STATES[] = {"post.waits",   "post.waits.2", "post.waits.3",
				     "post.waits.4", "post.waits.5", "post.waits.6"};

static_assert(WAITING_MAX == countof(STATES) * WAITING_EACH, "all of them have a place");

/* ---- the state ---- */

static void pack(const struct waiting *w, uint8_t raw[WAITING_SIZE])
{
	store_le32(raw, (uint32_t)w->row);
	store_le32(raw + 4, (uint32_t)w->id);
	store_le64(raw + 8, (uint64_t)w->file);
	store_le64(raw + 16, (uint64_t)w->size << 8 | (uint64_t)w->kind);
	store_le64(raw + 24, (uint64_t)w->album);
	memcpy(raw + 32, w->says, sizeof(w->says));
}

static struct waiting unpacked(const uint8_t raw[WAITING_SIZE])
{
	struct waiting w = {.row = (int32_t)load_le32(raw),
			    .id = (int32_t)load_le32(raw + 4),
			    .file = (int64_t)load_le64(raw + 8),
			    .size = (int64_t)(load_le64(raw + 16) >> 8),
			    .kind = (enum media_kind)raw[16],
			    .album = (int64_t)load_le64(raw + 24)};

	memcpy(w.says, raw + 32, sizeof(w.says));
	return w;
}

/* Those from there on are others than before. */
static void store(struct clone *c, uint32_t first)
{
	for (uint32_t at = first / WAITING_EACH * WAITING_EACH; at < c->waiting_count; at += WAITING_EACH) {
		uint8_t raw[WAITING_EACH * WAITING_SIZE];
		uint32_t n = c->waiting_count - at < WAITING_EACH ? c->waiting_count - at : WAITING_EACH;

		for (uint32_t i = 0; i < n; i++)
			pack(&c->waiting[at + i], raw + i * WAITING_SIZE);
		ledger_state_put(c->o.ledger, STATES[at / WAITING_EACH], cspan_of(raw, n * WAITING_SIZE));
	}
}

void post_waits_start(struct clone *c)
{
	uint8_t raw[WAITING_EACH * WAITING_SIZE];

	for (size_t i = 0; i < countof(STATES) && c->waiting_count == i * WAITING_EACH; i++) {
		size_t len = ledger_state(c->o.ledger, STATES[i], (struct span){raw, sizeof(raw)});

		for (size_t at = 0; at + WAITING_SIZE <= len; at += WAITING_SIZE)
			c->waiting[c->waiting_count++] = unpacked(raw + at);
		if (len > 0 && c->doubted == 0) /* of nothing is it asked whose it was */
			ledger_state_put(c->o.ledger, STATES[i], cspan_of(raw, 0));
	}
	if (c->doubted == 0)
		c->waiting_count = 0;
}

/* ---- what is seen ---- */

static struct waiting shown_by(const struct message *m)
{
	struct waiting w = {.id = m->id, .album = m->grouped_id, .kind = m->media.kind};

	if (m->media.has_file) {
		w.file = m->media.file.id;
		w.size = m->media.file.size;
	}
	return w;
}

static struct waiting seen_as(const struct message *m)
{
	struct waiting w = shown_by(m);
	uint8_t digest[32];

	message_fingerprint(m, digest);
	memcpy(w.says, digest, sizeof(w.says));
	return w;
}

/* Where it is, or would be. */
static uint32_t place_of(const struct clone *c, int32_t id)
{
	uint32_t at = 0;

	while (at < c->waiting_count && c->waiting[at].id < id)
		at++;
	return at;
}

/* Where one has no room the oldest is forgotten. */
static uint32_t add(struct clone *c, const struct message *m)
{
	uint32_t at = place_of(c, m->id);

	if (at < c->waiting_count && c->waiting[at].id == m->id)
		return at;
	if (c->waiting_count == WAITING_MAX) {
		memmove(c->waiting, c->waiting + 1, --c->waiting_count * sizeof(*c->waiting));
		at -= at > 0;
		store(c, 0);
	}
	memmove(c->waiting + at + 1, c->waiting + at, (c->waiting_count - at) * sizeof(*c->waiting));
	c->waiting[at] = seen_as(m);
	c->waiting_count++;
	store(c, at);
	return at;
}

void post_waits_see(struct clone *c, const struct message *m)
{
	(void)add(c, m);
}

struct item *post_waits_whose(struct group *g, int32_t id)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (g->items[i].waited_id == id)
			return &g->items[i];
	return NULL;
}

static void give(struct clone *c, struct item *item, uint32_t at)
{
	struct waiting *w = &c->waiting[at];

	item->waited_id = w->id;
	item->waited_file = w->file;
	if (w->row == item->row.source_id)
		return;
	w->row = item->row.source_id;
	store(c, at);
}

void post_waits_take(struct clone *c, struct item *item, const struct message *m)
{
	if (item->waited_id != m->id)
		give(c, item, add(c, m));
}

/* ---- whose it is ---- */

bool post_may_be_video(const struct item *item)
{
	uint8_t now[32];

	if (item->msg.obj == NULL || item->msg.media.kind == MEDIA_VIDEO)
		return true;
	post_fingerprint(item, now);
	return memcmp(now, item->row.digest, sizeof(now)) != 0;
}

/* Nobody may have told which file it became. */
static bool may_be_uploaded(const struct item *item)
{
	return item->msg.obj != NULL && (item->row.mode == PLAN_STREAM || item->row.mode == PLAN_AUTO);
}

static bool may_be_upload_of(const struct item *item, const struct waiting *copy)
{
	const struct media *was = &item->msg.media;

	return may_be_uploaded(item) && was->kind == MEDIA_VIDEO && copy->kind == MEDIA_VIDEO &&
	       was->file.size == copy->size;
}

/* Whatever it says: the file that it was seen to have, or, where nobody saw it wait, that was sent. */
static bool has_file_of(const struct item *item, const struct waiting *copy)
{
	if (copy->file == 0)
		return false;
	if (item->waited_id != 0)
		return item->waited_file != 0 && item->waited_file == copy->file;
	return post_is_file_of(item, copy->file) || may_be_upload_of(item, copy);
}

/* What is sent in an album with a video waits with it, and of that no other file is made. */
static bool is_of_its_kind(const struct item *item, const struct waiting *copy)
{
	if (copy->kind == MEDIA_VIDEO)
		return item->waited_id != 0 || post_may_be_video(item);
	return may_be_uploaded(item) && copy->kind == item->msg.media.kind;
}

static bool says_what_was_sent(const struct item *item, const struct waiting *w)
{
	return memcmp(w->says, item->row.digest, sizeof(w->says)) == 0;
}

/* Another one that waits for its turn to be looked for says so. */
static bool is_said_by_another(const struct clone *c, const struct group *g, const struct waiting *w)
{
	list_each(node, &c->queue) {
		const struct group *other = container_of(node, struct group, node);

		for (uint32_t i = 0; i < other->count && other != g && other->suspect; i++)
			if (says_what_was_sent(&other->items[i], w))
				return true;
	}
	return false;
}

/* What waits in one album with one of the group, in whatever words, is the group's, in its order. */
static bool is_in_its_album(const struct clone *c, const struct group *g, const struct waiting *w)
{
	for (uint32_t i = 0; i < c->waiting_count && w->album != 0; i++)
		for (uint32_t k = 0; k < g->count && c->waiting[i].album == w->album; k++)
			if (g->items[k].waited_id == c->waiting[i].id)
				return true;
	return false;
}

/* The surest first. */
enum way { BY_ROW, BY_FILE, BY_WORDS, BY_SIZE, BY_ALBUM, WAYS };

static bool fits(const struct clone *c, const struct group *g, const struct item *item, const struct waiting *w,
		 enum way way)
{
	if (way == BY_ROW)
		return item->in_doubt && w->row == item->row.source_id;
	if (w->row != 0)
		return false;
	if (way == BY_FILE)
		return w->file != 0 && post_is_file_of(item, w->file);
	if (way == BY_WORDS)
		return says_what_was_sent(item, w);
	if (way == BY_SIZE)
		return may_be_upload_of(item, w) && !is_said_by_another(c, g, w);
	return is_in_its_album(c, g, w) && is_of_its_kind(item, w);
}

/* The first item that it may be, of those that have none yet. */
static void recall(struct clone *c, struct group *g, uint32_t at, enum way way)
{
	for (uint32_t k = 0; k < g->count; k++) {
		if (g->items[k].waited_id == 0 && fits(c, g, &g->items[k], &c->waiting[at], way)) {
			give(c, &g->items[k], at);
			return;
		}
	}
}

void post_waits_recall(struct clone *c, struct group *g)
{
	for (enum way way = BY_ROW; way < WAYS; way++)
		for (uint32_t at = 0; at < c->waiting_count; at++)
			recall(c, g, at, way);
}

void post_waits_give_back(struct clone *c, struct group *g)
{
	for (uint32_t i = 0; i < c->waiting_count; i++) {
		struct item *item = post_waits_whose(g, c->waiting[i].id);

		if (item == NULL)
			continue;
		item->waited_id = 0;
		item->waited_file = 0;
		c->waiting[i].row = 0;
		store(c, i);
	}
}

/* ---- what comes out ---- */

static double seconds_of(const struct media *m)
{
	return tl_double(compare_attribute(m, TLC_documentAttributeVideo), TLF_duration);
}

/* As long, but for a second that a conversion may cost, and with the same words. */
static bool is_same_video(const struct item *item, const struct message *m)
{
	double longer;

	if (item->msg.obj == NULL || item->msg.media.kind != MEDIA_VIDEO || m->media.kind != MEDIA_VIDEO)
		return false;
	longer = seconds_of(&m->media) - seconds_of(&item->msg.media);
	return longer > -1 && longer < 1 && cspan_equal(item->msg.text, m->text);
}

bool post_came_out(const struct item *item, const struct message *m, bool whatever)
{
	struct waiting w = shown_by(m);

	if (!tl_flag(m->obj, TLF_from_scheduled))
		return false;
	if (has_file_of(item, &w))
		return true;
	return whatever ? is_of_its_kind(item, &w) : is_same_video(item, m);
}

/*
 * The ground of the world: its one memory, tables, lists of ids, the sequence of random numbers.
 * Everything else of the model stands on this; nothing here knows what a message is.
 */
#include "tools/tgsim/model_priv.h"

#include <strings.h>
#include <sys/mman.h>

enum { TABLE_START = 64 };

uint64_t mix64(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

uint64_t keyed_hash(uint64_t key, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t h = mix64(key + 0x9e3779b97f4a7c15u);

	h = mix64(h ^ a) + key;
	h = mix64(h ^ b) + (key << 1 | key >> 63);
	return mix64(mix64(h ^ c) ^ key);
}

/* Fresh pages of the mapping are zero and nothing is ever given back: no need to clear. */
void *world_take(struct world *w, size_t n)
{
	struct arena *a = &w->arena;
	size_t at = (a->used + 15) & ~(size_t)15;

	check(at <= a->size);
	check(n <= a->size - at);
	a->used = at + n;
	return a->mem + at;
}

const char *world_str(struct world *w, struct cspan s)
{
	char *p = world_take(w, s.len + 1);

	if (s.len > 0)
		memcpy(p, s.at, s.len);
	return p;
}

const struct tl_obj *world_keep(struct world *w, const struct tl_obj *o)
{
	const struct tl_obj *copy = tl_clone(&w->arena, o);

	check(copy != NULL || o == NULL);
	return copy;
}

void *world_grow(struct world *w, void *array, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t wanted = *room == 0 ? 8 : *room * 2;
	void *p;

	if (count < *room)
		return array;
	check(wanted > *room);
	p = world_take(w, wanted * size);
	if (count > 0)
		memcpy(p, array, count * size);
	*room = wanted;
	return p;
}

int64_t world_random(struct world *w)
{
	int64_t v;

	do
		v = (int64_t)keyed_hash(w->key, 1, w->counter++, 2);
	while (v == 0);
	return v;
}

/* ---- tables ---- */

static uint32_t table_slot(const struct table *t, uint64_t key)
{
	uint32_t i = (uint32_t)mix64(key) & (t->room - 1);

	while (t->keys[i] != 0 && t->keys[i] != key)
		i = (i + 1) & (t->room - 1);
	return i;
}

void *table_get(const struct table *t, uint64_t key)
{
	uint32_t i;

	if (t->room == 0 || key == 0)
		return NULL;
	i = table_slot(t, key);
	return t->keys[i] == key ? t->values[i] : NULL;
}

static void table_rebuild(struct world *w, struct table *t)
{
	struct table old = *t;

	t->room = old.room == 0 ? TABLE_START : old.room * 2;
	t->keys = world_take(w, t->room * sizeof(*t->keys));
	t->values = world_take(w, t->room * sizeof(*t->values));
	for (uint32_t i = 0; i < old.room; i++) {
		uint32_t at;

		if (old.keys[i] == 0)
			continue;
		at = table_slot(t, old.keys[i]);
		t->keys[at] = old.keys[i];
		t->values[at] = old.values[i];
	}
}

void table_put(struct world *w, struct table *t, uint64_t key, void *value)
{
	uint32_t i;

	check(key != 0);
	if (t->count >= t->room / 2)
		table_rebuild(w, t);
	i = table_slot(t, key);
	if (t->keys[i] == 0)
		t->count++;
	t->keys[i] = key;
	t->values[i] = value;
}

/* ---- lists of ids ---- */

uint32_t idlist_lower(const struct idlist *l, int32_t id)
{
	uint32_t low = 0, high = l->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (l->ids[mid] < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool idlist_has(const struct idlist *l, int32_t id)
{
	uint32_t at = idlist_lower(l, id);

	return at < l->count && l->ids[at] == id;
}

void idlist_add(struct world *w, struct idlist *l, int32_t id)
{
	uint32_t at = idlist_lower(l, id);

	if (at < l->count && l->ids[at] == id)
		return;
	l->ids = world_grow(w, l->ids, l->count, &l->room, sizeof(*l->ids));
	memmove(l->ids + at + 1, l->ids + at, (l->count - at) * sizeof(*l->ids));
	l->ids[at] = id;
	l->count++;
}

void idlist_drop(struct idlist *l, int32_t id)
{
	uint32_t at = idlist_lower(l, id);

	if (at == l->count || l->ids[at] != id)
		return;
	l->count--;
	memmove(l->ids + at, l->ids + at + 1, (l->count - at) * sizeof(*l->ids));
}

bool name_equal(struct cspan a, const char *b)
{
	return strlen(b) == a.len && strncasecmp((const char *)a.at, b, a.len) == 0;
}

/* ---- the random ids of posts ---- */

static uint32_t random_slot(const struct world *w, const struct random_entry *e)
{
	uint64_t h = keyed_hash(w->key, (uint64_t)e->account, (uint64_t)e->peer ^ e->peer_kind,
				(uint64_t)e->random_id);
	uint32_t i = (uint32_t)h & (w->random_room - 1);

	for (;;) {
		const struct random_entry *at = &w->randoms[i];

		if (at->random_id == 0 ||
		    (at->random_id == e->random_id && at->peer == e->peer &&
		     at->account == e->account && at->peer_kind == e->peer_kind))
			return i;
		i = (i + 1) & (w->random_room - 1);
	}
}

static struct random_entry random_key(const struct account *a, struct peer p, int64_t random_id)
{
	return (struct random_entry){.account = a->user->id,
				     .peer = p.id,
				     .random_id = random_id,
				     .peer_kind = (uint8_t)p.kind};
}

int32_t random_id_find(struct world *w, const struct account *a, struct peer p, int64_t random_id)
{
	struct random_entry key = random_key(a, p, random_id);

	if (random_id == 0 || w->random_room == 0)
		return 0;
	return w->randoms[random_slot(w, &key)].msg_id;
}

static void randoms_rebuild(struct world *w)
{
	struct random_entry *old = w->randoms;
	uint32_t old_room = w->random_room;

	w->random_room = old_room == 0 ? TABLE_START : old_room * 2;
	w->randoms = world_take(w, w->random_room * sizeof(*w->randoms));
	for (uint32_t i = 0; i < old_room; i++)
		if (old[i].random_id != 0)
			w->randoms[random_slot(w, &old[i])] = old[i];
}

void random_id_note(struct world *w, const struct account *a, struct peer p, int64_t random_id,
		    int32_t msg_id)
{
	struct random_entry key = random_key(a, p, random_id);
	uint32_t i;

	check(random_id != 0);
	if (w->random_count >= w->random_room / 2)
		randoms_rebuild(w);
	key.msg_id = msg_id;
	i = random_slot(w, &key);
	if (w->randoms[i].random_id == 0)
		w->random_count++;
	w->randoms[i] = key;
}

/* ---- the world's own life ---- */

/* As much address space as the system lets us reserve; pages come when they are touched. */
static bool map_memory(struct arena *a)
{
	for (size_t size = (size_t)64 << 30; size >= (size_t)64 << 20; size /= 2) {
		void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (p != MAP_FAILED) {
			arena_init(a, p, size);
			return true;
		}
	}
	return false;
}

/* The options' strings and lists need not outlive the call that opens the world. */
static void keep_options(struct world *w, const struct world_options *opt)
{
	int *dcs = world_take(w, (opt->dc_count + 1) * sizeof(*dcs));

	w->opt = *opt;
	if (opt->dc_count > 0)
		memcpy(dcs, opt->dcs, opt->dc_count * sizeof(*dcs));
	w->opt.dcs = dcs;
	w->opt.api_hash = world_str(w, cspan_str(opt->api_hash == NULL ? "" : opt->api_hash));
	w->opt.accounts = NULL;
	w->opt.archive = w->opt.synth = w->opt.demo = w->opt.spill_dir = NULL;
}

struct world *world_make(const struct world_options *opt)
{
	struct arena a;
	struct world *w;

	if (!map_memory(&a))
		return NULL;
	w = arena_take(&a, sizeof(*w));
	w->arena = a;
	keep_options(w, opt);
	w->key = mix64(opt->seed ^ 0x7467636c6f6e6521u);
	w->users_end = &w->users;
	w->accounts_end = &w->accounts;
	w->chats_end = &w->chats;
	w->next_user_id = 7000000001;
	w->next_chat_id = 1500000001;
	w->pushes = world_take(w, PUSH_ROOM * sizeof(*w->pushes));
	w->scratch = world_take(w, SCRATCH);
	w->scratch2 = world_take(w, SCRATCH);
	w->spill.fd = -1;
	for (size_t i = 0; i < OPEN_ROOM; i++)
		w->open_files[i].fd = -1;
	return w;
}

void world_free(struct world *w)
{
	void *mem = w->arena.mem;
	size_t size = w->arena.size;

	spill_close(&w->spill);
	source_close_all(w);
	munmap(mem, size);
}

const struct world_options *world_options(const struct world *w)
{
	return &w->opt;
}

void **world_methods(struct world *w)
{
	return &w->methods;
}

void world_list_chat(struct world *w, struct chat *c)
{
	if (w->listed_count < LISTED_MAX)
		w->listed[w->listed_count++] = c;
}

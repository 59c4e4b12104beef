/*
 * The simulated disk's files and names: what the running system sees, what is under the head, and
 * between the two the journal of what was written and not yet synced. A death rolls the dice over
 * that journal. It owns all bytes; SQLite's handles and locks are disk_vfs.c's.
 */
#include "tests/sim/disk_priv.h"

#include "proto/base/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t disk_random(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void *grow(void *at, size_t need, size_t *cap, size_t size)
{
	if (need <= *cap)
		return at;
	*cap = need < 16 ? 16 : need + need / 2;
	at = realloc(at, *cap * size);
	check(at != NULL);
	return at;
}

/* ---- bytes ---- */

static void bytes_length(struct bytes *b, uint64_t len)
{
	if (len > b->len) {
		b->at = grow(b->at, len, &b->cap, 1);
		memset(b->at + b->len, 0, len - b->len);
	}
	b->len = len;
}

static void bytes_put(struct bytes *b, const void *data, size_t len, uint64_t at)
{
	if (len == 0)
		return;
	if (at + len > b->len)
		bytes_length(b, at + len);
	memcpy(b->at + at, data, len);
}

static void bytes_copy(struct bytes *out, const struct bytes *in)
{
	out->len = 0;
	bytes_put(out, in->at, in->len, 0);
}

static void pending_free(struct node *n)
{
	for (size_t i = 0; i < n->pending_count; i++)
		free(n->pending[i].data);
	n->pending_count = 0;
}

/* ---- names ---- */

static struct name *names_find(const struct names *t, const char *text)
{
	for (size_t i = 0; i < t->count; i++) {
		if (strcmp(t->at[i].text, text) == 0)
			return &t->at[i];
	}
	return NULL;
}

static void names_put(struct names *t, const char *text, struct node *node)
{
	struct name *n = names_find(t, text);

	check(strlen(text) < NAME_SIZE);
	if (n == NULL) {
		t->at = grow(t->at, t->count + 1, &t->cap, sizeof(*t->at));
		n = &t->at[t->count++];
		strcpy(n->text, text);
	}
	n->node = node;
}

static void names_drop(struct names *t, const char *text)
{
	struct name *n = names_find(t, text);

	if (n != NULL)
		*n = t->at[--t->count];
}

static void names_move(struct names *t, const struct move *m)
{
	if (m->from[0] != 0)
		names_drop(t, m->from);
	if (m->to[0] != 0)
		names_put(t, m->to, m->node);
}

struct node *disk_find(const struct disk *d, const char *name)
{
	struct name *n = names_find(&d->now, name);

	return n != NULL ? n->node : NULL;
}

struct node *disk_node(struct disk *d)
{
	struct node *n = calloc(1, sizeof(*n));

	check(n != NULL);
	d->nodes = grow(d->nodes, d->node_count + 1, &d->node_cap, sizeof(struct node *));
	return d->nodes[d->node_count++] = n;
}

/* ---- faults ---- */

static bool fires(struct disk *d, uint64_t n, uint64_t at, uint32_t rate)
{
	return (at != 0 && n == at) || (rate != 0 && disk_random(&d->seed) % 65536 < rate);
}

/* One step of those that change something; false: the power is gone, or goes now. */
static bool powered(struct disk *d)
{
	if (d->dead)
		return false;
	d->counts.steps++;
	if (d->faults.cut_at != 0 && d->counts.steps - d->since.steps == d->faults.cut_at)
		d->dead = true;
	return true;
}

int disk_reads(struct disk *d)
{
	if (d->dead)
		return -EIO;
	d->counts.reads++;
	if (!fires(d, d->counts.reads - d->since.reads, d->faults.read_at, d->faults.read_rate))
		return 0;
	d->counts.read_errors++;
	return -EIO;
}

static int refuses_write(struct disk *d, const struct node *n, uint64_t end)
{
	d->counts.writes++;
	d->counts.writes_after_sync_error += n->sync_failed;
	if (d->faults.readonly) {
		d->counts.refused++;
		return -EROFS;
	}
	if (end > n->now.len) {
		uint64_t grown = ++d->grown;
		bool full = d->faults.full_at != 0 && grown >= d->faults.full_at;

		if (full || fires(d, grown, 0, d->faults.full_rate)) {
			d->counts.full++;
			return -ENOSPC;
		}
	}
	if (fires(d, d->counts.writes - d->since.writes, d->faults.write_at,
		  d->faults.write_rate)) {
		d->counts.write_errors++;
		return -EIO;
	}
	return 0;
}

/* ---- writing ---- */

static void journal(struct node *n, const void *data, uint32_t len, uint64_t at, bool truncate)
{
	struct pending *p;

	n->pending = grow(n->pending, n->pending_count + 1, &n->pending_cap, sizeof(*p));
	p = &n->pending[n->pending_count++];
	*p = (struct pending){.at = at, .len = len, .truncate = truncate};
	if (len > 0) {
		p->data = malloc(len);
		check(p->data != NULL);
		memcpy(p->data, data, len);
	}
}

int disk_write(struct disk *d, struct node *n, const void *data, uint32_t len, uint64_t at)
{
	int rc;

	if (!powered(d))
		return -EIO;
	rc = refuses_write(d, n, at + len);
	/* What fails in the middle has written something. */
	if (rc != 0)
		len = rc == -EROFS ? 0 : len / 2;
	if (len > 0) {
		journal(n, data, len, at, false);
		bytes_put(&n->now, data, len, at);
	}
	return d->dead ? -EIO : rc;
}

int disk_truncate(struct disk *d, struct node *n, uint64_t len)
{
	int rc;

	if (!powered(d))
		return -EIO;
	rc = refuses_write(d, n, 0);
	if (rc != 0)
		return rc;
	journal(n, NULL, 0, len, true);
	bytes_length(&n->now, len);
	return d->dead ? -EIO : 0;
}

/* The dice of one death, or of one failed sync. */
struct dice {
	uint32_t keep, tear, name; /* of 256 */
};

static struct dice dice_draw(uint64_t *seed)
{
	static const uint32_t keeps[] = {0, 32, 128, 128, 224, 256};
	static const uint32_t tears[] = {0, 16, 96};

	return (struct dice){.keep = keeps[disk_random(seed) % countof(keeps)],
			     .tear = tears[disk_random(seed) % countof(tears)],
			     .name = keeps[disk_random(seed) % countof(keeps)]};
}

/* One sector's share of a write: bytes to `at`, which do not cross a sector. */
static void sector_settle(struct disk *d, struct node *n, const uint8_t *data, uint32_t len,
			  uint64_t at, const struct dice *dice, uint64_t *seed)
{
	uint32_t cut = (uint32_t)(disk_random(seed) % len);

	if (disk_random(seed) % 256 < dice->tear) {
		d->counts.sectors_torn++;
		if (disk_random(seed) % 2 == 0)
			bytes_put(&n->disk, data, cut, at);
		else
			bytes_put(&n->disk, data + cut, len - cut, at + cut);
	} else if (disk_random(seed) % 256 < dice->keep) {
		d->counts.sectors_new++;
		bytes_put(&n->disk, data, len, at);
	} else {
		d->counts.sectors_old++;
		/* The length may have been written without the bytes. */
		if (at + len > n->disk.len && disk_random(seed) % 8 == 0)
			bytes_length(&n->disk, at + len);
	}
}

/* What happened to the journal when nobody waited for it. */
static void settle(struct disk *d, struct node *n, const struct dice *dice, uint64_t *seed)
{
	for (size_t i = 0; i < n->pending_count; i++) {
		const struct pending *p = &n->pending[i];
		uint32_t done = 0;

		if (p->truncate) {
			if (disk_random(seed) % 256 < dice->keep)
				bytes_length(&n->disk, p->at);
			continue;
		}
		while (done < p->len) {
			uint32_t room = SECTOR - (uint32_t)((p->at + done) % SECTOR);
			uint32_t len = p->len - done < room ? p->len - done : room;

			sector_settle(d, n, p->data + done, len, p->at + done, dice, seed);
			done += len;
		}
	}
	pending_free(n);
}

int disk_sync(struct disk *d, struct node *n)
{
	struct dice dice;

	if (!powered(d) || d->dead)
		return -EIO;
	d->counts.syncs++;
	if (fires(d, d->counts.syncs - d->since.syncs, d->faults.sync_at, d->faults.sync_rate)) {
		/* As Linux does it: told once, and the pages count as clean ever after. */
		d->counts.sync_errors++;
		n->sync_failed = true;
		dice = dice_draw(&d->seed);
		settle(d, n, &dice, &d->seed);
		return -EIO;
	}
	for (size_t i = 0; i < n->pending_count; i++) {
		const struct pending *p = &n->pending[i];

		if (p->truncate)
			bytes_length(&n->disk, p->at);
		else
			bytes_put(&n->disk, p->data, p->len, p->at);
	}
	pending_free(n);
	return 0;
}

int disk_sync_names(struct disk *d)
{
	if (!powered(d) || d->dead)
		return -EIO;
	d->counts.dir_syncs++;
	for (size_t i = 0; i < d->move_count; i++)
		names_move(&d->disk, &d->moves[i]);
	d->move_count = 0;
	return 0;
}

int disk_move(struct disk *d, const char *from, const char *to, struct node *node)
{
	struct move *m;

	if (!powered(d))
		return -EIO;
	d->counts.names++;
	if (d->faults.readonly) {
		d->counts.refused++;
		return -EROFS;
	}
	d->moves = grow(d->moves, d->move_count + 1, &d->move_cap, sizeof(*m));
	m = &d->moves[d->move_count++];
	*m = (struct move){.node = node};
	snprintf(m->from, sizeof(m->from), "%s", from);
	snprintf(m->to, sizeof(m->to), "%s", to);
	names_move(&d->now, m);
	return d->dead ? -EIO : 0;
}

/* ---- death ---- */

/* Nodes of the next life are new ones, so that whoever holds an old one has nothing in common with
 * them. Two names never share a node. */
static void reborn(struct disk *d, enum disk_death death, const struct dice *dice, uint64_t *seed)
{
	struct names *t = death == DISK_POWER ? &d->disk : &d->now;

	for (size_t i = 0; i < t->count; i++) {
		struct node *old = t->at[i].node, *n = disk_node(d);

		if (death == DISK_POWER)
			settle(d, old, dice, seed);
		bytes_copy(&n->disk, &old->disk);
		bytes_copy(&n->now, death == DISK_POWER ? &old->disk : &old->now);
		/* A kill changes nothing below: what was not synced is still not. */
		n->pending = old->pending;
		n->pending_count = old->pending_count;
		n->pending_cap = old->pending_cap;
		old->pending = NULL;
		old->pending_count = old->pending_cap = 0;
		t->at[i].node = n;
		for (size_t k = 0; death == DISK_KILL && k < d->disk.count; k++) {
			if (d->disk.at[k].node == old)
				d->disk.at[k].node = n;
		}
		for (size_t k = 0; k < d->move_count; k++) {
			if (d->moves[k].node == old)
				d->moves[k].node = n;
		}
	}
}

void disk_crash(struct disk *d, enum disk_death death, uint64_t seed)
{
	struct dice dice = dice_draw(&seed);

	d->counts.crashes++;
	for (size_t i = 0; death == DISK_POWER && i < d->move_count; i++) {
		bool kept = disk_random(&seed) % 256 < dice.name;

		d->counts.names_new += kept;
		d->counts.names_old += !kept;
		if (kept)
			names_move(&d->disk, &d->moves[i]);
	}
	if (death == DISK_POWER)
		d->move_count = 0;
	reborn(d, death, &dice, &seed);
	if (death == DISK_POWER) {
		d->now.count = 0;
		for (size_t i = 0; i < d->disk.count; i++)
			names_put(&d->now, d->disk.at[i].text, d->disk.at[i].node);
	}
	d->life++;
	d->dead = false;
	d->lock_count = 0;
	disk_fail(d, &(struct disk_faults){0});
}

/* ---- the ledger's calls ---- */

static int call_lock(void *ctx, const char *name, char *owner, size_t owner_size)
{
	struct disk *d = ctx;
	struct lock *l;

	if (d->dead)
		return -EIO;
	if (d->faults.readonly)
		return -EROFS;
	snprintf(owner, owner_size, "1");
	for (size_t i = 0; i < d->lock_count; i++) {
		if (strcmp(d->locks[i].name, name) == 0)
			return -EBUSY;
	}
	d->locks = grow(d->locks, d->lock_count + 1, &d->lock_cap, sizeof(*l));
	l = &d->locks[d->lock_count++];
	snprintf(l->name, sizeof(l->name), "%s", name);
	return l->handle = d->lock_next++;
}

static int call_hold(void *ctx, const char *name)
{
	char owner[2];

	return disk_find(ctx, name) == NULL ? -ENOENT : call_lock(ctx, name, owner, sizeof(owner));
}

static void call_unlock(void *ctx, int handle)
{
	struct disk *d = ctx;

	for (size_t i = 0; i < d->lock_count; i++) {
		if (d->locks[i].handle == handle)
			d->locks[i] = d->locks[--d->lock_count];
	}
}

static int call_look(void *ctx, const char *name)
{
	struct disk *d = ctx;

	return d->dead ? -EIO : disk_find(d, name) != NULL ? 0 : -ENOENT;
}

static int call_head(void *ctx, const char *name, void *out, size_t n)
{
	struct node *node = disk_find(ctx, name);
	int rc = disk_reads(ctx);

	if (rc != 0 || node == NULL)
		return rc != 0 ? rc : -ENOENT;
	n = n < node->now.len ? n : node->now.len;
	if (n > 0)
		memcpy(out, node->now.at, n);
	return (int)n;
}

static int call_create(void *ctx, const char *name)
{
	if (disk_find(ctx, name) != NULL)
		return -EEXIST;
	return disk_move(ctx, "", name, disk_node(ctx));
}

static int call_remove(void *ctx, const char *name)
{
	if (disk_find(ctx, name) == NULL)
		return -ENOENT;
	return disk_move(ctx, name, "", NULL);
}

static int call_rename(void *ctx, const char *from, const char *to)
{
	struct node *node = disk_find(ctx, from);

	return node == NULL ? -ENOENT : disk_move(ctx, from, to, node);
}

static int call_rewrite(void *ctx, const char *name, const void *head, size_t n)
{
	struct node *node = disk_find(ctx, name);
	uint8_t some[4096];
	int rc = 0;

	if (node == NULL)
		return -ENOENT;
	for (size_t at = 0; rc == 0 && at < node->now.len; at += sizeof(some)) {
		size_t len = node->now.len - at < sizeof(some) ? node->now.len - at : sizeof(some);

		memcpy(some, node->now.at + at, len);
		if (at == 0)
			memcpy(some, head, n < len ? n : len);
		rc = disk_write(ctx, node, some, (uint32_t)len, at);
	}
	return rc != 0 ? rc : disk_sync(ctx, node);
}

static int call_sync(void *ctx, const char *name)
{
	struct node *node = disk_find(ctx, name);

	return node == NULL ? -ENOENT : disk_sync(ctx, node);
}

static int call_sync_dir(void *ctx, const char *name)
{
	return disk_sync_names(ctx);
}

/* ---- the whole ---- */

struct disk *disk_open(uint64_t seed)
{
	struct disk *d = calloc(1, sizeof(*d));

	check(d != NULL);
	d->seed = seed;
	disk_vfs_init(d);
	d->calls = (struct ledger_disk){.vfs = d->vfs_name,
					.ctx = d,
					.lock = call_lock,
					.hold = call_hold,
					.unlock = call_unlock,
					.look = call_look,
					.head = call_head,
					.create = call_create,
					.remove = call_remove,
					.rename = call_rename,
					.rewrite = call_rewrite,
					.sync = call_sync,
					.sync_dir = call_sync_dir};
	return d;
}

void disk_close(struct disk **owner)
{
	struct disk *d = *owner;

	*owner = NULL;
	sqlite3_vfs_unregister(&d->vfs);
	for (size_t i = 0; i < d->node_count; i++) {
		struct node *n = d->nodes[i];

		check(n->shm_users == 0);
		pending_free(n);
		free(n->pending);
		free(n->now.at);
		free(n->disk.at);
		free(n);
	}
	free(d->nodes);
	free(d->now.at);
	free(d->disk.at);
	free(d->moves);
	free(d->locks);
	free(d);
}

const struct ledger_disk *disk_calls(const struct disk *d)
{
	return &d->calls;
}

void disk_fail(struct disk *d, const struct disk_faults *faults)
{
	d->faults = *faults;
	d->since = d->counts;
	d->grown = 0;
}

struct disk_counts disk_counts(const struct disk *d)
{
	return d->counts;
}

bool disk_dead(const struct disk *d)
{
	return d->dead;
}

struct span disk_bytes(struct disk *d, const char *name)
{
	struct node *n = disk_find(d, name);

	return n != NULL ? (struct span){n->now.at, n->now.len} : (struct span){0};
}

void disk_put(struct disk *d, const char *name, struct cspan bytes)
{
	struct node *n = disk_node(d);

	bytes_put(&n->now, bytes.at, bytes.len, 0);
	bytes_copy(&n->disk, &n->now);
	names_put(&d->now, name, n);
	names_put(&d->disk, name, n);
}

static uint64_t hash(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	return h;
}

uint64_t disk_hash(const struct disk *d)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < d->now.count; i++) {
		const struct name *n = &d->now.at[i];

		h = hash(h, n->text, strlen(n->text) + 1);
		h = hash(h, n->node->now.at, n->node->now.len);
		h = hash(h, n->node->disk.at, n->node->disk.len);
	}
	return h;
}

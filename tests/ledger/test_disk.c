/*
 * Disks that fail and power that goes. An SQLite VFS of the test's own stands between the ledger
 * and the file system. It can fail the n-th write or sync, once or from then on (P7, P8); and it
 * remembers what was synced, so that at any write it can say what a disk might hold if the power
 * went now (P6): all that was synced, and of the rest any subset, sector by sector.
 */
#include "tests/ledger/script.h"

#include <pthread.h>
#include <sqlite3.h>

enum { SECTOR = 512, FILES = 2, IMAGE = 8 << 20, PENDING = 4096, STORE = 32 << 20 };

enum fault { FAULT_NONE, FAULT_ONCE, FAULT_STICKY };

/* A write that no sync has covered yet; data lies in store. */
struct pending {
	uint32_t at, len, data;
	bool truncate; /* the file ends at `at` */
};

/* The database or its log as the disk may know it. */
struct shadow {
	uint8_t disk[IMAGE];
	uint32_t len;
	bool there;         /* a directory sync covered its creation */
	bool gone_unsynced; /* deleted, and the directory not synced */
	struct pending pending[PENDING];
	uint32_t count;
};

static struct rig {
	pthread_mutex_t lock;
	sqlite3_vfs vfs, *real;
	sqlite3_io_methods methods;
	bool on;
	/* faults */
	enum fault fault;
	int fault_code;
	uint32_t calls, fault_at;
	/* power */
	struct shadow files[FILES]; /* database, log */
	uint8_t store[STORE];
	uint32_t stored;
	uint32_t writes, cut_at; /* the power goes at this write; 0: never */
	uint64_t seed;
	bool cut;
	struct ledger *ledger;
	uint32_t base, durable;
	uint8_t image[FILES][IMAGE];
	uint32_t image_len[FILES];
	bool image_there[FILES];
} rig;

struct shim {
	sqlite3_file base;
	int which; /* -1: not watched */
	sqlite3_file *real;
};

static struct shim *shim_of(sqlite3_file *f)
{
	return (struct shim *)(void *)f;
}

/* ---- power ---- */

static void apply(uint8_t *out, uint32_t *len, const struct pending *p, uint64_t *seed)
{
	if (p->truncate) {
		*len = p->at;
		return;
	}
	for (uint32_t i = 0; i < p->len; i += SECTOR) {
		uint32_t n = p->len - i < SECTOR ? p->len - i : SECTOR;

		if (seed != NULL && mix(seed) % 2 == 0)
			continue;
		if (p->at + i > *len)
			memset(out + *len, 0, p->at + i - *len);
		memcpy(out + p->at + i, rig.store + p->data + i, n);
		if (p->at + i + n > *len)
			*len = p->at + i + n;
	}
}

/* What might be found afterwards. */
static void cut_power(void)
{
	rig.cut = true;
	rig.durable = rig.base + (uint32_t)(rig.ledger != NULL ? ledger_durable(rig.ledger) : 0);
	for (int i = 0; i < FILES; i++) {
		struct shadow *s = &rig.files[i];

		memcpy(rig.image[i], s->disk, s->len);
		rig.image_len[i] = s->len;
		for (uint32_t k = 0; k < s->count; k++) {
			/* A truncation either happened or not, as a whole. */
			if (!s->pending[k].truncate || mix(&rig.seed) % 2 == 0)
				apply(rig.image[i], &rig.image_len[i], &s->pending[k], &rig.seed);
		}
		rig.image_there[i] = s->gone_unsynced ? mix(&rig.seed) % 2 == 0
				     : s->there       ? true
						: s->len + s->count > 0 && mix(&rig.seed) % 2 == 0;
	}
}

static void remember(int which, const void *data, uint32_t len, uint32_t at, bool truncate)
{
	struct shadow *s;

	if (which < 0 || rig.cut)
		return;
	if (rig.cut_at != 0 && ++rig.writes == rig.cut_at) {
		cut_power();
		return;
	}
	s = &rig.files[which];
	cr_assert(s->count < PENDING && rig.stored + len <= STORE && at + len <= IMAGE);
	if (len > 0)
		memcpy(rig.store + rig.stored, data, len);
	s->pending[s->count++] = (struct pending){at, len, rig.stored, truncate};
	rig.stored += len;
	s->gone_unsynced = false;
}

static void synced(int which)
{
	struct shadow *s;

	if (which < 0)
		return;
	s = &rig.files[which];
	for (uint32_t k = 0; k < s->count; k++)
		apply(s->disk, &s->len, &s->pending[k], NULL);
	s->count = 0;
	s->there = true; /* SQLite syncs the directory with the first sync of a new log */
	if (rig.files[0].count + rig.files[1].count == 0)
		rig.stored = 0;
}

/* ---- the VFS ---- */

static int fails(void)
{
	if (!rig.on || rig.fault == FAULT_NONE)
		return SQLITE_OK;
	rig.calls++;
	if (rig.calls == rig.fault_at || (rig.fault == FAULT_STICKY && rig.calls > rig.fault_at))
		return rig.fault_code;
	return SQLITE_OK;
}

static int shim_close(sqlite3_file *f)
{
	struct shim *s = shim_of(f);
	int rc = s->real->pMethods != NULL ? s->real->pMethods->xClose(s->real) : SQLITE_OK;

	free(s->real);
	return rc;
}

static int shim_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
	sqlite3_file *r = shim_of(f)->real;

	return r->pMethods->xRead(r, out, n, at);
}

static int shim_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
	sqlite3_file *r = shim_of(f)->real;
	int rc;

	pthread_mutex_lock(&rig.lock);
	rc = fails();
	if (rc == SQLITE_OK)
		remember(shim_of(f)->which, data, (uint32_t)n, (uint32_t)at, false);
	pthread_mutex_unlock(&rig.lock);
	return rc != SQLITE_OK ? rc : r->pMethods->xWrite(r, data, n, at);
}

static int shim_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	sqlite3_file *r = shim_of(f)->real;
	int rc;

	pthread_mutex_lock(&rig.lock);
	rc = fails();
	if (rc == SQLITE_OK)
		remember(shim_of(f)->which, NULL, 0, (uint32_t)size, true);
	pthread_mutex_unlock(&rig.lock);
	return rc != SQLITE_OK ? rc : r->pMethods->xTruncate(r, size);
}

static int shim_sync(sqlite3_file *f, int flags)
{
	sqlite3_file *r = shim_of(f)->real;
	int rc;

	pthread_mutex_lock(&rig.lock);
	rc = fails();
	if (rc == SQLITE_OK)
		synced(shim_of(f)->which);
	pthread_mutex_unlock(&rig.lock);
	return rc != SQLITE_OK ? SQLITE_IOERR_FSYNC : r->pMethods->xSync(r, flags);
}

#define FORWARD(name, args, call)                                                                  \
	static int shim_##name args                                                                \
	{                                                                                          \
		sqlite3_file *r = shim_of(f)->real;                                                \
                                                                                                   \
		return r->pMethods->call;                                                          \
	}

FORWARD(size, (sqlite3_file * f, sqlite3_int64 *out), xFileSize(r, out))
FORWARD(lock, (sqlite3_file * f, int level), xLock(r, level))
FORWARD(unlock, (sqlite3_file * f, int level), xUnlock(r, level))
FORWARD(reserved, (sqlite3_file * f, int *out), xCheckReservedLock(r, out))
FORWARD(sector, (sqlite3_file * f), xSectorSize(r))
FORWARD(shm_map, (sqlite3_file * f, int page, int size, int extend, void volatile **out),
	xShmMap(r, page, size, extend, out))
FORWARD(shm_lock, (sqlite3_file * f, int at, int n, int flags), xShmLock(r, at, n, flags))
FORWARD(shm_unmap, (sqlite3_file * f, int drop), xShmUnmap(r, drop))

static int shim_control(sqlite3_file *f, int op, void *arg)
{
	sqlite3_file *r = shim_of(f)->real;

	return r->pMethods->xFileControl(r, op, arg);
}

/* No promise about power: else SQLite would leave out syncs that real disks need. */
static int shim_traits(sqlite3_file *f)
{
	(void)f;
	return 0;
}

static void shim_barrier(sqlite3_file *f)
{
	sqlite3_file *r = shim_of(f)->real;

	r->pMethods->xShmBarrier(r);
}

static int shim_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct shim *s = shim_of(f);
	int rc;

	(void)v;
	s->base.pMethods = NULL;
	s->real = calloc(1, (size_t)rig.real->szOsFile);
	s->which = !rig.on                         ? -1
		   : (flags & SQLITE_OPEN_MAIN_DB) ? 0
		   : (flags & SQLITE_OPEN_WAL)     ? 1
						   : -1;
	rc = rig.real->xOpen(rig.real, name, s->real, flags, out);
	if (s->real->pMethods != NULL)
		s->base.pMethods = &rig.methods;
	else
		free(s->real);
	return rc;
}

static int shim_delete(sqlite3_vfs *v, const char *name, int sync_dir)
{
	size_t len = strlen(name);

	(void)v;
	pthread_mutex_lock(&rig.lock);
	if (rig.on && !rig.cut && len > 4 && strcmp(name + len - 4, "-wal") == 0) {
		struct shadow *s = &rig.files[1];

		s->gone_unsynced = s->there && !sync_dir;
		if (!s->gone_unsynced) {
			s->there = false;
			s->len = s->count = 0;
		}
	}
	pthread_mutex_unlock(&rig.lock);
	return rig.real->xDelete(rig.real, name, sync_dir);
}

static void rig_install(void)
{
	rig.real = sqlite3_vfs_find(NULL);
	rig.vfs = *rig.real;
	rig.vfs.zName = "rig";
	rig.vfs.szOsFile = sizeof(struct shim);
	rig.vfs.xOpen = shim_open;
	rig.vfs.xDelete = shim_delete;
	rig.methods = (sqlite3_io_methods){
	    2,           shim_close,   shim_read,     shim_write,    shim_truncate,  shim_sync,
	    shim_size,   shim_lock,    shim_unlock,   shim_reserved, shim_control,   shim_sector,
	    shim_traits, shim_shm_map, shim_shm_lock, shim_barrier,  shim_shm_unmap, NULL,
	    NULL};
	pthread_mutex_init(&rig.lock, NULL);
	cr_assert_eq(sqlite3_vfs_register(&rig.vfs, 1), SQLITE_OK);
}

/* ---- faults ---- */

/* Works until a fault shows; returns what was durable by then. */
static uint32_t work_until_fault(struct help *h, uint32_t *issued, bool *met)
{
	enum ledger_fault fault = help_open(h, true);
	uint32_t durable;

	*issued = 0;
	*met = fault != LEDGER_SOUND;
	if (fault != LEDGER_SOUND) {
		cr_assert(fault == LEDGER_IO || fault == LEDGER_CREATE, "fault %d: %s", fault,
			  h->why);
		return 0;
	}
	while (*issued < 100 && ledger_fault(h->ledger, NULL, 0) == LEDGER_SOUND) {
		hand_in(h, (*issued)++);
		if (*issued % 7 == 0)
			ledger_sync(h->ledger);
	}
	fault = ledger_sync(h->ledger);
	durable = (uint32_t)ledger_durable(h->ledger);
	cr_assert(fault == LEDGER_SOUND || fault == LEDGER_IO, "fault %d", fault);
	cr_assert(fault == LEDGER_SOUND ? durable == *issued : durable < *issued);
	if (fault != LEDGER_SOUND) {
		/* P7: nothing becomes durable after a fault, whatever the disk says now. */
		rig.on = false;
		hand_in(h, *issued);
		cr_assert_eq(ledger_sync(h->ledger), LEDGER_IO);
		cr_assert_eq(ledger_durable(h->ledger), durable);
		rig.on = true;
	}
	*met = ledger_close(&h->ledger) != LEDGER_SOUND || fault != LEDGER_SOUND;
	return durable;
}

static void fail_each(enum fault kind, int code)
{
	uint32_t n, issued, durable, step = 1;
	bool met = true;

	rig_install();
	/* Every one of the first calls, then every few: until a run sees no fault at all. */
	for (uint32_t at = 1; met; at += step) {
		struct help h = help_start();

		rig.fault = kind;
		rig.fault_code = code;
		rig.fault_at = at;
		rig.calls = 0;
		rig.on = true;
		durable = work_until_fault(&h, &issued, &met);
		rig.on = false;
		help_must_open(&h);
		for (n = durable; n <= issued && !holds_first(&h, n); n++)
			;
		cr_assert_leq(n, issued, "call %u: no prefix, durable %u, issued %u", at, durable,
			      issued);
		help_close(&h);
		help_end(&h);
		step = at < 60 ? 1 : 7;
		cr_assert_lt(at, 2000, "the fault never ends");
	}
}

Test(disk, full_from_some_call_on, .timeout = 120)
{
	fail_each(FAULT_STICKY, SQLITE_FULL);
}

Test(disk, one_write_or_sync_fails, .timeout = 120)
{
	fail_each(FAULT_ONCE, SQLITE_IOERR_WRITE);
}

Test(disk, gone_from_some_call_on, .timeout = 120)
{
	fail_each(FAULT_STICKY, SQLITE_IOERR_WRITE);
}

/* Rows: P8 */
Test(disk, what_the_close_meets_is_told)
{
	struct help h = help_start();
	enum ledger_fault fault;

	rig_install();
	rig.on = true;
	help_must_open(&h);
	help_plan(&h, 1, 1000);
	help_sync(&h);
	rig.fault = FAULT_STICKY;
	rig.fault_code = SQLITE_FULL;
	rig.fault_at = 1;
	fault = ledger_close_why(&h.ledger, h.why, sizeof(h.why));
	rig.on = false;
	cr_assert_eq(fault, LEDGER_IO, "%d", fault);
	cr_assert(strstr(h.why, h.path) != NULL && strstr(h.why, "full") != NULL, "%s", h.why);
	help_must_open(&h);
	cr_assert_eq(ledger_cursor(h.ledger, NULL), 1000);
	help_end(&h);
}

/* It is no fault of the disk, and goes by: run again. */
Test(disk, no_memory_is_told_as_such)
{
	struct help h = help_start();
	enum ledger_fault fault;

	help_must_open(&h);
	help_plan(&h, 1, 500);
	help_sync(&h);
	sqlite3_hard_heap_limit64(sqlite3_memory_used() + 1000);
	help_plan(&h, 501, 1000);
	fault = ledger_sync(h.ledger);
	cr_assert_eq(fault, LEDGER_MEMORY, "%d", fault);
	cr_assert_eq(ledger_close(&h.ledger), LEDGER_MEMORY);
	cr_assert_eq(help_open(&h, true), LEDGER_MEMORY, "%s", h.why);
	cr_assert(strstr(h.why, "out of memory") != NULL, "%s", h.why);
	sqlite3_hard_heap_limit64(0);
	help_must_open(&h);
	cr_assert_eq(ledger_cursor(h.ledger, NULL), 500);
	help_end(&h);
}

/* ---- power ---- */

static uint32_t load_file(const char *path, uint8_t *out)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd >= 0 ? read(fd, out, IMAGE) : 0;

	if (fd >= 0)
		close(fd);
	return n > 0 ? (uint32_t)n : 0;
}

static void store_file(const char *path, const char *tail, const uint8_t *data, uint32_t len)
{
	char name[128];
	int fd;

	snprintf(name, sizeof(name), "%s%s", path, tail);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	cr_assert_eq(write(fd, data, len), (ssize_t)len);
	close(fd);
}

/* The whole list with some closes, the power going at one write. Returns the writes there were. */
static uint32_t run_until_cut(struct help *h, uint32_t cut_at, uint64_t seed)
{
	uint64_t dice = seed;
	uint32_t n;

	help_must_open(h); /* made whole before the rig looks */
	help_close(h);
	for (int i = 0; i < FILES; i++)
		rig.files[i].len = rig.files[i].count = rig.files[i].there =
		    rig.files[i].gone_unsynced = 0;
	rig.files[0].len = load_file(h->path, rig.files[0].disk);
	rig.files[0].there = true;
	rig.stored = rig.writes = rig.base = rig.durable = 0;
	rig.cut = false;
	rig.cut_at = cut_at;
	rig.seed = seed;
	rig.on = true;
	help_must_open(h);
	rig.ledger = h->ledger;
	for (n = 0; n < OPS && !rig.cut; n++) {
		hand_in(h, n);
		if (mix(&dice) % 4 == 0)
			ledger_sync(h->ledger);
		if (mix(&dice) % 40 == 0) {
			ledger_sync(h->ledger);
			pthread_mutex_lock(&rig.lock);
			rig.ledger = NULL;
			rig.base = n + 1;
			pthread_mutex_unlock(&rig.lock);
			help_close(h);
			help_must_open(h);
			rig.ledger = h->ledger;
		}
	}
	rig.ledger = NULL;
	if (!rig.cut)
		rig.base = n;
	help_close(h);
	rig.on = false;
	return n;
}

static void power_campaign(uint64_t seed, int rounds)
{
	int counted = 0;

	rig_install();
	for (int k = 0; k < rounds; k++) {
		struct help h = help_start(), after = help_start();
		uint64_t one = mix(&seed);
		uint32_t issued = run_until_cut(&h, 1 + (uint32_t)(mix(&seed) % 900), one);
		uint32_t n;

		help_end(&h);
		if (rig.cut) {
			store_file(after.path, "", rig.image[0], rig.image_len[0]);
			if (rig.image_there[1])
				store_file(after.path, "-wal", rig.image[1], rig.image_len[1]);
			help_must_open(&after);
			for (n = rig.durable; n <= issued && !holds_first(&after, n); n++)
				;
			cr_assert_leq(n, issued, "round %d, write %u: durable %u, issued %u", k,
				      rig.cut_at, rig.durable, issued);
			help_close(&after);
			counted++;
		}
		help_end(&after);
	}
	cr_assert_gt(counted, rounds / 2, "the power hardly ever went");
}

Test(disk, power_goes_at_any_write, .timeout = 300)
{
	power_campaign(7, 40);
}

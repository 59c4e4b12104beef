/*
 * The simulated disk as SQLite sees it: handles, SQLite's five lock levels, and the shared memory
 * of a log's index. Where SQLite's own VFS for Unix syncs a directory, this one does too: at the
 * first sync of a new log, and in a delete that asks for it. It promises what that one promises of
 * real disks (a write harms no byte beside it) and owns the handles' state only.
 */
#include "tests/sim/disk_priv.h"

#include "proto/base/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct handle {
	sqlite3_file base;
	struct disk *disk;
	struct node *node;
	uint32_t life;
	int level;
	bool readonly, sync_names, shm;
	uint32_t shm_shared, shm_exclusive; /* bits */
};

static struct handle *handle_of(sqlite3_file *f)
{
	return (struct handle *)(void *)f;
}

static bool gone(const struct handle *h)
{
	return h->disk->dead || h->life != h->disk->life;
}

static int code(int rc, int io)
{
	return rc == 0         ? SQLITE_OK
	       : rc == -ENOSPC ? SQLITE_FULL
	       : rc == -EROFS  ? SQLITE_READONLY
			       : io;
}

/* ---- one file ---- */

static int file_read(sqlite3_file *f, void *out, int len, sqlite3_int64 at)
{
	struct handle *h = handle_of(f);
	const struct bytes *b = &h->node->now;
	size_t n = 0;

	if (gone(h) || disk_reads(h->disk) != 0)
		return SQLITE_IOERR_READ;
	if ((uint64_t)at < b->len)
		n = b->len - (size_t)at < (size_t)len ? b->len - (size_t)at : (size_t)len;
	if (n > 0)
		memcpy(out, b->at + at, n);
	memset((uint8_t *)out + n, 0, (size_t)len - n);
	return n == (size_t)len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *f, const void *data, int len, sqlite3_int64 at)
{
	struct handle *h = handle_of(f);

	if (gone(h))
		return SQLITE_IOERR_WRITE;
	if (h->readonly)
		return SQLITE_READONLY;
	return code(disk_write(h->disk, h->node, data, (uint32_t)len, (uint64_t)at),
		    SQLITE_IOERR_WRITE);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	struct handle *h = handle_of(f);

	if (gone(h))
		return SQLITE_IOERR_TRUNCATE;
	return code(disk_truncate(h->disk, h->node, (uint64_t)len), SQLITE_IOERR_TRUNCATE);
}

static int file_sync(sqlite3_file *f, int flags)
{
	struct handle *h = handle_of(f);

	if (gone(h) || disk_sync(h->disk, h->node) != 0)
		return SQLITE_IOERR_FSYNC;
	if (h->sync_names)
		disk_sync_names(h->disk);
	h->sync_names = false;
	return gone(h) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *out)
{
	struct handle *h = handle_of(f);

	*out = (sqlite3_int64)h->node->now.len;
	return gone(h) ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
	return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *f)
{
	return 4096;
}

static int file_traits(sqlite3_file *f)
{
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- locks ---- */

static int file_unlock(sqlite3_file *f, int level)
{
	struct handle *h = handle_of(f);
	struct node *n = h->node;

	if (h->level <= level)
		return SQLITE_OK;
	n->reserved = n->reserved == h ? NULL : n->reserved;
	n->hoped = n->hoped == h ? NULL : n->hoped;
	n->exclusive = n->exclusive == h ? NULL : n->exclusive;
	if (level == SQLITE_LOCK_NONE)
		n->shared--;
	h->level = level;
	return SQLITE_OK;
}

static bool others(const void *holder, const struct handle *h)
{
	return holder != NULL && holder != h;
}

static int file_lock(sqlite3_file *f, int level)
{
	struct handle *h = handle_of(f);
	struct node *n = h->node;

	if (gone(h))
		return SQLITE_IOERR_LOCK;
	if (h->level >= level)
		return SQLITE_OK;
	if (others(n->exclusive, h) || others(n->hoped, h))
		return SQLITE_BUSY;
	if (h->level == SQLITE_LOCK_NONE) {
		n->shared++;
		h->level = SQLITE_LOCK_SHARED;
	}
	if (level >= SQLITE_LOCK_RESERVED && others(n->reserved, h))
		return SQLITE_BUSY;
	if (level == SQLITE_LOCK_RESERVED)
		n->reserved = h;
	if (level == SQLITE_LOCK_EXCLUSIVE) {
		n->hoped = h;
		h->level = SQLITE_LOCK_PENDING;
		if (n->shared > 1)
			return SQLITE_BUSY;
		n->exclusive = h;
	}
	h->level = level;
	return SQLITE_OK;
}

static int file_reserved(sqlite3_file *f, int *out)
{
	*out = handle_of(f)->node->reserved != NULL;
	return SQLITE_OK;
}

/* ---- the log's index ---- */

static int shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	struct handle *h = handle_of(f);
	struct node *n = h->node;

	*out = NULL;
	if (gone(h) || page >= SHM_PAGES)
		return SQLITE_IOERR_SHMMAP;
	if (!h->shm) {
		h->shm = true;
		n->shm_users++;
	}
	if (n->shm[page] == NULL && extend)
		n->shm[page] = calloc(1, (size_t)size);
	*out = n->shm[page];
	return SQLITE_OK;
}

static bool shm_may(const struct handle *h, int i, bool exclusive)
{
	const struct node *n = h->node;

	return !n->shm_exclusive[i] && (!exclusive || n->shm_shared[i] == 0);
}

static void shm_drop(struct handle *h, int i)
{
	struct node *n = h->node;

	if (h->shm_shared & 1U << i)
		n->shm_shared[i]--;
	if (h->shm_exclusive & 1U << i)
		n->shm_exclusive[i] = false;
	h->shm_shared &= ~(1U << i);
	h->shm_exclusive &= ~(1U << i);
}

static int shm_lock(sqlite3_file *f, int at, int count, int flags)
{
	struct handle *h = handle_of(f);
	bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;

	for (int i = at; i < at + count && (flags & SQLITE_SHM_UNLOCK); i++)
		shm_drop(h, i);
	if (flags & SQLITE_SHM_UNLOCK)
		return SQLITE_OK;
	if (gone(h))
		return SQLITE_IOERR_SHMLOCK;
	for (int i = at; i < at + count; i++) {
		if (!(h->shm_shared & 1U << i) && !shm_may(h, i, exclusive))
			return SQLITE_BUSY;
	}
	for (int i = at; i < at + count; i++) {
		if (h->shm_shared & 1U << i)
			continue;
		if (exclusive)
			h->node->shm_exclusive[i] = true;
		else
			h->node->shm_shared[i]++;
		*(exclusive ? &h->shm_exclusive : &h->shm_shared) |= 1U << i;
	}
	return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *f)
{
}

/* The last one out takes it along: the next to come finds it empty, as on Unix. */
static int shm_unmap(sqlite3_file *f, int drop)
{
	struct handle *h = handle_of(f);
	struct node *n = h->node;

	if (!h->shm)
		return SQLITE_OK;
	for (int i = 0; i < SHM_LOCKS; i++)
		shm_drop(h, i);
	h->shm = false;
	if (--n->shm_users > 0)
		return SQLITE_OK;
	for (int i = 0; i < SHM_PAGES; i++) {
		free(n->shm[i]);
		n->shm[i] = NULL;
	}
	return SQLITE_OK;
}

static int file_close(sqlite3_file *f)
{
	shm_unmap(f, 0);
	return file_unlock(f, SQLITE_LOCK_NONE);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* ---- the directory ---- */

static int vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct handle *h = handle_of(f);
	struct disk *d = v->pAppData;
	struct node *n = name != NULL ? disk_find(d, name) : disk_node(d);

	*h = (struct handle){.disk = d, .life = d->life};
	if (d->dead)
		return SQLITE_CANTOPEN;
	if (n == NULL) {
		n = disk_node(d);
		if (!(flags & SQLITE_OPEN_CREATE) || disk_move(d, "", name, n) != 0)
			return SQLITE_CANTOPEN;
	}
	h->node = n;
	h->readonly = d->faults.readonly || (flags & SQLITE_OPEN_READONLY) != 0;
	h->sync_names = (flags & SQLITE_OPEN_CREATE) != 0 &&
			(flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
	if (out != NULL && d->faults.readonly)
		flags =
		    (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
	if (out != NULL)
		*out = flags;
	h->base.pMethods = &methods;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync_names)
{
	struct disk *d = v->pAppData;

	if (d->dead)
		return SQLITE_IOERR_DELETE;
	if (disk_find(d, name) == NULL)
		return SQLITE_IOERR_DELETE_NOENT;
	if (disk_move(d, name, "", NULL) != 0)
		return SQLITE_IOERR_DELETE;
	if (sync_names && disk_sync_names(d) != 0)
		return SQLITE_IOERR_DIR_FSYNC;
	return SQLITE_OK;
}

/* As on Unix: an empty file counts as none. */
static int vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	struct disk *d = v->pAppData;
	struct node *n = disk_find(d, name);

	*out = n != NULL && (flags != SQLITE_ACCESS_EXISTS || n->now.len > 0);
	return d->dead ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *v, const char *name, int size, char *out)
{
	return snprintf(out, (size_t)size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int vfs_randomness(sqlite3_vfs *v, int size, char *out)
{
	struct disk *d = v->pAppData;

	for (int i = 0; i < size; i++)
		out[i] = (char)disk_random(&d->seed);
	return size;
}

static int vfs_sleep(sqlite3_vfs *v, int us)
{
	return us;
}

static int vfs_time(sqlite3_vfs *v, double *out)
{
	*out = 2460000.5;
	return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *v, int size, char *out)
{
	return 0;
}

void disk_vfs_init(struct disk *d)
{
	snprintf(d->vfs_name, sizeof(d->vfs_name), "disk-%p", (void *)d);
	d->vfs = (sqlite3_vfs){.iVersion = 1,
			       .szOsFile = sizeof(struct handle),
			       .mxPathname = NAME_SIZE - 8,
			       .zName = d->vfs_name,
			       .pAppData = d,
			       .xOpen = vfs_open,
			       .xDelete = vfs_delete,
			       .xAccess = vfs_access,
			       .xFullPathname = vfs_full_name,
			       .xRandomness = vfs_randomness,
			       .xSleep = vfs_sleep,
			       .xCurrentTime = vfs_time,
			       .xGetLastError = vfs_error};
	check(sqlite3_vfs_register(&d->vfs, 1) == SQLITE_OK);
	sqlite3_randomness(0, NULL); /* drawn anew, from our seed */
}

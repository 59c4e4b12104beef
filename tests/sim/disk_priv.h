/* Inside of the simulated disk: disk.c keeps files and names, disk_vfs.c shows them to SQLite. */
#ifndef TGCLONE_TESTS_SIM_DISK_PRIV_H
#define TGCLONE_TESTS_SIM_DISK_PRIV_H

#include "tests/sim/disk.h"

#include <sqlite3.h>

enum { SECTOR = 512, NAME_SIZE = 128, SHM_PAGES = 16, SHM_LOCKS = SQLITE_SHM_NLOCK };

struct bytes {
	uint8_t *at;
	size_t len, cap;
};

/* Written and not synced. */
struct pending {
	uint64_t at;
	uint32_t len;
	bool truncate; /* the file ends at `at` */
	uint8_t *data;
};

struct node {
	struct bytes now;  /* what the running system reads */
	struct bytes disk; /* what lies under the head */
	struct pending *pending;
	size_t pending_count, pending_cap;
	bool sync_failed;
	/* SQLite's locks; a handle is known by its address */
	uint32_t shared;
	const void *reserved, *hoped, *exclusive;
	void *shm[SHM_PAGES];
	uint32_t shm_users, shm_shared[SHM_LOCKS];
	bool shm_exclusive[SHM_LOCKS];
};

struct name {
	char text[NAME_SIZE];
	struct node *node;
};

struct names {
	struct name *at;
	size_t count, cap;
};

/* A change of names that no sync of the directory has covered: from goes, to comes. */
struct move {
	char from[NAME_SIZE], to[NAME_SIZE]; /* empty: none */
	struct node *node;
};

struct lock {
	char name[NAME_SIZE];
	int handle;
};

struct disk {
	struct ledger_disk calls;
	sqlite3_vfs vfs;
	char vfs_name[32];
	uint64_t seed;
	struct node **nodes; /* all there ever were, until the disk is closed */
	size_t node_count, node_cap;
	struct names now, disk;
	struct move *moves;
	size_t move_count, move_cap;
	struct lock *locks;
	size_t lock_count, lock_cap;
	int lock_next;
	uint32_t life; /* of the machine: handles of an earlier one are dead */
	bool dead;
	struct disk_faults faults;
	struct disk_counts counts, since; /* of all; where disk_fail() began to count */
	uint64_t grown;
};

struct node *disk_find(const struct disk *, const char *name);
struct node *disk_node(struct disk *);
/* All 0 or -errno. */
int disk_write(struct disk *, struct node *, const void *data, uint32_t len, uint64_t at);
int disk_truncate(struct disk *, struct node *, uint64_t len);
int disk_sync(struct disk *, struct node *);
int disk_sync_names(struct disk *);
int disk_move(struct disk *, const char *from, const char *to, struct node *);
/* Counts a read; 0 or -EIO. */
int disk_reads(struct disk *);

void disk_vfs_init(struct disk *);

#endif

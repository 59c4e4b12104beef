/*
 * A disk in memory, for the ledger and its SQLite: one directory of files, which forgets at a power
 * loss what no sync has covered. Every write lies journalled until the sync of its file; every new,
 * renamed or deleted name until the sync of the directory. disk_crash() then takes, of what lies
 * there, sector by sector and name by name, the old, the new, or a sector torn between the two, by
 * its seed. Nothing here reads a clock, starts a thread or asks the kernel for anything.
 */
#ifndef TGCLONE_TESTS_SIM_DISK_H
#define TGCLONE_TESTS_SIM_DISK_H

#include "engine/ledger/disk.h"

struct disk;

/* Splitmix64: the next number of a seed. */
uint64_t disk_random(uint64_t *seed);

/* What may go wrong. A rate is in 1/65536 of the calls it concerns; at counts those calls from 1.
 */
struct disk_faults {
	uint64_t full_at;  /* this growing write and all after it: ENOSPC; 0 never */
	uint64_t write_at; /* this write: EIO */
	uint64_t read_at;  /* this read: EIO */
	uint64_t sync_at;  /* this sync fails, and what it should have covered is dropped */
	uint64_t cut_at;   /* at this write, sync or name the power goes */
	uint32_t full_rate, write_rate, read_rate, sync_rate;
	bool readonly; /* names cannot be made or removed, files not written */
};

/* How often what happened: a test that wants a fault looks whether it fired. */
struct disk_counts {
	uint64_t steps; /* writes, syncs and names: what cut_at counts */
	uint64_t writes, reads, syncs, dir_syncs, names;
	uint64_t full, write_errors, read_errors, sync_errors, refused;
	uint64_t crashes, sectors_old, sectors_new, sectors_torn, names_old, names_new;
	uint64_t writes_after_sync_error; /* to a file whose sync has failed */
};

enum disk_death {
	DISK_POWER, /* what was not synced may be lost */
	DISK_KILL,  /* the process dies, the kernel keeps what was written */
};

/* Registered as SQLite's default VFS, so that SQLite's own random numbers come from the seed too.
 */
struct disk *disk_open(uint64_t seed);
void disk_close(struct disk **);
/* For ledger_open_on(). */
const struct ledger_disk *disk_calls(const struct disk *);
void disk_fail(struct disk *, const struct disk_faults *); /* counting starts again */
struct disk_counts disk_counts(const struct disk *);

/* The power went by itself (cut_at): all calls fail from then on, as after disk_crash(). */
bool disk_dead(const struct disk *);
/*
 * Death: what is open now stays open and answers nothing but errors until it is closed, locks are
 * free, and the files are what a restart finds. Faults are off afterwards.
 */
void disk_crash(struct disk *, enum disk_death, uint64_t seed);

/* Direct looks and changes, for tests of damage. A file's bytes are lent until the next call. */
struct span disk_bytes(struct disk *, const char *name);
void disk_put(struct disk *, const char *name, struct cspan bytes);
/* A hash over all names and bytes: equal seeds must give equal disks. */
uint64_t disk_hash(const struct disk *);

#endif

/*
 * What the ledger asks of its directory beside what SQLite asks: the lock, the names, and the syncs
 * that make a creation last. SQLite knows no rename and no lock that outlives its handles, so these
 * few calls stand next to a VFS and belong to the same disk. The kernel's body is kernel.c; a
 * simulated disk brings its own.
 */
#ifndef TGCLONE_LEDGER_DISK_H
#define TGCLONE_LEDGER_DISK_H

#include "proto/base/bytes.h"

/* Unless said otherwise a call returns 0 or -errno. ctx is handed to each. */
struct ledger_disk {
	const char *vfs; /* SQLite's name of this disk; NULL: its default one */
	void *ctx;
	/*
	 * Takes the lock that is called name, for as long as this process lives: a handle >= 0.
	 * -EBUSY: somebody has it; owner says who (for people, may be empty).
	 */
	int (*lock)(void *ctx, const char *name, char *owner, size_t owner_size);
	/*
	 * The same of a file that is there, whatever it is called: its lock's name may have been taken away,
	 * or it has two. To be given back when nobody of this process has the file open any more.
	 */
	int (*hold)(void *ctx, const char *name);
	void (*unlock)(void *ctx, int handle);
	/* 0: a regular file, -ENOENT: none, -EINVAL: something else has that name. */
	int (*look)(void *ctx, const char *name);
	/* The first bytes of a file; how many there were, or -errno. */
	int (*head)(void *ctx, const char *name, void *out, size_t n);
	int (*create)(void *ctx, const char *name); /* empty, ours alone; it must not exist */
	int (*remove)(void *ctx, const char *name);
	int (*rename)(void *ctx, const char *from, const char *to);
	/* All of its bytes are written once more, the first n as given, and synced. */
	int (*rewrite)(void *ctx, const char *name, const void *head, size_t n);
	int (*sync)(void *ctx, const char *name);     /* what is in the file */
	int (*sync_dir)(void *ctx, const char *name); /* the names in the directory of the file */
};

extern const struct ledger_disk ledger_disk_kernel;

#endif

/*
 * The state directory: one folder per profile, with the session and the ledgers. For the owner
 * alone (0700, files 0600); what is looser is refused, not repaired (X1). One process at a time may
 * hold a profile's session (P13).
 *
 *   DIR/PROFILE/session         keys, account       DIR/PROFILE/session.lock   whose it is
 *   DIR/PROFILE/NAME.ledger     one job's ledger
 */
#ifndef TGCLONE_TOOLS_STORE_H
#define TGCLONE_TOOLS_STORE_H

#include "engine/ledger/ledger.h"
#include "tools/tgclone/session_file.h"

#include <limits.h>

enum { STORE_WHY = 512, STORE_PROFILE_MAX = 64 };

struct store {
	char dir[PATH_MAX];      /* of the profile */
	int dir_fd, lock_fd;     /* -1: not open */
	char why[STORE_WHY];     /* one line after a failure */
	char warning[STORE_WHY]; /* "" or one line: network file system (P17) */
};

/*
 * state_dir NULL: $XDG_STATE_HOME/tgclone or $HOME/.local/state/tgclone. Made when missing if
 * create. Profile names are file names: letters, digits, . _ -, not a dot first. 0 or an exit code
 * with why: 64 bad profile, 65 open to others, 73 cannot be made or written (or is not there and
 * create is false).
 */
int store_open(struct store *, const char *state_dir, const char *profile, bool create);
void store_close(struct store *);
/* P17: locks and syncs there are promises of somebody else. statfs(2)'s type; NULL: none we know of. */
const char *store_network(uint32_t type);
bool store_profile_ok(const char *profile);

/* Before the session is used for talking; 75 when another process has it. Freed by store_close. */
int store_lock(struct store *);
/* 77: there is none. 65: damaged, of other servers than realm, or open to others; it is kept. */
int store_session_load(struct store *, uint64_t realm, struct session_data *out);
/* Whole and on the disk when it returns 0; else the old one is still there (73, 74). */
int store_session_save(struct store *, const struct session_data *);
/* After logout: overwritten, then gone. 0, also when there was none. */
int store_session_drop(struct store *);

/* Where the ledger of a job stands; the same job has the same name. False: path too long. */
bool store_ledger_path(const struct store *, const struct ledger_job *, char out[PATH_MAX]);
/*
 * fresh, a ledger that is closed, takes the place of the one at path, if there is one: that is kept as
 * aside ("": there was none). 0 or an exit code with why; then something may be aside and nothing at path.
 */
int store_ledger_swap(struct store *, const char *fresh, const char *path, char aside[PATH_MAX]);
/* Calls each(ctx, path) for every ledger of the profile, in the order of names. 0 or an exit code.
 */
int store_ledgers(struct store *, void (*each)(void *ctx, const char *path), void *ctx);

#endif

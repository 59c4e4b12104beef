/* What the process does before anything else: no core, no dump, no loose files, no missing fds. */
#ifndef TGCLONE_TOOLS_HARDEN_H
#define TGCLONE_TOOLS_HARDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Not dumpable, core limit 0 (X4); descriptors 0 to 2 open (P18), so that no file of ours ever
 * becomes stdout, and what is said on one that was closed fails; umask 077; SIGPIPE ignored (P5),
 * and SIGXFSZ: a write above a limit fails like one on a full disk. False: the kernel refused one,
 * which is fatal.
 */
bool harden_process(void);
/*
 * libcrypto and jansson take memory in hundreds of places, and do not always look whether they got it (a
 * text came out a letter short). From here on the first that gets none ends the process with a line and
 * EXIT_LATER, as a kill would: the ledger is made for that (P11). To be called before their first use;
 * where a preloaded library used libcrypto before, that one stays as it was.
 */
void harden_memory(void);
/* The soft limit of open files goes up to wanted, or as far as it may; returns where it is. */
int64_t harden_files(int64_t wanted);
/*
 * The stack may grow to wanted bytes, or as far as the limit may be raised; returns how far. To be called
 * where little of it is in use.
 */
int64_t harden_stack(int64_t wanted);
/* The pages that hold this are in no dump (X4), whoever makes one; what lies beside it is not either. */
void harden_secret(const void *secret, size_t len);

#endif

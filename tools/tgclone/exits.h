/* How tgclone ends: a contract with scripts (reliability.md 1, after sysexits.h). */
#ifndef TGCLONE_TOOLS_EXITS_H
#define TGCLONE_TOOLS_EXITS_H

#include <errno.h>
#include <signal.h>

enum exit_code {
	EXIT_COMPLETE = 0,  /* complete and verified */
	EXIT_SKIPPED = 2,   /* complete, with skipped rows, each named */
	EXIT_USAGE = 64,    /* bad arguments or settings */
	EXIT_BAD_DATA = 65, /* session, ledger or DC file damaged, foreign or open to others */
	EXIT_UNAVAILABLE =
	    69,             /* target, source or a facility that was asked for is not to be had */
	EXIT_INTERNAL = 70, /* our own mistake */
	EXIT_CREATE = 73,   /* a file or directory cannot be made */
	EXIT_IO = 74,       /* read, write or sync failed */
	EXIT_LATER = 75,    /* temporary: in use, waiting, or no memory; run again */
	EXIT_LOGIN = 77,    /* log in first */
	EXIT_SIGNAL = 128,  /* + number of the signal */
};

/*
 * What the first signal that asks for an end goes on as, blocked, to where the program waits: its handler reaches
 * nothing (client.c).
 */
static inline int exit_asked(void)
{
	return SIGRTMIN;
}

/* Of a part of the program that could not start: no memory is no mistake of ours. rc: -errno. */
static inline int exit_of_lack(int rc)
{
	return rc == -ENOMEM ? EXIT_LATER : EXIT_INTERNAL;
}

#endif

/*
 * Signals that end the program are its first thread's: they wake it where it waits, and break no call of another
 * one off. A thread begins with its maker's mask, so they are held while it is made.
 */
#ifndef TGCLONE_BASE_SIGNALS_H
#define TGCLONE_BASE_SIGNALS_H

#include <signal.h>

static inline void signals_hold(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, before);
}

static inline void signals_restore(const sigset_t *before)
{
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

#endif

/*
 * Crash points: named places where a test build (-Dcrash_points=true) can be told to die as SIGKILL
 * kills, with nothing flushed, closed or handed back. In every other build a point is nothing at
 * all, and crash.c is not compiled: a release holds neither the names nor the state.
 *
 * A name is ROOM.THING.MOMENT and stands in one place only; tests/kill/kill_points finds the names
 * in the sources and demands that each of them was died at.
 */
#ifndef TGCLONE_BASE_CRASH_H
#define TGCLONE_BASE_CRASH_H

#ifdef TGCLONE_CRASH_POINTS

#include <stdbool.h>

void crash_point(const char *name);
/*
 * Before there is another thread. "NAME:N": the N-th passing of NAME, from 1, is the end; "NAME:N!":
 * a check() fails there; NULL or empty: neither happens. False: the text says none of these.
 */
bool crash_arm(const char *order);

#define CRASH_POINT(name) crash_point(name)

#else

#define CRASH_POINT(name) ((void)0)

#endif

#endif

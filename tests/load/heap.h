/*
 * What the program under test has taken from the heap, in a process that also holds the simulated
 * Telegram, its network and its disk. The sources of network and disk are compiled with aside.h in
 * front, so that theirs is not counted; the rest is told apart by who is running: take the difference
 * around a call of the program.
 *
 * Counted are the program and the libraries it uses (SQLite, OpenSSL). Mappings are not: their sizes
 * are fixed at the start, and resident tells what of them is touched.
 */
#ifndef TGCLONE_TESTS_LOAD_HEAP_H
#define TGCLONE_TESTS_LOAD_HEAP_H

#include <stdint.h>

/* Bytes taken and not given back, by all but the sources that stand aside. */
int64_t heap_taken(void);
/* Resident memory of the process, in KiB. */
uint64_t heap_resident(void);

#endif

/* Which CPUs the engines of --cores run on. */
#ifndef TGCLONE_CORES_H
#define TGCLONE_CORES_H

#include "tools/tgclone/client.h"

enum { CORES_MAX = 64 };

/* CPUs that this process may use. */
int cores_allowed(void);
/*
 * count different ones into cpus, a core of its own for each as far as there are so many: two
 * threads of one core share what crypto needs. False: not so many are allowed.
 */
bool cores_pick(int *cpus, int count);
/*
 * The engines besides the lead's, as --cores says; the calling thread settles on the first CPU.
 * *crew stays NULL for one core. 0 or an exit code after an error line.
 */
int cores_open(struct client *, struct crew **crew);

#endif

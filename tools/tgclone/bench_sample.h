/*
 * What a measurement costs, sampled while it runs: bytes of each TCP connection of this process, its
 * CPU time, and the simulator's. A thread of its own looks ten times a second and touches nothing of
 * the engine; the kernel's counters tell everything.
 */
#ifndef TGCLONE_TOOLS_BENCH_SAMPLE_H
#define TGCLONE_TOOLS_BENCH_SAMPLE_H

#include "tools/tgclone/bench_report.h"

#include <sys/types.h>

struct sampler;

/*
 * Samples go into run until the stop. far: the simulator's process, 0 when it is not on this machine
 * or not known. NULL when there is no memory or thread for it.
 */
struct sampler *sampler_start(struct bench_run *run, pid_t far);
/* Fills seconds, user, system, far, rss_peak and the links of run; *s becomes NULL. */
void sampler_stop(struct sampler **s);

#endif

/*
 * One engine per core: which CPUs, and their start. Siblings, as Linux lists them, share a core;
 * the first of each core is taken before any second one.
 */
#include "tools/tgclone/cores.h"

#include "tools/tgclone/talk.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cores_allowed(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return CPU_COUNT(&set) < CORES_MAX ? CPU_COUNT(&set) : CORES_MAX;
}

/* The lowest CPU of its core, by "0,2" or "0-1"; itself where nothing is told. */
static int core_of(int cpu)
{
	char path[96], text[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
		 cpu);
	f = fopen(path, "re");
	if (f == NULL)
		return cpu;
	if (fgets(text, sizeof(text), f) == NULL)
		snprintf(text, sizeof(text), "%d", cpu);
	fclose(f);
	return atoi(text);
}

static bool has_core(const int *cpus, int count, int core)
{
	for (int i = 0; i < count; i++)
		if (core_of(cpus[i]) == core)
			return true;
	return false;
}

static bool has_cpu(const int *cpus, int count, int cpu)
{
	for (int i = 0; i < count; i++)
		if (cpus[i] == cpu)
			return true;
	return false;
}

bool cores_pick(int *cpus, int count)
{
	cpu_set_t set;
	int n = 0;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return false;
	for (int cpu = 0; cpu < CPU_SETSIZE && n < count; cpu++)
		if (CPU_ISSET(cpu, &set) && !has_core(cpus, n, core_of(cpu)))
			cpus[n++] = cpu;
	for (int cpu = 0; cpu < CPU_SETSIZE && n < count; cpu++)
		if (CPU_ISSET(cpu, &set) && !has_cpu(cpus, n, cpu))
			cpus[n++] = cpu;
	return n == count;
}

static void settle(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* Where it is refused the scheduler decides, as ever. */
	(void)pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

int cores_open(struct client *cl, struct crew **crew)
{
	int count = (int)app_options(cl->app)->cores, res;
	int cpus[CORES_MAX];
	struct crew_options o = {.engines = (uint32_t)count - 1,
				 .ring = cl->ring,
				 .poll = strcmp(ring_name(cl->ring), "poll") == 0,
				 .buffer = client_buffer(cl->app),
				 .account = client_account(cl),
				 .cpus = cpus + 1};

	*crew = NULL;
	if (count <= 1)
		return 0;
	if (!cores_pick(cpus, count))
		return app_fail(cl->app, EXIT_USAGE, "--cores %d: this process may use 1..%d",
				count, cores_allowed());
	client_net_options(cl, &o.net);
	res = crew_open(crew, &o);
	if (res != 0)
		return app_fail(cl->app, res == -ENOMEM ? EXIT_LATER : EXIT_IO,
				"--cores %d: the engines cannot be started: %s", count, strerror(-res));
	settle(cpus[0]);
	return 0;
}

/*
 * Crash points of a test build: counts the passings of one of them and ends the process there. It
 * owns the only state at file scope that the house allows, for two reasons: a point must be one
 * line wherever it stands, without a struct to carry through every room; and no build but this one
 * has the file. What dies where is told by main(), which reads it from the environment.
 */
#include "proto/base/crash.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
	char name[64];
	atomic_long left; /* passings until the end; the ledger's thread passes points as well */
	int trace;        /* a descriptor, 0: none */
} crash;

static void trace(const char *name)
{
	struct iovec line[] = {{(void *)(uintptr_t)name, strlen(name)}, {(void *)(uintptr_t)"\n", 1}};
	ssize_t n = writev(crash.trace, line, 2); /* one call: lines of two threads do not mix */

	(void)n;
}

void crash_point(const char *name)
{
	if (crash.trace > 0)
		trace(name);
	if (crash.name[0] == 0 || strcmp(name, crash.name) != 0)
		return;
	if (atomic_fetch_sub(&crash.left, 1) != 1)
		return;
	kill(getpid(), SIGKILL);
	for (;;) /* the signal is on its way, and nothing may happen before it */
		pause();
}

static bool arm(const char *order)
{
	const char *colon = strchr(order, ':');
	size_t len = colon != NULL ? (size_t)(colon - order) : 0;
	char *end;
	long n;

	if (len == 0 || len >= sizeof(crash.name))
		return false;
	n = strtol(colon + 1, &end, 10);
	if (n < 1 || *end != 0)
		return false;
	memcpy(crash.name, order, len);
	atomic_store(&crash.left, n);
	return true;
}

bool crash_arm(const char *order, const char *trace_path)
{
	if (trace_path != NULL) {
		crash.trace = open(trace_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		if (crash.trace <= 0)
			return false;
	}
	return order == NULL || order[0] == 0 || arm(order);
}

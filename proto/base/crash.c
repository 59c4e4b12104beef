/*
 * Crash points of a test build: counts the passings of one of them and ends the process there. It
 * owns the only state at file scope that the house allows, for two reasons: a point must be one
 * line wherever it stands, without a struct to carry through every room; and no build but this one
 * has the file. Where to die is told by main(), which reads it from the environment.
 */
#include "proto/base/crash.h"
#include "proto/base/check.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	char name[64];
	atomic_long left; /* passings until the end; the ledger's thread passes points as well */
	bool check;       /* a promise of our own is broken there */
} crash;

void crash_point(const char *name)
{
	if (crash.name[0] == 0 || strcmp(name, crash.name) != 0)
		return;
	if (atomic_fetch_sub(&crash.left, 1) != 1)
		return;
	check(!crash.check);
	kill(getpid(), SIGKILL);
	for (;;) /* the signal is on its way, and nothing may happen before it */
		pause();
}

bool crash_arm(const char *order)
{
	const char *colon;
	char *end;
	long n;

	if (order == NULL || order[0] == 0)
		return true;
	colon = strchr(order, ':');
	if (colon == NULL || colon == order || colon - order >= (long)sizeof(crash.name))
		return false;
	n = strtol(colon + 1, &end, 10);
	crash.check = *end == '!';
	if (n < 1 || end[crash.check ? 1 : 0] != 0)
		return false;
	memcpy(crash.name, order, (size_t)(colon - order));
	atomic_store(&crash.left, n);
	return true;
}

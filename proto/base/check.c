/*
 * The one place where a broken promise of our own ends the process. It prints the promise and
 * where it stood; nothing of the data it was about.
 */
#include "proto/base/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *expr, const char *file, int line)
{
	fprintf(stderr, "check failed: %s (%s:%d)\n", expr, file, line);
	abort();
}

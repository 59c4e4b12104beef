/*
 * Where the compiler's coverage counters lie. In a file of its own that has none: the linker's names of
 * the section must not be named where counters are made, or those are not found any more.
 */
#include "tests/fuzz/counters.h"

#ifdef __clang__
#define UNCOUNTED __attribute__((no_sanitize("coverage")))
#else
#define UNCOUNTED
#endif

/* Absent where nothing is counted: a build for replay only. */
extern uint8_t counters_begin[] __asm__("__start___sancov_cntrs")
    __attribute__((weak, visibility("hidden")));
extern uint8_t counters_end[] __asm__("__stop___sancov_cntrs")
    __attribute__((weak, visibility("hidden")));

UNCOUNTED size_t counters(uint8_t **at)
{
	*at = counters_begin;
	return counters_begin != NULL ? (size_t)(counters_end - counters_begin) : 0;
}

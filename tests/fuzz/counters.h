/* The counters by which a fuzzer learns what an input reached. */
#ifndef TGCLONE_TESTS_FUZZ_COUNTERS_H
#define TGCLONE_TESTS_FUZZ_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes; 0: there are none. */
size_t counters(uint8_t **at);

#endif

/* Messages of rare kinds at the source's end (whole_extra.c). */
#ifndef TGCLONE_TESTS_SIM_WHOLE_EXTRA_H
#define TGCLONE_TESTS_SIM_WHOLE_EXTRA_H

#include <stdint.h>

struct telegram;

enum { EXTRAS = 20 };
const char *extra_name(uint32_t kind);
/* Somebody says it; its id. n: so many were said before. */
int32_t extra_say(struct telegram *, uint32_t kind, uint32_t n);

#endif

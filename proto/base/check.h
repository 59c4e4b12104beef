/*
 * check(): our own mistakes stop the process, in every build. Never for what came from the peer,
 * the kernel or the disk.
 */
#ifndef TGCLONE_BASE_CHECK_H
#define TGCLONE_BASE_CHECK_H

_Noreturn void check_failed(const char *expr, const char *file, int line);

#define check(cond) ((cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__))

#define container_of(ptr, type, member)                                                            \
	((type *)(void *)((char *)(ptr) - __builtin_offsetof(type, member)))

#define countof(array) (sizeof(array) / sizeof((array)[0]))

#endif

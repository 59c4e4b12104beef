/*
 * What the kernel of this machine is set to, where it matters to long fast connections: read from
 * /proc and /sys, never written. What cannot be read is "not known".
 */
#ifndef TGCLONE_TOOLS_DOCTOR_SYS_H
#define TGCLONE_TOOLS_DOCTOR_SYS_H

#include <stddef.h>

enum { SYS_TEXT = 200 };

/* Who is told. mend: the command that would better it, "" when nothing is amiss. */
struct sys_ear {
	void (*tell)(void *ctx, const char *what, const char *value, const char *mend);
	void *ctx;
};

/* root: in front of /proc and /sys, "" for this machine. */
void sys_settings(const char *root, const struct sys_ear *);
/* Each network card's speed and queues. */
void sys_cards(const char *root, const struct sys_ear *);

/* The card that the default route goes through, and its speed in Mbit/s; -1: not known. */
long sys_route_speed(const char *root, char *name, size_t size);
/* "AMD EPYC 7R13" or "not known". */
void sys_processor(const char *root, char *out, size_t size);

#endif

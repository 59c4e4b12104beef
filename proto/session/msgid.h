/*
 * Message ids (messages.md 3): unix time * 2^32 of the server, divisible by 4, strictly rising.
 * For sessions and for the unencrypted messages of the key exchange alike.
 */
#ifndef TGCLONE_SESSION_MSGID_H
#define TGCLONE_SESSION_MSGID_H

#include <stdint.h>

/*
 * The next client id at this server time (ns since 1970); *last is the one before, 0 at the start. Its
 * low half is never empty.
 */
uint64_t msgid_next(uint64_t *last, int64_t unix_ns);
/* The time an id stands for, ns since 1970. */
int64_t msgid_time(uint64_t msg_id);

#endif

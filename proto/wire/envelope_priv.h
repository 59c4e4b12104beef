/* What envelope.c and relay.c share: the layout of a message and its checks. */
#ifndef TGCLONE_WIRE_ENVELOPE_PRIV_H
#define TGCLONE_WIRE_ENVELOPE_PRIV_H

#include "proto/wire/envelope.h"

enum {
	CLEAR_LEN = 8 + 16,
	HEAD_LEN = 8 + 8 + 8 + 4 + 4,
	PADDING_MIN = 12,
	PADDING_MAX = 1024,
};

/* Checks 1 to 3. Then the packet is the two heads and whole cipher blocks. */
enum envelope_fault envelope_check_clear(struct envelope_job *);
/* Check 4, by the whole hash that the plaintext has. */
enum envelope_fault envelope_check_hash(struct envelope_job *, const uint8_t large[32]);
/* Checks 6 and 7. Then the packet is the message data. */
enum envelope_fault envelope_check_lengths(struct envelope_job *);
/* The head of a message whose data is len bytes long. */
void envelope_put_head(uint8_t head[HEAD_LEN], const struct envelope_head *, uint32_t len);
/* The least padding that data of len bytes may have. */
uint32_t envelope_padding(uint32_t len);

#endif

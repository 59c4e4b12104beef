/* What the files of the framer share: obfuscated2 (obfs.c) for frame.c. */
#ifndef TGCLONE_WIRE_FRAME_PRIV_H
#define TGCLONE_WIRE_FRAME_PRIV_H

#include "proto/wire/frame.h"

/* Bytes of an intermediate or abridged length that are flags. */
#define FRAME_BIT_QUICK_ACK 0x80000000u

/* First 4 bytes of a connection that no obfuscated2 header may have (transport.md 6.1). */
bool obfs_prefix_taken(uint32_t first_int);
/* Whether init may open an obfuscated2 connection. */
bool obfs_init_allowed(const uint8_t init[64]);
/*
 * Client: keys from init (tag and dc filled in), header[64] as it goes on the wire; out stands
 * behind the header, in at its start. secret NULL or 16 bytes.
 */
void obfs_start_client(struct framer *, const uint8_t init[64], const uint8_t *secret,
		       uint8_t header[64]);
/* Server: a header as it came. False when its tag names no transport. */
bool obfs_start_server(struct framer *, const uint8_t header[64]);

/* The protocol tag of obfuscated2, and the first bytes of a plain connection. */
uint32_t obfs_tag(enum transport);

#endif

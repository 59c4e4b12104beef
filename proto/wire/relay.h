/*
 * A file part on its way through: opened as the answer it came in, sealed as the query it leaves
 * in, and hashed once for both (proto/crypto/fused.h). Three steps, because nothing of the first
 * message may be used before it was judged, and the second cannot be encrypted before it was
 * hashed:
 *
 *   relay_run   opens the arriving packets, hashes the leaving ones, encrypts those of last time
 *   relay_turn  the packet, judged and found to be what was expected, becomes the leaving plaintext
 *   relay_run   ... and is encrypted, beside the opening of the next ones
 *
 * The body does not move. Where it stands at the same place modulo 64 in both messages the hashes
 * share their work; any other place gives the same bytes, more slowly.
 */
#ifndef TGCLONE_WIRE_RELAY_H
#define TGCLONE_WIRE_RELAY_H

#include "proto/wire/envelope.h"

enum {
	RELAY_PEEK = 64,       /* plaintext bytes that relay_peek shows */
	RELAY_PREFIX_MAX = 40, /* of the leaving query in front of the body */
	RELAY_FRONT_MAX = 32 + RELAY_PREFIX_MAX,
	RELAY_BACK_MAX = 3 + ENVELOPE_TAILROOM,
};

struct relay_job {
	/* In: packet, key and dir; out: fault, head, quick_token; as with envelope_open_batch. */
	struct envelope_job open;
	/* In, of what leaves: key, head, the query's bytes before the body, random padding. */
	const struct auth_key *key;
	struct envelope_head head;
	uint8_t prefix[RELAY_PREFIX_MAX];
	uint32_t prefix_len; /* a multiple of 4 */
	uint32_t body_at;    /* of the arriving message data */
	uint32_t body_len;
	uint8_t padding[ENVELOPE_TAILROOM + 5];
	/* For relay_turn. */
	uint8_t front[RELAY_FRONT_MAX];
	uint8_t back[RELAY_BACK_MAX];
	uint32_t front_len, back_len;
	uint8_t hash[32];
	uint32_t body_offset; /* in the packet's memory */
};

/* A packet that relay_turn made, to be encrypted. */
struct relay_seal {
	struct buf *packet;
	const struct auth_key *key;
};

/*
 * The first bytes of an encrypted packet's plaintext (head included), without touching it, to see
 * what it may be. Not authenticated: nothing may be believed, only prepared for. False: too short.
 */
bool relay_peek(const struct buf *packet, const struct auth_key *, enum msg_dir,
		uint8_t plain[RELAY_PEEK]);
/* How long the leaving message's data is: prefix, body, and TL's padding of the body. */
uint32_t relay_data_len(const struct relay_job *);
/* A body that does not lie inside the arriving packet makes it ENVELOPE_LENGTH. */
void relay_run(struct relay_job *jobs, size_t count, struct relay_seal *seals, size_t seal_count);
/*
 * packet: any window of the memory the message was opened in. After it: the leaving message, hashed
 * and not encrypted, its clear head in front. The memory has ENVELOPE_HEADROOM + prefix_len before
 * the body and ENVELOPE_TAILROOM + 3 behind it.
 */
void relay_turn(const struct relay_job *, struct buf *packet);
/* A packet that relay_turn made and that was not encrypted: the message data alone again. */
void relay_undo(struct buf *packet);

#endif

/*
 * The encrypted message (messages.md 1 and 15): sealed and opened in place, in batches, both sides.
 *
 *   auth_key_id 8 | msg_key 16 | salt 8 | session_id 8 | msg_id 8 | seq_no 4 | length 4 | data |
 * padding
 *   `-- in clear ------------' `-- AES-256-IGE
 * ----------------------------------------------------'
 */
#ifndef TGCLONE_WIRE_ENVELOPE_H
#define TGCLONE_WIRE_ENVELOPE_H

#include "proto/base/buf.h"
#include "proto/crypto/authkey.h"

enum {
	ENVELOPE_HEADROOM = 8 + 16 + 32,
	ENVELOPE_TAILROOM = 12 + 15, /* least padding; what envelope_seal adds */
	ENVELOPE_MIN = 24 + 48,
};

enum envelope_fault {
	ENVELOPE_SOUND,
	ENVELOPE_SHORT,   /* check 1 */
	ENVELOPE_KEY_ID,  /* check 2 */
	ENVELOPE_MSG_KEY, /* check 4 */
	ENVELOPE_LENGTH,  /* check 6 */
	ENVELOPE_PADDING, /* check 7 */
	/* check 5 (session_id) and 8-10 are the session's: the head is in the job */
};

struct envelope_head {
	uint64_t salt;
	uint64_t session_id;
	uint64_t msg_id;
	uint32_t seq_no;
};

struct envelope_job {
	struct buf *packet; /* in and out, see below */
	const struct auth_key *key;
	struct envelope_head head; /* seal: in; open: out */
	enum msg_dir dir;          /* who wrote the message */
	enum envelope_fault fault; /* open: out */
	uint32_t quick_token;      /* open and seal: out, first int of msg_key_large | 0x80000000 */
	uint8_t padding[ENVELOPE_TAILROOM + 5]; /* seal: in, random bytes */
};

/*
 * open: packet holds the payload of a frame; after it, exactly the message data (head pulled,
 * padding trimmed). The order of checks is the one of messages.md 15; the msg_key comparison is in
 * constant time over the whole plaintext and stands before any use of a decrypted field. On a fault
 * the packet's content is undefined.
 */
void envelope_open_batch(struct envelope_job *jobs, size_t count);
/*
 * seal: packet holds the message data (a multiple of 4), with ENVELOPE_HEADROOM and
 * ENVELOPE_TAILROOM around it; after it, the whole encrypted payload, ready for frame_wrap.
 */
void envelope_seal_batch(struct envelope_job *jobs, size_t count);
/* Both at once, for whoever has both: the hash takes more messages side by side. */
void envelope_batch(struct envelope_job *opens, size_t open_count, struct envelope_job *seals,
		    size_t seal_count);

/*
 * A sealed packet of our own that was never answered is opened again, so that no second copy has
 * to be held: as open, with the direction it was sealed in. check()s that it is sound.
 */
void envelope_reopen(struct envelope_job *);

/* Unencrypted messages of the key exchange (auth_key.md 2). */
enum { PLAIN_HEADROOM = 20 };
void plain_seal(struct buf *packet, uint64_t msg_id);
/* False when it is none. packet becomes the message data (padding inside message_length included).
 */
bool plain_open(struct buf *packet, uint64_t *msg_id);

#endif

/*
 * The client half of the key exchange (auth_key.md), with every check of its section 5. Sans I/O: a
 * message in, a message out. Expensive steps (factoring, exponentiation) run inside; each is some
 * milliseconds. Anything wrong ends it for good: start again with fresh randomness on a new
 * connection.
 */
#ifndef TGCLONE_SESSION_HANDSHAKE_H
#define TGCLONE_SESSION_HANDSHAKE_H

#include "proto/base/buf.h"
#include "proto/crypto/authkey.h"
#include "proto/crypto/rsa.h"

enum {
	HANDSHAKE_B_MAX =
	    4, /* exponents: the first, and one a dh_gen_retry or a g_b out of range */
	HANDSHAKE_PAD_MAX = 16, /* RSA_PAD attempts: at most about half of them miss */
	HANDSHAKE_OUT_MAX = 512,
};

/* Fresh random bytes for a whole handshake; a copy is kept inside and wiped at the end. */
struct handshake_random {
	uint8_t nonce[16], new_nonce[32];
	uint8_t b[HANDSHAKE_B_MAX][256];
	uint8_t padding[HANDSHAKE_B_MAX][16];
	uint8_t rsa_pad[HANDSHAKE_PAD_MAX][RSA_PAD_RANDOM];
	uint8_t group[64];
};
enum { HANDSHAKE_RANDOM = sizeof(struct handshake_random) };

enum handshake_status {
	HANDSHAKE_SEND,   /* out holds a message to be sent unencrypted; then wait for the answer */
	HANDSHAKE_DONE,   /* result is filled in */
	HANDSHAKE_FAILED, /* fault says why */
};

enum handshake_fault {
	HANDSHAKE_SOUND,
	HANDSHAKE_TL,         /* not the object that was due, or cut */
	HANDSHAKE_NONCE,      /* checks 1, 5, 8, 13 */
	HANDSHAKE_NO_RSA_KEY, /* check 2 */
	HANDSHAKE_PQ,         /* check 3 */
	HANDSHAKE_ANSWER,     /* checks 6, 7 */
	HANDSHAKE_GROUP,      /* checks 9, 10 */
	HANDSHAKE_PUBLIC,     /* checks 11, 12 */
	HANDSHAKE_HASH,       /* check 14 */
	HANDSHAKE_REFUSED,    /* server_DH_params_fail, dh_gen_fail */
	HANDSHAKE_RETRIES,    /* dh_gen_retry without end */
	HANDSHAKE_UNLUCKY,    /* the random bytes gave no number below the RSA modulus */
};

struct handshake_result {
	struct auth_key key;
	uint64_t salt;
	int64_t server_time; /* s since 1970, as of the server's answer */
};

struct handshake {
	enum handshake_fault fault;
	uint32_t phase;
	const struct rsa_public *rsa; /* lent until the answer to req_pq_multi */
	uint32_t rsa_count;
	int32_t dc;
	int32_t expires_in; /* > 0: temporary key */
	struct handshake_random random;
	uint32_t b_used;
	uint8_t server_nonce[16];
	uint8_t aes_key[32], aes_iv[32];
	uint8_t p[256], g_a[256];
	uint32_t g;
	uint64_t retry_id;
	struct handshake_result result;
};

/*
 * dc as p_q_inner_data_dc wants it (+10000 test, negative media). out is an empty buf with
 * HANDSHAKE_OUT_MAX of tailroom (and the caller's headroom for plain_seal and frame_wrap); it
 * receives req_pq_multi. random: HANDSHAKE_RANDOM bytes.
 */
enum handshake_status handshake_start(struct handshake *, const struct rsa_public *,
				      uint32_t rsa_count, int32_t dc, int32_t expires_in,
				      const uint8_t random[HANDSHAKE_RANDOM], struct buf *out);
/* in: message data of the server's unencrypted message. out: as above, empty again. */
enum handshake_status handshake_consume(struct handshake *, struct cspan in, struct buf *out);
/* Wipes all of it but the fault. To be called at every end, once the result was copied. */
void handshake_wipe(struct handshake *);

#endif

/*
 * The server half of the key exchange (auth_key.md), sans I/O: one unencrypted message in, one out,
 * fresh randomness as an argument. A wrong, late or malformed message is refused as real servers do
 * it, by a transport error; the struct lives in one connection.
 *
 *   IDLE --req_pq--> PQ --req_DH_params--> DH --set_client_DH_params--> (verdict) --> DONE
 *
 * An identical message within 10 minutes gets the identical answer, without any effect.
 */
#ifndef TGSIM_DC_HANDSHAKE_H
#define TGSIM_DC_HANDSHAKE_H

#include "proto/base/buf.h"
#include "proto/crypto/authkey.h"
#include "proto/crypto/rsa.h"

enum {
	DC_HS_ANSWER_MAX = 960, /* longest answer with its padding */
	DC_HS_TAIL_MAX = 240,
	DC_HS_REPEAT_S = 600,
	DC_HS_STEPS = 3,
};

/* What the exchange needs to know about the address that was asked. */
struct dc_hs_site {
	const struct rsa_private *rsa;
	uint64_t fingerprint; /* of rsa */
	uint64_t decoy;       /* announced before it when not 0, as real servers list old keys */
	int dc;
	bool media; /* a media-only address: negative numbers are right here */
	bool test;  /* test servers: numbers + 10000 */
};

/* Fresh for every message; p and q are primes below 2^31. */
struct dc_hs_random {
	uint8_t server_nonce[16];
	uint32_t p, q;
	uint8_t a[256];
	uint8_t padding[16];          /* behind the encrypted answer */
	uint8_t tail[DC_HS_TAIL_MAX]; /* inside message_length, behind the object */
	uint32_t tail_len;
};

enum dc_hs_outcome {
	DC_HS_ANSWER,   /* out holds the answer */
	DC_HS_OFFER,    /* a key was agreed on: call dc_hs_verdict */
	DC_HS_REFUSED,  /* transport error -404 */
	DC_HS_WRONG_DC, /* transport error -444 */
};

enum dc_hs_verdict { DC_HS_OK, DC_HS_RETRY, DC_HS_FAIL };

enum dc_hs_phase { DC_HS_IDLE, DC_HS_PQ, DC_HS_DH, DC_HS_DONE };

struct dc_hs_memory {
	int64_t at; /* ns; 0: empty */
	uint8_t digest[20];
	uint32_t answer_len;
	uint8_t answer[DC_HS_ANSWER_MAX];
};

struct dc_hs {
	enum dc_hs_phase phase;
	const char *why; /* of the last refusal, for logs */
	uint8_t nonce[16], server_nonce[16], new_nonce[32];
	uint8_t pq[8], p[4], q[4];
	uint8_t aes_key[32], aes_iv[32];
	uint8_t a[256], g_b[256];
	uint64_t retry_id;
	bool old_rsa; /* the SHA-1 scheme was used */
	/* results, valid with DC_HS_OFFER and after DC_HS_OK */
	struct auth_key key;
	uint64_t salt;
	bool temporary;
	int32_t expires_in;
	/* the message in hand, and the last ones answered */
	uint8_t digest[20];
	struct dc_hs_memory memory[DC_HS_STEPS];
};

void dc_hs_init(struct dc_hs *);
/* in: message data. out: empty, with room for DC_HS_ANSWER_MAX. now: server time, ns since 1970. */
enum dc_hs_outcome dc_hs_consume(struct dc_hs *, const struct dc_hs_site *, struct cspan in,
				 int64_t now, const struct dc_hs_random *, struct buf *out);
/* After DC_HS_OFFER: writes dh_gen_ok, dh_gen_retry or dh_gen_fail. */
void dc_hs_verdict(struct dc_hs *, enum dc_hs_verdict, int64_t now, const struct dc_hs_random *,
		   struct buf *out);
/* Every secret goes. */
void dc_hs_wipe(struct dc_hs *);

#endif

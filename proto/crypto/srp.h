/*
 * SRP for the two-step password (api.md 3): the client half and, for a simulated server, the other.
 * All numbers are 256 bytes big-endian.
 */
#ifndef TGCLONE_CRYPTO_SRP_H
#define TGCLONE_CRYPTO_SRP_H

#include "proto/base/bytes.h"

struct srp_algo {
	struct cspan salt1, salt2;
	uint32_t g;
	struct cspan p; /* 256 bytes */
};

/* x = PH2(password): 100,000 rounds of PBKDF2, tens of milliseconds. Wipe it. */
void srp_password_hash(uint8_t x[32], const struct srp_algo *, struct cspan password);
/* v = g^x mod p, what a server stores. */
void srp_verifier(uint8_t v[256], const struct srp_algo *, const uint8_t x[32]);

/*
 * The middle of srp_client: A and M1 from x, without looking at the ranges of A and B. False: u = 0
 * or the base of the secret is 0 (a server that knows no verifier could send such a B).
 */
bool srp_proof(uint8_t A[256], uint8_t M1[32], const struct srp_algo *, const uint8_t x[32],
	       const uint8_t B[256], const uint8_t a[256]);
/* False: srp_B out of range, a to be drawn again, or u = 0. The group was checked by the caller. */
bool srp_client(uint8_t A[256], uint8_t M1[32], const struct srp_algo *, struct cspan password,
		struct cspan srp_B, const uint8_t a[256]);

/* B = k*v + g^b */
void srp_server_public(uint8_t B[256], const struct srp_algo *, const uint8_t v[256],
		       const uint8_t b[256]);
bool srp_server_check(const struct srp_algo *, const uint8_t v[256], const uint8_t b[256],
		      struct cspan A, struct cspan M1);

#endif

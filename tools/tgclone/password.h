/* The two-step password as what is sent of it (api.md 3): a proof that tells nothing else. */
#ifndef TGCLONE_TOOLS_PASSWORD_H
#define TGCLONE_TOOLS_PASSWORD_H

#include "proto/crypto/srp.h"

struct password_proof {
	uint8_t a[256], m1[32]; /* A and M1 */
};

/*
 * draw: fresh random bytes from the caller. False: with the server's numbers no proof is safe, and there is
 * none in out, which is all zero then.
 */
bool password_prove(struct password_proof *out, const struct srp_algo *, struct cspan srp_B,
		    const char *password, void (*draw)(void *ctx, void *at, size_t len), void *ctx);

#endif

/* Owns the secret exponent, for as long as the proof is made. */
#include "tools/tgclone/password.h"

#include "proto/crypto/dh.h"

enum { TRIES = 8 }; /* a good exponent is refused once in very many */

bool password_prove(struct password_proof *out, const struct srp_algo *algo, struct cspan srp_B,
		    const char *password, void (*draw)(void *ctx, void *at, size_t len), void *ctx)
{
	uint8_t secret[256], bases[64];
	bool good = false;

	draw(ctx, bases, sizeof(bases));
	if (algo->p.len == 256 && dh_check_group(algo->p, algo->g, bases) == DH_SOUND) {
		for (int i = 0; i < TRIES && !good; i++) {
			draw(ctx, secret, sizeof(secret));
			good = srp_client(out->a, out->m1, algo, cspan_str(password), srp_B, secret);
		}
		bytes_wipe(secret, sizeof(secret));
	}
	if (!good)
		*out = (struct password_proof){.a = {0}};
	return good;
}

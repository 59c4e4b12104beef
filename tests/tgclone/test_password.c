/* The proof of a password, and what is never sent instead of one. */
#include "tools/tgclone/password.h"

#include "proto/base/check.h"
#include "proto/crypto/dh.h"

#include <criterion/criterion.h>

static void random_of(void *ctx, void *at, size_t len)
{
	memset(at, 0x5a + (*(int *)ctx)++, len);
}

/* What lay there before must not go to a server. */
static struct password_proof used(void)
{
	struct password_proof p;

	memset(&p, 0xee, sizeof(p));
	return p;
}

static bool all_zero(const struct password_proof *p)
{
	static const struct password_proof none;

	return memcmp(p, &none, sizeof(none)) == 0;
}

Test(password, numbers_that_are_not_safe_get_no_proof)
{
	static const uint8_t zero[256], one[256] = {[255] = 1};
	struct srp_algo algo = {cspan_str("salt one"), cspan_str("salt two"), 3, cspan_of(dh_known_prime, 256)};
	struct srp_algo even = algo;
	struct password_proof p = used();
	uint8_t p_even[256], b[256], v[256], B[256], x[32];
	int calls = 0;

	memset(b, 0x77, sizeof(b));
	srp_password_hash(x, &algo, cspan_str("secret"));
	srp_verifier(v, &algo, x);
	srp_server_public(B, &algo, v, b);
	cr_assert(password_prove(&p, &algo, cspan_of(B, 256), "secret", random_of, &calls));
	cr_assert_not(all_zero(&p));
	p = used();
	cr_assert_not(password_prove(&p, &algo, cspan_of(zero, 256), "secret", random_of, &calls));
	cr_assert(all_zero(&p));
	p = used();
	cr_assert_not(password_prove(&p, &algo, cspan_of(one, 256), "secret", random_of, &calls));
	cr_assert(all_zero(&p));
	memcpy(p_even, algo.p.at, 256);
	p_even[255] ^= 1;
	even.p = cspan_of(p_even, 256);
	p = used();
	cr_assert_not(password_prove(&p, &even, cspan_of(B, 256), "secret", random_of, &calls));
	cr_assert(all_zero(&p));
	even.p = cspan_of(NULL, 0); /* the account has no password */
	cr_assert_not(password_prove(&p, &even, cspan_of(NULL, 0), "secret", random_of, &calls));
}

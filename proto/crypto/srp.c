/*
 * SRP-6a with a 2048-bit group and SHA-256, both halves (api.md 3). Every number that is hashed is
 * written as 256 bytes. Secrets live in BIGNUMs that are cleared when freed and in arrays that are
 * wiped at the one exit of their function.
 */
#include "proto/crypto/srp.h"

#include "proto/crypto/bn_priv.h"
#include "proto/crypto/dh.h"
#include "proto/crypto/digest.h"

#include <openssl/evp.h>

enum { PASSWORD_ROUNDS = 100000 };

/* SHA256(salt + data + salt) */
static void salted(uint8_t out[32], struct cspan data, struct cspan salt)
{
	struct cspan parts[3] = {salt, data, salt};

	digest_sha256(out, parts, 3);
}

void srp_password_hash(uint8_t x[32], const struct srp_algo *algo, struct cspan password)
{
	uint8_t first[32], second[32], slow[64];

	salted(first, password, algo->salt1);
	salted(second, cspan_of(first, 32), algo->salt2);
	check(PKCS5_PBKDF2_HMAC((const char *)second, 32, algo->salt1.at, (int)algo->salt1.len,
				PASSWORD_ROUNDS, EVP_sha512(), 64, slow) == 1);
	salted(x, cspan_of(slow, 64), algo->salt2);
	bytes_wipe(first, sizeof(first));
	bytes_wipe(second, sizeof(second));
	bytes_wipe(slow, sizeof(slow));
}

void srp_verifier(uint8_t v[256], const struct srp_algo *algo, const uint8_t x[32])
{
	dh_modexp_g(v, algo->g, cspan_of(x, 32), algo->p);
}

static void pad_256(uint8_t out[256], struct cspan number)
{
	check(number.len <= 256);
	memset(out, 0, 256);
	if (number.len > 0)
		memcpy(out + 256 - number.len, number.at, number.len);
}

static void pad_g(uint8_t out[256], uint32_t g)
{
	memset(out, 0, 256);
	store_be32(out + 252, g);
}

static BIGNUM *hash_of_two(const uint8_t a[256], const uint8_t b[256])
{
	struct cspan parts[2] = {{a, 256}, {b, 256}};
	uint8_t h[32];

	digest_sha256(h, parts, 2);
	return bn_of(cspan_of(h, 32));
}

/* k = H(p | g) */
static BIGNUM *multiplier(const struct srp_algo *algo)
{
	uint8_t g[256];

	pad_g(g, algo->g);
	return hash_of_two(algo->p.at, g);
}

/* M1 = H((H(p) xor H(g)) | H(salt1) | H(salt2) | A | B | H(S)) */
static void proof(uint8_t M1[32], const struct srp_algo *algo, const uint8_t A[256],
		  const uint8_t B[256], const uint8_t S[256])
{
	uint8_t g[256], h[4][32], session[32];
	struct cspan plain[4] = {algo->p, {g, 256}, algo->salt1, algo->salt2};
	struct cspan secret = {S, 256};
	struct cspan parts[6];

	pad_g(g, algo->g);
	for (int i = 0; i < 4; i++)
		digest_sha256(h[i], &plain[i], 1);
	for (int i = 0; i < 32; i++)
		h[0][i] = (uint8_t)(h[0][i] ^ h[1][i]);
	digest_sha256(session, &secret, 1);
	parts[0] = cspan_of(h[0], 32);
	parts[1] = cspan_of(h[2], 32);
	parts[2] = cspan_of(h[3], 32);
	parts[3] = cspan_of(A, 256);
	parts[4] = cspan_of(B, 256);
	parts[5] = cspan_of(session, 32);
	digest_sha256(M1, parts, 6);
	bytes_wipe(session, sizeof(session));
}

/* S = (B - k * g^x)^(a + u * x) mod p; false when the base is 0. The exponent is not reduced. */
static bool client_secret(uint8_t S[256], const struct srp_algo *algo, const uint8_t x_bytes[32],
			  const uint8_t a_bytes[256], const uint8_t B_bytes[256], const BIGNUM *u)
{
	BN_CTX *ctx = bn_ctx();
	BIGNUM *p = bn_of(algo->p), *x = bn_of(cspan_of(x_bytes, 32));
	BIGNUM *a = bn_of(cspan_of(a_bytes, 256)), *t = bn_of(cspan_of(B_bytes, 256));
	BIGNUM *k = multiplier(algo), *v = bn_new(), *g = bn_of_word(algo->g);
	bool ok;

	bn_power(v, g, x, p, ctx);
	check(BN_mod_mul(v, k, v, p, ctx) == 1);
	check(BN_mod_sub(t, t, v, p, ctx) == 1);
	ok = !BN_is_zero(t);
	check(BN_mul(x, u, x, ctx) == 1);
	check(BN_add(a, a, x) == 1);
	bn_power(v, t, a, p, ctx);
	bn_put(S, v);
	bn_drop(g);
	bn_drop(v);
	bn_drop(k);
	bn_drop(t);
	bn_drop(a);
	bn_drop(x);
	bn_drop(p);
	BN_CTX_free(ctx);
	return ok;
}

bool srp_proof(uint8_t A[256], uint8_t M1[32], const struct srp_algo *algo, const uint8_t x[32],
	       const uint8_t B[256], const uint8_t a[256])
{
	uint8_t S[256];
	BIGNUM *u;
	bool ok;

	check(algo->p.len == 256);
	dh_modexp_g(A, algo->g, cspan_of(a, 256), algo->p);
	u = hash_of_two(A, B);
	ok = !BN_is_zero(u) && client_secret(S, algo, x, a, B, u);
	if (ok)
		proof(M1, algo, A, B, S);
	bytes_wipe(S, sizeof(S));
	bn_drop(u);
	return ok;
}

bool srp_client(uint8_t A[256], uint8_t M1[32], const struct srp_algo *algo, struct cspan password,
		struct cspan srp_B, const uint8_t a[256])
{
	uint8_t x[32], B[256];
	bool ok;

	if (dh_check_public(algo->p, srp_B) != DH_SOUND)
		return false;
	pad_256(B, srp_B);
	srp_password_hash(x, algo, password);
	ok = srp_proof(A, M1, algo, x, B, a);
	bytes_wipe(x, sizeof(x));
	return ok && dh_check_public(algo->p, cspan_of(A, 256)) == DH_SOUND;
}

void srp_server_public(uint8_t B[256], const struct srp_algo *algo, const uint8_t v[256],
		       const uint8_t b[256])
{
	BN_CTX *ctx = bn_ctx();
	BIGNUM *p = bn_of(algo->p), *k = multiplier(algo), *verifier = bn_of(cspan_of(v, 256));
	BIGNUM *sum;

	dh_modexp_g(B, algo->g, cspan_of(b, 256), algo->p);
	sum = bn_of(cspan_of(B, 256));
	check(BN_mod_mul(verifier, k, verifier, p, ctx) == 1);
	check(BN_mod_add(sum, sum, verifier, p, ctx) == 1);
	bn_put(B, sum);
	bn_drop(sum);
	bn_drop(verifier);
	bn_drop(k);
	bn_drop(p);
	BN_CTX_free(ctx);
}

/* S = (A * v^u)^b mod p */
static void server_secret(uint8_t S[256], const struct srp_algo *algo, const uint8_t v_bytes[256],
			  const uint8_t b_bytes[256], const uint8_t A_bytes[256], BIGNUM *u)
{
	BN_CTX *ctx = bn_ctx();
	BIGNUM *p = bn_of(algo->p), *v = bn_of(cspan_of(v_bytes, 256));
	BIGNUM *b = bn_of(cspan_of(b_bytes, 256)), *A = bn_of(cspan_of(A_bytes, 256));
	BIGNUM *base = bn_new();

	bn_power(base, v, u, p, ctx);
	check(BN_mod_mul(A, A, base, p, ctx) == 1);
	bn_power(base, A, b, p, ctx);
	bn_put(S, base);
	bn_drop(base);
	bn_drop(A);
	bn_drop(b);
	bn_drop(v);
	bn_drop(p);
	BN_CTX_free(ctx);
}

bool srp_server_check(const struct srp_algo *algo, const uint8_t v[256], const uint8_t b[256],
		      struct cspan A, struct cspan M1)
{
	uint8_t padded[256], B[256], S[256], expected[32];
	BIGNUM *u;

	if (M1.len != 32 || dh_check_public(algo->p, A) != DH_SOUND)
		return false;
	pad_256(padded, A);
	srp_server_public(B, algo, v, b);
	u = hash_of_two(padded, B);
	server_secret(S, algo, v, b, padded, u);
	proof(expected, algo, padded, B, S);
	bytes_wipe(S, sizeof(S));
	bn_drop(u);
	return bytes_equal_ct(expected, M1.at, 32);
}

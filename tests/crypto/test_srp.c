/* SRP: every intermediate of the vectors, both sides against each other, and what must be refused.
 */
#include "proto/crypto/srp.h"
#include "proto/crypto/dh.h"
#include "tests/crypto/kernels.h"
#include "tests/vectors/hex.h"
#include "tests/vectors/srp.h"

#include <criterion/criterion.h>

struct salts {
	uint8_t salt1[64], salt2[64];
	struct srp_algo algo;
};

static const struct srp_algo *load(struct salts *s, const struct vec_srp *v)
{
	s->algo.salt1 = vec_span(s->salt1, 64, v->salt1);
	s->algo.salt2 = vec_span(s->salt2, 64, v->salt2);
	s->algo.g = 3;
	s->algo.p = cspan_of(dh_known_prime, 256);
	return &s->algo;
}

Test(srp, password_and_verifier)
{
	for (size_t i = 0; i < countof(vec_srp); i++) {
		const struct vec_srp *row = &vec_srp[i];
		uint8_t x[32], v[256];
		struct salts s;

		srp_password_hash(x, load(&s, row), cspan_str(row->password));
		cr_assert(vec_equal(x, 32, row->x), "%s", row->name);
		srp_verifier(v, &s.algo, x);
		cr_assert(vec_equal(v, 256, row->v), "%s", row->name);
	}
}

Test(srp, proof)
{
	for (size_t i = 0; i < countof(vec_srp); i++) {
		const struct vec_srp *row = &vec_srp[i];
		uint8_t x[32], a[256], B[256], A[256], M1[32];
		struct salts s;

		if (row->M1 == NULL)
			continue;
		vec_bytes(x, 32, row->x);
		vec_bytes(a, 256, row->a);
		vec_bytes(B, 256, row->B);
		cr_assert(srp_proof(A, M1, load(&s, row), x, B, a));
		cr_assert(vec_equal(A, 256, row->A), "%s", row->name);
		cr_assert(vec_equal(M1, 32, row->M1), "%s", row->name);
	}
}

/* The whole client; a = 1 gives A = 3, which is out of range and to be drawn again. */
Test(srp, client)
{
	for (size_t i = 0; i < countof(vec_srp); i++) {
		const struct vec_srp *row = &vec_srp[i];
		bool drawn_again = strcmp(row->name, "a_is_1") == 0;
		uint8_t a[256], B[256], A[256], M1[32];
		struct salts s;

		if (row->M1 == NULL)
			continue;
		vec_bytes(a, 256, row->a);
		cr_assert_eq(srp_client(A, M1, load(&s, row), cspan_str(row->password),
					vec_span(B, 256, row->B), a),
			     !drawn_again, "%s", row->name);
		if (!drawn_again)
			cr_assert(vec_equal(M1, 32, row->M1), "%s", row->name);
	}
}

Test(srp, server)
{
	for (size_t i = 0; i < countof(vec_srp); i++) {
		const struct vec_srp *row = &vec_srp[i];
		uint8_t v[256], b[256], A[256], B[256], M1[32];
		struct salts s;

		if (row->b == NULL)
			continue;
		load(&s, row);
		vec_bytes(v, 256, row->v);
		vec_bytes(b, 256, row->b);
		vec_bytes(A, 256, row->A);
		vec_bytes(M1, 32, row->M1);
		srp_server_public(B, &s.algo, v, b);
		cr_assert(vec_equal(B, 256, row->B), "%s", row->name);
		cr_assert(srp_server_check(&s.algo, v, b, cspan_of(A, 256), cspan_of(M1, 32)));
		cr_assert_not(srp_server_check(&s.algo, v, b, cspan_of(A, 256), cspan_of(M1, 31)));
		M1[31] ^= 1;
		cr_assert_not(srp_server_check(&s.algo, v, b, cspan_of(A, 256), cspan_of(M1, 32)));
		cr_assert_not(srp_server_check(&s.algo, v, b, cspan_of(A, 0), cspan_of(M1, 32)));
	}
}

/* Both halves with fresh secrets; another password does not get in. */
Test(srp, both_sides_agree)
{
	struct srp_algo algo = {cspan_str("one salt of its own"), cspan_str("second salt"), 3,
				cspan_of(dh_known_prime, 256)};
	uint8_t x[32], v[256], a[256], b[256], A[256], B[256], M1[32];
	uint64_t seed = 61;

	srp_password_hash(x, &algo, cspan_str("right"));
	srp_verifier(v, &algo, x);
	for (int i = 0; i < 4; i++) {
		random_fill(&seed, a, 256);
		random_fill(&seed, b, 256);
		srp_server_public(B, &algo, v, b);
		cr_assert(srp_client(A, M1, &algo, cspan_str("right"), cspan_of(B, 256), a));
		cr_assert(srp_server_check(&algo, v, b, cspan_of(A, 256), cspan_of(M1, 32)));
		cr_assert(srp_client(A, M1, &algo, cspan_str("wrong"), cspan_of(B, 256), a));
		cr_assert_not(srp_server_check(&algo, v, b, cspan_of(A, 256), cspan_of(M1, 32)));
	}
}

/* The right password behind an A that gives the secret away. */
Test(srp, server_refuses_a_public_value_out_of_range)
{
	struct srp_algo algo = {cspan_str("a"), cspan_str("b"), 3, cspan_of(dh_known_prime, 256)};
	uint8_t x[32] = {9}, v[256], a[256] = {0}, b[256], A[256], B[256], M1[32];
	uint64_t seed = 63;

	random_fill(&seed, b, 256);
	srp_verifier(v, &algo, x);
	srp_server_public(B, &algo, v, b);
	a[255] = 1; /* A = 3 */
	cr_assert(srp_proof(A, M1, &algo, x, B, a));
	cr_expect_not(srp_server_check(&algo, v, b, cspan_of(A, 256), cspan_of(M1, 32)));
	random_fill(&seed, a, 256);
	cr_assert(srp_proof(A, M1, &algo, x, B, a));
	cr_expect(srp_server_check(&algo, v, b, cspan_of(A, 256), cspan_of(M1, 32)));
}

/* B = 0, p, p - 1, 1, too long: none is answered. */
Test(srp, bad_server_values)
{
	struct srp_algo algo = {cspan_str("a"), cspan_str("b"), 3, cspan_of(dh_known_prime, 256)};
	uint8_t a[256], A[256], M1[32], B[257] = {0};
	uint64_t seed = 62;

	random_fill(&seed, a, 256);
	cr_assert_not(srp_client(A, M1, &algo, cspan_str("p"), cspan_of(B, 256), a));
	cr_assert_not(srp_client(A, M1, &algo, cspan_str("p"), cspan_of(B, 0), a));
	cr_assert_not(srp_client(A, M1, &algo, cspan_str("p"), cspan_of(B, 257), a));
	B[255] = 1;
	cr_assert_not(srp_client(A, M1, &algo, cspan_str("p"), cspan_of(B, 256), a));
	memcpy(B, dh_known_prime, 256);
	cr_assert_not(srp_client(A, M1, &algo, cspan_str("p"), cspan_of(B, 256), a));
	B[255]--;
	cr_assert_not(srp_client(A, M1, &algo, cspan_str("p"), cspan_of(B, 256), a));
}

static uint8_t wiped_x[32], wiped_S[256];
static unsigned x_wiped, S_wiped;

/* In front of the product's (meson.build: --wrap): what was wiped. A sanitizer's stack cannot be looked through. */
void __real_bytes_wipe(void *p, size_t n);
void __wrap_bytes_wipe(void *p, size_t n);
void __wrap_bytes_wipe(void *p, size_t n)
{
	x_wiped += n == 32 && memcmp(p, wiped_x, 32) == 0;
	S_wiped += n == 256 && memcmp(p, wiped_S, 256) == 0;
	__real_bytes_wipe(p, n);
}

/* The vector's x and S: the hash of the password and the shared secret, at the one exit of their functions. */
/* Rows: X5 */
Test(srp, hash_and_shared_secret_are_wiped)
{
	unsigned looked = 0;

	for (size_t i = 0; i < countof(vec_srp); i++) {
		const struct vec_srp *row = &vec_srp[i];
		uint8_t a[256], B[256], A[256], M1[32];
		struct salts s;

		if (row->M1 == NULL)
			continue;
		vec_bytes(wiped_x, 32, row->x);
		vec_bytes(wiped_S, 256, row->S);
		vec_bytes(a, 256, row->a);
		x_wiped = S_wiped = 0;
		srp_client(A, M1, load(&s, row), cspan_str(row->password),
			   vec_span(B, 256, row->B), a);
		cr_expect_eq(x_wiped, 1, "x, %s", row->name);
		cr_expect_eq(S_wiped, 1, "S, %s", row->name);
		looked++;
	}
	cr_assert_geq(looked, 2);
}

/* B = k * v makes the base of the secret 0: a server that knows only v would know the proof. */
Test(srp, base_of_zero_is_refused)
{
	const struct vec_srp *row = &vec_srp[1];
	uint8_t x[32], a[256], B[256], A[256], M1[32];
	struct salts s;

	vec_bytes(x, 32, row->x);
	vec_bytes(a, 256, row->a);
	vec_bytes(B, 256, row->k_v);
	cr_assert_not(srp_proof(A, M1, load(&s, row), x, B, a));
}

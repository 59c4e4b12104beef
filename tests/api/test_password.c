/* The proof of a password: the vectors' one, and servers that get none. */
#include "proto/api/password.h"

#include "proto/base/check.h"
#include "proto/crypto/dh.h"
#include "tests/vectors/hex.h"
#include "tests/vectors/srp.h"

#include <criterion/criterion.h>

static uint8_t memory[1 << 16];
static struct arena arena;
static struct password_random draws;
static const char *why;

static const struct vec_srp *vector(void)
{
	for (size_t i = 0; i < countof(vec_srp); i++)
		if (strcmp(vec_srp[i].password, "qwe123") == 0)
			return &vec_srp[i];
	cr_assert_fail("no such vector");
	return NULL;
}

static struct cspan bytes(const char *hex)
{
	size_t n = strlen(hex) / 2;
	uint8_t *at = arena_take(&arena, n);

	return cspan_of(at, vec_bytes(at, n, hex));
}

/* account.password of the vector. */
static struct tl_obj *info(void)
{
	struct tl_obj *o = tl_new(&arena, TLC_account_password);
	struct tl_obj *algo = tl_new(
	    &arena, TLC_passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow);

	tl_set_bytes(algo, TLF_salt1, bytes(vector()->salt1));
	tl_set_bytes(algo, TLF_salt2, bytes(vector()->salt2));
	tl_set_int(algo, TLF_g, 3);
	tl_set_bytes(algo, TLF_p, cspan_of(dh_known_prime, 256));
	tl_set_flag(o, TLF_has_password, true);
	tl_set_obj(o, TLF_current_algo, algo);
	tl_set_bytes(o, TLF_srp_B, bytes(vector()->B));
	tl_set_long(o, TLF_srp_id, 77);
	return o;
}

static struct tl_obj *algo_of(struct tl_obj *o)
{
	return (struct tl_obj *)(uintptr_t)tl_sub(o, TLF_current_algo);
}

static void start(void)
{
	arena_init(&arena, memory, sizeof(memory));
	vec_bytes(draws.secret[0], 256, vector()->a);
	why = NULL;
}

TestSuite(password, .init = start);

static const struct tl_obj *ask(const struct tl_obj *o)
{
	return password_ask(&arena, o, cspan_str("qwe123"), &draws, &why);
}

static void expect_proof(const struct tl_obj *query)
{
	const struct tl_obj *srp = tl_sub(query, TLF_password);
	struct cspan A = tl_bytes(srp, TLF_A), M1 = tl_bytes(srp, TLF_M1);

	cr_assert_eq(tl_cons(query), TLC_auth_checkPassword);
	cr_expect_eq(tl_long(srp, TLF_srp_id), 77);
	cr_expect(vec_equal(A.at, A.len, vector()->A));
	cr_expect(vec_equal(M1.at, M1.len, vector()->M1));
}

Test(password, proof_of_the_vector)
{
	expect_proof(ask(info()));
}

/* a = 1 is out of range: the next number is taken. */
Test(password, a_weak_secret_is_passed_over)
{
	memset(draws.secret, 0, sizeof(draws.secret));
	draws.secret[0][255] = 1;
	vec_bytes(draws.secret[1], 256, vector()->a);
	expect_proof(ask(info()));
	memset(draws.secret, 0, sizeof(draws.secret));
	cr_expect_null(ask(info()));
}

/* No number of this server is good for a proof: nothing is sent, not even what was in memory. */
Test(password, server_values_out_of_range)
{
	static uint8_t value[257];
	struct tl_obj *o = info();

	for (size_t len = 0; len <= 257; len += len == 0 ? 1 : 32) {
		tl_set_bytes(o, TLF_srp_B, cspan_of(value, len));
		cr_expect_null(ask(o), "%zu zero bytes", len);
	}
	value[255] = 1;
	tl_set_bytes(o, TLF_srp_B, cspan_of(value, 256));
	cr_expect_null(ask(o));
	memcpy(value, dh_known_prime, 256);
	cr_expect_null(ask(o), "p");
	value[255]--;
	cr_expect_null(ask(o), "p - 1");
	tl_unset(o, TLF_srp_B);
	cr_expect_null(ask(o), "none");
	cr_expect_not_null(why);
}

/* B = k * v: the secret would be 0 whatever the password. */
Test(password, a_server_that_knows_the_verifier_only)
{
	struct tl_obj *o = info();

	tl_set_bytes(o, TLF_srp_B, bytes(vector()->k_v));
	cr_expect_null(ask(o));
}

Test(password, groups_that_are_none)
{
	uint8_t p[256];
	struct tl_obj *o = info();

	tl_set_int(algo_of(o), TLF_g, 2);
	cr_expect_null(ask(o));
	o = info();
	memcpy(p, dh_known_prime, 256);
	p[255] ^= 2;
	tl_set_bytes(algo_of(o), TLF_p, cspan_of(p, 256));
	cr_expect_null(ask(o));
	p[255] ^= 3; /* even: no modulus for the powers */
	cr_expect_null(ask(o));
	tl_set_bytes(algo_of(o), TLF_p, cspan_of(dh_known_prime, 255));
	cr_expect_null(ask(o));
}

Test(password, no_password_or_another_way_of_asking)
{
	struct tl_obj *o = info();

	tl_set_obj(o, TLF_current_algo, tl_new(&arena, TLC_passwordKdfAlgoUnknown));
	cr_expect_null(ask(o));
	cr_expect_str_eq(why, "the server asks for the password in a way that is not known here");
	tl_unset(o, TLF_current_algo);
	cr_expect_null(ask(o));
}

Test(password, a_full_arena)
{
	struct tl_obj *o = info();

	for (size_t left = 0; left < 900; left += 4) {
		struct arena small;

		arena_init(&small, memory + sizeof(memory) / 2, left);
		if (password_ask(&small, o, cspan_str(""), &draws, &why) != NULL)
			return; /* it fits from here on */
	}
	cr_assert_fail("it never fits");
}

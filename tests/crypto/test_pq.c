/* Factoring: the vectors, products of random primes, and numbers that are no such product. */
#include "proto/crypto/pq.h"
#include "tests/crypto/kernels.h"
#include "tests/vectors/handshake.h"
#include "tests/vectors/hex.h"

#include <criterion/criterion.h>

Test(pq, vectors)
{
	for (size_t i = 0; i < countof(vec_pq); i++) {
		uint64_t p, q;

		cr_assert(pq_factor(vec_pq[i].pq, &p, &q), "row %zu", i);
		cr_assert_eq(p, vec_pq[i].p);
		cr_assert_eq(q, vec_pq[i].q);
	}
}

/* A sieve says the same for every number below a hundred thousand. */
Test(pq, primality_like_a_sieve)
{
	enum { TOP = 100000 };
	static bool composite[TOP];

	for (uint64_t n = 2; n < TOP; n++) {
		cr_assert_eq(pq_is_prime(n), !composite[n], "%lu", (unsigned long)n);
		for (uint64_t m = n * n; m < TOP; m += n)
			composite[m] = true;
	}
	cr_assert_not(pq_is_prime(0));
	cr_assert_not(pq_is_prime(1));
}

/* Composites that pass Miller-Rabin for the first 4, 6, 9 prime bases; and primes at the top. */
Test(pq, primality_of_hard_numbers)
{
	static const uint64_t composites[] = {3215031751u,           3474749660383u,
					      3825123056546413051u,  4759123141u,
					      18446744073709551615u, 9223372036854775807u};
	static const uint64_t primes[] = {18446744073709551557u, 9223372036854775783u, 4294967291u};

	for (size_t i = 0; i < countof(composites); i++)
		cr_assert_not(pq_is_prime(composites[i]), "row %zu", i);
	for (size_t i = 0; i < countof(primes); i++)
		cr_assert(pq_is_prime(primes[i]), "row %zu", i);
}

static uint64_t next_prime(uint64_t n)
{
	for (n |= 1; !pq_is_prime(n); n += 2)
		;
	return n;
}

Test(pq, products_of_random_primes)
{
	uint64_t seed = 41;

	for (int i = 0; i < 1000; i++) {
		uint32_t bits = 4 + random_u32(&seed) % 28;
		uint64_t a = next_prime(3 + (random_u32(&seed) >> (32 - bits)));
		uint64_t b = next_prime(a + 2 + random_u32(&seed) % (i % 2 ? 100 : 1u << 31));
		uint64_t p, q;

		cr_assert(pq_factor(a * b, &p, &q), "%lu * %lu", (unsigned long)a,
			  (unsigned long)b);
		cr_assert_eq(p, a);
		cr_assert_eq(q, b);
	}
}

Test(pq, what_is_no_product_of_two_primes)
{
	static const uint64_t bad[] = {
	    0,
	    1,
	    2,
	    3,
	    4,
	    6,
	    9,
	    14,
	    25,
	    27,
	    105,
	    1001,
	    2147483647,
	    2 * 2147483647u,       /* even */
	    4294967291u,           /* prime */
	    18446744073709551557u, /* prime, 64 bits */
	    18446744030759878681u, /* square of a prime */
	    18446744073709551615u, /* 3 * 5 * 17 * ... */
	    18446744073709551614u,
	    1009ull * 1013 * 1019,
	    2097143ull * 2097143 * 2097143,
	};
	uint64_t p = 77, q = 78;

	for (size_t i = 0; i < countof(bad); i++)
		cr_assert_not(pq_factor(bad[i], &p, &q), "row %zu", i);
	cr_assert(p == 77 && q == 78, "left alone");
}

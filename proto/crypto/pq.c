/*
 * Factoring a product of two primes below 2^32 each: Pollard's rho with Brent's cycle search, in
 * Montgomery form. Deterministic: same pq, same steps. The number comes from the peer, so every
 * loop here has a bound that holds for any input.
 */
#include "proto/crypto/pq.h"

#include <stddef.h>

enum {
	RHO_BATCH = 128,     /* differences multiplied up before one gcd */
	RHO_STEPS = 1 << 20, /* a factor of 2^32 is expected after some 2^16 */
	RHO_TRIES = 16,
};

/* Odd modulus n; numbers are held as a * 2^64 mod n. */
struct montgomery {
	uint64_t n;
	uint64_t inverse; /* n * inverse = 1 mod 2^64 */
	uint64_t one;
};

static uint64_t mul_wide(uint64_t a, uint64_t b, uint64_t *high)
{
	__extension__ unsigned __int128 r = a;

	r *= b;
	*high = (uint64_t)(r >> 64);
	return (uint64_t)r;
}

static uint64_t mont_mul(const struct montgomery *m, uint64_t a, uint64_t b)
{
	uint64_t high, carry;
	uint64_t low = mul_wide(a, b, &high);

	mul_wide(low * m->inverse, m->n, &carry);
	return high >= carry ? high - carry : high - carry + m->n;
}

static void mont_init(struct montgomery *m, uint64_t n)
{
	m->n = n;
	m->inverse = n; /* right in 3 bits; each step doubles them */
	for (int i = 0; i < 5; i++)
		m->inverse *= 2 - n * m->inverse;
	m->one = (0 - n) % n;
}

static uint64_t mont_of(const struct montgomery *m, uint64_t a)
{
	__extension__ unsigned __int128 r = a;

	r <<= 64;
	return (uint64_t)(r % m->n);
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

/* One Miller-Rabin round for n - 1 = odd * 2^twos. */
static bool passes(const struct montgomery *m, uint64_t base, uint64_t odd, int twos)
{
	uint64_t minus_one = m->n - m->one;
	uint64_t x = m->one, b = mont_of(m, base);

	for (uint64_t e = odd; e > 0; e >>= 1) {
		if (e & 1)
			x = mont_mul(m, x, b);
		b = mont_mul(m, b, b);
	}
	if (x == m->one || x == minus_one)
		return true;
	for (int i = 1; i < twos; i++) {
		x = mont_mul(m, x, x);
		if (x == minus_one)
			return true;
	}
	return false;
}

/* The first twelve primes as bases decide every number below 2^64. */
bool pq_is_prime(uint64_t n)
{
	static const uint8_t bases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
	struct montgomery m;
	uint64_t odd = n - 1;
	int twos = 0;

	if (n < 2)
		return false;
	for (size_t i = 0; i < sizeof(bases); i++)
		if (n % bases[i] == 0)
			return n == bases[i];
	mont_init(&m, n);
	for (; odd % 2 == 0; odd /= 2)
		twos++;
	for (size_t i = 0; i < sizeof(bases); i++)
		if (!passes(&m, bases[i], odd, twos))
			return false;
	return true;
}

struct rho {
	struct montgomery m;
	uint64_t c;
	uint64_t fixed;  /* x at the last power of two */
	uint64_t moving; /* y */
};

static uint64_t rho_step(const struct rho *r, uint64_t y)
{
	uint64_t square = mont_mul(&r->m, y, y);

	return square >= r->m.n - r->c ? square - (r->m.n - r->c) : square + r->c;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* A batch whose product became 0 mod n may hide a factor: its steps again, one gcd each. */
static uint64_t rho_again(const struct rho *r, uint64_t y, uint32_t steps)
{
	for (uint32_t i = 0; i < steps; i++) {
		uint64_t d;

		y = rho_step(r, y);
		d = gcd(distance(r->fixed, y), r->m.n);
		if (d != 1)
			return d;
	}
	return r->m.n;
}

/* A factor other than 1; n itself when this c found nothing. */
static uint64_t rho_run(struct rho *r)
{
	for (uint32_t lap = 1; lap < RHO_STEPS; lap *= 2) {
		r->fixed = r->moving;
		for (uint32_t done = 0; done < lap; done += RHO_BATCH) {
			uint32_t n = lap - done < RHO_BATCH ? lap - done : RHO_BATCH;
			uint64_t start = r->moving, product = r->m.one, d;

			for (uint32_t i = 0; i < n; i++) {
				r->moving = rho_step(r, r->moving);
				product = mont_mul(&r->m, product, distance(r->fixed, r->moving));
			}
			d = gcd(product, r->m.n);
			if (d == r->m.n)
				return rho_again(r, start, n);
			if (d != 1)
				return d;
		}
	}
	return r->m.n;
}

static uint64_t find_factor(uint64_t n)
{
	struct rho r;

	for (uint64_t p = 3; p < 256; p += 2)
		if (n % p == 0)
			return p;
	mont_init(&r.m, n);
	for (uint64_t c = 1; c <= RHO_TRIES; c++) {
		uint64_t d;

		r.c = mont_of(&r.m, c);
		r.moving = mont_of(&r.m, 2);
		d = rho_run(&r);
		if (d != n && d != 0)
			return d;
	}
	return n;
}

bool pq_factor(uint64_t pq, uint64_t *p, uint64_t *q)
{
	uint64_t a, b;

	if (pq < 15 || pq % 2 == 0 || pq_is_prime(pq))
		return false;
	a = find_factor(pq);
	b = pq / a;
	if (a == b || !pq_is_prime(a) || !pq_is_prime(b))
		return false;
	*p = a < b ? a : b;
	*q = a < b ? b : a;
	return true;
}

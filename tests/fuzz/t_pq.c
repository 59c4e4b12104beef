/*
 * Factoring what a server sent: any 8 bytes end in two odd primes that multiply to them, the
 * smaller first, or in "no", always within bounds of time.
 */
#include "proto/base/bytes.h"
#include "proto/base/check.h"
#include "proto/crypto/pq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t pq, p, q;

	if (size < 8)
		return 0;
	pq = load_be64(data);
	if (!pq_factor(pq, &p, &q))
		return 0;
	check(p > 2 && p < q && q <= UINT64_MAX / p && p * q == pq);
	check(pq_is_prime(p) && pq_is_prime(q));
	return 0;
}

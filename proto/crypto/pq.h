/* Factoring pq: the proof of work of the key exchange (auth_key.md 3.2). */
#ifndef TGCLONE_CRYPTO_PQ_H
#define TGCLONE_CRYPTO_PQ_H

#include <stdbool.h>
#include <stdint.h>

/* pq = p * q with p < q, both prime; false when pq is not such a product. */
bool pq_factor(uint64_t pq, uint64_t *p, uint64_t *q);
bool pq_is_prime(uint64_t n);

#endif

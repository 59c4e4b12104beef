/*
 * What a run that has its keys asks of this room wakes none of OpenSSL's providers: with their names they
 * are two megabytes. Counted by its allocations. A program of its own, because the test library's own
 * libraries wake them.
 */
#include "proto/base/check.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/rsa.h"
#include "tests/vectors/handshake.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

static size_t asked;

static void *counted_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	asked++;
	return malloc(size);
}

static void *counted_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	asked++;
	return realloc(p, size);
}

static void counted_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

int main(void)
{
	struct rsa_public k;
	uint8_t hash[32];

	check(CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) == 1);
	for (size_t i = 0; i < sizeof(vec_rsa_key) / sizeof(vec_rsa_key[0]); i++)
		check(rsa_public_from_pem(&k, cspan_str(vec_rsa_key[i].pem)) == 0);
	digest_sha1(hash, &(struct cspan){k.n, sizeof(k.n)}, 1);
	digest_sha256(hash, &(struct cspan){k.n, sizeof(k.n)}, 1);
	printf("%zu allocations\n", asked);
	if (asked > 0)
		return 1;
	digest_md5(hash, NULL, 0);
	check(asked > 0); /* else nothing was counted */
	return 0;
}

/*
 * The portable path: IGE and CTR on OpenSSL's AES-256-ECB. Slow (one block a call for IGE) and
 * right; the kernels are compared with it. Owns a context for the length of one call.
 */
#include "proto/crypto/aes_priv.h"

#include "proto/base/check.h"

#include <openssl/evp.h>

static EVP_CIPHER_CTX *open_cipher(const uint8_t key[32], bool decrypt)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	check(c != NULL);
	check(EVP_CipherInit_ex(c, EVP_aes_256_ecb(), NULL, key, NULL, !decrypt) == 1);
	check(EVP_CIPHER_CTX_set_padding(c, 0) == 1);
	return c;
}

static void apply(EVP_CIPHER_CTX *c, uint8_t *data, int len)
{
	int n = 0;

	check(EVP_CipherUpdate(c, data, &n, data, len) == 1);
	check(n == len);
}

static void xor16(uint8_t *to, const uint8_t *what)
{
	store_le64(to, load_le64(to) ^ load_le64(what));
	store_le64(to + 8, load_le64(to + 8) ^ load_le64(what + 8));
}

void ige_evp(struct ige_job *job, bool decrypt)
{
	EVP_CIPHER_CTX *c = open_cipher(job->key, decrypt);
	uint8_t before[16], behind[16], in[16];

	memcpy(before, job->iv + (decrypt ? 16 : 0), 16);
	memcpy(behind, job->iv + (decrypt ? 0 : 16), 16);
	for (size_t off = 0; off < job->len; off += 16) {
		uint8_t *block = job->data + off;

		memcpy(in, block, 16);
		xor16(block, before);
		apply(c, block, 16);
		xor16(block, behind);
		memcpy(before, block, 16);
		memcpy(behind, in, 16);
	}
	EVP_CIPHER_CTX_free(c);
	bytes_wipe(before, sizeof(before));
	bytes_wipe(behind, sizeof(behind));
	bytes_wipe(in, sizeof(in));
}

static void count_up(uint8_t counter[16])
{
	for (int i = 15; i >= 0 && ++counter[i] == 0; i--)
		;
}

void ctr_evp_apply(const uint8_t key[32], uint8_t counter[16], uint8_t *data, size_t blocks)
{
	EVP_CIPHER_CTX *c = open_cipher(key, false);
	uint8_t pad[64 * 16];

	while (blocks > 0) {
		size_t n = blocks < 64 ? blocks : 64;

		for (size_t i = 0; i < n; i++) {
			memcpy(pad + 16 * i, counter, 16);
			count_up(counter);
		}
		apply(c, pad, (int)(16 * n));
		for (size_t i = 0; i < n; i++)
			xor16(data + 16 * i, pad + 16 * i);
		data += 16 * n;
		blocks -= n;
	}
	EVP_CIPHER_CTX_free(c);
	bytes_wipe(pad, sizeof(pad));
}

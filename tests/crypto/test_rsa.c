/* RSA keys and RSA_PAD: fingerprints, PEM both ways, the vectors' attempts, and the server's half.
 */
#include "proto/crypto/rsa.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/rsa_priv.h"
#include "tests/crypto/kernels.h"
#include "tests/vectors/handshake.h"
#include "tests/vectors/hex.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>

static const struct vec_rsa_key *key_row(const char *name)
{
	for (size_t i = 0; i < countof(vec_rsa_key); i++)
		if (strcmp(vec_rsa_key[i].name, name) == 0)
			return &vec_rsa_key[i];
	cr_assert_fail("no key %s", name);
	return NULL;
}

static void load_public(struct rsa_public *k, const struct vec_rsa_key *v)
{
	uint8_t n[256];

	vec_bytes(n, 256, v->n);
	cr_assert_eq(rsa_public_from_numbers(k, n, v->e), 0, "%s", v->name);
}

static struct rsa_private *test_key(void)
{
	struct rsa_private *k = rsa_private_from_pem(cspan_str(VEC_TEST_KEY_PRIVATE_PEM));

	cr_assert_not_null(k);
	return k;
}

Test(rsa, fingerprints)
{
	for (size_t i = 0; i < countof(vec_rsa_key); i++) {
		const struct vec_rsa_key *v = &vec_rsa_key[i];
		struct rsa_public a, b;

		load_public(&a, v);
		cr_assert_eq(a.fingerprint, v->fingerprint, "%s", v->name);
		cr_assert_eq(rsa_public_from_pem(&b, cspan_str(v->pem)), 0, "%s", v->name);
		cr_assert_eq(b.fingerprint, v->fingerprint, "%s", v->name);
		cr_assert_arr_eq(a.n, b.n, 256);
		cr_assert_eq(b.e, v->e);
	}
}

/* e of one to four bytes changes the padding of its TL form. */
Test(rsa, fingerprint_of_other_exponents)
{
	static const uint32_t exponents[] = {3, 257, 65537, 0x1000001};
	static const char *const tl[] = {"01030000", "02010100", "03010001", "0401000001000000"};
	uint8_t n[256], prefix[4] = {0xfe, 0, 1, 0}, e_tl[8], hash[20];

	vec_bytes(n, 256, key_row("test_only_key")->n);
	for (size_t i = 0; i < countof(exponents); i++) {
		struct rsa_public k;
		struct cspan parts[3] = {{prefix, 4}, {n, 256}, {e_tl, 8}};

		parts[2].len = vec_bytes(e_tl, 8, tl[i]);
		digest_sha1(hash, parts, 3);
		cr_assert_eq(rsa_public_from_numbers(&k, n, exponents[i]), 0);
		cr_assert_eq(k.fingerprint, load_le64(hash + 12), "e = %u", exponents[i]);
	}
}

Test(rsa, unusable_numbers)
{
	struct rsa_public k;
	uint8_t n[256];

	vec_bytes(n, 256, key_row("test_only_key")->n);
	cr_assert_eq(rsa_public_from_numbers(&k, n, 1), -EINVAL);
	cr_assert_eq(rsa_public_from_numbers(&k, n, 65536), -EINVAL);
	n[255] ^= 1;
	cr_assert_eq(rsa_public_from_numbers(&k, n, 65537), -EINVAL);
	n[255] ^= 1;
	n[0] &= 0x7f;
	cr_assert_eq(rsa_public_from_numbers(&k, n, 65537), -EINVAL);
}

Test(rsa, unusable_pem)
{
	static const char text[] = VEC_TEST_KEY_PUBLIC_PEM;
	struct rsa_public k;

	for (size_t len = 0; len < sizeof(text) - 30; len += 7)
		cr_assert_eq(rsa_public_from_pem(&k, cspan_of(text, len)), -EINVAL, "%zu", len);
	cr_assert_eq(rsa_public_from_pem(&k, cspan_str("no key at all")), -EINVAL);
	cr_assert_null(rsa_private_from_pem(cspan_str(VEC_TEST_KEY_PUBLIC_PEM)));
	cr_assert_null(rsa_private_from_pem(cspan_of(text, 0)));
}

/* ---- what is read without OpenSSL's decoders, and what is left to them (no_provider.c) ---- */

static void same_as_openssl(const char *text, size_t len)
{
	EVP_PKEY *pkey = rsa_pem_decode(cspan_of(text, len), EVP_PKEY_PUBLIC_KEY);
	struct rsa_public ours, theirs;

	if (!rsa_pem_plain(&ours, cspan_of(text, len))) {
		EVP_PKEY_free(pkey);
		return;
	}
	cr_assert_not_null(pkey, "%.*s", (int)len, text);
	cr_assert_eq(rsa_public_of_pkey(&theirs, pkey), 0, "%.*s", (int)len, text);
	cr_assert_arr_eq(ours.n, theirs.n, sizeof(ours.n));
	cr_assert_eq(ours.e, theirs.e);
	cr_assert_eq(ours.fingerprint, theirs.fingerprint);
	EVP_PKEY_free(pkey);
}

static size_t pem_of(char *out, size_t size, const EVP_PKEY *pkey, bool pkcs1)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct rsa_public k;
	char *text;
	long n;

	cr_assert_eq(rsa_public_of_pkey(&k, pkey), 0);
	cr_assert_eq(PEM_write_bio_PUBKEY(bio, pkey), 1);
	n = BIO_get_mem_data(bio, &text);
	cr_assert(n > 0 && (size_t)n < size);
	if (pkcs1)
		n = (long)rsa_public_pem(&k, out, size);
	else
		memcpy(out, text, (size_t)n);
	BIO_free(bio);
	return (size_t)n;
}

static EVP_PKEY *key_with_exponent(unsigned e)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *number = BN_new();
	EVP_PKEY *pkey = NULL;

	cr_assert_eq(BN_set_word(number, e), 1);
	cr_assert_eq(EVP_PKEY_keygen_init(c), 1);
	cr_assert_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(c, 2048), 1);
	cr_assert_eq(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(c, number), 1);
	cr_assert_eq(EVP_PKEY_generate(c, &pkey), 1);
	BN_free(number);
	EVP_PKEY_CTX_free(c);
	return pkey;
}

/* Each character is once another, each is once left out: what we take, OpenSSL takes for the same key. */
Test(rsa, plain_reading_is_never_looser)
{
	static const unsigned exponents[] = {3, 129, 65537, 0x80000001};
	static const char others[] = "A=-\n /z";
	char text[1024], bent[1024];

	for (size_t i = 0; i < 2 * countof(exponents); i++) {
		EVP_PKEY *pkey = key_with_exponent(exponents[i / 2]);
		size_t n = pem_of(text, sizeof(text), pkey, i % 2 == 0);
		struct rsa_public k;

		EVP_PKEY_free(pkey);
		cr_assert(rsa_pem_plain(&k, cspan_of(text, n)), "%s", text);
		cr_assert_eq(k.e, exponents[i / 2]);
		same_as_openssl(text, n);
		for (size_t at = 0; at < n; at++) {
			memcpy(bent, text, n);
			bent[at] = others[at % (sizeof(others) - 1)];
			same_as_openssl(bent, n);
			memcpy(bent, text, at);
			memcpy(bent + at, text + at + 1, n - at - 1);
			same_as_openssl(bent, n - 1);
		}
	}
}

/* What only OpenSSL reads is still read. */
Test(rsa, unusual_pem)
{
	static const char text[] = VEC_TEST_KEY_PUBLIC_PEM;
	char other[2 * sizeof(text)], *to = other + sprintf(other, "the key of a friend\n");
	struct rsa_public a, b;

	cr_assert_eq(rsa_public_from_pem(&a, cspan_str(text)), 0);
	for (const char *from = text; *from != 0; from++) {
		if (*from == '\n')
			*to++ = '\r';
		*to++ = *from;
	}
	cr_assert(!rsa_pem_plain(&b, cspan_of(other, (size_t)(to - other))));
	cr_assert_eq(rsa_public_from_pem(&b, cspan_of(other, (size_t)(to - other))), 0);
	cr_assert_eq(a.fingerprint, b.fingerprint);
}

static size_t load_attempt(uint8_t random[RSA_PAD_RANDOM], const struct vec_rsa_pad *v, int attempt)
{
	size_t n = vec_bytes(random, RSA_PAD_RANDOM, v->padding);

	return n + vec_bytes(random + n, RSA_PAD_RANDOM - n, v->temp_key[attempt]);
}

Test(rsa, pad_vectors)
{
	each_kernel (name) {
		for (size_t i = 0; i < countof(vec_rsa_pad); i++) {
			const struct vec_rsa_pad *v = &vec_rsa_pad[i];
			int last = v->temp_key[1] != NULL;
			uint8_t data[RSA_PAD_DATA_MAX], random[RSA_PAD_RANDOM], out[256];
			struct cspan d = vec_span(data, sizeof(data), v->data);
			struct rsa_public k;

			load_public(&k, key_row(v->key_name));
			cr_assert_eq(load_attempt(random, v, 0), RSA_PAD_RANDOM - d.len);
			if (last)
				cr_assert_not(rsa_pad_encrypt(out, &k, d, random), "%s", v->name);
			load_attempt(random, v, last);
			cr_assert(rsa_pad_encrypt(out, &k, d, random), "%s: %s", name, v->name);
			cr_assert(vec_equal(out, 256, v->encrypted), "%s: %s", name, v->name);
		}
	}
}

Test(rsa, server_undoes_the_vectors)
{
	const struct vec_rsa_pad *v = &vec_rsa_pad[1];
	const struct vec_exchange *x = &vec_exchange[2];
	struct rsa_private *k = test_key();
	uint8_t in[256], out[235];
	bool old = true;
	size_t len;

	vec_bytes(in, 256, v->encrypted);
	cr_assert(rsa_private_open(k, in, out, &len, &old));
	cr_assert_not(old);
	cr_assert_eq(len, 192);
	cr_assert(vec_equal(out, 192, v->data_with_padding));
	vec_bytes(in, 256, x->rsa_encrypted);
	cr_assert(rsa_private_open(k, in, out, &len, &old));
	cr_assert_not(old);
	cr_assert(vec_equal(out, strlen(x->inner_data) / 2, x->inner_data));
	rsa_private_free(k);
}

Test(rsa, there_and_back_at_every_length)
{
	struct rsa_private *k = test_key();
	struct rsa_public pub;
	uint64_t seed = 51;

	rsa_private_public(k, &pub);
	for (size_t len = 0; len <= RSA_PAD_DATA_MAX; len += 9) {
		uint8_t data[RSA_PAD_DATA_MAX], random[RSA_PAD_RANDOM], sent[256], out[235];
		size_t out_len;
		bool old;

		random_fill(&seed, data, sizeof(data));
		do
			random_fill(&seed, random, sizeof(random));
		while (!rsa_pad_encrypt(sent, &pub, cspan_of(data, len), random));
		cr_assert(rsa_private_open(k, sent, out, &out_len, &old));
		cr_assert(!old && out_len == 192);
		cr_assert_eq(memcmp(out, data, len), 0);
		cr_assert_eq(memcmp(out + len, random, 192 - len), 0);
	}
	rsa_private_free(k);
}

/* m^e mod n of any 256 bytes below n: what the older form's clients send. */
static void raw_public(uint8_t out[256], const struct rsa_public *pub, const uint8_t m[256])
{
	BN_CTX *c = BN_CTX_new();
	BIGNUM *n = BN_bin2bn(pub->n, 256, NULL), *b = BN_bin2bn(m, 256, NULL), *e = BN_new();

	BN_set_word(e, pub->e);
	BN_mod_exp(b, b, e, n, c);
	BN_bn2binpad(b, out, 256);
	BN_free(e);
	BN_free(b);
	BN_free(n);
	BN_CTX_free(c);
}

Test(rsa, older_form)
{
	struct rsa_private *k = test_key();
	uint8_t block[256] = {0}, sent[256], out[235];
	struct cspan object = {block + 21, 96};
	struct rsa_public pub;
	uint64_t seed = 52;
	size_t len;
	bool old;

	rsa_private_public(k, &pub);
	random_fill(&seed, block + 21, 235);
	digest_sha1(block + 1, &object, 1);
	raw_public(sent, &pub, block);
	cr_assert(rsa_private_open(k, sent, out, &len, &old));
	cr_assert(old);
	cr_assert_eq(len, 235);
	cr_assert_arr_eq(out, block + 21, 235);
	cr_assert(rsa_old_form_check(k, sent, 96));
	cr_assert_not(rsa_old_form_check(k, sent, 95));
	cr_assert_not(rsa_old_form_check(k, sent, 236));
	block[0] = 1; /* the form begins with a zero byte */
	raw_public(sent, &pub, block);
	cr_assert_not(rsa_old_form_check(k, sent, 96));
	rsa_private_free(k);
}

Test(rsa, what_opens_to_nothing)
{
	struct rsa_private *k = test_key();
	uint8_t block[256], sent[256], out[235];
	struct rsa_public pub;
	size_t len;
	bool old;

	rsa_private_public(k, &pub);
	memset(sent, 0xff, 256); /* not below n */
	cr_assert_not(rsa_private_open(k, sent, out, &len, &old));
	cr_assert_not(rsa_old_form_check(k, sent, 10));
	memset(block, 0x11, 256); /* neither form */
	raw_public(sent, &pub, block);
	cr_assert_not(rsa_private_open(k, sent, out, &len, &old));
	rsa_private_free(k);
}

Test(rsa, pem_there_and_back)
{
	struct rsa_private *made = rsa_private_generate(), *read;
	struct rsa_public a, b;
	char text[4096], small[100];
	size_t n;

	cr_assert_not_null(made);
	rsa_private_public(made, &a);
	cr_assert_eq(a.e, 65537);
	n = rsa_private_pem(made, text, sizeof(text));
	cr_assert(n > 1000 && text[n] == 0);
	read = rsa_private_from_pem(cspan_of(text, n));
	cr_assert_not_null(read);
	rsa_private_public(read, &b);
	cr_assert_eq(a.fingerprint, b.fingerprint);
	n = rsa_public_pem(&a, text, sizeof(text));
	cr_assert_eq(strncmp(text, "-----BEGIN RSA PUBLIC KEY-----", 30), 0);
	cr_assert_eq(rsa_public_from_pem(&b, cspan_of(text, n)), 0);
	cr_assert_eq(a.fingerprint, b.fingerprint);
	cr_assert_eq(rsa_public_pem(&a, small, sizeof(small)), 0);
	cr_assert_eq(rsa_public_pem(&a, text, n), 0, "no room for the closing zero");
	cr_assert_eq(rsa_public_pem(&a, text, n + 1), n);
	rsa_private_free(made);
	rsa_private_free(read);
	rsa_private_free(NULL);
}

/* SubjectPublicKeyInfo is read as well. */
Test(rsa, other_pem_form)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	BIO *bio = BIO_new(BIO_s_mem());
	struct rsa_public k;
	char *text;
	long n;

	cr_assert_eq(PEM_write_bio_PUBKEY(bio, pkey), 1);
	n = BIO_get_mem_data(bio, &text);
	cr_assert_eq(rsa_public_from_pem(&k, cspan_of(text, (size_t)n)), 0);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
}

Test(rsa, other_sizes_are_refused)
{
	EVP_PKEY *pkey = EVP_RSA_gen(1024);
	BIO *bio = BIO_new(BIO_s_mem());
	struct rsa_public k;
	char *text;
	long n;

	PEM_write_bio_PUBKEY(bio, pkey);
	PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
	n = BIO_get_mem_data(bio, &text);
	cr_assert_eq(rsa_public_from_pem(&k, cspan_of(text, (size_t)n)), -EINVAL);
	cr_assert_null(rsa_private_from_pem(cspan_of(text, (size_t)n)));
	BIO_free(bio);
	EVP_PKEY_free(pkey);
}

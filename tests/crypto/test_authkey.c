/* Key ids and message keys of both protocol versions; the small hashes of the key exchange. */
#include "proto/crypto/authkey.h"
#include "proto/crypto/digest.h"
#include "proto/crypto/ige.h"
#include "tests/crypto/kernels.h"
#include "tests/vectors/crypto.h"
#include "tests/vectors/handshake.h"
#include "tests/vectors/hex.h"
#include "tests/vectors/message.h"

#include <criterion/criterion.h>

static void load_key(struct auth_key *k, const char *hex)
{
	memset(k, 0, sizeof(*k));
	cr_assert_eq(vec_bytes(k->key, 256, hex), 256);
	authkey_finish(k);
}

Test(authkey, ids)
{
	for (size_t i = 0; i < countof(vec_auth_key); i++) {
		const struct vec_auth_key *v = &vec_auth_key[i];
		struct auth_key k;
		uint8_t hash[20];

		load_key(&k, v->auth_key);
		cr_assert(vec_equal(&k.id, 8, v->id), "%s", v->name);
		cr_assert(vec_equal(&k.aux_hash, 8, v->aux_hash), "%s", v->name);
		for (uint8_t n = 1; n <= 3 && v->new_nonce != NULL; n++) {
			uint8_t nonce[32];
			struct cspan parts[3] = {vec_span(nonce, 32, v->new_nonce),
						 {&n, 1},
						 {(uint8_t *)&k.aux_hash, 8}};

			digest_sha1(hash, parts, 3);
			cr_assert(vec_equal(hash + 4, 16, v->new_nonce_hash[n - 1]), "%s", v->name);
		}
	}
}

Test(authkey, derivation)
{
	each_kernel (name) {
		for (size_t i = 0; i < countof(vec_msgkey); i++) {
			const struct vec_msgkey *v = &vec_msgkey[i];
			uint8_t msg_key[16], key[32], iv[32];
			struct auth_key k;

			load_key(&k, v->auth_key);
			vec_bytes(msg_key, 16, v->msg_key);
			msgkey_derive(key, iv, &k, msg_key, (enum msg_dir)v->x);
			cr_assert(vec_equal(key, 32, v->aes_key), "%s: %s", name, v->name);
			cr_assert(vec_equal(iv, 32, v->aes_iv), "%s: %s", name, v->name);
		}
	}
}

Test(authkey, old_derivation)
{
	for (size_t i = 0; i < countof(vec_msgkey_v1); i++) {
		const struct vec_msgkey_v1 *v = &vec_msgkey_v1[i];
		uint8_t msg_key[16], key[32], iv[32];
		struct auth_key k;

		load_key(&k, v->auth_key);
		vec_bytes(msg_key, 16, v->msg_key);
		msgkey_derive_v1(key, iv, &k, msg_key, (enum msg_dir)v->x);
		cr_assert(vec_equal(key, 32, v->aes_key), "%s", v->name);
		cr_assert(vec_equal(iv, 32, v->aes_iv), "%s", v->name);
	}
}

Test(authkey, old_message_key)
{
	uint8_t data[64], hash[20];
	struct cspan part = vec_span(data, sizeof(data), vec_msgkey_v1_hash[0].data);

	digest_sha1(hash, &part, 1);
	cr_assert(vec_equal(hash + 4, 16, vec_msgkey_v1_hash[0].msg_key));
}

/* The whole way of a message: hash, keys, cipher. */
Test(authkey, message_key_to_packet)
{
	static uint8_t plain[1200];

	each_kernel (name) {
		for (size_t i = 0; i < countof(vec_message); i++) {
			const struct vec_message *v = &vec_message[i];
			uint8_t large[32], key[32], iv[32];
			struct digest_job job;
			struct auth_key k;
			size_t len;

			if (v->msg_key_large == NULL)
				continue;
			load_key(&k, v->auth_key);
			len = vec_bytes(plain, sizeof(plain), v->plain);
			msgkey_large(large, &k, (enum msg_dir)v->x, cspan_of(plain, len));
			cr_assert(vec_equal(large, 32, v->msg_key_large), "%s: %s", name, v->name);
			msgkey_large_prepare(&job, &k, (enum msg_dir)v->x, cspan_of(plain, len));
			digest_sha256_batch(&job, 1);
			cr_assert_arr_eq(job.hash, large, 32);
			msgkey_derive(key, iv, &k, large + 8, (enum msg_dir)v->x);
			ige_encrypt(key, iv, plain, len);
			cr_assert(vec_equal(plain, len, v->packet + 48), "%s: %s", name, v->name);
		}
	}
}

/* SHA-1 over the nonces at their full width: a lost leading zero would change everything. */
Test(authkey, temporary_key_of_the_exchange)
{
	const struct vec_tmp_aes *v = &vec_tmp_aes[0];
	uint8_t new_nonce[32], server_nonce[16], ns[20], sn[20], nn[20];
	struct cspan n = vec_span(new_nonce, 32, v->new_nonce);
	struct cspan s = vec_span(server_nonce, 16, v->server_nonce);
	uint8_t key[32], iv[32];

	digest_sha1(ns, (struct cspan[]){n, s}, 2);
	digest_sha1(sn, (struct cspan[]){s, n}, 2);
	digest_sha1(nn, (struct cspan[]){n, n}, 2);
	memcpy(key, ns, 20);
	memcpy(key + 20, sn, 12);
	memcpy(iv, sn + 12, 8);
	memcpy(iv + 8, nn, 20);
	memcpy(iv + 28, new_nonce, 4);
	cr_assert(vec_equal(key, 32, v->aes_key));
	cr_assert(vec_equal(iv, 32, v->aes_iv));
}

/* auth.bindTempAuthKey: MTProto 1.0 under the permanent key. */
Test(authkey, binding_of_a_temporary_key)
{
	const struct vec_bind *v = &vec_bind[0];
	uint8_t plain[128], msg_key[20], key[32], iv[32];
	struct auth_key perm, temp;
	struct cspan inner = vec_span(plain, sizeof(plain), v->plain);
	size_t len = inner.len;

	load_key(&perm, v->perm_key);
	load_key(&temp, v->temp_key);
	cr_assert(vec_equal(&perm.id, 8, v->perm_key_id));
	cr_assert(vec_equal(&temp.id, 8, v->temp_key_id));
	digest_sha1(msg_key, &inner, 1);
	cr_assert(vec_equal(msg_key + 4, 16, v->msg_key));
	msgkey_derive_v1(key, iv, &perm, msg_key + 4, MSG_FROM_CLIENT);
	cr_assert(vec_equal(key, 32, v->aes_key));
	cr_assert(vec_equal(iv, 32, v->aes_iv));
	len += vec_bytes(plain + len, sizeof(plain) - len, v->padding);
	ige_encrypt(key, iv, plain, len);
	cr_assert(vec_equal(plain, len, v->encrypted + 48));
}

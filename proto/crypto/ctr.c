/*
 * The CTR stream: whole blocks go to a kernel, the bytes at both ends come from one block of pad
 * that is kept between calls. The first 32 bytes of an AES-256 key schedule are the key itself, so
 * the portable path needs no other field.
 */
#include "proto/crypto/ctr.h"

#include "proto/crypto/aes_priv.h"
#include "proto/crypto/cpu.h"
#include "proto/crypto/kernels_priv.h"

static void whole_blocks(struct ctr_stream *s, uint8_t *data, size_t blocks)
{
#if KERNELS_X86
	if (cpu_active() & CPU_AES) {
		ctr_aesni_apply(s->round_keys, s->counter, data, blocks);
		return;
	}
#endif
	ctr_evp_apply(s->round_keys, s->counter, data, blocks);
}

void ctr_init(struct ctr_stream *s, const uint8_t key[32], const uint8_t iv[16])
{
	memset(s, 0, sizeof(*s));
	memcpy(s->counter, iv, 16);
	s->used = 16;
	memcpy(s->round_keys, key, 32);
#if KERNELS_X86
	if (cpu_active() & CPU_AES)
		aesni_expand(s->round_keys, key);
#endif
}

static size_t spend_pad(struct ctr_stream *s, uint8_t *data, size_t len)
{
	size_t n = 16 - s->used < len ? 16 - s->used : len;

	for (size_t i = 0; i < n; i++)
		data[i] = (uint8_t)(data[i] ^ s->pad[s->used + i]);
	s->used += (uint32_t)n;
	return n;
}

void ctr_apply(struct ctr_stream *s, uint8_t *data, size_t len)
{
	size_t n = spend_pad(s, data, len);
	size_t blocks = (len - n) / 16;

	if (blocks > 0)
		whole_blocks(s, data + n, blocks);
	n += 16 * blocks;
	if (n == len)
		return;
	memset(s->pad, 0, sizeof(s->pad));
	whole_blocks(s, s->pad, 1);
	s->used = 0;
	spend_pad(s, data + n, len - n);
}

/*
 * Random blocks that secrets are made of are wiped where they were drawn: what takes one, and what wipes, stand behind
 * functions of this file (meson.build: --wrap). cmd_login.c is inside.
 */
#include "tools/tgclone/cmd_login.c"

#include "proto/session/handshake.h"
#include "tests/link/sim.h"

#include <stdlib.h>

/* The block that was handed over last and is not wiped yet. */
static struct {
	const void *at;
	size_t size;
	unsigned taken, wiped;
} block;

static void take(const void *at, size_t size)
{
	cr_assert_null(block.at, "another one is not wiped");
	block.at = at;
	block.size = size;
	block.taken++;
}

void __real_bytes_wipe(void *p, size_t n);
void __wrap_bytes_wipe(void *p, size_t n);
void __wrap_bytes_wipe(void *p, size_t n)
{
	__real_bytes_wipe(p, n);
	if (p != block.at || n < block.size || block.at == NULL)
		return;
	block.at = NULL;
	block.wiped++;
}

enum handshake_status __real_handshake_start(struct handshake *, const struct rsa_public *, uint32_t,
					     int32_t, int32_t, const uint8_t *, struct buf *);
enum handshake_status __wrap_handshake_start(struct handshake *, const struct rsa_public *, uint32_t,
					     int32_t, int32_t, const uint8_t *, struct buf *);
enum handshake_status __wrap_handshake_start(struct handshake *h, const struct rsa_public *rsa,
					     uint32_t rsa_count, int32_t dc, int32_t expires_in,
					     const uint8_t *random, struct buf *out)
{
	take(random, HANDSHAKE_RANDOM);
	return __real_handshake_start(h, rsa, rsa_count, dc, expires_in, random, out);
}

const struct tl_obj *__real_password_ask(struct arena *, const struct tl_obj *, struct cspan,
					 const struct password_random *, const char **);
const struct tl_obj *__wrap_password_ask(struct arena *, const struct tl_obj *, struct cspan,
					 const struct password_random *, const char **);
const struct tl_obj *__wrap_password_ask(struct arena *a, const struct tl_obj *info,
					 struct cspan password, const struct password_random *random,
					 const char **why)
{
	take(random, sizeof(*random));
	return __real_password_ask(a, info, password, random, why);
}

/* A key's nonces and exponents, and those of a temporary key. */
/* Rows: X5 */
Test(wipes, the_random_numbers_of_a_key_exchange, .timeout = 60)
{
	for (int pfs = 0; pfs < 2; pfs++) {
		struct sim s;

		block.taken = block.wiped = 0;
		sim_open(&s, &(struct sim_options){.links = 1, .pfs = pfs == 1});
		sim_login(&s);
		cr_assert_geq(block.taken, 1u + (unsigned)pfs);
		cr_assert_eq(block.wiped, block.taken);
		sim_close(&s);
	}
}

/* Rows: X5 */
Test(wipes, the_random_numbers_of_a_password, .timeout = 60)
{
	static struct app app;
	struct login l = {.cl = {.app = &app, .layer = 228, .scratch = malloc(256 * 1024)}};
	const struct tl_obj *answer;
	struct sim s;
	int code;

	sim_open(&s, &(struct sim_options){.links = 1});
	sim_login(&s);
	l.cl.ring = s.ring;
	l.cl.net = s.net;
	l.cl.arena = s.arena;
	block.taken = block.wiped = 0;
	check_password(&l, "of no account", &answer, &code);
	cr_assert_eq(block.taken, 1);
	cr_assert_eq(block.wiped, 1);
	free(l.cl.scratch);
	sim_close(&s);
}

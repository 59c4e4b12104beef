/* SRP's client half around the objects of the login. Owns nothing; the maths is srp.c. */
#include "proto/api/password.h"

#include "proto/base/check.h"
#include "proto/crypto/dh.h"
#include "proto/crypto/srp.h"

enum { A_LEN = 256, M1_LEN = 32 };

static const struct tl_obj *query(struct arena *a, const struct tl_obj *info, const uint8_t *A,
				  const uint8_t *M1)
{
	struct tl_obj *srp = tl_new(a, TLC_inputCheckPasswordSRP);
	struct tl_obj *o = tl_new(a, TLC_auth_checkPassword);

	tl_set_long(srp, TLF_srp_id, tl_long(info, TLF_srp_id));
	tl_set_bytes(srp, TLF_A, cspan_of(A, A_LEN));
	tl_set_bytes(srp, TLF_M1, cspan_of(M1, M1_LEN));
	tl_set_obj(o, TLF_password, srp);
	return o;
}

const struct tl_obj *password_ask(struct arena *a, const struct tl_obj *info, struct cspan password,
				  const struct password_random *random, const char **why)
{
	const struct tl_obj *algo = tl_sub(info, TLF_current_algo);
	struct srp_algo group = {tl_bytes(algo, TLF_salt1), tl_bytes(algo, TLF_salt2),
				 (uint32_t)tl_int(algo, TLF_g), tl_bytes(algo, TLF_p)};
	uint8_t *A = arena_take(a, A_LEN), *M1 = arena_take(a, M1_LEN);

	*why = "out of memory for the request";
	if (A == NULL || M1 == NULL)
		return NULL;
	*why = "the server asks for the password in a way that is not known here";
	if (tl_cons(algo) != TLC_passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow)
		return NULL;
	*why = "the server's password check uses numbers that are not safe";
	if (dh_check_group(group.p, group.g, random->group) != DH_SOUND)
		return NULL;
	for (uint32_t i = 0; i < PASSWORD_DRAWS; i++)
		if (srp_client(A, M1, &group, password, tl_bytes(info, TLF_srp_B),
			       random->secret[i]))
			return query(a, info, A, M1);
	return NULL; /* A and M1 are no proof, and perhaps not even written */
}

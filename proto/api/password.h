/*
 * The two-step password (api.md 3): what account.getPassword answered becomes the query that proves
 * the password, if the server's numbers are such that a proof tells it nothing.
 */
#ifndef TGCLONE_API_PASSWORD_H
#define TGCLONE_API_PASSWORD_H

#include "proto/schema/tlobj.h"

enum { PASSWORD_DRAWS = 2 }; /* one of 2^63 numbers is not good enough */

/* Fresh bytes for one question. Wipe them. */
struct password_random {
	uint8_t secret[PASSWORD_DRAWS][256];
	uint8_t group[64];
};

/*
 * auth.checkPassword. Tens of milliseconds of PBKDF2. NULL: nothing may be sent, *why says so (a
 * constant).
 */
const struct tl_obj *password_ask(struct arena *, const struct tl_obj *info, struct cspan password,
				  const struct password_random *, const char **why);

#endif

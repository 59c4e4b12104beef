/* Between signing in and the password check. Private to methods_auth.c and methods_account.c. */
#ifndef TGSIM_METHODS_AUTH_H
#define TGSIM_METHODS_AUTH_H

#include "tools/tgsim/methods_priv.h"

/* A key whose code was right and whose password is still owed. */
struct pending {
	struct pending *next;
	uint64_t key;
	struct account *account; /* NULL: no longer */
};

/* The account whose password this key owes; NULL when none. */
struct account *auth_pending(struct rpc *);
/* The key is the account's from now on; answers auth.authorization. */
void auth_finish(struct rpc *, struct account *, struct rpc_reply *);

#endif

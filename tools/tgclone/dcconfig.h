/*
 * Whom we talk to: Telegram's production or test servers, built in (auth_key.md 6 and 7), or any
 * server's list from a file (tgsim.json). A key is only as good as where it is used (X9): addresses
 * of Telegram's networks are met with the built-in keys alone, and the key whose private half
 * everybody knows only on loopback and private networks.
 */
#ifndef TGCLONE_TOOLS_DCCONFIG_H
#define TGCLONE_TOOLS_DCCONFIG_H

#include "engine/link/net.h"

enum { DCCONFIG_WHY = 256, DCCONFIG_FILE_MAX = 16 << 20, DCCONFIG_HASH_MAX = 64 };

struct dcconfig {
	bool builtin, test;
	uint16_t home_dc;
	uint32_t dc_count;
	struct net_dc dcs[NET_DC_MAX]; /* ids and addresses only */
	uint32_t rsa_count;
	struct rsa_public rsa[NET_RSA_MAX];
	int layer;      /* 201 or 228; 0: not said */
	int32_t api_id; /* 0: not said */
	char api_hash[DCCONFIG_HASH_MAX + 1];
	/* What sessions made with this list are good for: a digest of its keys and kind. */
	uint64_t realm;
};

void dcconfig_builtin(struct dcconfig *, bool test);
/* 0, EXIT_BAD_DATA or EXIT_USAGE (no such file) with why. */
int dcconfig_load(struct dcconfig *, const char *path, char why[DCCONFIG_WHY]);
/* As dcconfig_load, from text; dir is where a relative rsa_key_pem starts. */
int dcconfig_parse(struct dcconfig *, struct cspan json, const char *dir, char why[DCCONFIG_WHY]);
/* X9 for a whole list; the two calls above have asked it already. */
bool dcconfig_trusted(const struct dcconfig *, char why[DCCONFIG_WHY]);
/* A fresh account on these servers. */
void dcconfig_account(const struct dcconfig *, struct net_account *out);
/*
 * The list's addresses into an account of the same realm: for DCs that a file knows they replace the
 * stored ones; the built-in ones come before those, which help.getConfig told. DCs that the list
 * does not know stay.
 */
void dcconfig_refresh(const struct dcconfig *, struct net_account *);
/* Keys, layer and api_id; what the user said (0: nothing) wins. */
void dcconfig_options(const struct dcconfig *, int layer, int32_t api_id, struct net_options *);

#endif

/* The built-in lists (dcconfig_table.c). */
#ifndef TGCLONE_TOOLS_DCCONFIG_PRIV_H
#define TGCLONE_TOOLS_DCCONFIG_PRIV_H

#include "tools/tgclone/dcconfig.h"

struct builtin_addr {
	uint16_t dc;
	const char *host;
};

extern const char dcconfig_production_pem[], dcconfig_test_pem[];
extern const struct builtin_addr dcconfig_production[], dcconfig_test[]; /* end with dc 0 */

enum { BUILTIN_PORT = 443, BUILTIN_HOME = 2 };

/* Whether a numeric address lies in Telegram's networks. */
bool dcconfig_is_telegram(const char *host);
/* Loopback, private, link-local. */
bool dcconfig_is_private(const char *host);

#endif

/*
 * What the cipher kernels of this processor do, through the same calls that the data path makes. A
 * message is a relayed part as on the wire: 60 bytes of head, 512 KiB of file, 20 of padding.
 */
#ifndef TGCLONE_TOOLS_BENCH_CRYPTO_H
#define TGCLONE_TOOLS_BENCH_CRYPTO_H

#include "tools/tgclone/bench_report.h"

enum crypto_work {
	CRYPTO_RELAY, /* decrypt, check the hash, hash for the way out, encrypt */
	CRYPTO_OPEN,  /* decrypt and check: a download */
	CRYPTO_SEAL,  /* hash and encrypt: an upload */
};

/* All kernels, for about so many seconds together. 0 or -ENOMEM. */
int bench_crypto_all(struct bench_report *, double seconds);
/* Bytes a second of what is in use now, measured for so many seconds; 0: no memory for it. */
double bench_crypto_rate(enum crypto_work, double seconds);

#endif

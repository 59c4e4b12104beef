/* What the cipher kernels of this processor do, for a report: the rows of crypto_rows.h. */
#ifndef TGCLONE_TOOLS_BENCH_CRYPTO_H
#define TGCLONE_TOOLS_BENCH_CRYPTO_H

#include "tools/tgclone/bench_report.h"
#include "tools/tgclone/crypto_rows.h"

/* All kernels, for about so many seconds together. 0 or -ENOMEM. */
int bench_crypto_all(struct bench_report *, double seconds);
/* Bytes a second of what is in use now, measured for so many seconds; 0: no memory for it. */
double bench_crypto_rate(enum crypto_work, double seconds);

#endif

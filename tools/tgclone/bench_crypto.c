/*
 * Timing the kernels. Rows are timed in turns, so that a noisy moment hits all alike; the figures are
 * the median and the best of the turns. Which kernels are in use is changed row by row and put back at
 * the end.
 */
#include "tools/tgclone/bench_crypto.h"

#include "proto/base/check.h"
#include "proto/crypto/cpu.h"

#include <errno.h>
#include <string.h>

enum { TURNS = 9 };

static_assert((int)CRYPTO_ROWS <= (int)BENCH_KERNELS, "a report has room for each row");

struct timed {
	double seconds[TURNS]; /* of one message */
	bool here;
};

/* The names of kernels, as cpu_select reads them. */
static void names_of(uint32_t bits, char *out, size_t size)
{
	size_t used = 0;

	snprintf(out, size, "portable");
	for (uint32_t bit = 1; bit != 0 && bit <= CPU_ALL; bit <<= 1) {
		if (!(bits & bit) || used >= size)
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? "+" : "",
					 cpu_kernel_name((enum cpu_kernel)bit));
	}
}

/* What is in use may have been chosen by the user: "auto" here means just that. */
static bool choose(const char *cpu, const char *in_use)
{
	return cpu_select(strcmp(cpu, "auto") == 0 ? in_use : cpu) == 0;
}

static void time_rows(struct crypto_bench *w, struct timed *timed, double seconds, const char *in_use)
{
	uint32_t count;
	const struct crypto_row *rows = crypto_rows(&count);

	for (int turn = 0; turn < TURNS; turn++) {
		for (uint32_t i = 0; i < count; i++) {
			timed[i].here = choose(rows[i].cpu, in_use);
			w->lanes = rows[i].lanes;
			if (timed[i].here)
				timed[i].seconds[turn] =
				    crypto_bench_time(w, crypto_bench_run, rows[i].work,
						      seconds / (TURNS * count));
		}
	}
	check(cpu_select(in_use) == 0);
}

static void report_row(struct bench_report *r, const struct crypto_row *row, struct timed *t,
		       double *base)
{
	struct bench_kernel *k = bench_report_kernel(r);
	double median;

	check(k != NULL);
	snprintf(k->what, sizeof(k->what), "%s", row->what);
	snprintf(k->cpu, sizeof(k->cpu), "%s", row->cpu);
	k->lanes = row->lanes;
	k->here = t->here;
	k->relay = row->work == CRYPTO_RELAY;
	if (!t->here)
		return;
	crypto_bench_sort(t->seconds, TURNS);
	median = t->seconds[TURNS / 2];
	if (strcmp(row->cpu, "portable") == 0)
		*base = median;
	k->median = CRYPTO_MESSAGE / median;
	k->best = CRYPTO_MESSAGE / t->seconds[0];
	k->times = *base / median;
}

int bench_crypto_all(struct bench_report *r, double seconds)
{
	struct timed timed[CRYPTO_ROWS];
	const struct crypto_row *rows;
	struct crypto_bench w;
	char in_use[64];
	uint32_t count;
	double base = 0;

	if (!crypto_bench_open(&w))
		return -ENOMEM;
	names_of(cpu_active(), in_use, sizeof(in_use));
	time_rows(&w, timed, seconds, in_use);
	rows = crypto_rows(&count);
	for (uint32_t i = 0; i < count; i++)
		report_row(r, &rows[i], &timed[i], &base);
	bench_report_note(r, "in use: %s; times: to the portable row above; one thread, CPU time", in_use);
	crypto_bench_close(&w);
	return 0;
}

double bench_crypto_rate(enum crypto_work what, double seconds)
{
	struct crypto_bench w;
	double rate;

	if (!crypto_bench_open(&w))
		return 0;
	w.lanes = 8;
	rate = CRYPTO_MESSAGE / crypto_bench_time(&w, crypto_bench_run, what, seconds);
	crypto_bench_close(&w);
	return rate;
}

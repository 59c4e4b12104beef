/* What the tests of the ledger share: a directory of their own, a job, rows. */
#ifndef TGCLONE_TESTS_LEDGER_HELP_H
#define TGCLONE_TESTS_LEDGER_HELP_H

#include "engine/ledger/ledger.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct help {
	char dir[64], path[96];
	struct ledger_job job;
	struct ledger *ledger;
	char why[256];
};

/* How often: usual, or for a campaign by hand NAME=N in the environment. */
static inline uint32_t help_count(const char *name, uint32_t usual)
{
	const char *text = getenv(name);

	return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : usual;
}

static inline struct help help_start(void)
{
	struct help h = {.job = {.account = 777,
				 .source = -1001,
				 .target = -1002,
				 .source_topic = 5,
				 .generation = 3,
				 .options_digest = {1, 2}}};

	snprintf(h.dir, sizeof(h.dir), "%s/ledger-XXXXXX", getenv("TMPDIR") ? "." : "/tmp");
	cr_assert_not_null(mkdtemp(h.dir));
	snprintf(h.path, sizeof(h.path), "%s/job.ledger", h.dir);
	return h;
}

static inline enum ledger_fault help_open(struct help *h, bool create)
{
	h->why[0] = 0;
	return ledger_open(&h->ledger, h->path, &h->job, create, h->why, sizeof(h->why));
}

static inline void help_must_open(struct help *h)
{
	enum ledger_fault fault = help_open(h, true);

	cr_assert_eq(fault, LEDGER_SOUND, "fault %d: %s", fault, h->why);
}

static inline void help_close(struct help *h)
{
	cr_assert_eq(ledger_close(&h->ledger), LEDGER_SOUND);
}

static inline void help_end(struct help *h)
{
	char name[512];
	struct dirent *e;
	DIR *d;

	if (h->ledger != NULL)
		ledger_close(&h->ledger);
	d = opendir(h->dir);
	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", h->dir, e->d_name);
		unlink(name);
	}
	if (d != NULL)
		closedir(d);
	rmdir(h->dir);
}

static inline struct ledger_row help_row(int32_t id, enum row_state state)
{
	struct ledger_row r = {.source_id = id,
			       .state = state,
			       .kind = 3,
			       .mode = 1,
			       .size = 1000,
			       .source_topic = 5,
			       .reply_to = id - 1,
			       .grouped_id = 1LL << 60 | id};

	r.digest[0] = (uint8_t)id;
	r.digest[31] = 0xaa;
	return r;
}

/* Rows first .. first + count - 1 as one page. */
static inline void help_plan(struct help *h, int32_t first, uint32_t count)
{
	struct ledger_row rows[LEDGER_ROWS_MAX];

	for (uint32_t i = 0; i < count; i++)
		rows[i] = help_row(first + (int32_t)i, ROW_PLANNED);
	ledger_plan(h->ledger, rows, count, first + (int32_t)count - 1);
}

static inline void help_sync(struct help *h)
{
	cr_assert_eq(ledger_sync(h->ledger), LEDGER_SOUND);
}

#endif

/*
 * A whole job in virtual time, for the tests of what a server may do: the simulated Telegram and
 * tgclone's engine on a quiet network, faults and knobs of the server as the test wants them. Hours
 * of waiting cost nothing.
 */
#ifndef TGCLONE_TESTS_CLONE_JOB_H
#define TGCLONE_TESTS_CLONE_JOB_H

#include "tests/sim/whole_client.h"

#define JOB_SECOND UINT64_C(1000000000)
#define JOB_HOUR   (3600 * JOB_SECOND)
#define JOB_DAY    (24 * JOB_HOUR)

struct job_options {
	const char *synth;
	enum plan_mode mode;
	uint32_t part_size; /* 0: the largest */
	uint32_t links, inflight, chunks, ahead; /* 0: some */
	uint64_t max_wait_ns;
	uint64_t rate_count; /* posts a minute; 0: without a limit */
	uint64_t interval_ns; /* between two posts at least */
	struct pace_methods *learnt; /* what the account learnt, instead of the rate; NULL: nothing */
	uint64_t seed;       /* 0: 1 */
	int32_t from_id, to_id; /* these may be changed from life to life */
	uint64_t limit;
	bool allow_protected, premium;
	bool closed;     /* the source is known to be protected */
	enum target_kind target; /* a supergroup, unless it is said */
	bool saved;      /* the source is the account's Saved Messages */
	uint64_t topics; /* above 0: forums */
	const char *knobs[4];
};

struct job {
	struct job_options o;
	struct scenario scenario;
	struct simworld *world;
	struct disk *disk;
	struct telegram *telegram;
	struct client client;
};

/* The world stands and the account is logged in; the clone has not begun. The struct is zeroed, or
 * has had a job before. */
void job_open(struct job *, const struct job_options *);
/* Until it ended, or for so long; its status. Being stuck fails the test. */
enum clone_status job_run(struct job *, uint64_t most_ns);
/* The process dies, and a new one is started on what the disk holds. */
void job_kill(struct job *);
/* The host is off for so long. */
void job_sleep(struct job *, uint64_t ns);
/* A new ledger: what was cloned before is known to the server alone. */
void job_forget(struct job *);

/* A command of the simulator's control door, which must be taken; its answer. */
const char *job_ctl(struct job *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A counter of the statistics, by path ("requests/upload.getFile/count"); 0 when it is not there.
 */
uint64_t job_stat(struct job *, const char *path);
/* All requests that came so far. */
uint64_t job_requests(struct job *);
/* Requests that came while their method had been told to wait. */
uint64_t job_early(struct job *);
uint64_t job_fired(struct job *, const char *kind);
/* Until that has fired so often; a test in which it does not fails. */
void job_until(struct job *, const char *kind, uint64_t count);
/*
 * The call behind the next so many of that method is executed, and the process dies before it hears so:
 * within a life the server would say it once more.
 */
void job_dies_unanswered(struct job *, const char *method, uint32_t skip);

/* It ended well, the target is the source, and nothing that a strict server minds happened. */
void job_is_complete(struct job *);
/* It ended well, and so many of its messages are skipped. */
void job_is_done(struct job *, uint32_t skipped);
/* So many messages are in a chat (as of whole.h), in the dump's lines. */
uint32_t job_lines(struct job *, uint32_t chat);
/* The rows that are skipped; the reason of the last one into reason. */
uint32_t job_skipped(struct job *, char reason[64]);
uint32_t job_rows(struct job *, enum row_state);
/* Rows that were found to be sent already. */
uint32_t job_adopted(struct job *);
/* The id of the i-th message of the source that is no service message. */
int32_t job_source_id(struct job *, uint32_t i);
uint64_t job_now(const struct job *);

#endif

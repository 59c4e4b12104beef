/*
 * What clone, verify, status and retry work on: two chats, the topics, and the ledger that belongs to
 * them. The ledger's file is named after account, source, target and generation.
 */
#ifndef TGCLONE_JOB_H
#define TGCLONE_JOB_H

#include "tools/tgclone/client.h"

struct job {
	struct chat_info source, target;
	int32_t source_topic, target_topic;
	struct ledger_job ledger_job;
	struct plan_options plan;
	char path[4096];
};

/* The chats as operands, flags or environment name them. 0 or an exit code after an error line. */
int job_resolve(struct client *, struct job *);
/* Only the source: for scan. */
int job_resolve_source(struct client *, struct job *);
/* create: for clone; an empty ledger is made when there is none, and --from is held against what earlier
 * runs left out. Else the absence of a ledger is an error. */
int job_open_ledger(struct client *, const struct job *, bool create, struct ledger **);
/* First message of the range that this job plans without a gap; what is below was left out by --from. */
int32_t job_begin(struct ledger *);
/* The exit code of a ledger fault. */
int job_ledger_exit(enum ledger_fault);

#endif

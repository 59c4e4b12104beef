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
/* Whether something can still be said in the target. */
int job_may_send(struct client *, const struct job *);
/* It is a supergroup by now, and the clone ended for it: where it goes on. 69. */
int job_say_grown(struct client *, const struct job *, struct ledger *);
/* When older or newer messages of the source are in another chat. */
void job_tell_origin(struct client *, const struct job *);
/* Only the source: for scan. */
int job_resolve_source(struct client *, struct job *);
/* For who only looks at a resolved job: it is looked at with the options it began with. */
void job_follow(struct job *);
/* A loss that no message has by itself: told when the job begins, and by its rehearsal. */
void job_tell_topics(struct client *, const struct job *);
/* create: an empty ledger is made when there is none; else its absence is an error. */
int job_open_ledger(struct client *, const struct job *, bool create, struct ledger **);
/*
 * For a rehearsal: refused as that one refuses, and only read. With create none may be there, which leaves NULL;
 * *ledger is NULL before.
 */
int job_read_ledger(struct client *, const struct job *, bool create, struct ledger **);
/*
 * For rebuild: whether another job of the profile forbids this one; the name of the file that says that the
 * ledger is being made anew; what status tells of the job.
 */
int job_refuse_clash(struct client *, const struct job *);
bool job_marker_path(const struct job *, char out[PATH_MAX]);
void job_note_names(struct client *, const struct job *, struct ledger *);
/* What other jobs of the profile sent into the same target. Zeroed, but for the first two, which are borrowed. */
struct job_others {
	struct client *cl;
	const struct job *job;
	int32_t *ids; /* sorted */
	uint32_t count, room;
	uint64_t generations; /* of the same messages in the same chat, a bit each: their ledgers were read */
	bool read, full;
};
enum { JOB_GENERATIONS = 64 };
/*
 * Once. Ledgers that cannot be read are warned of, and left out. 0 or an exit code after an error line: what was
 * read is known.
 */
int job_others_read(struct job_others *);
bool job_others_have(const struct job_others *, int32_t target_id);
void job_others_close(struct job_others *);
/* The exit code of a ledger fault. */
int job_ledger_exit(enum ledger_fault);
/* The same after an error line: what ledger_open said of path, which it may name or not. */
int job_ledger_fail(struct app *, const char *path, enum ledger_fault, const char *why);

#endif

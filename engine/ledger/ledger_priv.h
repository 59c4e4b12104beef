/*
 * Inside of the ledger: what its files share. The file on disk (file.c, log.c), the records in the
 * queue (queue.c), the thread that writes them (writer.c) and the questions of the caller
 * (reader.c).
 */
#ifndef TGCLONE_LEDGER_PRIV_H
#define TGCLONE_LEDGER_PRIV_H

#include "engine/ledger/disk.h"
#include "engine/ledger/ledger.h"
#include "proto/base/check.h"
#include "proto/base/crash.h"

#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>

enum {
	LEDGER_SCHEMA = 1,
	/* application_id in the first page: "tgcl" at rest, "tgcO" while somebody writes. */
	LEDGER_ID_REST = 0x7467636c,
	LEDGER_ID_OPEN = 0x7467634f,
	LEDGER_WHY = LEDGER_WHY_MAX,
	QUEUE_BYTES = 1 << 20,
	QUEUE_ITEM_MAX = QUEUE_BYTES / 2,
	/* A transaction ends when the queue is empty or after so many bytes of records (some
	 * 400 rows, a few ms): nobody's ticket waits longer than 20 ms for others' writes. */
	COMMIT_BYTES = 64 * 1024,
	RETRY_SLICE = 4096, /* rows of one transaction of a retry */
	LOG_PAGES = 1000,   /* the log goes into the database when it is longer */
};

/* ---- file.c: the database file ---- */

/* The job row: the job, and how far its planning came. */
struct job_row {
	struct ledger_job job;
	int32_t cursor, last_source_id, watermark;
	bool ended;
};

struct db_why {
	enum ledger_fault fault;
	char text[LEDGER_WHY];
};

enum { SCHEMA_COUNT = 6 };
/* What sqlite_schema must hold, in the order of the names. */
extern const char *const schema_sql[SCHEMA_COUNT];

/* First fault stays; returns false always, so that callers can return it. */
bool db_fail(struct db_why *, enum ledger_fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As db_fail with what SQLite says of its last call. */
bool db_fail_sql(struct db_why *, sqlite3 *, const char *doing);
bool db_exec(struct db_why *, sqlite3 *, const char *sql);
bool db_prepare(struct db_why *, sqlite3 *, sqlite3_stmt **, const char *sql);
/* A whole new database at path, complete or not at all. */
bool file_create(struct db_why *, const struct ledger_disk *, const char *path,
		 const struct ledger_job *);
/*
 * Looks whether it is ours and has its log when it needs one, opens, sets all limits. The handle
 * must be closed by the caller also after a failure.
 */
bool file_open(struct db_why *, const struct ledger_disk *, sqlite3 **, const char *path,
	       bool readonly);
bool path_join(struct db_why *, char out[PATH_MAX], const char *path, const char *suffix);
/* log.c: whether the log of a ledger that was not closed is there. */
bool log_look(struct db_why *, const struct ledger_disk *, const char *path);
/* The log as we read it, on the disk for sure, before anything is built on it. Under the lock.
 * found: there is one. */
bool log_settle(struct db_why *, const struct ledger_disk *, const char *path, bool *found);
/* verify.c: schema, pages, sums. job and counts are filled. */
bool file_verify(struct db_why *, sqlite3 *, struct job_row *, struct ledger_counts *);
/* handle: what the disk gave, negative after a failure. */
bool file_lock(struct db_why *, const struct ledger_disk *, const char *path, int *handle);
/* In the next commit. */
bool file_say(struct db_why *, sqlite3 *, uint32_t application_id);
/*
 * In the first page of the file itself, not only in the log; truncate: and the log is emptied. Somebody
 * who reads may be in the way: must waits for him, and is BUSY in the end; else the log stays.
 */
bool file_mark(struct db_why *, sqlite3 *, uint32_t application_id, bool truncate, bool must);

/* ---- row.c: records and columns ---- */

#define ROW_COLUMNS                                                                                \
	"source_id, grouped_id, state, kind, mode, target_id, size, source_topic, target_topic, "  \
	"reply_to, digest, reason, adopted, sum"
#define UPLOAD_COLUMNS                                                                             \
	"source_id, item, file_id, source_file_id, size, part_size, part_total, started, bitmap, " \
	"sum"
#define JOB_COLUMNS                                                                                \
	"account, source, target, source_topic, target_topic, generation, options, cursor, "       \
	"ended, last_source_id, watermark, sum"

/* Binds in the order of the columns above, sum included, from parameter 1 on. */
void row_bind(sqlite3_stmt *, const struct ledger_row *);
void upload_bind(sqlite3_stmt *, const struct ledger_upload *);
void job_bind(sqlite3_stmt *, const struct job_row *);
/* False: the sum is wrong or a value is none we write. */
bool row_read(sqlite3_stmt *, struct ledger_row *);
bool upload_read(sqlite3_stmt *, struct ledger_upload *);
bool job_read(sqlite3_stmt *, struct job_row *);
int64_t topic_sum(int32_t source_topic, int32_t target_topic);
int64_t state_sum(const char *name, struct cspan value);

/* Adds a row to the counts (sign 1) or takes it out (-1). first and last are not touched. */
void counts_add(struct ledger_counts *, const struct ledger_row *, int sign);

/* ---- queue.c: one byte ring from the caller to the writer ---- */

enum item_kind {
	ITEM_PAD, /* the rest of the ring's end is unused */
	ITEM_PLAN,
	ITEM_PLAN_END,
	ITEM_ROWS,
	ITEM_UPLOAD,
	ITEM_UPLOAD_DROP,
	ITEM_TOPIC,
	ITEM_STATE,
	ITEM_RETRY,
};

/* Stands in front of its payload in the ring, aligned to 8. */
struct item {
	uint32_t size; /* of head and payload, rounded up to 8 */
	uint32_t kind;
	uint64_t ticket;
	uint32_t count; /* rows, or bytes of a payload that varies */
	int32_t number; /* cursor, watermark, last id, topic, message */
	int32_t other;  /* topic's target, item number */
	int32_t zero;
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled; /* the writer waits */
	pthread_cond_t moved;  /* the caller waits: room, or a ticket became durable */
	uint8_t *mem;
	uint32_t head, tail; /* bytes put and taken, modulo 2^32 */
	uint64_t ticket;     /* last given out */
	bool stop;           /* write what is there, then end */
	bool dead;           /* either side met a fault: nothing is taken any more */
	bool alone;          /* there is no thread: nobody would make room while we wait */
};

bool queue_init(struct queue *, bool alone);
void queue_fini(struct queue *);
/*
 * Copies the payload of two pieces (either may be empty); waits for room. Returns the ticket;
 * 0, when alone: there is no room now.
 */
uint64_t queue_put(struct queue *, struct item, struct cspan a, struct cspan b);
/* The oldest item, lent until queue_drop. NULL: none (wait: and the queue was stopped). */
const struct item *queue_peek(struct queue *, bool wait);
void queue_drop(struct queue *, const struct item *);

/* ---- the ledger ---- */

/* What the writing thread alone touches. */
struct writer {
	sqlite3 *db;
	sqlite3_stmt *row_find, *row_put, *upload_put, *upload_drop, *topic_put, *state_put,
	    *job_put, *retry_scan;
	struct job_row job;
	struct ledger_counts counts;
	struct db_why why;
	uint64_t retried; /* by the last ITEM_RETRY */
	uint64_t ticket;  /* last applied */
	int log_pages;    /* after the last commit */
	int log_pages_max;
	bool log_found; /* by this open: the last one did not end well */
};

struct reader {
	sqlite3 *db;
	sqlite3_stmt *find, *scan, *scan_open, *job, *topic, *upload, *state, *all, *reasons,
	    *source_of, *behind;
};

struct ledger {
	struct ledger_job job;
	bool readonly;
	const struct ledger_disk *disk;
	char path[PATH_MAX]; /* for people */
	bool threadless;
	int lock, hold, event_fd; /* -1: none */
	struct writer writer;
	struct reader reader;
	struct queue queue;
	pthread_t thread;
	bool thread_runs;
	bool started; /* the file is marked as in use: records may be written */
	/* Under queue.lock, set by the writer after each commit. */
	struct ledger_counts counts;
	uint64_t retried;
	struct db_why why; /* first fault of either side */
	uint64_t durable;  /* atomic */
};

bool writer_open(struct ledger *, const char *path);
/* Marks the file as in use and starts the thread, unless threadless. */
bool writer_start(struct ledger *);
/* One group, committed. False: nothing lies in the queue (wait: and it was stopped), or a fault. */
bool writer_turn(struct ledger *, bool wait);
void writer_close(struct ledger *);
bool reader_open(struct ledger *, struct db_why *, const char *path);
void reader_close(struct ledger *);
/* A row up to the cursor has a target above the watermark; looks at all of them. */
bool ledger_sent_behind(struct ledger *, int32_t cursor, int32_t watermark);
/* The first fault of the ledger, from either thread. */
void ledger_note(struct ledger *, const struct db_why *);

#endif

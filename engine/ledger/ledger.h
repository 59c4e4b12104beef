/*
 * The ledger: what makes a job exactly-once across crashes (reliability.md 2). SQLite in WAL mode
 * with full sync, owned by one thread; the engine hands it small fixed records through one queue
 * and learns one number, the last durable ticket. Commits are grouped (<= 20 ms).
 *
 * It holds ids, states and digests; never texts (X12). Reading happens on the calling thread
 * through a connection of its own; rows written but not yet durable are not visible to it. All
 * calls on one ledger come from one thread.
 *
 * Every record carries a check sum, and a ledger in use says so in its first page: damage, a
 * missing WAL or a file of somebody else is told at the open (P15) and never repaired by guessing.
 */
#ifndef TGCLONE_LEDGER_LEDGER_H
#define TGCLONE_LEDGER_LEDGER_H

#include "proto/base/bytes.h"

enum row_state {
	ROW_PLANNED,
	ROW_UPLOADING,
	ROW_UPLOADED,
	ROW_SENDING, /* F5: durable before a byte of the send is on the wire */
	ROW_SENT,    /* F6: target id known */
	ROW_DONE,    /* F7 */
	ROW_SKIPPED, /* reason tells why */
};

/* One job: source, target, account, generation. Opening with other values is refused. */
struct ledger_job {
	int64_t account;
	int64_t source, target;             /* marked ids, -100... */
	int32_t source_topic, target_topic; /* 0 = all, or none */
	uint32_t generation;
	uint8_t options_digest[32]; /* of the options that change what is sent */
};

struct ledger_row {
	int32_t source_id;
	int64_t grouped_id; /* 0: no album */
	enum row_state state;
	uint8_t kind;      /* of clone/plan.h; opaque here */
	uint8_t mode;      /* forward, copy, stream; opaque here */
	int32_t target_id; /* from ROW_SENT on */
	int64_t size;      /* bytes of media */
	int32_t source_topic, target_topic;
	int32_t reply_to;   /* source id of the parent, 0 none */
	uint8_t digest[32]; /* of text, entities and media identity: what we mean to send */
	char reason[64];    /* ROW_SKIPPED, or a note */
	bool adopted;
};

struct ledger;
struct ledger_disk;

enum {
	LEDGER_ROWS_MAX = 1024, /* rows in one call of plan, intent or sent */
	LEDGER_STATE_MAX = 256, /* bytes of one named state */
	LEDGER_NAME_MAX = 63,   /* its name */
	LEDGER_PARTS_MAX = 8192,
	LEDGER_WHY_MAX = 512, /* of a text for people, with its NUL */
};

enum ledger_fault {
	LEDGER_SOUND,
	LEDGER_BUSY,    /* another process holds it (exit 75) */
	LEDGER_DAMAGED, /* exit 65 */
	LEDGER_FOREIGN, /* other job, newer schema (exit 65) */
	LEDGER_CREATE,  /* cannot be created (73) */
	LEDGER_IO,      /* 74; also a failed sync: nothing is written after it */
	LEDGER_MEMORY,  /* none is to be had, or no thread; what is written stays good (75) */
};

/*
 * path: the database; a lock file stands beside it. why: one line for people. create: make it when
 * missing. With job NULL an existing one is opened for reading only (status) and no lock is taken.
 */
enum ledger_fault ledger_open(struct ledger **, const char *path, const struct ledger_job *job,
			      bool create, char *why, size_t why_size);
/* Writes what is queued, closes. Returns the first fault the thread met. */
enum ledger_fault ledger_close(struct ledger **);
/* The same, and why it was not well. */
enum ledger_fault ledger_close_why(struct ledger **, char *why, size_t why_size);
void ledger_job(const struct ledger *, struct ledger_job *out);

/*
 * Before the process opens its first ledger, on one thread: SQLite's pages come out of one lot of memory then, as
 * much as the caches of two connections hold, instead of the heap, which they break up for hours. It is the
 * process's until it ends. False: they come from the heap, as they do when a ledger is open already.
 * (sqlite.org/malloc.html 3.3)
 */
bool ledger_take_memory(void);

/*
 * ledger_open with the disk named. threadless: there is no thread and no eventfd; what is put lies
 * in the queue until ledger_turn() commits a group of it on the caller's thread (as do a full
 * queue, ledger_sync, ledger_retry and ledger_close). What is written, and when a ticket is
 * durable, is the same code.
 */
struct ledger_options {
	const struct ledger_disk *disk; /* engine/ledger/disk.h */
	bool threadless;
	uint32_t log_pages; /* the log goes into the database after so many; 0: as usual */
};
enum ledger_fault ledger_open_on(struct ledger **, const struct ledger_options *, const char *path,
				 const struct ledger_job *job, bool create, char *why,
				 size_t why_size);
/* Threadless only: one group commit. False: nothing was queued, or a fault. */
bool ledger_turn(struct ledger *);

/*
 * ---- writing: each returns a ticket; it is durable when ledger_durable() >= ticket ----
 *
 * The records are copied into a queue of fixed size; when it is full the call waits for the disk,
 * which bounds what can be lost. After a fault nothing is written any more and no ticket becomes
 * durable.
 */

/* F1: one page of rows and the cursor, in one transaction. Rows that exist already stay as they
 * are. */
uint64_t ledger_plan(struct ledger *, const struct ledger_row *rows, uint32_t count,
		     int32_t cursor);
uint64_t ledger_plan_end(struct ledger *, int32_t last_source_id); /* the source's end was seen */
/*
 * One row's new state, target id, mode, reason, digest, adopted; of a row that is there already the
 * other fields stay (size and target_topic change when they are not 0). A row that is SENT or DONE
 * never goes back to an earlier state: that is checked.
 */
uint64_t ledger_put(struct ledger *, const struct ledger_row *);
/* F5 for a group: all rows together, with the watermark (highest id seen in the target). */
uint64_t ledger_intent(struct ledger *, const struct ledger_row *rows, uint32_t count,
		       int32_t watermark);
/* F6 for a group: all rows together; the watermark is at least their highest target id. */
uint64_t ledger_sent(struct ledger *, const struct ledger_row *rows, uint32_t count);

/* F2, F3: an upload that may be resumed. */
struct ledger_upload {
	int32_t source_id;
	uint32_t item;   /* 0 file, 1 thumbnail ... */
	int64_t file_id; /* random, ours */
	int64_t source_file_id, size;
	uint32_t part_size, part_total;
	uint64_t started_wall_ns;
	uint8_t bitmap[1024]; /* one bit a part, 8000 parts at most */
};
uint64_t ledger_upload_put(struct ledger *, const struct ledger_upload *);
uint64_t ledger_upload_drop(struct ledger *, int32_t source_id, uint32_t item);
/* Topic map: source topic -> target topic. */
uint64_t ledger_topic_put(struct ledger *, int32_t source_topic, int32_t target_topic);
/* Small state by name: pace lanes, counters. <= 256 bytes. */
uint64_t ledger_state_put(struct ledger *, const char *name, struct cspan value);
uint64_t ledger_state_put_int(struct ledger *, const char *name, int32_t value);

uint64_t ledger_durable(const struct ledger *);
/* Of the last record that was put; 0: none was. */
uint64_t ledger_ticket(const struct ledger *);
/* Waits until the ticket is durable (start-up and shutdown only) or a fault. */
enum ledger_fault ledger_sync(struct ledger *);
/* First fault of the thread, LEDGER_SOUND while all is well; text for people in why. */
enum ledger_fault ledger_fault(const struct ledger *, char *why, size_t why_size);
/* Becomes readable when ledger_durable() moved; for ring_readable. Read it empty with ledger_ack.
 * -1 when threadless. */
int ledger_eventfd(const struct ledger *);
void ledger_ack(struct ledger *);

/* ---- reading ---- */

bool ledger_find(struct ledger *, int32_t source_id, struct ledger_row *out);
/* Rows after source_id in order, up to count. Returns how many. */
uint32_t ledger_scan(struct ledger *, int32_t after, struct ledger_row *out, uint32_t count);
/* Rows in order that are not SENT, DONE or SKIPPED. */
uint32_t ledger_scan_open(struct ledger *, int32_t after, struct ledger_row *out, uint32_t count);
int32_t ledger_cursor(struct ledger *, bool *ended);
int32_t ledger_target_of(struct ledger *, int32_t source_id);   /* 0: not known */
int32_t ledger_source_of(struct ledger *, int32_t target_id); /* 0: of no row; looks at all of them */
int32_t ledger_topic_of(struct ledger *, int32_t source_topic); /* 0: not known */
bool ledger_upload_find(struct ledger *, int32_t source_id, uint32_t item,
			struct ledger_upload *out);
size_t ledger_state(struct ledger *, const char *name, struct span out); /* 0: none */
/* What ledger_state_put_int put; none: otherwise. */
int32_t ledger_state_int(struct ledger *, const char *name, int32_t otherwise);
int32_t ledger_watermark(struct ledger *);
struct ledger_counts {
	uint64_t rows[ROW_SKIPPED + 1];
	int64_t bytes_total, bytes_done; /* of all rows; of those SENT and DONE */
	int32_t first, last;             /* source ids, 0: no rows */
};
/* What is durable. Cheap while the ledger is open for writing, a scan otherwise. */
void ledger_counts(struct ledger *, struct ledger_counts *);
/* Skipped rows by reason: calls each(ctx, reason, count), most first. */
void ledger_reasons(struct ledger *, void (*each)(void *ctx, const char *reason, uint64_t count),
		    void *ctx);
/*
 * Skipped rows back to planned, for retry; NULL: all. Waits until durable. Returns how many. They will
 * be sent late: ledger_mark_late comes first.
 */
uint64_t ledger_retry(struct ledger *, const char *reason_prefix);

/*
 * ---- what is sent behind its place ----
 *
 * A mark says where the job stood when something was about to be sent late: of rows up to the cursor
 * those with a target above the watermark were sent after it.
 */
enum { LEDGER_LATE_MAX = 168, LEDGER_RETRIED = -1 };
struct ledger_late {
	uint32_t count;
	struct ledger_mark {
		int32_t cursor, watermark, from;
	} marks[LEDGER_LATE_MAX];
};
/*
 * from: where the range begins that fills a gap, or LEDGER_RETRIED. Again, while it goes on: no change.
 * Before the run sends anything: of what is not durable yet it may see half.
 */
void ledger_mark_late(struct ledger *, int32_t from);
/* The same range, but others sent something meanwhile that stands behind it. */
void ledger_mark_late_anew(struct ledger *, int32_t from);
/*
 * Rows were being sent when the last mark was set: their copies may stand above its watermark, and are not
 * late for that. Before something is sent late it is closed with the newest message that the target has.
 * Asks what is durable.
 */
bool ledger_late_is_open(struct ledger *);
void ledger_late_close(struct ledger *, int32_t end);
void ledger_late(struct ledger *, struct ledger_late *out);
/* Of a row with a target: 0 in its place, else late. Rows of one lateness stand in the source's order. */
uint32_t ledger_lateness(const struct ledger_late *, const struct ledger_row *);

/*
 * reliability.md 2.1: depends on nothing stored. Never 0 (0 becomes 1). The first 8 bytes, read as
 * int64 little-endian, of SHA-256 over
 *   "tgclone/rid/1" (13 bytes, no NUL) | account, target, source: int64 LE each |
 *   source_id: int32 LE | item: uint32 LE | generation: uint32 LE
 */
int64_t ledger_random_id(const struct ledger_job *, int32_t source_id, uint32_t item);

#endif

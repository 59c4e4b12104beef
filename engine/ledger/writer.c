/*
 * The writing thread, or what stands in for it (ledger_turn): takes what lies in the queue, puts it
 * into one transaction, commits it with a full sync and says up to which ticket everything is
 * durable. While a commit runs the queue fills again, so the groups grow with the load and a lone
 * record does not wait for company. After its first fault it writes nothing any more (P7): what the
 * disk holds then is what a restart finds.
 */
#include "engine/ledger/ledger_priv.h"
#include "proto/base/signals.h"

#include <stdio.h>
#include <unistd.h>

enum { WRITER_STACK = 2 << 20 }; /* reserved, not touched */

static bool prepare_all(struct writer *w)
{
	struct db_why *y = &w->why;

	return db_prepare(y, w->db, &w->row_find,
			  "SELECT " ROW_COLUMNS " FROM row WHERE source_id = ?") &&
	       db_prepare(y, w->db, &w->row_put,
			  "REPLACE INTO row(" ROW_COLUMNS
			  ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)") &&
	       db_prepare(y, w->db, &w->upload_put,
			  "REPLACE INTO upload(" UPLOAD_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?)") &&
	       db_prepare(y, w->db, &w->upload_drop,
			  "DELETE FROM upload WHERE source_id = ? AND item = ?") &&
	       db_prepare(y, w->db, &w->topic_put,
			  "REPLACE INTO topic(source_topic, target_topic, sum) VALUES(?,?,?)") &&
	       db_prepare(y, w->db, &w->state_put,
			  "REPLACE INTO state(name, value, sum) VALUES(?,?,?)") &&
	       db_prepare(y, w->db, &w->job_put,
			  "REPLACE INTO job(id, " JOB_COLUMNS ") "
			  "VALUES(1,?,?,?,?,?,?,?,?,?,?,?,?)") &&
	       db_prepare(y, w->db, &w->retry_scan,
			  "SELECT " ROW_COLUMNS " FROM row WHERE state = 6 AND source_id > ? "
			  "ORDER BY source_id LIMIT 1");
}

static_assert(ROW_SKIPPED == 6, "the statement above says so");

static int committed(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct writer *w = arg;

	w->log_pages = pages;
	return SQLITE_OK;
}

bool writer_open(struct ledger *l, const char *path)
{
	struct writer *w = &l->writer;

	return file_open(&w->why, l->disk, &w->db, path, false) &&
	       file_verify(&w->why, w->db, &w->job, &w->counts);
}

static void finalize_all(struct writer *w)
{
	sqlite3_finalize(w->row_find);
	sqlite3_finalize(w->row_put);
	sqlite3_finalize(w->upload_put);
	sqlite3_finalize(w->upload_drop);
	sqlite3_finalize(w->topic_put);
	sqlite3_finalize(w->state_put);
	sqlite3_finalize(w->job_put);
	sqlite3_finalize(w->retry_scan);
}

/* Nothing more is written. A sound ledger is put to rest; another stays as it is, log included. */
void writer_close(struct ledger *l)
{
	struct writer *w = &l->writer;

	if (w->db == NULL)
		return;
	CRASH_POINT("ledger.close.writer");
	finalize_all(w);
	if (l->started && w->why.fault == LEDGER_SOUND &&
	    file_mark(&w->why, w->db, LEDGER_ID_REST, true, false))
		sqlite3_db_config(w->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	CRASH_POINT("ledger.close.rested");
	sqlite3_close(w->db);
	w->db = NULL;
	CRASH_POINT("ledger.close.closed");
}

/* ---- one record ---- */

/*
 * Not left to SQLite, which would pass over a sync that fails here. A reader may be in the way:
 * then the rest goes next time.
 */
static bool shorten_log(struct writer *w)
{
	int rc;

	CRASH_POINT("ledger.commit.done");
	if (w->log_pages < w->log_pages_max)
		return true;
	CRASH_POINT("ledger.shorten.before");
	rc = sqlite3_wal_checkpoint_v2(w->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	CRASH_POINT("ledger.shorten.after");
	return rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY ||
	       db_fail_sql(&w->why, w->db, "checkpoint");
}

static bool run(struct writer *w, sqlite3_stmt *q)
{
	int rc = sqlite3_step(q);

	if (rc != SQLITE_DONE)
		db_fail_sql(&w->why, w->db, "ledger cannot be written");
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	return rc == SQLITE_DONE;
}

static bool find(struct writer *w, int32_t source_id, struct ledger_row *out, bool *there)
{
	int rc;
	bool ok = true;

	sqlite3_bind_int(w->row_find, 1, source_id);
	rc = sqlite3_step(w->row_find);
	*there = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW && !row_read(w->row_find, out))
		ok = db_fail(&w->why, LEDGER_DAMAGED, "row of message %d is damaged", source_id);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		ok = db_fail_sql(&w->why, w->db, "ledger cannot be read");
	sqlite3_reset(w->row_find);
	return ok;
}

static bool insert(struct writer *w, const struct ledger_row *r)
{
	struct ledger_counts *c = &w->counts;

	counts_add(c, r, 1);
	c->first = c->first == 0 || r->source_id < c->first ? r->source_id : c->first;
	c->last = r->source_id > c->last ? r->source_id : c->last;
	row_bind(w->row_put, r);
	return run(w, w->row_put);
}

static bool replace(struct writer *w, const struct ledger_row *old, const struct ledger_row *r)
{
	counts_add(&w->counts, old, -1);
	counts_add(&w->counts, r, 1);
	row_bind(w->row_put, r);
	return run(w, w->row_put);
}

static bool plan_rows(struct writer *w, const struct ledger_row *rows, uint32_t count)
{
	struct ledger_row old;
	bool there;

	for (uint32_t i = 0; i < count; i++) {
		if (!find(w, rows[i].source_id, &old, &there))
			return false;
		if (!there && !insert(w, &rows[i]))
			return false;
	}
	return true;
}

static bool put_row(struct writer *w, const struct ledger_row *r)
{
	struct ledger_row old, next;
	bool there;

	if (!find(w, r->source_id, &old, &there))
		return false;
	if (!there)
		return insert(w, r);
	check(old.state < ROW_SENT || old.state == ROW_SKIPPED || r->state >= ROW_SENT);
	next = old;
	next.state = r->state;
	next.mode = r->mode;
	next.target_id = r->target_id;
	next.adopted = r->adopted;
	next.size = r->size != 0 ? r->size : old.size;
	next.target_topic = r->target_topic != 0 ? r->target_topic : old.target_topic;
	memcpy(next.digest, r->digest, sizeof(next.digest));
	memcpy(next.reason, r->reason, sizeof(next.reason));
	return replace(w, &old, &next);
}

static bool put_rows(struct writer *w, const struct ledger_row *rows, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!put_row(w, &rows[i]))
			return false;
	}
	return true;
}

static bool put_job(struct writer *w)
{
	job_bind(w->job_put, &w->job);
	return run(w, w->job_put);
}

static bool apply_plan(struct writer *w, const struct item *it, const struct ledger_row *rows)
{
	struct job_row *j = &w->job;

	if (!plan_rows(w, rows, it->count))
		return false;
	j->cursor = it->number > j->cursor ? it->number : j->cursor;
	j->ended = j->ended && it->count == 0;
	return put_job(w);
}

static bool apply_plan_end(struct writer *w, int32_t last_source_id)
{
	w->job.ended = true;
	w->job.last_source_id = last_source_id;
	return put_job(w);
}

static bool apply_rows(struct writer *w, const struct item *it, const struct ledger_row *rows)
{
	bool higher = it->number > w->job.watermark;

	if (!put_rows(w, rows, it->count))
		return false;
	if (higher)
		w->job.watermark = it->number;
	return !higher || put_job(w);
}

static bool apply_upload(struct writer *w, const struct ledger_upload *u)
{
	upload_bind(w->upload_put, u);
	return run(w, w->upload_put);
}

static bool apply_upload_drop(struct writer *w, const struct item *it)
{
	sqlite3_bind_int(w->upload_drop, 1, it->number);
	sqlite3_bind_int64(w->upload_drop, 2, (uint32_t)it->other);
	return run(w, w->upload_drop);
}

static bool apply_topic(struct writer *w, const struct item *it)
{
	sqlite3_bind_int(w->topic_put, 1, it->number);
	sqlite3_bind_int(w->topic_put, 2, it->other);
	sqlite3_bind_int64(w->topic_put, 3, topic_sum(it->number, it->other));
	return run(w, w->topic_put);
}

/* The name with its NUL, then the value. */
static bool apply_state(struct writer *w, const struct item *it, const uint8_t *data)
{
	const char *name = (const char *)data;
	size_t skip = strlen(name) + 1;
	struct cspan value = cspan_of(data + skip, it->count - skip);

	sqlite3_bind_text(w->state_put, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_blob(w->state_put, 2, value.len > 0 ? (const void *)value.at : "",
			  (int)value.len, SQLITE_STATIC);
	sqlite3_bind_int64(w->state_put, 3, state_sum(name, value));
	return run(w, w->state_put);
}

/* The next skipped row behind *after. */
static bool next_skipped(struct writer *w, int64_t after, struct ledger_row *out, bool *there)
{
	int rc;
	bool ok = true;

	sqlite3_bind_int64(w->retry_scan, 1, after);
	rc = sqlite3_step(w->retry_scan);
	*there = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW && !row_read(w->retry_scan, out))
		ok = db_fail(&w->why, LEDGER_DAMAGED, "a skipped row is damaged");
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		ok = db_fail_sql(&w->why, w->db, "ledger cannot be read");
	sqlite3_reset(w->retry_scan);
	return ok;
}

/*
 * In slices of their own, so that the log stays small: a retry that a crash cut in two is simply
 * asked for again.
 */
static bool apply_retry(struct writer *w, const char *prefix)
{
	struct ledger_row old, next;
	int64_t after = INT64_MIN;
	bool there, ok;

	w->retried = 0;
	while ((ok = next_skipped(w, after, &old, &there)) && there) {
		after = old.source_id;
		if (strncmp(old.reason, prefix, strlen(prefix)) != 0)
			continue;
		next = old;
		next.state = ROW_PLANNED;
		next.target_id = 0;
		next.adopted = false;
		memset(next.reason, 0, sizeof(next.reason));
		if (!replace(w, &old, &next))
			return false;
		if (++w->retried % RETRY_SLICE == 0 &&
		    !(db_exec(&w->why, w->db, "COMMIT") && shorten_log(w) &&
		      db_exec(&w->why, w->db, "BEGIN")))
			return false;
	}
	return ok;
}

static bool apply(struct writer *w, const struct item *it)
{
	const void *data = it + 1;

	w->ticket = it->ticket;
	switch ((enum item_kind)it->kind) {
	case ITEM_PLAN:
		return apply_plan(w, it, data);
	case ITEM_PLAN_END:
		return apply_plan_end(w, it->number);
	case ITEM_ROWS:
		return apply_rows(w, it, data);
	case ITEM_UPLOAD:
		return apply_upload(w, data);
	case ITEM_UPLOAD_DROP:
		return apply_upload_drop(w, it);
	case ITEM_TOPIC:
		return apply_topic(w, it);
	case ITEM_STATE:
		return apply_state(w, it, data);
	case ITEM_RETRY:
		return apply_retry(w, data);
	case ITEM_PAD:
		break;
	}
	check(!"an item of the queue has a kind");
	return false;
}

/* ---- the thread ---- */

/* One transaction: the given item and what lies behind it. */
static bool commit_group(struct ledger *l, const struct item *it)
{
	struct writer *w = &l->writer;
	uint32_t bytes = 0;

	if (!db_exec(&w->why, w->db, "BEGIN IMMEDIATE"))
		return false;
	CRASH_POINT("ledger.commit.begun");
	while (it != NULL) {
		if (!apply(w, it))
			return false;
		CRASH_POINT("ledger.commit.applied");
		bytes += it->size;
		queue_drop(&l->queue, it);
		it = bytes < COMMIT_BYTES ? queue_peek(&l->queue, false) : NULL;
	}
	CRASH_POINT("ledger.commit.before");
	return db_exec(&w->why, w->db, "COMMIT") && shorten_log(w);
}

static void wake(struct ledger *l)
{
	uint64_t one = 1;
	ssize_t n = l->event_fd >= 0 ? write(l->event_fd, &one, sizeof(one)) : 0;

	(void)n; /* EAGAIN: the counter is full, so the fd is readable all the same */
}

static void publish(struct ledger *l)
{
	CRASH_POINT("ledger.publish.before");
	pthread_mutex_lock(&l->queue.lock);
	l->counts = l->writer.counts;
	l->retried = l->writer.retried;
	__atomic_store_n(&l->durable, l->writer.ticket, __ATOMIC_RELEASE);
	pthread_cond_broadcast(&l->queue.moved);
	pthread_mutex_unlock(&l->queue.lock);
	CRASH_POINT("ledger.wake.before");
	wake(l);
}

static void give_up(struct ledger *l)
{
	/* Also when the failed statement has already ended the transaction: then it is a no-op. */
	sqlite3_exec(l->writer.db, "ROLLBACK", NULL, NULL, NULL);
	ledger_note(l, &l->writer.why);
	wake(l);
}

bool writer_turn(struct ledger *l, bool wait)
{
	const struct item *it = NULL;

	if (l->writer.why.fault == LEDGER_SOUND)
		it = queue_peek(&l->queue, wait);
	if (it == NULL)
		return false;
	if (!commit_group(l, it)) {
		give_up(l);
		return false;
	}
	publish(l);
	CRASH_POINT("ledger.wake.after");
	return true;
}

static void *writer_run(void *arg)
{
	struct ledger *l = arg;

	pthread_setname_np(pthread_self(), "ledger");
	while (writer_turn(l, true))
		;
	return NULL;
}

/*
 * We do not write on where a dead one stopped. Behind the last commit that SQLite found there may
 * lie others whose sums go on from a frame that was lost; whoever writes that frame again, and a
 * job does the same again, would bring them back to life. A new log has new salts.
 */
static bool begin_log(struct writer *w)
{
	struct db_why undone = {0};

	if (w->log_found && !file_mark(&w->why, w->db, LEDGER_ID_REST, true, true))
		return false;
	if (file_mark(&w->why, w->db, LEDGER_ID_OPEN, false, true))
		return true;
	/* Who was in the way may put the log into the file and take it away: it is at rest, then. */
	if (w->why.fault == LEDGER_BUSY)
		file_say(&undone, w->db, LEDGER_ID_REST);
	return false;
}

/* Its stack is not left to a limit, or a C library, that gives a few pages only. */
static bool start_thread(struct ledger *l)
{
	pthread_attr_t attr;
	sigset_t before;
	bool runs;

	if (pthread_attr_init(&attr) != 0)
		return false;
	signals_hold(&before);
	runs = pthread_attr_setstacksize(&attr, WRITER_STACK) == 0 &&
	       pthread_create(&l->thread, &attr, writer_run, l) == 0;
	signals_restore(&before);
	pthread_attr_destroy(&attr);
	return runs;
}

bool writer_start(struct ledger *l)
{
	struct writer *w = &l->writer;

	CRASH_POINT("ledger.start.verified");
	if (!prepare_all(w) || !begin_log(w))
		return false;
	CRASH_POINT("ledger.start.open");
	sqlite3_wal_hook(w->db, committed, w);
	l->counts = w->counts;
	l->started = true;
	if (l->threadless)
		return true;
	l->thread_runs = start_thread(l);
	return l->thread_runs || db_fail(&w->why, LEDGER_MEMORY, "no thread for the ledger");
}

/*
 * The caller's questions, on a read-only connection of its own: each sees the last commit, none
 * waits for the writer. A record whose sum is wrong is not answered; it makes the ledger's fault
 * DAMAGED, which the caller learns where it learns of all others.
 */
#include "engine/ledger/ledger_priv.h"

#include <stdio.h>

bool reader_open(struct ledger *l, struct db_why *w, const char *path)
{
	struct reader *r = &l->reader;
	struct job_row job;

	if (!file_open(w, l->disk, &r->db, path, true))
		return false;
	if (l->readonly) {
		if (!file_verify(w, r->db, &job, &l->counts))
			return false;
		l->job = job.job;
	}
	return db_prepare(w, r->db, &r->find,
			  "SELECT " ROW_COLUMNS " FROM row WHERE source_id = ?") &&
	       db_prepare(w, r->db, &r->scan,
			  "SELECT " ROW_COLUMNS " FROM row WHERE source_id > ? "
			  "ORDER BY source_id LIMIT ?") &&
	       db_prepare(w, r->db, &r->scan_open,
			  "SELECT " ROW_COLUMNS " FROM row INDEXED BY row_open "
			  "WHERE state < 4 AND source_id > ? ORDER BY source_id LIMIT ?") &&
	       db_prepare(w, r->db, &r->job, "SELECT " JOB_COLUMNS " FROM job") &&
	       db_prepare(w, r->db, &r->topic,
			  "SELECT target_topic, sum FROM topic WHERE source_topic = ?") &&
	       db_prepare(w, r->db, &r->upload,
			  "SELECT " UPLOAD_COLUMNS
			  " FROM upload WHERE source_id = ? AND item = ?") &&
	       db_prepare(w, r->db, &r->state, "SELECT value, sum FROM state WHERE name = ?") &&
	       db_prepare(w, r->db, &r->all,
			  "SELECT " ROW_COLUMNS " FROM row ORDER BY source_id") &&
	       db_prepare(w, r->db, &r->reasons,
			  "SELECT reason, count(*) FROM row WHERE state = 6 GROUP BY reason "
			  "ORDER BY 2 DESC, 1") &&
	       db_prepare(w, r->db, &r->source_of,
			  "SELECT source_id FROM row WHERE target_id = ? AND state IN (4, 5) LIMIT 1") &&
	       db_prepare(w, r->db, &r->behind,
			  "SELECT 1 FROM row WHERE source_id <= ? AND target_id > ? LIMIT 1");
}

static_assert(ROW_SENT == 4 && ROW_DONE == 5, "the statements above say so");

void reader_close(struct ledger *l)
{
	struct reader *r = &l->reader;

	if (r->db == NULL)
		return;
	sqlite3_finalize(r->find);
	sqlite3_finalize(r->scan);
	sqlite3_finalize(r->scan_open);
	sqlite3_finalize(r->job);
	sqlite3_finalize(r->topic);
	sqlite3_finalize(r->upload);
	sqlite3_finalize(r->state);
	sqlite3_finalize(r->all);
	sqlite3_finalize(r->reasons);
	sqlite3_finalize(r->source_of);
	sqlite3_finalize(r->behind);
	sqlite3_close(r->db);
	r->db = NULL;
}

static bool bad_record(struct ledger *l, const char *what)
{
	struct db_why w = {0};

	db_fail(&w, LEDGER_DAMAGED, "ledger is damaged: %s", what);
	ledger_note(l, &w);
	return false;
}

/* Steps; true while there is a row. What went wrong is noted. */
static bool step(struct ledger *l, sqlite3_stmt *q)
{
	struct db_why w = {0};
	int rc = sqlite3_step(q);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		db_fail_sql(&w, l->reader.db, "ledger cannot be read");
		ledger_note(l, &w);
	}
	return rc == SQLITE_ROW;
}

bool ledger_find(struct ledger *l, int32_t source_id, struct ledger_row *out)
{
	sqlite3_stmt *q = l->reader.find;
	bool found;

	sqlite3_bind_int(q, 1, source_id);
	found = step(l, q) && (row_read(q, out) || bad_record(l, "a row"));
	sqlite3_reset(q);
	return found;
}

static uint32_t scan(struct ledger *l, sqlite3_stmt *q, int32_t after, struct ledger_row *out,
		     uint32_t count)
{
	uint32_t n = 0;

	sqlite3_bind_int(q, 1, after);
	sqlite3_bind_int64(q, 2, count);
	while (n < count && step(l, q)) {
		if (!row_read(q, &out[n])) {
			bad_record(l, "a row");
			break;
		}
		n++;
	}
	sqlite3_reset(q);
	return n;
}

uint32_t ledger_scan(struct ledger *l, int32_t after, struct ledger_row *out, uint32_t count)
{
	return scan(l, l->reader.scan, after, out, count);
}

uint32_t ledger_scan_open(struct ledger *l, int32_t after, struct ledger_row *out, uint32_t count)
{
	return scan(l, l->reader.scan_open, after, out, count);
}

static struct job_row job_now(struct ledger *l)
{
	sqlite3_stmt *q = l->reader.job;
	struct job_row j = {0};

	if (step(l, q) && !job_read(q, &j)) {
		bad_record(l, "job");
		j = (struct job_row){0};
	}
	sqlite3_reset(q);
	return j;
}

int32_t ledger_cursor(struct ledger *l, bool *ended)
{
	struct job_row j = job_now(l);

	if (ended != NULL)
		*ended = j.ended;
	return j.cursor;
}

int32_t ledger_watermark(struct ledger *l)
{
	return job_now(l).watermark;
}

int32_t ledger_target_of(struct ledger *l, int32_t source_id)
{
	struct ledger_row r;

	if (!ledger_find(l, source_id, &r))
		return 0;
	return r.state == ROW_SENT || r.state == ROW_DONE ? r.target_id : 0;
}

int32_t ledger_source_of(struct ledger *l, int32_t target_id)
{
	sqlite3_stmt *q = l->reader.source_of;
	int32_t source;

	sqlite3_bind_int(q, 1, target_id);
	source = step(l, q) ? sqlite3_column_int(q, 0) : 0;
	sqlite3_reset(q);
	return source;
}

bool ledger_sent_behind(struct ledger *l, int32_t cursor, int32_t watermark)
{
	sqlite3_stmt *q = l->reader.behind;
	bool found;

	sqlite3_bind_int(q, 1, cursor);
	sqlite3_bind_int(q, 2, watermark);
	found = step(l, q);
	sqlite3_reset(q);
	return found;
}

int32_t ledger_topic_of(struct ledger *l, int32_t source_topic)
{
	sqlite3_stmt *q = l->reader.topic;
	int32_t target = 0;

	sqlite3_bind_int(q, 1, source_topic);
	if (step(l, q)) {
		target = sqlite3_column_int(q, 0);
		if (sqlite3_column_int64(q, 1) != topic_sum(source_topic, target)) {
			bad_record(l, "a topic");
			target = 0;
		}
	}
	sqlite3_reset(q);
	return target;
}

bool ledger_upload_find(struct ledger *l, int32_t source_id, uint32_t item,
			struct ledger_upload *out)
{
	sqlite3_stmt *q = l->reader.upload;
	bool found;

	sqlite3_bind_int(q, 1, source_id);
	sqlite3_bind_int64(q, 2, item);
	found = step(l, q) && (upload_read(q, out) || bad_record(l, "an upload"));
	sqlite3_reset(q);
	return found;
}

size_t ledger_state(struct ledger *l, const char *name, struct span out)
{
	sqlite3_stmt *q = l->reader.state;
	struct cspan value;
	size_t n = 0;

	sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
	if (step(l, q)) {
		value = cspan_of(sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0));
		if (sqlite3_column_int64(q, 1) != state_sum(name, value))
			bad_record(l, "a state");
		else if (value.len > 0 && value.len <= out.len)
			memcpy(out.at, value.at, n = value.len);
	}
	sqlite3_reset(q);
	return n;
}

int32_t ledger_state_int(struct ledger *l, const char *name, int32_t otherwise)
{
	uint8_t raw[4];

	if (ledger_state(l, name, (struct span){raw, sizeof(raw)}) != sizeof(raw))
		return otherwise;
	return (int32_t)load_le32(raw);
}

/* Without a writer there is nobody who keeps count. */
static void count_all(struct ledger *l, struct ledger_counts *c)
{
	sqlite3_stmt *q = l->reader.all;
	struct ledger_row r;

	*c = (struct ledger_counts){0};
	while (step(l, q)) {
		if (!row_read(q, &r)) {
			bad_record(l, "a row");
			break;
		}
		c->first = c->last == 0 ? r.source_id : c->first;
		c->last = r.source_id;
		counts_add(c, &r, 1);
	}
	sqlite3_reset(q);
}

void ledger_counts(struct ledger *l, struct ledger_counts *out)
{
	if (l->readonly) {
		count_all(l, out);
		return;
	}
	pthread_mutex_lock(&l->queue.lock);
	*out = l->counts;
	pthread_mutex_unlock(&l->queue.lock);
}

void ledger_reasons(struct ledger *l, void (*each)(void *ctx, const char *reason, uint64_t count),
		    void *ctx)
{
	sqlite3_stmt *q = l->reader.reasons;

	while (step(l, q)) {
		char reason[sizeof(((struct ledger_row *)0)->reason)];

		int len = sqlite3_column_bytes(q, 0);

		snprintf(reason, sizeof(reason), "%.*s", len,
			 len > 0 ? (const char *)sqlite3_column_blob(q, 0) : "");
		each(ctx, reason, (uint64_t)sqlite3_column_int64(q, 1));
	}
	sqlite3_reset(q);
}

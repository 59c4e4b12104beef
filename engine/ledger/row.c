/*
 * Records and columns: how a row, an upload, a topic, a state and the job stand in SQLite. Each
 * record carries a 64-bit sum over all of its values, so that a flipped bit in a page that is still
 * well-formed cannot turn a planned message into a done one. It owns nothing; when records are
 * written or read is the business of writer.c and reader.c.
 */
#include "engine/ledger/ledger_priv.h"

/*
 * FNV-1a over the values. Each step is a bijection of the state, so two inputs of equal length
 * that differ in one byte never have the same sum; that is what disks and fingers do. It is no
 * protection against somebody who can write our state directory, nothing here could be.
 */
struct sum {
	uint64_t state;
};

static struct sum sum_start(uint8_t table)
{
	return (struct sum){(0xcbf29ce484222325 ^ table) * 0x100000001b3};
}

static void sum_bytes(struct sum *s, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		s->state = (s->state ^ p[i]) * 0x100000001b3;
}

static void sum_int(struct sum *s, int64_t v)
{
	uint8_t le[8];

	store_le64(le, (uint64_t)v);
	sum_bytes(s, le, sizeof(le));
}

static void sum_pair(struct sum *s, int32_t a, int32_t b)
{
	uint8_t le[8];

	store_le32(le, (uint32_t)a);
	store_le32(le + 4, (uint32_t)b);
	sum_bytes(s, le, sizeof(le));
}

/* Length first: two neighbours of varying length must not melt into one. */
static void sum_blob(struct sum *s, const void *data, size_t len)
{
	sum_int(s, (int64_t)len);
	sum_bytes(s, data, len);
}

static int64_t sum_end(const struct sum *s)
{
	return (int64_t)(s->state ^ (s->state >> 29));
}

static bool is_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

/* A column of exactly size bytes, or an empty one for all zeros. */
static bool blob_read(sqlite3_stmt *q, int column, void *out, size_t size, bool shorter)
{
	const void *at = sqlite3_column_blob(q, column);
	size_t len = (size_t)sqlite3_column_bytes(q, column);

	if (len > size || (len != 0 && len != size && !shorter) || (len != 0 && at == NULL))
		return false;
	memset(out, 0, size);
	if (len > 0)
		memcpy(out, at, len);
	return true;
}

static bool int_read(sqlite3_stmt *q, int column, int64_t min, int64_t max, int64_t *out)
{
	*out = sqlite3_column_int64(q, column);
	return *out >= min && *out <= max;
}

static bool int32_read(sqlite3_stmt *q, int column, int32_t *out)
{
	int64_t v;
	bool ok = int_read(q, column, INT32_MIN, INT32_MAX, &v);

	*out = (int32_t)v;
	return ok;
}

static bool uint32_read(sqlite3_stmt *q, int column, uint32_t *out)
{
	int64_t v;
	bool ok = int_read(q, column, 0, UINT32_MAX, &v);

	*out = (uint32_t)v;
	return ok;
}

/* ---- messages ---- */

static int64_t row_sum(const struct ledger_row *r)
{
	struct sum s = sum_start('r');

	sum_pair(&s, r->source_id, r->target_id);
	sum_pair(&s, r->source_topic, r->target_topic);
	sum_pair(&s, r->reply_to,
		 (int32_t)((uint32_t)r->state | (uint32_t)r->kind << 8 | (uint32_t)r->mode << 16 |
			   (uint32_t)r->adopted << 24));
	sum_int(&s, r->grouped_id);
	sum_int(&s, r->size);
	sum_bytes(&s, r->digest, sizeof(r->digest));
	sum_blob(&s, r->reason, strnlen(r->reason, sizeof(r->reason)));
	return sum_end(&s);
}

void row_bind(sqlite3_stmt *q, const struct ledger_row *r)
{
	size_t reason_len = strnlen(r->reason, sizeof(r->reason) - 1);
	bool has_digest = !is_zero(r->digest, sizeof(r->digest));

	check(r->state <= ROW_SKIPPED);
	sqlite3_bind_int(q, 1, r->source_id);
	sqlite3_bind_int64(q, 2, r->grouped_id);
	sqlite3_bind_int(q, 3, (int)r->state);
	sqlite3_bind_int(q, 4, r->kind);
	sqlite3_bind_int(q, 5, r->mode);
	sqlite3_bind_int(q, 6, r->target_id);
	sqlite3_bind_int64(q, 7, r->size);
	sqlite3_bind_int(q, 8, r->source_topic);
	sqlite3_bind_int(q, 9, r->target_topic);
	sqlite3_bind_int(q, 10, r->reply_to);
	sqlite3_bind_blob(q, 11, r->digest, has_digest ? (int)sizeof(r->digest) : 0, SQLITE_STATIC);
	sqlite3_bind_blob(q, 12, r->reason, (int)reason_len, SQLITE_STATIC);
	sqlite3_bind_int(q, 13, r->adopted);
	sqlite3_bind_int64(q, 14, row_sum(r));
}

bool row_read(sqlite3_stmt *q, struct ledger_row *r)
{
	int64_t state, kind, mode, adopted;
	bool ok = int32_read(q, 0, &r->source_id);

	r->grouped_id = sqlite3_column_int64(q, 1);
	ok &= int_read(q, 2, 0, ROW_SKIPPED, &state);
	ok &= int_read(q, 3, 0, UINT8_MAX, &kind);
	ok &= int_read(q, 4, 0, UINT8_MAX, &mode);
	ok &= int32_read(q, 5, &r->target_id);
	r->size = sqlite3_column_int64(q, 6);
	ok &= int32_read(q, 7, &r->source_topic);
	ok &= int32_read(q, 8, &r->target_topic);
	ok &= int32_read(q, 9, &r->reply_to);
	ok &= blob_read(q, 10, r->digest, sizeof(r->digest), false);
	ok &= blob_read(q, 11, r->reason, sizeof(r->reason), true);
	ok &= int_read(q, 12, 0, 1, &adopted);
	if (!ok || r->reason[sizeof(r->reason) - 1] != 0)
		return false;
	r->state = (enum row_state)state;
	r->kind = (uint8_t)kind;
	r->mode = (uint8_t)mode;
	r->adopted = adopted != 0;
	return sqlite3_column_int64(q, 13) == row_sum(r);
}

void counts_add(struct ledger_counts *c, const struct ledger_row *r, int sign)
{
	c->rows[r->state] += (uint64_t)(int64_t)sign;
	/* Sizes are Telegram's word: a hostile one must not overflow the sum. */
	if (r->size < 0 || r->size > (int64_t)1 << 40)
		return;
	c->bytes_total += sign * r->size;
	if (r->state == ROW_SENT || r->state == ROW_DONE)
		c->bytes_done += sign * r->size;
}

/* ---- uploads ---- */

static size_t bitmap_len(const struct ledger_upload *u)
{
	size_t n = sizeof(u->bitmap);

	while (n > 0 && u->bitmap[n - 1] == 0)
		n--;
	return n;
}

static int64_t upload_sum(const struct ledger_upload *u)
{
	struct sum s = sum_start('u');

	sum_pair(&s, u->source_id, (int32_t)u->item);
	sum_int(&s, u->file_id);
	sum_int(&s, u->source_file_id);
	sum_int(&s, u->size);
	sum_pair(&s, (int32_t)u->part_size, (int32_t)u->part_total);
	sum_int(&s, (int64_t)u->started_wall_ns);
	sum_blob(&s, u->bitmap, bitmap_len(u));
	return sum_end(&s);
}

void upload_bind(sqlite3_stmt *q, const struct ledger_upload *u)
{
	sqlite3_bind_int(q, 1, u->source_id);
	sqlite3_bind_int64(q, 2, u->item);
	sqlite3_bind_int64(q, 3, u->file_id);
	sqlite3_bind_int64(q, 4, u->source_file_id);
	sqlite3_bind_int64(q, 5, u->size);
	sqlite3_bind_int64(q, 6, u->part_size);
	sqlite3_bind_int64(q, 7, u->part_total);
	sqlite3_bind_int64(q, 8, (int64_t)u->started_wall_ns);
	sqlite3_bind_blob(q, 9, u->bitmap, (int)bitmap_len(u), SQLITE_STATIC);
	sqlite3_bind_int64(q, 10, upload_sum(u));
}

bool upload_read(sqlite3_stmt *q, struct ledger_upload *u)
{
	bool ok = int32_read(q, 0, &u->source_id);

	ok &= uint32_read(q, 1, &u->item);
	u->file_id = sqlite3_column_int64(q, 2);
	u->source_file_id = sqlite3_column_int64(q, 3);
	u->size = sqlite3_column_int64(q, 4);
	ok &= uint32_read(q, 5, &u->part_size);
	ok &= uint32_read(q, 6, &u->part_total);
	u->started_wall_ns = (uint64_t)sqlite3_column_int64(q, 7);
	ok &= blob_read(q, 8, u->bitmap, sizeof(u->bitmap), true);
	return ok && u->part_total <= LEDGER_PARTS_MAX &&
	       sqlite3_column_int64(q, 9) == upload_sum(u);
}

/* ---- the rest ---- */

int64_t topic_sum(int32_t source_topic, int32_t target_topic)
{
	struct sum s = sum_start('t');

	sum_int(&s, source_topic);
	sum_int(&s, target_topic);
	return sum_end(&s);
}

int64_t state_sum(const char *name, struct cspan value)
{
	struct sum s = sum_start('s');

	sum_blob(&s, name, strlen(name));
	sum_blob(&s, value.at, value.len);
	return sum_end(&s);
}

static int64_t job_sum(const struct job_row *j)
{
	struct sum s = sum_start('j');

	sum_int(&s, j->job.account);
	sum_int(&s, j->job.source);
	sum_int(&s, j->job.target);
	sum_int(&s, j->job.source_topic);
	sum_int(&s, j->job.target_topic);
	sum_int(&s, j->job.generation);
	sum_bytes(&s, j->job.options_digest, sizeof(j->job.options_digest));
	sum_int(&s, j->cursor);
	sum_int(&s, j->ended);
	sum_int(&s, j->last_source_id);
	sum_int(&s, j->watermark);
	return sum_end(&s);
}

void job_bind(sqlite3_stmt *q, const struct job_row *j)
{
	sqlite3_bind_int64(q, 1, j->job.account);
	sqlite3_bind_int64(q, 2, j->job.source);
	sqlite3_bind_int64(q, 3, j->job.target);
	sqlite3_bind_int(q, 4, j->job.source_topic);
	sqlite3_bind_int(q, 5, j->job.target_topic);
	sqlite3_bind_int64(q, 6, j->job.generation);
	sqlite3_bind_blob(q, 7, j->job.options_digest, sizeof(j->job.options_digest),
			  SQLITE_STATIC);
	sqlite3_bind_int(q, 8, j->cursor);
	sqlite3_bind_int(q, 9, j->ended);
	sqlite3_bind_int(q, 10, j->last_source_id);
	sqlite3_bind_int(q, 11, j->watermark);
	sqlite3_bind_int64(q, 12, job_sum(j));
}

bool job_read(sqlite3_stmt *q, struct job_row *j)
{
	int64_t ended;
	bool ok;

	j->job.account = sqlite3_column_int64(q, 0);
	j->job.source = sqlite3_column_int64(q, 1);
	j->job.target = sqlite3_column_int64(q, 2);
	ok = int32_read(q, 3, &j->job.source_topic);
	ok &= int32_read(q, 4, &j->job.target_topic);
	ok &= uint32_read(q, 5, &j->job.generation);
	ok &= blob_read(q, 6, j->job.options_digest, sizeof(j->job.options_digest), false);
	ok &= int32_read(q, 7, &j->cursor);
	ok &= int_read(q, 8, 0, 1, &ended);
	ok &= int32_read(q, 9, &j->last_source_id);
	ok &= int32_read(q, 10, &j->watermark);
	j->ended = ended != 0;
	return ok && sqlite3_column_int64(q, 11) == job_sum(j);
}

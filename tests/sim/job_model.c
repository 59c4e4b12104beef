/*
 * The model of a job's records: see job_model.h. It holds no ledger and draws from the seed it is
 * given only; when things crash is the business of power_loss.c.
 */
#include "tests/sim/job_model.h"

#include "tests/sim/disk.h"

#include <stdio.h>

static uint32_t roll(uint64_t *seed, uint32_t n)
{
	return (uint32_t)(disk_random(seed) % n);
}

/* ---- histories ---- */

static struct ledger_row row_drawn(int32_t id, uint64_t *seed)
{
	struct ledger_row r = {.source_id = id,
			       .kind = (uint8_t)roll(seed, 9),
			       .mode = (uint8_t)roll(seed, 3),
			       .size = roll(seed, 2) == 0 ? 0 : (int64_t)roll(seed, 1U << 31) << 4,
			       .source_topic = (int32_t)roll(seed, 3),
			       .reply_to = id > 1 && roll(seed, 4) == 0 ? id - 1 : 0};

	if (roll(seed, 3) == 0)
		r.grouped_id = (int64_t)disk_random(seed);
	for (size_t i = 0; i < sizeof(r.digest) && r.kind != 0; i++)
		r.digest[i] = (uint8_t)disk_random(seed);
	return r;
}

/* Some pages begin with rows that are there already: those must stay as they are. */
static void draw_plan(struct record *rec, const struct model *m, uint64_t *seed)
{
	int32_t id = m->cursor - (int32_t)roll(seed, 4) + 1 + (int32_t)roll(seed, 2);

	rec->kind = RECORD_PLAN;
	rec->number = m->cursor;
	for (uint32_t n = roll(seed, MODEL_PAGE) + 1; n > 0; n--, id += 1 + (roll(seed, 8) == 0)) {
		if (id < 1 || id > MODEL_IDS)
			continue;
		rec->rows[rec->count++] = row_drawn(id, seed);
		rec->number = id > rec->number ? id : rec->number;
	}
}

/* A row in one of the states from..to, 0 when there is none. */
static int32_t pick(const struct model *m, enum row_state from, enum row_state to, int32_t after)
{
	for (int32_t i = 1; i <= MODEL_IDS; i++) {
		int32_t id = (after + i) % (MODEL_IDS + 1);

		if (id > after && m->there[id] && m->rows[id].state >= from &&
		    m->rows[id].state <= to)
			return id;
	}
	return 0;
}

static void add(struct record *rec, const struct model *m, int32_t id, enum row_state state)
{
	struct ledger_row *r = &rec->rows[rec->count++];

	*r = m->rows[id];
	r->state = state;
	if (state == ROW_SENT || state == ROW_DONE)
		r->target_id = 5000 + id;
	if (state == ROW_SKIPPED)
		snprintf(r->reason, sizeof(r->reason), "reason %d", id % 5);
}

/* A group: each row that may go there from where it is, up to some number. */
static bool draw_group(struct record *rec, const struct model *m, enum row_state from,
		       enum row_state to, enum row_state next, uint64_t *seed)
{
	uint32_t most = roll(seed, 4) == 0 ? 10 : 1;
	int32_t id = roll(seed, 3) == 0 ? (int32_t)roll(seed, MODEL_IDS) : 0;

	while (rec->count < most && (id = pick(m, from, to, id)) != 0)
		add(rec, m, id, next);
	return rec->count > 0;
}

static bool draw_upload(struct record *rec, const struct model *m, uint64_t *seed)
{
	int32_t id = pick(m, ROW_PLANNED, ROW_UPLOADING, (int32_t)roll(seed, MODEL_IDS));

	if (id == 0)
		return false;
	rec->kind = RECORD_UPLOAD;
	rec->upload = m->uploads[id];
	if (!m->upload_there[id])
		rec->upload = (struct ledger_upload){.source_id = id,
						     .file_id = (int64_t)disk_random(seed),
						     .source_file_id = (int64_t)disk_random(seed),
						     .size = 1LL << 31,
						     .part_size = 524288,
						     .part_total = 4096,
						     .started_wall_ns = disk_random(seed) >> 1};
	for (uint32_t i = roll(seed, 64); i > 0; i--)
		rec->upload.bitmap[roll(seed, 512)] |= (uint8_t)(1U << roll(seed, 8));
	return true;
}

static bool draw_kind(struct record *rec, const struct model *m, uint64_t *seed)
{
	switch (roll(seed, 17)) {
	case 0:
	case 1:
		draw_plan(rec, m, seed);
		return true;
	case 2:
		return draw_upload(rec, m, seed);
	case 3:
		rec->kind = RECORD_PUT;
		return draw_group(rec, m, ROW_PLANNED, ROW_UPLOADING, ROW_UPLOADED, seed);
	case 4:
	case 5:
	case 6:
	case 7:
		rec->kind = RECORD_INTENT;
		rec->number = m->watermark + (int32_t)roll(seed, 3);
		return draw_group(rec, m, ROW_PLANNED, ROW_UPLOADED, ROW_SENDING, seed);
	case 8:
	case 9:
	case 10:
		rec->kind = RECORD_SENT;
		return draw_group(rec, m, ROW_SENDING, ROW_SENDING, ROW_SENT, seed);
	case 11:
		rec->kind = RECORD_SENT;
		return draw_group(rec, m, ROW_SENT, ROW_SENT, ROW_DONE, seed);
	case 12:
		rec->kind = RECORD_PUT;
		return draw_group(rec, m, ROW_PLANNED, ROW_SENDING, ROW_SKIPPED, seed);
	case 13:
		rec->kind = RECORD_UPLOAD_DROP;
		rec->number = 1 + (int32_t)roll(seed, MODEL_IDS);
		return true;
	case 14:
		rec->kind = roll(seed, 4) == 0 ? RECORD_PLAN_END : RECORD_TOPIC;
		rec->number = (int32_t)roll(seed, MODEL_NAMES);
		rec->other = 1 + (int32_t)roll(seed, 1U << 30);
		return true;
	case 15:
		rec->kind = RECORD_RETRY;
		rec->number = (int32_t)roll(seed, 8);
		return roll(seed, 4) == 0;
	default:
		rec->kind = RECORD_STATE;
		rec->number = (int32_t)roll(seed, MODEL_NAMES);
		rec->value_len = 1 + roll(seed, LEDGER_STATE_MAX);
		for (size_t i = 0; i < rec->value_len; i++)
			rec->value[i] = (uint8_t)disk_random(seed);
		return true;
	}
}

void record_draw(struct record *rec, const struct model *m, uint64_t *seed)
{
	do {
		memset(rec, 0, sizeof(*rec));
	} while (!draw_kind(rec, m, seed));
	/* Of rows one by one there is one. */
	if (rec->kind == RECORD_PUT)
		rec->count = 1;
}

static void state_name(char out[24], int32_t n)
{
	snprintf(out, 24, "state.%d", n);
}

/* Beyond the reasons there are: all of them. */
static void retry_prefix(char out[24], int32_t n)
{
	snprintf(out, 24, "reason%s", "");
	if (n < 5)
		snprintf(out, 24, "reason %d", n);
}

void record_hand_in(const struct record *rec, struct ledger *l)
{
	char name[24];

	switch (rec->kind) {
	case RECORD_PLAN:
		ledger_plan(l, rec->rows, rec->count, rec->number);
		break;
	case RECORD_PLAN_END:
		ledger_plan_end(l, rec->number);
		break;
	case RECORD_PUT:
		ledger_put(l, rec->rows);
		break;
	case RECORD_INTENT:
		ledger_intent(l, rec->rows, rec->count, rec->number);
		break;
	case RECORD_SENT:
		ledger_sent(l, rec->rows, rec->count);
		break;
	case RECORD_UPLOAD:
		ledger_upload_put(l, &rec->upload);
		break;
	case RECORD_UPLOAD_DROP:
		ledger_upload_drop(l, rec->number, 0);
		break;
	case RECORD_TOPIC:
		ledger_topic_put(l, rec->number, rec->other);
		break;
	case RECORD_STATE:
		state_name(name, rec->number);
		ledger_state_put(l, name, cspan_of(rec->value, rec->value_len));
		break;
	case RECORD_RETRY:
		retry_prefix(name, rec->number);
		ledger_retry(l, name);
		break;
	case RECORD_KINDS:
		break;
	}
}

/* ---- the model ---- */

static void apply_plan(struct model *m, const struct record *rec)
{
	for (uint32_t i = 0; i < rec->count; i++) {
		int32_t id = rec->rows[i].source_id;

		if (m->there[id])
			continue;
		m->there[id] = true;
		m->rows[id] = rec->rows[i];
	}
	m->cursor = rec->number > m->cursor ? rec->number : m->cursor;
	m->ended = m->ended && rec->count == 0;
}

static void apply_retry(struct model *m, const struct record *rec)
{
	char prefix[24];

	retry_prefix(prefix, rec->number);
	for (int32_t id = 1; id <= MODEL_IDS; id++) {
		struct ledger_row *r = &m->rows[id];

		if (!m->there[id] || r->state != ROW_SKIPPED ||
		    strncmp(r->reason, prefix, strlen(prefix)) != 0)
			continue;
		r->state = ROW_PLANNED;
		r->target_id = 0;
		r->adopted = false;
		memset(r->reason, 0, sizeof(r->reason));
	}
}

void model_apply(struct model *m, const struct record *rec)
{
	switch (rec->kind) {
	case RECORD_PLAN:
		apply_plan(m, rec);
		break;
	case RECORD_PLAN_END:
		m->ended = true;
		break;
	case RECORD_INTENT:
		m->watermark = rec->number > m->watermark ? rec->number : m->watermark;
		/* fall through */
	case RECORD_PUT:
	case RECORD_SENT:
		for (uint32_t i = 0; i < rec->count; i++) {
			m->rows[rec->rows[i].source_id] = rec->rows[i];
			if (rec->kind == RECORD_SENT && rec->rows[i].target_id > m->watermark)
				m->watermark = rec->rows[i].target_id;
		}
		break;
	case RECORD_UPLOAD:
		m->upload_there[rec->upload.source_id] = true;
		m->uploads[rec->upload.source_id] = rec->upload;
		break;
	case RECORD_UPLOAD_DROP:
		m->upload_there[rec->number] = false;
		break;
	case RECORD_TOPIC:
		m->topics[rec->number] = rec->other;
		break;
	case RECORD_STATE:
		m->state_len[rec->number] = rec->value_len;
		memcpy(m->states[rec->number], rec->value, rec->value_len);
		break;
	case RECORD_RETRY:
		apply_retry(m, rec);
		break;
	case RECORD_KINDS:
		break;
	}
}

void model_read(struct model *m, struct ledger *l)
{
	char name[24];

	memset(m, 0, sizeof(*m));
	for (int32_t id = 1; id <= MODEL_IDS; id++) {
		m->there[id] = ledger_find(l, id, &m->rows[id]);
		m->upload_there[id] = ledger_upload_find(l, id, 0, &m->uploads[id]);
	}
	for (int32_t i = 0; i < MODEL_NAMES; i++) {
		state_name(name, i);
		m->topics[i] = ledger_topic_of(l, i);
		m->state_len[i] =
		    ledger_state(l, name, (struct span){m->states[i], LEDGER_STATE_MAX});
	}
	m->cursor = ledger_cursor(l, &m->ended);
	m->watermark = ledger_watermark(l);
}

static bool row_equal(const struct ledger_row *a, const struct ledger_row *b)
{
	return a->source_id == b->source_id && a->grouped_id == b->grouped_id &&
	       a->state == b->state && a->kind == b->kind && a->mode == b->mode &&
	       a->target_id == b->target_id && a->size == b->size &&
	       a->source_topic == b->source_topic && a->target_topic == b->target_topic &&
	       a->reply_to == b->reply_to && a->adopted == b->adopted &&
	       memcmp(a->digest, b->digest, sizeof(a->digest)) == 0 &&
	       strcmp(a->reason, b->reason) == 0;
}

static bool upload_equal(const struct ledger_upload *a, const struct ledger_upload *b)
{
	return a->file_id == b->file_id && a->source_file_id == b->source_file_id &&
	       a->size == b->size && a->part_size == b->part_size &&
	       a->part_total == b->part_total && a->started_wall_ns == b->started_wall_ns &&
	       memcmp(a->bitmap, b->bitmap, sizeof(a->bitmap)) == 0;
}

static bool differs(char why[MODEL_WHY], const char *what, int64_t n, int64_t got, int64_t want)
{
	snprintf(why, MODEL_WHY, "%s %lld: %lld instead of %lld", what, (long long)n,
		 (long long)got, (long long)want);
	return false;
}

bool model_equal(const struct model *got, const struct model *want, char why[MODEL_WHY])
{
	if (got->cursor != want->cursor)
		return differs(why, "cursor", 0, got->cursor, want->cursor);
	if (got->watermark != want->watermark)
		return differs(why, "watermark", 0, got->watermark, want->watermark);
	if (got->ended != want->ended)
		return differs(why, "end", 0, got->ended, want->ended);
	for (int32_t id = 1; id <= MODEL_IDS; id++) {
		if (got->there[id] != want->there[id])
			return differs(why, "row", id, got->there[id], want->there[id]);
		if (got->there[id] && !row_equal(&got->rows[id], &want->rows[id]))
			return differs(why, "row's state", id, got->rows[id].state,
				       want->rows[id].state);
		if (got->upload_there[id] != want->upload_there[id] ||
		    (got->upload_there[id] && !upload_equal(&got->uploads[id], &want->uploads[id])))
			return differs(why, "upload", id, got->upload_there[id],
				       want->upload_there[id]);
	}
	for (int32_t i = 0; i < MODEL_NAMES; i++) {
		if (got->topics[i] != want->topics[i])
			return differs(why, "topic", i, got->topics[i], want->topics[i]);
		if (got->state_len[i] != want->state_len[i] ||
		    memcmp(got->states[i], want->states[i], want->state_len[i]) != 0)
			return differs(why, "state", i, (int64_t)got->state_len[i],
				       (int64_t)want->state_len[i]);
	}
	return true;
}

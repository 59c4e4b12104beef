/*
 * What a ledger must hold: a small copy of a job's records in memory, and random histories as a
 * clone would write them. A ledger read after a crash must equal the model after some number of
 * records between the last durable one and the last handed in.
 */
#ifndef TGCLONE_TESTS_SIM_JOB_MODEL_H
#define TGCLONE_TESTS_SIM_JOB_MODEL_H

#include "engine/ledger/ledger.h"

enum {
	MODEL_IDS = 96,      /* source ids 1 .. MODEL_IDS */
	MODEL_PAGE = 16,     /* rows in one page, at most */
	MODEL_NAMES = 4,     /* topics, and named states */
	MODEL_RECORDS = 512, /* of one history */
	MODEL_WHY = 160,
};

enum record_kind {
	RECORD_PLAN,
	RECORD_PLAN_END,
	RECORD_PUT,
	RECORD_INTENT,
	RECORD_SENT,
	RECORD_UPLOAD,
	RECORD_UPLOAD_DROP,
	RECORD_TOPIC,
	RECORD_STATE,
	RECORD_RETRY,
	RECORD_KINDS,
};

/* One call of the ledger. */
struct record {
	enum record_kind kind;
	struct ledger_row rows[MODEL_PAGE];
	uint32_t count;
	int32_t number, other; /* cursor, watermark, last id, topic, message */
	struct ledger_upload upload;
	uint8_t value[LEDGER_STATE_MAX];
	size_t value_len;
};

struct model {
	bool there[MODEL_IDS + 1];
	struct ledger_row rows[MODEL_IDS + 1];
	bool upload_there[MODEL_IDS + 1];
	struct ledger_upload uploads[MODEL_IDS + 1];
	int32_t topics[MODEL_NAMES];
	uint8_t states[MODEL_NAMES][LEDGER_STATE_MAX];
	size_t state_len[MODEL_NAMES];
	int32_t cursor, watermark;
	bool ended;
};

/* The next record of a history that has come as far as m. */
void record_draw(struct record *, const struct model *m, uint64_t *seed);
/* To the ledger; each is one ticket. */
void record_hand_in(const struct record *, struct ledger *);
void model_apply(struct model *, const struct record *);
void model_read(struct model *, struct ledger *);
/* False: why says what the ledger (got) has otherwise than it must (want). */
bool model_equal(const struct model *got, const struct model *want, char why[MODEL_WHY]);

#endif

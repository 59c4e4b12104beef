/* The synthetic source chat, shared by synth*.c only. */
#ifndef TGSIM_SYNTH_PRIV_H
#define TGSIM_SYNTH_PRIV_H

#include "tools/tgsim/model_priv.h"

enum synth_form {
	SYNTH_PHOTO,
	SYNTH_VIDEO,
	SYNTH_DOC,
	SYNTH_VOICE,
	SYNTH_AUDIO,
	SYNTH_ROUND,
	SYNTH_GIF,
	SYNTH_FORMS,
};

enum { SYNTH_LOTS = 32, SYNTH_GAP = 97, SYNTH_USERS = 5 };

/* count files of one form: a "key=COUNTxSIZE" of the spec. */
struct lot {
	enum synth_form form;
	uint32_t count, first; /* numbers of its files: [first, first + count) */
	uint64_t size;         /* 0: each has its own, around the form's usual one */
};

/* One message: 16 bytes, so a million of them is nothing. */
struct row {
	uint32_t file;  /* number + 1; 0: text */
	uint32_t album; /* 0: none */
	int32_t reply;  /* message id */
	uint16_t topic; /* 0: General or no forum */
	uint16_t start; /* items since the album's first */
};

struct synth {
	struct world *world;
	uint64_t seed;
	struct lot lots[SYNTH_LOTS];
	uint32_t lot_count, file_count;
	uint32_t messages, albums, topics;
	struct row *rows;
	int32_t first_id, first_date;
	struct user *users[SYNTH_USERS];
	struct chat *chat;
};

/* A number that (seed, what, i) fixes. */
static inline uint64_t synth_hash(const struct synth *s, uint32_t what, uint64_t i)
{
	return keyed_hash(s->seed, what, i, 0);
}

const struct row *synth_row(const struct synth *, int32_t id);

/* ---- synth_file.c ---- */

struct file *synth_file_at(struct synth *, uint32_t number);
enum synth_form synth_form_at(const struct synth *, uint32_t number);

#endif

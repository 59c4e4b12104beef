/* One line of a dump, and who writes what into it. Shared by dump*.c only. */
#ifndef TGSIM_DUMP_PRIV_H
#define TGSIM_DUMP_PRIV_H

#include "tools/tgsim/model_priv.h"

/* A JSON text under construction. Keys come in the order they are put. */
struct line {
	char *at;
	size_t len, room;
	bool first; /* no comma before the next value */
};

void line_init(struct line *);
void line_fini(struct line *);
void line_reset(struct line *);
/* An object or array, as the value of key; key NULL: an element, or the whole line. */
void line_open(struct line *, const char *key, char bracket);
void line_close(struct line *, char bracket);
void line_text(struct line *, const char *key, struct cspan utf8);
void line_long(struct line *, const char *key, int64_t);
/* Up to six decimals, without zeros at the end. */
void line_real(struct line *, const char *key, double);
void line_hex(struct line *, const char *key, struct cspan);
/* Written only when set: what is false is left out. */
void line_flag(struct line *, const char *key, bool);

struct dump {
	struct world *world;
	struct history *history;
	struct dump_options opt;
	struct arena arena; /* one message */
	struct line line;
	uint32_t *ordinals; /* of history->messages, by index; 0: not content */
	struct album_seen {
		int64_t grouped_id;
		uint32_t ordinal;
	} albums[16];
	uint32_t album_count;
};

/* ---- dump_media.c ---- */

void dump_media(struct dump *, const struct tl_obj *media);

/* ---- dump_text.c ---- */

void dump_entities(struct dump *, const char *key, struct tl_vec entities);
void dump_poll(struct dump *, const struct tl_obj *media);

#endif

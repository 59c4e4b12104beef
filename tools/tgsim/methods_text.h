/*
 * Message text as the server takes it: lengths in UTF-16 units, trimming, entities checked,
 * clipped, derived and put in order. Rules (api.md 11 and 16):
 *
 *  - White space (blank, tab, line ends, NEL, no-break space, U+2000..200A, 2028, 2029, 202F, 205F,
 *    3000) at both ends goes. What is inside stays, byte for byte: a text that came from a server
 * is trimmed already, so copying it changes nothing.
 *  - Sent entities keep their kind; they must lie inside the text as sent. What trimming cuts off
 *    them goes, an entity of nothing is dropped. The first hundred count, and the first hundred
 *    custom emoji; what comes behind them is dropped without a word. Their addresses together may
 *    have some 9,500 bytes.
 *  - urls, e-mail addresses, @mentions, #hashtags, $CASHTAGS and /commands that no sent entity
 *    touches (code, pre, text_url, mention by id, or one of the same derived kinds) get theirs.
 *  - Order: by offset, longer first.
 */
#ifndef TGSIM_METHODS_TEXT_H
#define TGSIM_METHODS_TEXT_H

#include "proto/schema/tlobj.h"

enum {
	TEXT_ENTITIES_MAX = 100,
	TEXT_ENTITIES_BYTES = 9500,
	TEXT_UNITS_MAX = 4096,
	CAPTION_UNITS_MAX = 1024,
};

enum text_fault {
	TEXT_SOUND,
	TEXT_NOT_UTF8,
	TEXT_BOUNDS, /* an entity outside the text, or of length 0 */
	TEXT_LARGE,  /* entities of more than TEXT_ENTITIES_BYTES */
	TEXT_MEMORY,
};

struct text {
	struct cspan bytes; /* a view of the input */
	uint32_t units;
	const struct tl_obj **entities; /* of the arena */
	uint32_t count;
};

/* Length in UTF-16 code units; -1 when it is no UTF-8. */
int32_t text_units(struct cspan utf8);
/* The text and count entities as sent -> as stored. */
enum text_fault text_take(struct arena *, struct cspan utf8, const struct tl_obj *const *entities,
			  uint32_t count, struct text *out);
/* Sets entities as a vector field of o; nothing when there are none. */
void text_set_entities(struct arena *, struct tl_obj *o, enum tlf field, const struct text *);
/* The first http(s) address in the text (an entity of kind url or text_url); length 0 when none. */
struct cspan text_first_url(const struct text *);
/* Case-blind (ASCII) search; an empty needle is found everywhere. */
bool text_contains(struct cspan hay, struct cspan needle);
/* Bytes of the UTF-16 range; length 0 when it does not fit. */
struct cspan text_slice(struct cspan utf8, int32_t offset, int32_t length);

#endif

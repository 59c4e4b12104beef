/*
 * What to do about an rpc_error: names are matched, not codes, because the same name comes with
 * different codes (api.md 1); the code decides only for unknown names. Classes are those of
 * reliability.md 4.2.
 */
#ifndef TGCLONE_API_ERROR_H
#define TGCLONE_API_ERROR_H

#include <stdbool.h>
#include <stdint.h>

enum remedy {
	REMEDY_BACKOFF,	  /* A1: server trouble; again after 1, 2, 4 .. 64 s, visible */
	REMEDY_WAIT,	  /* A2: again after exactly wait_s; the account or the lane waits */
	REMEDY_SLOWMODE,  /* A2, this target only */
	REMEDY_DC,	  /* A3: again on DC number; -1: it names none, the run ends */
	REMEDY_REFERENCE, /* A4: fetch the origin again; number: position in multi_media, or -1 */
	REMEDY_PART,	  /* A5: send part number again, then repeat the use */
	REMEDY_REUPLOAD,  /* A5: new file_id, whole file, once */
	REMEDY_RECONCILE, /* A6: look the message up, then the same request with the same ids */
	REMEDY_SKIP,	  /* A7: this item only, with the name as reason */
	REMEDY_DOCUMENT,  /* once as a plain document, then A7 */
	REMEDY_SINGLY,	  /* the album cannot go as one: item by item */
	REMEDY_NO_REPLY,  /* repeat without the reply (keep the topic) */
	REMEDY_NO_ENTITY, /* repeat once without the offending entities */
	REMEDY_NO_PREVIEW,
	REMEDY_DONE,	  /* already so: success */
	REMEDY_SOURCE,	  /* the source cannot be read any more */
	REMEDY_TARGET,	  /* A8: the target cannot take more */
	REMEDY_ACCOUNT,	  /* A9: the run ends (limits, frozen, configuration) */
	REMEDY_LOGIN,	  /* A9: 77, log in again */
	REMEDY_ASK,	  /* the user typed something wrong */
};

struct verdict {
	enum remedy remedy;
	int64_t wait_s;	    /* WAIT, SLOWMODE: 0 .. 14 days; unknown numbers read as 60 */
	int32_t number;	    /* DC, part, position; -1 when there is none */
	const char *advice; /* one line for people; "" when the name says it all */
};

/* code and text of an rpc_error; text is bounded and printable. */
struct verdict error_verdict(int32_t code, const char *text);
/* Whether the name is one that this program has a rule for. */
bool error_is_known(const char *text);
/* text matches name, where X in name stands for a number ("FILE_MIGRATE_X"); *number receives it. */
bool error_matches(const char *text, const char *name, int64_t *number);

#endif

/*
 * Inside of the probe.
 *
 *   probe.c        consent, order, table         probe_chats.c   chats made and removed
 *   probe_send.c   random_ids                    probe_files.c   parts, documents, hashes
 */
#ifndef TGCLONE_TOOLS_PROBE_PRIV_H
#define TGCLONE_TOOLS_PROBE_PRIV_H

#include "tools/tgclone/client.h"
#include "tools/tgclone/probe.h"
#include "tools/tgclone/talk.h"

enum {
	PROBE_CHATS = 4,
	PROBE_PART = 1024,
	PROBE_PARTS = 2,
	PROBE_REFERENCE = 256,
};

/* A chat of the probe's own. */
struct probe_chat {
	const char *kind;
	char title[48];
	struct peer peer; /* PEER_NONE: it could not be made */
	int32_t topic;
	bool ready; /* something can be tried in it */
};

/* What lies in the upload area, as the server named it. */
struct probe_document {
	int64_t id, access_hash;
	int32_t dc;
	uint8_t reference[PROBE_REFERENCE];
	uint32_t reference_len;
};

struct probe {
	struct client cl;
	struct probe_chat chats[PROBE_CHATS];
	uint32_t as_expected, otherwise, untested;
	enum client_status ended; /* CLIENT_OK, or why nothing more can be asked */
	uint64_t began_ns;
	/* begun at once, looked at after --probe-wait */
	int64_t half_id; /* an upload of which the first part is there */
	enum client_status half, unsent;
	struct probe_document document; /* stored and not sent */
};

enum probe_view { PROBE_EXPECTED, PROBE_OTHERWISE, PROBE_UNTESTED };

/* One row of the table. verdict: a word for programs; text: for people. */
void probe_tell(struct probe *, const char *what, const char *where, enum probe_view,
		const char *verdict, const char *text);
/* One question, not repeated. Anything but OK and REFUSED ends the probe. dc 0: home. */
enum client_status probe_ask_at(struct probe *, uint16_t dc, enum tlc method,
				const struct tl_obj *query, const struct tl_obj **answer);
static inline enum client_status probe_ask(struct probe *p, enum tlc method,
					   const struct tl_obj *query, const struct tl_obj **answer)
{
	return probe_ask_at(p, 0, method, query, answer);
}
int64_t probe_random(struct probe *);

/* probe_chats.c. False: the row says why. */
void probe_chats_make(struct probe *);
/* Also after a signal. 0, or an exit code after a line for each chat that is still there. */
int probe_chats_remove(struct probe *);

/* probe_send.c */
void probe_random_ids(struct probe *, const struct probe_chat *);
void probe_media_order(struct probe *, const struct probe_chat *);

/* probe_files.c. A refused upload's code and text are the client's. */
enum client_status probe_save_part(struct probe *, int64_t file_id, int32_t part);
enum client_status probe_store(struct probe *, const struct probe_chat *, int64_t file_id,
			       struct probe_document *);
enum client_status probe_upload(struct probe *, const struct probe_chat *, struct probe_document *);
const struct tl_obj *probe_uploaded(struct arena *, int64_t file_id);
const struct tl_obj *probe_stored(struct arena *, const struct probe_document *);
void probe_lifetimes_begin(struct probe *, const struct probe_chat *);
void probe_lifetimes_end(struct probe *, const struct probe_chat *);
void probe_hashes(struct probe *, const struct probe_chat *);

#endif

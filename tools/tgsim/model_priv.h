/* The world itself. Private to model*.c, archive*.c, synth*.c, demo.c, dump*.c. */
#ifndef TGSIM_MODEL_PRIV_H
#define TGSIM_MODEL_PRIV_H

#include "proto/base/check.h"
#include "tools/tgsim/model_file.h"
#include "tools/tgsim/world_setup.h"

/* 64-bit key -> pointer, open addressing, never shrinks. Key 0 is not allowed. */
struct table {
	uint64_t *keys;
	void **values;
	uint32_t count, room;
};

/* What a random_id made, by account and peer. */
struct random_entry {
	int64_t account, peer, random_id;
	int32_t msg_id;
	uint8_t peer_kind;
};

enum {
	PUSH_ROOM = 16384, /* pushes nobody fetches are dropped, oldest first */
	RECENT_ROOM = 64,  /* files read lately: what an upload may repeat */
	OPEN_ROOM = 32,
	LISTED_MAX = 256,   /* chats named in tgsim.json */
	SCRATCH = 1 << 20,  /* one encoded message, one part */
	SPILL_CLASSES = 10, /* 1 KiB .. 512 KiB */
};

/* Ids of users and chats go up to 2^52; beyond half of that none is taken from outside. */
#define ID_MAX ((int64_t)1 << 51)

struct spill {
	int fd;
	uint64_t end, used, budget;
	struct {
		uint64_t *offsets;
		uint32_t count, room;
	} free[SPILL_CLASSES];
};

struct world {
	struct world_options opt;
	struct arena arena;
	uint64_t key;     /* of access hashes and references */
	uint64_t counter; /* of world_random */
	uint32_t ref_generation;
	void *methods;

	struct table users_by_id, chats_by_id, files_by_id, files_by_size, uploads;
	struct user *users, **users_end;
	struct account *accounts, **accounts_end;
	struct chat *chats, **chats_end;
	int64_t next_user_id, next_chat_id;
	struct chat *listed[LISTED_MAX];
	uint32_t listed_count;

	struct random_entry *randoms;
	uint32_t random_count, random_room;
	struct push *pushes;
	uint32_t push_head, push_count;

	uint32_t inline_max; /* bytes of a picture that comes with the answer */
	uint32_t announce_less; /* bytes that documents have more than they say */
	struct file *recent[RECENT_ROOM];
	uint32_t recent_at;
	struct spill spill;
	struct open_file {
		const struct file *file;
		int fd;
	} open_files[OPEN_ROOM]; /* of the archive, round robin */
	uint32_t open_at;
	uint8_t *scratch, *scratch2; /* SCRATCH bytes each */
	struct synth *synth;
};

/* ---- model.c ---- */

uint64_t mix64(uint64_t);
/* A keyed 64-bit hash of three numbers. */
uint64_t keyed_hash(uint64_t key, uint64_t a, uint64_t b, uint64_t c);
void *table_get(const struct table *, uint64_t key);
void table_put(struct world *, struct table *, uint64_t key, void *value);
/* Room for one more element: array and room are replaced when it is full. */
void *world_grow(struct world *, void *array, uint32_t count, uint32_t *room, size_t size);
struct world *world_make(const struct world_options *);
void world_free(struct world *);
/* ASCII letters only differ by case. */
bool name_equal(struct cspan, const char *);
void idlist_add(struct world *, struct idlist *, int32_t id);
void idlist_drop(struct idlist *, int32_t id);
void world_list_chat(struct world *, struct chat *);

/* ---- model_people.c, model_chat.c ---- */

struct account *account_make(struct world *, const struct world_account *);
struct history *dialog_add(struct world *, struct account *, struct history *);
struct topic *topic_make(struct world *, struct chat *, int32_t id, const char *title,
			 int32_t date);

/* ---- model_update.c ---- */

void update_note(struct world *, struct history *, enum update_kind, int32_t msg_id, int32_t date,
		 uint64_t session);

/* ---- model_message.c ---- */

/* The struct of a message whose content is made when looked at. */
struct msg *msg_place(struct world *, struct history *, int32_t id);
/* Messages up to last_id that synth_has are made when they are asked for. */
void box_made_lazily(struct box *, struct synth *, struct history *, int32_t last_id);

/* ---- model_view.c ---- */

/* The id of the photo or document in a message or its action; 0 when there is none. */
int64_t content_file_id(const struct tl_obj *content);

/* ---- model_source.c ---- */

void made_bytes(uint64_t seed, uint64_t offset, uint8_t *out, uint32_t len);
void source_read(struct world *, const struct file *, uint64_t offset, uint8_t *out, uint32_t len);
/* Whether the file has those bytes there, at most SCRATCH of them; false beyond its end. */
bool source_equal(struct world *, const struct file *, uint64_t offset, struct cspan bytes);
void source_close_all(struct world *);
/* A JPEG, with that size in its header, that goes on for ever: the first bytes of a made photo. */
struct cspan made_jpeg_head(struct world *, int32_t w, int32_t h);
struct cspan made_mp4_head(struct world *);
struct cspan made_pdf_head(struct world *);
struct cspan made_ogg_head(struct world *);

/* ---- model_spill.c ---- */

int spill_open(struct spill *, const char *dir, uint64_t budget);
void spill_close(struct spill *);
/* False when the budget or the disk is at its end. */
bool spill_put(struct world *, struct cspan bytes, uint64_t *offset);
void spill_drop(struct world *, uint64_t offset, uint32_t len);
bool spill_get(const struct spill *, uint64_t offset, uint8_t *out, uint32_t len);

/* ---- model_upload.c ---- */

void upload_bytes(struct world *, const struct upload *, uint64_t offset, uint8_t *out,
		 uint32_t len);
bool upload_all_kept(const struct upload *);

/* ---- synth.c ---- */

/* 0, or 64 with error. */
int synth_open(struct world *, const char *spec, char *error, size_t error_len);
bool synth_has(const struct synth *, int32_t id);
/* Facts of a message that was not touched before: date, topic, file, album. */
void synth_fill(struct synth *, struct world *, struct msg *);
const struct tl_obj *synth_body(struct synth *, struct arena *, const struct msg *);
/* NULL when the id is none of its files. */
struct file *synth_file(struct world *, int64_t id);

/* ---- archive.c, model_chat.c ---- */

/* One chat or a full export; the chats it made are listed. 0, or 65 with error. */
int archive_load(struct world *, const char *dir, char *error, size_t error_len);
/* The same with the text of result.json at hand. */
int archive_load_text(struct world *, const char *dir, struct cspan json, char *error,
		      size_t error_len);

/* A supergroup or channel that was just created: listed, everybody is in. */
struct chat *target_make(struct world *, enum chat_kind, bool forum, const char *title, int64_t id);

#endif

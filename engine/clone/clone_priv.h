/*
 * Inside of the clone room: the structs its modules share.
 *
 *   history.c   pages -> groups, rows planned            transfer.c  files part by part
 *   history_start.c  where a run begins
 *   by_id.c     what no page can be read with            part_size.c  how large its parts are
 *   group.c     slots, preparation, references           post.c      the send slot, results
 *   group_lay.c a group's messages on the shelf
 *   topics.c    forum topics source -> target            post_query.c  what is sent
 *   clone.c     the turn, events, notes                  post_batch.c  what goes in one request
 *   note.c      what a row says of its copy              post_lookup.c  what may have been sent
 *   window.c    how much is read ahead                   post_end.c  where the target ended before
 *   shelf.c     memory of loaded groups                  post_unseen.c  what was, by its ids alone
 *                                                        post_doubt.c  where that can stand
 *                                                        post_refusal.c  what a refusal asks for
 *                                                        post_scheduled.c  what is posted later
 *
 *   FREE -> LOADED -> PREPARING -> READY -> INTENT -> SENDING -> (free)
 *             `----------------------^  ^-- LOOKUP <--'
 */
#ifndef TGCLONE_CLONE_PRIV_H
#define TGCLONE_CLONE_PRIV_H

#include "engine/clone/clone.h"
#include "engine/clone/shelf.h"
#include "engine/clone/window.h"
#include "proto/api/ask.h"
#include "proto/api/error.h"
#include "proto/api/part.h"
#include "proto/base/crash.h"
#include "proto/base/list.h"

enum {
	GROUP_ARENA = 1 << 20, /* most that a group's messages may take */
	TRANSFER_SLOTS = 48,
	PARTS_MAX = 8000, /* of a Premium account, half of it of others (api.md 10) */
	PAGE_ARENA = 32 << 20,
	QUERY_SCRATCH = 256 * 1024,
	RECENT = 4096,
	TOPICS_MAX = 16384,
	NOTES_MAX = 512,
	DOUBTS_MAX = 16,
	WAITING_MAX = 36,
	REFERENCE_MAX = 256,
	SMALL_FILE_MAX = 10485760, /* up to here saveFilePart (api.md 10) */
	GROUP_NOTE = 64, /* as a row's reason */
	EMPTY_MAX = 3,	 /* pages in a row, until ids are asked for */
	DUPLICATES_SURE = 3, /* "sent before", and not found: from then on that is believed */
};

enum ask_kind {
	ASK_HISTORY = 1,
	ASK_TOPICS,
	ASK_MADE_TOPICS, /* the target's */
	ASK_CREATE_TOPIC,
	ASK_CLOSE_TOPIC,
	ASK_REFRESH,	  /* slot: group */
	ASK_UPLOAD_MEDIA, /* slot: group, tag: item */
	ASK_POST,	  /* slot: head group */
	ASK_LOOKUP,
	ASK_SCHEDULED, /* what the target has not posted yet */
	ASK_UNSEEN, /* ids that a send answered without their messages */
	ASK_END, /* of the target, before our first message */
	ASK_PART_DOWN, /* slot: transfer, tag: part */
	ASK_PART_UP,
	ASK_PART_LENT, /* a loan's owner, never a question's */
};

enum part_state { PART_OPEN, PART_DOWN, PART_HELD, PART_UP, PART_LENT, PART_SAVED };

/* One file from source to upload area. */
struct transfer {
	struct list node; /* in clone.transfers, oldest group first */
	bool used;
	struct group *group;
	uint32_t item;
	bool thumb;
	struct media_file file;
	uint8_t reference[REFERENCE_MAX];
	uint8_t location[512];
	uint32_t location_len;
	int64_t upload_id;
	bool big;
	uint32_t part_size, part_total, next_part, in_flight, saved;
	uint32_t ask_total; /* of a last part that is full, what is behind it is asked for too (S44) */
	uint32_t retries, backoffs, falses, hops, restarts;
	uint32_t odds; /* answers in a row that are no part of it */
	uint32_t stale; /* references in a row that were refused */
	uint32_t short_part, shorts; /* first part that came short; how often in a row */
	uint64_t not_before_ns;      /* the server did not store a part, or gave none */
	uint32_t reference_number;
	uint8_t reference_of[PARTS_MAX / 8 + 1]; /* a bit a part: see mark_reference */
	int64_t down_bytes, up_bytes;
	uint64_t stored_at_ns; /* last F3 */
	uint64_t started_wall_ns;
	bool failed, held; /* held: waits for a new reference */
	bool again;        /* failed, and it begins again when nothing is in flight */
	char reason[64];
	uint8_t parts[PARTS_MAX + 1];
};

/* Media that lies in the upload area, as the server named it. */
struct stored {
	bool set, photo;
	int64_t id, access_hash;
	uint8_t reference[REFERENCE_MAX];
	uint32_t reference_len;
};

struct item {
	struct ledger_row row;
	struct message msg; /* views into the group's run */
	struct entity_list entities;
	int64_t random_id;
	struct transfer *file, *thumb;
	bool file_saved, thumb_saved; /* all parts are there */
	int64_t file_upload_id, thumb_upload_id;
	int64_t file_of, thumb_of; /* the source's file whose bytes, and thumbnail, they are */
	uint32_t file_parts, thumb_parts;
	bool file_big, uploading_media;
	int64_t media_of; /* upload that uploadMedia was asked about last */
	bool plain; /* as a mere document, after the server refused the kind */
	uint32_t repair; /* so many and one is the part that the server lost; 0: none */
	uint32_t repairs, restarts, reuploads;
	uint32_t misread; /* answers to uploadMedia that could not be read, in a row */
	bool in_doubt;	  /* an earlier life was sending it */
	bool gone;	  /* from the source, while it is looked for; then msg is empty */
	int64_t sent_file; /* that it had when it was sent and nobody answered; 0: none, or not known */
	bool bare;	  /* its preview was too large to be held */
	int32_t waited_id; /* among the target's scheduled messages, where it waits or waited; 0: not known */
	int64_t waited_file; /* that it had there; 0: not known */
	struct stored stored;
};

enum group_fit {
	GROUP_FITS,
	GROUP_TOO_LARGE,
	GROUP_NO_ROOM, /* until other groups have gone */
};

enum group_state {
	GROUP_FREE,
	GROUP_LOADED,
	GROUP_PREPARING,
	GROUP_READY,
	GROUP_INTENT,
	GROUP_SENDING,
	GROUP_LOOKUP,
};

struct group {
	struct list node; /* clone.queue, source order */
	enum group_state state;
	uint32_t slot;
	enum plan_mode mode;
	uint32_t count;
	struct item *items; /* at the front of the group's run on the shelf; behind them the messages */
	struct span run;
	int32_t target_topic, reply_source;
	bool refreshing, need_refresh;
	bool suspect; /* an earlier send of it may have been executed: look first */
	bool unanswered; /* some send of it was not: it may be executed later */
	uint64_t unanswered_ns; /* the last one, or when this run began */
	uint32_t looks; /* for what is skipped all the same, so often since */
	uint32_t doubted; /* rows of it whose send nobody answered, not yet in the slot since */
	bool reread;	  /* since that send the source was read again */
	uint64_t version; /* of what it said before that */
	bool no_reply, no_part, no_quote, no_mention, no_entity, no_preview; /* part, quote: of what it answers */
	bool no_voters;   /* of a poll: it does not show who voted */
	bool no_closed;   /* of a poll: it is open, though the source's is not */
	bool no_forward;  /* that way was tried, or is the last one */
	bool no_copy;	  /* so was that one */
	bool no_bytes;	  /* nor can its files be had, or stored */
	bool with_author; /* it is forwarded with its author's name, or not at all */
	bool paid; /* its turn went by for a stale reference: it needs no other one */
	bool made_good; /* it was sent without a turn, with references renewed just before */
	uint32_t refreshes, attempts, reuploads;
	uint32_t trouble;    /* server trouble and the like, in a row: only the back-off hangs on it */
	uint32_t duplicates; /* RANDOM_ID_DUPLICATE was said so often */
	uint32_t nameless;   /* so often an answer named nothing that was sent */
	uint32_t unread;     /* so often what its ids name could not be read */
	uint32_t misread;    /* answers to a refresh that could not be read, in a row */
	uint32_t crowded;    /* so often it found no room for what it became */
	uint64_t fresh_ns; /* when its references were given: read, read again, or made by an upload */
	uint64_t not_before_ns; /* monotonic, back-off */
	char note[GROUP_NOTE];
};

struct topic_pair {
	int32_t source, target;
	int32_t made; /* one in the target that may be it, while it is in doubt; 0: none */
	bool closed;
	bool gone; /* somebody deleted it in the target */
	int32_t icon_color;
	int64_t icon_emoji_id; /* 0: none */
	uint16_t title_len;
	uint8_t title[512]; /* 128 characters */
};

/* Source ids that were sent together, whose fate is not known (post_doubt.c). */
struct doubt {
	int32_t first, last;
	int32_t above; /* what became of them stands above this id of the target */
	int32_t from;  /* or, of an earlier send of the same that came late, above this one: no higher */
	bool ends; /* above it is nothing of what is older */
};

/* Seen among the target's scheduled messages, as it was first (post_waits.c). */
struct waiting {
	int32_t row; /* source id of the message that it is; 0: not known yet */
	int32_t id;  /* there */
	int64_t file, size; /* 0: it has none */
	int64_t album;	    /* 0: none */
	enum media_kind kind;
	uint8_t says[8]; /* of its fingerprint */
};

/* A request whose time has not come: one at a time of each. */
struct pending {
	bool out;
	uint64_t not_before_ns;
	uint32_t attempts;
};

/* Its time has not come before that; others that are asked alike may have been told to wait longer. */
static inline void pending_later(struct pending *p, uint64_t at_ns)
{
	if (at_ns > p->not_before_ns)
		p->not_before_ns = at_ns;
}

/* The last word that nobody knows, for which something was skipped; so many in a row. */
struct refusal {
	char text[64];
	uint32_t count;
};

struct clone {
	struct clone_options o;
	enum clone_status status;
	char why[160];
	bool stopping;
	uint64_t stop_ns; /* then it ends, whatever is on the wire */
	uint8_t *arena_mem;
	struct arena page; /* one answer at a time */
	uint8_t *scratch;

	struct group *groups;
	uint8_t *shelf_mem, *draft_mem;
	size_t shelf_size;
	struct shelf shelf;
	struct list queue, free_groups;
	uint32_t groups_used; /* slots that were ever taken: what is behind them is untouched */
	uint32_t queued, preparing;
	bool stirred;	       /* something happened that may move a group on */
	uint64_t groups_at_ns; /* else they are looked at again then */

	/* history */
	struct pending history;
	int32_t last_seen;
	int32_t began_at; /* where that was at the start of the run */
	int32_t known_last; /* rows up to here may exist from earlier runs */
	bool ended;
	uint64_t plan_ticket;
	uint64_t planned_rows;
	int32_t told;  /* messages in the source, by the server's count at its end; 0: not known */
	bool counted;
	uint64_t unseen; /* of them */
	int32_t from;  /* what this run wants lies behind it */
	int32_t floor; /* between it and the cursor everything was planned */
	bool end_doubted;     /* a page came empty: the newest message tells */
	uint32_t newest_spoilt; /* answers to that in a row that could not be read */
	uint32_t newest_empty; /* and such ones that say that there is nothing, against what is known */
	uint32_t empty_pages; /* in a row, that should not have been */
	bool by_id;	  /* a window of ids is asked for instead of a page (by_id.c) */
	bool by_id_found; /* what cannot be read, or some of it */
	uint32_t id_window;	 /* ids in it: fewer where that many cannot be read at once */
	uint32_t id_lo, id_span; /* of the window: asked for now */
	bool id_round_found;	 /* since it was asked for as a whole */
	bool id_again;		 /* the one id could not be read; it is asked for once more */
	bool id_probing, id_probed; /* whether anything of the chat can be read */
	int32_t id_newest;	 /* what it does not have below this one is not there; 0: not known */
	int32_t id_believed;	 /* from there on windows are passed in the belief that it stands above; 0: none are */
	int32_t id_leap;	 /* the next message is asked for, up to so far away; 0: the window */
	uint32_t id_bad[PAGE_SIZE]; /* constructors that cannot be read; 0: none */
	uint32_t id_passed;	 /* messages, since pages were given up */

	/* topics */
	struct topic_pair *topics;
	uint32_t topic_count, topic_at;
	struct topic_offset topic_offset;
	struct pending topic_ask;
	bool topics_listed, topics_ready, closing_begun;
	bool topics_began_known;
	bool topics_doubt;    /* an earlier attempt may have made some: look first */
	int32_t topics_began; /* what the target has above it may be the job's, and is not in the map */
	uint64_t topics_began_ticket;
	uint32_t topics_misread;  /* lists in a row that could not be read */
	uint32_t topics_nameless; /* answers to the creation of one that named none */
	uint32_t topics_seen; /* on the pages of the target's so far */
	bool topics_gone;    /* of the target, one at least */
	bool topics_closing; /* nothing is left to close: the end */
	int32_t topics_lost; /* up to this one all that are in no list were looked for */

	/* files */
	struct transfer *transfer_slots;
	struct list transfers;
	uint32_t transfer_count, bulk_out;
	struct held_part {
		struct chunk *chunk;
		struct transfer *transfer;
		uint32_t part;
	} *held;
	uint32_t held_count, held_max;
	uint64_t hold_down_ns[NET_DC_MAX], hold_up_ns;
	struct pending refresh_ask, media_ask; /* times of what groups ask for */
	uint64_t down_bytes, up_bytes;
	struct refusal refused_files;
	uint32_t part_wish;  /* the part size that was asked for; o.part_size is what the way up bears */
	uint32_t thin_files; /* files that went up since the last change of it */
	uint32_t thin_need;  /* so many until a larger one is tried */
	bool grown;          /* the last change of it was to a larger one */

	/* posting */
	struct pace_lane pace;
	struct group *posting; /* head of the batch under way */
	uint32_t batch;	       /* groups in it */
	uint32_t narrow;       /* so many groups go one by one after a refused batch */
	uint64_t intent_ticket;
	int32_t watermark;
	uint32_t doubted; /* rows whose send nobody answered, and that had no turn since */
	struct doubt doubts[DOUBTS_MAX]; /* oldest first; empty while nothing is in doubt but what is in the slot */
	uint32_t doubt_count;
	bool doubt_asked; /* where the target ends, since something was in doubt last; or that cannot be known */
	bool doubt_end;	  /* the watermark is at least there */
	bool slot_marked; /* what is in the slot has marks of its own */
	int32_t lookup_at; /* a lookup has seen the target up to it */
	int32_t lookup_end; /* what stands above it was sent later */
	bool lookup_bounded; /* perhaps: what says the same is looked for among the rows first */
	int32_t lookup_from; /* where that began */
	uint32_t lookup_changed; /* nothing of that says it: what waited to be posted may have become another */
	uint32_t lookup_next; /* items in front of this one were found, or are not there */
	uint32_t lookup_sure; /* and those in front of this one by their files */
	uint32_t lookup_more; /* copies that could be those that were found as well */
	uint32_t lookup_before; /* messages in front of this run said the same in the same request */
	uint32_t lookup_ahead; /* and so many of their copies have not been passed */
	uint32_t lookup_passed; /* so many copies were left to others of the album, which are looked for by themselves */
	bool lookup_probe; /* whether anything is behind what was passed, or came empty, is asked for */
	bool lookup_blank; /* it came empty */
	bool lookup_ended; /* nothing is */
	uint32_t lookup_empty; /* pages in a row that came empty though something is */
	bool lookup_wide; /* in all of the target, since the topic is gone */
	bool lookup_odd;  /* copies were passed that are in an album where the group was in none, or the other way round */
	bool lookup_came; /* something was passed that came out of what waits */
	int64_t lookup_album; /* and one of the group in that album; 0: none */
	bool lookup_any;  /* they will do: there are no others */
	uint32_t lookup_limit; /* of a page: fewer where that many cannot be read */
	uint32_t lookup_spoilt, lookup_steps; /* answers of one message; such ones that were passed in all */
	uint32_t lookup_skip; /* of them, right above lookup_at */
	struct found {
		int32_t id; /* 0: not found */
		int64_t file; /* by which it was; 0: by what it says */
		int64_t has;  /* the file that it has; 0: none */
		int32_t made; /* when; 0: not known */
		char lost[GROUP_NOTE]; /* what it alone did not keep */
		bool answers;
	} found[ALBUM_MAX];
	struct waiting waiting[WAITING_MAX]; /* by id */
	uint32_t waiting_count;
	struct pending scheduled_ask;
	bool scheduled_seen; /* and it is not among them */
	bool scheduled_blind; /* or they cannot be read */
	bool scheduled_none; /* nothing that an earlier life sent waits there */
	bool scheduled_told;
	uint32_t scheduled_spoilt; /* answers to that which could not be read */
	int32_t scheduled_noted; /* of that one it was said that it waits */
	uint32_t restricted; /* so many in a row may not leave the source */
	struct refusal refused; /* of sends */
	bool unspeakable; /* the last question was too long, or has no form in this layer */
	bool late_open; /* where the target ends is to be known before anything is sent */
	bool end_known; /* the watermark is at least where the target ended before our first message */
	struct pending end_ask;
	uint32_t end_spoilt; /* answers to it that could not be read */
	uint32_t end_empty; /* such ones that named no message, in a row */
	uint32_t end_skip; /* so many of the target's newest messages cannot be read */
	uint64_t posts, requests;
	uint64_t started_ns;
	enum pace_reason wait_reason;
	uint64_t wait_until;
	uint64_t wait_noted, wait_kept;
	struct {
		int32_t source, target;
	} recent[RECENT];
	uint32_t recent_at;

	uint64_t wake_ns; /* earliest time worth a turn, gathered during a step */
	struct clone_note notes[NOTES_MAX];
	uint64_t note_ticket[NOTES_MAX]; /* what of it is written when that is durable */
	uint32_t note_first, note_count;
	uint32_t note_fresh; /* the last ones, of this turn: what they tell may not be put yet */
	uint64_t notes_lost;
};

/* clone.c */
void clone_end(struct clone *, enum clone_status, const char *why);
void clone_note(struct clone *, enum clone_note_kind, const struct item *, const char *text);
void clone_wake(struct clone *, uint64_t at_ns);
uint64_t clone_backoff_ns(uint32_t attempts);
/* Encodes and sends a question on the main session. False: no room now, or it cannot be (ended). */
bool clone_ask(struct clone *, const struct tl_obj *, enum ask_kind, uint32_t slot, uint32_t tag,
	       bool once);
/* What waits, and how long: in hours, too, when it is long. */
void clone_wait_text(char *out, size_t size, const char *what, uint64_t seconds);
/* Ends the run when such a wait, told as text, is longer than the user's. */
void clone_wait_most(struct clone *, uint64_t wait_ns, const char *text);
/* An error that is not the item's fault; true: the run ended, or the asker shall come back later. */
bool clone_common_error(struct clone *, struct pending *, int32_t code, const char *text,
			bool about_target);
uint64_t clone_now(const struct clone *);
/*
 * Something is skipped for that reason. The same unknown word of the server again and again is not the
 * messages' fault: the run ends.
 */
void clone_refused(struct clone *, struct refusal *, const char *text);

/* history_start.c */
/* State of the ledger: everything behind it was planned, up to the cursor; an int32. */
#define HISTORY_FLOOR "history.floor"
void history_keep_floor(struct clone *, int32_t floor);
void history_start(struct clone *);

/* history.c */
void history_step(struct clone *);
void history_got(struct clone *, const struct net_event *);
/* All is planned, and durably; whether that is as much as the server counts was looked at. */
bool history_is_over(struct clone *);

/* by_id.c: the ids behind last_seen in place of a page. */
void by_id_start(struct clone *);
const struct tl_obj *by_id_query(struct clone *);
/* The answer could be read: true when it is the whole window, to be planned as a page. */
bool by_id_is_whole(struct clone *);
/* It could not, or a page could not. */
void by_id_unreadable(struct clone *, const struct tl_error *);
/* Whether a message that came by its id is one of the source. */
bool by_id_is_here(const struct clone *, const struct tl_obj *message);
/*
 * The window was empty, and that is the newest message; 0: it cannot be read. That one stands above the window, but
 * not when only the answer was spoilt: then the ids are those of messages to come.
 */
void by_id_newest(struct clone *, int32_t newest);
/* How much of what was seen up to there the ledger may take for seen. */
int32_t by_id_sure(const struct clone *, int32_t last);
/* Back to what was sure, if windows were passed in that belief and nothing came. */
void by_id_return(struct clone *);
int32_t by_id_end(const struct clone *); /* the window's last id */
int32_t by_id_last_bad(const struct clone *, int32_t end); /* up to end; 0: none */
/* Why a message cannot be read; false: it can. */
bool by_id_why(const struct clone *, int32_t id, char why[64]);
/*
 * How far a whole window was seen: ids above its last message are not given away yet, nor is one that could not be
 * read, by chance perhaps. Of what is above only what the newest message, asked for before, stands above is known to
 * be there, or to be a hole.
 */
int32_t by_id_seen(struct clone *, int32_t last);
/* A message was read: what was passed on trial up to it is there, or is a hole. */
void by_id_believe(struct clone *);
/* Rows of what cannot be read up to last and has none; how many, PAGE_SIZE at most. */
uint32_t by_id_bad(struct clone *, int32_t last, struct ledger_row *rows);
/* last_seen will be last; so many messages were up to it. */
void by_id_move(struct clone *, int32_t last, uint32_t messages);
/* A window is a hole: how wide it is, its pages may tell. */
void by_id_leap(struct clone *);
/* The answer to that; where the hole ends, last_seen when it is not known. */
int32_t by_id_landed(struct clone *, const struct tl_obj *answer);
/* The answer to the question whether anything can be read; an error of the server's is readable. */
void by_id_probed(struct clone *, bool readable);

/*
 * holds.c: waits that the server imposed, by kind of request, which outlive the process (S14). Posts
 * keep theirs in their pace.
 */
#define POST_PACE "pace.post" /* name of the posts' lane in the ledger */
enum hold { HOLD_HISTORY, HOLD_TOPICS, HOLD_REFRESH, HOLD_MEDIA, HOLD_UP, HOLD_DOWN /* + DC */,
	    HOLD_SCHEDULED = HOLD_DOWN + NET_DC_MAX };
/* Nothing of that kind before the time (monotonic), also after a restart. */
void holds_keep(struct clone *, uint32_t hold, uint64_t until_ns);
/* What an earlier run was told. */
void holds_start(struct clone *);
/* Posts wait for that, by their pace: told to status only, a restart asks its own pace. */
void holds_keep_post(struct clone *, uint64_t now, struct pace_verdict);

/* topics.c */
void topics_step(struct clone *);
void topics_got(struct clone *, enum ask_kind, const struct net_event *);
int32_t topics_target(struct clone *, int32_t source_topic); /* 0: none */
/* Whether that is what there is to say. False: the source's topics are listed once more first. */
bool topics_know(struct clone *, int32_t source_topic);
/* It was looked for, and there is none for it: messages in it go outside of topics. */
bool topics_is_lost(struct clone *, int32_t source_topic);
/* It is not in the target any more. False: it is the job's only one, or of none. */
bool topics_lose(struct clone *, int32_t target_topic);
bool topics_is_gone(struct clone *, int32_t target_topic);
/* As people know it. */
void topics_name(struct clone *, int32_t target_topic, char *out, size_t size);
void topics_close_step(struct clone *);

/* group_lay.c: messages of one answer. */
struct contents {
	const struct tl_obj *messages[ALBUM_MAX];
	uint32_t count;
	const struct tl_obj *answer;
};
/* oldest: it may use the spare. What it had stays when there is no room. */
enum group_fit group_settle(struct clone *, struct group *, const struct item *,
			    const struct contents *, bool oldest);
void group_give_run(struct clone *, struct group *);

/* group.c */
struct group *group_take(struct clone *);
void group_give(struct clone *, struct group *);
/* Copies the messages of an empty group onto the shelf and reads them there. */
enum group_fit group_load(struct clone *, struct group *, const struct message *, uint32_t count,
			  const struct tl_obj *answer, const struct ledger_row *);
/* A row whose message is gone: it can be looked for, not sent. False: no room. */
bool group_load_row(struct clone *, struct group *, const struct ledger_row *);
void group_step(struct clone *);
/* Files of it are not in the upload area yet. What may have been sent is looked for before they come. */
bool group_needs_bytes(const struct group *);
/* Something happened: the groups are looked at in the next step. */
void group_stir(struct clone *);
/* False: it was tried too often. */
bool group_refresh(struct clone *, struct group *);
/* Its references may have expired by age: that they did says nothing about the next ones. */
bool group_aged(const struct clone *, const struct group *);
void group_refresh_got(struct clone *, struct group *, const struct net_event *);
void group_media_got(struct clone *, struct group *, uint32_t item, const struct net_event *);
void group_transfer_done(struct clone *, struct transfer *);
/* A loss, beside what else there is to say of it; said twice it is said once. */
void group_say(struct group *, const char *loss);
/* Nobody wants them any more, nor what was stored of them. */
void group_stop_files(struct clone *, struct group *, const char *reason);
/* That one is skipped, and told; it leaves its group with group_go_on_without. */
void group_skip_item(struct clone *, struct item *, const char *reason);
/* What was stored of it is no use any more. */
void group_upload_anew(struct clone *, struct item *);
/* The queue is looked at again then. */
void group_look_again(struct clone *, uint64_t at_ns);
/* The group's messages are asked for again. */
void group_ask_refresh(struct clone *, struct group *);
/* Nobody wants the answer any more, but a wait that it tells of is for the next question, too. */
void group_heed_wait(struct clone *, struct pending *, uint32_t hold, const struct net_event *);
/* What is gone of a group that is no longer looked for ends as skipped; it has to go on without. False: nothing is. */
bool group_skip_gone(struct clone *, struct group *);
/* Items were skipped: the others go on, if there are any. */
void group_go_on_without(struct clone *, struct group *, const char *reason);
/* All items end as skipped; the group leaves the queue. What was sent and not answered is looked for once more first. */
void group_skip(struct clone *, struct group *, const char *reason);
/* Uploaded media is gone or stale: once more from the bytes. False: it was tried too often. */
bool group_reupload(struct clone *, struct group *);
bool group_split(struct clone *, struct group *);

/* group_way.c */
/* It is sent anew, and so may answer what a forward would not have. */
void group_answers(struct group *);
/* It goes by its bytes from now on. loss: by that, "": nothing. */
void group_streams(struct clone *, struct group *, const char *loss);
/* It goes as it is from now on: not as a mere document. */
void group_forwards(struct clone *, struct group *);
/* Its media go by reference from now on; what is under way of its files is stopped. */
void group_copies(struct clone *, struct group *, const char *why);
/* The server refuses the kind: once as a mere document, which is said. False: it is one. */
bool group_make_plain(struct clone *, struct group *, struct item *);

/* note.c */
/* A loss is added, unless it is told already. Where there is no room reasons go, those of the others first. */
void note_add(char note[GROUP_NOTE], const char *loss);
/* It is none any more, whatever is said behind it. */
void note_drop(char note[GROUP_NOTE], const char *loss);
/* Each loss that the other one tells. */
void note_join(char note[GROUP_NOTE], const char other[GROUP_NOTE]);

/* part_size.c */
enum { PART_SIZE_THIN = 16384 }; /* it never gets smaller than that by itself */
int64_t part_count(int64_t size, uint32_t part_size);
/* Of the parts that the account may send of one file. */
int64_t part_count_max(const struct clone *);
/* For a file of that size: o.part_size, or as much more as keeps the parts to what the account may send. */
uint32_t part_size_of(const struct clone *, int64_t size);
/* A file of several such parts went up. */
void part_size_grow(struct clone *, uint32_t part_size);
/* Such a part was too long on its way up again and again. */
void part_size_shrink(struct clone *, uint32_t part_size);

/* transfer.c */
bool transfer_start(struct clone *, struct group *, uint32_t item, bool thumb);
void transfer_step(struct clone *);
void transfer_down_got(struct clone *, struct transfer *, uint32_t part, struct net_event *);
void transfer_up_got(struct clone *, struct transfer *, uint32_t part, struct net_event *);
void transfer_loan_ended(struct clone *, struct transfer *, const struct loan_result *);
void transfer_set_file(struct clone *, struct transfer *, const struct media_file *);
void transfer_give(struct clone *, struct transfer *);
void transfer_fail(struct transfer *, const char *reason);
/* The same, also of one that was to start over: nobody wants it any more. */
void transfer_stop(struct transfer *, const char *reason);

/* The group behind g in the queue, NULL at the end. */
static inline struct group *group_after(const struct clone *c, const struct group *g)
{
	return g->node.next == &c->queue ? NULL : container_of(g->node.next, struct group, node);
}

/* post_batch.c */
/* One that has to have new references first would only be refused again. */
bool post_is_ready(const struct group *);
/* It goes as it is and no other way: the server may want its author's name with it. */
bool post_is_bound(const struct group *);
/* How many groups from head on go in one forward; 1 and more. */
uint32_t post_batch(const struct clone *, const struct group *head);

/* post_query.c */
/* Of what is sent: a photo may have to go as a document. */
void post_fingerprint(const struct item *, uint8_t out[32]);
/* It answers a message of another topic of the target. */
bool post_goes_across(const struct clone *, const struct group *);
/* NULL: the group cannot be sent; *why says so. */
const struct tl_obj *post_query(struct clone *, const struct group *, const char **why);

/* post.c */
void post_step(struct clone *);
void post_got(struct clone *, const struct net_event *);
void post_lookup_got(struct clone *, const struct net_event *);
int32_t post_target_of(struct clone *, int32_t source_id);
void post_forget_target(struct clone *, int32_t source); /* it was another's copy */
int32_t post_source_of(struct clone *, int32_t id); /* of which message that is done it is the copy; 0: of none */
void post_start_pace(struct clone *);
/* Of the groups in the slot. */
void post_set_state(struct clone *, enum group_state);
/* The batch leaves the slot unsent; its groups wait in the queue again. */
void post_back_to_ready(struct clone *);
/* It is in the target; and then all of the batch is done. */
void post_finish_item(struct item *, int32_t target, const char *note);
void post_settle_item(struct clone *, const struct item *);
void post_finish_batch(struct clone *);
/* The same words, and media of the same kind: a server may take away formatting. */
bool post_resembles(const struct item *, const struct message *copy);
/* What came with the copy or did not is added to the note: buttons, what is elsewhere, when it goes again. */
void post_note_seen(const struct item *, const struct message *copy, char note[GROUP_NOTE]);
/* It is sent as an answer to what is in the target, or was. */
bool post_answers(struct clone *, const struct group *);
/* It went with its author's name, which nobody wanted. */
bool post_names_author(const struct clone *, const struct group *, const struct message *copy);

/*
 * Compared with what we meant (reliability 2.3). False: an older message than this job with another
 * content, so the random_id was used before for something else.
 */
bool post_compare(struct clone *, const struct group *, struct item *, const struct sent *);
void post_conflict(struct clone *);
/* A send of it, at that time or before. */
void post_is_unanswered(struct group *, uint64_t since_ns);
/* The fate of the request is unknown: look in the target first, then the identical request again. */
void post_reconcile(struct clone *, uint64_t wait_ns);
/* Why the next post waits, where that is no pace, and for how long: for whoever looks, here or by status. */
void post_show_wait(struct clone *, enum pace_reason, uint64_t wait_ns);

/* post_doubt.c */
void post_start_doubt(struct clone *);
/* The batch in the slot may have been sent, all of it or some; its groups go one by one from now on. */
void post_doubt_batch(struct clone *);
/* What is in the slot is about to be sent; or its fate is known. */
void post_mark_send(struct clone *);
void post_unmark_send(struct clone *);
/* What is in the slot is looked for again above where that began, though the watermark rises. */
void post_keep_place(struct clone *);
/* Where the target ends is to be known first, since others than that one are in doubt. */
bool post_wants_end(const struct clone *, const struct group *head);
/* Both were sent together, in doubt: their copies stand among each other. */
bool post_same_doubt(const struct clone *, int32_t source_id, int32_t other_id);
/* The group's turn: where a look for it begins and ends. */
void post_place_lookup(struct clone *, struct group *head);
/*
 * The group's intent is durable, and with it what became of those in front of it: it is looked for up to that end only
 * while something that was sent later may have left the same there. Unless it is known to have been sent: then it came
 * late, for it stands nowhere else.
 */
void post_bound_lookup(struct clone *, const struct group *);
/* So many rows in front of this run, in doubt by the same request, say what the group's only message says. */
uint32_t post_said_before(struct clone *, const struct group *);

/* post_lookup.c */
/* The group's turn: nothing was seen of it. */
void post_begin_lookup(struct clone *, struct group *head);
void post_ask_lookup(struct clone *);
/* It is the file of the item's message, as that is now, as it was sent, or as it waited. */
bool post_is_file_of(const struct item *, int64_t file);
/* It may be the item's copy, by what it says and has. */
bool post_is_meant(const struct clone *, const struct group *, const struct item *, const struct message *);

/* post_scheduled.c */
/* Before the history: true when that is asked, or has to wait. */
bool post_ask_scheduled(struct clone *);
void post_scheduled_got(struct clone *, const struct net_event *);
/* What an earlier life sent is posted. False: it is asked about, or waited for. */
bool post_nothing_waits(struct clone *);
/* The answer to a send says that it will be posted: it is looked for until then. */
bool post_is_scheduled(struct clone *, const struct tl_obj *updates);
/* What was looked for is nowhere, but what waits could not be read, and something does: it is looked for again. */
bool post_may_be_scheduled(struct clone *);
/* Some of the group was seen to wait, and may have come out so. */
bool post_waited(const struct group *);
/* It was, or is of the kind that does. */
bool post_may_have_waited(const struct clone *, const struct group *);

/* post_waits.c */
/* A life begins: what an earlier one saw is known while something of it is in doubt. */
void post_waits_start(struct clone *);
/* A scheduled message of the account's own, that will not wait for long. */
void post_waits_see(struct clone *, const struct message *);
/* It is that item. */
void post_waits_take(struct clone *, struct item *, const struct message *);
/* Whatever of the group was seen: its items get their waited_id. What waits now is seen before. */
void post_waits_recall(struct clone *, struct group *);
/* It is neither among what waits nor in the target: what was taken for the group's was another one's. */
void post_waits_give_back(struct clone *, struct group *);
/* The item that waits, or waited, under that id. NULL: none. */
struct item *post_waits_whose(struct group *, int32_t id);
/* It is one, or nobody knows what it was when it was sent: its message is gone, or says something else by now. */
bool post_may_be_video(const struct item *);
/* It waited, seen or not, and is posted by now, as another file or with other words; whatever: with both. */
bool post_came_out(const struct item *, const struct message *, bool whatever);

/* post_refusal.c: of a group that has left the slot */
void post_group_refused(struct clone *, struct group *, const struct verdict *, const char *text);
/* It is to be tried with its author's name. False: that would not help, or was tried. */
bool post_name_author(const struct clone *, struct group *, const char *text);
/* Its bytes cannot go: all of it goes another way. False: there is none. */
bool post_without_bytes(struct clone *, struct group *, const char *why);
/* There is no question that would send it: it goes as it is, or it is skipped. */
void post_unmakeable(struct clone *, struct group *, const char *why);

/* post_end.c */
bool post_began(const struct clone *); /* an earlier run may have sent something */
/* Asks for it; before the first message that may be late, and before head (NULL: none) while others are in doubt, too. */
bool post_knows_end(struct clone *, const struct group *head);
void post_end_got(struct clone *, const struct net_event *);

/* post_unseen.c. False: there are no ids without a message. */
bool post_ask_unseen(struct clone *);
void post_unseen_got(struct clone *, const struct net_event *);

static inline uint64_t ask_owner(enum ask_kind kind, uint32_t slot)
{
	return (uint64_t)kind << 32 | slot;
}

#endif

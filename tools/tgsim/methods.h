/*
 * The API methods over the world: settings that the program's flags and the control socket turn.
 * The calls themselves are world_call and world_next_push of world.h.
 */
#ifndef TGSIM_METHODS_H
#define TGSIM_METHODS_H

#include "tools/tgsim/world.h"

/* An address that help.getConfig lists. */
struct account;
struct chat;

struct methods_dc {
	int id;
	const char *host; /* copied */
	int port;
	bool media_only;
};

/* All of them before the first call. At most METHODS_DCS_MAX; more are ignored. */
enum { METHODS_DCS_MAX = 64 };
void methods_add_dc(struct world *, const struct methods_dc *);

/*
 * Turns a knob; false: there is no such name, or the value makes no sense. Names and values:
 *
 *   limit.KIND        N/SECONDS | off   KIND: post read resolve create upload download login
 *   random-id         replay | duplicate   what a random_id that was used brings: the first result,
 *                                       or 500 RANDOM_ID_DUPLICATE
 *   random-id-busy    N    the next N repeated random_ids get RANDOM_ID_DUPLICATE ("still running")
 *   random-id-forget  0|1  repeated random_ids are not noticed: dedup weaker than documented
 *   media-first       0|1  media is looked at before random_id
 *   album-part        N    the next album or forward makes only its first N messages (0: off)
 *   part-false        N    the next N upload parts are answered boolFalse and not stored
 *   short-read        N    the next N getFile answers hold half of what was asked
 *   announce-less     N    documents are announced with N bytes less than they have
 *   part-lose         N    part N-1 of the next upload that is used was lost: FILE_PART_X_MISSING
 *                          until it is sent again
 *   upload-ttl        SECONDS   uploads whose first part is older than that are gone (0: kept)
 *   takeout-delay     SECONDS   initTakeoutSession answers TAKEOUT_INIT_DELAY_X (0: off)
 *   webpage           simple | pending | none   what a text with an address gets for a preview
 *   min-users         0|1  histories of supergroups show strangers as min users
 *   short-sent        0|1  texts to other users and basic groups have short answers
 *   premium-emoji     0|1  custom emoji of accounts without Premium are dropped
 *   history-slice     0|1  supergroup histories come as messages.messagesSlice
 *   replay-bare       0|1  a repeated random_id is answered with the id alone
 *   forward-mute      N    the next N forwards are executed, and the answer names none of their ids
 *   video-convert     SECONDS   a video for a channel is scheduled, and posted so much later (0: off)
 *   convert-file      0|1  ... as another, smaller file
 *   convert-edit      0|1  ... with a caption that somebody edited while it waited
 *   thumb-gone        0|1  thumbnails of documents cannot be had: FILE_REFERENCE_INVALID
 *   topics-by-date    0|1  topics are listed by the day they were made (order_by_create_date)
 *   reply-refused     0|1  a reply to what was deleted is refused, instead of being left away
 *   page-empty        N    the next N pages that are asked for from an id come empty
 *   newest-empty      N    the same of those from the newest message on
 *   file-hashes       0|1  getFileHashes names the pieces of ordinary files, too (1)
 */
bool methods_knob(struct world *, const char *name, const char *value);
/*
 * Another admin schedules that for a channel; pending: it is a video that is converted first. The content is spoilt.
 */
void methods_plan(struct world *, struct account *by, struct chat *channel, struct tl_obj *content, int32_t due,
		  bool pending);
/* What its maker said of a poll (right answers, solution), for dump; NULL: not made by a client. */
const struct tl_obj *methods_poll_truth(struct world *, struct arena *, const struct tl_obj *poll);
/* How often a FLOOD_WAIT was answered, for `stats`. */
uint64_t methods_flood_waits(struct world *);
/* How often a send named a random_id that was used before, whatever the knobs made of it. */
uint64_t methods_repeats(struct world *);

#endif

/* The numbers of this room. Times in ns. */
#ifndef TGCLONE_LINK_LIMITS_H
#define TGCLONE_LINK_LIMITS_H

#include <stdint.h>

#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)

enum {
	LINKS_MAX = 64,     /* per DC and direction */
	INFLIGHT_MAX = 64,  /* per file session */
	MAIN_INFLIGHT = 64, /* per main session */
	QUESTIONS_MIN = 256,
	QUESTIONS_MAX = 8192,
	SMALL_QUERY = 1536, /* longer ones take a large memory */
	LARGE_QUERIES = 12,
	PREFIX_MAX = 8,     /* invokeWithoutUpdates in front of one of ours */
	OUT_CHUNKS_MAX = 4, /* sealed, or to be, and unsent on one link */
	OUT_MAX = 16,
	PATIENCE_RATE = 64, /* bytes: a second more, when they came */
	RESENDS_MAX = 50,
	SLOWER_MAX = 3, /* doublings of the time for a question that was not answered in time */
	TOO_LATE_MAX = 3, /* times that a part is */
	REPAIRS_MAX = 2,
	INITS_MAX = 8, /* introductions of a session for one question: three quarters of a minute */

	OWN_FILE = 64 * 1024,  /* receive memory of a file link */
	CHUNK_MIN = 16 * 1024, /* longer answers of a download link go to a chunk */
	SERVICE_MEM = 20 * 1024,
	CONNECTS_MAX = 5, /* N1: per CONNECTS_WINDOW and DC */
	UNKNOWN_KEY_MAX = 5,
	HANDSHAKES_MAX = 5,
	IMPORTS_MAX = 5,
	IMPORT_BYTES_MAX = 1024,
	LATE_TIMES = 4,
	LATE_KNOWN = 8,    /* answers of a lane until it is known what they take */
	ENVELOPES_MAX = 3, /* bad ones in a row until a new session is tried */
	RENEWALS_MAX = 3,  /* new sessions in place until the connection is blamed */
	BREAKS_MAX = 3,    /* of a session until there is a new one */
	CONFIG_ROUNDS = 3, /* through all addresses of a DC, until the home is asked for others */
	NOT_MTPROTO_MAX = 3,
	MALFORMED_MAX = 3, /* S6: in MALFORMED_WINDOW */
	HOPS_MAX = 3,      /* S20 */
	LEFT_MAX = 4,      /* N23: addresses */
	KEY_LEAD_S = 3600, /* a temporary key is renewed so long before its end, and jitter */
	KEY_LEAD_VARIES_S = 600,
	KEY_LIFE_VARIES_S = 3600, /* it may live so much less than the most */
	KEY_SPARE_S = 30,         /* no connection begins with less */
	BINDS_REFUSED_MAX = 3,    /* the key is known, and its temporary ones refused: in a row */
	DISOWNED_MAX = 16, /* temporary keys that never served, called empty in DISOWNED_WINDOW */

	DISCONNECT_UP_S = 660, /* half a MiB at 1 KiB/s, and a ping */
	WAIT_MAX_S = 14 * 24 * 3600, /* longest FLOOD_WAIT there is */
	CONFIG_MEM = 256 * 1024,     /* for help.getConfig as a tree */
	DC_ID_MAX = 200,             /* above are CDN DCs */
	TEXT_MAX = 160,
	NOTICES_MAX = 64,
	ZERO_LEAST = 64 * 1024, /* shorter sends are cheaper copied */
	ZERO_TRIES = 32,        /* notices until it is known whether the kernel copies */
	JOBS_MAX = 64,          /* packets opened or sealed together */

	GROWTH_ANSWERS = 48, /* in a window, or it takes longer */
	GROWTH_LEAST = 8, /* fewer say nothing, however long it took */
	GROWTH_STEP_MAX = 8,
	GROWTH_PAYS_PERCENT = 40, /* of what they would bring if each brought its share */

	RELAYS_MAX = 32,      /* parts between their opening and their sealing */
	RELAY_PAIR = 2,       /* of one pass: so many chains fit beside the hashing */
	RELAY_WIDTH_MAX = 16, /* with AVX-512 */
};

#define CONNECTS_WINDOW (10 * SECOND)
#define MALFORMED_WINDOW (600 * SECOND)
#define DISOWNED_WINDOW (600 * SECOND)
#define BACK_WINDOW     (60 * SECOND) /* N23: that an address is in use again */
#define SEVERAL_WAYS    (600 * SECOND)
#define KEY_AGAIN       (60 * SECOND) /* after an exchange that came to nothing */
#define CONNECT_WAIT    (5 * SECOND)  /* N1 */
#define FAMILY_WAIT     (300 * MS)    /* N22: until the other family is tried */
#define STANDSTILL      (30 * SECOND) /* N24: not one turn for so long */
#define HANDSHAKE_WAIT  (10 * SECOND) /* auth_key.md 3.8 */
#define INIT_WAIT       (15 * SECOND)
#define INIT_AGAIN      (1 * SECOND)  /* and twice as long each time */
#define DISOWNED_AGAIN  (1 * SECOND)  /* the same */
#define PING_BUSY       (4 * SECOND)  /* of silence while answers are due */
#define SILENCE_WAIT    (9 * SECOND)  /* N6: of an unanswered ping, and nothing moved */
#define STALL_WAIT      (10 * SECOND) /* N10, N11: a transfer that does not move at all */
#define UNACKED_WAIT    (15 * SECOND) /* N7: the peer's TCP takes nothing of ours */
#define SAMPLE_EVERY    (2 * SECOND)
#define ANSWER_QUICK    (4 * SECOND)   /* then one more at once */
#define ANSWER_SLOW     (12 * SECOND)  /* then one less */
#define LATE_LEAST      (5 * SECOND)   /* and LATE_TIMES what others take: asked elsewhere */
#define ALONE_WAIT      (600 * SECOND) /* a file session's answers came in too large a packet */
#define SLOW_MARK       (30 * SECOND)  /* a link that was late gets questions last */
#define LEND_AFTER      (3 * SECOND)   /* a dead link's questions go to its neighbours */
#define IDLE_WAIT       (300 * SECOND) /* a file session without work is closed */
#define BACKOFF_FIRST   (200 * MS)
#define BACKOFF_LAST    (16 * SECOND)
#define HOLD_429        (5 * SECOND)
#define ODD_FIRST       (1 * SECOND)   /* S33: after a transport error that nobody described */
#define ODD_LAST        (64 * SECOND)
#define ODD_WINDOW      (128 * SECOND) /* without one: it begins anew */
#define BELIEVED_AFTER  (600 * SECOND) /* of -404 and -444 of a server that was ours */
#define BELIEVED_FIRST  (120 * SECOND) /* of -404, when it is all that was heard in this run */
#define RENOUNCE_AGAIN  (600 * SECOND) /* least pause between two keys given up for their login */
#define CONFIG_AGAIN    (60 * SECOND)  /* least pause between two questions for addresses */
#define PATIENCE_MAX    (3600 * SECOND) /* N11: for a packet that keeps arriving, however slowly */
#define PART_THIN       (120 * SECOND) /* on its way up: too many share it (N11) */
#define PART_OUTDATED   (300 * SECOND) /* so old the server takes no message any more */
#define IMPORT_AGAIN    (250 * MS)
#define SALT_TELL       (30 * SECOND)
#define PARTNER_WAIT    (1 * MS)     /* of a part for another one to share its pass with */
#define ROOM_WAIT       (250 * MS)   /* of a part for room among the uploads */
#define LOAD_WINDOW     (1 * SECOND) /* over which it is judged whether the CPU is short */
#define SPARE_WAIT      (15 * SECOND) /* a connection above the number that pays is closed */

#define GROWTH_WINDOW         (3 * SECOND)
#define GROWTH_WINDOW_MAX     (20 * SECOND)
#define GROWTH_WARM_UP        (1 * SECOND)
#define GROWTH_SETTLE_MAX     (60 * SECOND)
#define GROWTH_PATIENCE_FIRST (30 * SECOND)
#define GROWTH_PATIENCE_FLOOD (60 * SECOND)
#define GROWTH_PATIENCE_LAST  (1800 * SECOND)
#define GROWTH_CEILING        (1800 * SECOND)
#define CLOSE_WAIT      (2 * SECOND) /* K8 */

#endif

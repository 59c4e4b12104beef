/*
 * Transports (transport.md): where one MTProto packet ends and the next begins, both sides, all of
 * them incremental at every byte. A framer never holds packet bytes beyond the first few: it says
 * where the next bytes belong, so that a packet lands alone in the memory it will live in.
 *
 *   frame_want -> (receive) -> frame_took -> MORE ... -> HEAD -> frame_place -> MORE ... -> PACKET
 *
 * One framer serves both directions of one connection. It owns nothing but itself.
 */
#ifndef TGCLONE_WIRE_FRAME_H
#define TGCLONE_WIRE_FRAME_H

#include "proto/base/buf.h"
#include "proto/crypto/ctr.h"

enum transport {
	TRANSPORT_INTERMEDIATE,
	TRANSPORT_ABRIDGED,
	TRANSPORT_PADDED, /* padded intermediate */
	TRANSPORT_FULL,
	TRANSPORT_UNKNOWN, /* a server before the first bytes */
};

enum frame_status {
	FRAME_MORE,      /* go on: frame_want */
	FRAME_HEAD,      /* length known: give it a place with frame_place */
	FRAME_PACKET,    /* whole; the buf given to frame_place holds exactly the payload */
	FRAME_QUICK_ACK, /* f->token; no packet. Go on with frame_want */
	FRAME_ERROR,     /* f->code: transport error, negative (transport.md 7). Go on or close */
	FRAME_NOP,       /* a nop (code 0). Go on */
	FRAME_BAD,       /* f->fault; the connection must be closed. Stays bad */
};

enum frame_fault {
	FRAME_SOUND,
	FRAME_LENGTH, /* 0, too large, or not possible in this transport */
	FRAME_CRC,    /* full transport: wrong CRC */
	FRAME_SEQNO,  /* full transport: wrong sequence number */
	FRAME_PREFIX, /* first bytes of a connection are no transport (HTTP, TLS ...) */
};

enum {
	/* Most a packet may be (TDLib's own limit: transport.md 9). */
	FRAME_PAYLOAD_MAX = (1 << 22) + 1024,
	/* Before there is a key, only handshake messages travel. */
	FRAME_PAYLOAD_MAX_PLAIN = 64 * 1024,
	/* A client reads payloads below this inside the framer: they are codes, not messages. */
	FRAME_CODE_MAX = 16,
	/* Most that is read of a connection before the length of a packet is known. */
	FRAME_HEAD_MAX = 8,
	/* In front of and behind a packet that frame_wrap is given. */
	FRAME_HEADROOM = 8,
	FRAME_TAILROOM = 16,
};

/* Everything here is private to frame*.c but the named results. */
struct framer {
	enum transport transport;
	bool server; /* we are the listening side */
	bool obfuscated;
	uint32_t payload_max;
	uint32_t payload_len; /* result of FRAME_HEAD: bytes of this packet, padding included */
	uint32_t token;       /* result of FRAME_QUICK_ACK */
	int32_t code;         /* result of FRAME_ERROR */
	enum frame_fault fault;
	bool quick_ack_asked; /* server: the peer wants one for this packet */
	int16_t dc;           /* server: DC number inside obfuscated2 (0 when none) */
	struct ctr_stream in, out;
	uint32_t phase;
	uint8_t head[64];
	uint32_t head_len; /* bytes gathered in head */
	uint32_t head_need;
	uint32_t head_payload; /* where the payload begins in head */
	struct buf *place;
	uint32_t crc_in, seq_in, seq_out;
	uint8_t hello[64];
	uint32_t hello_len;
};

/*
 * Client side. With obfuscated (not for the full transport), random is 64 fresh bytes (init of
 * obfuscated2; false when they are among the forbidden ones: draw again), dc is written into it
 * (transport.md 6.3; 0: left random), secret NULL or 16 bytes. Without, random may be NULL.
 */
bool frame_init_client(struct framer *, enum transport, bool obfuscated, const uint8_t random[64],
		       int16_t dc, const uint8_t *secret);
/* Server side: transport and obfuscation are told from the first bytes. */
void frame_init_server(struct framer *);
/* Largest payload accepted from now on. Both inits set FRAME_PAYLOAD_MAX. */
void frame_limit(struct framer *, uint32_t payload_max);

/* Client: what goes on the wire before the first packet (0..64 bytes). */
struct cspan frame_hello(const struct framer *);

/*
 * Where the next bytes of the connection go: never past the end of the current head or packet.
 * Valid until the next call on this framer. Length 0 means the connection was refused (FRAME_BAD).
 * Not between FRAME_HEAD and frame_place.
 */
struct span frame_want(struct framer *);
/* n bytes arrived there, 0 < n <= what frame_want() offered. */
enum frame_status frame_took(struct framer *, uint32_t n);
/*
 * After FRAME_HEAD: packet is empty, with tailroom >= payload_len; it must stay until FRAME_PACKET.
 * Payload bytes that came with the head (abridged: up to 3) are moved there. Answers FRAME_PACKET
 * at once when that was all of it, else FRAME_MORE.
 */
enum frame_status frame_place(struct framer *, struct buf *packet);
/*
 * For callers that have bytes in hand already (a simulator, a test): feeds *data through
 * want/took, advances it, and stops at the first status that is not FRAME_MORE or when data is used
 * up.
 */
enum frame_status frame_feed(struct framer *, struct cspan *data);

/*
 * Makes a frame of packet in place: head in front (<= FRAME_HEADROOM), padding or CRC behind
 * (<= FRAME_TAILROOM), obfuscation over all. The payload is a multiple of 4 (full: any) and not
 * empty. Packets must be sent in the order they were wrapped. random: 16 bytes for the padded
 * transport, else unused. quick_ack asks for one (client; not in the full transport).
 */
void frame_wrap(struct framer *, struct buf *packet, bool quick_ack, const uint8_t random[16]);
/* Server: a transport error, or a quick ack token, as a whole frame (empty buf, rooms as above). */
void frame_wrap_error(struct framer *, struct buf *packet, int32_t code);
void frame_wrap_quick_ack(struct framer *, struct buf *packet, uint32_t token);

/*
 * Undoing a frame whose connection died, so that no second copy of the packet has to be held: take
 * the mark right before frame_wrap; frame_unwrap gives back the payload in place (in the padded
 * transport with its padding, which the envelope drops). The framer is the one that wrapped it,
 * not yet initialised again.
 */
struct frame_mark {
	uint8_t counter[16], pad[16];
	uint32_t used;
};
struct frame_mark frame_mark(const struct framer *);
void frame_unwrap(const struct framer *, const struct frame_mark *, struct buf *packet);

#endif

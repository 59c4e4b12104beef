/*
 * The fixed pool of chunks: all memory that file bytes ever live in. One mapping taken at start,
 * never grown. A chunk has one owner at a time; every move is checked against the table of moves.
 *
 * Stride 525,440 bytes: a multiple of 64, never of 4096 (else all cipher chains meet in one cache
 * set; performance.md 2.2). A frame starts at chunk + 4, so that plaintext + 32 is 64-aligned, and
 * the file bytes of a part stand at chunk + 92 both when they arrive and when they leave.
 */
#ifndef TGCLONE_SLAB_SLAB_H
#define TGCLONE_SLAB_SLAB_H

#include "proto/base/buf.h"
#include "proto/base/list.h"

enum {
	CHUNK_STRIDE = 525440,
	CHUNK_FRAME_AT = 4, /* where the frame head of a received packet goes */
	CHUNK_FILE_AT = 92, /* where the file bytes of upload.file stand after it was opened */
	CHUNK_PART_MAX = 524288,
};

enum chunk_state {
	CHUNK_FREE,
	CHUNK_RECEIVING, /* a link receives into it */
	CHUNK_HELD,      /* plaintext; owned by a transfer */
	CHUNK_SENDING,   /* a link has it: sealed, waiting for the server's yes */
	CHUNK_STATES
};

struct chunk {
	struct list node;
	enum chunk_state state;
	uint32_t index;
	uint32_t pins;  /* kernel's reads of its memory that are not over */
	bool given;     /* free as soon as they are */
	struct buf buf; /* window into the chunk's memory */
};

struct slab;

/* bytes: budget; at least one chunk. 0 or -ENOMEM. */
int slab_open(struct slab **, size_t bytes);
/* Every chunk must be free. */
void slab_close(struct slab **);
/* A free chunk in state RECEIVING or HELD, its buf empty at CHUNK_FILE_AT; NULL: none is free. */
struct chunk *slab_take(struct slab *, enum chunk_state);
void slab_move(struct slab *, struct chunk *, enum chunk_state);
/* Hands the chunk back; *owner becomes NULL. */
void slab_give(struct slab *, struct chunk **owner);
/*
 * The kernel reads its memory (a zero-copy send): a chunk that is given back meanwhile is free only
 * after as many unpins.
 */
void slab_pin(struct slab *, struct chunk *);
void slab_unpin(struct slab *, struct chunk *);
uint32_t slab_total(const struct slab *);
uint32_t slab_free(const struct slab *);
/* The mapping that all chunks lie in, for ring_register. */
struct span slab_memory(const struct slab *);

#endif

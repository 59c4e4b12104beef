/*
 * Time to finish of an archive, in virtual time: three archives, a network that is two pipes and a
 * round trip, and the product's own decisions (engine/pace, engine/clone/window). No bytes move, so
 * a terabyte takes a second, and the same seed gives the same figures everywhere.
 */
#ifndef TGCLONE_BENCH_MAKESPAN_H
#define TGCLONE_BENCH_MAKESPAN_H

#include <stdbool.h>
#include <stdint.h>

/* Messages in order; a group is an album or a single message. */
struct archive {
	const char *name;
	int64_t *sizes;  /* of each message's media, 0: none */
	uint8_t *counts; /* messages of each group */
	uint32_t messages, groups;
	int64_t bytes;
};

enum archive_kind { ARCHIVE_CHATTY, ARCHIVE_MIXED, ARCHIVE_VIDEO, ARCHIVES };

/* scale: 1 is the whole archive, 10 a tenth of it. Memory is the caller's to give back. */
void archive_make(struct archive *, enum archive_kind, uint32_t scale);
void archive_free(struct archive *);

struct setting {
	double down, up; /* bytes a second */
	uint64_t round_trip_ns, commit_ns;
	uint64_t rate_count, rate_unit_ns, interval_ns;
	uint32_t burst, ahead;
	uint32_t parts_down, parts_up; /* under way at once, all connections together */
	uint32_t chunks, part_size;
};

enum way {
	WAY_STREAM,   /* tgclone: bytes over this machine, groups ahead of the send slot */
	WAY_COPY,     /* tgclone: by reference */
	WAY_FORWARD,  /* tgclone: forward batches */
	WAY_SINGLY,   /* one message at a time, each way at full speed */
	WAY_PARTWISE, /* one message at a time, one part at a time */
	WAYS,
};

struct bound {
	double pace_s, bytes_s;
};

/* What no order of work can beat: the posts at their pace alone, the bytes alone. */
struct bound makespan_bound(const struct archive *, const struct setting *, enum way);
/* From the start to the last post's answer. */
double makespan(const struct archive *, const struct setting *, enum way);

#endif

/*
 * bench/makespan: how long an archive takes, against the lower bound max(pace, bytes), for
 * tgclone's three ways and for cloning one message at a time. Prints a table, or one JSON object a
 * row with --json.
 * --scale N takes an N-th of each archive.
 */
#include "bench/makespan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t MS = 1000000;

static const char *const way_names[WAYS] = {
    [WAY_STREAM] = "tgclone, streamed",
    [WAY_COPY] = "tgclone, by reference",
    [WAY_FORWARD] = "tgclone, forward batches",
    [WAY_SINGLY] = "one message at a time",
    [WAY_PARTWISE] = "one message, one part at a time",
};

struct place {
	const char *name;
	struct setting setting;
};

/* The program's defaults: 4 x 4 parts each way, 128 MiB, 8 groups ahead. 50 ms; a commit is 5 ms. */
#define PLACE(name, rate, interval, bandwidth)                                                     \
	{                                                                                          \
		name,                                                                              \
		{                                                                                  \
			.down = (bandwidth), .up = (bandwidth), .round_trip_ns = 50 * MS,          \
			.commit_ns = 5 * MS, .rate_count = (rate), .rate_unit_ns = 60000 * MS,     \
			.interval_ns = (interval), .burst = 1, .ahead = 8, .parts_down = 16,       \
			.parts_up = 16, .chunks = 255, .part_size = 512 * 1024                     \
		}                                                                                  \
	}

static const struct place places[] = {
    PLACE("20/min, 100 MB/s", 20, 3500 * MS, 100e6),
    PLACE("60/min, 25 MB/s", 60, 0, 25e6),
    /* The mixed archive's posts and bytes take equally long: no slack on either side. */
    PLACE("60/min, 16 MB/s", 60, 0, 16e6),
};

enum { PLACES = sizeof(places) / sizeof(places[0]) };

static void row(const struct archive *a, const struct place *p, enum way way, bool json)
{
	struct bound b = makespan_bound(a, &p->setting, way);
	double bound = b.pace_s > b.bytes_s ? b.pace_s : b.bytes_s;
	double seconds = makespan(a, &p->setting, way);

	if (json)
		printf("{\"archive\":\"%s\",\"setting\":\"%s\",\"way\":\"%s\",\"messages\":%u,"
		       "\"bytes\":%lld,\"pace_bound_s\":%.1f,\"bytes_bound_s\":%.1f,"
		       "\"makespan_s\":%.1f,\"ratio\":%.4f}\n",
		       a->name, p->name, way_names[way], a->messages, (long long)a->bytes, b.pace_s,
		       b.bytes_s, seconds, seconds / bound);
	else
		printf("| %s | %s | %s | %.2f | %.2f | %.2f | %.3f |\n", a->name, p->name,
		       way_names[way], b.pace_s / 3600, b.bytes_s / 3600, seconds / 3600,
		       seconds / bound);
}

int main(int argc, char **argv)
{
	uint32_t scale = 1;
	bool json = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			json = true;
		} else if (strcmp(argv[i], "--scale") == 0 && i + 1 < argc &&
			   atoi(argv[i + 1]) >= 1 && atoi(argv[i + 1]) <= 1000) {
			scale = (uint32_t)atoi(argv[++i]);
		} else {
			fprintf(stderr, "usage: makespan [--json] [--scale 1..1000]\n");
			return 64;
		}
	}
	if (!json)
		printf("| archive | pace, each way | how | pace bound h | bytes bound h | makespan "
		       "h | "
		       "ratio |\n| --- | --- | --- | --: | --: | --: | --: |\n");
	for (uint32_t k = 0; k < ARCHIVES; k++) {
		struct archive a;

		archive_make(&a, (enum archive_kind)k, scale);
		for (uint32_t i = 0; i < PLACES; i++)
			for (uint32_t way = 0; way < WAYS; way++)
				row(&a, &places[i], (enum way)way, json);
		archive_free(&a);
	}
	return 0;
}

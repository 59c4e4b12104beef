/* Three archives from a fixed seed. Sizes are drawn evenly between bounds; their mix matters. */
#include "bench/makespan.h"

#include "proto/base/check.h"

#include <stdlib.h>

static const int64_t KB = 1000, MB = 1000000;

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % below;
}

static int64_t between(uint64_t *seed, int64_t low, int64_t high)
{
	return low + (int64_t)draw(seed, (uint64_t)(high - low));
}

struct mix {
	uint32_t media;	      /* per 1000 messages */
	uint32_t photo, file; /* per 1000 media; the rest is video */
	int64_t file_max, video_min, video_max;
	uint32_t album; /* per 1000 photos and videos that begin an album */
};

static int64_t draw_size(uint64_t *seed, const struct mix *m, bool *visual)
{
	uint64_t kind = draw(seed, 1000);

	*visual = kind < m->photo || kind >= m->photo + m->file;
	if (kind < m->photo)
		return between(seed, 50 * KB, 400 * KB);
	if (kind < m->photo + m->file)
		return between(seed, 1 * MB, m->file_max);
	return between(seed, m->video_min, m->video_max);
}

static void add_group(struct archive *a, uint64_t *seed, const struct mix *m, uint32_t left)
{
	bool visual = false;
	int64_t size = draw(seed, 1000) < m->media ? draw_size(seed, m, &visual) : 0;
	uint32_t n = visual && draw(seed, 1000) < m->album ? 2 + (uint32_t)draw(seed, 9) : 1;

	n = n < left ? n : left;
	a->counts[a->groups++] = (uint8_t)n;
	for (uint32_t i = 0; i < n; i++) {
		a->sizes[a->messages++] = size;
		a->bytes += size;
		size = draw_size(seed, m, &visual);
	}
}

void archive_make(struct archive *a, enum archive_kind kind, uint32_t scale)
{
	static const struct mix mixes[ARCHIVES] = {
	    [ARCHIVE_CHATTY] = {30, 800, 150, 20 * 1000000, 20 * 1000000, 150 * 1000000, 50},
	    [ARCHIVE_MIXED] = {300, 600, 200, 50 * 1000000, 20 * 1000000, 400 * 1000000, 50},
	    [ARCHIVE_VIDEO] = {1000, 0, 0, 2 * 1000000, 500 * 1000000, 500 * 1000000 + 1, 0},
	};
	static const struct {
		const char *name;
		uint32_t messages;
	} names[ARCHIVES] = {{"chatty", 100000}, {"mixed", 20000}, {"video", 2000}};
	uint32_t messages = names[kind].messages / scale;
	uint64_t seed = 1 + (uint64_t)kind;

	*a = (struct archive){.name = names[kind].name,
			      .sizes = calloc(messages, sizeof(*a->sizes)),
			      .counts = calloc(messages, sizeof(*a->counts))};
	check(a->sizes != NULL && a->counts != NULL);
	while (a->messages < messages)
		add_group(a, &seed, &mixes[kind], messages - a->messages);
}

void archive_free(struct archive *a)
{
	free(a->sizes);
	free(a->counts);
	*a = (struct archive){.name = NULL};
}

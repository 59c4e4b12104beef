/*
 * The write-ahead log before SQLite sees it. SQLite trusts what it reads: a log whose header is
 * bad it passes over without a word, and bytes that lie in the kernel's memory it takes for bytes
 * on the disk. Both are wrong after a death, so the one who is about to write looks first, mends
 * what a power loss can do to a header, and writes the log once more. It owns nothing.
 *
 *   header  magic, version, page size, sequence | salt 1, salt 2 | sum of those    32 bytes
 *   frame   page, size after commit | salt 1, salt 2 | sum since the header's      24 bytes, a page
 */
#include "engine/ledger/ledger_priv.h"

#include <errno.h>
#include <limits.h>

enum { LOG_HEAD = 32, FRAME_HEAD = 24, PAGE = 4096, LOG_MAGIC = 0x377f0682, LOG_VERSION = 3007000 };

struct log_sum {
	uint32_t a, b;
};

static void sum_words(struct log_sum *s, const uint8_t *at, size_t len, bool swap)
{
	for (size_t i = 0; i < len; i += 8) {
		uint32_t x = load_le32(at + i), y = load_le32(at + i + 4);

		s->a += (swap ? __builtin_bswap32(x) : x) + s->b;
		s->b += (swap ? __builtin_bswap32(y) : y) + s->a;
	}
}

static uint32_t be32(const uint8_t *at)
{
	return __builtin_bswap32(load_le32(at));
}

static void put_be32(uint8_t *at, uint32_t v)
{
	store_le32(at, __builtin_bswap32(v));
}

static bool head_good(const uint8_t head[LOG_HEAD])
{
	uint32_t magic = be32(head);
	struct log_sum s = {0};

	if ((magic & ~1U) != LOG_MAGIC)
		return false;
	sum_words(&s, head, 24, (magic & 1) != 0);
	return be32(head + 24) == s.a && be32(head + 28) == s.b;
}

/* Whether this is the header the first frame was written behind: its sum goes on from there. */
static bool head_fits(const uint8_t head[LOG_HEAD], const uint8_t *frame)
{
	struct log_sum s = {be32(head + 24), be32(head + 28)};
	bool swap = (be32(head) & 1) != 0;

	sum_words(&s, frame, 8, swap);
	sum_words(&s, frame + FRAME_HEAD, PAGE, swap);
	return s.a == be32(frame + 16) && s.b == be32(frame + 20);
}

/*
 * When a log starts anew its header is overwritten in place, and the power may go within those 32
 * bytes. Then nothing behind it has changed yet: all of the old frames are still there, and in the
 * database as well. The first one knows the salts, the rest is constant but for the sequence, and
 * its 64-bit sum says whether we are right. So this is no guess, whatever damaged the header.
 */
static bool head_mend(uint8_t head[LOG_HEAD], const uint8_t *frame)
{
	uint32_t sequence = be32(head + 12);

	for (uint32_t i = 0; i < 4; i++) {
		uint8_t made[LOG_HEAD];
		struct log_sum s = {0};

		put_be32(made, LOG_MAGIC | (i & 1));
		put_be32(made + 4, LOG_VERSION);
		put_be32(made + 8, PAGE);
		put_be32(made + 12, sequence - i / 2);
		memcpy(made + 16, frame + 8, 8);
		sum_words(&s, made, 24, (i & 1) != 0);
		put_be32(made + 24, s.a);
		put_be32(made + 28, s.b);
		if (head_fits(made, frame)) {
			memcpy(head, made, LOG_HEAD);
			return true;
		}
	}
	return false;
}

bool log_look(struct db_why *w, const struct ledger_disk *disk, const char *path)
{
	uint8_t start[LOG_HEAD + FRAME_HEAD + PAGE];
	char name[PATH_MAX];
	int n;

	if (!path_join(w, name, path, "-wal"))
		return false;
	n = disk->head(disk->ctx, name, start, sizeof(start));
	if (n >= LOG_HEAD && head_good(start))
		return true;
	if (n < 0 && n != -ENOENT && n != -ELOOP)
		return db_fail(w, LEDGER_IO, "%s: %s", name, strerror(-n));
	if (n == (int)sizeof(start) && head_mend(start, start + LOG_HEAD))
		return db_fail(w, LEDGER_DAMAGED,
			       "%s was cut off while its log started anew: the next run of the job "
			       "mends it",
			       path);
	return db_fail(w, LEDGER_DAMAGED, "%s was not closed, and its log %s is missing or damaged",
		       path, name);
}

/*
 * A sync that failed, or a process that was killed before it, leaves a log of which the kernel
 * shows more than the disk has, and no later sync makes up for it: the kernel takes those pages for
 * clean. What we are about to trust is therefore written once more.
 */
bool log_settle(struct db_why *w, const struct ledger_disk *disk, const char *path, bool *found)
{
	uint8_t start[LOG_HEAD + FRAME_HEAD + PAGE];
	char name[PATH_MAX];
	int n, rc;

	if (!path_join(w, name, path, "-wal"))
		return false;
	n = disk->head(disk->ctx, name, start, sizeof(start));
	*found = n >= LOG_HEAD;
	if (!*found) /* nothing to save; whether it is missed is asked later */
		return true;
	if (!head_good(start) && (n < (int)sizeof(start) || !head_mend(start, start + LOG_HEAD)))
		return true;
	CRASH_POINT("ledger.log.found");
	rc = disk->rewrite(disk->ctx, name, start, LOG_HEAD);
	return rc == 0 || db_fail(w, LEDGER_IO, "%s: %s", name, strerror(-rc));
}

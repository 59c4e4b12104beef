/*
 * One learner a method, and the bytes of all of them: a head, then for each method its number, its
 * length and what learn_save made. Owns nothing else; the file is its owner's business.
 */
#include "engine/pace/methods.h"

#include "proto/base/check.h"

enum { MAGIC = 0x65636170, VERSION = 1 };

void methods_init(struct pace_methods *m, uint64_t per_ns)
{
	m->floods = 0;
	for (uint32_t i = 0; i < PACE_METHODS; i++)
		learn_init(&m->of[i], per_ns);
}

struct pace_verdict methods_ask(const struct pace_methods *m, enum pace_method method,
				const struct pace_lane *lane, uint64_t now, uint32_t tokens)
{
	check(method < PACE_METHODS);
	return learn_ask(&m->of[method], lane, now, tokens);
}

void methods_take(struct pace_methods *m, enum pace_method method, struct pace_lane *lane,
		  uint64_t now, uint32_t tokens)
{
	check(method < PACE_METHODS);
	learn_take(&m->of[method], lane, now, tokens);
	for (uint32_t i = 0; i < PACE_METHODS; i++)
		if (i != method)
			learn_seen(&m->of[i], now, tokens);
}

void methods_flood(struct pace_methods *m, enum pace_method method, struct pace_lane *lane,
		   uint64_t now, uint64_t wait_ns, uint32_t tokens)
{
	check(method < PACE_METHODS);
	learn_flood(&m->of[method], lane, now, wait_ns, tokens);
	for (uint32_t i = 0; i < PACE_METHODS; i++)
		if (i != method)
			learn_unseen(&m->of[i], tokens);
	m->floods++;
}

void methods_restore(struct pace_methods *m, uint64_t now)
{
	for (uint32_t i = 0; i < PACE_METHODS; i++)
		learn_restore(&m->of[i], now);
}

/* What goes beyond a quota waits, window after window, whichever method filled it. */
double methods_seconds(const struct pace_methods *m, const uint64_t counts[PACE_METHODS])
{
	double seconds = 0, by_quota;
	uint64_t all = 0;

	for (uint32_t i = 0; i < PACE_METHODS; i++) {
		seconds += (double)counts[i] * (double)m->of[i].per_ns / 1e9;
		all += counts[i];
	}
	for (uint32_t i = 0; i < PACE_METHODS; i++) {
		const struct learn *l = &m->of[i];

		if (counts[i] == 0 || l->window_ns == 0 || l->quota == 0 || all <= l->quota)
			continue;
		by_quota = (double)(all - l->quota) / (double)l->quota * (double)l->window_ns / 1e9;
		seconds = by_quota > seconds ? by_quota : seconds;
	}
	return seconds;
}

size_t methods_save(const struct pace_methods *m, uint8_t out[METHODS_STATE_MAX])
{
	size_t at = 8;

	store_le32(out, MAGIC);
	store_le32(out + 4, VERSION);
	for (uint32_t i = 0; i < PACE_METHODS; i++) {
		size_t len = learn_save(&m->of[i], out + at + 8);

		store_le32(out + at, i);
		store_le32(out + at + 4, (uint32_t)len);
		at += 8 + len;
	}
	return at;
}

bool methods_load(struct pace_methods *m, struct cspan in, uint64_t now)
{
	size_t at = 8;

	if (in.len < at || load_le32(in.at) != MAGIC || load_le32(in.at + 4) != VERSION)
		return false;
	while (in.len - at >= 8) {
		uint32_t method = load_le32(in.at + at), len = load_le32(in.at + at + 4);

		at += 8;
		if (len > in.len - at)
			return false;
		if (method < PACE_METHODS)
			learn_load(&m->of[method], cspan_of(in.at + at, len), now);
		at += len;
	}
	return true;
}

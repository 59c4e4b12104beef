/*
 * Fuzz target: the file of what was learnt about an account's pace. Any bytes are refused or give a
 * state that is stored again as it was read, and that asks, sends and learns without a fault.
 */
#include "engine/pace/methods.h"
#include "proto/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint64_t SECOND = 1000000000;
static const uint64_t NOW = UINT64_C(1700000000) * 1000000000;

static void use(struct pace_methods *m, uint64_t now)
{
	struct pace_lane lane;

	pace_init(&lane, 1, m->of[PACE_FORWARD].per_ns, 1, 0);
	for (uint32_t i = 0; i < 40; i++) {
		enum pace_method method = (enum pace_method)(i % PACE_METHODS);
		struct pace_verdict v = methods_ask(m, method, &lane, now, 1 + i);

		if (v.reason != PACE_NOW && v.at < now + 30 * 86400 * SECOND)
			now = v.at;
		methods_take(m, method, &lane, now, 1 + i);
		if (i % 7 == 3)
			methods_flood(m, method, &lane, now, (i * i * i) * SECOND, 1 + i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t first[METHODS_STATE_MAX], second[METHODS_STATE_MAX];
	struct pace_methods m, again;
	size_t len;

	methods_init(&m, 3 * SECOND);
	methods_init(&again, SECOND);
	if (!methods_load(&m, cspan_of(data, size), NOW))
		return 0;
	len = methods_save(&m, first);
	check(methods_load(&again, cspan_of(first, len), NOW));
	check(methods_save(&again, second) == len);
	check(memcmp(first, second, len) == 0);
	use(&m, NOW);
	return 0;
}

/* Three ways to count, written without looking at what learns from them. */
#include "tests/pace/limiter.h"

#include <string.h>

static const uint64_t SECOND = 1000000000;

void limiter_init(struct limiter *l, enum limiter_kind kind, uint32_t most, uint64_t window_ns)
{
	memset(l, 0, sizeof(*l));
	l->kind = kind;
	l->most = most;
	l->window_ns = window_ns;
	l->tokens = most;
}

static void refresh(struct limiter *l, uint64_t now)
{
	switch (l->kind) {
	case LIMITER_BUCKET:
		if (l->at != 0)
			l->tokens += (double)(now - l->at) / (double)l->window_ns * l->most;
		if (l->tokens > l->most)
			l->tokens = l->most;
		l->at = now;
		break;
	case LIMITER_FIXED:
		if (now / l->window_ns != l->at) {
			l->at = now / l->window_ns;
			l->used = 0;
		}
		break;
	case LIMITER_SLIDING:
		while (l->count > 0 && now - l->log[l->first] >= l->window_ns) {
			l->first = (l->first + 1) % LIMITER_LOG;
			l->count--;
		}
		break;
	}
}

void limiter_change(struct limiter *l, uint32_t most, uint64_t window_ns, uint64_t now)
{
	refresh(l, now);
	l->most = most;
	l->window_ns = window_ns;
	if (l->kind == LIMITER_FIXED)
		l->at = now / window_ns;
}

static uint64_t wait_ns(const struct limiter *l, uint64_t now, uint32_t n)
{
	switch (l->kind) {
	case LIMITER_BUCKET:
		return l->tokens >= n
			   ? 0
			   : (uint64_t)((n - l->tokens) * (double)l->window_ns / l->most);
	case LIMITER_FIXED:
		return l->used + n <= l->most ? 0 : (l->at + 1) * l->window_ns - now;
	case LIMITER_SLIDING:
		if (l->count + n <= l->most)
			return 0;
		return l->log[(l->first + (l->count + n - l->most) - 1) % LIMITER_LOG] +
		       l->window_ns - now;
	}
	return 0;
}

uint32_t limiter_wait(struct limiter *l, uint64_t now, uint32_t n)
{
	refresh(l, now);
	return (uint32_t)((wait_ns(l, now, n) + SECOND - 1) / SECOND);
}

void limiter_take(struct limiter *l, uint64_t now, uint32_t n)
{
	l->tokens -= n;
	l->used += n;
	for (uint32_t i = 0; l->kind == LIMITER_SLIDING && i < n; i++)
		l->log[(l->first + l->count++) % LIMITER_LOG] = now;
}

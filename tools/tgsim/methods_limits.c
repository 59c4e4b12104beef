/*
 * Token buckets. The list of buckets grows with the accounts and peers that were ever limited; a
 * walk is enough, since only kinds with a rule have buckets.
 */
#include "tools/tgsim/methods_limits.h"

#include "proto/base/check.h"
#include "tools/tgsim/model.h"

#include <stdio.h>

static const char *const kind_names[LIMIT_KINDS] = {
    "none", "post", "read", "resolve", "create", "upload", "download", "login",
};

void limits_set(struct limits *l, enum limit_kind kind, struct limit_rule rule)
{
	struct limit_bucket **at = &l->buckets;

	check(kind < LIMIT_KINDS);
	l->rules[kind] = rule;
	while (*at != NULL) {
		if ((*at)->kind == kind)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
}

static struct limit_bucket *bucket(struct limits *l, enum limit_kind kind, int64_t account,
				   int64_t peer, int64_t now)
{
	struct limit_bucket *b = l->buckets;

	while (b != NULL && (b->kind != kind || b->account != account || b->peer != peer))
		b = b->next;
	if (b != NULL)
		return b;
	b = world_take(l->world, sizeof(*b));
	*b = (struct limit_bucket){l->buckets, account, peer, kind, l->rules[kind].burst, now};
	l->buckets = b;
	return b;
}

static void refill(struct limit_bucket *b, const struct limit_rule *r, int64_t now)
{
	int64_t gained = (now - b->at_ns) / r->every_ns;

	if (gained <= 0)
		return;
	if (gained >= r->burst - b->tokens) {
		b->tokens = r->burst;
		b->at_ns = now;
	} else {
		b->tokens += (uint32_t)gained;
		b->at_ns += gained * r->every_ns;
	}
}

int32_t limits_take(struct limits *l, enum limit_kind kind, int64_t account, int64_t peer,
		    uint32_t cost, int64_t now)
{
	const struct limit_rule *r = &l->rules[kind];
	struct limit_bucket *b;
	int64_t wait;

	if (kind == LIMIT_NONE || r->burst == 0)
		return 0;
	b = bucket(l, kind, account, kind == LIMIT_POST ? peer : 0, now);
	refill(b, r, now);
	if (cost > r->burst)
		cost = r->burst;
	if (b->tokens >= cost) {
		b->tokens -= cost;
		return 0;
	}
	wait = b->at_ns + (int64_t)(cost - b->tokens) * r->every_ns - now;
	l->refused++;
	return (int32_t)((wait + 999999999) / 1000000000);
}

enum limit_kind limits_kind(const char *name)
{
	for (uint32_t k = LIMIT_POST; k < LIMIT_KINDS; k++)
		if (strcmp(kind_names[k], name) == 0)
			return (enum limit_kind)k;
	return LIMIT_NONE;
}

bool limits_parse(const char *text, struct limit_rule *r)
{
	unsigned burst;
	double seconds;
	char end;

	if (strcmp(text, "off") == 0) {
		*r = (struct limit_rule){0, 0};
		return true;
	}
	if (sscanf(text, "%u/%lf%c", &burst, &seconds, &end) != 2 || burst == 0 || !(seconds > 0) ||
	    seconds > 1e6)
		return false;
	r->burst = burst;
	r->every_ns = (int64_t)(seconds * 1e9 / burst);
	return r->every_ns > 0;
}

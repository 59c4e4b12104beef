/*
 * What all sessions of one key share: the estimate of the server's clock (messages.md 9) and the
 * salts (messages.md 8). The clock is the largest difference seen, because a message is never
 * younger than it looks; only a refusal, or an answer older than its question, turns it back.
 */
#include "proto/session/msgid.h"
#include "proto/session/session_priv.h"

enum {
	PAST_S = 300, /* check 10 */
	FUTURE_S = 30,
	SALTS_WAIT_S = 60,       /* least pause between two questions for salts */
	SALTS_WAIT_MAX_S = 3600, /* when nobody answers them */
	SALTS_LEAD_S = 3600,     /* ask again before the last one ends */
};

void session_key_init(struct session_key *k, const struct auth_key *key, uint64_t salt)
{
	memset(k, 0, sizeof(*k));
	k->key = *key;
	k->salt = salt;
}

void session_set_time(struct session_key *k, int64_t server_unix_s, uint64_t now)
{
	k->offset_ns = server_unix_s * (int64_t)SESSION_NS - (int64_t)now;
	k->offset_known = false;
}

int64_t key_unix_ns(const struct session_key *k, uint64_t now)
{
	return (int64_t)now + k->offset_ns;
}

int64_t session_server_time(const struct session_key *k, uint64_t now)
{
	return key_unix_ns(k, now) / (int64_t)SESSION_NS;
}

static int64_t ahead_ns(const struct session_key *k, uint64_t msg_id, uint64_t now)
{
	return msgid_time(msg_id) - key_unix_ns(k, now);
}

/* Further in the past than check 10 allows. */
bool key_past(const struct session_key *k, uint64_t msg_id, uint64_t now)
{
	return k->offset_known && ahead_ns(k, msg_id, now) < -(int64_t)(PAST_S * SESSION_NS);
}

bool key_in_time(const struct session_key *k, uint64_t msg_id, uint64_t now)
{
	if (!k->offset_known)
		return true;
	return !key_past(k, msg_id, now) &&
	       ahead_ns(k, msg_id, now) <= (int64_t)(FUTURE_S * SESSION_NS);
}

/* A message in time, or the first one. */
void key_heard(struct session_key *k, uint64_t msg_id, uint64_t now)
{
	int64_t ahead = ahead_ns(k, msg_id, now);

	if (!k->offset_known || ahead > 0)
		k->offset_ns += ahead;
	k->offset_known = true;
}

/* The server says that our clock is wrong: its message has the right time. */
void key_correct(struct session_key *k, uint64_t msg_id, uint64_t now)
{
	int64_t ahead = ahead_ns(k, msg_id, now);

	if (ahead > (int64_t)SESSION_NS || ahead < -(int64_t)SESSION_NS)
		k->epoch++;
	k->offset_ns += ahead;
	k->offset_known = true;
}

/* The valid one that lasts longest; what is in use when none is known to be valid. */
uint64_t key_pick_salt(struct session_key *k, uint64_t now)
{
	int64_t t = session_server_time(k, now);
	const struct session_salt *best = NULL;

	for (uint32_t i = 0; i < k->salt_count; i++) {
		const struct session_salt *s = &k->salts[i];

		if (s->valid_since > t || s->valid_until <= t)
			continue;
		if (best == NULL || s->valid_until > best->valid_until)
			best = s;
	}
	if (best != NULL)
		k->salt = best->salt;
	return k->salt;
}

/* False when it is the one in use. */
bool key_set_salt(struct session_key *k, uint64_t salt)
{
	if (k->salt == salt)
		return false;
	k->salt = salt;
	k->epoch++;
	return true;
}

/* A salt that was picked from the list was refused: the list is worth nothing. */
void key_distrust_salts(struct session_key *k)
{
	k->salt_count = 0;
	k->salts_due_ns = 0;
}

void key_asked_salts(struct session_key *k, uint64_t now)
{
	uint64_t wait = k->salts_wait_ns * 2;

	if (wait < SALTS_WAIT_S * SESSION_NS)
		wait = SALTS_WAIT_S * SESSION_NS;
	if (wait > SALTS_WAIT_MAX_S * SESSION_NS)
		wait = SALTS_WAIT_MAX_S * SESSION_NS;
	k->salts_wait_ns = wait;
	k->salts_due_ns = now + wait;
}

static int64_t last_valid(const struct session_key *k)
{
	int64_t last = 0;

	for (uint32_t i = 0; i < k->salt_count; i++)
		if (k->salts[i].valid_until > last)
			last = k->salts[i].valid_until;
	return last;
}

/* When the answer was good: next time shortly before the last salt ends. */
static void plan_salts(struct session_key *k, uint64_t now)
{
	int64_t left = last_valid(k) - session_server_time(k, now);
	int64_t lead = left / 2 < SALTS_LEAD_S ? left / 2 : SALTS_LEAD_S;

	k->salts_wait_ns = 0;
	if (left - lead < SALTS_WAIT_S)
		lead = left - SALTS_WAIT_S;
	k->salts_due_ns = now + (uint64_t)(left - lead) * SESSION_NS;
}

/* future_salts.salts: a bare vector of bare elements of 16 bytes. */
void key_take_salts(struct session_key *k, struct tl_reader *r, uint64_t now)
{
	uint32_t count = tl_read_bare_vector(r, 16);

	if (!tl_ok(r) || count == 0)
		return;
	if (count > SESSION_SALTS_MAX)
		count = SESSION_SALTS_MAX;
	k->salt_count = count;
	for (uint32_t i = 0; i < count; i++) {
		k->salts[i].valid_since = tl_read_u32(r);
		k->salts[i].valid_until = tl_read_u32(r);
		k->salts[i].salt = tl_read_u64(r);
	}
	plan_salts(k, now);
}

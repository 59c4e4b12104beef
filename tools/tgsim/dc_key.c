/*
 * Authorization keys of all DCs, their salts, and the binding of temporary keys. Owns the keys from
 * the end of the key exchange to the end of the server: a dead key stays in memory, so that nobody
 * holds a pointer to nothing, but is found no more. Sessions are dc_session.c's.
 */
#include "tools/tgsim/dc_priv.h"

#include "proto/crypto/digest.h"
#include "proto/crypto/ige.h"
#include "proto/wire/tl.h"

#include <stdlib.h>

enum {
	BIND_INNER = 0x75a3f765,
	BIND_INNER_LEN = 40,
	BIND_HEAD_LEN = 32, /* random 16, msg_id 8, seq_no 4, length 4 */
	BIND_LEN = 8 + 16 + 80,
	BIND_AHEAD_S = 86400 + 300, /* mtcute counts the day from when it binds */
};

static struct dc_key **bucket_of(struct dc_server *s, uint64_t id)
{
	return &s->keys[id % DC_KEY_TABLE];
}

static bool is_over(const struct dc_server *s, const struct dc_key *k)
{
	const struct fault *early = faults_find(s->o.faults, FAULT_TEMP_LIFE, k->dc, s->now);
	int64_t clock = dc_clock(s, k->dc) / 1000000000;

	return k->temporary && (clock >= k->expires ||
				(early != NULL && clock >= k->made + early->ns / 1000000000));
}

struct dc_key *dc_key_find(struct dc_server *s, int dc, uint64_t id)
{
	for (struct dc_key *k = *bucket_of(s, id); k != NULL; k = k->next)
		if (k->key.id == id && k->dc == dc && !k->dead && !is_over(s, k))
			return k;
	return NULL;
}

struct dc_key *dc_key_make(struct dc_server *s, int dc, const struct dc_hs *hs)
{
	struct dc_key *k = calloc(1, sizeof(*k));
	struct dc_key **bucket = bucket_of(s, hs->key.id);
	int64_t clock = dc_clock(s, dc) / 1000000000;

	check(k != NULL);
	k->dc = dc;
	k->key = hs->key;
	k->temporary = hs->temporary;
	k->made = clock;
	k->expires = hs->temporary ? clock + hs->expires_in : 0;
	k->layer = dc_layer_of(s, 0);
	list_init(&k->sessions);
	k->salts[0] = (struct dc_salt){clock, clock + 2 * s->o.salt_life_ns / 1000000000, hs->salt};
	k->salt_count = 1;
	k->next = *bucket;
	*bucket = k;
	s->key_count++;
	return k;
}

void dc_keys_free(struct dc_server *s)
{
	for (int i = 0; i < DC_KEY_TABLE; i++) {
		struct dc_key *k = s->keys[i];

		while (k != NULL) {
			struct dc_key *next = k->next;

			check(list_empty(&k->sessions));
			bytes_wipe(k, sizeof(*k));
			free(k);
			k = next;
		}
		s->keys[i] = NULL;
	}
}

struct dc_key *dc_key_perm(struct dc_key *k)
{
	return k->temporary ? k->perm : k;
}

void dc_key_kill(struct dc_server *s, struct dc_key *dying)
{
	for (int i = 0; i < DC_KEY_TABLE; i++)
		for (struct dc_key *k = s->keys[i]; k != NULL; k = k->next)
			if (k == dying || k->perm == dying) {
				k->dead = true;
				k->account = NULL;
			}
}

void dc_key_unbind(struct dc_key *k)
{
	struct dc_key *perm = k->perm;

	if (perm == NULL)
		return;
	if (perm->main != NULL && perm->main->key == k)
		perm->main = NULL;
	list_each (n, &k->sessions) {
		struct dc_session *session = container_of(n, struct dc_session, node);

		perm->rivals -= session->rival_until != 0;
		session->rival_until = 0;
	}
	k->perm = NULL;
}

/* ---- salts ---- */

/* Forgets the salts that are over and makes new ones, so that there are always 64 for the future.
 */
static void refresh_salts(struct dc_server *s, struct dc_key *k)
{
	int64_t clock = dc_clock(s, k->dc) / 1000000000;
	int64_t life = s->o.salt_life_ns / 1000000000;
	uint32_t over = 0;

	while (over < k->salt_count && k->salts[over].until <= clock)
		over++;
	if (over < k->salt_count && k->salts[over].since > clock)
		over = k->salt_count; /* a skew of the clock is over: none of them would be good for so long */
	k->salt_count -= over;
	memmove(k->salts, k->salts + over, k->salt_count * sizeof(k->salts[0]));
	while (k->salt_count < DC_SALTS) {
		struct dc_salt *new = &k->salts[k->salt_count];

		new->since = k->salt_count == 0 ? clock : new[-1].since + life;
		new->until = new->since + 2 * life;
		dc_random(s, &new->value, sizeof(new->value));
		k->salt_count++;
	}
}

uint64_t dc_salt_now(struct dc_server *s, struct dc_key *k)
{
	int64_t clock = dc_clock(s, k->dc) / 1000000000;
	uint64_t value;

	refresh_salts(s, k);
	value = k->salts[0].value;
	for (uint32_t i = 1; i < k->salt_count && k->salts[i].since <= clock; i++)
		value = k->salts[i].value;
	return value;
}

bool dc_salt_good(struct dc_server *s, struct dc_key *k, uint64_t salt)
{
	int64_t clock = dc_clock(s, k->dc) / 1000000000;

	refresh_salts(s, k);
	for (uint32_t i = 0; i < k->salt_count && k->salts[i].since <= clock; i++)
		if (k->salts[i].value == salt)
			return true;
	return false;
}

void dc_salt_change(struct dc_server *s, struct dc_key *k)
{
	k->salt_count = 0;
	refresh_salts(s, k);
}

uint32_t dc_salts_future(struct dc_server *s, struct dc_key *k, const struct dc_salt **first,
			 uint32_t count)
{
	refresh_salts(s, k);
	*first = k->salts;
	return count < k->salt_count ? count : k->salt_count;
}

/* ---- auth.bindTempAuthKey ---- */

/* Decrypts with the permanent key, MTProto 1.0; false when the msg_key is wrong. */
static bool open_binding(const struct dc_key *perm, struct cspan sealed, uint8_t plain[80])
{
	uint8_t aes_key[32], aes_iv[32], digest[20];
	struct cspan hashed = {plain, BIND_HEAD_LEN + BIND_INNER_LEN};

	memcpy(plain, sealed.at + 24, 80);
	msgkey_derive_v1(aes_key, aes_iv, &perm->key, sealed.at + 8, MSG_FROM_CLIENT);
	ige_decrypt(aes_key, aes_iv, plain, 80);
	digest_sha1(digest, &hashed, 1);
	return bytes_equal_ct(digest + 4, sealed.at + 8, 16);
}

struct binding {
	uint64_t perm_id, nonce;
	int32_t expires_at;
	struct cspan sealed;
};

/* Every field of the inner object against what is known otherwise. */
static bool binding_fits(const uint8_t plain[80], const struct dc_session *session, uint64_t msg_id,
			 const struct binding *b)
{
	struct tl_reader r;

	if (load_le64(plain + 16) != msg_id || load_le32(plain + 24) != 0 ||
	    load_le32(plain + 28) != BIND_INNER_LEN)
		return false;
	tl_reader_init(&r, cspan_of(plain + BIND_HEAD_LEN, BIND_INNER_LEN));
	return tl_read_u32(&r) == BIND_INNER && tl_read_u64(&r) == b->nonce &&
	       tl_read_u64(&r) == session->key->key.id && tl_read_u64(&r) == b->perm_id &&
	       tl_read_u64(&r) == session->id && tl_read_i32(&r) == b->expires_at && tl_ok(&r);
}

const char *dc_key_bind(struct dc_session *session, uint64_t msg_id, struct cspan query)
{
	struct dc_server *s = session->conn->server;
	struct dc_key *temp = session->key, *perm;
	int64_t clock = dc_clock(s, temp->dc) / 1000000000;
	struct tl_reader r;
	struct binding b;
	uint8_t plain[80];
	bool sound;

	tl_reader_init(&r, query);
	tl_read_u32(&r);
	b.perm_id = tl_read_u64(&r);
	b.nonce = tl_read_u64(&r);
	b.expires_at = tl_read_i32(&r);
	b.sealed = tl_read_bytes(&r);
	if (!tl_ok(&r) || tl_left(&r) != 0)
		return "INPUT_FETCH_ERROR";
	if (!temp->temporary)
		return "TEMP_AUTH_KEY_EMPTY";
	perm = dc_key_find(s, temp->dc, b.perm_id);
	if (perm == NULL || perm->temporary || b.sealed.len != BIND_LEN ||
	    load_le64(b.sealed.at) != b.perm_id)
		return "ENCRYPTED_MESSAGE_INVALID";
	sound = open_binding(perm, b.sealed, plain) && binding_fits(plain, session, msg_id, &b);
	bytes_wipe(plain, sizeof(plain));
	if (!sound)
		return "ENCRYPTED_MESSAGE_INVALID";
	if (temp->perm != NULL && temp->perm != perm)
		return "TEMP_AUTH_KEY_ALREADY_BOUND";
	if (b.expires_at <= clock || b.expires_at > clock + BIND_AHEAD_S)
		return "EXPIRES_AT_INVALID";
	temp->perm = perm;
	if (b.expires_at < temp->expires)
		temp->expires = b.expires_at;
	return NULL;
}

/*
 * The encrypted message (messages.md 1): made and checked in place. Batches go to the cipher
 * group by group, because one IGE chain alone leaves the AES unit idle. The checks stand in the
 * order of messages.md 15: nothing decrypted is looked at before the msg_key over all of it was
 * compared.
 *
 * Owns nothing; keys and packets are the caller's. session_id, salt, msg_id and time are the
 * session's to judge.
 */
#include "proto/wire/envelope_priv.h"

#include "proto/crypto/ige.h"

enum { GROUP = 16 }; /* messages handed to the cipher at once, each way */

static_assert((int)ENVELOPE_HEADROOM == CLEAR_LEN + HEAD_LEN, "room for both heads");
static_assert((int)ENVELOPE_MIN == CLEAR_LEN + 48, "check 1");

static struct cspan plaintext_of(const struct buf *packet)
{
	return (struct cspan){buf_at(packet) + CLEAR_LEN, packet->len - CLEAR_LEN};
}

/* Fills the cipher job of one message: its key comes from msg_key. */
static void derive(struct ige_job *ige, const struct envelope_job *job, const uint8_t msg_key[16])
{
	struct buf *packet = job->packet;

	msgkey_derive(ige->key, ige->iv, job->key, msg_key, job->dir);
	ige->data = buf_at(packet) + CLEAR_LEN;
	ige->len = packet->len - CLEAR_LEN;
}

enum envelope_fault envelope_check_clear(struct envelope_job *job)
{
	struct buf *packet = job->packet;

	if (packet->len < ENVELOPE_MIN)
		return ENVELOPE_SHORT;
	if (load_le64(buf_at(packet)) != job->key->id)
		return ENVELOPE_KEY_ID;
	buf_trim(packet, packet->len - (packet->len - CLEAR_LEN) % 16);
	return ENVELOPE_SOUND;
}

enum envelope_fault envelope_check_hash(struct envelope_job *job, const uint8_t large[32])
{
	if (!bytes_equal_ct(large + 8, buf_at(job->packet) + 8, 16))
		return ENVELOPE_MSG_KEY;
	job->quick_token = load_le32(large) | 0x80000000u;
	return ENVELOPE_SOUND;
}

enum envelope_fault envelope_check_lengths(struct envelope_job *job)
{
	struct cspan plain = plaintext_of(job->packet);
	uint32_t len = load_le32(plain.at + 28);
	uint32_t room = (uint32_t)plain.len - HEAD_LEN;

	if (len > room || len % 4 != 0) /* a negative one is larger than any room */
		return ENVELOPE_LENGTH;
	if (room - len < PADDING_MIN || room - len > PADDING_MAX)
		return ENVELOPE_PADDING;
	job->head.salt = load_le64(plain.at);
	job->head.session_id = load_le64(plain.at + 8);
	job->head.msg_id = load_le64(plain.at + 16);
	job->head.seq_no = load_le32(plain.at + 24);
	buf_pull(job->packet, ENVELOPE_HEADROOM);
	buf_trim(job->packet, len);
	return ENVELOPE_SOUND;
}

uint32_t envelope_padding(uint32_t len)
{
	return PADDING_MIN + (0u - (HEAD_LEN + len + PADDING_MIN)) % 16;
}

void envelope_put_head(uint8_t head[HEAD_LEN], const struct envelope_head *h, uint32_t len)
{
	store_le64(head, h->salt);
	store_le64(head + 8, h->session_id);
	store_le64(head + 16, h->msg_id);
	store_le32(head + 24, h->seq_no);
	store_le32(head + 28, len);
}

/* The plaintext in front of and behind the message data. */
static void put_plaintext(struct envelope_job *job)
{
	struct buf *packet = job->packet;
	uint32_t len = packet->len;
	uint32_t padding = envelope_padding(len);

	check(len % 4 == 0);
	envelope_put_head(buf_push(packet, HEAD_LEN), &job->head, len);
	/* Only now: the padding is inside the MAC, so it must be random before we hash. */
	memcpy(buf_put(packet, padding), job->padding, padding);
}

static void put_clear(struct envelope_job *job, const uint8_t large[32], struct ige_job *ige)
{
	uint8_t *clear = buf_push(job->packet, CLEAR_LEN);

	store_le64(clear, job->key->id);
	memcpy(clear + 8, large + 8, 16);
	job->quick_token = load_le32(large) | 0x80000000u;
	derive(ige, job, clear + 8);
}

/* ---- batches ---- */

/* Messages in hand: first those that are opened, then those that are sealed. */
struct group {
	struct envelope_job *open[GROUP];
	struct envelope_job *seals;
	struct ige_job ige[2 * GROUP];
	struct digest_job hashes[2 * GROUP];
	size_t opens, seal_count;
};

/* The sound ones among count, decrypted. */
static void group_open(struct group *g, struct envelope_job *jobs, size_t count)
{
	g->opens = 0;
	for (size_t i = 0; i < count; i++) {
		struct envelope_job *job = &jobs[i];

		job->fault = envelope_check_clear(job);
		if (job->fault != ENVELOPE_SOUND)
			continue;
		derive(&g->ige[g->opens], job, buf_at(job->packet) + 8);
		msgkey_large_prepare(&g->hashes[g->opens], job->key, job->dir,
				     plaintext_of(job->packet));
		g->open[g->opens++] = job;
	}
	ige_decrypt_batch(g->ige, g->opens);
}

static void group_seal(struct group *g, struct envelope_job *jobs, size_t count)
{
	g->seals = jobs;
	g->seal_count = count;
	for (size_t i = 0; i < count; i++) {
		put_plaintext(&jobs[i]);
		msgkey_large_prepare(&g->hashes[g->opens + i], jobs[i].key, jobs[i].dir,
				     buf_view(jobs[i].packet));
	}
}

static void group_end(struct group *g)
{
	for (size_t i = 0; i < g->opens; i++) {
		struct envelope_job *job = g->open[i];

		job->fault = envelope_check_hash(job, g->hashes[i].hash);
		if (job->fault == ENVELOPE_SOUND)
			job->fault = envelope_check_lengths(job);
	}
	for (size_t i = 0; i < g->seal_count; i++)
		put_clear(&g->seals[i], g->hashes[g->opens + i].hash, &g->ige[g->opens + i]);
	ige_encrypt_batch(g->ige + g->opens, g->seal_count);
}

static void run_group(struct envelope_job *opens, size_t open_count, struct envelope_job *seals,
		      size_t seal_count)
{
	struct group g;

	group_open(&g, opens, open_count);
	group_seal(&g, seals, seal_count);
	digest_sha256_batch(g.hashes, g.opens + g.seal_count);
	group_end(&g);
	bytes_wipe(g.ige, (g.opens + g.seal_count) * sizeof(g.ige[0]));
}

static size_t group_of(size_t left)
{
	return left < GROUP ? left : GROUP;
}

void envelope_batch(struct envelope_job *opens, size_t open_count, struct envelope_job *seals,
		    size_t seal_count)
{
	while (open_count > 0 || seal_count > 0) {
		size_t n = group_of(open_count), m = group_of(seal_count);

		run_group(opens, n, seals, m);
		open_count -= n;
		seal_count -= m;
		opens = open_count > 0 ? opens + n : NULL; /* none may be there, and NULL takes no offset */
		seals = seal_count > 0 ? seals + m : NULL;
	}
}

void envelope_open_batch(struct envelope_job *jobs, size_t count)
{
	envelope_batch(jobs, count, NULL, 0);
}

void envelope_seal_batch(struct envelope_job *jobs, size_t count)
{
	envelope_batch(NULL, 0, jobs, count);
}

void envelope_reopen(struct envelope_job *job)
{
	envelope_open_batch(job, 1);
	check(job->fault == ENVELOPE_SOUND);
}

void plain_seal(struct buf *packet, uint64_t msg_id)
{
	uint32_t len = packet->len;
	uint8_t *head = buf_push(packet, PLAIN_HEADROOM);

	store_le64(head, 0);
	store_le64(head + 8, msg_id);
	store_le32(head + 16, len);
}

bool plain_open(struct buf *packet, uint64_t *msg_id)
{
	const uint8_t *head = buf_at(packet);
	uint32_t len;

	if (packet->len < PLAIN_HEADROOM || load_le64(head) != 0)
		return false;
	len = load_le32(head + 16);
	if (len == 0 || len > packet->len - PLAIN_HEADROOM) /* more: padding of the transport */
		return false;
	*msg_id = load_le64(head + 8);
	buf_pull(packet, PLAIN_HEADROOM);
	buf_trim(packet, len);
	return true;
}

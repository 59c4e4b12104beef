/*
 * The encrypted message (messages.md 1): made and checked in place. Batches go to the cipher
 * group by group, because one IGE chain alone leaves the AES unit idle. The checks stand in the
 * order of messages.md 15: nothing decrypted is looked at before the msg_key over all of it was
 * compared.
 *
 * Owns nothing; keys and packets are the caller's. session_id, salt, msg_id and time are the
 * session's to judge.
 */
#include "proto/wire/envelope.h"

#include "proto/crypto/ige.h"

enum {
	CLEAR_LEN = 8 + 16,
	HEAD_LEN = 8 + 8 + 8 + 4 + 4,
	PADDING_MIN = 12,
	PADDING_MAX = 1024,
	GROUP = 16, /* messages handed to the cipher at once */
};

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

/* Checks 1 to 3. Then the packet is the two heads and whole cipher blocks. */
static enum envelope_fault check_clear(struct envelope_job *job)
{
	struct buf *packet = job->packet;

	if (packet->len < ENVELOPE_MIN)
		return ENVELOPE_SHORT;
	if (load_le64(buf_at(packet)) != job->key->id)
		return ENVELOPE_KEY_ID;
	buf_trim(packet, packet->len - (packet->len - CLEAR_LEN) % 16);
	return ENVELOPE_SOUND;
}

/* Check 4. */
static enum envelope_fault check_msg_key(struct envelope_job *job)
{
	struct cspan plain = plaintext_of(job->packet);
	uint8_t large[32];

	msgkey_large(large, job->key, job->dir, plain);
	if (!bytes_equal_ct(large + 8, buf_at(job->packet) + 8, 16))
		return ENVELOPE_MSG_KEY;
	job->quick_token = load_le32(large) | 0x80000000u;
	return ENVELOPE_SOUND;
}

/* Checks 6 and 7. Then the packet is the message data. */
static enum envelope_fault check_lengths(struct envelope_job *job)
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

static void open_group(struct envelope_job *jobs, size_t count)
{
	struct ige_job ige[GROUP];
	size_t sound = 0;

	for (size_t i = 0; i < count; i++) {
		jobs[i].fault = check_clear(&jobs[i]);
		if (jobs[i].fault == ENVELOPE_SOUND)
			derive(&ige[sound++], &jobs[i], buf_at(jobs[i].packet) + 8);
	}
	ige_decrypt_batch(ige, sound);
	bytes_wipe(ige, sound * sizeof(ige[0]));
	for (size_t i = 0; i < count; i++) {
		struct envelope_job *job = &jobs[i];

		if (job->fault == ENVELOPE_SOUND)
			job->fault = check_msg_key(job);
		if (job->fault == ENVELOPE_SOUND)
			job->fault = check_lengths(job);
	}
}

/* The plaintext in front of and behind the message data. */
static void put_plaintext(struct envelope_job *job)
{
	struct buf *packet = job->packet;
	uint32_t len = packet->len;
	uint32_t padding = PADDING_MIN + (0u - (HEAD_LEN + len + PADDING_MIN)) % 16;
	uint8_t *head = buf_push(packet, HEAD_LEN);

	check(len % 4 == 0);
	store_le64(head, job->head.salt);
	store_le64(head + 8, job->head.session_id);
	store_le64(head + 16, job->head.msg_id);
	store_le32(head + 24, job->head.seq_no);
	store_le32(head + 28, len);
	/* Only now: the padding is inside the MAC, so it must be random before we hash. */
	memcpy(buf_put(packet, padding), job->padding, padding);
}

static void seal_one(struct envelope_job *job, struct ige_job *ige)
{
	uint8_t large[32];
	uint8_t *clear;

	put_plaintext(job);
	msgkey_large(large, job->key, job->dir, buf_view(job->packet));
	clear = buf_push(job->packet, CLEAR_LEN);
	store_le64(clear, job->key->id);
	memcpy(clear + 8, large + 8, 16);
	job->quick_token = load_le32(large) | 0x80000000u;
	derive(ige, job, clear + 8);
}

static void seal_group(struct envelope_job *jobs, size_t count)
{
	struct ige_job ige[GROUP];

	for (size_t i = 0; i < count; i++)
		seal_one(&jobs[i], &ige[i]);
	ige_encrypt_batch(ige, count);
	bytes_wipe(ige, count * sizeof(ige[0]));
}

static size_t group_of(size_t left)
{
	return left < GROUP ? left : GROUP;
}

void envelope_open_batch(struct envelope_job *jobs, size_t count)
{
	for (size_t n; count > 0; jobs += n, count -= n) {
		n = group_of(count);
		open_group(jobs, n);
	}
}

void envelope_seal_batch(struct envelope_job *jobs, size_t count)
{
	for (size_t n; count > 0; jobs += n, count -= n) {
		n = group_of(count);
		seal_group(jobs, n);
	}
}

void envelope_reopen(struct envelope_job *job)
{
	open_group(job, 1);
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

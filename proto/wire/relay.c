/*
 * One message becomes another around the same body (relay.h). The opening half has the checks of
 * envelope.c in their order; of the leaving half, head and padding are made before the pass, since
 * they are inside the hash, and kept aside until the arriving message was judged.
 *
 * Owns nothing: packets, keys and jobs are the caller's. Keys of messages are on the stack for one
 * pass, and wiped.
 */
#include "proto/wire/relay.h"

#include "proto/crypto/fused.h"
#include "proto/wire/envelope_priv.h"

enum { GROUP = 16 }; /* messages of one pass, each way */

static_assert((int)RELAY_FRONT_MAX == (int)HEAD_LEN + (int)RELAY_PREFIX_MAX, "the head in front");

static const uint8_t *hash_key(const struct auth_key *key, enum msg_dir dir)
{
	struct digest_job job;

	msgkey_large_prepare(&job, key, dir, (struct cspan){0});
	return job.parts[0].at;
}

bool relay_peek(const struct buf *packet, const struct auth_key *key, enum msg_dir dir,
		uint8_t plain[RELAY_PEEK])
{
	uint8_t aes_key[32], aes_iv[32];

	if (packet->len < CLEAR_LEN + RELAY_PEEK)
		return false;
	msgkey_derive(aes_key, aes_iv, key, buf_at(packet) + 8, dir);
	memcpy(plain, buf_at(packet) + CLEAR_LEN, RELAY_PEEK);
	ige_decrypt(aes_key, aes_iv, plain, RELAY_PEEK);
	bytes_wipe(aes_key, sizeof(aes_key));
	bytes_wipe(aes_iv, sizeof(aes_iv));
	return true;
}

static uint32_t tl_padding(uint32_t body_len)
{
	return (0u - body_len) % 4;
}

uint32_t relay_data_len(const struct relay_job *job)
{
	return job->prefix_len + job->body_len + tl_padding(job->body_len);
}

static void prepare_leaving(struct relay_job *job)
{
	uint32_t len = relay_data_len(job), pad = tl_padding(job->body_len);
	uint32_t padding = envelope_padding(len);

	check(job->prefix_len % 4 == 0 && job->prefix_len <= RELAY_PREFIX_MAX);
	envelope_put_head(job->front, &job->head, len);
	memcpy(job->front + HEAD_LEN, job->prefix, job->prefix_len);
	job->front_len = HEAD_LEN + job->prefix_len;
	memset(job->back, 0, pad);
	memcpy(job->back + pad, job->padding, padding);
	job->back_len = pad + padding;
}

/* False: nothing to open. */
static bool prepare(struct relay_job *job, struct fused_open *o)
{
	struct buf *packet = job->open.packet;
	uint32_t room;

	job->open.fault = envelope_check_clear(&job->open);
	if (job->open.fault != ENVELOPE_SOUND)
		return false;
	room = packet->len - ENVELOPE_HEADROOM;
	if (job->body_at > room || job->body_len > room - job->body_at) {
		job->open.fault = ENVELOPE_LENGTH;
		return false;
	}
	prepare_leaving(job);
	job->body_offset = packet->head + ENVELOPE_HEADROOM + job->body_at;
	*o = (struct fused_open){
	    .data = buf_at(packet) + CLEAR_LEN,
	    .len = packet->len - CLEAR_LEN,
	    .hash_key = hash_key(job->open.key, job->open.dir),
	    .new_hash_key = hash_key(job->key, MSG_FROM_CLIENT),
	    .new_head = cspan_of(job->front, job->front_len),
	    .body_at = HEAD_LEN + job->body_at,
	    .body_len = job->body_len,
	    .new_tail = cspan_of(job->back, job->back_len),
	};
	msgkey_derive(o->key, o->iv, job->open.key, buf_at(packet) + 8, job->open.dir);
	return true;
}

static void judge(struct relay_job *job, const struct fused_open *o)
{
	job->open.fault = envelope_check_hash(&job->open, o->hash);
	if (job->open.fault == ENVELOPE_SOUND)
		job->open.fault = envelope_check_lengths(&job->open);
	memcpy(job->hash, o->new_hash, sizeof(job->hash));
}

static void prepare_seal(const struct relay_seal *seal, struct ige_job *ige)
{
	msgkey_derive(ige->key, ige->iv, seal->key, buf_at(seal->packet) + 8, MSG_FROM_CLIENT);
	ige->data = buf_at(seal->packet) + CLEAR_LEN;
	ige->len = seal->packet->len - CLEAR_LEN;
}

static void run_group(struct relay_job *jobs, size_t count, struct relay_seal *seals,
		      size_t seal_count)
{
	struct relay_job *sound[GROUP];
	struct fused_open opens[GROUP];
	struct ige_job ige[GROUP];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (prepare(&jobs[i], &opens[n]))
			sound[n++] = &jobs[i];
	for (size_t i = 0; i < seal_count; i++)
		prepare_seal(&seals[i], &ige[i]);
	fused_run(opens, n, ige, seal_count);
	for (size_t i = 0; i < n; i++)
		judge(sound[i], &opens[i]);
	bytes_wipe(opens, n * sizeof(opens[0]));
	bytes_wipe(ige, seal_count * sizeof(ige[0]));
}

static size_t group_of(size_t left)
{
	return left < GROUP ? left : GROUP;
}

void relay_run(struct relay_job *jobs, size_t count, struct relay_seal *seals, size_t seal_count)
{
	while (count > 0 || seal_count > 0) {
		size_t n = group_of(count), m = group_of(seal_count);

		run_group(jobs, n, seals, m);
		jobs += n;
		count -= n;
		seals += m;
		seal_count -= m;
	}
}

void relay_turn(const struct relay_job *job, struct buf *packet)
{
	uint8_t *clear;

	buf_init(packet, packet->mem, packet->size, job->body_offset);
	buf_put(packet, job->body_len);
	memcpy(buf_put(packet, job->back_len), job->back, job->back_len);
	memcpy(buf_push(packet, job->front_len), job->front, job->front_len);
	clear = buf_push(packet, CLEAR_LEN);
	store_le64(clear, job->key->id);
	memcpy(clear + 8, job->hash + 8, 16);
}

void relay_undo(struct buf *packet)
{
	uint32_t len = load_le32(buf_at(packet) + CLEAR_LEN + HEAD_LEN - 4);

	buf_pull(packet, ENVELOPE_HEADROOM);
	buf_trim(packet, len);
}

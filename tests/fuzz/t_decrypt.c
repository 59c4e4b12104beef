/*
 * Fuzz target: encrypted messages behind their signature. The input is a plaintext, head and all;
 * it is signed and encrypted as a peer with the key would do it, opened, and what is sound goes to
 * a session that waits for an answer. Changed after signing, it must not be opened.
 */
#include "proto/base/check.h"
#include "proto/crypto/ige.h"
#include "proto/session/session.h"
#include "proto/wire/envelope.h"

#include <stdlib.h>

enum { PLAIN_MAX = 1 << 14, HEAD = 32, INFLATE_ROOM = 1 << 14 };

#define SESSION_ID UINT64_C(0x1122334455667788)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct auth_key key = {.key = {1, 2, 3}, .id = 7};

/* Whole blocks of plaintext as a packet; returns its length. */
static uint32_t sign(uint8_t *packet, uint32_t plain_len)
{
	uint8_t large[32], aes_key[32], aes_iv[32], *plain = packet + 24;

	msgkey_large(large, &key, MSG_FROM_SERVER, (struct cspan){plain, plain_len});
	msgkey_derive(aes_key, aes_iv, &key, large + 8, MSG_FROM_SERVER);
	ige_encrypt(aes_key, aes_iv, plain, plain_len);
	store_le64(packet, key.id);
	memcpy(packet + 8, large + 8, 16);
	return 24 + plain_len;
}

static enum envelope_fault open_one(struct buf *packet, uint8_t *mem, uint32_t len,
				    struct envelope_head *head)
{
	struct envelope_job job = {.packet = packet, .key = &key, .dir = MSG_FROM_SERVER};

	buf_init(packet, mem, len, 0);
	buf_put(packet, len);
	envelope_open_batch(&job, 1);
	*head = job.head;
	return job.fault;
}

static void use(const struct envelope_head *head, struct cspan data)
{
	static uint8_t inflate[INFLATE_ROOM];
	struct session *s = malloc(sizeof(*s));
	struct session_event *events = malloc(SESSION_EVENTS_MAX * sizeof(*events)), e;
	struct session_key session_key;
	struct call call = {.state = 0};
	struct envelope_head sent;
	uint8_t query[4] = {0};
	struct buf b;

	check(s != NULL && events != NULL);
	session_key_init(&session_key, &key, 1);
	session_set_time(&session_key, 1767225600, 1000);
	session_init(s, &session_key, SESSION_ID, events, SESSION_EVENTS_MAX);
	buf_init(&b, query, 4, 0);
	buf_put(&b, 4);
	session_call(s, &call, &b, 1000, &sent);
	session_consume(s, head, data, 2000, (struct span){inflate, sizeof(inflate)});
	while (session_next(s, &e))
		check(e.call == NULL || e.call == &call);
	free(events);
	free(s);
}

/* Rows: H3 H5 H7 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *mem;
	struct envelope_head head;
	struct buf packet;
	uint32_t len;

	if (size < 48 || size > PLAIN_MAX)
		return 0;
	size -= size % 16;
	mem = malloc(24 + size);
	check(mem != NULL);
	memcpy(mem + 24, data, size);
	if ((data[0] & 1) != 0)
		store_le64(mem + 24 + 8, SESSION_ID);
	len = sign(mem, (uint32_t)size);
	if (open_one(&packet, mem, len, &head) == ENVELOPE_SOUND) {
		check(packet.len % 4 == 0 && HEAD + packet.len + 12 <= size);
		check(head.msg_id == load_le64(data + 16));
		use(&head, buf_view(&packet));
	}
	memcpy(mem + 24, data, size);
	len = sign(mem, (uint32_t)size);
	mem[8 + data[1] % (len - 8)] ^= (uint8_t)(data[2] | 1);
	check(open_one(&packet, mem, len, &head) == ENVELOPE_MSG_KEY);
	free(mem);
	return 0;
}

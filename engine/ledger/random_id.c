/*
 * The id of a send (reliability.md 2.1): a pure function of what is sent where, so that a lost
 * ledger, a killed process or a second machine computes the same one, and Telegram recognises the
 * second send as the first. Changing one bit of this encoding doubles every message of every
 * interrupted job: it never changes; a new one would be "tgclone/rid/2".
 */
#include "engine/ledger/ledger.h"
#include "proto/crypto/digest.h"

int64_t ledger_random_id(const struct ledger_job *job, int32_t source_id, uint32_t item)
{
	static const char tag[] = "tgclone/rid/1";
	uint8_t fields[3 * 8 + 3 * 4], hash[32];
	struct cspan parts[] = {cspan_of(tag, sizeof(tag) - 1), cspan_of(fields, sizeof(fields))};
	int64_t id;

	store_le64(fields, (uint64_t)job->account);
	store_le64(fields + 8, (uint64_t)job->target);
	store_le64(fields + 16, (uint64_t)job->source);
	store_le32(fields + 24, (uint32_t)source_id);
	store_le32(fields + 28, item);
	store_le32(fields + 32, job->generation);
	digest_sha256(hash, parts, 2);
	id = (int64_t)load_le64(hash);
	return id != 0 ? id : 1;
}

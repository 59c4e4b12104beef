/*
 * Fuzz target: the session file. As it is, and with its sum made right, so that the fields behind
 * it are reached; what is taken must pack to the same bytes.
 */
#include "proto/base/check.h"
#include "proto/crypto/digest.h"
#include "tools/tgclone/session_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void attempt(struct cspan in)
{
	static struct session_data s;
	static uint8_t again[SESSION_MAX];
	const char *why = NULL;

	if (!session_unpack(&s, in, &why)) {
		check(why != NULL);
		return;
	}
	check(session_pack(&s, again) == in.len);
	check(memcmp(again, in.at, in.len) == 0);
}

/* Rows: H22 P16 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t sealed[SESSION_MAX + 64];
	struct cspan body = cspan_of(sealed, size);

	attempt(cspan_of(data, size));
	if (size > SESSION_MAX)
		return 0;
	memcpy(sealed, data, size);
	digest_sha256(sealed + size, &body, 1);
	attempt(cspan_of(sealed, size + 32));
	return 0;
}

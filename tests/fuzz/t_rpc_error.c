/*
 * Fuzz target: what a server gives as an error. The first byte chooses: the rest is an rpc_error as it
 * stands in an answer, or its code and text. Whatever it says, what is made of it is printable, short,
 * waits no longer than two weeks and is decided the same way twice.
 */
#include "proto/api/error.h"
#include "proto/base/check.h"
#include "proto/session/session_priv.h"

#include <stdlib.h>

enum { TEXT = sizeof(((struct session_event *)0)->text), TWO_WEEKS = 14 * 86400 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(int32_t code, const char *text)
{
	struct verdict v = error_verdict(code, text), again = error_verdict(code, text);

	check(v.remedy >= REMEDY_BACKOFF && v.remedy <= REMEDY_ASK);
	check(v.wait_s >= 0 && v.wait_s <= TWO_WEEKS);
	check(v.wait_s == 0 || v.remedy == REMEDY_WAIT || v.remedy == REMEDY_SLOWMODE);
	check(v.number >= -1 && v.advice != NULL);
	check(v.remedy == again.remedy && v.wait_s == again.wait_s && v.number == again.number);
	/* No number: nobody knows how long, and at once is wrong. */
	check(code != 420 || v.remedy != REMEDY_WAIT || v.wait_s > 0 || strstr(text, "_0") != NULL);
}

static void as_object(struct cspan object)
{
	char text[TEXT];
	int32_t code;

	memset(text, 0x7f, sizeof(text));
	if (!session_read_error(object, &code, text))
		return;
	check(memchr(text, 0, sizeof(text)) != NULL);
	for (const char *p = text; *p != '\0'; p++)
		check(*p >= 0x20 && *p < 0x7f);
	judge(code, text);
}

/* Rows: S39 S17 S20 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1); /* of its size: a sanitizer sees every step beyond */

	check(copy != NULL);
	if (size >= 5 && (data[0] & 1) != 0) {
		memcpy(copy, data + 5, size - 5);
		copy[size - 5] = 0;
		judge((int32_t)load_le32(data + 1), (const char *)copy);
	} else if (size >= 5) {
		memcpy(copy, data + 1, size - 1);
		store_le32(copy, ID_RPC_ERROR);
		as_object(cspan_of(copy, size - 1));
	}
	free(copy);
	return 0;
}

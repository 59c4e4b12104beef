/* The two byte operations that must not be optimised: comparing and wiping secrets. */
#include "proto/base/bytes.h"

bool bytes_equal_ct(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a;
	const volatile uint8_t *y = b;
	uint8_t diff = 0;

	for (size_t i = 0; i < n; i++)
		diff = (uint8_t)(diff | (x[i] ^ y[i]));
	return diff == 0;
}

void bytes_wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}

/*
 * Public keys of 2048 bit from PEM text, in the two forms that are about: PKCS#1 and, around it,
 * SubjectPublicKeyInfo. Their DER is the same from key to key but for the numbers, so it is compared,
 * not parsed. What does not look exactly so is left to OpenSSL, which reads much more and loads two
 * megabytes of decoders and names for it.
 */
#include "proto/crypto/rsa_priv.h"

enum { LINE = 64, DER_MAX = 320, E_MAX = 5 };

struct der {
	uint8_t bytes[DER_MAX];
	size_t len, at;
};

static bool starts(struct cspan text, const char *word)
{
	size_t len = strlen(word);

	return text.len >= len && cspan_equal(cspan_of(text.at, len), cspan_str(word));
}

static bool skip(struct cspan *text, const char *word)
{
	if (!starts(*text, word))
		return false;
	*text = cspan_of(text->at + strlen(word), text->len - strlen(word));
	return true;
}

/* -1: none of the alphabet. */
static int value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* One character more: whole bytes of what came so far. */
static bool take(struct der *d, uint8_t c, uint32_t *bits, uint32_t *held)
{
	int v = value_of(c);

	if (v < 0 || d->len == DER_MAX)
		return false;
	*bits = *bits << 6 | (uint32_t)v;
	*held += 6;
	if (*held < 8)
		return true;
	*held -= 8;
	d->bytes[d->len++] = (uint8_t)(*bits >> *held);
	return true;
}

/* Base64 in lines of 64 up to the one that ends it: no other way to write the same bytes. */
static bool decode(struct der *d, struct cspan text, const char *end)
{
	uint32_t bits = 0, held = 0, fill = 0, column = 0;

	d->len = d->at = 0;
	for (; text.len > 0 && text.at[0] != '-'; text = cspan_of(text.at + 1, text.len - 1)) {
		uint8_t c = text.at[0];

		if (column == LINE || (c == '\n' && text.len > 1 && text.at[1] == '-')) {
			if (c != '\n' || column == 0)
				return false;
			column = 0;
			continue;
		}
		column++;
		if (c == '=')
			fill++;
		else if (fill > 0 || !take(d, c, &bits, &held))
			return false;
	}
	/* As many = as make a whole number of fours, and no bit behind the last byte. */
	return column == 0 && fill * 2 == held && (bits & ((1u << held) - 1)) == 0 &&
	       skip(&text, end) && (text.len == 0 || text.at[0] == '\n');
}

static bool expect(struct der *d, const char *bytes, size_t len)
{
	if (d->len - d->at < len ||
	    !cspan_equal(cspan_of(d->bytes + d->at, len), cspan_of(bytes, len)))
		return false;
	d->at += len;
	return true;
}

/* A tag, and a length of two bytes that reaches to the end: everything is the last of what is around it. */
static bool expect_rest(struct der *d, uint8_t tag)
{
	const uint8_t *at = d->bytes + d->at;
	size_t left = d->len - d->at;

	if (left < 4 || at[0] != tag || at[1] != 0x82 || (size_t)(at[2] << 8 | at[3]) != left - 4)
		return false;
	d->at += 4;
	return true;
}

static bool algorithm(struct der *d)
{
	return expect(d, "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 15);
}

/* The exponent, as short as it can be: the last thing there is. */
static bool exponent(struct der *d, uint32_t *e)
{
	const uint8_t *at = d->bytes + d->at;
	size_t left = d->len - d->at;
	uint64_t value = 0;

	if (left < 3 || left > 2 + E_MAX || at[0] != 0x02 || at[1] != left - 2 || at[2] >= 0x80 ||
	    (at[2] == 0 && (left == 3 || at[3] < 0x80)))
		return false;
	for (size_t i = 2; i < left; i++)
		value = value << 8 | at[i];
	*e = (uint32_t)value;
	return value <= UINT32_MAX;
}

static bool numbers(struct der *d, struct rsa_public *out)
{
	const uint8_t *n;
	uint32_t e;

	if (!expect_rest(d, 0x30) || !expect(d, "\x02\x82\x01\x01\x00", 5) || d->len - d->at < 256)
		return false;
	n = d->bytes + d->at;
	d->at += 256;
	return exponent(d, &e) && rsa_public_from_numbers(out, n, e) == 0;
}

bool rsa_pem_plain(struct rsa_public *out, struct cspan pem)
{
	struct der d;

	if (skip(&pem, "-----BEGIN RSA PUBLIC KEY-----\n"))
		return decode(&d, pem, "-----END RSA PUBLIC KEY-----") && numbers(&d, out);
	return skip(&pem, "-----BEGIN PUBLIC KEY-----\n") &&
	       decode(&d, pem, "-----END PUBLIC KEY-----") && expect_rest(&d, 0x30) &&
	       algorithm(&d) && expect_rest(&d, 0x03) && expect(&d, "\0", 1) && numbers(&d, out);
}

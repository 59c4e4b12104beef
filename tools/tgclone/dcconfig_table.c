/*
 * Telegram's data centres and keys as clients carry them (auth_key.md 6 and 7; only for the first
 * connection, later ones use what help.getConfig says), and the networks they lie in.
 */
#include "tools/tgclone/dcconfig_priv.h"
#include "proto/base/check.h"

#include <arpa/inet.h>

/* Fingerprint d09d1d85de64fd85. */
const char dcconfig_production_pem[] =
    "-----BEGIN RSA PUBLIC KEY-----\n"
    "MIIBCgKCAQEA6LszBcC1LGzyr992NzE0ieY+BSaOW622Aa9Bd4ZHLl+TuFQ4lo4g\n"
    "5nKaMBwK/BIb9xUfg0Q29/2mgIR6Zr9krM7HjuIcCzFvDtr+L0GQjae9H0pRB2OO\n"
    "62cECs5HKhT5DZ98K33vmWiLowc621dQuwKWSQKjWf50XYFw42h21P2KXUGyp2y/\n"
    "+aEyZ+uVgLLQbRA1dEjSDZ2iGRy12Mk5gpYc397aYp438fsJoHIgJ2lgMv5h7WY9\n"
    "t6N/byY9Nw9p21Og3AoXSL2q/2IJ1WRUhebgAdGVMlV1fkuOQoEzR7EdpqtQD9Cs\n"
    "5+bfo3Nhmcyvk5ftB0WkJ9z6bNZ7yxrP8wIDAQAB\n"
    "-----END RSA PUBLIC KEY-----\n";

/* Fingerprint b25898df208d2603. */
const char dcconfig_test_pem[] =
    "-----BEGIN RSA PUBLIC KEY-----\n"
    "MIIBCgKCAQEAyMEdY1aR+sCR3ZSJrtztKTKqigvO/vBfqACJLZtS7QMgCGXJ6XIR\n"
    "yy7mx66W0/sOFa7/1mAZtEoIokDP3ShoqF4fVNb6XeqgQfaUHd8wJpDWHcR2OFwv\n"
    "plUUI1PLTktZ9uW2WE23b+ixNwJjJGwBDJPQEQFBE+vfmH0JP503wr5INS1poWg/\n"
    "j25sIWeYPHYeOrFp/eXaqhISP6G+q2IeTaWTXpwZj4LzXq5YOpk4bYEQ6mvRq7D1\n"
    "aHWfYmlEGepfaYR8Q0YqvvhYtMte3ITnuSJs171+GDqpdKcSwHnd6FudwGO4pcCO\n"
    "j4WcDuXc2CTHgH8gFTNhp/Y8/SpDOhvn9QIDAQAB\n"
    "-----END RSA PUBLIC KEY-----\n";

const struct builtin_addr dcconfig_production[] = {
    {1, "149.154.175.50"},        {1, "2001:b28:f23d:f001::a"}, {2, "149.154.167.51"},
    {2, "95.161.76.100"},         {2, "2001:67c:4e8:f002::a"},  {3, "149.154.175.100"},
    {3, "2001:b28:f23d:f003::a"}, {4, "149.154.167.91"},        {4, "2001:67c:4e8:f004::a"},
    {5, "149.154.171.5"},         {5, "2001:b28:f23f:f005::a"}, {0, NULL},
};

const struct builtin_addr dcconfig_test[] = {
    {1, "149.154.175.10"},
    {1, "2001:b28:f23d:f001::e"},
    {2, "149.154.167.40"},
    {2, "2001:67c:4e8:f002::e"},
    {3, "149.154.175.117"},
    {3, "2001:b28:f23d:f003::e"},
    {0, NULL},
};

struct network {
	const char *base;
	uint32_t bits;
};

/* Those that Telegram announces, wider than the tables above need. */
static const struct network telegram[] = {
    {"91.108.4.0", 22},   {"91.108.8.0", 22},     {"91.108.12.0", 22},     {"91.108.16.0", 22},
    {"91.108.20.0", 22},  {"91.108.56.0", 22},    {"95.161.64.0", 20},     {"149.154.160.0", 20},
    {"185.76.151.0", 24}, {"2001:67c:4e8::", 48}, {"2001:b28:f23c::", 46}, {"2a0a:f280::", 32},
};

static const struct network private[] = {
    {"127.0.0.0", 8},    {"10.0.0.0", 8},     {"172.16.0.0", 12},
    {"192.168.0.0", 16}, {"169.254.0.0", 16}, {"100.64.0.0", 10},
    {"::1", 128},        {"fc00::", 7},       {"fe80::", 10},
};

/* The address as 16 bytes, IPv4 in its mapped form; so ::ffff:149.154.167.51 is seen as what it is.
 */
static bool address(const char *host, uint8_t out[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	memcpy(out, mapped, sizeof(mapped));
	return inet_pton(AF_INET, host, out + 12) == 1 || inet_pton(AF_INET6, host, out) == 1;
}

static bool within(const uint8_t at[16], const struct network *n)
{
	uint32_t bits = n->bits + (strchr(n->base, ':') == NULL ? 96 : 0);
	uint8_t base[16];

	check(address(n->base, base));
	for (uint32_t i = 0; i < bits; i++) {
		if (((at[i / 8] ^ base[i / 8]) >> (7 - i % 8)) & 1)
			return false;
	}
	return true;
}

static bool within_any(const char *host, const struct network *list, size_t count)
{
	uint8_t at[16];

	if (!address(host, at))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (within(at, &list[i]))
			return true;
	}
	return false;
}

bool dcconfig_is_telegram(const char *host)
{
	return within_any(host, telegram, countof(telegram));
}

bool dcconfig_is_private(const char *host)
{
	return within_any(host, private, countof(private));
}

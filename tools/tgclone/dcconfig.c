/*
 * The list of servers: built in or read from JSON, checked, and handed to net as an account's
 * addresses and its options' keys. It owns nothing after a call; keys made with these servers are
 * the session's (store.c).
 */
#include "tools/tgclone/dcconfig.h"
#include "proto/base/check.h"
#include "proto/crypto/digest.h"
#include "tools/tgclone/dcconfig_priv.h"
#include "tools/tgclone/exits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its private half is published (vectors of the protocol): fit for tests, good for nothing else. */
static const uint64_t test_only_key = 0x3178124ce099f49f;

static bool say(char why[DCCONFIG_WHY], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool say(char why[DCCONFIG_WHY], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, DCCONFIG_WHY, format, args);
	va_end(args);
	return false;
}

/* ---- parts of a list ---- */

static struct net_dc *dc_of(struct dcconfig *c, uint16_t id)
{
	for (uint32_t i = 0; i < c->dc_count; i++) {
		if (c->dcs[i].id == id)
			return &c->dcs[i];
	}
	if (c->dc_count == NET_DC_MAX)
		return NULL;
	c->dcs[c->dc_count].id = id;
	return &c->dcs[c->dc_count++];
}

static bool add_addr(struct dcconfig *c, uint16_t id, const char *host, uint16_t port,
		     bool media_only)
{
	struct net_dc *dc = dc_of(c, id);
	struct net_addr a = {.port = port, .media_only = media_only};
	uint8_t bin[16];

	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	a.ipv6 = inet_pton(AF_INET6, host, bin) == 1;
	if (dc == NULL || dc->addr_count == NET_ADDR_MAX || strlen(host) >= sizeof(a.host) ||
	    (!a.ipv6 && inet_pton(AF_INET, host, bin) != 1))
		return false;
	memcpy(a.host, host, strlen(host) + 1);
	dc->addrs[dc->addr_count++] = a;
	return true;
}

static void finish(struct dcconfig *c)
{
	uint8_t text[8 * NET_RSA_MAX + 1], hash[32];
	struct cspan part;

	for (uint32_t i = 0; i < c->rsa_count; i++)
		store_le64(text + 8 * i, c->rsa[i].fingerprint);
	text[8 * c->rsa_count] = c->test;
	part = cspan_of(text, 8 * c->rsa_count + 1);
	digest_sha256(hash, &part, 1);
	c->realm = load_le64(hash);
}

void dcconfig_builtin(struct dcconfig *c, bool test)
{
	const struct builtin_addr *a = test ? dcconfig_test : dcconfig_production;
	const char *pem = test ? dcconfig_test_pem : dcconfig_production_pem;
	char why[DCCONFIG_WHY];

	*c = (struct dcconfig){
	    .builtin = true, .test = test, .home_dc = BUILTIN_HOME, .rsa_count = 1};
	check(rsa_public_from_pem(&c->rsa[0], cspan_str(pem)) == 0);
	for (; a->dc != 0; a++)
		check(add_addr(c, a->dc, a->host, BUILTIN_PORT, false));
	finish(c);
	check(dcconfig_trusted(c, why));
}

/* ---- X9 ---- */

static bool is_builtin_key(const struct rsa_public *key)
{
	struct rsa_public production, test;

	check(rsa_public_from_pem(&production, cspan_str(dcconfig_production_pem)) == 0);
	check(rsa_public_from_pem(&test, cspan_str(dcconfig_test_pem)) == 0);
	return memcmp(key->n, production.n, sizeof(key->n)) == 0 ||
	       memcmp(key->n, test.n, sizeof(key->n)) == 0;
}

static bool addr_trusted(const struct net_addr *a, const struct rsa_public *key,
			 char why[DCCONFIG_WHY])
{
	if (dcconfig_is_telegram(a->host) && !is_builtin_key(key))
		return say(why, "%s is Telegram's, but the key %016llx is not: refused", a->host,
			   (unsigned long long)key->fingerprint);
	if (key->fingerprint == test_only_key && !dcconfig_is_private(a->host))
		return say(why,
			   "%s is not local, and the key %016llx is a public test key: refused",
			   a->host, (unsigned long long)key->fingerprint);
	return true;
}

bool dcconfig_trusted(const struct dcconfig *c, char why[DCCONFIG_WHY])
{
	for (uint32_t i = 0; i < c->dc_count; i++) {
		for (uint32_t k = 0; k < c->dcs[i].addr_count; k++) {
			for (uint32_t r = 0; r < c->rsa_count; r++) {
				if (!addr_trusted(&c->dcs[i].addrs[k], &c->rsa[r], why))
					return false;
			}
		}
	}
	return true;
}

/* ---- JSON ---- */

static bool take_int(json_t *root, const char *name, int64_t min, int64_t max, int64_t *out,
		     char why[DCCONFIG_WHY])
{
	json_t *v = json_object_get(root, name);

	if (v == NULL || json_is_null(v))
		return true;
	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max)
		return say(why, "%s: an integer %lld..%lld is wanted", name, (long long)min,
			   (long long)max);
	*out = json_integer_value(v);
	return true;
}

/* The newest layer we speak that is not above the server's. */
static bool take_layer(struct dcconfig *c, json_t *root, char why[DCCONFIG_WHY])
{
	int64_t layer = 0;

	if (!take_int(root, "layer", 1, INT32_MAX, &layer, why))
		return false;
	if (layer != 0 && layer < 201)
		return say(why, "layer %lld is older than 201, the oldest we speak",
			   (long long)layer);
	c->layer = layer == 0 ? 0 : layer < 228 ? 201 : 228;
	return true;
}

/* An integer of either sign, or a text: 0x and hex, 16 hex digits, or decimal. */
static bool fingerprint_value(json_t *v, uint64_t *out)
{
	const char *s = json_string_value(v);
	bool hex;
	char *end;

	if (json_is_integer(v)) {
		*out = (uint64_t)json_integer_value(v);
		return true;
	}
	if (s == NULL || *s == 0)
		return false;
	hex = strncmp(s, "0x", 2) == 0 || (strlen(s) == 16 && *s != '-');
	errno = 0;
	*out = *s == '-' ? (uint64_t)strtoll(s, &end, 10) : strtoull(s, &end, hex ? 16 : 10);
	return errno == 0 && *end == 0;
}

static bool read_small(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, out, size - 1) : -1;

	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = 0;
	return n > 0;
}

static bool take_key(struct dcconfig *c, json_t *root, const char *dir, char why[DCCONFIG_WHY])
{
	const char *pem = json_string_value(json_object_get(root, "rsa_key_pem"));
	json_t *print = json_object_get(root, "rsa_fingerprint");
	char path[PATH_MAX], text[8192];
	uint64_t want = 0;

	if (pem == NULL)
		return say(why, "rsa_key_pem: the path of a PEM file is wanted");
	if (strncmp(pem, "-----BEGIN", 10) != 0) {
		if (snprintf(path, sizeof(path), "%s%s%s", pem[0] == '/' ? "" : dir,
			     pem[0] == '/' ? "" : "/", pem) >= (int)sizeof(path))
			return say(why, "rsa_key_pem: path too long");
		if (!read_small(path, text, sizeof(text)))
			return say(why, "rsa_key_pem: %.150s cannot be read", path);
		pem = text;
	}
	if (rsa_public_from_pem(&c->rsa[0], cspan_str(pem)) != 0)
		return say(why, "rsa_key_pem: no RSA public key of 2048 bit");
	c->rsa_count = 1;
	if (print == NULL || json_is_null(print))
		return true;
	if (!fingerprint_value(print, &want) || want != c->rsa[0].fingerprint)
		return say(why, "rsa_fingerprint is not that of the key, which is %016llx",
			   (unsigned long long)c->rsa[0].fingerprint);
	return true;
}

static bool take_dc(struct dcconfig *c, json_t *dc, char why[DCCONFIG_WHY])
{
	const char *host = json_string_value(json_object_get(dc, "host"));
	int64_t id = 0, port = 0;

	if (!take_int(dc, "id", 1, 10000, &id, why) || !take_int(dc, "port", 1, 65535, &port, why))
		return false;
	if (host == NULL || id == 0 || port == 0)
		return say(why, "dcs: each wants id, host and port");
	if (!add_addr(c, (uint16_t)id, host, (uint16_t)port,
		      json_is_true(json_object_get(dc, "media_only"))))
		return say(why, "dcs: \"%.60s\" is no numeric address, or there are too many",
			   host);
	return true;
}

static bool take_dcs(struct dcconfig *c, json_t *root, char why[DCCONFIG_WHY])
{
	json_t *dcs = json_object_get(root, "dcs"), *dc;
	int64_t home = 0;
	size_t i;

	if (!json_is_array(dcs) || json_array_size(dcs) == 0)
		return say(why, "dcs: a list of servers is wanted");
	json_array_foreach(dcs, i, dc)
	{
		if (!take_dc(c, dc, why))
			return false;
	}
	if (!take_int(root, "home_dc", 1, 10000, &home, why))
		return false;
	c->home_dc = home != 0 ? (uint16_t)home : c->dcs[0].id;
	for (uint32_t k = 0; k < c->dc_count; k++) {
		if (c->dcs[k].id == c->home_dc)
			return true;
	}
	return say(why, "home_dc %u is not among the dcs", c->home_dc);
}

static bool take_app(struct dcconfig *c, json_t *root, char why[DCCONFIG_WHY])
{
	json_t *hash = json_object_get(root, "api_hash");
	int64_t api_id = 0;

	if (!take_int(root, "api_id", 1, INT32_MAX, &api_id, why))
		return false;
	c->api_id = (int32_t)api_id;
	if (hash == NULL || json_is_null(hash))
		return true;
	if (!json_is_string(hash) || json_string_length(hash) > DCCONFIG_HASH_MAX)
		return say(why, "api_hash: a text of up to %d characters is wanted",
			   DCCONFIG_HASH_MAX);
	memcpy(c->api_hash, json_string_value(hash), json_string_length(hash) + 1);
	return true;
}

int dcconfig_parse(struct dcconfig *c, struct cspan text, const char *dir, char why[DCCONFIG_WHY])
{
	json_error_t error;
	json_t *root =
	    json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, &error);
	json_t *test;
	bool ok;

	*c = (struct dcconfig){0};
	if (!json_is_object(root)) {
		say(why, "line %d: %.150s", error.line, root != NULL ? "no object" : error.text);
		json_decref(root);
		return EXIT_BAD_DATA;
	}
	test = json_object_get(root, "test");
	c->test = json_is_true(test);
	ok = take_layer(c, root, why) && take_key(c, root, dir, why) && take_dcs(c, root, why) &&
	     take_app(c, root, why) && dcconfig_trusted(c, why);
	json_decref(root);
	finish(c);
	return ok ? 0 : EXIT_BAD_DATA;
}

/* NULL: code tells how to end, why for people. */
static char *read_whole(const char *path, size_t *len, char why[DCCONFIG_WHY], int *code)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	bool file = fd >= 0 && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode);
	off_t size = file ? lseek(fd, 0, SEEK_END) : -1;
	char *text = NULL;

	*len = 0;
	*code = EXIT_USAGE;
	if (size >= 0 && size <= DCCONFIG_FILE_MAX)
		text = malloc((size_t)size + 1);
	if (size >= 0 && size <= DCCONFIG_FILE_MAX && text == NULL) {
		say(why, "no memory for %.150s", path);
		*code = EXIT_LATER;
	} else if (text == NULL) {
		say(why, "%.150s: %s", path,
		    size > 0		? "too large"
		    : fd >= 0 && !file ? "is no file"
				       : strerror(errno));
	}
	for (ssize_t n = 1; text != NULL && n > 0 && *len < (size_t)size;) {
		n = pread(fd, text + *len, (size_t)size - *len, (off_t)*len);
		*len += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	return text;
}

int dcconfig_load(struct dcconfig *c, const char *path, char why[DCCONFIG_WHY])
{
	char dir[PATH_MAX], inner[DCCONFIG_WHY];
	size_t len;
	int rc;
	char *text = read_whole(path, &len, why, &rc);

	if (text == NULL)
		return rc;
	snprintf(dir, sizeof(dir), "%s", path);
	rc = dcconfig_parse(c, cspan_of(text, len), dirname(dir), inner);
	free(text);
	if (rc != 0)
		say(why, "%.100s: %.150s", path, inner);
	return rc;
}

/* ---- use ---- */

void dcconfig_account(const struct dcconfig *c, struct net_account *out)
{
	*out = (struct net_account){.home_dc = c->home_dc, .test = c->test};
	dcconfig_refresh(c, out);
}

static bool has_addr(const struct net_dc *dc, const struct net_addr *a)
{
	for (uint32_t i = 0; i < dc->addr_count; i++) {
		if (strcmp(dc->addrs[i].host, a->host) == 0 && dc->addrs[i].port == a->port &&
		    dc->addrs[i].media_only == a->media_only)
			return true;
	}
	return false;
}

/* The list's, and behind a list that is years old what Telegram itself said since. */
static void merge(const struct dcconfig *c, const struct net_dc *from, struct net_dc *to)
{
	struct net_addr old[NET_ADDR_MAX];
	uint32_t count = to->addr_count;

	memcpy(old, to->addrs, sizeof(old));
	to->addr_count = from->addr_count;
	memcpy(to->addrs, from->addrs, sizeof(from->addrs));
	for (uint32_t i = 0; c->builtin && i < count; i++) {
		if (to->addr_count < NET_ADDR_MAX && !has_addr(to, &old[i]))
			to->addrs[to->addr_count++] = old[i];
	}
}

void dcconfig_refresh(const struct dcconfig *c, struct net_account *a)
{
	for (uint32_t i = 0; i < c->dc_count; i++) {
		const struct net_dc *from = &c->dcs[i];
		uint32_t k = 0;

		while (k < a->dc_count && a->dcs[k].id != from->id)
			k++;
		if (k == NET_DC_MAX)
			continue;
		if (k == a->dc_count)
			a->dcs[a->dc_count++] = (struct net_dc){.id = from->id};
		merge(c, from, &a->dcs[k]);
	}
}

void dcconfig_options(const struct dcconfig *c, int layer, int32_t api_id, struct net_options *o)
{
	memcpy(o->rsa, c->rsa, sizeof(o->rsa));
	o->rsa_count = c->rsa_count;
	o->layer = layer != 0 ? layer : c->layer != 0 ? c->layer : 228;
	o->api_id = api_id != 0 ? api_id : c->api_id;
}

/*
 * Packing and unpacking the session. Pure: bytes and structs. Where the bytes are kept, and how
 * safely, is store.c's.
 */
#include "tools/tgclone/session_file.h"
#include "proto/base/check.h"
#include "proto/crypto/digest.h"

#include <arpa/inet.h>

static const char magic[7] = {'T', 'G', 'C', 'L', 'S', 'E', 'S'};

/* ---- out ---- */

struct out {
	uint8_t *at;
	size_t used;
};

static void put(struct out *o, const void *data, size_t len)
{
	check(o->used + len <= SESSION_MAX);
	memcpy(o->at + o->used, data, len);
	o->used += len;
}

static void put_u(struct out *o, uint64_t v, size_t bytes)
{
	uint8_t le[8];

	store_le64(le, v);
	put(o, le, bytes);
}

static void put_addr(struct out *o, const struct net_addr *a)
{
	size_t len = strnlen(a->host, sizeof(a->host));

	check(len < sizeof(a->host));
	put_u(o, len, 1);
	put(o, a->host, len);
	put_u(o, a->port, 2);
	put_u(o,
	      (uint64_t)a->ipv6 | (uint64_t)a->media_only << 1 | (uint64_t)a->tcpo_only << 2 |
		  (uint64_t)a->has_secret << 3,
	      1);
	put(o, a->secret, sizeof(a->secret));
}

static void put_dc(struct out *o, const struct net_dc *dc)
{
	put_u(o, dc->id, 2);
	put_u(o, (uint64_t)dc->has_key | (uint64_t)dc->authorized << 1, 1);
	put_u(o, dc->salt, 8);
	if (dc->has_key)
		put(o, dc->key.key, sizeof(dc->key.key));
	check(dc->addr_count <= NET_ADDR_MAX);
	put_u(o, dc->addr_count, 1);
	for (uint32_t i = 0; i < dc->addr_count; i++)
		put_addr(o, &dc->addrs[i]);
}

size_t session_pack(const struct session_data *s, uint8_t *out)
{
	const struct net_account *a = &s->account;
	struct out o = {out, 0};
	struct cspan all;

	check(a->dc_count <= NET_DC_MAX);
	put(&o, magic, sizeof(magic));
	put_u(&o, SESSION_VERSION, 1);
	put_u(&o, s->realm, 8);
	put_u(&o, (uint32_t)s->api_id, 4);
	put_u(&o, (uint64_t)a->test | (uint64_t)a->premium << 1, 1);
	put_u(&o, a->home_dc, 2);
	put_u(&o, (uint64_t)a->user_id, 8);
	put_u(&o, (uint64_t)a->time_offset_s, 8);
	put_u(&o, a->dc_count, 1);
	for (uint32_t i = 0; i < a->dc_count; i++)
		put_dc(&o, &a->dcs[i]);
	check(o.used + 32 <= SESSION_MAX);
	all = cspan_of(out, o.used);
	digest_sha256(out + o.used, &all, 1);
	return o.used + 32;
}

/* ---- in ---- */

struct in {
	struct cspan left;
	bool bad;
};

static void take(struct in *in, void *out, size_t len)
{
	memset(out, 0, len);
	in->bad = in->bad || len > in->left.len;
	if (in->bad)
		return;
	memcpy(out, in->left.at, len);
	in->left.at += len;
	in->left.len -= len;
}

static uint64_t take_u(struct in *in, size_t bytes, uint64_t max)
{
	uint8_t le[8] = {0};
	uint64_t v;

	take(in, le, bytes);
	v = load_le64(le);
	in->bad = in->bad || v > max;
	return in->bad ? 0 : v;
}

static void take_addr(struct in *in, struct net_addr *a)
{
	size_t len = take_u(in, 1, sizeof(a->host) - 1);
	uint8_t bin[16];
	uint64_t flags;

	take(in, a->host, len);
	a->port = (uint16_t)take_u(in, 2, UINT16_MAX);
	flags = take_u(in, 1, 15);
	a->ipv6 = flags & 1;
	a->media_only = flags >> 1 & 1;
	a->tcpo_only = flags >> 2 & 1;
	a->has_secret = flags >> 3 & 1;
	take(in, a->secret, sizeof(a->secret));
	in->bad = in->bad || strnlen(a->host, sizeof(a->host)) != len ||
		  inet_pton(a->ipv6 ? AF_INET6 : AF_INET, a->host, bin) != 1;
}

static void take_dc(struct in *in, struct net_dc *dc)
{
	uint64_t flags;

	dc->id = (uint16_t)take_u(in, 2, UINT16_MAX);
	flags = take_u(in, 1, 3);
	dc->has_key = flags & 1;
	dc->authorized = flags >> 1 & 1;
	dc->salt = take_u(in, 8, UINT64_MAX);
	if (dc->has_key) {
		take(in, dc->key.key, sizeof(dc->key.key));
		authkey_finish(&dc->key);
	}
	dc->addr_count = (uint32_t)take_u(in, 1, NET_ADDR_MAX);
	for (uint32_t i = 0; i < dc->addr_count && !in->bad; i++)
		take_addr(in, &dc->addrs[i]);
	in->bad = in->bad || dc->id == 0 || (dc->authorized && !dc->has_key);
}

static bool home_there(const struct net_account *a)
{
	for (uint32_t i = 0; i < a->dc_count; i++) {
		if (a->dcs[i].id == a->home_dc)
			return true;
	}
	return false;
}

static void take_body(struct in *in, struct session_data *s)
{
	struct net_account *a = &s->account;
	uint64_t flags;

	s->realm = take_u(in, 8, UINT64_MAX);
	s->api_id = (int32_t)take_u(in, 4, INT32_MAX);
	flags = take_u(in, 1, 3);
	a->test = flags & 1;
	a->premium = flags >> 1 & 1;
	a->home_dc = (uint16_t)take_u(in, 2, UINT16_MAX);
	a->user_id = (int64_t)take_u(in, 8, INT64_MAX);
	a->time_offset_s = (int64_t)take_u(in, 8, UINT64_MAX);
	a->dc_count = (uint32_t)take_u(in, 1, NET_DC_MAX);
	for (uint32_t i = 0; i < a->dc_count && !in->bad; i++)
		take_dc(in, &a->dcs[i]);
	in->bad = in->bad || in->left.len != 0 || !home_there(a);
}

static const char *sealed(struct cspan in)
{
	uint8_t hash[32];
	struct cspan body;

	if (in.len < sizeof(magic) + 1 + 32 || memcmp(in.at, magic, sizeof(magic)) != 0)
		return "it is no session of tgclone";
	if (in.at[sizeof(magic)] != SESSION_VERSION)
		return "it is of another version of tgclone";
	body = cspan_of(in.at, in.len - 32);
	digest_sha256(hash, &body, 1);
	if (!bytes_equal_ct(hash, in.at + body.len, 32))
		return "it is damaged (its check sum is wrong)";
	return NULL;
}

bool session_unpack(struct session_data *s, struct cspan in, const char **why)
{
	size_t head = sizeof(magic) + 1;
	struct in body = {0};

	*s = (struct session_data){0};
	*why = sealed(in);
	if (*why != NULL)
		return false;
	body.left = cspan_of(in.at + head, in.len - head - 32);
	take_body(&body, s);
	if (!body.bad)
		return true;
	bytes_wipe(s, sizeof(*s));
	*why = "it is damaged (its fields make no sense)";
	return false;
}

/*
 * What help.getConfig says about addresses (api.md 2): the answer to a session's first question is
 * at hand anyway. Addresses are added to those we were given: a server may list some that cannot be
 * reached from here. One that it does not list goes only where there is no room for one it does.
 */
#include "engine/link/net_priv.h"

#include "proto/schema/tlobj.h"

static bool read_option(const struct tl_obj *o, struct net_addr *a)
{
	struct cspan host = tl_bytes(o, TLF_ip_address), secret = tl_bytes(o, TLF_secret);
	int32_t port = tl_int(o, TLF_port);

	if (tl_flag(o, TLF_cdn) || host.len == 0 || host.len >= sizeof(a->host) || port <= 0 ||
	    port > UINT16_MAX || (secret.len != 0 && secret.len != sizeof(a->secret)))
		return false;
	*a = (struct net_addr){
	    .port = (uint16_t)port,
	    .ipv6 = tl_flag(o, TLF_ipv6),
	    .media_only = tl_flag(o, TLF_media_only),
	    .tcpo_only = tl_flag(o, TLF_tcpo_only),
	    .has_secret = secret.len != 0,
	};
	memcpy(a->host, host.at, host.len);
	if (secret.len != 0)
		memcpy(a->secret, secret.at, secret.len);
	return true;
}

static bool same(const struct net_addr *a, const struct net_addr *b)
{
	return strcmp(a->host, b->host) == 0 && a->port == b->port &&
	       a->media_only == b->media_only;
}

static bool is_listed(struct tl_vec options, uint16_t dc, const struct net_addr *a)
{
	for (uint32_t i = 0; i < options.count; i++) {
		const struct tl_obj *o = tl_vec_obj(options, i);
		struct net_addr listed;

		if (tl_int(o, TLF_id) == dc && read_option(o, &listed) && same(&listed, a))
			return true;
	}
	return false;
}

/* The place of the last one that is not listed, but for the first: that one was given. 0: none. */
static uint32_t unlisted(struct tl_vec options, uint16_t dc, const struct net_addr all[NET_ADDR_MAX])
{
	uint32_t at = NET_ADDR_MAX - 1;

	while (at > 0 && is_listed(options, dc, &all[at]))
		at--;
	return at;
}

static void add(struct net *n, struct tl_vec options, uint16_t dc, const struct net_addr *a)
{
	struct centre *c = centre_find(n, dc);
	struct net_addr all[NET_ADDR_MAX];
	uint32_t count = 0, at;

	if (c != NULL) {
		count = c->dc->addr_count;
		memcpy(all, c->dc->addrs, sizeof(all));
	}
	for (uint32_t i = 0; i < count; i++)
		if (same(&all[i], a))
			return;
	at = count < NET_ADDR_MAX ? count++ : unlisted(options, dc, all);
	if (at == 0 && count == NET_ADDR_MAX)
		return;
	all[at] = *a;
	net_set_addrs(n, dc, all, count);
}

void config_learn(struct net *n, struct cspan body)
{
	const struct tl_obj *config;
	struct tl_error error;
	struct arena arena;
	struct tl_vec options;

	arena_init(&arena, n->config_mem, CONFIG_MEM);
	config = tl_decode_result(&arena, TLC_help_getConfig, body, &error);
	if (config == NULL) {
		net_log(n, 1, "help.getConfig: an answer that cannot be read");
		return;
	}
	options = tl_vec(config, TLF_dc_options);
	for (uint32_t i = 0; i < options.count; i++) {
		const struct tl_obj *o = tl_vec_obj(options, i);
		int32_t id = tl_int(o, TLF_id);
		struct net_addr a;

		if (id > 0 && id <= DC_ID_MAX && read_option(o, &a))
			add(n, options, (uint16_t)id, &a);
	}
}

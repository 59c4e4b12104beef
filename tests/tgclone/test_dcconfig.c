/* Lists of servers: the built-in ones, files, and which key may be used where (X9). */
#include "proto/base/check.h"
#include "tests/tgclone/help.h"
#include "tools/tgclone/dcconfig_priv.h"
#include "tools/tgclone/exits.h"


static const uint64_t PRODUCTION = 0xd09d1d85de64fd85, TEST_DCS = 0xb25898df208d2603,
		      TEST_ONLY = 0x3178124ce099f49f;

/* The public half of the key that vectors and simulators use. */
static const char test_only_pem[] =
    "-----BEGIN RSA PUBLIC KEY-----\n"
    "MIIBCgKCAQEAkuo0YS4o3Bp+x79ka9vmvKIPXR2pRe8WpXYZe9Tbm86SY6qB6FfW\n"
    "enMw9CNpwqE9skfyqOWfm9voCCOUnq0s+saLJFA2BoNFhWo9vr+Et6+FIa1+JAwU\n"
    "xtuAMTDfNzI8n+8P4WtvKsrGdfbPt0gq4OM/Qe7MpmeOWeO3GXMjmqiPPtViV8Oj\n"
    "rcC3676woVbnCMIsoph0oYXvQ4VEooZCAAev0hIKCDe+aZSGDG6m/v17KjXcnucA\n"
    "jdgiC7c2PHAqhEdoc7xjxLxoLvAc0TLBtI96eiNEWl4GRHR1f3BByX/kBM1G/Qhu\n"
    "xYfiSiHFUBqf6JGlfapHnlImfg+wBEuEPwIDAQAB\n"
    "-----END RSA PUBLIC KEY-----\n";

static const char list_format[] =
    "{\"layer\": 228, \"rsa_key_pem\": \"key.pem\", \"rsa_fingerprint\": %s, \"dcs\": ["
    "{\"id\": 1, \"host\": \"%s\", \"port\": 8443},"
    "{\"id\": 2, \"host\": \"%s\", \"port\": 8444, \"media_only\": true},"
    "{\"id\": 2, \"host\": \"::1\", \"port\": 8445}],"
    "\"home_dc\": 2, \"api_id\": 1234, \"api_hash\": \"abcd\", \"accounts\": [], \"pid\": 5}";

static int load(struct place *p, struct dcconfig *c, const char *text, const char *pem, char *why)
{
	place_write(p, "key.pem", pem, strlen(pem), 0600);
	place_write(p, "tgsim.json", text, strlen(text), 0600);
	return dcconfig_load(c, p->path, why);
}

Test(dcconfig, built_in_lists)
{
	struct dcconfig production, test;

	dcconfig_builtin(&production, false);
	dcconfig_builtin(&test, true);
	cr_assert_eq(production.rsa_count, 1);
	cr_assert_eq(production.rsa[0].fingerprint, PRODUCTION);
	cr_assert_eq(test.rsa[0].fingerprint, TEST_DCS);
	cr_assert_eq(production.dc_count, 5);
	cr_assert_eq(test.dc_count, 3);
	cr_assert_eq(production.home_dc, 2);
	cr_assert(test.test && !production.test);
	cr_assert_neq(production.realm, test.realm);
	cr_assert_str_eq(production.dcs[1].addrs[0].host, "149.154.167.51");
	cr_assert_eq(production.dcs[1].addrs[0].port, 443);
	cr_assert(production.dcs[1].addrs[2].ipv6);
	for (uint32_t i = 0; i < production.dc_count; i++) {
		for (uint32_t k = 0; k < production.dcs[i].addr_count; k++)
			cr_assert(dcconfig_is_telegram(production.dcs[i].addrs[k].host));
	}
}

Test(dcconfig, the_simulators_file)
{
	struct place p = place_start();
	char text[1000], why[DCCONFIG_WHY] = "";
	struct dcconfig c;

	snprintf(text, sizeof(text), list_format, "\"0x3178124ce099f49f\"", "127.0.0.1",
		 "localhost");
	cr_assert_eq(load(&p, &c, text, test_only_pem, why), 0, "%s", why);
	cr_assert_eq(c.rsa[0].fingerprint, TEST_ONLY);
	cr_assert_eq(c.layer, 228);
	cr_assert_eq(c.dc_count, 2);
	cr_assert_eq(c.home_dc, 2);
	cr_assert_eq(c.api_id, 1234);
	cr_assert_str_eq(c.api_hash, "abcd");
	cr_assert_eq(c.dcs[1].addr_count, 2);
	cr_assert_str_eq(c.dcs[1].addrs[0].host, "127.0.0.1");
	cr_assert(c.dcs[1].addrs[0].media_only);
	cr_assert(c.dcs[1].addrs[1].ipv6);
	cr_assert_eq(c.dcs[1].addrs[1].port, 8445);
	place_end(&p);
}

Test(dcconfig, fingerprints_in_all_spellings)
{
	static const char *const same[] = {"\"3178124ce099f49f\"", "\"0x3178124CE099F49F\"",
					   "3564619226458748063", "\"3564619226458748063\"",
					   "null"};
	static const char *const other[] = {"\"0x3178124ce099f49e\"", "1", "\"\"", "\"x\"", "[]",
					    "\"0x3178124ce099f49f0\""};
	struct place p = place_start();
	char text[1000], why[DCCONFIG_WHY];
	struct dcconfig c;

	for (size_t i = 0; i < countof(same); i++) {
		snprintf(text, sizeof(text), list_format, same[i], "127.0.0.1", "10.0.0.1");
		cr_assert_eq(load(&p, &c, text, test_only_pem, why), 0, "%s: %s", same[i], why);
	}
	for (size_t i = 0; i < countof(other); i++) {
		snprintf(text, sizeof(text), list_format, other[i], "127.0.0.1", "10.0.0.1");
		cr_assert_eq(load(&p, &c, text, test_only_pem, why), EXIT_BAD_DATA, "%s", other[i]);
		cr_assert(strstr(why, "rsa_fingerprint") != NULL, "%s", why);
	}
	place_end(&p);
}

Test(dcconfig, only_servers_and_key_are_needed)
{
	struct place p = place_start();
	struct net_options o = {0};
	char why[DCCONFIG_WHY];
	struct dcconfig c;

	cr_assert_eq(load(&p, &c,
			  "{\"rsa_key_pem\": \"key.pem\", \"dcs\": [{\"id\": 7, \"host\": "
			  "\"127.0.0.1\", \"port\": 1}]}",
			  dcconfig_test_pem, why),
		     0, "%s", why);
	cr_assert_eq(c.home_dc, 7);
	cr_assert_eq(c.layer, 0);
	dcconfig_options(&c, 0, 99, &o);
	cr_assert_eq(o.layer, 228);
	cr_assert_eq(o.api_id, 99);
	cr_assert_eq(o.rsa_count, 1);
	dcconfig_options(&c, 201, 0, &o);
	cr_assert_eq(o.layer, 201);
	place_end(&p);
}

Test(dcconfig, layers_between_ours_take_the_older)
{
	struct place p = place_start();
	char text[500], why[DCCONFIG_WHY];
	struct dcconfig c;
	static const int cases[][2] = {{201, 201}, {214, 201}, {228, 228}, {300, 228}};

	for (size_t i = 0; i < 4; i++) {
		snprintf(
		    text, sizeof(text),
		    "{\"layer\": %d, \"rsa_key_pem\": \"key.pem\", \"dcs\": [{\"id\": 1, \"host\": "
		    "\"127.0.0.1\", \"port\": 1}]}",
		    cases[i][0]);
		cr_assert_eq(load(&p, &c, text, test_only_pem, why), 0, "%s", why);
		cr_assert_eq(c.layer, cases[i][1]);
	}
	place_end(&p);
}

Test(dcconfig, what_is_wrong_is_named)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {"", "line"},
	    {"[]", "no object"},
	    {"{}", "rsa_key_pem"},
	    {"{\"rsa_key_pem\": 5}", "rsa_key_pem"},
	    {"{\"rsa_key_pem\": \"none.pem\"}", "none.pem cannot be read"},
	    {"{\"rsa_key_pem\": \"tgsim.json\"}", "no RSA public key"},
	    {"{\"rsa_key_pem\": \"key.pem\"}", "dcs"},
	    {"{\"rsa_key_pem\": \"key.pem\", \"dcs\": []}", "dcs"},
	    {"{\"rsa_key_pem\": \"key.pem\", \"dcs\": [5]}", "dcs"},
	    {"{\"rsa_key_pem\": \"key.pem\", \"dcs\": [{\"id\": 1, \"port\": 1}]}", "dcs"},
	    {"{\"rsa_key_pem\": \"key.pem\", \"dcs\": [{\"id\": 1, \"host\": \"h.example\", "
	     "\"port\": 1}]}",
	     "no numeric address"},
	    {"{\"rsa_key_pem\": \"key.pem\", \"dcs\": [{\"id\": 1, \"host\": \"127.0.0.1\", "
	     "\"port\": 65536}]}",
	     "port"},
	    {"{\"rsa_key_pem\": \"key.pem\", \"home_dc\": 9, \"dcs\": [{\"id\": 1, \"host\": "
	     "\"127.0.0.1\", \"port\": 1}]}",
	     "home_dc 9"},
	    {"{\"layer\": 144, \"rsa_key_pem\": \"key.pem\", \"dcs\": [{\"id\": 1, \"host\": "
	     "\"127.0.0.1\", \"port\": 1}]}",
	     "older than 201"},
	    {"{\"layer\": \"x\"}", "layer"},
	};
	struct place p = place_start();
	struct dcconfig c;

	for (size_t i = 0; i < countof(cases); i++) {
		char why[DCCONFIG_WHY] = "";

		cr_assert_eq(load(&p, &c, cases[i].text, test_only_pem, why), EXIT_BAD_DATA, "%s",
			     cases[i].text);
		cr_assert(strstr(why, cases[i].says) != NULL, "%s: %s", cases[i].text, why);
		cr_assert(strstr(why, "tgsim.json: ") != NULL, "%s", why);
	}
	place_end(&p);
}

Test(dcconfig, missing_file)
{
	char why[DCCONFIG_WHY] = "";
	struct dcconfig c;

	cr_assert_eq(dcconfig_load(&c, "/no/such/file", why), EXIT_USAGE);
	cr_assert(strstr(why, "/no/such/file") != NULL);
	cr_assert_eq(dcconfig_load(&c, "/", why), EXIT_USAGE);
	cr_assert_str_eq(why, "/: is no file");
}

/* X9: three keys, four kinds of address. */
/* Rows: X9 */
Test(dcconfig, keys_are_trusted_only_where_they_belong)
{
	static const struct {
		const char *host;
		bool production, test, test_only;
	} cases[] = {
	    {"127.0.0.1", true, true, true},
	    {"192.168.7.7", true, true, true},
	    {"fd00::1", true, true, true},
	    {"::ffff:10.1.2.3", true, true, true},
	    {"149.154.167.51", true, true, false},
	    {"95.161.76.100", true, true, false},
	    {"2001:67c:4e8:f002::a", true, true, false},
	    {"::ffff:149.154.167.51", true, true, false},
	    {"91.108.56.130", true, true, false},
	    {"8.8.8.8", true, true, false},
	    {"2606:4700::1", true, true, false},
	};
	struct place p = place_start();

	for (size_t i = 0; i < countof(cases); i++) {
		const char *pems[] = {dcconfig_production_pem, dcconfig_test_pem, test_only_pem};
		bool want[] = {cases[i].production, cases[i].test, cases[i].test_only};

		for (int k = 0; k < 3; k++) {
			char text[1000], why[DCCONFIG_WHY] = "";
			struct dcconfig c;
			int rc;

			snprintf(text, sizeof(text), list_format, "null", "127.0.0.1",
				 cases[i].host);
			rc = load(&p, &c, text, pems[k], why);
			cr_assert_eq(rc == 0, want[k], "%s with key %d: %s", cases[i].host, k, why);
			cr_assert(rc == 0 || strstr(why, "refused") != NULL, "%s", why);
		}
	}
	place_end(&p);
}

/* Rows: X9 */
Test(dcconfig, other_keys_never_meet_telegram)
{
	struct rsa_private *key = rsa_private_generate();
	struct rsa_public public;
	struct dcconfig c;
	char why[DCCONFIG_WHY];

	cr_assert_not_null(key);
	rsa_private_public(key, &public);
	for (int test = 0; test < 2; test++) {
		dcconfig_builtin(&c, test);
		c.rsa[c.rsa_count++] = public;
		cr_assert_not(dcconfig_trusted(&c, why));
	}
	c.rsa[0] = public;
	c.rsa_count = 1;
	c.dc_count = 1;
	c.dcs[0].addr_count = 1;
	strcpy(c.dcs[0].addrs[0].host, "8.8.8.8");
	cr_assert(dcconfig_trusted(&c, why), "anybody may run a server");
	rsa_private_free(key);
}

Test(dcconfig, list_meets_a_stored_account)
{
	struct net_account a;
	struct dcconfig c;

	dcconfig_builtin(&c, false);
	dcconfig_account(&c, &a);
	cr_assert_eq(a.dc_count, 5);
	cr_assert_eq(a.home_dc, 2);
	a.home_dc = 4;
	a.dcs[1].has_key = true;
	a.dcs[1].salt = 77;
	strcpy(a.dcs[1].addrs[0].host, "1.2.3.4");
	a.dcs[a.dc_count++] = (struct net_dc){.id = 203, .addr_count = 1};
	dcconfig_refresh(&c, &a);
	cr_assert_eq(a.dc_count, 6);
	cr_assert_eq(a.home_dc, 4);
	cr_assert(a.dcs[1].has_key);
	cr_assert_eq(a.dcs[1].salt, 77);
	cr_assert_str_eq(a.dcs[1].addrs[0].host, "149.154.167.51");
	cr_assert_eq(a.dcs[5].id, 203);
}

/* ---- what is stored, and what fails ---- */

static struct net_dc *stored_dc(struct net_account *a, uint16_t id)
{
	for (uint32_t i = 0; i < a->dc_count; i++)
		if (a->dcs[i].id == id)
			return &a->dcs[i];
	return NULL;
}

static void store_addr(struct net_dc *dc, const char *host)
{
	struct net_addr *a = &dc->addrs[dc->addr_count++];

	*a = (struct net_addr){.port = 443};
	snprintf(a->host, sizeof(a->host), "%s", host);
}

/* A program may be older than the addresses in it: what help.getConfig told is kept behind them. */
Test(dcconfig, learnt_addresses_outlive_a_start)
{
	struct net_account account;
	struct dcconfig c;
	struct net_dc *dc;
	uint32_t given;

	dcconfig_builtin(&c, false);
	dcconfig_account(&c, &account);
	dc = stored_dc(&account, 4);
	given = dc->addr_count;
	store_addr(dc, "149.154.167.92");
	store_addr(dc, "149.154.165.96");
	for (int start = 0; start < 3; start++) {
		dcconfig_refresh(&c, &account);
		cr_assert_eq(dc->addr_count, given + 2, "start %d", start);
		cr_assert_str_eq(dc->addrs[0].host, "149.154.167.91");
		cr_assert_str_eq(dc->addrs[given].host, "149.154.167.92");
		cr_assert_str_eq(dc->addrs[given + 1].host, "149.154.165.96");
	}
	while (dc->addr_count < NET_ADDR_MAX)
		store_addr(dc, "149.154.165.1");
	dcconfig_refresh(&c, &account);
	cr_assert_leq(dc->addr_count, (uint32_t)NET_ADDR_MAX);
}

/* A file's list is the whole truth: a simulator that was started again has other ports. */
Test(dcconfig, a_files_addresses_replace_the_stored_ones)
{
	struct place p = place_start();
	char text[1000], why[DCCONFIG_WHY] = "";
	struct net_account account;
	struct dcconfig c;

	snprintf(text, sizeof(text), list_format, "null", "127.0.0.1", "127.0.0.1");
	cr_assert_eq(load(&p, &c, text, test_only_pem, why), 0, "%s", why);
	dcconfig_account(&c, &account);
	store_addr(stored_dc(&account, 1), "127.0.0.9");
	dcconfig_refresh(&c, &account);
	cr_assert_eq(stored_dc(&account, 1)->addr_count, 1);
	place_end(&p);
}

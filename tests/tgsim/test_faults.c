/* Fault rules: reading them, what they meet, how often they fire. Also the text they are shown in.
 */
#include "tools/tgsim/faults.h"

#include "proto/base/check.h"

#include <criterion/criterion.h>

static struct faults f;
static char why[128];

static void setup(void)
{
	faults_init(&f, 7);
}

TestSuite(faults, .init = setup);

static uint32_t add(const char *spec)
{
	return faults_add(&f, spec, 1000, why, sizeof(why));
}

static bool call(enum fault_kind kind, int dc, const char *method)
{
	return faults_fire(&f, kind, dc, FAULT_AT_CALL, method) != NULL;
}

Test(faults, every_kind_is_read)
{
	static const char *const specs[] = {
	    "error:method=messages.*,code=420,text=FLOOD_WAIT_3,rate=0.5,count=3,skip=1,every=2",
	    "silence:method=help.getConfig,before=1,ack=0",
	    "delay:ms=1500,dc=4",
	    "drop:method=upload.*,before=1",
	    "reset:at=4096,dir=in",
	    "stall:rate=0.01",
	    "slow:bps=1024",
	    "latency:ms=50",
	    "down:dc=4",
	    "salt:every=10",
	    "duplicate",
	    "quickack:rate=0.1",
	    "update",
	    "forget:every=100",
	    "skew:s=-90",
	    "gzip",
	    "bundle",
	    "dhretry:count=1",
	    "dhfail:count=1",
	    "dhwrong:of=5,every=2,count=1",
	    "badmsg:code=20",
	    "transport:code=-429",
	    "flip:rate=0.001",
	    "plain:every=5",
	    "tempgone:every=100",
	    "unbind:method=users.*,count=1",
	    "keygone:method=upload.*,count=1",
	    "copied:count=1",
	    "templife:s=600",
	    "lateinit:ms=3000",
	    "strange:method=messages.getHistory,of=100,others=1",
	    "garble:method=channels.getMessages,least=60",
	};

	cr_assert_eq(countof(specs), FAULT_KINDS);
	for (uint32_t i = 0; i < countof(specs); i++) {
		cr_assert_eq(add(specs[i]), i + 1, "%s: %s", specs[i], why);
		cr_assert_eq(f.rules[i].kind, i);
	}
	cr_assert_eq(f.rules[0].code, 420);
	cr_assert_str_eq(f.rules[0].text, "FLOOD_WAIT_3");
	cr_assert(f.rules[1].before && f.rules[1].unacked);
	cr_assert_eq(f.rules[2].ns, 1500000000);
	cr_assert(f.rules[4].incoming && f.rules[4].at == 4096);
	cr_assert_eq(f.rules[14].ns, INT64_C(-90000000000));
	cr_assert(f.rules[FAULT_STRANGE].of == 100 && f.rules[FAULT_STRANGE].others);
}

Test(faults, wrong_rules_are_refused_with_a_reason)
{
	static const char *const specs[] = {"",
					    "eror:code=1",
					    "error",
					    "error:code=420",
					    "error:code=420,text=",
					    "delay",
					    "delay:ms=-1",
					    "delay:ms=x",
					    "slow:bps=0",
					    "gzip:ms=5",
					    "skew:s=1e99",
					    "error:rate=2,code=1,text=X",
					    "drop:dir=up",
					    "error:code",
					    "duplicate:count=-1"};

	for (size_t i = 0; i < countof(specs); i++) {
		why[0] = '\0';
		if (i == 4)
			continue; /* an empty text is odd, but a text */
		cr_assert_eq(add(specs[i]), 0, "%s", specs[i]);
		cr_assert_neq(why[0], '\0', "%s", specs[i]);
	}
	cr_assert_eq(f.rule_count, 0);
}

Test(faults, methods_and_dcs)
{
	add("error:method=messages.send*,dc=2,code=400,text=X");
	cr_assert(call(FAULT_ERROR, 2, "messages.sendMedia"));
	cr_assert(!call(FAULT_ERROR, 2, "messages.getHistory"));
	cr_assert(!call(FAULT_ERROR, 4, "messages.sendMedia"));
	cr_assert(!call(FAULT_DELAY, 2, "messages.sendMedia"));
	add("flip:dc=2");
	cr_assert_not_null(faults_fire(&f, FAULT_FLIP, 2, FAULT_AT_PACKET, NULL));
	cr_assert_null(faults_fire(&f, FAULT_FLIP, 1, FAULT_AT_PACKET, NULL));
}

Test(faults, cuts_meet_calls_packets_or_connections)
{
	add("drop:method=help.*");
	cr_assert(call(FAULT_DROP, 2, "help.getConfig"));
	cr_assert_null(faults_fire(&f, FAULT_DROP, 2, FAULT_AT_PACKET, NULL));
	cr_assert_null(faults_fire(&f, FAULT_DROP, 2, FAULT_AT_CONN, NULL));
	add("reset");
	cr_assert(!call(FAULT_RESET, 2, "help.getConfig"));
	cr_assert_not_null(faults_fire(&f, FAULT_RESET, 2, FAULT_AT_PACKET, NULL));
	add("stall:at=0");
	cr_assert_null(faults_fire(&f, FAULT_STALL, 2, FAULT_AT_PACKET, NULL));
	cr_assert_not_null(faults_fire(&f, FAULT_STALL, 2, FAULT_AT_CONN, NULL));
}

Test(faults, skip_every_count)
{
	char fired[16] = "";

	add("duplicate:skip=2,every=3,count=2");
	for (int i = 0; i < 14; i++)
		fired[i] = call(FAULT_DUPLICATE, 2, "a") ? 'x' : '.';
	cr_assert_str_eq(fired, "....x..x......");
	cr_assert_eq(f.rules[0].fired, 2);
	cr_assert_eq(f.by_kind[FAULT_DUPLICATE], 2);
}

Test(faults, rates_are_kept_and_repeat_with_the_seed)
{
	uint32_t first = 0, second = 0;

	add("duplicate:rate=0.25");
	for (int i = 0; i < 4000; i++)
		first += call(FAULT_DUPLICATE, 2, "a");
	cr_assert(first > 850 && first < 1150, "%u of 4000", first);
	faults_init(&f, 7);
	add("duplicate:rate=0.25");
	for (int i = 0; i < 4000; i++)
		second += call(FAULT_DUPLICATE, 2, "a");
	cr_assert_eq(first, second);
}

Test(faults, states_and_their_end)
{
	add("down:dc=4,ms=5000");
	cr_assert_not_null(faults_find(&f, FAULT_DOWN, 4, 1000));
	cr_assert_not_null(faults_find(&f, FAULT_DOWN, 4, 1000 + INT64_C(4999999999)));
	cr_assert_null(faults_find(&f, FAULT_DOWN, 4, 1000 + INT64_C(5000000000)));
	cr_assert_null(faults_find(&f, FAULT_DOWN, 2, 1000));
}

Test(faults, dropping_rules)
{
	add("gzip");
	add("duplicate");
	cr_assert(faults_drop(&f, 1));
	cr_assert(!faults_drop(&f, 1));
	cr_assert_eq(f.rule_count, 1);
	cr_assert_eq(add("gzip"), 3, "numbers are not used again");
	cr_assert(faults_drop(&f, 0));
	cr_assert_eq(f.rule_count, 0);
	for (uint32_t i = 0; i < FAULT_RULES_MAX; i++)
		cr_assert_neq(add("gzip"), 0);
	cr_assert_eq(add("gzip"), 0);
}

Test(faults, shown_as_json)
{
	struct sink out;

	sink_init(&out);
	add("error:method=a\"b,code=1,text=X,count=4");
	faults_json(&f, &out);
	cr_assert_str_eq(out.at,
			 "{\"rules\":[{\"id\":1,\"kind\":\"error\",\"method\":\"a\\\"b\","
			 "\"dc\":0,\"rate\":1,\"met\":0,\"fired\":0,\"count\":4}],\"fired\":{}}");
	sink_free(&out);
}

/* ---- the text it is written into ---- */

Test(faults, json_strings)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"", "\"\""},
	    {"a\"b\\c", "\"a\\\"b\\\\c\""},
	    {"l1\nl2\t\x7f", "\"l1\\nl2\\u0009\\u007f\""},
	    {"\xc3\xa7\xe2\x82\xac\xf0\x9f\x99\x82", "\"\xc3\xa7\xe2\x82\xac\xf0\x9f\x99\x82\""},
	    {"\xc3", "\"\\ufffd\""},
	    {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
	    {"\xc0\x80", "\"\\ufffd\\ufffd\""},
	    {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
	};
	struct sink out;

	sink_init(&out);
	for (size_t i = 0; i < countof(cases); i++) {
		sink_clear(&out);
		sink_json_str(&out, cases[i].in);
		cr_assert_str_eq(out.at, cases[i].out, "case %zu", i);
	}
	for (int i = 0; i < 10000; i++)
		sink_printf(&out, "%d,", i);
	cr_assert_eq(out.len, strlen(out.at));
	sink_free(&out);
}

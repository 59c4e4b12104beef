/*
 * Fault rules: reading them from text, deciding when one fires. Owns the rules and their counters.
 * What a fault does is done where the event is: dc_*.c asks here and acts.
 */
#include "tools/tgsim/faults.h"

#include "proto/base/check.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

enum key {
	KEY_METHOD = 1 << 0,
	KEY_CODE = 1 << 1,
	KEY_TEXT = 1 << 2,
	KEY_MS = 1 << 3,
	KEY_S = 1 << 4,
	KEY_AT = 1 << 5,
	KEY_BPS = 1 << 6,
	KEY_BEFORE = 1 << 7,
	KEY_OF = 1 << 8,
	KEY_LEAST = 1 << 9,
	KEY_OTHERS = 1 << 10,
	KEY_AFTER = 1 << 11,
	KEY_KIB = 1 << 12,
	KEY_ACK = 1 << 13,
	KEY_CUT = KEY_METHOD | KEY_AT | KEY_BEFORE,
};

/* Every kind takes dc, rate, every, skip, count. */
static const struct {
	const char *name;
	unsigned keys, needs;
	const char *help;
} kinds[FAULT_KINDS] = {
    [FAULT_ERROR] = {"error", KEY_METHOD | KEY_CODE | KEY_TEXT | KEY_AFTER, KEY_CODE | KEY_TEXT,
		     "code=420,text=FLOOD_WAIT_3: an RPC error instead of the call; a FLOOD_WAIT "
		     "holds till its end; after=1: instead of its answer, it was executed"},
    [FAULT_SILENCE] = {"silence", KEY_METHOD | KEY_BEFORE | KEY_ACK, 0,
		       "no answer; before=1: the call is not executed either; ack=0: nor acknowledged, "
		       "till its state is asked for"},
    [FAULT_DELAY] = {"delay", KEY_METHOD | KEY_MS | KEY_BEFORE, KEY_MS,
		     "ms=500: the answer comes later; before=1: the call is executed later"},
    [FAULT_DROP] =
	{"drop", KEY_CUT, 0,
	 "connection closed: instead of an answer (method=), at a byte (at=, dir=in|out), or "
	 "inside a packet"},
    [FAULT_RESET] = {"reset", KEY_CUT, 0, "as drop, by RST"},
    [FAULT_STALL] = {"stall", KEY_CUT, 0, "as drop, but the connection stays open and dead"},
    [FAULT_SLOW] = {"slow", KEY_BPS, KEY_BPS, "bps=1024: bytes a second, each connection and way"},
    [FAULT_LATENCY] = {"latency", KEY_MS, KEY_MS, "ms=50: packets to the client come later"},
    [FAULT_DOWN] = {"down", KEY_MS, 0, "dc=4[,ms=5000]: the DC takes no connections"},
    [FAULT_SALT] = {"salt", KEY_METHOD, 0, "the salts of the key change after the message"},
    [FAULT_DUPLICATE] = {"duplicate", KEY_METHOD, 0, "the answer comes twice"},
    [FAULT_QUICK_ACK] = {"quickack", 0, 0, "a quick ack that nobody asked for"},
    [FAULT_UPDATE] = {"update", KEY_METHOD | KEY_KIB, 0,
			 "an updatesTooLong after the answer; kib=1024: another update, so large"},
    [FAULT_FORGET] = {"forget", KEY_METHOD, 0, "the session's state is lost after the answer"},
    [FAULT_SKEW] = {"skew", KEY_S, KEY_S, "s=-90: the server's clock is off"},
    [FAULT_GZIP] = {"gzip", 0, 0, "every answer that is no file is packed"},
    [FAULT_BUNDLE] = {"bundle", 0, 0,
		      "answers that are there at once share a container, parts of files too"},
    [FAULT_DH_RETRY] = {"dhretry", 0, 0, "the key exchange is told to try again"},
    [FAULT_DH_FAIL] = {"dhfail", 0, 0, "the key exchange fails at its end"},
    [FAULT_DH_WRONG] = {"dhwrong", KEY_OF, KEY_OF,
			"of=5: that byte of an answer of the key exchange is wrong; it has three answers"},
    [FAULT_BAD_MSG] = {"badmsg", KEY_CODE, KEY_CODE, "code=20: the message is refused so"},
    [FAULT_TRANSPORT] = {"transport", KEY_CODE, KEY_CODE,
			 "code=-429: instead of handling a packet"},
    [FAULT_TEMP_GONE] = {"tempgone", KEY_METHOD, 0, "the temporary key is forgotten after the message"},
    [FAULT_UNBIND] = {"unbind", KEY_METHOD, 0, "the temporary key is unbound after the message"},
    [FAULT_KEY_GONE] = {"keygone", KEY_METHOD, 0, "the permanent key is forgotten after the message"},
    [FAULT_COPIED] = {"copied", KEY_METHOD, 0,
		      "after the message its key is AUTH_KEY_DUPLICATED, whatever is asked"},
    [FAULT_TEMP_LIFE] = {"templife", KEY_S, KEY_S, "s=600: temporary keys are forgotten so early"},
    [FAULT_LATE_INIT] = {"lateinit", KEY_MS, KEY_MS,
			 "ms=3000: a key's first initConnection is known so late to other queries"},
    [FAULT_STRANGE] = {"strange", KEY_METHOD | KEY_OF | KEY_OTHERS, KEY_OF,
		       "of=100: messages whose id it divides come as an object that no layer has; others=1: "
		       "the account's own do not"},
    [FAULT_GARBLE] = {"garble", KEY_METHOD | KEY_LEAST, KEY_METHOD,
		      "least=60: an answer of so many messages comes as an object that no layer has"},
    [FAULT_FLIP] = {"flip", 0, 0, "one bit of a packet to the client is wrong"},
    [FAULT_PLAIN] = {"plain", 0, 0,
		     "an unencrypted updatesTooLong after a packet that was sealed"},
};

void faults_init(struct faults *f, uint64_t seed)
{
	memset(f, 0, sizeof(*f));
	f->random = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
}

/* splitmix64: good enough for rates, and the same everywhere. */
static uint64_t next_random(struct faults *f)
{
	uint64_t z = f->random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t faults_below(struct faults *f, uint64_t n)
{
	check(n > 0);
	return next_random(f) % n;
}

/* ---- reading a rule ---- */

static bool read_number(const char *text, double least, double most, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return end != text && *end == '\0' && *out >= least && *out <= most;
}

static bool read_count(const char *text, uint64_t *out)
{
	double number;

	if (!read_number(text, 0, 1e15, &number))
		return false;
	*out = (uint64_t)number;
	return true;
}

static bool copy_text(char *out, size_t size, const char *text)
{
	if (strlen(text) >= size)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

/* One key of a rule; the bit of enum key it has, 0 for those every kind takes, -1: wrong. */
static int set_key(struct fault *f, const char *key, const char *value)
{
	double n = 0;

	if (strcmp(key, "method") == 0)
		return copy_text(f->method, sizeof(f->method), value) ? KEY_METHOD : -1;
	if (strcmp(key, "text") == 0)
		return copy_text(f->text, sizeof(f->text), value) ? KEY_TEXT : -1;
	if (strcmp(key, "every") == 0)
		return read_count(value, &f->every) ? 0 : -1;
	if (strcmp(key, "skip") == 0)
		return read_count(value, &f->skip) ? 0 : -1;
	if (strcmp(key, "count") == 0)
		return read_count(value, &f->count) ? 0 : -1;
	if (strcmp(key, "at") == 0)
		return read_count(value, &f->at) ? KEY_AT : -1;
	if (strcmp(key, "of") == 0)
		return read_count(value, &f->of) && f->of > 0 ? KEY_OF : -1;
	if (strcmp(key, "least") == 0)
		return read_count(value, &f->of) ? KEY_LEAST : -1;
	if (strcmp(key, "kib") == 0)
		return read_count(value, &f->of) && f->of <= 4096 ? KEY_KIB : -1;
	if (strcmp(key, "bps") == 0)
		return read_count(value, &f->bps) && f->bps > 0 ? KEY_BPS : -1;
	if (strcmp(key, "rate") == 0)
		return read_number(value, 0, 1, &f->rate) ? 0 : -1;
	if (strcmp(key, "dir") == 0) {
		f->incoming = strcmp(value, "in") == 0;
		return f->incoming || strcmp(value, "out") == 0 ? KEY_AT : -1;
	}
	if (!read_number(value, -1e9, 1e9, &n))
		return -1;
	if (strcmp(key, "dc") == 0)
		f->dc = (int)n;
	else if (strcmp(key, "code") == 0)
		return f->code = (int32_t)n, KEY_CODE;
	else if (strcmp(key, "ms") == 0)
		return f->ns = (int64_t)(n * 1e6), n < 0 ? -1 : KEY_MS;
	else if (strcmp(key, "s") == 0)
		return f->ns = (int64_t)(n * 1e9), KEY_S;
	else if (strcmp(key, "before") == 0)
		return f->before = n != 0, KEY_BEFORE;
	else if (strcmp(key, "after") == 0)
		return f->after = n != 0, KEY_AFTER;
	else if (strcmp(key, "ack") == 0)
		return f->unacked = n == 0, KEY_ACK;
	else if (strcmp(key, "others") == 0)
		return f->others = n != 0, KEY_OTHERS;
	else
		return -1;
	return 0;
}

static bool find_kind(const char *name, size_t len, enum fault_kind *kind)
{
	for (int i = 0; i < FAULT_KINDS; i++)
		if (strlen(kinds[i].name) == len && memcmp(kinds[i].name, name, len) == 0)
			return *kind = (enum fault_kind)i, true;
	return false;
}

static bool read_rule(struct fault *f, char *spec, char *why, size_t why_size)
{
	char *rest = strchr(spec, ':'), *save = NULL;
	size_t name_len = rest == NULL ? strlen(spec) : (size_t)(rest - spec);
	unsigned given = 0;

	if (!find_kind(spec, name_len, &f->kind)) {
		snprintf(why, why_size, "no such fault: %.*s", (int)name_len, spec);
		return false;
	}
	for (char *pair = rest == NULL ? NULL : strtok_r(rest + 1, ",", &save); pair != NULL;
	     pair = strtok_r(NULL, ",", &save)) {
		char *value = strchr(pair, '=');
		int bit;

		if (value != NULL)
			*value++ = '\0';
		bit = value == NULL ? -1 : set_key(f, pair, value);
		if (bit < 0 || ((unsigned)bit & ~kinds[f->kind].keys) != 0) {
			snprintf(why, why_size, "%s: cannot take %s=%s", kinds[f->kind].name, pair,
				 value == NULL ? "" : value);
			return false;
		}
		given |= (unsigned)bit;
	}
	if ((given & kinds[f->kind].needs) != kinds[f->kind].needs) {
		snprintf(why, why_size, "%s needs %s", kinds[f->kind].name, kinds[f->kind].help);
		return false;
	}
	return true;
}

uint32_t faults_add(struct faults *f, const char *spec, int64_t now, char *why, size_t why_size)
{
	char copy[512];
	struct fault rule = {.rate = 1, .every = 1, .at = UINT64_MAX};

	if (strlen(spec) >= sizeof(copy) || f->rule_count == FAULT_RULES_MAX) {
		snprintf(why, why_size, "rule too long, or too many rules");
		return 0;
	}
	memcpy(copy, spec, strlen(spec) + 1);
	if (!read_rule(&rule, copy, why, why_size))
		return 0;
	if (rule.every == 0)
		rule.every = 1;
	if (rule.kind == FAULT_DOWN && rule.ns > 0)
		rule.until = now + rule.ns;
	rule.id = ++f->last_id;
	f->rules[f->rule_count++] = rule;
	return rule.id;
}

bool faults_drop(struct faults *f, uint32_t id)
{
	uint32_t kept = 0, had = f->rule_count;

	for (uint32_t i = 0; i < had; i++)
		if (id != 0 && f->rules[i].id != id)
			f->rules[kept++] = f->rules[i];
	f->rule_count = kept;
	return id == 0 || kept < had;
}

/* ---- firing ---- */

static bool is_cut(enum fault_kind kind)
{
	return kind == FAULT_DROP || kind == FAULT_RESET || kind == FAULT_STALL;
}

static bool meets(const struct fault *r, enum fault_kind kind, int dc, enum fault_event event,
		  const char *method)
{
	bool has_method = r->method[0] != '\0';

	if (r->kind != kind || (r->dc != 0 && r->dc != dc))
		return false;
	if ((r->at != UINT64_MAX) != (event == FAULT_AT_CONN))
		return false;
	if (event != FAULT_AT_CALL)
		return !has_method;
	if (!has_method)
		return !is_cut(kind); /* those are for any packet */
	return fnmatch(r->method, method, 0) == 0;
}

const struct fault *faults_fire(struct faults *f, enum fault_kind kind, int dc,
				enum fault_event event, const char *method)
{
	check((event == FAULT_AT_CALL) == (method != NULL));
	for (uint32_t i = 0; i < f->rule_count; i++) {
		struct fault *r = &f->rules[i];
		double draw;

		if (!meets(r, kind, dc, event, method) || (r->count != 0 && r->fired >= r->count))
			continue;
		r->met++;
		if (r->met <= r->skip || (r->met - r->skip) % r->every != 0)
			continue;
		draw = (double)(next_random(f) >> 11) * 0x1p-53;
		if (draw >= r->rate)
			continue;
		r->fired++;
		f->by_kind[kind]++;
		return r;
	}
	return NULL;
}

const struct fault *faults_find(const struct faults *f, enum fault_kind kind, int dc, int64_t now)
{
	for (uint32_t i = 0; i < f->rule_count; i++) {
		const struct fault *r = &f->rules[i];

		if (meets(r, kind, dc, FAULT_AT_PACKET, NULL) && (r->until == 0 || now < r->until))
			return r;
	}
	return NULL;
}

/* ---- showing ---- */

void faults_json(const struct faults *f, struct sink *out)
{
	const char *comma = "";

	sink_put(out, "{\"rules\":[");
	for (uint32_t i = 0; i < f->rule_count; i++) {
		const struct fault *r = &f->rules[i];

		sink_printf(out, "%s{\"id\":%u,\"kind\":\"%s\",\"method\":", i == 0 ? "" : ",",
			    r->id, kinds[r->kind].name);
		sink_json_str(out, r->method);
		sink_printf(out,
			    ",\"dc\":%d,\"rate\":%g,\"met\":%llu,\"fired\":%llu,\"count\":%llu}",
			    r->dc, r->rate, (unsigned long long)r->met,
			    (unsigned long long)r->fired, (unsigned long long)r->count);
	}
	sink_put(out, "],\"fired\":{");
	for (int i = 0; i < FAULT_KINDS; i++) {
		if (f->by_kind[i] == 0)
			continue;
		sink_printf(out, "%s\"%s\":%llu", comma, kinds[i].name,
			    (unsigned long long)f->by_kind[i]);
		comma = ",";
	}
	sink_put(out, "}}");
}

void faults_help(struct sink *out)
{
	sink_put(out, "KIND[:key=value,...]; every kind takes dc, rate, every, skip, count\n");
	for (int i = 0; i < FAULT_KINDS; i++)
		sink_printf(out, "  %-10s %s\n", kinds[i].name, kinds[i].help);
}

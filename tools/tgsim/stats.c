/*
 * Counters and their JSON. Owns nothing but the struct; who counts what is dc_*.c's business.
 */
#include "tools/tgsim/stats.h"

#include "proto/base/check.h"

static const char *const rule_names[RULE_COUNT] = {
    [RULE_TRANSPORT] = "transport",
    [RULE_WRONG_DC] = "wrong_dc",
    [RULE_UNKNOWN_KEY] = "unknown_key",
    [RULE_HANDSHAKE] = "handshake",
    [RULE_ENVELOPE] = "envelope",
    [RULE_SALT] = "bad_salt_48",
    [RULE_MSG_ID_LOW] = "msg_id_low_16",
    [RULE_MSG_ID_HIGH] = "msg_id_high_17",
    [RULE_MSG_ID_BITS] = "msg_id_bits_18",
    [RULE_MSG_ID_EMPTY] = "msg_id_empty",
    [RULE_CONTAINER_ID] = "container_id_19",
    [RULE_TOO_OLD] = "too_old_20",
    [RULE_SEQ_LOW] = "seq_low_32",
    [RULE_SEQ_HIGH] = "seq_high_33",
    [RULE_SEQ_ODD] = "seq_odd_34",
    [RULE_SEQ_EVEN] = "seq_even_35",
    [RULE_CONTAINER] = "container_64",
    [RULE_DUPLICATE] = "duplicate_msg_id",
    [RULE_SERVICE] = "service_message",
    [RULE_GZIP] = "gzip",
    [RULE_QUERY] = "unreadable_query",
    [RULE_METHOD] = "unknown_method",
    [RULE_NOT_INITED] = "not_inited",
    [RULE_INIT] = "init_connection",
    [RULE_MAIN_TWICE] = "second_main_session",
    [RULE_BINDING] = "bind_temp_key",
    [RULE_UNBOUND] = "unbound_temp_key",
};

void stats_init(struct stats *s)
{
	memset(s, 0, sizeof(*s));
}

void stats_forgive(struct stats *s)
{
	for (uint32_t i = 0; i < STAT_METHODS; i++) {
		s->methods[i].not_before = 0;
		s->methods[i].insists = false;
	}
}

const char *stats_rule_name(enum stat_rule rule)
{
	check(rule < RULE_COUNT);
	return rule_names[rule];
}

struct stat_method *stats_method(struct stats *s, const char *name)
{
	uint32_t hash = 2166136261u;

	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619u;
	for (uint32_t i = 0; i < STAT_METHODS; i++) {
		struct stat_method *m = &s->methods[(hash + i) % STAT_METHODS];

		if (m->name == NULL)
			m->name = name;
		if (strcmp(m->name, name) == 0)
			return m;
	}
	return &s->methods[hash % STAT_METHODS];
}

static void put_count(struct sink *out, const char *name, uint64_t n)
{
	sink_printf(out, "\"%s\":%llu,", name, (unsigned long long)n);
}

void stats_json(const struct stats *s, struct sink *out)
{
	const char *comma = "";

	sink_put(out, "\"requests\":{");
	for (uint32_t i = 0; i < STAT_METHODS; i++) {
		const struct stat_method *m = &s->methods[i];

		if (m->name == NULL)
			continue;
		sink_printf(out, "%s\"%s\":{", comma, m->name);
		put_count(out, "count", m->requests);
		put_count(out, "errors", m->errors);
		put_count(out, "floods", m->floods);
		put_count(out, "early", m->early);
		put_count(out, "bytes_in", m->bytes_in);
		sink_printf(out, "\"bytes_out\":%llu}", (unsigned long long)m->bytes_out);
		comma = ",";
	}
	sink_put(out, "},\"violations\":{");
	comma = "";
	for (int i = 0; i < RULE_COUNT; i++) {
		if (s->violations[i] == 0)
			continue;
		sink_printf(out, "%s\"%s\":%llu", comma, rule_names[i],
			    (unsigned long long)s->violations[i]);
		comma = ",";
	}
	sink_put(out, "},");
	put_count(out, "packets_in", s->packets_in);
	put_count(out, "packets_out", s->packets_out);
	put_count(out, "bytes_in", s->bytes_in);
	put_count(out, "bytes_out", s->bytes_out);
	put_count(out, "file_bytes_in", s->file_bytes_in);
	put_count(out, "file_bytes_out", s->file_bytes_out);
	put_count(out, "connections_total", s->connections_total);
	put_count(out, "handshakes", s->handshakes);
	put_count(out, "pushes", s->pushes);
	put_count(out, "resends", s->resends);
	put_count(out, "encode_failures", s->encode_failures);
	sink_printf(out, "\"updates_lost\":%llu", (unsigned long long)s->updates_lost);
}

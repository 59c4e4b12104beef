/*
 * The JSONL log. Owns the lines until they are written; opening, writing and rotating the file is
 * main.c's.
 */
#include "tools/tgsim/simlog.h"

void simlog_init(struct simlog *log, bool on)
{
	log->on = on;
	sink_init(&log->lines);
}

void simlog_free(struct simlog *log)
{
	sink_free(&log->lines);
	log->on = false;
}

void simlog_put(struct simlog *log, const struct simlog_line *l)
{
	struct sink *t = &log->lines;

	if (!log->on)
		return;
	sink_printf(t, "{\"t\":%lld.%06lld,\"dc\":%d,\"conn\":%llu,\"key\":\"%016llx\",",
		    (long long)(l->t / 1000000000), (long long)(l->t % 1000000000 / 1000), l->dc,
		    (unsigned long long)l->conn, (unsigned long long)l->key);
	sink_printf(t, "\"session\":\"%016llx\",\"dir\":\"%s\",\"msg_id\":\"%016llx\",\"seq\":%u,",
		    (unsigned long long)l->session, l->out ? "out" : "in",
		    (unsigned long long)l->msg_id, l->seq);
	sink_printf(t, "\"name\":\"%s\",\"layer\":%d,\"bytes\":%llu,\"error\":",
		    l->name == NULL ? "" : l->name, l->layer, (unsigned long long)l->bytes);
	if (l->error == NULL)
		sink_put(t, "null}\n");
	else {
		sink_json_str(t, l->error);
		sink_put(t, "}\n");
	}
}

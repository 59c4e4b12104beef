/*
 * rebuild: a ledger for a job whose own is damaged or gone, of what both chats show. Sends nothing. Reading
 * is rebuild_read.c's, what is whose copy engine/clone/match.h's, files are rebuild_file.c's; here is the
 * order of it, and what is told.
 */
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/rebuild_file.h"
#include "tools/tgclone/rebuild_read.h"
#include "tools/tgclone/talk.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	NAMED_MAX = 40, /* lines of each kind; --json names all */
	STOP_MS = 100,	/* a signal is looked for that often while nobody is asked */
};

struct run {
	struct client cl;
	struct job job;
	struct rebuild r;
	struct rebuild_file file;
	struct match_stop stop;
	uint64_t looked_ns; /* when a signal was looked for */
};

static bool wants_stop(void *ctx)
{
	struct run *run = ctx;
	uint64_t now = ring_now(run->cl.ring);

	if (now - run->looked_ns < STOP_MS * UINT64_C(1000000))
		return run->cl.signal_got != 0;
	run->looked_ns = now;
	return client_stopped(&run->cl);
}

/* As people open it; where messages have no links, by its number. */
static void link_of(const struct chat_info *chat, int32_t id, char *out, size_t size)
{
	if (chat->peer.kind == PEER_CHANNEL && chat->username[0] != '\0')
		snprintf(out, size, "https://t.me/%s/%d", chat->username, id);
	else if (chat->peer.kind == PEER_CHANNEL)
		snprintf(out, size, "https://t.me/c/%lld/%d", (long long)chat->peer.id, id);
	else
		snprintf(out, size, "message %d", id);
}

static void tell_one(struct run *run, uint32_t i)
{
	const struct match_entry *s = &run->r.source.at[i];
	bool doubt = s->kind == MATCH_DOUBTFUL;
	int32_t target = doubt ? run->r.target.at[s->pair].id : 0;
	char from[128], to[128] = "";

	link_of(&run->job.source, s->id, from, sizeof(from));
	if (doubt)
		link_of(&run->job.target, target, to, sizeof(to));
	if (app_options(run->cl.app)->json)
		app_json(run->cl.app,
			 json_pack("{s:s, s:i, s:i, s:o, s:o}", "event", doubt ? "doubt" : "missing", "source_id",
				   s->id, "target_id", target, "source", app_text(from), "target", app_text(to)));
	else if (doubt)
		app_say(run->cl.app, "in doubt: %s may be %s, and is not sent", from, to);
	else
		app_say(run->cl.app, "no copy: %s", from);
}

static void tell_each(struct run *run, enum match_kind kind)
{
	bool json = app_options(run->cl.app)->json;
	uint32_t end = kind == MATCH_MISSING ? rebuild_reach(&run->r) : run->r.source.count;
	uint64_t told = 0, more = 0;

	for (uint32_t i = 0; i < end; i++) {
		const struct match_entry *s = &run->r.source.at[i];

		if (s->kind != kind || (kind == MATCH_MISSING && (!s->sendable || rebuild_is_left_out(&run->r, i))))
			continue;
		if (json || told++ < NAMED_MAX)
			tell_one(run, i);
		else
			more++;
	}
	if (more > 0)
		app_say(run->cl.app, "and %llu more (--json names each)", (unsigned long long)more);
}

static uint32_t topics_known(const struct rebuild *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->topic_count; i++)
		n += r->topics[i].source > 1 && r->topics[i].target > 1;
	return n;
}

static void tell_json(struct run *run)
{
	const struct rebuild_counts *n = &run->r.counts;

	app_json(run->cl.app,
		 json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:b}", "event", "rebuilt",
			   "messages", (json_int_t)n->source, "found", (json_int_t)n->found, "late",
			   (json_int_t)n->late, "doubtful", (json_int_t)n->doubtful, "missing",
			   (json_int_t)n->missing, "to_come", (json_int_t)n->to_come, "skipped",
			   (json_int_t)n->skipped, "topics", (json_int_t)topics_known(&run->r), "ledger",
			   app_text(run->job.path), "aside", app_text(run->file.aside), "dry_run",
			   app_options(run->cl.app)->dry_run));
}

/* Where a look tells people whether it is right. */
static void tell_last(struct run *run)
{
	const struct rebuild *r = &run->r;
	uint32_t last = r->source.count;
	char from[128], to[128];

	while (last > 0 && r->source.at[last - 1].kind != MATCH_CHAIN)
		last--;
	if (last == 0)
		return;
	link_of(&run->job.source, r->source.at[last - 1].id, from, sizeof(from));
	link_of(&run->job.target, r->target.at[r->source.at[last - 1].pair].id, to, sizeof(to));
	app_say(run->cl.app, "the last one that was cloned: %s, as %s", from, to);
}

static void tell_text(struct run *run)
{
	const struct rebuild_counts *n = &run->r.counts;
	struct app *app = run->cl.app;

	app_say(app, "%llu message%s of %s: %llu found in %s, %llu in doubt, %llu without a copy, %llu to come, "
		"%llu that no clone sends",
		(unsigned long long)n->source, plural(n->source), run->job.source.title,
		(unsigned long long)n->found, run->job.target.title, (unsigned long long)n->doubtful,
		(unsigned long long)n->missing, (unsigned long long)n->to_come,
		(unsigned long long)n->skipped);
	if (n->late > 0)
		app_say(app, "%llu of those found stand behind their place", (unsigned long long)n->late);
	if (topics_known(&run->r) > 0)
		app_say(app, "%u topic%s found", topics_known(&run->r), plural(topics_known(&run->r)));
	tell_last(run);
	if (n->missing > 0)
		app_say(app, "what has no copy is sent by clone, behind the rest");
	if (n->doubtful > 0)
		app_say(app, "what is in doubt is sent by tgclone retry --reason rebuild, once you looked at it");
	if (run->file.aside[0] != '\0')
		app_say(app, "the ledger that was there: %s", run->file.aside);
	if (app_options(app)->dry_run)
		app_say(app, "nothing was written");
	else
		app_say(app, "the new ledger: %s", run->job.path);
}

static int find_copies(struct run *run)
{
	int code = 0;

	if (!rebuild_open(&run->r))
		return app_fail(run->cl.app, EXIT_LATER, "no memory for the messages of both chats");
	code = rebuild_read(&run->cl, &run->job, &run->r);
	if (code != 0)
		return code;
	app_note(run->cl.app, "comparing both");
	if (!rebuild_match(&run->r))
		return run->cl.signal_got != 0
			       ? client_fail(&run->cl, CLIENT_STOPPED, "rebuild")
			       : app_fail(run->cl.app, EXIT_LATER, "no memory to compare both chats");
	/* What may be a copy has a row as well: without one it would be sent a second time. */
	if (run->r.counts.found > 0 || run->r.counts.doubtful > 0)
		return 0;
	return app_fail(run->cl.app, EXIT_UNAVAILABLE,
			"no copy of a message of %s was found in %s: there is nothing to make a ledger of",
			run->job.source.title, run->job.target.title);
}

static int write_ledger(struct run *run)
{
	char why[LEDGER_WHY_MAX];
	int code = rebuild_file_begin(&run->cl, &run->job, &run->file);
	enum ledger_fault fault;

	if (code != 0)
		return code;
	fault = rebuild_write(&run->r, run->file.ledger);
	if (fault == LEDGER_SOUND && run->cl.signal_got != 0)
		return client_fail(&run->cl, CLIENT_STOPPED, "rebuild");
	if (fault == LEDGER_SOUND)
		return rebuild_file_finish(&run->cl, &run->job, &run->file);
	if (ledger_fault(run->file.ledger, why, sizeof(why)) == LEDGER_SOUND)
		snprintf(why, sizeof(why), "no memory");
	return job_ledger_fail(run->cl.app, run->file.fresh, fault, why);
}

int cmd_rebuild(struct app *app, int argc, char **argv)
{
	struct run *run = calloc(1, sizeof(*run));
	bool dry = app_options(app)->dry_run;
	int code;

	(void)argc, (void)argv;
	if (run == NULL)
		return app_fail(app, EXIT_LATER, "no memory");
	run->stop = (struct match_stop){wants_stop, run};
	run->r.stop = &run->stop;
	run->r.memory = client_beside_bytes(app);
	code = client_open(&run->cl, app, false, true);
	if (code == 0)
		code = job_resolve(&run->cl, &run->job);
	if (code == 0)
		code = rebuild_file_may(&run->cl, &run->job, &run->file);
	if (code == 0 && !dry)
		code = rebuild_file_mark(&run->cl, &run->file);
	if (code == 0)
		code = find_copies(run);
	if (code == 0 && !dry)
		code = write_ledger(run);
	if (code == 0) {
		tell_each(run, MATCH_MISSING);
		tell_each(run, MATCH_DOUBTFUL);
		if (app_options(app)->json)
			tell_json(run);
		else
			tell_text(run);
		code = run->r.counts.doubtful > 0 ? EXIT_SKIPPED : 0;
	}
	rebuild_file_close(&run->file, code == EXIT_LATER || code > 128);
	free(run->r.topics);
	rebuild_close(&run->r);
	client_close(&run->cl);
	free(run);
	return code;
}

/* Operands to chats, options to a plan, chats to a ledger. */
#include "tools/tgclone/job.h"

#include "proto/crypto/digest.h"
#include "tools/tgclone/forum.h"
#include "tools/tgclone/talk.h"
#include "tools/tgclone/resolve.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { TITLE_KEPT = 191 }; /* bytes of a title with its NUL, as status reads it */

static const char *operand(const struct options *o, int index, const char *flag)
{
	return o->arg_count > index ? o->args[index] : flag;
}

static int resolve_one(struct client *cl, const char *text, const char *what, int64_t topic_flag,
		       struct chat_info *info, int32_t *topic)
{
	int code;

	if (text == NULL) {
		app_error(cl->app, "which chat? Name the %s (@name, -100..., t.me/..., me)", what);
		return EXIT_USAGE;
	}
	code = resolve_chat(cl, text, info, topic);
	if (code != 0)
		return code;
	if (topic_flag != 0 && *topic != 0 && *topic != topic_flag) {
		app_error(cl->app, "%s: topic %d is named, but --%s-topic says %lld", text, *topic, what,
			  (long long)topic_flag);
		return EXIT_USAGE;
	}
	if (topic_flag != 0)
		*topic = (int32_t)topic_flag;
	if (*topic != 0 && !info->forum) {
		app_error(cl->app, "%s: %s is no forum, so no topic can be named", text, info->title);
		return EXIT_USAGE;
	}
	return 0;
}

/*
 * Where the copies stand in the source they are messages of the source, which have to be cloned as well, and so
 * on. What is sent to no topic of a forum stands in its first one, General.
 */
static int refuse_itself(struct client *cl, const struct job *j)
{
	int32_t topic = j->target_topic == 0 && j->target.forum ? 1 : j->target_topic;

	if (!peer_same(j->source.peer, j->target.peer) ||
	    (j->source_topic != 0 && j->source_topic != topic))
		return 0;
	app_error(cl->app, "source and target are the same chat%s",
		  j->source_topic == j->target_topic ? ""
		  : j->source_topic == 0 ? ": name the topic to be cloned (the copies would be cloned as well)"
					 : ": what goes to no topic goes to General, which is the source");
	return EXIT_USAGE;
}

static enum plan_mode wish(int64_t mode)
{
	static const enum plan_mode modes[] = {
		[MODE_AUTO] = PLAN_AUTO,
		[MODE_FORWARD] = PLAN_FORWARD,
		[MODE_COPY] = PLAN_COPY,
		[MODE_STREAM] = PLAN_STREAM,
	};

	return modes[mode];
}

int job_resolve_source(struct client *cl, struct job *j)
{
	const struct options *o = app_options(cl->app);
	int code;

	*j = (struct job){.source_topic = 0};
	code = resolve_one(cl, operand(o, 0, o->source), "source", o->source_topic, &j->source,
			   &j->source_topic);
	j->plan = (struct plan_options){.prefer = wish(o->mode),
					.source_protected = j->source.noforwards,
					.allow_protected = o->allow_protected,
					.keep_author = o->keep_author,
					.premium = client_account(cl)->premium,
					.keep_replies = true};
	return code;
}

/* What changes the content of what is sent; pace and connections may differ from run to run. */
static void digest_options(struct job *j)
{
	uint8_t raw[1] = {j->plan.keep_author};
	struct cspan parts[] = {cspan_str("tgclone/options/1"), cspan_of(raw, sizeof(raw))};

	digest_sha256(j->ledger_job.options_digest, parts, countof(parts));
}

/* General is always there, hidden or not. */
static int require_topic(struct client *cl, const struct chat_info *chat, int32_t topic)
{
	bool has = true;
	int code = topic > 1 ? forum_has(cl, chat, topic, &has) : 0;

	if (code != 0 || has)
		return code;
	return app_fail(cl->app, EXIT_UNAVAILABLE, "%lld#%d: %s has no such topic (tgclone topics lists them)",
			(long long)peer_marked(chat->peer), topic, chat->title);
}

/* Of a job that is to begin: it would forbid the one that was meant. */
static int require_topics(struct client *cl, const struct job *j)
{
	int code;

	if (access(j->path, F_OK) == 0)
		return 0;
	code = require_topic(cl, &j->source, j->source_topic);
	return code != 0 ? code : require_topic(cl, &j->target, j->target_topic);
}

int job_resolve(struct client *cl, struct job *j)
{
	const struct options *o = app_options(cl->app);
	const struct net_account *account = client_account(cl);
	int code = job_resolve_source(cl, j);

	if (code == 0)
		code = resolve_one(cl, operand(o, 1, o->target), "target", o->target_topic, &j->target,
				   &j->target_topic);
	if (code == 0)
		code = refuse_itself(cl, j);
	if (code != 0)
		return code;
	j->ledger_job = (struct ledger_job){.account = account->user_id,
					    .source = peer_marked(j->source.peer),
					    .target = peer_marked(j->target.peer),
					    .source_topic = j->source_topic,
					    .target_topic = j->target_topic,
					    .generation = (uint32_t)o->generation};
	digest_options(j);
	if (!store_ledger_path(&cl->store, &j->ledger_job, j->path))
		return app_fail(cl->app, EXIT_CREATE, "the state directory's path is too long");
	return require_topics(cl, j);
}

/* What a target that became a supergroup has of the source; all 0: nothing. */
struct had {
	int32_t last;	/* it was cloned there, and nothing behind it was */
	uint64_t open;	/* in front of that one */
	uint64_t doubt; /* an earlier run was sending it, or them */
};

static void look_at_rows(struct ledger *ledger, struct had *had)
{
	struct ledger_row rows[64];
	uint64_t open = 0;
	uint32_t n;
	int32_t after = 0;

	do {
		n = ledger_scan(ledger, after, rows, 64);
		for (uint32_t i = 0; i < n; i++) {
			open += rows[i].state <= ROW_SENDING;
			had->doubt += rows[i].state == ROW_SENDING;
			if (rows[i].target_id <= 0)
				continue;
			had->last = rows[i].source_id;
			had->open = open;
		}
		after = n > 0 ? rows[n - 1].source_id : after;
	} while (n == 64);
}

static int say_grown(struct client *cl, const struct job *j, const struct had *had)
{
	struct peer now = {PEER_CHANNEL, j->target.migrated_to, 0};
	char open[96] = "";

	if (had->open > 0)
		snprintf(open, sizeof(open), "; %llu in front of that %s not cloned: status says how many are left",
			 (unsigned long long)had->open, had->open == 1 ? "was" : "were");
	if (had->last > 0 && had->last < INT32_MAX)
		return app_fail(cl->app, EXIT_UNAVAILABLE,
				"%s became a supergroup: use %lld, with --from %d, behind what was cloned before%s",
				j->target.title, (long long)peer_marked(now), had->last + 1, open);
	return app_fail(cl->app, EXIT_UNAVAILABLE, "%s became a supergroup: use %lld", j->target.title,
			(long long)peer_marked(now));
}

/*
 * What was said before can still be read; nothing more can be said there. Where it goes on is another chat, and
 * would get all of the source once more, below what people see of the old one. What an earlier run was sending may
 * be in the old one: the clone looks for it, and is refused where it goes on.
 */
int job_may_send(struct client *cl, const struct job *j)
{
	struct ledger *ledger = NULL;
	struct had had = {0};
	bool began = j->target.migrated_to != 0 && access(j->path, F_OK) == 0;
	int code = began ? job_open_ledger(cl, j, false, &ledger) : 0;

	if (code != 0 || j->target.migrated_to == 0)
		return code;
	if (began) {
		look_at_rows(ledger, &had);
		ledger_close(&ledger);
	}
	return had.doubt > 0 ? 0 : say_grown(cl, j, &had);
}

int job_say_grown(struct client *cl, const struct job *j, struct ledger *ledger)
{
	struct had had = {0};

	look_at_rows(ledger, &had);
	return say_grown(cl, j, &had);
}

int job_ledger_exit(enum ledger_fault fault)
{
	switch (fault) {
	case LEDGER_SOUND:
		return 0;
	case LEDGER_BUSY:
	case LEDGER_MEMORY:
		return EXIT_LATER;
	case LEDGER_DAMAGED:
	case LEDGER_FOREIGN:
		return EXIT_BAD_DATA;
	case LEDGER_CREATE:
		return EXIT_CREATE;
	case LEDGER_IO:
		break;
	}
	return EXIT_IO;
}

int job_ledger_fail(struct app *app, const char *path, enum ledger_fault fault, const char *why)
{
	bool named = strstr(why, path) != NULL;

	return app_fail(app, job_ledger_exit(fault), "%s%s%s", named ? "" : path, named ? "" : ": ", why);
}

static void note_title(struct ledger *ledger, const char *name, const char *title)
{
	char text[TITLE_KEPT];
	size_t len = term_utf8(text, sizeof(text), cspan_str(title));

	ledger_state_put(ledger, name, cspan_of(text, len));
}

/* For status, which asks no server. */
void job_note_names(struct client *cl, const struct job *j, struct ledger *ledger)
{
	const struct options *o = app_options(cl->app);
	const char *from = operand(o, 0, o->source), *to = operand(o, 1, o->target);

	ledger_state_put(ledger, "source.ref", cspan_str(from));
	ledger_state_put(ledger, "target.ref", cspan_str(to));
	note_title(ledger, "source.title", j->source.title);
	note_title(ledger, "target.title", j->target.title);
}

/* Another job of the profile whose messages would get the same random_ids as ours, or arrive a second time. */
struct clash {
	struct client *cl;
	const struct job *job;
	bool found;
	int64_t other_account; /* cloned the same; 0: none did */
	enum ledger_fault unread; /* of one that might be such a job */
	char why[PATH_MAX + LEDGER_WHY_MAX];
};

enum { GENERATIONS_LOOKED_AT = 64 };

/* By its name alone: from the same chat into the same one, and not known as of another generation. */
static bool may_clash(const struct clash *c, const char *path)
{
	size_t chats = (size_t)(strrchr(c->job->path, '_') + 1 - c->job->path); /* the target's id to its end */
	struct ledger_job other = c->job->ledger_job;
	char name[PATH_MAX];

	if (strncmp(path, c->job->path, chats) != 0)
		return false;
	for (other.generation = 1; other.generation <= GENERATIONS_LOOKED_AT; other.generation++)
		if (store_ledger_path(&c->cl->store, &other, name) && strcmp(name, path) == 0)
			return false;
	return true;
}

static void compare_jobs(struct clash *c, const struct ledger_job *ours, const struct ledger_job *job)
{
	if (job->source != ours->source || job->target != ours->target ||
	    job->generation != ours->generation ||
	    (job->source_topic != ours->source_topic && job->source_topic != 0 && ours->source_topic != 0))
		return;
	if (job->account == ours->account)
		c->found = true;
	else if (job->target_topic == ours->target_topic)
		c->other_account = job->account;
}

static void look_at(void *ctx, const char *path)
{
	struct clash *c = ctx;
	const struct ledger_job *ours = &c->job->ledger_job;
	struct ledger *ledger = NULL;
	struct ledger_job job;
	char why[LEDGER_WHY_MAX];
	enum ledger_fault fault;

	if (strcmp(path, c->job->path) == 0)
		return;
	fault = ledger_open(&ledger, path, NULL, false, why, sizeof(why));
	if (fault != LEDGER_SOUND && c->unread == LEDGER_SOUND && may_clash(c, path)) {
		c->unread = fault;
		snprintf(c->why, sizeof(c->why), "%s: %s", path, why);
	}
	if (fault != LEDGER_SOUND)
		return;
	ledger_job(ledger, &job);
	ledger_close(&ledger);
	compare_jobs(c, ours, &job);
}

/*
 * A random_id names no topic (reliability.md 2.1): the same messages sent a second time into the same
 * chat would be answered with the first copies, and nothing would arrive in the other topic. Another account's
 * random_ids are others: all that it sent would be sent a second time.
 */
int job_refuse_clash(struct client *cl, const struct job *j)
{
	struct clash c = {.cl = cl, .job = j};
	int code = 0;

	if (access(j->path, F_OK) != 0)
		code = store_ledgers(&cl->store, look_at, &c);
	if (code != 0)
		code = app_fail(cl->app, code, "%s", cl->store.why);
	if (code == 0 && c.found)
		code = app_fail(cl->app, EXIT_USAGE,
				"messages of this source were cloned into this chat before, by other topics: "
				"--generation %lld makes another copy",
				(long long)j->ledger_job.generation + 1);
	if (code == 0 && c.other_account != 0)
		code = app_fail(cl->app, EXIT_USAGE,
				"account %lld cloned this source into this chat before, and only that one can go on: "
				"log in with it, or --generation %lld makes another copy",
				(long long)c.other_account, (long long)j->ledger_job.generation + 1);
	if (code == 0 && c.unread != LEDGER_SOUND)
		code = app_fail(cl->app, job_ledger_exit(c.unread),
				"it may have sent these messages into this chat, by other topics, and cannot be "
				"read; if it has not, move it away: %s", c.why);
	return code;
}

/* What an earlier --from left out may come, but nothing can be put between messages that are there. */
static void note_order(struct client *cl, struct ledger *ledger)
{
	int32_t left_out = clone_left_out(ledger);
	struct ledger_counts n;

	ledger_counts(ledger, &n);
	if (n.rows[ROW_SENDING] + n.rows[ROW_SENT] + n.rows[ROW_DONE] == 0)
		return; /* they come behind nothing */
	if (app_options(cl->app)->from_id <= left_out && left_out > 0)
		app_warn(cl->app,
			 "messages up to %d that an earlier --from left out come now, behind what is cloned: "
			 "--generation %lld makes a copy in order",
			 left_out, (long long)app_options(cl->app)->generation + 1);
}

/* Of the options that are digested there is only one. */
static bool other_options(const struct job *j)
{
	struct ledger *ledger = NULL;
	struct ledger_job there;
	char why[300];

	if (ledger_open(&ledger, j->path, NULL, false, why, sizeof(why)) != LEDGER_SOUND)
		return false;
	ledger_job(ledger, &there);
	ledger_close(&ledger);
	return there.account == j->ledger_job.account && there.source == j->ledger_job.source &&
	       there.target == j->ledger_job.target && there.generation == j->ledger_job.generation &&
	       memcmp(there.options_digest, j->ledger_job.options_digest,
		      sizeof(there.options_digest)) != 0;
}

void job_follow(struct job *j)
{
	if (!other_options(j))
		return;
	j->plan.keep_author = !j->plan.keep_author;
	digest_options(j);
}

/* It is never made anew by itself: what is in the target would not be known. */
static void advise(const struct job *j, char *why, size_t size)
{
	size_t len = strlen(why);

	snprintf(why + len, size - len,
		 "; tgclone rebuild makes it anew of both chats, or --generation %lld makes another copy",
		 (long long)j->ledger_job.generation + 1);
}

bool job_marker_path(const struct job *j, char out[PATH_MAX])
{
	return snprintf(out, PATH_MAX, "%s.rebuild", j->path) < PATH_MAX;
}

/* It was lost, and what is in the target is not known yet. */
static int refuse_half(struct client *cl, const struct job *j)
{
	char marker[PATH_MAX];

	if (access(j->path, F_OK) == 0 || !job_marker_path(j, marker) || access(marker, F_OK) != 0)
		return 0;
	return app_fail(cl->app, EXIT_BAD_DATA,
			"%s: tgclone rebuild did not come to its end: run it again (without %s the job begins "
			"with nothing, and sends all of it)", j->path, marker);
}

void job_tell_topics(struct client *cl, const struct job *j)
{
	const struct options *o = app_options(cl->app);
	char line[2 * TITLE_KEPT];

	if (!j->source.forum || j->target.forum || j->source_topic != 0 || o->quiet)
		return;
	snprintf(line, sizeof(line), "%s is no forum: messages of all topics stand there one behind the other",
		 j->target.title);
	if (o->json)
		app_json(cl->app, json_pack("{s:s, s:o}", "event", "info", "text", app_text(line)));
	app_say(cl->app, "%s", line);
}

/* What has to be known before the ledger is looked at. create: it may be missing. */
static int may_open(struct client *cl, const struct job *j, bool create)
{
	int code = create ? job_refuse_clash(cl, j) : 0;

	if (code == 0)
		code = refuse_half(cl, j);
	if (code == 0 && !create && access(j->path, F_OK) != 0 && errno == ENOENT)
		code = app_fail(cl->app, EXIT_UNAVAILABLE,
				"nothing was cloned from %s to %s with these options (tgclone status lists the jobs)",
				j->source.title, j->target.title);
	return code;
}

static int refuse_ledger(struct client *cl, const struct job *j, bool create, enum ledger_fault fault,
			 char why[LEDGER_WHY_MAX])
{
	if (fault == LEDGER_SOUND)
		return 0;
	if (fault == LEDGER_FOREIGN && other_options(j))
		return app_fail(cl->app, EXIT_USAGE,
				"this job began %s --keep-author and goes on so; --generation %lld makes another copy",
				j->plan.keep_author ? "without" : "with",
				(long long)j->ledger_job.generation + 1);
	if ((fault == LEDGER_DAMAGED || fault == LEDGER_FOREIGN) && create)
		advise(j, why, LEDGER_WHY_MAX);
	return job_ledger_fail(cl->app, j->path, fault, why);
}

int job_open_ledger(struct client *cl, const struct job *j, bool create, struct ledger **ledger)
{
	bool begins = create && access(j->path, F_OK) != 0;
	char why[LEDGER_WHY_MAX] = "";
	int code = may_open(cl, j, create);

	if (code == 0)
		code = refuse_ledger(cl, j, create,
				     ledger_open(ledger, j->path, &j->ledger_job, create, why, sizeof(why)), why);
	if (code != 0)
		return code;
	if (begins)
		job_tell_topics(cl, j);
	if (create) {
		note_order(cl, *ledger);
		job_note_names(cl, j, *ledger);
	}
	return 0;
}

static bool is_job(const struct ledger_job *a, const struct ledger_job *b)
{
	return a->account == b->account && a->source == b->source && a->target == b->target &&
	       a->source_topic == b->source_topic && a->target_topic == b->target_topic &&
	       a->generation == b->generation &&
	       memcmp(a->options_digest, b->options_digest, sizeof(a->options_digest)) == 0;
}

int job_read_ledger(struct client *cl, const struct job *j, bool create, struct ledger **ledger)
{
	char why[LEDGER_WHY_MAX] = "";
	int code = may_open(cl, j, create);
	enum ledger_fault fault;
	struct ledger_job there;

	if (code != 0 || access(j->path, F_OK) != 0)
		return code;
	fault = ledger_open(ledger, j->path, NULL, false, why, sizeof(why));
	if (fault == LEDGER_SOUND) {
		ledger_job(*ledger, &there);
		if (!is_job(&there, &j->ledger_job)) {
			ledger_close(ledger);
			fault = LEDGER_FOREIGN;
			snprintf(why, sizeof(why), "this ledger is of another job");
		}
	}
	code = refuse_ledger(cl, j, create, fault, why);
	if (code == 0 && create)
		note_order(cl, *ledger);
	return code;
}

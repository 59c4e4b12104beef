/*
 * A supergroup that was a basic group at first: what was said in it until then is in another chat, and apps show
 * the two as if they were one. A job is about one of them, and whoever wants all of it has to be told.
 */
#include "tools/tgclone/job.h"

#include "tools/tgclone/talk.h"

#include <unistd.h>

/* Into the same target. */
static bool was_cloned(const struct client *cl, const struct job *j, int64_t other)
{
	struct ledger_job job = j->ledger_job;
	char path[PATH_MAX];

	job.source = other;
	return job.target != 0 && store_ledger_path(&cl->store, &job, path) && access(path, F_OK) == 0;
}

/* The basic group's id; 0: there was none, or the server does not say. */
static int64_t origin_of(struct client *cl, const struct job *j)
{
	const struct tl_obj *query, *answer;
	struct peer origin = {.kind = PEER_GROUP};

	client_fresh(cl);
	query = ask_full_channel(&cl->arena, j->source.peer);
	if (client_try(cl, 0, TLC_channels_getFullChannel, query, &answer) == CLIENT_OK)
		origin.id = tl_long(tl_sub(answer, TLF_full_chat), TLF_migrated_from_chat_id);
	return peer_marked(origin);
}

static void tell_older(struct client *cl, const struct job *j)
{
	int64_t other = app_options(cl->app)->from_id > 1 ? 0 : origin_of(cl, j);

	if (other != 0 && !was_cloned(cl, j, other))
		app_warn(cl->app, "%s was a basic group at first: what was said in it until then is in %lld, and is not "
			 "cloned with it: clone that one first, into the same target", j->source.title,
			 (long long)other);
}

static void tell_newer(struct client *cl, const struct job *j)
{
	struct peer now = {PEER_CHANNEL, j->source.migrated_to, 0};
	int64_t other = peer_marked(now);

	if (app_options(cl->app)->to_id == 0 && !was_cloned(cl, j, other))
		app_warn(cl->app, "%s became a supergroup: what was said since then is in %lld, and is not cloned with it",
			 j->source.title, (long long)other);
}

void job_tell_origin(struct client *cl, const struct job *j)
{
	if (j->source_topic != 0)
		return;
	if (j->source.peer.kind == PEER_CHANNEL && !j->source.broadcast)
		tell_older(cl, j);
	else if (j->source.migrated_to != 0)
		tell_newer(cl, j);
}

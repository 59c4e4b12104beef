/*
 * A supergroup that was a basic group at first: what was said in it until then is in another chat, which apps show
 * above it as if it were one. It is not part of the job, and whoever wants all of it has to be told.
 */
#include "tools/tgclone/job.h"

#include "tools/tgclone/talk.h"

#include <unistd.h>

/* The basic group's id; 0: there was none, or the server does not say. */
static int64_t origin_of(struct client *cl, const struct job *j)
{
	const struct tl_obj *query, *answer;

	client_fresh(cl);
	query = ask_full_channel(&cl->arena, j->source.peer);
	if (client_try(cl, 0, TLC_channels_getFullChannel, query, &answer) != CLIENT_OK)
		return 0;
	return tl_long(tl_sub(answer, TLF_full_chat), TLF_migrated_from_chat_id);
}

/* Into the same target. */
static bool was_cloned(const struct client *cl, const struct job *j, int64_t origin)
{
	struct ledger_job older = j->ledger_job;
	char path[PATH_MAX];

	older.source = origin;
	return older.target != 0 && store_ledger_path(&cl->store, &older, path) && access(path, F_OK) == 0;
}

void job_tell_origin(struct client *cl, const struct job *j)
{
	int64_t origin;

	if (j->source.peer.kind != PEER_CHANNEL || j->source.broadcast || j->source_topic != 0 ||
	    app_options(cl->app)->from_id > 1)
		return;
	origin = peer_marked((struct peer){PEER_GROUP, origin_of(cl, j), 0});
	if (origin != 0 && !was_cloned(cl, j, origin))
		app_warn(cl->app, "%s was a basic group at first: what was said in it until then is in %lld, and is not "
			 "cloned with it: clone that one first, into the same target", j->source.title,
			 (long long)origin);
}

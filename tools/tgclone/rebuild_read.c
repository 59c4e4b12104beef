/*
 * The target comes before the source: in a forum its service messages tell which topics the account made,
 * and by what title. A message is a candidate when it is the account's own, or in a channel anybody's,
 * and no ledger of another job names it.
 */
#include "tools/tgclone/rebuild_read.h"

#include "tools/tgclone/forum.h"
#include "tools/tgclone/pages.h"
#include "tools/tgclone/talk.h"

#include <stdlib.h>

enum {
	TITLE_MAX = 512,
	SPOILT_MAX = 3, /* answers, until the history alone tells */
	WAIT_LEAST_S = 2,
	WAIT_MOST_S = 60, /* what a conversion takes is only estimated */
};

static const uint64_t SECOND = 1000000000;

struct titled {
	int32_t id, other; /* of a source's topic: the target's; of a target's: 1, when it is taken */
	uint32_t len;
	uint8_t title[TITLE_MAX];
};

struct titles {
	struct titled *at;
	uint32_t count, room;
};

struct look {
	struct client *cl;
	const struct job *job;
	struct rebuild *r;
	struct titles source, made; /* made: by the account, in the target; one of two titles is there twice */
	struct titles there;	    /* all of the target's, as they are called now */
	struct job_others others;
	bool full;
};

/* Of two copies of the same messages each is told by the ledger of the other. */
static int check_generations(struct look *l)
{
	uint32_t last = l->job->ledger_job.generation;

	for (uint32_t g = 1; g < last && g < JOB_GENERATIONS; g++)
		if ((l->others.generations >> g & 1) == 0)
			return app_fail(l->cl->app, EXIT_USAGE,
					"there is no ledger of generation %u, whose copies look like those of %u: "
					"rebuild --generation %u first", g, last, g);
	return 0;
}

/* ---- topics ---- */

static bool add_title(struct titles *t, int32_t id, struct cspan title)
{
	struct titled *out;

	if (t->count == t->room) {
		uint32_t room = t->room > 0 ? 2 * t->room : 64;
		void *more = realloc(t->at, room * sizeof(t->at[0]));

		if (more == NULL)
			return false;
		t->at = more;
		t->room = room;
	}
	out = &t->at[t->count++];
	*out = (struct titled){.id = id, .len = (uint32_t)(title.len < TITLE_MAX ? title.len : TITLE_MAX)};
	if (out->len > 0)
		memcpy(out->title, title.at, out->len);
	return true;
}

static void keep_topic(void *ctx, const struct tl_obj *t)
{
	struct look *l = ctx;

	l->full |= !add_title(&l->source, tl_int(t, TLF_id), tl_bytes(t, TLF_title));
}

static void keep_there(void *ctx, const struct tl_obj *t)
{
	struct look *l = ctx;

	l->full |= !add_title(&l->there, tl_int(t, TLF_id), tl_bytes(t, TLF_title));
	if (tl_flag(t, TLF_my))
		l->full |= !add_title(&l->made, tl_int(t, TLF_id), tl_bytes(t, TLF_title));
}

static int by_topic(const void *a, const void *b)
{
	const struct titled *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static bool is_there(const struct look *l, int32_t id)
{
	struct titled key = {.id = id};

	return l->there.count > 0 &&
	       bsearch(&key, l->there.at, l->there.count, sizeof(key), by_topic) != NULL;
}

/* Topics of the same title were made in the order of the source's (as in engine/clone/topics.c). */
static int32_t claim(struct look *l, const struct titled *source)
{
	int32_t id = 0;

	for (uint32_t i = 0; i < l->made.count && id == 0; i++) {
		const struct titled *t = &l->made.at[i];

		if (t->other == 0 && t->len == source->len && is_there(l, t->id) &&
		    memcmp(t->title, source->title, t->len) == 0)
			id = t->id;
	}
	for (uint32_t i = 0; i < l->made.count; i++)
		l->made.at[i].other |= l->made.at[i].id == id;
	return id;
}

static void sort_titles(struct titles *t)
{
	if (t->count > 0)
		qsort(t->at, t->count, sizeof(t->at[0]), by_topic);
}

static bool maps_topics(const struct job *j)
{
	return j->source.forum && j->target.forum && j->source_topic == 0 && j->target_topic == 0;
}

static int read_topics(struct look *l)
{
	int code = forum_topics(l->cl, &l->job->target, keep_there, l);
	struct rebuild *r = l->r;

	if (code == 0)
		code = forum_topics(l->cl, &l->job->source, keep_topic, l);
	if (code != 0)
		return code;
	r->topics = calloc(l->source.count + 1, sizeof(r->topics[0]));
	if (l->full || r->topics == NULL)
		return app_fail(l->cl->app, EXIT_LATER, "no memory for the topics");
	sort_titles(&l->source);
	sort_titles(&l->made);
	sort_titles(&l->there);
	for (uint32_t i = 0; i < l->source.count; i++) {
		int32_t id = l->source.at[i].id;

		if (r->topic_count > 0 && r->topics[r->topic_count - 1].source == id)
			continue;
		r->topics[r->topic_count++] = (struct rebuild_topic){
			.source = id, .target = id == 1 ? 1 : claim(l, &l->source.at[i])};
	}
	return 0;
}

/* ---- messages ---- */

static bool is_own(const struct look *l, const struct message *m)
{
	return m->out || l->job->target.peer.kind == PEER_SELF;
}

static bool take_target(struct look *l, const struct message *m)
{
	const struct tl_obj *action = m->service ? tl_sub(m->obj, TLF_action) : NULL;

	l->r->end = m->id > l->r->end ? m->id : l->r->end;
	if (m->empty || !is_own(l, m))
		return true;
	if (tl_cons(action) == TLC_messageActionTopicCreate)
		return add_title(&l->made, m->id, tl_bytes(action, TLF_title));
	return m->service || job_others_have(&l->others, m->id) || rebuild_add_target(l->r, m);
}

static int no_memory(struct look *l)
{
	return app_fail(l->cl->app, EXIT_LATER,
			"--memory %lld MB does not hold the messages of both chats (%u of %s and %u of %s were read; "
			"500 MB hold some 1.4 million of each)",
			(long long)(app_options(l->cl->app)->memory >> 20), l->r->target.count, l->job->target.title,
			l->r->source.count, l->job->source.title);
}

/* When the next of what the server converts first will be posted; 0: nothing waits there. */
static int32_t due_of(const struct look *l, const struct tl_obj *answer)
{
	struct tl_vec list = tl_vec(answer, TLF_messages);
	int32_t due = 0;

	for (uint32_t i = 0; i < list.count; i++) {
		const struct tl_obj *obj = tl_vec_obj(list, i);
		struct message m;

		message_read(obj, l->job->target.forum, &m);
		if (!m.empty && !m.service && is_own(l, &m) && tl_flag(obj, TLF_video_processing_pending) &&
		    (due == 0 || m.date < due))
			due = m.date;
	}
	return due;
}

/*
 * A copy may stand among what the server posts when it is converted, and in no history (engine/clone/post_scheduled.c):
 * it is waited for, before the history is read. Who may not ask has the history alone.
 */
static int await_converted(struct look *l)
{
	struct client *cl = l->cl;
	enum client_status status;
	uint32_t spoilt = 0;
	int32_t due = 1;

	if (l->job->target.peer.kind != PEER_CHANNEL)
		return 0;
	do {
		const struct tl_obj *answer = NULL;
		int64_t left;

		client_fresh(cl);
		status = client_ask(cl, TLC_messages_getScheduledHistory,
				    ask_scheduled(&cl->arena, l->job->target.peer), &answer);
		if (status == CLIENT_REFUSED || (status == CLIENT_UNREAD && ++spoilt >= SPOILT_MAX))
			return 0;
		due = status == CLIENT_OK ? due_of(l, answer) : status == CLIENT_UNREAD ? 1 : 0;
		left = due - net_server_time(cl->net);
		left = left < WAIT_LEAST_S ? WAIT_LEAST_S : left > WAIT_MOST_S ? WAIT_MOST_S : left;
		if (due != 0)
			status = client_wait(cl, (uint64_t)left * SECOND, "the server converts a video first");
	} while (status == CLIENT_OK && due != 0);
	if (status == CLIENT_REFUSED) /* longer than --max-wait */
		return app_fail(cl->app, EXIT_LATER, "%s: the server converts a video first: run again later",
				l->job->target.title);
	return status == CLIENT_OK ? 0 : client_fail(cl, status, l->job->target.title);
}

static int read_target(struct look *l, struct pages *p)
{
	int code;

	app_note(l->cl->app, "reading %s", l->job->target.title);
	pages_start(p, l->cl, &l->job->target, l->job->target_topic, 0, 0);
	while ((code = pages_next(p)) == 0 && p->count > 0)
		for (uint32_t i = 0; i < p->count; i++)
			if (!(p->unread ? job_others_have(&l->others, p->msgs[i].id) ||
						  rebuild_add_unread_target(l->r, p->msgs[i].id)
					: take_target(l, &p->msgs[i])))
				return no_memory(l);
	return code;
}

/* All of it: another clone may have sent what this range leaves out. */
static int read_source(struct look *l, struct pages *p)
{
	int code;

	app_note(l->cl->app, "reading %s", l->job->source.title);
	pages_start(p, l->cl, &l->job->source, l->job->source_topic, 0, 0);
	while ((code = pages_next(p)) == 0 && p->count > 0)
		for (uint32_t i = 0; i < p->count; i++)
			if (!(p->unread ? rebuild_add_unread(l->r, p->msgs[i].id)
					: rebuild_add_source(l->r, &p->msgs[i])))
				return no_memory(l);
	return code;
}

int rebuild_read(struct client *cl, const struct job *j, struct rebuild *r)
{
	struct pages *p = calloc(1, sizeof(*p));
	struct look l = {.cl = cl, .job = j, .r = r, .others = {.cl = cl, .job = j}};
	int code = p == NULL ? app_fail(cl->app, EXIT_LATER, "no memory for a page") : job_others_read(&l.others);

	r->plan = j->plan;
	r->target_is_self = j->target.peer.kind == PEER_SELF;
	r->target_is_forum = j->target.forum;
	r->topic = j->target_topic;
	r->from_id = (int32_t)app_options(cl->app)->from_id;
	if (code == 0)
		code = check_generations(&l);
	if (code == 0)
		code = await_converted(&l);
	if (code == 0)
		code = read_target(&l, p);
	if (code == 0 && maps_topics(j))
		code = read_topics(&l);
	if (code == 0)
		code = read_source(&l, p);
	job_others_close(&l.others);
	free(l.source.at);
	free(l.made.at);
	free(l.there.at);
	free(p);
	return code;
}

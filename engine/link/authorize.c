/*
 * Being logged in at the other data centres (api.md 2): the home DC exports the authorization, the
 * other one imports it. Once per DC and key; the bytes are good for one use. Until then the
 * questions for that DC wait in their lanes.
 *
 *   NONE -> EXPORTING (main session at home) -> HAVE -> IMPORTING (any link there) -> done
 *    ^------------- refused, lost, later ------------------'
 */
#include "engine/link/net_priv.h"

#include "proto/wire/tl.h"

#include <stdio.h>
#include <string.h>

enum {
	ID_EXPORT = (int)0xe5bfffcdu,
	ID_EXPORTED = (int)0xb434e2b8u,
	ID_IMPORT = (int)0xa57a7dadu,
};

bool authorize_lives(const struct centre *c)
{
	struct centre *home = net_home(c->net);

	return home != NULL && home != c && home->dc->authorized && !c->net->dead;
}

bool authorize_needed(const struct centre *c)
{
	struct centre *home = net_home(c->net);

	return home != NULL && home != c && home->dc->authorized && !c->dc->authorized;
}

static struct centre *of(struct question *q)
{
	return container_of(q, struct centre, importer);
}

static bool has_work(const struct centre *c)
{
	for (const struct lane *lane = c->lanes; lane < lane_end(c); lane++)
		if (lane->waiting_count > 0)
			return true;
	return false;
}

static void start_export(struct centre *c)
{
	struct question *q = &c->importer;
	struct tl_writer w;
	struct buf *b;

	question_init(q, QUESTION_EXPORT, net_home(c->net), NET_MAIN);
	b = question_memory(q, 8);
	tl_writer_init(&w, (struct span){buf_put(b, 8), 8});
	tl_write_u32(&w, (uint32_t)ID_EXPORT);
	tl_write_u32(&w, c->dc->id);
	c->import = IMPORT_EXPORTING;
	question_wait(q, true);
	CRASH_POINT("link.export.asked");
}

static struct link *ready_link(struct centre *c)
{
	for (struct lane *lane = c->lanes; lane < lane_end(c); lane++)
		for (struct link *l = lane->links; l < link_end(lane); l++)
			if (l->state == LINK_READY)
				return l;
	return NULL;
}

static void start_import(struct centre *c, struct link *l)
{
	struct question *q = &c->importer;
	struct tl_writer w;
	struct buf *b;

	question_init(q, QUESTION_IMPORT, c, l->lane);
	b = question_memory(q, SMALL_QUERY);
	tl_writer_init(&w, (struct span){buf_at(b), SMALL_QUERY});
	tl_write_u32(&w, (uint32_t)ID_IMPORT);
	tl_write_u64(&w, (uint64_t)c->import_id);
	tl_write_bytes(&w, cspan_of(c->import_bytes, c->import_len));
	check(!w.full);
	buf_put(b, (uint32_t)tl_written(&w));
	c->import = IMPORT_IMPORTING;
	question_assign(q, l);
	CRASH_POINT("link.import.asked");
}

/* The new home is logged in: from here on it is the home, in one change of the account. */
static void settle_home(struct net *n)
{
	struct centre *to = n->moving;

	n->moving = NULL;
	net_log(n, 1, "the account lives at DC %u now", to->dc->id);
	net_notice(n, to->dc->id, "the account moved to data centre %u", to->dc->id);
	net_set_home(n, to->dc->id);
}

void net_move_home(struct net *n, struct centre *to)
{
	if (to == net_home(n))
		return; /* moved meanwhile */
	n->moving = to;
	if (to->dc->authorized)
		settle_home(n);
}

void authorize_step(struct centre *c)
{
	struct link *l;

	if (c->net->moving == c && c->dc->authorized)
		settle_home(c->net);
	if (!authorize_needed(c))
		return;
	if (c->net->o.follows && !c->lent_due) {
		centre_fail_asked(c, NET_NO_LOGIN, "the data centre does not know the login");
		return;
	}
	if (c->net->o.follows)
		return;
	if (c->import == IMPORT_NONE && has_work(c) && c->net->now >= c->import_ns)
		start_export(c);
	if (c->import == IMPORT_HAVE && (l = ready_link(c)) != NULL)
		start_import(c, l);
}

uint64_t authorize_due(const struct centre *c)
{
	if (!authorize_needed(c) || c->import != IMPORT_NONE || !has_work(c))
		return UINT64_MAX;
	return c->import_ns;
}

/* ---- answers ---- */

static void took_export(struct centre *c, struct cspan body)
{
	struct cspan bytes;
	struct tl_reader r;

	tl_reader_init(&r, body);
	if (tl_read_u32(&r) != (uint32_t)ID_EXPORTED)
		tl_fail(&r, TL_TYPE);
	c->import_id = (int64_t)tl_read_u64(&r);
	bytes = tl_read_bytes(&r);
	if (!tl_ok(&r) || bytes.len > IMPORT_BYTES_MAX) {
		authorize_error(&c->importer, -1,
				"auth.exportAuthorization: an answer that cannot be");
		return;
	}
	memcpy(c->import_bytes, bytes.at, bytes.len);
	c->import_len = (uint32_t)bytes.len;
	c->import = IMPORT_HAVE;
	CRASH_POINT("link.export.got");
}

void authorize_answer(struct question *q, struct cspan body)
{
	struct centre *c = of(q);

	if (q->kind == QUESTION_EXPORT) {
		took_export(c, body);
		return;
	}
	bytes_wipe(c->import_bytes, sizeof(c->import_bytes));
	c->import = IMPORT_NONE;
	c->import_fails = 0;
	CRASH_POINT("link.import.got");
	c->dc->authorized = true;
	CRASH_POINT("link.import.kept");
	c->net->changed = true;
	net_log(c->net, 2, "DC %u: logged in", c->dc->id);
}

void authorize_error(struct question *q, int32_t code, const char *text)
{
	struct centre *c = of(q);
	uint64_t wait = answer_told_wait(text);
	char line[TEXT_MAX];

	c->import = IMPORT_NONE;
	net_log(c->net, 1, "DC %u: login there refused: %d %s", c->dc->id, (int)code, text);
	if (wait == 0 && ++c->import_fails >= IMPORTS_MAX) {
		c->import_fails = 0;
		/* No word of the server about what was asked: as when it cannot be reached. */
		snprintf(line, sizeof(line), "login at DC %u is refused: %.80s", c->dc->id, text);
		centre_fail_waiting(c, -1, line);
	}
	c->import_ns = c->net->now + (wait != 0 ? wait : IMPORT_AGAIN << c->import_fails);
}

void authorize_lost(struct question *q)
{
	struct centre *c = of(q);

	/* Whether the bytes were used up nobody knows: they are asked for again. */
	c->import = IMPORT_NONE;
}

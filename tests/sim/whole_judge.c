/* See whole_judge.h. */
#include "tests/sim/whole_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void judge_begin(struct judge *j, const struct scenario *s, struct telegram *t)
{
	uint32_t n;

	j->s = s;
	j->telegram = t;
	j->source = telegram_posted(t, 0, &n);
	for (uint32_t i = 0; i < n; i++)
		if (s->source_topic == 0 || j->source[i].topic == s->source_topic)
			j->source[j->source_count++] = j->source[i];
}

void judge_rare(struct judge *j, int32_t id)
{
	check(j->rare_count < WHOLE_RARE);
	j->rare[j->rare_count++] = id;
}

/* ---- canonical lines ---- */

/* The n-th line of a dump that is a message; NULL: there is none. */
static const char *message_line(const char *dump, uint32_t n)
{
	for (const char *at = dump; *at != '\0'; at = strchr(at, '\n') + 1)
		if (strncmp(at, "{\"n\":", 5) == 0 && n-- == 0)
			return at;
	return NULL;
}

static size_t skip_to(const char *at, char end)
{
	return (size_t)(strchr(at, end) - at);
}

/* Without ordinals, and without what is told by ids: its album and what it answers. */
static void plain_line(const char *line, bool topics, char *out, size_t size)
{
	size_t n = 0;

	while (*line != '\n' && *line != '\0') {
		if (strncmp(line, "{\"n\":", 5) == 0)
			line += 5 + skip_to(line + 5, ',');
		else if (!topics && strncmp(line, "\"topic\":\"", 9) == 0)
			line += 9 + skip_to(line + 9, '"') + 2; /* and the comma */
		else if (strncmp(line, ",\"album\":", 9) == 0)
			line += 9 + strspn(line + 9, "0123456789");
		else if (strncmp(line, ",\"reply\":{", 10) == 0)
			line += 10 + skip_to(line + 10, '}') + 1;
		else {
			check(n + 1 < size);
			out[n++] = *line++;
		}
	}
	out[n] = '\0';
}

static bool same_line(const struct judge *j, const char *a, const char *b)
{
	static char x[65536], y[65536];

	plain_line(a, j->s->source_topic == 0, x, sizeof(x));
	plain_line(b, j->s->source_topic == 0, y, sizeof(y));
	return strcmp(x, y) == 0;
}

static void keep_version(struct judge *j, int32_t id)
{
	uint32_t lines, count;
	char *dump = telegram_dump(j->telegram, 0, &lines);
	struct posted *all = telegram_posted(j->telegram, 0, &count);

	for (uint32_t i = 0; i < count; i++) {
		const char *line = all[i].id == id ? message_line(dump, i) : NULL;

		if (line != NULL && j->version_count < JUDGE_VERSIONS)
			j->versions[j->version_count++] = (struct version){id, strndup(line, skip_to(line, '\n'))};
	}
	free(all);
	free(dump);
}

/* ---- what happened meanwhile ---- */

/* What it was before an edit has to be known; the same deed finds the same message. */
static void keep_before(struct judge *j, const struct deed *d)
{
	int32_t id = telegram_picks(j->telegram, d);

	if (id != 0)
		keep_version(j, id);
}

bool judge_deed(struct judge *j, const struct deed *d)
{
	int32_t id;

	if (d->kind == DEED_EDIT || d->kind == DEED_MEDIA)
		keep_before(j, d);
	if (!telegram_deed(j->telegram, d, &id))
		return false;
	if (d->kind == DEED_DELETE)
		j->gone[j->gone_count++] = id;
	if ((d->kind == DEED_NEW || d->kind == DEED_TOPIC) && j->s->source_topic == 0)
		j->fresh[j->fresh_count++] = id;
	if (d->kind == DEED_REMOVE)
		j->removed[j->removed_count++] = id;
	return true;
}

static bool is_among(const int32_t *list, uint32_t count, int32_t id)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

/* ---- the judgement ---- */

struct look {
	struct judge *j;
	struct client *c;
	struct ledger_job job;
	struct ledger_late late;
	struct posted *source, *target;
	uint32_t source_count, target_count;
	const char *source_lines, *target_lines;
	int32_t last[LEDGER_LATE_MAX + 1];
};

static bool bad(struct look *l, int32_t id, const char *what, const struct ledger_row *row)
{
	snprintf(l->j->why, sizeof(l->j->why), "message %d: %s (row state %d, target %d, \"%s\")", id, what,
		 row != NULL ? (int)row->state : -1, row != NULL ? row->target_id : 0,
		 row != NULL ? row->reason : "");
	return false;
}

static uint32_t place_of(const struct posted *all, uint32_t count, int32_t id)
{
	uint32_t i = 0;

	while (i < count && all[i].id != id)
		i++;
	return i;
}

/* Copies of it that are there; *at: of the last one, its place. */
static uint32_t copies_of(const struct look *l, int32_t id, uint32_t *at)
{
	int64_t random_id = ledger_random_id(&l->job, id, 0);
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->target_count; i++) {
		if (l->target[i].random_id != random_id)
			continue;
		*at = i;
		n++;
	}
	return n;
}

/* Nothing is said to be lost of it. */
static bool is_whole(const struct ledger_row *row)
{
	return row->reason[0] == '\0' || strcmp(row->reason, "found in the target") == 0;
}

static bool was_edited(const struct judge *j, int32_t id)
{
	for (uint32_t i = 0; i < j->version_count; i++)
		if (j->versions[i].id == id)
			return true;
	return false;
}

static bool says_so(const struct look *l, int32_t id, uint32_t copy)
{
	uint32_t at = place_of(l->source, l->source_count, id);
	const char *line = message_line(l->target_lines, copy);

	if (at < l->source_count && same_line(l->j, message_line(l->source_lines, at), line))
		return true;
	for (uint32_t i = 0; i < l->j->version_count; i++)
		if (l->j->versions[i].id == id && same_line(l->j, l->j->versions[i].line, line))
			return true;
	/* Of what is gone nobody knows what it said. */
	if (at == l->source_count && !was_edited(l->j, id))
		return true;
	if (at < l->source_count)
		printf("source: %.*s\n", (int)skip_to(message_line(l->source_lines, at), '\n'),
		       message_line(l->source_lines, at));
	printf("target: %.*s\n", (int)skip_to(line, '\n'), line);
	return false;
}

static bool judge_skipped(struct look *l, int32_t id, const struct ledger_row *row, uint32_t copies)
{
	l->j->skipped++;
	/* Gone, and executed late: nobody can know that. */
	if (copies > 0 && !(l->j->s->late && is_among(l->j->gone, l->j->gone_count, id)))
		return bad(l, id, "skipped, and it is there", row);
	if (is_among(l->j->gone, l->j->gone_count, id) || is_among(l->j->rare, l->j->rare_count, id) ||
	    is_among(l->j->removed, l->j->removed_count,
		     telegram_made(l->j->telegram, ledger_random_id(&l->job, id, 0))))
		return true;
	return bad(l, id, "skipped without a reason to", row);
}

/* An answer, where nothing else is said of it, answers the copy of what the message answers. */
static bool judge_reply(struct look *l, int32_t id, const struct ledger_row *row, const struct posted *copy)
{
	uint32_t at = place_of(l->source, l->source_count, id), to, parent;
	struct ledger_row answered;

	if (at == l->source_count || l->j->removed_count > 0)
		return true;
	to = place_of(l->source, l->source_count, l->source[at].reply_to);
	if (to == l->source_count || !is_whole(row) ||
	    (l->j->s->source_topic != 0 && l->source[to].topic != l->j->s->source_topic))
		return true;
	if (!ledger_find(l->c->ledger, l->source[to].id, &answered))
		return bad(l, id, "what it answers has no row", row);
	if (copies_of(l, l->source[to].id, &parent) == 0 || copy->reply_to != answered.target_id)
		return bad(l, id, "it answers another message, or none", row);
	return true;
}

static bool judge_done(struct look *l, int32_t id, const struct ledger_row *row, uint32_t copies, uint32_t copy)
{
	int32_t made = telegram_made(l->j->telegram, ledger_random_id(&l->job, id, 0));
	uint32_t late = ledger_lateness(&l->late, row);

	if (made == 0)
		return bad(l, id, "called cloned, and it never was sent", row);
	if (copies == 0 && !is_among(l->j->removed, l->j->removed_count, made))
		return bad(l, id, "called cloned, and it is not there", row);
	if (row->target_id != (copies > 0 ? l->target[copy].id : made))
		return bad(l, id, "its row names another copy", row);
	l->j->late += late > 0;
	/* What was gone when a forward of many came to it, and is sent by itself then, has no place any more. */
	if (is_among(l->j->gone, l->j->gone_count, id))
		return true;
	if (row->target_id <= l->last[late] && !l->j->s->unordered)
		return bad(l, id, "it stands in front of the one before it", row);
	l->last[late] = row->target_id;
	l->j->noted += !is_whole(row);
	if (copies == 0)
		return true;
	l->j->came_out += l->target[copy].came_out && !is_whole(row);
	if (is_whole(row) && !says_so(l, id, copy))
		return bad(l, id, "the copy says something else", row);
	return judge_reply(l, id, row, &l->target[copy]);
}

static bool judge_one(struct look *l, int32_t id)
{
	struct ledger_row row;
	uint32_t at = 0, copies = copies_of(l, id, &at);

	if (copies > 1)
		return bad(l, id, "it is there twice", NULL);
	if (!ledger_find(l->c->ledger, id, &row))
		return (copies == 0 && is_among(l->j->gone, l->j->gone_count, id)) ||
		       bad(l, id, "it has no row", NULL);
	if (row.state == ROW_SKIPPED)
		return judge_skipped(l, id, &row, copies);
	if (row.state != ROW_DONE)
		return bad(l, id, "it came to no end", &row);
	return judge_done(l, id, &row, copies, at);
}

/* Where nothing is said of it, an album is one album. */
static bool judge_albums(struct look *l)
{
	for (uint32_t i = 1; i < l->j->source_count; i++) {
		const struct posted *a = &l->j->source[i - 1], *b = &l->j->source[i];
		struct ledger_row x, y;
		uint32_t p = 0, q = 0;

		if (b->grouped_id == 0 || a->grouped_id != b->grouped_id || copies_of(l, a->id, &p) == 0 ||
		    copies_of(l, b->id, &q) == 0 || !ledger_find(l->c->ledger, a->id, &x) ||
		    !ledger_find(l->c->ledger, b->id, &y) || !is_whole(&x) || !is_whole(&y) ||
		    is_among(l->j->gone, l->j->gone_count, a->id) || is_among(l->j->gone, l->j->gone_count, b->id))
			continue;
		if (l->target[p].grouped_id == 0 || l->target[p].grouped_id != l->target[q].grouped_id)
			return bad(l, b->id, "its album is torn", &y);
	}
	return true;
}

static bool judge_all(struct look *l)
{
	uint32_t ours = 0, seen = 0, at;

	for (uint32_t i = 0; i < l->target_count; i++)
		ours += l->target[i].random_id != 0;
	for (uint32_t i = 0; i < l->j->source_count; i++) {
		if (!judge_one(l, l->j->source[i].id))
			return false;
		seen += copies_of(l, l->j->source[i].id, &at);
	}
	for (uint32_t i = 0; i < l->j->fresh_count; i++) {
		if (!judge_one(l, l->j->fresh[i]))
			return false;
		seen += copies_of(l, l->j->fresh[i], &at);
	}
	if (seen != ours)
		return bad(l, 0, "something was sent that nobody said", NULL);
	return judge_albums(l);
}

/* For whoever has to find out why. */
static void print_all(const struct look *l)
{
	struct ledger_row row;

	for (int32_t after = 0; ledger_scan(l->c->ledger, after, &row, 1) == 1; after = row.source_id)
		printf("  row %d state %d -> %d late %u by %s \"%s\"; made %d\n", row.source_id, (int)row.state,
		       row.target_id, ledger_lateness(&l->late, &row), plan_mode_name((enum plan_mode)row.mode),
		       row.reason, telegram_made(l->j->telegram, ledger_random_id(&l->job, row.source_id, 0)));
}

const char *judge_end(struct judge *j, struct client *c, const char *source, const char *target)
{
	struct look l = {.j = j, .c = c, .source_lines = source, .target_lines = target};
	bool good;

	ledger_job(c->ledger, &l.job);
	ledger_late(c->ledger, &l.late);
	l.source = telegram_posted(j->telegram, 0, &l.source_count);
	l.target = telegram_posted(j->telegram, 1, &l.target_count);
	j->skipped = j->late = j->noted = j->came_out = 0;
	good = judge_all(&l);
	if (!good)
		print_all(&l);
	free(l.source);
	free(l.target);
	return good ? NULL : j->why;
}

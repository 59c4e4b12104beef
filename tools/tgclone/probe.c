/*
 * The probe from the user's word to the table: consent first, chats of its own, the questions, and the
 * chats away again whatever happened. Owns the struct and the counting of rows.
 */
#include "tools/tgclone/probe_priv.h"

#include "tools/tgclone/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- for the other files ---- */

void probe_tell(struct probe *p, const char *what, const char *where, enum probe_view view,
		const char *verdict, const char *text)
{
	static const char *const views[] = {"as counted on", "OTHERWISE", "not tested"};
	struct app *app = p->cl.app;

	p->as_expected += view == PROBE_EXPECTED;
	p->otherwise += view == PROBE_OTHERWISE;
	p->untested += view == PROBE_UNTESTED;
	if (app_options(app)->json)
		app_json(app, json_pack("{s:s, s:s, s:s, s:s, s:b, s:o}", "event", "probe", "what", what,
					"where", where, "verdict", verdict, "as_counted_on",
					view == PROBE_EXPECTED, "text", app_text(text)));
	else
		app_say(app, "%-26s %-12s %-14s %s", what, where, views[view], text);
}

enum client_status probe_ask_at(struct probe *p, uint16_t dc, enum tlc method,
				const struct tl_obj *query, const struct tl_obj **answer)
{
	enum client_status status = p->ended;

	if (status == CLIENT_OK)
		status = client_try(&p->cl, dc, method, query, answer);
	if (status != CLIENT_OK && status != CLIENT_REFUSED)
		p->ended = status;
	return status;
}

int64_t probe_random(struct probe *p)
{
	int64_t n;

	ring_random(p->cl.ring, &n, sizeof(n));
	return n != 0 ? n : 1;
}

/* ---- consent ---- */

static int consent(struct app *app)
{
	const struct options *o = app_options(app);
	char word[PROMPT_MAX];
	int rc;

	if (!o->test && o->dc_config == NULL)
		return app_fail(app, EXIT_USAGE,
				"probe writes messages: it runs on test servers (--test) or a simulator "
				"(--dc-config) only");
	if (o->yes)
		return 0;
	if (!app_is_tty(app))
		return app_fail(app, EXIT_USAGE,
				"probe writes messages: say --yes where nobody can be asked");
	rc = prompt_line("Make four chats called \"tgclone probe\" with this account, write into them "
			 "and delete them? [y/N] ",
			 false, word, sizeof(word));
	if (rc != 0 || (word[0] != 'y' && word[0] != 'Y'))
		return app_fail(app, EXIT_USAGE, "probe: nothing was done");
	return 0;
}

/* ---- the questions ---- */

/* The first chat that could be made: questions that are not about kinds of chats. */
static const struct probe_chat *any_chat(const struct probe *p)
{
	for (uint32_t i = 0; i < PROBE_CHATS; i++)
		if (p->chats[i].ready)
			return &p->chats[i];
	return NULL;
}

static void wait_out(struct probe *p)
{
	uint64_t until = p->began_ns + (uint64_t)app_options(p->cl.app)->probe_wait_ns;
	struct net_event ev;

	if (p->ended == CLIENT_OK && ring_now(p->cl.ring) < until)
		app_note(p->cl.app, "waiting %llu s (--probe-wait) before half an upload is looked at",
			 (unsigned long long)((until - ring_now(p->cl.ring)) / 1000000000 + 1));
	while (p->ended == CLIENT_OK && ring_now(p->cl.ring) < until) {
		while (net_next(p->cl.net, &ev))
			client_heard(&p->cl, &ev);
		if (p->cl.signal_got != 0)
			p->ended = CLIENT_STOPPED;
		else if (client_turn(&p->cl, until) != 0)
			p->ended = CLIENT_GONE;
	}
}

static void ask_all(struct probe *p)
{
	const struct probe_chat *any;

	probe_chats_make(p);
	any = any_chat(p);
	if (any == NULL)
		return;
	p->began_ns = ring_now(p->cl.ring);
	probe_lifetimes_begin(p, any);
	for (uint32_t i = 0; i < PROBE_CHATS; i++)
		if (p->chats[i].ready)
			probe_random_ids(p, &p->chats[i]);
	probe_media_order(p, any);
	probe_hashes(p, any);
	wait_out(p);
	probe_lifetimes_end(p, any);
}

static int summary(struct probe *p)
{
	struct app *app = p->cl.app;

	if (app_options(app)->json)
		app_json(app, json_pack("{s:s, s:i, s:i, s:i}", "event", "probed", "as_counted_on",
					(int)p->as_expected, "otherwise", (int)p->otherwise, "untested",
					(int)p->untested));
	else
		app_say(app, "%u as counted on, %u otherwise, %u not tested", p->as_expected,
			p->otherwise, p->untested);
	return p->otherwise + p->untested > 0 ? EXIT_SKIPPED : EXIT_COMPLETE;
}

static int run(struct probe *p, struct app *app)
{
	int code = client_open(&p->cl, app, false, true), left;

	if (code != 0)
		return code;
	ask_all(p);
	if (p->ended != CLIENT_OK)
		code = client_fail(&p->cl, p->ended, "probe");
	left = probe_chats_remove(p);
	if (code == 0)
		code = left;
	return code == 0 ? summary(p) : code;
}

int probe_run(struct app *app)
{
	struct probe *p;
	int code = consent(app);

	if (code != 0)
		return code;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return app_fail(app, EXIT_LATER, "no memory for the probe");
	code = run(p, app);
	client_close(&p->cl);
	free(p);
	return code;
}

/* chats and topics: what there is, with the ids that clone takes. */
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/talk.h"
#include "tools/tgclone/client.h"
#include "tools/tgclone/forum.h"
#include "tools/tgclone/resolve.h"

#include <stdio.h>

/* As many as --limit wants. */
struct listing {
	struct app *app;
	uint64_t shown;
};

static bool is_full(const struct listing *l)
{
	uint64_t limit = (uint64_t)app_options(l->app)->limit;

	return limit != 0 && l->shown >= limit;
}

static bool print_chat(void *ctx, const struct chat_info *c)
{
	struct listing *l = ctx;
	struct app *app = l->app;

	l->shown++;
	if (app_options(app)->json) {
		app_json(app, json_pack("{s:s, s:I, s:s, s:o, s:o, s:b, s:b}", "event", "chat", "id",
					(json_int_t)peer_marked(c->peer), "kind", chat_kind_name(c),
					"title", app_text(c->title), "username", app_text(c->username),
					"forum", c->forum, "protected", c->noforwards));
		return is_full(l);
	}
	app_say(app, "%15lld  %-10s %-9s %s%s%s", (long long)peer_marked(c->peer), chat_kind_name(c),
		c->noforwards ? "protected" : "", c->title, c->username[0] != '\0' ? "  @" : "",
		c->username);
	return is_full(l);
}

int cmd_chats(struct app *app, int argc, char **argv)
{
	struct listing l = {.app = app};
	struct client cl;
	int code = client_open(&cl, app, false, true);

	(void)argc, (void)argv;
	if (code == 0)
		code = resolve_dialogs(&cl, print_chat, &l);
	client_close(&cl);
	return code;
}

static void print_topic(void *ctx, const struct tl_obj *t)
{
	struct cspan title = tl_bytes(t, TLF_title);
	struct listing *l = ctx;
	struct app *app = l->app;

	if (is_full(l))
		return;
	l->shown++;
	if (app_options(app)->json)
		app_json(app, json_pack("{s:s, s:i, s:o, s:b, s:b}", "event", "topic", "id",
					tl_int(t, TLF_id), "title", app_text_of(title), "closed",
					tl_flag(t, TLF_closed), "pinned", tl_flag(t, TLF_pinned)));
	else
		app_say(app, "%8d  %.*s%s", tl_int(t, TLF_id), (int)title.len, (const char *)title.at,
			tl_flag(t, TLF_closed) ? "  (closed)" : "");
}

int cmd_topics(struct app *app, int argc, char **argv)
{
	struct listing l = {.app = app};
	struct chat_info chat;
	struct client cl;
	int32_t topic;
	int code;

	(void)argc, (void)argv;
	code = client_open(&cl, app, false, true);
	if (code == 0)
		code = resolve_chat(&cl, app_options(app)->args[0], &chat, &topic);
	if (code == 0 && !chat.forum) {
		app_error(app, "%s is no forum (%s): it has no topics", chat.title,
			  chat_kind_name(&chat));
		code = EXIT_USAGE;
	}
	if (code == 0)
		code = forum_topics(&cl, &chat, print_topic, &l);
	client_close(&cl);
	return code;
}

/* chats and topics: what there is, with the ids that clone takes. */
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/talk.h"
#include "tools/tgclone/client.h"
#include "tools/tgclone/forum.h"
#include "tools/tgclone/resolve.h"

#include <stdio.h>

static bool print_chat(void *ctx, const struct chat_info *c)
{
	struct app *app = ctx;

	if (app_options(app)->json) {
		app_json(app, json_pack("{s:s, s:I, s:s, s:o, s:o, s:b, s:b}", "event", "chat", "id",
					(json_int_t)peer_marked(c->peer), "kind", chat_kind_name(c),
					"title", app_text(c->title), "username", app_text(c->username),
					"forum", c->forum, "protected", c->noforwards));
		return false;
	}
	app_say(app, "%15lld  %-10s %-9s %s%s%s", (long long)peer_marked(c->peer), chat_kind_name(c),
		c->noforwards ? "protected" : "", c->title, c->username[0] != '\0' ? "  @" : "",
		c->username);
	return false;
}

int cmd_chats(struct app *app, int argc, char **argv)
{
	struct client cl;
	int code = client_open(&cl, app, false, true);

	(void)argc, (void)argv;
	if (code == 0)
		code = resolve_dialogs(&cl, print_chat, app);
	client_close(&cl);
	return code;
}

static void print_topic(void *ctx, const struct tl_obj *t)
{
	struct cspan title = tl_bytes(t, TLF_title);
	struct app *app = ctx;

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
		code = forum_topics(&cl, &chat, print_topic, app);
	client_close(&cl);
	return code;
}

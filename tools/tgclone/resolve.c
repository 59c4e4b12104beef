/*
 * Resolving: names by contacts.resolveUsername, numbers by going through the dialogs (that is where the
 * access hashes come from), invitations by checkChatInvite. Nothing is remembered between runs.
 */
#include "tools/tgclone/resolve.h"

#include "tools/tgclone/talk.h"
#include "tools/tgclone/chatref.h"

#include <stdio.h>

enum { DIALOGS_PAGE = 100, DIALOGS_PAGES_MAX = 200 };

/* The last dialog of a page, as the offset of the next (api.md 4). */
static void next_offset(const struct tl_obj *answer, struct dialog_offset *offset)
{
	struct tl_vec dialogs = tl_vec(answer, TLF_dialogs);
	struct tl_vec messages = tl_vec(answer, TLF_messages);
	const struct tl_obj *last = tl_vec_obj(dialogs, dialogs.count - 1);
	struct peer peer = peer_read(tl_sub(last, TLF_peer));
	const struct tl_obj *found = peer_find(answer, peer);
	struct chat_info info;

	offset->exclude_pinned = true;
	offset->id = tl_int(last, TLF_top_message);
	if (found != NULL && chat_info_read(found, &info))
		peer.access_hash = info.peer.access_hash;
	offset->peer = peer;
	for (uint32_t i = 0; i < messages.count; i++) {
		const struct tl_obj *m = tl_vec_obj(messages, i);

		if (tl_int(m, TLF_id) == offset->id &&
		    peer_same(peer_read(tl_sub(m, TLF_peer_id)), peer))
			offset->date = tl_int(m, TLF_date);
	}
}

/* True: each() wants no more. */
static bool give_page(const struct tl_obj *answer, bool (*each)(void *, const struct chat_info *),
		      void *ctx)
{
	struct tl_vec dialogs = tl_vec(answer, TLF_dialogs);

	for (uint32_t i = 0; i < dialogs.count; i++) {
		struct peer peer = peer_read(tl_sub(tl_vec_obj(dialogs, i), TLF_peer));
		struct chat_info info;

		if (chat_info_read(peer_find(answer, peer), &info) && each(ctx, &info))
			return true;
	}
	return false;
}

int resolve_dialogs(struct client *cl, bool (*each)(void *, const struct chat_info *), void *ctx)
{
	struct dialog_offset offset = {.peer = {PEER_NONE, 0, 0}};

	for (uint32_t page = 0; page < DIALOGS_PAGES_MAX; page++) {
		const struct tl_obj *answer;
		enum client_status status;
		struct tl_vec dialogs;
		struct dialog_offset before = offset;

		client_fresh(cl);
		status = client_ask(cl, TLC_messages_getDialogs,
				    ask_dialogs(&cl->arena, &offset, DIALOGS_PAGE), &answer);
		if (status != CLIENT_OK)
			return client_fail(cl, status, "the list of chats");
		dialogs = tl_vec(answer, TLF_dialogs);
		if (dialogs.count == 0 || give_page(answer, each, ctx) ||
		    tl_cons(answer) == TLC_messages_dialogs)
			return 0;
		next_offset(answer, &offset);
		/* Two chats may well have newest messages of the same number. */
		if (offset.id == before.id && peer_same(offset.peer, before.peer))
			return 0;
	}
	return 0;
}

struct wanted {
	struct peer peer;
	struct chat_info *out;
	bool found;
	struct chat_info alike; /* the channel of that number, if there is one */
};

static bool match(void *ctx, const struct chat_info *c)
{
	struct wanted *w = ctx;

	/* -5 may have been meant for a channel as well: only exact marked ids match. */
	w->found = peer_same(c->peer, w->peer) && !c->min;
	if (w->found)
		*w->out = *c;
	else if (c->peer.kind == PEER_CHANNEL && c->peer.id == w->peer.id)
		w->alike = *c;
	return w->found;
}

static int by_id(struct client *cl, int64_t marked, struct chat_info *info)
{
	struct wanted w = {peer_of_marked(marked), info, false, {.forbidden = false}};
	int status = resolve_dialogs(cl, match, &w);

	/* Other programs show a channel's id without the mark. It is not taken for it: a user may have that number. */
	if (status == 0 && !w.found && w.alike.peer.kind == PEER_CHANNEL) {
		app_error(cl->app, "%lld: this account has no such chat; %lld is %s", (long long)marked,
			  (long long)peer_marked(w.alike.peer), w.alike.title);
		return EXIT_UNAVAILABLE;
	}
	if (status == 0 && !w.found) {
		app_error(cl->app, "%lld: this account has no such chat (tgclone chats lists them)",
			  (long long)marked);
		return EXIT_UNAVAILABLE;
	}
	return status;
}

static int by_name(struct client *cl, struct cspan name, struct chat_info *info)
{
	const struct tl_obj *answer;
	enum client_status status;

	client_fresh(cl);
	status = client_ask(cl, TLC_contacts_resolveUsername, ask_username(&cl->arena, name), &answer);
	if (status != CLIENT_OK) {
		char what[96];

		snprintf(what, sizeof(what), "@%.*s", (int)(name.len < 64 ? name.len : 64),
			 (const char *)name.at);
		return client_fail(cl, status, what);
	}
	if (!chat_info_read(peer_find(answer, peer_read(tl_sub(answer, TLF_peer))), info)) {
		app_error(cl->app, "the server named no chat for that name");
		return EXIT_UNAVAILABLE;
	}
	return 0;
}

static int by_invite(struct client *cl, struct cspan hash, struct chat_info *info)
{
	const struct tl_obj *answer;
	enum client_status status;

	client_fresh(cl);
	status = client_ask(cl, TLC_messages_checkChatInvite, ask_check_invite(&cl->arena, hash),
			    &answer);
	if (status != CLIENT_OK)
		return client_fail(cl, status, "the invitation");
	if (tl_cons(answer) != TLC_chatInviteAlready ||
	    !chat_info_read(tl_sub(answer, TLF_chat), info)) {
		app_error(cl->app, "this account is not in that chat: join it first, then use it");
		return EXIT_UNAVAILABLE;
	}
	return 0;
}

static int by_self(struct client *cl, struct chat_info *info)
{
	const struct tl_obj *answer;
	enum client_status status;

	client_fresh(cl);
	status = client_ask(cl, TLC_users_getUsers, ask_self(&cl->arena), &answer);
	if (status != CLIENT_OK)
		return client_fail(cl, status, "the own account");
	if (!chat_info_read(tl_vec_obj(tl_vec(answer, TLF_items), 0), info)) {
		app_error(cl->app, "the server did not name the own account");
		return EXIT_UNAVAILABLE;
	}
	info->peer.kind = PEER_SELF;
	snprintf(info->title, sizeof(info->title), "Saved Messages");
	return 0;
}

int resolve_chat(struct client *cl, const char *text, struct chat_info *info, int32_t *topic)
{
	struct chatref ref;
	char why[160];
	int status = EXIT_USAGE;

	if (!chatref_parse(&ref, text, why, sizeof(why))) {
		app_error(cl->app, "%s", why);
		return EXIT_USAGE;
	}
	*topic = ref.topic;
	switch (ref.kind) {
	case CHATREF_ME:
		status = by_self(cl, info);
		break;
	case CHATREF_NAME:
		status = by_name(cl, cspan_str(ref.name), info);
		break;
	case CHATREF_ID:
		status = by_id(cl, ref.id, info);
		break;
	case CHATREF_INVITE:
		status = by_invite(cl, cspan_str(ref.hash), info);
		break;
	}
	if (status == 0 && info->forbidden) {
		app_error(cl->app, "%s: this account has no access to it", text);
		return EXIT_UNAVAILABLE;
	}
	if (status == 0 && *topic != 0 && !info->forum) {
		app_error(cl->app, "%s: %s is no forum, so no topic can be named%s", text, info->title,
			  strchr(text, '/') != NULL ? " (of a message's link: end it behind the chat)" : "");
		return EXIT_USAGE;
	}
	return status;
}

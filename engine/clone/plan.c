/* The decision table of cloning; see plan.h for what the ways can and cannot keep. */
#include "engine/clone/plan.h"

#include <stdio.h>
#include <string.h>

enum { CAPTION_MAX = 1024, CAPTION_MAX_PREMIUM = 4096 };

static const char *const mode_names[] = {"auto", "forward", "copy", "stream", "skip"};

bool plan_is_bound(const struct message *m)
{
	return m->rich || m->media.forward_only ||
	       (!media_by_reference(m->media.kind) && m->media.kind != MEDIA_DICE);
}

const char *plan_mode_name(enum plan_mode mode)
{
	return mode_names[mode];
}

int64_t plan_size_max(bool premium)
{
	return (premium ? 8000LL : 4000LL) * 524288;
}

uint32_t plan_utf16_len(struct cspan s)
{
	uint32_t units = 0;

	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.at[i];

		if ((c & 0xc0) != 0x80)
			units += c >= 0xf0 ? 2 : 1;
	}
	return units;
}

static void decide(struct plan *p, enum plan_mode mode, const char *reason)
{
	p->mode = mode;
	snprintf(p->reason, sizeof(p->reason), "%s", reason);
}

/* The history of a supergroup that was a group ends here: what came before is another chat's. */
static void say_service(const struct message *m, struct plan *p)
{
	const struct tl_obj *action = tl_sub(m->obj, TLF_action);

	if (tl_cons(action) == TLC_messageActionChannelMigrateFrom)
		snprintf(p->reason, sizeof(p->reason), "service message: all before it is in chat -%lld",
			 (long long)tl_long(action, TLF_chat_id));
	else
		snprintf(p->reason, sizeof(p->reason), "service message (%.40s)",
			 message_action_name(m->obj));
}

/* What no way can clone, whatever the options. True: decided. */
static bool hopeless(const struct message *m, struct plan *p)
{
	p->mode = PLAN_SKIP;
	if (m->empty) {
		decide(p, PLAN_SKIP, "deleted at the source");
	} else if (m->service) {
		say_service(m, p);
	} else if (m->media.kind == MEDIA_EXPIRED) {
		decide(p, PLAN_SKIP, "media expired");
	} else if (m->media.kind == MEDIA_NONE && m->text.len == 0 && !m->rich) {
		decide(p, PLAN_SKIP, "nothing to send");
	} else {
		return false;
	}
	return true;
}

struct ability {
	bool forward, copy, stream;
	bool has_reply, has_author;
	const char *why_not_stream, *why_not_copy;
	const char *stream_loses; /* NULL: nothing */
};

static uint32_t caption_max(const struct plan_options *o)
{
	return o->premium ? CAPTION_MAX_PREMIUM : CAPTION_MAX;
}

static bool too_long(const struct message *m, const struct plan_options *o)
{
	return m->media.has_file && plan_utf16_len(m->text) > caption_max(o);
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

void plan_clip(struct message *m, const struct plan_options *o)
{
	struct cspan *text = &m->text;

	if (!too_long(m, o))
		return;
	m->clipped = true;
	do {
		do
			text->len--;
		while (text->len > 0 && (text->at[text->len] & 0xc0) == 0x80);
	} while (plan_utf16_len(*text) > caption_max(o));
	while (text->len > 0 && is_space(text->at[text->len - 1]))
		text->len--;
}

static bool is_closed(const struct message *m, const struct plan_options *o)
{
	return m->noforwards || o->source_protected;
}

/* What hangs on a medium as another one is not uploaded with it; what moves is a sticker in a set only. */
static const char *lost_by_upload(const struct message *m)
{
	if (m->media.kind == MEDIA_STICKER && !cspan_equal(m->media.mime, cspan_str("image/webp")))
		return "sticker sent as a document";
	if (m->media.kind == MEDIA_GIF && cspan_equal(m->media.mime, cspan_str("image/gif")))
		return "gif made a video by the server";
	if (m->media.kind == MEDIA_PHOTO && tl_sub(m->media.obj, TLF_video) != NULL)
		return "live photo not kept";
	return tl_has(m->media.obj, TLF_video_cover) ? "video's cover not kept" : NULL;
}

static void abilities_of(const struct message *m, const struct plan_options *o, struct ability *a)
{
	bool file = media_streams(m->media.kind);

	a->has_reply |= o->keep_replies && m->reply_to != 0;
	if (is_closed(m, o))
		a->forward = false;
	if (tl_has(m->media.obj, TLF_ttl_seconds))
		a->forward = false; /* what destroys itself is left out of a forward */
	if (m->rich || m->media.forward_only || !media_by_reference(m->media.kind) ||
	    too_long(m, o)) {
		a->copy = false;
		a->why_not_copy = too_long(m, o) ? "caption too long for this account"
						 : media_kind_name(m->media.kind);
	}
	/* Copying by reference out of a protected chat is refused by the server; a text is not media. */
	if (is_closed(m, o) && (file || m->media.kind == MEDIA_CHECKLIST))
		a->copy = false;
	if (lost_by_upload(m) != NULL)
		a->stream_loses = lost_by_upload(m);
	if (!file || m->rich || (too_long(m, o) && !is_closed(m, o))) {
		a->stream = false;
	} else if (m->media.file.size > plan_size_max(o->premium)) {
		a->stream = false;
		a->why_not_stream = "larger than this account may upload";
	} else if (m->media.file.size <= 0) {
		a->stream = false;
		a->why_not_stream = "empty file";
	}
}

/* A dice cannot be sent with a given value: only forwarding keeps it (api.md 11). */
static bool reroll(const struct message *m, struct ability *a, struct plan *p)
{
	if (m->media.kind != MEDIA_DICE || a->forward)
		return false;
	decide(p, PLAN_COPY, "dice thrown again");
	return true;
}

static void choose(const struct ability *a, const struct plan_options *o, struct plan *p)
{
	/* A reply is kept by the ways that send anew; forwarding comes last for it. */
	bool forward_keeps = a->forward && !a->has_reply;
	bool copy_first = o->prefer == PLAN_COPY || o->prefer == PLAN_STREAM;
	const char *loses = a->stream_loses != NULL ? a->stream_loses : "";

	if (o->keep_author && a->forward)
		decide(p, PLAN_FORWARD, a->has_reply ? "reply not kept (author kept)" : "");
	else if (o->prefer == PLAN_STREAM && a->stream && a->stream_loses == NULL)
		decide(p, PLAN_STREAM, "");
	else if (copy_first && a->copy)
		decide(p, PLAN_COPY, "");
	else if (forward_keeps)
		decide(p, PLAN_FORWARD, "");
	else if (a->copy)
		decide(p, PLAN_COPY, "");
	else if (a->stream)
		decide(p, PLAN_STREAM, loses);
	else if (a->forward)
		decide(p, PLAN_FORWARD, "reply not kept");
	else if (a->why_not_stream != NULL)
		decide(p, PLAN_SKIP, a->why_not_stream);
	else
		snprintf(p->reason, sizeof(p->reason), "cannot be copied: %.40s",
			 a->why_not_copy != NULL ? a->why_not_copy : "media");
}

static bool has_buttons(const struct message *items, uint32_t count)
{
	bool any = false;

	for (uint32_t i = 0; i < count; i++)
		any |= items[i].buttons;
	return any;
}

static bool has_cut_caption(const struct message *items, uint32_t count, const struct plan_options *o)
{
	bool any = false;

	for (uint32_t i = 0; i < count; i++)
		any |= items[i].clipped || too_long(&items[i], o);
	return any;
}

/* Beside what is lost already. */
static void loses_too(struct plan *p, const char *loss)
{
	size_t len = strlen(p->reason);

	if (len + 2 + strlen(loss) < sizeof(p->reason))
		snprintf(p->reason + len, sizeof(p->reason) - len, "%s%s", len > 0 ? "; " : "", loss);
}

void plan_group(const struct message *items, uint32_t count, const struct plan_options *o,
		struct plan *p)
{
	struct ability a = {.forward = true, .copy = true, .stream = true};
	bool is_protected = o->source_protected;

	*p = (struct plan){.mode = PLAN_SKIP};
	for (uint32_t i = 0; i < count; i++) {
		if (hopeless(&items[i], p))
			return;
		is_protected |= items[i].noforwards;
		abilities_of(&items[i], o, &a);
	}
	if (is_protected && !o->allow_protected) {
		decide(p, PLAN_SKIP, "protected (see --allow-protected)");
		return;
	}
	if (count == 1 && reroll(&items[0], &a, p))
		return;
	choose(&a, o, p);
	if (o->keep_author && (p->mode == PLAN_COPY || p->mode == PLAN_STREAM) && p->reason[0] == '\0')
		decide(p, p->mode, "author not kept");
	/* Only a bot may send them; of a forward the server decides. */
	if (has_buttons(items, count) && (p->mode == PLAN_COPY || p->mode == PLAN_STREAM))
		loses_too(p, "buttons not kept");
	if (p->mode == PLAN_STREAM && has_cut_caption(items, count, o))
		loses_too(p, o->premium ? "caption cut: 4096 at most" : "caption cut: 1024 at most");
	if (items[0].media.kind == MEDIA_GEO_LIVE && p->mode != PLAN_SKIP) /* a forward keeps no more */
		loses_too(p, "live location not kept: its last place");
}

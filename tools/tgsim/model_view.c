/*
 * What an account sees of a message. Stored messages name a photo or document by its id alone; here
 * it is completed with the account's access hash and a reference that is good from now on.
 */
#include "tools/tgsim/model_priv.h"

/* Where a photo or document can stand in a piece of media. */
static const enum tlf media_fields[] = {TLF_photo, TLF_document, TLF_video, TLF_video_cover,
					TLF_webpage};

static int64_t file_id_of(const struct tl_obj *o)
{
	enum tlc c = tl_cons(o);

	return c == TLC_photo || c == TLC_document ? tl_long(o, TLF_id) : 0;
}

static bool field_is_object(const struct tl_obj *media, enum tlf field)
{
	enum tlc c = tl_cons(media);

	switch (field) {
	case TLF_photo:
		return c == TLC_messageMediaPhoto || c == TLC_webPage ||
		       c == TLC_messageActionChatEditPhoto;
	case TLF_document:
		return c == TLC_messageMediaDocument || c == TLC_webPage;
	case TLF_video:
		return c == TLC_messageMediaPhoto;
	case TLF_video_cover:
		return c == TLC_messageMediaDocument;
	default:
		return c == TLC_messageMediaWebPage;
	}
}

int64_t content_file_id(const struct tl_obj *content)
{
	const struct tl_obj *media =
	    tl_sub(content, tl_cons(content) == TLC_messageService ? TLF_action : TLF_media);

	switch (tl_cons(media)) {
	case TLC_messageMediaPhoto:
	case TLC_messageActionChatEditPhoto:
		return file_id_of(tl_sub(media, TLF_photo));
	case TLC_messageMediaDocument:
		return file_id_of(tl_sub(media, TLF_document));
	default:
		return 0;
	}
}

static const struct tl_obj *complete(struct world *w, struct arena *arena, const struct account *a,
				     const struct tl_obj *part, int64_t now)
{
	struct file *f = file_find(w, file_id_of(part));

	if (f != NULL)
		return file_obj(w, arena, a, f, now);
	return tl_cons(part) == TLC_webPage ? media_view(w, arena, a, part, now) : part;
}

const struct tl_obj *media_view(struct world *w, struct arena *arena, const struct account *a,
				const struct tl_obj *media, int64_t now)
{
	struct tl_obj *own = NULL;

	for (size_t i = 0; i < countof(media_fields); i++) {
		const struct tl_obj *part, *whole;

		if (!field_is_object(media, media_fields[i]))
			continue;
		part = tl_sub(media, media_fields[i]);
		whole = part == NULL ? NULL : complete(w, arena, a, part, now);
		if (whole == part)
			continue;
		if (own == NULL)
			own = tl_copy(arena, media);
		tl_set_obj(own, media_fields[i], whole);
	}
	return own == NULL ? media : own;
}

/* What one writes to oneself is coming in (out tells of what others get). */
static bool is_saved(const struct msg *m, const struct account *a)
{
	return m->history->peer.kind == PEER_USER && m->history->peer.id == a->user->id;
}

const struct tl_obj *msg_view(struct world *w, struct arena *arena, const struct account *a,
			      const struct msg *m, int64_t now)
{
	const struct tl_obj *body = msg_body(w, arena, m);
	enum tlf field = m->service ? TLF_action : TLF_media;
	const struct tl_obj *media = tl_sub(body, field);
	struct tl_obj *o = body == NULL ? NULL : tl_copy(arena, body);

	if (m->from_id != 0 && m->from_id == a->user->id && !is_saved(m, a))
		tl_set_flag(o, TLF_out, true);
	if (m->pinned && !m->service)
		tl_set_flag(o, TLF_pinned, true);
	if (media != NULL)
		tl_set_obj(o, field, media_view(w, arena, a, media, now));
	return o;
}

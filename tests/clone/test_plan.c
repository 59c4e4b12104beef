/* Which way a message goes: the cheapest that keeps it, and an honest reason when none does. */
#include "engine/clone/plan.h"

#include <criterion/criterion.h>

static struct message text(void)
{
	return (struct message){.id = 1, .text = cspan_str("hello")};
}

static struct message media(enum media_kind kind, int64_t size)
{
	return (struct message){.id = 1,
				.media = {.kind = kind,
					  .has_file = media_streams(kind),
					  .file = {.size = size, .photo = kind == MEDIA_PHOTO}}};
}

static struct plan plan_one(struct message m, struct plan_options o)
{
	struct plan p;

	o.keep_replies = true;
	plan_group(&m, 1, &o, &p);
	return p;
}

Test(plan, forwards_what_it_can)
{
	cr_assert_eq(plan_one(text(), (struct plan_options){.prefer = PLAN_AUTO}).mode, PLAN_FORWARD);
	cr_assert_eq(plan_one(media(MEDIA_VIDEO, 5), (struct plan_options){.prefer = PLAN_AUTO}).mode,
		     PLAN_FORWARD);
	cr_assert_eq(plan_one(media(MEDIA_DICE, 0), (struct plan_options){.prefer = PLAN_STREAM}).mode,
		     PLAN_FORWARD);
}

Test(plan, a_reply_is_copied_because_forwarding_loses_it)
{
	struct message m = text();

	m.reply_to = 9;
	cr_assert_eq(plan_one(m, (struct plan_options){.prefer = PLAN_AUTO}).mode, PLAN_COPY);
	cr_assert_eq(plan_one(m, (struct plan_options){.prefer = PLAN_FORWARD}).mode, PLAN_COPY);
	cr_assert_eq(plan_one(m, (struct plan_options){.keep_author = true}).mode, PLAN_FORWARD);
}

/* A supergroup's history begins with the way to the group that it was. */
Test(plan, where_a_group_became_a_supergroup)
{
	static uint8_t mem[4096];
	struct message m = {.service = true};
	struct tl_obj *obj, *action;
	struct arena arena;

	arena_init(&arena, mem, sizeof(mem));
	obj = tl_new(&arena, TLC_messageService);
	action = tl_new(&arena, TLC_messageActionChannelMigrateFrom);
	tl_set_long(action, TLF_chat_id, 4503599627370495);
	tl_set_obj(obj, TLF_action, action);
	m.obj = obj;
	cr_assert_str_eq(plan_one(m, (struct plan_options){.prefer = PLAN_AUTO}).reason,
			 "service message: all before it is in chat -4503599627370495");
}

Test(plan, protection_is_obeyed)
{
	struct plan_options o = {.prefer = PLAN_AUTO, .source_protected = true};
	struct message m = media(MEDIA_VIDEO, 5);

	cr_assert_eq(plan_one(m, o).mode, PLAN_SKIP);
	cr_assert_eq(plan_one(text(), o).mode, PLAN_SKIP);
	o.allow_protected = true;
	cr_assert_eq(plan_one(m, o).mode, PLAN_STREAM);
	cr_assert_eq(plan_one(text(), o).mode, PLAN_COPY);
	o.source_protected = false;
	m.noforwards = true;
	cr_assert_eq(plan_one(m, o).mode, PLAN_STREAM);
}

Test(plan, sizes_are_checked_before_a_byte_moves)
{
	struct plan_options o = {
		.prefer = PLAN_STREAM, .source_protected = true, .allow_protected = true};
	int64_t max = 4000ll * 524288;

	cr_assert_eq(plan_size_max(false), max);
	cr_assert_eq(plan_one(media(MEDIA_VIDEO, max), o).mode, PLAN_STREAM);
	cr_assert_eq(plan_one(media(MEDIA_VIDEO, max + 1), o).mode, PLAN_SKIP);
	cr_assert_str_eq(plan_one(media(MEDIA_VIDEO, max + 1), o).reason,
			 "larger than this account may upload");
	o.premium = true;
	cr_assert_eq(plan_one(media(MEDIA_VIDEO, max + 1), o).mode, PLAN_STREAM);
	cr_assert_eq(plan_one(media(MEDIA_VIDEO, 0), o).mode, PLAN_SKIP);
	o.source_protected = false;
	cr_assert_eq(plan_one(media(MEDIA_VIDEO, 3 * max), o).mode, PLAN_COPY, "no bytes move by reference");
}

Test(plan, a_wish_that_cannot_be_is_met_another_way)
{
	struct plan_options o = {.prefer = PLAN_STREAM};

	cr_assert_eq(plan_one(text(), o).mode, PLAN_COPY);
	cr_assert_eq(plan_one(media(MEDIA_POLL, 0), o).mode, PLAN_COPY);
	cr_assert_eq(plan_one(media(MEDIA_GAME, 0), o).mode, PLAN_FORWARD);
	cr_assert_eq(plan_one(media(MEDIA_PHOTO, 9), o).mode, PLAN_STREAM);
}

Test(plan, nothing_is_dropped_without_a_reason)
{
	struct plan_options o = {.prefer = PLAN_AUTO, .source_protected = true, .allow_protected = true};
	struct message m = {.id = 1, .empty = true};

	cr_assert_str_eq(plan_one(m, o).reason, "deleted at the source");
	cr_assert_eq(plan_one(media(MEDIA_GAME, 0), o).mode, PLAN_SKIP);
	cr_assert_str_eq(plan_one(media(MEDIA_GAME, 0), o).reason, "cannot be copied: game");
	cr_assert_eq(plan_one(media(MEDIA_DICE, 0), o).mode, PLAN_COPY);
	cr_assert_str_eq(plan_one(media(MEDIA_DICE, 0), o).reason, "dice thrown again");
}

Test(plan, an_album_goes_one_way)
{
	struct message items[2] = {media(MEDIA_PHOTO, 5), media(MEDIA_VIDEO, 6)};
	struct plan_options o = {.prefer = PLAN_AUTO};
	struct plan p;

	plan_group(items, 2, &o, &p);
	cr_assert_eq(p.mode, PLAN_FORWARD);
	items[1].noforwards = true;
	o.allow_protected = true;
	plan_group(items, 2, &o, &p);
	cr_assert_eq(p.mode, PLAN_STREAM);
}

Test(plan, long_captions_are_forwarded)
{
	static char caption[1100];
	struct message m = media(MEDIA_PHOTO, 5);
	struct plan_options o = {.prefer = PLAN_COPY};

	memset(caption, 'x', sizeof(caption) - 1);
	m.text = cspan_str(caption);
	cr_assert_eq(plan_one(m, o).mode, PLAN_FORWARD);
	o.prefer = PLAN_STREAM; /* which would not keep it */
	cr_assert_eq(plan_one(m, o).mode, PLAN_FORWARD);
	o.source_protected = o.allow_protected = true;
	cr_assert_eq(plan_one(m, o).mode, PLAN_STREAM);
	cr_assert_str_eq(plan_one(m, o).reason, "caption cut: 1024 at most");
	o.premium = true;
	cr_assert_str_eq(plan_one(m, o).reason, "");
	o.source_protected = false;
	o.prefer = PLAN_COPY;
	cr_assert_eq(plan_one(m, o).mode, PLAN_COPY);
}

/* Rather without its place in the talk than without its pictures. */
Test(plan, what_cannot_be_named_again_is_forwarded)
{
	struct plan_options o = {.prefer = PLAN_COPY};
	struct message m = media(MEDIA_POLL, 0);

	m.media.forward_only = true;
	m.reply_to = 9;
	cr_assert_eq(plan_one(m, o).mode, PLAN_FORWARD);
	cr_assert_str_eq(plan_one(m, o).reason, "reply not kept");
	o.source_protected = o.allow_protected = true;
	cr_assert_eq(plan_one(m, o).mode, PLAN_SKIP);
	cr_assert_str_eq(plan_one(m, o).reason, "cannot be copied: poll");
}

/* An upload takes the file alone: the wish for one gives way, and where it cannot the loss is said. */
Test(plan, what_hangs_on_a_file_is_not_lost_in_silence)
{
	static uint8_t memory[4096];
	struct plan_options o = {.prefer = PLAN_STREAM};
	struct message video = media(MEDIA_VIDEO, 5), photo = media(MEDIA_PHOTO, 5);
	struct tl_obj *with_cover, *live;
	struct arena a;

	arena_init(&a, memory, sizeof(memory));
	with_cover = tl_new(&a, TLC_messageMediaDocument);
	live = tl_new(&a, TLC_messageMediaPhoto);
	tl_set_obj(with_cover, TLF_video_cover, tl_new(&a, TLC_photo));
	tl_set_obj(live, TLF_video, tl_new(&a, TLC_document));
	cr_assert_eq(plan_one(video, o).mode, PLAN_STREAM);
	video.media.obj = with_cover;
	photo.media.obj = live;
	cr_assert_eq(plan_one(video, o).mode, PLAN_COPY);
	cr_assert_eq(plan_one(photo, o).mode, PLAN_COPY);
	o.source_protected = o.allow_protected = true;
	cr_assert_eq(plan_one(video, o).mode, PLAN_STREAM);
	cr_assert_str_eq(plan_one(video, o).reason, "video's cover not kept");
	cr_assert_str_eq(plan_one(photo, o).reason, "live photo not kept");
}

/* What moves is a sticker as long as it is named, and a file when it is uploaded. */
Test(plan, a_sticker_that_moves_is_not_uploaded_where_it_can_be_named)
{
	struct plan_options o = {.prefer = PLAN_STREAM};
	struct message m = media(MEDIA_STICKER, 5);

	m.media.mime = cspan_str("image/webp");
	cr_assert_eq(plan_one(m, o).mode, PLAN_STREAM);
	m.media.mime = cspan_str("application/x-tgsticker");
	cr_assert_eq(plan_one(m, o).mode, PLAN_COPY);
	o.source_protected = o.allow_protected = true;
	cr_assert_eq(plan_one(m, o).mode, PLAN_STREAM);
	cr_assert_str_eq(plan_one(m, o).reason, "sticker sent as a document");
	m = media(MEDIA_GIF, 5);
	m.media.mime = cspan_str("image/gif");
	cr_assert_str_eq(plan_one(m, o).reason, "gif made a video by the server");
	m.media.mime = cspan_str("video/mp4");
	cr_assert_str_eq(plan_one(m, o).reason, "");
}

/* What destroys itself is left out of a forward. */
Test(plan, what_destroys_itself_is_not_forwarded)
{
	static uint8_t memory[4096];
	struct plan_options o = {.prefer = PLAN_FORWARD};
	struct message m = media(MEDIA_PHOTO, 5);
	struct tl_obj *obj;
	struct arena a;

	arena_init(&a, memory, sizeof(memory));
	obj = tl_new(&a, TLC_messageMediaPhoto);
	cr_assert_eq(plan_one(m, o).mode, PLAN_FORWARD);
	tl_set_int(obj, TLF_ttl_seconds, 10);
	m.media.obj = obj;
	cr_assert_eq(plan_one(m, o).mode, PLAN_COPY);
}

/* Only a forward keeps it: where there is none, that is said. */
Test(plan, an_author_is_not_lost_in_silence)
{
	struct plan_options o = {.keep_author = true, .source_protected = true, .allow_protected = true};
	struct message m = media(MEDIA_PHOTO, 5);

	cr_assert_eq(plan_one(m, o).mode, PLAN_STREAM);
	cr_assert_str_eq(plan_one(m, o).reason, "author not kept");
	cr_assert_str_eq(plan_one(text(), o).reason, "author not kept");
	o.source_protected = false;
	cr_assert_str_eq(plan_one(m, o).reason, "");
	o.keep_author = false;
	o.source_protected = true;
	cr_assert_str_eq(plan_one(m, o).reason, "");
}

Test(plan, utf16_units)
{
	cr_assert_eq(plan_utf16_len(cspan_str("abc")), 3);
	cr_assert_eq(plan_utf16_len(cspan_str("\xc3\xa9")), 1);
	cr_assert_eq(plan_utf16_len(cspan_str("\xe2\x82\xac")), 1);
	cr_assert_eq(plan_utf16_len(cspan_str("\xf0\x9f\x98\x80")), 2);
}

/* Of a forward only the server knows. */
Test(plan, buttons_are_told_where_they_are_lost)
{
	struct message m = text();

	m.buttons = true;
	cr_assert_str_eq(plan_one(m, (struct plan_options){.prefer = PLAN_AUTO}).reason, "");
	cr_assert_str_eq(plan_one(m, (struct plan_options){.prefer = PLAN_COPY}).reason,
			 "buttons not kept");
	m.noforwards = true;
	cr_assert_str_eq(plan_one(m, (struct plan_options){.keep_author = true, .allow_protected = true})
				 .reason,
			 "author not kept; buttons not kept");
}

/* It ended: no way brings more than the place where it did. */
Test(plan, a_live_location_becomes_a_place_and_says_so)
{
	struct message m = media(MEDIA_GEO_LIVE, 0);

	for (enum plan_mode mode = PLAN_AUTO; mode <= PLAN_STREAM; mode++)
		cr_assert_str_eq(plan_one(m, (struct plan_options){.prefer = mode}).reason,
				 "live location not kept: its last place");
}

/* Archives: what the export says, what is rebuilt from it, and how a broken one is refused. */
#include "tests/tgsim/world_fixture.h"

#include "tools/tgsim/model_priv.h"

#include <stdio.h>
#include <unistd.h>

static struct world *demo(void)
{
	struct world_options opt = fixture_options();

	return fixture_open(&opt);
}

/* A world from the text of a result.json; files are looked for in the demo archive. */
static struct world *from_text(const char *json, int rc, char *error, size_t error_len)
{
	struct world *w = fixture_synth("messages=0");

	error[0] = 0;
	cr_assert_eq(archive_load_text(w, TESTS_DEMO, cspan_str(json), error, error_len), rc, "%s",
		     error);
	return w;
}

static struct chat *last_chat(struct world *w)
{
	struct chat *c = NULL;

	for (uint32_t i = 0; world_chat_at(w, i) != NULL; i++)
		c = world_chat_at(w, i);
	return c;
}

static void refused(const char *json, const char *part)
{
	char error[512];
	struct world *w = from_text(json, 65, error, sizeof(error));

	cr_assert_not_null(strstr(error, part), "\"%s\" lacks \"%s\"", error, part);
	cr_assert_null(strchr(error, '\n'));
	world_close(w);
}

Test(archive, the_demo_world)
{
	static const struct {
		const char *title;
		enum chat_kind kind;
		bool forum, noforwards;
	} want[] = {{"Casa do Rio", CHAT_SUPERGROUP, true, false},
		    {"Empty forum", CHAT_SUPERGROUP, true, false},
		    {"Empty group", CHAT_SUPERGROUP, false, false},
		    {"Field notes", CHAT_CHANNEL, false, false},
		    {"Closed circle", CHAT_SUPERGROUP, false, true}};
	struct world *w = demo();

	for (uint32_t i = 0; i < countof(want); i++) {
		struct chat *c = world_chat_at(w, i);

		cr_assert_str_eq(c->title, want[i].title);
		cr_assert_eq(c->kind, want[i].kind);
		cr_assert_eq(c->forum, want[i].forum);
		cr_assert_eq(c->noforwards, want[i].noforwards);
		for (uint32_t k = 0; k < 2; k++)
			cr_assert_not_null(member_find(c, world_account_at(w, k)->user->id));
	}
	cr_assert_eq(world_chat_at(w, 0)->topic_count, 4);
	cr_assert_eq(world_chat_at(w, 1)->history->messages.count, 1);
	cr_assert_null(world_chat_at(w, countof(want)));
	cr_assert_null(world_account_at(w, 0)->password);
	cr_assert_not_null(world_account_at(w, 1)->password);
	world_close(w);
}

/* Every kind of media that a clone has to keep occurs in the demo archive. */
Test(archive, the_demo_has_every_kind)
{
	static const char *const kinds[] = {"photo",     "video",   "round",    "voice",   "audio",
					    "animation", "sticker", "document", "webpage", "geo",
					    "live",      "venue",   "contact",  "poll",    "dice"};
	static const char *const marks[] = {
	    "\"quiz\":true", "\"spoiler\":true",        "\"caption_above\":true", "\"silent\":true",
	    "\"quote\":",    "\"collapsed\":true",      "\"forwarded\":true",     "\"album\":3",
	    "\"waveform\":", "\"type\":\"customEmoji\""};
	struct world *w = demo();
	char *text = fixture_dump(w, "Casa do Rio", false);

	for (size_t i = 0; i < countof(kinds); i++) {
		char want[64];

		snprintf(want, sizeof(want), "\"kind\":\"%s\"", kinds[i]);
		cr_assert_not_null(strstr(text, want), "no %s", kinds[i]);
	}
	for (size_t i = 0; i < countof(marks); i++)
		cr_assert_not_null(strstr(text, marks[i]), "no %s", marks[i]);
	cr_assert_null(strstr(text, "not kept"));
	free(text);
	world_close(w);
}

Test(archive, the_demo_has_a_private_chat)
{
	struct world *w = demo();
	char *text = fixture_dump(w, "9996620001/510000103", false);

	cr_assert_not_null(strstr(text, "\"n\":4"));
	cr_assert_not_null(strstr(text, "Give him my regards"));
	free(text);
	world_close(w);
}

#define MESSAGE(id, rest)                                                                          \
	"{\"id\":" id ",\"type\":\"message\",\"date_unixtime\":\"1700000000\",\"from\":\"Ann\","   \
	"\"from_id\":\"user77\"," rest "}"
#define GROUP(messages)                                                                            \
	"{\"name\":\"G\",\"type\":\"private_supergroup\",\"id\":99,\"messages\":[" messages "]}"
#define PHOTO "\"photo\":\"photos/river.jpg\",\"text\":\"\""

Test(archive, albums_are_rebuilt)
{
	char error[512];
	struct world *w = from_text(GROUP(MESSAGE("1", PHOTO) "," MESSAGE("2", PHOTO) "," MESSAGE(
					"4", PHOTO) "," MESSAGE("5", "\"text\":\"x\"")),
				    0, error, sizeof(error));
	struct chat *c = last_chat(w);
	struct msg *m[6];

	for (int32_t i = 1; i < 6; i++)
		m[i] = msg_find(w, &c->box, i);
	cr_assert_neq(m[1]->grouped_id, 0);
	cr_assert_eq(m[1]->grouped_id, m[2]->grouped_id);
	cr_assert_eq(m[4]->grouped_id, 0, "an id is missing between");
	cr_assert_eq(m[5]->grouped_id, 0);
	cr_assert_null(m[3]);
	cr_assert_eq(m[1]->from_id, 77);
	cr_assert_eq(m[1]->file, m[2]->file, "a file named twice is one file");
	world_close(w);
}

Test(archive, topics_are_inherited_from_what_is_answered)
{
	char error[512];
	struct world *w = from_text(
	    GROUP(
		"{\"id\":1,\"type\":\"service\",\"date_unixtime\":\"1\",\"action\":\"create_"
		"channel\"},"
		"{\"id\":2,\"type\":\"service\",\"date_unixtime\":\"1\",\"actor_id\":\"user77\","
		"\"action\":\"topic_created\",\"title\":\"T\"}," MESSAGE("3", "\"text\":\"a\","
									      "\"reply_to_message_"
									      "id\":2") "," MESSAGE(
		    "4", "\"text\":\"b\",\"reply_to_message_id\":3") "," MESSAGE("5",
										 "\"text\":\"c\"")),
	    0, error, sizeof(error));
	struct chat *c = last_chat(w);
	struct arena a = fixture_arena();
	const struct tl_obj *reply;

	cr_assert(c->forum);
	cr_assert_eq(msg_find(w, &c->box, 3)->topic_id, 2);
	cr_assert_eq(msg_find(w, &c->box, 4)->topic_id, 2);
	cr_assert_eq(msg_find(w, &c->box, 5)->topic_id, 1);
	reply = tl_sub(msg_body(w, &a, msg_find(w, &c->box, 4)), TLF_reply_to);
	cr_assert(tl_flag(reply, TLF_forum_topic));
	cr_assert_eq(tl_int(reply, TLF_reply_to_msg_id), 3);
	cr_assert_eq(tl_int(reply, TLF_reply_to_top_id), 2);
	free(a.mem);
	world_close(w);
}

Test(archive, text_is_counted_in_utf16)
{
	char error[512];
	struct world *w = from_text(
	    GROUP(MESSAGE("1", "\"text\":[\"\xf0\x9f\x8f\xa1 \",{\"type\":\"bold\",\"text\":"
			       "\"caf\xc3\xa9\"},{\"type\":\"text_link\",\"text\":\"x\","
			       "\"href\":\"http://a.b/\"}],\"text_entities\":[]")),
	    0, error, sizeof(error));
	struct arena a = fixture_arena();
	const struct tl_obj *o = msg_body(w, &a, msg_find(w, &last_chat(w)->box, 1));
	struct tl_vec e = tl_vec(o, TLF_entities);

	cr_assert(
	    cspan_equal(tl_bytes(o, TLF_message), cspan_str("\xf0\x9f\x8f\xa1 caf\xc3\xa9x")));
	cr_assert_eq(e.count, 2);
	cr_assert_eq(tl_int(tl_vec_obj(e, 0), TLF_offset), 3);
	cr_assert_eq(tl_int(tl_vec_obj(e, 0), TLF_length), 4);
	cr_assert_eq(tl_int(tl_vec_obj(e, 1), TLF_offset), 7);
	cr_assert(cspan_equal(tl_bytes(tl_vec_obj(e, 1), TLF_url), cspan_str("http://a.b/")));
	free(a.mem);
	world_close(w);
}

Test(archive, a_file_that_was_left_out_is_there_but_not_for_us)
{
	char error[512];
	struct world *w = from_text(
	    GROUP(MESSAGE("1", "\"file\":\"(File not included. Change data exporting settings to "
			       "download.)\",\"text\":\"\"")),
	    0, error, sizeof(error));
	struct arena a = fixture_arena();
	const struct tl_obj *o = msg_body(w, &a, msg_find(w, &last_chat(w)->box, 1));

	cr_assert_eq(tl_sub_cons(o, TLF_media), TLC_messageMediaUnsupported);
	free(a.mem);
	world_close(w);
}

Test(archive, a_full_export_is_many_chats)
{
	char error[512];
	struct world *w = from_text(
	    "{\"chats\":{\"list\":[" GROUP(MESSAGE(
		"1",
		"\"text\":\"a\"")) ","
				   "{\"type\":\"saved_messages\",\"id\":5,\"messages\":[" MESSAGE(
				       "1", "\"text\":\"mine\"") "]},"
								 "{\"name\":\"C\",\"type\":"
								 "\"public_channel\",\"id\":99,"
								 "\"messages\":[" MESSAGE(
								     "7",
								     "\"text\":\"post\"") "]}]}}",
	    0, error, sizeof(error));
	struct chat *c = last_chat(w);
	char *saved = fixture_dump(w, "me", true);

	cr_assert_eq(c->kind, CHAT_CHANNEL);
	cr_assert_neq(c->id, 99, "an id that is taken already");
	cr_assert_not_null(msg_find(w, &c->box, 7));
	cr_assert_not_null(strstr(saved, "\"text\":\"mine\""));
	free(saved);
	world_close(w);
}

Test(archive, what_is_wrong_is_said_in_one_line)
{
	refused("{", "line 1");
	refused("{}", "messages");
	refused("{\"type\":\"party\",\"messages\":[]}", "\"party\"");
	refused(GROUP("{\"id\":3,\"type\":\"message\"}"), "message 3: no date");
	refused(GROUP(MESSAGE("3", PHOTO) "," MESSAGE("3", PHOTO)), "message 3: the id");
	refused(GROUP(MESSAGE("0", PHOTO)), "ascend");
	refused(GROUP(MESSAGE("4", "\"photo\":\"photos/none.jpg\"")),
		"message 4: file photos/none.jpg: No such file");
	refused(GROUP(MESSAGE("4", "\"photo\":\"../result.json\"")), "outside");
	refused(GROUP(MESSAGE("4", "\"photo\":\"photos/../../x\"")), "outside");
	refused(GROUP(MESSAGE("4", "\"file\":\"/etc/passwd\"")), "outside");
	refused(GROUP(MESSAGE("4", "\"file\":\"photos\"")), "not a file");
	refused(GROUP(MESSAGE("4", "\"poll\":{\"question\":\"?\",\"answers\":[]}")), "poll");
	refused(GROUP(MESSAGE("4", "\"file\":\"voice_messages/note.ogg\",\"media_type\":"
				   "\"voice_message\",\"waveform\":\"zz\"")),
		"waveform");
}

Test(archive, a_folder_that_is_not_there)
{
	struct world_options opt = fixture_options();
	struct world *w;
	char error[512];

	opt.archive = "/nonexistent/archive";
	cr_assert_eq(world_open(&opt, &w, error, sizeof(error)), 65);
	cr_assert_not_null(strstr(error, "/nonexistent/archive/result.json"));
	cr_assert_null(w);
}

Test(archive, the_target_is_a_chat_like_the_source)
{
	struct world_options opt = fixture_options();
	struct world *w;

	opt.archive = TESTS_DEMO "/channel";
	w = fixture_open(&opt);
	cr_assert_str_eq(world_chat_at(w, 0)->title, "Field notes");
	cr_assert_eq(world_chat_at(w, 1)->kind, CHAT_CHANNEL);
	cr_assert_eq(world_chat_at(w, 1)->history->messages.count, 1);
	cr_assert_null(world_chat_at(w, 2));
	world_close(w);
}

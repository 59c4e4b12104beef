/*
 * What one way cannot keep goes another one before it is given up: a quiz that nobody answered, a list
 * that only Premium accounts may make, and what of a message is refused takes no more with it than it must.
 */
#include "tests/clone/deed.h"
#include "tests/clone/hand.h"
#include "tests/clone/job.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct job job, *j = &job;

static const struct ledger_row *row_of(int32_t id)
{
	static struct ledger_row row;

	(void)job_rows(j, ROW_DONE);
	cr_assert(ledger_find(j->client.ledger, id, &row), "%d", id);
	return &row;
}

static const char *note_of_id(int32_t id)
{
	return row_of(id)->reason;
}

static void says(int32_t id, const char *words)
{
	cr_assert_not_null(strstr(note_of_id(id), words), "%s: \"%s\"", words, note_of_id(id));
}

static uint32_t occurs(uint32_t chat, const char *word)
{
	uint32_t lines, n = 0;
	char *dump = telegram_dump(j->telegram, chat, &lines);

	for (const char *at = dump; (at = strstr(at, word)) != NULL; at++)
		n++;
	free(dump);
	return n;
}

static void all_went(void)
{
	char reason[64];

	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE);
	cr_assert_eq(job_skipped(j, reason), 0, "%s", reason);
}

/* An answer is copied, to be an answer; what cannot be made anew is forwarded rather than lost. */
Test(server_ways, an_answer_that_cannot_be_made_anew_is_forwarded)
{
	static int32_t (*const deeds[])(struct telegram *, uint32_t) = {deed_quiz, deed_list};
	static const enum plan_mode modes[] = {PLAN_AUTO, PLAN_FORWARD, PLAN_COPY};

	for (size_t i = 0; i < countof(deeds) * countof(modes); i++) {
		int32_t asked, id;

		job_open(j, &(struct job_options){.synth = "messages=3,seed=3",
						  .mode = modes[i / countof(deeds)]});
		asked = telegram_say(j->telegram, 0, "asked");
		id = deeds[i % countof(deeds)](j->telegram, 0);
		deed_answer(j->telegram, 0, id, asked);
		telegram_say(j->telegram, 0, "behind it");
		all_went();
		says(id, "reply not kept");
	}
}

/* But not out of a chat that is protected, and not again and again. */
Test(server_ways, what_may_not_be_forwarded_is_skipped)
{
	char reason[64];
	int32_t asked, id;

	for (int closed = 0; closed < 2; closed++) {
		job_open(j, &(struct job_options){.synth = "messages=3,seed=3", .mode = PLAN_COPY,
						  .allow_protected = true});
		asked = telegram_say(j->telegram, 0, "asked");
		id = deed_list(j->telegram, 0);
		deed_answer(j->telegram, 0, id, asked);
		if (closed != 0)
			hand_protect(j->telegram, 0);
		else
			job_ctl(j, "fault error:method=messages.forwardMessages,code=400,"
				   "text=MESSAGE_ID_INVALID");
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_DONE);
		cr_assert_eq(job_skipped(j, reason), 1);
	}
}

/* What was answered has been edited since, and the words are gone: the answer answers it all the same. */
Test(server_ways, a_quote_of_words_that_are_gone)
{
	int32_t asked, good, bad;

	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_AUTO});
	asked = telegram_say(j->telegram, 0, "asked once more");
	good = deed_quote(j->telegram, 0, asked, "once", "answered");
	bad = deed_quote(j->telegram, 0, asked, "twice", "answered, too");
	all_went();
	cr_assert_eq(occurs(1, "\"reply\""), 2);
	cr_assert_eq(occurs(1, "\"quote\""), 1);
	cr_assert_str_eq(note_of_id(good), "");
	says(bad, "quote not kept");
}

/* A keyboard comes along with a forward when all that is on it are links, and with nothing else. */
Test(server_ways, buttons_that_are_lost_are_told)
{
	for (int copied = 0; copied < 2; copied++) {
		int32_t link, call;

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3",
						  .mode = copied != 0 ? PLAN_COPY : PLAN_AUTO});
		link = deed_button(j->telegram, 0, true, "a link");
		call = deed_button(j->telegram, 0, false, "a question");
		all_went();
		cr_assert_eq(deed_has_buttons(j->telegram, 1, row_of(link)->target_id), copied == 0);
		cr_assert_not(deed_has_buttons(j->telegram, 1, row_of(call)->target_id));
		cr_assert_str_eq(note_of_id(link), copied != 0 ? "buttons not kept" : "");
		cr_assert_str_eq(note_of_id(call), "buttons not kept");
	}
}

/* Rows: P1 */
Test(server_ways, buttons_that_were_lost_in_an_earlier_life)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO});
	job_ctl(j, "knob random-id-forget 1");
	id = deed_button(j->telegram, 0, false, "a question");
	job_ctl(j, "fault drop:method=messages.forwardMessages,count=1");
	for (int i = 0; i < 100000 && job_fired(j, "drop") < 1; i++)
		job_run(j, JOB_SECOND / 500);
	job_kill(j);
	all_went();
	says(id, "buttons not kept");
}

/* Channels take no poll that shows who voted: its words and answers go there all the same. */
Test(server_ways, a_poll_that_shows_who_voted_goes_into_a_channel)
{
	static const enum plan_mode modes[] = {PLAN_AUTO, PLAN_FORWARD, PLAN_COPY};

	for (size_t i = 0; i < countof(modes); i++) {
		int32_t secret, shown, answer;

		job_open(j, &(struct job_options){.synth = "messages=3,seed=3", .mode = modes[i]});
		deed_channel(j->telegram, 1);
		secret = deed_poll(j->telegram, 0, false);
		shown = deed_poll(j->telegram, 0, true);
		answer = deed_poll(j->telegram, 0, true);
		deed_answer(j->telegram, 0, answer, shown);
		telegram_say(j->telegram, 0, "behind it");
		all_went();
		cr_assert_str_eq(note_of_id(secret), "");
		says(shown, "voters not shown");
		says(answer, "voters not shown");
		cr_assert_eq(occurs(1, "\"reply\""), 1);
		cr_assert_eq(occurs(1, "the gardener"), 3);
	}
}

/* In a group nobody is a subscriber: a poll that only those may answer is asked of all there, which is said. */
Test(server_ways, a_poll_for_subscribers_goes_into_a_group)
{
	for (int closed = 0; closed < 2; closed++) {
		int32_t asked, id;

		job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO,
						  .allow_protected = true});
		asked = telegram_say(j->telegram, 0, "asked");
		id = deed_poll(j->telegram, 0, false);
		deed_poll_is(j->telegram, 0, id, POLL_LIMITED);
		deed_answer(j->telegram, 0, id, asked);
		if (closed != 0)
			hand_protect(j->telegram, 0);
		all_went();
		says(id, "voters not limited");
		cr_assert_eq(occurs(1, "\"reply\""), 1);
	}
}

/* Where nobody sees who votes nobody may add an answer: a poll that allows both goes into a channel with neither. */
Test(server_ways, a_poll_with_open_answers_goes_into_a_channel)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO});
	id = deed_poll(j->telegram, 0, true);
	deed_poll_is(j->telegram, 0, id, POLL_OPEN);
	deed_channel(j->telegram, 1);
	all_went();
	says(id, "voters not shown");
	says(id, "answers not open");
}

/* Where a poll may not be asked anew as a closed one it is asked as an open one, which is said. */
Test(server_ways, a_closed_poll_that_is_refused)
{
	int32_t asked, id;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO,
					  .allow_protected = true});
	asked = telegram_say(j->telegram, 0, "asked");
	id = deed_poll(j->telegram, 0, false);
	deed_poll_is(j->telegram, 0, id, POLL_CLOSED);
	deed_answer(j->telegram, 0, id, asked);
	hand_protect(j->telegram, 0);
	job_ctl(j, "fault error:method=messages.sendMedia,code=400,text=POLL_INVALID,count=1");
	all_went();
	says(id, "poll not closed");
	cr_assert_eq(occurs(1, "\"reply\""), 1);
}

/* Without its author, or asked anew, a poll is another one: what was answered, and when it ends, stays behind. */
Test(server_ways, a_poll_that_many_answered)
{
	static const enum plan_mode modes[] = {PLAN_AUTO, PLAN_COPY};

	for (size_t i = 0; i < countof(modes); i++) {
		int32_t fresh, voted, answer, quiz;

		job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = modes[i]});
		fresh = deed_poll(j->telegram, 0, false);
		voted = deed_poll(j->telegram, 0, false);
		deed_poll_is(j->telegram, 0, voted, POLL_VOTED);
		answer = deed_poll(j->telegram, 0, false);
		deed_poll_is(j->telegram, 0, answer, POLL_VOTED);
		deed_poll_is(j->telegram, 0, answer, POLL_TIMED);
		deed_answer(j->telegram, 0, answer, voted);
		quiz = deed_quiz(j->telegram, 0); /* which goes with its author, and is the same one */
		deed_poll_is(j->telegram, 0, quiz, POLL_VOTED);
		all_went();
		cr_assert_str_eq(note_of_id(fresh), "");
		says(voted, "votes not kept");
		says(answer, "votes not kept");
		says(answer, "poll's end not kept");
		says(quiz, "author named");
		cr_assert_null(strstr(note_of_id(quiz), "votes"), "\"%s\"", note_of_id(quiz));
	}
}

/* Of an account without Premium a server takes custom emoji away, out of a poll's words as out of others. */
Test(server_ways, a_poll_with_custom_emoji)
{
	static const enum plan_mode modes[] = {PLAN_AUTO, PLAN_COPY};

	for (size_t i = 0; i < 2 * countof(modes); i++) {
		int32_t id;

		job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = modes[i / 2],
						  .premium = i % 2 != 0, .knobs = {"premium-emoji=1"}});
		if (i % 2 != 0)
			hand_premium(j->telegram);
		id = deed_poll(j->telegram, 0, false);
		deed_poll_is(j->telegram, 0, id, POLL_EMOJI);
		all_went();
		cr_assert_str_eq(note_of_id(id), i % 2 != 0 ? "" : "formatting not kept: by the server");
	}
}

/* Whom the account never met it may name all the same, by the message in which it saw the name. */
Test(server_ways, a_stranger_is_named)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY,
					  .knobs = {"min-users=1"}});
	id = deed_mention(j->telegram, 0, true, "he said so");
	all_went();
	cr_assert_str_eq(note_of_id(id), "");
	cr_assert_eq(occurs(1, "mentionName"), 1);
	job_is_complete(j);
}

/* Who is in no answer cannot be named, which is said; whom the server refuses takes nothing else along. */
Test(server_ways, a_name_that_is_lost_is_told)
{
	int32_t nobody, refused;

	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY});
	nobody = deed_mention(j->telegram, 0, false, "who said so?");
	refused = deed_mention(j->telegram, 0, true, "he said so");
	job_ctl(j, "fault error:method=messages.sendMessage,code=400,text=ENTITY_MENTION_USER_INVALID,"
		   "skip=3,count=1");
	all_went();
	cr_assert_eq(job_fired(j, "error"), 1);
	cr_assert_str_eq(note_of_id(nobody), "mention not kept");
	cr_assert_str_eq(note_of_id(refused), "mention not kept");
	cr_assert_eq(occurs(1, "mentionName"), 0);
	cr_assert_eq(occurs(1, "\"bold\""), occurs(0, "\"bold\""));
}

/* The same of one whose answer is lost, with the process that waited for it. */
/* Rows: N18 I6 */
Test(server_ways, a_name_that_is_lost_is_told_when_it_is_found)
{
	int32_t nobody;

	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY});
	nobody = deed_mention(j->telegram, 0, false, "who said so?");
	job_ctl(j, "fault drop:method=messages.sendMessage,skip=2,count=1");
	for (int i = 0; i < 100000 && job_fired(j, "drop") == 0; i++)
		job_run(j, JOB_SECOND / 500);
	job_kill(j);
	all_went();
	says(nobody, "mention not kept");
	cr_assert_eq(occurs(1, "who said so?"), 1);
}

/* What comes out as another kind when it is uploaded is found, though the answer cannot be read. */
/* Rows: N18 I2 */
Test(server_ways, a_sticker_that_came_out_as_a_file_is_found)
{
	static const char *const kinds[] = {"application/x-tgsticker", "image/gif"};

	for (size_t i = 0; i < countof(kinds); i++) {
		int32_t id;

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY, .allow_protected = true});
		hand_protect(j->telegram, 0);
		id = deed_sticker(j->telegram, 0, kinds[i]);
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "fault garble:method=messages.sendMedia,count=1");
		job_kill(j);
		all_went();
		cr_assert_eq(job_fired(j, "garble"), 1);
		cr_assert_eq(occurs(1, "\n"), 3, "%u", occurs(1, "\n"));
		says(id, i == 0 ? "sticker sent as a document" : "gif made a video");
	}
}

/* Channels take no games: one after the other is skipped, and that is not the chat's fault. */
/* Rows: S39 */
Test(server_ways, one_game_after_the_other_is_refused)
{
	enum { GAMES = 15 };
	char reason[64];

	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_AUTO});
	for (int i = 0; i < GAMES; i++)
		deed_game(j->telegram, 0);
	telegram_say(j->telegram, 0, "behind them");
	job_ctl(j, "fault error:method=messages.forwardMessages,code=400,text=BOT_GAMES_DISABLED");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_DONE, "%s", clone_why(j->client.clone));
	cr_assert_eq(job_skipped(j, reason), GAMES);
	cr_assert_not_null(strstr(reason, "BOT_GAMES"), "%s", reason);
	cr_assert_eq(occurs(1, "behind them"), 1);
}

/* Who runs a channel answers people in its direct messages, and may tell them nothing of itself. */
/* Rows: S38 */
Test(server_ways, into_the_direct_messages_of_a_channel)
{
	char reason[64];

	job_open(j, &(struct job_options){.synth = "messages=20,photos=5,seed=3", .mode = PLAN_AUTO});
	job_ctl(j, "fault error:method=messages.forwardMessages,code=400,"
		   "text=REPLY_TO_MONOFORUM_PEER_INVALID");
	job_ctl(j, "fault error:method=messages.send*,code=400,text=REPLY_TO_MONOFORUM_PEER_INVALID");
	job_run(j, JOB_DAY);
	cr_assert_eq(j->client.status, CLONE_TARGET, "%d", j->client.status);
	cr_assert_eq(job_skipped(j, reason), 0, "%s", reason);
}

/* All is there, and will not stay: whoever reads the end of it is told, of each message. */
Test(server_ways, a_target_that_deletes_what_is_sent)
{
	static const enum plan_mode modes[] = {PLAN_AUTO, PLAN_COPY, PLAN_STREAM};

	for (size_t i = 0; i < countof(modes); i++) {
		int32_t id;

		job_open(j, &(struct job_options){.synth = "messages=6,photos=2,albums=1,seed=3",
						  .mode = modes[i]});
		id = telegram_say(j->telegram, 0, "for ever");
		deed_timer(j->telegram, 1, 86400);
		all_went();
		says(id, "deleted again by the target's timer");
	}
}

/* Rows: P1 */
Test(server_ways, a_target_that_deletes_what_was_sent_in_an_earlier_life)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO});
	job_ctl(j, "knob random-id-forget 1");
	id = telegram_say(j->telegram, 0, "for ever");
	deed_timer(j->telegram, 1, 86400);
	job_ctl(j, "fault drop:method=messages.forwardMessages,count=1");
	for (int i = 0; i < 100000 && job_fired(j, "drop") < 1; i++)
		job_run(j, JOB_SECOND / 500);
	job_kill(j);
	all_went();
	says(id, "deleted again");
}

/* Custom emoji of an account without Premium become plain ones; what else was lost is told beside it. */
Test(server_ways, what_the_server_takes_away_hides_no_other_loss)
{
	int32_t asked, alone, answer;

	job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY,
					  .knobs = {"premium-emoji=1"}});
	asked = telegram_say(j->telegram, 0, "asked");
	alone = hand_emoji(j->telegram, 0, "emoji");
	answer = hand_emoji(j->telegram, 0, "answered");
	deed_answer(j->telegram, 0, answer, asked);
	hand_delete(j->telegram, 0, asked);
	all_went();
	cr_assert_str_eq(note_of_id(alone), "formatting not kept: by the server");
	says(answer, "formatting not kept");
	says(answer, "reply not kept");
}

/* Without the chat's name beside it, an answer would land in the topic of what it answers. */
Test(server_ways, an_answer_out_of_one_topic_into_another)
{
	static const enum plan_mode modes[] = {PLAN_AUTO, PLAN_COPY};

	for (size_t i = 0; i < countof(modes); i++) {
		int32_t here, there, asked, ids[3];

		job_open(j, &(struct job_options){.synth = "messages=4,topics=2,seed=3",
						  .mode = modes[i], .topics = 2});
		here = hand_topic(j->telegram, 0, "here");
		there = hand_topic(j->telegram, 0, "there");
		asked = hand_say_in(j->telegram, 0, there, "asked there");
		ids[0] = deed_across(j->telegram, 0, here, asked, "answered here");
		ids[1] = deed_across(j->telegram, 0, 0, asked, "answered in General");
		ids[2] = deed_across(j->telegram, 0, there, ids[1], "and back there");
		all_went();
		for (size_t k = 0; k < countof(ids); k++)
			cr_assert_str_eq(note_of_id(ids[k]), "");
		cr_assert_str_eq(hand_topic_of(j->telegram, 1, "answered here"), "here");
		cr_assert_str_eq(hand_topic_of(j->telegram, 1, "answered in General"), "General");
		cr_assert_str_eq(hand_topic_of(j->telegram, 1, "and back there"), "there");
		cr_assert_eq(occurs(1, "\"reply\""), occurs(0, "\"reply\""));
	}
}

/* Where the target lets nothing out, not even into another topic of its own, it goes without the reply. */
Test(server_ways, an_answer_into_another_topic_of_a_protected_chat)
{
	int32_t here, there, asked, id;

	job_open(j, &(struct job_options){.synth = "messages=4,topics=2,seed=3", .mode = PLAN_AUTO,
					  .topics = 2});
	hand_protect(j->telegram, 1);
	here = hand_topic(j->telegram, 0, "here");
	there = hand_topic(j->telegram, 0, "there");
	asked = hand_say_in(j->telegram, 0, there, "asked there");
	id = deed_across(j->telegram, 0, here, asked, "answered here");
	all_went();
	says(id, "reply not kept");
	cr_assert_str_eq(hand_topic_of(j->telegram, 1, "answered here"), "here");
}

/* A forward keeps what was answered in another chat, and loses a story: which it is, its copy tells. */
Test(server_ways, an_answer_to_what_is_elsewhere)
{
	static const enum plan_mode modes[] = {PLAN_AUTO, PLAN_COPY};

	for (size_t i = 0; i < countof(modes); i++) {
		int32_t chat, story;

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = modes[i]});
		chat = deed_elsewhere(j->telegram, 0, false, "about that chat");
		story = deed_elsewhere(j->telegram, 0, true, "about that story");
		all_went();
		says(story, "reply not kept");
		if (modes[i] == PLAN_AUTO)
			cr_assert_str_eq(note_of_id(chat), "");
		else
			says(chat, "reply not kept");
	}
}

/* A link that stands nowhere but in its preview is gone when the server makes none. */
Test(server_ways, a_preview_that_is_not_made_is_told)
{
	static const char *const knobs[] = {"webpage=simple", "webpage=pending", "webpage=none"};

	for (size_t i = 0; i < countof(knobs); i++) {
		int32_t id;

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = PLAN_COPY,
						  .knobs = {knobs[i]}});
		id = deed_preview(j->telegram, 0, "look");
		all_went();
		cr_assert_str_eq(note_of_id(id), i == 2 ? "link preview not kept" : "", "%s", knobs[i]);
	}
}

/* A forward concerns two chats, and the server does not say which of them is closed. */
Test(server_ways, one_of_two_chats_is_closed)
{
	static const char *const words[] = {"CHANNEL_PRIVATE", "CHANNEL_INVALID", "PEER_ID_INVALID"};

	for (size_t i = 0; i < countof(words); i++) {
		job_open(j, &(struct job_options){.synth = "messages=5,seed=3", .mode = PLAN_AUTO});
		job_ctl(j, "fault error:method=messages.forwardMessages,code=400,text=%s", words[i]);
		job_run(j, JOB_DAY);
		cr_assert_eq(j->client.status, CLONE_TARGET, "%d", j->client.status);
		cr_assert_eq(strncmp(clone_why(j->client.clone), "the source or the target: ", 26), 0,
			     "%s", clone_why(j->client.clone));
		cr_assert_not_null(strstr(clone_why(j->client.clone), words[i]));
	}
}

/* What is shown once to two people is shown in no group; that it was there is told. */
Test(server_ways, an_effect_that_is_lost_is_told)
{
	static const enum plan_mode modes[] = {PLAN_AUTO, PLAN_COPY};

	for (size_t i = 0; i < countof(modes); i++) {
		int32_t id;

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = modes[i]});
		id = deed_effect(j->telegram, 0, "hooray");
		all_went();
		cr_assert_str_eq(note_of_id(id), "effect not kept");
	}
}

/* ---- captions that the account may not send ---- */

/* So many x, what is behind them, and more than fits. */
static const char *long_caption(uint32_t xs, const char *tail)
{
	static char text[2000];

	memset(text, 'x', xs);
	snprintf(text + xs, sizeof(text) - xs, "%s and what is too much of it", tail);
	return text;
}

/*
 * Out of a protected chat a file is uploaded only: it goes with as much of its caption as the account may
 * send, to a whole character and without space behind it, and that is noted.
 */
Test(server_ways, a_caption_that_is_too_long_is_cut)
{
	static const struct {
		uint32_t xs;
		const char *tail, *last, *bold;
	} rows[] = {{1024, "", "xx\"", "\"offset\":1000,\"length\":24"},
		    {1023, "\xf0\x9f\x98\x80", "xx\"", "\"offset\":1000,\"length\":23"},
		    {1021, "\xf0\x9f\x98\x80 ", "x\xf0\x9f\x98\x80\"", "\"offset\":1000,\"length\":23"}};

	for (size_t i = 0; i < countof(rows) * 2; i++) {
		bool refused = i >= countof(rows);
		int32_t id;

		job_open(j, &(struct job_options){.synth = "messages=8,photos=3,albums=1,seed=5",
						  .mode = PLAN_AUTO,
						  .closed = !refused,
						  .allow_protected = !refused});
		if (refused)
			job_ctl(j, "fault error:method=messages.forwardMessages,code=400,text=MEDIA_INVALID");
		else
			hand_protect(j->telegram, 0);
		id = hand_album_item(j->telegram, 0, 1, i & 1);
		deed_caption(j->telegram, 0, id, long_caption(rows[i % 3].xs, rows[i % 3].tail), 1000, 40);
		job_run(j, JOB_DAY);
		cr_assert_eq(job_skipped(j, (char[64]){0}), 0);
		cr_assert_str_eq(note_of_id(id), "caption cut: 1024 at most");
		cr_assert_eq(occurs(1, rows[i % 3].last), 1);
		cr_assert_eq(occurs(1, "too much of it"), 0);
		cr_assert_eq(occurs(1, rows[i % 3].bold), 1);
	}
}

/* It is known again by what went of it, and answers what it answered, whatever way would be planned by now. */
/* Rows: N18 */
Test(server_ways, a_cut_caption_whose_answer_is_lost)
{
	for (int closed = 0; closed < 2; closed++) {
		uint32_t lines;
		int32_t id;

		job_open(j, &(struct job_options){.synth = "messages=8,photos=3,albums=1,seed=5",
						  .mode = PLAN_AUTO,
						  .closed = closed != 0,
						  .allow_protected = true});
		hand_protect(j->telegram, 0);
		id = hand_album_item(j->telegram, 0, 1, 1);
		deed_caption(j->telegram, 0, id, long_caption(1100, ""), 1000, 40);
		job_ctl(j, "knob random-id-forget 1");
		job_ctl(j, "fault drop:method=messages.sendMultiMedia,count=1");
		for (int i = 0; i < 100000 && job_fired(j, "drop") < 1; i++)
			job_run(j, JOB_SECOND / 500);
		job_kill(j);
		all_went();
		free(telegram_dump(j->telegram, 1, &lines));
		cr_assert_eq(lines, 8, "%u", lines);
		cr_assert_eq(job_adopted(j), 3, "%u", job_adopted(j));
		cr_assert_str_eq(note_of_id(id), closed ? "caption cut: 1024 at most" : "caption cut");
	}
}

/* Of a send the only message that is named is the one that it answers: without that it goes. */
Test(server_ways, what_is_answered_is_called_invalid)
{
	static const char *const words[] = {"MSG_ID_INVALID", "MESSAGE_ID_INVALID"};

	for (size_t i = 0; i < countof(words); i++) {
		int32_t asked, id;

		job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO,
						  .allow_protected = true});
		asked = telegram_say(j->telegram, 0, "asked");
		id = hand_reply(j->telegram, 0, asked, "answered");
		hand_protect(j->telegram, 0);
		job_ctl(j, "fault error:method=messages.sendMessage,code=400,text=%s,skip=2,count=1", words[i]);
		all_went();
		cr_assert_eq(job_fired(j, "error"), 1);
		says(id, "reply not kept");
	}
}

/* A forward takes what the source says when it is executed: that is no doing of the server's. */
Test(server_ways, edited_between_the_page_and_the_forward)
{
	int32_t id;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_FORWARD});
	id = telegram_say(j->telegram, 0, "first");
	job_ctl(j, "fault error:method=messages.forwardMessages,code=420,text=FLOOD_WAIT_60,count=1");
	while (job_fired(j, "error") == 0)
		job_run(j, JOB_SECOND / 100);
	telegram_edit(j->telegram, 0, id, "second");
	all_went();
	job_is_complete(j);
	says(id, "changed at the source");
}

static void dies_unanswered(const char *method)
{
	job_ctl(j, "knob random-id-forget 1");
	job_dies_unanswered(j, method, 0);
	all_went();
}

/* What a send went without, a life that only finds its copy cannot know of itself: the copy tells. */
/* Rows: P1 */
Test(server_ways, what_was_lost_in_an_earlier_life)
{
	int32_t id, asked;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO});
	id = deed_poll(j->telegram, 0, true);
	deed_channel(j->telegram, 1);
	dies_unanswered("messages.sendMedia");
	says(id, "voters not shown");

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO});
	asked = telegram_say(j->telegram, 0, "asked");
	id = deed_quote(j->telegram, 0, asked, "not in it", "answered");
	dies_unanswered("messages.sendMessage");
	says(id, "quote not kept");

	job_open(j, &(struct job_options){.synth = "messages=1,photos=1x3000,seed=3", .mode = PLAN_STREAM});
	id = hand_photo(j->telegram, 0);
	job_ctl(j, "fault error:method=messages.uploadMedia,code=400,text=PHOTO_INVALID_DIMENSIONS,count=1");
	dies_unanswered("messages.sendMedia");
	says(id, "photo sent as a document");
}

/* A link of which there is nothing but its preview, and nobody says that it was asked for so. */
Test(server_ways, a_preview_without_a_word)
{
	int32_t asked, id;

	job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_AUTO});
	asked = telegram_say(j->telegram, 0, "asked");
	id = hand_link(j->telegram, 0, 1);
	deed_answer(j->telegram, 0, id, asked);
	deed_caption(j->telegram, 0, id, "", 0, 0);
	all_went();
	cr_assert_str_eq(note_of_id(id), "");
	cr_assert_eq(occurs(1, "\"reply\""), 1);
}

/* What it answers was deleted in the target: it goes without that, and says so, also where a send is answered in short. */
/* Rows: I6 */
Test(server_ways, a_reply_to_what_was_deleted_in_the_target)
{
	for (int way = 0; way < 2 * TARGETS; way++) {
		int32_t asked, answer, other;

		job_open(j, &(struct job_options){.synth = "messages=1,seed=3", .mode = PLAN_COPY,
						  .target = (enum target_kind)(way / 2),
						  .knobs = {way % 2 ? "short-sent=1" : NULL}});
		asked = telegram_say(j->telegram, 0, "asked");
		other = telegram_say(j->telegram, 0, "something else");
		answer = hand_reply(j->telegram, 0, asked, "answered");
		other = hand_reply(j->telegram, 0, other, "answered, too");
		j->o.to_id = answer - 1;
		job_kill(j);
		job_run(j, JOB_DAY);
		telegram_delete(j->telegram, 1, ledger_target_of(j->client.ledger, asked));
		j->o.to_id = 0;
		job_kill(j);
		all_went();
		cr_assert_str_eq(note_of_id(answer), "reply not kept: what it answers was gone", "%d: %s", way, note_of_id(answer));
		cr_assert_str_eq(note_of_id(other), "", "%d: %s", way, note_of_id(other));
	}
}

/* What is made anew begins as it is made: nothing of a list is done, and no bot brought it. Of a forward the copy tells. */
/* Rows: I6 */
Test(server_ways, ticks_and_the_bot_it_came_by)
{
	static const enum plan_mode modes[] = {PLAN_COPY, PLAN_FORWARD};

	for (size_t i = 0; i < countof(modes); i++) {
		const char *ticks = i == 0 ? "ticks not kept" : "";
		int32_t list, open, via;

		job_open(j, &(struct job_options){.synth = "messages=2,seed=3", .mode = modes[i], .premium = true});
		hand_premium(j->telegram);
		list = deed_list(j->telegram, 0);
		deed_tick(j->telegram, 0, list);
		open = deed_list(j->telegram, 0);
		via = deed_via(j->telegram, 0, "@pic a cat");
		all_went();
		cr_assert_str_eq(note_of_id(list), ticks, "%s", note_of_id(list));
		cr_assert_str_eq(note_of_id(open), "", "%s", note_of_id(open));
		cr_assert_str_eq(note_of_id(via), "bot it came by not named", "%s", note_of_id(via));
	}
}

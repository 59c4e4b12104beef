/*
 * One tree, several layers: values that change kind on the way, fields that come and go, and what
 * a layer cannot say at all.
 */
#include "proto/schema/tlobj.h"

#include <criterion/criterion.h>

static uint8_t memory[1 << 20], wire[1 << 16];

static struct arena fresh(void)
{
	struct arena a;

	arena_init(&a, memory, sizeof(memory));
	return a;
}

static const struct tl_obj *through(struct arena *a, const struct tl_obj *o, int layer)
{
	struct tl_error error;
	size_t len = tl_encode(o, layer, (struct span){wire, sizeof(wire)}, &error);
	const struct tl_obj *back;

	cr_assert_gt(len, 0, "layer %d: fault %d (%08x)", layer, (int)error.fault, error.id);
	back = tl_decode(a, cspan_of(wire, len), &error);
	cr_assert_not_null(back, "layer %d: fault %d at %u", layer, (int)error.fault, error.offset);
	return tl_clone(a, back); /* wire is used again */
}

static bool text_is(struct cspan s, const char *text)
{
	return cspan_equal(s, cspan_str(text));
}

static struct tl_obj *text_of(struct arena *a, const char *text)
{
	struct tl_obj *o = tl_new(a, TLC_textWithEntities);

	tl_set_str(o, TLF_text, text);
	tl_set_vec(a, o, TLF_entities, 0);
	return o;
}

static struct tl_obj *some_poll(struct arena *a)
{
	struct tl_obj *poll = tl_new(a, TLC_poll), *answer = tl_new(a, TLC_pollAnswer);

	tl_set_long(poll, TLF_id, 5);
	tl_set_flag(poll, TLF_quiz, true);
	tl_set_obj(poll, TLF_question, text_of(a, "Why?"));
	tl_set_obj(answer, TLF_text, text_of(a, "Because"));
	tl_set_bytes(answer, TLF_option, cspan_of("\0", 1));
	tl_set_vec(a, poll, TLF_answers, 1);
	tl_put_obj(poll, TLF_answers, 0, answer);
	return poll;
}

Test(layers, poll_question_becomes_a_string_and_back)
{
	struct arena a = fresh();
	const struct tl_obj *poll = through(&a, some_poll(&a), TL_LAYER), *answer;

	cr_assert_eq(tl_sub_cons(poll, TLF_question), TLC_textWithEntities);
	cr_assert(text_is(tl_bytes(poll, TLF_question), "Why?")); /* read through its wrapper */

	poll = through(&a, poll, TL_LAYER_OLD);
	cr_assert_eq(tl_wire_id(poll), 0x86e18161);
	cr_assert_null(tl_sub(poll, TLF_question));
	cr_assert(text_is(tl_bytes(poll, TLF_question), "Why?"));
	cr_assert(tl_flag(poll, TLF_quiz));
	answer = tl_vec_obj(tl_vec(poll, TLF_answers), 0);
	cr_assert(text_is(tl_bytes(answer, TLF_text), "Because"));

	poll = through(&a, poll, TL_LAYER_MID);
	cr_assert_eq(tl_wire_id(poll), 0x58747131);
	cr_assert_eq(tl_sub_cons(poll, TLF_question), TLC_textWithEntities);
	cr_assert(text_is(tl_bytes(tl_sub(poll, TLF_question), TLF_text), "Why?"));
	answer = tl_vec_obj(tl_vec(poll, TLF_answers), 0);
	cr_assert(text_is(tl_bytes(tl_sub(answer, TLF_text), TLF_text), "Because"));
}

Test(layers, duration_of_a_video)
{
	struct arena a = fresh();
	struct tl_obj *video = tl_new(&a, TLC_documentAttributeVideo);
	const struct tl_obj *v;

	tl_set_double(video, TLF_duration, 12.75);
	tl_set_int(video, TLF_w, 640);
	tl_set_flag(video, TLF_nosound, true);
	v = through(&a, video, TL_LAYER);
	cr_assert_eq(tl_double(v, TLF_duration), 12.75);
	cr_assert_eq(tl_int(v, TLF_duration), 12);
	v = through(&a, v, TL_LAYER_OLD);
	cr_assert_eq(tl_int(v, TLF_duration), 12);
	cr_assert_eq(tl_double(v, TLF_duration), 12.0);
	cr_assert_not(tl_flag(v, TLF_nosound)); /* that layer has no such flag */
	v = through(&a, v, TL_LAYER);
	cr_assert_eq(tl_double(v, TLF_duration), 12.0);
	cr_assert_eq(tl_int(v, TLF_w), 640);
}

Test(layers, durations_no_integer_holds)
{
	static const double odd[] = {1e300, -1e300, 0.0 / 0.0, 1.0 / 0.0};

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct arena a = fresh();
		struct tl_obj *video = tl_new(&a, TLC_documentAttributeVideo);

		tl_set_double(video, TLF_duration, odd[i]);
		cr_assert_eq(tl_long(video, TLF_duration), 0);
		cr_assert_eq(tl_int(through(&a, video, TL_LAYER_OLD), TLF_duration), 0);
	}
}

Test(layers, reaction_was_a_string)
{
	struct arena a = fresh();
	struct tl_obj *count = tl_new(&a, TLC_reactionCount), *paid = tl_new(&a, TLC_reactionPaid);
	struct tl_obj *heart = tl_new(&a, TLC_reactionEmoji);
	const struct tl_obj *o;

	tl_set_str(heart, TLF_emoticon, "❤");
	tl_set_obj(count, TLF_reaction, heart);
	tl_set_int(count, TLF_count, 3);
	o = through(&a, count, TL_LAYER_OLD);
	cr_assert(text_is(tl_bytes(o, TLF_reaction), "❤"));
	cr_assert_eq(tl_int(o, TLF_count), 3);
	o = through(&a, o, TL_LAYER);
	cr_assert_eq(tl_sub_cons(o, TLF_reaction), TLC_reactionEmoji);

	tl_set_obj(count, TLF_reaction, paid); /* no emoticon in it: empty there */
	o = through(&a, count, TL_LAYER_OLD);
	cr_assert_eq(tl_bytes(o, TLF_reaction).len, 0);
}

Test(layers, voters_were_numbers)
{
	struct arena a = fresh();
	struct tl_obj *results = tl_new(&a, TLC_pollResults), *user = tl_new(&a, TLC_peerUser);
	const struct tl_obj *o;

	tl_set_long(user, TLF_user_id, 99);
	tl_set_vec(&a, results, TLF_recent_voters, 1);
	tl_put_obj(results, TLF_recent_voters, 0, user);
	o = through(&a, results, TL_LAYER_OLD);
	cr_assert_eq(tl_vec(o, TLF_recent_voters).count, 1);
	cr_assert_eq(tl_vec_long(tl_vec(o, TLF_recent_voters), 0), 99);
	cr_assert_null(tl_vec_obj(tl_vec(o, TLF_recent_voters), 0));
	o = through(&a, o, TL_LAYER);
	cr_assert_eq(tl_cons(tl_vec_obj(tl_vec(o, TLF_recent_voters), 0)), TLC_peerUser);
	cr_assert_eq(tl_vec_long(tl_vec(o, TLF_recent_voters), 0), 99);
}

Test(layers, vectors_that_cannot_be_turned)
{
	struct arena a = fresh();
	struct tl_obj *media = tl_new(&a, TLC_inputMediaPoll);
	const struct tl_obj *o;

	tl_set_obj(media, TLF_poll, some_poll(&a));
	tl_set_vec(&a, media, TLF_correct_answers, 1); /* numbers now, options once */
	tl_put_int(media, TLF_correct_answers, 0, 0);
	o = through(&a, media, TL_LAYER);
	cr_assert_eq(tl_vec(o, TLF_correct_answers).count, 1);
	o = through(&a, media, TL_LAYER_MID);
	cr_assert_not(tl_has(o, TLF_correct_answers));
	tl_set_vec(&a, media, TLF_correct_answers, 1);
	tl_put_bytes(media, TLF_correct_answers, 0, cspan_of("\1", 1));
	o = through(&a, media, TL_LAYER_MID);
	cr_assert_eq(tl_vec_bytes(tl_vec(o, TLF_correct_answers), 0).at[0], 1);
}

Test(layers, required_vector_that_cannot_be_turned)
{
	struct arena a = fresh();
	struct tl_obj *peers = tl_new(&a, TLC_channels_sendAsPeers);
	const struct tl_obj *o;

	tl_set_vec(&a, peers, TLF_peers, 1); /* of SendAsPeer now, of Peer once */
	tl_put_obj(peers, TLF_peers, 0, tl_new(&a, TLC_sendAsPeer));
	o = through(&a, peers, TL_LAYER);
	cr_assert_eq(tl_vec(o, TLF_peers).count, 1);
	o = through(&a, peers, TL_LAYER_OLD);
	cr_assert(tl_has(o, TLF_peers));
	cr_assert_eq(tl_vec(o, TLF_peers).count, 0);
}

Test(layers, only_wrappers_are_read_through)
{
	struct arena a = fresh();
	struct tl_obj *row = tl_new(&a, TLC_keyboardButtonRow),
		      *button = tl_new(&a, TLC_keyboardButton);

	tl_set_str(button, TLF_text, "press");
	tl_set_vec(&a, row, TLF_buttons, 1);
	tl_put_obj(row, TLF_buttons, 0, button);
	cr_assert_eq(tl_vec_bytes(tl_vec(row, TLF_buttons), 0).len,
		     0); /* it has a text, but is none */
}

static struct tl_obj *some_send(struct arena *a)
{
	struct tl_obj *send = tl_new(a, TLC_messages_sendMessage);
	struct tl_obj *reply = tl_new(a, TLC_inputReplyToMessage);

	tl_set_obj(send, TLF_peer, tl_new(a, TLC_inputPeerSelf));
	tl_set_str(send, TLF_message, "hi");
	tl_set_long(send, TLF_random_id, 7);
	tl_set_int(reply, TLF_reply_to_msg_id, 3);
	tl_set_obj(send, TLF_reply_to, reply);
	tl_set_int(send, TLF_reply_to_msg_id, 4); /* the same thing's older name */
	return send;
}

Test(layers, fields_come_and_go)
{
	static const struct {
		int layer;
		uint32_t id;
		bool old;
	} forms[] = {{144, 0x0d9d75a4, true}, {201, 0xfbf2340a, false}, {228, 0xfef48f62, false}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct arena a = fresh();
		const struct tl_obj *o = through(&a, some_send(&a), forms[i].layer);

		cr_assert_eq(tl_wire_id(o), forms[i].id);
		cr_assert_eq(tl_has(o, TLF_reply_to_msg_id), forms[i].old);
		cr_assert_eq(tl_has(o, TLF_reply_to), !forms[i].old);
		cr_assert_eq(tl_int(o, TLF_reply_to_msg_id), forms[i].old ? 4 : 0);
		cr_assert_eq(tl_int(tl_sub(o, TLF_reply_to), TLF_reply_to_msg_id),
			     forms[i].old ? 0 : 3);
		cr_assert_eq(tl_long(o, TLF_random_id), 7);
	}
}

static struct tl_obj *channel_message(struct arena *a, struct tl_obj *media)
{
	struct tl_obj *m = tl_new(a, TLC_message), *peer = tl_new(a, TLC_peerChannel);
	struct tl_obj *header = tl_new(a, TLC_messageReplyHeader);

	tl_set_long(peer, TLF_channel_id, 1000);
	tl_set_int(m, TLF_id, 12);
	tl_set_obj(m, TLF_peer_id, peer);
	tl_set_str(m, TLF_message, "text");
	tl_set_flag(header, TLF_forum_topic, true);
	tl_set_int(header, TLF_reply_to_msg_id, 5);
	tl_set_int(header, TLF_reply_to_top_id, 2);
	tl_set_obj(m, TLF_reply_to, header);
	tl_set_flag(m, TLF_offline, true);
	tl_set_obj(m, TLF_media, media);
	return m;
}

Test(layers, message_down_the_layers_and_up_again)
{
	struct arena a = fresh();
	struct tl_obj *media = tl_new(&a, TLC_messageMediaPoll);
	const struct tl_obj *m, *reply;

	tl_set_obj(media, TLF_poll, some_poll(&a));
	tl_set_obj(media, TLF_results, tl_new(&a, TLC_pollResults));
	m = through(&a, channel_message(&a, media), TL_LAYER);
	cr_assert(tl_flag(m, TLF_offline));
	m = through(&a, m, TL_LAYER_MID);
	cr_assert_eq(tl_wire_id(m), 0xeabcdd4d);
	cr_assert(tl_flag(m, TLF_offline));
	reply = tl_sub(m, TLF_reply_to);
	cr_assert(tl_flag(reply, TLF_forum_topic));
	m = through(&a, m, TL_LAYER_OLD);
	cr_assert_eq(tl_wire_id(m), 0x38116ee0);
	cr_assert_not(tl_flag(m, TLF_offline));
	reply = tl_sub(m, TLF_reply_to);
	cr_assert_eq(tl_int(reply, TLF_reply_to_msg_id), 5);
	cr_assert_eq(tl_int(reply, TLF_reply_to_top_id), 2);
	m = through(&a, m, TL_LAYER);
	cr_assert_eq(tl_wire_id(m), 0x7600b9d3);
	cr_assert_eq(tl_int(m, TLF_id), 12);
	cr_assert(text_is(tl_bytes(tl_sub(tl_sub(m, TLF_media), TLF_poll), TLF_question), "Why?"));
}

Test(layers, what_a_layer_cannot_say)
{
	struct arena a = fresh();
	struct tl_obj *media = tl_new(&a, TLC_messageMediaToDo);
	struct tl_error error;

	/* The list came later than layer 144: the message cannot be said with it, and can without.
	 */
	cr_assert_eq(tl_encode(channel_message(&a, media), TL_LAYER_OLD,
			       (struct span){wire, sizeof(wire)}, &error),
		     0);
	cr_assert_eq(error.fault, TL_UNKNOWN);
	cr_assert_eq(error.offset, 0);
	cr_assert_eq(error.id, tl_id(TLC_messageMediaToDo, TL_LAYER));
	cr_assert_eq(tl_id(TLC_messageMediaToDo, TL_LAYER_OLD), 0);
	through(&a, channel_message(&a, tl_new(&a, TLC_messageMediaUnsupported)), TL_LAYER_OLD);
}

Test(layers, methods_that_moved)
{
	struct arena a = fresh();
	struct tl_obj *ask = tl_new(&a, TLC_channels_getForumTopics);
	struct tl_error error;

	through(&a, ask, TL_LAYER_MID);
	cr_assert_eq(tl_encode(ask, TL_LAYER, (struct span){wire, sizeof(wire)}, &error), 0);
	cr_assert_eq(error.fault, TL_UNKNOWN);
	/* Gone from that layer, its id is still told. */
	cr_assert_eq(error.id, 0x0de560d1);
	through(&a, tl_new(&a, TLC_messages_getForumTopics), TL_LAYER);
}

Test(layers, stand_ins_of_absent_objects)
{
	struct arena a = fresh();
	const struct tl_obj *chat = through(&a, tl_new(&a, TLC_channel), TL_LAYER);

	cr_assert_eq(tl_sub_cons(chat, TLF_photo), TLC_chatPhotoEmpty);
	chat = through(&a, tl_new(&a, TLC_messages_sendMessage), TL_LAYER);
	cr_assert_eq(tl_sub_cons(chat, TLF_peer), TLC_inputPeerEmpty);
	chat = through(&a, tl_new(&a, TLC_messageMediaWebPage), TL_LAYER);
	cr_assert_eq(tl_sub_cons(chat, TLF_webpage), TLC_webPageEmpty);
}

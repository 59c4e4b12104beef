/*
 * Polls: made from inputMediaPoll in any layer's form, voted on, counted. Votes and the right
 * answers are kept beside the message, by poll id, so that all copies of a forwarded poll count
 * together. A quiz shows its right answer to whoever has voted, or to all once it is closed.
 */
#include "tools/tgsim/methods_priv.h"

enum {
	ANSWERS_MIN = 2,
	ANSWERS_MAX = 12,
	QUESTION_UNITS_MAX = 300,
	ANSWER_UNITS_MAX = 100,
	SOLUTION_UNITS_MAX = 200,
	OPTION_LEN_MAX = 100,
};

struct vote {
	struct vote *next;
	int64_t user;
	uint32_t chosen; /* bit an answer */
};

struct poll {
	struct poll *next;
	int64_t id;
	uint32_t correct; /* bit an answer; 0 when nobody said */
	const char *solution;
	const struct tl_obj
	    *input; /* the inputMediaPoll it was made from, for the solution's entities */
	struct vote *votes;
};

static const struct tl_obj *refuse(struct rpc_reply *out, const char *text)
{
	rpc_error(out, 400, "%s", text);
	return NULL;
}

static struct poll *poll_find(struct world *w, int64_t id, bool make)
{
	struct methods *m = methods_of(w);
	struct poll *p = m->polls;

	while (p != NULL && p->id != id)
		p = p->next;
	if (p != NULL || !make)
		return p;
	p = world_take(w, sizeof(*p));
	*p = (struct poll){.next = m->polls, .id = id, .solution = ""};
	m->polls = p;
	return p;
}

/* ---- making ---- */

/* A text that was a string in older layers and is a textWithEntities now. */
static const struct tl_obj *rich_text(const struct rpc *r, const struct tl_obj *o, enum tlf field)
{
	const struct tl_obj *rich = tl_sub(o, field);
	struct tl_obj *plain;

	if (rich != NULL)
		return rich;
	plain = tl_new(r->arena, TLC_textWithEntities);
	tl_set_bytes(plain, TLF_text, tl_bytes(o, field));
	return plain;
}

static const struct tl_obj *without_emoji(struct arena *a, const struct tl_obj *rich)
{
	struct tl_vec all = tl_vec(rich, TLF_entities);
	struct tl_obj *o = tl_copy(a, rich);
	uint32_t n = 0;

	for (uint32_t i = 0; i < all.count; i++)
		n += tl_cons(tl_vec_obj(all, i)) != TLC_messageEntityCustomEmoji;
	tl_set_vec(a, o, TLF_entities, n);
	n = 0;
	for (uint32_t i = 0; i < all.count; i++)
		if (tl_cons(tl_vec_obj(all, i)) != TLC_messageEntityCustomEmoji)
			tl_put_obj(o, TLF_entities, n++, tl_vec_obj(all, i));
	return o;
}

/* Custom emoji are for Premium in a poll as in a text (knob premium-emoji). */
static void drop_emoji(struct rpc *r, const struct target *t, struct tl_obj *poll)
{
	struct tl_vec answers = tl_vec(poll, TLF_answers);

	if (!methods_of(r->world)->premium_emoji || r->account->user->premium || peer_equal(t->peer, peer_self(r)))
		return;
	tl_set_obj(poll, TLF_question, without_emoji(r->arena, tl_sub(poll, TLF_question)));
	tl_set_vec(r->arena, poll, TLF_answers, answers.count);
	for (uint32_t i = 0; i < answers.count; i++) {
		struct tl_obj *one = tl_copy(r->arena, tl_vec_obj(answers, i));

		tl_set_obj(one, TLF_text, without_emoji(r->arena, tl_sub(one, TLF_text)));
		tl_put_obj(poll, TLF_answers, i, one);
	}
}

static bool length_good(const struct tl_obj *rich, int32_t most)
{
	int32_t units = text_units(tl_bytes(rich, TLF_text));

	return units > 0 && units <= most;
}

static bool repeated(const struct tl_obj *poll, uint32_t count, struct cspan option)
{
	struct tl_vec v = tl_vec(poll, TLF_answers);

	for (uint32_t i = 0; i < count; i++)
		if (cspan_equal(tl_bytes(tl_vec_obj(v, i), TLF_option), option))
			return true;
	return false;
}

/* Answers with their options; inputPollAnswer leaves the option to the server. */
static bool take_answers(struct rpc *r, const struct tl_obj *in, struct tl_obj *poll,
			 struct rpc_reply *out)
{
	static const uint8_t names[] = "0123456789ABCDEF";
	struct tl_vec v = tl_vec(in, TLF_answers);

	if (v.count < ANSWERS_MIN || v.count > ANSWERS_MAX)
		return refuse(out, "POLL_ANSWERS_INVALID") != NULL;
	tl_set_vec(r->arena, poll, TLF_answers, v.count);
	for (uint32_t i = 0; i < v.count; i++) {
		const struct tl_obj *one = tl_vec_obj(v, i);
		struct tl_obj *answer = tl_new(r->arena, TLC_pollAnswer);
		struct cspan option = tl_bytes(one, TLF_option);

		if (tl_cons(one) == TLC_inputPollAnswer)
			option = cspan_of(names + i, 1);
		tl_set_obj(answer, TLF_text, rich_text(r, one, TLF_text));
		if (!length_good(tl_sub(answer, TLF_text), ANSWER_UNITS_MAX))
			return refuse(out, "POLL_ANSWER_INVALID") != NULL;
		if (option.len == 0 || option.len > OPTION_LEN_MAX)
			return refuse(out, "POLL_OPTION_INVALID") != NULL;
		if (repeated(poll, i, option))
			return refuse(out, "POLL_OPTION_DUPLICATE") != NULL;
		tl_set_bytes(answer, TLF_option, option);
		tl_put_obj(poll, TLF_answers, i, answer);
	}
	return true;
}

static uint32_t option_bit(const struct tl_obj *poll, struct cspan option)
{
	struct tl_vec v = tl_vec(poll, TLF_answers);

	for (uint32_t i = 0; i < v.count && i < 32; i++)
		if (cspan_equal(tl_bytes(tl_vec_obj(v, i), TLF_option), option))
			return 1u << i;
	return 0;
}

/* Indices in the newest form, options before. */
static bool take_correct(const struct tl_obj *in, const struct tl_obj *poll, uint32_t *correct,
			 struct rpc_reply *out)
{
	struct tl_vec v = tl_vec(in, TLF_correct_answers);
	uint32_t answers = tl_vec(poll, TLF_answers).count;

	*correct = 0;
	if (!tl_flag(poll, TLF_quiz))
		return v.count == 0 || refuse(out, "QUIZ_CORRECT_ANSWERS_TOO_MUCH") != NULL;
	if (v.count == 0)
		return refuse(out, "QUIZ_CORRECT_ANSWERS_EMPTY") != NULL;
	if (v.count > 1 && !tl_flag(poll, TLF_multiple_choice))
		return refuse(out, "QUIZ_CORRECT_ANSWERS_TOO_MUCH") != NULL;
	for (uint32_t i = 0; i < v.count; i++) {
		bool newest = rpc_newest_form(in);
		int32_t index = newest ? tl_vec_int(v, i) : -1;
		uint32_t bit = index >= 0 && (uint32_t)index < answers ? 1u << index : 0;

		if (!newest)
			bit = option_bit(poll, tl_vec_bytes(v, i));
		if (bit == 0)
			return refuse(out, "QUIZ_CORRECT_ANSWER_INVALID") != NULL;
		*correct |= bit;
	}
	return true;
}

static struct tl_obj *poll_shell(struct rpc *r, const struct tl_obj *in)
{
	static const enum tlf flags[] = {TLF_closed,          TLF_public_voters,
					 TLF_multiple_choice, TLF_quiz,
					 TLF_open_answers,    TLF_revoting_disabled,
					 TLF_shuffle_answers, TLF_hide_results_until_close,
					 TLF_subscribers_only};
	struct tl_obj *poll = tl_new(r->arena, TLC_poll);

	for (size_t i = 0; i < countof(flags); i++)
		tl_set_flag(poll, flags[i], tl_flag(in, flags[i]));
	tl_set_long(poll, TLF_id, rpc_new_id(r));
	tl_set_obj(poll, TLF_question, rich_text(r, in, TLF_question));
	if (tl_has(in, TLF_close_period))
		tl_set_int(poll, TLF_close_period, tl_int(in, TLF_close_period));
	if (tl_has(in, TLF_close_date))
		tl_set_int(poll, TLF_close_date, tl_int(in, TLF_close_date));
	return poll;
}

const struct tl_obj *poll_take(struct rpc *r, const struct target *t, const struct tl_obj *in,
			       struct rpc_reply *out)
{
	struct tl_obj *media = tl_new(r->arena, TLC_messageMediaPoll);
	struct tl_obj *poll = poll_shell(r, tl_sub(in, TLF_poll));
	struct cspan solution = tl_bytes(in, TLF_solution);
	uint32_t correct;
	struct poll *p;

	if (!length_good(tl_sub(poll, TLF_question), QUESTION_UNITS_MAX))
		return refuse(out, "POLL_QUESTION_INVALID");
	if (!take_answers(r, tl_sub(in, TLF_poll), poll, out) ||
	    !take_correct(in, poll, &correct, out))
		return NULL;
	if (tl_flag(poll, TLF_public_voters) && target_is_broadcast(t))
		return refuse(out, "BROADCAST_PUBLIC_VOTERS_FORBIDDEN");
	if (tl_flag(poll, TLF_subscribers_only) && !target_is_broadcast(t))
		return refuse(out, "MEDIA_INVALID"); /* a group has no subscribers */
	if (tl_flag(poll, TLF_open_answers) && !tl_flag(poll, TLF_public_voters))
		return refuse(out, "MEDIA_INVALID"); /* who adds an answer is not hidden */
	if (text_units(solution) > SOLUTION_UNITS_MAX || text_units(solution) < 0)
		return refuse(out, "POLL_ANSWER_INVALID");
	drop_emoji(r, t, poll);
	p = poll_find(r->world, tl_long(poll, TLF_id), true);
	p->correct = correct;
	p->solution = world_str(r->world, solution);
	p->input = world_keep(r->world, in);
	tl_set_obj(media, TLF_poll, poll);
	tl_set_obj(media, TLF_results, tl_new(r->arena, TLC_pollResults));
	return media;
}

static uint32_t correct_bits(const struct tl_obj *poll, const struct tl_obj *results)
{
	struct tl_vec v = tl_vec(results, TLF_results);
	uint32_t bits = 0;

	for (uint32_t i = 0; i < v.count; i++)
		if (tl_flag(tl_vec_obj(v, i), TLF_correct))
			bits |= option_bit(poll, tl_bytes(tl_vec_obj(v, i), TLF_option));
	return bits;
}

/* The right answer goes along, in silence: who asks it had seen it. */
const struct tl_obj *poll_anew(struct rpc *r, const struct target *t, const struct tl_obj *media)
{
	const struct tl_obj *was = tl_sub(media, TLF_poll), *results = tl_sub(media, TLF_results);
	const struct poll *old = poll_find(r->world, tl_long(was, TLF_id), false);
	struct tl_obj *o = tl_copy(r->arena, media), *poll = tl_copy(r->arena, was);
	struct tl_vec entities = tl_vec(results, TLF_solution_entities);
	struct tl_obj *in = tl_new(r->arena, TLC_inputMediaPoll);
	struct poll *p;

	tl_set_long(poll, TLF_id, rpc_new_id(r));
	drop_emoji(r, t, poll);
	tl_set_obj(o, TLF_poll, poll);
	tl_set_obj(o, TLF_results, tl_new(r->arena, TLC_pollResults));
	p = poll_find(r->world, tl_long(poll, TLF_id), true);
	if (old != NULL) {
		p->correct = old->correct;
		p->solution = old->solution;
		p->input = old->input;
		return o;
	}
	p->correct = correct_bits(was, results);
	p->solution = world_str(r->world, tl_bytes(results, TLF_solution));
	tl_set_vec(r->arena, in, TLF_solution_entities, entities.count);
	for (uint32_t i = 0; i < entities.count; i++)
		tl_put_obj(in, TLF_solution_entities, i, tl_vec_obj(entities, i));
	p->input = world_keep(r->world, in);
	return o;
}

/* ---- votes ---- */

static uint32_t chosen_by(const struct poll *p, int64_t user)
{
	for (const struct vote *v = p == NULL ? NULL : p->votes; v != NULL; v = v->next)
		if (v->user == user)
			return v->chosen;
	return 0;
}

static int32_t votes_for(const struct poll *p, uint32_t bits)
{
	int32_t n = 0;

	for (const struct vote *v = p == NULL ? NULL : p->votes; v != NULL; v = v->next)
		n += (v->chosen & bits) != 0;
	return n;
}

static void put_solution(struct arena *a, struct tl_obj *results, const struct poll *p)
{
	struct tl_vec entities = tl_vec(p->input, TLF_solution_entities);

	if (p->solution[0] == 0)
		return;
	tl_set_str(results, TLF_solution, p->solution);
	tl_set_vec(a, results, TLF_solution_entities, entities.count);
	for (uint32_t i = 0; i < entities.count; i++)
		tl_put_obj(results, TLF_solution_entities, i, tl_vec_obj(entities, i));
}

static const struct tl_obj *results_obj(struct rpc *r, const struct tl_obj *poll)
{
	const struct poll *p = poll_find(r->world, tl_long(poll, TLF_id), false);
	uint32_t mine = chosen_by(p, r->account->user->id);
	bool open = mine != 0 || tl_flag(poll, TLF_closed);
	struct tl_vec answers = tl_vec(poll, TLF_answers);
	struct tl_obj *o = tl_new(r->arena, TLC_pollResults);

	tl_set_int(o, TLF_total_voters, votes_for(p, UINT32_MAX));
	if (!open)
		return o;
	tl_set_vec(r->arena, o, TLF_results, answers.count);
	for (uint32_t i = 0; i < answers.count; i++) {
		struct tl_obj *v = tl_new(r->arena, TLC_pollAnswerVoters);

		tl_set_flag(v, TLF_chosen, (mine & 1u << i) != 0);
		tl_set_flag(v, TLF_correct, p != NULL && (p->correct & 1u << i) != 0);
		tl_set_bytes(v, TLF_option, tl_bytes(tl_vec_obj(answers, i), TLF_option));
		tl_set_int(v, TLF_voters, votes_for(p, 1u << i));
		tl_put_obj(o, TLF_results, i, v);
	}
	if (p != NULL)
		put_solution(r->arena, o, p);
	return o;
}

/* What an archive says of its account's vote. */
static bool answered_before(const struct tl_obj *results)
{
	struct tl_vec v = tl_vec(results, TLF_results);

	for (uint32_t i = 0; i < v.count; i++)
		if (tl_flag(tl_vec_obj(v, i), TLF_chosen))
			return true;
	return false;
}

bool poll_is_secret(struct rpc *r, const struct tl_obj *media)
{
	const struct tl_obj *poll = tl_sub(media, TLF_poll);
	const struct poll *p = poll_find(r->world, tl_long(poll, TLF_id), false);

	return tl_flag(poll, TLF_quiz) && !tl_flag(poll, TLF_closed) &&
	       chosen_by(p, r->account->user->id) == 0 &&
	       !answered_before(tl_sub(media, TLF_results));
}

const struct tl_obj *methods_poll_truth(struct world *w, struct arena *a, const struct tl_obj *poll)
{
	const struct poll *p = poll_find(w, tl_long(poll, TLF_id), false);
	struct tl_vec answers = tl_vec(poll, TLF_answers);
	struct tl_obj *o;

	if (p == NULL)
		return NULL;
	o = tl_new(a, TLC_pollResults);
	tl_set_vec(a, o, TLF_results, answers.count);
	for (uint32_t i = 0; i < answers.count; i++) {
		struct tl_obj *v = tl_new(a, TLC_pollAnswerVoters);

		tl_set_flag(v, TLF_correct, (p->correct & 1u << i) != 0);
		tl_set_bytes(v, TLF_option, tl_bytes(tl_vec_obj(answers, i), TLF_option));
		tl_put_obj(o, TLF_results, i, v);
	}
	put_solution(a, o, p);
	return o;
}

/* The poll of the message that the query names. */
static const struct tl_obj *poll_of_query(struct rpc *r, const struct tl_obj *q, struct target *t,
					  struct rpc_reply *out)
{
	const struct tl_obj *media;
	const struct msg *m;

	if (!peer_take(r, tl_sub(q, TLF_peer), t, out))
		return NULL;
	m = t->history == NULL ? NULL : history_msg(r, t->history, tl_int(q, TLF_msg_id));
	media = m == NULL ? NULL : tl_sub(msg_body(r->world, r->arena, m), TLF_media);
	if (tl_cons(media) != TLC_messageMediaPoll)
		return refuse(out, "MESSAGE_ID_INVALID");
	return tl_sub(media, TLF_poll);
}

static void answer_results(struct rpc *r, const struct target *t, const struct tl_obj *poll,
			   struct rpc_reply *out)
{
	struct tl_obj *u = tl_new(r->arena, TLC_updateMessagePoll);
	struct batch *b = arena_take(r->arena, sizeof(*b));

	if (b == NULL) {
		rpc_error(out, 500, "RPC_CALL_FAIL");
		return;
	}
	batch_start(b, r);
	roll_peer(&b->roll, t->peer);
	tl_set_long(u, TLF_poll_id, tl_long(poll, TLF_id));
	tl_set_obj(u, TLF_poll, poll);
	tl_set_obj(u, TLF_results, results_obj(r, poll));
	batch_put(b, u);
	rpc_result(out, batch_end(b));
}

static void set_vote(struct world *w, struct poll *p, int64_t user, uint32_t chosen)
{
	struct vote *v = p->votes;

	while (v != NULL && v->user != user)
		v = v->next;
	if (v == NULL) {
		v = world_take(w, sizeof(*v));
		*v = (struct vote){p->votes, user, 0};
		p->votes = v;
	}
	v->chosen = chosen;
}

static void send_vote(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	struct tl_vec options = tl_vec(q, TLF_options);
	const struct tl_obj *poll;
	uint32_t chosen = 0;
	struct target t;
	struct poll *p;

	poll = poll_of_query(r, q, &t, out);
	if (poll == NULL)
		return;
	for (uint32_t i = 0; i < options.count; i++) {
		uint32_t bit = option_bit(poll, tl_vec_bytes(options, i));

		if (bit == 0) {
			refuse(out, "OPTION_INVALID");
			return;
		}
		chosen |= bit;
	}
	p = poll_find(r->world, tl_long(poll, TLF_id), true);
	if (tl_flag(poll, TLF_closed)) {
		refuse(out, "MESSAGE_POLL_CLOSED");
	} else if (options.count > 1 && !tl_flag(poll, TLF_multiple_choice)) {
		refuse(out, "OPTIONS_TOO_MUCH");
	} else if (tl_flag(poll, TLF_quiz) && chosen_by(p, r->account->user->id) != 0) {
		refuse(out, "REVOTE_NOT_ALLOWED");
	} else {
		set_vote(r->world, p, r->account->user->id, chosen);
		answer_results(r, &t, poll, out);
	}
}

static void get_poll_results(struct rpc *r, const struct tl_obj *q, struct rpc_reply *out)
{
	const struct tl_obj *poll;
	struct target t;

	poll = poll_of_query(r, q, &t, out);
	if (poll != NULL)
		answer_results(r, &t, poll, out);
}

const struct method methods_poll_table[] = {
    {TLC_messages_sendVote, send_vote, 0, LIMIT_NONE},
    {TLC_messages_getPollResults, get_poll_results, 0, LIMIT_NONE},
    {TLC_none, NULL, 0, LIMIT_NONE},
};

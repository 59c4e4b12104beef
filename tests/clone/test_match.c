/* Copies found again without a ledger: the pairs that a clone made, in worlds where they are known. */
#include "engine/clone/match.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum {
	MOST = 4096,
	PHOTO = 10, /* says: one without a word, each looks like each */
};

struct world {
	struct match_entry s[MOST], t[MOST];
	struct match_side source, target;
	int32_t truth[MOST]; /* of a source's message the index of its copy, or MATCH_NONE */
	uint64_t random;
};

static uint32_t draw(struct world *w, uint32_t below)
{
	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(w->random >> 33) % below;
}

static struct match_entry entry(int32_t id, uint64_t says)
{
	struct match_entry e = {.id = id, .date = 1000, .sendable = true, .pair = MATCH_NONE};

	for (int i = 0; i < MATCH_LEVELS; i++)
		e.print[i] = says;
	if (says == PHOTO)
		e.media = MEDIA_PHOTO;
	return e;
}

static struct world *begin(uint64_t seed)
{
	struct world *w = calloc(1, sizeof(*w));

	cr_assert_not_null(w);
	w->random = seed;
	w->source.at = w->s;
	w->target.at = w->t;
	return w;
}

static void say(struct world *w, uint64_t says)
{
	w->truth[w->source.count] = MATCH_NONE;
	w->s[w->source.count] = entry((int32_t)w->source.count + 1, says);
	w->source.count++;
}

static void copy(struct world *w, uint32_t i)
{
	w->truth[i] = (int32_t)w->target.count;
	w->t[w->target.count] = w->s[i];
	w->t[w->target.count].id = 1000 + (int32_t)w->target.count;
	w->t[w->target.count].date = 2000;
	w->target.count++;
}

static void by_hand(struct world *w, uint64_t says)
{
	w->t[w->target.count] = entry(1000 + (int32_t)w->target.count, says);
	w->t[w->target.count].date = 2000;
	w->target.count++;
}

/* The same words as it should be, and none of the others' copies. */
static void expect_truth(const struct world *w, bool to_the_letter)
{
	for (uint32_t i = 0; i < w->source.count; i++) {
		const struct match_entry *e = &w->s[i];

		cr_assert_eq(e->pair == MATCH_NONE, w->truth[i] == MATCH_NONE, "message %u", i);
		cr_assert_neq(e->kind, MATCH_DOUBTFUL, "message %u", i);
		if (e->pair == MATCH_NONE)
			continue;
		cr_assert_eq(w->t[e->pair].pair, (int32_t)i);
		cr_assert_eq(w->t[e->pair].print[0], e->print[0]);
		if (to_the_letter)
			cr_assert_eq(e->pair, w->truth[i], "message %u", i);
	}
}

/* Words of a few, media without a word, things said once. */
static uint64_t words(struct world *w, uint32_t i)
{
	uint32_t kind = draw(w, 10);

	return kind < 3 ? 1 + draw(w, 3) : kind < 5 ? PHOTO : 100 + i;
}

/* Rows: P15 */
Test(match, first_half_of_any_world)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct world *w = begin(seed);
		uint32_t n = 20 + draw(w, 600), half = draw(w, n), cells = seed % 3 == 0 ? 400 : 0;

		for (uint32_t i = 0; i < n; i++)
			say(w, words(w, i));
		for (uint32_t i = 0; i < half; i++) {
			if (draw(w, 6) == 0)
				by_hand(w, 1000000 + i);
			copy(w, i);
		}
		cr_assert(match_run(&w->source, &w->target, cells, NULL));
		expect_truth(w, cells == 0);
		free(w);
	}
}

/* Rows: P15 */
Test(match, a_hundred_times_the_same)
{
	struct world *w = begin(1);

	for (int i = 0; i < 3000; i++)
		say(w, 7);
	for (uint32_t i = 0; i < 1700; i++)
		copy(w, i);
	cr_assert(match_run(&w->source, &w->target, 10000, NULL));
	expect_truth(w, true);
	free(w);
}

/* Rows: P15 */
Test(match, the_same_words_by_hand_before_and_behind)
{
	struct world *w = begin(1);

	for (int i = 0; i < 40; i++)
		say(w, i % 4 == 0 ? 7 : 100 + (uint64_t)i);
	by_hand(w, 7);
	by_hand(w, 7);
	for (uint32_t i = 0; i < 20; i++)
		copy(w, i);
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	expect_truth(w, true);
	free(w);
}

/* Rows: P15 */
Test(match, retried_ones_stand_behind)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct world *w = begin(seed);
		uint32_t n = 100 + draw(w, 200), half = n / 2;
		bool later[MOST] = {false};

		for (uint32_t i = 0; i < n; i++)
			say(w, 100 + i);
		for (uint32_t i = 0; i < half; i++) {
			later[i] = draw(w, 8) == 0;
			if (!later[i])
				copy(w, i);
		}
		for (uint32_t i = 0; i < half; i++)
			if (later[i])
				copy(w, i);
		for (uint32_t i = half; i < half + 12; i++)
			copy(w, i);
		cr_assert(match_run(&w->source, &w->target, seed % 2 == 0 ? 400 : 0, NULL));
		expect_truth(w, true);
		free(w);
	}
}

/* Rows: P15 */
Test(match, the_last_one_but_one_was_retried)
{
	struct world *w = begin(1);

	for (int i = 0; i < 60; i++)
		say(w, 100 + (uint64_t)i);
	w->s[28].reply = 5;
	for (uint32_t i = 0; i < 30; i++)
		if (i != 28)
			copy(w, i);
	copy(w, 28);
	w->t[29].reply = 1004;
	by_hand(w, 110); /* once more */
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	expect_truth(w, true);
	free(w);
}

/* Rows: P15 */
Test(match, a_few_of_many_retried_at_the_end)
{
	for (uint32_t late = 1; late < 20; late++) {
		struct world *w = begin(late);

		for (int i = 0; i < 90; i++)
			say(w, 100 + (uint64_t)i);
		for (uint32_t i = 0; i < 30; i++)
			copy(w, i);
		for (uint32_t i = 30 + late; i < 32 + late; i++)
			copy(w, i);
		for (uint32_t i = 30; i < 30 + late; i++)
			copy(w, i);
		cr_assert(match_run(&w->source, &w->target, 0, NULL));
		for (uint32_t i = 0; i < w->source.count; i++) {
			cr_assert_eq(w->s[i].pair == MATCH_NONE, w->truth[i] == MATCH_NONE, "%u late, message %u",
				     late, i);
			cr_assert(late > MATCH_SURE || w->s[i].kind != MATCH_DOUBTFUL, "%u late, message %u", late, i);
		}
		free(w);
	}
}

/* Rows: P15 */
Test(match, a_range_that_came_first)
{
	struct world *w = begin(1);

	for (int i = 0; i < 60; i++)
		say(w, 100 + (uint64_t)i);
	for (uint32_t i = 40; i < 60; i++)
		copy(w, i);
	for (uint32_t i = 0; i < 40; i++)
		copy(w, i);
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	expect_truth(w, true);
	free(w);
}

/* Rows: P15 */
Test(match, one_far_ahead_is_in_doubt)
{
	struct world *w = begin(1);

	for (int i = 0; i < 60; i++)
		say(w, 100 + (uint64_t)i);
	for (uint32_t i = 0; i < 20; i++)
		copy(w, i);
	by_hand(w, 150);
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	cr_assert_eq(w->s[19].kind, MATCH_CHAIN);
	cr_assert_eq(w->s[50].kind, MATCH_DOUBTFUL);
	cr_assert_eq(w->s[50].pair, 20);
	cr_assert_eq(w->s[49].kind, MATCH_MISSING);
	free(w);
}

/* Rows: P15 */
Test(match, what_is_said_once_and_stands_before_all_is_in_doubt)
{
	struct world *w = begin(1);

	for (int i = 0; i < 60; i++)
		say(w, 100 + (uint64_t)i);
	by_hand(w, 150);
	for (uint32_t i = 0; i < 20; i++)
		copy(w, i);
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	cr_assert_eq(w->s[50].kind, MATCH_DOUBTFUL);
	cr_assert_eq(w->s[50].pair, 0);
	cr_assert_eq(w->s[20].kind, MATCH_MISSING);
	free(w);
}

/* Rows: P15 */
Test(match, one_that_was_edited_since_is_in_doubt)
{
	struct world *w = begin(1);

	for (int i = 0; i < 30; i++)
		say(w, 100 + (uint64_t)i);
	for (uint32_t i = 0; i < 20; i++)
		copy(w, i);
	w->s[10] = entry(11, 7);
	w->s[19] = entry(20, 8);
	w->s[19].edited = 3000; /* behind its copy, and none stands behind that */
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	cr_assert_eq(w->s[10].kind, MATCH_DOUBTFUL);
	cr_assert_eq(w->s[10].pair, 10);
	cr_assert_eq(w->s[19].kind, MATCH_DOUBTFUL);
	cr_assert_eq(w->s[20].kind, MATCH_MISSING);
	free(w);
}

/* Rows: P15 */
Test(match, a_reply_tells_which_of_equal_ones)
{
	struct world *w = begin(1);

	say(w, 100);
	say(w, 7);
	say(w, 7);
	say(w, 101);
	w->s[3].reply = 3;
	copy(w, 0);
	copy(w, 2); /* the first of the two was refused */
	copy(w, 3);
	w->t[2].reply = 1001;
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	expect_truth(w, true);
	free(w);
}

/* Copies of each words that have no message, and would be sent once more; and messages beyond them that have one. */
static void count_wrong(const struct world *w, uint32_t *doubled, uint32_t *beyond, uint32_t *doubtful)
{
	int32_t balance[128] = {0};

	*doubled = *beyond = *doubtful = 0;
	for (uint32_t i = 0; i < w->source.count; i++) {
		int32_t *b = &balance[w->s[i].print[0] % 128];

		*b += w->truth[i] != MATCH_NONE;
		*b -= w->s[i].pair != MATCH_NONE;
		*doubtful += w->s[i].kind == MATCH_DOUBTFUL;
	}
	for (uint32_t i = 0; i < 128; i++) {
		*doubled += balance[i] > 0 ? (uint32_t)balance[i] : 0;
		*beyond += balance[i] < 0 ? (uint32_t)-balance[i] : 0;
	}
}

/* Rows: P15 */
Test(match, words_by_hand_among_copies_and_refusals)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct world *w = begin(seed);
		uint32_t n = 500 + draw(w, 1500), half = n * 2 / 3, doubled, beyond, doubtful;

		for (uint32_t i = 0; i < n; i++)
			say(w, draw(w, 50));
		for (uint32_t i = 0; i < half; i++) {
			if (draw(w, 20) == 0)
				by_hand(w, draw(w, 50));
			if (draw(w, 50) != 0)
				copy(w, i);
		}
		cr_assert(match_run(&w->source, &w->target, seed % 3 == 0 ? 10000 : 0, NULL));
		count_wrong(w, &doubled, &beyond, &doubtful);
		cr_assert_eq(doubled, 0, "seed %d: %u", (int)seed, doubled);
		cr_assert_leq(beyond, doubtful + 2, "seed %d: %u, %u named", (int)seed, beyond, doubtful);
		free(w);
	}
}

/* Rows: P15 */
Test(match, another_files_copy_is_not_ours)
{
	struct world *w = begin(1);

	for (int i = 0; i < 20; i++) {
		say(w, 10);
		w->s[i].file = 500 + i;
	}
	for (uint32_t i = 0; i < 12; i++)
		if (i != 4)
			copy(w, i);
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	expect_truth(w, true);
	free(w);
}

/* Rows: P15 */
Test(match, no_copy_is_older_than_its_message)
{
	struct world *w = begin(1);

	say(w, 7);
	w->s[0].date = 100000;
	by_hand(w, 7);
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	cr_assert_eq(w->s[0].pair, MATCH_NONE);
	free(w);
}

/* A retry lost the formatting of one, or something else: that is it all the same, if nothing else can be. */
/* Rows: P15 */
Test(match, a_late_one_that_is_not_quite_the_same)
{
	for (int level = MATCH_WORDS; level <= MATCH_TEXT; level++)
		for (int twice = 0; twice < 2; twice++) {
			struct world *w = begin(1);

			for (int i = 0; i < 60; i++)
				say(w, 100 + (uint64_t)i);
			if (twice)
				w->s[30].print[level] = w->s[20].print[level];
			for (uint32_t i = 0; i < 40; i++)
				if (i != 20)
					copy(w, i);
			by_hand(w, 5);
			copy(w, 20);
			for (int l = 0; l < level; l++)
				w->t[w->target.count - 1].print[l] = 7777;
			cr_assert(match_run(&w->source, &w->target, 0, NULL));
			cr_assert_eq(w->s[20].kind, twice ? MATCH_DOUBTFUL : MATCH_LATE, "%d %d: %d", level, twice,
				     w->s[20].kind);
			cr_assert_eq(w->s[20].pair, w->truth[20]);
			free(w);
		}
}

struct patience {
	uint32_t asked, most;
};

static bool runs_out(void *ctx)
{
	struct patience *p = ctx;

	return ++p->asked > p->most;
}

/* Asked again and again, and then it does nothing more. */
/* Rows: P4 */
Test(match, broken_off_anywhere)
{
	for (uint32_t most = 0; most < 4000; most = 2 * most + 1) {
		struct world *w = begin(most + 1);
		struct patience p = {.most = most};
		const struct match_stop stop = {runs_out, &p};

		for (int i = 0; i < 3000; i++)
			say(w, words(w, (uint32_t)i));
		for (uint32_t i = 0; i < 1500; i++)
			by_hand(w, 1000000 + i);
		for (uint32_t i = 0; i < 1700; i++)
			copy(w, i);
		cr_assert_eq(match_run(&w->source, &w->target, 400, &stop), p.asked <= most, "%u", most);
		cr_assert_leq(p.asked, most + 1);
		free(w);
	}
}

/* ---- ranges: what came first by --from has its place between those that came with it ---- */

static void copy_range(struct world *w, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		if (w->truth[i] == MATCH_NONE)
			copy(w, i);
}

/* Pairs that are believed are true. */
static void expect_no_others_copy(const struct world *w)
{
	for (uint32_t i = 0; i < w->source.count; i++)
		if (w->s[i].kind == MATCH_CHAIN || w->s[i].kind == MATCH_LATE)
			cr_assert_eq(w->s[i].pair, w->truth[i], "message %u", i);
}

/* Rows: P15 I1 I2 */
Test(match, one_that_is_said_again_behind_a_range_that_came_first)
{
	struct world *w = begin(1);

	for (int i = 0; i < 71; i++)
		say(w, 100 + (uint64_t)(i == 70 ? 10 : i));
	copy_range(w, 30, 70);
	copy_range(w, 0, 30);
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	expect_truth(w, true);
	free(w);
}

/* Rows: P15 I1 I2 */
Test(match, a_photo_of_a_short_range_is_not_the_one_that_was_refused)
{
	struct world *w = begin(1);

	for (int i = 0; i < 60; i++)
		say(w, i == 1 || i == 41 ? PHOTO : 100 + (uint64_t)i);
	copy_range(w, 40, 43);
	copy(w, 0);
	copy_range(w, 2, 60);
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	expect_no_others_copy(w);
	cr_assert_eq(w->s[1].pair, MATCH_NONE);
	cr_assert_eq(w->s[41].pair, 1);
	free(w);
}

/* Rows: P15 I1 I2 */
Test(match, a_photo_of_a_short_range_is_not_one_before_the_next_range)
{
	struct world *w = begin(1);

	for (int i = 0; i < 60; i++)
		say(w, i == 3 || i == 41 ? PHOTO : 100 + (uint64_t)i);
	copy_range(w, 40, 44);
	copy_range(w, 5, 15);
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	expect_no_others_copy(w);
	cr_assert_eq(w->s[3].pair, MATCH_NONE);
	cr_assert_eq(w->s[41].pair, 1);
	free(w);
}

/* Two alike, of which one was refused: that the next one stands behind them says nothing about which. */
/* Rows: P15 I1 I2 */
Test(match, one_of_two_photos_in_a_row_was_refused)
{
	for (uint32_t turn = 0; turn < 8; turn++) {
		uint32_t before = turn % 4, refused = before + turn / 4;
		struct world *w = begin(1);

		for (uint32_t i = 0; i < 40; i++)
			say(w, i == before || i == before + 1 ? PHOTO : 100 + (uint64_t)i);
		for (uint32_t i = 0; i < 30; i++)
			if (i != refused)
				copy(w, i);
		cr_assert(match_run(&w->source, &w->target, 0, NULL));
		expect_no_others_copy(w);
		for (uint32_t i = before; i < before + 2; i++)
			cr_assert_eq(w->s[i].kind, MATCH_DOUBTFUL, "%u of turn %u", i, turn);
		free(w);
	}
}

/* Rows: P15 I1 I2 */
Test(match, lives_of_ranges_with_photos_and_refusals)
{
	uint32_t lost = 0, doubled = 0, all = 0;

	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct world *w = begin(seed);
		uint32_t n = 30 + draw(w, 60), lives = 1 + draw(w, 4);

		for (uint32_t i = 0; i < n; i++)
			say(w, draw(w, 3) == 0 ? PHOTO : 100 + i);
		for (uint32_t life = 0; life < lives; life++) {
			uint32_t from = draw(w, 3) == 0 ? 0 : draw(w, n);
			uint32_t to = from + 3 + draw(w, n);

			for (uint32_t i = from; i < to && i < n; i++)
				if (w->truth[i] == MATCH_NONE && draw(w, 20) != 0)
					copy(w, i);
		}
		cr_assert(match_run(&w->source, &w->target, 0, NULL));
		for (uint32_t i = 0; i < n; i++) {
			bool found = w->s[i].kind == MATCH_CHAIN || w->s[i].kind == MATCH_LATE;

			lost += found && w->truth[i] == MATCH_NONE;
			doubled += w->truth[i] != MATCH_NONE && w->s[i].pair == MATCH_NONE;
			all += w->truth[i] != MATCH_NONE;
		}
		free(w);
	}
	/* Of two in a row of which one was refused nobody can say which, when the other ends its life. */
	cr_assert_leq(lost, all / 500, "%u of %u", lost, all);
	cr_assert_leq(doubled, all / 400, "%u of %u", doubled, all);
}

/* A place says no more than others do, but where it is tells it from them. */
/* Rows: P15 I2 */
Test(match, a_place_of_a_short_range_far_ahead_is_in_doubt)
{
	struct world *w = begin(1);

	for (int i = 0; i < 60; i++) {
		say(w, i % 10 == 5 ? 11 : 100 + (uint64_t)i);
		w->s[i].file = i % 10 == 5 ? 1000 + i : 0;
	}
	copy_range(w, 0, 9);
	copy_range(w, 35, 38);
	copy_range(w, 9, 15);
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	for (uint32_t i = 0; i < 60; i++)
		cr_assert_eq(w->s[i].pair, w->truth[i], "message %u", i);
	free(w);
}

/* The last of them says what nobody else does, and the others stand right before it. */
/* Rows: P15 I2 */
Test(match, common_words_beside_one_in_doubt_are_in_doubt_as_well)
{
	for (int behind = 0; behind < 2; behind++) {
		struct world *w = begin(1);

		for (int i = 0; i < 60; i++)
			say(w, 100 + (uint64_t)i);
		for (int i = 0; i < 2; i++)
			w->s[30 + i] = entry(31 + i, 7 + (uint64_t)i);
		for (int i = 0; i < 2; i++)
			w->s[57 + behind + i] = entry(58 + behind + i, 7 + (uint64_t)i);
		copy_range(w, 57, 60);
		copy_range(w, 0, 20);
		cr_assert(match_run(&w->source, &w->target, 0, NULL));
		for (uint32_t i = 0; i < 60; i++)
			cr_assert_eq(w->s[i].pair, w->truth[i], "%d: message %u", behind, i);
		cr_assert_eq(w->s[57].kind, MATCH_DOUBTFUL);
		free(w);
	}
}

/* The very words of the next message, by hand: but they answer somebody, and that message does not. */
/* Rows: P15 I1 */
Test(match, an_answer_is_no_copy_of_what_answers_none)
{
	struct world *w = begin(1);

	for (int i = 0; i < 40; i++)
		say(w, 100 + (uint64_t)i);
	copy_range(w, 0, 20);
	by_hand(w, 120);
	w->t[20].reply = 1003;
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	expect_truth(w, true);
	free(w);
}

/* Words by hand, far ahead in the source and beside each other: of both that is only perhaps so. */
/* Rows: P15 I1 */
Test(match, what_moves_beside_one_in_doubt_is_in_doubt)
{
	struct world *w = begin(1);

	for (int i = 0; i < 60; i++)
		say(w, 100 + (uint64_t)i);
	w->s[32] = entry(33, 7);
	w->s[34] = entry(35, 7);
	copy_range(w, 0, 20);
	by_hand(w, 7);
	by_hand(w, 135); /* as the one behind the second of the two */
	cr_assert(match_run(&w->source, &w->target, 0, NULL));
	for (uint32_t i = 20; i < 60; i++)
		cr_assert(w->s[i].kind == MATCH_MISSING || w->s[i].kind == MATCH_DOUBTFUL, "message %u", i);
	free(w);
}

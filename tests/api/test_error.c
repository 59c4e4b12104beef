/* Every published name has a class; unknown ones fall to their suffix and then to their code. */
#include "proto/base/bytes.h"
#include "proto/session/session.h"
#include "tests/api/errors_published.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(error, waits_carry_their_seconds)
{
	cr_assert_eq(error_verdict(420, "FLOOD_WAIT_17").remedy, REMEDY_WAIT);
	cr_assert_eq(error_verdict(420, "FLOOD_WAIT_17").wait_s, 17);
	cr_assert_eq(error_verdict(420, "SLOWMODE_WAIT_30").remedy, REMEDY_SLOWMODE);
	cr_assert_eq(error_verdict(420, "FLOOD_PREMIUM_WAIT_3").wait_s, 3);
	cr_assert_eq(error_verdict(420, "FLOOD_WAIT_99999999999999999999").wait_s, 14 * 86400);
}

Test(error, unknown_waits_are_read_by_suffix)
{
	cr_assert_eq(error_verdict(420, "SOME_NEW_WAIT_9").remedy, REMEDY_WAIT);
	cr_assert_eq(error_verdict(420, "SOME_NEW_WAIT_9").wait_s, 9);
	cr_assert_eq(error_verdict(420, "SOME_NEW_WAIT_X").wait_s, 60);
	cr_assert_eq(error_verdict(420, "WAIT").wait_s, 60);
	cr_assert_eq(error_verdict(400, "ODD_WAIT_5").remedy, REMEDY_WAIT);
}

Test(error, numbers_stand_for_dc_part_and_position)
{
	cr_assert_eq(error_verdict(303, "FILE_MIGRATE_4").number, 4);
	cr_assert_eq(error_verdict(303, "FILE_MIGRATE_4").remedy, REMEDY_DC);
	cr_assert_eq(error_verdict(400, "FILE_PART_12_MISSING").number, 12);
	cr_assert_eq(error_verdict(400, "FILE_PART_12_MISSING").remedy, REMEDY_PART);
	cr_assert_eq(error_verdict(400, "FILE_REFERENCE_2_EXPIRED").number, 2);
	cr_assert_eq(error_verdict(400, "FILE_REFERENCE_EXPIRED").number, -1);
	cr_assert_eq(error_verdict(400, "FILE_PARTS_INVALID").remedy, REMEDY_REUPLOAD);
}

Test(error, the_name_decides_before_the_code)
{
	cr_assert_eq(error_verdict(500, "RANDOM_ID_DUPLICATE").remedy, REMEDY_RECONCILE);
	cr_assert_eq(error_verdict(406, "CHANNEL_PRIVATE").remedy, REMEDY_SOURCE);
	cr_assert_eq(error_verdict(400, "CHANNEL_PRIVATE").remedy, REMEDY_SOURCE);
	cr_assert_eq(error_verdict(406, "AUTH_KEY_DUPLICATED").remedy, REMEDY_LOGIN);
	cr_assert_eq(error_verdict(400, "MESSAGE_NOT_MODIFIED").remedy, REMEDY_DONE);
	cr_assert_eq(error_verdict(420, "FROZEN_METHOD_INVALID").remedy, REMEDY_ACCOUNT);
}

/* Words about one message, which may come of many in a row, must be known: what is not is the chat's. */
Test(error, what_is_about_one_message_is_known)
{
	static const char *const words[] = {"BOT_GAMES_DISABLED", "GAME_BOT_INVALID", "EMOTICON_INVALID",
					    "EXTENDED_MEDIA_PEER_INVALID", "STORY_ID_INVALID",
					    "STORIES_NEVER_CREATED", "TODO_ITEMS_EMPTY",
					    "INVOICE_PAYLOAD_INVALID"};

	for (size_t i = 0; i < countof(words); i++) {
		cr_assert(error_is_known(words[i]), "%s", words[i]);
		cr_assert_eq(error_verdict(400, words[i]).remedy, REMEDY_SKIP, "%s", words[i]);
	}
	cr_assert_not_null(strstr(error_verdict(400, "PEER_ID_INVALID").advice, "supergroup"));
	cr_assert_not_null(strstr(error_verdict(400, "CHAT_ID_INVALID").advice, "supergroup"));
	cr_assert_not_null(strstr(error_verdict(400, "USER_BANNED_IN_CHANNEL").advice, "spam"),
			   "said of a limited account in every group, too");
	cr_assert_eq(error_verdict(420, "STORY_SEND_FLOOD_30").remedy, REMEDY_WAIT);
}

Test(error, unknown_names_fall_to_their_code)
{
	cr_assert_eq(error_verdict(500, "SOMETHING").remedy, REMEDY_RECONCILE);
	cr_assert_eq(error_verdict(-503, "Timeout").remedy, REMEDY_RECONCILE);
	cr_assert_eq(error_verdict(401, "SOMETHING").remedy, REMEDY_LOGIN);
	cr_assert_eq(error_verdict(303, "NEW_MIGRATE_3").remedy, REMEDY_DC);
	cr_assert_eq(error_verdict(303, "NEW_MIGRATE_99999").remedy, REMEDY_DC);
	cr_assert_eq(error_verdict(303, "NEW_MIGRATE_99999").number, -1);
	cr_assert_eq(error_verdict(400, "").remedy, REMEDY_SKIP);
	cr_assert_eq(error_verdict(403, "WHATEVER").remedy, REMEDY_SKIP);
}

Test(error, matching_wants_whole_names)
{
	int64_t n;

	cr_assert(error_matches("FLOOD_WAIT_5", "FLOOD_WAIT_X", &n));
	cr_assert_eq(n, 5);
	cr_assert_not(error_matches("FLOOD_WAIT_", "FLOOD_WAIT_X", &n));
	cr_assert_not(error_matches("FLOOD_WAIT_5_MORE", "FLOOD_WAIT_X", &n));
	cr_assert(error_matches("USER_DEACTIVATED_BAN", "USER_DEACTIVATED*", &n));
	cr_assert_not(error_matches("FLOOD", "FLOOD_WAIT_X", &n));
}

/* ---- the published names ---- */

/* The next name of a list, its X replaced by a number. False: there is none. */
static bool next_name(const char **list, char out[160])
{
	size_t n = 0;

	while (**list != ' ' && **list != '\0') {
		bool number = **list == 'X' && n > 0 && out[n - 1] == '_' &&
			      ((*list)[1] == ' ' || (*list)[1] == '_');

		out[n++] = number ? '7' : **list;
		(*list)++;
	}
	out[n] = '\0';
	while (**list == ' ')
		(*list)++;
	return n > 0;
}

/* Rows: S39 */
Test(error, every_published_name_has_its_class)
{
	uint32_t names = 0;

	for (size_t i = 0; i < countof(published); i++) {
		const char *at = published[i].names;
		char name[160];

		for (; next_name(&at, name); names++) {
			struct verdict v = error_verdict(published[i].code, name);

			cr_expect_eq(v.remedy, published[i].remedy, "%s: %d", name, v.remedy);
			cr_expect(v.remedy != REMEDY_WAIT || v.wait_s == 7 ||
				      strstr(name, "7") == NULL,
				  "%s", name);
		}
	}
	cr_assert_gt(names, 200, "%u", names);
}

/* Rows: S17 */
Test(error, fifty_unknown_waits)
{
	static const struct {
		const char *text;
		int64_t wait_s;
	} with_number[] = {
	    {"UPLOAD_WAIT_1", 1},
	    {"EDIT_MESSAGE_WAIT_30", 30},
	    {"PREMIUM_SUB_WAIT_60", 60},
	    {"A_WAIT_3600", 3600},
	    {"A_WAIT_86400", 86400},
	    {"A_WAIT_1209600", 1209600},
	    {"A_WAIT_1209601", 1209600}, /* fourteen days are the most there is */
	    {"A_WAIT_2147483648", 1209600},
	    {"A_WAIT_9223372036854775807", 1209600},
	    {"A_WAIT_99999999999999999999999999", 1209600},
	    {"A_WAIT_0", 1}, /* never one request straight after the other */
	    {"A_WAIT_00", 1},
	    {"A_WAIT_007", 7},
	    {"_WAIT_5", 5},
	    {"WAIT_WAIT_5", 5},
	    {"A_WAIT_B_5", 5},
	    {"A_WAIT_10_WAIT_5", 5},
	    {"FLOOD_WAIT_17", 17},
	    {"FLOOD_PREMIUM_WAIT_17", 17},
	    {"SLOWMODE_WAIT_17", 17},
	    {"2FA_CONFIRM_WAIT_17", 17},
	    {"TAKEOUT_INIT_DELAY_17", 17},
	    {"STORY_SEND_FLOOD_17", 17},
	    {"FLOOD_TEST_PHONE_WAIT_17", 17},
	    {"FLOOD_WAIT_0", 1},
	};
	static const char *const without[] = {
	    "A_WAIT",           "A_WAIT_",         "A_WAIT_X",     "A_WAIT_-5",
	    "A_WAIT_5S",        "A_WAIT_5MIN",     "A_WAIT_5_",    "A_WAIT_5 ",
	    "A_WAIT_ 5",        "A_WAIT_+5",       "A_WAIT_0X5",   "A_WAIT5",
	    "A_WAIT_5.5",       "A_WAIT_1E3",      "FLOOD_WAIT",   "FLOOD_WAIT_",
	    "FLOOD_WAIT_X",     "FLOOD_WAIT_-1",   "FLOOD_WAIT_%d", "SLOWMODE_WAIT_",
	    "FLOOD_WAIT_\?\?", "A_WAIT_\?\?",     "A_WAITING",     "A_WAIT_FOR_IT",
	    "TAKEOUT_WAIT_",
	};

	cr_assert_eq(countof(with_number) + countof(without), 50);
	for (int code = 400; code <= 420; code += 20) {
		for (size_t i = 0; i < countof(with_number); i++) {
			struct verdict v = error_verdict(code, with_number[i].text);

			cr_expect(v.remedy == REMEDY_WAIT || v.remedy == REMEDY_SLOWMODE, "%s",
				  with_number[i].text);
			cr_expect_eq(v.wait_s, with_number[i].wait_s, "%s", with_number[i].text);
		}
		for (size_t i = 0; i < countof(without); i++) {
			cr_expect_eq(error_verdict(code, without[i]).remedy, REMEDY_WAIT, "%s",
				     without[i]);
			cr_expect_eq(error_verdict(code, without[i]).wait_s, 60, "%s", without[i]);
		}
	}
}

/* Rows: S20 */
Test(error, a_migration_to_nowhere_names_no_data_centre)
{
	static const char *const names[] = {"FILE", "PHONE", "NETWORK", "USER", "STATS", "NEW"};
	static const char *const nowhere[] = {"0",          "-1",         "1000", "999999", "X", "",
					      "2147483648", "4294967298", "99999999999999999999"};
	char text[64];

	for (size_t i = 0; i < countof(names); i++) {
		for (size_t k = 0; k < countof(nowhere); k++) {
			snprintf(text, sizeof(text), "%s_MIGRATE_%s", names[i], nowhere[k]);
			cr_expect_eq(error_verdict(303, text).remedy, REMEDY_DC, "%s", text);
			cr_expect_eq(error_verdict(303, text).number, -1, "%s", text);
		}
		snprintf(text, sizeof(text), "%s_MIGRATE_999", names[i]);
		cr_expect_eq(error_verdict(303, text).number, 999, "%s", text);
	}
}

/* What ends a run says what a person can do about it. */
static void ends_with_advice(int32_t code, const char *text, enum remedy remedy, const char *word)
{
	struct verdict v = error_verdict(code, text);

	cr_expect_eq(v.remedy, remedy, "%s", text);
	cr_expect_not_null(strstr(v.advice, word), "%s: \"%s\"", text, v.advice);
}

/* Rows: S29 S30 S38 S47 */
Test(error, what_ends_a_run_says_what_to_do)
{
	ends_with_advice(401, "AUTH_KEY_UNREGISTERED", REMEDY_LOGIN, "not logged in");
	ends_with_advice(401, "SESSION_REVOKED", REMEDY_LOGIN, "another device");
	ends_with_advice(401, "SESSION_EXPIRED", REMEDY_LOGIN, "another device");
	ends_with_advice(401, "USER_DEACTIVATED", REMEDY_LOGIN, "deleted or banned");
	ends_with_advice(401, "USER_DEACTIVATED_BAN", REMEDY_LOGIN, "deleted or banned");
	ends_with_advice(406, "AUTH_KEY_DUPLICATED", REMEDY_LOGIN, "two hosts");
	ends_with_advice(400, "PEER_FLOOD", REMEDY_ACCOUNT, "spam");
	ends_with_advice(420, "FROZEN_METHOD_INVALID", REMEDY_ACCOUNT, "frozen");
	ends_with_advice(403, "FROZEN_PARTICIPANT_MISSING", REMEDY_ACCOUNT, "frozen");
	ends_with_advice(403, "CHAT_WRITE_FORBIDDEN", REMEDY_TARGET, "may not write");
	ends_with_advice(403, "CHAT_SEND_PHOTOS_FORBIDDEN", REMEDY_TARGET, "allow it");
	ends_with_advice(403, "CHAT_SEND_VOICES_FORBIDDEN", REMEDY_TARGET, "allow it");
	ends_with_advice(400, "CHAT_SEND_SOMETHING_NEW_FORBIDDEN", REMEDY_TARGET, "allow it");
	ends_with_advice(406, "CHANNEL_PRIVATE", REMEDY_SOURCE, "not in that chat");
	ends_with_advice(403, "RECAPTCHA_CHECK_signup__6LdcRsEq", REMEDY_ACCOUNT, "official app");
	ends_with_advice(403, "INTEGRITY_CHECK_CLASSIC_a_b", REMEDY_ACCOUNT, "official app");
	ends_with_advice(403, "APNS_VERIFY_CHECK_a", REMEDY_ACCOUNT, "official app");
}

/* ---- what nobody has published ---- */

static uint32_t draw(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

/* An rpc_error with any bytes at all for its text. */
static size_t put_error(uint8_t *out, int32_t code, const uint8_t *text, size_t len)
{
	size_t n = 8;

	store_le32(out, 0x2144ca19);
	store_le32(out + 4, (uint32_t)code);
	if (len < 254) {
		out[n++] = (uint8_t)len;
	} else {
		store_le32(out + n, (uint32_t)len << 8 | 254);
		n += 4;
	}
	memcpy(out + n, text, len);
	n += len;
	while (n % 4 != 0)
		out[n++] = 0;
	return n;
}

static enum remedy class_of(int32_t code)
{
	return code == 420                ? REMEDY_WAIT
	       : code == 303              ? REMEDY_DC
	       : code == 401              ? REMEDY_LOGIN
	       : code >= 500 || code < 0 ? REMEDY_RECONCILE
					  : REMEDY_SKIP;
}

/* Rows: S39 */
Test(error, any_text_is_bounded_harmless_and_has_the_class_of_its_code)
{
	static const int32_t codes[] = {303, 400, 401, 403, 404, 406,       420,      500,
					503, -1,  0,   -503, 499, INT32_MAX, INT32_MIN};
	uint64_t seed = 39;

	for (int i = 0; i < 100000; i++) {
		int32_t code = codes[draw(&seed) % countof(codes)], read = 0;
		size_t len = draw(&seed) % (i % 100 == 0 ? 5000 : 200);
		uint8_t text[5000], object[5100], *exact;
		struct verdict v;
		char out[160];

		for (size_t k = 0; k < len; k++)
			text[k] = (uint8_t)draw(&seed);
		len = put_error(object, code, text, len);
		exact = malloc(len);
		memcpy(exact, object, len);
		cr_assert(session_read_error(cspan_of(exact, len), &read, out));
		free(exact);
		cr_assert_eq(read, code);
		cr_assert_lt(strlen(out), sizeof(out));
		for (const char *at = out; *at != '\0'; at++)
			cr_assert(*at >= 0x20 && *at < 0x7f, "%d", *at);
		v = error_verdict(code, out);
		cr_assert_eq(v.remedy, class_of(code), "%d %s", code, out);
		cr_assert_geq(v.wait_s, code == 420, "%d %s", code, out);
		cr_assert_leq(v.wait_s, code == 420 ? 14 * 86400 : 0, "%d %s", code, out);
	}
}

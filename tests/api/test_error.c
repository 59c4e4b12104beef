/* Every published name has a class; unknown ones fall to their suffix and then to their code. */
#include "proto/api/error.h"

#include <criterion/criterion.h>

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

Test(error, unknown_names_fall_to_their_code)
{
	cr_assert_eq(error_verdict(500, "SOMETHING").remedy, REMEDY_RECONCILE);
	cr_assert_eq(error_verdict(-503, "Timeout").remedy, REMEDY_RECONCILE);
	cr_assert_eq(error_verdict(401, "SOMETHING").remedy, REMEDY_LOGIN);
	cr_assert_eq(error_verdict(303, "NEW_MIGRATE_3").remedy, REMEDY_DC);
	cr_assert_eq(error_verdict(303, "NEW_MIGRATE_99999").remedy, REMEDY_SKIP);
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

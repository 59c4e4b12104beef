/* Sizes that a source claims, against what an account may upload: decided before anything is asked for. */
#include "engine/clone/plan.h"

#include <criterion/criterion.h>

static struct plan plan_size(int64_t size, bool premium)
{
	struct message m = {.id = 1,
			    .media = {.kind = MEDIA_DOCUMENT, .has_file = true, .file = {.size = size}}};
	struct plan_options o = {
	    .prefer = PLAN_STREAM, .premium = premium, .source_protected = true, .allow_protected = true};
	struct plan p;

	plan_group(&m, 1, &o, &p);
	return p;
}

/* Rows: H20 */
Test(hostile_plan, sizes_meet_the_account_limit)
{
	static const int64_t limits[] = {INT64_C(4000) * 524288, INT64_C(8000) * 524288};

	for (int premium = 0; premium < 2; premium++) {
		int64_t limit = limits[premium];

		cr_expect_eq(plan_size(0, premium).mode, PLAN_SKIP);
		cr_expect_eq(plan_size(-1, premium).mode, PLAN_SKIP);
		cr_expect_eq(plan_size(INT64_MIN, premium).mode, PLAN_SKIP);
		cr_expect_eq(plan_size(1, premium).mode, PLAN_STREAM);
		cr_expect_eq(plan_size(limit, premium).mode, PLAN_STREAM);
		cr_expect_eq(plan_size(limit + 1, premium).mode, PLAN_SKIP);
		cr_expect_eq(plan_size(INT64_C(5) << 30, premium).mode, PLAN_SKIP);
		cr_expect_eq(plan_size(INT64_MAX, premium).mode, PLAN_SKIP);
		cr_expect_str_eq(plan_size(INT64_MAX, premium).reason,
				 "larger than this account may upload");
	}
}

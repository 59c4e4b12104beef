/*
 * What lies behind the end of the log. A power loss may take a frame and leave those that were written
 * after it; a job that is started again writes the lost one again, byte for byte.
 */
#include "engine/ledger/ledger.h"
#include "tests/sim/disk.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { PAGE_ROWS = 3 };

static const char path[] = "job.ledger", log_path[] = "job.ledger-wal";
static const struct ledger_job job = {.account = 1, .source = -1001, .target = -1002, .generation = 1};

static struct ledger *open_on(struct disk *disk)
{
	struct ledger_options o = {.disk = disk_calls(disk), .threadless = true};
	struct ledger *ledger;
	char why[256] = "";

	cr_assert_eq(ledger_open_on(&ledger, &o, path, &job, true, why, sizeof(why)), LEDGER_SOUND, "%s",
		     why);
	return ledger;
}

/* A page of the source, durable. The length of the log then. */
static size_t plan(struct disk *disk, struct ledger *ledger, int32_t page)
{
	struct ledger_row rows[PAGE_ROWS];

	for (int32_t i = 0; i < PAGE_ROWS; i++)
		rows[i] = (struct ledger_row){
		    .source_id = page * 100 + i, .state = ROW_PLANNED, .size = 7};
	ledger_plan(ledger, rows, PAGE_ROWS, page * 100 + PAGE_ROWS);
	while (ledger_turn(ledger))
		;
	return disk_bytes(disk, log_path).len;
}

static bool holds(struct ledger *ledger, int32_t page)
{
	struct ledger_row row;

	return ledger_find(ledger, page * 100, &row);
}

static void die(struct disk *disk, struct ledger **ledger)
{
	disk_crash(disk, DISK_KILL, 1);
	(void)ledger_close(ledger);
}

/* Rows: P6 */
Test(log, what_was_cut_off_by_a_lost_frame_does_not_come_back)
{
	struct disk *disk = disk_open(1);
	struct ledger *ledger = open_on(disk);
	size_t first = plan(disk, ledger, 1), second = plan(disk, ledger, 2);
	struct span log;
	uint8_t *bytes;

	cr_assert_gt(plan(disk, ledger, 3), second);
	die(disk, &ledger);
	/* The frames of page 2 were lost, those of page 3 were not. */
	log = disk_bytes(disk, log_path);
	bytes = malloc(log.len);
	memcpy(bytes, log.at, log.len);
	memset(bytes + first, 0, second - first);
	disk_put(disk, log_path, cspan_of(bytes, log.len));
	free(bytes);
	ledger = open_on(disk);
	cr_assert(holds(ledger, 1));
	cr_assert_not(holds(ledger, 2), "its commit was never whole");
	cr_assert_not(holds(ledger, 3));
	plan(disk, ledger, 2);
	die(disk, &ledger);
	ledger = open_on(disk);
	cr_assert(holds(ledger, 1) && holds(ledger, 2));
	cr_assert_not(holds(ledger, 3), "it was not durable, and nobody has written it since");
	ledger_close(&ledger);
	disk_close(&disk);
}

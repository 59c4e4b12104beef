/* What is drawn while a clone runs, of numbers that stand at their borders: progress.c is inside. */
#define clone_progress fake_progress
#define clone_file fake_file
#define clone_next_note fake_next_note
#define ring_now fake_now
#define ring_wall fake_wall
#include "tools/tgclone/progress.c"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

static struct fake {
	uint64_t now, wall;
	struct clone_progress counts;
	struct clone_file file;
	struct clone_note note;
	bool has_note;
} fake;

void fake_progress(struct clone *clone, struct clone_progress *out)
{
	*out = fake.counts;
}

bool fake_file(const struct clone *clone, uint32_t index, struct clone_file *out)
{
	*out = fake.file;
	return index == 0;
}

bool fake_next_note(struct clone *clone, struct clone_note *out)
{
	bool has = fake.has_note;

	*out = fake.note;
	fake.has_note = false;
	return has;
}

uint64_t fake_now(struct ring *ring)
{
	return fake.now;
}

uint64_t fake_wall(struct ring *ring)
{
	return fake.wall;
}

static struct app app;
static struct progress progress;

/* The program says into a file. */
static void start(void)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	cr_assert_geq(fd, 0);
	app = (struct app){.log.fd = -1};
	term_init(&app.out, fd);
	term_init(&app.err, STDERR_FILENO);
	fake = (struct fake){.now = 1000 * SECOND, .wall = 1700000000 * SECOND};
	progress_start(&progress, &app, NULL);
}

static const char *said(void)
{
	static char text[4096];
	ssize_t n = pread(app.out.fd, text, sizeof(text) - 1, 0);

	cr_assert_geq(n, 0);
	text[n] = '\0';
	return text;
}

static void expect_status(const char *part)
{
	char line[200];

	progress_text(&progress, NULL, line, sizeof(line));
	cr_assert_not_null(strstr(line, part), "\"%s\" is not in \"%s\"", part, line);
}

Test(progress, nothing_is_known_yet)
{
	start();
	expect_status("asking for the first messages");
	fake.counts.planned_all = true;
	expect_status("0 of 0 done, 0 skipped | in 0 B/s, out 0 B/s | 0 posts/min | ETA 0m 00s");
}

/* A row may be counted twice for a moment: what is left is never below none. */
Test(progress, more_is_done_than_was_planned)
{
	start();
	fake.counts = (struct clone_progress){.planned = 5, .done = 4, .skipped = 2, .planned_all = true,
					      .per_ns = 1000};
	cr_assert_eq(left_of(&fake.counts), 0);
	expect_status("4 of 5 done, 2 skipped");
	expect_status("ETA 0m 00s");
}

/* The first minute has no minutes, and the first moment no rate. */
Test(progress, posts_of_the_first_minute)
{
	start();
	fake.counts = (struct clone_progress){.planned = 100, .done = 7, .posts = 7, .down_bytes = 1 << 30};
	expect_status("| in 0 B/s, out 0 B/s | 7 posts/min");
	fake.now += 59 * SECOND;
	expect_status("| 7 posts/min");
	fake.now += 61 * SECOND;
	expect_status("| 3 posts/min");
}

Test(progress, a_wait_that_is_over_is_none)
{
	start();
	fake.counts = (struct clone_progress){.planned = 2, .planned_all = true, .wait = PACE_FLOOD,
					      .wait_until = fake.wall + 100 * SECOND, .per_ns = 5 * SECOND};
	expect_status("ETA 1m 45s");
	fake.wall += 200 * SECOND;
	expect_status("ETA 0m 05s");
}

Test(progress, a_file_without_a_size)
{
	start();
	app.out.tty = true;
	app.out.dumb = false;
	fake.counts.planned = 1;
	fake.file = (struct clone_file){.name = "empty"};
	draw_live(&progress, NULL, &fake.counts);
	cr_assert_not_null(strstr(said(), "    0% in   0% out"), "%s", said());
}

Test(progress, a_line_a_minute_unless_it_is_off)
{
	uint64_t until = UINT64_MAX;

	for (int off = 0; off < 2; off++) {
		start();
		app.options.progress = off != 0 ? PROGRESS_OFF : PROGRESS_AUTO;
		fake.counts.planned = 1;
		fake.now += 59 * SECOND;
		progress_step(&progress, NULL, &until);
		cr_assert_str_empty(said());
		fake.now += SECOND;
		progress_step(&progress, NULL, &until);
		cr_assert_eq(strstr(said(), "0 of 1+ done") != NULL, off == 0, "%s", said());
	}
}

/* With progress off, too: it is a result. */
Test(progress, what_is_lost_on_the_way_is_told)
{
	static const char *const texts[] = {"", "formatting not kept"};
	uint64_t until = UINT64_MAX;

	for (size_t i = 0; i < countof(texts); i++) {
		start();
		app.options.progress = PROGRESS_OFF;
		fake.has_note = true;
		fake.note = (struct clone_note){.kind = NOTE_DONE, .source_id = 3, .target_id = 9};
		snprintf(fake.note.text, sizeof(fake.note.text), "%s", texts[i]);
		progress_step(&progress, NULL, &until);
		cr_assert_str_eq(said(), i == 0 ? "" : "message 3 -> 9: formatting not kept\n");
	}
}

/* A minute that is not over yet is no whole one less: nobody is told twice the pace. */
Test(progress, posts_a_minute_between_two_minutes)
{
	start();
	fake.counts = (struct clone_progress){.planned = 100, .done = 38, .posts = 38};
	fake.now += 119 * SECOND;
	expect_status("| 19 posts/min");
}

/* What a line a minute says of the first minute is that minute's, not half of it. */
/* The interval lies between requests, and a forward takes a hundred messages. */
Test(progress, messages_that_share_a_request_share_its_interval)
{
	start();
	app.options.interval_ns = 10 * (int64_t)SECOND;
	fake.counts = (struct clone_progress){.planned = 1001, .planned_all = true};
	expect_status("ETA 2h 46m"); /* nothing is known yet */
	fake.counts.done = fake.counts.posts = 200;
	fake.counts.requests = 2;
	expect_status("ETA 1m 20s");
	fake.counts.per_ns = SECOND; /* the rate is of messages */
	expect_status("ETA 13m 20s");
	fake.counts.requests = 200;
	expect_status("ETA 2h 13m");
	/* One is under way. */
	fake.counts = (struct clone_progress){.planned = 1001, .done = 0, .requests = 1, .planned_all = true};
	expect_status("ETA 2h 46m");
}

Test(progress, the_first_rate_is_whole)
{
	start();
	fake.counts = (struct clone_progress){.planned = 100, .down_bytes = 600000000, .up_bytes = 300000000};
	fake.now += 60 * SECOND;
	expect_status("in 10.0 MB/s, out 5.0 MB/s");
	fake.counts.down_bytes += 60000000;
	fake.now += 60 * SECOND;
	expect_status("in 1.0 MB/s, out 0 B/s");
}

static void expect_eta_below(uint64_t seconds)
{
	uint64_t eta = eta_seconds(&progress, &fake.counts);

	cr_assert_lt(eta, seconds, "%llu s are left, it says", (unsigned long long)eta);
}

/* Files are ahead of their turn, so nothing moves for a while: that makes the rest no longer. */
Test(progress, bytes_that_pause)
{
	char line[200];

	start();
	fake.counts = (struct clone_progress){.planned = 1000, .planned_all = true, .per_ns = SECOND,
					      .bytes_total = 100000000000};
	for (uint32_t i = 0; i < 200; i++) {
		fake.counts.up_bytes += i < 20 ? 50000000 : 0;
		fake.now += SECOND / 2;
		progress_text(&progress, NULL, line, sizeof(line));
		expect_eta_below(2000); /* 99 GB at 100 MB/s, and 1000 posts */
	}
}

/* A slow network is told all the same. */
Test(progress, bytes_that_take_longer_than_the_pace)
{
	char line[200];

	start();
	fake.counts = (struct clone_progress){.planned = 1000, .planned_all = true, .per_ns = SECOND,
					      .bytes_total = 101000000};
	for (uint32_t i = 0; i < 20; i++) {
		fake.counts.up_bytes += 50000;
		fake.now += SECOND / 2;
		progress_text(&progress, NULL, line, sizeof(line));
	}
	cr_assert_geq(eta_seconds(&progress, &fake.counts), 1000);
	expect_eta_below(1100);
}

/* What is forwarded counts among the bytes, too, and needs none of the network's time. */
Test(progress, few_of_the_bytes_are_streamed)
{
	char line[200];

	start();
	fake.counts = (struct clone_progress){.planned = 1000, .planned_all = true, .per_ns = SECOND,
					      .bytes_total = 1000000000000, .bytes_done = 500000000000};
	progress_text(&progress, NULL, line, sizeof(line));
	for (uint32_t i = 0; i < 20; i++) {
		fake.counts.up_bytes += 5000;
		fake.counts.bytes_done += 1000000000;
		fake.now += SECOND / 2;
		progress_text(&progress, NULL, line, sizeof(line));
	}
	expect_eta_below(1100);
}

/* A log of a day's wait says all the day why nothing happens. */
Test(progress, the_reason_of_a_long_wait)
{
	char line[200];

	start();
	fake.counts = (struct clone_progress){.planned = 2, .planned_all = true, .wait = PACE_FLOOD,
					      .wait_until = fake.wall + 90000 * SECOND};
	expect_status("| next post in 1d 1h (flood wait)");
	fake.counts.wait = PACE_SLOWMODE;
	fake.counts.wait_until = fake.wall + 5 * SECOND;
	expect_status("| next post in 5.0 s (slow mode)");
	fake.counts.wait = PACE_INTERVAL;
	progress_text(&progress, NULL, line, sizeof(line));
	cr_assert_null(strstr(line, "next post"), "%s", line);
}

/* Nor is a day without a network a day of lines as if all were well. */
Test(progress, no_connection_is_told)
{
	char line[200];

	start();
	fake.counts = (struct clone_progress){.planned = 2, .planned_all = true};
	progress.offline_ns = 3725 * SECOND;
	expect_status("| no connection for 1h 02m");
	progress.offline_ns = 4 * SECOND; /* a new one is being made */
	progress_text(&progress, NULL, line, sizeof(line));
	cr_assert_null(strstr(line, "no connection"), "%s", line);
}

/* On a terminal both streams are one screen: what is drawn anew must not go up into a warning. */
Test(progress, a_warning_leaves_no_rest_of_the_view)
{
	start();
	app.out.tty = true;
	app.out.dumb = false;
	term_init(&app.err, app.out.fd);
	fake.counts.planned = 1;
	draw_live(&progress, NULL, &fake.counts);
	app_note(&app, "no connection");
	cr_assert_not_null(strstr(said(), "\033[3A\r\033[Jno connection\n"), "%s", said());
}

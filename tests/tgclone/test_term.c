/* Nothing that somebody else wrote reaches the terminal as more than visible text on one line. */
#include "proto/base/check.h"
#include "tests/tgclone/help.h"
#include "tools/tgclone/log.h"
#include "tools/tgclone/talk.h"
#include "tools/tgclone/term.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <unistd.h>

static const char *clean(const char *in)
{
	static char out[512];

	cr_assert_eq(term_clean(out, sizeof(out), cspan_str(in)), strlen(out));
	return out;
}

Test(term, plain_text_of_all_scripts_stays)
{
	static const char *const same[] = {
	    "",      "hello", "Olá, ção",      "Привет",    "日本語",
	    "مرحبا", "😀👍",    "❤\xef\xb8\x8f", "a\xc2\xa0z" /* no-break space is a space */};

	for (size_t i = 0; i < countof(same); i++)
		cr_assert_str_eq(clean(same[i]), same[i]);
}

/* Rows: H18 H19 */
Test(term, what_acts_is_shown)
{
	cr_assert_str_eq(clean("\x1b[31mred\x1b[0m"), "\\x1b[31mred\\x1b[0m");
	cr_assert_str_eq(clean("a\nb\rc\td\bE\a"), "a\\x0ab\\x0dc\\x09d\\x08E\\x07");
	cr_assert_str_eq(clean("\x7f"), "\\x7f");
	cr_assert_str_eq(clean("\xc2\x9b"
			       "31m"),
			 "\\u{9b}31m");
	cr_assert_str_eq(clean("gpj.\xe2\x80\xae"
			       "exe"),
			 "gpj.\\u{202e}exe");
	cr_assert_str_eq(clean("\xe2\x81\xa6x\xe2\x81\xa9"), "\\u{2066}x\\u{2069}");
	cr_assert_str_eq(clean("a\xe2\x80\x8b\xe2\x80\x8d\xef\xbb\xbf z"),
			 "a\\u{200b}\\u{200d}\\u{feff} z");
	cr_assert_str_eq(clean("\xe2\x80\xa8\xe2\x80\xa9"), "\\u{2028}\\u{2029}");
	cr_assert_str_eq(clean("\xf3\xa0\x81\x81"), "\\u{e0041}");
	cr_assert_str_eq(clean("\\x1b"), "\\\\x1b");
}

Test(term, bytes_that_are_no_text_are_shown)
{
	cr_assert_str_eq(clean("\xff\xfe"), "\\xff\\xfe");
	cr_assert_str_eq(clean("\xc0\x80"), "\\xc0\\x80");          /* overlong NUL */
	cr_assert_str_eq(clean("\xe0\x80\x9b"), "\\xe0\\x80\\x9b"); /* overlong C1 */
	cr_assert_str_eq(clean("\xed\xa0\x80"), "\\xed\\xa0\\x80"); /* surrogate */
	cr_assert_str_eq(clean("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	cr_assert_str_eq(clean("\xe2\x80"), "\\xe2\\x80"); /* cut */
	cr_assert_str_eq(clean("\x9b"
			       "31m"),
			 "\\x9b"
			 "31m");
}

Test(term, nul_inside_is_shown_too)
{
	char out[32];

	cr_assert_eq(term_clean(out, sizeof(out), cspan_of("a\0b", 3)), 6);
	cr_assert_str_eq(out, "a\\x00b");
}

Test(term, cut_stands_between_characters)
{
	char out[8];

	for (size_t size = 1; size <= sizeof(out); size++) {
		size_t n = term_clean(out, size, cspan_str("é\x1bé"));

		cr_assert_lt(n, size);
		cr_assert(n == 0 || n == 2 || n == 6, "size %zu: %zu", size, n);
	}
}

Test(term, what_is_kept_is_utf8_to_its_last_character)
{
	char out[16];
	char name[200];

	cr_assert_eq(term_utf8(out, sizeof(out), cspan_str("a\xffz\xc3")), 8);
	cr_assert_str_eq(out, "a\xef\xbf\xbdz\xef\xbf\xbd");
	cr_assert_eq(term_utf8(out, sizeof(out), cspan_str("\xed\xa0\x80")), 9); /* a surrogate */
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = "\xc3\xa9"[i % 2];
	name[sizeof(name) - 1] = 0;
	for (size_t size = 1; size <= sizeof(out); size++)
		cr_assert_eq(term_utf8(out, size, cspan_str(name)), (size - 1) / 2 * 2);
}

/* A title that is no UTF-8, or a text that was cut: the event comes, with what can be read of it. */
Test(talk, no_event_is_lost_for_its_text)
{
	struct app app = {.log.fd = -1};
	char got[200];
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	term_init(&app.out, ends[1]);
	app_json(&app, json_pack("{s:s, s:o, s:o}", "event", "chat", "title", app_text("caf\xc3"), "name",
				 app_text_of(cspan_of("a\0\x80", 3))));
	got[read(ends[0], got, sizeof(got) - 1)] = 0;
	cr_assert(strstr(got, "\"title\":\"caf\\uFFFD\"") != NULL, "%s", got);
	cr_assert(strstr(got, "\"name\":\"a\\u0000\\uFFFD\"") != NULL, "%s", got);
	close(ends[0]);
	close(ends[1]);
}

/* Every string of three bytes that matters: no control byte survives, and no line is broken. */
/* Rows: H18 H19 */
Test(term, no_byte_sequence_gets_through)
{
	for (uint32_t v = 0; v < 1 << 24; v += 7) {
		uint8_t in[3] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16)};
		char out[64];
		size_t n = term_clean(out, sizeof(out), cspan_of(in, 3));

		for (size_t i = 0; i < n; i++) {
			uint8_t c = (uint8_t)out[i];

			cr_assert(c >= 0x20 && c != 0x7f);
			/* As a character of its own a C1 byte would follow 0xc2. */
			cr_assert(i == 0 || (uint8_t)out[i - 1] != 0xc2 || c >= 0xa0);
		}
	}
}

static size_t drain(int fd, char *out, size_t size)
{
	ssize_t n = read(fd, out, size - 1);

	out[n > 0 ? n : 0] = 0;
	return n > 0 ? (size_t)n : 0;
}

/* Rows: H19 */
Test(term, say_is_one_line)
{
	char got[9000], name[6000];
	struct term t;
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	term_init(&t, ends[1]);
	cr_assert_not(t.tty);
	term_say(&t, "chat %s: %d", "a\nb\x1b[2J", 5);
	drain(ends[0], got, sizeof(got));
	cr_assert_str_eq(got, "chat a\\x0ab\\x1b[2J: 5\n");
	memset(name, '\n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	term_say(&t, "%s", name);
	drain(ends[0], got, sizeof(got));
	cr_assert_leq(strlen(got), TERM_LINE_MAX);
	cr_assert_eq(strcspn(got, "\n"), strlen(got) - 1);
	term_page(&t, "one\n\ttwo\nthree");
	drain(ends[0], got, sizeof(got));
	cr_assert_str_eq(got, "one\n\\x09two\nthree\n");
	term_json(&t, "{\"title\":\"a\x7f\x1b\"}");
	drain(ends[0], got, sizeof(got));
	cr_assert_str_eq(got, "{\"title\":\"a\\u007f\\u001b\"}\n");
}

/* A terminal hands its output over piece by piece: reads until it ends in tail. */
static void drain_until(int fd, char *out, size_t size, const char *tail)
{
	size_t len = 0, n = strlen(tail);

	do {
		size_t more = drain(fd, out + len, size - len);

		cr_assert_gt(more, 0);
		len += more;
	} while (len < n || strcmp(out + len - n, tail) != 0);
}

Test(term, what_could_not_be_written_is_kept)
{
	struct term t;
	int fds[2];

	term_init(&t, open("/dev/full", O_WRONLY));
	term_say(&t, "lost");
	cr_assert_eq(t.error, ENOSPC);
	close(t.fd);
	/* A reader that went away had enough. */
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(fds), 0);
	close(fds[0]);
	term_init(&t, fds[1]);
	term_say(&t, "enough");
	cr_assert_eq(t.error, 0);
	close(fds[1]);
}

static void start_on(struct term *t, int *master, uint16_t rows, uint16_t columns, const char *kind)
{
	struct winsize w = {.ws_row = rows, .ws_col = columns};
	int slave;

	cr_assert_eq(openpty(master, &slave, NULL, NULL, &w), 0);
	setenv("TERM", kind, 1);
	term_init(t, slave);
	cr_assert(t->tty);
}

/* No line of it is broken by the edge, or cursor and view would part. */
Test(term, live_view_on_a_narrow_and_low_terminal)
{
	const char *lines[] = {"0123456789", "abcdefghij", "third"};
	char got[4096];
	struct term t;
	int master;

	start_on(&t, &master, 3, 5, "xterm");
	term_live(&t, lines, 3);
	term_say(&t, "mark");
	drain_until(master, got, sizeof(got), "mark\r\n");
	cr_assert_str_eq(got, "0123\r\nabcd\r\n\033[2A\r\033[Jmark\r\n");
	start_on(&t, &master, 1, 1, "xterm");
	term_live(&t, lines, 3);
	term_say(&t, "news");
	drain_until(master, got, sizeof(got), "news\r\n");
	cr_assert_str_eq(got, "news\r\n");
}

Test(term, a_dumb_terminal_gets_no_escape)
{
	const char *lines[] = {"live"};
	char got[4096];
	struct term t;
	int master;

	start_on(&t, &master, 24, 80, "dumb");
	term_live(&t, lines, 1);
	term_say(&t, "news");
	term_live(&t, NULL, 0);
	term_say(&t, "end");
	drain_until(master, got, sizeof(got), "end\r\n");
	cr_assert_str_eq(got, "news\r\nend\r\n");
}

Test(term, live_view_fits_and_goes_away)
{
	const char *lines[] = {"one",
			       "a long line that goes on and on and on behind the right edge",
			       "日本語日本語日本語日本語日本語日本語日本語日本語", "\x1b[2J"};
	char got[4096];
	struct term t;
	int master;

	start_on(&t, &master, 24, 40, "xterm");
	term_live(&t, lines, 4);
	drain_until(master, got, sizeof(got), "\\x1b[2J\r\n");
	cr_assert(strstr(got, "a long line that goes on and on and on \r\n") != NULL, "%s", got);
	cr_assert(strstr(got, "日本語日本語日本語日本語日本語日本語日\r\n") != NULL, "%s", got);
	cr_assert(strstr(got, "\\x1b[2J") != NULL);
	cr_assert_null(strchr(got, 27));
	term_say(&t, "news");
	drain_until(master, got, sizeof(got), "news\r\n");
	cr_assert_str_eq(got, "\033[4A\r\033[Jnews\r\n");
	term_live(&t, lines, 1);
	drain_until(master, got, sizeof(got), "one\r\n");
	cr_assert_str_eq(got, "one\r\n");
	term_live(&t, NULL, 0);
	drain_until(master, got, sizeof(got), "\033[J");
	cr_assert_str_eq(got, "\033[1A\r\033[J");
}

Test(log, lines_are_clean_and_levelled)
{
	struct place p = place_start();
	char path[128], got[1000];
	struct stat st;
	struct log l;
	int fd;

	snprintf(path, sizeof(path), "%s/log", p.dir);
	umask(0);
	cr_assert_eq(log_open(&l, path, LOG_INFO), 0);
	log_line(&l, 1700000000123456789, LOG_INFO, "file %s", "a\nb");
	log_line(&l, 1700000000123456789, LOG_DEBUG, "too much");
	log_hook(&l, 0, "from below");
	log_close(&l);
	log_line(&l, 1, LOG_ERROR, "after the close");
	fd = open(path, O_RDONLY);
	drain(fd, got, sizeof(got));
	cr_assert_eq(strncmp(got, "2023-11-14T22:13:20.123Z info  file a\\x0ab\n", 43), 0, "%s",
		     got);
	cr_assert(strstr(got, " error from below\n") != NULL);
	cr_assert_null(strstr(got, "too much"));
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(log_open(&l, "/no/such/dir/log", LOG_INFO), -2);
	cr_assert_eq(log_open(&l, NULL, LOG_INFO), 0);
	place_end(&p);
}

Test(log, slow_reader_costs_lines_and_no_time)
{
	struct place p = place_start();
	static char got[1 << 18];
	char path[128];
	struct log l;
	size_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/fifo", p.dir);
	cr_assert_eq(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	cr_assert_eq(log_open(&l, path, LOG_INFO), 0);
	for (int i = 0; i < 5000; i++)
		log_line(&l, 1, LOG_INFO, "line %d with some words behind it", i);
	cr_assert_gt(l.dropped, 0);
	for (n = drain(fd, got, sizeof(got)); n > 0;)
		n = drain(fd, got, sizeof(got));
	log_line(&l, 1, LOG_INFO, "again");
	drain(fd, got, sizeof(got));
	cr_assert(strstr(got, "lines were dropped: the reader is too slow") != NULL, "%s", got);
	cr_assert(strstr(got, "again\n") != NULL);
	log_close(&l);
	place_end(&p);
}

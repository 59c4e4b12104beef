/* What is said of data centres that are out of reach, and when it is over: client.c is inside. */
#define net_away fake_away
#define net_answers fake_answers
#define TGCLONE_VERSION "0"
#include "tools/tgclone/client.c"

#include <criterion/criterion.h>
#include <fcntl.h>

static struct fake {
	uint16_t longest; /* that questions wait for */
	uint64_t away_ns;
	bool answers[6];
} fake;

uint16_t fake_away(struct net *net, uint64_t *away_ns)
{
	*away_ns = fake.away_ns;
	return fake.longest;
}

bool fake_answers(const struct net *net, uint16_t dc)
{
	return fake.answers[dc];
}

static struct app app;
static struct client cl;

static void start(void)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	cr_assert_geq(fd, 0);
	app = (struct app){.log.fd = -1};
	term_init(&app.out, fd);
	term_init(&app.err, fd);
	cl = (struct client){.app = &app};
	fake = (struct fake){.away_ns = AWAY_TOLD, .answers = {true, true, true, true, true, true}};
}

/* All that was said so far. */
static void expect(const char *want)
{
	char text[4096];
	ssize_t n = pread(app.err.fd, text, sizeof(text) - 1, 0);

	cr_assert_geq(n, 0);
	text[n] = '\0';
	cr_assert_str_eq(text, want, "%s", text);
}

static void asked(uint16_t dc)
{
	fake.longest = dc;
	if (dc != 0)
		fake.answers[dc] = false;
	watch_away(&cl);
}

#define FOUR "no connection to DC 4 for 10 s: what lies there waits\n"
#define FIVE "no connection to DC 5 for 10 s: what lies there waits\n"

/* Rows: N19 */
Test(away, it_is_over_when_it_answers)
{
	start();
	asked(4);
	asked(4);
	expect(FOUR);
	cr_assert_eq(cl.away_dc, 4);
	fake.answers[4] = true;
	asked(0);
	asked(0);
	expect(FOUR "DC 4 answers again\n");
	cr_assert_eq(cl.away_dc, 0);
}

/* Its file was given up, or skipped: it is as far away as before. */
/* Rows: N19 I6 */
Test(away, it_is_not_over_when_nobody_asks_there)
{
	start();
	asked(4);
	asked(0);
	cr_assert_eq(cl.away_dc, 0);
	asked(4);
	cr_assert_eq(cl.away_dc, 4);
	expect(FOUR);
	asked(0);
	fake.answers[4] = true;
	asked(0);
	expect(FOUR "DC 4 answers again\n");
}

/* Another one is away for longer, and questions begin to wait for it only now. */
/* Rows: N19 I6 */
Test(away, it_is_not_over_when_another_one_is_away)
{
	start();
	asked(4);
	asked(5);
	cr_assert_eq(cl.away_dc, 5);
	expect(FOUR FIVE);
	fake.answers[5] = true;
	asked(4);
	cr_assert_eq(cl.away_dc, 4);
	fake.answers[4] = true;
	asked(0);
	expect(FOUR FIVE "DC 5 answers again\nDC 4 answers again\n");
}

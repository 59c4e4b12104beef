/* What a service manager hears, on a socket of our own that stands for it. */
#include "tests/tgclone/help.h"
#include "tools/tgclone/notify.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

static const uint64_t SECOND = 1000000000;

struct manager {
	struct place place;
	struct sockaddr_un addr;
	int fd;
	char socket[160], usec[64], pid[64];
	char *environment[5];
};

/* name: "" stands for a socket file in the test's own directory. */
static void manager_start(struct manager *m, const char *name)
{
	size_t len;

	*m = (struct manager){.place = place_start(), .addr = {.sun_family = AF_UNIX}};
	if (name[0] == '@')
		len = (size_t)snprintf(m->addr.sun_path, sizeof(m->addr.sun_path), "%s-%d", name,
				       (int)getpid());
	else
		len = (size_t)snprintf(m->addr.sun_path, sizeof(m->addr.sun_path), "%s/socket",
				       m->place.dir) +
		      1;
	snprintf(m->socket, sizeof(m->socket), "NOTIFY_SOCKET=%s", m->addr.sun_path);
	if (name[0] == '@')
		m->addr.sun_path[0] = '\0';
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	cr_assert_eq(bind(m->fd, (const struct sockaddr *)(const void *)&m->addr,
			  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
		     0);
	m->environment[0] = (char *)(uintptr_t) "HOME=/nowhere";
	m->environment[1] = m->socket;
}

static void manager_watchdog(struct manager *m, const char *usec, int pid)
{
	snprintf(m->usec, sizeof(m->usec), "WATCHDOG_USEC=%s", usec);
	snprintf(m->pid, sizeof(m->pid), "WATCHDOG_PID=%d", pid);
	m->environment[2] = m->usec;
	m->environment[3] = m->pid;
}

static void manager_end(struct manager *m)
{
	close(m->fd);
	place_end(&m->place);
}

static void expect(struct manager *m, const char *text)
{
	char got[512];
	ssize_t n = recv(m->fd, got, sizeof(got) - 1, 0);

	cr_assert_geq(n, 0, "silence instead of %s", text);
	got[n] = '\0';
	cr_assert_str_eq(got, text);
}

static void expect_silence(struct manager *m)
{
	char got[512];

	cr_assert_eq(recv(m->fd, got, sizeof(got), 0), -1);
	cr_assert_eq(errno, EAGAIN);
}

static void whole_life(const char *name)
{
	struct manager m;
	struct notify n;
	uint64_t until = 1000 * SECOND;

	manager_start(&m, name);
	cr_assert_eq(notify_open(&n, m.environment), 0);
	expect_silence(&m);
	cr_assert(notify_turn(&n, 100 * SECOND, &until));
	expect(&m, "READY=1");
	notify_status(&n, "3 of 7 done");
	expect(&m, "STATUS=3 of 7 done");
	cr_assert_not(notify_turn(&n, 101 * SECOND, &until));
	cr_assert(until > 101 * SECOND && until < 110 * SECOND, "a turn for the next status");
	expect_silence(&m);
	cr_assert(notify_turn(&n, 110 * SECOND, &until));
	notify_stopping(&n);
	notify_stopping(&n);
	expect(&m, "STOPPING=1");
	expect_silence(&m);
	notify_close(&n);
	manager_end(&m);
}

Test(notify, life_on_a_path)
{
	whole_life("");
}

Test(notify, life_on_an_abstract_socket)
{
	whole_life("@tgclone-test");
}

/* A beat each half of the period, and the loop is asked to come back in time for the next. */
Test(notify, beats_while_the_loop_turns)
{
	struct manager m;
	struct notify n;

	manager_start(&m, "");
	manager_watchdog(&m, "2000000", getpid());
	cr_assert_eq(notify_open(&n, m.environment), 0);
	for (uint64_t turn = 0; turn < 40; turn++) {
		uint64_t now = 50 * SECOND + turn * SECOND / 4, until = UINT64_MAX;

		notify_turn(&n, now, &until);
		if (turn == 0)
			expect(&m, "READY=1");
		if (turn % 4 == 0)
			expect(&m, "WATCHDOG=1");
		expect_silence(&m);
		cr_assert_leq(until, now + SECOND);
		cr_assert_gt(until, now);
	}
	notify_close(&n);
	manager_end(&m);
}

/* As long as somebody else is stuck the loop turns, and says nothing. */
Test(notify, withholds_a_beat)
{
	struct manager m;
	struct notify n;
	uint64_t now = 50 * SECOND, until = UINT64_MAX;

	manager_start(&m, "");
	manager_watchdog(&m, "2000000", getpid());
	cr_assert_eq(notify_open(&n, m.environment), 0);
	notify_turn(&n, now, &until);
	expect(&m, "READY=1");
	expect(&m, "WATCHDOG=1");
	cr_assert_not(notify_beats(&n, now + SECOND / 2));
	for (now += SECOND; now < 60 * SECOND; now = until) {
		until = UINT64_MAX;
		cr_assert(notify_beats(&n, now));
		notify_withhold(&n, now);
		notify_turn(&n, now, &until);
		expect_silence(&m);
		cr_assert(until > now && until <= now + SECOND / 10, "soon again");
	}
	cr_assert(notify_beats(&n, now));
	notify_turn(&n, now, &until);
	expect(&m, "WATCHDOG=1");
	notify_close(&n);
	cr_assert_not(notify_beats(&n, now + 10 * SECOND), "nobody listens");
	manager_end(&m);
}

Test(notify, an_earlier_turn_stays)
{
	struct manager m;
	struct notify n;
	uint64_t until = 51 * SECOND;

	manager_start(&m, "");
	manager_watchdog(&m, "60000000", getpid());
	cr_assert_eq(notify_open(&n, m.environment), 0);
	notify_turn(&n, 50 * SECOND, &until);
	cr_assert_eq(until, 51 * SECOND);
	notify_close(&n);
	manager_end(&m);
}

/* A full socket: what matters is said when there is room again. */
Test(notify, a_busy_manager_hears_it_later)
{
	struct manager m;
	struct notify n;
	uint64_t until = 1000 * SECOND;
	char got[64];
	int fillers = 0;

	manager_start(&m, "");
	manager_watchdog(&m, "2000000", getpid());
	cr_assert_eq(notify_open(&n, m.environment), 0);
	while (sendto(n.fd, "x", 1, 0, (const struct sockaddr *)(const void *)&n.to, n.to_len) == 1)
		fillers++;
	cr_assert_gt(fillers, 0);
	notify_turn(&n, 10 * SECOND, &until);
	cr_assert_lt(until, 11 * SECOND, "soon again");
	for (int i = 0; i < fillers; i++)
		cr_assert_eq(recv(m.fd, got, sizeof(got), 0), 1);
	expect_silence(&m);
	notify_turn(&n, until, &until);
	expect(&m, "READY=1");
	expect(&m, "WATCHDOG=1");
	expect_silence(&m);
	notify_close(&n);
	manager_end(&m);
}

/* Nobody behind the name any more: nothing fails, and nothing is waited for. */
Test(notify, a_manager_that_is_gone)
{
	struct manager m;
	struct notify n;
	uint64_t until = 1000 * SECOND;

	manager_start(&m, "");
	cr_assert_eq(notify_open(&n, m.environment), 0);
	manager_end(&m);
	cr_assert(notify_turn(&n, 10 * SECOND, &until));
	cr_assert_geq(until, 15 * SECOND);
	notify_status(&n, "alone");
	notify_stopping(&n);
	notify_close(&n);
}

Test(notify, nobody_listens)
{
	char *empty[] = {NULL};
	char *blank[] = {(char *)(uintptr_t) "NOTIFY_SOCKET=", NULL};
	struct notify n;
	uint64_t until = 77;

	cr_assert_eq(notify_open(&n, empty), 0);
	cr_assert_not(notify_turn(&n, 10 * SECOND, &until));
	cr_assert_eq(until, 77);
	notify_status(&n, "x");
	notify_stopping(&n);
	notify_close(&n);
	cr_assert_eq(notify_open(&n, blank), 0);
	cr_assert_eq(n.fd, -1);
}

Test(notify, names_that_are_no_socket)
{
	char longer[300] = "NOTIFY_SOCKET=/";
	char *bad[] = {(char *)(uintptr_t) "NOTIFY_SOCKET=relative",
		       (char *)(uintptr_t) "NOTIFY_SOCKET=/", (char *)(uintptr_t) "NOTIFY_SOCKET=@",
		       (char *)(uintptr_t) "NOTIFY_SOCKET=vsock:2:1", longer};

	memset(longer + 15, 'a', 200);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *environment[] = {bad[i], NULL};
		struct notify n;
		uint64_t until = 77;

		cr_assert_eq(notify_open(&n, environment), -EAFNOSUPPORT, "%s", bad[i]);
		cr_assert_not(notify_turn(&n, 10 * SECOND, &until));
		notify_close(&n);
	}
}

/* A watchdog of another process, and periods that are none. */
Test(notify, no_watchdog)
{
	static const char *const bad[] = {
	    "", "0", "-1", "12x", "99999999999999999999999", "18446744073709551615"};
	struct manager m;
	struct notify n;

	manager_start(&m, "");
	manager_watchdog(&m, "2000000", getpid() + 1);
	cr_assert_eq(notify_open(&n, m.environment), 0);
	cr_assert_eq(n.beat_ns, 0);
	notify_close(&n);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		manager_watchdog(&m, bad[i], getpid());
		cr_assert_eq(notify_open(&n, m.environment), 0);
		cr_assert_eq(n.beat_ns, 0, "%s", bad[i]);
		notify_close(&n);
	}
	m.environment[3] = NULL;
	manager_watchdog(&m, "5000000", 0);
	m.environment[3] = NULL;
	cr_assert_eq(notify_open(&n, m.environment), 0);
	cr_assert_eq(n.beat_ns, 5 * SECOND / 2, "without a pid it is meant for us");
	notify_close(&n);
	manager_end(&m);
}

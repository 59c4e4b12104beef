/* A session's way to the disk, in its order; and whose directory and file it is. */
#include "proto/base/check.h"
#include "tests/tgclone/help.h"
#include "tools/tgclone/exits.h"
#include "tools/tgclone/store.h"

#include <sys/syscall.h>

enum { SEEN_MAX = 8, NAME_MAX_LEN = 512 };

/* In front of the library's: what was synced or got another name, in their order. */
static struct {
	int count;
	char what[SEEN_MAX][NAME_MAX_LEN];
} seen;

/* Belongs to another user, for fstat. */
static char foreign[NAME_MAX_LEN];

static void name_of(int fd, char name[NAME_MAX_LEN])
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, NAME_MAX_LEN - 1);
	name[n > 0 ? n : 0] = 0;
}

int fsync(int fd)
{
	cr_assert_lt(seen.count, SEEN_MAX);
	name_of(fd, seen.what[seen.count++]);
	return (int)syscall(SYS_fsync, fd);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	cr_assert_lt(seen.count, SEEN_MAX);
	snprintf(seen.what[seen.count++], NAME_MAX_LEN, "%s is %s", from, to);
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

int fstat(int fd, struct stat *st)
{
	char name[NAME_MAX_LEN];
	int rc = fstatat(fd, "", st, AT_EMPTY_PATH);

	name_of(fd, name);
	if (rc == 0 && strcmp(name, foreign) == 0)
		st->st_uid++;
	return rc;
}

static const struct session_data session = {.realm = 7, .api_id = 12345};

static int open_in(const struct place *p, struct store *s)
{
	return store_open(s, p->dir, "default", true);
}

/* Rows: X1 */
Test(session_save, is_synced_then_named_then_the_directory_synced)
{
	struct place p = place_start();
	char fresh[NAME_MAX_LEN];
	struct store s;

	cr_assert_eq(open_in(&p, &s), 0, "%s", s.why);
	snprintf(fresh, sizeof(fresh), "%s/default/session.new", p.dir);
	for (int twice = 0; twice < 2; twice++) {
		seen.count = 0;
		cr_assert_eq(store_session_save(&s, &session), 0, "%s", s.why);
		cr_assert_eq(seen.count, 3);
		cr_assert_str_eq(seen.what[0], fresh);
		cr_assert_str_eq(seen.what[1], "session.new is session");
		cr_assert_str_eq(seen.what[2], s.dir);
	}
	store_close(&s);
	place_end(&p);
}

/* Rows: X1 */
Test(session_save, what_belongs_to_another_user_is_refused)
{
	static struct session_data out;
	struct place p = place_start();
	struct store s;

	cr_assert_eq(open_in(&p, &s), 0, "%s", s.why);
	cr_assert_eq(store_session_save(&s, &session), 0, "%s", s.why);
	snprintf(foreign, sizeof(foreign), "%s/default/session", p.dir);
	cr_assert_eq(store_session_load(&s, session.realm, &out), EXIT_BAD_DATA);
	cr_assert(strstr(s.why, "another user") != NULL, "%s", s.why);
	store_close(&s);
	for (int i = 0; i < 2; i++) {
		snprintf(foreign, sizeof(foreign), "%s%s", p.dir, i == 0 ? "" : "/default");
		cr_assert_eq(open_in(&p, &s), EXIT_BAD_DATA, "%s", foreign);
		cr_assert(strstr(s.why, "another user") != NULL, "%s", s.why);
		store_close(&s);
	}
	place_end(&p);
}

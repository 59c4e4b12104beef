/* The state directory and the session in it: for the owner alone, whole or refused. */
#include "proto/base/check.h"
#include "proto/crypto/digest.h"
#include "tests/tgclone/help.h"
#include "tools/tgclone/app.h"
#include "tools/tgclone/exits.h"
#include "tools/tgclone/job.h"
#include "tools/tgclone/pace_file.h"
#include "tools/tgclone/store.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>

/* In front of the library's: what was synced, in their order; and the process may end there. */
static struct {
	int count, end_at; /* 0: never */
	char names[16][160];
} syncs;

/* What the library says of a directory; 0: what it has to say. */
static int scan_error;

int scandir(const char *dir, struct dirent ***names, int (*is)(const struct dirent *),
	    int (*order)(const struct dirent **, const struct dirent **))
{
	int (*real)(const char *, struct dirent ***, int (*)(const struct dirent *),
		    int (*)(const struct dirent **, const struct dirent **));

	*(void **)&real = dlsym(RTLD_NEXT, "scandir64");
	errno = scan_error;
	return scan_error != 0 ? -1 : real(dir, names, is, order);
}

int fsync(int fd)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, syncs.names[syncs.count % 16], sizeof(syncs.names[0]) - 1);
	syncs.names[syncs.count % 16][n > 0 ? n : 0] = 0;
	if (++syncs.count == syncs.end_at)
		_exit(0);
	return (int)syscall(SYS_fsync, fd);
}

/* The same of what got another name. */
static struct {
	int count, end_at;
} renames;

int rename(const char *from, const char *to)
{
	if (++renames.count == renames.end_at)
		_exit(0);
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static void fill(struct session_data *s)
{
	struct net_account *a = &s->account;

	*s = (struct session_data){.realm = 0x1122334455667788, .api_id = 12345};
	*a = (struct net_account){.home_dc = 2,
				  .test = true,
				  .premium = true,
				  .user_id = 1LL << 40,
				  .time_offset_s = -3,
				  .dc_count = 3};
	for (uint32_t i = 0; i < 3; i++) {
		struct net_dc *dc = &a->dcs[i];

		dc->id = (uint16_t)(i + 2);
		dc->salt = UINT64_MAX - i;
		dc->has_key = i < 2;
		dc->authorized = i == 0;
		memset(dc->key.key, dc->has_key ? (int)(0xa0 + i) : 0, sizeof(dc->key.key));
		if (dc->has_key)
			authkey_finish(&dc->key);
		dc->addr_count = i + 1;
		for (uint32_t k = 0; k <= i; k++) {
			struct net_addr *at = &dc->addrs[k];

			at->ipv6 = k == 1;
			snprintf(at->host, sizeof(at->host),
				 at->ipv6 ? "2001:db8::%u" : "10.0.0.%u", k);
			at->port = (uint16_t)(443 + k);
			at->media_only = k == 2;
			at->has_secret = k == 2;
			memset(at->secret, (int)k, sizeof(at->secret));
		}
	}
}

static void expect_same(const struct session_data *a, const struct session_data *b)
{
	uint8_t x[SESSION_MAX], y[SESSION_MAX];
	size_t n = session_pack(a, x);

	cr_assert_eq(session_pack(b, y), n);
	cr_assert_arr_eq(x, y, n);
	for (uint32_t i = 0; i < a->account.dc_count; i++)
		cr_assert_eq(a->account.dcs[i].key.id, b->account.dcs[i].key.id);
}

static int open_in(struct place *p, struct store *s)
{
	char root[128];

	snprintf(root, sizeof(root), "%s/a/b", p->dir);
	return store_open(s, root, "default", true);
}

static void must_open(struct place *p, struct store *s)
{
	cr_assert_eq(open_in(p, s), 0, "%s", s->why);
}

Test(session, comes_back_as_it_was)
{
	struct session_data in, out;
	uint8_t bytes[SESSION_MAX];
	const char *why;
	size_t n;

	fill(&in);
	n = session_pack(&in, bytes);
	cr_assert(session_unpack(&out, cspan_of(bytes, n), &why), "%s", why);
	expect_same(&in, &out);
	cr_assert(out.account.test && out.account.premium);
	cr_assert_eq(out.account.time_offset_s, -3);
	cr_assert_str_eq(out.account.dcs[2].addrs[1].host, "2001:db8::1");
	cr_assert(out.account.dcs[2].addrs[2].media_only);
}

Test(session, the_largest_one_fits)
{
	static struct session_data in, out;
	uint8_t bytes[SESSION_MAX];
	const char *why;
	size_t n;

	fill(&in);
	in.account.dc_count = NET_DC_MAX;
	for (uint32_t i = 0; i < NET_DC_MAX; i++) {
		struct net_dc *dc = &in.account.dcs[i];

		dc->id = (uint16_t)(i + 1);
		dc->has_key = true;
		dc->addr_count = NET_ADDR_MAX;
		for (uint32_t k = 0; k < NET_ADDR_MAX; k++) {
			dc->addrs[k].ipv6 = true;
			strcpy(dc->addrs[k].host, "2001:0db8:1111:2222:3333:4444:255.255.255.255");
		}
	}
	n = session_pack(&in, bytes);
	cr_assert(session_unpack(&out, cspan_of(bytes, n), &why), "%s", why);
}

/* Rows: P16 */
Test(session, every_flipped_bit_and_every_cut_is_found)
{
	struct session_data in, out;
	uint8_t bytes[SESSION_MAX];
	const char *why;
	size_t n;

	fill(&in);
	n = session_pack(&in, bytes);
	for (size_t i = 0; i < n * 8; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		cr_assert_not(session_unpack(&out, cspan_of(bytes, n), &why), "bit %zu", i);
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len < n; len++)
		cr_assert_not(session_unpack(&out, cspan_of(bytes, len), &why), "%zu bytes", len);
	memset(&in, 0, sizeof(in));
	cr_assert_eq(memcmp(&in, &out, sizeof(in)), 0, "a refused session leaves nothing behind");
}

/* Behind a good sum: a program of ours with a fault, or somebody who knows the format. */
Test(session, senseless_fields_are_refused_behind_a_good_sum)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
	    {8 + 8 + 3, 0x80},                        /* api_id negative */
	    {8 + 8 + 4, 0xff},                        /* flags */
	    {8 + 8 + 4 + 1, 99},                      /* a home that is not listed */
	    {8 + 8 + 4 + 1 + 2 + 7, 0x80},            /* user_id negative */
	    {8 + 8 + 4 + 1 + 2 + 16, 17},             /* 17 DCs */
	    {8 + 8 + 4 + 1 + 2 + 16, 2},              /* 2 DCs, bytes left over */
	    {8 + 8 + 4 + 1 + 2 + 16 + 1, 0},          /* DC 0 */
	    {8 + 8 + 4 + 1 + 2 + 16 + 3, 2},          /* authorized without a key */
	    {8 + 8 + 4 + 1 + 2 + 16 + 12 + 256, 200}, /* addresses */
	    {8 + 8 + 4 + 1 + 2 + 16 + 13 + 256, 64},  /* length of a host */
	    {8 + 8 + 4 + 1 + 2 + 16 + 14 + 256, 'x'}, /* no address */
	};
	static struct session_data in, out, none;
	uint8_t bytes[SESSION_MAX];
	const char *why;

	fill(&in);
	for (size_t i = 0; i < countof(changes); i++) {
		size_t n = session_pack(&in, bytes);
		struct cspan body = cspan_of(bytes, n - 32);

		bytes[changes[i].at] = changes[i].value;
		digest_sha256(bytes + n - 32, &body, 1);
		cr_assert_not(session_unpack(&out, cspan_of(bytes, n), &why), "change %zu", i);
		cr_assert(strstr(why, "fields") != NULL);
		cr_assert_eq(memcmp(&out, &none, sizeof(out)), 0, "change %zu leaves keys", i);
	}
}

/* Rows: X1 */
Test(store, makes_its_directories_for_the_owner_alone)
{
	struct place p = place_start();
	struct session_data in, out;
	struct store s;
	struct stat st;
	char path[512];

	umask(0);
	fill(&in);
	must_open(&p, &s);
	cr_assert_eq(stat(s.dir, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0700);
	cr_assert_eq(store_lock(&s), 0);
	cr_assert_eq(store_session_load(&s, in.realm, &out), EXIT_LOGIN);
	cr_assert_eq(store_session_save(&s, &in), 0, "%s", s.why);
	in.account.premium = false;
	cr_assert_eq(store_session_save(&s, &in), 0, "%s", s.why);
	cr_assert_eq(store_session_load(&s, in.realm, &out), 0, "%s", s.why);
	expect_same(&in, &out);
	snprintf(path, sizeof(path), "%.300s/session", s.dir);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	snprintf(path, sizeof(path), "%.300s/session.new", s.dir);
	cr_assert_neq(access(path, F_OK), 0);
	store_close(&s);
	place_end(&p);
}

/* Rows: X1 */
Test(store, looser_rights_are_refused)
{
	static const struct {
		mode_t dir, file;
	} modes[] = {{0750, 0600}, {0701, 0600}, {0700, 0640}, {0700, 0604}, {0700, 0620}};
	struct place p = place_start();
	struct session_data in, out;
	struct store s;
	char path[512];

	fill(&in);
	for (size_t i = 0; i < countof(modes); i++) {
		must_open(&p, &s);
		cr_assert_eq(store_session_save(&s, &in), 0);
		snprintf(path, sizeof(path), "%.300s/session", s.dir);
		chmod(path, modes[i].file);
		chmod(s.dir, modes[i].dir);
		if (modes[i].dir != 0700) {
			store_close(&s);
			cr_assert_eq(open_in(&p, &s), EXIT_BAD_DATA);
		} else {
			cr_assert_eq(store_session_load(&s, in.realm, &out), EXIT_BAD_DATA);
		}
		cr_assert(strstr(s.why, "open to others") != NULL, "%s", s.why);
		chmod(s.dir, 0700);
		store_close(&s);
	}
	place_end(&p);
}

/* Rows: H22 P16 */
Test(store, damaged_session_is_kept)
{
	struct place p = place_start();
	struct session_data in, out;
	uint8_t bytes[SESSION_MAX], after[SESSION_MAX];
	char path[512];
	struct store s;
	size_t n;
	int fd;

	fill(&in);
	must_open(&p, &s);
	n = session_pack(&in, bytes);
	bytes[n / 2] ^= 1;
	place_write(&p, "a/b/default/session", bytes, n, 0600);
	cr_assert_eq(store_session_load(&s, in.realm, &out), EXIT_BAD_DATA);
	cr_assert(strstr(s.why, "damaged") != NULL);
	fd = open(p.path, O_RDONLY);
	cr_assert_eq(read(fd, after, sizeof(after)), (ssize_t)n);
	cr_assert_arr_eq(bytes, after, n);
	place_write(&p, "a/b/default/session", "", 0, 0600);
	cr_assert_eq(store_session_load(&s, in.realm, &out), EXIT_BAD_DATA);
	/* A link to somewhere else is not followed. */
	cr_assert_eq(store_session_save(&s, &in), 0);
	snprintf(path, sizeof(path), "%s/a/elsewhere", p.dir);
	cr_assert_eq(rename(p.path, path), 0);
	cr_assert_eq(symlink(path, p.path), 0);
	cr_assert_eq(store_session_load(&s, in.realm, &out), EXIT_BAD_DATA);
	store_close(&s);
	place_end(&p);
}

/* Rows: P16 */
Test(store, session_of_other_servers_is_refused)
{
	static struct session_data in, out, none;
	struct place p = place_start();
	struct store s;

	fill(&in);
	must_open(&p, &s);
	cr_assert_eq(store_session_save(&s, &in), 0);
	cr_assert_eq(store_session_load(&s, in.realm + 1, &out), EXIT_BAD_DATA);
	cr_assert(strstr(s.why, "--profile") != NULL);
	cr_assert_eq(memcmp(&out, &none, sizeof(out)), 0, "keys are left that nobody may use");
	store_close(&s);
	place_end(&p);
}

/* Rows: P13 P14 */
Test(store, one_process_holds_the_session)
{
	struct place p = place_start();
	struct store a, b;
	int status;
	pid_t pid;

	must_open(&p, &a);
	must_open(&p, &b);
	cr_assert_eq(store_lock(&a), 0);
	cr_assert_eq(store_lock(&b), EXIT_LATER);
	store_close(&b);
	pid = fork();
	if (pid == 0) {
		must_open(&p, &b);
		_exit(store_lock(&b));
	}
	waitpid(pid, &status, 0);
	cr_assert_eq(WEXITSTATUS(status), EXIT_LATER);
	store_close(&a);
	pid = fork();
	if (pid == 0) {
		must_open(&p, &b);
		_exit(store_lock(&b)); /* and dies with it */
	}
	waitpid(pid, &status, 0);
	cr_assert_eq(WEXITSTATUS(status), 0);
	must_open(&p, &b);
	cr_assert_eq(store_lock(&b), 0);
	store_close(&b);
	place_end(&p);
}

/* Rows: X11 */
Test(store, drop_leaves_no_key_behind)
{
	struct place p = place_start();
	struct session_data in, out;
	uint8_t bytes[SESSION_MAX];
	char path[512];
	struct store s;
	ssize_t n;
	int fd;

	fill(&in);
	must_open(&p, &s);
	cr_assert_eq(store_session_save(&s, &in), 0);
	snprintf(path, sizeof(path), "%.300s/session", s.dir);
	fd = open(path, O_RDONLY); /* what is left in the file's own blocks */
	cr_assert_eq(store_session_drop(&s), 0);
	n = read(fd, bytes, sizeof(bytes));
	for (ssize_t i = 0; i < n; i++)
		cr_assert_eq(bytes[i], 0);
	cr_assert_eq(store_session_load(&s, in.realm, &out), EXIT_LOGIN);
	cr_assert_eq(store_session_drop(&s), 0);
	store_close(&s);
	place_end(&p);
}

/* Rows: X11 */
Test(store, drop_leaves_no_key_of_a_save_that_was_cut_short)
{
	struct place p = place_start();
	struct session_data in;
	uint8_t bytes[SESSION_MAX];
	char path[512];
	struct store s;
	size_t n;
	int fd;

	fill(&in);
	must_open(&p, &s);
	n = session_pack(&in, bytes);
	for (int i = 0; i < 2; i++) {
		if (i == 1)
			cr_assert_eq(store_session_save(&s, &in), 0);
		place_write(&p, "a/b/default/session.new", (const char *)bytes, n, 0600);
		snprintf(path, sizeof(path), "%.300s/session.new", s.dir);
		fd = open(path, O_RDONLY);
		cr_assert_eq(store_session_drop(&s), 0);
		cr_assert_neq(access(path, F_OK), 0, "it is there still");
		cr_assert_gt(read(fd, bytes, n), 0);
		for (size_t k = 0; k < n; k++)
			cr_assert_eq(bytes[k], 0);
		close(fd);
		n = session_pack(&in, bytes);
	}
	store_close(&s);
	place_end(&p);
}

/* Whole, or none: not one that is damaged and stands in the way of the next login. */
/* Rows: X11 */
Test(store, drop_that_is_cut_short_leaves_a_session_or_none)
{
	struct place p = place_start();
	struct session_data in, out;
	struct store s;
	int status, rc = 0;
	pid_t pid;

	fill(&in);
	must_open(&p, &s);
	for (int at = 1; at <= 4; at++) {
		cr_assert_eq(store_session_save(&s, &in), 0);
		pid = fork();
		if (pid == 0) {
			syncs.count = 0;
			syncs.end_at = at;
			store_session_drop(&s);
			_exit(1);
		}
		waitpid(pid, &status, 0);
		rc = store_session_load(&s, in.realm, &out);
		cr_assert(rc == 0 || rc == EXIT_LOGIN, "sync %d: %d, %s", at, rc, s.why);
	}
	cr_assert_eq(WEXITSTATUS(status), 1, "there are more syncs than that");
	cr_assert_eq(rc, EXIT_LOGIN);
	store_close(&s);
	place_end(&p);
}

static bool was_synced(const char *path)
{
	for (int i = 0; i < syncs.count && i < 16; i++)
		if (strcmp(syncs.names[i], path) == 0)
			return true;
	return false;
}

/* Rows: P6 */
Test(store, new_directories_last)
{
	struct place p = place_start();
	char path[256];
	struct store s;

	syncs.count = 0;
	must_open(&p, &s);
	cr_assert(was_synced(p.dir), "a is lost");
	snprintf(path, sizeof(path), "%s/a", p.dir);
	cr_assert(was_synced(path), "a/b is lost");
	snprintf(path, sizeof(path), "%s/a/b", p.dir);
	cr_assert(was_synced(path), "a/b/default is lost");
	store_close(&s);
	place_end(&p);
}

/* Rows: P17 */
Test(store, network_file_systems_are_known)
{
	static const struct {
		uint32_t type;
		const char *name;
	} known[] = {{0x6969, "NFS"}, {0xff534d42, "CIFS"}, {0x65735546, "FUSE"}, {0x01021997, "9P"}};
	static const uint32_t local[] = {0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x2fc12fc1};
	struct place p = place_start();
	struct statfs fs;
	struct store s;

	for (size_t i = 0; i < countof(known); i++)
		cr_assert_str_eq(store_network(known[i].type), known[i].name);
	for (size_t i = 0; i < countof(local); i++)
		cr_assert_null(store_network(local[i]), "%x", local[i]);
	must_open(&p, &s);
	cr_assert_eq(fstatfs(s.dir_fd, &fs), 0);
	cr_assert_eq(s.warning[0] != 0, store_network((uint32_t)fs.f_type) != NULL, "%s", s.warning);
	store_close(&s);
	place_end(&p);
}

/* Rows: P9 */
Test(store, places_that_cannot_be)
{
	struct place p = place_start();
	struct store s;
	char path[256];

	snprintf(path, sizeof(path), "%s/none", p.dir);
	cr_assert_eq(store_open(&s, path, "default", false), EXIT_CREATE);
	cr_assert(strstr(s.why, path) != NULL, "%s", s.why);
	place_write(&p, "file", "x", 1, 0600);
	cr_assert_eq(store_open(&s, p.path, "default", true), EXIT_CREATE);
	cr_assert(strstr(s.why, p.path) != NULL, "%s", s.why);
	cr_assert_eq(store_open(&s, "/proc/none", "default", true), EXIT_CREATE);
	cr_assert(strstr(s.why, "/proc/none") != NULL, "%s", s.why);
	place_end(&p);
}

/* Rows: H17 */
Test(store, profiles_are_names_and_never_paths)
{
	static const char *const bad[] = {"",     ".",   "..", ".hidden", "a/b",
					  "../x", "a b", "é",  "a\n"};
	char longest[STORE_PROFILE_MAX + 2];

	for (size_t i = 0; i < countof(bad); i++)
		cr_assert_not(store_profile_ok(bad[i]), "%s", bad[i]);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	cr_assert_not(store_profile_ok(longest));
	longest[STORE_PROFILE_MAX] = 0;
	cr_assert(store_profile_ok(longest));
	cr_assert(store_profile_ok("work-2.a_B"));
}

static void count_path(void *ctx, const char *path)
{
	int *n = ctx;

	cr_assert(strstr(path, ".ledger") != NULL);
	++*n;
}

Test(store, jobs_have_names_of_their_own)
{
	struct place p = place_start();
	struct ledger_job job = {.account = 5, .source = -1001, .target = -1002, .generation = 1};
	char a[PATH_MAX], b[PATH_MAX];
	struct store s;
	int n = 0;

	must_open(&p, &s);
	cr_assert(store_ledger_path(&s, &job, a));
	cr_assert(strstr(a, "/-1001_-1002_") != NULL);
	memset(job.options_digest, 1, 32); /* other options: the same job, the ledger refuses it */
	cr_assert(store_ledger_path(&s, &job, b));
	cr_assert_str_eq(a, b);
	job.target_topic = 7;
	cr_assert(store_ledger_path(&s, &job, b));
	cr_assert_str_neq(a, b);
	place_write(&p, "a/b/default/x.ledger", "", 0, 0600);
	place_write(&p, "a/b/default/y.ledger", "", 0, 0600);
	place_write(&p, "a/b/default/y.ledger-wal", "", 0, 0600);
	place_write(&p, "a/b/default/y.ledger.lock", "", 0, 0600);
	place_write(&p, "a/b/default/.ledger", "", 0, 0600);
	cr_assert_eq(store_ledgers(&s, count_path, &n), 0);
	cr_assert_eq(n, 2);
	store_close(&s);
	place_end(&p);
}

/* ---- a ledger that another one takes the place of ---- */

static const char *content(const struct place *p, const char *name)
{
	static char text[16];
	char path[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/a/b/default/x.ledger%s", p->dir, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return "";
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	close(fd);
	return text;
}

static void put_fresh(struct place *p, const char *text)
{
	place_write(p, "a/b/default/x.ledger.fresh", text, strlen(text), 0600);
}

static int swap(struct store *s, const struct place *p, char aside[PATH_MAX])
{
	char path[256], fresh[300];

	snprintf(path, sizeof(path), "%s/a/b/default/x.ledger", p->dir);
	snprintf(fresh, sizeof(fresh), "%s.fresh", path);
	return store_ledger_swap(s, fresh, path, aside);
}

/* The process ends at that rename, or that sync, and a second one sees to it. True: it came to its end before that. */
static bool swap_twice(struct store *s, struct place *p, int rename_at, int sync_at)
{
	char aside[PATH_MAX] = "";
	int status;
	pid_t pid;

	put_fresh(p, "new");
	pid = fork();
	if (pid == 0) {
		syncs.count = renames.count = 0;
		syncs.end_at = sync_at;
		renames.end_at = rename_at;
		_exit(swap(s, p, aside) == 0 ? 1 : 2);
	}
	waitpid(pid, &status, 0);
	if (strcmp(content(p, ""), "new") != 0) {
		put_fresh(p, "new");
		cr_assert_eq(swap(s, p, aside), 0, "%s", s->why);
	}
	return WEXITSTATUS(status) == 1;
}

/* Rows: P1 P15 */
Test(store, ledger_and_log_that_are_set_aside_stay_one)
{
	static const char *const olds[][2] = {{"old", "log"}, {"old", ""}, {"", "log"}};
	char aside[PATH_MAX];
	struct store s;

	for (int i = 0; i < 3 * 2 * 5; i++) {
		struct place p = place_start();
		const char *const *old = olds[i / 10];
		int at = 1 + i / 2 % 5;

		must_open(&p, &s);
		if (old[0][0] != 0)
			place_write(&p, "a/b/default/x.ledger", old[0], 3, 0600);
		if (old[1][0] != 0)
			place_write(&p, "a/b/default/x.ledger-wal", old[1], 3, 0600);
		cr_assert_eq(swap_twice(&s, &p, i % 2 ? at : 0, i % 2 ? 0 : at), at == 5, "%d", i);
		for (int more = 0; more < 2; more++) {
			cr_assert_str_eq(content(&p, ""), more ? "newer" : "new");
			cr_assert_str_eq(content(&p, "-wal"), "");
			cr_assert_str_eq(content(&p, ".aside-1"), old[0], "%d", i);
			cr_assert_str_eq(content(&p, ".aside-1-wal"), old[1], "%d", i);
			cr_assert_str_eq(content(&p, ".aside-2"), more ? "new" : "");
			cr_assert_str_eq(content(&p, ".aside-2-wal"), "");
			put_fresh(&p, "newer");
			cr_assert_eq(swap(&s, &p, aside), 0);
		}
		store_close(&s);
		place_end(&p);
	}
}

/* ---- what was learnt about the account's limits ---- */

/* Every byte of the file, flipped: nothing of it is taken over. */
static void flip_each(const struct store *s, const struct pace_methods *fresh, uint64_t now)
{
	static struct pace_methods b;
	int fd = openat(s->dir_fd, "pace", O_RDWR);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	for (off_t i = 0; i < st.st_size; i++) {
		uint8_t was, is;

		cr_assert_eq(pread(fd, &was, 1, i), 1);
		is = was ^ (uint8_t)(1u << (i % 8));
		cr_assert_eq(pwrite(fd, &is, 1, i), 1);
		b = *fresh;
		cr_assert_eq(pace_file_load(s, &b, now), PACE_DAMAGED, "byte %ld", (long)i);
		cr_assert_eq(memcmp(&b, fresh, sizeof(b)), 0);
		cr_assert_eq(pwrite(fd, &was, 1, i), 1);
	}
	cr_assert_eq(pace_file_load(s, &b, now), PACE_LEARNT);
	close(fd);
}

Test(store, learnt_pace_is_kept_and_damage_is_as_good_as_none)
{
	static struct pace_methods a, b, fresh;
	const uint64_t second = 1000000000, now = 1700000000 * second;
	struct place p = place_start();
	struct pace_lane lane;
	struct store s;
	struct stat st;
	int fd;

	must_open(&p, &s);
	methods_init(&a, 3 * second);
	methods_init(&b, second);
	fresh = b;
	cr_assert_eq(pace_file_load(&s, &b, now), PACE_NOTHING);
	pace_init(&lane, 1, 3 * second, 1, 0);
	methods_take(&a, PACE_MEDIA, &lane, now, 1);
	methods_flood(&a, PACE_MEDIA, &lane, now, 7 * second, 1);
	cr_assert_eq(pace_file_save(&s, &a), 0);
	cr_assert_eq(pace_file_save(&s, &a), 0);
	cr_assert_eq(fstatat(s.dir_fd, "pace", &st, 0), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(pace_file_load(&s, &b, now), PACE_LEARNT);
	cr_assert_eq(b.of[PACE_MEDIA].per_ns, a.of[PACE_MEDIA].per_ns);
	cr_assert_gt(b.of[PACE_MEDIA].per_ns, b.of[PACE_FORWARD].per_ns);
	flip_each(&s, &fresh, now);
	fd = openat(s.dir_fd, "pace", O_WRONLY | O_TRUNC);
	close(fd);
	cr_assert_eq(pace_file_load(&s, &b, now), PACE_DAMAGED);
	store_close(&s);
	place_end(&p);
}

static void never(void *ctx, const char *path)
{
	cr_assert_fail("%s", path);
}

/* Where the other ledgers of a profile cannot be looked through: named, and no memory is a matter of time. */
/* Rows: P9 P11 */
Test(store, a_directory_that_cannot_be_read)
{
	static const struct {
		int error, code;
	} cases[] = {{EACCES, EXIT_IO}, {EIO, EXIT_IO}, {ENOENT, EXIT_IO}, {ENOMEM, EXIT_LATER}, {0, 0}};
	struct place p = place_start();
	struct store s;

	must_open(&p, &s);
	for (size_t i = 0; i < countof(cases); i++) {
		scan_error = cases[i].error;
		cr_assert_eq(store_ledgers(&s, never, NULL), cases[i].code, "%s", strerror(cases[i].error));
		if (scan_error == 0)
			continue;
		cr_assert_not_null(strstr(s.why, s.dir), "%s", s.why);
		cr_assert_not_null(strstr(s.why, strerror(cases[i].error)), "%s", s.why);
	}
	store_close(&s);
	place_end(&p);
}

/* A job that has to look through them does not begin, and says why, in one line. */
/* Rows: P9 */
Test(store, a_job_that_cannot_look_through_the_others_says_so)
{
	struct place p = place_start();
	static struct app app;
	static struct client cl;
	static struct job job;
	char said[1024];
	ssize_t n;
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	cr_assert_geq(fd, 0);
	app.log.fd = -1;
	term_init(&app.out, fd);
	term_init(&app.err, fd);
	cl.app = &app;
	must_open(&p, &cl.store);
	snprintf(job.path, sizeof(job.path), "%s/none.ledger", p.dir);
	scan_error = 0;
	cr_assert_eq(job_refuse_clash(&cl, &job), 0);
	scan_error = EACCES;
	cr_assert_eq(job_refuse_clash(&cl, &job), EXIT_IO);
	n = pread(fd, said, sizeof(said) - 1, 0);
	cr_assert_gt(n, 0);
	said[n] = '\0';
	cr_assert_not_null(strstr(said, cl.store.dir), "%s", said);
	cr_assert_eq(strchr(said, '\n'), said + n - 1, "%s", said);
	store_close(&cl.store);
	place_end(&p);
}

/*
 * The state directory on disk. It owns the directory and the session's lock while the program runs;
 * what the session holds is session_file.c's, what a ledger holds the ledger's. Files are opened
 * relative to the directory that was checked, never followed through links.
 */
#include "tools/tgclone/store.h"
#include "proto/base/check.h"
#include "proto/base/crash.h"
#include "proto/crypto/digest.h"
#include "tools/tgclone/exits.h"
#include "tools/tgclone/harden.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char session_name[] = "session", fresh_name[] = "session.new",
		  lock_name[] = "session.lock";

static int fail(struct store *s, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int fail(struct store *s, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->why, sizeof(s->why), format, args);
	va_end(args);
	return code;
}

/* The exit code for what the kernel said of a file or directory. */
static int code_of(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
	case EROFS:
	case ENOENT:
	case ENOTDIR:
	case EEXIST:
	case ELOOP:
	case EISDIR:
	case ENAMETOOLONG:
		return EXIT_CREATE;
	case ENOMEM:
		return EXIT_LATER;
	default:
		return EXIT_IO;
	}
}

/* ---- the directory ---- */

bool store_profile_ok(const char *p)
{
	size_t len = strlen(p);

	return len >= 1 && len <= STORE_PROFILE_MAX && p[0] != '.' &&
	       strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		   len;
}

static int root_path(struct store *s, const char *state_dir, char out[PATH_MAX])
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (state_dir != NULL)
		n = snprintf(out, PATH_MAX, "%s", state_dir);
	else if (xdg != NULL && xdg[0] == '/')
		n = snprintf(out, PATH_MAX, "%s/tgclone", xdg);
	else if (home != NULL && home[0] == '/')
		n = snprintf(out, PATH_MAX, "%s/.local/state/tgclone", home);
	else
		return fail(s, EXIT_USAGE, "no home directory: name one with --state-dir");
	return n < PATH_MAX ? 0 : fail(s, EXIT_USAGE, "state directory: path too long");
}

/* The name of a new directory, on the disk: what is kept in it is else gone with it. */
static int sync_above(struct store *s, const char *path)
{
	char above[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
	int fd, error = 0;

	memcpy(above, len > 0 ? path : ".", len > 0 ? len : 1);
	above[len > 0 ? len : 1] = 0;
	fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0; /* it may be written to and not be read */
	if (fsync(fd) != 0 && errno != EINVAL)
		error = errno;
	close(fd);
	return error == 0 ? 0 : fail(s, EXIT_IO, "%s: %s", above, strerror(error));
}

/* path and its parents, as far as they are missing. */
static int make_dirs(struct store *s, const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	for (size_t i = 1; i <= len; i++) {
		bool made;

		if (path[i] != '/' && path[i] != 0)
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		made = mkdir(part, 0700) == 0;
		if (made && sync_above(s, part) != 0)
			return EXIT_IO;
		if (!made && errno != EEXIST && errno != EISDIR) {
			/* Above what exists a missing right to write is no matter: EROFS, EACCES.
			 */
			int error = errno;

			if (access(part, F_OK) != 0)
				return fail(s, code_of(error), "%s: %s", part, strerror(error));
		}
	}
	return 0;
}

/* X1: of this user, for this user alone. */
static int check_owner(struct store *s, int fd, const char *path, bool directory)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail(s, EXIT_IO, "%s: %s", path, strerror(errno));
	if (directory ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
		return fail(s, EXIT_BAD_DATA, "%s is no %s", path,
			    directory ? "directory" : "file");
	if (st.st_uid != geteuid())
		return fail(s, EXIT_BAD_DATA, "%s belongs to another user (uid %u)", path,
			    st.st_uid);
	if ((st.st_mode & 077) != 0)
		return fail(s, EXIT_BAD_DATA, "%s is open to others (mode %04o): %s", path,
			    st.st_mode & 07777,
			    directory ? "chmod 700 it, if it is for tgclone alone, or name another with "
					"--state-dir"
				      : "chmod 600 it");
	return 0;
}

static int open_dir(struct store *s, const char *path, int *fd)
{
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return fail(s, code_of(errno), "%s: %s", path, strerror(errno));
	return check_owner(s, *fd, path, true);
}

const char *store_network(uint32_t type)
{
	static const struct {
		uint32_t type;
		const char *name;
	} nets[] = {{0x6969, "NFS"},      {0x517b, "SMB"},      {0xff534d42, "CIFS"},
		    {0xfe534d42, "SMB2"}, {0x01021997, "9P"},   {0x65735546, "FUSE"},
		    {0x5346414f, "AFS"},  {0x00c36400, "Ceph"}, {0x47504653, "GPFS"}};

	for (size_t i = 0; i < countof(nets); i++) {
		if (nets[i].type == type)
			return nets[i].name;
	}
	return NULL;
}

static void warn_network(struct store *s)
{
	struct statfs fs;
	const char *name;

	if (fstatfs(s->dir_fd, &fs) != 0)
		return;
	name = store_network((uint32_t)fs.f_type);
	if (name != NULL)
		snprintf(s->warning, sizeof(s->warning),
			 "%.400s lies on %s: locks and syncs may not hold there", s->dir, name);
}

int store_open(struct store *s, const char *state_dir, const char *profile, bool create)
{
	char root[PATH_MAX];
	int root_fd = -1, rc;

	*s = (struct store){.dir_fd = -1, .lock_fd = -1};
	if (!store_profile_ok(profile))
		return fail(s, EXIT_USAGE,
			    "profile \"%.64s\": allowed 1..%d letters, digits, . _ -, no dot first",
			    profile, STORE_PROFILE_MAX);
	rc = root_path(s, state_dir, root);
	if (rc == 0 && snprintf(s->dir, sizeof(s->dir), "%s/%s", root, profile) >= PATH_MAX)
		rc = fail(s, EXIT_USAGE, "state directory: path too long");
	if (rc == 0 && create)
		rc = make_dirs(s, s->dir);
	rc = rc != 0 ? rc : open_dir(s, root, &root_fd);
	rc = rc != 0 ? rc : open_dir(s, s->dir, &s->dir_fd);
	if (root_fd >= 0)
		close(root_fd);
	if (rc == 0)
		warn_network(s);
	return rc;
}

void store_close(struct store *s)
{
	if (s->lock_fd >= 0)
		close(s->lock_fd); /* and with it the lock */
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	s->lock_fd = s->dir_fd = -1;
}

/* ---- the session ---- */

int store_lock(struct store *s)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	check(s->lock_fd < 0);
	s->lock_fd = openat(s->dir_fd, lock_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock_fd < 0)
		return fail(s, code_of(errno), "%s/%s: %s", s->dir, lock_name, strerror(errno));
	if (fcntl(s->lock_fd, F_OFD_SETLK, &whole) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return fail(s, EXIT_LATER, "the session in %s is in use by another process",
			    s->dir);
	return fail(s, EXIT_IO, "%s/%s: %s", s->dir, lock_name, strerror(errno));
}

/* Fills the buffer as far as the file reaches; -1 with errno. */
static ssize_t read_all(int fd, uint8_t *out, size_t size)
{
	size_t used = 0;
	ssize_t n = 1;

	while (used < size && n > 0) {
		n = read(fd, out + used, size - used);
		if (n < 0 && errno == EINTR)
			n = 1;
		else
			used += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? -1 : (ssize_t)used;
}

/* A file's bytes hold keys while they are read or written, and that may take as long as a disk does: in
 * pages that no dump takes. */
enum { IMAGE = SESSION_MAX + 1 };

static uint8_t *take_image(struct store *s)
{
	void *at = mmap(NULL, IMAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		fail(s, EXIT_LATER, "%s/%s: no memory for it", s->dir, session_name);
		return NULL;
	}
	harden_secret(at, IMAGE);
	return at;
}

static void give_image(uint8_t *at)
{
	bytes_wipe(at, IMAGE);
	munmap(at, IMAGE);
}

static int read_session(struct store *s, int fd, uint64_t realm, struct session_data *out)
{
	uint8_t *bytes = take_image(s);
	const char *why = "it is too long";
	ssize_t n;
	int rc = 0;

	if (bytes == NULL)
		return EXIT_LATER;
	n = read_all(fd, bytes, IMAGE);
	if (n < 0)
		rc = fail(s, EXIT_IO, "%s/%s: %s", s->dir, session_name, strerror(errno));
	else if (n > SESSION_MAX || !session_unpack(out, cspan_of(bytes, (size_t)n), &why))
		rc = fail(s, EXIT_BAD_DATA, "%s/%s cannot be used: %s", s->dir, session_name, why);
	else if (out->realm != realm)
		rc = fail(s, EXIT_BAD_DATA,
			  "%s/%s was made with other servers: use another --profile for these",
			  s->dir, session_name);
	give_image(bytes);
	if (rc != 0)
		bytes_wipe(out, sizeof(*out));
	return rc;
}

int store_session_load(struct store *s, uint64_t realm, struct session_data *out)
{
	char path[PATH_MAX + 16];
	int fd = openat(s->dir_fd, session_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int rc;

	snprintf(path, sizeof(path), "%s/%s", s->dir, session_name);
	if (fd < 0 && errno == ENOENT)
		return fail(s, EXIT_LOGIN, "not logged in (no session in %s): tgclone login",
			    s->dir);
	if (fd < 0)
		return fail(s, errno == ELOOP ? EXIT_BAD_DATA : EXIT_IO, "%s: %s", path,
			    strerror(errno));
	rc = check_owner(s, fd, path, false);
	if (rc == 0)
		rc = read_session(s, fd, realm, out);
	close(fd);
	return rc;
}

static bool write_all(int fd, const uint8_t *at, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static int write_fresh(struct store *s, const uint8_t *bytes, size_t len)
{
	int fd, error = 0;

	if (unlinkat(s->dir_fd, fresh_name, 0) != 0 && errno != ENOENT)
		return fail(s, code_of(errno), "%s/%s: %s", s->dir, fresh_name, strerror(errno));
	fd = openat(s->dir_fd, fresh_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return fail(s, code_of(errno), "%s/%s: %s", s->dir, fresh_name, strerror(errno));
	CRASH_POINT("store.session.empty");
	if (!write_all(fd, bytes, len) || fsync(fd) != 0)
		error = errno;
	CRASH_POINT("store.session.synced");
	if (close(fd) != 0 && error == 0)
		error = errno;
	return error == 0 ? 0 : fail(s, EXIT_IO, "%s/%s: %s", s->dir, fresh_name, strerror(error));
}

int store_session_save(struct store *s, const struct session_data *session)
{
	uint8_t *bytes = take_image(s);
	int rc;

	if (bytes == NULL)
		return EXIT_LATER;
	rc = write_fresh(s, bytes, session_pack(session, bytes));
	give_image(bytes);
	if (rc != 0)
		return rc;
	CRASH_POINT("store.session.fresh");
	if (renameat(s->dir_fd, fresh_name, s->dir_fd, session_name) != 0)
		return fail(s, EXIT_IO, "%s/%s: %s", s->dir, session_name, strerror(errno));
	CRASH_POINT("store.session.renamed");
	if (fsync(s->dir_fd) != 0)
		return fail(s, EXIT_IO, "%s: %s", s->dir, strerror(errno));
	CRASH_POINT("store.session.lasting");
	return 0;
}

/* Overwritten as far as that goes: what the disk really does with old blocks is its own affair. */
static int wipe(struct store *s, const char *name)
{
	static const uint8_t zeros[SESSION_MAX];
	int fd = openat(s->dir_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd >= 0 && write_all(fd, zeros, sizeof(zeros)))
		fsync(fd);
	if (fd >= 0)
		close(fd);
	if (unlinkat(s->dir_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	return fail(s, EXIT_IO, "%s/%s: %s", s->dir, name, strerror(errno));
}

/*
 * Under the name of one that is not finished yet, for sure, before its bytes go: a session is whole or it
 * is none. What a save left that was cut short goes as well.
 */
int store_session_drop(struct store *s)
{
	bool there;

	if (wipe(s, fresh_name) != 0)
		return EXIT_IO;
	there = renameat(s->dir_fd, session_name, s->dir_fd, fresh_name) == 0;
	if ((!there && errno != ENOENT) || (there && fsync(s->dir_fd) != 0))
		return fail(s, EXIT_IO, "%s/%s: %s", s->dir, session_name, strerror(errno));
	if (there && wipe(s, fresh_name) != 0)
		return EXIT_IO;
	return fsync(s->dir_fd) == 0 ? 0 : fail(s, EXIT_IO, "%s: %s", s->dir, strerror(errno));
}

/* ---- the ledgers ---- */

bool store_ledger_path(const struct store *s, const struct ledger_job *job, char out[PATH_MAX])
{
	uint8_t fields[3 * 8 + 3 * 4] = {0}, hash[32];
	struct cspan part = cspan_of(fields, sizeof(fields));

	store_le64(fields, (uint64_t)job->account);
	store_le64(fields + 8, (uint64_t)job->source);
	store_le64(fields + 16, (uint64_t)job->target);
	store_le32(fields + 24, (uint32_t)job->source_topic);
	store_le32(fields + 28, (uint32_t)job->target_topic);
	store_le32(fields + 32, job->generation);
	digest_sha256(hash, &part, 1);
	return snprintf(out, PATH_MAX, "%s/%" PRId64 "_%" PRId64 "_%08x.ledger", s->dir,
			job->source, job->target, load_le32(hash)) < PATH_MAX;
}

enum { ASIDES_MAX = 1000 };

static const char *const beside[] = {"", "-wal", "-shm"}; /* what SQLite reads as one */
static const char moving[] = ".moving"; /* while it is set aside, beside the name that it gets */

static bool is_there(const char *path, const char *suffix)
{
	char name[PATH_MAX + 8];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return access(name, F_OK) == 0;
}

static bool any_there(const char *path)
{
	bool any = false;

	for (size_t i = 0; i < countof(beside); i++)
		any |= is_there(path, beside[i]);
	return any;
}

/* Something is there twice: they are not two parts of one. */
static bool are_two(const char *path, const char *aside)
{
	bool twice = false;

	for (size_t i = 0; i < countof(beside); i++)
		twice |= is_there(path, beside[i]) && is_there(aside, beside[i]);
	return twice;
}

/* A name that none of the ledgers that were set aside before has; or that of one of which the rest is still here. */
static bool choose_name(const char *path, char aside[PATH_MAX])
{
	for (int n = 1; n < ASIDES_MAX; n++) {
		if (snprintf(aside, PATH_MAX, "%s.aside-%d", path, n) >= PATH_MAX)
			return false;
		if (is_there(aside, moving) ? !are_two(path, aside) : !any_there(aside))
			return true;
	}
	return false;
}

static int move_all(struct store *s, const char *path, const char *aside)
{
	char from[PATH_MAX + 8], to[PATH_MAX + 8];

	for (size_t i = 0; i < countof(beside); i++) {
		snprintf(from, sizeof(from), "%s%s", path, beside[i]);
		snprintf(to, sizeof(to), "%s%s", aside, beside[i]);
		if (rename(from, to) != 0 && errno != ENOENT)
			return fail(s, code_of(errno), "%s: %s", from, strerror(errno));
		CRASH_POINT("store.ledger.moved");
	}
	return 0;
}

/* A ledger and its log are one: cut short, it goes on under the same name. */
static int set_aside(struct store *s, const char *path, char aside[PATH_MAX])
{
	char mark[PATH_MAX + 8];
	int fd, rc;

	if (!choose_name(path, aside))
		return fail(s, EXIT_CREATE, "%s: no name is left for it to be set aside", path);
	if (!any_there(path) && !is_there(aside, moving)) {
		aside[0] = '\0';
		return 0;
	}
	snprintf(mark, sizeof(mark), "%s%s", aside, moving);
	fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(s, code_of(errno), "%s: %s", mark, strerror(errno));
	close(fd);
	if (fsync(s->dir_fd) != 0)
		return fail(s, EXIT_IO, "%s: %s", s->dir, strerror(errno));
	rc = move_all(s, path, aside);
	if (rc == 0 && fsync(s->dir_fd) != 0)
		rc = fail(s, EXIT_IO, "%s: %s", s->dir, strerror(errno));
	if (rc == 0 && unlink(mark) != 0)
		rc = fail(s, EXIT_IO, "%s: %s", mark, strerror(errno));
	return rc;
}

int store_ledger_swap(struct store *s, const char *fresh, const char *path, char aside[PATH_MAX])
{
	int rc = set_aside(s, path, aside);

	CRASH_POINT("store.ledger.aside");
	if (rc == 0 && fsync(s->dir_fd) != 0)
		rc = fail(s, EXIT_IO, "%s: %s", s->dir, strerror(errno));
	if (rc == 0 && rename(fresh, path) != 0)
		rc = fail(s, EXIT_IO, "%s: %s", path, strerror(errno));
	CRASH_POINT("store.ledger.renamed");
	if (rc == 0 && fsync(s->dir_fd) != 0)
		rc = fail(s, EXIT_IO, "%s: %s", s->dir, strerror(errno));
	return rc;
}

static int is_ledger(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return e->d_name[0] != '.' && len > 7 && strcmp(e->d_name + len - 7, ".ledger") == 0;
}

int store_ledgers(struct store *s, void (*each)(void *ctx, const char *path), void *ctx)
{
	struct dirent **names;
	int n = scandir(s->dir, &names, is_ledger, alphasort);

	if (n < 0)
		return fail(s, errno == ENOMEM ? EXIT_LATER : EXIT_IO, "%s: %s", s->dir, strerror(errno));
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s/%s", s->dir, names[i]->d_name) < PATH_MAX)
			each(ctx, path);
		free(names[i]);
	}
	free(names);
	return 0;
}

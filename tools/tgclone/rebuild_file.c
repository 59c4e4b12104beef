/* What is there is opened as a clone would, and left as it is; only rename touches it, and only at the end. */
#include "tools/tgclone/rebuild_file.h"

#include "proto/base/crash.h"
#include "tools/tgclone/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const left[] = {"", "-wal", "-shm", ".lock", ".new"};

static bool exists(const char *path, const char *suffix)
{
	char name[PATH_MAX + 8];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return access(name, F_OK) == 0;
}

/* Who only reads may leave an empty one behind. */
static bool has_log(const char *path)
{
	char name[PATH_MAX + 8];
	struct stat st;

	snprintf(name, sizeof(name), "%s-wal", path);
	return stat(name, &st) == 0 && st.st_size > 0;
}

/* One in use, or out of reach, is no damaged one. */
static bool is_bad(enum ledger_fault fault)
{
	return fault == LEDGER_DAMAGED || fault == LEDGER_FOREIGN;
}

/* Its log alone is a ledger, too. */
static int look_at_old(struct client *cl, const struct job *j, bool may_be)
{
	struct ledger *ledger = NULL;
	struct job other = *j;
	char why[LEDGER_WHY_MAX] = "";
	enum ledger_fault fault;

	if (!exists(j->path, "") && !has_log(j->path))
		return 0;
	if (exists(j->path, "")) {
		fault = ledger_open(&ledger, j->path, &j->ledger_job, false, why, sizeof(why));
	} else {
		fault = LEDGER_DAMAGED;
		snprintf(why, sizeof(why), "only its log is there");
	}
	if (fault == LEDGER_SOUND)
		fault = ledger_close_why(&ledger, why, sizeof(why));
	if (fault != LEDGER_SOUND && !is_bad(fault))
		return job_ledger_fail(cl->app, j->path, fault, why);
	if (may_be)
		return 0;
	job_follow(&other);
	if (fault == LEDGER_FOREIGN && other.plan.keep_author != j->plan.keep_author)
		return app_fail(cl->app, EXIT_USAGE, "%s is sound, and its job began %s --keep-author", j->path,
				other.plan.keep_author ? "with" : "without");
	if (fault == LEDGER_SOUND)
		return app_fail(cl->app, EXIT_USAGE,
				"%s is sound: clone goes on with it (--replace makes a new one all the same)",
				j->path);
	return app_fail(cl->app, EXIT_BAD_DATA, "%s%s%s; --replace sets it aside and makes a new one",
			strstr(why, j->path) != NULL ? "" : j->path,
			strstr(why, j->path) != NULL ? "" : ": ", why);
}

int rebuild_file_may(struct client *cl, const struct job *j, struct rebuild_file *f)
{
	const struct options *o = app_options(cl->app);
	int code = look_at_old(cl, j, o->replace || o->dry_run);

	f->alone = !exists(j->path, "");
	if (code == 0)
		code = job_refuse_clash(cl, j);
	if (code == 0 && (!job_marker_path(j, f->marker) ||
			  snprintf(f->fresh, sizeof(f->fresh), "%s.fresh", j->path) >= PATH_MAX))
		code = app_fail(cl->app, EXIT_CREATE, "the state directory's path is too long");
	return code;
}

int rebuild_file_mark(struct client *cl, struct rebuild_file *f)
{
	int fd = open(f->marker, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool good = fd >= 0 && fsync(fd) == 0 && fsync(cl->store.dir_fd) == 0;
	int error = errno;

	f->marked = fd >= 0;
	if (fd >= 0)
		close(fd);
	CRASH_POINT("rebuild.marked");
	if (good || (fd < 0 && error == EEXIST)) /* of one that was cut short */
		return 0;
	return app_fail(cl->app, EXIT_CREATE, "%s: %s", f->marker, strerror(error));
}

static void remove_fresh(const struct rebuild_file *f)
{
	char name[PATH_MAX + 8];

	for (size_t i = 0; i < countof(left); i++) {
		snprintf(name, sizeof(name), "%s%s", f->fresh, left[i]);
		unlink(name);
	}
}

int rebuild_file_begin(struct client *cl, const struct job *j, struct rebuild_file *f)
{
	char why[LEDGER_WHY_MAX] = "";
	enum ledger_fault fault;

	remove_fresh(f);
	CRASH_POINT("rebuild.begin");
	fault = ledger_open(&f->ledger, f->fresh, &j->ledger_job, true, why, sizeof(why));
	if (fault != LEDGER_SOUND)
		return job_ledger_fail(cl->app, f->fresh, fault, why);
	job_note_names(cl, j, f->ledger);
	return 0;
}

int rebuild_file_finish(struct client *cl, const struct job *j, struct rebuild_file *f)
{
	char why[LEDGER_WHY_MAX] = "";
	enum ledger_fault fault = ledger_close_why(&f->ledger, why, sizeof(why));
	int code;

	CRASH_POINT("rebuild.whole");
	if (fault != LEDGER_SOUND)
		return job_ledger_fail(cl->app, f->fresh, fault, why);
	if (has_log(f->fresh))
		return app_fail(cl->app, EXIT_IO, "%s: its log did not go into it", f->fresh);
	f->swapping = true;
	code = store_ledger_swap(&cl->store, f->fresh, j->path, f->aside);
	if (code != 0)
		return app_fail(cl->app, code, "%s", cl->store.why);
	f->swapping = false;
	f->marked = true; /* whoever set it: there is a ledger now */
	return 0;
}

void rebuild_file_close(struct rebuild_file *f, bool later)
{
	if (f->ledger != NULL)
		ledger_close(&f->ledger);
	if (f->fresh[0] != '\0')
		remove_fresh(f);
	if (f->marked && !f->swapping && !(later && f->alone))
		unlink(f->marker);
}

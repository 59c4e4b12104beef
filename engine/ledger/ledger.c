/*
 * The ledger's outside: opening and closing, and the calls that put records into the queue. It owns
 * the lock, the eventfd, the queue and both connections; file.c makes and checks the file, writer.c
 * writes it, reader.c answers questions. Which record is due when is the clone's business.
 */
#include "engine/ledger/ledger_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

void ledger_note(struct ledger *l, const struct db_why *w)
{
	pthread_mutex_lock(&l->queue.lock);
	if (l->why.fault == LEDGER_SOUND) {
		l->why.fault = w->fault;
		/* Where before what; of a very long path the what must be left. */
		snprintf(l->why.text, sizeof(l->why.text), "%.*s: %.*s", LEDGER_WHY / 2, l->path,
			 LEDGER_WHY / 2 - 4, w->text);
	}
	/* Who could not read would write what is not so: nothing is taken any more from either side. */
	l->queue.dead = true;
	pthread_cond_broadcast(&l->queue.moved);
	pthread_mutex_unlock(&l->queue.lock);
}

/* ---- open and close ---- */

static bool same_job(struct db_why *w, const struct ledger_job *there,
		     const struct ledger_job *asked)
{
	const char *what = NULL;

	if (there->account != asked->account)
		what = "another account";
	else if (there->source != asked->source || there->source_topic != asked->source_topic)
		what = "another source";
	else if (there->target != asked->target || there->target_topic != asked->target_topic)
		what = "another target";
	else if (there->generation != asked->generation)
		what = "another generation";
	else if (memcmp(there->options_digest, asked->options_digest, 32) != 0)
		what = "other options of what is sent";
	return what == NULL || db_fail(w, LEDGER_FOREIGN, "this ledger is of a job with %s", what);
}

/* One that is not there, or is no file, is told by who opens it. */
static bool hold(struct ledger *l, struct db_why *w, const char *path)
{
	int rc = l->disk->hold(l->disk->ctx, path);

	if (rc == -EBUSY)
		return db_fail(w, LEDGER_BUSY,
			       "%s is in use by another process: by another name, or its lock was "
			       "taken away",
			       path);
	l->hold = rc >= 0 ? rc : -1;
	if (rc == -EMFILE || rc == -ENFILE || rc == -ENOMEM || rc == -ENOLCK)
		return db_fail(w, LEDGER_IO, "%s cannot be kept from other processes: %s", path,
			       strerror(-rc));
	return true;
}

static bool open_writing(struct ledger *l, struct db_why *w, const char *path, bool create)
{
	bool ok = file_lock(w, l->disk, path, &l->lock);
	int rc;

	if (ok && create && l->disk->look(l->disk->ctx, path) == -ENOENT)
		ok = file_create(w, l->disk, path, &l->job);
	CRASH_POINT("ledger.create.done");
	/* Also when somebody else made it: he may have died before its name was safe. */
	if (ok && (rc = l->disk->sync_dir(l->disk->ctx, path)) != 0)
		ok = db_fail(w, LEDGER_IO, "directory of %s: %s", path, strerror(-rc));
	CRASH_POINT("ledger.open.directory");
	if (!ok || !hold(l, w, path) || !log_settle(w, l->disk, path, &l->writer.log_found))
		return false;
	CRASH_POINT("ledger.open.settled");
	ok = writer_open(l, path) && same_job(&l->writer.why, &l->writer.job.job, &l->job) &&
	     reader_open(l, &l->writer.why, path) && writer_start(l);
	if (!ok)
		*w = l->writer.why;
	return ok;
}

static void destroy(struct ledger *l)
{
	reader_close(l);
	writer_close(l);
	if (l->event_fd >= 0)
		close(l->event_fd);
	if (l->hold >= 0)
		l->disk->unlock(l->disk->ctx, l->hold);
	if (l->lock >= 0)
		l->disk->unlock(l->disk->ctx, l->lock);
	queue_fini(&l->queue);
	free(l);
}

static bool event_open(struct ledger *l, struct db_why *w)
{
	if (l->threadless)
		return true;
	l->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return l->event_fd >= 0 || db_fail(w, LEDGER_IO, "eventfd: %s", strerror(errno));
}

static enum ledger_fault no_memory(const char *path, char *why, size_t why_size)
{
	if (why != NULL && why_size > 0)
		snprintf(why, why_size, "%s: out of memory", path);
	return LEDGER_MEMORY;
}

enum ledger_fault ledger_open(struct ledger **out, const char *path, const struct ledger_job *job,
			      bool create, char *why, size_t why_size)
{
	static const struct ledger_options usual = {.disk = &ledger_disk_kernel};

	return ledger_open_on(out, &usual, path, job, create, why, why_size);
}

enum ledger_fault ledger_open_on(struct ledger **out, const struct ledger_options *options,
				 const char *path, const struct ledger_job *job, bool create,
				 char *why, size_t why_size)
{
	struct ledger *l = calloc(1, sizeof(*l));
	struct db_why w = {0};
	bool ok;

	check(!create || job != NULL);
	*out = NULL;
	if (l == NULL)
		return no_memory(path, why, why_size);
	l->readonly = job == NULL;
	l->disk = options->disk;
	snprintf(l->path, sizeof(l->path), "%s", path);
	l->threadless = options->threadless;
	l->lock = l->hold = l->event_fd = -1;
	l->writer.log_pages_max = options->log_pages != 0 ? (int)options->log_pages : LOG_PAGES;
	if (job != NULL)
		l->job = *job;
	if (!queue_init(&l->queue, l->threadless)) {
		destroy(l);
		return no_memory(path, why, why_size);
	}
	ok = event_open(l, &w);
	if (ok)
		ok = l->readonly ? reader_open(l, &w, path) : open_writing(l, &w, path, create);
	if (ok) {
		*out = l;
		return LEDGER_SOUND;
	}
	if (why != NULL && why_size > 0)
		snprintf(why, why_size, "%s", w.text);
	destroy(l);
	return w.fault;
}

enum ledger_fault ledger_close(struct ledger **owner)
{
	return ledger_close_why(owner, NULL, 0);
}

enum ledger_fault ledger_close_why(struct ledger **owner, char *why, size_t why_size)
{
	struct ledger *l = *owner;
	enum ledger_fault fault;

	*owner = NULL;
	check(l != NULL);
	while (l->threadless && writer_turn(l, false))
		;
	if (l->thread_runs) {
		pthread_mutex_lock(&l->queue.lock);
		l->queue.stop = true;
		pthread_cond_broadcast(&l->queue.filled);
		pthread_mutex_unlock(&l->queue.lock);
		pthread_join(l->thread, NULL);
	}
	CRASH_POINT("ledger.close.joined");
	reader_close(l);
	writer_close(l);
	if (l->writer.why.fault != LEDGER_SOUND)
		ledger_note(l, &l->writer.why);
	fault = ledger_fault(l, why, why_size);
	destroy(l);
	return fault;
}

void ledger_job(const struct ledger *l, struct ledger_job *out)
{
	*out = l->job;
}

/* ---- writing ---- */

static uint64_t put(struct ledger *l, struct item item, struct cspan a, struct cspan b)
{
	uint64_t ticket;

	check(!l->readonly);
	while ((ticket = queue_put(&l->queue, item, a, b)) == 0)
		writer_turn(l, false);
	return ticket;
}

static struct cspan rows_span(const struct ledger_row *rows, uint32_t count)
{
	check(count <= LEDGER_ROWS_MAX);
	for (uint32_t i = 0; i < count; i++) {
		check(rows[i].source_id > 0 && rows[i].state <= ROW_SKIPPED);
		check(memchr(rows[i].reason, 0, sizeof(rows[i].reason)) != NULL);
	}
	return cspan_of(rows, count * sizeof(*rows));
}

uint64_t ledger_plan(struct ledger *l, const struct ledger_row *rows, uint32_t count,
		     int32_t cursor)
{
	CRASH_POINT("ledger.plan.put");
	return put(l, (struct item){.kind = ITEM_PLAN, .count = count, .number = cursor},
		   rows_span(rows, count), (struct cspan){0});
}

uint64_t ledger_plan_end(struct ledger *l, int32_t last_source_id)
{
	CRASH_POINT("ledger.planend.put");
	return put(l, (struct item){.kind = ITEM_PLAN_END, .number = last_source_id},
		   (struct cspan){0}, (struct cspan){0});
}

static uint64_t put_rows(struct ledger *l, const struct ledger_row *rows, uint32_t count,
			 int32_t watermark)
{
	return put(l, (struct item){.kind = ITEM_ROWS, .count = count, .number = watermark},
		   rows_span(rows, count), (struct cspan){0});
}

uint64_t ledger_put(struct ledger *l, const struct ledger_row *row)
{
	CRASH_POINT("ledger.row.put");
	return put_rows(l, row, 1, 0);
}

uint64_t ledger_intent(struct ledger *l, const struct ledger_row *rows, uint32_t count,
		       int32_t watermark)
{
	for (uint32_t i = 0; i < count; i++)
		check(rows[i].state == ROW_SENDING);
	return put_rows(l, rows, count, watermark);
}

uint64_t ledger_sent(struct ledger *l, const struct ledger_row *rows, uint32_t count)
{
	int32_t highest = 0;

	for (uint32_t i = 0; i < count; i++) {
		check(rows[i].state >= ROW_SENT);
		if (rows[i].target_id > highest)
			highest = rows[i].target_id;
	}
	/* What is in the target by now is nobody else's. */
	return put_rows(l, rows, count, highest);
}

uint64_t ledger_upload_put(struct ledger *l, const struct ledger_upload *u)
{
	check(u->part_total <= LEDGER_PARTS_MAX);
	return put(l, (struct item){.kind = ITEM_UPLOAD}, cspan_of(u, sizeof(*u)),
		   (struct cspan){0});
}

uint64_t ledger_upload_drop(struct ledger *l, int32_t source_id, uint32_t item)
{
	return put(
	    l, (struct item){.kind = ITEM_UPLOAD_DROP, .number = source_id, .other = (int32_t)item},
	    (struct cspan){0}, (struct cspan){0});
}

uint64_t ledger_topic_put(struct ledger *l, int32_t source_topic, int32_t target_topic)
{
	return put(l,
		   (struct item){.kind = ITEM_TOPIC, .number = source_topic, .other = target_topic},
		   (struct cspan){0}, (struct cspan){0});
}

uint64_t ledger_state_put(struct ledger *l, const char *name, struct cspan value)
{
	size_t name_len = strlen(name);

	check(name_len <= LEDGER_NAME_MAX && value.len <= LEDGER_STATE_MAX);
	return put(l,
		   (struct item){.kind = ITEM_STATE, .count = (uint32_t)(name_len + 1 + value.len)},
		   cspan_of(name, name_len + 1), value);
}

uint64_t ledger_state_put_int(struct ledger *l, const char *name, int32_t value)
{
	uint8_t raw[4];

	store_le32(raw, (uint32_t)value);
	return ledger_state_put(l, name, cspan_of(raw, sizeof(raw)));
}

uint64_t ledger_durable(const struct ledger *l)
{
	return __atomic_load_n(&l->durable, __ATOMIC_ACQUIRE);
}

/* Tickets are given on the caller's thread only. */
uint64_t ledger_ticket(const struct ledger *l)
{
	return l->queue.ticket;
}

enum ledger_fault ledger_sync(struct ledger *l)
{
	enum ledger_fault fault;

	while (l->threadless && writer_turn(l, false))
		;
	pthread_mutex_lock(&l->queue.lock);
	while (!l->queue.dead && ledger_durable(l) < l->queue.ticket)
		pthread_cond_wait(&l->queue.moved, &l->queue.lock);
	fault = l->why.fault;
	pthread_mutex_unlock(&l->queue.lock);
	return fault;
}

bool ledger_turn(struct ledger *l)
{
	check(l->threadless);
	return writer_turn(l, false);
}

uint64_t ledger_retry(struct ledger *l, const char *reason_prefix)
{
	char prefix[sizeof(((struct ledger_row *)0)->reason)]; /* a row keeps no more of one */
	uint64_t n;

	snprintf(prefix, sizeof(prefix), "%s", reason_prefix != NULL ? reason_prefix : "");
	put(l, (struct item){.kind = ITEM_RETRY}, cspan_of(prefix, strlen(prefix) + 1),
	    (struct cspan){0});
	if (ledger_sync(l) != LEDGER_SOUND)
		return 0;
	pthread_mutex_lock(&l->queue.lock);
	n = l->retried;
	pthread_mutex_unlock(&l->queue.lock);
	return n;
}

/* ---- news ---- */

enum ledger_fault ledger_fault(const struct ledger *l, char *why, size_t why_size)
{
	/* The lock is the ledger's, not part of what the caller sees as constant. */
	struct queue *q = (struct queue *)(uintptr_t)&l->queue;
	enum ledger_fault fault;

	pthread_mutex_lock(&q->lock);
	fault = l->why.fault;
	if (why != NULL && why_size > 0)
		snprintf(why, why_size, "%s", l->why.text);
	pthread_mutex_unlock(&q->lock);
	return fault;
}

int ledger_eventfd(const struct ledger *l)
{
	return l->event_fd;
}

void ledger_ack(struct ledger *l)
{
	uint64_t n;
	ssize_t got = read(l->event_fd, &n, sizeof(n));

	(void)got; /* EAGAIN: it was empty */
}

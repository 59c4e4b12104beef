/*
 * What the benches share: do the flags fit this machine, which file is moved, where is the limit, and
 * how the result is told.
 */
#include "tools/tgclone/bench_run.h"

#include "proto/base/check.h"
#include "tools/tgclone/cores.h"
#include "tools/tgclone/doctor_sys.h"
#include "tools/tgclone/pages.h"
#include "tools/tgclone/resolve.h"
#include "tools/tgclone/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum {
	OWN_FDS = 48,	    /* of the program beside its connections */
	LOOK_PAGES = 3,	    /* of a chat, when a large file is looked for */
	NAMED_MAX = 200,
	WIRE_PERMILLE = 945, /* file bytes of a wire's bytes at an MTU of 1500 */
};

/* ---- what is allowed ---- */

static int check_chunks(struct app *app)
{
	const struct options *o = app_options(app);
	int64_t down = options_links(o, o->links_down).first, up = options_links(o, o->links_up).first;
	int64_t links = down > up ? down : up;
	int64_t chunks = o->buffer / CHUNK_STRIDE;

	if (links * o->inflight <= chunks)
		return 0;
	if (links > chunks)
		return app_fail(app, EXIT_USAGE,
				"%lld connections, but --buffer holds %lld parts: allowed 1..%lld connections",
				(long long)links, (long long)chunks, (long long)chunks);
	return app_fail(app, EXIT_USAGE,
			"%lld parts in flight on %lld connections, but --buffer holds %lld: with so many "
			"connections --inflight is allowed 1..%lld",
			(long long)(links * o->inflight), (long long)links, (long long)chunks,
			(long long)(chunks / links));
}

static int check_machine(struct app *app)
{
	const struct options *o = app_options(app);
	int64_t ram = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
	int64_t links = options_links(o, o->links_down).most + options_links(o, o->links_up).most;
	struct rlimit files = {RLIM_INFINITY, RLIM_INFINITY};

	if (ram > 0 && o->buffer > ram / 2)
		return app_fail(app, EXIT_USAGE,
				"buffer %lldM is more than half of this machine's memory: allowed 2M..%lldM",
				(long long)(o->buffer >> 20), (long long)(ram >> 21));
	if (o->cores > cores_allowed())
		return app_fail(app, EXIT_USAGE, "cores %lld: this process may use 1..%d",
				(long long)o->cores, cores_allowed());
	getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur != RLIM_INFINITY &&
	    links + OWN_FDS > (int64_t)files.rlim_cur)
		return app_fail(app, EXIT_USAGE,
				"%lld connections, but this shell allows %lld open files (ulimit -n): allowed "
				"1..%lld of both kinds together",
				(long long)links, (long long)files.rlim_cur,
				(long long)files.rlim_cur - OWN_FDS);
	return 0;
}

/* Before minutes of work are spent on it. */
static int check_html(struct app *app)
{
	const char *path = app_options(app)->html;
	int fd;

	if (path == NULL)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		return app_fail(app, EXIT_CREATE, "html %.200s: %s", path, strerror(errno));
	close(fd);
	return 0;
}

int bench_check(struct app *app)
{
	int code = check_chunks(app);

	if (code == 0)
		code = check_machine(app);
	return code == 0 ? check_html(app) : code;
}

/* ---- head and end of a report ---- */

static const char *links_text(const struct options *o, int64_t asked, char out[32])
{
	struct option_links l = options_links(o, asked);

	if (l.first == l.most)
		snprintf(out, 32, "%lld", (long long)l.most);
	else
		snprintf(out, 32, "%lld to %lld", (long long)l.first, (long long)l.most);
	return out;
}

void bench_head(const struct app *app, struct bench_report *r)
{
	const struct options *o = app_options(app);
	time_t now = time(NULL);
	struct utsname u = {.release = "?"};
	char cpu[SYS_TEXT], down[32], up[32];
	struct tm t;

	sys_processor("", cpu, sizeof(cpu));
	uname(&u);
	snprintf(r->machine, sizeof(r->machine), "%.80s, %ld processors, Linux %.60s", cpu,
		 sysconf(_SC_NPROCESSORS_ONLN), u.release);
	strftime(r->date, sizeof(r->date), "%Y-%m-%d %H:%M UTC", gmtime_r(&now, &t));
	if (strcmp(r->kind, "crypto") == 0)
		return;
	if (strcmp(r->kind, "tune") == 0)
		snprintf(r->settings, sizeof(r->settings), "buffer %lldM, %lld s a setting",
			 (long long)(o->buffer >> 20), (long long)o->seconds);
	else
		snprintf(r->settings, sizeof(r->settings),
			 "connections %s down, %s up, %lld in flight on each, parts of %lldK, buffer %lldM, "
			 "cores %lld",
			 links_text(o, o->links_down, down), links_text(o, o->links_up, up),
			 (long long)o->inflight,
			 (long long)(o->part_size >> 10), (long long)(o->buffer >> 20),
			 (long long)o->cores);
}

static void say_line(void *ctx, const char *text)
{
	app_say(ctx, "%s", text);
}

static void say_event(void *ctx, json_t *event)
{
	app_json(ctx, event);
}

static int write_page(struct app *app, const struct bench_report *r)
{
	const char *path = app_options(app)->html;
	FILE *f = fopen(path, "we");
	int rc = f != NULL ? bench_html(r, f) : -errno;

	if (f != NULL && fclose(f) != 0 && rc == 0)
		rc = -errno;
	return rc == 0 ? 0 : app_fail(app, EXIT_IO, "html %.200s: %s", path, strerror(-rc));
}

int bench_tell(struct app *app, const struct bench_report *r)
{
	if (app_options(app)->json)
		bench_json(r, say_event, app);
	else
		bench_table(r, say_line, app);
	return app_options(app)->html != NULL ? write_page(app, r) : 0;
}

/* ---- the limit ---- */

void bench_limit(struct bench_run *run, enum crypto_work work, uint32_t cores, bool loopback)
{
	char card[64];
	long speed = loopback ? -1 : sys_route_speed("", card, sizeof(card));
	double wire = speed > 0 ? (double)speed * 1e6 / 8 * WIRE_PERMILLE / 1000 : 0;

	run->limit = cores * bench_crypto_rate(work, 0.1);
	if (cores == 1)
		snprintf(run->limit_text, sizeof(run->limit_text), "what one core's ciphers do alone");
	else
		snprintf(run->limit_text, sizeof(run->limit_text),
			 "what the ciphers of %u cores do alone", cores);
	if (wire > 0 && wire < run->limit) {
		run->limit = wire;
		snprintf(run->limit_text, sizeof(run->limit_text), "file bytes on %.40s at %ld Mbit/s", card,
			 speed);
	}
}

/* ---- engines ---- */

int bench_engines_open(struct bench_engines *e, struct app *app)
{
	int code;

	e->crew = NULL;
	CPU_ZERO(&e->cpus);
	sched_getaffinity(0, sizeof(e->cpus), &e->cpus);
	code = client_open(&e->cl, app, true, true);
	return code == 0 ? cores_open(&e->cl, &e->crew) : code;
}

/* The thread settled on one CPU: the next setting may have others. */
int bench_engines_close(struct bench_engines *e, int code)
{
	crew_close(&e->crew);
	client_close(&e->cl);
	if (CPU_COUNT(&e->cpus) > 0)
		sched_setaffinity(0, sizeof(e->cpus), &e->cpus);
	return code == 0 && e->cl.signal_got != 0 ? EXIT_SIGNAL + e->cl.signal_got : code;
}

/* ---- the file ---- */

static bool keep_file(const struct message *m, struct load_file *out)
{
	if (!m->media.has_file || m->media.file.reference.len > sizeof(out->reference))
		return false;
	out->file = m->media.file;
	if (m->media.file.reference.len > 0)
		memcpy(out->reference, m->media.file.reference.at, m->media.file.reference.len);
	out->file.reference.at = out->reference;
	return true;
}

int bench_largest(struct client *cl, int64_t chat, struct load_file *out)
{
	struct chat_info info;
	struct pages *p;
	int32_t topic;
	char text[32];
	int code;

	snprintf(text, sizeof(text), "%lld", (long long)chat);
	code = resolve_chat(cl, text, &info, &topic);
	p = code == 0 ? calloc(1, sizeof(*p)) : NULL;
	check(code != 0 || p != NULL);
	if (code == 0)
		pages_start(p, cl, &info, 0, 0, 0);
	for (int i = 0; i < LOOK_PAGES && code == 0; i++) {
		code = pages_next(p);
		if (p->count == 0)
			break;
		for (uint32_t k = 0; k < p->count; k++)
			if (p->msgs[k].media.has_file && p->msgs[k].media.file.size > out->file.size)
				keep_file(&p->msgs[k], out);
	}
	free(p);
	return code;
}

bool bench_split_link(const char *link, char *chat, size_t size, int32_t *message)
{
	size_t len = strcspn(link, "?");
	size_t digits = 0;
	long long id;

	while (digits < len && link[len - 1 - digits] >= '0' && link[len - 1 - digits] <= '9')
		digits++;
	if (digits == 0 || digits > 10 || digits + 1 >= len || link[len - 1 - digits] != '/')
		return false;
	id = strtoll(link + len - digits, NULL, 10);
	len -= digits + 1;
	if (id < 1 || id > INT32_MAX || len >= size)
		return false;
	memcpy(chat, link, len);
	chat[len] = '\0';
	*message = (int32_t)id;
	return true;
}

int bench_linked(struct client *cl, const char *link, struct load_file *out)
{
	char chat[NAMED_MAX + 1];
	struct chat_info info;
	struct message m;
	int32_t id, topic;
	int code;

	if (!bench_split_link(link, chat, sizeof(chat), &id))
		return app_fail(cl->app, EXIT_USAGE,
				"message \"%.80s\": allowed a link like https://t.me/c/1234567890/15 or "
				"CHAT/ID",
				link);
	code = resolve_chat(cl, chat, &info, &topic);
	if (code == 0)
		code = pages_by_id(cl, &info, &id, 1, &m);
	if (code != 0)
		return code;
	if (m.empty || !keep_file(&m, out))
		return app_fail(cl->app, EXIT_UNAVAILABLE, "message %d of %s: no file there", id,
				info.title);
	return 0;
}

/*
 * doctor: what this machine offers to tgclone, and the command that would mend what is amiss. Reads
 * only; talks to no server. With --probe it is a server that is asked instead (probe.c).
 */
#include "proto/crypto/cpu.h"
#include "tools/tgclone/cmd.h"
#include "tools/tgclone/client.h"
#include "tools/tgclone/doctor_sys.h"
#include "tools/tgclone/probe.h"
#include "tools/tgclone/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

static void tell(struct app *app, const char *what, const char *value, const char *mend)
{
	if (app_options(app)->json)
		app_json(app, json_pack("{s:s, s:o, s:o, s:o}", "event", "doctor", "what", app_text(what),
					"value", app_text(value), "mend", app_text(mend)));
	else
		app_say(app, "%-22s %s", what, value);
	if (!app_options(app)->json && mend[0] != '\0')
		app_say(app, "  mend: %s", mend);
}

static void kernel(struct app *app)
{
	struct utsname u;
	char text[256];

	if (uname(&u) != 0) {
		tell(app, "kernel", "not known", "");
		return;
	}
	snprintf(text, sizeof(text), "%.60s %.100s %.60s, %ld processors", u.sysname, u.release,
		 u.machine, sysconf(_SC_NPROCESSORS_ONLN));
	tell(app, "kernel", text, "");
}

static void processor(struct app *app)
{
	char name[SYS_TEXT];

	sys_processor("", name, sizeof(name));
	tell(app, "processor", name, "");
}

/* What would let io_uring be used; there need be nothing, poll does the same more slowly. */
static const char *ring_mend(int error)
{
	switch (-error) {
	case EPERM:
	case EACCES:
		return "sysctl -w kernel.io_uring_disabled=0, or a container that allows io_uring";
	case ENOMEM:
		return "ulimit -l unlimited";
	case EMFILE:
	case ENFILE:
		return "ulimit -n 65536";
	}
	return "a kernel of 6.1 or newer, with io_uring";
}

static void ring_of(struct app *app)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {{RING_SINGLE_ISSUER, "single-issuer"}, {RING_DEFER_TASKRUN, "defer-taskrun"},
		     {RING_COOP_TASKRUN, "coop-taskrun"},   {RING_RECV_WAITALL, "recv-waitall"},
		     {RING_SEND_WAITALL, "send-waitall"},   {RING_FIXED_FILES, "fixed-files"},
		     {RING_FIXED_BUFFERS, "fixed-buffers"}, {RING_EXT_ARG, "ext-arg"},
		     {RING_SEND_ZC, "send-zc"}};
	struct ring_options o = {.entries = 1024};
	struct ring *ring = NULL;
	char why[160] = "", text[256] = "io_uring:";
	int error = ring_open_uring(&ring, &o, why, sizeof(why));

	if (error != 0) {
		snprintf(text, sizeof(text), "poll (io_uring cannot be used: %.120s)", why);
		tell(app, "ring", text, ring_mend(error));
		return;
	}
	for (size_t i = 0; i < countof(names); i++) {
		if (!(ring_features(ring) & names[i].bit))
			continue;
		strncat(text, " ", sizeof(text) - strlen(text) - 1);
		strncat(text, names[i].name, sizeof(text) - strlen(text) - 1);
	}
	tell(app, "ring", text,
	     (ring_features(ring) & RING_DEFER_TASKRUN) == 0 ? "a kernel of 6.1 or newer" : "");
	ring_close(ring);
}

static void ciphers(struct app *app)
{
	struct cpu_report r;

	cpu_report(&r);
	for (uint32_t bit = 1; bit <= CPU_ALL; bit <<= 1) {
		char what[64];

		snprintf(what, sizeof(what), "cipher kernel %s", cpu_kernel_name((enum cpu_kernel)bit));
		if (!(r.present & bit))
			tell(app, what, "this processor has it not", "");
		else if (!(r.sound & bit))
			tell(app, what, "FAILED its known-answer test, not used", "");
		else
			tell(app, what, r.active & bit ? "known answers right, in use"
							 : "known answers right, not chosen", "");
	}
}

static void limit(struct app *app, int which, const char *name, rlim_t wanted, const char *mend)
{
	struct rlimit l;
	char text[64];

	if (getrlimit(which, &l) != 0) {
		tell(app, name, "not known", "");
		return;
	}
	if (l.rlim_cur == RLIM_INFINITY)
		snprintf(text, sizeof(text), "unlimited");
	else
		snprintf(text, sizeof(text), "%llu", (unsigned long long)l.rlim_cur);
	tell(app, name, text, l.rlim_cur != RLIM_INFINITY && l.rlim_cur < wanted ? mend : "");
}

static void tell_setting(void *ctx, const char *what, const char *value, const char *mend)
{
	tell(ctx, what, value, mend);
}

static void memory(struct app *app)
{
	const struct options *o = app_options(app);
	char text[128];

	snprintf(text, sizeof(text), "--buffer %lld MB in %lld chunks of %d bytes",
		 (long long)(o->buffer >> 20), (long long)(o->buffer / CHUNK_STRIDE), CHUNK_STRIDE);
	tell(app, "memory for files", text, "");
}

int cmd_doctor(struct app *app, int argc, char **argv)
{
	struct sys_ear ear = {tell_setting, app};

	(void)argc, (void)argv;
	if (app_options(app)->probe)
		return probe_run(app);
	kernel(app);
	processor(app);
	ring_of(app);
	ciphers(app);
	limit(app, RLIMIT_MEMLOCK, "locked memory", (rlim_t)app_options(app)->buffer + (64 << 20),
	      "ulimit -l unlimited");
	limit(app, RLIMIT_NOFILE, "open files", 4096, "ulimit -n 65536");
	sys_settings("", &ear);
	sys_cards("", &ear);
	memory(app);
	return EXIT_COMPLETE;
}

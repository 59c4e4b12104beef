/*
 * Reading settings. The values that are thought good, and why: 16 MB of window carry 5 Gbit/s over
 * 40 ms on two flows, the smaller default maxima do not; bbr with fq keeps a long path full where a
 * lost packet halves cubic; huge pages spare the chunk pool page walks.
 */
#include "tools/tgclone/doctor_sys.h"

#include "proto/base/check.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW_MAX = 16 << 20 };

static const char unknown[] = "not known";

static void tell(const struct sys_ear *ear, const char *what, const char *value, const char *mend)
{
	ear->tell(ear->ctx, what, value, mend);
}

/* The first line, blanks for tabs. False: there is no such file, or it may not be read. */
static bool read_line(const char *root, const char *path, char *out, size_t size)
{
	char whole[PATH_MAX];
	FILE *f;
	bool good;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	f = fopen(whole, "re");
	if (f == NULL)
		return false;
	good = fgets(out, (int)size, f) != NULL;
	fclose(f);
	if (!good)
		return false;
	out[strcspn(out, "\n")] = '\0';
	for (char *p = out; *p != '\0'; p++)
		*p = *p == '\t' ? ' ' : *p;
	return true;
}

/* A whole number and nothing else. */
static bool read_number(const char *root, const char *path, long *out)
{
	char text[SYS_TEXT], *end;

	if (!read_line(root, path, text, sizeof(text)))
		return false;
	errno = 0;
	*out = strtol(text, &end, 10);
	return end != text && *end == '\0' && errno == 0;
}

/* ---- sysctls ---- */

static void maximum(const char *root, const struct sys_ear *ear, const char *name)
{
	char path[128], value[32], mend[SYS_TEXT] = "";
	long v;

	snprintf(path, sizeof(path), "/proc/sys/net/core/%s", name);
	if (!read_number(root, path, &v)) {
		tell(ear, name, unknown, "");
		return;
	}
	snprintf(value, sizeof(value), "%ld", v);
	if (v < WINDOW_MAX)
		snprintf(mend, sizeof(mend), "sysctl -w net.core.%s=%d", name, WINDOW_MAX);
	tell(ear, name, value, mend);
}

/* Least, default and maximum: only the maximum matters, the others stay. */
static void window(const char *root, const struct sys_ear *ear, const char *name)
{
	char path[128], value[SYS_TEXT], mend[SYS_TEXT] = "";
	long least, usual, most;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	if (!read_line(root, path, value, sizeof(value))) {
		tell(ear, name, unknown, "");
		return;
	}
	if (sscanf(value, "%ld %ld %ld", &least, &usual, &most) == 3 && most < WINDOW_MAX)
		snprintf(mend, sizeof(mend), "sysctl -w net.ipv4.%s='%ld %ld %d'", name, least, usual,
			 WINDOW_MAX);
	tell(ear, name, value, mend);
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = strstr(text, word); p != NULL; p = strstr(p + 1, word))
		if ((p == text || p[-1] == ' ') && (p[len] == '\0' || p[len] == ' '))
			return true;
	return false;
}

static void congestion(const char *root, const struct sys_ear *ear)
{
	char value[SYS_TEXT], all[SYS_TEXT] = "";
	const char *mend = "";

	if (!read_line(root, "/proc/sys/net/ipv4/tcp_congestion_control", value, sizeof(value))) {
		tell(ear, "congestion control", unknown, "");
		return;
	}
	read_line(root, "/proc/sys/net/ipv4/tcp_available_congestion_control", all, sizeof(all));
	if (strcmp(value, "bbr") != 0)
		mend = has_word(all, "bbr")
			       ? "sysctl -w net.ipv4.tcp_congestion_control=bbr"
			       : "modprobe tcp_bbr && sysctl -w net.ipv4.tcp_congestion_control=bbr";
	tell(ear, "congestion control", value, mend);
}

static void qdisc(const char *root, const struct sys_ear *ear)
{
	char value[SYS_TEXT];

	if (!read_line(root, "/proc/sys/net/core/default_qdisc", value, sizeof(value)))
		tell(ear, "default_qdisc", unknown, "");
	else
		tell(ear, "default_qdisc", value,
		     strcmp(value, "fq") != 0 ? "sysctl -w net.core.default_qdisc=fq" : "");
}

/* "always [madvise] never": the one in brackets is in force. */
static void huge_pages(const char *root, const struct sys_ear *ear)
{
	static const char path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	char value[SYS_TEXT], mend[SYS_TEXT] = "";

	if (!read_line(root, path, value, sizeof(value))) {
		tell(ear, "huge pages", unknown, "");
		return;
	}
	if (strstr(value, "[never]") != NULL)
		snprintf(mend, sizeof(mend), "echo madvise > %s", path);
	tell(ear, "huge pages", value, mend);
}

void sys_settings(const char *root, const struct sys_ear *ear)
{
	maximum(root, ear, "rmem_max");
	maximum(root, ear, "wmem_max");
	window(root, ear, "tcp_rmem");
	window(root, ear, "tcp_wmem");
	congestion(root, ear);
	qdisc(root, ear);
	huge_pages(root, ear);
}

/* ---- network cards ---- */

/* Entries of a directory that begin so; -1: it cannot be read. */
static int count_entries(const char *path, const char *prefix)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	if (d == NULL)
		return -1;
	while ((e = readdir(d)) != NULL)
		n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
	closedir(d);
	return n;
}

static long speed_of(const char *root, const char *name)
{
	char path[PATH_MAX];
	long v;

	snprintf(path, sizeof(path), "/sys/class/net/%.60s/speed", name);
	return read_number(root, path, &v) && v > 0 ? v : -1;
}

static void number_text(long v, char *out, size_t size)
{
	if (v < 0)
		snprintf(out, size, "%s", unknown);
	else
		snprintf(out, size, "%ld", v);
}

static void card(const char *root, const struct sys_ear *ear, const char *name)
{
	char what[80], value[SYS_TEXT], path[PATH_MAX], speed[24], rx[24], tx[24];
	long v = speed_of(root, name);

	snprintf(path, sizeof(path), "%s/sys/class/net/%.60s/queues", root, name);
	number_text(count_entries(path, "rx-"), rx, sizeof(rx));
	number_text(count_entries(path, "tx-"), tx, sizeof(tx));
	number_text(v, speed, sizeof(speed));
	snprintf(value, sizeof(value), "speed %s%s, queues in %s, out %s", speed,
		 v > 0 ? " Mbit/s" : "", rx, tx);
	snprintf(what, sizeof(what), "network card %.60s", name);
	tell(ear, what, value, "");
}

void sys_cards(const char *root, const struct sys_ear *ear)
{
	char path[PATH_MAX];
	struct dirent *e;
	int seen = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/sys/class/net", root);
	d = opendir(path);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, "lo") == 0)
			continue;
		card(root, ear, e->d_name);
		seen++;
	}
	if (d != NULL)
		closedir(d);
	if (seen == 0)
		tell(ear, "network card", unknown, "");
}

/* A line of the routing table: name, destination and mask; all zero is the default. */
long sys_route_speed(const char *root, char *name, size_t size)
{
	char path[PATH_MAX], line[256], card_name[64];
	unsigned long to, mask;
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/net/route", root);
	f = fopen(path, "re");
	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
		found = sscanf(line, "%63s %lx %*x %*x %*d %*d %*d %lx", card_name, &to, &mask) == 3 &&
			to == 0 && mask == 0;
	if (f != NULL)
		fclose(f);
	snprintf(name, size, "%s", found ? card_name : "");
	return found ? speed_of(root, card_name) : -1;
}

void sys_processor(const char *root, char *out, size_t size)
{
	char path[PATH_MAX], line[256];
	FILE *f;

	snprintf(out, size, "%s", unknown);
	snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) != 0 || colon == NULL)
			continue;
		colon[strcspn(colon, "\n")] = '\0';
		snprintf(out, size, "%s", colon + 1 + (colon[1] == ' '));
		break;
	}
	if (f != NULL)
		fclose(f);
}

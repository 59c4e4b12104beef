/*
 * Talks to a running simulator: sends one line, prints the answer. Blocking and simple; owns its
 * socket for the length of a call.
 */
#include "tools/tgsim/ctl.h"

#include "tools/tgsim/sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { EXIT_USAGE = 64, EXIT_UNAVAILABLE = 69, EXIT_REFUSED = 1, CTL_HEAD_MAX = 1024 };

static int complain(int code, const char *what, const char *why)
{
	fprintf(stderr, "tgsim: %s%s%s\n", what, *why == '\0' ? "" : ": ", why);
	return code;
}

/* A word with blanks travels in quotes. */
static void put_word(struct sink *line, const char *word)
{
	bool quote = strpbrk(word, " \t") != NULL || *word == '\0';

	if (line->len > 0)
		sink_put(line, " ");
	sink_put(line, quote ? "\"" : "");
	sink_put(line, word);
	sink_put(line, quote ? "\"" : "");
}

static int open_control(const char *dir)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd, n = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", dir);

	if (n < 0 || (size_t)n >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		n = -errno;
		close(fd);
		return n;
	}
	return fd < 0 ? -errno : fd;
}

bool ctl_answers(const char *dir)
{
	int fd = open_control(dir);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static bool write_line(int fd, const struct sink *line)
{
	for (size_t done = 0; done < line->len;) {
		ssize_t n = send(fd, line->at + done, line->len - done, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

/* The first line says how much follows; the rest goes to standard output as it comes. */
static int print_answer(int fd)
{
	FILE *in = fdopen(fd, "r");
	char head[CTL_HEAD_MAX], piece[65536];
	size_t left, n;

	if (in == NULL || fgets(head, sizeof(head), in) == NULL)
		return complain(EXIT_UNAVAILABLE, "no answer", "");
	head[strcspn(head, "\n")] = '\0';
	if (strncmp(head, "ok ", 3) != 0) {
		fclose(in);
		return complain(EXIT_REFUSED, strncmp(head, "err ", 4) == 0 ? head + 4 : head, "");
	}
	for (left = strtoul(head + 3, NULL, 10); left > 0; left -= n) {
		n = fread(piece, 1, left < sizeof(piece) ? left : sizeof(piece), in);
		if (n == 0 || fwrite(piece, 1, n, stdout) != n)
			break;
	}
	fclose(in);
	return left > 0 || fflush(stdout) != 0 ? complain(EXIT_UNAVAILABLE, "answer cut", "") : 0;
}

int ctl_main(int argc, char **argv)
{
	const char *dir = NULL;
	struct sink line;
	int fd, code;

	sink_init(&line);
	if (strcmp(argv[0], "dump") == 0)
		put_word(&line, "dump");
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--dir") == 0 && i + 1 < argc)
			dir = argv[++i];
		else
			put_word(&line, argv[i]);
	}
	if (dir == NULL || line.len == 0 || strchr(line.at, '\n') != NULL) {
		sink_free(&line);
		return complain(EXIT_USAGE, "ctl and dump need --dir DIR and what to do", "");
	}
	sink_put(&line, "\n");
	fd = open_control(dir);
	if (fd < 0)
		code = complain(EXIT_UNAVAILABLE, "no simulator there", strerror(-fd));
	else
		code = write_line(fd, &line) ? print_answer(fd)
					     : complain(EXIT_UNAVAILABLE, "not taken", "");
	sink_free(&line);
	return code;
}

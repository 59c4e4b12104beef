/* What the program's tests share: a directory of their own and small files in it. */
#ifndef TGCLONE_TESTS_TGCLONE_HELP_H
#define TGCLONE_TESTS_TGCLONE_HELP_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char dir[64];
	char path[128]; /* of the last place_write */
};

static inline struct place place_start(void)
{
	struct place p = {.dir = "/tmp/tgclone-XXXXXX"};

	cr_assert_not_null(mkdtemp(p.dir));
	return p;
}

static inline const char *place_write(struct place *p, const char *name, const void *data,
				      size_t len, mode_t mode)
{
	int fd;

	snprintf(p->path, sizeof(p->path), "%s/%s", p->dir, name);
	fd = open(p->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, data, len), (ssize_t)len);
	fchmod(fd, mode);
	close(fd);
	return p->path;
}

static inline int place_drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)at;
	return kind == FTW_DP ? rmdir(path) : unlink(path);
}

static inline void place_end(struct place *p)
{
	nftw(p->dir, place_drop, 8, FTW_DEPTH | FTW_PHYS);
}

#endif

/* First steps of the process, before an argument is read or a file opened. */
#include "tools/tgclone/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * open() gives the lowest free number, so going up from 0 fills exactly the holes. What is said on a
 * stdout that is not there is lost, and is to fail as on a full disk: it takes no byte.
 */
static bool fill_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (errno != EBADF || open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

bool harden_process(void)
{
	struct rlimit none = {0, 0};

	umask(077);
	return fill_standard_fds() && setrlimit(RLIMIT_CORE, &none) == 0 &&
	       prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && signal(SIGPIPE, SIG_IGN) != SIG_ERR &&
	       signal(SIGXFSZ, SIG_IGN) != SIG_ERR;
}

int64_t harden_files(int64_t wanted)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return wanted; /* the kernel will say it when there are too few */
	if (l.rlim_cur < (rlim_t)wanted) {
		l.rlim_cur = l.rlim_max < (rlim_t)wanted ? l.rlim_max : (rlim_t)wanted;
		setrlimit(RLIMIT_NOFILE, &l);
		getrlimit(RLIMIT_NOFILE, &l);
	}
	return l.rlim_cur < (rlim_t)wanted ? (int64_t)l.rlim_cur : wanted;
}

void harden_secret(const void *secret, size_t len)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)secret & ~(page - 1);
	uintptr_t to = ((uintptr_t)secret + len + page - 1) & ~(page - 1);

	/* Where the kernel refuses, there is still no dump of the whole process. */
	(void)madvise((void *)from, to - from, MADV_DONTDUMP);
}

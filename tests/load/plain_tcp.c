/*
 * Preloaded: a kernel whose TCP has no keepalive, no user timeout and tells nothing of itself (K9). How
 * often that was said goes into the file named by PLAIN_TCP_TO when the program ends.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic unsigned refused;

static int refuse(void)
{
	refused++;
	errno = ENOPROTOOPT;
	return -1;
}

__attribute__((visibility("default"))) int setsockopt(int fd, int level, int name,
						      const void *value, socklen_t len)
{
	if ((level == SOL_SOCKET && name == SO_KEEPALIVE) ||
	    (level == IPPROTO_TCP && (name == TCP_KEEPIDLE || name == TCP_USER_TIMEOUT)))
		return refuse();
	return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}

__attribute__((visibility("default"))) int getsockopt(int fd, int level, int name, void *value,
						      socklen_t *len)
{
	if (level == IPPROTO_TCP && name == TCP_INFO)
		return refuse();
	return (int)syscall(SYS_getsockopt, fd, level, name, value, len);
}

static void __attribute__((destructor)) tell(void)
{
	const char *path = getenv("PLAIN_TCP_TO");
	FILE *f = path == NULL ? NULL : fopen(path, "we");

	if (f == NULL)
		return;
	fprintf(f, "%u\n", refused);
	fclose(f);
}

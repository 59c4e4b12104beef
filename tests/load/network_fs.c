/* Preloaded: every file lies on NFS, as far as anybody asks (P17). */
#include <string.h>
#include <sys/vfs.h>

__attribute__((visibility("default"))) int fstatfs(int fd, struct statfs *fs)
{
	(void)fd;
	memset(fs, 0, sizeof(*fs));
	fs->f_type = 0x6969;
	return 0;
}

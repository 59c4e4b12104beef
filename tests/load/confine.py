"""What a program can be started under: forbidden system calls, another user, little memory. Each is a
function for subprocess's preexec_fn (Client.before); together() makes one of several.
"""
import ctypes
import errno
import os
import pathlib
import pwd
import resource
import struct

IO_URING_SETUP, IO_URING_ENTER, IO_URING_REGISTER = 425, 426, 427
SYSCTL = pathlib.Path('/proc/sys/kernel/io_uring_disabled')
CGROUP_V1 = pathlib.Path('/sys/fs/cgroup/memory')
CGROUP_V2 = pathlib.Path('/sys/fs/cgroup')

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LD_NR, JEQ, RET = 0x20, 0x15, 0x06
RET_ALLOW, RET_ERRNO = 0x7fff0000, 0x00050000


class Skip(Exception):
    """This machine cannot show it; the text says why."""


def together(*functions):
    def run():
        for f in functions:
            f()
    return run


def forbid(call, error):
    """That system call ends with that error. The numbers are the same on all architectures that Linux
    added io_uring to at once."""
    code = b''.join(struct.pack('HBBI', *line) for line in (
        (LD_NR, 0, 0, 0), (JEQ, 0, 1, call), (RET, 0, 0, RET_ERRNO | error), (RET, 0, 0, RET_ALLOW)))
    program = ctypes.create_string_buffer(code)
    filter_ = struct.pack('HxxxxxxP', 4, ctypes.addressof(program))
    libc = ctypes.CDLL(None, use_errno=True)

    def run():
        assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), 'seccomp')
    run.keep = program
    return run


def memlock(kib):
    return lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK, (kib * 1024, kib * 1024))


def nobody():
    """The rest of the run is a plain user's."""
    user = pwd.getpwnam('nobody')

    def run():
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    return run


def uring_works():
    """An io_uring can be had here at all, by this process."""
    fd = ctypes.CDLL(None, use_errno=True).syscall(IO_URING_SETUP, 1, ctypes.create_string_buffer(120))
    if fd >= 0:
        os.close(fd)
    return fd >= 0


class Sysctl:
    """io_uring for root alone, for as long as this lasts; other programs of root do not feel it."""

    def __enter__(self):
        if not SYSCTL.exists():
            raise Skip('this kernel has no kernel.io_uring_disabled')
        if os.geteuid() != 0 or SYSCTL.read_text().strip() != '0':
            raise Skip('kernel.io_uring_disabled cannot be set here')
        try:
            SYSCTL.write_text('1')
        except OSError as e:
            raise Skip('kernel.io_uring_disabled: %s' % e) from None
        return self

    def __exit__(self, *exc):
        SYSCTL.write_text('0')


class MemoryLimit:
    """A control group of that many bytes; enter it by `before`."""

    def __init__(self, size):
        self.size = size
        name = 'tgclone-test-%d' % os.getpid()
        if (CGROUP_V1 / 'memory.limit_in_bytes').exists():
            self.dir, self.limit, self.peak = CGROUP_V1 / name, 'memory.limit_in_bytes', 'memory.max_usage_in_bytes'
        elif 'memory' in self.controllers():
            self.dir, self.limit, self.peak = CGROUP_V2 / name, 'memory.max', 'memory.peak'
        else:
            raise Skip('there are no memory control groups here')

    @staticmethod
    def controllers():
        try:
            return (CGROUP_V2 / 'cgroup.subtree_control').read_text().split()
        except OSError:
            return []

    def __enter__(self):
        try:
            self.dir.mkdir()
            (self.dir / self.limit).write_text(str(self.size))
        except OSError as e:
            raise Skip('memory control groups: %s' % e) from None
        return self

    def __exit__(self, *exc):
        try:
            self.dir.rmdir()
        except OSError as e:
            if e.errno != errno.ENOENT:
                raise

    def before(self):
        (self.dir / 'cgroup.procs').write_text(str(os.getpid()))

    def peak_bytes(self):
        try:
            return int((self.dir / self.peak).read_text())
        except OSError:
            return None

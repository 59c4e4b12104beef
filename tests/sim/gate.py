#!/usr/bin/env python3
"""What the simulation stands on: outside the few files that are the body of an interface, the
engine's archives name no clock, random source, socket, file, thread or environment, and they hold
nothing that can be written. Usage: gate.py BUILD"""
import glob
import os
import re
import subprocess
import sys

# object (as meson names it) -> what it may name besides
MAY = {
    r'ring_(posix|ring|ring_uring|ring_poll)\.c': r'.*',  # the ring's real bodies: not in a simulation
    r'ledger_kernel\.c': r'.*',  # the ledger's real directory: another is handed in there
    r'ledger_(ledger|queue|writer|reader)\.c': r'pthread_.*|eventfd|read|write|close',  # not when threadless
    r'crew_.*\.c': r'pthread_.*|eventfd|poll|read|write|close|sched_.*',  # engines on other cores
}
# what may be written: the word that says which kernels this processor has, computed alike by whoever asks
WRITABLE = {'crypto_cpu.c.o can write verdict'}
FORBIDDEN = re.compile(
    r'(clock_\w+|gettimeofday|time|nanosleep|usleep|sleep|timerfd_\w+|getrandom|rand|rand_r|random|arc4random\w*|'
    r'RAND_\w+|socket|connect|bind|listen|accept4?|send|recv|sendto|recvfrom|sendmsg|recvmsg|shutdown|getaddrinfo|'
    r'open|openat|fopen|creat|read|write|pread|pwrite|readv|writev|close|fsync|fdatasync|ftruncate|rename|unlink|'
    r'mkdir|stat|lstat|fstat|ioctl|poll|ppoll|select|epoll_\w+|eventfd|io_uring_\w+|fork|kill|signal|sigaction|'
    r'pthread_\w+|thrd_\w+|sched_\w+|getenv|secure_getenv|getpid|system|popen)(64)?$')


def lines(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()


def forbidden(obj):
    name = obj.rsplit('/', 1)[-1]
    may = [allowed for pattern, allowed in MAY.items() if re.match(pattern, name)]
    for line in lines('nm', '-u', obj):
        symbol = line.split()[-1].split('@')[0]
        if FORBIDDEN.match(symbol) and not any(re.fullmatch(a, re.sub('64$', '', symbol)) for a in may):
            yield '%s names %s' % (name, symbol)


def writable(obj):
    for line in lines('objdump', '-t', obj):
        m = re.match(r'[0-9a-f]+ (.{7}) (\S+)\s+([0-9a-f]+)\s+(.*)', line)
        if m is None or int(m.group(3), 16) == 0 or 'd' in m.group(1)[5:6] or \
                re.match(r'\.|__odr_asan', m.group(4)):
            continue
        if re.match(r'(\.data|\.bss|\.tdata|\.tbss)', m.group(2)) and not m.group(2).startswith('.data.rel.ro'):
            yield '%s can write %s' % (obj.rsplit('/', 1)[-1], m.group(4))
        if m.group(2) == '*COM*':
            yield '%s can write %s' % (obj.rsplit('/', 1)[-1], m.group(4))


def main():
    objects = [obj for lib in ('engine/libengine.a.p', 'proto/libproto.a.p')
               for obj in sorted(glob.glob(os.path.join(sys.argv[1], lib, '*.o')))]
    faults = [f for obj in objects for check in (forbidden, writable) for f in check(obj)
              if f not in WRITABLE]
    print('\n'.join(faults + ['%d objects, %d faults' % (len(objects), len(faults))]))
    return 1 if faults or not objects else 0


if __name__ == '__main__':
    sys.exit(main())

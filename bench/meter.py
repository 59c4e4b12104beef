"""Runs one program against a simulator and tells what it cost: wall, CPU and peak memory of the program
with its children, CPU of the simulator apart. And says which machine this was.

The peak is the one that /usr/bin/time reports: a child of this interpreter would show at least the
interpreter's own pages, because the kernel counts those of the moment before exec.
"""
import os
import pathlib
import platform
import signal
import subprocess
import tempfile
import threading
import time

TICKS = os.sysconf('SC_CLK_TCK')


class Cost:
    """Seconds, kilobytes, exit status, and what the program said."""

    def __init__(self, status, wall, cpu, far_cpu, rss_kb, out, err):
        self.status = status
        self.wall = wall
        self.cpu = cpu
        self.far_cpu = far_cpu
        self.rss_kb = rss_kb
        self.out = out
        self.err = err

    def last_words(self):
        lines = [l for l in (self.err + '\n' + self.out).splitlines() if l.strip()]
        return lines[-1].strip()[:160] if lines else 'no word'


def cpu_of(pid):
    """User and system seconds of a process that runs."""
    fields = pathlib.Path('/proc/%d/stat' % pid).read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(command, far_pid, env=None, stdin='', patience=600):
    """patience: seconds until a program that does not end is stopped; its status is then -9."""
    with tempfile.TemporaryDirectory(prefix='tgclone-bench-') as name:
        place = pathlib.Path(name)
        (place / 'in').write_text(stdin)
        far, begun = cpu_of(far_pid), time.monotonic()
        with open(place / 'in') as given, open(place / 'out', 'wb') as out, \
                open(place / 'err', 'wb') as err:
            process = subprocess.Popen(
                ['/usr/bin/time', '-q', '-f', '%M', '-o', str(place / 'peak'), *map(str, command)],
                stdin=given, stdout=out, stderr=err, env=env, start_new_session=True)
        guard = threading.Timer(patience, kill_group, [process.pid])
        guard.start()
        _, status, used = os.wait4(process.pid, 0)
        guard.cancel()
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = (place / 'peak').read_text().split() if (place / 'peak').exists() else []
        return Cost(process.returncode, wall, used.ru_utime + used.ru_stime,
                    cpu_of(far_pid) - far, int(peak[-1]) if peak else 0,
                    (place / 'out').read_text(errors='replace'),
                    (place / 'err').read_text(errors='replace'))


def processor():
    for line in pathlib.Path('/proc/cpuinfo').read_text().splitlines():
        if line.startswith('model name'):
            return ' '.join(line.split(':', 1)[1].split())
    return platform.machine()


def machine():
    """What a table must say of where it was made."""
    return {
        'date': time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime()),
        'cpus': os.cpu_count(),
        'processor': processor(),
        'kernel': platform.release(),
        'load_before': round(os.getloadavg()[0], 2),
    }

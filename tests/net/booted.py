"""A real systemd as process 1 of namespaces of its own: this machine's files under an overlay in memory, its own /proc,
/dev, /run and /tmp, one control group below ours, and the caller's network namespace. Nothing outside is changed:
/sys and /proc/sys are read-only, no module can be loaded, and what is left behind is removed with its process."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

PATIENCE = 60
SYSTEMD = '/lib/systemd/systemd'
TOOLS = ('unshare', 'nsenter', 'setpriv', 'mount', 'systemctl', 'systemd-analyze', 'journalctl', 'runuser', 'useradd')
BOOT = r'''
set -eu
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
shift
if [ "$1" = v1 ]; then mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup; fi
shift
for spec in "$@"; do # TYPE:OPTIONS:PLACE
	place=sys/fs/cgroup/${spec##*:} options=${spec#*:} options=${options%:*}
	[ -d "$place" ] || mkdir "$place"
	mount -t "${spec%%:*}" ${options:+-o "$options"} cgroup "$place"
done
mount -t tmpfs -o mode=755 tmpfs dev
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "dev/${node%:*}" c 1 "${node#*:}"; done
mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs etc/systemd/system
mkdir -p var/old
pivot_root . var/old
cd /
umount -l var/old
caps=-sys_module,-sys_time,-sys_rawio,-syslog
exec env -i container=judge PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C setpriv --bounding-set "$caps" --inh-caps "$caps" \
	/lib/systemd/systemd --system --unit=basic.target --log-target=journal
'''


class Unable(Exception):
    """What is missing here to start a systemd."""


def _groups():
    """Our control groups, of every hierarchy: (mount type, options, name below /sys/fs/cgroup, our directory)."""
    mounts = {}
    for line in pathlib.Path('/proc/self/mounts').read_text().splitlines():
        _, place, kind, options = line.split()[:4]
        if kind == 'cgroup2':
            mounts[''] = place
        elif kind == 'cgroup':
            mounts.update((name, place) for name in options.split(','))
    if '' not in mounts:
        raise Unable('no cgroup2 is mounted')
    found = []
    for line in pathlib.Path('/proc/self/cgroup').read_text().splitlines():
        _, names, below = line.split(':', 2)
        place = mounts.get(names.split(',')[0])
        if place is None:
            raise Unable('the control groups of %s are not mounted' % names)
        kind = 'cgroup' if names else 'cgroup2'
        options = 'none,' + names if names.startswith('name=') else names
        inside = pathlib.Path(place).name if place != '/sys/fs/cgroup' else '.'
        found.append((kind, options, inside, pathlib.Path(place + below)))
    return found


def _own_group(parent, name):
    group = parent / name
    group.mkdir()
    for what in ('cpuset.cpus', 'cpuset.mems'):  # of v1: empty at first, and then nobody can enter
        if (group / what).exists() and not (parent / 'cgroup.type').exists() and (parent / what).exists():
            (group / what).write_text((parent / what).read_text())
    return group


class Booted:
    """with Booted() as host: host.run('systemctl', 'status')"""

    def __init__(self):
        missing = [tool for tool in TOOLS if shutil.which(tool) is None]
        if os.geteuid() != 0:
            raise Unable('only root may start one')
        if not os.access(SYSTEMD, os.X_OK):
            raise Unable('no %s' % SYSTEMD)
        if missing:
            raise Unable('no %s' % ', '.join(missing))
        self.place = pathlib.Path(tempfile.mkdtemp(prefix='booted-'))
        self.groups, self.outer, self.pid = [], None, None
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self):
        specs, name = [], 'booted-%d' % os.getpid()
        for kind, options, inside, group in _groups():
            try:
                self.groups.append(_own_group(group, name))
            except OSError as e:
                raise Unable('no control group of our own: %s' % e) from None
            specs.append('%s:%s:%s' % (kind, options, inside))
        mixed = 'v1' if any(not s.endswith(':.') for s in specs) else 'v2'

        def enter():
            for group in self.groups:
                (group / 'cgroup.procs').write_text('0')

        # Whoever starts it takes it along, however that one dies.
        self.outer = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--pid', '--mount', '--cgroup', '--uts', '--ipc', '--fork',
             '--kill-child', 'bash', '-c', BOOT, 'boot', self.place, mixed, *specs],
            preexec_fn=enter, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._await()

    def _await(self):
        """Up, or ended: then what it said is why."""
        children = pathlib.Path('/proc/%d/task/%d/children' % (self.outer.pid, self.outer.pid))
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.outer.poll() is None:
            # A systemd is one that has its own idea of /run; before that there is still the shell.
            child = children.read_text().split()
            if child and pathlib.Path('/proc/%s/comm' % child[0]).read_text() == 'systemd\n':
                self.pid = int(child[0])
                if self.run('systemctl', 'is-active', 'basic.target', ok=None).stdout == 'active\n':
                    return
            time.sleep(0.05)
        if self.outer.poll() is None:
            raise Unable('systemd did not come up in %d s' % PATIENCE)
        raise Unable('systemd did not start: %s' % ' '.join(self.outer.stdout.read().split()[-20:]))

    def run(self, *words, ok=(0,), stdin=''):
        done = subprocess.run(['nsenter', '-t', str(self.pid), '-m', '-u', '-i', '-p', '-C', '-r', '-w', 'env', '-i',
                               'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8',
                               *map(str, words)], input=stdin, capture_output=True, text=True, check=False,
                              timeout=PATIENCE * 2)
        if ok is not None and done.returncode not in ok:
            raise AssertionError('%s ended with %d\n%s%s' % (' '.join(map(str, words)), done.returncode, done.stdout,
                                                             done.stderr))
        return done

    def path(self, name):
        """A file of there, seen from here."""
        return pathlib.Path('/proc/%d/root' % self.pid) / name.lstrip('/')

    def put(self, name, what, mode=0o644):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(what, pathlib.Path):
            shutil.copy(what, path)
        else:
            path.write_text(what)
        path.chmod(mode)

    def show(self, unit):
        text = self.run('systemctl', 'show', unit).stdout
        return dict(re.findall(r'^(\w+)=(.*)$', text, re.M))

    def journal(self, unit, *more):
        return self.run('journalctl', '--no-pager', '-o', 'cat', '-u', unit, *more).stdout

    def close(self):
        if self.outer is not None:
            if self.outer.poll() is None:
                self.outer.kill()  # with it goes process 1, with that all the rest, and every mount
            self.outer.wait()
            self.outer.stdout.close()
        until = time.monotonic() + PATIENCE
        for group in self.groups:
            for place in [*sorted((p for p in group.rglob('*') if p.is_dir()), reverse=True), group]:
                while True:
                    try:
                        place.rmdir()
                        break
                    except OSError:
                        if time.monotonic() > until:  # its last process is still on the way out
                            raise
                        time.sleep(0.05)
        shutil.rmtree(self.place, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

"""Who takes part in bench/run: how each is made ready, how it is told to clone one file, and how its own
report is read.

A peer counts its transfer alone, without start, login, key exchange and looking up; tgclone is counted as
a whole process. Peak memory is the whole process for all. Each peer asks for 512 KiB parts and gets eight
connections where it has such a thing as connections, as many as tgclone has by default.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ROOT / 'bench/peers'
sys.path.insert(0, str(ROOT / 'tests'))
from simulator import Client  # noqa: E402

CONNECTIONS = 8


class Missing(Exception):
    """Cannot be run here; the text says why."""


def cache():
    """Outside the tree: what is built and installed for the bench."""
    home = os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache'
    place = pathlib.Path(home) / 'tgclone-bench'
    place.mkdir(parents=True, exist_ok=True)
    return place


def call(command, what, **options):
    """A step of preparation; Missing with the last line it said when it fails."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False,
                          **options)
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or 'no word').splitlines()
        raise Missing('%s: %s' % (what, lines[-1].strip()[:160]))
    return done.stdout


def need(program, *packages):
    """A program of the system, installed when it is not there."""
    if shutil.which(program) is None:
        call([ROOT / 'tools/need', *packages], '%s is not installed and could not be' % program)
    if shutil.which(program) is None:
        raise Missing('%s is not installed' % program)


def built(given):
    """A directory with tgclone and tgsim in it."""
    call([ROOT / 'tools/need', 'time', 'python3-venv', 'git'], 'packages')
    if given is not None:
        return given
    build = ROOT / 'build-bench'
    call([ROOT / 'tools/need', 'gcc', 'libc6-dev', 'pkg-config', 'meson', 'ninja-build',
                'liburing-dev', 'libssl-dev', 'zlib1g-dev', 'libsqlite3-dev', 'libjansson-dev'],
               'packages')
    if not (build / 'build.ninja').exists():
        call(['meson', 'setup', build, '--buildtype=release', '-Dtests=false',
                    '-Dwerror=false'], 'meson', cwd=ROOT)
    call(['ninja', '-C', build, 'tools/tgclone/tgclone', 'tools/tgsim/tgsim'], 'ninja')
    return build


class Contestant:
    """share: which file of the world it clones, by the part of --size it can do in good time."""
    name = ''
    share = 'middle'
    ours = False

    def prepare(self):
        """Installs and builds; raises Missing."""

    def command(self, sim, place, serial):
        """(command, environment, stdin) of the clone of place, a message; serial: of all runs."""
        raise NotImplementedError

    def transfer(self, cost):
        """(seconds, CPU seconds, note) of the transfer."""
        report = json.loads(cost.out.splitlines()[-1])
        return report['seconds'], report['cpu_seconds'], report.get('cipher', '')


class Tgclone(Contestant):
    share = 'big'
    ours = True

    def __init__(self, name, *options):
        self.name = name
        self.options = options
        self.client = None

    def command(self, sim, place, serial):
        if self.client is None or self.client.sim is not sim:
            self.client = Client(sim, self.name.replace(' ', '-'))
            self.client.login()
        # Another generation is another copy: the random_ids of the first would find the first.
        words = ['clone', sim.chat(0), sim.chat(1), '--mode', 'stream', '--rate', 'off',
                 '--interval', '0', '--from', place['id'], '--to', place['id'],
                 '--generation', serial, '--quiet', *self.options]
        return [self.client.bin, *words], self.client.env, ''

    def transfer(self, cost):
        return cost.wall, cost.cpu, ''


class Gotd(Contestant):
    def __init__(self, via):
        self.name = 'gotd, ' + via
        self.via = via

    def prepare(self):
        need('go', 'golang-go')
        call(['nice', '-n', '10', 'go', 'build', '-buildvcs=false', '-o', cache() / 'gotd', '.'],
             'gotd cannot be built', cwd=PEERS / 'gotd')

    def command(self, sim, place, serial):
        return [cache() / 'gotd', '--config', sim.json_path, '--threads', CONNECTIONS, '--message',
                place['id'], '--via', self.via, 'clone'], None, ''


class Mtcute(Contestant):
    name = 'mtcute'

    def prepare(self):
        need('node', 'nodejs')
        home = PEERS / 'mtcute'
        if (home / 'node_modules/@mtcute/node').is_dir():
            return
        need('npm', 'npm')
        call(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
             'mtcute cannot be installed', cwd=home)

    def command(self, sim, place, serial):
        return ['node', PEERS / 'mtcute/main.mjs', '--config', sim.json_path, '--threads',
                CONNECTIONS, '--message', place['id'], 'clone'], None, ''


class OldScript(Contestant):
    """bench/peers/telethon_clone.py; from the message before place to place."""

    def __init__(self, name, share, *options):
        self.name = name
        self.share = share
        self.options = options
        self.python = None

    def prepare(self):
        out = call([ROOT / 'tests/net/telethon_venv', cache()], 'Telethon cannot be installed')
        self.python = out.strip()

    def command(self, sim, place, serial):
        account = sim.account()
        checkpoint = sim.dir / 'checkpoint.json'
        checkpoint.write_text(json.dumps({'last': place['id'] - 1}))
        env = {k: v for k, v in os.environ.items() if not k.startswith(('TG_', 'TGCLONE_'))}
        env.update(SOURCE_CHAT=sim.chat(0), TARGET_CHAT=sim.chat(1))
        return [self.python, PEERS / 'telethon_clone.py', '--dc-config', sim.json_path,
                '--interval', '0', '--limit', '1', '--json', '--phone', account['phone'],
                '--checkpoint', checkpoint, *self.options], env, account['code'] + '\n'


PLAIN = 'old script'


def everybody():
    return [
        Tgclone('tgclone'),
        Tgclone('tgclone, 4 MB buffer', '--buffer', '4M'),
        Gotd('pipe'),
        Gotd('file'),
        Mtcute(),
        OldScript(PLAIN + ', cryptg', 'middle'),
        OldScript(PLAIN, 'small', '--without-cryptg'),
    ]

"""Starts and stops tgsim and runs tgclone for tests; plain Python, nothing to install."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Simulator:
    """One tgsim in a directory of its own. with Simulator(build, '--synth', '...') as sim: ..."""

    def __init__(self, build, *args):
        self.build = pathlib.Path(build).resolve()
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix='tgsim-'))
        self.bin = self.build / 'tools/tgsim/tgsim'
        self.log = open(self.dir / 'tgsim.out', 'wb')
        self.process = subprocess.Popen([self.bin, '--dir', self.dir / 'sim', *map(str, args)],
                                        stdout=self.log, stderr=subprocess.STDOUT)
        self.json_path = self.dir / 'sim/tgsim.json'
        self.world = self._await()

    def _await(self):
        # The file is written once, atomically, when the simulator listens; its end is waited for.
        while not self.json_path.exists():
            if self.process.poll() is not None:
                raise RuntimeError('tgsim ended: ' + self.output())
            time.sleep(0.02)
        return json.loads(self.json_path.read_text())

    def output(self):
        return (self.dir / 'tgsim.out').read_text(errors='replace')

    def account(self, password=False):
        return [a for a in self.world['accounts'] if bool(a['password']) == password][0]

    def chat(self, index):
        return str(self.world['chats'][index]['id'])

    def chat_by(self, test):
        return [c for c in self.world['chats'] if test(c)][0]

    def ctl(self, *words):
        return subprocess.run([self.bin, 'ctl', '--dir', self.dir / 'sim', *words], check=True,
                              capture_output=True, text=True).stdout

    def stats(self):
        return json.loads(self.ctl('stats'))

    def dump(self, chat, *args):
        out = subprocess.run([self.bin, 'dump', '--dir', self.dir / 'sim', *args, str(chat)],
                             check=True, capture_output=True, text=True).stdout
        return [json.loads(line) for line in out.splitlines() if line.strip()]

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)


class Client:
    """tgclone with a state directory of its own."""

    def __init__(self, sim, name='state'):
        self.sim = sim
        self.bin = sim.build / 'tools/tgclone/tgclone'
        self.state = sim.dir / name
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(('TG_', 'TGCLONE_'))}
        self.env['TGCLONE_DC_CONFIG'] = str(sim.json_path)
        self.env['TGCLONE_STATE_DIR'] = str(self.state)
        self.before = None  # called in the child in front of the program: limits, another user

    def start(self, *args, **kw):
        return subprocess.Popen([self.bin, *map(str, args)], env=self.env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                preexec_fn=self.before, **kw)

    def start_to(self, out, err, *args, **kw):
        """As start, for long runs: into files (or fds) instead of pipes that somebody must read."""
        return subprocess.Popen([self.bin, *map(str, args)], env=self.env, stdout=out, stderr=err,
                                preexec_fn=self.before, **kw)

    def run(self, *args, stdin='', ok=(0,), patience=240):
        """patience: seconds until a program that does not end is stopped and shown."""
        try:
            done = subprocess.run([self.bin, *map(str, args)], env=self.env, text=True, input=stdin,
                                  capture_output=True, check=False, timeout=patience,
                                  preexec_fn=self.before)
        except subprocess.TimeoutExpired as e:
            raise AssertionError('%s did not end in %d s\n%s\n%s\nsimulator: %s' % (
                ' '.join(map(str, args)), patience, (e.stdout or b'')[-3000:].decode(),
                (e.stderr or b'')[-3000:].decode(), self.sim.ctl('stats'))) from None
        if ok is not None and done.returncode not in ok:
            raise AssertionError('%s ended with %d\n%s\n%s' % (
                ' '.join(map(str, args)), done.returncode, done.stdout[-3000:], done.stderr[-3000:]))
        return done

    def login(self, password=False):
        account = self.sim.account(password)
        lines = account['code'] + '\n' + ((account['password'] or '') + '\n' if password else '')
        return self.run('login', '--phone', account['phone'], stdin=lines)

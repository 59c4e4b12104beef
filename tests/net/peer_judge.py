"""What the judges of bench/peers share: build the peer, run it against a simulator, compare.

Each peer speaks the same command line and prints one JSON line; see bench/peers/*/main.*.
"""
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from simulator import ROOT, Simulator  # noqa: E402

PEERS = ROOT / 'bench/peers'
WORLD = 'messages=250,docs=2x12MB,photos=4,seed=3'
SIZE = 30 << 20


def skip(why):
    print(why)
    sys.exit(77)


def need_tools(*names):
    for name in names:
        if shutil.which(name) is None:
            skip('%s is not installed' % name)


def prepare_go(build):
    """Builds outside the tree; the compiler's cache makes the second time quick."""
    out = pathlib.Path(build).resolve() / 'peer_gotd'
    done = subprocess.run(['go', 'build', '-buildvcs=false', '-o', str(out), '.'],
                          cwd=PEERS / 'gotd', capture_output=True, text=True, check=False)
    if done.returncode != 0:
        if 'dial tcp' in done.stderr or 'no such host' in done.stderr:
            skip('the modules of gotd cannot be had here')
        raise SystemExit(done.stderr[-3000:])
    return [str(out)]


def prepare_node(_build):
    home = PEERS / 'mtcute'
    if not (home / 'node_modules/@mtcute/node').is_dir():
        done = subprocess.run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
                              cwd=home, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            if 'ENOTFOUND' in done.stderr or 'ECONNREFUSED' in done.stderr:
                skip('the packages of mtcute cannot be had here')
            raise SystemExit(done.stderr[-3000:])
    return ['node', str(home / 'main.mjs')]


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Bench:
    def __init__(self, sim, command):
        self.sim = sim
        self.command = command

    def run(self, *args):
        done = subprocess.run([*self.command, '--config', str(self.sim.json_path), *map(str, args)],
                              capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, '%s\n%s' % (' '.join(map(str, args)), done.stderr[-3000:])
        report = json.loads(done.stdout.splitlines()[-1])
        print('%-9s %9d bytes %6.2f s %5.2f CPU s %7d kB' % (
            report['what'], report['bytes'], report['seconds'], report['cpu_seconds'],
            report['max_rss_kb']))
        return report

    def line(self, message, chat):
        return [l for l in self.sim.dump(chat) if l.get('id') == message][0]


def judge(build, name, prepare):
    command = prepare(build)
    with Simulator(build, '--synth', WORLD) as sim:
        bench = Bench(sim, command)
        source, target = sim.chat(0), sim.chat(1)
        want = len(sim.dump(source))

        for options in ((), ('--two-factor',)):
            got = bench.run('history', *options)
            assert got['dialogs'] >= 2, got
            assert want <= got['messages'] <= want + 10, (want, got)

        out = sim.dir / 'out.bin'
        got = bench.run('download', '--out', out)
        line = bench.line(got['message'], source)
        assert got['dc'] != sim.world['home_dc'], 'the file is not on another DC'
        assert line['media']['sha256'] == sha(out), 'other bytes'

        data = sim.dir / 'in.bin'
        data.write_bytes(b''.join(hashlib.sha512(b'%d' % i).digest() for i in range(SIZE // 64)))
        bench.run('upload', '--chat', 1, '--file', data)
        sent = sim.dump(target)[-1]
        assert sent['media']['sha256'] == sha(data), 'other bytes went up'
        assert sent['text'] == 'sent by ' + name
        print('%s: all as it should be; violations %s' % (
            name, {k: v for k, v in sim.stats()['violations'].items() if v}))

#!/usr/bin/env python3
"""House rules that a compiler does not check. Usage: tests/tidy.py BUILD-DIR

floors    a file includes its own room and lower floors only, by full path
headers   every header compiles alone
globals   no writable data at file scope in the libraries (const tables only)
length    a .c stays under 800 lines
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# A room may include itself and what stands below it.
BELOW = {
    'proto/base': [],
    'proto/crypto': ['proto/base'],
    'proto/wire': ['proto/crypto', 'proto/base'],
    'proto/schema': ['proto/wire', 'proto/base'],
    'proto/session': ['proto/schema', 'proto/wire', 'proto/crypto', 'proto/base'],
    'proto/api': ['proto/schema', 'proto/wire', 'proto/crypto', 'proto/base'],
    'engine/ring': ['proto/base'],
    'engine/slab': ['proto/base'],
    'engine/pace': ['proto/base'],
    'engine/ledger': ['proto/base', 'proto/crypto'],
    'engine/link': ['engine/ring', 'engine/slab', 'proto/session', 'proto/api', 'proto/schema',
                    'proto/wire', 'proto/crypto', 'proto/base'],
    'engine/crew': ['engine/link', 'engine/ring', 'engine/slab', 'proto/api', 'proto/schema',
                    'proto/wire', 'proto/crypto', 'proto/base'],
    'engine/clone': ['engine/crew', 'engine/link', 'engine/ledger', 'engine/pace', 'engine/ring', 'engine/slab',
                     'proto/api', 'proto/schema', 'proto/wire', 'proto/crypto', 'proto/base'],
    'tools/tgclone': ['engine', 'proto'],
    'tools/tgsim': ['engine', 'proto'],
}
# Process-wide by nature, each with its reason.
ALLOWED_DATA = re.compile(r'^(verdict|cpu_\w+|\.\w*|__\w*|_?_?asan\w*|\w*ubsan\w*|\.L\w*)$')
faults = []


def fault(where, what):
    faults.append(f'{where}: {what}')


def sources(pattern):
    for top in ('proto', 'engine', 'tools'):
        yield from sorted((ROOT / top).rglob(pattern))


def room_of(path):
    return '/'.join(path.relative_to(ROOT).parts[:2])


def check_floors(path):
    room = room_of(path)
    allowed = [room] + BELOW.get(room, [])
    for number, line in enumerate(path.read_text().splitlines(), 1):
        m = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not m:
            continue
        target = m.group(1)
        if '/' not in target:
            fault(f'{path.relative_to(ROOT)}:{number}', f'include "{target}" is not a full path')
        elif not any(target.startswith(a + '/') for a in allowed):
            fault(f'{path.relative_to(ROOT)}:{number}', f'{room} may not include {target}')
        elif target.endswith('_priv.h') and not target.startswith(room + '/'):
            fault(f'{path.relative_to(ROOT)}:{number}', f'{target} is private to its room')


def check_header(path, build):
    text = f'#include "{path.relative_to(ROOT)}"\n'
    run = subprocess.run(
        ['gcc', '-std=c17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter',
         '-I', str(ROOT), '-I', str(build), '-fsyntax-only', '-x', 'c', '-'],
        input=text, text=True, capture_output=True, check=False)
    if run.returncode != 0:
        fault(path.relative_to(ROOT), 'does not compile alone: ' + run.stderr.strip().splitlines()[0])


def check_globals(build):
    """By section: const tables that hold pointers sit in .data.rel.ro, read-only after relocation."""
    for lib in sorted(build.rglob('*.a')):
        if 'tests' in lib.parts:
            continue
        out = subprocess.run(['objdump', '-t', str(lib)], text=True, capture_output=True,
                             check=False).stdout
        for line in out.splitlines():
            m = re.match(r'[0-9a-f]{16} .{7} (\.data|\.bss|\*COM\*|\.tdata|\.tbss)(\.\S+)?\s+[0-9a-f]+\s+(\S+)$',
                         line)
            if not m or m.group(2) and m.group(2).startswith(('.rel.ro', '.rel.local')):
                continue
            name = m.group(3)
            if name.startswith('.') or ALLOWED_DATA.match(name.split('.')[0]):
                continue
            fault(lib.name, f'writable data at file scope: {name}')


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / 'build-test').resolve()
    for path in sources('*.[ch]'):
        check_floors(path)
        lines = path.read_text().count('\n')
        if path.suffix == '.c' and lines > 800:
            fault(path.relative_to(ROOT), f'{lines} lines: two rooms')
    for path in sources('*.h'):
        check_header(path, build)
    check_globals(build)
    for line in faults:
        print(line)
    print(f'tidy: {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())

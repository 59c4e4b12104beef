#!/usr/bin/env python3
"""House rules that a compiler does not check. Usage: tests/tidy.py BUILD-DIR

floors    a file includes its own room and lower floors only, by full path
headers   every header compiles alone
globals   no writable data at file scope in the libraries (const tables only)
length    a .c stays under 800 lines
secrets   what is secret is compared in constant time (X6); randomness comes from one place (X7); text of others
          goes to a terminal by one place (H18)
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
# Compared in constant time, always: below session everything, elsewhere what is named so.
SECRET_ROOMS = ('proto/wire', 'proto/session', 'proto/crypto', 'proto/base')
SECRET_WORDS = re.compile(r'msg_key|nonce|auth_key|proof|password|secret|\.key\b|->key\b|\bsha(1|256)\b')
PUBLIC_COMPARES = {
    'proto/base/bytes.h': 'text',
    'proto/crypto/cpu.c': 'names of kernels',
    'proto/crypto/dh.c': 'the known prime',
    'proto/crypto/selftest.c': 'published vectors',
}
RANDOM = re.compile(r'(?<!->)\b(getrandom|getentropy|RAND_\w+|BN_rand\w*|BN_priv_rand\w*|s?rand(om)?(_r)?|[dlm]rand48|'
                    r'arc4random\w*|_rdrand\w*|_rdseed\w*)\s*\(|/dev/u?random')
RANDOM_PLACE = 'engine/ring/posix.c'
TERMINAL = re.compile(r'(?<!->)\b(v?printf|puts|putchar|perror|psignal|herror|error|warnx?|errx?)\s*\(|'
                      r'\b(v?fprintf|fputs|fputc|fwrite)\s*\([^;]*\bstd(out|err)\b')
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


def code_lines(path):
    """Without comments and strings, so that only what is done is looked at; strings of paths stay."""
    text = re.sub(r'/\*.*?\*/', lambda m: '\n' * m.group(0).count('\n'), path.read_text(), flags=re.S)
    for number, line in enumerate(text.splitlines(), 1):
        yield number, re.sub(r'"(?!/dev)[^"\n]*"', '""', line)


# Rows: X6
def check_compares(path):
    where = str(path.relative_to(ROOT))
    if where.startswith('tools/tgsim/'):  # it is the other side, and simulated
        return
    for number, line in code_lines(path):
        if not re.search(r'\b(memcmp|strcmp|strncmp|bcmp)\s*\(', line) or where in PUBLIC_COMPARES:
            continue
        if 'memcmp' in line and where.startswith(SECRET_ROOMS) or SECRET_WORDS.search(line):
            fault(f'{where}:{number}', 'compares what may be secret: bytes_equal_ct')


# Rows: X7
def check_random(path):
    where = str(path.relative_to(ROOT))
    if where == RANDOM_PLACE:
        return
    for number, line in code_lines(path):
        if RANDOM.search(line):
            fault(f'{where}:{number}', f'randomness of its own: ring_random ({RANDOM_PLACE})')


# Rows: H18 H19
def check_terminal(path):
    """In the program everything for people goes through term.c."""
    where = str(path.relative_to(ROOT))
    if not where.startswith(('tools/tgclone/', 'engine/', 'proto/')) or \
            where in ('tools/tgclone/term.c', 'proto/base/check.c'):  # check.c says the program's own words
        return
    for number, line in code_lines(path):
        if TERMINAL.search(line):
            fault(f'{where}:{number}', 'writes to the terminal past term.c')


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / 'build-test').resolve()
    for path in sources('*.[ch]'):
        check_floors(path)
        check_compares(path)
        check_random(path)
        check_terminal(path)
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

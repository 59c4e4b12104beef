#!/usr/bin/env python3
"""tlgen.py refuses every mistake a line can have, and says where it stands."""

import os
import subprocess
import sys
import tempfile
import zlib

TLGEN = sys.argv[1]
FILES = sys.argv[2:]


def run(text, *options):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "some.tl")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        r = subprocess.run([sys.executable, TLGEN, *(options or ["--check"]), path],
                           capture_output=True, text=True, check=False)
        return r.returncode, r.stdout, r.stderr.replace(path, "some.tl")


def line(text, mark=""):
    """A line with the id that belongs to it. Only vectors of its text need the normal form."""
    ident = zlib.crc32(text.replace("<", " ").replace(">", "").encode())
    return text.replace(" ", f"#{ident:08x} ", 1) + ";" + mark + "\n"


BASE = line("boolTrue = Bool") + line("boolFalse = Bool")
CASES = [
    # what is wrong, the text, where and what is said
    ("a wrong digit", BASE + "peerUser#59511723 user_id:long = Peer;",
     "some.tl:3: peerUser#59511723 should be #59511722"),
    ("a field changed", BASE + "peerUser#59511722 user_id:int = Peer;", "some.tl:3: peerUser"),
    ("one id twice", BASE + line("boolTrue = Bool"), "id 997275b5 is also at some.tl:"),
    ("a type nobody makes", BASE + line("a x:Nothing = A"), "some.tl:3: a names Nothing"),
    ("a bare constructor nobody makes", BASE + line("a x:nothing = A"),
     "some.tl:3: a names nothing"),
    ("a result nobody makes", BASE + "---functions---\n" + line("a x:int = A"),
     "some.tl:4: a names A"),
    ("a type gone in some layer", BASE + line("a x:B = A") + line("b x:int = B", " // -200"),
     "some.tl:3: a names B, which layer 201 does not have"),
    ("two forms from one layer",
     BASE + line("a x:int = A", " // 150-") + line("a x:long = A", " // 150-"), "begin in one layer"),
    ("a type for each form", BASE + line("a x:int = A") + line("a y:int = B", " // -200"),
     "has several types"),
    ("two names in C", BASE + line("a.b x:int = A") + line("a_b x:int = B"), "are one C name"),
    ("no combinator", BASE + "hello there\n", "some.tl:3: not a combinator"),
    ("no flag word", BASE + line("a x:flags.0?int = A"), "no flag word for x"),
    ("a vector of truth", BASE + line("a x:Vector<Bool> = A"), "some.tl:3: a: vector of Bool"),
    ("a vector of vectors", BASE + line("a x:Vector<Vector<int>> = A"), "some.tl:3: a: vector of"),
    ("a mark that is none", BASE + line("a x:int = A", " // layer 150"),
     "some.tl:3: not a combinator"),
]


def main():
    failed = []
    for what, text, said in CASES:
        code, _, err = run(text)
        if code == 0 or said not in err:
            failed.append(f"{what}: exit {code}, said {err!r}")
    code, out, err = run(BASE + line("a x:int = A", " // -200") + line("a x:long = A", " // 201-"))
    if code != 0 or not out.startswith("4 lines"):
        failed.append(f"sound lines: exit {code}, {out!r} {err!r}")
    code, out, _ = run(BASE + line("a x:int = A", " // 150-"), "--list", "149")
    if code != 0 or " a\n" in out or "boolTrue" not in out:
        failed.append(f"--list: exit {code}, {out!r}")
    # The real lines, with one type in one line changed: found, and by its place.
    with open(FILES[0], encoding="utf-8") as f:
        rows = f.read().split("\n")
    at = next(i for i, row in enumerate(rows) if ":int " in row)
    rows[at] = rows[at].replace(":int ", ":long ", 1)
    code, _, err = run("\n".join(rows))
    if code == 0 or f"some.tl:{at + 1}: " not in err:
        failed.append(f"a real line changed: exit {code}, {err!r}")
    print("\n".join(failed) or f"{len(CASES) + 3} cases")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Refuses AVX in the objects that hold SHA instructions.

usage: no_ymm.py OBJDUMP LIBRARY...

Those instructions exist in legacy encoding only; beside dirty upper halves of ymm registers each
switch costs hundreds of cycles. So no ymm register, and no VEX-encoded form at all, may appear there.
"""
import re
import subprocess
import sys


def main():
    objdump, libraries = sys.argv[1], sys.argv[2:]
    bad = 0
    for library in libraries:
        text = subprocess.run([objdump, "-d", "--no-show-raw-insn", library],
                              check=True, capture_output=True, text=True).stdout
        if "sha256rnds2" not in text:
            sys.exit(f"{library}: no SHA instructions found: this check looks at the wrong file")
        for line in text.splitlines():
            fields = line.split("\t")
            if len(fields) > 1 and (re.search(r"%[yz]mm", line) or re.match(r"v[a-z]", fields[1])):
                if not re.match(r"ver[rw]\b", fields[1]):
                    print(f"{library}: {line.strip()}")
                    bad += 1
    if bad or not libraries:
        sys.exit(f"{bad} AVX instructions beside SHA instructions")


main()

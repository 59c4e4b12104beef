#!/usr/bin/env python3
"""Makes the C tables of the schema from the lines in proto/schema/*.tl.

    tlgen.py --names tl_names.h --tables tl_tables.c FILE.tl ...
    tlgen.py --check FILE.tl ...          only the checks
    tlgen.py --list LAYER FILE.tl ...     what a layer has: id, kind and name, one a line

Every line is checked before anything is written: its id must be the CRC-32 of its text, no id may
occur twice, and in each layer that a line holds for, every type it names must have a constructor.
A line may end in a comment that gives the first and last layer it holds for (either may be left
out: `// -200`, `// 201-`). Where two forms of a name overlap, the one that came later is meant.
`// rename OLD NEW` on a line of its own gives a name or type of that file another name in the
tables, after the id was checked.
"""

import argparse
import re
import sys
import zlib

LAYER_MAX = 65535
LINE = re.compile(r"([A-Za-z][\w.]*)#([0-9a-f]{8}) ((?:\S+ )*)= ([A-Za-z][\w.]*(?:<[\w.]+>)?);"
                  r"(?: // (\d*)-(\d*))?$")
ARG = re.compile(r"(\w+):(?:(\w+)\.(\d+)\?)?(\S+)$")
SCALARS = {"int": "INT", "long": "LONG", "double": "DOUBLE", "string": "BYTES", "bytes": "BYTES",
           "int128": "INT128", "int256": "INT256", "Bool": "BOOL", "true": "TRUE", "#": "WORD"}
ANY = {"Object", "X", "!X"}
# What a vector's elements may be.
ELEMENTS = {"INT", "LONG", "DOUBLE", "BYTES", "OBJ", "ANY", "BARE"}
# Places a value takes in an object, in units of 8 bytes.
SLOTS = {"TRUE": 0, "BYTES": 2, "INT128": 2, "INT256": 2, "MIXED": 3}


class Fault(Exception):
    """A line that cannot be used; says where it stands."""


class Field:
    """One field of one form, as it is on the wire."""

    def __init__(self, name, word, bit, kind, elem=None, ref=None):
        self.name, self.word, self.bit = name, word, bit
        self.kind, self.elem, self.ref = kind, elem, ref


class Form:
    """One line: a constructor or method as it is in some layers."""

    def __init__(self, where, name, ident, fields, result, method, layers):
        self.where, self.name, self.id, self.fields = where, name, ident, fields
        self.result, self.method, self.layers = result, method, layers

    def holds(self, layer):
        return self.layers[0] <= layer <= self.layers[1]


class Name:
    """All forms of one name, newest first, and the union of their fields, sorted by name."""

    def __init__(self, name):
        self.name, self.forms, self.fields = name, [], {}

    @property
    def method(self):
        return self.forms[0].method if self.forms else False

    def form(self, layer):
        return next((f for f in self.forms if f.holds(layer)), None)


def crc_of(line):
    """The id of a line: CRC-32 of its text without the id, true flags and brackets."""
    text = re.sub(r"#[0-9a-f]+", "", line.split(";")[0], count=1)
    text = re.sub(r" \w+:\w+\.\d+\?true\b", "", text)
    text = re.sub(r"([:?])bytes ", r"\1string ", text)
    text = text.replace("<", " ").translate(str.maketrans("", "", ">{}"))
    return zlib.crc32(text.encode()) & 0xFFFFFFFF


def kind_of(text, rename):
    """A type as written -> (kind, element kind, name of the type or bare constructor)."""
    vector = re.fullmatch(r"([Vv])ector<(.+)>", text)
    if vector:
        kind, elem, ref = kind_of(vector.group(2), rename)
        if elem or kind not in ELEMENTS:
            raise ValueError("vector of " + vector.group(2))
        return ("VECTOR" if vector.group(1) == "V" else "BARE_VECTOR"), kind, ref
    if text in SCALARS:
        return SCALARS[text], None, None
    if text in ANY:
        return "ANY", None, None
    text = rename.get(text, text)
    bare = text.startswith("%") or text.split(".")[-1][0].islower()
    return ("BARE" if bare else "OBJ"), None, text.lstrip("%")


def parse_fields(args, rename):
    fields, words = [], {}
    for arg in args.split():
        if arg.startswith("{"):
            continue
        m = ARG.match(arg)
        if not m:
            raise ValueError("field " + arg)
        name, word, bit, text = m.groups()
        if word is not None and word not in words:
            raise ValueError("no flag word for " + arg)
        kind, elem, ref = kind_of(text, rename)
        if kind == "WORD":
            words[name] = len(words) + 1
            fields.append(Field(name, 0, words[name], "WORD"))
        else:
            fields.append(Field(name, words.get(word, 0), int(bit or 0), kind, elem, ref))
    if len(words) > 3:
        raise ValueError("more flag words than the decoder holds")
    return fields


def parse_line(line, where, method, rename):
    m = LINE.match(line)
    if not m:
        raise Fault(f"{where}: not a combinator: {line[:60]}")
    name, ident, args, result, first, last = m.groups()
    if crc_of(line) != int(ident, 16):
        raise Fault(f"{where}: {name}#{ident} should be #{crc_of(line):08x}")
    layers = (int(first or 0), int(last or LAYER_MAX))
    try:
        return Form(where, rename.get(name, name), int(ident, 16), parse_fields(args, rename),
                    kind_of(result, rename), method, layers)
    except ValueError as e:
        raise Fault(f"{where}: {name}: {e}") from e


def parse_file(path):
    method, rename, forms = False, {}, []
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.strip()
            if line in ("---functions---", "---types---"):
                method = line == "---functions---"
            elif m := re.fullmatch(r"// rename (\S+) (\S+)", line):
                rename[m.group(1)] = m.group(2)
            elif line and not line.startswith("//"):
                forms.append(parse_line(line, f"{path}:{number}", method, rename))
    return forms


class Schema:
    def __init__(self, paths):
        self.forms = sorted((f for p in paths for f in parse_file(p)), key=lambda f: f.id)
        for a, b in zip(self.forms, self.forms[1:]):
            if a.id == b.id:
                raise Fault(f"{b.where}: id {b.id:08x} is also at {a.where}")
        self.names = {}
        for f in self.forms:
            self.names.setdefault(f.name, Name(f.name)).forms.append(f)
        self.names["vector"] = Name("vector")
        self.names = dict(sorted(self.names.items()))
        self.check_names()
        for n in self.names.values():
            n.forms.sort(key=lambda f: -f.layers[0])
            unite(n)
        self.names["vector"].fields["items"] = Union("items", "VECTOR", None, None)
        self.types = self.sum_types()
        self.check_references()

    def check_names(self):
        seen = {}
        for n in self.names.values():
            c = n.name.replace(".", "_")
            if c in seen:
                raise Fault(f"{n.forms[0].where}: {n.name} and {seen[c]} are one C name")
            seen[c] = n.name
            kinds = {(f.method, None if f.method else f.result[2]) for f in n.forms}
            if len(kinds) > 1:
                raise Fault(f"{n.forms[0].where}: {n.name} has several types: {kinds}")
            firsts = [f.layers[0] for f in n.forms]
            if len(set(firsts)) != len(firsts):
                raise Fault(f"{n.forms[0].where}: two forms of {n.name} begin in one layer")

    def sum_types(self):
        types = {"Vector": ["vector"], "Bool": []}
        for n in self.names.values():
            for f in n.forms:
                ref = f.result[2]
                if f.method:
                    continue
                if f.result[0] == "ANY":
                    ref = "Object"
                elif f.result[0] == "BOOL":
                    ref = "Bool"
                elif f.result[0] == "TRUE":
                    ref = "True"
                if n.name not in types.setdefault(ref, []):
                    types[ref].append(n.name)
        return dict(sorted(types.items()))

    def layers(self):
        edges = {f.layers[0] for f in self.forms} | {f.layers[1] + 1 for f in self.forms}
        return sorted(e for e in edges if e <= LAYER_MAX)

    def check_references(self):
        """In every layer, every type that a line of that layer names has a constructor there."""
        for layer in self.layers():
            there = {t for t, names in self.types.items()
                     if any(self.names[n].form(layer) for n in names)}
            for n in self.names.values():
                f = n.form(layer)
                for kind, elem, ref in [] if f is None else [f.result] + [
                        (x.kind, x.elem, x.ref) for x in f.fields]:
                    what = elem or kind
                    known = ref in there if what == "OBJ" else ref in self.names
                    if what in ("OBJ", "BARE") and not known:
                        raise Fault(f"{f.where}: {n.name} names {ref}, "
                                    f"which layer {layer} does not have")


class Union:
    """A field over all forms of its name: where it is kept in an object, and as what."""

    def __init__(self, name, kind, elem, ref):
        self.name, self.kind, self.elem, self.ref = name, kind, elem, ref


def unite(name):
    found = {}
    for form in name.forms:
        for f in form.fields:
            if f.kind != "WORD":
                found.setdefault(f.name, []).append(f)
    for text, fields in sorted(found.items()):
        kinds = {"VECTOR" if f.kind == "BARE_VECTOR" else "OBJ" if f.kind == "BARE" else f.kind
                 for f in fields}
        if kinds == {"BOOL", "TRUE"}:
            kinds = {"BOOL"}
        kind = kinds.pop() if len(kinds) == 1 else "MIXED"
        elems = {"OBJ" if f.elem == "BARE" else f.elem for f in fields if f.elem}
        refs = {f.ref if "BARE" not in (f.kind, f.elem) else None for f in fields}
        name.fields[text] = Union(text, kind, elems.pop() if len(elems) == 1 else None,
                                  refs.pop() if len(refs) == 1 else None)


def least_sizes(schema):
    """Fewest bytes of a constructor: what stands in for a required object that is absent."""
    size = {n: 1 << 30 for n in schema.names}
    fixed = {"INT": 4, "LONG": 8, "DOUBLE": 8, "BYTES": 4, "INT128": 16, "INT256": 32, "BOOL": 4,
             "WORD": 4, "VECTOR": 8, "BARE_VECTOR": 4, "TRUE": 0, "ANY": 1 << 20}

    def of(f):
        if f.kind == "OBJ":
            return min(size[n] for n in schema.types[f.ref])
        return size[f.ref] if f.kind == "BARE" else fixed[f.kind]

    while True:
        new = {n: min(1 << 30, max(4 + sum(of(f) for f in form.fields if f.word == 0)
                                   for form in name.forms)) if name.forms else 8
               for n, name in schema.names.items()}
        if new == size:
            return size
        size = new


def c_name(prefix, text):
    return prefix + "_" + text.replace(".", "_")


class Tables:
    """Indices of everything, and the C text of the tables."""

    def __init__(self, schema):
        self.s = schema
        self.name_no = {n: i for i, n in enumerate(schema.names, 1)}
        self.type_no = {t: i for i, t in enumerate(schema.types, 1)}
        fields = {f for n in schema.names.values() for f in n.fields}
        self.field_no = {f: i for i, f in enumerate(sorted(fields), 1)}
        self.form_no = {f.id: i for i, f in enumerate(schema.forms)}

    def ref_no(self, kind, elem, ref):
        if ref is None:
            return {"BOOL": self.type_no["Bool"], "TRUE": self.type_no.get("True", 0)}.get(kind, 0)
        return self.name_no[ref] if "BARE" in (kind, elem) else self.type_no[ref]

    def names_h(self):
        out = ["/* Made by tools/tlgen.py from proto/schema: every name of the schema, in C. */",
               "#ifndef TGCLONE_SCHEMA_TL_NAMES_H", "#define TGCLONE_SCHEMA_TL_NAMES_H", ""]
        for tag, prefix, numbers in (("tlc", "TLC", self.name_no), ("tlf", "TLF", self.field_no),
                                     ("tlt", "TLT", self.type_no)):
            out.append(f"enum {tag} {{\n\t{prefix}_none = 0,")
            out += [f"\t{c_name(prefix, text)}," for text in numbers]
            out.append(f"\t{prefix}_COUNT\n}};\n")
        out.append("#endif")
        return "\n".join(out) + "\n"

    def tables_c(self):
        out = ["/* Made by tools/tlgen.py from proto/schema; tlobj_priv.h says what the rows mean. */",
               '#include "proto/schema/tlobj_priv.h"', ""]
        out += self.form_rows() + self.name_rows() + self.type_rows() + self.bucket_rows()
        texts = ['""'] + [f'"{f}"' for f in self.field_no]
        out += table("const char *const tl_field_texts[]", texts)
        return "\n".join(out) + "\n"

    def form_rows(self):
        forms, fields = [], []
        for f in self.s.forms:
            kind, elem, ref = f.result
            union = list(self.s.names[f.name].fields)
            row = [f"0x{f.id:08x}u", self.name_no[f.name], len(fields), len(f.fields), *f.layers,
                   k(kind), k(elem), self.ref_no(kind, elem, ref)]
            forms.append("{" + ", ".join(map(str, row)) + "}")
            for x in f.fields:
                place = 0 if x.kind == "WORD" else union.index(x.name)
                row = [k(x.kind), k(x.elem), place, x.word, x.bit,
                       self.ref_no(x.kind, x.elem, x.ref)]
                fields.append("{" + ", ".join(map(str, row)) + "}")
        if len(fields) >= 1 << 16:
            raise Fault("more fields than 16 bits count")
        return (table("const struct tl_form tl_forms[]", forms)
                + [f"const uint32_t tl_form_count = {len(forms)};", ""]
                + table("const struct tl_part tl_parts[]", fields))

    def name_rows(self):
        names, fields, order = ['{"", 0, 0, 0, 0, 0, 0, false}'], [], []
        for n in self.s.names.values():
            first, slots = len(fields), 0
            for u in n.fields.values():
                row = [self.field_no[u.name], self.ref_no(u.kind, u.elem, u.ref), k(u.kind),
                       k(u.elem), slots]
                fields.append("{" + ", ".join(map(str, row)) + "}")
                slots += SLOTS.get(u.kind, 1)
            if len(n.fields) > 128 or slots > 255:
                raise Fault(f"{n.name} has more fields than an object holds")
            result = n.forms[0].result if n.forms else ("VECTOR", None, None)
            type_no = self.type_no["Vector"] if result[0] == "VECTOR" else \
                self.type_no["Object"] if result[0] == "ANY" else self.ref_no(*result)
            row = [f'"{n.name}"', type_no, first, len(order), len(n.fields), slots, len(n.forms),
                   "true" if n.method else "false"]
            names.append("{" + ", ".join(map(str, row)) + "}")
            order += [self.form_no[f.id] for f in n.forms]
        return (table("const struct tl_name tl_names[]", names)
                + table("const struct tl_member tl_members[]", fields)
                + table("const uint16_t tl_form_order[]", order))

    def type_rows(self):
        sizes = least_sizes(self.s)
        rows, cons = ['{"", 0, 0}'], []
        for t, names in self.s.types.items():
            finite = [n for n in names if sizes[n] < 1 << 20]
            finite.sort(key=lambda n: ("Empty" not in n, sizes[n], n))
            rows.append(f'{{"{t}", {len(cons)}, {len(finite)}}}')
            cons += [self.name_no[n] for n in finite]
        return (table("const struct tl_type tl_types[]", rows)
                + table("const uint16_t tl_stand_ins[]", cons))

    def bucket_rows(self):
        starts, at = [], 0
        for b in range(1025):
            while at < len(self.s.forms) and self.s.forms[at].id >> 22 < b:
                at += 1
            starts.append(at)
        return table("const uint16_t tl_buckets[]", starts)


def k(kind):
    return "TL_K_" + (kind or "NONE")


def table(head, rows):
    return [head + " = {"] + [f"\t{r}," for r in rows] + ["};", ""]


def list_layer(schema, layer):
    for n in schema.names.values():
        f = n.form(layer)
        if f is not None:
            print(f"{f.id:08x} {'method' if f.method else 'constructor'} {n.name}")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("--names", help="C header to write")
    ap.add_argument("--tables", help="C file to write")
    ap.add_argument("--check", action="store_true", help="check only")
    ap.add_argument("--list", type=int, metavar="LAYER")
    ap.add_argument("files", nargs="+")
    args = ap.parse_args()
    try:
        schema = Schema(sorted(args.files))
        tables = Tables(schema)
        texts = [(args.names, tables.names_h()), (args.tables, tables.tables_c())]
    except Fault as e:
        sys.exit(f"tlgen: {e}")
    for path, text in texts:
        if path:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
    if args.list is not None:
        list_layer(schema, args.list)
    if args.check:
        print(f"{len(schema.forms)} lines, {len(schema.names)} names, {len(schema.types)} types")


if __name__ == "__main__":
    main()

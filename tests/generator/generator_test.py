#!/usr/bin/env python3
"""Goal: a mistake in a .types file is named with its place, and what the generator writes is the same each time.

Method: generate.py is run, in this process, on small schemas, right ones and wrong ones.
"""
import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

SOURCE = Path(__file__).resolve().parents[2] / "src/mina/messages"
SCHEMA = SOURCE / "schema"
sys.path.insert(0, str(SOURCE / "generator"))

import generate  # noqa: E402  # pylint: disable=wrong-import-position
GROUP = "group g: things\n"
ROOT = "root R r = A\n"


class Run:
    def __init__(self, types: str | None, edits: str | None = None, arguments: tuple[str, ...] = ()):
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for name, text in (("t.types", types), ("t.edits", edits)):
                if text is not None:
                    Path(folder, name).write_text(text, encoding="utf-8")
                    files.append(f"{folder}/{name}")
            command = ["generate.py", "--out", f"{folder}/out", *(arguments or [f"t={','.join(files)}"])]
            out, err = io.StringIO(), io.StringIO()
            with mock.patch("sys.argv", command), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                self.status = generate.main()
            self.said = err.getvalue().replace(folder + "/", "")
            self.printed = out.getvalue()
            written = Path(folder, "out")
            self.files = {path.relative_to(written).as_posix(): path.read_text()
                          for path in written.rglob("*") if path.is_file()}


class RightSchemas(unittest.TestCase):
    def accepted(self, body: str, edits: str | None = None) -> Run:
        run = Run(GROUP + body + ROOT, edits)
        self.assertEqual((run.status, run.said), (0, ""), body)
        return run

    def test_types_of_every_kind(self):
        run = self.accepted(
            "@a:1 A = {unit: unit, flag: bool, letter: char, text: str, number: f64, short: i32, long: i64 as fee,\n"
            "    int: int, field: F as state_hash, scalar: Fq, maybe: opt<i32>, many: list<B>, array: array<F>,\n"
            "    three: vec3<C>}\n"
            "B as array = <One(i32) | Two(F, str) | None>\n"
            "C = [`Near | `Far]\n")
        self.assertEqual(sorted(run.files), ["t/g.cpp", "t/g.h", "t/registry.cpp", "t/tables.cpp"])
        self.assertIn("struct A {", run.files["t/g.h"])
        self.assertIn("enum class C", run.files["t/g.h"])

    def test_recursive_types_of_both_kinds(self):
        self.accepted("A = {call: i32, calls: list<A>, end: unit}\n")
        self.accepted("A = <Leaf(str) | Hash(F) | Node(F, A, A)>\n")

    def test_elements_of_two_fields_are_told_apart(self):
        run = self.accepted("A = {p: list<(x: F, y: F)>, same: list<(x: F, y: F)>, q: list<(x: Fq, y: Fq)>,\n"
                            "    mixed: list<(F, F, Fq)>}\n")
        self.assertIn("using ASameItem = APItem;", run.files["t/g.h"])
        self.assertIn("struct AQItem {", run.files["t/g.h"])
        for statement in ("reader.note_fields<Modulus::p>(p2, count1 * 2);",
                          "reader.note_fields<Modulus::q>(p6, count5 * 2);",
                          "reader.note_fields<Modulus::p>(at, 2);", "reader.note_fields<Modulus::q>(at + 64, 1);"):
            self.assertEqual(run.files["t/g.cpp"].count(statement), 1, statement)

    def test_comments_and_lines_that_go_on(self):
        self.accepted("# A comment.\nA = {a: i32,  # of a\n    b: i64}\n\n")

    def test_edits_replace_and_add(self):
        edits = "A = {a: i64, b: B}\ngroup g: things\nB = {c: str}\nroot S s = B\n"
        run = self.accepted("A = {a: i32}\n", edits)
        self.assertIn("std::uint64_t a = 0;", run.files["t/g.h"])
        self.assertIn("codec_of<t::B>(),  // s", run.files["t/registry.cpp"])

    def test_what_no_root_reaches_falls_away(self):
        run = self.accepted("A = {a: i32}\nB = {b: str}\n")
        self.assertNotIn("struct B", run.files["t/g.h"])

    def test_the_same_text_each_time(self):
        formats = (f"berkeley={SCHEMA}/berkeley.types", f"mesa={SCHEMA}/berkeley.types,{SCHEMA}/mesa.edits",
                   f"arrays={SCHEMA}/berkeley.types,{SCHEMA}/mesa.edits,{SCHEMA}/mesa_array_inputs.edits")
        runs = [Run(None, arguments=formats) for _ in range(2)]
        self.assertEqual(runs[0].status, 0, runs[0].said)
        self.assertEqual(runs[0].files, runs[1].files)
        listed = Run(None, arguments=("--list", *formats))
        self.assertEqual(listed.status, 0)
        self.assertEqual(listed.files, {})
        names = {line.split("/out/")[1] for line in listed.printed.splitlines()}
        self.assertEqual(names, {name for name in runs[0].files if name.endswith(".cpp")})

    def test_what_an_earlier_format_has_is_not_written_again(self):
        formats = (f"berkeley={SCHEMA}/berkeley.types", f"mesa={SCHEMA}/berkeley.types,{SCHEMA}/mesa.edits")
        files = Run(None, arguments=formats).files
        self.assertIn("using ProtocolState = berkeley::ProtocolState;", files["mesa/protocol_state.h"])
        self.assertNotIn("mesa/protocol_state.cpp", files)


class WrongSchemas(unittest.TestCase):
    def refused(self, text: str, said: str, edits: str | None = None) -> None:
        run = Run(text, edits)
        self.assertEqual(run.status, 1, text)
        self.assertEqual(run.said, f"generate.py: {said}\n", text)
        self.assertEqual(run.files, {}, text)

    def wrong(self, body: str, said: str) -> None:
        self.refused(GROUP + body + "\n" + ROOT, said)

    def test_brackets_and_names_that_are_missing(self):
        self.wrong("A = {a: i32", 't.types:2: "}" is wanted at ""')
        self.wrong("A = list", 't.types:2: "<" is wanted at ""')
        self.wrong("A = list<i32", 't.types:2: ">" is wanted at ""')
        self.wrong("A = [A | B]", 't.types:2: "`" is wanted at "A | B]"')
        self.wrong("A = {i32}", 't.types:2: the name of a member is wanted at "i32}"')
        self.wrong("A = {}", 't.types:2: the name of a member is wanted at "}"')
        self.wrong("A = <>", 't.types:2: a name is wanted at ">"')
        self.wrong("A = <a | B>", 't.types:2: a name is wanted at "a | B>"')
        self.wrong("A = {a: i32} x", 't.types:2: nothing more is wanted at "x"')

    def test_statements_that_are_none(self):
        self.wrong("hello", "t.types:2: neither a group, a root nor a definition")
        self.wrong("a = {a: i32}", "t.types:2: neither a group, a root nor a definition")
        self.wrong("A = {a: i32}\nroot R = A", "t.types:3: neither a group, a root nor a definition")

    def test_the_line_where_a_long_statement_begins(self):
        self.wrong("# Here.\n\nA = {a: i32,\n    b: i32,\n    C: i32}",
                   't.types:4: the name of a member is wanted at "C: i32}"')

    def test_types_that_are_unknown(self):
        self.wrong("A = {a: i16}", "t: no type i16, which A has in it")
        self.wrong("A = {a: vec0<i32>}", 't.types:2: "}" is wanted at "<i32>}"')
        self.refused(GROUP + "A = {a: i32}\nroot R r = B\n", "t: no type B, which r has in it")

    def test_forms_that_are_unknown_or_of_other_kinds(self):
        self.wrong("A = {a: i32 as blub}", "t.types:2: no form is called blub")
        self.wrong("A as blub = {a: i32}", "t.types:2: no form is called blub")
        self.wrong("A as memo = {a: i32}", "t.types:2: the form memo is not one of a record")
        self.wrong("A = {a: i32 as state_hash}", "t.types:2: the form state_hash is not one of a i32")
        self.wrong("A = {a: list<F> as array}", "t.types:2: the form array is not one of a list")

    def test_names_that_stand_twice(self):
        self.wrong("A = {a: i32, a: i64}", "t.types:2: a stands twice in one type")
        self.wrong("A = <X | Y | X>", "t.types:2: X stands twice in one type")
        self.wrong("A = {a: i32}\nA = {a: i64}", "t.types:3: the type A stands twice in this file")
        self.wrong("A = {a: i32}\nroot R r = F", "t.types:4: the root r stands twice in this file")

    def test_new_definitions_outside_of_a_group(self):
        self.refused("A = {a: i32}\n" + ROOT, "t.types:1: A is new, and a new definition stands in a group")
        self.refused(GROUP + "A = {a: i32}\n" + ROOT, "t.edits:1: B is new, and a new definition stands in a group",
                     "@b:1 B = {a: i32}\n")

    def test_recursion_that_has_no_codec(self):
        for body in ("A = {a: A}", "A = {a: opt<A>}", "A = {a: list<A>, b: list<A>}", "A = <L(F) | N(A, A)>",
                     "A = {a: list<opt<A>>}", "A = B\nB = A", "A = <L(F) | H(str) | N(str, A, A)>"):
            self.wrong(body, "t: A is recursive in a way that is not known")

    def test_what_has_no_layout(self):
        self.wrong("A = (i32, i32, i32, i32, i32)", "t: the members of A want names: they are more than 4")
        self.wrong("A = {a: list<f64>}", "t: AA has several f64 side by side, which is not known")
        self.wrong("A = {a: vec2<f64>}", "t: AA has several f64 side by side, which is not known")

    def test_files_that_are_not_there(self):
        for format_, file in (("t=/nowhere/a.types", "/nowhere/a.types"), ("t", "a file without a name")):
            run = Run(None, arguments=(format_,))
            self.assertEqual(run.status, 1)
            self.assertEqual(run.said, f"generate.py: t: {file}: No such file or directory\n")


if __name__ == "__main__":
    unittest.main()

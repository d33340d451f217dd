#!/usr/bin/env python3
"""tidy.py finds what it is there to find. Method: a small tree with one offence at a time."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from cpp_text import blank, functions

TIDY = Path(__file__).with_name("tidy.py")
GOOD = {
    "src/CMakeLists.txt": "foreach(folder\n    base\n    libp2p/ping libp2p/echo\n    runtime)\nendforeach()\n",
    "src/base/CMakeLists.txt": "minap2p_library(base)\n",
    "src/base/base.h": "// base.\n#pragma once\n\nint f();\n",
    "src/libp2p/ping/CMakeLists.txt": "minap2p_library(libp2p_ping DEPS base)\n",
    "src/libp2p/ping/ping.h": '// ping.\n#pragma once\n\n#include "base/base.h"\n',
    "src/libp2p/ping/ping.cpp": '#include "libp2p/ping/ping.h"\n\nint f() {\n    return 1;\n}\n',
    "src/libp2p/echo/CMakeLists.txt": "minap2p_library(libp2p_echo DEPS base)\n",
    "src/libp2p/echo/echo.h": "// echo.\n#pragma once\n",
    "src/runtime/CMakeLists.txt": "minap2p_library(runtime EDGE DEPS base)\n",
    "src/runtime/runtime.h": "// runtime.\n#pragma once\n\n#include <sys/socket.h>\n",
    "README.md": "# Title\n",
}
PING = "src/libp2p/ping/ping.cpp"


def tidy_of(changes: dict[str, str | None]) -> tuple[int, str]:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (GOOD | changes).items():
            if text is not None:
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        command = [sys.executable, str(TIDY), "--root", folder]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout + ran.stderr


class Tidy(unittest.TestCase):
    def refuses(self, path: str, text: str | None, words: str) -> None:
        status, output = tidy_of({path: text})
        self.assertEqual(status, 1, output)
        self.assertIn(words, output)

    def test_accepts_a_clean_tree(self) -> None:
        status, output = tidy_of({})
        self.assertEqual(status, 0, output)

    def test_limits(self) -> None:
        self.refuses(PING, "int a;" + " " * 120 + "int b;\n", "columns")
        self.refuses(PING, "int a;\n" * 601, "601 lines")
        self.refuses(PING, "int f() {\n" + "    g();\n" * 60 + "}\n", "f has 62 lines")

    def test_the_ratchet_lets_old_lengths_stay_and_no_more(self) -> None:
        long = {PING: "int f() {\n" + "    g();\n" * 60 + "}\n"}
        ratchet = "tests/tidy/ratchet.txt"
        self.assertEqual(tidy_of(long | {ratchet: f"function {PING} f 62\n"})[0], 0)
        self.assertEqual(tidy_of(long | {ratchet: f"function {PING} f 61\n"})[0], 1)

    def test_arrows(self) -> None:
        self.refuses(PING, '#include "libp2p/echo/echo.h"\n', "does not depend on libp2p/echo")
        self.refuses(PING, 'auto name = "/mina/1";\n', "names Mina")
        self.refuses("src/libp2p/ping/CMakeLists.txt", "minap2p_library(libp2p_ping DEPS runtime)\n", "arrows")
        self.refuses("src/libp2p/ping/CMakeLists.txt", "minap2p_library(libp2p_ping DEPS libp2p_echo)\n",
                     "protocols do not depend")

    def test_public_headers_and_examples_know_nothing_inside(self) -> None:
        header = "src/base/include/minap2p/x.h"
        good = "// x.\n#pragma once\n\n#include <minap2p/y.h>\n\n#include <vector>\n"
        self.assertEqual(tidy_of({header: good})[0], 0)
        self.refuses(header, good + '#include "base/base.h"\n', "outer")
        self.refuses("examples/x.cpp", "#include <base/base.h>\n", "outer")

    def test_the_outside_stays_outside(self) -> None:
        self.refuses(PING, "#include <sys/socket.h>\n", "outside")
        self.refuses(PING, "#include <thread>\n", "outside")

    def test_headers(self) -> None:
        self.refuses("src/libp2p/ping/ping.h", "#pragma once\nusing namespace std;\n", "using namespace")
        self.refuses("src/libp2p/ping/ping.h", "#pragma once\nint a = std::visit(f, v);\n", "std::visit")
        self.refuses("src/libp2p/ping/ping.h", "int a;\n", "#pragma once")
        self.refuses("src/libp2p/echo/echo.h", None, "front door")

    def test_names(self) -> None:
        self.refuses(PING, "int peer_manager = 0;\n", "says nothing")
        self.refuses(PING, "void process_frame();\n", "says nothing")
        self.refuses("src/libp2p/ping/ping_util.cpp", "int a;\n", "says nothing")

    def test_texts(self) -> None:
        self.refuses(PING, "int a; \n", "spaces")
        self.refuses(PING, "<<<<<<< HEAD\n", "merge")
        self.refuses(PING, "// FIX" + "ME\n", "fixme")
        self.refuses(PING, "// TO" + "DO: later\n", "todo")
        self.refuses("README.md", "# One\n\n# Two\n", "2 headings")
        self.refuses("README.md", "# One\n\n[gone](gone.md)\n", "gone.md does not exist")

    def test_functions_are_measured(self) -> None:
        source = """
            A::A()
                : a_{1}, b_(2) {
                if (x) { y("}"); }
            }
            struct S {
                int g() const { return 1; }
                void h() {
                    i();
                }
            };"""
        found = {function.name: function.lines for function in functions(blank(source))}
        self.assertEqual((found["g"], found["h"]), (1, 3))

    def test_comments_and_literals_are_no_code(self) -> None:
        source = "a(1'000); // b\n/* c\n d */ 'e' \"f\" R\"(g\n)\" h"
        self.assertEqual(blank(source).split(), ["a(1'000);", "h"])
        self.assertEqual(len(blank(source)), len(source))


if __name__ == "__main__":
    unittest.main()

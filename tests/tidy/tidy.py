#!/usr/bin/env python3
"""Checks the rules of docs/STYLE.md that a program can check: tidy.py [--report] [--ratchet] [--root DIR]

One line an offence, "file:line: rule: what"; 0 when there is none. --report lists how often each folder
cites its specifications (`// spec:`), marks deviations (`// mina:`), and its longest function and file.

Long lines and long functions that were there before the limit stand in ratchet.txt: they may stay until
they are touched, and none may be added. --ratchet writes that file anew, after improvements.
"""
import argparse
import re
import subprocess
import sys
from pathlib import Path

from cpp_text import blank, functions

COLUMNS_MAX = 120
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 60
BANNED_WORDS = {"handle", "handler", "manager", "helper", "helpers", "util", "utils"}
# Of other people's interfaces.
FOREIGN_NAMES = {"coroutine_handle"}
# The contract between a core and what drives it: to be seen by whoever drives one, without the swarm itself.
CONTRACT = {"libp2p/swarm/core.h", "libp2p/swarm/command.h", "libp2p/swarm/event.h"}
# Protocols do not know one another; what they tell each other goes through swarm/routing.cpp.
MACHINES = {"identify", "ping", "perf", "echo", "gossipsub", "kademlia"}
OUTSIDE = re.compile(
    r"(sys|arpa|net|netinet|linux|asm)/.*"
    r"|(unistd|fcntl|poll|netdb|signal|pthread|pwd|dirent|termios|dlfcn|ares|time)\.h"
    r"|c(signal|time)|thread|mutex|shared_mutex|atomic|future|condition_variable|semaphore|stop_token"
    r"|iostream|fstream|filesystem|random|syncstream"
)
TEST_ENDINGS = ("_test.cpp", "_fuzz.cpp")
RATCHET = "tests/tidy/ratchet.txt"
RATCHET_TITLE = "# What was over a limit when the limit came: columns FILE LINES, function FILE NAME LENGTH. Never grows."
SKIPPED_FOLDERS = {".git", "build", "node_modules", "target"}
CODE_SUFFIXES = {".h", ".cpp", ".py", ".cmake"}
TEXT_SUFFIXES = CODE_SUFFIXES | {".md", ".txt", ".json", ".toml", ".go", ".rs", ".mjs", ".html", ".css", ""}
GENERATED = {"package-lock.json", "go.sum", "Cargo.lock"}


class Tree:
    """The project's files, and the libraries that its CMake files declare."""

    def __init__(self, root: Path):
        self.root = root
        self.files = sorted(path for path in self._list() if self._is_ours(path))
        self.folders = self._folders()

    def _list(self) -> list[Path]:
        git = ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(git, capture_output=True, text=True, check=False)
        if listed.returncode == 0 and (self.root / ".git").exists():
            return [Path(name) for name in listed.stdout.split("\0") if name]
        return [path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file()]

    def _is_ours(self, path: Path) -> bool:
        whole = self.root / path
        return (
            not SKIPPED_FOLDERS.intersection(path.parts)
            and path.suffix in TEXT_SUFFIXES
            and path.name not in GENERATED
            and whole.is_file()
            and b"\0" not in whole.read_bytes()[:8000]
        )

    def _folders(self) -> dict[str, "Folder"]:
        src = self.root / "src"
        order = re.search(r"foreach\(folder(.*?)\)", (src / "CMakeLists.txt").read_text(), re.DOTALL)
        names = order[1].split() if order else []
        folders = {}
        for declaration in sorted(src.rglob("CMakeLists.txt")):
            match = re.search(r"minap2p_library\((\w+)(.*?)\)", declaration.read_text(), re.DOTALL)
            if match:
                name = declaration.parent.relative_to(src).as_posix()
                folders[name] = Folder(name, match[1], match[2].split(), names)
        return folders

    def folder_of(self, path: str) -> "Folder | None":
        """Of a path below src/, the innermost folder that is a library."""
        parts = path.split("/")
        for end in range(len(parts) - 1, 0, -1):
            folder = self.folders.get("/".join(parts[:end]))
            if folder:
                return folder
        return None

    def reachable(self, folder: "Folder") -> set[str]:
        by_library = {other.library: other for other in self.folders.values()}
        seen: set[str] = set()
        waiting = [folder]
        while waiting:
            current = waiting.pop()
            if current.name not in seen:
                seen.add(current.name)
                waiting.extend(by_library[name] for name in current.words if name in by_library)
        return seen


class Folder:
    def __init__(self, name: str, library: str, words: list[str], order: list[str]):
        self.name = name
        self.library = library
        self.words = words
        self.is_edge = "EDGE" in words
        parents = [known for known in order if name == known or name.startswith(known + "/")]
        self.rank = order.index(parents[-1]) if parents else len(order)


class Tidy:
    def __init__(self, root: Path):
        self.tree = Tree(root)
        self.root = root
        self.offences: list[str] = []
        self.report: dict[str, dict[str, int]] = {}
        self.test_headers = self._test_headers()
        self.ratchet: dict[str, int] = {}
        self.over: dict[str, int] = {}  # what would stand in the ratchet if it were written now
        path = root / RATCHET
        for line in path.read_text().splitlines() if path.exists() else []:
            if line and not line.startswith("#"):
                what, number = line.rsplit(" ", 1)
                self.ratchet[what] = int(number)

    def _test_headers(self) -> set[Path]:
        """Headers that tests include, directly or not, and the product does not."""
        by_test: set[Path] = set()
        by_product: set[Path] = set()
        for path in self.tree.files:
            if path.suffix == ".cpp":
                is_test = path.name.endswith(TEST_ENDINGS) or path.parts[0] != "src"
                self._collect(path, by_test if is_test else by_product)
        return by_test - by_product

    def _collect(self, path: Path, seen: set[Path]) -> None:
        waiting = [path]
        while waiting:
            text = (self.root / waiting.pop()).read_text(encoding="utf-8", errors="replace")
            for name in re.findall(r'^#include "([^"]+)"', text, re.MULTILINE):
                header = Path("src") / name
                if header not in seen and (self.root / header).exists():
                    seen.add(header)
                    waiting.append(header)

    def offence(self, path: Path, line: int, rule: str, what: str) -> None:
        self.offences.append(f"{path}:{line}: {rule}: {what}")

    def run(self) -> None:
        for path in self.tree.files:
            text = (self.root / path).read_text(encoding="utf-8", errors="replace")
            self.check_text(path, text)
            if path.suffix == ".md":
                self.check_markdown(path, text)
            if path.suffix in {".h", ".cpp"}:
                self.check_cpp(path, text)
        self.check_front_doors()
        self.check_arrows()

    def write_ratchet(self) -> None:
        lines = [f"{what} {number}" for what, number in sorted(self.over.items())]
        (self.root / RATCHET).write_text("\n".join([RATCHET_TITLE, *lines]) + "\n")

    # ---- every file

    def check_text(self, path: Path, text: str) -> None:
        is_code = path.suffix in CODE_SUFFIXES or path.name == "CMakeLists.txt"
        long_lines = [n for n, line in enumerate(text.splitlines(), 1) if is_code and len(line) > COLUMNS_MAX]
        if long_lines:
            self.over[f"columns {path}"] = len(long_lines)
        for number in long_lines[self.ratchet.get(f"columns {path}", 0):]:
            self.offence(path, number, "columns", f"more than {COLUMNS_MAX} columns")
        # The lines of a raw string are data: the snapshots of tests have columns.
        text = re.sub(r'R"\(.*?\)"', lambda raw: re.sub(r" +$", "", raw[0], flags=re.MULTILINE), text, flags=re.DOTALL)
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(r"<{7} |>{7} |={7}$", line):
                self.offence(path, number, "merge", "a merge marker")
            if re.search(r"[ \t]+$", line):
                self.offence(path, number, "spaces", "spaces at the end of the line")
            if "\r" in line or ("\t" in line and path.suffix in {".h", ".cpp", ".py", ".cmake", ".md"}):
                self.offence(path, number, "spaces", "a tab or a carriage return")
            if path.parts[:2] != ("tests", "tidy"):
                self.check_promises(path, number, line)
        if text and not text.endswith("\n"):
            self.offence(path, text.count("\n") + 1, "spaces", "no newline at the end of the file")

    def check_promises(self, path: Path, number: int, line: str) -> None:
        if path.name == "STYLE.md":
            return
        if re.search(r"\bFIXME\b|\bXXX\b", line):
            self.offence(path, number, "fixme", "a FIXME is not committed")
        if re.search(r"\bTODO\b(?!\(#\d+\))", line):
            self.offence(path, number, "todo", "a TODO names its issue: TODO(#12)")

    def check_markdown(self, path: Path, text: str) -> None:
        prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        titles = len(re.findall(r"^# ", prose, re.MULTILINE))
        if titles != 1:
            self.offence(path, 1, "title", f"{titles} headings of the first level; there is to be one")
        for match in re.finditer(r"\]\((?!\w+:|#)([^)#\s]+)", prose):
            if not (self.root / path.parent / match[1]).exists():
                self.offence(path, 1, "link", f"{match[1]} does not exist")

    # ---- C++

    def check_cpp(self, path: Path, text: str) -> None:
        code = blank(text)
        lines = text.count("\n")
        is_test = path.name.endswith(TEST_ENDINGS) or path in self.test_headers
        if lines > FILE_LINES_MAX:
            self.offence(path, 1, "length", f"{lines} lines; the limit is {FILE_LINES_MAX}")
        longest = self.check_functions(path, code)
        self.check_names(path, code)
        if path.suffix == ".h":
            self.check_header(path, code, is_test)
        if path.parts[0] == "examples" or "include" in path.parts:
            self.check_outer_includes(path, text)
        if path.parts[0] == "src":
            self.check_includes(path, text, is_test)
            self.count(path, text, lines, longest)

    def check_functions(self, path: Path, code: str) -> int:
        longest = 0
        for function in functions(code):
            longest = max(longest, function.lines)
            if function.lines <= FUNCTION_LINES_MAX:
                continue
            what = f"function {path} {function.name}"
            self.over[what] = max(self.over.get(what, 0), function.lines)
            allowed = self.ratchet.get(what, FUNCTION_LINES_MAX)
            if function.lines > allowed:
                self.offence(path, function.line, "length",
                             f"{function.name} has {function.lines} lines; the limit is {allowed}")
        return longest

    def check_names(self, path: Path, code: str) -> None:
        for word in path.stem.split("_"):
            if word in BANNED_WORDS:
                self.offence(path, 1, "names", f"\"{word}\" says nothing")
        for number, line in enumerate(code.splitlines(), 1):
            for name in re.findall(r"(?<![:.>\w])[A-Za-z_]\w*", line):
                words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name)]
                is_vague = bool(BANNED_WORDS.intersection(words)) or (words[:1] == ["process"] and len(words) > 1)
                if is_vague and name not in FOREIGN_NAMES:
                    self.offence(path, number, "names", f"\"{name}\" has a word that says nothing")

    def check_header(self, path: Path, code: str, is_test: bool) -> None:
        first = next((line.strip() for line in code.splitlines() if line.strip()), "")
        if first != "#pragma once":
            self.offence(path, 1, "header", "the first line of code is #pragma once")
        for number, line in enumerate(code.splitlines(), 1):
            if is_test:
                continue
            if re.search(r"\busing namespace\b(?! std::\w*literals)", line):
                self.offence(path, number, "header", "using namespace in a header")
            if re.search(r"\bstd::visit\b", line) and path.parts[0] == "src":
                self.offence(path, number, "header", "std::visit in a header: it is instantiated in every file")

    def check_includes(self, path: Path, text: str, is_test: bool) -> None:
        below_src = path.relative_to("src").as_posix()
        folder = self.tree.folder_of(below_src)
        code = blank(text, keep_literals=True)
        is_edge = is_test or folder is None or folder.is_edge
        for match in re.finditer(r"^#include ([<\"])([^>\"]+)", code, re.MULTILINE):
            number = code.count("\n", 0, match.start()) + 1
            if match[1] == "<" and OUTSIDE.fullmatch(match[2]) and not is_edge:
                self.offence(path, number, "outside", f"<{match[2]}> belongs to src/runtime and the programs")
            if match[1] == '"' and folder is not None and not is_test:
                self.check_arrow(path, number, folder, match[2])
        if below_src.startswith("libp2p/") and not is_test and re.search(r"(?i)\bmina|coda/", code):
            number = code.count("\n", 0, re.search(r"(?i)\bmina|coda/", code).start()) + 1
            named = code.splitlines()[number - 1]
            if not re.search(r'"minap2p[^"]*"', named):
                self.offence(path, number, "arrows", "libp2p names Mina; its values come in by configuration")

    def check_outer_includes(self, path: Path, text: str) -> None:
        """Public headers, and the examples that show them: nothing of the project's inside."""
        code = blank(text, keep_literals=True)
        for match in re.finditer(r'^#include (?:"|<(?:base|crypto|libp2p|mina|runtime|replay|sim|apps|node)/)([^">]*)',
                                 code, re.MULTILINE):
            number = code.count("\n", 0, match.start()) + 1
            self.offence(path, number, "outer", f"{match[1]}: public headers and examples know <minap2p/…> alone")

    def check_arrow(self, path: Path, number: int, folder: Folder, header: str) -> None:
        target = self.tree.folder_of(header)
        if target is None:
            if not (self.root / "src" / header).exists():
                self.offence(path, number, "arrows", f"\"{header}\": paths begin below src/")
        elif header in CONTRACT and target.rank < folder.rank:
            return
        elif target.name not in self.tree.reachable(folder):
            self.offence(path, number, "arrows", f"{folder.name} does not depend on {target.name} ({header})")

    def count(self, path: Path, text: str, lines: int, longest: int) -> None:
        name = path.parent.relative_to("src").as_posix()
        row = self.report.setdefault(name, {"spec": 0, "mina": 0, "lines": 0, "file": 0, "function": 0})
        row["spec"] += len(re.findall(r"// spec:", text))
        row["mina"] += len(re.findall(r"// mina:", text))
        row["lines"] += lines
        row["file"] = max(row["file"], lines)
        row["function"] = max(row["function"], longest)

    # ---- folders

    def check_front_doors(self) -> None:
        for name in sorted(self.tree.folders):
            door = Path("src") / name / f"{name.split('/')[-1]}.h"
            if name.startswith(("libp2p/", "mina/", "replay", "sim", "runtime", "base", "crypto", "apps")):
                if not (self.root / door).exists() and name != "replay/files":
                    self.offence(door, 1, "front door", "each folder has a header of its name to begin with")

    def check_arrows(self) -> None:
        libraries = {folder.library: folder for folder in self.tree.folders.values()}
        for folder in self.tree.folders.values():
            path = Path("src") / folder.name / "CMakeLists.txt"
            for word in folder.words:
                target = libraries.get(word)
                if target is None:
                    continue
                if target.rank > folder.rank:
                    self.offence(path, 1, "arrows", f"{folder.name} stands below {target.name} in src/CMakeLists.txt")
                if target.is_edge and not folder.is_edge:
                    self.offence(path, 1, "arrows", f"{folder.name} is pure and {target.name} is not")
                if folder.name.startswith("libp2p/") and target.name.startswith("mina/"):
                    self.offence(path, 1, "arrows", "libp2p is usable without Mina")
                if {folder.name.split("/")[-1], target.name.split("/")[-1]} <= MACHINES:
                    self.offence(path, 1, "arrows", "protocols do not depend on one another")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--ratchet", action="store_true")
    options = parser.parse_args()
    tidy = Tidy(options.root)
    tidy.run()
    if options.ratchet:
        tidy.write_ratchet()
        return 0
    if options.report:
        print(f"{'folder':<22}{'lines':>7}{'spec:':>7}{'mina:':>7}{'longest file':>14}{'function':>10}")
        for name, row in sorted(tidy.report.items()):
            print(f"{name:<22}{row['lines']:>7}{row['spec']:>7}{row['mina']:>7}{row['file']:>14}{row['function']:>10}")
    for offence in tidy.offences:
        print(offence)
    print(f"tidy: {len(tidy.tree.files)} files, {len(tidy.offences)} offences")
    return 1 if tidy.offences else 0


if __name__ == "__main__":
    sys.exit(main())

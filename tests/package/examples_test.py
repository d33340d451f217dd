#!/usr/bin/env python3
"""The examples against each other and against the program, on loopback: examples_test.py --bin DIR"""
import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TIME_MAX = 30


class Running:
    """A program whose output is read line by line."""

    def __init__(self, *command: object, stdin: str | None = None):
        words = [str(word) for word in command]
        self.name = Path(words[0]).name
        self.lines: list[str] = []
        self.ended = False
        self.changed = threading.Condition()
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        if stdin is not None:
            self.process.stdin.write(stdin)
            self.process.stdin.close()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for(self, text: str, count: int = 1) -> str:
        """The line with this text, when there are so many of them."""
        found: list[str] = []

        def has() -> bool:
            found[:] = [line for line in self.lines if text in line]
            return len(found) >= count or self.ended

        with self.changed:
            self.changed.wait_for(has, TIME_MAX)
        if len(found) < count:
            raise AssertionError(f"{self.name} did not say '{text}' {count} times, but:\n  " + "\n  ".join(self.lines))
        return found[count - 1]

    def wait(self) -> None:
        code = self.process.wait(TIME_MAX)
        if code != 0:
            time.sleep(0.2)
            raise AssertionError(f"{self.name} ended with {code}:\n  " + "\n  ".join(self.lines))

    def stop(self) -> None:
        self.process.terminate()
        self.wait()

    def address(self) -> str:
        return self.wait_for("ready /ip4/").split()[1]


def run(binaries: Path, data: Path, started: list[Running]) -> None:
    def start(name: str, *arguments: object, stdin: str | None = None) -> Running:
        program = Running(binaries / name, *arguments, stdin=stdin)
        started.append(program)
        return program

    anywhere = "/ip4/127.0.0.1/tcp/0"
    subprocess.run([binaries / "make_messages", data], check=True)

    # Two blocks, to a frontier and to the program; another frontier joins later, and asks for them.
    first = start("example_transition_frontier", "local", anywhere)
    hub = first.address()
    node = start("minap2p", "node", "--network", "local", "--data-dir", data / "node", "--listen", anywhere,
                 "--peer", hub, "--json")
    node.wait_for('"event":"identify"')
    for number, file in enumerate(["parent.bin", "child.json"], 1):
        producer = start("example_block_producer", "local", data / file, hub)
        producer.wait_for("taken by 12D3Koo")
        producer.wait()
        first.wait_for("block 3N", number)
        node.wait_for('"event":"message"', number)
    late = start("example_transition_frontier", "local", anywhere, hub)
    late.wait_for("block 3N", 2)
    assert sorted(line for line in late.lines if line.startswith("block")) == \
        sorted(line for line in first.lines if line.startswith("block")), late.lines

    # Transactions from one pool to another, as they come on standard input.
    pool = start("example_transaction_pool", "local", anywhere, stdin=None)
    pool.wait()  # its input is at its end: it says goodbye
    pool = Running("/bin/sh", "-c", f"sleep {TIME_MAX} | exec {binaries}/example_transaction_pool local {anywhere}")
    started.append(pool)
    teller = start("example_transaction_pool", "local", anywhere, pool.address(),
                   stdin=(data / "transactions.json").read_text() + "not JSON\n")
    teller.wait_for("broadcast to 1 peers", 2)
    teller.wait()
    pool.wait_for("received ", 2)

    # SNARK work, and a question that one pool asks the other.
    pool = start("example_snark_pool", "local", anywhere, "-")
    worker = start("example_snark_pool", "local", anywhere, data / "work.bin", pool.address())
    worker.wait_for("broadcast: done")
    worker.wait_for("completed snarks: none")
    pool.wait_for("work of ")
    worker.stop()
    pool.stop()

    watcher = start("example_foreign_loop", "local", 2, hub)
    watcher.wait_for("Connected /ip4/")
    watcher.wait_for(" events, ")
    watcher.wait()
    late.stop()
    first.stop()
    node.stop()

    wrong = start("example_foreign_loop", "locl", 1)
    assert wrong.process.wait(TIME_MAX) == 1
    wrong.wait_for("Config::network: no network 'locl'; the nearest is 'local'")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    options = parser.parse_args()
    started: list[Running] = []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="minap2p-examples-") as data:
        try:
            run(options.bin.resolve(), Path(data), started)
        finally:
            for program in started:
                if program.process.poll() is None:
                    program.process.kill()
                    program.process.wait()
    print(f"examples: {len(started)} programs, {time.monotonic() - begun:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

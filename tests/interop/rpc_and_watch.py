#!/usr/bin/env python3
"""minap2p's commands rpc and watch, and the control commands behind them, on loopback.

    tests/interop/rpc_and_watch.py [--program build/release/bin/minap2p]

Two nodes of the network `local`; every process ends with this one, and every wait has a bound.
"""

import argparse
import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BLOCK = ROOT.parent / "shared" / "data" / "berkeley" / "devnet-357934-block.bin"
TOPIC = "coda/consensus-messages/0.0.1"
WAIT_SECONDS = 20
LOOPBACK = "/ip4/127.0.0.1/tcp/0"


class Failed(Exception):
    """Something is not as it should be."""


def expect(condition, what):
    if not condition:
        raise Failed(what)


def equal(got, wanted, what):
    expect(got == wanted, f"{what}: {got!r}, not {wanted!r}")


def soon(done, what):
    until = time.monotonic() + WAIT_SECONDS
    while True:
        result = done()
        if result:
            return result
        expect(time.monotonic() < until, f"{what}: not within {WAIT_SECONDS} s")
        time.sleep(0.05)


class Program:
    """A process whose lines are read as they come."""

    def __init__(self, words):
        self.words = words
        self.lines = []
        self.errors = []
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.readers = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.errors))
        ]
        for reader in self.readers:
            reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))

    def ends(self, wanted):
        """Waits for the end; returns what was written on standard error."""
        try:
            status = self.process.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failed(f"{' '.join(self.words[1:])}: still running") from None
        for reader in self.readers:
            reader.join(WAIT_SECONDS)
        errors = "\n".join(self.errors)
        equal(status, wanted, f"exit status of {' '.join(self.words[1:])} ({errors})")
        return errors

    def events(self):
        return [json.loads(line) for line in list(self.lines)]


class Node(Program):
    """`minap2p node` with a control socket."""

    def __init__(self, program, scratch, name, *more):
        self.socket = os.path.join(scratch, name + ".sock")
        super().__init__(
            [program, "node", "--network", "local", "--listen", LOOPBACK, "--peer-store", "none"]
            + ["--data-dir", os.path.join(scratch, name), "--control", "unix:" + self.socket]
            + ["--json", *more]
        )
        self.ready = soon(lambda: self.lines and self.events()[0], f"{name} is ready")
        self.id = self.ready["peerId"]
        self.addr = self.ready["addrs"][0]

    def control(self, *requests):
        """Sends lines over one connection, and returns as many answers by id."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(WAIT_SECONDS)
            client.connect(self.socket)
            lines = [json.dumps({"id": i, **r}) for i, r in enumerate(requests)]
            client.sendall(("\n".join(lines) + "\n").encode())
            with client.makefile() as answers:
                got = [json.loads(answers.readline()) for _ in requests]
        return [answer for _, answer in sorted((answer["id"], answer) for answer in got)]

    def ask(self, cmd, **fields):
        answer = self.control({"cmd": cmd, **fields})[0]
        expect(answer["ok"], f"{cmd}: {answer.get('error')}")
        return answer["value"]

    def refuses(self, cmd, **fields):
        answer = self.control({"cmd": cmd, **fields})[0]
        expect(not answer["ok"], f"{cmd} was not refused: {answer}")
        return answer["error"]


class Run:
    """Both nodes, and the program's other commands."""

    def __init__(self, program, scratch):
        self.program = program
        self.scratch = scratch
        self.a = None
        self.b = None

    def start(self, *words):
        return Program([self.program, *words])

    def run(self, *words, status=0):
        """Runs a command to its end; returns its lines and its errors."""
        with self.start(*words) as command:
            command.process.stdin.close()
            errors = command.ends(status)
            return command.lines, errors

    def rpc(self, *words, status=0, addr=None):
        return self.run("rpc", addr or self.a.addr, *words, "--network", "local", status=status)

    def watch(self, *words):
        return self.start("watch", "--control", "unix:" + self.a.socket, *words)


def asks_menu(run):
    lines, _ = run.rpc("menu", "--json")
    menu = json.loads(lines[0])["menu"]
    expect(
        {"method": "get_some_initial_peers", "version": 1, "known": True} in menu,
        f"the menu has no get_some_initial_peers: {menu}",
    )
    lines, _ = run.rpc("MENU")
    expect(lines[0].startswith("METHOD"), f"no table: {lines}")


def asks_initial_peers(run):
    def peers_told():
        lines, _ = run.rpc("get_some_initial_peers", "--json", "--version", "1")
        result = json.loads(lines[0])
        equal(result["method"], "get_some_initial_peers", "method")
        equal(result["version"], 1, "version")
        expect(result["size"] > 0 and result["seconds"] >= 0, f"no size or time: {result}")
        return run.b.id in [peer["peer_id"] for peer in result["value"]]

    soon(peers_told, "the second node is among the peers that the first tells")


def writes_a_file(run):
    out = os.path.join(run.scratch, "peers.bin")
    lines, _ = run.rpc("get_some_initial_peers", "--out", out, "--json")
    result = json.loads(lines[0])
    value = pathlib.Path(out).read_bytes()
    equal(result["size"], len(value), "size")
    equal(result["sha256"], hashlib.sha256(value).hexdigest(), "sha256")
    expect("value" not in result, "the value is in the line too")
    decoded = run.run("decode", "--type", "get_some_initial_peers.response", "--json", out)[0]
    expect(isinstance(json.loads(decoded[0]), list), f"not a list: {decoded}")


def fails_with_advice(run):
    _, errors = run.rpc("get_node_status", status=1)
    expect("method not served by the peer" in errors and run.a.addr in errors, errors)
    expect("minap2p rpc ADDR menu" in errors, errors)
    _, errors = run.rpc("get_some_initial_peers", "--version", "99", status=1)
    expect("unimplemented by the peer" in errors, errors)
    equal(len(errors.splitlines()), 1, f"lines of {errors!r}")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        addr = f"/ip4/127.0.0.1/tcp/{unused.getsockname()[1]}"
        _, errors = run.rpc("menu", addr=addr, status=1)
    expect("connection refused" in errors and addr in errors, errors)


def refuses_wrong_usage(run):
    for words, wanted in (
        (["get_best_tp"], "the nearest is 'get_best_tip'"),
        (["get_best_tip", "now"], "wants no arguments"),
        (["get_transition_chain"], "wants STATE_HASH"),
        (["get_transition_chain", "3Nope"], "is not a state hash"),
        (["ban_notify", "--query", "7"], "--query: "),
        (["get_best_tip", "--query-hex", "0"], "--query-hex: "),
        (["get_best_tip", "--version", "two"], "--version: "),
        (["get_best_tip", "--frobnicate"], "the nearest is"),
    ):
        _, errors = run.rpc(*words, status=2)
        expect(wanted in errors, f"{words}: {errors}")


def asks_through_a_node(run):
    menu = run.b.ask("rpc", peer=run.a.id, method="menu")
    expect(["get_some_initial_peers", 1] in menu, f"menu: {menu}")
    question = {"cmd": "rpc", "peer": run.a.id, "method": "get_some_initial_peers", "version": 1}
    more = {**question, "maxBytes": 0}, {**question, "digest": True}
    answers = run.b.control(question, {"cmd": "status"}, *more)
    for answer in answers:
        expect(answer["ok"], f"refused: {answer}")
    whole, status, hashed, digest = (answer["value"] for answer in answers)
    equal(whole["version"], 1, "version")
    expect(isinstance(whole["value"], list), f"no value: {whole}")
    expect({"streams", "asking", "answering", "faults"} == set(status["rpc"]), f"status: {status}")
    expect("value" not in hashed and len(hashed["sha256"]) == 64, f"no hash: {hashed}")
    equal(digest["sha256"], hashed["sha256"], "digest")
    out = os.path.join(run.scratch, "through.bin")
    answer = run.b.ask("rpc", peer=run.a.id, method="menu", out=out)
    equal(answer["sha256"], hashlib.sha256(pathlib.Path(out).read_bytes()).hexdigest(), "sha256")


def refuses_through_a_node(run):
    stranger = "12D3KooWAzb9Gd2GJZzd9Bke1AYPR7TxJ1yoFJ1S7qDLnKXbjJYz"
    for fields, wanted in (
        ({"method": "get_node_status"}, "not_served: get_node_status: method not served"),
        ({"method": "get_best_tp"}, "the nearest is 'get_best_tip'"),
        ({"method": "get_transition_chain", "args": ["x"]}, "is not a state hash"),
        ({"method": "ban_notify", "query": 7}, "expected"),
        ({"method": "menu", "hex": "0"}, "hex digits"),
        ({"method": "menu", "hex": "00", "args": []}, "exclude one another"),
        ({"method": "menu", "version": "x"}, "'version' must be"),
        ({"method": "menu", "maxBytes": 1 << 40}, "'maxBytes' is at most"),
        ({"method": "menu", "out": "/dev/null"}, "no regular file"),
        ({"method": "menu", "peer": "x"}, "is not a peer id"),
        ({"method": "menu", "peer": stranger}, "not_ready: "),
        ({"method": "menu", "digest": "yes"}, "'digest' must be"),
    ):
        error = run.b.refuses("rpc", **{"peer": run.a.id, **fields})
        expect(wanted in error, f"{fields}: {error}")


def asks_by_ctl(run):
    to = ["--control", "unix:" + run.b.socket, "--json"]
    lines, _ = run.run("ctl", *to, "rpc", run.a.id, "menu")
    expect(["get_some_initial_peers", 1] in json.loads(lines[0]), f"menu: {lines}")
    lines, _ = run.run("ctl", *to, "rpc", run.a.id, "get_some_initial_peers", "version=1")
    equal(json.loads(lines[0])["version"], 1, "version")
    _, errors = run.run("ctl", *to, "rpc", run.a.id, "get_transition_chain", "3N", status=1)
    expect("is not a state hash" in errors, errors)
    _, errors = run.run("ctl", *to, "watch", status=2)
    expect("minap2p watch" in errors, errors)


def framed(payload):
    return len(payload).to_bytes(8, "little") + payload


def publishes(run, message):
    def sent():
        return run.b.ask("publish", topic=TOPIC, hex=message.hex())["peers"]

    # What goes to nobody has been published all the same, so it waits for the mesh.
    soon(lambda: run.a.id in run.b.ask("mesh", topic=TOPIC), "the nodes share a mesh")
    expect(run.a.id in sent(), "the message went to the first node")


def watches_a_block(run):
    has_block = BLOCK.exists()
    message = framed(b"\0" + BLOCK.read_bytes()) if has_block else framed(b"\2\0\0")
    kind = "block" if has_block else "transactions"
    with run.watch("--json", "--kind", kind, "--count", "1") as machine:
        kinds = ["--kind", "block,transactions", "--kind", "snark-work"]
        with run.watch(*kinds, "--count", "1") as people:
            with run.watch("--kind", "warning", "--for", "4s", "--json") as other:
                time.sleep(0.5)  # until they are heard; a watcher tells nothing before an event
                publishes(run, message)
                machine.ends(0)
                people.ends(0)
                event = machine.events()[0]
                equal(event["event"], "message", "event")
                equal(event["kind"], kind, "kind")
                expect("t" in event, "no time")
                if has_block:
                    equal(event["summary"]["height"], 357934, "height")
                    expect(" 357934 " in people.lines[0], people.lines[0])
                    expect(event["summary"]["stateHash"] in people.lines[0], people.lines[0])
                other.ends(0)
                equal(other.lines, [], "events of kind warning")


def watches_questions(run):
    with run.watch("--json", "--kind", "rpc", "--count", "1") as watching:
        time.sleep(0.5)
        lines, _ = run.rpc("get_best_tip", "--json")
        equal(json.loads(lines[0])["method"], "get_best_tip", "method")
        watching.ends(0)
        event = watching.events()[0]
        equal((event["event"], event["method"]), ("question", "get_best_tip"), "event")
        equal((event["version"], event["size"]), (2, 1), "version and size")
    expect("question" not in [e["event"] for e in run.a.events()], "printed without --rpc-events")


def watch_ends(run):
    with run.watch("--json") as interrupted:
        time.sleep(0.3)
        interrupted.process.send_signal(signal.SIGINT)
        interrupted.ends(0)
    with run.watch("--for", "1s") as timed:
        timed.ends(0)
    _, errors = run.run("watch", "--control", "unix:" + run.a.socket, "--kind", "blok", status=2)
    expect("the nearest is 'block'" in errors, errors)
    nowhere = os.path.join(run.scratch, "nowhere.sock")
    _, errors = run.run("watch", "--control", "unix:" + nowhere, status=1)
    expect("no node answers" in errors, errors)
    error = run.a.refuses("watch", kinds=["blok"])
    expect("the nearest is 'block'" in error, error)


def watch_on_standard_output(run):
    words = [run.program, "node", "--network", "local", "--listen", LOOPBACK, "--json"]
    words += ["--data-dir", os.path.join(run.scratch, "c"), "--peer-store", "none"]
    with Program([*words, "--control", "stdio"]) as node:
        node.process.stdin.write('{"id":1,"cmd":"watch"}\n')
        node.process.stdin.flush()
        answer = soon(
            lambda: [line for line in node.events() if line.get("id") == 1], "an answer"
        )[0]
        expect("on standard output already" in answer["error"], f"{answer}")


def watch_tells_of_the_end(run):
    with run.watch("--json", "--kind", "peer") as watching:
        time.sleep(0.3)
        run.a.process.send_signal(signal.SIGTERM)
        run.a.ends(0)
        errors = watching.ends(1)
        expect("has stopped (SIGTERM)" in errors, errors)
        events = [event["event"] for event in watching.events()]
        equal(events[-1], "stopped", "the last event")
    with run.start("watch", "--control", "unix:" + run.b.socket) as watching:
        time.sleep(0.3)
        run.b.process.kill()
        errors = watching.ends(1)
        expect("has gone" in errors, errors)


CASES = (
    asks_menu,
    asks_initial_peers,
    writes_a_file,
    fails_with_advice,
    refuses_wrong_usage,
    asks_through_a_node,
    refuses_through_a_node,
    asks_by_ctl,
    watches_a_block,
    watches_questions,
    watch_ends,
    watch_on_standard_output,
    watch_tells_of_the_end,
)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "build" / "release" / "bin" / "minap2p"))
    arguments = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="minap2p-") as scratch:
        run = Run(arguments.program, scratch)
        with (
            Node(arguments.program, scratch, "a") as run.a,
            Node(arguments.program, scratch, "b", "--peer", run.a.addr) as run.b,
        ):
            soon(lambda: run.a.ask("status")["peers"] == 1, "the nodes are connected")
            for case in CASES:
                try:
                    case(run)
                    print(f"{case.__name__}: ok", flush=True)
                except (Failed, OSError, ValueError, KeyError, IndexError) as error:
                    failed += 1
                    print(f"{case.__name__}: FAILED: {error!r}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

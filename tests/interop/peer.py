"""One test peer: a process that speaks the driver contract of peers/README.md.

A `Peer` starts the process, reads its JSON lines in a thread of its own, sends it commands and
waits for answers and events, always with a time-out. It ends the process that it started, by its
id, and no other: when it is closed, when the harness ends in whatever way, and at the latest
because the peer's standard input ends.

    with Peer("go", ["--mina"]) as go, Peer("js", ["--mina"]) as js:
        go.ask("dial", addr=js.addr)
        go.ask("echo", peer=js.id, bytes=1000)
"""

import atexit
import collections
import concurrent.futures
import hashlib
import itertools
import json
import math
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILT = ROOT / "build" / "interop"
RIVALS = ("go", "rust", "js")
KINDS = ("ours", *RIVALS)

START_SECONDS = 20
ANSWER_SECONDS = 15
STDERR_LINES = 12


class PeerError(Exception):
    """A peer answered with an error, did not answer in time, or ended."""


class Programs:
    """Where each kind of peer is found, and what it lacks here."""

    def __init__(self, ours=None):
        self.ours = (
            pathlib.Path(ours) if ours else ROOT / "build" / "release" / "bin" / "minap2p-peer"
        )

    def command(self, kind):
        js = HERE / "peers" / "js-libp2p"
        return {
            "ours": [str(self.ours)],
            "node": [str(self.ours.with_name("minap2p")), "node", "--json", "--control", "stdio"],
            "go": [str(BUILT / "go-peer")],
            "rust": [str(BUILT / "rust" / "release" / "peer")],
            "js": ["node", "--import", (js / "polyfill.mjs").as_uri(), str(js / "peer.mjs")],
        }[kind]

    def missing(self, kind):
        """Why this kind cannot be started, or None."""
        if kind == "js":
            if not shutil.which("node"):
                return "js peer needs node >= 20"
            installed = HERE / "peers" / "js-libp2p" / "node_modules" / ".package-lock.json"
            return None if installed.exists() else "js peer needs tests/interop/build-peers js"
        program = self.command(kind)[0]
        if os.access(program, os.X_OK):
            return None
        if kind == "ours":
            return f"ours needs {program}"
        return f"{kind} peer needs tests/interop/build-peers {kind}"


_running = set()
_running_lock = threading.Lock()


def end_all():
    """Kills every process that this harness started and has not ended yet."""
    with _running_lock:
        peers = list(_running)
    for peer in peers:
        peer.kill()


def _on_signal(number, _frame):
    raise SystemExit(128 + number)


atexit.register(end_all)
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGTERM, _on_signal)


class Peer:
    """A running peer. `id` is its peer id and `addr` its first address, with /p2p/."""

    def __init__(self, kind, flags=(), programs=None, name=None):
        self.kind = kind
        self.flags = list(flags)
        self.name = name or kind
        self.deadline = (
            math.inf
        )  # no wait lasts beyond it (time.monotonic), whatever its own time-out
        self.events = []
        self._changed = threading.Condition()
        self._pending = {}
        self._ids = itertools.count(1)
        self._ended = False
        self._errors = collections.deque(maxlen=STDERR_LINES)
        self._outbox = queue.SimpleQueue()
        self.process = subprocess.Popen(
            (programs or Programs()).command(kind) + self.flags,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with _running_lock:
            _running.add(self)
        for work in (self._read, self._read_errors, self._write):
            threading.Thread(target=work, daemon=True).start()
        try:
            ready = self.wait_for("ready", timeout=START_SECONDS)
        except BaseException:
            self.kill()
            raise
        self.id = ready["peerId"]
        self.addrs = ready["addrs"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def addr(self):
        if not self.addrs:
            raise PeerError(f"{self.name} listens nowhere")
        return self.addrs[0]

    # Commands

    def send(self, cmd, **fields):
        """Sends a command at once; `answer` waits for what comes of it."""
        number = next(self._ids)
        answer = concurrent.futures.Future()
        answer.cmd = cmd
        with self._changed:
            self._pending[number] = answer
            ended = self._ended
        if ended:
            raise PeerError(f"{self.name} {cmd}: {self._how_it_ended()}")
        self._outbox.put(json.dumps({"id": number, "cmd": cmd, **fields}).encode() + b"\n")
        return answer

    def answer(self, answer, timeout=ANSWER_SECONDS):
        try:
            return answer.result(self._within(timeout))
        except concurrent.futures.TimeoutError:
            raise PeerError(f"{self.name} {answer.cmd}: no answer in {timeout:g} s") from None

    def ask(self, cmd, timeout=ANSWER_SECONDS, **fields):
        """Sends a command and returns the value of its answer; an error answer is a PeerError."""
        return self.answer(self.send(cmd, **fields), timeout)

    def refuses(self, cmd, timeout=ANSWER_SECONDS, **fields):
        """The error that the command must end with; PeerError if it succeeds or does not end."""
        answer = self.send(cmd, **fields)
        done, _ = concurrent.futures.wait([answer], self._within(timeout))
        if not done:
            raise PeerError(f"{self.name} {cmd}: neither done nor refused in {timeout:g} s")
        error = answer.exception()
        if error is None:
            raise PeerError(f"{self.name} {cmd}: succeeded, but should have been refused")
        return str(error)

    # Events

    def mark(self):
        """The present end of the events, for wait_for's `since`."""
        with self._changed:
            return len(self.events)

    def wait_for(self, event, timeout=ANSWER_SECONDS, since=0, **fields):
        """The first event of this name from `since` on whose fields have these values."""

        def matches(e):
            return e["event"] == event and all(e.get(k) == v for k, v in fields.items())

        until = time.monotonic() + self._within(timeout)
        with self._changed:
            at = since
            while True:
                while at < len(self.events):
                    if matches(self.events[at]):
                        return self.events[at]
                    at += 1
                if self._ended:
                    raise PeerError(f"{self.name}: no {event} event: {self._how_it_ended()}")
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    raise PeerError(
                        f"{self.name}: no {event} event {fields or ''} in {timeout:g} s".replace(
                            "  ", " "
                        )
                    )

    # The end

    @property
    def alive(self):
        return self.process.poll() is None

    def kill(self):
        """SIGKILL: what the other side sees when a machine or a process dies."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        with _running_lock:
            _running.discard(self)

    def close(self):
        """Ends the peer in good order, and by force if that takes longer than a moment."""
        if self.alive:
            self._outbox.put(None)
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                pass
        self.kill()

    def last_words(self):
        """The tail of the peer's standard error."""
        return list(self._errors)

    def _how_it_ended(self):
        status = self.process.poll()
        last = f": {self._errors[-1]}" if self._errors else ""
        return f"the process ended with status {status}{last}"

    def _within(self, timeout):
        return max(0, min(timeout, self.deadline - time.monotonic()))

    # Threads

    def _read(self):
        for line in self.process.stdout:
            try:
                said = json.loads(line)
            except ValueError:
                self._errors.append(f"not JSON on standard output: {line[:200]!r}")
                continue
            if "event" in said:
                self._on_event(said)
            else:
                self._on_answer(said)
        self.process.wait()
        with self._changed:
            self._ended = True
            pending = list(self._pending.values())
            self._pending.clear()
            self._changed.notify_all()
        for answer in pending:
            answer.set_exception(PeerError(f"{self.name} {answer.cmd}: {self._how_it_ended()}"))

    def _on_event(self, said):
        if "hex" in said:  # large messages are compared, not kept
            data = bytes.fromhex(said.pop("hex"))
            said["size"], said["sha256"] = len(data), hashlib.sha256(data).hexdigest()
        with self._changed:
            self.events.append(said)
            self._changed.notify_all()

    def _on_answer(self, said):
        with self._changed:
            answer = self._pending.pop(said.get("id"), None)
        if answer is None:
            self._errors.append(f"answer to no question: {json.dumps(said)[:200]}")
        elif said.get("ok"):
            answer.set_result(said.get("value"))
        else:
            answer.set_exception(PeerError(f"{self.name} {answer.cmd}: {said.get('error')}"))

    def _read_errors(self):
        for line in self.process.stderr:
            self._errors.append(line.decode(errors="replace").rstrip())

    def _write(self):
        """A thread of its own, so that a peer which stops reading cannot hold up the harness."""
        try:
            while (line := self._outbox.get()) is not None:
                self.process.stdin.write(line)
                self.process.stdin.flush()
            self.process.stdin.close()
        except (BrokenPipeError, ValueError):
            pass  # the reader reports the end

"""What no honest node does on Mina's RPC protocol, done by js: ours names it, and goes on answering an honest peer."""

import contextlib
import dataclasses
import json

from checks import expect, soon
from peer import PeerError
from rpc import HASH, ask_ours, asked_node, meet, plain, start_js


@dataclasses.dataclass(frozen=True)
class Move:
    """A move, what ours says of it, and what comes back."""

    what: str
    fault: tuple = ()  # one of these is named in an event or in the status
    answers: tuple = None  # the kinds, in the order of the queries: a refusal overtakes an answer that takes longer
    stream: str = None  # how it ends
    fails: tuple = ()  # of moves of who is asked: one of these is why our ask fails
    options: dict = dataclasses.field(default_factory=dict)


OK = "answer"
# As the events of `minap2p node` say them, where that is not the name with spaces.
TEXTS = {
    "unasked_answer": "answer not asked for",
    "duplicate_query": "query id in use",
    "malformed": "malformed message",
    "unknown_method": "unknown method or version",
}
TOO_LONG = ("frame_too_long", "answer_too_long", "malformed")
MOVES = [
    Move("unasked-answer", ("unasked_answer",), ()),
    Move("length-2^62", ("frame_too_long",), (), "reset"),
    Move("length-2^62-answer", ("frame_too_long", "malformed"), (), "reset"),
    Move("length-0", ("empty_frame",), (), "reset"),
    Move("heartbeat-flood", ("heartbeat_flood",), (), "reset"),
    Move("duplicate-id", ("duplicate_query",)),
    Move("unknown-method", ("unknown_method",), ("Unimplemented_rpc",)),
    Move("unknown-version", (), ("Unimplemented_rpc",)),
    Move("bad-handshake", ("bad_handshake",), (), "reset"),
    Move("bad-handshake-version", ("bad_handshake",), (), "reset"),
    Move("no-handshake", ("bad_handshake",), (), "reset"),
    Move("stop-mid-query", (), ()),
    Move("bad-query", ("bad_query",), ("Bin_io_exn",)),
    Move("trailing-bytes", ("malformed", "bad_query"), (), "reset"),
    Move("nested-bomb", ("malformed", "unasked_answer"), ()),
    Move("nested-bomb", ("malformed", "frame_too_long"), (), "reset", options={"count": 1_000_000}),
    Move("over-budget", ("over_budget",), (OK,) * 5 + ("Uncaught_exn",) * 7),
    # OCaml's node opens a stream a query, and leaves it: those make room. Those with half a query do not.
    Move("hundred-streams", ()),
    Move("hundred-streams", ("too_many_streams",), options={"half": "half"}),
    # Of who is asked; each is asked about a ledger, as often as one likes.
    Move("answer-twice", ("unasked_answer",)),
    Move("wrong-id", ("unasked_answer",), fails=("timed_out", "misbehaved", "closed")),
    Move("nested-bomb-answer", fails=("remote_error", "misbehaved")),
    Move("length-2^62-answered", TOO_LONG, stream="reset", fails=("misbehaved",)),
    Move("huge-answer", TOO_LONG, stream="reset", fails=("misbehaved",)),
    Move("huge-answer", ("answer_too_long",), fails=("misbehaved",), options={"count": (4 << 20) + 1}),
    Move("lying-menu", ("lying_menu",), fails=("unimplemented",)),
    Move("reset-mid-answer", fails=("closed", "misbehaved")),
    Move("finish-mid-answer", fails=("closed", "misbehaved", "timed_out")),
    Move("bad-menu", ("bad_menu", "malformed"), fails=("no_menu",), options={"menu": "endless"}),
    Move("bad-menu", ("bad_menu",), fails=("no_menu",), options={"menu": "torn"}),
    Move("bad-menu", ("bad_menu",), fails=("no_menu",), options={"menu": "repeated"}),
]  # fmt: skip
FIRST_OF_ASKED = "answer-twice"
IS_OF_ASKED = {m.what for m in MOVES[[m.what for m in MOVES].index(FIRST_OF_ASKED) :]}


def name_of(move):
    options = "-".join(str(v) for v in move.options.values())
    return f"{move.what}-{options}" if options else move.what


class Stage:
    """Ours and an honest peer, for one hostile peer after the other: a fixture of run.py."""

    def __init__(self, cast, ours):
        self.cast = cast
        self.ours = ours
        self.leave = contextlib.ExitStack()
        self.us = self.leave.enter_context(asked_node(cast, ours))
        self.honest = start_js(cast, name="honest")
        meet(self.us, self.honest)
        self.menu = self.honest.ask("rpcmenu", peer=self.us.id)

    def set_deadline(self, deadline):
        self.cast.deadline = deadline
        for one in self.cast.all:
            one.deadline = deadline

    def check_honest(self):
        menu = self.honest.ask("rpcmenu", peer=self.us.id)
        expect(menu == self.menu, f"the honest peer got another menu: {menu}")
        expect(self.us.alive, "ours has ended")

    def close(self):
        self.cast.close()
        self.leave.close()

    def last_words(self):
        return self.cast.last_words()


def hostile(stage, move):
    """Ours stays alive, answers an honest peer during and after, says why, and does what it should."""
    us = stage.us
    since = us.mark()
    is_asked = move.what in IS_OF_ASKED
    seconds = 15 if is_asked else 2
    with start_js(stage.cast, name=name_of(move)) as them:
        meet(us, them)
        options = {"seconds": seconds, **move.options}
        doing = them.send("minarpchostile", peer=us.id, what=move.what, **options)
        if is_asked:
            soon(lambda: them.ask("minarpcseen")["armed"], 5, lambda: "js does not serve its move")
        failure = ask_hostile(us, them, 25) if is_asked else None
        stage.check_honest()
        report = them.answer(doing, seconds + 10)
        stage.check_honest()
        if stage.ours == "js":
            move = as_js_takes(move)
        check_report(move, report, failure)
        if move.fault and stage.ours == "ours":
            soon(
                lambda: blamed(us, since, them, move.fault),
                3,
                lambda: f"ours names none of {move.fault}: {us.ask('status')}",
            )


def ask_hostile(us, them, seconds):
    """Why the ask failed, or None."""
    try:
        ask_ours(us, them, "answer_sync_ledger_query", HASH + "02", timeout=seconds)
    except PeerError as error:
        expect("no answer in" not in str(error), str(error))
        return str(error)
    return None


def as_js_takes(move):
    """js in the place of ours has no bounds on numbers, reads no queries, and names errors otherwise."""
    if move.what in ("bad-query", "heartbeat-flood", "hundred-streams"):
        return Move(move.what)
    return dataclasses.replace(move, fails=('"kind"',) if move.fails else ())


def check_report(move, report, failure):
    said = f"{json.dumps(report)[:600]}; {failure}"
    if move.what in IS_OF_ASKED:
        expect(report["asked"], f"ours did not ask: {said}")
        named = any(plain(r) in plain(failure or "") for r in move.fails)
        expect(named if move.fails else failure is None, f"the ask: {said}; wanted {move.fails}")
    if move.what == "hundred-streams" and not move.options:
        # All at once: until the first are answered, there is nothing that could make room. 64 find a place at least.
        expect(report["answered"] >= 64, said)
    if move.answers is not None and "answers" in report:
        kinds = tuple(a["what"] for a in sorted(report["answers"], key=lambda a: a.get("id", 0)))
        expect(kinds == move.answers, f"came back: {kinds}; {said}")
    if move.stream:
        expect(report["stream"] == move.stream or report["connection"] == "closed", said)


def blamed(us, since, them, faults):
    """Whether an event about the peer names one of the faults."""
    said = [json.dumps(e) for e in us.events[since:] if them.id in json.dumps(e)]
    wanted = [TEXTS.get(fault, fault) for fault in faults]
    return any(plain(fault) in plain(text) for fault in wanted for text in said)


def cases():
    for move in MOVES:
        yield f"rpc-hostile-{name_of(move)}", 45, lambda stage, move=move: hostile(stage, move)

"""Mina's RPCs: js, whose implementation of them is another one (peers/js-libp2p/rpc.mjs), and `minap2p node`.

Each asks the other, in the dialect of OCaml's node and of the Rust node. `--as js` puts js in the place of ours, which
proves the implementation in js. rpc_hostile.py has what no honest node does.
"""

import contextlib
import json
import re
import tempfile
import time

from checks import LOOPBACK, connections, expect, join, soon
from peer import PeerError
from scenarios import LOCAL_PSK, block

# What makes a peer one of OCaml's or of the Rust nodes, in identify.
IDENTITIES = {"ocaml": ["--announce", "/mina/node-status"], "rust": ["--agent", "mina"]}

MENU = "__Versioned_rpc.Menu"
PEERS = "get_some_initial_peers"
STAGED = "get_staged_ledger_aux_and_pending_coinbases_at_hash"
BEST_TIP = "get_best_tip"
# OCaml's table of the Berkeley network, in its order.
TABLE = [
    [PEERS, 1],
    [STAGED, 2],
    ["answer_sync_ledger_query", 3],
    [BEST_TIP, 2],
    ["get_ancestry", 2],
    ["Get_transition_knowledge", 1],
    ["get_transition_chain", 2],
    ["get_transition_chain_proof", 1],
    ["ban_notify", 1],
    ["get_completed_snarks", 1],
]
UNIT = NONE = EMPTY = "00"
HASH = "17" * 32  # of nothing that anybody has

# The largest that the Rust node's authors have met.
BEST_TIP_BYTES = 3_182_930
STAGED_BYTES = 59_286_608


def start_js(cast, dialect="ocaml", name=None):
    return cast.start("js", name, more=IDENTITIES[dialect], psk=LOCAL_PSK, kad=False)


@contextlib.contextmanager
def asked_node(cast, ours):
    """What is asked: ours, or a js that answers as ours with an empty store does."""
    if ours == "js":
        us = start_js(cast, name="ours")
        us.ask("minarpcserve", answers=empty_store(), limits={f"{PEERS}/1": 5})
        yield us
        return
    with tempfile.TemporaryDirectory() as scratch:
        flags = ["--network", "local", "--listen", LOOPBACK, "--data-dir", scratch]
        # It asks nobody for peers, nor for blocks, so that what js sees is what the test orders.
        us = cast.start_node([*flags, "--peers-target", "0", "--verdicts", "application"])
        us.name = "ours"
        yield us


def empty_store():
    answers = {f"{tag}/{version}": {"hex": NONE} for tag, version in TABLE}
    answers["answer_sync_ledger_query/3"] = {"hex": "010b" + b'"not found"'.hex()}
    return answers


def meet(us, them):
    """`them` dials us, and both have heard who the other is."""
    join(them, us)
    for me, you in ((us, them), (them, us)):
        me.wait_for("identify", peer=you.id)


def best_tip_value():
    """A best tip as large as they come: two blocks, and the hashes of many bodies between them."""
    real = block()
    if real is None:
        return {"size": BEST_TIP_BYTES, "seed": 3}
    hashes = (BEST_TIP_BYTES - 2 * len(real)) // 32
    count = b"\xfd" + hashes.to_bytes(4, "little")
    head = b"\x01" + real + count
    return {"pieces": [{"hex": head.hex()}, {"size": 32 * hashes, "seed": 3}, {"hex": real.hex()}]}


# js asks


def minarpc(me, you, method, version, value=UNIT, timeout=15, **more):
    return me.ask(
        "minarpc",
        timeout + 5,
        peer=you.id,
        method=method,
        version=version,
        hex=value,
        **{"seconds": timeout, **more},
    )


def answered(result, value):
    expect(result.get("hex") == value, f"answered {str(result)[:200]}, not {value}")


def failed(result, kind, **fields):
    error = result.get("error", {})
    expect(
        error.get("kind") == kind and all(error.get(k) == v for k, v in fields.items()),
        f"answered {str(result)[:200]}, not the error {kind} {fields or ''}",
    )


# What a node without blocks and ledgers answers: method, version, query, answer.
NOTHING_FOUND = [
    (BEST_TIP, 2, UNIT, NONE),
    ("answer_sync_ledger_query", 3, HASH + "02", "010b" + b'"not found"'.hex()),
    (STAGED, 2, HASH, NONE),
    ("get_transition_chain", 2, "01" + HASH, NONE),
    ("get_transition_chain_proof", 1, HASH, NONE),
    ("Get_transition_knowledge", 1, UNIT, EMPTY),
    ("ban_notify", 1, "00" * 6 + "f03f", UNIT),
    ("get_completed_snarks", 1, UNIT, NONE),
]


def js_asks_ocaml(cast, ours):
    """The menu first, a stream for each query; every method is answered, and what is none refused."""
    with asked_node(cast, ours) as us:
        them = start_js(cast)
        meet(us, them)
        menu = them.ask("rpcmenu", peer=us.id)
        expect(menu == TABLE, f"the menu is {menu}")
        for method, version, query, value in NOTHING_FOUND:
            result = minarpc(them, us, method, version, query, dialect="ocaml")
            expect(result.get("hex") == value, f"{method}: {str(result)[:200]}, not {value}")
        peers = minarpc(them, us, PEERS, 1)
        expect(peers.get("ok"), f"{PEERS}: {peers}")
        check_peers(bytes.fromhex(peers["hex"]))
        failed(minarpc(them, us, "no_such_method", 1, menu=False), "Unimplemented_rpc", form="ocaml")
        version = {"tag": BEST_TIP, "version": 77, "form": "ocaml"}
        failed(minarpc(them, us, BEST_TIP, 77, menu=False), "Unimplemented_rpc", **version)
        failed(minarpc(them, us, BEST_TIP, 77), "not-in-menu", offered=[2])
        many = them.ask(
            "minarpcmany", peer=us.id, method="answer_sync_ledger_query", version=3, hex=HASH + "02",
            count=2000, inFlight=50,
        )  # fmt: skip
        expect(many["ended"] == {"ok": 2000} and many["different"] == 1, f"2,000 queries: {many}")
        lasting(us, them)


def check_peers(value):
    """A list of host, port and peer id; the Rust node's limit of its size is kept too."""
    count, rest = value[0], value[1:]
    expect(count < 0x80 and len(value) <= 32_000, f"{len(value)} bytes of peers")
    for _ in range(count):
        size = rest[0]
        host, rest = rest[1 : 1 + size].decode(), rest[1 + size :]
        expect(re.fullmatch(r"[0-9a-fA-F.:]+", host), f"a peer's host is {host}")
        skip = {0xFE: 3, 0xFD: 5}.get(rest[0], 1)
        rest = rest[skip:]
        size = rest[0]
        identity, rest = rest[1 : 1 + size].decode(), rest[1 + size :]
        expect(identity.startswith(("12D3", "Qm", "16Ui")), f"a peer's id is {identity}")
    expect(not rest, f"{len(rest)} bytes behind the peers")


def js_asks_rust(cast, ours):
    """One stream, one query at a time, no menu, and no errors: the Rust node parts with whoever sends one."""
    with asked_node(cast, ours) as us:
        if ours == "js":
            us.ask("minarpcserve", dialect="rust", answers=empty_store())
        them = start_js(cast, "rust")
        meet(us, them)
        for method, version, query, value in NOTHING_FOUND[:4]:
            if ours != "js" and method == "answer_sync_ledger_query":
                continue  # its "not found" is an error
            result = minarpc(them, us, method, version, query, dialect="rust")
            expect(result.get("hex") == value, f"{method}: {str(result)[:200]}, not {value}")
        queries = [
            them.send("minarpc", peer=us.id, method=BEST_TIP, version=2, hex=UNIT, dialect="rust")
            for _ in range(5)
        ]
        for query in queries:
            answered(them.answer(query), NONE)
        # Heartbeats come all the time; a longer frame where nothing is asked would be strange.
        time.sleep(11)
        result = minarpc(them, us, BEST_TIP, 2, dialect="rust")
        answered(result, NONE)
        expect(result["heartbeats"] > 0, "no heartbeat in 11 s")
        seen = them.ask("minarpcseen")
        expect(not seen["strange"], f"js thinks it strange: {seen['strange']}")
        if ours == "js":  # ends the connection at an unknown method
            kind = minarpc(them, us, "no_such_method", 1, dialect="rust")["error"]["kind"]
            expect(kind in ("aborted", "closed", "finished", "reset"), f"unknown method: {kind}")
            return
        for method, version, value in (("no_such_method", 1, UNIT), ("answer_sync_ledger_query", 3, HASH + "02")):
            silent = minarpc(them, us, method, version, value, timeout=3, dialect="rust")
            expect(silent["error"]["kind"] == "timeout", f"{method}: {silent}")
        lasting(us, them)


def lasting(us, them):
    expect(us.alive, "ours has ended")
    expect(connections(us, them) == 1, f"{connections(us, them)} connections are left")


# Ours asks


def ask_ours(us, them, method, value=UNIT, timeout=60, **more):
    """Ours asks js: {version, size, sha256}. (For js in the place of ours: the same.)"""
    if us.kind != "js":
        options = {"hex": value, "digest": True, **more}
        return us.ask("rpc", timeout, peer=them.id, method=method, **options)
    dialect = "rust" if "mina" in them.flags else "ocaml"
    options = {"dialect": dialect, "digest": True, "seconds": 12, **more}
    if dialect == "rust":
        options["version"] = dict(TABLE)[method]
    result = us.ask("minarpc", timeout, peer=them.id, method=method, hex=value, **options)
    if not result.get("ok"):
        raise PeerError(json.dumps(result["error"]))
    return result


def plain(text):
    """timed_out, "timed out", timedOut: the same."""
    return re.sub(r"[^a-z]", "", text.lower())


def ours_fails(us, them, method, reasons, within=30, value=UNIT, **more):
    """The ask fails in time, for one of the reasons."""
    begun = time.monotonic()
    try:
        result = ask_ours(us, them, method, value, timeout=within, **more)
    except PeerError as error:
        said = str(error)
        expect("no answer in" not in said, said)
        expect(any(plain(r) in plain(said) for r in reasons), f"{said}: none of {reasons}")
        return time.monotonic() - begun
    raise PeerError(f"{method} was answered: {str(result)[:200]}; it should fail: {reasons}")


def same_digest(result, served, name):
    got = {k: result.get(k) for k in ("size", "sha256")}
    expect(got == served[name], f"{name}: {got} came, {served[name]} was sent")


def serve_and_meet(cast, us, dialect, answers, **more):
    them = start_js(cast, dialect)
    served = them.ask("minarpcserve", 30, dialect=dialect, answers=answers, **more)
    meet(us, them)
    return them, served


def ours_asks_ocaml(cast, ours):
    """The menu first and once; small and large answers, none, errors, and what the menu does not have."""
    with asked_node(cast, ours) as us:
        answers = {
            f"{BEST_TIP}/2": best_tip_value(),
            f"{STAGED}/2": {"size": STAGED_BYTES, "seed": 9},
            "get_transition_chain/2": {"none": True},
            "Get_transition_knowledge/1": {"error": "out of order"},
            "get_completed_snarks/1": {"unimplemented": True},
            f"{PEERS}/1": {"hex": EMPTY},
            "get_ancestry/1": {"none": True},
            "answer_sync_ledger_query/3": {"hex": "010b" + b'"not found"'.hex()},
        }
        them, served = serve_and_meet(cast, us, "ocaml", answers)
        same_digest(ask_ours(us, them, BEST_TIP), served, f"{BEST_TIP}/2")
        same_digest(ask_ours(us, them, STAGED, HASH), served, f"{STAGED}/2")
        expect(ask_ours(us, them, "get_transition_chain", "01" + HASH)["size"] == 1, "no None")
        same_digest(ask_ours(us, them, PEERS), served, f"{PEERS}/1")
        ours_fails(us, them, "Get_transition_knowledge", ["remote_error", "Uncaught_exn"])
        ours_fails(us, them, "get_completed_snarks", ["unimplemented"])
        ours_fails(us, them, "get_transition_chain_proof", ["not_served", "not-in-menu"], value=HASH)
        if ours == "ours":
            consensus_state = UNIT  # it is not sent: the menu has another version only
            ours_fails(us, them, "get_ancestry", ["version_not_offered", "query_unfit"], value=consensus_state)
            menu = us.ask("rpc", peer=them.id, method="menu")
            expect(entries_of(menu) == sorted(tuple(n.rsplit("/", 1)) for n in answers), f"menu: {menu}")
        asks = [ask_many_ours(us, them) for _ in range(50)]
        for ask in asks:
            us.answer(ask, 20)
        queries = [q["name"] for q in them.ask("minarpcseen")["queries"]]
        expect(queries[0] == f"{MENU}/1", f"asked first: {queries[:3]}")
        if ours == "ours":
            # Streams that are unused are reset, as OCaml's node does it, after ten seconds.
            soon(lambda: no_stream_left(us, them), 15, lambda: "an RPC stream stays open unused")
            ends = them.ask("minarpcseen")["ends"]
            expect(set(ends) <= {"reset"}, f"streams ended by {ends}")
        lasting(us, them)


def ask_many_ours(us, them):
    method, value = "answer_sync_ledger_query", HASH + "02"
    if us.kind != "js":
        return us.send("rpc", peer=them.id, method=method, hex=value, digest=True)
    return us.send("minarpc", peer=them.id, method=method, version=3, hex=value)


def entries_of(menu):
    """Of [[tag, version], …] or [{tag, version}, …], alone or as the value."""
    entries = menu["value"] if isinstance(menu, dict) and "value" in menu else menu
    if isinstance(entries, dict):
        entries = entries.get("menu", entries)
    pairs = [e if isinstance(e, list) else [e["tag"], e["version"]] for e in entries]
    return sorted((tag, str(version)) for tag, version in pairs)


def no_stream_left(us, them):
    return not any(
        "coda/rpcs/0.0.1" in c["streams"] for c in them.ask("conns") if c["peer"] == us.id
    )


def ours_asks_rust(cast, ours):
    """One stream, one query at a time, no menu; silence is waited out, and another stream taken."""
    with asked_node(cast, ours) as us:
        answers = {
            f"{BEST_TIP}/2": best_tip_value(),
            f"{STAGED}/2": {"size": STAGED_BYTES, "seed": 9},
            "answer_sync_ledger_query/3": {"hex": "010b" + b'"not found"'.hex()},
            f"{PEERS}/1": {"none": True},
            "get_transition_chain/2": {"none": True},
        }
        them, served = serve_and_meet(cast, us, "rust", answers)
        asks = [ask_ours_rust(us, them) for _ in range(20)]
        for ask in asks:
            us.answer(ask, 20)
        same_digest(ask_ours(us, them, BEST_TIP), served, f"{BEST_TIP}/2")
        same_digest(ask_ours(us, them, STAGED, HASH), served, f"{STAGED}/2")
        seen = them.ask("minarpcseen")
        expect(seen["streams"] == 1, f"{seen['streams']} streams for one query after the other")
        expect(not seen["strange"], f"js thinks it strange: {seen['strange']}")
        expect(not any(q["name"] == f"{MENU}/1" for q in seen["queries"]), "asked for a menu")
        expect(max(q["id"] for q in seen["queries"]) < 1 << 15, "an id that the Rust node misspells")
        ours_fails(us, them, PEERS, ["timed_out", "timeout"])
        if ours == "ours":
            same_digest(ask_ours(us, them, BEST_TIP), served, f"{BEST_TIP}/2")
            ours_fails(us, them, "get_transition_chain", ["query_unfit"], value="02" + HASH * 2)
            ours_fails(us, them, "menu", ["not_served"])
            seen = them.ask("minarpcseen")
            expect(not seen["strange"], f"js thinks it strange: {seen['strange']}")
            expect("reset" not in seen["ends"], "a reset, at which the Rust node hangs up")
        lasting(us, them)


def ask_ours_rust(us, them):
    method, value = "answer_sync_ledger_query", HASH + "02"
    if us.kind != "js":
        return us.send("rpc", peer=them.id, method=method, hex=value, digest=True)
    return us.send("minarpc", peer=them.id, method=method, version=3, hex=value, dialect="rust")


def ours_asks_staller(cast, ours, dialect):
    """An answer that stops in the middle fails, in time and with a reason; another peer is asked meanwhile."""
    with asked_node(cast, ours) as us:
        stall = {f"{BEST_TIP}/2": {"size": BEST_TIP_BYTES, "stallAfter": 1_000_000}}
        them, _ = serve_and_meet(cast, us, dialect, stall)
        honest, served = serve_and_meet(cast, us, "ocaml", {f"{BEST_TIP}/2": best_tip_value()})
        begun = time.monotonic()
        stalled = ask_in_vain(us, them, dialect)
        same_digest(ask_ours(us, honest, BEST_TIP), served, f"{BEST_TIP}/2")
        try:
            result = us.answer(stalled, 40)
            expect("error" in result, f"a stalled answer ended in {str(result)[:100]}")
            said = json.dumps(result["error"])
        except PeerError as error:
            said = str(error)
        reasons = ("timed_out", "timeout", "stalled", "misbehaved")
        expect(any(plain(r) in plain(said) for r in reasons), said)
        expect(time.monotonic() - begun < 40, "a stalled answer is waited for too long")
        same_digest(ask_ours(us, honest, BEST_TIP), served, f"{BEST_TIP}/2")
        expect(us.alive, "ours has ended")


def ask_in_vain(us, them, dialect):
    if us.kind != "js":
        return us.send("rpc", peer=them.id, method=BEST_TIP, hex=UNIT, digest=True)
    return us.send(
        "minarpc", peer=them.id, method=BEST_TIP, version=2, hex=UNIT, dialect=dialect, seconds=5
    )


# All cases: name, seconds, body(cast, ours)


def cases():
    yield "rpc-js-asks-ours-ocaml", 40, js_asks_ocaml
    yield "rpc-js-asks-ours-rust", 40, js_asks_rust
    yield "rpc-ours-asks-js-ocaml", 60, ours_asks_ocaml
    yield "rpc-ours-asks-js-rust", 60, ours_asks_rust
    for dialect in IDENTITIES:
        yield (
            f"rpc-ours-asks-js-{dialect}-stalls",
            45,
            lambda cast, ours, dialect=dialect: ours_asks_staller(cast, ours, dialect),
        )

"""Cases that need peers of their own: refusals, simultaneous dials, other key types, three hops, a recording."""

import hashlib
import json
import os
import pathlib
import subprocess
import tempfile
import time

import peer as peers
from checks import (
    MIB,
    OTHER_PSK,
    PSK,
    TOPIC,
    CheckFailed,
    connections,
    expect,
    flags,
    gone,
    join,
    meshed,
    ping_once,
    same,
    soon,
    spread,
)
from peer import PeerError

BLOCK = peers.ROOT.parent / "shared" / "data" / "berkeley" / "devnet-357934-block.bin"
BLOCK_BYTES = 14_679

# name -> (the dialer's key, the listener's key)
REFUSALS = {
    "wrong-psk": (PSK, OTHER_PSK),
    "psk-dials-plain": (PSK, None),
    "plain-dials-psk": (None, PSK),
}


class Cast:
    """Starts the peers of a scenario and ends them all with it."""

    def __init__(self, programs, deadline):
        self.programs = programs
        self.deadline = deadline
        self.all = []

    def start(self, kind, name=None, more=(), **options):
        one = peers.Peer(kind, [*flags(kind, **options), *more], self.programs, name)
        one.deadline = self.deadline
        self.all.append(one)
        return one

    def start_node(self, node_flags):
        one = peers.Peer("node", node_flags, self.programs, "node")
        one.deadline = self.deadline
        self.all.append(one)
        return one

    def close(self):
        for one in self.all:
            one.close()

    def last_words(self):
        return [f"{p.name}: {line}" for p in self.all for line in p.last_words()]


def refused(cast, ours, other, ours_dials, dialer_psk, listener_psk):
    """The dial fails within 25 s, nobody sees a connection, and both live.

    Most libraries wait for a header that never makes sense, until their time-out of 10 to 15 s.
    """
    psks = (dialer_psk, listener_psk) if ours_dials else (listener_psk, dialer_psk)
    us = cast.start(ours, "ours", psk=psks[0])
    them = cast.start(other, psk=psks[1])
    dialer, listener = (us, them) if ours_dials else (them, us)
    dialer.refuses("dial", timeout=25, addr=listener.addr)
    for me, you in ((us, them), (them, us)):
        expect(connections(me, you) == 0, f"{me.name} lists a connection")
        connects = [e for e in me.events if e["event"] == "connect"]
        expect(not connects, f"{me.name} reported a connection: {connects}")


def simultaneous(cast, ours, other):
    """Both dial at the same moment, several times over; in the end there is a usable connection.

    Ours keeps exactly one of the two that can come about. go, rust and js keep both, so that with
    one of them in the place of ours one or two are right; and go and rust dial from the port they
    listen on, so that TCP may make one connection of the two dials, in which both sides believe
    to be the dialer and fail.
    """
    us, them = (cast.start(k, n, psk=PSK, kad=False) for k, n in ((ours, "ours"), (other, None)))
    most = 1 if ours == "ours" else 2
    for _ in range(4):
        dials = [(us, us.send("dial", addr=them.addr)), (them, them.send("dial", addr=us.addr))]
        lost = 0
        for dialer, dial in dials:
            try:
                dialer.answer(dial)
            except PeerError as error:
                # The dial that lost may say so; that it hangs is never right.
                expect("no answer" not in str(error), str(error))
                lost += 1
        # One TCP connection of both dials: ours would settle it with the simultaneous-open token,
        # which go and rust no longer answer.
        if lost == len(dials):
            join(us, them)
        settled(us, them, most)
        for client, server in ((us, them), (them, us)):
            ping_once(client, server)
            same(client, server, "echo", 70_000)
        us.ask("hangup", peer=them.id)
        for me, you in ((us, them), (them, us)):
            gone(me, you)


def hangup(cast, ours, other, ours_dials):
    """Either side hangs up twice: both notice, nothing is left, and the next dial succeeds.

    Without Kademlia: rust's dials again by itself.
    """
    us = cast.start(ours, "ours", psk=PSK, kad=False)
    them = cast.start(other, psk=PSK, kad=False)
    dialer, listener = (us, them) if ours_dials else (them, us)
    for me, you in ((us, them), (them, us)) * 2:
        since = {p: p.mark() for p in (me, you)}
        join(dialer, listener)
        ping_once(me, you)
        me.ask("hangup", peer=you.id)
        for p, q in ((me, you), (you, me)):
            p.wait_for("disconnect", timeout=5, since=since[p], peer=q.id)
            gone(p, q)


def settled(us, them, most):
    """Waits until both count the same, allowed number of connections, twice in half a second."""

    def counts():
        return connections(us, them), connections(them, us)

    until = time.monotonic() + 10
    while True:
        first = counts()
        time.sleep(0.5)
        if first == counts() and first[0] == first[1] and 1 <= first[0] <= most:
            return
        if time.monotonic() > until:
            raise CheckFailed(
                f"ours counts {first[0]} connections, {them.name} {first[1]}; wanted 1 to {most}"
            )


def other_key(cast, ours, other, key):
    """The other's identity is of another type: Noise payloads and gossip signatures verify."""
    us = cast.start(ours, "ours", psk=PSK, kad=False)
    them = cast.start(other, psk=PSK, kad=False, key=key)
    for dialer, listener in ((us, them), (them, us)):
        since = {p: p.mark() for p in (us, them)}
        join(dialer, listener)
        for me, you in ((us, them), (them, us)):
            me.wait_for("identify", since=since[me], peer=you.id)
            same(me, you, "echo", 70_000)
        for me, you in ((us, them), (them, us)):
            meshed(me, you)
        spread(them, [us], os.urandom(2000))
        spread(us, [them], os.urandom(2000))
        dialer.ask("hangup", peer=listener.id)
        # Meshes forget a peer a moment after the connection has gone; before that, `meshed` would
        # see the old one.
        for me, you in ((us, them), (them, us)):
            gone(me, you)
            soon(
                lambda: you.id not in me.ask("mesh", topic=TOPIC),
                5,
                lambda: f"{me.name} keeps a dead peer in its mesh",
            )


def block():
    """A real block of the devnet when it is at hand beside the project; it is not part of it."""
    return pathlib.Path(BLOCK).read_bytes() if BLOCK.exists() else None


def three_hops(cast, ours):
    """Ours between go, rust and js, which know only ours: what one publishes reaches the others."""
    us = cast.start(ours, "ours", psk=PSK)
    ends = [
        cast.start(kind, psk=PSK, kad=False) for kind in peers.RIVALS
    ]  # Kademlia would introduce them to each other
    for end in ends:
        end.ask("dial", addr=us.addr)
    for end in ends:
        meshed(us, end)
        meshed(end, us)
    payloads = [os.urandom(BLOCK_BYTES), os.urandom(2 * MIB)]
    if real := block():
        payloads.append(real)
    for publisher in ends:
        for payload in payloads[:2]:
            spread(publisher, [us, *(e for e in ends if e is not publisher)], payload)
        # Mina's message id is of the content alone: the same bytes again would be a duplicate.
        payloads[:2] = [os.urandom(len(p)) for p in payloads[:2]]
    if real:
        spread(ends[0], [us, *ends[1:]], real)
    for end in ends:
        others = [connections(end, e) for e in ends if e is not end]
        expect(others == [0, 0], f"{end.name} has found the other ends: this was no test of ours")


LOCAL_CHAIN = "10ca1000000000000000000000000000000000000000000000000000000010ca"
LOCAL_PSK = hashlib.blake2b(f"/coda/0.0.1/{LOCAL_CHAIN}".encode(), digest_size=32).hexdigest()


def framed(value):
    """A gossip message of Mina: its length, then a tag and a value."""
    return len(value).to_bytes(8, "little") + value


def refuse(us, ends, payload):
    """What other nodes could not decode reaches nobody through us."""
    digest = hashlib.sha256(payload).hexdigest()
    ends[0].ask("publish", topic=TOPIC, hex=payload.hex())
    refused = us.wait_for("messageRefused", 5)
    expect(refused["via"] == ends[0].id and refused["size"] == len(payload), f"refused: {refused}")
    time.sleep(0.5)
    for end in ends[1:]:
        got = any(e["event"] == "message" and e.get("sha256") == digest for e in end.events)
        expect(not got, f"{end.name} got a message that is none")


def recorded_node(cast):
    """A block from go goes through `minap2p node` to js and rust; its recording replays to the same state."""
    with tempfile.TemporaryDirectory() as scratch:
        log = os.path.join(scratch, "log")
        node_flags = ["--network", "local", "--listen", "/ip4/127.0.0.1/tcp/0", "--payload"]
        us = cast.start_node([*node_flags, "--data-dir", scratch, "--record", log])
        ends = [cast.start(kind, psk=LOCAL_PSK, kad=False) for kind in peers.RIVALS]
        for end in ends:
            end.ask("dial", addr=us.addr)
        for end in ends:
            meshed(us, end)
            meshed(end, us)
        # A block when one is at hand, else the smallest message there is: SNARK work, none of it.
        payload = framed(b"\x00" + real) if (real := block()) else framed(b"\x01\x01\x00")
        spread(ends[0], [us, *ends[1:]], payload)
        refuse(us, ends, framed(b"\x00" + os.urandom(BLOCK_BYTES)))
        us.ask("stop")
        us.process.wait(10)
        expect(oct(os.stat(log).st_mode & 0o777) == "0o700", "the recording can be read by others")
        replayed = subprocess.run(
            [*cast.programs.command("node")[:1], "replay", log, "--json"],
            capture_output=True,
            text=True,
            timeout=30,
        )
        expect(replayed.returncode == 0, f"replay: {replayed.stderr.strip()}")
        report = json.loads(replayed.stdout.splitlines()[-1])
        expect(report["same"] and report["steps"] > 0, f"replay: {report}")

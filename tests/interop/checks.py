"""What is checked between ours and one other peer, and how the pair is made.

A check is a function of a `Pair`; it returns, or raises PeerError or CheckFailed with the reason.
All checks of a pair use the same two processes and, in the order below, mostly the same connection:
starting processes would take longer than the checks do. A check that fails gets the pair replaced,
so that the next one starts from a clean state.
"""

import concurrent.futures
import dataclasses
import hashlib
import os
import time

import peer as peers
from peer import PeerError

PSK = "5f" * 32
OTHER_PSK = "a3" * 32
TOPIC = "coda/consensus-messages/0.0.1"
LOOPBACK = "/ip4/127.0.0.1/tcp/0"
# A well-formed peer id whose key nobody here has.
NOBODY = "12D3KooWCRiEvXW5DTAXDdPw56YVjiwQhjnFqxbtAXyRnsazk22x"

MINA_YAMUX = "/coda/yamux/1.0.0"
# Advertised by every Mina node, and by the test services that the contract asks for.
ADVERTISED = {
    "/ipfs/id/1.0.0",
    "/ipfs/id/push/1.0.0",
    "/ipfs/ping/1.0.0",
    "/meshsub/1.1.0",
    "coda/rpcs/0.0.1",
    "/echo/1.0.0",
    "/perf/1.0.0",
}

MIB = 1 << 20
ECHO_SIZES = (0, 1, 255, 256 << 10, 1_000_000, 3_000_000, 16 * MIB)
RPC_SIZES = (1, 8, 70_000)
PERF_BYTES = 64 * MIB
STREAMS = 64


class CheckFailed(Exception):
    """The peers answered, but not as they must."""


def expect(condition, why):
    if not condition:
        raise CheckFailed(why)


@dataclasses.dataclass(frozen=True)
class Spec:
    """Which two peers, who dials whom, with or without the private network."""

    ours: str
    other: str
    ours_dials: bool
    psk: bool

    def __str__(self):
        direction = "dials" if self.ours_dials else "listens"
        return f"{self.other}/{direction}/{'psk' if self.psk else 'plain'}"


def flags(kind, psk=None, key=None, kad=True, topic=TOPIC, receives_from_js=True):
    """Flags that make a peer of this kind a Mina node on loopback."""
    out = ["--mina", "--listen", LOOPBACK]
    if topic:
        out += ["--topic", topic]
    if not kad:
        out += ["--no-kad"]
    if psk:
        out += ["--psk", psk]
    if key:
        out += ["--key", key]
    if kind == "rust" and receives_from_js:
        # rust-yamux ends a connection at a frame over 1 MiB, and js writes such frames once the
        # window has grown. This pins rust's windows to 256 KiB.
        out += ["--max-streams", "4096"]
    if kind == "js":
        out += ["--gossipsub-versions", "1.0,1.1"]  # what Mina's nodes speak
    return out


class Pair:
    """Two running peers; `dialer` has dialed `listener` once `connect` has been called."""

    def __init__(self, spec, programs, deadline):
        psk = PSK if spec.psk else None
        self.spec = spec
        self.ours = peers.Peer(spec.ours, flags(spec.ours, psk), programs, name="ours")
        try:
            self.other = peers.Peer(spec.other, flags(spec.other, psk), programs)
        except BaseException:
            self.ours.kill()
            raise
        self.dialer, self.listener = (
            (self.ours, self.other) if spec.ours_dials else (self.other, self.ours)
        )
        self.set_deadline(deadline)
        self.connected = False

    def set_deadline(self, deadline):
        self.ours.deadline = self.other.deadline = deadline

    def connect(self):
        if not self.connected:
            join(self.dialer, self.listener)
            self.connected = True

    def both_ways(self):
        """(client, server), either of the two being the client once."""
        return ((self.ours, self.other), (self.other, self.ours))

    def close(self):
        self.ours.close()
        self.other.close()

    def last_words(self):
        return [f"{p.name}: {line}" for p in (self.ours, self.other) for line in p.last_words()]


# The checks


def connect(pair):
    since = {p: p.mark() for p in (pair.dialer, pair.listener)}
    dialed = pair.dialer.ask("dial", addr=pair.listener.addr)
    pair.connected = True
    expect(dialed == pair.listener.id, f"dial answered {dialed}, not {pair.listener.id}")
    for me, you, direction in (
        (pair.dialer, pair.listener, "outbound"),
        (pair.listener, pair.dialer, "inbound"),
    ):
        event = me.wait_for("connect", since=since[me], peer=you.id)
        expect(
            event.get("direction") == direction,
            f"{me.name}: direction {event.get('direction')}, not {direction}",
        )
        expect(
            "noise" in event.get("security", "noise"),
            f"{me.name}: security {event.get('security')}",
        )
        if me.kind != "js":  # js names the class of its muxer, not what was negotiated
            expect(
                event.get("muxer", MINA_YAMUX) == MINA_YAMUX,
                f"{me.name}: muxer {event.get('muxer')}",
            )
        expect(connections(me, you) == 1, f"{me.name} has {connections(me, you)} connections")


def identify(pair):
    for me, you in pair.both_ways():
        seen = me.wait_for("identify", peer=you.id)
        expect(seen.get("agent"), f"{me.name} learnt no agent of {you.name}")
        observed = seen.get("observed", LOOPBACK)
        expect(
            observed.startswith("/ip4/127.0.0.1/tcp/"),
            f"{you.name} told {me.name} that it is {observed}",
        )
        # Not in the first event: right after its start go answers with an older list, and pushes
        # the rest.
        soon(
            lambda: not lacking(me, you),
            5,
            lambda: f"{me.name} does not hear of {you.name}'s {lacking(me, you)}",
        )
        expect(
            len(set(seen["protocols"])) == len(seen["protocols"]),
            f"{you.name} advertises a protocol twice",
        )


def lacking(me, you):
    return sorted(ADVERTISED - set(me.ask("protocols", peer=you.id)))


def ping(pair):
    for client, server in pair.both_ways():
        for _ in range(3):
            ping_once(client, server)


def ping_once(client, server):
    try:
        ms = client.ask("ping", peer=server.id)
    except PeerError:
        if server.kind != "rust" or client.kind == "ours":
            raise
        # rust answers on the newest ping stream only: the client's own periodic ping, due right
        # after connecting, made it drop this one.
        ms = client.ask("ping", peer=server.id)
    expect(0 <= ms < 5000, f"{client.name} pings {server.name} in {ms} ms")


def echo(pair):
    for client, server in pair.both_ways():
        for size in ECHO_SIZES:
            same(client, server, "echo", size)


def rpcecho(pair):
    for client, server in pair.both_ways():
        for size in RPC_SIZES:
            same(client, server, "rpcecho", size)


def same(client, server, cmd, size):
    try:
        back = client.ask(cmd, peer=server.id, bytes=size)
    except PeerError as error:
        raise CheckFailed(f"{size} bytes from {client.name}: {error}") from None
    expect(back is True, f"{size} bytes from {client.name}: others came back")


def perf(pair):
    for client, server in pair.both_ways():
        before = server.ask("served")
        client.ask("perf", timeout=40, peer=server.id, up=PERF_BYTES, down=PERF_BYTES)
        wanted = {k: before[k] + PERF_BYTES for k in ("perf_in", "perf_out")}
        # The client can be done a moment before the server has counted its last byte.
        soon(
            lambda: server.ask("served") == wanted,
            2,
            lambda: f"{server.name} has served {server.ask('served')}, not {wanted}",
        )


def streams(pair):
    """Both sides open 64 streams at once; the lengths differ so that a mix-up cannot go unseen."""
    waiting = [
        (client, client.send("echo", peer=server.id, bytes=1000 + 997 * i))
        for i in range(STREAMS)
        for client, server in pair.both_ways()
    ]
    for client, answer in waiting:
        expect(client.answer(answer) is True, f"{client.name}: other bytes came back")


def gossip_15kb(pair):
    gossip_both_ways(pair, 15_000)


def gossip_2mib(pair):
    gossip_both_ways(pair, 2 * MIB)


def gossip_both_ways(pair, size):
    for me, you in pair.both_ways():
        meshed(me, you)
    for publisher, subscriber in pair.both_ways():
        spread(publisher, [subscriber], os.urandom(size))


def wrong_id(pair):
    for client, server in pair.both_ways():
        addr, _, _ = server.addr.partition("/p2p/")
        client.refuses("dial", addr=f"{addr}/p2p/{NOBODY}")
        soon(
            lambda: connections(client, server) == 1,
            5,
            lambda: f"{client.name} has {connections(client, server)} connections left",
        )
        ping_once(client, server)


def killed(pair):
    """The other's process dies while both send bulk data: ours notices at once and stays usable."""
    answer = pair.ours.send("perf", peer=pair.other.id, up=1 << 40, down=0)
    pair.other.send("perf", peer=pair.ours.id, up=1 << 40, down=0)
    done, _ = concurrent.futures.wait([answer], 0.3)
    expect(
        not done, f"a transfer of 1 TiB ended before the kill: {answer.exception() if done else ''}"
    )
    since = pair.ours.mark()
    pair.other.kill()
    done, _ = concurrent.futures.wait([answer], 5)
    expect(done, "the transfer hangs 5 s after the other side has died")
    expect(
        answer.exception() is not None, "the transfer succeeded although the other side has died"
    )
    pair.ours.wait_for("disconnect", timeout=5, since=since, peer=pair.other.id)
    gone(pair.ours, pair.other)


@dataclasses.dataclass(frozen=True)
class Check:
    run: object
    seconds: int
    connects: bool = True  # wants the pair connected before it starts
    ends_pair: bool = False

    @property
    def name(self):
        return self.run.__name__.replace("_", "-")


PAIR_CHECKS = (
    Check(connect, 20, connects=False),
    Check(identify, 20),
    Check(ping, 20),
    Check(echo, 60),
    Check(rpcecho, 20),
    Check(perf, 90),
    Check(streams, 30),
    Check(gossip_15kb, 30),
    Check(gossip_2mib, 40),
    Check(wrong_id, 40),
    Check(killed, 20, ends_pair=True),
)


# What checks and scenarios share


def connections(me, you):
    """How many connections to `you` this peer lists."""
    return sum(c["peer"] == you.id for c in me.ask("conns"))


def soon(condition, seconds, why):
    """Waits until the condition holds; `why` says what is wrong if it does not in time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise CheckFailed(why())
        time.sleep(0.05)


def join(dialer, listener):
    """Dials, and waits until the listener has the connection too: the dialer is done first."""
    dialed = dialer.ask("dial", addr=listener.addr)
    expect(dialed == listener.id, f"dial answered {dialed}, not {listener.id}")
    soon(
        lambda: connections(listener, dialer) > 0,
        5,
        lambda: f"{listener.name} lists no connection, {dialer.name} does",
    )


def gone(me, you):
    """Waits until no connection to `you` is listed any more."""
    soon(
        lambda: connections(me, you) == 0,
        5,
        lambda: f"{me.name} still lists a connection to {you.name}",
    )


def meshed(me, you):
    """Waits until `you` is in this peer's mesh; heartbeats and subscriptions take a second."""
    soon(
        lambda: you.id in me.ask("mesh", topic=TOPIC),
        10,
        lambda: f"{you.name} is not in {me.name}'s mesh after 10 s",
    )


def spread(publisher, subscribers, data, timeout=15):
    """Publishes, and checks that each subscriber gets these very bytes and the right author."""
    since = [s.mark() for s in subscribers]
    publisher.ask("publish", topic=TOPIC, hex=data.hex())
    digest = hashlib.sha256(data).hexdigest()
    for subscriber, mark in zip(subscribers, since):
        try:
            message = subscriber.wait_for(
                "message", timeout=timeout, since=mark, topic=TOPIC, sha256=digest
            )
        except PeerError as error:
            others = [e["size"] for e in subscriber.events[mark:] if e["event"] == "message"]
            hint = f"; it got messages of {others} bytes" if others else ""
            raise CheckFailed(f"{len(data)} bytes from {publisher.name}: {error}{hint}") from None
        author = message.get("from")
        expect(
            author == publisher.id,
            f"{subscriber.name} thinks that {author} published, not {publisher.name}",
        )

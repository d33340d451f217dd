"""A network of twelve: nine of ours, and one each of go, rust and js, which know one seed only.

They find each other both ways, provider records cross both ways, a late node is found, a node that
starts again with its store needs no seed, bans outlive a restart, and a crawl lists everybody.
"""

import concurrent.futures
import hashlib
import json
import os
import subprocess
import tempfile
import time

import peer as peers
from checks import LOOPBACK, expect, soon
from scenarios import LOCAL_PSK

OURS = 9
FOUND_SECONDS = 30  # the aim: a node that starts late is found by all within this


class Network:
    def __init__(self, cast, scratch):
        self.cast = cast
        self.scratch = scratch
        self.seeds = os.path.join(scratch, "seeds")
        self.nodes = []
        self.rivals = []
        with open(self.seeds, "w", encoding="ascii"):
            pass

    def start_node(self, name, *more, seeds=True, listen=LOOPBACK):
        arguments = ["--network", "local", "--listen", listen, "--discovery-interval", "5s"]
        arguments += ["--data-dir", os.path.join(self.scratch, name)]
        if seeds:
            arguments += ["--seeds", self.seeds]
        node = self.cast.start_node([*arguments, *more])
        node.name = name
        return node

    def start_all(self):
        seed = self.start_node("seed")
        with open(self.seeds, "w", encoding="ascii") as file:
            file.write(seed.addr + "\n")
        self.nodes = [seed] + [self.start_node(f"node-{i}") for i in range(1, OURS)]
        for kind in peers.RIVALS:
            rival = self.cast.start(kind, psk=LOCAL_PSK)
            rival.ask("dial", addr=seed.addr)
            self.rivals.append(rival)

    @property
    def all(self):
        return self.nodes + self.rivals


def finds(me, you):
    """Whether `me` finds an address of `you` in the DHT."""
    try:
        found = me.ask("findpeer", peer=you.id, timeout=20)
    except peers.PeerError:
        return False
    plain = you.addr.split("/p2p/")[0]
    return any(address.split("/p2p/")[0] == plain for address in found)


def all_find(finders, sought, seconds):
    """Each finder finds each one sought; the finders ask side by side."""
    until = time.monotonic() + seconds

    def missing_of(me):
        missing = [you for you in sought if you is not me]
        while missing and time.monotonic() < until:
            missing = [you for you in missing if not finds(me, you)]
            if missing:
                time.sleep(0.5)
        return [f"{me.name} does not find {you.name}" for you in missing]

    with concurrent.futures.ThreadPoolExecutor(len(finders)) as pool:
        complaints = [text for texts in pool.map(missing_of, finders) for text in texts]
    expect(not complaints, "; ".join(complaints[:6]))


def is_crowded(node, wanted):
    return node.ask("status")["peers"] >= wanted


def find_each_other(network):
    for node in network.nodes:
        soon(
            lambda: is_crowded(node, OURS - 1),
            FOUND_SECONDS,
            lambda: f"{node.name} has {node.ask('status')['peers']} peers",
        )
    all_find(network.all, network.all, FOUND_SECONDS)


def provide_both_ways(network):
    """Ours finds what the others provide, and they what ours does."""
    ours = network.nodes[-1]
    for rival in network.rivals:
        for provider, seeker in ((rival, ours), (ours, rival)):
            digest = hashlib.sha256(f"{provider.name} to {seeker.name}".encode()).hexdigest()
            provider.ask("provide", cid=digest, timeout=30)
            soon(
                lambda: provider.id in seeker.ask("findprovs", cid=digest, timeout=30),
                10,
                lambda: f"{seeker.name} does not find what {provider.name} provides",
            )


def join_late(network):
    late = network.start_node("late")
    all_find([n for n in network.all], [late], FOUND_SECONDS)
    network.nodes.append(late)


def crawl(network):
    """Every node is in the crawl, with its agent, and those that listen are reached."""
    out = os.path.join(network.scratch, "crawl.jsonl")
    program = network.cast.programs.command("node")[0]
    done = subprocess.run(
        [program, "crawl", "--network", "local", "--seeds", network.seeds, "--out", out, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    expect(done.returncode == 0, f"crawl: {done.stderr.strip()}")
    with open(out, encoding="utf-8") as file:
        entries = {entry["peer"]: entry for entry in map(json.loads, file)}
    for one in network.all:
        expect(one.id in entries, f"the crawl does not list {one.name}")
        expect(entries[one.id]["reachable"], f"the crawl has not reached {one.name}")
        expect(entries[one.id]["agent"], f"the crawl has no agent of {one.name}")


def restart_without_seeds(network):
    """Its store tells a node where to go; what was banned stays so."""
    node = network.nodes.pop()
    banned = network.rivals[0]
    node.ask("ban", peer=banned.id, **{"for": "1h"})
    node.ask("stop")
    node.process.wait(10)
    again = network.start_node(node.name, seeds=False)
    network.nodes.append(again)
    soon(
        lambda: is_crowded(again, OURS - 1),
        FOUND_SECONDS,
        lambda: f"{again.name} has {again.ask('status')['peers']} peers after a restart",
    )
    rules = again.ask("rules")
    expect([r["subject"] for r in rules if r["kind"] == "ban"] == [banned.id], f"rules: {rules}")
    again.refuses("dial", addr=banned.addr)
    why = {entry["peer"]: entry["why"] for entry in again.ask("peers", why=True)}
    expect("banned" in why.get(banned.id, ""), f"why not {banned.name}: {why.get(banned.id)}")
    again.ask("unban", peer=banned.id)
    again.ask("dial", addr=banned.addr)


def survive_kills(network, rounds=10):
    """Killed at any moment, a node starts again with its store, and finds its peers."""
    node = network.nodes.pop()
    events = []
    for number in range(rounds):
        time.sleep(0.05 + 0.3 * (number * 7 % 10) / 10)
        node.kill()
        events += node.events
        node = network.start_node(node.name, seeds=False)
    network.nodes.append(node)
    soon(
        lambda: is_crowded(node, OURS - 2),
        FOUND_SECONDS,
        lambda: f"{node.name} has {node.ask('status')['peers']} peers after {rounds} kills",
    )
    warnings = [e["text"] for e in events + node.events if e["event"] == "warning" and "sqlite" in e["text"]]
    expect(not warnings, f"{node.name}: {warnings}")


def network_of_twelve(cast):
    with tempfile.TemporaryDirectory() as scratch:
        network = Network(cast, scratch)
        network.start_all()
        find_each_other(network)
        provide_both_ways(network)
        join_late(network)
        crawl(network)
        restart_without_seeds(network)
        survive_kills(network)
        for one in network.all:
            expect(one.alive, f"{one.name} has ended")

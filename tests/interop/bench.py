#!/usr/bin/env python3
"""Measures ours and the others on the same work, in one run, and prints a table a workload.

Figures of different runs do not compare: on a shared machine they move up to 2x. Hence every round
measures each pair once, one after the other, and the medians over the rounds are shown. CPU is user
and system time of a whole process, taken before and after, so that it is the sound measure where
wall time depends on what else runs.
"""

import argparse
import dataclasses
import fnmatch
import json
import os
import platform
import statistics
import subprocess
import sys
import time

import peer as peers
from checks import PSK, TOPIC, flags, soon
from peer import PeerError, Programs

MIB = 1 << 20
SUBSCRIBERS = 10
PATIENCE = 120  # seconds for one command


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a workload is told: who asks whom, how much of the full size, with or without psk."""

    client: str
    server: str
    programs: Programs
    scale: float
    psk: bool = True

    @property
    def name(self):
        return f"{self.client} → {self.server}"

    def size(self, full, js):
        """js does a tenth of the others' work in the same time, so it gets less to do."""
        return max(1, int((js if "js" in (self.client, self.server) else full) * self.scale))

    def start(self, kind, gossip=False):
        # Pinned windows slow rust down, so it gets them only where it must have them.
        given = flags(
            kind,
            PSK if self.psk else None,
            kad=False,
            topic=TOPIC if gossip else None,
            receives_from_js="js" in (self.client, self.server),
        )
        if not gossip:
            given.append("--no-pubsub")
        elif kind == "go":
            given += ["--validate-queue", "8192", "--outbound-queue", "1024"]
        return peers.Peer(kind, given + ["--quiet"], self.programs)


class Stopwatch:
    """CPU seconds that a peer uses from here on."""

    def __init__(self, peer):
        self.peer = peer
        self.start = peer.ask("cpu")["cpu_seconds"]

    def cpu(self):
        return self.peer.ask("cpu", timeout=PATIENCE)["cpu_seconds"] - self.start


def both(setting):
    """Two peers, the client connected to the server."""
    client, server = setting.start(setting.client), setting.start(setting.server)
    client.ask("dial", addr=server.addr)
    return client, server


def bulk(setting, streams):
    client, server = both(setting)
    with client, server:

        def send(amount):
            return client.ask(
                "bulk", timeout=PATIENCE, peer=server.id, up=amount, down=0, streams=streams
            )

        send(8 * MIB)  # windows open, code warm
        watches = Stopwatch(client), Stopwatch(server)
        result = send(setting.size(512 * MIB, 64 * MIB))
        sender, receiver = (w.cpu() * 1e9 / result["bytes"] for w in watches)
        return {
            "MB/s": result["mb_per_s"],
            "sender CPU ns/B": sender,
            "receiver CPU ns/B": receiver,
        }


def handshakes(setting):
    with setting.start(setting.client) as client, setting.start(setting.server) as server:
        watch = Stopwatch(server)
        count = setting.size(500, 60)
        result = client.ask("handshakes", timeout=PATIENCE, addr=server.addr, n=count, inflight=16)
        if result["failures"]:
            raise PeerError(f"{result['failures']} of {count} handshakes failed")
        return {
            "connections/s": result["conns_per_s"],
            "dialer CPU µs": result["cpu_seconds"] * 1e6 / count,
            "listener CPU µs": watch.cpu() * 1e6 / count,
        }


def echo_rtt(setting):
    client, server = both(setting)
    with client, server:
        count = setting.size(5000, 1000)
        watch = Stopwatch(server)
        result = client.ask("echo_rtt", timeout=PATIENCE, peer=server.id, bytes=32, n=count)
        return {
            "p50 µs": result["p50_us"],
            "p99 µs": result["p99_us"],
            "client CPU µs": result["cpu_us_per_message"],
            "server CPU µs": watch.cpu()
            * 1e6
            / (count + min(100, count)),  # it sees the warm-up too
        }


def rate(setting, streams=1, new_stream_each=False):
    client, server = both(setting)
    with client, server:
        count = setting.size(2000, 500) if new_stream_each else setting.size(20_000, 3000)
        watch = Stopwatch(server)
        # go shares `outstanding` out over the streams, rust gives it to each: one stream means the
        # same to all.
        result = client.ask(
            "rate",
            timeout=PATIENCE,
            peer=server.id,
            bytes=256,
            n=count,
            outstanding=64,
            streams=streams,
            new_stream_each=new_stream_each,
        )
        return {
            "requests/s": result["req_per_s"],
            "client CPU µs": result["cpu_us_per_req"],
            "server CPU µs": watch.cpu() * 1e6 / count,
        }


def gossip(setting):
    """One publisher, ten subscribers in processes of their own, 1 KiB messages, StrictSign."""
    started = []
    try:
        publisher = setting.start(setting.client, gossip=True)
        started.append(publisher)
        for _ in range(SUBSCRIBERS):
            started.append(setting.start(setting.server, gossip=True))
        subscribers = started[1:]
        for subscriber in subscribers:
            subscriber.ask("dial", addr=publisher.addr)
        soon(
            lambda: len(publisher.ask("mesh", topic=TOPIC)) == SUBSCRIBERS,
            20,
            lambda: "the mesh does not fill",
        )
        count = setting.size(1000, 200)
        watches = [Stopwatch(p) for p in started]
        begun = time.time()
        publisher.ask("publish_many", timeout=PATIENCE, topic=TOPIC, bytes=1024, n=count)
        delivered, last = arrived(subscribers, count)
        used = [w.cpu() for w in watches]
        return {
            "deliveries/s": delivered / max(1e-9, last - begun),
            "publisher CPU µs a delivery": used[0] * 1e6 / delivered,
            "subscriber CPU µs a delivery": sum(used[1:]) * 1e6 / delivered,
            "lost": count * SUBSCRIBERS - delivered,
        }
    finally:
        for one in started:
            one.close()


def arrived(subscribers, count):
    """Waits until all has come or nothing more for 3 s; (how many messages, when the last)."""
    seen, since = -1, time.monotonic()
    while True:
        answers = [s.ask("received", topic=TOPIC, timeout=PATIENCE) for s in subscribers]
        total = sum(a["count"] for a in answers)
        if total > seen:
            seen, since = total, time.monotonic()
        if total >= count * len(subscribers) or time.monotonic() - since > 3:
            if total == 0:
                raise PeerError("no message came")
            return total, max(a["last_ms"] for a in answers) / 1000
        time.sleep(0.2)


def idle(setting):
    """Memory of the listener for each connection that is only kept."""
    with setting.start(setting.client) as client, setting.start(setting.server) as server:
        client.ask(
            "handshakes", timeout=PATIENCE, addr=server.addr, n=setting.size(50, 20), inflight=16
        )  # warm
        time.sleep(1)
        before = server.ask("cpu", gc=True)["rss_bytes"]
        count = setting.size(500, 100)
        client.ask("idle_conns", timeout=PATIENCE, addr=server.addr, n=count)
        time.sleep(2)
        after = server.ask("cpu", gc=True)["rss_bytes"]
        watch = Stopwatch(server)
        time.sleep(3)
        return {
            "KiB a connection": (after - before) / 1024 / count,
            "idle CPU % of a core": watch.cpu() / 3 * 100,
        }


# name -> (private network, function of a Setting)
WORKLOADS = {
    "bulk-1-stream": (False, lambda s: bulk(s, 1)),
    "bulk-8-streams": (False, lambda s: bulk(s, 8)),
    "bulk-1-stream-psk": (True, lambda s: bulk(s, 1)),
    "bulk-8-streams-psk": (True, lambda s: bulk(s, 8)),
    "handshakes-psk": (True, handshakes),
    "echo-rtt-psk": (True, echo_rtt),
    "rate-psk": (True, rate),
    "rate-new-stream-psk": (True, lambda s: rate(s, new_stream_each=True)),
    "gossip-psk": (True, gossip),
    "idle-psk": (True, idle),
}


def measure(workload, pairs, arguments, programs):
    """{pair: {metric: [value of each round]}}; a failure is said, and leaves its round out."""
    psk, work = WORKLOADS[workload]
    results = {}
    for number in range(arguments.rounds):
        for client, server in pairs:
            setting = Setting(client, server, programs, arguments.scale, psk)
            print(f"{workload}, round {number + 1}: {setting.name}", file=sys.stderr, flush=True)
            try:
                values = work(setting)
            except Exception as error:  # one rival's trap must not cost the whole run
                print(f"  FAILED: {error}", file=sys.stderr, flush=True)
                continue
            for metric, value in values.items():
                results.setdefault(setting.name, {}).setdefault(metric, []).append(value)
    return results


def table(workload, results):
    """A markdown table of medians."""
    metrics = list(next(iter(results.values()), {}))
    lines = [
        f"### {workload}",
        "",
        "| " + " | ".join(["", *metrics]) + " |",
        "|---" * (len(metrics) + 1) + "|",
    ]
    for pair, values in results.items():
        lines.append(
            f"| {pair} | " + " | ".join(short(statistics.median(values[m])) for m in metrics) + " |"
        )
    return "\n".join(lines) + "\n"


def short(value):
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def circumstances(arguments):
    with open("/proc/cpuinfo") as f:
        model = next(
            (line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), ""
        )
    commit = subprocess.run(
        ["git", "-C", str(peers.ROOT), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
    ).stdout.strip()
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "commit": commit,
        "load": os.getloadavg()[0],
        "rounds": arguments.rounds,
        "scale": arguments.scale,
    }


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Measures ours, go, rust and js on the same work.",
        epilog="Examples:  bench.py --kinds ours,go,rust"
        "     bench.py --workload 'bulk*' --rounds 5 --json bulk.json",
    )
    parser.add_argument("--ours", metavar="PATH", help="our peer (build/release/bin/minap2p-peer)")
    parser.add_argument("--kinds", help="of ours,go,rust,js (all that are built)")
    parser.add_argument("--workload", metavar="GLOB", default="*", help=", ".join(WORKLOADS))
    parser.add_argument(
        "--same-kind", action="store_true", help="leave out ours against the others"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="times that every pair is measured (3)"
    )
    parser.add_argument("--scale", type=float, default=1, help="of the amount of work (1)")
    parser.add_argument("--json", metavar="FILE", help="write every single value there")
    arguments = parser.parse_args()
    programs = Programs(arguments.ours)
    if arguments.kinds is None:
        arguments.kinds = [k for k in peers.KINDS if not programs.missing(k)]
    else:
        arguments.kinds = arguments.kinds.split(",")
        for kind in arguments.kinds:
            if kind not in peers.KINDS:
                parser.error(f"--kinds: no kind {kind}; there are {', '.join(peers.KINDS)}")
            if why := programs.missing(kind):
                parser.error(why)
    return arguments, programs


def main():
    arguments, programs = parse_arguments()
    pairs = [(k, k) for k in arguments.kinds]
    if "ours" in arguments.kinds and not arguments.same_kind:
        for kind in arguments.kinds:
            if kind != "ours":
                pairs += [("ours", kind), (kind, "ours")]
    chosen = fnmatch.filter(WORKLOADS, arguments.workload)
    if not chosen:
        print(
            f"bench.py: no workload {arguments.workload}; there are {', '.join(WORKLOADS)}",
            file=sys.stderr,
        )
        return 2
    about = circumstances(arguments)
    print(", ".join(f"{k} {v}" for k, v in about.items()), end="\n\n", flush=True)
    everything = {}
    for workload in chosen:
        everything[workload] = measure(workload, pairs, arguments, programs)
        print(table(workload, everything[workload]), flush=True)
    if arguments.json:
        with open(arguments.json, "w") as f:
            json.dump({"about": about, "results": everything}, f, indent=1, ensure_ascii=False)
            f.write("\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

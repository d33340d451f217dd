#!/usr/bin/env python3
"""Runs ours against go-libp2p, rust-libp2p and js-libp2p, one line a case. See README.md."""

import argparse
import concurrent.futures
import dataclasses
import fnmatch
import os
import pathlib
import sys
import threading
import time

import network
import peer as peers
import rpc
import rpc_hostile
import scenarios
from checks import PAIR_CHECKS, CheckFailed, Pair, Spec
from peer import PeerError, Programs

WAITING_LANES = 3
FAILURES_IN_A_ROW = 3  # in one group; after that its other cases would only wait for the same


@dataclasses.dataclass(frozen=True)
class Case:
    """One line of the report. `run` gets the fixture of its group and a deadline."""

    name: str
    seconds: int
    run: object


@dataclasses.dataclass
class Group:
    """Cases that use the same processes, which `start(deadline)` makes anew when there are none."""

    kinds: tuple
    cases: list
    start: object
    waits: bool = False  # spends its time in other people's time-outs: runs beside the rest


class Run:
    """Counts and prints the outcomes."""

    def __init__(self, programs, seconds):
        self.programs = programs
        self.deadline = time.monotonic() + seconds
        self.ci = os.environ.get("CI") == "true"
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.stopping = False
        self._lock = threading.Lock()

    def report(self, case, outcome, detail="", last_words=()):
        if outcome == "skipped" and self.ci:
            outcome, detail = "failed", f"{detail} (CI skips nothing)"
        shown = {
            "passed": f"ok, {detail}",
            "failed": f"FAILED: {detail}",
            "skipped": f"skipped: {detail}",
        }[outcome]
        with self._lock:
            self.counts[outcome] += 1
            print(f"{case.name}: {shown}", flush=True)
            for line in last_words:
                print(f"    {line}", file=sys.stderr, flush=True)

    def group(self, group):
        for kind in group.kinds:
            if why := self.programs.missing(kind):
                for case in group.cases:
                    self.report(case, "skipped", why)
                return
        fixture = None
        in_a_row = 0
        for case in group.cases:
            if why := self.no_use(in_a_row):
                self.report(case, "failed", why)
                continue
            passed, fixture = self.case(group, case, fixture)
            in_a_row = 0 if passed else in_a_row + 1
        if fixture:
            fixture.close()

    def no_use(self, in_a_row):
        """Why there is no use in trying a further case of a group, or None."""
        if self.stopping:
            return "interrupted"
        if time.monotonic() > self.deadline:
            return "the whole run's time is up"
        if in_a_row >= FAILURES_IN_A_ROW:
            return f"not tried after {in_a_row} failures in a row"
        return None

    def case(self, group, case, fixture):
        """Runs one case; whether it passed, and the fixture for the next, None if it is used up."""
        begun = time.monotonic()
        deadline = min(begun + case.seconds, self.deadline)
        try:
            fixture = fixture or group.start(deadline)
            reusable = case.run(fixture, deadline)
        except Exception as error:
            why = str(error)
            if not isinstance(error, (PeerError, CheckFailed)):  # an answer of another shape, say
                why = f"{type(error).__name__}: {error}"
            if time.monotonic() >= deadline:
                why += " (the case's time is up)"
            if fixture:
                fixture.close()
            self.report(case, "failed", why, fixture.last_words() if fixture else ())
            return False, None
        except BaseException:
            if fixture:
                fixture.close()
            raise
        self.report(case, "passed", f"{time.monotonic() - begun:.1f} s")
        if reusable:
            return True, fixture
        fixture.close()
        return True, None


def pair_group(spec, programs):
    def case(check):
        def run(pair, deadline):
            pair.set_deadline(deadline)
            if check.connects:
                pair.connect()
            check.run(pair)
            return not check.ends_pair

        return Case(f"{spec}/{check.name}", check.seconds, run)

    return Group(
        (spec.ours, spec.other),
        [case(c) for c in PAIR_CHECKS],
        lambda deadline: Pair(spec, programs, deadline),
    )


def scenario_group(name, kinds, seconds, scenario, programs, waits=False):
    def run(cast, _deadline):
        scenario(cast)
        return False

    return Group(
        kinds,
        [Case(name, seconds, run)],
        lambda deadline: scenarios.Cast(programs, deadline),
        waits,
    )


def hostile_group(kinds, ours, programs):
    def case(name, seconds, body):
        def run(stage, deadline):
            stage.set_deadline(deadline)
            body(stage)
            return True

        return Case(name, seconds, run)

    return Group(
        kinds,
        [case(*c) for c in rpc_hostile.cases()],
        lambda deadline: rpc_hostile.Stage(scenarios.Cast(programs, deadline), ours),
    )


def all_groups(ours, others, programs):
    groups = []

    def scenario(name, kinds, seconds, body, **options):
        groups.append(scenario_group(name, kinds, seconds, body, programs, **options))

    for other in others:
        for ours_dials in (True, False):
            for psk in (True, False):
                groups.append(pair_group(Spec(ours, other, ours_dials, psk), programs))
        scenario(
            f"{other}/simultaneous-dials",
            (ours, other),
            60,
            lambda cast, other=other: scenarios.simultaneous(cast, ours, other),
        )
        # The rust peer is built without RSA.
        for key in ("secp256k1",) if "rust" in (ours, other) else ("secp256k1", "rsa"):
            scenario(
                f"{other}/key-{key}",
                (ours, other),
                60,
                lambda cast, other=other, key=key: scenarios.other_key(cast, ours, other, key),
            )
        for ours_dials in (True, False):
            side = "dials" if ours_dials else "listens"
            scenario(
                f"{other}/{side}/hangup",
                (ours, other),
                60,
                lambda cast, a=(ours, other, ours_dials): scenarios.hangup(cast, *a),
            )
            for name, psks in scenarios.REFUSALS.items():
                scenario(
                    f"{other}/{side}/{name}",
                    (ours, other),
                    40,
                    lambda cast, a=(ours, other, ours_dials, *psks): scenarios.refused(cast, *a),
                    waits=True,
                )
    if "js" in others and ours in ("ours", "js"):
        kinds = ("js",) if ours == "js" else ("node", "js")
        for name, seconds, body in rpc.cases():
            scenario(name, kinds, seconds, lambda cast, body=body: body(cast, ours))
        groups.append(hostile_group(kinds, ours, programs))
    if set(others) == set(peers.RIVALS):
        scenario("three-hops", (ours, *others), 60, lambda cast: scenarios.three_hops(cast, ours))
        if ours == "ours":
            scenario("recorded-node", (ours, "node", *others), 60, scenarios.recorded_node)
            scenario("network-of-twelve", ("node", *others), 240, network.network_of_twelve)
    return groups


def selected(groups, pattern):
    for group in groups:
        group.cases = [c for c in group.cases if fnmatch.fnmatchcase(c.name, pattern)]
    return [g for g in groups if g.cases]


def run_all(run, groups, jobs):
    """Groups that mostly wait run beside the others, which share `jobs` lanes."""

    def lane(count, chosen):
        pool = concurrent.futures.ThreadPoolExecutor(count)
        return pool, [pool.submit(run.group, g) for g in chosen]

    watch = threading.Timer(max(0, run.deadline - time.monotonic()), peers.end_all)
    watch.daemon = True
    watch.start()
    lanes = [
        lane(jobs, [g for g in groups if not g.waits]),
        lane(WAITING_LANES, [g for g in groups if g.waits]),
    ]
    try:
        for _, futures in lanes:
            for future in futures:
                future.result()
    except BaseException:
        run.stopping = True
        raise
    finally:
        for pool, _ in lanes:
            if run.stopping:
                peers.end_all()
            pool.shutdown(cancel_futures=True)
        peers.end_all()
        watch.cancel()


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Runs ours against other libp2p implementations.",
        epilog="Examples:  run.py --peers go --case 'go/dials/psk/*'"
        "     run.py --as rust --peers go,js",
    )
    parser.add_argument("--ours", metavar="PATH", help="our peer (build/release/bin/minap2p-peer)")
    parser.add_argument(
        "--as",
        dest="kind",
        choices=peers.KINDS,
        default="ours",
        help="what stands in the place of ours, to prove the harness itself",
    )
    parser.add_argument("--peers", default=",".join(peers.RIVALS), help="the others, of go,rust,js")
    parser.add_argument("--case", metavar="GLOB", default="*", help="only the cases of these names")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and end")
    parser.add_argument("--jobs", type=int, default=1, help="how many pairs at a time (1)")
    parser.add_argument(
        "--time-limit", type=float, default=1200, help="of the whole run, in seconds (1200)"
    )
    arguments = parser.parse_args()
    arguments.peers = arguments.peers.split(",")
    if unknown := set(arguments.peers) - set(peers.RIVALS):
        parser.error(
            f"--peers: no peer {', '.join(sorted(unknown))}; there are {', '.join(peers.RIVALS)}"
        )
    if arguments.ours and not os.access(arguments.ours, os.X_OK):
        parser.error(f"--ours: no program {arguments.ours}")
    return arguments


def main():
    arguments = parse_arguments()
    programs = Programs(pathlib.Path(arguments.ours).resolve() if arguments.ours else None)
    groups = selected(all_groups(arguments.kind, arguments.peers, programs), arguments.case)
    if arguments.list:
        for group in groups:
            for case in group.cases:
                print(case.name)
        return 0
    if not groups:
        print(f"run.py: no case is named {arguments.case}; --list names them", file=sys.stderr)
        return 2
    run = Run(programs, arguments.time_limit)
    run_all(run, groups, max(1, arguments.jobs))
    print(", ".join(f"{n} {outcome}" for outcome, n in run.counts.items()))
    return 1 if run.counts["failed"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

"""`make bench`, or `python -m bench`: measure, print, and write BENCHMARKS.md.

The file is written when everything was measured, or where `--output` says. The status is 1 when a check failed or a peer
could not be measured; times never decide it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import harness, machine, peers, report
from bench.peers import PEERS, ROOT, BenchError
from bench.samplers import Settings
from bench.workloads import ALL


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Thalweg and its peers on the same work.")
    works, names = [w.name for w in ALL], list(PEERS)
    parser.add_argument("--only", type=chosen(works), default=works, metavar="WORK,...", help=f"of {', '.join(works)}")
    parser.add_argument("--peers", type=chosen(names), default=names, metavar="PEER,...", help=f"of {', '.join(names)}")
    parser.add_argument("--rounds", type=int, default=21, help="measurements of each peer (fewer where a workload says so)")
    parser.add_argument("--seconds", type=float, default=0.1, help="how long a measurement of short calls lasts")
    parser.add_argument("--threads", type=int, default=peers.usable_cpus(), help="CPUs and threads of each peer")
    parser.add_argument("--output", type=Path, help="where to write the report")
    return parser.parse_args(given)


def chosen(names: Sequence[str]) -> Callable[[str], list[str]]:
    """What reads a comma-separated choice of names, in the order of `names`."""

    def read(text: str) -> list[str]:
        asked = text.split(",")
        unknown = [name for name in asked if name not in names]
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose from {', '.join(names)}")
        return [name for name in names if name in asked]

    return read


def main(given: Sequence[str] | None = None) -> int:
    args = arguments(given)
    peers.use_cpus(args.threads)
    taking_part = {name: PEERS[name] for name in args.peers}
    busy = os.getloadavg()[0]
    try:
        for environment in dict.fromkeys(p.environment for p in taking_part.values() if p.environment):
            peers.install(environment)
        facts = machine.describe(args.threads, taking_part)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    facts["load before"] = f"{busy:.2f}"
    facts["settings"] = f"{args.rounds} rounds, measurements of {args.seconds:g} s"
    settings = Settings(peers.settings(args.threads), args.rounds, args.seconds)
    results = []
    for workload in (w for w in ALL if w.name in args.only):
        try:
            result = harness.measure(workload, taking_part, settings)
        except BenchError as error:
            print(error, file=sys.stderr)
            result = harness.Result(workload, {}, {str(error).splitlines()[0]: False})
        results.append(result)
        show(result)
    text = report.report(results, facts)
    print("\n" + text)
    everything = len(results) == len(ALL) and len(taking_part) == len(PEERS)
    output = args.output or (ROOT / "BENCHMARKS.md" if everything else None)
    if output is not None:
        output.write_text(text)
        print(f"Written to {output}.")
    return int(not all(ok for r in results for ok in r.checks.values()))


def show(result: harness.Result) -> None:
    """A line for each peer as soon as a workload is measured."""
    names = [name for name in PEERS if name in result.samples]
    print(result.workload.title)
    for name, text in zip(names, report.cells(result, names)):
        print(f"  {PEERS[name].title:12} {text}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""The report: the same text for the terminal and for BENCHMARKS.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.harness import Result
from bench.peers import PEERS
from bench.summary import Summary, Verdict, judge, summarize
from bench.workload import Target

OWN = "thalweg"

INTRODUCTION = """\
# Benchmarks

Thalweg and its peers on the same work, written by `make bench`. Each peer runs in a process of its own with the same
number of CPUs and threads (fewer threads only where that makes it faster). Measurements are taken in turn, one of each
peer a round, another one first each time. A cell gives the median, in brackets the first and third quartile over the
rounds, and how many times Thalweg's median that is. Peers compute the same numbers from the same data, which is checked.
What exactly is timed stands in `bench/workloads/`."""


def report(results: Sequence[Result], facts: Mapping[str, str]) -> str:
    """All of it, in Markdown."""
    machine = table(("", ""), [(f"**{k}**", v) for k, v in facts.items()])
    parts = [INTRODUCTION, "## Machine and versions", machine, "## Times and memory", times(results)]
    rows = [row for result in results for row in targets(result)]
    if rows:
        parts += ["## Targets", table(("work", "target", "measured", "met"), rows)]
    checks = [f"- {result.workload.title}: {checked(s, ok)}" for result in results for s, ok in result.checks.items()]
    if checks:
        parts += ["## Checks", "\n".join(checks)]
    return "\n\n".join(parts) + "\n"


def times(results: Sequence[Result]) -> str:
    """A row for each workload, a column for each peer that took part in any."""
    peers = [name for name in PEERS if any(name in r.samples for r in results)]
    head = ("work", *[PEERS[name].title for name in peers], "again with")
    return table(head, [(r.workload.title, *cells(r, peers), f'`make bench ARGS="--only {r.workload.name}"`') for r in results])


def cells(result: Result, peers: Sequence[str]) -> list[str]:
    summaries = {name: summarize(samples) for name, samples in result.samples.items()}
    own, unit = summaries.get(OWN), result.workload.unit
    return [cell(summaries[name], None if name == OWN else own, unit) if name in summaries else "" for name in peers]


def cell(found: Summary, own: Summary | None, unit: str) -> str:
    """A median with its quartiles, and as a multiple of Thalweg's."""
    scale, name = scale_of(found.median, unit)
    text = f"{digits(found.median / scale)} {name} ({digits(found.low / scale)} - {digits(found.high / scale)})"
    return text if own is None else f"{text}, {digits(found.median / own.median)} x"


def targets(result: Result) -> list[tuple[str, ...]]:
    summaries = {name: summarize(samples) for name, samples in result.samples.items()}
    title, unit = result.workload.title, result.workload.unit
    return [
        (title, wanted(v.target, unit), measured(v, unit), "yes" if v.met else "**no**")
        for v in judge(result.workload.targets, summaries, OWN)
    ]


def wanted(target: Target, unit: str) -> str:
    """A target as a phrase."""
    if target.peer is None:
        return f"at most {amount(target.limit, unit)}"
    peer = PEERS[target.peer].title
    if target.as_speedup:
        return f"at least {digits(1 / target.limit)} x faster than {peer}"
    return f"no more than {peer}" if target.limit == 1 else f"at most {digits(target.limit)} x {peer}"


def measured(verdict: Verdict, unit: str) -> str:
    if verdict.target.peer is None:
        return amount(verdict.measured, unit)
    if verdict.target.as_speedup:
        return f"{digits(1 / verdict.measured)} x faster"
    return f"{digits(verdict.measured)} x"


def checked(sentence: str, holds: bool) -> str:
    return sentence if holds else f"**failed**: {sentence}"


# -- how numbers are written ---------------------------------------------------------------------------------------

UNITS = {"s": ((1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")), "B": ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B"))}


def scale_of(value: float, unit: str) -> tuple[float, str]:
    """The largest unit of which the value holds at least one."""
    return next(((scale, name) for scale, name in UNITS[unit] if value >= scale), UNITS[unit][-1])


def amount(value: float, unit: str) -> str:
    scale, name = scale_of(value, unit)
    return f"{digits(value / scale)} {name}"


def digits(value: float) -> str:
    """Three significant digits, never in powers of ten."""
    if value >= 100:
        return f"{value:.0f}"
    places = 1 if value >= 10 else 2
    text = f"{value:.{places}f}" if value >= 1 else f"{value:.3f}"
    return text.rstrip("0").rstrip(".")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns line up."""
    lines = [head, *rows]
    widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(head))]
    written = ["| " + " | ".join(text.ljust(w) for text, w in zip(line, widths)) + " |" for line in lines]
    return "\n".join([written[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *written[1:]])

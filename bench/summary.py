"""The arithmetic: medians, spreads, ratios, targets, and how far numbers differ."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.workload import Target


@dataclass(frozen=True)
class Summary:
    """The median of some measurements and the quartiles around it."""

    median: float
    low: float
    high: float
    count: int


def summarize(samples: Sequence[float]) -> Summary:
    """The median, and as its spread the first and third quartile."""
    if len(samples) == 1:
        return Summary(samples[0], samples[0], samples[0], 1)
    low, median, high = statistics.quantiles(samples, n=4, method="inclusive")
    return Summary(median, low, high, len(samples))


@dataclass(frozen=True)
class Verdict:
    """A target and what was measured: a ratio to the peer's median, or, without a peer, the median itself."""

    target: Target
    measured: float

    @property
    def met(self) -> bool:
        return self.measured <= self.target.limit


def judge(targets: Sequence[Target], summaries: Mapping[str, Summary], own: str = "thalweg") -> list[Verdict]:
    """Those targets whose peer took part, against what was measured."""
    if own not in summaries:
        return []
    median = summaries[own].median
    return [
        Verdict(t, median if t.peer is None else median / summaries[t.peer].median)
        for t in targets
        if t.peer is None or t.peer in summaries
    ]


def disagreement(values: Mapping[str, Sequence[float]], reference: str, rtol: float, atol: float) -> tuple[float, bool]:
    """How far numbers lie from the reference's.

    Gives the largest difference as a share of the reference's largest number, and whether every difference is within
    `atol + rtol * |reference|`.
    """
    wanted = values[reference]
    scale = max(map(abs, wanted), default=0.0) or 1.0
    if any(len(found) != len(wanted) for found in values.values()):
        return math.inf, False
    differences = [(abs(x - w), abs(w)) for found in values.values() for x, w in zip(found, wanted)]
    if any(math.isnan(d) for d, _ in differences):
        return math.nan, False
    worst = max((d for d, _ in differences), default=0.0)
    return worst / scale, all(d <= atol + rtol * w for d, w in differences)

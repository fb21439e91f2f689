"""What a workload is: the work, who does it, and what Thalweg should reach.

A file in `workloads/` makes one or more of these and says what each peer does:

    tape = Calls("tape", "tape: matmul, tanh, sum, gradient", targets=[faster("tensorflow", 10)], rtol=1e-5)

    @tape.on("pytorch")
    def _(peer):
        import torch
        ...what is set up, not timed...
        return lambda: ...what is timed...

A set-up gets the peer's name and returns the timed call, or `(call, value)`, where `value()` gives the numbers that must
agree between peers; without it they are what the call returns. Frameworks are imported inside set-ups: the file itself
is read in every peer's environment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"

Setup = Callable[[str], Any]


@dataclass(frozen=True)
class Target:
    """What Thalweg's median should be: at most `limit` times that of `peer`, or, without a peer, at most `limit` itself.

    as_speedup: read the ratio as "times faster".
    """

    limit: float
    peer: str | None = None
    as_speedup: bool = False


def faster(peer: str, times: float) -> Target:
    """At least `times` as fast as a peer."""
    return Target(1 / times, peer, as_speedup=True)


def at_most(peer: str, times: float) -> Target:
    """At most `times` what a peer takes."""
    return Target(times, peer)


def below(limit: float) -> Target:
    """At most so many seconds or bytes."""
    return Target(limit)


@dataclass
class Workload:
    """name: its name on the command line. title: its row in the report. unit: "s" or "B" (bytes).

    rounds: how many times each peer is measured; None: as the command line says. warmup: how many measurements before
    are thrown away.
    """

    name: str
    title: str
    targets: list[Target] = field(default_factory=list)
    unit: str = "s"
    rounds: int | None = None
    warmup: int = 0

    @property
    def peers(self) -> list[str]:
        raise NotImplementedError


@dataclass
class Calls(Workload):
    """Calls in a process that lives through all rounds: set up once, then timed many calls at a time.

    calls: how many calls make one measurement; None: as many as fill the time that the command line gives.
    rtol, atol: how far the numbers that peers compute may lie from the first peer's.
    """

    calls: int | None = None
    rtol: float = 0.0
    atol: float = 0.0
    setups: dict[str, Setup] = field(default_factory=dict)

    def on(self, *peers: str) -> Callable[[Setup], Setup]:
        """Decorator: what these peers do."""

        def declare(setup: Setup) -> Setup:
            self.setups.update(dict.fromkeys(peers, setup))
            return setup

        return declare

    @property
    def peers(self) -> list[str]:
        return list(self.setups)

    @property
    def module(self) -> str:
        """Where a worker finds the set-ups."""
        return next(iter(self.setups.values())).__module__


@dataclass
class Program(Workload):
    """A whole process for each measurement: `script` in `programs/`, with arguments by peer.

    measured: "wall", the time from its start to its end, or "printed", the `seconds` of the JSON object that it prints.
    same_output: whether all peers must print the same. checks: what must be true of what Thalweg printed, by the sentence
    that says so.
    """

    script: str | Path = ""
    arguments: dict[str, list[str]] = field(default_factory=dict)
    measured: str = "wall"
    same_output: bool = False
    checks: dict[str, Callable[[str], bool]] = field(default_factory=dict)

    @property
    def peers(self) -> list[str]:
        return list(self.arguments)


@dataclass
class Peak(Workload):
    """The peak memory of a fresh process that sets up another workload and makes so many calls of it."""

    unit: str = "B"
    of: Calls | None = None
    calls: int = 1

    @property
    def peers(self) -> list[str]:
        return [] if self.of is None else self.of.peers

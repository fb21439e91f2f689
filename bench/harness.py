"""Measures a workload: all peers in turn, round after round, so that what else the machine does falls on all alike."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from bench.peers import Peer
from bench.samplers import Sampler, Settings, begin
from bench.summary import disagreement
from bench.workload import Calls, Program, Workload


@dataclass
class Result:
    """What came out of a workload. checks: sentences, and whether they held."""

    workload: Workload
    samples: dict[str, list[float]]
    checks: dict[str, bool] = field(default_factory=dict)


def measure(workload: Workload, peers: Mapping[str, Peer], settings: Settings) -> Result:
    """Measure a workload on those of its peers that are given. Raises BenchError if one of them fails."""
    taking_part = [peers[name] for name in workload.peers if name in peers]
    with ExitStack() as stack:
        samplers = {peer.name: stack.enter_context(begin(workload, peer, settings)) for peer in taking_part}
        for _ in range(workload.warmup):
            in_turn(samplers, 1)
        samples = in_turn(samplers, workload.rounds or settings.rounds)
        outputs = {name: sampler.output() for name, sampler in samplers.items()}
    return Result(workload, samples, check(workload, outputs))


def in_turn(samplers: Mapping[str, Sampler], rounds: int) -> dict[str, list[float]]:
    """One measurement of each a round; another one goes first each time."""
    samples: dict[str, list[float]] = {name: [] for name in samplers}
    names = list(samplers)
    for r in range(rounds):
        first = r % max(1, len(names))
        for name in names[first:] + names[:first]:
            samples[name].append(samplers[name].sample())
    return samples


def check(workload: Workload, outputs: Mapping[str, Any]) -> dict[str, bool]:
    """Whether the peers computed the same, and what else the workload asks for."""
    checks: dict[str, bool] = {}
    if isinstance(workload, Calls) and len(outputs) > 1:
        reference = next(iter(outputs))
        worst, within = disagreement(outputs, reference, workload.rtol, workload.atol)
        allowed = " + ".join([f"{workload.rtol:g} relative"] * (workload.rtol > 0) + [f"{workload.atol:g}"] * (workload.atol > 0))
        checks[f"the peers' numbers agree within {allowed or 'nothing'} (largest relative difference {worst:.2g})"] = within
    if isinstance(workload, Program):
        if workload.same_output and len(outputs) > 1:
            checks["the peers print the same"] = len(set(outputs.values())) == 1
        if "thalweg" in outputs:
            checks |= {sentence: holds(outputs["thalweg"]) for sentence, holds in workload.checks.items()}
    return checks

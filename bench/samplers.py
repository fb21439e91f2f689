"""How a peer is measured on a workload: `sample()` gives one measurement, in seconds or bytes.

`begin` chooses the kind. Each sampler is a context manager; leaving it ends its process. A measurement can take no
longer than LIMIT seconds.
"""

from __future__ import annotations

import contextlib
import json
import math
import selectors
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.peers import ROOT, BenchError, Peer
from bench.workload import PROGRAMS, Calls, Peak, Program, Workload

LIMIT = 600.0


@dataclass(frozen=True)
class Settings:
    """What holds for a whole run. seconds: how long one measurement of short calls should last."""

    environment: dict[str, str]
    rounds: int = 15
    seconds: float = 0.1


class Worker:
    """The harness' end of the pipe to a peer's process."""

    def __init__(self, workload: Calls, peer: Peer, settings: Settings):
        self._who = f"{peer.title} on {workload.name!r}"
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed with the worker
        self._process = subprocess.Popen(
            [peer.python, "-m", "bench.worker", workload.module, workload.name, peer.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True, cwd=ROOT, env=settings.environment,
        )  # fmt: skip
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
        self._answer()

    def ask(self, what: str, **details: Any) -> Any:
        """The one value of the answer to a request. Raises BenchError if the process failed or is silent."""
        with contextlib.suppress(BrokenPipeError):  # it has ended: there is no answer, which says so
            self._process.stdin.write(json.dumps({"do": what, **details}) + "\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        return self._answer()

    def _answer(self) -> Any:
        if not self._selector.select(LIMIT):
            raise BenchError(f"{self._who} gave no answer for {LIMIT:.0f} s.{self._ended()}")
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            raise BenchError(f"{self._who} ended without an answer:{self._ended()}")
        ((kind, value),) = json.loads(line).items()
        if kind == "error":
            self.close()
            raise BenchError(f"{self._who} failed:\n{value}")
        return value

    def _ended(self) -> str:
        """Ends the process; the last of what it wrote to its standard error."""
        self._errors.seek(0)
        written = self._errors.read()[-2000:].strip()
        self.close()
        return f" Status {self._process.returncode}.\n{written}"

    def close(self) -> None:
        """End the process: gently, by ending its requests, then at once."""
        if self._errors.closed:
            return
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()  # type: ignore[union-attr]
        self._selector.close()
        self._errors.close()


class Sampler:
    """What the kinds share: `with` around the measurements, and the results to check after them."""

    def __enter__(self) -> Sampler:
        return self

    def __exit__(self, *exc: Any) -> None: ...

    def sample(self) -> float:
        raise NotImplementedError

    def output(self) -> Any:
        """What the peer computed, to be compared."""


class CallSampler(Sampler):
    """The time of a call: the mean over as many calls as a measurement makes."""

    def __init__(self, workload: Calls, peer: Peer, settings: Settings):
        self._worker = Worker(workload, peer, settings)
        self.calls = workload.calls or calls_that_fill(settings.seconds, lambda n: self._worker.ask("run", calls=n))

    def __exit__(self, *exc: Any) -> None:
        self._worker.close()

    def sample(self) -> float:
        return self._worker.ask("run", calls=self.calls) / self.calls

    def output(self) -> list[float]:
        return self._worker.ask("value")


def calls_that_fill(seconds: float, run: Callable[[int], float]) -> int:
    """How many calls take about so many seconds; `run(n)` times n calls. Warms up for three times as long."""
    calls, took, spent = 1, run(1), 0.0
    while spent < 3 * seconds:
        if took < seconds / 2:
            calls = min(10 * calls, max(2 * calls, math.ceil(calls * seconds / max(took, 1e-9))))
        took = run(calls)
        spent += took
    return max(1, round(calls * seconds / took))


class ProgramSampler(Sampler):
    """The time of a whole process, or the time that it prints."""

    def __init__(self, workload: Program, peer: Peer, settings: Settings):
        self._workload, self._peer, self._settings = workload, peer, settings
        self._printed = ""

    def sample(self) -> float:
        work, peer = self._workload, self._peer
        command = [peer.python, str(PROGRAMS / work.script), *work.arguments[peer.name]]
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, env=self._settings.environment)
        took = time.perf_counter() - start
        if done.returncode:
            raise BenchError(f"{peer.title} on {work.name!r} ended with status {done.returncode}:\n{done.stderr[-2000:]}")
        self._printed = done.stdout
        return took if work.measured == "wall" else float(json.loads(done.stdout)["seconds"])

    def output(self) -> str:
        return self._printed


class PeakSampler(Sampler):
    """The peak memory of a fresh process."""

    def __init__(self, workload: Peak, peer: Peer, settings: Settings):
        self._workload, self._peer, self._settings = workload, peer, settings

    def sample(self) -> float:
        assert self._workload.of is not None
        worker = Worker(self._workload.of, self._peer, self._settings)
        try:
            worker.ask("run", calls=self._workload.calls)
            return float(worker.ask("peak"))
        finally:
            worker.close()


def begin(workload: Workload, peer: Peer, settings: Settings) -> Sampler:
    if isinstance(workload, Calls):
        return CallSampler(workload, peer, settings)
    if isinstance(workload, Program):
        return ProgramSampler(workload, peer, settings)
    if isinstance(workload, Peak):
        return PeakSampler(workload, peer, settings)
    raise TypeError(f"{workload!r} is not a kind of workload.")

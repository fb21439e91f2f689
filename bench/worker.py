"""A peer's own process: sets up one workload, then times calls when asked.

    python -m bench.worker MODULE WORKLOAD PEER

Reads one JSON request a line and answers each with one JSON line:
    {"do": "run", "calls": n} -> {"seconds": s}      {"do": "value"} -> {"value": [...]}      {"do": "peak"} -> {"bytes": b}
The first line, once set up, is {"ready": true}; {"error": traceback} takes the place of any answer.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from itertools import repeat
from time import perf_counter
from typing import Any

from bench.workload import Calls

VALUES_SENT = 4096


def find(module: str, name: str) -> Calls:
    """The workload of this name among a module's variables."""
    for found in vars(importlib.import_module(module)).values():
        if isinstance(found, Calls) and found.name == name:
            return found
    raise LookupError(f"There is no workload {name!r} in {module}.")


def prepare(setup: Callable[[str], Any], peer: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """The timed call, and what gives the numbers to compare."""
    made = setup(peer)
    return made if isinstance(made, tuple) else (made, made)


def time_calls(call: Callable[[], Any], count: int) -> float:
    """Seconds that so many calls take. Garbage is collected before; during the calls as Python does it."""
    gc.collect()
    start = perf_counter()
    for _ in repeat(None, count):
        call()
    return perf_counter() - start


def numbers(value: Any) -> list[float]:
    """A result as a flat list of numbers."""
    import numpy as np

    if isinstance(value, (list, tuple)):
        return [n for v in value for n in numbers(v)][:VALUES_SENT]
    return np.asarray(value).astype(np.float64).ravel()[:VALUES_SENT].tolist()


def peak_memory() -> int:
    """The most memory that this process has had resident, in bytes.

    Linux' own high-water mark of the address space: `ru_maxrss` would count that of the parent at the fork as well.
    """
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def serve(module: str, name: str, peer: str, requests: Any, answer: Callable[[dict[str, Any]], None]) -> None:
    """Answer requests until there are no more."""
    try:
        call, value = prepare(find(module, name).setups[peer], peer)
        answer({"ready": True})
        for line in requests:
            request = json.loads(line)
            if request["do"] == "run":
                answer({"seconds": time_calls(call, request["calls"])})
            elif request["do"] == "value":
                answer({"value": numbers(value())})
            else:
                answer({"bytes": peak_memory()})
    except Exception:
        answer({"error": traceback.format_exc()})


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")  # what the frameworks print must not come between the answers
    os.dup2(2, 1)

    def answer(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    module, name, peer = sys.argv[1:]
    serve(module, name, peer, sys.stdin, answer)


if __name__ == "__main__":
    main()

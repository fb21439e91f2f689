"""A training step of the playground's default network, 2-4-2-1: prints the seconds that one takes, ours or JavaScript's.

Ours runs as the playground runs it at full speed: bursts of epochs, each burst one XLA program, on the exclusive-or points.
"""

import json
import pathlib
import subprocess
import sys
from time import perf_counter


def ours() -> float:
    from thalweg.playground.data import pattern
    from thalweg.playground.network import Network
    from thalweg.playground.settings import settings
    from thalweg.playground.tab import BURST

    network = Network(settings({"data": "xor"}), pattern("xor", 0, 1))
    for _ in range(20):
        network.advance(BURST)
    network.weights()
    steps, start = 0, perf_counter()
    while perf_counter() - start < 0.7:
        network.advance(BURST)
        network.is_sound()  # as the playground looks after each burst; it also waits for the burst to end
        steps += BURST * network.steps
    took = perf_counter() - start
    assert network.losses()["test"] < 0.1, "it must learn what it is timed on"
    return took / steps


if sys.argv[1] == "javascript":
    command = ["node", str(pathlib.Path(__file__).with_suffix(".mjs"))]
    print(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
else:
    print(json.dumps({"seconds": ours()}))

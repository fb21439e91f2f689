"""The playground's default network, beside the original's algorithm written in JavaScript and run by Node."""

from bench.workload import Program, faster

playground = Program(
    "playground",
    "playground, 2-4-2-1 in batches of 10: a step",
    targets=[faster("javascript", 5)],
    rounds=9,
    warmup=1,
    script="playground.py",
    arguments={"thalweg": ["thalweg"], "javascript": ["javascript"]},
    measured="printed",
)

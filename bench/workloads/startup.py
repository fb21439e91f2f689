"""Starting: the first import in a process, and the smallest program as a whole."""

import json

from bench.workload import Program, at_most

ROUNDS, WARMUP = 9, 1  # the first start reads the packages from the disk


def _loads_no_jax(printed: str) -> bool:
    return not {"jax", "jaxlib"} & set(json.loads(printed)["loaded"])


importing = Program(
    "import",
    "import, first in a process",
    targets=[at_most("tensorflow", 0.15)],
    rounds=ROUNDS,
    warmup=WARMUP,
    script="import_it.py",
    arguments={"thalweg": ["thalweg"], "tensorflow": ["tensorflow"], "pytorch": ["torch"], "jax": ["jax"]},
    measured="printed",
    checks={"importing Thalweg loads no JAX": _loads_no_jax},
)

hello = Program(
    "hello",
    "smallest TF1 program, whole process",
    targets=[at_most("tensorflow", 0.15)],
    rounds=ROUNDS,
    warmup=WARMUP,
    script="hello.py",
    arguments={"thalweg": ["thalweg.compat.v1"], "tensorflow": ["tensorflow.compat.v1"]},
    same_output=True,
)

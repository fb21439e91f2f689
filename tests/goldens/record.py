"""Records the goldens: run with a Python that has TensorFlow 2.21, `python tests/goldens/record.py [family ...]`.

`printing` is a family too: see `printing.py`.

Writes `data/FAMILY.jsonl` and `data/FAMILY.npz`. Calls that TensorFlow does not support on a CPU are listed in the
first line of each family and are not compared. Prints calls that raised though written as `calls`, or the reverse.
"""

import json
import logging
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # plain kernels: the same numbers on every machine
sys.path.insert(0, str(Path(__file__).parents[1]))

from goldens import cases, printing, runner, store

# Errors that say what TensorFlow's build lacks, not what the caller did.
UNSUPPORTED = {"NotFoundError", "UnimplementedError", "AttributeError", "NotImplementedError", "InternalError"}


def record(tf, case, writer):
    """The case's golden line, or None if TensorFlow has no kernel for it."""
    result = runner.attempt(runner.eager, tf, case)
    if isinstance(result, runner.Raised):
        if result.name in UNSUPPORTED:
            return None
        line = {"id": case.id, "eager": writer.pack(result)}
        in_graph = runner.attempt(runner.through_session, tf, case)
        if case.graph and isinstance(in_graph, runner.Raised):
            line["graph"] = in_graph.name
        return line
    line = {"id": case.id, "eager": writer.pack(result)}
    if case.graph:
        line |= _static_shapes(tf, case)
        if "unknown" in line and isinstance(runner.attempt(runner.through_session, tf, case, "unknown"), runner.Raised):
            line["dynamic"] = False
    if case.grad:
        gradients = runner.attempt(runner.gradients, tf, case)
        if not isinstance(gradients, runner.Raised) and gradients:
            line["grads"] = writer.pack(gradients)
    return line


def _static_shapes(tf, case):
    """What a graph infers, where it can: some calls need more than TensorFlow's graph mode knows."""
    line = {}
    for how in runner.PLACED:
        shapes = runner.attempt(runner.static_shapes, tf, case, how)
        if not isinstance(shapes, runner.Raised):
            line[how] = " ".join(shapes)
    for how in ("batch", "unknown"):
        if how in line and line[how] == line.get("known"):
            line[how] = "="
    return line


def record_printing(tf):
    lines = {name: printing.printed(tf, name) for name in printing.PRINTED}
    (store.FOLDER / "printing.json").write_text(json.dumps(lines, indent=1) + "\n")
    print(f"printing: {len(lines)} recorded")


def main(wanted):
    import tensorflow as tf

    warnings.simplefilter("ignore")
    logging.getLogger("tensorflow").setLevel(logging.CRITICAL)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if not wanted or "printing" in wanted:
        record_printing(tf)
    for family, table in cases.load().items():
        if wanted and family not in wanted:
            continue
        writer, lines, unsupported = store.Writer(), [], []
        for case in table:
            line = record(tf, case, writer)
            if line is None:
                unsupported.append(case.id)
                continue
            lines.append(line)
            raised = isinstance(line["eager"], dict)
            if raised != case.fails:
                what = f"raised {line['eager']['error']}" if raised else "did not raise"
                print(f"{family}: {case.id} {what}")
        writer.save(family, lines, {"tensorflow": tf.__version__, "unsupported": unsupported})
        print(f"{family}: {len(lines)} recorded, {len(unsupported)} unsupported, {len(writer.buffer)} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Record what TensorFlow makes of the programs in `data_programs.py`, as JSON.

    python -m tests.goldens.record_data        # where TensorFlow is installed
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

PATH = Path(__file__).parent / "data" / "data_programs.json"


def plain(x):
    """A result as JSON: arrays as `[dtype, shape, values]`, floats by their hexadecimal form."""
    if isinstance(x, dict):
        return {"dict": [[k, plain(x[k])] for k in sorted(x)]}
    if isinstance(x, (list, tuple)):
        return {"tuple" if isinstance(x, tuple) else "list": [plain(v) for v in x]}
    if x is None or isinstance(x, (str, bool)) or type(x) is int:
        return x
    if isinstance(x, bytes):
        return {"array": ["object", [], [x.hex()]]}
    array = np.asarray(x.numpy() if hasattr(x, "numpy") else x)
    if array.dtype == object:
        return {"array": ["object", list(array.shape), [v.hex() for v in array.ravel().tolist()]]}
    values = [float(v).hex() for v in array.ravel()] if array.dtype.kind == "f" else array.ravel().tolist()
    return {"array": [array.dtype.name, list(array.shape), values]}


def run(tf, function):
    tf.random.set_seed(1234)
    return plain(function(tf))


def main():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf
    from tests.goldens.data_programs import PROGRAMS

    kept = json.loads(PATH.read_text()) if PATH.exists() and len(sys.argv) > 1 else {}
    names = sys.argv[1:] or list(PROGRAMS)
    kept.update({name: run(tf, PROGRAMS[name]) for name in names})
    PATH.write_text(json.dumps({name: kept[name] for name in PROGRAMS}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

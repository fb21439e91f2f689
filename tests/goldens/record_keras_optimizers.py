"""Records what Keras' optimizers and schedules do: run with a Python that has TensorFlow 2.21 and tf-keras.

Writes `data/keras_optimizers.npz`: for each case the variables after every step, by Keras 3 (`k3`), Keras 2 (`k2`), its
legacy optimizers (`legacy`), Keras 2 with gradients as slices (`rows`), and the values of the schedules.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
sys.path.insert(0, str(Path(__file__).parents[1]))

import keras
import numpy as np
import tensorflow as tf
import tf_keras

from goldens import keras_optimizer_cases as cases


def trajectory(optimizer, variables, steps):
    """The variables after each step."""
    values = []
    for grads in steps:
        optimizer.apply_gradients(list(zip(grads, variables)))
        values.append(cases.flat(variables))
    return np.stack(values)


def dense():
    return [[tf.constant(g) for g in step] for step in cases.gradients()]


def main():
    golden = {}
    for name, kwargs in cases.OPTIMIZERS:
        # Muon chooses by the path of a Keras variable.
        variables = [keras.Variable(value, name=f"v{i}") for i, value in enumerate(cases.start())]
        key = cases.case_id(name, kwargs)
        golden[f"k3 {key}"] = trajectory(getattr(keras.optimizers, name)(**kwargs), variables, dense())
    rows = [cases.slices(tf, step) for step in cases.row_gradients()]
    for kind, module, table, steps in (
        ("k2", tf_keras.optimizers, cases.KERAS_2, dense()),
        ("legacy", tf_keras.optimizers.legacy, cases.LEGACY, dense()),
        ("rows", tf_keras.optimizers, cases.SPARSE, rows),
    ):
        for name, kwargs in table:
            variables = [tf.Variable(value, name=f"v{i}") for i, value in enumerate(cases.start())]
            key = cases.case_id(name, kwargs)
            golden[f"{kind} {key}"] = trajectory(getattr(module, name)(**kwargs), variables, steps)
    for name, kwargs in cases.SCHEDULES:
        schedule = getattr(keras.optimizers.schedules, name)(**kwargs)
        values = [float(schedule(tf.constant(step, tf.int64))) for step in cases.SCHEDULE_STEPS]
        golden[f"schedule {cases.case_id(name, kwargs)}"] = np.array(values, "float32")
    np.savez_compressed(Path(__file__).parent / "data" / "keras_optimizers.npz", **golden)


if __name__ == "__main__":
    main()

"""Records `data/keras_leaves.npz`: run with a Python that has TensorFlow 2.21, tf-keras and SciPy (for windows)."""

import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # plain kernels: the same numbers on every machine
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from goldens import keras_leaves


class Both:
    """The names of two modules: `tf.keras` has the old names of functions, `keras` the new ones."""

    def __init__(self, first, second):
        self.first, self.second = first, second

    def __getattr__(self, name):
        first, second = getattr(self.first, name, None), getattr(self.second, name, None)
        return Both(first, second) if isinstance(first, type(sys)) and second is not None else first or second


def main():
    import keras as keras_3
    import tensorflow as tf
    import tf_keras

    keras_3 = Both(tf.keras, keras_3)
    results = {}
    for case in keras_leaves.cases():
        assert case.id not in results, f"two cases are called {case.id}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values = case.run(tf, keras_3 if case.generation == 3 else tf_keras, keras_leaves.eagerly)
        results[case.id] = [np.asarray(value) for value in values]
    keras_leaves.save(results)
    print(f"{len(results)} cases, {keras_leaves.PATH.stat().st_size} bytes")


if __name__ == "__main__":
    main()

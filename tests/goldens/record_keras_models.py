"""Records `data/keras_models.npz` and its kin, or those named: run with a Python that has TensorFlow 2.21 and tf-keras."""

import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["COLUMNS"] = "200"  # for tables that are not cut
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # plain kernels: the same numbers on every machine
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from goldens import keras_leaves, keras_models, keras_ops, keras_preprocessing, keras_sequence_layers

_ALL = (keras_models, keras_ops, keras_preprocessing, keras_sequence_layers)
MODULES = {module.__name__.split(".")[-1]: module for module in _ALL}


def main(names):
    import keras
    import tensorflow as tf
    import tf_keras

    # `tf.keras` is Keras 3, but for the newest of its names.
    generations = {3: keras, 2: tf_keras}
    for module in [MODULES[name] for name in names or MODULES]:
        results = {}
        for case in module.cases():
            assert case.id not in results, f"two cases are called {case.id}"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    values = case.run(tf, generations[case.generation])
                except Exception:
                    if module is not keras_ops:
                        raise
                    values = []  # what Keras does not take is not compared
            results[case.id] = [np.asarray(value) for value in values]
        keras_leaves.save(results, module.PATH)
        print(f"{module.PATH.name}: {len(results)} cases, {module.PATH.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])

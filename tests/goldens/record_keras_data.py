"""Records `data/keras_data.npz`: run with a Python that has TensorFlow 2.21, tf-keras, pandas, SciPy and Pillow."""

import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from goldens import keras_data


def main():
    import tensorflow as tf
    import tf_keras

    results = {}
    with tempfile.TemporaryDirectory() as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(temporary)
        keras_data.make_folder(folder)
        for name, generation, run in keras_data.cases(folder):
            for i, array in enumerate(run(tf, tf.keras if generation == 3 else tf_keras)):
                results[f"{name}/{i}"] = array
    np.savez_compressed(keras_data.PATH, **results)
    print(f"{len(results)} arrays, {keras_data.PATH.stat().st_size} bytes")


if __name__ == "__main__":
    main()

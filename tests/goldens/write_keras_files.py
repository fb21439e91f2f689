"""Writes files of every format with Thalweg into a folder, for `check_keras_files.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from goldens import keras_files


def write(name, folder, keras, results):
    model, x, y = keras_files.prepared(name, keras)
    model.save(folder / f"{name}.keras")
    model.save(folder / f"{name}.h5")
    model.save_weights(folder / f"{name}.weights.h5")
    model.save_weights(folder / f"{name}.ckpt")
    (folder / f"{name}.json").write_text(model.to_json())
    for when, values in (
        ("before", keras_files.outputs(model, x)), ("after", keras_files.trained_further(model, x, y)),
    ):  # fmt: skip
        results |= {f"{name}.{when}.{i}": value for i, value in enumerate(values)}


def main(folder, names):
    import thalweg as tf

    folder.mkdir(parents=True, exist_ok=True)
    results = {}
    for name in names or keras_files.CASES:
        try:
            write(name, folder, tf.keras, results)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}")
    np.savez(folder / "outputs.npz", **results)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

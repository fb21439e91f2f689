"""The way back: run with a Python that has Keras 3.15 and tf-keras 2.21, on a folder that `write_keras_files.py` filled.

Every file that Thalweg wrote is loaded by Keras 3 or tf-keras; its predictions, and those after one more step of training,
must be what Thalweg says.
"""

import os
import sys
import traceback
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from goldens import keras_files

TOLERANCE = 2e-6


def loaded(keras, name, path):
    if path.name.endswith((".weights.h5", ".ckpt")):
        model, x, y = keras_files.CASES[name](keras)
        if not keras_files.is_keras_2(keras):
            model.optimizer.build(model.trainable_variables)  # or its state is left out
        status = model.load_weights(path)
        if status is not None and hasattr(status, "expect_partial"):
            status.expect_partial()
        return model, x, y
    _, x, y = keras_files.CASES[name](keras)
    if path.suffix == ".json":
        return keras.models.model_from_json(path.read_text()), x, y
    return keras.models.load_model(path), x, y


def check(keras, generation, folder, name, kind, expected):
    path = folder / f"{name}.{kind}"
    model, x, y = loaded(keras, name, path)
    if kind == "json":
        return "ok"
    worst = 0.0
    for when in ("before", "after"):
        # Keras 3 cannot train on after loading an optimizer's state from `.h5`, whoever wrote it.
        if when == "after" and (name in keras_files.RANDOM or (generation == 3 and kind == "h5")):
            continue
        values = keras_files.outputs(model, x) if when == "before" else keras_files.trained_further(model, x, y)
        for i, value in enumerate(values):
            worst = max(worst, float(np.abs(value - expected[f"{name}.{when}.{i}"]).max()))
        if worst > TOLERANCE:
            return f"DIFFERS {when} by {worst:.3g}"
    return "ok"


def main(folder, names):
    import keras
    import tf_keras

    expected = np.load(folder / "outputs.npz")
    written = sorted({key.split(".")[0] for key in expected.files})
    for name in names or written:
        for generation, module, kinds in (
            (3, keras, ("keras", "h5", "weights.h5", "json")), (2, tf_keras, ("h5", "ckpt")),
        ):  # fmt: skip
            for kind in kinds:
                try:
                    result = check(module, generation, folder, name, kind, expected)
                except Exception as error:
                    if os.environ.get("VERBOSE"):
                        traceback.print_exc()
                    result = f"FAILS {type(error).__name__}: {str(error)[:300]}"
                print(f"{name:16} by {module.__name__:9} {kind:11} {result}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

"""See `saved_models.py`: run with a Python that has TensorFlow 2.21, Keras 3.15 and tf-keras 2.21."""

import os
import sys
import tempfile
import zipfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from goldens import saved_models


def check(folder):
    """What Thalweg wrote, read by TensorFlow."""
    import tensorflow as tf

    own = tf.saved_model.load(folder / "module")
    for found, wanted in zip(saved_models.results(tf, own), expected(tf)):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    loaded, wanted = tf.saved_model.load(folder / "model"), np.load(folder / "outputs.npz")["model"]
    np.testing.assert_allclose(loaded.serve(saved_models.X), wanted, rtol=1e-5)
    (served,) = loaded.signatures["serving_default"](tf.constant(saved_models.X)).values()
    np.testing.assert_allclose(served, wanted, rtol=1e-5)
    print("TensorFlow gives the same for both:", [v.name for v in loaded.trainable_variables])


def expected(tf):
    with tempfile.TemporaryDirectory() as temporary:
        module = saved_models.make_module(tf)
        tf.saved_model.save(module, temporary, signatures=module.f)
        return [np.asarray(y) for y in saved_models.results(tf, tf.saved_model.load(temporary))]


def main():
    import keras
    import tensorflow as tf
    import tf_keras

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        module = saved_models.make_module(tf)
        tf.saved_model.save(module, folder / "module", signatures=module.f)
        outputs = {f"module.{i}": y for i, y in enumerate(expected(tf))}
        model = saved_models.make_model(keras)
        model.export(folder / "keras3", verbose=False)
        outputs["keras3"] = model.predict(saved_models.X, verbose=0)
        model = saved_models.make_model(tf_keras)
        model.compile("adam", "mse")
        model.save(folder / "keras2", save_format="tf")
        outputs["keras2"] = model.predict(saved_models.X, verbose=0)
        np.savez(folder / "outputs.npz", **outputs)
        with zipfile.ZipFile(saved_models.ARCHIVE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder))
    print(saved_models.ARCHIVE.stat().st_size, "bytes")


if __name__ == "__main__":
    check(Path(sys.argv[1])) if len(sys.argv) > 1 else main()

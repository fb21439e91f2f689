"""Records `data/keras_files.zip`: run with a Python that has TensorFlow 2.21, Keras 3.15 and tf-keras 2.21."""

import os
import sys
import tempfile
import zipfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from goldens import keras_files


def record(name, keras, generation, folder, results):
    model, x, y = keras_files.prepared(name, keras)
    base = folder / f"{name}.{generation}"
    before = keras_files.outputs(model, x)
    model.save(f"{base}.keras")
    model.save(f"{base}.h5")
    model.save_weights(f"{base}.weights.h5")
    if generation == 2:
        model.save_weights(folder / f"{name}.ckpt")
    (folder / f"{name}.{generation}.json").write_text(model.to_json())
    after = keras_files.trained_further(model, x, y)
    for kind, values in (("before", before), ("after", after)):
        for i, value in enumerate(values):
            results[f"{name}.{generation}.{kind}.{i}"] = value


def main(names):
    import keras
    import tf_keras

    with tempfile.TemporaryDirectory() as temporary:
        folder, results = Path(temporary), {}
        if names:
            with zipfile.ZipFile(keras_files.ARCHIVE) as archive:
                archive.extractall(folder)
            results.update(np.load(folder / "outputs.npz"))
        for name in names or keras_files.CASES:
            record(name, keras, 3, folder, results)
            record(name, tf_keras, 2, folder, results)
        (folder / "checkpoint").unlink(missing_ok=True)
        np.savez(folder / "outputs.npz", **results)
        with zipfile.ZipFile(keras_files.ARCHIVE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(folder.iterdir()):
                archive.write(path, path.name)
    print(keras_files.ARCHIVE.stat().st_size, "bytes")


if __name__ == "__main__":
    main(sys.argv[1:])

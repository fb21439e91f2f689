"""Outputs of the applications for weights that `record_applications.py folder` wrote with Keras: here, both layouts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from goldens import record_applications as recorded


def main(folder):
    import thalweg as tf

    expected = np.load(folder / "outputs.npz")
    for name, size in recorded.COMPARED.items():
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        make = getattr(tf.keras.applications, name)
        for ending in ("weights.h5", "h5"):
            path = folder / f"{name}.{ending}"
            model = make(weights=path, include_top=False, pooling="avg", input_shape=(size, size, 3))
            y = model.predict(recorded.picture(size), verbose=0)
            scale = np.abs(expected[name]).max()
            print(f"{name:18} {ending:11} {np.abs(y - expected[name]).max() / scale:.2g}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

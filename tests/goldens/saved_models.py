"""SavedModels that travel between TensorFlow and Thalweg.

`python record_saved_models.py` writes `data/saved_models.zip` with TensorFlow 2.21, Keras 3.15 and tf-keras;
`python record_saved_models.py folder` reads there what `python saved_models.py folder` wrote with Thalweg.
"""

import sys
from pathlib import Path

import numpy as np

ARCHIVE = Path(__file__).parent / "data" / "saved_models.zip"
X = np.arange(6.0).reshape(2, 3).astype("float32")


def make_module(tf):
    class Module(tf.Module):
        def __init__(self):
            self.w = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], name="w")
            self.parts = [tf.Variable(1.0), tf.Variable(2.0)]
            self.count = tf.Variable(0, trainable=False)
            self.table = {"a": tf.Variable([7.0])}

        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
        def f(self, x):
            return tf.matmul(x, self.w) + self.parts[0] * self.table["a"]

        @tf.function
        def g(self, x, scale=2.0, training=False):
            self.count.assign_add(1)
            y = tf.nn.relu(x) * scale if training else x * scale
            return {"y": y, "count": tf.identity(self.count)}

        @tf.function(input_signature=[tf.TensorSpec([], tf.int32)])
        def powers(self, n):
            i, total = tf.constant(0), tf.constant(1)
            while i < n:
                total = total * 2
                i = i + 1
            return total

    module = Module()
    module.g(tf.ones([2]))
    module.g(tf.ones([2, 2]), training=True)
    return module


def results(tf, module):
    """What a module's functions give; the same in every library, before and after a journey."""
    module.count.assign(0)
    return [
        module.f(X), module.g(tf.constant([1.0, 2.0]))["y"], module.g([[-1.0, 2.0]] * 2, training=True)["y"],
        module.powers(tf.constant(5)), module.count, module.signatures["serving_default"](x=tf.constant(X))["output_0"],
    ]  # fmt: skip


def make_model(keras):
    L = keras.layers
    model = keras.Sequential([keras.Input((3,), name="x"), L.Dense(4, activation="relu"), L.BatchNormalization(), L.Dense(2)])
    random = np.random.RandomState(2)
    model.set_weights([random.uniform(0.1, 1.0, w.shape).astype("float32") for w in model.get_weights()])
    return model


def main(folder):
    import thalweg as tf

    module = make_module(tf)
    tf.saved_model.save(module, folder / "module", signatures=module.f)
    model = make_model(tf.keras)
    model.export(folder / "model")
    np.savez(folder / "outputs.npz", model=model.predict(X, verbose=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

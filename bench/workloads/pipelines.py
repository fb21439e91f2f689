"""`tf.data` over 60,000 pictures of 28 by 28: scaled, batched, shuffled; and pictures decoded from PNG files' bytes."""

import io
from importlib import import_module

import numpy as np

from bench.workload import Calls, at_most

pipeline = Calls(
    "data-mnist", "tf.data map-batch-shuffle over 60,000 28x28 pictures", targets=[at_most("tensorflow", 1)], rtol=1e-4, calls=1
)


@pipeline.on("thalweg", "tensorflow")
def _(peer):
    tf = import_module(peer)
    pictures = np.random.default_rng(0).integers(0, 256, (60_000, 28, 28), np.uint8)
    labels = np.arange(60_000, dtype=np.int64) % 10
    data = tf.data.Dataset.from_tensor_slices((pictures, labels))
    data = data.shuffle(60_000, seed=1).map(lambda x, y: (tf.cast(x, tf.float32) / 255.0, y)).batch(128)

    def epoch():
        total = 0
        for _, y in data:
            total += int(y[0])
        return np.float64(total)

    return epoch


decoding = Calls(
    "data-png", "tf.data decoding and resizing 500 PNG pictures", targets=[at_most("tensorflow", 1)], rtol=1e-3, calls=1
)


@decoding.on("thalweg", "tensorflow")
def _(peer):
    tf = import_module(peer)
    from PIL import Image

    files = []
    for i in range(500):
        rows, columns = np.mgrid[0:64, 0:64]
        out = io.BytesIO()
        Image.fromarray(np.stack([rows * 3, columns * 2, (rows + columns + i) % 256], -1).astype(np.uint8)).save(out, "PNG")
        files.append(out.getvalue())

    def load(data):
        return tf.image.resize(tf.image.convert_image_dtype(tf.io.decode_png(data, channels=3), tf.float32), [32, 32])

    data = tf.data.Dataset.from_tensor_slices(files).map(load, num_parallel_calls=tf.data.AUTOTUNE).batch(50)
    return lambda: np.float64(sum(float(tf.reduce_mean(x)) for x in data))

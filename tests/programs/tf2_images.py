"""Pictures written as PNG files, read by a pipeline, resized, augmented by seeds, batched."""

import os
import tempfile

import numpy as np
import tensorflow as tf

folder = tempfile.mkdtemp()
for i in range(12):
    rows, columns = np.mgrid[0:20, 0:24]
    picture = np.stack([(rows * (i + 3)) % 256, (columns * 10) % 256, np.full((20, 24), i * 20)], -1).astype(np.uint8)
    kind = "even" if i % 2 == 0 else "odd"
    tf.io.write_file(os.path.join(folder, kind, f"{i:02}.png"), tf.io.encode_png(picture))

files = tf.data.Dataset.list_files(os.path.join(folder, "*", "*.png"), shuffle=False)
print("files", int(files.cardinality()))


def load(path):
    label = tf.cast(tf.strings.split(path, os.sep)[-2] == "odd", tf.int32)
    picture = tf.io.decode_png(tf.io.read_file(path), channels=3)
    return tf.image.convert_image_dtype(picture, tf.float32), label


def augment(i, item):
    picture, label = item
    seed = tf.stack([tf.cast(i, tf.int32), 5])
    picture = tf.image.resize(picture, [16, 16], antialias=True)
    picture = tf.image.stateless_random_flip_left_right(picture, seed)
    picture = tf.image.stateless_random_brightness(picture, 0.2, seed)
    picture = tf.image.stateless_random_crop(picture, [12, 12, 3], seed)
    return tf.clip_by_value(picture, 0.0, 1.0), label


data = files.map(load, num_parallel_calls=tf.data.AUTOTUNE).cache().enumerate().map(augment).batch(5).prefetch(1)
print("spec", data.element_spec)
for pictures, labels in data:
    gray = tf.image.rgb_to_grayscale(pictures)[0, 3, 4, 0]
    facts = [f"{float(x):.5f}" for x in (tf.reduce_mean(pictures), tf.math.reduce_std(pictures), gray)]
    print("batch", pictures.shape, labels.numpy().tolist(), "mean", facts[0], "std", facts[1], "gray", facts[2])
whole = tf.stack([picture for picture, _ in files.map(load)])
print("ssim", *[f"{v:.4f}" for v in tf.image.ssim(whole[:2], whole[1:3], 1.0).numpy()], "variation",
      f"{float(tf.image.total_variation(whole[0])):.3f}")  # fmt: skip

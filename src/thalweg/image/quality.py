"""How alike two pictures are, and their edges.

Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity", 2004;
https://www.tensorflow.org/api_docs/python/tf/image/ssim
"""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.image.colour import convert_image_dtype

_SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Any:
    """The peak signal-to-noise ratio of each pair of pictures, in decibels. max_val: the range of values.

    >>> tf.image.psnr([[[0.0]]], [[[0.1]]], max_val=1.0).numpy()
    np.float32(20.0)
    """
    with tf.name_scope(name or "PSNR"):
        a, b = tf.convert_to_tensor(a), tf.convert_to_tensor(b)
        largest = convert_image_dtype(tf.cast(max_val, a.dtype), tf.float32)
        a, b = convert_image_dtype(a, tf.float32), convert_image_dtype(b, tf.float32)
        error = tf.reduce_mean(tf.math.squared_difference(a, b), [-3, -2, -1])
        decibels = 20 * tf.math.log(largest) / np.float32(np.log(10.0)) - np.float32(10 / np.log(10.0)) * tf.math.log(error)
        _pair_of_pictures(a, b)
        return decibels


def _pair_of_pictures(a: Any, b: Any) -> None:
    for x in (a, b):
        if x.shape.rank is not None and x.shape.rank < 3:
            raise ValueError(f"Shape must be at least rank 3 but is rank {x.shape.rank}: pictures are [height, width, channels].")
    if not a.shape[-3:].is_compatible_with(b.shape[-3:]):
        raise ValueError(f"Shapes {a.shape[-3:]} and {b.shape[-3:]} are incompatible: the two pictures must be of one size.")


def _window(size: int, sigma: float) -> Any:
    """A Gaussian window `[size, size, 1, 1]` that sums to one."""
    x = np.arange(size, dtype=np.float32) - np.float32((size - 1) / 2.0)
    g = x * x * np.float32(-0.5 / (sigma * sigma))
    both = (g[None, :] + g[:, None]).reshape(-1)
    e = np.exp(both - both.max())
    return tf.constant((e / e.sum()).reshape(size, size, 1, 1).astype(np.float32))


def _per_channel(
    a: Any, b: Any, max_val: Any, filter_size: int, filter_sigma: float, k1: float, k2: float, index_map: bool = False
) -> tuple[Any, Any]:
    """SSIM and its contrast-structure part, each `[..., channels]`, averaged over places unless they are asked for."""
    for x in (a, b):
        known = x.shape.as_list()[-3:-1] if x.shape.rank else []
        if any(n is not None and n < filter_size for n in known):
            refuse = tf.errors.InvalidArgumentError if tf.executing_eagerly() else lambda *args: ValueError(args[2])
            raise refuse(
                None, None, f"A picture of {known[0]} by {known[1]} is smaller than the window of {filter_size}: give a smaller "
                "filter_size."
            )  # fmt: skip
    channels = tf.shape(a)[-1]
    window = tf.tile(_window(filter_size, filter_sigma), [1, 1, channels, 1])

    def averaged(x: Any) -> Any:
        shape = tf.shape(x)
        flat = tf.reshape(x, tf.concat([[-1], shape[-3:]], 0))
        y = tf.nn.depthwise_conv2d(flat, window, strides=[1, 1, 1, 1], padding="VALID")
        return tf.reshape(y, tf.concat([shape[:-3], tf.shape(y)[1:]], 0))

    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    mean_a, mean_b = averaged(a), averaged(b)
    product, squares = mean_a * mean_b * 2.0, tf.square(mean_a) + tf.square(mean_b)
    luminance = (product + c1) / (squares + c1)
    product2, squares2 = averaged(a * b) * 2.0, averaged(tf.square(a) + tf.square(b))
    structure = (product2 - product + c2) / (squares2 - squares + c2)
    both = luminance * structure
    if index_map:
        return both, structure
    return tf.reduce_mean(both, [-3, -2]), tf.reduce_mean(structure, [-3, -2])


def _as_floats(img1: Any, img2: Any, max_val: Any) -> tuple[Any, Any, Any]:
    img1, img2 = tf.convert_to_tensor(img1, name="img1"), tf.convert_to_tensor(img2, name="img2")
    _pair_of_pictures(img1, img2)
    largest = convert_image_dtype(tf.cast(max_val, img1.dtype), tf.float32)
    return convert_image_dtype(img1, tf.float32), convert_image_dtype(img2, tf.float32), largest


def ssim(
    img1: Any, img2: Any, max_val: Any, filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01, k2: float = 0.03,
    return_index_map: bool = False,
) -> Any:  # fmt: skip
    """The structural similarity of each pair of pictures, in (-1, 1]; with `return_index_map` of each place.

    Raises ValueError for pictures of different sizes.
    """
    with tf.name_scope("SSIM"):
        a, b, largest = _as_floats(img1, img2, max_val)
        both, _ = _per_channel(a, b, largest, filter_size, filter_sigma, k1, k2, return_index_map)
        return tf.reduce_mean(both, [-1])


def ssim_multiscale(
    img1: Any, img2: Any, max_val: Any, power_factors: Any = _SCALES, filter_size: int = 11, filter_sigma: float = 1.5,
    k1: float = 0.01, k2: float = 0.03,
) -> Any:  # fmt: skip
    """Structural similarity over several scales, each half as large as the one before.

    Source: Wang, Simoncelli, Bovik, "Multi-scale structural similarity for image quality assessment", 2003.
    """
    with tf.name_scope("MS-SSIM"):
        a, b, largest = _as_floats(img1, img2, max_val)
        parts: list[Any] = []
        for i in range(len(power_factors)):
            if i:
                a, b = _halved(a), _halved(b)
            both, structure = _per_channel(a, b, largest, filter_size, filter_sigma, k1, k2)
            parts.append(tf.nn.relu(structure if i + 1 < len(power_factors) else both))
        stacked = tf.stack(parts, axis=-1)
        return tf.reduce_mean(tf.reduce_prod(tf.pow(stacked, tf.constant(power_factors, tf.float32)), [-1]), [-1])


def _halved(x: Any) -> Any:
    """Pictures of half the size; odd ones are first made even by repeating their last row and column."""
    shape = tf.shape(x)
    flat = tf.reshape(x, tf.concat([[-1], shape[-3:]], 0))
    odd = shape[-3:-1] % 2
    flat = tf.pad(flat, tf.stack([[0, 0], tf.stack([0, odd[0]]), tf.stack([0, odd[1]]), [0, 0]]), "SYMMETRIC")
    y = tf.nn.avg_pool2d(flat, 2, 2, "VALID")
    return tf.reshape(y, tf.concat([shape[:-3], tf.shape(y)[1:]], 0))


def total_variation(images: Any, name: str | None = None) -> Any:
    """The sum of absolute differences between neighbours, of each picture. Raises ValueError for another rank than 3 or 4."""
    images = tf.convert_to_tensor(images)
    if images.shape.rank not in (3, 4):
        raise ValueError("'images' must be either 3 or 4-dimensional.")
    axes = None if images.shape.rank == 3 else [1, 2, 3]
    with tf.name_scope(name or "total_variation"):
        down = images[..., 1:, :, :] - images[..., :-1, :, :]
        across = images[..., :, 1:, :] - images[..., :, :-1, :]
        return tf.reduce_sum(tf.abs(down), axis=axes) + tf.reduce_sum(tf.abs(across), axis=axes)


def image_gradients(image: Any) -> tuple[Any, Any]:
    """Differences to the next row and to the next column (zero in the last), of a batch. Raises ValueError for another rank."""
    image = tf.convert_to_tensor(image)
    if image.shape.rank != 4:
        raise ValueError(
            f"image_gradients expects a 4D tensor [batch_size, h, w, d], not {image.shape}."
        )
    dy, dx = image[:, 1:] - image[:, :-1], image[:, :, 1:] - image[:, :, :-1]
    return tf.pad(dy, [[0, 0], [0, 1], [0, 0], [0, 0]]), tf.pad(dx, [[0, 0], [0, 0], [0, 1], [0, 0]])


def sobel_edges(image: Any) -> Any:
    """Sobel's derivatives down and across, `[..., 2]`, of a batch of pictures."""
    image = tf.convert_to_tensor(image)
    rows = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], np.float32)
    kernels = np.stack([rows, rows.T], axis=-1)[:, :, None, :]
    channels = tf.shape(image)[-1]
    window = tf.tile(tf.cast(kernels, image.dtype), [1, 1, channels, 1])
    padded = tf.pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")
    y = tf.nn.depthwise_conv2d(padded, window, strides=[1, 1, 1, 1], padding="VALID")
    y = tf.reshape(y, tf.concat([tf.shape(image), [2]], 0))
    y.set_shape(image.shape.concatenate([2]) if image.shape.rank else None)
    return y

"""Layers that change pictures: their size, and, by chance, what is in them. The base, sizes, and movements."""

from __future__ import annotations

import math
from typing import Any

import thalweg as tf
from thalweg.keras import random
from thalweg.keras.config import standardize_data_format
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape
from thalweg.keras.layers.preprocessing.warp import FILL_MODES, warp
from thalweg.keras.random import SeedGenerator


class ImageLayer(Layer):
    """The base: pictures `[batch, rows, columns, channels]`, or one of them, as floats; `call` sees channels last.

    A dict with the key 'images' passes its other entries through.
    """

    _config_names: tuple[str, ...] = ("data_format",)
    _always = True  # also at prediction

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.built = True

    def call(self, inputs: Any, training: Any = True) -> Any:
        if isinstance(inputs, dict):
            return {**inputs, "images": self.call(inputs["images"], training)}
        x = tf.cast(inputs, self.compute_dtype)
        if not (self._always or training):
            return x
        single = x.shape.rank == 3
        x = tf.expand_dims(x, 0) if single else x
        first = self.data_format == "channels_first"
        x = tf.transpose(x, [0, 2, 3, 1]) if first else x
        shape = x.shape
        y = self._changed(x, training)
        if not tf.executing_eagerly():
            y.set_shape(self._image_shape(shape))
        y = tf.transpose(y, [0, 3, 1, 2]) if first else y
        return y[0] if single else y

    def _changed(self, images: Any, training: Any) -> Any:
        raise NotImplementedError

    def _image_shape(self, shape: Any) -> Any:
        """The shape of the changed pictures, channels last."""
        return shape

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        single = len(shape) == 3
        whole = ((None,) if single else ()) + tuple(shape)
        first = self.data_format == "channels_first"
        whole = (whole[0], *whole[2:], whole[1]) if first else whole
        found = tuple(self._image_shape(tf.TensorShape(whole)).as_list())
        found = (found[0], found[3], *found[1:3]) if first else found
        return as_shape(found[1:] if single else found)


# -- sizes -----------------------------------------------------------------------------------------------------


class _Sized(ImageLayer):
    """Pictures of a fixed size come out."""

    _config_names: tuple[str, ...] = ("height", "width", "data_format")
    height: int
    width: int

    def _image_shape(self, shape: Any) -> Any:
        return tf.TensorShape([shape[0], self.height, self.width, shape[3]])


class Resizing(_Sized):
    """Pictures brought to one size.

    interpolation: 'bilinear', 'nearest', 'bicubic', 'area', 'lanczos3', 'lanczos5', 'gaussian', 'mitchellcubic'.
    crop_to_aspect_ratio, pad_to_aspect_ratio: cut off or fill up with `fill_value`, so that nothing is stretched.
    Source: `tf.keras.layers.Resizing`.
    """

    _config_names = (
        "height", "width", "interpolation", "crop_to_aspect_ratio", "pad_to_aspect_ratio", "fill_mode", "fill_value",
        "antialias", "data_format",
    )  # fmt: skip

    def __init__(
        self, height: int, width: int, interpolation: str = "bilinear", crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False, fill_mode: str = "constant", fill_value: float = 0.0, antialias: bool = False,
        data_format: str | None = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(data_format, **kwargs)
        self.height, self.width, self.interpolation = height, width, interpolation
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_mode, self.fill_value, self.antialias = fill_mode, fill_value, antialias
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError("Only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` can be `True`.")

    def _changed(self, images: Any, training: Any = None) -> Any:
        if self.crop_to_aspect_ratio:
            images = crop_to_ratio(images, self.height, self.width)
        elif self.pad_to_aspect_ratio:
            images = self._padded(images)
        return tf.cast(
            tf.image.resize(images, [self.height, self.width], method=self.interpolation, antialias=self.antialias),
            self.compute_dtype,
        )

    def _padded(self, images: Any) -> Any:
        rows, columns = tf.shape(images)[1], tf.shape(images)[2]
        tall = tf.cast(tf.cast(columns * self.height, tf.float32) / self.width, tf.int32)
        wide = tf.cast(tf.cast(rows * self.width, tf.float32) / self.height, tf.int32)
        tall, wide = tf.maximum(rows, tall), tf.maximum(columns, wide)
        above, before = (tall - rows) // 2, (wide - columns) // 2
        edges = [[0, 0], [above, tall - rows - above], [before, wide - columns - before], [0, 0]]
        return tf.pad(images, edges, constant_values=tf.cast(self.fill_value, images.dtype))


def crop_to_ratio(images: Any, height: int, width: int) -> Any:
    """The largest middle part of `images` with the sides in the ratio `height : width`."""
    rows, columns = tf.shape(images)[1], tf.shape(images)[2]
    tall = tf.cast(tf.cast(columns * height, tf.float32) / width, tf.int32)
    wide = tf.cast(tf.cast(rows * width, tf.float32) / height, tf.int32)
    tall, wide = tf.minimum(rows, tall), tf.minimum(columns, wide)
    above = tf.cast(tf.cast(rows - tall, tf.float32) / 2, tf.int32)
    before = tf.cast(tf.cast(columns - wide, tf.float32) / 2, tf.int32)
    return images[:, above : above + tall, before : before + wide]


class CenterCrop(_Sized):
    """The middle of pictures, `height` by `width`; smaller ones are enlarged first. Source: `tf.keras.layers.CenterCrop`."""

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.height, self.width = height, width

    def _changed(self, images: Any, training: Any = None) -> Any:
        rows, columns = tf.shape(images)[1], tf.shape(images)[2]

        def middle() -> Any:
            above, before = (rows - self.height) // 2, (columns - self.width) // 2
            return images[:, above : above + self.height, before : before + self.width]

        return self._cut(images, middle)

    def _cut(self, images: Any, part: Any) -> Any:
        """A part of pictures that are large enough; of others all, enlarged."""
        def enlarged() -> Any:
            return tf.image.resize(crop_to_ratio(images, self.height, self.width), [self.height, self.width])

        known = images.shape[1] is not None and images.shape[2] is not None
        fits = known and images.shape[1] >= self.height and images.shape[2] >= self.width
        if known:
            return part() if fits else tf.cast(enlarged(), images.dtype)
        large = tf.logical_and(tf.shape(images)[1] >= self.height, tf.shape(images)[2] >= self.width)
        return tf.cond(large, part, lambda: tf.cast(enlarged(), images.dtype))


class RandomCrop(CenterCrop):
    """A part of pictures anywhere in them in training, their middle at prediction. Source: `tf.keras.layers.RandomCrop`."""

    _config_names = ("height", "width", "seed", "data_format")

    def __init__(self, height: int, width: int, seed: Any = None, data_format: str | None = None, **kwargs: Any):
        super().__init__(height, width, data_format, **kwargs)
        self.seed, self.seed_generator = seed, SeedGenerator(seed)

    def _changed(self, images: Any, training: Any = None) -> Any:
        if not training:
            return super()._changed(images)
        rows, columns = tf.shape(images)[1], tf.shape(images)[2]

        def part() -> Any:
            chance = random.uniform([2], seed=self.seed_generator)
            above = tf.cast(chance[0] * tf.cast(rows - self.height + 1, tf.float32), tf.int32)
            before = tf.cast(chance[1] * tf.cast(columns - self.width + 1, tf.float32), tf.int32)
            return images[:, above : above + self.height, before : before + self.width]

        return self._cut(images, part)


# -- by chance -------------------------------------------------------------------------------------------------


def interval(factor: Any, low: float, high: float, name: str, symmetric: bool = True) -> tuple[float, float]:
    """A factor, or its least and greatest value, as a pair: `f` stands for `-f` to `f`, within `low` to `high`."""
    pair = isinstance(factor, (tuple, list)) and len(factor) == 2
    if not pair and not isinstance(factor, (int, float)):
        raise ValueError(f"`{name}` should be a number or a pair of numbers. Received: {name}={factor}")
    lower, upper = sorted(factor) if pair else ((max(-abs(factor), low) if symmetric else low), abs(factor))
    if lower < low or upper > high:
        raise ValueError(
            f"The `{name}` argument should be a number (or a list of two numbers) in the range [{low}, {high}]. Received: "
            f"{name}={factor}"
        )
    return float(lower), float(upper)


class RandomImageLayer(ImageLayer):
    """Pictures changed by chance in training; at prediction they pass unchanged. Each picture has its own chance."""

    _always = False

    def __init__(self, seed: Any = None, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.seed, self.seed_generator = seed, SeedGenerator(seed)

    def _draw(self, images: Any, low: float = 0.0, high: float = 1.0, shape: tuple[int, ...] = (1, 1, 1)) -> Any:
        """A number for each picture."""
        return random.uniform([tf.shape(images)[0], *shape], low, high, self.compute_dtype, seed=self.seed_generator)


class RandomFlip(RandomImageLayer):
    """Pictures turned over, 'horizontal' (left and right), 'vertical' or both ways. Source: `tf.keras.layers.RandomFlip`."""

    _config_names = ("mode", "seed", "data_format")

    def __init__(self, mode: str = "horizontal_and_vertical", seed: Any = None, data_format: str | None = None, **kwargs: Any):
        super().__init__(seed, data_format, **kwargs)
        if mode not in ("horizontal", "vertical", "horizontal_and_vertical"):
            raise ValueError(
                "`mode` of RandomFlip must be 'horizontal', 'vertical' or 'horizontal_and_vertical'. Received: "
                f"mode={mode!r}"
            )
        self.mode = mode

    def _changed(self, images: Any, training: Any) -> Any:
        flips = self._draw(images) <= 0.5
        if "horizontal" in self.mode:
            images = tf.where(flips, tf.reverse(images, [2]), images)
        if "vertical" in self.mode:
            images = tf.where(flips, tf.reverse(images, [1]), images)
        return images


class _Moved(RandomImageLayer):
    """Pictures read through a linear map of places."""

    def __init__(
        self, fill_mode: str, interpolation: str, seed: Any, fill_value: float, data_format: str | None, **kwargs: Any
    ):
        super().__init__(seed, data_format, **kwargs)
        if fill_mode not in FILL_MODES:
            raise ValueError(f"Unknown `fill_mode` {fill_mode!r}. Expected one of {FILL_MODES}.")
        if interpolation not in ("nearest", "bilinear"):
            raise ValueError(f"Unknown `interpolation` {interpolation!r}. Expected 'nearest' or 'bilinear'.")
        self.fill_mode, self.interpolation, self.fill_value = fill_mode, interpolation, fill_value

    def _changed(self, images: Any, training: Any) -> Any:
        sides = [tf.cast(tf.shape(images)[i], images.dtype) for i in (1, 2)]
        parts = self._map(images, *sides)
        zeros = tf.zeros([tf.shape(images)[0], 1], images.dtype)
        matrices = tf.concat([zeros + tf.cast(part, images.dtype) for part in (*parts, 0.0, 0.0)], 1)
        return warp(images, matrices, self.fill_mode, self.interpolation, self.fill_value)

    def _map(self, images: Any, rows: Any, columns: Any) -> tuple[Any, ...]:
        """The six numbers a, b, c, d, e, f of the map, each `[batch, 1]` or a scalar."""
        raise NotImplementedError


class RandomRotation(_Moved):
    """Pictures rotated by up to `factor` of a full turn either way. Source: `tf.keras.layers.RandomRotation`."""

    _config_names = ("factor", "fill_mode", "fill_value", "interpolation", "seed", "data_format")

    def __init__(
        self, factor: Any, fill_mode: str = "reflect", interpolation: str = "bilinear", seed: Any = None,
        fill_value: float = 0.0, data_format: str | None = None, **kwargs: Any,
    ):  # fmt: skip
        kwargs.pop("value_range", None)
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.factor = interval(factor, -1.0, 1.0, "factor")

    def _map(self, images: Any, rows: Any, columns: Any) -> tuple[Any, ...]:
        angle = self._draw(images, *self.factor, shape=(1,)) * (2 * math.pi)
        cos, sin = tf.cos(angle), tf.sin(angle)
        dx = ((columns - 1) - (cos * (columns - 1) - sin * (rows - 1))) / 2
        dy = ((rows - 1) - (sin * (columns - 1) + cos * (rows - 1))) / 2
        return cos, -sin, dx, sin, cos, dy


class RandomTranslation(_Moved):
    """Pictures moved by up to a share of their height and width. Source: `tf.keras.layers.RandomTranslation`."""

    _config_names = ("height_factor", "width_factor", "fill_mode", "fill_value", "interpolation", "seed", "data_format")

    def __init__(
        self, height_factor: Any, width_factor: Any, fill_mode: str = "reflect", interpolation: str = "bilinear",
        seed: Any = None, fill_value: float = 0.0, data_format: str | None = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor = interval(height_factor, -1.0, 1.0, "height_factor")
        self.width_factor = interval(width_factor, -1.0, 1.0, "width_factor")

    def _map(self, images: Any, rows: Any, columns: Any) -> tuple[Any, ...]:
        down = self._draw(images, *self.height_factor, shape=(1,)) * rows
        right = self._draw(images, *self.width_factor, shape=(1,)) * columns
        return 1.0, 0.0, -right, 0.0, 1.0, -down


class RandomZoom(_Moved):
    """Pictures zoomed out by up to `height_factor` (negative: in), the width alike unless `width_factor` is given.

    Source: `tf.keras.layers.RandomZoom`.
    """

    _config_names = ("height_factor", "width_factor", "fill_mode", "fill_value", "interpolation", "seed", "data_format")

    def __init__(
        self, height_factor: Any, width_factor: Any = None, fill_mode: str = "reflect", interpolation: str = "bilinear",
        seed: Any = None, fill_value: float = 0.0, data_format: str | None = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor = interval(height_factor, -1.0, float("inf"), "height_factor")
        self.width_factor = None if width_factor is None else interval(width_factor, -1.0, float("inf"), "width_factor")

    def _map(self, images: Any, rows: Any, columns: Any) -> tuple[Any, ...]:
        tall = 1 + self._draw(images, *self.height_factor, shape=(1,))
        wide = tall if self.width_factor is None else 1 + self._draw(images, *self.width_factor, shape=(1,))
        return wide, 0.0, (columns - 1) / 2 * (1 - wide), 0.0, tall, (rows - 1) / 2 * (1 - tall)


class RandomShear(_Moved):
    """Pictures slanted by up to `x_factor` and `y_factor`. Source: `tf.keras.layers.RandomShear`."""

    _config_names = ("x_factor", "y_factor", "interpolation", "fill_mode", "fill_value", "seed", "data_format")

    def __init__(
        self, x_factor: Any = 0.0, y_factor: Any = 0.0, interpolation: str = "bilinear", fill_mode: str = "reflect",
        fill_value: float = 0.0, data_format: str | None = None, seed: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.x_factor = interval(x_factor, -1.0, 1.0, "x_factor")
        self.y_factor = interval(y_factor, -1.0, 1.0, "y_factor")

    def _map(self, images: Any, rows: Any, columns: Any) -> tuple[Any, ...]:
        side = tf.where(self._draw(images, shape=(1,)) > 0.5, -1.0, 1.0)
        down = self._draw(images, *self.y_factor, shape=(1,)) * side
        right = self._draw(images, *self.x_factor, shape=(1,)) * side
        return 1.0, right, 0.0, down, 1.0, 0.0


class _RandomSide(RandomImageLayer):
    """Pictures stretched along one side, all of a batch alike. Of Keras 2."""

    _config_names = ("factor", "interpolation", "seed", "data_format")
    _axis: int

    def __init__(
        self, factor: Any, interpolation: str = "bilinear", seed: Any = None, data_format: str | None = None, **kwargs: Any
    ):
        super().__init__(seed, data_format, **kwargs)
        self.factor, self.interpolation = interval(factor, -1.0, float("inf"), "factor"), interpolation

    def _changed(self, images: Any, training: Any) -> Any:
        chance = random.uniform([], 1 + self.factor[0], 1 + self.factor[1], seed=self.seed_generator)
        sides = [tf.shape(images)[1], tf.shape(images)[2]]
        side = tf.cast(sides[self._axis], tf.float32) * chance
        sides[self._axis] = tf.maximum(tf.cast(side, tf.int32), 1)
        return tf.cast(tf.image.resize(images, tf.stack(sides), method=self.interpolation), images.dtype)

    def _image_shape(self, shape: Any) -> Any:
        sizes = shape.as_list()
        sizes[1 + self._axis] = None
        return tf.TensorShape(sizes)


class RandomHeight(_RandomSide):
    """Pictures made up to `factor` higher or lower. Source: `tf.keras.layers.RandomHeight` of Keras 2."""

    _axis = 0


class RandomWidth(_RandomSide):
    """Pictures made up to `factor` wider or narrower. Source: `tf.keras.layers.RandomWidth` of Keras 2."""

    _axis = 1

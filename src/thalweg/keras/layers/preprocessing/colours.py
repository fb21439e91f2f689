"""Layers that change the colours of pictures by chance, cover parts of them, or mix them."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import random
from thalweg.keras.engine.layer import Layer
from thalweg.keras.layers.preprocessing.images import ImageLayer, RandomImageLayer, interval
from thalweg.keras.saving import registration


class _Coloured(RandomImageLayer):
    """Values stay within `value_range`."""

    def __init__(
        self, value_range: Any = (0, 255), seed: Any = None, data_format: str | None = None, **kwargs: Any
    ):
        super().__init__(seed, data_format, **kwargs)
        self.value_range = tuple(value_range)

    @property
    def _span(self) -> float:
        return float(self.value_range[1] - self.value_range[0])

    def _clipped(self, images: Any) -> Any:
        return tf.clip_by_value(images, float(self.value_range[0]), float(self.value_range[1]))

    def _to_unit(self, images: Any) -> Any:
        """Values from 0 to 1."""
        return (images - float(self.value_range[0])) / self._span

    def _from_unit(self, images: Any) -> Any:
        return images * self._span + float(self.value_range[0])

    def _blended(self, one: Any, other: Any, share: Any) -> Any:
        """`one` with `share` of the way to `other`, within the range."""
        return self._clipped(one + share * (other - one))


class RandomBrightness(_Coloured):
    """Up to `factor` of the range added to all values. Source: `tf.keras.layers.RandomBrightness`."""

    _config_names = ("factor", "value_range", "seed", "data_format")

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any):
        super().__init__(value_range, seed, **kwargs)
        self.factor = interval(factor, -1.0, 1.0, "factor")

    def _changed(self, images: Any, training: Any) -> Any:
        return self._clipped(images + self._draw(images, *self.factor) * self._span)


class RandomContrast(_Coloured):
    """Values drawn away from their mean, or to it, by up to `factor`. Source: `tf.keras.layers.RandomContrast`."""

    _config_names = ("factor", "value_range", "seed", "data_format")

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any):
        super().__init__(value_range, seed, **kwargs)
        pair = isinstance(factor, (tuple, list))
        lower, upper = factor if pair else (factor, factor)
        if lower < 0 or upper < 0 or lower > 1:
            raise ValueError(f"`factor` must be between 0 and 1, or a pair of such numbers. Received: factor={factor}")
        self.factor = factor
        self._limits = 1 - lower, 1 + upper

    def _changed(self, images: Any, training: Any) -> Any:
        mean = tf.reduce_mean(images, [1, 2], keepdims=True)
        return self._clipped((images - mean) * self._draw(images, *self._limits) + mean)


def _grey(images: Any) -> Any:
    """Brightness, the same in all channels."""
    if images.shape[-1] == 1:
        return images
    weights = tf.constant([0.2989, 0.5870, 0.1140], images.dtype)
    return tf.reduce_sum(images * weights, -1, keepdims=True) * tf.ones_like(images)


class RandomGrayscale(_Coloured):
    """A share `factor` of the pictures made grey. Source: `tf.keras.layers.RandomGrayscale`."""

    _config_names = ("factor", "seed", "data_format")

    def __init__(self, factor: float = 0.5, seed: Any = None, **kwargs: Any):
        super().__init__(seed=seed, **kwargs)
        self.factor = interval(factor, 0.0, 1.0, "factor", symmetric=False)[1]

    def _changed(self, images: Any, training: Any) -> Any:
        return tf.where(self._draw(images) < self.factor, _grey(images), images)


class RandomColorDegeneration(_Coloured):
    """Colours faded by up to `factor`, 1 for grey. Source: `tf.keras.layers.RandomColorDegeneration`."""

    _config_names = ("factor", "value_range", "seed", "data_format")

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any):
        super().__init__(value_range, seed, **kwargs)
        self.factor = interval(factor, -1.0, 1.0, "factor")

    def _changed(self, images: Any, training: Any) -> Any:
        return self._blended(images, _grey(images), self._draw(images, *self.factor))


class RandomSaturation(_Coloured):
    """Colours weaker (`factor` below 0.5) or stronger (above). Source: `tf.keras.layers.RandomSaturation`."""

    _config_names = ("factor", "value_range", "seed", "data_format")

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any):
        super().__init__(value_range, seed, **kwargs)
        self.factor = interval(factor, -1.0, 1.0, "factor")

    def _changed(self, images: Any, training: Any) -> Any:
        share = self._draw(images, *self.factor)
        strength = share / (1.0 - share + 1e-7)
        hue, saturation, value = tf.unstack(tf.image.rgb_to_hsv(self._to_unit(images)), 3, axis=-1)
        saturation = tf.clip_by_value(saturation * strength[..., 0], 0.0, 1.0)
        return self._clipped(self._from_unit(tf.image.hsv_to_rgb(tf.stack([hue, saturation, value], -1))))


class RandomHue(_Coloured):
    """Hues turned by up to `factor` of half the circle. Source: `tf.keras.layers.RandomHue`."""

    _config_names = ("factor", "value_range", "seed", "data_format")

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any):
        super().__init__(value_range, seed, **kwargs)
        self.factor = interval(factor, 0.0, 1.0, "factor", symmetric=False)

    def _changed(self, images: Any, training: Any) -> Any:
        side = tf.where(self._draw(images) > 0.5, -1.0, 1.0)
        turn = self._draw(images, *self.factor) * side * 0.5
        hue, saturation, value = tf.unstack(tf.image.rgb_to_hsv(self._to_unit(images)), 3, axis=-1)
        hue = tf.math.floormod(hue + turn[..., 0], 1.0)
        return self._clipped(self._from_unit(tf.image.hsv_to_rgb(tf.stack([hue, saturation, value], -1))))


class RandomSharpness(_Coloured):
    """Pictures blurred (`factor` towards 0) or sharpened (towards 1); 0.5 leaves them.

    Source: `tf.keras.layers.RandomSharpness`.
    """

    _config_names = ("factor", "value_range", "seed", "data_format")

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any):
        super().__init__(value_range, seed, **kwargs)
        self.factor = interval(factor, 0.0, 1.0, "factor", symmetric=False)

    def _changed(self, images: Any, training: Any) -> Any:
        strength = self._draw(images, *self.factor) * 2
        kernel = tf.constant([[1.0, 1.0, 1.0], [1.0, 5.0, 1.0], [1.0, 1.0, 1.0]], images.dtype) / 13
        kernel = tf.tile(kernel[:, :, None, None], [1, 1, images.shape[-1], 1])
        smooth = tf.nn.depthwise_conv2d(images, kernel, [1, 1, 1, 1], "SAME")
        return self._blended(smooth, images, strength)


class RandomPosterization(_Coloured):
    """Values of fewer bits: `factor` of the eight, or from 1 up to it. Source: `tf.keras.layers.RandomPosterization`."""

    _config_names = ("factor", "value_range", "seed", "data_format")

    def __init__(self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any):
        super().__init__(value_range, seed, **kwargs)
        self.factor = tuple(int(bits) for bits in interval(factor, 1, 8, "factor"))

    def _changed(self, images: Any, training: Any) -> Any:
        least, most = self.factor
        bits = tf.fill([tf.shape(images)[0]], least)
        if least != most:
            bits = random.randint([tf.shape(images)[0]], least, most, seed=self.seed_generator)
        step = tf.reshape(2.0 ** tf.cast(8 - bits, images.dtype), [-1, 1, 1, 1])
        bytes_ = tf.floor(self._to_unit(images) * 255)
        return self._from_unit(tf.floor(bytes_ / step) * step / 255)


class Solarization(_Coloured):
    """Values above a threshold turned over, after up to `addition_factor` is added.

    Source: `tf.keras.layers.Solarization`.
    """

    _config_names = ("addition_factor", "threshold_factor", "value_range", "seed", "data_format")

    def __init__(
        self, addition_factor: Any = 0.0, threshold_factor: Any = 0.0, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any
    ):
        super().__init__(value_range, seed, **kwargs)
        self.addition_factor = interval(addition_factor, 0.0, 1.0, "addition_factor", symmetric=False)
        self.threshold_factor = interval(threshold_factor, 0.0, 1.0, "threshold_factor", symmetric=False)

    def _changed(self, images: Any, training: Any) -> Any:
        unit = self._to_unit(images)
        added, low = self._draw(images, *self.addition_factor), self._draw(images, *self.threshold_factor)
        unit = tf.clip_by_value(unit + added, 0.0, 1.0)
        return self._from_unit(tf.where(unit < low, unit, 1 - unit))


class RandomInvert(_Coloured):
    """A share `factor` of the pictures as negatives. Source: `tf.keras.layers.RandomInvert`."""

    _config_names = ("factor", "value_range", "seed", "data_format")

    def __init__(self, factor: float = 1.0, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any):
        super().__init__(value_range, seed, **kwargs)
        self.factor = interval(factor, 0.0, 1.0, "factor")

    def _changed(self, images: Any, training: Any) -> Any:
        share = self._draw(images, *self.factor)
        return tf.where(self._draw(images) < share, sum(self.value_range) - images, images)


class AutoContrast(_Coloured):
    """Each channel stretched over the whole range. Source: `tf.keras.layers.AutoContrast`."""

    _config_names = ("value_range",)
    _always = True

    def _changed(self, images: Any, training: Any) -> Any:
        low, high = tf.reduce_min(images, [1, 2], keepdims=True), tf.reduce_max(images, [1, 2], keepdims=True)
        return self._clipped(tf.where(high > low, self._from_unit((images - low) / tf.maximum(high - low, 1e-7)), images))


class Equalization(_Coloured):
    """Each channel's histogram made flat. Source: `tf.keras.layers.Equalization`."""

    _config_names = ("value_range", "bins", "data_format")
    _always = True

    def __init__(self, value_range: Any = (0, 255), bins: int = 256, **kwargs: Any):
        super().__init__(value_range, **kwargs)
        self.bins = bins

    def _changed(self, images: Any, training: Any) -> Any:
        place = tf.cast(tf.clip_by_value(self._to_unit(images), 0.0, 1.0) * (self.bins - 1), tf.int32)
        shape = tf.shape(images)
        flat = tf.reshape(tf.transpose(place, [0, 3, 1, 2]), [-1, shape[1] * shape[2]])
        counts = tf.reduce_sum(tf.one_hot(flat, self.bins, dtype=images.dtype), 1)
        total = tf.cumsum(counts, axis=1)
        first = tf.reduce_min(tf.where(total > 0, total, tf.fill(tf.shape(total), tf.constant(float("inf")))), 1, keepdims=True)
        size = tf.cast(shape[1] * shape[2], images.dtype)
        table = tf.where(size > first, (total - first) / tf.maximum(size - first, 1.0), total * 0)
        table = tf.round(tf.clip_by_value(table, 0.0, 1.0) * 255) / 255
        found = tf.gather(table, flat, batch_dims=1)
        found = tf.transpose(tf.reshape(found, [shape[0], shape[3], shape[1], shape[2]]), [0, 2, 3, 1])
        return self._from_unit(found)


class RandomGaussianBlur(_Coloured):
    """A share `factor` of the pictures blurred. Source: `tf.keras.layers.RandomGaussianBlur`."""

    _config_names = ("factor", "kernel_size", "sigma", "value_range", "seed", "data_format")

    def __init__(
        self, factor: float = 1.0, kernel_size: Any = 3, sigma: float = 1.0, value_range: Any = (0, 255), seed: Any = None,
        **kwargs: Any,
    ):  # fmt: skip
        super().__init__(value_range, seed, **kwargs)
        self.factor = interval(factor, 0.0, 1.0, "factor")
        self.kernel_size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else tuple(kernel_size)
        self.sigma = interval(sigma, 0.0, 1.0, "sigma")

    def _changed(self, images: Any, training: Any) -> Any:
        share, chance = self._draw(images, *self.factor), self._draw(images)
        widths = random.uniform([2], *self.sigma, images.dtype, seed=self.seed_generator) + 1e-6
        sides = []
        for i, size in enumerate(reversed(self.kernel_size)):
            at = tf.cast(tf.range(size), images.dtype) - (size - 1) / 2
            bell = tf.exp(-0.5 * (at / widths[1 - i]) ** 2)
            sides.append(bell / tf.reduce_sum(bell))
        kernel = tf.tile(tf.tensordot(sides[0], sides[1], 0)[:, :, None, None], [1, 1, images.shape[-1], 1])
        smooth = tf.nn.depthwise_conv2d(images, kernel, [1, 1, 1, 1], "SAME")
        return self._clipped(tf.where(chance < share, smooth, images))


class RandomColorJitter(_Coloured):
    """Brightness, contrast, saturation and hue changed by chance, each where its factor is given.

    Source: `tf.keras.layers.RandomColorJitter`.
    """

    _config_names = (
        "value_range", "brightness_factor", "contrast_factor", "saturation_factor", "hue_factor", "seed", "data_format",
    )  # fmt: skip

    def __init__(
        self, value_range: Any = (0, 255), brightness_factor: Any = None, contrast_factor: Any = None,
        saturation_factor: Any = None, hue_factor: Any = None, seed: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(value_range, seed, **kwargs)
        self.brightness_factor, self.contrast_factor = brightness_factor, contrast_factor
        self.saturation_factor, self.hue_factor = saturation_factor, hue_factor
        kinds = [
            (RandomBrightness, brightness_factor), (RandomContrast, contrast_factor), (RandomSaturation, saturation_factor),
            (RandomHue, hue_factor),
        ]  # fmt: skip
        self._parts = [kind(factor, value_range=value_range, seed=seed) for kind, factor in kinds if factor is not None]

    def _changed(self, images: Any, training: Any) -> Any:
        for part in self._parts:
            images = part._changed(images, training)
        return images


class RandomErasing(_Coloured):
    """A share `factor` of the pictures with a rectangle of `scale` of the sides covered by `fill_value` (None: noise).

    Source: Zhong et al., "Random erasing data augmentation" (2020); `tf.keras.layers.RandomErasing`.
    """

    _config_names = ("factor", "scale", "fill_value", "value_range", "seed", "data_format")

    def __init__(
        self, factor: float = 1.0, scale: Any = (0.02, 0.33), fill_value: Any = None, value_range: Any = (0, 255), seed: Any = None,
        **kwargs: Any,
    ):  # fmt: skip
        super().__init__(value_range, seed, **kwargs)
        self.factor = interval(factor, 0.0, 1.0, "factor", symmetric=False)[1]
        self.scale, self.fill_value = interval(scale, 0.0, 1.0, "scale", symmetric=False), fill_value

    def _changed(self, images: Any, training: Any) -> Any:
        cover = boxes(self, images, tf.sqrt(self._draw(images, *self.scale)))
        fill = self.fill_value
        if fill is None:
            noise = random.normal(tf.shape(images), dtype=images.dtype, seed=self.seed_generator)
            fill = self._clipped(noise * self._span / 2 + sum(self.value_range) / 2)
        chosen = tf.logical_and(cover, self._draw(images) < self.factor)
        return tf.where(chosen, tf.cast(fill, images.dtype) * tf.ones_like(images), images)


def boxes(layer: Any, images: Any, side: Any) -> Any:
    """`[batch, rows, columns, 1]`, True in a rectangle of `side` of each side somewhere in the picture."""
    inside = tf.constant(True)
    for axis in (1, 2):
        size = tf.cast(tf.shape(images)[axis], images.dtype)
        length = tf.floor(side * size)
        start = tf.floor(layer._draw(images) * (size - length + 1))
        at = tf.cast(tf.range(tf.shape(images)[axis]), images.dtype)
        at = tf.reshape(at, [1, -1, 1, 1] if axis == 1 else [1, 1, -1, 1])
        inside = tf.logical_and(inside, tf.logical_and(at >= start, at < start + length))
    return inside


# -- several pictures ------------------------------------------------------------------------------------------


class _Mixed(RandomImageLayer):
    """Each picture with another one of the batch; in a dict, `labels` (one-hot or numbers) are mixed alike."""

    def call(self, inputs: Any, training: Any = True) -> Any:
        if not isinstance(inputs, dict):
            return super().call(inputs, training)
        if not training:
            return inputs
        images = tf.cast(inputs["images"], self.compute_dtype)
        order, share, cover = self._chances(images)
        mixed = {**inputs, "images": self._mix(images, order, share, cover)}
        if "labels" in inputs:
            labels = tf.cast(inputs["labels"], self.compute_dtype)
            share = tf.reshape(self._label_share(share, cover), [-1, *[1] * (labels.shape.rank - 1)])
            mixed["labels"] = share * labels + (1 - share) * tf.gather(labels, order)
        return mixed

    def _changed(self, images: Any, training: Any) -> Any:
        return self._mix(images, *self._chances(images))

    def _chances(self, images: Any) -> tuple[Any, Any, Any]:
        """The other pictures' numbers, the share of the own one, and where it shows."""
        order = random.shuffle(tf.range(tf.shape(images)[0]), seed=self.seed_generator)
        one, other = (_gamma(images, self._strength, self.seed_generator) for _ in range(2))
        return order, one / tf.maximum(one + other, 1e-7), None

    _strength: float

    def _mix(self, images: Any, order: Any, share: Any, cover: Any) -> Any:
        raise NotImplementedError

    def _label_share(self, share: Any, cover: Any) -> Any:
        return share


def _gamma(images: Any, alpha: float, seed: Any) -> Any:
    from thalweg.keras.random import draw_seed

    return tf.random.stateless_gamma([tf.shape(images)[0], 1, 1, 1], draw_seed(seed), alpha)


class MixUp(_Mixed):
    """Pictures (and labels) as weighted means of two. Source: Zhang et al., "mixup" (2018); `tf.keras.layers.MixUp`."""

    _config_names = ("alpha", "seed", "data_format")

    def __init__(self, alpha: float = 0.2, seed: Any = None, data_format: str | None = None, **kwargs: Any):
        super().__init__(seed, data_format, **kwargs)
        self.alpha = self._strength = alpha

    def _mix(self, images: Any, order: Any, share: Any, cover: Any) -> Any:
        return share * images + (1 - share) * tf.gather(images, order)


class CutMix(_Mixed):
    """Pictures with a rectangle of another one. Source: Yun et al., "CutMix" (2019); `tf.keras.layers.CutMix`."""

    _config_names = ("factor", "seed", "data_format")

    def __init__(self, factor: float = 1.0, seed: Any = None, data_format: str | None = None, **kwargs: Any):
        super().__init__(seed, data_format, **kwargs)
        self.factor = self._strength = float(factor)

    def _chances(self, images: Any) -> tuple[Any, Any, Any]:
        order, share, _ = super()._chances(images)
        return order, share, boxes(self, images, tf.sqrt(1 - share))

    def _mix(self, images: Any, order: Any, share: Any, cover: Any) -> Any:
        return tf.where(cover, tf.gather(images, order), images)

    def _label_share(self, share: Any, cover: Any) -> Any:
        return 1 - tf.reduce_mean(tf.cast(cover, share.dtype), [1, 2, 3])


class Pipeline(Layer):
    """Preprocessing layers one after the other. Source: `tf.keras.layers.Pipeline`."""

    def __init__(self, layers: Any, name: str | None = None):
        super().__init__(name=name)
        self._pipeline_layers = list(layers)
        self.built = True

    @property
    def layers(self) -> list[Any]:
        return list(self._pipeline_layers)

    def call(self, inputs: Any, training: Any = True, mask: Any = None) -> Any:
        for layer in self._pipeline_layers:
            extra = {"training": training} if isinstance(layer, ImageLayer) else {}
            inputs = layer(inputs, **extra)
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "layers": [registration.serialize_keras_object(x) for x in self._pipeline_layers]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls([registration.deserialize_keras_object(x) for x in config["layers"]], name=config.get("name"))

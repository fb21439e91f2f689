"""What the applications share: their inputs, their last layers, and where their weights come from."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

from thalweg.keras import activations, config, layers
from thalweg.keras.engine import calls, symbolic
from thalweg.keras.engine.node import node_of
from thalweg.keras.models import Functional
from thalweg.keras.utils.downloads import get_file

#: Files of weights: the address, and the name with its hash for the model with and without its top.
Files = tuple[str, tuple[str, str | None], tuple[str, str | None]]


def channel_axis() -> int:
    return 1 if config.image_data_format() == "channels_first" else 3


def application(
    build: Callable[[Any], Any],
    head: Callable[[Any], Any],
    files: Files | None,
    *,
    include_top: bool,
    weights: Any,
    input_tensor: Any,
    input_shape: Any,
    pooling: str | None,
    classes: int,
    classifier_activation: Any,
    name: str,
    default_size: int,
    min_size: int = 32,
    fixed_size: bool = True,
    pool_names: tuple[str | None, str | None] = (None, None),
    after_pooling: Callable[[Any], Any] | None = None,
) -> Any:
    """A model: `build` from the picture to features, then `head` (with `include_top`) or a pooling.

    fixed_size: whether the top needs to know the size of the pictures. pool_names: of the layers for 'avg' and 'max'.
    Raises ValueError for arguments that do not fit together.
    """
    if weights not in ("imagenet", None) and not os.path.exists(weights):
        raise ValueError(
            "The `weights` argument should be either `None` (random initialization), `imagenet` (pre-training on ImageNet), "
            f"or the path to the weights file to be loaded.  Received: weights={weights}"
        )
    if weights == "imagenet" and include_top and classes != 1000:
        raise ValueError(
            'If using `weights="imagenet"` with `include_top=True`, `classes` should be 1000.  '
            f"Received classes={classes}: leave the top out and put a Dense layer of your own after it."
        )
    if include_top and weights is not None:
        _check_activation(classifier_activation)
    shape = _input_shape(input_shape, default_size, min_size, include_top and fixed_size, weights)
    inputs, x = _inputs(input_tensor, shape)
    with calls.blank_weights(weights is not None or calls.current.blank):
        x = build(x)
        if include_top:
            x = head(x)
        else:
            if pooling == "avg":
                x = layers.GlobalAveragePooling2D(name=pool_names[0])(x)
            elif pooling == "max":
                x = layers.GlobalMaxPooling2D(name=pool_names[1])(x)
            x = x if after_pooling is None else after_pooling(x)
        model = Functional(inputs, x, name=name)
    if weights == "imagenet":
        if files is None:
            raise ValueError(f"There are no ImageNet weights for these settings of {name}: pass weights=None or a file.")
        origin, *named = files
        file_name, file_hash = named[0 if include_top else 1]
        model.load_weights(get_file(file_name, origin + file_name, cache_subdir="models", file_hash=file_hash))
    elif weights is not None:
        model.load_weights(weights)
    return model


def dense_head(classes: int, activation: Any, pool_name: str | None = "avg_pool", **kwargs: Any) -> Callable[[Any], Any]:
    """The mean over the picture, then a Dense layer."""

    def head(x: Any) -> Any:
        x = layers.GlobalAveragePooling2D(name=pool_name)(x)
        return layers.Dense(classes, activation=activation, name="predictions", **kwargs)(x)

    return head


def _check_activation(activation: Any) -> None:
    if activations.get(activation) not in (activations.get("softmax"), activations.get(None)):
        raise ValueError(
            "Only `None` and `softmax` activations are allowed for the `classifier_activation` argument when using pretrained "
            f"weights, with `include_top=True`; Received: classifier_activation={activation}"
        )


def _input_shape(given: Any, default_size: int, min_size: int, needs_size: bool, weights: Any) -> tuple[int | None, ...]:
    first = config.image_data_format() == "channels_first"
    if given is None:
        size = default_size if needs_size else None
        return (3, size, size) if first else (size, size, 3)
    shape = tuple(given)
    if len(shape) != 3:
        raise ValueError(f"`input_shape` must be a tuple of three integers. Received: input_shape={given}")
    channels, space = (shape[0], shape[1:]) if first else (shape[2], shape[:2])
    default = (channels, default_size, default_size) if first else (default_size, default_size, channels)
    if weights == "imagenet":
        if channels != 3:
            raise ValueError(f"The input must have 3 channels; Received `input_shape={given}`")
        if needs_size and shape != default:
            raise ValueError(
                "When setting `include_top=True` and loading `imagenet` weights, `input_shape` should be "
                f"{default}.  Received: input_shape={given}"
            )
    elif channels not in (1, 3):
        warnings.warn(
            f"This model usually expects 1 or 3 input channels. However, it was passed an input_shape with {channels} input "
            "channels.",
            stacklevel=4,
        )
    if any(size is not None and size < min_size for size in space):
        raise ValueError(f"Input size must be at least {min_size}x{min_size}; Received: input_shape={given}")
    if needs_size and None in shape:
        raise ValueError(f"If `include_top` is True, you should specify a static `input_shape`. Received: input_shape={given}")
    return shape


def _inputs(input_tensor: Any, shape: Any) -> tuple[Any, Any]:
    """What the model's inputs are, and the picture to begin with."""
    if input_tensor is None:
        image = layers.Input(shape=shape)
        return image, image
    if not symbolic.is_keras_tensor(input_tensor):
        raise ValueError(f"`input_tensor` must be a symbolic tensor (from tf.keras.Input), but it is {input_tensor!r}.")
    sources = _sources(input_tensor)
    return (sources[0] if len(sources) == 1 else sources), input_tensor


def _sources(tensor: Any) -> list[Any]:
    """The inputs that a symbolic tensor comes from."""
    found, waiting, seen = [], [tensor], set()
    while waiting:
        x = waiting.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        node = node_of(x)
        if node is None or node.is_input:
            found.append(x)
        else:
            waiting.extend(node.inputs)
    return found


# -- pieces ------------------------------------------------------------------------------------------------------


def correct_pad(x: Any, kernel_size: Any) -> Any:
    """The padding with which a convolution of stride 2 sees what it would see with 'same'."""
    kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    start = 2 if channel_axis() == 1 else 1
    sizes = x.shape[start : start + 2]
    adjust = (1, 1) if sizes[0] is None else (1 - sizes[0] % 2, 1 - sizes[1] % 2)
    half = (kernel[0] // 2, kernel[1] // 2)
    return ((half[0] - adjust[0], half[0]), (half[1] - adjust[1], half[1]))


def make_divisible(v: float, divisor: int = 8) -> int:
    """The number of channels nearest to `v` that `divisor` divides, and at most a tenth less."""
    rounded = max(divisor, int(v + divisor / 2) // divisor * divisor)
    return int(rounded + divisor if rounded < 0.9 * v else rounded)


def letter(i: int) -> str:
    return chr(97 + i)

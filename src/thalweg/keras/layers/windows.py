"""What convolutions and poolings share: sizes for each dimension, and the shapes that come out."""

from __future__ import annotations

from typing import Any

from thalweg.keras.engine.shapes import Shape

# TensorFlow's names of the layouts, by rank and Keras' name.
_LAYOUTS = {
    "channels_last": {1: "NWC", 2: "NHWC", 3: "NDHWC"},
    "channels_first": {1: "NCW", 2: "NCHW", 3: "NCDHW"},
}


def per_dimension(value: Any, rank: int, name: str, layer: str, low: int = 1) -> tuple[int, ...]:
    """A size given once or for each dimension, as a tuple. Raises ValueError for anything else.

    >>> per_dimension(3, 2, "kernel_size", "Conv2D")
    (3, 3)
    """
    sizes = tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank
    good = len(sizes) == rank and all(hasattr(n, "__index__") and not isinstance(n, bool) and int(n) >= low for n in sizes)
    if not good:
        raise ValueError(
            f"`{name}` of {layer} must be an integer from {low} up, or a tuple of {rank} of them, but it is {value!r}."
        )
    return tuple(int(n) for n in sizes)


def check_padding(padding: Any, layer: str, causal: bool = False) -> str:
    """`padding` in lower case. Raises ValueError unless it is one that the layer knows."""
    known = ("valid", "same", "causal") if causal else ("valid", "same")
    if str(padding).lower() not in known:
        names = ", ".join(map(repr, known))
        raise ValueError(f"Invalid value for argument `padding` of {layer}. Expected one of {names}. Received: {padding!r}")
    return str(padding).lower()


def layout(data_format: str, rank: int) -> str:
    """TensorFlow's name of a layout: `layout("channels_last", 2)` is 'NHWC'."""
    return _LAYOUTS[data_format][rank]


def take_apart(shape: Shape, data_format: str) -> tuple[Shape, int | None]:
    """The sizes of space, and the number of channels."""
    return (shape[1:-1], shape[-1]) if data_format == "channels_last" else (shape[2:], shape[1])


def put_together(batch: int | None, space: Any, channels: int | None, data_format: str) -> Shape:
    """The shape with these sizes of space and channels."""
    return Shape((batch, *space, channels) if data_format == "channels_last" else (batch, channels, *space))


def window_output(size: int | None, window: int, stride: int, padding: str, dilation: int = 1) -> int | None:
    """How many windows fit along a dimension."""
    if size is None:
        return None
    reach = (window - 1) * dilation + 1
    return -(-size // stride) if padding in ("same", "causal") else -(-(size - reach + 1) // stride)


def transposed_output(size: Any, window: int, stride: int, padding: str, extra: int | None, dilation: int = 1) -> Any:
    """How long a transposed convolution's output is along a dimension; `size` may be a tensor."""
    if size is None:
        return None
    reach = (window - 1) * dilation + 1
    if extra is None:
        return size * stride + (max(reach - stride, 0) if padding == "valid" else 0)
    return (size - 1) * stride + extra + (reach if padding == "valid" else reach % 2)


def check_not_empty(shape: Shape, input_shape: Shape, layer: str) -> Shape:
    """Raise ValueError when windows are larger than the input, so that nothing comes out."""
    if any(size is not None and size <= 0 for size in shape[1:]):
        raise ValueError(
            f"The input of layer {layer!r} is too small for its window: of shape {tuple(input_shape)} it would make "
            f"{tuple(shape)}. Use a smaller window or stride, or padding='same'."
        )
    return shape

"""Losses on logits: the cross-entropies, and biases.

Each softmax cross-entropy computes loss and gradient at once, as TensorFlow's ops do: two outputs, the second of which
is what the first one's gradient needs.
Source: https://www.tensorflow.org/api_docs/python/tf/nn
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.registry import FLOAT, INDEX, NUMERIC, REGISTRY, Sample, op
from thalweg.engine.core.shape import SCALAR, TensorShape, broadcast
from thalweg.engine.core.tensor import EagerTensor, static_shape
from thalweg.engine.ops.activations import (
    last_axis_order,
    log_softmax_op,
    narrowed,
    relu,
    row_sums,
    shifted,
    softmax_op,
    widened,
)
from thalweg.engine.ops.comparison import greater_equal, less_equal, logical_and, select_v2
from thalweg.engine.ops.elementwise import abs_op, add_v2, multiply, negative, subtract
from thalweg.engine.ops.exponential import exp, log, log1p
from thalweg.engine.ops.families import unbroadcast
from thalweg.engine.ops.gradients import zeros_like
from thalweg.engine.ops.reduce import sum_op
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast, shape as shape_of

_SHORT = (dtypes.float16, dtypes.bfloat16)

# -- softmax -----------------------------------------------------------------------------------------------


def _dense_shape(features: TensorShape, labels: TensorShape) -> tuple[TensorShape, TensorShape]:
    merged = broadcast(features, labels).with_rank(2)
    return merged[:1], merged


@op("SoftmaxCrossEntropyWithLogits", dtypes=FLOAT, out=("T", "T"), shape=_dense_shape, takes_missing_gradients=True,
    samples=[Sample((2, 3), (2, 3)), Sample((1, 3), (4, 3)), Sample((0, 3), (0, 3))])
def softmax_cross_entropy_op(xp: Any, features: Any, labels: Any) -> Any:
    """Losses `[batch]` and their gradient `[batch, classes]` for logits and labels `[batch, classes]`."""
    if features.ndim != 2 and labels.ndim != 2:
        raise ValueError(f"logits and labels must be 2-dimensional, or broadcast to be 2-dimensional, not {features.shape}")
    s, t = shifted(xp, widened(features)), widened(labels)
    e = xp.exp(s)
    total = row_sums(xp, e)
    loss = row_sums(xp, t * (xp.log(total) - s))[:, 0]
    return narrowed(loss, features), narrowed(e / total - t, features)


@softmax_cross_entropy_op.vjp
def _(y: Any, g: Any, features: Any, labels: Any) -> Any:
    return (
        lambda: unbroadcast(_logits_gradient(y, g, features), features, y[1]),
        None if g[0] is None else lambda: unbroadcast(negative(_times(g[0], log_softmax_op(features))), labels, y[1]),
    )


def _times(vector: Any, matrix: Any) -> Any:
    return multiply(REGISTRY["Reshape"](vector, [-1, 1]), matrix)


def _logits_gradient(y: Any, g: Any, features: Any) -> Any:
    """From the gradient of the losses the stored one; from that of the stored one the softmax's own."""
    total = None if g[0] is None else _times(g[0], y[1])
    if g[1] is not None:
        p = softmax_op(features)
        second = multiply(subtract(g[1], sum_op(multiply(g[1], p), [-1], keep_dims=True)), p)
        total = second if total is None else add_v2(total, second)
    return total


def _sparse_shape(features: TensorShape, labels: TensorShape) -> tuple[TensorShape, TensorShape]:
    features, labels = features.with_rank(2), labels.with_rank(1)
    batch = features[:1].merge_with(labels)
    return batch, batch.concatenate(features[1:])


@op("SparseSoftmaxCrossEntropyWithLogits", types=("T", "Tlabels"), dtypes=FLOAT, where={"Tlabels": INDEX}, out=("T", "T"),
    shape=_sparse_shape, takes_missing_gradients=True,
    samples=[Sample((3, 4), np.array([1, 3, 0])), Sample((0, 4), np.zeros(0, np.int64))])
def sparse_softmax_cross_entropy_op(xp: Any, features: Any, labels: Any) -> Any:
    """Losses `[batch]` and their gradient `[batch, classes]` for logits `[batch, classes]` and classes `[batch]`.

    A label that is no class raises InvalidArgumentError on NumPy and gives NaN in a compiled program, as on accelerators.
    """
    classes = features.shape[-1]
    if xp is np:
        _check_labels(features, labels)
    hit = xp.arange(classes, dtype=labels.dtype) == labels[:, None]
    s = shifted(xp, widened(features))
    e = xp.exp(s)
    total = row_sums(xp, e)
    loss = (xp.log(total) - row_sums(xp, xp.where(hit, s, 0)))[:, 0]
    gradient = e / total - hit.astype(s.dtype)
    if xp is not np:
        valid, nan = (labels >= 0) & (labels < classes), s.dtype.type(np.nan)
        loss, gradient = xp.where(valid, loss, nan), xp.where(valid[:, None], gradient, nan)
    return narrowed(loss, features), narrowed(gradient, features)


def _check_labels(features: Any, labels: Any) -> None:
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        _sparse_shape(TensorShape(features.shape), TensorShape(labels.shape))
    if labels.size and not (np.minimum.reduce(labels) >= 0 and np.maximum.reduce(labels) < features.shape[-1]):
        bad = (labels < 0) | (labels >= features.shape[-1])
        shown = " ".join(map(str, labels[:20].tolist()))
        raise errors.InvalidArgumentError(
            None, None,
            f"Received a label value of {labels[bad][0]} which is outside the valid range of [0, {features.shape[-1]}). "
            f"Label values: {shown}",
        )  # fmt: skip


@sparse_softmax_cross_entropy_op.vjp
def _(y: Any, g: Any, features: Any, labels: Any) -> Any:
    return _logits_gradient(y, g, features), None


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1, name: str | None = None) -> Any:
    """The cross-entropy of each row's softmax with its distribution of labels, which gradients reach too.

    logits, labels: `[..., classes]`, classes along `axis`. Returns `[...]`. Raises InvalidArgumentError when shapes differ.

    >>> tf.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]], [[0.0, 0.0]]).numpy()
    array([0.6931472], dtype=float32)
    """
    with scope(name, "softmax_cross_entropy_with_logits") as name:
        logits, labels = convert.convert_to_tensor(logits), convert.convert_to_tensor(labels)
        asked = logits.dtype.base_dtype
        logits = cast(logits, dtypes.float32) if asked in _SHORT else logits
        labels = cast(labels, logits.dtype)
        logits, labels = _axis_to_end(logits, axis), _axis_to_end(labels, axis)
        if static_shape(logits).rank == 2:
            cost = softmax_cross_entropy_op(logits, labels, name=name)[0]
        else:
            outer = shape_of(logits)[:-1]
            cost = softmax_cross_entropy_op(_as_matrix(logits), _as_matrix(labels), name=name)[0]
            cost = _reshaped(cost, static_shape(logits)[:-1], outer)
        return cast(cost, asked)


def _axis_to_end(x: Any, axis: int) -> Any:
    if axis == -1 or axis + 1 == static_shape(x).rank:
        return x
    return REGISTRY["Transpose"](x, last_axis_order(x, axis))


def _as_matrix(x: Any) -> Any:
    known = static_shape(x)
    last = known[-1] if known.rank else None
    return REGISTRY["Reshape"](x, [-1, last] if last else REGISTRY["ConcatV2"]([-1], shape_of(x)[-1:], 0))


def _reshaped(x: Any, known: TensorShape, shape: Any) -> Any:
    return REGISTRY["Reshape"](x, known.as_list() if known.is_fully_defined() else shape)


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Any:
    """The cross-entropy of each row's softmax with its one class.

    logits: `[..., classes]`; labels: int32 or int64 `[...]`. Returns `[...]`.
    Raises ValueError when shapes do not fit, InvalidArgumentError for a label that is no class.

    >>> tf.nn.sparse_softmax_cross_entropy_with_logits([1], [[0.0, 0.0]]).numpy()
    array([0.6931472], dtype=float32)
    """
    if _fits_as_it_is(labels, logits):
        return sparse_softmax_cross_entropy_op(logits, labels)[0]
    with scope(name, "SparseSoftmaxCrossEntropyWithLogits") as name:
        labels, logits = convert.convert_to_tensor(labels), convert.convert_to_tensor(logits)
        asked = logits.dtype.base_dtype
        logits = cast(logits, dtypes.float32) if asked in _SHORT else logits
        rows, known = static_shape(labels), static_shape(logits)
        if known.rank == 0:
            raise ValueError(f"`logits` cannot be a scalar. Received logits={logits}`")
        if known.rank is not None and rows.rank is not None and rows.rank != known.rank - 1:
            raise ValueError(
                f"`labels.shape.rank` must equal `logits.shape.rank - 1`. Received: labels.shape={rows} and logits.shape={known}"
            )
        if not known[:-1].is_compatible_with(rows):
            raise ValueError(
                "`labels.shape` must equal `logits.shape` except for the last dimension. "
                f"Received: labels.shape={rows} and logits.shape={known}"
            )
        if known.rank == 2:
            cost = sparse_softmax_cross_entropy_op(logits, labels, name=name)[0]
        else:
            flat = REGISTRY["Reshape"](labels, [-1])
            cost = sparse_softmax_cross_entropy_op(_as_matrix(logits), flat, name=name)[0]
            cost = _reshaped(cost, rows, shape_of(labels))
        return cast(cost, asked)


def _fits_as_it_is(labels: Any, logits: Any) -> bool:
    """Whether the op takes them without a change of shape or dtype: eager ones, rows beside classes."""
    if type(logits) is not EagerTensor or type(labels) is not EagerTensor:
        return False
    x = logits._array
    return x.ndim == 2 and x.itemsize > 2 and labels._array.shape == x.shape[:1]


# -- sigmoid -----------------------------------------------------------------------------------------------


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """The cross-entropy of each element's sigmoid with its label in [0, 1], without overflow.

    labels and logits have one shape and dtype, which the result has too. Raises ValueError when shapes differ.

    >>> tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.0], logits=[0.0]).numpy()
    array([0.6931472], dtype=float32)
    """
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")
    with scope(name, "logistic_loss") as name:
        logits, labels = convert.convert_to_tensor(logits), convert.convert_to_tensor(labels)
        _one_shape("labels", labels, "logits", logits)
        zeros = zeros_like(logits)
        positive = greater_equal(logits, zeros)
        above = select_v2(positive, logits, zeros)
        minus_abs = select_v2(positive, negative(logits), logits)
        return add_v2(subtract(above, multiply(logits, labels)), log1p(exp(minus_abs)), name=name)


def weighted_cross_entropy_with_logits(labels: Any, logits: Any, pos_weight: Any, name: str | None = None) -> Any:
    """`sigmoid_cross_entropy_with_logits` whose positive part counts `pos_weight` times. Raises ValueError when shapes differ.

    >>> tf.nn.weighted_cross_entropy_with_logits([1.0], [0.0], 2.0).numpy()
    array([1.3862944], dtype=float32)
    """
    with scope(name, "logistic_loss") as name:
        logits, labels = convert.convert_to_tensor(logits), convert.convert_to_tensor(labels)
        _one_shape("labels", labels, "logits", logits)
        weight = add_v2(multiply(subtract(pos_weight, 1), labels), 1) if hasattr(pos_weight, "dtype") else (
            add_v2(multiply(labels, pos_weight - 1), 1)
        )
        tail = add_v2(log1p(exp(negative(abs_op(logits)))), relu(negative(logits)))
        return add_v2(multiply(subtract(1, labels), logits), multiply(weight, tail), name=name)


def _one_shape(first: str, a: Any, second: str, b: Any) -> None:
    x, y = static_shape(a), static_shape(b)
    if not x.is_compatible_with(y):
        raise ValueError(f"`{second}` and `{first}` must have the same shape, received ({y} vs {x}).")


# -- others ------------------------------------------------------------------------------------------------


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Any:
    """`exp(c) - c * z` of counts `z` and log-rates `c`: the Poisson likelihood's loss, without its constant term
    unless `compute_full_loss`. Raises ValueError when shapes differ.

    >>> tf.nn.log_poisson_loss([2.0], [0.0]).numpy()
    array([1.], dtype=float32)
    """
    with scope(name, "log_poisson_loss"):
        c, z = convert.convert_to_tensor(log_input), convert.convert_to_tensor(targets)
        _one_shape("targets", z, "log_input", c)
        result = subtract(exp(c), multiply(c, z))
        if compute_full_loss:
            # Stirling's approximation of log(z!), which is 0 for 0 and 1.
            stirling = add_v2(subtract(multiply(z, log(z)), z), multiply(log(multiply(z, 2 * np.pi)), 0.5))
            small = logical_and(greater_equal(z, zeros_like(z)), less_equal(z, 1))
            result = add_v2(result, select_v2(small, zeros_like(z), stirling))
        return result


@op("L2Loss", dtypes=FLOAT, shape=lambda t: SCALAR, vjp=lambda y, g, x: multiply(x, g),
    samples=[Sample((2, 3)), Sample(()), Sample((0,))])
def l2_loss(xp: Any, t: Any) -> Any:
    """Half the sum of squares of a whole tensor.

    >>> tf.nn.l2_loss([3.0, 4.0]).numpy()
    np.float32(12.5)
    """
    wide = widened(t)
    return (xp.sum(wide * wide) * wide.dtype.type(0.5)).astype(t.dtype)


# -- biases ------------------------------------------------------------------------------------------------


def _bias_shape(value: TensorShape, bias: TensorShape, *, data_format: str) -> TensorShape:
    value, bias = value.with_rank_at_least(2), bias.with_rank(1)
    if value.rank is None:
        return value
    at = 1 if data_format == "NCHW" else value.rank - 1
    return TensorShape([*value[:at], *value[at : at + 1].merge_with(bias), *value[at + 1 :]])


@op("BiasAdd", dtypes=NUMERIC, shape=_bias_shape,
    samples=[Sample((2, 3), (3,)), Sample((2, 4, 5, 3), (3,)), Sample((2, 3, 4), (3,), data_format="NCHW"), Sample((0, 3), (3,))])
def bias_add_op(xp: Any, value: Any, bias: Any, *, data_format: str = "NHWC") -> Any:
    if value.ndim < 2 or bias.ndim != 1 or value.shape[1 if data_format == "NCHW" else -1] != bias.shape[0]:
        _bias_shape(TensorShape(value.shape), TensorShape(bias.shape), data_format=data_format)  # says what does not fit
    if data_format == "NCHW":
        bias = bias.reshape((-1,) + (1,) * (value.ndim - 2))
    return value + bias


@bias_add_op.vjp
def _(y: Any, g: Any, value: Any, bias: Any, *, data_format: str) -> Any:
    return g, lambda: bias_add_grad(g, data_format=data_format)


def _bias_grad_shape(out_backprop: TensorShape, *, data_format: str) -> TensorShape:
    out_backprop = out_backprop.with_rank_at_least(2)
    if out_backprop.rank is None:
        return TensorShape([None])
    return out_backprop[1:2] if data_format == "NCHW" else out_backprop[-1:]


@op("BiasAddGrad", dtypes=NUMERIC, shape=_bias_grad_shape, samples=[Sample((2, 3)), Sample((2, 3, 4), data_format="NCHW")])
def bias_add_grad(xp: Any, out_backprop: Any, *, data_format: str = "NHWC") -> Any:
    axes = tuple(i for i in range(out_backprop.ndim) if i != (1 if data_format == "NCHW" else out_backprop.ndim - 1))
    return REGISTRY["Sum"].kernel(xp, out_backprop, np.array(axes, np.int32))


@bias_add_grad.vjp
def _(y: Any, g: Any, x: Any, *, data_format: str) -> Any:
    known = static_shape(x)
    if data_format == "NCHW" and known.rank is not None:
        g = REGISTRY["Reshape"](g, [-1] + [1] * (known.rank - 2))
    return REGISTRY["BroadcastTo"](g, known.as_list() if known.is_fully_defined() else REGISTRY["Shape"](x))


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """`value + bias`, a vector over the channels: the last dimension, or the second if `data_format` starts with "NC".

    Raises ValueError for another data format, InvalidArgumentError when sizes differ.

    >>> tf.nn.bias_add([[1, 2], [3, 4]], [10, 20]).numpy()
    array([[11, 22],
           [13, 24]], dtype=int32)
    """
    data_format = data_format or "NHWC"
    if not data_format.startswith("N") or "C" not in data_format:
        raise ValueError(f"`data_format` must be of the form `N...C` or `NC...`. Received: {data_format}")
    form = "NCHW" if data_format.startswith("NC") else "NHWC"
    return bias_add_op(value, bias, data_format=form, name=name or "BiasAdd")

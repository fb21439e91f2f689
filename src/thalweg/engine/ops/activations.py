"""Activations: relu and its kin, sigmoid, softplus, softmax, with the ops of their gradients as TensorFlow names them.

Source: https://www.tensorflow.org/api_docs/python/tf/nn
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import FLOAT, INEXACT, REAL, REGISTRY, Op, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops.comparison import less, select_v2
from thalweg.engine.ops.division import real_divide
from thalweg.engine.ops.elementwise import abs_op, add_v2, conj, maximum, multiply, negative, sign_op, subtract
from thalweg.engine.ops.exponential import exp, rsqrt
from thalweg.engine.ops.families import binary, same_shape, unary
from thalweg.engine.ops.gradients import zeros_like
from thalweg.engine.ops.reduce import reduce_sum, sum_op
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.trigonometry import tanh

_SELU_SCALE = 1.0507009873554804934193349852946
_SELU_SCALE_ALPHA = 1.7580993408473768599402175208123
# TensorFlow rounds these two to float32, whatever the dtype.
_GELU_CUBIC, _HALF_ROOT = float(np.float32(0.044715)), float(np.float32(0.7071067811865476))
_SAME_SHAPES = (Sample((2, 3), (2, 3)), Sample((), ()), Sample((0, 2), (0, 2)))


def _gradient(name: str, kernel: Any, *, dtypes: Any = FLOAT, vjp: Any) -> Op:
    """A gradient's own op, of two tensors of one shape."""
    return binary(name, kernel, dtypes=dtypes, vjp=vjp, samples=_SAME_SHAPES)


# -- relu and its kin --------------------------------------------------------------------------------------

relu = unary(
    "Relu",
    lambda xp, features: xp.maximum(features, 0),
    dtypes=REAL,
    vjp=lambda y, g, x: relu_grad(g, y),
    doc="`max(x, 0)`, element by element.",
)
relu_grad = _gradient(
    "ReluGrad",
    lambda xp, gradients, features: xp.where(features > 0, gradients, 0),
    dtypes=REAL,
    vjp=lambda y, g, a, b: (lambda: relu_grad(g, b), lambda: zeros_like(b)),
)
relu6_op = unary(
    "Relu6", lambda xp, features: xp.minimum(xp.maximum(features, 0), 6), dtypes=REAL, vjp=lambda y, g, x: relu6_grad(g, y)
)
relu6_grad = _gradient(
    "Relu6Grad",
    lambda xp, gradients, features: xp.where((features > 0) & (features < 6), gradients, 0),
    dtypes=REAL,
    vjp=lambda y, g, a, b: (lambda: relu6_grad(g, b), lambda: zeros_like(b)),
)


def relu6(features: Any, name: str | None = None) -> Any:
    """`min(max(x, 0), 6)`, element by element.

    >>> tf.nn.relu6([-1.0, 3.0, 9.0]).numpy()
    array([0., 3., 6.], dtype=float32)
    """
    return relu6_op(features, name=name)


def _leaky_samples(*shapes: Any) -> list[Sample]:
    return [Sample(*shapes), Sample(*shapes, alpha=0.05)]


@op("LeakyRelu", dtypes=FLOAT, shape=same_shape, elementwise=True, samples=_leaky_samples((2, 3)))
def leaky_relu_op(xp: Any, features: Any, *, alpha: float = 0.2) -> Any:
    return xp.where(features > 0, features, features * features.dtype.type(np.float32(alpha)))


@leaky_relu_op.vjp
def _(y: Any, g: Any, x: Any, *, alpha: float) -> Any:
    return leaky_relu_grad(g, x, alpha=alpha)


@op("LeakyReluGrad", dtypes=FLOAT, shape=same_shape, elementwise=True, samples=_leaky_samples((2, 3), (2, 3)))
def leaky_relu_grad(xp: Any, gradients: Any, features: Any, *, alpha: float = 0.2) -> Any:
    return xp.where(features > 0, gradients, gradients * features.dtype.type(np.float32(alpha)))


@leaky_relu_grad.vjp
def _(y: Any, g: Any, gradients: Any, features: Any, *, alpha: float) -> Any:
    return lambda: leaky_relu_grad(g, features, alpha=alpha), lambda: zeros_like(features)


@dispatchable
def leaky_relu(features: Any, alpha: Any = 0.2, name: str | None = None) -> Any:
    """`x`, and `alpha * x` below zero. Integers become float32; `alpha` may be a tensor.

    >>> tf.nn.leaky_relu([-1.0, 2.0]).numpy()
    array([-0.2,  2. ], dtype=float32)
    """
    with scope(name, "LeakyRelu") as name:
        x = convert.convert_to_tensor(features)
        if x.dtype.is_integer:
            x = REGISTRY["Cast"](x, DstT=dtypes.float32)
        if hasattr(alpha, "dtype"):
            return maximum(multiply(convert.convert_to_tensor(alpha, dtype=x.dtype.base_dtype), x), x, name=name)
        return leaky_relu_op(x, alpha=float(alpha), name=name)


elu = unary(
    "Elu",
    lambda xp, features: xp.where(features < 0, xp.expm1(features), features),
    dtypes=FLOAT,
    vjp=lambda y, g, x: elu_grad(g, y),
    doc="`x`, and `exp(x) - 1` below zero.",
)
elu_grad = _gradient(
    "EluGrad",
    lambda xp, gradients, outputs: xp.where(outputs < 0, (outputs + 1) * gradients, gradients),
    vjp=lambda y, g, a, b: (
        lambda: elu_grad(g, b),
        lambda: select_v2(less(b, zeros_like(b)), multiply(g, a), zeros_like(b)),
    ),
)


def _selu(xp: Any, features: Any) -> Any:
    c = features.dtype.type
    return xp.where(features < 0, c(_SELU_SCALE_ALPHA) * xp.expm1(features), c(_SELU_SCALE) * features)


def _selu_grad(xp: Any, gradients: Any, outputs: Any) -> Any:
    c = outputs.dtype.type
    return xp.where(outputs < 0, gradients * (outputs + c(_SELU_SCALE_ALPHA)), gradients * c(_SELU_SCALE))


selu = unary(
    "Selu", _selu, dtypes=FLOAT, vjp=lambda y, g, x: selu_grad(g, y),
    doc="The self-normalising activation: `scale * elu(x, alpha)` with its two fixed constants.",
)  # fmt: skip
selu_grad = _gradient(
    "SeluGrad",
    _selu_grad,
    vjp=lambda y, g, a, b: (
        lambda: selu_grad(g, b),
        lambda: select_v2(less(b, zeros_like(b)), multiply(g, a), zeros_like(b)),
    ),
)


def crelu(features: Any, axis: Any = -1, name: str | None = None) -> Any:
    """`relu` of `x` and of `-x`, joined along `axis`.

    >>> tf.nn.crelu([1.0, -2.0]).numpy()
    array([1., 0., 0., 2.], dtype=float32)
    """
    with scope(name, "CRelu") as name:
        x = convert.convert_to_tensor(features)
        return relu(REGISTRY["ConcatV2"](x, negative(x), axis), name=name)


# -- smooth ------------------------------------------------------------------------------------------------

sigmoid = unary(
    "Sigmoid",
    lambda xp, x: 1 / (1 + xp.exp(-x)),
    dtypes=INEXACT,
    vjp=lambda y, g, x: sigmoid_grad(conj(y), g),
    doc="`1 / (1 + exp(-x))`, element by element.",
)
sigmoid_grad = _gradient(
    "SigmoidGrad",
    lambda xp, y, dy: dy * y * (1 - y),
    dtypes=INEXACT,
    vjp=lambda y, g, a, b: _sigmoid_grad_vjp(g, conj(a), conj(b)),
)


def _sigmoid_grad_vjp(g: Any, a: Any, b: Any) -> Any:
    def da() -> Any:
        gb = multiply(g, b)
        return subtract(gb, multiply(multiply(gb, 2.0), a))

    return da, lambda: sigmoid_grad(a, g)


def _softplus(xp: Any, x: Any) -> Any:
    return xp.log1p(xp.exp(-xp.abs(x))) + xp.maximum(x, 0)


softplus_op = unary(
    "Softplus", lambda xp, features: _softplus(xp, features), dtypes=FLOAT, vjp=lambda y, g, x: multiply(g, sigmoid(x))
)
softplus_grad = _gradient(
    "SoftplusGrad",
    lambda xp, gradients, features: gradients / (xp.exp(-features) + 1),
    vjp=lambda y, g, a, b: (
        lambda: softplus_grad(g, b),
        lambda: real_divide(multiply(g, a), add_v2(add_v2(exp(negative(b)), 2), exp(b))),
    ),
)


def softplus(features: Any, name: str | None = None) -> Any:
    """`log(1 + exp(x))`, element by element, without overflow.

    >>> tf.math.softplus([0.0, 100.0]).numpy()
    array([  0.6931472, 100.       ], dtype=float32)
    """
    return softplus_op(features, name=name)


softsign = unary(
    "Softsign",
    lambda xp, features: features / (xp.abs(features) + 1),
    dtypes=FLOAT,
    vjp=lambda y, g, x: softsign_grad(g, x),
    doc="`x / (1 + |x|)`, element by element.",
)


def _softsign_grad(xp: Any, gradients: Any, features: Any) -> Any:
    d = 1 + xp.abs(features)
    return gradients / (d * d)


softsign_grad = _gradient(
    "SoftsignGrad",
    _softsign_grad,
    vjp=lambda y, g, a, b: (
        lambda: softsign_grad(g, b),
        lambda: real_divide(multiply(-2, multiply(softsign_grad(multiply(g, a), b), sign_op(b))), add_v2(abs_op(b), 1)),
    ),
)


def log_sigmoid(x: Any, name: str | None = None) -> Any:
    """`log(sigmoid(x))`, without overflow.

    >>> tf.math.log_sigmoid([0.0, -100.0]).numpy()
    array([  -0.6931472, -100.       ], dtype=float32)
    """
    with scope(name, "LogSigmoid") as name:
        return negative(softplus_op(negative(x)), name=name)


def silu(features: Any, beta: Any = 1.0) -> Any:
    """`x * sigmoid(beta * x)`, also called swish.

    >>> tf.nn.silu([0.0, 1.0]).numpy()
    array([0.       , 0.7310586], dtype=float32)
    """
    with scope(None, "swish"):
        x = convert.convert_to_tensor(features)
        if type(beta) in (int, float) and beta == 1:
            return multiply(x, sigmoid(x))
        return multiply(x, sigmoid(multiply(convert.convert_to_tensor(beta, dtype=x.dtype.base_dtype), x)))


@dispatchable
def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Any:
    """`x` times the normal distribution's cumulative function at `x`; `approximate` uses tanh for it.

    Raises ValueError for integers.

    >>> tf.nn.gelu([-1.0, 0.0, 2.0]).numpy().round(4)
    array([-0.1587,  0.    ,  1.9545], dtype=float32)
    """
    with scope(name, "Gelu"):
        x = convert.convert_to_tensor(features)
        if not x.dtype.is_floating:
            raise ValueError(f"`features.dtype` must be a floating point tensor. Received:features.dtype={x.dtype}")
        if approximate:
            cubed = multiply(multiply(multiply(x, x), x), _GELU_CUBIC)
            inner = tanh(multiply(add_v2(x, cubed), 0.7978845608028654))
        else:
            inner = REGISTRY["Erf"](multiply(x, _HALF_ROOT))
        return multiply(multiply(x, 0.5), add_v2(inner, 1.0))


# -- softmax -----------------------------------------------------------------------------------------------


def _at_least_vector(logits: TensorShape, **_: Any) -> TensorShape:
    return logits.with_rank_at_least(1)


def widened(x: Any) -> Any:
    """16-bit floats as float32, for kernels that add exponentials up."""
    return x.astype("float32") if x.dtype.itemsize == 2 else x


def shifted(xp: Any, x: Any) -> Any:
    """`x` less its largest element along the last axis: what exponentials of it cannot overflow."""
    if not x.shape[-1]:
        return x
    return x - (np.maximum.reduce(x, -1, keepdims=True) if xp is np else xp.max(x, axis=-1, keepdims=True))


def row_sums(xp: Any, x: Any) -> Any:
    """Sums along the last axis, which stays; NumPy's own function spends longer on its arguments than on small rows."""
    return np.add.reduce(x, -1, keepdims=True) if xp is np else xp.sum(x, axis=-1, keepdims=True)


def narrowed(x: Any, like: Any) -> Any:
    """A result back in the dtype of the input it came from."""
    return x if x.dtype == like.dtype else x.astype(like.dtype)


_SOFTMAX_SAMPLES = (Sample((2, 3)), Sample((2, 1, 4)), Sample((3,)), Sample((0, 3)), Sample((3, 0)))


@op("Softmax", dtypes=FLOAT, shape=_at_least_vector, samples=_SOFTMAX_SAMPLES)
def softmax_op(xp: Any, logits: Any) -> Any:
    e = xp.exp(shifted(xp, widened(logits)))
    return narrowed(e / row_sums(xp, e), logits)


@softmax_op.vjp
def _(y: Any, g: Any, x: Any) -> Any:
    return multiply(subtract(g, sum_op(multiply(g, y), [-1], keep_dims=True)), y)


@op("LogSoftmax", dtypes=FLOAT, shape=_at_least_vector, samples=_SOFTMAX_SAMPLES)
def log_softmax_op(xp: Any, logits: Any) -> Any:
    s = shifted(xp, widened(logits))
    return narrowed(s - xp.log(row_sums(xp, xp.exp(s))), logits)


@log_softmax_op.vjp
def _(y: Any, g: Any, x: Any) -> Any:
    return subtract(g, multiply(sum_op(g, [-1], keep_dims=True), exp(y)))


@dispatchable
def softmax(logits: Any, axis: Any = None, name: str | None = None) -> Any:
    """`exp(x) / sum(exp(x))` along `axis` (the last one by default), without overflow.

    Raises InvalidArgumentError for an axis that the tensor does not have.

    >>> tf.nn.softmax([0.0, 0.0]).numpy()
    array([0.5, 0.5], dtype=float32)
    """
    return along_axis(softmax_op, logits, -1 if axis is None else axis, name)


def log_softmax(logits: Any, axis: Any = None, name: str | None = None) -> Any:
    """`log(softmax(x))` along `axis` (the last one by default), without overflow.

    Raises InvalidArgumentError for an axis that the tensor does not have.

    >>> tf.nn.log_softmax([0.0, 0.0]).numpy()
    array([-0.6931472, -0.6931472], dtype=float32)
    """
    return along_axis(log_softmax_op, logits, -1 if axis is None else axis, name)


def along_axis(record: Op, x: Any, axis: int, name: str | None) -> Any:
    """An op of the last axis, applied along another by swapping the two."""
    x = convert.convert_to_tensor(x)
    rank = static_shape(x).rank
    if axis == -1 or (rank is not None and axis == rank - 1):
        return record(x, name=name)
    if rank is None:
        order = last_axis_order(x, axis)
        turn = REGISTRY["Transpose"]
        return turn(record(turn(x, order)), REGISTRY["InvertPermutation"](order), name=name)
    if not -rank <= axis < rank:
        raise errors.InvalidArgumentError(
            None, None,
            f"`dim` must be in the range [{-rank}, {rank}) where {rank} is the number of dimensions in the input. "
            f"Received: dim={axis}",
        )  # fmt: skip
    order = list(range(rank))
    order[axis], order[-1] = order[-1], order[axis]
    swap = REGISTRY["Transpose"]
    return swap(record(swap(x, order)), order, name=name)


def last_axis_order(x: Any, axis: int) -> Any:
    """The permutation of the axes of `x` that puts `axis` last: a list, or a tensor where the rank is not known."""
    rank = static_shape(x).rank
    if rank is not None:
        return [i for i in range(rank) if i != axis % rank] + [axis % rank]
    count = REGISTRY["Rank"](x)
    place = REGISTRY["FloorMod"](convert.convert_to_tensor(axis, dtype=dtypes.int32), count)
    before, after = (REGISTRY["Range"](a, b, 1, Tidx=dtypes.int32) for a, b in ((0, place), (add_v2(place, 1), count)))
    return REGISTRY["ConcatV2"](before, after, REGISTRY["Reshape"](place, [1]), 0)


# -- scaling to length one ---------------------------------------------------------------------------------


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None) -> Any:
    """`x` divided by its length along `axis` (None: of the whole tensor); a squared length below `epsilon` counts as that.

    >>> tf.math.l2_normalize([3.0, 4.0]).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    axis = dim if axis is None else axis
    with scope(name, "l2_normalize") as name:
        x = convert.convert_to_tensor(x)
        if x.dtype.is_complex:
            from thalweg.engine.ops.complex_numbers import complex, real

            length = reduce_sum(real(multiply(conj(x), x)), axis, keepdims=True)
            scale = rsqrt(maximum(length, epsilon))
            return multiply(x, complex(scale, zeros_like(scale)), name=name)
        return multiply(x, rsqrt(maximum(reduce_sum(multiply(x, x), axis, keepdims=True), epsilon)), name=name)

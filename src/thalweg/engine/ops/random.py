"""Random ops that keep a state: each run continues where the last one stopped.

The numbers are TensorFlow's for the same seeds (see `random_seed`). None has a gradient but the gamma distribution's.

Source: https://www.tensorflow.org/api_docs/python/tf/random
"""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import ANY, FLOAT, HOST, INDEX, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.ops import division, elementwise
from thalweg.engine.ops.random_discrete import multinomial, permutation, uniform_int
from thalweg.engine.ops.random_floats import normal as normal_numbers, uniform as uniform_numbers
from thalweg.engine.ops.random_gamma_grad import gamma_vjp
from thalweg.engine.ops.random_rejection import (
    RESERVED,
    gamma as gamma_numbers,
    poisson as poisson_numbers,
    truncated_normal as truncated_numbers,
)
from thalweg.engine.ops.random_seed import eager_state, op_seeds, own_state, take
from thalweg.engine.ops.scopes import scope as naming

# -- shapes ----------------------------------------------------------------------------------------------------


def shape_of_numbers(shape: Any, *_: Any, **__: Any) -> TensorShape:
    """The shape rule of ops that are told their output's shape."""
    if shape is None:
        return UNKNOWN
    if not isinstance(shape, list):
        raise ValueError("shape must be a vector of {int32,int64}, got shape []")
    return TensorShape(shape)


def sizes(shape: np.ndarray) -> tuple[int, ...]:
    """The output's shape from a HOST input. Raises InvalidArgumentError for what is no shape."""
    if shape.ndim != 1:
        raise errors.invalid(f"shape must be a vector of {{int32,int64}}, got shape {list(shape.shape)}")
    if shape.dtype.kind not in "iu":
        raise errors.invalid(f"shape must be a vector of {{int32,int64}}, not of {shape.dtype.name}")
    found = tuple(shape.tolist())
    if any(n < 0 for n in found):
        raise errors.invalid(f"Dimension {min(found)} must be >= 0")
    return found


def shape_tensor(shape: Any) -> Any:
    """A `shape` argument; in a graph the tensor that TensorFlow calls `shape`."""
    if local.graph is None:
        return shape
    return convert.convert_to_tensor(shape, dtype_hint=dtypes.int32, name="shape")


def _dtype_attr(groups: Any, attrs: dict[str, Any]) -> DType:
    return attrs["dtype"]


# -- records ---------------------------------------------------------------------------------------------------


def _random(name: str, **fields: Any) -> Any:
    return op(name, own_state=own_state, eager_state=eager_state(name), **fields)


@_random("RandomUniform", types=(HOST,), out=_dtype_attr, shape=shape_of_numbers)
def random_uniform(xp: Any, shape: Any, *, dtype: DType, seed: int = 0, seed2: int = 0, state: Any) -> Any:
    to = sizes(shape)
    count = math.prod(to)
    return uniform_numbers(xp, take(xp, state, count * RESERVED, shape), count, dtype.np_dtype).reshape(to)


@_random("RandomStandardNormal", types=(HOST,), out=_dtype_attr, shape=shape_of_numbers)
def random_standard_normal(xp: Any, shape: Any, *, dtype: DType, seed: int = 0, seed2: int = 0, state: Any) -> Any:
    to = sizes(shape)
    count = math.prod(to)
    return normal_numbers(xp, take(xp, state, count * RESERVED, shape), count, dtype.np_dtype).reshape(to)


@_random("TruncatedNormal", types=(HOST,), out=_dtype_attr, shape=shape_of_numbers)
def truncated_normal_op(xp: Any, shape: Any, *, dtype: DType, seed: int = 0, seed2: int = 0, state: Any) -> Any:
    to = sizes(shape)
    count = math.prod(to)
    return truncated_numbers(xp, take(xp, state, count * RESERVED, shape), count, dtype.np_dtype).reshape(to)


def check_range(xp: Any, low: Any, high: Any) -> None:
    for what, bound in (("minval", low), ("maxval", high)):
        if bound.ndim:
            raise errors.invalid(f"{what} must be 0-D, got shape {list(bound.shape)}")
    if xp is np and not low < high:
        raise errors.invalid(f"Need minval < maxval, got {low} >= {high}")


@_random("RandomUniformInt", types=(HOST, "Tout", "Tout"), where={"Tout": INDEX}, out="Tout", shape=shape_of_numbers)
def random_uniform_int(xp: Any, shape: Any, minval: Any, maxval: Any, *, seed: int = 0, seed2: int = 0, state: Any) -> Any:
    to = sizes(shape)
    count = math.prod(to)
    if not count:
        return xp.zeros(to, minval.dtype)
    check_range(xp, minval, maxval)
    source = take(xp, state, count * RESERVED, shape, minval)
    return uniform_int(xp, source, count, minval, maxval, minval.dtype).reshape(to)


@_random("RandomShuffle", types=("T",), dtypes=ANY, shape=lambda value, **_: value)
def random_shuffle(xp: Any, value: Any, *, seed: int = 0, seed2: int = 0, state: Any) -> Any:
    if value.size <= 1 or len(value) <= 1:
        return value
    n = len(value)
    return value[permutation(xp, take(xp, state, (n + 2) // 4, value), n)]


def multinomial_shape(logits: TensorShape, num_samples: Any, *_: Any, **__: Any) -> TensorShape:
    return TensorShape([logits.with_rank(2)[0], num_samples])


def check_multinomial(logits: Any, num_samples: np.ndarray) -> int:
    """The number of samples. Raises InvalidArgumentError for inputs that are no table of logits and no count."""
    if logits.ndim != 2:
        raise errors.invalid(f"logits should be a matrix, got shape {list(logits.shape)}")
    if num_samples.ndim:
        raise errors.invalid(f"num_samples should be a scalar, got shape {list(num_samples.shape)}")
    if num_samples < 0:
        raise errors.invalid(f"num_samples should be non-negative, got {num_samples}")
    if not logits.shape[1]:
        raise errors.invalid("num_classes should be positive, got 0")
    return int(num_samples)


@_random("Multinomial", types=("T", HOST), dtypes=FLOAT, out=lambda groups, attrs: attrs["output_dtype"], shape=multinomial_shape)
def multinomial_op(
    xp: Any, logits: Any, num_samples: Any, *, seed: int = 0, seed2: int = 0, output_dtype: DType = dtypes.int64, state: Any
) -> Any:
    n = check_multinomial(logits, num_samples)
    # The kernel's own count: samples rounded up to whole blocks, two words each.
    source = take(xp, state, len(logits) * -(-n // 4) * 4 * 2 * RESERVED, logits)
    return multinomial(xp, source, logits, n).astype(output_dtype.np_dtype)


def _shape_then(shape: Any, parameter: TensorShape, **_: Any) -> TensorShape:
    if shape is None or parameter.rank is None:
        return UNKNOWN
    return shape_of_numbers(shape).concatenate(parameter)


@_random("RandomGamma", types=(HOST, "T"), dtypes=(dtypes.float16, dtypes.float32, dtypes.float64), shape=_shape_then)
def random_gamma(xp: Any, shape: Any, alpha: Any, *, seed: int = 0, seed2: int = 0, state: Any) -> Any:
    to = sizes(shape)
    n = math.prod(to)
    source = take(xp, state, n * alpha.size * RESERVED, shape, alpha)
    return gamma_draws(xp, source, n, alpha).reshape(to + alpha.shape)


def gamma_draws(xp: Any, source: Any, n: int, alpha: Any) -> Any:
    """`n` draws for each alpha, in its dtype. Subnormal numbers become zero, as TensorFlow's kernels run."""
    y = gamma_numbers(xp, source, n, alpha.reshape(-1)).astype(alpha.dtype)
    return xp.where(y < ml_dtypes.finfo(alpha.dtype).smallest_normal, xp.zeros_like(y), y)


@random_gamma.vjp
def _(y: Any, g: Any, shape: Any, alpha: Any, **_: Any) -> Any:
    return None, lambda: gamma_vjp(y, g, alpha)


_RATES = (dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64)


@_random("RandomPoissonV2", types=(HOST, "R"), where={"R": _RATES}, out=_dtype_attr, shape=_shape_then)
def random_poisson_v2(
    xp: Any, shape: Any, rate: Any, *, dtype: DType = dtypes.int64, seed: int = 0, seed2: int = 0, state: Any
) -> Any:
    to = sizes(shape)
    n = math.prod(to)
    source = take(xp, state, n * rate.size * RESERVED, shape, rate)
    return poisson_numbers(xp, source, n, rate.reshape(-1)).astype(dtype.np_dtype).reshape(to + rate.shape)


# -- public functions ------------------------------------------------------------------------------------------------


def affine(numbers: Any, scale: Any, offset: Any, scope: str) -> Any:
    """`numbers * scale + offset`, as TensorFlow's nodes `mul` and the scope's own name."""
    if local.graph is None and type(scale) in (int, float) and type(offset) in (int, float) and scale == 1 and offset == 0:
        return numbers
    scaled = elementwise.multiply(numbers, scale, name="mul")
    return elementwise.add_v2(scaled, offset, name=scope or None)


def parameter(value: Any, dtype: Any, name: str) -> Any:
    """A parameter of a distribution as a tensor of `dtype`. Where ops run at once, Python floats may stay as they are."""
    if local.graph is None and type(value) is float and dtypes.as_dtype(dtype).is_floating:
        return value
    return convert.convert_to_tensor(value, dtype=dtype, name=name)


def normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None
) -> Any:
    """Numbers from a normal distribution.

    shape: vector of sizes; mean, stddev: broadcast with it. Returns a tensor of `shape` and `dtype` (a float).
    The numbers are TensorFlow's for the same `tf.random.set_seed` and `seed`.

    >>> tf.random.set_seed(5)
    >>> tf.random.normal([2]).numpy()
    array([-0.18030666, -0.95028627], dtype=float32)
    """
    with naming(name, "random_normal") as scope:
        dtype = dtypes.as_dtype(dtype)
        shape = shape_tensor(shape)
        mean, stddev = parameter(mean, dtype, "mean"), parameter(stddev, dtype, "stddev")
        return affine(random_standard_normal(shape, dtype=dtype, **op_seeds(seed)), stddev, mean, scope)


def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None
) -> Any:
    """Numbers from a normal distribution, those further than two standard deviations from the mean drawn again.

    shape: vector of sizes; mean, stddev: broadcast with it. Returns a tensor of `shape` and `dtype` (a float).
    """
    with naming(name, "truncated_normal") as scope:
        dtype = dtypes.as_dtype(dtype)
        shape = shape_tensor(shape)
        mean, stddev = parameter(mean, dtype, "mean"), parameter(stddev, dtype, "stddev")
        return affine(truncated_normal_op(shape, dtype=dtype, **op_seeds(seed)), stddev, mean, scope)


_UNIFORM_DTYPES = (*FLOAT, *INDEX)


def uniform(
    shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None
) -> Any:
    """Numbers from [minval, maxval), all equally likely.

    shape: vector of sizes; minval, maxval: scalars for integers, broadcast with `shape` for floats (where `maxval` is 1
    unless given). Returns a tensor of `shape` and `dtype`: a float type, int32 or int64.
    Raises ValueError for another dtype, or for integers without `maxval`; InvalidArgumentError when minval >= maxval.

    >>> tf.random.set_seed(5)
    >>> tf.random.uniform([], maxval=3, dtype=tf.int32, seed=10).numpy()
    np.int32(2)
    """
    dtype = dtypes.as_dtype(dtype)
    if dtype not in _UNIFORM_DTYPES:
        raise ValueError(f"Argument `dtype` got invalid value {dtype}. Accepted dtypes are {_UNIFORM_DTYPES}.")
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    with naming(name, "random_uniform") as scope:
        shape = shape_tensor(shape)
        from_zero, to_one = type(minval) is int and minval == 0, type(maxval) is int and maxval == 1
        if dtype.is_integer:
            low, high = (convert.convert_to_tensor(v, dtype=dtype, name=n) for v, n in ((minval, "min"), (maxval, "max")))
            return random_uniform_int(shape, low, high, **op_seeds(seed), name=scope or None)
        if from_zero and to_one:
            return random_uniform(shape, dtype=dtype, **op_seeds(seed))
        low, high = (convert.convert_to_tensor(v, dtype=dtype, name=n) for v, n in ((minval, "min"), (maxval, "max")))
        numbers = random_uniform(shape, dtype=dtype, **op_seeds(seed))
        if from_zero:
            return elementwise.multiply(numbers, high)
        return affine(numbers, elementwise.subtract(high, low, name="sub"), low, scope)


def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Any:
    """The rows of `value` (its first dimension) in random order.

    >>> sorted(tf.random.shuffle([1, 2, 3]).numpy().tolist())
    [1, 2, 3]
    """
    return random_shuffle(value, **op_seeds(seed), name=name)


def categorical(logits: Any, num_samples: Any, dtype: Any = None, seed: Any = None, name: str | None = None) -> Any:
    """Classes drawn with unnormalised log-probabilities.

    logits: `[batch, classes]`. Returns `[batch, num_samples]` of `dtype`: int64 (the default) or int32.
    Raises ValueError for another dtype.

    >>> tf.random.categorical([[-1e9, 0.0]], 3).numpy()
    array([[1, 1, 1]])
    """
    return draw_classes(logits, num_samples, dtype, seed, name, "categorical")


def draw_classes(logits: Any, num_samples: Any, dtype: Any, seed: Any, name: str | None, title: str) -> Any:
    """`categorical` under either of its names."""
    with naming(name, title):
        logits = convert.convert_to_tensor(logits, name="logits")
        return multinomial_op(logits, num_samples, output_dtype=class_dtype(dtype), **op_seeds(seed))


def class_dtype(dtype: Any) -> DType:
    """The dtype of drawn classes. Raises ValueError for one that cannot be."""
    dtype = dtypes.as_dtype(dtype) if dtype else dtypes.int64
    if dtype not in INDEX:
        raise ValueError(f"Argument `dtype` got invalid value {dtype}. Accepted dtypes are {INDEX}.")
    return dtype


def gamma(
    shape: Any, alpha: Any, beta: Any = None, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None
) -> Any:
    """Numbers from gamma distributions of shape parameter `alpha` and rate `beta` (1 unless given).

    shape: vector of sizes; alpha, beta: of `dtype` (float16, float32, float64), broadcast together. Returns
    `shape + shape(alpha + beta)`. Differentiable in both parameters, by implicit reparameterisation.

    >>> tf.random.gamma([5], [0.5, 1.5]).shape
    TensorShape([5, 2])
    """
    with naming(name, "random_gamma"):
        shape = convert.convert_to_tensor(shape, dtype=dtypes.int32, name="shape")
        alpha = convert.convert_to_tensor(alpha, dtype=dtype, name="alpha")
        beta = convert.convert_to_tensor(1 if beta is None else beta, dtype=dtype, name="beta")
        draws = random_gamma(shape, broadcast_parameter(alpha, beta), **op_seeds(seed))
        return scaled_gamma(draws, beta)


def broadcast_parameter(a: Any, b: Any) -> Any:
    """`a` repeated to the shape of `a + b`."""
    if a.shape.is_fully_defined() and b.shape.is_fully_defined() and b.shape.num_elements() == 1 and b.shape.rank <= a.shape.rank:
        return a
    return elementwise.add_v2(a, elementwise.multiply(b, 0))


def scaled_gamma(draws: Any, beta: Any) -> Any:
    """Gamma draws of rate `beta`. Draws too small for the dtype become its smallest normal number."""
    smallest = ml_dtypes.finfo(draws.dtype.as_numpy_dtype).smallest_normal
    return elementwise.maximum(smallest, division.real_divide(draws, beta, name="truediv"))


def poisson(shape: Any, lam: Any, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None) -> Any:
    """Numbers from Poisson distributions of rate `lam`.

    shape: vector of sizes; lam: a tensor. Returns `shape + shape(lam)` of `dtype` (a float, int32 or int64).

    >>> tf.random.poisson([5], [0.5, 1.5]).shape
    TensorShape([5, 2])
    """
    with naming(name, "random_poisson"):
        shape = convert.convert_to_tensor(shape, dtype=dtypes.int32, name="shape")
        lam = convert.convert_to_tensor(lam, dtype_hint=dtypes.float64, name="RandomPoissonV2/rate")
        return random_poisson_v2(shape, lam, dtype=dtypes.as_dtype(dtype), **op_seeds(seed))

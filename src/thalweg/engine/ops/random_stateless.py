"""Random ops whose numbers their seed alone decides: `tf.random.stateless_*`, `split` and `fold_in`.

A seed of two integers is scrambled into a key and a counter, from which the second generation of ops (V2, V3) draws.

Source: https://www.tensorflow.org/api_docs/python/tf/random/stateless_uniform
"""

from __future__ import annotations

import enum
import math
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import ANY, FLOAT, HOST, INDEX, NO_GRADIENT, REGISTRY, Sample, op
from thalweg.engine.core.shape import TensorShape, broadcast
from thalweg.engine.ops import elementwise
from thalweg.engine.ops.philox import Stream, scramble, stream
from thalweg.engine.ops.random import (
    affine,
    broadcast_parameter,
    check_multinomial,
    check_range,
    class_dtype,
    gamma_draws,
    multinomial_shape,
    parameter,
    scaled_gamma,
    shape_of_numbers,
    shape_tensor,
    sizes,
)  # fmt: skip
from thalweg.engine.ops.random_discrete import multinomial, permutation, shuffled_index, uniform_int, whole_bits
from thalweg.engine.ops.random_floats import normal, uniform
from thalweg.engine.ops.random_gamma_grad import gamma_vjp
from thalweg.engine.ops.random_rejection import binomial, poisson, truncated_normal
from thalweg.engine.ops.scopes import scope as naming

# -- algorithms ------------------------------------------------------------------------------------------------


class Algorithm(enum.Enum):
    """Generators of random bits. `AUTO_SELECT` is Philox here; ThreeFry has keys and states but gives no numbers."""

    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


def algorithm_number(alg: Any) -> int:
    """The number of an algorithm given as a number, an `Algorithm` or a name. Raises ValueError for an unknown one."""
    if isinstance(alg, Algorithm):
        return alg.value
    if isinstance(alg, str):
        plain = alg.strip().lower().replace("-", "").replace("_", "")
        for known in Algorithm:
            if plain == known.name.lower().replace("_", ""):
                return known.value
        raise ValueError(unsupported(alg, "philox", "threefry", "auto_select"))
    if isinstance(alg, (int, np.integer)):
        return int(alg)
    raise TypeError(f"Can't convert argument `alg` (of value {alg} and type {type(alg)}) to int.")


def unsupported(alg: Any, *names: Any) -> str:
    philox, threefry, auto = names or (1, 2, 3)
    return (
        f"Argument `alg` got unsupported value {alg}. Supported values are {philox} for the Philox algorithm, {threefry} for "
        f"the ThreeFry algorithm, and {auto} for auto-selection."
    )


def key_counter(seed: Any, alg: Any) -> tuple[Any, Any, int]:
    """Key and counter for a seed of two integers, and the algorithm's number."""
    number = algorithm_number(Algorithm.AUTO_SELECT if alg is None else alg)
    if number not in (1, 2, 3):
        raise ValueError(unsupported(number))
    key, counter = get_key_counter(seed)
    if number == Algorithm.THREEFRY.value:
        counter = counter[:1]
    return key, counter, number


# -- streams from inputs ------------------------------------------------------------------------------------------


def _check_seed(seed: Any) -> None:
    if seed.shape != (2,):
        raise errors.invalid(f"seed must have shape [2], not {list(seed.shape)}")


def _from_key(xp: Any, key: Any, counter: Any, alg: Any) -> Stream:
    if int(alg) not in (Algorithm.PHILOX.value, Algorithm.AUTO_SELECT.value, Algorithm.THREEFRY.value):
        raise errors.invalid(f"Unsupported algorithm id: {int(alg)}")
    if counter.ndim != 1 or counter.shape[0] < 2:
        raise errors.invalid(
            f"counter must be a vector with length at least 2; got shape: {list(counter.shape)}. "
            "(Note that batched counters are not supported yet.)"
        )
    if key.shape != (1,):
        raise errors.invalid(f"key must have shape [1], not {list(key.shape)}. (Note that batched keys are not supported yet.)")
    return stream(xp, key[0], counter[0], counter[1])


def _from_seed(xp: Any, seed: Any) -> Stream:
    _check_seed(seed)
    return scramble(xp, seed)


def _key_counter_shape(seed: TensorShape) -> Any:
    return TensorShape([1]), TensorShape([2])


_SEED, _SCALAR = [5, -6], np.zeros(0, np.int32)
# Key, counter and algorithm of the second generation's samples.
_PLACE = (np.array([7], np.uint64), np.array([2**64 - 2, 9], np.uint64), Algorithm.PHILOX.value)


@op("StatelessRandomGetKeyCounter", types=("Tseed",), where={"Tseed": INDEX}, out=(dtypes.uint64, dtypes.uint64),
    shape=_key_counter_shape, samples=[Sample(_SEED)])
def get_key_counter(xp: Any, seed: Any) -> Any:
    source = _from_seed(xp, seed)
    if xp is np:
        return np.array([source.key], np.uint64), np.array([source.low, source.high], np.uint64)
    return source.key[None], xp.stack([source.low, source.high])


# -- numbers of a distribution without parameters --------------------------------------------------------------------

_BITS = (dtypes.int32, dtypes.int64, dtypes.uint32, dtypes.uint64)
_DRAWS = {
    "StatelessRandomUniform": uniform,
    "StatelessRandomNormal": normal,
    "StatelessTruncatedNormal": truncated_normal,
    "StatelessRandomUniformFullInt": whole_bits,
}


def _dtype_attr(groups: Any, attrs: dict[str, Any]) -> DType:
    return attrs["dtype"]


def _draw(xp: Any, draw: Any, source: Stream, shape: Any, dtype: DType) -> Any:
    to = sizes(shape)
    return draw(xp, source, math.prod(to), dtype.np_dtype).reshape(to)


def _both_generations(name: str) -> Any:
    """The op that takes a seed, and its V2 that takes a key and counter; gives the V2."""
    draw = _DRAWS[name]
    allowed = _BITS if draw is whole_bits else FLOAT
    default = dtypes.uint64 if draw is whole_bits else dtypes.float32
    samples = [Sample([3, 7], _SEED, dtype=d) for d in allowed] + [Sample(_SCALAR, _SEED), Sample([0, 2], _SEED)]
    samples_v2 = [Sample([3, 7], *_PLACE, dtype=d) for d in allowed]

    @op(name, types=(HOST, "Tseed"), where={"Tseed": INDEX}, out=_dtype_attr, shape=shape_of_numbers, samples=samples)
    def first(xp: Any, shape: Any, seed: Any, *, dtype: DType = default) -> Any:
        return _draw(xp, draw, _from_seed(xp, seed), shape, dtype)

    @op(name + "V2", types=(HOST, dtypes.uint64, dtypes.uint64, HOST), out=_dtype_attr, shape=shape_of_numbers,
        samples=samples_v2)
    def second(xp: Any, shape: Any, key: Any, counter: Any, alg: Any, *, dtype: DType = default) -> Any:
        return _draw(xp, draw, _from_key(xp, key, counter, alg), shape, dtype)

    return second


uniform_v2, normal_v2, truncated_normal_v2, uniform_full_int_v2 = map(_both_generations, _DRAWS)


def _draw_int(xp: Any, source: Stream, shape: Any, low: Any, high: Any) -> Any:
    to = sizes(shape)
    count = math.prod(to)
    if not count:
        return xp.zeros(to, low.dtype)
    check_range(xp, low, high)
    return uniform_int(xp, source, count, low, high, low.dtype).reshape(to)


@op("StatelessRandomUniformInt", types=(HOST, "Tseed", "dtype", "dtype"), where={"Tseed": INDEX, "dtype": INDEX}, out="dtype",
    shape=shape_of_numbers, samples=[Sample([3, 7], _SEED, -4, 1000), Sample([0, 2], _SEED, 3, 2)])
def uniform_int_v1(xp: Any, shape: Any, seed: Any, minval: Any, maxval: Any) -> Any:
    return _draw_int(xp, _from_seed(xp, seed), shape, minval, maxval)


@op("StatelessRandomUniformIntV2", types=(HOST, dtypes.uint64, dtypes.uint64, HOST, "dtype", "dtype"), where={"dtype": INDEX},
    out="dtype", shape=shape_of_numbers, samples=[Sample([3, 7], *_PLACE, -4, 1000)])
def uniform_int_v2(xp: Any, shape: Any, key: Any, counter: Any, alg: Any, minval: Any, maxval: Any) -> Any:
    return _draw_int(xp, _from_key(xp, key, counter, alg), shape, minval, maxval)


# -- numbers of a distribution with parameters -------------------------------------------------------------------------


def _rows(to: tuple[int, ...], parameter_shape: tuple[int, ...]) -> int:
    """How many draws of each parameter a shape asks for. Raises InvalidArgumentError if it does not end with theirs."""
    if to[len(to) - len(parameter_shape) :] != parameter_shape or len(to) < len(parameter_shape):
        raise errors.invalid("Shape passed in must end with broadcasted shape.")
    return math.prod(to[: len(to) - len(parameter_shape)])


def _whole(xp: Any, numbers: Any, dtype: DType) -> Any:
    """Draws as `dtype`; NaN becomes the smallest integer on both engines."""
    if dtype.is_integer:
        return xp.where(xp.isnan(numbers), xp.asarray(dtype.min, dtype.np_dtype), numbers.astype(dtype.np_dtype))
    return numbers.astype(dtype.np_dtype)


@op("StatelessRandomGammaV3", types=(HOST, dtypes.uint64, dtypes.uint64, HOST, "dtype"), where={"dtype": FLOAT}, out="dtype",
    shape=shape_of_numbers, samples=[Sample([9, 4], *_PLACE, [0.25, 1.0, 2.5, 30.0]), Sample(_SCALAR, *_PLACE, 2.0)])
def gamma_v3(xp: Any, shape: Any, key: Any, counter: Any, alg: Any, alpha: Any) -> Any:
    to = sizes(shape)
    n = _rows(to, alpha.shape)
    source = _from_key(xp, key, counter, alg)
    return gamma_draws(xp, source, n, alpha).reshape(to)


@gamma_v3.vjp
def _(y: Any, g: Any, shape: Any, key: Any, counter: Any, alg: Any, alpha: Any) -> Any:
    return None, None, None, None, lambda: gamma_vjp(y, g, alpha)


_RATES = (dtypes.float16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64)


@op("StatelessRandomPoisson", types=(HOST, "Tseed", "Rtype"), where={"Tseed": INDEX, "Rtype": _RATES}, out=_dtype_attr,
    shape=shape_of_numbers, samples=[Sample([9, 3], _SEED, [0, 5, 30], dtype=t) for t in (dtypes.int32, dtypes.float32)])
def poisson_op(xp: Any, shape: Any, seed: Any, lam: Any, *, dtype: DType) -> Any:
    to = sizes(shape)
    n = _rows(to, lam.shape)
    return poisson(xp, _from_seed(xp, seed), n, lam.reshape(-1)).astype(dtype.np_dtype).reshape(to)


def draw_binomial(xp: Any, source: Stream, shape: Any, counts: Any, probs: Any, dtype: DType) -> Any:
    to = sizes(shape)
    try:
        counts, probs = xp.broadcast_arrays(counts, probs)
    except ValueError:
        raise errors.invalid(
            f"counts and probs must have compatible batch dimensions: {list(counts.shape)} vs. {list(probs.shape)}"
        ) from None
    n = _rows(to, counts.shape)
    return _whole(xp, binomial(xp, source, n, counts.reshape(-1), probs.reshape(-1)), dtype).reshape(to)


@op("StatelessRandomBinomial", types=(HOST, "S", "T", "T"), where={"S": INDEX}, dtypes=_RATES, out=_dtype_attr,
    shape=shape_of_numbers, samples=[Sample([9, 2, 4], _SEED, [[4], [500]], [0.0, 0.25, 0.75, 1.0])])
def binomial_op(xp: Any, shape: Any, seed: Any, counts: Any, probs: Any, *, dtype: DType = dtypes.int64) -> Any:
    return draw_binomial(xp, _from_seed(xp, seed), shape, counts, probs, dtype)


@op("StatelessMultinomial", types=("T", HOST, "Tseed"), where={"Tseed": INDEX}, dtypes=FLOAT,
    out=lambda groups, attrs: attrs["output_dtype"], shape=multinomial_shape, samples=[Sample((3, 5), 9, _SEED)])
def multinomial_op(xp: Any, logits: Any, num_samples: Any, seed: Any, *, output_dtype: DType = dtypes.int64) -> Any:
    n = check_multinomial(logits, num_samples)
    return multinomial(xp, _from_seed(xp, seed), logits, n).astype(output_dtype.np_dtype)


# -- permutations ---------------------------------------------------------------------------------------------------


@op("StatelessShuffle", vjp=NO_GRADIENT, types=("T", dtypes.uint64, dtypes.uint64, HOST), dtypes=ANY, shape=lambda value, *_: value,
    samples=[Sample((9, 2), *_PLACE), Sample((), *_PLACE), Sample((0, 2), *_PLACE)])
def shuffle_op(xp: Any, value: Any, key: Any, counter: Any, alg: Any) -> Any:
    if value.size <= 1 or len(value) <= 1:
        return value
    return value[permutation(xp, _from_key(xp, key, counter, alg), len(value))]


def _index_shape(index: TensorShape, seed: TensorShape, max_index: TensorShape, **_: Any) -> TensorShape:
    return broadcast(broadcast(index, max_index), seed[:-1] if seed.rank is not None else seed)


@op("RandomIndexShuffle", types=("dtype", "Tseed", "dtype"), where={"dtype": _BITS, "Tseed": _BITS}, out="dtype",
    shape=_index_shape, samples=[Sample([0, 3, 70000], [1, 2, 3], 100000), Sample(2, [[1, 2, 3], [4, 5, 6]], 9)])
def index_shuffle_op(xp: Any, index: Any, seed: Any, max_index: Any, *, rounds: int = 4) -> Any:
    if not seed.ndim or seed.shape[-1] != 3:
        raise errors.invalid(f"Seed must be a vector of size [3] or a matrix of size [n, 3] but got {list(seed.shape)}.")
    return shuffled_index(xp, index, seed, max_index, rounds)


# -- public functions -------------------------------------------------------------------------------------------------


def stateless_uniform(
    shape: Any, seed: Any, minval: Any = 0, maxval: Any = None, dtype: Any = dtypes.float32, name: str | None = None,
    alg: Any = "auto_select",
) -> Any:  # fmt: skip
    """Numbers from [minval, maxval), the same whenever the seed is the same.

    seed: two integers. For integers of the whole range of `dtype` both bounds are None.
    Raises ValueError for another dtype, or where only one bound of integers is given.

    >>> tf.random.stateless_uniform([2], seed=[1, 2]).numpy()
    array([0.8440604 , 0.19204533], dtype=float32)
    """
    dtype = dtypes.as_dtype(dtype)
    if dtype not in FLOAT + _BITS:
        raise ValueError(f"Argument `dtype` got invalid value {dtype}. Accepted dtypes are {FLOAT + _BITS}.")
    if dtype.is_integer:
        if (minval is None) != (maxval is None):
            raise ValueError(
                f"For integer `dtype` argument {dtype}, argument `minval` and `maxval` must be both None or not None. "
                f"Got `minval`={minval} and `maxval`={maxval}."
            )
        if minval is not None and dtype.is_unsigned:
            raise ValueError(
                f"Argument `dtype` got invalid value {dtype} when argument `minval` is not None. "
                "Please don't use unsigned integers in this case."
            )
    elif maxval is None:
        maxval = 1
    with naming(name, "stateless_random_uniform") as scope:
        shape = shape_tensor(shape)
        if dtype.is_integer and minval is None:
            return uniform_full_int_v2(shape, *key_counter(seed, alg), dtype=dtype, name=scope or None)
        if dtype.is_integer:
            low, high = bounds(minval, maxval, dtype)
            return uniform_int_v2(shape, *key_counter(seed, alg), low, high, name=scope or None)
        low, high = bounds(minval, maxval, dtype)
        return between(uniform_v2(shape, *key_counter(seed, alg), dtype=dtype), low, high, scope)


def bounds(minval: Any, maxval: Any, dtype: DType) -> tuple[Any, Any]:
    """The ends of a range as tensors; plain 0 and 1 stay where ops run at once."""
    if local.graph is None and type(minval) is int and type(maxval) is int and (minval, maxval) == (0, 1) and dtype.is_floating:
        return minval, maxval
    return convert.convert_to_tensor(minval, dtype=dtype, name="min"), convert.convert_to_tensor(maxval, dtype=dtype, name="max")


def between(numbers: Any, low: Any, high: Any, scope: str) -> Any:
    """Numbers from [0, 1) stretched to [low, high)."""
    if type(low) is int:
        return numbers
    return affine(numbers, elementwise.subtract(high, low, name="sub"), low, scope)


def stateless_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32, name: str | None = None,
    alg: Any = "auto_select",
) -> Any:  # fmt: skip
    """Normal numbers, the same whenever the seed (two integers) is the same.

    >>> tf.random.stateless_normal([2], seed=[1, 2]).numpy()
    array([0.5441101 , 0.20738031], dtype=float32)
    """
    return _normal_of(normal_v2, "stateless_random_normal", shape, seed, mean, stddev, dtype, name, alg)


def stateless_truncated_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32, name: str | None = None,
    alg: Any = "auto_select",
) -> Any:  # fmt: skip
    """Normal numbers within two standard deviations, the same whenever the seed (two integers) is the same."""
    return _normal_of(truncated_normal_v2, "stateless_truncated_normal", shape, seed, mean, stddev, dtype, name, alg)


def _normal_of(record: Any, title: str, shape: Any, seed: Any, mean: Any, stddev: Any, dtype: Any, name: Any, alg: Any) -> Any:
    with naming(name, title) as scope:
        dtype = dtypes.as_dtype(dtype)
        shape = shape_tensor(shape)
        mean, stddev = parameter(mean, dtype, "mean"), parameter(stddev, dtype, "stddev")
        return affine(record(shape, *key_counter(seed, alg), dtype=dtype), stddev, mean, scope)


def stateless_gamma(
    shape: Any, seed: Any, alpha: Any, beta: Any = None, dtype: Any = dtypes.float32, name: str | None = None
) -> Any:
    """Gamma numbers of shape parameter `alpha` and rate `beta`, the same whenever the seed (two integers) is the same.

    Unlike `tf.random.gamma`, `shape` is the whole result's and must end with the shape of `alpha + beta`.
    Differentiable in both parameters. Raises InvalidArgumentError when `shape` does not end so.
    """
    with naming(name, "stateless_random_gamma"):
        shape = shape_tensor(shape)
        alpha = convert.convert_to_tensor(alpha, dtype=dtype, name="alpha")
        beta = convert.convert_to_tensor(1 if beta is None else beta, dtype=dtype, name="beta")
        draws = gamma_v3(shape, *key_counter(seed, "auto_select"), broadcast_parameter(alpha, beta))
        return scaled_gamma(draws, beta)


def stateless_poisson(shape: Any, seed: Any, lam: Any, dtype: Any = dtypes.int32, name: str | None = None) -> Any:
    """Poisson numbers of rate `lam`, the same whenever the seed (two integers) is the same.

    `shape` is the whole result's and must end with the shape of `lam`; else InvalidArgumentError is raised.
    """
    with naming(name, "stateless_random_poisson"):
        return poisson_op(shape_tensor(shape), seed, lam, dtype=dtypes.as_dtype(dtype))


def stateless_binomial(
    shape: Any, seed: Any, counts: Any, probs: Any, output_dtype: Any = dtypes.int32, name: str | None = None
) -> Any:
    """How many of `counts` trials succeed, each with probability `probs`; decided by the seed (two integers).

    `shape` is the whole result's and must end with the broadcast shape of the parameters; else InvalidArgumentError.
    """
    with naming(name, "stateless_random_binomial"):
        probs = convert.convert_to_tensor(probs, dtype_hint=dtypes.float32, name="probs")
        counts = convert.convert_to_tensor(counts, dtype_hint=probs.dtype, name="counts")
        return binomial_op(shape_tensor(shape), seed, counts, probs, dtype=dtypes.as_dtype(output_dtype))


def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = dtypes.int64, name: str | None = None
) -> Any:
    """Classes drawn with unnormalised log-probabilities `[batch, classes]`, decided by the seed (two integers)."""
    with naming(name, "stateless_categorical"):
        logits = convert.convert_to_tensor(logits, name="logits")
        return multinomial_op(logits, num_samples, seed, output_dtype=class_dtype(dtype))


def stateless_shuffle(value: Any, seed: Any, alg: Any = "auto_select", name: str | None = None) -> Any:
    """The rows of `value` in an order that the seed (two integers) decides.

    >>> tf.random.experimental.stateless_shuffle([1, 2, 3], seed=[8, 9]).numpy()
    array([3, 1, 2], dtype=int32)
    """
    with naming(name, "stateless_shuffle"):
        return shuffle_op(value, *key_counter(seed, alg))


def split(seed: Any, num: Any = 2, alg: Any = "auto_select") -> Any:
    """`num` new seeds from one: `[num, 2]`, of the seed's dtype.

    >>> tf.random.split([1, 2], num=3).numpy()
    array([[1105988140, 1738052849],
           [-335576002,  370444179],
           [  10670227, -246211131]], dtype=int32)
    """
    seed = convert.convert_to_tensor(seed)
    return stateless_uniform([num, 2], seed, None, None, seed.dtype, alg=alg)


def fold_in(seed: Any, data: Any, alg: Any = "auto_select") -> Any:
    """A new seed from a seed and a number, of the number's dtype.

    >>> tf.random.fold_in([1, 2], 3).numpy()
    array([1105988140,          3], dtype=int32)
    """
    data = convert.convert_to_tensor(data)
    first = stateless_uniform([], seed, None, None, data.dtype, alg=alg)
    return convert.convert_to_tensor([first, data])


def index_shuffle(index: Any, seed: Any, max_index: Any) -> Any:
    """Where each `index` goes in a permutation of 0 ... max_index that the seed decides, without making the permutation.

    index, max_index: scalars or vectors of an integer dtype; seed: two integers. Raises InvalidArgumentError for another
    shape of seed.

    >>> tf.random.experimental.index_shuffle(tf.range(4), [5, 9], 3).numpy()
    array([2, 0, 1, 3], dtype=int32)
    """
    seed = convert.convert_to_tensor(seed)
    # The op wants three numbers; the public function gives it TensorFlow's constant and the seed.
    seed = REGISTRY["ConcatV2"](convert.convert_to_tensor([498247692], dtype=seed.dtype), seed, 0)
    return index_shuffle_op(index, seed, max_index, rounds=4)

"""`tf.random.Generator`: a stream of random numbers whose state is a variable.

Source: https://www.tensorflow.org/api_docs/python/tf/random/Generator
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.execution.init_scope import init_scope
from thalweg.engine.execution.variables import Variable
from thalweg.engine.ops.random import affine, parameter, shape_tensor
from thalweg.engine.ops.random_resource import non_deterministic_ints, rng_read_and_skip, stateful_random_binomial
from thalweg.engine.ops.random_stateless import (
    Algorithm,
    algorithm_number,
    between,
    bounds,
    normal_v2,
    truncated_normal_v2,
    uniform_full_int_v2,
    uniform_int_v2,
    uniform_v2,
    unsupported,
)  # fmt: skip
from thalweg.engine.ops.scopes import scope as naming
from thalweg.engine.ops.shaping import cast

_STATE_SIZES = {Algorithm.PHILOX.value: 3, Algorithm.THREEFRY.value: 2, Algorithm.AUTO_SELECT.value: 3}
_SPAN = 2**64


def _state_size(alg: int) -> int:
    if alg not in _STATE_SIZES:
        raise ValueError(unsupported(alg))
    return _STATE_SIZES[alg]


def _signed(value: Any) -> Any:
    """Integers of 64 bits as int64 has them, in any nest."""
    if isinstance(value, (list, tuple)):
        return [_signed(v) for v in value]
    return value - _SPAN if isinstance(value, int) and value > 2**63 - 1 else value


def _int64(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.astype(np.int64)
    if isinstance(value, (int, list, tuple)) and not _holds_tensors(value):
        return convert.convert_to_tensor(_signed(value), dtype=dtypes.int64)
    return cast(value, dtypes.int64)


def _holds_tensors(value: Any) -> bool:
    return any(map(_holds_tensors, value)) if isinstance(value, (list, tuple)) else isinstance(value, Tensor)


def create_rng_state(seed: Any, alg: Any) -> Any:
    """The state of a generator for a seed: an integer of any size, or a vector of 64-bit integers.

    Returns int64: three numbers for Philox, two for ThreeFry.

    >>> tf.random.create_rng_state(1234, "philox").numpy()
    array([1234,    0,    0])
    """
    size = _state_size(algorithm_number(alg))
    if isinstance(seed, int):
        seed = [seed >> 64 * i & (_SPAN - 1) for i in range(size)]
    state = REGISTRY["Reshape"](_int64(seed), [-1])
    given = state.shape[0]
    if given >= size:
        return state[:size]
    return REGISTRY["ConcatV2"](convert.convert_to_tensor(np.zeros(size - given, np.int64)), state, 0)


class Generator:
    """Random numbers from a state of one's own, apart from `tf.random.set_seed` and from every other generator.

    Made by `from_seed`, `from_state`, `from_key_counter`, `from_non_deterministic_state`, or as a copy of another. The
    state is a variable, so it is saved with a checkpoint and works inside functions.

    >>> g = tf.random.Generator.from_seed(1234)
    >>> g.normal(shape=(2, 3)).numpy()
    array([[ 0.9356609 ,  1.0854305 , -0.93788373],
           [-0.5061547 ,  1.3169702 ,  0.7137579 ]], dtype=float32)
    """

    def __init__(self, copy_from: Generator | None = None, state: Any = None, alg: Any = None):
        if copy_from is not None:
            if alg is not None or state is not None:
                raise ValueError("Give either copy_from, or state and alg.")
            self._alg: int = copy_from.algorithm
            self._state = self._variable(copy_from.state.read_value())
            return
        if alg is None or state is None:
            raise ValueError("A generator needs both state and alg. Generator.from_seed makes one from a seed.")
        self._alg = algorithm_number(alg)
        size = _state_size(self._alg)
        if not isinstance(state, Variable):
            state = _int64(state)
        state.shape.assert_is_compatible_with([size])
        self._state = state if isinstance(state, Variable) else self._variable(state)

    @staticmethod
    def _variable(value: Any) -> Variable:
        with name_scope("random_generator"):
            return Variable(value, dtype=dtypes.int64, trainable=False, name="StateVar")

    # -- making ---------------------------------------------------------------------------------------

    def _trackable_children(self) -> dict[str, Any]:
        return {"_state_var": self._state}

    @classmethod
    def from_state(cls, state: Any, alg: Any) -> Generator:
        """A generator that continues from `state`."""
        return cls(alg=alg, state=state)

    @classmethod
    def from_seed(cls, seed: Any, alg: Any = None) -> Generator:
        """A generator that a seed decides: an integer, or a vector of them."""
        alg = algorithm_number(Algorithm.PHILOX if alg is None else alg)
        return cls(state=create_rng_state(seed, alg), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A generator that starts elsewhere each time."""
        alg = algorithm_number(Algorithm.PHILOX if alg is None else alg)
        return cls(state=non_deterministic_ints([_state_size(alg)], dtype=dtypes.int64), alg=alg)

    @classmethod
    def from_key_counter(cls, key: Any, counter: Any, alg: Any) -> Generator:
        """A generator from a key (a scalar) and a counter (two integers for Philox, one for ThreeFry)."""
        alg = algorithm_number(alg)
        return cls(state=_key_counter_state(key, counter, alg), alg=alg)

    # -- the state --------------------------------------------------------------------------------------

    @property
    def state(self) -> Variable:
        """The variable that holds the state."""
        return self._state

    @property
    def algorithm(self) -> int:
        """The algorithm's number: 1 is Philox, 2 ThreeFry, 3 chosen by the system."""
        return self._alg

    @property
    def key(self) -> Any:
        """The part of the state that drawing does not change."""
        return self._state[-1]

    def reset(self, state: Any) -> None:
        """Continue from another state."""
        state = _int64(state)
        state.shape.assert_is_compatible_with([_state_size(self._alg)])
        self._state.assign(state)

    def reset_from_seed(self, seed: Any) -> None:
        """Start over from a seed."""
        self._state.assign(create_rng_state(seed, self._alg))

    def reset_from_key_counter(self, key: Any, counter: Any) -> None:
        """Continue from a key and a counter."""
        self._state.assign(_key_counter_state(key, counter, self._alg))

    def skip(self, delta: Any) -> Any:
        """Move on as if `delta` numbers had been drawn. Returns the state as it was."""
        return rng_read_and_skip(self._state, self._alg, cast(delta, dtypes.uint64))

    def _key_counter(self, shape: Any) -> tuple[Any, Any, int]:
        """Where to draw `shape` numbers: key, counter and algorithm, as the stateless ops take them."""
        known = _known(shape)
        count = REGISTRY["Prod"](shape, 0) if known is None else int(np.prod(known, dtype=np.int64))
        before = cast(self.skip(count), dtypes.uint64)
        return before[2:3], before[:2], self._alg

    # -- drawing ----------------------------------------------------------------------------------------

    def normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32, name: str | None = None) -> Any:
        """Normal numbers."""
        return self._normal(normal_v2, "stateful_normal", shape, mean, stddev, dtype, name)

    def truncated_normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32, name: str | None = None
    ) -> Any:
        """Normal numbers within two standard deviations of the mean."""
        return self._normal(truncated_normal_v2, "truncated_normal", shape, mean, stddev, dtype, name)

    def _normal(self, record: Any, title: str, shape: Any, mean: Any, stddev: Any, dtype: Any, name: Any) -> Any:
        with naming(name, title) as scope:
            dtype = dtypes.as_dtype(dtype)
            mean, stddev = parameter(mean, dtype, "mean"), parameter(stddev, dtype, "stddev")
            numbers = record(shape_tensor(shape), *self._key_counter(shape), dtype=dtype)
            return affine(numbers, stddev, mean, scope)

    def uniform(
        self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = dtypes.float32, name: str | None = None
    ) -> Any:
        """Numbers from [minval, maxval); integers of the whole range of `dtype` when both are None.

        Raises ValueError where only one bound of integers is given.
        """
        dtype = dtypes.as_dtype(dtype)
        if dtype.is_integer:
            if (minval is None) != (maxval is None):
                raise ValueError(
                    f"For integer dtype {dtype}, minval and maxval must be both `None` or both non-`None`; got minval={minval} "
                    f"and maxval={maxval}"
                )
        elif maxval is None:
            maxval = 1
        with naming(name, "stateful_uniform") as scope:
            place = self._key_counter(shape)
            shape = shape_tensor(shape)
            if dtype.is_integer and minval is None:
                return uniform_full_int_v2(shape, *place, dtype=dtype, name=scope or None)
            low, high = bounds(minval, maxval, dtype)
            if dtype.is_integer:
                return uniform_int_v2(shape, *place, low, high, name=scope or None)
            return between(uniform_v2(shape, *place, dtype=dtype), low, high, scope)

    def uniform_full_int(self, shape: Any, dtype: Any = dtypes.uint64, name: str | None = None) -> Any:
        """Integers of the whole range of `dtype`: int32, int64, uint32 or uint64."""
        return self.uniform(shape, None, None, dtype, name)

    def binomial(self, shape: Any, counts: Any, probs: Any, dtype: Any = dtypes.int32, name: str | None = None) -> Any:
        """How many of `counts` trials succeed with probability `probs`; `shape` ends with their broadcast shape."""
        counts, probs = convert.convert_to_tensor(counts), convert.convert_to_tensor(probs)
        return stateful_random_binomial(self._state, self._alg, shape, counts, probs, dtype=dtypes.as_dtype(dtype), name=name)

    # -- more generators -----------------------------------------------------------------------------------

    def make_seeds(self, count: int = 1) -> Any:
        """Seeds for stateless ops, `[2, count]`: one to a column."""
        keys = self.uniform_full_int([count], dtypes.int64)
        return REGISTRY["Pack"](keys, REGISTRY["ZerosLike"](keys), axis=0)

    def split(self, count: int = 1) -> list[Generator]:
        """`count` new generators, independent of each other and of this one."""
        keys = self.uniform_full_int([count], dtypes.int64)
        zeros = [0] * (_state_size(self._alg) - 1)
        return [Generator(state=convert.convert_to_tensor([*zeros, keys[i]]), alg=self._alg) for i in range(count)]


def _key_counter_state(key: Any, counter: Any, alg: int) -> Any:
    counter, key = _int64(counter), _int64(key)
    counter.shape.assert_is_compatible_with([_state_size(alg) - 1])
    key.shape.assert_is_compatible_with([])
    return REGISTRY["ConcatV2"](counter, REGISTRY["Reshape"](key, [1]), 0)


def _known(shape: Any) -> Any:
    """A shape's sizes where Python knows them."""
    if isinstance(shape, TensorShape):
        return shape.as_list()
    if isinstance(shape, (list, tuple, np.ndarray)) and not _holds_tensors(shape):
        return [int(s) for s in shape]
    array = getattr(shape, "_array", None)
    return None if array is None else np.asarray(array)


_global_generator: Generator | None = None


def get_global_generator() -> Generator:
    """The process' own generator, made from a state of chance when it is first asked for."""
    global _global_generator
    if _global_generator is None:
        with init_scope():
            _global_generator = Generator.from_non_deterministic_state()
    return _global_generator


def set_global_generator(generator: Generator) -> None:
    """Make `generator` the process' own. Functions traced before keep the one they met."""
    global _global_generator
    _global_generator = generator

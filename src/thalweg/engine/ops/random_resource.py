"""Random ops whose state is a variable: what `tf.random.Generator` is made of.

The state of Philox is three int64: low and high half of the counter, then the key.

Source: https://www.tensorflow.org/guide/random_numbers
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import HOST, INDEX, RESOURCE, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.ops.philox import stream
from thalweg.engine.ops.random import shape_of_numbers, sizes
from thalweg.engine.ops.random_rejection import RESERVED
from thalweg.engine.ops.random_stateless import Algorithm, draw_binomial


def _advance(xp: Any, resource: Any, alg: int, numbers: Any) -> Any:
    """The state as it was; the variable moves on by what `numbers` outputs may use."""
    if alg == Algorithm.THREEFRY.value:
        raise errors.UnimplementedError(
            None, None, "ThreeFry gives no numbers on this device. Make the generator with alg='philox'."
        )
    if alg not in (Algorithm.PHILOX.value, Algorithm.AUTO_SELECT.value):
        raise errors.invalid(f"Unsupported algorithm id: {alg}")
    before = resource.read()
    if xp is np:
        before = np.asarray(before)
    if before.shape != (3,):
        raise errors.invalid(f"For the Philox algorithm, the size of state must be at least 3; got {before.size}")
    low, high, key = before[0], before[1], before[2]
    after = stream(xp, key, low, high).skip(xp, numbers * RESERVED)
    if xp is np:
        resource.value = np.array([after.low, after.high, after.key], np.uint64).view(np.int64)
    else:
        resource.value = xp.stack([after.low, after.high, after.key]).view(xp.int64)
    return before


@op("RngReadAndSkip", types=(RESOURCE, HOST, dtypes.uint64), out=dtypes.int64, shape=lambda *_: TensorShape([3]), writes=True)
def rng_read_and_skip(xp: Any, resource: Any, alg: Any, delta: Any) -> Any:
    return _advance(xp, resource, int(alg), int(delta) if xp is np else delta)


@op("StatefulRandomBinomial", types=(RESOURCE, HOST, HOST, "T", "T"),
    dtypes=(dtypes.float16, dtypes.float32, dtypes.float64, *INDEX), out=lambda groups, attrs: attrs["dtype"],
    shape=lambda resource, algorithm, shape, *_, **__: shape_of_numbers(shape), writes=True)
def stateful_random_binomial(
    xp: Any, resource: Any, algorithm: Any, shape: Any, counts: Any, probs: Any, *, dtype: DType = dtypes.int64
) -> Any:
    to, rank = sizes(shape), max(counts.ndim, probs.ndim)
    batches, samples = math.prod(to[len(to) - rank :]), math.prod(to[: len(to) - rank])
    before = _advance(xp, resource, int(algorithm), batches * 200 * (samples + 3) // 4)  # the kernel's own allowance
    return draw_binomial(xp, stream(xp, before[2], before[0], before[1]), shape, counts, probs, dtype)


@op("NonDeterministicInts", types=(HOST,), out=lambda groups, attrs: attrs["dtype"], shape=shape_of_numbers, host=True,
    stateful=True)
def non_deterministic_ints(xp: Any, shape: Any, *, dtype: DType = dtypes.int64) -> Any:
    to = sizes(shape)
    return np.frombuffer(os.urandom(math.prod(to) * dtype.size), dtype.np_dtype).reshape(to)

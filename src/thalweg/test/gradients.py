"""Gradients beside differences of values.

Source: https://www.tensorflow.org/api_docs/python/tf/test/compute_gradient
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf


def compute_gradient(f: Callable[..., Any], x: Any, delta: float | None = None) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The Jacobians of `f(*x)` for each of `x`: as its gradient says, and by differences.

    x: a list of tensors or arrays of floats. delta: the step, by default the one that loses least in their dtype. Each Jacobian
    is a matrix `[size of f, size of x]`. Raises ValueError if `x` is no list, or of integers.

    >>> theoretical, numerical = tf.test.compute_gradient(tf.square, [[1.0, 2.0]])
    >>> bool(np.abs(theoretical[0] - numerical[0]).max() < 1e-2)
    True
    """
    if not isinstance(x, (list, tuple)):
        raise ValueError("`x` must be a list or tuple of values convertible to a Tensor (arguments to `f`), not a %s" % type(x))
    inputs = [tf.convert_to_tensor(v) for v in x]
    for t in inputs:
        if not (t.dtype.is_floating or t.dtype.is_complex):
            raise ValueError(f"The arguments of `f` must be floating or complex, not {t.dtype.name}.")
    theoretical = _theoretical(f, inputs)
    return theoretical, [_by_differences(f, inputs, i, delta) for i in range(len(inputs))]


def _theoretical(f: Callable[..., Any], inputs: list[Any]) -> list[np.ndarray]:
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(inputs)
        y = tf.convert_to_tensor(f(*inputs))
    size = int(np.prod(y.shape.as_list()))
    rows: list[list[np.ndarray]] = [[] for _ in inputs]
    for i in range(size):
        seed = np.zeros(size, y.dtype.as_numpy_dtype)
        seed[i] = 1
        weights = tf.constant(seed.reshape(y.shape.as_list()))
        found = tape.gradient(y, inputs, output_gradients=weights, unconnected_gradients="zero")
        for row, g in zip(rows, found):
            row.append(np.asarray(tf.convert_to_tensor(g)).reshape(-1))
    return [np.array(r).reshape(size, int(np.prod(t.shape.as_list()))) for r, t in zip(rows, inputs)]


def _by_differences(f: Callable[..., Any], inputs: list[Any], which: int, delta: float | None) -> np.ndarray:
    values = [np.array(t) for t in inputs]
    kind = values[which].dtype
    step = delta if delta is not None else float(np.finfo(np.float32 if kind.itemsize < 4 else kind).eps ** (1 / 3))
    flat = values[which].reshape(-1)
    columns = []
    for i in range(flat.size):
        ends = []
        for sign in (1, -1):
            moved = flat.copy()
            moved[i] += sign * step
            given = [v if j != which else moved.reshape(v.shape) for j, v in enumerate(values)]
            ends.append(np.asarray(f(*[tf.constant(v) for v in given])).reshape(-1))
        columns.append((ends[0] - ends[1]) / np.array(2 * step, kind))
    size = int(np.prod(np.asarray(f(*inputs)).shape))
    return np.array(columns).T.reshape(size, flat.size)

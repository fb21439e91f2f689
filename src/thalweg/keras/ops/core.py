"""`keras.ops`, the frame: conversion, control flow, loops, segments, signals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.engine.symbolic import is_keras_tensor
from thalweg.keras.ops.dtypes import floating, tensor, together


def convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Any:
    """A tensor of anything."""
    return tensor(x, None if dtype is None else config.standardize_dtype(dtype))


def convert_to_numpy(x: Any) -> Any:
    """A NumPy array of anything."""
    return x.numpy() if hasattr(x, "numpy") else np.asarray(x)


def cast(x: Any, dtype: Any) -> Any:
    """The values in another dtype."""
    return tf.cast(tensor(x), config.standardize_dtype(dtype))


def saturate_cast(x: Any, dtype: Any) -> Any:
    """The values in another dtype, those outside its range as its ends."""
    return tf.saturate_cast(tensor(x), config.standardize_dtype(dtype))


def shape(x: Any) -> Any:
    """The shape, with tensors for what is not known."""
    x = tensor(x)
    if x.shape.is_fully_defined() or is_keras_tensor(x):
        return tuple(x.shape)
    dynamic = tf.shape(x)
    return tuple(dynamic[i] if n is None else n for i, n in enumerate(x.shape))


def dtype(x: Any) -> str:
    """The dtype's name."""
    return config.standardize_dtype(x.dtype)


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor."""
    return isinstance(x, tf.Tensor)


def stop_gradient(variable: Any) -> Any:
    """The values, without what led to them."""
    return tf.stop_gradient(tensor(variable))


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function with its own gradient: `f(*args)` gives `(y, grad)`, and `grad(*args, upstream=None)` the gradients."""
    import inspect

    @tf.custom_gradient
    def wrapped(*args: Any) -> Any:
        y, gradient = f(*args)
        named = "upstream" in inspect.signature(gradient).parameters
        return y, (lambda *g: gradient(upstream=g[0])) if named else gradient

    return wrapped


# -- control flow ----------------------------------------------------------------------------------------------


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`true_fn()` or `false_fn()`."""
    return tf.cond(tensor(pred, tf.bool), true_fn, false_fn)


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """The branch with that number, on the operands."""
    calls = [lambda branch=branch: branch(*operands) for branch in branches]
    return tf.switch_case(tf.clip_by_value(tensor(index, tf.int32), 0, len(calls) - 1), calls)


def while_loop(cond: Any, body: Any, loop_vars: Any, maximum_iterations: Any = None) -> Any:
    """`body` again and again, while `cond` holds."""
    single = not isinstance(loop_vars, (list, tuple))
    given = (loop_vars,) if single else tuple(loop_vars)
    found = tf.while_loop(cond, body, tf.nest.map_structure(tensor, given), maximum_iterations=maximum_iterations)
    return found[0] if single else tuple(found)


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """`value = body_fun(i, value)` for i from `lower` up to `upper`, excluded."""
    start = tensor(lower, tf.int32), tf.nest.map_structure(tensor, init_val)
    return tf.while_loop(lambda i, v: i < upper, lambda i, v: (i + 1, body_fun(i, v)), start)[1]


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """`f` of every row, stacked."""
    return tf.vectorized_map(f, tf.nest.map_structure(tensor, xs))


def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """`function` of every row, stacked."""
    return tf.vectorized_map(function, tf.nest.map_structure(tensor, elements))


def scan(
    f: Callable[[Any, Any], Any], init: Any, xs: Any = None, length: Any = None, reverse: bool = False, unroll: Any = 1
) -> tuple[Any, Any]:
    """`carry, y = f(carry, x)` over the rows of `xs`; the last carry, and every y stacked."""
    from thalweg.engine.execution.functional import loop_over

    carry = tf.nest.map_structure(tensor, init)
    rows = tf.nest.map_structure(tensor, xs) if xs is not None else None
    flat = tf.nest.flatten(rows) if rows is not None else [tf.range(length)]
    form: list[Any] = []

    def step(before: list[Any], row: list[Any]) -> tuple[list[Any], list[Any]]:
        x = None if rows is None else tf.nest.pack_sequence_as(rows, row)
        after, y = f(tf.nest.pack_sequence_as(carry, before), x)
        form[:] = [y]
        return tf.nest.flatten(after), [] if y is None else tf.nest.flatten(y)

    last, made = loop_over(step, tf.nest.flatten(carry), flat, reverse, "scan")
    return tf.nest.pack_sequence_as(carry, last), None if form[0] is None else tf.nest.pack_sequence_as(form[0], made)


def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """Every `f(f(a, b), c)...` so far, for an associative `f`, in steps that double."""
    flat = [tensor(x) for x in tf.nest.flatten(elems)]
    size = flat[0].shape[axis]

    def part(x: Any, start: int, stop: int) -> Any:
        return tf.gather(x, tf.range(start, stop), axis=axis)

    flat = [tf.reverse(x, [axis]) for x in flat] if reverse else flat
    reach = 1
    while reach < size:
        early = tf.nest.pack_sequence_as(elems, [part(x, 0, size - reach) for x in flat])
        late = tf.nest.pack_sequence_as(elems, [part(x, reach, size) for x in flat])
        joined = tf.nest.flatten(f(early, late))
        flat = [tf.concat([part(x, 0, reach), y], axis) for x, y in zip(flat, joined)]
        reach *= 2
    flat = [tf.reverse(x, [axis]) for x in flat] if reverse else flat
    return tf.nest.pack_sequence_as(elems, flat)


# -- parts -----------------------------------------------------------------------------------------------------


def scatter(indices: Any, values: Any, shape: Any) -> Any:
    """Zeros with values added at places."""
    return tf.scatter_nd(tensor(indices), tensor(values), shape)


def scatter_update(inputs: Any, indices: Any, updates: Any) -> Any:
    """The inputs with values put at places."""
    x = tensor(inputs)
    return tf.tensor_scatter_nd_update(x, tensor(indices), tensor(updates, x.dtype))


def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """The part of this shape that begins there."""
    return tf.slice(tensor(inputs), start_indices, shape)


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """The inputs with the part that begins there replaced."""
    x = tensor(inputs)
    new = tensor(updates, x.dtype)
    starts = tf.unstack(tensor(start_indices, tf.int32), x.shape.rank)
    grid = tf.meshgrid(*[tf.range(n) + s for n, s in zip(new.shape, starts)], indexing="ij")
    return tf.tensor_scatter_nd_update(x, tf.stack(grid, -1), new)


def segment_sum(data: Any, segment_ids: Any, num_segments: Any = None, sorted: bool = False) -> Any:
    """The sum of the rows with each number."""
    return _segment(tf.math.unsorted_segment_sum, data, segment_ids, num_segments)


def segment_max(data: Any, segment_ids: Any, num_segments: Any = None, sorted: bool = False) -> Any:
    """The greatest of the rows with each number."""
    return _segment(tf.math.unsorted_segment_max, data, segment_ids, num_segments)


def segment_min(data: Any, segment_ids: Any, num_segments: Any = None, sorted: bool = False) -> Any:
    """The smallest of the rows with each number."""
    return _segment(tf.math.unsorted_segment_min, data, segment_ids, num_segments)


def segment_prod(data: Any, segment_ids: Any, num_segments: Any = None, sorted: bool = False) -> Any:
    """The product of the rows with each number."""
    return _segment(tf.math.unsorted_segment_prod, data, segment_ids, num_segments)


def _segment(reduce: Any, data: Any, segment_ids: Any, num_segments: Any) -> Any:
    ids = tensor(segment_ids)
    return reduce(tensor(data), ids, tf.reduce_max(ids) + 1 if num_segments is None else num_segments)


# -- signals ---------------------------------------------------------------------------------------------------


def fft(x: Any) -> Any:
    """Fourier's transform of a pair of real and imaginary parts."""
    return _parts(tf.signal.fft(_complex(x)))


def fft2(x: Any) -> Any:
    """Fourier's transform of the last two axes."""
    return _parts(tf.signal.fft2d(_complex(x)))


def ifft2(x: Any) -> Any:
    """The inverse of `fft2`."""
    return _parts(tf.signal.ifft2d(_complex(x)))


def rfft(x: Any, fft_length: int | None = None) -> Any:
    """Fourier's transform of real numbers, real and imaginary parts."""
    return _parts(tf.signal.rfft(floating(x), None if fft_length is None else [fft_length]))


def irfft(x: Any, fft_length: int | None = None) -> Any:
    """The inverse of `rfft`."""
    return tf.signal.irfft(_complex(x), None if fft_length is None else [fft_length])


def _complex(x: Any) -> Any:
    a, b = together(*x)
    return tf.complex(floating(a), floating(b))


def _parts(y: Any) -> tuple[Any, Any]:
    return tf.math.real(y), tf.math.imag(y)


def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    """Windows along the last axis."""
    x = tensor(x)
    count = (x.shape[-1] - sequence_length) // sequence_stride + 1
    at = tf.range(count)[:, None] * sequence_stride + tf.range(sequence_length)[None, :]
    return tf.gather(x, at, axis=-1)


def view_as_complex(x: Any) -> Any:
    """Pairs of the last axis as complex numbers."""
    x = floating(x)
    return tf.complex(x[..., 0], x[..., 1])


def view_as_real(x: Any) -> Any:
    """Complex numbers as pairs in a new last axis."""
    return tf.stack(_parts(tensor(x)), -1)

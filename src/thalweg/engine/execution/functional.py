"""`tf.map_fn`, `tf.scan`, `tf.foldl`, `tf.foldr`, `tf.vectorized_map`: a function over the rows of tensors.

Eagerly a Python loop. In a graph one Scan op, `lax.scan` when compiled, so that a gradient takes as long as the rows are many.
Source: https://www.tensorflow.org/api_docs/python/tf/map_fn
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from thalweg.engine.core import context, convert, dtypes, errors, nest
from thalweg.engine.core.context import local
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.graph import Graph, name_scope
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import SymbolicTensor, Tensor
from thalweg.engine.execution import subgraph as sub
from thalweg.engine.execution.loops import check_trip, scan_op
from thalweg.engine.ops.arrays import concat, stack
from thalweg.engine.ops.creation import zeros
from thalweg.engine.ops.shaping import expand_dims

Step = Callable[[list[Any], list[Any]], tuple[list[Any], list[Any]]]


def loop_over(step: Step, carry: list[Any], rows: list[Any], reverse: bool, name: str) -> tuple[list[Any], list[Any]]:
    """`carry, y = step(carry, row)` over the rows of tensors. Returns the last carry, and the stacked ys in the rows' order."""
    symbolic = next((t for t in [*carry, *rows] if isinstance(t, SymbolicTensor)), None)
    if local.graph is None and symbolic is None:
        return _loop_eagerly(step, carry, rows, reverse)
    outer = local.graph if local.graph is not None else symbolic.graph  # type: ignore[union-attr]
    with context.building(outer), name_scope(name):
        return _loop_in_graph(outer, step, carry, rows, reverse, name)


def _loop_eagerly(step: Step, carry: list[Any], rows: list[Any], reverse: bool) -> tuple[list[Any], list[Any]]:
    count = rows[0].shape[0]
    made = []
    for i in range(count - 1, -1, -1) if reverse else range(count):
        carry, ys = step(carry, [x[i] for x in rows])
        made.append(ys)
    if reverse:
        made.reverse()
    return carry, [stack(column) for column in zip(*made)]


class _Row:
    """A row of a tensor, as the loop's body sees it."""

    def __init__(self, tensor: SymbolicTensor):
        self.dtype, self.op = tensor.dtype, tensor.op
        self.shape = tensor.shape[1:] if tensor.shape.rank is not None else tensor.shape


def _loop_in_graph(
    outer: Graph, step: Step, carry: list[Any], rows: list[Any], reverse: bool, name: str
) -> tuple[list[Any], list[Any]]:
    carry, rows = [convert.convert_to_tensor(t) for t in carry], [convert.convert_to_tensor(t) for t in rows]
    n, k = len(carry), len(rows)

    def trip(*values: Any) -> Any:
        after, ys = step(list(values[:n]), list(values[n:]))
        return [convert.convert_to_tensor(t) for t in [*after, *ys]]

    part, outputs = sub.build(outer, name + "_body", trip, [*carry, *(_Row(x) for x in rows)])  # type: ignore[list-item]
    part.outputs = list(outputs)
    part.inputs = part.graph.inputs  # type: ignore[attr-defined]
    check_trip(carry, [t.shape for t in carry], part.outputs[:n])
    count = next((n for n in (x.shape.as_list()[0] for x in rows if x.shape.rank) if n is not None), None)
    inputs = [*carry, *rows, *sub.outer_inputs(outer, part)]
    attrs = {"body": part, "carry": n, "xs": k, "reverse": reverse, "positions": {"body": list(range(len(inputs)))}}
    shapes = [t.shape for t in carry] + [TensorShape([count]).concatenate(t.shape) for t in part.outputs[n:]]
    node = outer.create_op(scan_op, inputs, attrs, None, [t.dtype.base_dtype for t in part.outputs], shapes)
    sub.record_on_tapes(node)
    return list(node.outputs[:n]), list(node.outputs[n : len(part.outputs)])


def _rows_of(elems: Any) -> list[Any]:
    """The tensors in a nest, each with rows. Raises ValueError for scalars, and where they have different numbers of rows."""
    rows = [convert.convert_to_tensor(x) for x in nest.flatten(elems)]
    if not rows:
        raise ValueError(f"elems must be a Tensor or (possibly nested) sequence of Tensors, not {elems}, which has none.")
    if any(x.shape.rank == 0 for x in rows):
        raise ValueError("Elements in elems must be 1+ dimensional Tensors, not scalars")
    counts = {x.shape.as_list()[0] for x in rows if x.shape.rank is not None} - {None}
    if len(counts) > 1:
        raise ValueError(f"The tensors in elems must have the same number of rows, not {' and '.join(map(str, sorted(counts)))}.")
    return rows


def _converted(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function as AutoGraph makes it, where the function being traced is AutoGraph's too."""
    if not callable(fn):
        raise TypeError(f"fn must be callable, not {fn!r}.")
    contexts = sys.modules.get("malt.core.ag_ctx")
    if contexts is None or contexts.control_status_ctx().status is not contexts.Status.ENABLED:
        return fn
    from thalweg.engine.execution.autograph import transform

    return transform(fn)


@dispatchable
def map_fn(
    fn: Callable[..., Any],
    elems: Any,
    dtype: Any = None,
    parallel_iterations: Any = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """`fn` applied to each row of `elems` (a tensor or a nest of them, given to `fn` as that nest), the results stacked.

    `fn_output_signature` (dtypes or TensorSpecs) is needed where the results differ from `elems` in dtype or structure.

    >>> tf.map_fn(lambda x: x * x, tf.constant([1, 2, 3])).numpy()
    array([1, 4, 9], dtype=int32)
    """
    function, rows = _converted(fn), _rows_of(elems)
    signature = fn_output_signature if fn_output_signature is not None else dtype
    wanted = [t.dtype.base_dtype for t in rows] if signature is None else [_dtype_of(s) for s in nest.flatten(signature)]
    like = elems if signature is None else signature

    def step(carry: list[Any], row: list[Any]) -> tuple[list[Any], list[Any]]:
        result = function(nest.pack_sequence_as(elems, row))
        nest.assert_same_structure(like, result, check_types=False)
        return [], [_of_dtype(y, d) for y, d in zip(nest.flatten(result), wanted)]

    _, stacked = loop_over(step, [], rows, False, name or "map")
    if not stacked:  # no rows, eagerly: shapes are known only from a signature
        specs = nest.flatten(like) if signature is not None else [None] * len(wanted)
        stacked = [zeros([0, *_known_sizes(s, x)], d) for s, x, d in zip(specs, rows * len(specs), wanted)]
    return nest.pack_sequence_as(like, stacked)


def _known_sizes(spec: Any, row: Any) -> list[int]:
    if spec is None:
        return row.shape.as_list()[1:]
    shape = getattr(spec, "shape", None)
    return shape.as_list() if shape is not None and shape.is_fully_defined() else []


def _dtype_of(spec: Any) -> dtypes.DType:
    return dtypes.as_dtype(getattr(spec, "dtype", spec))


def _of_dtype(y: Any, dtype: dtypes.DType) -> Any:
    tensor = convert.convert_to_tensor(y, dtype_hint=dtype)
    if tensor.dtype.base_dtype is not dtype:
        what = f"TensorArray dtype is {dtype.name} but Op is trying to write dtype {tensor.dtype.name}. Give fn_output_signature."
        raise errors.invalid(what) if local.graph is None else TypeError(what)
    return tensor


def vectorized_map(fn: Callable[..., Any], elems: Any, fallback_to_while_loop: bool = True, warn: bool = True) -> Any:
    """`fn` applied to each row of `elems`, the results stacked: `map_fn` whose results may have any dtype and structure.

    Tensors with a single row are used with every row of the others.

    >>> tf.vectorized_map(lambda x: tf.reduce_sum(x), tf.ones([2, 3])).numpy()
    array([3., 3.], dtype=float32)
    """
    function = _converted(fn)
    given = [convert.convert_to_tensor(x) for x in nest.flatten(elems)]
    several = any(x.shape.rank and x.shape[0] != 1 for x in given)
    single = [several and bool(x.shape.rank) and x.shape[0] == 1 for x in given]
    rows = _rows_of([x for x, one in zip(given, single) if not one])
    form: list[Any] = []

    def step(carry: list[Any], row: list[Any]) -> tuple[list[Any], list[Any]]:
        taken = iter(row)
        result = function(nest.pack_sequence_as(elems, [x[0] if one else next(taken) for x, one in zip(given, single)]))
        form[:] = [result]
        return [], [convert.convert_to_tensor(y) for y in nest.flatten(result)]

    _, stacked = loop_over(step, [], rows, False, "vectorized_map")
    if not form:
        raise ValueError("vectorized_map needs at least one row outside a tf.function.")
    return nest.pack_sequence_as(form[0], stacked)


def scan(
    fn: Callable[..., Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """`a = fn(a, row)` over the rows of `elems`, from `initializer` or the first row; every `a`, stacked.

    With `reverse` the rows are taken from the last to the first.

    >>> tf.scan(lambda a, x: a + x, tf.constant([1, 2, 3])).numpy()
    array([1, 3, 6], dtype=int32)
    """
    function, rows = _converted(fn), _rows_of(elems)
    form, start, rest, first = _start(elems, rows, initializer, reverse)

    def step(carry: list[Any], row: list[Any]) -> tuple[list[Any], list[Any]]:
        after = _after(function, form, elems, carry, row)
        return after, after

    _, stacked = loop_over(step, start, rest, reverse, name or "scan")
    if not stacked:
        stacked = [zeros([0, *t.shape.as_list()], t.dtype) for t in start]
    if first is not None:
        pairs = [(y, expand_dims(f, 0)) for y, f in zip(stacked, first)]
        stacked = [concat([y, f] if reverse else [f, y], 0) for y, f in pairs]
    return nest.pack_sequence_as(form, stacked)


def _start(elems: Any, rows: list[Any], initializer: Any, reverse: bool) -> tuple[Any, list[Any], list[Any], list[Any] | None]:
    """The form of the carry, its start, the rows still to come, and the first result where it is the first row."""
    if initializer is not None:
        return initializer, [convert.convert_to_tensor(t) for t in nest.flatten(initializer)], rows, None
    if any(x.shape.rank and x.shape[0] == 0 for x in rows):
        raise ValueError("Without an initializer, elems must have at least one row.")
    first = [x[-1] if reverse else x[0] for x in rows]
    return elems, first, [x[:-1] if reverse else x[1:] for x in rows], first


def _after(function: Callable[..., Any], form: Any, elems: Any, carry: list[Any], row: list[Any]) -> list[Any]:
    result = function(nest.pack_sequence_as(form, carry), nest.pack_sequence_as(elems, row))
    nest.assert_same_structure(form, result, check_types=False)
    pairs = zip(nest.flatten(result), carry)
    return [y if isinstance(y, Tensor) else convert.convert_to_tensor(y, dtype_hint=t.dtype) for y, t in pairs]


def _fold(fn: Any, elems: Any, initializer: Any, reverse: bool, name: str) -> Any:
    function, rows = _converted(fn), _rows_of(elems)
    form, start, rest, _ = _start(elems, rows, initializer, reverse)
    last, _ = loop_over(lambda carry, row: (_after(function, form, elems, carry, row), []), start, rest, reverse, name)
    return nest.pack_sequence_as(form, last)


def foldl(
    fn: Callable[..., Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """`a = fn(a, row)` over the rows of `elems` from the first, starting from `initializer` or that row; the last `a`.

    >>> tf.foldl(lambda a, x: a * 2 + x, tf.constant([1, 2, 3])).numpy()
    np.int32(11)
    """
    return _fold(fn, elems, initializer, False, name or "foldl")


def foldr(
    fn: Callable[..., Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """`a = fn(a, row)` over the rows of `elems` from the last, starting from `initializer` or that row; the last `a`.

    >>> tf.foldr(lambda a, x: a * 2 + x, tf.constant([1, 2, 3])).numpy()
    np.int32(17)
    """
    return _fold(fn, elems, initializer, True, name or "foldr")

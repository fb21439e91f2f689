"""`tf.while_loop` and its gradient: loops as ops with subgraphs.

Forward, a loop is a `While` op. Its gradient is a `Scan`, the same loop walked backwards over values that the forward loop
then stacks up; a Scan's gradient is a Scan again, so loops differentiate to any order.
Under XLA a While is `lax.while_loop`, and `lax.scan` where its count is known and values are stacked; where the count is
unknown and values are stacked the op runs on the host. Source: https://www.tensorflow.org/api_docs/python/tf/while_loop
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import context, convert, errors, nest
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import Graph, Operation, name_scope
from thalweg.engine.core.registry import REGISTRY, register
from thalweg.engine.core.shape import TensorShape, as_shape
from thalweg.engine.core.tensor import SymbolicTensor, Tensor
from thalweg.engine.execution import subgraph as sub
from thalweg.engine.execution.plan import Plan
from thalweg.engine.ops.gradients import zeros_like
from thalweg.engine.ops.state import placeholder_record
from thalweg.engine.ops.tensor_list import is_unset
from thalweg.engine.xp import is_concrete, jax, jnp

_COUNT_LIMIT = 100_000  # trips that are counted ahead while tracing

# -- running ---------------------------------------------------------------------------------------------------


def _stacked(columns: list[list[Any]], nothing: list[Any]) -> list[Any]:
    return [_stack(c) if c else n for c, n in zip(columns, nothing)]


def _stack(column: list[Any]) -> np.ndarray:
    """The values of all trips; zeros for those in which a branch had none (it gives a scalar there)."""
    shapes = {a.shape for a in column}
    if len(shapes) == 2 and () in shapes:
        shape = max(shapes, key=len)
        column = [a if a.shape == shape else np.zeros(shape, a.dtype) for a in column]
    return np.stack(column)


def _no_rows(node_like: Any) -> Any:
    return np.zeros((0,), node_like.dtype)


def _run_while(xp: Any, *inputs: Any, **attrs: Any) -> Any:
    n, condition, body = attrs["carry"], attrs["cond"], attrs["body"]
    values = list(inputs[:n])
    for_cond, for_body = (while_op.inputs_of(k, attrs, inputs)[n:] for k in ("cond", "body"))
    columns: list[list[Any]] = [[] for _ in body.outputs[n:]]
    while condition.interpret(values + for_cond)[0]:
        outs = body.interpret(values + for_body)
        values = outs[:n]
        for column, a in zip(columns, outs[n:]):
            column.append(a)
    return (*values, *_stacked(columns, attrs["empty"](body, n)))


def _empty(body: sub.Bound, n: int) -> list[Any]:
    """What stacks hold when there was no trip."""
    return [
        np.zeros((0, *[d or 0 for d in (t.shape.as_list() if t.shape.rank is not None else [])]), t.dtype.np_dtype)
        for t in body.outputs[n:]
    ]


def _run_scan(xp: Any, *inputs: Any, **attrs: Any) -> Any:
    n, k, body = attrs["carry"], attrs["xs"], attrs["body"]
    values, xs, captured = list(inputs[:n]), inputs[n : n + k], list(inputs[n + k :])
    length = len(xs[0])
    columns: list[list[Any]] = [[] for _ in body.outputs[n:]]
    for i in range(length - 1, -1, -1) if attrs["reverse"] else range(length):
        outs = body.interpret([*values, *[x[i] for x in xs], *captured])
        values = outs[:n]
        for column, a in zip(columns, outs[n:]):
            column.append(a)
    if attrs["reverse"]:
        columns = [c[::-1] for c in columns]
    return (*values, *_stacked(columns, _empty(body, n)))


# -- under XLA's trace -------------------------------------------------------------------------------------------


def _written_cells(body: sub.Bound, inputs: list[Any], shadows: dict[int, Cell]) -> list[Cell]:
    cells = [inputs[i] for i in body.written_inputs if isinstance(inputs[i], Cell)]
    return list({id(c): c for c in [*cells, *(shadows[id(c)] for c in body.state_cells())]}.values())


def _as_carry(values: list[Any], like: list[Any]) -> list[Any]:
    return [jnp().asarray(v, dtype=t.dtype.np_dtype) for v, t in zip(values, like)]


def _loop_error(error: Exception) -> Exception:
    if isinstance(error, TypeError) and ("carry" in str(error) or "body_fun" in str(error)):
        return errors.NeedsHost("A loop variable changes its shape from trip to trip.")
    return error


def _trace_while(inputs: list[Any], attrs: dict[str, Any], shadows: dict[int, Cell]) -> Any:
    n, condition, body = attrs["carry"], attrs["cond"], attrs["body"]
    for_cond, for_body = (while_op.inputs_of(k, attrs, inputs)[n:] for k in ("cond", "body"))
    cells = _written_cells(body, [*inputs[:n], *for_body], shadows)
    if len(body.outputs) > n:
        count = _trip_count(inputs[:n], condition, body, for_cond, for_body)
        if count is None:
            raise errors.NeedsHost("The number of trips is not known while compiling, and the gradient wants the values of each.")
        return _scan_body(body, n, inputs[:n], [], for_body, cells, shadows, count, reverse=False)

    def going(state: Any) -> Any:
        values, cell_values = state
        _set(cells, cell_values)
        return condition.trace([*values, *for_cond], shadows)[0]

    def trip(state: Any) -> Any:
        values, cell_values = state
        _set(cells, cell_values)
        outs = body.trace([*values, *for_body], shadows)
        return _as_carry(outs, body.outputs), [c.value for c in cells]

    try:
        start = _with_shapes((_as_carry(inputs[:n], body.outputs), [c.value for c in cells]), trip)
        values, cell_values = jax().lax.while_loop(going, trip, start)
    except TypeError as error:
        raise _loop_error(error) from error
    _set(cells, cell_values)
    return values


def _with_shapes(start: Any, trip: Callable[..., Any]) -> Any:
    """What a loop starts from; an array of a TensorArray that nothing was written to gets the rows that a trip gives it."""
    values, cell_values = start
    if not any(is_unset(v) for v in values):
        return start
    after = jax().eval_shape(trip, start)[0]
    filled = [jnp().zeros(a.shape, v.dtype) if is_unset(v) and a.shape != v.shape else v for v, a in zip(values, after)]
    return filled, cell_values


def _set(cells: list[Cell], values: list[Any]) -> None:
    for c, v in zip(cells, values):
        c.value = v


def _scan_body(body: sub.Bound, n: int, carry: Any, xs: list[Any], captured: list[Any], cells: list[Cell], shadows: dict[int, Cell],
               length: int, reverse: bool) -> Any:  # fmt: skip
    def trip(state: Any, slices: Any) -> Any:
        values, cell_values = state
        _set(cells, cell_values)
        outs = body.trace([*values, *slices, *captured], shadows)
        return (_as_carry(outs[:n], body.outputs), [c.value for c in cells]), outs[n:]

    try:
        first = [x[0] for x in xs] if length else xs
        start = (_as_carry(carry, body.outputs), [c.value for c in cells])
        start = _with_shapes(start, lambda state: trip(state, first)[0]) if length else start
        (values, cell_values), ys = jax().lax.scan(trip, start, xs, length=length, reverse=reverse)
    except TypeError as error:
        raise _loop_error(error) from error
    _set(cells, cell_values)
    return [*values, *ys]


def _trace_scan(inputs: list[Any], attrs: dict[str, Any], shadows: dict[int, Cell]) -> Any:
    n, k, body = attrs["carry"], attrs["xs"], attrs["body"]
    xs = list(inputs[n : n + k])
    cells = _written_cells(body, inputs, shadows)
    return _scan_body(body, n, inputs[:n], xs, list(inputs[n + k :]), cells, shadows, xs[0].shape[0], attrs["reverse"])


def _trip_count(start: Any, condition: sub.Bound, body: sub.Bound, for_cond: Any, for_body: Any) -> int | None:
    """How many trips a loop makes, if that follows from values known while tracing; None if it does not."""
    counters = _decisive(condition, body, len(start))
    if counters is None:
        return None
    known = [*[start[i] for i in counters], *_used(condition, for_cond, len(start)), *_used(body, for_body, len(start), counters)]
    if not all(is_concrete(v) for v in known):
        return None
    step = Plan(body.plan.graph, [body.outputs[i] for i in counters], body.plan.feeds, body.plan.cell_of)
    dummy = np.zeros(())
    values = [start[i] if i in counters else dummy for i in range(len(start))]
    for_cond, for_body = ([v if is_concrete(v) else dummy for v in vs] for vs in (for_cond, for_body))
    for count in range(_COUNT_LIMIT):
        if not condition.plan.interpret([*values, *for_cond])[0]:
            return count
        for i, v in zip(counters, step.interpret([*values, *for_body])):
            values[i] = v
    return None


def _ancestors(t: SymbolicTensor, inputs: list[SymbolicTensor]) -> set[int] | None:
    """The positions of the inputs that a tensor is computed from; None if chance or state has a part in it."""
    position = {id(x): i for i, x in enumerate(inputs)}
    found, pending, seen = set(), [t], set()
    while pending:
        t = pending.pop()
        if id(t) in position:
            found.add(position[id(t)])
        elif id(t.op) not in seen:
            seen.add(id(t.op))
            if t.op.record.stateful:
                return None
            pending.extend(t.op._inputs)
    return found


def _decisive(condition: sub.Bound, body: sub.Bound, n: int) -> list[int] | None:
    """The loop variables that the condition depends on, from trip to trip."""
    first = _ancestors(condition.outputs[0], condition.plan.feeds)
    if first is None:
        return None
    decisive = {i for i in first if i < n}
    while True:
        wider = set(decisive)
        for i in decisive:
            found = _ancestors(body.outputs[i], body.plan.feeds)
            if found is None:
                return None
            wider |= {j for j in found if j < n}
        if wider == decisive:
            return sorted(decisive)
        decisive = wider


def _used(bound: sub.Bound, captured: Any, n: int, outputs: list[int] | None = None) -> list[Any]:
    """The captured values that the chosen outputs of a subgraph need."""
    used: set[int] = set()
    for i in outputs if outputs is not None else range(1):
        used |= _ancestors(bound.outputs[i], bound.plan.feeds) or set()
    return [captured[i - n] for i in used if i >= n]


while_op = sub.SubgraphOp(_run_while, "While", _trace_while)
scan_op = sub.SubgraphOp(_run_scan, "Scan", _trace_scan)
register(while_op)
register(scan_op)


# -- gradients ---------------------------------------------------------------------------------------------------


@while_op.vjp
def _(y: Any, g: Any, *inputs: Any, **attrs: Any) -> Any:
    return _loop_vjp(y[0].op, g, attrs, 0)


@scan_op.vjp
def _(y: Any, g: Any, *inputs: Any, **attrs: Any) -> Any:
    return _loop_vjp(y[0].op, g, attrs, attrs["xs"])


def _loop_vjp(node: Operation, g: Any, attrs: dict[str, Any], k: int) -> Any:
    """The gradients of a loop's inputs: a Scan over its trips in the other direction."""
    n, body = attrs["carry"], attrs["body"]
    g = [*g, *[None] * (len(node.outputs) - len(g))]
    positions = attrs["positions"]["body"]
    carries = [i for i in range(n) if sub.float_like(body.outputs[i])]
    ys = [j for j in range(n, len(body.outputs)) if j < len(g) and g[j] is not None and sub.float_like(body.outputs[j])]
    sources = [i for i, t in enumerate(body.inputs) if (sub.differentiable_input(t) if i >= n + k else sub.float_like(t))]
    back = sub.Differentiated(body, carries + ys, sources)
    given = dict(zip(sources, back.gradients))
    wanted = [i for i in sources if i >= n + k and given[i] is not None]
    # A sum over trips of products of matrices is one product of the stacked matrices, made after the loop.
    products = {i: pair for i in wanted if (pair := _product_over_rows(given[i])) is not None}
    captured = [i for i in wanted if i not in products]
    xs_wanted = [i for i in sources if n <= i < n + k and given[i] is not None]

    graph = body.graph
    outer = node.graph
    seeds = dict(zip(carries + ys, back.seeds))
    with graph.as_default(), context.no_tapes():
        new_carry = [given[i] if given.get(i) is not None else zeros_like(seeds[i]) for i in carries]
        totals = [
            placeholder_record(dtype=sub.value_dtype(body.inputs[i]), shape=sub.value_shape(body.inputs[i]), name="total")
            for i in captured
        ]
        new_totals = [t + given[i] for t, i in zip(totals, captured)]
    varying = _varying(body, back, n, k)
    stacked = _expose(node, body, n, [t for t in varying if not _is_xs(body, t, n, k)])
    feeds_xs = [seeds[j] for j in ys] + varying
    outer_xs = [g[j] for j in ys] + [
        node._inputs[_index(body.inputs, t)] if _is_xs(body, t, n, k) else stacked[id(t)] for t in varying
    ]
    invariants = body.inputs[n + k :]
    factors = list({id(t): t for pair in products.values() for t in pair}.values())
    made_here = [t for t in factors if not any(t is v for v in varying)]
    part = sub.Subgraph(
        graph,
        [seeds[i] for i in carries] + totals + feeds_xs + invariants,
        [*new_carry, *new_totals, *[given[i] for i in xs_wanted], *made_here],
        [],
    )
    with context.building(outer):
        start = [convert.convert_to_tensor(g[i]) if g[i] is not None else zeros_like(node.outputs[i]) for i in carries]
        start += [_zeros_of(node._inputs[positions[i]]) for i in captured]
        feeds = [
            *start,
            *[convert.convert_to_tensor(x) for x in outer_xs],
            *[node._inputs[positions[i]] for i in range(n + k, len(body.inputs))],
        ]
    m = len(carries) + len(captured)
    made = outer.create_op(
        scan_op,
        feeds,
        {
            "body": part,
            "carry": m,
            "xs": len(outer_xs),
            "reverse": not attrs.get("reverse", False),
            "positions": {"body": list(range(len(feeds)))},
        },
        "gradient",
        [t.dtype.base_dtype for t in part.outputs],
        [t.shape for t in part.outputs[:m]] + [TensorShape([None]).concatenate(t.shape) for t in part.outputs[m:]],
    )
    sub.record_on_tapes(made)
    result: list[Any] = [None] * len(node._inputs)
    for i, value in zip([*carries, *captured, *xs_wanted], made.outputs):
        result[positions[i] if i >= n + k or i < n else i] = value
    columns = dict(zip(map(id, made_here), made.outputs[m + len(xs_wanted) :]))
    columns |= {id(t): feeds[m + len(ys) + j] for j, t in enumerate(varying)}
    with context.building(outer):
        for i, (a, b) in products.items():
            result[positions[i]] = REGISTRY["MatMul"](_all_rows(columns[id(a)]), _all_rows(columns[id(b)]), transpose_a=True)
    return tuple(result)


def _product_over_rows(t: Any) -> tuple[SymbolicTensor, SymbolicTensor] | None:
    """`a, b` where `t` is `transpose(a) @ b`, two matrices with the same rows: the gradient of a matrix of weights."""
    op = t.op
    if op.type != "MatMul" or not op._attrs.get("transpose_a") or op._attrs.get("transpose_b"):
        return None
    a, b = op._inputs
    known = all(x.shape.rank == 2 and x.shape[1] is not None for x in (a, b))
    return (a, b) if known and a.graph is b.graph is t.graph else None


def _all_rows(x: Any) -> Any:
    """`[trips, rows, n]` as `[trips * rows, n]`."""
    return REGISTRY["Reshape"](x, [-1, x.shape[-1]])


def _index(tensors: list[SymbolicTensor], t: SymbolicTensor) -> int:
    return next(i for i, x in enumerate(tensors) if x is t)


def _is_xs(body: sub.Subgraph, t: SymbolicTensor, n: int, k: int) -> bool:
    return any(t is x for x in body.inputs[n : n + k])


def _varying(body: sub.Subgraph, back: sub.Differentiated, n: int, k: int) -> list[SymbolicTensor]:
    """What the backward part takes from each trip: intermediates, and the loop's own variables and slices."""
    graph = body.graph
    used = {id(t) for op in graph._ops[back.before :] for t in op._inputs} | {id(d) for d in back.gradients if d is not None}
    own = [t for t in body.inputs[: n + k] if id(t) in used]
    varying = [*own, *back.needs]
    return varying or [body.inputs[0]]  # something must say how many trips there were


def _expose(node: Operation, body: sub.Subgraph, n: int, wanted: list[SymbolicTensor]) -> dict[int, SymbolicTensor]:
    """The loop's stacks of these tensors of its body: outputs that it may have to be given."""
    missing = [t for t in wanted if not any(t is o for o in body.outputs[n:])]
    sub.add_outputs(node, missing, [TensorShape([None]).concatenate(t.shape) for t in missing])
    body.outputs.extend(missing)
    return {id(t): node.outputs[n + _index(body.outputs[n:], t)] for t in wanted}


def _zeros_of(t: SymbolicTensor) -> Any:
    """Zeros like a tensor, or like the value of a variable whose handle it is."""
    if t.dtype._kind == "resource":
        return zeros_like(REGISTRY["ReadVariableOp"](t, dtype=sub.value_dtype(t), shape=sub.value_shape(t)))
    if t.dtype._is_ref_dtype:
        return zeros_like(REGISTRY["Identity"](t))
    return zeros_like(t)


# -- building ----------------------------------------------------------------------------------------------------


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """Repeat `loop_vars = body(*loop_vars)` while `cond(*loop_vars)`, at most `maximum_iterations` times.

    Loop variables are any nest of tensors; `body` returns the same structure. A shape that changes from trip to trip must be
    given in `shape_invariants`. Raises ValueError otherwise.

    >>> tf.while_loop(lambda i: i < 10, lambda i: [i + 1], [tf.constant(0)])[0].numpy()
    np.int32(10)
    """
    if not callable(cond) or not callable(body):
        raise TypeError("'cond' and 'body' must be callable." if callable(body) else "'body' must be callable.")
    if not isinstance(loop_vars, (list, tuple)):
        loop_vars = [loop_vars]
    if not loop_vars:
        raise ValueError("'loop_vars' must be provided.")
    flat, _ = sub.expand(loop_vars)
    if local.graph is None and not any(isinstance(t, SymbolicTensor) for t in flat):
        return _loop_eagerly(cond, body, loop_vars, maximum_iterations)
    outer = local.graph if local.graph is not None else next(t.graph for t in flat if isinstance(t, SymbolicTensor))
    with context.building(outer), name_scope(name or "while"):
        return _loop_in_graph(outer, cond, body, loop_vars, shape_invariants, maximum_iterations, name or "while")


def _loop_eagerly(cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, limit: Any) -> Any:
    count, limit = 0, None if limit is None else int(limit)
    loop_vars = nest.map_structure(
        lambda x: x if isinstance(x, Tensor) or hasattr(x, "_loop_parts") else convert.convert_to_tensor(x), loop_vars
    )
    while (limit is None or count < limit) and bool(cond(*loop_vars)):
        result = body(*loop_vars)
        loop_vars = _same_length(result, loop_vars)
        count += 1
    return loop_vars


def _same_length(result: Any, loop_vars: Any) -> Any:
    if len(loop_vars) == 1 and not (isinstance(result, (list, tuple)) and len(result) == 1):
        result = [result]
    result = list(result) if isinstance(result, (list, tuple)) else [result]
    if len(result) != len(loop_vars):
        raise ValueError(f"The body returned {len(result)} values for {len(loop_vars)} loop variables.")
    return type(loop_vars)(result) if not hasattr(loop_vars, "_fields") else type(loop_vars)(*result)


def _loop_in_graph(outer: Graph, cond: Any, body: Any, loop_vars: Any, shape_invariants: Any, limit: Any, name: str) -> Any:
    flat, rebuild = sub.expand(loop_vars)
    tensors = [convert.convert_to_tensor(t) for t in flat]
    shapes = _loop_shapes(loop_vars, tensors)
    if shape_invariants is not None:
        invariants = _invariants(loop_vars, shape_invariants)
        for t, s in zip(tensors, invariants):
            if not t.shape.is_subtype_of(s):
                raise ValueError(
                    f"The shape invariant specified for {t.name} is not compatible with its initial shape {t.shape}: got {s}."
                )
        shapes = invariants
    if limit is not None:
        counter = convert.convert_to_tensor(0)
        bound = convert.convert_to_tensor(limit)
        bound = REGISTRY["Cast"](bound, DstT=counter.dtype) if bound.dtype is not counter.dtype else bound
        tensors, shapes = [counter, *tensors], [counter.shape, *shapes]
    k = int(limit is not None)

    def goes_on(*values: Any) -> Any:
        wanted = convert.convert_to_tensor(cond(*rebuild(list(values[k:]))))
        if wanted.shape.rank not in (None, 0):
            raise TypeError(f"The condition of a loop must be a scalar, not of shape {wanted.shape}.")
        return REGISTRY["LogicalAnd"](values[0] < bound, wanted) if k else wanted

    def trip(*values: Any) -> Any:
        before = rebuild(list(values[k:]))
        after = _same_length(body(*before), before)
        nest.assert_same_structure(before, after, check_types=False)
        result, _ = sub.expand(after)
        return [values[0] + 1] * k + [convert.convert_to_tensor(t, dtype_hint=v.dtype) for t, v in zip(result, values[k:])]

    stand_ins = [_Shaped(t, s) for t, s in zip(tensors, shapes)]
    cond_part, cond_result = sub.build(outer, name + "_cond", goes_on, stand_ins)  # type: ignore[arg-type]
    cond_part.outputs = [cond_result]
    body_part, body_result = sub.build(outer, name + "_body", trip, stand_ins)  # type: ignore[arg-type]
    body_part.outputs = list(body_result)
    cond_part.inputs, body_part.inputs = cond_part.graph.inputs, body_part.graph.inputs  # type: ignore[attr-defined]
    check_trip(tensors, shapes, body_part.outputs)
    for_cond, for_body = sub.outer_inputs(outer, cond_part), sub.outer_inputs(outer, body_part)
    n = len(tensors)
    inputs = [*tensors, *for_cond, *for_body]
    attrs = {
        "cond": cond_part,
        "body": body_part,
        "carry": n,
        "empty": _empty,
        "positions": {
            "cond": [*range(n), *range(n, n + len(for_cond))],
            "body": [*range(n), *range(n + len(for_cond), len(inputs))],
        },
    }
    node = outer.create_op(while_op, inputs, attrs, None, [t.dtype.base_dtype for t in tensors], shapes)
    sub.record_on_tapes(node)
    return rebuild(list(node.outputs[k:]))


class _Shaped:
    """A tensor as the loop sees it: with the shape that holds for every trip."""

    def __init__(self, tensor: SymbolicTensor, shape: TensorShape):
        self.dtype, self.shape, self.op = tensor.dtype, shape, tensor.op


def _loop_shapes(loop_vars: Any, tensors: list[Any]) -> list[TensorShape]:
    """The shape that each tensor of a loop has on every trip, if nobody says otherwise."""
    shapes: list[TensorShape] = []
    for leaf in nest.flatten(loop_vars):
        shapes += leaf._loop_shapes() if hasattr(leaf, "_loop_shapes") else [tensors[len(shapes)].shape]
    return shapes


def _invariants(loop_vars: Any, shape_invariants: Any) -> list[TensorShape]:
    """The shapes given for the loop variables; a TensorArray keeps its own."""
    leaves, given = nest.flatten(loop_vars), _flat_shapes(shape_invariants)
    if len(leaves) != len(given):
        raise ValueError(
            f"shape_invariants must have the structure of loop_vars, not {len(given)} shapes for {len(leaves)} variables."
        )
    shapes: list[Any] = []
    for leaf, s in zip(leaves, given):
        shapes += leaf._loop_shapes() if hasattr(leaf, "_loop_shapes") else [as_shape(getattr(s, "shape", s))]
    return shapes


def _flat_shapes(shapes: Any) -> list[Any]:
    if isinstance(shapes, TensorShape) or shapes is None or hasattr(shapes, "shape"):
        return [shapes]
    if isinstance(shapes, dict):
        return [s for k in sorted(shapes) for s in _flat_shapes(shapes[k])]
    if isinstance(shapes, (list, tuple)) and all(isinstance(s, int) or s is None for s in shapes) and shapes:
        return [shapes]
    return [s for inner in shapes for s in _flat_shapes(inner)]


def check_trip(tensors: list[SymbolicTensor], shapes: list[TensorShape], after: list[SymbolicTensor]) -> None:
    """Raises TypeError or ValueError for a loop variable that a trip changes in dtype or shape."""
    for t, s, a in zip(tensors, shapes, after):
        if a.dtype.base_dtype is not t.dtype.base_dtype:
            raise TypeError(
                f"Loop var {t.name} enters the loop with type {t.dtype.base_dtype!r}, but has type "
                f"{a.dtype.base_dtype!r} after one iteration."
            )
        if not a.shape.is_subtype_of(s):
            raise ValueError(
                f"Input tensor {t.name!r} enters the loop with shape {s}, but has shape {a.shape} after one "
                f"iteration. To allow the "
                "shape to vary across iterations, use the `shape_invariants` argument of tf.while_loop to specify a "
                "less-specific shape."
            )

"""`tf.cond`, `tf.case`, `tf.switch_case`: branches as subgraphs of one op.

Eagerly the branch simply runs. Source: https://www.tensorflow.org/api_docs/python/tf/cond
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors, nest
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import Graph, Operation, name_scope
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.registry import register
from thalweg.engine.core.tensor import SymbolicTensor, Tensor
from thalweg.engine.execution import subgraph as sub
from thalweg.engine.ops.gradients import zeros_like
from thalweg.engine.xp import is_concrete, jax

# -- the op: an index chooses among branches -------------------------------------------------------------------


def _branches(attrs: dict[str, Any]) -> list[Any]:
    return [attrs[f"branch_{i}"] for i in range(attrs["count"])]


def _of_branch(attrs: dict[str, Any], i: int, inputs: Any) -> Any:
    return [inputs[j] for j in attrs["positions"][f"branch_{i}"]]


def _chosen(index: Any, count: int) -> int:
    i = int(index)
    return i if 0 <= i < count else count - 1


def _run(xp: Any, *inputs: Any, **attrs: Any) -> Any:
    i = _chosen(inputs[0], attrs["count"])
    branch = attrs[f"branch_{i}"]
    outputs = branch.interpret(_of_branch(attrs, i, inputs))
    if "like" in attrs:  # a gradient: where the branch has none it is zero, as large as what it belongs to
        zeros = [y if there else _zeros(inputs[j]) for y, there, j in zip(outputs, branch.present, attrs["like"])]
        return [*zeros, *outputs[len(zeros) :]]  # behind them: what a gradient of this gradient asked for
    return outputs


def _zeros(x: Any) -> np.ndarray:
    return np.zeros_like(np.asarray(x.read() if isinstance(x, Cell) else x))


def _trace(inputs: list[Any], attrs: dict[str, Any], shadows: dict[int, Cell]) -> Any:
    branches = _branches(attrs)
    if is_concrete(inputs[0]):
        i = _chosen(inputs[0], len(branches))
        return branches[i].trace(_of_branch(attrs, i, inputs), shadows)
    cells = cells_among(inputs, shadows) + [shadows[id(c)] for b in branches for c in b.state_cells()]
    before = [c.value for c in cells]

    def branch(i: int) -> Callable[[], Any]:
        def run() -> Any:
            for c, v in zip(cells, before):
                c.value = v
            outs = branches[i].trace(_of_branch(attrs, i, inputs), shadows, fill=False)
            return [None if v is None else jax().numpy.asarray(v) for v in outs], [c.value for c in cells]

        return run

    shapes = [jax().eval_shape(branch(i))[0] for i in range(len(branches))]
    wanted: list[Any] = [next((s for s in column if s is not None), None) for column in zip(*shapes)]
    _check_same(shapes)

    def filled(i: int) -> Callable[[], Any]:
        def run() -> Any:
            outs, values = branch(i)()
            full = [jax().numpy.zeros(w.shape, w.dtype) if v is None else v for v, w in zip(outs, wanted)]
            return full, values

        return run

    index = jax().numpy.where((inputs[0] >= 0) & (inputs[0] < len(branches)), inputs[0], len(branches) - 1)
    outs, after = jax().lax.switch(index, [filled(i) for i in range(len(branches))])
    for c, v in zip(cells, after):
        c.value = v
    return outs


def _check_same(shapes: list[Any]) -> None:
    for column in zip(*shapes):
        there = [s for s in column if s is not None]
        if any((s.shape, s.dtype) != (there[0].shape, there[0].dtype) for s in there[1:]):
            raise errors.NeedsHost("The branches give different shapes.")


def cells_among(inputs: list[Any], shadows: dict[int, Cell]) -> list[Cell]:
    return list({id(x): x for x in inputs if isinstance(x, Cell)}.values())


case_op = register(sub.SubgraphOp(_run, "Case", _trace))


@case_op.vjp
def _(y: Any, g: Any, index: Any, *inputs: Any, **attrs: Any) -> Any:
    node: Operation = y[0].op
    outer = node.graph
    parts: list[sub.Subgraph] = _branches(attrs)
    spans = [_of_branch(attrs, i, node._inputs) for i in range(len(parts))]
    plans = []
    for part in parts:
        which = [
            i
            for i, d in enumerate(g)
            if d is not None and i < len(part.outputs) and part.outputs[i] is not None and sub.float_like(part.outputs[i])
        ]
        sources = [i for i, t in enumerate(part.inputs) if sub.differentiable_input(t)]
        plans.append((which, sources, sub.Differentiated(part, which, sources)))
    _expose(node, parts, [p[2].needs for p in plans])
    positions_of: dict[str, list[int]] = {}
    grad_inputs, grad_parts, like = [node._inputs[0]], {}, []
    for i, (part, span, (which, _, back)) in enumerate(zip(parts, spans, plans)):
        feeds = [*back.seeds, *part.inputs, *back.needs]
        outputs = (
            [None] * sum(len(p[1]) for p in plans[:i]) + list(back.gradients) + [None] * sum(len(p[1]) for p in plans[i + 1 :])
        )
        outside = [convert.convert_to_tensor(g[j]) for j in which] + list(span) + [_outer_of(node, part, t) for t in back.needs]
        positions_of[f"branch_{i}"] = list(range(len(grad_inputs), len(grad_inputs) + len(outside)))
        like += [len(grad_inputs) + len(which) + s for s in plans[i][1]]
        grad_inputs += outside
        grad_parts[f"branch_{i}"] = sub.Subgraph(part.graph, feeds, outputs, [])
    flat_sources = [spans[i][s] for i, p in enumerate(plans) for s in p[1]]
    keep = [any(gp.outputs[k] is not None for gp in grad_parts.values()) for k in range(len(flat_sources))]
    for gp in grad_parts.values():
        gp.outputs = [o for o, k in zip(gp.outputs, keep) if k]
    wanted = [s for s, k in zip(flat_sources, keep) if k]
    if not wanted:
        return (None,) * len(node._inputs)
    attrs_new = {**grad_parts, "positions": positions_of, "count": len(parts), "like": [j for j, k in zip(like, keep) if k]}
    made = outer.create_op(
        case_op,
        grad_inputs,
        attrs_new,
        "gradient",
        [sub.value_dtype(t) for t in wanted],
        [sub.value_shape(t) for t in wanted],
    )
    sub.record_on_tapes(made)
    result: list[Any] = [None] * len(node._inputs)
    positions = [attrs["positions"][f"branch_{i}"][s] for i, p in enumerate(plans) for s in p[1]]
    for position, value in zip([p for p, k in zip(positions, keep) if k], made.outputs):
        result[position] = value
    return tuple(result)


def _expose(node: Operation, parts: list[sub.Subgraph], needs: list[list[SymbolicTensor]]) -> None:
    """Give the node an output for each intermediate that a backward part needs; the other branches have none there."""
    for i, (part, wanted) in enumerate(zip(parts, needs)):
        missing = [t for t in wanted if not any(t is o for o in part.outputs)]
        sub.add_outputs(node, missing, [t.shape for t in missing])
        for j, other in enumerate(parts):
            other.outputs.extend(missing if i == j else [None] * len(missing))


def _outer_of(node: Operation, part: sub.Subgraph, t: SymbolicTensor) -> SymbolicTensor:
    return node.outputs[next(i for i, o in enumerate(part.outputs) if o is t)]


# -- building --------------------------------------------------------------------------------------------------


def _trace_branches(outer: Graph, functions: list[Callable[[], Any]], name: str, index: SymbolicTensor) -> Any:
    parts, results = [], []
    for i, function in enumerate(functions):
        part, result = sub.build(outer, f"{name}_branch_{i}", function, [])
        with part.graph.as_default():
            result = nest.map_structure(_as_result, result)
        part.inputs = part.graph.inputs  # type: ignore[attr-defined]
        parts.append(part)
        results.append(result)
    _check_structures(results)
    results = _merge_opaque(parts, results)
    for part, result in zip(parts, results):
        part.outputs = [t for t in sub.expand(result)[0] if isinstance(t, SymbolicTensor)]
    _check_dtypes(parts)
    positions: dict[str, list[int]] = {}
    inputs: list[Any] = [index]
    for i, part in enumerate(parts):
        captured = sub.outer_inputs(outer, part)
        positions[f"branch_{i}"] = list(range(len(inputs), len(inputs) + len(captured)))
        inputs += captured
    attrs = {f"branch_{i}": p for i, p in enumerate(parts)} | {"positions": positions, "count": len(parts)}
    shapes = []
    for column in zip(*[p.outputs for p in parts]):
        shape = column[0].shape
        for t in column[1:]:
            shape = shape.most_specific_compatible_shape(t.shape)
        shapes.append(shape)
    node = outer.create_op(case_op, inputs, attrs, name, [t.dtype for t in parts[0].outputs], shapes)
    outputs = tuple(node.outputs)
    sub.record_on_tapes(node)
    if not outputs:
        return node
    values = iter(outputs)
    flat, rebuild = sub.expand(results[0])
    return rebuild([next(values) if isinstance(t, SymbolicTensor) else t for t in flat])


class BranchValue:
    """A result of a branch that is no tensor; `merge` says what stands in all branches, given another one's result."""

    def merge(self, other: Any) -> Any:
        raise NotImplementedError


def _merge_opaque(parts: list[sub.Subgraph], results: list[Any]) -> list[Any]:
    """Where a branch has a value that is no tensor, let it say what stands there in all of them.

    A branch that has nothing where the others have a tensor gives zeros, which nobody reads.
    """
    leaves = [nest.flatten(r) for r in results]
    for column in range(len(leaves[0])):
        values = [row[column] for row in leaves]
        if not any(isinstance(v, BranchValue) for v in values):
            continue
        merged = values[0]
        for v in values[1:]:
            if isinstance(merged, BranchValue):
                merged = merged.merge(v)
            elif isinstance(v, BranchValue):
                merged = v.merge(merged)
        for part, row in zip(parts, leaves):
            if isinstance(merged, SymbolicTensor) and not isinstance(row[column], SymbolicTensor):
                sizes = [d or 0 for d in merged.shape.as_list()] if merged.shape.rank is not None else []
                row[column] = part.graph.constant(np.zeros(sizes, merged.dtype.np_dtype))
            elif not isinstance(merged, SymbolicTensor):
                row[column] = merged
    return [nest.pack_sequence_as(r, row) for r, row in zip(results, leaves)]


def _as_result(y: Any) -> Any:
    if isinstance(y, BranchValue):
        return y
    if hasattr(y, "_loop_parts"):
        return y._with_loop_parts([convert.convert_to_tensor(t) for t in y._loop_parts()])
    if y is None or isinstance(y, (Operation, IndexedSlices)):
        return None if not isinstance(y, IndexedSlices) else convert.convert_to_tensor(y)
    if hasattr(y, "handle") or isinstance(y, (Tensor, np.ndarray, np.generic, bool, int, float, complex, str, bytes)):
        return convert.convert_to_tensor(y)
    return convert.convert_to_tensor(y)


def _check_structures(results: list[Any]) -> None:
    for i, other in enumerate(results[1:], 1):
        try:
            nest.assert_same_structure(results[0], other, check_types=False)
        except (ValueError, TypeError) as error:
            raise TypeError(
                f"true_fn and false_fn arguments to tf.cond must have the same number, type, and overall structure of "
                f"return values: "
                f"branch 0 returned {results[0]!r}, branch {i} returned {other!r} ({error})"
            ) from None


def _check_dtypes(parts: list[sub.Subgraph]) -> None:
    for position, column in enumerate(zip(*[p.outputs for p in parts])):
        for t in column[1:]:
            if t.dtype.base_dtype is not column[0].dtype.base_dtype:
                raise TypeError(
                    f"The branches return different dtypes in position {position}: {column[0].dtype.name} and "
                    f"{t.dtype.name}. Convert one with tf.cast."
                )


def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, name: str | None = None) -> Any:
    """`true_fn()` if the scalar `pred` is true, else `false_fn()`.

    Both must return the same structure of tensors. Raises TypeError for functions that are none.

    >>> tf.cond(tf.constant(2) > 1, lambda: tf.constant("yes"), lambda: tf.constant("no")).numpy()
    b'yes'
    """
    for what, function in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(function):
            raise TypeError(f"'{what}' must be callable.")
    if isinstance(pred, (bool, np.bool_)) or (isinstance(pred, (int, np.integer)) and local.graph is None):
        return true_fn() if pred else false_fn()
    if local.graph is None and not isinstance(pred, SymbolicTensor) and not getattr(pred, "_is_graph_variable", False):
        return true_fn() if convert.convert_to_tensor(pred) else false_fn()
    return _in_graph(pred, true_fn, false_fn, name or "cond")


def _in_graph(pred: Any, true_fn: Any, false_fn: Any, name: str) -> Any:
    from thalweg.engine.core import context
    from thalweg.engine.ops.shaping import cast

    outer = local.graph if local.graph is not None else pred.graph
    with context.building(outer):
        pred = convert.convert_to_tensor(pred)
        if pred.shape.rank not in (None, 0):
            raise ValueError(f"pred must not be a Python bool or a tensor of rank {pred.shape.rank}: tf.cond needs a scalar.")
        if pred.dtype is not dtypes.bool:
            raise TypeError(f"pred must be a bool tensor, not {pred.dtype.name}.")
        with name_scope(name):
            index = cast(pred, dtypes.int32)
            return _trace_branches(outer, [false_fn, true_fn], name, index)


def switch_case(branch_index: Any, branch_fns: Any, default: Any = None, name: str = "switch_case") -> Any:
    """The function at `branch_index` (a scalar int tensor); `default`, or the last one, when there is none.

    `branch_fns` is a list of functions, a dict, or a list of pairs of int and function.
    """
    functions = _numbered(branch_fns)
    keys = sorted(functions)
    if keys != list(range(len(keys))):
        raise ValueError(
            f"branch indices must form contiguous range of [0 to {len(keys)}) but found {{{', '.join(map(str, keys))}}}"
        )
    listed = [functions[k] for k in keys] + ([default] if default is not None else [])
    if any(not callable(f) for f in listed):
        raise TypeError("Every branch must be callable.")
    if local.graph is None and not isinstance(branch_index, SymbolicTensor):
        return listed[_chosen(convert.convert_to_tensor(branch_index).numpy(), len(listed))]()
    from thalweg.engine.core import context

    outer = local.graph if local.graph is not None else branch_index.graph
    with context.building(outer):
        index = convert.convert_to_tensor(branch_index)
        if not index.dtype.is_integer:
            raise TypeError(f"branch_index must be an integer tensor, not {index.dtype.name}.")
        return _trace_branches(outer, listed, name, index)


def _numbered(branch_fns: Any) -> dict[int, Any]:
    if isinstance(branch_fns, dict):
        return dict(branch_fns)
    if not isinstance(branch_fns, (list, tuple)) or not branch_fns:
        raise TypeError("branch_fns must be a list, a dict, or a list of pairs of int and callable.")
    if all(callable(f) for f in branch_fns):
        return dict(enumerate(branch_fns))
    return {int(k): f for k, f in branch_fns}


def case(pred_fn_pairs: Any, default: Any = None, exclusive: bool = False, strict: bool = False, name: str = "case") -> Any:
    """The function of the first true predicate, else `default`. With `exclusive` at most one may be true."""
    pairs = list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, dict) else list(pred_fn_pairs)
    pairs = [(p.deref() if hasattr(p, "deref") else p, f) for p, f in pairs]
    if not all(callable(f) for _, f in pairs) or (default is not None and not callable(default)):
        raise TypeError("The functions of tf.case must be callable.")
    if local.graph is None and not any(isinstance(p, SymbolicTensor) for p, _ in pairs):
        true = [f for p, f in pairs if bool(p)]
        if exclusive and len(true) > 1:
            raise errors.invalid("Input error: more than one of the exclusive conditions of tf.case is true.")
        if not true and default is None:
            raise errors.invalid("None of the conditions of tf.case evaluated as True, and there is no default.")
        return true[0]() if true else default()
    last = default if default is not None else pairs[-1][1]
    chain = last
    for p, f in reversed(pairs if default is not None else pairs[:-1]):
        chain = lambda p=p, f=f, rest=chain: cond(p, f, rest)
    with name_scope(name):
        return chain()


__all__ = ["case", "cond", "switch_case", "zeros_like"]

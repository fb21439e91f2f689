"""AutoGraph: Python's `if`, `while`, `for`, `and`, `or`, `not`, `assert`, `print` over tensors become graph ops.

The transformation of source code is the `malt` package's (the stand-alone AutoGraph); what the transformed statements do is
here: Python's own meaning for Python values, a graph's for symbolic tensors.
Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/index.md
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import threading
from collections.abc import Callable, Iterator
from typing import Any

import malt.core.config as malt_config
import malt.impl.api as malt_api
from malt.core import config_lib, converter
from malt.operators import control_flow as python_control_flow
from malt.operators.variables import Undefined, UndefinedReturnValue

from thalweg.engine.core import convert, dtypes, graph as graphs, nest
from thalweg.engine.core.context import local
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.tensor import SymbolicTensor, Tensor
from thalweg.engine.execution import subgraph as sub
from thalweg.engine.execution.conditional import BranchValue, cond as graph_cond
from thalweg.engine.execution.loops import while_loop

_lock = threading.RLock()
_LEFT_ALONE = tuple(config_lib.DoNotConvert(m) for m in ("thalweg", "jax", "scipy", "sklearn", "h5py"))


class _Transpiler(malt_api.PyToPy):
    """Malt's transformer, with our meaning of the operators."""

    def get_extra_locals(self) -> dict[str, Any]:
        if self._extra_locals is None:
            module = super().get_extra_locals()["ag__"]
            module.__dict__.update(OPERATORS)
        return self._extra_locals

    def transform_function(self, fn: Any, user_context: Any) -> Any:
        result = super().transform_function(fn, user_context)
        for generated, origin in result[2].items():  # so that an op remembers the user's own line
            graphs.SOURCE_LINES[generated.filename, generated.lineno] = (origin.loc.filename, origin.loc.lineno)
        return result


_transpiler = _Transpiler()


@contextlib.contextmanager
def _our_operators() -> Iterator[None]:
    """Malt looks its transformer up in a global: ours stands there while a function of ours is traced."""
    with _lock:
        before, malt_api._TRANSPILER = malt_api._TRANSPILER, _transpiler
        rules, malt_config.CONVERSION_RULES = malt_config.CONVERSION_RULES, (*_LEFT_ALONE, *malt_config.CONVERSION_RULES)
        try:
            yield
        finally:
            malt_api._TRANSPILER, malt_config.CONVERSION_RULES = before, rules


def transform(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its control flow made fit for tensors. It must be called while tracing."""
    features = (converter.Feature.ASSERT_STATEMENTS, converter.Feature.BUILTIN_FUNCTIONS)
    options = converter.ConversionOptions(recursive=True, user_requested=True, optional_features=features)

    @functools.wraps(function)
    def converted(*args: Any, **kwargs: Any) -> Any:
        with _our_operators():
            try:
                return malt_api.converted_call(function, args, kwargs, options=options)
            except Exception as error:
                _note_place(error)
                raise

    return converted


def _note_place(error: Exception) -> None:
    """Add the user's own line to an error raised in transformed code."""
    metadata = getattr(error, "ag_error_metadata", None)
    if metadata is None or getattr(error, "_place_noted", False):
        return
    own = [f for f in metadata.translated_stack if f.is_converted]
    if own:
        frame = own[-1] if own[-1].lineno else own[0]
        error._place_noted = True  # type: ignore[attr-defined]
        error.add_note(f"in user code: {frame.filename}:{frame.lineno}, in {frame.function_name}: {(frame.code or '').strip()}")


def _symbolic(*values: Any) -> bool:
    return any(
        isinstance(v, SymbolicTensor) or (local.graph is not None and hasattr(v, "handle") and hasattr(v, "_read")) for v in values
    )


def _is_value(v: Any) -> bool:
    """Whether a Python value can live in a tensor."""
    if isinstance(v, (Undefined, UndefinedReturnValue)):
        return False  # these answer every question about attributes with yes
    return (
        isinstance(v, (Tensor, bool, int, float, complex))
        or hasattr(v, "_read")
        or type(v).__module__ == "numpy"
        or hasattr(v, "_loop_parts")
    )


# -- branches ----------------------------------------------------------------------------------------------------


def if_stmt(condition: Any, body: Any, orelse: Any, get_state: Any, set_state: Any, symbol_names: Any, nouts: int) -> Any:
    """`if`: a graph's cond for a symbolic condition."""
    if not _symbolic(condition):
        return body() if condition else orelse()
    start = get_state()

    def branch(run: Callable[[], Any]) -> Callable[[], Any]:
        def traced() -> Any:
            set_state(start)
            run()
            return [_Opaque(v) if not _is_value(v) else v for v in get_state()[:nouts]]

        return traced

    results = graph_cond(_scalar_bool(condition), branch(body), branch(orelse))
    final = list(start)
    for i, value in enumerate(results if nouts else ()):
        final[i] = value.value if isinstance(value, _Opaque) else value
    set_state(tuple(final))
    return None


class _Opaque(BranchValue):
    """A value of a branch that is no tensor: it must be the same in all branches, or be undefined in one."""

    def __init__(self, value: Any):
        self.value = value

    def merge(self, other: Any) -> Any:
        """What the conditional gives where one branch has this and the other `other`. Raises TypeError when it has no answer."""
        if isinstance(other, _Opaque):
            if other.value is self.value or (
                type(other.value) is type(self.value) and isinstance(self.value, (Undefined, UndefinedReturnValue))
            ):
                return self
            if not isinstance(self.value, (Undefined, UndefinedReturnValue)) and _equal(self.value, other.value):
                return self
            if isinstance(self.value, (list, tuple, dict)) and isinstance(other.value, type(self.value)):
                return self
        if isinstance(self.value, UndefinedReturnValue):
            return other
        if isinstance(self.value, Undefined):
            raise ValueError(f"'{self.value.symbol_name}' must also be initialized in the other branch of the conditional.")
        raise TypeError(
            f"One branch of the conditional gives {self.value!r}, the other "
            f"{other.value if isinstance(other, _Opaque) else other!r}: both must be tensors of one dtype."
        )


def _equal(a: Any, b: Any) -> bool:
    try:
        return bool(a == b)
    except Exception:
        return False


def _scalar_bool(x: Any) -> Any:
    x = convert.convert_to_tensor(x)
    return x if x.dtype is dtypes.bool else REGISTRY["NotEqual"](x, REGISTRY["ZerosLike"](x))


def if_exp(condition: Any, if_true: Any, if_false: Any, expr_repr: str) -> Any:
    """`a if c else b`."""
    if not _symbolic(condition):
        return if_true() if condition else if_false()
    return graph_cond(_scalar_bool(condition), if_true, if_false)


# -- logic -------------------------------------------------------------------------------------------------------


def and_(a: Any, b: Any) -> Any:
    first = a()
    return graph_cond(first, b, lambda: first) if _symbolic(first) else first and b()


def or_(a: Any, b: Any) -> Any:
    first = a()
    return graph_cond(first, lambda: first, b) if _symbolic(first) else first or b()


def not_(a: Any) -> Any:
    return REGISTRY["LogicalNot"](a) if _symbolic(a) else not a


def assert_stmt(expression1: Any, expression2: Any) -> Any:
    """`assert`: an op that checks when the graph runs."""
    if not _symbolic(expression1):
        assert expression1, expression2()
        return None
    from thalweg.engine.ops.assertions import Assert

    message = expression2()
    return Assert(expression1, [message] if not isinstance(message, (list, tuple)) else list(message))


# -- loops -------------------------------------------------------------------------------------------------------


class _State:
    """The variables of a loop: those that hold tensors go through the graph, others must stay what they are."""

    def __init__(self, get_state: Any, set_state: Any, names: Any, body: Callable[[], Any]):
        self.get, self.set, self.names = get_state, set_state, names
        values = list(get_state())
        unknown = [i for i, v in enumerate(values) if isinstance(v, (Undefined, UndefinedReturnValue))]
        if unknown:
            self._fill(values, unknown, body)
        self.all = values
        self.positions = [i for i, v in enumerate(values) if _is_value(v) and not hasattr(v, "assign")]

    def _fill(self, values: list[Any], unknown: list[int], body: Callable[[], Any]) -> None:
        """A variable first set inside the loop: trace the body aside to see what it holds, and start from zeros."""
        before = tuple(values)

        def aside() -> Any:
            self.set(before)
            body()
            return None

        found: list[Any] = []

        def look() -> Any:
            aside()
            found.extend(self.get())
            return None

        sub.build(local.graph, "aside", look, [])
        self.set(before)
        for i in unknown:
            v = found[i]
            if isinstance(v, (Undefined, UndefinedReturnValue)):
                continue
            if not isinstance(v, Tensor):
                if _is_value(v):
                    values[i] = convert.convert_to_tensor(v)
                continue
            sizes = [d or 0 for d in v.shape.as_list()] if v.shape.rank is not None else []
            values[i] = convert.convert_to_tensor(np_zeros(sizes, v.dtype))

    def tensors(self) -> list[Any]:
        return [
            self.all[i] if hasattr(self.all[i], "_loop_parts") else convert.convert_to_tensor(self.all[i]) for i in self.positions
        ]

    def put(self, tensors: Any) -> None:
        values = list(self.all)
        for i, t in zip(self.positions, tensors):
            values[i] = t
        self.set(tuple(values))

    def take(self) -> list[Any]:
        values = self.get()
        for i, (v, before) in enumerate(zip(values, self.all)):
            if (
                i not in self.positions
                and v is not before
                and not _equal(v, before)
                and not isinstance(before, (Undefined, UndefinedReturnValue))
            ):
                raise TypeError(
                    f"'{self.names[i]}' holds {before!r} before the loop and {v!r} after a trip: in a loop over "
                    f"tensors a variable that "
                    "changes must hold a tensor. Use a tf.TensorArray for lists."
                )
        return [
            v if hasattr(v, "_loop_parts") else convert.convert_to_tensor(v, dtype_hint=t.dtype)
            for v, t in zip((values[i] for i in self.positions), (self.tensors_like()))
        ]

    def tensors_like(self) -> list[Any]:
        return [_Hint(self.all[i]) for i in self.positions]


class _Hint:
    def __init__(self, value: Any):
        self.dtype = value.dtype.base_dtype if isinstance(getattr(value, "dtype", None), dtypes.DType) else None


def np_zeros(sizes: list[int], dtype: Any) -> Any:
    import numpy as np

    return np.zeros(sizes, dtype.as_numpy_dtype)


def while_stmt(test: Any, body: Any, get_state: Any, set_state: Any, symbol_names: Any, opts: Any) -> None:
    """`while`: a graph's loop for a symbolic test."""
    first = test()
    if not _symbolic(first):
        python_control_flow._py_while_stmt(test, body, get_state, set_state, opts)
        return
    state = _State(get_state, set_state, symbol_names, body)

    def goes_on(*values: Any) -> Any:
        state.put(values)
        return _scalar_bool(test())

    def trip(*values: Any) -> Any:
        state.put(values)
        body()
        return state.take()

    _run_loop(goes_on, trip, state, opts)


def _run_loop(goes_on: Any, trip: Any, state: _State, opts: Any) -> None:
    options = dict(opts or {})
    limit = options.get("maximum_iterations")
    tensors = state.tensors()
    if not tensors:  # something must be carried: a count of nothing
        while_loop(lambda _: goes_on(), lambda n: (trip(), [n + 1])[1], [convert.convert_to_tensor(0)], maximum_iterations=limit)
        state.put([])
        return
    invariants = _invariants(options.get("shape_invariants"), state, tensors)
    state.put(while_loop(goes_on, trip, tensors, shape_invariants=invariants, maximum_iterations=limit))


def _invariants(given: Any, state: _State, tensors: list[Any]) -> Any:
    if not given:
        return None
    by_id = {id(t): s for t, s in given}
    return [by_id.get(id(state.all[i]), t.shape) for i, t in zip(state.positions, tensors)]


def for_stmt(iter_: Any, extra_test: Any, body: Any, get_state: Any, set_state: Any, symbol_names: Any, opts: Any) -> None:
    """`for`: a graph's loop over the rows of a symbolic tensor, over a range of tensors, over a dataset."""
    if hasattr(iter_, "_autograph_for"):
        iter_._autograph_for(extra_test, body, get_state, set_state, symbol_names, opts)
        return
    if isinstance(iter_, _Range):
        _for_range(iter_, extra_test, body, get_state, set_state, symbol_names, opts)
    elif _symbolic(iter_):
        rows = convert.convert_to_tensor(iter_)
        if rows.shape.rank == 0:
            raise TypeError(f"Cannot iterate over a scalar tensor ({rows.name}).")
        count = rows.shape[0] if rows.shape.rank is not None and rows.shape[0] is not None else REGISTRY["Shape"](rows)[0]
        each = _Range(0, count, 1)
        _for_range(each, extra_test, lambda i: body(rows[i]), get_state, set_state, symbol_names, opts)
    else:
        python_control_flow._py_for_stmt(iter_, extra_test, body, get_state, set_state, symbol_names, opts)


class _Range:
    """`range` of tensors: counts in the graph."""

    def __init__(self, start: Any, stop: Any, step: Any):
        dtype = next((t.dtype for t in (start, stop, step) if isinstance(t, Tensor)), dtypes.int32)
        self.start, self.stop, self.step = (
            convert.convert_to_tensor(t, dtype=None if isinstance(t, Tensor) else dtype) for t in (start, stop, step)
        )


def _for_range(r: _Range, extra_test: Any, body: Any, get_state: Any, set_state: Any, names: Any, opts: Any) -> None:
    state = _State(get_state, set_state, names, lambda: body(r.start))
    n = len(state.positions)

    def goes_on(i: Any, *values: Any) -> Any:
        state.put(values)
        zero = REGISTRY["ZerosLike"](i)
        inside = REGISTRY["SelectV2"](r.step > zero, i < r.stop, i > r.stop)
        return inside if extra_test is None else graph_cond(inside, lambda: _scalar_bool(extra_test()), lambda: inside)

    def trip(i: Any, *values: Any) -> Any:
        state.put(values)
        body(i)
        return [i + r.step, *state.take()]

    options = dict(opts or {})
    tensors = state.tensors()
    invariants = _invariants(options.get("shape_invariants"), state, tensors)
    result = while_loop(
        goes_on,
        trip,
        [r.start, *tensors],
        shape_invariants=None if invariants is None else [r.start.shape, *invariants],
        maximum_iterations=options.get("maximum_iterations"),
    )
    state.put(result[1 : n + 1])


# -- calls -------------------------------------------------------------------------------------------------------


def converted_call(f: Any, args: Any, kwargs: Any, caller_fn_scope: Any = None, options: Any = None) -> Any:
    """A call from transformed code: builtins that have a meaning for tensors get it, users' functions are transformed."""
    override = _BUILTINS.get(f) if isinstance(f, _HASHABLE_BUILTINS) else None
    if override is not None and _symbolic(*args):
        return override(*args, **(kwargs or {}))
    return malt_api.converted_call(f, args, kwargs, caller_fn_scope, options)


_HASHABLE_BUILTINS = (type, type(len))


def _print(*values: Any, **kwargs: Any) -> Any:
    import thalweg

    return thalweg.print(  # type: ignore[misc]
        *values, **{k: v for k, v in kwargs.items() if k in ("sep", "end")}
    )


def _range(*args: Any) -> _Range:
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    return _Range(start, stop, step)


def _len(x: Any) -> Any:
    if x.shape.rank == 0:
        raise TypeError("len() of a scalar tensor.")
    return x.shape[0] if x.shape.rank is not None and x.shape[0] is not None else REGISTRY["Shape"](x)[0]


def _reduced(pick: str) -> Callable[..., Any]:
    def builtin(*args: Any, **kwargs: Any) -> Any:
        import thalweg as tf

        if len(args) == 1 and isinstance(args[0], Tensor):
            return getattr(tf, "reduce_" + pick)(args[0])
        return functools.reduce(tf.minimum if pick == "min" else tf.maximum, args)

    return builtin


def _cast_to(dtype: dtypes.DType) -> Callable[..., Any]:
    return lambda x, *_: REGISTRY["Cast"](x, DstT=dtype) if x.dtype is not dtype else x


_BUILTINS: dict[Any, Callable[..., Any]] = {
    print: _print,
    range: _range,
    len: _len,
    min: _reduced("min"),
    max: _reduced("max"),
    int: _cast_to(dtypes.int32),
    float: _cast_to(dtypes.float32),
    bool: _scalar_bool,
    enumerate: lambda x, start=0: [(start + i, x[i]) for i in range(_len(x))],
    any: lambda x: REGISTRY["Any"](x, 0),
    all: lambda x: REGISTRY["All"](x, 0),
    abs: lambda x: REGISTRY["Abs"](x),
}

OPERATORS = {
    "if_stmt": if_stmt,
    "if_exp": if_exp,
    "and_": and_,
    "or_": or_,
    "not_": not_,
    "assert_stmt": assert_stmt,
    "while_stmt": while_stmt,
    "for_stmt": for_stmt,
    "converted_call": converted_call,
    "eq": lambda a, b: a == b,
    "not_eq": lambda a, b: a != b,
}

__all__ = ["nest", "transform"]

"""The op table, and what calling an op does: run its kernel now, or add a node to a graph.

`@op(...)` over a kernel makes a record; the record is the callable. See docs/design.md, "One op, one record".
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.composite import CompositeTensor
from thalweg.engine.core.context import local, run_quietly
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.graph import Graph, Operation, get_default_graph
from thalweg.engine.core.host_inputs import (
    handle,
    host_input,
    set_static_evaluator as set_static_evaluator,
    static_value as static_value,
)
from thalweg.engine.core.quick import quick_index, quick_number
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.signature import (
    ANY as ANY,
    BASIC as BASIC,
    BOOL as BOOL,
    COMPLEX as COMPLEX,
    FLOAT as FLOAT,
    HOST as HOST,
    INDEX as INDEX,
    INEXACT as INEXACT,
    INTEGER as INTEGER,
    NUMERIC as NUMERIC,
    REAL as REAL,
    RESOURCE as RESOURCE,
    SIGNED as SIGNED,
    UNSIGNED as UNSIGNED,
    Sample as Sample,
    kernel_parameters,
)
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor

REGISTRY: dict[str, Op] = {}
_watchers: list[Any] = []  # `tf.debugging.enable_check_numerics`: looks at the outputs of ops added to graphs
NO_GRADIENT: Any = object()  # as a `vjp`: there is no gradient, and asking for it is an error

_new = object.__new__
_ndarray = np.ndarray


class Op:
    """One op: everything the engine knows of it, and the function that people call."""

    def __init__(
        self,
        kernel: Callable[..., Any],
        name: str,
        *,
        types: tuple[Any, ...] | None = None,
        dtypes: Iterable[DType] = ANY,  # noqa: F811
        where: dict[str, Iterable[DType]] | None = None,
        out: Any = "T",
        shape: Callable[..., Any],
        vjp: Callable[..., Any] | None = None,
        samples: Iterable[Sample] = (),
        host: bool = False,
        stateful: bool = False,
        writes: bool = False,
        elementwise: bool = False,
        own_state: Callable[..., Cell] | None = None,
        eager_state: Callable[..., Cell] | None = None,
        domain: tuple[float, float] | None = None,
        takes_missing_gradients: bool = False,
    ):
        self.kernel, self.name, self.shape = kernel, name, shape
        self.vjp_function = self._refuse_gradient if vjp is NO_GRADIENT else vjp
        self.kernel_xla: Callable[..., Any] | None = None
        self.kernel_moving: Callable[..., Any] | None = None
        self.cpu_options: dict[str, str] = {}  # how XLA should compile programs for a CPU that hold it
        self.__doc__ = kernel.__doc__
        self.__name__ = self.__qualname__ = kernel.__name__ if kernel.__name__ != "<lambda>" else snake_case(name)
        self.__module__ = kernel.__module__
        self.samples, self.host, self.writes, self.elementwise = list(samples), host, writes, elementwise
        self.stateful = stateful or writes or own_state is not None
        self.own_state, self.eager_state, self.domain = own_state, eager_state or own_state, domain
        self.has_subgraphs = False
        self.only_symbolic = False  # makes a node even where ops run at once: a placeholder
        self.takes_missing_gradients = takes_missing_gradients  # its vjp accepts None for outputs without a gradient
        self._read_signature(kernel, types)
        self.allowed: dict[str, tuple[DType, ...]] = {"T": tuple(dtypes)} | {k: tuple(v) for k, v in (where or {}).items()}
        self._allowed_sets = {k: frozenset(v) for k, v in self.allowed.items()}
        self.out = out
        self.host_positions = frozenset(i for i, t in enumerate(self.types) if t == HOST)
        self.resource_positions = frozenset(i for i, t in enumerate(self.types) if t == RESOURCE)
        self._prepare_fast_path()

    def _read_signature(self, kernel: Callable[..., Any], types: tuple[Any, ...] | None) -> None:
        self.input_names, self.defaults, self.required = kernel_parameters(kernel)
        self.types = types if types is not None else ("T",) * len(self.input_names)
        self.variadic = next((i for i, t in enumerate(self.types) if isinstance(t, str) and t.endswith("*")), None)
        if types is not None and self.variadic is None and len(types) != len(self.input_names):
            raise TypeError(f"{self.name}: {len(types)} types for the inputs {self.input_names}")

    @property
    def __signature__(self) -> inspect.Signature:
        """What a caller sees: the inputs, the attributes, and a name."""
        P = inspect.Parameter
        after = P.POSITIONAL_OR_KEYWORD if self.variadic is None else P.KEYWORD_ONLY
        inputs = [P(n, P.VAR_POSITIONAL if i == self.variadic else P.POSITIONAL_OR_KEYWORD) for i, n in enumerate(self.input_names)]
        attrs = [P(n, after, default=P.empty if n in self.required else d) for n, d in self.defaults.items()]
        return inspect.Signature([*inputs, *attrs, P("name", after, default=None)])

    def _prepare_fast_path(self) -> None:
        """Which eager calls `__call__` may make directly: nothing to convert, nothing hidden.

        `_fast` holds the numbers of the NumPy dtypes that T may be, `_checks` for the other inputs what theirs may be
        (None: that of T). An op whose inputs are all of type T needs no list.
        """
        self._first = next((i for i, t in enumerate(self.types) if t in ("T", "T*")), 0)
        self._fast: frozenset[int] = frozenset()
        self._checks: list[tuple[int, frozenset[int] | None]] | None = None
        direct = all(t in ("T", "T*", HOST) or isinstance(t, DType) or self.types.count(t) == 1 for t in self.types)
        if not direct or RESOURCE in self.types or not {"T", "T*"} & set(self.types) or self.eager_state is not None:
            return
        self._fast = _numbers(self.allowed["T"])
        if any(t not in ("T", "T*") for t in self.types):
            if self.variadic is not None:
                self._fast = frozenset()
                return
            others = {t: _numbers([t] if isinstance(t, DType) else self.allowed[t]) for t in self.types if t not in ("T", HOST)}
            self._checks = [(i, others.get(t)) for i, t in enumerate(self.types) if t != HOST]
            if self.types == ("T", HOST) and type(self) is Op:
                self.__class__ = _TensorAndHost
        elif self.variadic is None and len(self.types) <= 2 and type(self) is Op:
            self.__class__ = _OneInput if len(self.types) == 1 else _TwoInputs

    # -- declaring --------------------------------------------------------------------------------------

    def vjp(self, function: Callable[..., Any]) -> Op:
        """Decorator: the reverse-mode rule of this op."""
        self.vjp_function = function
        return self

    def _refuse_gradient(self, *_: Any, **__: Any) -> Any:
        raise LookupError(
            f"No gradient defined for operation {self.name}. Where none is wanted, put tf.stop_gradient around its result."
        )

    @property
    def refuses_gradient(self) -> bool:
        """Whether asking for its gradient is an error, as it is in TensorFlow; not to be ignored in silence."""
        return self.vjp_function == self._refuse_gradient

    def xla(self, function: Callable[..., Any]) -> Op:
        """Decorator: a second kernel, `kernel(xp, *arrays, **attrs)`, used under XLA's trace. Needs its reason."""
        self.kernel_xla = function
        return self

    def moving(self, function: Callable[..., Any]) -> Op:
        """Decorator: a kernel for XLA's trace where a HOST input is computed on the device: an index that moves with a loop.

        It gives NotImplemented for what it cannot do; the op then runs on the host.
        """
        self.kernel_moving = function
        return self

    def type_of_input(self, i: int, count: int) -> Any:
        """The declared type of input `i` when `count` inputs are given."""
        if self.variadic is None:
            return self.types[i]
        after = len(self.types) - self.variadic - 1
        if i < self.variadic:
            return self.types[i]
        if i >= count - after:
            return self.types[i - count]
        return self.types[self.variadic][:-1]

    # -- calling ----------------------------------------------------------------------------------------

    def __call__(self, *inputs: Any, name: str | None = None, **attrs: Any) -> Any:
        if local.graph is None:
            try:
                arrays = [x._array for x in inputs]
                dtype = arrays[self._first].dtype
            except (AttributeError, IndexError):
                return self._call_mixed(inputs, name, attrs)
            if dtype.num in self._fast:
                if self._checks is None:
                    for a in arrays:
                        if a.dtype is not dtype:
                            return self._call_general(inputs, name, attrs)
                elif not self._passes(arrays, dtype):
                    return self._call_general(inputs, name, attrs)
                try:
                    out = local.run_quiet(self.kernel, np, *arrays, **attrs)
                except Exception as error:
                    if isinstance(error, RuntimeError) and "cannot enter context" in str(error):
                        out = run_quietly(self.kernel, np, *arrays, **attrs)
                    else:
                        return self._call_general(inputs, name, attrs)
                if type(out) is _ndarray:
                    y: Any = _new(EagerTensor)
                    y._array = out
                else:
                    y = _wrap(out)
                if local.tapes or local.forward:
                    self._observe(inputs, attrs, y)
                return y
        return self._call_general(inputs, name, attrs)

    def _observe(self, inputs: tuple[Any, ...], attrs: dict[str, Any], y: Any) -> None:
        """Tell the tapes and forward accumulators that are on."""
        for tape in local.tapes:
            tape.record(self, inputs, attrs, y)
        if local.forward:
            self._forward(inputs, attrs, y)

    def _passes(self, arrays: list[Any], dtype: np.dtype) -> bool:
        if len(arrays) != len(self.types):
            return False
        for i, wanted in self._checks:  # type: ignore[union-attr]
            found = arrays[i].dtype
            if found is not dtype if wanted is None else found.num not in wanted:
                return False
        return True

    def _call_mixed(self, inputs: tuple[Any, ...], name: str | None, attrs: dict[str, Any]) -> Any:
        """An eager call whose inputs are not all eager tensors."""
        tensors = self._quick_tensors(inputs) if self._fast else None
        return self._call_general(inputs, name, attrs) if tensors is None else self(*tensors, name=name, **attrs)

    def _quick_tensors(self, inputs: tuple[Any, ...]) -> list[EagerTensor] | None:
        """Python numbers, axes and shapes beside eager tensors, as tensors. None: the general way must decide."""
        if self.variadic is not None or len(inputs) != len(self.types):
            return None
        first = inputs[self._first]
        if type(first) is EagerTensor:
            like = first._array
        else:
            like = next((x._array for x, t in zip(inputs, self.types) if t == "T" and type(x) is EagerTensor), None)
        tensors = []
        for x, kind in zip(inputs, self.types):
            if type(x) is not EagerTensor:
                array = quick_index(x) if kind == HOST else quick_number(x, like) if kind == "T" else None
                if array is None:
                    return None
                x = _new(EagerTensor)
                x._array = array
            tensors.append(x)
        return tensors

    def _call_general(self, inputs: tuple[Any, ...], name: str | None, attrs: dict[str, Any]) -> Any:
        if self.variadic is None and name is None and len(inputs) == len(self.types) + len(self.defaults) + 1:
            *inputs, name = inputs  # type: ignore[assignment]  # everything given by position
            inputs = tuple(inputs)
        if attrs or (self.variadic is None and len(inputs) != len(self.types)):
            inputs, attrs = self._bind(inputs, attrs)
        for x in inputs:
            if isinstance(x, CompositeTensor) and hasattr(x, "_dispatch_op"):
                return x._dispatch_op(self, inputs, attrs, name)
        if local.graph is not None:
            return self._call_symbolic(local.graph, inputs, name, attrs)
        if self.only_symbolic or any(isinstance(x, SymbolicTensor) or getattr(x, "_is_graph_variable", False) for x in inputs):
            return self._call_symbolic(self._graph_of(inputs), inputs, name, attrs)
        return self._call_eager(inputs, name, attrs)

    def _bind(self, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Inputs given by keyword take their positions; unknown keywords are refused."""
        if self.variadic is None and len(inputs) > len(self.types):  # attributes given by position
            extra = inputs[len(self.types) :]
            if len(extra) <= len(self.defaults):
                return self._bind(inputs[: len(self.types)], {**attrs, **dict(zip(self.defaults, extra))})
        given = dict(zip(self.input_names, inputs)) if self.variadic is None else None
        for key in list(attrs):
            if key in self.defaults:
                continue
            if given is None or key not in self.input_names:
                raise TypeError(f"{self.__name__}() got an unexpected keyword argument {key!r}")
            if key in given:
                raise TypeError(f"{self.__name__}() got multiple values for argument {key!r}")
            if given is not None:
                given[key] = attrs[key]
        if given is None:
            return inputs, attrs
        attrs = {k: v for k, v in attrs.items() if k in self.defaults}
        missing = [n for n in self.input_names if n not in given]
        if missing or len(inputs) > len(self.types):
            raise TypeError(
                f"{self.__name__}() missing required argument: {', '.join(map(repr, missing))}" if missing else
                f"{self.__name__}() takes {len(self.types)} tensors ({', '.join(self.input_names)}) but {len(inputs)} were given"
            )  # fmt: skip
        return tuple(given[n] for n in self.input_names), attrs

    # -- now --------------------------------------------------------------------------------------------

    def _call_eager(self, inputs: tuple[Any, ...], name: str | None, attrs: dict[str, Any]) -> Any:
        tensors, groups = self._convert_inputs(inputs, name)
        self._check_groups(groups, eager=True)
        arrays = [x._array if type(x) is EagerTensor else x for x in tensors]
        kwargs = {**self.defaults, **attrs}
        if self.eager_state is not None:
            kwargs["state"] = self.eager_state(kwargs)
        try:
            out = self.kernel(np, *arrays, **kwargs) if self.host else run_quietly(self.kernel, np, *arrays, **kwargs)
        except errors.OpError as error:
            raise type(error)(None, None, f"{error.message} [Op:{self.name}] name: {name or ''}") from None
        except Exception as error:
            self._explain(error, tensors, kwargs)
        kwargs.pop("state", None)
        y = _wrap(out)
        if y is not None:
            if local.tapes and self.vjp_function is not None:
                for tape in local.tapes:
                    tape.record(self, tensors, kwargs, y)
            if local.forward:
                self._forward(tensors, kwargs, y)
        return y

    def _forward(self, inputs: Any, attrs: dict[str, Any], y: Any) -> None:
        for accumulator in local.forward:
            accumulator.push(self, tuple(inputs), {**self.defaults, **attrs}, y)

    def _explain(self, error: Exception, tensors: list[Any], attrs: dict[str, Any]) -> None:
        """A kernel failed: say it in terms of shapes where the shape rule can, as TensorFlow's kernels do."""
        try:
            self.infer_shapes([self._static(x, i, len(tensors)) for i, x in enumerate(tensors)], attrs)
        except ValueError as rule:
            raise errors.InvalidArgumentError(None, None, f"{rule} [Op:{self.name}]") from None
        if isinstance(error, (ValueError, IndexError, np.linalg.LinAlgError)):
            raise errors.InvalidArgumentError(None, None, f"{error} [Op:{self.name}]") from error
        raise error

    # -- later ------------------------------------------------------------------------------------------

    def _graph_of(self, inputs: tuple[Any, ...]) -> Graph:
        for x in inputs:
            if isinstance(x, SymbolicTensor):
                if x.graph.finished:
                    raise TypeError(
                        f"{x!r} is out of scope: it was made while the function {x.graph.name!r} was traced. Return it from there."
                    )
                return x.graph
        return get_default_graph()

    def _call_symbolic(self, graph: Graph, inputs: tuple[Any, ...], name: str | None, attrs: dict[str, Any]) -> Any:
        before, local.graph = local.graph, graph
        try:
            scope = name or self.name
            tensors, groups = self._convert_inputs(inputs, scope)
            self._check_groups(groups, eager=False, tensors=tensors)
            kwargs = {**self.defaults, **attrs}
            try:
                shapes = self.infer_shapes([self._static(x, i, len(tensors)) for i, x in enumerate(tensors)], kwargs)
            except ValueError as rule:
                listed = ", ".join(str(t.shape) for t in tensors)
                raise ValueError(f"{rule} for op {scope!r} ({self.name}) with input shapes: {listed}.") from None
            out_dtypes = self.output_dtypes(groups, kwargs)
            node = graph.create_op(self, tensors, kwargs, name, out_dtypes, shapes)
        finally:
            local.graph = before
        y = self._result(node)
        if local.tapes and self.vjp_function is not None:
            for tape in local.tapes:
                tape.record(self, tensors, kwargs, y)
        return _watchers[0].watch(self, y) if _watchers else y

    def _result(self, node: Operation) -> Any:
        if not node.outputs and not self._out_counts():
            return node
        return node.outputs[0] if self._result_is_single(node) else tuple(node.outputs)

    def _out_counts(self) -> bool:
        return getattr(self, "many_outputs", False)

    def _result_is_single(self, node: Operation) -> bool:
        return len(node.outputs) == 1 and not isinstance(self.out, tuple) and not self._out_counts()

    def _static(self, x: Any, i: int, count: int) -> Any:
        if self.type_of_input(i, count) == HOST:
            return static_value(x)
        if isinstance(x, Tensor):
            return x.shape
        if isinstance(x, Cell):
            return x.shape
        return TensorShape(np.shape(x))

    def infer_shapes(self, statics: list[Any], attrs: dict[str, Any]) -> list[TensorShape]:
        """The output shapes for these input shapes (HOST inputs: plain values)."""
        shapes = self.shape(*statics, **attrs)
        if isinstance(shapes, TensorShape):
            return [shapes]
        return [s if isinstance(s, TensorShape) else TensorShape(s) for s in shapes]

    def output_dtypes(self, groups: dict[str, DType], attrs: dict[str, Any]) -> list[DType]:
        out = self.out(groups, attrs) if callable(self.out) else self.out
        outs = out if isinstance(out, (tuple, list)) else (out,)
        resolved = [o(groups, attrs) if callable(o) and not isinstance(o, DType) else o for o in outs]
        return [groups[o] if isinstance(o, str) else o for o in resolved]

    # -- dtypes -----------------------------------------------------------------------------------------

    def _convert_inputs(self, inputs: tuple[Any, ...], name: str | None) -> tuple[list[Any], dict[str, DType]]:
        """Every input as a tensor, HOST inputs as arrays when eager; and the dtype each letter stands for."""
        n = len(inputs)
        kinds = [self.type_of_input(i, n) for i in range(n)]
        groups = self._group_dtypes(inputs, kinds)
        building = local.graph
        tensors: list[Any] = []
        for i, (x, kind) in enumerate(zip(inputs, kinds)):
            if kind == HOST:
                t = host_input(x, building, f"{name}/{self._input_name(i)}")
                if building is not None and HOST in self.allowed and t.dtype.base_dtype not in self.allowed[HOST]:
                    self._refuse(HOST, i, t.dtype)
                tensors.append(t)
            elif kind == RESOURCE:
                tensors.append(handle(x, building))
            else:
                wanted = kind if isinstance(kind, DType) else groups.get(kind)
                t = self._convert_one(x, wanted, i, name)
                if not isinstance(kind, DType):
                    if kind not in groups:
                        groups[kind] = t.dtype.base_dtype
                    elif t.dtype.base_dtype is not groups[kind]:
                        self._mismatch(i, t, groups[kind])
                elif t.dtype.base_dtype is not kind:
                    self._mismatch(i, t, kind)
                tensors.append(t)
        return tensors, groups

    def _input_name(self, i: int) -> str:
        return self.input_names[i] if i < len(self.input_names) else f"values_{i}"

    def _convert_one(self, x: Any, wanted: DType | None, i: int, name: str | None) -> Any:
        building = local.graph
        if type(x) is EagerTensor and building is None:
            return x
        if isinstance(x, SymbolicTensor) and x.graph is building:
            return x
        scope = f"{name}/{self._input_name(i)}" if building is not None and name else None
        if wanted is None or isinstance(x, Tensor):
            return convert.convert_to_tensor(x, name=scope)
        if convert.is_convertible_object(x):
            return convert.convert_to_tensor(x, name=scope)
        try:
            return convert.convert_to_tensor(x, dtype=wanted, name=scope)
        except TypeError:
            if isinstance(x, (list, tuple)):
                raise
            raise TypeError(
                f"Cannot convert {x!r} to EagerTensor of dtype {wanted.name}: input {self._input_name(i)!r} of "
                f"{self.name} must have "
                f"the dtype of the tensor beside it. Convert one of them with tf.cast."
            ) from None

    @staticmethod
    def _group_dtypes(inputs: tuple[Any, ...], kinds: list[Any]) -> dict[str, DType]:
        """The dtype of each letter, from the first input that is a tensor (or variable): others take it."""
        groups: dict[str, DType] = {}
        for x, kind in zip(inputs, kinds):
            if isinstance(kind, str) and kind not in groups and kind not in (HOST, RESOURCE):
                dtype = getattr(x, "dtype", None)
                if isinstance(dtype, DType):
                    groups[kind] = dtype.base_dtype
        return groups

    def _mismatch(self, i: int, t: Any, wanted: DType) -> None:
        if local.graph is None:
            raise errors.InvalidArgumentError(
                None, None,
                f"cannot compute {self.name} as input #{i}(zero-based) was expected to be a {_spoken(wanted)} tensor but is a "
                f"{_spoken(t.dtype)} tensor [Op:{self.name}]. Convert one of them with tf.cast.",
            )  # fmt: skip
        raise TypeError(
            f"Input {self._input_name(i)!r} of {self.name!r} Op has type {t.dtype.base_dtype.name} that does not match type "
            f"{wanted.name} of argument {self._input_name(0)!r}."
        )

    def _check_groups(self, groups: dict[str, DType], eager: bool, tensors: Any = None) -> None:
        for letter, dtype in groups.items():
            allowed = self._allowed_sets.get(letter)
            if allowed is not None and dtype not in allowed:
                listed = ", ".join(d.name for d in self.allowed[letter])
                if eager:
                    raise errors.InvalidArgumentError(
                        None, None, f"Value for attr {letter!r} of {_spoken(dtype)} is not in the list of allowed "
                            f"values: {listed} [Op:{self.name}]"
                    )
                i = next(i for i, t in enumerate(self.types) if isinstance(t, str) and t.rstrip("*") == letter)
                self._refuse(letter, i, dtype)

    def _refuse(self, letter: str, i: int, dtype: DType) -> None:
        listed = ", ".join(d.name for d in self.allowed[letter])
        raise TypeError(
            f"Value passed to parameter {self._input_name(i)!r} has DataType {dtype.name} not in list of allowed values: {listed}"
        )

    def __repr__(self) -> str:
        return f"<op {self.name}>"


_MISSING: Any = object()


class _OneInput(Op):
    """An op of one tensor, called by a shorter way: much of what a small eager op costs is finding its kernel."""

    def __call__(self, x: Any = _MISSING, /, *more: Any, name: str | None = None, **attrs: Any) -> Any:
        if local.graph is None and not more:
            try:
                array = x._array
            except AttributeError:
                return self._call_mixed((x,) if x is not _MISSING else (), name, attrs)
            if array.dtype.num in self._fast:
                try:
                    out = local.run_quiet(self.kernel, np, array, **attrs)
                except Exception:
                    return self._call_otherwise((x,), name, attrs)
                if type(out) is _ndarray:
                    y: Any = _new(EagerTensor)
                    y._array = out
                else:
                    y = _wrap(out)
                if local.tapes or local.forward:
                    self._observe((x,), attrs, y)
                return y
        return self._call_otherwise((x, *more), name, attrs)

    def _call_otherwise(self, inputs: tuple[Any, ...], name: str | None, attrs: dict[str, Any]) -> Any:
        return Op.__call__(self, *(x for x in inputs if x is not _MISSING), name=name, **attrs)


class _TwoInputs(_OneInput):
    """As `_OneInput`, of two tensors of one dtype."""

    def __call__(self, a: Any = _MISSING, b: Any = _MISSING, /, *more: Any, name: str | None = None, **attrs: Any) -> Any:
        if local.graph is None and not more:
            try:
                x, y = a._array, b._array
            except AttributeError:
                return self._call_mixed(tuple(v for v in (a, b) if v is not _MISSING) if b is _MISSING else (a, b), name, attrs)
            dtype = x.dtype
            if y.dtype is dtype and dtype.num in self._fast:
                try:
                    out = local.run_quiet(self.kernel, np, x, y, **attrs)
                except Exception:
                    return self._call_otherwise((a, b), name, attrs)
                if type(out) is _ndarray:
                    result: Any = _new(EagerTensor)
                    result._array = out
                else:
                    result = _wrap(out)
                if local.tapes or local.forward:
                    self._observe((a, b), attrs, result)
                return result
        return self._call_otherwise((a, b, *more), name, attrs)


class _TensorAndHost(_OneInput):
    """As `_OneInput`, of a tensor and what must be known on the host: a shape, axes."""

    def __call__(self, x: Any = _MISSING, host: Any = _MISSING, /, *more: Any, name: str | None = None, **attrs: Any) -> Any:
        if local.graph is None and not more:
            try:
                array, known = x._array, host._array
            except AttributeError:
                return self._call_mixed(tuple(v for v in (x, host) if v is not _MISSING), name, attrs)
            if array.dtype.num in self._fast:
                try:
                    out = local.run_quiet(self.kernel, np, array, known, **attrs)
                except Exception:
                    return self._call_otherwise((x, host), name, attrs)
                if type(out) is _ndarray:
                    y: Any = _new(EagerTensor)
                    y._array = out
                else:
                    y = _wrap(out)
                if local.tapes or local.forward:
                    self._observe((x, host), attrs, y)
                return y
        return self._call_otherwise((x, host, *more), name, attrs)


def _numbers(allowed: Iterable[DType]) -> frozenset[int]:
    return frozenset(d.np_dtype.num for d in allowed)


def _wrap(out: Any) -> Any:
    """What a kernel gave, as tensors."""
    if isinstance(out, (tuple, list)):
        return tuple(EagerTensor(a if type(a) is _ndarray else np.asarray(a)) for a in out)
    if type(out) is bytes:  # a sum of two strings
        box = np.empty((), object)
        box[()] = out
        return EagerTensor(box)
    return None if out is None else EagerTensor(out if type(out) is _ndarray else np.asarray(out))


_SPOKEN = {"float32": "float", "float64": "double", "float16": "half"}


def _spoken(dtype: DType) -> str:
    return _SPOKEN.get(dtype.base_dtype.name, dtype.base_dtype.name)


# -- the table -------------------------------------------------------------------------------------------


def set_watcher(watcher: Any) -> None:
    """Let `watcher.watch(op, outputs)` replace the outputs of every op added to a graph; None: no more."""
    _watchers[:] = [] if watcher is None else [watcher]


def snake_case(name: str) -> str:
    """`LeakyRelu` as `leaky_relu`, the way TensorFlow names an op's function."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def register(record: Op) -> Op:
    if record.name in REGISTRY:
        raise ValueError(f"Op {record.name} is registered twice")
    REGISTRY[record.name] = record
    return record


def op(name: str, *, many_outputs: bool = False, **fields: Any) -> Callable[[Callable[..., Any]], Op]:
    """Decorator: the kernel below it becomes the record of op `name`.

    `many_outputs=True` says that the op gives a tuple even where it has one output (Split, Unpack).
    """

    def declare(kernel: Callable[..., Any]) -> Op:
        record = Op(kernel, name, **fields)
        record.many_outputs = many_outputs  # type: ignore[attr-defined]
        return register(record)

    return declare


def all_ops() -> Iterator[Op]:
    return iter(REGISTRY.values())


def unknown_shape(*_: Any, **__: Any) -> TensorShape:
    return UNKNOWN

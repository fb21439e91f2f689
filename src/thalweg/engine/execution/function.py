"""`tf.function`: trace once per kind of arguments, then run the plan.

Source: https://www.tensorflow.org/api_docs/python/tf/function
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import context, convert, dtypes, nest
from thalweg.engine.core.composite import CompositeSpec, components, is_composite
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import Operation
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.core.tensor_spec import TensorSpec
from thalweg.engine.execution.concrete import ConcreteFunction, trace
from thalweg.engine.execution.retracing import Retraces

_run_eagerly = False


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Make every `tf.function` run its Python code as it stands (True), for debugging, or trace again (False)."""
    global _run_eagerly
    _run_eagerly = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    return _run_eagerly


def _autographed(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with control flow over tensors made a graph's. Its package is loaded at the first trace."""
    from thalweg.engine.execution.autograph import transform

    return transform(function)


class Function:
    """A Python function as a graph: what `tf.function` returns."""

    def __init__(
        self, python_function: Callable[..., Any], name: str, input_signature: Any = None, autograph: bool = True,
        jit_compile: bool | None = None, reduce_retracing: bool = False,
    ):  # fmt: skip
        self._python_function = python_function
        self._name = name
        self._jit_compile, self._reduce_retracing, self._autograph = jit_compile, reduce_retracing, autograph
        self.input_signature = None if input_signature is None else tuple(input_signature)
        self._cache: dict[Any, ConcreteFunction] = {}
        self._kept_alive: list[Any] = []
        self._aliases: dict[Any, ConcreteFunction] = {}  # kinds of arguments that a wider trace serves
        self._seen_shapes: dict[Any, list[TensorShape | None]] = {}
        self._retraces = Retraces()
        self._signature = inspect.signature(python_function)
        self._simple = all(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in self._signature.parameters.values())
        self._defaults = any(p.default is not p.empty for p in self._signature.parameters.values())
        self._bound: dict[int, Function] = {}
        functools.update_wrapper(self, python_function)

    @property
    def python_function(self) -> Callable[..., Any]:
        return self._python_function

    @property
    def function_spec(self) -> Any:
        return self._signature

    @property
    def name(self) -> str:
        return self._name

    @property
    def function_type(self) -> inspect.Signature:
        """The Python function's parameters."""
        return self._signature

    def pretty_printed_concrete_signatures(self, verbose: bool = True) -> str:
        """What each trace takes, gives and captures."""
        return "\n\n".join(c.pretty_printed_signature(verbose) for c in self._cache.values())

    def experimental_get_tracing_count(self) -> int:
        """How many times the Python function has been traced."""
        return len(self._cache)

    # -- calling ----------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if _run_eagerly and local.graph is None:
            return self._python_function(*args, **kwargs)
        args, kwargs = self._canonical(args, kwargs)
        concrete, leaves = self._find(args, kwargs)
        return concrete.call_leaves(leaves)

    def _canonical(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments in the order of the signature, so that `f(x)` and `f(x=x)` are one trace."""
        if kwargs or self._defaults:
            bound = self._signature.bind(*args, **kwargs)
            bound.apply_defaults()
            args, kwargs = bound.args, bound.kwargs
        if self.input_signature is not None:
            args = self._cast_to_signature(args)
        return args, kwargs

    def _cast_to_signature(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        signature = self.input_signature or ()
        if len(args) < len(signature):
            raise TypeError(f"{self._name}() takes {len(signature)} arguments by its input_signature, but {len(args)} were given.")
        return (*(_to_signature(a, s, self._name) for a, s in zip(args, signature)), *args[len(signature) :])

    def _find(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[ConcreteFunction, list[Any]]:
        leaves = nest.flatten((args, kwargs)) if kwargs else _flatten_fast(args)
        leaves, specs, types = self._taken_apart(leaves)
        key = self._key(args, kwargs, leaves, specs, types)
        concrete = self._cache.get(key) or self._aliases.get(key)
        self._retraces.calls += 1
        if concrete is None:
            at, before = self._retraces.calls, len(self._cache)
            relax = self._reduce_retracing and not specs and not types
            concrete = self._trace_relaxed(key, args, kwargs, leaves) if relax else self._trace(key, args, kwargs, specs)
            if local.graph is None and len(self._cache) > before:
                self._retraces.note(at, self._name, self._python_function, args, kwargs, leaves)
        return concrete, leaves

    def _trace_relaxed(self, key: Any, args: Any, kwargs: Any, leaves: list[Any]) -> ConcreteFunction:
        """The trace for these arguments, with sizes left open that differed between calls."""
        shapes = [x.shape if isinstance(x, Tensor) else None for x in leaves]
        ranks = [x if s is None else TensorSpec(_open(s), x.dtype) for x, s in zip(leaves, shapes)]
        kind = self._key(args, kwargs, ranks, ranks, ())
        before = self._seen_shapes.setdefault(kind, shapes)
        if before is shapes:
            return self._trace(key, args, kwargs, [])
        wider = [s if s is None or b is None else s.most_specific_compatible_shape(b) for s, b in zip(shapes, before)]
        self._seen_shapes[kind] = wider
        relaxed = [None if s is None else TensorSpec(s, x.dtype) for x, s in zip(leaves, wider)]
        wide_key = self._key(args, kwargs, leaves, relaxed, ())
        self._aliases[key] = self._cache.get(wide_key) or self._trace(wide_key, args, kwargs, relaxed)
        return self._aliases[key]

    def _taken_apart(self, leaves: list[Any]) -> tuple[list[Any], list[Any], Any]:
        """Leaves with composite tensors as their parts; what each leaf is traced as, where that is said; composites' types.

        A trace for a sparse tensor serves any number of elements: its parts are known by the types of its type's parts.
        """
        signature = None if self.input_signature is None else nest.flatten(self.input_signature, expand_composites=True)
        if not any(map(is_composite, leaves)):
            return leaves, signature or [], ()
        parts: list[Any] = []
        specs: list[Any] = []
        types = tuple(x if isinstance(x, CompositeSpec) else x._type_spec for x in leaves if is_composite(x))
        for x in leaves:
            composite = is_composite(x)
            parts += components(x) if composite else [x]
            specs += components(x if isinstance(x, CompositeSpec) else x._type_spec) if composite else [None]
        return parts, signature or specs, types if signature is None else ()

    def _key(self, args: Any, kwargs: Any, leaves: list[Any], specs: list[Any], types: Any) -> Any:
        parts: list[Any] = [id(local.graph) if local.graph is not None and not local.graph.building_function else None]
        for i, x in enumerate(leaves):
            if i < len(specs) and isinstance(specs[i], TensorSpec):
                parts.append(specs[i])
            elif type(x) is EagerTensor:
                parts.append((x._array.dtype.num, x._array.shape))
            else:
                parts.append(self._part(x))
        structure = len(args) if all(not nest.is_nested(a) for a in args) and not kwargs else _structure((args, kwargs))
        return (structure, *parts, *types)

    def _part(self, x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return ("array", dtypes.FROM_NUMPY.get(x.dtype), x.shape)
        if isinstance(x, Tensor):
            return (dtypes.as_dtype(x.dtype).np_dtype.num, x.shape._dims, "symbolic")
        if isinstance(x, (bool, int, float, complex, str, bytes, type(None), np.generic)):
            return (type(x), x)
        try:
            hash(x)
        except TypeError:
            self._kept_alive.append(x)
            return ("id", id(x))
        if getattr(x, "handle", None) is not None:
            self._kept_alive.append(x)
            return ("variable", id(x))
        return ("object", x)

    def _trace(self, key: Any, args: tuple[Any, ...], kwargs: dict[str, Any], specs: list[Any]) -> ConcreteFunction:
        first = not self._cache
        function = self._python_function
        if self._autograph and not (getattr(function, "__module__", None) or "").startswith("thalweg."):
            function = _autographed(function)
        if self.input_signature is not None:  # the types that it allows, not those of the first call's arguments
            args = (*self.input_signature, *args[len(self.input_signature) :])
        concrete = trace(function, args, kwargs, self._name, specs)
        if concrete.graph.variables_created and not first:
            made = ", ".join(v.name for v in concrete.graph.variables_created)
            raise ValueError(
                f"tf.function only supports singleton tf.Variables created on the first call: {self._name}() made {made} when it "
                "was traced again. Create variables once, outside the function or under `if self.v is None`."
            )
        if concrete.graph.variables_created:
            # The first trace made the variables; what later calls run is traced with them in place.
            concrete = trace(function, args, kwargs, self._name, specs)
            if concrete.graph.variables_created:
                raise ValueError(
                    "tf.function only supports singleton tf.Variables created on the first call. Make sure the tf.Variable is "
                    "only created once or created outside tf.function."
                )
        if self._jit_compile:
            concrete.plan.force_compile = True
        self._cache[key] = concrete
        return concrete

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """The trace for arguments of these kinds; `tf.TensorSpec` may stand for tensors."""
        if self.input_signature is not None and not args and not kwargs:
            args = self.input_signature
            specs = nest.flatten(args, expand_composites=True)
            return self._cache.get(("signature",)) or self._trace(("signature",), args, {}, specs)
        args, kwargs = self._canonical(args, kwargs)
        leaves, specs, types = self._taken_apart(nest.flatten((args, kwargs)))
        key = self._key(args, kwargs, leaves, specs, types)
        found = self._cache.get(key)
        return found if found is not None else self._trace(key, args, kwargs, specs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """A method: one Function per instance, so that each keeps its own traces."""
        if instance is None:
            return self
        import weakref

        bound = self._bound.get(id(instance))
        if bound is None:
            reference = weakref.ref(instance, lambda _: self._bound.pop(key, None))
            key = id(instance)
            function = self._python_function

            @functools.wraps(function)
            def method(*args: Any, **kwargs: Any) -> Any:
                return function(reference(), *args, **kwargs)

            method.__signature__ = _without_first(self._signature)  # type: ignore[attr-defined]
            bound = Function(method, self._name, self.input_signature, self._autograph, self._jit_compile, self._reduce_retracing)
            self._bound[id(instance)] = bound
        return bound

    def __repr__(self) -> str:
        return f"<thalweg function {self._name}>"


def _without_first(signature: inspect.Signature) -> inspect.Signature:
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def _flatten_fast(args: tuple[Any, ...]) -> list[Any]:
    for a in args:
        if type(a) is not EagerTensor:
            return nest.flatten((args, {}))
    return list(args)


def _structure(x: Any) -> Any:
    """A hashable picture of a nest's form."""
    if not nest.is_nested(x):
        return None
    if isinstance(x, dict):
        return (type(x), tuple((k, _structure(x[k])) for k in sorted(x)))
    return (type(x), tuple(_structure(v) for v in x))


def _to_signature(arg: Any, spec: Any, name: str) -> Any:
    """The argument with tensors where the signature has specs. Raises TypeError where it has another structure."""
    if isinstance(spec, CompositeSpec):
        if isinstance(arg, CompositeSpec):
            return arg
        parts, specs = nest.flatten(arg, expand_composites=True), nest.flatten(spec, expand_composites=True)
        if len(parts) == len(specs):
            return nest.pack_sequence_as(spec, [_to_spec(a, s, name) for a, s in zip(parts, specs)], expand_composites=True)
    elif not nest.is_nested(spec):
        return _to_spec(arg, spec, name)
    try:
        parts = nest.flatten_up_to(spec, arg)
        return nest.pack_sequence_as(spec, [_to_signature(a, s, name) for a, s in zip(parts, nest.flatten(spec))])
    except ValueError:
        raise TypeError(f"The argument {arg!r} of {name}() does not have the structure of its signature {spec!r}.") from None


def _open(shape: TensorShape) -> TensorShape:
    """A shape of the same rank with no size known."""
    return shape if shape.rank is None else TensorShape([None] * shape.rank)


def _to_spec(arg: Any, spec: Any, name: str) -> Any:
    if not isinstance(spec, TensorSpec) or isinstance(arg, TensorSpec):
        return arg
    tensor = convert.convert_to_tensor(arg, dtype=None if isinstance(arg, Tensor) else spec.dtype)
    if tensor.dtype.base_dtype is not spec.dtype or not spec.shape.is_compatible_with(tensor.shape):
        raise TypeError(
            f"The argument of {name}() has shape {tensor.shape} and dtype {tensor.dtype.name}, which its input_signature {spec!r} "
            "does not allow."
        )
    return tensor


def function(
    func: Callable[..., Any] | None = None,
    input_signature: Any = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: Any = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: Any = None,
    experimental_compile: Any = None,
    experimental_follow_type_hints: Any = None,
) -> Any:
    """Compile a Python function of tensors into a graph, traced once for each kind of arguments.

    >>> @tf.function
    ... def f(x):
    ...     return x * x + 1.0
    >>> f(tf.constant(3.0)).numpy()
    np.float32(10.0)
    """
    compile_it = jit_compile if jit_compile is not None else experimental_compile

    def decorate(inner: Callable[..., Any]) -> Function:
        if isinstance(inner, Function):
            inner = inner.python_function
        name = getattr(inner, "__name__", type(inner).__name__)
        relax = bool(reduce_retracing or experimental_relax_shapes)
        return Function(inner, name, input_signature, autograph, compile_it, relax)

    return decorate if func is None else decorate(func)


__all__ = [
    "ConcreteFunction",
    "Function",
    "IndexedSlices",
    "Operation",
    "SymbolicTensor",
    "TensorShape",
    "context",
    "function",
    "trace",
]

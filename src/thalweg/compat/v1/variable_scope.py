"""`tf.get_variable` and `tf.variable_scope`: variables shared by name.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/variable_scope
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from thalweg.compat.v1.graph import GraphKeys, Variable
from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import get_default_graph, name_scope, user_frame
from thalweg.engine.core.shape import TensorShape, as_shape
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.execution.init_scope import init_scope


class _ReuseMode(enum.Enum):
    AUTO_REUSE = 1


AUTO_REUSE = _ReuseMode.AUTO_REUSE


class VariableScope:
    """The settings that `get_variable` follows: a name prefix, reuse, defaults."""

    def __init__(
        self, reuse: Any, name: str = "", initializer: Any = None, regularizer: Any = None, caching_device: Any = None,
        partitioner: Any = None, custom_getter: Any = None, name_scope: str = "", dtype: Any = dtypes.float32,
        use_resource: Any = None, constraint: Any = None,
    ):  # fmt: skip
        self._reuse, self._name, self._initializer, self._regularizer = reuse, name, initializer, regularizer
        self._caching_device, self._partitioner, self._custom_getter = caching_device, partitioner, custom_getter
        self._name_scope, self._dtype, self._use_resource, self._constraint = name_scope, dtype, use_resource, constraint

    name = property(lambda self: self._name)
    original_name_scope = property(lambda self: self._name_scope)
    reuse = property(lambda self: self._reuse)
    initializer = property(lambda self: self._initializer)
    regularizer = property(lambda self: self._regularizer)
    caching_device = property(lambda self: self._caching_device)
    partitioner = property(lambda self: self._partitioner)
    custom_getter = property(lambda self: self._custom_getter)
    dtype = property(lambda self: self._dtype)
    use_resource = property(lambda self: self._use_resource)
    constraint = property(lambda self: self._constraint)

    def reuse_variables(self) -> None:
        """From here on `get_variable` in this scope gives existing variables."""
        self._reuse = True

    def set_initializer(self, initializer: Any) -> None:
        self._initializer = initializer

    def set_regularizer(self, regularizer: Any) -> None:
        self._regularizer = regularizer

    def set_caching_device(self, caching_device: Any) -> None:
        self._caching_device = caching_device

    def set_partitioner(self, partitioner: Any) -> None:
        self._partitioner = partitioner

    def set_custom_getter(self, custom_getter: Any) -> None:
        self._custom_getter = custom_getter

    def set_dtype(self, dtype: Any) -> None:
        self._dtype = dtype

    def set_use_resource(self, use_resource: bool) -> None:
        self._use_resource = use_resource

    def get_collection(self, name: Any) -> list[Any]:
        return get_default_graph().get_collection(name, self._name + "/" if self._name else None)

    def trainable_variables(self) -> list[Any]:
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list[Any]:
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list[Any]:
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)

    def get_variable(self, name: str, **kwargs: Any) -> Any:
        return get_variable(name, **kwargs)


class _Store:
    """Variables by name, and how often each scope was opened: one for each graph, one for eager code."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {}
        self.made_at: dict[str, tuple[str, int, str]] = {}
        self.opened: dict[str, int] = {}
        self.scope = VariableScope(False)


_eager_store = _Store()


def _store() -> _Store:
    if local.graph is None:
        return _eager_store
    graph = get_default_graph()
    while graph.building_function and getattr(graph, "outer", None) is not None:
        graph = graph.outer  # type: ignore[attr-defined]
    if graph.variable_scope_store is None:
        graph.variable_scope_store = _Store()
    return graph.variable_scope_store


def get_variable_scope() -> VariableScope:
    """The current variable scope."""
    return _store().scope


# -- scopes ------------------------------------------------------------------------------------------------


class variable_scope:
    """A context in which `get_variable` prefixes names and follows the scope's settings.

    `name_or_scope` is a name, or a scope to re-enter; with None, `default_name` made unique. `reuse`: None inherits, True
    wants variables to exist, `tf.AUTO_REUSE` makes those that do not.
    """

    def __init__(
        self, name_or_scope: Any, default_name: str | None = None, values: Any = None, initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None, partitioner: Any = None, custom_getter: Any = None, reuse: Any = None, dtype: Any = None,
        use_resource: Any = None, constraint: Any = None, auxiliary_name_scope: bool = True,
    ):  # fmt: skip
        if name_or_scope is None and default_name is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        if name_or_scope is not None and not isinstance(name_or_scope, (str, VariableScope)):
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
        if reuse not in (None, True, False, AUTO_REUSE):
            raise ValueError(f"The reuse parameter must be True or False or AUTO_REUSE or None, not {reuse!r}.")
        if reuse is False:
            reuse = None  # False does not undo an outer scope's reuse
        self._target, self._default_name, self._reuse = name_or_scope, default_name, reuse
        self._settings = {
            "initializer": initializer, "regularizer": regularizer, "caching_device": caching_device, "partitioner": partitioner,
            "dtype": dtype, "use_resource": use_resource, "constraint": constraint,
        }  # fmt: skip
        self._custom_getter, self._auxiliary = custom_getter, auxiliary_name_scope
        self._managers: list[Any] = []

    def __enter__(self) -> VariableScope:
        stack = contextlib.ExitStack()
        scope = stack.enter_context(self._open(stack))
        self._managers.append(stack)
        return scope

    def __exit__(self, *exc: Any) -> None:
        self._managers.pop().__exit__(*exc)

    @contextlib.contextmanager
    def _open(self, stack: contextlib.ExitStack) -> Iterator[VariableScope]:
        store = _store()
        outer = store.scope
        target = self._target
        if isinstance(target, VariableScope):
            name, base = target.name, target
            op_scope = target.name.split("/")[-1]
            opened_before = dict(store.opened)
        else:
            short = target if target is not None else _unique_scope_name(store, outer.name, self._default_name or "")
            name, base = f"{outer.name}/{short}" if outer.name else short, outer
            op_scope = target if target is not None else self._default_name or ""
            opened_before = {}
        entered = stack.enter_context(name_scope(op_scope)) if self._auxiliary and op_scope else ""
        scope = VariableScope(base.reuse if self._reuse is None else self._reuse, name, name_scope=entered)
        if isinstance(target, VariableScope):
            scope._name_scope = target.original_name_scope  # a scope that is entered again keeps the names of its layers' ops
        if isinstance(target, VariableScope) and self._reuse is None:
            scope._reuse = outer.reuse or target.reuse
        for setting, value in self._settings.items():
            setattr(scope, f"_{setting}", getattr(base, f"_{setting}") if value is None else value)
        scope._custom_getter = _compose_getters(self._custom_getter, base.custom_getter)
        store.opened[name] = store.opened.get(name, 0) + 1
        for inner in [k for k in store.opened if k.startswith(name + "/")]:
            store.opened[inner] = 0
        store.scope = scope
        try:
            yield scope
        finally:
            store.scope = outer
            if isinstance(target, VariableScope):
                store.opened = opened_before

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        import functools

        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return inner


def _unique_scope_name(store: _Store, prefix: str, name: str) -> str:
    full = f"{prefix}/{name}" if prefix else name
    if not store.opened.get(full):
        return name
    i = 1
    while store.opened.get(f"{full}_{i}"):
        i += 1
    return f"{name}_{i}"


def _compose_getters(inner: Any, outer: Any) -> Any:
    if inner is None or outer is None:
        return inner or outer

    def getter(next_getter: Any, *args: Any, **kwargs: Any) -> Any:
        return outer(lambda *a, **k: inner(next_getter, *a, **k), *args, **kwargs)

    return getter


def variable_op_scope(values: Any, name_or_scope: Any, default_name: Any = None, **kwargs: Any) -> variable_scope:
    return variable_scope(name_or_scope, default_name, values, **kwargs)


def no_regularizer(_: Any) -> None:
    """A regularizer that adds nothing: for scopes inside one with a regularizer."""
    return None


# -- variables ---------------------------------------------------------------------------------------------


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    custom_getter: Any = None,
    constraint: Any = None,
    synchronization: Any = None,
    aggregation: Any = None,
) -> Any:
    """The variable of this name in the current scope: made, or found when the scope reuses.

    Raises ValueError when it exists and may not, or should and does not, or has another shape or dtype.
    """
    scope = get_variable_scope()
    full_name = f"{scope.name}/{name}" if scope.name else name
    if dtype is None:
        dtype = initializer.dtype.base_dtype if isinstance(initializer, Tensor) else scope.dtype
    arguments = {
        "name": full_name,
        "shape": shape,
        "dtype": dtypes.as_dtype(dtype).base_dtype,
        "initializer": scope.initializer if initializer is None else initializer,
        "regularizer": scope.regularizer if regularizer is None else regularizer,
        "reuse": scope.reuse,
        "trainable": trainable,
        "collections": collections,
        "caching_device": caching_device or scope.caching_device,
        "partitioner": partitioner or scope.partitioner,
        "validate_shape": validate_shape,
        "use_resource": use_resource,
        "constraint": scope.constraint if constraint is None else constraint,
        "synchronization": synchronization,
        "aggregation": aggregation,
    }
    getter = _compose_getters(custom_getter, scope.custom_getter)
    # The full name is made here: the name scope of the caller must not be added again.
    with _outside_subgraphs(), get_default_graph().name_scope(None) if local.graph is not None else contextlib.nullcontext():
        return _get(**arguments) if getter is None else getter(_get, **arguments)


def _outside_subgraphs() -> Any:
    """A TensorFlow 1 graph's variables are its own, also those that a loop's or branch's body asks for first."""
    outer = local.graph
    while outer is not None and outer.building_function:
        outer = outer.outer
    return init_scope() if outer is not None and outer is not local.graph else contextlib.nullcontext()


def get_local_variable(name: str, *args: Any, **kwargs: Any) -> Any:
    """A variable that checkpoints do not keep and optimizers do not train."""
    kwargs["trainable"] = False
    kwargs["collections"] = [*(kwargs.get("collections") or []), GraphKeys.LOCAL_VARIABLES]
    return get_variable(name, *args, **kwargs)


def _get(
    name: str,
    shape: Any = None,
    dtype: Any = dtypes.float32,
    initializer: Any = None,
    regularizer: Any = None,
    reuse: Any = None,
    trainable: Any = None,
    collections: Any = None,
    validate_shape: bool = True,
    constraint: Any = None,
    **_: Any,
) -> Any:
    store = _store()
    found = store.variables.get(name)
    if found is not None:
        return _existing(store, name, found, shape, dtype, reuse)
    if reuse is True:
        raise ValueError(
            f"Variable {name} does not exist, or was not created with tf.get_variable(). Did you mean to set "
            f"reuse=tf.AUTO_REUSE in VarScope?"
        )
    variable = _new(name, shape, dtype, initializer, trainable, collections, validate_shape, constraint)
    store.variables[name] = variable
    store.made_at[name] = user_frame()
    if regularizer is not None:
        _regularize(variable, regularizer, name)
    return variable


def _existing(store: _Store, name: str, found: Any, shape: Any, dtype: Any, reuse: Any) -> Any:
    if not reuse and local.graph is not None:
        file, line, function = store.made_at[name]
        raise ValueError(
            f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope? "
            f'Originally defined at:\n\n  File "{file}", line {line}, in {function}'
        )
    if shape is not None and not as_shape(shape).is_compatible_with(found.shape):
        raise ValueError(f"Trying to share variable {name}, but specified shape {as_shape(shape)} and found shape {found.shape}.")
    if not dtype.is_compatible_with(found.dtype.base_dtype):
        raise ValueError(
            f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype {found.dtype.base_dtype.name}."
        )
    return found


def _new(
    name: str, shape: Any, dtype: Any, initializer: Any, trainable: Any, collections: Any, validate_shape: bool, constraint: Any
) -> Any:
    if initializer is not None and not callable(initializer):
        if shape is not None:
            raise ValueError("If initializer is a constant, do not specify shape.")
        value = convert.convert_to_tensor(initializer) if not isinstance(initializer, Tensor) else initializer
        if value.dtype.base_dtype is not dtype and not isinstance(initializer, Tensor):
            value = convert.convert_to_tensor(initializer, dtype=dtype)
        initial: Any = value
    else:
        initial = _initial_value(name, shape, dtype, initializer)
    return Variable(initial, trainable=trainable, collections=collections, validate_shape=validate_shape, name=name, dtype=dtype,
                    constraint=constraint)  # fmt: skip


def _initial_value(name: str, shape: Any, dtype: Any, initializer: Any) -> Callable[[], Any]:
    import inspect

    if initializer is None:
        initializer = default_initializer(name, dtype)
    if inspect.isclass(initializer):
        initializer = initializer()
    known = None if shape is None else as_shape(shape)
    if known is None:
        if len([p for p in inspect.signature(initializer).parameters.values() if p.default is p.empty]) == 0:
            return initializer
        raise ValueError(
            f"The initializer passed is not valid. It should be a callable with no arguments and the shape should not "
            f"be provided or an "
            f"instance of `tf.keras.initializers.*' and `shape` should be fully defined. (Variable {name} has no shape.)"
        )
    if not known.is_fully_defined():
        raise ValueError(f"Shape of a new variable ({name}) must be fully defined, but instead was {known}.")
    sizes = known.as_list()
    accepts = inspect.signature(initializer).parameters
    takes_dtype = "dtype" in accepts or any(p.kind is p.VAR_KEYWORD for p in accepts.values())
    if takes_dtype:
        return lambda: initializer(sizes, dtype=dtype)
    return lambda: initializer(sizes) if accepts else initializer()


def default_initializer(name: str, dtype: Any) -> Any:
    """Glorot uniform for floats; zeros for integers and booleans, as TensorFlow 1 has it."""
    from thalweg.compat.v1 import initializers

    if dtype.is_floating:
        return initializers.glorot_uniform_initializer()
    if dtype.is_integer or dtype.is_bool:
        return initializers.zeros_initializer()
    raise ValueError(f"An initializer for variable {name} of {dtype} is required")


def _regularize(variable: Any, regularizer: Any, name: str) -> None:
    with name_scope(name + "/Regularizer/"):
        loss = regularizer(variable)
    if loss is not None:
        get_default_graph().add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)


def default_variable_creator(next_creator: Any = None, **kwargs: Any) -> Any:
    return Variable(**kwargs)


__all__ = [
    "AUTO_REUSE",
    "TensorShape",
    "VariableScope",
    "get_local_variable",
    "get_variable",
    "get_variable_scope",
    "np",
    "variable_scope",
]

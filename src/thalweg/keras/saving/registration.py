"""What a Keras config may name, and the way from an object to its config and back.

Only two kinds of names are ever looked up: Thalweg's own objects, which each module enters in a `Catalogue`, and what
the caller registered or passed. A name found in a file is never imported and no code is ever loaded from one, so a
config cannot run anything that was not already chosen here.
"""

from __future__ import annotations

import base64
import contextlib
import difflib
import inspect
import marshal
import threading
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import naming

# Configs nest: a model holds layers that hold initializers. More levels than this is an attack or a loop.
MAX_DEPTH = 100
# First parts of the module names that Keras of any generation writes for its own classes.
_KERAS_MODULES = frozenset({"keras", "tf_keras", "tensorflow", "thalweg", "builtins"})

_registered: dict[str, Any] = {}
_registered_names: dict[Any, str] = {}
_catalogues: dict[str, Catalogue] = {}


class _Local(threading.local):
    def __init__(self) -> None:
        self.scopes: list[Mapping[str, Any]] = []
        self.depth = 0
        self.safe_mode = True
        #: While one file is written or read: what was met already, by id.
        self.shared: dict[int, Any] | None = None


_local = _Local()


# -- what users register -------------------------------------------------------------------------------------


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Any], Any]:
    """Decorator: enter a class or function under `package>name`, so that configs may name it.

    Raises ValueError for a class without `get_config`. Source: `tf.keras.utils.register_keras_serializable`.

    >>> @tf.keras.utils.register_keras_serializable(package="shop")
    ... def double(x):
    ...     return 2 * x
    >>> tf.keras.utils.get_registered_name(double)
    'shop>double'
    """

    def register(obj: Any) -> Any:
        if inspect.isclass(obj) and not hasattr(obj, "get_config"):
            raise ValueError(f"{obj.__name__} cannot be registered: give the class a get_config() method.")
        registered_name = f"{package}>{name or obj.__name__}"
        _registered[registered_name] = obj
        _registered_names[obj] = registered_name
        return obj

    return register


def get_custom_objects() -> dict[str, Any]:
    """The dictionary of registered names; entries may be added and removed."""
    return _registered


def get_registered_name(obj: Any) -> str:
    """The name `obj` was registered under, else its own."""
    return _registered_names.get(obj) or obj.__name__


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Mapping[str, Any] | None = None
) -> Any:
    """What `name` stands for in the open scopes, the registry, `custom_objects`, `module_objects`; None if nothing."""
    for known in (*reversed(_local.scopes), _registered, custom_objects, module_objects):
        if known and name in known:
            return known[name]
    return None


class CustomObjectScope:
    """Names that configs may use inside a `with` block. Source: `tf.keras.utils.custom_object_scope`.

    >>> with tf.keras.utils.custom_object_scope({"double": lambda x: 2 * x}):
    ...     tf.keras.activations.get("double")(3)
    6
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None = None, *more: Mapping[str, Any]):
        self.custom_objects = {k: v for objects in (custom_objects, *more) for k, v in (objects or {}).items()}

    def __enter__(self) -> CustomObjectScope:
        _local.scopes.append(self.custom_objects)
        return self

    def __exit__(self, *exc_info: Any) -> None:
        _local.scopes.pop()


custom_object_scope = CustomObjectScope


# -- what Thalweg has ----------------------------------------------------------------------------------------


class Catalogue:
    """The objects of one Keras module by name: what its `get`, `serialize` and `deserialize` stand on.

    `kind` is the word for one of them in messages. `snake_case` also enters each class as `like_this`; `aliases` are
    further names.
    """

    def __init__(
        self,
        module: str,
        kind: str,
        objects: Iterable[Any],
        aliases: Mapping[str, Any] | None = None,
        snake_case: bool = False,
    ):
        self.module = module
        self.kind = kind
        objects = list(objects)
        self.objects: dict[str, Any] = {obj.__name__: obj for obj in objects}
        self.names = dict(self.objects)
        if snake_case:
            self.names.update({naming.to_snake_case(obj.__name__): obj for obj in objects})
        self.names.update(aliases or {})
        _catalogues[module.removeprefix("keras.")] = self

    def owns(self, cls: type) -> bool:
        """Whether configs name `cls` by this module."""
        return self.objects.get(cls.__name__) is cls

    def get(self, identifier: Any) -> Any:
        """The object behind a name, a config, a class, or itself. A class is made into an instance."""
        if isinstance(identifier, dict):
            found = self.deserialize(identifier)
        elif isinstance(identifier, str):
            found = self._named(identifier)
        else:
            found = identifier
        if inspect.isclass(found):
            found = found()
        if not callable(found):
            raise ValueError(
                f"Could not interpret {self.kind} identifier: {identifier!r}. "
                f"Write a name, an instance, a function or a config from keras.{self.module}.serialize."
            )
        return found

    def serialize(self, obj: Any, use_legacy_format: bool = False) -> Any:
        """The config of `obj`; with `use_legacy_format` as Keras 2 wrote it (no module, functions by bare name)."""
        config = serialize_keras_object(obj)
        if not use_legacy_format or not isinstance(config, dict):
            return config
        if config["class_name"] == "function":
            return config["config"]
        return {"class_name": config["class_name"], "config": config["config"]}

    def deserialize(
        self, config: Any, custom_objects: Mapping[str, Any] | None = None, use_legacy_format: bool = False
    ) -> Any:
        """The object a config or a name stands for. Configs of both generations are read, `use_legacy_format` or not."""
        if config is None:
            return None
        with CustomObjectScope(custom_objects):
            if isinstance(config, str):
                found = self._named(config)
                return found() if inspect.isclass(found) else found
            return deserialize_keras_object(config, module_objects=self.names)

    def _named(self, name: str) -> Any:
        found = get_registered_object(name, module_objects=self.names)
        if found is None:
            found = next((obj for key, obj in _registered.items() if key.endswith(f">{name}")), None)
        if found is None:
            close = difflib.get_close_matches(name, self.names, n=1, cutoff=0.6)
            meant = f" Did you mean {close[0]!r}?" if close else ""
            raise ValueError(
                f"Could not interpret {self.kind} identifier: {name!r} is no {self.kind} Thalweg knows.{meant} "
                "One of your own: pass the object itself, or register it with register_keras_serializable."
            )
        return found


@contextlib.contextmanager
def sharing() -> Iterator[None]:
    """Within: an object that is met twice is one object again when it is read."""
    before, _local.shared = _local.shared, {}
    try:
        yield
    finally:
        _local.shared = before


@contextlib.contextmanager
def safe_mode_scope(safe_mode: bool) -> Iterator[None]:
    """Within: whether Python code in configs is refused."""
    before, _local.safe_mode = _local.safe_mode, safe_mode
    try:
        yield
    finally:
        _local.safe_mode = before


def enable_unsafe_deserialization() -> None:
    """Let configs hold Python code, in this thread from now on. Only for files that you made yourself."""
    _local.safe_mode = False


# -- object to config ----------------------------------------------------------------------------------------


def serialize_keras_object(obj: Any) -> Any:
    """`obj` as plain values that JSON can hold. Source: `tf.keras.utils.serialize_keras_object`.

    Raises ValueError for a lambda, which has no name to be found again by, and TypeError for an object without
    `get_config`.
    """
    if obj is None or isinstance(obj, (str, int, float, bool)):
        return obj
    if isinstance(obj, (list, tuple)) and not isinstance(obj, tf.TensorShape):
        return type(obj)(map(serialize_keras_object, obj)) if type(obj) in (list, tuple) else list(obj)
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "config": {"value": obj.decode("utf-8")}}
    if isinstance(obj, slice):
        bounds = {name: serialize_keras_object(getattr(obj, name)) for name in ("start", "stop", "step")}
        return {"class_name": "__slice__", "config": bounds}
    if obj is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(obj, tf.TensorShape):
        return None if obj.rank is None else obj.as_list()
    if isinstance(obj, tf.DType):
        return obj.name
    if isinstance(obj, np.generic) or (isinstance(obj, np.ndarray) and obj.ndim == 0):
        return obj.item()
    if isinstance(obj, np.ndarray):
        return {"class_name": "__numpy__", "config": {"value": obj.tolist(), "dtype": obj.dtype.name}}
    if tf.is_tensor(obj):  # variables too
        return {"class_name": "__tensor__", "config": {"value": obj.numpy().tolist(), "dtype": obj.dtype.name}}
    if isinstance(obj, types.FunctionType):
        return _function_config(obj)
    return _object_config(obj)


def _function_config(function: types.FunctionType) -> dict[str, Any]:
    if function.__name__ == "<lambda>":
        raise ValueError(
            "A lambda cannot be written into a config: write it as a named function (def) and decorate that with "
            "register_keras_serializable."
        )
    name = get_registered_name(function)
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}


def _object_config(obj: Any) -> dict[str, Any]:
    cls = type(obj)
    if hasattr(obj, "get_config"):
        inner = obj.get_config()
        if not isinstance(inner, dict):
            raise TypeError(f"get_config() of {cls.__name__} must return a dict, but it returned {inner!r}.")
        inner = serialize_keras_object(inner)
    elif hasattr(obj, "__name__"):
        inner = get_registered_name(obj)
    else:
        raise TypeError(f"{obj!r} cannot be written into a config: give {cls.__name__} a get_config() method.")
    home = next((catalogue for catalogue in _catalogues.values() if catalogue.owns(cls)), None)
    if home is not None:
        config = {"module": home.module, "class_name": cls.__name__, "config": inner, "registered_name": None}
    else:
        module = None if cls.__module__ == "__main__" else cls.__module__
        config = {
            "module": module,
            "class_name": cls.__name__,
            "config": inner,
            "registered_name": get_registered_name(cls),
        }
    for part in ("build_config", "compile_config"):
        get_part = getattr(obj, f"get_{part}", None)
        value = get_part() if get_part is not None else None
        if value is not None:
            config[part] = serialize_keras_object(value)
    if _local.shared is not None:
        if id(obj) in _local.shared:
            _local.shared[id(obj)]["shared_object_id"] = config["shared_object_id"] = id(obj)
        else:
            _local.shared[id(obj)] = config
    return config


# -- config to object ----------------------------------------------------------------------------------------


def deserialize_keras_object(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    safe_mode: bool = True,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """What `config` describes. Source: `tf.keras.utils.deserialize_keras_object`.

    Names are looked up among the caller's own objects first, then in `module_objects`, then among Thalweg's. Raises
    TypeError for a name that is in none, ValueError for code (a lambda's bytes are refused whatever `safe_mode` says)
    and for configs nested too deeply.
    """
    with CustomObjectScope(custom_objects), _one_level_deeper(), safe_mode_scope(safe_mode and _local.safe_mode):
        return _deserialize(config, module_objects or {})


@contextlib.contextmanager
def _one_level_deeper() -> Iterator[None]:
    if _local.depth >= MAX_DEPTH:
        raise ValueError(f"The config is nested more than {MAX_DEPTH} levels deep; it is damaged or made to do harm.")
    _local.depth += 1
    try:
        yield
    finally:
        _local.depth -= 1


def _deserialize(config: Any, module_objects: Mapping[str, Any]) -> Any:
    if config is None or isinstance(config, (int, float, bool)):
        return config
    if isinstance(config, str):
        named = get_registered_object(config, module_objects=module_objects)
        return config if named is None else named
    if isinstance(config, (list, tuple)):
        return [deserialize_keras_object(item) for item in config]
    if not isinstance(config, dict):
        raise TypeError(f"A config holds plain values, lists and dicts, but this one holds {config!r}.")
    if "class_name" not in config or "config" not in config:
        return {key: deserialize_keras_object(value) for key, value in config.items()}
    inner = config["config"] if config["config"] is not None else {}
    read_plain = _PLAIN.get(config["class_name"])
    if read_plain is not None:
        return read_plain(inner)
    number = config.get("shared_object_id")
    if number is not None and _local.shared is not None and number in _local.shared:
        return _local.shared[number]
    found = _find(config, module_objects)
    if config["class_name"] == "function" or not hasattr(found, "from_config"):
        return found
    made = _build(found, config, inner)
    if number is not None and _local.shared is not None:
        _local.shared[number] = made
    return made


def _code(inner: Any) -> Any:
    """A lambda that Keras wrote as bytecode, or of which we wrote only that it was there."""
    if isinstance(inner.get("value"), list):  # tf-keras' form
        inner = dict(zip(("code", "defaults", "closure"), inner["value"]))
    if _local.safe_mode or not isinstance(inner.get("code"), str):
        raise ValueError(
            "The config holds a Python lambda. As bytecode it could do anything, so it is not run. Give the function by the "
            "name of its layer, custom_objects={'name of the Lambda layer': function}; or register a named function with "
            "register_keras_serializable and save the model again. For a file that Keras wrote and you trust: "
            "load_model(path, safe_mode=False)."
        )
    if inner.get("closure"):
        raise ValueError("The config holds a lambda with a closure: give the function by the name of its layer.")
    code = marshal.loads(base64.b64decode(inner["code"]))
    return types.FunctionType(code, {"tf": tf, "np": np}, argdefs=tuple(inner.get("defaults") or ()))


def _array(inner: Any) -> np.ndarray:
    dtype = tf.as_dtype(inner["dtype"])
    if dtype == tf.string:
        raise TypeError("A config's array must be of numbers, but it says dtype 'string'.")
    return np.array(inner["value"], dtype=dtype.as_numpy_dtype)


def _slice(inner: Any) -> slice:
    return slice(*(deserialize_keras_object(inner[name]) for name in ("start", "stop", "step")))


_PLAIN: dict[Any, Callable[[Any], Any]] = {
    "__numpy__": _array,
    "__tensor__": lambda inner: tf.constant(_array(inner)),
    "__bytes__": lambda inner: inner["value"].encode("utf-8"),
    "__ellipsis__": lambda inner: Ellipsis,
    "__slice__": _slice,
    "__lambda__": _code,
}


def _build(cls: Any, config: dict[str, Any], inner: Any) -> Any:
    if not isinstance(inner, dict):
        raise TypeError(f"The config of a {config['class_name']} must be a dict, but it is {inner!r}.")
    instance = cls.from_config(dict(inner))
    build_config = config.get("build_config")
    if build_config and hasattr(instance, "build_from_config") and not getattr(instance, "built", False):
        instance.build_from_config(build_config)
        instance.built = True
    compile_config = config.get("compile_config")
    if compile_config and hasattr(instance, "compile_from_config"):
        instance.compile_from_config(compile_config)
        instance.compiled = True
    return instance


def _find(config: dict[str, Any], module_objects: Mapping[str, Any]) -> Any:
    """The class or function a config names."""
    name = config["config"] if config["class_name"] == "function" else config["class_name"]
    if not isinstance(name, str):
        raise TypeError(f"A config names classes and functions by strings, but this one by {name!r}.")
    name = name.removeprefix("Custom>") if not get_registered_object(name) else name
    for key in (config.get("registered_name"), name):
        found = get_registered_object(key) if key else None
        if found is not None:
            return found
    module = config.get("module")
    # A class from somewhere else may share a name with one of ours; it is not ours for that.
    if module is None or module.split(".")[0] in _KERAS_MODULES:
        found = _built_in(module, name, config["class_name"] == "function", module_objects)
        if found is not None:
            return found
    own = f"custom_objects={{{name!r}: {name}}}"
    raise TypeError(
        f"The config names {name!r} (module {module!r}), which Thalweg does not have and which was not registered. "
        f"If it is yours, decorate it with register_keras_serializable, or pass {own}."
    )


def _built_in(module: str | None, name: str, is_function: bool, module_objects: Mapping[str, Any]) -> Any:
    """Thalweg's own object `name`: of `module_objects`, else of the catalogue `module` points to, else the only one."""
    parts = (module or "").split(".")
    homes = [_catalogues[part] for part in parts if part in _catalogues] or list(_catalogues.values())
    found: list[Any] = []
    for names in (module_objects, *(home.objects for home in homes), *(home.names for home in homes)):
        candidate = names.get(name)
        if candidate is None or inspect.isclass(candidate) is is_function:
            continue
        if names is module_objects:
            return candidate
        if not any(candidate is other for other in found):
            found.append(candidate)
    if len(found) > 1:
        raise TypeError(f"The config names {name!r} without saying of which module; several have one.")
    return found[0] if found else None

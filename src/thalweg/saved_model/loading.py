"""Reading a SavedModel: its objects, with their variables, and their functions to call.

What is read can only be graphs of operations that Thalweg has; nothing in it is Python code.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.core.context import local
from thalweg.saved_model import structures


class Loaded:
    """An object of a SavedModel: what it leads to, as attributes."""

    def __init__(self) -> None:
        self._children: dict[str, Any] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "_children":
            self._children[name] = value
        object.__setattr__(self, name, value)

    def _trackable_children(self) -> dict[str, Any]:
        return {name: x for name, x in self._children.items() if not isinstance(x, _Restored) and name != "signatures"}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        function = self._children.get("__call__") or self._children.get("call_and_return_conditional_losses")
        if function is None:
            raise TypeError(
                f"The loaded object has no `__call__` of its own. It has {', '.join(sorted(self._children)) or 'nothing'}; for "
                "serving there are .signatures['serving_default'](...)."
            )
        return function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<loaded object with {', '.join(sorted(self._children))}>"


def load(export_dir: Any, tags: Any = None, options: Any = None) -> Any:
    """The object of a SavedModel, of TensorFlow 1 or 2: its attributes, its functions, and `signatures` by name.

    Raises OSError where there is none, ValueError for other tags and for damaged files.
    Source: `tf.saved_model.load`.
    """
    from thalweg.compat.v1.saved_model import read_saved_model

    folder = os.fspath(export_dir)
    graphs = read_saved_model(folder).meta_graphs
    wanted = None if tags is None else {tags} if isinstance(tags, str) else set(tags)
    found = [graph for graph in graphs if wanted is None or set(graph.meta_info_def.tags) == wanted]
    if not found:
        there = [sorted(graph.meta_info_def.tags) for graph in graphs]
        raise ValueError(f"The SavedModel in {folder!r} has no graph with the tags {sorted(wanted or ())}: it has {there}.")
    if found[0].HasField("object_graph_def") and found[0].object_graph_def.nodes:
        return _Reader(found[0], folder).root()
    return _load_tf1(found[0], folder)


# -- TensorFlow 2 ----------------------------------------------------------------------------------------------------


class _Reader:
    def __init__(self, meta: Any, folder: str):
        from thalweg.compat.v1.graph_import import library_of

        self.meta, self.folder = meta, folder
        self.nodes = meta.object_graph_def.nodes
        self.library = library_of(meta.graph_def)
        self.objects: list[Any] = [self._made(node) for node in self.nodes]

    def root(self) -> Any:
        count = len(self.objects)
        for x, node in zip(self.objects, self.nodes):
            for child in node.children:
                if not 0 <= child.node_id < count:
                    raise ValueError(f"The SavedModel in {self.folder!r} is damaged: its objects point outside themselves.")
                _attach(x, child.local_name, self.objects[child.node_id])
        root = self.objects[0]
        prefix = os.path.join(self.folder, "variables", "variables")
        if os.path.isfile(f"{prefix}.index"):
            tf.train.Checkpoint(root=root).read(prefix)
        variables = [x for x in self.objects if isinstance(x, tf.Variable)]
        for name, value in (("variables", variables), ("trainable_variables", [v for v in variables if v.trainable])):
            if name not in root._children:
                object.__setattr__(root, name, value)
        if not hasattr(root, "signatures"):
            object.__setattr__(root, "signatures", {})
        return root

    def _made(self, node: Any) -> Any:
        from thalweg.engine.formats.tensor_proto import shape_of_proto

        kind = node.WhichOneof("kind")
        if kind == "variable":
            saved = node.variable
            shape = shape_of_proto(saved.shape)
            dtype = tf.as_dtype(saved.dtype)
            start = tf.zeros([n or 0 for n in shape.as_list()], dtype)
            return tf.Variable(start, trainable=saved.trainable, name=saved.name or None, shape=shape, dtype=dtype)
        if kind == "function":
            return _Restored(self, list(node.function.concrete_functions), node.function.function_spec)
        if kind == "bare_concrete_function":
            bare = node.bare_concrete_function
            return _Signature(self, bare.concrete_function_name)
        if kind == "constant":
            return self._constant(node.constant.operation)
        if kind == "asset":
            name = self.meta.asset_file_def[node.asset.asset_file_def_index].filename
            return tf.constant(os.path.join(self.folder, "assets", os.path.basename(name)))
        identifier = node.user_object.identifier if kind == "user_object" else ""
        if identifier in ("trackable_list_wrapper", "trackable_tuple_wrapper"):
            return []
        return {} if identifier in ("trackable_dict_wrapper", "signature_map") else Loaded()

    def _constant(self, name: str) -> Any:
        from thalweg.engine.formats.tensor_proto import make_ndarray

        node = next((node for node in self.meta.graph_def.node if node.name == name), None)
        if node is None:
            raise ValueError(f"The SavedModel in {self.folder!r} is damaged: it names a constant {name!r} that it does not hold.")
        return tf.constant(make_ndarray(node.attr["value"].tensor))

    def call(self, name: str, tensors: list[Any]) -> Any:
        """Call a concrete function with its flat arguments; what it gives, in its nest."""
        from thalweg.compat.v1.graph_import import call_function

        saved = self.meta.object_graph_def.concrete_functions[name]
        bound = [self._bound(self.objects[number]) for number in saved.bound_inputs]
        flat = call_function(self.library[name], [*tensors, *bound], self.library)
        return tf.nest.pack_sequence_as(structures.read(saved.output_signature), flat)

    def _bound(self, x: Any) -> Any:
        if isinstance(x, tf.Variable):
            return local.graph.capture_cell(x._cell)
        if isinstance(x, tf.Tensor):
            return x
        raise NotImplementedError(
            f"A function of the SavedModel in {self.folder!r} uses a {type(x).__name__} (such as a lookup table), which is not "
            "restored."
        )


def _attach(x: Any, name: str, child: Any) -> None:
    if isinstance(x, list):
        while len(x) <= int(name):
            x.append(None)
        x[int(name)] = child
    elif isinstance(x, dict):
        x[name] = child
    elif isinstance(x, Loaded):
        setattr(x, name, child)


class _Restored:
    """A `tf.function` of a SavedModel: one of its traces is called, the one that fits the arguments."""

    def __init__(self, reader: _Reader, names: list[str], spec: Any):
        self._reader, self._names = reader, names
        self._spec = structures.read(spec.fullargspec) or {}
        self._made: dict[str, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = self._canonical(args, kwargs)
        for name in self._names:
            tensors = self._fitted(name, args, kwargs)
            if tensors is not None:
                return self._trace(name)(*tensors)
        wanted = [structures.read(self._signature(name)) for name in self._names]
        raise ValueError(
            f"Could not find matching concrete function to call loaded from the SavedModel. Got: {args}, {kwargs}. "
            f"There are: {wanted}."
        )

    def _signature(self, name: str) -> Any:
        return self._reader.meta.object_graph_def.concrete_functions[name].canonicalized_input_signature

    def _canonical(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments by position, with the defaults of those that are not given."""
        names = list(self._spec.get("args") or [])
        if names[:1] == ["self"]:
            names = names[1:]
        defaults = list(self._spec.get("defaults") or [])
        known = dict(zip(names[len(names) - len(defaults) :], defaults))
        rest = dict(kwargs)
        filled = list(args)
        for name in names[len(args) :]:
            if name in rest:
                filled.append(rest.pop(name))
            elif name in known:
                filled.append(known[name])
            else:
                break
        return tuple(filled), {**(self._spec.get("kwonlydefaults") or {}), **rest}

    def _fitted(self, name: str, args: Any, kwargs: Any) -> list[Any] | None:
        """The tensors among the arguments, in the order of a trace, if they fit it."""
        tensors: list[Any] = []
        fits = _match(structures.read(self._signature(name)), (args, kwargs), tensors)
        return tensors if fits else None

    def _trace(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = tf.function(lambda *tensors: self._reader.call(name, list(tensors)), autograph=False)
        return self._made[name]

    @property
    def concrete_functions(self) -> list[Any]:
        return [_Signature(self._reader, name) for name in self._names]


def _match(wanted: Any, given: Any, tensors: list[Any]) -> bool:
    """Whether arguments fit a nest of specs and values; the tensors among them are added to a list."""
    if isinstance(wanted, tf.TensorSpec):
        try:
            x = tf.convert_to_tensor(given) if hasattr(given, "dtype") else tf.convert_to_tensor(given, dtype=wanted.dtype)
        except (TypeError, ValueError, tf.errors.InvalidArgumentError):
            return False
        tensors.append(x)
        return x.dtype == wanted.dtype and x.shape.is_compatible_with(wanted.shape)
    if isinstance(wanted, dict):
        same = isinstance(given, dict) and set(given) == set(wanted)
        return same and all(_match(wanted[key], given[key], tensors) for key in sorted(wanted))
    if isinstance(wanted, (list, tuple)):
        same = isinstance(given, (list, tuple)) and len(given) == len(wanted)
        return same and all(_match(a, b, tensors) for a, b in zip(wanted, given))
    return not hasattr(given, "dtype") and bool(wanted == given)


class _Signature(_Restored):
    """A signature: called with tensors by name, gives a dict."""

    def __init__(self, reader: _Reader, name: str):
        self._reader, self._names, self._spec = reader, [name], {}
        self._made = {}

    @property
    def structured_input_signature(self) -> Any:
        return structures.read(self._signature(self._names[0]))

    @property
    def structured_outputs(self) -> Any:
        return structures.read(self._reader.meta.object_graph_def.concrete_functions[self._names[0]].output_signature)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        specs = self.structured_input_signature[1]
        if len(args) == len(specs) == 1 and not kwargs:
            return super().__call__(**{next(iter(specs)): args[0]})
        return super().__call__(*args, **kwargs)


# -- TensorFlow 1 ----------------------------------------------------------------------------------------------------


def _load_tf1(meta: Any, folder: str) -> Any:
    """A SavedModel of TensorFlow 1: its signatures, which run in a session of their own."""
    from thalweg.compat import v1

    graph = tf.Graph()
    with graph.as_default():
        session = v1.Session(graph=graph)
        v1.saved_model.load(session, list(meta.meta_info_def.tags), folder)
    root = Loaded()
    root.signatures = {name: _session_signature(session, signature) for name, signature in meta.signature_def.items()}
    return root


def _session_signature(session: Any, signature: Any) -> Any:
    inputs = {name: info.name for name, info in sorted(signature.inputs.items())}
    outputs = {name: info.name for name, info in sorted(signature.outputs.items())}

    def run(*args: Any, **kwargs: Any) -> dict[str, Any]:
        given = {**dict(zip(inputs, args)), **kwargs}
        missing = [name for name in inputs if name not in given]
        if missing or len(given) != len(inputs):
            raise TypeError(f"The signature takes {', '.join(inputs)}, but it was given {', '.join(given) or 'nothing'}.")
        values = session.run(outputs, {inputs[name]: np.asarray(value) for name, value in given.items()})
        return {name: tf.constant(value) for name, value in values.items()}

    return run

"""Writing a SavedModel: the objects that a root leads to, their functions as graphs, their variables as a checkpoint."""

from __future__ import annotations

import os
import re
import tempfile
from collections import deque
from types import SimpleNamespace
from typing import Any

import thalweg as tf
from thalweg.engine.core.graph import CELL
from thalweg.engine.execution.concrete import ConcreteFunction
from thalweg.engine.execution.function import Function
from thalweg.saved_model import structures
from thalweg.train.object_graph import children_of, is_trackable

_RESOURCE = 20  # DT_RESOURCE
_IDENTIFIERS: dict[Any, str] = {list: "trackable_list_wrapper", tuple: "trackable_tuple_wrapper", dict: "trackable_dict_wrapper"}


def save(obj: Any, export_dir: Any, signatures: Any = None, options: Any = None) -> None:
    """Write an object to a folder: its variables, its `tf.function`s as traced so far, and signatures.

    signatures: a `tf.function` with an input_signature, a concrete function, or a dict of them by name; a Keras model has one
    of its own. Raises ValueError for an object that holds nothing to save and for functions without a trace, AssertionError
    for functions of variables that the object does not lead to. Source: `tf.saved_model.save`.

    >>> class Doubler(tf.Module):
    ...     @tf.function(input_signature=[tf.TensorSpec([None])])
    ...     def double(self, x):
    ...         return 2.0 * x
    >>> tf.saved_model.save(Doubler(), f"{folder}/example")
    >>> tf.saved_model.load(f"{folder}/example").double([1.0, 4.0]).numpy()
    array([2., 8.], dtype=float32)
    """
    if not is_trackable(obj) and not hasattr(obj, "__dict__"):
        raise ValueError(f"Expected an object with variables or functions (a tf.Module, a Keras model), got {obj!r}.")
    folder = os.fspath(export_dir)
    writer = _Writer(obj, _signatures(obj, signatures))
    proto = writer.message()
    os.makedirs(os.path.join(folder, "assets"), exist_ok=True)
    tf.train.Checkpoint(root=obj).write(os.path.join(folder, "variables", "variables"))
    _replace(os.path.join(folder, "saved_model.pb"), proto.SerializeToString(deterministic=True))


def _replace(path: str, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(path), delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)


# -- signatures ----------------------------------------------------------------------------------------------------


def _signatures(obj: Any, given: Any) -> dict[str, tuple[ConcreteFunction, list[str]]]:
    """Concrete functions by name, each with the names of its arguments."""
    if given is None:
        given = _default_signature(obj)
    if not isinstance(given, dict):
        given = {"serving_default": given} if given is not None else {}
    found = {}
    for name, function in given.items():
        concrete = function
        if isinstance(function, Function):
            if function.input_signature is None and len(function._cache) != 1:
                raise ValueError(
                    f"The signature {name!r} is a function without `input_signature`: give it one, or pass "
                    "function.get_concrete_function(tf.TensorSpec(...))."
                )
            concrete = _traces(function)[0]
        if not isinstance(concrete, ConcreteFunction):
            raise ValueError(f"The signature {name!r} must be a tf.function or a concrete function, but it is {function!r}.")
        found[name] = (concrete, [_word(t.op.name) for t in concrete.graph.arguments])
    return found


def _default_signature(obj: Any) -> Any:
    """What a Keras model is asked for: its outputs for its inputs."""
    return _model_function(obj) if getattr(obj, "_graph", None) is not None and hasattr(obj, "predict") else None


def _model_function(model: Any) -> ConcreteFunction:
    inputs = model._graph.inputs
    specs = [tf.TensorSpec(x.shape, x.dtype, name=_word(name)) for x, name in zip(inputs, model.input_names)]

    def serve(*args: Any) -> Any:
        y = model(args[0] if len(args) == 1 else list(args), training=False)
        if isinstance(y, dict):
            return y
        return dict(zip(map(_word, model.output_names), tf.nest.flatten(y)))

    return tf.function(serve).get_concrete_function(*specs)


def _word(name: str) -> str:
    return re.sub(r"\W", "_", name)


# -- objects -------------------------------------------------------------------------------------------------------


class _Writer:
    """Numbers the objects, and writes them and their functions into one message."""

    def __init__(self, root: Any, signatures: dict[str, tuple[ConcreteFunction, list[str]]]):
        self.objects: list[Any] = [root]
        self.children: list[dict[str, int]] = []
        self._places = {id(root): 0}
        pending = deque([root])
        while pending:
            x = pending.popleft()
            found = {**children_of(x), **_functions_of(x)}
            self.children.append({name: self._place(child, pending) for name, child in found.items()})
        self._variables = {id(x._cell): i for i, x in enumerate(self.objects) if isinstance(x, tf.Variable)}
        self._signatures = signatures
        self._written: dict[int, str] = {}

    def _place(self, x: Any, pending: deque[Any]) -> int:
        if id(x) not in self._places:
            self._places[id(x)] = len(self.objects)
            self.objects.append(x)
            pending.append(x)
        return self._places[id(x)]

    def message(self) -> Any:
        from thalweg.engine.formats.graph_def import PRODUCER, _Library
        from thalweg.engine.formats.messages import SavedModel

        proto = SavedModel(saved_model_schema_version=1)
        meta = self._meta = proto.meta_graphs.add()
        meta.meta_info_def.tags.append("serve")
        meta.meta_info_def.tensorflow_version = tf.__version__
        meta.graph_def.versions.producer = PRODUCER
        self._library = _Library(meta.graph_def.library)
        graph = self._graph = meta.object_graph_def
        for x, children in zip(self.objects, self.children):
            node = graph.nodes.add()
            for name, number in children.items():
                node.children.add(node_id=number, local_name=name)
            self._write(node, x)
        self._write_signatures()
        return proto

    def _write(self, node: Any, x: Any) -> None:
        from thalweg.engine.formats.tensor_proto import shape_proto

        if isinstance(x, tf.Variable):
            variable = node.variable
            variable.dtype, variable.trainable = x.dtype.as_datatype_enum, bool(x.trainable)
            variable.shape.CopyFrom(shape_proto(x.shape))
            variable.name = x.name.removesuffix(":0")
        elif isinstance(x, Function):
            names = [self._concrete(concrete, concrete.given, concrete.structured_outputs) for concrete in _traces(x)]
            node.function.concrete_functions.extend(names)
            _write_spec(node.function.function_spec, x)
        else:
            node.user_object.identifier = _IDENTIFIERS.get(type(x), "_generic_user_object")
            node.user_object.version.producer = node.user_object.version.min_consumer = 1

    def _write_signatures(self) -> None:
        nodes = self._graph.nodes
        mapping = len(nodes)
        nodes[0].children.add(node_id=mapping, local_name="signatures")
        node = nodes.add()
        node.user_object.identifier = "signature_map"
        node.user_object.version.producer = node.user_object.version.min_consumer = 1
        for name, (concrete, keywords) in self._signatures.items():
            nodes[mapping].children.add(node_id=len(nodes), local_name=name)
            specs = {k: tf.TensorSpec(t.shape, t.dtype, name=k) for k, t in zip(keywords, concrete.graph.arguments)}
            outputs = concrete.structured_outputs
            if not isinstance(outputs, dict):
                outputs = {f"output_{i}": y for i, y in enumerate(tf.nest.flatten(outputs))}
            bare = nodes.add().bare_concrete_function
            bare.concrete_function_name = self._concrete(concrete, ((), specs), outputs, f"signature_wrapper_{name}")
            bare.argument_keywords.extend(sorted(keywords))
            bare.allowed_positional_arguments = int(len(keywords) == 1)
            self._write_served(name, bare.concrete_function_name, keywords, concrete, outputs)

    # -- functions -------------------------------------------------------------------------------------------

    def _concrete(self, concrete: ConcreteFunction, given: Any, outputs: Any, name: str | None = None) -> str:
        """Write a concrete function; gives its name in the library."""
        keywords = given[1]
        order = list(concrete.graph.arguments)
        if keywords and not given[0]:  # flattened, a dict goes by its keys
            names = [_word(t.op.name) for t in order]
            order = [t for _, t in sorted(zip(names, order), key=lambda pair: pair[0])]
        function_name = f"__inference_{_word(name or concrete.name)}_{len(self._written)}"
        self._written[len(self._written)] = function_name
        proto = self._meta.graph_def.library.function.add()
        bound = _write_function(proto, function_name, concrete, order, tf.nest.flatten(outputs), self._library)
        untracked = [cell for cell in bound if id(cell) not in self._variables]
        if untracked:
            raise AssertionError(
                f"Tried to export the function {concrete.name!r}, which uses a variable that the saved object does not lead to: "
                "keep the variable in an attribute of the object."
            )
        saved = self._graph.concrete_functions[function_name]
        saved.bound_inputs.extend(self._variables[id(cell)] for cell in bound)
        saved.canonicalized_input_signature.CopyFrom(structures.written((tuple(given[0]), dict(keywords))))
        saved.output_signature.CopyFrom(structures.written(_numbered(structures.specs_of(outputs))))
        return function_name

    def _write_served(self, name: str, function: str, keywords: list[str], concrete: ConcreteFunction, outputs: Any) -> None:
        """The signature in the graph: placeholders, and a call of the function."""
        from thalweg.engine.formats.tensor_proto import shape_proto

        graph_def, signature = self._meta.graph_def, self._meta.signature_def[name]
        signature.method_name = "tensorflow/serving/predict"
        tensors = dict(sorted(zip(keywords, concrete.graph.arguments)))
        call = None
        inputs, types = [], []
        for keyword, t in tensors.items():
            node = graph_def.node.add(name=f"{name}_{keyword}", op="Placeholder")
            node.attr["dtype"].type = t.dtype.as_datatype_enum
            node.attr["shape"].shape.CopyFrom(shape_proto(t.shape))
            inputs.append(node.name)
            types.append(t.dtype.as_datatype_enum)
            info = signature.inputs[keyword]
            info.name, info.dtype = f"{node.name}:0", t.dtype.as_datatype_enum
            info.tensor_shape.CopyFrom(shape_proto(t.shape))
        for number in self._graph.concrete_functions[function].bound_inputs:
            inputs.append(self._handle(number))
            types.append(_RESOURCE)
        call = graph_def.node.add(name=f"StatefulPartitionedCall_{name}", op="StatefulPartitionedCall", input=inputs)
        call.attr["f"].func.name = function
        call.attr["Tin"].list.type.extend(types)
        flat = {key: outputs[key] for key in sorted(outputs)}
        call.attr["Tout"].list.type.extend(y.dtype.as_datatype_enum for y in flat.values())
        for i, (key, y) in enumerate(flat.items()):
            info = signature.outputs[key]
            info.name, info.dtype = f"{call.name}:{i}", y.dtype.as_datatype_enum
            info.tensor_shape.CopyFrom(shape_proto(y.shape))

    def _handle(self, number: int) -> str:
        """The node of a variable in the graph."""
        from thalweg.engine.formats.tensor_proto import shape_proto

        name = f"variable_{number}"
        if not any(node.name == name for node in self._meta.graph_def.node):
            variable = self.objects[number]
            node = self._meta.graph_def.node.add(name=name, op="VarHandleOp")
            node.attr["dtype"].type = variable.dtype.as_datatype_enum
            node.attr["shape"].shape.CopyFrom(shape_proto(variable.shape))
            node.attr["shared_name"].s = name.encode()
        return name


def _numbered(outputs: Any) -> Any:
    """Specs of outputs with names, as TensorFlow wants them."""
    count = iter(range(10**6))
    return tf.nest.map_structure(
        lambda s: tf.TensorSpec(s.shape, s.dtype, name=f"output_{next(count)}") if isinstance(s, tf.TensorSpec) else s, outputs
    )


def _functions_of(x: Any) -> dict[str, Function]:
    """The `tf.function`s of an object, by name: methods, and those in attributes."""
    if isinstance(x, (tf.Variable, list, tuple, dict, Function)) or hasattr(type(x), "predict"):
        return {}
    names = [n for n in dir(type(x)) if isinstance(getattr(type(x), n, None), Function)]
    names += [n for n, value in getattr(x, "__dict__", {}).items() if isinstance(value, Function) and n not in names]
    return {name: getattr(x, name) for name in names}


def _traces(function: Function) -> list[ConcreteFunction]:
    if not function._cache and function.input_signature is not None:
        function.get_concrete_function()
    return list({id(c): c for c in function._cache.values()}.values())


def _write_spec(proto: Any, function: Function) -> None:
    """The arguments of a Python function, for those who call it after loading."""
    parameters = list(function._signature.parameters.values())
    plain = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    defaults = tuple(p.default for p in plain if p.default is not p.empty)
    only = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    spec = proto.fullargspec.named_tuple_value
    spec.name = "FullArgSpec"
    for key, value in {
        "args": [p.name for p in plain],
        "varargs": next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), None),
        "varkw": next((p.name for p in parameters if p.kind is p.VAR_KEYWORD), None),
        "defaults": defaults or None,
        "kwonlyargs": [p.name for p in only],
        "kwonlydefaults": {p.name: p.default for p in only if p.default is not p.empty} or None,
        "annotations": {},
    }.items():
        spec.values.add(key=key).value.CopyFrom(structures.written(value))
    proto.input_signature.CopyFrom(structures.written(function.input_signature))


def _write_function(
    proto: Any, name: str, concrete: ConcreteFunction, arguments: list[Any], outputs: list[Any], library: Any
) -> list[Any]:
    """A concrete function as a FunctionDef; gives the cells of the variables that it takes after its arguments."""
    from thalweg.engine.formats.graph_def import _between, _inside_names, write_node
    from thalweg.engine.formats.tensor_proto import array_proto

    graph, signature = concrete.graph, proto.signature
    signature.name, signature.is_stateful = name, bool(concrete.effects)
    names: dict[int, str] = {}
    for i, t in enumerate(arguments):
        signature.input_arg.add(name=f"arg{i}", type=t.dtype.base_dtype.as_datatype_enum)
        names[id(t)] = f"arg{i}"
    bound: list[Any] = []
    for op in graph._ops:
        if op.record is CELL:
            cell = op._attrs["cell"]
            if not any(cell is other for other in bound):
                bound.append(cell)
                signature.input_arg.add(name=f"arg{len(arguments) + len(bound) - 1}", type=_RESOURCE)
            place = next(i for i, other in enumerate(bound) if other is cell)
            names[id(op.outputs[0])] = f"arg{len(arguments) + place}"
    for outside, inner in graph.captures:  # tensors of the moment become constants
        node = proto.node_def.add(name=inner.op.name, op="Const")
        node.attr["dtype"].type = inner.dtype.as_datatype_enum
        node.attr["value"].tensor.CopyFrom(array_proto(outside.numpy()))
        names[id(inner)] = f"{inner.op.name}:output:0"
    inside = _between(SimpleNamespace(outputs=outputs, effects=concrete.effects), set(names))
    for op in inside:
        write_node(proto.node_def.add(), op, [names[id(t)] for t in op._inputs], library)
        names.update(zip(map(id, op.outputs), _inside_names(op)))
    for i, y in enumerate(outputs):
        signature.output_arg.add(name=f"out{i}", type=y.dtype.base_dtype.as_datatype_enum)
        proto.ret[f"out{i}"] = names[id(y)]
    for op in concrete.effects:
        signature.control_output.append(op.name)
        proto.control_ret[op.name] = op.name
    return bound

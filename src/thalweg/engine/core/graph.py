"""Graphs: operations with names, scopes and collections, as TensorFlow has them.

Source: https://www.tensorflow.org/api_docs/python/tf/Graph
"""

from __future__ import annotations

import contextlib
import re
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from thalweg.engine.core import context, dtypes, errors
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.shape import SCALAR, TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor

_VALID_SCOPE = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")
_VALID_NESTED_SCOPE = re.compile(r"^[A-Za-z0-9_.\\/>-]*$")
_NOT_USERS = (__name__.split(".")[0], "malt")
_NO_STRINGS: tuple[str, ...] = ()


# For code that was generated from a user's source: where a line of it came from.
SOURCE_LINES: dict[tuple[str, int], tuple[str, int]] = {}


def user_frame() -> tuple[str, int, str]:
    """File, line and function of the innermost frame that is not this package's: where the user is."""
    frame = sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).split(".")[0] in _NOT_USERS:
        frame = frame.f_back
    place = frame.f_code.co_filename, frame.f_lineno
    if SOURCE_LINES:
        place = SOURCE_LINES.get(place, place)
    return *place, frame.f_code.co_name


class Operation:
    """A node of a graph: an op record with inputs, attributes, a name, and where it was made."""

    __slots__ = (
        "__weakref__",
        "_attrs",
        "_control_inputs",
        "_device",
        "_id",
        "_inputs",
        "_made_at",
        "_name",
        "colocation",
        "graph",
        "outputs",
        "record",
    )

    def __init__(self, graph: Graph, record: Any, inputs: list[SymbolicTensor], attrs: dict[str, Any], name: str):
        self.graph, self.record, self._inputs, self._attrs, self._name = graph, record, inputs, attrs, name
        self._control_inputs: list[Operation] = graph.current_control_inputs(inputs)
        self._device = graph.current_device()
        self._made_at = user_frame()
        self.outputs: list[SymbolicTensor] = []
        self.colocation: list[bytes] = []
        self._id = graph._add(self)

    @property
    def name(self) -> str:
        return self._name

    @property
    def type(self) -> str:
        return self.record.name

    @property
    def inputs(self) -> tuple[SymbolicTensor, ...]:
        return tuple(self._inputs)

    @property
    def control_inputs(self) -> list[Operation]:
        return list(self._control_inputs)

    @property
    def device(self) -> str:
        return self._device

    @property
    def node_def(self) -> Any:
        """The operation as a `NodeDef` message."""
        from thalweg.engine.formats.graph_def import input_name, write_node
        from thalweg.engine.formats.messages import NodeDef

        node = NodeDef()
        write_node(node, self, [input_name(t) for t in self._inputs])
        return node

    @property
    def traceback(self) -> list[tuple[str, int, str]]:
        return [self._made_at]

    def values(self) -> tuple[SymbolicTensor, ...]:
        return tuple(self.outputs)

    def get_attr(self, name: str) -> Any:
        """An attribute of the op. Raises ValueError if it has none of that name."""
        if name in self._attrs:
            return self._attrs[name]
        if name == "T" and (self._inputs or self.outputs):
            return (self._inputs or self.outputs)[0].dtype
        if name == "dtype" and self.outputs:
            return self.outputs[0].dtype
        if name == "_class" and self.colocation:
            return self.colocation
        raise ValueError(f"Operation {self._name!r} has no attr named {name!r}.")

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Run this operation in `session` or the default one."""
        self.graph.session_for_eval(session, "execute operation", "run()").run(self, feed_dict)

    def _add_control_input(self, op: Operation) -> None:
        self._control_inputs.append(op)
        self.graph.edges += 1

    def _add_control_inputs(self, ops: Any) -> None:
        for op in ops:
            self._add_control_input(op)

    def colocation_groups(self) -> list[bytes]:
        return self.colocation or [b"loc:@" + self._name.encode()]

    def _set_device(self, device: str) -> None:
        self._device = device

    def where(self) -> str:
        file, line, _ = self._made_at
        return f"{self._name!r} ({self.type}, made at {file}:{line})"

    def __repr__(self) -> str:
        return f"<tf.Operation '{self._name}' type={self.type}>"

    def __str__(self) -> str:
        inputs = "".join(f'input: "{t.op.name if not t.value_index else t.name}"\n' for t in self._inputs)
        return f'name: "{self._name}"\nop: "{self.type}"\n{inputs}'


class Graph:
    """A set of operations that depend on each other's outputs. Built by calling ops; run by a Session.

    >>> g = tf.Graph()
    >>> with g.as_default():
    ...     x = tf.constant(1.0, name="x")
    >>> g.get_operations()
    [<tf.Operation 'x' type=Const>]
    """

    building_function = False
    finished = False  # nothing may be added: a function's graph once it is traced
    name = ""

    def __init__(self) -> None:
        self._ops: list[Operation] = []
        self._by_name: dict[str, Operation] = {}
        self._names_in_use: dict[str, int] = {}
        self._scope = ""
        self._collections: dict[Any, list[Any]] = {}
        self._control_stack: list[list[Operation] | None] = []
        self._devices: list[Any] = []
        self._cells: dict[int, SymbolicTensor] = {}
        self._finalized = False
        self._lock = threading.RLock()
        self.seed: int | None = None
        self.version = 0
        self.edges = 0  # grows when an edge is added to an operation that exists already
        self.variable_scope_store: Any = None
        self.records: dict[str, Any] = {}  # room for libraries (variable scopes, savers) keyed by themselves

    # -- ops --------------------------------------------------------------------------------------------

    def _add(self, op: Operation) -> int:
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")
        with self._lock:
            self._ops.append(op)
            self._by_name[op.name] = op
            self.version += 1
            return len(self._ops)

    def create_op(self, record: Any, inputs: list[SymbolicTensor], attrs: dict[str, Any], name: str | None,
                  out_dtypes: Any, out_shapes: Any) -> Operation:  # fmt: skip
        if name:
            self._check_name(name, "node")
        unique = self.unique_name(name or record.name)
        op = Operation(self, record, inputs, attrs, unique)
        op.outputs = [SymbolicTensor(op, i, t, s) for i, (t, s) in enumerate(zip(out_dtypes, out_shapes))]
        return op

    def constant(self, array: np.ndarray, name: str | None = None) -> SymbolicTensor:
        dtype = dtypes.FROM_NUMPY[array.dtype]
        op = self.create_op(CONSTANT, [], {"value": array, "dtype": dtype}, name, [dtype], [TensorShape(array.shape)])
        return op.outputs[0]

    def capture(self, tensor: Any, name: str | None = None) -> Any:
        """This graph's tensor for one from outside: an eager value becomes a constant; another graph's is refused."""
        if isinstance(tensor, EagerTensor):
            return self.constant(np.asarray(tensor._array), name)
        if tensor.graph is self:
            return tensor
        raise ValueError(
            f"Tensor {tensor} must be from the same graph as the op being made ({self!r}). It was made in "
            f"{tensor.graph!r}, at {tensor.op.where()}. Build both inside the same `with graph.as_default():`."
        )

    def capture_cell(self, cell: Cell) -> SymbolicTensor:
        """The symbolic handle of a variable that lives outside the graph."""
        handle = self._cells.get(id(cell))
        if handle is None:
            with self.control_dependencies(None):
                op = self.create_op(CELL, [], {"cell": cell}, cell.name, [dtypes.resource], [SCALAR])
            handle = self._cells[id(cell)] = op.outputs[0]
        return handle

    def get_operations(self) -> list[Operation]:
        return list(self._ops)

    def get_operation_by_name(self, name: str) -> Operation:
        """Raises KeyError if the graph has no operation of that name."""
        found = self.as_graph_element(name, allow_tensor=False)
        return found

    def get_tensor_by_name(self, name: str) -> SymbolicTensor:
        """The tensor called `op:index`. Raises KeyError if there is none, ValueError for an operation's name."""
        return self.as_graph_element(name, allow_operation=False)

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """The tensor or operation of this graph that `obj` names or is."""
        conversion = getattr(obj, "_as_graph_element", None)
        if conversion is not None:
            obj = conversion()
        if isinstance(obj, bytes):
            obj = obj.decode()
        if isinstance(obj, str):
            return self._element_by_name(obj, allow_tensor, allow_operation)
        if (isinstance(obj, SymbolicTensor) and allow_tensor) or (isinstance(obj, Operation) and allow_operation):
            if obj.graph is not self:
                kind = "Tensor" if isinstance(obj, SymbolicTensor) else "Operation"
                raise ValueError(f"{kind} {obj} is not an element of this graph.")
            return obj
        wanted = " or ".join(["Tensor"] * allow_tensor + ["Operation"] * allow_operation)
        raise TypeError(f"Can not convert a {type(obj).__name__} into a {wanted}.")

    def _element_by_name(self, name: str, allow_tensor: bool, allow_operation: bool) -> Any:
        if ":" in name:
            if not allow_tensor:
                raise ValueError(f"Name {name!r} appears to refer to a Tensor, not an Operation.")
            op_name, _, index = name.partition(":")
            if not index.isdigit():
                raise ValueError(f"The name {name!r} looks a like a Tensor name, but is not a valid one.")
            op = self._by_name.get(op_name)
            if op is None:
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, does not "
                    f"exist in the graph.{self._closest(op_name)}"
                )
            if int(index) >= len(op.outputs):
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, exists but "
                    f"only has {len(op.outputs)} outputs."
                )
            return op.outputs[int(index)]
        if not allow_operation:
            raise ValueError(
                f'The name {name!r} refers to an Operation, not a Tensor. Tensor names must be of the form '
                f'"<op_name>:<output_index>".'
            )
        if name not in self._by_name:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.{self._closest(name)}")
        return self._by_name[name]

    def _closest(self, name: str) -> str:
        import difflib

        near = difflib.get_close_matches(name, self._by_name, 3)
        return f" Close to it: {', '.join(near)}." if near else ""

    def consumers(self, tensor: SymbolicTensor) -> list[Operation]:
        return [op for op in self._ops if any(t is tensor for t in op._inputs)]

    def finalize(self) -> None:
        self._finalized = True

    @property
    def finalized(self) -> bool:
        return self._finalized

    def _unsafe_unfinalize(self) -> None:
        self._finalized = False

    def session_for_eval(self, session: Any, what: str, call: str) -> Any:
        session = session or default_session()
        if session is None:
            raise ValueError(
                f"Cannot {what} using `{call}`: No default session is registered. Use `with sess.as_default()` or pass "
                f"an explicit session to `{call.replace('()', '(session=sess)')}`."
            )
        if session.graph is not self:
            raise ValueError(f"Cannot use the given session to {what}: the tensor's graph is different from the session's graph.")
        return session

    # -- names ------------------------------------------------------------------------------------------

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """The name in the current scope, with `_1`, `_2` ... where it is taken. A trailing `/` means: just so."""
        if name.endswith("/"):
            full = name[:-1]
            if mark_as_used:
                self._names_in_use.setdefault(full.lower(), 1)
            return full if full not in self._by_name else self._uniquify(full, mark_as_used)
        return self._uniquify(f"{self._scope}/{name}" if self._scope else name, mark_as_used)

    def _check_name(self, name: str, kind: str) -> None:
        if not (_VALID_NESTED_SCOPE if self._scope else _VALID_SCOPE).match(name):
            raise ValueError(f"{name!r} is not a valid {kind} name: use letters, digits, _ . - and /, a letter or digit first.")

    def _uniquify(self, full: str, mark_as_used: bool) -> str:
        key = full.lower()  # TensorFlow treats names that differ in case alone as the same
        count = self._names_in_use.get(key, 0)
        if mark_as_used:
            self._names_in_use[key] = count + 1
        if not count:
            return full
        candidate = f"{full}_{count}"
        while candidate.lower() in self._names_in_use:
            count += 1
            candidate = f"{full}_{count}"
        if mark_as_used:
            self._names_in_use[key] = count + 1
            self._names_in_use[candidate.lower()] = 1
        return candidate

    @contextlib.contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Prefix the names of ops made inside. `name/` re-enters a scope; None or "" is the root."""
        if name:
            if isinstance(name, bytes):
                name = name.decode()
            self._check_name(name, "scope")
        before = self._scope
        if not name:
            self._scope = ""
        elif name.endswith("/"):
            self._scope = name[:-1]
        else:
            self._scope = self.unique_name(name)
        try:
            yield self._scope + "/" if self._scope else ""
        finally:
            self._scope = before

    def get_name_scope(self) -> str:
        return self._scope

    # -- control dependencies and devices ---------------------------------------------------------------

    @contextlib.contextmanager
    def control_dependencies(self, control_inputs: Any) -> Iterator[None]:
        """Ops made inside run after `control_inputs` (operations, tensors, variables). None clears what is around."""
        if control_inputs is None:
            before, self._control_stack = self._control_stack, []
            try:
                yield
            finally:
                self._control_stack = before
            return
        ops = []
        for c in control_inputs:
            if getattr(c, "_is_indexed_slices", False):
                c = c.op
            element = c if isinstance(c, Operation) else getattr(c, "_as_graph_element", lambda c=c: c)()
            if isinstance(element, EagerTensor) or (element is None and self.building_function):
                continue
            if self.building_function and getattr(element, "graph", self) is not self:
                continue  # from an enclosing graph: it has run by the time this one does
            element = self.as_graph_element(element)
            ops.append(element.op if isinstance(element, SymbolicTensor) else element)
        self._control_stack.append(ops)
        try:
            yield
        finally:
            self._control_stack.pop()

    def current_control_inputs(self, inputs: list[SymbolicTensor]) -> list[Operation]:
        if not self._control_stack:
            return []
        wanted: dict[int, Operation] = {}
        for ops in self._control_stack:
            for op in ops or ():
                wanted[id(op)] = op
        for t in inputs:
            wanted.pop(id(t.op), None)
        return list(wanted.values())

    @contextlib.contextmanager
    def device(self, device: Any) -> Iterator[None]:
        """Ops made inside are placed on `device`: a name, a function of the operation, or None to clear."""
        self._devices.append(device)
        try:
            yield
        finally:
            self._devices.pop()

    def current_device(self) -> str:
        for device in reversed(self._devices):
            if device is None:
                return ""
            if isinstance(device, str):
                return canonical_device(device)
        return ""

    @contextlib.contextmanager
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Iterator[None]:
        yield

    # -- collections ------------------------------------------------------------------------------------

    def add_to_collection(self, name: Any, value: Any) -> None:
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")
        self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        for name in {names} if isinstance(names, str) else set(names):
            self.add_to_collection(name, value)

    def get_collection(self, name: Any, scope: str | None = None) -> list[Any]:
        """A copy of the collection; with `scope`, those whose name matches it as a regular expression."""
        items = self._collections.get(name, [])
        if scope is None:
            return list(items)
        pattern = re.compile(scope)
        return [i for i in items if hasattr(i, "name") and pattern.match(i.name)]

    def get_collection_ref(self, name: Any) -> list[Any]:
        return self._collections.setdefault(name, [])

    def get_all_collection_keys(self) -> list[Any]:
        return [k for k in self._collections if isinstance(k, str)]

    @property
    def collections(self) -> list[Any]:
        return self.get_all_collection_keys()

    def clear_collection(self, name: Any) -> None:
        self._collections.pop(name, None)

    # -- being the default ------------------------------------------------------------------------------

    @contextlib.contextmanager
    def as_default(self) -> Iterator[Graph]:
        """Ops made inside go into this graph."""
        _graphs.stack.append(self)
        try:
            with context.building(self):
                yield self
        finally:
            _graphs.stack.pop()

    def __enter__(self) -> Graph:
        manager = self.as_default()
        manager.__enter__()
        _graphs.managers.append(manager)
        return self

    def __exit__(self, *exc: Any) -> None:
        _graphs.managers.pop().__exit__(*exc)

    def as_graph_def(self, from_version: int | None = None, add_shapes: bool = False, use_pybind11_proto: bool = False) -> Any:
        """The graph as TensorFlow's `GraphDef` message; with `add_shapes` each node says the shapes of its outputs.

        >>> with tf.Graph().as_default() as g:
        ...     x = tf.constant(1.0, name="x")
        >>> g.as_graph_def().node[0].op
        'Const'
        """
        from thalweg.engine.formats.graph_def import graph_def  # loads protobuf

        return graph_def(self, from_version, add_shapes)

    @property
    def graph_def_versions(self) -> Any:
        """Which version of `GraphDef` is written, as a `VersionDef`."""
        return self.as_graph_def(self.version).versions

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {len(self._ops)} operations at {id(self):#x}>"


def canonical_device(device: str) -> str:
    """`/gpu:0` and `gpu:0` as TensorFlow writes them: `/device:GPU:0`."""
    match = re.fullmatch(r"(?P<rest>.*?)/?(?:device:)?(?P<kind>[cgt]pu):(?P<index>\d+|\*)", device, re.IGNORECASE)
    if match is None:
        return device
    return f"{match['rest']}/device:{match['kind'].upper()}:{match['index']}"


class _CoreRecord:
    """The two nodes that the graph itself makes: constants and captured variables."""

    types: tuple[Any, ...] = ()
    stateful = host = writes = random = False
    has_subgraphs = False
    own_state = None
    host_positions = frozenset[int]()
    resource_positions = frozenset[int]()
    kernel_xla: Callable[..., Any] | None = None
    kernel_moving: Callable[..., Any] | None = None
    vjp_function: Callable[..., Any] | None = None

    def __init__(self, name: str):
        self.name = name

    def kernel(self, xp: Any, **attrs: Any) -> Any:
        return attrs["value"]


CONSTANT = _CoreRecord("Const")
CELL = _CoreRecord("VarHandleOp")


# -- the default graph and session ----------------------------------------------------------------------


class _Stacks(threading.local):
    def __init__(self) -> None:
        self.stack: list[Graph] = []
        self.sessions: list[Any] = []
        self.managers: list[Any] = []


_graphs = _Stacks()
_global_graph: Graph | None = None


def get_default_graph() -> Graph:
    """The graph that symbolic ops go into now: the innermost `as_default()`, else the process' own."""
    global _global_graph
    if local.graph is not None:
        return local.graph
    if _graphs.stack:
        return _graphs.stack[-1]
    if _global_graph is None:
        _global_graph = Graph()
    return _global_graph


def global_default_graph() -> Graph:
    global _global_graph
    if _global_graph is None:
        _global_graph = Graph()
    return _global_graph


def reset_default_graph() -> None:
    """Throw away the process' default graph. Raises AssertionError inside a `with graph.as_default()`."""
    global _global_graph
    if _graphs.stack:
        raise AssertionError(
            "Do not use tf.reset_default_graph() to clear nested graphs. Use `with tf.Graph().as_default():` instead."
        )
    before, _global_graph = _global_graph, Graph()
    if local.graph is not None and local.graph is before:
        local.graph = _global_graph


def default_session() -> Any:
    return _graphs.sessions[-1] if _graphs.sessions else None


def session_stack() -> list[Any]:
    return _graphs.sessions


class _EagerScopes(threading.local):
    def __init__(self) -> None:
        self.scope = ""


_eager = _EagerScopes()


class name_scope:
    """Prefix the names of ops and variables made inside.

    TensorFlow 1's form is accepted too: `name_scope(name, default_name, values)`.

    >>> with tf.name_scope("outer") as scope:
    ...     scope
    'outer/'
    """

    def __init__(self, name: str | None = None, default_name: str | None = None, values: Any = None):
        if name is not None and not isinstance(name, str):
            raise ValueError(f"name for name_scope must be a string, not {name!r}.")
        self._name = default_name if name is None else name
        self._managers: list[Any] = []

    @property
    def name(self) -> str | None:
        return self._name

    def __enter__(self) -> str:
        if local.graph is not None or _graphs.stack:
            manager = get_default_graph().name_scope(self._name)
            self._managers.append(manager)
            return manager.__enter__()
        before = _eager.scope
        self._managers.append(before)
        if not self._name:
            _eager.scope = ""
        elif self._name.endswith("/"):
            _eager.scope = self._name
        else:
            _eager.scope = before + self._name + "/"
        # Symbolic ops may be built under an eager scope too (placeholders beside eager code).
        get_default_graph()._scope = _eager.scope.rstrip("/")
        return _eager.scope

    def __exit__(self, *exc: Any) -> None:
        manager = self._managers.pop()
        if isinstance(manager, str):
            _eager.scope = manager
            get_default_graph()._scope = manager.rstrip("/")
        else:
            manager.__exit__(*exc)


def current_name_scope() -> str:
    return local.graph.get_name_scope() if local.graph is not None else _eager.scope.rstrip("/")


def require_open(graph: Graph) -> None:
    if graph.finalized:
        raise errors.InvalidArgumentError(None, None, "Graph is finalized and cannot be modified.")

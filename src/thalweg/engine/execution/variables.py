"""`tf.Variable`: a tensor that can change.

Eagerly its value lives in a Cell; in a TensorFlow 1 graph it is a `VariableV2` op whose value lives in each session.
Source: https://www.tensorflow.org/api_docs/python/tf/Variable
"""

from __future__ import annotations

import contextlib
import enum
import functools
import inspect
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from thalweg.engine.core import context, convert, dtypes, errors, printing
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import Graph, current_name_scope, default_session, get_default_graph
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.shape import UNKNOWN, TensorShape, as_shape
from thalweg.engine.core.tensor import EagerTensor, Reference, SymbolicTensor, Tensor
from thalweg.engine.execution.init_scope import init_scope
from thalweg.engine.ops import state
from thalweg.engine.ops.overloads import overload_operators
from thalweg.engine.ops.shaping import identity


class VariableSynchronization(enum.Enum):
    AUTO, NONE, ON_WRITE, ON_READ = range(4)


class VariableAggregation(enum.Enum):
    NONE, SUM, MEAN, ONLY_FIRST_REPLICA = range(4)


class SaveSliceInfo:
    """Which slice of a larger, partitioned variable this one is."""

    def __init__(self, full_name: Any = None, full_shape: Any = None, var_offset: Any = None, var_shape: Any = None):
        self.full_name, self.full_shape, self.var_offset, self.var_shape = full_name, full_shape, var_offset, var_shape


GLOBAL_VARIABLES, TRAINABLE_VARIABLES = "variables", "trainable_variables"


class _Creators(threading.local):
    """The functions that make variables in place of the class, the innermost last."""

    def __init__(self) -> None:
        self.stack: list[Callable[..., Any]] = []


_creators = _Creators()


class _VariableMaker(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if not _creators.stack:
            return super().__call__(*args, **kwargs)
        bound = inspect.signature(cls.__init__).bind(None, *args, **kwargs)  # type: ignore[misc]
        bound.arguments.pop("self")
        make: Callable[..., Any] = functools.partial(type.__call__, cls)
        for creator in _creators.stack:
            make = functools.partial(creator, make)
        inner, _creators.stack = _creators.stack, []
        try:
            return make(**bound.arguments)
        finally:
            _creators.stack = inner


@contextlib.contextmanager
def variable_creator_scope(variable_creator: Callable[..., Any]) -> Iterator[None]:
    """A context in which variables are made by `variable_creator(next_creator, **kwargs)`."""
    _creators.stack.append(variable_creator)
    try:
        yield
    finally:
        _creators.stack.remove(variable_creator)


class Variable(metaclass=_VariableMaker):
    """A tensor whose value can be changed by `assign`; trainable ones are watched by gradient tapes.

    `initial_value` is a value or a function of no arguments that gives one. Raises ValueError without it.

    >>> v = tf.Variable([1.0, 2.0])
    >>> v.assign_add([1.0, 1.0]).numpy()
    array([2., 3.], dtype=float32)
    """

    __array_priority__ = 100
    SaveSliceInfo = SaveSliceInfo

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Callable[..., Any] | None = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        shape: Any = None,
        experimental_enable_variable_lifting: bool = True,
        *,
        collections: Any = None,
    ):
        if initial_value is None:
            raise ValueError(
                "The `initial_value` arg to `tf.Variable` must be specified except when you are not providing a `variable_def`."
            )
        self._trainable = True if trainable is None else bool(trainable)
        self._constraint, self._synchronization, self._aggregation = constraint, synchronization, aggregation
        if constraint is not None and not callable(constraint):
            raise ValueError("The `constraint` arg must be callable.")
        self._save_slice_info: Any = None
        self._update_uid = 0
        dtype = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
        graph = local.graph
        if graph is not None and not graph.building_function:
            self._create_in_graph(graph, initial_value, validate_shape, name, dtype, shape, collections)
        else:
            self._create_eagerly(initial_value, name, dtype, shape)
            if graph is not None:
                graph.variables_created.append(self)

    # -- making -----------------------------------------------------------------------------------------

    def _create_eagerly(self, initial_value: Any, name: str | None, dtype: Any, shape: Any) -> None:
        scope = current_name_scope()
        self._name = f"{scope}/{name or 'Variable'}:0" if scope else f"{name or 'Variable'}:0"
        with init_scope():
            if callable(initial_value):
                initial_value = initial_value()
            if isinstance(initial_value, SymbolicTensor):
                raise errors.InaccessibleTensorError(
                    f"The initial value of variable {self._name!r} is computed inside the function being traced. Pass "
                    f"a function of "
                    "no arguments, as in tf.Variable(lambda: ...), so that it can be computed outside."
                )
            value = _checkpointed(initial_value, dtype)
        if value.dtype is dtypes.string and value.ndim is None:
            raise ValueError("A variable needs a value.")
        known = value.shape if shape is None else as_shape(shape)
        if not known.is_compatible_with(value.shape):
            raise ValueError(
                f"The initial value's shape ({value.shape}) is not compatible with the explicitly supplied `shape` "
                f"argument ({known})."
            )
        self._cell: Any = Cell(value.dtype, known, self._name[:-2], np.asarray(value._array), self._trainable)
        self._cell.owner = weakref.ref(self)
        self.handle: Any = self._cell
        self._dtype, self._initializer_op = value.dtype, None
        self._graph: Any = None

    def _create_in_graph(
        self, graph: Graph, initial_value: Any, validate_shape: bool, name: Any, dtype: Any, shape: Any, collections: Any
    ) -> None:
        with graph.control_dependencies(None), graph.name_scope(name or "Variable") as scope:
            if callable(initial_value):
                with graph.name_scope("Initializer"):
                    initial_value = initial_value()
                    value = convert.convert_to_tensor(initial_value, dtype=dtype, name="initial_value")
            else:
                value = convert.convert_to_tensor(initial_value, dtype=dtype, name="initial_value")
            known = value.shape if validate_shape else UNKNOWN
            if shape is not None:
                known = as_shape(shape)
            elif validate_shape and not known.is_fully_defined():
                raise ValueError(
                    f"initial_value must have a shape specified: {value} has shape {known}. Pass validate_shape=False, or give the "
                    "initial value a known shape."
                )
            self._dtype = value.dtype.base_dtype
            self._cell = None
            self.handle = state.variable_v2(shape=known, dtype=self._dtype, name=scope)
            self._initial_value = value
            self._initializer_op = state.assign_ref(self.handle, value, validate_shape=validate_shape, name="Assign").op
            self._snapshot = identity(self.handle, name="read")
            self._graph = graph
        self._name = self.handle.name
        wanted = [GLOBAL_VARIABLES] if collections is None else list(collections)
        if self._trainable and TRAINABLE_VARIABLES not in wanted:
            wanted.append(TRAINABLE_VARIABLES)
        graph.add_to_collections(wanted, self)

    # -- what it is -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._name

    @property
    def _shared_name(self) -> str:
        return self._name[:-2]

    @property
    def dtype(self) -> dtypes.DType:
        return self._dtype if self._graph is None else self._dtype._as_ref

    @property
    def shape(self) -> TensorShape:
        return self._cell.shape if self._cell is not None else self.handle.shape

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        if self._cell is not None:
            self._cell.shape = self._cell.shape.merge_with(shape)
        else:
            self.handle.set_shape(shape)
            self._snapshot.set_shape(shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        if self._cell is not None:
            self._cell.trainable = self._trainable

    @property
    def constraint(self) -> Any:
        return self._constraint

    @property
    def synchronization(self) -> Any:
        return self._synchronization

    @property
    def aggregation(self) -> Any:
        return self._aggregation

    @property
    def device(self) -> str:
        return self.handle.op.device if self._graph is not None else "/job:localhost/replica:0/task:0/device:CPU:0"

    @property
    def graph(self) -> Graph:
        if self._graph is None:
            raise AttributeError("Tensor.graph is undefined when eager execution is enabled.")
        return self._graph

    @property
    def op(self) -> Any:
        return self.handle.op if self._graph is not None else self._cell

    @property
    def _is_graph_variable(self) -> bool:
        return self._graph is not None

    @property
    def initializer(self) -> Any:
        """The operation that gives the variable its initial value (TensorFlow 1)."""
        return self._initializer_op

    @property
    def initial_value(self) -> Any:
        if self._graph is None:
            raise RuntimeError("This property is not supported when eager execution is enabled.")
        return self._initial_value

    def initialized_value(self) -> Any:
        """The value; where it is used to initialize another variable, the initializers run in the order of creation."""
        return self.read_value() if self._graph is None else self._snapshot

    def _start_from(self, value: np.ndarray) -> None:
        """Let the initializer give this value; an eager variable takes it at once."""
        if self._graph is None:
            self.assign(value)
            return
        with context.building(self._graph), self._graph.control_dependencies(None), self._graph.name_scope(None):
            start = convert.convert_to_tensor(value, dtype=self._dtype, name="checkpoint_initializer")
            self._initial_value = start
            self._initializer_op = state.assign_ref(self.handle, start, name=f"{self._name[:-2]}/Assign").op

    def _as_graph_element(self) -> Any:
        return self.handle if self._graph is not None else None

    def ref(self) -> Reference:
        return Reference(self)

    experimental_ref = ref

    @property
    def _unique_id(self) -> str:
        return f"{self._name[:-2]}_{id(self)}"

    def is_initialized(self, name: str | None = None) -> Any:
        if self._graph is not None:
            return state.is_variable_initialized(self.handle, name=name)
        return state.var_is_initialized(self.handle, name=name)

    # -- reading ----------------------------------------------------------------------------------------

    def _read(self, name: str | None = None) -> Any:
        if local.tapes:
            for tape in local.tapes:
                tape.note_variable(self)
        if self._graph is not None:
            if local.graph is self._graph and any(local.graph._control_stack):
                return self._read_again(local.graph)
            return self._snapshot if local.graph in (None, self._graph) else local.graph.capture(self._snapshot)
        if local.graph is None:
            return state.read_now(self._cell)
        return state.read_variable(self.handle, dtype=self._dtype, shape=self._cell.shape, name=name)

    def _read_again(self, graph: Graph) -> Any:
        """A read that waits for the control dependencies around it: what uses the variable there sees their writes.

        TensorFlow's one read shares the variable's memory, with the same effect.
        """
        with graph.name_scope(None):
            return identity(self.handle, name=f"{self._name[:-2]}/read")

    def value(self) -> Any:
        """The value now, as a tensor."""
        return self._read()

    def read_value(self) -> Any:
        """The value, read at this point of the graph."""
        if self._graph is not None:
            return identity(self.handle, name="Identity")
        return self._read()

    def _as_tensor(self, dtype: Any = None, name: str | None = None) -> Any:
        return self._read()

    def _ref(self) -> Any:
        return self.handle

    def sparse_read(self, indices: Any, name: str | None = None) -> Any:
        return REGISTRY["GatherV2"](self, indices, 0, name=name)

    def gather_nd(self, indices: Any, name: str | None = None) -> Any:
        return REGISTRY["GatherNd"](self, indices, name=name)

    def numpy(self) -> Any:
        """The value as a NumPy array. Raises NotImplementedError for a graph's variable: run it in a session."""
        if self._cell is None or local.graph is not None:
            raise NotImplementedError("numpy() is only available when eager execution is enabled.")
        array = self._cell.array()
        return np.array(array) if array.ndim else array[()]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.numpy(), dtype=dtype)

    def eval(self, session: Any = None) -> Any:
        """The value in `session` or the default one (TensorFlow 1)."""
        if self._graph is None:
            return self.numpy()
        return self.handle.eval(session=session)

    def load(self, value: Any, session: Any = None) -> None:
        """Set the value in `session` without adding ops to the graph."""
        if self._graph is None:
            self.assign(value)
            return
        session = session or default_session()
        if session is None:
            raise ValueError("Either session argument should be provided or default session should be established")
        session.run(self.initializer, {self.initializer.inputs[1]: value})

    # -- writing ----------------------------------------------------------------------------------------

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Set the value. Returns the variable (in a graph the assigning op's result).

        Raises ValueError when the shape does not fit.
        """
        tensor = self._operand(value, name)
        if not self.shape.is_compatible_with(tensor.shape):
            raise ValueError(
                f"Cannot assign value to variable '{self._name}': Shape mismatch. The variable shape {self.shape}, "
                f"and the assigned "
                f"value shape {tensor.shape} are incompatible."
            )
        return self._write(state.assign_variable, state.assign_ref, tensor, name, read_value)

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Add to the value."""
        return self._write(state.assign_add_variable, state.assign_add_ref, self._fitting(delta, name), name, read_value)

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Subtract from the value."""
        return self._write(state.assign_sub_variable, state.assign_sub_ref, self._fitting(delta, name), name, read_value)

    def _operand(self, value: Any, name: str | None = None) -> Any:
        if isinstance(value, Variable):
            value = value._read()
        if not isinstance(value, Tensor) and local.graph is None and self._graph is not None:
            with self._graph.as_default():
                return convert.convert_to_tensor(value, dtype=self._dtype)
        return convert.convert_to_tensor(value, dtype=self._dtype, name=f"{name}/value" if name else None)

    def _fitting(self, delta: Any, name: str | None) -> Any:
        tensor = self._operand(delta, name)
        if not self.shape.is_compatible_with(tensor.shape):
            what = (
                f"Cannot update variable {self._name!r} with shape {self.shape} using a Tensor with shape {tensor.shape}, "
                "shapes must be equal."
            )
            raise ValueError(what) if local.graph is not None else errors.InvalidArgumentError(None, None, what)
        return tensor

    def _write(self, resource_op: Any, ref_op: Any, tensor: Any, name: str | None, read_value: bool, *more: Any) -> Any:
        if self._graph is not None:
            return ref_op(self.handle, *more, tensor, name=name)
        done = resource_op(self.handle, *more, tensor, name=name)
        if local.graph is None:
            return self if read_value else None
        if not read_value:
            return done
        with local.graph.control_dependencies([done]):
            return _Written(self, done)

    def _scatter(self, how: str, sparse_delta: Any, name: str | None) -> Any:
        if not isinstance(sparse_delta, IndexedSlices):
            raise TypeError(f"Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {sparse_delta!r}")
        updates = convert.convert_to_tensor(sparse_delta.values, dtype=self._dtype)
        return self._write(state.resource_scatter[how], state.ref_scatter[how], updates, name, True, sparse_delta.indices)

    def scatter_update(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Replace rows: `sparse_delta` is an IndexedSlices of values and row numbers."""
        return self._scatter("update", sparse_delta, name)

    def scatter_add(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("add", sparse_delta, name)

    def scatter_sub(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("sub", sparse_delta, name)

    def scatter_mul(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("mul", sparse_delta, name)

    def scatter_div(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("div", sparse_delta, name)

    def scatter_min(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("min", sparse_delta, name)

    def scatter_max(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("max", sparse_delta, name)

    def batch_scatter_update(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Replace entries `[i, indices[i, j]]` by `values[i, j]`."""
        indices = convert.convert_to_tensor(sparse_delta.indices)
        rows = REGISTRY["BroadcastTo"](
            REGISTRY["Reshape"](np.arange(indices.shape[0], dtype=np.int32), [-1, 1]), indices.shape.as_list()
        )
        where = REGISTRY["Pack"](REGISTRY["Cast"](rows, DstT=indices.dtype), indices, axis=-1)
        return self.scatter_nd_update(where, sparse_delta.values, name)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Replace the entries that `indices` (`[..., k]`) point at."""
        return self.assign(REGISTRY["TensorScatterUpdate"](self, indices, self._operand(updates)), name=name)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self.assign(REGISTRY["TensorScatterAdd"](self, indices, self._operand(updates)), name=name)

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self.assign(REGISTRY["TensorScatterSub"](self, indices, self._operand(updates)), name=name)

    def scatter_nd_max(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self.assign(REGISTRY["TensorScatterMax"](self, indices, self._operand(updates)), name=name)

    def scatter_nd_min(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self.assign(REGISTRY["TensorScatterMin"](self, indices, self._operand(updates)), name=name)

    def count_up_to(self, limit: int) -> Any:
        """Add one; raises OutOfRangeError once `limit` is reached."""
        return state.count_up_to(self.handle, limit=int(limit), T=self._dtype)

    # -- slices that can be assigned --------------------------------------------------------------------

    def __getitem__(self, key: Any) -> Any:
        sliced = self._read()[key]
        sliced.assign = lambda value, use_locking=False, name=None, read_value=True: self._assign_slice(key, value, name)
        return sliced

    def _assign_slice(self, key: Any, value: Any, name: str | None) -> Any:
        positions = REGISTRY["Reshape"](np.arange(self.shape.num_elements() or 0, dtype=np.int32), self.shape.as_list())[key]
        flat = REGISTRY["Reshape"](self, [-1])
        value = REGISTRY["BroadcastTo"](self._operand(value), positions.shape.as_list())
        where = REGISTRY["Reshape"](positions, [-1, 1])
        new = REGISTRY["TensorScatterUpdate"](flat, where, REGISTRY["Reshape"](value, [-1]))
        return self.assign(REGISTRY["Reshape"](new, self.shape.as_list()), name=name)

    # -- as a Python value ------------------------------------------------------------------------------

    def __bool__(self) -> bool:
        return bool(self._read())

    __nonzero__ = __bool__

    def __int__(self) -> int:
        return int(self.numpy())

    def __float__(self) -> float:
        return float(self.numpy())

    def __complex__(self) -> complex:
        return complex(self.numpy())

    def __index__(self) -> int:
        return self.numpy().__index__()

    def __len__(self) -> int:
        return len(self._read())

    def __iter__(self) -> Any:
        if not self.shape.rank:
            raise TypeError("'Variable' object is not iterable: it is a scalar.")
        return (self[i] for i in range(len(self)))

    def __copy__(self) -> Variable:
        return self

    def __deepcopy__(self, memo: Any) -> Variable:
        if self._cell is None:
            raise NotImplementedError("A graph's variable cannot be deep-copied.")
        copy = Variable(
            self.numpy(), trainable=self._trainable, name=self._shared_name, dtype=self._dtype, constraint=self._constraint
        )
        memo[id(self)] = copy
        return copy

    def __reduce__(self) -> Any:
        return _rebuild_variable, (self.numpy(), self._trainable, self._shared_name)

    def __repr__(self) -> str:
        head = f"<tf.Variable '{self._name}' shape={self.shape} dtype={self.dtype.name}"
        if self._cell is None or local.graph is not None:
            return head + ">"
        if self._cell.value is None:
            return head + ", numpy=<uninitialized>>"
        return f"{head}, numpy={printing.array_repr(self._cell.array())}>"

    __str__ = __repr__

    def __hash__(self) -> int:
        if self._graph is None and not _HASHABLE:
            raise TypeError("Variable is unhashable. Instead, use variable.ref() as the key.")
        return id(self)


_HASHABLE = False
overload_operators(Variable)


class _Written:
    """What assigning gives inside a function: the variable, read after the write where a value is wanted."""

    def __init__(self, variable: Variable, op: Any):
        self._variable, self.op = variable, op

    def _as_graph_element(self) -> Any:
        return self.op

    def __getattr__(self, name: str) -> Any:
        return getattr(self._variable, name)


def _rebuild_variable(value: Any, trainable: bool, name: str) -> Variable:
    return Variable(value, trainable=trainable, name=name)


def _checkpointed(value: Any, dtype: Any) -> EagerTensor:
    if isinstance(value, Variable):
        value = value._read()
    if isinstance(value, Tensor) and dtype is not None and value.dtype is not dtype:
        raise ValueError(f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value.dtype.name}: {value!r}")
    tensor = convert.convert_to_tensor(value, dtype=dtype)
    return tensor


def _convert_variable(value: Variable, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    if dtype is not None and dtypes.as_dtype(dtype) is not value._dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {dtypes.as_dtype(dtype).name} for Variable with dtype "
            f"{value._dtype.name}: {value!r}"
        )
    return value.handle if as_ref and value._graph is not None else value._read()


convert.register_tensor_conversion_function(Variable, _convert_variable, priority=10)
convert.register_tensor_conversion_function(_Written, lambda v, **k: _convert_variable(v._variable, **k), priority=10)


def graph_variables(graph: Graph | None = None) -> list[Variable]:
    return (graph or get_default_graph()).get_collection(GLOBAL_VARIABLES)

"""TensorFlow 1: placeholders, initialization, collections, grouping, modes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from thalweg.engine.core import context, convert, dtypes, graph as graphs, nest
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import Graph, get_default_graph, name_scope as scope_v2
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.shape import Dimension as Dimension, TensorShape, as_shape
from thalweg.engine.core.tensor import SymbolicTensor, Tensor
from thalweg.engine.execution import variables as variables_module
from thalweg.engine.execution.variables import Variable as VariableV2
from thalweg.engine.ops import state
from thalweg.engine.ops.shaping import identity


class GraphKeys:
    """Standard names of graph collections."""

    GLOBAL_VARIABLES = "variables"
    LOCAL_VARIABLES = "local_variables"
    METRIC_VARIABLES = "metric_variables"
    MODEL_VARIABLES = "model_variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    SUMMARIES = "summaries"
    QUEUE_RUNNERS = "queue_runners"
    TABLE_INITIALIZERS = "table_initializer"
    ASSET_FILEPATHS = "asset_filepaths"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    REGULARIZATION_LOSSES = "regularization_losses"
    CONCATENATED_VARIABLES = "concatenated_variables"
    SAVERS = "savers"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    UPDATE_OPS = "update_ops"
    LOSSES = "losses"
    SAVEABLE_OBJECTS = "saveable_objects"
    RESOURCES = "resources"
    LOCAL_RESOURCES = "local_resources"
    TRAINABLE_RESOURCE_VARIABLES = "trainable_resource_variables"
    INIT_OP = "init_op"
    LOCAL_INIT_OP = "local_init_op"
    READY_OP = "ready_op"
    READY_FOR_LOCAL_INIT_OP = "ready_for_local_init_op"
    SUMMARY_OP = "summary_op"
    GLOBAL_STEP = "global_step"
    EVAL_STEP = "eval_step"
    TRAIN_OP = "train_op"
    COND_CONTEXT = "cond_context"
    WHILE_CONTEXT = "while_context"
    VARIABLES = "variables"


# -- placeholders ------------------------------------------------------------------------------------------


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SymbolicTensor:
    """A tensor that is given its value by `feed_dict` when the graph runs.

    `shape` may have unknown sizes (None), or be None altogether. Works beside eager code too: it builds into the default graph.
    """
    if local.graph is not None and local.graph.building_function:
        raise RuntimeError("tf.placeholder() is not compatible with tf.function: pass the value as an argument.")
    return state.placeholder_record(dtype=dtypes.as_dtype(dtype), shape=as_shape(shape), name=name)


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Any:
    """A tensor that is `input` unless it is fed."""
    value = convert.convert_to_tensor(input, name="input")
    return state.placeholder_with_default_record(value, shape=as_shape(shape), name=name)


# -- variables ---------------------------------------------------------------------------------------------


class Variable(VariableV2):
    """`tf.Variable` with TensorFlow 1's arguments; one and the same class to `isinstance`."""

    def __init__(
        self, initial_value: Any = None, trainable: bool | None = None, collections: Any = None, validate_shape: bool = True,
        caching_device: Any = None, name: str | None = None, variable_def: Any = None, dtype: Any = None,
        expected_shape: Any = None, import_scope: Any = None, constraint: Any = None, use_resource: Any = None,
        synchronization: Any = variables_module.VariableSynchronization.AUTO,
        aggregation: Any = variables_module.VariableAggregation.NONE, shape: Any = None,
    ):  # fmt: skip
        super().__init__(
            initial_value, trainable=trainable, validate_shape=validate_shape, name=name, dtype=dtype, constraint=constraint,
            synchronization=synchronization, aggregation=aggregation, shape=shape, collections=collections,
        )  # fmt: skip


def global_variables(scope: str | None = None) -> list[Any]:
    """All variables of the default graph that checkpoints keep."""
    return get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list[Any]:
    return get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list[Any]:
    return get_collection(GraphKeys.MODEL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Any]:
    return get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list[Any]:
    return get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def all_variables() -> list[Any]:
    return global_variables()


def variables_initializer(var_list: Any, name: str = "init") -> Any:
    """An operation that gives the variables their initial values."""
    return group(*[v.initializer for v in var_list if v.initializer is not None], name=name)


def global_variables_initializer() -> Any:
    """An operation that initializes all global variables; nothing to do where variables are eager."""
    return variables_initializer(global_variables(), name="init")


def local_variables_initializer() -> Any:
    return variables_initializer(local_variables(), name="init")


def initialize_all_variables() -> Any:
    return global_variables_initializer()


def initialize_local_variables() -> Any:
    return local_variables_initializer()


def initialize_variables(var_list: Any, name: str = "init") -> Any:
    return variables_initializer(var_list, name)


def is_variable_initialized(variable: Any) -> Any:
    return variable.is_initialized()


def report_uninitialized_variables(var_list: Any = None, name: str = "report_uninitialized_variables") -> Any:
    """A 1-D string tensor: the names of variables that have no value yet."""
    import numpy as np

    variables = global_variables() + local_variables() if var_list is None else list(var_list)
    with scope_v2(name):
        if not variables:
            return convert.convert_to_tensor(np.array([], object), dtype=dtypes.string)
        missing = REGISTRY["LogicalNot"](REGISTRY["Pack"](*[v.is_initialized() for v in variables]))
        names = convert.convert_to_tensor([v.op.name for v in variables])
        return REGISTRY["GatherV2"](names, REGISTRY["Reshape"](REGISTRY["Where"](missing), [-1]), 0)


def assert_variables_initialized(var_list: Any = None) -> Any:
    """An operation that fails with FailedPreconditionError if a variable has no value."""
    variables = global_variables() + local_variables() if var_list is None else list(var_list)
    return group(*[v.read_value() for v in variables])


def assign(
    ref: Any, value: Any, validate_shape: bool | None = None, use_locking: bool | None = None, name: str | None = None
) -> Any:
    """Set a variable; gives the new value."""
    if getattr(ref, "_is_graph_variable", False) and validate_shape is False:
        return state.assign_ref(ref.handle, ref._operand(value), validate_shape=False, name=name)
    return _variable_of(ref).assign(value, name=name)


def assign_add(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Any:
    return _variable_of(ref).assign_add(value, name=name)


def assign_sub(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Any:
    return _variable_of(ref).assign_sub(value, name=name)


def _variable_of(ref: Any) -> Any:
    if hasattr(ref, "assign"):
        return ref
    raise AttributeError(f"A variable is needed to assign to, not {ref!r}.")


def _scatter(how: str) -> Callable[..., Any]:
    def scatter(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return getattr(ref, f"scatter_{how}")(IndexedSlices(updates, convert.convert_to_tensor(indices)), name=name)

    scatter.__name__ = scatter.__qualname__ = f"scatter_{how}"
    scatter.__doc__ = f"Rows of a variable, by `indices`: {how} `updates`."
    return scatter


scatter_update, scatter_add, scatter_sub = _scatter("update"), _scatter("add"), _scatter("sub")
scatter_mul, scatter_div, scatter_min, scatter_max = _scatter("mul"), _scatter("div"), _scatter("min"), _scatter("max")


def batch_scatter_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Any:
    """Entries `[i, indices[i, j]]` of a variable: replace them by `updates[i, j]`."""
    return ref.batch_scatter_update(IndexedSlices(updates, convert.convert_to_tensor(indices)), name=name)


def scatter_nd_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Any:
    return ref.scatter_nd_update(indices, updates, name)


def scatter_nd_add(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    return ref.scatter_nd_add(indices, updates, name)


def scatter_nd_sub(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    return ref.scatter_nd_sub(indices, updates, name)


def count_up_to(ref: Any, limit: int, name: str | None = None) -> Any:
    return ref.count_up_to(limit)


# -- collections and grouping ------------------------------------------------------------------------------


def get_collection(key: Any, scope: str | None = None) -> list[Any]:
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key: Any) -> list[Any]:
    return get_default_graph().get_collection_ref(key)


def add_to_collection(name: Any, value: Any) -> None:
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names: Any, value: Any) -> None:
    get_default_graph().add_to_collections(names, value)


def no_op(name: str | None = None) -> Any:
    """An operation that does nothing but wait for its control inputs; None when ops run at once."""
    if local.graph is None:
        return None
    return state.no_op_record(name=name)


def group(*inputs: Any, **kwargs: Any) -> Any:
    """An operation that finishes when all of `inputs` have. None when ops run at once."""
    name = kwargs.pop("name", None)
    if kwargs:
        raise ValueError("Unknown keyword arguments: " + ", ".join(kwargs))
    flat = [
        getattr(x, "op", x) if not isinstance(x, (Tensor, VariableV2)) else x for x in nest.flatten(list(inputs)) if x is not None
    ]
    symbolic = [x for x in flat if isinstance(x, (SymbolicTensor, graphs.Operation)) or getattr(x, "_is_graph_variable", False)]
    if local.graph is None and not symbolic:
        return _Done() if name == "init" else None
    graph = local.graph if local.graph is not None else _graph_of(symbolic[0])
    with context.building(graph), graph.control_dependencies(symbolic):
        return state.no_op_record(name=name)


def _graph_of(x: Any) -> Graph:
    return x.graph


class _Done:
    """What initializing eager variables gives: nothing is left to run."""

    def _fetch_parts(self) -> Any:
        return [], lambda results: None

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Nothing to do."""


def tuple(tensors: Any, name: str | None = None, control_inputs: Any = None) -> list[Any]:
    """The tensors again, each available only once all of them are."""
    if local.graph is None:
        return list(tensors)
    with scope_v2(name or "tuple"):
        gate = [t for t in tensors if t is not None] + list(control_inputs or [])
        with get_default_graph().control_dependencies(gate):
            return [None if t is None else identity(t) for t in tensors]


def control_dependencies(control_inputs: Any) -> Any:
    """A context: ops made inside run after `control_inputs`."""
    if local.graph is None:
        if callable(control_inputs):
            control_inputs()
        return contextlib.nullcontext()
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function: Any) -> Any:
    """A context: ops made inside are placed on the device (accepted, and honoured where there is one)."""
    if local.graph is not None:
        return get_default_graph().device(device_name_or_function)
    return contextlib.nullcontext()


def colocate_with(op: Any, ignore_existing: bool = False) -> Any:
    return contextlib.nullcontext()


def container(container_name: str) -> Any:
    return contextlib.nullcontext()


def get_default_session() -> Any:
    return graphs.default_session()


def op_scope(values: Any, name: Any, default_name: Any = None) -> Any:
    return scope_v2(name, default_name, values)


# -- modes -------------------------------------------------------------------------------------------------


def disable_eager_execution() -> None:
    """Build graphs from now on, as TensorFlow 1 does."""
    if local.graph is None:
        context.set_initial_mode(graphs.global_default_graph)


def enable_eager_execution(config: Any = None, device_policy: Any = None, execution_mode: Any = None) -> None:
    """Run ops at once from now on. Raises ValueError once the default graph has operations."""
    if local.graph is not None and local.graph._ops:
        raise ValueError("tf.enable_eager_execution must be called at program startup.")
    context.set_initial_mode(None)


def disable_v2_behavior() -> None:
    """TensorFlow 1's ways: graphs, Dimension objects in shapes, `==` on tensors by identity."""
    disable_eager_execution()
    disable_v2_tensorshape()
    disable_tensor_equality()


def enable_v2_behavior() -> None:
    """TensorFlow 2's ways."""
    context.set_initial_mode(None)
    enable_v2_tensorshape()
    enable_tensor_equality()


def enable_v2_tensorshape() -> None:
    TensorShape.v2_behavior = True


def disable_v2_tensorshape() -> None:
    TensorShape.v2_behavior = False


def enable_tensor_equality() -> None:
    Tensor._USE_EQUALITY = True  # type: ignore[attr-defined]
    variables_module._HASHABLE = False


def disable_tensor_equality() -> None:
    Tensor._USE_EQUALITY = False  # type: ignore[attr-defined]
    variables_module._HASHABLE = True


_resource_variables = False


def enable_resource_variables() -> None:
    """Accepted: reads and writes are ordered here with either kind of variable."""
    global _resource_variables
    _resource_variables = True


def disable_resource_variables() -> None:
    global _resource_variables
    _resource_variables = False


def resource_variables_enabled() -> bool:
    return _resource_variables


def enable_control_flow_v2() -> None:
    """Accepted: control flow is functional here, as in TensorFlow 2."""


def disable_control_flow_v2() -> None:
    """Accepted: control flow is functional here either way."""


def control_flow_v2_enabled() -> bool:
    return True


def executing_eagerly_outside_functions() -> bool:
    graph = local.graph
    while graph is not None and graph.building_function:
        graph = graph.outer
    return graph is None

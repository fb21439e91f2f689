"""The global step: the variable that counts training steps.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/get_or_create_global_step
"""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.graph import GraphKeys
from thalweg.compat.v1.initializers import zeros_initializer
from thalweg.compat.v1.variable_scope import get_variable
from thalweg.engine.core import dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import get_default_graph
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.execution.variables import Variable


def get_global_step(graph: Any = None) -> Any:
    """The global step of the graph, or None."""
    graph = graph or get_default_graph()
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(found) > 1:
        return None
    if found:
        step = found[0]
    else:
        try:
            step = graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
    assert_global_step(step)
    return step


def create_global_step(graph: Any = None) -> Any:
    """A new int64 variable `global_step`, starting at 0. Raises ValueError if there is one."""
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    if local.graph is None:
        step = _new()
        graph.add_to_collection(GraphKeys.GLOBAL_STEP, step)
        return step
    with graph.as_default(), graph.name_scope(None):
        return _new()


def _new() -> Any:
    return get_variable(
        GraphKeys.GLOBAL_STEP, shape=[], dtype=dtypes.int64, initializer=zeros_initializer(), trainable=False,
        collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
    )  # fmt: skip


def get_or_create_global_step(graph: Any = None) -> Any:
    """The global step, made if there is none."""
    found = get_global_step(graph)
    return create_global_step(graph) if found is None else found


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """The number that the global step is at in a session."""
    return int(global_step_tensor.numpy() if local.graph is None else sess.run(global_step_tensor))


def assert_global_step(global_step_tensor: Any) -> None:
    """Raises TypeError unless it is a scalar variable or tensor of integers."""
    if not isinstance(global_step_tensor, (Variable, Tensor)):
        raise TypeError(f'Existing "global_step" must be a Variable or Tensor: {global_step_tensor}.')
    if not global_step_tensor.dtype.base_dtype.is_integer:
        raise TypeError(f'Existing "global_step" does not have integer type: {global_step_tensor.dtype}')
    shape = global_step_tensor.shape
    if shape.ndims != 0 and shape.is_fully_defined():
        raise TypeError(f'Existing "global_step" is not scalar: {shape}')


__all__ = ["assert_global_step", "create_global_step", "get_global_step", "get_or_create_global_step", "global_step"]

"""TensorFlow 1's names that stand alone: gradients of one's own ops, kept tensors, second derivatives.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from thalweg.engine.autodiff.symbolic import gradients
from thalweg.engine.core import convert
from thalweg.engine.core.errors import OpError as OpError
from thalweg.engine.core.graph import get_default_graph
from thalweg.engine.ops.arrays import stack
from thalweg.engine.ops.creation import zeros_like
from thalweg.engine.ops.shaping import identity, reshape


class AggregationMethod:
    """Ways to sum gradients. Accepted: they are summed by one op here."""

    ADD_N = DEFAULT = 0
    EXPERIMENTAL_TREE, EXPERIMENTAL_ACCUMULATE_N = 1, 2


GRADIENT_FUNCTIONS: dict[str, Callable[..., Any]] = {}


class RegisterGradient:
    """Decorator: a gradient function `(op, *gradients)` by name, for `graph.gradient_override_map`."""

    def __init__(self, op_type: str):
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._name = op_type

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if self._name in GRADIENT_FUNCTIONS:
            raise KeyError(f"Registering two gradient with name '{self._name}'!")
        GRADIENT_FUNCTIONS[self._name] = function
        return function


def NotDifferentiable(op_type: str) -> None:
    """Say that an op has no gradient: the ops here say so themselves."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")


NoGradient = no_gradient = NotDifferentiable


def hessians(
    ys: Any, xs: Any, name: str = "hessians", colocate_gradients_with_ops: bool = False, gate_gradients: bool = False,
    aggregation_method: Any = None,
) -> list[Any]:  # fmt: skip
    """The second derivatives of `sum(ys)` for each of `xs`: `x.shape + x.shape`. Raises ValueError for unknown shapes."""
    xs = xs if isinstance(xs, (list, tuple)) else [xs]
    found = []
    for x, first in zip(xs, gradients(ys, xs)):
        count = x.shape.num_elements()
        if count is None:
            raise ValueError(
                f"tf.hessians needs tensors of known shape, but {x} has shape {x.shape}: give the placeholder its sizes."
            )
        flat = reshape(first, [-1])
        rows = [gradients(flat[j], x)[0] for j in range(count)]
        whole = [zeros_like(x) if r is None else convert.convert_to_tensor(r) for r in rows]
        found.append(reshape(stack(whole), x.shape.as_list() * 2))
    return found


def guarantee_const(input: Any, name: str | None = None) -> Any:
    """The tensor: that it does not change is told from the graph."""
    return identity(input, name=name)


def add_check_numerics_ops() -> Any:
    """An operation that fails with InvalidArgumentError where any float of the graph is NaN or infinite."""
    from thalweg.compat.v1.graph import group
    from thalweg.engine.ops.assertions import check_numerics

    graph = get_default_graph()
    checks: list[Any] = []
    for op in graph.get_operations():
        for t in op.outputs:
            if t.dtype.base_dtype.is_floating and not t.dtype._is_ref_dtype and op.type not in ("Placeholder", "Const"):
                with graph.control_dependencies(checks[-1:]):
                    checks.append(check_numerics(t, f"{op.name}:{t.value_index}"))
    return group(*checks)


def create_partitioned_variables(
    shape: Any, slicing: Any, initializer: Any, dtype: Any = None, trainable: bool = True, collections: Any = None,
    name: str | None = None, reuse: Any = None,
) -> list[Any]:  # fmt: skip
    """Variables that are parts of one along an axis."""
    from thalweg.compat.v1.variable_scope import get_variable, variable_scope
    from thalweg.engine.core import dtypes

    axis = next((i for i, n in enumerate(slicing) if n > 1), 0)
    parts, rows = slicing[axis], shape[axis]
    sizes = [rows // parts + (i < rows % parts) for i in range(parts)]
    made = []
    with variable_scope(name, "PartitionedVariable", reuse=reuse):
        for i, n in enumerate(sizes):
            own = [n if j == axis else s for j, s in enumerate(shape)]
            made.append(
                get_variable(f"part_{i}", own, dtype or dtypes.float32, initializer, trainable=trainable, collections=collections)
            )
    return made


def initialize_all_tables(name: str = "init_all_tables") -> Any:
    from thalweg.compat import v1

    return v1.tables_initializer(name)


# -- tensors kept in a session ---------------------------------------------------------------------------------

_kept: dict[str, Any] = {}
_numbers = itertools.count()


class TensorHandle:
    """A tensor that stays in memory between runs; `handle` names it."""

    def __init__(self, handle: str):
        self.handle = handle

    def eval(self) -> Any:
        return _kept[self.handle]

    def delete(self) -> None:
        _kept.pop(self.handle, None)

    def __str__(self) -> str:
        return self.handle


def get_session_handle(data: Any, name: str | None = None) -> Any:
    """A handle of the tensor's value, each time it is run."""
    import numpy as np

    from thalweg.engine.core import dtypes
    from thalweg.engine.execution.python_calls import numpy_function

    def keep(value: Any) -> Any:
        handle = f"tensor {next(_numbers)}"
        _kept[handle] = np.array(value)
        return handle

    return numpy_function(keep, [data], dtypes.string, name=name)


def get_session_tensor(handle: Any, dtype: Any, name: str | None = None) -> tuple[Any, Any]:
    """A placeholder for a handle, and the tensor that it names."""
    from thalweg.compat.v1.graph import placeholder
    from thalweg.engine.core import dtypes
    from thalweg.engine.execution.python_calls import numpy_function

    holder = placeholder(dtypes.string, [])
    look = lambda h: _kept[h.decode()]
    return holder, numpy_function(look, [holder], dtype, name=name)


def delete_session_tensor(handle: Any, name: str | None = None) -> tuple[Any, Any]:
    """A placeholder for a handle, and an operation that lets its tensor go."""
    from thalweg.compat.v1.graph import placeholder
    from thalweg.engine.core import dtypes
    from thalweg.engine.execution.python_calls import numpy_function

    holder = placeholder(dtypes.string, [])
    return holder, numpy_function(lambda h: _kept.pop(h.decode(), None) and None, [holder], [], name=name)


# -- not offered ----------------------------------------------------------------------------------------------


def load_op_library(library_filename: Any) -> Any:
    """Not offered: raises NotImplementedError."""
    raise NotImplementedError(
        f"{library_filename}: ops compiled for TensorFlow cannot be loaded. Write the op in Python: tf.py_func."
    )


load_library = load_file_system_library = load_op_library


def wrap_function(fn: Callable[..., Any], signature: Any, name: str | None = None) -> Any:
    """A function of TensorFlow 1's kind as a `tf.function` of a fixed signature."""
    from thalweg.engine.execution.function import function

    return function(fn, input_signature=list(signature), autograph=False)

"""Python inside graphs: `tf.py_function`, `tf.numpy_function`, and the kind of op they are.

Source: https://www.tensorflow.org/api_docs/python/tf/py_function
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.autodiff.tape import GradientTape
from thalweg.engine.core import context, convert, dtypes, errors, nest
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import Graph
from thalweg.engine.core.registry import Op
from thalweg.engine.core.shape import UNKNOWN
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.engine.ops.python_errors import as_op_error


class HostOp(Op):
    """An op that runs Python on the host: inputs of any dtypes, outputs as `specs(attrs)` says.

    It is not in the op table, since its attributes are Python objects. Calling it always makes a node of a graph.
    """

    def __init__(self, kernel: Callable[..., Any], name: str, specs: Callable[[dict[str, Any]], list[TensorSpec]], vjp: Any = None):
        super().__init__(
            kernel, name, types=("any*",), shape=lambda *_, **__: UNKNOWN, out=lambda groups, attrs: (), vjp=vjp, host=True,
            stateful=True, takes_missing_gradients=True,
        )  # fmt: skip
        self.many_outputs = True  # type: ignore[attr-defined]
        self.runs_user_code = True  # type: ignore[attr-defined]
        self._specs = specs

    def __call__(self, *inputs: Any, name: str | None = None, **attrs: Any) -> Any:
        graph: Graph = local.graph if local.graph is not None else next(x.graph for x in inputs if isinstance(x, SymbolicTensor))
        with context.building(graph):
            tensors = [convert.convert_to_tensor(x) for x in inputs]
            specs = self._specs(attrs)
            node = graph.create_op(self, tensors, attrs, name, [s.dtype for s in specs], [s.shape for s in specs])
        outputs = tuple(node.outputs)
        if local.tapes and self.vjp_function is not None:
            for tape in local.tapes:
                tape.record(self, tensors, attrs, outputs)
        return outputs if outputs else node


def boxed(thing: Any) -> np.ndarray:
    """An object as a scalar array."""
    box = np.empty((), object)
    box[()] = thing
    return box


def _spec(t: Any) -> TensorSpec:
    return t if isinstance(t, TensorSpec) else TensorSpec(None, dtypes.as_dtype(t))


def _wanted(Tout: Any) -> tuple[list[TensorSpec], bool]:
    """What a function must return, and whether it is a list."""
    several = isinstance(Tout, (list, tuple))
    return [_spec(t) for t in (Tout if several else [Tout])], several


def _listed(result: Any, count: int, name: str) -> list[Any]:
    """What the function returned, one by one."""
    values = list(result) if isinstance(result, (list, tuple)) else [] if result is None else [result]
    if len(values) != count:
        raise errors.invalid(f"{name} returns {len(values)} values, but expects to see {count} values.")
    return values


def _name(function: Any) -> str:
    return getattr(function, "__qualname__", type(function).__qualname__)


def _symbolic(inputs: list[Any]) -> bool:
    return local.graph is not None or any(isinstance(x, SymbolicTensor) for x in inputs)


# -- functions of tensors ----------------------------------------------------------------------------------------


class _Taped:
    """What a call leaves for its gradient."""

    def __init__(self, tape: GradientTape, inputs: list[Any], outputs: list[Any]):
        self.tape, self.inputs, self.outputs = tape, inputs, outputs


def _call(function: Callable[..., Any], tensors: list[Any], specs: list[TensorSpec]) -> list[Any]:
    """The function's results as tensors of the dtypes promised. Raises TensorFlow's error for one of Python."""
    try:
        values = _listed(function(*tensors), len(specs), _name(function))
        return [convert.convert_to_tensor(v, dtype=s.dtype) for v, s in zip(values, specs)]
    except Exception as error:
        raise as_op_error(error) from error


def _run(xp: Any, *arrays: Any, function: Callable[..., Any], specs: list[TensorSpec]) -> Any:
    inputs = [EagerTensor(a) for a in arrays]
    with context.building(None), context.no_tapes():
        followed = [x for x in inputs if x.dtype.is_floating or x.dtype.is_complex]
        if not followed:
            return (*[t._array for t in _call(function, inputs, specs)], boxed(None))
        with GradientTape(persistent=True) as tape:
            for x in followed:
                tape.watch(x)
            outputs = _call(function, inputs, specs)
    return (*[t._array for t in outputs], boxed(_Taped(tape, inputs, outputs)))


def _run_gradient(
    xp: Any, box: Any, *gradients: Any, which: tuple[int, ...], specs: list[TensorSpec], sources: tuple[int, ...]
) -> Any:
    taped: _Taped = box.item()
    inputs = [taped.inputs[i] for i in sources]
    with context.building(None), context.no_tapes():
        arriving = [EagerTensor(g) for g in gradients]
        found = taped.tape.gradient([taped.outputs[i] for i in which], inputs, arriving, unconnected_gradients="zero")
        return tuple([convert.convert_to_tensor(d)._array for d in found])


def _vjp(y: Any, g: Any, *inputs: Any, function: Any, specs: list[TensorSpec]) -> Any:
    which = tuple(i for i, d in enumerate(g[:-1]) if d is not None and (specs[i].dtype.is_floating or specs[i].dtype.is_complex))
    sources = tuple(i for i, x in enumerate(inputs) if x.dtype.is_floating or x.dtype.is_complex)
    if not which or not sources:
        return (None,) * len(inputs)
    wanted = [TensorSpec(inputs[i].shape, inputs[i].dtype) for i in sources]
    arriving = [convert.convert_to_tensor(g[i]) for i in which]
    if _symbolic([y[-1], *arriving]):
        found = gradient_op(y[-1], *arriving, which=which, specs=wanted, sources=sources)
    else:
        found = [
            EagerTensor(a)
            for a in _run_gradient(np, y[-1]._array, *[t._array for t in arriving], which=which, specs=wanted, sources=sources)
        ]
    by_position = dict(zip(sources, found))
    return tuple(by_position.get(i) for i in range(len(inputs)))


# The last output of a call is a box for its gradient. Its dtype is that of arrays of objects, so that it passes as a value.
_BOX = TensorSpec([], dtypes.string)
py_function_op = HostOp(_run, "EagerPyFunc", lambda attrs: [*attrs["specs"], _BOX], _vjp)
gradient_op = HostOp(_run_gradient, "EagerPyFuncGrad", lambda attrs: attrs["specs"])


def py_function(func: Callable[..., Any] | None = None, inp: Any = None, Tout: Any = None, name: str | None = None) -> Any:
    """`func(*inp)`, run as Python on eager tensors each time the graph runs; differentiable.

    func: takes eager tensors, gives tensors of the dtypes `Tout`: one, or a list. Raises InvalidArgumentError for other
    results; an error of `func` comes as the `tf.errors` class that fits it.

    >>> tf.py_function(lambda x: x * 2.0, [tf.constant(3.0)], tf.float32).numpy()
    np.float32(6.0)
    """
    inputs = [x if isinstance(x, Tensor) else convert.convert_to_tensor(x) for x in nest.flatten(inp if inp is not None else [])]
    specs, several = _wanted(Tout)
    if _symbolic(inputs):
        outputs = py_function_op(*inputs, function=func, specs=specs, name=name)[:-1]
    else:
        outputs = _call(func, inputs, specs)  # type: ignore[arg-type]
    return list(outputs) if several else outputs[0]


# -- functions of arrays -----------------------------------------------------------------------------------------


def _as_given(array: np.ndarray) -> Any:
    """An input as the function gets it: an array of its own, a NumPy scalar, `bytes`."""
    if array.ndim:
        return np.array(array)
    return array.item() if array.dtype == object else array[()]


def _as_array(value: Any) -> np.ndarray:
    array = np.asarray(value)
    return convert.to_array(value) if array.dtype.kind in "USO" else array


def _run_numpy(xp: Any, *arrays: Any, function: Callable[..., Any], specs: list[TensorSpec]) -> Any:
    with context.building(None), context.no_tapes():
        try:
            result = function(*[_as_given(np.asarray(a)) for a in arrays])
        except Exception as error:
            raise as_op_error(error) from error
    values = [_as_array(v) for v in _listed(result, len(specs), _name(function))]
    for i, (v, s) in enumerate(zip(values, specs)):
        found = dtypes.FROM_NUMPY.get(v.dtype)
        if found is not s.dtype:
            raise errors.invalid(
                f"{i}-th value returned by {_name(function)} is {found.name if found else v.dtype}, but expects {s.dtype.name}: "
                "return it with that dtype, for example with .astype."
            )
    return tuple(values)


numpy_function_op = HostOp(_run_numpy, "PyFunc", lambda attrs: attrs["specs"])


def numpy_function(
    func: Callable[..., Any] | None = None, inp: Any = None, Tout: Any = None, stateful: bool = True, name: str | None = None
) -> Any:
    """`func(*inp)`, run as Python on NumPy arrays each time the graph runs. It has no gradient.

    func: takes arrays (NumPy scalars, `bytes`), gives arrays of exactly the dtypes `Tout`: one, or a list. Raises
    InvalidArgumentError for other results.

    >>> tf.numpy_function(np.sinh, [np.float32(0.0)], tf.float32).numpy()
    np.float32(0.0)
    """
    inputs = [x if isinstance(x, Tensor) else convert.convert_to_tensor(x) for x in nest.flatten(inp if inp is not None else [])]
    specs, several = _wanted(Tout)
    if _symbolic(inputs):
        outputs = numpy_function_op(*inputs, function=func, specs=specs, name=name)
        if not specs:
            return outputs
        return list(outputs) if several else outputs[0]
    result = nest.flatten(func(*[np.array(x) for x in nest.flatten(inp if inp is not None else [])]))  # type: ignore[misc]
    found = [None if v is None else convert.convert_to_tensor(v) for v in result]
    return found[0] if len(found) == 1 else found


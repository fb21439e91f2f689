"""From what a user has (a function, a tensor of a graph, a Keras model) to a computation that can be swept."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.execution.plan import Plan
from thalweg.engine.xp import to_numpy
from thalweg.explaining.explanation import Explanation
from thalweg.explaining.sweep import Computation, sweep


def explain(
    what: Any, *inputs: Any, feed_dict: dict[Any, Any] | None = None, session: Any = None, **named: Any
) -> Explanation:  # fmt: skip
    """How a result is computed, and how its derivatives are: every node's value, and every term of the chain rule.

    what: a function of tensors, with its inputs behind it (Python numbers become float32); a tensor of a TensorFlow 1 graph, with
    `feed_dict` and, for variables, `session` (default: the current one); or a built Keras model, with `x` and, for the compiled
    loss, `y`. Of a result that is no scalar, the derivative of its sum. Raises TypeError for anything else, ValueError for a
    result without a derivative.

    >>> print(tf.explain(lambda x, y: x * x * y + y + 2, 3.0, 4.0))
    Forward
      n1 = x        = 3
      n2 = y        = 4
      n3 =            2
      n4 = n1 * n1  = 9
      n5 = n4 * n2  = 36
      n6 = n5 + n2  = 40
      n7 = n6 + n3  = 42
    <BLANKLINE>
    Backward
      ∂f/∂n7 = 1
      ∂f/∂n6 = ∂f/∂n7 · ∂n7/∂n6
        = 1 · 1
        = 1
      ∂f/∂n5 = ∂f/∂n6 · ∂n6/∂n5
        = 1 · 1
        = 1
      ∂f/∂n4 = ∂f/∂n5 · ∂n5/∂n4
        = 1 · 4
        = 4
      ∂f/∂y = ∂f/∂n6 · ∂n6/∂n2 + ∂f/∂n5 · ∂n5/∂n2
        = 1 · 1 + 1 · 9
        = 10
      ∂f/∂x = ∂f/∂n4 · ∂n4/∂n1 + ∂f/∂n4 · ∂n4/∂n1
        = 4 · 3 + 4 · 3
        = 24
    """
    if isinstance(what, SymbolicTensor):
        if inputs or named:
            raise TypeError("A tensor of a graph takes its inputs by feed_dict={placeholder: value}.")
        return sweep(_of_tensor(what, feed_dict or {}, session))
    if feed_dict is not None or session is not None:
        raise TypeError(f"feed_dict and session go with a tensor of a graph, not with {what!r}.")
    if _is_model(what):
        return sweep(_of_model(what, *inputs, **named))
    if callable(what):
        return sweep(_of_function(what, inputs, named))
    raise TypeError(f"tf.explain takes a function, a tensor of a graph or a Keras model, not {what!r}.")


def _is_model(what: Any) -> bool:
    keras = sys.modules.get("thalweg.keras")
    return keras is not None and isinstance(what, keras.Model)


def _of_function(function: Callable[..., Any], inputs: Any, named: dict[str, Any]) -> Computation:
    args, kwargs = tf.nest.map_structure(_tensor, (inputs, named))
    plain = getattr(function, "python_function", function)
    traced = tf.function(plain, autograph=getattr(plain, "__name__", "") != "<lambda>")  # a lambda's source cannot be told apart
    concrete = traced.get_concrete_function(*args, **kwargs)
    given = [x for x in tf.nest.flatten((args, kwargs), expand_composites=True) if isinstance(x, tf.Tensor)]
    feeds = [to_numpy(t._array) for t in [*given, *concrete.graph.captured_values()]]
    targets = [t for t in concrete.outputs if t is not None]
    if not targets:
        raise ValueError(f"{getattr(plain, '__name__', plain)!r} gives no tensor: there is no result to explain.")
    names = {id(t): t.op.name for t in concrete.graph.inputs}
    return Computation(concrete.plan, feeds, targets, names)


def _tensor(x: Any) -> Any:
    if isinstance(x, (bool, str, bytes)) or x is None or hasattr(x, "handle"):
        return x
    if isinstance(x, (int, float)):
        return tf.constant(float(x))
    return tf.convert_to_tensor(x) if isinstance(x, (np.ndarray, np.generic)) else x


def _of_model(model: Any, x: Any, y: Any = None) -> Computation:
    def outputs(x: Any) -> Any:
        return model(x, training=False)

    def loss(x: Any, y: Any) -> Any:
        return model.compute_loss(x, y, model(x, training=False), training=False)

    cast = tf.nest.map_structure(lambda a: np.asarray(a, np.float32) if np.asarray(a).dtype == np.float64 else np.asarray(a), x)
    return _of_function(outputs, (cast,), {}) if y is None else _of_function(loss, (cast, np.asarray(y)), {})


def _of_tensor(tensor: Any, feed_dict: dict[Any, Any], session: Any) -> Computation:
    session = session or tf.compat.v1.get_default_session()
    feeds = list(feed_dict)
    arrays = [np.asarray(v, k.dtype.as_numpy_dtype) for k, v in feed_dict.items()]
    for placeholder, array in zip(feeds, arrays):
        if not placeholder.shape.is_compatible_with(array.shape):
            raise ValueError(f"{placeholder.name} has shape {placeholder.shape}, and cannot be fed a value of shape {array.shape}.")

    def cell_of(op: Any) -> Any:
        if session is None:
            raise ValueError(f"{op.name!r} is a variable: its value is a session's. Pass session=, or call inside `with session:`.")
        return session.cell_of(op)

    return Computation(Plan(tensor.graph, [tensor], feeds, cell_of), arrays, [tensor], {id(t): t.op.name for t in feeds})

"""`tf.contrib.eager`: eager execution, under its first name.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/eager
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf2
from thalweg.compat import v1 as tf
from thalweg.compat.v1.graph import enable_eager_execution as enable_eager_execution
from thalweg.engine.core.context import executing_eagerly as executing_eagerly
from thalweg.engine.execution.function import function as defun
from thalweg.engine.execution.python_calls import py_function as py_func
from thalweg.engine.execution.variables import Variable as Variable
from thalweg.train import Checkpoint as Checkpoint, Saver as Saver

in_eager_mode = executing_eagerly
GradientTape = tf2.GradientTape
function = defun
ResourceVariable = Variable


def in_graph_mode() -> bool:
    return not executing_eagerly()


def Iterator(dataset: Any) -> Any:
    """An iterator over a dataset's elements."""
    return iter(dataset)


def run(main: Any = None, argv: Any = None) -> Any:
    """Run a program eagerly."""
    enable_eager_execution()
    return tf.app.run(main, argv)


def num_gpus() -> int:
    """How many GPUs there are."""
    return len(tf2.config.list_physical_devices("GPU"))


list_devices = lambda: [d.name for d in tf2.config.list_logical_devices()]


def _flat(params: Any) -> list[Any]:
    return [tf2.convert_to_tensor(p) if not isinstance(p, Variable) else p for p in params]


def gradients_function(f: Callable[..., Any], params: Any = None) -> Callable[..., Any]:
    """A function that gives the gradients of `f` by its arguments (those of the positions `params`)."""

    def gradients(*args: Any, **kwargs: Any) -> Any:
        return value_and_gradients_function(f, params)(*args, **kwargs)[1]

    return gradients


def value_and_gradients_function(f: Callable[..., Any], params: Any = None) -> Callable[..., Any]:
    """A function that gives `f`'s value and its gradients by its arguments."""

    def both(*args: Any, dy: Any = None) -> Any:
        inputs = _flat(args)
        chosen = inputs if params is None else [inputs[i] for i in params]
        with tf2.GradientTape() as tape:
            for x in chosen:
                tape.watch(x)
            y = f(*inputs)
        return y, tape.gradient(y, chosen, output_gradients=dy)

    return both


def implicit_gradients(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function that gives pairs of gradient and variable, for the trainable variables that `f` reads."""

    def gradients(*args: Any, **kwargs: Any) -> Any:
        return implicit_value_and_gradients(f)(*args, **kwargs)[1]

    return gradients


def implicit_value_and_gradients(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function that gives `f`'s value, and pairs of gradient and variable. Raises ValueError where it reads none."""

    def both(*args: Any, **kwargs: Any) -> Any:
        with tf2.GradientTape() as tape:
            y = f(*args, **kwargs)
        variables = list(tape.watched_variables())
        if not variables:
            raise ValueError("No trainable variables were accessed while the function was being computed.")
        return y, list(zip(tape.gradient(y, variables), variables))

    return both


def __getattr__(name: str) -> Any:
    if name == "metrics":
        return tf2.keras.metrics
    raise AttributeError(f"module 'thalweg.contrib.eager' has no attribute {name!r}")

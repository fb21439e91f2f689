"""`tf.custom_gradient`: a function with its gradient given by hand.

Source: https://www.tensorflow.org/api_docs/python/tf/custom_gradient
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from thalweg.engine.autodiff.tape import GradientTape
from thalweg.engine.core import context, convert, nest
from thalweg.engine.core.context import local
from thalweg.engine.core.registry import ANY, Op
from thalweg.engine.core.tensor import EagerTensor, Tensor


class _CustomGradient(Op):
    """An op made for one call: the identity, with the user's gradient."""

    def __init__(self, count: int, gradient: Callable[..., Any]):
        super().__init__(
            lambda xp, *xs: xs, "IdentityN", types=("T*",), dtypes=ANY, out=lambda groups, attrs: (),
            shape=lambda *shapes, **_: tuple(shapes[:count]), vjp=gradient,
        )  # fmt: skip
        self.many_outputs = True  # type: ignore[attr-defined]


def custom_gradient(f: Callable[..., Any] | None = None) -> Any:
    """Decorator: `f(*args)` returns `(result, grad)`, and `grad(*upstream)` the gradients of the arguments.

    Where `f` uses variables, `grad` takes `variables=` and returns `(gradients, gradients of the variables)`.

    >>> @tf.custom_gradient
    ... def log1pexp(x):
    ...     e = tf.exp(x)
    ...     return tf.math.log(1 + e), lambda upstream: upstream * (1 - 1 / (1 + e))
    >>> log1pexp(tf.constant(0.0)).numpy()
    np.float32(0.6931472)
    """
    if f is None:
        return custom_gradient

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        flat = [convert.convert_to_tensor(x) if not isinstance(x, Tensor) else x for x in nest.flatten(args)]
        args = nest.pack_sequence_as(args, flat)
        outer = local.tapes
        local.tapes = []
        try:
            with GradientTape() as used:
                result, gradient = f(*args, **kwargs)
        finally:
            local.tapes = outer
        variables = list(used.watched_variables())
        flat_result = [convert.convert_to_tensor(y) for y in nest.flatten(result)]
        outputs = _attach(flat, variables, flat_result, gradient)
        return nest.pack_sequence_as(result, outputs)

    return decorated


def _attach(inputs: list[Any], variables: list[Any], results: list[Any], gradient: Callable[..., Any]) -> list[Any]:
    """The results again, as outputs of an op whose gradient is the user's."""

    def vjp(y: Any, g: Any, *recorded: Any, **_: Any) -> Any:
        if variables:
            deltas, of_variables = gradient(*g, variables=variables)
        else:
            deltas, of_variables = gradient(*g), []
        flat = nest.flatten(deltas)
        if len(flat) != len(inputs):
            raise ValueError(
                f"custom_gradient function expected to return {len(inputs)} gradients, but returned {len(flat)} instead."
            )
        flat = [None if d is None else d if hasattr(d, "dense_shape") else convert.convert_to_tensor(d) for d in flat]
        extra = [None] * len(results) if recorded and len(recorded) == len(inputs) + len(results) + len(variables) else []
        return (*flat, *extra, *nest.flatten(of_variables))

    op = _CustomGradient(len(results), vjp)
    if local.graph is None and all(isinstance(x, EagerTensor) for x in results):
        outputs: Any = tuple(EagerTensor(x._array) for x in results)
        recorded = (*inputs, *(v.handle for v in variables))
        for tape in local.tapes:
            for v in variables:
                tape.note_variable(v)
            tape.record(op, recorded, {}, outputs)
        for accumulator in local.forward:
            accumulator.push(op, recorded, {}, outputs)
        return list(outputs)
    return _attach_in_graph(op, inputs, variables, results)


def _attach_in_graph(op: _CustomGradient, inputs: list[Any], variables: list[Any], results: list[Any]) -> list[Any]:
    """A node `IdentityN(results, inputs, handles)` that gives the results; its gradient goes to inputs and handles."""
    graph = next(x.graph for x in [*results, *inputs] if not isinstance(x, EagerTensor))
    with context.building(graph):
        inputs = [convert.convert_to_tensor(x) for x in inputs]
        results = [convert.convert_to_tensor(x) for x in results]
        handles = [v.handle if not hasattr(v.handle, "read") else graph.capture_cell(v.handle) for v in variables]
        user = op.vjp_function

        def vjp(y: Any, g: Any, *recorded: Any, **_: Any) -> Any:
            deltas = user(y, g)  # type: ignore[misc]
            return (*[None] * len(results), *deltas[: len(inputs)], *deltas[len(inputs) :])

        op.vjp_function = vjp
        op.kernel = lambda xp, *xs: xs[: len(results)]  # type: ignore[assignment]
        op.resource_inputs = len(handles)  # type: ignore[attr-defined]
        op.types = ("any*",) if not handles else ("any*",) + ("resource",) * len(handles)
        op.variadic = 0
        node = graph.create_op(op, [*results, *inputs, *handles], {}, None, [x.dtype for x in results], [x.shape for x in results])
        outputs = tuple(node.outputs)
        for tape in local.tapes:
            for v in variables:
                tape.note_variable(v)
            tape.record(op, tuple(node._inputs), {}, outputs)
    return list(outputs)


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """Run `f` forward, pass gradients through as if it were the identity."""

    @custom_gradient
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **kwargs), lambda *g, **_: g[0] if len(g) == 1 else g

    return wrapped


def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """Forget `f`'s intermediate values and compute them again in the backward pass: less memory, more time."""

    @functools.wraps(f)
    def inner(*args: Any, **kwargs: Any) -> Any:
        @custom_gradient
        def call(*tensors: Any) -> Any:
            with context.no_tapes():
                result = f(*tensors, **kwargs)

            def gradient(*g: Any, variables: Any = None) -> Any:
                with GradientTape() as tape:
                    tape.watch(list(tensors))
                    again = f(*tensors, **kwargs)
                sources = [list(tensors), list(variables or [])]
                deltas, of_variables = tape.gradient(again, sources, output_gradients=nest.pack_sequence_as(again, list(g)))
                return (deltas, of_variables) if variables else deltas

            return result, gradient

        return call(*args)

    return inner

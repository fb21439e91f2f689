"""Traces of functions in words: what they take, give and capture.

Source: https://www.tensorflow.org/api_docs/python/tf/types/experimental/ConcreteFunction
"""

from __future__ import annotations

import inspect
from typing import Any

from thalweg.engine.core.tensor import Tensor
from thalweg.engine.core.tensor_spec import TensorSpec


def parameters_of(function: Any, given: Any) -> dict[str, tuple[str, Any]]:
    """Each parameter's kind and what was given for it."""
    args, kwargs = given
    try:
        signature = inspect.signature(function)
        bound = signature.bind(*args, **kwargs)
    except (TypeError, ValueError):
        return {f"arg{i}": ("POSITIONAL_ONLY", a) for i, a in enumerate(args)}
    bound.apply_defaults()
    return {name: (signature.parameters[name].kind.name, value) for name, value in bound.arguments.items()}


def typed(x: Any) -> str:
    """A value's type, in TensorFlow's words."""
    if isinstance(x, (Tensor, TensorSpec)):
        return repr(TensorSpec(x.shape, x.dtype))
    if isinstance(x, dict):
        return f"Dict[{', '.join(f'[{k!r}, {typed(v)}]' for k, v in x.items())}]"
    if isinstance(x, (list, tuple)):
        return f"{'List' if isinstance(x, list) else 'Tuple'}[{', '.join(map(typed, x))}]"
    if x is None or isinstance(x, (bool, int, float, str, bytes)):
        return f"Literal[{x!r}]"
    return repr(getattr(x, "_type_spec", x))


def pretty(function: Any, given: Any, outputs: Any, captured: list[Any]) -> str:
    """Parameters, results and captured tensors, a line each."""
    lines = ["Input Parameters:"]
    lines += [f"  {name} ({kind}): {typed(value)}" for name, (kind, value) in parameters_of(function, given).items()] or ["  None"]
    lines += ["Output Type:", f"  {typed(outputs)}", "Captures:"]
    lines += [f"  {id(t)}: {typed(t)}" for t in captured if isinstance(t, Tensor)] or ["  None"]
    return "\n".join(lines)

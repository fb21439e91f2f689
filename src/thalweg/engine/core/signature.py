"""The vocabulary of op signatures: kinds of inputs, sets of dtypes, samples for tests."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from thalweg.engine.core import dtypes as _d

HOST = "host"  # an input whose value must be known on the host when the op runs: a shape, an axis
RESOURCE = "resource"  # an input that is a variable's cell

FLOAT = (_d.float16, _d.bfloat16, _d.float32, _d.float64)
COMPLEX = (_d.complex64, _d.complex128)
SIGNED = (_d.int8, _d.int16, _d.int32, _d.int64)
UNSIGNED = (_d.uint8, _d.uint16, _d.uint32, _d.uint64)
INTEGER = SIGNED + UNSIGNED
REAL = FLOAT + INTEGER
INEXACT = FLOAT + COMPLEX
NUMERIC = REAL + COMPLEX
INDEX = (_d.int32, _d.int64)
BOOL = (_d.bool,)
BASIC = NUMERIC + BOOL
ANY = BASIC + (_d.string,)


def kernel_parameters(kernel: Callable[..., Any]) -> tuple[tuple[str, ...], dict[str, Any], frozenset[str]]:
    """The inputs that a kernel `(xp, *inputs, *, attributes)` names, its attributes' defaults, and those that have none."""
    parameters = list(inspect.signature(kernel).parameters.values())[1:]
    inputs = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL))
    attributes = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
    required = frozenset(p.name for p in attributes if p.default is p.empty)
    return inputs, {p.name: None if p.name in required else p.default for p in attributes if p.name != "state"}, required


class Sample:
    """Inputs for the table tests: a shape tuple stands for random data, arrays and lists are taken as they are."""

    def __init__(self, *inputs: Any, **attrs: Any):
        self.inputs, self.attrs = inputs, attrs

    def __repr__(self) -> str:
        return f"Sample({', '.join([repr(i) for i in self.inputs] + [f'{k}={v!r}' for k, v in self.attrs.items()])})"

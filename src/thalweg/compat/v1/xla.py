"""`tf.xla`: graphs are compiled by XLA as it pays; these names are accepted."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any


@contextlib.contextmanager
def _jit_scope(compile_ops: Any = True, separate_compiled_gradients: bool = False) -> Iterator[None]:
    yield


def _compile(computation: Callable[..., Any], inputs: Any = None) -> Any:
    return computation(*(inputs or []))


experimental = SimpleNamespace(jit_scope=_jit_scope, compile=_compile)

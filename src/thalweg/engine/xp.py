"""The one file that knows how the engines meet: NumPy arrays on one side, jax.numpy under XLA's trace on the other."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np


@functools.cache
def jax() -> Any:
    """JAX, imported at the first compile and set to TensorFlow's dtypes (64-bit ones included)."""
    import jax as module

    module.config.update("jax_enable_x64", True)
    return module


@functools.cache
def jnp() -> Any:
    return jax().numpy


def compiled(function: Callable[..., Any], donate: int, cpu_options: dict[str, str]) -> Callable[..., Any]:
    """A function for XLA: compiled once for each kind of arguments; the buffers of argument number `donate` are used again."""
    options = cpu_options if jax().default_backend() == "cpu" else {}
    return jax().jit(function, donate_argnums=(donate,), compiler_options=options or None)


def is_concrete(value: Any) -> bool:
    """Whether a value is known while tracing: NumPy's, not a tracer."""
    return isinstance(value, (np.ndarray, np.generic))


def to_numpy(array: Any) -> np.ndarray:
    """An engine's result as a NumPy array; XLA's CPU buffers are not copied."""
    return array if type(array) is np.ndarray else np.asarray(array)

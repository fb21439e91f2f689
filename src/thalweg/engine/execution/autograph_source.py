"""`tf.autograph`: the code that AutoGraph makes, functions that it leaves alone, options of loops.

Source: https://www.tensorflow.org/api_docs/python/tf/autograph
"""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import malt.impl.api as malt_api
from malt.core.converter import Feature as Feature
from malt.lang.directives import set_loop_options as set_loop_options

from thalweg.engine.execution.autograph import _our_operators, transform


def to_graph(entity: Any, recursive: bool = True, experimental_optional_features: Any = None) -> Any:
    """A function, or the methods of a class' call, with its control flow made fit for tensors.

    Raises ValueError for what has no source code.
    """
    if not callable(entity):
        raise ValueError(f"{entity!r} is no function: tf.autograph.to_graph takes one.")
    return malt_api.autograph_artifact(transform(entity))


def to_code(entity: Any, recursive: bool = True, experimental_optional_features: Any = None) -> str:
    """The source code that AutoGraph makes of a function. Raises ValueError for what has no source code."""
    python = getattr(entity, "python_function", entity)
    try:
        inspect.getsource(python)
    except (OSError, TypeError) as error:
        raise ValueError(f"{entity!r} has no source code that could be read: {error}") from None
    with _our_operators():
        made = malt_api.to_graph(python, recursive=recursive, experimental_optional_features=experimental_optional_features)
    return textwrap.dedent(inspect.getsource(made))


def do_not_convert(func: Callable[..., Any] | None = None) -> Any:
    """Decorator: AutoGraph leaves the function as it stands."""
    if func is None:
        return do_not_convert
    made = malt_api.do_not_convert(func)
    return functools.wraps(func)(made)


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """How much AutoGraph tells of its work: 0 nothing, more with each level."""
    from malt.utils import ag_logging

    ag_logging.set_verbosity(level, alsologtostdout)


def trace(*args: Any) -> None:
    """Print arguments while a function is traced, and not when it runs."""
    print(*args)

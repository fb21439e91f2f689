"""Strides, windows, paddings and layouts as users give them, made what the records of convolution and pooling take."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import FLOAT, REGISTRY, Sample, op
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops import conv, pool as pooling, windows as win

FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


def known_format(data_format: str | None, n: int) -> str:
    fmt = data_format or FORMATS[n][0]
    if fmt not in FORMATS[n]:
        raise ValueError(f"data_format must be {FORMATS[n][0]} or {FORMATS[n][1]}, not {data_format!r}.")
    return fmt


def per_dimension(value: Any, n: int, fmt: str, what: str) -> list[int]:
    """One entry per dimension from 1, n or n + 2 numbers."""
    if value is None:
        return [1] * (n + 2)
    values = [int(value)] if np.ndim(value) == 0 else [int(v) for v in value]
    if len(values) == 1:
        values *= n
    if len(values) == n:
        return [1, *values, 1] if win.channels_last(fmt) else [1, 1, *values]
    if len(values) != n + 2:
        raise ValueError(f"{what} should be of length 1, {n} or {n + 2} but was {len(values)}.")
    return values


def padding_attrs(padding: Any, fmt: str) -> dict[str, Any]:
    """`padding` as attributes: a name, or a list of pairs."""
    if isinstance(padding, str):
        if padding.upper() not in ("SAME", "VALID"):
            raise errors.wrong_argument(f'padding must be "SAME", "VALID" or a list of pairs, not {padding!r}.')
        return {"padding": padding.upper()}
    return {"padding": "EXPLICIT", "explicit_paddings": [int(v) for pair in padding for v in pair]}


def as_tensor(x: Any) -> Any:
    return convert.convert_to_tensor(x)


# -- one dimension as two ------------------------------------------------------------------------------------------


def lift(x: Any, fmt: str) -> Any:
    """A 1-D problem as a 2-D one of height 1."""
    return REGISTRY["ExpandDims"](as_tensor(x), 1 if win.channels_last(fmt) else 2)


def lower(y: Any, fmt: str, name: str | None = None) -> Any:
    return REGISTRY["Squeeze"](y, squeeze_dims=[1 if win.channels_last(fmt) else 2], name=name)


def lift_list(values: list[int], fmt: str) -> list[int]:
    return [values[0], 1, *values[1:]] if win.channels_last(fmt) else [*values[:2], 1, *values[2:]]


def lift_pairs(padding: Any, fmt: str) -> Any:
    pairs = [list(p) for p in padding]
    return [pairs[0], [0, 0], *pairs[1:]] if win.channels_last(fmt) else [*pairs[:2], [0, 0], *pairs[2:]]

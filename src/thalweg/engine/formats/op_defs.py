"""What TensorFlow's ops take, give and are told: the names and kinds that GraphDefs are written and read with.

The table beside this page, `op_defs.json`, holds for each op its inputs, its outputs and its attributes.
"""

from __future__ import annotations

import functools
import json
import pathlib
from dataclasses import dataclass
from typing import Any

NO_DEFAULT: Any = object()


@dataclass(frozen=True)
class Arg:
    """An input or output: its `kind` is a dtype's name or the attribute that holds the dtype.

    `count` names the attribute that says how many tensors it is; `listed` that `kind` is an attribute holding one dtype each.
    """

    name: str
    kind: str
    count: str = ""
    listed: bool = False
    is_ref: bool = False


@dataclass(frozen=True)
class Attr:
    """An attribute: its kind (`int`, `list(shape)`, ...) and what it is when nothing is said, else `NO_DEFAULT`."""

    kind: str
    default: Any = NO_DEFAULT


@dataclass(frozen=True)
class OpSignature:
    """One op's inputs, outputs and attributes, in order."""

    name: str
    inputs: tuple[Arg, ...]
    outputs: tuple[Arg, ...]
    attrs: dict[str, Attr]


@functools.cache
def _table() -> dict[str, Any]:
    return json.loads((pathlib.Path(__file__).parent / "op_defs.json").read_text())


@functools.cache
def op_signature(name: str) -> OpSignature | None:
    """TensorFlow's signature of an op; None where TensorFlow has no such op.

    >>> from thalweg.engine.formats.op_defs import op_signature
    >>> [a.name for a in op_signature("MatMul").inputs]
    ['a', 'b']
    """
    entry = _table().get(name)
    if entry is None:
        return None
    inputs, outputs, attrs = entry
    return OpSignature(name, tuple(map(_arg, inputs)), tuple(map(_arg, outputs)), {k: Attr(*v) for k, v in attrs.items()})


def _arg(entry: list[str]) -> Arg:
    name, kind = entry
    is_ref, kind = kind.startswith("&"), kind.removeprefix("&")
    if kind.startswith("*"):
        return Arg(name, kind[1:], listed=True, is_ref=is_ref)
    count, _, kind = kind.rpartition("*")
    return Arg(name, kind, count, is_ref=is_ref)


def spans(args: tuple[Arg, ...], total: int) -> list[int]:
    """How many of `total` tensors belong to each argument; arguments that take several share what the others leave."""
    several = sum(1 for a in args if a.count or a.listed)
    each = (total - (len(args) - several)) // several if several else 0
    return [each if a.count or a.listed else 1 for a in args]

"""Operations on the bits of integers, element by element.

Source: https://www.tensorflow.org/api_docs/python/tf/bitwise
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import dtypes
from thalweg.engine.core.registry import INTEGER, Op
from thalweg.engine.ops.families import binary, unary


def _bits(name: str, kernel: Any, doc: str) -> Op:
    return binary(name, kernel, dtypes=INTEGER, doc=doc)


def _clamped(xp: Any, x: Any, y: Any) -> Any:
    """Shifts by less than nothing, or past the width, are those by 0 and by all bits but one."""
    return xp.clip(y, 0, 8 * x.dtype.itemsize - 1)


bitwise_and = _bits("BitwiseAnd", lambda xp, x, y: x & y, "The bits that are set in both. Shapes broadcast.")
bitwise_or = _bits("BitwiseOr", lambda xp, x, y: x | y, "The bits that are set in either. Shapes broadcast.")
bitwise_xor = _bits("BitwiseXor", lambda xp, x, y: x ^ y, "The bits that are set in exactly one. Shapes broadcast.")
left_shift = _bits(
    "LeftShift", lambda xp, x, y: x << _clamped(xp, x, y), "The bits of `x` moved up by `y` places; those past the width are lost."
)
right_shift = _bits(
    "RightShift", lambda xp, x, y: x >> _clamped(xp, x, y), "The bits of `x` moved down by `y` places; a sign stays."
)
invert = unary("Invert", lambda xp, x: ~x, dtypes=INTEGER, doc="Every bit turned over.")


def _count(xp: Any, x: Any) -> Any:
    unsigned = x if x.dtype.kind == "u" else x.astype(f"u{x.dtype.itemsize}")  # of a negative number its two's complement
    return xp.bitwise_count(unsigned)


population_count = unary("PopulationCount", _count, dtypes=INTEGER, out=dtypes.uint8,
                         doc="The number of bits that are set.")  # fmt: skip

"""Rounding, and the neighbouring float."""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import FLOAT, REGISTRY, SIGNED, Op
from thalweg.engine.ops.families import binary, unary


def _no_gradient(y: Any, g: Any, x: Any) -> None:
    return None



def _rounding(name: str, kernel: Any, doc: str | None, dtypes: Any = FLOAT) -> Op:
    return unary(name, kernel, dtypes=dtypes, domain=(-3.0, 3.0), vjp=_no_gradient, doc=doc)


ceil = _rounding("Ceil", lambda xp, x: xp.ceil(x), "The nearest integer that is not smaller.")
floor = _rounding("Floor", lambda xp, x: xp.floor(x), "The nearest integer that is not larger.")
rint = _rounding("Rint", lambda xp, x: xp.rint(x), "The nearest integer; halves go to the even one.")
round_op = _rounding("Round", lambda xp, x: x if x.dtype.kind == "i" else xp.rint(x), None, FLOAT + SIGNED)


@dispatchable
def round(x: Any, name: str | None = None) -> Any:
    """The nearest integer, in the dtype of `x`; halves go to the even one.

    >>> tf.round([0.5, 1.5, -2.6]).numpy()
    array([ 0.,  2., -3.], dtype=float32)
    """
    x = convert.convert_to_tensor(x)
    return x if x.dtype.is_integer else round_op(x, name=name)


nextafter = binary(
    "NextAfter",
    lambda xp, x1, x2: xp.nextafter(x1, x2),
    dtypes=(dtypes.float64, dtypes.float32),
    vjp=lambda y, g, a, b: (g, lambda: REGISTRY["ZerosLike"](g)),
    public="nextafter",
    doc="The next float after `x1` towards `x2`. Shapes broadcast.",
)

"""Products of matrices."""

from __future__ import annotations

from typing import Any

from thalweg.engine.core.registry import NUMERIC, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.ops.elementwise import conj


def _matmul_shape(a: TensorShape, b: TensorShape, *, transpose_a: bool, transpose_b: bool) -> TensorShape:
    a, b = a.with_rank(2), b.with_rank(2)
    m, k = reversed(a._dims) if transpose_a else a._dims  # type: ignore[misc, arg-type]
    k2, n = reversed(b._dims) if transpose_b else b._dims  # type: ignore[misc, arg-type]
    if k is not None and k2 is not None and k != k2:
        raise ValueError(
            f"Matrix size-incompatible: In[0]: {a.as_list()}, In[1]: {b.as_list()}: the inner dimensions {k} and {k2} differ"
        )
    return TensorShape([m, n])


@op(
    "MatMul",
    dtypes=NUMERIC,
    shape=_matmul_shape,
    samples=[
        Sample((2, 3), (3, 5)),
        Sample((3, 2), (5, 3), transpose_a=True, transpose_b=True),
        Sample((3, 2), (3, 5), transpose_a=True),
        Sample((2, 3), (5, 3), transpose_b=True),
        Sample((0, 3), (3, 5)),
        Sample((2, 0), (0, 5)),
    ],
)
def mat_mul(xp: Any, a: Any, b: Any, *, transpose_a: bool = False, transpose_b: bool = False) -> Any:
    return xp.matmul(a.T if transpose_a else a, b.T if transpose_b else b)


@mat_mul.vjp
def _(y: Any, g: Any, a: Any, b: Any, *, transpose_a: bool, transpose_b: bool) -> Any:
    # Each product keeps 2-D operands and states its transposes: the form both engines run fastest.
    a, b = conj(a), conj(b)

    def da() -> Any:
        if transpose_a:
            return mat_mul(b, g, transpose_a=transpose_b, transpose_b=True)
        return mat_mul(g, b, transpose_b=not transpose_b)

    def db() -> Any:
        if transpose_b:
            return mat_mul(g, a, transpose_a=True, transpose_b=transpose_a)
        return mat_mul(a, g, transpose_a=not transpose_a)

    return da, db

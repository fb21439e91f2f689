"""Products of matrices, and of tensors over some of their axes.

`a, b` are the operands, `y` the product, `g` the arriving gradient.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import HOST, NUMERIC, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape, broadcast
from thalweg.engine.core.tensor import EagerTensor, static_shape
from thalweg.engine.ops.complex_numbers import conj
from thalweg.engine.ops.families import unbroadcast

# -- two matrices ------------------------------------------------------------------------------------------


def _matmul_shape(a: TensorShape, b: TensorShape, *, transpose_a: bool, transpose_b: bool) -> TensorShape:
    for x in (a, b):
        if x.rank not in (None, 2):
            raise ValueError(f"Shape must be rank 2 but is rank {x.rank}")
    (m, k), (k2, n) = (
        (None, None) if x._dims is None else reversed(x._dims) if t else x._dims
        for x, t in ((a, transpose_a), (b, transpose_b))
    )
    _check_inner(a, b, k, k2)
    return TensorShape([m, n])


def _check_inner(a: TensorShape, b: TensorShape, k: int | None, k2: int | None) -> None:
    if k is not None and k2 is not None and k != k2:
        raise ValueError(
            f"Matrix size-incompatible: In[0]: {a.as_list()}, In[1]: {b.as_list()}: the inner dimensions {k} and {k2} differ"
        )


def product(xp: Any, a: Any, b: Any) -> Any:
    y = xp.matmul(a, b)
    return y if y.dtype == a.dtype else y.astype(a.dtype)  # NumPy's product of bfloat16 is float32


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
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError(f"Shape must be rank 2 but is rank {a.ndim if a.ndim != 2 else b.ndim}")
    a, b = a.T if transpose_a else a, b.T if transpose_b else b
    if xp is np and a.dtype.char in "fdFD":
        return np.dot(a, b)  # the same BLAS call as matmul's, 0.3 us sooner
    return product(xp, a, b)


@mat_mul.vjp
def _(y: Any, g: Any, a: Any, b: Any, *, transpose_a: bool, transpose_b: bool) -> Any:
    # Each product keeps 2-D operands and states its transposes: the form both engines run fastest.
    def da() -> Any:
        if transpose_a:
            return mat_mul(conj(b), g, transpose_a=transpose_b, transpose_b=True)
        return mat_mul(g, conj(b), transpose_b=not transpose_b)

    def db() -> Any:
        if transpose_b:
            return mat_mul(g, conj(a), transpose_a=True, transpose_b=transpose_a)
        return mat_mul(conj(a), g, transpose_a=not transpose_a)

    return da, db


# -- stacks of matrices ------------------------------------------------------------------------------------


def _batch_shape(x: TensorShape, y: TensorShape, *, adj_x: bool, adj_y: bool, **_: Any) -> TensorShape:
    if x.rank is None or y.rank is None:
        return UNKNOWN
    x, y = x.with_rank_at_least(2), y.with_rank_at_least(2)
    m, k = reversed(x._dims[-2:]) if adj_x else x._dims[-2:]  # type: ignore[index]
    k2, n = reversed(y._dims[-2:]) if adj_y else y._dims[-2:]  # type: ignore[index]
    _check_inner(x, y, k, k2)
    return broadcast(TensorShape(x._dims[:-2]), TensorShape(y._dims[:-2])).concatenate([m, n])  # type: ignore[index]


@op(
    "BatchMatMulV2",
    dtypes=NUMERIC,
    shape=_batch_shape,
    samples=[
        Sample((2, 3, 4), (2, 4, 5)),
        Sample((2, 1, 4, 3), (6, 5, 4), adj_x=True, adj_y=True),
        Sample((2, 3, 4), (4, 5)),
        Sample((0, 3, 4), (0, 4, 5)),
    ],
)
def batch_mat_mul(
    xp: Any, x: Any, y: Any, *, adj_x: bool = False, adj_y: bool = False, grad_x: bool = False, grad_y: bool = False
) -> Any:
    return product(xp, _adjoint(xp, x) if adj_x else x, _adjoint(xp, y) if adj_y else y)


def _adjoint(xp: Any, x: Any) -> Any:
    x = xp.swapaxes(x, -1, -2)
    return xp.conj(x) if x.dtype.kind == "c" else x


@batch_mat_mul.vjp
def _(y: Any, g: Any, a: Any, b: Any, *, adj_x: bool, adj_y: bool, **_: Any) -> Any:
    def da() -> Any:
        full = batch_mat_mul(b, g, adj_x=adj_y, adj_y=True) if adj_x else batch_mat_mul(g, b, adj_y=not adj_y)
        return _sum_batch(full, a, b)

    def db() -> Any:
        full = batch_mat_mul(g, a, adj_x=True, adj_y=adj_x) if adj_y else batch_mat_mul(a, g, adj_x=not adj_x)
        return _sum_batch(full, b, a)

    return da, db


def _sum_batch(g: Any, x: Any, other: Any) -> Any:
    """Sum a gradient over the batch dimensions in which `x` was broadcast."""
    a, b = static_shape(x), static_shape(other)
    if a.rank is not None and b.rank is not None and a._dims[:-2] == b._dims[:-2] and None not in a._dims[:-2]:  # type: ignore[index]
        return g
    return unbroadcast(g, x, g)


@dispatchable
def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False, adjoint_b: bool = False,
    a_is_sparse: bool = False, b_is_sparse: bool = False, output_type: Any = None, grad_a: bool = False, grad_b: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Product of two matrices, or of stacks of them that broadcast.

    a `[..., m, k]`, b `[..., k, n]`, of one dtype, each transposed or adjoined first if asked. Returns `[..., m, n]`.
    Raises InvalidArgumentError (ValueError in a graph) when the inner dimensions differ.

    >>> tf.matmul([[1., 2.]], [[3.], [4.]]).numpy()
    array([[11.]], dtype=float32)
    """
    plain = not (adjoint_a or adjoint_b or output_type)
    if plain and type(a) is EagerTensor and type(b) is EagerTensor and a._array.ndim == 2 == b._array.ndim:
        if transpose_a or transpose_b:
            return mat_mul(a, b, transpose_a=bool(transpose_a), transpose_b=bool(transpose_b), name=name)
        return mat_mul(a, b)
    if (transpose_a and adjoint_a) or (transpose_b and adjoint_b):
        which = "a" if transpose_a and adjoint_a else "b"
        raise ValueError(f"Only one of `transpose_{which}` and `adjoint_{which}` can be True.")
    a, b = _pair(a, b)
    if output_type is not None and dtypes.as_dtype(output_type) is not a.dtype.base_dtype:
        wide = dtypes.as_dtype(output_type)
        a, b = REGISTRY["Cast"](a, DstT=wide), REGISTRY["Cast"](b, DstT=wide)
    ranks = static_shape(a).rank, static_shape(b).rank
    if ranks == (2, 2) or ((a_is_sparse or b_is_sparse) and set(ranks) <= {2, None}):
        a, b = (conj(a) if adjoint_a else a), (conj(b) if adjoint_b else b)
        return mat_mul(a, b, transpose_a=bool(transpose_a or adjoint_a), transpose_b=bool(transpose_b or adjoint_b), name=name)
    if 1 in ranks or 0 in ranks:
        short = next(r for r in ranks if r in (0, 1))
        raise _rank_error(short, eager=type(a) is EagerTensor)
    if ranks[1] == 2 and ranks[0] is not None and not (transpose_a or adjoint_a) and _flattens(a):
        return _stack_times_matrix(a, b, bool(transpose_b or adjoint_b), adjoint_b, name)
    a, b = (conj(a) if transpose_a else a), (conj(b) if transpose_b else b)
    return batch_mat_mul(a, b, adj_x=bool(transpose_a or adjoint_a), adj_y=bool(transpose_b or adjoint_b), name=name)


def _rank_error(rank: int, eager: bool) -> Exception:
    sentence = (
        f"Shape must be at least rank 2 but is rank {rank}: tf.matmul multiplies matrices. Use tf.tensordot or tf.linalg.matvec "
        "for vectors."
    )
    return errors.invalid(sentence) if eager else ValueError(sentence)


def _flattens(a: Any) -> bool:
    """Whether all but the last dimension can be put into one by a known shape."""
    dims = static_shape(a).as_list()
    return dims[-1] is not None and dims[:-1].count(None) <= 1


def _stack_times_matrix(a: Any, b: Any, transpose_b: bool, adjoint_b: bool, name: str | None) -> Any:
    # One product of 2-D operands: its gradient for `b` is then one product too, not a stack of them to be summed.
    dims = static_shape(a).as_list()
    with name_scope(name or "MatMul"):
        flat = REGISTRY["Reshape"](a, [-1 if None in dims[:-1] else math.prod(dims[:-1]), dims[-1]])
        y = mat_mul(flat, conj(b) if adjoint_b else b, transpose_b=transpose_b)
        last = y.shape[-1]
        return REGISTRY["Reshape"](y, [-1 if d is None else d for d in dims[:-1]] + [last])


def _pair(a: Any, b: Any) -> tuple[Any, Any]:
    """Both operands as tensors: the one that is not takes the other's dtype."""
    if hasattr(a, "dtype") and isinstance(a.dtype, dtypes.DType):
        a = convert.convert_to_tensor(a)
        return a, convert.convert_to_tensor(b, dtype_hint=a.dtype.base_dtype)
    if hasattr(b, "dtype") and isinstance(b.dtype, dtypes.DType):
        b = convert.convert_to_tensor(b)
        return convert.convert_to_tensor(a, dtype_hint=b.dtype.base_dtype), b
    a = convert.convert_to_tensor(a)
    return a, convert.convert_to_tensor(b, dtype_hint=a.dtype)


def matvec(a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False,
           name: str | None = None) -> Any:  # fmt: skip
    """Product of a matrix `[..., m, k]` and a vector `[..., k]`: `[..., m]`."""
    with name_scope(name or "MatVec"):
        a, b = _pair(a, b)
        y = matmul(a, REGISTRY["ExpandDims"](b, -1), transpose_a=transpose_a, adjoint_a=adjoint_a)
        return REGISTRY["Squeeze"](y, squeeze_dims=[-1])


# -- tensors over some axes ----------------------------------------------------------------------------------


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """The sum over pairs of axes: `axes` is their number (the last of `a`, the first of `b`) or two lists.

    >>> tf.tensordot([[1., 2.]], [[3.], [4.]], axes=1).numpy()
    array([[11.]], dtype=float32)
    """
    with name_scope(name or "Tensordot"):
        a, b = _pair(a, b)
        a_axes, b_axes = _contracted(axes, static_shape(a), static_shape(b))
        a2, a_free = _to_matrix(a, a_axes, last=True)
        b2, b_free = _to_matrix(b, b_axes, last=False)
        y = mat_mul(a2, b2)
        if isinstance(a_free, list) and isinstance(b_free, list):
            if (a_free + b_free).count(None) <= 1:
                return REGISTRY["Reshape"](y, [-1 if d is None else d for d in a_free + b_free])
            a_free, b_free = _as_shape(a, a_axes), _as_shape(b, b_axes)
        elif isinstance(a_free, list):
            a_free = _as_shape(a, a_axes)
        elif isinstance(b_free, list):
            b_free = _as_shape(b, b_axes)
        return REGISTRY["Reshape"](y, REGISTRY["ConcatV2"](a_free, b_free, 0))


def _contracted(axes: Any, a: TensorShape, b: TensorShape) -> tuple[list[int], list[int]]:
    if np.ndim(axes) == 0:
        n = int(axes)
        if n < 0:
            raise ValueError("`axes` must be at least 0.")
        if a.rank is None or b.rank is None:
            return list(range(-n, 0)), list(range(n))
        if n > a.rank:
            raise ValueError(f"`axes` must not be larger than the number of dimensions of tensor {a}. Received {n}, "
                f"vs tensor dimensions {a.rank}.")
        return list(range(a.rank - n, a.rank)), list(range(n))
    if len(axes) != 2:
        raise ValueError(f"`axes` must be an integer or have length 2. Received {axes}.")
    first, second = ([int(i) for i in np.ravel(x)] for x in axes)
    if len(first) != len(second):
        raise ValueError(f"Different number of contraction axes `a` and `b`, {len(first)} != {len(second)}.")
    return [i if a.rank is None else i % a.rank for i in first], [i if b.rank is None else i % b.rank for i in second]


def _form_shape(shape: Any, *, axes: Any, last: bool) -> tuple[TensorShape, ...]:
    rank = None if shape is None else len(shape)
    return TensorShape([rank]), TensorShape([2]), TensorShape([None if rank is None else rank - len(axes)])


@op("ContractedForm", types=(HOST,), out=(dtypes.int32,) * 3, shape=_form_shape,
    samples=[Sample([2, 3, 4], axes=[1], last=True)])  # fmt: skip
def contracted_form(xp: Any, shape: Any, *, axes: Any, last: bool) -> Any:
    """For a tensor of this shape: the order that puts the contracted axes together, the matrix it then is, its free sizes."""
    rank = len(shape)
    used = [i % rank for i in axes]
    free = [i for i in range(rank) if i not in used]
    sizes = [int(np.prod([shape[i] for i in part])) for part in (free, used)]
    order, matrix = (free + used, sizes) if last else (used + free, sizes[::-1])
    return tuple(np.array(v, np.int32) for v in (order, matrix, [shape[i] for i in free]))


def _to_matrix(x: Any, axes: list[int], last: bool) -> tuple[Any, list[Any]]:
    """`x` with the contracted axes side by side, last or first, as a matrix; and the sizes of the free axes."""
    if static_shape(x).rank is None:
        perm, matrix, free_shape = contracted_form(REGISTRY["Shape"](x), axes=axes, last=last)
        return REGISTRY["Reshape"](REGISTRY["Transpose"](x, perm), matrix), free_shape
    dims = static_shape(x).as_list()
    axes = [i % len(dims) for i in axes]
    free = [i for i in range(len(dims)) if i not in axes]
    order = free + axes if last else axes + free
    free_sizes, used = [dims[i] for i in free], [dims[i] for i in axes]
    if order != list(range(len(dims))):
        x = REGISTRY["Transpose"](x, order)
    if None not in free_sizes:
        sizes = [math.prod(free_sizes), -1 if None in used else math.prod(used)]
    elif None not in used:
        sizes = [-1, math.prod(used)]
    else:
        shape = REGISTRY["Shape"](x)
        cut = len(free) if last else len(axes)
        x = REGISTRY["Reshape"](x, REGISTRY["Pack"](REGISTRY["Prod"](shape[:cut], 0), REGISTRY["Prod"](shape[cut:], 0)))
        return x, free_sizes
    return REGISTRY["Reshape"](x, sizes if last else sizes[::-1]), free_sizes


def _as_shape(x: Any, axes: list[int]) -> Any:
    rank = static_shape(x).rank or 0
    axes = [i % rank for i in axes]
    return REGISTRY["GatherV2"](REGISTRY["Shape"](x), np.array([i for i in range(rank) if i not in axes], np.int32), 0)

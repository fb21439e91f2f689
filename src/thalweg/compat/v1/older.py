"""Names and orders of arguments from before TensorFlow 1.0, which programs of its first years use.

Source: https://github.com/tensorflow/tensorflow/blob/r1.0/RELEASE.md
"""

from __future__ import annotations

import numbers
from typing import Any

from thalweg.engine.core import convert
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.ops import arrays


def _is_axis(x: Any) -> bool:
    return isinstance(x, numbers.Integral)


def concat(values: Any = None, axis: Any = None, name: str = "concat", concat_dim: Any = None) -> Any:
    """As `tf.concat`. The order `concat(axis, values)` of the first versions is told by its types."""
    if concat_dim is not None:
        axis = concat_dim
    if (_is_axis(values) or (isinstance(values, Tensor) and values.shape.rank == 0)) and isinstance(axis, (list, tuple)):
        values, axis = axis, values
    return arrays.concat(values, axis, name)


concat_v2 = concat


def split(
    value: Any = None, num_or_size_splits: Any = None, axis: Any = 0, num: Any = None, name: str = "split", split_dim: Any = None,
    num_split: Any = None,
) -> list[Any]:  # fmt: skip
    """As `tf.split`. The order `split(axis, number, value)` of the first versions is told by its types."""
    if split_dim is not None:
        axis = split_dim
    if num_split is not None:
        num_or_size_splits = num_split
    if _is_axis(value) and not _is_axis(axis):
        value, axis = axis, value
    return arrays.split(value, num_or_size_splits, axis, num, name)


split_v = split


def batch_matmul(x: Any, y: Any, adj_x: bool = False, adj_y: bool = False, name: str | None = None) -> Any:
    """The first name of `tf.matmul` over stacks of matrices."""
    from thalweg.engine.ops.matmul import matmul

    return matmul(x, y, adjoint_a=adj_x, adjoint_b=adj_y, name=name)


def _batch(name: str, now: str) -> Any:
    """A function over stacks of matrices, which once had a name of its own."""

    def function(*args: Any, **kwargs: Any) -> Any:
        from thalweg import linalg

        return getattr(linalg, now)(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The first name of `tf.linalg.{now}`."
    return function


batch_cholesky, batch_matrix_determinant = _batch("batch_cholesky", "cholesky"), _batch("batch_matrix_determinant", "det")
batch_matrix_inverse, batch_matrix_solve = _batch("batch_matrix_inverse", "inv"), _batch("batch_matrix_solve", "solve")
batch_matrix_triangular_solve = _batch("batch_matrix_triangular_solve", "triangular_solve")
batch_matrix_diag, batch_matrix_diag_part = _batch("batch_matrix_diag", "diag"), _batch("batch_matrix_diag_part", "diag_part")
batch_matrix_set_diag, batch_matrix_band_part = (
    _batch("batch_matrix_set_diag", "set_diag"),
    _batch("batch_matrix_band_part", "band_part"),
)
batch_self_adjoint_eig = _batch("batch_self_adjoint_eig", "eigh")


def batch_matrix_transpose(a: Any, name: str | None = None) -> Any:
    """The first name of `tf.linalg.matrix_transpose`."""
    from thalweg import linalg

    return linalg.matrix_transpose(a, name or "matrix_transpose")


def batch_svd(tensor: Any, compute_uv: bool = True, full_matrices: bool = False, name: str | None = None) -> Any:
    """The first name of `tf.svd`."""
    from thalweg import linalg

    return linalg.svd(tensor, full_matrices, compute_uv, name)


def complex_abs(x: Any, name: str | None = None) -> Any:
    """The first name of `tf.abs` of complex numbers."""
    from thalweg.engine.ops.elementwise import abs as absolute

    return absolute(x, name=name)


def select(condition: Any, t: Any, e: Any, name: str | None = None) -> Any:
    """The first name of `tf.where` with three arguments."""
    from thalweg.compat.v1.arithmetic import where

    return where(condition, t, e, name)


def listdiff(x: Any, y: Any, out_idx: Any = None, name: str | None = None) -> Any:
    """The first name of `tf.setdiff1d`."""
    from thalweg.compat import v1

    return v1.setdiff1d(x, y, name=name) if out_idx is None else v1.setdiff1d(x, y, out_idx, name)


def inv(x: Any, name: str | None = None) -> Any:
    """The first name of `tf.reciprocal`."""
    from thalweg import math

    return math.reciprocal(convert.convert_to_tensor(x), name=name)


# -- summaries ------------------------------------------------------------------------------------------------


def _summaries() -> Any:
    from thalweg.compat.v1 import summary

    return summary


def scalar_summary(tags: Any, values: Any, collections: Any = None, name: str | None = None) -> Any:
    """The first name of `tf.summary.scalar`."""
    return _summaries().scalar(_tag(tags), values, collections=collections)


def histogram_summary(tag: Any, values: Any, collections: Any = None, name: str | None = None) -> Any:
    """The first name of `tf.summary.histogram`."""
    return _summaries().histogram(_tag(tag), values, collections=collections)


def image_summary(tag: Any, tensor: Any, max_images: int = 3, collections: Any = None, name: str | None = None) -> Any:
    """The first name of `tf.summary.image`."""
    return _summaries().image(_tag(tag), tensor, max_outputs=max_images, collections=collections)


def audio_summary(
    tag: Any, tensor: Any, sample_rate: Any, max_outputs: int = 3, collections: Any = None, name: str | None = None
) -> Any:
    """The first name of `tf.summary.audio`."""
    return _summaries().audio(_tag(tag), tensor, sample_rate, max_outputs=max_outputs, collections=collections)


def merge_summary(inputs: Any, collections: Any = None, name: str | None = None) -> Any:
    """The first name of `tf.summary.merge`."""
    return _summaries().merge(inputs, collections, name)


def merge_all_summaries(key: Any = "summaries") -> Any:
    """The first name of `tf.summary.merge_all`."""
    return _summaries().merge_all(key)


def _tag(tag: Any) -> str:
    """A tag as the name that summaries have now: spaces are not allowed in it."""
    if isinstance(tag, (list, tuple)) or not isinstance(tag, str):
        raise ValueError("A summary's tag must be one string: give each scalar a summary of its own.")
    return tag.replace(" ", "_")


__all__ = [
    "audio_summary", "batch_cholesky", "batch_matmul", "batch_matrix_band_part", "batch_matrix_determinant", "batch_matrix_diag",
    "batch_matrix_diag_part", "batch_matrix_inverse", "batch_matrix_set_diag", "batch_matrix_solve", "batch_matrix_transpose",
    "batch_matrix_triangular_solve", "batch_self_adjoint_eig", "batch_svd", "complex_abs", "concat", "concat_v2",
    "histogram_summary", "image_summary", "inv", "listdiff", "merge_all_summaries", "merge_summary", "scalar_summary",
    "select", "split", "split_v",
]  # fmt: skip

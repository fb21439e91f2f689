"""`tf.edit_distance`: how many changes make one sequence of another.

Source: Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import BASIC, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.sparse_tensor import SparseTensor

_I = dtypes.int64


def _distance(a: list[Any], b: list[Any]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def _sequences(indices: np.ndarray, values: np.ndarray) -> dict[tuple[int, ...], list[Any]]:
    found: dict[tuple[int, ...], list[Any]] = {}
    for place, value in zip(indices[:, :-1].tolist(), values.tolist()):
        found.setdefault(tuple(place), []).append(value)
    return found


_ONE = (np.array([[0, 0], [0, 1], [1, 0]]), np.array([1, 2, 3], np.int32), np.array([2, 2]))


@op("EditDistance", types=(_I, "T", _I, _I, "T", _I), dtypes=(*BASIC, dtypes.string), out=dtypes.float32, host=True,
    shape=lambda i, *_, **__: TensorShape([None] * (i[1] - 1)) if i.rank and i[1] is not None else TensorShape(None),
    samples=[Sample(*_ONE, *_ONE)])
def edit_distance_op(
    xp: Any, hypothesis_indices: Any, hypothesis_values: Any, hypothesis_shape: Any, truth_indices: Any, truth_values: Any,
    truth_shape: Any, *, normalize: bool = True,
) -> Any:  # fmt: skip
    if len(hypothesis_shape) != len(truth_shape) or len(truth_shape) < 2:
        raise errors.invalid("hypothesis and truth must be sparse tensors of one rank, 2 or more")
    guesses, truths = _sequences(hypothesis_indices, hypothesis_values), _sequences(truth_indices, truth_values)
    sizes = [int(max(a, b)) for a, b in zip(hypothesis_shape[:-1], truth_shape[:-1])]
    out = np.zeros(sizes, np.float32)
    for place in np.ndindex(*sizes):
        a, b = guesses.get(place, []), truths.get(place, [])
        changes = np.float32(_distance(a, b))
        out[place] = changes if not normalize else changes / len(b) if b else np.inf if a else 0
    return out


def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: str = "edit_distance") -> Any:
    """How many insertions, deletions and exchanges make `truth` of `hypothesis`, sequences in sparse tensors.

    normalize: divided by the truth's length. Raises TypeError for dense tensors.
    """
    for x in (hypothesis, truth):
        if not isinstance(x, SparseTensor):
            raise TypeError(f"hypothesis and truth must be SparseTensors, not {x!r}.")
    return edit_distance_op(
        hypothesis.indices, hypothesis.values, hypothesis.dense_shape, truth.indices, truth.values, truth.dense_shape,
        normalize=normalize, name=name,
    )  # fmt: skip



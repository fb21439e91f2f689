"""Connectionist temporal classification: the loss, and decoders.

The loss is composed of a scan over time in log space, so its gradient is the scan's. Source: Graves et al., 2006.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.core.registry import FLOAT, Sample, op
from thalweg.engine.core.shape import TensorShape

_IMPOSSIBLE = -1e30


def _decoded_shapes(inputs: TensorShape, lengths: TensorShape, **attrs: Any) -> Any:
    paths, batch = attrs.get("top_paths", 1), inputs[1] if inputs.rank is not None else None
    one = [TensorShape([None, 2])] * paths + [TensorShape([None])] * paths + [TensorShape([2])] * paths
    return [*one, TensorShape([batch, paths])]


def _decoded_types(groups: Any, attrs: Any) -> Any:
    paths = attrs.get("top_paths", 1)
    return (*[dtypes.int64] * (3 * paths), groups["T"])


def _as_sparse(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    indices = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    shape = (len(rows), max([len(r) for r in rows], default=0))
    values = np.array([v for row in rows for v in row], np.int64)
    return np.array(indices, np.int64).reshape(-1, 2), values, np.array(shape, np.int64)


@op(
    "CTCGreedyDecoder",
    types=("T", dtypes.int32),
    dtypes=FLOAT,
    out=_decoded_types,
    shape=_decoded_shapes,
    host=True,
    many_outputs=True,
    samples=[Sample((4, 2, 3), [4, 3])],
)
def greedy_decoder_op(xp: Any, inputs: Any, sequence_length: Any, *, merge_repeated: bool = False, blank_index: int = -1) -> Any:
    """The likeliest class of each step, without blanks; repeated ones as one if `merge_repeated`."""
    blank = blank_index % inputs.shape[2]
    best = inputs.argmax(2)
    rows, scores = [], []
    for b, length in enumerate(sequence_length):
        path = best[:length, b]
        kept = [int(c) for t, c in enumerate(path) if c != blank and not (merge_repeated and t and path[t - 1] == c)]
        rows.append(kept)
        scores.append([-inputs[:length, b].max(1).sum()] if length else [0.0])
    return (*_as_sparse(rows), np.array(scores, inputs.dtype))


def _log_softmax(x: np.ndarray) -> np.ndarray:
    shifted = x - x.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def _beams(log_probs: np.ndarray, width: int, blank: int) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest labellings of one example `[time, classes]`, with their log-probabilities."""
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -np.inf)}  # ending in a blank, and not
    for row in log_probs:
        new: dict[tuple[int, ...], list[float]] = {}
        for prefix, (in_blank, in_label) in beams.items():
            total = np.logaddexp(in_blank, in_label)
            entry = new.setdefault(prefix, [-np.inf, -np.inf])
            entry[0] = np.logaddexp(entry[0], total + row[blank])
            if prefix:
                entry[1] = np.logaddexp(entry[1], in_label + row[prefix[-1]])
            for c in range(len(row)):
                if c == blank:
                    continue
                longer = new.setdefault((*prefix, c), [-np.inf, -np.inf])
                longer[1] = np.logaddexp(longer[1], (in_blank if prefix and prefix[-1] == c else total) + row[c])
        best = sorted(new.items(), key=lambda item: -np.logaddexp(item[1][0], item[1][1]))[:width]
        beams = {p: (v[0], v[1]) for p, v in best}
    return sorted(((p, float(np.logaddexp(*v))) for p, v in beams.items()), key=lambda item: -item[1])


@op(
    "CTCBeamSearchDecoder",
    types=("T", dtypes.int32),
    dtypes=FLOAT,
    out=_decoded_types,
    shape=_decoded_shapes,
    host=True,
    many_outputs=True,
    samples=[Sample((4, 2, 3), [4, 3])],
)
def beam_search_decoder_op(xp: Any, inputs: Any, sequence_length: Any, *, beam_width: int = 100, top_paths: int = 1,
                           merge_repeated: bool = False) -> Any:  # fmt: skip
    """The `top_paths` likeliest labellings; the last class is the blank."""
    log_probs, blank = _log_softmax(inputs.astype(np.float64)), inputs.shape[2] - 1
    found = [_beams(log_probs[:n, b], beam_width, blank) for b, n in enumerate(sequence_length)]
    paths, scores = [], np.zeros((len(found), top_paths), inputs.dtype)
    for k in range(top_paths):
        rows = []
        for b, beams in enumerate(found):
            labels = list(beams[k][0]) if k < len(beams) else []
            scores[b, k] = beams[k][1] if k < len(beams) else -np.inf
            if merge_repeated:
                labels = [c for i, c in enumerate(labels) if not i or labels[i - 1] != c]
            rows.append(labels)
        paths.append(_as_sparse(rows))
    return (*[p[0] for p in paths], *[p[1] for p in paths], *[p[2] for p in paths], scores)

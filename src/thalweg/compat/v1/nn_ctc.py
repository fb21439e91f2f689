"""`tf.nn.ctc_loss` and its decoders, in both generations' forms.

Source: https://www.tensorflow.org/api_docs/python/tf/nn/ctc_loss
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.sparse_tensor import SparseTensor
from thalweg.engine.execution.functional import foldl
from thalweg.engine.ops import ctc
from thalweg.engine.ops.activations import log_softmax
from thalweg.engine.ops.arrays import concat, stack
from thalweg.engine.ops.comparison import less, logical_and, not_equal, where
from thalweg.engine.ops.creation import fill, range_, sequence_mask, zeros_like
from thalweg.engine.ops.indexing import boolean_mask, gather
from thalweg.engine.ops.reduce import reduce_logsumexp
from thalweg.engine.ops.reordering import transpose
from thalweg.engine.ops.scatter import scatter_nd
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast, expand_dims, reshape, shape


def _dense(labels: SparseTensor) -> tuple[Any, Any]:
    """The rows of sparse labels, filled up, and their lengths."""
    from thalweg import sparse

    rows = cast(sparse.to_dense(labels, default_value=-1), dtypes.int32)
    return rows, REGISTRY["Sum"](cast(REGISTRY["GreaterEqual"](rows, 0), dtypes.int32), 1)


def _shifted(x: Any, by: int) -> Any:
    """Each row moved right, with impossible values at the start."""
    start = fill(stack([shape(x)[0], by]), ctc._IMPOSSIBLE)
    return concat([cast(start, x.dtype), x[:, :-by]], 1)


def _loss(log_probs: Any, labels: Any, label_length: Any, logit_length: Any, blank: Any) -> Any:
    """log_probs `[time, batch, classes]`, labels `[batch, length]`: the negative log-likelihood `[batch]`."""
    labels = where(labels < 0, zeros_like(labels), labels)
    blanks = zeros_like(labels) + blank
    body = reshape(stack([blanks, labels], 2), stack([shape(labels)[0], -1]))
    path = concat([body, zeros_like(label_length)[:, None] + blank], 1)
    before = concat([zeros_like(path[:, :2]) + blank, path[:, :-2]], 1)
    skips = logical_and(not_equal(path, blank), not_equal(path, before))
    first = gather(log_probs[0], path, axis=1, batch_dims=1)
    place = zeros_like(path) + range_(shape(path)[1])
    impossible = zeros_like(first) + ctc._IMPOSSIBLE
    start = where(logical_and(less(place, 2), less(place, expand_dims(2 * label_length + 1, 1))), first, impossible)

    def step(alpha: Any, row: Any) -> Any:
        scores, time = row
        ways = stack([alpha, _shifted(alpha, 1), where(skips, _shifted(alpha, 2), impossible)])
        new = gather(scores, path, axis=1, batch_dims=1) + reduce_logsumexp(ways, 0)
        return where(expand_dims(less(time, logit_length), 1), new, alpha)

    alpha = foldl(step, (log_probs[1:], range_(1, shape(log_probs)[0])), start)
    end = expand_dims(2 * label_length, 1)
    final = where(logical_and(less(place, end + 1), REGISTRY["GreaterEqual"](place, end - 1)), alpha, impossible)
    loss = -reduce_logsumexp(final, 1)
    return where(loss > 1e29, fill(shape(loss), float("inf")), loss)


def ctc_loss(
    labels: Any, inputs: Any = None, sequence_length: Any = None, preprocess_collapse_repeated: bool = False,
    ctc_merge_repeated: bool = True, ignore_longer_outputs_than_inputs: bool = False, time_major: bool = True, logits: Any = None,
) -> Any:  # fmt: skip
    """The CTC loss of logits `[time, batch, classes]` for sparse `labels`: `[batch]`. The last class is the blank.

    It is infinite (0 with `ignore_longer_outputs_than_inputs`) where the labels do not fit the time.
    """
    if preprocess_collapse_repeated or not ctc_merge_repeated:
        raise ValueError("ctc_loss works with ctc_merge_repeated and without preprocess_collapse_repeated: leave these out.")
    logits = convert.convert_to_tensor(inputs if logits is None else logits)
    with scope(None, "CTCLoss"):
        rows, lengths = _dense(labels)
        logits = logits if time_major else transpose(logits, [1, 0, 2])
        loss = _loss(log_softmax(logits), rows, lengths, cast(sequence_length, dtypes.int32), shape(logits)[2] - 1)
        return where(loss > 1e29, zeros_like(loss), loss) if ignore_longer_outputs_than_inputs else loss


def ctc_loss_v2(
    labels: Any, logits: Any, label_length: Any, logit_length: Any, logits_time_major: bool = True, unique: Any = None,
    blank_index: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """The CTC loss of logits for `labels`: dense `[batch, length]` with `label_length`, or sparse. Blank: 0 by default."""
    if isinstance(labels, SparseTensor):
        if blank_index is None:
            raise ValueError("Argument `blank_index` must be provided when labels is a SparseTensor.")
        rows, lengths = _dense(labels)
    else:
        rows, lengths = (
            cast(convert.convert_to_tensor(labels), dtypes.int32),
            cast(convert.convert_to_tensor(label_length), dtypes.int32),
        )
    logits = convert.convert_to_tensor(logits)
    with scope(name, "ctc_loss_dense"):
        logits = logits if logits_time_major else transpose(logits, [1, 0, 2])
        blank = blank_index or 0
        blank = shape(logits)[2] + blank if isinstance(blank, int) and blank < 0 else blank
        return _loss(log_softmax(logits), rows, lengths, cast(convert.convert_to_tensor(logit_length), dtypes.int32), blank)


def ctc_greedy_decoder(
    inputs: Any, sequence_length: Any, merge_repeated: bool = True, blank_index: int | None = None
) -> tuple[list[Any], Any]:
    """The likeliest class of each step. Returns a list with a SparseTensor, and minus the sum of the logits `[batch, 1]`."""
    indices, values, size, scores = ctc.greedy_decoder_op(
        convert.convert_to_tensor(inputs), cast(convert.convert_to_tensor(sequence_length), dtypes.int32),
        merge_repeated=merge_repeated,
        blank_index=-1 if blank_index is None else blank_index,
    )  # fmt: skip
    return [SparseTensor(indices, values, size)], scores


def ctc_beam_search_decoder(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1, merge_repeated: bool = True
) -> tuple[list[Any], Any]:
    """The `top_paths` likeliest labellings. Returns a list of SparseTensors, and log-probabilities `[batch, top_paths]`."""
    found = ctc.beam_search_decoder_op(
        convert.convert_to_tensor(inputs), cast(convert.convert_to_tensor(sequence_length), dtypes.int32), beam_width=beam_width,
        top_paths=top_paths, merge_repeated=merge_repeated,
    )  # fmt: skip
    n = top_paths
    return [SparseTensor(found[i], found[n + i], found[2 * n + i]) for i in range(n)], found[-1]


def ctc_beam_search_decoder_v2(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[Any], Any]:
    """As `ctc_beam_search_decoder`, keeping repeated labels."""
    return ctc_beam_search_decoder(inputs, sequence_length, beam_width, top_paths, merge_repeated=False)


def collapse_repeated(labels: Any, seq_length: Any, name: str | None = None) -> tuple[Any, Any]:
    """Rows with repeated labels as one, filled with zeros, and their lengths."""
    with scope(name, "collapse_repeated_labels"):
        labels = convert.convert_to_tensor(labels)
        kept = concat([fill([shape(labels)[0], 1], True), not_equal(labels[:, 1:], labels[:, :-1])], 1)
        kept = logical_and(kept, sequence_mask(seq_length, shape(labels)[1]))
        lengths = REGISTRY["Sum"](cast(kept, dtypes.int32), 1)
        longest = REGISTRY["Max"](lengths, 0)
        places = REGISTRY["Where"](sequence_mask(lengths, longest))
        size = cast(stack([shape(labels)[0], longest]), dtypes.int64)
        return scatter_nd(places, boolean_mask(labels, kept), size), lengths


__all__ = [
    "collapse_repeated",
    "ctc_beam_search_decoder",
    "ctc_beam_search_decoder_v2",
    "ctc_greedy_decoder",
    "ctc_loss",
    "ctc_loss_v2",
]

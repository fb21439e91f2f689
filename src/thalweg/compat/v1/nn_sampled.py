"""`tf.nn`'s losses over sampled classes, and the samplers.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/nn/nce_loss
"""

from __future__ import annotations

import csv
from collections import namedtuple
from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.ops import candidates
from thalweg.engine.ops.arrays import concat
from thalweg.engine.ops.creation import ones, ones_like, range_, zeros_like
from thalweg.engine.ops.embedding import partitioned_lookup
from thalweg.engine.ops.exponential import log
from thalweg.engine.ops.losses import sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits
from thalweg.engine.ops.matmul import matmul
from thalweg.engine.ops.random_seed import op_seeds
from thalweg.engine.ops.scatter import scatter_nd
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast, expand_dims, reshape, shape, stop_gradient

Sampled = namedtuple("Sampled", ("sampled_candidates", "true_expected_count", "sampled_expected_count"))


# -- samplers -------------------------------------------------------------------------------------------------


def _classes(true_classes: Any) -> Any:
    return cast(convert.convert_to_tensor(true_classes), dtypes.int64)


def log_uniform_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: Any = None, name: str | None = None
) -> Any:
    """Classes drawn with probability `(log(class + 2) - log(class + 1)) / log(range_max + 1)`: for classes sorted by frequency.

    Returns the candidates `[num_sampled]`, and how often the true classes and the candidates are expected among them.
    """
    return Sampled(*candidates.log_uniform_op(
        _classes(true_classes), num_true=num_true, num_sampled=num_sampled, unique=unique, range_max=range_max, name=name,
        **op_seeds(seed),
    ))  # fmt: skip


def uniform_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: Any = None, name: str | None = None
) -> Any:
    """Classes drawn evenly. Returns as `log_uniform_candidate_sampler` does."""
    return Sampled(*candidates.uniform_op(
        _classes(true_classes), num_true=num_true, num_sampled=num_sampled, unique=unique, range_max=range_max, name=name,
        **op_seeds(seed),
    ))  # fmt: skip


def fixed_unigram_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, vocab_file: str = "", distortion: float = 1.0,
    num_reserved_ids: int = 0, num_shards: int = 1, shard: int = 0, unigrams: Any = (), seed: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """Classes drawn with probabilities in proportion to `unigrams ** distortion` (a list, or a file's last column).

    The numbers are not those of TensorFlow. Raises ValueError for shards, which are not offered.
    """
    if num_shards != 1 or shard != 0:
        raise ValueError("fixed_unigram_candidate_sampler works without shards: leave num_shards and shard out.")
    if bool(vocab_file) == bool(len(unigrams)):
        raise ValueError("Exactly one of vocab_file and unigrams must be given.")
    if vocab_file:
        with open(vocab_file, newline="", encoding="utf-8") as f:
            unigrams = [float(row[-1]) for row in csv.reader(f) if row]
    weights = (*[0.0] * num_reserved_ids, *[float(w) ** distortion for w in unigrams])
    return Sampled(*candidates.fixed_unigram_op(
        _classes(true_classes), num_true=num_true, num_sampled=num_sampled, unique=unique, range_max=range_max, weights=weights,
        name=name, **op_seeds(seed),
    ))  # fmt: skip


def learned_unigram_candidate_sampler(*args: Any, **kwargs: Any) -> Any:
    """Not offered: a sampler that learns while it runs makes a graph's results depend on the runs before."""
    raise NotImplementedError("Count the classes first, and use tf.nn.fixed_unigram_candidate_sampler.")


def all_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, seed: Any = None, name: str | None = None
) -> Any:
    """All classes: for tests."""
    with scope(name, "AllCandidateSampler"):
        count = ones([num_sampled])
        return Sampled(cast(range_(num_sampled), dtypes.int64), ones_like(cast(_classes(true_classes), dtypes.float32)), count)


def compute_accidental_hits(
    true_classes: Any, sampled_candidates: Any, num_true: int, seed: Any = None, name: str | None = None
) -> Any:
    """Where candidates are true classes: rows, candidates' places, and the lowest float for each."""
    return candidates.accidental_hits_op(_classes(true_classes), sampled_candidates, num_true=num_true, name=name, **op_seeds(seed))


# -- losses ---------------------------------------------------------------------------------------------------


def _sum_rows(x: Any) -> Any:
    return reshape(matmul(x, ones([shape(x)[1], 1], x.dtype)), [-1])


def sampled_logits(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int, sampled_values: Any,
    subtract_log_q: bool, remove_accidental_hits: bool, partition_strategy: str, name: Any, seed: Any,
) -> tuple[Any, Any]:  # fmt: skip
    """Logits of the true and the sampled classes, side by side, and their labels."""
    parts = list(weights) if isinstance(weights, (list, tuple)) or hasattr(weights, "_variable_list") else [weights]
    with scope(name, "compute_sampled_logits"):
        labels = cast(convert.convert_to_tensor(labels), dtypes.int64)
        flat = reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = log_uniform_candidate_sampler(labels, num_true, num_sampled, True, num_classes, seed)
        sampled, true_expected, sampled_expected = (stop_gradient(t) for t in sampled_values)
        sampled = cast(sampled, dtypes.int64)
        ids = concat([flat, sampled], 0)
        rows = partitioned_lookup(parts, ids, partition_strategy, None, None)
        count = shape(flat)[0]
        true_rows, sampled_rows = rows[:count], rows[count:]
        outputs = matmul(inputs, sampled_rows, transpose_b=True)
        offsets = partitioned_lookup(
            list(biases) if isinstance(biases, (list, tuple)) else [biases], ids, partition_strategy, None, None
        )
        size = shape(true_rows)[1]
        products = expand_dims(inputs, 1) * reshape(true_rows, [-1, num_true, size])
        true_logits = reshape(_sum_rows(reshape(products, [-1, size])), [-1, num_true]) + reshape(offsets[:count], [-1, num_true])
        outputs = outputs + offsets[count:]
        if remove_accidental_hits:
            hit_rows, hit_columns, lowest = compute_accidental_hits(labels, sampled, num_true)
            places = REGISTRY["Pack"](cast(hit_rows, dtypes.int32), cast(hit_columns, dtypes.int32), axis=1)
            outputs = outputs + scatter_nd(places, cast(lowest, outputs.dtype), shape(outputs))
        if subtract_log_q:
            true_logits = true_logits - log(true_expected)
            outputs = outputs - log(sampled_expected)
        logits = concat([true_logits, outputs], 1)
        return logits, concat([ones_like(true_logits) / num_true, zeros_like(outputs)], 1)


def nce_loss(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
    sampled_values: Any = None, remove_accidental_hits: bool = False, partition_strategy: str = "mod",
    name: str | None = "nce_loss",
) -> Any:  # fmt: skip
    """Noise-contrastive estimation (Gutmann and Hyvarinen, 2010): tell the true classes from sampled ones. `[batch]`.

    weights: `[classes, n]`, or a list of parts; biases: `[classes]`; labels: `[batch, num_true]`; inputs: `[batch, n]`.
    """
    logits, wanted = sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, True, remove_accidental_hits,
        partition_strategy, name, None,
    )  # fmt: skip
    return _sum_rows(sigmoid_cross_entropy_with_logits(labels=wanted, logits=logits))


def sampled_softmax_loss(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
    sampled_values: Any = None, remove_accidental_hits: bool = True, partition_strategy: str = "mod",
    name: str | None = "sampled_softmax_loss", seed: Any = None,
) -> Any:  # fmt: skip
    """Softmax cross entropy over the true and sampled classes (Jean et al., 2014), for training alone. `[batch]`."""
    logits, wanted = sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, True, remove_accidental_hits,
        partition_strategy, name, seed,
    )  # fmt: skip
    return softmax_cross_entropy_with_logits(labels=stop_gradient(wanted, name="labels_stop_gradient"), logits=logits)


__all__ = [
    "all_candidate_sampler", "compute_accidental_hits", "fixed_unigram_candidate_sampler", "learned_unigram_candidate_sampler",
    "log_uniform_candidate_sampler", "nce_loss", "sampled_softmax_loss", "uniform_candidate_sampler",
]  # fmt: skip

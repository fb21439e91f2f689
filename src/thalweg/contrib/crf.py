"""`tf.contrib.crf`: linear-chain conditional random fields (Lafferty et al., 2001).

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/crf
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.compat import v1 as tf


def _lengths(sequence_lengths: Any) -> Any:
    return tf.cast(tf.convert_to_tensor(sequence_lengths), tf.int32)


def crf_unary_score(tag_indices: Any, sequence_lengths: Any, inputs: Any) -> Any:
    """The sum of the potentials of the tags of each sequence: `[batch]`."""
    mask = tf.sequence_mask(_lengths(sequence_lengths), maxlen=tf.shape(tag_indices)[1], dtype=inputs.dtype)
    chosen = tf.gather(inputs, tf.cast(tag_indices, tf.int32), batch_dims=2, axis=2)
    return tf.reduce_sum(chosen * mask, 1)


def crf_binary_score(tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The sum of the transition scores of each sequence: `[batch]`."""
    tags = tf.cast(tag_indices, tf.int32)
    pairs = tf.stack([tags[:, :-1], tags[:, 1:]], -1)
    mask = tf.sequence_mask(_lengths(sequence_lengths) - 1, maxlen=tf.shape(tags)[1] - 1, dtype=transition_params.dtype)
    return tf.reduce_sum(tf.gather_nd(transition_params, pairs) * mask, 1)


def crf_sequence_score(inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The unnormalised score of each tagged sequence; 0 for an empty one."""
    score = crf_unary_score(tag_indices, sequence_lengths, inputs) + crf_binary_score(
        tag_indices, sequence_lengths, transition_params
    )
    return tf.where(_lengths(sequence_lengths) <= 0, tf.zeros_like(score), score)


def crf_multitag_sequence_score(inputs: Any, tag_bitmap: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The score of all the sequences whose tags a bitmap `[batch, time, tags]` allows."""
    allowed = tf.where(tf.cast(tag_bitmap, tf.bool), inputs, tf.fill(tf.shape(inputs), float("-inf")))
    return crf_log_norm(allowed, sequence_lengths, transition_params)


def crf_log_norm(inputs: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The logarithm of the sum over all taggings: `[batch]`; 0 for an empty sequence."""
    lengths = _lengths(sequence_lengths)
    rest = tf.transpose(inputs[:, 1:, :], [1, 0, 2])
    steps = tf.range(1, tf.shape(inputs)[1])

    def forward(alphas: Any, row: Any) -> Any:
        potentials, step = row
        new = potentials + tf.reduce_logsumexp(tf.expand_dims(alphas, 2) + tf.expand_dims(transition_params, 0), 1)
        return tf.where_v2(tf.expand_dims(step < lengths, 1), new, alphas)

    alphas = tf.foldl(forward, (rest, steps), inputs[:, 0, :])
    norm = tf.reduce_logsumexp(alphas, [1])
    return tf.where(lengths <= 0, tf.zeros_like(norm), norm)


def crf_log_likelihood(inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any = None) -> Any:
    """The log-likelihood of each tagged sequence, and the transitions (the variable `transitions` unless given).

    inputs: potentials `[batch, time, tags]`; tag_indices: `[batch, time]`.
    """
    tags = inputs.shape.as_list()[2]
    if transition_params is None:
        transition_params = tf.get_variable("transitions", [tags, tags])
    score = crf_sequence_score(inputs, tag_indices, sequence_lengths, transition_params)
    return score - crf_log_norm(inputs, sequence_lengths, transition_params), transition_params


def crf_decode(potentials: Any, transition_params: Any, sequence_length: Any) -> Any:
    """The likeliest tags `[batch, time]` and their scores, by Viterbi's algorithm; zeros beyond each length."""
    lengths = _lengths(sequence_length)
    last = tf.maximum(lengths - 1, 0)
    rest = tf.transpose(potentials[:, 1:, :], [1, 0, 2])
    steps = tf.range(1, tf.shape(potentials)[1])
    tags = potentials.shape.as_list()[2]
    own = tf.zeros_like(tf.cast(potentials[:, 0, :], tf.int32)) + tf.expand_dims(tf.range(tags), 0)

    def forward(carry: Any, row: Any) -> Any:
        scores, _ = carry
        here, step = row
        candidates = tf.expand_dims(scores, 2) + tf.expand_dims(transition_params, 0)
        on = tf.expand_dims(step < lengths, 1)
        new = here + tf.reduce_max(candidates, 1)
        return tf.where_v2(on, new, scores), tf.where_v2(on, tf.argmax(candidates, 1, output_type=tf.int32), own)

    scores, pointers = tf.scan(forward, (rest, steps), (potentials[:, 0, :], own))
    scores = tf.concat([tf.expand_dims(potentials[:, 0, :], 0), scores], 0)
    final = tf.gather(tf.transpose(scores, [1, 0, 2]), last, batch_dims=1, axis=1)
    best = tf.argmax(final, 1, output_type=tf.int32)
    back = tf.scan(lambda tag, pointer: tf.gather(pointer, tag, batch_dims=1, axis=1), pointers, best, reverse=True)
    path = tf.transpose(tf.concat([back, tf.expand_dims(best, 0)], 0))
    return path * tf.sequence_mask(lengths, tf.shape(potentials)[1], tf.int32), tf.reduce_max(final, 1)


def viterbi_decode(score: Any, transition_params: Any) -> tuple[list[int], float]:
    """The likeliest tags of one sequence `[time, tags]`, in NumPy."""
    score, transitions = np.asarray(score), np.asarray(transition_params)
    trellis, pointers = score[0], []
    for row in score[1:]:
        candidates = trellis[:, None] + transitions
        trellis = row + candidates.max(0)
        pointers.append(candidates.argmax(0))
    tags = [int(trellis.argmax())]
    for pointer in reversed(pointers):
        tags.append(int(pointer[tags[-1]]))
    return tags[::-1], trellis.max()

"""Beam search: the likeliest sequences, several at a time.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/seq2seq/BeamSearchDecoder
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf
from thalweg.contrib.seq2seq.decoder import Decoder

nest = tf.nest
_LOWEST = float(np.finfo(np.float32).min)


class BeamSearchDecoderState(
    namedtuple("BeamSearchDecoderState", ("cell_state", "log_probs", "finished", "lengths", "accumulated_attention_probs"))
):
    """What each beam is like."""


class BeamSearchDecoderOutput(namedtuple("BeamSearchDecoderOutput", ("scores", "predicted_ids", "parent_ids"))):
    """A step's ids and the beams they follow."""


class FinalBeamSearchDecoderOutput(namedtuple("FinalBeamDecoderOutput", ("predicted_ids", "beam_search_decoder_output"))):
    """The sequences found, and the steps they come from."""


def tile_batch(t: Any, multiplier: int, name: Any = None) -> Any:
    """Each row `multiplier` times, one after the other; for every tensor of a nest."""

    def tiled(x: Any) -> Any:
        if isinstance(x, tf.TensorArray):
            return x
        x = tf.convert_to_tensor(x, name="t")
        if x.shape.ndims is None:
            raise ValueError("t must have statically known rank")
        if x.shape.ndims == 0:
            return x
        y = tf.tile(tf.expand_dims(x, 1), [1, multiplier, *[1] * (x.shape.ndims - 1)])
        y = tf.reshape(y, tf.concat([[tf.shape(x)[0] * multiplier], tf.shape(x)[1:]], 0))
        rows = x.shape.as_list()[0]
        y.set_shape(tf.TensorShape([None if rows is None else rows * multiplier]).concatenate(x.shape[1:]))
        return y

    with tf.name_scope(name, "tile_batch", nest.flatten(t)):
        return nest.map_structure(tiled, t)


def gather_tree(step_ids: Any, parent_ids: Any, max_sequence_lengths: Any, end_token: Any, name: Any = None) -> Any:
    """Beams as whole sequences: ids and parents `[time, batch, beam]`, followed from the last step back to the first.

    Beyond `max_sequence_lengths` `[batch]`, and after the first end token, a sequence holds end tokens.
    """
    with tf.name_scope(name, "GatherTree"):
        step_ids, parent_ids = tf.convert_to_tensor(step_ids), tf.convert_to_tensor(parent_ids)
        lengths = tf.reshape(tf.cast(max_sequence_lengths, tf.int32), [-1, 1])
        width = tf.shape(step_ids)[2]
        own = tf.zeros_like(step_ids[0]) + tf.expand_dims(tf.range(width), 0)

        def back(carry: Any, row: Any) -> Any:
            ids, parents, level = row
            beam = tf.where(tf.broadcast_to(level >= lengths - 1, tf.shape(own)), own, carry[1])
            there = tf.broadcast_to(level < lengths, tf.shape(own))
            chosen = tf.gather(ids, beam, batch_dims=1, axis=1)
            return tf.where(there, chosen, tf.zeros_like(chosen) + end_token), tf.gather(parents, beam, batch_dims=1, axis=1)

        levels = tf.range(tf.shape(step_ids)[0])
        beams, _ = tf.scan(back, (step_ids, parent_ids, levels), (tf.zeros_like(own), own), reverse=True)
        ended = tf.cumsum(tf.cast(tf.equal(beams, end_token), tf.int32), axis=0, exclusive=True) > 0
        return tf.where(ended, tf.zeros_like(beams) + end_token, beams)


class BeamSearchDecoder(Decoder):
    """A decoder that keeps the `beam_width` likeliest sequences of each example.

    The cell's state must have been tiled by `tile_batch(state, beam_width)`. `length_penalty_weight` and
    `coverage_penalty_weight` are those of Wu et al., 2016. Raises TypeError where `embedding` is none.
    """

    def __init__(
        self, cell: Any, embedding: Any, start_tokens: Any, end_token: Any, initial_state: Any, beam_width: int,
        output_layer: Any = None, length_penalty_weight: float = 0.0, coverage_penalty_weight: float = 0.0,
        reorder_tensor_arrays: bool = True,
    ):  # fmt: skip
        if coverage_penalty_weight:
            raise ValueError("BeamSearchDecoder works without coverage_penalty_weight: leave it out.")
        self._cell, self._output_layer, self._reorder = cell, output_layer, reorder_tensor_arrays
        self._embed = embedding if callable(embedding) else lambda ids: tf.nn.embedding_lookup(embedding, ids)
        self._start_tokens = tf.convert_to_tensor(start_tokens, dtype=tf.int32, name="start_tokens")
        self._end_token = tf.convert_to_tensor(end_token, dtype=tf.int32, name="end_token")
        if self._start_tokens.shape.ndims != 1:
            raise ValueError("start_tokens must be a vector")
        if self._end_token.shape.ndims != 0:
            raise ValueError("end_token must be a scalar")
        self._batch_size, self._width, self._penalty = tf.size(self._start_tokens), beam_width, length_penalty_weight
        self._initial = nest.map_structure(self._split_beams, initial_state)
        tokens = tf.tile(tf.expand_dims(self._start_tokens, 1), [1, beam_width])
        self._start_inputs = self._embed(tokens)
        self._finished = tf.one_hot(
            tf.zeros([self._batch_size], tf.int32), beam_width, on_value=False, off_value=True, dtype=tf.bool
        )

    batch_size = property(lambda self: self._batch_size)  # type: ignore[assignment]
    tracks_own_finished = property(lambda self: True)  # type: ignore[assignment]

    @property
    def output_size(self) -> Any:
        beams = tf.TensorShape([self._width])
        return BeamSearchDecoderOutput(beams, beams, beams)

    @property
    def output_dtype(self) -> Any:
        return BeamSearchDecoderOutput(nest.flatten(self._initial)[0].dtype, tf.int32, tf.int32)

    # -- shapes -------------------------------------------------------------------------------------------

    def _split_beams(self, x: Any) -> Any:
        """`[batch * beam, ...]` as `[batch, beam, ...]`."""
        if isinstance(x, tf.TensorArray) or x.shape.ndims == 0:
            return x
        y = tf.reshape(x, tf.concat([[self._batch_size, self._width], tf.shape(x)[1:]], 0))
        y.set_shape(tf.TensorShape([None, self._width]).concatenate(x.shape[1:]))
        return y

    def _merge_beams(self, x: Any) -> Any:
        """`[batch, beam, ...]` as `[batch * beam, ...]`."""
        if isinstance(x, tf.TensorArray) or x.shape.ndims == 0:
            return x
        y = tf.reshape(x, tf.concat([[self._batch_size * self._width], tf.shape(x)[2:]], 0))
        y.set_shape(tf.TensorShape([None]).concatenate(x.shape[2:]))
        return y

    # -- steps --------------------------------------------------------------------------------------------

    def initialize(self, name: Any = None) -> Any:
        dtype = nest.flatten(self._initial)[0].dtype
        log_probs = tf.one_hot(tf.zeros([self._batch_size], tf.int32), self._width, on_value=0.0, off_value=-np.inf, dtype=dtype)
        lengths = tf.zeros([self._batch_size, self._width], tf.int64)
        return self._finished, self._start_inputs, BeamSearchDecoderState(self._initial, log_probs, self._finished, lengths, ())

    def step(self, time: Any, inputs: Any, state: Any, name: Any = None) -> Any:
        with tf.name_scope(name, "BeamSearchDecoderStep"):
            outputs, cell_state = self._cell(
                nest.map_structure(self._merge_beams, inputs), nest.map_structure(self._merge_beams, state.cell_state)
            )
            outputs = nest.map_structure(self._split_beams, outputs)
            cell_state = nest.map_structure(self._split_beams, cell_state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            found, after = self._search(outputs, cell_state, state)
            following = tf.cond(tf.reduce_all(after.finished), lambda: self._start_inputs, lambda: self._embed(found.predicted_ids))
        return found, after, following, after.finished

    def _search(self, logits: Any, cell_state: Any, state: Any) -> Any:
        """The best continuations of all beams of each example."""
        words = logits.shape.as_list()[-1] or tf.shape(logits)[-1]
        steps = self._only_ends(tf.nn.log_softmax(logits), state.finished, words)
        totals = tf.expand_dims(state.log_probs, 2) + steps
        goes_on = tf.one_hot(self._end_token, words, on_value=0, off_value=1, dtype=tf.int64)
        alive = tf.expand_dims(tf.cast(tf.logical_not(state.finished), tf.int64), 2)
        lengths = alive * goes_on + tf.expand_dims(state.lengths, 2)
        scores = totals / self._length_penalty(lengths, totals.dtype)
        flat = tf.reshape(scores, [self._batch_size, self._width * words])
        best, index = tf.nn.top_k(flat, k=self._width)
        word, beam = index % words, index // words
        log_probs = tf.gather(tf.reshape(totals, [self._batch_size, -1]), index, batch_dims=1, axis=1)
        log_probs.set_shape([None, self._width])
        was_finished = tf.gather(state.finished, beam, batch_dims=1, axis=1)
        finished = tf.logical_or(was_finished, tf.equal(word, self._end_token))
        grown = tf.cast(tf.logical_not(was_finished), tf.int64)
        new_lengths = tf.gather(state.lengths, beam, batch_dims=1, axis=1) + grown
        cell_state = nest.map_structure(lambda x: self._of_parents(x, beam), cell_state)
        after = BeamSearchDecoderState(cell_state, log_probs, finished, new_lengths, ())
        return BeamSearchDecoderOutput(best, word, beam), after

    def _only_ends(self, log_probs: Any, finished: Any, words: Any) -> Any:
        """A finished beam goes on with the end token alone, at no cost."""
        row = tf.one_hot(self._end_token, words, on_value=0.0, off_value=_LOWEST, dtype=log_probs.dtype)
        ended = tf.broadcast_to(row, tf.shape(log_probs))
        return tf.where(tf.broadcast_to(tf.expand_dims(finished, 2), tf.shape(log_probs)), ended, log_probs)

    def _length_penalty(self, lengths: Any, dtype: Any) -> Any:
        if isinstance(self._penalty, (int, float)) and self._penalty == 0:
            return tf.constant(1.0, dtype)
        weight = tf.cast(self._penalty, dtype)
        return tf.pow((5.0 + tf.cast(lengths, dtype)) / 6.0, weight)

    def _of_parents(self, x: Any, beam: Any) -> Any:
        if isinstance(x, tf.TensorArray) or x.shape.ndims is None or x.shape.ndims < 2:
            return x
        y = tf.gather(x, beam, batch_dims=1, axis=1)
        y.set_shape(x.shape)
        return y

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        longest = tf.cast(tf.reduce_max(final_state.lengths, axis=1), tf.int32)
        ids = gather_tree(outputs.predicted_ids, outputs.parent_ids, longest, self._end_token)
        return FinalBeamSearchDecoderOutput(ids, outputs), final_state

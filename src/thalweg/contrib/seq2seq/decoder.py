"""`BasicDecoder` and `dynamic_decode`: a decoder run step by step until all its sequences are finished.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/seq2seq/dynamic_decode
"""

from __future__ import annotations

import contextlib
from collections import namedtuple
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.compat.v1.rnn_cell import RNNCell
from thalweg.contrib.seq2seq.helpers import Helper

nest = tf.nest


class Decoder:
    """Base of decoders: `initialize` gives the first inputs, `step` an output and what follows from it."""

    @property
    def batch_size(self) -> Any:
        raise NotImplementedError

    @property
    def output_size(self) -> Any:
        raise NotImplementedError

    @property
    def output_dtype(self) -> Any:
        raise NotImplementedError

    def initialize(self, name: Any = None) -> Any:
        """`(finished, first inputs, first state)`."""
        raise NotImplementedError

    def step(self, time: Any, inputs: Any, state: Any, name: Any = None) -> Any:
        """`(outputs, next state, next inputs, finished)`."""
        raise NotImplementedError

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        raise NotImplementedError

    @property
    def tracks_own_finished(self) -> bool:
        """Whether `finished` may turn false again, as beams change places."""
        return False


class BasicDecoderOutput(namedtuple("BasicDecoderOutput", ("rnn_output", "sample_id"))):
    """A step's output of the cell, and the id drawn from it."""


class BasicDecoder(Decoder):
    """A cell with a helper that says what to feed it, and an output layer if wanted."""

    def __init__(self, cell: Any, helper: Any, initial_state: Any, output_layer: Any = None):
        if not isinstance(cell, RNNCell) and not (hasattr(cell, "output_size") and callable(cell)):
            raise TypeError(f"The argument 'cell' ({cell}) is not an RNNCell.")
        if not isinstance(helper, Helper):
            raise TypeError(f"helper must be a Helper, received: {type(helper)}")
        self._cell, self._helper, self._initial_state, self._output_layer = cell, helper, initial_state, output_layer

    @property
    def batch_size(self) -> Any:
        return self._helper.batch_size

    def _rnn_output_size(self) -> Any:
        size = self._cell.output_size
        if self._output_layer is None:
            return size
        return tf.TensorShape([self._output_layer.units])

    @property
    def output_size(self) -> Any:
        return BasicDecoderOutput(self._rnn_output_size(), self._helper.sample_ids_shape)

    @property
    def output_dtype(self) -> Any:
        dtype = nest.flatten(self._initial_state)[0].dtype.base_dtype
        return BasicDecoderOutput(nest.map_structure(lambda _: dtype, self._rnn_output_size()), self._helper.sample_ids_dtype)

    def initialize(self, name: Any = None) -> Any:
        return (*self._helper.initialize(), self._initial_state)

    def step(self, time: Any, inputs: Any, state: Any, name: Any = None) -> Any:
        with tf.name_scope(name, "BasicDecoderStep", [time]):
            outputs, state = self._cell(inputs, state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            ids = self._helper.sample(time=time, outputs=outputs, state=state)
            finished, following, state = self._helper.next_inputs(time=time, outputs=outputs, state=state, sample_ids=ids)
        return BasicDecoderOutput(outputs, ids), state, following, finished


def _swapped(x: Any) -> Any:
    """Batch and time exchanged; anything of lower rank as it is."""
    rank = x.shape.ndims
    return x if rank is not None and rank < 2 else tf.transpose(x, [1, 0, *range(2, rank)])


def _rows(batch: Any, size: Any, dtype: Any) -> Any:
    sizes = tf.TensorShape(size).as_list() if not isinstance(size, int) else [size]
    y = tf.zeros(tf.concat([[batch], tf.constant(sizes, tf.int32)], 0), dtype)
    y.set_shape([tf.get_static_value(batch) if tf.is_tensor(batch) else batch, *sizes])
    return y


def dynamic_decode(
    decoder: Any, output_time_major: bool = False, impute_finished: bool = False, maximum_iterations: Any = None,
    parallel_iterations: int = 32, swap_memory: bool = False, scope: Any = None, **kwargs: Any,
) -> Any:  # fmt: skip
    """Run a decoder until all sequences are finished, at most `maximum_iterations` steps.

    Returns `(outputs, last state, lengths)`; outputs are `[batch, time, ...]` unless `output_time_major`. With
    `impute_finished` a finished sequence's state stays and its outputs are zero. Raises TypeError for what is no Decoder.
    """
    if not isinstance(decoder, Decoder):
        raise TypeError(f"Expected decoder to be type Decoder, but saw: {type(decoder)}")
    with tf.variable_scope(scope, "decoder"):
        limit = None
        if maximum_iterations is not None:
            limit = tf.convert_to_tensor(maximum_iterations, dtype=tf.int32, name="maximum_iterations")
            if limit.shape.ndims != 0:
                raise ValueError("maximum_iterations must be a scalar")
        finished, inputs, state = decoder.initialize()
        state = nest.map_structure(lambda x: x if isinstance(x, tf.TensorArray) else tf.convert_to_tensor(x), state)
        if limit is not None:
            finished = tf.logical_or(finished, limit <= 0)
        lengths = tf.zeros_like(finished, dtype=tf.int32)
        zeros = nest.map_structure(
            lambda size, dtype: _rows(decoder.batch_size, size, dtype), decoder.output_size, decoder.output_dtype
        )
        arrays = nest.map_structure(
            lambda d, z: tf.TensorArray(d, size=0, dynamic_size=True, element_shape=z.shape), decoder.output_dtype, zeros
        )

        def goes_on(time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any) -> Any:
            return tf.logical_not(tf.reduce_all(finished))

        def body(time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any) -> Any:
            outputs, next_state, next_inputs, done = decoder.step(time, inputs, state)
            now = done if decoder.tracks_own_finished else tf.logical_or(done, finished)
            now.set_shape(finished.shape)
            lengths = tf.where(finished, lengths, tf.fill(tf.shape(lengths), time + 1))
            if impute_finished:
                outputs = nest.map_structure(lambda out, zero: tf.where(finished, zero, out), outputs, zeros)
                next_state = nest.map_structure(lambda new, old: _unless(finished, new, old), next_state, state)
            nest.assert_same_structure(state, next_state)
            arrays = nest.map_structure(lambda array, out: array.write(time, out), arrays, outputs)
            if limit is not None:
                now = tf.logical_or(now, time + 1 >= limit)
            return time + 1, arrays, next_state, next_inputs, now, lengths

        _, arrays, state, _, _, lengths = tf.while_loop(
            goes_on, body, (tf.constant(0, tf.int32), arrays, state, inputs, finished, lengths),
            parallel_iterations=parallel_iterations, swap_memory=swap_memory,
        )  # fmt: skip
        outputs = nest.map_structure(lambda array: array.stack(), arrays)
        with contextlib.suppress(NotImplementedError):
            outputs, state = decoder.finalize(outputs, state, lengths)
        if not output_time_major:
            outputs = nest.map_structure(_swapped, outputs)
    return outputs, state, lengths


def _unless(finished: Any, new: Any, old: Any) -> Any:
    """The new state where a sequence goes on; what is no row of a batch is taken as it is."""
    if isinstance(new, tf.TensorArray) or new.shape.ndims == 0:
        return new
    new.set_shape(old.shape)
    return tf.where(finished, old, new)

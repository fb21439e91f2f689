"""Helpers: what a decoder is fed at each step. The truth while training; its own outputs, the likeliest or drawn, afterwards.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/seq2seq/Helper
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf

nest = tf.nest


class Helper:
    """Base of helpers: `initialize`, `sample` and `next_inputs`."""

    @property
    def batch_size(self) -> Any:
        """The number of sequences, a scalar tensor."""
        raise NotImplementedError

    @property
    def sample_ids_shape(self) -> Any:
        return tf.TensorShape([])

    @property
    def sample_ids_dtype(self) -> Any:
        return tf.int32

    def initialize(self, name: Any = None) -> Any:
        """`(finished, first inputs)`."""
        raise NotImplementedError

    def sample(self, time: Any, outputs: Any, state: Any, name: Any = None) -> Any:
        """Ids from a step's outputs."""
        raise NotImplementedError

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: Any = None) -> Any:
        """`(finished, next inputs, next state)`."""
        raise NotImplementedError


class CustomHelper(Helper):
    """A helper of three functions."""

    def __init__(
        self, initialize_fn: Callable[..., Any], sample_fn: Callable[..., Any], next_inputs_fn: Callable[..., Any],
        sample_ids_shape: Any = None, sample_ids_dtype: Any = None,
    ):  # fmt: skip
        self._initialize, self._sample, self._next = initialize_fn, sample_fn, next_inputs_fn
        self._batch: Any = None
        self._shape, self._dtype = tf.TensorShape(sample_ids_shape or []), sample_ids_dtype or tf.int32

    @property
    def batch_size(self) -> Any:
        if self._batch is None:
            raise ValueError("batch_size accessed before initialize was called")
        return self._batch

    sample_ids_shape = property(lambda self: self._shape)
    sample_ids_dtype = property(lambda self: self._dtype)

    def initialize(self, name: Any = None) -> Any:
        finished, inputs = self._initialize()
        if self._batch is None:
            self._batch = tf.size(finished)
        return finished, inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: Any = None) -> Any:
        return self._sample(time=time, outputs=outputs, state=state)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: Any = None) -> Any:
        return self._next(time=time, outputs=outputs, state=state, sample_ids=sample_ids)


class TrainingHelper(Helper):
    """Feeds the given inputs `[batch, time, n]`, each sequence up to its length."""

    def __init__(self, inputs: Any, sequence_length: Any, time_major: bool = False, name: Any = None):
        with tf.name_scope(name, "TrainingHelper", [inputs, sequence_length]):
            inputs = nest.map_structure(tf.convert_to_tensor, inputs)
            self._inputs = inputs
            if not time_major:
                inputs = nest.map_structure(lambda x: tf.transpose(x, [1, 0, *range(2, x.shape.ndims)]), inputs)
            self._time_major = inputs
            self._lengths = tf.cast(tf.convert_to_tensor(sequence_length, name="sequence_length"), tf.int32)
            if self._lengths.shape.ndims != 1:
                raise ValueError(f"Expected sequence_length to be a vector, but received shape: {self._lengths.shape}")
            self._zeros = nest.map_structure(lambda x: tf.zeros_like(x[0, :]), inputs)
            self._batch_size = tf.size(self._lengths)

    inputs = property(lambda self: self._inputs)
    sequence_length = property(lambda self: self._lengths)
    batch_size = property(lambda self: self._batch_size)

    def _row(self, time: Any) -> Any:
        return nest.map_structure(lambda x: x[time], self._time_major)

    def initialize(self, name: Any = None) -> Any:
        with tf.name_scope(name, "TrainingHelperInitialize"):
            finished = tf.equal(0, self._lengths)
            return finished, tf.cond(tf.reduce_all(finished), lambda: self._zeros, lambda: self._row(0))

    def sample(self, time: Any, outputs: Any, state: Any, name: Any = None) -> Any:
        with tf.name_scope(name, "TrainingHelperSample", [time, outputs]):
            return tf.cast(tf.argmax(outputs, axis=-1), tf.int32)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: Any = None, **_: Any) -> Any:
        with tf.name_scope(name, "TrainingHelperNextInputs", [time, outputs, state]):
            following = time + 1
            finished = following >= self._lengths
            inputs = tf.cond(tf.reduce_all(finished), lambda: self._zeros, lambda: self._row(following))
            return finished, inputs, state


class ScheduledEmbeddingTrainingHelper(TrainingHelper):
    """Feeds the truth or, with a probability, the vector of an id drawn from the output (Bengio et al., 2015)."""

    def __init__(
        self, inputs: Any, sequence_length: Any, embedding: Any, sampling_probability: Any, time_major: bool = False,
        seed: Any = None, scheduling_seed: Any = None, name: Any = None,
    ):  # fmt: skip
        super().__init__(inputs, sequence_length, time_major, name)
        self._embed = embedding if callable(embedding) else lambda ids: tf.nn.embedding_lookup(embedding, ids)
        self._probability = tf.convert_to_tensor(sampling_probability, name="sampling_probability")
        if self._probability.shape.ndims not in (0, 1):
            raise ValueError(f"sampling_probability must be either a scalar or a vector. saw shape: {self._probability.shape}")
        self._seed, self._scheduling_seed = seed, scheduling_seed

    def sample(self, time: Any, outputs: Any, state: Any, name: Any = None) -> Any:
        with tf.name_scope(name, "ScheduledEmbeddingTrainingHelperSample", [time, outputs, state]):
            chosen = tf.random_uniform([self.batch_size], seed=self._scheduling_seed) < self._probability
            drawn = tf.reshape(tf.multinomial(outputs, 1, seed=self._seed, output_dtype=tf.int32), [-1])
            return tf.where(chosen, drawn, tf.fill([self.batch_size], -1))

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: Any = None, **_: Any) -> Any:
        finished, truth, state = super().next_inputs(time, outputs, state)
        drawn = self._embed(tf.maximum(sample_ids, 0))
        return finished, tf.where(sample_ids > -1, drawn, truth), state


class ScheduledOutputTrainingHelper(TrainingHelper):
    """Feeds the truth or, with a probability, the output itself, passed through `next_inputs_fn`."""

    def __init__(
        self, inputs: Any, sequence_length: Any, sampling_probability: Any, time_major: bool = False, seed: Any = None,
        next_inputs_fn: Any = None, auxiliary_inputs: Any = None, name: Any = None,
    ):  # fmt: skip
        super().__init__(inputs, sequence_length, time_major, name)
        if auxiliary_inputs is not None:
            raise ValueError("ScheduledOutputTrainingHelper takes no auxiliary_inputs: join them to the inputs.")
        self._probability, self._seed = tf.convert_to_tensor(sampling_probability), seed
        self._next_inputs = next_inputs_fn or (lambda x: x)

    def sample(self, time: Any, outputs: Any, state: Any, name: Any = None) -> Any:
        return tf.cast(tf.random_uniform([self.batch_size], seed=self._seed) < self._probability, tf.int32)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: Any = None, **_: Any) -> Any:
        finished, truth, state = super().next_inputs(time, outputs, state)
        return finished, tf.where(tf.cast(sample_ids, tf.bool), self._next_inputs(outputs), truth), state


class GreedyEmbeddingHelper(Helper):
    """Feeds the vector of the likeliest id, until it is the end token."""

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any):
        self._embed = embedding if callable(embedding) else lambda ids: tf.nn.embedding_lookup(embedding, ids)
        self._start_tokens = tf.convert_to_tensor(start_tokens, dtype=tf.int32, name="start_tokens")
        self._end_token = tf.convert_to_tensor(end_token, dtype=tf.int32, name="end_token")
        if self._start_tokens.shape.ndims != 1:
            raise ValueError("start_tokens must be a vector")
        if self._end_token.shape.ndims != 0:
            raise ValueError("end_token must be a scalar")
        self._batch_size = tf.size(self._start_tokens)
        self._start_inputs = self._embed(self._start_tokens)

    batch_size = property(lambda self: self._batch_size)

    def initialize(self, name: Any = None) -> Any:
        return tf.tile([False], [self._batch_size]), self._start_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: Any = None) -> Any:
        if not tf.is_tensor(outputs):
            raise TypeError(f"Expected outputs to be a single Tensor, got: {type(outputs)}")
        return tf.argmax(outputs, axis=-1, output_type=tf.int32)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: Any = None) -> Any:
        finished = tf.equal(sample_ids, self._end_token)
        inputs = tf.cond(tf.reduce_all(finished), lambda: self._start_inputs, lambda: self._embed(sample_ids))
        return finished, inputs, state


class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """Feeds the vector of an id drawn from the output's distribution."""

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any, softmax_temperature: Any = None, seed: Any = None):
        super().__init__(embedding, start_tokens, end_token)
        self._temperature, self._seed = softmax_temperature, seed

    def sample(self, time: Any, outputs: Any, state: Any, name: Any = None) -> Any:
        logits = outputs if self._temperature is None else outputs / self._temperature
        return tf.reshape(tf.multinomial(logits, 1, seed=self._seed, output_dtype=tf.int32), [-1])


class InferenceHelper(Helper):
    """A helper for decoding with functions of one's own."""

    def __init__(
        self, sample_fn: Callable[..., Any], sample_shape: Any, sample_dtype: Any, start_inputs: Any, end_fn: Callable[..., Any],
        next_inputs_fn: Any = None,
    ):  # fmt: skip
        self._sample_fn, self._end_fn, self._next_inputs_fn = sample_fn, end_fn, next_inputs_fn
        self._shape, self._dtype = tf.TensorShape(sample_shape), sample_dtype
        self._start = tf.convert_to_tensor(start_inputs, name="start_inputs")
        self._batch_size = tf.shape(self._start)[0]

    batch_size = property(lambda self: self._batch_size)
    sample_ids_shape = property(lambda self: self._shape)
    sample_ids_dtype = property(lambda self: self._dtype)

    def initialize(self, name: Any = None) -> Any:
        return tf.tile([False], [self._batch_size]), self._start

    def sample(self, time: Any, outputs: Any, state: Any, name: Any = None) -> Any:
        return self._sample_fn(outputs)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: Any = None) -> Any:
        following = sample_ids if self._next_inputs_fn is None else self._next_inputs_fn(sample_ids)
        return self._end_fn(sample_ids), following, state

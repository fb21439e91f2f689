"""Attention mechanisms: how much each place of a memory counts for a query.

Sources: Bahdanau et al., 2015; Luong et al., 2015; Raffel et al., "Online and linear-time attention by enforcing monotonic
alignments", 2017.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf


class AttentionMechanism:
    """Base of attention mechanisms."""

    @property
    def alignments_size(self) -> Any:
        raise NotImplementedError

    @property
    def state_size(self) -> Any:
        raise NotImplementedError


def _masked(memory: Any, lengths: Any, check_inner_dims_defined: bool = True) -> Any:
    """The memory with zeros beyond each example's length."""
    memory = tf.convert_to_tensor(memory, name="memory")
    if check_inner_dims_defined and not memory.shape[2:].is_fully_defined():
        raise ValueError(f"Expected memory {memory.name} to have fully defined inner dims, but saw shape: {memory.shape}")
    if lengths is None:
        return memory
    mask = tf.sequence_mask(lengths, maxlen=tf.shape(memory)[1], dtype=memory.dtype)
    for _ in range(memory.shape.ndims - 2):
        mask = tf.expand_dims(mask, -1)
    return memory * mask


def _masked_score(score: Any, lengths: Any, value: Any) -> Any:
    if lengths is None:
        return score
    return tf.where(tf.sequence_mask(lengths, maxlen=tf.shape(score)[1]), score, value * tf.ones_like(score))


class _Mechanism(AttentionMechanism):
    def __init__(
        self, query_layer: Any, memory: Any, probability_fn: Callable[..., Any], memory_sequence_length: Any, memory_layer: Any,
        score_mask_value: Any, dtype: Any,
    ):  # fmt: skip
        self.query_layer, self.memory_layer = query_layer, memory_layer
        lengths = None if memory_sequence_length is None else tf.convert_to_tensor(memory_sequence_length)
        self._lengths = lengths
        self._probability_fn = probability_fn
        with tf.name_scope(None, "BaseAttentionMechanismInit"):
            self._values = _masked(memory, lengths)
            self._keys = self.memory_layer(self._values) if self.memory_layer is not None else self._values
            self._batch_size = self._keys.shape.as_list()[0] or tf.shape(self._keys)[0]
            self._size = self._keys.shape.as_list()[1] or tf.shape(self._keys)[1]
        self._mask_value = -math.inf if score_mask_value is None else score_mask_value

    values = property(lambda self: self._values)
    keys = property(lambda self: self._keys)
    batch_size = property(lambda self: self._batch_size)
    alignments_size = property(lambda self: self._size)  # type: ignore[assignment]
    state_size = property(lambda self: self._size)  # type: ignore[assignment]

    def _probabilities(self, score: Any, state: Any) -> Any:
        return self._probability_fn(_masked_score(score, self._lengths, self._mask_value), state)

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Any:
        """Zeros `[batch, places]`."""
        with tf.name_scope("initial_alignments"):
            y = tf.zeros(tf.stack([batch_size, self._size]), dtype)
            y.set_shape([None if tf.is_tensor(n) else n for n in (batch_size, self._size)])
            return y

    def initial_state(self, batch_size: Any, dtype: Any) -> Any:
        return self.initial_alignments(batch_size, dtype)

    def _score(self, query: Any) -> Any:
        raise NotImplementedError

    scope = "attention"

    def __call__(self, query: Any, state: Any = None, previous_alignments: Any = None) -> Any:
        """`(alignments, next state)`, both `[batch, places]`."""
        state = previous_alignments if state is None else state
        with tf.variable_scope(None, self.scope, [query]):
            alignments = self._probabilities(self._score(query), state)
        return alignments, alignments


def _dense(units: int, name: str, dtype: Any) -> Any:
    return tf.layers.Dense(units, name=name, use_bias=False, dtype=dtype)


def _softmax(score: Any, _: Any) -> Any:
    return tf.nn.softmax(score)


class LuongAttention(_Mechanism):
    """The product of query and key, scaled by a learnt number if `scale`. Raises ValueError for a query of other depth."""

    scope = "luong_attention"

    def __init__(
        self, num_units: int, memory: Any, memory_sequence_length: Any = None, scale: bool = False, probability_fn: Any = None,
        score_mask_value: Any = None, dtype: Any = None, custom_key_value_fn: Any = None, name: str = "LuongAttention",
    ):  # fmt: skip
        dtype = dtype or tf.float32
        probability = (lambda score, _: probability_fn(score)) if probability_fn else _softmax
        super().__init__(None, memory, probability, memory_sequence_length, _dense(num_units, "memory_layer", dtype),
                         score_mask_value, dtype)  # fmt: skip
        self._num_units, self._scale, self._name = num_units, scale, name

    def _score(self, query: Any) -> Any:
        depth, units = query.shape.as_list()[-1], self._keys.shape.as_list()[-1]
        if depth != units:
            raise ValueError(
                f"Incompatible or unknown inner dimensions between query and keys. Query ({query}) has units: {depth}. Keys have "
                f"units: {units}. Perhaps you need to set num_units to the keys' dimension ({units})?"
            )
        score = tf.squeeze(tf.matmul(tf.expand_dims(query, 1), self._keys, transpose_b=True), [1])
        if self._scale:
            score = tf.get_variable("attention_g", dtype=query.dtype, initializer=tf.ones_initializer(), shape=()) * score
        return score


class BahdanauAttention(_Mechanism):
    """`v . tanh(query + key)` of linear layers of both; `v` weight-normalised if `normalize`."""

    scope = "bahdanau_attention"

    def __init__(
        self, num_units: int, memory: Any, memory_sequence_length: Any = None, normalize: bool = False, probability_fn: Any = None,
        score_mask_value: Any = None, dtype: Any = None, custom_key_value_fn: Any = None, name: str = "BahdanauAttention",
    ):  # fmt: skip
        dtype = dtype or tf.float32
        probability = (lambda score, _: probability_fn(score)) if probability_fn else _softmax
        super().__init__(_dense(num_units, "query_layer", dtype), memory, probability, memory_sequence_length,
                         _dense(num_units, "memory_layer", dtype), score_mask_value, dtype)  # fmt: skip
        self._num_units, self._normalize, self._name = num_units, normalize, name

    def _score(self, query: Any) -> Any:
        hidden = tf.expand_dims(self.query_layer(query) if self.query_layer else query, 1)
        units, dtype = self._keys.shape.as_list()[2], hidden.dtype
        v = tf.get_variable("attention_v", [units], dtype)
        if not self._normalize:
            return tf.reduce_sum(v * tf.tanh(self._keys + hidden), [2])
        g = tf.get_variable("attention_g", dtype=dtype, initializer=tf.constant_initializer(math.sqrt(1.0 / units)), shape=())
        b = tf.get_variable("attention_b", [units], dtype, tf.zeros_initializer())
        return tf.reduce_sum(g * v * tf.rsqrt(tf.reduce_sum(tf.square(v))) * tf.tanh(self._keys + hidden + b), [2])


# -- monotonic ------------------------------------------------------------------------------------------------


def safe_cumprod(x: Any, *args: Any, **kwargs: Any) -> Any:
    """A cumulative product by logarithms, of numbers in [0, 1]."""
    with tf.name_scope(None, "SafeCumprod", [x]):
        x = tf.convert_to_tensor(x, name="x")
        tiny = 1.1754944e-38 if x.dtype is tf.float32 else 2.2250738585072014e-308
        return tf.exp(tf.cumsum(tf.log(tf.clip_by_value(x, tiny, 1)), *args, **kwargs))


def monotonic_attention(p_choose_i: Any, previous_attention: Any, mode: str) -> Any:
    """The distribution over places when attention may only move forwards. `mode`: recursive, parallel or hard."""
    p = tf.convert_to_tensor(p_choose_i, name="p_choose_i")
    before = tf.convert_to_tensor(previous_attention, name="previous_attention")
    if mode == "recursive":
        batch = p.shape.as_list()[0] or tf.shape(p)[0]
        shifted = tf.concat([tf.ones([batch, 1], p.dtype), 1 - p[:, :-1]], 1)
        step = lambda x, yz: tf.reshape(yz[0] * x + yz[1], [batch])
        q = tf.scan(step, [tf.transpose(shifted), tf.transpose(before)], tf.zeros([batch], p.dtype))
        return p * tf.transpose(q)
    if mode == "parallel":
        product = safe_cumprod(1 - p, axis=1, exclusive=True)
        return p * product * tf.cumsum(before / tf.clip_by_value(product, 1e-10, 1.0), axis=1)
    if mode == "hard":
        p = p * tf.cumsum(before, axis=1)
        return p * tf.cumprod(1 - p, axis=1, exclusive=True)
    raise ValueError("mode must be 'recursive', 'parallel', or 'hard'.")


def _monotonic(score: Any, before: Any, sigmoid_noise: float, mode: str, seed: Any = None) -> Any:
    if sigmoid_noise > 0:
        score = score + sigmoid_noise * tf.random_normal(tf.shape(score), dtype=score.dtype, seed=seed)
    p = tf.cast(score > 0, score.dtype) if mode == "hard" else tf.sigmoid(score)
    return monotonic_attention(p, before, mode)


class _MonotonicStart:
    def initial_alignments(self, batch_size: Any, dtype: Any) -> Any:
        """All attention on the first place."""
        return tf.one_hot(tf.zeros(tf.stack([batch_size]), tf.int32), self._size, dtype=dtype)  # type: ignore[attr-defined]


class BahdanauMonotonicAttention(_MonotonicStart, BahdanauAttention):
    """Bahdanau's score, moving forwards only."""

    scope = "bahdanau_monotonic_attention"

    def __init__(
        self, num_units: int, memory: Any, memory_sequence_length: Any = None, normalize: bool = False,
        score_mask_value: Any = None,
        sigmoid_noise: float = 0.0, sigmoid_noise_seed: Any = None, score_bias_init: float = 0.0, mode: str = "parallel",
        dtype: Any = None, name: str = "BahdanauMonotonicAttention",
    ):  # fmt: skip
        super().__init__(num_units, memory, memory_sequence_length, normalize, None, score_mask_value, dtype, name=name)
        self._probability_fn = functools.partial(_monotonic, sigmoid_noise=sigmoid_noise, mode=mode, seed=sigmoid_noise_seed)
        self._bias = score_bias_init

    def _score(self, query: Any) -> Any:
        bias = tf.get_variable("attention_score_bias", dtype=query.dtype, initializer=tf.constant_initializer(self._bias), shape=())
        return super()._score(query) + bias


class LuongMonotonicAttention(_MonotonicStart, LuongAttention):
    """Luong's score, moving forwards only."""

    scope = "luong_monotonic_attention"

    def __init__(
        self, num_units: int, memory: Any, memory_sequence_length: Any = None, scale: bool = False, score_mask_value: Any = None,
        sigmoid_noise: float = 0.0, sigmoid_noise_seed: Any = None, score_bias_init: float = 0.0, mode: str = "parallel",
        dtype: Any = None, name: str = "LuongMonotonicAttention",
    ):  # fmt: skip
        super().__init__(num_units, memory, memory_sequence_length, scale, None, score_mask_value, dtype, name=name)
        self._probability_fn = functools.partial(_monotonic, sigmoid_noise=sigmoid_noise, mode=mode, seed=sigmoid_noise_seed)
        self._bias = score_bias_init

    def _score(self, query: Any) -> Any:
        bias = tf.get_variable("attention_score_bias", dtype=query.dtype, initializer=tf.constant_initializer(self._bias), shape=())
        return super()._score(query) + bias


def hardmax(logits: Any, name: Any = None) -> Any:
    """One for the largest of each row, zero for the rest."""
    with tf.name_scope(name, "Hardmax", [logits]):
        logits = tf.convert_to_tensor(logits, name="logits")
        return tf.one_hot(tf.argmax(logits, -1), tf.shape(logits)[-1], dtype=logits.dtype)

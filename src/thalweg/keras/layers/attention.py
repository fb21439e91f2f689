"""Attention: each query takes from the values what fits it. With dot products, with sums, with several heads."""

from __future__ import annotations

import math
import string
from typing import Any

import thalweg as tf
from thalweg.keras import activations, random
from thalweg.keras.engine import calls
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import Shape, as_shape
from thalweg.keras.layers.activation import Softmax
from thalweg.keras.layers.einsum_dense import EinsumDense
from thalweg.keras.layers.recurrent.rnn import build_inner
from thalweg.keras.layers.regularization import Dropout
from thalweg.keras.random import SeedGenerator

_SUBLAYER = (
    "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer", "kernel_constraint",
    "bias_constraint",
)  # fmt: skip


# -- without weights of their own ------------------------------------------------------------------------------


class Attention(Layer):
    """Dot-product attention over `[query, value]` or `[query, value, key]`, each `[batch, steps, features]`.

    use_scale: a learned factor on the scores. score_mode: 'dot', or 'concat' for the sum of tanh of query and key. dropout:
    of the weights. Source: Luong et al., "Effective approaches to attention-based neural machine translation" (2015);
    `tf.keras.layers.Attention`.
    """

    _config_names: tuple[str, ...] = ("use_scale", "score_mode", "dropout", "seed")

    def __init__(
        self, use_scale: bool = False, score_mode: str = "dot", dropout: float = 0.0, seed: Any = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise ValueError(
                f"Invalid value for argument score_mode. Expected one of {{'dot', 'concat'}}. Received: score_mode={score_mode}"
            )
        self.use_scale, self.score_mode, self.dropout, self.seed = use_scale, score_mode, dropout, seed
        self.supports_masking = True
        self.seed_generator = SeedGenerator(seed) if dropout > 0 else None
        self.scale: Any = None
        self.concat_score_weight: Any = None

    def build(self, input_shape: Any) -> None:
        self._check(input_shape)
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(name="concat_score_weight", shape=(), initializer="ones")
        self.built = True

    def _scores(self, query: Any, key: Any) -> Any:
        """`[batch, queries, keys]`: how well each key fits each query."""
        scale = None if self.scale is None else self.scale.value()
        if self.score_mode == "dot":
            scores = tf.matmul(query, key, transpose_b=True)
            return scores if scale is None else scores * scale
        sums = tf.expand_dims(query, -2) + tf.expand_dims(key, -3)
        sums = sums if scale is None else scale * sums
        return self.concat_score_weight.value() * tf.reduce_sum(tf.tanh(sums), -1)

    def call(
        self, inputs: Any, mask: Any = None, training: Any = False, return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        self._check(inputs, mask)
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = mask[:2] if mask else (None, None)
        scores = self._scores(query, key)
        keep = None if value_mask is None else tf.expand_dims(tf.cast(value_mask, tf.bool), -2)
        if use_causal_mask:
            keep = _both(keep, causal_mask(tf.shape(scores)[-2], tf.shape(scores)[-1]))
        if keep is not None:
            far = tf.cast(65504.0 if scores.dtype == tf.float16 else 1e9, scores.dtype)
            scores = tf.where(keep, scores, scores - far)
        weights = activations.softmax(scores)
        if training and self.dropout > 0:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        y = tf.matmul(weights, value)
        if query_mask is not None:
            y = tf.where(tf.expand_dims(tf.cast(query_mask, tf.bool), -1), y, tf.zeros_like(y))
        return (y, weights) if return_attention_scores else y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return mask[0] if isinstance(mask, (list, tuple)) else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        query, value = map(as_shape, input_shape[:2])
        return query[:-1] + (value[-1],)

    def _check(self, inputs: Any, mask: Any = None) -> None:
        name = type(self).__name__
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(
                f"{name} layer must be called on a list of inputs, namely [query, value] or [query, value, key]. Received: "
                f"inputs={inputs}."
            )
        if not 2 <= len(inputs) <= 3:
            raise ValueError(
                f"{name} layer accepts inputs list of length 2 or 3, namely [query, value] or [query, value, key]. Received "
                f"length: {len(inputs)}."
            )
        if mask is not None and not isinstance(mask, (list, tuple)):
            raise ValueError(f"{name} layer mask must be a list, namely [query_mask, value_mask]. Received: mask={mask}.")
        if mask is not None and not 2 <= len(mask) <= 3:
            raise ValueError(f"{name} layer accepts mask list of length 2 or 3. Received: inputs={inputs}, mask={mask}.")


class AdditiveAttention(Attention):
    """Attention with scores `sum(scale * tanh(query + key))`.

    Source: Bahdanau et al., "Neural machine translation by jointly learning to align and translate" (2015);
    `tf.keras.layers.AdditiveAttention`.
    """

    _config_names = ("use_scale", "dropout", "seed")

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any):
        super().__init__(use_scale=use_scale, dropout=dropout, **kwargs)

    def build(self, input_shape: Any) -> None:
        self._check(input_shape)
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(input_shape[0][-1],), initializer="glorot_uniform")
        self.built = True

    def _scores(self, query: Any, key: Any) -> Any:
        fit = tf.tanh(tf.expand_dims(query, -2) + tf.expand_dims(key, -3))
        return tf.reduce_sum(fit if self.scale is None else self.scale.value() * fit, -1)


# -- masks -----------------------------------------------------------------------------------------------------


def causal_mask(queries: Any, keys: Any) -> Any:
    """`[1, queries, keys]`, True where a query may look: at its own place and those before."""
    return tf.expand_dims(tf.expand_dims(tf.range(queries), 1) >= tf.expand_dims(tf.range(keys), 0), 0)


def window_mask(queries: Any, keys: Any, reach: int) -> Any:
    """`[1, queries, keys]`, True where query and key are fewer than `reach` places apart."""
    apart = tf.abs(tf.expand_dims(tf.range(queries), 1) - tf.expand_dims(tf.range(keys), 0))
    return tf.expand_dims(apart < reach, 0)


def _both(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else tf.logical_and(a, b)


# -- several heads ---------------------------------------------------------------------------------------------


class _Heads(Layer):
    """What the attention layers with heads share: masks, projections, the softmax over scores."""

    sliding_window: int | None
    use_gate: bool

    def _init_heads(self, settings: dict[str, Any], sliding_window: Any, flash_attention: Any, dropout: float, seed: Any) -> None:
        if sliding_window is not None and (not isinstance(sliding_window, int) or sliding_window <= 0):
            raise ValueError(
                f"`sliding_window` must be `None` or a positive integer. Received: sliding_window={sliding_window}"
            )
        if flash_attention and dropout > 0:
            raise ValueError(
                "Dropout is not supported when flash attention is enabled. Please set dropout to 0.0 to use flash attention."
            )
        self.sliding_window, self.seed = sliding_window, seed
        self._set(**settings)
        self.supports_masking = True

    def _projection(self, equation: str, output_shape: Any, bias_axes: str, name: str, **kwargs: Any) -> EinsumDense:
        """A dense layer inside, with initializers of its own, so that no two of them start alike."""
        settings = {part: getattr(self, part) for part in _SUBLAYER}
        for part in ("kernel_initializer", "bias_initializer"):
            settings[part] = type(settings[part]).from_config(settings[part].get_config())
        return EinsumDense(
            equation, output_shape=output_shape, bias_axes=bias_axes if self.use_bias else None, name=name,
            dtype=self.dtype_policy, activity_regularizer=self.activity_regularizer, **settings, **kwargs,
        )  # fmt: skip

    def _add_activity_loss(self, outputs: Any) -> None:
        """Nothing: the projections inside add it."""

    use_bias: bool

    def _mask(
        self, query: Any, value: Any, query_mask: Any, value_mask: Any, key_mask: Any, attention_mask: Any, causal: bool
    ) -> Any:
        """All masks as one, `[batch, queries, keys]`; None if there is none."""
        keep = None
        if query_mask is not None:
            keep = tf.expand_dims(tf.cast(query_mask, tf.bool), -1)
        for mask in (value_mask, key_mask):
            if mask is not None:
                keep = _both(keep, tf.expand_dims(tf.cast(mask, tf.bool), -2))
        sizes = tf.shape(query)[1], tf.shape(value)[1]
        if causal:
            keep = _both(keep, causal_mask(*sizes))
        if self.sliding_window is not None:
            keep = _both(keep, window_mask(*sizes, self.sliding_window))
        return keep if attention_mask is None else _both(keep, tf.cast(attention_mask, tf.bool))

    def compute_mask(self, query: Any, value: Any = None, query_mask: Any = None, **kwargs: Any) -> Any:
        return query_mask

    def _pass_mask_on(self, inputs: Any, outputs: Any, mask: Any) -> None:
        mask = calls.mask_of(inputs)
        y = outputs[0] if isinstance(outputs, tuple) else outputs
        if mask is not None and calls.mask_of(y) is None:
            y._keras_mask = mask


class MultiHeadAttention(_Heads):
    """Attention with several heads, each with projections of its own: `layer(query, value, key=value)`.

    query: `[batch, queries, features]`; value, key: `[batch, keys, features]`. attention_mask: `[batch, queries, keys]`, True
    where a query may look. use_causal_mask: no query looks at later places. return_attention_scores: the weights, too,
    `[batch, heads, queries, keys]`. Source: Vaswani et al., "Attention is all you need" (2017);
    `tf.keras.layers.MultiHeadAttention`.

    >>> layer = tf.keras.layers.MultiHeadAttention(num_heads=2, key_dim=4)
    >>> layer(tf.zeros([1, 3, 8]), tf.zeros([1, 5, 8])).shape
    TensorShape([1, 3, 8])
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ):
        for name, size in (("num_heads", num_heads), ("key_dim", key_dim), ("value_dim", value_dim)):
            if (size is not None or name != "value_dim") and (not isinstance(size, int) or size <= 0):
                raise ValueError(
                    f"Received an invalid value for argument `{name}`, expected a positive integer. Received: {name}={size}"
                )
        given = locals()
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._init_heads({name: given[name] for name in _SUBLAYER}, sliding_window, flash_attention, dropout, seed)
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim or key_dim
        self.dropout, self.use_bias, self.use_gate = dropout, use_bias, use_gate
        self._output_shape = (output_shape,) if isinstance(output_shape, int) else output_shape and tuple(output_shape)
        if isinstance(attention_axes, int):
            attention_axes = (attention_axes,)
        elif attention_axes and not isinstance(attention_axes, (list, tuple)):
            raise ValueError(f"`attention_axes` must be an int, list, or tuple. Received: attention_axes={attention_axes}")
        self.attention_axes = attention_axes and tuple(attention_axes)

    def build(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> None:
        query_shape = as_shape(query_shape)
        value_shape = query_shape if value_shape is None else as_shape(value_shape)
        key_shape = value_shape if key_shape is None else as_shape(key_shape)
        if value_shape[1:-1] != key_shape[1:-1]:
            raise ValueError(
                "All dimensions of `value` and `key`, except the last one, must be equal. Received: "
                f"value_shape={value_shape} and key_shape={key_shape}"
            )
        rank = len(value_shape) + 1
        axes = self.attention_axes or tuple(range(1, rank - 2))
        self._axes = tuple(axis if axis >= 0 else rank - 1 + axis for axis in axes)
        heads = self.num_heads
        self.query_dense = self._projection_to(query_shape, [heads, self.key_dim], "query")
        self.key_dense = self._projection_to(key_shape, [heads, self.key_dim], "key")
        self.gate_dense = (
            self._projection_to(query_shape, [heads, self.value_dim], "gate", activation="sigmoid") if self.use_gate else None
        )
        self.value_dense = self._projection_to(value_shape, [heads, self.value_dim], "value")
        sizes = list(self._output_shape or [query_shape[-1]])
        together = query_shape[:-1] + (heads, self.value_dim)
        self.output_dense = self._projection_to(together, sizes, "attention_output", bound=2)
        count = len(self._axes)
        self._softmax = Softmax(axis=tuple(range(-count, 0)), dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self.dropout, dtype=self.dtype_policy, seed=self.seed)
        self.built = True

    def _projection_to(self, shape: Shape, sizes: list[int], name: str, bound: int = 1, **kwargs: Any) -> EinsumDense:
        """A dense layer from the last `bound` axes to `sizes`, built."""
        letters = string.ascii_lowercase
        free, summed = letters[: len(shape) - bound], letters[len(shape) - bound : len(shape)]
        new = letters[len(shape) : len(shape) + len(sizes)]
        equation = f"{free}{summed},{summed}{new}->{free}{new}"
        layer = self._projection(equation, [None] * (len(free) - 1) + sizes, new, name, **kwargs)
        build_inner(layer, shape)
        return layer

    def _trackable_children(self) -> dict[str, Any]:
        """Under Keras 2's names."""
        children = super()._trackable_children()
        return {f"_{name}" if name.endswith("_dense") else name: child for name, child in children.items()}

    def call(
        self, query: Any, value: Any, key: Any = None, query_mask: Any = None, value_mask: Any = None, key_mask: Any = None,
        attention_mask: Any = None, return_attention_scores: bool = False, training: Any = None, use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        key = value if key is None else key
        mask = self._mask(query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask)
        gate = None if self.gate_dense is None else self.gate_dense(query)
        y, scores = self._compute_attention(
            self.query_dense(query), self.key_dense(key), self.value_dense(value), mask, training
        )
        y = self.output_dense(y if gate is None else y * gate)
        return (y, scores) if return_attention_scores else y

    def _compute_attention(
        self, query: Any, key: Any, value: Any, attention_mask: Any = None, training: Any = None,
        return_attention_scores: bool = False,
    ) -> tuple[Any, Any]:  # fmt: skip
        """Outputs and weights of projected query, key and value, `[batch, ..., heads, features]`."""
        fit, combine = _equations(query.shape.rank, self._axes)
        query = query * tf.cast(1.0 / math.sqrt(self.key_dim), query.dtype)
        scores = tf.einsum(fit, key, query)
        if attention_mask is not None:
            for _ in range(scores.shape.rank - attention_mask.shape.rank):
                attention_mask = tf.expand_dims(attention_mask, -2 * len(self._axes) - 1)
        scores = self._softmax(scores, mask=attention_mask)
        weights = self._dropout_layer(scores, training=training) if self.dropout > 0 else scores
        return tf.einsum(combine, weights, value), scores

    def compute_output_shape(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> Any:
        shape = as_shape(query_shape)
        return shape[:-1] + tuple(self._output_shape or [shape[-1]])

    def get_config(self) -> dict[str, Any]:
        from thalweg.keras.engine import settings

        config = super().get_config()
        names = (
            "num_heads", "key_dim", "value_dim", "dropout", "use_bias", "use_gate", "attention_axes", "sliding_window", "seed",
            *_SUBLAYER,
        )  # fmt: skip
        axes = self.attention_axes
        if axes is None and self.built:
            axes = self._axes
        own = {name: settings.written(name, getattr(self, name)) for name in names}
        return {**config, **own, "output_shape": self._output_shape, "attention_axes": axes}

    def _has_no_config(self) -> bool:
        return False

    # What Keras 2 writes for its own way of building again, and of computing.
    _unused_in_configs = frozenset({"query_shape", "key_shape", "value_shape", "softmax_robust_masking"})


def _equations(rank: int, axes: tuple[int, ...]) -> tuple[str, str]:
    """The sums for scores and outputs: `[batch, ..., attention axes, heads, features]` with attention along `axes`."""
    letters = iter(string.ascii_letters)
    target = [next(letters) for _ in range(rank)]
    source = [next(letters) if i in axes else target[i] for i in range(rank)]
    batch = [target[i] for i in range(rank - 1) if i not in axes]
    scores = "".join(batch + [target[i] for i in axes] + [source[i] for i in axes])
    of_target, of_source = "".join(target), "".join(source)
    return f"{of_source},{of_target}->{scores}", f"{scores},{of_source}->{of_target}"


class GroupedQueryAttention(_Heads):
    """Multi-head attention in which several query heads share one key and value head. In Keras `GroupQueryAttention`.

    query, value, key: `[batch, steps, features]`. Source: Ainslie et al., "GQA: training generalized multi-query
    transformer models" (2023); `tf.keras.layers.GroupQueryAttention`.

    >>> layer = tf.keras.layers.GroupQueryAttention(head_dim=4, num_query_heads=4, num_key_value_heads=2)
    >>> layer(tf.zeros([1, 3, 8]), tf.zeros([1, 5, 8])).shape
    TensorShape([1, 3, 8])
    """

    _config_names = (
        "head_dim", "num_query_heads", "num_key_value_heads", "dropout", "use_bias", "use_gate", "sliding_window", "seed",
        *_SUBLAYER,
    )  # fmt: skip

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ):
        given = locals()
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        if num_query_heads % num_key_value_heads:
            raise ValueError("`num_query_heads` must be divisible by `num_key_value_heads`.")
        self._init_heads({name: given[name] for name in _SUBLAYER}, sliding_window, flash_attention, dropout, seed)
        self.head_dim, self.num_query_heads, self.num_key_value_heads = head_dim, num_query_heads, num_key_value_heads
        self.num_repeats = num_query_heads // num_key_value_heads
        self.dropout, self.use_bias, self.use_gate = dropout, use_bias, use_gate

    def build(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> None:
        query_shape = as_shape(query_shape)
        value_shape = query_shape if value_shape is None else as_shape(value_shape)
        key_shape = value_shape if key_shape is None else as_shape(key_shape)
        of_query, of_key = (None, self.num_query_heads, self.head_dim), (None, self.num_key_value_heads, self.head_dim)
        self._query_dense = self._projection("bqm,muh->bquh", of_query, "uh", "query")
        self._key_dense = self._projection("bkm,mvh->bkvh", of_key, "vh", "key")
        self._gate_dense = (
            self._projection("bqm,muh->bquh", of_query, "uh", "gate", activation="sigmoid") if self.use_gate else None
        )
        self._value_dense = self._projection("bkm,mvh->bkvh", of_key, "vh", "value")
        self._output_dense = self._projection("bquh,uhm->bqm", (None, query_shape[-1]), "m", "attention_output")
        together = Shape((None, None, self.num_query_heads, self.head_dim))
        pairs = [
            (self._query_dense, query_shape), (self._key_dense, key_shape), (self._gate_dense, query_shape),
            (self._value_dense, value_shape), (self._output_dense, together),
        ]  # fmt: skip
        for layer, shape in pairs:
            build_inner(layer, shape)
        self._softmax = Softmax(dtype=self.dtype_policy)
        self._dropout_layer = Dropout(self.dropout, dtype=self.dtype_policy, seed=self.seed)
        self.built = True

    def call(
        self, query: Any, value: Any, key: Any = None, query_mask: Any = None, value_mask: Any = None, key_mask: Any = None,
        attention_mask: Any = None, return_attention_scores: bool = False, training: Any = None, use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        key = value if key is None else key
        mask = self._mask(query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask)
        gate = None if self._gate_dense is None else self._gate_dense(query)
        q = self._query_dense(query) * tf.cast(1.0 / math.sqrt(self.head_dim), self.compute_dtype)
        k, v = (tf.repeat(x, self.num_repeats, axis=2) for x in (self._key_dense(key), self._value_dense(value)))
        scores = tf.einsum("bquh,bkuh->buqk", q, k)
        if mask is not None and mask.shape.rank < 4:
            mask = tf.expand_dims(mask, -3)
        scores = self._softmax(scores, mask=mask)
        weights = self._dropout_layer(scores, training=training) if self.dropout > 0 else scores
        y = tf.einsum("buqk,bkuh->bquh", weights, v)
        y = self._output_dense(y if gate is None else y * gate)
        return (y, scores) if return_attention_scores else y

    def compute_output_shape(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> Any:
        return as_shape(query_shape)

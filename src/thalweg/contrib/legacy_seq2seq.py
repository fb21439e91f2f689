"""`tf.contrib.legacy_seq2seq`: decoders over lists of inputs, as the first translation tutorials had them.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/legacy_seq2seq
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.contrib.rnn.cells import linear
from thalweg.contrib.rnn.wrappers import EmbeddingWrapper, OutputProjectionWrapper


def rnn_decoder(
    decoder_inputs: Any, initial_state: Any, cell: Any, loop_function: Any = None, scope: Any = None
) -> tuple[list[Any], Any]:
    """A cell over a list of inputs; with `loop_function` the next input is `loop_function(output, i)`."""
    with tf.variable_scope(scope or "rnn_decoder"):
        state, outputs, before = initial_state, [], None
        for i, x in enumerate(decoder_inputs):
            if loop_function is not None and before is not None:
                with tf.variable_scope("loop_function", reuse=True):
                    x = loop_function(before, i)
            if i > 0:
                tf.get_variable_scope().reuse_variables()
            output, state = cell(x, state)
            outputs.append(output)
            if loop_function is not None:
                before = output
    return outputs, state


def basic_rnn_seq2seq(encoder_inputs: Any, decoder_inputs: Any, cell: Any, dtype: Any = tf.float32, scope: Any = None) -> Any:
    """An encoder, and a decoder with the same cell that starts from its state."""
    with tf.variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = tf.nn.static_rnn(copy.deepcopy(cell), encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


def tied_rnn_seq2seq(
    encoder_inputs: Any, decoder_inputs: Any, cell: Any, loop_function: Any = None, dtype: Any = tf.float32, scope: Any = None
) -> Any:
    """An encoder and a decoder that share their variables."""
    with tf.variable_scope("combined_tied_rnn_seq2seq"):
        scope = scope or "tied_rnn_seq2seq"
        _, state = tf.nn.static_rnn(cell, encoder_inputs, dtype=dtype, scope=scope)
        tf.get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell, loop_function, scope)


def _extract_argmax_and_embed(embedding: Any, output_projection: Any = None, update_embedding: bool = True) -> Callable[..., Any]:
    def loop_function(before: Any, _: Any) -> Any:
        if output_projection is not None:
            before = tf.nn.xw_plus_b(before, output_projection[0], output_projection[1])
        found = tf.nn.embedding_lookup(embedding, tf.argmax(before, 1))
        return found if update_embedding else tf.stop_gradient(found)

    return loop_function


def embedding_rnn_decoder(
    decoder_inputs: Any, initial_state: Any, cell: Any, num_symbols: int, embedding_size: int, output_projection: Any = None,
    feed_previous: bool = False, update_embedding_for_previous: bool = True, scope: Any = None,
) -> Any:  # fmt: skip
    """`rnn_decoder` over ids, whose vectors are the variable `embedding`."""
    with tf.variable_scope(scope or "embedding_rnn_decoder") as here:
        if output_projection is not None:
            dtype = here.dtype
            weights = tf.convert_to_tensor(output_projection[0], dtype=dtype)
            weights.shape.assert_is_compatible_with([None, num_symbols])
        table = tf.get_variable("embedding", [num_symbols, embedding_size])
        loop = _extract_argmax_and_embed(table, output_projection, update_embedding_for_previous) if feed_previous else None
        inputs = [tf.nn.embedding_lookup(table, i) for i in decoder_inputs]
        return rnn_decoder(inputs, initial_state, cell, loop_function=loop)


def _with_or_without_feeding(feed_previous: Any, decode: Callable[[Any], Any]) -> Any:
    """A decoder that feeds its own outputs if `feed_previous`, a bool or a bool tensor."""
    if isinstance(feed_previous, bool):
        return decode(feed_previous)

    def flat(fed: bool) -> Callable[[], list[Any]]:
        def run() -> list[Any]:
            with tf.variable_scope(tf.get_variable_scope(), reuse=None if fed else True):
                outputs, state = decode(fed)
                forms.append((len(outputs), state))
                return [*outputs, *tf.nest.flatten(state)]

        return run

    forms: list[Any] = []
    found = tf.cond(feed_previous, flat(True), flat(False))
    count, state = forms[0]
    return found[:count], tf.nest.pack_sequence_as(state, found[count:])


def embedding_rnn_seq2seq(
    encoder_inputs: Any, decoder_inputs: Any, cell: Any, num_encoder_symbols: int, num_decoder_symbols: int, embedding_size: int,
    output_projection: Any = None, feed_previous: Any = False, dtype: Any = None, scope: Any = None,
) -> Any:  # fmt: skip
    """An encoder and a decoder over ids."""
    with tf.variable_scope(scope or "embedding_rnn_seq2seq") as here:
        here.set_dtype(dtype or here.dtype)
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        _, state = tf.nn.static_rnn(encoder, encoder_inputs, dtype=dtype or here.dtype)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
        return _with_or_without_feeding(
            feed_previous,
            lambda fed: embedding_rnn_decoder(
                decoder_inputs, state, cell, num_decoder_symbols, embedding_size, output_projection, fed
            ),
        )


def attention_decoder(
    decoder_inputs: Any, initial_state: Any, attention_states: Any, cell: Any, output_size: int | None = None, num_heads: int = 1,
    loop_function: Any = None, dtype: Any = None, scope: Any = None, initial_state_attention: bool = False,
) -> Any:  # fmt: skip
    """`rnn_decoder` that attends to `[batch, length, size]` states (Bahdanau et al., 2015)."""
    if not decoder_inputs:
        raise ValueError("Must provide at least 1 input to attention decoder.")
    if num_heads < 1:
        raise ValueError("With less than 1 heads, use a non-attention decoder.")
    output_size = cell.output_size if output_size is None else output_size
    with tf.variable_scope(scope or "attention_decoder", dtype=dtype) as here:
        dtype = here.dtype
        length, size = attention_states.shape.as_list()[1:3]
        batch = tf.shape(decoder_inputs[0])[0]
        hidden = tf.reshape(attention_states, [-1, length, 1, size])
        features = [tf.nn.conv2d(hidden, tf.get_variable(f"AttnW_{a}", [1, 1, size, size], dtype), [1, 1, 1, 1], "SAME")
                    for a in range(num_heads)]  # fmt: skip
        vs = [tf.get_variable(f"AttnV_{a}", [size], dtype) for a in range(num_heads)]

        def attend(query: Any) -> list[Any]:
            query = tf.concat(tf.nest.flatten(query), 1)
            found = []
            for a in range(num_heads):
                with tf.variable_scope(f"Attention_{a}"):
                    y = tf.reshape(linear([query], size, True), [-1, 1, 1, size])
                    weights = tf.nn.softmax(tf.reduce_sum(vs[a] * tf.tanh(features[a] + y), [2, 3]))
                    context = tf.reduce_sum(tf.reshape(weights, [-1, length, 1, 1]) * hidden, [1, 2])
                    found.append(tf.reshape(context, [-1, size]))
            return found

        state, outputs, before = initial_state, [], None
        contexts = [tf.zeros(tf.stack([batch, size]), dtype) for _ in range(num_heads)]
        for c in contexts:
            c.set_shape([None, size])
        if initial_state_attention:
            contexts = attend(initial_state)
        for i, x in enumerate(decoder_inputs):
            if i > 0:
                tf.get_variable_scope().reuse_variables()
            if loop_function is not None and before is not None:
                with tf.variable_scope("loop_function", reuse=True):
                    x = loop_function(before, i)
            mixed = linear([x, *contexts], x.shape.as_list()[1], True)
            output, state = cell(mixed, state)
            if i == 0 and initial_state_attention:
                with tf.variable_scope(tf.get_variable_scope(), reuse=True):
                    contexts = attend(state)
            else:
                contexts = attend(state)
            with tf.variable_scope("AttnOutputProjection"):
                output = linear([output, *contexts], output_size, True)
            before = output if loop_function is not None else None
            outputs.append(output)
    return outputs, state


def embedding_attention_decoder(
    decoder_inputs: Any, initial_state: Any, attention_states: Any, cell: Any, num_symbols: int, embedding_size: int,
    num_heads: int = 1, output_size: int | None = None, output_projection: Any = None, feed_previous: bool = False,
    update_embedding_for_previous: bool = True, dtype: Any = None, scope: Any = None, initial_state_attention: bool = False,
) -> Any:  # fmt: skip
    """`attention_decoder` over ids."""
    output_size = cell.output_size if output_size is None else output_size
    with tf.variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        table = tf.get_variable("embedding", [num_symbols, embedding_size])
        loop = _extract_argmax_and_embed(table, output_projection, update_embedding_for_previous) if feed_previous else None
        inputs = [tf.nn.embedding_lookup(table, i) for i in decoder_inputs]
        return attention_decoder(
            inputs, initial_state, attention_states, cell, output_size, num_heads, loop,
            initial_state_attention=initial_state_attention,
        )  # fmt: skip


def embedding_attention_seq2seq(
    encoder_inputs: Any, decoder_inputs: Any, cell: Any, num_encoder_symbols: int, num_decoder_symbols: int, embedding_size: int,
    num_heads: int = 1, output_projection: Any = None, feed_previous: Any = False, dtype: Any = None, scope: Any = None,
    initial_state_attention: bool = False,
) -> Any:  # fmt: skip
    """An encoder over ids, and a decoder that attends to its outputs."""
    with tf.variable_scope(scope or "embedding_attention_seq2seq", dtype=dtype) as here:
        dtype = here.dtype
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        outputs, state = tf.nn.static_rnn(encoder, encoder_inputs, dtype=dtype)
        attention_states = tf.concat([tf.reshape(e, [-1, 1, cell.output_size]) for e in outputs], 1)
        output_size = None
        if output_projection is None:
            cell, output_size = OutputProjectionWrapper(cell, num_decoder_symbols), num_decoder_symbols
        return _with_or_without_feeding(
            feed_previous,
            lambda fed: embedding_attention_decoder(
                decoder_inputs, state, attention_states, cell, num_decoder_symbols, embedding_size, num_heads, output_size,
                output_projection, fed, initial_state_attention=initial_state_attention,
            ),
        )  # fmt: skip


# -- losses ---------------------------------------------------------------------------------------------------


def sequence_loss_by_example(
    logits: Any, targets: Any, weights: Any, average_across_timesteps: bool = True, softmax_loss_function: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    """The weighted cross entropy of each example, over lists of steps. Raises ValueError if the lists differ in length."""
    if len(targets) != len(logits) or len(weights) != len(logits):
        raise ValueError(f"Lengths of logits, weights, and targets must be the same {len(logits)}, {len(weights)}, {len(targets)}.")
    with tf.name_scope(name, "sequence_loss_by_example", [*logits, *targets, *weights]):
        losses = []
        for logit, target, weight in zip(logits, targets, weights):
            if softmax_loss_function is None:
                target = tf.reshape(target, [-1])
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=target, logits=logit)
            else:
                loss = softmax_loss_function(labels=target, logits=logit)
            losses.append(loss * weight)
        total = tf.add_n(losses)
        return total / (tf.add_n(list(weights)) + 1e-12) if average_across_timesteps else total


def sequence_loss(
    logits: Any, targets: Any, weights: Any, average_across_timesteps: bool = True, average_across_batch: bool = True,
    softmax_loss_function: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """The weighted cross entropy over lists of steps, as one number."""
    with tf.name_scope(name, "sequence_loss", [*logits, *targets, *weights]):
        cost = tf.reduce_sum(sequence_loss_by_example(logits, targets, weights, average_across_timesteps, softmax_loss_function))
        return cost / tf.cast(tf.shape(targets[0])[0], cost.dtype) if average_across_batch else cost


def model_with_buckets(
    encoder_inputs: Any, decoder_inputs: Any, targets: Any, weights: Any, buckets: Any, seq2seq: Any,
    softmax_loss_function: Any = None, per_example_loss: bool = False, name: Any = None,
) -> Any:  # fmt: skip
    """A sequence model for each pair of lengths, sharing variables. Returns its outputs and losses, a list each."""
    for what, given, wanted in (("encoder_inputs", encoder_inputs, buckets[-1][0]), ("targets", targets, buckets[-1][1]),
                                ("weights", weights, buckets[-1][1])):  # fmt: skip
        if len(given) < wanted:
            raise ValueError(f"Length of {what} ({len(given)}) must be at least that of last bucket ({wanted}).")
    losses, outputs = [], []
    with tf.name_scope(name, "model_with_buckets", [*encoder_inputs, *decoder_inputs, *targets, *weights]):
        for i, (n, m) in enumerate(buckets):
            with tf.variable_scope(tf.get_variable_scope(), reuse=True if i > 0 else None):
                made, _ = seq2seq(encoder_inputs[:n], decoder_inputs[:m])
                outputs.append(made)
                loss = sequence_loss_by_example if per_example_loss else sequence_loss
                losses.append(loss(made, targets[:m], weights[:m], softmax_loss_function=softmax_loss_function))
    return outputs, losses

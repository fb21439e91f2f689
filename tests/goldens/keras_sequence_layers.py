"""What is compared of Keras' layers over sequences: recurrent ones, attention, wrappers, with masks, states and weights.

`cases()` gives `Case(id, run, generation)`, recorded by `record_keras_sequence_layers.py`, run by
`tests/test_keras_sequence_layers.py`. A case gives the outputs at prediction and in training, and all gradients.
"""

from pathlib import Path

import numpy as np

from goldens.keras_leaves import Case
from goldens.keras_models import floats

PATH = Path(__file__).parent / "data" / "keras_sequence_layers.npz"

X = floats(3, 5, 4)
MASK = np.array([[1, 1, 1, 0, 0], [0, 1, 0, 1, 1], [0, 0, 0, 0, 0]], bool)
H, C = floats(3, 4, seed=1), floats(3, 4, seed=2)
IMAGES = floats(2, 3, 5, 5, 2, seed=3)
ROWS = floats(2, 3, 6, 2, seed=4)
QUERY, VALUE, KEY = floats(2, 3, 6, seed=5), floats(2, 4, 6, seed=6), floats(2, 4, 6, seed=7)
QUERY_MASK, VALUE_MASK = np.array([[1, 1, 0], [1, 1, 1]], bool), np.array([[1, 1, 0, 0], [1, 1, 1, 0]], bool)


def layers(keras, generation):
    """`(id, layer, positional arguments, keyword arguments)`."""
    L = keras.layers
    images = {"padding": "same", "return_sequences": True, "recurrent_activation": "sigmoid"}
    cells = [L.LSTMCell(3), L.GRUCell(4), L.SimpleRNNCell(2)]
    yield from [
        ("simple rnn", L.SimpleRNN(4), [X], {}),
        ("simple rnn, relu, all steps", L.SimpleRNN(4, activation="relu", return_sequences=True, use_bias=False), [X], {}),
        ("lstm", L.LSTM(4), [X], {}),
        ("lstm, all steps and states", L.LSTM(4, return_sequences=True, return_state=True), [X], {}),
        ("lstm, backwards", L.LSTM(4, return_sequences=True, go_backwards=True), [X], {}),
        ("lstm, from a state", L.LSTM(4, return_state=True), [X], {"initial_state": [H, C]}),
        ("lstm, masked", L.LSTM(4, return_sequences=True, return_state=True), [X], {"mask": MASK}),
        ("lstm, masked, last step", L.LSTM(4), [X], {"mask": MASK}),
        ("lstm, masked, from a state", L.LSTM(4, return_sequences=True), [X], {"mask": MASK, "initial_state": [H, C]}),
        ("lstm, masked, backwards", L.LSTM(4, return_sequences=True, go_backwards=True), [X], {"mask": MASK}),
        ("lstm, other activations", L.LSTM(4, activation="relu", recurrent_activation="softplus"), [X], {}),
        ("lstm, unrolled", L.LSTM(4, unroll=True, return_sequences=True), [X], {"mask": MASK}),
        ("lstm, no bias", L.LSTM(4, use_bias=False, unit_forget_bias=False), [X], {}),
        ("gru", L.GRU(4), [X], {}),
        ("gru, all steps and state", L.GRU(4, return_sequences=True, return_state=True), [X], {"initial_state": H}),
        ("gru, reset before", L.GRU(4, reset_after=False), [X], {}),
        ("gru, masked", L.GRU(4, return_sequences=True), [X], {"mask": MASK}),
        ("gru, no bias", L.GRU(4, use_bias=False), [X], {}),
        ("rnn of a cell", L.RNN(L.LSTMCell(4), return_sequences=True, return_state=True), [X], {}),
        ("rnn of stacked cells", L.RNN(cells, return_sequences=True), [X], {}),
        ("rnn of stacked cells, masked", L.RNN(L.StackedRNNCells([L.LSTMCell(3), L.GRUCell(4)])), [X], {"mask": MASK}),
        ("bidirectional", L.Bidirectional(L.LSTM(3, return_sequences=True)), [X], {}),
        ("bidirectional, last step", L.Bidirectional(L.GRU(3)), [X], {}),
        ("bidirectional, masked", L.Bidirectional(L.LSTM(3, return_sequences=True)), [X], {"mask": MASK}),
        ("bidirectional, states", L.Bidirectional(L.LSTM(3, return_state=True), merge_mode="sum"), [X], {}),
        ("bidirectional, average", L.Bidirectional(L.SimpleRNN(3), merge_mode="ave"), [X], {}),
        ("bidirectional, product", L.Bidirectional(L.SimpleRNN(3), merge_mode="mul"), [X], {}),
        ("bidirectional, apart", L.Bidirectional(L.SimpleRNN(3), merge_mode=None), [X], {}),
        ("time distributed dense", L.TimeDistributed(L.Dense(3, activation="tanh")), [X], {}),
        ("time distributed convolution", L.TimeDistributed(L.Conv2D(3, 2)), [IMAGES], {}),
        ("conv lstm 1d", L.ConvLSTM1D(3, 2, return_sequences=True, recurrent_activation="sigmoid"), [ROWS], {}),
        ("conv lstm 2d", L.ConvLSTM2D(2, 3, **images), [IMAGES], {}),
        ("conv lstm 2d, strided", L.ConvLSTM2D(2, 2, strides=2, recurrent_activation="sigmoid", return_state=True), [IMAGES], {}),
        ("conv lstm 3d", L.ConvLSTM3D(2, 2, recurrent_activation="sigmoid"), [floats(1, 2, 3, 3, 3, 1, seed=8)], {}),
        ("attention", L.Attention(), [[QUERY, VALUE]], {}),
        ("attention of three, scaled", L.Attention(use_scale=True), [[QUERY, VALUE, KEY]], {}),
        ("attention, concatenated", L.Attention(score_mode="concat", use_scale=True), [[QUERY, VALUE]], {}),
        ("attention, masked", L.Attention(), [[QUERY, VALUE]], {"mask": [QUERY_MASK, VALUE_MASK]}),
        ("attention, causal", L.Attention(), [[QUERY, VALUE]], {"use_causal_mask": True, "return_attention_scores": True}),
        ("additive attention", L.AdditiveAttention(), [[QUERY, VALUE, KEY]], {"return_attention_scores": True}),
        ("additive attention, masked", L.AdditiveAttention(use_scale=False), [[QUERY, VALUE]],
         {"mask": [QUERY_MASK, VALUE_MASK]}),
        ("heads", L.MultiHeadAttention(2, 3), [QUERY, VALUE], {}),
        ("heads, key and scores", L.MultiHeadAttention(2, 3, value_dim=4), [QUERY, VALUE, KEY],
         {"return_attention_scores": True}),
        ("heads, causal", L.MultiHeadAttention(2, 3, output_shape=5, use_bias=False), [VALUE, VALUE], {"use_causal_mask": True}),
        ("heads, mask", L.MultiHeadAttention(2, 3), [QUERY, VALUE],
         {"attention_mask": np.tril(np.ones((2, 3, 4), bool)), "return_attention_scores": True}),
        ("heads along two axes", L.MultiHeadAttention(2, 3, attention_axes=(2, 3)), [IMAGES, IMAGES], {}),
        ("einsum dense", L.EinsumDense("abc,cd->abd", output_shape=(None, 3), bias_axes="d", activation="relu"), [X], {}),
        ("einsum dense, elided", L.EinsumDense("...x,xy->...y", output_shape=3, bias_axes="y"), [IMAGES], {}),
        ("einsum dense, middle", L.EinsumDense("abc,bd->adc", output_shape=(3, 4), bias_axes="dc"), [X], {}),
        ("spectral normalization", L.SpectralNormalization(L.Dense(3)), [QUERY[:, 0]], {}),
    ]  # fmt: skip
    if generation == 3:
        grouped = L.GroupQueryAttention(3, 4, 2)
        yield "grouped heads", grouped, [QUERY, VALUE], {"use_causal_mask": True, "return_attention_scores": True}
        yield "heads, gate and window", L.MultiHeadAttention(2, 3, use_gate=True, sliding_window=2), [QUERY, VALUE], {}
        zeros = L.LSTM(4, return_sequences=True, zero_output_for_mask=True)
        yield "lstm, zeros where masked", zeros, [X], {"mask": MASK}


def set_weights(layer):
    """Small weights of both signs, the same whoever made the layer."""
    random = np.random.RandomState(3)
    layer.set_weights([random.uniform(-0.7, 0.7, w.shape).astype("float32") for w in layer.get_weights()])


def run(tf, layer, args, kwargs):
    args, kwargs = tf.nest.map_structure(tf.constant, (args, kwargs)) if kwargs.get("use_causal_mask") is None else (
        tf.nest.map_structure(tf.constant, args), kwargs
    )  # fmt: skip
    kwargs = {name: bool(x) if name == "return_attention_scores" else x for name, x in kwargs.items()}
    layer(*args, **kwargs)
    set_weights(layer)
    results = tf.nest.flatten(layer(*args, **kwargs))
    sources = [x for x in tf.nest.flatten((args, kwargs)) if hasattr(x, "dtype") and x.dtype.is_floating]
    with tf.GradientTape() as tape:
        for x in sources:
            tape.watch(x)
        ys = tf.nest.flatten(layer(*args, training=True, **kwargs))
        loss = sum(tf.reduce_sum(y * tf.constant(floats(*y.shape, seed=9))) for y in ys)
    weights = [getattr(w, "_value", None) for w in layer.trainable_weights]
    weights = [v if hasattr(v, "handle") else w for v, w in zip(weights, layer.trainable_weights)]
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, [*sources, *weights]) if g is not None]
    return [*results, *ys, *gradients]


def _dropped(name, **settings):
    """The same seeds, the same steps dropped (Keras 3)."""

    def run_it(tf, keras):
        layer = getattr(keras.layers, name)(4, dropout=0.3, seed=7, return_sequences=True, **settings)
        layer.build((None, 5, 4))
        set_weights(layer)
        return [layer(tf.constant(X), training=True)]

    return Case(f"dropout: {name} {settings}", run_it)


def _stateful(generation):
    def run_it(tf, keras):
        layer = keras.layers.LSTM(4, stateful=True, return_sequences=True)
        first = layer(tf.constant(X))
        set_weights(layer)
        layer.reset_states()
        found = [layer(tf.constant(X)), layer(tf.constant(X))]
        layer.reset_states()
        return [first * 0, *found, layer(tf.constant(X))]

    return Case(f"stateful ({generation})", run_it, generation)


def _case(number, case_id, generation):
    def run_it(tf, keras):
        _, layer, args, kwargs = list(layers(keras, generation))[number]
        return run(tf, layer, args, kwargs)

    return Case(f"{case_id} ({generation})", run_it, generation)


class _Nothing:
    def __getattr__(self, name):
        return _Nothing()

    def __call__(self, *args, **kwargs):
        return None


def cases():
    for generation in (3, 2):
        for number, (case_id, *_) in enumerate(layers(_Nothing(), generation)):
            if generation == 2 and case_id == "spectral normalization":
                continue  # leaves other vectors behind: it normalizes twice
            yield _case(number, case_id, generation)
        yield _stateful(generation)
    for name, settings in (("SimpleRNN", {}), ("LSTM", {}), ("GRU", {}), ("LSTM", {"recurrent_dropout": 0.2}),
                           ("GRU", {"recurrent_dropout": 0.2}), ("SimpleRNN", {"recurrent_dropout": 0.2})):  # fmt: skip
        yield _dropped(name, **settings)

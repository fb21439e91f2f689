"""Recurrent layers, attention and wrappers: the numbers of both generations of Keras, and how people use them."""

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_leaves, keras_sequence_layers

L = tf.keras.layers
GOLDENS = keras_leaves.load(keras_sequence_layers.PATH)
CASES = {case.id: case for case in keras_sequence_layers.cases()}


def test_the_goldens_are_of_these_cases():
    assert list(GOLDENS) == list(CASES)


@pytest.mark.parametrize("case_id", CASES)
def test_with_the_same_weights_as_in_keras(case_id):
    found = [np.asarray(value) for value in CASES[case_id].run(tf, tf.keras)]
    expected = GOLDENS[case_id]
    assert [(x.shape, x.dtype) for x in found] == [(x.shape, x.dtype) for x in expected]
    for number, (ours, theirs) in enumerate(zip(found, expected)):
        scale = max(1.0, np.abs(theirs).max(initial=0.0))
        np.testing.assert_allclose(ours, theirs, rtol=3e-6, atol=3e-6 * scale, err_msg=f"value {number}")


def every_layer():
    for case_id, layer, args, kwargs in keras_sequence_layers.layers(tf.keras, 3):
        yield pytest.param(layer, args, kwargs, id=case_id)


@pytest.mark.parametrize("layer, args, kwargs", every_layer())
class TestEvery:
    def test_is_made_anew_from_its_config(self, layer, args, kwargs):
        y = tf.nest.flatten(layer(*args, **kwargs))
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()
        again(*args, **kwargs)
        again.set_weights(layer.get_weights())
        for ours, theirs in zip(tf.nest.flatten(again(*args, **kwargs)), y):
            np.testing.assert_array_equal(ours, theirs)

    def test_symbolic_shapes_are_the_actual_ones(self, layer, args, kwargs):
        y = tf.nest.flatten(layer(*args, **kwargs))
        inputs = tf.nest.map_structure(lambda x: tf.keras.Input(x.shape[1:]), args)
        options = {k: v for k, v in kwargs.items() if isinstance(v, bool)}
        symbolic = tf.nest.flatten(layer(*inputs, **options))
        if len(options) == len(kwargs):
            assert [tuple(t.shape)[1:] for t in symbolic] == [tuple(t.shape)[1:] for t in y]
        if not kwargs:
            shapes = tf.nest.map_structure(lambda x: tf.TensorShape([None, *x.shape[1:]]), args)
            found = tf.nest.flatten(tf.nest.map_structure(tf.TensorShape, layer.compute_output_shape(*shapes))) if not (
                isinstance(layer.compute_output_shape(*shapes)[0], int | None)
            ) else [layer.compute_output_shape(*shapes)]
            assert [tuple(s)[1:] for s in found] == [tuple(t.shape)[1:] for t in y]

    def test_is_the_same_in_a_function(self, layer, args, kwargs):
        y = tf.nest.flatten(layer(*args, **kwargs))
        tensors = tf.nest.map_structure(tf.constant, args)
        for compiled in (False, True):
            found = tf.function(lambda *t: layer(*t, **kwargs), jit_compile=compiled)(*tensors)
            for ours, theirs in zip(tf.nest.flatten(found), y):
                np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


class TestUse:
    def test_a_cell_of_ones_own(self):
        class Decay(L.Layer):
            def __init__(self, units, **kwargs):
                super().__init__(**kwargs)
                self.units, self.state_size = units, units

            def build(self, input_shape):
                self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="ones", name="kernel")

            def call(self, inputs, states):
                h = 0.5 * states[0] + tf.matmul(inputs, self.kernel)
                return h, [h]

        x = np.ones((2, 3, 1), "float32")
        layer = L.RNN(Decay(2), return_sequences=True)
        np.testing.assert_allclose(layer(x)[0, :, 0], [1.0, 1.5, 1.75])
        model = tf.keras.Sequential([layer, L.Dense(1)])
        model.compile("sgd", "mse")
        before = layer.get_weights()[0]
        model.fit(x, np.zeros((2, 3, 1)), verbose=0)
        assert not np.array_equal(before, layer.get_weights()[0])  # gradients reach what is read inside the loop

    def test_states_follow_in_the_list_of_inputs(self):
        x, h = tf.keras.Input((None, 3)), tf.keras.Input((4,))
        model = tf.keras.Model([x, h], L.GRU(4)([x, h]))
        zeros, ones = np.zeros((2, 5, 3), "float32"), np.ones((2, 4), "float32")
        assert not np.allclose(model.predict([zeros, ones], verbose=0), model.predict([zeros, 0 * ones], verbose=0))

    def test_masks_flow_through_to_the_loss(self):
        tokens = np.array([[1, 2, 0, 0], [3, 0, 0, 0]])
        model = tf.keras.Sequential([L.Embedding(5, 3, mask_zero=True), L.LSTM(4), L.Dense(1)])
        short = model.predict(tokens[1:, :1], verbose=0)
        np.testing.assert_allclose(model.predict(tokens, verbose=0)[1:], short, rtol=1e-5)

    def test_attention_passes_the_mask_of_the_query_on(self):
        x = L.Embedding(5, 6, mask_zero=True)(tf.constant([[1, 2, 0]]))
        y = L.MultiHeadAttention(2, 3)(x, x)
        assert y._keras_mask.numpy().tolist() == [[True, True, False]]
        alone = L.Attention()([x, x])
        assert alone._keras_mask.numpy().tolist() == [[True, True, False]]

    def test_stateful_needs_a_batch_size(self):
        with pytest.raises(ValueError, match="the batch size must be static"):
            L.LSTM(2, stateful=True)(tf.keras.Input((3, 4)))
        layer = L.LSTM(2, stateful=True)
        layer(np.ones((2, 3, 4), "float32"))
        with pytest.raises(ValueError, match="Expected batch size: 2"):
            layer(np.ones((3, 3, 4), "float32"))

    def test_states_of_a_stateful_layer_live_on_through_fit(self):
        model = tf.keras.Sequential([L.Input(batch_shape=(2, 3, 1)), L.LSTM(2, stateful=True), L.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(np.ones((4, 3, 1)), np.ones((4, 1)), batch_size=2, shuffle=False, verbose=0)
        assert np.abs(model.layers[0].states[0].numpy()).max() > 0
        model.reset_states()
        assert np.abs(model.layers[0].states[0].numpy()).max() == 0
        assert len(model.layers[0].weights) == 3

    @pytest.mark.parametrize(
        "make, match",
        [
            (lambda: L.LSTM(0), "positive integer, got 0"),
            (lambda: L.LSTM(2, return_sequence=True), "Unrecognized keyword arguments passed to LSTM: 'return_sequence'"),
            (lambda: L.LSTM(2)(np.ones((2, 3))), "expected ndim=3, found ndim=2"),
            (lambda: L.RNN(L.Dense(2)), "`state_size` attribute"),
            (lambda: L.Bidirectional(L.LSTM(2), merge_mode="max"), "Invalid merge mode"),
            (lambda: L.TimeDistributed(3), "wraps a layer"),
            (lambda: L.TimeDistributed(L.Dense(2))(np.ones((2, 3))), "at least 3 dimensions"),
            (lambda: L.Attention()(np.ones((2, 3, 4))), "must be called on a list of inputs"),
            (lambda: L.MultiHeadAttention(0, 2), "`num_heads`, expected a positive integer"),
            (lambda: L.GroupQueryAttention(2, 3, 2), "must be divisible"),
            (lambda: L.EinsumDense("ab->c", 3), "Invalid einsum equation"),
        ],
    )
    def test_mistakes_are_named(self, make, match):
        with pytest.raises(ValueError, match=match):
            make()

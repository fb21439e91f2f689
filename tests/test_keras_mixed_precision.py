"""Mixed precision: every layer under `mixed_float16`, policies, loss scaling."""

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_models, keras_sequence_layers

L = tf.keras.layers


@pytest.fixture
def mixed():
    tf.keras.mixed_precision.set_global_policy("mixed_float16")
    yield
    tf.keras.mixed_precision.set_global_policy("float32")


def plain_layers():
    return [(case_id, layer, [inputs], {}) for case_id, layer, inputs in keras_models.layers(L, 3)]


def sequence_layers():
    return list(keras_sequence_layers.layers(tf.keras, 3))


CASES = [(make, i, case[0]) for make in (plain_layers, sequence_layers) for i, case in enumerate(make())]


@pytest.mark.parametrize("make, number, case_id", CASES, ids=[case[2] for case in CASES])
def test_every_layer_computes_in_float16_and_keeps_float32(make, number, case_id, mixed):
    _, layer, args, kwargs = make()[number]
    y = [t for t in tf.nest.flatten(layer(*args, **kwargs)) if t.dtype.is_floating]
    tf.keras.mixed_precision.set_global_policy("float32")
    _, full, args, kwargs = make()[number]
    expected = [t for t in tf.nest.flatten(full(*args, **kwargs)) if t.dtype.is_floating]
    assert {t.dtype for t in y} <= {tf.float16} and {w.dtype for w in layer.weights if w.dtype.is_floating} <= {tf.float32}
    full.set_weights(layer.get_weights())
    y = [t for t in tf.nest.flatten(layer(*args, **kwargs)) if t.dtype.is_floating]
    expected = [t for t in tf.nest.flatten(full(*args, **kwargs)) if t.dtype.is_floating]
    for half, whole in zip(y, expected):
        scale = max(1.0, float(np.abs(whole).max()))
        np.testing.assert_allclose(tf.cast(half, tf.float32), whole, rtol=0.02, atol=0.02 * scale)  # 11 bits, summed
    again = type(layer).from_config(layer.get_config()) if not isinstance(layer, L.Lambda) else layer
    assert again.dtype_policy.name == "mixed_float16"


def classifier():
    return tf.keras.Sequential(
        [L.Input((4,)), L.Dense(8, activation="relu"), L.BatchNormalization(), L.Dropout(0.1), L.Dense(3, activation="softmax")]
    )


class TestTraining:
    def test_the_optimizer_is_wrapped_and_learns(self, mixed):
        x = np.random.RandomState(0).randn(96, 4).astype("float32")
        y = x[:, :3].argmax(1)
        tf.keras.utils.set_random_seed(3)
        model = classifier()
        model.compile(tf.keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
        assert isinstance(model.optimizer, tf.keras.mixed_precision.LossScaleOptimizer)
        history = model.fit(x, y, epochs=12, verbose=0).history
        assert history["accuracy"][-1] > 0.7 > history["accuracy"][0]
        assert model.predict(x, verbose=0).dtype == np.float16

    def test_bfloat16_needs_no_scaling(self):
        policy = tf.keras.mixed_precision.Policy("mixed_bfloat16")
        assert (policy.compute_dtype, policy.variable_dtype) == ("bfloat16", "float32")
        layer = L.Dense(2, dtype=policy)
        assert layer(np.ones((1, 3), "float32")).dtype == tf.bfloat16 and layer.kernel.dtype == tf.float32

    def test_a_model_survives_a_file(self, mixed, tmp_path):
        model = classifier()
        model.compile("adam", "mse")
        model.save(tmp_path / "m.keras")
        again = tf.keras.models.load_model(tmp_path / "m.keras")
        assert again.layers[0].dtype_policy.name == "mixed_float16"
        x = np.ones((2, 4), "float32")
        np.testing.assert_array_equal(again(x), model(x))


class TestLossScaling:
    def make(self, **kwargs):
        return tf.keras.mixed_precision.LossScaleOptimizer(tf.keras.optimizers.SGD(0.1), **kwargs)

    def test_keras_2s_way(self):
        optimizer, v = self.make(initial_scale=8.0, dynamic_growth_steps=2), tf.Variable(1.0)
        for expected, scale in ((0.8, 8.0), (0.64, 16.0), (0.512, 16.0)):
            with tf.GradientTape() as tape:
                scaled = optimizer.get_scaled_loss(v * v)
            (gradient,) = optimizer.get_unscaled_gradients(tape.gradient(scaled, [v]))
            optimizer.apply_gradients([(gradient, v)])
            assert float(v) == pytest.approx(expected) and float(optimizer.loss_scale) == scale

    def test_keras_3s_way(self):
        optimizer, v = self.make(), tf.Variable(1.0)
        with tf.GradientTape() as tape:
            scaled = optimizer.scale_loss(v * v)
        optimizer.apply(tape.gradient(scaled, [v]), [v])
        assert float(v) == pytest.approx(0.8)
        optimizer.minimize(lambda: v * v, [v])
        assert float(v) == pytest.approx(0.64)

    @pytest.mark.parametrize("traced", [False, True])
    def test_a_step_that_is_not_finite_is_left_out(self, traced):
        optimizer, v = self.make(initial_scale=8.0), tf.Variable(1.0)
        optimizer.build([v])

        def step(g):
            optimizer.apply([g], [v])

        (tf.function(step) if traced else step)(tf.constant(np.inf))
        assert float(v) == 1.0 and float(optimizer.dynamic_scale) == 4.0 and int(optimizer.iterations) == 0

    def test_config(self):
        again = tf.keras.optimizers.deserialize(tf.keras.optimizers.serialize(self.make(initial_scale=4.0)))
        assert again.initial_scale == 4.0 and again.inner_optimizer.learning_rate.numpy() == pytest.approx(0.1)

    def test_not_around_itself(self):
        with pytest.raises(TypeError, match="goes around another optimizer"):
            tf.keras.mixed_precision.LossScaleOptimizer(self.make())

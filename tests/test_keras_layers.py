"""Keras' layers: the numbers of both generations with the same weights, and what every layer must do."""

import copy

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_leaves, keras_models

L = tf.keras.layers
GOLDENS = keras_leaves.load(keras_models.PATH)
CASES = {case.id: case for case in keras_models.cases()}


def check(case_id, tolerance):
    found = [np.asarray(value) for value in CASES[case_id].run(tf, tf.keras)]
    expected = GOLDENS[case_id]
    assert len(found) == len(expected)
    for number, (ours, theirs) in enumerate(zip(found, expected)):
        if theirs.dtype.kind == "U":
            assert str(ours) == str(theirs)
            continue
        assert ours.shape == theirs.shape, f"value {number}"
        assert ours.dtype == theirs.dtype, f"value {number}"
        scale = max(1.0, np.abs(theirs).max(initial=0.0))
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * scale, err_msg=f"value {number}")


def test_the_goldens_are_of_these_cases():
    assert list(GOLDENS) == list(CASES)


@pytest.mark.filterwarnings("ignore:Layer .* does not support masking")
@pytest.mark.parametrize("case_id", [name for name in CASES if name.startswith("layer:")])
def test_with_the_same_weights_as_in_keras(case_id):
    check(case_id, 2e-6)  # sums whose order is the machine's choice, and their gradients


@pytest.mark.parametrize("case_id", [name for name in CASES if name.startswith("random:")])
def test_the_same_random_numbers_as_in_keras(case_id):
    check(case_id, 1e-6)


def every_layer():
    for case_id, layer, inputs in keras_models.layers(L, 3):
        yield pytest.param(layer, inputs, id=case_id)


@pytest.mark.parametrize("layer, inputs", every_layer())
class TestEvery:
    def test_is_made_anew_from_its_config(self, layer, inputs):
        if isinstance(layer, L.Lambda):
            pytest.skip("a lambda cannot be written down")
        layer(inputs)
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()
        again(inputs)
        again.set_weights(layer.get_weights())
        np.testing.assert_array_equal(again(inputs), layer(inputs))

    def test_knows_its_output_shape(self, layer, inputs):
        y = layer(inputs)
        shapes = [(None, *x.shape[1:]) for x in inputs] if isinstance(inputs, list) else (None, *inputs.shape[1:])
        assert tuple(layer.compute_output_shape(shapes)) == (None, *y.shape[1:])
        symbolic = [tf.keras.Input(s[1:], dtype="int32" if "mbedding" in layer.name else None) for s in shapes] if (
            isinstance(inputs, list)
        ) else tf.keras.Input(shapes[1:], dtype=inputs.dtype.name)
        assert tuple(layer(symbolic).shape) == (None, *y.shape[1:])

    def test_is_the_same_in_a_function(self, layer, inputs):
        eager = layer(inputs)
        nest = [tf.constant(x) for x in inputs] if isinstance(inputs, list) else tf.constant(inputs)
        np.testing.assert_allclose(tf.function(layer)(nest), eager, rtol=1e-6, atol=1e-6)


class Scale(L.Layer):
    def __init__(self, by=2.0, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def build(self, input_shape):
        self.factor = self.add_weight(name="factor", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs, training=None):
        return inputs * self.factor * (self.by if training else 1.0)


class TestWritingOne:
    def test_is_built_by_the_first_call(self):
        layer = Scale()
        assert not layer.built and layer.weights == []
        layer(tf.ones([2, 3]))
        assert layer.built and [tuple(w.shape) for w in layer.weights] == [(3,)]
        assert layer.weights[0].name == f"{layer.name}/factor:0"

    def test_is_built_outside_a_function_that_is_traced(self):
        layer = Scale()
        assert tf.function(lambda x: layer(x))(tf.ones([2, 3])).shape == (2, 3)
        assert layer.weights[0].numpy().tolist() == [1, 1, 1]

    def test_training_reaches_the_layers_inside(self):
        class Outer(L.Layer):
            def __init__(self):
                super().__init__()
                self.inner = Scale()

            def call(self, inputs):
                return self.inner(inputs)

        layer, x = Outer(), tf.ones([1, 1])
        assert float(layer(x)[0, 0]) == 1 and float(layer(x, training=True)[0, 0]) == 2
        assert float(layer(x)[0, 0]) == 1

    def test_add_weight_in_both_orders(self):
        layer = L.Layer()
        new = layer.add_weight((2, 3), "ones", "float64", True, name="new")
        old = layer.add_weight("old", (2,), None, "zeros", None, False)
        assert new.dtype == tf.float64 and new.numpy().sum() == 6 and new.name.endswith("new:0")
        assert old.name.endswith("old:0") and layer.non_trainable_weights[0] is old

    def test_a_config_from_its_arguments(self):
        assert Scale(by=3.0, name="s").get_config() == {"name": "s", "trainable": True, "dtype": "float32", "by": 3.0}
        assert Scale.from_config(Scale(by=3.0).get_config()).by == 3.0

    def test_shapes_are_tuples_with_old_methods(self):
        shapes = []

        class Look(L.Layer):
            def build(self, input_shape):
                shapes.append(input_shape)

            def call(self, inputs):
                return inputs

        Look()(tf.ones([2, 3]))
        assert shapes[0] == (2, 3) and shapes[0].as_list() == [2, 3] and shapes[0].rank == 2
        assert shapes[0][:1] + (5,) == (2, 5)

    def test_build_gets_the_shapes_it_names(self):
        class Two(L.Layer):
            def build(self, query_shape, value_shape):
                self.shapes = query_shape, value_shape

            def call(self, query, value):
                return query + value

        layer = Two()
        layer(tf.ones([2, 3]), value=tf.ones([1, 3]))
        assert layer.shapes == ((2, 3), (1, 3))

    def test_arguments_may_be_lists_and_arrays(self):
        assert L.Dense(2)([[1.0, 2.0]]).shape == (1, 2)
        assert L.Dense(2)(np.ones((1, 2))).dtype == tf.float32
        assert L.Dense(2, dtype="float64")(np.ones((1, 2), "float32")).dtype == tf.float64


class TestTracking:
    def test_finds_layers_and_variables_in_lists_and_dicts(self):
        class Nest(L.Layer):
            def __init__(self):
                super().__init__()
                self.one = L.Dense(1)
                self.many = [L.Dense(2), (L.Dense(3),)]
                self.named = {"a": L.Dense(4)}
                self.free = tf.Variable([1.0], name="free")

            def call(self, x):
                return [layer(x) for layer in (self.one, self.many[0], self.many[1][0], self.named["a"])]

        nest = Nest()
        nest(tf.ones([1, 2]))
        assert len(nest.weights) == 9 and len(nest._flatten_layers()) == 5
        nest.many.append(L.Dense(5))  # after the assignment
        assert len(nest._flatten_layers()) == 6
        del nest.one
        assert len(nest.weights) == 7
        assert copy.copy(nest.many) == list(nest.many)  # the list is the list it was

    def test_a_layer_twice_counts_once(self):
        class Twice(L.Layer):
            def __init__(self):
                super().__init__()
                self.a = self.b = L.Dense(1)

            def call(self, x):
                return self.a(self.b(x))

        layer = Twice()
        layer(tf.ones([1, 1]))
        assert len(layer.weights) == 2

    def test_trainable_is_set_for_all_inside(self):
        model = tf.keras.Sequential([L.Dense(2, input_shape=(3,)), L.BatchNormalization()])
        assert [len(model.trainable_weights), len(model.non_trainable_weights)] == [4, 2]
        model.trainable = False
        assert not model.layers[0].trainable
        assert [len(model.trainable_weights), len(model.non_trainable_weights)] == [0, 6]
        model.layers[0].trainable = True
        assert len(model.trainable_weights) == 0  # the model as a whole is still frozen
        model.trainable = True
        assert len(model.trainable_weights) == 4

    def test_weights_of_the_wrong_shape(self):
        layer = L.Dense(2, name="d")
        layer(tf.ones([1, 3]))
        with pytest.raises(ValueError, match=r"weight 0, 'd/kernel:0', has shape \(3, 2\), but the given .* \(2, 3\)"):
            layer.set_weights([np.ones((2, 3)), np.ones(2)])
        with pytest.raises(ValueError, match="got 1 arrays, but it has 2 weights"):
            layer.set_weights([np.ones((3, 2))])
        with pytest.raises(ValueError, match="not built yet"):
            L.Dense(2).set_weights([np.ones((3, 2))])


class TestLosses:
    def test_of_weights_and_of_outputs(self):
        layer = L.Dense(1, kernel_initializer="ones", kernel_regularizer="l2", activity_regularizer="l1")
        assert layer.losses == []
        layer(tf.ones([2, 3]))
        layer(tf.ones([2, 3]))  # those of the last call only
        np.testing.assert_allclose([float(x) for x in layer.losses], [0.01 * 3 * 2 / 2, 0.01 * 3], rtol=1e-6)

    def test_of_frozen_weights_do_not_count(self):
        layer = L.Dense(1, kernel_regularizer="l2")
        layer(tf.ones([2, 3]))
        layer.trainable = False
        assert layer.losses == []

    def test_are_not_left_behind_by_finding_shapes(self):
        x = tf.keras.Input((3,))
        model = tf.keras.Model(x, L.ActivityRegularization(l1=1.0)(x))
        assert model.losses == []
        model(tf.ones([2, 3]))
        assert [float(loss) for loss in model.losses] == [3.0]


class TestMasks:
    def test_flow_from_layer_to_layer(self):
        seen = []

        class Look(L.Layer):
            supports_masking = True

            def call(self, inputs, mask=None):
                seen.append(None if mask is None else mask.numpy().tolist())
                return inputs

        model = tf.keras.Sequential([L.Embedding(5, 2, mask_zero=True), L.Dropout(0.5), L.Activation("relu"), Look()])
        model(tf.constant([[1, 0]]))
        assert [m for m in seen if m] == [[[True, False]]]

    def test_stop_with_a_word_where_a_layer_does_not_know_them(self):
        class Plain(L.Layer):
            def call(self, inputs):
                return inputs * 1.0

        with pytest.warns(UserWarning, match="does not support masking"):
            Plain()(L.Embedding(5, 2, mask_zero=True)(tf.constant([[1, 0]])))

    def test_masked_steps_do_not_count_in_batch_normalization(self):
        x = np.array([[[1.0], [9.0]], [[3.0], [9.0]]], "float32")
        mask = tf.constant([[True, False], [True, False]])
        layer = L.BatchNormalization(momentum=0.0)
        layer(x, training=True, mask=mask)
        np.testing.assert_allclose([w.numpy()[0] for w in layer.non_trainable_weights], [2.0, 1.0], rtol=1e-5)


class TestBadInput:
    @pytest.mark.parametrize(
        "make, match",
        [
            (lambda: L.Dense(0), "`units` of Dense must be a positive integer"),
            (lambda: L.Dense(2.5), "`units` of Dense must be a positive integer"),
            (lambda: L.Dense(2, activaton="relu"), "Unrecognized keyword arguments passed to Dense: 'activaton'"),
            (lambda: L.Dense(2, activation="rellu"), "Did you mean 'relu'"),
            (lambda: L.Dense(2, name=5), "name of a layer must be a string"),
            (lambda: L.Dropout(1.5), "between 0 and 1"),
            (lambda: L.Embedding(0, 2), "`input_dim` of Embedding must be a positive integer"),
            (lambda: L.Permute((1, 3)), "Invalid permutation"),
            (lambda: L.Normalization(mean=1.0), "both `mean` and `variance`"),
            (lambda: L.Reshape((4, 2))(np.ones((2, 6))), "total size of the tensor must be unchanged"),
            (lambda: L.Add()(np.ones((2, 3))), "should be called on a list"),
            (lambda: L.Add()([np.ones((2, 3)), np.ones((2, 4))]), "incompatible shapes"),
            (lambda: L.Concatenate()([np.ones((2, 3, 1)), np.ones((2, 4, 1))]), "matching shapes except"),
            (lambda: L.Dot(1)([np.ones((2, 3)), np.ones((2, 4))]), "axis values 3 .* != 4"),
            (lambda: L.BatchNormalization(axis=3)(np.ones((2, 3))), "Axis 3 is out of bounds"),
            (lambda: L.Dense(2)(np.ones(3)), r"expected min_ndim=2, found ndim=1. Full shape received: \(3,\)"),
        ],
    )
    def test_is_refused_in_a_sentence(self, make, match):
        with pytest.raises(ValueError, match=match):
            make()

    def test_another_size_than_before(self):
        layer = L.Dense(2, name="d")
        layer(tf.ones([1, 3]))
        with pytest.raises(ValueError, match=r"Input 0 of layer 'd' .* axis -1 .* value 3, but received .* \(1, 4\)"):
            layer(tf.ones([1, 4]))

    def test_without_init(self):
        class Forgot(L.Layer):
            def __init__(self):
                self.units = 3

            def call(self, x):
                return x

        with pytest.raises(RuntimeError, match="forgot to call `super"):
            Forgot()(tf.ones([1]))


def test_normalization_adapts_to_arrays_and_batches():
    x = keras_models.floats(50, 3, seed=2)
    whole, parts = L.Normalization(), L.Normalization()
    whole.adapt(x)
    parts.adapt([x[:7], x[7:]])
    np.testing.assert_allclose(whole(x).numpy().mean(0), np.zeros(3), atol=1e-6)
    np.testing.assert_allclose(whole(x).numpy().std(0), np.ones(3), rtol=1e-5)
    for a, b in zip(whole.get_weights(), parts.get_weights()):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_names_count_up_until_the_session_is_cleared():
    tf.keras.backend.clear_session()
    assert [L.Dense(1).name, L.Dense(1).name] == ["dense", "dense_1"]
    tf.keras.backend.clear_session()
    assert L.Dense(1).name == "dense"

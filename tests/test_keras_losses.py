"""What losses do besides their numbers (`test_keras_leaves.py`): names, reductions, structures, errors, masks."""

import numpy as np
import pytest

import thalweg as tf
from thalweg.keras import losses, notes

Y, P = np.array([[0.0], [1.0], [2.0]], "float32"), np.array([[1.0], [1.0], [5.0]], "float32")


def test_reductions_have_keras_2s_names_too():
    assert losses.Reduction.NONE == "none"
    auto = losses.MeanSquaredError(reduction=losses.Reduction.AUTO)
    assert auto.reduction == "sum_over_batch_size"
    with pytest.raises(ValueError, match="'most'"):
        losses.MeanSquaredError(reduction="most")
    with pytest.raises(ValueError, match="most"):
        losses.Reduction.validate("most")


def test_subclasses_of_either_generation():
    class Old(losses.Loss):
        def __init__(self):
            super().__init__(losses.Reduction.SUM, "old")

        def call(self, y_true, y_pred):
            return tf.reduce_sum(tf.abs(y_true - y_pred), axis=-1)

    class New(losses.Loss):
        def call(self, y_true, y_pred):
            return tf.reduce_sum(tf.abs(y_true - y_pred), axis=-1)

    assert (Old().name, Old().reduction) == ("old", "sum")
    assert float(Old()(Y, P)) == 4.0
    assert New().name.startswith("new")
    assert float(New(name="n", reduction="sum")(Y, P)) == 4.0
    with pytest.raises(NotImplementedError, match="call"):
        losses.Loss()(Y, P)


def test_a_loss_of_several_tensors():
    class Sum(losses.Loss):
        def call(self, y_true, y_pred):
            return tf.reduce_sum(tf.abs(y_true["a"] - y_pred["a"]), -1) + tf.reduce_sum(y_pred["b"][1], -1)

    value = Sum()({"a": Y, "b": [P, P]}, {"a": P, "b": [P, P]})
    assert float(value) == pytest.approx((4 + 7) / 3)


def test_lists_of_numbers_are_tensors():
    assert float(losses.MeanSquaredError()([[0, 1], [0, 0]], [[1, 1], [1, 0]])) == 0.5
    assert float(losses.get("mse")([0.0, 1.0], [0.0, 3.0])) == 2.0


def test_dtype():
    assert losses.MeanSquaredError()(Y.astype("float64"), P.astype("float64")).dtype == tf.float32
    assert losses.MeanSquaredError(dtype="float64")(Y, P).dtype == tf.float64
    assert losses.mean_squared_error(Y.astype("float16"), P.astype("float16")).dtype == tf.float16


def test_functions_as_losses():
    loss = losses.LossFunctionWrapper(lambda y_true, y_pred, factor: factor * (y_true - y_pred) ** 2, factor=2.0)
    assert float(loss(Y, P)) == pytest.approx(20 / 3)


def test_a_mask_on_the_predictions_leaves_steps_out():
    y_pred = tf.constant(P[:, 0])
    notes.set_mask(y_pred, tf.constant([True, True, False]))
    assert float(losses.MeanSquaredError()(Y, tf.constant(P))) == pytest.approx(10 / 3)
    loss = losses.LossFunctionWrapper(lambda y_true, y_pred: (y_true - y_pred) ** 2)
    assert float(loss(Y[:, 0], y_pred)) == pytest.approx(0.5)


def test_a_weight_per_sample_weighs_all_its_values():
    y_true, y_pred = np.zeros((2, 3, 4), "float32"), np.ones((2, 3, 4), "float32")
    for weights in (np.array([1.0, 3.0]), np.array([[1.0], [3.0]])):
        assert float(losses.MeanSquaredError(reduction="sum")(y_true, y_pred, weights)) == 12.0


@pytest.mark.parametrize(
    ("loss", "y_true", "y_pred", "message"),
    [
        (losses.categorical_crossentropy, [0, 1], np.full((2, 3), 1 / 3), "use sparse_categorical_crossentropy"),
        (losses.sparse_categorical_crossentropy, np.eye(3), np.full((3, 3), 1 / 3), "use categorical_crossentropy"),
        (losses.binary_crossentropy, np.zeros((2, 1)), np.zeros((2, 3)), "of the same shape"),
    ],
)
def test_shapes_that_do_not_fit(loss, y_true, y_pred, message):
    with pytest.raises(ValueError, match=message):
        loss(y_true, y_pred.astype("float32"))


def test_warnings_about_what_means_nothing():
    with pytest.warns(SyntaxWarning, match="one class only"):
        losses.categorical_crossentropy(np.ones((2, 1), "float32"), np.ones((2, 1), "float32"))
    logits = tf.constant([[1.0, 2.0]])
    probabilities = notes.set_logits(tf.nn.softmax(logits), logits)
    with pytest.warns(UserWarning, match="comes out of a Softmax"):
        value = losses.sparse_categorical_crossentropy([1], probabilities, from_logits=True)
    assert float(value[0]) == pytest.approx(float(losses.sparse_categorical_crossentropy([1], logits, True)[0]))


def test_probabilities_of_zero_keep_their_gradient_when_the_logits_are_known():
    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = losses.SparseCategoricalCrossentropy()([1], tf.nn.softmax(x))
        return value, tape.gradient(value, x)

    value, g = gradient(tf.constant([[200.0, 0.0]]))
    assert float(value) == 200.0
    np.testing.assert_allclose(g, [[1.0, -1.0]])


@pytest.mark.parametrize(
    ("labels", "output", "expected"),
    [
        ((None, 1), (None, 1), "binary_crossentropy"), ((None,), (None, 1), "binary_crossentropy"),
        ((None,), (None, 5), "sparse_categorical_crossentropy"), ((None, 1), (None, 5), "sparse_categorical_crossentropy"),
        ((None, 7), (None, 7, 5), "sparse_categorical_crossentropy"), ((None, 5), (None, 5), "categorical_crossentropy"),
    ],
)  # fmt: skip
def test_crossentropy_by_shapes(labels, output, expected):
    loss = losses.resolve_loss("crossentropy", labels, output)
    assert (loss.fn.__name__, loss.name) == (expected, "crossentropy")


def test_resolve_loss():
    assert losses.resolve_loss(None, (), ()) is None
    assert losses.resolve_loss("mse", (None, 1), (None, 1)).name == "mse"
    huber = losses.Huber(2.0)
    assert losses.resolve_loss(huber, (None, 1), (None, 1)) is huber
    assert losses.resolve_loss(losses.mse, (None, 1), (None, 1)).name == "mean_squared_error"

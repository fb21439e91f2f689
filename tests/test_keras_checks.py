"""Data checked where it enters: each kind of nonsense gets its one sentence, and good data passes."""

import numpy as np
import pytest

import thalweg as tf
from thalweg.keras import checks, losses

X = np.arange(12.0).reshape(6, 2)


def fails(message, *args, error=ValueError, **kwargs):
    with pytest.raises(error) as caught:
        checks.check_data(*args, **kwargs)
    text = str(caught.value)
    assert message in text
    assert text.count(". ") <= 1, "one or two sentences"


# -- numbers ------------------------------------------------------------------------------------------------


def test_good_data_passes():
    checks.check_data(X, X[:, :1], loss="mse", output_shape=(None, 1))
    checks.check_data(X.astype("float16"), X[:, 0], np.ones(6), loss="mse", output_shape=(None, 1))
    checks.check_data({"a": X, "b": X[:, 0]}, [X, X[:, 0]], loss=["mse", "mae"], output_shape=[(None, 2), (None, 1)])
    checks.check_data(X.astype(int), np.arange(6) % 3, loss="sparse_categorical_crossentropy", output_shape=(None, 3))
    checks.check_data(np.zeros((0, 2)), np.zeros(0), loss="mse", output_shape=(None, 1))
    checks.check_data(np.full((2, 2), 3e38, "float32"))  # finite, though its sum is not
    checks.check_data(tf.constant(X), tf.constant(X[:, :1]), loss="mse", output_shape=(None, 1))


def test_nan_and_infinity():
    x = X.copy()
    x[2, 1] = x[4, 1] = np.nan
    fails("x has 2 NaN in column 1, first in row 2: fill them", x)
    fails("x has 2 NaN in column 'age', first in row 2", x, column_names=["height", "age"])
    fails("x['a'][1] has 2 NaN", {"a": [X, x]})
    x[0, 0] = np.inf
    fails("x has 2 NaN in column 1, first in row 2 (and 1 more such cell elsewhere in x)", x)
    fails("x has 1 infinite values in column 0, first in row 0", np.where(np.isnan(x), 0, x))
    fails("y has 1 NaN, first in row 5", X, np.array([1, 2, 3, 4, 5, np.nan]), loss="mse")
    fails("sample_weight has 6 NaN", X, sample_weight=np.full(6, np.nan))
    bfloat = tf.constant([[1.0, float("nan")]], tf.bfloat16).numpy()
    fails("x has 1 NaN in column 1", bfloat)


def test_labels_of_own_losses_may_hold_nan():
    checks.check_data(X, np.full(6, np.nan), loss=lambda y_true, y_pred: 0.0, output_shape=(None, 1))


def test_data_frames_name_their_columns():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"rooms": [1.0, np.nan], "ocean": ["NEAR BAY", "INLAND"]})
    fails("x holds text in column 'ocean' (first: 'NEAR BAY')", frame)
    fails("x has 1 NaN in column 'rooms', first in row 1: fill it", frame[["rooms"]])


def test_text_and_objects():
    fails("x holds text (first: 'a')", np.array(["a", "b"]))
    checks.check_data(np.array(["a", "b"]), takes_text=True)
    fails("x holds numbers, but as Python objects: write x.astype('float32')", np.array([[1, 2.5]], object))
    fails("x has empty cells (None) in column 1", np.array([[1, None], [2, 3]], object))
    ragged = np.empty(2, object)
    ragged[:] = [[1, 2], [3]]
    fails("pad_sequences", ragged)
    fails("x holds dates", np.array(["2020-01-01"], "datetime64[D]"))
    fails("y holds text", X, np.array(list("abcabc")), loss="mse")


def test_lengths():
    fails("x has 6 rows, but y has 5", X, np.zeros(5))
    fails("x[0] has 6 rows, but x[1] has 4", [X, X[:4]])


def test_indices():
    checks.check_indices(np.array([[0, 4]]), 5)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"index 7 .first in row 1.*write input_dim=8"):
        checks.check_indices(np.array([[0], [7]]), 5)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"index -1 .*start at 0"):
        checks.check_indices(np.array([0, -1]), 5)


# -- labels -------------------------------------------------------------------------------------------------

SPARSE = "sparse_categorical_crossentropy"


@pytest.mark.parametrize("loss", [SPARSE, losses.sparse_categorical_crossentropy, losses.SparseCategoricalCrossentropy()])
def test_classes_outside_the_outputs(loss):
    labels = np.array([1, 2, 3, 4, 5, 1])
    invalid = tf.errors.InvalidArgumentError
    fails("y holds classes 1 to 5, but the model has 5 outputs, for classes 0 to 4: write y - 1.",
          X, labels, loss=loss, output_shape=(None, 5), error=invalid)  # fmt: skip
    fails("give the last layer 10 units", X, labels + 4, loss=loss, output_shape=(None, 5), error=invalid)
    fails("ignore_class=-1", X, labels - 2, loss=loss, output_shape=(None, 5), error=invalid)
    checks.check_data(X, labels - 1, loss=loss, output_shape=(None, 5))
    checks.check_data(X, (labels - 1.0)[:, None], loss=loss, output_shape=(None, 5))


def test_ignored_class_is_no_class():
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    checks.check_data(X, np.array([-1, 0, 1, 2, -1, 0]), loss=loss, output_shape=(None, 3))


def test_numbers_where_classes_belong_and_the_reverse():
    fails("y holds 0.5, but sparse_categorical_crossentropy takes class numbers",
          X, np.arange(6) / 2, loss=SPARSE, output_shape=(None, 3))  # fmt: skip
    fails("has a column for each of 3 classes", X, np.eye(3)[[0, 1, 2, 0, 1, 2]], loss=SPARSE, output_shape=(None, 3))
    fails("to_categorical(y, 3)", X, np.arange(6) % 3, loss="categorical_crossentropy", output_shape=(None, 3))
    fails("to_categorical(y, 3)", X, np.arange(6)[:, None] % 3, loss="categorical_crossentropy", output_shape=(None, 3))


def test_yes_and_no():
    loss = losses.BinaryCrossentropy()
    checks.check_data(X, np.array([0, 1, 1, 0, 1, 0]), loss=loss, output_shape=(None, 1))
    checks.check_data(X, np.full(6, 0.3), loss=loss, output_shape=(None, 1))
    checks.check_data(X, np.array([True] * 6), loss=loss, output_shape=(None, 1))
    fails("write (y + 1) / 2", X, np.array([-1, 1, 1, -1, 1, 1]), loss=loss, output_shape=(None, 1))
    fails("write y - 1", X, np.array([1, 2, 1, 2, 1, 2]), loss=loss, output_shape=(None, 1))
    fails("more than two classes", X, np.arange(6), loss=loss, output_shape=(None, 1))
    fails("loss='mse'", X, np.arange(6) * 0.7, loss=loss, output_shape=(None, 1))


def test_shapes_that_would_broadcast():
    checks.check_data(X, X[:, 0], loss="mse", output_shape=(None, 1))
    checks.check_data(X, X[:, :1], loss="mse", output_shape=(None,))
    checks.check_data(X, X, loss="mse", output_shape=(None, 2, 1))
    checks.check_data(X, np.zeros((6, 2, 1)), loss="mse", output_shape=(None, 2))
    checks.check_data(X, X, loss="mse", output_shape=(None, None))
    fails("give the last layer 2 units, or y 1 columns", X, X, loss="mse", output_shape=(None, 1))
    fails("y has shape (6,), but the model's output (None, 3)", X, X[:, 0], loss="mae", output_shape=(None, 3))
    fails("return_sequences", X, np.zeros((6, 3)), loss="mse", output_shape=(None, 7, 3))
    fails("y[1] has shape", X, [X[:, 0], X], loss="mse", output_shape=[(None, 1), (None, 1)])
    fails("y['b'] has shape", X, {"a": X[:, 0], "b": X}, loss={"a": "mse", "b": "mse"},
          output_shape={"a": (None, 1), "b": (None, 1)})  # fmt: skip
    checks.check_data(X, X, loss=lambda y_true, y_pred: 0.0, output_shape=(None, 1))


# -- the model's end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_probabilities_against_from_logits(activation):
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    fails(f"The model ends in {activation}", X, np.arange(6) % 2, loss=loss, output_shape=(None, 2),
          last_activation=activation)  # fmt: skip
    checks.check_data(X, np.arange(6) % 2, loss=SPARSE, output_shape=(None, 2), last_activation=activation)
    checks.check_data(X, np.arange(6) % 2, loss=loss, output_shape=(None, 2), last_activation="linear")
    checks.check_data(X, X[:, 0], loss="mse", output_shape=(None, 1), last_activation=activation)


def test_no_activation_against_probabilities():
    with pytest.warns(UserWarning, match="write activation='softmax' there, or from_logits=True"):
        checks.check_data(X, np.arange(6) % 2, loss=SPARSE, output_shape=(None, 2), last_activation="linear")

"""Keras on datasets: the same numbers whether rows come as arrays or batch by batch."""

import numpy as np
import pytest

import thalweg as tf
from thalweg.keras.models.data import ArrayData, BatchData, as_data

X = np.random.default_rng(0).normal(size=(37, 5)).astype(np.float32)
Y = (X.sum(1) > 0).astype(np.int32)


def model():
    tf.keras.utils.set_random_seed(3)
    made = tf.keras.Sequential([tf.keras.layers.Input((5,)), tf.keras.layers.Dense(8, "tanh"), tf.keras.layers.Dense(2)])
    made.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return made


def pipeline(**how):
    scaled = tf.data.Dataset.from_tensor_slices((X, Y)).map(lambda x, y: (x * 0.5, y))
    return scaled.shuffle(20, seed=4).batch(8, **how).prefetch(tf.data.AUTOTUNE)


def plain(dataset):
    """The same batches, as nothing but an iterable."""

    class Batches:
        def __iter__(self):
            return iter(dataset)

    return Batches()


@pytest.mark.parametrize("drop", [False, True])
def test_fit_takes_rows_in_the_datasets_own_order(drop):
    assert isinstance(as_data(pipeline()), ArrayData)
    assert isinstance(as_data(plain(pipeline())), BatchData)
    one = model().fit(pipeline(drop_remainder=drop), epochs=3, verbose=0)
    other = model().fit(plain(pipeline(drop_remainder=drop)), epochs=3, verbose=0)
    for name in ("loss", "accuracy"):
        np.testing.assert_allclose(one.history[name], other.history[name], rtol=1e-5)  # one program sums in another order


def test_fit_on_a_dataset_without_end():
    tf.keras.utils.set_random_seed(3)  # a dataset shuffles by the seed that is set when it is made
    endless = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(37, seed=1).repeat().batch(8)
    assert isinstance(as_data(endless, steps=3), ArrayData)
    one = model().fit(endless, epochs=4, steps_per_epoch=3, verbose=0)
    again = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(37, seed=1).repeat().batch(8)
    other = model().fit(iter(again), epochs=4, steps_per_epoch=3, verbose=0)
    np.testing.assert_allclose(one.history["loss"], other.history["loss"], rtol=1e-5)  # one program sums in another order


def test_batches_of_functions_and_generators():
    def rows():
        yield from zip(X, Y)

    signature = (tf.TensorSpec([5], tf.float32), tf.TensorSpec([], tf.int32))
    generated = tf.data.Dataset.from_generator(rows, output_signature=signature).batch(8).prefetch(2)
    arrays = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)
    one = model().fit(generated, epochs=2, verbose=0, validation_data=arrays)
    other = model().fit(arrays, epochs=2, verbose=0, validation_data=generated)
    np.testing.assert_allclose(one.history["val_loss"], other.history["val_loss"], rtol=1e-5)  # one program sums in another order


def test_evaluate_and_predict():
    made = model()
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)
    np.testing.assert_allclose(made.evaluate(dataset, verbose=0), made.evaluate(X, Y, batch_size=8, verbose=0), rtol=1e-6)
    np.testing.assert_allclose(made.predict(dataset, verbose=0), made.predict(X, verbose=0), rtol=1e-6)
    np.testing.assert_allclose(
        made.predict(tf.data.Dataset.from_tensor_slices(X).batch(10), verbose=0), made.predict(X, verbose=0), rtol=1e-6
    )


def test_labels_are_checked_in_datasets():
    bad = X.copy()
    bad[3, 2] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        model().fit(tf.data.Dataset.from_tensor_slices((bad, Y)).batch(8), verbose=0)


def test_batches_mapped_after_batching():
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8).map(lambda x, y: (x * 0.5, y)).cache()
    assert isinstance(as_data(dataset), BatchData)
    assert len(model().fit(dataset, epochs=2, verbose=0).history["loss"]) == 2

"""Preprocessing layers: the numbers of Keras with the same vocabularies and seeds, and how people use them."""

import numpy as np
import pytest

import thalweg as tf
from goldens import keras_leaves, keras_preprocessing

L = tf.keras.layers
GOLDENS = keras_leaves.load(keras_preprocessing.PATH)
CASES = {case.id: case for case in keras_preprocessing.cases()}


def test_the_goldens_are_of_these_cases():
    assert list(GOLDENS) == list(CASES)


@pytest.mark.parametrize("case_id", CASES)
def test_as_in_keras(case_id):
    found = [np.asarray(value) for value in CASES[case_id].run(tf, tf.keras)]
    for number, (ours, theirs) in enumerate(zip(found, GOLDENS[case_id], strict=True)):
        if theirs.dtype.kind == "U":
            assert str(ours) == str(theirs)
            continue
        assert ours.shape == theirs.shape, f"value {number}"
        scale = max(1.0, np.abs(theirs).max(initial=0.0))
        np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=2e-6 * scale, err_msg=f"value {number}")


MAKERS = {
    **{f"category: {name}": (make, inputs[0]) for name, (make, inputs) in keras_preprocessing.CATEGORIES.items()},
    **{f"picture: {name}": (make, keras_preprocessing.IMAGES) for name, make in keras_preprocessing.PICTURES.items()},
    **{f"chance: {name}": (make, keras_preprocessing.IMAGES) for name, make in keras_preprocessing.BY_CHANCE.items()},
    "mix up": (lambda L: L.MixUp(seed=1), keras_preprocessing.IMAGES),
    "cut mix": (lambda L: L.CutMix(seed=1), keras_preprocessing.IMAGES),
    "erasing": (lambda L: L.RandomErasing(seed=1), keras_preprocessing.IMAGES),
    "jitter": (lambda L: L.RandomColorJitter(brightness_factor=0.1, contrast_factor=0.2, seed=1), keras_preprocessing.IMAGES),
    "crop": (lambda L: L.RandomCrop(3, 4, seed=1), keras_preprocessing.IMAGES),
}


@pytest.mark.parametrize("make, inputs", MAKERS.values(), ids=MAKERS)
class TestEvery:
    def test_is_made_anew_from_its_config(self, make, inputs):
        layer = make(L)
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()
        np.testing.assert_array_equal(again(inputs), layer(inputs))

    def test_symbolic_shapes_are_the_actual_ones(self, make, inputs):
        layer = make(L)
        y = layer(inputs)
        dtype = "string" if np.asarray(inputs).dtype.kind == "U" else inputs.dtype.name
        symbolic = layer(tf.keras.Input(inputs.shape[1:], dtype=dtype))
        assert tuple(symbolic.shape)[1:] == tuple(y.shape)[1:] and symbolic.dtype == y.dtype
        assert tuple(layer.compute_output_shape((None, *inputs.shape[1:])))[1:] == tuple(y.shape)[1:]

    def test_is_the_same_in_a_function_and_a_dataset(self, make, inputs):
        y = make(L)(inputs)
        layer = make(L)
        np.testing.assert_allclose(tf.function(lambda x: layer(x))(tf.constant(inputs)), y, rtol=1e-5, atol=1e-4)
        layer = make(L)
        (mapped,) = tf.data.Dataset.from_tensors(inputs).map(lambda x: layer(x))
        np.testing.assert_allclose(mapped, y, rtol=1e-5, atol=1e-4)


class TestUse:
    def test_text_in_a_model(self):
        vectorize = L.TextVectorization(max_tokens=20, output_sequence_length=4)
        texts = np.array(["good film", "bad film", "good good", "bad"])
        vectorize.adapt(tf.data.Dataset.from_tensor_slices(texts).batch(2))
        model = tf.keras.Sequential([tf.keras.Input((), dtype="string"), vectorize, L.Embedding(20, 4), L.Flatten(), L.Dense(1)])
        model.compile("adam", "mse")
        model.fit(texts, np.array([1.0, 0.0, 1.0, 0.0]), epochs=2, verbose=0)
        assert model.predict(texts, verbose=0).shape == (4, 1)

    def test_functions_of_ones_own(self):
        layer = L.TextVectorization(
            standardize=lambda x: tf.strings.regex_replace(tf.strings.lower(x), "<br />", " "),
            split=lambda x: tf.strings.split(x, ","), vocabulary=["a", "b c"],
        )  # fmt: skip
        assert layer(["A,b<br />c,z"]).numpy().tolist() == [[2, 3, 1]]

    def test_a_vocabulary_survives_a_file(self, tmp_path):
        layer = L.StringLookup(output_mode="tf_idf")
        layer.adapt(np.array([["b", "c"], ["b", "d"]]))
        model = tf.keras.Sequential([tf.keras.Input((2,), dtype="string"), layer])
        words = np.array([["b", "z"]])
        model.save(tmp_path / "m.keras")
        again = tf.keras.models.load_model(tmp_path / "m.keras")
        np.testing.assert_allclose(again(words), model(words))

    def test_a_vocabulary_from_a_text_file(self, tmp_path):
        (tmp_path / "words.txt").write_text("x\ny")
        assert L.StringLookup(vocabulary=str(tmp_path / "words.txt"))(["y", "q"]).numpy().tolist() == [2, 0]

    def test_words_from_numbers(self):
        back = L.StringLookup(vocabulary=["a", "b"], invert=True)
        assert back([[1, 2, 0]]).numpy().tolist() == [[b"a", b"b", b"[UNK]"]]

    def test_ragged_text(self):
        y = L.TextVectorization(vocabulary=["a", "b"], ragged=True)(["a b", "b"])
        assert y.to_list() == [[2, 3], [3]]

    def test_pictures_are_left_alone_at_prediction(self):
        model = tf.keras.Sequential([tf.keras.Input((7, 8, 3)), L.RandomFlip(), L.RandomRotation(0.2), L.RandomContrast(0.5)])
        np.testing.assert_array_equal(model.predict(keras_preprocessing.IMAGES, verbose=0), keras_preprocessing.IMAGES)
        assert not np.array_equal(model(keras_preprocessing.IMAGES, training=True), keras_preprocessing.IMAGES)

    def test_labels_are_mixed_alike(self):
        images, labels = np.zeros((4, 5, 5, 1), "float32"), np.eye(4, dtype="float32")
        images += np.arange(4).reshape(4, 1, 1, 1)
        mixed = L.MixUp(alpha=1.0, seed=3)({"images": images, "labels": labels}, training=True)
        np.testing.assert_allclose(mixed["labels"].numpy() @ np.arange(4.0), mixed["images"][:, 0, 0, 0], rtol=1e-5)

    @pytest.mark.parametrize(
        "make, match",
        [
            (lambda: L.StringLookup()(["a"]), "has no vocabulary yet"),
            (lambda: L.StringLookup(vocabulary=["a", "a"]), "repeated term"),
            (lambda: L.StringLookup(vocabulary=["a"], output_mode="hot"), "Unknown value for argument `output_mode`"),
            (lambda: L.StringLookup(max_tokens=1), "`max_tokens` must be greater than 1"),
            (lambda: L.StringLookup(vocabulary=["a"], num_oov_indices=0)(["b"]), "all inputs should be in vocabulary"),
            (lambda: L.CategoryEncoding(3)([[3]]), "range 0 <= values < num_tokens"),
            (lambda: L.Hashing(0), "non-positive"),
            (lambda: L.Discretization(), "either `num_bins` or `bin_boundaries`"),
            (lambda: L.TextVectorization(split="words"), "`split` must be"),
            (lambda: L.RandomFlip("sideways"), "`mode` of RandomFlip"),
            (lambda: L.RandomRotation(2.0), r"range \[-1.0, 1.0\]"),
            (lambda: L.RandomZoom(0.1, fill_mode="black"), "Unknown `fill_mode`"),
        ],
    )
    def test_mistakes_are_named(self, make, match):
        with pytest.raises((ValueError, RuntimeError, tf.errors.InvalidArgumentError), match=match):
            make()

"""What is compared of Keras' preprocessing layers: categories, vocabularies, text, pictures with the same seeds.

`cases()` gives `Case(id, run, generation)`, recorded by `record_keras_models.py`, run by `tests/test_keras_preprocessing.py`.
"""

from pathlib import Path

import numpy as np

from goldens.keras_leaves import Case
from goldens.keras_models import floats

PATH = Path(__file__).parent / "data" / "keras_preprocessing.npz"

TEXTS = ["The cat sat, the cat!", "A dog: the DOG ran.", "", "Birds don't sing; the dog does"]
WORDS = np.array([["a", "b"], ["d", "zz"], ["b", "yy"]])
NUMBERS = np.array([[3, 7], [5, 9], [3, -1]])
IMAGES = floats(3, 7, 8, 3, low=0.0, high=255.0)


def _layer(make, inputs, generation=3, training=None):
    def run(tf, keras):
        layer = make(keras.layers)
        extra = {} if training is None else {"training": training}
        return [layer(inputs if isinstance(inputs, list) else tf.constant(inputs), **extra)]

    return run


def _adapted(make, data, inputs):
    def run(tf, keras):
        layer = make(keras.layers)
        layer.adapt(data)
        found = [layer(inputs)]
        if hasattr(layer, "get_vocabulary"):
            found.append(np.array("\n".join(map(str, layer.get_vocabulary()))))
        else:
            found.append(np.array(layer.bin_boundaries, "float32"))
        return found

    return run


CATEGORIES = {
    "category encoding": (lambda L: L.CategoryEncoding(10), [NUMBERS[:2]]),
    "category encoding, counts": (lambda L: L.CategoryEncoding(10, output_mode="count"), [np.array([[3, 3], [5, 9]])]),
    "category encoding, one-hot": (lambda L: L.CategoryEncoding(10, output_mode="one_hot"), [np.array([3, 5])]),
    "hashing of strings": (lambda L: L.Hashing(5), [WORDS]),
    "hashing of integers": (lambda L: L.Hashing(5, mask_value=3), [NUMBERS]),
    "hashing, salted": (lambda L: L.Hashing(50, salt=[133, 137]), [WORDS]),
    "hashing, several": (lambda L: L.Hashing(5, output_mode="multi_hot"), [WORDS]),
    "discretization": (lambda L: L.Discretization([-1.0, 0.0, 2.5]), [np.array([[-1.5, -1.0, 0.3, 2.5, 9.0]], "float32")]),
    "discretization, one-hot": (lambda L: L.Discretization([0.0], output_mode="one_hot"), [floats(4, 1)]),
    "string lookup": (lambda L: L.StringLookup(vocabulary=["a", "b", "c"]), [WORDS]),
    "string lookup, masked": (lambda L: L.StringLookup(vocabulary=["b", "c"], mask_token="a"), [WORDS]),
    "string lookup, buckets": (lambda L: L.StringLookup(vocabulary=["b"], num_oov_indices=3), [WORDS]),
    "string lookup, several": (lambda L: L.StringLookup(vocabulary=["a", "b"], output_mode="multi_hot"), [WORDS]),
    "string lookup, counts": (
        lambda L: L.StringLookup(vocabulary=["a", "b"], output_mode="count", max_tokens=6, pad_to_max_tokens=True), [WORDS]),
    "string lookup, tf-idf": (
        lambda L: L.StringLookup(vocabulary=["a", "b"], output_mode="tf_idf", idf_weights=[0.5, 0.25]), [WORDS]),
    "integer lookup": (lambda L: L.IntegerLookup(vocabulary=[7, 3, 5]), [NUMBERS]),
    "integer lookup, masked": (lambda L: L.IntegerLookup(vocabulary=[7, 5], mask_token=3, num_oov_indices=2), [NUMBERS]),
    "integer lookup, one-hot": (lambda L: L.IntegerLookup(vocabulary=[7, 3], output_mode="one_hot"), [NUMBERS[:, :1]]),
    "integer lookup, inverted": (lambda L: L.IntegerLookup(vocabulary=[7, 3], invert=True), [np.array([[1, 2], [0, 5]])]),
}  # fmt: skip
TEXT = {
    "plain": (lambda L: L.TextVectorization(), TEXTS),
    "cut": (lambda L: L.TextVectorization(max_tokens=6, output_sequence_length=3), TEXTS),
    "pairs": (lambda L: L.TextVectorization(ngrams=2, output_mode="multi_hot"), TEXTS),
    "triples alone": (lambda L: L.TextVectorization(ngrams=(1, 3), output_mode="count", standardize="lower"), TEXTS),
    "letters": (lambda L: L.TextVectorization(split="character", standardize=None, output_sequence_length=8), TEXTS),
    "tf-idf": (lambda L: L.TextVectorization(output_mode="tf_idf", max_tokens=20, pad_to_max_tokens=True), TEXTS),
}
ADAPTED = {
    "string lookup": (lambda L: L.StringLookup(max_tokens=4), np.array([["b", "c", "b"], ["d", "a", "c"]]), WORDS),
    "string lookup, tf-idf": (lambda L: L.StringLookup(output_mode="tf_idf"), np.array([["b", "c", "b"], ["d", "c", "c"]]), WORDS),
    "integer lookup": (lambda L: L.IntegerLookup(), np.array([[7, 7, 3], [9, 3, 7]]), NUMBERS),
    "discretization": (lambda L: L.Discretization(num_bins=5), floats(300, 1, seed=3), floats(6, 1, seed=4)),
    "discretization, coarse": (lambda L: L.Discretization(num_bins=3, epsilon=0.1), floats(57, seed=5), floats(6, 1, seed=4)),
}
PICTURES = {
    "resizing": lambda L: L.Resizing(5, 11),
    "resizing, nearest": lambda L: L.Resizing(4, 4, interpolation="nearest"),
    "resizing, cropped": lambda L: L.Resizing(6, 4, crop_to_aspect_ratio=True),
    "center crop": lambda L: L.CenterCrop(4, 5),
    "center crop, enlarged": lambda L: L.CenterCrop(9, 6),
    "rescaling": lambda L: L.Rescaling(1 / 127.5, offset=-1),
}
BY_CHANCE = {
    "flip": lambda L: L.RandomFlip(seed=3),
    "flip, left and right": lambda L: L.RandomFlip("horizontal", seed=4),
    **{f"rotation, {mode}": lambda L, mode=mode: L.RandomRotation(0.3, fill_mode=mode, fill_value=7.0, seed=5)
       for mode in ("constant", "nearest", "reflect", "wrap")},
    "rotation, nearest pixel": lambda L: L.RandomRotation((0.1, 0.2), interpolation="nearest", seed=6),
    "translation": lambda L: L.RandomTranslation(0.3, (-0.2, 0.4), fill_mode="constant", seed=7),
    "zoom": lambda L: L.RandomZoom(0.5, seed=8),
    "zoom, both ways": lambda L: L.RandomZoom((-0.3, 0.5), 0.2, fill_mode="nearest", seed=9),
    "contrast": lambda L: L.RandomContrast((0.4, 0.4), seed=10),
    "brightness": lambda L: L.RandomBrightness((-0.5, 0.2), seed=11),
    "posterization": lambda L: L.RandomPosterization((3, 3), seed=12),
    "invert": lambda L: L.RandomInvert(1.0, seed=13),
    "auto contrast": lambda L: L.AutoContrast(),
    "equalization": lambda L: L.Equalization(),
    "shear": lambda L: L.RandomShear(0.4, 0.3, seed=14),
    "saturation": lambda L: L.RandomSaturation(0.45, seed=15),
    "hue": lambda L: L.RandomHue(0.4, seed=16),
    "sharpness": lambda L: L.RandomSharpness(0.9, seed=17),
    "grayscale": lambda L: L.RandomGrayscale(0.6, seed=18),
    "degeneration": lambda L: L.RandomColorDegeneration(0.8, seed=19),
    "solarization": lambda L: L.Solarization(0.3, 0.4, seed=20),
    "blur": lambda L: L.RandomGaussianBlur(1.0, 3, 1.0, seed=21),
}  # fmt: skip


def cases():
    for generation in (3, 2):
        for name, (make, (inputs,)) in CATEGORIES.items():
            yield Case(f"category: {name} ({generation})", _layer(make, inputs), generation)
        for name, (make, texts) in TEXT.items():
            run = _adapted(make, np.array(texts[:2] + texts[3:]), np.array(texts))
            yield Case(f"text: {name} ({generation})", run, generation)
        for name, (make, data, inputs) in ADAPTED.items():
            if generation == 2 and name.startswith("discretization"):
                continue  # begins its sample one place later
            yield Case(f"adapted: {name} ({generation})", _adapted(make, data, inputs), generation)
        for name, make in PICTURES.items():
            yield Case(f"picture: {name} ({generation})", _layer(make, IMAGES), generation)
    yield Case("category: crossed", _crossed)
    for name, make in BY_CHANCE.items():
        # Keras' equalization takes the pictures of a batch together.
        images = IMAGES[:1] if name == "equalization" else IMAGES
        yield Case(f"by chance: {name}", _layer(make, images, training=True))


def _crossed(tf, keras):
    a, b, n = tf.constant(["x", "yy", "zzz"]), tf.constant(["1", "", "3"]), tf.constant([5, -6, 7])
    L = keras.layers
    return [L.HashedCrossing(50)([a, b]), L.HashedCrossing(7, output_mode="one_hot")([n, a])]

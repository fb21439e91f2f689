"""What is compared of Keras' ways to data: pictures from folders, random changes by seed, windows, words.

`cases(folder)` gives `(id, generation, run)`: `run(tf, keras)` gives a list of arrays. Recorded by `record_keras_data.py`.
Generation 2 is `tf_keras`, 3 `tf.keras`.
"""

from pathlib import Path

import numpy as np

PATH = Path(__file__).parent / "data" / "keras_data.npz"


def picture(seed, height=9, width=11, channels=3):
    return np.random.RandomState(seed).randint(0, 256, (height, width, channels)).astype("uint8")


def make_folder(folder):
    """Pictures, texts and sounds below folders `cats` and `dogs`."""
    import wave

    from PIL import Image

    for number, name in enumerate(("cats", "dogs")):
        (folder / "pictures" / name).mkdir(parents=True)
        (folder / "texts" / name).mkdir(parents=True)
        (folder / "sounds" / name).mkdir(parents=True)
        for i in range(5 + number):
            seed = 10 * number + i
            Image.fromarray(picture(seed, 9 + i, 11 + number)).save(folder / "pictures" / name / f"{i}.png")
            (folder / "texts" / name / f"{i}.txt").write_text(f"{name} number {i}")
            with wave.open(str(folder / "sounds" / name / f"{i}.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(8000)
                file.writeframes(np.random.RandomState(seed).randint(-(2**15), 2**15, 20 + i).astype("<i2").tobytes())


def batches(dataset, count=None):
    """All arrays of the first batches."""
    found = []
    for i, batch in enumerate(dataset):
        if count is not None and i >= count:
            break
        for part in batch if isinstance(batch, (tuple, list)) else (batch,):
            array = np.asarray(part)
            found.append(array.astype("S") if array.dtype == object else array)
    return found


X = np.random.RandomState(3).randint(0, 256, (7, 8, 6, 3)).astype("float32")
Y = np.arange(7)
GENERATORS = {
    "affine": {"rotation_range": 30, "width_shift_range": 0.2, "height_shift_range": 0.3, "shear_range": 12, "zoom_range": 0.4},
    "flips": {
        "horizontal_flip": True, "vertical_flip": True, "rescale": 1 / 255, "fill_mode": "constant", "cval": 7.0,
        "rotation_range": 90,
    },
    "pixels": {"width_shift_range": [1, 2, -1], "height_shift_range": 2.0, "fill_mode": "reflect"},
    "light": {"brightness_range": (0.4, 1.6), "channel_shift_range": 40.0, "fill_mode": "wrap", "zoom_range": (0.7, 1.5)},
    "samples": {"samplewise_center": True, "samplewise_std_normalization": True},
    "features": {"featurewise_center": True, "featurewise_std_normalization": True, "rescale": 0.5},
    "whitening": {"featurewise_center": True, "zca_whitening": True},
}  # fmt: skip


def cases(folder):
    for name, settings in GENERATORS.items():

        def flow(tf, keras, settings=settings):
            generator = keras.preprocessing.image.ImageDataGenerator(**settings)
            generator.fit(X, augment="rotation_range" in settings, seed=5)
            return batches(generator.flow(X, Y, batch_size=3, seed=11), 4)

        yield f"flow {name}", 2, flow

    def directory(tf, keras, **options):
        generator = keras.preprocessing.image.ImageDataGenerator(rescale=1 / 255, validation_split=0.4)
        settings = {"target_size": (6, 7), "batch_size": 4, "seed": 3, **options}
        return batches(generator.flow_from_directory(folder / "pictures", **settings), 3)

    yield "flow from directory", 2, directory
    yield "flow from directory, sparse, part", 2, lambda tf, keras: directory(tf, keras, class_mode="sparse", subset="validation")
    yield "flow from directory, grey", 2, lambda tf, keras: directory(
        tf, keras, color_mode="grayscale", class_mode="binary", shuffle=False, interpolation="bilinear", keep_aspect_ratio=True
    )

    def frame(tf, keras, mode="categorical"):
        import pandas as pd

        names = [f"{kind}/{i}.png" for kind in ("cats", "dogs") for i in range(5)]
        table = pd.DataFrame({"filename": names, "class": [name[:4] for name in names], "a": range(10), "b": range(10, 20)})
        generator = keras.preprocessing.image.ImageDataGenerator()
        y_col = ["a", "b"] if mode in ("raw", "multi_output") else "class"
        flow = generator.flow_from_dataframe(
            table, folder / "pictures", y_col=y_col, class_mode=mode, target_size=(5, 5), batch_size=4, seed=1
        )
        first = next(iter(flow))
        return [first[0], *(first[1] if isinstance(first[1], list) else [first[1]])]

    yield "flow from frame", 2, frame
    yield "flow from frame, raw", 2, lambda tf, keras: frame(tf, keras, "raw")

    def pictures(tf, keras, **options):
        settings = {"image_size": (6, 5), "batch_size": 4, "seed": 4, "verbose": False, **options}
        return batches(keras.utils.image_dataset_from_directory(folder / "pictures", **settings))

    yield "pictures", 3, pictures
    for name, options in {
        "one-hot, part": {"label_mode": "categorical", "validation_split": 0.3, "subset": "training"},
        "binary, other part": {"label_mode": "binary", "validation_split": 0.3, "subset": "validation"},
        "no labels, grey, in order": {"labels": None, "color_mode": "grayscale", "shuffle": False},
        "cut": {"crop_to_aspect_ratio": True, "shuffle": False, "image_size": (4, 8)},
        "padded, nearest": {"pad_to_aspect_ratio": True, "shuffle": False, "interpolation": "nearest"},
        "own classes": {"class_names": ["dogs", "cats"], "shuffle": False, "data_format": "channels_first"},
    }.items():
        yield f"pictures, {name}", 3, lambda tf, keras, options=options: pictures(tf, keras, **options)
    yield "texts", 3, lambda tf, keras: batches(
        keras.utils.text_dataset_from_directory(folder / "texts", batch_size=4, seed=2, max_length=9, verbose=False)
    )
    yield "sounds", 3, lambda tf, keras: batches(
        keras.utils.audio_dataset_from_directory(folder / "sounds", batch_size=4, seed=2, output_sequence_length=22, verbose=False)
    )

    series = np.arange(40, dtype="float32").reshape(20, 2)
    for name, options in {
        "plain": {"sequence_length": 4},
        "strided": {"sequence_length": 3, "sequence_stride": 2, "sampling_rate": 2},
        "shuffled": {"sequence_length": 3, "shuffle": True, "seed": 6},
        "part": {"sequence_length": 2, "start_index": 3, "end_index": 11},
        "no batches": {"sequence_length": 5, "batch_size": None},
    }.items():
        yield f"windows, {name}", 3, lambda tf, keras, options=options: batches(
            keras.utils.timeseries_dataset_from_array(series, series[:, 0] * 10, **{"batch_size": 5, **options})
        )
    yield "windows without targets", 3, lambda tf, keras: batches(keras.utils.timeseries_dataset_from_array(series, None, 6))

    def older_windows(tf, keras):
        sequence = keras.preprocessing.sequence
        a = sequence.TimeseriesGenerator(series, series, length=4, sampling_rate=2, stride=3, batch_size=2)
        b = sequence.TimeseriesGenerator(series, series, length=3, start_index=2, end_index=12, reverse=True, batch_size=4)
        return [np.asarray(part) for each in (a, b) for i in range(len(each)) for part in each[i]]

    yield "older windows", 2, older_windows

    def words(tf, keras):
        text = keras.preprocessing.text
        texts = ["The cat sat, on the mat!", "the dog; and the (other) dog", "a mat"]
        found = []
        settings = [{}, {"num_words": 5, "oov_token": "<?>"}, {"char_level": True, "num_words": 6}, {"lower": False, "filters": ""}]
        for options in settings:
            tokenizer = text.Tokenizer(**options)
            tokenizer.fit_on_texts(texts)
            again = text.tokenizer_from_json(tokenizer.to_json())
            sequences = again.texts_to_sequences([*texts, "unknown cat"])
            found += [np.array([n for sequence in sequences for n in sequence])]
            found += [again.texts_to_matrix(texts, mode) for mode in ("binary", "count", "freq", "tfidf")]
            found += [np.array(again.sequences_to_texts(sequences), "S")]
        found += [np.array(text.hashing_trick(texts[0], 50, hash_function="md5"))]
        return found

    yield "words", 2, words

    def skipgrams(tf, keras):
        import random

        random.seed(4)
        sequence = keras.preprocessing.sequence
        table = sequence.make_sampling_table(12)
        couples, labels = sequence.skipgrams([1, 2, 3, 0, 5, 1, 2], 12, window_size=2, seed=9)
        return [table, np.array(couples), np.array(labels)]

    yield "skip-grams", 2, skipgrams

    def conversions(tf, keras):
        utils = keras.utils
        path = folder / "pictures" / "dogs" / "1.png"
        ways = ("nearest", "bilinear", "lanczos")
        made = [utils.img_to_array(utils.load_img(path, target_size=(5, 4), interpolation=way)) for way in ways]
        made += [np.asarray(utils.array_to_img(X[0] - 300.0)), np.asarray(utils.array_to_img(X[0, :, :, :1], scale=False))]
        made += [np.asarray(utils.load_img(path, color_mode=mode)) for mode in ("rgba", "grayscale")]
        return [*made, np.asarray(keras.preprocessing.image.smart_resize(X[1], (3, 9)))]

    yield "conversions", 3, conversions

    def split(tf, keras):
        left, right = keras.utils.split_dataset(np.arange(10.0), left_size=0.7, shuffle=True, seed=3)
        return [np.array([float(x) for x in part]) for part in (left, right)]

    yield "split", 3, split

"""Folders of files as datasets: the name of a file's folder is its class."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.utils import images
from thalweg.keras.utils.messages import print_msg

_IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Pictures below a folder as a dataset of batches `[batch, height, width, channels]`, float32 from 0 to 255.

    labels: 'inferred' from the folders' names, None, or a list in the order of the sorted paths. label_mode: 'int',
    'categorical' (one-hot), 'binary' (0.0 or 1.0) or None. validation_split, subset: the share of files to set apart, and
    whether to give the 'training' part, the 'validation' part or 'both'. The dataset has `class_names` and `file_paths`.
    Raises ValueError for settings that do not fit and for folders without pictures.
    Source: `tf.keras.utils.image_dataset_from_directory`.
    """
    channels = {"rgb": 3, "rgba": 4, "grayscale": 1}.get(color_mode)
    if channels is None:
        raise ValueError(f'`color_mode` must be one of {{"rgb", "rgba", "grayscale"}}. Received: color_mode={color_mode}')
    size = (image_size, image_size) if isinstance(image_size, int) else tuple(image_size)
    if len(size) != 2:
        raise ValueError(f"Invalid `image_size` value. Expected a tuple of 2 integers. Received: image_size={image_size}")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("Only one of `pad_to_aspect_ratio`, `crop_to_aspect_ratio` can be set to `True`.")
    first = config.standardize_data_format(data_format) == "channels_first"

    def load(path: Any) -> Any:
        picture = tf.image.decode_image(tf.io.read_file(path), channels=channels, expand_animations=False)
        picture.set_shape((None, None, channels))
        if crop_to_aspect_ratio:
            picture = images.smart_resize(picture, size, interpolation)
        elif pad_to_aspect_ratio:
            picture = tf.image.resize_with_pad(picture, *size, method=interpolation)
        else:
            picture = tf.image.resize(picture, size, method=interpolation)
        picture = tf.cast(picture, tf.float32)
        picture.set_shape((*size, channels))
        return tf.transpose(picture, (2, 0, 1)) if first else picture

    return _dataset(
        directory, _IMAGES, load, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset,
        follow_links, verbose, format, "images",
    )  # fmt: skip


def text_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """The `.txt` files below a folder as a dataset of batches of strings; the arguments are those for pictures.

    max_length: what is longer is cut to so many bytes. Source: `tf.keras.utils.text_dataset_from_directory`.
    """

    def load(path: Any) -> Any:
        text = tf.io.read_file(path)
        return text if max_length is None else tf.strings.substr(text, 0, max_length)

    return _dataset(
        directory, (".txt",), load, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset,
        follow_links, verbose, format, "text files",
    )  # fmt: skip


def audio_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """The `.wav` files below a folder as a dataset of batches `[batch, samples, channels]`; else as for pictures.

    output_sequence_length: how many samples to give of each, cut or filled with zeros; without it those of a batch are
    filled up to the longest. Source: `tf.keras.utils.audio_dataset_from_directory`.
    """
    if sampling_rate is not None:
        raise NotImplementedError(
            "`sampling_rate` would resample the files, which is not offered: resample them beforehand (for example with "
            "scipy.signal.resample_poly)."
        )
    if ragged:
        raise NotImplementedError("Ragged batches are not offered here: leave `ragged` out, and batches are filled with zeros.")

    def load(path: Any) -> Any:
        samples, _ = tf.audio.decode_wav(
            tf.io.read_file(path), desired_samples=-1 if output_sequence_length is None else output_sequence_length
        )
        return samples

    return _dataset(
        directory, (".wav",), load, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset,
        follow_links, verbose, "tf", "audio files", padded=output_sequence_length is None,
    )  # fmt: skip


# -- what they share -------------------------------------------------------------------------------------------------


def _dataset(
    directory: Any, formats: tuple[str, ...], load: Callable[[Any], Any], labels: Any, label_mode: str | None,
    class_names: Any, batch_size: int | None, shuffle: bool, seed: int | None, validation_split: float | None,
    subset: str | None, follow_links: bool, verbose: bool, format: str, what: str, padded: bool = False,
) -> Any:  # fmt: skip
    if format != "tf":
        raise ValueError(f'`format` may be "tf" here, for a tf.data dataset, but it is {format!r}.')
    if labels not in ("inferred", None) and not isinstance(labels, (list, tuple)):
        raise ValueError(
            "`labels` argument should be a list/tuple of integer labels, of the same size as the number of files in the "
            'target directory; "inferred" takes the names of the folders, None gives no labels. '
            f"Received: labels={labels}"
        )
    if label_mode not in ("int", "categorical", "binary", None):
        raise ValueError(
            f'`label_mode` argument must be one of "int", "categorical", "binary", or None. Received: label_mode={label_mode}'
        )
    if labels is None or label_mode is None:
        labels = label_mode = None
    _check_split(validation_split, subset, shuffle, seed)
    if seed is None:
        seed = int(np.random.randint(10**6))
    paths, numbers, names = index_directory(directory, labels, formats, class_names, shuffle, seed, follow_links, verbose)
    if label_mode == "binary" and len(names or ()) != 2:
        raise ValueError(
            f'When passing `label_mode="binary"`, there must be exactly 2 class_names. Received: class_names={names}'
        )
    made = []
    for part in ("training", "validation") if subset == "both" else (subset,):
        own_paths, own_numbers = _part(paths, numbers, validation_split, part)
        if not own_paths:
            raise ValueError(f"No {what} found in directory {os.fspath(directory)}. Allowed formats: {formats}")
        mixed = shuffle and not (subset == "both" and part == "validation")
        dataset = _loaded(own_paths, own_numbers, label_mode, len(names or ()), load, mixed, batch_size, seed, padded)
        dataset.class_names, dataset.file_paths = names, own_paths
        made.append(dataset)
    return made if subset == "both" else made[0]


def _loaded(
    paths: list[str], numbers: Any, label_mode: str | None, classes: int, load: Callable[[Any], Any], mixed: bool,
    batch_size: int | None, seed: int, padded: bool,
) -> Any:  # fmt: skip
    """The files as a dataset: in Keras' order for a seed, loaded as they are asked for, in batches."""
    dataset = tf.data.Dataset.from_tensor_slices(paths)
    if label_mode is not None:
        targets = np.asarray(numbers, "int32")
        if label_mode == "binary":
            targets = targets.astype("float32")[:, np.newaxis]
        elif label_mode == "categorical":
            targets = np.eye(classes, dtype="float32")[targets]
        dataset = tf.data.Dataset.zip((dataset, tf.data.Dataset.from_tensor_slices(targets)))
    if mixed:
        dataset = dataset.shuffle(batch_size * 8 if batch_size is not None else 1024, seed=seed)
    function = load if label_mode is None else lambda path, label: (load(path), label)
    dataset = dataset.map(function, num_parallel_calls=tf.data.AUTOTUNE)
    if batch_size is not None:
        dataset = dataset.padded_batch(batch_size) if padded else dataset.batch(batch_size)
    return dataset.prefetch(tf.data.AUTOTUNE)


def index_directory(
    directory: Any,
    labels: Any,
    formats: tuple[str, ...],
    class_names: Any = None,
    shuffle: bool = True,
    seed: int | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> tuple[list[str], Any, list[str] | None]:
    """The files below a folder, their class numbers, and the names of the classes."""
    directory = os.fspath(directory)
    folders = [""]
    if labels == "inferred":
        found = sorted(
            name for name in os.listdir(directory) if os.path.isdir(os.path.join(directory, name)) and not name.startswith(".")
        )
        if class_names is not None and not set(class_names) <= set(found):
            raise ValueError(
                "The `class_names` passed did not match the names of the subdirectories of the target directory. "
                f"Expected: {found} (or a subset of it), but received: class_names={class_names}"
            )
        folders = found if class_names is None else list(class_names)
    elif class_names is not None:
        raise ValueError(f'You can only pass `class_names` if `labels="inferred"`. Received: labels={labels}.')
    paths: list[str] = []
    numbers: list[int] = []
    for number, folder in enumerate(folders):
        files = _files(os.path.join(directory, folder), formats, follow_links)
        paths += files
        numbers += [number] * len(files)
    names: list[str] | None = folders
    if labels is None:
        numbers, names = None, None  # type: ignore[assignment]
    elif labels != "inferred":
        if len(labels) != len(paths):
            raise ValueError(
                "Expected the lengths of `labels` to match the number of files in the target directory. len(labels) is "
                f"{len(labels)} while we found {len(paths)} files in directory {directory}."
            )
        numbers, names = list(labels), [str(label) for label in sorted(set(labels))]
    if verbose:
        belonging = "" if names is None else f" belonging to {len(names)} classes"
        print_msg(f"Found {len(paths)} files{belonging}.")
    if shuffle:
        for values in (paths, numbers):
            if values is not None:
                np.random.RandomState(seed).shuffle(values)
    return paths, numbers, names


def _files(folder: str, formats: tuple[str, ...], follow_links: bool) -> list[str]:
    return [
        os.path.join(place, name)
        for place, _, names in sorted(os.walk(folder, followlinks=follow_links), key=lambda entry: entry[0])
        for name in sorted(names)
        if name.lower().endswith(formats)
    ]


def _check_split(validation_split: float | None, subset: str | None, shuffle: bool, seed: int | None) -> None:
    if validation_split and not 0 < validation_split < 1:
        raise ValueError(f"`validation_split` must be between 0 and 1, received: {validation_split}")
    if (validation_split or subset) and not (validation_split and subset):
        raise ValueError("If `subset` is set, `validation_split` must be set, and inversely.")
    if subset not in ("training", "validation", "both", None):
        raise ValueError(f'`subset` must be either "training", "validation" or "both", received: {subset}')
    if validation_split and shuffle and seed is None:
        raise ValueError(
            "If using `validation_split` and shuffling the data, you must provide a `seed` argument, to make sure that there "
            "is no overlap between the training and validation subset."
        )


def _part(paths: list[str], numbers: Any, validation_split: float | None, subset: str | None) -> tuple[list[str], Any]:
    if not validation_split:
        return paths, numbers
    count = len(paths) - int(validation_split * len(paths))
    own = slice(0, count) if subset == "training" else slice(count, None)
    print_msg(f"Using {len(paths[own])} files for {subset}.")
    return paths[own], None if numbers is None else numbers[own]

"""Batches of pictures without end, from arrays, folders and tables: what `ImageDataGenerator.flow...` gives."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator as PythonIterator
from typing import Any

import numpy as np

from thalweg.keras import config
from thalweg.keras.utils.images import array_to_img, img_to_array, load_img
from thalweg.keras.utils.messages import print_msg
from thalweg.keras.utils.py_dataset import PyDataset

FORMATS = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")
_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}


class Iterator(PyDataset):
    """Batches of `n` samples, round and round; in another order each time if `shuffle`. As a `PyDataset` it has a length."""

    white_list_formats = FORMATS

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None, **kwargs: Any):
        super().__init__(**kwargs)
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = self.total_batches_seen = 0
        self.lock = threading.Lock()
        self.index_array: Any = None
        self.index_generator = self._flow_index()

    def _set_index_array(self) -> None:
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def __getitem__(self, index: int) -> Any:
        if index >= len(self):
            raise ValueError(f"Asked to retrieve element {index}, but the Sequence has length {len(self)}")
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)
        self.total_batches_seen += 1
        if self.index_array is None:
            self._set_index_array()
        return self._get_batches_of_transformed_samples(self.index_array[self.batch_size * index : self.batch_size * (index + 1)])

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def on_epoch_end(self) -> None:
        self._set_index_array()

    def reset(self) -> None:
        """Begin again with the first batch."""
        self.batch_index = 0

    def _flow_index(self) -> PythonIterator[np.ndarray]:
        self.reset()
        while True:
            if self.seed is not None:
                np.random.seed(self.seed + self.total_batches_seen)
            if self.batch_index == 0:
                self._set_index_array()
            start = (self.batch_index * self.batch_size) % self.n if self.n else 0
            self.batch_index = self.batch_index + 1 if self.n > start + self.batch_size else 0
            self.total_batches_seen += 1
            yield self.index_array[start : start + self.batch_size]

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        with self.lock:
            index_array = next(self.index_generator)
        return self._get_batches_of_transformed_samples(index_array)

    next = __next__

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        raise NotImplementedError

    def _changed(self, x: np.ndarray) -> np.ndarray:
        """A picture as the generator changes it."""
        generator = self.image_data_generator  # type: ignore[attr-defined]
        if generator is None:
            return x
        x = generator.apply_transform(x, generator.get_random_transform(x.shape))
        return generator.standardize(x)

    def _save(self, batch: np.ndarray, index_array: np.ndarray, numbers: int) -> None:
        """Write a batch as pictures, for people to look at."""
        folder, prefix = self.save_to_dir, self.save_prefix  # type: ignore[attr-defined]
        for x, j in zip(batch, index_array) if folder else ():
            name = f"{prefix}_{j}_{np.random.randint(numbers)}.{self.save_format}"  # type: ignore[attr-defined]
            array_to_img(x, self.data_format, scale=True).save(os.path.join(folder, name))  # type: ignore[attr-defined]


class NumpyArrayIterator(Iterator):
    """Pictures from an array `[n, height, width, channels]`."""

    def __init__(
        self, x: Any, y: Any, image_data_generator: Any, batch_size: int = 32, shuffle: bool = False,
        sample_weight: Any = None, seed: int | None = None, data_format: str | None = None, save_to_dir: Any = None,
        save_prefix: str = "", save_format: str = "png", subset: str | None = None, ignore_class_split: bool = False,
        dtype: Any = None,
    ):  # fmt: skip
        others: list[np.ndarray] = []
        if isinstance(x, (tuple, list)):
            others = [np.asarray(other) for other in (x[1] if isinstance(x[1], list) else [x[1]])]
            x = x[0]
        for what, values in (("x", others), ("y", [y]), ("sample_weight", [sample_weight])):
            if any(value is not None and len(value) != len(x) for value in values):
                raise ValueError(f"`x` (images tensor) and `{what}` should have the same length.")
        if subset is not None:
            if subset not in ("training", "validation"):
                raise ValueError(f'Invalid subset name: {subset}; expected "training" or "validation".')
            place = int(len(x) * image_data_generator._validation_split)
            if y is not None and not ignore_class_split and not np.array_equal(np.unique(y[:place]), np.unique(y[place:])):
                raise ValueError(
                    "Training and validation subsets have different number of classes after the split. If your numpy arrays "
                    "are sorted by the label, you might want to shuffle them."
                )
            own = slice(0, place) if subset == "validation" else slice(place, None)
            x, others = x[own], [other[own] for other in others]
            y = None if y is None else y[own]
        self.dtype = dtype or config.floatx()
        self.data_format = config.standardize_data_format(data_format)
        self.x, self.x_misc = np.asarray(x, dtype=self.dtype), others
        if self.x.ndim != 4:
            raise ValueError(
                f"Input data in `NumpyArrayIterator` should have rank 4. You passed an array with shape {self.x.shape}"
            )
        channels = self.x.shape[3 if self.data_format == "channels_last" else 1]
        if channels not in (1, 3, 4):
            warnings.warn(
                f"NumpyArrayIterator is set to use the data format convention {self.data_format!r}, so it expects 1, 3 or 4 "
                f"channels, but the array of shape {self.x.shape} has {channels}.",
                stacklevel=3,
            )
        self.y = None if y is None else np.asarray(y)
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        self.image_data_generator = image_data_generator
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        batch = np.zeros((len(index_array), *self.x.shape[1:]), self.dtype)
        for i, j in enumerate(index_array):
            batch[i] = self._changed(self.x[j].astype(self.dtype))
        self._save(batch, index_array, 10**4)
        inputs = [batch, *(other[index_array] for other in self.x_misc)] if self.x_misc else batch
        if self.y is None:
            return inputs
        rest = [self.y[index_array]] + ([] if self.sample_weight is None else [self.sample_weight[index_array]])
        return (inputs, *rest)


class BatchFromFilesMixin:
    """What iterators over files share: how a file becomes a picture, and what its label is."""

    def set_processing_attrs(
        self, image_data_generator: Any, target_size: Any, color_mode: str, data_format: str, save_to_dir: Any,
        save_prefix: str, save_format: str, subset: str | None, interpolation: str, keep_aspect_ratio: bool,
    ) -> None:  # fmt: skip
        if color_mode not in _CHANNELS:
            raise ValueError(f'Invalid color mode: {color_mode}; expected "rgb", "rgba", or "grayscale".')
        if subset not in ("training", "validation", None):
            raise ValueError(f'Invalid subset name: {subset}; expected "training" or "validation"')
        self.image_data_generator, self.color_mode, self.data_format = image_data_generator, color_mode, data_format
        self.target_size, self.keep_aspect_ratio, self.interpolation = tuple(target_size), keep_aspect_ratio, interpolation
        channels = _CHANNELS[color_mode]
        last = data_format == "channels_last"
        self.image_shape = (*self.target_size, channels) if last else (channels, *self.target_size)
        self.save_to_dir, self.save_prefix, self.save_format, self.subset = save_to_dir, save_prefix, save_format, subset
        share = image_data_generator._validation_split if subset else 0.0
        self.split = None if subset is None else (0.0, share) if subset == "validation" else (share, 1.0)

    def _get_batches_of_transformed_samples(self: Any, index_array: np.ndarray) -> Any:
        batch = np.zeros((len(index_array), *self.image_shape), self.dtype)
        for i, j in enumerate(index_array):
            picture = load_img(
                self.filepaths[j], color_mode=self.color_mode, target_size=self.target_size,
                interpolation=self.interpolation, keep_aspect_ratio=self.keep_aspect_ratio,
            )  # fmt: skip
            batch[i] = self._changed(img_to_array(picture, data_format=self.data_format))
        self._save(batch, index_array, 10**7)
        if self.class_mode is None:
            return batch
        answers = self._answers(batch, index_array)
        return (batch, answers) if self.sample_weight is None else (batch, answers, self.sample_weight[index_array])

    def _answers(self: Any, batch: np.ndarray, index_array: np.ndarray) -> Any:
        if self.class_mode == "input":
            return batch.copy()
        if self.class_mode == "multi_output":
            return [output[index_array] for output in self.labels]
        if self.class_mode == "raw":
            return self.labels[index_array]
        if self.class_mode == "categorical":
            answers = np.zeros((len(batch), len(self.class_indices)), self.dtype)
            for i, j in enumerate(index_array):
                answers[i, self.classes[j]] = 1.0
            return answers
        return np.array([self.classes[j] for j in index_array], self.dtype)

    @property
    def filepaths(self) -> list[str]:
        return self._filepaths  # type: ignore[attr-defined]


class DirectoryIterator(BatchFromFilesMixin, Iterator):
    """Pictures from folders, one folder a class."""

    allowed_class_modes = ("categorical", "binary", "sparse", "input", None)

    def __init__(
        self, directory: Any, image_data_generator: Any, target_size: Any = (256, 256), color_mode: str = "rgb",
        classes: Any = None, class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True,
        seed: int | None = None, data_format: str | None = None, save_to_dir: Any = None, save_prefix: str = "",
        save_format: str = "png", follow_links: bool = False, subset: str | None = None, interpolation: str = "nearest",
        keep_aspect_ratio: bool = False, dtype: Any = None,
    ):  # fmt: skip
        self.set_processing_attrs(
            image_data_generator, target_size, color_mode, config.standardize_data_format(data_format), save_to_dir,
            save_prefix, save_format, subset, interpolation, keep_aspect_ratio,
        )  # fmt: skip
        if class_mode not in self.allowed_class_modes:
            raise ValueError(f"Invalid class_mode: {class_mode}; expected one of: {self.allowed_class_modes}")
        self.directory, self.class_mode, self.dtype = os.fspath(directory), class_mode, dtype or config.floatx()
        if not classes:
            classes = sorted(name for name in os.listdir(directory) if os.path.isdir(os.path.join(directory, name)))
        self.num_classes, self.class_indices = len(classes), {name: i for i, name in enumerate(classes)}
        self.filenames: list[str] = []
        numbers: list[int] = []
        for number, name in enumerate(classes):
            found = self._list(name, follow_links)
            self.filenames += found
            numbers += [number] * len(found)
        self.samples, self.classes = len(self.filenames), np.array(numbers, "int32")
        print_msg(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        self._filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        super().__init__(self.samples, batch_size, shuffle, seed)

    sample_weight = None

    def _list(self, folder: str, follow_links: bool) -> list[str]:
        """The pictures below the folder of a class, relative to the directory: those of the wanted part."""
        top = os.path.join(self.directory, folder)
        walk = sorted(os.walk(top, followlinks=follow_links), key=lambda entry: entry[0])
        found = [
            os.path.relpath(os.path.join(place, name), self.directory)
            for place, _, names in walk
            for name in sorted(names)
            if name.lower().endswith(FORMATS)
        ]
        if self.split is None:
            return found
        return found[int(self.split[0] * len(found)) : int(self.split[1] * len(found))]

    @property
    def labels(self) -> np.ndarray:
        return self.classes


class DataFrameIterator(BatchFromFilesMixin, Iterator):
    """Pictures whose paths and labels are columns of a frame."""

    allowed_class_modes = ("binary", "categorical", "input", "multi_output", "raw", "sparse", None)
    _WITHOUT_CLASSES = ("input", "multi_output", "raw", None)

    def __init__(
        self, dataframe: Any, directory: Any = None, image_data_generator: Any = None, x_col: str = "filename",
        y_col: Any = "class", weight_col: str | None = None, target_size: Any = (256, 256), color_mode: str = "rgb",
        classes: Any = None, class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True,
        seed: int | None = None, data_format: str = "channels_last", save_to_dir: Any = None, save_prefix: str = "",
        save_format: str = "png", subset: str | None = None, interpolation: str = "nearest",
        keep_aspect_ratio: bool = False, dtype: Any = "float32", validate_filenames: bool = True,
    ):  # fmt: skip
        self.set_processing_attrs(
            image_data_generator, target_size, color_mode, config.standardize_data_format(data_format), save_to_dir,
            save_prefix, save_format, subset, interpolation, keep_aspect_ratio,
        )  # fmt: skip
        self.directory, self.class_mode, self.dtype = os.fspath(directory or ""), class_mode, dtype
        frame = dataframe.copy()
        self._check(frame, x_col, y_col, weight_col)
        if validate_filenames:
            frame = self._with_files(frame, x_col)
        belonging = ""
        if class_mode not in self._WITHOUT_CLASSES:
            frame, classes = _with_classes(frame, y_col, classes)
            self.class_indices = {name: i for i, name in enumerate(classes)}
            belonging = f" belonging to {len(classes)} classes"
        if self.split:
            frame = frame.iloc[int(self.split[0] * len(frame)) : int(self.split[1] * len(frame))]
        if class_mode not in self._WITHOUT_CLASSES:
            index = self.class_indices
            self.classes = [[index[c] for c in v] if isinstance(v, (list, tuple)) else index[v] for v in frame[y_col]]
        self.filenames = frame[x_col].tolist()
        self.sample_weight = frame[weight_col].to_numpy() if weight_col else None
        if class_mode == "multi_output":
            self._targets: Any = [np.array(frame[column].tolist()) for column in y_col]
        if class_mode == "raw":
            self._targets = frame[y_col].to_numpy()
        self.samples = len(self.filenames)
        print_msg(f"Found {self.samples} {'' if validate_filenames else 'non-'}validated image filenames{belonging}.")
        self._filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        super().__init__(self.samples, batch_size, shuffle, seed)

    @property
    def labels(self) -> Any:
        return self._targets if self.class_mode in ("multi_output", "raw") else self.classes

    def _check(self, frame: Any, x_col: str, y_col: Any, weight_col: str | None) -> None:
        mode = self.class_mode
        if mode not in self.allowed_class_modes:
            raise ValueError(f"Invalid class_mode: {mode}; expected one of: {self.allowed_class_modes}")
        if mode == "multi_output" and not isinstance(y_col, list):
            raise TypeError(f'If class_mode="{mode}", y_col must be a list. Received {type(y_col).__name__}.')
        if not all(isinstance(name, str) for name in frame[x_col]):
            raise TypeError(f"All values in column x_col={x_col} must be strings.")
        kinds = {"binary": str, "sparse": str, "categorical": (str, list, tuple)}.get(mode or "")
        if kinds and not all(isinstance(value, kinds) for value in frame[y_col]):  # type: ignore[arg-type]
            raise TypeError(f'If class_mode="{mode}", y_col="{y_col}" column values must be strings (or lists of them).')
        if mode == "binary" and frame[y_col].nunique() != 2:
            raise ValueError('If class_mode="binary" there must be 2 classes.')
        if weight_col and not np.issubdtype(frame[weight_col].dtype, np.number):
            raise TypeError(f"Column weight_col={weight_col} must be numeric.")

    def _with_files(self, frame: Any, x_col: str) -> Any:
        paths = [os.path.join(self.directory, name) for name in frame[x_col]]
        there = np.array([path.lower().endswith(FORMATS) and os.path.isfile(path) for path in paths], bool)
        if not there.all():
            warnings.warn(
                f'Found {(~there).sum()} invalid image filename(s) in x_col="{x_col}". These filename(s) will be ignored.',
                stacklevel=4,
            )
        return frame[there]


def _with_classes(frame: Any, y_col: str, classes: Any) -> tuple[Any, list[str]]:
    """The rows that belong to classes, and the classes."""
    if not classes:
        found: set[str] = set()
        for value in frame[y_col]:
            found.update(value if isinstance(value, (list, tuple)) else [value])
        return frame, sorted(found)
    classes = list(dict.fromkeys(classes))

    def kept(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [name for name in value if name in classes] or None
        return value if value in classes else None

    frame = frame.assign(**{y_col: frame[y_col].map(kept)})
    return frame.dropna(subset=[y_col]), classes

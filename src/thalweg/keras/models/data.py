"""What `fit`, `evaluate` and `predict` are given, as batches: arrays in memory, or an iterable of batches."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.utils.batches import unpack_x_y_sample_weight
from thalweg.keras.utils.py_dataset import PyDataset, in_order

DEFAULT_BATCH_SIZE = 32
_END = object()


# -- arrays ----------------------------------------------------------------------------------------------------


def as_arrays(data: Any) -> Any:
    """A nest of NumPy arrays of what holds numbers: tensors, frames, lists of numbers; floats become `floatx`."""
    if data is None or isinstance(data, np.ndarray):
        return _in_floatx(data)
    if isinstance(data, dict):
        return {key: as_arrays(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        if all(isinstance(item, (int, float, str, bytes, np.generic, bool)) for item in data) or _is_rows(data):
            return _in_floatx(_array(data))
        return type(data)(as_arrays(item) for item in data) if type(data) in (list, tuple) else list(map(as_arrays, data))
    return _in_floatx(_array(data))


def _is_rows(data: Any) -> bool:
    """Whether a list holds lists of numbers, which is one array, and not arrays, which are several inputs."""
    first = data[0] if data else None
    while isinstance(first, (list, tuple)):
        first = first[0] if first else None
    return isinstance(data[0] if data else None, (list, tuple)) and isinstance(first, (int, float, str, np.generic))


def _array(data: Any) -> np.ndarray:
    if hasattr(data, "numpy"):  # tensors and variables
        return np.asarray(data.numpy())
    if hasattr(data, "toarray"):  # SciPy's sparse matrices
        data = data.toarray()
    if hasattr(data, "to_numpy"):  # pandas: mixed columns of numbers become one dtype
        return data.to_numpy()
    return np.asarray(data)


def _in_floatx(array: Any) -> Any:
    if array is None:
        return None
    if array.dtype.kind == "f" and array.dtype.name != config.floatx():
        return array.astype(tf.as_dtype(config.floatx()).as_numpy_dtype)
    return array


def is_in_memory(x: Any) -> bool:
    """Whether `x` is arrays, or things that become arrays, and not an iterable of batches."""
    if isinstance(x, (np.ndarray, tf.Tensor, tf.Variable)) or hasattr(x, "__array__") or hasattr(x, "toarray"):
        return not isinstance(x, PyDataset)
    if isinstance(x, dict):
        return all(map(is_in_memory, x.values()))
    if isinstance(x, (list, tuple)):
        return bool(x) and all(isinstance(item, (int, float, str, bytes, np.generic)) or is_in_memory(item) for item in x)
    return False


class ArrayData:
    """Inputs, labels and weights in memory, `n` rows, given out in batches."""

    def __init__(
        self, x: Any, y: Any = None, sample_weight: Any = None, batch_size: int | None = None, shuffle: Any = False,
        steps: int | None = None, class_weight: dict[int, float] | None = None,
    ):  # fmt: skip
        x, y, sample_weight = as_arrays(x), as_arrays(y), as_arrays(sample_weight)
        if class_weight is not None:
            sample_weight = with_class_weight(y, class_weight, sample_weight)
        self.data = (x, y, sample_weight)
        self.flat = [a for a in tf.nest.flatten(self.data) if a is not None]
        self.n = _rows(self.flat)
        self.batch_size = _check_batch_size(batch_size)
        self.shuffle = shuffle
        self.num_batches: int = math.ceil(self.n / self.batch_size)
        if steps is not None:
            if steps > self.num_batches:
                warnings.warn(
                    f"steps={steps} batches are asked for, but {self.n} rows make {self.num_batches} of {self.batch_size}: "
                    "the data is gone through once.",
                    stacklevel=3,
                )
            self.num_batches = min(steps, self.num_batches)

    def order(self, generator: np.random.Generator | None) -> np.ndarray:
        """The numbers of the rows, in the order in which an epoch takes them."""
        rows = np.arange(self.n)
        if not self.shuffle or generator is None:
            return rows
        if self.shuffle != "batch":
            return generator.permutation(self.n)
        full = self.n // self.batch_size * self.batch_size
        batches = generator.permutation(rows[:full].reshape(-1, self.batch_size))
        return np.concatenate([batches.ravel(), rows[full:]])

    def rows_by_batch(self, generator: np.random.Generator | None) -> list[np.ndarray]:
        """The rows of each batch of an epoch: a matrix of full batches, and a row for what is left over."""
        order = self.order(generator)
        full = min(self.n // self.batch_size, self.num_batches)
        parts = [order[: full * self.batch_size].reshape(full, self.batch_size)] if full else []
        if full < self.num_batches:
            parts.append(order[full * self.batch_size :][None, :])
        return parts

    def batch_sizes(self) -> list[tuple[int, int]]:
        """The sizes of the batches of an epoch, and how many there are of each."""
        full = min(self.n // self.batch_size, self.num_batches)
        rest = [(self.n - full * self.batch_size, 1)] if full < self.num_batches else []
        return [(self.batch_size, full)] * bool(full) + rest

    @property
    def is_numeric(self) -> bool:
        return not any(a.dtype.kind in "OSU" for a in self.flat)

    def take(self, rows: np.ndarray) -> Any:
        """The batch of these rows."""
        return tf.nest.map_structure(lambda a: None if a is None else a[rows], self.data)

    def batches(self, generator: np.random.Generator | None) -> Iterator[Any]:
        for part in self.rows_by_batch(generator):
            for rows in part:
                yield self.take(rows)

    def on_epoch_begin(self) -> None: ...

    def on_epoch_end(self) -> None: ...


def _rows(arrays: list[np.ndarray]) -> int:
    if not arrays:
        raise ValueError("There is no data: x is None.")
    for a in arrays:
        if a.ndim == 0:
            raise ValueError("Data must have one row for each sample, but it holds a single number.")
    sizes = {len(a) for a in arrays}
    if len(sizes) > 1:
        raise ValueError(
            "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples: the sizes are "
            f"{', '.join(str(len(a)) for a in arrays)}."
        )
    n = sizes.pop()
    if n == 0:
        raise ValueError("The data has no rows.")
    return n


def _check_batch_size(batch_size: Any) -> int:
    if batch_size is None:
        return DEFAULT_BATCH_SIZE
    if isinstance(batch_size, bool) or not hasattr(batch_size, "__index__") or int(batch_size) < 1:
        raise ValueError(f"`batch_size` must be a positive integer, but it is {batch_size!r}.")
    return int(batch_size)


def with_class_weight(y: Any, class_weight: dict[int, float], sample_weight: Any = None) -> np.ndarray:
    """The weight of each sample by its class, times the sample's own weight.

    y: class numbers `[n]` or `[n, 1]`, or one-hot rows. Classes that are not named weigh 1.
    """
    if not isinstance(class_weight, dict):
        raise ValueError(f"`class_weight` must be a dict from class numbers to weights, but it is {class_weight!r}.")
    labels = as_arrays(y)
    if labels is None or tf.nest.is_nested(labels):
        raise ValueError("`class_weight` is only supported for models with a single output, and needs `y`.")
    if labels.ndim > 1:
        labels = labels.argmax(-1) if labels.shape[-1] != 1 else labels[..., 0]
    labels = np.round(labels).astype(np.int64)
    classes, places = np.unique(labels, return_inverse=True)
    by_class = {int(label): float(weight) for label, weight in class_weight.items()}
    weights = np.array([by_class.get(int(c), 1.0) for c in classes], config.floatx())[places].reshape(labels.shape)
    return weights if sample_weight is None else weights * np.asarray(sample_weight, config.floatx())


def split(data: tuple[Any, Any, Any], fraction: float) -> tuple[Any, Any]:
    """The rows to train on, and the last `fraction` of them to validate on. Raises ValueError if either is empty."""
    if not 0 < fraction < 1:
        raise ValueError(f"`validation_split` must be between 0 and 1, but it is {fraction!r}.")
    if not all(part is None or is_in_memory(part) for part in data):
        raise ValueError(
            "`validation_split` is only supported for arrays and tensors: pass `validation_data` beside other data."
        )
    arrays = as_arrays(data)
    n = _rows([a for a in tf.nest.flatten(arrays) if a is not None])
    at = math.floor(n * (1.0 - fraction))
    if at in (0, n):
        raise ValueError(
            f"{n} rows cannot be split by validation_split={fraction}: one part would be empty. Use more data or another "
            "fraction."
        )

    def part(rows: slice) -> Any:
        return tf.nest.map_structure(lambda a: None if a is None else a[rows], arrays)

    return part(slice(None, at)), part(slice(at, None))


# -- iterables of batches --------------------------------------------------------------------------------------


class BatchData:
    """Batches that come one by one: a generator, a `PyDataset`, a dataset, anything iterable.

    `steps` batches make an epoch; without it, all there are. What can only be gone through once goes on where the last
    epoch ended.
    """

    def __init__(self, source: Any, steps: int | None = None, shuffle: Any = False, class_weight: Any = None):
        self.source, self.steps, self.class_weight = source, steps, class_weight
        self.shuffle = bool(shuffle)
        self.once = isinstance(source, Iterator) and not isinstance(source, PyDataset)
        self._running: Iterator[Any] | None = source if self.once else None
        self.num_batches = steps if steps is not None else _known_length(source)

    def batches(self, generator: np.random.Generator | None) -> Iterator[Any]:
        done, fresh = 0, False
        while self.steps is None or done < self.steps:
            if self._running is None:
                self._running, fresh = self._start(generator), True
            batch = next(self._running, _END)
            if batch is not _END:
                fresh = False
                done += 1
                yield self._ready(batch)
                continue
            if not self.once:
                self._running = None
            if self.once or fresh or self.steps is None:
                break
        if done == 0 or (self.steps is not None and done < self.steps):
            warnings.warn(
                f"Your input ran out of data after {done} batches of this epoch: make the generator or dataset give "
                "enough, for example by repeating it.",
                stacklevel=3,
            )

    def _start(self, generator: np.random.Generator | None) -> Iterator[Any]:
        if not isinstance(self.source, PyDataset):
            return iter(self.source)
        count = self.source.num_batches
        if count is None:
            return in_order(self.source, itertools.count())
        if self.shuffle and generator is not None:
            return in_order(self.source, map(int, generator.permutation(count)))
        return in_order(self.source, range(count))

    def _ready(self, batch: Any) -> Any:
        x, y, sample_weight = unpack_x_y_sample_weight(batch)
        if self.class_weight is not None:
            sample_weight = with_class_weight(y, self.class_weight, sample_weight)
        return tf.nest.map_structure(_leaf, (_tuples(x), _tuples(y), _tuples(sample_weight)))

    def on_epoch_begin(self) -> None:
        if hasattr(self.source, "on_epoch_begin"):
            self.source.on_epoch_begin()

    def on_epoch_end(self) -> None:
        if hasattr(self.source, "on_epoch_end"):
            self.source.on_epoch_end()


def _leaf(x: Any) -> Any:
    return x if x is None or isinstance(x, tf.Tensor) else _in_floatx(_array(x))


def _tuples(x: Any) -> Any:
    """Lists of numbers as arrays; nests of arrays as they are."""
    if isinstance(x, (list, tuple)) and (_is_rows(x) or all(isinstance(item, (int, float, np.generic)) for item in x)):
        return np.asarray(x)
    return x


def _known_length(source: Any) -> int | None:
    if isinstance(source, PyDataset):
        return source.num_batches
    if hasattr(source, "cardinality"):
        cardinality = int(source.cardinality())
        return cardinality if cardinality >= 0 else None
    try:
        return len(source)
    except TypeError:
        return None


def as_data(
    x: Any, y: Any = None, sample_weight: Any = None, batch_size: int | None = None, steps: int | None = None,
    shuffle: Any = False, class_weight: Any = None,
) -> ArrayData | BatchData:  # fmt: skip
    """What was passed to `fit`, `evaluate` or `predict`, ready to be gone through in batches."""
    if is_in_memory(x):
        return ArrayData(x, y, sample_weight, batch_size, shuffle, steps, class_weight)
    if x is None:
        raise ValueError("There is no data: x is None.")
    if y is not None or sample_weight is not None:
        raise ValueError(
            f"When x is a {type(x).__name__} of batches, labels and sample weights come with each batch: leave `y` and "
            "`sample_weight` out."
        )
    if not isinstance(x, (Iterable, PyDataset)):
        raise ValueError(f"Unrecognized data type: x is a {type(x).__name__}, which is neither arrays nor iterable.")
    if hasattr(x, "_as_arrays"):  # a dataset over arrays in memory can be trained on as arrays
        from thalweg.keras.models.datasets import rows_data

        found = rows_data(x, steps, class_weight)
        if found is not None:
            return found
    return BatchData(x, steps, shuffle, class_weight)

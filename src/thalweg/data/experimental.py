"""`tf.data.experimental`: what is young, and earlier spellings of what `Dataset` has as methods.

Source: https://www.tensorflow.org/api_docs/python/tf/data/experimental
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.data.csv import CsvDataset as CsvDataset, make_csv_dataset as make_csv_dataset
from thalweg.data.dataset import AUTOTUNE as AUTOTUNE, Dataset
from thalweg.data.files import TFRecordDataset
from thalweg.data.functions import enable_debug_mode as enable_debug_mode
from thalweg.data.optional import Optional as Optional
from thalweg.data.options import (
    AutoShardPolicy as AutoShardPolicy,
    AutotuneAlgorithm as AutotuneAlgorithm,
    AutotuneOptions as AutotuneOptions,
    DistributeOptions as DistributeOptions,
    ExternalStatePolicy as ExternalStatePolicy,
    OptimizationOptions as OptimizationOptions,
    ServiceOptions as ServiceOptions,
    ThreadingOptions as ThreadingOptions,
)
from thalweg.data.reducing import Reducer as Reducer, group_by_reducer as group_by_reducer
from thalweg.data.sampling import choose_from_datasets as choose_from_datasets, sample_from_datasets as sample_from_datasets
from thalweg.data.shuffling import RandomDataset as RandomDataset
from thalweg.data.sources import from_list as from_list
from thalweg.data.storing import load as load, save as save
from thalweg.engine.core import errors

INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2

Transformation = Callable[[Dataset], Dataset]


def Counter(start: Any = 0, step: Any = 1, dtype: Any = tf.int64) -> Dataset:
    """`Dataset.counter`."""
    return Dataset.counter(start, step, dtype)


def _method(name: str) -> Callable[..., Transformation]:
    """A function whose arguments are a method's, for `dataset.apply(...)`."""

    def make(*args: Any, **kwargs: Any) -> Transformation:
        return lambda dataset: getattr(dataset, name)(*args, **kwargs)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"`Dataset.{name}` with these arguments, for `Dataset.apply`."
    return make


def dense_to_ragged_batch(
    batch_size: Any, drop_remainder: bool = False, row_splits_dtype: Any = tf.int64
) -> Transformation:
    """`Dataset.ragged_batch`, for `Dataset.apply`."""
    return lambda dataset: dataset.ragged_batch(batch_size, drop_remainder, row_splits_dtype)


def dense_to_sparse_batch(batch_size: Any, row_shape: Any) -> Transformation:
    """Tensors stacked as sparse ones whose rows have the shape `row_shape`, for `Dataset.apply`.

    Raises InvalidArgumentError for an element that is larger.
    """
    row = tf.TensorShape(row_shape)

    def sparse(x: Any) -> Any:
        size = tf.shape(x, out_type=tf.int64)
        wanted = tf.stack([size[i] if n is None else tf.constant(n, tf.int64) for i, n in enumerate(row.as_list())])
        check = tf.debugging.Assert(tf.reduce_all(size <= wanted), ["an element is larger than row_shape", size, wanted])
        with tf.control_dependencies([] if check is None else [check]):
            x = tf.identity(x)
        indices = tf.where(tf.ones_like(x, dtype=tf.bool))
        result = tf.SparseTensor(indices, tf.reshape(x, [-1]), wanted)
        result.set_shape(row)
        return result

    return lambda dataset: dataset.map(sparse).batch(batch_size)


bucket_by_sequence_length = _method("bucket_by_sequence_length")
enumerate_dataset = _method("enumerate")
group_by_window = _method("group_by_window")
ignore_errors = _method("ignore_errors")
rejection_resample = _method("rejection_resample")
scan = _method("scan")
snapshot = _method("snapshot")
take_while = _method("take_while")
unbatch = _method("unbatch")
unique = _method("unique")


def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: Any = None) -> Transformation:
    """`shuffle`, then `repeat`."""
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def map_and_batch(
    map_func: Callable[..., Any], batch_size: Any, num_parallel_batches: Any = None, drop_remainder: bool = False,
    num_parallel_calls: Any = None,
) -> Transformation:  # fmt: skip
    """`map`, then `batch`."""
    return lambda dataset: dataset.map(map_func, num_parallel_calls).batch(batch_size, drop_remainder)


def parallel_interleave(
    map_func: Callable[..., Any], cycle_length: Any, block_length: Any = 1, sloppy: Any = False, buffer_output_elements: Any = None,
    prefetch_input_elements: Any = None,
) -> Transformation:  # fmt: skip
    """`interleave`."""
    return lambda dataset: dataset.interleave(map_func, cycle_length, block_length)


def prefetch_to_device(device: str, buffer_size: Any = None) -> Transformation:
    """`prefetch`; arrays go to a device when a program uses them."""
    return lambda dataset: dataset.prefetch(buffer_size)


def copy_to_device(target_device: str, source_device: str = "/cpu:0") -> Transformation:
    """The dataset itself; arrays go to a device when a program uses them."""
    return lambda dataset: dataset


def cardinality(dataset: Dataset) -> Any:
    """`dataset.cardinality()`."""
    return dataset.cardinality()


def assert_cardinality(expected_cardinality: Any) -> Transformation:
    """Say how many elements a dataset has; going through it raises FailedPreconditionError if it has not."""
    from thalweg.data.counting import AssertCardinalityDataset

    return lambda dataset: AssertCardinalityDataset(dataset, expected_cardinality)


def pad_to_cardinality(cardinality: Any, mask_key: str = "valid") -> Transformation:
    """Elements of zeros behind a dataset of dicts, up to a number of elements; `mask_key` is True in the true ones.

    Raises ValueError for a dataset of unknown length, a longer one, or one whose elements are no dicts.
    """

    def pad(dataset: Dataset) -> Dataset:
        count = dataset._count()
        if count < 0 or count > int(cardinality):
            wanted = "a known cardinality" if count < 0 else f"a cardinality of at most {int(cardinality)}"
            raise ValueError(f"The dataset passed into `pad_to_cardinality` must have {wanted}, but has cardinality {count}.")
        if not isinstance(dataset.element_spec, dict):
            raise ValueError("`pad_to_cardinality` requires its input dataset to be a dictionary.")
        filler = {key: tf.zeros(spec.shape, spec.dtype) for key, spec in dataset.element_spec.items()} | {mask_key: False}
        marked = dataset.map(lambda element: {**element, mask_key: True})
        return marked.concatenate(Dataset.from_tensors(filler).repeat(int(cardinality) - count))

    return pad


def parse_example_dataset(features: Any, num_parallel_calls: Any = 1, deterministic: bool | None = None) -> Transformation:
    """`tf.io.parse_example` of each element, a batch of serialized examples."""
    if features is None:
        raise ValueError("Argument `features` is required, but not specified.")
    return lambda dataset: dataset.map(lambda serialized: tf.io.parse_example(serialized, features), num_parallel_calls)


def make_batched_features_dataset(
    file_pattern: Any, batch_size: Any, features: Any, reader: Any = None, label_key: str | None = None, reader_args: Any = None,
    num_epochs: int | None = None, shuffle: bool = True, shuffle_buffer_size: int = 10000, shuffle_seed: Any = None,
    prefetch_buffer_size: Any = None, reader_num_threads: Any = None, parser_num_threads: Any = None,
    sloppy_ordering: bool = False, drop_final_batch: bool = False,
) -> Dataset:  # fmt: skip
    """Batches of the features of serialized examples in files: dicts, or pairs of a dict and the feature `label_key`.

    reader: makes a dataset of the examples in a file, by default `tf.data.TFRecordDataset`. num_epochs: None for no end.
    """
    make, args = reader or TFRecordDataset, list(reader_args or [])
    if label_key is not None and label_key not in features:
        raise ValueError(f"The `label_key` provided ({label_key!r}) must be one of the `features` keys: {list(features)}.")
    dataset = Dataset.list_files(file_pattern, shuffle=shuffle, seed=shuffle_seed)
    dataset = dataset.interleave(lambda name: make(name, *args), reader_num_threads or 1)
    if shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed)
    if num_epochs != 1:
        dataset = dataset.repeat(num_epochs)
    dataset = dataset.batch(batch_size, drop_remainder=drop_final_batch or num_epochs is None)
    dataset = dataset.apply(parse_example_dataset(features))
    if label_key is not None:
        dataset = dataset.map(lambda row: ({k: v for k, v in row.items() if k != label_key}, row[label_key]))
    return dataset.prefetch(AUTOTUNE if prefetch_buffer_size is None else prefetch_buffer_size)


class TFRecordWriter:
    """Writes a dataset of strings into a TFRecord file, when `write` is called."""

    def __init__(self, filename: Any, compression_type: Any = None):
        self._filename, self._compression = filename, compression_type

    def write(self, dataset: Dataset) -> None:
        """Write all elements. Raises TypeError for a dataset of something else than strings."""
        if dataset.element_spec != tf.TensorSpec([], tf.string):
            raise TypeError(f"Elements must be scalar strings, not {dataset.element_spec!r}: serialize them first.")
        with tf.io.TFRecordWriter(self._filename, self._compression or "") as writer:
            for record in dataset.as_numpy_iterator():
                writer.write(record)


def get_single_element(dataset: Dataset) -> Any:
    """`dataset.get_single_element()`."""
    return dataset.get_single_element()


def get_structure(dataset_or_iterator: Any) -> Any:
    """Its `element_spec`."""
    try:
        return dataset_or_iterator.element_spec
    except AttributeError:
        raise TypeError(
            f"`dataset_or_iterator` must be a `tf.data.Dataset` or `tf.data.Iterator`, but got {type(dataset_or_iterator)}."
        ) from None


def get_next_as_optional(iterator: Any) -> Any:
    """`iterator.get_next_as_optional()`."""
    return iterator.get_next_as_optional()


def at(dataset: Dataset, index: Any) -> Any:
    """The element number `index`. Raises OutOfRangeError if there is none."""
    found = next(iter(dataset.skip(index).take(1)), None) if int(index) >= 0 else None
    if found is None:
        raise errors.OutOfRangeError(None, None, f"Index out of range [0, {dataset._count()}): {int(index)}")
    return found


def to_variant(dataset: Dataset) -> Any:
    """The dataset as a scalar tensor."""
    from thalweg.data import variants

    return variants.to_variant(dataset)


def from_variant(variant: Any, structure: Any) -> Dataset:
    """The dataset in a scalar tensor made by `to_variant`; `structure` is its `element_spec`."""
    from thalweg.data.sources import VariantDataset

    return VariantDataset(variant, structure)

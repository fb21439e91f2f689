"""`tf.data.Dataset`: what every dataset is and can do.

A dataset is a description: nothing runs until it is gone through, each time by a new cursor. The transformations are on
the pages beside this one. Source: https://www.tensorflow.org/api_docs/python/tf/data/Dataset
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.data import structure
from thalweg.data.cursors import Cursor, Scope
from thalweg.data.functions import ElementFunction
from thalweg.data.structure import Form
from thalweg.data.variants import symbolic_among
from thalweg.engine.core import errors
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor

AUTOTUNE = -1
INFINITE, UNKNOWN = -1, -2


class Dataset:
    """A sequence of elements, each a tensor or a nest (tuples, dicts) of tensors.

    >>> dataset = tf.data.Dataset.from_tensor_slices([1, 2, 3]).map(lambda x: x * 2).batch(2)
    >>> for batch in dataset:
    ...     print(batch.numpy())
    [2 4]
    [6]
    """

    _inputs: tuple[Dataset, ...] = ()
    _parameters: tuple[Any, ...] = ()  # numbers and tensors, maybe symbolic
    _functions: tuple[ElementFunction, ...] = ()
    _element_spec: Any = None
    _form_made: Form | None = None

    # -- what a subclass gives ------------------------------------------------------------------------------

    def _cursor(self, scope: Scope) -> Cursor:
        """A new way through the dataset."""
        raise NotImplementedError

    def _count(self) -> int:
        """How many elements: INFINITE or UNKNOWN if that is no number."""
        return UNKNOWN

    # -- what it is -----------------------------------------------------------------------------------------

    @property
    def element_spec(self) -> Any:
        """The type of the elements: `tf.TensorSpec`s in the elements' form."""
        return self._element_spec

    @property
    def _form(self) -> Form:
        if self._form_made is None:
            self._form_made = Form(self.element_spec)
        return self._form_made

    def _symbolic(self) -> list[SymbolicTensor]:
        """The symbolic tensors that must be known before the dataset can be gone through."""
        found = symbolic_among(self._parameters)
        for dataset in self._inputs:
            found += dataset._symbolic()
        for function in self._functions:
            found += function.symbolic
        return symbolic_among(found)

    def cardinality(self) -> Any:
        """The number of elements as an int64 tensor: `tf.data.INFINITE_CARDINALITY` or `UNKNOWN_CARDINALITY` if there is none.

        >>> tf.data.Dataset.range(10).batch(4).cardinality().numpy()
        np.int64(3)
        """
        return tf.constant(self._count(), tf.int64)

    def __len__(self) -> int:
        """The number of elements. Raises TypeError when it is unknown or there is no end."""
        if local.graph is not None:
            raise TypeError("`tf.data.Dataset` only supports `len` in eager mode. Use `tf.data.Dataset.cardinality()` instead.")
        count = self._count()
        if count == INFINITE:
            raise TypeError("The dataset is infinite.")
        if count == UNKNOWN:
            raise TypeError("The dataset length is unknown.")
        return count

    def __bool__(self) -> bool:
        return True

    __nonzero__ = __bool__

    def __repr__(self) -> str:
        return f"<_{type(self).__name__} element_spec={self.element_spec!r}>"

    __str__ = __repr__

    def options(self) -> Any:
        """The options set by `with_options`, here and before."""
        from thalweg.data.options import Options

        merged = Options()
        for part in self._inputs:
            merged = merged.merge(part.options())
        return merged

    # -- going through --------------------------------------------------------------------------------------

    def __iter__(self) -> Any:
        """An iterator over the elements as eager tensors. In a `tf.function` see `for` over a dataset."""
        from thalweg.data.iterators import OwnedIterator

        if local.graph is not None and not local.graph.building_function:
            raise RuntimeError("`tf.data.Dataset` only supports Python-style iteration in eager mode or within tf.function.")
        return OwnedIterator(self)

    def _run(self) -> Cursor:
        """A cursor of its own run. Raises TypeError for a dataset of a graph's tensors."""
        if self._symbolic():
            raise TypeError(f"{self!r} uses tensors of a graph: go through it in that function, or by an iterator of the graph.")
        return self._cursor(Scope())

    def as_numpy_iterator(self) -> Iterator[Any]:
        """An iterator over the elements as NumPy arrays and scalars.

        >>> list(tf.data.Dataset.range(3).as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(2)]
        """
        from thalweg.data.iterators import NumpyIterator

        if local.graph is not None:
            raise RuntimeError("`tf.data.Dataset.as_numpy_iterator()` is only supported in eager mode.")
        for spec in self._form.specs:
            if not (
                isinstance(spec, (tf.TensorSpec, structure.NoneTensorSpec, structure.DatasetSpec))
                or hasattr(spec, "_component_specs")
            ):
                raise TypeError(f"`tf.data.Dataset.as_numpy_iterator()` is not supported for datasets that produce {spec!r}.")
        return NumpyIterator(self)

    def get_single_element(self, name: str | None = None) -> Any:
        """The only element. Raises InvalidArgumentError if there are none or more."""
        if local.graph is not None or self._symbolic():
            from thalweg.data.loops import single_element

            return single_element(self)
        return self._form.eager(self._only())

    def _only(self, cursor: Cursor | None = None) -> Any:
        cursor = self._run() if cursor is None else cursor
        first = next(cursor, None)
        if first is None:
            raise errors.invalid("Dataset was empty.")
        if next(cursor, None) is not None:
            raise errors.invalid("Dataset had more than one element.")
        return first

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """`reduce_func(state, element)` from element to element; gives the last state.

        >>> tf.data.Dataset.range(5).reduce(np.int64(0), lambda total, x: total + x).numpy()
        np.int64(10)
        """
        from thalweg.data.loops import reduce

        return reduce(self, initial_state, reduce_func)

    def apply(self, transformation_func: Callable[[Dataset], Any]) -> Any:
        """`transformation_func(self)`, which must give a dataset."""
        dataset = transformation_func(self)
        if not isinstance(dataset, Dataset):
            raise TypeError(f"`transformation_func` must return a `tf.data.Dataset` object. Got {type(dataset)}.")
        return dataset

    def _autograph_for(self, extra_test: Any, body: Any, get_state: Any, set_state: Any, symbol_names: Any, opts: Any) -> None:
        from thalweg.data.loops import for_in_function

        for_in_function(self, extra_test, body, get_state, set_state, symbol_names, opts)

    # -- sources --------------------------------------------------------------------------------------------

    @staticmethod
    def from_tensors(tensors: Any, name: str | None = None) -> Dataset:
        """One element: `tensors`, a nest of arrays and tensors."""
        return sources.TensorDataset(tensors)

    @staticmethod
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """An element for each row of `tensors`, a nest of arrays of one length. Raises ValueError for other lengths and scalars.

        >>> list(tf.data.Dataset.from_tensor_slices({"a": [1, 2], "b": [3, 4]}).as_numpy_iterator())
        [{'a': np.int32(1), 'b': np.int32(3)}, {'a': np.int32(2), 'b': np.int32(4)}]
        """
        return sources.TensorSliceDataset(tensors)

    @staticmethod
    def from_generator(
        generator: Callable[..., Any], output_types: Any = None, output_shapes: Any = None, args: Any = None,
        output_signature: Any = None, name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """What the iterator made by `generator(*args)` gives, as `output_signature` says: a nest of `tf.TensorSpec`.

        An element that does not fit raises InvalidArgumentError, naming what was given and what is expected.
        """
        return generators.from_generator(generator, output_types, output_shapes, args, output_signature)

    @staticmethod
    def range(*args: Any, **kwargs: Any) -> Dataset:
        """The numbers of Python's `range(*args)`, int64 or of `output_type`."""
        return sources.make_range(*args, **kwargs)

    @staticmethod
    def counter(start: Any = 0, step: Any = 1, dtype: Any = tf.int64, name: str | None = None) -> Dataset:
        """`start`, `start + step`, and so on without end."""
        return sources.counter(start, step, dtype)

    @staticmethod
    def random(seed: Any = None, rerandomize_each_iteration: bool | None = None, name: str | None = None) -> Dataset:
        """Random int64 numbers below 2**32 without end; the same each time, or others with `rerandomize_each_iteration`."""
        return shuffling.RandomDataset(seed, rerandomize_each_iteration)

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool | None = None, seed: Any = None, name: str | None = None) -> Dataset:
        """The names of the files that match a glob pattern, or any of several, as strings, shuffled unless told otherwise.

        Raises InvalidArgumentError when none does.
        """
        return files.list_files(file_pattern, shuffle, seed)

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Elements side by side: for a nest of datasets, the nest of their elements, as long as the shortest.

        >>> pairs = tf.data.Dataset.zip(tf.data.Dataset.range(2), tf.data.Dataset.range(5, 9))
        >>> list(pairs.as_numpy_iterator())
        [(np.int64(0), np.int64(5)), (np.int64(1), np.int64(6))]
        """
        return combining.zip_datasets(args, datasets)

    @staticmethod
    def sample_from_datasets(
        datasets: Any, weights: Any = None, seed: Any = None, stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Dataset:  # fmt: skip
        """Elements of several datasets, each drawn from one at random, by `weights`: a list, or a dataset of lists."""
        return sampling.sample_from_datasets(datasets, weights, seed, stop_on_empty_dataset, rerandomize_each_iteration)

    @staticmethod
    def choose_from_datasets(datasets: Any, choice_dataset: Dataset, stop_on_empty_dataset: bool = True) -> Dataset:
        """Elements of several datasets, each from the one whose number `choice_dataset` gives."""
        return sampling.choose_from_datasets(datasets, choice_dataset, stop_on_empty_dataset)

    @staticmethod
    def load(path: str, element_spec: Any = None, compression: Any = None, reader_func: Any = None, wait: bool = False) -> Dataset:
        """A dataset that `save` wrote."""
        return storing.load(path, element_spec, compression, reader_func)

    def save(self, path: str, compression: Any = None, shard_func: Any = None, checkpoint_args: Any = None) -> None:
        """Write all elements into the directory `path`, for `load`."""
        storing.save(self, path, compression, shard_func)

    # -- element by element ---------------------------------------------------------------------------------

    def map(
        self, map_func: Callable[..., Any], num_parallel_calls: Any = None, deterministic: bool | None = None,
        synchronous: bool | None = None, use_unbounded_threadpool: bool = False, name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """`map_func` of each element. A tuple's parts are passed one by one.

        The function is traced once, as by `tf.function`; use `tf.py_function` for Python that must run for each element.
        num_parallel_calls: run functions that wait for files or Python libraries in so many threads; the order stays.
        """
        return mapping.make_map(self, map_func, num_parallel_calls)

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of which `predicate` is true. Raises ValueError unless it gives one truth value."""
        return mapping.FilterDataset(self, predicate)

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements of the datasets that `map_func` gives, one dataset after the other."""
        return flattening.FlatMapDataset(self, map_func)

    def interleave(
        self, map_func: Callable[..., Any], cycle_length: Any = None, block_length: Any = None, num_parallel_calls: Any = None,
        deterministic: bool | None = None, name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """The elements of the datasets that `map_func` gives: `block_length` from each of `cycle_length` at a time, in turn."""
        return flattening.InterleaveDataset(self, map_func, cycle_length, block_length)

    def scan(self, initial_state: Any, scan_func: Callable[..., Any], name: str | None = None) -> Dataset:
        """`scan_func(state, element)` gives the next state and an element; the elements."""
        return mapping.ScanDataset(self, initial_state, scan_func)

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements before the first of which `predicate` is false."""
        return mapping.TakeWhileDataset(self, predicate)

    def unique(self, name: str | None = None) -> Dataset:
        """Each element once, where it first comes. The elements must be single tensors of integers or strings."""
        return mapping.UniqueDataset(self)

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Pairs of a number, counted from `start`, and an element."""
        return mapping.enumerated(self, start)

    def ignore_errors(self, log_warning: bool = False, name: str | None = None) -> Dataset:
        """The elements that can be made without an error."""
        return mapping.IgnoreErrorsDataset(self, log_warning)

    # -- how many, in which order ---------------------------------------------------------------------------

    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """The dataset `count` times, without end for None or -1."""
        return ordering.RepeatDataset(self, count)

    def take(self, count: Any, name: str | None = None) -> Dataset:
        """At most the first `count` elements; all of them for -1."""
        return ordering.TakeDataset(self, count)

    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """The elements after the first `count`; none for -1."""
        return ordering.SkipDataset(self, count)

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Every `num_shards`-th element from number `index` on. Raises InvalidArgumentError for an index that is no shard's."""
        return ordering.ShardDataset(self, num_shards, index)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """These elements, then those of `dataset`, which must be of the same types."""
        return combining.ConcatenateDataset(self, dataset)

    def shuffle(
        self, buffer_size: Any, seed: Any = None, reshuffle_each_iteration: bool = True, name: str | None = None
    ) -> Dataset:
        """The elements in random order: each is drawn from a buffer of the next `buffer_size`.

        With a seed the order is TensorFlow's own. It is another one each time the dataset is gone through, unless
        `reshuffle_each_iteration` is False. Raises InvalidArgumentError for a buffer size that is not positive.
        """
        return shuffling.ShuffleDataset(self, buffer_size, seed, reshuffle_each_iteration)

    def cache(self, filename: Any = "", name: str | None = None) -> Dataset:
        """The elements as they came the first time, kept in memory or in a file."""
        return caching.make_cache(self, filename)

    def snapshot(
        self, path: str, compression: Any = "AUTO", reader_func: Any = None, shard_func: Any = None, name: str | None = None
    ) -> Dataset:
        """The elements as they came when the directory `path` was first written."""
        return storing.SnapshotDataset(self, path, compression, reader_func)

    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """The same elements; those that wait for files or Python are made ahead in a thread."""
        return prefetching.PrefetchDataset(self, buffer_size)

    def with_options(self, options: Any, name: str | None = None) -> Dataset:
        """The same elements, with options set."""
        return ordering.OptionsDataset(self, options)

    # -- together and apart ---------------------------------------------------------------------------------

    def batch(
        self, batch_size: Any, drop_remainder: bool = False, num_parallel_calls: Any = None, deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Elements stacked, `batch_size` at a time; the last batch may be smaller unless `drop_remainder`.

        Raises InvalidArgumentError where elements have different shapes: see `padded_batch`.
        """
        return batching.BatchDataset(self, batch_size, drop_remainder)

    def padded_batch(
        self, batch_size: Any, padded_shapes: Any = None, padding_values: Any = None, drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Batches of elements padded to one shape: the largest in the batch where `padded_shapes` has None or -1.

        >>> rows = tf.data.Dataset.range(1, 3).map(lambda n: tf.fill([n], n))
        >>> next(iter(rows.padded_batch(2))).numpy()
        array([[1, 0],
               [2, 2]])
        """
        return padding.PaddedBatchDataset(self, batch_size, padded_shapes, padding_values, drop_remainder)

    def ragged_batch(
        self, batch_size: Any, drop_remainder: bool = False, row_splits_dtype: Any = tf.int64, name: str | None = None
    ) -> Dataset:
        """Batches of elements of different sizes, as ragged tensors.

        >>> rows = tf.data.Dataset.range(1, 3).map(tf.range)
        >>> next(iter(rows.ragged_batch(2)))
        <tf.RaggedTensor [[0], [0, 1]]>
        """
        return composites.ragged_batch(self, batch_size, drop_remainder, tf.as_dtype(row_splits_dtype))

    def sparse_batch(self, batch_size: Any, row_shape: Any, name: str | None = None) -> Dataset:
        """Batches of tensors as sparse ones of rows `row_shape`."""
        from thalweg.data.experimental import dense_to_sparse_batch

        return self.apply(dense_to_sparse_batch(batch_size, row_shape))

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of each element, one by one."""
        return batching.UnbatchDataset(self)

    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Dataset:
        """Batches of other sizes: one, or a list of sizes that is gone through again and again."""
        return batching.RebatchDataset(self, batch_size, drop_remainder)

    def window(
        self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: bool = False, name: str | None = None
    ) -> Dataset:
        """Datasets of `size` elements each, the next one starting `shift` later, taking every `stride`-th element."""
        return grouping.WindowDataset(self, size, shift, stride, drop_remainder)

    def group_by_window(
        self, key_func: Callable[..., Any], reduce_func: Callable[..., Any], window_size: Any = None, window_size_func: Any = None,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """`reduce_func(key, dataset)` of `window_size` elements of one key at a time; its elements."""
        return grouping.GroupByWindowDataset(self, key_func, reduce_func, window_size, window_size_func)

    def bucket_by_sequence_length(
        self, element_length_func: Callable[..., Any], bucket_boundaries: Any, bucket_batch_sizes: Any, padded_shapes: Any = None,
        padding_values: Any = None, pad_to_bucket_boundary: bool = False, no_padding: bool = False, drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:  # fmt: skip
        """Padded batches of elements of about the same length: below, between and above `bucket_boundaries`."""
        return grouping.bucket_by_sequence_length(
            self, element_length_func, bucket_boundaries, bucket_batch_sizes, padded_shapes, padding_values,
            pad_to_bucket_boundary, no_padding, drop_remainder,
        )  # fmt: skip

    def rejection_resample(
        self, class_func: Callable[..., Any], target_dist: Any, initial_dist: Any = None, seed: Any = None, name: str | None = None
    ) -> Dataset:
        """Pairs of class and element, elements dropped (or repeated) so that classes come as often as `target_dist` says."""
        return sampling.rejection_resample(self, class_func, target_dist, initial_dist, seed)

    # -- TensorFlow 1 ---------------------------------------------------------------------------------------

    def make_one_shot_iterator(self) -> Any:
        """An iterator of the graph that needs no initializer: `tf.compat.v1.data.make_one_shot_iterator`."""
        from thalweg.data.graph_iterators import make_one_shot_iterator

        return make_one_shot_iterator(self)

    def make_initializable_iterator(self, shared_name: str | None = None) -> Any:
        """An iterator of the graph that its `initializer` starts: `tf.compat.v1.data.make_initializable_iterator`."""
        from thalweg.data.graph_iterators import make_initializable_iterator

        return make_initializable_iterator(self, shared_name)

    @property
    def output_types(self) -> Any:
        """The dtypes of the elements' parts."""
        return structure.map_structure(lambda s: s.dtype, self.element_spec)

    @property
    def output_shapes(self) -> Any:
        """The shapes of the elements' parts."""
        return structure.map_structure(lambda s: s.shape, self.element_spec)

    @property
    def output_classes(self) -> Any:
        """The classes of the elements' parts."""
        from thalweg.data.graph_iterators import output_classes

        return output_classes(self)

    # -- as arrays ------------------------------------------------------------------------------------------

    def _as_arrays(self) -> Any:
        """The dataset as arrays and an order of their rows (`rows.RowBatches`), for who takes rows himself; None if it is more."""
        from thalweg.data.rows import as_arrays

        return as_arrays(self)


def parameter(value: Any, what: str, dtype: Any = tf.int64) -> Any:
    """A whole number given to a transformation: an int, or a symbolic scalar."""
    if isinstance(value, SymbolicTensor):
        return value if value.dtype is dtype else tf.cast(value, dtype)
    if isinstance(value, EagerTensor):
        value = value.numpy()
    if hasattr(value, "_read") or hasattr(value, "read_value"):  # a variable
        value = tf.convert_to_tensor(value)
        return parameter(value, what, dtype)
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise TypeError(f"`{what}` must be a whole number, not {value!r}.")
    return int(value)


def static(value: Any) -> int | None:
    """The number, if it is known now."""
    return value if isinstance(value, int) else None


# These pages subclass Dataset, so they come after it.
from thalweg.data import (  # noqa: E402
    batching,
    caching,
    combining,
    composites,
    files,
    flattening,
    generators,
    grouping,
    mapping,
    ordering,
    padding,
    prefetching,
    sampling,
    shuffling,
    sources,
    storing,
)

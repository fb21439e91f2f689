"""TensorFlow 1's input pipelines of queues: `string_input_producer`, `batch`, `shuffle_batch` and their kin.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/batch
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.train.queue_runner import QueueRunner, add_queue_runner


def match_filenames_once(pattern: Any, name: str | None = None) -> Any:
    """A local variable of the names of files that match, found when it is initialized."""
    with tf.name_scope(name, "matching_filenames", [pattern]) as name:
        return tf.Variable(
            tf.io.matching_files(pattern), trainable=False, name=name, validate_shape=False,
            collections=[tf.GraphKeys.LOCAL_VARIABLES],
        )  # fmt: skip


def limit_epochs(tensor: Any, num_epochs: int | None = None, name: str | None = None) -> Any:
    """The tensor, `num_epochs` times, then OutOfRangeError. The count is a local variable, `epochs`."""
    if num_epochs is None:
        return tensor
    if num_epochs <= 0:
        raise ValueError(f"num_epochs must be > 0 not {num_epochs}.")
    with tf.name_scope(name, "input_producer", [tensor]) as name:
        epochs = tf.Variable(tf.constant(0, tf.int64), name="epochs", trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES])
        with tf.control_dependencies([epochs.count_up_to(num_epochs)]):
            return tf.identity(tensor, name=name)


# -- producers ------------------------------------------------------------------------------------------------


def input_producer(
    input_tensor: Any, element_shape: Any = None, num_epochs: int | None = None, shuffle: bool = True, seed: Any = None,
    capacity: int = 32, shared_name: Any = None, summary_name: str | None = None, name: str | None = None, cancel_op: Any = None,
) -> Any:  # fmt: skip
    """A queue of the rows of a tensor, again and again or `num_epochs` times, filled by a queue runner."""
    if tf.executing_eagerly():
        raise RuntimeError(
            "Input pipelines based on Queues are not supported when eager execution is enabled. Use tf.data instead."
        )
    with tf.name_scope(name, "input_producer", [input_tensor]):
        input_tensor = tf.convert_to_tensor(input_tensor, name="input_tensor")
        element_shape = input_tensor.shape[1:].merge_with(element_shape)
        if not element_shape.is_fully_defined():
            raise ValueError("Either `input_tensor` must have a fully defined shape or `element_shape` must be specified")
        if shuffle:
            input_tensor = tf.random_shuffle(input_tensor, seed=seed)
        input_tensor = limit_epochs(input_tensor, num_epochs)
        queue = tf.FIFOQueue(
            capacity, [input_tensor.dtype.base_dtype], [element_shape], shared_name=shared_name, name=name or "input_producer"
        )
        enqueue = queue.enqueue_many([input_tensor])
        add_queue_runner(QueueRunner(queue, [enqueue], cancel_op=cancel_op))
        if summary_name is not None:
            _summarize(queue, capacity, summary_name)
        return queue


def _summarize(queue: Any, capacity: int, name: str) -> None:
    """How full the queue is, as a summary."""
    tf.summary.scalar(name, tf.cast(queue.size(), tf.float32) * (1.0 / capacity))


def string_input_producer(
    string_tensor: Any, num_epochs: int | None = None, shuffle: bool = True, seed: Any = None, capacity: int = 32,
    shared_name: Any = None, name: str | None = None, cancel_op: Any = None,
) -> Any:  # fmt: skip
    """A queue of strings, names of files mostly, for a reader. Raises ValueError for an empty list."""
    if not tf.is_tensor(string_tensor) and hasattr(string_tensor, "__len__") and not len(string_tensor):
        raise ValueError("string_input_producer requires a non-null input tensor")
    with tf.name_scope(name, "input_producer", [string_tensor]) as name:
        strings = tf.convert_to_tensor(string_tensor, dtype=tf.string)
        return input_producer(
            strings, [], num_epochs, shuffle, seed, capacity, shared_name, f"fraction_of_{capacity}_full", name, cancel_op
        )


def range_input_producer(
    limit: Any, num_epochs: int | None = None, shuffle: bool = True, seed: Any = None, capacity: int = 32, shared_name: Any = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """A queue of the numbers below `limit`."""
    with tf.name_scope(name, "input_producer", [limit]) as name:
        return input_producer(
            tf.range(limit), [], num_epochs, shuffle, seed, capacity, shared_name, f"fraction_of_{capacity}_full", name
        )


def slice_input_producer(
    tensor_list: Any, num_epochs: int | None = None, shuffle: bool = True, seed: Any = None, capacity: int = 32,
    shared_name: Any = None, name: str | None = None,
) -> list[Any]:  # fmt: skip
    """A row of each tensor, the same row of all, another at each run."""
    with tf.name_scope(name, "input_producer", list(tensor_list)):
        if not tensor_list:
            raise ValueError("Expected at least one tensor in slice_input_producer().")
        tensors = [tf.convert_to_tensor(t) for t in tensor_list]
        rows = tensors[0].shape.as_list()[0] or tf.shape(tensors[0])[0]
        index = range_input_producer(rows, num_epochs, shuffle, seed, capacity, shared_name).dequeue()
        return [tf.gather(t, index) for t in tensors]


# -- batches --------------------------------------------------------------------------------------------------


class _Form:
    """The tensors of an example in order, and back: a tensor, a list or a dict of tensors."""

    def __init__(self, example: Any):
        self._alone = not isinstance(example, (list, tuple, Mapping))
        self._keys = sorted(example) if isinstance(example, Mapping) else None

    def flat(self, example: Any) -> list[Any]:
        parts = [example] if self._alone else [example[k] for k in self._keys] if self._keys is not None else list(example)
        return [tf.convert_to_tensor(t) for t in parts]

    def back(self, tensors: Any) -> Any:
        listed = list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]
        if self._keys is not None:
            return dict(zip(self._keys, listed))
        return listed[0] if self._alone else listed


def _shapes_of(examples: list[list[Any]], shapes: Any, enqueue_many: bool) -> list[Any]:
    if shapes is not None:
        if not isinstance(shapes, (list, tuple)) or (
            len(examples[0]) == 1 and not isinstance(shapes[0] if shapes else None, (list, tuple, tf.TensorShape))
        ):
            shapes = [shapes]
        return [tf.TensorShape(s) for s in shapes]
    found = []
    for column in zip(*examples):
        shape = column[0].shape
        for t in column[1:]:
            shape = shape.most_specific_compatible_shape(t.shape)
        found.append(shape[1:] if enqueue_many else shape)
    return found


def _enqueued(queue: Any, examples: list[list[Any]], threads: int, enqueue_many: bool, keep: Any) -> None:
    """Let a queue runner add the examples; where `keep` is given, those alone for which it is true."""

    def one(tensors: list[Any]) -> Any:
        if keep is None:
            return queue.enqueue_many(tensors) if enqueue_many else queue.enqueue(tensors)
        if enqueue_many:
            kept = tf.convert_to_tensor(keep)
            rows = tf.where(tf.broadcast_to(kept, tf.shape(tensors[0])[:1]))[:, 0]
            return queue.enqueue_many([tf.gather(t, rows) for t in tensors])
        return tf.cond(keep, lambda: tf.group(queue.enqueue(tensors)), tf.no_op)

    if len(examples) > 1:
        ops = [one(e) for e in examples]
    else:
        ops = [one(examples[0])] * threads
    add_queue_runner(QueueRunner(queue, ops))


def _batch(examples: Any, batch_size: Any, threads: int, capacity: int, enqueue_many: bool, shapes: Any, dynamic_pad: bool,
           fewer: bool, name: Any, keep: Any, default: str, shared_name: Any) -> Any:  # fmt: skip
    form = _Form(examples[0])
    flat = [form.flat(e) for e in examples]
    with tf.name_scope(name, default, flat[0]) as name:
        wanted = _shapes_of(flat, shapes, enqueue_many)
        kinds = [t.dtype.base_dtype for t in flat[0]]
        if dynamic_pad:
            queue = tf.PaddingFIFOQueue(capacity, kinds, wanted, shared_name=shared_name)
        else:
            _require_known(wanted)
            queue = tf.FIFOQueue(capacity, kinds, wanted, shared_name=shared_name)
        _enqueued(queue, flat, threads, enqueue_many, keep)
        _summarize(queue, capacity, f"fraction_of_{capacity}_full")
        take = queue.dequeue_up_to if fewer else queue.dequeue_many
        return form.back(take(batch_size, name=name))


def _require_known(shapes: list[Any]) -> None:
    for s in shapes:
        if not s.is_fully_defined():
            raise ValueError(
                f"All shapes must be fully defined: {shapes}. Call set_shape on the tensors, or batch with dynamic_pad=True."
            )


def batch(
    tensors: Any, batch_size: Any, num_threads: int = 1, capacity: int = 32, enqueue_many: bool = False, shapes: Any = None,
    dynamic_pad: bool = False, allow_smaller_final_batch: bool = False, shared_name: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """Batches of examples, in order (with one thread). `tensors` is a tensor, or a list or dict of them, and so is the result.

    With `enqueue_many` each row is an example. Run the graph's queue runners. Raises ValueError for shapes that are not known.
    """
    return _batch([tensors], batch_size, num_threads, capacity, enqueue_many, shapes, dynamic_pad, allow_smaller_final_batch, name,
                  None, "batch", shared_name)  # fmt: skip


def maybe_batch(
    tensors: Any, keep_input: Any, batch_size: Any, num_threads: int = 1, capacity: int = 32, enqueue_many: bool = False,
    shapes: Any = None, dynamic_pad: bool = False, allow_smaller_final_batch: bool = False, shared_name: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    """As `batch`, of the examples for which `keep_input` is true."""
    return _batch([tensors], batch_size, num_threads, capacity, enqueue_many, shapes, dynamic_pad, allow_smaller_final_batch, name,
                  keep_input, "batch", shared_name)  # fmt: skip


def batch_join(
    tensors_list: Any, batch_size: Any, capacity: int = 32, enqueue_many: bool = False, shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False, shared_name: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """As `batch`, of examples from several places, a thread for each."""
    return _batch(list(tensors_list), batch_size, 1, capacity, enqueue_many, shapes, dynamic_pad, allow_smaller_final_batch, name,
                  None, "batch_join", shared_name)  # fmt: skip


def maybe_batch_join(
    tensors_list: Any, keep_input: Any, batch_size: Any, capacity: int = 32, enqueue_many: bool = False, shapes: Any = None,
    dynamic_pad: bool = False, allow_smaller_final_batch: bool = False, shared_name: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    return _batch(list(tensors_list), batch_size, 1, capacity, enqueue_many, shapes, dynamic_pad, allow_smaller_final_batch, name,
                  keep_input, "batch_join", shared_name)  # fmt: skip


def _shuffled(examples: Any, batch_size: Any, capacity: int, spare: int, threads: int, seed: Any, enqueue_many: bool, shapes: Any,
              fewer: bool, name: Any, keep: Any, default: str, shared_name: Any) -> Any:  # fmt: skip
    form = _Form(examples[0])
    flat = [form.flat(e) for e in examples]
    with tf.name_scope(name, default, flat[0]) as name:
        wanted = _shapes_of(flat, shapes, enqueue_many)
        _require_known(wanted)
        kinds = [t.dtype.base_dtype for t in flat[0]]
        queue = tf.RandomShuffleQueue(capacity, spare, kinds, wanted, seed=seed, shared_name=shared_name)
        _enqueued(queue, flat, threads, enqueue_many, keep)
        full = tf.cast(tf.maximum(0, queue.size() - spare), tf.float32) * (1.0 / (capacity - spare))
        tf.summary.scalar(f"fraction_over_{spare}_of_{capacity - spare}_full", full)
        take = queue.dequeue_up_to if fewer else queue.dequeue_many
        return form.back(take(batch_size, name=name))


def shuffle_batch(
    tensors: Any, batch_size: Any, capacity: int, min_after_dequeue: int, num_threads: int = 1, seed: Any = None,
    enqueue_many: bool = False, shapes: Any = None, allow_smaller_final_batch: bool = False, shared_name: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    """As `batch`, in random order: a batch is drawn from at least `min_after_dequeue` examples."""
    return _shuffled([tensors], batch_size, capacity, min_after_dequeue, num_threads, seed, enqueue_many, shapes,
                     allow_smaller_final_batch, name, None, "shuffle_batch", shared_name)  # fmt: skip


def maybe_shuffle_batch(
    tensors: Any, batch_size: Any, capacity: int, min_after_dequeue: int, keep_input: Any, num_threads: int = 1, seed: Any = None,
    enqueue_many: bool = False, shapes: Any = None, allow_smaller_final_batch: bool = False, shared_name: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    return _shuffled([tensors], batch_size, capacity, min_after_dequeue, num_threads, seed, enqueue_many, shapes,
                     allow_smaller_final_batch, name, keep_input, "shuffle_batch", shared_name)  # fmt: skip


def shuffle_batch_join(
    tensors_list: Any, batch_size: Any, capacity: int, min_after_dequeue: int, seed: Any = None, enqueue_many: bool = False,
    shapes: Any = None, allow_smaller_final_batch: bool = False, shared_name: Any = None, name: Any = None,
) -> Any:  # fmt: skip
    """As `shuffle_batch`, of examples from several places, a thread for each."""
    return _shuffled(list(tensors_list), batch_size, capacity, min_after_dequeue, 1, seed, enqueue_many, shapes,
                     allow_smaller_final_batch, name, None, "shuffle_batch_join", shared_name)  # fmt: skip


def maybe_shuffle_batch_join(
    tensors_list: Any, batch_size: Any, capacity: int, min_after_dequeue: int, keep_input: Any, seed: Any = None,
    enqueue_many: bool = False, shapes: Any = None, allow_smaller_final_batch: bool = False, shared_name: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    return _shuffled(list(tensors_list), batch_size, capacity, min_after_dequeue, 1, seed, enqueue_many, shapes,
                     allow_smaller_final_batch, name, keep_input, "shuffle_batch_join", shared_name)  # fmt: skip

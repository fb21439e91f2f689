"""TensorFlow 1's queues and staging areas: places in a session that some steps fill and others empty.

Source: https://www.tensorflow.org/api_docs/python/tf/queue
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from thalweg.compat.v1.buffers import Buffer, PriorityBuffer, RandomBuffer
from thalweg.engine.core import context, convert, dtypes, errors
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.shape import SCALAR, TensorShape, as_shape
from thalweg.engine.execution.python_calls import HostOp, boxed
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.engine.ops.random_seed import get_seed
from thalweg.engine.ops.static import get_static_value

# -- ops ---------------------------------------------------------------------------------------------------------


def _own_buffer(attrs: dict[str, Any]) -> Cell:
    return Cell(dtypes.variant, SCALAR, "queue", attrs["make"]())


def _give_buffer(xp: Any, *, make: Any, state: Cell) -> Any:
    return (boxed(state.value),)


def _whole(array: Any) -> np.ndarray:
    """An element of one's own: what is fed may change afterwards."""
    return np.array(array)


def _enqueue(xp: Any, queue: Any, *values: Any) -> Any:
    queue.item().add([tuple(_whole(v) for v in values)])
    return ()


def _enqueue_many(xp: Any, queue: Any, *values: Any) -> Any:
    columns = [_whole(v) for v in values]
    counts = {len(c) for c in columns}
    if len(counts) > 1:
        raise errors.invalid(f"All components must have the same size in the 0th dimension, not {sorted(counts)}.")
    queue.item().add([tuple(np.asarray(c[i]) for c in columns) for i in range(counts.pop())])
    return ()


def _dequeue(xp: Any, queue: Any, *, specs: list[TensorSpec]) -> Any:
    return queue.item().take(1)[0]


def _stack(column: list[np.ndarray], spec: TensorSpec, pad: bool) -> np.ndarray:
    if pad and len({a.shape for a in column}) > 1:
        shape = np.max([a.shape for a in column], axis=0)
        fill: Any = b"" if spec.dtype is dtypes.string else 0
        whole = np.full((len(column), *shape), fill, spec.dtype.np_dtype)
        for i, a in enumerate(column):
            whole[(slice(i, i + 1), *[slice(n) for n in a.shape])] = a
        return whole
    if not column:
        return np.zeros((0, *[d or 0 for d in spec.shape.as_list()[1:]]), spec.dtype.np_dtype)
    return np.stack(column)


def _dequeue_many(xp: Any, queue: Any, count: Any, *, specs: list[TensorSpec], pad: bool, fewer: bool) -> Any:
    elements = queue.item().take(int(count), fewer)
    columns = zip(*elements) if elements else [[] for _ in specs]
    return tuple(_stack(list(c), s, pad) for c, s in zip(columns, specs))


def _close(xp: Any, queue: Any, *, cancel: bool) -> Any:
    queue.item().close(cancel)
    return ()


_HANDLE = [TensorSpec([], dtypes.variant)]
_COUNT = [TensorSpec([], dtypes.int32)]
_ANSWER = [TensorSpec([], dtypes.bool)]


def _specs_of(attrs: dict[str, Any]) -> list[TensorSpec]:
    return attrs["specs"]


def _queue_op(name: str) -> HostOp:
    record = HostOp(_give_buffer, name, lambda attrs: _HANDLE)
    record.own_state = _own_buffer
    return record


fifo_op, random_op, padding_op, priority_op, stage_op = (
    _queue_op(n) for n in ("FIFOQueueV2", "RandomShuffleQueueV2", "PaddingFIFOQueueV2", "PriorityQueueV2", "Stage")
)
enqueue_op = HostOp(_enqueue, "QueueEnqueueV2", lambda attrs: [])
enqueue_many_op = HostOp(_enqueue_many, "QueueEnqueueManyV2", lambda attrs: [])
dequeue_op = HostOp(_dequeue, "QueueDequeueV2", _specs_of)
dequeue_many_op = HostOp(_dequeue_many, "QueueDequeueManyV2", _specs_of)
dequeue_up_to_op = HostOp(_dequeue_many, "QueueDequeueUpToV2", _specs_of)
close_op = HostOp(_close, "QueueCloseV2", lambda attrs: [])
size_op = HostOp(lambda xp, queue: (np.array(queue.item().size(), np.int32),), "QueueSizeV2", lambda attrs: _COUNT)
closed_op = HostOp(lambda xp, queue: (np.array(queue.item().closed),), "QueueIsClosedV2", lambda attrs: _ANSWER)
peek_op = HostOp(lambda xp, area, index, *, specs: area.item()._items[int(index)], "StagePeek", _specs_of)
clear_op = HostOp(lambda xp, area: area.item()._items.clear() or (), "StageClear", lambda attrs: [])


# -- queues ------------------------------------------------------------------------------------------------------


class QueueBase:
    """A queue in the graph: elements of one or several tensors. Each session has its own."""

    def __init__(self, dtypes_: Any, shapes: Any, names: Any, queue_ref: Any):
        self._dtypes = [dtypes.as_dtype(t) for t in dtypes_]
        if shapes is not None and len(shapes) != len(self._dtypes):
            raise ValueError(f"Queue shapes must have the same length as dtypes: {len(shapes)} and {len(self._dtypes)}.")
        self._shapes = [TensorShape(None)] * len(self._dtypes) if shapes is None else [as_shape(s) for s in shapes]
        self._given_shapes = shapes is not None
        if names is not None and len(names) != len(self._dtypes):
            raise ValueError("Queue names must have the same length as dtypes.")
        self._names = None if not names else list(names)
        self._queue_ref = queue_ref
        self._name = queue_ref.op.name.split("/")[-1]

    queue_ref = property(lambda self: self._queue_ref)
    name = property(lambda self: self._queue_ref.op.name)
    dtypes = property(lambda self: self._dtypes)
    shapes = property(lambda self: self._shapes)
    names = property(lambda self: self._names)
    _pads = False

    @staticmethod
    def from_list(index: Any, queues: Any) -> QueueBase:
        """The queue of an index that is known as the graph is built. Raises ValueError for one that is not."""
        if not queues or any(not isinstance(q, QueueBase) for q in queues):
            raise TypeError("A list of queues expected")
        known = index if isinstance(index, int) else get_static_value(index)
        if known is None:
            raise ValueError("QueueBase.from_list needs an index that is known while the graph is built.")
        return queues[int(known)]

    # -- elements -----------------------------------------------------------------------------------------

    def _flat(self, vals: Any) -> list[Any]:
        """The tensors of an element, in order. Raises ValueError where names or numbers do not fit."""
        if isinstance(vals, Mapping):
            if self._names is None:
                raise ValueError("Queue must have names to enqueue a dictionary")
            if sorted(self._names) != sorted(vals):
                raise ValueError(f"Keys in dictionary to enqueue do not match names of Queue.  Dictionary: {sorted(vals)}, Queue: "
                                 f"{sorted(self._names)}")  # fmt: skip
            vals = [vals[k] for k in self._names]
        else:
            if self._names is not None:
                raise ValueError("You must enqueue a dictionary in a Queue with names")
            if not isinstance(vals, (list, tuple)):
                vals = [vals]
        if len(vals) != len(self._dtypes):
            raise ValueError(f"The queue's elements have {len(self._dtypes)} components, but {len(vals)} are given.")
        return [convert.convert_to_tensor(v, dtype=t, name=f"component_{i}") for i, (v, t) in enumerate(zip(vals, self._dtypes))]

    def _named(self, tensors: Any) -> Any:
        if self._names is not None:
            return dict(zip(self._names, tensors))
        return tensors[0] if len(tensors) == 1 else list(tensors)

    def _building(self) -> Any:
        return context.building(local.graph if local.graph is not None else self._queue_ref.graph)

    def _op_name(self, name: Any, what: str) -> str:
        return name or f"{self._name}_{what}"

    # -- operations ---------------------------------------------------------------------------------------

    def enqueue(self, vals: Any, name: Any = None) -> Any:
        """An operation that adds an element; it waits while the queue is full. CancelledError once it is closed."""
        with self._building(), self._scope(name, "enqueue") as scope:
            flat = self._flat(vals)
            for v, s in zip(flat, self._shapes):
                v.shape.assert_is_compatible_with(s)
            return enqueue_op(self._queue_ref, *flat, name=scope)

    def enqueue_many(self, vals: Any, name: Any = None) -> Any:
        """An operation that adds an element for each row of the tensors."""
        with self._building(), self._scope(name, "EnqueueMany") as scope:
            flat = self._flat(vals)
            for v, s in zip(flat, self._shapes):
                v.shape[1:].assert_is_compatible_with(s)
            return enqueue_many_op(self._queue_ref, *flat, name=scope)

    def _scope(self, name: Any, what: str) -> Any:
        return name_scope(name, self._op_name(None, what))

    def dequeue(self, name: Any = None) -> Any:
        """An element; waits while there is none. OutOfRangeError when the queue is closed and empty."""
        specs = [TensorSpec(s, t) for s, t in zip(self._shapes, self._dtypes)]
        with self._building():
            return self._named(dequeue_op(self._queue_ref, specs=specs, name=self._op_name(name, "Dequeue")))

    def _several(self, record: HostOp, n: Any, name: str, fewer: bool) -> Any:
        if not self._given_shapes:
            raise ValueError(
                f"{type(self).__name__}'s DequeueMany and DequeueUpTo require the components to have specified shapes."
            )
        known = n if isinstance(n, int) else get_static_value(n)
        rows = None if fewer or known is None else int(known)
        specs = [TensorSpec(TensorShape([rows]).concatenate(s), t) for s, t in zip(self._shapes, self._dtypes)]
        with self._building():
            made = record(self._queue_ref, n, specs=specs, pad=self._pads, fewer=fewer, name=name)
            return self._named(made)

    def dequeue_many(self, n: Any, name: Any = None) -> Any:
        """`n` elements, stacked. OutOfRangeError when the queue is closed and has too few."""
        return self._several(dequeue_many_op, n, self._op_name(name, "DequeueMany"), False)

    def dequeue_up_to(self, n: Any, name: Any = None) -> Any:
        """`n` elements, stacked; those that are left when the queue is closed."""
        return self._several(dequeue_up_to_op, n, self._op_name(name, "DequeueUpTo"), True)

    def close(self, cancel_pending_enqueues: bool = False, name: Any = None) -> Any:
        """An operation that closes the queue: nothing can be added any more."""
        with self._building():
            return close_op(self._queue_ref, cancel=cancel_pending_enqueues, name=self._op_name(name, "Close"))

    def is_closed(self, name: Any = None) -> Any:
        with self._building():
            return closed_op(self._queue_ref, name=self._op_name(name, "is_closed"))[0]

    def size(self, name: Any = None) -> Any:
        """How many elements there are."""
        with self._building():
            return size_op(self._queue_ref, name=self._op_name(name, "Size"))[0]


def _listed(x: Any) -> list[Any]:
    return list(x) if isinstance(x, (list, tuple)) else [x]


def _shapes(shapes: Any, count: int) -> Any:
    if shapes is None:
        return None
    if isinstance(shapes, TensorShape) or not isinstance(shapes, (list, tuple)):
        return [shapes]
    if count == 1 and (not shapes or not isinstance(shapes[0], (list, tuple, TensorShape))):
        return [shapes]
    return list(shapes)


def _made(record: HostOp, make: Any, name: str) -> Any:
    if local.graph is None:
        raise RuntimeError("Queues are not supported when ops run at once: use tf.data, or build a tf.Graph.")
    return record(make=make, name=name)[0]


class FIFOQueue(QueueBase):
    """Elements leave in the order in which they came.

    >>> v1 = tf.compat.v1
    >>> with tf.Graph().as_default(), v1.Session() as session:
    ...     queue = v1.FIFOQueue(3, tf.int32)
    ...     session.run(queue.enqueue_many([[1, 2, 3]]))
    ...     int(session.run(queue.dequeue()))
    1
    """

    def __init__(self, capacity: int, dtypes: Any, shapes: Any = None, names: Any = None, shared_name: Any = None,
                 name: str = "fifo_queue"):  # fmt: skip
        kinds = _listed(dtypes)
        ref = _made(fifo_op, lambda: Buffer(capacity, name), name)
        super().__init__(kinds, _shapes(shapes, len(kinds)), names and _listed(names), ref)


class RandomShuffleQueue(QueueBase):
    """Elements leave in random order; `min_after_dequeue` remain while it is open."""

    def __init__(self, capacity: int, min_after_dequeue: int, dtypes: Any, shapes: Any = None, names: Any = None, seed: Any = None,
                 shared_name: Any = None, name: str = "random_shuffle_queue"):  # fmt: skip
        kinds = _listed(dtypes)
        first, second = get_seed(seed)
        seeds = (first or 0, second or 0)
        ref = _made(random_op, lambda: RandomBuffer(capacity, name, min_after_dequeue, seeds), name)
        super().__init__(kinds, _shapes(shapes, len(kinds)), names and _listed(names), ref)


class PaddingFIFOQueue(QueueBase):
    """As FIFOQueue; elements of several sizes are padded with zeros by `dequeue_many`."""

    _pads = True

    def __init__(self, capacity: int, dtypes: Any, shapes: Any, names: Any = None, shared_name: Any = None,
                 name: str = "padding_fifo_queue"):  # fmt: skip
        kinds = _listed(dtypes)
        ref = _made(padding_op, lambda: Buffer(capacity, name), name)
        super().__init__(kinds, _shapes(shapes, len(kinds)), names and _listed(names), ref)


class PriorityQueue(QueueBase):
    """The element of least priority first. The priority, an int64, is the first component."""

    def __init__(self, capacity: int, types: Any, shapes: Any = None, names: Any = None, shared_name: Any = None,
                 name: str = "priority_queue"):  # fmt: skip
        kinds = [dtypes.int64, *_listed(types)]
        given = None if shapes is None else [[], *_shapes(shapes, len(kinds) - 1)]
        ref = _made(priority_op, lambda: PriorityBuffer(capacity, name), name)
        super().__init__(kinds, given, names and ["priority", *_listed(names)], ref)


class StagingArea(QueueBase):
    """A place for elements on their way: `put` and `get`. Without `capacity` it takes any number."""

    def __init__(self, dtypes: Any, shapes: Any = None, names: Any = None, shared_name: Any = None, capacity: int = 0,
                 memory_limit: int = 0):  # fmt: skip
        kinds = _listed(dtypes)
        ref = _made(stage_op, lambda: Buffer(capacity, "staging_area"), "StagingArea")
        super().__init__(kinds, _shapes(shapes, len(kinds)), names and _listed(names), ref)

    def put(self, values: Any, name: Any = None) -> Any:
        """An operation that adds an element."""
        return self.enqueue(values, name)

    def get(self, name: Any = None) -> Any:
        """The oldest element, taken out: a list, or a dict where there are names."""
        found = self.dequeue(name)
        return found if isinstance(found, (list, dict)) else [found]

    def peek(self, index: Any, name: Any = None) -> Any:
        """An element, left where it is."""
        specs = [TensorSpec(s, t) for s, t in zip(self._shapes, self._dtypes)]
        with self._building():
            found = self._named(peek_op(self._queue_ref, index, specs=specs, name=name))
        return found if isinstance(found, (list, dict)) else [found]

    def clear(self, name: Any = None) -> Any:
        """An operation that empties the area."""
        with self._building():
            return clear_op(self._queue_ref, name=name)


__all__ = ["FIFOQueue", "PaddingFIFOQueue", "PriorityQueue", "QueueBase", "RandomShuffleQueue"]

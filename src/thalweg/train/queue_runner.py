"""`tf.train.QueueRunner`: threads that fill a queue. `start_queue_runners` starts all of a graph's.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/QueueRunner
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from typing import Any

from thalweg.engine.core import errors
from thalweg.engine.core.graph import default_session, get_default_graph

QUEUE_RUNNERS = "queue_runners"


class QueueRunner:
    """A thread for each of `enqueue_ops`, which runs it until the coordinator stops or the data ends; then closes the queue."""

    def __init__(
        self, queue: Any = None, enqueue_ops: Any = None, close_op: Any = None, cancel_op: Any = None,
        queue_closed_exception_types: Any = None, queue_runner_def: Any = None, import_scope: Any = None,
    ):  # fmt: skip
        if queue is None or not enqueue_ops:
            raise ValueError("Must provide queue and enqueue_ops.")
        self._queue, self._enqueue_ops = queue, list(enqueue_ops)
        self._close_op = close_op if close_op is not None else queue.close()
        self._cancel_op = cancel_op if cancel_op is not None else queue.close(cancel_pending_enqueues=True)
        self._ended = tuple(queue_closed_exception_types or (errors.OutOfRangeError,))
        self._lock = threading.Lock()
        self._running: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._raised: list[BaseException] = []

    queue = property(lambda self: self._queue)
    enqueue_ops = property(lambda self: self._enqueue_ops)
    close_op = property(lambda self: self._close_op)
    cancel_op = property(lambda self: self._cancel_op)
    queue_closed_exception_types = property(lambda self: self._ended)
    exceptions_raised = property(lambda self: list(self._raised))

    @property
    def name(self) -> str:
        return self._queue.name

    def _fill(self, session: Any, op: Any, coord: Any) -> None:
        counted = False
        try:
            while not (coord and coord.should_stop()):
                try:
                    session.run(op)
                except self._ended:
                    with self._lock:
                        self._running[session] -= 1
                        counted = True
                        if not self._running[session]:
                            session.run(self._close_op)
                    return
        except Exception as error:
            if coord and not (isinstance(error, errors.CancelledError) and coord.should_stop()):
                coord.request_stop(error)
            elif not coord:
                with self._lock:
                    self._raised.append(error)
        finally:
            if not counted:
                with self._lock:
                    self._running[session] -= 1

    def _cancel_on_stop(self, session: Any, coord: Any) -> None:
        coord.wait_for_stop()
        with contextlib.suppress(Exception):  # the session may be closed by now
            session.run(self._cancel_op)

    def create_threads(self, sess: Any, coord: Any = None, daemon: bool = False, start: bool = False) -> list[threading.Thread]:
        """The threads, for a session. None if they run already."""
        with self._lock:
            if self._running.get(sess, 0) > 0:
                return []
            self._running[sess] = len(self._enqueue_ops)
            self._raised = []
        made = [threading.Thread(target=self._fill, args=(sess, op, coord), name=f"QueueRunnerThread-{self.name}-{op.name}")
                for op in self._enqueue_ops]  # fmt: skip
        if coord:
            made.append(
                threading.Thread(target=self._cancel_on_stop, args=(sess, coord), name=f"QueueRunnerThread-{self.name}-close")
            )
        for t in made:
            if coord:
                coord.register_thread(t)
            t.daemon = daemon
            if start:
                t.start()
        return made


def add_queue_runner(qr: QueueRunner, collection: str = QUEUE_RUNNERS) -> None:
    """Note a runner for `start_queue_runners`."""
    get_default_graph().add_to_collection(collection, qr)


def start_queue_runners(
    sess: Any = None, coord: Any = None, daemon: bool = True, start: bool = True, collection: str = QUEUE_RUNNERS
) -> list[threading.Thread]:
    """Start the threads of all the graph's queue runners. Raises ValueError without a session, TypeError for what is none."""
    if sess is None:
        sess = default_session()
        if sess is None:
            raise ValueError("Cannot start queue runners: No default session is registered. Use `with sess.as_default()` or pass "
                             "an explicit session to tf.start_queue_runners(sess=sess)")  # fmt: skip
    if not hasattr(sess, "run") or not hasattr(sess, "graph"):
        raise TypeError(f"sess must be a `tf.Session` object. Given class: {type(sess)}")
    threads: list[threading.Thread] = []
    with sess.graph.as_default():
        for runner in sess.graph.get_collection(collection):
            threads += runner.create_threads(sess, coord=coord, daemon=daemon, start=start)
    return threads

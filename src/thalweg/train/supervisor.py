"""`tf.train.Supervisor`: the first form of a managed training session.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/Supervisor
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.train.coordinator import LooperThread
from thalweg.train.monitored import SessionManager


class Supervisor:
    """Initializes or restores a session, saves checkpoints and summaries in the background, starts the queue runners.

    `with sv.managed_session() as session: while not sv.should_stop(): ...`
    """

    USE_DEFAULT: Any = 0

    def __init__(
        self, graph: Any = None, ready_op: Any = USE_DEFAULT, ready_for_local_init_op: Any = USE_DEFAULT, is_chief: bool = True,
        init_op: Any = USE_DEFAULT, init_feed_dict: Any = None, local_init_op: Any = USE_DEFAULT, logdir: Any = None,
        summary_op: Any = USE_DEFAULT, saver: Any = USE_DEFAULT, global_step: Any = USE_DEFAULT, save_summaries_secs: float = 120,
        save_model_secs: float = 600, recovery_wait_secs: float = 30, stop_grace_secs: float = 120,
        checkpoint_basename: str = "model.ckpt", session_manager: Any = None, summary_writer: Any = USE_DEFAULT,
        init_fn: Any = None,
        local_init_run_options: Any = None,
    ):  # fmt: skip
        self._graph = graph or tf.get_default_graph()
        default = self.USE_DEFAULT
        self._logdir = None if logdir is None else os.fspath(logdir)
        with self._graph.as_default():
            self._init_op = tf.global_variables_initializer() if init_op is default else init_op
            self._local_init_op = (
                tf.group(tf.local_variables_initializer(), *tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS))
                if local_init_op is default else local_init_op
            )  # fmt: skip
            self._ready_op = tf.report_uninitialized_variables() if ready_op is default else ready_op
            self._summary_op = tf.summary.merge_all() if summary_op is default else summary_op
            if saver is default:
                saver = tf.train.Saver() if tf.global_variables() else None
            self._saver = saver
            self._global_step = tf.train.get_global_step() if global_step is default else global_step
        self._init_feeds, self._init_fn, self._grace = init_feed_dict, init_fn, stop_grace_secs
        self._save_summaries_secs, self._save_model_secs = save_summaries_secs, save_model_secs
        self._save_path = None if self._logdir is None else os.path.join(self._logdir, checkpoint_basename)
        if summary_writer is default:
            summary_writer = None if self._logdir is None else tf.summary.FileWriter(self._logdir)
        self._writer = summary_writer
        self._manager = session_manager or SessionManager(self._local_init_op, self._ready_op, graph=self._graph)
        self._coord = tf.train.Coordinator()
        self._threads: list[Any] = []
        self._graph.finalize()

    coord = property(lambda self: self._coord)
    init_op = property(lambda self: self._init_op)
    init_feed_dict = property(lambda self: self._init_feeds)
    ready_op = property(lambda self: self._ready_op)
    summary_op = property(lambda self: self._summary_op)
    summary_writer = property(lambda self: self._writer)
    saver = property(lambda self: self._saver)
    global_step = property(lambda self: self._global_step)
    save_path = property(lambda self: self._save_path)
    session_manager = property(lambda self: self._manager)
    is_chief = property(lambda self: True)

    def prepare_or_wait_for_session(
        self, master: str = "", config: Any = None, wait_for_checkpoint: bool = False, max_wait_secs: int = 7200,
        start_standard_services: bool = True,
    ) -> Any:  # fmt: skip
        """A session that is ready; the services run."""
        self._coord.clear_stop()
        session = self._manager.prepare_session(
            master, self._init_op, self._saver, self._logdir, config=config, init_feed_dict=self._init_feeds, init_fn=self._init_fn
        )
        if start_standard_services:
            self.start_standard_services(session)
        self.start_queue_runners(session)
        return session

    PrepareSession = prepare_or_wait_for_session

    def start_standard_services(self, sess: Any) -> list[Any]:
        """Threads that save the model and the summaries."""
        started = []
        if self._writer is not None and self._save_summaries_secs and self._summary_op is not None:
            started.append(LooperThread.loop(self._coord, self._save_summaries_secs, self.summary_computed_now, (sess,)))
        if self._saver is not None and self._save_path and self._save_model_secs:
            started.append(LooperThread.loop(self._coord, self._save_model_secs, self._save, (sess,)))
        self._threads += started
        return started

    def summary_computed_now(self, sess: Any) -> None:
        """Compute and write the summaries."""
        self.summary_computed(sess, sess.run(self._summary_op))

    def _save(self, session: Any) -> None:
        os.makedirs(self._logdir or ".", exist_ok=True)
        self._saver.save(session, self._save_path, global_step=self._global_step)

    def start_queue_runners(self, sess: Any, queue_runners: Any = None) -> list[Any]:
        runners = self._graph.get_collection(tf.GraphKeys.QUEUE_RUNNERS) if queue_runners is None else queue_runners
        started = [t for r in runners for t in r.create_threads(sess, coord=self._coord, daemon=True, start=True)]
        self._threads += started
        return started

    def summary_computed(self, sess: Any, summary: Any, global_step: Any = None) -> None:
        """Write a summary. Raises RuntimeError without a writer."""
        if self._writer is None:
            raise RuntimeError("Writing a summary requires a summary writer.")
        if global_step is None and self._global_step is not None:
            global_step = int(sess.run(self._global_step))
        self._writer.add_summary(summary, global_step)

    def loop(self, timer_interval_secs: float | None, target: Any, args: Any = None, kwargs: Any = None) -> Any:
        """A thread that calls `target` every so many seconds."""
        looper = LooperThread.loop(self._coord, timer_interval_secs, target, args, kwargs)
        self._threads.append(looper)
        return looper

    def should_stop(self) -> bool:
        return self._coord.should_stop()

    def request_stop(self, ex: Any = None) -> None:
        self._coord.request_stop(ex)

    def stop_on_exception(self) -> Any:
        return self._coord.stop_on_exception()

    def wait_for_stop(self) -> None:
        self._coord.wait_for_stop()

    def stop(self, threads: Any = None, close_summary_writer: bool = True, ignore_live_threads: bool = False) -> None:
        """Stop the services, and save once more."""
        self._coord.request_stop()
        try:
            self._coord.join([*self._threads, *(threads or [])], self._grace, ignore_live_threads=ignore_live_threads)
        finally:
            if close_summary_writer and self._writer is not None:
                self._writer.close()
            self._threads = []

    @contextlib.contextmanager
    def managed_session(
        self, master: str = "", config: Any = None, start_standard_services: bool = True, close_summary_writer: bool = True
    ) -> Iterator[Any]:
        """A context with a session that is ready; at its end the services stop. An OutOfRangeError ends it quietly."""
        session = self.prepare_or_wait_for_session(master, config, start_standard_services=start_standard_services)
        try:
            with session.as_default(), self._graph.as_default():
                yield session
        except Exception as error:
            self._coord.request_stop(error)
        finally:
            try:
                if start_standard_services and self._saver is not None and self._save_path and not self._coord._error:
                    self._save(session)
                self.stop(close_summary_writer=close_summary_writer, ignore_live_threads=True)
            finally:
                session.close()

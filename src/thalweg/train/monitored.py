"""Monitored sessions: sessions that initialize, restore, run hooks and queue runners, and save.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/MonitoredTrainingSession
"""

from __future__ import annotations

import os
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.train.hooks import (
    CheckpointSaverHook,
    SessionRunArgs,
    SessionRunContext,
    SessionRunValues,
    StepCounterHook,
    SummarySaverHook,
)

_UNSET: Any = object()


def _collected(key: str, make: Any) -> Any:
    """What the collection holds, or what `make` gives, then kept there. Raises RuntimeError for more than one."""
    found = tf.get_collection(key)
    if len(found) > 1:
        raise RuntimeError(f"More than one item in the collection {key!r}. Please indicate which one to use by passing it to the "
                           "tf.train.Scaffold constructor.")  # fmt: skip
    if found and found[0] is not None:
        return found[0]
    made = make()
    if made is not None:
        tf.add_to_collection(key, made)
    return made


class Scaffold:
    """The operations that a training session needs; those that are not given are made when it starts."""

    def __init__(
        self, init_op: Any = None, init_feed_dict: Any = None, init_fn: Any = None, ready_op: Any = None,
        ready_for_local_init_op: Any = None, local_init_op: Any = None, summary_op: Any = None, saver: Any = None,
        copy_from_scaffold: Any = None, local_init_feed_dict: Any = None,
    ):  # fmt: skip
        self._init_op, self._init_feed_dict, self._user_init_fn = init_op, init_feed_dict, init_fn
        self._ready_op, self._ready_for_local, self._local_init_op = ready_op, ready_for_local_init_op, local_init_op
        self._summary_op, self._saver, self._local_feeds = summary_op, saver, local_init_feed_dict
        if copy_from_scaffold is not None:
            self.__dict__.update({k: v for k, v in copy_from_scaffold.__dict__.items() if self.__dict__.get(k) is None})

    def finalize(self) -> Scaffold:
        """Make what is missing, and finish the graph."""
        keys = tf.GraphKeys
        if self._init_op is None:
            self._init_op = _collected(keys.INIT_OP, lambda: tf.group(tf.global_variables_initializer(), *_shared_resources()))
        if self._ready_op is None:
            self._ready_op = _collected(keys.READY_OP, tf.report_uninitialized_variables)
        if self._ready_for_local is None:
            self._ready_for_local = _collected(
                keys.READY_FOR_LOCAL_INIT_OP, lambda: tf.report_uninitialized_variables(tf.global_variables())
            )
        if self._local_init_op is None:
            self._local_init_op = _collected(keys.LOCAL_INIT_OP, self.default_local_init_op)
        if self._summary_op is None:
            self._summary_op = _collected(keys.SUMMARY_OP, tf.summary.merge_all)
        if self._saver is None:
            self._saver = _collected(keys.SAVERS, lambda: tf.train.Saver(allow_empty=True))
        self._saver.build()
        tf.get_default_graph().finalize()
        return self

    @staticmethod
    def default_local_init_op() -> Any:
        """Initializes local variables and tables."""
        return tf.group(tf.local_variables_initializer(), *tf.get_collection(tf.GraphKeys.TABLE_INITIALIZERS))

    init_op = property(lambda self: self._init_op)
    init_feed_dict = property(lambda self: self._init_feed_dict)
    ready_op = property(lambda self: self._ready_op)
    ready_for_local_init_op = property(lambda self: self._ready_for_local)
    local_init_op = property(lambda self: self._local_init_op)
    local_init_feed_dict = property(lambda self: self._local_feeds)
    summary_op = property(lambda self: self._summary_op)
    saver = property(lambda self: self._saver)

    @property
    def init_fn(self) -> Any:
        return None if self._user_init_fn is None else lambda session: self._user_init_fn(self, session)


def _shared_resources() -> list[Any]:
    return []


# -- starting -------------------------------------------------------------------------------------------------


class SessionManager:
    """Prepares sessions: restores a checkpoint, or initializes."""

    def __init__(
        self, local_init_op: Any = None, ready_op: Any = None, ready_for_local_init_op: Any = None, graph: Any = None,
        recovery_wait_secs: float = 30, local_init_run_options: Any = None, local_init_feed_dict: Any = None,
    ):  # fmt: skip
        self._local_init_op, self._ready_op, self._graph = local_init_op, ready_op, graph or tf.get_default_graph()
        self._local_feeds = local_init_feed_dict

    def _restored(self, session: Any, saver: Any, folder: Any, path: Any) -> bool:
        latest = path or (tf.train.latest_checkpoint(folder) if folder else None)
        if saver is None or not latest:
            return False
        saver.restore(session, latest)
        return True

    def prepare_session(
        self, master: str = "", init_op: Any = None, saver: Any = None, checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None, wait_for_checkpoint: bool = False, max_wait_secs: int = 7200, config: Any = None,
        init_feed_dict: Any = None, init_fn: Any = None,
    ) -> Any:  # fmt: skip
        """A session whose variables have values. Raises RuntimeError if some have none."""
        session = tf.Session(master, graph=self._graph, config=config)
        if not self._restored(session, saver, checkpoint_dir, checkpoint_filename_with_path):
            if init_op is None and not init_fn and self._local_init_op is None:
                raise RuntimeError("Model is not initialized and no init_op or init_fn or local_init_op was given")
            if init_op is not None:
                session.run(init_op, feed_dict=init_feed_dict)
            if init_fn:
                init_fn(session)
        if self._local_init_op is not None:
            session.run(self._local_init_op, feed_dict=self._local_feeds)
        if self._ready_op is not None:
            missing = session.run(self._ready_op)
            if missing is not None and len(missing):
                names = ", ".join(n.decode() for n in missing[:10])
                raise RuntimeError(f"Init operations did not make model ready. Variables not initialized: {names}")
        return session

    def recover_session(self, master: str = "", saver: Any = None, checkpoint_dir: Any = None,
                        checkpoint_filename_with_path: Any = None, wait_for_checkpoint: bool = False, max_wait_secs: int = 7200,
                        config: Any = None) -> tuple[Any, bool]:  # fmt: skip
        """A session, and whether a checkpoint was restored."""
        session = tf.Session(master, graph=self._graph, config=config)
        found = self._restored(session, saver, checkpoint_dir, checkpoint_filename_with_path)
        if found and self._local_init_op is not None:
            session.run(self._local_init_op, feed_dict=self._local_feeds)
        return session, found

    def wait_for_session(self, master: str = "", config: Any = None, max_wait_secs: float = float("inf")) -> Any:
        return tf.Session(master, graph=self._graph, config=config)


class SessionCreator:
    """Makes sessions."""

    def create_session(self) -> Any:
        raise NotImplementedError


class ChiefSessionCreator(SessionCreator):
    """Makes sessions that are initialized or restored."""

    def __init__(
        self, scaffold: Any = None, master: str = "", config: Any = None, checkpoint_dir: Any = None,
        checkpoint_filename_with_path: Any = None,
    ):  # fmt: skip
        self._scaffold, self._master, self._config = scaffold or Scaffold(), master, config
        self._dir, self._path = checkpoint_dir, checkpoint_filename_with_path

    def create_session(self) -> Any:
        s = self._scaffold.finalize()
        manager = SessionManager(
            s.local_init_op, s.ready_op, s.ready_for_local_init_op, local_init_feed_dict=s.local_init_feed_dict
        )
        return manager.prepare_session(
            self._master, s.init_op, s.saver, self._dir, self._path, config=self._config, init_feed_dict=s.init_feed_dict,
            init_fn=s.init_fn,
        )  # fmt: skip


WorkerSessionCreator = ChiefSessionCreator


# -- running --------------------------------------------------------------------------------------------------


class MonitoredSession:
    """A session with hooks: `while not session.should_stop(): session.run(train_op)`.

    Starts the queue runners. An OutOfRangeError ends the loop quietly; any other exception is raised, once all is closed.
    """

    StepContext: Any = None

    def __init__(self, session_creator: Any = None, hooks: Any = None, stop_grace_period_secs: float = 120):
        self._hooks, self._grace = list(hooks or []), stop_grace_period_secs
        self._graph_context = tf.get_default_graph().as_default()
        creator = session_creator or ChiefSessionCreator()
        for hook in self._hooks:
            hook.begin()
        self._session: Any = creator.create_session()
        self._coordinator = tf.train.Coordinator()
        self._threads = tf.train.start_queue_runners(self._session, self._coordinator)
        self._stopped = False
        for hook in self._hooks:
            hook.after_create_session(self._session, self._coordinator)

    @property
    def graph(self) -> Any:
        return None if self._session is None else self._session.graph

    def raw_session(self) -> Any:
        """The session itself."""
        return self._session

    def should_stop(self) -> bool:
        return self._session is None or self._stopped or self._coordinator.should_stop()

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """As `Session.run`, with the hooks around it. Raises RuntimeError when the session is closed."""
        if self._session is None:
            raise RuntimeError("Run called even after should_stop requested.")
        context = SessionRunContext(SessionRunArgs(fetches, feed_dict), self._session)
        feeds, wanted = dict(feed_dict or {}), {}
        for hook in self._hooks:
            request = hook.before_run(context)
            if request is not None:
                if request.fetches is not None:
                    wanted[hook] = request.fetches
                for key, value in (request.feed_dict or {}).items():
                    if key in feeds:
                        raise RuntimeError("Same tensor is fed by two hooks.")
                    feeds[key] = value
        asked = list(wanted.values())
        try:
            result, found = self._session.run(
                [fetches, asked] if fetches is not None else [[], asked], feeds, options, run_metadata
            )
        except Exception:
            self._coordinator.raise_requested_exception()
            raise
        by_hook = dict(zip(wanted, found))
        for hook in self._hooks:
            hook.after_run(context, SessionRunValues(by_hook.get(hook), options, run_metadata))
        self._stopped = self._stopped or context.stop_requested
        return result if fetches is not None else None

    def run_step_fn(self, step_fn: Any) -> Any:
        """`step_fn(step_context)`, whose `run_with_hooks` and `session` run parts of a step."""
        return step_fn(_StepContext(self))

    def close(self) -> None:
        self._close(None)

    def _close(self, error: Any) -> None:
        if self._session is None:
            return
        try:
            if error is None:
                for hook in self._hooks:
                    hook.end(self._session)
        finally:
            self._coordinator.request_stop()
            session, self._session = self._session, None
            try:
                self._coordinator.join(self._threads, self._grace, ignore_live_threads=True)
            finally:
                session.close()
                tf.get_default_graph()._unsafe_unfinalize()

    def __enter__(self) -> MonitoredSession:
        self._default = self._session.as_default()
        self._default.__enter__()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        quiet = isinstance(error, (tf.errors.OutOfRangeError, StopIteration))
        self._default.__exit__(None, None, None)
        self._close(None if quiet else error)
        return quiet


class _StepContext:
    def __init__(self, monitored: MonitoredSession):
        self._monitored = monitored

    @property
    def session(self) -> Any:
        return self._monitored.raw_session()

    def run_with_hooks(self, *args: Any, **kwargs: Any) -> Any:
        return self._monitored.run(*args, **kwargs)

    def request_stop(self) -> None:
        raise StopIteration("step_fn has requested the iterations to stop.")


MonitoredSession.StepContext = _StepContext


class SingularMonitoredSession(MonitoredSession):
    """As MonitoredSession, made of a scaffold."""

    def __init__(
        self, hooks: Any = None, scaffold: Any = None, master: str = "", config: Any = None, checkpoint_dir: Any = None,
        stop_grace_period_secs: float = 120, checkpoint_filename_with_path: Any = None,
    ):  # fmt: skip
        creator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir, checkpoint_filename_with_path)
        super().__init__(creator, hooks, stop_grace_period_secs)


def MonitoredTrainingSession(
    master: str = "", is_chief: bool = True, checkpoint_dir: Any = None, scaffold: Any = None, hooks: Any = None,
    chief_only_hooks: Any = None, save_checkpoint_secs: Any = _UNSET, save_summaries_steps: Any = _UNSET,
    save_summaries_secs: Any = _UNSET, config: Any = None, stop_grace_period_secs: float = 120, log_step_count_steps: Any = 100,
    max_wait_secs: int = 7200, save_checkpoint_steps: Any = _UNSET, summary_dir: Any = None, save_graph_def: bool = True,
) -> MonitoredSession:  # fmt: skip
    """A monitored session that saves checkpoints (every 600 s) and summaries (every 100 steps) to `checkpoint_dir`."""
    if save_summaries_steps is _UNSET and save_summaries_secs is _UNSET:
        save_summaries_steps, save_summaries_secs = 100, None
    else:
        save_summaries_steps, save_summaries_secs = (
            None if v is _UNSET else v for v in (save_summaries_steps, save_summaries_secs)
        )
    if save_checkpoint_secs is _UNSET and save_checkpoint_steps is _UNSET:
        save_checkpoint_secs, save_checkpoint_steps = 600, None
    else:
        save_checkpoint_secs, save_checkpoint_steps = (
            None if v is _UNSET else v for v in (save_checkpoint_secs, save_checkpoint_steps)
        )
    scaffold = scaffold or Scaffold()
    own: list[Any] = []
    summary_dir = summary_dir or checkpoint_dir
    if summary_dir:
        if log_step_count_steps and log_step_count_steps > 0:
            own.append(StepCounterHook(log_step_count_steps, output_dir=summary_dir))
        if (save_summaries_steps and save_summaries_steps > 0) or (save_summaries_secs and save_summaries_secs > 0):
            own.append(SummarySaverHook(save_summaries_steps, save_summaries_secs, summary_dir, scaffold=scaffold))
    if checkpoint_dir and ((save_checkpoint_secs or 0) > 0 or (save_checkpoint_steps or 0) > 0):
        os.makedirs(os.fspath(checkpoint_dir), exist_ok=True)
        own.append(CheckpointSaverHook(checkpoint_dir, save_checkpoint_secs, save_checkpoint_steps, scaffold=scaffold))
    given = [*(hooks or []), *(chief_only_hooks or [])]
    return MonitoredSession(ChiefSessionCreator(scaffold, master, config, checkpoint_dir), [*own, *given], stop_grace_period_secs)


def basic_train_loop(supervisor: Any, train_step_fn: Any, args: Any = None, kwargs: Any = None, master: str = "") -> None:
    """`train_step_fn(session, ...)` until the supervisor stops."""
    with supervisor.managed_session(master) as session:
        while not supervisor.should_stop():
            train_step_fn(session, *(args or []), **(kwargs or {}))

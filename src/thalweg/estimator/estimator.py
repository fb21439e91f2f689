"""`tf.estimator.Estimator`: trains, evaluates, predicts and exports what a model function builds.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/estimator/Estimator
"""

from __future__ import annotations

import copy
import inspect
import os
import tempfile
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf
from thalweg.estimator.types import EstimatorSpec, ModeKeys, RunConfig

WarmStartSettings = namedtuple(
    "WarmStartSettings",
    ("ckpt_to_initialize_from", "vars_to_warm_start", "var_name_to_vocab_info", "var_name_to_prev_var_name"),
    defaults=(".*", None, None),
)


def _accepted(function: Callable[..., Any], **offered: Any) -> dict[str, Any]:
    """Those of the offered arguments that a function takes."""
    parameters = inspect.signature(function).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return offered
    return {k: v for k, v in offered.items() if k in parameters}


class Estimator:
    """A model, by `model_fn(features, labels, mode, params, config)`, whose state is kept in `model_dir`.

    Every run builds a graph of its own and starts from the last checkpoint. Raises ValueError for a function of other arguments.
    """

    def __init__(
        self,
        model_fn: Callable[..., Any],
        model_dir: Any = None,
        config: Any = None,
        params: Any = None,
        warm_start_from: Any = None,
    ):
        if not callable(model_fn):
            raise ValueError("model_fn must be provided to Estimator.")
        names = set(_accepted(model_fn, features=0, labels=0, mode=0, params=0, config=0))
        if "features" not in names:
            raise ValueError(f"model_fn ({model_fn}) must include features argument.")
        if params is not None and "params" not in names:
            raise ValueError(
                f"model_fn ({model_fn}) does not include params argument, but params ({params}) is passed to Estimator."
            )
        config = RunConfig() if config is None else config
        if isinstance(config, dict):
            config = RunConfig(**config)
        folder = model_dir if model_dir is not None else config.model_dir
        self._model_dir = os.fspath(folder) if folder is not None else tempfile.mkdtemp()
        self._config = config.replace(model_dir=self._model_dir)
        self._model_fn_given, self._params = model_fn, copy.copy(params) if params is not None else {}
        self._warm_start = (
            WarmStartSettings(warm_start_from) if isinstance(warm_start_from, (str, os.PathLike)) else warm_start_from
        )

    model_dir = property(lambda self: self._model_dir)
    config = property(lambda self: self._config)
    params = property(lambda self: copy.copy(self._params))

    @property
    def model_fn(self) -> Callable[..., Any]:
        return lambda features, labels, mode, config: self._call_model_fn(features, labels, mode)

    # -- building -----------------------------------------------------------------------------------------

    def _input(self, input_fn: Callable[..., Any], mode: str) -> tuple[Any, Any, list[Any]]:
        """Features and labels, and hooks that start their iterator."""
        result = input_fn(**_accepted(input_fn, mode=mode, params=self.params, config=self._config))
        hooks: list[Any] = []
        if isinstance(result, tf.data.Dataset) or hasattr(result, "make_initializable_iterator"):
            iterator = tf.data.make_initializable_iterator(result)
            tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
            result = iterator.get_next()
        if isinstance(result, (list, tuple)) and mode == ModeKeys.PREDICT:
            return result[0], None, hooks
        if isinstance(result, (list, tuple)):
            if len(result) != 2:
                raise ValueError("input_fn should return (features, labels) as a len 2 tuple.")
            return result[0], result[1], hooks
        return result, None, hooks

    def _call_model_fn(self, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        offered = _accepted(self._model_fn_given, labels=labels, mode=mode, params=self.params, config=self._config)
        if labels is not None and "labels" not in offered:
            raise ValueError("model_fn does not take labels, but input_fn returns labels.")
        tf.logging.info("Calling model_fn.")
        spec = self._model_fn_given(features=features, **offered)
        tf.logging.info("Done calling model_fn.")
        if not isinstance(spec, EstimatorSpec):
            raise ValueError("model_fn should return an EstimatorSpec.")
        return spec

    def _graph(self) -> Any:
        graph = tf.Graph()
        graph.seed = self._config.tf_random_seed
        return graph

    def _saver(self) -> Any:
        return tf.train.Saver(
            max_to_keep=self._config.keep_checkpoint_max, keep_checkpoint_every_n_hours=self._config.keep_checkpoint_every_n_hours,
            allow_empty=True,
        )  # fmt: skip

    # -- training -----------------------------------------------------------------------------------------

    def train(
        self, input_fn: Callable[..., Any], hooks: Any = None, steps: int | None = None, max_steps: int | None = None,
        saving_listeners: Any = None,
    ) -> Estimator:  # fmt: skip
        """Train until the input ends, for `steps` more steps, or up to step `max_steps`. Raises ValueError for both."""
        if steps is not None and max_steps is not None:
            raise ValueError("Can not provide both steps and max_steps.")
        for name, n in (("steps", steps), ("max_steps", max_steps)):
            if n is not None and n <= 0:
                raise ValueError(f"Must specify {name} > 0, given: {n}")
        if max_steps is not None and self._last_step() >= max_steps:
            tf.logging.info("Skipping training since max_steps has already saved.")
            return self
        hooks = list(hooks or [])
        if steps is not None or max_steps is not None:
            hooks.append(tf.train.StopAtStepHook(steps, max_steps))
        with self._graph().as_default():
            tf.train.create_global_step()
            features, labels, more = self._input(input_fn, ModeKeys.TRAIN)
            spec = self._call_model_fn(features, labels, ModeKeys.TRAIN)
            loss = self._run_training(spec, [*hooks, *more], saving_listeners)
        tf.logging.info("Loss for final step: %s.", loss)
        return self

    def _last_step(self) -> int:
        latest = tf.train.latest_checkpoint(self._model_dir)
        if latest is None:
            return 0
        return int(tf.train.NewCheckpointReader(latest).get_tensor(tf.GraphKeys.GLOBAL_STEP))

    def _run_training(self, spec: EstimatorSpec, hooks: list[Any], listeners: Any) -> Any:
        c = self._config
        if self._warm_start is not None and self.latest_checkpoint() is None:
            tf.train.warm_start(*self._warm_start)
        if not any(s.op.name == "loss" for s in tf.get_collection(tf.GraphKeys.SUMMARIES) if hasattr(s, "op")):
            tf.summary.scalar("loss", spec.loss)
        scaffold = spec.scaffold
        if scaffold.saver is None:
            scaffold._saver = self._saver()
        step = tf.train.get_global_step()
        own: list[Any] = [tf.train.NanTensorHook(spec.loss)]
        if c.log_step_count_steps:
            own.append(tf.train.LoggingTensorHook({"loss": spec.loss, "step": step}, every_n_iter=c.log_step_count_steps))
        own += [*hooks, *spec.training_hooks, *spec.training_chief_hooks]
        if c.save_checkpoints_secs or c.save_checkpoints_steps:
            own.append(tf.train.CheckpointSaverHook(
                self._model_dir, c.save_checkpoints_secs, c.save_checkpoints_steps, scaffold=scaffold, listeners=listeners
            ))  # fmt: skip
        loss = None
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir=self._model_dir, scaffold=scaffold, hooks=own, save_checkpoint_secs=0, save_checkpoint_steps=0,
            save_summaries_steps=c.save_summary_steps, config=c.session_config, log_step_count_steps=c.log_step_count_steps,
        ) as session:  # fmt: skip
            while not session.should_stop():
                loss = session.run([spec.train_op, spec.loss])[1]
        return loss

    # -- evaluating ---------------------------------------------------------------------------------------

    def evaluate(
        self, input_fn: Callable[..., Any], steps: int | None = None, hooks: Any = None, checkpoint_path: Any = None,
        name: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """The metrics over `steps` batches (None: until the input ends), with `loss` and `global_step`.

        Raises ValueError where there is no checkpoint.
        """
        path = checkpoint_path or tf.train.latest_checkpoint(self._model_dir)
        if path is None:
            raise ValueError(f"Could not find trained model in model_dir: {self._model_dir}. Train it first.")
        with self._graph().as_default():
            step = tf.train.create_global_step()
            features, labels, more = self._input(input_fn, ModeKeys.EVAL)
            spec = self._call_model_fn(features, labels, ModeKeys.EVAL)
            pairs = {k: _pair(v) for k, v in spec.eval_metric_ops.items()}
            if "loss" not in pairs:
                pairs["loss"] = tf.metrics.mean(spec.loss)
            update = tf.group(*[u for _, u in pairs.values()])
            values = {k: v for k, (v, _) in pairs.items()} | {tf.GraphKeys.GLOBAL_STEP: step}
            saver = spec.scaffold.saver or self._saver()
            spec.scaffold._saver = saver
            creator = tf.train.ChiefSessionCreator(
                spec.scaffold, config=self._config.session_config, checkpoint_filename_with_path=path
            )
            found = tf.train.FinalOpsHook(values)
            with tf.train.MonitoredSession(creator, [*(hooks or []), *spec.evaluation_hooks, *more, found]) as session:
                done = 0
                while not session.should_stop() and (steps is None or done < steps):
                    session.run(update)
                    done += 1
        result = dict(found.final_ops_values or {})
        self._write_metrics(result, name)
        return result

    def _write_metrics(self, result: dict[str, Any], name: str | None) -> None:
        tf.logging.info("Saving dict for global step %s: %s", result.get("global_step"),
                        ", ".join(f"{k} = {v}" for k, v in sorted(result.items())))  # fmt: skip
        writer = tf.summary.FileWriterCache.get(self.eval_dir(name))
        values = [
            tf.Summary.Value(tag=k, simple_value=float(v)) for k, v in result.items() if np.ndim(v) == 0 and k != "global_step"
        ]
        writer.add_summary(tf.Summary(value=values), int(result.get("global_step", 0)))
        writer.flush()

    def eval_dir(self, name: str | None = None) -> str:
        """Where an evaluation's events are written."""
        return os.path.join(self._model_dir, "eval" if not name else f"eval_{name}")

    # -- predicting ---------------------------------------------------------------------------------------

    def predict(
        self, input_fn: Callable[..., Any], predict_keys: Any = None, hooks: Any = None, checkpoint_path: Any = None,
        yield_single_examples: bool = True,
    ) -> Iterator[Any]:  # fmt: skip
        """The predictions, an example at a time (or a batch). Raises ValueError where there is no checkpoint."""
        path = checkpoint_path or tf.train.latest_checkpoint(self._model_dir)
        if path is None:
            raise ValueError(f"Could not find trained model in model_dir: {self._model_dir}. Train it first.")
        with self._graph().as_default():
            tf.train.create_global_step()
            features, _, more = self._input(input_fn, ModeKeys.PREDICT)
            spec = self._call_model_fn(features, None, ModeKeys.PREDICT)
            wanted = spec.predictions
            if predict_keys is not None:
                keys = [predict_keys] if isinstance(predict_keys, str) else list(predict_keys)
                wanted = {k: v for k, v in wanted.items() if k in keys}
                if not wanted:
                    raise ValueError(f"Expected to run at least one output from {list(spec.predictions)}, provided {predict_keys}.")
            spec.scaffold._saver = spec.scaffold.saver or self._saver()
            creator = tf.train.ChiefSessionCreator(
                spec.scaffold, config=self._config.session_config, checkpoint_filename_with_path=path
            )
            all_hooks = [*(hooks or []), *spec.prediction_hooks, *more]
            session = tf.train.MonitoredSession(creator, all_hooks)
        try:
            while not session.should_stop():
                try:
                    batch = session.run(wanted)
                except tf.errors.OutOfRangeError:
                    return
                yield from _examples(batch) if yield_single_examples else [batch]
        finally:
            session.close()

    # -- what is kept -------------------------------------------------------------------------------------

    def get_variable_names(self) -> list[str]:
        self._require()
        return [name for name, _ in tf.train.list_variables(self._model_dir)]

    def get_variable_value(self, name: str) -> Any:
        self._require()
        return tf.train.load_variable(self._model_dir, name)

    def _require(self) -> None:
        if tf.train.latest_checkpoint(self._model_dir) is None:
            raise ValueError("Estimator has not been trained yet.")

    def latest_checkpoint(self) -> str | None:
        return tf.train.latest_checkpoint(self._model_dir)

    def export_saved_model(
        self, export_dir_base: Any, serving_input_receiver_fn: Callable[[], Any], assets_extra: Any = None, as_text: bool = False,
        checkpoint_path: Any = None, experimental_mode: str = ModeKeys.PREDICT, strip_default_attrs: bool = True,
    ) -> bytes:  # fmt: skip
        """Write a SavedModel into a new folder, named by the time, of `export_dir_base`. Returns its path."""
        path = checkpoint_path or tf.train.latest_checkpoint(self._model_dir)
        if path is None:
            raise ValueError(f"Couldn't find trained model at {self._model_dir}.")
        base, stamp = os.fspath(export_dir_base), int(time.time())
        while os.path.exists(os.path.join(base, str(stamp))):
            stamp += 1
        folder = os.path.join(base, str(stamp))
        with self._graph().as_default():
            tf.train.create_global_step()
            receiver = serving_input_receiver_fn()
            spec = self._call_model_fn(receiver.features, None, ModeKeys.PREDICT)
            outputs = spec.export_outputs or {"serving_default": _default_output(spec.predictions)}
            signatures = {k: o.as_signature_def(receiver.receiver_tensors) for k, o in outputs.items()}
            if "serving_default" not in signatures:
                signatures["serving_default"] = next(iter(signatures.values()))
            with tf.Session(config=self._config.session_config) as session:
                (spec.scaffold.saver or self._saver()).restore(session, path)
                init = spec.scaffold.local_init_op or tf.train.Scaffold.default_local_init_op()
                builder = tf.saved_model.Builder(folder)
                builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map=signatures, main_op=init)
                builder.save(as_text)
        return folder.encode()

    export_savedmodel = export_saved_model


def _default_output(predictions: Any) -> Any:
    from thalweg.estimator.export import PredictOutput

    return PredictOutput(predictions)


def _pair(metric: Any) -> Any:
    """A metric as value and update; a Keras metric has its own."""
    if isinstance(metric, tuple):
        return metric
    return metric.result(), tf.group(*metric.updates)


def _examples(batch: Any) -> Iterator[Any]:
    """The rows of a batch of predictions. Raises ValueError where they have different numbers of rows."""
    if not isinstance(batch, dict):
        yield from batch
        return
    counts = {np.shape(v)[0] if np.ndim(v) else None for v in batch.values()}
    if len(counts) != 1 or None in counts:
        raise ValueError(
            "Batch length of predictions should be same. Set yield_single_examples=False for predictions without a batch."
        )
    for i in range(counts.pop()):  # type: ignore[arg-type]
        yield {k: v[i] for k, v in batch.items()}


def add_metrics(estimator: Estimator, metric_fn: Callable[..., Any]) -> Estimator:
    """An estimator as the given one, with the metrics of `metric_fn(labels, predictions, features, config)` too."""

    def model_fn(features: Any, labels: Any, mode: str, config: Any) -> EstimatorSpec:
        spec = estimator._call_model_fn(features, labels, mode)
        if mode != ModeKeys.EVAL:
            return spec
        offered = _accepted(metric_fn, features=features, labels=labels, predictions=spec.predictions, config=config)
        return spec._replace(eval_metric_ops=spec.eval_metric_ops | metric_fn(**offered))  # type: ignore[return-value]

    return Estimator(model_fn, estimator.model_dir, estimator.config)

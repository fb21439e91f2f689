"""Training: `compile`, `fit`, `evaluate`, `predict` and their one-batch forms.

`train_step` computes with tensors and variables only, so that it can be traced. Where it runs is decided in one place,
`Trainer._run_epoch`: as one XLA program over many steps when the data is in memory and no callback asks for each batch,
else batch by batch.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import checks, optimizers
from thalweg.keras.callbacks.callback_list import CallbackList
from thalweg.keras.metrics.reduction import Mean
from thalweg.keras.models import dry_run
from thalweg.keras.models.compiled import CompiledLoss, CompiledMetrics
from thalweg.keras.models.data import (
    ArrayData,
    as_arrays,
    as_data,
    split,
    with_class_weight,
)
from thalweg.keras.models.seeds import SeedRuns
from thalweg.keras.models.steps import Steps
from thalweg.keras.utils.batches import unpack_x_y_sample_weight


class Trainer:
    """What a model can do with data. A part of `Model`."""

    optimizer: Any
    name: str
    __call__: Any

    def _init_trainer(self) -> None:
        # Around `__setattr__`: these are not layers or weights of the model.
        self.__dict__.update(
            compiled=False, optimizer=None, loss=None, stop_training=False, run_eagerly=False, jit_compile=None,
            steps_per_execution=1, history=None, _compiled_loss=None, _compiled_metrics=None, _loss_tracker=None,
            _steps={}, _compile_config=None, _fit_data=None,
        )  # fmt: skip

    # -- compile --------------------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool | None = False,
        steps_per_execution: int | None = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        **kwargs: Any,
    ) -> None:
        """Say how to train: the optimizer, the loss, what to measure.

        loss, metrics: a name, a function or an object; for several outputs a list in their order or a dict by their
        names. loss_weights: what each loss counts for. weighted_metrics: metrics that heed sample weights. run_eagerly:
        run the steps as Python, to debug. Which variables are trained is read when training starts.
        """
        kwargs.pop("sample_weight_mode", None)
        if kwargs:
            raise TypeError(f"compile() got arguments it does not know: {', '.join(map(repr, kwargs))}.")
        optimizer = optimizers.get(optimizer)
        if auto_scale_loss and self.dtype_policy.name == "mixed_float16" and optimizer is not None and not isinstance(
            optimizer, optimizers.LossScaleOptimizer
        ):
            optimizer = optimizers.LossScaleOptimizer(optimizer)
        names = self.output_names if getattr(self, "_graph", None) is not None else None
        self.__dict__.update(
            optimizer=optimizer, loss=loss, run_eagerly=bool(run_eagerly),
            steps_per_execution=steps_per_execution or 1, jit_compile=jit_compile, compiled=True, stop_training=False,
            _compiled_loss=None if loss is None else CompiledLoss(loss, loss_weights, names),
            _compiled_metrics=CompiledMetrics(metrics, weighted_metrics, names, loss),
            _loss_tracker=Mean(name="loss"), _steps={},
            _compile_config={
                "optimizer": optimizer, "loss": loss, "loss_weights": loss_weights, "metrics": metrics,
                "weighted_metrics": weighted_metrics, "run_eagerly": bool(run_eagerly),
                "steps_per_execution": steps_per_execution or 1, "jit_compile": jit_compile,
            },
        )  # fmt: skip

    def _need_compile(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(f"You must call `compile()` before using the model: {method}() needs to know a loss.")
        _need_values(method)

    def get_compile_config(self) -> dict[str, Any] | None:
        """The arguments of `compile`, as plain values."""
        from thalweg.keras.saving import registration

        if not self.compiled:
            return None
        return registration.serialize_keras_object({**self._compile_config, "optimizer": self.optimizer})

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as `get_compile_config` says."""
        from thalweg.keras.saving import registration

        self.compile(**registration.deserialize_keras_object(config))

    @property
    def distribute_strategy(self) -> None:
        return None

    # -- one step -------------------------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """One training step on a batch, `(x, y, sample_weight)`; gives the measures so far. May be overridden."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self._tracked_loss(x, y, y_pred, sample_weight, training=True)
            scaled = self.optimizer.scale_loss(loss)
        weights = self.trainable_weights
        if weights:
            self.optimizer.apply_gradients(zip(tape.gradient(scaled, weights), weights))
        else:
            warnings.warn("The model does not have any trainable weights.", stacklevel=2)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """One evaluation step on a batch; gives the measures so far. May be overridden."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        self._tracked_loss(x, y, y_pred, sample_weight, training=False)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """The outputs for a batch. May be overridden."""
        return self(unpack_x_y_sample_weight(data)[0], training=False)

    def _tracked_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> Any:
        loss = self.compute_loss(x, y, y_pred, sample_weight, training=training)
        self._loss_tracker.update_state(loss, sample_weight=tf.shape(tf.nest.flatten(x)[0])[0])
        return loss

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The number that training minimises: the compiled losses and those that layers added. May be overridden."""
        terms = list(self.losses)
        if self._compiled_loss is not None:
            total = self._compiled_loss(y, y_pred, sample_weight)
            if total is not None:
                terms.insert(0, total)
        if not terms:
            raise ValueError("No loss to compute. Provide a `loss` argument in `compile()`.")
        total = terms[0]
        for term in terms[1:]:
            total = total + tf.cast(tf.reduce_sum(term), total.dtype)
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Update the compiled metrics with a batch and give all measures. May be overridden."""
        if self._compiled_metrics is not None and y is not None:
            self._compiled_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """The measures so far by name."""
        compiled = set(map(id, self._compiled_metrics.metrics)) if self._compiled_metrics is not None else set()
        results: dict[str, Any] = {}
        for metric in self.metrics:
            if id(metric) not in compiled:
                value = metric.result()
                results.update(value if isinstance(value, dict) else {metric.name: value})
        if self._compiled_metrics is not None:
            for name, value in self._compiled_metrics.results().items():
                results.update(value if isinstance(value, dict) else {name: value})
        return results

    @property
    def metrics(self) -> list[Any]:
        """The loss' mean, the compiled metrics, the mean of each output's loss, then metrics of the layers."""
        own = [] if self._loss_tracker is None else [self._loss_tracker]
        if self._compiled_metrics is not None:
            own += self._compiled_metrics.metrics
        if self._compiled_loss is not None:
            own += self._compiled_loss.metrics
        return list({id(m): m for m in (*own, *super().metrics)}.values())  # type: ignore[misc]

    @property
    def metrics_names(self) -> list[str]:
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Start all measures anew."""
        for metric in self.metrics:
            metric.reset_state()

    @property
    def compiled_loss(self) -> Any:
        """Keras 2's way to the loss, for a custom `train_step`: `compiled_loss(y, y_pred, regularization_losses=...)`."""

        def compute(y: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None) -> Any:
            loss = self._compiled_loss(y, y_pred, sample_weight)
            for term in regularization_losses or ():
                loss = loss + tf.cast(term, loss.dtype)
            self._loss_tracker.update_state(loss, sample_weight=tf.shape(tf.nest.flatten(y_pred)[0])[0])
            return loss

        return compute

    @property
    def compiled_metrics(self) -> Any:
        """Keras 2's way to the metrics, for a custom `train_step`: `compiled_metrics.update_state(y, y_pred)`."""
        return self._compiled_metrics

    # -- fit ------------------------------------------------------------------------------------------------

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        seeds: int | None = None,
        dev_run: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Train for a number of epochs; gives a `History`.

        x, y, sample_weight: arrays, tensors, frames, lists or dicts of them; or x alone, an iterable of batches `(x, y)`
        or `(x, y, sample_weight)`. validation_split: the last share of the rows to measure on and not to train on.
        class_weight: what a sample counts for, by its class number. seeds: train so many random initialisations at once;
        logs then hold means over them and their spread as `<name>_std`, `history.seeds` every run's measures
        `[seeds, epochs]` and `history.seed_weights` every run's weights, and the model ends as the best run.
        dev_run: train and validate on one batch each, to see that everything fits, and leave the model as it was.
        Raises ValueError for data that cannot be trained on.
        """
        _drop_settled(kwargs)
        self._need_compile("fit")
        if dev_run:
            settings = {"verbose": verbose, "validation_data": validation_data, "class_weight": class_weight}
            return dry_run.dev_run(self, x, y, sample_weight, batch_size, settings)
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = split((x, y, sample_weight), validation_split)
        data: Any = as_data(x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight)
        self._check(data)
        validation: Any = None
        if validation_data is not None:
            is_parts = isinstance(validation_data, (tuple, list))
            val_x, val_y, val_weight = unpack_x_y_sample_weight(validation_data) if is_parts else (validation_data, None, None)
            validation = as_data(val_x, val_y, val_weight, validation_batch_size or batch_size, validation_steps)
            self._check(validation)
        asked = self._callbacks(callbacks, data, verbose, epochs, history=True)
        generator = _generator()
        self.__dict__.update(stop_training=False, _shuffler=generator)  # kept in sight of BackupAndRestore
        if seeds is None:
            self._steps_of("train").expect(data, epochs - initial_epoch)
        if validation is not None and seeds is None:
            self._steps_of("test").expect(validation, sum(_is_due(e, validation_freq) for e in range(initial_epoch, epochs)))
        runs = SeedRuns(self, seeds, data, validation, asked, generator) if seeds is not None else None
        logs: dict[str, Any] | None = None
        asked.on_train_begin()
        for epoch in range(max(initial_epoch, getattr(self, "_initial_epoch", None) or 0), epochs):
            asked.on_epoch_begin(epoch)
            due = validation is not None and _is_due(epoch, validation_freq)
            if runs is not None:
                trained = runs.run_epoch("train", data)
                logs = runs.finish_epoch(trained, runs.run_epoch("test", validation) if due else {})
            else:
                self.reset_metrics()
                logs = self._run_epoch("train", data, asked, generator)
                if due:
                    logs |= {f"val_{name}": value for name, value in self._evaluate(validation, asked).items()}
            asked.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        if self.optimizer is not None and epochs > 0 and self.optimizer.built:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        asked.on_train_end(logs)
        if runs is not None:
            self.history.seeds, self.history.seed_weights = runs.history, runs.weights()
        return self.history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The loss and the metrics on data: a list in the order of `metrics_names`, one number, or a dict by name."""
        _drop_settled(kwargs)
        self._need_compile("evaluate")
        data = as_data(x, y, sample_weight, batch_size, steps)
        self._check(data)
        self._steps_of("test").expect(data, 1)
        logs = self._evaluate(data, self._callbacks(callbacks, data, verbose))
        return logs if return_dict else self._in_order(logs)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **kwargs: Any,
    ) -> Any:
        """The outputs for data, as NumPy arrays."""
        _drop_settled(kwargs)
        _need_values("predict")
        data = as_data(x, None, None, batch_size, steps)
        if isinstance(data, ArrayData):
            self._check_indices(data.data[0])
        asked = None if not verbose and not callbacks else self._callbacks(callbacks, data, verbose)
        return self._predict(data, asked)

    # -- one batch ------------------------------------------------------------------------------------------

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False,
        reset_metrics: bool = True,
    ) -> Any:  # fmt: skip
        """One training step on a batch; gives the loss and the metrics."""
        self._need_compile("train_on_batch")
        batch = as_arrays((x, y, sample_weight))
        if class_weight is not None:
            batch = (*batch[:2], with_class_weight(batch[1], class_weight, batch[2]))
        if reset_metrics:
            self.reset_metrics()
        logs = _as_floats(self._steps_of("train").run(batch))
        return logs if return_dict else self._in_order(logs)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False, reset_metrics: bool = True
    ) -> Any:
        """The loss and the metrics on a batch."""
        self._need_compile("test_on_batch")
        if reset_metrics:
            self.reset_metrics()
        logs = _as_floats(self._steps_of("test").run(as_arrays((x, y, sample_weight))))
        return logs if return_dict else self._in_order(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for a batch, as NumPy arrays."""
        return _as_numpy(self._steps_of("predict").run((as_arrays(x), None, None)))

    def make_train_function(self, force: bool = False) -> Any:
        """The function that runs a training step on a batch."""
        return self._steps_of("train", force).run

    def make_test_function(self, force: bool = False) -> Any:
        return self._steps_of("test", force).run

    def make_predict_function(self, force: bool = False) -> Any:
        return self._steps_of("predict", force).run

    # -- running --------------------------------------------------------------------------------------------

    def _steps_of(self, mode: str, force: bool = False) -> Steps:
        steps = self._steps.get(mode)
        if steps is None or force:
            step = {"train": self.train_step, "test": self.test_step, "predict": self.predict_step}[mode]
            steps = self._steps[mode] = Steps(step, self.run_eagerly, self.jit_compile)
        return steps

    def _run_epoch(self, mode: str, data: Any, asked: CallbackList, generator: Any) -> dict[str, Any]:
        """Go through the data once; gives the measures at the end."""
        data.on_epoch_begin()
        if isinstance(data, ArrayData):
            logs = self._run_arrays(mode, data, asked, generator)
        else:
            logs, _ = self._run_batches(mode, data.batches(generator), asked)
        data.on_epoch_end()
        return _as_floats(self._final(logs))

    def _run_arrays(self, mode: str, data: ArrayData, asked: CallbackList, generator: Any) -> Any:
        """Data in memory: as few programs where nobody must be asked between batches, else batch by batch."""
        steps = self._steps_of(mode)
        together = not asked.needs_batches(mode)
        chunk_end = asked.on_train_chunk_end if mode == "train" else asked.on_test_chunk_end
        logs: Any = {}
        done = 0
        for batches in data.rows_by_batch(generator):
            if not (together and steps.is_compiled(data, batches.shape[1])):
                logs, count = self._run_batches(mode, map(data.take, batches), asked, done)
                done += count
                if count < len(batches):
                    break
                continue
            own_logs = isinstance(outputs := steps.outputs(data), dict) and set(outputs) != set(self.get_metrics_result())
            each = mode == "train" and asked.wants_each_step
            for count, collected in steps.run_many(data, batches, collect=own_logs or each):
                done += count
                logs = tf.nest.map_structure(lambda a: a[-1], collected) if own_logs else self.get_metrics_result()
                if mode == "train":
                    asked.on_train_steps(collected if each and isinstance(collected, dict) else {}, count)
                chunk_end(done - 1, _as_floats(logs))
        return logs

    def _run_batches(self, mode: str, batches: Any, asked: CallbackList, first: int = 0) -> tuple[Any, int]:
        """One batch after the other, numbered from `first`; gives the last one's logs and how many there were."""
        steps = self._steps_of(mode)
        begin, end = (
            (asked.on_train_batch_begin, asked.on_train_batch_end)
            if mode == "train"
            else (asked.on_test_batch_begin, asked.on_test_batch_end)
        )
        logs: Any = {}
        count = 0
        for batch in batches:
            begin(first + count)
            logs = steps.run(batch)
            end(first + count, logs)
            count += 1
            if mode == "train" and self.stop_training:
                break
        return logs, count

    def _final(self, logs: Any) -> dict[str, Any]:
        """What an epoch reports: the metrics' results, or what a custom step returned last where that is something else."""
        results = self.get_metrics_result()
        if not isinstance(logs, dict) or set(logs) == set(results):
            return results
        return logs

    def _evaluate(self, data: Any, asked: CallbackList) -> dict[str, Any]:
        asked.on_test_begin()
        self.reset_metrics()
        logs = self._run_epoch("test", data, asked, None)
        asked.on_test_end(logs)
        return logs

    def _predict(self, data: Any, asked: CallbackList | None) -> Any:
        steps = self._steps_of("predict")
        if isinstance(data, ArrayData) and data.num_batches > 1:
            steps.expect(data, 1)
        if asked is not None:
            asked.on_predict_begin()
        if isinstance(data, ArrayData) and (asked is None or not asked.needs_batches("predict")):
            parts = self._predict_arrays(steps, data, asked)
        else:
            parts = self._predict_batches(steps, data.batches(None), asked)
        if asked is not None:
            asked.on_predict_end()
        if not parts:
            raise ValueError("There is nothing to predict: the data has no batches.")
        if len(parts) == 1:
            return parts[0]
        return tf.nest.map_structure(lambda *arrays: np.concatenate(arrays), *parts)

    @staticmethod
    def _predict_arrays(steps: Steps, data: ArrayData, asked: CallbackList | None) -> list[Any]:
        parts: list[Any] = []
        done = 0
        for batches in data.rows_by_batch(None):
            if len(batches) == 1 or not steps.is_compiled(data, batches.shape[1]):
                parts.extend(_as_numpy(steps.run(data.take(rows))) for rows in batches)
                done += len(batches)
            else:
                for count, collected in steps.run_many(data, batches, collect=True):
                    parts.append(tf.nest.map_structure(lambda a: a.reshape(-1, *a.shape[2:]), collected))
                    done += count
            if asked is not None:
                asked.on_predict_chunk_end(done - 1)
        return parts

    @staticmethod
    def _predict_batches(steps: Steps, batches: Any, asked: CallbackList | None) -> list[Any]:
        parts = []
        for i, batch in enumerate(batches):
            if asked is not None:
                asked.on_predict_batch_begin(i)
            parts.append(_as_numpy(steps.run(batch)))
            if asked is not None:
                asked.on_predict_batch_end(i, {"outputs": parts[-1]})
        return parts

    def _callbacks(
        self, callbacks: Any, data: Any, verbose: Any, epochs: int = 1, history: bool = False
    ) -> CallbackList:
        if isinstance(callbacks, CallbackList):
            return callbacks
        verbose = 1 if verbose == "auto" else int(verbose)
        return CallbackList(
            callbacks, add_history=history, add_progbar=verbose != 0, model=self, verbose=verbose, epochs=epochs,
            steps=data.num_batches,
        )  # fmt: skip

    def _check(self, data: Any) -> None:
        """Refuse data in memory that would train to nonsense."""
        if not isinstance(data, ArrayData):
            return
        x, y, sample_weight = data.data
        graph = getattr(self, "_graph", None)
        shape = activation = None
        if graph is not None and len(graph.outputs) == 1:
            shape = tuple(graph.outputs[0].shape)
            activation = getattr(graph.outputs[0]._keras_history.operation, "activation", None)
        checks.check_data(
            x, y, sample_weight, loss=self.loss, output_shape=shape, last_activation=activation,
            takes_text=any(a.dtype.kind in "OSU" for a in data.flat),
        )  # fmt: skip
        self._check_indices(x)

    def _check_indices(self, x: Any) -> None:
        """Refuse indices that an embedding does not have: compiled, it would take the nearest row without a word."""
        graph = getattr(self, "_graph", None)
        arrays = tf.nest.flatten(x)
        if graph is None or len(arrays) != len(graph.inputs):
            return
        for array, name, tensor in zip(arrays, graph.input_names, graph.inputs):
            for node in graph.nodes:
                size = getattr(node.operation, "input_dim", None)
                if size is not None and any(one is tensor for one in node.inputs):
                    checks.check_indices(array, size, "x" if len(arrays) == 1 else f"x[{name!r}]", node.operation.name)

    def _in_order(self, logs: dict[str, Any]) -> Any:
        """Measures as a list in the order of `metrics_names`, the rest by name; a single one by itself."""
        names = [name for name in self.metrics_names if name in logs]
        values = [logs[name] for name in names] + [logs[name] for name in sorted(logs) if name not in names]
        return values[0] if len(values) == 1 else values


# -- helpers -----------------------------------------------------------------------------------------------------


def _need_values(method: str) -> None:
    if not tf.executing_eagerly():
        raise RuntimeError(
            f"{method}() computes values, but a graph is being built here. Call it outside `Graph.as_default()`; in a "
            "TensorFlow 1 program call tf.enable_eager_execution() first."
        )


def _drop_settled(kwargs: dict[str, Any]) -> None:
    """Arguments of Keras 2 for queues of workers do not change results; others are refused."""
    for name in ("max_queue_size", "workers", "use_multiprocessing"):
        kwargs.pop(name, None)
    if kwargs:
        raise TypeError(f"Arguments not recognized: {', '.join(map(repr, kwargs))}.")


def _generator() -> np.random.Generator:
    """What shuffles: seeded from `tf.random`, so that `tf.random.set_seed` alone makes a run repeatable."""
    return np.random.default_rng(int(tf.random.uniform([], 0, 2**31 - 1, tf.int32)))


def _is_due(epoch: int, frequency: Any) -> bool:
    """Whether to validate after this epoch: every `frequency` epochs, or after those listed, counted from 1."""
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


def _as_floats(logs: Any) -> dict[str, Any]:
    """Measures as Python floats; what is no number stays an array."""
    if not isinstance(logs, dict):
        return {} if logs is None else {"loss": _as_number(logs)}
    flat: dict[str, Any] = {}
    for name, value in logs.items():
        flat.update({k: _as_number(v) for k, v in value.items()} if isinstance(value, dict) else {name: _as_number(value)})
    return flat


def _as_number(value: Any) -> Any:
    array = np.asarray(value)
    return float(array) if array.ndim == 0 and array.dtype.kind in "fiubV" else array


def _as_numpy(outputs: Any) -> Any:
    return tf.nest.map_structure(lambda y: np.asarray(y.numpy()) if hasattr(y, "numpy") else y, outputs)

"""What TensorBoard shows of a training. Source: https://www.tensorflow.org/api_docs/python/tf/keras/callbacks/TensorBoard"""

from __future__ import annotations

import os
import shlex
import threading
import time
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras.callbacks.callback import Callback
from thalweg.summary.graphs import graph, keras_model

_told: set[str] = set()  # folders whose command has been printed


class TensorBoard(Callback):
    """Writes measures, histograms and images of weights, the graph, embeddings and profiles for TensorBoard.

    log_dir: runs `train` and `validation` are written below it. histogram_freq: every so many epochs the weights'
    histograms (0: never), and with `write_images` the weights as images. write_graph: the model as its layers, and the
    training step as its ops. write_steps_per_second: the speed. update_freq: "epoch", "batch", or every so many batches:
    when measures are written; any of them leaves `fit` as fast as it is. profile_batch: a batch, or the first and last
    one, to profile (0: none). embeddings_freq: every so many epochs the embedding layers for the Projector;
    embeddings_metadata: a file of labels, or a dict of them by layer name.

    >>> callback = tf.keras.callbacks.TensorBoard(folder, histogram_freq=1)
    """

    supports_epoch_program = True

    def __init__(
        self, log_dir: Any = "logs", histogram_freq: int = 0, write_graph: bool = True, write_images: bool = False,
        write_steps_per_second: bool = False, update_freq: Any = "epoch", profile_batch: Any = 0, embeddings_freq: int = 0,
        embeddings_metadata: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__()
        unknown = set(kwargs) - {"write_grads", "batch_size", "embeddings_layer_names", "embeddings_data"}
        if unknown:
            raise ValueError(f"Unrecognized arguments in `TensorBoard` Callback: {', '.join(sorted(unknown))}")
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq, self.write_graph, self.write_images = histogram_freq, write_graph, write_images
        self.write_steps_per_second, self.embeddings_freq = write_steps_per_second, embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        self.update_freq = 1 if update_freq == "batch" else update_freq
        if self.update_freq != "epoch" and not (isinstance(self.update_freq, int) and self.update_freq > 0):
            raise ValueError(f"`update_freq` must be 'epoch', 'batch' or a positive integer, not {update_freq!r}.")
        self._profile = _profiled_batches(profile_batch)
        self._profiling = False
        self._writers: dict[str, Any] = {}
        self._graph_due = False
        self._graph_writer: threading.Thread | None = None
        self._batches = 0  # batches trained on, over all epochs, where they are counted
        self._epoch_started = (0.0, 0)
        if self.update_freq != "epoch" or self._profile:  # else nothing is done at batches, and nothing asked
            self.supports_epoch_program = True
            self.on_train_batch_begin, self.on_train_batch_end = self._batch_begin, self._batch_end  # type: ignore[method-assign]

    @property
    def wants_each_step(self) -> bool:
        """Whether `on_train_steps` is to get the measures of each step of a program."""
        return self.update_freq != "epoch"

    def _writer(self, run: str) -> Any:
        if run not in self._writers:
            self._writers[run] = tf.summary.create_file_writer(os.path.join(self.log_dir, run))
        return self._writers[run]

    # -- moments --------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Any = None) -> None:
        self._batches, self._graph_due = 0, self.write_graph

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch_started = (time.perf_counter(), self._steps_done())
        self._profile_from(self._batches + 1)

    def _batch_begin(self, batch: int, logs: Any = None) -> None:
        self._profile_from(self._batches + 1)

    def _batch_end(self, batch: int, logs: Any = None) -> None:
        self._batches += 1
        if self.update_freq != "epoch" and self._batches % self.update_freq == 0:
            for name, value in (logs or {}).items():
                self._scalar("train", f"batch_{name}", value, self._batches)
        self._profile_until(self._batches)

    def on_train_steps(self, steps: dict[str, Any], count: int) -> None:
        """The measures of each of several steps that ran as one program: arrays by name, empty if not asked for."""
        first, self._batches = self._batches, self._batches + count
        if self.update_freq != "epoch":
            for name, values in steps.items():
                for i in range(-(first + 1) % self.update_freq, count, self.update_freq):
                    self._scalar("train", f"batch_{name}", values[i], first + i + 1)
        self._profile_until(self._batches)

    def on_test_end(self, logs: Any = None) -> None:
        if logs and getattr(self.model, "optimizer", None) is not None:
            step = self._steps_done()
            for name, value in logs.items():
                self._scalar("validation", f"evaluation_{name}_vs_iterations", value, step)
            if not self._writers.get("train"):  # `evaluate` alone: nothing comes after it
                self._writer("validation").flush()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._write_measures(epoch, logs or {})
        if self._graph_due:  # the step has been traced by now; written beside the training, which need not wait for it
            self._graph_due = False
            self._graph_writer = threading.Thread(target=self._write_model, args=(self._writer("train"),))
            self._graph_writer.start()
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings()
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: Any = None) -> None:
        self._stop_profile()
        if self._graph_writer is not None:
            self._graph_writer.join()
            self._graph_writer = None
        for writer in self._writers.values():
            writer.close()
        self._writers = {}
        folder = os.path.abspath(self.log_dir)
        if folder not in _told:
            _told.add(folder)
            print(f"TensorBoard: thalweg board {shlex.quote(folder)}")

    def _steps_done(self) -> int:
        iterations = getattr(getattr(self.model, "optimizer", None), "iterations", None)
        return 0 if iterations is None else int(iterations.numpy())

    # -- what is written ------------------------------------------------------------------------------------

    def _scalar(self, run: str, name: str, value: Any, step: int) -> None:
        number = np.asarray(value)
        if number.ndim == 0 and number.dtype.kind in "fiub":
            self._writer(run).add_scalar(name, float(number), step)

    def _write_measures(self, epoch: int, logs: dict[str, Any]) -> None:
        for name, value in logs.items():
            if name.startswith("val_"):
                self._scalar("validation", "epoch_" + name[4:], value, epoch)
            else:
                self._scalar("train", "epoch_" + name, value, epoch)
        rate = _learning_rate(getattr(self.model, "optimizer", None))
        if rate is not None and "learning_rate" not in logs:
            self._scalar("train", "epoch_learning_rate", rate, epoch)
        if self.write_steps_per_second:
            started, steps = self._epoch_started
            per_second = (self._steps_done() - steps) / max(time.perf_counter() - started, 1e-9)
            self._scalar("train", "epoch_steps_per_second", per_second, epoch)

    def _write_weights(self, epoch: int) -> None:
        with self._writer("train").as_default():
            for layer in self.model.layers:
                for weight in layer.weights:
                    name = getattr(weight, "path", None) or weight.name
                    name = name.replace(":", "_")
                    tf.summary.histogram(f"{name}/histogram", weight, step=epoch)
                    if self.write_images:
                        picture = _as_picture(np.asarray(weight.numpy()))
                        if picture is not None:
                            tf.summary.image(f"{name}/image", picture, step=epoch)

    def _write_model(self, writer: Any) -> None:
        with writer.as_default():
            keras_model("keras", self.model, step=0)
            steps = getattr(self.model, "_steps", {}).get("train")
            traced = getattr(steps, "_traced", None)
            if traced:
                graph(next(iter(traced.values())).concrete.graph)

    def _write_embeddings(self) -> None:
        from thalweg.summary.projection import write_embeddings  # takes protobuf

        folder = os.path.join(self.log_dir, "train")
        for layer in self.model.layers:
            if isinstance(layer, tf.keras.layers.Embedding) and layer.built:
                labels = self.embeddings_metadata
                if isinstance(labels, dict):
                    labels = labels.get(layer.name)
                write_embeddings(folder, layer.name, np.asarray(layer.weights[0].numpy()), metadata_path=labels)

    # -- profiling ------------------------------------------------------------------------------------------

    def _profile_from(self, batch: int) -> None:
        if self._profile and not self._profiling:
            steps = self.params.get("steps") if self.params else None
            last = batch + (steps or 1) - 1  # batches may run as one program
            if batch <= self._profile[0] <= max(last, batch) or batch == self._profile[0]:
                tf.profiler.experimental.start(self.log_dir)
                self._profiling = True

    def _profile_until(self, batch: int) -> None:
        if self._profiling and self._profile and batch >= self._profile[1]:
            self._stop_profile()

    def _stop_profile(self) -> None:
        if self._profiling:
            self._profiling, self._profile = False, None
            tf.profiler.experimental.stop()


def _profiled_batches(profile_batch: Any) -> tuple[int, int] | None:
    """The first and the last batch to profile."""
    if isinstance(profile_batch, str):
        profile_batch = [int(part) for part in profile_batch.split(",")]
    pair = (profile_batch, profile_batch) if isinstance(profile_batch, int) else tuple(profile_batch or (0, 0))
    if len(pair) != 2 or pair[0] < 0 or pair[1] < pair[0]:
        raise ValueError(
            "`profile_batch` must be a non-negative integer or a pair of positive integers, the first and the last batch to "
            f"profile, not {profile_batch!r}."
        )
    return None if pair[1] == 0 else (max(pair[0], 1), pair[1])


def _learning_rate(optimizer: Any) -> float | None:
    rate = getattr(optimizer, "learning_rate", None)
    if callable(rate) and not hasattr(rate, "numpy"):
        rate = rate(optimizer.iterations)
    return None if rate is None else float(np.asarray(rate.numpy() if hasattr(rate, "numpy") else rate))


def _as_picture(weight: np.ndarray) -> np.ndarray | None:
    """A weight as images `[count, height, width, 1]`, its least value black, its greatest white; None if it has no such form."""
    w = np.squeeze(weight)
    if w.ndim < 2:
        w = w.reshape(1, 1, -1, 1)
    elif w.ndim == 2:
        w = (w.T if w.shape[0] > w.shape[1] else w)[None, :, :, None]
    elif w.ndim == 3:
        w = np.moveaxis(w, 2, 0)[..., None]
    elif w.ndim == 4:
        w = np.moveaxis(w[:, :, 0], 2, 0)[..., None]
    else:
        return None
    if not w.size or not np.isfinite(w).all():
        return None
    low, high = w.min(), w.max()
    return ((w - low) / (high - low if high > low else 1.0)).astype(np.float32)

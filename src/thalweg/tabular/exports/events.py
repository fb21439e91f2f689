"""The training as TensorBoard shows it: curves of train and dev, the pictures, and the settings to compare fits by."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import thalweg as tf
from thalweg.summary.settings import hparams

from ..columns import CLASSIFICATION
from ..events import write_hidden, write_network, write_snapshots
from ..problems import TableError
from ..writing import make_folder

if TYPE_CHECKING:
    from ..result import Fitted

RUNS = {"train": "", "dev": "val_"}     # a run's folder, and what Keras writes before its measures' names
IN_PICTURES = ("network", "confusion_matrix", "roc", "precision_recall", "calibration", "predicted", "residuals", "importance",
               "map")
HEADLINES = {CLASSIFICATION: ("accuracy", "macro_f1", "log_loss")}
NUMBER_HEADLINES = ("r2", "mae", "rmse")


def write_events(fitted: Fitted, pictures: dict[str, bytes], folder: Path) -> None:
    """Write `train/`, `dev/` and `test/` with an event file each: `epoch_loss` and the like by epoch, as Keras' TensorBoard
    callback names them, with histograms of the weights, confusion matrices and the network; in `test` the headline figures, the
    pictures, the settings, and the last hidden layer for the Projector.

    pictures: PNG files by name. What an earlier fit wrote there is replaced.
    Raises TableError where the folder cannot be written.
    """
    make_folder(folder)
    try:
        for old in folder.glob("*/events.out.tfevents.*"):
            old.unlink()
        for run, prefix in RUNS.items():
            curves = {name.removeprefix("val_"): values for name, values in fitted.history.items()
                      if name.startswith("val_") == bool(prefix)}
            with tf.summary.create_file_writer(str(folder / run)).as_default() as writer:
                for name, values in curves.items():
                    for epoch, value in enumerate(values):
                        tf.summary.scalar(f"epoch_{name}", value, step=epoch)
                if run == "train":
                    write_snapshots(fitted)
                    write_network(fitted)
            writer.close()
        with tf.summary.create_file_writer(str(folder / "test")).as_default() as writer:
            _write_test(fitted, pictures)
        writer.close()
    except OSError as error:
        raise TableError(f"cannot write {str(folder)!r}: {error.strerror}. What was saved before is as it was.") from None


def _write_test(fitted: Fitted, pictures: dict[str, bytes]) -> None:
    hparams(vars(fitted.settings))
    epoch = fitted.best_epoch - 1
    for name in HEADLINES.get(fitted.task, NUMBER_HEADLINES):
        tf.summary.scalar(name, fitted.metrics["test"][name], step=epoch)
    lines = [f"| {name} | {value} |" for name, value in vars(fitted.settings).items()]
    tf.summary.text("settings", "\n".join([f"**{fitted.target}**, {fitted.task}", "", "| setting | value |", "|---|---|", *lines]),
                    step=epoch)
    write_hidden(fitted)
    for name in IN_PICTURES:
        if name in pictures:
            tf.summary.image(name, _pixels(pictures[name])[None], step=epoch)


def _pixels(png: bytes) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


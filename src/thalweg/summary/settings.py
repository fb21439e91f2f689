"""Settings of runs, for TensorBoard's HParams dashboard.

Source: https://www.tensorflow.org/tensorboard/hyperparameter_tuning_with_hparams
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thalweg.engine.formats.schema import messages
from thalweg.engine.formats.summaries import metadata
from thalweg.summary.writing import default_writer

(HParamsPluginData,) = messages("hparams.proto", "HParamsPluginData")
_STRING, _BOOL, _FLOAT = 1, 2, 3
_STATUS = {1: "done", 2: "failed", 3: "running"}
_NOTHING = np.zeros((), np.float32)


def _write(tag: str, data: Any) -> bool:
    writer = default_writer()
    if writer is None:
        return False
    # TensorBoard looks at the metadata alone; the tensor is there because a summary has one.
    writer.add_tensor(tag, _NOTHING, 0, metadata("hparams", data.SerializeToString()))
    return True


def _plain(value: Any) -> Any:
    """A setting as JSON and TensorBoard have it: a bool, a number, or text."""
    if hasattr(value, "numpy"):
        value = value.numpy()
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, float, np.integer, np.floating)):
        return float(value)
    return value.decode() if isinstance(value, bytes) else value if isinstance(value, str) else str(value)


def hparams(settings: Mapping[str, Any], trial_id: str | None = None, start_time_secs: float | None = None) -> bool:
    """Say what a run's settings are, to the default writer; gives whether there was one.

    settings: names and bools, numbers or text; anything else is written as `str` has it. trial_id: runs with the same one are
    averaged; by default those with the same settings.

    >>> with tf.summary.create_file_writer(folder).as_default():
    ...     tf.summary.hparams({"learning_rate": 0.1, "optimizer": "adam"})
    True
    """
    plain = {getattr(k, "name", str(k)): _plain(v) for k, v in settings.items()}
    data = HParamsPluginData()
    start = data.session_start_info
    for name, value in plain.items():
        field = "bool_value" if isinstance(value, bool) else "number_value" if isinstance(value, float) else "string_value"
        setattr(start.hparams[name], field, value)
    named = json.dumps(sorted(plain.items()))
    start.group_name = hashlib.sha256(named.encode()).hexdigest() if trial_id is None else trial_id
    start.start_time_secs = time.time() if start_time_secs is None else start_time_secs
    return _write("_hparams_/session_start_info", data)


def hparams_end(success: bool = True) -> bool:
    """Say that a run has ended, and whether as it should."""
    data = HParamsPluginData()
    data.session_end_info.status = 1 if success else 2
    data.session_end_info.end_time_secs = time.time()
    return _write("_hparams_/session_end_info", data)


def hparams_config(settings: Mapping[str, Any], metrics: Sequence[Any], description: str = "") -> bool:
    """Say what an experiment varies, and by which metrics its runs are compared: in the top folder of its runs.

    settings: for each name the values it takes: a list, or `(least, most)` of two floats. metrics: tags of scalars.
    """
    data = HParamsPluginData()
    experiment = data.experiment
    experiment.description, experiment.time_created_secs = description, time.time()
    for name, domain in settings.items():
        info = experiment.hparam_infos.add(name=getattr(name, "name", str(name)))
        if isinstance(domain, tuple) and len(domain) == 2 and all(isinstance(v, (int, float)) for v in domain):
            info.type, info.domain_interval.min_value, info.domain_interval.max_value = _FLOAT, *map(float, domain)
            continue
        values = [_plain(v) for v in domain]
        info.type = _BOOL if all(isinstance(v, bool) for v in values) else _FLOAT if all(
            isinstance(v, float) for v in values) else _STRING  # fmt: skip
        for v in values:
            info.domain_discrete.values.add(**{
                "bool_value" if isinstance(v, bool) else "number_value" if isinstance(v, float) else "string_value": v
            })
    for metric in metrics:
        experiment.metric_infos.add(name={"tag": str(metric)})
    return _write("_hparams_/experiment", data)


def read_settings(content: bytes) -> tuple[dict[str, Any], str]:
    """The settings and the status that a summary of this dashboard holds."""
    data = HParamsPluginData.FromString(content)
    settings = {}
    for name, value in data.session_start_info.hparams.items():
        kind = value.WhichOneof("kind")
        settings[name] = getattr(value, kind) if kind in ("bool_value", "number_value", "string_value") else ""
    return settings, _STATUS.get(data.session_end_info.status, "")

"""`tf.contrib`: the part of TensorFlow 1's contributed modules that programs use, written on TensorFlow 1's public names.

Each module is loaded when it is first used. What is not here raises an AttributeError that names what to use instead.
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = {
    "cluster_resolver", "crf", "cudnn_rnn", "data", "distribute", "distributions", "eager", "factorization", "framework", "layers",
    "learn", "legacy_seq2seq", "losses", "memory_stats", "metrics", "nccl", "nn", "opt", "rnn", "seq2seq", "slim",
    "staging", "summary", "tensorboard", "tpu", "training",
}  # fmt: skip
_ALIASES = {"estimator": "thalweg.estimator", "lookup": "thalweg.lookup", "autograph": "thalweg.autograph",
            "saved_model": "thalweg.saved_model"}  # fmt: skip
_INSTEAD = {
    "tensor_forest": "tf.estimator.BoostedTreesClassifier, or scikit-learn's forests",
    "boosted_trees": "tf.estimator.BoostedTreesClassifier",
    "gan": "the losses and the two training steps written out, as in tests/programs/tf1_gan.py",
    "image": "tf.image",
    "lite": "tf.saved_model",
    "ffmpeg": "tf.audio",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"thalweg.contrib.{name}")
    if name in _ALIASES:
        return importlib.import_module(_ALIASES[name])
    if name == "signal":
        return importlib.import_module("thalweg.signal")
    hint = f" Use {_INSTEAD[name]} instead." if name in _INSTEAD else ""
    raise AttributeError(f"module 'thalweg.contrib' has no attribute {name!r}.{hint}")


def __dir__() -> list[str]:
    return sorted(_MODULES | set(_ALIASES))

"""`tf.estimator.export`: what an exported model takes and gives.

Source: https://www.tensorflow.org/api_docs/python/tf/estimator/export
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf


class ServingInputReceiver(namedtuple("ServingInputReceiver", ("features", "receiver_tensors", "receiver_tensors_alternatives"))):
    """The features that a model gets, and the tensors that are fed for them."""

    def __new__(cls, features: Any, receiver_tensors: Any, receiver_tensors_alternatives: Any = None) -> ServingInputReceiver:
        given = receiver_tensors if isinstance(receiver_tensors, dict) else {"input": receiver_tensors}
        return super().__new__(cls, features, given, receiver_tensors_alternatives)


class TensorServingInputReceiver(ServingInputReceiver):
    """As `ServingInputReceiver`, of one tensor."""


class ExportOutput:
    """An output of an exported model."""

    def __init__(self, outputs: Any):
        self.outputs = outputs if isinstance(outputs, dict) else {"output": outputs}

    def as_signature_def(self, receiver_tensors: dict[str, Any]) -> Any:
        return tf.saved_model.predict_signature_def(receiver_tensors, self.outputs)


class PredictOutput(ExportOutput):
    """Any tensors by name."""


class ClassificationOutput(ExportOutput):
    """Scores and names of classes. Raises ValueError for neither."""

    def __init__(self, scores: Any = None, classes: Any = None):
        if scores is None and classes is None:
            raise ValueError("Cannot create a ClassificationOutput with empty scores and classes.")
        self.scores, self.classes = scores, classes
        super().__init__({k: v for k, v in (("scores", scores), ("classes", classes)) if v is not None})


class RegressionOutput(ExportOutput):
    """Numbers."""

    def __init__(self, value: Any):
        self.value = value
        super().__init__({"outputs": value})


class EvalOutput(ExportOutput):
    """What an evaluation gives."""


def build_raw_serving_input_receiver_fn(features: dict[str, Any], default_batch_size: int | None = None) -> Callable[[], Any]:
    """A function that makes placeholders like the given features."""

    def receiver() -> ServingInputReceiver:
        placeholders = {}
        for name, t in features.items():
            shape = t.shape.as_list()
            placeholders[name] = tf.placeholder(t.dtype, [default_batch_size, *shape[1:]], name=name)
        return ServingInputReceiver(placeholders, dict(placeholders))

    return receiver


def build_parsing_serving_input_receiver_fn(
    feature_spec: dict[str, Any], default_batch_size: int | None = None
) -> Callable[[], Any]:
    """A function that makes a placeholder of serialized examples, and parses them."""

    def receiver() -> ServingInputReceiver:
        serialized = tf.placeholder(tf.string, [default_batch_size], name="input_example_tensor")
        return ServingInputReceiver(tf.parse_example(serialized, feature_spec), {"examples": serialized})

    return receiver

"""What is compared of Keras' losses, metrics, activations, initializers, regularizers and constraints.

`cases()` gives `Case(id, run, generation)`: `run(tf, keras, call)` gives a list of arrays. `call(f, *args)` runs `f`
eagerly or inside a `tf.function`, as the caller likes. The same cases are recorded from TensorFlow
(`record_keras_leaves.py`) and run here (`tests/test_keras_leaves.py`). Generation 3 is `tf.keras`, 2 `tf_keras`.
"""

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    id: str
    run: Callable[..., list[Any]]
    generation: int = 3


def eagerly(f, *args):
    return f(*args)


def _update(call, metric, *args):
    def update(*args):
        metric.update_state(*args)

    call(update, *args)


# -- the file: arrays joined by dtype, so that thousands of small ones stay small --------------------------

PATH = Path(__file__).parent / "data" / "keras_leaves.npz"


def save(results, path=PATH):
    """Write `{case id: list of arrays}`."""
    parts, index = {}, {}
    for case_id, arrays in results.items():
        index[case_id] = []
        for array in arrays:
            joined = parts.setdefault(array.dtype.name, [])
            start = sum(part.size for part in joined)
            joined.append(array.ravel())
            index[case_id].append([array.dtype.name, start, list(array.shape)])
    joined = {name: np.concatenate(arrays) for name, arrays in parts.items()}
    np.savez_compressed(path, index=np.frombuffer(json.dumps(index).encode(), "uint8"), **joined)


def load(path=PATH):
    """What `save` wrote."""
    with np.load(path) as file:
        parts = {name: file[name] for name in file.files}
    index = json.loads(parts.pop("index").tobytes())

    def array(dtype, start, shape):
        return parts[dtype][start : start + math.prod(shape)].reshape(shape)

    return {case_id: [array(*entry) for entry in entries] for case_id, entries in index.items()}


# -- data ---------------------------------------------------------------------------------------------------

_random = np.random.RandomState(7)


def _floats(*shape, low=-2.0, high=2.0):
    return _random.uniform(low, high, shape).astype("float32")


def _softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return (e / e.sum(axis=axis, keepdims=True)).astype("float32")


def _one_hot(labels, classes):
    return np.eye(classes, dtype="float32")[labels]


_LABELS = _random.randint(0, 5, 8)
_BITS = _random.randint(0, 2, (8, 3)).astype("float32")
_STEPS = _random.randint(0, 4, (3, 6))
DATA = {
    "numbers": (_floats(8, 3), _floats(8, 3)),
    "column": (_floats(8, 1), _floats(8, 1)),
    "flat": (_floats(8), _floats(8)),
    "flat against column": (_floats(8), _floats(8, 1)),
    "column against flat": (_floats(8, 1), _floats(8)),
    "cubes": (_floats(4, 3, 2), _floats(4, 3, 2)),
    "positive": (_floats(8, 3, low=0.0, high=3.0), _floats(8, 3, low=0.0, high=3.0)),
    "integers": (_random.randint(0, 4, (8, 3)), _random.randint(0, 4, (8, 3))),
    "bits": (_BITS, _floats(8, 3, low=0.0, high=1.0)),
    "bit column": (_BITS[:, :1], _floats(8, 1, low=0.0, high=1.0)),
    "bits, flat": (_BITS[:, 0], _floats(8, low=0.0, high=1.0)),
    "bits, sure": (_BITS, np.where(_BITS > 0, 1.0, 0.0).astype("float32")),
    "bits, wrong": (_BITS, np.where(_BITS > 0, 0.0, 1.0).astype("float32")),
    "bit logits": (_BITS, _floats(8, 3, low=-30.0, high=30.0)),
    "signs": (2 * _BITS - 1, _floats(8, 3)),
    "one-hot": (_one_hot(_LABELS, 5), _softmax(_floats(8, 5))),
    "one-hot logits": (_one_hot(_LABELS, 5), _floats(8, 5, low=-9.0, high=9.0)),
    "classes": (_LABELS, _softmax(_floats(8, 5))),
    "class column": (_LABELS[:, None], _softmax(_floats(8, 5))),
    "class logits": (_LABELS, _floats(8, 5, low=-9.0, high=9.0)),
    "steps": (_STEPS, _softmax(_floats(3, 6, 4))),
    "distributions": (_softmax(_floats(8, 5)), _softmax(_floats(8, 5))),
    "one-hot first": (np.moveaxis(_one_hot(_STEPS, 4), -1, 1), _softmax(_floats(3, 4, 6), axis=1)),
    "masks": (_random.randint(0, 2, (4, 5, 5)).astype("float32"), _floats(4, 5, 5, low=0.0, high=1.0)),
    "embeddings": (_LABELS, (lambda v: v / np.linalg.norm(v, axis=1, keepdims=True))(_floats(8, 4))),
}
WEIGHTS = _random.uniform(0.1, 2.0, 24).astype("float32")


# -- losses -------------------------------------------------------------------------------------------------

LOSSES = [
    *((name, {}, data)
      for name in ("MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "LogCosh", "Huber")
      for data in ("numbers", "column", "flat", "flat against column", "column against flat", "cubes")),
    ("MeanSquaredLogarithmicError", {}, "positive"),
    ("MeanSquaredLogarithmicError", {}, "numbers"),
    ("Huber", {"delta": 0.3}, "numbers"),
    ("CosineSimilarity", {}, "numbers"),
    ("CosineSimilarity", {"axis": 1}, "cubes"),
    ("Poisson", {}, "positive"),
    ("Hinge", {}, "bits"), ("Hinge", {}, "signs"), ("Hinge", {}, "numbers"),
    ("SquaredHinge", {}, "bits"), ("SquaredHinge", {}, "signs"), ("CategoricalHinge", {}, "one-hot"),
    ("KLDivergence", {}, "distributions"), ("KLDivergence", {}, "one-hot"),
    ("BinaryCrossentropy", {}, "bits"), ("BinaryCrossentropy", {}, "bit column"),
    ("BinaryCrossentropy", {}, "bits, flat"), ("BinaryCrossentropy", {}, "bits, sure"),
    ("BinaryCrossentropy", {}, "bits, wrong"), ("BinaryCrossentropy", {"from_logits": True}, "bit logits"),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, "bits"),
    ("BinaryCrossentropy", {"axis": 0}, "bits"),
    ("BinaryFocalCrossentropy", {}, "bits"),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5}, "bits"),
    ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "bit logits"),
    ("CategoricalCrossentropy", {}, "one-hot"), ("CategoricalCrossentropy", {}, "distributions"),
    ("CategoricalCrossentropy", {"from_logits": True}, "one-hot logits"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, "one-hot"),
    ("CategoricalCrossentropy", {"axis": 1}, "one-hot first"),
    ("CategoricalFocalCrossentropy", {}, "one-hot"),
    ("CategoricalFocalCrossentropy", {"from_logits": True, "alpha": 0.5, "gamma": 1.0}, "one-hot logits"),
    ("CategoricalFocalCrossentropy", {"label_smoothing": 0.1, "alpha": [0.1, 0.2, 0.3, 0.4, 0.5]}, "one-hot"),
    ("SparseCategoricalCrossentropy", {}, "classes"), ("SparseCategoricalCrossentropy", {}, "class column"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "class logits"),
    ("SparseCategoricalCrossentropy", {}, "steps"), ("SparseCategoricalCrossentropy", {"ignore_class": 2}, "classes"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 0}, "steps"),
    ("CategoricalGeneralizedCrossEntropy", {}, "classes"),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.8}, "classes"),
    ("Dice", {}, "masks"), ("Dice", {"axis": (1, 2)}, "masks"),
    ("Tversky", {}, "masks"), ("Tversky", {"alpha": 0.3, "beta": 0.8, "axis": (1, 2)}, "masks"),
    ("Circle", {}, "embeddings"), ("Circle", {"gamma": 8.0, "margin": 0.25, "remove_diagonal": False}, "embeddings"),
]  # fmt: skip
REDUCTIONS = ("sum_over_batch_size", "sum", "none", "mean_with_sample_weight")


def _id(*parts):
    settings = [f"{k}={v}" for part in parts if isinstance(part, dict) for k, v in part.items()]
    return " ".join([str(part) for part in parts if not isinstance(part, dict)] + settings)


def _loss_case(name, settings, data):
    def run(tf, keras, call):
        y_true, y_pred = DATA[data]
        found = []
        rows = len(y_true)
        for reduction in REDUCTIONS:
            loss = getattr(keras.losses, name)(reduction=reduction, **settings)
            found.append(call(loss, y_true, y_pred))
            if (name in ("Dice", "Tversky") and not settings.get("axis")) or settings.get("axis") == 0:
                continue  # no value per sample to weigh
            found.append(call(loss, y_true, y_pred, 0.5))
            found.append(call(loss, y_true, y_pred, _weights_of(y_pred, rows)))
        loss = getattr(keras.losses, name)(**settings)

        def gradient(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                value = loss(y_true, x)
            return tape.gradient(value, x)

        return [*found, call(gradient, tf.constant(y_pred))]

    return Case(_id("loss", name, data, settings), run)


def _weights_of(y_pred, rows):
    """A weight per sample, shaped so that both generations of Keras can multiply it."""
    return WEIGHTS[:rows] if y_pred.ndim < 3 else WEIGHTS[:rows, None]


LOSS_FUNCTIONS = [
    *((name, {}, data)
      for name in ("mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "huber", "logcosh")
      for data in ("numbers", "flat", "flat against column")),
    ("mean_squared_error", {}, "integers"), ("mean_absolute_error", {}, "integers"),
    ("mean_squared_logarithmic_error", {}, "positive"), ("huber", {"delta": 0.5}, "cubes"),
    ("cosine_similarity", {}, "numbers"), ("cosine_similarity", {"axis": 0}, "numbers"), ("poisson", {}, "positive"),
    ("hinge", {}, "bits"), ("squared_hinge", {}, "signs"), ("categorical_hinge", {}, "one-hot"),
    ("kullback_leibler_divergence", {}, "distributions"), ("kld", {}, "distributions"),
    ("binary_crossentropy", {}, "bits"), ("binary_crossentropy", {"from_logits": True}, "bit logits"),
    ("binary_focal_crossentropy", {}, "bits"), ("categorical_crossentropy", {}, "one-hot"),
    ("categorical_crossentropy", {"from_logits": True, "label_smoothing": 0.1}, "one-hot logits"),
    ("categorical_focal_crossentropy", {}, "one-hot"), ("sparse_categorical_crossentropy", {}, "classes"),
    ("sparse_categorical_crossentropy", {"ignore_class": 1}, "steps"),
    ("categorical_generalized_cross_entropy", {"q": 0.3}, "classes"),
    ("dice", {}, "masks"), ("tversky", {"axis": 1}, "masks"), ("circle", {}, "embeddings"),
    *((name, {}, "positive") for name in ("mse", "MSE", "mae", "MAE", "mape", "MAPE", "msle", "MSLE")),
]  # fmt: skip


def _loss_function_case(name, settings, data):
    def run(tf, keras, call):
        return [call(lambda a, b: getattr(keras.losses, name)(a, b, **settings), *DATA[data])]

    return Case(_id("loss function", name, data, settings), run)


def _through_activation(activation, loss, settings, data):
    """Probabilities made by Keras' own softmax or sigmoid: the loss starts from the logits behind them."""

    def run(tf, keras, call):
        y_true, logits = DATA[data]
        loss_object = getattr(keras.losses, loss)(**settings)

        def both(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                value = loss_object(y_true, getattr(keras.activations, activation)(x))
            return value, tape.gradient(value, x)

        return list(call(both, tf.constant(logits * 20)))

    return Case(_id("loss of", activation, loss, data, settings), run)


def _masked_loss(reduction, weighted):
    def run(tf, keras, call):
        y_true, y_pred = DATA["numbers"]

        def f(x):
            x = tf.identity(x)
            x._keras_mask = tf.constant([True, False] * 4)
            weights = (WEIGHTS[:8],) if weighted else ()
            return keras.losses.MeanSquaredError(reduction=reduction)(y_true, x, *weights)

        return [call(f, tf.constant(y_pred))]

    return Case(f"loss masked {reduction} {weighted}", run)


# -- metrics ------------------------------------------------------------------------------------------------

_SCORES = np.round(_floats(8, 3, low=0.0, high=1.0), 2)
DATA["scores"] = (_BITS, _SCORES)
DATA["score column"] = (_BITS[:, :1], _SCORES[:, :1])
DATA["scores, flat"] = (_BITS[:, 0], _SCORES[:, 0])
DATA["calls"] = (_BITS[:, 0], _random.randint(0, 2, 8).astype("float32"))
DATA["class numbers"] = (_LABELS, _random.randint(0, 5, 8))
DATA["class maps"] = (_STEPS, _random.randint(0, 4, (3, 6)))
DATA["one-hot maps"] = (_one_hot(_STEPS, 4), _softmax(_floats(3, 6, 4)))
DATA["edges"] = (np.array([0, 1, 1, 0, 1, 0, 1, 1], "float32"), np.array([0, 0, 1, 1, 0.5, 0.5, 0.25, 0.75], "float32"))
DATA["ids"] = (_LABELS.astype("float32"), np.stack([_random.permutation(5) for _ in range(8)]).astype("float32"))
_EVEN = [0.0, 0.25, 0.5, 0.75, 1.0]

METRICS = [
    *((name, {}, data)
      for name in ("MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "LogCoshError",
                   "RootMeanSquaredError")
      for data in ("numbers", "flat", "flat against column", "cubes")),
    ("MeanSquaredLogarithmicError", {}, "positive"), ("CosineSimilarity", {}, "numbers"), ("Poisson", {}, "positive"),
    ("KLDivergence", {}, "distributions"), ("Hinge", {}, "signs"), ("SquaredHinge", {}, "bits"),
    ("CategoricalHinge", {}, "one-hot"), ("BinaryCrossentropy", {}, "bits"),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "bit logits"),
    ("CategoricalCrossentropy", {}, "one-hot"), ("CategoricalCrossentropy", {"from_logits": True}, "one-hot logits"),
    ("SparseCategoricalCrossentropy", {}, "classes"), ("SparseCategoricalCrossentropy", {}, "steps"),
    ("Accuracy", {}, "class numbers"), ("Accuracy", {}, "class maps"),
    ("BinaryAccuracy", {}, "scores"), ("BinaryAccuracy", {"threshold": 0.3}, "score column"),
    ("BinaryAccuracy", {}, "scores, flat"), ("CategoricalAccuracy", {}, "one-hot"),
    ("CategoricalAccuracy", {}, "one-hot maps"), ("SparseCategoricalAccuracy", {}, "classes"),
    ("SparseCategoricalAccuracy", {}, "class column"), ("SparseCategoricalAccuracy", {}, "steps"),
    ("TopKCategoricalAccuracy", {"k": 2}, "one-hot"), ("TopKCategoricalAccuracy", {"k": 3}, "one-hot maps"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "classes"), ("SparseTopKCategoricalAccuracy", {"k": 2}, "steps"),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "ids"),
    *((name, settings, data)
      for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
      for settings, data in (({}, "scores"), ({"thresholds": [0.2, 0.9]}, "scores, flat"),
                             ({"thresholds": _EVEN}, "scores"))),
    *((name, settings, data)
      for name in ("Precision", "Recall")
      for settings, data in (({}, "scores"), ({}, "score column"), ({}, "scores, flat"), ({"thresholds": 0.7}, "calls"),
                             ({"thresholds": [0.1, 0.8]}, "scores"), ({"thresholds": _EVEN}, "edges"),
                             ({"class_id": 1}, "scores"), ({"top_k": 2}, "scores"),
                             ({"top_k": 2, "class_id": 2}, "scores"))),
    ("SensitivityAtSpecificity", {"specificity": 0.4}, "scores"),
    ("SpecificityAtSensitivity", {"sensitivity": 0.5}, "scores"), ("PrecisionAtRecall", {"recall": 0.6}, "scores"),
    ("RecallAtPrecision", {"precision": 0.6}, "scores"),
    ("RecallAtPrecision", {"precision": 0.9, "num_thresholds": 7, "class_id": 0}, "scores"),
    ("PrecisionAtRecall", {"recall": 0.5, "num_thresholds": 1}, "scores, flat"),
    *(("AUC", {"curve": curve, "summation_method": method}, "scores")
      for curve in ("ROC", "PR", "PRGAIN") for method in ("interpolation", "minoring", "majoring")),
    ("AUC", {}, "edges"), ("AUC", {"num_thresholds": 5}, "edges"), ("AUC", {"thresholds": [0.2, 0.3, 0.9]}, "scores"),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75]}, "edges"), ("AUC", {"from_logits": True}, "bit logits"),
    ("AUC", {"multi_label": True}, "scores"), ("AUC", {"multi_label": True, "curve": "PR"}, "scores"),
    ("AUC", {"multi_label": True, "num_labels": 3, "label_weights": [1.0, 2.0, 0.5]}, "scores"),
    ("AUC", {"multi_label": True, "thresholds": [0.2, 0.3, 0.9]}, "scores"),
    ("AUC", {"label_weights": [1.0, 2.0, 0.5]}, "scores"),
    *(("FBetaScore", {"average": average, "beta": 2.0, "threshold": threshold}, "one-hot")
      for average in (None, "micro", "macro", "weighted") for threshold in (None, 0.3)),
    *(("F1Score", {"average": average}, "one-hot") for average in (None, "micro", "macro", "weighted")),
    ("R2Score", {}, "numbers"), ("R2Score", {}, "flat against column"), ("R2Score", {"class_aggregation": None}, "numbers"),
    ("R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, "numbers"),
    ("PearsonCorrelation", {}, "numbers"), ("PearsonCorrelation", {"axis": 0}, "numbers"),
    ("ConcordanceCorrelation", {}, "numbers"), ("ConcordanceCorrelation", {"axis": 0}, "numbers"),
    ("MeanIoU", {"num_classes": 5, "dtype": "float32"}, "class numbers"),
    ("MeanIoU", {"num_classes": 4, "dtype": "float32"}, "class maps"),
    ("MeanIoU", {"num_classes": 4, "ignore_class": 0, "dtype": "float32"}, "class maps"),
    ("MeanIoU", {"num_classes": 3, "dtype": "float32"}, "class maps"),
    ("IoU", {"num_classes": 4, "target_class_ids": [1, 3], "dtype": "float32"}, "class maps"),
    ("BinaryIoU", {"dtype": "float32"}, "scores, flat"),
    ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.3, "dtype": "float32"}, "scores"),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 2], "dtype": "float32"}, "one-hot maps"),
    ("OneHotMeanIoU", {"num_classes": 4, "dtype": "float32"}, "one-hot maps"),
]  # fmt: skip


def _metric_case(name, settings, data, generation=3):
    def run(tf, keras, call):
        y_true, y_pred = DATA[data]
        half = len(y_true) // 2 + 1
        batches = [(y_true[:half], y_pred[:half]), (y_true[half:], y_pred[half:])]
        found = []
        # The mean over a single axis leaves no samples to weigh.
        no_samples = (data == "flat" and name != "RootMeanSquaredError") or settings.get("axis") == 0
        for weighted in (False,) if no_samples else (False, True):
            metric = getattr(keras.metrics, name)(**settings)
            for batch in batches:
                weights = (_weights_for(name, *batch),) if weighted else ()
                _update(call, metric, *batch, *weights)
                found.append(np.array(metric.result()))
            found += [np.asarray(variable) for variable in metric.variables]
            metric.reset_state()
            found += [np.asarray(variable) for variable in metric.variables]
        return found

    return Case(_id("metric", name, data, settings), run, generation)


def _weights_for(metric, y_true, y_pred):
    """A weight per sample; of maps, per cell."""
    if "IoU" in metric:
        shape = y_true.shape[:2] if y_true.ndim > 1 else y_true.shape
        return WEIGHTS[: math.prod(shape)].reshape(shape)
    return WEIGHTS[: len(y_true)]


METRIC_FUNCTIONS = [
    ("binary_accuracy", {}, "scores"), ("binary_accuracy", {"threshold": 0.2}, "score column"),
    ("categorical_accuracy", {}, "one-hot"), ("sparse_categorical_accuracy", {}, "classes"),
    ("sparse_categorical_accuracy", {}, "class column"), ("sparse_categorical_accuracy", {}, "steps"),
    ("top_k_categorical_accuracy", {"k": 2}, "one-hot"), ("top_k_categorical_accuracy", {"k": 2}, "one-hot maps"),
    ("sparse_top_k_categorical_accuracy", {"k": 3}, "classes"),
    ("sparse_top_k_categorical_accuracy", {"k": 1}, "class column"),
    ("sparse_top_k_categorical_accuracy", {"k": 2}, "steps"), ("pearson_correlation", {}, "numbers"),
    ("concordance_correlation", {}, "numbers"), ("mse", {}, "numbers"), ("hinge", {}, "signs"),
]  # fmt: skip


def _metric_function_case(name, settings, data):
    def run(tf, keras, call):
        return [call(lambda a, b: getattr(keras.metrics, name)(a, b, **settings), *DATA[data])]

    return Case(_id("metric function", name, data, settings), run)


def _mean_case(name, values, weights):
    def run(tf, keras, call):
        metric = getattr(keras.metrics, name)()
        for part in (values, values[:1]):
            weight = () if weights is None else (np.asarray(weights)[: len(part)] if np.ndim(weights) else weights,)
            _update(call, metric, part, *weight)
        return [metric.result(), *(np.asarray(variable) for variable in metric.variables)]

    return Case(f"mean {name} {np.shape(values)} weights {np.shape(weights) if weights is not None else None}", run)


# -- activations, initializers, regularizers, constraints --------------------------------------------------

ACTIVATIONS = [
    *((name, {}) for name in (
        "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish",
        "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid",
        "silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus",
        "swish", "tanh", "tanh_shrink")),
    ("celu", {"alpha": 0.5}), ("elu", {"alpha": 0.5}), ("gelu", {"approximate": True}), ("glu", {"axis": 0}),
    ("hard_shrink", {"threshold": 1.0}), ("leaky_relu", {"negative_slope": 0.01}), ("log_softmax", {"axis": 0}),
    ("relu", {"max_value": 3.0}), ("relu", {"max_value": 6}), ("relu", {"threshold": 1.0}),
    ("relu", {"negative_slope": 0.1}), ("relu", {"negative_slope": 0.1, "max_value": 2.0}),
    ("relu", {"negative_slope": 0.1, "max_value": 2.0, "threshold": 0.5}), ("soft_shrink", {"threshold": 1.0}),
    ("softmax", {"axis": 0}), ("squareplus", {"b": 2}), ("threshold", {"threshold": 0.5, "default_value": -1.0}),
]  # fmt: skip
# Off the kinks (multiples of 0.5), where a gradient is anyone's choice.
GRID = (np.linspace(-8.03, 8.11, 48).reshape(8, 6)).astype("float32")
SLOPES = GRID / 8  # what arrives at the gradient: below 1, as `1 - tanh(x) ** 2` loses all but the last digits


def _activation_case(name, settings):
    def run(tf, keras, call):
        def both(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = getattr(keras.activations, name)(x, **settings)
                total = tf.reduce_sum(y * SLOPES[: y.shape[0], : y.shape[1]])
            return y, tape.gradient(total, x)

        return list(call(both, tf.constant(GRID)))

    return Case(_id("activation", name, settings), run)


_KERNEL, _DENSE = (3, 3, 2, 4), (5, 4)
INITIALIZERS = [
    *((name, {"seed": seed}, shape, dtype)
      for name in ("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform",
                   "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Orthogonal")
      for seed, shape, dtype in ((42, _DENSE, None), (0, _KERNEL, None), (2**31 + 5, _DENSE, "float64"))),
    ("RandomNormal", {"mean": 1.0, "stddev": 2.0, "seed": 3}, (7,), None),
    ("RandomUniform", {"minval": 1.0, "maxval": 2.0, "seed": 3}, (7,), None),
    ("VarianceScaling", {"scale": 3.0, "mode": "fan_out", "distribution": "uniform", "seed": 1}, _KERNEL, None),
    ("VarianceScaling", {"mode": "fan_avg", "distribution": "untruncated_normal", "seed": 1}, _DENSE, None),
    ("VarianceScaling", {"seed": 1, "input_axes": [0], "output_axes": [1, 2]}, (4, 2, 3), None),
    ("GlorotUniform", {"seed": 1}, (6,), None), ("GlorotUniform", {"seed": 1}, (), None),
    ("Orthogonal", {"gain": 2.0, "seed": -3}, (3, 7), None),
    ("Constant", {"value": 3}, _DENSE, None), ("Constant", {"value": [1.0, 2.0, 3.0, 4.0]}, _DENSE, None),
    ("Constant", {"value": 2.5}, _DENSE, "int32"), ("Zeros", {}, _DENSE, "int32"), ("Ones", {}, _DENSE, None),
    ("Zeros", {}, _DENSE, "bool"), ("Identity", {"gain": 2.0}, _DENSE, None),
    ("STFT", {}, (8, 1, 5), None),
    ("STFT", {"side": "imag", "scaling": "spectrum", "periodic": True}, (8, 1, 5), None),
    ("STFT", {"window": None}, (8, 1, 5), None),
]  # fmt: skip


def _initializer_case(name, settings, shape, dtype):
    def run(tf, keras, call):
        initializer = getattr(keras.initializers, name)(**settings)
        return [call(lambda: initializer(shape, dtype=dtype)), call(lambda: initializer(shape, dtype))]

    return Case(_id("initializer", name, shape, dtype, settings), run)


def _seeded_by(how):
    """Initializers without a seed, after Python's and TensorFlow's streams were seeded: Keras 3's numbers."""

    def run(tf, keras, call):
        keras.utils.set_random_seed(11)
        found = [keras.initializers.get(name)((3, 2)) for name in ("glorot_uniform", "he_normal", "orthogonal")]
        random.seed(12)
        tf.random.set_seed(12)
        return [*found, keras.initializers.get(how)((3, 2))]

    return Case(f"initializer seeded {how}", run)


REGULARIZERS = [
    ("L1", {}), ("L1", {"l1": 0.3}), ("L2", {}), ("l2", {"l2": 0.3}), ("L1L2", {"l1": 0.1, "l2": 0.2}), ("L1L2", {}),
    ("OrthogonalRegularizer", {}), ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
]  # fmt: skip
CONSTRAINTS = [
    ("MaxNorm", {}), ("MaxNorm", {"max_value": 1.0, "axis": 1}), ("NonNeg", {}), ("UnitNorm", {}),
    ("UnitNorm", {"axis": [0, 1]}), ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 2.0, "max_value": 2.5, "rate": 0.5, "axis": 1}),
]  # fmt: skip


def _called_case(module, name, settings, data, generation=3):
    def run(tf, keras, call):
        obj = getattr(getattr(keras, module), name)(**settings)

        def both(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = obj(x)
            return tf.convert_to_tensor(y), tape.gradient(y, x)

        found = list(call(both, tf.constant(data)))
        return found if module == "regularizers" and settings != {} else found[:1]

    return Case(_id(module[:-1], name, np.shape(data), settings), run, generation)


# -- what only Keras 2 has, or does otherwise --------------------------------------------------------------


def _keras2_cases():
    def mean_tensor(tf, keras, call):
        metric = keras.metrics.MeanTensor()
        for values, weights in ((DATA["numbers"][0], None), (DATA["numbers"][1], WEIGHTS[:8])):
            _update(call, metric, values, *(() if weights is None else (weights,)))
        return [metric.result()]

    def mean_relative_error(tf, keras, call):
        metric = keras.metrics.MeanRelativeError(normalizer=np.array([1.0, 0.0, 3.0], "float32"))
        _update(call, metric, *DATA["numbers"])
        return [metric.result()]

    def per_sample_weights_of_sequences(tf, keras, call):
        return [call(keras.losses.MeanSquaredError(), *DATA["cubes"], WEIGHTS[:4])]

    def sparse_axis(tf, keras, call):
        y_true, y_pred = _STEPS, DATA["one-hot first"][1]
        return [call(lambda a, b: keras.losses.sparse_categorical_crossentropy(a, b, axis=1), y_true, y_pred)]

    def ignored_class_metric(tf, keras, call):
        metric = keras.metrics.SparseCategoricalCrossentropy(ignore_class=2)
        _update(call, metric, *DATA["classes"])
        return [metric.result()]

    def smoothing_axis(tf, keras, call):
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1, axis=1)
        return [call(loss, *DATA["one-hot first"])]

    def old_arguments(tf, keras, call):
        relu = keras.activations.relu(tf.constant(GRID), alpha=0.2, max_value=3.0)
        l1 = keras.regularizers.l1_l2()(tf.constant(GRID))
        l2 = keras.regularizers.l2(l=0.2)(tf.constant(GRID))
        return [relu, l1, l2, keras.losses.MeanSquaredError(keras.losses.Reduction.AUTO, "mse")(*DATA["numbers"])]

    for run in (mean_tensor, mean_relative_error, per_sample_weights_of_sequences, sparse_axis, ignored_class_metric,
                smoothing_axis, old_arguments):  # fmt: skip
        yield Case(f"keras 2: {run.__name__}", run, 2)
    for size in (3, 4, 5, 6):
        kernel = np.arange(size * size * 2, dtype="float32").reshape(size, size, 2, 1)
        yield _called_case("constraints", "RadialConstraint", {}, kernel, generation=2)


def cases():
    yield from (_loss_case(*row) for row in LOSSES)
    yield from (_loss_function_case(*row) for row in LOSS_FUNCTIONS)
    yield _through_activation("softmax", "CategoricalCrossentropy", {}, "one-hot logits")
    yield _through_activation("softmax", "SparseCategoricalCrossentropy", {}, "class logits")
    yield _through_activation("sigmoid", "BinaryCrossentropy", {}, "bit logits")
    yield from (_masked_loss(reduction, weighted) for reduction in REDUCTIONS for weighted in (False, True))
    yield from (_metric_case(*row) for row in METRICS)
    yield from (_metric_function_case(*row) for row in METRIC_FUNCTIONS)
    for name in ("Mean", "Sum"):
        for values, weights in (
            (DATA["flat"][0], None), (DATA["flat"][0], WEIGHTS[:8]), (DATA["numbers"][0], None), (DATA["cubes"][0], None),
            (DATA["numbers"][0], WEIGHTS[:8]), (DATA["cubes"][0], WEIGHTS[:12].reshape(4, 3)), (DATA["flat"][0], 2.0),
        ):  # fmt: skip
            yield _mean_case(name, values, weights)
    yield from (_activation_case(*row) for row in ACTIVATIONS)
    yield from (_initializer_case(*row) for row in INITIALIZERS)
    yield _seeded_by("he_uniform")
    matrix = DATA["numbers"][0]
    yield from (_called_case("regularizers", *row, matrix) for row in REGULARIZERS)
    yield from (_called_case("constraints", *row, matrix) for row in CONSTRAINTS)
    yield from _keras2_cases()

"""`tf.keras.metrics`: metrics as functions (a value per sample) and as classes (with state), and the way to them by name.

Formulas, names and defaults are Keras 3's, which `tf.keras` is; Keras 2's further spellings are accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thalweg.keras import losses, naming
from thalweg.keras.losses import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from thalweg.keras.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from thalweg.keras.metrics.auc import AUC
from thalweg.keras.metrics.base import Metric
from thalweg.keras.metrics.confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    PrecisionAtRecall,
    Recall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SensitivitySpecificityBase,
    SpecificityAtSensitivity,
    TrueNegatives,
    TruePositives,
)
from thalweg.keras.metrics.per_class import (
    BinaryIoU,
    ConfusionMatrix,
    F1Score,
    FBetaScore,
    IoU,
    MeanIoU,
    OneHotIoU,
    OneHotMeanIoU,
)
from thalweg.keras.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from thalweg.keras.metrics.reduction import Mean, MeanMetricWrapper, MeanTensor, Sum
from thalweg.keras.metrics.regression import (
    ConcordanceCorrelation,
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanRelativeError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    PearsonCorrelation,
    R2Score,
    RootMeanSquaredError,
    concordance_correlation,
    pearson_correlation,
)
from thalweg.keras.saving.registration import Catalogue

acc = ACC = accuracy
bce = BCE = binary_crossentropy
mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh

FUNCTIONS = (
    accuracy, binary_accuracy, binary_crossentropy, binary_focal_crossentropy, categorical_accuracy,
    categorical_crossentropy, categorical_focal_crossentropy, categorical_hinge, concordance_correlation,
    hinge, huber, kl_divergence, log_cosh, mean_absolute_error, mean_absolute_percentage_error,
    mean_squared_error, mean_squared_logarithmic_error, pearson_correlation, poisson, sparse_categorical_accuracy,
    sparse_categorical_crossentropy, sparse_top_k_categorical_accuracy, squared_hinge, top_k_categorical_accuracy,
)  # fmt: skip
CLASSES = (
    AUC, Accuracy, BinaryAccuracy, BinaryCrossentropy, BinaryIoU, CategoricalAccuracy, CategoricalCrossentropy,
    CategoricalHinge, ConcordanceCorrelation, ConfusionMatrix, CosineSimilarity, F1Score, FBetaScore, FalseNegatives,
    FalsePositives, Hinge, IoU, KLDivergence, LogCoshError, Mean, MeanAbsoluteError, MeanAbsolutePercentageError,
    MeanIoU, MeanMetricWrapper, MeanRelativeError, MeanSquaredError, MeanSquaredLogarithmicError, MeanTensor, Metric,
    OneHotIoU, OneHotMeanIoU, PearsonCorrelation, Poisson, Precision, PrecisionAtRecall, R2Score, Recall,
    RecallAtPrecision, RootMeanSquaredError, SensitivityAtSpecificity, SparseCategoricalAccuracy,
    SparseCategoricalCrossentropy, SparseTopKCategoricalAccuracy, SpecificityAtSensitivity, SquaredHinge, Sum,
    TopKCategoricalAccuracy, TrueNegatives, TruePositives,
)  # fmt: skip
# A name finds the class where there is one (`get("mse")` is a `MeanSquaredError`), else the function.
_ALIASES = {
    "bce": BinaryCrossentropy, "BCE": BinaryCrossentropy, "mse": MeanSquaredError, "MSE": MeanSquaredError,
    "mae": MeanAbsoluteError, "MAE": MeanAbsoluteError, "mape": MeanAbsolutePercentageError,
    "MAPE": MeanAbsolutePercentageError, "msle": MeanSquaredLogarithmicError, "MSLE": MeanSquaredLogarithmicError,
    "acc": Accuracy, "ACC": Accuracy, "kld": KLDivergence, "KLD": KLDivergence,
    "kullback_leibler_divergence": KLDivergence, "logcosh": LogCoshError, "log_cosh": LogCoshError,
    "cosine_proximity": CosineSimilarity, "rmse": RootMeanSquaredError, "RMSE": RootMeanSquaredError,
    **{naming.to_snake_case(cls.__name__): cls for cls in CLASSES},
}  # fmt: skip
_catalogue = Catalogue("keras.metrics", "metric", (*FUNCTIONS, *CLASSES), _ALIASES)


def get(identifier: Any) -> Any:
    """The metric behind a name, a config, a class or a function; None for None. Raises ValueError for anything else.

    >>> tf.keras.metrics.get("mse")
    <MeanSquaredError name=mean_squared_error>
    """
    return None if identifier is None else _catalogue.get(identifier)


def serialize(metric: Any, use_legacy_format: bool = False) -> Any:
    """The config of a metric."""
    return _catalogue.serialize(metric, use_legacy_format)


def deserialize(
    config: Any, custom_objects: Mapping[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The metric that a config or a name stands for."""
    return _catalogue.deserialize(config, custom_objects, use_legacy_format)


_ACCURACIES = {
    "binary": BinaryAccuracy,
    "sparse": SparseCategoricalAccuracy,
    "categorical": CategoricalAccuracy,
}
_CROSSENTROPIES = {
    "binary": BinaryCrossentropy,
    "sparse": SparseCategoricalCrossentropy,
    "categorical": CategoricalCrossentropy,
}


def resolve_metric(identifier: Any, y_true_shape: Any, y_pred_shape: Any, loss: Any = None) -> Metric:
    """What `compile(metrics=[identifier])` means for one output: always a `Metric`, called as it was written.

    'accuracy' (or 'acc') and 'crossentropy' (or 'ce') become the binary, sparse or categorical kind by the shapes of
    labels and output, as in Keras; the cross-entropy takes `from_logits` from `loss`.

    >>> resolve_metric("acc", (None, 1), (None, 5))
    <SparseCategoricalAccuracy name=acc>
    """
    if identifier is None:
        raise ValueError("A metric must be a name, a metric or a function, but it is None.")
    if not isinstance(identifier, str):
        metric = get(identifier)
        return metric if isinstance(metric, Metric) else MeanMetricWrapper(metric, name=naming.object_name(metric))
    name = identifier.lower()
    if name in ("accuracy", "acc"):
        return _ACCURACIES[losses.label_kind(y_true_shape, y_pred_shape)](name=identifier)
    if name in ("crossentropy", "ce"):
        kind = _CROSSENTROPIES[losses.label_kind(y_true_shape, y_pred_shape)]
        return kind(name=identifier, from_logits=getattr(loss, "from_logits", False))
    metric = get(identifier)
    if not isinstance(metric, Metric):
        return MeanMetricWrapper(metric, name=identifier)
    metric.name = identifier
    return metric


__all__ = [
    *sorted(cls.__name__ for cls in CLASSES), *sorted(fn.__name__ for fn in FUNCTIONS), "ACC", "BCE", "KLD", "MAE",
    "MAPE", "MSE", "MSLE", "SensitivitySpecificityBase", "acc", "bce", "deserialize", "get", "kld",
    "kullback_leibler_divergence", "logcosh", "mae", "mape", "mse", "msle", "resolve_metric", "serialize",
]  # fmt: skip

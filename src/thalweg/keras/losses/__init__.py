"""`tf.keras.losses`: losses as functions (a value per sample) and as classes (reduced), and the way to them by name.

Formulas, names and defaults are Keras 3's, which `tf.keras` is; Keras 2's further spellings are accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thalweg.keras import naming
from thalweg.keras.losses.base import Loss, LossFunctionWrapper, Reduction
from thalweg.keras.losses.crossentropy import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    KLDivergence,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    kl_divergence,
    sparse_categorical_crossentropy,
)
from thalweg.keras.losses.hinge import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from thalweg.keras.losses.overlap import Circle, Dice, Tversky, circle, dice, tversky
from thalweg.keras.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
)
from thalweg.keras.saving.registration import Catalogue

bce = BCE = binary_crossentropy
mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh
huber_loss = huber
cosine_proximity = cosine = cosine_similarity

ALIASES = {
    "bce": bce, "BCE": bce, "mse": mse, "MSE": mse, "mae": mae, "MAE": mae, "mape": mape, "MAPE": mape,
    "msle": msle, "MSLE": msle, "kld": kld, "KLD": kld, "kullback_leibler_divergence": kld, "logcosh": logcosh,
    "huber_loss": huber, "cosine_proximity": cosine, "cosine": cosine,
}  # fmt: skip
FUNCTIONS = (
    binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy, categorical_focal_crossentropy,
    categorical_generalized_cross_entropy, categorical_hinge, circle, cosine_similarity, dice, hinge, huber,
    kl_divergence, log_cosh, mean_absolute_error, mean_absolute_percentage_error, mean_squared_error,
    mean_squared_logarithmic_error, poisson, sparse_categorical_crossentropy, squared_hinge, tversky,
)  # fmt: skip
CLASSES = (
    Loss, LossFunctionWrapper, BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy,
    CategoricalFocalCrossentropy, CategoricalGeneralizedCrossEntropy, CategoricalHinge, Circle, CosineSimilarity, Dice,
    Hinge, Huber, KLDivergence, LogCosh, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, Poisson, SparseCategoricalCrossentropy, SquaredHinge, Tversky,
)  # fmt: skip
_catalogue = Catalogue("keras.losses", "loss", (*FUNCTIONS, *CLASSES), ALIASES)


def get(identifier: Any) -> Any:
    """The loss behind a name, a config, a class or a function; None for None. Raises ValueError for anything else.

    >>> tf.keras.losses.get("mse").__name__
    'mean_squared_error'
    >>> tf.keras.losses.get("Huber").name
    'huber_loss'
    """
    return None if identifier is None else _catalogue.get(identifier)


def serialize(loss: Any, use_legacy_format: bool = False) -> Any:
    """The config of a loss."""
    return _catalogue.serialize(loss, use_legacy_format)


def deserialize(
    name: Any, custom_objects: Mapping[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The loss that a config or a name stands for."""
    return _catalogue.deserialize(name, custom_objects, use_legacy_format)


def resolve_loss(identifier: Any, y_true_shape: Any, y_pred_shape: Any) -> Loss | None:
    """What `compile(loss=identifier)` means for one output: always a `Loss`, with the given name in its name.

    'crossentropy' (or 'ce') becomes the binary, sparse or categorical one, by the shapes of labels and output.
    """
    if identifier is None:
        return None
    if str(identifier).lower() in ("crossentropy", "ce"):
        kind = label_kind(y_true_shape, y_pred_shape)
        by_kind = {"binary": binary_crossentropy, "sparse": sparse_categorical_crossentropy}
        loss = by_kind.get(kind, categorical_crossentropy)
    else:
        loss = get(identifier)
    if isinstance(loss, Loss):
        return loss
    name = identifier if isinstance(identifier, str) else naming.object_name(loss)
    return LossFunctionWrapper(loss, name=name)


def label_kind(y_true_shape: Any, y_pred_shape: Any) -> str:
    """How labels code classes, told by shapes as Keras tells it: 'binary', 'sparse' (numbers) or 'categorical'.

    >>> label_kind((None, 1), (None, 5))
    'sparse'
    """
    y_true_shape, y_pred_shape = tuple(y_true_shape), tuple(y_pred_shape)
    classes = y_pred_shape[-1]
    if classes == 1:
        return "binary"
    fewer_dimensions = len(y_true_shape) < len(y_pred_shape)
    if fewer_dimensions or (y_true_shape[-1] == 1 and classes is not None and classes > 1):
        return "sparse"
    return "categorical"


__all__ = [
    *sorted(cls.__name__ for cls in CLASSES), "Reduction", *sorted(fn.__name__ for fn in FUNCTIONS), *sorted(ALIASES),
    "deserialize", "get", "serialize",
]  # fmt: skip

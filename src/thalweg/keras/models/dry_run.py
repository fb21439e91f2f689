"""`fit(dev_run=True)`: one batch of training and one of validation, to see that everything fits together."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.models.data import as_data
from thalweg.keras.utils.batches import unpack_x_y_sample_weight


def dev_run(model: Any, x: Any, y: Any, sample_weight: Any, batch_size: int | None, settings: dict[str, Any]) -> Any:
    """Train and validate on one batch; afterwards weights, optimizer and measures are as they were. Gives the history.

    Callbacks are left out, since they may write files. A generator has then given its first batch.
    """
    batch = next(iter(as_data(x, y, sample_weight, batch_size, None).batches(None)))
    if not model.built:
        model(_tensors(batch[0]), training=False)
    if model.optimizer is not None and not model.optimizer.built and model.trainable_weights:
        model.optimizer.build(model.trainable_weights)
    kept = [(v, v.numpy()) for v in {id(v): v for v in (*model.variables, *_optimizer_variables(model))}.values()]
    try:
        return model.fit(
            batch[0], batch[1], sample_weight=batch[2], batch_size=len(tf.nest.flatten(batch[0])[0]), epochs=1, shuffle=False,
            validation_data=_first(settings.pop("validation_data"), batch_size), **settings,
        )  # fmt: skip
    finally:
        for variable, value in kept:
            variable.assign(value)
        model.reset_metrics()


def _optimizer_variables(model: Any) -> list[Any]:
    return [] if model.optimizer is None else list(model.optimizer.variables)


def _first(validation: Any, batch_size: int | None) -> Any:
    """The first batch of validation data."""
    if validation is None:
        return None
    is_parts = isinstance(validation, (tuple, list))
    x, y, sample_weight = unpack_x_y_sample_weight(validation) if is_parts else (validation, None, None)
    found = next(iter(as_data(x, y, sample_weight, batch_size).batches(None)))
    return tuple(part for part in found if part is not None)


def _tensors(nest: Any) -> Any:
    return tf.nest.map_structure(tf.convert_to_tensor, nest)

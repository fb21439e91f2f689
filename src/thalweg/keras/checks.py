"""Data checked where it enters `fit` and `evaluate`: what would train to a finite, meaningless loss is refused.

Plain NumPy, on the host, once per call. Each check raises with one sentence: what is wrong, where, and what to write
instead. `check_data` runs them all; each also stands alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import losses, naming

# Losses that compare entry with entry, so that labels must be shaped like the outputs: broadcasting is an accident.
_ENTRY_BY_ENTRY = (
    losses.mean_squared_error, losses.mean_absolute_error, losses.mean_absolute_percentage_error,
    losses.mean_squared_logarithmic_error, losses.huber, losses.log_cosh, losses.poisson, losses.cosine_similarity,
    losses.hinge, losses.squared_hinge, losses.categorical_hinge, losses.kl_divergence, losses.dice, losses.tversky,
    losses.binary_crossentropy, losses.binary_focal_crossentropy,
    losses.categorical_crossentropy, losses.categorical_focal_crossentropy,
)  # fmt: skip
_BINARY = (losses.binary_crossentropy, losses.binary_focal_crossentropy)
_ONE_HOT = (losses.categorical_crossentropy, losses.categorical_focal_crossentropy)
_SPARSE = (losses.sparse_categorical_crossentropy, losses.categorical_generalized_cross_entropy)
_OF_PROBABILITIES = (*_BINARY, *_ONE_HOT, losses.sparse_categorical_crossentropy)


def check_data(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    loss: Any = None,
    output_shape: Any = None,
    last_activation: Any = None,
    takes_text: bool = False,
    column_names: Sequence[str] | None = None,
) -> None:
    """Check what is passed to `fit` or `evaluate`.

    x, y, sample_weight: arrays, data frames, or lists and dicts of them. `loss`, `output_shape` and `last_activation`
    are the model's: one of each, or for several outputs a list or dict shaped like `y`. `takes_text`: the model has an
    input of strings. A loss that is not one of Keras' may mean anything by its labels, so those are not checked.
    Raises ValueError, or InvalidArgumentError where TensorFlow's op would.
    """
    for what, array in named_arrays(x, "x"):
        check_numbers(array, what, column_names, takes_text)
    for what, array in named_arrays(sample_weight, "sample_weight"):
        check_numbers(array, what)
    check_lengths([*named_arrays(x, "x"), *named_arrays(y, "y"), *named_arrays(sample_weight, "sample_weight")])
    targets = list(named_arrays(y, "y"))
    per_target = zip(
        targets, *(_per_target(value, y, len(targets)) for value in (loss, output_shape, last_activation))
    )
    for (what, array), a_loss, shape, activation in per_target:
        check_activation(a_loss, activation)
        check_target(array, a_loss, shape, what)


def _per_target(value: Any, y: Any, count: int) -> list[Any]:
    """A setting of the model for each target, in the order of `named_arrays(y)`."""
    if isinstance(value, dict):
        return [value.get(key) for key in y] if isinstance(y, dict) else list(value.values())
    is_shape = isinstance(value, tuple) and all(size is None or isinstance(size, int) for size in value)
    if isinstance(value, (list, tuple)) and not is_shape and len(value) == count:
        return list(value)
    return [value] * count


def named_arrays(data: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Each array (or data frame) in `data` with the words for its place: `x`, `x[1]`, `x['age']`."""
    if data is None:
        return
    if isinstance(data, dict):
        for key, value in data.items():
            yield from named_arrays(value, f"{name}[{key!r}]")
    elif isinstance(data, (list, tuple)) and any(getattr(item, "shape", ()) for item in data):
        for index, value in enumerate(data):
            yield from named_arrays(value, f"{name}[{index}]")
    else:
        yield name, data


# -- numbers ------------------------------------------------------------------------------------------------


def check_numbers(data: Any, what: str, column_names: Sequence[str] | None = None, takes_text: bool = False) -> None:
    """Raise ValueError unless `data` holds numbers only, all of them finite.

    >>> check_numbers(np.array([[1.0, 2.0], [np.nan, 4.0]]), "x", ["age", "height"])
    Traceback (most recent call last):
    ValueError: x has 1 NaN in column 'age', first in row 1: fill it (for example with the median) or drop those rows.
    """
    if column_names is None and hasattr(data, "columns"):
        column_names = [str(name) for name in data.columns]
    array = np.asarray(data)
    if array.dtype.kind in "OSUMm":
        if not takes_text:
            _refuse_text(data, array, what, column_names)
        return
    if array.dtype.kind not in "fcV":  # V: bfloat16 and its like, which NumPy does not know
        return
    if array.dtype.kind == "V":
        array = array.astype(np.float32)
    with np.errstate(all="ignore"):
        if np.isfinite(np.sum(array)):  # one pass without a mask; an overflow only costs the second look
            return
    wrong = ~np.isfinite(array)
    if not wrong.any():
        return
    column, place = _worst_column(wrong, column_names)
    values = array[..., column] if column is not None else array
    kind = "NaN" if np.isnan(values).any() else "infinite values"
    found = np.isnan(values) if kind == "NaN" else np.isinf(values)
    row = int(np.argwhere(found)[0][0]) if found.ndim else 0
    elsewhere = _elsewhere(int(wrong.sum()) - int(found.sum()), what)
    raise ValueError(
        f"{what} has {int(found.sum())} {kind}{place}, first in row {row}{elsewhere}: fill "
        f"{'it' if found.sum() == 1 else 'them'} (for example with the median) or drop those rows."
    )


def _worst_column(mask: np.ndarray, column_names: Sequence[str] | None) -> tuple[int | None, str]:
    """The column with the most marks, and the words for it; None for data without columns."""
    if mask.ndim < 2:
        return None, ""
    per_column = mask.reshape(-1, mask.shape[-1]).sum(axis=0)
    column = int(per_column.argmax())
    named = column_names is not None and len(column_names) == mask.shape[-1]
    return column, f" in column {column_names[column]!r}" if named and column_names else f" in column {column}"


def _elsewhere(count: int, what: str) -> str:
    return f" (and {count} more such cell{'s' if count > 1 else ''} elsewhere in {what})" if count > 0 else ""


def _refuse_text(data: Any, array: np.ndarray, what: str, column_names: Sequence[str] | None) -> None:
    if array.dtype.kind in "Mm":
        raise ValueError(f"{what} holds dates: write them as numbers, for example days since the first.")
    if any(isinstance(value, (list, tuple, np.ndarray)) for value in array.flat):
        raise ValueError(
            f"{what} holds sequences of different lengths: make them equally long with tf.keras.utils.pad_sequences."
        )
    is_text = np.vectorize(lambda value: not _is_number(value), otypes=[bool])(array) if array.size else np.zeros(0)
    if not is_text.any():
        raise ValueError(f"{what} holds numbers, but as Python objects: write {what}.astype('float32').")
    column, place = _worst_column(is_text, column_names)
    values = array[..., column] if column is not None else array
    first = values[is_text[..., column] if column is not None else is_text].flat[0]
    if first is None:
        raise ValueError(f"{what} has empty cells (None){place}: fill them or drop those rows.")
    raise ValueError(
        f"{what} holds text{place} (first: {str(first)!r}): encode it as numbers, for example with "
        "tf.keras.layers.StringLookup or pandas.get_dummies."
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float, np.number, np.bool_))


def check_lengths(arrays: Sequence[tuple[str, Any]]) -> None:
    """Raise ValueError unless all have as many rows.

    >>> check_lengths([("x", np.zeros((4, 2))), ("y", np.zeros(3))])
    Traceback (most recent call last):
    ValueError: x has 4 rows, but y has 3: every array needs one row per sample.
    """
    lengths = [(what, len(array)) for what, array in arrays if np.ndim(array)]
    for what, length in lengths[1:]:
        first, expected = lengths[0]
        if length != expected:
            raise ValueError(f"{first} has {expected} rows, but {what} has {length}: every array needs one row per sample.")


def check_indices(data: Any, input_dim: int, what: str = "x", layer: str = "Embedding") -> None:
    """Raise InvalidArgumentError unless all are indices into an embedding of `input_dim` rows."""
    array = np.asarray(data)
    wrong = (array < 0) | (array >= input_dim)
    if not wrong.any():
        return
    row = int(np.argwhere(wrong)[0][0]) if wrong.ndim else 0
    largest = int(array.max())
    advice = f"write input_dim={largest + 1}" if largest >= input_dim else "shift them so that they start at 0"
    raise _invalid_argument(
        f"{what} holds the index {array[wrong].flat[0]:g} (first in row {row}), but {layer} has input_dim={input_dim}, "
        f"that is indices 0 to {input_dim - 1}: {advice}."
    )


# -- labels -------------------------------------------------------------------------------------------------


def check_target(y: Any, loss: Any, output_shape: Any, what: str = "y") -> None:
    """Raise unless labels fit one of Keras' losses and the output: numbers, shape, classes. Other losses pass."""
    function = _function_of(loss)
    if function is None:
        return
    check_numbers(y, what)
    y = np.asarray(y)
    if function in _SPARSE:
        _check_classes(y, loss, function, output_shape, what)
        return
    if function in _ENTRY_BY_ENTRY and output_shape is not None:
        _check_shape(y, function, output_shape, what)
    if function in (*_BINARY, *_ONE_HOT):
        _check_probabilities(y, function, what)


def _function_of(loss: Any) -> Any:
    """Keras' own function behind a loss given by name, function or class; None for another."""
    if isinstance(loss, str):
        try:
            loss = losses.get(loss)
        except ValueError:
            return None
    function = getattr(loss, "fn", loss)
    return next((known for known in losses.FUNCTIONS if known is function), None)


def _check_classes(y: np.ndarray, loss: Any, function: Any, output_shape: Any, what: str) -> None:
    name = function.__name__
    classes = None if output_shape is None else tuple(output_shape)[-1]
    if classes is not None and y.ndim > 1 and y.shape[-1] == classes != 1 and y.ndim == len(output_shape):
        raise ValueError(
            f"{what} has a column for each of {classes} classes, but {name} takes class numbers: use "
            f"categorical_crossentropy, or {what}.argmax(-1)."
        )
    whole = y.dtype.kind in "iub" or not np.any(y % 1)
    if not whole:
        value = y[y % 1 != 0].flat[0]
        raise ValueError(
            f"{what} holds {value:g}, but {name} takes class numbers 0, 1, 2, ...: for numbers use loss='mse'."
        )
    if classes is None or y.size == 0:
        return
    ignored = getattr(loss, "ignore_class", None)
    counted = y if ignored is None else y[y != ignored]
    if counted.size == 0:
        return
    low, high = int(counted.min()), int(counted.max())
    if low >= 0 and high < classes:
        return
    if low == 1 and high == classes:
        advice = f"write {what} - 1"
    elif low < 0:
        advice = f"renumber them from 0 (np.unique({what}, return_inverse=True)), or leave one out by ignore_class={low}"
    else:
        advice = f"give the last layer {high + 1} units, or renumber them from 0"
    raise _invalid_argument(
        f"{what} holds classes {low} to {high}, but the model has {classes} outputs, for classes 0 to {classes - 1}: "
        f"{advice}."
    )


def _check_shape(y: np.ndarray, function: Any, output_shape: Any, what: str) -> None:
    """Raise unless labels have the outputs' shape, the first and a missing or extra last axis of 1 aside."""
    shape = tuple(output_shape)
    ours = y.shape if y.ndim > 1 else (*y.shape, 1)
    wanted = shape if len(shape) > 1 else (*shape, 1)
    if len(ours) == len(wanted) - 1 and wanted[-1] == 1:
        ours = (*ours, 1)
    elif len(ours) == len(wanted) + 1 and ours[-1] == 1:
        ours = ours[:-1]
    if len(ours) == len(wanted) and all(b in (None, a) for a, b in zip(ours[1:], wanted[1:])):
        return
    classes = wanted[-1]
    is_column = ours[-1] == 1 and len(ours) == len(wanted)
    if function in (*_BINARY, *_ONE_HOT) and is_column and classes not in (1, None):
        advice = f"use sparse_categorical_crossentropy, or tf.keras.utils.to_categorical({what}, {classes})"
    elif len(ours) == len(wanted):
        advice = f"give the last layer {ours[-1]} units, or {what} {wanted[-1]} columns"
    else:
        advice = "make one like the other (a recurrent layer gives all steps only with return_sequences=True)"
    raise ValueError(
        f"{what} has shape {y.shape}, but the model's output {shape}; {function.__name__} compares them entry by "
        f"entry: {advice}."
    )


def _check_probabilities(y: np.ndarray, function: Any, what: str) -> None:
    """Raise unless yes/no and one-hot labels lie between 0 and 1."""
    if y.size == 0 or y.dtype.kind == "b":
        return
    low, high = float(y.min()), float(y.max())
    if low >= 0 and high <= 1:
        return
    if (low, high) == (-1, 1):
        advice = f"write ({what} + 1) / 2"
    elif (low, high) == (1, 2):
        advice = f"write {what} - 1"
    elif high > 2 and not np.any(y % 1):
        advice = "for more than two classes use sparse_categorical_crossentropy and an output for each"
    else:
        advice = "for other numbers use loss='mse'"
    raise ValueError(f"{what} holds values from {low:g} to {high:g}, but {function.__name__} takes 0 and 1: {advice}.")


# -- the model's end ----------------------------------------------------------------------------------------


def check_activation(loss: Any, last_activation: Any) -> None:
    """Raise ValueError when a model that ends in probabilities has a loss of logits; warn for the reverse.

    `last_activation`: the activation of the last layer, a function or its name; None when it is not known.
    """
    function = _function_of(loss)
    if function not in _OF_PROBABILITIES or last_activation is None:
        return
    activation = last_activation if isinstance(last_activation, str) else naming.object_name(last_activation)
    from_logits = getattr(loss, "from_logits", False)
    name = loss if isinstance(loss, str) else type(loss).__name__ if hasattr(loss, "fn") else function.__name__
    ends_in_probabilities = activation in ("softmax", "sigmoid")
    if from_logits and ends_in_probabilities:
        raise ValueError(
            f"The model ends in {activation}, which gives probabilities, but {name} has from_logits=True: drop one of "
            "the two."
        )
    if not from_logits and activation == "linear":
        wanted = "sigmoid" if function in _BINARY else "softmax"
        warnings.warn(
            f"The model's last layer has no activation, but {name} takes probabilities: write activation='{wanted}' "
            "there, or from_logits=True in the loss.",
            stacklevel=2,
        )


def _invalid_argument(message: str) -> Exception:
    return tf.errors.InvalidArgumentError(None, None, message)

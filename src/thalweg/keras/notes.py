"""What Keras notes on a tensor: the mask of valid steps, and the logits that a softmax or sigmoid was made from."""

from __future__ import annotations

import warnings
from typing import Any


def get_mask(x: Any) -> Any:
    """The mask noted on `x`, or None."""
    return getattr(x, "_keras_mask", None)


def set_mask(x: Any, mask: Any) -> None:
    """Note on `x` which of its entries count."""
    x._keras_mask = mask


def set_logits(probabilities: Any, logits: Any) -> Any:
    """Note on `probabilities` what they were made from; returns them.

    A cross-entropy then starts from the logits, which neither overflow nor lose digits: Keras does the same.
    """
    probabilities._keras_logits = logits
    return probabilities


def as_logits(output: Any, from_logits: bool, op_type: str, function: str) -> tuple[Any, bool]:
    """`output` and whether it is logits; probabilities whose logits are known are traded for those.

    Known from a note (`set_logits`) or, while a graph is being built, from the `op_type` ("Softmax", "Sigmoid")
    that made `output`.
    """
    logits = getattr(output, "_keras_logits", None)
    if logits is None:
        made_by = getattr(output, "op", None)
        if made_by is not None and made_by.type == op_type:
            logits = made_by.inputs[0]
    if logits is None:
        return output, from_logits
    if from_logits:
        warnings.warn(
            f"{function} has from_logits=True, but its y_pred comes out of a {op_type} and so is no logits: "
            f"drop from_logits=True, or the {op_type}.",
            stacklevel=4,
        )
    return logits, True

"""Summaries and sources of models, under the name that Keras 2 has for the module."""

from __future__ import annotations

from typing import Any


def print_summary(model: Any, *args: Any, **kwargs: Any) -> None:
    """As `model.summary()`."""
    model.summary(*args, **kwargs)


def count_params(weights: Any) -> int:
    """How many numbers these weights hold, each weight counted once."""
    return sum(int(weight.shape.num_elements()) for weight in {id(weight): weight for weight in weights}.values())

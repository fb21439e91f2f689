"""`tf.user_ops`: where TensorFlow 1 showed how an op is added."""

from __future__ import annotations

from typing import Any


def my_fact() -> Any:
    """A fact, as a string tensor."""
    from thalweg.engine.ops.creation import constant

    return constant("0! == 1")

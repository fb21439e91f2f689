"""`tf.debugging` as TensorFlow 1 has it: TensorFlow 2's names, and these in their older form."""

from typing import Any

from thalweg import debugging as _v2
from thalweg.compat.v1.assertions import *
from thalweg.compat.v1.assertions import assert_all_finite as assert_all_finite
from thalweg.math import (
    is_finite as is_finite,
    is_inf as is_inf,
    is_nan as is_nan,
    is_non_decreasing as is_non_decreasing,
    is_strictly_increasing as is_strictly_increasing,
)


def __getattr__(name: str) -> Any:
    return getattr(_v2, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_v2)} - {"Any"})

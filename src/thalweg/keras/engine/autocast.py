"""Variables that a layer with a mixed dtype policy reads in the dtype that it computes in."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.engine import calls


class AutoCastVariable(tf.Variable):
    """A float variable; inside the `call` of a layer whose policy is mixed it reads in the compute dtype."""

    def _read(self, name: str | None = None) -> Any:
        value = super()._read(name)
        dtype = calls.current.autocast
        return value if dtype is None or not self.dtype.is_floating else tf.cast(value, dtype)

    def numpy(self) -> Any:
        """The value as it is kept."""
        return super().numpy()

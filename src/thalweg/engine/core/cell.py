"""Where a variable's value lives."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.shape import TensorShape


class Cell:
    """A place for one array. Every copy of a variable's handle is this object.

    `value` is None until the variable is initialized. Reading through `read` gives an array for the engine at hand.
    """

    __slots__ = ("__weakref__", "dtype", "name", "owner", "shape", "trainable", "value")

    def __init__(self, dtype: dtypes.DType, shape: TensorShape, name: str, value: Any = None, trainable: bool = False):
        self.dtype, self.shape, self.name, self.value, self.trainable = dtype, shape, name, value, trainable
        self.owner: Any = None  # a weak reference to the variable, where there is one

    def read(self) -> Any:
        if self.value is None:
            raise errors.FailedPreconditionError(
                None, None,
                f"Attempting to use uninitialized value {self.name}. Run its initializer "
                "(tf.global_variables_initializer()) or assign it a value first.",
            )  # fmt: skip
        return self.value

    def array(self) -> np.ndarray:
        """The value as a NumPy array, whichever engine wrote it last."""
        value = self.read()
        return value if type(value) is np.ndarray else np.asarray(value)

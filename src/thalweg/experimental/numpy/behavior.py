"""`experimental_enable_numpy_behavior`: tensors with NumPy's methods and promotion.

Source: https://www.tensorflow.org/api_docs/python/tf/experimental/numpy/experimental_enable_numpy_behavior
"""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.experimental.numpy import dtypes, elementwise, reducing, shaping

_OPERATORS = {
    "add": elementwise.add, "sub": elementwise.subtract, "mul": elementwise.multiply, "truediv": elementwise.divide,
    "floordiv": elementwise.floor_divide, "mod": elementwise.mod, "pow": elementwise.power, "matmul": reducing.matmul,
}  # fmt: skip
_COMPARED = {
    "lt": elementwise.less, "le": elementwise.less_equal, "gt": elementwise.greater, "ge": elementwise.greater_equal,
}  # fmt: skip


def experimental_enable_numpy_behavior(prefer_float32: bool = False, dtype_conversion_mode: str = "legacy") -> None:
    """Give tensors NumPy's methods (`reshape`, `T`, `astype`, `mean`, ...), and operators that promote their operands.

    prefer_float32: Python's floats are float32. Only the "legacy" way of promotion is offered: ValueError for others.
    """
    if dtype_conversion_mode != "legacy":
        raise ValueError(f"dtype_conversion_mode={dtype_conversion_mode!r} is not offered: use 'legacy', NumPy's promotion.")
    dtypes._settings["prefer_float32"] = prefer_float32
    cls: Any = tf.Tensor
    for name, function in _OPERATORS.items():
        setattr(cls, f"__{name}__", _forward(function))
        setattr(cls, f"__r{name}__", _reflected(function))
    for name, function in _COMPARED.items():
        setattr(cls, f"__{name}__", _forward(function))
    cls.T = property(shaping.transpose)
    cls.size = property(shaping.size)
    cls.reshape = lambda x, *shape, **kw: shaping.reshape(x, shape[0] if len(shape) == 1 else list(shape), **kw)
    cls.transpose = lambda x, *axes: shaping.transpose(x, None if not axes else axes[0] if len(axes) == 1 else list(axes))
    cls.astype = lambda x, dtype: dtypes.asarray(x, dtype)
    for owner, names in ((shaping, ("ravel", "flatten", "squeeze", "repeat", "swapaxes", "take")), (dtypes, ("copy",)),
                         (elementwise, ("clip", "round", "nonzero", "conj")),
                         (reducing, ("sum", "prod", "mean", "max", "min", "var", "std", "argmax", "argmin", "argsort", "cumsum",
                                     "cumprod", "any", "all", "dot", "trace"))):  # fmt: skip
        for name in names:
            setattr(cls, name, _method(getattr(owner, name)))
    cls.item = lambda x, *at: x.numpy().item(*at)
    cls.tolist = lambda x: x.numpy().tolist()


def _forward(function: Any) -> Any:
    return lambda self, other: function(self, other)


def _reflected(function: Any) -> Any:
    return lambda self, other: function(other, self)


def _method(function: Any) -> Any:
    return lambda self, *args, **kwargs: function(self, *args, **kwargs)

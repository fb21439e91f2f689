"""Sums, differences, products, extremes and signs, element by element.

Vocabulary: `x, a, b` inputs, `y` output, `g` the gradient arriving at `y`, `xp` NumPy or jax.numpy.
Gradients of complex functions are conjugated, as TensorFlow's are.
Source: https://www.tensorflow.org/api_docs/python/tf/math
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import COMPLEX, FLOAT, NUMERIC, REAL, REGISTRY, SIGNED
from thalweg.engine.core.tensor import EagerTensor, Tensor
from thalweg.engine.ops.families import binary, unary

SIGNED_NUMERIC = FLOAT + SIGNED + COMPLEX
_STRING = (dtypes.string,)

# -- the conjugate, which every gradient of a complex function needs -------------------------------------


def conj(x: Any) -> Any:
    """The complex conjugate; a real tensor is returned as it is."""
    if type(x) is EagerTensor:
        return conj_op(x) if x._array.dtype.kind == "c" else x
    return conj_op(x) if x.dtype.is_complex else x


conj_op = unary("Conj", lambda xp, input: xp.conj(input), dtypes=COMPLEX, vjp=lambda y, g, x: conj_op(g))

# -- sums and differences ----------------------------------------------------------------------------------

add_v2 = binary("AddV2", lambda xp, x, y: x + y, dtypes=NUMERIC, vjp=lambda y, g, a, b: (g, g))
# The older op: only it joins strings. Graphs of TensorFlow 1 hold it for numbers too.
add_op = binary("Add", lambda xp, x, y: x + y, dtypes=NUMERIC + _STRING, vjp=lambda y, g, a, b: (g, g))


@dispatchable
def add(x: Any, y: Any, name: str | None = None) -> Any:
    """The sum, element by element; strings are joined. Shapes broadcast.

    Raises InvalidArgumentError when dtypes differ or shapes do not broadcast.

    >>> tf.add([1, 2], 3).numpy()
    array([4, 5], dtype=int32)
    """
    if type(x) is EagerTensor and type(y) is EagerTensor and x._array.dtype.kind != "O":
        return add_v2(x, y, name=name or "Add")
    x = convert.convert_to_tensor(x, dtype_hint=getattr(y, "dtype", None))
    y = convert.convert_to_tensor(y, dtype_hint=x.dtype.base_dtype)
    return add_op(x, y, name=name) if x.dtype.base_dtype is dtypes.string else add_v2(x, y, name=name or "Add")


subtract = binary(
    "Sub",
    lambda xp, x, y: x - y,
    dtypes=NUMERIC,
    vjp=lambda y, g, a, b: (g, lambda: negative(g)),
    public="subtract",
    doc="The difference `x - y`, element by element. Shapes broadcast.",
)
negative = unary(
    "Neg",
    lambda xp, x: -x,
    dtypes=SIGNED_NUMERIC,
    vjp=lambda y, g, x: negative(g),
    public="negative",
    doc="`-x`. The smallest integer of a dtype is its own negative.",
)

# -- products ----------------------------------------------------------------------------------------------

multiply = binary(
    "Mul",
    lambda xp, x, y: x * y,
    dtypes=NUMERIC,
    vjp=lambda y, g, a, b: (lambda: multiply(g, conj(b)), lambda: multiply(g, conj(a))),
    public="multiply",
    doc="The product, element by element. Shapes broadcast.",
)
square = unary(
    "Square",
    lambda xp, x: x * x,
    dtypes=NUMERIC,
    vjp=lambda y, g, x: multiply(g, conj(add_v2(x, x))),
    doc="`x * x`, element by element.",
)


def _squared_difference(xp: Any, x: Any, y: Any) -> Any:
    d = x - y
    return xp.conj(d) * d if d.dtype.kind == "c" else d * d


def _squared_difference_vjp(y: Any, g: Any, a: Any, b: Any) -> Any:
    def da() -> Any:
        return multiply(add_v2(g, g), subtract(a, b))

    return da, lambda: negative(da())


squared_difference = binary(
    "SquaredDifference",
    _squared_difference,
    dtypes=(*FLOAT, dtypes.int32, dtypes.int64, *COMPLEX),
    vjp=_squared_difference_vjp,
    doc="`conj(x - y) * (x - y)`, element by element. Shapes broadcast.",
)


def _mul_no_nan(xp: Any, x: Any, y: Any) -> Any:
    return xp.where(y == 0, 0, x * y)


mul_no_nan = binary(
    "MulNoNan",
    _mul_no_nan,
    dtypes=FLOAT + COMPLEX,
    vjp=lambda y, g, a, b: (lambda: mul_no_nan(g, b), lambda: mul_no_nan(a, g)),
)


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """`x * y`, and 0 where `y` is 0 even if `x` is infinite or NaN.

    >>> tf.math.multiply_no_nan(float("inf"), 0.0).numpy()
    np.float32(0.0)
    """
    x, y = pair(x, y)
    same_dtype(x, y)
    return mul_no_nan(x, y, name=name or "multiply_no_nan")


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """A tensor (or IndexedSlices) times a scalar. Raises ValueError if `scalar` is no 0-d value.

    >>> tf.math.scalar_mul(3, [1, 2]).numpy()
    array([3, 6], dtype=int32)
    """
    slices = getattr(x, "_is_indexed_slices", False)
    if not slices:
        x = convert.convert_to_tensor(x)
    scalar = convert.convert_to_tensor(scalar, dtype=x.dtype.base_dtype)
    if scalar.shape.rank != 0:
        raise ValueError(f"The input scalar must be a 0-D value. Received shape {scalar.shape}.")
    if slices:
        return type(x)(multiply(scalar, x.values, name=name), x.indices, x.dense_shape)
    return multiply(scalar, x, name=name)


# -- extremes ----------------------------------------------------------------------------------------------


def _picked_vjp(first: str) -> Any:
    """The gradient goes where the value came from; where both are equal, to the first."""

    def vjp(y: Any, g: Any, a: Any, b: Any) -> Any:
        mask = REGISTRY[first](a, b)
        select, zero = REGISTRY["SelectV2"], REGISTRY["ZerosLike"](g)
        return lambda: select(mask, g, zero), lambda: select(mask, zero, g)

    return vjp


maximum = binary(
    "Maximum",
    lambda xp, x, y: xp.maximum(x, y),
    dtypes=REAL,
    vjp=_picked_vjp("GreaterEqual"),
    doc="The larger of two, element by element; NaN if either is NaN. Shapes broadcast.",
)
minimum = binary(
    "Minimum",
    lambda xp, x, y: xp.minimum(x, y),
    dtypes=REAL,
    vjp=_picked_vjp("LessEqual"),
    doc="The smaller of two, element by element; NaN if either is NaN. Shapes broadcast.",
)

# -- signs -------------------------------------------------------------------------------------------------

abs_op = unary("Abs", lambda xp, x: xp.abs(x), dtypes=FLOAT + SIGNED, vjp=lambda y, g, x: multiply(g, sign_op(x)))


@dispatchable
def abs(x: Any, name: str | None = None) -> Any:
    """The absolute value, element by element; of complex numbers a real tensor.

    >>> tf.abs([-2.5, 3.0]).numpy()
    array([2.5, 3. ], dtype=float32)
    """
    x = convert.convert_to_tensor(x)
    return REGISTRY["ComplexAbs"](x, Tout=x.dtype.real_dtype, name=name) if x.dtype.is_complex else abs_op(x, name=name)


sign_op = unary("Sign", lambda xp, x: xp.sign(x), dtypes=SIGNED_NUMERIC, vjp=lambda y, g, x: REGISTRY["ZerosLike"](x))


@dispatchable
def sign(x: Any, name: str | None = None) -> Any:
    """-1, 0 or 1 by the sign of `x`; `x / |x|` for complex numbers (0 at 0).

    >>> tf.sign([-2.5, 0.0, 3.0]).numpy()
    array([-1.,  0.,  1.], dtype=float32)
    """
    x = convert.convert_to_tensor(x)
    if x.dtype.is_complex:
        length = REGISTRY["Cast"](REGISTRY["ComplexAbs"](x), DstT=x.dtype.base_dtype)
        return REGISTRY["DivNoNan"](x, length, name=name)
    return sign_op(x, name=name)


# -- sums of lists -----------------------------------------------------------------------------------------


@dispatchable
def add_n(inputs: Any, name: str | None = None) -> Any:
    """The sum of a list of tensors of one shape and dtype. IndexedSlices are made dense.

    Raises ValueError for an empty list or one that holds no tensors.

    >>> tf.add_n([[1, 2], [3, 4]]).numpy()
    array([4, 6], dtype=int32)
    """
    if not inputs or not isinstance(inputs, (list, tuple)):
        inputs = list(inputs) if hasattr(inputs, "__iter__") and not isinstance(inputs, Tensor) else []
        if not inputs:
            raise ValueError("Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape.")
    inputs = [convert.convert_to_tensor(x) for x in inputs]
    if len(inputs) == 1:
        return REGISTRY["Identity"](inputs[0], name=name) if name else inputs[0]
    return REGISTRY["AddN"](*inputs, name=name)


def accumulate_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Any:
    """As `add_n`; `shape` and `tensor_dtype` are checked against the inputs.

    >>> tf.math.accumulate_n([[1, 2], [3, 4]]).numpy()
    array([4, 6], dtype=int32)
    """
    if not inputs or not isinstance(inputs, (list, tuple)):
        raise ValueError("inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape.")
    inputs = [convert.convert_to_tensor(x) for x in inputs]
    if any(x.dtype.base_dtype is not inputs[0].dtype.base_dtype for x in inputs):
        raise ValueError("inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape.")
    if tensor_dtype is not None and dtypes.as_dtype(tensor_dtype) != inputs[0].dtype.base_dtype:
        raise TypeError(f"The `tensor_dtype` argument is {tensor_dtype}, but `input` is of type {inputs[0].dtype}.")
    for x in inputs if shape is not None else ():
        x.shape.assert_is_compatible_with(shape)
    return add_n(inputs, name=name)


def polyval(coeffs: Any, x: Any, name: str | None = None) -> Any:
    """The polynomial with `coeffs` (the highest power first) at `x`, by Horner's rule.

    Raises ValueError if `coeffs` is no list.

    >>> tf.math.polyval([2.0, 0.0, 1.0], 3.0).numpy()
    np.float32(19.0)
    """
    if not isinstance(coeffs, list):
        raise ValueError(f"Argument coeffs must be list type. Received type {type(coeffs)}.")
    x = convert.convert_to_tensor(x)
    if not coeffs:
        return REGISTRY["ZerosLike"](x, name=name)
    coeffs = [convert.convert_to_tensor(c) for c in coeffs]
    p = coeffs[0]
    for c in coeffs[1:]:
        p = add_v2(c, multiply(p, x))
    return p


# -- operands ----------------------------------------------------------------------------------------------


def pair(x: Any, y: Any) -> tuple[Any, Any]:
    """Two operands as tensors; a Python value takes the dtype of the tensor beside it."""
    if isinstance(y, Tensor) and not isinstance(x, Tensor):
        y = convert.convert_to_tensor(y)
        return convert.convert_to_tensor(x, dtype=y.dtype.base_dtype if not hasattr(x, "dtype") else None), y
    x = convert.convert_to_tensor(x)
    return x, convert.convert_to_tensor(y, dtype_hint=x.dtype.base_dtype)


def same_dtype(x: Any, y: Any) -> None:
    """Raises TypeError unless both tensors have one dtype."""
    if x.dtype.base_dtype is not y.dtype.base_dtype:
        raise TypeError(f"`x` and `y` must have the same dtype, got {x.dtype!r} != {y.dtype!r}.")



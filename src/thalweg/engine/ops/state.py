"""Reading and writing variables. The cell arrives as a RESOURCE input; kernels set `cell.value`.

Two generations with the same kernels: resource ops (TensorFlow 2) and ref ops (TensorFlow 1), which give back the new value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import ANY, INDEX, NUMERIC, RESOURCE, Op, op, register
from thalweg.engine.core.shape import SCALAR, UNKNOWN, TensorShape
from thalweg.engine.core.tensor import EagerTensor


def _value(xp: Any, cell: Any) -> Any:
    """The cell's array for the engine at hand (XLA's arrays are views for NumPy, without a copy)."""
    value = cell.read()
    return value if xp is not np or type(value) is np.ndarray else np.asarray(value)


def _check_fits(cell: Any, value: Any) -> Any:
    if not cell.shape.is_compatible_with(value.shape):
        raise errors.InvalidArgumentError(
            None, None,
            f"Cannot assign a value of shape {list(value.shape)} to variable {cell.name}, whose shape is {cell.shape}. "
            "Reshape the value, or make the variable with shape=tf.TensorShape(None).",
        )  # fmt: skip
    return value


# -- TensorFlow 2: resource variables ----------------------------------------------------------------------


def _read_shape(handle: TensorShape, *, dtype: DType, shape: TensorShape) -> TensorShape:
    return shape


@op("ReadVariableOp", types=(RESOURCE,), out=lambda groups, attrs: attrs["dtype"], shape=_read_shape, stateful=True,
    vjp=lambda y, g, handle, **_: g)
def read_variable(xp: Any, resource: Any, *, dtype: DType = dtypes.float32, shape: TensorShape = UNKNOWN) -> Any:
    return _value(xp, resource)


def read_now(cell: Cell) -> EagerTensor:
    """What `read_variable` gives where ops run at once, by the short way: variables are read at every step of eager training."""
    y = EagerTensor(_value(np, cell))
    if local.tapes or local.forward:
        read_variable._observe((cell,), {"dtype": cell.dtype, "shape": cell.shape}, y)
    return y


def _no_output(*_: Any, **__: Any) -> tuple:
    return ()


@op("AssignVariableOp", types=(RESOURCE, "T"), out=(), shape=_no_output, writes=True)
def assign_variable(xp: Any, resource: Any, value: Any) -> None:
    resource.value = _check_fits(resource, value)


@op("AssignAddVariableOp", types=(RESOURCE, "T"), dtypes=NUMERIC, out=(), shape=_no_output, writes=True)
def assign_add_variable(xp: Any, resource: Any, value: Any) -> None:
    resource.value = _check_fits(resource, xp.add(_value(xp, resource), value))


@op("AssignSubVariableOp", types=(RESOURCE, "T"), dtypes=NUMERIC, out=(), shape=_no_output, writes=True)
def assign_sub_variable(xp: Any, resource: Any, value: Any) -> None:
    resource.value = _check_fits(resource, xp.subtract(_value(xp, resource), value))


@op("VarIsInitializedOp", types=(RESOURCE,), out=dtypes.bool, shape=lambda handle: SCALAR, stateful=True)
def var_is_initialized(xp: Any, resource: Any) -> Any:
    return np.array(resource.value is not None)


# -- TensorFlow 1: ref variables ----------------------------------------------------------------------------


def _ref_dtype(groups: Any, attrs: Any) -> DType:
    return attrs["dtype"]._as_ref


@op("VariableV2", types=(), out=_ref_dtype, shape=lambda *, dtype, shape, **_: shape, stateful=True)
def variable_v2(xp: Any, *, shape: TensorShape = UNKNOWN, dtype: DType = dtypes.float32, container: str = "",
                shared_name: str = "") -> Any:  # fmt: skip
    raise errors.InternalError(None, None, "A graph's variable was run outside a session.")


variable_v2.is_variable = True  # type: ignore[attr-defined]


def _assign_shape(ref: TensorShape, value: TensorShape, *, validate_shape: bool, use_locking: bool = True) -> TensorShape:
    return ref.merge_with(value) if validate_shape else value


@op("Assign", types=(RESOURCE, "T"), shape=_assign_shape, writes=True)
def assign_ref(xp: Any, ref: Any, value: Any, *, validate_shape: bool = True, use_locking: bool = True) -> Any:
    if validate_shape:
        _check_fits(ref, value)
    ref.value = value
    return value


@op("AssignAdd", types=(RESOURCE, "T"), dtypes=NUMERIC, shape=lambda ref, value, **_: ref, writes=True)
def assign_add_ref(xp: Any, ref: Any, value: Any, *, use_locking: bool = False) -> Any:
    ref.value = _check_fits(ref, xp.add(_value(xp, ref), value))
    return ref.value


@op("AssignSub", types=(RESOURCE, "T"), dtypes=NUMERIC, shape=lambda ref, value, **_: ref, writes=True)
def assign_sub_ref(xp: Any, ref: Any, value: Any, *, use_locking: bool = False) -> Any:
    ref.value = _check_fits(ref, xp.subtract(_value(xp, ref), value))
    return ref.value


@op("IsVariableInitialized", types=(RESOURCE,), out=dtypes.bool, shape=lambda ref, **_: SCALAR, stateful=True)
def is_variable_initialized(xp: Any, ref: Any) -> Any:
    return np.array(ref.value is not None)


@op("CountUpTo", types=(RESOURCE,), out=lambda groups, attrs: attrs["T"], shape=lambda ref, **_: SCALAR, writes=True, host=True)
def count_up_to(xp: Any, ref: Any, *, limit: int, T: DType = dtypes.int32) -> Any:
    """The number, which then becomes one more. Raises OutOfRangeError at the limit."""
    number = np.asarray(_value(np, ref))
    if number >= limit:
        raise errors.OutOfRangeError(None, None, f"Reached limit of {limit}")
    ref.value = number + number.dtype.type(1)
    return number


# -- rows ----------------------------------------------------------------------------------------------------

_ROW_UPDATES = ("update", "add", "sub", "mul", "div", "min", "max")
_UFUNCS = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.true_divide, "min": np.minimum, "max": np.maximum,
}  # fmt: skip


def scatter_rows(xp: Any, x: Any, indices: Any, updates: Any, how: str) -> Any:
    """A copy of `x` with rows `indices` updated; rows that repeat are all applied, in order."""
    updates = xp.broadcast_to(updates, indices.shape + x.shape[1:])
    if xp is not np:
        at = x.at[indices]
        named = {"update": "set", "sub": "subtract", "mul": "multiply", "div": "divide"}.get(how, how)
        return getattr(at, named)(updates)
    _check_rows(indices, x.shape[0])
    y = np.array(x)
    if how == "update":
        y[indices] = updates
    else:
        _UFUNCS[how].at(y, indices, updates)
    return y


def _check_rows(indices: Any, rows: int) -> None:
    if indices.size and (indices.min() < 0 or indices.max() >= rows):
        bad = np.argwhere((indices < 0) | (indices >= rows))[0].tolist()
        raise errors.invalid(f"indices{bad} = {indices[tuple(bad)]} is not in [0, {rows})")


def _row_ops(how: str) -> tuple[Op, Op]:
    def resource_kernel(xp: Any, resource: Any, indices: Any, updates: Any) -> None:
        resource.value = scatter_rows(xp, _value(xp, resource), indices, updates, how)

    def ref_kernel(xp: Any, ref: Any, indices: Any, updates: Any, *, use_locking: bool = True) -> Any:
        ref.value = scatter_rows(xp, _value(xp, ref), indices, updates, how)
        return ref.value

    types, allowed = (RESOURCE, "I", "T"), ANY if how == "update" else NUMERIC
    first = Op(resource_kernel, f"ResourceScatter{how.title()}", types=types, dtypes=allowed, where={"I": INDEX}, out=(),
               shape=lambda *shapes, **_: _rows_fit(*shapes) and [], writes=True)  # fmt: skip
    second = Op(ref_kernel, f"Scatter{how.title()}", types=types, dtypes=allowed, where={"I": INDEX},
                shape=lambda ref, indices, updates, **_: _rows_fit(ref, indices, updates) and ref, writes=True)  # fmt: skip
    return register(first), register(second)


def _rows_fit(ref: TensorShape, indices: TensorShape, updates: TensorShape) -> bool:
    """Raises ValueError unless the updates are one row of the variable for each index, or a scalar."""
    # While a graph is built, a resource is a handle without axes that says nothing of its rows.
    if not ref.rank or None in (indices.rank, updates.rank) or updates.rank == 0:
        return True
    wanted = indices.concatenate(ref[1:])
    if not updates.is_compatible_with(wanted):
        raise ValueError(f"The updates must have the shape of the indices and of one row, {wanted}, but have {updates}")
    return True


resource_scatter: dict[str, Callable[..., Any]] = {}
ref_scatter: dict[str, Callable[..., Any]] = {}
for _how in _ROW_UPDATES:
    resource_scatter[_how], ref_scatter[_how] = _row_ops(_how)


# -- nothing and grouping --------------------------------------------------------------------------------------


@op("NoOp", types=(), out=(), shape=_no_output, stateful=True)
def no_op_record(xp: Any) -> None:
    return None


@op("Placeholder", types=(), out=lambda groups, attrs: attrs["dtype"], shape=lambda *, shape, **_: shape)
def placeholder_record(xp: Any, *, dtype: DType = dtypes.float32, shape: TensorShape = UNKNOWN) -> Any:
    raise errors.InvalidArgumentError(
        None, None, f"You must feed a value for placeholder tensor with dtype {dtype.name}" + (f" and shape "
            f"{shape}" if shape else "")
    )


placeholder_record.is_placeholder = True  # type: ignore[attr-defined]
placeholder_record.only_symbolic = True


@op("PlaceholderWithDefault", types=("T",), shape=lambda x, *, shape: shape, vjp=lambda y, g, x, **_: g)
def placeholder_with_default_record(xp: Any, input: Any, *, shape: TensorShape = UNKNOWN) -> Any:
    return input

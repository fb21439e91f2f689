"""Tensors: `EagerTensor` holds an array, `SymbolicTensor` names an operation's output.

The operators (`+`, `[...]`) are attached by `engine/ops/overloads.py`; nothing here knows an op.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from thalweg.engine.core import dtypes, errors, printing
from thalweg.engine.core.shape import TensorShape

if TYPE_CHECKING:
    from thalweg.engine.core.graph import Graph, Operation

_FROM_NUMPY = dtypes.FROM_NUMPY
_NUMPY_METHODS = (
    "T", "astype", "clip", "copy", "cumsum", "data", "dot", "fill", "flatten", "item", "max", "mean", "min", "ravel",
    "reshape", "size", "sort", "squeeze", "std", "sum", "tolist", "transpose", "var",
)  # fmt: skip


class Tensor:
    """A multi-dimensional array of one dtype: `tf.Tensor`, the base of eager and symbolic tensors."""

    __slots__ = ()
    __array_priority__ = 100  # NumPy's binary operators leave the work to ours
    OVERLOADABLE_OPERATORS: set[str] = set()

    dtype: dtypes.DType
    shape: TensorShape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def get_shape(self) -> TensorShape:
        return self.shape

    def __len__(self) -> int:
        raise TypeError(
            f"len is not well defined for a symbolic Tensor ({self.name}). "  # type: ignore[attr-defined]
            "Please call `x.shape` rather than `len(x)` for shape information."
        )

    def __hash__(self) -> int:
        raise TypeError("Tensor is unhashable. Instead, use tensor.ref() as the key.")

    def ref(self) -> Reference:
        """A hashable stand-in for this tensor, for sets and dict keys; `ref().deref()` gives it back."""
        return Reference(self)

    experimental_ref = ref


class Reference:
    """A tensor or variable as a dict key: equal when it is the same object."""

    __slots__ = ("_object",)

    def __init__(self, obj: Any):
        self._object = obj

    def deref(self) -> Any:
        return self._object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._object is other._object

    def __hash__(self) -> int:
        return id(self._object)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._object!r}>"


class EagerTensor(Tensor):
    """A tensor with a value. Read-only: its array is private, NumPy gets copies."""

    __slots__ = ("__dict__", "__weakref__", "_array")

    def __init__(self, array: Any):
        self._array = array

    # -- what it is -------------------------------------------------------------------------------------

    @property
    def dtype(self) -> dtypes.DType:  # type: ignore[override]
        return _FROM_NUMPY[self._array.dtype]

    @property
    def shape(self) -> TensorShape:  # type: ignore[override]
        return TensorShape(self._array.shape)

    @property
    def ndim(self) -> int:
        return self._array.ndim

    @property
    def device(self) -> str:
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    backing_device = device

    @property
    def graph(self) -> Graph:
        raise AttributeError("Tensor.graph is undefined when eager execution is enabled.")

    @property
    def op(self) -> Operation:
        raise AttributeError("Tensor.op is undefined when eager execution is enabled.")

    @property
    def name(self) -> str:
        raise AttributeError("Tensor.name is undefined when eager execution is enabled.")

    @property
    def _id(self) -> int:
        return id(self)

    def set_shape(self, shape: Any) -> None:
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"Tensor's shape {self.shape} is not compatible with supplied shape {TensorShape(shape)}.")

    # -- to Python and NumPy ----------------------------------------------------------------------------

    def numpy(self) -> Any:
        """The value as a NumPy array of one's own (a scalar for 0-d, `bytes` for a string).

        >>> tf.constant([1, 2]).numpy()
        array([1, 2], dtype=int32)
        """
        array = self._array
        if array.ndim == 0:
            return array.item() if array.dtype == object else np.asarray(array)[()]
        return np.array(array)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._array, dtype=dtype)

    def __float__(self) -> float:
        return float(self.numpy())

    def __int__(self) -> int:
        return int(self.numpy())

    def __complex__(self) -> complex:
        return complex(self.numpy())

    def __index__(self) -> int:
        return self.numpy().__index__()

    def __bool__(self) -> bool:
        return bool(self._array)

    __nonzero__ = __bool__

    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeError("Scalar tensor has no `len()`")
        return len(self._array)

    def __iter__(self) -> Any:
        if not self._array.ndim:
            raise TypeError("Cannot iterate over a scalar tensor.")
        return (self[i] for i in range(len(self._array)))  # type: ignore[index]

    def __format__(self, spec: str) -> str:
        return self.numpy().__format__(spec)

    def __reduce__(self) -> Any:
        return EagerTensor, (np.asarray(self._array),)

    def __copy__(self) -> EagerTensor:
        return self

    def __deepcopy__(self, memo: Any) -> EagerTensor:
        return EagerTensor(np.array(self._array))

    def __dlpack__(self, **kwargs: Any) -> Any:
        return np.array(self._array).__dlpack__(**kwargs)

    def __dlpack_device__(self) -> Any:
        return np.asarray(self._array).__dlpack_device__()

    def cpu(self) -> EagerTensor:
        return self

    gpu = cpu

    # -- printing ---------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<tf.Tensor: shape={self.shape}, dtype={self.dtype.name}, numpy={printing.array_repr(self._array)}>"

    def __str__(self) -> str:
        return f"tf.Tensor({printing.array_str(self._array)}, shape={self.shape}, dtype={self.dtype.name})"

    __hash__ = Tensor.__hash__


class SymbolicTensor(Tensor):
    """An output of an operation in a graph; it has a value only while the graph runs."""

    __slots__ = ("__dict__", "__weakref__", "_dtype", "_op", "_shape", "_value_index")

    def __init__(self, op: Operation, index: int, dtype: dtypes.DType, shape: TensorShape):
        self._op, self._value_index, self._dtype, self._shape = op, index, dtype, shape

    @property
    def op(self) -> Operation:
        return self._op

    @property
    def value_index(self) -> int:
        return self._value_index

    @property
    def graph(self) -> Graph:
        return self._op.graph

    @property
    def dtype(self) -> dtypes.DType:  # type: ignore[override]
        return self._dtype

    @property
    def shape(self) -> TensorShape:  # type: ignore[override]
        return self._shape

    @property
    def name(self) -> str:
        return f"{self._op.name}:{self._value_index}"

    @property
    def device(self) -> str:
        return self._op.device

    @property
    def _id(self) -> int:
        return id(self)

    def set_shape(self, shape: Any) -> None:
        """Add what the caller knows of the shape. Raises ValueError if it contradicts what is known."""
        self._shape = self._shape.merge_with(shape)

    def consumers(self) -> list[Operation]:
        return self._op.graph.consumers(self)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """The value, computed by `session` or the default one. Raises ValueError if there is none."""
        return self._op.graph.session_for_eval(session, "evaluate tensor", "eval()").run(self, feed_dict)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise NotImplementedError(
            f"Cannot convert a symbolic tf.Tensor ({self.name}) to a numpy array. This error may indicate that you're "
            "trying to pass a Tensor to a NumPy call, which is not supported."
        )

    def __bool__(self) -> bool:
        raise errors.OperatorNotAllowedInGraphError(
            f"Using a symbolic `tf.Tensor` ({self.name}) as a Python `bool` is not allowed. Use tf.cond, or decorate the "
            "function with @tf.function so that AutoGraph converts it."
        )

    __nonzero__ = __bool__

    def __iter__(self) -> Any:
        if self._shape.rank is None or not self._shape.rank or self._shape[0] is None:
            raise errors.OperatorNotAllowedInGraphError(
                f"Iterating over a symbolic `tf.Tensor` ({self.name}) of shape {self._shape} is not allowed: its length is "
                "not known. Use tf.map_fn or tf.while_loop, or decorate the function with @tf.function."
            )
        return (self[i] for i in range(int(self._shape[0])))  # type: ignore[index]

    def __index__(self) -> int:
        raise TypeError(f"A symbolic tensor ({self.name}) has no value to be used as an index.")

    def __deepcopy__(self, memo: Any) -> SymbolicTensor:
        return self

    def __copy__(self) -> SymbolicTensor:
        return self

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self._shape} dtype={self._dtype.name}>"

    def __str__(self) -> str:
        shape = "" if self._shape.rank is None else f", shape={self._shape}"
        return f'Tensor("{self.name}"{shape}, dtype={self._dtype.name})'

    def __hash__(self) -> int:
        return id(self)  # a feed_dict's keys


def _absent(name: str, hint: str) -> property:
    """An attribute that is not there (`hasattr` is False) and says what to write instead."""

    def refuse(self: Tensor) -> Any:
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}: {hint}")

    return property(refuse)


for _name in _NUMPY_METHODS:
    setattr(Tensor, _name, _absent(_name, f"use a tf function, or x.numpy().{_name}"))
SymbolicTensor.numpy = _absent(  # type: ignore[attr-defined]
    "numpy", "a symbolic tensor has no value yet. Run it in a tf.compat.v1.Session, or return it from the tf.function"
)


def static_shape(x: Any) -> TensorShape:
    """The shape that is known of a tensor, variable or array before anything runs."""
    return x.shape if isinstance(x, Tensor) else TensorShape(np.shape(x))

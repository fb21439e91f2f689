"""What functions of tensors do to ragged ones.

`dispatch` answers for functions under `@dispatchable`, `dispatch_op` for op records. Elementwise ones go to the innermost
values, with other operands broadcast to them; the rest stand here by name.
"""

from __future__ import annotations

import inspect
from typing import Any

from thalweg.engine.core import convert, errors
from thalweg.engine.core.tensor import EagerTensor, Tensor
from thalweg.engine.ops.arrays import stack as dense_stack
from thalweg.engine.ops.indexing import gather_nd
from thalweg.engine.ops.ragged import splits as sp
from thalweg.engine.ops.ragged.tensor import RaggedTensor, match_row_splits_dtypes
from thalweg.engine.ops.shaping import cast, shape as shape_of

ELEMENTWISE = {
    "abs", "add", "add_n", "angle", "as_string", "bitcast", "cast", "clip_by_value", "conj", "decode_base64", "divide",
    "divide_no_nan", "dropout", "encode_base64", "equal", "floordiv", "gelu", "imag", "join", "leaky_relu", "length",
    "logical_xor", "lower", "multiply_no_nan", "not_equal", "one_hot", "ones_like", "real", "regex_full_match",
    "regex_replace", "round", "saturate_cast", "sign", "silu", "strip", "substr", "to_hash_bucket", "to_hash_bucket_fast",
    "to_hash_bucket_strong", "to_number", "truediv", "truncatediv", "unicode_transcode", "upper", "zeros_like",
}  # fmt: skip
_OPS_OVER_VALUES = {"Identity", "StopGradient", "ZerosLike", "OnesLike", "CheckNumerics", "PreventGradient"}


def dispatch(function: Any, args: Any, kwargs: Any) -> Any:
    from thalweg.engine.ops.ragged.shaping_functions import TABLE

    name = function.__name__
    own: Any = TABLE.get(name)
    if own is not None:
        return own(*args, **kwargs)
    if name not in ELEMENTWISE:
        return NotImplemented
    bound = inspect.signature(function).bind(*args, **kwargs)
    return mapped(lambda values: function(**{**bound.arguments, **values}), bound.arguments)


def dispatch_op(op: Any, inputs: Any, attrs: Any, name: str | None) -> Any:
    from thalweg.engine.ops.ragged.shaping_functions import OPS

    own: Any = OPS.get(op.name)
    if own is not None:
        return own(*inputs, **attrs)
    if not op.elementwise and op.name not in _OPS_OVER_VALUES:
        raise ValueError(
            f"{op.__name__} ({op.name}) does not take ragged tensors: give it to_tensor() of the ragged tensor, or its flat_values."
        )
    given = dict(enumerate(inputs))
    return mapped(lambda values: op(*[values.get(i, x) for i, x in given.items()], name=name, **attrs), given)


# -- elementwise ------------------------------------------------------------------------------------------------


def mapped(call: Any, arguments: dict[Any, Any]) -> Any:
    """`call` with the values of ragged arguments, and others broadcast to them; the result in the same rows."""
    lists = {k: v for k, v in arguments.items() if isinstance(v, (list, tuple)) and any(isinstance(x, RaggedTensor) for x in v)}
    flat = {k: v for k, v in arguments.items() if isinstance(v, RaggedTensor)}
    for k, v in lists.items():
        flat |= {(k, i): x for i, x in enumerate(v)}
    ragged = [v for v in flat.values() if isinstance(v, RaggedTensor)]
    matched = match_row_splits_dtypes(*ragged)
    like = max(matched, key=lambda r: r.ragged_rank)
    for other in matched:
        same_rows(like, other)
    fresh = dict(zip([k for k, v in flat.items() if isinstance(v, RaggedTensor)], matched))
    values: dict[Any, Any] = {}
    for k, v in {**arguments, **flat}.items():
        if k in fresh:
            values[k] = fresh[k].flat_values
        elif isinstance(v, Tensor) and v.shape.rank != 0:
            values[k] = beside(like, v)
        elif hasattr(v, "__array__") and getattr(v, "ndim", False):
            values[k] = beside(like, convert.convert_to_tensor(v))
        elif isinstance(v, list) and k not in lists:
            values[k] = beside(like, convert.convert_to_tensor(v, dtype_hint=like.dtype))
        elif k not in lists:
            values[k] = v
    for k, v in lists.items():
        values[k] = [values.pop((k, i)) for i in range(len(v))]
    return like.with_flat_values(call({k: v for k, v in values.items() if k in arguments}))


def same_rows(a: Any, b: Any) -> None:
    """Raises InvalidArgumentError, where both are known, for ragged tensors whose rows differ."""
    if a is b:
        return
    if a.ragged_rank != b.ragged_rank:
        raise ValueError(f"Ragged tensors of {a.ragged_rank} and {b.ragged_rank} ragged dimensions cannot be combined.")
    for x, y in zip(a.nested_row_splits, b.nested_row_splits):
        if x is y or not (isinstance(x, EagerTensor) and isinstance(y, EagerTensor)):
            continue
        if x._array.shape != y._array.shape or (x._array != y._array).any():
            raise errors.invalid(f"Inputs must have identical ragged splits: {x._array.tolist()} and {y._array.tolist()}.")


def beside(like: Any, x: Any) -> Any:
    """A dense operand at each innermost value of a ragged tensor, as broadcasting has it."""
    rank, k = like.shape.rank, like.ragged_rank
    if rank is None or x.shape.rank is None:
        raise ValueError("Broadcasting beside a ragged tensor needs known ranks.")
    if x.shape.rank > rank:
        raise ValueError(f"A tensor of shape {x.shape} cannot be broadcast to a ragged one of shape {like.shape}.")
    first = rank - x.shape.rank
    outer = max(0, k + 1 - first)  # how many of its dimensions stand beside ragged ones
    if outer == 0:
        return x
    places = _coordinates(like)
    indices = []
    for i in range(outer):
        axis, size = first + i, x.shape[i]
        if size == 1:
            indices.append(places[axis] * 0)
            continue
        if axis > 0:
            lengths = like.row_lengths() if axis == 1 else like.row_lengths(axis).flat_values
            count = shape_of(x, out_type=lengths.dtype)[i]
            sp.require(sp.equal(lengths, count), f"Unable to broadcast: dimension size mismatch in dimension {axis}: "
                       f"rows of different lengths beside {size}.")  # fmt: skip
        elif like.shape[0] is not None and size is not None and size != like.shape[0]:
            raise errors.invalid(f"Unable to broadcast: dimension size mismatch in dimension 0: {like.shape[0]} beside {size}.")
        indices.append(places[axis])
    return gather_nd(x, dense_stack(indices, axis=-1))


def _coordinates(rt: Any) -> list[Any]:
    """For each innermost value its index in every dimension down to the last ragged one."""
    from thalweg.engine.ops.indexing import gather

    found: list[Any] = []
    at = None
    for splits, row in reversed(list(zip(rt.nested_row_splits, rt.nested_value_rowids()))):
        column = sp.columns(splits, row)
        found.insert(0, column if at is None else gather(column, at))
        at = row if at is None else gather(row, at)
    return [at, *found]


def map_flat_values(op: Any, *args: Any, **kwargs: Any) -> Any:
    """`op` of the innermost values of ragged arguments, in their rows; all must have the same ones.

    >>> tf.ragged.map_flat_values(tf.ones_like, tf.ragged.constant([[1, 2], [3]]))
    <tf.RaggedTensor [[1, 1], [1]]>
    """
    ragged = [v for v in (*args, *kwargs.values()) if isinstance(v, RaggedTensor)]
    if not ragged:
        return op(*args, **kwargs)
    ragged = match_row_splits_dtypes(*ragged)
    for other in ragged[1:]:
        same_rows(ragged[0], other)

    def flat(x: Any) -> Any:
        return x.flat_values if isinstance(x, RaggedTensor) else x

    result = op(*map(flat, args), **{k: flat(v) for k, v in kwargs.items()})
    had, has = ragged[0].flat_values.shape, result.shape
    if had.rank and has.rank is not None and not (has.rank and had[:1].is_compatible_with(has[:1])):
        raise ValueError(
            "tf.ragged.map_flat_values requires that the output of `op` have the same outer-dimension size as flat_values of any "
            f"ragged inputs. (output shape: {has}; expected outer dimension size: {had[0]})"
        )
    return ragged[0].with_flat_values(result)


def as_ragged(x: Any, like: Any = None) -> Any:
    """A list, array, tensor or RaggedTensorValue as a tensor or ragged tensor."""
    if isinstance(x, (RaggedTensor, Tensor)):
        return x
    from thalweg.engine.ops.ragged.factory import constant
    from thalweg.engine.ops.ragged.tensor import RaggedTensorValue

    if isinstance(x, RaggedTensorValue):
        return RaggedTensor.from_nested_row_splits(x.flat_values, x.nested_row_splits)
    try:
        return convert.convert_to_tensor(x, dtype_hint=like)
    except (ValueError, TypeError):
        return constant(x)


def to_ragged(x: Any, ragged_rank: int) -> Any:
    """A dense tensor as a ragged one of so many ragged dimensions."""
    if ragged_rank == 0:
        return x
    if isinstance(x, RaggedTensor):
        if x.ragged_rank >= ragged_rank:
            return x
        return x.with_values(to_ragged(x.values, ragged_rank - 1))
    return RaggedTensor.from_tensor(x, ragged_rank=ragged_rank)


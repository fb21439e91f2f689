"""Strings, element by element.

Source: https://www.tensorflow.org/api_docs/python/tf/strings
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import BASIC, INDEX, Op, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.ops.families import broadcast_shape

S = dtypes.string
WORDS = np.array([[b"Hello", b" a b "], [b"", "größe".encode()]], object)


def same(x: TensorShape, *_: Any, **__: Any) -> TensorShape:
    return x


def texts(values: list[bytes], shape: Any) -> np.ndarray:
    """An array of strings."""
    out = np.empty(len(values), object)
    out[:] = values
    return out.reshape(shape)


def each(array: Any, function: Callable[[bytes], Any]) -> np.ndarray:
    return texts([function(v) for v in array.ravel().tolist()], array.shape)


def elementwise(name: str, **fields: Any) -> Callable[[Any], Op]:
    """An op of one string tensor, element by element."""
    fields = {"out": S, "samples": [Sample(WORDS)], **fields}
    return op(name, types=(S,), shape=same, host=True, elementwise=True, **fields)


def check_encoding(encoding: str) -> None:
    if encoding not in ("", "utf-8"):
        raise errors.invalid(f"Encoding {encoding!r} is not supported: use '' (ASCII) or 'utf-8'.")


def _cased(function: str) -> Any:
    def run(array: Any, encoding: str) -> np.ndarray:
        check_encoding(encoding)
        if not encoding:
            return each(array, lambda v: getattr(v, function)())
        return each(array, lambda v: getattr(v.decode("utf-8", "replace"), function)().encode())

    return run


_lower, _upper = _cased("lower"), _cased("upper")


@elementwise("StringLower")
def lower_op(xp: Any, input: Any, *, encoding: str = "") -> Any:
    return _lower(input, encoding)


@elementwise("StringUpper")
def upper_op(xp: Any, input: Any, *, encoding: str = "") -> Any:
    return _upper(input, encoding)


@dispatchable
def lower(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """Small letters: ASCII's, or all with `encoding='utf-8'`.

    >>> tf.strings.lower("CamelCase").numpy()
    b'camelcase'
    """
    return lower_op(input, encoding=encoding, name=name)


@dispatchable
def upper(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """Capital letters: ASCII's, or all with `encoding='utf-8'`."""
    return upper_op(input, encoding=encoding, name=name)


@elementwise("StringStrip")
def strip_op(xp: Any, input: Any) -> Any:
    return each(input, lambda v: v.strip(b" \t\n\r\v\f"))


@dispatchable
def strip(input: Any, name: str | None = None) -> Any:
    """Strings without white space at their ends."""
    return strip_op(input, name=name)


# -- lengths and parts ---------------------------------------------------------------------------------------------


def _unit(unit: str) -> bool:
    if unit not in ("BYTE", "UTF8_CHAR"):
        raise errors.invalid(f"unit must be 'BYTE' or 'UTF8_CHAR', not {unit!r}")
    return unit == "UTF8_CHAR"


@elementwise("StringLength", out=dtypes.int32)
def length_op(xp: Any, input: Any, *, unit: str = "BYTE") -> Any:
    count = (lambda v: len(v.decode("utf-8", "replace"))) if _unit(unit) else len
    return np.array([count(v) for v in input.ravel().tolist()], np.int32).reshape(input.shape)


@dispatchable
def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    """How long strings are, in bytes or (`unit='UTF8_CHAR'`) characters.

    >>> tf.strings.length(["Hello", "é"]).numpy()
    array([5, 2], dtype=int32)
    """
    return length_op(input, unit=unit, name=name)


@op("Substr", types=(S, "T", "T"), dtypes=INDEX, out=S, shape=broadcast_shape, host=True, elementwise=True,
    samples=[Sample(WORDS[:, :1], np.array([[0], [0]], np.int32), np.array([[3], [1]], np.int32))])
def substr_op(xp: Any, input: Any, pos: Any, len: Any, *, unit: str = "BYTE") -> Any:
    by_character = _unit(unit)
    out, at, size = np.broadcast_arrays(input, pos, len)

    def part(v: bytes, start: int, count: int, i: int) -> bytes:
        whole: Any = v.decode("utf-8", "replace") if by_character else v
        n = whole.__len__()
        if not -n <= start <= n:
            raise errors.invalid(f"pos {start} out of range for string {v!r} at index {i}")
        start = start + n if start < 0 else start
        found = whole[start : start + max(count, 0)]
        return found.encode() if by_character else found

    rows = zip(out.ravel().tolist(), at.ravel().tolist(), size.ravel().tolist())
    return texts([part(v, start, count, i) for i, (v, start, count) in enumerate(rows)], out.shape)


@dispatchable
def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    """Parts of strings, `len` bytes (or characters) from `pos` on; a negative `pos` counts from the end.

    Raises InvalidArgumentError for a `pos` beyond a string.

    >>> tf.strings.substr("Hello", 1, 3).numpy()
    b'ell'
    """
    return substr_op(input, pos, len, unit=unit, name=name)


# -- numbers ---------------------------------------------------------------------------------------------------------


_NUMBERS = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.uint32, dtypes.uint64)


def _number(text: bytes, dtype: dtypes.DType) -> Any:
    try:
        if b"_" in text:
            raise ValueError
        if dtype.is_integer:
            value = int(text.strip())
            if not dtype.min <= value <= dtype.max:
                raise ValueError
            return value
        return float.fromhex(text.decode()) if b"0x" in text.lower() else float(text)
    except ValueError:
        raise errors.invalid(f"StringToNumberOp could not correctly convert string: {text.decode('utf-8', 'replace')}") from None


@elementwise("StringToNumber", out=lambda groups, attrs: attrs["out_type"],
             samples=[Sample(np.array([b"1.5", b" -2 ", b"inf"], object), out_type=dtypes.float32)])
def to_number_op(xp: Any, string_tensor: Any, *, out_type: Any = dtypes.float32) -> Any:
    with np.errstate(all="ignore"):
        values = [_number(v, out_type) for v in string_tensor.ravel().tolist()]
        return np.array(values, out_type.np_dtype).reshape(string_tensor.shape)


@dispatchable
def to_number(input: Any, out_type: Any = dtypes.float32, name: str | None = None) -> Any:
    """Numbers from their text. Raises InvalidArgumentError for text that is no number of that dtype.

    >>> tf.strings.to_number("1.5").numpy()
    np.float32(1.5)
    """
    out_type = dtypes.as_dtype(out_type)
    if out_type not in _NUMBERS:
        raise errors.wrong_argument(f"Value for attr 'out_type' of {out_type.name} is not in the list of allowed values: "
                                    f"{', '.join(d.name for d in _NUMBERS)}")  # fmt: skip
    return to_number_op(input, out_type=out_type, name=name)


def _as_text(dtype: np.dtype, precision: int, scientific: bool, shortest: bool, width: int, fill: str) -> Callable[[Any], bytes]:
    """The way to print one number."""
    if scientific and shortest:
        raise errors.invalid("Cannot select both scientific and shortest notation")
    inexact = dtype.kind in "fcV"
    if precision > -1 and not inexact:
        raise errors.invalid(f"precision not supported for datatype {dtypes.FROM_NUMPY[dtype].name}")
    if (scientific or shortest) and not inexact:
        raise errors.invalid(f"scientific and shortest format not supported for datatype {dtypes.FROM_NUMPY[dtype].name}")
    if len(fill) > 1 or (fill and fill not in " +-0#"):
        raise errors.invalid(f"Fill argument not supported: {fill!r}")
    flags = "%" + fill + (str(width) if width > -1 else "")
    if dtype.kind == "b":
        return lambda v: b"true" if v else b"false"
    if not inexact:
        return lambda v: (flags + "d").__mod__(int(v)).encode()
    form = flags + (f".{precision}" if precision > -1 else "") + ("e" if scientific else "g" if shortest else "f")
    if dtype.kind == "c":
        return lambda v: f"({form % v.real},{form % v.imag})".encode()
    return lambda v: (form % float(v)).encode()


@op("AsString", dtypes=(*BASIC, S), out=S, shape=same, host=True, elementwise=True,
    samples=[Sample(np.array([[1.5, -2.0]], np.float32)), Sample(np.array([3, -4], np.int32), width=5, fill="0")])
def as_string_op(
    xp: Any, input: Any, *, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1, fill: str = ""
) -> Any:
    if input.dtype == object:
        return input
    form = _as_text(input.dtype, precision, scientific, shortest, width, fill)
    return texts([form(v) for v in input.ravel()], input.shape)


@dispatchable
def as_string(
    input: Any, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1, fill: str = "",
    name: str | None = None,
) -> Any:  # fmt: skip
    """Numbers as text, printed as C does.

    precision: digits behind the point. width, fill: pad to so many characters with spaces or "0". Raises InvalidArgumentError for
    a combination that the dtype does not have.

    >>> tf.strings.as_string([3, 2]).numpy()
    array([b'3', b'2'], dtype=object)
    """
    return as_string_op(
        input, precision=precision, scientific=scientific, shortest=shortest, width=width, fill=fill, name=name
    )


# -- joined ------------------------------------------------------------------------------------------------------------


def _join_shape(*shapes: TensorShape, **_: Any) -> TensorShape:
    result = TensorShape([])
    for s in shapes:
        if s.rank is None:
            return s if result.rank == 0 else result
        if s.rank:
            result = s if result.rank == 0 else result.merge_with(s)
    return result


@op("StringJoin", types=("S*",), where={"S": (S,)}, out=S, shape=_join_shape, host=True,
    samples=[Sample(WORDS, WORDS), Sample(WORDS, np.array(b"-", object))])
def join_op(xp: Any, *inputs: Any, separator: str = "") -> Any:
    between = separator.encode()
    if not inputs:
        return texts([b""], ())
    if len({x.shape for x in inputs if x.ndim}) > 1:
        raise errors.invalid(f"Input shapes do not match: {', '.join(str(list(x.shape)) for x in inputs)}; scalars fit any.")
    parts = np.broadcast_arrays(*inputs)
    return texts([between.join(row) for row in zip(*[p.ravel().tolist() for p in parts])], parts[0].shape)


@dispatchable
def join(inputs: Any, separator: str = "", name: str | None = None) -> Any:
    """Strings put together element by element, with a separator between.

    >>> tf.strings.join([["a", "b"], ["x", "y"]], separator=" ").numpy()
    array([b'a x', b'b y'], dtype=object)
    """
    from thalweg.engine.core import convert

    tensors = [convert.convert_to_tensor(x, dtype=S) for x in inputs]
    return join_op(*tensors, separator=separator, name=name)



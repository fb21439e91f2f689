"""Comma-separated values: fields of records, as columns of tensors. `tf.io.decode_csv`, and what datasets of files use.

Source: https://www.tensorflow.org/api_docs/python/tf/io/decode_csv, RFC 4180.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.execution.python_calls import HostOp
from thalweg.engine.execution.tensor_spec import TensorSpec

_TYPES = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.string)


class Field:
    """One column: its dtype, and what stands for a missing value (None: it is required)."""

    def __init__(self, default: Any):
        if not isinstance(default, (Tensor, list, tuple, np.ndarray, np.generic, int, float, str, bytes)):
            self.dtype, self.default = dtypes.as_dtype(default), None  # a dtype alone
        else:
            array = np.asarray(default._array) if isinstance(default, EagerTensor) else convert.to_array(default)
            self.dtype = dtypes.FROM_NUMPY[array.dtype]
            if array.size > 1:
                raise errors.invalid(f"A default of decode_csv is one value or an empty list, not {default!r}.")
            self.default = array.reshape(-1)[0] if array.size else None
        if self.dtype not in _TYPES:
            raise errors.invalid(
                f"A column cannot be of {self.dtype.name}: use float32, float64, int32, int64 or string. Cast it afterwards."
            )

    def value(self, text: str, number: int, place: str, missing: tuple[str, ...]) -> Any:
        """The field's text as a value. Raises InvalidArgumentError, naming field and place."""
        if text in missing:
            if self.default is None:
                raise errors.invalid(f"Field {number} is required but missing in {place}!")
            return self.default
        if self.dtype is dtypes.string:
            return text.encode("utf-8", "surrogateescape")
        try:
            number_type = self.dtype.as_numpy_dtype
            return number_type(int(text)) if self.dtype.is_integer else _float(float(text), number_type)
        except (ValueError, OverflowError):
            raise errors.invalid(f"Field {number} in {place} is not a valid {self.dtype.name}: {text}") from None

    def column(self, values: list[Any], shape: tuple[int, ...]) -> np.ndarray:
        out = np.empty(len(values), self.dtype.np_dtype)
        out[:] = values
        return out.reshape(shape)


_LARGEST = float(dtypes.float32.max)


def _float(value: float, number_type: Any) -> Any:
    """The number in a narrower type: infinite, without a warning, where it is too large."""
    if number_type is np.float32 and abs(value) > _LARGEST:
        value = np.copysign(np.inf, value)
    return number_type(value)


def reader(lines: Iterable[str], delimiter: str, quotes: bool) -> Iterator[list[str]]:
    """The fields of each record. A field in quotes may hold delimiters, doubled quotes and ends of lines."""
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE, strict=True)


def row_values(
    row: list[str], fields: list[Field], selected: list[int] | None, place: str, missing: tuple[str, ...]
) -> list[Any]:
    """The values of a record's selected fields. Raises InvalidArgumentError for a record of another length."""
    if selected is None:
        if len(row) != len(fields):
            raise errors.invalid(f"Expect {len(fields)} fields but have {len(row)} in {place}")
        return [f.value(text, i, place, missing) for i, (f, text) in enumerate(zip(fields, row))]
    if selected and selected[-1] >= len(row):
        raise errors.invalid(f"Expect at least {selected[-1] + 1} fields but have {len(row)} in {place}")
    return [f.value(row[i], i, place, missing) for f, i in zip(fields, selected)]


def _run(
    xp: Any, records: Any, *, fields: list[Field], delimiter: str, quotes: bool, missing: tuple[str, ...], selected: Any
) -> Any:
    rows = []
    for i, record in enumerate(records.ravel().tolist()):
        place = f"record {i}"
        text = record.decode("utf-8", "surrogateescape")
        try:
            row = next(reader(text.splitlines(keepends=True), delimiter, quotes), [])
        except csv.Error as error:
            raise errors.invalid(f"{place} is not comma-separated values: {error}.") from None
        rows.append(row_values(row, fields, selected, place, missing))
    columns = zip(*rows) if rows else [()] * len(fields)
    return tuple([f.column(list(values), records.shape) for f, values in zip(fields, columns)])


decode_op = HostOp(_run, "DecodeCSV", lambda attrs: [TensorSpec(None, f.dtype) for f in attrs["fields"]])


def decode_csv(
    records: Any, record_defaults: Any, field_delim: str = ",", use_quote_delim: bool = True, na_value: str = "",
    select_cols: Any = None, name: str | None = None,
) -> list[Any]:  # fmt: skip
    """The columns of CSV records, as a list of tensors of the records' shape.

    records: strings, one record each. record_defaults: for each column a value that stands for an empty field or `na_value`; an
    empty list (of a dtype) where the field is required. select_cols: the numbers of the columns wanted, increasing. Raises
    InvalidArgumentError, naming field and record, for what is missing or no number.

    >>> [column.numpy() for column in tf.io.decode_csv(["1,a", "2,"], [0, "none"])]
    [array([1, 2], dtype=int32), array([b'a', b'none'], dtype=object)]
    """
    fields = [Field(d) for d in record_defaults]
    selected = checked_selection(select_cols, len(fields))
    tensor = convert.convert_to_tensor(records, dtype=dtypes.string)
    attrs: dict[str, Any] = {
        "fields": fields, "delimiter": field_delim, "quotes": use_quote_delim, "missing": ("", na_value), "selected": selected,
    }  # fmt: skip
    if local.graph is None and not isinstance(tensor, SymbolicTensor):
        return [EagerTensor(a) for a in _run(np, tensor._array, **attrs)]
    outputs = decode_op(tensor, name=name, **attrs)
    for t in outputs:
        t.set_shape(tensor.shape)
    return list(outputs)


def checked_selection(select_cols: Any, count: int) -> list[int] | None:
    """The numbers of the columns wanted. Raises ValueError unless they increase and there are as many as defaults."""
    if select_cols is None:
        return None
    selected = [int(i) for i in select_cols]
    if len(selected) != count:
        raise ValueError("Length of select_cols should match length of record_defaults.")
    if any(b <= a for a, b in zip([-1, *selected], selected)):
        raise ValueError("select_cols is not strictly increasing.")
    return selected

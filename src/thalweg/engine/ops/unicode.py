"""Strings as characters: decoded, encoded, from one encoding to another.

Source: https://www.tensorflow.org/api_docs/python/tf/strings/unicode_decode
"""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors as tf_errors
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import INDEX, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.ops.strings import WORDS, S, each, elementwise, texts

_ENCODINGS = {"UTF-8": "utf-8", "UTF-16-BE": "utf-16-be", "UTF-32-BE": "utf-32-be"}
_MORE = {"UTF-16": "utf-16", "UTF-16-LE": "utf-16-le", "UTF-32": "utf-32", "UTF-32-LE": "utf-32-le", "US-ASCII": "ascii"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _codec(encoding: str, what: str = "input_encoding") -> str:
    found = _ENCODINGS.get(encoding) or _MORE.get(encoding)
    if found is None:
        try:
            "x".encode(encoding)
        except LookupError:
            raise tf_errors.invalid(f"Could not create converter for {what.replace('_', ' ')}: {encoding}") from None
        return encoding
    return found


def characters(
    data: bytes, codec: str, mode: str, replacement: int, control: bool
) -> tuple[list[str], list[int]]:
    """The characters of a string, and the byte each begins at. Bytes that are no character are dealt with by `mode`."""
    found: list[str] = []
    starts: list[int] = []
    at = 0
    while at < len(data):
        try:
            text = data[at:].decode(codec)
            good, bad = len(data), 0
        except UnicodeDecodeError as error:
            text = data[at : at + error.start].decode(codec)
            good, bad = at + error.start, max(error.end - error.start, 1)
        for c in text:
            starts.append(at)
            at += len(c.encode(codec))
            found.append(chr(replacement) if control and _CONTROL.match(c) else c)
        if bad:
            if mode == "strict":
                raise tf_errors.invalid("Invalid formatting on input string")
            if mode == "replace":
                found.append(chr(replacement))
                starts.append(good)
            at = good + bad
    return found, starts


def _check_mode(mode: str) -> None:
    if mode not in ("strict", "replace", "ignore"):
        raise tf_errors.wrong_argument(f"Value for attr 'errors' of {mode!r} is not 'strict', 'replace' or 'ignore'")


def _check_target(encoding: str) -> None:
    if encoding not in _ENCODINGS:
        raise tf_errors.wrong_argument(f"Value for attr 'output_encoding' of {encoding!r} is not one of {', '.join(_ENCODINGS)}")


@op("UnicodeDecodeWithOffsets", types=(S,), out=(lambda groups, attrs: attrs["Tsplits"], dtypes.int32, dtypes.int64),
    shape=lambda x, **_: (TensorShape([None if x.rank is None or x.num_elements() is None else x.num_elements() + 1]),
                          TensorShape([None]), TensorShape([None])),
    host=True, samples=[Sample(WORDS.reshape(-1), input_encoding="UTF-8")])
def decode_op(
    xp: Any, input: Any, *, input_encoding: str, errors: str = "replace", replacement_char: int = 65533,
    replace_control_characters: bool = False, Tsplits: Any = dtypes.int64,
) -> Any:  # fmt: skip
    codec = _codec(input_encoding)
    splits = [0]
    codes: list[int] = []
    starts: list[int] = []
    for data in input.ravel().tolist():
        found, places = characters(data, codec, errors, replacement_char, replace_control_characters)
        codes.extend(map(ord, found))
        starts.extend(places)
        splits.append(len(codes))
    return np.array(splits, Tsplits.np_dtype), np.array(codes, np.int32), np.array(starts, np.int64)


@op("UnicodeEncode", types=(dtypes.int32, "T"), dtypes=INDEX, out=S, host=True,
    shape=lambda values, splits, **_: TensorShape([splits[0] - 1 if splits.rank and splits[0] is not None else None]),
    samples=[Sample(np.array([72, 105, 233], np.int32), np.array([0, 2, 3], np.int32), output_encoding="UTF-8")])
def encode_op(
    xp: Any, input_values: Any, input_splits: Any, *, output_encoding: str, errors: str = "replace", replacement_char: int = 65533
) -> Any:
    codec = _ENCODINGS[output_encoding]

    def text(code: int) -> str:
        if 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return chr(code)
        if errors == "strict":
            raise tf_errors.invalid(f"Code point is out of range for Unicode, or a noncharacter: {code}")
        return chr(replacement_char) if errors == "replace" else ""

    edges = input_splits.tolist()
    made = ["".join(map(text, input_values[a:b].tolist())).encode(codec) for a, b in itertools.pairwise(edges)]
    return texts(made, (len(made),))


@elementwise("UnicodeTranscode", samples=[Sample(WORDS, input_encoding="UTF-8", output_encoding="UTF-16-BE")])
def transcode_op(
    xp: Any, input: Any, *, input_encoding: str, output_encoding: str, errors: str = "replace", replacement_char: int = 65533,
    replace_control_characters: bool = False,
) -> Any:  # fmt: skip
    source, target = _codec(input_encoding), _ENCODINGS[output_encoding]

    def changed(data: bytes) -> bytes:
        found, _ = characters(data, source, errors, replacement_char, replace_control_characters)
        return "".join(found).encode(target)

    return each(input, changed)


# -- public functions ------------------------------------------------------------------------------------------------


@dispatchable
def unicode_transcode(
    input: Any, input_encoding: str, output_encoding: str, errors: str = "replace", replacement_char: int = 65533,
    replace_control_characters: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """Strings in another encoding.

    output_encoding: UTF-8, UTF-16-BE or UTF-32-BE. errors: 'replace' what is no character by `replacement_char`, 'ignore' it, or
    raise InvalidArgumentError ('strict').
    """
    _check_mode(errors)
    _check_target(output_encoding)
    return transcode_op(
        input, input_encoding=input_encoding, output_encoding=output_encoding, errors=errors, replacement_char=replacement_char,
        replace_control_characters=replace_control_characters, name=name,
    )  # fmt: skip


def _in_rows(input: Any, function: Any) -> Any:
    """`function(strings) -> (row splits, values, ...)` of strings of any shape: ragged results, one dimension deeper."""
    from thalweg.engine.ops.ragged.public import RaggedTensor
    from thalweg.engine.ops.shaping import reshape

    if isinstance(input, RaggedTensor):
        results = _in_rows(input.flat_values, function)
        return tuple(input.with_flat_values(r) for r in results)
    strings = convert.convert_to_tensor(input, dtype=S)
    if strings.shape.rank is None:
        raise ValueError("The rank of the strings must be known: use tf.ensure_shape.")
    if strings.shape.rank == 0:
        _, *values = function(reshape(strings, [1]))
        return tuple(values)
    splits, *values = function(reshape(strings, [-1]))
    results = [RaggedTensor.from_row_splits(v, splits, validate=False) for v in values]
    return tuple(_reshaped(r, strings) for r in results)


def _reshaped(rt: Any, like: Any) -> Any:
    """Rows put into the dimensions of a tensor again."""
    from thalweg.engine.ops.ragged.public import RaggedTensor

    for size in reversed(like.shape.as_list()[1:]):
        if size is None:
            raise ValueError("All sizes of the strings but the first must be known.")
        rt = RaggedTensor.from_uniform_row_length(rt, convert.convert_to_tensor(size, dtypes.int64))
    return rt


def unicode_decode_with_offsets(
    input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 0xFFFD,
    replace_control_characters: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """As `unicode_decode`, with the byte at which each character begins."""
    _check_mode(errors)
    return _in_rows(input, lambda strings: decode_op(
        strings, input_encoding=input_encoding, errors=errors, replacement_char=replacement_char,
        replace_control_characters=replace_control_characters,
    ))  # fmt: skip


def unicode_decode(
    input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 0xFFFD,
    replace_control_characters: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """The code points of strings: int32, one dimension more, ragged.

    >>> tf.strings.unicode_decode(["Gö", "x"], "UTF-8").to_list()
    [[71, 246], [120]]
    """
    return unicode_decode_with_offsets(input, input_encoding, errors, replacement_char, replace_control_characters)[0]


def unicode_split_with_offsets(
    input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 0xFFFD, name: str | None = None
) -> Any:
    """As `unicode_split`, with the byte at which each character begins."""
    codes, starts = unicode_decode_with_offsets(input, input_encoding, errors, replacement_char)
    flat = codes.flat_values if hasattr(codes, "flat_values") else codes
    from thalweg.engine.ops.creation import range_
    from thalweg.engine.ops.shaping import shape as shape_of

    edges = range_(shape_of(flat, out_type=dtypes.int64)[0] + 1, dtype=dtypes.int64)
    split = encode_op(flat, edges, output_encoding=input_encoding, errors=errors, replacement_char=replacement_char)
    return (codes.with_flat_values(split) if hasattr(codes, "flat_values") else split), starts


def unicode_split(
    input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 0xFFFD, name: str | None = None
) -> Any:
    """The characters of strings, each a string: one dimension more, ragged.

    >>> tf.strings.unicode_split(["Gö", "x"], "UTF-8").to_list()
    [[b'G', b'\\xc3\\xb6'], [b'x']]
    """
    return unicode_split_with_offsets(input, input_encoding, errors, replacement_char)[0]


def unicode_encode(
    input: Any, output_encoding: str, errors: str = "replace", replacement_char: int = 65533, name: str | None = None
) -> Any:
    """Strings of code points: the last dimension becomes one string.

    >>> tf.strings.unicode_encode(tf.ragged.constant([[71, 246], [120]]), "UTF-8").numpy()
    array([b'G\\xc3\\xb6', b'x'], dtype=object)
    """
    from thalweg.engine.ops.arrays import concat
    from thalweg.engine.ops.ragged.functions import as_ragged
    from thalweg.engine.ops.ragged.public import RaggedTensor
    from thalweg.engine.ops.shaping import reshape, shape as shape_of

    _check_mode(errors)
    _check_target(output_encoding)
    codes = as_ragged(input)

    attrs: dict[str, Any] = {"output_encoding": output_encoding, "errors": errors, "replacement_char": replacement_char}

    def encoded(rt: Any) -> Any:
        return encode_op(rt.values, rt.row_splits, **attrs)

    if isinstance(codes, RaggedTensor):
        if isinstance(codes.values, RaggedTensor):
            return codes.with_values(unicode_encode(codes.values, output_encoding, errors, replacement_char))
        if codes.values.shape.rank == 1:
            return encoded(codes)
        return codes.with_values(unicode_encode(codes.values, output_encoding, errors, replacement_char))
    rank = codes.shape.rank
    if rank == 1:
        return encoded(RaggedTensor.from_tensor(codes[None]))[0]
    shape = shape_of(codes)
    rows = RaggedTensor.from_tensor(reshape(codes, concat([[-1], shape[-1:]], 0)))
    return reshape(encoded(rows), shape[:-1])

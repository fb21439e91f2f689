"""`tf.io.parse_example` and its kin: from serialized examples to tensors."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor
from thalweg.engine.execution.python_calls import HostOp
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.io.features import Column, Where, columns
from thalweg.io.sequences import sequence_columns


def _message(kind: str) -> Any:
    from thalweg.engine.formats import example  # loads protobuf

    return getattr(example, kind)


def _parsed(kind: Any, data: bytes, where: Where) -> Any:
    """The message in some bytes. Raises InvalidArgumentError."""
    try:
        return kind.FromString(data)
    except Exception:  # protobuf's class differs from implementation to implementation
        shown = repr(data[:60]) + ("..." if len(data) > 60 else "")
        raise errors.invalid(f"Could not parse example input, value: {shown} (name: {where.name}, index: {where.index}).") from None


def _each(serialized: np.ndarray, names: Any) -> Any:
    """The examples with what they are called in errors."""
    listed = (
        None if names is None else [n.decode() if isinstance(n, bytes) else str(n) for n in np.ravel(np.asarray(names)).tolist()]
    )
    for i, data in enumerate(serialized.ravel().tolist()):
        yield data, Where(listed[i] if listed and i < len(listed) else "<unknown>", i)


def _joined(wanted: list[Any], rows: list[list[Any]]) -> list[np.ndarray]:
    """Every column's arrays, from its values by example."""
    by_column = zip(*rows) if rows else [()] * len(wanted)
    return [a for column, values in zip(wanted, by_column) for a in column.join(list(values))]


def _run(xp: Any, serialized: Any, *, wanted: list[Column], names: Any) -> Any:
    kind = _message("Example")
    rows = []
    for data, where in _each(serialized, names):
        features = _parsed(kind, data, where).features.feature
        rows.append([column.read(features, where) for column in wanted])
    return tuple(_joined(wanted, rows))


def _specs(wanted: list[Any]) -> list[TensorSpec]:
    return [s for column in wanted for s in column.specs()]


parse_op = HostOp(_run, "ParseExampleV2", lambda attrs: _specs(attrs["wanted"]))


def _as_dict(wanted: list[Any], tensors: Any) -> dict[str, Any]:
    rest = iter(tensors)
    return {column.key: column.result(list(itertools.islice(rest, len(column.specs())))) for column in wanted}


def _apply(op: HostOp, serialized: Any, name: str | None, **attrs: Any) -> Any:
    """The op's outputs, now or in a graph."""
    if local.graph is not None or isinstance(serialized, SymbolicTensor):
        return op(serialized, name=name, **attrs)
    return [EagerTensor(a) for a in op.kernel(np, serialized._array, **attrs)]


def _strings(serialized: Any) -> Any:
    return convert.convert_to_tensor(serialized, dtype=dtypes.string)


def parse_example(serialized: Any, features: Any, example_names: Any = None, name: str | None = None) -> dict[str, Any]:
    """The features of serialized `tf.train.Example`s, as tensors by name.

    serialized: `[n]` strings, or one. features: a dict of `tf.io.FixedLenFeature`, `VarLenFeature`, `SparseFeature` and
    `FixedLenSequenceFeature`. Raises InvalidArgumentError, naming the example and the feature, for what is missing or is of
    another type or length.
    """
    tensor = _strings(serialized)
    if tensor.shape.rank == 0:
        return parse_single_example(tensor, features, name=name)
    wanted = columns(features, batched=True)
    return _as_dict(wanted, _apply(parse_op, tensor, name, wanted=wanted, names=_eager(example_names)))


def parse_single_example(serialized: Any, features: Any, example_names: Any = None, name: str | None = None) -> dict[str, Any]:
    """The features of one serialized `tf.train.Example`, without a dimension for a batch: see `tf.io.parse_example`."""
    tensor = _strings(serialized)
    if tensor.shape.rank not in (None, 0):
        raise ValueError("Input serialized must be a scalar")
    wanted = columns(features, batched=False)
    return _as_dict(wanted, _apply(parse_op, tensor, name, wanted=wanted, names=_eager(example_names)))


def _eager(names: Any) -> Any:
    return names.numpy() if isinstance(names, EagerTensor) else None if isinstance(names, SymbolicTensor) else names


# -- sequences ---------------------------------------------------------------------------------------------------


def _run_sequences(xp: Any, serialized: Any, *, context: list[Column], sequences: list[Any], names: Any) -> Any:
    kind = _message("SequenceExample")
    outside, inside = [], []
    for data, where in _each(serialized, names):
        message = _parsed(kind, data, where)
        features, lists = message.context.feature, message.feature_lists.feature_list
        outside.append([column.read(features, where) for column in context])
        inside.append([column.read(lists, where) for column in sequences])
    return (*_joined(context, outside), *_joined(sequences, inside))


sequence_op = HostOp(
    _run_sequences, "ParseSequenceExampleV2", lambda attrs: [*_specs(attrs["context"]), *_specs(attrs["sequences"])]
)


def _parse_sequences(serialized: Any, context_features: Any, sequence_features: Any, names: Any, name: Any, batched: bool) -> Any:
    if not context_features and not sequence_features:
        raise ValueError("Both `context_features` and `sequence_features` arguments are missing. Must have at least one of them.")
    context = columns(context_features, batched) if context_features else []
    sequences = sequence_columns(sequence_features or {}, batched)
    tensors = _apply(sequence_op, serialized, name, context=context, sequences=sequences, names=_eager(names))
    first = len(_specs(context))
    found = _as_dict(sequences, tensors[first:])
    lengths = {key: value[1] for key, value in found.items() if isinstance(value, tuple)}
    return _as_dict(context, tensors[:first]), {k: v[0] if isinstance(v, tuple) else v for k, v in found.items()}, lengths


def parse_sequence_example(
    serialized: Any, context_features: Any = None, sequence_features: Any = None, example_names: Any = None, name: str | None = None
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The features of a batch of serialized `tf.train.SequenceExample`s.

    Gives those of the contexts, those of the sequences, padded to the longest, and the lengths of dense sequences.
    """
    return _parse_sequences(_strings(serialized), context_features, sequence_features, example_names, name, batched=True)


def parse_single_sequence_example(
    serialized: Any, context_features: Any = None, sequence_features: Any = None, example_name: Any = None, name: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The features of one serialized `tf.train.SequenceExample`: those of its context and those of its sequences."""
    tensor = _strings(serialized)
    if tensor.shape.rank not in (None, 0):
        raise ValueError("Input serialized must be a scalar")
    return _parse_sequences(tensor, context_features, sequence_features, example_name, name, batched=False)[:2]

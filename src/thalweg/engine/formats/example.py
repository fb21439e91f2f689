"""`tf.train.Example` and its kin: messages of named lists of values, as protocol buffers.

The schema is written here, with TensorFlow's names and field numbers, and kept in a pool of its own, so that TensorFlow may
be loaded beside it. Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/example/feature.proto
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_PACKAGE = "tensorflow"

# message: [(field, number, type or message, repeated, in the oneof `kind`)]
_MESSAGES: dict[str, list[tuple[str, int, Any, bool, bool]]] = {
    "BytesList": [("value", 1, _Field.TYPE_BYTES, True, False)],
    "FloatList": [("value", 1, _Field.TYPE_FLOAT, True, False)],
    "Int64List": [("value", 1, _Field.TYPE_INT64, True, False)],
    "Feature": [
        ("bytes_list", 1, "BytesList", False, True),
        ("float_list", 2, "FloatList", False, True),
        ("int64_list", 3, "Int64List", False, True),
    ],
    "Features": [("feature", 1, {"Feature"}, True, False)],
    "FeatureList": [("feature", 1, "Feature", True, False)],
    "FeatureLists": [("feature_list", 1, {"FeatureList"}, True, False)],
    "Example": [("features", 1, "Features", False, False)],
    "SequenceExample": [("context", 1, "Features", False, False), ("feature_lists", 2, "FeatureLists", False, False)],
}


def _file() -> Any:
    """The schema as a message itself. A set stands for a map from strings to its message."""
    file = descriptor_pb2.FileDescriptorProto(name="thalweg/example.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if any(in_kind for *_, in_kind in fields):
            message.oneof_decl.add(name="kind")
        for field, number, kind, repeated, in_kind in fields:
            if isinstance(kind, set):
                kind = f"{name}.{_map_entry(message, field, *kind)}"
            label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
            made = message.field.add(name=field, number=number, label=label)
            if isinstance(kind, str):
                made.type, made.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
            else:
                made.type = kind
            if in_kind:
                made.oneof_index = 0
    return file


def _map_entry(message: Any, field: str, value: str) -> str:
    """The message of a map's pairs."""
    name = "".join(part.capitalize() for part in field.split("_")) + "Entry"
    entry = message.nested_type.add(name=name)
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=_Field.TYPE_STRING, label=_Field.LABEL_OPTIONAL)
    entry.field.add(name="value", number=2, type=_Field.TYPE_MESSAGE, type_name=f".{_PACKAGE}.{value}", label=_Field.LABEL_OPTIONAL)
    return name


_pool = descriptor_pool.DescriptorPool()
_pool.Add(_file())


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


BytesList, FloatList, Int64List = map(_message, ("BytesList", "FloatList", "Int64List"))
Feature, Features, FeatureList, FeatureLists = map(_message, ("Feature", "Features", "FeatureList", "FeatureLists"))
Example, SequenceExample = map(_message, ("Example", "SequenceExample"))

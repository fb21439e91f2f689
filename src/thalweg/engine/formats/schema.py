"""Protocol buffer messages from the `.proto` files beside this one.

They stand in a pool of their own, so that TensorFlow, and TensorBoard's copies of the same messages, may be loaded in the same
process. The files are read as they are: nothing is generated, so there is nothing to generate anew. Of the language they may
use messages, enums, `repeated`, `map`, `oneof`, `import`. Source: https://protobuf.dev/programming-guides/proto3/
"""

from __future__ import annotations

import functools
import importlib
import pathlib
import re
from collections.abc import Iterator
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FOLDER = pathlib.Path(__file__).parent / "protos"
_TOKEN = re.compile(r'//[^\n]*|"[^"]*"|[A-Za-z_][\w.]*|-?\d+|\S')
_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "double": _Field.TYPE_DOUBLE, "float": _Field.TYPE_FLOAT, "int64": _Field.TYPE_INT64, "uint64": _Field.TYPE_UINT64,
    "int32": _Field.TYPE_INT32, "uint32": _Field.TYPE_UINT32, "sint64": _Field.TYPE_SINT64, "bool": _Field.TYPE_BOOL,
    "string": _Field.TYPE_STRING, "bytes": _Field.TYPE_BYTES,
}  # fmt: skip
_pool = descriptor_pool.DescriptorPool()


class _Reader:
    """A `.proto` file as the message that describes it."""

    def __init__(self, name: str, text: str):
        self._tokens: Iterator[str] = (t for t in _TOKEN.findall(text) if not t.startswith("//"))
        self.file = descriptor_pb2.FileDescriptorProto(name=name)
        for word in self._tokens:
            if word == "syntax":
                self.file.syntax = self._rest()[1].strip('"')
            elif word == "package":
                self.file.package = self._rest()[0]
            elif word == "import":
                self.file.dependency.append(self._rest()[0].strip('"'))
            elif word == "message":
                self._message(self.file.message_type.add())
            elif word == "enum":
                self._enum(self.file.enum_type.add())
            else:
                raise ValueError(f"{name}: {word!r} is not understood.")

    def _rest(self) -> list[str]:
        """The words up to the semicolon."""
        return list(iter(self._tokens.__next__, ";"))

    def _message(self, message: Any) -> None:
        message.name, _ = next(self._tokens), next(self._tokens)
        self._body(message, None)

    def _body(self, message: Any, oneof: int | None) -> None:
        for word in iter(self._tokens.__next__, "}"):
            if word == "message":
                self._message(message.nested_type.add())
            elif word == "enum":
                self._enum(message.enum_type.add())
            elif word == "oneof":
                message.oneof_decl.add(name=next(self._tokens))
                next(self._tokens)
                self._body(message, len(message.oneof_decl) - 1)
            else:
                self._field(message, [word, *self._rest()], oneof)

    def _field(self, message: Any, words: list[str], oneof: int | None) -> None:
        repeated = words[0] in ("repeated", "map")
        *kind, name, _, number = words[words[0] == "repeated" :]
        field = message.field.add(name=name, number=int(number), label=_Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL)
        if oneof is not None:
            field.oneof_index = oneof
        if kind[0] == "map":
            _, _, key, _, value, _ = kind
            entry = message.nested_type.add(name="".join(part.capitalize() for part in name.split("_")) + "Entry")
            entry.options.map_entry = True
            for i, (part, its_kind) in enumerate((("key", key), ("value", value)), 1):
                _set_kind(entry.field.add(name=part, number=i, label=_Field.LABEL_OPTIONAL), its_kind)
            kind = [entry.name]
        _set_kind(field, kind[0])

    def _enum(self, enum: Any) -> None:
        enum.name, _ = next(self._tokens), next(self._tokens)
        for word in iter(self._tokens.__next__, "}"):
            enum.value.add(name=word, number=int(self._rest()[1]))


def _set_kind(field: Any, kind: str) -> None:
    """The type of a field. The pool finds out whether a name is a message's or an enum's, from the inside out."""
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type_name = kind


@functools.cache
def load(name: str) -> Any:
    """The descriptor of a schema file, such as "graph.proto", with all it imports."""
    if name.startswith("google/"):  # protobuf brings these itself
        module = importlib.import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2")
        return _pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    file = _Reader(name, (_FOLDER / name).read_text()).file
    for dependency in file.dependency:
        load(dependency)
    return _pool.AddSerializedFile(file.SerializeToString())


def messages(file: str, *names: str) -> list[Any]:
    """The classes of messages in a schema file."""
    found = load(file).message_types_by_name
    return [message_factory.GetMessageClass(found[name]) for name in names]

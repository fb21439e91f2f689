"""Elements in files: the file cache, `save` and `load`, snapshots.

A file is a TFRecord file with one record for each element: for each component a line of its dtype and shape, then its bytes;
strings as their lengths and their bytes. Sizes are checked against the record before anything is made of them.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from typing import Any

import numpy as np

from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import UNKNOWN, Dataset
from thalweg.data.structure import Components, DatasetSpec, NoneTensorSpec, map_structure
from thalweg.engine.core import dtypes, errors
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.engine.formats import tfrecord

_HEADER_LIMIT = 4096


def encoded(components: Components) -> bytes:
    """An element as the bytes of one record."""
    parts = []
    for a in components:
        if a.dtype == object:
            strings = a.ravel().tolist()
            lengths = np.array([len(s) for s in strings], "<i8")
            parts.append(_header("string", a.shape) + lengths.tobytes() + b"".join(strings))
        else:
            parts.append(_header(dtypes.FROM_NUMPY[a.dtype].name, a.shape) + np.ascontiguousarray(a).tobytes())
    return b"".join(parts)


def _header(dtype: str, shape: tuple[int, ...]) -> bytes:
    return f"{dtype} {','.join(map(str, shape))}\n".encode()


def decoded(record: bytes, place: str) -> Components:
    """The element in a record. Raises DataLossError for bytes that are none."""
    found, at = [], 0
    while at < len(record):
        end = record.find(b"\n", at, at + _HEADER_LIMIT)
        try:
            name, _, dims = record[at:end].decode("ascii").partition(" ")
            shape = tuple([int(d) for d in dims.split(",")]) if dims else ()
            dtype = dtypes.as_dtype(name)
            if end < 0 or any(d < 0 for d in shape):
                raise ValueError
        except (ValueError, TypeError):
            raise errors.DataLossError(None, None, f"Corrupted element in {place}: it has no valid header at byte {at}.") from None
        array, at = _array(record, end + 1, dtype, shape, place)
        found.append(array)
    return tuple(found)


def _array(record: bytes, at: int, dtype: dtypes.DType, shape: tuple[int, ...], place: str) -> tuple[np.ndarray, int]:
    count = math.prod(shape)
    strings = dtype is dtypes.string
    width = 8 if strings else dtype.np_dtype.itemsize
    if count * width > len(record) - at:
        raise errors.DataLossError(
            None, None, f"Corrupted element in {place}: it claims {count} values of {dtype.name}, but is too short."
        )
    body = np.frombuffer(record, "<i8" if strings else dtype.np_dtype, count, at)
    at += count * width
    if not strings:
        return body.reshape(shape).copy(), at
    if (body < 0).any() or int(body.sum()) > len(record) - at:
        raise errors.DataLossError(None, None, f"Corrupted element in {place}: its strings are longer than it is.")
    out = np.empty(count, object)
    for i, length in enumerate(body.tolist()):
        out[i] = record[at : at + length]
        at += length
    return out.reshape(shape), at


class Writer:
    """Writes elements beside the file's place and moves them there when all are written."""

    def __init__(self, path: str, lock: str | None = None, compression: str = ""):
        self._path, self._lock, self._temporary = path, lock, f"{path}.{os.getpid()}.temporary"
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        if lock is not None:
            with open(lock, "x"):
                pass
        self._file: Any = tfrecord.Writer(self._temporary, compression)

    def write(self, components: Components) -> None:
        self._file.write(encoded(components))

    def finish(self) -> None:
        """Put the file in its place."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        os.replace(self._temporary, self._path)
        self._unlock()

    def abandon(self) -> None:
        """Leave nothing behind."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        with contextlib.suppress(OSError):
            os.remove(self._temporary)
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            with contextlib.suppress(OSError):
                os.remove(self._lock)

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self.abandon()


class StoredCursor(Cursor):
    """Goes through files of elements."""

    fields = ("number", "row")

    def __init__(self, paths: list[str], specs: list[TensorSpec], compression: str = ""):
        self.paths, self.specs, self.compression = paths, specs, compression
        self.number, self.row = 0, 0
        self._records: Any = None

    def __next__(self) -> Components:
        while self.number < len(self.paths):
            path = self.paths[self.number]
            if self._records is None:
                self._records = tfrecord.records(path, self.compression)
                for _ in range(self.row):
                    next(self._records)
            for record in self._records:
                components = decoded(record, f"element {self.row} of {path}")
                self._check(components, path)
                self.row += 1
                return components
            self._records = None
            self.number, self.row = self.number + 1, 0
        raise StopIteration

    def _check(self, components: Components, path: str) -> None:
        fits = len(components) == len(self.specs) and all(
            dtypes.FROM_NUMPY[a.dtype] is s.dtype and s.shape.is_compatible_with(a.shape) for a, s in zip(components, self.specs)
        )
        if not fits:
            found = ", ".join(f"{dtypes.FROM_NUMPY[a.dtype].name}{list(a.shape)}" for a in components)
            wanted = ", ".join(f"{s.dtype.name}{s.shape}" for s in self.specs)
            raise errors.invalid(f"{path} holds elements of ({found}), not of ({wanted}): delete it if it is an old cache.")

    def restore(self, state: dict[str, Any]) -> None:
        if "done" in state:  # saved while the file was being written
            state = {"number": 0, "row": state["done"]}
        super().restore(state)
        self._records = None


# -- save and load ---------------------------------------------------------------------------------------------


def save(dataset: Dataset, path: Any, compression: Any = None, shard_func: Any = None) -> None:
    """`Dataset.save`. With `shard_func`, an int64 of each element, the elements go into files by its value."""
    path = os.fspath(path)
    kind = {None: "", "": "", "NONE": "", "AUTO": "", "SNAPPY": "", "GZIP": "GZIP", "ZLIB": "ZLIB"}.get(compression)
    if kind is None:
        raise ValueError(f"`compression` must be 'GZIP', 'ZLIB' or None, not {compression!r}.")
    if any(isinstance(s, DatasetSpec) for s in dataset._form.specs):
        raise TypeError("A dataset of datasets cannot be saved: flatten it first.")
    os.makedirs(path, exist_ok=True)
    writers: dict[int, Writer] = {}
    shard = None
    if shard_func is not None:
        from thalweg.data.functions import ElementFunction

        shard = ElementFunction(shard_func, dataset.element_spec, "Dataset.save()").bind(Scope())
    count = 0
    for components in dataset._run():
        key = 0 if shard is None else int(shard(components)[0])
        if key not in writers:
            writers[key] = Writer(os.path.join(path, f"shard_{key:08d}.elements"), None, kind)
        writers[key].write(components)
        count += 1
    for writer in writers.values():
        writer.finish()
    files = [f"shard_{key:08d}.elements" for key in sorted(writers)]
    about = {"version": 1, "count": count, "compression": kind, "files": files, "element_spec": _described(dataset.element_spec)}
    temporary = os.path.join(path, f"dataset.json.{os.getpid()}.temporary")
    with open(temporary, "w") as f:
        json.dump(about, f)
    os.replace(temporary, os.path.join(path, "dataset.json"))


def _described(spec: Any) -> Any:
    """A spec as plain JSON."""
    if isinstance(spec, TensorSpec):
        return {"dtype": spec.dtype.name, "shape": None if spec.shape.rank is None else spec.shape.as_list()}
    if isinstance(spec, NoneTensorSpec):
        return {"none": True}
    if isinstance(spec, dict):
        return {"dict": [[k, _described(v)] for k, v in spec.items()]}
    if isinstance(spec, tuple):
        return {"tuple": [_described(v) for v in spec]}
    raise TypeError(f"Elements of type {spec!r} cannot be saved.")


def _read_spec(about: Any) -> Any:
    if "dtype" in about:
        return TensorSpec(about["shape"], about["dtype"])
    if "none" in about:
        return NoneTensorSpec()
    if "dict" in about:
        return {k: _read_spec(v) for k, v in about["dict"]}
    return tuple([_read_spec(v) for v in about["tuple"]])


class LoadedDataset(Dataset):
    """Elements from files."""

    def __init__(self, paths: list[str], element_spec: Any, compression: str, count: int):
        self._paths, self._element_spec, self._compression, self._known = paths, element_spec, compression, count

    def _cursor(self, scope: Scope) -> Cursor:
        return StoredCursor(self._paths, self._form.flat, self._compression)

    def _count(self) -> int:
        return self._known


def load(path: Any, element_spec: Any = None, compression: Any = None, reader_func: Any = None) -> Dataset:
    """`Dataset.load`. `reader_func` is given a dataset of datasets, one for each file, and gives one dataset."""
    from thalweg.data.sources import ListDataset
    from thalweg.data.variants import Bound, boxed

    path = os.fspath(path)
    try:
        with open(os.path.join(path, "dataset.json")) as f:
            about = json.load(f)
        spec = _read_spec(about["element_spec"])
        files = [os.path.join(path, os.path.basename(name)) for name in about["files"]]
        count, compression = int(about["count"]), str(about["compression"])
    except FileNotFoundError:
        raise errors.NotFoundError(None, None, f"Could not find a saved dataset in {path}: it has no dataset.json.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise errors.DataLossError(None, None, f"{path}/dataset.json is no description of a saved dataset ({error}).") from None
    if element_spec is not None and element_spec != spec:
        map_structure(lambda a, b: a.is_compatible_with(b), element_spec, spec)
        spec = element_spec
    if reader_func is None:
        return LoadedDataset(files, spec, compression, count)
    parts: list[Components] = [(boxed(Bound(LoadedDataset([f], spec, compression, UNKNOWN), {})),) for f in files]
    return reader_func(ListDataset(parts, DatasetSpec(spec)))


class SnapshotDataset(Dataset):
    """The elements as they came when the snapshot was first written."""

    def __init__(self, dataset: Dataset, path: Any, compression: Any, reader_func: Any):
        self._inputs, self._path, self._reader = (dataset,), os.fspath(path), reader_func
        self._compression = "GZIP" if compression == "GZIP" else ""
        self._element_spec = dataset.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        if os.path.exists(os.path.join(self._path, "dataset.json")):
            return load(self._path, self._element_spec, None, self._reader)._cursor(scope)
        return SnapshotCursor(self._inputs[0]._cursor(scope), self)

    def _count(self) -> int:
        return self._inputs[0]._count()


class SnapshotCursor(OneInput):
    """Gives the elements and writes them; the snapshot is there when the last one has been given."""

    fields = ("elements",)

    def __init__(self, input_cursor: Cursor, snapshot: SnapshotDataset):
        super().__init__(input_cursor)
        self.snapshot, self.elements = snapshot, []  # type: ignore[var-annotated]

    def __next__(self) -> Components:
        for components in self.input:
            self.elements.append(components)
            return components
        if self.elements:
            from thalweg.data.sources import ListDataset

            save(ListDataset(self.elements, self.snapshot._element_spec), self.snapshot._path, self.snapshot._compression)
            self.elements = []
        raise StopIteration

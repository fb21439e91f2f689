"""HDF5 files as models use them: groups, plain arrays, short attributes; nothing that leads out of the file.

Every HDF5 file is read through `Group`, so one place refuses what a file may not hold: links, data kept elsewhere, data put
together from other data, arrays that say they are far larger than what is stored.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

# An array may be larger than what is stored for it (zeros compress well), but a large one not by more than this.
_SMALL = 64 * 2**20
_EXPANSION_LIMIT = 100
_ATTRIBUTE_LIMIT = 256 * 2**20
# HDF5 keeps an attribute in the header of its object, which has this much room.
_HEADER_ROOM = 64512


@contextlib.contextmanager
def reading(file: Any) -> Iterator[Group]:
    """The root group of an HDF5 file, given by path or as a file object. Raises ValueError if it is none."""
    import h5py

    try:
        h5 = h5py.File(file, "r")
    except OSError as error:
        raise ValueError(f"{file if isinstance(file, str) else 'The member'} is not an HDF5 file: {error}") from None
    with h5:
        yield Group(h5)


@contextlib.contextmanager
def writing(file: Any) -> Iterator[Any]:
    """A new HDF5 file, as h5py's object."""
    import h5py

    with h5py.File(file, "w") as h5:
        yield h5


class Array:
    """An array in a file: its shape is known before it is read."""

    def __init__(self, dataset: Any):
        self._dataset = dataset
        self.shape = tuple(dataset.shape)

    @property
    def dtype(self) -> np.dtype:
        return self._dataset.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        value = self._dataset[()]
        name = self._dataset.attrs.get("dtype")
        if name == "bfloat16":
            import ml_dtypes

            value = np.asarray(value).view(ml_dtypes.bfloat16)
        return np.asarray(value, dtype)

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(self)[key]


class Group:
    """A group of an HDF5 file that holds only groups, plain arrays and attributes."""

    def __init__(self, group: Any):
        self._group = group

    def names(self) -> list[str]:
        return list(self._group)

    def group(self, path: str) -> Group | None:
        """The group at a path below this one; None if there is none. Raises ValueError if something else is there."""
        import h5py

        found = self._group
        for part in filter(None, path.split("/")):
            found = _member(found, part, h5py.Group)
            if found is None:
                return None
        return Group(found)

    def array(self, path: str) -> Array | None:
        """The array at a path; None if there is none. Raises ValueError for what is no plain array in this file."""
        import h5py

        folder, _, name = path.rpartition("/")
        parent = self.group(folder)
        dataset = None if parent is None else _member(parent._group, name, h5py.Dataset)
        if dataset is None:
            return None
        if dataset.external or dataset.is_virtual or dataset.dtype.kind not in "biufc":
            raise ValueError(f"The file holds data at {dataset.name} that is not a plain array of numbers.")
        said, stored = math.prod(dataset.shape) * dataset.dtype.itemsize, dataset.id.get_storage_size()
        if said > _SMALL and said > _EXPANSION_LIMIT * stored:
            raise ValueError(
                f"The file holds an array at {dataset.name} that claims {said} bytes, but only {stored} are stored: it is refused."
            )
        return Array(dataset)

    def text(self, name: str) -> str | None:
        """An attribute that is one text; None if there is none."""
        value = self._attribute(name)
        if isinstance(value, bytes):
            return value.decode("utf-8")
        return value if value is None or isinstance(value, str) else str(value)

    def texts(self, name: str) -> list[str]:
        """An attribute that is a list of texts, also where it is kept in parts; empty if there is none."""
        values = self._attribute(name)
        if values is None:
            values, i = [], 0
            while (part := self._attribute(f"{name}{i}")) is not None:
                values.extend(part)
                i += 1
        return [value.decode("utf-8") if isinstance(value, bytes) else str(value) for value in values]

    def _attribute(self, name: str) -> Any:
        if name not in self._group.attrs:
            return None
        found = self._group.attrs.get_id(name)
        size = math.prod(found.shape) * found.dtype.itemsize
        if size > _ATTRIBUTE_LIMIT:
            raise ValueError(f"The file's attribute {name!r} claims {size} bytes: it is refused.")
        return self._group.attrs[name]


def _member(group: Any, name: str, kind: type) -> Any:
    """A member of an h5py group that lies in this file; None if there is none."""
    import h5py

    link = group.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink):
        raise ValueError(f"The file holds a link at {group.name}/{name}: weights must lie in the file itself.")
    member = group[name]
    if not isinstance(member, kind):
        raise ValueError(f"The file holds a {type(member).__name__} at {member.name}, where a {kind.__name__} belongs.")
    return member


# -- writing -----------------------------------------------------------------------------------------------------


def write_array(group: Any, path: str, value: Any) -> None:
    """Write an array. bfloat16, which HDF5 does not know, is written as its bits with a note, as Keras does."""
    value = np.asarray(value)
    if value.dtype.kind == "V":
        dataset = group.create_dataset(path, data=value.view(np.uint16))
        dataset.attrs["dtype"] = value.dtype.name
    else:
        group.create_dataset(path, data=value)


def write_texts(group: Any, name: str, values: Iterable[str]) -> None:
    """Write an attribute that is a list of texts, in parts where it is too long for one."""
    array = np.array([value.encode("utf-8") for value in values])
    count = max(1, math.ceil(array.nbytes / _HEADER_ROOM))
    if count == 1:
        group.attrs[name] = array
        return
    if array.itemsize > _HEADER_ROOM:
        raise ValueError(f"A name of {array.itemsize} bytes is too long for an HDF5 file.")
    for i, part in enumerate(np.array_split(array, count + 1)):
        group.attrs[f"{name}{i}"] = part

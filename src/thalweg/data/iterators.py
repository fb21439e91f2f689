"""Iterators: what `iter(dataset)` gives, with a state that can be saved."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from thalweg.data.cursors import Scope
from thalweg.data.dataset import Dataset
from thalweg.data.variants import Bound
from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.context import local


class Iterator:
    """`tf.data.Iterator`: goes through a dataset once, element by element."""

    _dataset: Dataset

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        raise NotImplementedError

    @property
    def element_spec(self) -> Any:
        """The type of the elements."""
        return self._dataset.element_spec

    def get_next(self) -> Any:
        """The next element. Raises OutOfRangeError when there is none."""
        raise NotImplementedError

    def get_next_as_optional(self) -> Any:
        """The next element as a `tf.experimental.Optional`, which has no value at the end."""
        raise NotImplementedError


class OwnedIterator(Iterator):
    """An iterator of eager tensors. In a `tf.function` its `next` is an op, run each time the function is."""

    def __init__(self, dataset: Dataset):
        from thalweg.data.loops import IteratorState

        self._dataset = dataset
        self._state: Any = IteratorState(dataset, Scope())
        if local.graph is not None:
            self._symbolic_start()
        elif dataset._symbolic():
            raise TypeError(f"{dataset!r} uses tensors of a graph: go through it there.")

    def _symbolic_start(self) -> None:
        from thalweg.data.loops import start_in_graph

        self._state = start_in_graph(self._dataset)

    def __next__(self) -> Any:
        if local.graph is not None:
            return self.get_next()
        return self._dataset._form.eager(next(self._state))

    def get_next(self, name: str | None = None) -> Any:
        if local.graph is not None:
            from thalweg.data.loops import next_in_graph

            return next_in_graph(self._state, self._dataset._form)
        try:
            return self._dataset._form.eager(next(self._state))
        except StopIteration:
            raise errors.OutOfRangeError(None, None, "End of sequence [Op:IteratorGetNext] name: ") from None

    def get_next_as_optional(self) -> Any:
        from thalweg.data.optional import Optional, OptionalFromComponents

        if local.graph is not None:
            from thalweg.data.loops import next_as_optional_in_graph

            return next_as_optional_in_graph(self._state, self._dataset._form)
        components = next(self._state, None)
        return Optional.empty(self.element_spec) if components is None else OptionalFromComponents(components, self._dataset._form)

    def _autograph_for(self, extra_test: Any, body: Any, get_state: Any, set_state: Any, symbol_names: Any, opts: Any) -> None:
        from thalweg.data.loops import for_in_function

        for_in_function(self, extra_test, body, get_state, set_state, symbol_names, opts)

    @property
    def _type_spec(self) -> Any:
        return IteratorSpec(self.element_spec)

    # -- state ----------------------------------------------------------------------------------------------

    def _save_state(self) -> bytes:
        """Where the iterator stands, for `tf.train.Checkpoint`: what a later run's iterator over the same dataset goes on from."""
        return pack_state(self._state.save())

    def _restore_state(self, state: bytes) -> None:
        """Go to where another iterator of the same dataset stood. Raises InvalidArgumentError if the state is another dataset's."""
        self._state.restore(unpack_state(state))

    def __repr__(self) -> str:
        return f"<thalweg iterator over {self._dataset!r}>"


class NumpyIterator:
    """An iterator of NumPy arrays."""

    def __init__(self, dataset: Dataset):
        self._dataset = dataset
        self._cursor = dataset._run()

    def __iter__(self) -> NumpyIterator:
        return self

    def __next__(self) -> Any:
        return self._dataset._form.numpy(next(self._cursor))

    def __repr__(self) -> str:
        return f"<thalweg NumPy iterator over {self._dataset!r}>"


class IteratorSpec:
    """The type of an iterator over elements of `element_spec`."""

    def __init__(self, element_spec: Any):
        self._element_spec = element_spec

    @property
    def element_spec(self) -> Any:
        return self._element_spec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IteratorSpec) and self._element_spec == other._element_spec

    def __hash__(self) -> int:
        return hash(IteratorSpec)

    def __repr__(self) -> str:
        return f"IteratorSpec({self._element_spec!r}, TensorShape([]))"


# -- states as bytes -------------------------------------------------------------------------------------------


def pack_state(state: Any) -> bytes:
    """A nest of dicts, lists, tuples, arrays, numbers, strings as bytes: a JSON text, a null byte, the arrays' content."""
    content = bytearray()

    def blob(data: bytes) -> list[int]:
        content.extend(data)
        return [len(content) - len(data), len(data)]

    text = json.dumps(_describe(state, blob))
    return text.encode() + b"\0" + bytes(content)


def _describe(x: Any, blob: Any) -> Any:
    if x is None or isinstance(x, (bool, int, float, str)):
        return x
    if isinstance(x, bytes):
        return {"bytes": blob(x)}
    if isinstance(x, np.generic):
        return x.item()
    if isinstance(x, dict):
        return {"dict": [[_describe(k, blob), _describe(v, blob)] for k, v in x.items()]}
    if isinstance(x, (list, tuple)):
        return {"tuple" if isinstance(x, tuple) else "list": [_describe(v, blob) for v in x]}
    if isinstance(x, np.ndarray) and x.dtype == object:
        values = [_bound_description(v, blob) for v in x.ravel().tolist()]
        return {"objects": values, "shape": list(x.shape)}
    if isinstance(x, np.ndarray):
        return {"array": blob(np.ascontiguousarray(x).tobytes()), "dtype": dtypes.FROM_NUMPY[x.dtype].name, "shape": list(x.shape)}
    raise errors.UnimplementedError(None, None, f"The state of this iterator cannot be saved: it holds a {type(x).__name__}.")


def _bound_description(value: Any, blob: Any) -> Any:
    if isinstance(value, Bound):
        elements = getattr(value.dataset, "_elements", None)
        if elements is None:
            raise errors.UnimplementedError(None, None, f"The state of this iterator cannot be saved: it holds {value.dataset!r}.")
        return {"window": _describe(elements, blob)}
    return _describe(value, blob)


def unpack_state(data: bytes) -> Any:
    """What `pack_state` packed. Raises DataLossError for other bytes."""
    text, _, content = data.partition(b"\0")
    try:
        return _rebuild(json.loads(text), content)
    except (ValueError, KeyError, TypeError, IndexError):
        raise errors.DataLossError(None, None, "The saved state of an iterator is damaged.") from None


def _rebuild(x: Any, content: bytes) -> Any:
    if not isinstance(x, dict):
        return x
    if "bytes" in x:
        return _slice(content, x["bytes"])
    if "dict" in x:
        return {_rebuild(k, content): _rebuild(v, content) for k, v in x["dict"]}
    if "list" in x:
        return [_rebuild(v, content) for v in x["list"]]
    if "tuple" in x:
        return tuple([_rebuild(v, content) for v in x["tuple"]])
    if "objects" in x:
        values = np.empty(len(x["objects"]), object)
        for i, v in enumerate(x["objects"]):
            values[i] = _window(v["window"], content) if isinstance(v, dict) and "window" in v else _rebuild(v, content)
        return values.reshape(x["shape"])
    dtype = dtypes.as_dtype(x["dtype"]).np_dtype
    return np.frombuffer(_slice(content, x["array"]), dtype).reshape(x["shape"]).copy()


def _window(described: Any, content: bytes) -> Bound:
    from thalweg.data.sources import ListDataset

    return Bound(ListDataset([tuple(e) for e in _rebuild(described, content)], None), {})


def _slice(content: bytes, span: list[int]) -> bytes:
    start, length = span
    if start < 0 or length < 0 or start + length > len(content):
        raise ValueError("a part lies outside the data")
    return content[start : start + length]

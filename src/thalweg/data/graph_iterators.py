"""Iterators in graphs, as TensorFlow 1 has them: each session goes through the dataset by itself.

An iterator is an op that owns a place in each session, and gives that place. The ops that start it and take elements from it
are here; what they do is `loops.IteratorState`. Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/data/Iterator
"""

from __future__ import annotations

import itertools
import weakref
from typing import Any

import numpy as np

from thalweg.data import structure
from thalweg.data.cursors import Scope
from thalweg.data.dataset import Dataset
from thalweg.data.loops import IteratorState, zeros_of
from thalweg.data.structure import Components, DatasetSpec, Form
from thalweg.engine.core import context, dtypes, errors
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import get_default_graph
from thalweg.engine.core.shape import SCALAR, TensorShape
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.execution.python_calls import HostOp, boxed
from thalweg.engine.execution.tensor_spec import TensorSpec

_numbers = itertools.count()
_places: weakref.WeakValueDictionary[bytes, Place] = weakref.WeakValueDictionary()


class Place:
    """Where a session keeps an iterator's state."""

    def __init__(self, form: Form):
        self.form = form
        self.state: IteratorState | None = None
        self.handle = f"iterator {next(_numbers)}".encode()
        _places[self.handle] = self

    def start(self, dataset: Dataset, values: dict[int, np.ndarray]) -> None:
        self.state = IteratorState(dataset, Scope(values))

    def running(self) -> IteratorState:
        """The state. Raises FailedPreconditionError if nothing was started."""
        if self.state is None:
            raise errors.FailedPreconditionError(
                None,
                None,
                "GetNext() failed because the iterator has not been initialized. Ensure that you have run the initializer "
                "operation for this iterator before getting the next element.",
            )
        return self.state


# -- ops ---------------------------------------------------------------------------------------------------------


def _own_place(attrs: dict[str, Any]) -> Cell:
    return Cell(dtypes.variant, SCALAR, "iterator", Place(attrs["form"]))


def _give_place(xp: Any, *values: Any, form: Form, dataset: Dataset | None, keys: tuple[int, ...], state: Cell) -> Any:
    """The session's place; one with a dataset starts by itself, the first time."""
    if dataset is not None and state.value.state is None:
        state.value.start(dataset, dict(zip(keys, values)))
    return (boxed(state.value),)


def _start(xp: Any, handle: Any, *values: Any, dataset: Dataset, keys: tuple[int, ...]) -> Any:
    handle.item().start(dataset, dict(zip(keys, values)))
    return ()


def _take(xp: Any, handle: Any, *, form: Form) -> Components:
    return handle.item().running().take()


def _take_or_zeros(xp: Any, handle: Any, *, form: Form) -> Any:
    state = handle.item().running()
    if state.peek() is not None:
        return (np.array(True), *state.take())
    return (np.array(False), *zeros_of(form))


def _to_string(xp: Any, handle: Any) -> Any:
    return (boxed(handle.item().handle),)


def _from_string(xp: Any, text: Any, *, form: Form) -> Any:
    place = _places.get(text.item())
    if place is None:
        raise errors.invalid(f"Could not parse string_handle into a valid ResourceHandle: no iterator is called {text.item()!r}.")
    if not structure.compatible(form.spec, place.form.spec):
        raise errors.invalid(f"The iterator gives elements of {place.form.spec!r}, but those of {form.spec!r} are expected here.")
    return (boxed(place),)


_HANDLE = [TensorSpec([], dtypes.variant)]
iterator_op = HostOp(_give_place, "IteratorV2", lambda attrs: _HANDLE)
iterator_op.own_state = _own_place
make_op = HostOp(_start, "MakeIterator", lambda attrs: [])
take_op = HostOp(_take, "IteratorGetNext", lambda attrs: attrs["form"].flat)
optional_op = HostOp(_take_or_zeros, "IteratorGetNextAsOptional", lambda attrs: [TensorSpec([], dtypes.bool), *attrs["form"].flat])
to_string_op = HostOp(_to_string, "IteratorToStringHandle", lambda attrs: [TensorSpec([], dtypes.string)])
from_string_op = HostOp(_from_string, "IteratorFromStringHandleV2", lambda attrs: _HANDLE)


# -- iterators ---------------------------------------------------------------------------------------------------


class Iterator:
    """`tf.compat.v1.data.Iterator`: goes through a dataset, an element each time `get_next`'s tensors are run.

    Raises OutOfRangeError at the end.
    """

    def __init__(self, handle: Any, form: Form, initializer: Any = None):
        self._handle, self._form, self._initializer = handle, form, initializer

    @staticmethod
    def from_structure(
        output_types: Any, output_shapes: Any = None, shared_name: str | None = None, output_classes: Any = None
    ) -> Iterator:
        """An iterator that `make_initializer` may start over any dataset of elements of this form."""
        form = Form(_spec(output_types, output_shapes))
        with context.building(_graph()):
            return Iterator(iterator_op(form=form, dataset=None, keys=(), name="Iterator")[0], form)

    @staticmethod
    def from_string_handle(
        string_handle: Any, output_types: Any, output_shapes: Any = None, output_classes: Any = None
    ) -> Iterator:
        """The iterator that a string, fed when the graph runs, names: see `string_handle`."""
        form = Form(_spec(output_types, output_shapes))
        with context.building(string_handle.graph if hasattr(string_handle, "graph") else _graph()):
            return Iterator(from_string_op(string_handle, form=form, name="IteratorFromStringHandle")[0], form)

    @property
    def initializer(self) -> Any:
        """The operation that starts the iterator. Raises ValueError if it has none."""
        if self._initializer is None:
            raise ValueError("The iterator does not have an initializer: it starts by itself, or by one of `make_initializer`.")
        return self._initializer

    def make_initializer(self, dataset: Dataset, name: str | None = None) -> Any:
        """An operation that starts the iterator over a dataset. Raises TypeError when its elements are of another form."""
        for what, ours, theirs in (
            ("types", self.output_types, dataset.output_types),
            ("shapes", self.output_shapes, dataset.output_shapes),
        ):
            fits = (
                structure.compatible(self._form.spec, dataset.element_spec)
                if what == "shapes"
                else (structure.flatten(ours) == structure.flatten(theirs))
            )
            if not fits:
                raise TypeError(f"Expected output {what} {ours!r} but got dataset with output {what} {theirs!r}.")
        with context.building(self._handle.graph):
            return _initializer(self._handle, dataset, name or "make_initializer")

    def get_next(self, name: str | None = None) -> Any:
        """The next element: tensors that are another element's each time they are run."""
        with context.building(self._building()):
            return self._form.element(take_op(self._handle, form=self._form, name=name or "IteratorGetNext"))

    def get_next_as_optional(self) -> Any:
        """The next element as a `tf.experimental.Optional`, which has no value at the end."""
        from thalweg.data.optional import SymbolicOptional

        with context.building(self._building()):
            has_value, *components = optional_op(self._handle, form=self._form, name="IteratorGetNextAsOptional")
            return SymbolicOptional(has_value, components, self._form)

    def string_handle(self, name: str | None = None) -> Any:
        """A string tensor that names the iterator of the session, to be fed to `from_string_handle`."""
        with context.building(self._building()):
            return to_string_op(self._handle, name=name or "IteratorToStringHandle")[0]

    def _building(self) -> Any:
        return local.graph if local.graph is not None else self._handle.graph

    @property
    def element_spec(self) -> Any:
        """The type of the elements."""
        return self._form.spec

    @property
    def output_types(self) -> Any:
        """The dtypes of the elements' parts."""
        return output_types(self)

    @property
    def output_shapes(self) -> Any:
        """The shapes of the elements' parts."""
        return output_shapes(self)

    @property
    def output_classes(self) -> Any:
        """The classes of the elements' parts."""
        return output_classes(self)


def _graph() -> Any:
    return local.graph if local.graph is not None else get_default_graph()


def _initializer(handle: Any, dataset: Dataset, name: str) -> Any:
    tensors = dataset._symbolic()
    return make_op(handle, *tensors, dataset=dataset, keys=tuple(map(id, tensors)), name=name)


def _spec(types: Any, shapes: Any) -> Any:
    types = structure.map_structure(dtypes.as_dtype, types)
    flat = structure.flatten(types)
    if shapes is None:
        given = [None] * len(flat)
    else:
        given = structure.flatten_up_to(types, shapes) if structure.is_nested(types) else [shapes]
    return structure.pack(types, [TensorSpec(TensorShape(s), t) for t, s in zip(flat, given)])


def make_one_shot_iterator(dataset: Dataset) -> Any:
    """An iterator that needs no initializer and goes through the dataset once. Eagerly it is `iter(dataset)`.

    Raises ValueError for a dataset of placeholders.
    """
    symbolic = dataset._symbolic()
    fed = _placeholder_behind(symbolic)
    if fed is not None:
        raise ValueError(
            f"Cannot capture a placeholder (name:{fed.op.name}, type:{fed.op.record.name}) by value: a dataset of placeholders "
            "needs make_initializable_iterator."
        )
    if local.graph is None and not symbolic:
        return iter(dataset)
    with context.building(local.graph if local.graph is not None else symbolic[0].graph):
        attrs = {"form": dataset._form, "dataset": dataset, "keys": tuple(map(id, symbolic))}
        return Iterator(iterator_op(*symbolic, name="OneShotIterator", **attrs)[0], dataset._form)


def _placeholder_behind(tensors: list[Any]) -> Any:
    """A placeholder that any of the tensors is computed from."""
    pending, seen = list(tensors), set()
    while pending:
        t = pending.pop()
        if getattr(t.op.record, "is_placeholder", False):
            return t
        if id(t) not in seen:
            seen.add(id(t))
            pending.extend(t.op._inputs)
    return None


def make_initializable_iterator(dataset: Dataset, shared_name: str | None = None) -> Iterator:
    """An iterator that starts when its `initializer` is run, which may feed the dataset's placeholders.

    Raises RuntimeError when ops run at once.
    """
    symbolic = dataset._symbolic()
    if local.graph is None and not symbolic:
        raise RuntimeError("make_initializable_iterator is not supported in eager mode. Use Python-style iteration instead.")
    with context.building(local.graph if local.graph is not None else symbolic[0].graph):
        handle = iterator_op(form=dataset._form, dataset=None, keys=(), name="Iterator")[0]
        return Iterator(handle, dataset._form, _initializer(handle, dataset, "MakeIterator"))


# -- the form of elements, in three parts -------------------------------------------------------------------------


def output_types(dataset_or_iterator: Any) -> Any:
    """The dtypes of the elements' parts."""
    return structure.map_structure(lambda s: s.dtype, dataset_or_iterator.element_spec)


def output_shapes(dataset_or_iterator: Any) -> Any:
    """The shapes of the elements' parts."""
    return structure.map_structure(lambda s: s.shape, dataset_or_iterator.element_spec)


def output_classes(dataset_or_iterator: Any) -> Any:
    """The classes of the elements' parts."""
    return structure.map_structure(_class_of, dataset_or_iterator.element_spec)


def _class_of(spec: Any) -> type:
    if isinstance(spec, TensorSpec):
        return Tensor
    return Dataset if isinstance(spec, DatasetSpec) else getattr(spec, "value_type", type(None))

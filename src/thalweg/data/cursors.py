"""Where a running pipeline stands: cursors, one per dataset being gone through, whose states can be saved.

A cursor is a Python iterator over components. Its class names what its state is: `fields` (numbers, arrays, lists and
tuples of them) and `inputs` (other cursors, lists of them). So saving and going on are written once, here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from thalweg.engine.core import errors
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.graph import Operation
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor


class Scope:
    """What a run through a dataset is given from outside: values of symbolic tensors, and the states of random ops.

    A random op in a pipeline starts anew whenever the whole pipeline does, and goes on through repetitions inside it.
    """

    def __init__(self, values: dict[int, np.ndarray] | None = None, states: dict[int, Any] | None = None):
        self._values = values or {}
        self.states: dict[int, Any] = {} if states is None else states
        self._kept: list[Any] = []

    def within(self, values: dict[int, np.ndarray]) -> Scope:
        """The same run with other tensors known."""
        return Scope(values, self.states)

    def array(self, x: Any) -> np.ndarray:
        """The value of a tensor or number."""
        if isinstance(x, SymbolicTensor):
            return self._values[id(x)]
        return np.asarray(x._array) if isinstance(x, EagerTensor) else np.asarray(x)

    def number(self, x: Any) -> int:
        return x if type(x) is int else int(self.array(x))

    def cell_of(self, op: Operation) -> Cell:
        """The state of a random op, in this run."""
        cell = self.states.get(id(op))
        if cell is None:
            cell = self.states[id(op)] = op.record.own_state(op._attrs)
            self._kept.append(op)
        return cell

    def state_of(self, owner: Any, make: Callable[[], Any]) -> Any:
        """Something of a dataset that lasts as long as this run."""
        found = self.states.get(id(owner))
        if found is None:
            found = self.states[id(owner)] = make()
            self._kept.append(owner)
        return found


class Cursor:
    """Goes through a dataset, one tuple of components at a time."""

    fields: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        raise NotImplementedError

    def save(self) -> dict[str, Any]:
        """Where this cursor stands: a nest of dicts, lists, tuples, arrays, numbers, strings and None."""
        return {name: _copy(getattr(self, name)) for name in self.fields} | {
            name: _saved(getattr(self, name)) for name in self.inputs
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go to where another cursor of the same dataset stood. Raises InvalidArgumentError if the state is another's."""
        try:
            for name in self.fields:
                setattr(self, name, _copy(state[name]))
            for name in self.inputs:
                _restored(getattr(self, name), state[name])
        except (KeyError, TypeError, IndexError):
            raise errors.invalid(
                f"The saved state of the iterator is of another dataset: {type(self).__name__} cannot go on from it."
            ) from None

    def place(self) -> str:
        """Where the element given last came from, for error messages; empty if nothing more can be said."""
        for name in self.inputs:
            cursor = getattr(self, name)
            found = cursor.place() if isinstance(cursor, Cursor) else ""
            if found:
                return found
        return ""

    def close(self) -> None:
        """Let go of threads and files."""
        for name in self.inputs:
            cursor = getattr(self, name)
            for c in cursor if isinstance(cursor, list) else [cursor]:
                if isinstance(c, Cursor):
                    c.close()


def _copy(value: Any) -> Any:
    if isinstance(value, list):
        return [_copy(v) for v in value]
    if isinstance(value, dict):
        return {k: _copy(v) for k, v in value.items()}
    return value


def _saved(cursor: Any) -> Any:
    if isinstance(cursor, list):
        return [_saved(c) for c in cursor]
    return None if cursor is None else cursor.save()


def _restored(cursor: Any, state: Any) -> None:
    if isinstance(cursor, list):
        for c, s in zip(cursor, state, strict=True):
            _restored(c, s)
    elif cursor is not None and state is not None:
        cursor.restore(state)


class OneInput(Cursor):
    """A cursor over one other."""

    inputs: tuple[str, ...] = ("input",)

    def __init__(self, input_cursor: Cursor):
        self.input = input_cursor


class Renewing(Cursor):
    """A cursor whose inputs are made while it runs: `make()` gives the one for the present state of its fields."""

    def restore(self, state: dict[str, Any]) -> None:
        super().restore({k: v for k, v in state.items() if k != "current"})
        self.current = None
        if state.get("current") is not None:
            self.current = self.make()
            self.current.restore(state["current"])

    def save(self) -> dict[str, Any]:
        return super().save() | {"current": _saved(self.current)}

    def make(self) -> Cursor:
        raise NotImplementedError

    def close(self) -> None:
        super().close()
        if self.current is not None:
            self.current.close()

    def place(self) -> str:
        return (self.current.place() if self.current is not None else "") or super().place()

    current: Cursor | None = None

"""Random order, random numbers, in TensorFlow's own sequence for a seed.

A shuffle draws its positions from a Philox stream; its two seeds come from a generator that belongs to the dataset, so that
each time the dataset is gone through the order is another one. Source: shuffle_dataset_op.cc, random_seed_ops.h
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import INFINITE, Dataset, parameter, static
from thalweg.data.structure import Components
from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.engine.ops import random_seed
from thalweg.engine.ops.philox import fill, stream

_MANY = 4096


def _as_words(xp: Any, pairs: Any) -> Any:
    return pairs.view(np.uint32)


class Words:
    """The 32-bit words of a Philox stream, one at a time. `drawn` says how many have been taken."""

    __slots__ = ("_at", "_ready", "_size", "drawn", "seeds")

    def __init__(self, seeds: tuple[int, int], drawn: int = 0):
        self.seeds, self.drawn = seeds, drawn
        self._ready: list[int] = []
        self._at, self._size = 0, 16

    def __call__(self) -> int:
        if self._at == len(self._ready):
            self._draw()
        word = self._ready[self._at]
        self._at += 1
        self.drawn += 1
        return word

    def _draw(self) -> None:
        source = stream(np, self.seeds[0], 0, self.seeds[1]).skip(np, self.drawn // 4)
        self._ready = fill(np, source, self._size, 2, _as_words, np.uint32).tolist()
        self._at = self.drawn % 4
        self._size = min(_MANY, self._size * 4)


class SeedSource:
    """Gives each run through a dataset its two seeds: new ones, or always the same."""

    def __init__(self, seeds: tuple[int, int], renewed: bool):
        self._fixed = seeds if any(seeds) else tuple(int.from_bytes(os.urandom(8), "little") for _ in range(2))
        self.words = Words(self._fixed) if renewed else None  # type: ignore[arg-type]

    def take(self) -> tuple[int, int]:
        if self.words is None:
            return self._fixed  # type: ignore[return-value]
        return self.words(), self.words()

    @property
    def drawn(self) -> int:
        return 0 if self.words is None else self.words.drawn

    def set_drawn(self, drawn: int) -> None:
        if self.words is not None:
            self.words = Words(self.words.seeds, drawn)


def dataset_seeds(seed: Any) -> tuple[int, int]:
    """The two seeds of a dataset made now; zeros when nothing was seeded."""
    if isinstance(seed, EagerTensor):
        seed = int(seed.numpy())
    first, second = random_seed.get_seed(seed)
    first, second = int(first or 0), int(second or 0)
    return (first, 2**31 - 1) if seed is not None and first == second == 0 else (first, second)


class Seeded(Dataset):
    """A dataset with seeds. In TensorFlow 1's graphs each iterator starts from the same ones."""

    _source: SeedSource | None = None

    def _set_seeds(self, seed: Any, renewed: bool) -> None:
        self._seeds, self._renewed = dataset_seeds(seed), renewed
        in_graph = local.graph is not None and not local.graph.building_function
        self._source = None if in_graph else SeedSource(self._seeds, renewed)

    def _seed_source(self, scope: Scope) -> SeedSource:
        return self._source or scope.state_of(self, lambda: SeedSource(self._seeds, self._renewed))


class ShuffleCursor(OneInput):
    """Draws from a ring of `size` places, of which `count` from `start` on are filled."""

    fields = ("buffer", "start", "count", "ended")

    def __init__(self, input_cursor: Cursor, size: int, source: SeedSource):
        super().__init__(input_cursor)
        self.size, self.source = size, source
        self.random = Words(source.take())
        self.buffer: list[Components | None] = []
        self.start, self.count, self.ended = 0, 0, False

    def __next__(self) -> Components:
        if not self.ended:
            self._fill()
        count = self.count
        if not count:
            raise StopIteration
        buffer, size = self.buffer, self.size
        first = self.start % size
        i = (self.start + self.random() % count) % size
        taken = buffer[i]
        buffer[i], buffer[first] = buffer[first], None
        self.start += 1
        self.count = count - 1
        return taken  # type: ignore[return-value]

    def _fill(self) -> None:
        buffer, size = self.buffer, self.size
        while self.count < size:
            try:
                components = next(self.input)
            except StopIteration:
                self.ended = True
                return
            end = (self.start + self.count) % size
            if end == len(buffer):
                buffer.append(components)
            else:
                buffer[end] = components
            self.count += 1

    def save(self) -> dict[str, Any]:
        return super().save() | {"seeds": list(self.random.seeds), "drawn": self.random.drawn, "source": self.source.drawn}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.random = Words((int(state["seeds"][0]), int(state["seeds"][1])), int(state["drawn"]))
        self.source.set_drawn(int(state["source"]))


class ShuffleDataset(Seeded):
    """The elements, each drawn from a buffer of the next."""

    def __init__(self, dataset: Dataset, buffer_size: Any, seed: Any, reshuffle_each_iteration: bool | None):
        self._inputs, self._parameters = (dataset,), (parameter(buffer_size, "buffer_size"),)
        self._element_spec = dataset.element_spec
        self._check(static(self._parameters[0]))
        self._set_seeds(seed, reshuffle_each_iteration is None or bool(reshuffle_each_iteration))

    @staticmethod
    def _check(size: int | None) -> None:
        if size is not None and size < 1 and size != -2:
            raise errors.invalid("buffer_size must be greater than zero or UNKNOWN_CARDINALITY")

    def _size(self, scope: Scope) -> int:
        size = scope.number(self._parameters[0])
        self._check(size)
        return size if size > 0 else 2**62

    def _cursor(self, scope: Scope) -> Cursor:
        return ShuffleCursor(self._inputs[0]._cursor(scope), self._size(scope), self._seed_source(scope))

    def _count(self) -> int:
        return self._inputs[0]._count()


class RandomCursor(Cursor):
    fields = ()

    def __init__(self, source: SeedSource):
        self.source = source
        self.random = Words(source.take())

    def __next__(self) -> Components:
        return (np.array(self.random(), np.int64),)

    def save(self) -> dict[str, Any]:
        return {"seeds": list(self.random.seeds), "drawn": self.random.drawn, "source": self.source.drawn}

    def restore(self, state: dict[str, Any]) -> None:
        self.random = Words((int(state["seeds"][0]), int(state["seeds"][1])), int(state["drawn"]))
        self.source.set_drawn(int(state["source"]))


class RandomDataset(Seeded):
    """Random numbers without end."""

    def __init__(self, seed: Any = None, rerandomize_each_iteration: bool | None = None, name: str | None = None):
        self._element_spec = TensorSpec([], dtypes.int64)
        self._set_seeds(seed, bool(rerandomize_each_iteration))

    def _cursor(self, scope: Scope) -> Cursor:
        return RandomCursor(self._seed_source(scope))

    def _count(self) -> int:
        return INFINITE

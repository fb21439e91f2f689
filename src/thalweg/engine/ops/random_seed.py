"""Seeds, and the state of random ops that keep one.

Two seeds decide the numbers of an op: the global one (of the process when ops run at once, of the graph when one is
built) and the op's own. Its state, a cell of key and counter, belongs to the op: in a graph each op has its own in each
session or function; ops run at once share one per kind of op with equal attributes, as TensorFlow's kernel cache does.

Source: https://www.tensorflow.org/api_docs/python/tf/random/set_seed
"""

from __future__ import annotations

import os
import random
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.ops.philox import Stream, stream

DEFAULT_GRAPH_SEED = 87654321
_LARGEST = 2**31 - 1
_LOW64 = 0xFFFFFFFFFFFFFFFF


class _OneCallSeed(int):
    """An op seed drawn for a single eager call: nobody can ask for it again, so its state is not kept."""


class _Process:
    """The process' seed, the stream of op seeds that it starts, and the states of ops that have run at once."""

    def __init__(self) -> None:
        self.seed: Any = None
        self.op_seeds = random.Random()
        self.eager_states: dict[Any, _EagerStates] = {}
        self.own_cells: weakref.WeakSet[_StreamCell] = weakref.WeakSet()


_process = _Process()
_op_counts: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()


# -- choosing seeds ----------------------------------------------------------------------------------------


def set_seed(seed: Any) -> None:
    """Set the global seed: of the process, or of the graph being built.

    Without an op seed, ops then draw from streams that the global seed decides, in order; setting it again starts over.

    >>> tf.random.set_seed(5)
    >>> tf.random.uniform([], maxval=3, dtype=tf.int32, seed=10).numpy()
    np.int32(2)
    """
    if local.graph is not None:
        local.graph.seed = seed
        return
    _process.seed = seed
    try:
        hash(seed)
        _process.op_seeds = random.Random(seed)
    except TypeError:
        _process.seed = int(np.asarray(seed))
        _process.op_seeds = random.Random(_process.seed)
    _process.eager_states.clear()
    for cell in list(_process.own_cells):
        cell.value = cell.start


def global_seed() -> Any:
    """The process' seed, None if it was not set."""
    return _process.seed


def get_seed(op_seed: Any) -> tuple[Any, Any]:
    """The two seeds of an op made now, given its own seed or None. Both are None when nothing was seeded.

    >>> with tf.Graph().as_default():
    ...     tf.compat.v1.get_seed(3)
    (87654321, 3)
    """
    eager = local.graph is None
    first = _process.seed if eager else _graph_seed(local.graph)
    if first is None:
        if op_seed is None:
            return None, None
        first = DEFAULT_GRAPH_SEED
    drawn = op_seed is None
    if drawn:
        op_seed = _process.op_seeds.randint(0, _LARGEST) if eager else _next_op_seed(local.graph)
    first, second = int(first) % _LARGEST, int(op_seed) % _LARGEST
    if first == second == 0:
        second = _LARGEST  # two zeros mean "not seeded" to the ops
    return first, _OneCallSeed(second) if drawn and eager else second


def op_seeds(op_seed: Any) -> dict[str, int]:
    """`get_seed` as the attributes of an op."""
    first, second = get_seed(op_seed)
    return {"seed": first or 0, "seed2": second or 0}


def _graph_seed(graph: Any) -> Any:
    """A function's graph takes the seed of where it was traced from, unless it was given one."""
    while graph is not None:
        if graph.seed is not None or not graph.building_function:
            return graph.seed
        graph = graph.outer
    return _process.seed


def _next_op_seed(graph: Any) -> int:
    count = _op_counts.get(graph, 0)
    _op_counts[graph] = count + 1
    return count


# -- states --------------------------------------------------------------------------------------------------


def _start(seed: int, seed2: int) -> tuple[int, int, int]:
    """Key, and low and high halves of the counter, where an op with these seeds starts; by chance if both are zero."""
    if seed == seed2 == 0:
        seed, seed2 = (int.from_bytes(os.urandom(8), "little") for _ in range(2))
    return seed & _LOW64, 0, seed2 & _LOW64


class _StreamCell(Cell):
    """The state of a random op in a graph: key, and low and high halves of the counter."""

    __slots__ = ("start",)

    def __init__(self, seed: int, seed2: int):
        self.start = np.array(_start(seed, seed2), np.uint64)
        super().__init__(dtypes.uint64, TensorShape((3,)), "random_state", self.start)


def own_state(attrs: dict[str, Any]) -> Cell:
    """A new state for an op of a graph. `set_seed` starts it over."""
    cell = _StreamCell(attrs["seed"], attrs["seed2"])
    _process.own_cells.add(cell)
    return cell


class _EagerStates:
    """The streams of an op that runs at once with these attributes: one for each combination of its inputs' dtypes."""

    __slots__ = ("attrs", "kept", "streams")

    def __init__(self, attrs: dict[str, Any], kept: bool):
        self.attrs, self.kept = attrs, kept
        self.streams: dict[Any, Stream] = {}

    def take(self, blocks: int, inputs: tuple[Any, ...]) -> Stream:
        if not self.kept:
            return Stream(*_start(self.attrs["seed"], self.attrs["seed2"]))
        key = tuple([x.dtype for x in inputs])
        source = self.streams.get(key) or Stream(*_start(self.attrs["seed"], self.attrs["seed2"]))
        self.streams[key] = source.skip(np, blocks)
        return source


def eager_state(op_name: str) -> Callable[[dict[str, Any]], Any]:
    """Gives the streams for each call of an op that runs at once."""

    def states(attrs: dict[str, Any]) -> _EagerStates:
        if type(attrs["seed2"]) is _OneCallSeed:
            return _EagerStates(attrs, kept=False)
        key = (op_name, *attrs.values())
        found = _process.eager_states.get(key)
        if found is None:
            found = _process.eager_states[key] = _EagerStates(dict(attrs), kept=True)
        return found

    return states


def take(xp: Any, state: Any, blocks: Any, *inputs: Any) -> Stream:
    """The stream where the state of an op of these inputs stands; the state moves on by `blocks`."""
    if type(state) is _EagerStates:
        return state.take(blocks, inputs)
    value = state.read()
    if xp is np:
        value = np.asarray(value)
    source = stream(xp, value[0], value[1], value[2])
    after = source.skip(xp, blocks)
    state.value = np.array(after, np.uint64) if xp is np else xp.stack([*after])
    return source

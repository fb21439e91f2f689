"""`tf.Session`: runs a graph, keeping its variables' values.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/Session
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors, nest
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import Graph, Operation, get_default_graph, global_default_graph, session_stack
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.execution.plan import Plan
from thalweg.engine.xp import to_numpy


class BaseSession:
    """What `Session` and `InteractiveSession` share: fetching, feeding, variables."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None):
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(f"Argument `graph` must be a tf.Graph, but got {type(graph).__name__!r}.")
        self._graph = graph if graph is not None else _graph_for_session()
        self._target, self._config = target, config
        self._closed = False
        self._cells: dict[int, Cell] = {}
        self._owners: dict[int, Operation] = {}
        self._calls: dict[Any, Call] = {}
        self._lock = threading.RLock()  # several threads run steps of one session: queue runners beside the main program

    @property
    def graph(self) -> Graph:
        return self._graph

    @property
    def graph_def(self) -> Any:
        return self._graph.as_graph_def()  # type: ignore[attr-defined]

    @property
    def sess_str(self) -> str:
        return self._target

    def list_devices(self) -> list[Any]:
        from thalweg.engine.execution.devices import list_session_devices

        return list_session_devices()

    def close(self) -> None:
        """Let go of the variables' values. Running a closed session raises RuntimeError."""
        self._closed = True
        self._cells.clear()
        self._calls.clear()

    def cell_of(self, op: Operation) -> Cell:
        """Where this session keeps the value of a variable, or the state of a random op."""
        cell = self._cells.get(id(op))
        return self._new_cell(op) if cell is None else cell

    def _new_cell(self, op: Operation) -> Cell:
        with self._lock:
            if id(op) not in self._cells:
                if getattr(op.record, "is_variable", False):
                    cell = Cell(op._attrs["dtype"].base_dtype, op.outputs[0].shape, op.name)
                else:
                    cell = op.record.own_state(op._attrs)
                self._cells[id(op)], self._owners[id(op)] = cell, op
            return self._cells[id(op)]

    # -- running ----------------------------------------------------------------------------------------

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """Compute `fetches`: a tensor, operation, variable or name, or any nest of them.

        `feed_dict` maps tensors (any of the graph's) to values. Operations give None. Raises InvalidArgumentError for a
        missing or misshaped feed, FailedPreconditionError for a variable that has no value yet, ValueError or TypeError
        for a fetch that is not of this graph. With `options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)` the time and
        memory of each op are put into `run_metadata`; the ops then run one by one.
        """
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if not self._graph._ops:
            raise RuntimeError("The Session graph is empty. Add operations to the graph before calling run().")
        keys = tuple(feed_dict) if feed_dict else ()
        try:
            call = self._calls.get((_identity(fetches), tuple([id(k) for k in keys])))
        except TypeError:
            call = None
        if call is None or call.edges != self._graph.edges:
            call = self._prepare(fetches, keys)
        feeds = call.feed(feed_dict, keys) if keys else call.feed({}, ())
        if run_metadata is not None and options is not None and options.trace_level:
            from thalweg.engine.execution.tracing import run_traced

            return call.give(run_traced(call.plan, feeds, run_metadata))
        return call.give(call.plan.run(feeds))

    def _prepare(self, fetches: Any, keys: tuple[Any, ...]) -> Call:
        call = Call(self, fetches, keys)
        # The fetches and keys are kept, so that the identities in the key stay theirs.
        self._calls[_identity(fetches), tuple(id(k) for k in keys)] = call
        return call

    def make_callable(self, fetches: Any, feed_list: Any = None, accept_options: bool = False) -> Callable[..., Any]:
        """A function that feeds its arguments to `feed_list` and returns `fetches`."""
        keys = list(feed_list or [])

        def function(*values: Any) -> Any:
            if len(values) != len(keys):
                raise ValueError(f"The callable takes {len(keys)} values, but {len(values)} were given.")
            return self.run(fetches, dict(zip(keys, values)))

        return function

    # -- in parts ---------------------------------------------------------------------------------------

    def partial_run_setup(self, fetches: Any, feeds: Any = None) -> Any:
        """A handle for `partial_run`: `fetches` and `feeds` are all that its calls will ask for and give."""
        graph = self._graph
        return _PartialRun({id(graph.as_graph_element(f)) for f in nest.flatten(fetches)},
                           {id(graph.as_graph_element(f)) for f in feeds or []})  # fmt: skip

    def partial_run(self, handle: Any, fetches: Any, feed_dict: Any = None) -> Any:
        """Part of a run: what was fed or fetched before under this handle is known.

        Raises InvalidArgumentError for a feed or fetch that the handle was not set up for.
        """
        for what, elements, allowed in (("fetch", nest.flatten(fetches), handle.fetches), ("feed", feed_dict or (), handle.feeds)):
            for element in elements:
                if id(self._graph.as_graph_element(element)) not in allowed:
                    raise errors.InvalidArgumentError(None, None, f"{element} was not specified in partial_run_setup as a {what}.")
        handle.known.update(feed_dict or {})
        asked = {id(f) for f in nest.flatten(fetches)}
        result = self.run(fetches, {k: v for k, v in handle.known.items() if id(k) not in asked})
        for f, value in zip(nest.flatten(fetches), nest.flatten(result)):
            if isinstance(f, SymbolicTensor):
                handle.known[f] = value
        return result

    @contextlib.contextmanager
    def as_default(self) -> Iterator[Any]:
        """Make this the session that `eval()` and `run()` of tensors and operations use."""
        session_stack().append(self)
        try:
            yield self
        finally:
            session_stack().remove(self)


class _PartialRun:
    """What the calls of a partial run may ask for and give, and what they have given so far."""

    def __init__(self, fetches: set[int], feeds: set[int]):
        self.fetches, self.feeds = fetches, feeds
        self.known: dict[Any, Any] = {}


def _graph_for_session() -> Graph:
    graph = get_default_graph()
    return global_default_graph() if graph.building_function else graph


def _identity(fetches: Any) -> Any:
    """A key for a nest of fetches: its form and the identity of its leaves."""
    kind = type(fetches)
    if kind is SymbolicTensor:
        return id(fetches)
    if kind is list or kind is tuple:
        return (kind, *[_identity(f) for f in fetches])
    if isinstance(fetches, Mapping):
        return (kind, *[(k, _identity(v)) for k, v in fetches.items()])
    if kind is str:
        return fetches
    if isinstance(fetches, tuple):
        return (kind, *[_identity(f) for f in fetches])
    return id(fetches)


class Call:
    """A prepared `run`: what to compute, how to check feeds, and how to hand the results back."""

    def __init__(self, session: BaseSession, fetches: Any, keys: tuple[Any, ...]):
        self.session, self.kept = session, (fetches, keys)
        graph = session.graph
        self.edges = graph.edges
        self._leaves: list[Any] = []
        self._build = self._taker(fetches, graph)
        self._feed_tensors = [t for k in keys for t in _feed_tensors(graph, k)]
        for t in self._feed_tensors:
            if not getattr(t.graph, "is_feedable", lambda _: True)(t):
                raise ValueError(f"Tensor {t} may not be fed.")
        self._dtypes = [t.dtype.base_dtype for t in self._feed_tensors]
        self.plan = Plan(graph, self._leaves, self._feed_tensors, session.cell_of)
        self._expanded = any(len(_feed_tensors(graph, k)) != 1 for k in keys)

    # -- fetches ----------------------------------------------------------------------------------------

    def _taker(self, fetch: Any, graph: Graph) -> Callable[[list[Any]], Any]:
        """A function from the plan's results to what the user asked for, in its form."""
        if fetch is None:
            raise TypeError("Argument `fetch` = None has invalid type <class 'NoneType'>. Cannot be None")
        if isinstance(fetch, IndexedSlices):
            parts = [fetch.values, fetch.indices] + ([fetch.dense_shape] if fetch.dense_shape is not None else [])
            takers = [self._taker(p, graph) for p in parts]
            return lambda results: IndexedSlicesValue(*[t(results) for t in takers], *[None] * (3 - len(takers)))
        if hasattr(fetch, "_fetch_parts"):  # sparse and ragged tensors say themselves how they are fetched
            parts, rebuild = fetch._fetch_parts()
            takers = [self._taker(p, graph) for p in parts]
            return lambda results: rebuild([t(results) for t in takers])
        if isinstance(fetch, Mapping):
            by_key = {k: self._taker(v, graph) for k, v in fetch.items()}
            make: Any = type(fetch) if type(fetch) is not dict and not hasattr(fetch, "default_factory") else dict
            return lambda results: make((k, t(results)) for k, t in by_key.items())
        if isinstance(fetch, (list, tuple)):
            takers = [self._taker(f, graph) for f in fetch]
            if hasattr(fetch, "_fields"):
                return lambda results: type(fetch)(*[t(results) for t in takers])
            make = list if isinstance(fetch, list) else tuple
            return lambda results: make([t(results) for t in takers])
        if nest.is_nested(fetch):
            takers = [self._taker(f, graph) for f in nest.flatten(fetch)]
            return lambda results: nest.pack_sequence_as(fetch, [t(results) for t in takers])
        return self._leaf(fetch, graph)

    def _leaf(self, fetch: Any, graph: Graph) -> Callable[[list[Any]], Any]:
        if isinstance(fetch, EagerTensor):
            value = fetch.numpy()
            return lambda results: value
        cell = getattr(fetch, "handle", None)
        if isinstance(cell, Cell):
            return lambda results: np.array(cell.array())
        try:
            element = graph.as_graph_element(fetch)
        except TypeError as error:
            raise TypeError(
                f"Argument `fetch` = {fetch!r} has invalid type {type(fetch)}. Must be a string or Tensor. ({error})"
            ) from None
        except (ValueError, KeyError) as error:
            message = error.args[0] if error.args else error
            raise ValueError(f"Argument `fetch` = {fetch} cannot be interpreted as a Tensor. ({message})") from None
        index = len(self._leaves)
        self._leaves.append(element)
        if isinstance(element, Operation):
            return lambda results: None
        return lambda results: _hand_out(results[index])

    def give(self, results: list[Any]) -> Any:
        return self._build(results)

    # -- feeds ------------------------------------------------------------------------------------------

    def feed(self, feed_dict: Any, keys: tuple[Any, ...]) -> list[Any]:
        if self._expanded:
            values = [v for k in keys for v in _feed_values(k, feed_dict[k])]
        else:
            values = list(feed_dict.values()) if type(feed_dict) is dict else [feed_dict[k] for k in keys]
        return [_feed_array(v, t, d) for v, t, d in zip(values, self._feed_tensors, self._dtypes)]


class IndexedSlicesValue:
    """What a fetched IndexedSlices gives: arrays under the same names."""

    def __init__(self, values: Any, indices: Any, dense_shape: Any):
        self.values, self.indices, self.dense_shape = values, indices, dense_shape


def _hand_out(value: Any) -> Any:
    """A result as the caller's own: a NumPy scalar, `bytes`, or a writable array."""
    array = to_numpy(value)
    if array.ndim:
        return np.array(array)
    return array.item() if array.dtype == object else array[()]


def _feed_tensors(graph: Graph, key: Any) -> list[SymbolicTensor]:
    if hasattr(key, "_fetch_parts"):
        return list(key._fetch_parts()[0])
    if isinstance(key, (list, tuple)):
        return [t for k in key for t in _feed_tensors(graph, k)]
    try:
        element = graph.as_graph_element(key, allow_operation=False)
    except (TypeError, ValueError, KeyError) as error:
        message = error.args[0] if error.args else error
        raise TypeError(f"Cannot interpret feed_dict key as Tensor: {message}") from None
    return [element]


def _feed_values(key: Any, value: Any) -> list[Any]:
    if isinstance(key, (list, tuple)):
        return [v for k, x in zip(key, value) for v in _feed_values(k, x)]
    return list(value) if hasattr(key, "_fetch_parts") else [value]


def _feed_array(value: Any, tensor: SymbolicTensor, dtype: dtypes.DType) -> np.ndarray:
    """The array to feed, checked against the tensor's dtype and shape."""
    wanted = dtype.np_dtype
    if type(value) is np.ndarray and value.dtype == wanted and dtype is not dtypes.string:
        array = value
    elif type(value) is float and wanted.kind == "f":
        array = np.array(value, wanted)
    else:
        array = _converted(value, tensor, dtype)
    dims = tensor._shape._dims
    if dims is not None:
        shape = array.shape
        if len(shape) != len(dims) or any(d is not None and d != s for d, s in zip(dims, shape)):
            raise ValueError(f"Cannot feed value of shape {shape} for Tensor {tensor.name}, which has shape '{TensorShape(dims)}'")
    return array


def _converted(value: Any, tensor: SymbolicTensor, dtype: dtypes.DType) -> np.ndarray:
    if isinstance(value, Tensor):
        if isinstance(value, EagerTensor) and value.dtype is dtype:
            return np.asarray(value._array)
        raise TypeError(
            f"The value of a feed cannot be a tf.Tensor object ({value!r} for {tensor.name}). Acceptable feed values include "
            "Python scalars, strings, lists, numpy ndarrays. For reference, the tensor object was of the graph: run it first."
        )
    if type(value) is int and dtype.is_integer and not dtype.min <= value <= dtype.max:
        raise TypeError(
            f"Type of feed value {value} with type {type(value)} is not compatible with Tensor type {dtype.as_numpy_dtype}. "
            "Try explicitly setting the type of the feed tensor to a larger type (e.g. int64)."
        )
    try:
        if dtype is dtypes.string:
            from thalweg.engine.core import convert

            return convert.to_array(value, dtypes.string)
        array = np.asarray(value)
        if array.dtype.kind in "OUS":
            if array.dtype.kind == "O" and any(isinstance(v, (list, tuple, np.ndarray)) for v in array.ravel()):
                raise ValueError("setting an array element with a sequence: the rows have different lengths")
            raise ValueError(f"it holds {_kind_found(array)}, not numbers")
        return array.astype(dtype.np_dtype)
    except (ValueError, TypeError) as error:
        raise ValueError(f"Cannot feed {_short(value)} for Tensor {tensor.name} of dtype {dtype.name}: {error}.") from None


def _kind_found(array: np.ndarray) -> str:
    culprit = next((v for v in array.ravel() if not isinstance(v, (int, float))), None)
    return f"{type(culprit).__name__} values such as {culprit!r}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


class Session(BaseSession):
    """Runs the operations of a graph.

    >>> with tf.Graph().as_default():
    ...     x = tf.compat.v1.placeholder(tf.float32)
    ...     y = x * 2.0
    ...     with tf.compat.v1.Session() as session:
    ...         session.run(y, feed_dict={x: 3.0})
    np.float32(6.0)
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None):
        super().__init__(target, graph, config)
        self._managers: list[Any] = []

    def __enter__(self) -> Session:
        stack = contextlib.ExitStack()
        if local.graph is not None or self._graph is not get_default_graph():
            stack.enter_context(self._graph.as_default())
        stack.enter_context(self.as_default())
        self._managers.append(stack)
        return self

    def __exit__(self, *exc: Any) -> None:
        self._managers.pop().__exit__(*exc)
        self.close()

    @staticmethod
    def reset(target: str, containers: Any = None, config: Any = None) -> None:
        """There is one process and no shared containers: nothing outlives a session."""


class InteractiveSession(BaseSession):
    """A session that makes itself the default one, for notebooks and shells."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None):
        super().__init__(target, graph, config)
        session_stack().append(self)
        self._graph_manager: Any = None
        if graph is not None and graph is not get_default_graph():
            self._graph_manager = graph.as_default()
            self._graph_manager.__enter__()

    def close(self) -> None:
        super().close()
        if self in session_stack():
            session_stack().remove(self)
        if self._graph_manager is not None:
            self._graph_manager.__exit__(None, None, None)
            self._graph_manager = None

    def __enter__(self) -> InteractiveSession:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


__all__ = ["BaseSession", "InteractiveSession", "Session", "errors"]

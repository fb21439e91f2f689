"""`tf.compat.v1.train.Saver`: the variables of a graph saved by name, from a session.

The files are TensorFlow's. Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/Saver
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import get_default_graph
from thalweg.engine.execution.variables import GLOBAL_VARIABLES, Variable
from thalweg.engine.formats.bundle import BundleReader, bundle_exists, write_bundle
from thalweg.engine.formats.first_checkpoints import is_first_checkpoint
from thalweg.engine.formats.wire import decode
from thalweg.train.object_graph import GRAPH, OBJECT_GRAPH_KEY
from thalweg.train.reading import open_checkpoint
from thalweg.train.states import get_checkpoint_mtimes, remove_checkpoint, update_checkpoint_state


class Saver:
    """Saves and restores variables by their names: all of the graph's, a list of them, or a dict of name to variable.

    Keeps the last `max_to_keep` checkpoints (None or 0: all), and one for every `keep_checkpoint_every_n_hours` for good.
    Raises ValueError where there is nothing to save, or a name twice.

    >>> v1 = tf.compat.v1
    >>> with tf.Graph().as_default(), v1.Session() as session:
    ...     v = tf.Variable(2.0, name="v")
    ...     saver = v1.train.Saver()
    ...     session.run(v.initializer)
    ...     path = saver.save(session, f"{folder}/example")
    ...     v.load(0.0, session)
    ...     saver.restore(session, path)
    ...     session.run(v)
    np.float32(2.0)
    """

    def __init__(
        self,
        var_list: Any = None,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        restore_sequentially: bool = False,
        saver_def: Any = None,
        builder: Any = None,
        defer_build: bool = False,
        allow_empty: bool = False,
        write_version: Any = 2,
        pad_step_number: bool = False,
        save_relative_paths: bool = False,
        filename: str | None = None,
    ):
        if local.graph is None and var_list is None and not get_default_graph().get_collection(GLOBAL_VARIABLES):
            raise RuntimeError("When eager execution is enabled, `var_list` must specify a list or dict of variables to save")
        self._given, self._reshape, self._allow_empty = var_list, reshape, allow_empty
        self._max_to_keep, self._keep_hours, self._pad = max_to_keep or 0, keep_checkpoint_every_n_hours, pad_step_number
        self._next_kept = time.time() + keep_checkpoint_every_n_hours * 3600
        self._last: list[tuple[str, float]] = []
        self._parts: dict[str, list[Any]] | None = None
        if not defer_build:
            self.build()

    def build(self) -> None:
        """Decide what is saved. Called by `__init__` unless `defer_build`."""
        if self._parts is not None:
            return
        given = self._given
        if given is None:
            given = get_default_graph().get_collection(GLOBAL_VARIABLES) + get_default_graph().get_collection("saveable_objects")
        self._parts = _by_name(given)
        if not self._parts and not self._allow_empty:
            raise ValueError("No variables to save")

    def _variables(self) -> dict[str, list[Any]]:
        if self._parts is None:
            raise RuntimeError("This Saver is not built: call its build().")
        return self._parts

    # -- saving -----------------------------------------------------------------------------------------

    def save(
        self,
        sess: Any,
        save_path: Any,
        global_step: Any = None,
        latest_filename: str | None = None,
        meta_graph_suffix: str = "meta",
        write_meta_graph: bool = True,
        write_state: bool = True,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> str:
        """Save under the prefix `save_path`, or `save_path-global_step`. Returns the prefix.

        The graph goes into `.meta` beside the values. Raises ValueError when the directory does not exist.
        """
        prefix = os.fspath(save_path)
        if latest_filename is not None and os.path.basename(latest_filename) != latest_filename:
            raise ValueError("'latest_filename' must not contain path components")
        if write_state and os.path.basename(prefix) == (latest_filename or "checkpoint"):
            raise ValueError(f"'latest_filename' collides with 'save_path': '{prefix}'")
        if not os.path.basename(prefix):
            raise ValueError("Parent directory given without a file name: end save_path with a name, as in 'models/model'.")
        if global_step is not None:
            step = _number(sess, global_step)
            prefix = f"{prefix}-{step:08d}" if self._pad else f"{prefix}-{step}"
        parent = os.path.dirname(prefix)
        if parent and not os.path.isdir(parent):
            raise ValueError(f"Parent directory of {prefix} doesn't exist, can't save.")
        if self._variables():
            write_bundle(prefix, self._values(sess))
            if write_state:
                self._note(prefix, latest_filename)
        if write_meta_graph and local.graph is not None:
            self.export_meta_graph(f"{prefix}.{meta_graph_suffix}")
        return prefix

    def export_meta_graph(self, filename: Any = None, collection_list: Any = None, as_text: bool = False, **kwargs: Any) -> Any:
        """The current graph with its collections, as a MetaGraphDef."""
        from thalweg.train.meta_graph import export_meta_graph

        return export_meta_graph(filename, collection_list=collection_list, as_text=as_text, **kwargs)

    def _values(self, session: Any) -> dict[str, Any]:
        parts = self._variables()
        flat = [v for variables in parts.values() for v in variables]
        if session is None or all(v._graph is None for v in flat):
            values = iter([v.numpy() for v in flat])
        else:
            values = iter(session.run(flat))
        return {name: _joined(variables, [next(values) for _ in variables]) for name, variables in parts.items()}

    def _note(self, prefix: str, latest_filename: str | None) -> None:
        self._last = [(p, t) for p, t in self._last if p != prefix] + [(prefix, time.time())]
        doomed = []
        while self._max_to_keep and len(self._last) > self._max_to_keep:
            path, written = self._last.pop(0)
            if written > self._next_kept:
                self._next_kept += self._keep_hours * 3600
            else:
                doomed.append(path)
        update_checkpoint_state(os.path.dirname(prefix), prefix, self.last_checkpoints, latest_filename)
        for path in doomed:
            remove_checkpoint(path)

    @property
    def last_checkpoints(self) -> list[str]:
        """The prefixes that may yet be deleted, oldest first."""
        return [path for path, _ in self._last]

    def set_last_checkpoints(self, last_checkpoints: Iterable[Any]) -> None:
        """Say which checkpoints there are, oldest first."""
        self._last = [(os.fspath(p), float("nan")) for p in last_checkpoints]

    def set_last_checkpoints_with_time(self, last_checkpoints_with_time: Iterable[tuple[str, float]]) -> None:
        self._last = list(last_checkpoints_with_time)

    def recover_last_checkpoints(self, checkpoint_paths: Iterable[Any]) -> None:
        """Go on from checkpoints that an earlier run wrote."""
        paths = [os.fspath(p) for p in checkpoint_paths]
        there = [p for p in paths if bundle_exists(p)]
        self._last = list(zip(there, get_checkpoint_mtimes(there)))

    # -- restoring --------------------------------------------------------------------------------------

    def restore(self, sess: Any, save_path: Any) -> None:
        """Give the variables the values saved under a prefix; they need no initializer then.

        Raises ValueError when there is no checkpoint, NotFoundError for a variable that it does not hold, and
        InvalidArgumentError for one of another shape or dtype.
        """
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        prefix = os.fspath(save_path)
        if not bundle_exists(prefix) and not is_first_checkpoint(prefix):
            raise ValueError(f"The passed save_path is not a valid checkpoint: {prefix}")
        reader = open_checkpoint(prefix)
        keys = _keys(reader)
        for name, variables in self._variables().items():
            if name not in keys:
                raise errors.NotFoundError(
                    None, None,
                    f"Key {name} not found in checkpoint {prefix}. Save this variable too, or restore others with a var_list.",
                )  # fmt: skip
            value = reader.read(keys[name])
            for v in variables:
                self._give(sess, v, _slice_of(v, value), name)

    def _give(self, session: Any, variable: Variable, value: np.ndarray, name: str) -> None:
        if dtypes.FROM_NUMPY[value.dtype] is not variable.dtype.base_dtype:
            found, wanted = dtypes.FROM_NUMPY[value.dtype].name, variable.dtype.base_dtype.name
            raise errors.invalid(f"{name} is {found} in the checkpoint, but the variable {variable.name} is {wanted}.")
        if not variable.shape.is_compatible_with(value.shape):
            if not self._reshape or variable.shape.num_elements() != value.size:
                raise errors.invalid(
                    f"Assign requires shapes of both tensors to match. lhs shape= {variable.shape.as_list()} rhs shape= "
                    f"{list(value.shape)} (variable {variable.name}, the checkpoint's {name})"
                )
            value = value.reshape(variable.shape.as_list())
        if variable._graph is None:
            variable.assign(value)
        else:
            session.cell_of(variable.handle.op).value = np.array(value)

    # -- as TensorFlow has it -----------------------------------------------------------------------------

    def to_proto(self, export_scope: str | None = None) -> Any:
        """What describes this Saver: it is remade from its arguments, so the Saver itself."""
        return self


def _by_name(given: Any) -> dict[str, list[Any]]:
    """Variables by the name they are saved under; the parts of a partitioned one together."""
    if isinstance(given, Mapping):
        pairs = [(str(name), v) for name, v in given.items()]
    else:
        pairs = [(_name(v), v) for v in given]
    found: dict[str, list[Any]] = {}
    for name, v in pairs:
        several = list(v) if isinstance(v, (list, tuple)) or hasattr(v, "_variable_list") else [v]
        for one in several:
            if not isinstance(one, Variable):
                raise TypeError(f"Only variables can be saved by name, not {one!r}.")
        if name in found and not all(getattr(x, "_save_slice_info", None) for x in [*found[name], *several]):
            raise ValueError(f"At least two variables have the same name: {name}")
        found.setdefault(name, []).extend(several)
    return found


def _name(v: Any) -> str:
    info = getattr(v, "_save_slice_info", None)
    return info.full_name if info is not None else getattr(v, "_shared_name", None) or v.name


def _joined(variables: list[Any], values: list[Any]) -> np.ndarray:
    infos: list[Any] = [getattr(v, "_save_slice_info", None) for v in variables]
    if infos[0] is None:
        return np.asarray(values[0])
    whole = np.empty(infos[0].full_shape, np.asarray(values[0]).dtype)
    for info, value in zip(infos, values):
        whole[tuple(slice(o, o + n) for o, n in zip(info.var_offset, info.var_shape))] = value
    return whole


def _slice_of(variable: Any, value: np.ndarray) -> np.ndarray:
    info = getattr(variable, "_save_slice_info", None)
    if info is None:
        return value
    return value[tuple(slice(o, o + n) for o, n in zip(info.var_offset, info.var_shape))]


def _keys(reader: BundleReader) -> dict[str, str]:
    """Where the value of a name lies. A checkpoint of objects holds the variables' names in its graph."""
    keys = {name: name for name in reader.entries}
    if OBJECT_GRAPH_KEY in keys:
        for node in decode(reader.read(OBJECT_GRAPH_KEY).item(), GRAPH)["nodes"]:
            keys |= {a["full_name"]: a["checkpoint_key"] for a in node["attributes"] if a["full_name"]}
    return keys


def _number(session: Any, step: Any) -> int:
    if isinstance(step, (int, np.integer)):
        return int(step)
    if hasattr(step, "numpy") and getattr(step, "_graph", None) is None:
        return int(step.numpy())
    return int(session.run(step))

"""`tf.train.Checkpoint`: objects saved by the names that lead to them, in TensorFlow's own files.

Source: https://www.tensorflow.org/guide/checkpoint
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.execution.init_scope import init_scope
from thalweg.engine.execution.late_restore import remember, restore_late
from thalweg.engine.execution.variables import Variable
from thalweg.engine.formats.bundle import BundleReader, write_bundle
from thalweg.engine.formats.wire import decode, encode
from thalweg.train.object_graph import GRAPH, OBJECT_GRAPH_KEY, Walk, children_of, held_values, is_trackable
from thalweg.train.states import update_checkpoint_state


class CheckpointOptions:
    """Options that TensorFlow's checkpoints take; files here are always written by this process, at once."""

    def __init__(self, experimental_io_device: Any = None, experimental_enable_async_checkpoint: bool = False, **_: Any):
        self.experimental_io_device = experimental_io_device
        self.experimental_enable_async_checkpoint = experimental_enable_async_checkpoint


def _can_be_saved(x: Any) -> bool:
    return is_trackable(x) or isinstance(x, (list, tuple, dict)) or (hasattr(x, "__dict__") and not callable(x))


class Checkpoint:
    """Saves and restores objects (variables, modules, layers, optimizers, iterators, lists and dicts of them).

    `root` gives its own children as the checkpoint's; keyword arguments are named children. Raises ValueError for an
    object that holds nothing to save. Variables made after `restore` get their values when they are made.

    >>> v = tf.Variable(1.0)
    >>> path = tf.train.Checkpoint(v=v).write(f"{folder}/example")
    >>> other = tf.Variable(0.0)
    >>> status = tf.train.Checkpoint(v=other).read(path).assert_consumed()
    >>> other.numpy()
    np.float32(1.0)
    """

    _save_counter: Any = None

    def __init__(self, root: Any = None, **kwargs: Any):
        for name, value in {**({} if root is None else {"root": root}), **kwargs}.items():
            if not _can_be_saved(value):
                raise ValueError(
                    f"`Checkpoint` was expecting {name} to be a trackable object (an object derived from `Trackable`), got "
                    f"{value!r}. Save plain numbers as a tf.Variable."
                )
        taken = [name for name in kwargs if hasattr(type(self), name)]
        if taken:
            raise ValueError(f"Invalid kwarg for Checkpoint: {', '.join(taken)} is a name of the class itself.")
        self._root = root
        self.__dict__.update(kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        restore_late(self)

    def _trackable_children(self) -> dict[str, Any]:
        own = {k: v for k, v in self.__dict__.items() if not k.startswith("_") and (is_trackable(v) or isinstance(v, (list, dict)))}
        from_root = children_of(self._root) if self._root is not None else {}
        counter = {} if self._save_counter is None else {"save_counter": self._save_counter}
        return {**from_root, **own, **counter}

    @property
    def save_counter(self) -> Variable:
        """How many times `save` was called, as a variable."""
        if self._save_counter is None:
            with init_scope():
                self._save_counter = Variable(0, trainable=False, dtype=dtypes.int64, name="save_counter")
        return self._save_counter

    # -- saving -----------------------------------------------------------------------------------------

    def write(self, file_prefix: Any, options: Any = None) -> str:
        """Save under exactly this prefix. Returns it."""
        prefix = os.fspath(file_prefix)
        if local.graph is not None and not local.graph.building_function:
            raise RuntimeError("tf.train.Checkpoint saves eager variables. In a TensorFlow 1 graph use tf.compat.v1.train.Saver.")
        message, values = Walk(self).message()
        values[OBJECT_GRAPH_KEY] = np.array(encode(message, GRAPH), object)
        os.makedirs(os.path.dirname(prefix) or ".", exist_ok=True)
        write_bundle(prefix, values)
        return prefix

    def save(self, file_prefix: Any, options: Any = None) -> str:
        """Save under the prefix and the number of this save, `prefix-1`; note it as the directory's latest checkpoint."""
        prefix = os.fspath(file_prefix)
        self.save_counter.assign_add(1)
        path = self.write(f"{prefix}-{self.save_counter.numpy()}")
        update_checkpoint_state(os.path.dirname(prefix), path, [path])
        return path

    # -- restoring --------------------------------------------------------------------------------------

    def read(self, save_path: Any, options: Any = None) -> LoadStatus:
        """Give the values saved under exactly this prefix to the objects here. Raises NotFoundError when there are none."""
        return LoadStatus(self, _restoration(os.fspath(save_path), self))

    def restore(self, save_path: Any, options: Any = None) -> LoadStatus:
        """As `read`, and count further saves from where they were. None as the path restores nothing."""
        if save_path is None:
            return LoadStatus(self, None)
        status = self.read(save_path)
        self.save_counter  # noqa: B018  # made now, so that it is restored
        restore_late(self)
        return status

    def sync(self) -> None:
        """Wait until what was saved is written: it is when `save` returns."""


def _restoration(path: str, root: Any) -> Restoration | None:
    reader = BundleReader(path)
    if OBJECT_GRAPH_KEY not in reader.entries:
        return NameBasedRestoration(reader, root)
    restoration = Restoration(reader)
    restoration.bind(root, 0)
    return restoration


class Restoration:
    """A checkpoint being restored: which of its objects stand for which of ours."""

    def __init__(self, reader: BundleReader):
        self.reader = reader
        self.nodes = decode(reader.read(OBJECT_GRAPH_KEY).item(), GRAPH)["nodes"]
        self.objects: dict[int, Any] = {}
        count = len(self.nodes)
        if not count or any(not 0 <= c["node_id"] < count for n in self.nodes for c in n["children"]):
            raise errors.DataLossError(None, None, f"{reader.prefix}: its object graph points outside itself.")

    def bind(self, x: Any, node: int) -> None:
        """Let an object be this node: it and all it leads to get their values."""
        if node in self.objects:
            return
        self.objects[node] = x
        for attribute in self.nodes[node]["attributes"]:
            _give(x, attribute, self.reader)
        if self.nodes[node]["children"]:
            remember(x, self, node)
            if isinstance(x, Checkpoint) and x._root is not None:
                remember(x._root, self, node)
        self.bind_children(x, node)

    def bind_children(self, x: Any, node: int) -> None:
        found = children_of(x)
        for child in self.nodes[node]["children"]:
            if child["local_name"] not in found:
                continue
            value, number = found[child["local_name"]], child["node_id"]
            if number not in self.objects:
                self.bind(value, number)
            elif isinstance(value, (list, tuple, dict)):  # it may have grown
                self.bind_children(value, number)

    def unused(self) -> list[str]:
        """What has a value in the checkpoint and stands for nothing here."""
        paths = self._paths()
        return [
            f"Unresolved object in checkpoint {paths.get(i, f'node {i}')}: {node['attributes'][0]['checkpoint_key']}"
            for i, node in enumerate(self.nodes) if node["attributes"] and i not in self.objects
        ]  # fmt: skip

    def _paths(self) -> dict[int, str]:
        paths, pending = {0: "(root)"}, [0]
        for i in pending:
            for child in self.nodes[i]["children"]:
                if child["node_id"] not in paths:
                    paths[child["node_id"]] = f"{paths[i]}.{child['local_name']}"
                    pending.append(child["node_id"])
        return paths

    def restored(self) -> set[int]:
        return {id(x) for i, x in self.objects.items() if self.nodes[i]["attributes"]}


class NameBasedRestoration(Restoration):
    """A checkpoint of TensorFlow 1: variables take the values under their names."""

    def __init__(self, reader: BundleReader, root: Any):
        self.reader, self.nodes, self.objects = reader, [], {}
        self._used: set[str] = set()
        self._given: list[Any] = []
        for x in Walk(root).objects:
            if isinstance(x, Variable) and x._shared_name in reader.entries:
                _assign(x, reader.read(x._shared_name), x._shared_name)
                self._used.add(x._shared_name)
                self._given.append(x)

    def unused(self) -> list[str]:
        return [f"Unresolved name in checkpoint: {k}" for k in self.reader.entries if k not in self._used]

    def restored(self) -> set[int]:
        return {id(x) for x in self._given}


def _give(x: Any, attribute: dict[str, Any], reader: BundleReader) -> None:
    value = reader.read(attribute["checkpoint_key"])
    if isinstance(x, Variable):
        _assign(x, value, attribute["checkpoint_key"])
    elif hasattr(type(x), "_restore_state"):
        x._restore_state(value.item())
    elif hasattr(type(x), "_restore_array"):
        x._restore_array(attribute["name"], value)


def _assign(variable: Variable, value: np.ndarray, key: str) -> None:
    if not variable.shape.is_compatible_with(value.shape):
        raise ValueError(
            f"Received incompatible tensor with shape {value.shape} when attempting to restore variable with shape "
            f"{variable.shape} and name {variable.name} (the checkpoint's {key})."
        )
    found = dtypes.FROM_NUMPY[value.dtype]
    if found.is_integer and variable.dtype.is_integer and np.array_equal(value, value.astype(variable.dtype.as_numpy_dtype)):
        value = value.astype(variable.dtype.as_numpy_dtype)  # a count is int64 in Keras 2 and int32 in Keras 3
    elif found is not variable.dtype:
        raise errors.invalid(f"{key} is {found.name} in the checkpoint, but the variable {variable.name} is {variable.dtype.name}.")
    with init_scope():
        variable.assign(value)


class LoadStatus:
    """What a restore did; the assertions say whether it did enough."""

    def __init__(self, root: Any, restoration: Restoration | None):
        self._root, self._restoration = root, restoration

    def assert_consumed(self) -> LoadStatus:
        """Raises AssertionError if a value of the checkpoint was not used, or an object here was given none."""
        self._needs_checkpoint()
        unused = self._restoration.unused()  # type: ignore[union-attr]
        if unused:
            raise AssertionError("Some objects in the checkpoint have no counterpart here:\n" + "\n".join(unused))
        return self.assert_existing_objects_matched()

    def assert_existing_objects_matched(self) -> LoadStatus:
        """Raises AssertionError if an object here was given no value."""
        self._needs_checkpoint()
        restored = self._restoration.restored()  # type: ignore[union-attr]
        missing = [x for x in Walk(self._root).objects if held_values(x) and id(x) not in restored]
        missing = [x for x in missing if x is not getattr(self._root, "_save_counter", None)]
        if missing:
            listed = "\n".join(f"Object not assigned a value from checkpoint: {x!r}" for x in missing[:10])
            raise AssertionError(f"Found {len(missing)} Python objects that were not bound to checkpointed values:\n{listed}")
        return self

    def assert_nontrivial_match(self) -> LoadStatus:
        """Raises AssertionError if nothing at all was restored."""
        self._needs_checkpoint()
        if not self._restoration.restored():  # type: ignore[union-attr]
            raise AssertionError("Nothing except the root object matched a checkpointed value.")
        return self

    def expect_partial(self) -> LoadStatus:
        """Say that a partial match is meant. Nothing is ever logged about one."""
        return self

    def initialize_or_restore(self, session: Any = None) -> None:
        """Values are given when `restore` is called; nothing is left to do."""

    def run_restore_ops(self, session: Any = None) -> None:
        """Values are given when `restore` is called; nothing is left to do."""

    def _needs_checkpoint(self) -> None:
        if self._restoration is None:
            raise AssertionError("No checkpoint specified (save_path=None); nothing is being restored.")

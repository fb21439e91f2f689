"""Objects as a checkpoint sees them: a graph of names that lead from one object to the next, with values at its variables.

Field numbers and names are TensorFlow's (trackable_object_graph.proto), so each reads the other's files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from thalweg.engine.execution.concrete import ConcreteFunction
from thalweg.engine.execution.variables import Variable

OBJECT_GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
_CHILD = {"node_id": (1, "int"), "local_name": (2, "string")}
_ATTRIBUTE = {"name": (1, "string"), "full_name": (2, "string"), "checkpoint_key": (3, "string")}
_SLOT = {"original_variable_node_id": (1, "int"), "slot_name": (2, "string"), "slot_variable_node_id": (3, "int")}
_NODE = {
    "children": (1, [_CHILD]), "attributes": (2, [_ATTRIBUTE]), "slot_variables": (3, [_SLOT]),
    "has_checkpoint_values": (5, {"value": (1, "bool")}),
}  # fmt: skip
GRAPH = {"nodes": (1, [_NODE])}


def is_trackable(x: Any) -> bool:
    """Whether an object has a place in a checkpoint: it is, holds, or may later hold variables or a state."""
    kind = type(x)
    if isinstance(x, (list, tuple)):
        return any(map(is_trackable, x))
    if isinstance(x, Mapping):
        return any(map(is_trackable, x.values()))
    if isinstance(x, (Variable, ConcreteFunction, type)):
        return isinstance(x, Variable)
    return any(hasattr(kind, name) for name in ("_trackable_children", "variables", "_save_state", "_saved_arrays"))


def children_of(x: Any) -> dict[str, Any]:
    """What an object leads to, by name: its attributes, a list's items, a dict's values."""
    if isinstance(x, (Variable, np.ndarray)):
        return {}
    if hasattr(type(x), "_trackable_children"):
        return x._trackable_children()
    if isinstance(x, Mapping):
        return {str(k): v for k, v in x.items() if is_trackable(v)}
    if isinstance(x, (list, tuple)):
        return {str(i): v for i, v in enumerate(x) if is_trackable(v)}
    own = vars(x) if hasattr(x, "__dict__") else {}
    names = own.get("_tracked", own)  # a Keras layer says which of its attributes count
    return {name: own[name] for name in names if name in own and is_trackable(own[name])}


class Walk:
    """All objects that can be reached from a root, nearest first, each with the shortest path to it."""

    def __init__(self, root: Any):
        self.objects = [root]
        self.paths: list[tuple[str, ...]] = [()]
        self.children: list[dict[str, int]] = []
        places = {id(root): 0}
        self._alive = []  # so that no id is used twice
        pending = deque([root])
        while pending:
            x = pending.popleft()
            found, path = children_of(x), self.paths[places[id(x)]]
            self._alive.append(found)
            for name, child in found.items():
                if id(child) not in places:
                    places[id(child)] = len(self.objects)
                    self.objects.append(child)
                    self.paths.append((*path, name))
                    pending.append(child)
            self.children.append({name: places[id(child)] for name, child in found.items()})

    def key(self, i: int, attribute: str) -> str:
        return "/".join(map(_escaped, self.paths[i])) + f"{'/' if self.paths[i] else ''}.ATTRIBUTES/{attribute}"

    def message(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The graph as a message, and the values by their keys."""
        nodes, values = [], {}
        for i, x in enumerate(self.objects):
            node: dict[str, Any] = {"children": [{"node_id": n, "local_name": name} for name, n in self.children[i].items()]}
            for attribute, value in held_values(x):
                key = self.key(i, attribute)
                known = {"name": attribute, "full_name": getattr(x, "_shared_name", ""), "checkpoint_key": key}
                node.setdefault("attributes", []).append(known)
                values[key] = value
            nodes.append(node)
        for node, there in zip(nodes, self._with_values(nodes)):
            node["has_checkpoint_values"] = {"value": there}
        return {"nodes": nodes}, values

    def _with_values(self, nodes: list[dict[str, Any]]) -> list[bool]:
        """Which nodes have a value, or lead to one."""
        there = [bool(n.get("attributes")) for n in nodes]
        changed = True
        while changed:
            changed = False
            for i, node in enumerate(nodes):
                if not there[i] and any(there[c["node_id"]] for c in node["children"]):
                    there[i] = changed = True
        return there


def held_values(x: Any) -> list[tuple[str, Any]]:
    """What an object itself has to save: the attributes' names and their values."""
    if isinstance(x, Variable):
        return [("VARIABLE_VALUE", x.numpy())]
    if hasattr(type(x), "_save_state"):
        return [("ITERATOR_STATE", np.array(x._save_state(), object))]
    if hasattr(type(x), "_saved_arrays"):
        return list(x._saved_arrays().items())
    return []


def _escaped(name: str) -> str:
    return name.replace(".", "..").replace("/", ".S")

"""Nests: lists, tuples, dicts, named tuples and attrs classes of things. `tf.nest`.

Dicts are flattened in the order of their sorted keys. Source: https://www.tensorflow.org/api_docs/python/tf/nest
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from thalweg.engine.core.composite import components, is_composite, rebuilt

_nested_types: dict[type, bool] = {}  # asked for every leaf of every nest, so each type is examined once


def is_nested(seq: Any) -> bool:
    """Whether `seq` is a container that `tf.nest` looks into.

    >>> tf.nest.is_nested([1]), tf.nest.is_nested("text")
    (True, False)
    """
    kind = type(seq)
    nested = _nested_types.get(kind)
    if nested is None:
        nested = _nested_types[kind] = isinstance(seq, (list, tuple, Mapping)) or hasattr(kind, "__attrs_attrs__")
    return nested


def _is_namedtuple(x: Any) -> bool:
    return isinstance(x, tuple) and hasattr(x, "_fields")


def _sorted_keys(d: Mapping) -> list:
    try:
        return sorted(d)
    except TypeError:
        raise TypeError(f"nest only supports dicts with sortable keys, not {list(d)!r}.") from None


def _children(x: Any) -> Any:
    if type(x) is list or type(x) is tuple:
        return x
    if isinstance(x, Mapping):
        return [x[k] for k in _sorted_keys(x)]
    if hasattr(type(x), "__attrs_attrs__"):
        return [getattr(x, a.name) for a in type(x).__attrs_attrs__]
    return list(x)


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """The leaves of a nest in order; a leaf alone gives a list of itself.

    >>> tf.nest.flatten({"b": 2, "a": [1, (3,)]})
    [1, 3, 2]

    With `expand_composites` a sparse tensor gives the tensors that it is made of.
    """
    if not is_nested(structure):
        return components(structure) if expand_composites and is_composite(structure) else [structure]
    leaves: list[Any] = []
    for child in _children(structure):
        if is_nested(child):
            leaves.extend(flatten(child, expand_composites))
        elif expand_composites and is_composite(child):
            leaves.extend(components(child))
        else:
            leaves.append(child)
    return leaves


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """The leaves put back into the form of `structure`. Raises ValueError when their number differs.

    >>> tf.nest.pack_sequence_as({"a": 0, "b": [0, 0]}, [1, 2, 3])
    {'a': 1, 'b': [2, 3]}
    """
    flat = list(flat_sequence)
    if not is_nested(structure) and not (expand_composites and is_composite(structure)):
        if len(flat) != 1:
            raise ValueError(f"The target structure is of type `{type(structure)}` but the input is a sequence of "
                f"{len(flat)} leaves.")
        return flat[0]
    expected = len(flatten(structure, expand_composites))
    if expected != len(flat):
        raise ValueError(
            f"Could not pack sequence. Structure had {expected} atoms, but flat_sequence had {len(flat)} items. "
            f"Structure: {structure!r}, flat_sequence: {flat!r}."
        )
    iterator = iter(flat)
    return _pack(structure, iterator, expand_composites)


def _pack(structure: Any, leaves: Any, expand_composites: bool) -> Any:
    if not is_nested(structure):
        return rebuilt(structure, leaves) if expand_composites and is_composite(structure) else next(leaves)
    return _rebuild(structure, [_pack(child, leaves, expand_composites) for child in _children(structure)])


def _rebuild(structure: Any, children: list[Any]) -> Any:
    """A container like `structure` around new children."""
    if type(structure) is list:
        return children
    if isinstance(structure, Mapping):
        by_key = dict(zip(_sorted_keys(structure), children))
        ordered = [(k, by_key[k]) for k in structure]
        kind: Any = type(structure)
        if kind is dict:
            return dict(ordered)
        if hasattr(structure, "default_factory"):
            return kind(structure.default_factory, ordered)
        try:
            return kind(ordered)
        except TypeError:
            return dict(ordered)
    if _is_namedtuple(structure) or hasattr(type(structure), "__attrs_attrs__"):
        return type(structure)(*children)
    if isinstance(structure, tuple):
        return tuple(children)
    return type(structure)(children) if type(structure) is not list else children


def map_structure(func: Callable[..., Any], *structure: Any, check_types: bool = True, expand_composites: bool = False) -> Any:
    """`func` applied to the leaves of nests of the same form.

    >>> tf.nest.map_structure(lambda a, b: a + b, {"x": 1}, {"x": 2})
    {'x': 3}
    """
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func!r}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types)
    leaves = zip(*[flatten(s, expand_composites) for s in structure])
    return pack_sequence_as(structure[0], [func(*xs) for xs in leaves], expand_composites)


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """Raises ValueError when two nests differ in form, TypeError when (with `check_types`) in type."""
    if is_nested(nest1) != is_nested(nest2):
        raise ValueError(f"The two structures don't have the same nested structure. First structure: {nest1!r}. Second: {nest2!r}.")
    if not is_nested(nest1):
        return
    if check_types and type(nest1) is not type(nest2):
        both = isinstance(nest1, Mapping) and isinstance(nest2, Mapping)
        same_names = _is_namedtuple(nest1) and _is_namedtuple(nest2) and type(nest1).__name__ == type(nest2).__name__
        if not both and not same_names:
            raise TypeError(f"The two structures don't have the same sequence type: {type(nest1)} and {type(nest2)}.")
    if isinstance(nest1, Mapping) and isinstance(nest2, Mapping) and set(nest1) != set(nest2):
        raise ValueError(f"The two dictionaries don't have the same set of keys: {sorted(nest1)} and {sorted(nest2)}.")
    a, b = _children(nest1), _children(nest2)
    if len(a) != len(b):
        raise ValueError(f"The two structures don't have the same number of elements: {nest1!r} and {nest2!r}.")
    for x, y in zip(a, b):
        assert_same_structure(x, y, check_types)


def flatten_up_to(shallow: Any, deep: Any) -> list[Any]:
    """The parts of `deep` that stand where `shallow` has leaves. Raises ValueError or TypeError where their forms differ."""
    if not is_nested(shallow):
        return [deep]
    if not is_nested(deep):
        raise TypeError(f"If shallow structure is a sequence, input must also be a sequence, not {deep!r}.")
    if isinstance(shallow, Mapping) and (not isinstance(deep, Mapping) or set(shallow) != set(deep)):
        raise ValueError(f"The two structures don't have the same set of keys: {shallow!r} and {deep!r}.")
    parts, others = _children(shallow), _children(deep)
    if len(parts) != len(others):
        raise ValueError(f"The two structures don't have the same sequence length: {len(parts)} and {len(others)}.")
    return [leaf for a, b in zip(parts, others) for leaf in flatten_up_to(a, b)]

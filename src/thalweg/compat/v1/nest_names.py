"""`tf.contrib.framework.nest`: `tf.nest` with the names that TensorFlow 1's programs reach for."""

from __future__ import annotations

from typing import Any

from thalweg.engine.core.nest import (
    assert_same_structure as assert_same_structure,
    flatten as flatten,
    is_nested as is_nested,
    map_structure as map_structure,
    pack_sequence_as as pack_sequence_as,
)

is_sequence = is_nested


def flatten_dict_items(dictionary: Any) -> dict[Any, Any]:
    """A dict whose keys and values may be nests, as a flat one."""
    flat: dict[Any, Any] = {}
    for key, value in dictionary.items():
        if not is_nested(key):
            flat[key] = value
            continue
        assert_same_structure(key, value)
        for k, v in zip(flatten(key), flatten(value)):
            if k in flat:
                raise ValueError(f"Could not flatten dictionary: key {k} is not unique.")
            flat[k] = v
    return flat


def flatten_up_to(shallow_tree: Any, input_tree: Any) -> list[Any]:
    """The parts of `input_tree` at the leaves of `shallow_tree`."""
    if not is_nested(shallow_tree):
        return [input_tree]
    if isinstance(shallow_tree, dict):
        pairs = [(shallow_tree[k], input_tree[k]) for k in sorted(shallow_tree)]
    else:
        pairs = list(zip(shallow_tree, input_tree))
    return [leaf for a, b in pairs for leaf in flatten_up_to(a, b)]


def map_structure_up_to(shallow_tree: Any, func: Any, *inputs: Any) -> Any:
    """`func` at the leaves of `shallow_tree`, of the parts of `inputs` there."""
    columns = [flatten_up_to(shallow_tree, x) for x in inputs]
    return pack_sequence_as(shallow_tree, [func(*row) for row in zip(*columns)])

"""What the layers of `tf.contrib.layers` share: variables' names, and the collections they and the outputs go to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.contrib.framework.variables import add_model_variable

ZEROS = tf.zeros_initializer()
RENAMED = {"kernel": "weights", "bias": "biases"}


def renaming(names: dict[str, str]) -> Callable[..., Any]:
    """A custom getter that asks for `kernel` under the name `weights`, and so on, and notes the model's variables."""

    def getter(next_getter: Callable[..., Any], name: str, *args: Any, **kwargs: Any) -> Any:
        head, _, last = name.rpartition("/")
        last = names.get(last, last)
        found = next_getter(f"{head}/{last}" if head else last, *args, **kwargs)
        add_model_variable(found)
        return found

    return getter


def collections_of(variables_collections: Any, name: str) -> list[Any]:
    """The collections for one kind of variable: of a list, or of a dict by kind."""
    if isinstance(variables_collections, dict):
        variables_collections = variables_collections.get(name)
    return list(variables_collections or [])


def collect(variable: Any, variables_collections: Any, name: str) -> None:
    """Put a layer's variable (or its parts) where the caller wants it."""
    if variable is not None:
        for key in collections_of(variables_collections, name):
            if not any(v is variable for v in tf.get_collection(key)):
                tf.add_to_collection(key, variable)


def named_output(collections: Any, alias: str, outputs: Any) -> Any:
    """The outputs, noted in the collections under the layer's name."""
    for key in [collections] if isinstance(collections, str) else collections or []:
        if hasattr(outputs, "graph"):
            aliases = outputs.__dict__.setdefault("aliases", []) if hasattr(outputs, "__dict__") else []
            if alias not in aliases:
                aliases.append(alias)
        tf.add_to_collection(key, outputs)
    return outputs


def end_points(collection: Any, clear_collection: bool = False) -> dict[str, Any]:
    """A collection of layers' outputs as a dict by name."""
    found = tf.get_collection_ref(collection)
    result = {}
    for tensor in found:
        for alias in getattr(tensor, "aliases", None) or [tensor.op.name]:
            result[alias] = tensor
    if clear_collection:
        found.clear()
    return result


def finished(layer: Any, outputs: Any, sc: Any, activation_fn: Any, normalizer_fn: Any, normalizer_params: Any,
             variables_collections: Any, outputs_collections: Any) -> Any:  # fmt: skip
    """Normalise and activate a layer's outputs, and collect all."""
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    if activation_fn is not None:
        outputs = activation_fn(outputs)
    return named_output(outputs_collections, sc.name, outputs)

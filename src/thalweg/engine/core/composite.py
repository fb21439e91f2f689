"""Composite tensors: values made of several tensors, as sparse ones are, and their types.

`tf.nest` with `expand_composites=True`, `tf.function` and datasets take them apart by their type and put them together again.
"""

from __future__ import annotations

from typing import Any


class CompositeTensor:
    """A value made of several tensors. `_type_spec` is its type."""

    @property
    def _type_spec(self) -> Any:
        raise NotImplementedError


class CompositeSpec:
    """The type of a composite tensor: which tensors it is made of, and how."""

    @property
    def _component_specs(self) -> list[Any]:
        """A TensorSpec for each of its tensors."""
        raise NotImplementedError

    def _to_components(self, value: Any) -> list[Any]:
        raise NotImplementedError

    def _from_components(self, components: list[Any]) -> Any:
        raise NotImplementedError


def is_composite(x: Any) -> bool:
    """Whether it is a composite tensor or the type of one."""
    return isinstance(x, (CompositeTensor, CompositeSpec))


def components(x: Any) -> list[Any]:
    """The tensors of a composite tensor; of a type, the types of the tensors."""
    return list(x._component_specs) if isinstance(x, CompositeSpec) else x._type_spec._to_components(x)


def rebuilt(like: Any, leaves: Any) -> Any:
    """A composite tensor like `like` from an iterator over tensors."""
    spec = like if isinstance(like, CompositeSpec) else like._type_spec
    return spec._from_components([next(leaves) for _ in spec._component_specs])

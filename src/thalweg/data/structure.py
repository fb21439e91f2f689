"""The form of a dataset's elements: nests of tensors, as flat tuples of arrays inside and as users wrote them outside.

Inside a pipeline an element is a tuple of NumPy arrays, its *components*. A `Form` is made once from an `element_spec` and
turns components into an element and back. Unlike `tf.nest`, tuples, dicts and attrs classes nest here and lists do not:
a list becomes one tensor. Source: https://www.tensorflow.org/guide/data#dataset_structure
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.core import convert, dtypes, nest
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.execution.tensor_spec import TensorSpec

Components = tuple[np.ndarray, ...]


class DatasetSpec:
    """The type of a dataset that is itself an element, as `window` gives them."""

    def __init__(self, element_spec: Any, dataset_shape: Any = ()):
        self._element_spec = element_spec
        self._dataset_shape = TensorShape(dataset_shape)

    @property
    def element_spec(self) -> Any:
        return self._element_spec

    @property
    def shape(self) -> TensorShape:
        return self._dataset_shape

    dtype = dtypes.variant
    name = None

    def is_compatible_with(self, other: Any) -> bool:
        return isinstance(other, DatasetSpec) and compatible(self._element_spec, other._element_spec)

    def most_specific_compatible_type(self, other: Any) -> DatasetSpec:
        return DatasetSpec(widest(self._element_spec, other._element_spec))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatasetSpec) and self._element_spec == other._element_spec

    def __hash__(self) -> int:
        return hash(DatasetSpec)

    def __repr__(self) -> str:
        return f"DatasetSpec({self._element_spec!r}, {self._dataset_shape!r})"


class NoneTensorSpec:
    """The type of a place that holds None in every element."""

    shape = TensorShape(None)
    dtype = None
    name = None

    def is_compatible_with(self, other: Any) -> bool:
        return isinstance(other, NoneTensorSpec)

    def most_specific_compatible_type(self, other: Any) -> NoneTensorSpec:
        if not isinstance(other, NoneTensorSpec):
            raise ValueError(f"No TypeSpec is compatible with both {self!r} and {other!r}")
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NoneTensorSpec)

    def __hash__(self) -> int:
        return hash(NoneTensorSpec)

    def __repr__(self) -> str:
        return "NoneTensorSpec()"


# -- nests in which lists are leaves -------------------------------------------------------------------------


def is_nested(x: Any) -> bool:
    return isinstance(x, (tuple, Mapping)) or hasattr(type(x), "__attrs_attrs__")


def flatten(structure: Any) -> list[Any]:
    """The leaves, dicts in the order of their sorted keys."""
    if not is_nested(structure):
        return [structure]
    return [leaf for child in nest._children(structure) for leaf in flatten(child)]


def pack(structure: Any, leaves: Any) -> Any:
    """The form of `structure` around as many new leaves."""
    return _pack(structure, iter(leaves))


def _pack(structure: Any, leaves: Any) -> Any:
    if not is_nested(structure):
        return next(leaves)
    return nest._rebuild(structure, [_pack(child, leaves) for child in nest._children(structure)])


def map_structure(function: Callable[..., Any], structure: Any, *others: Any) -> Any:
    """`function` over the leaves of nests of one form."""
    columns = [flatten(structure), *[flatten_up_to(structure, o) for o in others]]
    return pack(structure, [function(*leaves) for leaves in zip(*columns)])


def flatten_up_to(shallow: Any, deep: Any) -> list[Any]:
    """What stands in `deep` where `shallow` has leaves. Raises ValueError or TypeError where the forms differ."""
    if not is_nested(shallow):
        return [deep]
    if not is_nested(deep):
        raise TypeError(f"A value of the form {shallow!r} is needed here, not {deep!r}.")
    if isinstance(shallow, Mapping) and (not isinstance(deep, Mapping) or set(shallow) != set(deep)):
        raise ValueError(f"The keys must be {sorted(shallow)}, not {sorted(deep) if isinstance(deep, Mapping) else deep!r}.")
    a, b = nest._children(shallow), nest._children(deep)
    if len(a) != len(b):
        raise ValueError(f"{len(a)} parts are needed as in {shallow!r}, but there are {len(b)}: {deep!r}.")
    return [leaf for s, d in zip(a, b) for leaf in flatten_up_to(s, d)]


# -- elements --------------------------------------------------------------------------------------------------


def as_element(value: Any) -> Any:
    """A user's value as a nest of tensors, datasets, composite tensors and None.

    Tensors of a graph stay symbolic; everything else becomes an eager tensor, even while a graph is built.
    """
    return pack(value, [as_leaf(v) for v in flatten(value)])


def as_leaf(value: Any, dtype: Any = None) -> Any:
    """One part of an element."""
    if value is None or is_dataset(value) or is_composite(value):
        return value
    if isinstance(value, Tensor):
        if dtype is not None and value.dtype.base_dtype is not dtype:
            return tf.cast(value, dtype)
        return value
    if convert.is_convertible_object(value) or hasattr(value, "__tf_tensor__") or convert._holds_tensor(value):
        return convert.convert_to_tensor(value, dtype=dtype)
    return EagerTensor(convert.to_array(value, dtype))


def is_dataset(value: Any) -> bool:
    return hasattr(value, "_cursor")


def is_composite(value: Any) -> bool:
    """Whether it is made of several tensors: sparse, ragged."""
    return hasattr(value, "_type_spec") and not isinstance(value, Tensor)


def spec_of(element: Any) -> Any:
    """The `element_spec` of a nest made by `as_element`."""
    return pack(element, [leaf_spec(v) for v in flatten(element)])


def leaf_spec(value: Any) -> Any:
    if value is None:
        return NoneTensorSpec()
    if is_dataset(value):
        return DatasetSpec(value.element_spec)
    if is_composite(value):
        return value._type_spec
    return TensorSpec(value.shape, value.dtype.base_dtype)


def component_specs(spec: Any) -> list[TensorSpec]:
    """The tensors that a leaf of this type is stored as."""
    if isinstance(spec, TensorSpec):
        return [spec]
    if isinstance(spec, NoneTensorSpec):
        return []
    if isinstance(spec, DatasetSpec):
        return [TensorSpec([], dtypes.variant)]
    if hasattr(spec, "_component_specs"):
        return list(spec._component_specs)
    raise TypeError(f"{spec!r} is no type of a dataset's element: use tf.TensorSpec.")


def compatible(a: Any, b: Any) -> bool:
    """Whether elements of type `b` can stand where `a` is expected."""
    try:
        return all(x.is_compatible_with(y) for x, y in zip(flatten(a), flatten_up_to(a, b)))
    except (TypeError, ValueError, AttributeError):
        return False


def widest(a: Any, b: Any) -> Any:
    """The most specific type that both have. Raises TypeError if there is none."""
    try:
        return map_structure(lambda x, y: x.most_specific_compatible_type(y), a, b)
    except (ValueError, TypeError, AttributeError):
        raise TypeError(f"Incompatible dataset elements:\n  {a} vs.   {b}") from None


class Form:
    """How elements of an `element_spec` are taken apart and put together.

    `specs` are its leaves, `flat` the TensorSpecs of the components.
    """

    def __init__(self, spec: Any):
        self.spec = spec
        self.specs = flatten(spec)
        self.flat = [c for s in self.specs for c in component_specs(s)]
        self._plain = all(isinstance(s, TensorSpec) for s in self.specs)
        self._single = self._plain and not is_nested(spec)
        self._tuple = self._plain and type(spec) is tuple and not any(map(is_nested, spec))

    @property
    def is_plain(self) -> bool:
        """Whether every leaf is a tensor."""
        return self._plain

    def element(self, components: Any) -> Any:
        """The user's element around components: tensors, symbolic ones while a function is traced."""
        if self._single:
            return components[0]
        if self._tuple:
            return tuple(components)
        if self._plain:
            return pack(self.spec, components)
        rest = iter(components)
        return pack(self.spec, [self._leaf(s, rest) for s in self.specs])

    @staticmethod
    def _leaf(spec: Any, components: Any) -> Any:
        if isinstance(spec, TensorSpec):
            return next(components)
        if isinstance(spec, NoneTensorSpec):
            return None
        if isinstance(spec, DatasetSpec):
            from thalweg.data.sources import VariantDataset

            return VariantDataset(next(components), spec.element_spec)
        parts = [next(components) for _ in spec._component_specs]
        return spec._from_components(parts)

    def eager(self, components: Components) -> Any:
        """The user's element of eager tensors."""
        return self.element([EagerTensor(a) for a in components])

    def numpy(self, components: Components) -> Any:
        """The user's element of NumPy arrays, not to be written to."""
        if not self._plain:
            return map_structure(_numpy_leaf, self.eager(components))
        return self.element([_read_only(a) for a in components])

    def tensors(self, element: Any) -> list[Any]:
        """The components of an element made by `as_element`, as tensors."""
        found: list[Any] = []
        for spec, leaf in zip(self.specs, flatten_up_to(self.spec, element)):
            if isinstance(spec, TensorSpec):
                found.append(leaf)
            elif isinstance(spec, DatasetSpec):
                from thalweg.data.variants import to_variant

                found.append(to_variant(leaf))
            elif not isinstance(spec, NoneTensorSpec):
                found.extend(spec._to_components(leaf))
        return found


def _read_only(array: np.ndarray) -> Any:
    if array.ndim == 0:
        return array.item() if array.dtype == object else array[()]
    view = array.view()
    view.flags.writeable = False
    return view


def _numpy_leaf(leaf: Any) -> Any:
    if isinstance(leaf, EagerTensor):
        return _read_only(leaf._array)
    if leaf is None:
        return None
    if is_dataset(leaf):
        return leaf.as_numpy_iterator()
    return leaf


def slice_shape(shape: TensorShape) -> TensorShape:
    """The shape of the rows of a tensor. Raises ValueError for a scalar."""
    if shape.rank is None:
        return shape
    if shape.rank == 0:
        raise ValueError("Unbatching a tensor is only supported for rank >= 1")
    return TensorShape(shape.as_list()[1:])


def batched(spec: Any, size: int | None) -> Any:
    """The type of `size` leaves of type `spec` stacked."""
    if isinstance(spec, TensorSpec):
        dims = None if spec.shape.rank is None else [size, *spec.shape.as_list()]
        return TensorSpec(dims, spec.dtype)
    if isinstance(spec, NoneTensorSpec):
        return spec
    if hasattr(spec, "_batch"):
        return spec._batch(size)
    raise TypeError(f"Elements of type {spec!r} cannot be batched.")


def unbatched(spec: Any) -> Any:
    if isinstance(spec, TensorSpec):
        return TensorSpec(slice_shape(spec.shape), spec.dtype)
    if isinstance(spec, NoneTensorSpec):
        return spec
    if hasattr(spec, "_unbatch"):
        return spec._unbatch()
    raise TypeError(f"Elements of type {spec!r} cannot be taken apart.")


__all__ = ["Components", "DatasetSpec", "Form", "NoneTensorSpec", "SymbolicTensor", "as_element", "spec_of"]

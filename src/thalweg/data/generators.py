"""Datasets from Python generators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.data import structure
from thalweg.data.cursors import Cursor, Scope
from thalweg.data.dataset import Dataset
from thalweg.data.structure import Components, Form, NoneTensorSpec
from thalweg.engine.core import context, convert, dtypes, errors
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import EagerTensor, Tensor
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.engine.ops.python_errors import as_op_error


class GeneratorCursor(Cursor):
    """Asks a Python iterator. A saved state is the number of elements given: going on asks a new iterator for them again."""

    fields = ("done",)

    def __init__(self, generator: Callable[..., Any], arguments: list[Any], form: Form, types: Any):
        self.generator, self.arguments, self.form, self.types = generator, arguments, form, types
        self.iterator: Any = None
        self.done = 0

    def __next__(self) -> Components:
        with context.building(None), context.no_tapes():
            try:
                if self.iterator is None:
                    self.iterator = iter(self.generator(*self.arguments))
                value = next(self.iterator)
            except StopIteration:
                raise
            except errors.OpError:
                raise
            except Exception as error:
                raise as_op_error(
                    error, f"in element {self.done} (counted from 0) of the generator {_name(self.generator)}"
                ) from error
            components = self._components(value)
        self.done += 1
        return components

    def _components(self, value: Any) -> Components:
        spec = self.form.spec
        try:
            leaves = structure.flatten_up_to(spec, tuple(value) if isinstance(value, list) and isinstance(spec, tuple) else value)
        except (TypeError, ValueError):
            raise self._refused(
                f"`generator` yielded an element that did not match the expected structure. The expected structure was "
                f"{self.types!r}, but the yielded element was {value!r}."
            ) from None
        found: list[np.ndarray] = []
        for leaf, s in zip(leaves, self.form.specs):
            if isinstance(s, TensorSpec):
                found.append(self._array(leaf, s))
            elif not isinstance(s, NoneTensorSpec):
                leaf = structure.as_leaf(leaf)
                if not s.is_compatible_with(structure.leaf_spec(leaf)):
                    raise self._refused(
                        f"`generator` yielded an element of {structure.leaf_spec(leaf)!r} where an element of {s!r} was expected."
                    )
                found += [np.asarray(t._array) for t in Form(s).tensors(leaf)]
        return tuple(found)

    def _array(self, leaf: Any, spec: TensorSpec) -> np.ndarray:
        try:
            if isinstance(leaf, EagerTensor):
                if leaf.dtype is not spec.dtype:
                    raise TypeError
                array = np.asarray(leaf._array)
            else:
                array = convert.to_array(leaf, spec.dtype)
        except (TypeError, ValueError, OverflowError):
            raise self._refused(
                "`generator` yielded an element that could not be converted to the expected type. The expected type was "
                f"{spec.dtype.name}, but the yielded element was {leaf!r}."
            ) from None
        dims = spec.shape._dims
        if dims is not None and (len(dims) != array.ndim or any(d is not None and d != n for d, n in zip(dims, array.shape))):
            raise self._refused(
                f"`generator` yielded an element of shape {array.shape} where an element of shape {spec.shape} was expected."
            )
        return array

    def _refused(self, sentence: str) -> Exception:
        return errors.invalid(f"TypeError: {sentence} (element {self.done}, counted from 0, of {_name(self.generator)})")

    def restore(self, state: dict[str, Any]) -> None:
        self.iterator, self.done = None, 0
        for _ in range(int(state["done"])):
            next(self)

    def close(self) -> None:
        if hasattr(self.iterator, "close"):
            self.iterator.close()


def _name(generator: Any) -> str:
    return getattr(generator, "__qualname__", type(generator).__qualname__)


class GeneratorDataset(Dataset):
    """What a Python generator gives, called anew each time the dataset is gone through."""

    _waits_for_outside = True

    def __init__(self, generator: Callable[..., Any], args: tuple[Any, ...], element_spec: Any, types: Any):
        self._generator, self._types = generator, types
        self._parameters = tuple([structure.as_leaf(a) for a in args])
        self._element_spec = element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        arguments = [scope.array(a) for a in self._parameters]
        plain = [a.item() if a.dtype == object and not a.ndim else np.array(a) if a.ndim else a[()] for a in arguments]
        return GeneratorCursor(self._generator, plain, self._form, self._types)


def from_generator(generator: Any, output_types: Any, output_shapes: Any, args: Any, output_signature: Any) -> Dataset:
    """`Dataset.from_generator`."""
    if not callable(generator):
        raise TypeError("`generator` must be a Python callable.")
    if output_signature is not None:
        for what, given in (("output_types", output_types), ("output_shapes", output_shapes)):
            if given is not None:
                raise TypeError(f"The `{what}` argument can not be used together with the `output_signature` argument.")
        spec = _without_lists(output_signature)
        for s in structure.flatten(spec):
            if not (isinstance(s, (TensorSpec, NoneTensorSpec)) or hasattr(s, "_component_specs")):
                raise TypeError(
                    f"`output_signature` must contain objects that are subclass of `tf.TypeSpec` but found {type(s)} which is not."
                )
        types = spec
    elif output_types is None:
        raise TypeError(
            "To specify the output signature you need to provide either the `output_signature` argument or the "
            "`output_types` argument."
        )
    else:
        types = structure.map_structure(dtypes.as_dtype, _without_lists(output_types))
        leaves = [None] * len(structure.flatten(types)) if output_shapes is None else _shapes(types, output_shapes)
        spec = structure.pack(types, [TensorSpec(shape, t) for shape, t in zip(leaves, structure.flatten(types))])
    if args is None:
        args = ()
    return GeneratorDataset(generator, tuple(args) if not isinstance(args, Tensor) else (args,), spec, types)


def _without_lists(types: Any) -> Any:
    return tuple(map(_without_lists, types)) if isinstance(types, list) else types


def _shapes(types: Any, shapes: Any) -> list[Any]:
    if not structure.is_nested(types):
        return [TensorShape(shapes)]
    return [TensorShape(s) for s in structure.flatten_up_to(types, tuple(shapes) if isinstance(shapes, list) else shapes)]

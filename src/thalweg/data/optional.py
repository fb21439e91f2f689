"""`tf.experimental.Optional`: a value that may be missing. Source: https://www.tensorflow.org/api_docs/python/tf/experimental/Optional"""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.data import structure
from thalweg.data.structure import Components, Form
from thalweg.engine.core import errors


class Optional:
    """A value, or none.

    >>> tf.experimental.Optional.from_value(3).get_value().numpy()
    np.int32(3)
    """

    @staticmethod
    def from_value(value: Any) -> Optional:
        """An optional that has a value, a nest of tensors."""
        element = structure.as_element(value)
        form = Form(structure.spec_of(element))
        return OptionalFromComponents(tuple([np.asarray(t._array) for t in form.tensors(element)]), form)

    @staticmethod
    def empty(element_spec: Any) -> Optional:
        """An optional without a value, which would be of `element_spec`."""
        return OptionalFromComponents(None, Form(element_spec))

    def has_value(self, name: str | None = None) -> Any:
        """A boolean tensor: whether there is a value."""
        raise NotImplementedError

    def get_value(self, name: str | None = None) -> Any:
        """The value. Raises InvalidArgumentError if there is none."""
        raise NotImplementedError

    @property
    def element_spec(self) -> Any:
        """The type of the value."""
        return self._form.spec

    _form: Form


class OptionalFromComponents(Optional):
    def __init__(self, components: Components | None, form: Form):
        self._components, self._form = components, form

    def has_value(self, name: str | None = None) -> Any:
        return tf.constant(self._components is not None)

    def get_value(self, name: str | None = None) -> Any:
        if self._components is None:
            raise errors.invalid("The given optional does not have a value.")
        return self._form.eager(self._components)

    def __repr__(self) -> str:
        return f"<Optional {'empty' if self._components is None else self.get_value()!r}>"


class SymbolicOptional(Optional):
    """What an iterator gives in a graph: components that are zeros where there is no value."""

    def __init__(self, has_value: Any, components: list[Any], form: Form):
        self._has_value, self._components, self._form = has_value, components, form

    def has_value(self, name: str | None = None) -> Any:
        return self._has_value

    def get_value(self, name: str | None = None) -> Any:
        check = tf.debugging.Assert(self._has_value, ["The given optional does not have a value."])
        with tf.compat.v1.control_dependencies([check] if check is not None else []):
            return self._form.element([tf.identity(c) for c in self._components])

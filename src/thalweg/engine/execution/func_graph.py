"""The graph of a function being traced: arguments, captures, side effects in order."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import errors
from thalweg.engine.core.graph import Graph
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor
from thalweg.engine.ops.state import placeholder_record

_BAKED_LIMIT = 64  # captured eager integers up to this size become constants: they may decide shapes


class FuncGraph(Graph):
    """A graph with arguments. Tensors from outside become captures: extra arguments, filled in at each call."""

    building_function = True

    def __init__(self, name: str, outer: Graph | None):
        super().__init__()
        self.name, self.outer = name, outer
        self.arguments: list[SymbolicTensor] = []
        self._captures: dict[int, tuple[Any, SymbolicTensor]] = {}
        self.variables_created: list[Any] = []
        self.seed = getattr(outer, "seed", None)

    def argument(self, dtype: Any, shape: TensorShape, name: str) -> SymbolicTensor:
        placeholder = placeholder_record(dtype=dtype, shape=shape, name=name)
        self.arguments.append(placeholder)
        return placeholder

    def capture(self, tensor: Any, name: str | None = None) -> Any:
        if isinstance(tensor, SymbolicTensor) and tensor.graph is self:
            return tensor
        found = self._captures.get(id(tensor))
        if found is not None:
            return found[1]
        if isinstance(tensor, EagerTensor):
            array = tensor._array
            if array.dtype.kind in "iubO" and array.size <= _BAKED_LIMIT:
                return self.constant(np.asarray(array), name)
        elif not self._encloses(tensor.graph):
            raise errors.InaccessibleTensorError(
                f"{tensor!r} is out of scope: it belongs to {tensor.graph!r} and cannot be used in function {self.name!r}. "
                "Return it from the function that made it, or make it an argument."
            )
        with self.control_dependencies(None):
            inner = placeholder_record(dtype=tensor.dtype, shape=tensor.shape, name=name or "capture")
        self._captures[id(tensor)] = (tensor, inner)
        return inner

    def _encloses(self, graph: Graph) -> bool:
        outer = self.outer
        while outer is not None:
            if outer is graph:
                return True
            outer = getattr(outer, "outer", None)
        return False

    @property
    def captures(self) -> list[tuple[Any, SymbolicTensor]]:
        return list(self._captures.values())

    @property
    def inputs(self) -> list[SymbolicTensor]:
        return self.arguments + [inner for _, inner in self._captures.values()]

    def captured_values(self) -> list[Any]:
        return [outside for outside, _ in self._captures.values()]

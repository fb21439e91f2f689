"""`tf.train.Optimizer`: the base of TensorFlow 1's optimizers.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train/Optimizer
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from thalweg.compat.v1.graph import GraphKeys, group, trainable_variables, tuple as tuple_of
from thalweg.compat.v1.initializers import zeros_initializer
from thalweg.compat.v1.train.slots import create_slot
from thalweg.engine.autodiff.symbolic import gradients
from thalweg.engine.autodiff.tape import GradientTape
from thalweg.engine.core import convert, dtypes, nest
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import get_default_graph
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.tensor import SymbolicTensor, Tensor
from thalweg.engine.execution.init_scope import init_scope
from thalweg.engine.execution.variables import Variable
from thalweg.engine.ops import training as _training  # makes the update ops
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast


class Optimizer:
    """Base of the optimizers: `minimize`, or `compute_gradients` and `apply_gradients` with something between.

    A subclass makes its slots in `_create_slots`, its settings as tensors in `_prepare`, and updates a variable in
    `_apply_dense` and `_apply_sparse`.
    """

    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2

    def __init__(self, use_locking: bool, name: str, use_own_namescope_for_non_slot_vars: bool = False):
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking, self._name = use_locking, name
        self._slots: dict[str, dict[Any, Any]] = {}
        self._non_slot_dict: dict[tuple[str, Any], Any] = {}

    def get_name(self) -> str:
        return self._name

    def minimize(
        self, loss: Any, global_step: Any = None, var_list: Any = None, gate_gradients: int = GATE_OP,
        aggregation_method: Any = None, colocate_gradients_with_ops: bool = False, name: str | None = None, grad_loss: Any = None,
    ) -> Any:  # fmt: skip
        """An operation that changes the variables to lessen `loss`, then adds one to `global_step`.

        `loss` is a tensor; where ops run at once, a function of no arguments. Raises ValueError if no variable has a gradient.
        """
        pairs = self.compute_gradients(
            loss, var_list, gate_gradients, aggregation_method, colocate_gradients_with_ops, grad_loss
        )
        if all(g is None for g, _ in pairs):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not support gradients, between variables "
                f"{[str(v) for _, v in pairs]} and loss {loss}."
            )
        return self.apply_gradients(pairs, global_step=global_step, name=name)

    def compute_gradients(
        self, loss: Any, var_list: Any = None, gate_gradients: int = GATE_OP, aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False, grad_loss: Any = None,
    ) -> list[tuple[Any, Any]]:  # fmt: skip
        """Pairs of gradient (tensor, IndexedSlices or None) and variable; by default for all trainable variables."""
        if callable(loss):
            return _gradients_by_tape(loss, var_list, grad_loss)
        if local.graph is None and not isinstance(loss, SymbolicTensor):
            raise RuntimeError("`loss` passed to Optimizer.compute_gradients should be a function when eager execution is enabled.")
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise ValueError(
                "gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH.  "
                f"Not {gate_gradients}"
            )
        self._assert_valid_dtypes([loss] if grad_loss is None else [loss, grad_loss])
        variables = trainable_variables() if var_list is None else nest.flatten(var_list)
        if not variables:
            raise ValueError("No variables to optimize.")
        for v in variables:
            _check_is_variable(v)
        found = gradients(loss, variables, grad_ys=grad_loss, gate_gradients=gate_gradients == self.GATE_OP)
        if gate_gradients == self.GATE_GRAPH:
            found = tuple_of(found)
        self._assert_valid_dtypes([v for g, v in zip(found, variables) if g is not None])
        return list(zip(found, variables))

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Any:
        """An operation that updates each variable by its gradient, then adds one to `global_step`.

        Raises ValueError if there is no gradient at all, TypeError if one is no tensor.
        """
        pairs = [(_as_gradient(g), v) for g, v in grads_and_vars]
        if not pairs:
            raise ValueError("No variables provided.")
        variables = [v for g, v in pairs if g is not None]
        if not variables:
            raise ValueError(f"No gradients provided for any variable: {[str(v) for _, v in pairs]}.")
        for v in variables:
            _check_is_variable(v)
        with init_scope():
            self._create_slots(variables)
        with scope(name, self._name) as here:
            self._prepare()
            updates = []
            for g, v in pairs:
                if g is not None:
                    with scope("update_" + (v.op.name if v._is_graph_variable else ""), "update"):
                        updates.append(self._update(g, v))
            if global_step is None:
                done = self._finish(updates, here)
            else:
                done = self._count(self._finish(updates, "update"), global_step, here)
        if local.graph is not None:
            done = getattr(done, "op", done)
            collected = get_default_graph().get_collection_ref(GraphKeys.TRAIN_OP)
            if done not in collected:
                collected.append(done)
        return done

    def _update(self, g: Any, v: Any) -> Any:
        sparse = isinstance(g, IndexedSlices)
        done = self._apply_sparse_duplicate_indices(g, v) if sparse else self._apply_dense(g, v)
        if v.constraint is None:
            return done
        if sparse:
            raise RuntimeError("Cannot use a constraint function on a sparse variable.")
        with _after([done]):
            return v.assign(v.constraint(v.read_value()))

    def _count(self, finished: Any, global_step: Any, name: Any) -> Any:
        with _after([finished]):
            return global_step.assign_add(1, name=name)

    # -- slots ------------------------------------------------------------------------------------------

    def get_slot(self, var: Any, name: str) -> Any:
        """The slot called `name` that was made for `var`, or None."""
        return self._slots.get(name, {}).get(var.ref())

    def get_slot_names(self) -> list[str]:
        """The names of the slots, sorted."""
        return sorted(self._slots)

    def variables(self) -> list[Any]:
        """The variables of this optimizer in the current graph, by name."""
        graph = get_default_graph() if local.graph is not None else None
        made = [*self._non_slot_dict.values(), *(v for slots in self._slots.values() for v in slots.values())]
        return sorted((v for v in made if v._graph is graph), key=lambda v: v.name)

    def _create_non_slot_variable(self, initial_value: Any, name: str, colocate_with: Any) -> Any:
        key = name, colocate_with._graph
        if key not in self._non_slot_dict:
            self._non_slot_dict[key] = Variable(initial_value, name=name, trainable=False)
        return self._non_slot_dict[key]

    def _get_non_slot_variable(self, name: str, graph: Any = None) -> Any:
        return self._non_slot_dict.get((name, graph))

    def _slot_dict(self, slot_name: str) -> dict[Any, Any]:
        return self._slots.setdefault(slot_name, {})

    def _get_or_make_slot(self, var: Any, val: Any, slot_name: str, op_name: str) -> Any:
        return self._slot(var, lambda: create_slot(var, val, op_name), slot_name)

    def _get_or_make_slot_with_initializer(
        self, var: Any, initializer: Callable[..., Any], shape: Any, dtype: Any, slot_name: str, op_name: str
    ) -> Any:
        return self._slot(var, lambda: create_slot(var, initializer, op_name, shape, dtypes.as_dtype(dtype).base_dtype), slot_name)

    def _zeros_slot(self, var: Any, slot_name: str, op_name: str) -> Any:
        return self._get_or_make_slot_with_initializer(var, zeros_initializer(), var.shape, var.dtype, slot_name, op_name)

    def _slot(self, var: Any, make: Callable[[], Any], slot_name: str) -> Any:
        slots = self._slot_dict(slot_name)
        if var.ref() not in slots:
            slots[var.ref()] = make()
        return slots[var.ref()]

    # -- what subclasses define -------------------------------------------------------------------------

    def _valid_dtypes(self) -> set[Any]:
        return {dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64}

    def _assert_valid_dtypes(self, tensors: list[Any]) -> None:
        valid = self._valid_dtypes()
        for t in tensors:
            if t.dtype.base_dtype not in valid:
                raise ValueError(f"Invalid type {t.dtype.base_dtype!r} for {t.name}, expected: {list(valid)}.")

    def _create_slots(self, var_list: list[Any]) -> None:
        """Make the slots of these variables, if there are any."""

    def _prepare(self) -> None:
        """Make tensors of the settings; called in the name scope of the update."""

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define _apply_dense(grad, var).")

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        """Update rows, some of them perhaps named more than once. The ops used here sum those themselves."""
        return self._apply_sparse(grad, var)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define _apply_sparse(grad, var).")

    def _finish(self, update_ops: list[Any], name_scope: Any) -> Any:
        return group(*update_ops, name=name_scope)

    @staticmethod
    def _call_if_callable(param: Any) -> Any:
        return param() if callable(param) and not isinstance(param, Variable) else param

    def _setting(self, value: Any, name: str) -> Any:
        return convert.convert_to_tensor(self._call_if_callable(value), name=name)


class RecordOptimizer(Optimizer):
    """An optimizer whose update is one op: `record` with the slots, settings and attributes of the subclass.

    `slot_names` come in the order of the op's inputs; `settings` maps the op's inputs to the names of their tensors and
    where the values stand on `self`.
    """

    record = ""
    slot_names: tuple[str, ...] = ()
    settings: dict[str, tuple[str, str]] = {}

    def _prepare(self) -> None:
        self._tensors = {k: self._setting(getattr(self, attribute), name) for k, (name, attribute) in self.settings.items()}

    def _inputs(self, var: Any) -> dict[str, Any]:
        """The op's inputs for a variable beside the gradient, by name."""
        op = REGISTRY[f"Apply{self._record()}"]
        states = [var, *(self.get_slot(var, n) for n in self.slot_names)]
        named = dict(zip(op.input_names, (v.handle for v in states)))
        return named | {k: cast(t, var.dtype.base_dtype) for k, t in self._tensors.items() if k in op.input_names}

    def _record(self) -> str:
        return self.record

    def _attributes(self) -> dict[str, Any]:
        return {}

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        op = REGISTRY[f"Apply{self._record()}"]
        gradient = "delta" if "delta" in op.input_names else "grad"
        return op(**self._inputs(var), **{gradient: grad}, **self._attributes(), use_locking=self._use_locking)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        op = REGISTRY[f"SparseApply{self._record()}"]
        gradient = "delta" if "delta" in op.input_names else "grad"
        rows = {gradient: grad.values, "indices": grad.indices}
        return op(**self._inputs(var), **rows, **self._attributes(), use_locking=self._use_locking)


def _after(ops: list[Any]) -> Any:
    if local.graph is None:
        return contextlib.nullcontext()
    return local.graph.control_dependencies([o for o in ops if o is not None])


def _gradients_by_tape(loss: Callable[[], Any], var_list: Any, grad_loss: Any) -> list[tuple[Any, Any]]:
    with GradientTape() as tape:
        if var_list is not None:
            tape.watch(var_list)
        value = loss()
    variables = list(tape.watched_variables()) if var_list is None else nest.flatten(var_list)
    return list(zip(tape.gradient(value, variables, grad_loss), variables))


def _as_gradient(g: Any) -> Any:
    if g is None or isinstance(g, (Tensor, IndexedSlices)):
        return g
    try:
        return convert.convert_to_tensor(g)
    except (TypeError, ValueError):
        raise TypeError(f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {g}") from None


def _check_is_variable(v: Any) -> None:
    if isinstance(v, Variable):
        return
    if isinstance(v, Tensor):
        raise NotImplementedError(f"Trying to update a Tensor {v!r}: an optimizer changes variables. Make it a tf.Variable.")
    raise NotImplementedError(f"Trying to optimize unsupported type {v!r}")


__all__ = ["Optimizer", "RecordOptimizer"]

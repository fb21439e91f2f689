"""TensorFlow 1's optimizers.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train
"""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.graph import group
from thalweg.compat.v1.initializers import constant_initializer, ones_initializer
from thalweg.compat.v1.train.optimizer import Optimizer, RecordOptimizer, _after
from thalweg.engine.core import dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import get_default_graph
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.execution.init_scope import init_scope
from thalweg.engine.ops.shaping import cast, identity


class GradientDescentOptimizer(RecordOptimizer):
    """`var -= learning_rate * gradient`."""

    record = "GradientDescent"
    settings = {"alpha": ("learning_rate", "_learning_rate")}

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        step = grad.values * cast(self._tensors["alpha"], var.dtype.base_dtype)
        return var.scatter_sub(IndexedSlices(step, grad.indices, grad.dense_shape))


class MomentumOptimizer(RecordOptimizer):
    """`accum = momentum * accum + gradient; var -= learning_rate * accum`, or Nesterov's form of it."""

    record, slot_names = "Momentum", ("momentum",)
    settings = {"lr": ("learning_rate", "_learning_rate"), "momentum": ("momentum", "_momentum")}

    def __init__(
        self, learning_rate: Any, momentum: Any, use_locking: bool = False, name: str = "Momentum", use_nesterov: bool = False
    ):
        super().__init__(use_locking, name)
        self._learning_rate, self._momentum, self._use_nesterov = learning_rate, momentum, use_nesterov

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)

    def _attributes(self) -> dict[str, Any]:
        return {"use_nesterov": self._use_nesterov}


class AdamOptimizer(RecordOptimizer):
    """Adam (Kingma and Ba, 2015). For gradients of rows, the moments of all rows decay."""

    record, slot_names = "Adam", ("m", "v")
    settings = {
        "lr": ("learning_rate", "_lr"), "beta1": ("beta1", "_beta1"), "beta2": ("beta2", "_beta2"),
        "epsilon": ("epsilon", "_epsilon"),
    }  # fmt: skip

    def __init__(
        self, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8, use_locking: bool = False,
        name: str = "Adam",
    ):  # fmt: skip
        super().__init__(use_locking, name)
        self._lr, self._beta1, self._beta2, self._epsilon = learning_rate, beta1, beta2, epsilon

    def _create_slots(self, var_list: list[Any]) -> None:
        first = min(var_list, key=lambda v: v.name)
        self._create_non_slot_variable(self._call_if_callable(self._beta1), "beta1_power", first)
        self._create_non_slot_variable(self._call_if_callable(self._beta2), "beta2_power", first)
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _get_beta_accumulators(self) -> tuple[Any, Any]:
        with init_scope():
            graph = None if local.graph is None else get_default_graph()
        return self._get_non_slot_variable("beta1_power", graph), self._get_non_slot_variable("beta2_power", graph)

    def _inputs(self, var: Any) -> dict[str, Any]:
        powers = [cast(p, var.dtype.base_dtype) for p in self._get_beta_accumulators()]
        return super()._inputs(var) | dict(zip(("beta1_power", "beta2_power"), powers))

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        # All rows' moments decay and all rows move, so the dense update does the work of the sparse one.
        return self._apply_dense(REGISTRY["UnsortedSegmentSum"](grad.values, grad.indices, var.shape.as_list()[0]), var)

    def _finish(self, update_ops: list[Any], name_scope: Any) -> Any:
        with _after(update_ops):
            beta1_power, beta2_power = self._get_beta_accumulators()
            first = beta1_power.assign(beta1_power * self._tensors["beta1"])
            second = beta2_power.assign(beta2_power * self._tensors["beta2"])
        return group(*update_ops, first, second, name=name_scope)


class AdagradOptimizer(RecordOptimizer):
    """Adagrad (Duchi, Hazan and Singer, 2011)."""

    record, slot_names = "Adagrad", ("accumulator",)
    settings = {"lr": ("learning_rate", "_learning_rate")}

    def __init__(
        self, learning_rate: Any, initial_accumulator_value: float = 0.1, use_locking: bool = False, name: str = "Adagrad"
    ):
        _check_positive(initial_accumulator_value, "initial_accumulator_value")
        super().__init__(use_locking, name)
        self._learning_rate, self._initial_accumulator_value = learning_rate, initial_accumulator_value

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            start = constant_initializer(self._initial_accumulator_value, dtype=v.dtype.base_dtype)
            self._get_or_make_slot_with_initializer(v, start, v.shape, v.dtype, "accumulator", self._name)


class ProximalAdagradOptimizer(AdagradOptimizer):
    """Adagrad with the proximal step for L1 and L2 penalties."""

    record = "ProximalAdagrad"
    settings = {
        "lr": ("learning_rate", "_learning_rate"),
        "l1": ("l1_regularization_strength", "_l1_regularization_strength"),
        "l2": ("l2_regularization_strength", "_l2_regularization_strength"),
    }

    def __init__(
        self, learning_rate: Any, initial_accumulator_value: float = 0.1, l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0, use_locking: bool = False, name: str = "ProximalAdagrad",
    ):  # fmt: skip
        super().__init__(learning_rate, initial_accumulator_value, use_locking, name)
        self._l1_regularization_strength, self._l2_regularization_strength = l1_regularization_strength, l2_regularization_strength


class ProximalGradientDescentOptimizer(RecordOptimizer):
    """Gradient descent with the proximal step for L1 and L2 penalties."""

    record = "ProximalGradientDescent"
    settings = {
        "alpha": ("learning_rate", "_learning_rate"),
        "l1": ("l1_regularization_strength", "_l1_regularization_strength"),
        "l2": ("l2_regularization_strength", "_l2_regularization_strength"),
    }

    def __init__(
        self, learning_rate: Any, l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
        use_locking: bool = False, name: str = "ProximalGradientDescent",
    ):  # fmt: skip
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1_regularization_strength, self._l2_regularization_strength = l1_regularization_strength, l2_regularization_strength


class AdagradDAOptimizer(RecordOptimizer):
    """Adagrad by dual averaging (Duchi, Hazan and Singer, 2011); it makes weights sparse by its L1 penalty."""

    record, slot_names = "AdagradDA", ("gradient_accumulator", "gradient_squared_accumulator")
    settings = {
        "lr": ("learning_rate", "_learning_rate"),
        "l1": ("l1_regularization_strength", "_l1_regularization_strength"),
        "l2": ("l2_regularization_strength", "_l2_regularization_strength"),
    }

    def __init__(
        self, learning_rate: Any, global_step: Any, initial_gradient_squared_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0, use_locking: bool = False,
        name: str = "AdagradDA",
    ):  # fmt: skip
        _check_positive(initial_gradient_squared_accumulator_value, "initial_gradient_squared_accumulator_value")
        super().__init__(use_locking, name)
        self._learning_rate, self._global_step = learning_rate, global_step
        self._initial = initial_gradient_squared_accumulator_value
        self._l1_regularization_strength, self._l2_regularization_strength = l1_regularization_strength, l2_regularization_strength

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            start = constant_initializer(self._initial, dtype=v.dtype.base_dtype)
            self._zeros_slot(v, "gradient_accumulator", self._name)
            self._get_or_make_slot_with_initializer(v, start, v.shape, v.dtype, "gradient_squared_accumulator", self._name)

    def _prepare(self) -> None:
        super()._prepare()
        self._step = cast(identity(self._global_step), dtypes.int64) + 1

    def _inputs(self, var: Any) -> dict[str, Any]:
        return super()._inputs(var) | {"global_step": self._step}


class AdadeltaOptimizer(RecordOptimizer):
    """Adadelta (Zeiler, 2012)."""

    record, slot_names = "Adadelta", ("accum", "accum_update")
    settings = {"lr": ("lr", "_lr"), "rho": ("rho", "_rho"), "epsilon": ("epsilon", "_epsilon")}

    def __init__(
        self, learning_rate: Any = 0.001, rho: Any = 0.95, epsilon: Any = 1e-8, use_locking: bool = False, name: str = "Adadelta"
    ):
        super().__init__(use_locking, name)
        self._lr, self._rho, self._epsilon = learning_rate, rho, epsilon

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "accum", self._name)
            self._zeros_slot(v, "accum_update", self._name)


class RMSPropOptimizer(RecordOptimizer):
    """RMSProp (Tieleman and Hinton, 2012) with momentum; `centered` divides by the gradient's variance."""

    settings = {
        "lr": ("learning_rate", "_learning_rate"), "rho": ("decay", "_decay"), "momentum": ("momentum", "_momentum"),
        "epsilon": ("epsilon", "_epsilon"),
    }  # fmt: skip

    def __init__(
        self, learning_rate: Any, decay: Any = 0.9, momentum: Any = 0.0, epsilon: Any = 1e-10, use_locking: bool = False,
        centered: bool = False, name: str = "RMSProp",
    ):  # fmt: skip
        super().__init__(use_locking, name)
        self._learning_rate, self._decay, self._momentum, self._epsilon = learning_rate, decay, momentum, epsilon
        self._centered = centered
        self.slot_names = ("mg", "rms", "momentum") if centered else ("rms", "momentum")

    def _record(self) -> str:
        return "CenteredRMSProp" if self._centered else "RMSProp"

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            start = ones_initializer(dtype=v.dtype.base_dtype)
            self._get_or_make_slot_with_initializer(v, start, v.shape, v.dtype, "rms", self._name)
            if self._centered:
                self._zeros_slot(v, "mg", self._name)
            self._zeros_slot(v, "momentum", self._name)


class FtrlOptimizer(RecordOptimizer):
    """FTRL-proximal (McMahan et al., 2013)."""

    slot_names = ("accum", "linear")
    settings = {
        "lr": ("learning_rate", "_learning_rate"),
        "l1": ("l1_regularization_strength", "_l1_regularization_strength"),
        "l2": ("adjusted_l2_regularization_strength", "_adjusted_l2"),
        "l2_shrinkage": ("l2_shrinkage_regularization_strength", "_l2_shrinkage"),
        "lr_power": ("learning_rate_power", "_learning_rate_power"),
    }

    def __init__(
        self, learning_rate: Any, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0, use_locking: bool = False,
        name: str = "Ftrl", accum_name: str | None = None, linear_name: str | None = None,
        l2_shrinkage_regularization_strength: float = 0.0, beta: float | None = None,
    ):  # fmt: skip
        super().__init__(use_locking, name)
        for value, what in (
            (initial_accumulator_value, "initial_accumulator_value"),
            (l1_regularization_strength, "l1_regularization_strength"),
            (l2_regularization_strength, "l2_regularization_strength"),
            (l2_shrinkage_regularization_strength, "l2_shrinkage_regularization_strength"),
        ):
            if value < 0.0:
                raise ValueError(f"{what} {value:f} needs to be positive or zero")
        if learning_rate_power > 0.0:
            raise ValueError(f"learning_rate_power {learning_rate_power:f} needs to be negative or zero")
        self._learning_rate, self._learning_rate_power = learning_rate, learning_rate_power
        self._initial_accumulator_value = initial_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2, self._l2_shrinkage, self._beta = l2_regularization_strength, l2_shrinkage_regularization_strength, beta or 0.0
        self._accum_name, self._linear_name = accum_name, linear_name

    @property
    def _adjusted_l2(self) -> Any:
        return self._l2 + self._beta / (2.0 * self._learning_rate) if self._beta else self._l2

    def _record(self) -> str:
        return "FtrlV2" if self._l2_shrinkage > 0.0 else "Ftrl"

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            start = constant_initializer(self._initial_accumulator_value, dtype=v.dtype.base_dtype)
            self._get_or_make_slot_with_initializer(v, start, v.shape, v.dtype, "accum", self._accum_name or self._name)
            self._zeros_slot(v, "linear", self._linear_name or self._name)


def _check_positive(value: float, what: str) -> None:
    if value <= 0.0:
        raise ValueError(f"{what} must be positive: {value}")


__all__ = [
    "AdadeltaOptimizer",
    "AdagradDAOptimizer",
    "AdagradOptimizer",
    "AdamOptimizer",
    "FtrlOptimizer",
    "GradientDescentOptimizer",
    "MomentumOptimizer",
    "Optimizer",
    "ProximalAdagradOptimizer",
    "ProximalGradientDescentOptimizer",
    "RMSPropOptimizer",
]

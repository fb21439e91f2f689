"""`tf.train.ExponentialMovingAverage`: shadows of variables that follow them slowly.

Source: https://www.tensorflow.org/api_docs/python/tf/train/ExponentialMovingAverage
"""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.graph import GraphKeys, global_variables, group, moving_average_variables, trainable_variables
from thalweg.compat.v1.initializers import zeros_initializer
from thalweg.compat.v1.train.slots import create_slot
from thalweg.compat.v1.variable_scope import get_variable, variable_scope
from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.graph import get_default_graph
from thalweg.engine.execution.init_scope import init_scope
from thalweg.engine.execution.variables import Variable
from thalweg.engine.ops.elementwise import minimum
from thalweg.engine.ops.exponential import pow
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast


class ExponentialMovingAverage:
    """`average = decay * average + (1 - decay) * value` at each run of what `apply` gives.

    With `num_updates` the decay starts low: the smaller of `decay` and `(1 + num_updates) / (10 + num_updates)`.
    """

    def __init__(
        self, decay: Any, num_updates: Any = None, zero_debias: bool = False, name: str = "ExponentialMovingAverage"
    ):
        self._decay, self._num_updates, self._zero_debias, self._name = decay, num_updates, zero_debias, name
        self._averages: dict[Any, Any] = {}

    @property
    def name(self) -> str:
        return self._name

    def apply(self, var_list: Any = None) -> Any:
        """An operation that moves the averages of the variables and tensors one step; by default all trainable variables."""
        variables = trainable_variables() if var_list is None else list(var_list)
        debiased = []
        for v in variables:
            if v.dtype.base_dtype not in (dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64):
                raise TypeError(f"The variables must be half, float, or double: {v.name}")
            if v.ref() in self._averages:
                continue
            with init_scope():
                self._averages[v.ref()] = self._shadow(v)
            if not isinstance(v, Variable) and self._zero_debias:
                debiased.append(v)
        with scope(self._name, self._name) as here:
            decay = self._decay_now()
            updates = []
            for v in variables:
                correct = any(v is d for d in debiased)
                updates.append(assign_moving_average(self._averages[v.ref()], v, decay, correct))
            return group(*updates, name=here)

    def _shadow(self, v: Any) -> Any:
        if not isinstance(v, Variable):
            return create_slot(v, zeros_initializer(), self._name, v.shape, v.dtype)
        if v._is_graph_variable:
            shadow = create_slot(v, v.initial_value, self._name)
        else:
            shadow = create_slot(v, v.read_value(), self._name)
        get_default_graph().add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, v)
        return shadow

    def _decay_now(self) -> Any:
        decay = convert.convert_to_tensor(self._decay, dtype=dtypes.float32, name="decay")
        if self._num_updates is None:
            return decay
        done = cast(self._num_updates, dtypes.float32)
        return minimum(decay, (1.0 + done) / (10.0 + done))

    def average(self, var: Any) -> Any:
        """The variable that holds the average of `var`, or None."""
        return self._averages.get(var.ref())

    def average_name(self, var: Any) -> str:
        """The name of the average of `var`, also before `apply` has made it: what a checkpoint calls it."""
        if var.ref() in self._averages:
            return self._averages[var.ref()].name[:-2]
        return get_default_graph().unique_name(f"{var.name[:-2]}/{self._name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Any]:
        """Names of averages and the variables that a Saver restores from them; other variables under their own names."""
        if moving_avg_variables is None:
            moving_avg_variables = trainable_variables() + moving_average_variables()
        unique = list({id(v): v for v in moving_avg_variables}.values())
        names = {self.average_name(v): v for v in unique}
        known = {v.name for v in unique}
        for v in global_variables():
            if v.name not in known and v.name[:-2] not in names:
                names[v.name[:-2]] = v
        return names


def assign_moving_average(variable: Any, value: Any, decay: Any, zero_debias: bool = True, name: str | None = None) -> Any:
    """Moves `variable` towards `value` by `1 - decay` of the way; `zero_debias` corrects for its having started at zero."""
    with scope(name, "AssignMovingAvg") as here:
        rest = cast(convert.convert_to_tensor(1.0 - decay, name="decay"), variable.dtype.base_dtype)
        if not zero_debias:
            return variable.assign_sub((variable - value) * rest, name=here)
        with variable_scope(variable.name[:-2]):
            biased = get_variable("biased", variable.shape, variable.dtype.base_dtype, zeros_initializer(), trainable=False)
            steps = get_variable("local_step", [], variable.dtype.base_dtype, zeros_initializer(), trainable=False)
        moved = biased.assign_sub((biased - value) * rest)
        count = steps.assign_add(1.0)
        return variable.assign(moved / (1 - pow(1.0 - rest, count)), name=here)


__all__ = ["ExponentialMovingAverage", "assign_moving_average"]

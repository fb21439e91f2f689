"""`LossScaleOptimizer`: small gradients kept alive in float16, by a loss that is scaled up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import thalweg as tf
from thalweg.keras.optimizers.base import Optimizer
from thalweg.keras.optimizers.gradients import map_values


class LossScaleOptimizer(Optimizer):
    """Another optimizer, with the loss times a scale and the gradients divided by it again.

    The scale doubles after `dynamic_growth_steps` steps with finite gradients, and halves at one without: that step is left
    out. dynamic: False keeps the scale. Source: Micikevicius et al., "Mixed precision training" (2018);
    `tf.keras.mixed_precision.LossScaleOptimizer`, `tf.keras.optimizers.LossScaleOptimizer`.

    Either generation's way: `scale_loss(loss)`, then `apply(gradients)`; or `get_scaled_loss(loss)`,
    `get_unscaled_gradients(gradients)`, then `apply_gradients(...)`.
    """

    def __init__(
        self, inner_optimizer: Any, initial_scale: Any = None, dynamic_growth_steps: Any = None, dynamic: Any = True,
        name: str | None = None, **kwargs: Any,
    ):  # fmt: skip
        if isinstance(initial_scale, bool):  # Keras 2: (inner_optimizer, dynamic, initial_scale, dynamic_growth_steps)
            dynamic, initial_scale, dynamic_growth_steps = initial_scale, dynamic_growth_steps, None
        if not isinstance(inner_optimizer, Optimizer) or isinstance(inner_optimizer, LossScaleOptimizer):
            raise TypeError(f"LossScaleOptimizer goes around another optimizer, but it was given {inner_optimizer!r}.")
        self.inner_optimizer = inner_optimizer
        super().__init__(learning_rate=0.0, name=name)
        self.initial_scale = float(2.0**15 if initial_scale is None else initial_scale)
        self.dynamic_growth_steps = int(2000 if dynamic_growth_steps is None else dynamic_growth_steps)
        self.dynamic = bool(dynamic)
        self._gradients_are_unscaled = False
        with tf.init_scope():
            self.step_counter = tf.Variable(0, dtype=tf.int32, trainable=False, name=f"{self.name}/step_counter")
            self.dynamic_scale = tf.Variable(
                self.initial_scale, dtype=tf.float32, trainable=False, name=f"{self.name}/dynamic_scale"
            )
        self._variables = [self.step_counter, self.dynamic_scale]

    # -- what the inner optimizer knows ---------------------------------------------------------------------

    @property
    def variables(self) -> Any:
        return type(super().variables)([*self._variables, *self.inner_optimizer.variables])

    @property
    def iterations(self) -> Any:
        return self.inner_optimizer.iterations

    @iterations.setter
    def iterations(self, variable: Any) -> None:
        self.inner_optimizer.iterations = variable

    @property
    def learning_rate(self) -> Any:
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner_optimizer.learning_rate = learning_rate

    lr = learning_rate

    @property
    def loss_scale(self) -> Any:
        """The scale now."""
        return self.dynamic_scale.value()

    def build(self, variables: Any) -> None:
        if not self.inner_optimizer.built:
            self.inner_optimizer.build(variables)
        self._index = self.inner_optimizer._index
        self._trainable_variables = list(variables)
        self.built = True

    def _trackable_children(self) -> dict[str, Any]:
        return {"inner_optimizer": self.inner_optimizer, "step_counter": self.step_counter, "dynamic_scale": self.dynamic_scale}

    def save_own_variables(self, store: Any) -> None:
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        variables = list(self.variables)
        if len(store.keys()) == len(variables):
            for i, variable in enumerate(variables):
                variable.assign(store[str(i)])

    # -- one step -------------------------------------------------------------------------------------------

    def scale_loss(self, loss: Any) -> Any:
        """The loss to differentiate: times the scale."""
        return loss * tf.cast(self.dynamic_scale.value(), loss.dtype) if loss.dtype.is_floating else loss

    def get_scaled_loss(self, loss: Any) -> Any:
        """Keras 2's name of `scale_loss`; a function gives a function."""
        return (lambda: self.scale_loss(loss())) if callable(loss) else self.scale_loss(loss)

    def get_unscaled_gradients(self, grads: Any) -> list[Any]:
        """The gradients of a scaled loss, divided by the scale: `apply_gradients` takes them as they are."""
        self._gradients_are_unscaled = True
        return self._unscaled(grads)

    def _unscaled(self, grads: Iterable[Any]) -> list[Any]:
        scale = self.dynamic_scale.value()
        return [None if g is None else map_values(lambda v: v / tf.cast(scale, v.dtype), g) for g in grads]

    def compute_gradients(self, loss: Any, var_list: Any, tape: Any = None) -> list[tuple[Any, Any]]:
        if callable(loss):
            tape = tape or tf.GradientTape()
            with tape:
                loss = self.scale_loss(loss())
            return super().compute_gradients(loss, var_list, tape)
        pairs = super().compute_gradients(loss, var_list, tape)
        self._gradients_are_unscaled = True  # the tape saw the loss as it is
        return pairs

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Any] | None = None) -> None:
        grads = list(grads)
        variables = self._variables_to_update(grads, trainable_variables)
        if not self._gradients_are_unscaled:
            grads = self._unscaled(grads)
        self._gradients_are_unscaled = False
        present = [g.values if isinstance(g, tf.IndexedSlices) else g for g in grads if g is not None]
        finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(g)) for g in present])
        if not self.dynamic:
            self.inner_optimizer.apply(grads, variables)
            return
        tf.cond(finite, lambda: self._take(grads, variables), self._leave_out)

    def _take(self, grads: list[Any], variables: list[Any]) -> Any:
        self.inner_optimizer.apply(grads, variables)
        scale, steps = self.dynamic_scale.value(), self.step_counter.value() + 1
        grown = steps >= self.dynamic_growth_steps
        self.dynamic_scale.assign(tf.where(grown, scale * 2.0, scale))
        self.step_counter.assign(tf.where(grown, 0, steps))
        return tf.constant(True)

    def _leave_out(self) -> Any:
        self.dynamic_scale.assign(tf.maximum(self.dynamic_scale.value() / 2.0, 1.0))
        self.step_counter.assign(0)
        return tf.constant(False)

    def finalize_variable_values(self, var_list: Any) -> None:
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        from thalweg.keras import optimizers

        return {
            "name": self.name, "inner_optimizer": optimizers.serialize(self.inner_optimizer), "dynamic": self.dynamic,
            "initial_scale": self.initial_scale, "dynamic_growth_steps": self.dynamic_growth_steps,
        }  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from thalweg.keras import optimizers

        names = ("name", "dynamic", "initial_scale", "dynamic_growth_steps")
        inner = optimizers.deserialize(config["inner_optimizer"], custom_objects)
        return cls(inner, **{name: config[name] for name in names if name in config})

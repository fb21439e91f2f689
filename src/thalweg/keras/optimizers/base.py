"""What every optimizer shares: its arguments, its state, and the order in which one step happens.

A step, as Keras does it: drop missing gradients, undo the loss scale, accumulate, clip, decay the weights, update,
average, constrain, count. An algorithm adds `build` (its slots) and `update_step` (its formula). Numbers that are the
same for every variable (a cast learning rate, a bias correction) come from `once`, which evaluates them once a step.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.execution.late_restore import restore_late
from thalweg.keras import config as keras_config, naming
from thalweg.keras.optimizers import schedules
from thalweg.keras.optimizers.arguments import check_average, check_common, refuse_unknown
from thalweg.keras.optimizers.gradients import dense, drop_missing, map_values
from thalweg.keras.optimizers.schedules import LearningRateSchedule
from thalweg.keras.saving.registration import serialize_keras_object


class VariableList(list):
    """A list that also answers when called: `optimizer.variables` (Keras 3) and `optimizer.variables()` (Keras 2)."""

    def __call__(self) -> VariableList:
        return self


class Optimizer:
    """Base class of all optimizers.

    learning_rate: a number (kept in a variable, so it can be changed between steps), a `LearningRateSchedule`, or a
    callable without arguments. `lr` is the same by its old name; `decay` divides it by `1 + decay * iterations`.
    weight_decay: every step takes `learning_rate * weight_decay` of each weight away, apart from the gradient.
    clipnorm, clipvalue, global_clipnorm: bound the norm of each gradient, its elements, or the norm of all together;
    at most one of them. use_ema, ema_momentum, ema_overwrite_frequency: keep a moving average of the weights and write
    it into them every so many steps, or at the end by `finalize_variable_values`. loss_scale_factor: `scale_loss`
    multiplies by it, a step divides the gradients by it. gradient_accumulation_steps: update once in so many calls,
    with the mean of their gradients.

    A subclass overrides `build(variables)`, `update_step(gradient, variable, learning_rate)` and `get_config()`.
    Source: keras.optimizers.Optimizer (Keras 3), tf_keras.optimizers.Optimizer (Keras 2).
    """

    #: An `update_step` that can take `tf.IndexedSlices` says so; others get them as dense tensors, duplicates summed.
    takes_slices = False

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        learning_rate = kwargs.pop("lr", learning_rate)
        self.decay = float(kwargs.pop("decay", None) or 0.0)
        for settled_elsewhere in ("jit_compile", "is_legacy_optimizer"):
            kwargs.pop(settled_elsewhere, None)
        refuse_unknown(type(self), kwargs)
        check_common(clipnorm, clipvalue, global_clipnorm, gradient_accumulation_steps)
        if use_ema:
            check_average(ema_momentum, ema_overwrite_frequency)
        self.name = name or naming.auto_name(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.built = False
        self._variables: list[Any] = []
        self._trainable_variables: list[Any] = []
        self._index: dict[int, int] = {}
        self._excluded: set[int] = set()
        self._excluded_names: re.Pattern | None = None
        self._this_step: dict[Any, Any] = {}
        self._iterations: Any
        with tf.init_scope():
            self._iterations = tf.Variable(0, dtype=tf.int64, trainable=False, name=f"{self.name}/iteration")
            self._variables.append(self._iterations)
            self._learning_rate = self._keep_rate(learning_rate)

    # -- state ---------------------------------------------------------------------------------------------

    def build(self, variables: Sequence[Any]) -> None:
        """Create the state that belongs to `variables`. Called by the first step; call it before to choose the list."""
        variables = list(variables)
        self._trainable_variables = variables
        self._index = {id(variable): i for i, variable in enumerate(variables)}
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(variables, "average")
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = self.add_optimizer_variables(variables, "gradient_accumulator")
        self.built = True

    def add_variable(
        self, shape: Any, initializer: Any = "zeros", dtype: Any = None, name: str | None = None, **unused: Any
    ) -> Any:
        """A new variable of this optimizer. initializer: a number, a name such as `"ones"`, or an initializer."""
        dtype = tf.as_dtype(dtype or keras_config.floatx())
        with tf.init_scope():
            value = _initial_value(initializer, shape, dtype)
            variable = tf.Variable(value, dtype=dtype, trainable=False, name=f"{self.name}/{name or 'variable'}")
        self._variables.append(variable)
        restore_late(self)
        return variable

    def _trackable_children(self) -> dict[str, Any]:
        """What a `tf.train.Checkpoint` saves, under TensorFlow's names."""
        own = {"_iterations": self._iterations, "_learning_rate": self._learning_rate}
        return {k: v for k, v in own.items() if isinstance(v, tf.Variable)} | {"_variables": self._without_rate()}

    def _without_rate(self) -> list[Any]:
        """The variables in Keras 2's order: the step count and the slots."""
        return [variable for variable in self._variables if variable is not self._learning_rate]

    def add_variable_from_reference(self, reference_variable: Any, name: str = "var", initializer: Any = "zeros") -> Any:
        """A new variable shaped like `reference_variable`: a slot."""
        owner = re.sub(r"[/:]", "_", str(getattr(reference_variable, "path", reference_variable.name)))
        return self.add_variable(
            reference_variable.shape, initializer, reference_variable.dtype, f"{owner.removesuffix('_0')}_{name}"
        )

    def add_optimizer_variables(self, trainable_variables: Sequence[Any], name: Any, initializer: Any = "zeros") -> Any:
        """One slot for each variable; with several names, a tuple of such lists."""
        names = [name] if isinstance(name, str) else list(name)
        initializers = list(initializer) if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        if len(initializers) != len(names):
            raise ValueError(
                f"{len(names)} names and {len(initializers)} initializers: give one initializer, or one for each name."
            )
        slots: tuple[list[Any], ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for slot, slot_name, slot_initializer in zip(slots, names, initializers):
                slot.append(self.add_variable_from_reference(variable, slot_name, slot_initializer))
        return slots[0] if isinstance(name, str) else slots

    @property
    def variables(self) -> VariableList:
        """The step count, the learning rate when it is a number, then the slots."""
        return VariableList(self._variables)

    @property
    def weights(self) -> VariableList:
        return self.variables

    def get_weights(self) -> list[np.ndarray]:
        """The values of `variables`, as NumPy arrays."""
        return [variable.numpy() for variable in self._variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Write values as `get_weights` returned them. Raises ValueError when they do not fit."""
        if not self.built:
            raise ValueError(
                f"`set_weights` on optimizer {self.name!r} before it has its variables. "
                "Call `optimizer.build(model.trainable_variables)` first."
            )
        if len(weights) != len(self._variables):
            raise ValueError(
                f"Optimizer {self.name!r} has {len(self._variables)} variables; `set_weights` got {len(weights)} arrays."
            )
        for variable, weight in zip(self._variables, weights):
            if tuple(variable.shape) != np.shape(weight):
                raise ValueError(
                    f"Optimizer variable {variable.name!r} has shape {tuple(variable.shape)}; "
                    f"the given weight has shape {np.shape(weight)}."
                )
            variable.assign(weight)

    def save_own_variables(self, store: dict[str, Any]) -> None:
        for i, variable in enumerate(self._variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: dict[str, Any]) -> None:
        if len(store.keys()) != len(self._variables):
            slots = self._without_rate()
            if len(store.keys()) == len(slots) < len(self._variables):  # as Keras 2 writes it
                for i, variable in enumerate(slots):
                    variable.assign(np.asarray(store[str(i)]))
                return
            warnings.warn(
                f"Skipping the saved state of optimizer {self.name!r}: it holds {len(store.keys())} variables, "
                f"this optimizer has {len(self._variables)}"
                + ("." if self.built else " because it is not built yet (`optimizer.build(variables)`)."),
                stacklevel=2,
            )
            return
        for i, variable in enumerate(self._variables):
            variable.assign(np.asarray(store[str(i)]))

    # -- step count and learning rate ----------------------------------------------------------------------

    @property
    def iterations(self) -> Any:
        """Number of updates done so far (int64)."""
        if self.gradient_accumulation_steps:
            return self._iterations // self.gradient_accumulation_steps
        return self._iterations

    @iterations.setter
    def iterations(self, variable: Any) -> None:
        if self.built:
            raise RuntimeError("`iterations` can be replaced only before the optimizer is built.")
        self._variables[0] = self._iterations = variable

    @property
    def learning_rate(self) -> Any:
        """The variable that holds the rate, or the schedule's value at this step. Assign a number or a schedule."""
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate if isinstance(rate, tf.Variable) else rate()

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        old = self._learning_rate
        is_number = not callable(learning_rate) or isinstance(learning_rate, tf.Variable)
        if is_number and isinstance(old, LearningRateSchedule):
            raise TypeError(
                "This optimizer's learning rate is a `LearningRateSchedule`, which a number cannot replace: create the "
                "optimizer with a number to be able to set it."
            )
        if is_number and isinstance(old, tf.Variable):
            old.assign(learning_rate)
            return
        if isinstance(old, tf.Variable):
            self._variables = [variable for variable in self._variables if variable is not old]
        self._learning_rate = self._keep_rate(learning_rate)

    lr = learning_rate

    def _keep_rate(self, learning_rate: Any) -> Any:
        """A schedule or a callable as it is; a number in a variable, so that a compiled step sees it change."""
        if callable(learning_rate) and not isinstance(learning_rate, tf.Variable):
            return learning_rate
        try:
            value = float(learning_rate)
        except (TypeError, ValueError):
            raise ValueError(
                "`learning_rate` must be a number, a `LearningRateSchedule` or a callable without arguments; "
                f"got {learning_rate!r}."
            ) from None
        variable = tf.Variable(value, dtype=tf.float32, trainable=False, name=f"{self.name}/learning_rate")
        self._variables.insert(1, variable)
        return variable

    def _rate_now(self) -> Any:
        """The learning rate of this step, with the old `decay` applied."""
        rate = self.learning_rate
        return rate / (1.0 + self.decay * tf.cast(self._iterations, tf.float32)) if self.decay else rate

    # -- one step ------------------------------------------------------------------------------------------

    def minimize(self, loss: Any, var_list: Any, tape: Any = None) -> Any:
        """Gradients of `loss` for `var_list`, applied. loss: a callable, or a tensor with the tape that recorded it.

        A loss that is not a scalar counts as the sum of its elements.

        >>> x = tf.Variable(1.0)
        >>> _ = tf.keras.optimizers.SGD(0.1).minimize(lambda: x * x, [x])
        >>> round(float(x), 6)
        0.8
        """
        return self.apply_gradients(self.compute_gradients(loss, var_list, tape))

    def compute_gradients(self, loss: Any, var_list: Any, tape: Any = None) -> list[tuple[Any, Any]]:
        """Pairs (gradient, variable) of `loss`; `loss` and `tape` as for `minimize`, `var_list` a list or a callable."""
        if callable(loss):
            tape = tape or tf.GradientTape()
            with tape:
                if not callable(var_list):
                    tape.watch(var_list)
                loss = loss()
        elif tape is None:
            raise ValueError(
                "A loss given as a tensor needs the `tape` that recorded it: `minimize(loss, var_list, tape=tape)`, "
                "or pass a function that computes the loss."
            )
        variables = list(var_list() if callable(var_list) else var_list)
        scale = self.loss_scale_factor
        seed = None if scale is None else tf.fill(tf.shape(loss), tf.cast(scale, loss.dtype))
        return list(zip(tape.gradient(loss, variables, output_gradients=seed), variables))

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Any]],
        name: str | None = None,
        skip_gradients_aggregation: bool = False,
        experimental_aggregate_gradients: bool = True,
    ) -> Any:
        """One step with the given (gradient, variable) pairs. Returns the step count."""
        pairs = list(grads_and_vars)
        if pairs:
            grads, variables = zip(*pairs)
            self.apply(grads, variables)
        return self._iterations

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Any] | None = None) -> None:
        """One step: `grads[i]` belongs to `trainable_variables[i]`, or to the variables given to `build`.

        Raises ValueError when every gradient is None or when a variable is not one the optimizer was built with.
        """
        grads = list(grads)
        if not grads:
            return
        variables = self._variables_to_update(grads, trainable_variables)
        grads, variables = drop_missing(grads, variables)
        with tf.name_scope(self.name):
            if self.loss_scale_factor is not None:
                grads = [map_values(lambda g: g / self.loss_scale_factor, gradient) for gradient in grads]
            if self.gradient_accumulation_steps:
                self._accumulate(grads, variables)
            else:
                self._step(grads, variables)
            if self.use_ema:
                self._average()
            for variable in variables:
                if getattr(variable, "constraint", None) is not None:
                    variable.assign(variable.constraint(variable))
            self._iterations.assign_add(1)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """The algorithm: change `variable`, and its slots, by `gradient`. Subclasses write it."""
        raise NotImplementedError(f"{type(self).__name__} must define `update_step(gradient, variable, learning_rate)`.")

    def once(self, compute: Callable[[Any, Any], Any], learning_rate: Any, dtype: Any) -> Any:
        """`compute(learning_rate, dtype)`, evaluated once per step, rate and dtype instead of once per variable."""
        key = (compute, id(learning_rate), dtype)
        if key not in self._this_step:
            # The rate is kept beside the result, so that its id stays its own while the step lasts.
            self._this_step[key] = (compute(learning_rate, dtype), learning_rate)
        return self._this_step[key][0]

    def _step_count(self, dtype: Any) -> Any:
        """The number of this step, counted from one."""
        return tf.cast(self.iterations + 1, dtype)

    def scale_loss(self, loss: Any) -> Any:
        """The loss to differentiate: times `loss_scale_factor` where one is set."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def assign(self, variable: Any, value: Any) -> None:
        variable.assign(value)

    def assign_add(self, variable: Any, value: Any) -> None:
        variable.assign_add(value)

    def assign_sub(self, variable: Any, value: Any) -> None:
        variable.assign_sub(value)

    def _get_variable_index(self, variable: Any) -> int:
        return self._index[id(variable)]

    def _variables_to_update(self, grads: list[Any], trainable_variables: Iterable[Any] | None) -> list[Any]:
        if trainable_variables is None:
            if not self.built:
                raise ValueError(
                    "`apply(grads)` without variables needs a built optimizer: call "
                    "`optimizer.build(trainable_variables)` first, or pass the variables."
                )
            variables = self._trainable_variables
        else:
            variables = list(trainable_variables)
            if not self.built:
                self.build(variables)
        if len(grads) != len(variables):
            raise ValueError(f"{len(grads)} gradients for {len(variables)} variables: they must match one to one.")
        for variable in variables:
            if id(variable) not in self._index:
                raise ValueError(
                    f"Unknown variable: {variable.name!r} is not among the {len(self._index)} variables this optimizer "
                    "was built with. Build it with all of them (`optimizer.build(variables)`), or use a new optimizer."
                )
        return variables

    def _step(self, grads: list[Any], variables: list[Any]) -> None:
        self._this_step = {}
        rate = self._rate_now()
        grads = self._clip_gradients(grads)
        self._apply_weight_decay(variables, rate)
        for gradient, variable in zip(grads, variables):
            self.update_step(self._as_taken(gradient, variable), variable, rate)
        self._this_step = {}

    def _as_taken(self, gradient: Any, variable: Any) -> Any:
        """The gradient in the variable's dtype, and dense unless `update_step` takes slices."""
        if isinstance(gradient, tf.IndexedSlices) and not self.takes_slices:
            gradient = dense(gradient, variable)
        if gradient.dtype == variable.dtype:
            return gradient
        return map_values(lambda g: tf.cast(g, variable.dtype), gradient)

    def _accumulate(self, grads: list[Any], variables: list[Any]) -> None:
        """Update with the mean gradient at every n-th call; add to the accumulators at the others."""
        steps = self.gradient_accumulation_steps
        sums = [self._accumulated_gradients[self._get_variable_index(variable)] for variable in variables]
        for gradient, variable, total in zip(grads, variables, sums):
            total.assign_add(self._as_taken(dense(gradient, variable), variable))

        def update() -> None:
            self._step([total / steps for total in sums], variables)
            for total in self._accumulated_gradients:
                total.assign(tf.zeros_like(total))

        tf.cond(tf.equal((self._iterations + 1) % steps, 0), update, lambda: None)

    # -- clipping, weight decay, averages ------------------------------------------------------------------

    def _clip_gradients(self, grads: list[Any]) -> list[Any]:
        if self.clipnorm:
            return [tf.clip_by_norm(gradient, self.clipnorm) for gradient in grads]
        if self.global_clipnorm:
            return list(tf.clip_by_global_norm(grads, self.global_clipnorm)[0])
        if self.clipvalue:
            return [tf.clip_by_value(gradient, -self.clipvalue, self.clipvalue) for gradient in grads]
        return grads

    def exclude_from_weight_decay(self, var_list: Iterable[Any] | None = None, var_names: Any = None) -> None:
        """Leave these variables, and those whose name matches one of these patterns, out of weight decay."""
        if self.built:
            raise ValueError("`exclude_from_weight_decay` must come before the optimizer is built.")
        self._excluded = {id(variable) for variable in var_list or ()}
        self._excluded_names = re.compile("|".join(sorted(set(var_names)))) if var_names else None

    def _use_weight_decay(self, variable: Any) -> bool:
        if id(variable) in self._excluded:
            return False
        return self._excluded_names is None or self._excluded_names.search(variable.name) is None

    def _weight_decay_of(self, variable: Any) -> float | None:
        """How much this variable decays. An algorithm may answer per variable."""
        return self.weight_decay

    def _apply_weight_decay(self, variables: list[Any], rate: Any) -> None:
        for variable in variables:
            decay = self._weight_decay_of(variable)
            if decay is not None and self._use_weight_decay(variable):
                learning_rate = self.once(tf.cast, rate, variable.dtype)
                variable.assign_sub(variable * tf.cast(decay, variable.dtype) * learning_rate)

    def _average(self) -> None:
        """Move the averages towards the weights (onto them at the first step), and back into them when it is time."""
        count = self.iterations
        overwrite = None
        if self.ema_overwrite_frequency:
            overwrite = tf.equal((count + 1) % self.ema_overwrite_frequency, 0)
        not_first = tf.not_equal(count, 0)
        for variable, average in zip(self._trainable_variables, self._model_variables_moving_average):
            momentum = tf.cast(not_first, variable.dtype) * self.ema_momentum
            mean = momentum * average + (1.0 - momentum) * variable
            average.assign(mean)
            if overwrite is not None:
                variable.assign(tf.where(overwrite, mean, variable))

    def finalize_variable_values(self, var_list: Sequence[Any]) -> None:
        """After training: write the moving averages into the variables, where averages are kept."""
        if self.use_ema:
            for variable in var_list:
                variable.assign(self._model_variables_moving_average[self._get_variable_index(variable)])

    # -- configuration -------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer; its state is in `variables`."""
        rate = self._learning_rate
        config = {
            "name": self.name,
            "learning_rate": float(rate.numpy()) if isinstance(rate, tf.Variable) else serialize_keras_object(rate),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }
        # Keras 3 has no `decay`: leaving an unused one out keeps the file readable there.
        return config | ({"decay": self.decay} if self.decay else {})

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Optimizer:
        config = dict(config)
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = schedules.deserialize(config["learning_rate"], custom_objects)
        return cls(**config)


# -- helpers -------------------------------------------------------------------------------------------------


def at_least_float32(dtype: Any) -> Any:
    """The dtype to compute a step's scalars in: in half precision 0.999 is 1, and Adam would stand still."""
    return tf.float32 if dtype.size < 4 else dtype


def _initial_value(initializer: Any, shape: Any, dtype: Any) -> Any:
    if isinstance(initializer, (int, float)):
        return tf.fill(shape, tf.cast(initializer, dtype))
    if initializer in ("zeros", "ones"):
        return (tf.zeros if initializer == "zeros" else tf.ones)(shape, dtype)
    from thalweg.keras import initializers

    return initializers.get(initializer)(shape, dtype=dtype)

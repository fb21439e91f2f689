"""`tf.contrib.opt`: optimizers beside those of `tf.train`.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/opt
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf
from thalweg.compat.v1.train.optimizer import Optimizer


class _Composed(Optimizer):
    """An optimizer whose step is written in ordinary ops, after its gradient is made dense."""

    def __init__(self, learning_rate: Any, use_locking: bool, name: str):
        super().__init__(use_locking, name)
        self._lr = learning_rate

    def _prepare(self) -> None:
        self._rate = tf.convert_to_tensor(self._lr() if callable(self._lr) else self._lr, dtype=tf.float32, name="learning_rate")

    def _apply_sparse_duplicate_indices(self, grad: Any, var: Any) -> Any:
        return self._apply_dense(tf.convert_to_tensor(grad), var)

    def _moved(self, slot: Any, value: Any) -> Any:
        return tf.assign(slot, value)


class AdaMaxOptimizer(_Composed):
    """Adam with the largest gradient so far in place of the second moment (Kingma and Ba, 2014)."""

    def __init__(self, learning_rate: Any = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
                 use_locking: bool = False, name: str = "AdaMax"):  # fmt: skip
        super().__init__(learning_rate, use_locking, name)
        self._beta1, self._beta2, self._epsilon = beta1, beta2, epsilon

    def _create_slots(self, var_list: Any) -> None:
        self._create_non_slot_variable(self._beta1, "beta1_power", min(var_list, key=lambda v: v.name))
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        power = self._get_non_slot_variable("beta1_power", tf.get_default_graph())
        m = self._moved(self.get_slot(var, "m"), self.get_slot(var, "m") * self._beta1 + grad * (1 - self._beta1))
        v = self._moved(self.get_slot(var, "v"), tf.maximum(self.get_slot(var, "v") * self._beta2, tf.abs(grad)))
        return tf.assign_sub(var, self._rate / (1 - power) * m / (v + self._epsilon))

    def _finish(self, update_ops: Any, name_scope: Any) -> Any:
        with tf.control_dependencies(update_ops):
            power = self._get_non_slot_variable("beta1_power", tf.get_default_graph())
            return tf.group(*update_ops, tf.assign(power, power * self._beta1), name=name_scope)


class NadamOptimizer(tf.train.AdamOptimizer):
    """Adam with Nesterov momentum (Dozat, 2015), as `tf.contrib.opt` wrote it."""

    def __init__(self, learning_rate: Any = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
                 use_locking: bool = False, name: str = "Nadam"):  # fmt: skip
        super().__init__(learning_rate, beta1, beta2, epsilon, use_locking, name)
        self._settings = learning_rate, beta1, beta2, epsilon

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        rate, b1, b2, epsilon = self._settings
        rate = rate() if callable(rate) else rate
        p1, p2 = self._get_beta_accumulators()
        m_slot, v_slot = self.get_slot(var, "m"), self.get_slot(var, "v")
        step = rate * tf.sqrt(1 - p2) / (1 - p1)
        m = tf.assign(m_slot, m_slot * b1 + grad * (1 - b1))
        v = tf.assign(v_slot, v_slot * b2 + tf.square(grad) * (1 - b2))
        return tf.assign_sub(var, step * (m * b1 + grad * (1 - b1)) / (tf.sqrt(v) + epsilon))

    def _apply_sparse_duplicate_indices(self, grad: Any, var: Any) -> Any:
        return self._apply_dense(tf.convert_to_tensor(grad), var)


class LazyAdamOptimizer(tf.train.AdamOptimizer):
    """Adam whose moments move only in the rows that a sparse gradient names."""

    def _apply_sparse_duplicate_indices(self, grad: Any, var: Any) -> Any:
        rows, index = tf.unique(grad.indices)
        values = tf.unsorted_segment_sum(grad.values, index, tf.size(rows))
        p1, p2 = self._get_beta_accumulators()
        rate, b1, b2, epsilon = self._lr, self._beta1, self._beta2, self._epsilon
        m_slot, v_slot = self.get_slot(var, "m"), self.get_slot(var, "v")
        m = b1 * tf.gather(m_slot, rows) + (1 - b1) * values
        v = b2 * tf.gather(v_slot, rows) + (1 - b2) * tf.square(values)
        step = rate * tf.sqrt(1 - p2) / (1 - p1)
        return tf.group(
            tf.scatter_update(m_slot, rows, m), tf.scatter_update(v_slot, rows, v),
            tf.scatter_sub(var, rows, step * m / (tf.sqrt(v) + epsilon)),
        )  # fmt: skip


class DecoupledWeightDecayExtension:
    """Mix-in: weights shrink by `weight_decay` of themselves at each step, beside the gradient (Loshchilov and Hutter, 2019)."""

    def __init__(self, weight_decay: Any, **kwargs: Any):
        self._decay_var_list: Any = None
        self._weight_decay = weight_decay
        super().__init__(**kwargs)

    def minimize(
        self, loss: Any, global_step: Any = None, var_list: Any = None, *args: Any, decay_var_list: Any = None, **kwargs: Any
    ) -> Any:
        self._decay_var_list = None if decay_var_list is None else {v.ref() for v in decay_var_list}
        return super().minimize(loss, global_step, var_list, *args, **kwargs)  # type: ignore[misc]

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: Any = None, decay_var_list: Any = None) -> Any:
        if decay_var_list is not None:
            self._decay_var_list = {v.ref() for v in decay_var_list}
        return super().apply_gradients(grads_and_vars, global_step, name)  # type: ignore[misc]

    def _decayed(self, var: Any) -> list[Any]:
        if self._decay_var_list is not None and var.ref() not in self._decay_var_list:
            return []
        decay = self._weight_decay() if callable(self._weight_decay) else self._weight_decay
        return [tf.assign_sub(var, decay * var)]

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        with tf.control_dependencies(self._decayed(var)):
            return super()._apply_dense(grad, var)  # type: ignore[misc]

    def _apply_sparse_duplicate_indices(self, grad: Any, var: Any) -> Any:
        with tf.control_dependencies(self._decayed(var)):
            return super()._apply_sparse_duplicate_indices(grad, var)  # type: ignore[misc]


def extend_with_decoupled_weight_decay(base_optimizer: type) -> type:
    """A class as `base_optimizer`, with decoupled weight decay."""
    return type(f"{base_optimizer.__name__}WithDecoupledWeightDecay", (DecoupledWeightDecayExtension, base_optimizer), {})


class AdamWOptimizer(DecoupledWeightDecayExtension, tf.train.AdamOptimizer):
    """Adam with decoupled weight decay."""

    def __init__(self, weight_decay: Any, learning_rate: Any = 0.001, beta1: float = 0.9, beta2: float = 0.999,
                 epsilon: float = 1e-8, use_locking: bool = False, name: str = "AdamW"):  # fmt: skip
        super().__init__(weight_decay, learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon,
                         use_locking=use_locking, name=name)  # fmt: skip


class MomentumWOptimizer(DecoupledWeightDecayExtension, tf.train.MomentumOptimizer):
    """Momentum with decoupled weight decay."""

    def __init__(self, weight_decay: Any, learning_rate: Any, momentum: Any, use_locking: bool = False, name: str = "MomentumW",
                 use_nesterov: bool = False):  # fmt: skip
        super().__init__(weight_decay, learning_rate=learning_rate, momentum=momentum, use_locking=use_locking, name=name,
                         use_nesterov=use_nesterov)  # fmt: skip


class _SignOptimizer(_Composed):
    """A step in the direction of the sign of something."""

    _base: float
    _decay: Any

    def __init__(self, learning_rate: Any, base: float, beta: float, sign_decay_fn: Any, use_locking: bool, name: str):
        super().__init__(learning_rate, use_locking, name)
        self._base, self._beta, self._decay = base, beta, sign_decay_fn

    def _create_slots(self, var_list: Any) -> None:
        for v in var_list:
            self._zeros_slot(v, "m", self._name)

    def _agreement(self, grad: Any, var: Any) -> Any:
        slot = self.get_slot(var, "m")
        m = tf.assign(slot, slot * self._beta + grad * (1 - self._beta))
        agreed = tf.sign(grad) * tf.sign(m)
        return agreed if self._decay is None else self._decay(tf.train.get_global_step()) * agreed


class AddSignOptimizer(_SignOptimizer):
    """`(alpha + agreement of signs) * g` (Bello et al., 2017)."""

    def __init__(self, learning_rate: Any = 0.1, alpha: float = 1.0, beta: float = 0.9, sign_decay_fn: Any = None,
                 use_locking: bool = False, name: str = "AddSignOptimizer"):  # fmt: skip
        super().__init__(learning_rate, alpha, beta, sign_decay_fn, use_locking, name)

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        return tf.assign_sub(var, self._rate * (self._base + self._agreement(grad, var)) * grad)


class PowerSignOptimizer(_SignOptimizer):
    """`base ** (agreement of signs) * g` (Bello et al., 2017)."""

    def __init__(self, learning_rate: Any = 0.1, base: float = float(np.e), beta: float = 0.9, sign_decay_fn: Any = None,
                 use_locking: bool = False, name: str = "PowerSignOptimizer"):  # fmt: skip
        super().__init__(learning_rate, base, beta, sign_decay_fn, use_locking, name)

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        return tf.assign_sub(var, self._rate * tf.pow(tf.constant(self._base, tf.float32), self._agreement(grad, var)) * grad)


class MovingAverageOptimizer:
    """An optimizer that keeps moving averages of the variables it trains; `swapping_saver` saves these in their place."""

    def __init__(self, opt: Any, average_decay: float = 0.9999, num_updates: Any = None, sequential_update: bool = True):
        self._optimizer = opt
        self._ema = tf.train.ExponentialMovingAverage(average_decay, num_updates=num_updates)
        self._swapped: dict[str, Any] | None = None

    def compute_gradients(self, *args: Any, **kwargs: Any) -> Any:
        return self._optimizer.compute_gradients(*args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: Any = None) -> Any:
        pairs = list(grads_and_vars)
        step = self._optimizer.apply_gradients(pairs, global_step=global_step, name=name)
        variables = [v for g, v in pairs if g is not None]
        with tf.control_dependencies([step]):
            moved = self._ema.apply(variables)
        self._swapped = {v.op.name: self._ema.average(v) for v in variables}
        return tf.group(step, moved, name="train_with_avg")

    def minimize(self, loss: Any, global_step: Any = None, var_list: Any = None, name: Any = None) -> Any:
        return self.apply_gradients(self.compute_gradients(loss, var_list), global_step, name)

    def swapping_saver(self, var_list: Any = None, name: str = "swapping_saver", **kwargs: Any) -> Any:
        """A Saver that writes the averages under the variables' names. Raises RuntimeError before `apply_gradients`."""
        if self._swapped is None:
            raise RuntimeError("Must call apply_gradients or minimize before creating the swapping_saver")
        named = {v.op.name: v for v in (var_list or tf.global_variables())}
        return tf.train.Saver({k: self._swapped.get(k, v) for k, v in named.items()}, name=name, **kwargs)


class ScipyOptimizerInterface:
    """Minimises a loss by an optimizer of SciPy's: `ScipyOptimizerInterface(loss, method="L-BFGS-B").minimize(session)`."""

    def __init__(self, loss: Any, var_list: Any = None, equalities: Any = None, inequalities: Any = None, var_to_bounds: Any = None,
                 **optimizer_kwargs: Any):  # fmt: skip
        self._loss = loss
        self._vars = list(tf.trainable_variables() if var_list is None else var_list)
        self._equalities, self._inequalities = list(equalities or []), list(inequalities or [])
        self._bounds = var_to_bounds
        self._sizes = [int(np.prod(v.shape.as_list())) for v in self._vars]
        self._gradient = self._flat_gradient(loss)
        self._constraint_gradients = [self._flat_gradient(c) for c in [*self._equalities, *self._inequalities]]
        self._given = [tf.placeholder(v.dtype.base_dtype, v.shape) for v in self._vars]
        self._assign = tf.group(*[tf.assign(v, p) for v, p in zip(self._vars, self._given)])
        self.optimizer_kwargs = optimizer_kwargs

    def _flat_gradient(self, y: Any) -> Any:
        found = tf.gradients(y, self._vars)
        return tf.concat([tf.reshape(tf.zeros_like(v) if g is None else tf.convert_to_tensor(g), [-1])
                          for g, v in zip(found, self._vars)], 0)  # fmt: skip

    def _set(self, session: Any, x: np.ndarray) -> None:
        parts = np.split(x, np.cumsum(self._sizes)[:-1])
        session.run(self._assign, {p: part.reshape(v.shape.as_list()) for p, part, v in zip(self._given, parts, self._vars)})

    def minimize(self, session: Any = None, feed_dict: Any = None, fetches: Any = None, step_callback: Any = None,
                 loss_callback: Any = None, **run_kwargs: Any) -> None:  # fmt: skip
        """Set the variables to where the loss is least. `loss_callback` is given what `fetches` are at each evaluation."""
        import scipy.optimize

        session = session or tf.get_default_session()
        fetches = list(fetches or [])
        start = np.concatenate([np.ravel(v) for v in session.run(self._vars, feed_dict)]).astype(np.float64)

        def value(loss: Any, gradient: Any, noted: bool) -> Any:
            def both(x: np.ndarray) -> Any:
                self._set(session, x)
                out = session.run([loss, gradient, *(fetches if noted else [])], feed_dict)
                if noted and loss_callback is not None:
                    loss_callback(*out[2:])
                return np.float64(out[0]), np.asarray(out[1], np.float64)

            return both

        settings = {"method": "L-BFGS-B", **self.optimizer_kwargs}
        constraints: list[dict[str, Any]] = []
        for c, g in zip([*self._equalities, *self._inequalities], self._constraint_gradients):
            both = value(c, g, False)
            kind = "eq" if len(constraints) < len(self._equalities) else "ineq"
            constraints.append({"type": kind, "fun": lambda x, f=both: f(x)[0], "jac": lambda x, f=both: f(x)[1]})
        if constraints:
            settings["constraints"] = constraints
            settings["method"] = self.optimizer_kwargs.get("method", "SLSQP")
        if self._bounds:
            settings["bounds"] = self._flat_bounds()
        done = scipy.optimize.minimize(value(self._loss, self._gradient, True), start, jac=True, callback=step_callback, **settings)
        self._set(session, done.x)

    def _flat_bounds(self) -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = []
        for v in self._vars:
            low, high = self._bounds.get(v, (-np.inf, np.inf))
            shape = v.shape.as_list()
            found += list(zip(np.broadcast_to(low, shape).ravel(), np.broadcast_to(high, shape).ravel()))
        return found


class VariableClippingOptimizer:
    """An optimizer that shortens rows of variables to `max_norm` after each step. `vars_to_clip_dims` maps variable to axes."""

    def __init__(self, opt: Any, vars_to_clip_dims: dict[Any, Any], max_norm: float, use_locking: bool = False,
                 colocate_clip_ops_with_vars: bool = False, name: str = "VariableClipping"):  # fmt: skip
        self._opt, self._dims, self._max = opt, {v.ref(): d for v, d in vars_to_clip_dims.items()}, max_norm

    def compute_gradients(self, *args: Any, **kwargs: Any) -> Any:
        return self._opt.compute_gradients(*args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: Any = None) -> Any:
        pairs = list(grads_and_vars)
        with tf.control_dependencies([self._opt.apply_gradients(pairs, global_step=global_step)]):
            clips = [tf.assign(v, tf.clip_by_norm(v.read_value(), self._max, axes=self._dims[v.ref()]))
                     for g, v in pairs if g is not None and v.ref() in self._dims]  # fmt: skip
        return tf.group(*clips, name=name)

    minimize: Callable[..., Any] = MovingAverageOptimizer.minimize

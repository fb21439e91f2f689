"""`tf.layers.batch_normalization`.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/layers/batch_normalization
"""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.initializers import ones_initializer, zeros_initializer
from thalweg.compat.v1.layers.base import Layer, known_size
from thalweg.compat.v1.train.moving_averages import assign_moving_average
from thalweg.engine.core import convert, dtypes
from thalweg.engine.ops import moments as norms
from thalweg.engine.ops.comparison import where
from thalweg.engine.ops.shaping import cast, reshape, size
from thalweg.engine.ops.static import get_static_value


class BatchNormalization(Layer):
    """Normalises each channel: by the batch's statistics while training, by their moving averages otherwise.

    The averages move by operations in the collection UPDATE_OPS, which a training step must run too. As TensorFlow's fused
    kernel, images' variance is corrected (n / (n - 1)) before it goes into the moving average.
    """

    def __init__(
        self, axis: Any = -1, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
        beta_initializer: Any = None, gamma_initializer: Any = None, moving_mean_initializer: Any = None,
        moving_variance_initializer: Any = None, beta_regularizer: Any = None, gamma_regularizer: Any = None,
        beta_constraint: Any = None, gamma_constraint: Any = None, renorm: bool = False, renorm_clipping: Any = None,
        renorm_momentum: float = 0.99, fused: Any = None, trainable: bool = True, virtual_batch_size: Any = None,
        adjustment: Any = None, name: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(trainable, name, **kwargs)
        if renorm or virtual_batch_size is not None or adjustment is not None:
            raise ValueError("batch_normalization works without renorm, virtual_batch_size and adjustment: leave these out.")
        self.axis, self.momentum, self.epsilon, self.center, self.scale, self.fused = axis, momentum, epsilon, center, scale, fused
        self._beta = beta_initializer or zeros_initializer(), beta_regularizer, beta_constraint
        self._gamma = gamma_initializer or ones_initializer(), gamma_regularizer, gamma_constraint
        self.moving_mean_initializer = moving_mean_initializer or zeros_initializer()
        self.moving_variance_initializer = moving_variance_initializer or ones_initializer()
        self.gamma = self.beta = self.moving_mean = self.moving_variance = None

    def build(self, input_shape: Any) -> None:
        if not input_shape.rank:
            raise ValueError(f"Input has undefined rank: {input_shape}. Give the placeholder a shape.")
        axis = self.axis[0] if isinstance(self.axis, (list, tuple)) else self.axis
        self._axis = axis % input_shape.rank
        self._corrects = self.fused is not False and input_shape.rank == 4
        shape = [known_size(input_shape, self._axis, "channel dimension")]
        dtype = dtypes.as_dtype(self._dtype)
        if dtype in (dtypes.float16, dtypes.bfloat16):
            dtype = dtypes.float32
        if self.scale:
            self.gamma = self._weight("gamma", shape, dtype, *self._gamma)
        if self.center:
            self.beta = self._weight("beta", shape, dtype, *self._beta)
        self.moving_mean = self._weight("moving_mean", shape, dtype, self.moving_mean_initializer, trainable=False)
        self.moving_variance = self._weight("moving_variance", shape, dtype, self.moving_variance_initializer, trainable=False)

    def _weight(
        self, name: str, shape: Any, dtype: Any, initializer: Any, regularizer: Any = None, constraint: Any = None,
        trainable: bool = True,
    ) -> Any:  # fmt: skip
        return self.add_weight(
            name, shape, dtype, initializer=initializer, regularizer=regularizer, constraint=constraint, trainable=trainable
        )

    def call(self, inputs: Any, training: Any = False) -> Any:
        known = training if isinstance(training, (bool, int)) else get_static_value(training)
        x = cast(inputs, self.moving_mean.dtype.base_dtype)
        if known is not None and not known:
            mean, variance = self.moving_mean._read(), self.moving_variance._read()
        else:
            mean, variance = norms.moments(x, [i for i in range(x.shape.rank) if i != self._axis])
            self._update(x, mean, variance, None if known else training)
            if not known:
                mean = where(training, mean, self.moving_mean)
                variance = where(training, variance, self.moving_variance)
        mean, variance, offset, scale = (self._spread(v, x) for v in (mean, variance, self.beta, self.gamma))
        y = cast(norms.batch_normalization(x, mean, variance, offset, scale, self.epsilon), inputs.dtype)
        y.set_shape(inputs.shape)
        return y

    def _update(self, x: Any, mean: Any, variance: Any, training: Any) -> None:
        """Let the moving averages follow; where it is not known yet whether this is training, by nothing if it is not."""
        if self._corrects:
            count = cast(size(x) // size(mean), variance.dtype)
            variance = variance * (count / (count - 1.0))
        momentum = self.momentum if training is None else where(training, convert.convert_to_tensor(self.momentum), 1.0)
        for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            self.add_update(assign_moving_average(average, value, momentum, zero_debias=False))

    def _spread(self, v: Any, x: Any) -> Any:
        """A vector over channels in the shape that broadcasts against the inputs."""
        if v is None or self._axis == x.shape.rank - 1:
            return v
        return reshape(v, [-1 if i == self._axis else 1 for i in range(x.shape.rank)])


def batch_normalization(
    inputs: Any, axis: Any = -1, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
    beta_initializer: Any = None, gamma_initializer: Any = None, moving_mean_initializer: Any = None,
    moving_variance_initializer: Any = None, beta_regularizer: Any = None, gamma_regularizer: Any = None,
    beta_constraint: Any = None,
    gamma_constraint: Any = None, training: Any = False, trainable: bool = True, name: Any = None, reuse: Any = None,
    renorm: bool = False, renorm_clipping: Any = None, renorm_momentum: float = 0.99, fused: Any = None,
    virtual_batch_size: Any = None, adjustment: Any = None,
) -> Any:  # fmt: skip
    """Normalises each channel: by the batch's statistics while `training` (a bool or bool tensor), else by moving averages.

    The averages move by the operations of `tf.get_collection(tf.GraphKeys.UPDATE_OPS)`: run them with the training step.
    """
    layer = BatchNormalization(
        axis, momentum, epsilon, center, scale, beta_initializer, gamma_initializer, moving_mean_initializer,
        moving_variance_initializer, beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint, renorm,
        renorm_clipping,
        renorm_momentum, fused, trainable, virtual_batch_size, adjustment, name, _reuse=reuse, _scope=name,
    )  # fmt: skip
    return layer(inputs, training=training)


batch_norm = batch_normalization

__all__ = ["BatchNormalization", "batch_norm", "batch_normalization"]

"""Normalisation of `tf.contrib.layers`: by batch, by example, by image and channel, by groups of channels."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf
from thalweg.contrib.framework.arguments import add_arg_scope
from thalweg.contrib.layers.collecting import collect, collections_of, named_output, renaming

_KINDS = "beta", "gamma", "moving_mean", "moving_variance"


@add_arg_scope
def batch_norm(
    inputs: Any, decay: float = 0.999, center: bool = True, scale: bool = False, epsilon: float = 0.001, activation_fn: Any = None,
    param_initializers: Any = None, param_regularizers: Any = None, updates_collections: Any = tf.GraphKeys.UPDATE_OPS,
    is_training: Any = True, reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None,
    trainable: bool = True, batch_weights: Any = None, fused: Any = None, data_format: str = "NHWC",
    zero_debias_moving_mean: bool = False, scope: Any = None, renorm: bool = False, renorm_clipping: Any = None,
    renorm_decay: float = 0.99, adjustment: Any = None,
) -> Any:  # fmt: skip
    """Each channel normalised by the batch while `is_training`, by moving averages otherwise (Ioffe and Szegedy, 2015).

    With `updates_collections=None` the averages move as the outputs are computed; else by the operations of that collection.
    Raises ValueError for weights of the batch, renormalisation and a debiased mean, which are not offered.
    """
    if batch_weights is not None or renorm or adjustment is not None or zero_debias_moving_mean:
        raise ValueError("batch_norm works without batch_weights, renorm, adjustment and zero_debias_moving_mean: leave these out.")
    initializers, regularizers = param_initializers or {}, param_regularizers or {}
    with tf.variable_scope(scope, "BatchNorm", [inputs], reuse=reuse, custom_getter=renaming({})) as sc:
        inputs = tf.convert_to_tensor(inputs)
        before = list(tf.get_collection_ref(tf.GraphKeys.UPDATE_OPS))
        layer = tf.layers.BatchNormalization(
            axis=1 if data_format.startswith("NC") else -1, momentum=decay, epsilon=epsilon, center=center, scale=scale,
            beta_initializer=initializers.get("beta"), gamma_initializer=initializers.get("gamma"),
            moving_mean_initializer=initializers.get("moving_mean"),
            moving_variance_initializer=initializers.get("moving_variance"), beta_regularizer=regularizers.get("beta"),
            gamma_regularizer=regularizers.get("gamma"), trainable=trainable, fused=fused, name=sc.name, _scope=sc, _reuse=reuse,
        )  # fmt: skip
        outputs = layer(inputs, training=is_training)
        tf.get_collection_ref(tf.GraphKeys.UPDATE_OPS)[:] = before
        for kind in _KINDS:
            collect(getattr(layer, kind), variables_collections, kind)
        if updates_collections is None:
            with tf.control_dependencies(layer.updates):
                outputs = tf.identity(outputs)
        else:
            for key in [updates_collections] if isinstance(updates_collections, str) else updates_collections:
                for update in layer.updates:
                    tf.add_to_collection(key, update)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return named_output(outputs_collections, sc.name, outputs)


def _scaling(shape: Any, dtype: Any, center: bool, scale: bool, trainable: bool, collections: Any,
             initializers: Any = None, regularizers: Any = None) -> tuple[Any, Any]:  # fmt: skip
    """The variables `beta` and `gamma`, where wanted."""
    made: list[Any] = []
    for wanted, name, initializer in ((center, "beta", tf.zeros_initializer()), (scale, "gamma", tf.ones_initializer())):
        variable = None
        if wanted:
            variable = tf.get_variable(
                name, shape, dtype, (initializers or {}).get(name, initializer), (regularizers or {}).get(name), trainable
            )
            collect(variable, collections_of(collections, name), name)
        made.append(variable)
    return made[0], made[1]


@add_arg_scope
def layer_norm(
    inputs: Any, center: bool = True, scale: bool = True, activation_fn: Any = None, reuse: Any = None,
    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, begin_norm_axis: int = 1,
    begin_params_axis: int = -1, scope: Any = None,
) -> Any:  # fmt: skip
    """Each example normalised over its axes from `begin_norm_axis` on (Ba et al., 2016)."""
    with tf.variable_scope(scope, "LayerNorm", [inputs], reuse=reuse, custom_getter=renaming({})) as sc:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if rank is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank.")
        shape = inputs.shape.as_list()[begin_params_axis % rank :]
        if None in shape:
            raise ValueError(f"Inputs {inputs.name}: shape({inputs.shape[begin_params_axis % rank :]}) is not fully defined.")
        beta, gamma = _scaling(shape, inputs.dtype.base_dtype, center, scale, trainable, variables_collections)
        mean, variance = tf.nn.moments(inputs, list(range(begin_norm_axis % rank, rank)), keep_dims=True)
        epsilon = 1e-3 if inputs.dtype is tf.float16 else 1e-12
        outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)
        outputs.set_shape(inputs.shape)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return named_output(outputs_collections, sc.name, outputs)


@add_arg_scope
def instance_norm(
    inputs: Any, center: bool = True, scale: bool = True, epsilon: float = 1e-6, activation_fn: Any = None,
    param_initializers: Any = None, reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None,
    trainable: bool = True, data_format: str = "NHWC", scope: Any = None,
) -> Any:  # fmt: skip
    """Each channel of each image normalised by itself (Ulyanov et al., 2016)."""
    with tf.variable_scope(scope, "InstanceNorm", [inputs], reuse=reuse, custom_getter=renaming({})) as sc:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        axis = 1 if data_format.startswith("NC") else rank - 1
        channels = inputs.shape.as_list()[axis]
        beta, gamma = _scaling(
            [channels], inputs.dtype.base_dtype, center, scale, trainable, variables_collections, param_initializers
        )
        spread = [channels if i == axis else 1 for i in range(rank)]
        beta, gamma = (None if v is None else tf.reshape(v, spread) for v in (beta, gamma))
        mean, variance = tf.nn.moments(inputs, [i for i in range(1, rank) if i != axis], keep_dims=True)
        outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)
        outputs.set_shape(inputs.shape)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return named_output(outputs_collections, sc.name, outputs)


@add_arg_scope
def group_norm(
    inputs: Any, groups: int = 32, channels_axis: int = -1, reduction_axes: Any = (-3, -2), center: bool = True, scale: bool = True,
    epsilon: float = 1e-6, activation_fn: Any = None, param_initializers: Any = None, reuse: Any = None,
    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, scope: Any = None,
    mean_close_to_zero: bool = False,
) -> Any:  # fmt: skip
    """Groups of channels normalised together (Wu and He, 2018). Raises ValueError if the channels do not divide into them."""
    with tf.variable_scope(scope, "GroupNorm", [inputs], reuse=reuse, custom_getter=renaming({})) as sc:
        inputs = tf.convert_to_tensor(inputs)
        sizes = inputs.shape.as_list()
        rank, axis = len(sizes), channels_axis % len(sizes)
        channels = sizes[axis]
        if channels % groups:
            raise ValueError(f"{channels} channels is not commensurate with {groups} groups.")
        if axis in {a % rank for a in reduction_axes}:
            raise ValueError("reduction_axes and channels_axis must be disjoint.")
        beta, gamma = _scaling(
            [channels], inputs.dtype.base_dtype, center, scale, trainable, variables_collections, param_initializers
        )
        whole = tf.shape(inputs)
        grouped = tf.reshape(inputs, tf.concat([whole[:axis], [groups, channels // groups], whole[axis + 1 :]], 0))
        axes = [a % rank + (a % rank > axis) for a in reduction_axes] + [axis + 1]
        mean, variance = tf.nn.moments(grouped, axes, keep_dims=True)
        spread = [1] * axis + [groups, channels // groups] + [1] * (rank - axis - 1)
        beta, gamma = (None if v is None else tf.reshape(v, spread) for v in (beta, gamma))
        outputs = tf.reshape(tf.nn.batch_normalization(grouped, mean, variance, beta, gamma, epsilon), whole)
        outputs.set_shape(inputs.shape)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return named_output(outputs_collections, sc.name, outputs)

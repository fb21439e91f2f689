"""Layers around another layer: at every step, in both directions, with normalized weights."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras import initializers
from thalweg.keras.engine import calls
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import Shape, as_shape
from thalweg.keras.layers.recurrent.rnn import build_inner
from thalweg.keras.saving import registration


class Wrapper(Layer):
    """The base of layers that wrap one: `self.layer`. Source: `tf.keras.layers.Wrapper`."""

    def __init__(self, layer: Any, **kwargs: Any):
        if not isinstance(layer, Layer):
            raise ValueError(f"{type(self).__name__} wraps a layer, but it was given {layer!r}.")
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        build_inner(self.layer, input_shape)
        self.built = True

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": registration.serialize_keras_object(self.layer)}

    def _has_no_config(self) -> bool:
        return False

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        return cls(registration.deserialize_keras_object(config.pop("layer"), custom_objects), **config)


class TimeDistributed(Wrapper):
    """A layer applied to every step of `[batch, time, ...]`. Source: `tf.keras.layers.TimeDistributed`.

    >>> tf.keras.layers.TimeDistributed(tf.keras.layers.Dense(4))(tf.zeros([2, 3, 5])).shape
    TensorShape([2, 3, 4])
    """

    def __init__(self, layer: Any, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def _of_step(self, input_shape: Any) -> Shape:
        shape = as_shape(input_shape)
        if len(shape) < 3:
            raise ValueError(
                "`TimeDistributed` Layer should be passed an `input_shape` with at least 3 dimensions, received: "
                f"{tuple(shape)}"
            )
        return shape[:1] + shape[2:]

    def build(self, input_shape: Any) -> None:
        super().build(self._of_step(input_shape))

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        signature = calls.signature_of(type(self.layer).call)
        extra: dict[str, Any] = {"training": training} if signature.takes_training else {}
        if mask is not None and tuple(mask.shape[:2]) != tuple(inputs.shape[:2]) and mask.shape.is_fully_defined() and (
            inputs.shape.is_fully_defined()
        ):
            raise ValueError(
                f"The `mask` passed to the `TimeDistributed` layer has a shape {tuple(mask.shape)} that is incompatible "
                f"with the input shape {tuple(inputs.shape)}."
            )
        if mask is not None and signature.takes_mask:
            extra["mask"] = _folded(mask)
        # Every step is a row: one call does them all.
        y = self.layer(_folded(inputs), **extra)
        batch, time = _sizes(inputs)
        return tf.nest.map_structure(lambda t: _unfolded(t, batch, time, inputs.shape), y)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        inner = self.layer.compute_output_shape(self._of_step(shape))
        return inner[:1] + (shape[1],) + as_shape(inner[1:])


def _sizes(x: Any) -> tuple[Any, Any]:
    """Batch and time, at most one of them to be worked out (-1)."""
    batch, time = x.shape[0], x.shape[1]
    if batch is None:
        batch = -1 if time is not None else tf.shape(x)[0]
    return batch, tf.shape(x)[1] if time is None else time


def _folded(x: Any) -> Any:
    """`[batch, time, ...]` as `[batch * time, ...]`."""
    rest = [tf.shape(x)[i] if n is None else n for i, n in enumerate(x.shape)][2:]
    count = x.shape[0] * x.shape[1] if None not in tuple(x.shape[:2]) else -1
    return tf.reshape(x, [count, *rest])


def _unfolded(y: Any, batch: Any, time: Any, shape: Any) -> Any:
    rest = [tf.shape(y)[i] if n is None else n for i, n in enumerate(y.shape)][1:]
    y = tf.reshape(y, [batch, time, *rest])
    if not tf.executing_eagerly():
        y.set_shape([shape[0], shape[1], *y.shape[2:]])
    return y


class Bidirectional(Wrapper):
    """A recurrent layer from the first step to the last, and another from the last to the first.

    merge_mode: how outputs are put together: 'concat', 'sum', 'mul', 'ave', or None for both. backward_layer: the other
    layer; by default a copy. Source: `tf.keras.layers.Bidirectional`.

    >>> layer = tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(4, return_sequences=True))
    >>> layer(tf.zeros([2, 3, 5])).shape
    TensorShape([2, 3, 8])
    """

    def __init__(
        self, layer: Any, merge_mode: str | None = "concat", weights: Any = None, backward_layer: Any = None, **kwargs: Any
    ):
        if merge_mode not in ("sum", "mul", "ave", "concat", None):
            raise ValueError(
                f"Invalid merge mode. Received: {merge_mode}. Merge mode should be one of 'sum', 'mul', 'ave', 'concat', None"
            )
        super().__init__(layer, **kwargs)
        del self.layer  # its copies take its place
        self.forward_layer = _copy(layer, "forward")
        self.backward_layer = backward_layer or _copy(layer, "backward", go_backwards=not layer.go_backwards)
        self._backward_layer_given = backward_layer is not None
        self._check_pair()
        for one in (self.forward_layer, self.backward_layer):
            if hasattr(one, "zero_output_for_mask"):
                one.zero_output_for_mask = one.return_sequences
        if weights:
            half = len(weights) // 2
            self.forward_layer.__dict__["_initial_weights"] = weights[:half]
            self.backward_layer.__dict__["_initial_weights"] = weights[half:]
        self.merge_mode = merge_mode
        self.stateful, self.return_sequences, self.return_state = layer.stateful, layer.return_sequences, layer.return_state
        self.supports_masking = True
        self.input_spec = layer.input_spec

    @property
    def go_backwards(self) -> bool:
        return self.forward_layer.go_backwards

    def _check_pair(self) -> None:
        one, other = self.forward_layer, self.backward_layer
        if one.go_backwards == other.go_backwards:
            raise ValueError(
                "Forward layer and backward layer should have different `go_backwards` value. Received: "
                f"forward_layer.go_backwards {one.go_backwards}, backward_layer.go_backwards={other.go_backwards}"
            )
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(one, name) != getattr(other, name):
                raise ValueError(
                    f'Forward layer and backward layer are expected to have the same value for attribute "{name}", got '
                    f'"{getattr(one, name)}" for forward layer and "{getattr(other, name)}" for backward layer'
                )

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        for layer in (self.forward_layer, self.backward_layer):
            build_inner(layer, sequences_shape)
            layer._set_initial_weights()
        self.built = True

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = None) -> Any:
        states: list[Any] = [None, None]
        if initial_state is not None:
            half = len(initial_state) // 2
            states = [list(initial_state[:half]), list(initial_state[half:])]
        pair = (self.forward_layer, self.backward_layer)
        ys = []
        for layer, state in zip(pair, states):
            signature = calls.signature_of(type(layer).call)
            extra: dict[str, Any] = {"training": training} if signature.takes_training else {}
            if mask is not None and signature.takes_mask:
                extra["mask"] = mask
            ys.append(layer(sequences, **({} if state is None else {"initial_state": state}), **extra))
        one, other = ys
        after: tuple[Any, ...] = ()
        if self.return_state:
            after = (*one[1:], *other[1:])
            one, other = one[0], other[0]
        if self.return_sequences:
            other = tf.reverse(other, [0 if getattr(self.forward_layer, "time_major", False) else 1])
        y = self._merged(one, other)
        if not self.return_state:
            return y
        return (*y, *after) if isinstance(y, tuple) else (y, *after)

    def _merged(self, one: Any, other: Any) -> Any:
        match self.merge_mode:
            case "concat":
                return tf.concat([one, other], -1)
            case "sum":
                return one + other
            case "ave":
                return (one + other) / 2
            case "mul":
                return one * other
        return one, other

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:
        found = self.forward_layer.compute_output_shape(sequences_shape)
        states: tuple[Any, ...] = ()
        if self.return_state:
            found, states = found[0], tuple(found[1:])
        if self.merge_mode == "concat":
            found = found[:-1] + (found[-1] * 2,)
        outputs = (found, found) if self.merge_mode is None else (found,)
        return (*outputs, *states, *states) if self.return_state or self.merge_mode is None else found

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        found = mask if self.return_sequences else None
        outputs = [found, found] if self.merge_mode is None else [found]
        if self.return_state:
            return outputs + [None] * 2 * len(self.forward_layer.state_size)
        return outputs if self.merge_mode is None else found

    def reset_states(self) -> None:
        """Forget the states of both layers."""
        self.forward_layer.reset_states()
        self.backward_layer.reset_states()

    reset_state = reset_states

    def get_config(self) -> dict[str, Any]:
        config: dict[str, Any] = {"merge_mode": self.merge_mode}
        layer = registration.serialize_keras_object(self.forward_layer)
        layer.pop("build_config", None)
        layer["config"]["name"] = layer["config"]["name"].removeprefix("forward_")
        if self._backward_layer_given:
            config["backward_layer"] = registration.serialize_keras_object(self.backward_layer)
        return {**Layer.get_config(self), **config, "layer": layer}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        layers = {
            name: registration.deserialize_keras_object(config.pop(name), custom_objects)
            for name in ("layer", "backward_layer") if config.get(name) is not None
        }  # fmt: skip
        config.pop("num_constants", None)  # Keras 2's
        config.pop("backward_layer", None)
        return cls(**layers, **config)


def _unshared(config: Any) -> Any:
    """A config without the numbers of objects that a file shares: the copy has its own."""
    if isinstance(config, dict):
        return {name: _unshared(value) for name, value in config.items() if name != "shared_object_id"}
    return [_unshared(value) for value in config] if isinstance(config, list) else config


def _copy(layer: Any, prefix: str, **changes: Any) -> Any:
    """A layer of the same config, called after its direction. `layer` itself and its weights stay out of it."""
    config = _unshared({**layer.get_config(), **changes})
    config["name"] = f"{prefix}_{layer.name.removeprefix(prefix + '_')}"
    return type(layer).from_config(config)


class SpectralNormalization(Wrapper):
    """Divides the kernel of a layer by its largest singular value before each training step.

    power_iterations: how often the estimate of that value is refined each time. Source: Miyato et al., "Spectral
    normalization for generative adversarial networks" (2018); `tf.keras.layers.SpectralNormalization`.
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any):
        super().__init__(layer, **kwargs)
        if power_iterations <= 0:
            raise ValueError(
                "`power_iterations` should be greater than zero. Received: "
                f"`power_iterations={power_iterations}`"
            )
        self.power_iterations = power_iterations

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        kernel = getattr(self.layer, "kernel", None)
        kernel = getattr(self.layer, "embeddings", None) if kernel is None else kernel
        if kernel is None:
            raise ValueError(f"{type(self.layer).__name__} object has no attribute 'kernel' nor 'embeddings'")
        self.input_spec = InputSpec(min_ndim=1, axes={-1: as_shape(input_shape)[-1]})
        self.kernel = kernel
        self.vector_u = self.add_weight(
            name="vector_u", shape=(1, kernel.shape[-1]), initializer=initializers.TruncatedNormal(stddev=0.02),
            trainable=False, dtype=kernel.dtype,
        )  # fmt: skip
        self.built = True

    def call(self, inputs: Any, training: Any = False) -> Any:
        if training:
            self.normalize_weights()
        return tf.cast(self.layer(inputs), inputs.dtype) if inputs.dtype.is_floating else self.layer(inputs)

    def normalize_weights(self) -> None:
        """Bring the kernel to a spectral norm of 1, by the estimate so far. A kernel of zeros stays."""
        kernel = self.kernel.value()
        matrix = tf.reshape(kernel, [-1, kernel.shape[-1]])
        u = self.vector_u.value()
        for _ in range(self.power_iterations):
            v = tf.math.l2_normalize(tf.matmul(u, matrix, transpose_b=True))
            u = tf.math.l2_normalize(tf.matmul(v, matrix))
        u, v = tf.stop_gradient(u), tf.stop_gradient(v)
        sigma = tf.matmul(tf.matmul(v, matrix), u, transpose_b=True)[0, 0]
        some = tf.reduce_any(tf.not_equal(kernel, 0))
        self.vector_u.assign(tf.where(some, u, self.vector_u.value()))
        self.kernel.assign(tf.where(some, kernel / tf.where(some, sigma, tf.ones_like(sigma)), kernel))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power_iterations": self.power_iterations}

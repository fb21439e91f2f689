"""Small layers around a function: `Lambda`, `Activation`, `Masking`, `Identity`."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape, is_shape, map_shapes
from thalweg.keras.saving import registration

# What Keras 2 writes beside a function.
_KERAS_2_KEYS = frozenset({"function_type", "module", "output_shape_type", "output_shape_module"})


class Lambda(Layer):
    """A function as a layer.

    output_shape: where it cannot be found out, the shape without the batch, or a function of the input shape. mask: a
    mask, or a function of inputs and mask. arguments: further keyword arguments of the function. A file
    keeps the name of a registered function; a lambda must be given again when the file is read. Source: `tf.keras.layers.Lambda`.

    >>> tf.keras.layers.Lambda(lambda x: x ** 2)(tf.constant([3.0])).numpy()
    array([9.], dtype=float32)
    """

    def __init__(
        self, function: Callable[..., Any], output_shape: Any = None, mask: Any = None,
        arguments: dict[str, Any] | None = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(f"Lambda takes a function, but it was given {function!r}.")
        self.function, self.mask, self._output_shape = function, mask, output_shape
        self.arguments = dict(arguments or {})
        self.supports_masking = mask is not None
        parameters = inspect.signature(function).parameters if not isinstance(function, type) else {}
        self._passes = [name for name in ("mask", "training") if name in parameters]

    def call(self, inputs: Any, mask: Any = None, training: Any = None) -> Any:
        extra = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{name: extra[name] for name in self._passes})

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._output_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self._output_shape):
            return map_shapes(as_shape, self._output_shape(input_shape))
        batch = input_shape[0] if is_shape(input_shape) else input_shape[0][0]
        return map_shapes(lambda shape: as_shape((batch, *shape)), self._output_shape)

    def get_config(self) -> dict[str, Any]:
        settings = {"function": self.function, "output_shape": self._output_shape, "mask": self.mask}
        function: Any = self.function
        if getattr(function, "__name__", "") == "<lambda>":
            warnings.warn(
                f"Layer {self.name!r} holds a lambda, which files do not keep: whoever reads this one must give it, "
                f"custom_objects={{{self.name!r}: function}}. A named function (def) that is registered with "
                "register_keras_serializable is found by itself.",
                stacklevel=2,
            )
            function = {"class_name": "__lambda__", "config": {"layer": self.name}}
        return {
            **super().get_config(),
            "function": registration.serialize_keras_object(function),
            "arguments": registration.serialize_keras_object(self.arguments),
            **{
                name: registration.serialize_keras_object(settings[name])
                for name in ("output_shape", "mask")
                if settings[name] is not None
            },
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Lambda:
        config = {key: value for key, value in config.items() if key not in _KERAS_2_KEYS}
        given = registration.get_registered_object(config.get("name") or "")
        if given is not None:  # the caller says what the function is
            config["function"] = given
        elif isinstance(config.get("function"), (list, tuple)):  # Keras 2's form of bytecode
            config["function"] = {"class_name": "__lambda__", "config": {"code": config["function"][0]}}
        elif isinstance(config.get("function"), str):
            config["function"] = {"module": None, "class_name": "function", "config": config["function"]}
        names = ("function", "output_shape", "mask", "arguments")
        read = {
            name: registration.deserialize_keras_object(config[name])
            for name in names if name in config and not callable(config[name])
        }  # fmt: skip
        return cls(**{**config, **read})


class Activation(Layer):
    """An activation function as a layer.

    >>> tf.keras.layers.Activation("relu")(tf.constant([-1.0, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    _config_names = ("activation",)

    def __init__(self, activation: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True
        self._set(activation=activation)

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)


class Masking(Layer):
    """Marks as masked the steps whose features all are `mask_value`, and sets them to 0.

    inputs: `[batch, steps, features]`. Source: `tf.keras.layers.Masking`.
    """

    _config_names = ("mask_value",)

    def __init__(self, mask_value: float = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return tf.reduce_any(tf.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        seen = tf.reduce_any(tf.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        return tf.where(seen, inputs, tf.zeros_like(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)


class Identity(Layer):
    """Passes on what comes in."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def get_config(self) -> dict[str, Any]:
        return super().get_config()

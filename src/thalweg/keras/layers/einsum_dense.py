"""`EinsumDense`: a dense layer whose sums an equation describes."""

from __future__ import annotations

import re
from typing import Any

import thalweg as tf
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import Shape, as_shape
from thalweg.keras.initializers import VarianceScaling

_EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class EinsumDense(Layer):
    """`activation(einsum(equation, inputs, kernel) + bias)`.

    output_shape: without the batch; None for a dimension that the inputs give. bias_axes: the letters of the output that the
    bias has; None for no bias. Source: `tf.keras.layers.EinsumDense`.

    >>> layer = tf.keras.layers.EinsumDense("abc,cd->abd", output_shape=(None, 64), bias_axes="d")
    >>> layer(tf.zeros([2, 3, 5])).shape
    TensorShape([2, 3, 64])
    """

    _config_names = (
        "equation", "output_shape", "activation", "bias_axes", "kernel_initializer", "bias_initializer",
        "kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint",
    )  # fmt: skip

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        kwargs.pop("gptq_unpacked_column_size", None)
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.equation, self.bias_axes = equation, bias_axes
        self.supports_masking = True
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        found = _EQUATION.fullmatch(equation.replace(" ", ""))
        if found is None or bool(found[1]) != bool(found[5]) or bool(found[3]) != bool(found[7]) or (found[1] and found[3]):
            raise ValueError(
                f"Invalid einsum equation {equation!r}. Equations must be in the form [X],[Y]->[Z], ...[X],[Y]->...[Z], or "
                "[X]...,[Y]->[Z]...."
            )
        self._letters = found[2], found[4], found[6]
        self._rest_first, self._rest_last = bool(found[1]), bool(found[3])
        self._set(
            activation=activation, kernel_initializer=kernel_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )  # fmt: skip
        self.bias: Any = None

    @property
    def output_shape(self) -> Any:
        """The argument before the layer is called on symbolic tensors, what Keras says of any layer after."""
        return super().output_shape if self._inbound_nodes else self.partial_output_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_shape": self.partial_output_shape}

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        inputs, weights, outputs = self._letters
        of_output = self._sizes(outputs, self.compute_output_shape(shape))
        of_input = self._sizes(inputs, shape)
        self._check(of_input, of_output)
        sizes = [of_output[letter] if letter in of_output else of_input[letter] for letter in weights]
        if None in sizes:
            raise ValueError(
                f"The sizes of the kernel of {self.name!r}, {tuple(sizes)}, must all be known: give them in output_shape or in "
                f"the shape of the inputs, which is {tuple(shape)}."
            )
        out_axes = [i for i, letter in enumerate(weights) if letter in of_output]
        in_axes = [i for i, letter in enumerate(weights) if letter not in of_output]
        self.input_spec = InputSpec(ndim=len(shape))
        self.kernel = self.add_weight(
            name="kernel", shape=tuple(sizes), initializer=self._scaled(in_axes, out_axes),
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.bias = self._add("bias", self._bias_shape(of_output, len(shape))) if self.bias_axes is not None else None
        self.built = True

    def _check(self, of_input: dict[str, Any], of_output: dict[str, Any]) -> None:
        inputs, weights, outputs = self._letters
        for letter in outputs:
            if letter not in inputs and letter not in weights:
                raise ValueError(
                    f"Dimension {letter!r} was specified in the output {outputs!r} but has no corresponding dim in the input "
                    f"spec {inputs!r} or weight spec {weights!r}"
                )
            if letter in of_input and of_output[letter] not in (None, of_input[letter]):
                raise ValueError(
                    f"Input shape and output shape do not match at shared dimension {letter!r}. Input shape is "
                    f"{of_input[letter]}, and output shape is {of_output[letter]}."
                )
        for letter in weights:
            if letter not in inputs and letter not in outputs:
                raise ValueError(
                    f"Weight dimension {letter!r} did not have a match in either the input spec {inputs!r} or the output spec "
                    f"{outputs!r}. For this layer, the weight must be fully specified."
                )
        for letter in self.bias_axes or "":
            if letter not in outputs:
                raise ValueError(
                    f"Bias dimension {letter!r} was requested, but is not part of the output spec {outputs!r}"
                )

    def _sizes(self, letters: str, shape: Shape) -> dict[str, Any]:
        """The size that each letter stands for."""
        start = len(shape) - len(letters) if self._rest_first else 0
        return {letter: shape[start + i] for i, letter in enumerate(letters)}

    def _scaled(self, in_axes: list[int], out_axes: list[int]) -> Any:
        """The initializer, told which axes are inputs and which outputs."""
        initial = self.kernel_initializer
        if not isinstance(initial, VarianceScaling) or initial.input_axes is not None:
            return initial
        config = {**initial.get_config(), "seed": initial.seed, "input_axes": in_axes, "output_axes": out_axes}
        return type(initial).from_config(config)

    def _bias_shape(self, of_output: dict[str, Any], rank: int) -> list[Any]:
        outputs, axes = self._letters[2], self.bias_axes or ""
        first = min(outputs.find(letter) for letter in axes)
        shape = [of_output[letter] if letter in axes else 1 for letter in outputs[first:]]
        return shape + [1] * (rank - len(self._letters[0])) if self._rest_last else shape

    def call(self, inputs: Any, training: Any = None) -> Any:
        kernel = self.kernel.value()
        count = self._plain_axes()
        y = tf.einsum(self.equation, inputs, kernel) if count is None else tf.tensordot(inputs, kernel, count)
        if self.bias is not None:
            y = y + self.bias.value()
        return self.activation(y)

    def _plain_axes(self) -> int | None:
        """How many last axes are summed with as many first ones of the kernel, where that is all; None for other equations."""
        inputs, weights, outputs = self._letters
        if self._rest_last:
            return None
        for count in range(1, len(inputs) + 1):
            kept, summed = inputs[:-count], inputs[-count:]
            if weights.startswith(summed) and outputs == kept + weights[count:] and len(set(inputs + weights[count:])) == (
                len(inputs) + len(weights) - count
            ):
                return count
        return None

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        inputs, _, outputs = self._letters
        elided = len(shape) - len(inputs)
        found = [shape[0], *self.partial_output_shape]
        if elided > 0 and self._rest_first:
            found[1:1] = shape[1:elided]
        elif elided > 0:
            found += shape[len(shape) - elided :]
        of_input = self._sizes(inputs, shape)
        start = len(found) - len(outputs) if self._rest_first else 0
        for i, letter in enumerate(outputs):
            if found[start + i] is None and letter in of_input:
                found[start + i] = of_input[letter]
        return Shape(found)

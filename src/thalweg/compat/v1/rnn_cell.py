"""`tf.nn.rnn_cell`: one step of a recurrent network each.

A cell is called with inputs `[batch, n]` and a state, and gives the output and the new state.
Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/nn/rnn_cell
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from thalweg.compat.v1.initializers import constant_initializer, zeros_initializer
from thalweg.compat.v1.layers.base import Layer, activation_of, known_size
from thalweg.compat.v1.variable_scope import variable_scope
from thalweg.engine.core import nest
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.shape import Dimension, TensorShape
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.ops.activations import sigmoid
from thalweg.engine.ops.arrays import concat, split, stack
from thalweg.engine.ops.clip import clip_by_value
from thalweg.engine.ops.creation import zeros
from thalweg.engine.ops.dropout import dropout
from thalweg.engine.ops.matmul import matmul
from thalweg.engine.ops.static import get_static_value
from thalweg.engine.ops.trigonometry import tanh


class LSTMStateTuple(namedtuple("LSTMStateTuple", ("c", "h"))):
    """The state of an LSTM: the cell `c` and the output `h`."""

    __slots__ = ()

    @property
    def dtype(self) -> Any:
        """The dtype of both. Raises TypeError if they differ."""
        if self.c.dtype != self.h.dtype:
            raise TypeError(f"Inconsistent dtypes for internal state: {self.c.dtype} vs {self.h.dtype}")
        return self.c.dtype


class RNNCell(Layer):
    """Base of the cells: `call(inputs, state)` gives the output and the new state, of `output_size` and `state_size`."""

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        if scope is not None:
            with variable_scope(scope):
                return self._step(inputs, state)
        return self._step(inputs, state)

    def _step(self, inputs: Any, state: Any) -> Any:
        return super().__call__(inputs, state)

    @property
    def state_size(self) -> Any:
        raise NotImplementedError("A cell must define state_size: an integer, or a nest of them.")

    @property
    def output_size(self) -> Any:
        raise NotImplementedError("A cell must define output_size.")

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """A state of zeros for a batch."""
        with name_scope(type(self).__name__ + "ZeroState"):
            return nest.map_structure(lambda size: _zeros(batch_size, size, dtype), self.state_size)

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """A state of zeros for `inputs`, or for a batch size and dtype."""
        if inputs is not None:
            batch_size, dtype = size_of(inputs, 0), inputs.dtype
        return self.zero_state(batch_size, dtype)


def size_of(x: Any, axis: int) -> Any:
    """A size of a tensor: a number if it is known, else a tensor."""
    known = None if x.shape.rank is None else x.shape.as_list()[axis]
    return REGISTRY["Shape"](x)[axis] if known is None else known


def _zeros(batch_size: Any, size: Any, dtype: Any) -> Any:
    sizes = TensorShape(size).as_list() if not isinstance(size, int) else [size]
    batch_size = batch_size.value if isinstance(batch_size, Dimension) else batch_size  # as shapes have it in TensorFlow 1
    known = get_static_value(batch_size) if isinstance(batch_size, Tensor) else batch_size
    if known is not None:
        return zeros([int(known), *sizes], dtype)
    y = zeros(stack([batch_size, *sizes]), dtype)
    y.set_shape([None, *sizes])
    return y


class _LayerCell(RNNCell):
    """A cell whose variables are made by `build` in a scope of its own."""

    def __init__(self, num_units: int, activation: Any, reuse: Any, name: Any, dtype: Any, **kwargs: Any):
        super().__init__(name=name, dtype=dtype, _reuse=reuse, **kwargs)
        self._num_units = int(num_units)
        self._activation = activation_of(activation) or tanh

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        return Layer.__call__(self, inputs, state, scope=scope)

    @property
    def state_size(self) -> Any:
        return self._num_units

    @property
    def output_size(self) -> Any:
        return self._num_units

    def _bias(self, name: str, size: int, initializer: Any = None) -> Any:
        return self.add_weight(name, [size], initializer=initializer or zeros_initializer())


def _linear(inputs: Any, state: Any, kernel: Any, bias: Any) -> Any:
    return REGISTRY["BiasAdd"](matmul(concat([inputs, state], 1), kernel), bias)


class BasicRNNCell(_LayerCell):
    """`tanh([inputs, state] @ kernel + bias)`."""

    def __init__(
        self, num_units: int, activation: Any = None, reuse: Any = None, name: Any = None, dtype: Any = None, **kwargs: Any
    ):
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)

    def build(self, input_shape: Any) -> None:
        size = known_size(input_shape, -1, "last dimension")
        self._kernel = self.add_weight("kernel", [size + self._num_units, self._num_units])
        self._offset = self._bias("bias", self._num_units)

    def call(self, inputs: Any, state: Any) -> Any:
        y = self._activation(_linear(inputs, state, self._kernel, self._offset))
        return y, y


class GRUCell(_LayerCell):
    """The gated recurrent unit (Cho et al., 2014)."""

    def __init__(
        self, num_units: int, activation: Any = None, reuse: Any = None, kernel_initializer: Any = None,
        bias_initializer: Any = None,
        name: Any = None, dtype: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._kernel_initializer, self._bias_initializer = kernel_initializer, bias_initializer

    def build(self, input_shape: Any) -> None:
        n = self._num_units
        size = known_size(input_shape, -1, "last dimension") + n
        self._gate_kernel = self.add_weight("gates/kernel", [size, 2 * n], initializer=self._kernel_initializer)
        self._gate_bias = self._bias("gates/bias", 2 * n, self._bias_initializer or constant_initializer(1.0))
        self._candidate_kernel = self.add_weight("candidate/kernel", [size, n], initializer=self._kernel_initializer)
        self._candidate_bias = self._bias("candidate/bias", n, self._bias_initializer)

    def call(self, inputs: Any, state: Any) -> Any:
        reset, update = split(sigmoid(_linear(inputs, state, self._gate_kernel, self._gate_bias)), 2, axis=1)
        candidate = self._activation(_linear(inputs, reset * state, self._candidate_kernel, self._candidate_bias))
        y = update * state + (1 - update) * candidate
        return y, y


class LSTMCell(_LayerCell):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997), with peepholes, projection and clipping if wanted."""

    def __init__(
        self, num_units: int, use_peepholes: bool = False, cell_clip: Any = None, initializer: Any = None, num_proj: Any = None,
        proj_clip: Any = None, num_unit_shards: Any = None, num_proj_shards: Any = None, forget_bias: float = 1.0,
        state_is_tuple: bool = True, activation: Any = None, reuse: Any = None, name: Any = None, dtype: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._use_peepholes, self._cell_clip, self._initializer = use_peepholes, cell_clip, initializer
        self._num_proj, self._proj_clip = num_proj, proj_clip
        self._forget_bias, self._state_is_tuple = forget_bias, state_is_tuple

    @property
    def output_size(self) -> Any:
        return self._num_proj or self._num_units

    @property
    def state_size(self) -> Any:
        sizes = self._num_units, self.output_size
        return LSTMStateTuple(*sizes) if self._state_is_tuple else sum(sizes)

    def build(self, input_shape: Any) -> None:
        n = self._num_units
        size = known_size(input_shape, -1, "last dimension") + self.output_size
        self._kernel = self.add_weight("kernel", [size, 4 * n], initializer=self._initializer)
        self._offset = self._bias("bias", 4 * n)
        if self._use_peepholes:
            self._w_f, self._w_i, self._w_o = (
                self.add_weight(f"w_{gate}_diag", [n], initializer=self._initializer) for gate in "fio"
            )
        if self._num_proj is not None:
            self._projection = self.add_weight("projection/kernel", [n, self._num_proj], initializer=self._initializer)

    def call(self, inputs: Any, state: Any) -> Any:
        c, h = state if self._state_is_tuple else split(state, [self._num_units, self.output_size], axis=1)
        i, j, f, o = split(_linear(inputs, h, self._kernel, self._offset), 4, axis=1)
        peep = self._use_peepholes
        forget = sigmoid(f + self._forget_bias + self._w_f * c) if peep else sigmoid(f + self._forget_bias)
        c = forget * c + sigmoid(i + self._w_i * c if peep else i) * self._activation(j)
        if self._cell_clip is not None:
            c = clip_by_value(c, -self._cell_clip, self._cell_clip)
        h = sigmoid(o + self._w_o * c if peep else o) * self._activation(c)
        if self._num_proj is not None:
            h = matmul(h, self._projection)
            if self._proj_clip is not None:
                h = clip_by_value(h, -self._proj_clip, self._proj_clip)
        return h, LSTMStateTuple(c, h) if self._state_is_tuple else concat([c, h], 1)


class BasicLSTMCell(LSTMCell):
    """The plain LSTM."""

    def __init__(
        self, num_units: int, forget_bias: float = 1.0, state_is_tuple: bool = True, activation: Any = None, reuse: Any = None,
        name: Any = None, dtype: Any = None, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(
            num_units, forget_bias=forget_bias, state_is_tuple=state_is_tuple, activation=activation, reuse=reuse, name=name,
            dtype=dtype, **kwargs,
        )  # fmt: skip


# -- cells around cells --------------------------------------------------------------------------------------


class MultiRNNCell(RNNCell):
    """Cells one upon the other: each takes the output of the one below."""

    def __init__(self, cells: Any, state_is_tuple: bool = True):
        super().__init__()
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        if not isinstance(cells, (list, tuple)):
            raise TypeError(f"cells must be a list or tuple, but received: {cells}.")
        self._cells, self._state_is_tuple = list(cells), state_is_tuple
        if not state_is_tuple and any(nest.is_nested(c.state_size) for c in cells):
            raise ValueError(
                "Some cells return tuples of states, but the flag state_is_tuple is not set. State sizes are: "
                f"{[c.state_size for c in cells]}"
            )

    @property
    def state_size(self) -> Any:
        sizes = tuple(c.state_size for c in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        return self._cells[-1].output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        if not self._state_is_tuple:
            return super().zero_state(batch_size, dtype)
        with name_scope(type(self).__name__ + "ZeroState"):
            return tuple(c.zero_state(batch_size, dtype) for c in self._cells)

    def build(self, input_shape: Any) -> None:
        """The cells make their own variables."""

    def call(self, inputs: Any, state: Any) -> Any:
        states = state if self._state_is_tuple else split(state, [c.state_size for c in self._cells], axis=1)
        new = []
        for i, (cell, old) in enumerate(zip(self._cells, states)):
            with variable_scope(f"cell_{i}"):
                inputs, after = cell(inputs, old)
            new.append(after)
        return inputs, tuple(new) if self._state_is_tuple else concat(new, 1)


class _Wrapper(RNNCell):
    """A cell that changes what another one takes or gives."""

    def __init__(self, cell: Any):
        super().__init__()
        self._cell = cell

    @property
    def state_size(self) -> Any:
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        return self._cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        return self._wrapped(inputs, state, *([] if scope is None else [scope]))

    def _wrapped(self, inputs: Any, state: Any, *scope: Any) -> Any:
        return self._cell(inputs, state, *scope)


class DropoutWrapper(_Wrapper):
    """Dropout on a cell's inputs, state (not an LSTM's `c`) and output, by the probabilities to keep."""

    def __init__(
        self, cell: Any, input_keep_prob: Any = 1.0, output_keep_prob: Any = 1.0, state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False, input_size: Any = None, dtype: Any = None, seed: Any = None,
        dropout_state_filter_visitor: Any = None,
    ):  # fmt: skip
        super().__init__(cell)
        if variational_recurrent:
            raise ValueError("DropoutWrapper draws anew at each step: leave variational_recurrent out.")
        self._keep = input_keep_prob, state_keep_prob, output_keep_prob
        self._seed = seed

    def _wrapped(self, inputs: Any, state: Any, *scope: Any) -> Any:
        inputs = self._dropped(inputs, self._keep[0], "input")
        output, after = self._cell(inputs, state, *scope)
        if not _is_one(self._keep[1]):
            after = _drop_state(after, lambda x: self._dropped(x, self._keep[1], "state"))
        return self._dropped(output, self._keep[2], "output"), after

    def _dropped(self, x: Any, keep: Any, salt: str) -> Any:
        if _is_one(keep):
            return x
        return nest.map_structure(lambda t: dropout(t, 1 - keep, seed=self._salted(salt)), x)

    def _salted(self, salt: str) -> int | None:
        import hashlib

        if self._seed is None:
            return None
        text = f"{self._seed}{salt}_0".encode()  # a seed for each place, as TensorFlow derives them
        return int(hashlib.md5(text).hexdigest()[:8], 16) & 0x7FFFFFFF


def _is_one(keep: Any) -> bool:
    return isinstance(keep, (int, float)) and keep >= 1.0


def _drop_state(state: Any, drop: Any) -> Any:
    if isinstance(state, LSTMStateTuple):
        return LSTMStateTuple(state.c, drop(state.h))
    if isinstance(state, (list, tuple)):
        return type(state)(_drop_state(s, drop) for s in state)
    return drop(state)


class ResidualWrapper(_Wrapper):
    """Adds a cell's inputs to its output."""

    def __init__(self, cell: Any, residual_fn: Any = None):
        super().__init__(cell)
        self._residual = residual_fn

    def _wrapped(self, inputs: Any, state: Any, *scope: Any) -> Any:
        output, after = self._cell(inputs, state, *scope)
        return (self._residual or (lambda x, y: nest.map_structure(lambda a, b: a + b, x, y)))(inputs, output), after


class DeviceWrapper(_Wrapper):
    """Places a cell on a device."""

    def __init__(self, cell: Any, device: Any):
        super().__init__(cell)
        self._device = device

    def _wrapped(self, inputs: Any, state: Any, *scope: Any) -> Any:
        from thalweg.compat.v1.graph import device

        with device(self._device):
            return self._cell(inputs, state, *scope)


__all__ = [
    "BasicLSTMCell", "BasicRNNCell", "DeviceWrapper", "DropoutWrapper", "GRUCell", "LSTMCell", "LSTMStateTuple", "MultiRNNCell",
    "RNNCell", "ResidualWrapper",
]  # fmt: skip

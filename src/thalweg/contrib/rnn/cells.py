"""Cells of `tf.contrib.rnn` beside the basic ones.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/rnn
"""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf
from thalweg.compat.v1.rnn_cell import GRUCell, LSTMCell, LSTMStateTuple, RNNCell


def linear(inputs: list[Any], size: int, bias: bool, bias_initializer: Any = None, kernel_initializer: Any = None) -> Any:
    """`concat(inputs) @ kernel + bias`, of variables in the current scope."""
    joined = inputs[0] if len(inputs) == 1 else tf.concat(inputs, 1)
    dtype = joined.dtype.base_dtype
    y = tf.matmul(joined, tf.get_variable("kernel", [joined.shape.as_list()[1], size], dtype, kernel_initializer))
    if not bias:
        return y
    return tf.nn.bias_add(y, tf.get_variable("bias", [size], dtype, bias_initializer or tf.zeros_initializer()))


class _Sized(RNNCell):
    """A cell whose state and output have `num_units` numbers each."""

    def __init__(self, num_units: int, reuse: Any = None, name: Any = None, **kwargs: Any):
        super().__init__(_reuse=reuse, name=name, **kwargs)
        self._num_units = num_units

    @property
    def state_size(self) -> Any:
        return self._num_units

    @property
    def output_size(self) -> Any:
        return self._num_units


class _LSTMSized(_Sized):
    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_units)


class LayerNormBasicLSTMCell(_LSTMSized):
    """An LSTM with layer normalisation (Ba et al., 2016) and recurrent dropout (Semeniuta et al., 2016)."""

    def __init__(
        self, num_units: int, forget_bias: float = 1.0, input_size: Any = None, activation: Any = tf.tanh, layer_norm: bool = True,
        norm_gain: float = 1.0, norm_shift: float = 0.0, dropout_keep_prob: Any = 1.0, dropout_prob_seed: Any = None,
        reuse: Any = None,
    ):  # fmt: skip
        super().__init__(num_units, reuse)
        self._activation, self._forget_bias, self._layer_norm = activation, forget_bias, layer_norm
        self._gain, self._shift, self._keep, self._seed = norm_gain, norm_shift, dropout_keep_prob, dropout_prob_seed

    def _norm(self, x: Any, scope: str) -> Any:
        from thalweg.contrib.layers import layer_norm

        with tf.variable_scope(scope):
            size = [x.shape.as_list()[1]]
            tf.get_variable("gamma", size, initializer=tf.constant_initializer(self._gain))
            tf.get_variable("beta", size, initializer=tf.constant_initializer(self._shift))
        return layer_norm(x, reuse=True, scope=scope)

    def call(self, inputs: Any, state: Any) -> Any:
        c, h = state
        joined = tf.concat([inputs, h], 1)
        y = tf.matmul(joined, tf.get_variable("kernel", [joined.shape.as_list()[1], 4 * self._num_units]))
        if not self._layer_norm:
            y = tf.nn.bias_add(y, tf.get_variable("bias", [4 * self._num_units], initializer=tf.zeros_initializer()))
        gates = tf.split(value=y, num_or_size_splits=4, axis=1)
        if self._layer_norm:
            gates = [self._norm(g, name) for g, name in zip(gates, ("input", "transform", "forget", "output"))]
        i, j, f, o = gates
        g = self._activation(j)
        if not isinstance(self._keep, (int, float)) or self._keep < 1:
            g = tf.nn.dropout(g, self._keep, seed=self._seed)
        new_c = c * tf.sigmoid(f + self._forget_bias) + tf.sigmoid(i) * g
        if self._layer_norm:
            new_c = self._norm(new_c, "state")
        new_h = self._activation(new_c) * tf.sigmoid(o)
        return new_h, LSTMStateTuple(new_c, new_h)


class NASCell(_LSTMSized):
    """The cell that an architecture search found (Zoph and Le, 2017)."""

    def __init__(self, num_units: int, num_proj: int | None = None, use_bias: bool = False, reuse: Any = None, **kwargs: Any):
        super().__init__(num_units, reuse, **kwargs)
        self._num_proj, self._use_bias = num_proj, use_bias

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_proj or self._num_units)

    @property
    def output_size(self) -> Any:
        return self._num_proj or self._num_units

    def build(self, input_shape: Any) -> None:
        n, size = self._num_units, input_shape.as_list()[-1]
        self._recurrent = self.add_weight("recurrent_kernel", [self.output_size, 8 * n])
        self._kernel = self.add_weight("kernel", [size, 8 * n])
        if self._use_bias:
            self._bias = self.add_weight("bias", [8 * n], initializer=tf.zeros_initializer())
        if self._num_proj is not None:
            self._projection = self.add_weight("projection_weights", [n, self._num_proj])

    def call(self, inputs: Any, state: Any) -> Any:
        c, m = state
        from_m, from_x = tf.matmul(m, self._recurrent), tf.matmul(inputs, self._kernel)
        if self._use_bias:
            from_m = tf.nn.bias_add(from_m, self._bias)
        a, b = tf.split(from_m, 8, axis=1), tf.split(from_x, 8, axis=1)
        sigmoid, tanh, relu = tf.sigmoid, tf.tanh, tf.nn.relu
        first = [sigmoid(b[0] + a[0]), relu(b[1] + a[1]), sigmoid(b[2] + a[2]), relu(b[3] * a[3]), tanh(b[4] + a[4]),
                 sigmoid(b[5] + a[5]), tanh(b[6] + a[6]), sigmoid(b[7] + a[7])]  # fmt: skip
        second = [tanh(first[0] * first[1]), tanh(first[2] + first[3]), tanh(first[4] * first[5]), sigmoid(first[6] + first[7])]
        second[0] = tanh(second[0] + c)
        new_c = second[0] * second[1]
        new_m = tanh(new_c * tanh(second[2] + second[3]))
        if self._num_proj is not None:
            new_m = tf.matmul(new_m, self._projection)
        return new_m, LSTMStateTuple(new_c, new_m)


class UGRNNCell(_Sized):
    """The update gate cell (Collins et al., 2017)."""

    def __init__(
        self, num_units: int, initializer: Any = None, forget_bias: float = 1.0, activation: Any = tf.tanh, reuse: Any = None
    ):
        super().__init__(num_units, reuse)
        self._initializer, self._forget_bias, self._activation = initializer, forget_bias, activation

    def call(self, inputs: Any, state: Any) -> Any:
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            y = linear([inputs, state], 2 * self._num_units, True)
        gate, candidate = tf.split(y, 2, axis=1)
        gate = tf.sigmoid(gate + self._forget_bias)
        new = gate * state + (1.0 - gate) * self._activation(candidate)
        return new, new


class IntersectionRNNCell(_Sized):
    """The intersection cell, gated over time and depth (Collins et al., 2017). Raises ValueError for inputs of other size."""

    def __init__(
        self, num_units: int, num_in_proj: int | None = None, initializer: Any = None, forget_bias: float = 1.0,
        y_activation: Any = tf.nn.relu, reuse: Any = None,
    ):  # fmt: skip
        super().__init__(num_units, reuse)
        self._projected, self._initializer, self._forget_bias = num_in_proj, initializer, forget_bias
        self._y_activation = y_activation

    def call(self, inputs: Any, state: Any) -> Any:
        n, size = self._num_units, inputs.shape.as_list()[-1]
        with tf.variable_scope(tf.get_variable_scope(), initializer=self._initializer):
            if size != n:
                if self._projected is None:
                    raise ValueError("Must have input size == output size for Intersection RNN. To fix, num_in_proj should be set "
                                     "to num_units at cell init.")  # fmt: skip
                with tf.variable_scope("in_projection"):
                    inputs = linear([inputs], self._projected, True)
            y = linear([inputs, state], 4 * n, True)
        xa, ya, xg, yg = tf.split(y, 4, axis=1)
        hidden_gate, depth_gate = tf.sigmoid(xg + self._forget_bias), tf.sigmoid(yg + self._forget_bias)
        new = hidden_gate * state + (1.0 - hidden_gate) * tf.tanh(xa)
        out = depth_gate * inputs + (1.0 - depth_gate) * self._y_activation(ya)
        return out, new


class SRUCell(_Sized):
    """The simple recurrent unit (Lei et al., 2017)."""

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None, name: Any = None, **kwargs: Any):
        super().__init__(num_units, reuse, name, **kwargs)
        self._activation = activation or tf.tanh

    def build(self, input_shape: Any) -> None:
        self._kernel = self.add_weight("kernel", [input_shape.as_list()[-1], 4 * self._num_units])
        self._bias = self.add_weight("bias", [2 * self._num_units], initializer=tf.zeros_initializer())

    def call(self, inputs: Any, state: Any) -> Any:
        u = tf.matmul(inputs, self._kernel)
        xbar, forget, reset, same = tf.split(u, 4, axis=1)
        gates = tf.sigmoid(tf.nn.bias_add(tf.concat([forget, reset], 1), self._bias))
        forget, reset = tf.split(gates, 2, axis=1)
        c = forget * state + (1.0 - forget) * xbar
        return reset * self._activation(c) + (1.0 - reset) * same, c


class CoupledInputForgetGateLSTMCell(LSTMCell):
    """An LSTM whose input gate is one minus its forget gate (Greff et al., 2015)."""

    def build(self, input_shape: Any) -> None:
        n = self._num_units
        size = input_shape.as_list()[-1] + self.output_size
        self._kernel = self.add_weight("kernel", [size, 3 * n], initializer=self._initializer)
        self._offset = self._bias("bias", 3 * n)
        if self._use_peepholes:
            self._w_f, self._w_o = (self.add_weight(f"w_{gate}_diag", [n], initializer=self._initializer) for gate in "fo")
        if self._num_proj is not None:
            self._projection = self.add_weight("projection/kernel", [n, self._num_proj], initializer=self._initializer)

    def call(self, inputs: Any, state: Any) -> Any:
        c, h = state if self._state_is_tuple else tf.split(state, [self._num_units, self.output_size], axis=1)
        y = tf.nn.bias_add(tf.matmul(tf.concat([inputs, h], 1), self._kernel), self._offset)
        j, f, o = tf.split(y, 3, axis=1)
        peep = self._use_peepholes
        forget = tf.sigmoid(f + self._forget_bias + self._w_f * c) if peep else tf.sigmoid(f + self._forget_bias)
        c = forget * c + (1.0 - forget) * self._activation(j)
        h = tf.sigmoid(o + self._w_o * c if peep else o) * self._activation(c)
        if self._num_proj is not None:
            h = tf.matmul(h, self._projection)
            if self._proj_clip is not None:
                h = tf.clip_by_value(h, -self._proj_clip, self._proj_clip)
        return h, LSTMStateTuple(c, h) if self._state_is_tuple else tf.concat([c, h], 1)


class LSTMBlockCell(LSTMCell):
    """The LSTM that was one kernel: here the LSTM, under the same names of variables."""

    def __init__(
        self, num_units: int, forget_bias: float = 1.0, cell_clip: Any = None, use_peephole: bool = False, dtype: Any = None,
        reuse: Any = None, name: Any = "lstm_cell",
    ):  # fmt: skip
        super().__init__(num_units, use_peephole, cell_clip, forget_bias=forget_bias, reuse=reuse, name=name, dtype=dtype)


class GRUBlockCell(GRUCell):
    """The GRU that was one kernel: here the GRU."""

    def __init__(self, num_units: int | None = None, cell_size: int | None = None, reuse: Any = None, name: Any = "gru_cell"):
        if (num_units is None) == (cell_size is None):
            raise ValueError("Exactly one of num_units or cell_size must be provided.")
        super().__init__(num_units or cell_size, reuse=reuse, name=name)  # type: ignore[arg-type]


GRUBlockCellV2 = GRUBlockCell


class LSTMBlockFusedCell:
    """An LSTM over a whole sequence `[time, batch, n]`: called with inputs, gives outputs and the last state."""

    def __init__(
        self, num_units: int, forget_bias: float = 1.0, cell_clip: Any = None, use_peephole: bool = False, reuse: Any = None,
        dtype: Any = None, name: str = "lstm_fused_cell",
    ):  # fmt: skip
        self._cell = LSTMBlockCell(num_units, forget_bias, cell_clip, use_peephole, dtype, reuse, name)

    @property
    def num_units(self) -> int:
        return self._cell._num_units

    def __call__(
        self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None
    ) -> Any:
        inputs = tf.stack(inputs) if isinstance(inputs, (list, tuple)) else inputs
        with tf.variable_scope(scope or tf.get_variable_scope()) as here:
            outputs, state = tf.nn.dynamic_rnn(
                self._cell, inputs, sequence_length, initial_state, dtype or inputs.dtype, time_major=True, scope=here
            )
        return outputs, state

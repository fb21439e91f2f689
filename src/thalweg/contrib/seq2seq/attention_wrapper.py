"""`AttentionWrapper`: a cell whose inputs and outputs are mixed with what it attends to.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/seq2seq/AttentionWrapper
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.compat.v1.rnn_cell import RNNCell
from thalweg.contrib.seq2seq.attention import AttentionMechanism


class AttentionWrapperState(
    namedtuple("AttentionWrapperState", ("cell_state", "attention", "time", "alignments", "alignment_history", "attention_state"))
):
    """The state of an `AttentionWrapper`."""

    def clone(self, **kwargs: Any) -> AttentionWrapperState:
        """A copy with some parts replaced."""
        new = self._replace(**kwargs)

        def with_shape(old: Any, given: Any) -> Any:
            if tf.is_tensor(old) and tf.is_tensor(given):
                given.set_shape(old.shape)
            return given

        if "cell_state" in kwargs:
            tf.nest.map_structure(with_shape, self.cell_state, new.cell_state)
        return new


class AttentionWrapper(RNNCell):
    """A cell that attends to a memory: its inputs are joined with the last attention, its output gives the next query.

    With several mechanisms there is an attention of each. `attention_layer_size` puts a linear layer over output and context;
    without it the attention is the context. Raises TypeError for what is no mechanism.
    """

    def __init__(
        self, cell: Any, attention_mechanism: Any, attention_layer_size: Any = None, alignment_history: bool = False,
        cell_input_fn: Any = None, output_attention: bool = True, initial_cell_state: Any = None, name: Any = None,
        attention_layer: Any = None, attention_fn: Any = None,
    ):  # fmt: skip
        super().__init__(name=name)
        self._several = isinstance(attention_mechanism, (list, tuple))
        mechanisms = list(attention_mechanism) if self._several else [attention_mechanism]
        for m in mechanisms:
            if not isinstance(m, AttentionMechanism):
                raise TypeError(f"attention_mechanism must be an AttentionMechanism or list of multiple AttentionMechanism "
                                f"instances, saw type: {type(m).__name__}")  # fmt: skip
        self._cell, self._mechanisms, self._history, self._output_attention = cell, mechanisms, alignment_history, output_attention
        self._cell_input = cell_input_fn or (lambda inputs, attention: tf.concat([inputs, attention], -1))
        self._attention_fn = attention_fn or attend
        self._initial = initial_cell_state
        self._layers, sizes = self._layers_of(attention_layer_size, attention_layer)
        self._size = sum(sizes)

    def _layers_of(self, size: Any, layer: Any) -> tuple[list[Any], list[int]]:
        if size is not None and layer is not None:
            raise ValueError("Only one of attention_layer_size and attention_layer should be set")
        count = len(self._mechanisms)
        if size is not None:
            sizes = list(size) if isinstance(size, (list, tuple)) else [size]
            if len(sizes) != count:
                raise ValueError(f"attention_layer_size must contain exactly one integer per attention_mechanism, saw: "
                                 f"{len(sizes)} vs {count}")  # fmt: skip
            layers = [tf.layers.Dense(n, name="attention_layer", use_bias=False, dtype=m.keys.dtype.base_dtype)
                      for n, m in zip(sizes, self._mechanisms)]  # fmt: skip
            return layers, sizes
        if layer is not None:
            layers = list(layer) if isinstance(layer, (list, tuple)) else [layer]
            return layers, [x.units for x in layers]
        return [None] * count, [m.values.shape.as_list()[-1] for m in self._mechanisms]

    def _one_or_several(self, values: Any) -> Any:
        values = tuple(values)
        return values if self._several else values[0]

    @property
    def output_size(self) -> Any:
        return self._size if self._output_attention else self._cell.output_size

    @property
    def state_size(self) -> Any:
        return AttentionWrapperState(
            cell_state=self._cell.state_size, time=tf.TensorShape([]), attention=self._size,
            alignments=self._one_or_several(m.alignments_size for m in self._mechanisms),
            attention_state=self._one_or_several(m.state_size for m in self._mechanisms),
            alignment_history=self._one_or_several(m.alignments_size if self._history else () for m in self._mechanisms),
        )  # fmt: skip

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with tf.name_scope(type(self).__name__ + "ZeroState"):
            cell_state = self._initial if self._initial is not None else self._cell.zero_state(batch_size, dtype)
            alignments = [m.initial_alignments(batch_size, dtype) for m in self._mechanisms]
            attention = tf.zeros(tf.stack([batch_size, self._size]), dtype)
            attention.set_shape([None if tf.is_tensor(batch_size) else batch_size, self._size])
            return AttentionWrapperState(
                cell_state=tf.nest.map_structure(tf.identity, cell_state), time=tf.zeros([], tf.int32), attention=attention,
                alignments=self._one_or_several(alignments),
                attention_state=self._one_or_several(m.initial_state(batch_size, dtype) for m in self._mechanisms),
                alignment_history=self._one_or_several(
                    tf.TensorArray(dtype, size=0, dynamic_size=True, element_shape=a.shape) if self._history else ()
                    for a in alignments
                ),
            )  # fmt: skip

    def call(self, inputs: Any, state: Any) -> Any:
        if not isinstance(state, AttentionWrapperState):
            raise TypeError(f"Expected state to be instance of AttentionWrapperState. Received type {type(state)} instead.")
        output, cell_state = self._cell(self._cell_input(inputs, state.attention), state.cell_state)
        before = state.attention_state if self._several else [state.attention_state]
        history = state.alignment_history if self._several else [state.alignment_history]
        attentions, alignments, states, histories = [], [], [], []
        for mechanism, layer, old, past in zip(self._mechanisms, self._layers, before, history):
            attention, alignment, new = self._attention_fn(mechanism, output, old, layer)
            attentions.append(attention)
            alignments.append(alignment)
            states.append(new)
            histories.append(past.write(state.time, alignment) if self._history else ())
        attention = tf.concat(attentions, 1)
        after = AttentionWrapperState(
            time=state.time + 1, cell_state=cell_state, attention=attention, attention_state=self._one_or_several(states),
            alignments=self._one_or_several(alignments), alignment_history=self._one_or_several(histories),
        )  # fmt: skip
        return (attention if self._output_attention else output), after


def attend(mechanism: Any, cell_output: Any, attention_state: Any, attention_layer: Any) -> Any:
    """`(attention, alignments, next state)` of one mechanism for a cell's output."""
    alignments, after = mechanism(cell_output, state=attention_state)
    context = tf.squeeze(tf.matmul(tf.expand_dims(alignments, 1), mechanism.values), [1])
    attention = context if attention_layer is None else attention_layer(tf.concat([cell_output, context], 1))
    return attention, alignments, after

"""`tf.nn.dynamic_rnn` and its kin: a cell run over a sequence.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/nn/dynamic_rnn
"""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.rnn_cell import _zeros as zeros_for, size_of
from thalweg.compat.v1.variable_scope import variable_scope
from thalweg.engine.core import convert, dtypes, nest
from thalweg.engine.core.graph import get_default_graph
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.execution.functional import loop_over
from thalweg.engine.execution.loops import while_loop
from thalweg.engine.execution.tensor_array import TensorArray
from thalweg.engine.ops.arrays import concat, stack
from thalweg.engine.ops.comparison import less, where
from thalweg.engine.ops.creation import range_, zeros_like
from thalweg.engine.ops.reordering import reverse, reverse_sequence, transpose
from thalweg.engine.ops.shaping import cast, expand_dims, identity


def dynamic_rnn(
    cell: Any, inputs: Any, sequence_length: Any = None, initial_state: Any = None, dtype: Any = None,
    parallel_iterations: Any = None, swap_memory: bool = False, time_major: bool = False, scope: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """Run a cell over `[batch, time, n]` (`[time, batch, n]` if `time_major`).

    Returns the outputs of all steps and the last state. Beyond an example's `sequence_length` outputs are zero and its state
    stays. Raises ValueError without `initial_state` and `dtype`.
    """
    with variable_scope(scope or "rnn"):
        flat = [convert.convert_to_tensor(x) for x in nest.flatten(inputs)]
        if not time_major:
            flat = [_swapped(x) for x in flat]
        first = flat[0]
        batch = size_of(first, 1)
        if initial_state is None:
            if dtype is None:
                raise ValueError("If there is no initial_state, you must give a dtype.")
            initial_state = cell.zero_state(batch, dtype)
        else:
            initial_state = nest.map_structure(convert.convert_to_tensor, initial_state)
        lengths = None if sequence_length is None else cast(convert.convert_to_tensor(sequence_length), dtypes.int32)
        outputs, state = _steps(cell, inputs, flat, initial_state, lengths)
        if not time_major:
            outputs = nest.map_structure(_swapped, outputs)
        return outputs, state


def _steps(cell: Any, form: Any, flat: list[Any], start: Any, lengths: Any) -> tuple[Any, Any]:
    """The outputs of all steps, stacked, and the last state; time is the first axis."""
    time = size_of(flat[0], 0)

    def step(carry: list[Any], row: list[Any]) -> tuple[list[Any], list[Any]]:
        old = nest.pack_sequence_as(start, carry)
        now, *xs = row
        for x, whole in zip(xs, flat):
            x.set_shape(whole.shape[1:])
        output, state = cell(nest.pack_sequence_as(form, xs), old)
        if lengths is not None:
            on = less(now, lengths)
            output = nest.map_structure(lambda y: where(expand_dims(on, -1), y, zeros_like(y)), output)
            state = nest.map_structure(lambda new, kept: _kept(on, new, kept), state, old)
        return nest.flatten(state), nest.flatten(output)

    numbers = range_(0, time, 1)
    state, outputs = loop_over(step, nest.flatten(start), [numbers, *flat], False, "while")
    return nest.pack_sequence_as(cell.output_size, outputs), nest.pack_sequence_as(start, state)


def _kept(on: Any, new: Any, kept: Any) -> Any:
    return where(expand_dims(on, -1), new, kept) if new.shape.rank else kept


def _swapped(x: Any) -> Any:
    """Batch and time exchanged."""
    rank = x.shape.rank
    if rank is None or rank < 2:
        raise ValueError(f"The inputs of a recurrent network need axes for batch and time, but have shape {x.shape}.")
    return transpose(x, [1, 0, *range(2, rank)])


def static_rnn(
    cell: Any, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None
) -> tuple[list[Any], Any]:
    """Run a cell over a list of inputs `[batch, n]`: the graph holds each step. Returns the list of outputs and the last state."""
    if not isinstance(inputs, (list, tuple)):
        raise TypeError("inputs must be a sequence")
    if not inputs:
        raise ValueError("inputs must not be empty")
    with variable_scope(scope or "rnn") as here:
        inputs = [nest.map_structure(convert.convert_to_tensor, x) for x in inputs]
        first = nest.flatten(inputs)[0]
        state = initial_state
        if state is None:
            if dtype is None:
                raise ValueError("If no initial_state is provided, dtype must be specified")
            state = cell.zero_state(size_of(first, 0), dtype)
        outputs = []
        for time, x in enumerate(inputs):
            if time:
                here.reuse_variables()
            output, after = cell(x, state)
            if sequence_length is not None:
                on = less(time, cast(sequence_length, dtypes.int32))
                output = nest.map_structure(lambda y, on=on: where(expand_dims(on, -1), y, zeros_like(y)), output)
                after = nest.map_structure(lambda new, kept, on=on: _kept(on, new, kept), after, state)
            state = after
            outputs.append(output)
        return outputs, state


def bidirectional_dynamic_rnn(
    cell_fw: Any, cell_bw: Any, inputs: Any, sequence_length: Any = None, initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None, parallel_iterations: Any = None, swap_memory: bool = False, time_major: bool = False, scope: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """One cell from the first step to the last, another from the last to the first.

    Returns pairs (forward, backward) of outputs and of last states.
    """
    time_axis, batch_axis = (0, 1) if time_major else (1, 0)

    def turned(x: Any) -> Any:
        if sequence_length is None:
            return reverse(x, [time_axis])
        return reverse_sequence(x, sequence_length, seq_axis=time_axis, batch_axis=batch_axis)

    with variable_scope(scope or "bidirectional_rnn"):
        common = {"sequence_length": sequence_length, "dtype": dtype, "time_major": time_major}
        forward, last = dynamic_rnn(cell_fw, inputs, initial_state=initial_state_fw, scope="fw", **common)
        with variable_scope("bw") as bw:
            backwards = nest.map_structure(lambda x: turned(convert.convert_to_tensor(x)), inputs)
            backward, first = dynamic_rnn(cell_bw, backwards, initial_state=initial_state_bw, scope=bw, **common)
        return (forward, nest.map_structure(turned, backward)), (last, first)


def static_bidirectional_rnn(
    cell_fw: Any, cell_bw: Any, inputs: Any, initial_state_fw: Any = None, initial_state_bw: Any = None, dtype: Any = None,
    sequence_length: Any = None, scope: Any = None,
) -> tuple[list[Any], Any, Any]:  # fmt: skip
    """Two cells over a list of inputs, one from either end. Returns outputs side by side, and both last states."""

    def turned(values: list[Any]) -> list[Any]:
        if sequence_length is None:
            return list(reversed(values))
        whole = reverse_sequence(stack(values), sequence_length, seq_axis=0, batch_axis=1)
        return [whole[i] for i in range(len(values))]

    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as fw:
            forward, last = static_rnn(cell_fw, inputs, initial_state_fw, dtype, sequence_length, fw)
        with variable_scope("bw") as bw:
            backward, first = static_rnn(cell_bw, turned(list(inputs)), initial_state_bw, dtype, sequence_length, bw)
        return [concat([a, b], 1) for a, b in zip(forward, turned(backward))], last, first


def static_state_saving_rnn(
    cell: Any, inputs: Any, state_saver: Any, state_name: Any, sequence_length: Any = None, scope: Any = None
) -> tuple[list[Any], Any]:
    """`static_rnn` whose state comes from `state_saver.state(name)` and goes to `state_saver.save_state(name, value)`."""
    names = nest.flatten(state_name)
    start = nest.pack_sequence_as(cell.state_size, [state_saver.state(n) for n in names])
    outputs, state = static_rnn(cell, inputs, initial_state=start, sequence_length=sequence_length, scope=scope)
    saves = [state_saver.save_state(n, s) for n, s in zip(names, nest.flatten(state))]
    with get_default_graph().control_dependencies(saves):
        outputs[-1] = nest.map_structure(identity, outputs[-1])
    return outputs, state


def raw_rnn(
    cell: Any, loop_fn: Any, parallel_iterations: Any = None, swap_memory: bool = False, scope: Any = None
) -> tuple[Any, Any, Any]:
    """A cell in a loop of one's own: `loop_fn(time, output, state, loop_state)` decides what comes next.

    It gives `(finished, next input, next state, what to emit, next loop_state)`; before the first step it is called with None.
    Returns the TensorArray of what was emitted, the last state, and the last loop state.
    """
    if not callable(loop_fn):
        raise TypeError("loop_fn must be a callable")
    with variable_scope(scope or "rnn"):
        time = convert.convert_to_tensor(0)
        finished, inputs, state, form, loop_state = loop_fn(time, None, None, None)
        keeps_loop_state = loop_state is not None
        loop_state = convert.convert_to_tensor(0) if loop_state is None else loop_state
        batch = size_of(nest.flatten(inputs)[0], 0)
        state = nest.map_structure(convert.convert_to_tensor, state)
        sizes = cell.output_size if form is None else nest.map_structure(lambda e: e.shape, form)
        kinds = nest.map_structure(lambda _: nest.flatten(state)[0].dtype,
            sizes) if form is None else nest.map_structure(lambda e: e.dtype, form)
        zero = nest.map_structure(lambda size, dtype: zeros_for(batch, size, dtype), sizes, kinds)
        arrays = nest.map_structure(
            lambda z: TensorArray(z.dtype, size=0, dynamic_size=True, element_shape=z.shape), zero
        )

        def goes_on(time: Any, done: Any, *_: Any) -> Any:
            return REGISTRY["LogicalNot"](REGISTRY["All"](done, [0] if done.shape.rank else []))

        def body(time: Any, done: Any, x: Any, arrays: Any, state: Any, loop_state: Any) -> Any:
            output, after = cell(x, state)
            nest.assert_same_structure(state, after)
            following = time + 1
            now, next_x, next_state, emit, next_loop = loop_fn(following, output, after, loop_state if keeps_loop_state else None)
            nest.assert_same_structure(state, next_state)
            next_loop = loop_state if next_loop is None else next_loop
            emit = nest.map_structure(lambda z, e: _if_going(done, z, e), zero, emit)
            next_state = nest.map_structure(lambda old, new: _if_going(done, old, new), state, next_state)
            arrays = nest.map_structure(lambda array, e: array.write(time, e), arrays, emit)
            return following, REGISTRY["LogicalOr"](done, now), next_x, arrays, next_state, next_loop

        found = while_loop(goes_on, body, (time, finished, inputs, arrays, state, loop_state))
        return found[3], found[4], found[5] if keeps_loop_state else None


def _if_going(done: Any, old: Any, new: Any) -> Any:
    """The new value where an example goes on."""
    new = convert.convert_to_tensor(new)
    if not new.shape.rank:
        return new
    shape = new.shape
    y = where(REGISTRY["Reshape"](done, [-1] + [1] * (shape.rank - 1)), old, new)
    y.set_shape(shape)
    return y


__all__ = [
    "bidirectional_dynamic_rnn", "dynamic_rnn", "raw_rnn", "static_bidirectional_rnn", "static_rnn", "static_state_saving_rnn",
]  # fmt: skip

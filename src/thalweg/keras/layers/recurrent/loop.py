"""A step done over time: the loop behind all recurrent layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.engine.execution.functional import loop_over

#: `step(inputs, states) -> output, new states`, states a flat list.
Step = Callable[[Any, list[Any]], tuple[Any, list[Any]]]


def over_time(
    step: Step,
    sequences: Any,
    states: list[Any],
    mask: Any = None,
    *,
    backwards: bool = False,
    unroll: bool = False,
    keep_all: bool = True,
    zeros_where_masked: bool = False,
    first_output: Any = None,
) -> tuple[Any, list[Any]]:
    """Run `step` from the first time to the last (or `backwards`); gives the outputs, in the order made, and the last states.

    sequences: a nest of `[time, batch, ...]`. mask: `[time, batch]`; where it is False states stay, and the output is the one
    before (`zeros_where_masked`: zeros). first_output: zeros shaped like an output, which a mask needs. keep_all: the
    outputs of all times, `[time, batch, ...]`; else the last one alone.
    """
    flat = tf.nest.flatten(sequences)
    carries_output = mask is not None and not zeros_where_masked
    carry = [first_output, *states] if carries_output else list(states)
    rows = flat if mask is None else [tf.expand_dims(mask, -1), *flat]
    output_is_state: list[bool] = []

    def trip(carried: list[Any], row: list[Any]) -> tuple[list[Any], list[Any]]:
        before = carried[1:] if carries_output else carried
        on, x = (None, row) if mask is None else (row[0], row[1:])
        output, after = step(tf.nest.pack_sequence_as(sequences, x), before)
        after = list(after)
        output_is_state[:] = [output is after[0] and mask is None]
        if on is not None:
            kept = carried[0] if carries_output else tf.zeros_like(output)
            output = _choose(on, output, kept)
            after = [_choose(on, new, old) for new, old in zip(after, before)]
        return [output, *after] if carries_output else after, [output] if keep_all or not output_is_state[0] else []

    run = _unrolled if unroll else loop_over
    last, made = run(trip, carry, rows, backwards, "rnn")
    if made and not keep_all:
        output = made[0][0 if backwards else -1]
    elif made:
        output = tf.reverse(made[0], [0]) if backwards else made[0]
    else:
        output = last[0]
    return output, last[1:] if carries_output else last


def _choose(on: Any, new: Any, old: Any) -> Any:
    """`new` for the rows where `on`, `[batch, 1]`, is True, else `old`."""
    for _ in range((new.shape.rank or 2) - 2):
        on = tf.expand_dims(on, -1)
    return tf.where(on, new, old)


def _unrolled(
    step: Any, carry: list[Any], rows: list[Any], reverse: bool, name: str
) -> tuple[list[Any], list[Any]]:
    """As `loop_over`, each step by itself in the graph."""
    count = rows[0].shape[0]
    if count is None:
        raise ValueError(
            "Cannot unroll a RNN if the time dimension is undefined: give the number of steps in the shape of the inputs."
        )
    made = []
    for i in reversed(range(count)) if reverse else range(count):
        carry, ys = step(carry, [x[i] for x in rows])
        made.append(ys)
    return carry, [tf.stack(column) for column in zip(*(made[::-1] if reverse else made))]

"""A plan run op by op, with the time and memory of each: what `RunMetadata` reports.

Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/step_stats.proto
"""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes
from thalweg.engine.core.context import run_quietly
from thalweg.engine.execution.plan import Plan, Step, run_steps

_DEVICE = "/job:localhost/replica:0/task:0/device:CPU:0"


def run_traced(plan: Plan, feeds: list[Any], metadata: Any) -> list[Any]:
    """The fetches' values; `metadata`, a `RunMetadata` message, gets a node for each step of the plan."""
    values = plan.template.copy()
    for slot, a in zip(plan.feed_slots, feeds):
        values[slot] = a
    device = metadata.step_stats.dev_stats.add(device=_DEVICE)
    for step in plan.steps:
        wall, start = time.time_ns(), time.perf_counter_ns()
        run_quietly(run_steps, [step], values)
        _note(device.node_stats.add(), step, wall, time.perf_counter_ns() - start, values)
    return [None if s is None else values[s] for s in plan.fetch_slots]


def _note(node: Any, step: Step, wall: int, took: int, values: list[Any]) -> None:
    """Fill a NodeExecStats."""
    node.node_name, node.thread_id = step.op.name, threading.get_ident() & 0xFFFFFFFF
    node.all_start_micros, node.all_start_nanos = wall // 1000, wall
    node.op_end_rel_micros = node.all_end_rel_micros = max(1, took // 1000)
    node.op_end_rel_nanos = node.all_end_rel_nanos = took
    node.scheduled_micros, node.scheduled_nanos = wall // 1000, wall
    node.timeline_label = f"{step.op.name} = {step.record.name}({', '.join(t.op.name for t in step.op._inputs)})"
    total = 0
    outs = () if step.outs is None else (step.outs,) if isinstance(step.outs, int) else step.outs
    for i, slot in enumerate(outs):
        array = np.asarray(values[slot])
        total += array.nbytes
        description = node.output.add(slot=i).tensor_description
        found = dtypes.FROM_NUMPY.get(array.dtype)
        description.dtype = 0 if found is None else found.as_datatype_enum
        for n in array.shape:
            description.shape.dim.add(size=n)
        allocation = description.allocation_description
        allocation.requested_bytes = allocation.allocated_bytes = array.nbytes
        allocation.allocator_name = "cpu"
    node.memory.add(allocator_name="cpu", total_bytes=total, peak_bytes=total, live_bytes=total)

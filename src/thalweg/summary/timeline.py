"""`Timeline`: a traced run as a Chrome trace, to be opened in `about:tracing` or at https://ui.perfetto.dev.

Source: tensorflow.python.client.timeline
"""

from __future__ import annotations

import json
from typing import Any


class Timeline:
    """The ops of a `RunMetadata`'s `step_stats`, one after the other.

    >>> metadata = tf.compat.v1.RunMetadata()
    >>> tf.summary.Timeline(metadata.step_stats).generate_chrome_trace_format()
    '{"traceEvents": []}'
    """

    def __init__(self, step_stats: Any, graph: Any = None):
        self._stats = step_stats

    def generate_chrome_trace_format(self, show_dataflow: bool = True, show_memory: bool = False, op_time: str = "schedule") -> str:
        """The trace as JSON. Further settings are accepted; times and sizes of outputs are always in it."""
        events: list[dict[str, Any]] = []
        for pid, device in enumerate(self._stats.dev_stats):
            events.append({"ph": "M", "pid": pid, "name": "process_name", "args": {"name": device.device}})
            for node in device.node_stats:
                kind = node.timeline_label.partition(" = ")[2].partition("(")[0] or "unknown"
                size = sum(o.tensor_description.allocation_description.allocated_bytes for o in node.output)
                events.append({
                    "ph": "X", "cat": "Op", "pid": pid, "tid": 0, "name": kind, "ts": node.all_start_nanos / 1000,
                    "dur": node.all_end_rel_nanos / 1000, "args": {"name": node.node_name, "op": kind, "bytes": size},
                })  # fmt: skip
        return json.dumps({"traceEvents": events})

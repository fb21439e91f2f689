"""`tf.ConfigProto`, `tf.RunOptions` and their kin: settings that sessions accept.

They are taken as TensorFlow's are, and most have nothing to steer here: memory is taken on demand, placement is soft.
Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/ConfigProto
"""

from __future__ import annotations

import copy
from typing import Any


class _Message:
    """A record of named settings. An unknown one is refused by name, as protocol buffers do."""

    _fields: dict[str, Any] = {}

    def __init__(self, **settings: Any):
        for name, default in self._fields.items():
            object.__setattr__(self, name, default() if isinstance(default, type) else copy.copy(default))
        for name, value in settings.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._fields:
            raise ValueError(f'Protocol message {type(self).__name__} has no "{name}" field.')
        object.__setattr__(self, name, value)

    def CopyFrom(self, other: Any) -> None:
        """Take over all of another one's settings."""
        for name in self._fields:
            object.__setattr__(self, name, copy.deepcopy(getattr(other, name)))

    def HasField(self, name: str) -> bool:
        """Whether a setting differs from its default."""
        return getattr(self, name) != type(self)().__dict__[name]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        changed = {n: v for n, v in self.__dict__.items() if self.HasField(n)}
        return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in changed.items())})"


class GPUOptions(_Message):
    """Settings of GPUs. `allow_growth` is always so here."""

    _fields = {
        "per_process_gpu_memory_fraction": 0.0, "allow_growth": False, "allocator_type": "", "deferred_deletion_bytes": 0,
        "visible_device_list": "", "polling_active_delay_usecs": 0, "polling_inactive_delay_msecs": 0,
        "force_gpu_compatible": False,
    }  # fmt: skip


class OptimizerOptions(_Message):
    """How graphs are optimized."""

    L1, L0, DEFAULT, OFF, ON_1, ON_2 = 0, -1, 0, -1, 1, 2
    _fields = {
        "do_common_subexpression_elimination": False, "do_constant_folding": False, "do_function_inlining": False, "opt_level": 0,
        "global_jit_level": 0,
    }  # fmt: skip


class GraphOptions(_Message):
    """How graphs are built and run."""

    _fields = {
        "enable_recv_scheduling": False, "optimizer_options": OptimizerOptions, "build_cost_model": 0, "build_cost_model_after": 0,
        "infer_shapes": False, "place_pruned_graph": False, "enable_bfloat16_sendrecv": False, "timeline_step": 0,
        "rewrite_options": None,
    }  # fmt: skip


class ConfigProto(_Message):
    """A session's settings.

    >>> config = tf.compat.v1.ConfigProto(allow_soft_placement=True)
    >>> config.gpu_options.allow_growth = True
    """

    _fields = {
        "device_count": {}, "intra_op_parallelism_threads": 0, "inter_op_parallelism_threads": 0, "use_per_session_threads": False,
        "session_inter_op_thread_pool": [], "placement_period": 0, "device_filters": [], "gpu_options": GPUOptions,
        "allow_soft_placement": False, "log_device_placement": False, "graph_options": GraphOptions, "operation_timeout_in_ms": 0,
        "rpc_options": None, "cluster_def": None, "isolate_session_state": False, "experimental": None,
    }  # fmt: skip

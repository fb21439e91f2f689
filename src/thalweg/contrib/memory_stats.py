"""`tf.contrib.memory_stats`: memory in use, as tensors."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf


def MaxBytesInUse() -> Any:
    """The most bytes that this process had in memory at once."""
    return tf.py_func(lambda: _usage("VmHWM"), [], tf.int64)


def BytesInUse() -> Any:
    """The bytes that this process has in memory."""
    return tf.py_func(lambda: _usage("VmRSS"), [], tf.int64)


def BytesLimit() -> Any:
    """The bytes of memory that the machine has."""
    import os

    import numpy as np

    return tf.py_func(lambda: np.int64(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")), [], tf.int64)


def _usage(field: str) -> Any:
    import numpy as np

    try:
        with open("/proc/self/status", encoding="ascii") as f:
            for line in f:
                if line.startswith(field):
                    return np.int64(int(line.split()[1]) * 1024)
    except OSError:
        pass
    import resource

    return np.int64(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)

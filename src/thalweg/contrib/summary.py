"""`tf.contrib.summary`: summaries that write themselves, the form that TensorFlow 2 kept as `tf.summary`."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    from thalweg import summary

    if name == "always_record_summaries":
        return lambda: summary.record_if(True)
    if name == "never_record_summaries":
        return lambda: summary.record_if(False)
    if name == "record_summaries_every_n_global_steps":
        return record_summaries_every_n_global_steps
    return getattr(summary, name)


def record_summaries_every_n_global_steps(n: int, global_step: Any = None) -> Any:
    """A context that records at each n-th step alone."""
    from thalweg import summary
    from thalweg.compat import v1 as tf

    step = global_step if global_step is not None else tf.train.get_or_create_global_step()
    return summary.record_if(lambda: tf.equal(step % n, 0))

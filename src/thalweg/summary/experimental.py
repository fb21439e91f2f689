"""`tf.summary.experimental`: the step, scopes, and messages written as they are."""

from __future__ import annotations

from thalweg.summary.writing import (
    get_step as get_step,
    set_step as set_step,
    summary_scope as summary_scope,
    write_raw_pb as write_raw_pb,
)

"""`tf.autograph`: Python's control flow over tensors, as graphs.

Source: https://www.tensorflow.org/api_docs/python/tf/autograph
"""

from thalweg.autograph import experimental as experimental
from thalweg.engine.execution.autograph_source import (
    set_verbosity as set_verbosity,
    to_code as to_code,
    to_graph as to_graph,
    trace as trace,
)

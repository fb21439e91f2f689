"""`tf.sets`: sets in the last dimension of tensors, dense or sparse.

Source: https://www.tensorflow.org/api_docs/python/tf/sets
"""

from thalweg.engine.ops.set_operations import (
    difference as difference,
    intersection as intersection,
    size as size,
    union as union,
)

"""`tf.ragged`: tensors whose rows have different lengths.

Source: https://www.tensorflow.org/api_docs/python/tf/ragged
"""

from thalweg.engine.ops.ragged import public as _public  # attaches the operators
from thalweg.engine.ops.ragged.factory import (
    constant as constant,
    range_ as range,
    row_splits_to_segment_ids as row_splits_to_segment_ids,
    segment_ids_to_row_splits as segment_ids_to_row_splits,
)
from thalweg.engine.ops.ragged.functions import map_flat_values as map_flat_values
from thalweg.engine.ops.ragged.shaping_functions import boolean_mask as boolean_mask
from thalweg.engine.ops.ragged.stacking import stack as stack

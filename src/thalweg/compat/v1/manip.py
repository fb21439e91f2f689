"""`tf.manip`: moving elements about."""

from thalweg.compat.v1.arrays import batch_to_space_nd as batch_to_space_nd
from thalweg.engine.ops.arrays import tile as tile
from thalweg.engine.ops.blocks import space_to_batch_nd as space_to_batch_nd
from thalweg.engine.ops.indexing import gather_nd as gather_nd
from thalweg.engine.ops.reordering import reverse as reverse, roll as roll
from thalweg.engine.ops.scatter import scatter_nd as scatter_nd
from thalweg.engine.ops.shaping import reshape as reshape

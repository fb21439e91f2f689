"""`tf.train`: saving and restoring, and the records that examples are kept in."""

from thalweg.train.checkpoint import Checkpoint as Checkpoint, CheckpointOptions as CheckpointOptions
from thalweg.train.manager import CheckpointManager as CheckpointManager, checkpoints_iterator as checkpoints_iterator
from thalweg.train.reading import (
    CheckpointReader as CheckpointReader,
    list_variables as list_variables,
    load_checkpoint as load_checkpoint,
    load_variable as load_variable,
)
from thalweg.train.states import (
    CheckpointState as CheckpointState,
    get_checkpoint_state as get_checkpoint_state,
    latest_checkpoint as latest_checkpoint,
)

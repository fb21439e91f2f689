"""`tf.random.experimental`: earlier names of what became `tf.random`, and shuffles without a state."""

from thalweg.engine.execution.random_generator import (
    Generator as Generator,
    create_rng_state as create_rng_state,
    get_global_generator as get_global_generator,
    set_global_generator as set_global_generator,
)
from thalweg.engine.ops.random_stateless import (
    Algorithm as Algorithm,
    fold_in,
    index_shuffle as index_shuffle,
    split,
    stateless_shuffle as stateless_shuffle,
)

stateless_fold_in, stateless_split = fold_in, split
del fold_in, split

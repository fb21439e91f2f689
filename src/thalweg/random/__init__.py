"""`tf.random`: TensorFlow's random numbers, the same for the same seeds."""

from thalweg.engine.execution.random_generator import (
    Generator as Generator,
    create_rng_state as create_rng_state,
    get_global_generator as get_global_generator,
    set_global_generator as set_global_generator,
)
from thalweg.engine.ops.random import (
    categorical as categorical,
    gamma as gamma,
    normal as normal,
    poisson as poisson,
    shuffle as shuffle,
    truncated_normal as truncated_normal,
    uniform as uniform,
)
from thalweg.engine.ops.random_seed import set_seed as set_seed
from thalweg.engine.ops.random_stateless import (
    Algorithm as Algorithm,
    fold_in as fold_in,
    split as split,
    stateless_binomial as stateless_binomial,
    stateless_categorical as stateless_categorical,
    stateless_gamma as stateless_gamma,
    stateless_normal as stateless_normal,
    stateless_poisson as stateless_poisson,
    stateless_truncated_normal as stateless_truncated_normal,
    stateless_uniform as stateless_uniform,
)
from thalweg.random import experimental as experimental

"""`tf.random`: TensorFlow's random numbers, the same for the same seeds."""

from thalweg.engine.execution.random_generator import Generator as Generator
from thalweg.engine.execution.random_generator import create_rng_state as create_rng_state
from thalweg.engine.execution.random_generator import get_global_generator as get_global_generator
from thalweg.engine.execution.random_generator import set_global_generator as set_global_generator
from thalweg.engine.ops.random import categorical as categorical
from thalweg.engine.ops.random import gamma as gamma
from thalweg.engine.ops.random import normal as normal
from thalweg.engine.ops.random import poisson as poisson
from thalweg.engine.ops.random import shuffle as shuffle
from thalweg.engine.ops.random import truncated_normal as truncated_normal
from thalweg.engine.ops.random import uniform as uniform
from thalweg.engine.ops.random_seed import set_seed as set_seed
from thalweg.engine.ops.random_stateless import Algorithm as Algorithm
from thalweg.engine.ops.random_stateless import fold_in as fold_in
from thalweg.engine.ops.random_stateless import split as split
from thalweg.engine.ops.random_stateless import stateless_binomial as stateless_binomial
from thalweg.engine.ops.random_stateless import stateless_categorical as stateless_categorical
from thalweg.engine.ops.random_stateless import stateless_gamma as stateless_gamma
from thalweg.engine.ops.random_stateless import stateless_normal as stateless_normal
from thalweg.engine.ops.random_stateless import stateless_poisson as stateless_poisson
from thalweg.engine.ops.random_stateless import stateless_truncated_normal as stateless_truncated_normal
from thalweg.engine.ops.random_stateless import stateless_uniform as stateless_uniform
from thalweg.random import experimental as experimental

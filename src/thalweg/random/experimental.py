"""`tf.random.experimental`: earlier names of what became `tf.random`, and shuffles without a state."""

from thalweg.engine.execution.random_generator import Generator as Generator
from thalweg.engine.execution.random_generator import create_rng_state as create_rng_state
from thalweg.engine.execution.random_generator import get_global_generator as get_global_generator
from thalweg.engine.execution.random_generator import set_global_generator as set_global_generator
from thalweg.engine.ops.random_stateless import Algorithm as Algorithm
from thalweg.engine.ops.random_stateless import fold_in, split
from thalweg.engine.ops.random_stateless import index_shuffle as index_shuffle
from thalweg.engine.ops.random_stateless import stateless_shuffle as stateless_shuffle

stateless_fold_in, stateless_split = fold_in, split
del fold_in, split

"""Single ops that run at once, on matrices of 32x32."""

from importlib import import_module

import numpy as np

from bench.workload import Calls, at_most, faster

A, B = np.random.default_rng(0).standard_normal((2, 32, 32)).astype(np.float32)

add = Calls("eager-add", "eager add, 32x32", targets=[faster("tensorflow", 5), at_most("pytorch", 2.5)], rtol=1e-6)
matmul = Calls(
    "eager-matmul", "eager matmul, 32x32", targets=[faster("tensorflow", 5), at_most("pytorch", 2.5)], rtol=1e-4, atol=1e-5
)


@add.on("thalweg", "tensorflow")
def _(peer):
    tf = import_module(peer)
    a, b = tf.constant(A), tf.constant(B)
    return lambda: a + b


@add.on("pytorch")
def _(peer):
    import torch

    a, b = torch.from_numpy(A), torch.from_numpy(B)
    return lambda: a + b


@add.on("jax")
def _(peer):
    import jax.numpy as jnp

    a, b = jnp.asarray(A), jnp.asarray(B)
    return lambda: (a + b).block_until_ready()


@matmul.on("thalweg", "tensorflow")
def _(peer):
    tf = import_module(peer)
    a, b = tf.constant(A), tf.constant(B)
    return lambda: tf.matmul(a, b)


@matmul.on("pytorch")
def _(peer):
    import torch

    a, b = torch.from_numpy(A), torch.from_numpy(B)
    return lambda: torch.matmul(a, b)


@matmul.on("jax")
def _(peer):
    import jax.numpy as jnp

    a, b = jnp.asarray(A), jnp.asarray(B)
    return lambda: jnp.matmul(a, b).block_until_ready()

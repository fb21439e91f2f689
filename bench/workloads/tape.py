"""Recording a small computation and its gradient: `sum(tanh(x @ w))` for `w`, all 32x32."""

from importlib import import_module

import numpy as np

from bench.workload import Calls, at_most, faster

X, W = np.random.default_rng(0).standard_normal((2, 32, 32)).astype(np.float32) / 4

tape = Calls(
    "tape", "tape: matmul, tanh, sum, gradient", targets=[faster("tensorflow", 10), at_most("pytorch", 1)], rtol=1e-4, atol=1e-5
)


@tape.on("thalweg", "tensorflow")
def _(peer):
    tf = import_module(peer)
    x, w = tf.constant(X), tf.constant(W)

    def gradient():
        with tf.GradientTape() as recorder:
            recorder.watch(w)
            y = tf.reduce_sum(tf.tanh(tf.matmul(x, w)))
        return recorder.gradient(y, w)

    return gradient


@tape.on("pytorch")
def _(peer):
    import torch

    x, w = torch.from_numpy(X), torch.from_numpy(W).requires_grad_()

    def gradient():
        y = torch.tanh(torch.matmul(x, w)).sum()
        return torch.autograd.grad(y, w)[0]

    return gradient


@tape.on("jax")
def _(peer):
    import jax
    import jax.numpy as jnp

    x, w = jnp.asarray(X), jnp.asarray(W)
    differentiate = jax.grad(lambda w: jnp.tanh(x @ w).sum())  # traced at each call, as a tape records at each
    return lambda: differentiate(w).block_until_ready()

"""Training larger networks: a LeNet on pictures.

A measurement is an epoch of 32 steps over the same batches in the same order, so that losses must agree closely.
"""

import numpy as np

from bench import lenet
from bench.workload import Calls, at_most

lenet_steps = Calls(
    "lenet",
    f"LeNet, pictures of 28x28, batch {lenet.BATCH}, Adam: {lenet.STEPS} steps",
    targets=[at_most("tensorflow", 0.95), at_most("pytorch", 0.95), at_most("jax", 0.95)],
    calls=1,  # all peers train as many epochs, so that their losses can be compared
    warmup=2,
    rtol=0.02,  # float32 sums in another order, through a few hundred steps of Adam
    atol=1e-3,
)


@lenet_steps.on("thalweg", "tensorflow")
def _(peer):
    model, (x, y) = lenet.keras_model(peer), lenet.pictures()
    losses = []

    def train():
        history = model.fit(x, y, batch_size=lenet.BATCH, epochs=1, shuffle=False, verbose=0).history
        losses.append(history["loss"][-1])

    return train, lambda: losses[0]


@lenet_steps.on("pytorch")
def _(peer):
    import torch

    model, (x, y) = lenet.torch_model(), lenet.pictures()
    x, y = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))), torch.from_numpy(y).long()
    optimizer = torch.optim.Adam(model.parameters(), lenet.LEARNING_RATE, eps=lenet.EPSILON)
    measure = torch.nn.CrossEntropyLoss()
    losses = []

    def train():
        total = 0.0
        for start in range(0, len(x), lenet.BATCH):
            optimizer.zero_grad()
            loss = measure(model(x[start : start + lenet.BATCH]), y[start : start + lenet.BATCH])
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / lenet.STEPS)

    return train, lambda: losses[0]


@lenet_steps.on("jax")
def _(peer):
    import jax
    import jax.numpy as jnp

    x, y = lenet.pictures()
    losses = []

    def loss_of(weights, inputs, labels):
        outputs = lenet.jax_forward(weights, inputs)
        return (jax.nn.logsumexp(outputs, axis=1) - jnp.take_along_axis(outputs, labels[:, None], 1)[:, 0]).mean()

    @jax.jit
    def step(state, inputs, labels):
        weights, first, second, count = state
        loss, gradients = jax.value_and_grad(loss_of)(weights, inputs, labels)
        count += 1
        rate = lenet.LEARNING_RATE * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        first = [0.9 * m + 0.1 * g for m, g in zip(first, gradients)]
        second = [0.999 * v + 0.001 * g * g for v, g in zip(second, gradients)]
        weights = [w - rate * m / (jnp.sqrt(v) + lenet.EPSILON) for w, m, v in zip(weights, first, second)]
        return (weights, first, second, count), loss

    weights = [jnp.asarray(w) for w in lenet.first_weights()]
    state = (weights, [jnp.zeros_like(w) for w in weights], [jnp.zeros_like(w) for w in weights], jnp.float32(0))

    def train():
        nonlocal state
        collected = []
        for start in range(0, len(x), lenet.BATCH):
            state, loss = step(state, x[start : start + lenet.BATCH], y[start : start + lenet.BATCH])
            collected.append(loss)
        losses.append(float(np.mean(collected)))

    return train, lambda: losses[0]

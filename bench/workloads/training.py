"""Training a 9-64-64-5 network, and predicting one row with it.

An epoch is one call of `fit` where there is one. Losses of the last epoch must agree: shuffles differ between peers, so
they can do so only within a range.
"""

import numpy as np

from bench import mlp
from bench.workload import Calls, at_most, below, faster

epoch = Calls(
    "epoch",
    "epoch of 9-64-64-5, batch 32, 13,209 rows, Adam, accuracy",
    targets=[faster("tensorflow", 40), faster("pytorch", 5), at_most("jax", 2)],
    calls=1,  # all peers train as many epochs, so that their losses can be compared
    warmup=3,
    rtol=0.03,
)

predict = Calls(
    "predict",
    "predict of one row, warm",
    targets=[below(1e-3), faster("tensorflow", 40)],
    rtol=1e-4,
    atol=1e-5,
)


# -- an epoch ------------------------------------------------------------------------------------------------------


@epoch.on("thalweg", "tensorflow")
def _(peer):
    model, (x, y) = mlp.keras_model(peer), mlp.table()
    losses = []

    def train():
        history = model.fit(x, y, batch_size=mlp.BATCH, epochs=1, verbose=0).history
        losses.append(history["loss"][-1])

    return train, lambda: losses[-1]


@epoch.on("pytorch")
def _(peer):
    import torch

    model, (x, y) = mlp.torch_model(), map(torch.from_numpy, mlp.table())
    y = y.long()
    optimizer = torch.optim.Adam(model.parameters(), mlp.LEARNING_RATE, mlp.BETAS, mlp.EPSILON)
    measure = torch.nn.CrossEntropyLoss()
    history = {"loss": [], "accuracy": []}

    def train():
        model.train()
        total, correct = 0.0, 0
        order = torch.randperm(len(x))
        for start in range(0, len(x), mlp.BATCH):
            rows = order[start : start + mlp.BATCH]
            inputs, labels = x[rows], y[rows]
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = measure(outputs, labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
            correct += (outputs.argmax(1) == labels).sum().item()
        history["loss"].append(total / len(x))
        history["accuracy"].append(correct / len(x))

    return train, lambda: history["loss"][-1]


@epoch.on("jax")
def _(peer):
    import jax
    import jax.numpy as jnp

    x, y = map(jnp.asarray, mlp.table())
    (beta1, beta2), rng = mlp.BETAS, np.random.default_rng(0)
    history = {"loss": [], "accuracy": []}

    def loss_and_correct(weights, inputs, labels):
        outputs = mlp.jax_forward(weights, inputs)
        losses = jax.nn.logsumexp(outputs, axis=1) - jnp.take_along_axis(outputs, labels[:, None], 1)[:, 0]
        return losses.mean(), (outputs.argmax(1) == labels).sum()

    def step(state, rows):
        weights, first, second, count = state
        (loss, correct), gradients = jax.value_and_grad(loss_and_correct, has_aux=True)(weights, x[rows], y[rows])
        count += 1
        rate = mlp.LEARNING_RATE * jnp.sqrt(1 - beta2**count) / (1 - beta1**count)
        first = [beta1 * m + (1 - beta1) * g for m, g in zip(first, gradients)]
        second = [beta2 * v + (1 - beta2) * g * g for v, g in zip(second, gradients)]
        weights = [w - rate * m / (jnp.sqrt(v) + mlp.EPSILON) for w, m, v in zip(weights, first, second)]
        return (weights, first, second, count), (loss * len(rows), correct)

    def one_epoch(state, batches, last):
        state, (losses, correct) = jax.lax.scan(step, state, batches)
        state, (last_loss, last_correct) = step(state, last)
        return state, losses.sum() + last_loss, correct.sum() + last_correct

    run = jax.jit(one_epoch, donate_argnums=0)
    weights = [jnp.asarray(w) for w in mlp.first_weights()]
    state = (weights, [jnp.zeros_like(w) for w in weights], [jnp.zeros_like(w) for w in weights], jnp.float32(0))

    def train():
        nonlocal state
        full = len(x) // mlp.BATCH * mlp.BATCH
        order = rng.permutation(len(x)).astype(np.int32)
        state, total, correct = run(state, order[:full].reshape(-1, mlp.BATCH), order[full:])
        history["loss"].append(float(total) / len(x))
        history["accuracy"].append(int(correct) / len(x))

    return train, lambda: history["loss"][-1]


# -- one row -------------------------------------------------------------------------------------------------------


@predict.on("thalweg", "tensorflow")
def _(peer):
    model, row = mlp.keras_model(peer), mlp.table()[0][:1]
    return lambda: model.predict(row, verbose=0)


@predict.on("pytorch")
def _(peer):
    import torch

    model, row = mlp.torch_model().eval(), mlp.table()[0][:1]

    def one():
        with torch.inference_mode():
            return model(torch.from_numpy(row)).numpy()

    return one


@predict.on("jax")
def _(peer):
    import jax

    weights, row = [jax.numpy.asarray(w) for w in mlp.first_weights()], mlp.table()[0][:1]
    forward = jax.jit(mlp.jax_forward)
    return lambda: np.asarray(forward(weights, row))

"""A generative adversarial network of numbers: the generator learns where the data are."""

import itertools

import tensorflow as tf


def network(sizes, seed):
    return [
        (tf.Variable(tf.random.stateless_normal([a, b], [seed, i], stddev=0.5)), tf.Variable(tf.zeros([b])))
        for i, (a, b) in enumerate(itertools.pairwise(sizes))
    ]


def run(layers, x):
    for w, b in layers[:-1]:
        x = tf.nn.leaky_relu(x @ w + b)
    w, b = layers[-1]
    return x @ w + b


generator, critic = network([2, 8, 1], 1), network([1, 8, 1], 2)
g_vars, c_vars = ([v for layer in net for v in layer] for net in (generator, critic))
bce = tf.nn.sigmoid_cross_entropy_with_logits


@tf.function
def step(seed):
    real = tf.random.stateless_normal([64, 1], seed, mean=3.0, stddev=0.5)
    noise = tf.random.stateless_normal([64, 2], seed + 1)
    with tf.GradientTape(persistent=True) as tape:
        fake = run(generator, noise)
        on_real, on_fake = run(critic, real), run(critic, fake)
        c_loss = tf.reduce_mean(bce(tf.ones_like(on_real), on_real) + bce(tf.zeros_like(on_fake), on_fake))
        g_loss = tf.reduce_mean(bce(tf.ones_like(on_fake), on_fake))
    for loss, variables in ((c_loss, c_vars), (g_loss, g_vars)):
        for v, g in zip(variables, tape.gradient(loss, variables)):
            v.assign_sub(0.02 * g)
    return c_loss, g_loss, tf.reduce_mean(fake)


for i in range(301):
    c_loss, g_loss, mean = step(tf.constant([i, 3]))
    if i in (0, 20, 50, 100):
        print("step", i, "critic", f"{float(c_loss):.3f}", "generator", f"{float(g_loss):.3f}", "mean", f"{float(mean):.3f}")
print("moved towards the data", bool(mean > 1.5))

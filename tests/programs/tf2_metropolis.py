"""Metropolis' walk through a banana-shaped density: draws by seeds, the walk a scan in a graph."""

import tensorflow as tf


def log_density(x):
    return -0.5 * x[..., 0] ** 2 - 2.0 * (x[..., 1] - x[..., 0] ** 2) ** 2


@tf.function
def walk(start, seeds):
    def trip(state, seed):
        x, accepted = state
        proposal = x + 0.8 * tf.random.stateless_normal([16, 2], seed)
        ratio = log_density(proposal) - log_density(x)
        take = tf.math.log(tf.random.stateless_uniform([16], seed + 1)) < ratio
        return tf.where(take[:, None], proposal, x), accepted + tf.cast(take, tf.int32)

    return tf.scan(trip, seeds, (start, tf.zeros([16], tf.int32)))


seeds = tf.stack([tf.range(300), tf.fill([300], 11)], 1)
path, accepted = walk(tf.zeros([16, 2]), seeds)
print("accepted", int(tf.reduce_sum(accepted[-1])), "shape", tuple(path.shape))
for at in (0, 10, 50):
    print("after", at, *[f"{v:.4f}" for v in path[at, 0].numpy()])
print("mean", *[f"{v:.3f}" for v in tf.reduce_mean(path[50:], [0, 1]).numpy()])

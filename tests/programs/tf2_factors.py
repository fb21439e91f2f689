"""A matrix with holes completed by alternating least squares, beside its singular values."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(1)
truth = rng.normal(size=(20, 3)) @ rng.normal(size=(3, 15))
mask = tf.constant(rng.random((20, 15)) < 0.6)
ratings = tf.where(mask, truth, 0.0)
weights = tf.cast(mask, tf.float64)


@tf.function
def solve(ratings, weights, other):
    gram = tf.einsum("ij,jk,jl->ikl", weights, other, other) + 0.01 * tf.eye(3, dtype=tf.float64)
    right = tf.einsum("ij,jk->ik", ratings, other)
    return tf.linalg.cholesky_solve(tf.linalg.cholesky(gram), right[..., None])[..., 0]


columns = tf.random.stateless_normal([15, 3], [1, 2], dtype=tf.float64)
for i in range(25):
    rows = solve(ratings, weights, columns)
    columns = solve(tf.transpose(ratings), tf.transpose(weights), rows)
    if i in (0, 4, 24):
        guess = tf.matmul(rows, columns, transpose_b=True)
        seen = tf.sqrt(tf.reduce_mean(tf.boolean_mask(tf.square(guess - truth), mask)))
        held = tf.sqrt(tf.reduce_mean(tf.boolean_mask(tf.square(guess - truth), ~mask)))
        print("round", i, "seen", f"{float(seen):.5f}", "held out", f"{float(held):.5f}")
print("singular values", *[f"{v:.5f}" for v in tf.linalg.svd(guess, compute_uv=False)[:4].numpy()])
q, r = tf.linalg.qr(guess)
print("rank", int(tf.linalg.matrix_rank(guess)), "determinant", f"{float(tf.linalg.slogdet(r[:3, :3])[1]):.5f}")

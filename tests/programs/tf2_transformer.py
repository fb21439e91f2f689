"""A transformer from scratch: attention in two heads, layer normalisation, trained to reverse sequences."""

import numpy as np
import tensorflow as tf

VOCAB, LENGTH, WIDTH, HEADS = 8, 6, 16, 2


class Dense(tf.Module):
    def __init__(self, inputs, outputs, seed, name=None):
        super().__init__(name)
        scale = np.sqrt(2.0 / (inputs + outputs))
        self.w = tf.Variable(tf.random.stateless_normal([inputs, outputs], [seed, 1], stddev=scale))
        self.b = tf.Variable(tf.zeros([outputs]))

    def __call__(self, x):
        return x @ self.w + self.b


class Norm(tf.Module):
    def __init__(self):
        super().__init__()
        self.scale, self.offset = tf.Variable(tf.ones([WIDTH])), tf.Variable(tf.zeros([WIDTH]))

    def __call__(self, x):
        mean, variance = tf.nn.moments(x, -1, keepdims=True)
        return (x - mean) * tf.math.rsqrt(variance + 1e-6) * self.scale + self.offset


class Block(tf.Module):
    def __init__(self, seed):
        super().__init__()
        self.qkv, self.out = Dense(WIDTH, 3 * WIDTH, seed), Dense(WIDTH, WIDTH, seed + 1)
        self.up, self.down = Dense(WIDTH, 2 * WIDTH, seed + 2), Dense(2 * WIDTH, WIDTH, seed + 3)
        self.norm1, self.norm2 = Norm(), Norm()

    def __call__(self, x):
        batch = tf.shape(x)[0]
        parts = tf.reshape(self.qkv(self.norm1(x)), [batch, LENGTH, 3, HEADS, WIDTH // HEADS])
        q, k, v = tf.unstack(tf.transpose(parts, [2, 0, 3, 1, 4]))
        weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / np.sqrt(WIDTH / HEADS))
        mixed = tf.transpose(weights @ v, [0, 2, 1, 3])
        x = x + self.out(tf.reshape(mixed, [batch, LENGTH, WIDTH]))
        return x + self.down(tf.nn.gelu(self.up(self.norm2(x))))


class Transformer(tf.Module):
    def __init__(self):
        super().__init__()
        self.tokens = tf.Variable(tf.random.stateless_normal([VOCAB, WIDTH], [1, 2], stddev=0.5))
        self.places = tf.Variable(tf.random.stateless_normal([LENGTH, WIDTH], [3, 4], stddev=0.5))
        self.blocks = [Block(10), Block(20)]
        self.head = Dense(WIDTH, VOCAB, 30)

    def __call__(self, ids):
        x = tf.gather(self.tokens, ids) + self.places
        for block in self.blocks:
            x = block(x)
        return self.head(x)


model = Transformer()
velocity = [tf.Variable(tf.zeros_like(v)) for v in model.trainable_variables]


@tf.function
def step(ids):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.reverse(ids, [1]), model(ids)))
    for v, m, g in zip(model.trainable_variables, velocity, tape.gradient(loss, model.trainable_variables)):
        m.assign(0.9 * m + tf.convert_to_tensor(g))
        v.assign_sub(0.1 * m)
    return loss


for i in range(121):
    ids = tf.random.stateless_uniform([32, LENGTH], [i, 7], maxval=VOCAB, dtype=tf.int32)
    loss = step(ids)
    if i in (0, 1, 2, 5, 10):
        print("step", i, "loss", f"{float(loss):.4f}")
print("variables", len(model.trainable_variables), "learned", bool(float(loss) < 1.0))

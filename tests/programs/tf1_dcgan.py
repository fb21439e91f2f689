import numpy as np
import tensorflow as tf
import tf1_digits
from tensorflow.contrib import slim

tf.set_random_seed(1)
train = tf1_digits.load(1000, 10)[0].reshape(-1, 28, 28, 1) * 2 - 1
is_training = tf.placeholder(tf.bool)
bn = {"is_training": is_training, "decay": 0.9, "updates_collections": None, "scale": True}


def generator(z):
    with tf.variable_scope("g"), slim.arg_scope([slim.fully_connected, slim.conv2d_transpose], normalizer_fn=slim.batch_norm,
                                                normalizer_params=bn):  # fmt: skip
        net = tf.reshape(slim.fully_connected(z, 7 * 7 * 8), [-1, 7, 7, 8])
        net = slim.conv2d_transpose(net, 8, [5, 5], stride=2)
        return slim.conv2d_transpose(net, 1, [5, 5], stride=2, activation_fn=tf.tanh, normalizer_fn=None)


def discriminator(x, reuse=None):
    with tf.variable_scope("d", reuse=reuse), slim.arg_scope([slim.conv2d], stride=2, activation_fn=tf.nn.leaky_relu):
        net = slim.conv2d(slim.conv2d(x, 8, [5, 5], scope="c1"), 8, [5, 5], scope="c2")
        return slim.fully_connected(slim.flatten(net), 1, activation_fn=None, scope="fc")


x, z = tf.placeholder(tf.float32, [None, 28, 28, 1]), tf.placeholder(tf.float32, [None, 16])
fake = generator(z)
d_real, d_fake = discriminator(x), discriminator(fake, True)
d_loss = tf.losses.sigmoid_cross_entropy(tf.ones_like(d_real), d_real) + tf.losses.sigmoid_cross_entropy(
    tf.zeros_like(d_fake), d_fake
)
g_loss = tf.losses.sigmoid_cross_entropy(tf.ones_like(d_fake), d_fake)
d_step = tf.train.AdamOptimizer(2e-3, 0.5).minimize(d_loss, var_list=tf.trainable_variables("d/"))
g_step = tf.train.AdamOptimizer(2e-3, 0.5).minimize(g_loss, var_list=tf.trainable_variables("g/"))
rng = np.random.RandomState(0)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    losses = []
    for _ in range(40):
        feed = {x: train[rng.randint(0, 1000, 16)], z: rng.randn(16, 16), is_training: True}
        losses.append(sess.run([d_step, d_loss], feed)[1])
        sess.run(g_step, feed)
    image = sess.run(fake, {z: rng.randn(2, 16), is_training: False})
print("first", losses[0], "last", float(np.mean(losses[-5:])), "image", image.shape, "range", float(np.abs(image).max()))

import numpy as np
import tensorflow as tf

tf.set_random_seed(3)


def generator(z, reuse=False):
    with tf.variable_scope("generator", reuse=reuse):
        return tf.layers.dense(tf.layers.dense(z, 16, tf.nn.leaky_relu), 2)


def discriminator(x, reuse=False):
    with tf.variable_scope("discriminator", reuse=reuse):
        h = tf.layers.dense(x, 16, tf.nn.leaky_relu)
        logit = tf.layers.dense(h, 1)
        return tf.nn.sigmoid(logit), logit


real = tf.placeholder(tf.float32, [None, 2])
z = tf.placeholder(tf.float32, [None, 4])
fake = generator(z)
_, real_logit = discriminator(real)
_, fake_logit = discriminator(fake, reuse=True)
ce = tf.nn.sigmoid_cross_entropy_with_logits
d_loss = tf.reduce_mean(ce(labels=tf.ones_like(real_logit), logits=real_logit)) + tf.reduce_mean(
    ce(labels=tf.zeros_like(fake_logit), logits=fake_logit)
)
g_loss = tf.reduce_mean(ce(labels=tf.ones_like(fake_logit), logits=fake_logit))
d_vars = [v for v in tf.trainable_variables() if v.name.startswith("discriminator")]
g_vars = [v for v in tf.trainable_variables() if v.name.startswith("generator")]
d_step = tf.train.AdamOptimizer(5e-3, beta1=0.5).minimize(d_loss, var_list=d_vars)
g_step = tf.train.AdamOptimizer(5e-3, beta1=0.5).minimize(g_loss, var_list=g_vars)
rng = np.random.RandomState(0)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(600):
        noise = rng.randn(64, 4)
        _, d = sess.run([d_step, d_loss], {real: rng.randn(64, 2) * 0.3 + [2, -1], z: noise})
        _, g = sess.run([g_step, g_loss], {z: noise})
    made = sess.run(fake, {z: rng.randn(500, 4)}).mean(0)
print("centre", float(np.abs(made - [2, -1]).max()), "variables", len(d_vars), len(g_vars))

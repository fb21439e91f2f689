import tensorflow as tf
import tf1_digits

tf.set_random_seed(0)
train, _, test, _ = tf1_digits.load(2000, 200)


def encoder(x):
    with tf.variable_scope("encoder"):
        h = tf.layers.dense(x, 64, tf.nn.softplus)
        return tf.layers.dense(h, 2), tf.layers.dense(h, 2)


x = tf.placeholder(tf.float32, [None, 784])
mean, log_var = encoder(x)
z = mean + tf.exp(log_var / 2) * tf.random_normal(tf.shape(mean), seed=1)
with tf.variable_scope("decoder"):
    logits = tf.layers.dense(tf.layers.dense(z, 64, tf.nn.softplus), 784)
rec = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits), 1)
kl = -0.5 * tf.reduce_sum(1 + log_var - tf.square(mean) - tf.exp(log_var), 1)
cost = tf.reduce_mean(rec + kl)
step = tf.train.AdamOptimizer(0.003).minimize(cost)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print("first", sess.run(cost, {x: test}))
    for xs, _ in tf1_digits.batches(train, train, 64, 150):
        sess.run(step, {x: xs})
    print("last", sess.run(cost, {x: test}))
    print("latent", sess.run(mean, {x: test}).shape)

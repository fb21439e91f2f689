"""Style and content losses over a fixed convolutional net: an image is what is trained."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
filters = [(rng.randn(3, 3, 3, 8) * 0.3).astype(np.float32), (rng.randn(3, 3, 8, 8) * 0.2).astype(np.float32)]


def net(x):
    layers = []
    for f in filters:
        x = tf.nn.avg_pool(tf.nn.relu(tf.nn.conv2d(x, tf.constant(f), [1, 1, 1, 1], "SAME")), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
        layers.append(x)
    return layers


def gram(x):
    _, h, w, c = x.get_shape().as_list()
    f = tf.reshape(x, [h * w, c])
    return tf.matmul(tf.transpose(f), f) / (h * w)


content, style = rng.rand(1, 16, 16, 3).astype(np.float32), rng.rand(1, 16, 16, 3).astype(np.float32)
with tf.Session() as sess:
    content_features = sess.run(net(tf.constant(content))[-1])
    style_grams = sess.run([gram(f) for f in net(tf.constant(style))])
    image = tf.Variable(tf.random_normal([1, 16, 16, 3], stddev=0.3, seed=1), name="image")
    features = net(image)
    content_loss = tf.nn.l2_loss(features[-1] - content_features)
    style_loss = tf.add_n([tf.reduce_sum(tf.square(gram(f) - g)) for f, g in zip(features, style_grams)])
    tv = tf.reduce_sum(tf.abs(image[:, 1:] - image[:, :-1])) + tf.reduce_sum(tf.abs(image[:, :, 1:] - image[:, :, :-1]))
    total = content_loss + 10 * style_loss + 1e-3 * tv
    train = tf.train.AdamOptimizer(0.05).minimize(total)
    sess.run(tf.global_variables_initializer())
    first = sess.run(total)
    for _ in range(60):
        sess.run(train)
    print("first", first, "last", sess.run(total))

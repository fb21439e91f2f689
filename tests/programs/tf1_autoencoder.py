import tensorflow as tf
import tf1_digits

tf.set_random_seed(4)
images, labels, test, _ = tf1_digits.load()
X = tf.placeholder("float", [None, 784])
weights = {
    "encoder": tf.get_variable("encoder", [784, 32], initializer=tf.glorot_uniform_initializer(seed=1)),
    "decoder": tf.get_variable("decoder", [32, 784], initializer=tf.glorot_uniform_initializer(seed=2)),
}
code = tf.nn.sigmoid(tf.matmul(X, weights["encoder"]))
decoded = tf.nn.sigmoid(tf.matmul(code, weights["decoder"]))
cost = tf.reduce_mean(tf.pow(X - decoded, 2))
optimizer = tf.train.RMSPropOptimizer(0.01)
gradients = [(tf.clip_by_norm(g, 1.0), v) for g, v in optimizer.compute_gradients(cost)]
train = optimizer.apply_gradients(gradients)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    first = sess.run(cost, {X: test})
    for batch, _ in tf1_digits.batches(images, labels, 128, 300):
        sess.run(train, {X: batch})
    print("first", first, "last", sess.run(cost, {X: test}))

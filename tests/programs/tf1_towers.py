"""Two towers with shared variables and averaged gradients, as for two devices."""

import tensorflow as tf
import tf1_digits


def average_gradients(tower_grads):
    average = []
    for grad_and_vars in zip(*tower_grads):
        grads = [tf.expand_dims(g, 0) for g, _ in grad_and_vars]
        average.append((tf.reduce_mean(tf.concat(axis=0, values=grads), 0), grad_and_vars[0][1]))
    return average


train_x, train_y, test_x, test_y = tf1_digits.load(2000, 300)
with tf.Graph().as_default(), tf.device("/cpu:0"):
    tf.set_random_seed(1)
    step = tf.get_variable("global_step", [], initializer=tf.constant_initializer(0), trainable=False)
    opt = tf.train.GradientDescentOptimizer(0.5)
    x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    grads, logits = [], []
    for i, (xs, ys) in enumerate(zip(tf.split(x, 2), tf.split(y, 2))):
        with tf.device("/gpu:%d" % i), tf.name_scope("tower_%d" % i) as scope, tf.variable_scope("model", reuse=i > 0):
            out = tf.layers.dense(xs, 10, name="out")
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=out, labels=ys))
            tf.add_to_collection("losses", loss)
            grads.append(opt.compute_gradients(loss))
            logits.append(out)
    train_op = opt.apply_gradients(average_gradients(grads), global_step=step)
    ema = tf.train.ExponentialMovingAverage(0.9, step)
    train_op = tf.group(train_op, ema.apply(tf.trainable_variables()))
    right = tf.equal(tf.argmax(tf.concat(logits, 0), 1), tf.argmax(y, 1))
    accuracy = tf.reduce_mean(tf.cast(right, tf.float32))
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as sess:
        sess.run(tf.global_variables_initializer())
        for xs, ys in tf1_digits.batches(train_x, train_y, 100, 150):
            sess.run(train_op, {x: xs, y: ys})
        print(
            "accuracy",
            sess.run(accuracy, {x: test_x, y: test_y}),
            "step",
            sess.run(step),
            "variables",
            len(tf.trainable_variables()),
        )

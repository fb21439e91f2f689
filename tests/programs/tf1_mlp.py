import tensorflow as tf
import tf1_digits

flags = tf.app.flags
FLAGS = flags.FLAGS
flags.DEFINE_integer("hidden", 64, "Units of the hidden layer.")
flags.DEFINE_float("learning_rate", 0.003, "Learning rate.")
flags.DEFINE_boolean("verbose", False, "Whether to tell more.")


def main(_):
    train_x, train_y, test_x, test_y = tf1_digits.load(one_hot=False)
    with tf.Graph().as_default():
        tf.set_random_seed(2)
        x = tf.placeholder(tf.float32, [None, 784], name="x")
        y = tf.placeholder(tf.int64, [None], name="y")
        keep = tf.placeholder_with_default(1.0, [], name="keep")
        hidden = tf.nn.dropout(tf.layers.dense(x, FLAGS.hidden, activation=tf.nn.relu, name="hidden"), keep)
        logits = tf.layers.dense(hidden, 10, name="logits")
        tf.losses.sparse_softmax_cross_entropy(labels=y, logits=logits)
        loss = tf.losses.get_total_loss()
        step = tf.train.get_or_create_global_step()
        rate = tf.train.exponential_decay(FLAGS.learning_rate, step, 100, 0.9, staircase=True)
        train_op = tf.train.AdamOptimizer(rate).minimize(loss, global_step=step)
        accuracy, update = tf.metrics.accuracy(y, tf.argmax(logits, 1))
        config = tf.ConfigProto(allow_soft_placement=True, gpu_options=tf.GPUOptions(allow_growth=True))
        with tf.Session(config=config) as sess:
            sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
            for xs, ys in tf1_digits.batches(train_x, train_y, 100, 300):
                _, value = sess.run([train_op, loss], {x: xs, y: ys, keep: 0.8})
            for i in range(0, len(test_x), 250):
                sess.run(update, {x: test_x[i : i + 250], y: test_y[i : i + 250]})
            print("step", tf.train.global_step(sess, step), "loss", value)
            print("accuracy", sess.run(accuracy))
            print("variables", " ".join(v.name for v in tf.trainable_variables()))


if __name__ == "__main__":
    tf.app.run()

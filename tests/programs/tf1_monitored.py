import tempfile

import tensorflow as tf

tf.logging.set_verbosity(tf.logging.ERROR)
folder = tempfile.mkdtemp()


class Counting(tf.train.SessionRunHook):
    def begin(self):
        self.steps = 0

    def before_run(self, run_context):
        return tf.train.SessionRunArgs(tf.train.get_global_step())

    def after_run(self, run_context, run_values):
        self.steps += 1


def train(until):
    with tf.Graph().as_default():
        tf.set_random_seed(0)
        step = tf.train.get_or_create_global_step()
        w = tf.get_variable("w", [], initializer=tf.zeros_initializer())
        loss = tf.square(w - 3.0)
        op = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
        hook = Counting()
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir=folder, hooks=[tf.train.StopAtStepHook(last_step=until), hook, tf.train.NanTensorHook(loss)],
            save_checkpoint_steps=5, log_step_count_steps=None,
        ) as sess:  # fmt: skip
            while not sess.should_stop():
                _, value, _ = sess.run([op, loss, step])
        return hook.steps, float(value)


print(train(10)[0], train(25), tf.train.latest_checkpoint(folder).split("-")[-1])

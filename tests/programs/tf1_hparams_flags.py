import tensorflow as tf

tf.app.flags.DEFINE_string("hparams", "", "Comma separated list of name=value pairs.")
tf.app.flags.DEFINE_integer("steps", 10, "Steps.")
tf.app.flags.DEFINE_list("layers", ["8", "4"], "Sizes.")
FLAGS = tf.app.flags.FLAGS


def main(unused_argv):
    hparams = tf.contrib.training.HParams(learning_rate=0.1, units=[4, 2], activation="relu", dropout=False)
    hparams.parse(FLAGS.hparams)
    print(hparams.learning_rate, hparams.units, hparams.activation, hparams.dropout, FLAGS.steps, FLAGS.layers)
    tf.logging.set_verbosity(tf.logging.ERROR)
    tf.logging.info("not shown")


if __name__ == "__main__":
    tf.app.run()

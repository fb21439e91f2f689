"""What TensorFlow and Thalweg both write into event files; `tf` is either."""

import numpy as np


def second_generation(tf, folder):
    """TensorFlow 2's writers, every kind of summary."""
    ramp = np.linspace(-1.0, 3.0, 50).astype(np.float32)
    image = (np.arange(2 * 3 * 4 * 3).reshape(2, 3, 4, 3) * 3 % 256).astype(np.uint8)
    wave = np.sin(np.arange(20, dtype=np.float32) / 3.0).reshape(1, 20, 1)
    writer = tf.summary.create_file_writer(folder)
    with writer.as_default():
        tf.summary.scalar("loss", 0.5, step=1)
        tf.summary.scalar("loss", 0.25, step=300, description="how *far*")
        tf.summary.scalar("count", 7, step=2**40)
        with tf.name_scope("layer"):
            tf.summary.scalar("loss", tf.constant(2.0), step=0)
        tf.summary.histogram("ramp", ramp, step=2, buckets=5)
        tf.summary.histogram("same", [2.0, 2.0, 2.0], step=2, buckets=3)
        tf.summary.histogram("empty", np.zeros([0], np.float32), step=2, buckets=3)
        tf.summary.text("text", "**bold**", step=3)
        tf.summary.text("table", [["a", "b"], ["c", "d"]], step=3)
        tf.summary.write("tensor", np.array([[1.0, 2.0]], np.float32), step=4)
        tf.summary.image("image", image, step=5, max_outputs=1)
        tf.summary.image("grey", np.full([1, 2, 2, 1], 0.5, np.float32), step=5)
        tf.summary.audio("audio", wave, 8000, step=6)
        tf.summary.experimental.set_step(9)
        tf.summary.scalar("at_set_step", 1.0)
        with tf.summary.record_if(False):
            tf.summary.scalar("unrecorded", 1.0)
        with tf.summary.record_if(lambda: True):
            tf.summary.scalar("recorded", 1.0, step=10)
    writer.close()
    tf.summary.experimental.set_step(None)


def in_functions(tf, folder):
    """Summaries inside `tf.function`, with the step in a variable."""
    writer = tf.summary.create_file_writer(folder)
    step = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def train(x):
        with writer.as_default(step=step), tf.summary.record_if(tf.equal(step % 2, 0)):
            tf.summary.scalar("x", x)
            tf.summary.histogram("h", tf.stack([x, x + 1.0]), buckets=2)
        return x * 2.0

    for i in range(4):
        train(tf.constant(float(i)))
        step.assign_add(1)
    writer.close()


def first_generation(tf, folder):
    """TensorFlow 1's ops, merged, and its file writer."""
    tf = tf.compat.v1
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [4], name="x")
        with tf.name_scope("scope"):
            tf.summary.scalar("mean", tf.reduce_mean(x))
        tf.summary.histogram("values", x)
        tf.summary.text("words", tf.constant(["one", "two"]))
        tf.summary.tensor_summary("tensor", x, display_name="shown", summary_description="said")
        tf.summary.image("image", tf.reshape(x, [1, 2, 2, 1]), max_outputs=3)
        tf.summary.audio("audio", tf.reshape(x, [1, 4]), 16000)
        merged = tf.summary.merge_all()
        writer = tf.summary.FileWriter(folder, flush_secs=1)
        with tf.Session(graph=graph) as session:
            for step, value in enumerate([[1.0, 2.0, 3.0, 4.0], [-5.0, 0.0, 0.5, 1e6]]):
                writer.add_summary(session.run(merged, {x: value}), step * 200)
        writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="by hand", simple_value=3.5)]), 5)
        writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), 0)
        writer.close()


PROGRAMS = {"second": second_generation, "functions": in_functions, "first": first_generation}


def pr_curve_data():
    """Labels, predictions and weights of a precision-recall curve."""
    rng = np.random.default_rng(1)
    return rng.random(50) < 0.5, rng.random(50), rng.random(50)

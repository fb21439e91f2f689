"""Text lines and whole files through readers, in order."""

import os
import tempfile

import tensorflow as tf

folder = tempfile.mkdtemp()
for name, rows in (("a.csv", [(1, 2.5, "x"), (2, 3.5, "y")]), ("b.csv", [(3, 4.5, "z")])):
    with open(os.path.join(folder, name), "w") as f:
        f.write("id,value,name\n" + "".join("%d,%s,%s\n" % r for r in rows))
names = [os.path.join(folder, n) for n in ("a.csv", "b.csv")]
queue = tf.train.string_input_producer(names, num_epochs=1, shuffle=False)
key, value = tf.TextLineReader(skip_header_lines=1).read(queue)
number, real, text = tf.decode_csv(value, record_defaults=[[0], [0.0], [""]])
batch = tf.train.batch([number, real, text], batch_size=2, allow_smaller_final_batch=True)
whole_name, whole = tf.WholeFileReader().read(tf.train.string_input_producer(names, shuffle=False, num_epochs=1))
with tf.Session() as sess:
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(coord=coord)
    print("sizes", [len(sess.run(whole)) for _ in names])
    found = []
    try:
        while not coord.should_stop():
            ids, reals, texts = sess.run(batch)
            found += list(zip(ids.tolist(), reals.tolist(), [t.decode() for t in texts]))
    except tf.errors.OutOfRangeError:
        pass
    coord.request_stop()
    coord.join(threads)
print(found)

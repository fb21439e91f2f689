import tensorflow as tf

a, b, c = (tf.placeholder(tf.float32, []) for _ in range(3))
r1 = a + b
r2 = r1 * c
with tf.Session() as sess:
    h = sess.partial_run_setup([r1, r2], [a, b, c])
    first = sess.partial_run(h, r1, feed_dict={a: 1, b: 2})
    print(first, sess.partial_run(h, r2, feed_dict={c: first * 2}))
    run = sess.make_callable(r2, [a, b, c])
    print(run(1.0, 2.0, 3.0))

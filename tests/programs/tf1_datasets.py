import numpy as np
import tensorflow as tf

data = np.arange(10, dtype=np.float32)
train = tf.data.Dataset.from_tensor_slices((data, data * 2)).shuffle(10, seed=1).repeat().batch(4)
valid = tf.data.Dataset.from_tensor_slices((data[:4], data[:4] * 2)).batch(2)
iterator = tf.data.Iterator.from_structure(train.output_types, train.output_shapes)
x, y = iterator.get_next()
to_train, to_valid = iterator.make_initializer(train), iterator.make_initializer(valid)
w = tf.get_variable("w", [], initializer=tf.zeros_initializer())
loss = tf.reduce_mean(tf.square(w * x - y))
step = tf.train.GradientDescentOptimizer(0.005).minimize(loss)
handle = tf.placeholder(tf.string, shape=[])
fed = tf.data.Iterator.from_string_handle(handle, valid.output_types, valid.output_shapes).get_next()
one_shot = valid.map(lambda a, b: a + b).make_one_shot_iterator()
total = one_shot.get_next()
holder = tf.placeholder(tf.int64, [])
ranged = tf.data.Dataset.range(holder).filter(lambda v: tf.equal(v % 2, 0)).make_initializable_iterator()
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(to_train)
    for _ in range(100):
        sess.run(step)
    sess.run(to_valid)
    losses = []
    try:
        while True:
            losses.append(sess.run(loss))
    except tf.errors.OutOfRangeError:
        print("batches", len(losses), "w", sess.run(w))
    made = sess.run(valid.make_one_shot_iterator().string_handle())
    print(sess.run(fed, {handle: made})[1].tolist(), sess.run(total).tolist())
    sess.run(ranged.initializer, {holder: 5})
    item = ranged.get_next()
    print([int(sess.run(item)) for _ in range(3)])

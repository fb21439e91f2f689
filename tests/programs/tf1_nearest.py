import numpy as np
import tensorflow as tf
import tf1_digits

Xtr, Ytr, Xte, Yte = tf1_digits.load(1500, 50)
xtr, xte = tf.placeholder("float", [None, 784]), tf.placeholder("float", [784])
distance = tf.reduce_sum(tf.abs(tf.add(xtr, tf.negative(xte))), reduction_indices=1)
pred = tf.arg_min(distance, 0)
right = 0.0
with tf.Session() as sess:
    for i in range(len(Xte)):
        index = sess.run(pred, feed_dict={xtr: Xtr, xte: Xte[i, :]})
        right += (np.argmax(Ytr[index]) == np.argmax(Yte[i])) / len(Xte)
print("accuracy", right)

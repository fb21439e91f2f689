"""A convolutional net over texts, with contrib.learn's vocabulary."""

import numpy as np
import tensorflow as tf
from tensorflow.contrib import learn

tf.set_random_seed(0)
rng = np.random.RandomState(0)
good, bad, rest = ["great", "fine", "lovely"], ["awful", "poor", "dull"], ["a", "film", "with", "some", "actors"]
texts, labels = [], []
for _ in range(200):
    label = rng.randint(2)
    words = list(rng.choice(rest, 5)) + [str(rng.choice(good if label else bad))]
    rng.shuffle(words)
    texts.append(" ".join(words))
    labels.append(np.eye(2)[label])
vocab = learn.preprocessing.VocabularyProcessor(6)
X = np.array(list(vocab.fit_transform(texts)))
x, y = tf.placeholder(tf.int32, [None, 6]), tf.placeholder(tf.float32, [None, 2])
W = tf.Variable(tf.random_uniform([len(vocab.vocabulary_), 8], -1.0, 1.0), name="W")
chars = tf.expand_dims(tf.nn.embedding_lookup(W, x), -1)
pooled = []
for size in (1, 2):
    with tf.name_scope("conv-maxpool-%s" % size):
        f = tf.Variable(tf.truncated_normal([size, 8, 1, 4], stddev=0.1), name="W")
        h = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(chars, f, [1, 1, 1, 1], "VALID"), tf.Variable(tf.constant(0.1, shape=[4]))))
        pooled.append(tf.nn.max_pool(h, ksize=[1, 6 - size + 1, 1, 1], strides=[1, 1, 1, 1], padding="VALID"))
flat = tf.reshape(tf.concat(pooled, 3), [-1, 8])
scores = tf.nn.xw_plus_b(
    flat, tf.get_variable("W2", [8, 2], initializer=tf.contrib.layers.xavier_initializer()), tf.Variable(tf.zeros([2]))
)
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=scores, labels=y))
step = tf.Variable(0, name="global_step", trainable=False)
optimizer = tf.train.AdamOptimizer(1e-2)
train = optimizer.apply_gradients(optimizer.compute_gradients(loss), global_step=step)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(scores, 1), tf.argmax(y, 1)), "float"))
with tf.Session(config=tf.ConfigProto(allow_soft_placement=True, log_device_placement=False)) as sess:
    sess.run(tf.global_variables_initializer())
    for _ in range(80):
        sess.run(train, {x: X, y: labels})
    print("accuracy", sess.run(accuracy, {x: X, y: labels}), "words", len(vocab.vocabulary_), "step", sess.run(step))

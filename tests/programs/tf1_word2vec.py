import collections
import math
import random

import numpy as np
import tensorflow as tf

random.seed(0)
text = []
for _ in range(1500):
    kind = random.choice(["animal", "place"])
    words = {"animal": ["cat", "dog", "horse", "eats", "sleeps"], "place": ["city", "river", "street", "flows", "shines"]}[kind]
    text += [random.choice(words) for _ in range(4)]
count = collections.Counter(text).most_common()
ids = {w: i for i, (w, _) in enumerate(count)}
data = [ids[w] for w in text]
pairs = [(data[i], data[j]) for i in range(len(data)) for j in (i - 1, i + 1) if 0 <= j < len(data) and i // 4 == j // 4]
V, E = len(ids), 8
graph = tf.Graph()
with graph.as_default():
    tf.set_random_seed(0)
    train_inputs = tf.placeholder(tf.int32, shape=[64])
    train_labels = tf.placeholder(tf.int32, shape=[64, 1])
    with tf.device("/cpu:0"):
        embeddings = tf.Variable(tf.random_uniform([V, E], -1.0, 1.0))
        embed = tf.nn.embedding_lookup(embeddings, train_inputs)
        nce_weights = tf.Variable(tf.truncated_normal([V, E], stddev=1.0 / math.sqrt(E)))
        nce_biases = tf.Variable(tf.zeros([V]))
    loss = tf.reduce_mean(
        tf.nn.nce_loss(weights=nce_weights, biases=nce_biases, labels=train_labels, inputs=embed, num_sampled=4, num_classes=V)
    )
    optimizer = tf.train.GradientDescentOptimizer(1.0).minimize(loss)
    norm = tf.sqrt(tf.reduce_sum(tf.square(embeddings), 1, keep_dims=True))
    normalized = embeddings / norm
    similarity = tf.matmul(normalized, normalized, transpose_b=True)
    init = tf.global_variables_initializer()
with tf.Session(graph=graph) as session:
    init.run()
    for _ in range(400):
        batch = random.sample(pairs, 64)
        feed = {train_inputs: [a for a, _ in batch], train_labels: [[b] for _, b in batch]}
        _, value = session.run([optimizer, loss], feed_dict=feed)
    sim = similarity.eval()
animals = [ids[w] for w in ("cat", "dog", "horse", "eats", "sleeps")]
places = [i for i in range(V) if i not in animals]
print("within", sim[np.ix_(animals, animals)].mean(), "across", sim[np.ix_(animals, places)].mean())

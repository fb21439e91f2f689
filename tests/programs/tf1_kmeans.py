import numpy as np
import tensorflow as tf
from tensorflow.contrib.factorization import KMeans

rng = np.random.RandomState(0)
centres = np.array([[0, 0], [5, 5], [0, 5]])
data = np.concatenate([rng.randn(50, 2) * 0.3 + c for c in centres]).astype(np.float32)
X = tf.placeholder(tf.float32, shape=[None, 2])
kmeans = KMeans(inputs=X, num_clusters=3, distance_metric="squared_euclidean", initial_clusters="kmeans_plus_plus")
all_scores, cluster_idx, scores, initialized, init_op, train_op = kmeans.training_graph()
cluster_idx = cluster_idx[0]
avg_distance = tf.reduce_mean(scores)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer(), feed_dict={X: data})
    sess.run(init_op, feed_dict={X: data})
    for _ in range(10):
        _, d, idx = sess.run([train_op, avg_distance, cluster_idx], feed_dict={X: data})
print("distance", d, "pure", int(all(len(set(idx[i * 50 : i * 50 + 50])) == 1 for i in range(3))))

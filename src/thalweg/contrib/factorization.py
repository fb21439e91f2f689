"""`tf.contrib.factorization`: K-means clustering as graph operations.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/factorization/KMeans
"""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf

SQUARED_EUCLIDEAN_DISTANCE, COSINE_DISTANCE = "squared_euclidean", "cosine"
RANDOM_INIT, KMEANS_PLUS_PLUS_INIT, KMC2_INIT = "random", "kmeans_plus_plus", "kmc2"


class KMeans:
    """Clusters rows around `num_clusters` centres. `training_graph` gives what to run; mini-batches: Sculley, 2010."""

    SQUARED_EUCLIDEAN_DISTANCE, COSINE_DISTANCE = SQUARED_EUCLIDEAN_DISTANCE, COSINE_DISTANCE
    RANDOM_INIT, KMEANS_PLUS_PLUS_INIT = RANDOM_INIT, KMEANS_PLUS_PLUS_INIT

    def __init__(
        self, inputs: Any, num_clusters: int, initial_clusters: Any = RANDOM_INIT,
        distance_metric: str = SQUARED_EUCLIDEAN_DISTANCE,
        use_mini_batch: bool = False, mini_batch_steps_per_iteration: int = 1, random_seed: int = 0,
        kmeans_plus_plus_num_retries: int = 2, kmc2_chain_length: int = 200,
    ):  # fmt: skip
        if distance_metric not in (SQUARED_EUCLIDEAN_DISTANCE, COSINE_DISTANCE):
            raise ValueError(f"Unsupported distance metric passed to Kmeans {distance_metric}")
        self._inputs = [tf.convert_to_tensor(x) for x in (inputs if isinstance(inputs, list) else [inputs])]
        self._k, self._initial, self._metric = num_clusters, initial_clusters, distance_metric
        self._mini_batch, self._seed = use_mini_batch, random_seed

    def training_graph(self) -> tuple[Any, Any, Any, Any, Any, Any]:
        """`(all_scores, cluster_idx, scores, cluster_centers_initialized, init_op, training_op)`.

        The first three are lists with a tensor for each input: distances to all centres, the nearest, and its distance.
        """
        x = self._inputs[0] if len(self._inputs) == 1 else tf.concat(self._inputs, 0)
        size = x.shape.as_list()[1]
        centers = tf.get_variable("clusters", [self._k, size], x.dtype, tf.zeros_initializer(), trainable=False)
        counts = tf.get_variable("counts", [self._k], tf.int64, tf.zeros_initializer(), trainable=False)
        ready = tf.get_variable("initialized", [], tf.bool, tf.zeros_initializer(), trainable=False)
        rows = self._normalized(x)
        init_op = self._init(rows, centers, ready)
        distances = self._distances(rows, centers)
        nearest = tf.argmin(distances, 1)
        training = self._train(rows, tf.cast(nearest, tf.int32), centers, counts)
        scores = tf.reduce_min(distances, 1)
        sizes = [tf.shape(t)[0] for t in self._inputs]
        return (tf.split(distances, sizes) if len(sizes) > 1 else [distances], tf.split(nearest,
            sizes) if len(sizes) > 1 else [nearest],
                tf.split(scores, sizes) if len(sizes) > 1 else [scores], ready, init_op, training)  # fmt: skip

    def _normalized(self, x: Any) -> Any:
        return tf.nn.l2_normalize(x, 1) if self._metric == COSINE_DISTANCE else x

    def _distances(self, x: Any, centers: Any) -> Any:
        products = tf.matmul(x, centers, transpose_b=True)
        if self._metric == COSINE_DISTANCE:
            return 1.0 - tf.matmul(x, tf.nn.l2_normalize(centers, 1), transpose_b=True)
        squares = tf.reduce_sum(tf.square(x), 1, keepdims=True) + tf.reduce_sum(tf.square(centers), 1)
        return tf.maximum(squares - 2.0 * products, 0.0)

    def _init(self, x: Any, centers: Any, ready: Any) -> Any:
        if callable(self._initial):
            start = self._initial(self._inputs, self._k)
        elif not isinstance(self._initial, str):
            start = tf.convert_to_tensor(self._initial, dtype=x.dtype)
        elif self._initial == RANDOM_INIT:
            rows = tf.random_shuffle(tf.range(tf.shape(x)[0]), seed=self._seed)[: self._k]
            start = tf.gather(x, rows)
        elif self._initial == KMEANS_PLUS_PLUS_INIT:
            start = tf.py_func(lambda rows: _plus_plus(rows, self._k, self._seed), [x], x.dtype)
        else:
            raise ValueError(f"Unsupported initialization algorithm {self._initial}: use random, kmeans_plus_plus or a tensor.")
        with tf.control_dependencies([tf.assign(centers, tf.reshape(start, [self._k, x.shape.as_list()[1]]))]):
            return tf.group(tf.assign(ready, True), name="init")

    def _train(self, x: Any, nearest: Any, centers: Any, counts: Any) -> Any:
        sums = tf.unsorted_segment_sum(x, nearest, self._k)
        new = tf.unsorted_segment_sum(tf.ones_like(nearest), nearest, self._k)
        share = tf.expand_dims(tf.cast(new, x.dtype), 1)
        if not self._mini_batch:
            moved = tf.where_v2(share > 0, sums / tf.maximum(share, 1.0), tf.convert_to_tensor(centers))
            return tf.group(tf.assign(centers, moved))
        total = tf.expand_dims(tf.cast(counts, x.dtype), 1) + share
        moved = centers + (sums - share * centers) / tf.maximum(total, 1.0)
        with tf.control_dependencies([moved]):
            return tf.group(tf.assign(centers, moved), tf.assign_add(counts, tf.cast(new, tf.int64)))


def _plus_plus(rows: Any, k: int, seed: int) -> Any:
    """Centres far from each other (Arthur and Vassilvitskii, 2007)."""
    import numpy as np

    random = np.random.RandomState(seed)
    chosen = [rows[random.randint(len(rows))]]
    for _ in range(k - 1):
        distances = np.min([np.sum((rows - c) ** 2, 1) for c in chosen], 0)
        total = distances.sum()
        weights = distances / total if total > 0 else None
        chosen.append(rows[random.choice(len(rows), p=weights)])
    return np.stack(chosen).astype(rows.dtype)

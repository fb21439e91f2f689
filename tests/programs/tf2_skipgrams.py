"""Word vectors by skip-grams and negative samples: sparse gradients, a pipeline of windows."""

import tensorflow as tf

TEXT = "the king rules the land the queen rules the land the dog chases the cat the cat fears the dog"
corpus = TEXT.split()
vocabulary = sorted(set(corpus))
ids = tf.constant([vocabulary.index(w) for w in corpus])
windows = tf.data.Dataset.from_tensor_slices(ids).window(3, shift=1, drop_remainder=True)
windows = windows.flat_map(lambda w: w.batch(3))
pairs = windows.flat_map(lambda w: tf.data.Dataset.from_tensor_slices((tf.stack([w[1], w[1]]), tf.stack([w[0], w[2]]))))
batches = pairs.batch(12)
print("pairs", sum(int(tf.shape(c)[0]) for c, _ in batches), "words", len(vocabulary))

center = tf.Variable(tf.random.stateless_uniform([len(vocabulary), 5], [1, 1], -0.5, 0.5))
context = tf.Variable(tf.zeros([len(vocabulary), 5]))
for epoch in range(20):
    total = 0.0
    for i, (c, o) in enumerate(batches):
        noise = tf.random.stateless_uniform([12], [epoch, i], maxval=len(vocabulary), dtype=tf.int32)
        with tf.GradientTape() as tape:
            v = tf.nn.embedding_lookup(center, c)
            good = tf.reduce_sum(v * tf.gather(context, o), 1)
            bad = tf.matmul(v, tf.gather(context, noise), transpose_b=True)
            loss = tf.reduce_mean(tf.nn.softplus(-good)) + 0.3 * tf.reduce_mean(tf.nn.softplus(bad))
        for variable, g in zip([center, context], tape.gradient(loss, [center, context])):
            assert isinstance(g, tf.IndexedSlices)
            variable.scatter_sub(tf.IndexedSlices(0.5 * g.values, g.indices))
        total += float(loss)
    if epoch in (0, 5, 19):
        print("epoch", epoch, "loss", f"{total:.4f}")
unit = tf.math.l2_normalize(center, 1)
nearest = tf.math.top_k(unit @ tf.transpose(unit), 2).indices[:, 1]
print("vectors", tuple(unit.shape), "norm", f"{float(tf.norm(center)):.4f}", int(tf.size(nearest)))

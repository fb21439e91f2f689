"""Sentences to numbers by a lookup table, ragged rows, averaged embeddings, a classifier."""

import tensorflow as tf

texts = tf.constant([
    "What a great, great film!", "I loved it: wonderful acting.", "Terrible. I hated every minute",
    "great fun and wonderful music", "boring and terrible acting", "I hated the boring film", "Loved the music!",
    "a terrible bore...",
])  # fmt: skip
labels = tf.constant([1.0, 1, 0, 1, 0, 0, 1, 0])

clean = tf.strings.regex_replace(tf.strings.lower(texts), r"[^a-z ]", "")
words = tf.strings.split(clean)
print("words", words.row_lengths().numpy().tolist(), words[0])

unique, _, counts = tf.unique_with_counts(words.flat_values)
order = tf.argsort(counts, direction="DESCENDING", stable=True)
vocabulary = tf.gather(unique, order)[:12]
print("vocabulary", vocabulary.numpy().tolist())
table = tf.lookup.StaticVocabularyTable(
    tf.lookup.KeyValueTensorInitializer(vocabulary, tf.range(12, dtype=tf.int64)), num_oov_buckets=3
)
ids = table.lookup(words)
print("ids", ids.to_list())
print("bigrams", tf.strings.ngrams(words, 2)[1].numpy().tolist())
print("longest", int(tf.reduce_max(tf.strings.length(words.flat_values))), tf.strings.reduce_join(words[0], separator="-").numpy())

embedding = tf.Variable(tf.random.stateless_normal([15, 4], [1, 2], stddev=0.3))
w, b = tf.Variable(tf.random.stateless_normal([4], [3, 4], stddev=0.3)), tf.Variable(0.0)
for step in range(100):
    with tf.GradientTape() as tape:
        rows = tf.reduce_mean(tf.nn.embedding_lookup(embedding, ids), axis=1)
        logits = tf.linalg.matvec(rows, w) + b
        loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels, logits))
    for v, g in zip([embedding, w, b], tape.gradient(loss, [embedding, w, b])):
        v.assign_sub(1.0 * tf.convert_to_tensor(g))
    if step in (0, 10, 50):
        print("step", step, "loss", f"{loss.numpy():.4f}")
print("right", int(tf.reduce_sum(tf.cast((logits > 0) == (labels > 0.5), tf.int32))))

"""A table with numbers, words and codes, prepared inside the model by preprocessing layers; frozen base, then fine-tuned."""
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

tf.keras.utils.set_random_seed(23)
n = 1000
table = {
    "age": np.random.uniform(18, 80, (n, 1)).astype("float32"),
    "fee": np.random.lognormal(3, 1, (n, 1)).astype("float32"),
    "kind": np.random.choice(["cat", "dog", "bird"], (n, 1)),
    "zone": np.random.choice([10, 20, 30, 40], (n, 1)),
}
chance = (table["age"] > 45) * 1.0 + (table["kind"] == "dog") * 1.5 - (table["zone"] == 40) * 1.5
target = (chance[:, 0] + np.random.randn(n) * 0.2 > 0.8).astype("float32")

inputs, encoded = {}, []
for name in ("age", "fee"):
    inputs[name] = tf.keras.Input(shape=(1,), name=name)
    normalize = layers.Normalization(axis=None)
    normalize.adapt(table[name])
    encoded.append(normalize(inputs[name]))
buckets = layers.Discretization(num_bins=6, output_mode="one_hot")
buckets.adapt(table["age"])
encoded.append(buckets(inputs["age"]))
inputs["kind"] = tf.keras.Input(shape=(1,), name="kind", dtype="string")
lookup = layers.StringLookup(output_mode="one_hot")
lookup.adapt(tf.data.Dataset.from_tensor_slices(table["kind"]).batch(100))
encoded.append(lookup(inputs["kind"]))
inputs["zone"] = tf.keras.Input(shape=(1,), name="zone", dtype="int64")
index = layers.IntegerLookup()
index.adapt(table["zone"])
codes = index(inputs["zone"])
encoded.append(layers.CategoryEncoding(num_tokens=index.vocabulary_size(), output_mode="one_hot")(codes))

x = layers.concatenate(encoded)
x = layers.Dense(16, activation="relu")(x)
output = layers.Dense(1)(layers.Dropout(0.2)(x))
model = tf.keras.Model(inputs, output)
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
              metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")])
dataset = tf.data.Dataset.from_tensor_slices((table, target)).shuffle(n, seed=1).batch(50)
model.fit(dataset, epochs=12, verbose=0)
print("accuracy", round(model.evaluate(table, target, verbose=0)[1], 4))
sample = {"age": [[60.0]], "fee": [[20.0]], "kind": [["dog"]], "zone": [[10]]}
probability = tf.nn.sigmoid(model.predict({k: tf.convert_to_tensor(v) for k, v in sample.items()}, verbose=0))
print("probability", round(float(probability[0, 0]), 3))

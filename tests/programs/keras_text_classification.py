"""Tell praise from blame: text vectorization inside the model, an embedding, a bidirectional LSTM and a Conv1D."""
import random

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

random.seed(3)
tf.keras.utils.set_random_seed(3)

GOOD = ["wonderful", "great", "lovely", "brilliant", "moving", "funny", "charming", "superb"]
BAD = ["dull", "awful", "boring", "terrible", "weak", "noisy", "clumsy", "dreadful"]
FILLER = ["the", "film", "was", "a", "story", "of", "two", "people", "in", "town", "and", "its", "music", "with", "long", "scenes", "by", "one", "actor"]  # noqa: E501


def review(words):
    text = random.choices(FILLER, k=random.randint(5, 12)) + random.choices(words, k=2)
    random.shuffle(text)
    return " ".join(text).capitalize() + random.choice([".", "!", "...", ", really?"])


labels = np.array([i % 2 for i in range(260)])
texts = np.array([review(GOOD if label else BAD) for label in labels])

vectorize = layers.TextVectorization(max_tokens=100, output_mode="int", output_sequence_length=16)
vectorize.adapt(tf.data.Dataset.from_tensor_slices(texts).batch(50))


def build(kind):
    inputs = tf.keras.Input(shape=(1,), dtype="string")
    x = vectorize(inputs)
    if kind == "lstm":
        x = layers.Embedding(100, 16, mask_zero=True)(x)
        x = layers.Bidirectional(layers.LSTM(8))(x)
    else:
        x = layers.Embedding(100, 16)(x)
        x = layers.Conv1D(16, 3, activation="relu")(x)
        x = layers.GlobalMaxPooling1D()(x)
    x = layers.Dropout(0.2)(x)
    outputs = layers.Dense(1, activation="sigmoid")(x)
    model = tf.keras.Model(inputs, outputs)
    model.compile(loss="binary_crossentropy", optimizer=tf.keras.optimizers.Adam(0.01), metrics=["accuracy"])
    return model


for kind in ("lstm", "conv"):
    model = build(kind)
    model.fit(texts[:200, None], labels[:200], epochs=4, batch_size=20, verbose=0)
    print(kind, round(model.evaluate(texts[200:, None], labels[200:], verbose=0)[1], 4))

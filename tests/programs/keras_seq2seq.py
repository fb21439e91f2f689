"""Reverse sequences of digits: an encoder and a decoder with attention, trained with teacher forcing."""
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

tf.keras.utils.set_random_seed(17)
LENGTH, WORDS, UNITS = 6, 11, 48

digits = np.random.randint(1, WORDS - 1, (3000, LENGTH))
targets = digits[:, ::-1]
starts = np.concatenate([np.full((3000, 1), WORDS - 1), targets[:, :-1]], 1)

encoder_inputs = tf.keras.Input(shape=(None,), name="encoder")
x = layers.Embedding(WORDS, 24)(encoder_inputs)
encoded, state = layers.GRU(UNITS, return_sequences=True, return_state=True)(x)
decoder_inputs = tf.keras.Input(shape=(None,), name="decoder")
y = layers.Embedding(WORDS, 24)(decoder_inputs)
decoded = layers.GRU(UNITS, return_sequences=True)(y, initial_state=state)
context = layers.Attention(use_scale=True)([decoded, encoded])
merged = layers.Concatenate()([decoded, context])
logits = layers.TimeDistributed(layers.Dense(WORDS))(merged)
model = tf.keras.Model([encoder_inputs, decoder_inputs], logits)
model.compile(tf.keras.optimizers.Adam(0.01), tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit([digits[:2800], starts[:2800]], targets[:2800], batch_size=64, epochs=10, verbose=0)
print("accuracy", round(model.evaluate([digits[2800:], starts[2800:]], targets[2800:], verbose=0)[1], 4))

# Greedy decoding, a word at a time.
source, written = digits[2800:2810], np.full((10, 1), WORDS - 1)
for _ in range(LENGTH):
    following = model.predict([source, written], verbose=0)[:, -1].argmax(-1)
    written = np.concatenate([written, following[:, None]], 1)
print("greedy", (written[:, 1:] == source[:, ::-1]).mean())

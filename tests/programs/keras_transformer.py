"""A transformer block as layers of one's own, classifying sequences by whether two tokens both occur."""
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(19)


class TransformerBlock(layers.Layer):
    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.1):
        super().__init__()
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential([layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim)])
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout1 = layers.Dropout(rate)
        self.dropout2 = layers.Dropout(rate)

    def call(self, inputs, training=False):
        attn_output = self.att(inputs, inputs)
        attn_output = self.dropout1(attn_output, training=training)
        out1 = self.layernorm1(inputs + attn_output)
        ffn_output = self.ffn(out1)
        ffn_output = self.dropout2(ffn_output, training=training)
        return self.layernorm2(out1 + ffn_output)


class TokenAndPositionEmbedding(layers.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim):
        super().__init__()
        self.token_emb = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.pos_emb = layers.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def call(self, x):
        maxlen = tf.shape(x)[-1]
        positions = tf.range(start=0, limit=maxlen, delta=1)
        return self.token_emb(x) + self.pos_emb(positions)


x = np.random.randint(3, 20, (1200, 12))
for row in range(1200):
    places = np.random.choice(12, 2, replace=False)
    x[row, places[0]] = 1
    if row % 2:
        x[row, places[1]] = 2
y = (x == 2).any(1) & (x == 1).any(1)
inputs = layers.Input(shape=(12,))
h = TokenAndPositionEmbedding(12, 20, 16)(inputs)
h = TransformerBlock(16, 2, 32)(h)
h = layers.GlobalAveragePooling1D()(h)
h = layers.Dense(16, activation="relu")(layers.Dropout(0.1)(h))
outputs = layers.Dense(2, activation="softmax")(h)
model = keras.Model(inputs=inputs, outputs=outputs)
model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1000], y[:1000].astype(int), batch_size=32, epochs=6, validation_data=(x[1000:], y[1000:].astype(int)), verbose=0)
print("accuracy", round(model.evaluate(x[1000:], y[1000:].astype(int), verbose=0)[1], 4), "params", model.count_params())

"""A convolutional autoencoder that removes noise; its encoder as a model of its own."""
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, losses
from tensorflow.keras.models import Model

tf.keras.utils.set_random_seed(9)


class Denoise(Model):
    def __init__(self):
        super().__init__()
        self.encoder = tf.keras.Sequential([
            layers.Input(shape=(16, 16, 1)),
            layers.Conv2D(16, (3, 3), activation="relu", padding="same", strides=2),
            layers.Conv2D(8, (3, 3), activation="relu", padding="same", strides=2)])
        self.decoder = tf.keras.Sequential([
            layers.Conv2DTranspose(8, kernel_size=3, strides=2, activation="relu", padding="same"),
            layers.Conv2DTranspose(16, kernel_size=3, strides=2, activation="relu", padding="same"),
            layers.Conv2D(1, kernel_size=(3, 3), padding="same")])

    def call(self, x):
        return self.decoder(self.encoder(x))


centres = np.random.uniform(4, 12, (512, 2, 1, 1))
y, x = np.mgrid[0:16, 0:16]
clean = (((y - centres[:, 0]) ** 2 + (x - centres[:, 1]) ** 2) < 12).astype("float32")[..., None]
noisy = tf.clip_by_value(clean + 0.4 * tf.random.normal(shape=clean.shape), 0.0, 1.0)

autoencoder = Denoise()
autoencoder.compile(optimizer=tf.keras.optimizers.Adam(5e-3), loss=losses.MeanSquaredError())
autoencoder.fit(noisy[:448], clean[:448], epochs=8, batch_size=32, verbose=0, validation_data=(noisy[448:], clean[448:]))
encoded = autoencoder.encoder(noisy[448:]).numpy()
decoded = autoencoder.decoder(encoded).numpy()
print("noisy", round(float(np.mean((noisy[448:] - clean[448:]) ** 2)), 4), "clean", round(float(np.mean((decoded - clean[448:]) ** 2)), 4))  # noqa: E501
print("code", encoded.shape)

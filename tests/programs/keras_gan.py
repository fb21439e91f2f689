"""A GAN with a custom train_step: points on a ring."""
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(5)


class GAN(keras.Model):
    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.latent_dim = latent_dim

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn
        self.d_loss_metric = keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = keras.metrics.Mean(name="g_loss")

    @property
    def metrics(self):
        return [self.d_loss_metric, self.g_loss_metric]

    def train_step(self, real):
        batch_size = tf.shape(real)[0]
        noise = tf.random.normal(shape=(batch_size, self.latent_dim))
        fake = self.generator(noise)
        combined = tf.concat([fake, real], axis=0)
        labels = tf.concat([tf.ones((batch_size, 1)), tf.zeros((batch_size, 1))], axis=0)
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(combined))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights))

        noise = tf.random.normal(shape=(batch_size, self.latent_dim))
        with tf.GradientTape() as tape:
            g_loss = self.loss_fn(tf.zeros((batch_size, 1)), self.discriminator(self.generator(noise)))
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights))
        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}


angles = np.random.uniform(0, 2 * np.pi, 2048)
points = (np.stack([np.cos(angles), np.sin(angles)], 1) + np.random.randn(2048, 2) * 0.02).astype("float32")
generator = keras.Sequential([keras.Input((8,)), layers.Dense(32, activation="relu"), layers.Dense(32, activation="relu"), layers.Dense(2)])  # noqa: E501
discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(32), layers.LeakyReLU(), layers.Dense(32), layers.LeakyReLU(), layers.Dense(1)])  # noqa: E501

before = np.linalg.norm(generator.predict(np.random.randn(500, 8), verbose=0), axis=1)
gan = GAN(discriminator, generator, latent_dim=8)
gan.compile(keras.optimizers.Adam(2e-3, beta_1=0.5), keras.optimizers.Adam(2e-3, beta_1=0.5), keras.losses.BinaryCrossentropy(from_logits=True))  # noqa: E501
history = gan.fit(points, epochs=25, batch_size=64, verbose=0)
after = np.linalg.norm(generator.predict(np.random.randn(500, 8), verbose=0), axis=1)
print("before", round(float(np.abs(before - 1).mean()), 4), "after", round(float(np.abs(after - 1).mean()), 4))
print("losses", sorted(history.history))

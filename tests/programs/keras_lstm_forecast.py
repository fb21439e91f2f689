"""Forecast the next value of a noisy wave from the last 20, with an LSTM."""
import numpy as np
import tensorflow as tf

tf.random.set_seed(1)
np.random.seed(1)

time = np.arange(600)
series = np.sin(time * 0.2) + 0.5 * np.sin(time * 0.05) + np.random.randn(600) * 0.05
window = 20
data = tf.keras.utils.timeseries_dataset_from_array(
    series[:-window], targets=series[window:], sequence_length=window, batch_size=32, shuffle=True, seed=2, end_index=400)
test = tf.keras.utils.timeseries_dataset_from_array(
    series[:-window], targets=series[window:], sequence_length=window, batch_size=32, start_index=400)

model = tf.keras.models.Sequential([
    tf.keras.layers.Lambda(lambda x: tf.expand_dims(x, axis=-1), input_shape=[window]),
    tf.keras.layers.LSTM(24, return_sequences=True),
    tf.keras.layers.LSTM(16),
    tf.keras.layers.Dense(1),
])
model.compile(loss=tf.keras.losses.Huber(), optimizer=tf.keras.optimizers.Adam(learning_rate=0.01), metrics=["mae"])
model.fit(data, epochs=6, verbose=0)
loss, mae = model.evaluate(test, verbose=0)
print("mae", round(mae, 4))

import numpy as np
import tensorflow as tf
import tensorflow.contrib.eager as tfe

tf.enable_eager_execution()
w, b = tfe.Variable(5.0, name="w"), tfe.Variable(0.0)
xs = np.linspace(-1, 1, 50).astype(np.float32)
ys = 3 * xs + 2


def loss():
    return tf.reduce_mean(tf.square(w * xs + b - ys))


grad = tfe.implicit_gradients(loss)
optimizer = tf.train.GradientDescentOptimizer(0.3)
for _ in range(60):
    optimizer.apply_gradients(grad())
with tf.GradientTape() as tape:
    value = loss()
print(
    "w", round(float(w.numpy()), 2), "b", round(float(b.numpy()), 2), "cube", tfe.gradients_function(lambda v: v**3)(2.0)[0].numpy()
)
for item in tfe.Iterator(tf.data.Dataset.from_tensor_slices([1, 2]).batch(2)):
    print(item.numpy().tolist())

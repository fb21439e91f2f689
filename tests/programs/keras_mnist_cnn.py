"""The MNIST convnet of every tutorial. Arguments: epochs, and how many training images."""
import sys

import tensorflow as tf

epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
images = int(sys.argv[2]) if len(sys.argv) > 2 else 60000
tf.keras.utils.set_random_seed(1)
(x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
x_train = x_train[:images, ..., None].astype("float32") / 255
x_test = x_test[..., None].astype("float32") / 255

model = tf.keras.Sequential([
    tf.keras.layers.Conv2D(32, kernel_size=(3, 3), activation="relu", input_shape=(28, 28, 1)),
    tf.keras.layers.MaxPooling2D(pool_size=(2, 2)),
    tf.keras.layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
    tf.keras.layers.MaxPooling2D(pool_size=(2, 2)),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dropout(0.5),
    tf.keras.layers.Dense(10, activation="softmax"),
])
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train[:images], batch_size=128, epochs=epochs, verbose=0)
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print("accuracy", round(accuracy, 4))

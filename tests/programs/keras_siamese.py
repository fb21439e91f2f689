"""A siamese network with shared weights and a contrastive loss, on small images of strokes."""
import numpy as np
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Conv2D, Dense, Flatten, Input, Lambda, MaxPooling2D
from tensorflow.keras.models import Model

np.random.seed(7)
tf.random.set_seed(7)


def image(kind):
    x = np.random.randn(12, 12) * 0.1
    i = np.random.randint(2, 10)
    if kind == 0:
        x[i, 1:11] += 1
    elif kind == 1:
        x[1:11, i] += 1
    else:
        x[range(1, 11), range(1, 11)] += 1
    return x[..., None]


def pairs(n):
    kinds = np.random.randint(0, 3, (n, 2))
    kinds[::2, 1] = kinds[::2, 0]
    a, b = (np.array([image(k) for k in kinds[:, i]]) for i in range(2))
    return [a.astype("float32"), b.astype("float32")], (kinds[:, 0] == kinds[:, 1]).astype("float32")


def euclidean_distance(vects):
    x, y = vects
    return K.sqrt(K.maximum(K.sum(K.square(x - y), axis=1, keepdims=True), K.epsilon()))


def contrastive_loss(y_true, y_pred):
    margin = 1
    return K.mean(y_true * K.square(y_pred) + (1 - y_true) * K.square(K.maximum(margin - y_pred, 0)))


inputs = Input(shape=(12, 12, 1))
x = Conv2D(8, (3, 3), activation="relu")(inputs)
x = MaxPooling2D()(x)
x = Flatten()(x)
base = Model(inputs, Dense(16)(x))

a, b = Input(shape=(12, 12, 1)), Input(shape=(12, 12, 1))
distance = Lambda(euclidean_distance, output_shape=lambda shapes: (shapes[0][0], 1))([base(a), base(b)])
model = Model([a, b], distance)
model.compile(loss=contrastive_loss, optimizer="adam")
x_train, y_train = pairs(600)
model.fit(x_train, y_train, batch_size=32, epochs=8, verbose=0)
x_test, y_test = pairs(200)
prediction = model.predict(x_test, verbose=0).ravel() < 0.5
print("accuracy", (prediction == y_test.astype(bool)).mean(), "weights", len(model.trainable_weights))

"""One model, two inputs, a regression and a classification; named outputs, loss weights, a sub-model for features."""
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(13)
rows = np.random.randn(800, 6).astype("float32")
codes = np.random.randint(0, 4, (800, 1))
price = (rows[:, :1] * 2 - rows[:, 1:2] + codes * 0.5).astype("float32")
group = ((rows[:, 2] + rows[:, 3] > 0).astype(int) + (rows[:, 4] > 0.5)).astype(int)

numbers = keras.Input(shape=(6,), name="numbers")
code = keras.Input(shape=(1,), dtype="int32", name="code")
embedded = layers.Flatten()(layers.Embedding(4, 3)(code))
x = layers.concatenate([numbers, embedded])
x = layers.Dense(32, activation="relu", kernel_regularizer=keras.regularizers.l2(1e-4), name="features")(x)
price_out = layers.Dense(1, name="price")(x)
group_out = layers.Dense(3, activation="softmax", name="group")(x)
model = keras.Model(inputs={"numbers": numbers, "code": code}, outputs={"price": price_out, "group": group_out})
model.compile(
    optimizer=keras.optimizers.RMSprop(0.005),
    loss={"price": "mse", "group": keras.losses.SparseCategoricalCrossentropy()},
    loss_weights={"price": 1.0, "group": 0.5},
    metrics={"price": "mae", "group": ["accuracy"]},
)
inputs, targets = {"numbers": rows, "code": codes}, {"price": price, "group": group}
model.fit(inputs, targets, epochs=25, batch_size=32, validation_split=0.2, verbose=0,
          callbacks=[keras.callbacks.EarlyStopping(patience=8, restore_best_weights=True)])
found = model.evaluate(inputs, targets, return_dict=True, verbose=0)
print("mae", round(found["price_mae"], 4), "accuracy", round(found["group_accuracy"], 4))
features = keras.Model(model.input, model.get_layer("features").output)
print("features", features.predict(inputs, verbose=0).shape)

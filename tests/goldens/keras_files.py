"""Models whose files travel between Keras 3, tf-keras and Thalweg.

`CASES` maps a name to `make(keras)`, which gives a compiled model and inputs for it (all of its inputs, as
`model.predict` takes them). `prepared` trains it for two steps, so that its optimizer has a state.
`record_keras_files.py` writes `data/keras_files.zip` with TensorFlow; `check_keras_files.py` reads there what was written
here.
"""

from pathlib import Path

import numpy as np

ARCHIVE = Path(__file__).parent / "data" / "keras_files.zip"


def floats(*shape, seed=0, low=-1.0, high=1.0):
    return np.random.RandomState(seed).uniform(low, high, shape).astype("float32")


def is_keras_2(keras):
    return keras.__name__.startswith("tf_keras")


def mlp(keras):
    L = keras.layers
    model = keras.Sequential(
        [
            keras.Input(shape=(5,)),
            L.Dense(6, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01), name="first"),
            L.BatchNormalization(),
            L.Dense(4, kernel_initializer=keras.initializers.HeNormal(seed=3), bias_constraint=keras.constraints.MaxNorm(2.0)),
            L.LeakyReLU(),
            L.Dense(3, activation="softmax"),
        ],
        name="mlp",
    )
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, floats(6, 5), np.array([0, 1, 2, 0, 1, 2])


def cnn(keras):
    L = keras.layers
    model = keras.Sequential(
        [
            L.Conv2D(4, 3, padding="same", activation="relu", input_shape=(8, 8, 2)),
            L.MaxPooling2D(),
            L.DepthwiseConv2D(2, activation="tanh"),
            L.SeparableConv2D(3, 2, padding="same"),
            L.PReLU(shared_axes=[1, 2]),
            L.LayerNormalization(),
            L.Conv2DTranspose(2, 2, strides=2),
            L.GlobalAveragePooling2D(),
            L.Dense(1),
        ],
        name="cnn",
    )
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True), "mse", metrics=["mae"])
    return model, floats(4, 8, 8, 2), floats(4, 1, seed=1)


def branches(keras):
    """Several inputs and outputs, a shared layer, a nested model, a layer called twice."""
    L = keras.layers
    inner_input = keras.Input(shape=(4,), name="inner_input")
    inner = keras.Model(inner_input, L.Dense(4, activation="elu", name="inner_dense")(inner_input), name="inner")
    tokens = keras.Input(shape=(3,), dtype="int32", name="tokens")
    numbers = keras.Input(shape=(4,), name="numbers")
    shared = L.Dense(4, activation="gelu", name="shared")
    embedded = L.GlobalAveragePooling1D(name="pool")(L.Embedding(12, 4, name="embedding")(tokens))
    a, b = shared(embedded), shared(inner(numbers))
    joined = L.Concatenate(name="joined")([L.Add(name="sum")([a, b]), inner(b)])
    one = L.Dense(1, name="one")(joined)
    two = L.Dense(2, activation="sigmoid", name="two")(joined)
    model = keras.Model([tokens, numbers], [one, two], name="branches")
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)
    model.compile(
        keras.optimizers.RMSprop(rate, momentum=0.5), {"one": "mse", "two": keras.losses.BinaryCrossentropy(label_smoothing=0.1)},
        loss_weights={"one": 0.5, "two": 2.0}, metrics={"two": ["accuracy"]},
    )  # fmt: skip
    inputs = [np.array([[1, 2, 3], [4, 5, 6], [9, 8, 7]], "int32"), floats(3, 4)]  # none twice
    return model, inputs, [floats(3, 1, seed=2), np.array([[0, 1], [1, 1], [0, 0]], "float32")]


def prepared_inputs(keras):
    """Layers that come before the weights: adapted statistics, rescaling, reshaping, noise."""
    L = keras.layers
    normalization = L.Normalization(name="normalization")
    normalization.adapt(floats(50, 6, seed=4, low=1.0, high=9.0))
    x = keras.Input(shape=(6,), name="x")
    y = L.Dropout(0.25)(L.Rescaling(0.5, offset=0.25)(normalization(x)))
    y = L.GaussianNoise(0.1)(L.Reshape((3, 2))(y))
    y = L.Conv1D(3, 2, padding="causal", kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02))(y)
    y = L.Flatten()(L.ZeroPadding1D(1)(L.UpSampling1D(2)(y)))
    y = L.Dense(2, activation=keras.activations.swish, kernel_initializer=keras.initializers.Constant(0.1))(y)
    model = keras.Model(x, y, name="prepared_inputs")
    model.compile(keras.optimizers.Adagrad(0.05), keras.losses.Huber(0.7))
    return model, floats(4, 6, low=1.0, high=9.0), floats(4, 2, seed=5)


def recurrent(keras):
    L = keras.layers
    x = keras.Input(shape=(5,), dtype="int32", name="tokens")
    y = L.Embedding(12, 4, mask_zero=True, name="embedding")(x)
    y = L.Bidirectional(L.LSTM(3, return_sequences=True), name="both_ways")(y)
    y = L.GRU(4, return_sequences=True, name="gru")(y)
    y = L.TimeDistributed(L.Dense(3), name="each")(y)
    y = L.SimpleRNN(2, name="simple")(y)
    model = keras.Model(x, L.Dense(1, name="out")(y), name="recurrent")
    model.compile(keras.optimizers.Adamax(0.01), "mse")
    return model, np.array([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8], [10, 9, 0, 0, 0]], "int32"), floats(3, 1, seed=6)


def attention(keras):
    L = keras.layers
    x = keras.Input(shape=(4, 6), name="x")
    y = L.MultiHeadAttention(2, 3, name="heads")(x, x)
    y = L.LayerNormalization(name="norm")(L.Add(name="residual")([x, y]))
    y = L.Attention(name="dot")([y, y])
    y = L.GlobalMaxPooling1D(name="pool")(y)
    model = keras.Model(x, L.Dense(2, name="out")(y), name="attention")
    model.compile(keras.optimizers.AdamW(0.01, weight_decay=0.02), "mse")
    return model, floats(3, 4, 6), floats(3, 2, seed=7)


RANDOM = {"prepared_inputs"}  # what training makes of them hangs on random numbers
CASES = {case.__name__: case for case in (mlp, cnn, branches, prepared_inputs, recurrent, attention)}


def prepared(name, keras):
    """The model with known weights, after two steps of training; its inputs and targets."""
    model, x, y = CASES[name](keras)
    random = np.random.RandomState(8)
    for weight in model.trainable_weights:
        weight.assign(random.uniform(0.1, 0.6, weight.shape).astype("float32"))
    model.fit(x, y, batch_size=len(np.asarray(tree_first(x))), epochs=2, shuffle=False, verbose=0)
    return model, x, y


def tree_first(x):
    return x[0] if isinstance(x, list) else x


def outputs(model, x):
    y = model.predict(x, verbose=0)
    return [np.asarray(part) for part in (y if isinstance(y, (list, tuple)) else [y])]


def trained_further(model, x, y):
    """What one further step, which uses the optimizer's state, makes of the outputs."""
    model.fit(x, y, batch_size=len(np.asarray(tree_first(x))), epochs=1, shuffle=False, verbose=0)
    return outputs(model, x)

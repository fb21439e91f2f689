"""What is compared of Keras' layers and models: outputs and gradients with the same weights, training, summaries.

`cases()` gives `Case(id, run, generation)`: `run(tf, keras)` gives a list of arrays. The same cases are recorded from
TensorFlow (`record_keras_models.py`) and run here (`tests/test_keras_layers.py`, `tests/test_keras_models.py`).
Generation 3 is `tf.keras`, 2 `tf_keras`.
"""

from pathlib import Path

import numpy as np

from goldens.keras_leaves import Case

PATH = Path(__file__).parent / "data" / "keras_models.npz"


def floats(*shape, seed=0, low=-2.0, high=2.0):
    return np.random.RandomState(seed).uniform(low, high, shape).astype("float32")


X2, X3, X4 = floats(4, 6), floats(4, 5, 6, seed=1), floats(2, 6, 6, 4, seed=2)
X5 = floats(2, 3, 4, 3, 2, seed=10)
TOKENS = np.array([[1, 2, 0, 0], [3, 4, 5, 0]], "int32")


def set_weights(layer):
    """The same weights whoever made the layer: positive ones, so that they can be variances."""
    random = np.random.RandomState(3)
    layer.set_weights([random.uniform(0.2, 1.5, w.shape).astype("float32") for w in layer.get_weights()])


# -- layers ------------------------------------------------------------------------------------------------------


def layers(L, generation):
    """`(id, layer, inputs)` of layers that need no randomness."""
    alpha = "alpha" if generation == 2 else "negative_slope"
    # Keras 2's fused kernel for images keeps a variance of n - 1; Keras 3's is of n, and so is ours.
    plain = {"fused": False} if generation == 2 else {}
    yield from [
        ("dense", L.Dense(3), X2),
        ("dense relu, no bias", L.Dense(3, activation="relu", use_bias=False), X2),
        ("dense on three dimensions", L.Dense(3, activation="tanh"), X3),
        ("flatten", L.Flatten(), X3),
        ("flatten channels first", L.Flatten(data_format="channels_first"), X3),
        ("reshape", L.Reshape((3, -1)), X2),
        ("permute", L.Permute((2, 1)), X3),
        ("repeat vector", L.RepeatVector(3), X2),
        ("activation", L.Activation("softplus"), X2),
        ("lambda", L.Lambda(lambda x: x * 2.0 + 1.0), X2),
        ("embedding", L.Embedding(7, 3), TOKENS),
        ("masking", L.Masking(0.0), np.where(X3 > 1.5, 0.0, X3).astype("float32")),
        ("relu", L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2), X2),
        ("leaky relu", L.LeakyReLU(**{alpha: 0.2}), X2),
        ("prelu", L.PReLU(), X2),
        ("prelu shared", L.PReLU(shared_axes=[1]), X3),
        ("elu", L.ELU(0.7), X2),
        ("softmax", L.Softmax(), X2),
        ("softmax of two axes", L.Softmax(axis=[1, 2]), X3),
        ("batch normalization", L.BatchNormalization(), X2),
        ("batch normalization, axis 1", L.BatchNormalization(axis=1, momentum=0.9, epsilon=0.01), X3),
        ("batch normalization of images", L.BatchNormalization(scale=False, **plain), X4),
        ("layer normalization", L.LayerNormalization(), X2),
        ("layer normalization of two axes", L.LayerNormalization(axis=[1, 2], center=False), X3),
        ("group normalization", L.GroupNormalization(groups=2), X4),
        ("unit normalization", L.UnitNormalization(), X2),
        ("normalization", L.Normalization(mean=[0.5] * 6, variance=[4.0] * 6), X2),
        ("normalization inverted", L.Normalization(axis=None, mean=0.5, variance=4.0, invert=True), X2),
        ("rescaling", L.Rescaling(0.5, offset=-1.0), X2),
        ("activity regularization", L.ActivityRegularization(l1=0.1, l2=0.2), X2),
        ("add", L.Add(), [X2, X2 * 2]),
        ("add of three, broadcast", L.Add(), [X3, X3[:, :1], X3 * 2]),
        ("subtract", L.Subtract(), [X2, X2[::-1]]),
        ("multiply", L.Multiply(), [X2, X2[::-1]]),
        ("average", L.Average(), [X2, X2[::-1], X2 * 3]),
        ("maximum", L.Maximum(), [X2, X2[::-1]]),
        ("minimum", L.Minimum(), [X2, X2[::-1]]),
        ("concatenate", L.Concatenate(), [X2, X2[:, :2]]),
        ("concatenate, axis 1", L.Concatenate(axis=1), [X3, X3[:, :2]]),
        ("dot", L.Dot(axes=1), [X2, X2[::-1]]),
        ("dot normalized", L.Dot(axes=(1, 2), normalize=True), [X3, X3[:, ::-1].transpose(0, 2, 1)]),
        ("dot of the last axes", L.Dot(axes=-1), [X3, X3[:, :3]]),
        ("conv 1d", L.Conv1D(3, 2, activation="relu"), X3),
        ("conv 1d, causal, dilated", L.Conv1D(3, 2, padding="causal", dilation_rate=2), X3),
        ("conv 1d, strided", L.Conv1D(3, 3, strides=2, padding="same", use_bias=False), X3),
        ("conv 2d", L.Conv2D(3, 3), X4),
        ("conv 2d, same, strided", L.Conv2D(3, (3, 2), strides=(2, 1), padding="same"), X4),
        ("conv 2d, dilated", L.Conv2D(3, 2, dilation_rate=2), X4),
        ("conv 3d", L.Conv3D(2, 2), X5),
        ("conv 1d transposed", L.Conv1DTranspose(3, 2, strides=2), X3),
        ("conv 2d transposed", L.Conv2DTranspose(3, 3, strides=2, padding="same"), X4),
        ("conv 2d transposed, valid", L.Conv2DTranspose(3, 3, strides=2), X4),
        ("conv 2d transposed, output padding", L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1), X4),
        ("conv 3d transposed", L.Conv3DTranspose(2, 2, strides=2), X5),
        ("depthwise conv 1d", L.DepthwiseConv1D(2, depth_multiplier=2), X3),
        ("depthwise conv 2d", L.DepthwiseConv2D(3, padding="same", depth_multiplier=2), X4),
        ("depthwise conv 2d, strided", L.DepthwiseConv2D(3, strides=2), X4),
        ("separable conv 1d", L.SeparableConv1D(3, 2), X3),
        ("separable conv 2d", L.SeparableConv2D(3, 3, padding="same", depth_multiplier=2), X4),
        ("max pooling 1d", L.MaxPooling1D(2), X3),
        ("max pooling 2d", L.MaxPooling2D(), X4),
        ("max pooling 2d, overlapping", L.MaxPooling2D(3, strides=2, padding="same"), X4),
        ("max pooling 3d", L.MaxPooling3D(2, padding="same"), X5),
        ("average pooling 1d", L.AveragePooling1D(3, strides=1, padding="same"), X3),
        ("average pooling 2d", L.AveragePooling2D((2, 3)), X4),
        ("average pooling 3d", L.AveragePooling3D(2), X5),
        ("global max pooling 1d", L.GlobalMaxPooling1D(), X3),
        ("global max pooling 2d", L.GlobalMaxPooling2D(keepdims=True), X4),
        ("global average pooling 1d", L.GlobalAveragePooling1D(), X3),
        ("global average pooling 2d", L.GlobalAveragePooling2D(), X4),
        ("global average pooling 2d, channels first", L.GlobalAveragePooling2D(data_format="channels_first"), X4),
        ("global average pooling 3d", L.GlobalAveragePooling3D(), X5),
        ("zero padding 1d", L.ZeroPadding1D((1, 2)), X3),
        ("zero padding 2d", L.ZeroPadding2D(((1, 0), (2, 1))), X4),
        ("cropping 1d", L.Cropping1D(1), X3),
        ("cropping 2d", L.Cropping2D((1, 2)), X4),
        ("up sampling 1d", L.UpSampling1D(3), X3),
        ("up sampling 2d", L.UpSampling2D((2, 3)), X4),
        ("up sampling 3d", L.UpSampling3D(2), X5),
    ]  # fmt: skip
    if generation == 3:
        yield "rms normalization", L.RMSNormalization(), X2


def run_layer(tf, layer, inputs):
    """Outputs at prediction and in training, then gradients of inputs and weights, then the weights after training."""
    nest = [tf.constant(x) for x in inputs] if isinstance(inputs, list) else tf.constant(inputs)
    layer(nest)
    set_weights(layer)
    results = [layer(nest)]
    flat = nest if isinstance(nest, list) else [nest]
    with tf.GradientTape() as tape:
        for x in flat:
            if x.dtype.is_floating:
                tape.watch(x)
        y = layer(nest, training=True)
        loss = tf.reduce_sum(y * tf.constant(floats(*y.shape, seed=9))) + sum(layer.losses, tf.constant(0.0))
    sources = [x for x in flat if x.dtype.is_floating] + [_value(w) for w in layer.trainable_weights]
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, sources) if g is not None]
    return [*results, y, loss, *gradients, *layer.get_weights()]


def _value(weight):
    """The TensorFlow variable behind a weight."""
    inner = getattr(weight, "_value", None)
    return inner if hasattr(inner, "handle") else weight


def layer_cases(generation):
    import types

    names = types.SimpleNamespace(**{name: lambda *_, **__: None for name in _LAYER_NAMES})
    for number, (case_id, _, inputs) in enumerate(layers(names, generation)):

        def run(tf, keras, number=number, inputs=inputs):
            _, layer, _ = list(layers(keras.layers, generation))[number]
            return run_layer(tf, layer, inputs)

        yield Case(f"layer: {case_id} ({generation})", run, generation)


_LAYER_NAMES = (
    "Activation", "ActivityRegularization", "Add", "Average", "AveragePooling1D", "AveragePooling2D",
    "AveragePooling3D", "BatchNormalization", "Concatenate", "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose",
    "Conv3D", "Conv3DTranspose", "Cropping1D", "Cropping2D", "Dense", "DepthwiseConv1D", "DepthwiseConv2D", "Dot",
    "ELU", "Embedding", "Flatten", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D",
    "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GroupNormalization", "Lambda", "LayerNormalization", "LeakyReLU",
    "Masking", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "Maximum", "Minimum", "Multiply", "Normalization",
    "PReLU", "Permute", "RMSNormalization", "ReLU", "RepeatVector", "Rescaling", "Reshape", "SeparableConv1D",
    "SeparableConv2D", "Softmax", "Subtract", "UnitNormalization", "UpSampling1D", "UpSampling2D", "UpSampling3D",
    "ZeroPadding1D", "ZeroPadding2D",
)  # fmt: skip


# -- random layers and initial weights, by seed -------------------------------------------------------------------


def _dropout(tf, keras):
    layer = keras.layers.Dropout(0.3, seed=11)
    return [layer(X2, training=True), layer(X2, training=True), layer(X2)]


def _dropout_with_noise_shape(tf, keras):
    return [keras.layers.Dropout(0.5, noise_shape=(None, 1, 6), seed=5)(X3, training=True)]


def _noise(tf, keras):
    L = keras.layers
    made = [
        L.GaussianNoise(0.5, seed=3), L.GaussianDropout(0.3, seed=4), L.AlphaDropout(0.2, seed=5),
        L.SpatialDropout1D(0.4, seed=6),
    ]  # fmt: skip
    return [layer(X3, training=True) for layer in made]


def _seeded_weights(tf, keras):
    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(4), keras.layers.Dropout(0.2), keras.layers.Dense(2, kernel_initializer="he_normal")]
    )
    return [*model.get_weights(), model(X2, training=True)]


# -- training --------------------------------------------------------------------------------------------------------

ROWS = floats(22, 6, seed=4)
CLASSES = np.random.RandomState(5).randint(0, 3, 22)
NUMBERS = floats(22, 1, seed=6)
WEIGHTS = floats(22, seed=8, low=0.1, high=2.0)


def _classifier(keras, **kwargs):
    L = keras.layers
    model = keras.Sequential([
        L.Dense(5, activation="relu", input_shape=(6,), **kwargs), L.Dense(4, activation="tanh"),
        L.Dense(3, activation="softmax"),
    ])  # fmt: skip
    set_weights(model)
    return model


def trained(model, *args, **kwargs):
    """What `fit` logged, by name in order, and the weights it left."""
    history = model.fit(*args, shuffle=False, verbose=0, **kwargs).history
    return [np.array(history[name], "float32") for name in sorted(history)] + model.get_weights()


def _fit_classes(tf, keras, optimizer="adam", **kwargs):
    model = _classifier(keras)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    results = trained(model, ROWS, CLASSES, batch_size=8, epochs=3, **kwargs)
    evaluated = model.evaluate(ROWS, CLASSES, verbose=0)
    return [*results, np.array(evaluated, "float32"), model.predict(ROWS, verbose=0)]


def _fit_weighted(tf, keras):
    model = _classifier(keras)
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"],
        weighted_metrics=["sparse_categorical_crossentropy"],
    )  # fmt: skip
    return trained(model, ROWS, CLASSES, sample_weight=WEIGHTS, batch_size=8, epochs=2)


def _fit_class_weight(tf, keras):
    model = _classifier(keras)
    model.compile("sgd", "sparse_categorical_crossentropy")
    return trained(model, ROWS, CLASSES, class_weight={0: 1.0, 1: 3.0, 2: 0.5}, batch_size=8, epochs=2)


def _fit_regularized(tf, keras):
    model = _classifier(keras, kernel_regularizer="l2", activity_regularizer="l1", kernel_constraint="max_norm")
    model.compile("adam", "categorical_crossentropy", metrics=["categorical_accuracy"])
    labels = np.eye(3, dtype="float32")[CLASSES]
    return trained(model, ROWS, labels, batch_size=8, epochs=2, validation_split=0.25)


def _fit_batch_normalization(tf, keras):
    L = keras.layers
    model = keras.Sequential([L.Dense(5, input_shape=(6,)), L.BatchNormalization(), L.Activation("relu"), L.Dense(1)])
    set_weights(model)
    model.compile("rmsprop", "mse", metrics=["mae"])
    results = trained(model, ROWS, NUMBERS, batch_size=8, epochs=2, validation_data=(ROWS[:9], NUMBERS[:9]))
    return [*results, model.predict(ROWS, verbose=0)]


def _two_by_two(keras):
    L = keras.layers
    a, b = keras.Input((6,), name="a"), keras.Input((2,), name="b")
    shared = L.Dense(4, activation="relu", name="shared")
    h = L.Concatenate(name="join")([shared(a), b])
    one = L.Dense(1, name="one")(h)
    two = L.Dense(3, activation="softmax", name="two")(L.Add(name="sum")([shared(a), L.Dense(4, name="up")(b)]))
    model = keras.Model([a, b], [one, two], name="two_by_two")
    set_weights(model)
    return model


def _fit_two_outputs(tf, keras):
    model = _two_by_two(keras)
    model.compile(
        "adam", {"one": "mse", "two": "sparse_categorical_crossentropy"}, loss_weights={"one": 0.5, "two": 2.0},
        metrics={"two": "accuracy"},
    )  # fmt: skip
    x = {"a": ROWS, "b": ROWS[:, :2]}
    # Batches of one size: Keras 3 does not weigh a smaller last one in the losses of single outputs; Keras 2 and we do.
    results = trained(model, x, {"one": NUMBERS, "two": CLASSES}, batch_size=11, epochs=2)
    return [*results, *model.predict(x, verbose=0)]


def _fit_custom_step(tf, keras):
    class Doubled(keras.Model):
        def __init__(self):
            super().__init__()
            self.first = keras.layers.Dense(4, activation="relu")
            self.last = keras.layers.Dense(1)
            self.seen = keras.metrics.Mean(name="seen")

        def call(self, inputs, training=None):
            y = self.last(self.first(inputs))
            self.add_loss(tf.reduce_mean(tf.square(y)) * 0.1)
            return y

        def train_step(self, data):
            x, y = data[:2]
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = 2.0 * tf.reduce_mean(tf.square(y - y_pred)) + sum(self.losses)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
            self.seen.update_state(loss)
            return {"seen": self.seen.result(), "last": loss}

    model = Doubled()
    model(ROWS[:2])
    set_weights(model)
    model.compile("sgd")
    return trained(model, ROWS, NUMBERS, batch_size=8, epochs=2)


def _on_batches(tf, keras):
    model = _classifier(keras)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    results = [model.train_on_batch(ROWS[i : i + 8], CLASSES[i : i + 8]) for i in (0, 8, 0)]
    results.append(model.test_on_batch(ROWS, CLASSES))
    return [*[np.array(r, "float32") for r in results], model.predict_on_batch(ROWS), *model.get_weights()]


def _frozen(tf, keras):
    model = _classifier(keras)
    model.layers[0].trainable = False
    model.compile("sgd", "sparse_categorical_crossentropy")
    counts = [len(model.trainable_weights), len(model.non_trainable_weights)]
    return [*trained(model, ROWS, CLASSES, batch_size=8, epochs=1), np.array(counts)]


# -- summaries ---------------------------------------------------------------------------------------------------------


def _summary(make, **kwargs):
    def run(tf, keras):
        lines = []
        make(keras).summary(print_fn=lines.append, line_length=96, **kwargs)
        return [np.array("\n".join(lines).rstrip())]

    return run


def _nested(keras):
    L = keras.layers
    inner = keras.Sequential(
        [L.Dense(3, name="first"), L.BatchNormalization(name="a_normalization_with_a_long_name")], name="inner"
    )
    x = keras.Input((4,), name="x")
    inner.trainable = False
    return keras.Model(x, L.Dense(1, name="last")(inner(x)), name="outer")


def cases():
    for generation in (3, 2):
        yield from layer_cases(generation)
    for generation in (3, 2):
        for name, run in {
            "classes, adam": _fit_classes,
            "classes, ftrl": lambda tf, keras: _fit_classes(tf, keras, "ftrl"),
            "weighted": _fit_weighted,
            "class weights": _fit_class_weight,
            "regularized": _fit_regularized,
            "batch normalization": _fit_batch_normalization,
            "two inputs and outputs": _fit_two_outputs,
            "single batches": _on_batches,
            "frozen": _frozen,
        }.items():
            yield Case(f"fit: {name} ({generation})", run, generation)
    yield Case("fit: custom step (3)", _fit_custom_step)  # Keras 2 counts the metric's state among the weights
    for name, run in {
        "dropout": _dropout,
        "dropout with noise shape": _dropout_with_noise_shape,
        "noise": _noise,
        "seeded weights": _seeded_weights,
    }.items():
        yield Case(f"random: {name}", run)
    yield Case("summary: sequential", _summary(lambda keras: _named(keras)))
    yield Case("summary: functional", _summary(_two_by_two))
    yield Case("summary: nested", _summary(_nested, expand_nested=True, show_trainable=True))


def _named(keras):
    L = keras.layers
    return keras.Sequential(
        [keras.Input((6,)), L.Dense(5, name="one"), L.Dropout(0.5, name="two"), L.Dense(3000, name="three")], name="simple"
    )

"""A playground's network taken home: as a Python program, as numbers, as a Keras file."""

from __future__ import annotations

import pathlib
import tempfile
from typing import Any

from thalweg.playground.network import Network

_FEATURE_CODE = {
    "x1": "x", "x2": "y", "x1^2": "x * x", "x2^2": "y * y", "x1 x2": "x * y", "sin x1": "np.sin(x)", "sin x2": "np.sin(y)",
}  # fmt: skip
_OPTIMIZER_CODE = {"Momentum": "SGD({rate}, momentum=0.9)"}


def weights_of(network: Network) -> dict[str, Any]:
    """Settings and weights, to be saved and loaded again."""
    return {
        "format": "thalweg-playground-1", "settings": network.settings.plain(), "epoch": network.epoch,
        "names": [v.name for v in network.model.variables], "weights": [w.tolist() for w in network.weights()],
    }  # fmt: skip


def keras_file(network: Network) -> bytes:
    """The model as a `.keras` file. Its input is the features, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "playground.keras"
        network.plain_model().save(path)
        return path.read_bytes()


def program(network: Network, epochs: int) -> str:
    """A program that builds and trains the same network on the same points. It runs under Thalweg and under TensorFlow."""
    s, points = network.settings, network.points
    several = network.outputs > 1
    rows = [[round(float(a), 4), round(float(b), 4), round(float(c), 4)] for (a, b), c in zip(points.xy, points.labels)]
    lines = [
        '"""A network of the playground: `thalweg run this.py`, or Python with TensorFlow."""',
        "import numpy as np",
        "import tensorflow as tf",
        "",
        f"tf.keras.utils.set_random_seed({network.seed})",
        "",
        "# x, y and label of each point" + (f"; classes: {', '.join(points.classes)}" if several else ""),
        f"points = np.array({rows}, np.float32)",
        "x, y, labels = points.T",
        f"features = np.stack([{', '.join(_FEATURE_CODE[f] for f in s.features)}], 1)",
        f"split = {len(network.train[0])}",
        "",
        "layers = tf.keras.layers",
        f"model = tf.keras.Sequential([\n    layers.Input(({len(s.features)},)),",
    ]
    penalty = f"tf.keras.regularizers.{s.regularization}({s.regularization_rate / (2 if s.regularization == 'L2' else 1)})"
    regularized = f", kernel_regularizer={penalty}" if s.regularization != "none" and s.regularization_rate else ""
    for layer in s.layers:
        lines.append(f"    layers.Dense({layer.units}{regularized}),")
        lines += ["    layers.BatchNormalization(),"] * s.batch_norm
        lines.append(f'    layers.Activation("{layer.activation}"),')
        lines += [f"    layers.Dropout({s.dropout}),"] if s.dropout else []
    activation = ', activation="tanh"' if len(points.classes) == 2 else ""
    lines += [f"    layers.Dense({network.outputs}{activation}{regularized}),", "])"]
    if several:
        lines.append("loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)")
    else:
        error = "    return tf.reduce_mean(tf.square(outputs - tf.cast(labels, tf.float32)), -1) / 2"
        lines += ["", "", "def loss(labels, outputs):", error, "", ""]
    form = _OPTIMIZER_CODE.get(s.optimizer, s.optimizer + "({rate})").format(rate=s.learning_rate)
    target = "labels.astype(np.int32)" if several else "labels[:, None]"
    lines += [
        f"model.compile(tf.keras.optimizers.{form}, loss)",
        f"targets = {target}",
        f"model.fit(features[:split], targets[:split], batch_size={network.batch}, epochs={epochs}, verbose=0)",
        "",
        "# Of the data alone, as the playground shows it: without what regularization adds",
        'for name, part in ("train", slice(split)), ("test", slice(split, None)):',
        '    print(name, "loss", float(tf.reduce_mean(loss(targets[part], model(features[part], training=False)))))',
    ]
    return "\n".join(lines) + "\n"


def _scale_and_shift(norm: Any) -> tuple[Any, Any]:
    """What batch normalization does to each neuron outside of training: it multiplies and adds."""
    scale = norm.gamma.numpy() / (norm.moving_variance.numpy() + norm.epsilon) ** 0.5
    return scale, norm.beta.numpy() - norm.moving_mean.numpy() * scale


def explanation(network: Network, point: int) -> str:
    """A page that steps through backpropagation of one training point, neuron by neuron, with this network's numbers."""
    import numpy as np

    import thalweg as tf
    from thalweg.explaining import explain
    from thalweg.explaining.page import page

    inputs, labels = network.train
    row, label = inputs[point % len(inputs)], float(labels[point % len(labels)])
    named = {f: np.float32(v) for f, v in zip(network.settings.features, row)}
    activations = [layer.activation for layer in network.settings.layers]
    arrays = [(d.kernel.numpy(), d.bias.numpy()) for d in network.dense]
    norms = [_scale_and_shift(layer) for layer in network.model.layers if isinstance(layer, tf.keras.layers.BatchNormalization)]
    weights = {
        (i, a, b): tf.Variable(v, name=f"w{i + 1}_{a + 1}_{b + 1}")
        for i, (kernel, _) in enumerate(arrays)
        for (a, b), v in np.ndenumerate(kernel)
    }

    def f(*values: Any) -> Any:
        units = list(values)
        for i, (kernel, bias) in enumerate(arrays):
            made = []
            for b in range(kernel.shape[1]):
                with tf.name_scope(f"layer_{i + 1}_neuron_{b + 1}" if i < len(activations) else f"output_{b + 1}"):
                    total = units[0] * weights[i, 0, b]
                    for a, u in enumerate(units[1:], 1):
                        total = total + u * weights[i, a, b]
                    total = total + tf.constant(bias[b])
                    if i < len(norms):
                        scale, shift = norms[i]
                        total = total * tf.constant(scale[b]) + tf.constant(shift[b])
                    last = i == len(activations)
                    act = ("tanh" if len(network.points.classes) == 2 else "linear") if last else activations[i]
                    made.append(total if act == "linear" else tf.keras.activations.get(act)(total))
            units = made
        with tf.name_scope("loss"):
            if len(units) == 1:
                return tf.square(units[0] - label) / 2
            return tf.reduce_logsumexp(tf.stack(units)) - units[int(label)]

    import inspect

    kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(n.replace(" ", "_").replace("^", ""), kinds) for n in named]
    f.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    made = explain(f, *named.values())
    for node in made:
        node.made_at = ""  # the lines are ours, not the reader's
    return page(made, "One step of backpropagation")

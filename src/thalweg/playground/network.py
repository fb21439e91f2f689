"""A network of the playground: a Keras model, trained in epochs that are one XLA program each."""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.execution.program import StepProgram, trace_step
from thalweg.playground.data import Points
from thalweg.playground.settings import Settings

GRID = 40  # a heat map's points along each side
SMALL = 2048  # multiplications of a layer, up to which it is a sum of products
REACH = 6.0  # the plane that is shown, from -6 to 6


def features_of(xy: np.ndarray, names: list[str]) -> np.ndarray:
    """What the network is given of points `[n, 2]`: `[n, features]`."""
    x, y = xy[:, 0], xy[:, 1]
    made = {"x1": x, "x2": y, "x1^2": x * x, "x2^2": y * y, "x1 x2": x * y, "sin x1": np.sin(x), "sin x2": np.sin(y)}
    return np.stack([made[n] for n in names], 1).astype(np.float32)


def optimizer_of(name: str, rate: float) -> Any:
    """A Keras optimizer by the name it has on the page."""
    kinds = tf.keras.optimizers
    if name == "Momentum":
        return kinds.SGD(rate, momentum=0.9)
    return getattr(kinds, name)(learning_rate=rate)


class SmallDense(tf.keras.layers.Dense):
    """A dense layer that is a sum of products where it is small: XLA fuses that with what is around it, and a product not.

    A training step of the default network takes a fifth of the time so (docs/performance.md). Weights are a Dense layer's.
    """

    def call(self, inputs: Any, training: Any = None) -> Any:
        rows = inputs.shape[0]
        if rows is None or rows * self.kernel.shape[0] * self.units > SMALL:
            return super().call(inputs)
        return tf.reduce_sum(inputs[:, :, None] * self.kernel[None], axis=1) + self.bias


class Network:
    """A model with its data, its optimizer, and how far it is trained.

    Changing a rate does not compile anything anew: rates are variables that a step reads.
    """

    def __init__(self, settings: Settings, points: Points, seed: int | None = None):
        self.settings, self.points = settings, points
        self.seed = settings.seed if seed is None else seed
        tf.keras.utils.set_random_seed(self.seed)
        self.outputs = 1 if len(points.classes) <= 2 else len(points.classes)
        self.model, self.every, self.dense = self._build(SmallDense)
        self.optimizer = optimizer_of(settings.optimizer, settings.learning_rate)
        self.optimizer.build(self.model.trainable_variables)
        self.penalty = tf.Variable(np.float32(settings.regularization_rate), trainable=False, name="penalty")
        split = max(2, round(len(points.xy) * settings.train_share))
        inputs = features_of(points.xy, settings.features)
        self.train, self.test = (inputs[:split], points.labels[:split]), (inputs[split:], points.labels[split:])
        self.batch = min(settings.batch, split)
        self.epoch = 0
        self._order = np.random.default_rng(self.seed)
        self._program: StepProgram | None = None
        side = np.linspace(-REACH, REACH, GRID, dtype=np.float32)
        across, up = np.meshgrid(side, side[::-1])
        self._grid = features_of(np.stack([across.ravel(), up.ravel()], 1), settings.features)
        self._looks = tf.function(self._every_layer)
        self.good = self.snapshot()

    def plain_model(self) -> Any:
        """The model in Keras' own layers, to be saved."""
        model, _, _ = self._build(tf.keras.layers.Dense)
        model.set_weights(self.weights())
        return model

    def _build(self, dense_layer: Any) -> tuple[Any, Any, list[Any]]:
        """The model, one that gives every layer's neurons, and the dense layers."""
        layers, s = tf.keras.layers, self.settings
        x = inputs = tf.keras.Input((len(s.features),), name="features")
        dense, shown = [], []
        for i, layer in enumerate(s.layers):
            dense.append(dense_layer(layer.units, name=f"hidden_{i + 1}"))
            x = dense[-1](x)
            if s.batch_norm:
                x = layers.BatchNormalization(name=f"norm_{i + 1}")(x)
            x = layers.Activation(layer.activation, name=f"{layer.activation}_{i + 1}")(x)
            shown.append(x)
            if s.dropout:
                x = layers.Dropout(s.dropout, name=f"dropout_{i + 1}")(x)
        dense.append(dense_layer(self.outputs, name="output"))
        x = dense[-1](x)
        if len(self.points.classes) == 2:
            x = layers.Activation("tanh", name="tanh")(x)
        shown.append(x)
        return tf.keras.Model(inputs, x, name="playground"), tf.keras.Model(inputs, shown), dense

    # -- training -------------------------------------------------------------------------------------------

    def loss(self, outputs: Any, labels: Any) -> Any:
        """Half the squared error, as the original has it; of several classes the cross-entropy of their logits."""
        if self.outputs > 1:
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(labels, tf.int32), outputs))
        return tf.reduce_mean(tf.square(outputs[:, 0] - labels)) / 2

    def _step(self, inputs: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = self.loss(self.model(inputs, training=True), labels)
            total = loss
            for layer in self.dense if self.settings.regularization != "none" else []:
                size = tf.abs(layer.kernel) if self.settings.regularization == "L1" else tf.square(layer.kernel) / 2
                total = total + self.penalty * tf.reduce_sum(size)
        weights = self.model.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(total, weights), weights))
        return loss

    @property
    def program(self) -> StepProgram:
        """The training step, traced when first needed."""
        if self._program is None:
            self._program = trace_step(self._step, (self.train[0][: self.batch], self.train[1][: self.batch]))
        return self._program

    @property
    def steps(self) -> int:
        """How many steps an epoch has."""
        return max(1, len(self.train[0]) // self.batch)

    def rows(self, epochs: int) -> np.ndarray:
        """Row numbers of the batches of so many epochs, each shuffled anew."""
        count = self.steps * self.batch
        # The order of random numbers is a shuffle, and all epochs' at once takes a third of the time that permutations take.
        order = self._order.random((epochs, len(self.train[0])), dtype=np.float32).argsort(1)
        return order[:, :count].reshape(-1, self.batch).astype(np.int32)

    def advance(self, epochs: int = 1) -> None:
        """Train so many epochs."""
        self.program.run_epoch([*self.train], self.rows(epochs))
        self.epoch += epochs

    def set_rates(self, learning_rate: float, penalty: float) -> None:
        self.optimizer.learning_rate = learning_rate
        self.penalty.assign(penalty)
        self.settings.learning_rate, self.settings.regularization_rate = learning_rate, penalty

    # -- looking at it ----------------------------------------------------------------------------------------

    def _every_layer(self, inputs: Any) -> Any:
        return self.every(inputs, training=False)

    def _see(self, inputs: np.ndarray) -> list[np.ndarray]:
        seen = self._looks(tf.constant(inputs))
        return [np.asarray(t) for t in (seen if isinstance(seen, (list, tuple)) else [seen])]

    def losses(self) -> dict[str, Any]:
        """Train and test loss; of classes the accuracy and the confusion matrix of the test points."""
        found: dict[str, Any] = {}
        for name, (inputs, labels) in (("train", self.train), ("test", self.test)):
            outputs = self._see(inputs)[-1]
            found[name] = float(self.loss(tf.constant(outputs), tf.constant(labels)))
            if name == "test" and self.points.classes:
                n = len(self.points.classes)
                said = outputs.argmax(1) if self.outputs > 1 else (outputs[:, 0] > 0).astype(int)
                true = labels.astype(int) if self.outputs > 1 else (labels > 0).astype(int)
                found["confusion"] = np.bincount(true * n + said, minlength=n * n).reshape(n, n).tolist()
                found["accuracy"] = float((true == said).mean()) if len(true) else None
        return found

    def maps(self) -> bytes:
        """What every neuron gives over the plane: a byte for each point of each map, 0 for -1 and below, 255 for 1 and above.

        The hidden layers' neurons in order, then the outputs; of several classes each class's probability from 0 to 1.
        """
        layers = self._see(self._grid)
        if self.outputs > 1:
            logits = layers[-1] - layers[-1].max(1, keepdims=True)
            layers[-1] = np.exp(logits) / np.exp(logits).sum(1, keepdims=True) * 2 - 1
        values = np.nan_to_num(np.concatenate(layers, 1).T)
        return ((np.clip(values, -1, 1) + 1) * 127.5).astype(np.uint8).tobytes()

    # -- weights ----------------------------------------------------------------------------------------------

    def weights(self) -> list[np.ndarray]:
        """Everything that training changes in the model."""
        return [v.numpy() for v in self.model.variables]

    def set_weights(self, values: list[Any]) -> None:
        """Raises ValueError for other shapes, or for what is no finite number."""
        variables = self.model.variables
        if len(values) != len(variables):
            raise ValueError(f"The network has {len(variables)} arrays of weights, not {len(values)}.")
        arrays = [np.asarray(v, np.float32) for v in values]
        for variable, array in zip(variables, arrays):
            if array.shape != tuple(variable.shape) or not np.isfinite(array).all():
                raise ValueError(f"{variable.name} needs finite numbers of shape {tuple(variable.shape)}, not {array.shape}.")
        for variable, array in zip(variables, arrays):
            variable.assign(array)

    def snapshot(self) -> tuple[int, list[np.ndarray]]:
        """The epoch, and all that training changes: the model's variables and the optimizer's."""
        return self.epoch, [v.numpy() for v in (*self.model.variables, *self.optimizer.variables)]

    def restore(self, snapshot: tuple[int, list[np.ndarray]]) -> None:
        """Go back to a snapshot. The rates stay as they are set now."""
        self.epoch, values = snapshot
        for variable, value in zip((*self.model.variables, *self.optimizer.variables), values):
            variable.assign(value)
        self.set_rates(self.settings.learning_rate, self.settings.regularization_rate)

    def wires(self) -> dict[str, Any]:
        """Weights and biases, layer by layer, as numbers to be drawn."""
        return {
            "weights": [np.round(d.kernel.numpy().astype(float), 4).tolist() for d in self.dense],
            "biases": [np.round(d.bias.numpy().astype(float), 4).tolist() for d in self.dense],
        }

    def set_wire(self, layer: int, source: int | None, target: int, value: float) -> None:
        """One weight, or with `source` None one bias. Raises IndexError for one that is not there."""
        dense = self.dense[layer]
        variable = dense.bias if source is None else dense.kernel
        array = variable.numpy()
        array[target if source is None else (source, target)] = value
        variable.assign(array)

    def is_sound(self) -> bool:
        """Whether all weights are finite numbers."""
        return all(np.isfinite(w).all() for w in self.weights())

    # -- many starts ------------------------------------------------------------------------------------------

    def ten_starts(self, epochs: int, starts: int = 10) -> list[list[float]]:
        """Test losses of so many networks that begin otherwise, trained side by side: a curve of about 40 points for each."""
        networks = [Network(self.settings, self.points, self.seed + 1 + i) for i in range(starts)]
        program = networks[0].program
        # What the step of the first one changes, and what stands in the same place in the others.
        own = [[*n.model.variables, *n.optimizer.variables] for n in networks]
        place = {id(v.handle): k for k, v in enumerate(own[0])}
        copies = {
            id(c): np.stack([o[place[id(c)]].handle.read() if id(c) in place else c.read() for o in own]) for c in program.cells
        }  # fmt: skip
        curves: list[list[float]] = [[] for _ in networks]
        each = max(1, epochs // 40)
        for _ in range(0, epochs, each):
            program.run_seeds(copies, [*self.train], np.stack([n.rows(each) for n in networks]))
            for i, network in enumerate(networks):
                for k, variable in enumerate(network.model.variables):
                    trained = copies.get(id(own[0][k].handle))
                    if trained is not None:
                        variable.assign(np.asarray(trained[i]))
                curves[i].append(network.losses()["test"])
        return curves

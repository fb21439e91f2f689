"""Many initialisations of a model trained at once, side by side in one XLA program: `fit(..., seeds=10)`."""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras.engine.tracking import unique
from thalweg.keras.initializers.base import RandomInitializer
from thalweg.keras.initializers.seeds import make_default_seed
from thalweg.keras.models.data import ArrayData
from thalweg.keras.random.seed_generator import SeedGenerator


class SeedRuns:
    """The state of a model `count` times: the model as it is, and others with new random weights.

    Each has its own order of the data and its own dropout. Measures are reported as their mean over the copies, and
    their spread as `<name>_std`. After every epoch the model holds the weights of the best copy: that with the lowest
    `val_loss`, or `loss` where there is no validation. Raises ValueError for what cannot run as one program.
    """

    def __init__(self, model: Any, count: int, data: Any, validation: Any, asked: Any, generator: np.random.Generator):
        if isinstance(count, bool) or not hasattr(count, "__index__") or count < 1:
            raise ValueError(f"`seeds` must be a positive integer, but it is {count!r}.")
        for given in (data, validation):
            if given is not None and not (isinstance(given, ArrayData) and given.is_numeric):
                raise ValueError("`fit(seeds=...)` needs arrays in memory: pass arrays instead of an iterable of batches.")
        if asked.needs_batches("train"):
            raise ValueError("`fit(seeds=...)` runs whole epochs: leave out callbacks that ask for each batch.")
        self._model, self._count, self._asked, self._generator = model, int(count), asked, generator
        self.measures: dict[str, list[np.ndarray]] = {}
        self._train = self._program("train", data)
        self._test = None if validation is None else self._program("test", validation)
        self._copies = self._initial_copies()

    def _program(self, mode: str, data: ArrayData) -> Any:
        program = self._model._steps_of(mode).program(data.take(np.arange(min(data.batch_size, data.n))))
        if program is None:
            raise ValueError(
                f"`fit(seeds=...)` needs a {mode} step that can be compiled as a whole, but this model's cannot (it runs "
                "eagerly, or has an operation that runs on the host only)."
            )
        return program

    # -- state ----------------------------------------------------------------------------------------------

    def _initial_copies(self) -> dict[int, Any]:
        """The value of every variable that differs between copies, stacked, by the id of its cell."""
        model, count = self._model, self._count
        cells = [*self._train.cells, *(self._test.cells if self._test is not None else ())]
        copies = {id(cell): np.stack([np.asarray(cell.read())] * count) for cell in cells}
        for layer in model._flatten_layers():
            for variable, initializer in layer._initialized.values():
                if isinstance(initializer, RandomInitializer):
                    values = [variable.numpy()] + [_redrawn(initializer, variable) for _ in range(count - 1)]
                    copies[id(variable.handle)] = np.stack(values)
            for item in layer._owned():
                if isinstance(item, SeedGenerator):
                    states = [item.state.numpy()] + [np.array([make_default_seed(), 0]) for _ in range(count - 1)]
                    copies[id(item.state.handle)] = np.stack(states)
        return copies

    def _hold(self, copy: int) -> None:
        """Give the model's variables the values of one copy."""
        model = self._model
        for variable in unique([*model.variables, *model.optimizer.variables]):
            values = self._copies.get(id(variable.handle))
            if values is not None:
                variable.assign(np.asarray(values[copy]))

    def _reset(self) -> None:
        for metric in self._model.metrics:
            for variable in metric.variables:
                if id(variable.handle) in self._copies:
                    self._copies[id(variable.handle)] = np.zeros((self._count, *variable.shape), variable.dtype.as_numpy_dtype)

    # -- running --------------------------------------------------------------------------------------------

    def run_epoch(self, mode: str, data: ArrayData) -> dict[str, np.ndarray]:
        """Go through the data once with every copy; gives each measure as an array over the copies."""
        program: Any = self._train if mode == "train" else self._test
        self._reset()
        orders = [data.rows_by_batch(self._generator if mode == "train" else None) for _ in range(self._count)]
        for parts in zip(*orders):
            program.run_seeds(self._copies, data.flat, np.stack(parts))
        return self._results()

    def _results(self) -> dict[str, np.ndarray]:
        found: dict[str, list[float]] = {}
        for copy in range(self._count):
            for metric in self._model.metrics:
                for variable in metric.variables:
                    values = self._copies.get(id(variable.handle))
                    if values is not None:
                        variable.assign(np.asarray(values[copy]))
            for name, value in self._model.get_metrics_result().items():
                found.setdefault(name, []).append(float(value))
        return {name: np.array(values) for name, values in found.items()}

    def finish_epoch(self, train: dict[str, np.ndarray], test: dict[str, np.ndarray]) -> dict[str, float]:
        """Let the model hold the best copy; gives the mean and the spread of every measure."""
        measured = {**train, **{f"val_{name}": values for name, values in test.items()}}
        for name, values in measured.items():
            self.measures.setdefault(name, []).append(values)
        by = measured.get("val_loss", measured.get("loss"))
        if by is not None:
            self._hold(int(np.nanargmin(by)) if np.isfinite(by).any() else 0)
        means = {name: float(values.mean()) for name, values in measured.items()}
        return means | {f"{name}_std": float(values.std()) for name, values in measured.items()}

    @property
    def history(self) -> dict[str, np.ndarray]:
        """Every measure of every copy: `[copies, epochs]`."""
        return {name: np.stack(values, axis=1) for name, values in self.measures.items()}

    def weights(self) -> list[list[np.ndarray]]:
        """The weights of every copy, as `set_weights` takes them."""
        own = self._model.weights
        stacked = [self._copies.get(id(v.handle)) for v in own]
        return [
            [v.numpy() if values is None else np.array(values[copy]) for v, values in zip(own, stacked)]
            for copy in range(self._count)
        ]


def _redrawn(initializer: RandomInitializer, variable: Any) -> np.ndarray:
    """What the initializer would give with another seed."""
    other = type(initializer).from_config({**initializer.get_config(), "seed": make_default_seed()})
    return np.asarray(tf.convert_to_tensor(other(tuple(variable.shape), dtype=variable.dtype)).numpy())

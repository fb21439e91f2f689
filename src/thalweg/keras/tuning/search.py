"""Random search (Bergstra, Bengio 2012) and Hyperband (Li et al. 2018, https://arxiv.org/abs/1603.06560).

Every trial is kept with its settings, its measures and its time, also those that failed: what the best one reached on the
validation data is better than what it will reach on new data, the more so the more trials there were.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from thalweg.keras.callbacks.monitor import MonitorCallback
from thalweg.keras.utils.messages import print_msg


class Choice:
    """One of several values."""

    def __init__(self, *values: Any):
        if not values:
            raise ValueError("A Choice needs values to choose from.")
        self.values = values

    def draw(self, source: random.Random) -> Any:
        return source.choice(self.values)


class Real:
    """A number from `low` to `high`; with `log`, by its magnitude."""

    def __init__(self, low: float, high: float, log: bool = False):
        if not low < high or (log and low <= 0):
            raise ValueError(f"A Real needs low < high (and low > 0 with log=True), but got low={low}, high={high}.")
        self.low, self.high, self.log = low, high, log

    def draw(self, source: random.Random) -> float:
        if self.log:
            return math.exp(source.uniform(math.log(self.low), math.log(self.high)))
        return source.uniform(self.low, self.high)


class Integer(Real):
    """A whole number from `low` to `high`, both included; with `log`, by its magnitude."""

    def draw(self, source: random.Random) -> int:  # type: ignore[override]
        if not self.log:
            return source.randint(int(self.low), int(self.high))
        return min(int(self.high), max(int(self.low), round(super().draw(source))))


class Trial(NamedTuple):
    """One model that was tried: its settings, the best of its measures, epochs, seconds, and why it failed if it did."""

    settings: dict[str, Any]
    score: float
    epochs: int
    seconds: float
    error: str | None
    history: dict[str, list[float]]


class RandomSearch:
    """Tries settings drawn at random and keeps the best model.

    build: a function of the settings by name, which gives a compiled model. space: for each setting a `Choice`, `Real` or
    `Integer`. objective: the measure, 'val_loss' unless given; mode: 'min', 'max' or 'auto'. seed: for the same draws.

    >>> from thalweg.keras.tuning import Integer, RandomSearch
    >>> def build(units):
    ...     model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(units), tf.keras.layers.Dense(1)])
    ...     model.compile("sgd", "mse")
    ...     return model
    >>> search = RandomSearch(build, {"units": Integer(1, 4)}, seed=0, verbose=0)
    >>> x = np.ones((8, 2), "float32")
    >>> trials = search.run(x, x[:, :1], trials=2, epochs=1, validation_split=0.5)
    >>> len(trials), search.best.settings["units"] in (1, 2, 3, 4)
    (2, True)
    """

    def __init__(
        self, build: Callable[..., Any], space: dict[str, Any], objective: str = "val_loss", mode: str = "auto",
        seed: int | None = None, verbose: int = 1,
    ):  # fmt: skip
        wrong = [name for name, values in space.items() if not hasattr(values, "draw")]
        if wrong:
            raise ValueError(f"The space of {wrong[0]!r} must be a Choice, a Real or an Integer.")
        self.build, self.space, self.objective, self.verbose = build, dict(space), objective, verbose
        self._better = MonitorCallback(objective, mode)
        self._source = random.Random(seed)
        self.trials: list[Trial] = []
        self.best_model: Any = None

    # -- results ---------------------------------------------------------------------------------------------

    @property
    def best(self) -> Trial:
        """The best trial. Raises ValueError when none succeeded."""
        found = [trial for trial in self.trials if trial.error is None]
        if not found:
            raise ValueError("No trial succeeded: see `search.trials` for why.")
        best = found[0]
        for trial in found[1:]:
            if self._better._is_improvement(trial.score, best.score):
                best = trial
        return best

    def to_frame(self) -> Any:
        """All trials as a pandas frame, a column for each setting."""
        import pandas as pd

        return pd.DataFrame([
            {**t.settings, self.objective: t.score, "epochs": t.epochs, "seconds": t.seconds, "error": t.error}
            for t in self.trials
        ])  # fmt: skip

    # -- searching -------------------------------------------------------------------------------------------

    def run(self, x: Any, y: Any = None, trials: int = 10, epochs: int = 10, **fit_arguments: Any) -> list[Trial]:
        """Try so many settings for so many epochs each. Further arguments go to `fit`. Gives all trials so far."""
        for _ in range(trials):
            self._try(self._draw(), None, x, y, 0, epochs, fit_arguments)
        return self.trials

    def _draw(self) -> dict[str, Any]:
        return {name: values.draw(self._source) for name, values in self.space.items()}

    def _try(
        self, settings: dict[str, Any], model: Any, x: Any, y: Any, first: int, epochs: int, fit_arguments: dict[str, Any]
    ) -> tuple[Trial, Any]:
        """Train a model, a new one unless it is given; note the trial."""
        begin = time.perf_counter()
        history: dict[str, list[float]] = {}
        score, error = math.nan, None
        try:
            model = self.build(**settings) if model is None else model
            history = model.fit(x, y, initial_epoch=first, epochs=epochs, **{"verbose": 0, **fit_arguments}).history
            if self.objective not in history:
                raise KeyError(f"the history has no {self.objective!r}; it has {', '.join(history)}")
            score = self._best_of(history[self.objective])
            error = None if math.isfinite(score) else f"{self.objective} is {score}"
        except (ArithmeticError, KeyError, TypeError, ValueError) as problem:
            error = f"{type(problem).__name__}: {problem}"
        trial = Trial(settings, score, epochs, time.perf_counter() - begin, error, history)
        self.trials.append(trial)
        if error is None and self.best is trial:
            self.best_model = model
        if self.verbose:
            told = error or f"{self.objective} {score:.5g}"
            print_msg(f"Trial {len(self.trials)}: {told}  {_spoken(settings)}  ({trial.seconds:.1f} s)")
        return trial, model

    def _best_of(self, values: list[float]) -> float:
        best = float(values[0])
        for value in map(float, values[1:]):
            if self._better._is_improvement(value, best):
                best = value
        return best


class Hyperband(RandomSearch):
    """Gives many settings few epochs and goes on with the best of them, again and again.

    factor: a `1 / factor` share goes on, for `factor` times the epochs. The other arguments are those of `RandomSearch`.
    """

    def __init__(self, *args: Any, factor: int = 3, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if factor < 2:
            raise ValueError(f"`factor` must be 2 or more, but it is {factor}.")
        self.factor = factor

    def run(self, x: Any, y: Any = None, epochs: int = 27, **fit_arguments: Any) -> list[Trial]:  # type: ignore[override]
        """One pass over all brackets, in which a model trains for at most `epochs`. Gives all trials so far."""
        brackets = int(math.log(epochs, self.factor) + 1e-9)
        for bracket in range(brackets, -1, -1):
            count = math.ceil((brackets + 1) / (bracket + 1) * self.factor**bracket)
            running: list[tuple[dict[str, Any], Any]] = [(self._draw(), None) for _ in range(count)]
            done = 0
            for stage in range(bracket + 1):
                until = max(1, round(epochs * self.factor ** (stage - bracket)))
                tried = [self._try(s, model, x, y, done, until, fit_arguments) for s, model in running]
                done = until
                order = sorted(
                    (pair for pair in tried if pair[0].error is None),
                    key=lambda pair: pair[0].score, reverse=self._better._direction() > 0,
                )  # fmt: skip
                running = [(trial.settings, model) for trial, model in order[: max(1, len(running) // self.factor)]]
        return self.trials


def _spoken(settings: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}" for name, value in settings.items())

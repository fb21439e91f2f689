"""A bounded search over what a network is made of and how it is trained.

Settings whose networks have one shape are trained side by side in one XLA program. After a quarter and after half of the epochs
the worse half goes: successive halving, Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
Optimization", 2016. What has been tried is kept in a file, so that a search goes on where it was interrupted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from .preparing import Prepared
from .result import Trial
from .settings import MOST_LAYERS, Settings
from .training import fingerprint, run_on
from .writing import make_folder, write_file

SHAPE = ("hidden", "embedding", "waves", "place_scale", "batch_size", "activation")
NUMBERS = ("learning_rate", "weight_decay", "dropout")
AT_ONCE = 4                 # settings of one shape
CHECKS = (0.25, 0.5)        # shares of the epochs after which the worse half goes


def propose(settings: Settings, trials: int, seed: int) -> list[list[Settings]]:
    """Groups of settings of one shape; the recipe itself is the first. `trials` in all."""
    random = np.random.RandomState(seed)
    groups: list[list[Settings]] = []
    left = trials
    while left:
        shape = settings if not groups else _another_shape(settings, random)
        size = min(AT_ONCE, left)
        groups.append([shape if not groups and not place else _other_numbers(shape, random) for place in range(size)])
        left -= size
    return groups


def _another_shape(settings: Settings, random: np.random.RandomState) -> Settings:
    width = int(random.choice([32, 64, 128, 256]))
    depth = int(random.choice([1, 2, 2, 3]))
    embedding = [None, (0.02, 0.2), (0.05, 0.05), (0.1, 1.0)][random.randint(4)]
    batch = int(np.clip(settings.batch_size * random.choice([0.5, 1, 2]), 8, 4096))
    return replace(settings, hidden=(width,) * min(depth, MOST_LAYERS), embedding=embedding, batch_size=batch,
                   waves=int(random.choice([8, 16])), place_scale=float(random.choice([0.5, 1, 2, 3])))


def _other_numbers(settings: Settings, random: np.random.RandomState) -> Settings:
    return replace(settings, learning_rate=float(f"{settings.learning_rate * 10 ** random.uniform(-0.7, 0.5):.2g}"),
                   dropout=float(random.choice([0, 0.1, 0.2, 0.4])),
                   weight_decay=float(random.choice([0.01, 0.03, 0.1, 0.3, 1.0])) if settings.optimizer == "adamw" else 0.0)


def search(prepared: Prepared, trials: int, *, on_trial: Callable[[Trial, int], None] | None = None,
           stop: Callable[[], bool] = lambda: False, record: str | Path | None = None) -> tuple[Settings, list[Trial]]:
    """Try so many settings; give the best on dev, and all of them. The test rows are not looked at.

    record: a file that keeps what has been tried; a search of the same table and settings goes on from it.
    """
    memory = _Record(record, prepared)
    best, best_loss = prepared.settings, np.inf
    found: list[Trial] = []
    for number, group in enumerate(propose(prepared.settings, trials, prepared.settings.seed)):
        tried = memory.recall(number, group)
        if tried is None:
            if stop() and found:
                break
            tried = _try(prepared, group, len(found), stop)
            if not stop():
                memory.keep(number, group, tried)
        for trial, settings in zip(tried, group):
            found.append(trial)
            if on_trial is not None:
                on_trial(trial, trials)
            if trial.loss < best_loss:
                best, best_loss = settings, trial.loss
    return best, found


def _try(prepared: Prepared, group: list[Settings], first: int, stop: Callable[[], bool]) -> list[Trial]:
    """Train a group at once, and less and less of it."""
    run, _ = run_on(prepared, prepared.split, group, stop=stop)
    losses, epochs = np.full(len(group), np.inf), np.zeros(len(group), int)
    alive = list(range(len(group)))
    for share in (*CHECKS, 1.0):
        run.advance(max(1, round(share * run.epochs)))
        losses[alive], epochs[alive] = run.copies.best_loss, run.done
        if share < 1.0 and len(alive) > 1:
            order = np.argsort(losses[alive], kind="stable")[:-(-len(alive) // 2)]
            kept = sorted(order.tolist())
            alive = [alive[place] for place in kept]
            run.keep(kept)
    return [Trial(first + place + 1, _changes(prepared.settings, settings), float(losses[place]), int(epochs[place]),
                  place not in alive) for place, settings in enumerate(group)]


def _changes(recipe: Settings, settings: Settings) -> dict[str, Any]:
    old, new = asdict(recipe), asdict(settings)
    return {name: new[name] for name in (*SHAPE, *NUMBERS) if new[name] != old[name]}


class _Record:
    """What has been tried, in a file of JSON lines: nothing written is lost when a search is interrupted."""

    def __init__(self, path: str | Path | None, prepared: Prepared) -> None:
        self.path, self.data = None if path is None else Path(path), "" if path is None else fingerprint(prepared)
        self.lines: list[dict] = []
        if self.path is not None and self.path.is_file():
            try:
                self.lines = [json.loads(line) for line in self.path.read_text().splitlines()]
            except (OSError, ValueError):
                self.lines = []

    def recall(self, number: int, group: list[Settings]) -> list[Trial] | None:
        wanted = self._key(number, group)
        for line in self.lines:
            if line.get("key") == wanted:
                return [Trial(**trial) for trial in line["trials"]]
        return None

    def keep(self, number: int, group: list[Settings], tried: list[Trial]) -> None:
        if self.path is None:
            return
        self.lines.append({"key": self._key(number, group), "trials": [asdict(trial) for trial in tried]})
        make_folder(self.path.parent)
        write_file(self.path, "".join(json.dumps(line) + "\n" for line in self.lines))

    def _key(self, number: int, group: list[Settings]) -> list:
        return json.loads(json.dumps([number, self.data, [asdict(one) for one in group]]))

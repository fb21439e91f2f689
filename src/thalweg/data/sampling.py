"""Elements drawn at random: from several datasets, by class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.data import structure
from thalweg.data.combining import ChoosingDataset
from thalweg.data.dataset import Dataset
from thalweg.engine.core import dtypes
from thalweg.engine.execution.tensor_spec import TensorSpec


def choose_from_datasets(datasets: Any, choice_dataset: Dataset, stop_on_empty_dataset: bool = True) -> Dataset:
    """`Dataset.choose_from_datasets`."""
    if not datasets:
        raise ValueError("Invalid `datasets`. `datasets` should not be empty.")
    if not isinstance(choice_dataset, Dataset):
        raise TypeError(f"Invalid `choice_dataset`. `choice_dataset` should be a `tf.data.Dataset` but is {type(choice_dataset)}.")
    if not structure.compatible(choice_dataset.element_spec, TensorSpec([], dtypes.int64)):
        raise TypeError(
            "Invalid `choice_dataset`. Elements of `choice_dataset` must be scalar `tf.int64` tensors but are "
            f"{choice_dataset.element_spec}."
        )
    return ChoosingDataset(choice_dataset, datasets, stop_on_empty_dataset)


def sample_from_datasets(
    datasets: Any, weights: Any = None, seed: Any = None, stop_on_empty_dataset: bool = False,
    rerandomize_each_iteration: bool | None = None,
) -> Dataset:  # fmt: skip
    """`Dataset.sample_from_datasets`."""
    datasets = list(datasets)
    if not datasets:
        raise ValueError("Invalid `datasets`. `datasets` should not be empty.")
    seeds = Dataset.random(seed=seed, rerandomize_each_iteration=rerandomize_each_iteration).batch(2)
    if isinstance(weights, Dataset):
        varying = Dataset.zip(weights.map(lambda *p: tf.math.log(p[0] if len(p) == 1 else tf.stack(p))), seeds)
        choices = varying.map(lambda logits, seed: _draw(tf.expand_dims(logits, 0), seed))
        return ChoosingDataset(choices, datasets, stop_on_empty_dataset)
    if weights is None:
        logits = tf.constant([[1.0] * len(datasets)])
    else:
        if len(weights) != len(datasets):
            raise ValueError(
                "Invalid `weights`. `weights` should have the same length as `datasets` but got "
                f"`len(weights)={len(weights)}` vs. `len(datasets)={len(datasets)}`."
            )
        if not isinstance(weights, tf.Tensor):
            kept = [(d, w) for d, w in zip(datasets, weights) if w > 0]
            datasets, weights = map(list, zip(*kept)) if kept else ([datasets[0].take(0)], [1.0])
        weights = tf.convert_to_tensor(weights)
        if weights.dtype not in (tf.float32, tf.float64):
            raise TypeError(
                f"Invalid `weights`. `weights` type must be either `tf.float32` or `tf.float64` but is {weights.dtype}."
            )
        logits = tf.expand_dims(tf.math.log(weights), 0)
    if len(datasets) == 1:
        return datasets[0]
    return ChoosingDataset(seeds.map(lambda seed: _draw(logits, seed)), datasets, stop_on_empty_dataset)


def _draw(logits: Any, seed: Any) -> Any:
    return tf.random.stateless_categorical(logits, 1, seed=seed)[0, 0]


# -- by class --------------------------------------------------------------------------------------------------


def rejection_resample(dataset: Dataset, class_func: Callable[..., Any], target_dist: Any, initial_dist: Any, seed: Any) -> Dataset:
    """`Dataset.rejection_resample`.

    Elements of a class are accepted by a probability that makes the classes as frequent as `target_dist` says; where the
    classes are far from that, elements of the dataset are mixed in. The frequencies of the classes are `initial_dist`, or
    estimated as elements come.
    """
    target = tf.cast(target_dist, tf.float32)
    share = None  # of elements that are taken without asking, where it is known now
    if initial_dist is not None:
        initial = tf.cast(initial_dist, tf.float32)
        accepted, mixed = _acceptance(initial, target)
        share = tf.get_static_value(mixed)
        rates = Dataset.from_tensors((initial, accepted, mixed)).repeat()
    else:
        estimates = _estimated(target, dataset.map(class_func))
        rates = estimates.map(lambda initial: (initial, *_acceptance(initial, target)))
    initials = rates.map(lambda initial, accepted, mixed: initial)
    acceptances = rates.map(lambda initial, accepted, mixed: accepted)
    filtered = _accepted(dataset, acceptances, initials, class_func, seed)
    whole = dataset.map(lambda *args: (class_func(*args), args[0] if len(args) == 1 else args))
    if share == 1:
        return whole
    if share == 0:
        return filtered
    weights = rates.map(lambda initial, accepted, mixed: tf.stack([mixed, 1.0 - mixed]))
    return sample_from_datasets([whole, filtered], weights=weights, seed=seed, stop_on_empty_dataset=True)


def _estimated(target: Any, classes: Dataset, size: int = 32, smoothing: int = 10) -> Dataset:
    """The frequencies of the classes so far, one for each element."""
    count = target.shape[0]

    def update(seen: Any, found: Any) -> Any:
        seen = seen + tf.reduce_sum(tf.one_hot(found, count, dtype=tf.int64), 0)
        frequencies = tf.cast(seen / tf.reduce_sum(seen), target.dtype)
        return seen, tf.tile(tf.expand_dims(frequencies, 0), [size, 1])

    return classes.batch(size).scan(tf.fill([count], np.int64(smoothing)), update).unbatch()


def _acceptance(initial: Any, target: Any) -> tuple[Any, Any]:
    """How likely an element of each class is accepted, and what share of elements is taken without asking.

    With `a` the acceptance by class, `m` that share: `m` is the largest for which the mixture has the target's frequencies.
    """
    ratio = target / (initial + np.finfo(initial.dtype.as_numpy_dtype).tiny)
    highest = tf.reduce_max(ratio)
    lowest = tf.reduce_min(ratio)
    mixed = lowest
    accepted = (ratio - mixed) / tf.where(highest > mixed, highest - mixed, tf.ones_like(highest))
    return accepted, mixed


def _accepted(dataset: Dataset, acceptances: Dataset, initials: Dataset, class_func: Callable[..., Any], seed: Any) -> Dataset:
    def with_chance(rate: Any, data: Any) -> Any:
        found = class_func(*data) if isinstance(data, tuple) else class_func(data)
        return found, tf.gather(rate, found), data

    chances = Dataset.zip(Dataset.zip(acceptances, initials).map(lambda rate, _: rate), dataset).map(with_chance)
    kept = chances.filter(lambda found, chance, data: tf.random.uniform([], seed=seed, dtype=chance.dtype) < chance)
    return kept.map(lambda found, chance, data: (found, data))

"""Reuters: 11,228 newswires in 46 topics, as lists of word numbers."""

from __future__ import annotations

import json
from typing import Any

from thalweg.keras.datasets import stored, words

_LABELS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass crude "
    "nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi iron-steel rubber "
    "heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path: Any = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> Any:
    """`(x_train, y_train), (x_test, y_test)`: lists of word numbers and topics from 0 to 45.

    The arguments are those of `imdb.load_data`; `test_split` is the share to test on.
    Source: `tf.keras.datasets.reuters.load_data`.
    """
    arrays = stored.load_npz(stored.fetch(path, "reuters.npz"))
    x, y = stored.shuffled(seed, arrays["x"], arrays["y"])
    texts, y = words.shorter(words.marked(x, start_char, index_from), y, maxlen)
    return stored.split(words.as_objects(words.limited(texts, num_words, skip_top, oov_char)), y, test_split)


def get_word_index(path: Any = "reuters_word_index.json") -> dict[str, int]:
    """The number of each word, the most frequent one being 1 (without `index_from`)."""
    with open(stored.fetch(path, "reuters_word_index.json"), encoding="utf-8") as file:
        return json.load(file)


def get_label_names() -> tuple[str, ...]:
    """The names of the topics, in the order of their numbers."""
    return tuple(_LABELS.split())

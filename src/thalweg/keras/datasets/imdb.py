"""IMDB: 50,000 film reviews, half of them friendly, as lists of word numbers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from thalweg.keras.datasets import stored, words


def load_data(
    path: Any = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
    **kwargs: Any,
) -> Any:
    """`(x_train, y_train), (x_test, y_test)`: lists of word numbers, and 1 for a friendly review, 25,000 of each.

    num_words: only the most frequent words; others stand as `oov_char`. skip_top: leave out the most frequent of all.
    maxlen: only reviews below this length. Numbers begin at `index_from`; each review begins with `start_char`.
    Source: `tf.keras.datasets.imdb.load_data`.
    """
    num_words = kwargs.pop("nb_words", num_words)
    if kwargs:
        raise TypeError(f"load_data() got arguments it does not know: {', '.join(kwargs)}.")
    arrays = stored.load_npz(stored.fetch(path, "imdb.npz"))
    random = np.random.RandomState(seed)
    parts = []
    for part in ("train", "test"):
        order = np.arange(len(arrays[f"x_{part}"]))
        random.shuffle(order)
        texts = words.marked(arrays[f"x_{part}"][order], start_char, index_from)
        parts.append(words.shorter(texts, arrays[f"y_{part}"][order], maxlen))
    (x_train, y_train), (x_test, y_test) = parts
    texts = words.limited(x_train + x_test, num_words, skip_top, oov_char)
    count = len(x_train)
    return (words.as_objects(texts[:count]), y_train), (words.as_objects(texts[count:]), y_test)


def get_word_index(path: Any = "imdb_word_index.json") -> dict[str, int]:
    """The number of each word, the most frequent one being 1 (without `index_from`)."""
    with open(stored.fetch(path, "imdb_word_index.json"), encoding="utf-8") as file:
        return json.load(file)

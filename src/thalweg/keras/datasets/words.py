"""What the two text sets share: reviews and reports as lists of word numbers."""

from __future__ import annotations

from typing import Any

import numpy as np


def marked(texts: Any, start_char: int | None, index_from: int | None) -> list[list[int]]:
    """Texts with their numbers shifted by `index_from`, and the mark of a beginning before each."""
    if start_char is not None:
        return [[start_char, *(word + (index_from or 0) for word in text)] for text in texts]
    return [[word + (index_from or 0) for word in text] for text in texts]


def shorter(texts: list[list[int]], labels: Any, maxlen: int | None) -> tuple[list[list[int]], Any]:
    """The texts below a length, and their labels. Raises ValueError if none is left."""
    if not maxlen:
        return texts, labels
    kept = [(text, label) for text, label in zip(texts, labels) if len(text) < maxlen]
    if not kept:
        raise ValueError(f"No text is shorter than maxlen={maxlen}: increase it.")
    return [text for text, _ in kept], np.array([label for _, label in kept])


def limited(texts: list[list[int]], num_words: int | None, skip_top: int, oov_char: int | None) -> list[list[int]]:
    """Texts in which rare words, and the `skip_top` most frequent ones, stand as `oov_char`, or are left out."""
    if not num_words:
        num_words = max(max(text) for text in texts)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < num_words] for text in texts]
    return [[word if skip_top <= word < num_words else oov_char for word in text] for text in texts]


def as_objects(texts: list[list[int]]) -> np.ndarray:
    """An array of lists."""
    array = np.empty(len(texts), object)
    array[:] = texts
    return array

"""`tf.contrib.learn.preprocessing`: texts as rows of word ids.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/learn/preprocessing/VocabularyProcessor
"""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

_TOKEN = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z][a-z]+(?=[A-Z])|[\'\w\-]+", re.UNICODE)


def tokenizer(iterator: Iterable[str]) -> Iterator[list[str]]:
    """The words of each text."""
    for text in iterator:
        yield _TOKEN.findall(text)


class CategoricalVocabulary:
    """Words and their ids; 0 is for unknown ones."""

    def __init__(self, unknown_token: str = "<UNK>", support_reverse: bool = True):
        self._unknown = unknown_token
        self._mapping: dict[str, int] = {unknown_token: 0}
        self._reverse = [unknown_token]
        self._counts: dict[str, int] = {}
        self._frozen = False

    def __len__(self) -> int:
        return len(self._mapping)

    def freeze(self, freeze: bool = True) -> None:
        """Whether words that are new from now on are unknown."""
        self._frozen = freeze

    def get(self, category: str) -> int:
        """A word's id; a new word is given one unless frozen."""
        if category not in self._mapping:
            if self._frozen:
                return 0
            self._mapping[category] = len(self._mapping)
            self._reverse.append(category)
        return self._mapping[category]

    def add(self, category: str, count: int = 1) -> None:
        """Count a word. It must be known or get an id."""
        if self.get(category) > 0:
            self._counts[category] = self._counts.get(category, 0) + count

    def trim(self, min_frequency: int, max_frequency: int = -1) -> None:
        """Keep words seen more than `min_frequency` times, the frequent ones first."""
        kept = sorted(sorted(self._counts.items()), key=lambda item: item[1], reverse=True)
        kept = [(w, n) for w, n in kept if n > min_frequency and (max_frequency <= 0 or n < max_frequency)]
        self._mapping = {self._unknown: 0} | {w: i for i, (w, _) in enumerate(kept, 1)}
        self._reverse, self._counts = list(self._mapping), dict(kept)

    def reverse(self, class_id: int) -> str:
        """The word of an id."""
        return self._reverse[class_id]


class VocabularyProcessor:
    """Texts as rows of `max_document_length` word ids, cut or filled with zeros.

    >>> from thalweg.contrib.learn.preprocessing import VocabularyProcessor
    >>> np.stack(list(VocabularyProcessor(4).fit_transform(["a b a", "c"])))
    array([[1, 2, 1, 0],
           [3, 0, 0, 0]])
    """

    def __init__(
        self,
        max_document_length: int,
        min_frequency: int = 0,
        vocabulary: Any = None,
        tokenizer_fn: Callable[..., Any] | None = None,
    ):
        self.max_document_length, self.min_frequency = max_document_length, min_frequency
        self.vocabulary_ = vocabulary or CategoricalVocabulary()
        self._tokenizer = tokenizer_fn or tokenizer

    def fit(self, raw_documents: Iterable[str], unused_y: Any = None) -> VocabularyProcessor:
        """Learn the words of the texts."""
        for tokens in self._tokenizer(raw_documents):
            for token in tokens:
                self.vocabulary_.add(token)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def transform(self, raw_documents: Iterable[str]) -> Iterator[np.ndarray]:
        """The ids of each text."""
        for tokens in self._tokenizer(raw_documents):
            ids = np.zeros(self.max_document_length, np.int64)
            for i, token in enumerate(tokens[: self.max_document_length]):
                ids[i] = self.vocabulary_.get(token)
            yield ids

    def fit_transform(self, raw_documents: Iterable[str], unused_y: Any = None) -> Iterator[np.ndarray]:
        self.fit(raw_documents)
        return self.transform(raw_documents)

    def reverse(self, documents: Iterable[Any]) -> Iterator[str]:
        """Texts from ids."""
        for ids in documents:
            yield " ".join(self.vocabulary_.reverse(i) for i in ids)

    def save(self, filename: Any) -> None:
        """Write words and settings, as JSON: never code."""
        v = self.vocabulary_
        text = {"max_document_length": self.max_document_length, "min_frequency": self.min_frequency, "words": v._reverse,
                "counts": v._counts}  # fmt: skip
        pathlib.Path(filename).write_text(json.dumps(text, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def restore(cls, filename: Any) -> VocabularyProcessor:
        """What `save` wrote. Raises ValueError for other files: TensorFlow's are pickles, which are never loaded here."""
        try:
            text = json.loads(pathlib.Path(filename).read_text(encoding="utf-8"))
            made = cls(int(text["max_document_length"]), int(text["min_frequency"]))
            words = [str(w) for w in text["words"]]
        except (UnicodeDecodeError, ValueError, KeyError, TypeError):
            raise ValueError(f"{filename} was not written by VocabularyProcessor.save of this package.") from None
        made.vocabulary_._mapping = {w: i for i, w in enumerate(words)}
        made.vocabulary_._reverse, made.vocabulary_._counts = words, dict(text["counts"])
        made.vocabulary_.freeze()
        return made

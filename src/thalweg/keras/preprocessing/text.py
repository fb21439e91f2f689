"""Texts as numbers in pure Python, as Keras 1 and 2 have it: `Tokenizer`, `one_hot`, `hashing_trick`."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """The words of a text: what `split` parts, without the characters in `filters`.

    >>> tf.keras.preprocessing.text.text_to_word_sequence("The cat. The dog!")
    ['the', 'cat', 'the', 'dog']
    """
    text = input_text.lower() if lower else input_text
    for character in filters:
        text = text.replace(character, split)
    return [word for word in text.split(split) if word]


def hashing_trick(
    text: str,
    n: int,
    hash_function: Callable[[str], int] | str | None = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], list[str]] | None = None,
) -> list[int]:
    """The words of a text as numbers from 1 to `n - 1` by their hash. hash_function: 'md5' is the same in every run."""
    if hash_function is None:
        hash_function = hash
    elif hash_function == "md5":
        def hash_function(word: str) -> int:
            return int(hashlib.md5(word.encode()).hexdigest(), 16)
    words = text_to_word_sequence(text, filters, lower, split) if analyzer is None else analyzer(text)
    return [hash_function(word) % (n - 1) + 1 for word in words]  # type: ignore[operator]


def one_hot(
    input_text: str, n: int, filters: str = FILTERS, lower: bool = True, split: str = " ",
    analyzer: Callable[[str], list[str]] | None = None,
) -> list[int]:  # fmt: skip
    """`hashing_trick` with Python's own hash, which differs from run to run unless PYTHONHASHSEED is set."""
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


class Tokenizer:
    """Numbers words by how frequent they are, 1 being the most frequent, and turns texts into lists of numbers.

    num_words: use only the most frequent ones, `num_words - 1` of them. oov_token: stands for all other words, as number 1.
    char_level: every character is a word. analyzer: a function that gives the words of a text.
    Source: `tf.keras.preprocessing.text.Tokenizer`.

    >>> tokenizer = tf.keras.preprocessing.text.Tokenizer(num_words=3, oov_token="?")
    >>> tokenizer.fit_on_texts(["a cat", "a dog"])
    >>> tokenizer.texts_to_sequences(["a dog"])
    [[2, 1]]
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], list[str]] | None = None,
        **kwargs: Any,
    ):
        num_words = kwargs.pop("nb_words", num_words)
        self.document_count = kwargs.pop("document_count", 0)
        if kwargs:
            raise TypeError(f"Tokenizer does not know these arguments: {', '.join(kwargs)}.")
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: OrderedDict[str, int] = OrderedDict()
        self.word_docs: dict[str, int] = defaultdict(int)
        self.index_docs: dict[int, int] = defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> list[str]:
        if self.char_level or isinstance(text, list):
            if not self.lower:
                return text
            return [part.lower() for part in text] if isinstance(text, list) else text.lower()
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    # -- learning ------------------------------------------------------------------------------------------------

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count the words of texts, and number them. Each text is a string, or a list of words."""
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        ordered = sorted(self.word_counts.items(), key=lambda item: item[1], reverse=True)
        names = ([] if self.oov_token is None else [self.oov_token]) + [word for word, _ in ordered]
        self.word_index = dict(zip(names, range(1, len(names) + 1)))
        self.index_word = {number: word for word, number in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Iterable[Iterable[int]]) -> None:
        """Count in how many lists of numbers each number is: what `sequences_to_matrix` needs for 'tfidf'."""
        for sequence in sequences:
            self.document_count += 1
            for number in set(sequence):
                self.index_docs[number] += 1

    # -- texts and numbers ---------------------------------------------------------------------------------------

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """Texts as lists of numbers; words that are not known are left out, or numbered as `oov_token`."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        other = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for text in texts:
            numbers = [self.word_index.get(word) for word in self._words(text)]
            kept = [other if n is None or (self.num_words and n >= self.num_words) else n for n in numbers]
            yield [n for n in kept if n is not None]

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Lists of numbers as texts, words parted by a space."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        other = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for sequence in sequences:
            known = [n if n in self.index_word and not (self.num_words and n >= self.num_words) else other for n in sequence]
            yield " ".join(self.index_word[n] for n in known if n is not None)

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """A row for each text, a column for each word; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Any, mode: str = "binary") -> np.ndarray:
        """A row for each list of numbers, a column for each number: 'binary', 'count', 'freq' (a share) or 'tfidf'.

        Raises ValueError before a vocabulary is known, and for another mode.
        """
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError("Unknown vectorization mode:", mode)
        if not self.num_words and not self.word_index:
            raise ValueError("Specify a dimension (`num_words` argument), or fit on some text data first.")
        if mode == "tfidf" and not self.document_count:
            raise ValueError("Fit the Tokenizer on some data before using tfidf mode.")
        columns = self.num_words or len(self.word_index) + 1
        matrix = np.zeros((len(sequences), columns))
        for row, sequence in zip(matrix, sequences):
            for number, count in Counter(n for n in sequence if n < columns).items():
                if mode == "binary":
                    row[number] = 1
                elif mode == "count":
                    row[number] = count
                elif mode == "freq":
                    row[number] = count / len(sequence)
                else:
                    rarity = np.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
                    row[number] = (1 + np.log(count)) * rarity
        return matrix

    # -- in files ------------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Everything it has learned, as plain values; counts and indices as JSON texts, as Keras writes them."""
        config = {
            name: getattr(self, name)
            for name in ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        }
        learned = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
        return config | {name: json.dumps(getattr(self, name)) for name in learned}

    def to_json(self, **kwargs: Any) -> str:
        """Its config as JSON, which `tokenizer_from_json` reads."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer whose `to_json()` gave this text, here or in Keras."""
    config = json.loads(json_string)["config"]
    read = {
        name: json.loads(config.pop(name)) for name in ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
    }
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts = OrderedDict(read["word_counts"])
    tokenizer.word_docs = defaultdict(int, read["word_docs"])
    tokenizer.index_docs = defaultdict(int, {int(n): count for n, count in read["index_docs"].items()})
    tokenizer.index_word = {int(n): word for n, word in read["index_word"].items()}
    tokenizer.word_index = read["word_index"]
    return tokenizer

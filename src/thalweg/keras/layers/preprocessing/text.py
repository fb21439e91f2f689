"""`TextVectorization`: text to the numbers of its words."""

from __future__ import annotations

from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import Shape, as_shape
from thalweg.keras.layers.preprocessing.categories import batches_of
from thalweg.keras.layers.preprocessing.encoding import as_tensor, check_mode
from thalweg.keras.layers.preprocessing.lookup import _MODES, StringLookup
from thalweg.keras.saving import registration

_PUNCTUATION = r"[!\"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']"


class TextVectorization(Layer):
    """Text, `[batch]` or `[batch, 1]`, to numbers: standardized, split into words, looked up in a vocabulary.

    max_tokens: the size of the vocabulary, with padding (0) and unknown words (1). standardize: 'lower_and_strip_punctuation',
    'lower', 'strip_punctuation', None or a function. split: 'whitespace', 'character', None or a function. ngrams: an int
    for up to so many words together, or a tuple of lengths. output_mode: 'int' for `[batch, words]`, padded or cut to
    output_sequence_length; 'multi_hot', 'count' or 'tf_idf' for a vector per text. ragged: rows as long as their texts.
    Source: `tf.keras.layers.TextVectorization`.

    >>> layer = tf.keras.layers.TextVectorization(vocabulary=["a", "good", "film"], output_sequence_length=4)
    >>> layer(["A good film!", "Bad."]).numpy()
    array([[2, 3, 4, 0],
           [1, 0, 0, 0]])
    """

    _unused_in_configs = frozenset({"has_input_vocabulary"})

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: Any = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        **kwargs: Any,
    ):
        expected = kwargs.pop("vocabulary_size", None)
        super().__init__(**kwargs)
        known = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
        if standardize is not None and not callable(standardize) and standardize not in known:
            raise ValueError(f"`standardize` must be one of {known}, None or a function. Received: {standardize!r}")
        if split is not None and not callable(split) and split not in ("whitespace", "character"):
            raise ValueError(f"`split` must be 'whitespace', 'character', None or a function. Received: {split!r}")
        if not (ngrams is None or isinstance(ngrams, int) or all(isinstance(n, int) for n in ngrams)):
            raise ValueError(f"`ngrams` must be None, an integer, or a tuple of integers. Received: ngrams={ngrams}")
        self.output_mode = check_mode(output_mode, "TextVectorization", _MODES)
        if self.output_mode != "int" and output_sequence_length is not None:
            raise ValueError(
                "`output_sequence_length` must not be set if `output_mode` is not 'int'. Received "
                f"output_sequence_length={output_sequence_length}."
            )
        if ragged and self.output_mode != "int":
            raise ValueError(f"`ragged` must not be true if `output_mode` is not 'int'. Received: output_mode={output_mode}")
        self.standardize, self.split, self.ngrams = standardize, split, ngrams
        self.output_sequence_length, self.ragged, self.encoding = output_sequence_length, ragged, encoding
        self.autocast = False
        self.__dict__["_expected_input_dtype"] = "string"
        self._lookup_layer = StringLookup(
            max_tokens=max_tokens, vocabulary=vocabulary, idf_weights=idf_weights, pad_to_max_tokens=pad_to_max_tokens,
            mask_token="", output_mode=output_mode, sparse=sparse, encoding=encoding,
            vocabulary_size=expected,
        )  # fmt: skip
        self.built = True

    # -- the vocabulary -------------------------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn the vocabulary of texts: a list, an array, or a dataset of batches."""
        self.reset_state()
        if self._lookup_layer._given is not None:
            raise ValueError(f"Cannot adapt layer {self.name!r}: it was given a vocabulary.")
        for batch in batches_of(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def reset_state(self) -> None:
        self._lookup_layer.reset_state()

    def update_state(self, data: Any) -> None:
        """Count the words of a batch of texts."""
        x = tf.convert_to_tensor(np.asarray(data, object) if isinstance(data, (list, np.ndarray)) else data, tf.string)
        words = self._words(tf.reshape(x, [-1]) if self.split is not None else x)
        if isinstance(words, tf.Tensor) and words.shape.rank == 1:
            words = tf.expand_dims(words, -1)
        self._lookup_layer.update_state(words)

    def finalize_state(self) -> None:
        self._lookup_layer.finalize_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words in the order of their numbers."""
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Set the words: a list, an array, or the path of a file with one to a line."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    # -- text to numbers ------------------------------------------------------------------------------------

    def _words(self, x: Any) -> Any:
        """The words of texts `[batch]`, in a ragged tensor where texts are split."""
        if self.standardize in ("lower", "lower_and_strip_punctuation"):
            x = tf.strings.lower(x, encoding="utf-8")
        if self.standardize in ("strip_punctuation", "lower_and_strip_punctuation"):
            x = tf.strings.regex_replace(x, _PUNCTUATION, "")
        if callable(self.standardize):
            x = self.standardize(x)
        if self.split == "whitespace":
            x = tf.strings.split(x)
        elif self.split == "character":
            x = tf.strings.unicode_split(x, "UTF-8")
        elif callable(self.split):
            x = self.split(x)
        if self.ngrams is not None:
            widths = tuple(range(1, self.ngrams + 1)) if isinstance(self.ngrams, int) else tuple(self.ngrams)
            x = tf.strings.ngrams(x, ngram_width=widths, separator=" ")
        return x

    def call(self, inputs: Any) -> Any:
        x = as_tensor(inputs, tf.string)
        if self.split is not None and (x.shape.rank or 0) > 1:
            if x.shape[-1] != 1:
                raise ValueError(
                    "When using `TextVectorization` to tokenize strings, the input rank must be 1 or the last shape dimension "
                    f"must be 1. Received: inputs.shape={x.shape} with rank={x.shape.rank}"
                )
            x = tf.squeeze(x, -1)
        scalar = x.shape.rank == 0 and self.split is not None
        words = self._words(tf.expand_dims(x, 0) if scalar else x)
        if isinstance(words, tf.Tensor) and words.shape.rank == 1 and self.output_mode != "int":
            words = tf.expand_dims(words, -1)
        numbers = self._lookup_layer(words)
        if self.output_mode == "int":
            numbers = self._shaped(numbers)
        return numbers[0] if scalar else numbers

    def _shaped(self, numbers: Any) -> Any:
        length = self.output_sequence_length
        if self.ragged:
            return numbers if length is None else numbers[:, :length]
        if isinstance(numbers, tf.RaggedTensor):
            return numbers.to_tensor(default_value=tf.constant(0, tf.int64), shape=[None, length])
        if length is None:
            return numbers
        numbers = numbers[..., :length]
        missing = tf.maximum(length - tf.shape(numbers)[-1], 0)
        numbers = tf.pad(numbers, [[0, 0]] * (numbers.shape.rank - 1) + [[0, missing]])
        numbers.set_shape([*numbers.shape[:-1], length]) if not tf.executing_eagerly() else None
        return numbers

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = as_shape(input_shape)
        if self.output_mode == "int":
            return Shape((shape[0] if shape else None, self.output_sequence_length))
        return self._lookup_layer.compute_output_shape(Shape((shape[0] if shape else None, None)))

    # -- config ---------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        lookup = self._lookup_layer.get_config()
        own = {
            "standardize": self.standardize, "split": self.split, "ngrams": self.ngrams,
            "output_mode": self.output_mode, "output_sequence_length": self.output_sequence_length, "ragged": self.ragged,
            "encoding": self.encoding,
        }  # fmt: skip
        shared = {name: lookup[name] for name in ("max_tokens", "pad_to_max_tokens", "sparse", "vocabulary", "idf_weights")}
        return {
            **super().get_config(), **{name: registration.serialize_keras_object(value) for name, value in own.items()},
            **shared, "vocabulary_size": self.vocabulary_size(),
        }  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        config = {name: value for name, value in config.items() if name not in cls._unused_in_configs}
        for name in ("standardize", "split"):
            if isinstance(config.get(name), dict):
                config[name] = registration.deserialize_keras_object(config[name])
        if isinstance(config.get("ngrams"), (list, dict)):
            config["ngrams"] = tuple(registration.deserialize_keras_object(config["ngrams"]))
        return cls(**config)

    def save_assets(self, folder: Any) -> None:
        self._lookup_layer.save_assets(folder)

    def load_assets(self, folder: Any) -> None:
        self._lookup_layer.load_assets(folder)

    @property
    def max_tokens(self) -> Any:
        return self._lookup_layer.max_tokens

"""Words and numbers to their place in a vocabulary, and back: `StringLookup`, `IntegerLookup`."""

from __future__ import annotations

import collections
import os
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.keras import config
from thalweg.keras.engine import calls
from thalweg.keras.engine.shapes import as_shape
from thalweg.keras.layers.preprocessing.categories import _Encoder, batches_of
from thalweg.keras.layers.preprocessing.encoding import as_tensor, check_mode, encoded_shape, values_of

_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_FILE = "vocabulary.txt"


class _Lookup(_Encoder):
    """What both share: a vocabulary of special tokens and learned ones, most frequent first."""

    _key_dtype = "string"
    _config_names = (
        "max_tokens", "num_oov_indices", "mask_token", "oov_token", "invert", "output_mode", "sparse", "pad_to_max_tokens",
    )  # fmt: skip
    # What other versions of Keras write.
    _unused_in_configs = frozenset({"has_input_vocabulary", "oov_method", "salt"})

    def _init_lookup(
        self, max_tokens: Any, num_oov_indices: int, mask_token: Any, oov_token: Any, vocabulary: Any, idf_weights: Any,
        invert: bool, output_mode: str, sparse: bool, pad_to_max_tokens: bool,
    ) -> None:  # fmt: skip
        name = type(self).__name__
        if max_tokens is not None and max_tokens <= 1:
            raise ValueError(f"If set, `max_tokens` must be greater than 1. Received: max_tokens={max_tokens}")
        if pad_to_max_tokens and max_tokens is None:
            raise ValueError(f"If pad_to_max_tokens is True, must set `max_tokens`. Received: max_tokens={max_tokens}")
        if num_oov_indices < 0:
            raise ValueError(f"`num_oov_indices` must be greater than or equal to 0. Received: {num_oov_indices}")
        self._init_output(output_mode, sparse, _MODES)
        if invert and self.output_mode != "int":
            raise ValueError(f"`output_mode` must be `'int'` when `invert` is true. Received: output_mode={output_mode}")
        if idf_weights is not None and self.output_mode != "tf_idf":
            raise ValueError(f"`idf_weights` should only be set if `output_mode` is `'tf_idf'` in {name}.")
        self.max_tokens, self.num_oov_indices, self.mask_token, self.oov_token = (
            max_tokens, num_oov_indices, mask_token, oov_token,
        )  # fmt: skip
        self.invert, self.pad_to_max_tokens = invert, pad_to_max_tokens
        self.built = True
        self.__dict__.update(_tokens=None, _numbers={}, _idf=None, _given=None, _given_idf=idf_weights)
        if vocabulary is not None:
            if self.output_mode == "tf_idf" and idf_weights is None:
                raise ValueError(
                    "When specifying the `vocabulary` argument, in TF-IDF output mode, the `idf_weights` argument must also be "
                    "provided."
                )
            self.set_vocabulary(vocabulary, idf_weights)
            self.__dict__["_given"] = None if isinstance(vocabulary, str) else self._plain(_as_list(vocabulary))

    # -- the vocabulary -------------------------------------------------------------------------------------

    def _as_key(self, token: Any) -> Any:
        raise NotImplementedError

    def _plain(self, tokens: Any) -> list[Any]:
        """Tokens as a config and `get_vocabulary` give them."""
        raise NotImplementedError

    @property
    def _specials(self) -> list[Any]:
        mask = [self.mask_token] if self.mask_token is not None and self.output_mode == "int" else []
        return mask + [self.oov_token] * self.num_oov_indices

    def vocabulary_size(self) -> int:
        """How many tokens there are, special ones included."""
        if self._tokens is None and self._expected_size is not None:
            return self._expected_size
        return len(self._specials) + len(self._tokens or ())

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens in the order of their numbers."""
        learned = self._plain(self._tokens or ())
        return [*self._specials, *learned] if include_special_tokens else learned

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Set the tokens: a list, an array, or the path of a text file with one to a line. Replaces those before.

        Raises ValueError for an empty vocabulary, for repeated tokens, and for one larger than `max_tokens`.
        """
        if self.output_mode == "tf_idf" and idf_weights is None:
            raise ValueError("`idf_weights` must be set if output_mode is 'tf_idf'.")
        if self.output_mode != "tf_idf" and idf_weights is not None:
            raise ValueError(f"`idf_weights` should only be set if output_mode is `'tf_idf'`, but it is {self.output_mode!r}.")
        given = _read(vocabulary) if isinstance(vocabulary, (str, os.PathLike)) else _as_list(vocabulary)
        if not given:
            raise ValueError(f"Cannot set an empty vocabulary. Received: vocabulary={vocabulary}")
        keys = [self._as_key(token) for token in given]
        specials = [None if token is None else self._as_key(token) for token in self._specials]
        with_specials = bool(specials) and keys[: len(specials)] == specials
        tokens = keys[len(specials) :] if with_specials else keys
        repeated = [token for token, count in collections.Counter(tokens).items() if count > 1]
        if repeated:
            raise ValueError(
                "The passed vocabulary has at least one repeated term. Please uniquify your dataset. The repeated terms are: "
                f"{self._plain(repeated)}"
            )
        for what, token in (("mask", self.mask_token), ("OOV", self.oov_token if self.invert else None)):
            if token is not None and self._as_key(token) in tokens:
                raise ValueError(
                    f"Found reserved {what} token at unexpected location in `vocabulary`. Either remove all mask and OOV "
                    "tokens, or include them only at the start of the vocabulary in precisely this order: "
                    f"{self._specials}. Received: {what} token {token!r} at index {tokens.index(self._as_key(token))}."
                )
        if self.max_tokens is not None and len(self._specials) + len(tokens) > self.max_tokens:
            raise ValueError(
                "Attempted to set a vocabulary larger than the maximum vocab size. Received vocabulary size is "
                f"{len(self._specials) + len(tokens)}; `max_tokens` is {self.max_tokens}."
            )
        self._set_tokens(tokens)
        if idf_weights is not None:
            weights = np.asarray(idf_weights, np.float32)
            if len(weights) != len(given):
                raise ValueError(
                    f"`idf_weights` must be the same length as vocabulary. len(idf_weights) is {len(weights)}; "
                    f"len(vocabulary) is {len(given)}"
                )
            self._set_idf(weights[len(specials) :] if with_specials else weights, weights[: len(specials)] * with_specials)

    def _set_tokens(self, tokens: list[Any]) -> None:
        start = len(self._specials)
        numbers = {token: start + i for i, token in enumerate(tokens)}
        self.__dict__.update(_tokens=list(tokens), _numbers=numbers)

    def _set_idf(self, weights: np.ndarray, special: np.ndarray | None = None) -> None:
        """Inverse document frequencies; what is unknown counts as the mean does."""
        count = len(self._specials)
        first = special if special is not None and len(special) and special.any() else np.full(count, np.mean(weights))
        rest = self.max_tokens - count - len(weights) if self.pad_to_max_tokens else 0
        self.__dict__["_idf"] = np.concatenate([first, weights, np.zeros(rest)]).astype(np.float32)

    # -- learning it ----------------------------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn the vocabulary of data, the most frequent tokens first: an array, or an iterable of batches."""
        if self._given is not None or isinstance(self._given, str):
            raise ValueError(
                f"Cannot adapt layer {self.name!r} after setting a static vocabulary via `vocabulary` argument or "
                "`set_vocabulary()` method."
            )
        self.reset_state()
        for batch in batches_of(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forget the counts of `update_state`."""
        self.__dict__.update(_counts=collections.Counter(), _documents=collections.Counter(), _rows=0)

    def update_state(self, data: Any) -> None:
        """Count the tokens of a batch; each row is a document."""
        if "_counts" not in self.__dict__:
            self.reset_state()
        for row in _rows_of(data):
            tokens = [self._as_key(token) for token in row]
            self._counts.update(tokens)
            self._documents.update(set(tokens))
            self.__dict__["_rows"] += 1

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        counts = dict(self._counts)
        for token in (self.mask_token, self.oov_token):
            if token is not None:
                counts.pop(self._as_key(token), None)
        if not counts:
            return
        # By frequency; among equals those later in the alphabet first, as TensorFlow has it.
        order = sorted(counts, key=lambda token: (counts[token], token), reverse=True)
        if self.max_tokens:
            order = order[: self.max_tokens - len(self._specials)]
        self._set_tokens(order)
        if self.output_mode == "tf_idf":
            documents = np.array([self._documents[token] for token in order], np.float64)
            self._set_idf(np.log(1.0 + self._rows / (1.0 + documents)).astype(np.float32))

    # -- looking up -----------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        # A model that is read from a file is put together before its vocabularies are there.
        if self._tokens is None and not (calls.current.inferring and self._expected_size is not None):
            raise RuntimeError(
                f"Layer {self.name!r} has no vocabulary yet: give `vocabulary=`, or call `adapt(data)` or `set_vocabulary()`."
            )
        x = as_tensor(inputs, None if self.invert else self._key_dtype)
        if self.invert:
            return values_of(x, self._words)
        numbers = values_of(x, self._numbers_of)
        if self.output_mode == "int":
            return numbers
        if self.output_mode == "tf_idf":
            idf = np.zeros(self._depth(), np.float32) if self._idf is None else self._idf
            weights = values_of(numbers, lambda n: tf.gather(idf, tf.maximum(n, 0)))
            return self._tf_idf(numbers, weights)
        return self._encoded(numbers)

    def _tf_idf(self, numbers: Any, weights: Any) -> Any:
        from thalweg.keras.layers.preprocessing.encoding import encode

        return encode(numbers, "count", self._depth(), self._output_dtype(), weights, self.sparse)

    def _depth(self) -> int:
        return self.max_tokens if self.pad_to_max_tokens else self.vocabulary_size()

    def _output_dtype(self) -> Any:
        return config.floatx()

    def _numbers_of(self, x: Any) -> Any:
        raise NotImplementedError

    def _words(self, x: Any) -> Any:
        raise NotImplementedError

    def _outside(self, found: Any, x: Any, bucket: Any) -> Any:
        """The numbers of tokens that are not in the vocabulary, where `found` is below 0."""
        start = len(self._specials) - self.num_oov_indices
        if self.num_oov_indices == 0:
            if tf.executing_eagerly() and bool(tf.reduce_any(found < 0)):
                missing = x.numpy()[found.numpy() < 0]
                raise tf.errors.InvalidArgumentError(
                    None, None,
                    f"When `num_oov_indices=0` all inputs should be in vocabulary, but these are not: {missing[:5].tolist()}. "
                    "Consider setting `num_oov_indices=1`.",
                )  # fmt: skip
            return found
        bucket = start if self.num_oov_indices == 1 else start + tf.cast(bucket(), tf.int64)
        return tf.where(found < 0, tf.cast(bucket, tf.int64), found)

    def compute_output_shape(self, input_shape: Any) -> Any:
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        return as_shape(encoded_shape(as_shape(input_shape), mode, self._depth()))

    # -- files and configs ----------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        weights = self._given_idf
        return {
            **super().get_config(), "vocabulary": self._given, "vocabulary_size": self.vocabulary_size(),
            "idf_weights": None if weights is None else np.asarray(weights).tolist(),
        }  # fmt: skip

    def _has_no_config(self) -> bool:
        return False

    def save_assets(self, folder: Any) -> None:
        """Write the vocabulary, a token a line, into a folder of a model's file."""
        if self._given is not None or self._tokens is None:
            return
        lines = [str(token) for token in self.get_vocabulary(include_special_tokens=True)]
        with open(os.path.join(folder, _FILE), "w", encoding="utf-8") as file:
            file.write("\n".join(lines))

    def load_assets(self, folder: Any) -> None:
        """Read what `save_assets` wrote."""
        path = os.path.join(folder, _FILE)
        if self._given is not None or not os.path.exists(path):
            return
        self._set_tokens([self._as_key(token) for token in _read(path)[len(self._specials) :]])

    def save_own_variables(self, store: Any) -> None:
        if self.output_mode == "tf_idf" and self._idf is not None:
            store["idf_weights"] = self._idf

    def load_own_variables(self, store: Any) -> None:
        if self.output_mode == "tf_idf" and "idf_weights" in set(store.keys()):
            self.__dict__["_idf"] = np.asarray(store["idf_weights"], np.float32)


def _read(path: Any) -> list[str]:
    if not os.path.exists(path):
        raise ValueError(f"Vocabulary file {path} does not exist.")
    with open(path, encoding="utf-8") as file:
        return file.read().split("\n")


def _as_list(values: Any) -> list[Any]:
    values = values.numpy() if hasattr(values, "numpy") else values
    return values.tolist() if hasattr(values, "tolist") else list(values)


def _rows_of(data: Any) -> list[list[Any]]:
    """The documents of a batch, each a flat list of tokens."""
    if isinstance(data, tf.RaggedTensor):
        return [_flat(row) for row in data.to_list()]
    values = data.numpy() if hasattr(data, "numpy") else np.asarray(data)
    if values.ndim <= 1:
        return [values.reshape(-1).tolist()]
    return values.reshape(len(values), -1).tolist()


def _flat(row: Any) -> list[Any]:
    return [token for item in row for token in (_flat(item) if isinstance(item, list) else [item])]


class StringLookup(_Lookup):
    """Strings to their number in a vocabulary, or (`invert`) back; strings outside it share `num_oov_indices` numbers.

    vocabulary: a list or the path of a text file; else `adapt(data)` learns it. output_mode: 'int', 'one_hot', 'multi_hot',
    'count' or 'tf_idf'. Source: `tf.keras.layers.StringLookup`.

    >>> layer = tf.keras.layers.StringLookup(vocabulary=["a", "b", "c"])
    >>> layer([["a", "c", "d"]]).numpy()
    array([[1, 3, 0]])
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: Any = None,
        oov_token: Any = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        **kwargs: Any,
    ):
        kwargs.pop("vocabulary_dtype", None)
        expected = kwargs.pop("vocabulary_size", None)
        super().__init__(**kwargs)
        self.__dict__["_expected_size"] = expected
        self.encoding = encoding
        self._init_lookup(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode, sparse,
            pad_to_max_tokens,
        )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "encoding": self.encoding}

    def _as_key(self, token: Any) -> bytes:
        return token if isinstance(token, bytes) else str(token).encode(self.encoding)

    def _plain(self, tokens: Any) -> list[str]:
        return [token.decode(self.encoding) if isinstance(token, bytes) else token for token in tokens]

    def _numbers_of(self, x: Any) -> Any:
        numbers = self._numbers
        if self.mask_token is not None:
            # Masked: number 0, or in the other modes none at all.
            masked = 0 if self.output_mode == "int" else 2**62
            numbers = {self._as_key(self.mask_token): masked, **numbers}

        def find(words: Any) -> Any:
            words = np.asarray(words)
            found = [numbers.get(word, -1) for word in words.reshape(-1).tolist()]
            return np.array(found, np.int64).reshape(words.shape)

        found = _with_shape(tf.numpy_function(find, [x], tf.int64), x)
        found = self._outside(found, x, lambda: tf.strings.to_hash_bucket_fast(x, self.num_oov_indices))
        return found if self.output_mode == "int" else tf.where(found >= 2**62, tf.constant(-1, tf.int64), found)

    def _words(self, x: Any) -> Any:
        words = [self._as_key("" if token is None else token) for token in self.get_vocabulary()]
        unknown = self._as_key(self.oov_token or "")

        def find(numbers: Any) -> Any:
            numbers = np.asarray(numbers)
            found = [words[n] if 0 <= n < len(words) else unknown for n in numbers.reshape(-1).tolist()]
            return np.array(found, object).reshape(numbers.shape)

        return _with_shape(tf.numpy_function(find, [x], tf.string), x)


def _with_shape(y: Any, x: Any) -> Any:
    if not tf.executing_eagerly():
        y.set_shape(x.shape)
    return y


class IntegerLookup(_Lookup):
    """Integers to their number in a vocabulary, or (`invert`) back. Source: `tf.keras.layers.IntegerLookup`.

    >>> tf.keras.layers.IntegerLookup(vocabulary=[12, 36, 1138])([[12, 1138, 7]]).numpy()
    array([[1, 3, 0]])
    """

    _key_dtype = "int64"

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: Any = None,
        oov_token: Any = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        **kwargs: Any,
    ):
        kwargs.pop("max_values", None)
        expected = kwargs.pop("vocabulary_size", None)
        super().__init__(**kwargs)
        self.__dict__["_expected_size"] = expected
        self._init_lookup(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode, sparse,
            pad_to_max_tokens,
        )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "vocabulary_dtype": "int64"}

    def _as_key(self, token: Any) -> int:
        return int(token)

    def _plain(self, tokens: Any) -> list[int]:
        return [int(token) for token in tokens]

    def _numbers_of(self, x: Any) -> Any:
        # A search in the sorted tokens, so that it compiles with what comes after.
        x = tf.cast(x, tf.int64)
        tokens = np.array(self._tokens or [0], np.int64)
        order = np.argsort(tokens)
        place = tf.minimum(tf.searchsorted(tokens[order], tf.reshape(x, [-1])), len(tokens) - 1)
        place = tf.reshape(place, tf.shape(x))
        known = tf.logical_and(tf.equal(tf.gather(tokens[order], place), x), bool(self._tokens))
        numbers = tf.gather((order + len(self._specials)).astype(np.int64), place)
        found = tf.where(known, numbers, tf.constant(-1, tf.int64))
        found = self._outside(found, x, lambda: tf.math.floormod(x, self.num_oov_indices))
        if self.mask_token is None:
            return found
        masked = tf.constant(0 if self.output_mode == "int" else -1, tf.int64)
        return tf.where(tf.equal(x, self.mask_token), masked, found)

    def _words(self, x: Any) -> Any:
        words = np.array(self.get_vocabulary(), np.int64)
        x = tf.cast(x, tf.int64)
        known = tf.logical_and(x >= 0, x < len(words))
        return tf.where(known, tf.gather(words, tf.where(known, x, 0)), tf.constant(self.oov_token, tf.int64))

"""Layers that turn values into categories, and categories into vectors."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.engine.ops.hashing import fingerprint64
from thalweg.keras import config
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import as_shape
from thalweg.keras.layers.preprocessing.encoding import as_tensor, check_mode, encode, encoded_shape, values_of
from thalweg.keras.models.data import as_arrays
from thalweg.keras.utils.batches import unpack_x_y_sample_weight


class _Encoder(Layer):
    """What they share: the way from category numbers to the output."""

    output_mode: str
    sparse: bool

    def _init_output(self, output_mode: str, sparse: bool, known: tuple[str, ...] | None = None) -> None:
        name = type(self).__name__
        self.output_mode = check_mode(output_mode, name, known) if known else check_mode(output_mode, name)
        self.sparse = sparse
        if sparse and self.output_mode == "int":
            raise ValueError(f"`sparse` of {name} needs vectors: it may only be true if `output_mode` is not 'int'.")
        self.autocast = False

    def _depth(self) -> int:
        raise NotImplementedError

    def _output_dtype(self) -> Any:
        return self.compute_dtype

    def _encoded(self, x: Any, weights: Any = None) -> Any:
        return encode(x, self.output_mode, self._depth(), self._output_dtype(), weights, self.sparse)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(encoded_shape(as_shape(input_shape), self.output_mode, self._depth()))


class CategoryEncoding(_Encoder):
    """Category numbers `0 <= i < num_tokens` as vectors: 'multi_hot', 'one_hot' or 'count'.

    call(inputs, count_weights=None). Raises InvalidArgumentError for numbers out of range.
    Source: `tf.keras.layers.CategoryEncoding`.

    >>> tf.keras.layers.CategoryEncoding(num_tokens=4, output_mode="count")([[0, 1, 1]]).numpy()
    array([[1., 2., 0., 0.]], dtype=float32)
    """

    _config_names = ("num_tokens", "output_mode")

    def __init__(self, num_tokens: int | None = None, output_mode: str = "multi_hot", sparse: bool = False, **kwargs: Any):
        if num_tokens is None:
            raise ValueError("num_tokens must be set to use this layer. If the number of tokens is not known beforehand, use "
                             "the IntegerLookup layer instead.")  # fmt: skip
        if num_tokens < 1:
            raise ValueError(f"`num_tokens` must be >= 1. Received: num_tokens={num_tokens}.")
        super().__init__(**kwargs)
        self._init_output(output_mode, sparse, ("one_hot", "multi_hot", "count"))
        self.num_tokens = num_tokens

    def _depth(self) -> int:
        return self.num_tokens

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(f"`count_weights` is not used when `output_mode` is not 'count'. Received `{count_weights}`.")
        x = tf.sparse.to_dense(inputs, -1) if isinstance(inputs, tf.SparseTensor) else inputs
        if isinstance(x, tf.Tensor) and hasattr(x, "numpy") and tf.executing_eagerly():
            values = x.numpy()
            if values.size and (values.max() >= self.num_tokens or values.min() < (-1 if x is not inputs else 0)):
                raise tf.errors.InvalidArgumentError(
                    None, None, f"Input values must be in the range 0 <= values < num_tokens with num_tokens={self.num_tokens}"
                )
        return self._encoded(x, count_weights)


class Hashing(_Encoder):
    """Values, strings or integers, into `num_bins` bins by their hash.

    mask_value: a value that has bin 0 for itself. salt: an int or two, for SipHash instead of FarmHash.
    Source: `tf.keras.layers.Hashing`.

    >>> tf.keras.layers.Hashing(num_bins=3)([["A"], ["B"], ["C"]]).numpy().tolist()
    [[1], [0], [1]]
    """

    _config_names = ("num_bins", "salt", "mask_value", "output_mode", "sparse")

    def __init__(
        self, num_bins: int, mask_value: Any = None, salt: Any = None, output_mode: str = "int", sparse: bool = False,
        **kwargs: Any,
    ):  # fmt: skip
        if num_bins is None or num_bins <= 0:
            raise ValueError(
                f"The `num_bins` for `Hashing` cannot be `None` or non-positive values. Received: num_bins={num_bins}."
            )
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else config.floatx()
        super().__init__(**kwargs)
        self._init_output(output_mode, sparse)
        if self.output_mode == "int" and self.compute_dtype not in ("int32", "int64"):
            raise ValueError(
                f'When `output_mode="int"`, `dtype` should be int32 or int64. Received: dtype={self.compute_dtype!r}'
            )
        if salt is not None and not isinstance(salt, int) and not (isinstance(salt, (tuple, list)) and len(salt) == 2):
            raise ValueError(
                f"The `salt` argument for `Hashing` can only be a tuple of size 2 integers, or a single integer. Received: "
                f"salt={salt}."
            )
        self.num_bins, self.mask_value = num_bins, mask_value
        self.salt = [salt, salt] if isinstance(salt, int) else salt and list(salt)

    def _depth(self) -> int:
        return self.num_bins

    def call(self, inputs: Any) -> Any:
        return self._encoded(values_of(as_tensor(inputs), self._bins))

    def _bins(self, x: Any) -> Any:
        masked = self.mask_value is not None and self.num_bins > 1
        count = self.num_bins - 1 if masked else self.num_bins
        text = x if x.dtype == tf.string else tf.strings.as_string(tf.cast(x, tf.int64) if x.dtype.is_floating else x)
        if self.salt is None:
            bins = tf.strings.to_hash_bucket_fast(text, count)
        else:
            bins = tf.strings.to_hash_bucket_strong(text, count, key=self.salt)
        if not masked:
            return bins
        return tf.where(tf.equal(x, tf.constant(self.mask_value, x.dtype)), tf.zeros_like(bins), bins + 1)


class HashedCrossing(_Encoder):
    """Several features together, hashed into `num_bins` bins: "young and from the country" becomes one category.

    call([a, b, ...]): integers or strings, scalars, `[batch]` or `[batch, 1]`. Source: `tf.keras.layers.HashedCrossing`.
    """

    _config_names = ("num_bins", "output_mode", "sparse")

    def __init__(self, num_bins: int, output_mode: str = "int", sparse: bool = False, **kwargs: Any):
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else config.floatx()
        super().__init__(**kwargs)
        self._init_output(output_mode, sparse, ("int", "one_hot"))
        self.num_bins = num_bins

    def _depth(self) -> int:
        return self.num_bins

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise ValueError(f"`HashedCrossing` should be called on at least two inputs. Received: inputs={inputs}")
        tensors = [as_tensor(x) for x in inputs]
        first = tensors[0].shape
        if (first.rank or 0) > 2 or (first.rank == 2 and first[-1] != 1) or any(x.shape.rank != first.rank for x in tensors):
            raise ValueError(
                "All `HashedCrossing` inputs should have one shape, `()`, `(batch_size)` or `(batch_size, 1)`. Received: "
                f"inputs={inputs}"
            )
        if any(not (x.dtype.is_integer or x.dtype == tf.string) for x in tensors):
            raise ValueError(f"All `HashedCrossing` inputs should have an integer or string dtype. Received: inputs={inputs}")
        crossed = tf.numpy_function(self._cross, tensors, tf.int64)
        crossed.set_shape(first) if not tf.executing_eagerly() else None
        return self._encoded(crossed)

    def _cross(self, *columns: Any) -> Any:
        rows = zip(*[np.asarray(column).reshape(-1).tolist() for column in columns])
        bins = [functools.reduce(_joined, map(_fingerprint, row), _HASH_KEY) % self.num_bins for row in rows]
        return np.array(bins, np.int64).reshape(np.shape(columns[0]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return super().compute_output_shape(input_shape[0])


# TensorFlow's way of crossing columns: fingerprints joined one after the other.
_HASH_KEY = 0xDECAFCAFFE
_MULTIPLIER, _64_BITS = 0xC6A4A7935BD1E995, 0xFFFFFFFFFFFFFFFF


def _fingerprint(value: Any) -> int:
    return fingerprint64(value) if isinstance(value, bytes) else value & _64_BITS


def _joined(a: int, b: int) -> int:
    b = b * _MULTIPLIER & _64_BITS
    mixed = (a ^ _MULTIPLIER ^ (b ^ b >> 47) * _MULTIPLIER) * _MULTIPLIER & _64_BITS
    mixed = (mixed ^ mixed >> 47) * _MULTIPLIER & _64_BITS
    return mixed ^ mixed >> 47


class Discretization(_Encoder):
    """Numbers into bins between boundaries, which are given or found by `adapt`, so that bins hold equally many.

    bin_boundaries: rising. num_bins: how many `adapt` shall make. epsilon: how exact its quantiles are. Bin `i` holds
    `boundaries[i - 1] <= x < boundaries[i]`. Source: `tf.keras.layers.Discretization`.

    >>> tf.keras.layers.Discretization(bin_boundaries=[0.0, 1.0])([[-1.0, 0.5, 1.0]]).numpy()
    array([[0, 1, 2]])
    """

    _config_names = ("bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse")

    def __init__(
        self, bin_boundaries: Any = None, num_bins: int | None = None, epsilon: float = 0.01, output_mode: str = "int",
        sparse: bool = False, **kwargs: Any,
    ):  # fmt: skip
        super().__init__(**kwargs)
        self._init_output(output_mode, sparse)
        if num_bins is not None and num_bins < 0:
            raise ValueError(f"`num_bins` must be greater than or equal to 0. Received: `num_bins={num_bins}`")
        if num_bins is not None and bin_boundaries is not None:
            raise ValueError(
                f"Both `num_bins` and `bin_boundaries` should not be set. Received: `num_bins={num_bins}` and "
                f"`bin_boundaries={bin_boundaries}`"
            )
        if num_bins is None and bin_boundaries is None:
            raise ValueError("You need to set either `num_bins` or `bin_boundaries`.")
        self.bin_boundaries = None if bin_boundaries is None else [float(x) for x in bin_boundaries]
        self.num_bins, self.epsilon = num_bins, epsilon
        self._summary = np.zeros((2, 0), np.float32)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Discretization:
        """With both boundaries and a number of bins, the boundaries were found by `adapt`."""
        config = dict(config)
        found = config.pop("bin_boundaries", None) if config.get("num_bins") is not None else None
        layer = cls(**config)
        if found is not None:
            layer.bin_boundaries = found
        return layer

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Find boundaries in data: an array, or an iterable of batches (`steps` of them)."""
        if self.num_bins is None:
            raise ValueError(
                "Cannot adapt a Discretization layer that has been initialized with `bin_boundaries`, use `num_bins` instead."
            )
        self._summary = np.zeros((2, 0), np.float32)
        for batch in batches_of(data, steps):
            summary = _summarized(np.asarray(batch, np.float32), self.epsilon)
            joined = np.concatenate([self._summary, summary], axis=1)
            self._summary = _compressed(joined[:, np.argsort(joined[0])], self.epsilon)
        self.bin_boundaries = [float(x) for x in _compressed(self._summary, 1.0 / self.num_bins)[0, :-1]]

    def _depth(self) -> int:
        return len(self.bin_boundaries) + 1 if self.bin_boundaries is not None else int(self.num_bins or 0)

    def _output_dtype(self) -> Any:
        return "int64" if self.output_mode == "int" else self.compute_dtype

    def call(self, inputs: Any) -> Any:
        if self.bin_boundaries is None:
            raise ValueError(
                "You need to either pass the `bin_boundaries` argument at construction time or call `adapt(dataset)` before "
                "you can start using the `Discretization` layer."
            )
        bounds = tf.constant(self.bin_boundaries, tf.float32)

        def bins(x: Any) -> Any:
            x = tf.cast(x, tf.float32)
            found = tf.searchsorted(bounds, tf.reshape(x, [-1]), side="right")
            return tf.reshape(found, tf.shape(x))

        return self._encoded(values_of(as_tensor(inputs), bins))


def batches_of(data: Any, steps: int | None = None) -> Any:
    """What `adapt` looks at: an array or tensor as one batch, or the inputs of an iterable's batches."""
    if hasattr(data, "shape") or (isinstance(data, (list, tuple)) and not (data and hasattr(data[0], "shape"))):
        yield as_arrays(data) if not isinstance(data, (list, tuple)) else np.asarray(data)
        return
    for i, batch in enumerate(data):
        if steps is not None and i >= steps:
            return
        yield unpack_x_y_sample_weight(batch)[0] if isinstance(batch, tuple) else batch


def _summarized(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Values at equal distances in their order, and how many each stands for."""
    values = np.sort(values.reshape(-1))
    step = max(values.size * epsilon, 1)
    boundaries = values[int(step - 1) :: int(step)]
    return np.stack([boundaries, np.full_like(boundaries, step)])


def _compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """A summary with about `1 / epsilon` values."""
    if summary.shape[1] * epsilon < 1:
        return summary
    percents = epsilon + np.arange(0.0, 1.0, epsilon)
    total = summary[1].cumsum()
    places = total / total[-1]
    values, weights = np.interp(percents, places, summary[0]), np.interp(percents, places, total)
    return np.stack([values, weights - np.concatenate([[0], weights[:-1]])]).astype(np.float32)

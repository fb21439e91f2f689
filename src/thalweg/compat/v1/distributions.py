"""`tf.distributions`: probability distributions, as TensorFlow 1 had them.

`sample(n)` gives `[n, batch...]`; `log_prob`, `prob`, `mean`, `variance`, `entropy` are per batch member.
Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/distributions
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from thalweg.compat.v1 import random
from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.ops.activations import log_softmax, sigmoid, softmax, softplus
from thalweg.engine.ops.arrays import concat
from thalweg.engine.ops.comparison import where
from thalweg.engine.ops.creation import one_hot, ones_like, zeros_like
from thalweg.engine.ops.elementwise import abs, square
from thalweg.engine.ops.exponential import exp, log, sqrt
from thalweg.engine.ops.losses import sigmoid_cross_entropy_with_logits
from thalweg.engine.ops.reduce import reduce_prod, reduce_sum
from thalweg.engine.ops.reordering import transpose
from thalweg.engine.ops.shaping import broadcast_to, cast, reshape, shape
from thalweg.math import digamma, erf, lgamma


class ReparameterizationType:
    """Whether gradients go through samples."""

    def __init__(self, rep_type: str):
        self._kind = rep_type

    def __repr__(self) -> str:
        return f"<Reparameteriation Type: {self._kind}>"


FULLY_REPARAMETERIZED, NOT_REPARAMETERIZED = ReparameterizationType("FULLY"), ReparameterizationType("NOT")
_KL: dict[tuple[type, type], Callable[..., Any]] = {}


class RegisterKL:
    """Decorator: the divergence of two kinds of distributions."""

    def __init__(self, dist_cls_a: type, dist_cls_b: type):
        self._key = dist_cls_a, dist_cls_b

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if self._key in _KL:
            raise ValueError(f"KL({self._key[0].__name__} || {self._key[1].__name__}) has already been registered.")
        _KL[self._key] = function
        return function


def kl_divergence(distribution_a: Any, distribution_b: Any, allow_nan_stats: bool = True, name: str | None = None) -> Any:
    """How much `a` differs from `b`. Raises NotImplementedError for kinds without a formula."""
    for a in type(distribution_a).__mro__:
        for b in type(distribution_b).__mro__:
            if (a, b) in _KL:
                return _KL[a, b](distribution_a, distribution_b)
    kinds = f"distribution_a type {type(distribution_a).__name__} and distribution_b type {type(distribution_b).__name__}"
    raise NotImplementedError(f"No KL(distribution_a || distribution_b) registered for {kinds}")


class Distribution:
    """Base of distributions."""

    _event_ndims = 0
    reparameterization_type = NOT_REPARAMETERIZED

    def __init__(self, parameters: dict[str, Any], name: str):
        with name_scope(name):
            dtype = next((p.dtype.base_dtype for p in parameters.values() if hasattr(p, "dtype")), dtypes.float32)
            kept = {k: convert.convert_to_tensor(v, dtype=None if hasattr(v, "dtype") else dtype) for k, v in parameters.items()}
        self._parameters, self._name = kept, name

    name = property(lambda self: self._name)
    parameters = property(lambda self: dict(self._parameters))

    @property
    def dtype(self) -> Any:
        return next(iter(self._parameters.values())).dtype.base_dtype

    def _batch(self) -> Any:
        """A tensor of the batch's shape."""
        values = list(self._parameters.values())
        whole = values[0]
        for v in values[1:]:
            whole = whole + zeros_like(v)
        return whole

    @property
    def batch_shape(self) -> TensorShape:
        whole = self._batch().shape
        return whole[: whole.rank - self._event_ndims] if self._event_ndims else whole

    @property
    def event_shape(self) -> TensorShape:
        whole = self._batch().shape
        return whole[whole.rank - self._event_ndims :] if self._event_ndims else TensorShape([])

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Any:
        whole = shape(self._batch())
        return whole[: -self._event_ndims] if self._event_ndims else whole

    # -- what kinds define --------------------------------------------------------------------------------

    def _sample(self, full: Any, seed: Any) -> Any:
        """Samples of the shape `full`: `[n, *batch, *event]`."""
        raise NotImplementedError

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """The logarithm of the density, or of the probability, at `value`."""
        raise NotImplementedError

    def mean(self, name: str = "mean") -> Any:
        raise NotImplementedError(f"mean is not implemented: {type(self).__name__}")

    def variance(self, name: str = "variance") -> Any:
        raise NotImplementedError(f"variance is not implemented: {type(self).__name__}")

    def entropy(self, name: str = "entropy") -> Any:
        raise NotImplementedError(f"entropy is not implemented: {type(self).__name__}")

    def mode(self, name: str = "mode") -> Any:
        raise NotImplementedError(f"mode is not implemented: {type(self).__name__}")

    def cdf(self, value: Any, name: str = "cdf") -> Any:
        raise NotImplementedError(f"cdf is not implemented: {type(self).__name__}")

    # -- what they share ----------------------------------------------------------------------------------

    def sample(self, sample_shape: Any = (), seed: Any = None, name: str = "sample") -> Any:
        """Samples, `sample_shape + batch_shape + event_shape`."""
        with name_scope(f"{self._name}/{name}"):
            first = reshape(convert.convert_to_tensor(sample_shape if not isinstance(sample_shape, tuple) else list(sample_shape),
                                                      dtype=dtypes.int32), [-1])  # fmt: skip
            return self._sample(concat([first, shape(self._batch())], 0), seed)

    def prob(self, value: Any, name: str = "prob") -> Any:
        return exp(self.log_prob(value))

    def stddev(self, name: str = "stddev") -> Any:
        return sqrt(self.variance())

    def log_cdf(self, value: Any, name: str = "log_cdf") -> Any:
        return log(self.cdf(value))

    def survival_function(self, value: Any, name: str = "survival_function") -> Any:
        return 1.0 - self.cdf(value)

    def kl_divergence(self, other: Any, name: str = "kl_divergence") -> Any:
        return kl_divergence(self, other)

    def cross_entropy(self, other: Any, name: str = "cross_entropy") -> Any:
        return self.entropy() + self.kl_divergence(other)

    def _value(self, value: Any) -> Any:
        return convert.convert_to_tensor(value, dtype=None if hasattr(value, "dtype") else self.dtype)

    def __repr__(self) -> str:
        return f"<thalweg.distributions.{type(self).__name__} '{self._name}' batch_shape={self.batch_shape}>"


class Normal(Distribution):
    """The normal distribution."""

    reparameterization_type = FULLY_REPARAMETERIZED

    def __init__(self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Normal"):
        super().__init__({"loc": loc, "scale": scale}, name)
        self.loc, self.scale = self._parameters["loc"], self._parameters["scale"]

    def _sample(self, full: Any, seed: Any) -> Any:
        return random.normal(full, 0.0, 1.0, self.dtype, seed=seed) * self.scale + self.loc

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        z = (self._value(value) - self.loc) / self.scale
        return -0.5 * square(z) - (0.5 * math.log(2.0 * math.pi) + log(self.scale))

    def mean(self, name: str = "mean") -> Any:
        return self.loc * ones_like(self.scale)

    mode = mean

    def variance(self, name: str = "variance") -> Any:
        return square(self.scale) * ones_like(self.loc)

    def entropy(self, name: str = "entropy") -> Any:
        return 0.5 * math.log(2.0 * math.pi * math.e) + log(self.scale * ones_like(self.loc))

    def cdf(self, value: Any, name: str = "cdf") -> Any:
        return 0.5 * (1.0 + erf((self._value(value) - self.loc) / (self.scale * math.sqrt(2.0))))


class Laplace(Distribution):
    """The Laplace distribution."""

    reparameterization_type = FULLY_REPARAMETERIZED

    def __init__(self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Laplace"):
        super().__init__({"loc": loc, "scale": scale}, name)
        self.loc, self.scale = self._parameters["loc"], self._parameters["scale"]

    def _sample(self, full: Any, seed: Any) -> Any:
        u = random.uniform(full, -1.0 + 1e-7, 1.0, self.dtype, seed=seed)
        return self.loc - self.scale * REGISTRY["Sign"](u) * log(1.0 - abs(u))

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        return -abs((self._value(value) - self.loc) / self.scale) - math.log(2.0) - log(self.scale)

    def mean(self, name: str = "mean") -> Any:
        return self.loc + zeros_like(self.scale)

    def variance(self, name: str = "variance") -> Any:
        return 2.0 * square(self.scale) + zeros_like(self.loc)

    def entropy(self, name: str = "entropy") -> Any:
        return math.log(2.0) + 1.0 + log(self.scale + zeros_like(self.loc))


class Uniform(Distribution):
    """Even on `[low, high)`."""

    reparameterization_type = FULLY_REPARAMETERIZED

    def __init__(
        self, low: Any = 0.0, high: Any = 1.0, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Uniform"
    ):
        super().__init__({"low": low, "high": high}, name)
        self.low, self.high = self._parameters["low"], self._parameters["high"]

    def range(self, name: str = "range") -> Any:
        return self.high - self.low

    def _sample(self, full: Any, seed: Any) -> Any:
        return self.low + self.range() * random.uniform(full, 0.0, 1.0, self.dtype, seed=seed)

    def prob(self, value: Any, name: str = "prob") -> Any:
        x = self._value(value)
        outside = REGISTRY["LogicalOr"](x < self.low, x >= self.high)
        density = zeros_like(x) + 1.0 / self.range()
        return where(outside, zeros_like(density), density)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        return log(self.prob(value))

    def mean(self, name: str = "mean") -> Any:
        return (self.low + self.high) / 2.0

    def variance(self, name: str = "variance") -> Any:
        return square(self.range()) / 12.0

    def entropy(self, name: str = "entropy") -> Any:
        return log(self.range())

    def cdf(self, value: Any, name: str = "cdf") -> Any:
        from thalweg.engine.ops.clip import clip_by_value

        return clip_by_value((self._value(value) - self.low) / self.range(), 0.0, 1.0)


class Bernoulli(Distribution):
    """Ones and zeros, by `logits` or `probs`."""

    def __init__(self, logits: Any = None, probs: Any = None, dtype: Any = dtypes.int32, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Bernoulli"):  # fmt: skip
        _one_of(logits, probs)
        super().__init__({"logits": logits} if probs is None else {"probs": probs}, name)
        given = next(iter(self._parameters.values()))
        self.logits = given if probs is None else log(given) - log(1.0 - given)
        self.probs = sigmoid(given) if probs is None else given
        self._dtype = dtypes.as_dtype(dtype)

    @property
    def dtype(self) -> Any:
        return self._dtype

    def _sample(self, full: Any, seed: Any) -> Any:
        return cast(random.uniform(full, 0.0, 1.0, self.probs.dtype, seed=seed) < self.probs, self._dtype)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        value = cast(convert.convert_to_tensor(value), self.logits.dtype)
        return -sigmoid_cross_entropy_with_logits(labels=value + zeros_like(self.logits), logits=self.logits + zeros_like(value))

    def mean(self, name: str = "mean") -> Any:
        return self.probs

    def variance(self, name: str = "variance") -> Any:
        return self.probs * (1.0 - self.probs)

    def entropy(self, name: str = "entropy") -> Any:
        return -self.logits * (sigmoid(self.logits) - 1.0) + softplus(-self.logits)

    def mode(self, name: str = "mode") -> Any:
        return cast(self.probs > 0.5, self._dtype)


def _one_of(logits: Any, probs: Any) -> None:
    if (logits is None) == (probs is None):
        raise ValueError("Must pass probs or logits, but not both.")


class Categorical(Distribution):
    """One of several classes, by `logits` or `probs` `[..., classes]`."""

    def __init__(self, logits: Any = None, probs: Any = None, dtype: Any = dtypes.int32, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Categorical"):  # fmt: skip
        _one_of(logits, probs)
        super().__init__({"logits": logits} if probs is None else {"probs": probs}, name)
        given = next(iter(self._parameters.values()))
        self.logits = given if probs is None else log(given)
        self.probs = softmax(given) if probs is None else given
        self._dtype = dtypes.as_dtype(dtype)

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def event_size(self) -> Any:
        return self.logits.shape.as_list()[-1]

    @property
    def batch_shape(self) -> TensorShape:
        return self.logits.shape[:-1]

    def sample(self, sample_shape: Any = (), seed: Any = None, name: str = "sample") -> Any:
        with name_scope(f"{self._name}/{name}"):
            first = reshape(convert.convert_to_tensor(list(sample_shape) if isinstance(sample_shape, tuple) else sample_shape,
                                                      dtype=dtypes.int32), [-1])  # fmt: skip
            rows = reshape(self.logits, [-1, self.event_size])
            drawn = random.multinomial(rows, reduce_prod(first), seed=seed)
            y = reshape(transpose(drawn), concat([first, shape(self.logits)[:-1]], 0))
            if isinstance(sample_shape, (tuple, list)) and not sample_shape:
                y.set_shape(self.logits.shape[:-1])
            return cast(y, self._dtype)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        value = cast(convert.convert_to_tensor(value), dtypes.int32)
        scores = log_softmax(self.logits)
        return reduce_sum(one_hot(value, self.event_size, dtype=scores.dtype) * scores, -1)

    def entropy(self, name: str = "entropy") -> Any:
        scores = log_softmax(self.logits)
        return -reduce_sum(exp(scores) * scores, -1)

    def mode(self, name: str = "mode") -> Any:
        from thalweg.engine.ops.extremes import argmax

        return cast(argmax(self.logits, -1), self._dtype)


class Gamma(Distribution):
    """The gamma distribution of shape `concentration` and rate `rate`."""

    reparameterization_type = FULLY_REPARAMETERIZED

    def __init__(
        self, concentration: Any, rate: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Gamma"
    ):
        super().__init__({"concentration": concentration, "rate": rate}, name)
        self.concentration, self.rate = self._parameters["concentration"], self._parameters["rate"]

    def _sample(self, full: Any, seed: Any) -> Any:
        whole = self.concentration + zeros_like(self.rate)
        n = full[: shape(full)[0] - shape(shape(whole))[0]]
        return random.gamma(n, whole, self.rate + zeros_like(whole), self.dtype, seed=seed)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        x, a, b = self._value(value), self.concentration, self.rate
        return (a - 1.0) * log(x) - b * x - (lgamma(a) - a * log(b))

    def mean(self, name: str = "mean") -> Any:
        return self.concentration / self.rate

    def variance(self, name: str = "variance") -> Any:
        return self.concentration / square(self.rate)

    def entropy(self, name: str = "entropy") -> Any:
        a = self.concentration
        return a - log(self.rate) + lgamma(a) + (1.0 - a) * digamma(a)


class Exponential(Gamma):
    """The exponential distribution."""

    def __init__(self, rate: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Exponential"):
        rate = convert.convert_to_tensor(rate)
        super().__init__(ones_like(rate), rate, name=name)

    def _sample(self, full: Any, seed: Any) -> Any:
        return -log(random.uniform(full, 1e-38, 1.0, self.dtype, seed=seed)) / self.rate


class Beta(Distribution):
    """The beta distribution."""

    def __init__(self, concentration1: Any = None, concentration0: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Beta"):  # fmt: skip
        super().__init__({"concentration1": concentration1, "concentration0": concentration0}, name)
        self.concentration1, self.concentration0 = self._parameters["concentration1"], self._parameters["concentration0"]

    @property
    def total_concentration(self) -> Any:
        return self.concentration1 + self.concentration0

    def _sample(self, full: Any, seed: Any) -> Any:
        a, b = self.concentration1 + zeros_like(self.concentration0), self.concentration0 + zeros_like(self.concentration1)
        n = full[: shape(full)[0] - shape(shape(a))[0]]
        x, y = random.gamma(n, a, dtype=self.dtype, seed=seed), random.gamma(n, b, dtype=self.dtype, seed=seed and seed + 1)
        return x / (x + y)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        x, a, b = self._value(value), self.concentration1, self.concentration0
        return (a - 1.0) * log(x) + (b - 1.0) * log(1.0 - x) - (lgamma(a) + lgamma(b) - lgamma(a + b))

    def mean(self, name: str = "mean") -> Any:
        return self.concentration1 / self.total_concentration

    def variance(self, name: str = "variance") -> Any:
        mean = self.mean()
        return mean * (1.0 - mean) / (1.0 + self.total_concentration)


class Dirichlet(Distribution):
    """The Dirichlet distribution over the last axis."""

    _event_ndims = 1

    def __init__(self, concentration: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Dirichlet"):
        super().__init__({"concentration": concentration}, name)
        self.concentration = self._parameters["concentration"]

    def _sample(self, full: Any, seed: Any) -> Any:
        n = full[: shape(full)[0] - shape(shape(self.concentration))[0]]
        x = random.gamma(n, self.concentration, dtype=self.dtype, seed=seed)
        return x / reduce_sum(x, -1, keepdims=True)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        a = self.concentration
        return reduce_sum((a - 1.0) * log(self._value(value)), -1) - (reduce_sum(lgamma(a), -1) - lgamma(reduce_sum(a, -1)))

    def mean(self, name: str = "mean") -> Any:
        return self.concentration / reduce_sum(self.concentration, -1, keepdims=True)


class StudentT(Distribution):
    """Student's t distribution."""

    def __init__(
        self, df: Any, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True, name: str = "StudentT"
    ):
        super().__init__({"df": df, "loc": loc, "scale": scale}, name)
        self.df, self.loc, self.scale = (self._parameters[k] for k in ("df", "loc", "scale"))

    def _sample(self, full: Any, seed: Any) -> Any:
        df = self.df + zeros_like(self._batch())
        n = full[: shape(full)[0] - shape(shape(df))[0]]
        z = random.normal(full, 0.0, 1.0, self.dtype, seed=seed)
        chi = random.gamma(n, df / 2.0, dtype=self.dtype, seed=seed and seed + 1)
        return self.loc + self.scale * z / sqrt(2.0 * broadcast_to(chi, full) / df)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        y = (self._value(value) - self.loc) / self.scale
        norm = (
            log(abs(self.scale))
            + 0.5 * log(self.df)
            + 0.5 * math.log(math.pi)
            + lgamma(0.5 * self.df)
            - lgamma(0.5 * (self.df + 1.0))
        )
        return -0.5 * (self.df + 1.0) * log(1.0 + square(y) / self.df) - norm


class Multinomial(Distribution):
    """Counts of `total_count` draws of classes."""

    _event_ndims = 1

    def __init__(self, total_count: Any, logits: Any = None, probs: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Multinomial"):  # fmt: skip
        _one_of(logits, probs)
        super().__init__({"logits": logits} if probs is None else {"probs": probs}, name)
        given = next(iter(self._parameters.values()))
        self.logits, self.probs = (given, softmax(given)) if probs is None else (log(given), given)
        self.total_count = convert.convert_to_tensor(total_count, dtype=self.probs.dtype)

    def sample(self, sample_shape: Any = (), seed: Any = None, name: str = "sample") -> Any:
        count = int(self.total_count.shape.rank or 0)
        if count:
            raise ValueError("Multinomial.sample needs one total_count for all of the batch.")
        draws = Categorical(logits=self.logits).sample(concat([reshape(cast(self.total_count, dtypes.int32), [1]),
            list(sample_shape) if
                                                               isinstance(sample_shape, (list, tuple)) else [sample_shape]], 0),
                                                               seed)  # fmt: skip
        return reduce_sum(one_hot(draws, self.logits.shape.as_list()[-1], dtype=self.probs.dtype), 0)

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        counts = self._value(value)
        ways = lgamma(self.total_count + 1.0) - reduce_sum(lgamma(counts + 1.0), -1)
        return ways + reduce_sum(counts * log_softmax(self.logits), -1)

    def mean(self, name: str = "mean") -> Any:
        return self.probs * self.total_count


# -- divergences ----------------------------------------------------------------------------------------------


@RegisterKL(Normal, Normal)
def _normals(a: Normal, b: Normal) -> Any:
    ratio = square(a.scale) / square(b.scale)
    return square(a.loc - b.loc) / (2.0 * square(b.scale)) + 0.5 * (ratio - 1.0 - log(ratio))


@RegisterKL(Bernoulli, Bernoulli)
def _bernoullis(a: Bernoulli, b: Bernoulli) -> Any:
    up, down = softplus(-b.logits) - softplus(-a.logits), softplus(b.logits) - softplus(a.logits)
    return sigmoid(a.logits) * up + sigmoid(-a.logits) * down


@RegisterKL(Categorical, Categorical)
def _categoricals(a: Categorical, b: Categorical) -> Any:
    return reduce_sum(softmax(a.logits) * (log_softmax(a.logits) - log_softmax(b.logits)), -1)


@RegisterKL(Gamma, Gamma)
def _gammas(a: Gamma, b: Gamma) -> Any:
    return ((a.concentration - b.concentration) * digamma(a.concentration) + lgamma(b.concentration) - lgamma(a.concentration)
            + b.concentration * (log(a.rate) - log(b.rate)) + a.concentration * (b.rate / a.rate - 1.0))  # fmt: skip

"""The language of the golden cases: a call over public names whose inputs come from seeds.

A table (`cases/*.py`) is a list made by `calls` and `fails`. A case's id is its call, written out; the id seeds its
random inputs, so a golden file holds outputs only and cases may be added or moved freely. The same tables are run on
TensorFlow (by `record.py`) and on Thalweg (by `test_goldens.py`): nothing here imports either.
"""

import hashlib
import zlib
from dataclasses import dataclass, field
from typing import Any

import ml_dtypes
import numpy as np

DTYPES = {
    "f16": np.dtype(np.float16), "bf16": np.dtype(ml_dtypes.bfloat16), "f32": np.dtype(np.float32),
    "f64": np.dtype(np.float64), "c64": np.dtype(np.complex64), "c128": np.dtype(np.complex128),
    "i8": np.dtype(np.int8), "i16": np.dtype(np.int16), "i32": np.dtype(np.int32), "i64": np.dtype(np.int64),
    "u8": np.dtype(np.uint8), "u16": np.dtype(np.uint16), "u32": np.dtype(np.uint32), "u64": np.dtype(np.uint64),
    "bool": np.dtype(np.bool_), "str": np.dtype(object),
}  # fmt: skip
SHORT = {dtype: short for short, dtype in DTYPES.items()}
FLOATS = ("f16", "bf16", "f32", "f64")
WIDE = ("f32", "f64")
COMPLEX = ("c64", "c128")
INTS = ("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64")
SIGNED = ("i8", "i16", "i32", "i64")
REALS = (*FLOATS, *INTS)
NUMBERS = (*REALS, *COMPLEX)
EVERY = (*NUMBERS, "bool")


# -- inputs ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class X:
    """A random tensor. In a graph it is a placeholder. `kind` names a rule of `_RANDOM` below."""

    shape: tuple[int, ...]
    dtype: str | None
    low: float | None
    high: float | None
    kind: str

    def __init__(self, *shape, dtype=None, low=None, high=None, kind="uniform"):
        for name, value in zip(("shape", "dtype", "low", "high", "kind"), (shape, dtype, low, high, kind)):
            object.__setattr__(self, name, value)

    def text(self, dtype):
        bounds = "" if self.low is None and self.high is None else f"{{{self.low}..{self.high}}}"
        kind = "" if self.kind == "uniform" else self.kind
        return f"{self.dtype or dtype}[{','.join(map(str, self.shape))}]{kind}{bounds}"

    def array(self, dtype, seed):
        dtype = DTYPES[self.dtype or dtype]
        return _RANDOM[self.kind](np.random.Generator(np.random.PCG64(seed)), self, dtype)


class W(X):
    """A variable with random values."""

    def text(self, dtype):
        return f"variable {super().text(dtype)}"


@dataclass(frozen=True)
class V:
    """A tensor of given values. In a graph it is a constant, or a placeholder if `fed`."""

    value: Any
    dtype: str | None = None
    fed: bool = False

    def text(self, dtype):
        return f"{'fed ' if self.fed else ''}{self.dtype or dtype}:{_text_of_value(self.value)}"

    def array(self, dtype, seed):
        with np.errstate(all="ignore"):
            return np.array(self.value, DTYPES[self.dtype or dtype])


@dataclass(frozen=True)
class N(V):
    """A NumPy array, passed as it is."""

    def text(self, dtype):
        return f"np {super().text(dtype)}"


@dataclass(frozen=True)
class T:
    """A dtype object of the library, `tf.float32`; without a name that of the case's own dtype."""

    name: str | None = None

    def text(self, dtype):
        return f"tf.{self.name or dtype}"

    def resolve(self, tf, dtype):
        return getattr(tf, self.name or DTYPES[dtype].name)


@dataclass(frozen=True)
class S:
    """A sparse tensor of given indices, values and dense shape."""

    indices: Any
    values: Any
    shape: Any
    dtype: str | None = None

    def text(self, dtype):
        return f"sparse {self.dtype or dtype}:{_text_of_value((self.indices, self.values, self.shape))}"


@dataclass(frozen=True)
class Named:
    """Something else the library calls by name, `tf.nn.relu`."""

    name: str

    def text(self, dtype):
        return f"tf.{self.name}"


def _text_of_value(value):
    text = repr(value).replace(" ", "").replace("'", "")
    return text if len(text) <= 48 else f"{text[:36]}..#{hashlib.sha1(text.encode()).hexdigest()[:6]}"


def _uniform(rng, x, dtype):
    if dtype.kind == "b":
        return rng.integers(0, 2, x.shape).astype(bool)
    if dtype.kind in "iu":
        low = x.low if x.low is not None else (0 if dtype.kind == "u" else -5)
        return rng.integers(low, x.high if x.high is not None else 9, x.shape).astype(dtype)
    if dtype.kind == "O":
        return np.array([b"ab", b"", b"c", b"xyz"], object)[rng.integers(0, 4, x.shape)]
    low, high = x.low if x.low is not None else -2.0, x.high if x.high is not None else 2.0
    values = rng.uniform(low, high, x.shape)
    if dtype.kind == "c":
        values = values + 1j * rng.uniform(low, high, x.shape)
    return values.astype(dtype)


def _positive_definite(rng, x, dtype):
    """Hermitian, eigenvalues well apart from zero and from each other."""
    a = _uniform(rng, X(*x.shape), np.dtype(np.complex128 if dtype.kind == "c" else np.float64))
    eye = np.diag(np.arange(1.0, x.shape[-1] + 1))
    return (a @ np.conj(np.swapaxes(a, -1, -2)) / x.shape[-1] + eye).astype(dtype)


def _hermitian(rng, x, dtype):
    a = _uniform(rng, X(*x.shape), np.dtype(np.complex128 if dtype.kind == "c" else np.float64))
    return ((a + np.conj(np.swapaxes(a, -1, -2))) / 2 + np.diag(3.0 * np.arange(x.shape[-1]))).astype(dtype)


def _well_conditioned(rng, x, dtype):
    a = _uniform(rng, x, np.dtype(np.complex128 if dtype.kind == "c" else np.float64))
    return (a + 4 * np.eye(x.shape[-2], x.shape[-1])).astype(dtype)


def _lower(rng, x, dtype):
    return np.tril(_well_conditioned(rng, x, dtype))


def _distinct(rng, x, dtype):
    """All elements different and exact in every dtype: order is the same in all of them."""
    values = rng.permutation(int(np.prod(x.shape))).reshape(x.shape)
    return (values - values.size // 2 if dtype.kind != "u" else values).astype(dtype)


def _probabilities(rng, x, dtype):
    values = rng.uniform(0.1, 1.0, x.shape)
    return (values / values.sum(-1, keepdims=True)).astype(dtype)


def _ascending(rng, x, dtype):
    return np.sort(_uniform(rng, x, dtype), axis=-1)


_RANDOM = {
    "uniform": _uniform, "spd": _positive_definite, "hermitian": _hermitian, "square": _well_conditioned,
    "lower": _lower, "distinct": _distinct, "probabilities": _probabilities, "ascending": _ascending,
}  # fmt: skip


# -- cases -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One call. `fails`: an error is what is expected. `post`: what to compare (`abs` where a sign is free)."""

    fn: str
    args: tuple
    kwargs: dict = field(default_factory=dict)
    dtype: str = "f32"
    fails: bool = False
    grad: bool = True
    graph: bool = True
    post: str = ""
    within: float = 1.0  # a factor on the tolerance, with its reason beside it in the table
    also: tuple = ()  # other error classes that are as good, with the reason beside it in the table

    @property
    def id(self):
        parts = [_text(a, self.dtype) for a in self.args]
        parts += [f"{k}={_text(a, self.dtype)}" for k, a in self.kwargs.items()]
        return f"{self.fn}({', '.join(parts)})"

    def seed(self, position):
        return zlib.crc32(f"{self.id}#{position}".encode())


def _text(arg, dtype):
    if hasattr(arg, "text"):
        return arg.text(dtype)
    if isinstance(arg, (list, tuple)):
        inner = ",".join(_text(a, dtype) for a in arg)
        return f"[{inner}]" if isinstance(arg, list) else f"({inner})"
    if isinstance(arg, slice):
        return ":".join("" if a is None else _text(a, dtype) for a in (arg.start, arg.stop, arg.step))
    if isinstance(arg, dict):
        return "{" + ",".join(f"{k}:{_text(a, dtype)}" for k, a in arg.items()) + "}"
    return _text_of_value(arg)


def calls(names, *args, over="f32", fails=False, grad=True, graph=True, post="", within=1.0, also="", **kwargs):
    """The same call of each of `names` (spaces between) in each dtype of `over`."""
    over = (over,) if isinstance(over, str) else over
    also = tuple(also.split())
    return [
        Case(name, args, kwargs, dtype, fails, grad, graph, post, within, also) for name in names.split() for dtype in over
    ]  # fmt: skip


def fails(names, *args, **options):
    """As `calls`, where TensorFlow raises."""
    return calls(names, *args, fails=True, **options)


def v1(names):
    """TensorFlow 1's spelling of each name."""
    return " ".join(f"compat.v1.{name}" for name in names.split())


def fill(case, make):
    """`(args, kwargs)` of the case with every leaf input replaced by `make(leaf, position)`, positions counted up."""
    counter = iter(range(1000))

    def walk(arg):
        if isinstance(arg, (X, V, T, S, Named)):
            return make(arg, next(counter))
        if isinstance(arg, (list, tuple)):
            return type(arg)(walk(a) for a in arg)
        if isinstance(arg, dict):
            return {k: walk(a) for k, a in arg.items()}
        if isinstance(arg, slice):
            return slice(walk(arg.start), walk(arg.stop), walk(arg.step))
        return arg

    return walk(case.args), walk(case.kwargs)

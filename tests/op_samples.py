"""Inputs for the table tests over the op registry: arrays made from each record's samples, read-only."""

import importlib
import pkgutil
import zlib
from dataclasses import dataclass, field

import numpy as np

import thalweg.engine.ops as pages
from thalweg.engine.core import registry
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import HOST, RESOURCE

# Every op page registers its records as it is imported.
for _page in pkgutil.walk_packages(pages.__path__, f"{pages.__name__}."):
    importlib.import_module(_page.name)

ONE_DTYPE = {
    "Bitcast": "a sample's last dimension suits one size of element",
}

OPS = {record.name: record for record in registry.all_ops()}


@dataclass
class Example:
    """One call of an op: its arrays by position (HOST inputs included), dtypes by letter, attributes."""

    op: registry.Op
    arrays: list
    letters: dict
    attrs: dict
    label: str
    host: frozenset = field(default_factory=frozenset)

    def tensors(self, positions=None):
        return [i for i in range(len(self.arrays)) if i not in self.host] if positions is None else positions


def runs_alone(op):
    """Whether the op can be called with arrays alone: no variable, no generator state, no subgraph."""
    return RESOURCE not in op.types and not op.stateful and not op.has_subgraphs


def letters_of(op, count):
    kinds = [op.type_of_input(i, count) for i in range(count)]
    return sorted({k for k in kinds if isinstance(k, str) and k not in (HOST, RESOURCE)})


def example(op, sample, number, dtype=None):
    """The sample with letter T (or the only letter) as `dtype`; other letters take the first dtype they allow."""
    count = len(sample.inputs)
    letters = {}
    for letter in letters_of(op, count):
        allowed = op.allowed.get(letter, op.allowed["T"])
        letters[letter] = dtype if dtype in allowed else _usual(allowed)
    host = frozenset(i for i in range(count) if op.type_of_input(i, count) == HOST)
    arrays = []
    for i, given in enumerate(sample.inputs):
        kind = op.type_of_input(i, count)
        rng = np.random.Generator(np.random.PCG64(zlib.crc32(f"{op.name} {number} {i}".encode())))
        array = _array(given, kind if isinstance(kind, DType) else letters.get(kind), rng, op.domain)
        array.flags.writeable = False
        arrays.append(array)
    names = ",".join(sorted(d.name for d in letters.values()))
    return Example(op, arrays, letters, sample.attrs, f"{op.name} sample {number} {sample!r} {names}", host)


def _usual(allowed):
    for name in ("float32", "int32"):
        for dtype in allowed:
            if dtype.name == name:
                return dtype
    return allowed[0]


def _array(given, dtype, rng, domain):
    if isinstance(given, tuple):
        return _random(given, dtype.np_dtype if dtype else np.dtype(np.int32), rng, domain)
    array = np.array(given)
    if dtype is not None:
        return array.astype(dtype.np_dtype)
    return array.astype(np.int32) if array.dtype == np.int64 and not isinstance(given, np.ndarray) else array.copy()


def _random(shape, dtype, rng, domain):
    if dtype.kind == "O":
        return np.array([b"", b"a", b"bc"], object)[np.asarray(rng.integers(0, 3, shape))[None]][0:1].reshape(shape)
    if dtype.kind == "b":
        return np.asarray(rng.integers(0, 2, shape)).astype(bool)
    if dtype.kind in "iu":
        low, high = (int(np.ceil(domain[0])), int(np.floor(domain[1])) + 1) if domain else (-5, 6)
        low = max(low, 0) if dtype.kind == "u" else low
        return np.asarray(rng.integers(low, max(high, low + 1), shape)).astype(dtype)
    low, high = domain or (-2.0, 2.0)
    values = np.asarray(rng.uniform(low, high, shape))
    if dtype.kind == "c":
        values = values + 1j * np.asarray(rng.uniform(low, high, shape))
    return np.asarray(values).astype(dtype)


def examples(op, every_dtype=True):
    """Every sample in its usual dtype, and the first sample in every dtype the op allows."""
    for number, sample in enumerate(op.samples):
        yield example(op, sample, number)
    if op.samples and every_dtype and op.name not in ONE_DTYPE and letters_of(op, len(op.samples[0].inputs)):
        usual = example(op, op.samples[0], 0).letters
        for letter in letters_of(op, len(op.samples[0].inputs)):
            for dtype in op.allowed.get(letter, op.allowed["T"]):
                if dtype is not usual[letter]:
                    yield example(op, op.samples[0], 0, dtype)

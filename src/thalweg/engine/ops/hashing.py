"""Hashes of strings into buckets, the same numbers as TensorFlow's.

Source: FarmHash's Fingerprint64 (https://github.com/google/farmhash); Aumasson, Bernstein, "SipHash: a fast short-input PRF",
2012; MurmurHash64A for the oldest of the three.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import BASIC, Sample, op
from thalweg.engine.core.shape import TensorShape

_M = 0xFFFFFFFFFFFFFFFF
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def _u64(s: bytes, at: int) -> int:
    return int.from_bytes(s[at : at + 8], "little")


def _u32(s: bytes, at: int) -> int:
    return int.from_bytes(s[at : at + 4], "little")


def _right(v: int, by: int) -> int:
    return (v >> by | v << (64 - by)) & _M


def _mix(v: int) -> int:
    return v ^ (v >> 47)


def _len16(u: int, v: int, mul: int) -> int:
    a = _mix((u ^ v) * mul & _M)
    return _mix((v ^ a) * mul & _M) * mul & _M


def _short(s: bytes, n: int) -> int:
    """Up to 16 bytes."""
    mul = _K2 + n * 2
    if n >= 8:
        a, b = (_u64(s, 0) + _K2) & _M, _u64(s, n - 8)
        c = (_right(b, 37) * mul + a) & _M
        d = (_right(a, 25) + b) * mul & _M
        return _len16(c, d, mul)
    if n >= 4:
        return _len16(n + (_u32(s, 0) << 3), _u32(s, n - 4), mul)
    if n:
        y, z = s[0] + (s[n >> 1] << 8), n + (s[n - 1] << 2)
        return _mix((y * _K2 ^ z * _K0) & _M) * _K2 & _M
    return _K2


def _medium(s: bytes, n: int) -> int:
    """17 to 64 bytes."""
    mul = _K2 + n * 2
    a, b = _u64(s, 0) * (_K1 if n <= 32 else _K2) & _M, _u64(s, 8)
    c, d = _u64(s, n - 8) * mul & _M, _u64(s, n - 16) * _K2 & _M
    y = (_right((a + b) & _M, 43) + _right(c, 30) + d) & _M
    z = _len16(y, (a + _right((b + _K2) & _M, 18) + c) & _M, mul)
    if n <= 32:
        return z
    e, f = _u64(s, 16) * mul & _M, _u64(s, 24)
    g, h = (y + _u64(s, n - 32)) * mul & _M, (z + _u64(s, n - 24)) * mul & _M
    first = (_right((e + f) & _M, 43) + _right(g, 30) + h) & _M
    return _len16(first, (e + _right((f + a) & _M, 18) + g) & _M, mul)


def _weak(s: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_u64(s, at + 8 * i) for i in range(4))
    a = (a + w) & _M
    b = _right((b + a + z) & _M, 21)
    c = a
    a = (a + x + y) & _M
    b = (b + _right(a, 44)) & _M
    return (a + z) & _M, (b + c) & _M


def fingerprint64(s: bytes) -> int:
    """FarmHash's 64-bit fingerprint: the same for ever."""
    n = len(s)
    if n <= 16:
        return _short(s, n)
    if n <= 64:
        return _medium(s, n)
    x = 81
    y = (x * _K1 + 113) & _M
    z = _mix((y * _K2 + 113) & _M) * _K2 & _M
    v, w = (0, 0), (0, 0)
    x = (x * _K2 + _u64(s, 0)) & _M
    end = (n - 1) // 64 * 64
    for at in range(0, end, 64):
        x, y, z, v, w = _block(s, at, x, y, z, v, w, _K1, 1)
    mul = (_K1 + ((z & 0xFF) << 1)) & _M
    w = ((w[0] + ((n - 1) & 63)) & _M, w[1])
    v = ((v[0] + w[0]) & _M, v[1])
    w = ((w[0] + v[0]) & _M, w[1])
    x, y, z, v, w = _block(s, n - 64, x, y, z, v, w, mul, 9)
    first = (_len16(v[0], w[0], mul) + _mix(y) * _K0 + z) & _M
    return _len16(first, (_len16(v[1], w[1], mul) + x) & _M, mul)


def _block(s: bytes, at: int, x: int, y: int, z: int, v: Any, w: Any, mul: int, nine: int) -> Any:
    x = _right((x + y + v[0] + _u64(s, at + 8)) & _M, 37) * mul & _M
    y = _right((y + v[1] + _u64(s, at + 48)) & _M, 42) * mul & _M
    x ^= w[1] * nine & _M
    y = (y + v[0] * nine + _u64(s, at + 40)) & _M
    z = _right((z + w[0]) & _M, 33) * mul & _M
    v = _weak(s, at, v[1] * mul & _M, (x + w[0]) & _M)
    w = _weak(s, at + 32, (z + w[1]) & _M, (y + _u64(s, at + 16)) & _M)
    return z, y, x, v, w


def hash64(s: bytes, seed: int = 0xDECAFCAFFE) -> int:
    """TensorFlow's first hash."""
    m, n = 0xC6A4A7935BD1E995, len(s)
    h = seed ^ (n * m & _M)
    whole = n // 8 * 8
    for at in range(0, whole, 8):
        k = _u64(s, at) * m & _M
        k = (k ^ k >> 47) * m & _M
        h = (h ^ k) * m & _M
    if whole < n:
        h = (h ^ int.from_bytes(s[whole:], "little")) * m & _M
    h = (h ^ h >> 47) * m & _M
    return h ^ h >> 47


def siphash(s: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4: nobody without the key can make strings collide."""
    k0, k1 = (k & _M for k in key)
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def rounds(count: int) -> None:
        v0, v1, v2, v3 = v
        for _ in range(count):
            v0, v2 = (v0 + v1) & _M, (v2 + v3) & _M
            v1, v3 = _right(v1, 51) ^ v0, _right(v3, 48) ^ v2
            v0 = _right(v0, 32)
            v2, v0 = (v2 + v1) & _M, (v0 + v3) & _M
            v1, v3 = _right(v1, 47) ^ v2, _right(v3, 43) ^ v0
            v2 = _right(v2, 32)
        v[:] = v0, v1, v2, v3

    n = len(s)
    words = [_u64(s, at) for at in range(0, n // 8 * 8, 8)]
    words.append(int.from_bytes(s[n // 8 * 8 :], "little") | (n & 0xFF) << 56)
    for m in words:
        v[3] ^= m
        rounds(2)
        v[0] ^= m
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


# -- ops -------------------------------------------------------------------------------------------------------------


def _same(x: TensorShape, *_: Any, **__: Any) -> TensorShape:
    return x


_WORDS = Sample(np.array([[b"hello", b""], [b"TensorFlow", b"a" * 100]], object), num_buckets=11)


def _buckets(texts: Any, num_buckets: int, function: Callable[[bytes], int]) -> np.ndarray:
    if num_buckets < 1:
        raise errors.invalid(f"num_buckets must be at least 1, not {num_buckets}")
    found = [function(s) % num_buckets for s in texts.ravel().tolist()]
    return np.array(found, np.int64).reshape(texts.shape)


@op("StringToHashBucketFast", types=(dtypes.string,), out=dtypes.int64, shape=_same, host=True, elementwise=True, samples=[_WORDS])
def to_hash_bucket_fast_op(xp: Any, input: Any, *, num_buckets: int) -> Any:
    return _buckets(input, num_buckets, fingerprint64)


@op("StringToHashBucket", types=(dtypes.string,), out=dtypes.int64, shape=_same, host=True, elementwise=True, samples=[_WORDS])
def to_hash_bucket_op(xp: Any, string_tensor: Any, *, num_buckets: int) -> Any:
    return _buckets(string_tensor, num_buckets, hash64)


@op("StringToHashBucketStrong", types=(dtypes.string,), out=dtypes.int64, shape=_same, host=True, elementwise=True,
    samples=[Sample(*_WORDS.inputs, num_buckets=7, key=(1, -2))])
def to_hash_bucket_strong_op(xp: Any, input: Any, *, num_buckets: int, key: Any) -> Any:
    if len(key) != 2:
        raise errors.invalid(f"Key must have 2 elements, not {len(key)}")
    return _buckets(input, num_buckets, lambda s: siphash(s, tuple(key)))


@dispatchable
def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Any:
    """Each string's bucket by FarmHash's fingerprint: int64 in `[0, num_buckets)`.

    >>> tf.strings.to_hash_bucket_fast(["Hello", "TensorFlow", "2.x"], 3).numpy()
    array([0, 2, 2])
    """
    return to_hash_bucket_fast_op(input, num_buckets=int(num_buckets), name=name)


@dispatchable
def to_hash_bucket(input: Any, num_buckets: int, name: str | None = None) -> Any:
    """Each string's bucket by TensorFlow's first hash. Prefer `to_hash_bucket_fast`."""
    return to_hash_bucket_op(input, num_buckets=int(num_buckets), name=name)


@dispatchable
def to_hash_bucket_strong(input: Any, num_buckets: int, key: Any, name: str | None = None) -> Any:
    """Each string's bucket by SipHash with a key of two integers, so that nobody can make them collide on purpose."""
    return to_hash_bucket_strong_op(input, num_buckets=int(num_buckets), key=tuple(int(k) for k in key), name=name)


@op("Fingerprint", types=("T", dtypes.string), dtypes=(*BASIC, dtypes.string), out=dtypes.uint8, host=True,
    shape=lambda data, *_: TensorShape([data[0] if data.rank else None, 8]),
    samples=[Sample((3, 4), np.array(b"farmhash64", object))])
def _fingerprint(xp: Any, data: Any, method: Any) -> Any:
    if method.item() != b"farmhash64":
        raise errors.invalid(f"Unsupported fingerprint method: {method.item()!r}; only farmhash64 is supported")
    if not data.ndim:
        raise errors.invalid("Data must have at least one dimension")
    rows = []
    for row in data:
        if data.dtype == object and data.ndim == 1:
            rows.append(fingerprint64(row))
        elif data.dtype == object:
            inner = np.array([fingerprint64(s) for s in row.ravel().tolist()], "<u8")
            rows.append(fingerprint64(inner.tobytes()))
        else:
            rows.append(fingerprint64(np.ascontiguousarray(row).tobytes()))
    return np.array(rows, "<u8").view(np.uint8).reshape(len(data), 8)


def fingerprint(data: Any, method: Any = "farmhash64", name: str | None = None) -> Any:
    """Eight bytes that stand for each row of a tensor."""
    return _fingerprint(data, method, name=name)

"""From random bits to uniform and normal floats, as TensorFlow's CPU kernels make them.

float32 logarithms, sines and cosines are computed by the formulas of the C library that TensorFlow calls on Linux
(ARM's optimized routines, in glibc since 2.28), in float64 and rounded once. So NumPy, XLA and TensorFlow give the same
float32 normals bit for bit.

Source: Box and Muller, "A note on the generation of random normal deviates", 1958.
https://github.com/ARM-software/optimized-routines (math/logf.c, math/sincosf.c)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.ops.philox import Stream, fill

# -- uniform on [0, 1) --------------------------------------------------------------------------------------


def uniform(xp: Any, source: Stream, count: int, dtype: np.dtype) -> Any:
    """`count` numbers from [0, 1) of a float dtype."""
    if dtype == np.float32:
        return fill(xp, source, count, 2, unit32, dtype)
    if dtype == np.float64:
        return fill(xp, source, count, 1, unit64, dtype)
    return fill(xp, source, count, 2, lambda xp, pairs: unit16(xp, pairs, dtype), dtype)


def unit32(xp: Any, pairs: Any) -> Any:
    """Two float32 a pair: 23 bits of each word become the mantissa of a number in [1, 2)."""
    wide = xp.uint64
    mantissas = (pairs & wide(0x007FFFFF007FFFFF)) | wide(0x3F8000003F800000)
    return mantissas.view(xp.float32) - xp.float32(1)


def unit64(xp: Any, pairs: Any) -> Any:
    """One float64 a pair: the low 20 bits of the first word and the whole second one."""
    wide = xp.uint64
    mantissas = (pairs & wide(0xFFFFF)) << wide(32) | pairs >> wide(32) | wide(0x3FF0000000000000)
    return mantissas.view(xp.float64) - 1.0


def unit16(xp: Any, pairs: Any, dtype: Any) -> Any:
    """Two float16 or bfloat16 a pair, from the low bits of each word."""
    digits = 10 if dtype == np.float16 else 7
    words = pairs.view(xp.uint32) & xp.uint32((1 << digits) - 1)
    return (words.astype(xp.float32) * xp.float32(2.0**-digits)).astype(dtype)


# -- float32 logarithm, sine and cosine ----------------------------------------------------------------------

# 1/c and log(c) for c near the middle of each sixteenth of [0x3f330000, 2 * 0x3f330000) as float32 bit patterns.
_INVERSE = np.array(
    [float.fromhex(h) for h in (
        "0x1.661ec79f8f3bep+0", "0x1.571ed4aaf883dp+0", "0x1.49539f0f010bp+0", "0x1.3c995b0b80385p+0",
        "0x1.30d190c8864a5p+0", "0x1.25e227b0b8eap+0", "0x1.1bb4a4a1a343fp+0", "0x1.12358f08ae5bap+0",
        "0x1.0953f419900a7p+0", "0x1p+0", "0x1.e608cfd9a47acp-1", "0x1.ca4b31f026aap-1",
        "0x1.b2036576afce6p-1", "0x1.9c2d163a1aa2dp-1", "0x1.886e6037841edp-1", "0x1.767dcf5534862p-1",
    )]
)  # fmt: skip
_LOG_CENTER = np.array(
    [float.fromhex(h) for h in (
        "-0x1.57bf7808caadep-2", "-0x1.2bef0a7c06ddbp-2", "-0x1.01eae7f513a67p-2", "-0x1.b31d8a68224e9p-3",
        "-0x1.6574f0ac07758p-3", "-0x1.1aa2bc79c81p-3", "-0x1.a4e76ce8c0e5ep-4", "-0x1.1973c5a611cccp-4",
        "-0x1.252f438e10c1ep-5", "0x0p+0", "0x1.aa5aa5df25984p-5", "0x1.c5e53aa362eb4p-4",
        "0x1.526e57720db08p-3", "0x1.bc2860d22477p-3", "0x1.1058bc8a07ee1p-2", "0x1.4043057b6ee09p-2",
    )]
)  # fmt: skip
_LOG_TERMS = tuple(map(float.fromhex, ("-0x1.00ea348b88334p-2", "0x1.5575b0be00b6ap-2", "-0x1.ffffef20a4123p-2")))
_LN2 = float.fromhex("0x1.62e42fefa39efp-1")
_LOG_START = 0x3F330000




def _log_tables() -> tuple[np.ndarray, np.ndarray]:
    """For every sixteenth of every power of two from 2**-24 up to 1: what to multiply x by to come near 1, and its log."""
    sixteenths = np.arange(_FIRST_SIXTEENTH, _FIRST_SIXTEENTH + 16 * 25) - (_LOG_START >> 19)
    k = sixteenths // 16
    return _INVERSE[sixteenths % 16] * 2.0**-k, _LOG_CENTER[sixteenths % 16] + k * _LN2


_FIRST_SIXTEENTH = (_LOG_START >> 19) - 16 * 24
_SCALE, _BASE = _log_tables()


def log32(xp: Any, x: Any) -> Any:
    """Natural logarithm of float32 in [2**-24, 1), as glibc's logf: log(x) = log(2**k c) + log1p(x / (2**k c) - 1)."""
    at = x.view(xp.uint32) - xp.uint32((_FIRST_SIXTEENTH << 19) + (_LOG_START & 0x7FFFF))
    at >>= xp.uint32(19)
    at = at.astype(xp.int64)
    r = xp.take(xp.asarray(_SCALE), at, mode="clip")
    r *= x
    r -= 1.0
    a, b, c = _LOG_TERMS
    y = a * r
    y += b
    y *= r
    y += c
    y *= r
    y *= r
    r += xp.take(xp.asarray(_BASE), at, mode="clip")
    y += r
    return y.astype(xp.float32)


_QUARTERS = float.fromhex("0x1.45F306DC9C883p-1")  # 2 / pi
_QUARTER = float.fromhex("0x1.921FB54442D18p0")  # pi / 2
_SIN_TERMS = tuple(map(float.fromhex, ("-0x1.555545995a603p-3", "0x1.1107605230bc4p-7", "-0x1.994eb3774cf24p-13")))
_COS_TERMS = tuple(
    map(float.fromhex, ("-0x1.ffffffd0c621cp-2", "0x1.55553e1068f19p-5", "-0x1.6c087e89a359dp-10", "0x1.99343027bf8c3p-16"))
)


def sincos32(xp: Any, angle: Any) -> tuple[Any, Any]:
    """Sine and cosine of float32 in [0, 120), as glibc's sincosf."""
    x = angle.astype(xp.float64)
    quarter = x * _QUARTERS
    quarter += 0.5
    quarter = quarter.astype(xp.int32)
    x -= quarter * _QUARTER
    x2 = x * x
    s1, s2, s3 = _SIN_TERMS
    s = x2 * s3
    s += s2
    s *= x2
    s += s1
    s *= x2
    s *= x
    s += x
    c1, c2, c3, c4 = _COS_TERMS
    c = x2 * c4
    c += c3
    c *= x2
    c += c2
    c *= x2
    c += c1
    c *= x2
    c += 1.0
    # sin and cos of the whole angle are those of x, exchanged in odd quarters, with signs: on the bits, as a select on
    # random conditions is NumPy's slowest pass.
    word = xp.uint32
    s, c, quarter = s.astype(xp.float32).view(word), c.astype(xp.float32).view(word), quarter.view(word)
    exchange = (s ^ c) & (word(0) - (quarter & word(1)))
    s ^= exchange
    s ^= (quarter & word(2)) << word(30)
    c ^= exchange
    c ^= (quarter + word(1) & word(2)) << word(30)
    return s.view(xp.float32), c.view(xp.float32)


# -- normal -----------------------------------------------------------------------------------------------------


def normal(xp: Any, source: Stream, count: int, dtype: np.dtype) -> Any:
    """`count` standard normal numbers of a float dtype; half types are float32 numbers rounded."""
    if dtype == np.float64:
        return fill(xp, source, count, 1, normal64, dtype)
    if dtype == np.float32:
        return fill(xp, source, count, 2, normal32, dtype)
    return fill(xp, source, count, 2, lambda xp, pairs: normal32(xp, pairs).astype(dtype), dtype)


def normal32(xp: Any, pairs: Any) -> Any:
    """Two standard normal float32 a pair, by the Box-Muller transform."""
    radius = log32(xp, xp.maximum(_unit_of_word(xp, pairs), xp.float32(1e-7)))
    radius *= xp.float32(-2)
    radius = xp.sqrt(radius)
    turn = _unit_of_word(xp, pairs >> xp.uint64(32)).astype(xp.float64)
    turn *= 2 * np.pi
    sine, cosine = sincos32(xp, turn.astype(xp.float32))
    sine *= radius
    cosine *= radius
    return _interleave32(xp, sine, cosine)


def _unit_of_word(xp: Any, word: Any) -> Any:
    """`unit32` of the low word of each pair alone."""
    word = word.astype(xp.uint32)
    return (word & xp.uint32(0x7FFFFF) | xp.uint32(0x3F800000)).view(xp.float32) - xp.float32(1)


def _interleave32(xp: Any, a: Any, b: Any) -> Any:
    """a0, b0, a1, b1 ... by packing 64-bit words: XLA fuses and vectorises that, not a stack."""
    wide = xp.uint64
    return (a.view(xp.uint32).astype(wide) | b.view(xp.uint32).astype(wide) << wide(32)).view(xp.float32)


def normal64(xp: Any, pairs: Any) -> Any:
    """Two standard normal float64 from each two pairs."""
    u = unit64(xp, pairs).reshape(-1, 2)
    radius = xp.sqrt(-2.0 * xp.log(xp.maximum(u[:, 0], 1e-7)))
    angle = 2 * np.pi * u[:, 1]
    return xp.stack([xp.sin(angle) * radius, xp.cos(angle) * radius], -1).reshape(-1)

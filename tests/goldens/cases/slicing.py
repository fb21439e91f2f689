"""Indexing with `[]`: integers, slices, negative steps, ellipsis, new axes, tensors as bounds, and what is refused."""

import numpy as np

from goldens.spec import EVERY, N, V, X, calls, fails

at = "operator.getitem"
ANY = slice(None)
BACK = slice(None, None, -1)
CUBE = X(3, 4, 5)

CASES = [
    *calls(at, X(3, 4), 0, over=EVERY),
    *calls(at, X(3, 4), -1, over=("f32", "str")),
    *[c for index in (
        (1, 2), (1, -1, 0), (ANY, 1), (ANY, ANY, -1), (-3, ANY, 2), (..., 0), (0, ...), (1, ..., 2), (...,), ...,
        None, (None,), (ANY, None), (None, 0, None), (..., None), (None, ..., None, 1), (0, None, slice(1, 3)),
        slice(1, 2), slice(0, None, 2), slice(None, -1), slice(-2, None), slice(1, 100), slice(-100, 2), slice(2, 1),
        BACK, (BACK, BACK), slice(2, 0, -1), slice(None, None, -2), slice(0, 5, -1), slice(5, 0, -2), slice(-1, -3, -1),
        (slice(1, None), slice(None, 2), slice(None, None, 2)), (ANY, slice(4, None, -3)), (slice(0, 0),),
        (ANY, slice(1, 3), ..., slice(0, 4, 3)), (), (slice(1, 2), 1, None, ..., -1),
    ) for c in calls(at, CUBE, index, over=("f64",))],
    *calls(at, CUBE, (1, ..., slice(None, None, -1)), over=("i32", "bool", "str", "c64", "bf16")),
    *calls(at, CUBE, V(1, "i32")),
    *calls(at, CUBE, V(-1, "i64")),
    *calls(at, CUBE, (V(2, "i32"), ANY, V(0, "i32"))),
    *calls(at, CUBE, slice(V(1, "i32"), V(3, "i32"))),
    *calls(at, CUBE, (ANY, slice(V(0, "i32"), 3, V(2, "i32")))),
    *calls(at, CUBE, (slice(V(1, "i64"), None), 0)),
    *calls(at, CUBE, V(1, "i32", fed=True)),
    *calls(at, CUBE, (ANY, slice(None, V(2, "i32", fed=True)))),
    *calls(at, CUBE, np.int64(1)),
    *calls(at, CUBE, (np.int32(1), slice(np.int64(0), np.int64(2)))),
    *calls(at, CUBE, N(2, "i64")),
    *calls(at, X(0, 3), slice(None, 2)),
    *calls(at, X(0, 3), (ANY, 1)),
    *calls(at, X(0, 3), BACK),
    *calls(at, X(), ...),
    *calls(at, X(), None),
    *fails(at, CUBE, 3),
    *fails(at, CUBE, -4),
    *fails(at, CUBE, (0, 4)),
    *fails(at, CUBE, (0, 0, 0, 0)),
    *fails(at, CUBE, (..., ...)),
    *fails(at, CUBE, slice(None, None, 0)),
    *fails(at, CUBE, 1.5),
    *fails(at, CUBE, "a"),
    *calls(at, CUBE, [0, 1]),
    *fails(at, CUBE, ([0, 1], 0)),
    *fails(at, CUBE, (ANY, [True, False, True, False])),
    *fails(at, CUBE, slice(0.5, 2)),
    *fails(at, CUBE, slice("a", None)),
    *fails(at, CUBE, V([0, 1], "i32")),
    *fails(at, CUBE, V(1.0)),
    *calls(at, X(3), V([True, False, True], "bool")),
    *calls(at, X(3, 4), V([[True, False, True, True]] * 3, "bool")),
    *calls(at, X(3, 4), V([True, False, True], "bool")),
    *fails(at, X(3, 4), V([True, False], "bool")),
    *calls(at, X(3), N([True, False, True], "bool")),
    *fails(at, X(3), N([0, 1], "i32")),
    *fails(at, CUBE, True),
    *fails(at, X(), 0),
    *fails(at, X(0, 3), 0),
]

"""Bit operations."""

from goldens.spec import INTS, V, X, calls, fails

TWO = "bitwise.bitwise_and bitwise.bitwise_or bitwise.bitwise_xor"
SHIFTS = "bitwise.left_shift bitwise.right_shift"

CASES = [
    *calls(TWO, X(3, 4, high=100), X(3, 4, high=100), over=INTS),
    *calls(TWO, X(3, 1, dtype="i32"), X(4, dtype="i32")),
    *calls("bitwise.invert", X(3, 4, high=100), over=INTS),
    *calls(SHIFTS, X(3, 4, low=0, high=100), X(3, 4, low=0, high=6), over=INTS),
    *calls(SHIFTS, V([-8, -1, 7]), V([1, 2, 3]), over=("i8", "i16", "i32", "i64")),
    *calls(SHIFTS, V([5, -5], "i32"), V([31, 31], "i32")),
    *calls(TWO, X(0, 3, dtype="i32"), X(3, dtype="i32")),
    *calls(TWO, 6, 3),
    *fails(f"{TWO} {SHIFTS}", X(3), X(3)),
    *fails("bitwise.invert", X(3)),
    *fails("bitwise.invert", X(3, dtype="bool")),
    *fails(TWO, X(3, dtype="i32"), X(2, dtype="i32")),
    *fails(TWO, X(3, dtype="i32"), X(3, dtype="i64")),
]

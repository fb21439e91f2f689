"""Python's operators on tensors: both operands tensors, reflected, with Python numbers, lists and NumPy arrays."""

from goldens.spec import COMPLEX, EVERY, FLOATS, INTS, SIGNED, WIDE, N, V, X, calls, fails

ARITHMETIC = "operator.add operator.sub operator.mul"
DIVISIONS = "operator.truediv operator.floordiv operator.mod"
COMPARE = "operator.lt operator.le operator.gt operator.ge"
EQUALITY = "operator.eq operator.ne"
LOGIC = "operator.and_ operator.or_ operator.xor"
MIXED = "TypeError ValueError InvalidArgumentError"
ODD = X(3, 4, low=1, high=9)

CASES = [
    *calls(ARITHMETIC, X(3, 4), X(3, 4), over=(*FLOATS, *INTS, *COMPLEX)),
    *calls(f"{ARITHMETIC} operator.truediv operator.pow", X(3, 1, low=0.5, high=2.0), X(4, low=0.5, high=2.0), over=WIDE),
    *calls(DIVISIONS, X(3, 4), ODD, over=(*FLOATS, *SIGNED)),
    *calls("operator.truediv", X(3, 4), ODD, over=COMPLEX),
    *calls("operator.pow", X(3, 4, low=1, high=4), X(4, low=1, high=3), over=(*WIDE, "i32", "i64", "c64")),
    *calls(f"{ARITHMETIC} {DIVISIONS} operator.pow", ODD, 2, over=("f16", "bf16", "f32", "f64", "i32", "i64")),
    *calls(f"{ARITHMETIC} {DIVISIONS} operator.pow", 2, ODD, over=("f16", "f32", "f64", "i32", "i64")),
    *calls(f"{ARITHMETIC} operator.truediv", X(2, 3), 2.5, over=("f16", "bf16", "f32", "f64", "c64")),
    *calls(f"{ARITHMETIC} operator.truediv", 2.5, ODD, over=("f16", "bf16", "f32", "f64", "c64")),
    *calls(f"{ARITHMETIC} {DIVISIONS}", ODD, N([1, 2, 3, 4], "f32")),
    *calls(f"{ARITHMETIC} {DIVISIONS}", N([1, 2, 3, 4], "f32"), ODD),
    *calls(f"{ARITHMETIC} operator.truediv", ODD, [1.0, 2.0, 3.0, 4.0]),
    *calls(f"{ARITHMETIC} operator.truediv", [1.0, 2.0, 3.0, 4.0], ODD),
    *calls(ARITHMETIC, X(2, dtype="i32"), [1, 2]),
    *calls("operator.matmul", X(2, 3), X(3, 4), over=("f32", "f64", "i32", "c64")),
    *calls("operator.matmul", X(5, 2, 3), X(3, 4)),
    *calls("operator.matmul", N([[1.0, 2.0]], "f32"), X(2, 3)),
    *calls("operator.matmul", X(2, 3), N([[1.0], [2.0], [3.0]], "f32")),
    *calls("operator.neg operator.abs", X(3, 4), over=(*FLOATS, *SIGNED, *COMPLEX)),
    *calls("operator.invert", X(3, 4), over=("bool", *INTS)),
    *calls(LOGIC, X(3, 4), X(4), over=("bool", *INTS)),
    *calls(LOGIC, X(3, dtype="bool"), True),
    *calls(LOGIC, False, X(3, dtype="bool")),
    *calls(LOGIC, X(3, dtype="i32"), 6),
    *calls(COMPARE, X(3, 4), X(4), over=(*FLOATS, *INTS)),
    *calls(COMPARE, X(3, 4), 1, over=("f32", "i64", "u8")),
    *calls(COMPARE, 1.5, X(3, 4), over=WIDE),
    *calls(COMPARE, X(3), N([0.0, 1.0, 2.0], "f32")),
    # In a graph outside a function `==` compares identity, as in TensorFlow 1.
    *calls(EQUALITY, X(3, 4), X(4), over=EVERY, graph=False),
    *calls(EQUALITY, X(3, 4), 1, over=("f32", "i32"), graph=False),
    *calls(EQUALITY, X(3), N([0.0, 1.0, 2.0], "f32"), graph=False),
    *calls(EQUALITY, X(3, dtype="str"), "ab", graph=False),
    *calls(EQUALITY, X(3), None, graph=False),
    *calls(EQUALITY, X(3), X(2), graph=False),
    *fails(ARITHMETIC, X(3), X(2)),
    # TensorFlow's classes depend on whether its fast path was taken: + and - differ on the same operands.
    *fails(f"{ARITHMETIC} {DIVISIONS} operator.lt", X(3), X(3, dtype="f64"), also=MIXED),
    *fails(ARITHMETIC, X(3), X(3, dtype="i32"), also=MIXED),
    *fails(ARITHMETIC, X(3, dtype="i32"), 2.5, also=MIXED),
    *fails(ARITHMETIC, X(3), "a", also=MIXED),
    *fails(ARITHMETIC, "a", X(3), also=MIXED),
    *fails(ARITHMETIC, X(3), None, also=MIXED),
    *fails(ARITHMETIC, X(3), [1.0, "a", 2.0], also=MIXED),
    *calls("operator.add operator.mul", X(3), N([1.0, 2.0, 3.0], "f64")),
    *calls("operator.add", X(3, dtype="i32"), N([1.0, 2.0, 3.0], "f32")),
    *fails(LOGIC, X(3), X(3)),
    *fails("operator.invert", X(3)),
    *fails("operator.matmul", X(2, 3), X(2, 3)),
    *fails("operator.matmul", X(3), X(3)),
    *fails("operator.lt", X(3, dtype="str"), X(3, dtype="str")),
    *fails("operator.lshift operator.rshift", X(3, dtype="i32"), 1),
    *fails("operator.floordiv operator.mod", V([1, 2], "i32"), 0),
    *calls("operator.truediv", V([1, 2], "i32"), 0),
    *calls("operator.add", X(2, dtype="str"), "x"),
]

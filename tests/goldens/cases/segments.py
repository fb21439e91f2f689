"""Sums and extremes over segments, sorted, unsorted and sparse; dynamic partition and stitch."""

from goldens.spec import COMPLEX, FLOATS, REALS, WIDE, V, X, calls, fails

SORTED = "math.segment_sum math.segment_mean math.segment_prod"
SORTED_ORDER = "math.segment_max math.segment_min"
UNSORTED = "math.unsorted_segment_sum math.unsorted_segment_prod"
UNSORTED_ORDER = "math.unsorted_segment_max math.unsorted_segment_min"
UNSORTED_MEANS = "math.unsorted_segment_mean math.unsorted_segment_sqrt_n"
SPARSE = "sparse.segment_sum sparse.segment_mean sparse.segment_sqrt_n"
IDS = V([0, 0, 2, 2, 3], "i32")
MIXED = V([2, 0, -1, 2, 4], "i32")

CASES = [
    *calls(SORTED, X(5, 3), IDS, over=(*FLOATS, "i32", "i64", *COMPLEX)),
    *calls(SORTED_ORDER, X(5, 3), IDS, over=REALS),
    *calls(f"{SORTED} {SORTED_ORDER}", X(5), V([0, 0, 1, 1, 1], "i64"), over=WIDE),
    *calls(f"{SORTED} {SORTED_ORDER}", X(5, 2, 3), [0, 1, 1, 1, 4]),
    *calls(f"{SORTED} {SORTED_ORDER}", X(0, 3), V([], "i32")),
    *calls(SORTED_ORDER, V([[1.0], [1.0], [0.5], [2.0], [2.0]], fed=True), V([0, 0, 0, 1, 1], "i32"), over=WIDE),
    *fails(f"{SORTED} {SORTED_ORDER}", X(3, 2), V([1, 0, 2], "i32")),
    *fails(f"{SORTED} {SORTED_ORDER}", X(3, 2), V([0, 1], "i32")),
    *fails("math.segment_sum", X(3, 2), V([-1, 0, 1], "i32")),
    *fails("math.segment_sum", X(3, 2), X(3)),
    *calls(UNSORTED, X(5, 3), MIXED, 5, over=(*FLOATS, "i32", "i64", *COMPLEX)),
    *calls(UNSORTED_ORDER, X(5, 3), MIXED, 5, over=REALS),
    *calls(UNSORTED_MEANS, X(5, 3), MIXED, 5, over=FLOATS),
    *calls(f"{UNSORTED} {UNSORTED_ORDER} {UNSORTED_MEANS}", X(2, 3, 4), V([[0, 1, 0], [2, 2, 1]], "i64"), 4, over=WIDE),
    *calls(f"{UNSORTED} {UNSORTED_ORDER} {UNSORTED_MEANS}", X(0, 3), V([], "i32"), 2),
    *calls(f"{UNSORTED} {UNSORTED_ORDER}", X(3), V([0, 1, 1], "i32"), V(3, "i32")),
    *calls(UNSORTED_ORDER, V([1.0, 1.0, 0.5, 2.0, 2.0], fed=True), V([0, 0, 0, 1, 1], "i32"), 3, over=WIDE),
    *calls("math.unsorted_segment_prod", V([0.0, 2.0, 3.0, 0.0, 0.0], fed=True), V([0, 0, 0, 1, 1], "i32"), 2,
           over=WIDE),
    *fails(f"{UNSORTED} {UNSORTED_ORDER}", X(3, 2), V([0, 1, 5], "i32"), 3),
    *fails(f"{UNSORTED} {UNSORTED_ORDER}", X(3, 2), V([0, 1], "i32"), 3),
    *calls(SPARSE, X(4, 3), V([0, 2, 2, 3], "i32"), V([0, 0, 1, 3], "i32"), over=("f32", "f64")),
    *calls(SPARSE, X(4, 3), V([0, 2, 2], "i32"), V([0, 0, 1], "i32"), num_segments=4),
    *calls("sparse.segment_sum", X(4, 3), V([0, 2], "i64"), V([0, 0], "i32")),
    *fails("sparse.segment_sum", X(4, 3), V([0, 9], "i32"), V([0, 0], "i32")),
    *calls("dynamic_partition", X(5, 2), V([0, 2, 0, 1, 2], "i32"), 3, over=("f32", "i32")),
    *calls("dynamic_partition", X(2, 3), V([[0, 1, 0], [1, 1, 0]], "i32"), 2),
    *calls("dynamic_partition", X(0, 3), V([], "i32"), 2),
    *fails("dynamic_partition", X(3), V([0, 1, 2], "i32"), 2),
    *calls("dynamic_stitch", [V([0, 2], "i32"), V([1, 3, 4], "i32")], [X(2, 3), X(3, 3)], over=("f32", "i32")),
    *calls("dynamic_stitch", [V(5, "i32"), V([1, 3], "i32")], [X(2), X(2, 2)]),
    *calls("dynamic_stitch", [V([0, 1], "i32"), V([1, 0], "i32")], [X(2), X(2)]),
    *fails("dynamic_stitch", [V([0, 2], "i32")], [X(3)]),
]

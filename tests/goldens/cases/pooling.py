"""Pooling of 1-3 dimensions, with positions, and normalisations over neighbourhoods."""

from goldens.spec import FLOATS, WIDE, T, X, calls, fails

IMAGE = X(2, 7, 6, 3, kind="distinct")
BOTH = "nn.max_pool2d nn.avg_pool2d"
SMOOTH = X(2, 7, 6, 3)

CASES = [
    *calls(BOTH, SMOOTH, 2, 2, "VALID", over=FLOATS),
    *calls(BOTH, SMOOTH, 3, 2, "SAME", over=WIDE),
    *calls(BOTH, SMOOTH, [2, 3], [1, 2], "SAME", over=WIDE),
    *calls(BOTH, SMOOTH, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"),
    *calls("nn.max_pool nn.avg_pool", SMOOTH, 2, 2, "SAME", over=WIDE),
    *calls("nn.max_pool nn.avg_pool", X(2, 8, 3), 3, 2, "SAME"),
    *calls("nn.max_pool nn.avg_pool", X(2, 4, 5, 6, 2), 2, 2, "VALID"),
    *calls("nn.max_pool2d", SMOOTH, 2, 1, [[0, 0], [1, 1], [0, 1], [0, 0]]),
    *calls("nn.max_pool1d nn.avg_pool1d", X(2, 8, 3), 3, 2, "SAME", over=WIDE),
    *calls("nn.max_pool1d nn.avg_pool1d", X(2, 8, 3), 2, 1, "VALID", over=WIDE),
    *calls("nn.max_pool3d nn.avg_pool3d", X(2, 4, 5, 6, 2), [2, 2, 3], [1, 2, 2], "VALID"),
    *calls("nn.max_pool3d nn.avg_pool3d", X(2, 4, 5, 6, 2), 3, 2, "SAME"),
    *calls(BOTH, X(0, 4, 4, 2), 2, 2, "VALID"),
    *calls("nn.max_pool2d", X(2, 5, 4, 2, dtype="i32"), 2, 2, "VALID"),
    *calls("nn.max_pool_with_argmax", IMAGE, 2, 2, "VALID", over=WIDE),
    *calls("nn.max_pool_with_argmax", IMAGE, 3, 2, "SAME", output_dtype=T("int32"), include_batch_in_index=True),
    *calls("nn.pool", SMOOTH, [2, 3], "MAX", padding="SAME", over=WIDE),
    *calls("nn.pool", SMOOTH, [2, 3], "AVG", strides=[2, 1], over=WIDE),
    *calls("nn.pool", SMOOTH, [2, 2], "AVG", dilations=[2, 2]),
    *calls("nn.pool", X(2, 8, 3), [3], "MAX", dilations=[2]),
    *fails(BOTH, SMOOTH, 2, 2, "FULL"),
    *fails(BOTH, X(7, 6, 3), 2, 2, "SAME"),
    *fails("nn.max_pool nn.avg_pool", X(7, 6), 2, 2, "SAME"),
    *fails(BOTH, SMOOTH, 0, 1, "SAME"),
    *fails(BOTH, SMOOTH, 9, 1, "VALID"),
    *fails("nn.pool", SMOOTH, [2, 2], "MEAN"),
    *calls("nn.local_response_normalization nn.lrn", X(2, 3, 4, 6)),
    *calls("nn.lrn", X(2, 3, 4, 6), depth_radius=1, bias=2.0, alpha=0.5, beta=0.7),
]

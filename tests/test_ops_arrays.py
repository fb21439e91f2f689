"""Array ops where no golden says it all: static values, what compiled programs do out of range, empty and odd inputs.

Values, shapes, gradients and errors of single calls are in `goldens/cases/arrays.py`, `indexing.py` and `segments.py`.
"""

import ml_dtypes
import numpy as np
import pytest

import thalweg as tf

v1 = tf.compat.v1
NAN, INF = float("nan"), float("inf")
MATRIX = np.arange(12.0, dtype=np.float32).reshape(3, 4)


def placeholder(shape, dtype=tf.float32):
    return v1.placeholder(dtype, shape)


def gradient(function, *arrays):
    sources = [tf.constant(a) for a in arrays]
    with tf.GradientTape() as tape:
        for s in sources:
            tape.watch(s)
        y = function(*sources)
    return tape.gradient(y, sources)


# -- what is known of symbolic values ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "known"),
    [
        (lambda x: tf.reshape(x, [tf.shape(x)[0], 12]), [None, 12]),
        (lambda x: tf.reshape(x, tf.concat([tf.shape(x)[:1], [-1]], 0)), [None, None]),
        (lambda x: tf.reshape(x, [-1, tf.reduce_prod(tf.shape(x)[1:])]), [None, 12]),
        (lambda x: tf.zeros([tf.shape(x)[1] * 2, tf.shape(x)[2] // 3 + 1]), [6, 2]),
        (lambda x: tf.zeros(tf.shape(x)[::-1]), [4, 3, None]),
        (lambda x: tf.zeros(tf.stack([2, tf.shape(x)[0], tf.maximum(tf.shape(x)[1], 5)])), [2, None, 5]),
        (lambda x: tf.zeros(tf.gather(tf.shape(x), [2, 0])), [4, None]),
        (lambda x: tf.zeros(tf.unstack(tf.shape(x))[1:]), [3, 4]),
        (lambda x: tf.zeros(tf.cast(tf.cast(tf.shape(x), tf.int64), tf.int32)), [None, 3, 4]),
        (lambda x: tf.zeros(tf.where(tf.equal(tf.shape(x)[1:], 3), 7, 8)), [7, 8]),
        (lambda x: tf.zeros(tf.reshape(tf.shape(x), [-1])[1:]), [3, 4]),
        (lambda x: tf.range(tf.shape(x)[1]), [3]),
        (lambda x: tf.range(tf.shape(x)[0]), [None]),
        (lambda x: tf.tile(x, [2, 1, tf.shape(x)[1]]), [None, 3, 12]),
        (lambda x: tf.broadcast_to(x[:, :1, :1], tf.shape(x)), [None, 3, 4]),
        (lambda x: tf.one_hot(tf.zeros([2], tf.int32), tf.size(x[0])), [2, 12]),
        (lambda x: tf.slice(x, [0, 1, 0], [-1, tf.rank(x) - 1, 2]), [None, 2, 2]),
        (lambda x: tf.transpose(x, tf.range(tf.rank(x))[::-1]), [4, 3, None]),
        (lambda x: tf.split(x, [1, tf.shape(x)[1] - 1], axis=1)[1], [None, 2, 4]),
        (lambda x: tf.pad(x, [[0, 0], [tf.shape(x)[2], 0], [0, 1]]), [None, 7, 5]),
    ],
)
def test_static_shapes_follow_shape_arithmetic(make, known):
    with tf.Graph().as_default():
        assert make(placeholder([None, 3, 4])).shape.as_list() == known


def test_get_static_value():
    with tf.Graph().as_default():
        x = placeholder([None, 3])
        assert tf.get_static_value(x) is None
        assert tf.get_static_value(tf.shape(x)) is None
        assert tf.get_static_value(tf.shape(x), partial=True).tolist() == [None, 3]
        assert tf.get_static_value(tf.shape(x)[1] + 1) == 4
        assert tf.get_static_value(tf.constant([1.5, NAN])).tolist()[0] == 1.5
        assert tf.get_static_value(v1.placeholder_with_default(3, [])) is None
    assert tf.get_static_value(tf.constant([1, 2])).tolist() == [1, 2]
    assert tf.get_static_value([1, 2]) == [1, 2]


def test_a_long_chain_of_sizes_ends():
    with tf.Graph().as_default():
        n = tf.shape(placeholder([None]))[0]
        for _ in range(500):
            n = n + 1
        assert tf.zeros([n]).shape.as_list() == [None]


def test_names_are_tensorflows():
    with tf.Graph().as_default() as graph:
        x = placeholder([None, 3])
        tf.reshape(x[0], [tf.shape(x)[1], 1])
        names = [op.name for op in graph.get_operations()]
    assert names[1:5] == ["strided_slice/stack", "strided_slice/stack_1", "strided_slice/stack_2", "strided_slice"]
    assert "Reshape/shape" in names and "Reshape" in names


# -- out of range ------------------------------------------------------------------------------------------------------


def compiled(function, *arrays):
    return tf.function(function, jit_compile=True)(*[tf.constant(a) for a in arrays]).numpy()


def test_eager_gathers_name_the_bad_index():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = 7 is not in \[0, 3\)"):
        tf.gather(MATRIX, [0, 7])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = \[0, 9\]"):
        tf.gather_nd(MATRIX, [[0, 1], [0, 9]])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"segment_ids\[2\] = 3 is not in \[0, 3\)"):
        tf.math.unsorted_segment_sum([1, 2, 3], [0, -1, 3], 3)


def test_compiled_gathers_give_zeros_out_of_range():
    y = compiled(lambda x, i: tf.gather(x, i), MATRIX, np.int32([1, 7, -1]))
    np.testing.assert_array_equal(y, [MATRIX[1], np.zeros(4), np.zeros(4)])
    y = compiled(lambda x, i: tf.gather(x, i, axis=1, batch_dims=1), MATRIX, np.int32([[3], [4], [-1]]))
    np.testing.assert_array_equal(y, [[3], [0], [0]])
    y = compiled(lambda x, i: tf.gather_nd(x, i), MATRIX, np.int32([[0, 1], [0, 9]]))
    np.testing.assert_array_equal(y, [1, 0])


def test_compiled_scatters_leave_out_what_is_out_of_range():
    y = compiled(lambda i: tf.scatter_nd(i, [1.0, 2.0, 3.0], [3]), np.int32([[0], [5], [-1]]))
    np.testing.assert_array_equal(y, [1, 0, 0])
    y = compiled(lambda i: tf.math.unsorted_segment_sum([1, 2, 3], i, 2), np.int32([0, 5, -1]))
    np.testing.assert_array_equal(y, [1, 0])
    ignored = tf.scatter_nd([[0], [5]], [1, 2], [2], bad_indices_policy="IGNORE")
    np.testing.assert_array_equal(ignored, [1, 0])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", "uint32"])
def test_compiled_casts_wrap_as_eager_ones(dtype):
    values = np.array([NAN, INF, -INF, 3e9, -3e9, 300.7, -1.5, -0.9, 2.0**31], np.float64)
    if dtype == "uint32":
        values = values[values > -(2**31)]  # what is further below zero, and NaN, differs between processors
    y = compiled(lambda x: tf.cast(x, dtype), values)
    np.testing.assert_array_equal(y, tf.cast(tf.constant(values), dtype))


# -- gradients as rows -------------------------------------------------------------------------------------------------


def test_gather_gives_rows_and_they_add_up():
    (g,) = gradient(lambda x: tf.gather(x, [2, 0, 2]), MATRIX)
    assert isinstance(g, tf.IndexedSlices)
    assert g.dense_shape.numpy().tolist() == [3, 4] and g.values.shape == (3, 4)
    np.testing.assert_array_equal(tf.convert_to_tensor(g), np.array([1, 0, 2])[:, None] * np.ones(4))
    (g,) = gradient(lambda x: [tf.gather(x, [2, 0]), tf.gather(x, 1)], MATRIX)
    np.testing.assert_array_equal(tf.convert_to_tensor(g), np.ones((3, 4)))
    (g,) = gradient(lambda x: [tf.gather(x, [2, 0]), x], MATRIX)
    np.testing.assert_array_equal(g, [[2.0] * 4, [1.0] * 4, [2.0] * 4])


def test_gather_of_nothing_has_a_gradient():
    (g,) = gradient(lambda x: tf.gather(x, tf.zeros([0], tf.int32)), MATRIX)
    np.testing.assert_array_equal(tf.convert_to_tensor(g), np.zeros((3, 4)))


@pytest.mark.parametrize("shape", [None, [None, None]])
def test_gradients_where_shapes_are_unknown(shape):
    functions = [
        lambda x: tf.sort(x, axis=0), lambda x: tf.math.top_k(x, 2).values, lambda x: tf.concat([x, x], -1),
        lambda x: tf.math.segment_mean(x, [0, 0, 1]), lambda x: tf.math.unsorted_segment_sqrt_n(x, [1, 0, 1], 2),
        lambda x: tf.gather(x, [1, 1], axis=-1), lambda x: tf.boolean_mask(x, [True, False, True]), lambda x: x[1:, ::-2],
        lambda x: tf.pad(x, [[1, 0], [0, 2]], "REFLECT"), lambda x: tf.tile(x, [2, 3]), lambda x: tf.expand_dims(x, 1),
        lambda x: tf.linalg.band_part(x, 0, 1), lambda x: tf.roll(x, 2, 1),
    ]  # fmt: skip
    for f in functions:
        with tf.Graph().as_default(), v1.Session() as session:
            x = placeholder(shape)
            (g,) = tf.gradients(tf.square(f(x)), x)
            actual = session.run(tf.convert_to_tensor(g), {x: MATRIX})
        (expected,) = gradient(lambda x, f=f: tf.square(f(x)), MATRIX)
        np.testing.assert_allclose(actual, tf.convert_to_tensor(expected))


def test_prevent_gradient_and_stop_gradient():
    assert gradient(lambda x: tf.stop_gradient(x) * 2.0, 1.0) == [None]
    assert gradient(lambda x: x * tf.stop_gradient(x), 3.0)[0].numpy() == 3.0


# -- order -------------------------------------------------------------------------------------------------------------


def test_nan_is_last_ascending_and_first_descending():
    x = [2.0, NAN, -INF, 1.0]
    np.testing.assert_array_equal(tf.sort(x), [-INF, 1, 2, NAN])
    np.testing.assert_array_equal(tf.sort(x, direction="DESCENDING"), [NAN, 2, 1, -INF])
    np.testing.assert_array_equal(tf.argsort(x), [2, 3, 0, 1])
    np.testing.assert_array_equal(tf.argsort(x, direction="DESCENDING"), [1, 0, 3, 2])


def test_equal_elements_keep_their_order_both_ways():
    x = np.int32([1, 2, 1, 2, 1])
    np.testing.assert_array_equal(tf.argsort(x), [0, 2, 4, 1, 3])
    np.testing.assert_array_equal(tf.argsort(x, direction="DESCENDING"), [1, 3, 0, 2, 4])
    np.testing.assert_array_equal(tf.math.top_k(x, 3).indices, [1, 3, 0])
    np.testing.assert_array_equal(compiled(lambda x: tf.math.top_k(x, 3).indices, x), [1, 3, 0])
    np.testing.assert_array_equal(compiled(lambda x: tf.argsort(x, direction="DESCENDING"), x), [1, 3, 0, 2, 4])


def test_smallest_integers_sort():
    for dtype in (np.int8, np.uint8, np.int64):
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        np.testing.assert_array_equal(tf.sort(np.array([high, low, 3], dtype), direction="DESCENDING"), [high, 3, low])


def test_nan_is_left_out_of_extremes_of_segments():
    for run in (lambda f, x: f(tf.constant(x)).numpy(), compiled):
        np.testing.assert_array_equal(run(lambda x: tf.math.unsorted_segment_max(x, [0, 0], 1), np.float32([NAN, 1])), [1])
        np.testing.assert_array_equal(run(lambda x: tf.math.segment_min(x, [0, 0]), np.float32([NAN, 1])), [1])


# -- odd inputs --------------------------------------------------------------------------------------------------------


def test_empty_tensors():
    assert tf.reshape(tf.zeros([0]), [-1, 0]).shape == (1, 0)
    assert tf.reshape(tf.zeros([0, 3]), [-1, 3]).shape == (0, 3)
    assert tf.split(tf.zeros([0, 4]), 2, axis=1)[0].shape == (0, 2)
    assert tf.unstack(tf.zeros([2, 0]), axis=1) == []
    assert tf.math.segment_sum(tf.zeros([0, 2]), tf.zeros([0], tf.int32)).shape == (0, 2)
    assert tf.reverse(tf.zeros([0, 2]), [0]).shape == (0, 2)
    assert tf.scatter_nd(tf.zeros([0, 1], tf.int32), tf.zeros([0, 2]), [3, 2]).numpy().sum() == 0
    assert tf.where(tf.zeros([0, 3], tf.bool)).shape == (0, 2)
    assert tf.stack([]).shape == (0,)


def test_strings_move_as_they_are():
    x = tf.constant([["a", "bc"], ["", "d"]])
    assert tf.transpose(x).numpy().tolist() == [[b"a", b""], [b"bc", b"d"]]
    assert tf.pad(x, [[0, 0], [1, 0]]).numpy().tolist() == [[b"", b"a", b"bc"], [b"", b"", b"d"]]
    assert x[0, 1].numpy() == b"bc"
    assert tf.gather(x, [1]).numpy().tolist() == [[b"", b"d"]]
    assert tf.unique(tf.constant(["b", "a", "b"])).y.numpy().tolist() == [b"b", b"a"]
    assert tf.repeat(["a", "b"], [0, 2]).numpy().tolist() == [b"b", b"b"]
    assert tf.one_hot([1], 2, "on", "off").numpy().tolist() == [[b"off", b"on"]]
    assert tf.dynamic_stitch([[2], [0]], [["z"], ["a"]]).numpy().tolist() == [b"a", b"", b"z"]


def test_bfloat16_keeps_its_dtype():
    x = tf.constant(np.array([[1, 2], [3, 4]], ml_dtypes.bfloat16))
    for y in (tf.pad(x, [[1, 1], [0, 0]]), tf.gather(x, [0]), tf.math.segment_sum(x, [0, 0]), tf.sort(x), tf.tile(x, [2, 1])):
        assert y.dtype == tf.bfloat16
    assert gradient(lambda x: tf.gather(x, [0], axis=1), x.numpy())[0].dtype == tf.bfloat16


def test_lists_that_hold_tensors_are_packed():
    one = tf.constant(1.0)
    np.testing.assert_array_equal(tf.convert_to_tensor([one, 2, [3.0][0]]), [1, 2, 3])
    np.testing.assert_array_equal(tf.convert_to_tensor([[one, 2.0], [3.0, one]]), [[1, 2], [3, 1]])
    assert gradient(lambda x: tf.convert_to_tensor([x, 2.0 * x]), 1.0)[0].numpy() == 3.0


def test_slices_share_nothing_that_can_be_written():
    x = tf.constant([1.0, 2.0, 3.0])
    view = x[1:].numpy()
    view[0] = 9
    assert x.numpy().tolist() == [1, 2, 3]


def test_slices_of_variables_can_be_assigned():
    v = tf.Variable(MATRIX)
    v[1:, ::2].assign([[-1.0, -2.0], [-3.0, -4.0]])
    expected = MATRIX.copy()
    expected[1:, ::2] = [[-1, -2], [-3, -4]]
    np.testing.assert_array_equal(v, expected)


def test_diagonals_come_back():
    for align in ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"):
        x = np.arange(1.0, 21.0).reshape(4, 5)
        stored = tf.linalg.diag_part(x, k=(-2, 3), align=align, padding_value=-1.0)
        np.testing.assert_array_equal(tf.linalg.set_diag(np.zeros((4, 5)), stored, k=(-2, 3), align=align),
                                      np.triu(np.tril(x, 3), -2))  # fmt: skip


def test_space_and_batch_undo_each_other():
    x = np.arange(2 * 4 * 6 * 3).reshape(2, 4, 6, 3)
    np.testing.assert_array_equal(tf.nn.depth_to_space(tf.nn.space_to_depth(x, 2), 2), x)
    for pads in ([[0, 0], [0, 0]], [[1, 1], [2, 1]]):
        there = tf.space_to_batch(x, [2, 3], pads)
        np.testing.assert_array_equal(tf.batch_to_space(there, [2, 3], pads), x)
    channels_first = np.moveaxis(x, -1, 1)
    y = tf.nn.space_to_depth(channels_first, 2, data_format="NCHW")
    np.testing.assert_array_equal(tf.nn.depth_to_space(y, 2, data_format="NCHW"), channels_first)


def test_partition_and_stitch_undo_each_other():
    x, parts = np.random.default_rng(0).normal(size=(6, 2)), np.int32([2, 0, 1, 1, 0, 2])
    places = tf.dynamic_partition(np.arange(6), parts, 3)
    np.testing.assert_array_equal(tf.dynamic_stitch(places, tf.dynamic_partition(x, parts, 3)), x)


def test_old_spellings():
    assert tf.compat.v1.constant([1, 2], shape=[2, 2]).numpy().tolist() == [[1, 2], [2, 2]]
    assert v1.pack([[1], [2]]).shape == (2, 1) and len(v1.unpack(tf.constant([1, 2]))) == 2
    with pytest.raises(ValueError, match="Cannot specify both 'squeeze_dims' and 'axis'"):
        v1.squeeze([[1]], axis=0, squeeze_dims=0)
    assert tf.batch_gather(tf.constant([[1, 2], [3, 4]]), [[1], [0]]).numpy().tolist() == [[2], [3]]

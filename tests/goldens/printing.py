"""Things people print, as functions of the library: `repr` and `str` of each are recorded in `data/printing.json`."""

DTYPES = (
    "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "bool", "complex64", "complex128",
)  # fmt: skip


def _in_graph(build):
    def run(tf):
        with tf.Graph().as_default():
            return build(tf, tf.compat.v1)

    return run


def _of_dtype(name):
    return {
        f"vector {name}": lambda tf: tf.cast(tf.constant([0.0, 1.0, 2.0]), name),
        f"scalar {name}": lambda tf: tf.cast(tf.constant(1.0), name),
        f"dtype {name}": lambda tf: getattr(tf, name),
    }


PRINTED = {
    **{key: make for name in DTYPES for key, make in _of_dtype(name).items()},
    # -- eager tensors -------------------------------------------------------------------------------------------------
    "string scalar": lambda tf: tf.constant("abc"),
    "string vector": lambda tf: tf.constant(["a", "bc", ""]),
    "string bytes": lambda tf: tf.constant(b"\x00\xff'\""),
    "string unicode": lambda tf: tf.constant("naïve"),
    "dtype string": lambda tf: tf.string,
    "float scalar": lambda tf: tf.constant(3.14159265),
    "float whole": lambda tf: tf.constant(2.0),
    "float small": lambda tf: tf.constant([1e-10, 1.0]),
    "float large": lambda tf: tf.constant([1e10, 1.0, -3.5]),
    "float special": lambda tf: tf.constant([float("nan"), float("inf"), -float("inf")]),
    "nan scalar": lambda tf: tf.constant(float("nan")),
    "double scalar": lambda tf: tf.constant(3.14159265358979, tf.float64),
    "half values": lambda tf: tf.constant([0.1, 2.5, 1000.0], tf.float16),
    "bfloat16 values": lambda tf: tf.constant([0.1, 2.5, 1000.0], tf.bfloat16),
    "complex values": lambda tf: tf.constant([1.5 + 2j, -1j], tf.complex64),
    "negative ints": lambda tf: tf.constant([-1, 200, 3]),
    "matrix": lambda tf: tf.constant([[1.0, 2.5], [-3.0, 4.0]]),
    "cube": lambda tf: tf.reshape(tf.range(24), [2, 3, 4]),
    "int matrix": lambda tf: tf.constant([[1, 2], [3, 4]]),
    "bool matrix": lambda tf: tf.constant([[True, False], [False, True]]),
    "long vector": lambda tf: tf.range(2000),
    "long floats": lambda tf: tf.range(2000.0),
    "big matrix": lambda tf: tf.zeros([100, 200]),
    "empty": lambda tf: tf.constant([], tf.float32),
    "empty matrix": lambda tf: tf.zeros([0, 3]),
    "empty columns": lambda tf: tf.zeros([2, 0], tf.int32),
    "empty string": lambda tf: tf.constant([], tf.string),
    "one element": lambda tf: tf.constant([[5]]),
    "format f": lambda tf: f"{tf.constant(1.5)}",
    "format spec": lambda tf: f"{tf.constant(1.5):.3f}",
    "format vector": lambda tf: f"{tf.constant([1, 2])}",
    "list of tensors": lambda tf: [tf.constant(1), tf.constant(2.5)],
    "numpy scalar": lambda tf: tf.constant(2.5).numpy(),
    "numpy vector": lambda tf: tf.constant([1, 2]).numpy(),
    # -- symbolic tensors and operations -------------------------------------------------------------------------------
    "placeholder": _in_graph(lambda tf, v1: v1.placeholder(tf.float32, [None, 3], "x")),
    "placeholder unknown": _in_graph(lambda tf, v1: v1.placeholder(tf.float32, name="x")),
    "placeholder scalar": _in_graph(lambda tf, v1: v1.placeholder(tf.int32, [], name="x")),
    "placeholder unnamed": _in_graph(lambda tf, v1: v1.placeholder(tf.string, [2])),
    "symbolic add": _in_graph(lambda tf, v1: tf.add(tf.constant([1.0]), 2.0, name="total")),
    "symbolic operator": _in_graph(lambda tf, v1: tf.constant([1, 2]) + 3),
    "symbolic second": _in_graph(lambda tf, v1: [tf.constant(1), tf.constant(2)]),
    "symbolic matmul": _in_graph(lambda tf, v1: tf.matmul(tf.zeros([2, 3]), tf.zeros([3, 4]))),
    "symbolic split": _in_graph(lambda tf, v1: tf.split(tf.zeros([4, 2]), 2)),
    "symbolic scope": _in_graph(lambda tf, v1: _scoped(tf, v1)),
    "operation": _in_graph(lambda tf, v1: v1.placeholder(tf.float32, [2], "x").op),
    "operation add": _in_graph(lambda tf, v1: tf.add(tf.constant(1.0, name="a"), tf.constant(2.0, name="b"), name="c").op),
    "no_op": _in_graph(lambda tf, v1: tf.no_op()),
    "group": _in_graph(lambda tf, v1: tf.group(tf.constant(1.0).op, name="both")),
    # -- shapes, dtypes, specs -----------------------------------------------------------------------------------------
    "shape": lambda tf: tf.TensorShape([2, 3]),
    "shape partial": lambda tf: tf.TensorShape([None, 3]),
    "shape scalar": lambda tf: tf.TensorShape([]),
    "shape one": lambda tf: tf.TensorShape([5]),
    "shape unknown": lambda tf: tf.TensorShape(None),
    "shape of tensor": lambda tf: tf.zeros([2, 3]).shape,
    "shape item": lambda tf: tf.TensorShape([2, None])[1],
    "shape slice": lambda tf: tf.TensorShape([2, None, 4])[1:],
    "shape sum": lambda tf: tf.TensorShape([2]) + [3, None],
    "shape merged": lambda tf: tf.TensorShape([None, 3]).merge_with([2, None]),
    "dimension": lambda tf: tf.compat.v1.Dimension(3),
    "dimension unknown": lambda tf: tf.compat.v1.Dimension(None),
    "spec": lambda tf: tf.TensorSpec([None, 3], tf.float32, "x"),
    "spec unnamed": lambda tf: tf.TensorSpec([2], tf.int32),
    "spec unknown": lambda tf: tf.TensorSpec(None, tf.string),
    "spec of tensor": lambda tf: tf.TensorSpec.from_tensor(tf.zeros([2, 3])),
    # -- variables and slices ------------------------------------------------------------------------------------------
    "variable": lambda tf: tf.Variable([1.0, 2.0], name="w"),
    "variable unnamed": lambda tf: tf.Variable(3),
    "variable matrix": lambda tf: tf.Variable([[1, 2], [3, 4]], name="m", dtype=tf.int64),
    "variable string": lambda tf: tf.Variable("a"),
    "variable untrainable": lambda tf: tf.Variable(1.5, trainable=False),
    "variable v1": _in_graph(lambda tf, v1: v1.get_variable("w", [2, 3], use_resource=False)),
    "slices": lambda tf: tf.IndexedSlices(tf.zeros([2, 3]), tf.constant([0, 4])),
    "slices dense shape": lambda tf: tf.IndexedSlices(tf.zeros([2, 3]), tf.constant([0, 4]), tf.constant([5, 3])),
    "sparse": lambda tf: tf.SparseTensor([[0, 1]], [2.5], [2, 2]),
    "slices symbolic": _in_graph(lambda tf, v1: tf.IndexedSlices(tf.zeros([2, 3]), tf.constant([0, 4]))),
}


def _scoped(tf, v1):
    with tf.name_scope("outer"), tf.name_scope("inner"):
        return [tf.constant(1.0, name="x"), tf.identity(tf.constant(2.0, name="x"))]


# `str` of an operation is its node's protobuf text; `repr` of slices holds an address.
REPR_ONLY = {"operation", "operation add", "no_op", "group"}
STR_ONLY = {"slices", "slices dense shape", "slices symbolic"}


def printed(tf, name):
    """`[repr, str]` of one entry, `None` for what is not compared."""
    value = PRINTED[name](tf)
    return [None if name in STR_ONLY else repr(value), None if name in REPR_ONLY else str(value)]

"""What one case does on a library: the same observations of TensorFlow (recording) and of Thalweg (testing).

`tf` is the library, passed in. An observation is a list of leaves (NumPy arrays; text for what is no tensor) or a
`Raised`.
"""

import operator
from dataclasses import dataclass

import numpy as np

from goldens.spec import DTYPES, SHORT, N, Named, S, T, V, W, X, fill

PLACED = {"known": lambda shape: list(shape), "batch": lambda shape: [None, *shape[1:]], "unknown": lambda shape: None}


@dataclass(frozen=True)
class Raised:
    name: str
    message: str = ""


@dataclass(frozen=True)
class Text:
    """A leaf that is no tensor: `None`, a shape, a number."""

    text: str


@dataclass(frozen=True)
class Slices:
    """A gradient that came as IndexedSlices, made dense."""

    dense: np.ndarray


def attempt(function, *args):
    """The result, or the error as `Raised`: every error is an observation here."""
    try:
        return function(*args)
    except Exception as error:
        return Raised(type(error).__name__.lstrip("_"), str(error)[:300])


def find(tf, name):
    """`tf.nn.relu` from `nn.relu`, Python's own operator from `operator.add`; AttributeError if a part is missing."""
    if name.startswith("operator."):
        return getattr(operator, name.removeprefix("operator."))
    for part in name.split("."):
        tf = getattr(tf, part)
    return tf


# -- eager -------------------------------------------------------------------------------------------------------------


def inputs(case):
    """Arrays of the case's tensor inputs, by position."""
    arrays = {}

    def make(leaf, position):
        if isinstance(leaf, (X, V)):
            arrays[position] = leaf.array(case.dtype, case.seed(position))

    fill(case, make)
    return arrays


def _literal(tf, case, leaf):
    if isinstance(leaf, T):
        return leaf.resolve(tf, case.dtype)
    if isinstance(leaf, Named):
        return find(tf, leaf.name)
    if isinstance(leaf, N):
        return leaf.array(case.dtype, 0)
    if isinstance(leaf, S):
        values = np.array(leaf.values, DTYPES[leaf.dtype or case.dtype])
        return tf.SparseTensor(np.array(leaf.indices, np.int64), values, np.array(leaf.shape, np.int64))
    return None


def call_eagerly(tf, case, tensors):
    """The function called on eager tensors by position (`tensors`)."""
    args, kwargs = fill(case, lambda leaf, i: tensors[i] if i in tensors else _literal(tf, case, leaf))
    return find(tf, case.fn)(*args, **kwargs)


def eager_tensors(tf, case):
    leaves = _leaves(case)
    return {
        i: tf.Variable(array) if isinstance(leaves[i], W) else tf.constant(array)
        for i, array in inputs(case).items() if not isinstance(leaves[i], N)
    }  # fmt: skip


def _leaves(case):
    found = {}
    fill(case, lambda leaf, i: found.setdefault(i, leaf))
    return found


def eager(tf, case):
    return [_to_numpy(leaf) for leaf in flatten(call_eagerly(tf, case, eager_tensors(tf, case)))]


def _to_numpy(leaf):
    return leaf if isinstance(leaf, Text) else np.asarray(leaf.numpy())


def flatten(result):
    """The leaves of a result: tensors, operations, and `Text` for anything else."""
    if isinstance(result, (list, tuple)):
        return [leaf for part in result for leaf in flatten(part)]
    if isinstance(result, dict):
        return [leaf for key in sorted(result) for leaf in flatten(result[key])]
    if hasattr(result, "dense_shape") and hasattr(result, "indices"):
        return [result.indices, result.values] + ([result.dense_shape] if result.dense_shape is not None else [])
    if hasattr(result, "dtype") and hasattr(result, "shape") and hasattr(result, "numpy"):
        return [result]
    if hasattr(result, "graph") and hasattr(result, "name"):
        return [result]
    return [Text(repr(result))]


def _is_tensor(leaf):
    return not isinstance(leaf, Text) and hasattr(leaf, "dtype")


# -- gradients -----------------------------------------------------------------------------------------------------------


def weights(shape, dtype):
    """The fixed weights of the sum that is differentiated."""
    values = 0.25 + (np.arange(int(np.prod(shape))) * 5 % 7) / 8.0
    return values.reshape(shape).astype(dtype)


def gradients(tf, case):
    """Gradients of the weighted sum of all inexact outputs to all inexact inputs, in order; `None` where none flows."""
    tensors = eager_tensors(tf, case)
    sources = [t for _, t in sorted(tensors.items()) if SHORT.get(np.dtype(t.dtype.as_numpy_dtype), "")[:1] in "fbc"]
    sources = [t for t in sources if t.dtype != tf.bool]
    with tf.GradientTape() as tape:
        for source in sources:
            tape.watch(source)
        outputs = [t for t in flatten(call_eagerly(tf, case, tensors)) if _is_tensor(t) and _inexact(t)]
    if not sources or not outputs:
        return []
    seeds = [tf.constant(weights(t.shape.as_list(), t.dtype.as_numpy_dtype)) for t in outputs]
    return [_dense(tf, g) for g in tape.gradient(outputs, sources, output_gradients=seeds)]


def _inexact(tensor):
    return tensor.dtype.is_floating or tensor.dtype.is_complex


def _dense(tf, gradient):
    if gradient is None:
        return Text("None")
    if hasattr(gradient, "indices"):
        return Slices(tf.convert_to_tensor(gradient).numpy())
    return gradient.numpy()


# -- graphs --------------------------------------------------------------------------------------------------------------


def _in_graph(tf, case, placed):
    """`(leaves, feeds)` of the case called in the current graph; fed inputs are placeholders as `placed` says."""
    arrays, feeds = inputs(case), {}

    def make(leaf, i):
        if i not in arrays or isinstance(leaf, N):
            return _literal(tf, case, leaf)
        array = arrays[i]
        if isinstance(leaf, W):
            return tf.Variable(array)
        if isinstance(leaf, V) and not leaf.fed:
            return tf.constant(array)
        shape = placed(array.shape) if array.ndim else []
        dtype = tf.string if array.dtype == object else tf.as_dtype(array.dtype)
        holder = tf.compat.v1.placeholder(dtype, shape)
        feeds[holder] = array
        return holder

    args, kwargs = fill(case, make)
    return flatten(find(tf, case.fn)(*args, **kwargs)), feeds


def static_shapes(tf, case, how):
    """The shapes a graph infers: `(2, ?)`, `?` for unknown rank, with placeholders of `how` known shapes."""
    with tf.Graph().as_default():
        leaves, _ = _in_graph(tf, case, PLACED[how])
        return [_shape_text(leaf) for leaf in leaves]


def _shape_text(leaf):
    if not _is_tensor(leaf):
        return "-"
    if leaf.shape.rank is None:
        return "?"
    return f"({','.join('?' if n is None else str(n) for n in leaf.shape.as_list())})"


def through_session(tf, case, how="known"):
    """As `eager`, the tensors fetched by `Session.run` from a graph whose inputs are fed, with `how` known shapes."""
    with tf.Graph().as_default() as graph:
        leaves, feeds = _in_graph(tf, case, PLACED[how])
        fetched = [leaf for leaf in leaves if not isinstance(leaf, Text)]
        with tf.compat.v1.Session(graph=graph) as session:
            if any(isinstance(leaf, W) for leaf in _leaves(case).values()):
                session.run(tf.compat.v1.global_variables_initializer())
            values = iter(session.run(fetched, feeds) if fetched else [])
        return [leaf if isinstance(leaf, Text) else _fetched(next(values)) for leaf in leaves]


def _fetched(value):
    return Text("None") if value is None else np.asarray(value)


def through_function(tf, case, jit=None):
    """As `eager`, through `tf.function` called with the fed inputs."""
    arrays, kinds = inputs(case), _leaves(case)
    variables = {i: tf.Variable(arrays[i]) for i in arrays if isinstance(kinds[i], W)}
    constants = {i for i in arrays if isinstance(kinds[i], V) and not kinds[i].fed}
    positions = [i for i in arrays if i not in variables and i not in constants]

    def body(*fed):
        held = dict(zip(positions, fed)) | variables
        for i in constants:
            if not isinstance(kinds[i], N):
                held[i] = tf.constant(arrays[i])
        leaves = flatten(call_eagerly(tf, case, held))
        return [leaf for leaf in leaves if not isinstance(leaf, Text)]

    options = {} if jit is None else {"jit_compile": jit}
    results = tf.function(body, autograph=False, **options)(*[tf.constant(arrays[i]) for i in positions])
    return [np.asarray(r.numpy()) for r in results if r is not None]

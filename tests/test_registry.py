"""Laws that every op record keeps, walked over the registry: none is written per op.

Exceptions are data, each with its reason. `op_samples.py` makes the inputs.
"""

import inspect

import numpy as np
import pytest

import thalweg as tf
from op_samples import OPS, example, examples, runs_alone
from thalweg.engine.autodiff.tape import GradientTape
from thalweg.engine.core import errors
from thalweg.engine.core.context import run_quietly
from thalweg.engine.core.dtypes import DType, as_dtype
from thalweg.engine.core.graph import Graph
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.execution.session import Session
from thalweg.engine.ops.state import placeholder_record
from thalweg.engine.xp import jax, jnp

_BY_ITS_FORWARD_OP = "takes what its forward op gave; called by that op's gradient, to second order"
NO_SAMPLES = {
    # Why a plain call cannot show what it does.
    "AvgPool3DGrad": _BY_ITS_FORWARD_OP,
    "AvgPoolGrad": _BY_ITS_FORWARD_OP,
    "Dilation2DBackpropFilter": _BY_ITS_FORWARD_OP,
    "Dilation2DBackpropInput": _BY_ITS_FORWARD_OP,
    "LRNGrad": _BY_ITS_FORWARD_OP,
    "MaxPool3DGrad": _BY_ITS_FORWARD_OP,
    "MaxPool3DGradGrad": _BY_ITS_FORWARD_OP,
    "MaxPoolGrad": _BY_ITS_FORWARD_OP,
    "MaxPoolGradGrad": _BY_ITS_FORWARD_OP,
    "Placeholder": "has a value in a session only",
    "PlaceholderWithDefault": "may be fed in a session only",
}
_IN_FLOAT32 = "float32 whatever comes in, so that the steps of this test are lost; goldens hold its gradient"
NOT_THE_DERIVATIVE = {
    "ResizeArea": _IN_FLOAT32,
    "ResizeAreaGrad": _IN_FLOAT32,
    "ResizeBicubic": _IN_FLOAT32,
    "ResizeBicubicGrad": _IN_FLOAT32,
    "ResizeBilinear": _IN_FLOAT32,
    "ResizeBilinearGrad": _IN_FLOAT32,
    "ResizeNearestNeighborGrad": _IN_FLOAT32,
    "ScaleAndTranslate": _IN_FLOAT32,
    "PreventGradient": "asking for its gradient is an error by design",
    "SoftmaxCrossEntropyWithLogits": "labels are taken to sum to one; its second output is for the gradient alone",
    "StatelessRandomGammaV3": "it follows a quantile of the distribution, not the sampler's jumps",
}
HERMITIAN_INPUT = {"Cholesky", "SelfAdjointEigV2"}  # they read one triangle: the input moves along symmetric directions
NOT_THE_COMPLEX_DERIVATIVE = {
    "Cumprod": "TensorFlow's rule does not conjugate",
    "MulNoNan": "TensorFlow's rule does not conjugate",
    "SelfAdjointEigV2": "the phase of an eigenvector is free",
    "Qr": "LAPACK's sign jumps between real matrices and complex ones beside them",
    "SegmentProd": "TensorFlow's rule does not conjugate",
    "Sign": "TensorFlow's gradient is zero, as for real numbers",
    "Svd": "the phase of singular vectors is free",
    "UnsortedSegmentProd": "TensorFlow's rule does not conjugate",
    "Xdivy": "TensorFlow's rule does not conjugate",
    "Xlog1py": "TensorFlow's rule does not conjugate",
    "Xlogy": "TensorFlow's rule does not conjugate",
}
SHAPE_FROM_VALUES = {
    "BroadcastGradientArgs": "as many axes as were broadcast",
}
RANK_FROM_SIZES = {
    "Equal": "a scalar if the shapes cannot broadcast and incompatible_shape_error is False",
    "GatherNd": "the last dimension of the indices says how many dimensions are taken",
    "NotEqual": "as Equal",
    "Squeeze": "without axes, dimensions of size one are dropped",
}
NOT_TWICE = {
    "Igamma": "IgammaGradA has no gradient, in TensorFlow neither",
    "Igammac": "IgammaGradA has no gradient, in TensorFlow neither",
    "Dilation2D": "Dilation2DBackpropInput and Dilation2DBackpropFilter have no gradient, in TensorFlow neither",
    "LRN": "LRNGrad has no gradient, in TensorFlow neither",
}
WITHOUT_GRADIENT = {
    # Inexact in and out, and no vjp: gradients stop here without a word, so each is a decision.
    "OneHot": "TensorFlow lets none through on_value and off_value",
    "OnesLike": "constant",
    "StatelessRandomPoisson": "draws whole numbers",
    "StopGradient": "that is its purpose",
    "ZerosLike": "constant",
    "CTCBeamSearchDecoder": "decodes; TensorFlow lets none through",
    "CTCGreedyDecoder": "decodes; TensorFlow lets none through",
    "EditDistance": "counts; TensorFlow lets none through",
    "StatelessSampleDistortedBoundingBox": "draws a box; TensorFlow lets none through",
}
REFUSE_GRADIENT = {
    # TensorFlow has none either, and says so: asking is a LookupError.
    "CombinedNonMaxSuppression", "DenseBincount", "Dilation2DBackpropFilter", "Dilation2DBackpropInput", "DrawBoundingBoxesV2",
    "IgammaGradA", "LRNGrad", "ListDiff", "Lu", "MatrixLogarithm", "Mod", "NonMaxSuppressionV3", "NonMaxSuppressionV5",
    "RandomGammaGrad", "StatelessShuffle", "TruncateMod", "Unique", "UniqueWithCounts",
}  # fmt: skip
SLOW_TO_COMPILE = {"StatelessRandomBinomial", "StatelessRandomPoisson"}  # loops in loops: in their usual dtype only
SECOND_KERNELS_AT_MOST = 12  # ops whose XLA kernel is written apart: each one is a copy to keep in step

ALONE = [name for name, op in OPS.items() if op.samples and runs_alone(op)]
COMPILED = [name for name in ALONE if not OPS[name].host]
DIFFERENTIABLE = [
    name for name in ALONE
    if OPS[name].vjp_function is not None and not OPS[name].refuses_gradient and name not in NOT_THE_DERIVATIVE
]  # fmt: skip

# NumPy against XLA: libraries of their own for elementary functions, sums in their own order.
NEAR = {"float16": 4e-3, "bfloat16": 3e-2, "float32": 4e-6, "complex64": 8e-6, "float64": 1e-11, "complex128": 1e-11}


# -- running -----------------------------------------------------------------------------------------------------------


def run_eagerly(case):
    tensors = [a if i in case.host else EagerTensor(a) for i, a in enumerate(case.arrays)]
    return as_list(case.op(*tensors, **case.attrs))


def as_list(y):
    return list(y) if isinstance(y, (tuple, list)) else [] if y is None else [y]


def run_kernel(kernel, xp, case):
    attrs = {**case.op.defaults, **case.attrs}
    out = run_quietly(kernel, xp, *case.arrays, **attrs)
    return list(out) if isinstance(out, (tuple, list)) else [out]


def known_shapes(case):
    return [a.tolist() if i in case.host else TensorShape(a.shape) for i, a in enumerate(case.arrays)]


def infer(case, shapes):
    return case.op.infer_shapes(shapes, {**case.op.defaults, **case.attrs})


def agree(actual, expected, case):
    what = case.label
    assert actual.dtype == expected.dtype, f"{what}: dtype {actual.dtype} against {expected.dtype}"
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape} against {expected.shape}"
    if as_dtype(expected.dtype).name not in NEAR:
        np.testing.assert_array_equal(actual, expected, what)
        return
    near = max(NEAR.get(as_dtype(a.dtype).name, 0.0) for a in (expected, *case.arrays))  # as exact as what went in
    wide = np.complex128 if np.iscomplexobj(expected) else np.float64
    a, e = np.asarray(actual).astype(wide), np.asarray(expected).astype(wide)
    size = np.max(np.abs(e), initial=0.0, where=np.isfinite(e))
    np.testing.assert_allclose(a, e, near, near * size, err_msg=what)


# -- records -----------------------------------------------------------------------------------------------------------


def test_every_op_has_samples_or_a_reason():
    bare = {name for name, op in OPS.items() if not op.samples and runs_alone(op) and not _reads_formats(op)}
    assert bare == set(NO_SAMPLES)


def _reads_formats(op):
    """An op of pictures', sounds' and other files' bytes: held against TensorFlow in tests of its own, and loaded late."""
    return op.kernel.__module__.startswith("thalweg.engine.formats.")


def test_second_kernels_are_few_and_say_why():
    second = {name: op.kernel_xla for name, op in OPS.items() if op.kernel_xla is not None}
    assert len(second) <= SECOND_KERNELS_AT_MOST, sorted(second)
    silent = [name for name, kernel in second.items() if not _says_why(kernel)]
    assert not silent, f"kernel_xla without a comment or docstring that gives its reason: {silent}"


def _says_why(kernel):
    lines, first = inspect.getsourcelines(kernel)
    above = inspect.getsource(inspect.getmodule(kernel)).splitlines()[max(0, first - 4) : first - 1]
    return any("#" in line or '"""' in line for line in [*above, *lines])


@pytest.mark.parametrize("name", ALONE)
def test_declared_dtypes_and_shapes_are_what_comes_out(name):
    for case in examples(OPS[name]):
        outputs = run_eagerly(case)
        declared = case.op.output_dtypes(case.letters, {**case.op.defaults, **case.attrs})
        assert [t.dtype.name for t in outputs] == [d.name for d in declared], case.label
        inferred = infer(case, known_shapes(case))
        for shape, t in zip(inferred, outputs, strict=True):
            assert shape.is_compatible_with(t.shape), f"{case.label}: {shape} declared, {t.shape} came"
            if not case.op.host and name not in SHAPE_FROM_VALUES:
                assert shape.is_fully_defined(), f"{case.label}: {shape} declared though all is known"


@pytest.mark.parametrize("name", ALONE)
def test_shape_rules_hold_for_partial_shapes(name):
    """Unknown leading dimension, unknown dimensions, unknown rank, unknown HOST values: never wrong, rank kept."""
    for case in examples(OPS[name], every_dtype=False):
        actual = [t.shape for t in run_eagerly(case)]
        full = known_shapes(case)
        for how in (_unknown_first, _unknown_sizes, _unknown_rank):
            shapes = [s if i in case.host else how(s) for i, s in enumerate(full)]
            for shape, truth in zip(infer(case, shapes), actual, strict=True):
                assert shape.is_compatible_with(truth), f"{case.label} {how.__name__}: {shape}, not {truth}"
                if how is _unknown_first and name not in RANK_FROM_SIZES:
                    assert shape.rank is not None, f"{case.label}: the rank is lost with an unknown first dimension"
        shapes = [None if i in case.host else s for i, s in enumerate(full)]
        for shape, truth in zip(infer(case, shapes), actual, strict=True):
            assert shape.is_compatible_with(truth), f"{case.label} unknown HOST inputs: {shape}, not {truth}"


def _unknown_first(shape):
    return TensorShape([None, *shape.as_list()[1:]]) if shape.rank else shape


def _unknown_sizes(shape):
    return TensorShape([None] * shape.rank)


def _unknown_rank(shape):
    return UNKNOWN


# -- the two ways to run -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALONE)
def test_a_graph_gives_the_eager_result(name):
    for case in examples(OPS[name], every_dtype=False):
        expected = run_eagerly(case)
        with Graph().as_default() as graph:
            holders = {
                i: placeholder_record(dtype=as_dtype(a.dtype), shape=TensorShape(a.shape))
                for i, a in enumerate(case.arrays) if i not in case.host
            }  # fmt: skip
            inputs = [holders.get(i, a) for i, a in enumerate(case.arrays)]
            outputs = as_list(case.op(*inputs, **case.attrs))
            with Session(graph=graph) as session:
                fetched = session.run(outputs, {t: case.arrays[i] for i, t in holders.items()})
        for value, t in zip(fetched, expected, strict=True):
            np.testing.assert_array_equal(np.asarray(value, t.numpy().dtype), t.numpy(), case.label)


@pytest.mark.parametrize("name", COMPILED)
def test_xla_gives_what_numpy_gives(name):
    """One compile an op: all its samples and dtypes in one program, and special values for elementwise ops."""
    op = OPS[name]
    cases = [*examples(op, every_dtype=name not in SLOW_TO_COMPILE), *_special(op)]
    cases = [case for case in cases if not any(a.dtype == object for a in case.arrays)]
    expected = [run_kernel(op.kernel, np, case) for case in cases]
    loose = [[a for i, a in enumerate(case.arrays) if i not in case.host] for case in cases]

    def program(arrays):
        results = []
        for case, given in zip(cases, arrays):
            given = iter(given)
            inputs = [a if i in case.host else next(given) for i, a in enumerate(case.arrays)]
            attrs = {**op.defaults, **case.attrs}
            out = (op.kernel_xla or op.kernel)(jnp(), *inputs, **attrs)
            results.append(list(out) if isinstance(out, (tuple, list)) else [out])
        return results

    # Without the backend's optimisations a program compiles in half the time.
    compiled = jax().jit(program, compiler_options={"xla_backend_optimization_level": 0})
    results = run_quietly(compiled, loose)
    for case, actual, wanted in zip(cases, results, expected):
        for a, e in zip(actual, wanted, strict=True):
            agree(np.asarray(a), np.asarray(e), case)


SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e4, -1e4])


def _special(op):
    """Special values for every input of an elementwise op, each against each."""
    if not op.elementwise or not op.samples:
        return
    count = len(op.samples[0].inputs)
    for dtype in op.allowed["T"]:
        kind = dtype.np_dtype.kind
        if not (dtype.is_floating or kind in "iu") or count > 2:
            continue
        values = SPECIAL if dtype.is_floating else _extremes(dtype.np_dtype)
        case = example(op, op.samples[0], 0, dtype)
        if case.letters.get("T") is not dtype or case.host:
            continue
        grids = np.meshgrid(*[values] * count, indexing="ij")
        with np.errstate(all="ignore"):
            case.arrays = [g.astype(a.dtype) for g, a in zip(grids, case.arrays)]
        case.label = f"{op.name} special values {dtype.name}"
        try:
            run_kernel(op.kernel, np, case)
        except (errors.InvalidArgumentError, ValueError):  # integer division by zero and such: only NumPy can raise
            continue
        yield case


def _extremes(dtype):
    info = np.iinfo(dtype)
    return np.array([info.min, info.max, 0, 1, 2, 7, *([-1, -3] if info.min else [3])])


@pytest.mark.parametrize("name", ALONE)
def test_inputs_are_left_as_they_were(name):
    """Inputs are read-only arrays: a kernel that writes raises. A result may view its input but not change it."""
    for case in examples(OPS[name], every_dtype=False):
        before = [a.copy() for a in case.arrays]
        run_kernel(case.op.kernel, np, case)
        for a, b in zip(case.arrays, before):
            np.testing.assert_array_equal(a, b, case.label)


# -- gradients ---------------------------------------------------------------------------------------------------------


def test_ops_that_stop_gradients_are_known():
    silent = {
        name for name in ALONE if OPS[name].vjp_function is None
        and any(inexact_positions(case) and call(case, {}) for case in examples(OPS[name], every_dtype=False))
    }  # fmt: skip
    assert silent == set(WITHOUT_GRADIENT) & set(ALONE)


def test_ops_that_refuse_a_gradient_are_known_and_say_so():
    assert {name for name, op in OPS.items() if op.refuses_gradient} == REFUSE_GRADIENT
    x = tf.constant([3.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.unique(x).y
    with pytest.raises(LookupError, match="No gradient defined for operation Unique"):
        tape.gradient(y, x)
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float32, [4])
        with pytest.raises(LookupError, match="No gradient defined for operation Unique"):
            tf.gradients(tf.unique(x)[0], x)


def differentiable_examples(op):
    """Samples in float64 (complex128 too where allowed), with at least one inexact input and output."""
    for number, sample in enumerate(op.samples):
        for dtype_name in ("float64",) if op.name in NOT_THE_COMPLEX_DERIVATIVE else ("float64", "complex128"):
            dtype = next((d for allowed in op.allowed.values() for d in allowed if d.name == dtype_name), None)
            if dtype is None:
                continue
            case = example(op, sample, number, dtype)
            if inexact_positions(case) and dtype in case.letters.values():
                yield case


def inexact_positions(case):
    return [i for i, a in enumerate(case.arrays) if i not in case.host and a.dtype.kind in "fc"]


def call(case, moved):
    """The inexact outputs of the case with the arrays `moved` (position -> tensor) in place of its own."""
    inputs = [a if i in case.host else moved.get(i, EagerTensor(a)) for i, a in enumerate(case.arrays)]
    return [y for y in as_list(case.op(*inputs, **case.attrs)) if y.dtype.is_floating or y.dtype.is_complex]


def directions(case, positions, rng):
    made = {}
    for i in positions:
        v = rng.standard_normal(case.arrays[i].shape)
        if case.arrays[i].dtype.kind == "c":
            v = v + 1j * rng.standard_normal(v.shape)
        if case.op.name in HERMITIAN_INPUT:
            v = v + np.conj(np.swapaxes(v, -1, -2))
        made[i] = np.asarray(v, case.arrays[i].dtype)
    return made


def inner(a, b):
    """The real inner product, in which complex gradients point uphill."""
    return float(np.sum(np.real(np.conj(a) * b)))


def seeded(outputs, rng):
    return [EagerTensor(np.asarray(rng.standard_normal(y.shape.as_list()), y.dtype.np_dtype)) for y in outputs]


def first_order(case, weights):
    """Position -> tensor of gradients of the weighted outputs, as a function of moved inputs."""

    def gradients(moved):
        positions = inexact_positions(case)
        sources = {i: moved.get(i) if i in moved else EagerTensor(case.arrays[i]) for i in positions}
        with GradientTape() as tape:
            tape.watch(list(sources.values()))
            outputs = call(case, sources)
        found = tape.gradient(outputs, list(sources.values()), output_gradients=weights)
        return {i: g for i, g in zip(positions, found) if g is not None}

    return gradients


def slope(function, case, direction, step=1e-6):
    """The derivative of a list of arrays along a direction, by a central difference of fourth order."""

    def at(t):
        moved = {i: EagerTensor(np.asarray(case.arrays[i] + t * v, case.arrays[i].dtype)) for i, v in direction.items()}
        return function(moved)

    near, far = (at(step), at(-step)), (at(2 * step), at(-2 * step))
    return [
        (8 * (a - b) - (c - d)) / (12 * step) for a, b, c, d in zip(near[0], near[1], far[0], far[1], strict=True)
    ]  # fmt: skip


def numpy_of(tensors):
    return [t.numpy() for t in tensors]


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradient_is_the_derivative(name):
    """<g, J v> by finite differences equals <vjp(g), v>, for random g and v."""
    rng = np.random.default_rng(7)
    for case in differentiable_examples(OPS[name]):
        outputs = call(case, {})
        if not outputs or not all(np.isfinite(y.numpy()).all() for y in outputs):
            continue
        weights = seeded(outputs, rng)
        gradients = first_order(case, weights)({})
        direction = directions(case, gradients, rng)
        changes = slope(lambda moved, case=case: numpy_of(call(case, moved)), case, direction, 1e-4)
        numeric = sum(inner(w.numpy(), c) for w, c in zip(weights, changes))
        ours = sum(inner(dense(gradients[i]), v) for i, v in direction.items())
        np.testing.assert_allclose(ours, numeric, 1e-6, 1e-7 * (1 + abs(numeric)), err_msg=case.label)


@pytest.mark.parametrize("name", [name for name in DIFFERENTIABLE if name not in NOT_TWICE])
def test_second_gradient_is_the_derivative_of_the_first(name):
    """The same for the gradient as a function of the inputs, in float64."""
    rng = np.random.default_rng(8)
    for case in differentiable_examples(OPS[name]):
        if "complex128" in {d.name for d in case.letters.values()}:
            continue
        outputs = call(case, {})
        weights = seeded(outputs, rng)
        gradients = first_order(case, weights)
        first = gradients({})
        if not first or not all(np.isfinite(y.numpy()).all() for y in outputs):
            continue
        again = {i: EagerTensor(np.asarray(rng.standard_normal(dense(g).shape))) for i, g in first.items()}
        sources = {i: EagerTensor(case.arrays[i]) for i in inexact_positions(case)}
        with GradientTape() as tape:
            tape.watch(list(sources.values()))
            inside = gradients(sources)
        targets = [as_tensor(inside[i]) for i in again]
        second = tape.gradient(targets, list(sources.values()), output_gradients=list(again.values()))
        second = {i: g for i, g in zip(sources, second) if g is not None}
        direction = directions(case, first, rng)
        changes = slope(
            lambda moved, gradients=gradients, again=again: [dense(gradients(moved)[i]) for i in again], case, direction, 1e-4
        )
        numeric = sum(inner(w.numpy(), c) for w, c in zip(again.values(), changes))
        ours = sum(inner(dense(second[i]), v) for i, v in direction.items() if i in second)
        np.testing.assert_allclose(ours, numeric, 1e-5, 1e-6 * (1 + abs(numeric)), err_msg=case.label)


def as_tensor(g):
    return g if isinstance(g, EagerTensor) else EagerTensor(dense(g))


def dense(g):
    return g.numpy() if hasattr(g, "numpy") else _dense_slices(g)


def _dense_slices(g):
    out = np.zeros(g.dense_shape.numpy(), g.values.numpy().dtype)
    np.add.at(out, g.indices.numpy(), g.values.numpy())
    return out


def test_dtypes_of_records_are_dtypes():
    for op in OPS.values():
        for letter, allowed in op.allowed.items():
            assert allowed and all(isinstance(d, DType) for d in allowed), f"{op.name} {letter}"

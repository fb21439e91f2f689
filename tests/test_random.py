"""Random numbers are TensorFlow's: the same programs, the same seeds, the same bits, on both engines."""

import numpy as np
import pytest

import thalweg as tf
from goldens.record_random import CASES, CLOSE, PATH, arrays
from thalweg.engine.core import errors
from thalweg.engine.ops import philox, random_discrete, random_floats, random_rejection, random_seed
from thalweg.engine.xp import jax, jnp

GOLDENS = np.load(PATH)
COMPILED = ("sessions", "graph_without_a_seed", "functions", "generator_in_a_function")


def check_case(name):
    drawn = list(arrays(CASES[name](tf)))
    recorded = [GOLDENS[f"{name}/{i}"] for i in range(sum(k.startswith(name + "/") for k in GOLDENS.files))]
    assert len(drawn) == len(recorded)
    for i, (a, b) in enumerate(zip(drawn, recorded)):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), f"result {i}"
        if name in CLOSE:
            # float64 log, sin, cos and pow of the two libraries: a few units in the last place.
            np.testing.assert_allclose(a, b, rtol=8 * np.finfo(b.dtype).eps, err_msg=f"result {i}")
        else:
            np.testing.assert_array_equal(a, b, err_msg=f"result {i}")


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_those_of_tensorflow(name):
    check_case(name)


@pytest.mark.parametrize("name", COMPILED)
def test_compiled_programs_draw_the_same_numbers(name, monkeypatch):
    monkeypatch.setenv("THALWEG_JIT", "always")
    check_case(name)


# -- the two engines ---------------------------------------------------------------------------------------------

F32, F64 = np.dtype(np.float32), np.dtype(np.float64)
LOGITS = np.random.default_rng(0).standard_normal((3, 9)).astype(np.float32)
EXACT = {
    "uniform16": lambda xp, s: random_floats.uniform(xp, s, 101, np.dtype(np.float16)),
    "uniform32": lambda xp, s: random_floats.uniform(xp, s, 100_001, F32),
    "uniform64": lambda xp, s: random_floats.uniform(xp, s, 1001, F64),
    "normal32": lambda xp, s: random_floats.normal(xp, s, 100_001, F32),
    "truncated32": lambda xp, s: random_rejection.truncated_normal(xp, s, 10_001, F32),
    "integers32": lambda xp, s: random_discrete.uniform_int(xp, s, 1001, -5, 12345, np.int32),
    "integers64": lambda xp, s: random_discrete.uniform_int(xp, s, 1001, -5, 10**15, np.int64),
    "permutation": lambda xp, s: random_discrete.permutation(xp, s, 1001),
    "multinomial": lambda xp, s: random_discrete.multinomial(xp, s, xp.asarray(LOGITS), 101),
    "poisson": lambda xp, s: random_rejection.poisson(xp, s, 301, xp.asarray([0.5, 9.0, 11.0, 500.0])),
    "binomial": lambda xp, s: random_rejection.binomial(xp, s, 301, xp.asarray([3.0, 500.0]), xp.asarray([0.4, 0.7])),
}


@pytest.mark.parametrize("name", EXACT)
def test_xla_draws_the_bits_that_numpy_draws(name):
    draw, place = EXACT[name], (2**63 + 5, 2**64 - 40, 77)  # the counter's low half wraps on the way

    def traced(key, low, high):
        return draw(jnp(), philox.Stream(key, low, high))

    compiled = jax().jit(traced)(*map(np.uint64, place))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(np.asarray(compiled), draw(np, philox.stream(np, *place)))


def test_gamma_draws_agree_between_engines():
    alpha = np.array([0.3, 1.0, 20.0])
    source = (5, 0, 6)
    compiled = jax().jit(lambda *s: random_rejection.gamma(jnp(), philox.Stream(*s), 300, alpha))(*map(np.uint64, source))
    with np.errstate(all="ignore"):
        ours = random_rejection.gamma(np, philox.stream(np, *source), 300, alpha)
    np.testing.assert_allclose(np.asarray(compiled), ours, rtol=5e-14)  # XLA has its own float64 log1p, sin and pow


# -- the stream --------------------------------------------------------------------------------------------------


def test_philox_known_answers():
    """From the authors' test vectors for philox4x32-10."""
    ones = 2**64 - 1
    known = {
        (0, 0, 0): (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
        (ones, ones, ones): (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        (0x299F31D0A4093822, 0x85A308D3243F6A88, 0x0370734413198A2E): (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    }
    for (key, low, high), words in known.items():
        first, second = philox.block(np, philox.stream(np, key, low, high))
        assert (first & 0xFFFFFFFF, first >> 32, second & 0xFFFFFFFF, second >> 32) == words


@pytest.mark.parametrize("place", [(1, 0, 3), (7, 2**32 - 3, 2**63), (9, 2**64 - 4, 2**64 - 1)])
@pytest.mark.parametrize("blocks", [1, 6, 7, 40])
def test_every_way_of_drawing_gives_the_same_blocks(place, blocks):
    source = philox.stream(np, *place)
    one_by_one = np.array([philox.block(np, source.skip(np, i)) for i in range(blocks)], np.uint64)
    in_a_row = philox.fill(np, source, 2 * blocks, 1, lambda xp, pairs: pairs, np.uint64)
    anywhere = philox.blocks_at(np, source, np.arange(blocks, dtype=np.uint64))
    np.testing.assert_array_equal(in_a_row.reshape(-1, 2), one_by_one)
    np.testing.assert_array_equal(np.stack(anywhere, -1), one_by_one)


# -- seeds and states ----------------------------------------------------------------------------------------------


def test_without_seeds_numbers_differ():
    tf.random.set_seed(None)
    a, b = (tf.random.uniform([4]).numpy() for _ in range(2))
    assert not np.array_equal(a, b)
    with tf.Graph().as_default():
        x = tf.random.uniform([4])
        with tf.compat.v1.Session() as session:
            c, d = session.run(x), session.run(x)
        with tf.compat.v1.Session() as session:
            e = session.run(x)
    assert len({v.tobytes() for v in (a, b, c, d, e)}) == 5


def test_states_of_unnamed_draws_are_not_kept():
    tf.random.set_seed(1)
    for _ in range(50):
        tf.random.uniform([2])
    assert not random_seed._process.eager_states


def test_nodes_carry_tensorflows_names():
    with tf.Graph().as_default() as graph:
        tf.random.uniform([2], 2, 5, name="foo")
        tf.compat.v1.random_normal([2])
        tf.random.stateless_uniform([2], [1, 2])
    assert [op.name for op in graph.get_operations()] == [
        "foo/shape", "foo/min", "foo/max", "foo/RandomUniform", "foo/sub", "foo/mul", "foo",
        "random_normal/shape", "random_normal/mean", "random_normal/stddev", "random_normal/RandomStandardNormal",
        "random_normal/mul", "random_normal",
        "stateless_random_uniform/shape", "stateless_random_uniform/min", "stateless_random_uniform/max",
        "stateless_random_uniform/StatelessRandomGetKeyCounter/seed", "stateless_random_uniform/StatelessRandomGetKeyCounter",
        "stateless_random_uniform/StatelessRandomUniformV2/alg", "stateless_random_uniform/StatelessRandomUniformV2",
        "stateless_random_uniform/sub", "stateless_random_uniform/mul", "stateless_random_uniform",
    ]  # fmt: skip


# -- errors --------------------------------------------------------------------------------------------------------

INVALID = errors.InvalidArgumentError
WRONG = {
    "minval above maxval": (INVALID, lambda: tf.random.uniform([2], 5, 3, dtype=tf.int32)),
    "no maxval": (ValueError, lambda: tf.random.uniform([2], dtype=tf.int32)),
    "uniform of uint8": (ValueError, lambda: tf.random.uniform([2], dtype=tf.uint8)),
    "negative size": (INVALID, lambda: tf.random.normal([-1])),
    "scalar shape": (INVALID, lambda: tf.random.normal(3)),
    "float shape": (INVALID, lambda: tf.random.normal([2.0])),
    "integer normal": (TypeError, lambda: tf.random.normal([2], dtype=tf.int32)),
    "logits of rank 1": (INVALID, lambda: tf.random.categorical([1.0, 2.0], 3)),
    "negative count": (INVALID, lambda: tf.random.categorical([[1.0, 2.0]], -1)),
    "no classes": (INVALID, lambda: tf.random.categorical(np.zeros((2, 0), np.float32), 1)),
    "class dtype": (ValueError, lambda: tf.random.categorical([[1.0]], 1, dtype=tf.float32)),
    "seed of three": (INVALID, lambda: tf.random.stateless_uniform([2], [1, 2, 3])),
    "float seed": (INVALID, lambda: tf.random.stateless_normal([2], seed=[1.0, 2.0])),
    "unknown algorithm": (ValueError, lambda: tf.random.stateless_uniform([2], [1, 2], alg="foo")),
    "one bound": (ValueError, lambda: tf.random.stateless_uniform([2], [1, 2], None, 5, dtype=tf.int32)),
    "shape without alpha's": (INVALID, lambda: tf.random.stateless_gamma([3], [1, 2], [1.0, 2.0])),
    "shape without counts'": (INVALID, lambda: tf.random.stateless_binomial([3], [1, 2], [1.0, 2.0], [0.5, 0.5])),
    "threefry draws": (errors.UnimplementedError, lambda: tf.random.Generator.from_seed(1, alg="threefry").uniform([2])),
    "state of wrong size": (ValueError, lambda: tf.random.Generator.from_state([1, 2], "philox")),
}


@pytest.mark.parametrize("name", WRONG)
def test_errors_are_those_of_tensorflow(name):
    error, call = WRONG[name]
    with pytest.raises(error):
        call()

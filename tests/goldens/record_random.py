"""Random numbers recorded from TensorFlow, and the programs that draw them. Run with TensorFlow's Python:

    python tests/goldens/record_random.py

Each case is a function of `tf`; `tests/test_random.py` runs the same function on Thalweg. Cases in `CLOSE` go through
float64 logarithms, sines or powers and may differ in the last places; every other one must agree to the bit.
"""

import os
import pathlib

import numpy as np

PATH = pathlib.Path(__file__).with_name("random.npz")

CASES = {}
CLOSE = set()

LOGITS = np.array([[0.1, -1.0, 2.0, 0.5], [-np.inf, 3.0, 3.0, -2.0], [40.0, 39.0, -5.0, 38.0]], np.float32)
ALPHA = np.array([0.05, 0.3, 1.0, 2.5, 30.0])
RATES = np.array([0.0, 0.3, 5.0, 9.99, 12.0, 100.0, 1e4])


def case(function=None, *, close=False):
    def keep(function):
        CASES[function.__name__] = function
        if close:
            CLOSE.add(function.__name__)
        return function

    return keep if function is None else keep(function)


# -- eager ops, seeded ------------------------------------------------------------------------------------------


@case
def uniform_of_every_dtype(tf):
    tf.random.set_seed(1)
    floats = [tf.random.uniform([5, 21], dtype=d) for d in (tf.float16, tf.bfloat16, tf.float32, tf.float64)]
    return [*floats, tf.random.uniform([7], -3, 4), tf.random.uniform([7], -2.5, 0.5), tf.random.uniform([7], maxval=2.5)]


@case
def uniform_integers(tf):
    tf.random.set_seed(2)
    return [
        tf.random.uniform([50], -7, 1000, dtype=tf.int32), tf.random.uniform([50], maxval=3, dtype=tf.int64),
        tf.random.uniform([9], -(2**31), 2**31 - 1, dtype=tf.int32), tf.random.uniform([9], -(2**63), 2**63 - 1, dtype=tf.int64),
        tf.random.uniform([], maxval=10, dtype=tf.int32), tf.random.uniform([0, 3], 5, 2, dtype=tf.int32),
    ]  # fmt: skip


@case
def normal_of_single_and_half_precision(tf):
    tf.random.set_seed(3)
    return [
        *(tf.random.normal([301], dtype=d) for d in (tf.float16, tf.bfloat16, tf.float32)),
        tf.random.normal([3, 4], 2.0, 0.5), tf.random.normal([2, 3], [1.0, 2.0, 3.0], [[0.1], [0.2]]), tf.random.normal([]),
    ]  # fmt: skip


@case(close=True)
def normal_of_double_precision(tf):
    tf.random.set_seed(4)
    return [tf.random.normal([301], dtype=tf.float64)]


@case
def truncated_normal_of_single_and_half_precision(tf):
    tf.random.set_seed(5)
    return [
        *(tf.random.truncated_normal([n], dtype=d) for n, d in ((203, tf.float16), (101, tf.bfloat16), (1001, tf.float32))),
        tf.random.truncated_normal([3, 5], 1.0, 0.02),
    ]


@case(close=True)
def truncated_normal_of_double_precision(tf):
    tf.random.set_seed(6)
    return [tf.random.truncated_normal([301], dtype=tf.float64)]


@case
def one_op_seed_continues(tf):
    out = []
    for global_seed in (None, 7, 7):
        if global_seed is not None:
            tf.random.set_seed(global_seed)
        out += [tf.random.uniform([3], seed=11), tf.random.uniform([5], seed=11), tf.random.normal([3], seed=11)]
        out += [tf.random.uniform([3], seed=11, dtype=tf.float64), tf.random.truncated_normal([3], seed=11)]
        out += [tf.random.uniform(np.array([3], np.int64), seed=11), tf.random.uniform([3], seed=11)]
        if global_seed is None:
            tf.random.set_seed(0)  # the first round's numbers depend on what ran before: drop them
            out.clear()
    return out


@case
def zero_seeds(tf):
    tf.random.set_seed(0)
    return [tf.random.uniform([3], seed=0), tf.random.uniform([3]), tf.random.uniform([3], seed=2**31 - 1),
            tf.random.uniform([3], seed=-5), tf.random.uniform([3], seed=2**40)]  # fmt: skip


@case
def shuffles(tf):
    tf.random.set_seed(8)
    x = np.arange(30, dtype=np.int32)
    return [
        tf.random.shuffle(x), tf.random.shuffle(x.reshape(10, 3)), tf.random.shuffle(np.arange(500)), tf.random.shuffle(5),
        tf.random.shuffle([7]), tf.random.shuffle(x, seed=1), tf.random.shuffle(x.astype(np.float32), seed=1),
        tf.random.shuffle(x, seed=1), tf.random.shuffle([b"a", b"b", b"c", b"d"], seed=3),
    ]  # fmt: skip


@case
def categories(tf):
    tf.random.set_seed(9)
    return [
        tf.random.categorical(LOGITS, 7), tf.random.categorical(LOGITS, 8, dtype=tf.int32, seed=5),
        tf.random.categorical(LOGITS.astype(np.float64), 3, seed=5), tf.random.categorical(LOGITS, 1, seed=5),
        tf.random.categorical(LOGITS, 6, dtype=tf.int32, seed=5), tf.random.categorical(LOGITS, 0),
        tf.random.categorical(LOGITS.astype(np.float16), 5),
    ]  # fmt: skip


@case(close=True)
def gammas(tf):
    tf.random.set_seed(10)
    return [
        *(tf.random.gamma([40], ALPHA.astype(d), dtype=d) for d in (np.float16, np.float32, np.float64)),
        tf.random.gamma([2, 3], 2.0, 4.0), tf.random.gamma([3], [[1.0], [3.0]], [3.0, 4.0]), tf.random.gamma([], 0.01, seed=3),
        tf.random.gamma([5], 1e-3),
    ]  # fmt: skip


@case
def poissons(tf):
    tf.random.set_seed(11)
    return [
        *(tf.random.poisson([30], RATES.astype(d)) for d in (np.float32, np.float64, np.int32)),
        *(tf.random.poisson([9], RATES[:6].astype(np.float16), dtype=d) for d in (tf.float16, tf.int32, tf.int64, tf.float64)),
        tf.random.poisson([5], [0.5, 30.0]), tf.random.poisson([], 3.0), tf.random.poisson([0], [1.0]),
    ]  # fmt: skip


# -- graphs and functions -----------------------------------------------------------------------------------------


@case
def sessions(tf):
    v1 = tf.compat.v1
    with tf.Graph().as_default():
        v1.set_random_seed(12)
        draws = [
            v1.random_uniform([3]), v1.random_normal([3], seed=4), v1.random_uniform([3]), v1.truncated_normal([5]),
            v1.random_uniform([4], maxval=9, dtype=tf.int32), v1.random_shuffle(tf.range(9)), v1.multinomial(LOGITS, 4),
            v1.random_poisson([2.0, 30.0], [3]), v1.random_uniform([2], seed=0),
        ]  # fmt: skip
        out = []
        for _ in range(2):
            with v1.Session() as session:
                out += [*session.run(draws), *session.run(draws), session.run(draws[0])]
    return out


@case
def graph_without_a_seed(tf):
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        a, b = v1.random_normal([3], seed=21), v1.random_uniform([2, 2], seed=22)
        return [*session.run([a, b]), *session.run([a, b])]


@case
def functions(tf):
    tf.random.set_seed(13)

    @tf.function
    def draw():
        return tf.random.uniform([3]), tf.random.normal([2]), tf.random.uniform([2], seed=5)

    @tf.function
    def same():
        return tf.random.uniform([3])

    out = [*draw(), *draw(), same(), tf.random.uniform([2])]
    tf.random.set_seed(13)
    return [*out, *draw(), same()]


# -- stateless ----------------------------------------------------------------------------------------------------


@case
def stateless_uniforms(tf):
    draw = tf.random.stateless_uniform
    return [
        *(draw([21], [1, 2], dtype=d) for d in (tf.float16, tf.bfloat16, tf.float32, tf.float64)),
        *(draw([9], [-1, 2**31 - 1], None, None, dtype=d) for d in (tf.int32, tf.int64, tf.uint32, tf.uint64)),
        draw([9], [5, -6], -10, 10, dtype=tf.int32), draw([9], np.array([2**40, -7]), 0, 10**12, dtype=tf.int64),
        draw([2, 3], [1, 2], -1.0, [1.0, 2.0, 3.0]), draw([], [3, 4]), draw([0], [3, 4]), draw([3], [1, 2], alg="philox"),
    ]  # fmt: skip


@case
def stateless_normals(tf):
    return [
        *(tf.random.stateless_normal([33], [1, 2], dtype=d) for d in (tf.float16, tf.bfloat16, tf.float32)),
        tf.random.stateless_normal([5], [3, 4], 1.0, 2.0), tf.random.stateless_truncated_normal([201], [5, 6]),
        tf.random.stateless_truncated_normal([9], [5, 6], dtype=tf.float16),
    ]  # fmt: skip


@case(close=True)
def stateless_gammas(tf):
    return [
        *(tf.random.stateless_gamma([30, 5], [1, 2], ALPHA.astype(d), dtype=d) for d in (np.float16, np.float32, np.float64)),
        tf.random.stateless_gamma([4, 2], [3, 4], [2.0, 3.0], 0.5),
    ]


@case
def stateless_counts(tf):
    probs = np.array([0.0, 0.1, 0.5, 0.9, 1.0, np.nan])
    counts = np.array([[3.0], [200.0]])
    return [
        tf.random.stateless_poisson([20, 7], [1, 2], RATES.astype(np.float32)),
        tf.random.stateless_poisson([9], [1, 2], 4.5, dtype=tf.float32),
        tf.random.stateless_binomial([15, 2, 6], [3, 4], counts, probs, output_dtype=tf.float64),
        tf.random.stateless_binomial([7, 2, 5], [5, 6], counts.astype(np.float32), probs[:5].astype(np.float32)),
        tf.random.stateless_binomial([50], [7, 8], 1000.0, 0.3, output_dtype=tf.int64),
        tf.random.stateless_categorical(LOGITS, 9, [1, 2]), tf.random.stateless_categorical(LOGITS, 2, [1, 2], dtype=tf.int32),
    ]  # fmt: skip


@case
def seeds_and_permutations(tf):
    x = tf.random.experimental
    return [
        tf.random.split([1, 2], num=3), tf.random.split(np.array([1, 2]), num=2), tf.random.fold_in([1, 2], 3),
        tf.random.fold_in([1, 2], np.int64(2**40)), x.stateless_shuffle(np.arange(20), [8, 9]),
        x.stateless_shuffle(np.arange(20).reshape(10, 2), [1, 9]), x.index_shuffle(np.arange(10), [5, 9], 9),
        x.index_shuffle(np.arange(0, 100000, 9999), [5, 8], np.int64(100000)), x.index_shuffle(3, [3, 4], 1000),
        x.index_shuffle(np.arange(5, dtype=np.uint64), np.array([1, 2**40]), np.full(5, 2**50, np.uint64)),
    ]  # fmt: skip


# -- generators -----------------------------------------------------------------------------------------------------


@case
def generators(tf):
    g = tf.random.Generator.from_seed(1234)
    out = [g.normal([2, 3]), g.state.numpy(), g.uniform([5]), g.uniform([5], -3, 9, dtype=tf.int32), g.uniform_full_int([3])]
    out += [g.truncated_normal([5]), g.uniform([2], dtype=tf.float64), g.uniform([3], None, None, dtype=tf.int64), g.skip(3)]
    out += [g.binomial([4], 10.0, 0.4), g.state.numpy(), g.make_seeds(2), g.key, g.normal([2], 5.0, 0.5)]
    for h in g.split(2):
        out += [h.state.numpy(), h.uniform([2])]
    copy = tf.random.Generator(copy_from=g)
    out += [copy.uniform([2]), g.uniform([2])]
    g.reset_from_seed(7)
    out.append(g.uniform([2]))
    g.reset([1, 2, 3])
    out.append(g.uniform([2]))
    g.reset_from_key_counter(5, [6, 7])
    out += [g.uniform([2]), g.state.numpy()]
    return out


@case
def generator_states(tf):
    make = tf.random.create_rng_state
    return [
        make(1234, "philox"), make([12, 34], "threefry"), make(2**130 + 2**64 + 5, "philox"), make(-1, "philox"),
        make([1, 2, 3, 4, 5], "philox"), tf.random.Generator.from_state([-1, -1, 9], "philox").uniform([9]),
        tf.random.Generator.from_key_counter(2**64 - 1, [2**63, 1], "auto_select").state,
        tf.random.Generator.from_seed([3, 4]).uniform([3]), tf.random.Generator.from_seed(1, alg="threefry").state,
    ]  # fmt: skip


@case
def generator_in_a_function(tf):
    g = tf.random.Generator.from_seed(5)

    @tf.function
    def draw():
        return g.uniform([3]), g.normal([2])

    return [*draw(), *draw(), g.state.numpy()]


# -- gradients --------------------------------------------------------------------------------------------------------


@case(close=True)
def gamma_gradients(tf):
    out = []
    for draw in (lambda a: tf.random.gamma([6], a, 2.0, seed=3, dtype=tf.float64),
                 lambda a: tf.random.stateless_gamma([6, 5], [1, 2], a, 2.0, dtype=tf.float64)):  # fmt: skip
        tf.random.set_seed(14)
        a = tf.constant(ALPHA)
        with tf.GradientTape() as tape:
            tape.watch(a)
            y = tf.reduce_sum(draw(a))
        out.append(tape.gradient(y, a))
    return out


def arrays(results):
    """Results as arrays that a file can hold: bfloat16 as float32."""
    for r in results:
        a = np.asarray(r.numpy() if hasattr(r, "numpy") else r)
        yield a.astype(np.float32) if a.dtype.name == "bfloat16" else a.astype("S") if a.dtype == object else a


def main():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    np.savez_compressed(PATH, **{f"{n}/{i}": a for n, f in CASES.items() for i, a in enumerate(arrays(f(tf)))})


if __name__ == "__main__":
    main()

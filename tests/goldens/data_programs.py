"""Programs over `tf.data`, as users write them: each takes the module and gives nests of tensors and Python values.

They run on TensorFlow (by `record_data.py`) and on Thalweg (by `test_data_programs.py`): nothing here imports either.
"""

import collections

import numpy as np

PROGRAMS = {}
Point = collections.namedtuple("Point", "x y")


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def listed(dataset, epochs=1):
    return [list(dataset.as_numpy_iterator()) for _ in range(epochs)]


def about(dataset):
    """What is known without going through it."""
    return [repr(dataset.element_spec), int(dataset.cardinality())]


# -- sources -----------------------------------------------------------------------------------------------------------


@program
def from_tensors(tf):
    D = tf.data.Dataset
    sets = [D.from_tensors([1, 2]), D.from_tensors((1.5, {"a": "text", "b": np.arange(3)})), D.from_tensors(5)]
    return [[listed(d), about(d)] for d in sets]


@program
def from_slices(tf):
    D = tf.data.Dataset
    sets = [
        D.from_tensor_slices([1, 2, 3]),
        D.from_tensor_slices(np.arange(6.0).reshape(3, 2)),
        D.from_tensor_slices(([1, 2], ["a", "b"])),
        D.from_tensor_slices({"b": [[1], [2]], "a": [True, False]}),
        D.from_tensor_slices((np.zeros((2, 0)), np.uint8([1, 2]))),
        D.from_tensor_slices({"x": ([1, 2], [3, 4])}),
    ]
    return [[listed(d), about(d)] for d in sets]


@program
def ranges(tf):
    D = tf.data.Dataset
    sets = [D.range(5), D.range(2, 5), D.range(1, 10, 3), D.range(5, 0, -2), D.range(3, output_type=tf.float32), D.range(0)]
    return [[listed(d), about(d)] for d in sets] + [listed(D.counter(3, 2).take(3))]


@program
def generators(tf):
    D = tf.data.Dataset

    def numbers(stop=3):
        for i in range(stop):
            yield i, [i] * i

    signature = (tf.TensorSpec((), tf.int32), tf.TensorSpec((None,), tf.float32))
    first = D.from_generator(numbers, output_signature=signature)
    second = D.from_generator(numbers, (tf.int64, tf.int64), (tf.TensorShape([]), tf.TensorShape([None])), args=(2,))
    third = D.from_generator(lambda: iter([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]), output_types={"a": tf.int32, "b": tf.string})
    return [[listed(d, 2), about(d)] for d in (first, second, third)] + [listed(first.take(1).repeat(3))]


@program
def random_numbers(tf):
    D = tf.data.Dataset
    again = D.random(seed=3, rerandomize_each_iteration=True).take(3)
    return [listed(D.random(seed=42).take(9), 2), listed(again, 3)]


@program
def zipped(tf):
    D = tf.data.Dataset
    a, b = D.range(3), D.range(10, 15)
    sets = [D.zip((a, b)), D.zip(a, b), D.zip({"p": a, "q": (b, a)}), D.zip(datasets=(b, b)), D.zip((a, b.repeat()))]
    return [[listed(d), about(d)] for d in sets]


# -- order and count ---------------------------------------------------------------------------------------------------


@program
def shuffles(tf):
    D = tf.data.Dataset
    tf.random.set_seed(11)
    made = [
        D.range(20).shuffle(5, seed=1),
        D.range(20).shuffle(100, seed=2),
        D.range(20).shuffle(1, seed=3),
        D.range(20).shuffle(7, seed=4, reshuffle_each_iteration=False),
        D.range(8).shuffle(4),
        D.range(8).shuffle(4).repeat(2),
        D.range(8).repeat(2).shuffle(4, seed=9),
        D.range(6).shuffle(3, seed=1).shuffle(6, seed=2),
        D.range(30).shuffle(8, seed=0).batch(4),
        D.range(3000).shuffle(1000, seed=5).take(25),
        D.from_tensor_slices((np.arange(9), np.arange(9.0))).shuffle(9, seed=7).batch(4),
    ]
    return [listed(d, 3) for d in made]


@program
def shuffle_repeats(tf):
    D = tf.data.Dataset
    tf.random.set_seed(5)
    dataset = D.range(5).shuffle(3, seed=8).repeat(2)
    return [
        listed(dataset, 2),
        listed(D.range(5).shuffle(3, seed=8).repeat().take(13), 2),
        listed(D.range(5).shuffle(3).repeat(2), 2),
    ]


@program
def counts(tf):
    D = tf.data.Dataset
    r = D.range(10)
    sets = [
        r.take(3),
        r.take(-1),
        r.take(20),
        r.take(0),
        r.skip(7),
        r.skip(20),
        r.skip(-1),
        r.shard(3, 1),
        r.shard(3, 0),
        r.repeat(2).take(12),
        r.repeat(0),
        r.concatenate(D.range(3)),
        r.take(2).repeat(3).skip(1),
        r.skip(4).take(3).shard(2, 1),
        r.enumerate(5).take(2),
        D.range(0).repeat(),
    ]
    unknown = [
        r.filter(lambda x: x > 3),
        r.repeat(),
        r.flat_map(lambda x: D.range(x)),
        r.batch(3).unbatch(),
        r.window(3, 2),
        r.batch(4).repeat(2),
    ]
    return [[listed(d), about(d)] for d in sets] + [int(d.cardinality()) for d in unknown]


# -- functions ---------------------------------------------------------------------------------------------------------


@program
def maps(tf):
    D = tf.data.Dataset
    pairs = D.from_tensor_slices((np.arange(4, dtype=np.int32), np.arange(8.0).reshape(4, 2)))
    dicts = D.from_tensor_slices({"a": [1, 2], "b": [3.0, 4.0]})
    sets = [
        pairs.map(lambda i, x: (x * 2, i)),
        pairs.map(lambda i, x: {"sum": tf.reduce_sum(x) + tf.cast(i, x.dtype)}),
        pairs.map(lambda *both: both[0]),
        dicts.map(lambda d: (d["a"] + 1, {**d, "c": "new"})),
        pairs.map(lambda i, x: [i, i + 1]),
        pairs.map(lambda i, x: 7),
        pairs.map(lambda i, x: (i, (x, None))),
        D.range(3).map(lambda x: Point(x, x * x)),
        D.range(3).map(lambda x: tf.fill([x], x)),
        D.range(4).map(lambda x: x * x, num_parallel_calls=tf.data.AUTOTUNE),
    ]
    return [[[[tuple(e) if isinstance(e, tuple) else e for e in part] for part in listed(d)], about(d)] for d in sets]


@program
def autographed(tf):
    D = tf.data.Dataset

    def steps(n):
        count = tf.constant(0, tf.int64)
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            count += 1
        return count

    def signed(x):
        if x > 2:
            return x
        return -x

    return [
        listed(D.range(1, 10).map(steps)),
        listed(D.range(5).map(signed)),
        listed(D.range(6).filter(lambda x: x % 2 == 0 and x > 1)),
    ]


@program
def random_maps(tf):
    D = tf.data.Dataset
    tf.random.set_seed(1)
    seeded = D.range(4).map(lambda x: tf.random.uniform([2], seed=3))
    unseeded = D.range(4).map(lambda x: tf.random.normal([]))
    stateless = D.range(3).map(lambda x: tf.random.stateless_uniform([2], seed=[x, 1]))
    return [listed(seeded, 2), listed(unseeded, 2), listed(seeded.repeat(2), 2), listed(stateless)]


@program
def captured(tf):
    D = tf.data.Dataset
    scale, table = tf.constant(3.0), tf.constant(np.arange(100.0))
    variable = tf.Variable(1.0)
    dataset = D.range(3).map(lambda x: (tf.cast(x, tf.float32) * scale, table[x * 10], variable + 1.0))
    before = listed(dataset)
    variable.assign(5.0)
    return [before, listed(dataset)]


@program
def filters(tf):
    D = tf.data.Dataset
    pairs = D.from_tensor_slices((np.arange(10), np.arange(10.0)))
    return [
        listed(pairs.filter(lambda i, x: x > 6)),
        listed(D.range(10).take_while(lambda x: x < 4)),
        listed(D.from_tensor_slices([1, 3, 1, 2, 3, 9]).unique()),
        listed(D.from_tensor_slices(["b", "a", "b"]).unique()),
        listed(D.range(5).filter(lambda x: False)),
    ]


@program
def scans(tf):
    D = tf.data.Dataset
    running = D.range(1, 6).scan(np.int64(0), lambda total, x: (total + x, total + x))
    dicts = D.from_tensor_slices([1.0, 2.0]).scan(
        {"n": 0, "s": 0.0}, lambda s, x: ({"n": s["n"] + 1, "s": s["s"] + x}, (s["n"], s["s"] + x))
    )
    growing = D.range(3).scan(tf.zeros([0], tf.int64), lambda s, x: (tf.concat([s, [x]], 0), tf.size(s)))
    return [listed(running), about(running), listed(dicts), listed(growing)]


@program
def reductions(tf):
    D = tf.data.Dataset
    total = D.range(5).reduce(np.int64(0), lambda s, x: s + x)
    mean = D.from_tensor_slices([1.0, 2.0, 6.0]).reduce((0.0, 0), lambda s, x: (s[0] + x, s[1] + 1))
    rows = D.range(3).reduce(tf.zeros([0], tf.int64), lambda s, x: tf.concat([s, [x * x]], 0))
    pairs = D.zip(D.range(4), D.range(1, 5))
    dot = pairs.reduce(np.int64(0), lambda s, pair: s + pair[0] * pair[1])
    running = pairs.scan(np.int64(0), lambda s, pair: (s + pair[0], s * pair[1]))
    nested = D.from_tensor_slices({"a": [1, 2]}).reduce({"k": 10}, lambda s, e: {"k": s["k"] * e["a"]})
    return [total, mean, rows, nested, D.range(1).get_single_element(), dot, listed(running)]


# -- datasets of datasets ----------------------------------------------------------------------------------------------


@program
def flat_maps(tf):
    D = tf.data.Dataset
    rows = D.from_tensor_slices([[1, 2, 3], [4, 5, 6]])
    sets = [
        rows.flat_map(D.from_tensor_slices),
        D.range(4).flat_map(lambda x: D.range(x)),
        D.range(3).flat_map(lambda x: D.from_tensors(x).repeat(x + 1).map(lambda y: y * 10 + x)),
        D.from_tensor_slices(([1, 2], [5, 6])).flat_map(lambda a, b: D.zip((D.from_tensors(a), D.from_tensors(b).repeat()))),
        D.range(3).flat_map(lambda x: D.range(2).flat_map(lambda y: D.from_tensors((x, y)))),
        D.range(4).flat_map(lambda x: D.range(6).skip(x).batch(2)),
    ]
    return [[listed(d), about(d)] for d in sets]


@program
def interleaves(tf):
    D = tf.data.Dataset

    def copies(x):
        return D.from_tensors(x).repeat(x + 1)

    base = D.range(1, 6)
    return [
        listed(base.interleave(copies, cycle_length=c, block_length=b))
        for c, b in ((1, 1), (2, 1), (2, 4), (3, 2), (10, 1), (4, 3))
    ] + [listed(base.interleave(copies, cycle_length=3, block_length=2, num_parallel_calls=2, deterministic=True))]


@program
def windows(tf):
    D = tf.data.Dataset

    def batches(size, **how):
        return listed(D.range(11).window(size, **how).flat_map(lambda w: w.batch(size)))

    pairs = D.from_tensor_slices((np.arange(5), np.arange(5.0))).window(2, drop_remainder=True)
    dicts = D.from_tensor_slices({"a": [1, 2, 3]}).window(2)
    series = D.range(10).window(5, shift=1, drop_remainder=True).flat_map(lambda w: w.batch(5)).map(lambda w: (w[:-1], w[-1:]))
    return [
        batches(3),
        batches(3, shift=1),
        batches(3, shift=2, stride=2),
        batches(3, drop_remainder=True),
        batches(2, shift=5),
        batches(4, shift=1, stride=3),
        listed(pairs.flat_map(lambda a, b: D.zip((a.batch(2), b.batch(2))))),
        listed(dicts.flat_map(lambda d: d["a"])),
        listed(series),
        [[int(x) for x in w] for w in D.range(5).window(2)],
        int(D.range(11).window(3, 2, 2, True).cardinality()),
    ]


@program
def groups(tf):
    D = tf.data.Dataset
    grouped = D.range(20).group_by_window(lambda x: x % 3, lambda key, w: w.batch(4).map(lambda b: (key, b)), window_size=4)
    sized = D.range(20).group_by_window(lambda x: x % 3, lambda key, w: w.batch(10), window_size_func=lambda key: key + 2)
    odd = D.range(10).group_by_window(lambda x: x % 2, lambda key, w: w.map(lambda y: y * 100 + key), window_size=3)
    return [listed(grouped), listed(sized), listed(odd)]


@program
def buckets(tf):
    D = tf.data.Dataset
    lengths = [3, 1, 7, 2, 5, 4, 9, 1, 6, 2]
    rows = D.from_generator(lambda: ([n] * n for n in lengths), output_signature=tf.TensorSpec([None], tf.int64))
    size = lambda x: tf.shape(x)[0]
    return [
        listed(rows.bucket_by_sequence_length(size, [3, 6], [2, 2, 2])),
        listed(rows.filter(lambda x: size(x) < 8).bucket_by_sequence_length(size, [3, 8], [2, 2, 1], pad_to_bucket_boundary=True)),
        listed(rows.bucket_by_sequence_length(size, [4], [3, 2], padding_values=np.int64(-1), drop_remainder=True)),
    ]


# -- batches -----------------------------------------------------------------------------------------------------------


@program
def batches(tf):
    D = tf.data.Dataset
    pairs = D.from_tensor_slices((np.arange(7), {"x": np.arange(14.0).reshape(7, 2), "s": list("abcdefg")}))
    sets = [
        pairs.batch(3),
        pairs.batch(3, drop_remainder=True),
        pairs.take(6).batch(2).batch(2, drop_remainder=True),
        pairs.batch(3).unbatch(),
        pairs.batch(3).rebatch(2),
        D.range(10).batch(4).rebatch(3, drop_remainder=True),
        D.range(10).batch(5).rebatch([1, 2]),
        D.range(3).batch(5),
        D.range(3).repeat(2).batch(2),
        D.range(4).map(lambda x: tf.zeros([0, 2])).batch(2),
        D.from_tensors((1, None)).repeat(2).batch(2),
    ]
    return [[listed(d), about(d)] for d in sets] + [repr(D.range(3).repeat().batch(2).element_spec)]


@program
def padded_batches(tf):
    D = tf.data.Dataset
    rows = D.range(1, 6).map(lambda x: tf.fill([x], x))
    squares = D.range(1, 4).map(lambda x: (tf.fill([x, 2], 1.0), x))
    sets = [
        rows.padded_batch(2),
        rows.padded_batch(2, padded_shapes=[7]),
        rows.padded_batch(2, padded_shapes=[None], padding_values=np.int64(-1)),
        rows.padded_batch(2, drop_remainder=True),
        squares.padded_batch(2, padded_shapes=([None, 3], []), padding_values=(0.5, np.int64(9))),
        D.from_tensor_slices({"a": [1, 2, 3]}).padded_batch(2),
        rows.padded_batch(2, padded_shapes=tf.TensorShape([None])),
    ]
    return [[listed(d), about(d)] for d in sets]


@program
def fused(tf):
    """Functions on rows of arrays, which may run on whole batches."""
    D = tf.data.Dataset
    images = (np.arange(5 * 4 * 4) % 256).astype(np.uint8).reshape(5, 4, 4)
    base = D.from_tensor_slices((images, np.array([0, 2, 1, 2, 0])))
    sets = [
        base.map(lambda x, y: (tf.cast(x, tf.float32) / 255.0, tf.one_hot(y, 3))),
        base.map(lambda x, y: (tf.expand_dims(x, -1), y + 1)),
        base.map(lambda x, y: (tf.expand_dims(x, 0), y)),
        base.map(lambda x, y: (tf.reshape(x, [16]), y)),
        base.map(lambda x, y: (tf.reshape(x, [-1]), y)),
        base.map(lambda x, y: (tf.cast(x, tf.int32) + tf.range(4), y)),
        base.map(lambda x, y: (tf.cast(y, tf.float32) * tf.ones([2]), y)),
        base.map(lambda x, y: (tf.cast(x[0], tf.float32) + tf.cast(x, tf.float32), y)),
        base.map(lambda x, y: (3, y)),
        base.map(lambda x, y: (x[..., tf.newaxis], tf.cast(y, tf.int64) * 2)),
        base.map(lambda x, y: (tf.transpose(x), y)),
        base.map(lambda x, y: (tf.cast(x, tf.float32) - tf.reduce_mean(tf.cast(x, tf.float32)), y)),
        base.map(lambda x, y: (tf.where(y > 1, 1.0, 0.0), y)),
        base.map(lambda x, y: x),
        base.skip(1).take(3).shard(2, 1).map(lambda x, y: (y, x)),
    ]
    return [[listed(d.batch(2)), about(d.batch(2))] for d in sets]


# -- several datasets --------------------------------------------------------------------------------------------------


@program
def sampled(tf):
    D = tf.data.Dataset
    parts = [D.range(5), D.range(100, 108), D.range(1000, 1003)]
    return [
        listed(D.sample_from_datasets(parts, seed=3), 2),
        listed(D.sample_from_datasets(parts, weights=[0.2, 0.5, 0.3], seed=4)),
        listed(D.sample_from_datasets(parts, weights=[0.0, 0.5, 0.5], seed=5, stop_on_empty_dataset=True)),
        listed(D.sample_from_datasets(parts, weights=[0.2, 0.5, 0.3], seed=4, rerandomize_each_iteration=True), 2),
        listed(D.choose_from_datasets(parts, D.range(3).repeat(4))),
        listed(D.choose_from_datasets(parts, D.range(3).repeat(6), stop_on_empty_dataset=False)),
    ]


@program
def resampled(tf):
    D = tf.data.Dataset
    tf.random.set_seed(3)
    classes = np.array([0] * 30 + [1] * 10, np.int32)[np.random.default_rng(0).permutation(40)]
    known = D.from_tensor_slices(classes).rejection_resample(lambda x: x, [0.5, 0.5], [0.75, 0.25], seed=1)
    estimated = D.from_tensor_slices(classes).rejection_resample(lambda x: x, [0.5, 0.5], seed=1)
    return [listed(known), listed(estimated), repr(known.element_spec)]


@program
def cached(tf):
    D = tf.data.Dataset
    tf.random.set_seed(2)
    dataset = D.range(4).map(lambda x: tf.random.uniform([], seed=1) + tf.cast(x, tf.float32)).cache()
    return [listed(dataset, 2), listed(dataset.shuffle(4, seed=1), 2), int(dataset.cardinality())]


@program
def in_functions(tf):
    D = tf.data.Dataset
    dataset = D.from_tensor_slices((np.arange(5.0), np.arange(5)))

    @tf.function
    def total(scale):
        s = tf.constant(0.0, tf.float64)
        for x, i in dataset:
            if i == 3:
                continue
            s += x * scale
        return s

    @tf.function
    def until(limit):
        n = tf.constant(0, tf.int64)
        for i in tf.data.Dataset.range(limit).map(lambda v: v * limit):
            if n > 10:
                break
            n += i
        return n

    @tf.function
    def inner(n):
        return D.range(n).reduce(np.int64(1), lambda s, x: s * (x + n))

    @tf.function
    def two(iterator):
        return next(iterator), iterator.get_next()

    @tf.function
    def nested():
        s = tf.constant(0, tf.int64)
        for a in D.range(3):
            for b in D.range(a + 1):
                s += a * b
        return s

    iterator = iter(D.range(10))
    return [
        total(tf.constant(2.0, tf.float64)),
        total(tf.constant(3.0, tf.float64)),
        until(tf.constant(5, tf.int64)),
        inner(tf.constant(4, tf.int64)),
        two(iterator),
        two(iterator),
        next(iterator),
        nested(),
    ]


@program
def experimental(tf):
    D, X = tf.data.Dataset, tf.data.experimental
    words = D.from_tensor_slices((np.array([3, 1, 3, 2, 1, 3]), np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])))
    mean = X.Reducer(
        lambda key: (0.0, 0), lambda s, e: (s[0] + tf.cast(e[1], tf.float32), s[1] + 1), lambda s, n: s / tf.cast(n, tf.float32)
    )
    means = words.apply(X.group_by_reducer(lambda key, value: key, mean))
    padded = D.from_tensor_slices({"a": [1, 2, 3]}).apply(X.pad_to_cardinality(5))
    counted = D.range(3).filter(lambda x: True).apply(X.assert_cardinality(3))
    return [
        listed(means), listed(padded), listed(counted), about(counted),
        listed(D.range(5).apply(X.shuffle_and_repeat(3, 2, seed=4))),
        listed(D.range(4).apply(X.map_and_batch(lambda x: x * 2, 3))), int(X.cardinality(D.range(7))),
        X.get_single_element(D.range(1)),
        listed(X.from_list([(1, "a"), (2, "b")])), listed(X.Counter(3).take(2)),
        X.get_next_as_optional(iter(D.range(2))).get_value(),
        listed(D.range(3).apply(X.enumerate_dataset(5))), X.at(D.range(5), 3), repr(X.get_structure(D.range(3))),
    ]  # fmt: skip


@program
def errors(tf):
    D = tf.data.Dataset
    lengths = D.from_generator(lambda: iter([[1, 2], [3]]), output_signature=tf.TensorSpec([None], tf.int32))
    calls = [
        lambda: list(lengths.batch(2)),
        lambda: D.from_tensor_slices((np.zeros(3), np.zeros(4))),
        lambda: D.from_tensor_slices(5),
        lambda: list(D.range(3).map(lambda x: 1 // x)),
        lambda: D.range(3).batch(0),
        lambda: D.range(3).shuffle(0),
        lambda: D.range(3).filter(lambda x: x),
        lambda: iter(D.range(0)).get_next(),
        lambda: next(iter(D.range(0))),
        lambda: len(D.range(3).repeat()),
        lambda: D.range(3).concatenate(D.from_tensors(1.0)),
        lambda: D.range(3).get_single_element(),
        lambda: D.zip(5),
        lambda: D.range(3).unbatch(),
        lambda: D.range(3).shard(2, 2),
        lambda: D.range(3).window(0),
        lambda: D.from_generator(5, output_types=tf.int32),
        lambda: D.from_generator(list),
        lambda: list(tf.data.TFRecordDataset("/no/such/file")),
        lambda: D.list_files("/no/such/*"),
        lambda: D.range(3).map(5),
        lambda: list(lengths.padded_batch(2, padded_shapes=[1])),
        lambda: lengths.padded_batch(2, padding_values=1.0),
        lambda: D.range(3).reduce(np.int64(0), lambda s, x: s + 1.0),
        lambda: D.range(3).scan(np.int64(0), lambda s, x: s),
        lambda: D.range(3).apply(lambda d: 5),
        lambda: D.range(3).rebatch(2),
        lambda: D.sample_from_datasets([]),
        lambda: D.sample_from_datasets([D.range(2)], weights=[1.0, 2.0]),
        lambda: D.choose_from_datasets([D.range(2)], D.from_tensors("a")),
        lambda: list(D.choose_from_datasets([D.range(2)], D.range(3))),
        lambda: tf.data.TextLineDataset(5),
        lambda: D.range(3).group_by_window(lambda x: x, lambda k, w: w),
        lambda: list(D.from_generator(lambda: iter([1, "a"]), output_signature=tf.TensorSpec([], tf.int32))),
        lambda: D.range(5).take("a"),
        lambda: D.from_tensors([[1, 2], [3]]),
        lambda: D.range(1, 2, 0),
        lambda: D.from_tensors(1.0).unique(),
    ]
    found = []
    for call in calls:
        try:
            call()
            found.append("nothing")
        except (Exception, StopIteration) as error:
            found.append(type(error).__name__)
    return found

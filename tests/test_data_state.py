"""Iterators go on where a saved one stood: in the same process or another, whatever the pipeline."""

import numpy as np
import pytest
from tests.goldens.records import PLACE

import thalweg as tf

D = tf.data.Dataset


def generated():
    yield from range(9)


def lengths():
    return D.from_generator(lambda: ([n] * n for n in (3, 1, 7, 2, 5, 4, 9, 1)), output_signature=tf.TensorSpec([None], tf.int64))


PIPELINES = {
    "slices": lambda: D.from_tensor_slices((np.arange(9), np.arange(9.0))),
    "map": lambda: D.range(9).map(lambda x: x * x),
    "random map": lambda: D.range(6).map(lambda x: tf.random.uniform([], seed=3) + tf.cast(x, tf.float32)).repeat(2),
    "parallel python": lambda: D.range(9).map(lambda x: tf.py_function(lambda v: v + 1, [x], tf.int64), num_parallel_calls=3),
    "shuffle": lambda: D.range(20).shuffle(6, seed=1).repeat(2),
    "shuffled rows": lambda: D.from_tensor_slices(np.arange(20)).map(lambda x: x * 2).shuffle(7, seed=2).repeat(2).batch(3),
    "batch": lambda: D.range(10).map(lambda x: x + 1).filter(lambda x: x > 2).batch(3),
    "padded": lambda: lengths().padded_batch(2),
    "window": lambda: D.range(10).window(3, 1).flat_map(lambda w: w.batch(3)),
    "windows": lambda: D.range(10).window(3).shuffle(2, seed=1).flat_map(lambda w: w),
    "groups": lambda: D.range(20).group_by_window(lambda x: x % 3, lambda key, w: w.batch(4).map(lambda b: (key, b)), 4),
    "buckets": lambda: lengths().bucket_by_sequence_length(lambda x: tf.shape(x)[0], [3, 6], [2, 2, 2]),
    "flat_map": lambda: D.range(5).flat_map(lambda x: D.range(x).map(lambda y: y * x)),
    "interleave": lambda: D.range(1, 6).interleave(lambda x: D.from_tensors(x).repeat(x), cycle_length=3, block_length=2),
    "zip and concatenate": lambda: D.zip(D.range(5), D.range(5).shuffle(3, seed=4)).concatenate(D.zip(D.range(3), D.range(3))),
    "sampled": lambda: D.sample_from_datasets([D.range(5), D.range(100, 105)], [0.3, 0.7], seed=4),
    "unbatch": lambda: D.range(10).batch(4).unbatch().skip(1).take(7).shard(2, 1),
    "rebatch": lambda: D.range(10).batch(4).rebatch([1, 3]),
    "scan": lambda: D.range(9).scan(np.int64(1), lambda s, x: (s + x, s * x)),
    "unique": lambda: D.from_tensor_slices([1, 3, 1, 2, 3, 9, 1]).unique(),
    "unique text": lambda: D.from_tensor_slices(["b", "a", "b", "c"]).unique(),
    "take_while": lambda: D.range(9).take_while(lambda x: x < 5),
    "cache": lambda: D.range(5).cache().repeat(3),
    "generator": lambda: D.from_generator(generated, output_signature=tf.TensorSpec([], tf.int32)).prefetch(3),
    "records": lambda: tf.data.TFRecordDataset([str(PLACE / n) for n in ("records.tfrecord", "examples.tfrecord")]),
    "random": lambda: D.random(seed=3).take(9),
    "counter": lambda: D.counter(3, 2).take(5),
    "errors": lambda: D.range(6).map(lambda x: 6 // (x - 2)).ignore_errors(),
}


def plain(element):
    return [np.asarray(t).tolist() for t in tf.nest.flatten(element)]


@pytest.mark.parametrize("name", PIPELINES)
def test_iterators_go_on_from_a_saved_state(name):
    tf.random.set_seed(7)
    whole = [plain(e) for e in PIPELINES[name]()]
    assert len(whole) > 2
    for given in sorted({0, 1, len(whole) // 2, len(whole) - 1, len(whole)}):
        tf.random.set_seed(7)
        first = iter(PIPELINES[name]())
        before = [plain(next(first)) for _ in range(given)]
        state = first._save_state()
        rest = [plain(e) for e in first]
        tf.random.set_seed(7)
        other = iter(PIPELINES[name]())
        other._restore_state(state)
        assert before + [plain(e) for e in other] == whole, given
        assert before + rest == whole  # saving changes nothing


def test_checkpoints_hold_iterators(tmp_path):
    dataset = D.range(20).shuffle(5, seed=1).batch(2)
    iterator = iter(dataset)
    checkpoint = tf.train.Checkpoint(step=tf.Variable(0), iterator=iterator)
    wanted = [plain(e) for e in D.range(20).shuffle(5, seed=1).batch(2)]
    for _ in range(3):
        next(iterator)
    path = checkpoint.save(str(tmp_path / "c"))
    other = iter(D.range(20).shuffle(5, seed=1).batch(2))
    tf.train.Checkpoint(step=tf.Variable(0), iterator=other).restore(path)
    assert [plain(e) for e in other] == wanted[3:]
    tf.train.Checkpoint(iterator=iterator).restore(path).expect_partial()
    assert [plain(e) for e in iterator] == wanted[3:]


def test_an_element_looked_at_in_a_function_is_saved():
    @tf.function
    def first_two(iterator):
        total = tf.constant(0, tf.int64)
        for x in iterator:
            total += x
            if x >= 1:
                break
        return total

    iterator = iter(D.range(6))
    assert int(first_two(iterator)) == 1
    other = iter(D.range(6))
    other._restore_state(iterator._save_state())
    assert [int(x) for x in other] == [2, 3, 4, 5] == [int(x) for x in iterator]


def test_states_of_other_datasets_and_damaged_ones_are_refused():
    state = iter(D.range(5).batch(2))._save_state()
    with pytest.raises(tf.errors.InvalidArgumentError, match="another dataset"):
        iter(D.range(5).shuffle(3, seed=1))._restore_state(state)
    with pytest.raises(tf.errors.DataLossError, match="damaged"):
        iter(D.range(5))._restore_state(b"{")
    with pytest.raises(tf.errors.DataLossError, match="damaged"):
        iter(D.range(5).shuffle(3))._restore_state(iter(D.range(5).shuffle(3))._save_state()[:-9] + b"\0")

"""tf.train.Checkpoint and the files it writes: TensorFlow's own, read both ways; damaged files; late and partial restores."""

import os

import ml_dtypes
import numpy as np
import pytest

import thalweg as tf
from goldens.checkpoint_objects import RECORDED, assert_as_saved, net, objects
from thalweg.engine.formats import bundle

# -- both ways -----------------------------------------------------------------------------------------------------------


def test_reads_what_tensorflow_wrote():
    made = objects(tf, 0)
    tf.train.Checkpoint(**made).read(str(RECORDED / "objects")).assert_consumed()
    assert_as_saved(tf, made)


def test_writes_the_tensors_as_tensorflow_wrote_them(tmp_path):
    theirs = bundle.BundleReader(RECORDED / "objects")
    ours = bundle.BundleReader(tf.train.Checkpoint(**objects(tf)).write(tmp_path / "ours"))
    assert set(theirs.entries) == set(ours.entries)
    for key, entry in ours.entries.items():
        other = theirs.entries[key]
        assert (entry.dtype, entry.shape) == (other.dtype, other.shape)
        if key != "_CHECKPOINTABLE_OBJECT_GRAPH":
            assert entry.crc == other.crc, key


def test_reads_slices_of_partitioned_variables():
    reader = tf.train.load_checkpoint(RECORDED / "slices")
    np.testing.assert_array_equal(reader.get_tensor("cut"), reader.get_tensor("part"))


@pytest.mark.parametrize("cut", [[(0, -1)], [(63, 64), (8191, 8192)], [(2**40, 1), (0, 70)]])
def test_keys_of_slices_are_distinct(cut):
    assert bundle.slice_key("a", cut) != bundle.slice_key("a\0", cut)


# -- saving and restoring ------------------------------------------------------------------------------------------------


def test_round_trip_of_all_dtypes(tmp_path):
    path = tf.train.Checkpoint(**objects(tf)).save(tmp_path / "new" / "ck")
    assert path.endswith("ck-1")
    made = objects(tf, 0)
    status = tf.train.Checkpoint(**made).restore(path)
    status.assert_consumed().assert_existing_objects_matched().expect_partial()
    assert_as_saved(tf, made)
    assert tf.train.latest_checkpoint(tmp_path / "new") == path
    assert sorted(os.listdir(tmp_path / "new")) == ["checkpoint", "ck-1.data-00000-of-00001", "ck-1.index"]


def test_counter_goes_on_after_a_restore(tmp_path):
    v = tf.Variable(1.0)
    first = tf.train.Checkpoint(v=v)
    first.save(tmp_path / "ck")
    path = first.save(tmp_path / "ck")
    second = tf.train.Checkpoint(v=v)
    second.restore(path)
    assert second.save(tmp_path / "ck").endswith("ck-3")
    assert second.save_counter.numpy() == 3


def test_root_gives_its_own_children(tmp_path):
    first = net(tf, 1)
    path = tf.train.Checkpoint(first, step=tf.Variable(3)).write(tmp_path / "ck")
    assert "w/.ATTRIBUTES/VARIABLE_VALUE" in dict(tf.train.list_variables(path))
    other, step = net(tf, 0), tf.Variable(0)
    tf.train.Checkpoint(other, step=step).read(path).assert_consumed()
    assert step.numpy() == 3
    np.testing.assert_array_equal(other.w.numpy(), first.w.numpy())


def test_variables_made_later_get_their_values(tmp_path):
    class Lazy(tf.Module):
        def build(self):
            self.inner = Inner()

    class Inner(tf.Module):
        def build(self):
            self.v = tf.Variable(0.0)

    made = Lazy()
    made.build()
    made.inner.build()
    made.inner.v.assign(5.0)
    path = tf.train.Checkpoint(m=made).save(tmp_path / "ck")
    late = Lazy()
    status = tf.train.Checkpoint(m=late).restore(path)
    with pytest.raises(AssertionError, match=r"\(root\)\.m\.inner\.v"):
        status.assert_consumed()
    late.build()
    late.inner.build()
    assert late.inner.v.numpy() == 5.0
    status.assert_consumed()


def test_partial_restores_say_what_is_missing(tmp_path):
    path = tf.train.Checkpoint(a=tf.Variable(1.0), b=tf.Variable(2.0)).write(tmp_path / "ck")
    a, c = tf.Variable(0.0), tf.Variable(9.0)
    status = tf.train.Checkpoint(a=a, c=c).read(path)
    assert (a.numpy(), c.numpy()) == (1.0, 9.0)
    with pytest.raises(AssertionError, match=r"Unresolved object in checkpoint \(root\)\.b"):
        status.assert_consumed()
    with pytest.raises(AssertionError, match="not assigned a value"):
        status.assert_existing_objects_matched()
    status.assert_nontrivial_match()
    with pytest.raises(AssertionError, match="Nothing"):
        tf.train.Checkpoint(c=c).read(path).assert_nontrivial_match()


def test_another_shape_or_dtype_is_an_error(tmp_path):
    path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(tmp_path / "ck")
    with pytest.raises(ValueError, match=r"incompatible tensor with shape \(2,\).*shape \(3,\)"):
        tf.train.Checkpoint(v=tf.Variable([1.0, 2.0, 3.0])).read(path)
    with pytest.raises(tf.errors.InvalidArgumentError, match="float32 in the checkpoint"):
        tf.train.Checkpoint(v=tf.Variable([1, 2])).read(path)


def test_what_cannot_be_saved_is_refused(tmp_path):
    with pytest.raises(ValueError, match="trackable"):
        tf.train.Checkpoint(v=3.0)
    with pytest.raises(tf.errors.NotFoundError, match="Failed to find any matching files"):
        tf.train.Checkpoint(v=tf.Variable(1.0)).restore(tmp_path / "nothing")
    with pytest.raises(AssertionError, match="No checkpoint specified"):
        tf.train.Checkpoint(v=tf.Variable(1.0)).restore(None).assert_consumed()


def test_generators_and_keras_objects(tmp_path):
    generator = tf.random.Generator.from_seed(3)
    generator.normal([3])
    path = tf.train.Checkpoint(g=generator).write(tmp_path / "ck")
    wanted, other = generator.normal([2]), tf.random.Generator.from_seed(4)
    tf.train.Checkpoint(g=other).read(path).assert_consumed()
    np.testing.assert_array_equal(other.normal([2]), wanted)


def test_keras_model_and_optimizer_are_restored_before_they_are_built(tmp_path):
    def make():
        layers = [tf.keras.layers.Dense(3, activation="tanh"), tf.keras.layers.Dense(1)]
        return tf.keras.Sequential(layers), tf.keras.optimizers.Adam(0.1)

    def step(model, optimizer):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(tf.ones([2, 4])) ** 2)
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))

    model, optimizer = make()
    step(model, optimizer)
    path = tf.train.Checkpoint(model=model, optimizer=optimizer).save(tmp_path / "ck")
    other, again = make()
    status = tf.train.Checkpoint(model=other, optimizer=again).restore(path)
    step(model, optimizer)
    step(other, again)
    status.assert_consumed()
    for a, b in zip(model.variables, other.variables, strict=True):
        np.testing.assert_array_equal(a, b)


# -- managers and states -------------------------------------------------------------------------------------------------


def test_manager_keeps_the_last_ones(tmp_path):
    v = tf.Variable(0.0)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path, max_to_keep=2)
    assert manager.latest_checkpoint is None
    for i in range(4):
        v.assign(float(i))
        manager.save()
    assert [os.path.basename(p) for p in manager.checkpoints] == ["ckpt-3", "ckpt-4"]
    assert sorted(f for f in os.listdir(tmp_path) if f.endswith("index")) == ["ckpt-3.index", "ckpt-4.index"]
    again = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path, max_to_keep=2)
    v.assign(-1.0)
    assert again.restore_or_initialize() == manager.latest_checkpoint
    assert v.numpy() == 3.0
    assert again.save().endswith("ckpt-5")
    assert [os.path.basename(p) for p in again.checkpoints] == ["ckpt-4", "ckpt-5"]


def test_manager_counts_steps(tmp_path):
    step = tf.Variable(0, dtype=tf.int64)
    called = []
    checkpoint = tf.train.Checkpoint(step=step)
    manager = tf.train.CheckpointManager(
        checkpoint, tmp_path, max_to_keep=None, step_counter=step, checkpoint_interval=10, init_fn=lambda: called.append(1)
    )
    assert manager.restore_or_initialize() is None
    assert called == [1]
    saved = []
    for _ in range(25):
        step.assign_add(1)
        saved.append(manager.save())
    assert [os.path.basename(p) for p in saved if p] == ["ckpt-1", "ckpt-11", "ckpt-21"]
    with pytest.raises(ValueError, match="max_to_keep"):
        tf.train.CheckpointManager(tf.train.Checkpoint(), tmp_path, max_to_keep=0)


def test_states_and_readers(tmp_path):
    path = tf.train.Checkpoint(v=tf.Variable([1, 2])).save(tmp_path / "ck")
    state = tf.train.get_checkpoint_state(tmp_path)
    assert state.model_checkpoint_path == path
    assert (tmp_path / "checkpoint").read_text() == 'model_checkpoint_path: "ck-1"\nall_model_checkpoint_paths: "ck-1"\n'
    reader = tf.train.load_checkpoint(tmp_path)
    assert reader.get_variable_to_shape_map()["v/.ATTRIBUTES/VARIABLE_VALUE"] == [2]
    assert reader.get_variable_to_dtype_map()["v/.ATTRIBUTES/VARIABLE_VALUE"] is tf.int32
    assert reader.has_tensor("nothing") is False
    with pytest.raises(tf.errors.NotFoundError, match="Key nothing not found"):
        reader.get_tensor("nothing")
    assert tf.train.load_variable(path, "v/.ATTRIBUTES/VARIABLE_VALUE").tolist() == [1, 2]
    assert tf.train.latest_checkpoint(tmp_path / "elsewhere") is None
    with pytest.raises(ValueError, match="Couldn't find"):
        os.makedirs(tmp_path / "empty")
        tf.train.load_checkpoint(tmp_path / "empty")


# -- damage --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "ck"
    tensors = {"x": np.arange(100.0), "s": np.array([b"one", b"two"], object), "h": np.ones(3, ml_dtypes.bfloat16)}
    bundle.write_bundle(str(path), tensors)
    return path


def change(path, at, value):
    data = bytearray(path.read_bytes())
    data[at] ^= value
    path.write_bytes(bytes(data))


def test_a_changed_byte_is_found(saved):
    data = saved.with_name("ck.data-00000-of-00001")
    size = data.stat().st_size
    for at, key in ((0, "h"), (size - 1, "x"), (7, "s"), (14, "s")):
        change(data, at, 0x10)
        with pytest.raises(tf.errors.DataLossError):
            bundle.BundleReader(saved).read(key)
        change(data, at, 0x10)
    assert bundle.BundleReader(saved).read("s").tolist() == [b"one", b"two"]


def test_an_index_that_is_none(saved):
    index = saved.with_name("ck.index")
    whole = index.read_bytes()
    for cut in (0, 10, len(whole) - 1):
        index.write_bytes(whole[:cut])
        with pytest.raises(tf.errors.DataLossError):
            bundle.BundleReader(saved)
    for at in range(len(whole)):
        index.write_bytes(whole)
        change(index, at, 0xFF)
        try:
            reader = bundle.BundleReader(saved)
            for key in reader.entries:
                reader.read(key)
        except tf.errors.OpError:
            pass  # said with one of TensorFlow's errors: nothing else may come out, and no memory may be taken


def test_a_data_file_cut_short_or_missing(saved):
    data = saved.with_name("ck.data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:-1])
    with pytest.raises(tf.errors.OutOfRangeError, match="too short"):
        bundle.BundleReader(saved).read("x")
    data.unlink()
    with pytest.raises(tf.errors.NotFoundError, match="data-00000-of-00001"):
        bundle.BundleReader(saved).read("x")


def test_a_failed_save_leaves_the_one_before(tmp_path, monkeypatch):
    v = tf.Variable(1.0)
    path = tf.train.Checkpoint(v=v).write(tmp_path / "ck")
    v.assign(2.0)

    def refuse(*args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="disk full"):
        tf.train.Checkpoint(v=v).write(tmp_path / "ck")
    monkeypatch.undo()
    tf.train.Checkpoint(v=v).read(path).assert_consumed()
    assert v.numpy() == 1.0
    assert len(os.listdir(tmp_path)) == 2

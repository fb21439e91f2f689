"""tf.compat.v1.train.Saver: by name, from sessions, in TensorFlow's files."""

import os

import numpy as np
import pytest

import thalweg as tf
from goldens.checkpoint_objects import RECORDED

v1 = tf.compat.v1


@pytest.fixture
def session():
    with tf.Graph().as_default(), v1.Session() as session:
        yield session


def test_round_trip(session, tmp_path):
    a, b = tf.Variable([1.0, 2.0], name="a"), v1.get_variable("scope/b", initializer=tf.constant(3, tf.int64))
    saver = v1.train.Saver()
    session.run(v1.global_variables_initializer())
    path = saver.save(session, tmp_path / "model", global_step=b)
    assert path == str(tmp_path / "model-3")
    assert tf.train.list_variables(path) == [("a", [2]), ("scope/b", [])]
    assert v1.train.latest_checkpoint(tmp_path) == path
    with v1.Session() as fresh:
        saver.restore(fresh, path)
        assert fresh.run([a, b])[0].tolist() == [1, 2]
        assert fresh.run(tf.add(a, 1.0)).tolist() == [2, 3]


def test_a_dict_renames_and_a_list_chooses(session, tmp_path):
    a, b = tf.Variable(1.0, name="a"), tf.Variable(2.0, name="b")
    session.run(v1.global_variables_initializer())
    path = v1.train.Saver({"other": a}).save(session, tmp_path / "m", write_state=False)
    assert sorted(os.listdir(tmp_path)) == ["m.data-00000-of-00001", "m.index", "m.meta"]
    v1.train.Saver({"other": b}).restore(session, path)
    assert session.run(b) == 1.0
    with pytest.raises(tf.errors.NotFoundError, match="Key b not found in checkpoint"):
        v1.train.Saver([b]).restore(session, path)


def test_old_ones_are_deleted(session, tmp_path):
    tf.Variable(1.0)
    saver = v1.train.Saver(max_to_keep=2)
    session.run(v1.global_variables_initializer())
    for step in range(4):
        saver.save(session, tmp_path / "m", global_step=step)
    assert [os.path.basename(p) for p in saver.last_checkpoints] == ["m-2", "m-3"]
    assert sorted(f for f in os.listdir(tmp_path) if f.endswith(".index")) == ["m-2.index", "m-3.index"]
    state = v1.train.get_checkpoint_state(tmp_path)
    assert [os.path.basename(p) for p in state.all_model_checkpoint_paths] == ["m-2", "m-3"]
    later = v1.train.Saver(max_to_keep=2)
    later.recover_last_checkpoints(state.all_model_checkpoint_paths)
    later.save(session, tmp_path / "m", global_step=9)
    assert sorted(f for f in os.listdir(tmp_path) if f.endswith(".index")) == ["m-3.index", "m-9.index"]


def test_errors(session, tmp_path):
    with pytest.raises(ValueError, match="No variables to save"):
        v1.train.Saver()
    v = tf.Variable([1.0], name="v")
    saver = v1.train.Saver()
    with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized"):
        saver.save(session, tmp_path / "m")
    session.run(v.initializer)
    with pytest.raises(ValueError, match="Parent directory"):
        saver.save(session, tmp_path / "nowhere" / "m")
    with pytest.raises(ValueError, match="not a valid checkpoint"):
        saver.restore(session, tmp_path / "nothing")
    with pytest.raises(ValueError, match="None"):
        saver.restore(session, None)
    path = saver.save(session, tmp_path / "m")
    with tf.Graph().as_default(), v1.Session() as other:
        tf.Variable([1.0, 2.0], name="v")
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"to match. lhs shape= \[2\] rhs shape= \[1\]"):
            v1.train.Saver().restore(other, path)


def test_reads_tensorflows_partitioned_variable(session):
    part = v1.get_variable("part", shape=[5, 3])
    cut = v1.get_variable("cut", shape=[5, 3])
    v1.train.Saver().restore(session, RECORDED / "slices")
    np.testing.assert_array_equal(*session.run([part, cut]))


def test_reads_a_checkpoint_of_objects_by_the_names_of_variables(session):
    w = v1.get_variable("w", shape=[2, 3])
    v1.train.Saver([w]).restore(session, RECORDED / "objects")
    assert session.run(w).tolist() == [[0, 1, 2], [3, 4, 5]]

"""Record checkpoints as TensorFlow 2.21 writes them: `python -m goldens.record_checkpoints` in tests/, with TensorFlow's Python.

With a path as its argument it reads that checkpoint instead, and says whether it holds what `checkpoint_objects` makes.
"""

import sys

import numpy as np
import tensorflow as tf

from goldens.checkpoint_objects import RECORDED, assert_as_saved, objects


def record():
    tf.train.Checkpoint(**objects(tf)).write(str(RECORDED / "objects"))
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        initial = np.random.RandomState(0).standard_normal((5, 3)).astype(np.float32)

        def slices(shape, dtype, partition_info):
            return initial[partition_info.var_offset[0] :][: shape[0]]

        whole = v1.get_variable("part", initializer=initial)
        cut = v1.get_variable("cut", shape=(5, 3), initializer=slices, partitioner=v1.fixed_size_partitioner(2))
        session.run(v1.global_variables_initializer())
        saver = v1.train.Saver([whole, *list(cut)], sharded=True)
        saver.save(session, str(RECORDED / "slices"), write_meta_graph=False, write_state=False)


def check(path):
    made = objects(tf, 0)
    tf.train.Checkpoint(**made).read(path).assert_consumed()
    assert_as_saved(tf, made)
    print("as saved")


if __name__ == "__main__":
    check(sys.argv[1]) if len(sys.argv) > 1 else record()

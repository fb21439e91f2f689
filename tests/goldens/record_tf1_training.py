"""Record `data/tf1_*.npz` from TensorFlow with tf-keras: `python tests/goldens/record_tf1_training.py` where they are installed."""

import importlib
import os
import pathlib
import sys

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # tf.layers needs it
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # plain kernels: the same numbers on every machine

import numpy as np
import tensorflow.compat.v1 as tf

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
tf.disable_v2_behavior()
for name in sys.argv[1:] or ("tf1_training", "tf1_layers", "tf1_measures", "tf1_rnn", "tf1_sampling"):
    np.savez_compressed(HERE / "data" / f"{name}.npz", **importlib.import_module(name).numbers(tf))

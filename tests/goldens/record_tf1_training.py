"""Record `data/tf1_training.npz` from TensorFlow: `python tests/goldens/record_tf1_training.py` where it is installed."""

import pathlib
import sys

import numpy as np
import tensorflow.compat.v1 as tf

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from tf1_training import numbers

tf.disable_v2_behavior()
np.savez_compressed(pathlib.Path(__file__).parent / "data" / "tf1_training.npz", **numbers(tf))

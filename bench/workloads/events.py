"""Writing event files for TensorBoard: numbers and histograms, until they are in the file.

One measurement each: it is long enough, TensorFlow's takes half a minute. What must agree is how many events the files hold.
"""

import struct
import tempfile
from pathlib import Path

import numpy as np

from bench.workload import Calls, faster

SCALARS, HISTOGRAMS, VALUES = 10**5, 10**3, 1000

_targets = [faster("tensorflow", 3), faster("pytorch", 3), faster("tensorboardx", 3)]
scalars = Calls("scalars", "writing 10^5 scalars", targets=_targets, calls=1, rounds=1)
histograms = Calls("histograms", "writing 10^3 histograms of 1,000 values", targets=_targets, calls=1, rounds=1)


def events_in(folder):
    """How many events the files in a folder hold."""
    count = 0
    for path in Path(folder).glob("*tfevents*"):
        data, at = memoryview(path.read_bytes()), 0
        while at < len(data):
            at += 16 + struct.unpack_from("<Q", data, at)[0]
            count += 1
    return count - 1  # the first one says the version


def data():
    return [np.random.default_rng(i).normal(size=VALUES).astype(np.float32) for i in range(16)]


@scalars.on("thalweg", "tensorflow")
def _(peer):
    from importlib import import_module

    tf, folder = import_module(peer), tempfile.mkdtemp()

    def write():
        writer = tf.summary.create_file_writer(folder)
        with writer.as_default():
            scalar = tf.summary.scalar
            for i in range(SCALARS):
                scalar("loss", 0.5, step=i)
        writer.close()

    return write, lambda: events_in(folder)


@histograms.on("thalweg", "tensorflow")
def _(peer):
    from importlib import import_module

    tf, folder, values = import_module(peer), tempfile.mkdtemp(), data()

    def write():
        writer = tf.summary.create_file_writer(folder)
        with writer.as_default():
            for i in range(HISTOGRAMS):
                tf.summary.histogram("weights", values[i % 16], step=i)
        writer.close()

    return write, lambda: events_in(folder)


def summary_writer(peer):
    """PyTorch's and tensorboardX's class of one name and form."""
    if peer == "pytorch":
        from torch.utils.tensorboard import SummaryWriter
    else:
        from tensorboardX import SummaryWriter
    return SummaryWriter


@scalars.on("pytorch", "tensorboardx")
def _(peer):
    kind, folder = summary_writer(peer), tempfile.mkdtemp()

    def write():
        writer = kind(folder)
        for i in range(SCALARS):
            writer.add_scalar("loss", 0.5, i)
        writer.close()

    return write, lambda: events_in(folder)


@histograms.on("pytorch", "tensorboardx")
def _(peer):
    kind, folder, values = summary_writer(peer), tempfile.mkdtemp(), data()

    def write():
        writer = kind(folder)
        for i in range(HISTOGRAMS):
            writer.add_histogram("weights", values[i % 16], i)
        writer.close()

    return write, lambda: events_in(folder)

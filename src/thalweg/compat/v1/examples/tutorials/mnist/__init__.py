"""MNIST as TensorFlow 1's tutorials read it."""

from thalweg.compat.v1.examples.tutorials.mnist import input_data as input_data

"""Plugins of TensorBoard."""

from thalweg.contrib.tensorboard.plugins import projector as projector

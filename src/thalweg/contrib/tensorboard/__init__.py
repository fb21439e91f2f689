"""`tf.contrib.tensorboard`: what TensorBoard's plugins are told."""

from thalweg.contrib.tensorboard import plugins as plugins

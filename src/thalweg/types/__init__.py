"""`tf.types`: names for annotations."""

from thalweg.types import experimental as experimental

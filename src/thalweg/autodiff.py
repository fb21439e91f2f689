"""`tf.autodiff`: forward mode."""

from thalweg.engine.autodiff.forward import ForwardAccumulator as ForwardAccumulator

"""`tf.autodiff`: forward mode, and the tape."""

from thalweg.engine.autodiff.forward import ForwardAccumulator as ForwardAccumulator
from thalweg.engine.autodiff.tape import GradientTape as GradientTape

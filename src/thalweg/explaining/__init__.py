"""`tf.explain`: reverse-mode differentiation made visible.

The forward sweep gives every node of a computation its value; the backward sweep gives it the derivative of the result, as
the sum over its consumers that the chain rule says. What is shown is what the engine's own walk computes, step by step.
"""

from thalweg.explaining.capture import explain as explain
from thalweg.explaining.explanation import Explanation as Explanation, Node as Node, Part as Part

__all__ = ["Explanation", "Node", "Part", "explain"]

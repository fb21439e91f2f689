"""Where functions and datasets look for TensorSpec."""

from thalweg.engine.core.tensor_spec import TensorSpec as TensorSpec

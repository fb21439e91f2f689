"""`tf.RaggedTensor` with its operators, and `tf.RaggedTensorSpec`."""

from thalweg.engine.ops.ragged import operators as _operators  # attaches the operators
from thalweg.engine.ops.ragged.spec import RaggedTensorSpec as RaggedTensorSpec
from thalweg.engine.ops.ragged.tensor import RaggedTensor as RaggedTensor, RaggedTensorValue as RaggedTensorValue

"""`tf.strings.format`: tensors in a text. Source: https://www.tensorflow.org/api_docs/python/tf/strings/format"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.core.tensor_spec import TensorSpec
from thalweg.engine.execution.printing_ops import tensor_text
from thalweg.engine.execution.python_calls import HostOp, boxed


def _run(xp: Any, *arrays: Any, template: str, placeholder: str, summarize: int) -> Any:
    first, *rest = template.split(placeholder)
    parts = [first]
    for array, text in zip(arrays, rest):
        parts += [tensor_text(np.asarray(array), summarize), text]
    return (boxed("".join(parts).encode()),)


format_op = HostOp(_run, "StringFormat", lambda attrs: [TensorSpec([], dtypes.string)])


def format_(template: str, inputs: Any = (), placeholder: str = "{}", summarize: int = 3, name: str | None = None) -> Any:
    """A text with tensors in the place of each `placeholder`, of which there must be as many.

    summarize: how many values are shown at each end of an axis, -1 for all. Raises ValueError for another number of tensors.

    >>> tf.strings.format("tensor: {}, suffix", tf.range(3)).numpy()
    b'tensor: [0 1 2], suffix'
    """
    given = [inputs] if isinstance(inputs, (Tensor, np.ndarray, str, int, float)) else list(inputs)
    if template.count(placeholder) != len(given):
        raise ValueError(
            f"The template expects {template.count(placeholder)} tensors, but the inputs only has {len(given)}. Please ensure the "
            "number of placeholders in template matches inputs length."
        )
    tensors = [convert.convert_to_tensor(x) for x in given]
    attrs: dict[str, Any] = {"template": template, "placeholder": placeholder, "summarize": summarize}
    if local.graph is not None or any(isinstance(t, SymbolicTensor) for t in tensors):
        return format_op(*tensors, name=name, **attrs)[0] if tensors else convert.convert_to_tensor(template)
    return EagerTensor(_run(np, *[t._array for t in tensors], **attrs)[0])

"""`model.export`: what a model answers, as a SavedModel for serving, without its Keras side."""

from __future__ import annotations

import os
from typing import Any

import thalweg as tf
from thalweg.saved_model.saving import _model_function


class Exported(tf.Module):
    """What an exported model consists of: `serve`, and its variables in lists."""

    def __init__(self, model: Any, input_signature: Any):
        super().__init__()
        self.variables_of_model = list(model.variables)
        self.trainable_variables_of_model = list(model.trainable_variables)
        self.serve = tf.function(lambda *inputs: model(inputs[0] if len(inputs) == 1 else list(inputs), training=False))
        self.serve.get_concrete_function(*input_signature)

    def _trackable_children(self) -> dict[str, Any]:
        return {
            "variables": self.variables_of_model, "trainable_variables": self.trainable_variables_of_model,
            "non_trainable_variables": [v for v in self.variables_of_model if not v.trainable],
        }  # fmt: skip


def export(model: Any, filepath: Any, format: str = "tf_saved_model", verbose: Any = None, input_signature: Any = None) -> None:
    """Write a model as a SavedModel with the function `serve` and the signature 'serving_default'.

    input_signature: specs of the inputs, for a model that does not know them. Raises ValueError for another format, and for a
    model whose inputs are not known.
    """
    if format != "tf_saved_model":
        raise ValueError(f"`format` may be 'tf_saved_model' here, but it is {format!r}.")
    signature = input_signature
    if signature is None:
        if getattr(model, "_graph", None) is None:
            raise ValueError(
                f"The inputs of model {model.name!r} are not known: pass input_signature=[tf.TensorSpec(...)], or call it on data "
                "first where it is Sequential."
            )
        signature = [tf.TensorSpec(x.shape, x.dtype, name) for x, name in zip(model._graph.inputs, model.input_names)]
    exported = Exported(model, signature)
    if getattr(model, "_graph", None) is not None and input_signature is None:
        served: Any = _model_function(model)
    else:
        served = next(iter(exported.serve._cache.values()))
    tf.saved_model.save(exported, os.fspath(filepath), {"serving_default": served})

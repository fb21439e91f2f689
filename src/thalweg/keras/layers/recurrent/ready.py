"""Recurrent layers with their cell: `SimpleRNN`, `LSTM`, `GRU`."""

from __future__ import annotations

import inspect
from typing import Any

from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.layers.recurrent.cells import Cell, GRUCell, LSTMCell, SimpleRNNCell
from thalweg.keras.layers.recurrent.rnn import LAYER_ARGUMENTS, RNN

# What configs of Keras 2 hold that says how, not what, to compute.
_KERAS_2_ARGUMENTS = frozenset({"implementation", "use_cudnn", "use_legacy_config"})


class WithCell(RNN):
    """A recurrent layer that makes its own cell. It takes the arguments of the cell, then those of `RNN`."""

    _cell_class: type[Cell]
    _cell_name: str
    _dimensions = 3

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """The signature and the attributes of the cell are the layer's, too."""
        super().__init_subclass__(**kwargs)
        if "_cell_class" not in cls.__dict__:
            return
        of_cell = list(inspect.signature(cls._cell_class.__init__).parameters.values())
        of_layer = [p for p in inspect.signature(RNN.__init__).parameters.values() if p.name in LAYER_ARGUMENTS]
        cls.__signature__ = inspect.Signature([*of_cell[1:-1], *of_layer, of_cell[-1]])  # type: ignore[attr-defined]
        for name in (*cls._cell_class._config_names, "implementation"):
            setattr(cls, name, property(_getter(name)))

    def __init__(self, *args: Any, **kwargs: Any):
        of_layer = {name: kwargs.pop(name) for name in LAYER_ARGUMENTS if name in kwargs}
        of_cell = {name: kwargs.pop(name) for name in list(kwargs) if name in _cell_arguments(self._cell_class)}
        trainable, dtype = kwargs.get("trainable", True), kwargs.get("dtype")
        cell = self._cell_class(*args, **of_cell, name=self._cell_name, dtype=dtype, trainable=trainable)
        super().__init__(cell, **of_layer, **kwargs)
        self.input_spec = InputSpec(ndim=self._dimensions)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["cell"]
        of_cell = self.cell.get_config()
        return {**config, **{name: of_cell[name] for name in self._cell_class._config_names}}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        return cls(**config)


def _getter(name: str) -> Any:
    return lambda self: getattr(self.cell, name)


def _cell_arguments(cell: type[Cell]) -> set[str]:
    names = set(inspect.signature(cell.__init__).parameters) | _KERAS_2_ARGUMENTS
    return names - {"self", "kwargs"}


class SimpleRNN(WithCell):
    """Fully connected recurrent layer: a `SimpleRNNCell` over time. Source: `tf.keras.layers.SimpleRNN`.

    >>> tf.keras.layers.SimpleRNN(4)(tf.zeros([2, 3, 5])).shape
    TensorShape([2, 4])
    """

    _cell_class, _cell_name = SimpleRNNCell, "simple_rnn_cell"


class LSTM(WithCell):
    """Long short-term memory over sequences, `[batch, time, features]`. Source: `tf.keras.layers.LSTM`.

    >>> y, h, c = tf.keras.layers.LSTM(4, return_sequences=True, return_state=True)(tf.zeros([2, 3, 5]))
    >>> y.shape, h.shape
    (TensorShape([2, 3, 4]), TensorShape([2, 4]))
    """

    _cell_class, _cell_name = LSTMCell, "lstm_cell"


class GRU(WithCell):
    """Gated recurrent units over sequences, `[batch, time, features]`. Source: `tf.keras.layers.GRU`.

    >>> tf.keras.layers.GRU(4)(tf.zeros([2, 3, 5])).shape
    TensorShape([2, 4])
    """

    _cell_class, _cell_name = GRUCell, "gru_cell"


__all__ = ["GRU", "LSTM", "Layer", "SimpleRNN", "WithCell"]

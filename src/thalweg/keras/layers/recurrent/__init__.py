"""Layers over sequences that carry a state from step to step."""

from thalweg.keras.layers.recurrent.cells import GRUCell, LSTMCell, SimpleRNNCell
from thalweg.keras.layers.recurrent.conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from thalweg.keras.layers.recurrent.ready import GRU, LSTM, SimpleRNN
from thalweg.keras.layers.recurrent.rnn import RNN, AbstractRNNCell, StackedRNNCells

__all__ = [
    "GRU", "LSTM", "RNN", "AbstractRNNCell", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRUCell", "LSTMCell", "SimpleRNN",
    "SimpleRNNCell", "StackedRNNCells",
]  # fmt: skip

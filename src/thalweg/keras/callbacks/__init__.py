"""Callbacks: what else happens while a model trains. Source: `tf.keras.callbacks`."""

from thalweg.keras.callbacks.backup import BackupAndRestore
from thalweg.keras.callbacks.callback import Callback, LambdaCallback
from thalweg.keras.callbacks.callback_list import CallbackList
from thalweg.keras.callbacks.checkpoints import ModelCheckpoint
from thalweg.keras.callbacks.logs import CSVLogger, History, ProgbarLogger
from thalweg.keras.callbacks.monitor import EarlyStopping, ReduceLROnPlateau
from thalweg.keras.callbacks.steering import LearningRateScheduler, SwapEMAWeights, TerminateOnNaN
from thalweg.keras.callbacks.tensorboard import TensorBoard

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]

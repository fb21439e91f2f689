"""`tf.math` as TensorFlow 1 has it: TensorFlow 2's names, and these in their older form."""

from typing import Any

from thalweg import math as _v2
from thalweg.compat.v1.arithmetic import (
    argmax as argmax,
    argmin as argmin,
    bincount as bincount,
    confusion_matrix as confusion_matrix,
    count_nonzero as count_nonzero,
    reduce_all as reduce_all,
    reduce_any as reduce_any,
    reduce_logsumexp as reduce_logsumexp,
    reduce_max as reduce_max,
    reduce_mean as reduce_mean,
    reduce_min as reduce_min,
    reduce_prod as reduce_prod,
    reduce_sum as reduce_sum,
)
from thalweg.compat.v1.arrays import in_top_k as in_top_k
from thalweg.compat.v1.nn_basic import log_softmax as log_softmax, softmax as softmax


def __getattr__(name: str) -> Any:
    return getattr(_v2, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_v2)} - {"Any"})

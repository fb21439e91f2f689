"""`keras.ops.numpy`: the functions that NumPy has, too."""

from thalweg.keras.ops.arrays import *  # noqa: F403
from thalweg.keras.ops.elementwise import *  # noqa: F403
from thalweg.keras.ops.linalg import slogdet as slogdet
from thalweg.keras.ops.reductions import *  # noqa: F403

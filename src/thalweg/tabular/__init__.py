"""Tables: from rows and columns to a trained, explained, saved network. What `thalweg fit` and `thalweg predict` run.

>>> fitted = tf.tabular.fit(tf.tabular.simulated_california(), "ocean_proximity")     # doctest: +SKIP
>>> fitted.metrics["test"]["accuracy"], fitted.predict(rows), fitted.model            # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from .california import load_california as load_california
from .fitting import fit as fit
from .predictor import Predictor as Predictor
from .preparing import Prepared as Prepared, prepare as prepare
from .problems import TableError as TableError
from .reading import read_table as read_table
from .result import Fitted as Fitted
from .running import Epoch as Epoch
from .settings import Settings as Settings
from .several import FittedTargets as FittedTargets, PredictorTargets as PredictorTargets, load as load
from .simulated import simulated_california as simulated_california
from .training import train as train

if TYPE_CHECKING:
    from .estimator import TabularClassifier as TabularClassifier, TabularRegressor as TabularRegressor


def __getattr__(name: str) -> Any:
    """The estimators, made when they are asked for: scikit-learn takes a second to load."""
    if name in ("TabularClassifier", "TabularRegressor"):
        from . import estimator

        return getattr(estimator, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""What a fitted model does, and why: importance, dependence, curves, explanations of single rows."""

from .curves import calibration as calibration, precision_recall as precision_recall, roc as roc
from .dependence import partial_dependence as partial_dependence
from .explanations import explain as explain, explain_rows as explain_rows
from .importance import permutation_importance as permutation_importance
from .study import Study as Study

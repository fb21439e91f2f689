"""The pictures of a fit as its methods, for notebooks."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..interpretation.study import Study


class Plots:
    """What a fit can show of itself. Each `plot_` method gives a Matplotlib figure, which a notebook shows.

    They raise TableError where the fit has no such picture: `plot_roc` of numbers, `plot_map` without longitude and latitude.
    """

    @cached_property
    def study(self) -> Study:
        """What the fit rests on, as numbers: importances, dependences, curves, the hardest rows."""
        from ..interpretation.study import Study

        fitted: Any = self
        return Study(fitted)

    def report(self, folder: str | Path) -> Path:
        """Write the report and all that lies beside it into a folder; return the path of `report.html`."""
        from ..output import write_output

        fitted: Any = self
        write_output(fitted, folder)
        return Path(folder) / "report.html"

    def plot_target(self) -> Figure:
        """How the rows spread over the classes, or over the target's range."""
        return self._draw("target")

    def plot_network(self) -> Figure:
        """The layers from the table's columns to the answer."""
        return self._draw("network")

    def plot_loss(self) -> Figure:
        """Loss by epoch on train and dev, with the epoch that was kept."""
        return self._draw("loss")

    def plot_accuracy(self) -> Figure:
        """Accuracy by epoch on train and dev."""
        return self._draw("accuracy")

    def plot_r2(self) -> Figure:
        """R2 by epoch on train and dev."""
        return self._draw("r2")

    def plot_confusion_matrix(self) -> Figure:
        """Test rows by true and predicted class."""
        return self._draw("confusion_matrix")

    def plot_roc(self) -> Figure:
        """True against false positive rate, one class against the others."""
        return self._draw("roc")

    def plot_precision_recall(self) -> Figure:
        """Precision against recall, one class against the others."""
        return self._draw("precision_recall")

    def plot_calibration(self) -> Figure:
        """How often the model is right where it says how sure it is."""
        return self._draw("calibration")

    def plot_predicted(self) -> Figure:
        """Predicted against true numbers."""
        return self._draw("predicted")

    def plot_residuals(self) -> Figure:
        """How the errors are spread."""
        return self._draw("residuals")

    def plot_residuals_by_prediction(self) -> Figure:
        """The errors against the predicted numbers."""
        return self._draw("residuals_by_prediction")

    def plot_importance(self) -> Figure:
        """What each column is worth."""
        return self._draw("importance")

    def plot_dependence(self, column: str) -> Figure:
        """How the answers change with one column."""
        from . import draw_dependence

        return draw_dependence(self.study, column)

    def plot_map(self) -> Figure:
        """The test rows where they lie, and where the model is wrong."""
        return self._draw("map")

    def _draw(self, name: str) -> Figure:
        from . import draw

        return draw(self.study, name)

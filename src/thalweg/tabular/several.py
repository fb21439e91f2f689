"""Several targets of one table: a model for each, none of which reads the others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .predictor import Predictor, load as load_one
from .problems import TableError
from .writing import make_folder, write_file

if TYPE_CHECKING:
    import pandas as pd

TARGETS = "targets.json"


class PredictorTargets(dict[str, Predictor]):
    """Models by their target."""

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """What each model predicts, a column each."""
        import pandas as pd

        return pd.DataFrame({target: model.predict(frame) for target, model in self.items()}, index=frame.index)

    def evaluate(self, frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
        """Figures of merit by target, on a table that holds them too."""
        return {target: model.evaluate(frame) for target, model in self.items()}

    def save(self, folder: str | Path) -> None:
        """Write each model into a folder of its own, and `targets.json`, which names them."""
        for target, place in folders(self, Path(folder)).items():
            self[target].save(place / "model")
        write_list(self, Path(folder))


class FittedTargets(PredictorTargets):
    """What `fit` gives for several targets: a `Fitted` for each."""

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """Figures of merit by target."""
        return {target: fitted.metrics for target, fitted in self.items()}  # type: ignore[attr-defined]


def folders(targets: Iterable[str], folder: Path) -> dict[str, Path]:
    """Where each target's model goes: a folder named like it, as far as a file may be."""
    return {target: folder / f"{place}-{re.sub(r'[^A-Za-z0-9_-]+', '-', target)[:60]}" for place, target in enumerate(targets, 1)}


def write_list(targets: Iterable[str], folder: Path) -> None:
    places = {target: place.name for target, place in folders(targets, folder).items()}
    write_file(make_folder(folder) / TARGETS, json.dumps(places, indent=1) + "\n")


def load(folder: str | Path) -> Predictor | PredictorTargets:
    """Load a model that `save` or `thalweg fit` wrote, or those of several targets. See `predictor.load`."""
    folder = Path(folder)
    if not (folder / TARGETS).is_file():
        return load_one(folder)
    try:
        places = json.loads((folder / TARGETS).read_text())
        return PredictorTargets({str(target): load_one(folder / Path(place).name) for target, place in places.items()})
    except (OSError, ValueError, AttributeError, TypeError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError(f"cannot read {str(folder / TARGETS)!r}: {error}.") from None

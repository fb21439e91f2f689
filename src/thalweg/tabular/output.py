"""The folder that a fit leaves: model, figures of merit, pictures."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .figures import save_figures
from .writing import make_folder, write_file

if TYPE_CHECKING:
    from .result import Fitted


def default_folder(source: str) -> Path:
    """`thalweg-fit/NAME-TIME`, with the name of the table's file and the local time."""
    name = Path(source).name.removesuffix(".gz").removesuffix(".csv")
    name = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "table"
    return Path("thalweg-fit") / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"


def write_output(fitted: Fitted, folder: str | Path) -> list[str]:
    """Write `model/`, `metrics.json` and the pictures, what is dearest first; return the names.

    Raises TableError when the disk is full or the folder cannot be written; what was written stays.
    """
    folder = make_folder(folder)
    fitted.save(folder / "model")
    write_file(folder / "metrics.json", json.dumps(fitted.summary(), indent=1) + "\n")
    return ["model/", "metrics.json", *save_figures(fitted, folder)]

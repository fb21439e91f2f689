"""The folder that a fit leaves: model, figures of merit, report, pictures."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .writing import make_folder, write_file

if TYPE_CHECKING:
    from .result import Fitted

PICTURES = "figures"


def default_folder(source: str) -> Path:
    """`thalweg-fit/NAME-TIME`, with the name of the table's file and the local time."""
    name = Path(source).name.removesuffix(".gz").removesuffix(".csv")
    name = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "table"
    return Path("thalweg-fit") / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"


def write_output(fitted: Fitted, folder: str | Path) -> list[str]:
    """Write the model, the figures of merit, the pictures, the model for other tools and the report, what is dearest first;
    return the names.

    Raises TableError when the disk is full or the folder cannot be written; what was written stays.
    """
    from .exports import write_exports
    from .figures import pictures
    from .interpretation import Study
    from .report import make_page

    folder = make_folder(folder)
    fitted.save(folder / "model")
    _write_metrics(folder, fitted.summary())
    studied = Study(fitted)
    _write_metrics(folder, fitted.summary() | studied.summary())
    found = pictures(studied)
    files = ["model/", "metrics.json", f"{PICTURES}/"]
    drawn: dict[str, dict[str, bytes]] = {"png": {}, "svg": {}}
    make_folder(folder / PICTURES)
    for name, picture in found.items():
        for file, content in picture.files().items():
            write_file(folder / PICTURES / file, content)
            drawn[file[-3:]][name] = content
    files += write_exports(fitted, drawn["png"], folder)
    write_file(folder / "report.html", make_page(studied, found, drawn["svg"], files))
    return [*files, "report.html"]


def _write_metrics(folder: Path, metrics: dict) -> None:
    write_file(folder / "metrics.json", json.dumps(metrics, indent=1) + "\n")

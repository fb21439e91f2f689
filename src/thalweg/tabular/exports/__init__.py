"""A fit for other tools: one `.keras` file, a script that trains it again, event files for TensorBoard."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

from ..writing import write_file
from .events import write_events
from .keras_file import cells as cells, whole_model as whole_model, write_keras_file
from .script import ROWS, make_layers, make_rows, make_script

if TYPE_CHECKING:
    from ..result import Fitted


def write_exports(fitted: Fitted, pictures: dict[str, bytes], folder: Path) -> list[str]:
    """Write `model.keras`, `model.py` with what it needs, and `events/`; return the names.

    pictures: PNG files by name. Raises TableError where one cannot be written.
    """
    write_keras_file(fitted, folder / "model.keras")
    write_file(folder / "layers.py", make_layers())
    write_file(folder / ROWS, gzip.compress(make_rows(fitted).to_csv(index=False).encode(), mtime=0))
    write_file(folder / "model.py", make_script(fitted))
    write_events(fitted, pictures, folder / "events")
    return ["model.keras", "model.py", "layers.py", ROWS, "events/"]

"""California housing, the table that `thalweg fit` takes when it is given none.

20,640 districts of the census of 1990. Taken from the folder that `THALWEG_DATA_DIR` names, else from the cache, else from
the network; where there is none, the simulated California stands in.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from .problems import TableError
from .reading import read_table
from .simulated import simulated_california
from .writing import make_folder, write_file

if TYPE_CHECKING:
    import pandas as pd

TARGET = "ocean_proximity"
SHA256 = "8a3727f4cf54ac1a327f69b1d5b4db54c5834ea81c6e4efc0d163300022a685e"
ADDRESSES = (
    "https://raw.githubusercontent.com/ageron/handson-ml/master/datasets/housing/housing.csv",
    "https://raw.githubusercontent.com/ageron/handson-ml2/master/datasets/housing/housing.csv",
)
SECONDS_TO_WAIT = 10


def load_california() -> tuple[pd.DataFrame, str]:
    """The table, and one line that says where it is from."""
    folder = os.environ.get("THALWEG_DATA_DIR")
    if folder:
        for name in ("housing.csv", "housing.csv.gz"):
            path = Path(folder) / name
            if path.is_file():
                return read_table(path), f"California housing, from {path}"
    cached = cache_folder() / "housing.csv"
    if cached.is_file() and _sha256(cached.read_bytes()) == SHA256:
        return read_table(cached), f"California housing, from the cache ({cached})"
    data, address = _download()
    if data is None:
        return simulated_california(), ("simulated California: no housing.csv in THALWEG_DATA_DIR or the cache and none to be "
                                        "had from the network, so districts drawn around the state's real cities stand in")
    # A cache that cannot be written costs the next run a download, and this one nothing.
    with contextlib.suppress(TableError):
        write_file(make_folder(cached.parent) / cached.name, data)
    import pandas as pd

    return pd.read_csv(io.BytesIO(data)), f"California housing, from {address}"


def cache_folder() -> Path:
    """Where downloads are kept: `thalweg` under `XDG_CACHE_HOME`, or under `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "thalweg"


def _download() -> tuple[bytes | None, str]:
    """The file from the first address that gives it whole, and that address."""
    for address in ADDRESSES:
        try:
            with urllib.request.urlopen(address, timeout=SECONDS_TO_WAIT) as answer:
                data = answer.read()
        except (OSError, ValueError):       # no network, no such page, a broken answer
            continue
        if _sha256(data) == SHA256:
            return data, address
    return None, ""


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

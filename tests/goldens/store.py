"""Golden files: one JSON line a case, arrays packed into one compressed buffer per family."""

import json
from pathlib import Path

import numpy as np

from goldens.runner import Raised, Slices, Text
from goldens.spec import DTYPES, SHORT

FOLDER = Path(__file__).parent / "data"


class Writer:
    """Packs observations; equal arrays are stored once."""

    def __init__(self):
        self.buffer, self.places = bytearray(), {}

    def pack(self, observed):
        if isinstance(observed, Raised):
            return {"error": observed.name}
        return [self._leaf(leaf) for leaf in observed]

    def _leaf(self, leaf):
        if isinstance(leaf, Text):
            return leaf.text
        if isinstance(leaf, Slices):
            return {"slices": self._array(leaf.dense)}
        return self._array(leaf)

    def _array(self, array):
        if array.dtype.kind in "OSU":
            texts = [t.decode("latin-1") if isinstance(t, bytes) else t for t in array.ravel().tolist()]
            return ["str", list(array.shape), texts]
        data = array.tobytes()
        if data not in self.places:
            self.places[data] = len(self.buffer)
            self.buffer += data
        return [SHORT[array.dtype], list(array.shape), self.places[data]]

    def save(self, family, lines, header):
        FOLDER.mkdir(exist_ok=True)
        text = "\n".join(json.dumps(line, separators=(",", ":")) for line in [header, *lines])
        (FOLDER / f"{family}.jsonl").write_text(text + "\n")
        np.savez_compressed(FOLDER / f"{family}.npz", data=np.frombuffer(bytes(self.buffer), np.uint8))


class Golden:
    """One family's goldens: `lines[id]` as stored, `unpack` to observations."""

    def __init__(self, family):
        header, *lines = map(json.loads, (FOLDER / f"{family}.jsonl").read_text().splitlines())
        self.header, self.lines = header, {line["id"]: line for line in lines}
        with np.load(FOLDER / f"{family}.npz") as file:
            self.buffer = file["data"].tobytes()

    def unpack(self, stored):
        if isinstance(stored, dict):
            return Raised(stored["error"])
        return [self._leaf(leaf) for leaf in stored]

    def _leaf(self, leaf):
        if isinstance(leaf, str):
            return Text(leaf)
        if isinstance(leaf, dict):
            return Slices(self._leaf(leaf["slices"]))
        short, shape, place = leaf
        if short == "str":
            return np.array([t.encode("latin-1") for t in place] or [], object).reshape(shape)
        dtype, count = DTYPES[short], int(np.prod(shape))
        return np.frombuffer(self.buffer, dtype, count, place).reshape(shape)


def families():
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))

"""A trained table model: rows of a table in, classes or numbers out; saved as a folder of plain data."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from thalweg.version import __version__

from . import metrics
from .columns import CLASSIFICATION, to_numbers
from .preprocessing import Preprocessor
from .problems import TableError
from .profile import Profile
from .settings import Settings, check_settings
from .targets import check_target, class_numbers
from .writing import make_folder, write_file

if TYPE_CHECKING:
    import pandas as pd

    import thalweg as tf

    from .model import Shape

FORMAT, VERSION = "thalweg table model", 1
CONFIG = "config.json"
BATCH = 8192
BACKGROUND_ROWS = 64


@dataclass
class Predictor:
    """A network with all that it needs to read a table and to name its answers.

    `model` is the Keras model: it takes the matrix that `preprocessor` makes, and gives logits of `classes`, or the target less
    `center` over `deviation`.
    """

    task: str
    target: str
    classes: list
    center: float
    deviation: float
    preprocessor: Preprocessor
    settings: Settings
    model: tf.keras.Model
    background: np.ndarray | None = field(default=None, repr=False)     # some training rows, `[rows, width]`, to explain by
    profile: Profile | None = field(default=None, repr=False)           # how the training rows are spread

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """The class or the number predicted for each row, `[rows]`.

        Raises TableError where a column that the model reads is missing or cannot be read.
        """
        answers = self.answers(self.preprocessor.transform(frame))
        if self.task != CLASSIFICATION:
            return answers
        return np.array(self.classes)[answers.argmax(axis=1)]

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray:
        """The probability of each of `classes`, `[rows, classes]`. For classification."""
        if self.task != CLASSIFICATION:
            raise TableError(f"the model predicts {self.target!r}, a number; there are probabilities for classes only.")
        return self.answers(self.preprocessor.transform(frame))

    def evaluate(self, frame: pd.DataFrame) -> dict[str, Any]:
        """Figures of merit on a table that holds the target too: see `metrics.classification`, `metrics.regression`."""
        check_target(frame, self.target)
        values = frame[self.target]
        truth = class_numbers(values, self.classes) if self.task == CLASSIFICATION else to_numbers(values)
        return self.score(self.preprocessor.transform(frame), truth)

    def answers(self, matrix: np.ndarray) -> np.ndarray:
        """Probabilities `[rows, classes]` or numbers `[rows]`, float64, from a matrix of the preprocessor's."""
        return self.meaning(self.outputs(matrix))

    def meaning(self, output: np.ndarray) -> np.ndarray:
        """The answers that the network's outputs `[rows, outputs]` mean: see `answers`, `outputs`."""
        if self.task != CLASSIFICATION:
            return output[:, 0] * self.deviation + self.center
        odds = np.exp(output - output.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def outputs(self, matrix: np.ndarray) -> np.ndarray:
        """What the network gives: logits, or the standardised target; float64 `[rows, outputs]`."""
        if not len(matrix):
            return np.empty((0, max(len(self.classes), 1)))
        return np.asarray(self.model.predict(matrix, batch_size=BATCH, verbose=0), np.float64)

    def score(self, matrix: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
        """Figures of merit on a matrix of the preprocessor's and class numbers or numbers."""
        return self.figures(truth, self.answers(matrix))

    def figures(self, truth: np.ndarray, answers: np.ndarray) -> dict[str, Any]:
        """Figures of merit of answers, see `answers`, where class numbers or numbers are true."""
        if self.task == CLASSIFICATION:
            return metrics.classification(truth, answers, [str(label) for label in self.classes])
        return metrics.regression(truth, answers)

    def __getstate__(self) -> dict[str, Any]:
        """For pickle and copies: the network as its weights."""
        return {**self.__dict__, "model": self.model.get_weights()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        from .model import build_model

        self.__dict__.update(state)
        self.model = build_model(self.settings, shape_of(self.preprocessor, self.classes), self.settings.members)
        self.model.set_weights(state["model"])

    def save(self, folder: str | Path) -> None:
        """Write `config.json` and the weights into a folder, so that one that was there stays whole until this one is.

        The configuration names its file of weights by their hash and is replaced last.
        """
        folder = make_folder(folder)
        weights = _pack(self.model.get_weights() + ([] if self.background is None else [self.background]))
        name = f"weights-{hashlib.sha256(weights).hexdigest()[:16]}.npz"
        config = {
            "format": FORMAT, "version": VERSION, "thalweg": __version__, "task": self.task, "target": self.target,
            "classes": self.classes, "center": self.center, "deviation": self.deviation, "settings": asdict(self.settings),
            "preprocessor": self.preprocessor.get_config(), "weights": name,
            "background": 0 if self.background is None else len(self.background),
            "profile": None if self.profile is None else self.profile.get_config(),
        }
        write_file(folder / name, weights)
        write_file(folder / CONFIG, json.dumps(config, indent=1))
        for old in folder.glob("weights-*.npz"):
            if old.name != name:
                old.unlink(missing_ok=True)


def load(folder: str | Path) -> Predictor:
    """Load a model that `save` or `thalweg fit` wrote; a fit's output folder will do.

    Nothing in the files is run, and no array is read that the described network has no place for.
    Raises TableError where there is no such model, or it is damaged or of a later version.
    """
    from .model import build_model

    folder = Path(folder)
    if (folder / "model" / CONFIG).is_file():
        folder = folder / "model"
    try:
        config = json.loads((folder / CONFIG).read_text())
    except FileNotFoundError:
        raise TableError(f"there is no model in {str(folder)!r}; name the folder that 'thalweg fit' wrote.") from None
    except (OSError, ValueError) as error:
        raise TableError(f"cannot read {str(folder / CONFIG)!r}: {error}.") from None
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise TableError(f"{str(folder)!r} does not hold a table model; name the folder that 'thalweg fit' wrote.")
    if config.get("version", 0) > VERSION:
        raise TableError(f"the model in {str(folder)!r} was written by Thalweg {config.get('thalweg')}, and this is "
                         f"{__version__}, which cannot read it; install the later one.")
    try:
        fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value
                                  for name, value in config["settings"].items()}
        settings = Settings(**fields)
        check_settings(settings)
        preprocessor = Preprocessor.from_config(config["preprocessor"])
        model = build_model(settings, shape_of(preprocessor, config["classes"]), settings.members)
        expected, rows = model.get_weights(), config.get("background", 0)
        if not isinstance(rows, int) or not 0 <= rows <= BACKGROUND_ROWS:
            raise ValueError(f"background is {rows!r}")
        arrays = _unpack(folder / Path(config["weights"]).name,
                         expected + ([np.empty((rows, preprocessor.width), np.float32)] if rows else []))
        model.set_weights(arrays[:len(expected)])
        profile = Profile.from_config(config["profile"]) if config.get("profile") else None
        return Predictor(config["task"], config["target"], config["classes"], config["center"], config["deviation"],
                         preprocessor, settings, model, arrays[-1] if rows else None, profile)
    except (AttributeError, KeyError, TypeError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise TableError(f"the model in {str(folder)!r} is damaged ({type(error).__name__}: {error}); fit it again.") from None


def shape_of(preprocessor: Preprocessor, classes: Sequence[Any]) -> Shape:
    """What a network that reads this preprocessor's matrix and tells these classes apart takes and gives."""
    from .model import Shape

    return Shape(preprocessor.width, preprocessor.scaled, max(len(classes), 1), len(preprocessor.pairs))


def draw_background(matrix: np.ndarray, seed: int) -> np.ndarray:
    """Some rows by chance, in their order."""
    few = min(BACKGROUND_ROWS, len(matrix))
    return matrix[np.sort(np.random.RandomState(seed).choice(len(matrix), few, replace=False))]


def _pack(weights: list[np.ndarray]) -> bytes:
    file = io.BytesIO()
    arrays: Any = {f"weight_{place:03d}": weight for place, weight in enumerate(weights)}
    np.savez(file, **arrays)
    return file.getvalue()


def _unpack(path: Path, expected: list[np.ndarray]) -> list[np.ndarray]:
    """Read arrays of the shapes and dtypes of `expected`; anything else is refused before it is read."""
    found = []
    with zipfile.ZipFile(path) as archive:
        for place, like in enumerate(expected):
            with archive.open(f"weight_{place:03d}.npy") as member:
                np.lib.format.read_magic(member)
                shape, fortran, dtype = np.lib.format.read_array_header_1_0(member)
                if shape != like.shape or dtype != like.dtype or fortran:
                    raise ValueError(f"weight {place} is {dtype}{list(shape)} where {like.dtype}{list(like.shape)} belongs")
                found.append(np.frombuffer(member.read(like.nbytes), dtype).reshape(shape))
    return found

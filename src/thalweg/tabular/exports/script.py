"""`model.py`, a script that a person can read, which builds the network of a fit and trains it again from the table; and
`layers.py` beside it, with the layers that are not Keras' own. Both run on Thalweg and on TensorFlow."""

from __future__ import annotations

import inspect
import pprint
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from .. import model, preprocessing
from ..columns import CLASSIFICATION
from ..figures.network import layers_of
from ..settings import OPTIMIZERS
from ..training import dev_weights, train_weights
from .layers import TableMatrix

if TYPE_CHECKING:
    import pandas as pd

    from ..result import Fitted

ROWS = "rows.csv.gz"
IMPORT = """try:
    import thalweg as tf
except ImportError:
    import tensorflow as tf
"""


def make_layers() -> str:
    """The text of `layers.py`: the source of every layer of ours that a saved model may hold."""
    parts = (model.PeriodicEmbedding, model.PlaceWaves, model.MeanOfNetworks, TableMatrix)
    sources = "\n\n".join(inspect.getsource(part) for part in parts)
    return f'''"""Layers of a model of `thalweg fit`: after `import layers`, `tf.keras.models.load_model` finds them."""

from __future__ import annotations

import math
from typing import Any

{IMPORT}

def cosine(turns: Any) -> Any:
    """`cos(2 pi turns)`."""
    return tf.cos(2 * math.pi * turns)


def sine(turns: Any) -> Any:
    """`sin(2 pi turns)`."""
    return tf.sin(2 * math.pi * turns)


{sources}'''


def make_rows(fitted: Fitted) -> pd.DataFrame:
    """What `rows.csv.gz` holds: for each row of the table the part that it was in, and what it counted for where not all
    count 1. A row without a target is in none."""
    import pandas as pd

    prepared = fitted.prepared
    part = np.full(len(prepared.frame), "", object)
    weight = np.zeros(len(prepared.frame))
    of_train, of_dev = (make(prepared, prepared.split.train) for make in (train_weights, dev_weights))
    for name, rows in prepared.split._asdict().items():
        part[rows] = name
        weight[rows] = (of_train if name == "train" else of_dev)[rows]
    found = pd.DataFrame({"part": part})
    return found if np.all(weight[part != ""] == 1) else found.assign(weight=weight.round(6))


def make_script(fitted: Fitted) -> str:
    """The text of `model.py`. It needs NumPy, pandas, and Thalweg or TensorFlow, and of the fit's folder `layers.py` and
    `rows.csv.gz`.

    What it does not do again is what was done around the network: several starts, folds, a search, calibration.
    """
    return "\n".join([_head(fitted), _table(fitted), _matrix(fitted), _network(fitted), _training(fitted)])


# -- the parts, in order ---------------------------------------------------------------------------------------


def _head(fitted: Fitted) -> str:
    settings, preprocessor = fitted.settings, fitted.preprocessor
    used = [name for name, is_used in (("PeriodicEmbedding", _has_waves(fitted)), ("PlaceWaves", _has_places(fitted))) if is_used]
    lines = [f'''"""Predict {_words(fitted.target)}: the network of `thalweg fit`, built and trained again.

    python model.py {_words(PurePath(fitted.record.source).name or "TABLE.csv")}

Runs on Thalweg or, where that is not installed, on TensorFlow.
"""

import math
{"import re" if preprocessor.texts else ""}
import sys
{"import zlib" if preprocessor.texts else ""}
from pathlib import Path
{"from statistics import NormalDist" if any(number.at for number in _scaled(fitted)) else ""}
'''.replace("\n\nimport sys\n\n", "\nimport sys\n").rstrip("\n") + "\n"]
    lines.append("\nimport numpy as np\nimport pandas as pd\n")
    lines.append(f"from layers import {', '.join(used)}\n\n" if used else "\n")
    lines.append(f"{IMPORT}\nTARGET = {fitted.target!r}\n")
    for name, values in (("NUMBERS", [number.name for number in preprocessor.numbers]),
                         ("CATEGORIES", [category.name for category in preprocessor.categories])):
        if values:
            lines.append(f"{name} = {_listed(values)}\n")
    if fitted.task == CLASSIFICATION:
        lines.append(f"CLASSES = {_listed(fitted.classes)}\n")
    lines.append(f"EPOCHS, BATCH, SEED = {settings.epochs}, {settings.batch_size}, {settings.seed}\n")
    return "".join(lines)


def _table(fitted: Fitted) -> str:
    weighted = "weight" in make_rows(fitted)
    weight = 'weight = rows["weight"].to_numpy()        # what a row counts for\n' if weighted else ""
    if fitted.task == CLASSIFICATION:
        truth = ("number_of = {str(label): number for number, label in enumerate(CLASSES)}\n"
                 "truth = table[TARGET].astype(str).str.strip().map(number_of).to_numpy()\n")
        if not all(isinstance(label, (str, bool)) for label in fitted.classes):
            truth = "truth = table[TARGET].map({label: number for number, label in enumerate(CLASSES)}).to_numpy()\n"
    else:
        truth = "truth = table[TARGET].to_numpy(np.float64)\n"
    return f'''
# -- the table, and which rows are for what: to train, to choose the epoch by (dev), to test --------------------------

table = pd.read_csv(sys.argv[1], skipinitialspace=True, na_values=["?", "-", "--"])
table = table.dropna(subset=[TARGET]).reset_index(drop=True)
rows = pd.read_csv(Path(__file__).with_name("{ROWS}"))
if len(rows) != len(table):
    sys.exit(f"the table has {{len(table)}} rows with a target; the fit had {{len(rows)}}")
train, dev, test = (np.flatnonzero(rows["part"] == part) for part in ("train", "dev", "test"))
{weight}{truth}'''


def _matrix(fitted: Fitted) -> str:
    """The preprocessing, of which only what this fit uses is written."""
    preprocessor = fitted.preprocessor
    parts = ['''
# -- from the table to a matrix; all scales are learned from the training rows -----------------------------------------

''']
    lines = []
    if _scaled(fitted):
        parts += [_filled(), _scale(fitted)]
    if preprocessor.numbers:
        lines.append("columns += [part for name in NUMBERS for part in scaled(filled(table[name]))]")
    if preprocessor.dates:
        parts.append(_dates())
        forms = {date.name: date.form for date in preprocessor.dates}
        cycles = {date.name: list(date.cycles) for date in preprocessor.dates}
        lines += [f"DATES = {_listed(forms)}", f"CYCLES = {_listed(cycles)}",
                  "moments = {name: seconds(table[name], form) for name, form in DATES.items()}",
                  "columns += [part for name in DATES for part in scaled(filled(moments[name] / 86400))]"]
    gaps = [number.name for number in preprocessor.numbers if number.gaps]
    if gaps:
        lines.append(f"columns += [table[name].isna() for name in {_listed(gaps)}]")
    if preprocessor.dates:
        lines.append("columns += [part for name in DATES for part in circled(moments[name], CYCLES[name])]")
    if preprocessor.categories:
        parts.append(_categories())
        lines.append("columns += [part for name in CATEGORIES for part in marked(table[name])]")
    if preprocessor.texts:
        parts.append(_texts())
        names = _listed([text.name for text in preprocessor.texts])
        lines.append(f"columns += [part for name in {names} for part in told(table[name])]")
    for pair in preprocessor.pairs:
        parts.append(_places() if pair is preprocessor.pairs[0] else "")
        lines.append(f"columns += placed({pair.longitude!r}, {pair.latitude!r})")
    return "\n".join([*filter(None, parts), "columns = []         # each is a column of the matrix", *lines,
                      "matrix = np.stack(columns, axis=1).astype(np.float32)", ""])


def _filled() -> str:
    return '''def filled(column):
    """Gaps become the median, and what lies beyond the training range its end."""
    numbers = np.asarray(pd.to_numeric(column), np.float64)
    numbers = np.where(np.isnan(numbers), np.nanmedian(numbers[train]), numbers)
    return np.clip(numbers, numbers[train].min(), numbers[train].max())

'''


def _scale(fitted: Fitted) -> str:
    uses_ranks = any(number.at for number in _scaled(fitted))
    standard = "(numbers - known.mean()) / (known.std() or 1.0)"
    ranks = f'''def ranks(numbers):
    """The normal scores of the numbers' ranks: what is crowded is spread, what lies far out is reined in."""
    known = numbers[train]
    share = np.linspace(0, 1, min({preprocessing.KNOTS}, max(len(known), 2)))
    at, group = np.unique(np.quantile(known, share), return_inverse=True)
    middle = np.bincount(group, weights=share) / np.bincount(group)
    to = np.array([NormalDist().inv_cdf(min(max(part, 1e-3), 1 - 1e-3)) for part in middle])
    scores = np.interp(known, at, to)
    return np.interp(numbers, at, (to - scores.mean()) / (scores.std() or 1.0))


'''
    head = "def scaled(numbers):\n    known = numbers[train]\n"
    if fitted.settings.scaling == preprocessing.BOTH:
        return f"{ranks}{head}    return [{standard}, ranks(numbers)]\n\n"
    if not uses_ranks:
        return f"{head}    return [{standard}]\n\n"
    return f'''{ranks}{head}    far = max(known.max() - known.mean(), known.mean() - known.min())
    if far > {preprocessing.FAR_OUT:g} * (known.std() or 1.0):
        return [ranks(numbers)]     # a long tail
    return [{standard}]

'''


def _categories() -> str:
    return f'''def marked(column):
    """A column of zeros and ones for each of the commonest categories of the training rows, and one for the others."""
    if column.dtype.kind == "f" and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    words = column.astype(object).where(column.notna(), {preprocessing.MISSING!r}).astype(str).str.strip()
    counts = words.iloc[train].value_counts()
    levels = sorted(counts.index[:{preprocessing.MOST_CATEGORIES}])
    found = [words == level for level in levels]
    return found + [~words.isin(levels)] if len(counts) > {preprocessing.MOST_CATEGORIES} else found

'''


def _dates() -> str:
    return '''def seconds(column, form):
    """Seconds since 1970; of a time of day, since midnight."""
    moments = pd.to_datetime(column.astype(str).str.strip(), format=form, errors="coerce", utc=True).dt.tz_localize(None)
    found = moments.to_numpy("datetime64[ms]").astype(np.int64) / 1000
    found = np.where(moments.isna(), np.nan, found)
    return found % 86400 if form.startswith(("%H", "%I")) else found


def circled(moments, cycles):
    """Sine and cosine of the place in the year, the week and the day; both 0 where there is no date."""
    moment = np.nan_to_num(moments).astype("datetime64[s]")
    day = moment.astype("datetime64[D]")
    year = day.astype("datetime64[Y]")
    first, next_first = year.astype("datetime64[D]"), (year + 1).astype("datetime64[D]")
    phases = {"month": (day - first) / (next_first - first), "weekday": (day.astype(int) + 3) % 7 / 7,
              "hour": (moment - day).astype(float) / 86400}
    gone = np.isnan(moments)
    return [np.where(gone, 0, wave(2 * np.pi * phases[name])) for name in cycles for wave in (np.sin, np.cos)]

'''


def _texts() -> str:
    width = preprocessing.TEXT_WIDTH
    return f'''def told(column):
    """Words and pairs of words, hashed into {width} columns and weighed by how rare they are."""
    counts = np.zeros((len(column), {width}), np.float32)
    for row, cell in enumerate(column.fillna("").astype(str)):
        words = re.findall(r"\\w+", cell.lower())
        for token in words + [f"{{a}} {{b}}" for a, b in zip(words, words[1:])]:
            counts[row, zlib.crc32(token.encode()) % {width}] += 1
    weight = np.log((1 + len(train)) / (1 + (counts[train] > 0).sum(axis=0))) + 1
    found = np.log1p(counts) * weight.round(4)
    length = np.sqrt((found ** 2).sum(axis=1, keepdims=True))
    return list((found / np.where(length > 0, length, 1) * {width} ** 0.5 / 4).T)

'''


def _places() -> str:
    return '''def placed(longitude, latitude):
    """A place on a map, in units of the map's breadth."""
    east, north = filled(table[longitude]), filled(table[latitude])
    known = table.iloc[train][[longitude, latitude]]
    narrow = np.cos(np.radians(known[latitude].mean()))
    spread = (narrow ** 2 * known[longitude].var(ddof=0) + known[latitude].var(ddof=0)) / 2
    breadth = spread ** 0.5 or 1.0
    return [(east - known[longitude].mean()) * narrow / breadth, (north - known[latitude].mean()) / breadth]

'''


def _network(fitted: Fitted) -> str:
    settings, preprocessor = fitted.settings, fitted.preprocessor
    layers = ["tf.keras.Input(shape=(matrix.shape[1],))"]
    for layer in layers_of(fitted):
        kind = type(layer).__name__
        if kind == "PlaceWaves":
            layers.append(f"PlaceWaves({len(preprocessor.pairs)}, waves={settings.place_waves}, scale={settings.place_scale:g})")
        elif kind == "PeriodicEmbedding":
            layers.append(f"PeriodicEmbedding({preprocessor.scaled}, scales={tuple(layer.scales)}, frequencies={layer.waves}, "
                          f"width={layer.width})")
        elif kind == "Dropout":
            layers.append(f"tf.keras.layers.Dropout({layer.rate:g})")
        elif kind == "Dense" and layer.name == "output":
            layers.append(f"tf.keras.layers.Dense({'len(CLASSES)' if fitted.task == CLASSIFICATION else 1})")
        elif kind == "Dense":
            initializer = {"HeNormal": "he_normal", "GlorotUniform": "glorot_uniform"}[type(layer.kernel_initializer).__name__]
            layers.append(f"tf.keras.layers.Dense({layer.units}, activation={settings.activation!r}, "
                          f"kernel_initializer={initializer!r})")
    return "\n".join(["", "# -- the network " + "-" * 103, "", "tf.keras.utils.set_random_seed(SEED)",
                      "model = tf.keras.Sequential([", *(f"    {layer}," for layer in layers), "])", "model.summary()", ""])


def _training(fitted: Fitted) -> str:
    settings, classifies = fitted.settings, fitted.task == CLASSIFICATION
    weighted = "weight" in make_rows(fitted)
    options = (f", weight_decay={settings.weight_decay:g}" if settings.weight_decay else "") + (
        ", momentum=0.9" if settings.optimizer == "sgd" else "")
    lines = [f'''
# -- training: the rate falls along half a cosine, and the epoch that does best on dev is kept -------------------------

steps = EPOCHS * math.ceil(len(train) / BATCH)
rate = tf.keras.optimizers.schedules.CosineDecay({settings.learning_rate:g}, decay_steps=steps)
optimizer = tf.keras.optimizers.{OPTIMIZERS[settings.optimizer]}(learning_rate=rate{options})
''']
    if settings.weight_decay:
        lines.append('optimizer.exclude_from_weight_decay(var_names=["bias", "frequencies"])\n')
    if classifies:
        lines.append('''goal = truth.astype(np.int32)
model.compile(optimizer, loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
''')
    else:
        lines.append('''center, deviation = truth[train].mean(), truth[train].std() or 1.0
goal = ((truth - center) / deviation).astype(np.float32)[:, None]
model.compile(optimizer, loss="mse")
''')
    patience = f"patience={settings.patience}, restore_best_weights=True"
    lines.append(f'''stopping = tf.keras.callbacks.EarlyStopping(monitor="val_loss", {patience})
model.fit(
    matrix[train], goal[train],{" sample_weight=weight[train]," if weighted else ""} epochs=EPOCHS, batch_size=BATCH,
    validation_data=(matrix[dev], goal[dev]{", weight[dev]" if weighted else ""}), callbacks=[stopping], verbose=2)
model.set_weights(stopping.best_weights)        # also where all epochs were run

''')
    if classifies:
        lines.append('''predicted = model.predict(matrix[test], verbose=0).argmax(axis=1)
print(f"test accuracy {(predicted == truth[test]).mean():.4f} on {len(test)} rows")
''')
    else:
        lines.append('''predicted = model.predict(matrix[test], verbose=0)[:, 0] * deviation + center
error = predicted - truth[test]
print(f"test R2 {1 - (error ** 2).sum() / ((truth[test] - truth[test].mean()) ** 2).sum():.4f}, "
      f"mean absolute error {np.abs(error).mean():,.6g} on {len(test)} rows")
''')
    lines.append('model.save("trained.keras")\n')
    return "".join(lines)


# -- what a fit has --------------------------------------------------------------------------------------------


def _scaled(fitted: Fitted) -> list[preprocessing.Number]:
    """Everything that is scaled as a number is."""
    return [*fitted.preprocessor.numbers, *(date.elapsed for date in fitted.preprocessor.dates)]


def _has_waves(fitted: Fitted) -> bool:
    return any(isinstance(layer, model.PeriodicEmbedding) for layer in layers_of(fitted))


def _has_places(fitted: Fitted) -> bool:
    return any(isinstance(layer, model.PlaceWaves) for layer in layers_of(fitted))


def _listed(values: object) -> str:
    """A value as Python writes it, on lines of readable length."""
    return pprint.pformat(values, width=118, compact=True, sort_dicts=False)


def _words(text: str) -> str:
    """Text that cannot end a docstring or escape from it."""
    return " ".join(str(text).replace("\\", "/").replace('"""', "'''").split())

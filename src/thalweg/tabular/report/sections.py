"""The report's sections, in the order of the page. Each is HTML made of a study and its pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from ..columns import CLASSIFICATION, NUMBER
from ..figures.look import compact
from ..figures.network import stages
from ..interpretation.explanations import amount, strongest
from ..interpretation.study import Study
from ..problems import counted
from .parts import bar, card, esc, grid, number, pairs, percent, section, table, tiles
from .sparks import spark

if TYPE_CHECKING:
    import pandas as pd

Draw = Callable[[str], str]         # a picture's card, by its name
MOST_CLASSES_LISTED, MOST_CELLS, MOST_COLUMNS = 60, 24, 40
MOST_CELLS_COMPARED = 20_000_000


# -- the head ------------------------------------------------------------------------------------------------


def head(study: Study) -> str:
    """What was asked, the answer in a sentence, the headline figures, and what casts doubt on them."""
    fitted = study.fitted
    record = fitted.record
    known = (fitted.task.capitalize(), PurePath(record.source).name, record.started.replace("T", " ")[:16])
    about = " · ".join(text for text in known if text)
    doubts = "".join(f"<li>{esc(text, 500)}</li>" for text in fitted.prepared.warnings)
    warned = f'<aside class="warned" role="note"><h2>Read this first</h2><ul>{doubts}</ul></aside>' if doubts else ""
    return (f'<header><p class="eyebrow">{esc(about)}</p><h1>{_breakable(fitted.target)}</h1><p class="lead">{_verdict(study)}</p>'
            f"{tiles(_headline(study))}{warned}</header>")


def _breakable(name: str) -> str:
    """A name that a narrow screen may break where its words end."""
    return re.sub(r"([_.\-/])", r"\1<wbr>", esc(name, 80))


def _verdict(study: Study) -> str:
    fitted = study.fitted
    scores, truth = fitted.metrics["test"], fitted.test.truth
    rows = f"{scores['rows']:,} rows that it never saw"
    if fitted.task == CLASSIFICATION:
        train = fitted.prepared.truth[fitted.prepared.split.train]
        common = int(np.bincount(train).argmax())
        return (f"Of {rows}, the network names the right class for <b>{percent(scores['accuracy'])}</b>. Naming the commonest, "
                f"{esc(fitted.classes[common], 40)}, every time would be right for {percent(float((truth == common).mean()))}.")
    center = fitted.prepared.truth[fitted.prepared.split.train].mean()
    return (f"On {rows}, the network is off by <b>{esc(compact(scores['mae']))}</b> on average, and accounts for "
            f"{percent(max(scores['r2'], 0.0))} of the spread (R²). Naming the mean, {esc(compact(float(center)))}, every time "
            f"would be off by {esc(compact(float(np.abs(truth - center).mean())))}.")


def _headline(study: Study) -> list[tuple[str, str, str]]:
    fitted = study.fitted
    scores = fitted.metrics["test"]
    intervals = scores.get("intervals", {})

    def tile(key: str, name: str, remark: str) -> tuple[str, str, str]:
        known = intervals.get(key)
        return name, number(scores[key]), f"95%: {number(known[0])} – {number(known[1])}" if known else remark

    if fitted.task == CLASSIFICATION:
        entries = [tile("accuracy", "Accuracy", "share of rows that are right"), tile("macro_f1", "Macro F1", "all classes alike"),
                   tile("log_loss", "Log loss", "lower is better"),
                   ("Calibration error", percent(study.calibration.error), "sureness less accuracy")]
    else:
        middle = float(np.median(np.abs(fitted.test.values - fitted.test.truth)))
        entries = [tile("r2", "R²", "1 is exact, 0 the mean"), tile("mae", "Mean error", "off by, on average"),
                   tile("rmse", "Root mean square", "far misses count more"), ("Half within", number(middle), "of the truth")]
    return [*entries, ("Trained in", f"{fitted.seconds:.1f} s", f"epoch {fitted.best_epoch} of {len(fitted.history['loss'])} kept")]


# -- the table -----------------------------------------------------------------------------------------------


def data(study: Study, draw: Draw) -> str:
    """The rows, their split, the target, and every column with what was made of it."""
    fitted, prepared = study.fitted, study.fitted.prepared
    frame, sizes = prepared.frame, fitted.split_sizes
    whole = sum(sizes.values())
    parts = "".join(f'<div class="{part}" style="--share:{size / whole:.4f}"><b>{part}</b> {size:,}</div>'
                    for part, size in sizes.items())
    importance = {one.column: one.drop for one in study.importances}
    most = max([*importance.values(), 1e-9])
    rows = []
    plan = prepared.columns
    if len(plan) > MOST_COLUMNS:
        plan = sorted(plan, key=lambda column: -importance.get(column.name, -np.inf))
    for column in plan:
        values = frame[column.name]
        gaps = int(values.isna().sum())
        worth = bar(importance[column.name] / most, f"{max(importance[column.name], 0):.3f}") if column.name in importance else ""
        rows.append((esc(column.name, 40), esc(column.kind), spark(values, column), esc(column.remark, 120),
                     f"{gaps:,}" if gaps else "", worth))
    remarks = "".join(f"<li>{esc(remark[:1].upper() + remark[1:], 300)}.</li>" for remark in prepared.remarks)
    return section(
        "data", "The table",
        f"{counted(len(frame), 'row')}, {counted(len(frame.columns), 'column')}. The network learns from <b>train</b>, the epoch "
        "to keep is chosen on <b>dev</b>, and <b>test</b> is looked at once, for the figures of this page. Everything is fitted on "
        "train alone.",
        f'<div class="split" role="img" aria-label="rows in train, dev and test">{parts}</div>',
        f'<ul class="remarks">{remarks}</ul>' if remarks else "",
        grid(draw("target"), card("In numbers", pairs(_numbers(study))), _columns_card(rows)))


def _columns_card(rows: Sequence[tuple[str, ...]]) -> str:
    """The columns; of very many the ones that matter most, and the others folded away."""
    head = ("column", "kind", "spread", "what it holds", "missing", "importance")
    shown = table(head, rows[:MOST_COLUMNS], "words columns", "The columns")
    more = rows[MOST_COLUMNS:]
    folded = (f"<details><summary>{counted(len(more), 'column')} more</summary>"
              f"{table(head, more, 'words columns', 'The other columns')}</details>") if more else ""
    return card("Columns", shown + folded, wide=True)


def _numbers(study: Study) -> list[tuple[str, object]]:
    """The table in a few counts."""
    prepared = study.fitted.prepared
    frame, kinds = prepared.frame, Counter(column.kind for column in prepared.columns)
    gaps = int(frame.isna().to_numpy().sum())
    return [("rows", f"{len(frame):,}"), *((f"columns: {kind}", f"{count:,}") for kind, count in kinds.items()),
            ("empty cells", f"{gaps:,} of {frame.size:,}"), *_repeated(frame),
            ("numbers the network reads", f"{study.fitted.preprocessor.width:,}")]


def _repeated(frame: pd.DataFrame) -> list[tuple[str, object]]:
    """How many rows are there before; unsaid where that takes long to find out, or where cells cannot be compared."""
    if frame.size > MOST_CELLS_COMPARED:
        return []
    try:
        return [("rows that are there twice", f"{int(frame.duplicated().sum()):,}")]
    except TypeError:       # lists, dicts
        return []


# -- the network, and its training ----------------------------------------------------------------------------


def network(study: Study, draw: Draw) -> str:
    """The layers as a picture and as a table."""
    fitted = study.fitted
    settings = fitted.settings
    found = stages(fitted)
    rows = [(esc(stage.title), esc(stage.remark), f"{stage.units:,}", f"{stage.weights:,}" if stage.weights else "")
            for stage in found]
    rows.append(("in all", "", "", f"{sum(stage.weights for stage in found):,}"))
    decay = f", weight decay {settings.weight_decay:g}" if settings.weight_decay else ""
    return section(
        "network", "The network",
        f"A multilayer perceptron, trained with {esc(settings.optimizer)} at a rate of {settings.learning_rate:g} that falls to 0 "
        f"along half a cosine, in batches of {settings.batch_size}{decay}.",
        grid(draw("network"), card("Layer by layer", table(("layer", "", "units", "weights"), rows, "layers", "The layers"))))


def training(study: Study, draw: Draw) -> str:
    """Learning curves; several starts, folds and trials where there were such."""
    fitted = study.fitted
    merit = "accuracy" if fitted.task == CLASSIFICATION else "r2"
    extra = []
    if fitted.starts is not None:
        rows = [(esc(name), number(mean), number(fitted.starts.spread.get(name, float("nan")))) for name, mean in
                fitted.starts.mean.items()]
        extra.append(card(f"{fitted.starts.count} starts", table(("figure", "mean", "deviation"), rows, "", "Several starts"),
                          "The same network from different random weights, on the same test rows. The kept model is their mean."))
    if fitted.folds is not None:
        rows = [(esc(name), number(mean), number(fitted.folds.spread.get(name, float("nan")))) for name, mean in
                fitted.folds.mean.items()]
        extra.append(card(f"{len(fitted.folds.figures)}-fold cross-validation",
                          table(("figure", "mean", "deviation"), rows, "", "Cross-validation"),
                          "Each part of the table held out in turn, and a network trained on the others."))
    if fitted.trials:
        best = sorted(fitted.trials, key=lambda trial: trial.loss)[:10]
        tried = [(f"{trial.number}", esc(", ".join(f"{key} {value}" for key, value in trial.changes.items()) or "the recipe", 120),
                  number(trial.loss), f"{trial.epochs}") for trial in best]
        extra.append(card(f"The best of {counted(len(fitted.trials), 'trial')}",
                          table(("trial", "changes", "dev loss", "epochs"), tried, "", "Trials"), wide=True))
    lead = (f"{len(fitted.history['loss'])} epochs in {fitted.seconds:.1f} seconds. Dev is no better after epoch "
            f"{fitted.best_epoch}, so its weights are kept.")
    return section("training", "The training", lead, grid(draw("loss"), draw(merit), *extra))


# -- the answers ---------------------------------------------------------------------------------------------


def answers(study: Study, draw: Draw) -> str:
    """How well it does on the test rows."""
    fitted = study.fitted
    classifies = fitted.task == CLASSIFICATION
    keys = (("accuracy", "accuracy"), ("macro_f1", "macro F1"), ("log_loss", "log loss")) if classifies else (
        ("r2", "R²"), ("mae", "mean error"), ("rmse", "RMSE"))
    rows = [[esc(part), *(number(scores[key]) for key, _ in keys), f"{scores['rows']:,}"]
            for part, scores in fitted.metrics.items()]
    parts = card("Part by part", table(["", *(name for _, name in keys), "rows"], rows, "", "Figures by part"),
                 "Where train is much better than test, the network knows its rows by heart.")
    if classifies:
        cards = [draw("confusion_matrix"), card("Class by class", _class_table(study)), draw("roc"), draw("precision_recall"),
                 draw("calibration"), parts]
    else:
        cards = [draw("predicted"), draw("residuals"), draw("residuals_by_prediction"), parts]
    return section("answers", "How well it does", "All on the test rows, which had no part in training or choosing.", grid(*cards))


def _class_table(study: Study) -> str:
    scores = study.fitted.metrics["test"]
    entries = sorted(scores["classes"].items(), key=lambda entry: -entry[1]["rows"])[:MOST_CLASSES_LISTED]
    rows = [(esc(name, 30), *(bar(entry[key], f"{entry[key]:.3f}") for key in ("precision", "recall", "f1")), f"{entry['rows']:,}")
            for name, entry in entries]
    return table(("class", "precision", "recall", "F1", "rows"), rows, "bars", "Figures by class")


def reasons(study: Study, draw: Draw) -> str:
    """What the answers rest on."""
    names = [f"dependence_{place}" for place in range(1, len(study.dependences) + 1)]
    cards = [draw("importance")] + ([draw("map")] if study.map_columns else [])
    answer = "probability of each class" if study.fitted.task == CLASSIFICATION else "prediction"
    below = (f"<h3 class=\"between\">How the answer moves with one column</h3><p>The mean {answer} where every row is given the "
             "same cell in this column and keeps its others. The small strokes are the column's tenths: where they are sparse, "
             "there is little to learn from.</p>" + grid(*map(draw, names), kind="rows")) if names else ""
    return section("reasons", "What it rests on", "Which columns the network uses, and how.", grid(*cards), below)


def mistakes(study: Study) -> str:
    """The test rows that are most wrong, with their cells and what drew the answer there."""
    fitted, found = study.fitted, study.mistakes
    if not len(found.rows):
        return section("mistakes", "The hardest rows", "Not one test row is wrong.")
    order = [one.column for one in study.importances][:MOST_CELLS]
    frame = fitted.prepared.frame.iloc[found.rows]
    cards = []
    for place, row in enumerate(found.rows):
        cells = " ".join(f"<span>{esc(name, 30)} <b>{esc(_cell(frame[name].iloc[place]), 60)}</b></span>" for name in order)
        why = "".join(f'<li class="{"up" if share > 0 else "down"}">{esc(name, 30)} <b>{esc(amount(share, fitted.task))}</b></li>'
                      for name, share in strongest(found.explanations, place))
        cards.append(f'<article class="card mistake"><h3>Row {row + 1:,}</h3>{_told(study, place)}<ul class="why">{why}</ul>'
                     f'<p class="cells">{cells}</p></article>')
    what = ("Test rows given to another class, those first to whose true class the network gives least. " if
            fitted.task == CLASSIFICATION else "Test rows that are farthest off. ")
    start = "probability" if fitted.task == CLASSIFICATION else "prediction"
    return section("mistakes", "The hardest rows",
                   f"{what}Below each, the three columns that moved the {start} most, away from the mean over training rows "
                   "(Shapley values). A wrong label in the table shows up here first. Rows are counted from 1.",
                   grid(*cards, kind="small"))


def _told(study: Study, place: int) -> str:
    fitted, at = study.fitted, study.mistakes.places[place]
    truth, values = fitted.test.truth[at], fitted.test.values[at]
    if fitted.task == CLASSIFICATION:
        named = int(values.argmax())
        entries = [(word, esc(fitted.classes[which], 40), percent(float(values[which])))
                   for word, which in (("is", truth), ("taken for", named))]
    else:
        off = esc(amount(float(values - truth), fitted.task))
        entries = [("is", esc(compact(float(truth))), ""), ("predicted", esc(compact(float(values))), off)]
    told = "".join(f"<span>{word} <b>{what}</b> <small>{remark}</small></span>" for word, what, remark in entries)
    return f'<p class="told">{told}</p>'


def _cell(cell: Any) -> str:
    if cell is None or cell != cell:
        return "(missing)"
    return f"{cell:.6g}" if isinstance(cell, (float, np.floating)) else str(cell)


# -- others, and again -----------------------------------------------------------------------------------------


def comparison(study: Study) -> str:
    """The fit and other models on the same split; the first of them is the fit itself."""
    fitted = study.fitted
    if not fitted.compared:
        return ""
    keys = {"accuracy": "accuracy", "macro_f1": "macro F1"} if fitted.task == CLASSIFICATION else {"r2": "R²", "mae": "mean error"}
    rows: list[Sequence[str]] = []
    for entry in fitted.compared:
        if entry.failed:
            rows.append((esc(entry.name, 60), *[""] * (len(keys) + 2), f"<small>{esc(entry.failed, 200)}</small>"))
            continue
        figures = [number(entry.figures[key]) for key in keys]
        shown = [text if key == "mae" else bar(entry.figures[key], text) for key, text in zip(keys, figures)]
        times = (_duration(seconds) for seconds in (entry.fit_seconds, entry.predict_seconds))
        rows.append((esc(entry.name, 60), *shown, *times, _size(entry.size)))
    compared = table(("model", *keys.values(), "to train", "to predict", "size"), rows, "compared", "Comparison")
    return section("comparison", "Beside other models", "Other methods on the same split and the same columns, from scikit-learn.",
                   grid(card("On the test rows", compared, wide=True)))


def _duration(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def repeat(study: Study, versions: dict[str, str], command: str, files: list[str]) -> str:
    """The settings, versions, seeds and the command that make this again, and the files beside the page."""
    fitted = study.fitted
    settings = [(name.replace("_", " "), ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else value)
                for name, value in vars(fitted.settings).items()]
    machine = [("machine", fitted.record.machine)] if fitted.record.machine else []
    return section(
        "repeat", "To do it again", "The same table, settings and versions give the same network, bit by bit, on the same machine.",
        f'<pre class="command"><code>{esc(command, 2000)}</code></pre>',
        grid(card("Settings and seeds", pairs(settings)), card("Versions", pairs([*versions.items(), *machine])),
             card("Beside this page", pairs(_files(files)))))


FILES = {
    "model/": "the model for thalweg predict", "metrics.json": "every figure of this page", "model.keras": "the network with its "
    "preprocessing, for Keras", "model.py": "a script that trains it again", "layers.py": "the layers these two need",
    "rows.csv.gz": "which row was for what", "figures/": "the pictures as PNG and SVG", "events/": "the training for TensorBoard",
}


def _files(files: list[str]) -> list[tuple[str, str]]:
    return [(name, FILES.get(name, "")) for name in files if name != "report.html"]

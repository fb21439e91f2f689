"""What `thalweg fit` says: the table as it was understood, the network, and how well it does. Plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import CLASSIFICATION, NUMBER, REGRESSION
from .preparing import Prepared
from .problems import counted

if TYPE_CHECKING:
    from .result import Fitted

MOST_CLASSES_SHOWN = 12
FIGURES = {
    CLASSIFICATION: (("accuracy", "accuracy", ".4f"), ("macro_f1", "macro F1", ".4f")),
    REGRESSION: (("r2", "R2", ".4f"), ("mae", "mean |error|", ",.6g"), ("rmse", "root mean sq.", ",.6g")),
}


def describe_table(prepared: Prepared) -> str:
    """One line a column: what it was taken for and what is done about its gaps; then the target, and the split."""
    name_width = max(len(column.name) for column in prepared.columns)
    name_width = min(max(name_width, len(prepared.target)), 32)
    medians = {number.name: number.median for number in prepared.preprocessor.numbers}

    def line(name: str, kind: str, remark: str) -> str:
        return f"  {name:<{name_width}}  {kind:<9}  {remark}".rstrip()

    lines = []
    for column in prepared.columns:
        remark = column.remark
        if column.kind == NUMBER and "missing" in remark:
            remark += f" (filled with the median, {medians[column.name]:g})"
        lines.append(line(column.name, column.kind, remark))
    lines.append(line(prepared.target, "target", _describe_target(prepared)))
    lines += [f"  Note: {remark}." for remark in prepared.remarks]
    train, dev, test = (len(part) for part in prepared.split)
    parts = f"{counted(train, 'row')} to train on, {dev:,} to choose by (dev), {test:,} to test"
    return "\n".join([*lines, "", f"{prepared.task.capitalize()}: {parts}."])


def _describe_target(prepared: Prepared) -> str:
    truth = prepared.truth
    if prepared.task != CLASSIFICATION:
        return f"a number, {truth.min():g} to {truth.max():g}, mean {truth.mean():g}"
    counts = np.bincount(truth, minlength=len(prepared.classes))
    order = np.argsort(-counts, kind="stable")
    shares = [f"{prepared.classes[i]} {_percent(counts[i] / counts.sum())}" for i in order[:MOST_CLASSES_SHOWN]]
    return f"{counted(len(counts), 'class', 'classes')}: " + ", ".join(shares) + (
        ", ..." if len(order) > MOST_CLASSES_SHOWN else "")


def describe_network(prepared: Prepared, starts: int | None = None) -> str:
    """One sentence: the layers and how they are trained."""
    settings, preprocessor = prepared.settings, prepared.preprocessor
    starts = starts or settings.members
    inputs = " and ".join(counted(len(parts), *words) for parts, *words in (
        (preprocessor.numbers, "number"), (preprocessor.categories, "category", "categories"), (preprocessor.dates, "date"),
        (preprocessor.texts, "text")) if parts)
    embedding = " -> periodic embedding" if settings.embedding and preprocessor.scaled else ""
    embedding += " and waves across the map" if settings.place_waves and preprocessor.pairs else ""
    layers = " -> ".join(str(units) for units in (*settings.hidden, max(len(prepared.classes), 1)))
    return (f"Network: {inputs}{embedding} -> {layers}, {settings.activation}"
            + (f", dropout {settings.dropout:g}" if settings.dropout else "")
            + f"; {settings.optimizer}, rate {settings.learning_rate:g} falling to 0, batches of {settings.batch_size}, "
              f"up to {counted(settings.epochs, 'epoch')}, "
            + (f"seed {settings.seed}." if starts == 1 else f"{starts} starts at once, seeds from {settings.seed} on."))


# -- results -----------------------------------------------------------------------------------------------


def describe_result(fitted: Fitted) -> str:
    """The figures of merit on train, dev and test; for classes also each one's, and the confusion matrix; then what else was
    done: starts, folds, the comparison."""
    head = f"Trained in {fitted.seconds:.1f} s; epoch {fitted.best_epoch} of {len(fitted.history['loss'])} was the best on dev."
    parts = [head, _parts(fitted, *FIGURES[fitted.task]) + f"\n  95 % of the test figures: {_intervals(fitted.metrics['test'])}"]
    if fitted.task == CLASSIFICATION:
        test = fitted.metrics["test"]
        parts += [f"Test set, class by class\n{_class_table(test)}", _confusion_table(test)]
    if fitted.starts is not None:
        parts.append(f"{fitted.starts.count} starts, each by itself on the test set, mean and spread: "
                     + _spreads(fitted.task, fitted.starts.mean, fitted.starts.spread)
                     + "\nThe figures above are those of their mean.")
    if fitted.folds is not None:
        parts.append(f"{len(fitted.folds.figures)} folds, mean and spread: "
                     + _spreads(fitted.task, fitted.folds.mean, fitted.folds.spread))
    if fitted.compared:
        parts.append(describe_comparison(fitted))
    return "\n\n".join(parts + [f"Warning: {warning}." for warning in fitted.prepared.warnings])


def describe_comparison(fitted: Fitted) -> str:
    """The table of models on the same split."""
    figures = FIGURES[fitted.task][:2]
    rows = [["On the test set", *(title for _, title, _ in figures), "train", "predict", "size"]]
    for entry in fitted.compared:
        if entry.failed:
            rows.append([entry.name, *("" for _ in figures), "", "", "failed"])
        else:
            rows.append([entry.name, *(format(entry.figures[key], form) for key, _, form in figures), f"{entry.fit_seconds:.2f} s",
                         f"{1000 * entry.predict_seconds:,.0f} ms", f"{entry.size / 1024:,.0f} kB"])
    return "\n".join([_table(rows), *(f"  {entry.failed}" for entry in fitted.compared if entry.failed)])


def describe_evaluation(task: str, target: str, scores: dict[str, Any], source: str) -> str:
    """The figures of merit on a table of its own."""
    head = f"{target} in {source}: {scores['rows']:,} rows\n  {describe_scores(task, scores)}\n  95 %: {_intervals(scores)}"
    if task != CLASSIFICATION:
        return head
    return f"{head}\n\nClass by class\n{_class_table(scores)}\n\n{_confusion_table(scores)}"


def _intervals(scores: dict[str, Any]) -> str:
    words = {key: (title, form) for figures in FIGURES.values() for key, title, form in figures}
    return ", ".join(f"{words[key][0]} {low:{words[key][1]}} to {high:{words[key][1]}}"
                     for key, (low, high) in scores["intervals"].items())


def _spreads(task: str, mean: dict[str, float], spread: dict[str, float]) -> str:
    return ", ".join(f"{title} {mean[key]:{form}} ± {spread[key]:{form}}" for key, title, form in FIGURES[task])


def describe_scores(task: str, scores: dict[str, Any]) -> str:
    """One line of headline figures."""
    if task == CLASSIFICATION:
        return f"accuracy {scores['accuracy']:.4f}, macro F1 {scores['macro_f1']:.4f}"
    return f"R2 {scores['r2']:.4f}, mean absolute error {scores['mae']:,.6g}, root mean squared error {scores['rmse']:,.6g}"


def _parts(fitted: Fitted, *figures: tuple[str, str, str]) -> str:
    rows = [["", *(title for _, title, _ in figures), "rows"]]
    for part, scores in fitted.metrics.items():
        rows.append([part, *(format(scores[key], form) for key, _, form in figures), f"{scores['rows']:,}"])
    return _table(rows)


def _class_table(scores: dict[str, Any]) -> str:
    rows = [["", "precision", "recall", "F1", "rows"]]
    for name, entry in scores["classes"].items():
        rows.append([name, *(f"{entry[key]:.4f}" for key in ("precision", "recall", "f1")), f"{entry['rows']:,}"])
    return _table(rows)


def _confusion_table(scores: dict[str, Any]) -> str:
    names = list(scores["classes"])
    if len(names) > MOST_CLASSES_SHOWN:
        return f"The confusion matrix of {len(names)} classes is in the report and in metrics.json."
    rows = [["true \\ predicted", *names]]
    rows += [[name, *(f"{count:,}" if count else "." for count in counts)]
             for name, counts in zip(names, scores["confusion_matrix"])]
    return "Confusion matrix\n" + _table(rows)


def _table(rows: list[list[str]]) -> str:
    """Columns set out evenly: the first to the left, the others to the right."""
    rows = [[cell if len(cell) <= 32 else cell[:31] + "~" for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(("  " + row[0].ljust(widths[0])
                      + "".join("  " + cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))).rstrip()
                     for row in rows)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%" if share >= 0.01 else f"{100 * share:.2g}%"

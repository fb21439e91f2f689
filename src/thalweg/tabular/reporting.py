"""What `thalweg fit` says: the table as it was understood, the network, and how well it does. Plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import CLASSIFICATION, NUMBER
from .preparing import Prepared
from .problems import counted

if TYPE_CHECKING:
    from .result import Fitted

MOST_CLASSES_SHOWN = 12


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


def describe_network(prepared: Prepared) -> str:
    """One sentence: the layers and how they are trained."""
    settings, preprocessor = prepared.settings, prepared.preprocessor
    numbers, categories = len(preprocessor.numbers), len(preprocessor.categories)
    inputs = " and ".join(text for text in (
        counted(numbers, "number") if numbers else "",
        counted(categories, "category", "categories") if categories else "") if text)
    embedding = " -> periodic embedding" if settings.embedding and numbers else ""
    layers = " -> ".join(str(units) for units in (*settings.hidden, max(len(prepared.classes), 1)))
    return (f"Network: {inputs}{embedding} -> {layers}, {settings.activation}"
            + (f", dropout {settings.dropout:g}" if settings.dropout else "")
            + f"; {settings.optimizer}, rate {settings.learning_rate:g} falling to 0, batches of {settings.batch_size}, "
              f"up to {counted(settings.epochs, 'epoch')}, seed {settings.seed}.")


# -- results -----------------------------------------------------------------------------------------------


def describe_result(fitted: Fitted) -> str:
    """The figures of merit on train, dev and test; for classes also each one's, and the confusion matrix."""
    head = f"Trained in {fitted.seconds:.1f} s; epoch {fitted.best_epoch} of {len(fitted.history['loss'])} was the best on dev."
    if fitted.task != CLASSIFICATION:
        parts = _parts(fitted, ("r2", "R2", ".4f"), ("mae", "mean |error|", ",.6g"), ("rmse", "root mean sq.", ",.6g"))
        return f"{head}\n\n{parts}"
    parts = _parts(fitted, ("accuracy", "accuracy", ".4f"), ("macro_f1", "macro F1", ".4f"))
    test = fitted.metrics["test"]
    return f"{head}\n\n{parts}\n\nTest set, class by class\n{_class_table(test)}\n\n{_confusion_table(test)}"


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
        return f"The confusion matrix of {len(names)} classes is in confusion_matrix.png and metrics.json."
    rows = [["true \\ predicted", *names]]
    rows += [[name, *(f"{count:,}" if count else "." for count in counts)]
             for name, counts in zip(names, scores["confusion_matrix"])]
    return "Confusion matrix of the test set\n" + _table(rows)


def _table(rows: list[list[str]]) -> str:
    """Columns set out evenly: the first to the left, the others to the right."""
    rows = [[cell if len(cell) <= 24 else cell[:23] + "~" for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(("  " + row[0].ljust(widths[0])
                      + "".join("  " + cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))).rstrip()
                     for row in rows)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%" if share >= 0.01 else f"{100 * share:.2g}%"

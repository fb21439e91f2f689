"""`thalweg fit`: from a table to a trained, explained, saved network."""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thalweg.apps.complaints import complains

DESCRIPTION = """Train a network to predict one column of a table from the others, say how well it does on rows that it never saw,
and keep it with a report. Without a table: California housing, and the ocean proximity of its districts."""
SETTINGS = ("hidden", "activation", "optimizer", "epochs", "batch_size", "dropout", "learning_rate", "seed")
WORK = ".unfinished"


@complains
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    words = list(sys.argv[2:] if arguments is None else arguments)
    options = parser().parse_args(words)
    from thalweg.tabular import fitting, output, several
    from thalweg.tabular.result import Record

    frame, source, targets = _table(options)
    folder = Path(options.out or output.default_folder((options.table or "california").replace("::", "-")))
    output.make_folder(folder)      # better to learn now that it cannot be written than after training
    plan = fitting.Plan(options.seeds, options.cv, options.compare, options.tune, folder / WORK, options.resume)
    record = Record(source=source, command=shlex.join(["thalweg", "fit", *words]))
    wanted = _wanted(options)
    print(f"{source}: {len(frame):,} rows, {len(frame.columns)} columns")
    places = several.folders(targets, folder) if len(targets) > 1 else {targets[0]: folder}
    for target, place in places.items():
        if len(targets) > 1:
            print(f"\n-- {target} {'-' * max(4, 100 - len(target))}")
        fitted = _fit(frame, target, plan, record, place, fitting.among(targets, target, wanted))
        names = output.write_output(fitted, place)
        print(f"Written to {place}: {', '.join(names)}")
        if any("stopped after" in remark for remark in fitted.prepared.remarks):
            again = [*words, *([] if options.out else ["--out", str(folder)]), *([] if options.resume else ["--resume"])]
            print(f"To go on where it was stopped: {shlex.join(['thalweg', 'fit', *again])}")
            return 130
    if len(targets) > 1:
        several.write_list(places, folder)
    _tidy(folder / WORK)
    print(f"Predict with it: thalweg predict {shlex.quote(str(folder))} NEW.csv")
    return 0


def _fit(frame: Any, target: str, plan: Any, record: Any, place: Path, wanted: dict[str, Any]) -> Any:
    from dataclasses import replace

    from thalweg.tabular import fitting, reporting
    from thalweg.tabular.progress import Progress

    progress = Progress()

    def describe(prepared: Any) -> None:
        print(reporting.describe_table(prepared))
        print(reporting.describe_network(prepared, plan.seeds), end="\n\n", flush=True)

    listener = fitting.Listener(progress, progress.trial, progress.fold, progress.model, describe, progress.stage)
    try:
        fitted = fitting.fit_one(frame, target, replace(plan, work=place / WORK), listener, record, **wanted)
    finally:
        progress.close()
    print("\n" + reporting.describe_result(fitted), end="\n\n", flush=True)
    return fitted


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser("thalweg fit", description=DESCRIPTION)
    parser.add_argument("table", nargs="?", metavar="TABLE", help="CSV, JSON lines, Parquet, Excel or SQLite, gzipped or not; "
                        "book.xlsx::Sheet, data.sqlite::table (default: California housing)")
    parser.add_argument("--target", type=_names, action="extend", metavar="COLUMN", help="the column to predict, or several: a,b")
    parser.add_argument("--task", metavar="TASK", help="classification or regression (default: what the target suggests)")
    parser.add_argument("--out", metavar="DIR", help="where to write (default: thalweg-fit/NAME-TIME)")
    parser.add_argument("--memory", type=_bytes, metavar="SIZE", help="stream a table that takes more than this, such as 2G "
                        "(default: a quarter of what is free)")
    parser.add_argument("--resume", action="store_true", help="go on with what was interrupted in --out DIR")
    columns = parser.add_argument_group("columns")
    columns.add_argument("--drop", type=_names, action="extend", default=[], metavar="COLUMN,...", help="leave these out")
    columns.add_argument("--types", type=_types, action="extend", default=[], metavar="COLUMN=KIND,...",
                         help="number, category, boolean, date, text or drop, where what is found is wrong")
    columns.add_argument("--weights", metavar="COLUMN", help="what each row counts for in training")
    columns.add_argument("--group", metavar="COLUMN", help="rows with the same value stay in one part")
    columns.add_argument("--time", metavar="COLUMN", help="test on the latest rows instead of on rows drawn by chance")
    columns.add_argument("--dev", metavar="TABLE", help="choose the best epoch by these rows")
    columns.add_argument("--test", metavar="TABLE", help="test on these rows")
    more = parser.add_argument_group("more than one training")
    more.add_argument("--seeds", type=int, metavar="N",
                      help="train N starts at once, say how they differ, keep their mean")
    more.add_argument("--cv", type=int, default=0, metavar="N", help="cross-validate in N folds")
    more.add_argument("--tune", type=int, default=0, metavar="N", help="try N settings first and take the best on dev")
    more.add_argument("--compare", action="store_true", help="fit scikit-learn's models on the same rows beside it")
    network = parser.add_argument_group("a network of your own (default: a strong recipe)")
    network.add_argument("--hidden", type=_widths, metavar="N,N", help="units of the hidden layers, such as 64,64")
    network.add_argument("--activation", metavar="NAME", help="relu, tanh, gelu, ...")
    network.add_argument("--optimizer", metavar="NAME", help="adam, adamw, sgd, rmsprop, ...")
    network.add_argument("--epochs", type=int, metavar="N", help="at most so many passes over the training rows")
    network.add_argument("--batch-size", type=int, metavar="N", help="rows a step")
    network.add_argument("--dropout", type=float, metavar="P", help="share of units left out in training")
    network.add_argument("--learning-rate", type=float, metavar="R", help="the rate to start from; it falls to 0")
    network.add_argument("--balance", action="store_true", help="let every class weigh the same")
    network.add_argument("--seed", type=int, metavar="S", help="one seed, one result (default: 42)")
    return parser


def _wanted(options: argparse.Namespace) -> dict[str, Any]:
    from thalweg.tabular.reading import read_table

    return {"task": options.task, "types": dict(options.types), "drop": options.drop, "weights": options.weights,
            "group": options.group, "time": options.time, "balance": options.balance or None,
            **{part: read_table(path) for part, path in (("dev", options.dev), ("test", options.test)) if path},
            **{name: getattr(options, name) for name in SETTINGS}}


def _table(options: argparse.Namespace) -> tuple[Any, str, list[str]]:
    """The table, a line on where it is from, and the targets' names."""
    from thalweg.tabular.problems import TableError, listed

    if options.table is None:
        from thalweg.tabular.california import TARGET, load_california

        return (*load_california(), options.target or [TARGET])
    from thalweg.tabular.large import read_or_stream

    frame = read_or_stream(options.table, options.memory)
    if not options.target:
        raise TableError(f"say which column to predict with --target; the columns are {listed(frame.columns, 30)}.")
    # A comma may be part of a name.
    whole = ",".join(options.target)
    return frame, options.table, [whole] if whole in frame.columns else options.target


def _tidy(work: Path) -> None:
    if work.is_dir() and not any(work.iterdir()):
        work.rmdir()


def _bytes(text: str) -> int:
    units = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
    number, unit = text.upper().removesuffix("B"), ""
    if number and number[-1] in units:
        number, unit = number[:-1], number[-1]
    try:
        return int(float(number) * units[unit])
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 500M or 2G") from None


def _names(text: str) -> list[str]:
    """Names divided by commas; one that holds a comma stands in quotes."""
    return [name.strip() for name in next(csv.reader([text], skipinitialspace=True)) if name.strip()]


def _types(text: str) -> list[tuple[str, str]]:
    pairs = [part.rpartition("=") for part in _names(text)]
    if not all(name and kind for name, _, kind in pairs):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list such as zip=category,when=date")
    return [(name.strip(), kind.strip()) for name, _, kind in pairs]


def _widths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.replace("x", ",").split(",") if part.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of whole numbers such as 64,64") from None


if __name__ == "__main__":
    sys.exit(main())

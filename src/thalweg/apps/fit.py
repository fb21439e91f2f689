"""`thalweg fit`: from a table to a trained, explained, saved network."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from thalweg.apps.complaints import complains

DESCRIPTION = """Train a network to predict one column of a table from the others, say how well it does on rows that it never saw,
and keep it. Without a table: California housing, and the ocean proximity of its districts."""


@complains
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = parser().parse_args(arguments)
    from thalweg.tabular import output, reporting
    from thalweg.tabular.preparing import prepare
    from thalweg.tabular.progress import Progress

    frame, source, target = _table(options)
    print(f"{source}: {len(frame):,} rows, {len(frame.columns)} columns")
    prepared = prepare(
        frame, target, task=options.task, hidden=options.hidden, activation=options.activation, optimizer=options.optimizer,
        epochs=options.epochs, batch_size=options.batch_size, dropout=options.dropout, learning_rate=options.learning_rate,
        seed=options.seed)
    folder = options.out or output.default_folder(options.table or "california")
    output.make_folder(folder)      # better to learn now that it cannot be written than after training
    print(reporting.describe_table(prepared))
    print(reporting.describe_network(prepared), end="\n\n", flush=True)

    from thalweg.tabular.training import train

    progress = Progress()
    try:
        fitted = train(prepared, progress)
    finally:
        progress.close()
    print("\n" + reporting.describe_result(fitted), end="\n\n", flush=True)
    names = output.write_output(fitted, folder)
    print(f"Written to {folder}: {', '.join(names)}")
    print(f"Predict with it: thalweg predict {folder} NEW.csv")
    return 0


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser("thalweg fit", description=DESCRIPTION)
    parser.add_argument("table", nargs="?", metavar="TABLE.csv", help="a CSV file, gzipped or not (default: California housing)")
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict")
    parser.add_argument("--task", metavar="TASK", help="classification or regression (default: what the target suggests)")
    parser.add_argument("--out", metavar="DIR", help="where to write (default: thalweg-fit/NAME-TIME)")
    network = parser.add_argument_group("a network of your own (default: a strong recipe)")
    network.add_argument("--hidden", type=_widths, metavar="N,N", help="units of the hidden layers, such as 64,64")
    network.add_argument("--activation", metavar="NAME", help="relu, tanh, gelu, ...")
    network.add_argument("--optimizer", metavar="NAME", help="adam, adamw, sgd, rmsprop, ...")
    network.add_argument("--epochs", type=int, metavar="N", help="at most so many passes over the training rows")
    network.add_argument("--batch-size", type=int, metavar="N", help="rows a step")
    network.add_argument("--dropout", type=float, metavar="P", help="share of units left out in training")
    network.add_argument("--learning-rate", type=float, metavar="R", help="the rate to start from; it falls to 0")
    network.add_argument("--seed", type=int, metavar="S", help="one seed, one result (default: 42)")
    return parser


def _table(options: argparse.Namespace) -> tuple:
    """The table, a line on where it is from, and the target's name."""
    from thalweg.tabular.problems import TableError, listed

    if options.table is None:
        from thalweg.tabular.california import TARGET, load_california

        return (*load_california(), options.target or TARGET)
    from thalweg.tabular.reading import read_table

    frame = read_table(options.table)
    if options.target is None:
        raise TableError(f"say which column to predict with --target; the columns are {listed(frame.columns, 30)}.")
    return frame, options.table, options.target


def _widths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.replace("x", ",").split(",") if part.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of whole numbers such as 64,64") from None


if __name__ == "__main__":
    sys.exit(main())

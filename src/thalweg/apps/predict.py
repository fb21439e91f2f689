"""`thalweg predict`: a table with a trained model's predictions beside it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from thalweg.apps.complaints import complains

DESCRIPTION = """Add what a model of 'thalweg fit' predicts to a table: predicted_TARGET, and for classes probability_CLASS
for each. Rows and their other cells stay as they are. The table is read in pieces, so it may be of any size; columns that are
spread otherwise than in training are named."""


@complains
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = parser().parse_args(arguments)
    from thalweg.tabular.prediction import predict_table
    from thalweg.tabular.reading import open_table
    from thalweg.tabular.several import load

    rows, warnings = predict_table(load(options.model), open_table(options.table), options.out, explain=options.explain)
    for warning in warnings:
        print(f"Note: {warning}.", file=sys.stderr)
    if options.out:
        print(f"Written to {options.out}: {rows:,} rows", file=sys.stderr)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser("thalweg predict", description=DESCRIPTION)
    parser.add_argument("model", metavar="MODEL", help="the folder that 'thalweg fit' wrote")
    parser.add_argument("table", metavar="NEW", help="a table with the columns that the model reads, in any form that fit reads")
    parser.add_argument("--out", metavar="FILE", help="write there, as CSV, instead of to standard output")
    parser.add_argument("--explain", action="store_true", help="add why: which columns raised or lowered each prediction")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`thalweg predict`: a table with a trained model's predictions beside it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from thalweg.apps.complaints import complains

DESCRIPTION = """Add what a model of 'thalweg fit' predicts to a table: predicted_TARGET, and for classes probability_CLASS
for each. Rows and their other cells stay as they are."""


@complains
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = parser().parse_args(arguments)
    from thalweg.tabular.prediction import add_predictions
    from thalweg.tabular.predictor import load
    from thalweg.tabular.reading import read_table
    from thalweg.tabular.writing import write_file

    model = load(options.model)
    text = add_predictions(model, read_table(options.table, as_text=True)).to_csv(index=False)
    if options.out:
        write_file(options.out, text)
        print(f"Written to {options.out}", file=sys.stderr)
    else:
        sys.stdout.write(text)
        sys.stdout.flush()
    return 0


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser("thalweg predict", description=DESCRIPTION)
    parser.add_argument("model", metavar="MODEL", help="the folder that 'thalweg fit' wrote")
    parser.add_argument("table", metavar="NEW.csv", help="a CSV file, gzipped or not, with the columns that the model reads")
    parser.add_argument("--out", metavar="FILE", help="write there instead of to standard output")
    return parser


if __name__ == "__main__":
    sys.exit(main())

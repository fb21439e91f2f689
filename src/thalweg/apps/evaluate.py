"""`thalweg evaluate`: how well a trained model does on rows whose answers are known."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from thalweg.apps.complaints import complains

DESCRIPTION = """Measure a model of 'thalweg fit' on a table that holds the target too: figures of merit with 95 % intervals, for
classes also class by class and the confusion, and the columns that are spread otherwise than in training."""


@complains
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = parser().parse_args(arguments)
    from thalweg.tabular.evaluation import evaluate_table
    from thalweg.tabular.reading import open_table
    from thalweg.tabular.reporting import describe_evaluation
    from thalweg.tabular.several import load
    from thalweg.tabular.writing import write_file

    model = load(options.model)
    models = model if isinstance(model, dict) else {model.target: model}
    found = {target: evaluate_table(one, open_table(options.table)) for target, one in models.items()}
    for target, (figures, warnings) in found.items():
        print(describe_evaluation(models[target].task, target, figures, options.table))
        for warning in warnings:
            print(f"Note: {warning}.", file=sys.stderr)
    if options.json:
        figures = {target: figures for target, (figures, _) in found.items()}
        write_file(options.json, json.dumps(figures if len(models) > 1 else next(iter(figures.values())), indent=1) + "\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser("thalweg evaluate", description=DESCRIPTION.replace("%", "%%"))
    parser.add_argument("model", metavar="MODEL", help="the folder that 'thalweg fit' wrote")
    parser.add_argument("table", metavar="LABELLED", help="a table with the columns that the model reads, and the target")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    return parser


if __name__ == "__main__":
    sys.exit(main())

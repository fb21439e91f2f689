"""Records how expressions print: `python tests/goldens/record_expressions.py` with a Python that has TensorFlow 2.21."""

import json
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[1]))

from goldens import expressions

warnings.simplefilter("ignore")


def main():
    import tensorflow as tf

    names = expressions.namespace(tf)
    found = {expression: expressions.shown(tf, names, family, expression) for family, expression in expressions.lines()}
    path = Path(__file__).parent / "data" / "expressions.json"
    path.write_text(json.dumps(found, indent=0, ensure_ascii=False) + "\n")
    print(len(found), "recorded")


if __name__ == "__main__":
    main()

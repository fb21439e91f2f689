"""Counts of golden cases that pass, lack their name or are wrong: `python tests/goldens/status.py [family ...] [-v]`.

With `-v` every missing name and every difference is printed; a word that is no family selects cases whose id holds it.
"""

import sys
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from goldens import cases, compare, runner, store


def exists(tf, name):
    return not isinstance(runner.attempt(runner.find, tf, name), runner.Raised)


def main(words):
    import thalweg as tf

    warnings.simplefilter("ignore")
    verbose = "-v" in words
    tables = cases.load()
    families = [w for w in words if w in tables] or list(tables)
    parts = [w for w in words if w not in tables and w != "-v"]
    total = Counter()
    for family in families:
        golden, counts, missing = store.Golden(family), Counter(), set()
        for case in tables[family]:
            if case.id not in golden.lines or not all(p in case.id for p in parts):
                continue
            if not exists(tf, case.fn):
                counts["missing"] += 1
                missing.add(case.fn)
                continue
            wrong = compare.differences(tf, case, golden, golden.lines[case.id])
            counts["wrong" if wrong else "pass"] += 1
            if verbose and wrong:
                more = [f"(and {len(wrong) - 2} more)"] if len(wrong) > 2 else []
                print("\n    ".join([case.id, *wrong[:2], *more]))
        total += counts
        print(f"{family:15} pass {counts['pass']:5}  missing {counts['missing']:5}  wrong {counts['wrong']:5}")
        if missing and verbose:
            print("    missing:", " ".join(sorted(missing)))
    print(f"{'total':15} pass {total['pass']:5}  missing {total['missing']:5}  wrong {total['wrong']:5}")


if __name__ == "__main__":
    main(sys.argv[1:])

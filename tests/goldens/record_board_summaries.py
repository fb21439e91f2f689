"""Write event files with TensorFlow, for ours to be compared with.

    PYTHONPATH=src python -m tests.goldens.record_board_summaries        # where TensorFlow is installed
"""

import json
import shutil
import tempfile
from pathlib import Path

from tests.goldens.board_summaries import PROGRAMS, pr_curve_data

PLACE = Path(__file__).parent / "board"


def main():
    import tensorflow as tf
    from tensorboard.plugins.pr_curve import summary as pr_curve

    for name, program in PROGRAMS.items():
        with tempfile.TemporaryDirectory() as folder:
            program(tf, folder)
            (file,) = Path(folder).glob("*tfevents*")
            shutil.copy(file, PLACE / f"{name}.tfevents")
    labels, predictions, weights = pr_curve_data()
    value = pr_curve.pb("c", labels, predictions, num_thresholds=21, weights=weights).value[0]
    (PLACE / "pr_curve.json").write_text(json.dumps(tf.make_ndarray(value.tensor).tolist()))


if __name__ == "__main__":
    main()

"""Write event files with TensorFlow, for ours to be compared with.

    PYTHONPATH=src python -m tests.goldens.record_board_summaries        # where TensorFlow is installed
"""

import shutil
import tempfile
from pathlib import Path

from tests.goldens.board_summaries import PROGRAMS

PLACE = Path(__file__).parent / "board"


def main():
    import tensorflow as tf

    for name, program in PROGRAMS.items():
        with tempfile.TemporaryDirectory() as folder:
            program(tf, folder)
            (file,) = Path(folder).glob("*tfevents*")
            shutil.copy(file, PLACE / f"{name}.tfevents")


if __name__ == "__main__":
    main()

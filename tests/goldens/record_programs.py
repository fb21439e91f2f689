"""Records what the programs of TensorFlow 2 print: `python tests/goldens/record_programs.py [name ...]` where TensorFlow is."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parents[1]


def main(names):
    for path in sorted((TESTS / "programs").glob("tf2_*.py")):
        if names and path.stem not in names:
            continue
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": ""}
        with tempfile.TemporaryDirectory() as folder:
            more = ["--folder", folder] if path.stem == "tf2_resume" else []
            done = subprocess.run([sys.executable, str(path), *more], capture_output=True, text=True, env=environment)
        if done.returncode:
            print(path.stem, "failed:", done.stderr[-1500:])
            continue
        (TESTS / "goldens" / "data" / "programs" / f"{path.stem}.txt").write_text(done.stdout)
        print(path.stem, len(done.stdout.splitlines()), "lines")


if __name__ == "__main__":
    main(sys.argv[1:])

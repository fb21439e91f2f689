"""Record what TensorFlow's compat.v1 prints for the programs `tests/programs/tf1_exact_*.py` and a few others.

`python tests/goldens/record_tf1_programs.py` where TensorFlow and tf-keras are installed.
"""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
NAMES = "exact_seeds", "exact_training", "exact_names", "loops", "traps"
SHIM = """
import runpy, sys
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
sys.modules["tensorflow"] = tf
runpy.run_path(sys.argv[1], run_name="__main__")
"""

if __name__ == "__main__":
    settings = {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    for name in NAMES:
        program = HERE.parent / "programs" / f"tf1_{name}.py"
        done = subprocess.run(
            [sys.executable, "-c", SHIM, str(program)], capture_output=True, text=True, env={**os.environ, **settings}
        )
        assert done.returncode == 0, done.stderr[-2000:]
        (HERE / "data" / "programs" / f"tf1_{name}.txt").write_text(done.stdout)

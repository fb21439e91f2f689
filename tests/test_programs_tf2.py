"""TensorFlow 2 programs, unmodified, through `thalweg run`: what they print beside what TensorFlow 2.21 printed.

Words must be the same; numbers may differ by rounding that a hundred steps of training let grow.
"""

import pathlib
import re
import signal
import subprocess
import sys

import pytest

from goldens.store import FOLDER

PROGRAMS = pathlib.Path(__file__).parent / "programs"
NAMES = sorted(p.stem for p in PROGRAMS.glob("tf2_*.py") if p.stem != "tf2_resume")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|-?\binf\b|\bnan\b")
RELATIVE, ABSOLUTE = 2e-3, 2e-3


def run(name, *args, returncode=0):
    command = [sys.executable, "-m", "thalweg", "run", str(PROGRAMS / f"{name}.py"), *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == returncode, done.stderr[-3000:]
    assert done.stderr == ""
    return done.stdout


def compare(said, recorded):
    ours, theirs = said.splitlines(), recorded.splitlines()
    assert len(ours) == len(theirs), said
    for a, b in zip(ours, theirs):
        assert NUMBER.sub("#", a) == NUMBER.sub("#", b)
        for x, y in zip(NUMBER.findall(a), NUMBER.findall(b)):
            assert abs(float(x) - float(y)) <= ABSOLUTE + RELATIVE * abs(float(y)), f"{a}\ninstead of\n{b}"


@pytest.mark.parametrize("name", NAMES)
def test_program(name):
    compare(run(name), (FOLDER / "programs" / f"{name}.txt").read_text())


def test_training_that_was_killed_goes_on_to_the_same_end(tmp_path):
    recorded = (FOLDER / "programs" / "tf2_resume.txt").read_text()
    run("tf2_resume", "--folder", str(tmp_path), "--kill-at", "37", returncode=-signal.SIGKILL)
    said = run("tf2_resume", "--folder", str(tmp_path))
    assert said.splitlines()[0] == "from step 30"
    compare("from step 0\n" + said.split("\n", 1)[1], recorded)

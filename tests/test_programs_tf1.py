"""TensorFlow 1 programs, unmodified, through `thalweg run`: each in a process of its own, judged by what it prints."""

import pathlib
import re
import subprocess
import sys

import pytest

PROGRAMS = pathlib.Path(__file__).parent / "programs"


def run(name, *args):
    command = [sys.executable, "-m", "thalweg", "run", str(PROGRAMS / f"{name}.py"), *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    return done.stdout


def number(text, word):
    return float(re.search(rf"\b{word} (\S+)", text)[1])


@pytest.mark.parametrize(("name", "accuracy"), [("softmax", 0.85), ("mlp", 0.88), ("cnn", 0.9), ("lstm", 0.8)])
def test_classifiers_learn(name, accuracy):
    assert number(run(f"tf1_{name}"), "accuracy") >= accuracy


def test_flags_reach_the_program():
    said = run("tf1_mlp", "--hidden=16", "--learning_rate", "0.01", "--verbose")
    assert "variables hidden/kernel:0 hidden/bias:0 logits/kernel:0 logits/bias:0" in said
    assert number(said, "step") == 300


def test_a_line_is_found():
    said = run("tf1_linear")
    assert number(said, "cost") < 1e-4
    assert abs(number(said, "w") - 3) < 0.05
    assert abs(number(said, "b") - 2) < 0.05


def test_an_autoencoder_learns_to_repeat():
    said = run("tf1_autoencoder")
    assert number(said, "last") < 0.5 * number(said, "first")

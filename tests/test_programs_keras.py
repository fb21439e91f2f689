"""Keras programs as people write them, through `thalweg run`: each in a process of its own, judged by what it prints."""

import os
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
    return done.stdout


def number(text, word):
    return float(re.search(rf"\b{word} (\S+)", text)[1])


def test_an_lstm_forecasts():
    assert number(run("keras_lstm_forecast"), "mae") < 0.15


def test_text_is_classified():
    said = run("keras_text_classification")
    assert number(said, "lstm") > 0.85 and number(said, "conv") > 0.85


def test_a_gan_comes_near_the_ring():
    said = run("keras_gan")
    assert number(said, "after") < 0.6 * number(said, "before")
    assert "['d_loss', 'g_loss']" in said


def test_twins_tell_alike_from_different():
    assert number(run("keras_siamese"), "accuracy") > 0.9


def test_an_autoencoder_takes_noise_away():
    said = run("keras_autoencoder")
    assert number(said, "clean") < 0.5 * number(said, "noisy")
    assert "code (64, 4, 4, 8)" in said


def test_a_variational_autoencoder_learns():
    said = run("keras_vae")
    assert number(said, "last") < 0.5 * number(said, "first")
    assert number(said, "losses") == 1


def test_two_outputs():
    said = run("keras_multi_output")
    assert number(said, "mae") < 0.6 and number(said, "accuracy") > 0.8
    assert "features (800, 32)" in said


def test_sequences_are_turned():
    said = run("keras_seq2seq")
    assert number(said, "accuracy") > 0.8 and number(said, "greedy") > 0.8


def test_a_transformer_block_classifies():
    assert number(run("keras_transformer"), "accuracy") > 0.85


def test_a_table_is_prepared_in_the_model():
    said = run("keras_tabular")
    assert number(said, "accuracy") > 0.85 and number(said, "probability") > 0.8


@pytest.mark.skipif("THALWEG_DATA_DIR" not in os.environ, reason="needs MNIST in the folder that THALWEG_DATA_DIR names")
def test_digits_in_short():
    assert number(run("keras_mnist_cnn", "3", "4000"), "accuracy") > 0.9
